/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The portal of a session, whole: real sessions, an application in them that
 * speaks to org.freedesktop.portal.Desktop, and the person's client outside.
 * The socket between the two is attacked as well, by what any program of the
 * session could send.
 */

#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "session-broker/client/glb-broker-error.h"
#include "session-broker/media/glb-media.h"
#include "session-broker/portal/glb-portal-request.h"
#include "tests/broker/broker-fixture.h"

#define READABLE  "\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"]}"
#define CLIENT    "exec /workspace/portal-client "
#define WAIT_MS   30000
#define URI_CALL  CLIENT "request OpenURI OpenURI \"('', 'https://example.org/a?b=c', {'handle_token': <'%TOKEN%'>})\""
#define FILE_CALL CLIENT "request FileChooser OpenFile \"('', 'Open a report', {'handle_token': <'%TOKEN%'>})\""

#define SKIP_WITHOUT_BROKER(fixture) \
  if ((fixture)->root == NULL)       \
    return

/* A session that lives until its input ends. */
static TestSession *
run_policy (BrokerFixture *fixture, const char *policy)
{
  g_autofree char *copy = g_build_filename (fixture->workspace, "portal-client", NULL);
  g_autofree char *program = NULL;
  const char *argv[] = { "cat", NULL };
  g_autoptr(GError) error = NULL;
  TestSession *session;
  GVariantDict dict;
  gsize length;

  g_file_get_contents (PORTAL_CLIENT, &program, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (copy, program, length, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "policy", "s", policy);
  g_variant_dict_insert (&dict, "workspace", "s", fixture->workspace);
  session = broker_fixture_run (fixture, NULL, g_variant_dict_end (&dict), argv, &error);
  g_assert_no_error (error);
  return session;
}

/* portals: its members. */
static TestSession *
run (BrokerFixture *fixture, const char *portals, const char *prompts)
{
  g_autofree char *more = g_strdup_printf ("," READABLE ",\"portals\":{%s}%s", portals, prompts);
  g_autofree char *policy = test_policy ("process", more);

  return run_policy (fixture, policy);
}

static void
end (TestSession *session)
{
  close (session->fds[0]);
  session->fds[0] = -1;
  test_session_wait_reason (session, "exited");
}

static void
close_all (int fds[3])
{
  for (guint i = 0; i < 3; i++)
    if (fds[i] >= 0)
      close (fds[i]);
}

/* All that a command says. */
static void
assert_says (TestSession *session, const char *script, const char *expected)
{
  int fds[3];
  g_autofree char *out = NULL;

  test_session_exec (session, script, fds);
  out = test_read_all (&fds[1]);
  g_assert_cmpstr (out, ==, expected);
  close_all (fds);
}

/* The next line, without its end; NULL: there is none. (transfer full) */
static char *
read_line (int fd)
{
  g_autoptr(GString) line = g_string_new (NULL);
  struct pollfd polled = { .fd = fd, .events = POLLIN };
  char c;

  for (;;)
    {
      if (poll (&polled, 1, WAIT_MS) != 1)
        g_error ("waited too long for a line after '%s'", line->str);
      if (read (fd, &c, 1) != 1)
        return NULL;
      if (c == '\n')
        return g_string_free (g_steal_pointer (&line), FALSE);
      g_string_append_c (line, c);
    }
}

static void
assert_line (int fd, const char *expected)
{
  g_autofree char *line = read_line (fd);

  g_assert_cmpstr (line, ==, expected);
}

/* ---- the person's side --------------------------------------------------------------- */

/* What came of a session, as "NAME arguments". */
typedef struct
{
  GPtrArray *told;
  guint subscription;
  GDBusConnection *connection;
} Person;

static void
on_told (GDBusConnection *connection,
         const char      *sender,
         const char      *path,
         const char      *interface,
         const char      *signal,
         GVariant        *parameters,
         gpointer         user_data)
{
  Person *person = user_data;
  g_autofree char *text = g_variant_print (parameters, FALSE);

  if (!g_str_equal (signal, "CommandExited"))
    g_ptr_array_add (person->told, g_strconcat (signal, " ", text, NULL));
}

static void
person_init (Person *person, BrokerFixture *fixture)
{
  person->told = g_ptr_array_new_with_free_func (g_free);
  person->connection = glb_client_get_connection (fixture->client);
  person->subscription = g_dbus_connection_signal_subscribe (person->connection, NULL, "org.glovebox.Session1", NULL, NULL, NULL,
                                                             G_DBUS_SIGNAL_FLAGS_NONE, on_told, person, NULL);
}

static void
person_clear (Person *person)
{
  g_dbus_connection_signal_unsubscribe (person->connection, person->subscription);
  g_ptr_array_unref (person->told);
}

static gboolean
was_told (gpointer user_data)
{
  return ((Person *) user_data)->told->len > 0;
}

static void
assert_told (Person *person, const char *expected)
{
  test_wait (was_told, person, expected);
  g_assert_cmpstr (g_ptr_array_index (person->told, 0), ==, expected);
  g_ptr_array_remove_index (person->told, 0);
}

typedef struct
{
  BrokerFixture *fixture;
  GlbDBusPrompt1 *prompt;
  guint id;
} Prompt;

/* The broker answers what it does not know at once. */
static gboolean
is_asked (gpointer user_data)
{
  Prompt *wanted = user_data;
  g_autofree char *path = g_strdup_printf ("/org/glovebox/Broker1/prompts/%u", wanted->id);
  g_autofree char *kind = NULL;

  g_clear_object (&wanted->prompt);
  wanted->prompt = glb_dbus_prompt1_proxy_new_sync (glb_client_get_connection (wanted->fixture->client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                    path, NULL, NULL);
  if (wanted->prompt != NULL)
    kind = glb_dbus_prompt1_dup_kind (wanted->prompt);
  return kind != NULL;
}

static GlbDBusPrompt1 *
wait_prompt (BrokerFixture *fixture, guint id)
{
  Prompt wanted = { fixture, NULL, id };

  test_wait (is_asked, &wanted, "a prompt");
  return wanted.prompt;
}

static int
make_file (const char *content)
{
  int fd = memfd_create ("test", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, content, strlen (content)), ==, strlen (content));
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

/* Takes fd. */
static gboolean
allow_file (GlbDBusPrompt1 *prompt, const char *name, int fd, GError **error)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new_from_array (&fd, 1);
  gboolean done = glb_dbus_prompt1_call_allow_file_sync (prompt, name, g_variant_new_handle (0), fds, NULL, NULL, error);

  if (error != NULL && *error != NULL)
    g_dbus_error_strip_remote_error (*error);
  return done;
}

/* The names of the session's records that speak of portals and prompts, and what they decided. (transfer full) */
static char *
read_record (BrokerFixture *fixture, TestSession *session)
{
  g_autofree char *name = g_strconcat (glb_dbus_session1_get_id (session->proxy), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->audit_dir, name, NULL);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GString) text = g_string_new (NULL);

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *object = json_node_get_object (node);
      const char *event = json_object_get_string_member (object, "event");

      if (!g_str_has_prefix (event, "portal-") && !g_str_has_prefix (event, "prompt-"))
        continue;
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", event);
      if (json_object_has_member (object, "verdict"))
        g_string_append_printf (text, ":%s", json_object_get_string_member (object, "verdict"));
      if (json_object_has_member (object, "why"))
        g_string_append_printf (text, ":%s", json_object_get_string_member (object, "why"));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_record (BrokerFixture *fixture, TestSession *session, const char *expected)
{
  g_autofree char *record = read_record (fixture, session);

  g_assert_cmpstr (record, ==, expected);
}

/* ---- denials ------------------------------------------------------------------------ */

/* Nothing allowed: nothing is there that could be asked, and no program of ours. */
static void
test_no_portal (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *out = NULL;
  int fds[3];

  SKIP_WITHOUT_BROKER (fixture);

  session = run (fixture, "", "");
  test_session_exec (session, "ls /run/glovebox/services /run/glovebox/bin/glovebox-portal $XDG_RUNTIME_DIR/glovebox-portal 2>&1 | grep -c 'No such';"
                              "echo $GTK_USE_PORTAL$GDK_DEBUG", fds);
  out = test_read_all (&fds[1]);
  g_assert_cmpstr (out, ==, "3\n\n");
  close_all (fds);
  if (!g_file_test ("/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service", G_FILE_TEST_EXISTS))
    assert_says (session, CLIENT "call Settings ReadAll \"(@as [],)\"",
                 "error org.freedesktop.DBus.Error.ServiceUnknown The name org.freedesktop.portal.Desktop was not provided by any .service files\n");
  end (session);
  assert_record (fixture, session, "");
}

static void
assert_no_interface (TestSession *session, const char *interface, const char *method, const char *parameters)
{
  g_autofree char *script = g_strdup_printf (CLIENT "call %s %s \"%s\"", interface, method, parameters);
  g_autofree char *expected = g_strdup_printf ("error org.freedesktop.DBus.Error.UnknownMethod No such interface “org.freedesktop.portal.%s” "
                                               "on object at path /org/freedesktop/portal/desktop\n", interface);

  assert_says (session, script, expected);
}

/* What the policy does not let through is as if it were not there, so that toolkits use their own. */
static void
test_not_there (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  session = run (fixture, "\"settings\":\"allow\"", "");
  assert_no_interface (session, "OpenURI", "OpenURI", "('', 'https://example.org/', @a{sv} {})");
  assert_no_interface (session, "FileChooser", "OpenFile", "('', 'Open', @a{sv} {})");
  assert_no_interface (session, "Notification", "AddNotification", "('n', @a{sv} {})");
  assert_no_interface (session, "ScreenCast", "CreateSession", "(@a{sv} {},)");
  assert_no_interface (session, "RemoteDesktop", "CreateSession", "(@a{sv} {},)");
  assert_no_interface (session, "Screenshot", "Screenshot", "('', @a{sv} {})");
  assert_no_interface (session, "Secret", "RetrieveSecret", "(@a{sv} {},)");
  end (session);
  session = (test_session_free (g_steal_pointer (&session)), run (fixture, "\"notification\":\"allow\"", ""));
  assert_no_interface (session, "Settings", "ReadAll", "(@as [],)");
  end (session);
}

static void
test_refused_calls (BrokerFixture *fixture, gconstpointer data)
{
  static const struct { const char *call, *error; } calls[] = {
    { "OpenURI OpenURI \"('', 'file:///etc/passwd', @a{sv} {})\"",
      "InvalidArgument only http, https and mailto addresses are opened on the host" },
    { "OpenURI OpenURI \"('', 'https://bank.example@evil.example/', @a{sv} {})\"",
      "InvalidArgument a user name in a web address hides where it leads" },
    { "OpenURI OpenURI \"('', 'mailto:a@b.example?attach=/etc/passwd', @a{sv} {})\"",
      "InvalidArgument of a mail an application may set to, cc, subject and body only" },
    { "OpenURI OpenURI \"('', 'https://example.org/', {'handle_token': <'../x'>})\"",
      "InvalidArgument handle_token is none: use letters, digits and _" },
    { "OpenURI OpenURI \"('', 'https://example.org/', {'handle_token': <1>})\"",
      "InvalidArgument handle_token is none: use letters, digits and _" },
    { "OpenURI OpenURI \"('', 'https://example.org/', {'handle_token': <''>})\"",
      "InvalidArgument handle_token is none: use letters, digits and _" },
    { "FileChooser SaveFile \"('', 'Save', @a{sv} {})\"", "NotAllowed One file can be handed in; nothing is saved on the host" },
    { "FileChooser SaveFiles \"('', 'Save', @a{sv} {})\"", "NotAllowed One file can be handed in; nothing is saved on the host" },
    { "FileChooser OpenFile \"('', 'Open', {'directory': <true>})\"", "NotAllowed One file can be handed in; nothing is saved on the host" },
    { "Camera OpenPipeWireRemote \"(@a{sv} {},)\"", "NotAllowed There is no camera in this session" },
    { "Notification AddNotification \"('a b', @a{sv} {})\"", "InvalidArgument a notification's id has 1 to 128 visible ASCII characters" },
    { "Settings Read \"('org.gnome.desktop.interface', 'font-name')\"", "NotFound Requested setting not found" },
    { "Settings ReadOne \"('org.freedesktop.appearance', 'accent-color')\"", "NotFound Requested setting not found" },
  };
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_BROKER (fixture);

  session = run (fixture, "\"openUri\":\"prompt\",\"fileChooser\":\"prompt\",\"notification\":\"allow\",\"settings\":\"allow\"", "");
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autofree char *script = g_strconcat (CLIENT "call ", calls[i].call, NULL);
      g_autofree char *expected = g_strconcat ("error org.freedesktop.portal.Error.", calls[i].error, "\n", NULL);

      assert_says (session, script, expected);
    }
  /* what is too long for the broker does not end the portal for the others */
  assert_says (session, "X=$(head -c 20000 /dev/zero | tr '\\0' x); " CLIENT "call OpenURI OpenURI \"('', 'https://$X/', @a{sv} {})\"",
               "error org.freedesktop.portal.Error.InvalidArgument A text is too long\n");
  assert_says (session, CLIENT "call org.freedesktop.DBus.Properties Get \"('org.freedesktop.portal.Camera', 'IsCameraPresent')\"", "(<false>,)\n");
  assert_says (session, CLIENT "request Camera AccessCamera \"({'handle_token': <'%TOKEN%'>},)\"", "handle foreseen\nresponse 2\n");
  end (session);
  assert_record (fixture, session, "portal-request portal-answered:deny:bad_uri portal-request portal-answered:deny:bad_uri "
                                   "portal-request portal-answered:deny:bad_uri portal-request portal-answered:deny:bad_name");
}

/* Starts what asks, and waits for its question, the broker's first. */
static GlbDBusPrompt1 *
ask (BrokerFixture *fixture, TestSession *session, const char *script, int fds[3])
{
  test_session_exec (session, script, fds);
  assert_line (fds[1], "handle foreseen");
  return wait_prompt (fixture, 1);
}

static void
test_denied (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  Person person;
  int fds[3];

  SKIP_WITHOUT_BROKER (fixture);

  person_init (&person, fixture);
  session = run (fixture, "\"openUri\":\"prompt\"", "");
  prompt = ask (fixture, session, URI_CALL, fds);
  g_assert_cmpstr (glb_dbus_prompt1_get_kind (prompt), ==, "open-uri");
  g_assert_cmpstr (glb_dbus_prompt1_get_requester (prompt), ==, "agent");
  g_assert_cmpstr (glb_dbus_prompt1_get_title (prompt), ==, "Open on your desktop: example.org");
  g_assert_cmpstr (glb_dbus_prompt1_get_preview (prompt), ==, "https://example.org/a?b=c");
  glb_dbus_prompt1_call_deny_sync (prompt, NULL, &error);
  g_assert_no_error (error);
  assert_line (fds[1], "response 1");
  g_assert_null (read_line (fds[1]));
  close_all (fds);
  end (session);
  g_assert_cmpuint (person.told->len, ==, 0);
  assert_record (fixture, session, "portal-request prompt-asked prompt-answered:deny:denied portal-answered:deny:denied");
  person_clear (&person);
}

static void
test_nobody (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  Person person;

  SKIP_WITHOUT_BROKER (fixture);

  person_init (&person, fixture);
  session = run (fixture, "\"openUri\":\"prompt\"", ",\"prompts\":{\"timeoutSeconds\":1}");
  assert_says (session, URI_CALL, "handle foreseen\nresponse 2\n");
  end (session);
  g_assert_cmpuint (person.told->len, ==, 0);
  assert_record (fixture, session, "portal-request prompt-asked prompt-answered:deny:no-approver portal-answered:deny:no-approver");
  person_clear (&person);
}

/* Who asked can end the question, by Close and by its own end. */
static void
test_closed (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GlbDBusPrompt1) second = NULL;
  g_autoptr(GError) error = NULL;
  guint64 command;
  int fds[3];

  SKIP_WITHOUT_BROKER (fixture);

  session = run (fixture, "\"openUri\":\"prompt\"", "");
  prompt = ask (fixture, session, CLIENT "close OpenURI OpenURI \"('', 'https://example.org/', {'handle_token': <'%TOKEN%'>})\"", fds);
  g_assert_cmpint (write (fds[0], "\n", 1), ==, 1);
  assert_line (fds[1], "closed");
  assert_line (fds[1], "no response");
  close_all (fds);

  command = test_session_exec (session, URI_CALL, fds);
  assert_line (fds[1], "handle foreseen");
  second = wait_prompt (fixture, 2);
  glb_dbus_session1_call_signal_sync (session->proxy, command, SIGKILL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (read_line (fds[1]));
  close_all (fds);

  /* both are over */
  while (glb_dbus_prompt1_call_look_sync (second, NULL, &error))
    ;
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);
  g_assert_false (glb_dbus_prompt1_call_allow_sync (prompt, "once", 0, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  end (session);
  assert_record (fixture, session, "portal-request prompt-asked prompt-answered:deny:withdrawn portal-answered:deny:withdrawn "
                                   "portal-request prompt-asked prompt-answered:deny:withdrawn portal-answered:deny:withdrawn");
}

/* ---- the camera ---------------------------------------------------------------------- */

#define CAMERA_CALL CLIENT "request Camera AccessCamera \"({'handle_token': <'%TOKEN%'>},)\""
/* One picture, as a program that knows portals takes it. */
#define CAMERA_LOOK CLIENT "remote sh -c 'gst-launch-1.0 -q pipewiresrc fd=3 num-buffers=1 ! video/x-raw,format=RGBx,width=320,height=240 ! " \
                           "fdsink fd=1 2>/dev/null | wc -c'"

#define SKIP_WITHOUT_CAMERA(fixture) \
  if ((fixture)->root == NULL || !broker_fixture_can_look ()) return;

static TestSession *
run_camera (BrokerFixture *fixture, guint timeout)
{
  g_autofree char *more = g_strdup_printf ("," READABLE ",\"devices\":{\"camera\":\"prompt\",\"cameraSource\":\"test-pattern\"},"
                                           "\"prompts\":{\"timeoutSeconds\":%u}", timeout);
  g_autofree char *policy = test_policy ("session", more);

  return run_policy (fixture, policy);
}

static void
test_camera (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  int fds[3];

  SKIP_WITHOUT_CAMERA (fixture);

  session = run_camera (fixture, 60);
  assert_says (session, CLIENT "call org.freedesktop.DBus.Properties Get \"('org.freedesktop.portal.Camera', 'IsCameraPresent')\"", "(<true>,)\n");
  prompt = ask (fixture, session, CAMERA_CALL, fds);
  g_assert_cmpstr (glb_dbus_prompt1_get_kind (prompt), ==, "camera");
  g_assert_cmpstr (glb_dbus_prompt1_get_requester (prompt), ==, "agent");
  glb_dbus_prompt1_call_allow_sync (prompt, "once", 0, NULL, &error);
  g_assert_no_error (error);
  assert_line (fds[1], "response 0");
  close_all (fds);
  assert_says (session, CAMERA_LOOK, "307200\n");
  /* it is there already, and so for another of its programs */
  assert_says (session, CAMERA_CALL, "handle foreseen\nresponse 0\n");
  end (session);
  assert_record (fixture, session, "portal-request prompt-asked prompt-answered:allow portal-answered:allow portal-request portal-answered:allow");
}

static void
test_camera_denied (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  int fds[3];

  SKIP_WITHOUT_CAMERA (fixture);

  session = run_camera (fixture, 60);
  prompt = ask (fixture, session, CAMERA_CALL, fds);
  glb_dbus_prompt1_call_deny_sync (prompt, NULL, &error);
  g_assert_no_error (error);
  assert_line (fds[1], "response 1");
  close_all (fds);
  end (session);
  assert_record (fixture, session, "portal-request prompt-asked prompt-answered:deny:denied portal-answered:deny:denied");
}

/* Nobody looked at the question, or nobody answered it: not what the person's own no is. */
static void
test_camera_nobody (BrokerFixture *fixture, gconstpointer data)
{
  static const char * const codes[] = { "no-approver", "timeout" };

  SKIP_WITHOUT_CAMERA (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr(TestSession) session = run_camera (fixture, 1);
      g_autoptr(GlbDBusPrompt1) prompt = NULL;
      g_autoptr(GError) error = NULL;
      g_autofree char *record = g_strdup_printf ("portal-request prompt-asked prompt-answered:deny:%s portal-answered:deny:%s", codes[i], codes[i]);
      int fds[3];

      test_session_exec (session, CAMERA_CALL, fds);
      assert_line (fds[1], "handle foreseen");
      prompt = wait_prompt (fixture, i + 1);
      if (g_str_equal (codes[i], "timeout"))
        glb_dbus_prompt1_call_look_sync (prompt, NULL, &error);
      g_assert_no_error (error);
      assert_line (fds[1], "response 2");
      close_all (fds);
      end (session);
      assert_record (fixture, session, record);
    }
}

/* Who asked is gone, and so is the question. */
static void
test_camera_closed (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  int fds[3];

  SKIP_WITHOUT_CAMERA (fixture);

  session = run_camera (fixture, 60);
  prompt = ask (fixture, session, CLIENT "close Camera AccessCamera \"({'handle_token': <'%TOKEN%'>},)\"", fds);
  g_assert_cmpint (write (fds[0], "\n", 1), ==, 1);
  assert_line (fds[1], "closed");
  assert_line (fds[1], "no response");
  close_all (fds);
  while (glb_dbus_prompt1_call_look_sync (prompt, NULL, &error))
    ;
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  end (session);
  assert_record (fixture, session, "portal-request prompt-asked prompt-answered:deny:withdrawn portal-answered:deny:withdrawn");
}

/* ---- the socket ---------------------------------------------------------------------- */

/* As any program of the session could: it has the socket, too. */
static int
connect_raw (BrokerFixture *fixture, TestSession *session)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_autofree char *hello = NULL;

  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/sessions/%s/portal", fixture->runtime_dir,
              glb_dbus_session1_get_id (session->proxy));
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  hello = read_line (fd);
  g_assert_true (g_str_has_prefix (hello, "{\"hello\":1,\"openUri\":"));
  return fd;
}

static void
say (int fd, const char *line)
{
  g_assert_cmpint (send (fd, line, strlen (line), MSG_NOSIGNAL), ==, strlen (line));
}

static void
test_hostile_lines (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *long_line = g_strnfill (2 * GLB_PORTAL_LINE_MAX, 'a');
  g_autoptr(TestSession) session = NULL;
  int fd;

  SKIP_WITHOUT_BROKER (fixture);

  session = run (fixture, "\"openUri\":\"prompt\"", "");
  fd = connect_raw (fixture, session);
  say (fd, "nonsense\n");
  assert_line (fd, "{\"id\":0,\"status\":\"refused\",\"code\":\"malformed\",\"message\":\"a request is one JSON object in a line of at most 16 KiB\"}");
  /* denied, whoever asks */
  say (fd, "{\"id\":1,\"request\":\"notify\",\"name\":\"n\",\"title\":\"t\",\"body\":\"b\"}\n");
  assert_line (fd, "{\"id\":1,\"status\":\"refused\",\"code\":\"policy_denied\",\"message\":\"the policy's portals do not let it out\"}");
  say (fd, "{\"id\":2,\"request\":\"choose-file\",\"title\":\"t\"}\n");
  assert_line (fd, "{\"id\":2,\"status\":\"refused\",\"code\":\"policy_denied\",\"message\":\"the policy's portals do not let it out\"}");
  /* one that is not there cannot be closed, and need not */
  say (fd, "{\"id\":9,\"request\":\"close\"}\n{\"id\":3,\"request\":\"open-uri\",\"uri\":\"https://example.org/\"}\n");
  assert_line (fd, "{\"id\":3,\"status\":\"asking\"}");
  say (fd, "{\"id\":3,\"request\":\"open-uri\",\"uri\":\"https://other.example/\"}\n");
  assert_line (fd, "{\"id\":0,\"status\":\"refused\",\"code\":\"malformed\",\"message\":\"a request of this id is not answered yet\"}");
  say (fd, "{}\n{\"id\":4,\"request\":\"open-uri\",\"uri\":\"https://example.org/\"}\n");
  assert_line (fd, "{\"id\":0,\"status\":\"refused\",\"code\":\"malformed\",\"message\":\"id must be a whole number, 1 to 2147483647\"}");
  /* the third was the last */
  g_assert_null (read_line (fd));
  close (fd);

  fd = connect_raw (fixture, session);
  send (fd, long_line, strlen (long_line), MSG_NOSIGNAL);
  assert_line (fd, "{\"id\":0,\"status\":\"refused\",\"code\":\"malformed\",\"message\":\"the line is too long\"}");
  close (fd);
  end (session);
}

static void
test_flood (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GString) lines = g_string_new (NULL);
  guint n_asking = 0, n_refused = 0;
  int fds[5];
  char c;

  SKIP_WITHOUT_BROKER (fixture);

  session = run (fixture, "\"openUri\":\"prompt\",\"notification\":\"allow\"", "");
  fds[0] = connect_raw (fixture, session);
  for (guint i = 1; i <= 20; i++)
    g_string_append_printf (lines, "{\"id\":%u,\"request\":\"open-uri\",\"uri\":\"https://example.org/%u\"}\n", i, i);
  say (fds[0], lines->str);
  /* eight are asked; the others are told so at once */
  while (n_refused < 12)
    {
      g_autofree char *line = read_line (fds[0]);

      n_asking += strstr (line, "\"asking\"") != NULL;
      n_refused += strstr (line, "\"code\":\"too-many-prompts\"") != NULL;
    }
  g_assert_cmpuint (n_asking, ==, 20);

  g_string_truncate (lines, 0);
  for (guint i = 101; i <= 140; i++)
    g_string_append_printf (lines, "{\"id\":%u,\"request\":\"notify\",\"name\":\"n\",\"title\":\"t\",\"body\":\"b\"}\n", i);
  say (fds[0], lines->str);
  n_refused = 0;
  while (n_refused < 10)
    {
      g_autofree char *line = read_line (fds[0]);

      n_refused += strstr (line, "\"code\":\"rate_limited\",\"message\":\"at most 30 notifications a minute\"") != NULL;
    }

  /* four connections, no fifth */
  for (guint i = 1; i < 4; i++)
    fds[i] = connect_raw (fixture, session);
  {
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    g_snprintf (address.sun_path, sizeof address.sun_path, "%s/sessions/%s/portal", fixture->runtime_dir,
                glb_dbus_session1_get_id (session->proxy));
    fds[4] = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint (connect (fds[4], (struct sockaddr *) &address, sizeof address), ==, 0);
    g_assert_cmpint (read (fds[4], &c, 1), ==, 0);
  }
  for (guint i = 0; i < 5; i++)
    close (fds[i]);
  end (session);
}

/* ---- what is let out ------------------------------------------------------------------ */

static void
test_open_uri (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *uri = NULL;
  Person person;
  int fds[3];

  SKIP_WITHOUT_BROKER (fixture);

  person_init (&person, fixture);
  session = run (fixture, "\"openUri\":\"prompt\"", "");
  g_assert_false (glb_dbus_session1_call_take_uri_sync (session->proxy, 1, &uri, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);

  prompt = ask (fixture, session, URI_CALL, fds);
  g_assert_cmpuint (person.told->len, ==, 0);
  g_assert_false (allow_file (prompt, "name", make_file ("x"), &error));
  g_assert_cmpstr (error->message, ==, "prompt 1: it asks for no file; allow it without one");
  g_clear_error (&error);
  glb_dbus_prompt1_call_allow_sync (prompt, "session", 0, NULL, &error);
  g_assert_no_error (error);
  assert_line (fds[1], "response 0");
  close_all (fds);
  assert_told (&person, "UriAllowed (1, 'https://example.org/a?b=c')");
  glb_dbus_session1_call_take_uri_sync (session->proxy, 1, &uri, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (uri, ==, "https://example.org/a?b=c");
  /* once */
  g_assert_false (glb_dbus_session1_call_take_uri_sync (session->proxy, 1, NULL, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_clear_error (&error);

  /* the same again is not asked again; another one is */
  assert_says (session, URI_CALL, "handle foreseen\nresponse 0\n");
  assert_told (&person, "UriAllowed (2, 'https://example.org/a?b=c')");
  end (session);
  assert_record (fixture, session, "portal-request prompt-asked prompt-answered:allow portal-answered:allow portal-uri-taken "
                                   "portal-request portal-answered:allow");
  person_clear (&person);
}

/* What asks no portal starts the default application, which asks; also where another program for addresses is installed. */
static void
test_default_application (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GlbDBusPrompt1) second = NULL;
  g_autoptr(GError) error = NULL;
  Person person;
  int fds[3];

  SKIP_WITHOUT_BROKER (fixture);

  person_init (&person, fixture);
  session = run (fixture, "\"openUri\":\"prompt\"", "");
  assert_says (session, "/run/glovebox/bin/glovebox-portal --open file:///etc/passwd 2>&1; echo $?",
               "glovebox-portal: can't open the address: only http, https and mailto addresses are opened on the host\n1\n");
  test_session_exec (session, "/run/glovebox/bin/glovebox-portal --open https://example.org/denied; echo $?", fds);
  prompt = wait_prompt (fixture, 1);
  glb_dbus_prompt1_call_deny_sync (prompt, NULL, &error);
  g_assert_no_error (error);
  assert_line (fds[1], "1");
  close_all (fds);

  test_session_exec (session, "gio open mailto:someone@example.org", fds);
  second = wait_prompt (fixture, 2);
  g_assert_cmpstr (glb_dbus_prompt1_get_preview (second), ==, "mailto:someone@example.org");
  glb_dbus_prompt1_call_allow_sync (second, "once", 0, NULL, &error);
  g_assert_no_error (error);
  assert_told (&person, "UriAllowed (1, 'mailto:someone@example.org')");
  close_all (fds);
  end (session);
  person_clear (&person);
}

static void
test_notification (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  Person person;

  SKIP_WITHOUT_BROKER (fixture);

  person_init (&person, fixture);
  session = run (fixture, "\"notification\":\"allow\"", "");
  assert_says (session, CLIENT "call Notification AddNotification \"('done', {'title': <'Ready\\nnow'>, 'body': <'one\\ntwo\\u001b'>, "
                        "'priority': <'urgent'>, 'buttons': <[{'label': <'Yes'>}]>})\"", "()\n");
  assert_told (&person, "Notified ('done', 'Ready?now', 'one\\ntwo?')");
  assert_says (session, CLIENT "call Notification RemoveNotification \"('done',)\"", "()\n");
  assert_told (&person, "NotificationWithdrawn ('done',)");
  end (session);
  assert_record (fixture, session, "portal-request portal-answered:allow portal-request portal-answered:allow");
  person_clear (&person);
}

static void
test_settings (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  int fds[3];

  SKIP_WITHOUT_BROKER (fixture);

  g_assert_false (glb_dbus_broker1_call_set_appearance_sync (fixture->broker, 3, 0, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (glb_dbus_broker1_call_set_appearance_sync (fixture->broker, 0, 2, NULL, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_clear_error (&error);
  glb_dbus_broker1_call_set_appearance_sync (fixture->broker, 1, 0, NULL, &error);
  g_assert_no_error (error);

  session = run (fixture, "\"settings\":\"allow\"", "");
  assert_says (session, CLIENT "call Settings Read \"('org.freedesktop.appearance', 'color-scheme')\"", "(<<uint32 1>>,)\n");
  assert_says (session, CLIENT "call Settings ReadOne \"('org.freedesktop.appearance', 'contrast')\"", "(<uint32 0>,)\n");
  assert_says (session, CLIENT "call Settings ReadAll \"(['org.gnome.*'],)\"", "({},)\n");
  assert_says (session, CLIENT "call Settings ReadAll \"(['org.freedesktop.*'],)\" | grep -c color-scheme", "1\n");
  test_session_exec (session, CLIENT "watch", fds);
  assert_line (fds[1], "ready");
  glb_dbus_broker1_call_set_appearance_sync (fixture->broker, 2, 0, NULL, &error);
  g_assert_no_error (error);
  assert_line (fds[1], "('org.freedesktop.appearance', 'color-scheme', <uint32 2>)");
  glb_dbus_broker1_call_set_appearance_sync (fixture->broker, 2, 1, NULL, &error);
  g_assert_no_error (error);
  assert_line (fds[1], "('org.freedesktop.appearance', 'contrast', <uint32 1>)");
  close_all (fds);
  end (session);
}

static void
test_file (BrokerFixture *fixture, gconstpointer data)
{
  static const char * const names[] = { "", ".", "..", "a/b", "/etc/passwd", "a\nb", "a\xe2\x80\xae" "b" };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  int fds[3], large;

  SKIP_WITHOUT_BROKER (fixture);

  session = run (fixture, "\"fileChooser\":\"prompt\"", "");
  prompt = ask (fixture, session, FILE_CALL, fds);
  g_assert_cmpstr (glb_dbus_prompt1_get_kind (prompt), ==, "file");
  g_assert_cmpstr (glb_dbus_prompt1_get_title (prompt), ==, "Hand a copy of a file of yours in: Open a report");

  g_assert_false (glb_dbus_prompt1_call_allow_sync (prompt, "once", 0, NULL, &error));
  g_dbus_error_strip_remote_error (error);
  g_assert_cmpstr (error->message, ==, "prompt 1: it asks for a file; give one with --file");
  g_clear_error (&error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_false (allow_file (prompt, names[i], make_file ("x"), &error));
      g_assert_cmpstr (error->message, ==, "prompt 1: the name is none of a file; give 1 to 255 bytes of visible text without /");
      g_clear_error (&error);
    }
  large = memfd_create ("test", MFD_CLOEXEC);
  g_assert_cmpint (ftruncate (large, GLB_PORTAL_FILE_MAX + 1), ==, 0);
  g_assert_false (allow_file (prompt, "large", large, &error));
  g_assert_cmpstr (error->message, ==, "prompt 1: the file is larger than 16 MiB; put it into the session's workspace");
  g_clear_error (&error);

  g_assert_true (allow_file (prompt, "report \"1\".txt", make_file ("what it says"), &error));
  g_assert_no_error (error);
  assert_line (fds[1], "response 0");
  assert_line (fds[1], "file report \"1\".txt what it says");
  g_assert_false (allow_file (prompt, "again", make_file ("x"), &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  close_all (fds);
  end (session);
  assert_record (fixture, session, "portal-request prompt-asked prompt-answered:allow portal-answered:allow");
}

/* A session that ends ends what it asked, and leaves nothing. */
static void
test_session_ends (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  int fds[3];

  SKIP_WITHOUT_BROKER (fixture);

  session = run (fixture, "\"fileChooser\":\"prompt\"", "");
  prompt = ask (fixture, session, FILE_CALL, fds);
  glb_dbus_session1_call_kill_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (allow_file (prompt, "late", make_file ("x"), &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  close_all (fds);
  broker_fixture_wait_clean (fixture);
}

#define ADD(path, function) \
  g_test_add ("/portal/" path, BrokerFixture, NULL, broker_fixture_set_up, function, broker_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("refused/no-portal", test_no_portal);
  ADD ("refused/not-there", test_not_there);
  ADD ("refused/calls", test_refused_calls);
  ADD ("refused/denied", test_denied);
  ADD ("refused/nobody", test_nobody);
  ADD ("refused/closed", test_closed);
  ADD ("refused/hostile-lines", test_hostile_lines);
  ADD ("refused/flood", test_flood);
  ADD ("open-uri", test_open_uri);
  ADD ("default-application", test_default_application);
  ADD ("notification", test_notification);
  ADD ("settings", test_settings);
  ADD ("file", test_file);
  ADD ("camera", test_camera);
  ADD ("camera-denied", test_camera_denied);
  ADD ("camera-nobody", test_camera_nobody);
  ADD ("camera-closed", test_camera_closed);
  ADD ("session-ends", test_session_ends);
  return g_test_run ();
}
