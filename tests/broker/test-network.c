/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole sessions with a network: what the person is asked and answers, what programs hear of it, what is recorded, and faults. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/broker/broker-fixture.h"

#define PROMPTS "/org/glovebox/Broker1/prompts/"
#define GRANTS  "/org/glovebox/Broker1/grants/"
#define HELLO   "hello from the host"
#define N_MANY  1000

/* ---- a server ------------------------------------------------------------------------ */

/* Greets whoever comes, and keeps the connection until the other side ends it. */
typedef struct
{
  GThread *thread;
  int listener, end, epoll;
  guint16 port;
  int n_open;                    /* atomic */
} Server;

static void
server_take (Server *self)
{
  int fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

  if (fd < 0)
    return;
  g_atomic_int_inc (&self->n_open);
  if (send (fd, HELLO "\n", strlen (HELLO) + 1, MSG_NOSIGNAL) < 0 || epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
    g_error ("the server can't take a connection: %s", g_strerror (errno));
}

static void
server_read (Server *self, int fd)
{
  char bytes[4096];

  if (recv (fd, bytes, sizeof bytes, 0) > 0)
    return;
  close (fd);
  g_atomic_int_add (&self->n_open, -1);
}

static gpointer
server_thread (gpointer data)
{
  Server *self = data;

  for (;;)
    {
      struct epoll_event event;

      if (epoll_wait (self->epoll, &event, 1, -1) != 1)
        continue;
      if (event.data.fd == self->end)
        return NULL;
      if (event.data.fd == self->listener)
        server_take (self);
      else
        server_read (self, event.data.fd);
    }
}

static void
server_start (Server *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  struct epoll_event event = { .events = EPOLLIN };

  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_assert_no_errno (bind (self->listener, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (self->listener, N_MANY));
  g_assert_no_errno (getsockname (self->listener, (struct sockaddr *) &address, &size));
  self->port = ntohs (address.sin_port);
  self->end = eventfd (0, EFD_CLOEXEC);
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  event.data.fd = self->listener;
  g_assert_no_errno (epoll_ctl (self->epoll, EPOLL_CTL_ADD, self->listener, &event));
  event.data.fd = self->end;
  g_assert_no_errno (epoll_ctl (self->epoll, EPOLL_CTL_ADD, self->end, &event));
  self->thread = g_thread_new ("server", server_thread, self);
}

static void
server_stop (Server *self)
{
  g_assert_cmpint (eventfd_write (self->end, 1), ==, 0);
  g_thread_join (self->thread);
  close (self->listener);
  close (self->end);
  close (self->epoll);
}

typedef struct { Server *server; int n; } Guests;

static gboolean
has_guests (gpointer user_data)
{
  Guests *wanted = user_data;

  return g_atomic_int_get (&wanted->server->n_open) == wanted->n;
}

/* A connection is there for its program before the server has taken it. */
static void
server_wait (Server *self, int n)
{
  Guests wanted = { self, n };

  test_wait (has_guests, &wanted, "the server to have as many connections");
}

/* ---- the world ------------------------------------------------------------------------- */

typedef struct
{
  BrokerFixture broker;
  Server server;
  GPtrArray *told;               /* of NetworkRefused: "HOST CODE" */
} Fixture;

static void
install_client (Fixture *self)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (own);
  g_autofree char *client = g_build_filename (folder, "network-client", NULL);
  g_autofree char *copy = g_build_filename (self->broker.workspace, "network-client", NULL);
  g_autofree char *content = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;

  g_file_get_contents (client, &content, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (copy, content, length, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  broker_fixture_set_up (&self->broker, NULL);
  if (self->broker.root == NULL)
    return;
  install_client (self);
  server_start (&self->server);
  self->told = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->broker.root != NULL)
    {
      server_stop (&self->server);
      g_ptr_array_unref (self->told);
    }
  broker_fixture_tear_down (&self->broker, NULL);
}

#define SKIP_WITHOUT_SESSIONS(self) if ((self)->broker.root == NULL) return;

/* {port} in network is the server's; all names that the tests use lead to it. */
static TestSession *
run_with (Fixture *self, const char *network, guint timeout_s)
{
  static const char * const argv[] = { "tail", "-f", "/dev/null", NULL };
  g_autofree char *port = g_strdup_printf ("%u", self->server.port);
  g_auto(GStrv) parts = g_strsplit (network, "{port}", -1);
  g_autofree char *text = g_strjoinv (port, parts);
  g_autofree char *more = g_strdup_printf (
    ",\"filesystem\":{\"allowWrite\":[\"${WORKSPACE}/**\"]},\"prompts\":{\"timeoutSeconds\":%u},\"network\":{%s,"
    "\"hosts\":[\"site.example=127.0.0.1\"]}", timeout_s, text);
  g_autofree char *policy = test_policy ("process", more);
  g_autoptr(GError) error = NULL;
  GVariantDict dict;
  TestSession *session;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "policy", "s", policy);
  g_variant_dict_insert (&dict, "detach", "b", TRUE);
  g_variant_dict_insert (&dict, "workspace", "s", self->broker.workspace);
  session = broker_fixture_run (&self->broker, NULL, g_variant_dict_end (&dict), argv, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (glb_dbus_session1_get_network (session->proxy), ==, "on");
  return session;
}

#define LOOPBACK "\"allowCidrs\":[\"127.0.0.1:{port}\"]"
#define PROMPT   "\"default\":\"prompt\"," LOOPBACK
#define ALLOW    "\"allowDomains\":[\"site.example:{port}\"]," LOOPBACK

static TestSession *
run (Fixture *self, const char *network)
{
  return run_with (self, network, 60);
}

/* ---- programs ------------------------------------------------------------------------------ */

typedef struct
{
  TestSession *session;
  guint64 command;
  int fds[3];
  GString *out;
  const char *wanted;
  gboolean ended;
} Program;

static void
program_free (Program *self)
{
  for (guint i = 0; i < 3; i++)
    if (self->fds[i] >= 0)
      close (self->fds[i]);
  g_string_free (self->out, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Program, program_free)

static Program *
start (TestSession *session, const char *script)
{
  Program *self = g_new0 (Program, 1);

  self->session = session;
  self->out = g_string_new (NULL);
  self->command = test_session_exec (session, script, self->fds);
  g_assert_no_errno (fcntl (self->fds[1], F_SETFL, O_NONBLOCK));
  return self;
}

static Program *
start_hold (Fixture *self, TestSession *session, const char *host)
{
  g_autofree char *script = g_strdup_printf ("exec ./network-client hold %s %u", host, self->server.port);

  return start (session, script);
}

static gboolean
has_said (gpointer user_data)
{
  Program *self = user_data;
  char bytes[4096];
  ssize_t n;

  while ((n = read (self->fds[1], bytes, sizeof bytes)) > 0)
    g_string_append_len (self->out, bytes, n);
  self->ended = self->ended || n == 0;
  if (self->ended && strstr (self->out->str, self->wanted) == NULL)
    g_error ("the program ended and said \"%s\", not \"%s\"", self->out->str, self->wanted);
  return strstr (self->out->str, self->wanted) != NULL;
}

static void
wait_said (Program *self, const char *text)
{
  self->wanted = text;
  test_wait (has_said, self, text);
}

/* ---- the person -------------------------------------------------------------------------------- */

/* Those of the broker below folder. (transfer full): path to properties */
static GHashTable *
list_objects (Fixture *self, const char *folder, const char *interface)
{
  GHashTable *found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_sync (glb_client_get_connection (self->broker.client), NULL,
                                                           "/org/glovebox/Broker1", "org.freedesktop.DBus.ObjectManager",
                                                           "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_autoptr(GVariantIter) iter = NULL;
  const char *path;
  GVariant *interfaces;

  g_assert_no_error (error);
  g_variant_get (reply, "(a{oa{sa{sv}}})", &iter);
  while (g_variant_iter_next (iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      if (g_str_has_prefix (path, folder))
        g_hash_table_insert (found, g_strdup (path), g_variant_lookup_value (interfaces, interface, NULL));
      g_variant_unref (interfaces);
    }
  return found;
}

static GHashTable *
list_prompts (Fixture *self)
{
  return list_objects (self, PROMPTS, "org.glovebox.Prompt1");
}

static gboolean
has_prompt (gpointer user_data)
{
  g_autoptr(GHashTable) prompts = list_prompts (user_data);

  return g_hash_table_size (prompts) > 0;
}

static gboolean
has_no_prompt (gpointer user_data)
{
  return !has_prompt (user_data);
}

/* Waits for a prompt, of which there is one only. properties: (out) (optional). (transfer full) */
static char *
wait_prompt (Fixture *self, GVariant **properties)
{
  g_autoptr(GHashTable) prompts = NULL;
  GHashTableIter iter;
  gpointer path, value;

  test_wait (has_prompt, self, "a prompt");
  prompts = list_prompts (self);
  g_assert_cmpuint (g_hash_table_size (prompts), ==, 1);
  g_hash_table_iter_init (&iter, prompts);
  g_assert_true (g_hash_table_iter_next (&iter, &path, &value));
  if (properties != NULL)
    *properties = g_variant_ref (value);
  return g_strdup (path);
}

static void
call (Fixture *self, const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_sync (glb_client_get_connection (self->broker.client), NULL, path, interface, method,
                                                           parameters, NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);

  g_assert_no_error (error);
}

static void
allow (Fixture *self, const char *scope, guint seconds)
{
  g_autofree char *path = wait_prompt (self, NULL);

  call (self, path, "org.glovebox.Prompt1", "Allow", g_variant_new ("(su)", scope, seconds));
}

static void
deny (Fixture *self)
{
  g_autofree char *path = wait_prompt (self, NULL);

  call (self, path, "org.glovebox.Prompt1", "Deny", NULL);
}

static void
assert_text (GVariant *properties, const char *name, const char *text)
{
  const char *value = NULL;

  g_assert_true (g_variant_lookup (properties, name, "&s", &value));
  g_assert_cmpstr (value, ==, text);
}

/* last: (nullable): there is none */
static void
assert_details (GVariant *properties, guint asked_before, const char *last)
{
  g_autoptr(GVariant) details = g_variant_lookup_value (properties, "Details", G_VARIANT_TYPE_VARDICT);
  const char *value = NULL;
  guint n = G_MAXUINT;

  g_assert_nonnull (details);
  assert_text (details, "spoken", "anything");
  g_assert_true (g_variant_lookup (details, "asked-before", "u", &n));
  g_assert_cmpuint (n, ==, asked_before);
  g_variant_lookup (details, "last-answer", "&s", &value);
  g_assert_cmpstr (value, ==, last);
}

/* ---- the record ---------------------------------------------------------------------------------- */

static guint
count_records (Fixture *self, TestSession *session, const char *event)
{
  return test_session_count_records (&self->broker, session, event, NULL);
}

typedef struct { Fixture *self; TestSession *session; const char *event; guint n; } Wanted;

static gboolean
has_records (gpointer user_data)
{
  Wanted *wanted = user_data;

  return count_records (wanted->self, wanted->session, wanted->event) >= wanted->n;
}

static void
wait_records (Fixture *self, TestSession *session, const char *event, guint n)
{
  Wanted wanted = { self, session, event, n };

  test_wait (has_records, &wanted, event);
}

static void
assert_last_record (Fixture *self, TestSession *session, const char *event, const char *member, const char *text)
{
  g_autoptr(JsonObject) record = NULL;

  wait_records (self, session, event, 1);
  record = test_session_find_record (&self->broker, session, event, NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (record, member), ==, text);
}

/* The first of each comes after the one before it. */
static void
assert_order (Fixture *self, TestSession *session, const char * const *events)
{
  g_autofree char *file = g_strconcat (glb_dbus_session1_get_id (session->proxy), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (self->broker.audit_dir, file, NULL);
  g_autofree char *content = NULL;
  const char *at;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  at = content;
  for (guint i = 0; events[i] != NULL; i++)
    {
      g_autofree char *pattern = g_strdup_printf ("\"event\":\"%s\"", events[i]);

      g_test_message ("%s", events[i]);
      at = strstr (at, pattern);
      g_assert_nonnull (at);
      at += strlen (pattern);
    }
}

/* ---- what the person is asked ----------------------------------------------------------------------- */

static void
test_once (Fixture *self, gconstpointer data)
{
  static const char * const order[] = {
    "prompt-asked", "prompt-answered", "grant-made", "network-open", "network-closed", NULL,
  };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) program = NULL;
  g_autoptr(GVariant) first = NULL;
  g_autofree char *place = NULL;
  g_autofree char *title = NULL;
  g_autofree char *path = NULL;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, PROMPT);
  place = g_strdup_printf ("site.example:%u", self->server.port);
  title = g_strdup_printf ("Connect to %s", place);
  program = start_hold (self, session, "site.example");
  path = wait_prompt (self, &first);
  assert_text (first, "Kind", "network");
  assert_text (first, "Title", title);
  assert_text (first, "Target", place);
  assert_details (first, 0, NULL);
  g_assert_cmpint (g_atomic_int_get (&self->server.n_open), ==, 0);
  allow (self, "once", 0);
  wait_said (program, HELLO);
  g_assert_nonnull (strstr (program->out->str, "HTTP/1.1 200 "));
  glb_dbus_session1_call_signal_sync (session->proxy, program->command, SIGKILL, NULL, NULL);
  wait_records (self, session, "network-closed", 1);
  assert_order (self, session, order);
}

/* Once is one connection; and a no holds for a while, in which nobody is asked. */
static void
test_denied (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) program = NULL;
  g_autoptr(Program) again = NULL;
  g_autoptr(Program) at_once = NULL;
  g_autoptr(GVariant) second = NULL;
  g_autofree char *path = NULL;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, PROMPT);
  program = start_hold (self, session, "site.example");
  allow (self, "once", 0);
  wait_said (program, HELLO);

  again = start_hold (self, session, "SITE.example.");
  path = wait_prompt (self, &second);
  assert_details (second, 1, "allowed");
  deny (self);
  wait_said (again, "closed");
  g_assert_nonnull (strstr (again->out->str, "HTTP/1.1 403 "));
  g_assert_nonnull (strstr (again->out->str, "denied: site.example port "));
  g_assert_nonnull (strstr (again->out->str, "the person said no"));

  at_once = start_hold (self, session, "site.example");
  wait_said (at_once, "closed");
  g_assert_nonnull (strstr (at_once->out->str, "the person said no"));
  g_assert_cmpuint (count_records (self, session, "prompt-asked"), ==, 2);
}

static gboolean
has_two_waiting (gpointer user_data)
{
  TestSession *session = user_data;
  g_autoptr(GVariant) connections = NULL;
  g_autoptr(GVariant) refused = NULL;
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_connections_sync (session->proxy, &connections, &refused, NULL, &error);
  g_assert_no_error (error);
  return g_variant_n_children (connections) == 2;
}

static void
test_two_at_once (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) one = NULL;
  g_autoptr(Program) two = NULL;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, PROMPT);
  one = start_hold (self, session, "site.example");
  two = start_hold (self, session, "site.example");
  test_wait (has_two_waiting, session, "two connections that wait");
  allow (self, "once", 0);
  wait_said (one, HELLO);
  wait_said (two, HELLO);
  g_assert_cmpuint (count_records (self, session, "prompt-asked"), ==, 1);
}

static void
revoke_all (Fixture *self)
{
  g_autoptr(GHashTable) grants = list_objects (self, GRANTS, "org.glovebox.Grant1");
  GHashTableIter iter;
  gpointer path;

  g_assert_cmpuint (g_hash_table_size (grants), ==, 1);
  g_hash_table_iter_init (&iter, grants);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    call (self, path, "org.glovebox.Grant1", "Revoke", NULL);
}

static void
test_for_session (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) first = NULL;
  g_autoptr(Program) second = NULL;
  g_autoptr(Program) third = NULL;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, PROMPT);
  first = start_hold (self, session, "site.example");
  allow (self, "session", 0);
  wait_said (first, HELLO);
  second = start_hold (self, session, "site.example");
  wait_said (second, HELLO);
  g_assert_cmpuint (count_records (self, session, "prompt-asked"), ==, 1);

  revoke_all (self);
  wait_said (first, "closed");
  wait_said (second, "closed");
  wait_records (self, session, "network-closed", 2);
  assert_last_record (self, session, "network-closed", "why", "revoked");
  third = start_hold (self, session, "site.example");
  deny (self);
  wait_said (third, "the person said no");
}

static void
test_for_seconds (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) program = NULL;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, PROMPT);
  program = start_hold (self, session, "site.example");
  allow (self, "seconds", 1);
  wait_said (program, HELLO);
  wait_said (program, "closed");
  assert_last_record (self, session, "network-closed", "why", "expired");
}

static void
test_no_answer (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) unseen = NULL;
  g_autoptr(Program) unanswered = NULL;
  g_autofree char *path = NULL;

  SKIP_WITHOUT_SESSIONS (self);

  session = run_with (self, PROMPT, 1);
  unseen = start_hold (self, session, "site.example");
  wait_said (unseen, "closed");
  g_assert_nonnull (strstr (unseen->out->str, "HTTP/1.1 403 "));
  g_assert_nonnull (strstr (unseen->out->str, "no-approver: site.example port "));
  assert_last_record (self, session, "prompt-answered", "why", "no-approver");

  unanswered = start_hold (self, session, "site.example");
  path = wait_prompt (self, NULL);
  call (self, path, "org.glovebox.Prompt1", "Look", NULL);
  wait_said (unanswered, "closed");
  g_assert_nonnull (strstr (unanswered->out->str, "timeout: site.example port "));
  g_assert_cmpint (g_atomic_int_get (&self->server.n_open), ==, 0);
}

/* What is asked when the program, or its session, ends is asked no more. */
static void
test_ends_with_prompt (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) given_up = NULL;
  g_autoptr(Program) program = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, PROMPT);
  given_up = start_hold (self, session, "site.example");
  path = wait_prompt (self, NULL);
  glb_dbus_session1_call_signal_sync (session->proxy, given_up->command, SIGKILL, NULL, &error);
  g_assert_no_error (error);
  test_wait (has_no_prompt, self, "the prompt to go with its program");

  program = start_hold (self, session, "site.example");
  g_free (path);
  path = wait_prompt (self, NULL);
  glb_dbus_session1_call_kill_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_session_wait_state (session, "ended");
  g_assert_true (has_no_prompt (self));
  g_assert_cmpuint (count_records (self, session, "network-open"), ==, 0);
}

/* ---- what the person sees and cuts ------------------------------------------------------------------- */

static void
test_connections (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) program = NULL;
  g_autoptr(GVariant) connections = NULL;
  g_autoptr(GVariant) refused = NULL;
  g_autoptr(GVariant) one = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *name = NULL;
  guint64 id = 0, sent = 1, received = 0;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, ALLOW);
  program = start_hold (self, session, "site.example");
  wait_said (program, HELLO);
  glb_dbus_session1_call_connections_sync (session->proxy, &connections, &refused, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_n_children (connections), ==, 1);
  one = g_variant_get_child_value (connections, 0);
  assert_text (one, "host", "site.example");
  assert_text (one, "address", "127.0.0.1");
  assert_text (one, "how", "connect");
  assert_text (one, "state", "open");
  g_assert_true (g_variant_lookup (one, "id", "t", &id) && g_variant_lookup (one, "received", "t", &received) &&
                 g_variant_lookup (one, "sent", "t", &sent));
  g_assert_cmpuint (sent, ==, 0);
  g_assert_cmpuint (received, ==, strlen (HELLO) + 1);

  g_assert_true (glb_dbus_session1_call_close_connection_sync (session->proxy, id, NULL, &error));
  wait_said (program, "closed");
  assert_last_record (self, session, "network-closed", "why", "closed by the person");
  g_assert_false (glb_dbus_session1_call_close_connection_sync (session->proxy, id, NULL, &error));
  name = g_dbus_error_get_remote_error (error);
  g_assert_cmpstr (name, ==, "org.glovebox.Error.NotFound");
}

static void
on_refused (GlbDBusSession1 *proxy, const char *host, guint port, const char *code, const char *message, guint64 count, gpointer user_data)
{
  Fixture *self = user_data;

  g_ptr_array_add (self->told, g_strdup_printf ("%s %s", host, code));
}

static void
test_refusals (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) program = NULL;
  guint n_recorded;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, ALLOW);
  g_signal_connect (session->proxy, "network-refused", G_CALLBACK (on_refused), self);
  program = start (session, "exec ./network-client refused 1000");
  wait_said (program, "1000 refused");
  n_recorded = count_records (self, session, "network-refused");
  g_assert_cmpuint (self->told->len, >, 0);
  g_assert_cmpstr (g_ptr_array_index (self->told, 0), ==, "n0.refused.example policy_denied");
  /* 32 by name, and the rest as one */
  g_assert_cmpuint (self->told->len, <=, 33);
  g_assert_cmpuint (n_recorded, <=, 33);
}

/* ---- pause --------------------------------------------------------------------------------------------- */

static void
test_pause (Fixture *self, gconstpointer data)
{
  static const char * const order[] = { "network-open", "session-pause", "session-resume", "network-open", NULL };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) before = NULL;
  g_autoptr(Program) after = NULL;
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, ALLOW);
  before = start_hold (self, session, "site.example");
  wait_said (before, HELLO);
  if (!glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error))
    {
      g_test_skip (error->message);
      return;
    }
  test_session_wait_state (session, "paused");
  g_assert_cmpint (g_atomic_int_get (&self->server.n_open), ==, 1);
  glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_session_wait_state (session, "running");
  after = start_hold (self, session, "site.example");
  wait_said (after, HELLO);
  server_wait (&self->server, 2);
  assert_order (self, session, order);
}

/* ---- its namespace ---------------------------------------------------------------------------------------- */

/* "net:[NUMBER]" (transfer full) */
static char *
read_namespace (TestSession *session)
{
  int fds[3];
  guint64 command = test_session_exec (session, "readlink /proc/self/ns/net", fds);
  char *text;

  close (fds[0]);
  close (fds[2]);
  text = test_read_all (&fds[1]);
  g_assert_cmpint (test_session_wait_exit (session, command), ==, 0);
  return g_strchomp (text);
}

/* ---- the gate's process ----------------------------------------------------------------------------------- */

/* 0: it may not be known. */
static guint
count_fds (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* That of a session with a connection: there may be spares, which have less. */
static int
find_gate (Fixture *self)
{
  int found = 0;

  for (int pid = 0; (pid = test_find_next_below (&self->broker, "glovebox-network", pid)) != 0;)
    if (found == 0 || count_fds (pid) > count_fds (found))
      found = pid;
  g_assert_cmpint (found, >, 1);
  return found;
}

static guint
read_account (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &status, NULL, NULL));
  line = strstr (status, "\nUid:\t");
  g_assert_nonnull (line);
  return strtoul (line + strlen ("\nUid:\t"), NULL, 10);
}

/* ---- faults -------------------------------------------------------------------------------------------- */

static gboolean
is_network_gone (gpointer user_data)
{
  TestSession *session = user_data;

  return g_str_equal (glb_dbus_session1_get_network (session->proxy), "gone");
}

static void
test_kill_gate (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) before = NULL;
  g_autoptr(Program) after = NULL;
  int gate;

  SKIP_WITHOUT_SESSIONS (self);
  if (geteuid () != 0)
    {
      g_test_skip ("only root may kill another account's process");
      return;
    }

  session = run (self, ALLOW);
  before = start_hold (self, session, "site.example");
  wait_said (before, HELLO);
  gate = find_gate (self);
  g_assert_no_errno (kill (gate, SIGKILL));
  test_wait (is_network_gone, session, "the session to say that it has no network");
  wait_said (before, "closed");
  server_wait (&self->server, 0);
  g_assert_cmpstr (glb_dbus_session1_get_state (session->proxy), ==, "running");
  wait_records (self, session, "network-gate-ended", 1);
  assert_last_record (self, session, "network-closed", "why", "gate-ended");
  after = start_hold (self, session, "site.example");
  wait_said (after, "nobody listens");
}

static gboolean
is_process_gone (gpointer user_data)
{
  return test_is_gone (*(int *) user_data);
}

static void
test_kill_broker (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) program = NULL;
  g_autoptr(Program) asking = NULL;
  g_autofree char *path = NULL;
  guint account;
  int gate;

  SKIP_WITHOUT_SESSIONS (self);

  session = run (self, "\"default\":\"prompt\"," ALLOW);
  program = start_hold (self, session, "site.example");
  wait_said (program, HELLO);
  asking = start_hold (self, session, "127.0.0.2.example");
  path = wait_prompt (self, NULL);
  gate = find_gate (self);
  account = read_account (gate);
  g_assert_cmpuint (account, !=, geteuid ());
  g_assert_cmpuint (account, !=, glb_dbus_session1_get_agent_uid (session->proxy));
  g_hash_table_add (self->broker.uids, GUINT_TO_POINTER (account));
  g_dbus_connection_set_exit_on_close (glb_client_get_connection (self->broker.client), FALSE);
  g_assert_no_errno (kill (self->broker.pid, SIGKILL));
  test_wait (is_process_gone, &gate, "the gate to end");
  server_wait (&self->server, 0);
  broker_fixture_wait_clean (&self->broker);
}

/* ---- many ------------------------------------------------------------------------------------------------ */

typedef struct { int pid; guint n; } Descriptors;

static gboolean
has_few_fds (gpointer user_data)
{
  Descriptors *wanted = user_data;

  return count_fds (wanted->pid) <= wanted->n;
}

/* N_MANY at once, then none of them. */
static void
open_and_close_many (Fixture *self, TestSession *session)
{
  g_autofree char *script = g_strdup_printf ("exec ./network-client many %u site.example %u", N_MANY, self->server.port);
  guint n_before = count_records (self, session, "network-closed");
  g_autoptr(Program) program = start (session, script);

  wait_said (program, G_STRINGIFY (N_MANY) " open");
  server_wait (&self->server, N_MANY + 1);
  g_assert_cmpuint (count_fds (self->broker.pid), >, N_MANY);
  close (program->fds[0]);
  program->fds[0] = -1;
  wait_records (self, session, "network-closed", n_before + N_MANY);
}

static void
test_many (Fixture *self, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Program) first = NULL;
  Descriptors broker = { 0 }, gate = { 0 };
  struct rlimit limit;

  SKIP_WITHOUT_SESSIONS (self);

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  if (limit.rlim_max < 4 * N_MANY)
    {
      g_test_skip ("this host does not let a process have so many descriptors; raise the hard limit (ulimit -Hn)");
      return;
    }
  limit.rlim_cur = limit.rlim_max;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  session = run (self, ALLOW ",\"maxConnections\":1024");
  first = start_hold (self, session, "site.example");
  wait_said (first, HELLO);

  /* the first time also for the spares, which the broker makes when a session has begun */
  open_and_close_many (self, session);
  broker = (Descriptors) { self->broker.pid, N_MANY / 4 };
  gate = (Descriptors) { find_gate (self), N_MANY / 4 };
  test_wait (has_few_fds, &broker, "the broker to close its descriptors");
  test_wait (has_few_fds, &gate, "the gate to close its descriptors");
  broker.n = count_fds (broker.pid);
  gate.n = count_fds (gate.pid);

  open_and_close_many (self, session);
  test_wait (has_few_fds, &broker, "the broker to close as many descriptors as it opened");
  test_wait (has_few_fds, &gate, "the gate to close as many descriptors as it opened");
  server_wait (&self->server, 1);
}

/* ---- one session after the other --------------------------------------------------------------------------- */

/* What was made before for any session knows nothing of the one before. */
static void
test_one_after_the_other (Fixture *self, gconstpointer data)
{
  static const char * const policies[] = { ALLOW, "\"allowDomains\":[\"elsewhere.example\"]", ALLOW };
  static const char * const said[] = { HELLO, "HTTP/1.1 403 ", HELLO };
  g_autofree char *own = g_file_read_link ("/proc/self/ns/net", NULL);

  SKIP_WITHOUT_SESSIONS (self);

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autoptr(TestSession) session = run (self, policies[i]);
      g_autoptr(Program) program = start_hold (self, session, "site.example");
      g_autofree char *space = read_namespace (session);
      g_autoptr(GError) error = NULL;

      wait_said (program, said[i]);
      g_assert_true (g_str_has_prefix (space, "net:["));
      g_assert_cmpstr (space, !=, own);
      glb_dbus_session1_call_kill_sync (session->proxy, NULL, &error);
      g_assert_no_error (error);
      test_session_wait_state (session, "ended");
      server_wait (&self->server, 0);
      g_assert_cmpuint (count_records (self, session, "network-open"), ==, i == 1 ? 0 : 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/network/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("prompt/once", test_once);
  ADD ("prompt/denied", test_denied);
  ADD ("prompt/two-at-once", test_two_at_once);
  ADD ("prompt/for-session", test_for_session);
  ADD ("prompt/for-seconds", test_for_seconds);
  ADD ("prompt/no-answer", test_no_answer);
  ADD ("prompt/ends", test_ends_with_prompt);
  ADD ("connections", test_connections);
  ADD ("refusals", test_refusals);
  ADD ("pause", test_pause);
  ADD ("kill-gate", test_kill_gate);
  ADD ("kill-broker", test_kill_broker);
  ADD ("many", test_many);
  ADD ("one-after-the-other", test_one_after_the_other);
  return g_test_run ();
}
