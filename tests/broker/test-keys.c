/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The person's SSH keys and Git credentials, used from inside: a real
 * ssh-agent and a real Git outside, real clients in the session, and the
 * person's client that is asked. What the gate refuses is shown to work at the
 * agent itself.
 */

#include "config.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "session-broker/client/glb-broker-error.h"
#include "session-broker/keys/glb-ssh-message.h"
#include "tests/broker/broker-fixture.h"

#define WAIT_MS          30000
#define IDENTITIES       12
#define SIGNATURE        14
#define YES              GLB_SSH_SUCCESS
#define NO               GLB_SSH_FAILURE
#define HOSTBOUND        "publickey-hostbound-v00@openssh.com"
#define SHOWS_KEY        "me@desk (ED25519)"
#define SIGN_GIT         "echo content | ssh-keygen -Y sign -n git -f /workspace/key.pub 2>&1"

typedef struct
{
  BrokerFixture broker;
  GPid agent;                /* 0: none */
  char *agent_socket;
  GBytes *key;               /* public, as the protocol has it */
  guint n_prompts;           /* that were asked so far */
} Keys;

#define SKIP_WITHOUT_BROKER(keys)  \
  if ((keys)->broker.root == NULL) \
    return

/* ---- the person's side ----------------------------------------------------------------- */

static void
run_tool (Keys *keys, const char *script)
{
  const char *argv[] = { "/bin/sh", "-ec", script, NULL };
  g_auto(GStrv) env = g_environ_setenv (g_get_environ (), "SSH_AUTH_SOCK", keys->agent_socket, TRUE);
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr(GError) error = NULL;
  int status;

  g_spawn_sync (keys->broker.root, (char **) argv, env, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s: %s%s", script, out, err);
}

static gboolean
has_file (gpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Its file is there a moment before anybody listens. */
static gboolean
is_listening (gpointer path)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GSocketConnection) connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);

  return connection != NULL;
}

static void
start_agent (Keys *keys)
{
  const char *argv[] = { "ssh-agent", "-D", "-a", keys->agent_socket, NULL };
  g_autoptr(GError) error = NULL;

  g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                 NULL, NULL, &keys->agent, &error);
  g_assert_no_error (error);
  test_wait (is_listening, keys->agent_socket, "the ssh-agent");
}

static GBytes *
read_key (Keys *keys)
{
  g_autofree char *path = g_build_filename (keys->broker.root, "key.pub", NULL);
  g_autofree char *line = NULL;
  g_auto(GStrv) words = NULL;
  gsize size;
  guchar *bytes;

  g_assert_true (g_file_get_contents (path, &line, NULL, NULL));
  words = g_strsplit (line, " ", 3);
  bytes = g_base64_decode (words[1], &size);
  return g_bytes_new_take (bytes, size);
}

static void
set_up (Keys *keys, gconstpointer data)
{
  g_autofree char *ssh = g_find_program_in_path ("ssh-agent");
  g_autofree char *git = g_find_program_in_path ("git");

  if (ssh == NULL || git == NULL)
    {
      g_test_skip ("ssh-agent or git is missing; install the packages openssh-client and git");
      return;
    }
  broker_fixture_set_up (&keys->broker, data);
  SKIP_WITHOUT_BROKER (keys);

  keys->agent_socket = g_build_filename (keys->broker.root, "agent", NULL);
  start_agent (keys);
  run_tool (keys, "ssh-keygen -q -t ed25519 -N '' -C me@desk -f key; ssh-add -q key; cp key.pub workspace/");
  keys->key = read_key (keys);
}

static void
end_agent (Keys *keys)
{
  if (keys->agent == 0)
    return;
  kill (keys->agent, SIGTERM);
  g_assert_cmpint (waitpid (keys->agent, NULL, 0), ==, keys->agent);
  keys->agent = 0;
}

static void
tear_down (Keys *keys, gconstpointer data)
{
  end_agent (keys);
  broker_fixture_tear_down (&keys->broker, data);
  g_clear_pointer (&keys->agent_socket, g_free);
  g_clear_pointer (&keys->key, g_bytes_unref);
}

/* A session that lives until its input ends. agent: where the person's is. */
static TestSession *
run_with (Keys *keys, const char *section, const char *agent)
{
  g_autofree char *more = g_strdup_printf (",\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"]},\"keys\":{%s}", section);
  g_autofree char *policy = test_policy ("process", more);
  const char *argv[] = { "cat", NULL };
  g_autoptr(GError) error = NULL;
  TestSession *session;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "policy", "s", policy);
  g_variant_dict_insert (&dict, "workspace", "s", keys->broker.workspace);
  g_variant_dict_insert (&dict, "ssh-agent", "s", agent);
  session = broker_fixture_run (&keys->broker, NULL, g_variant_dict_end (&dict), argv, &error);
  g_assert_no_error (error);
  return session;
}

static TestSession *
run (Keys *keys, const char *section)
{
  return run_with (keys, section, keys->agent_socket);
}

static void
end (TestSession *session)
{
  close (session->fds[0]);
  session->fds[0] = -1;
  test_session_wait_reason (session, "exited");
}

typedef struct
{
  Keys *keys;
  GlbDBusPrompt1 *prompt;
} Wanted;

static gboolean
is_asked (gpointer user_data)
{
  Wanted *wanted = user_data;
  g_autofree char *path = g_strdup_printf ("/org/glovebox/Broker1/prompts/%u", wanted->keys->n_prompts + 1);
  g_autofree char *kind = NULL;

  g_clear_object (&wanted->prompt);
  wanted->prompt = glb_dbus_prompt1_proxy_new_sync (glb_client_get_connection (wanted->keys->broker.client),
                                                    G_DBUS_PROXY_FLAGS_NONE, NULL, path, NULL, NULL);
  if (wanted->prompt != NULL)
    kind = glb_dbus_prompt1_dup_kind (wanted->prompt);
  return kind != NULL;
}

/* The next question, which is of this kind. (transfer full) */
static GlbDBusPrompt1 *
wait_prompt (Keys *keys, const char *kind)
{
  Wanted wanted = { keys, NULL };

  test_wait (is_asked, &wanted, kind);
  keys->n_prompts++;
  g_assert_cmpstr (glb_dbus_prompt1_get_kind (wanted.prompt), ==, kind);
  return wanted.prompt;
}

/* Waits for the next question; scope: NULL denies it. */
static void
answer (Keys *keys, const char *kind, const char *scope)
{
  g_autoptr(GlbDBusPrompt1) prompt = wait_prompt (keys, kind);
  g_autoptr(GError) error = NULL;

  if (scope != NULL)
    glb_dbus_prompt1_call_allow_sync (prompt, scope, 0, NULL, &error);
  else
    glb_dbus_prompt1_call_deny_sync (prompt, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_no_prompt (Keys *keys)
{
  Wanted wanted = { keys, NULL };

  g_assert_false (is_asked (&wanted));
  g_clear_object (&wanted.prompt);
}

/* The reason in the session's last record of event. */
static void
assert_why (Keys *keys, TestSession *session, const char *event, const char *why)
{
  g_autoptr(JsonObject) record = test_session_find_record (&keys->broker, session, event, NULL, NULL);

  g_assert_nonnull (record);
  g_assert_cmpstr (json_object_get_string_member (record, "why"), ==, why);
}

static void
close_all (int fds[3])
{
  for (guint i = 0; i < 3; i++)
    if (fds[i] >= 0)
      close (fds[i]);
}

/* All that it says. (transfer full) */
static char *
finish (int fds[3])
{
  char *out = test_read_all (&fds[1]);

  close_all (fds);
  return out;
}

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("'%s' is not in '%s'", part, text);
}

/* ---- the protocol, as whoever likes may speak it ------------------------------------------ */

static int
connect_to (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const struct timeval deadline = { .tv_sec = WAIT_MS / 1000 };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline), ==, 0);
  g_assert_cmpuint (g_strlcpy (address.sun_path, path, sizeof address.sun_path), <, sizeof address.sun_path);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

static char *
socket_of (Keys *keys, TestSession *session, const char *name)
{
  return g_build_filename (keys->broker.runtime_dir, "sessions", glb_dbus_session1_get_id (session->proxy), name, NULL);
}

static int
connect_gate (Keys *keys, TestSession *session)
{
  g_autofree char *path = socket_of (keys, session, "ssh-agent");

  return connect_to (path);
}

static void
put_number (GByteArray *message, guint32 number)
{
  number = GUINT32_TO_BE (number);
  g_byte_array_append (message, (const guint8 *) &number, sizeof number);
}

static void
put_byte (GByteArray *message, guint8 byte)
{
  g_byte_array_append (message, &byte, 1);
}

static void
put_text (GByteArray *message, const char *text)
{
  glb_ssh_put_string (message, (GlbSshBytes) { (const guint8 *) text, strlen (text) });
}

static void
put_bytes (GByteArray *message, GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  glb_ssh_put_string (message, (GlbSshBytes) { data, size });
}

/* Takes message. */
static void
send_message (int fd, GByteArray *message)
{
  g_autoptr(GByteArray) packet = g_byte_array_new ();

  glb_ssh_put_string (packet, (GlbSshBytes) { message->data, message->len });
  g_assert_cmpint (send (fd, packet->data, packet->len, MSG_NOSIGNAL), ==, packet->len);
  g_byte_array_unref (message);
}

/* The type of the next answer; 0: the connection was closed. */
static guint8
receive (int fd)
{
  guint8 head[5];
  guint32 size;
  g_autofree guint8 *rest = NULL;

  if (recv (fd, head, sizeof head, MSG_WAITALL) != sizeof head)
    return 0;
  memcpy (&size, head, sizeof size);
  size = GUINT32_FROM_BE (size);
  g_assert_cmpuint (size, <=, GLB_SSH_MESSAGE_MAX);
  rest = g_malloc (size);
  /* to take nothing would be to wait for the next answer */
  if (size > 1)
    g_assert_cmpint (recv (fd, rest, size - 1, MSG_WAITALL), ==, size - 1);
  return head[4];
}

static GByteArray *
begin (guint8 type)
{
  GByteArray *message = g_byte_array_new ();

  put_byte (message, type);
  return message;
}

static GByteArray *
make_sign (Keys *keys, GByteArray *data)
{
  GByteArray *message = begin (GLB_SSH_SIGN);

  put_bytes (message, keys->key);
  glb_ssh_put_string (message, (GlbSshBytes) { data->data, data->len });
  put_number (message, 0);
  g_byte_array_unref (data);
  return message;
}

static GByteArray *
make_unknown_data (void)
{
  GByteArray *data = g_byte_array_new ();

  g_byte_array_append (data, (const guint8 *) "pay everything to me", 20);
  return data;
}

/* As ssh-keygen -Y sign does. */
static GByteArray *
make_message_data (const char *namespace)
{
  GByteArray *data = g_byte_array_new ();
  g_autofree char *hash = g_strnfill (64, 'h');

  g_byte_array_append (data, (const guint8 *) "SSHSIG", 6);
  put_text (data, namespace);
  put_text (data, "");
  put_text (data, "sha512");
  put_text (data, hash);
  return data;
}

static GByteArray *
make_login_data (Keys *keys, const char *user, const char *method, GBytes *host_key)
{
  GByteArray *data = g_byte_array_new ();
  g_autofree char *id = g_strnfill (32, 'i');

  put_text (data, id);
  put_byte (data, 50);
  put_text (data, user);
  put_text (data, "ssh-connection");
  put_text (data, method);
  put_byte (data, TRUE);
  put_text (data, "ssh-ed25519");
  put_bytes (data, keys->key);
  if (host_key != NULL)
    put_bytes (data, host_key);
  return data;
}

static GByteArray *
make_add (void)
{
  g_autofree char *public = g_strnfill (32, 'p');
  g_autofree char *private = g_strnfill (64, 'p');
  GByteArray *message = begin (17);

  put_text (message, "ssh-ed25519");
  put_text (message, public);
  put_text (message, private);
  put_text (message, "evil");
  return message;
}

static GByteArray *
make_with_text (guint8 type, const char *text)
{
  GByteArray *message = begin (type);

  put_text (message, text);
  return message;
}

static GByteArray *
make_remove (Keys *keys)
{
  GByteArray *message = begin (18);

  put_bytes (message, keys->key);
  return message;
}

static guint8
exchange (int fd, GByteArray *message)
{
  send_message (fd, message);
  return receive (fd);
}

static void
show_keys (Keys *keys, int fd)
{
  send_message (fd, begin (GLB_SSH_LIST));
  answer (keys, "ssh-list", "once");
  g_assert_cmpint (receive (fd), ==, IDENTITIES);
}

/* ---- refusals ------------------------------------------------------------------------------- */

/* Nothing allowed: nothing is there. */
static void
test_none (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *out = NULL;
  int fds[3];

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "");
  test_session_exec (session, "ls $XDG_RUNTIME_DIR/glovebox-ssh-agent $XDG_RUNTIME_DIR/glovebox-git-credential "
                              "/run/glovebox/bin/glovebox-git-credential 2>&1 | grep -c 'No such'; "
                              "echo \"$SSH_AUTH_SOCK$GIT_CONFIG_COUNT\"", fds);
  out = finish (fds);
  g_assert_cmpstr (out, ==, "3\n\n");
  end (session);
}

/* What changes the agent, or signs what nobody can read: tried at the gate, then at the agent itself. */
static void
attack (Keys *keys, int fd, const guint8 expected[7])
{
  guint i = 0;

  g_assert_cmpint (exchange (fd, make_sign (keys, make_unknown_data ())), ==, expected[i++]);
  g_assert_cmpint (exchange (fd, make_add ()), ==, expected[i++]);
  g_assert_cmpint (exchange (fd, make_with_text (22, "locked")), ==, expected[i++]);
  g_assert_cmpint (exchange (fd, make_with_text (23, "locked")), ==, expected[i++]);
  g_assert_cmpint (exchange (fd, make_remove (keys)), ==, expected[i++]);
  g_assert_cmpint (exchange (fd, begin (19)), ==, expected[i++]);
  g_assert_cmpint (exchange (fd, make_with_text (27, "query")), ==, expected[i++]);
}

static void
test_attacks (Keys *keys, gconstpointer data)
{
  static const guint8 refused[7] = { NO, NO, NO, NO, NO, NO, NO };
  /* OpenSSH's agent knows no extension to ask for */
  static const guint8 done[7] = { SIGNATURE, YES, YES, YES, YES, YES, NO };
  g_autoptr(TestSession) session = NULL;
  int fd, direct;

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  fd = connect_gate (keys, session);
  show_keys (keys, fd);
  attack (keys, fd, refused);
  assert_no_prompt (keys);
  assert_why (keys, session, "ssh-refused", "not-supported");
  g_assert_cmpint (exchange (fd, make_sign (keys, make_unknown_data ())), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "unknown-data");
  /* no flag but those of RSA */
  {
    g_autoptr(GByteArray) message = make_sign (keys, make_message_data ("git"));

    message->data[message->len - 1] = 8;
    g_assert_cmpint (exchange (fd, g_steal_pointer (&message)), ==, GLB_SSH_FAILURE);
  }
  close (fd);

  /* the key is still there, and signs */
  run_tool (keys, "ssh-add -l | grep -q me@desk");
  direct = connect_to (keys->agent_socket);
  attack (keys, direct, done);
  close (direct);
  end (session);
}

/* Which keys there are is not to be found out without a question, neither by asking for the list nor by trying keys. */
static void
test_not_shown (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  int fd, direct;

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  fd = connect_gate (keys, session);
  g_assert_cmpint (exchange (fd, make_sign (keys, make_message_data ("git"))), ==, GLB_SSH_FAILURE);
  assert_no_prompt (keys);
  assert_why (keys, session, "ssh-refused", "key-not-shown");
  send_message (fd, begin (GLB_SSH_LIST));
  answer (keys, "ssh-list", NULL);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "denied");
  g_assert_cmpint (exchange (fd, make_sign (keys, make_message_data ("git"))), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "key-not-shown");
  close (fd);

  direct = connect_to (keys->agent_socket);
  g_assert_cmpint (exchange (direct, make_sign (keys, make_message_data ("git"))), ==, SIGNATURE);
  close (direct);
  end (session);
}

static void
test_sizes (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  guint32 size;
  int fds[17];

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  for (guint i = 0; i < 2; i++)
    {
      fds[0] = connect_gate (keys, session);
      size = i == 0 ? 0 : GUINT32_TO_BE (GLB_SSH_MESSAGE_MAX + 1);
      g_assert_cmpint (send (fds[0], &size, sizeof size, MSG_NOSIGNAL), ==, sizeof size);
      g_assert_cmpint (receive (fds[0]), ==, GLB_SSH_FAILURE);
      g_assert_cmpint (receive (fds[0]), ==, 0);
      close (fds[0]);
    }

  /* sixteen connections, no seventeenth */
  for (guint i = 0; i < 16; i++)
    {
      fds[i] = connect_gate (keys, session);
      g_assert_cmpint (exchange (fds[i], begin (1)), ==, GLB_SSH_FAILURE);
    }
  fds[16] = connect_gate (keys, session);
  g_assert_cmpint (receive (fds[16]), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  end (session);
}

static void
test_no_agent (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  int fd;

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  fd = connect_gate (keys, session);
  show_keys (keys, fd);
  end_agent (keys);
  /* the one that it has, and one anew */
  g_assert_cmpint (exchange (fd, make_remove (keys)), ==, GLB_SSH_FAILURE);
  send_message (fd, make_sign (keys, make_message_data ("git")));
  answer (keys, "ssh-sign", "once");
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "agent-failed");
  close (fd);
  fd = connect_gate (keys, session);
  g_assert_cmpint (exchange (fd, begin (GLB_SSH_LIST)), ==, GLB_SSH_FAILURE);
  assert_no_prompt (keys);
  assert_why (keys, session, "ssh-refused", "no-agent");
  close (fd);
  end (session);
}

/* An agent that takes connections, and never answers. */
static void
test_silent_agent (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *path = NULL;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd, silent;

  SKIP_WITHOUT_BROKER (keys);

  path = g_build_filename (keys->broker.root, "silent", NULL);
  silent = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (silent, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (silent, 1), ==, 0);

  session = run_with (keys, "\"sshAgent\":\"prompt\"", path);
  fd = connect_gate (keys, session);
  send_message (fd, begin (GLB_SSH_LIST));
  answer (keys, "ssh-list", "once");
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "agent-failed");
  close (fd);
  close (silent);
  end (session);
}

/* One after the other, whoever sends ahead; and each hears the answer to its own question. */
static void
test_two_requests (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) first = NULL;
  g_autoptr(GlbDBusPrompt1) second = NULL;
  g_autoptr(GError) error = NULL;
  struct pollfd waiting;
  int fd, other;

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  fd = connect_gate (keys, session);
  show_keys (keys, fd);
  send_message (fd, make_sign (keys, make_message_data ("git")));
  send_message (fd, make_sign (keys, make_message_data ("file")));
  first = wait_prompt (keys, "ssh-sign");
  other = connect_gate (keys, session);
  send_message (other, make_sign (keys, make_message_data ("other")));
  second = wait_prompt (keys, "ssh-sign");
  assert_contains (glb_dbus_prompt1_get_preview (second), "“other”");

  glb_dbus_prompt1_call_allow_sync (second, "once", 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (receive (other), ==, SIGNATURE);
  waiting = (struct pollfd) { .fd = fd, .events = POLLIN };
  g_assert_cmpint (poll (&waiting, 1, 0), ==, 0);
  assert_no_prompt (keys);

  glb_dbus_prompt1_call_deny_sync (first, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  answer (keys, "ssh-sign", "once");
  g_assert_cmpint (receive (fd), ==, SIGNATURE);
  close (fd);
  close (other);
  end (session);
}

static gboolean
is_over (gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  return !glb_dbus_prompt1_call_look_sync (user_data, NULL, &error);
}

/* Who asked is gone: the question goes, too. */
static void
test_hang_up (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  int fd;

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  fd = connect_gate (keys, session);
  show_keys (keys, fd);
  send_message (fd, make_sign (keys, make_message_data ("git")));
  prompt = wait_prompt (keys, "ssh-sign");
  close (fd);
  test_wait (is_over, prompt, "the question to go");
  g_assert_cmpuint (test_session_count_records (&keys->broker, session, "ssh-signed", NULL), ==, 0);
  end (session);
}

static void
test_session_ends (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  int fd;

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  path = socket_of (keys, session, "ssh-agent");
  fd = connect_gate (keys, session);
  show_keys (keys, fd);
  send_message (fd, make_sign (keys, make_message_data ("git")));
  prompt = wait_prompt (keys, "ssh-sign");
  glb_dbus_session1_call_kill_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (receive (fd), ==, 0);
  g_assert_false (glb_dbus_prompt1_call_allow_sync (prompt, "once", 0, NULL, &error));
  g_dbus_error_strip_remote_error (error);
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  close (fd);
  broker_fixture_wait_clean (&keys->broker);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* ---- uses ------------------------------------------------------------------------------------ */

static void
test_list (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *refused = NULL, *shown = NULL, *again = NULL, *hidden = NULL;
  g_autofree char *look = NULL;
  int fds[3];

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  test_session_exec (session, "ssh-add -l 2>&1", fds);
  answer (keys, "ssh-list", NULL);
  refused = finish (fds);
  assert_contains (refused, "agent refused operation");
  test_session_exec (session, "ssh-add -l 2>&1", fds);
  answer (keys, "ssh-list", "session");
  shown = finish (fds);
  assert_contains (shown, SHOWS_KEY);
  test_session_exec (session, "ssh-add -l 2>&1", fds);
  again = finish (fds);
  g_assert_cmpstr (again, ==, shown);
  assert_no_prompt (keys);
  g_assert_cmpuint (test_session_count_records (&keys->broker, session, "ssh-listed", NULL), ==, 2);

  /* the agent's own socket is not there */
  look = g_strdup_printf ("SSH_AUTH_SOCK=%s ssh-add -l 2>&1", keys->agent_socket);
  test_session_exec (session, look, fds);
  hidden = finish (fds);
  assert_contains (hidden, "No such file or directory");
  run_tool (keys, "ssh-add -l | grep -q me@desk");
  end (session);
}

static void
check_signature (Keys *keys, const char *signature)
{
  g_autofree char *path = g_build_filename (keys->broker.root, "signature", NULL);

  g_assert_true (g_file_set_contents (path, signature, -1, NULL));
  run_tool (keys, "echo \"me $(cat key.pub)\" > signers; "
                  "echo content | ssh-keygen -Y verify -f signers -I me -n git -s signature");
}

/* As git commit -S does, with gpg.format=ssh. */
static void
test_sign (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(JsonObject) record = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *signature = NULL, *fingerprint = NULL, *title = NULL, *target = NULL;
  const char *kind;
  GVariant *details;
  int fds[3];

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  test_session_exec (session, SIGN_GIT, fds);
  answer (keys, "ssh-list", "once");
  prompt = wait_prompt (keys, "ssh-sign");
  fingerprint = glb_ssh_fingerprint ((GlbSshBytes) { g_bytes_get_data (keys->key, NULL), g_bytes_get_size (keys->key) });
  title = g_strdup_printf ("Sign with your SSH key me@desk, %s", fingerprint);
  target = g_strdup_printf ("signature %s for git", fingerprint);
  g_assert_cmpstr (glb_dbus_prompt1_get_title (prompt), ==, title);
  g_assert_cmpstr (glb_dbus_prompt1_get_target (prompt), ==, target);
  assert_contains (glb_dbus_prompt1_get_preview (prompt), "Sign a message for “git”\nof which the sha512 is ");
  details = glb_dbus_prompt1_get_details (prompt);
  g_assert_true (g_variant_lookup (details, "signs", "&s", &kind));
  g_assert_cmpstr (kind, ==, "message");
  g_assert_cmpuint (test_session_count_records (&keys->broker, session, "ssh-signed", NULL), ==, 0);
  glb_dbus_prompt1_call_allow_sync (prompt, "once", 0, NULL, &error);
  g_assert_no_error (error);
  signature = finish (fds);
  check_signature (keys, strstr (signature, "-----BEGIN"));

  record = test_session_find_record (&keys->broker, session, "ssh-signed", NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (record, "key"), ==, fingerprint);
  g_assert_cmpstr (json_object_get_string_member (record, "namespace"), ==, "git");
  g_assert_cmpuint (strlen (json_object_get_string_member (record, "sha256")), ==, 64);
  end (session);
}

/* A yes for longer is to this key and this purpose, and ends when it is taken back. */
static void
test_grant (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusGrant1) grant = NULL;
  g_autoptr(GError) error = NULL;
  int fd;

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  fd = connect_gate (keys, session);
  show_keys (keys, fd);
  send_message (fd, make_sign (keys, make_message_data ("git")));
  answer (keys, "ssh-sign", "session");
  g_assert_cmpint (receive (fd), ==, SIGNATURE);
  g_assert_cmpint (exchange (fd, make_sign (keys, make_message_data ("git"))), ==, SIGNATURE);
  assert_no_prompt (keys);
  send_message (fd, make_sign (keys, make_message_data ("file")));
  answer (keys, "ssh-sign", NULL);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  send_message (fd, make_sign (keys, make_login_data (keys, "git", "publickey", NULL)));
  answer (keys, "ssh-sign", NULL);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);

  /* the first was of the list, for once */
  grant = glb_dbus_grant1_proxy_new_sync (glb_client_get_connection (keys->broker.client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                          "/org/glovebox/Broker1/grants/2", NULL, &error);
  g_assert_no_error (error);
  glb_dbus_grant1_call_revoke_sync (grant, NULL, &error);
  g_assert_no_error (error);
  send_message (fd, make_sign (keys, make_message_data ("git")));
  answer (keys, "ssh-sign", NULL);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  g_assert_cmpuint (test_session_count_records (&keys->broker, session, "ssh-signed", NULL), ==, 2);
  close (fd);
  end (session);
}

/* Where the data names the host, a yes for longer is to that host; where it does not, to this connection alone. */
static void
test_login (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GBytes) host = NULL;
  g_autoptr(GBytes) other = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GlbDBusPrompt1) unknown = NULL;
  g_autoptr(GError) error = NULL;
  int fd;

  SKIP_WITHOUT_BROKER (keys);

  host = g_bytes_new_static ("a host's key", 12);
  other = g_bytes_new_static ("another host's key", 18);
  session = run (keys, "\"sshAgent\":\"prompt\"");
  fd = connect_gate (keys, session);
  show_keys (keys, fd);
  send_message (fd, make_sign (keys, make_login_data (keys, "git", HOSTBOUND, host)));
  prompt = wait_prompt (keys, "ssh-sign");
  assert_contains (glb_dbus_prompt1_get_preview (prompt), "Log in as git\nat the host whose key is SHA256:");
  g_assert_cmpstr (glb_dbus_prompt1_get_sha256 (prompt), ==, "");
  glb_dbus_prompt1_call_allow_sync (prompt, "session", 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (receive (fd), ==, SIGNATURE);
  g_assert_cmpint (exchange (fd, make_sign (keys, make_login_data (keys, "git", HOSTBOUND, host))), ==, SIGNATURE);
  assert_no_prompt (keys);
  /* another host, another user */
  send_message (fd, make_sign (keys, make_login_data (keys, "git", HOSTBOUND, other)));
  answer (keys, "ssh-sign", NULL);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  send_message (fd, make_sign (keys, make_login_data (keys, "root", HOSTBOUND, host)));
  answer (keys, "ssh-sign", NULL);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);

  send_message (fd, make_sign (keys, make_login_data (keys, "git", "publickey", NULL)));
  unknown = wait_prompt (keys, "ssh-sign");
  assert_contains (glb_dbus_prompt1_get_preview (unknown), "at a host that is not known");
  g_assert_cmpuint (strlen (glb_dbus_prompt1_get_sha256 (unknown)), ==, 64);
  glb_dbus_prompt1_call_deny_sync (unknown, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  close (fd);
  end (session);
}

/* What the person's key signs at the agent itself, for a host that has that key. (transfer full) */
static GByteArray *
sign_as_host (Keys *keys, const char *text)
{
  GByteArray *data = g_byte_array_new ();
  GByteArray *signature;
  int fd = connect_to (keys->agent_socket);
  guint8 head[9];
  guint32 size;

  g_byte_array_append (data, (const guint8 *) text, strlen (text));
  send_message (fd, make_sign (keys, data));
  g_assert_cmpint (recv (fd, head, sizeof head, MSG_WAITALL), ==, sizeof head);
  g_assert_cmpint (head[4], ==, SIGNATURE);
  memcpy (&size, head + 5, sizeof size);
  signature = g_byte_array_new ();
  g_byte_array_set_size (signature, GUINT32_FROM_BE (size));
  g_assert_cmpint (recv (fd, signature->data, signature->len, MSG_WAITALL), ==, signature->len);
  close (fd);
  return signature;
}

/* signed_text: what the host signed; id: of which connection it is said to be. */
static GByteArray *
make_bind (Keys *keys, const char *id, const char *signed_text, gboolean forwarding)
{
  g_autoptr(GByteArray) signature = sign_as_host (keys, signed_text);
  GByteArray *message = begin (GLB_SSH_BIND);

  put_text (message, "session-bind@openssh.com");
  put_bytes (message, keys->key);
  put_text (message, id);
  glb_ssh_put_string (message, (GlbSshBytes) { signature->data, signature->len });
  put_byte (message, forwarding);
  return message;
}

/* Where the data does not name the host, its signature over the connection does. */
static void
test_bind (Keys *keys, gconstpointer data)
{
  g_autofree char *id = g_strnfill (32, 'i');
  g_autofree char *other = g_strnfill (32, 'o');
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  int fd;

  SKIP_WITHOUT_BROKER (keys);

  session = run (keys, "\"sshAgent\":\"prompt\"");
  fd = connect_gate (keys, session);
  show_keys (keys, fd);
  g_assert_cmpint (exchange (fd, make_bind (keys, id, other, FALSE)), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "bad-signature");
  g_assert_cmpint (exchange (fd, make_bind (keys, id, id, FALSE)), ==, GLB_SSH_SUCCESS);
  send_message (fd, make_sign (keys, make_login_data (keys, "git", "publickey", NULL)));
  prompt = wait_prompt (keys, "ssh-sign");
  assert_contains (glb_dbus_prompt1_get_preview (prompt), "Log in as git\nat the host whose key is SHA256:");
  glb_dbus_prompt1_call_allow_sync (prompt, "session", 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (receive (fd), ==, SIGNATURE);
  g_assert_cmpint (exchange (fd, make_bind (keys, other, other, FALSE)), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "bound-already");
  close (fd);

  /* the yes is to that host: not to a connection of which nothing is known, nor to another one than was bound */
  fd = connect_gate (keys, session);
  send_message (fd, make_sign (keys, make_login_data (keys, "git", "publickey", NULL)));
  answer (keys, "ssh-sign", NULL);
  g_assert_cmpint (receive (fd), ==, GLB_SSH_FAILURE);
  g_assert_cmpint (exchange (fd, make_bind (keys, other, other, FALSE)), ==, GLB_SSH_SUCCESS);
  g_assert_cmpint (exchange (fd, make_sign (keys, make_login_data (keys, "git", "publickey", NULL))), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "other-connection");
  close (fd);

  /* a forwarded one signs nothing */
  fd = connect_gate (keys, session);
  g_assert_cmpint (exchange (fd, make_bind (keys, id, id, TRUE)), ==, GLB_SSH_FAILURE);
  g_assert_cmpint (exchange (fd, make_sign (keys, make_login_data (keys, "git", "publickey", NULL))), ==, GLB_SSH_FAILURE);
  assert_why (keys, session, "ssh-refused", "forwarded");
  assert_no_prompt (keys);
  close (fd);
  end (session);
}

/* ---- Git ---------------------------------------------------------------------------------------- */

#define FILL(host) "printf 'protocol=https\\nhost=" host "\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential fill 2>&1"

static void
make_store (Keys *keys)
{
  run_tool (keys, "printf '[credential]\\n helper = store --file=%s/store\\n' \"$PWD\" > home/.gitconfig;"
                  "printf 'https://me:t0ken@git.example.org\\nhttps://me:other@other.example\\n' > store; cp store before");
}

static void
test_git_refused (Keys *keys, gconstpointer data)
{
  static const struct { const char *text, *why; } requests[] = {
    { "protocol=http\nhost=git.example.org\n\n", "not-https" },
    { "protocol=https\nhost=127.0.0.1\n\n", "bad-host" },
    { "protocol=https\nhost=git.example.org\npath=a\nurl=https://other.example\n\n", "malformed" },
    { "protocol=https\nhost=git.example.org\nhost=other.example\n\n", "malformed" },
    { "protocol=https\nhost=me@git.example.org\n\n", "bad-host" },
    { "\n", "malformed" },
  };
  g_autoptr(TestSession) session = NULL;
  g_autofree char *out = NULL, *path = NULL;
  int fds[3];

  SKIP_WITHOUT_BROKER (keys);

  make_store (keys);
  session = run (keys, "\"gitCredentials\":\"prompt\"");
  path = socket_of (keys, session, "git-credential");
  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      int fd = connect_to (path);
      char text[512] = "";

      g_assert_cmpint (send (fd, requests[i].text, strlen (requests[i].text), MSG_NOSIGNAL), ==, strlen (requests[i].text));
      g_assert_cmpint (recv (fd, text, sizeof text - 1, 0), >, 0);
      g_assert_true (g_str_has_prefix (text, "refused=request: "));
      assert_why (keys, session, "git-credential-refused", requests[i].why);
      close (fd);
    }
  assert_no_prompt (keys);

  test_session_exec (session, FILL ("git.example.org"), fds);
  answer (keys, "git-credential", NULL);
  out = finish (fds);
  assert_contains (out, "glovebox-git-credential: https://git.example.org: the person did not allow it");
  g_assert_null (strstr (out, "t0ken"));
  run_tool (keys, "printf 'protocol=https\\nhost=git.example.org\\n\\n' | git credential fill | grep -q password=t0ken");
  end (session);
}

static void
test_git (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonObject) record = NULL;
  g_autofree char *given = NULL, *again = NULL, *none = NULL, *stored = NULL;
  int fds[3];

  SKIP_WITHOUT_BROKER (keys);

  make_store (keys);
  session = run (keys, "\"gitCredentials\":\"prompt\"");
  test_session_exec (session, FILL ("Git.example.org."), fds);
  prompt = wait_prompt (keys, "git-credential");
  g_assert_cmpstr (glb_dbus_prompt1_get_title (prompt), ==, "Use your Git credentials for https://git.example.org");
  assert_contains (glb_dbus_prompt1_get_preview (prompt),
                   "The session gets your password or token for https://git.example.org\n");
  glb_dbus_prompt1_call_allow_sync (prompt, "session", 0, NULL, &error);
  g_assert_no_error (error);
  given = finish (fds);
  assert_contains (given, "username=me\npassword=t0ken\n");
  test_session_exec (session, FILL ("git.example.org"), fds);
  again = finish (fds);
  assert_contains (again, "username=me\npassword=t0ken\n");
  assert_no_prompt (keys);
  record = test_session_find_record (&keys->broker, session, "git-credential-given", NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (record, "place"), ==, "https://git.example.org");
  g_assert_false (json_object_has_member (record, "password"));

  /* another host is another question; and one of which the person has none */
  test_session_exec (session, FILL ("none.example"), fds);
  answer (keys, "git-credential", "once");
  none = finish (fds);
  assert_contains (none, "https://none.example: the person's Git has no credentials for it");
  test_session_exec (session, "printf 'protocol=https\\nhost=git.example.org\\nusername=me\\npassword=evil\\n\\n' > $HOME/c; "
                              "git credential approve < $HOME/c 2>&1; git credential reject < $HOME/c 2>&1", fds);
  stored = finish (fds);
  g_assert_cmpstr (stored, ==, "");
  run_tool (keys, "cmp store before");
  end (session);
}

static gboolean
helper_is_gone (gpointer pid)
{
  return test_is_gone (GPOINTER_TO_INT (pid));
}

/* A helper of the person's that hangs: killed with its session, and all that it started. */
static void
test_git_hangs (Keys *keys, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *pid_file = NULL, *text = NULL;
  g_autoptr(GError) error = NULL;
  int fds[3];

  SKIP_WITHOUT_BROKER (keys);

  pid_file = g_build_filename (keys->broker.root, "pid", NULL);
  run_tool (keys, "printf '#!/bin/sh\\ncd %s; echo $$ > new; mv new pid; exec sleep 1000\\n' \"$PWD\" > hang; chmod +x hang;"
                  "printf '[credential]\\n helper = %s/hang\\n' \"$PWD\" > home/.gitconfig");
  session = run (keys, "\"gitCredentials\":\"prompt\"");
  test_session_exec (session, FILL ("git.example.org"), fds);
  answer (keys, "git-credential", "once");
  test_wait (has_file, pid_file, "the helper");
  g_assert_true (g_file_get_contents (pid_file, &text, NULL, NULL));
  glb_dbus_session1_call_kill_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  close_all (fds);
  test_wait (helper_is_gone, GINT_TO_POINTER (atoi (text)), "the helper to be killed");
  broker_fixture_wait_clean (&keys->broker);
}

#define ADD(path, function) g_test_add ("/keys/" path, Keys, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("refused/none", test_none);
  ADD ("refused/attacks", test_attacks);
  ADD ("refused/not-shown", test_not_shown);
  ADD ("refused/sizes", test_sizes);
  ADD ("refused/no-agent", test_no_agent);
  ADD ("refused/silent-agent", test_silent_agent);
  ADD ("refused/two-requests", test_two_requests);
  ADD ("refused/hang-up", test_hang_up);
  ADD ("refused/session-ends", test_session_ends);
  ADD ("list", test_list);
  ADD ("sign", test_sign);
  ADD ("grant", test_grant);
  ADD ("login", test_login);
  ADD ("bind", test_bind);
  ADD ("git/refused", test_git_refused);
  ADD ("git/given", test_git);
  ADD ("git/hangs", test_git_hangs);
  return g_test_run ();
}
