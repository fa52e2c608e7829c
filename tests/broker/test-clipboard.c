/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The clipboard across the border, with everything real: a broker as a client
 * starts it, a session with its compositor, programs in it that copy and paste
 * (wl-clipboard), and a person who answers over D-Bus.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <json-glib/json-glib.h>

#include "session-broker/client/glb-broker-error.h"
#include "tests/broker/broker-fixture.h"

#define TEXT  "text/plain"
#define HTML  "text/html"
#define PNG   "image/png"
#define WORDS "Zażółć gęślą jaźń"
/* One pixel. */
#define PIXEL \
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

#define DENIED_BY_PERSON "clipboard: denied: the person did not allow it"

typedef struct
{
  BrokerFixture broker;
  TestSession *session;
  GPtrArray *refused;          /* "DIRECTION TYPE CODE" */
} Fixture;

typedef struct
{
  gboolean primary;
  const char *type;
} Place;

static const Place places[] = {
  { FALSE, TEXT }, { FALSE, HTML }, { FALSE, PNG }, { TRUE, TEXT }, { TRUE, HTML }, { TRUE, PNG },
};

/* ---- the world --------------------------------------------------------------- */

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *wl_copy = g_find_program_in_path ("wl-copy");

  if (!broker_fixture_can_run (TRUE))
    return;
  if (wl_copy == NULL)
    {
      g_test_skip ("wl-copy is missing; install the package wl-clipboard");
      return;
    }

  broker_fixture_set_up (&fixture->broker, NULL);
  fixture->refused = g_ptr_array_new_with_free_func (g_free);
}

static void
stop (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_stop_sync (fixture->session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_session_wait_reason (fixture->session, "stopped");
}

static void
end (Fixture *fixture)
{
  g_signal_handlers_disconnect_by_data (fixture->session->proxy, fixture);
  g_clear_pointer (&fixture->session, test_session_free);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->broker.root == NULL)
    return;

  if (fixture->session != NULL)
    {
      stop (fixture);
      end (fixture);
    }
  broker_fixture_tear_down (&fixture->broker, NULL);
  g_ptr_array_unref (fixture->refused);
}

static void
on_refused (GlbDBusSession1 *proxy, const char *direction, const char *type, const char *code, const char *message, Fixture *fixture)
{
  g_ptr_array_add (fixture->refused, g_strdup_printf ("%s %s %s", direction, type, code));
}

/* rules: members of desktop.clipboard. */
static void
start (Fixture *fixture, const char *rules, guint timeout)
{
  const char *argv[] = { "tail", "-f", "/dev/null", NULL };
  g_autofree char *more = g_strdup_printf (",\"desktop\":{\"width\":640,\"height\":480,\"clipboard\":{%s}},"
                                           "\"prompts\":{\"timeoutSeconds\":%u}", rules, timeout);
  g_autofree char *policy = test_policy ("session", more);
  g_autoptr(GError) error = NULL;

  fixture->session = broker_fixture_run (&fixture->broker, NULL, test_options (policy, TRUE), argv, &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->session->proxy, "clipboard-refused", G_CALLBACK (on_refused), fixture);
}

#define RULES(in, out, more) \
  "\"hostToSession\":\"" in "\",\"sessionToHost\":\"" out "\",\"types\":[\"" TEXT "\",\"" HTML "\",\"" PNG "\"],\"maxPerMinute\":600" more

/* Content of a type, for text different for each n. */
static GBytes *
make_content (const char *type, guint n)
{
  gsize size;
  guchar *data;

  if (g_str_equal (type, PNG))
    data = g_base64_decode (PIXEL, &size);
  else
    {
      const char *paragraph = g_str_equal (type, HTML) ? "<p>" : "";

      data = (guchar *) g_strdup_printf ("%s" WORDS " %u%s", paragraph, n, *paragraph != '\0' ? "</p>" : "");
      size = strlen ((char *) data);
    }
  return g_bytes_new_take (data, size);
}

/* ---- programs in the session -------------------------------------------------- */

static char *
run (Fixture *fixture, const char *script, GBytes *input, int *status)
{
  /* the real wl-copy and wl-paste: a session has others before them */
  g_autofree char *line = g_strconcat ("PATH=/usr/local/bin:/usr/bin:/bin; ", script, NULL);
  int fds[3];
  guint64 command = test_session_exec (fixture->session, line, fds);
  char *out;

  if (input != NULL)
    g_assert_cmpint (write (fds[0], g_bytes_get_data (input, NULL), g_bytes_get_size (input)), ==, (gssize) g_bytes_get_size (input));
  close (fds[0]);
  close (fds[2]);
  out = test_read_all (&fds[1]);
  *status = test_session_wait_exit (fixture->session, command);
  return out;
}

/* A program copies, and other programs see it. wl-copy goes to the background when it has copied; before that nobody else may
 * take the focus, which is what lets a program copy. */
static void
copy (Fixture *fixture, const Place *place, GBytes *content)
{
  const char *more = place->primary ? "--primary" : "";
  g_autofree char *script = g_strdup_printf (
    "cat >/tmp/copied; wl-copy %s --type %s </tmp/copied >/dev/null 2>&1 || exit 1; pgrep -n -x wl-copy >/tmp/owner;"
    "until wl-paste %s --no-newline --type %s 2>/dev/null | cmp -s - /tmp/copied; do :; done",
    more, place->type, more, place->type);
  g_autofree char *out = NULL;
  int status;

  out = run (fixture, script, content, &status);
  g_assert_cmpint (status, ==, 0);
}

/* The program that copied ends, and what it copied is gone. */
static void
forget (Fixture *fixture)
{
  g_autofree char *out = NULL;
  int status;

  out = run (fixture, "kill $(cat /tmp/owner); while wl-paste -l || wl-paste -l --primary; do :; done >/dev/null 2>&1", NULL, &status);
  g_assert_cmpint (status, ==, 0);
}

static void
copy_text (Fixture *fixture, const char *text)
{
  const Place place = { FALSE, TEXT };
  g_autoptr(GBytes) content = g_bytes_new (text, strlen (text));

  copy (fixture, &place, content);
}

/* The SHA-256 of what a program pastes; "": there is nothing to paste. (transfer full) */
static char *
paste (Fixture *fixture, const Place *place)
{
  g_autofree char *script = g_strdup_printf (
    "wl-paste %s --no-newline --type %s >/tmp/pasted 2>/dev/null && sha256sum </tmp/pasted | cut -c1-64",
    place->primary ? "--primary" : "", place->type);
  int status;

  return g_strchomp (run (fixture, script, NULL, &status));
}

static void
assert_pastes (Fixture *fixture, const Place *place, const char *sha256)
{
  g_autofree char *pasted = paste (fixture, place);

  g_assert_cmpstr (pasted, ==, sha256);
}

/* ---- the person's clients ------------------------------------------------------- */

typedef struct
{
  gboolean done;
  GVariant *reply;
  GUnixFDList *fds;
  GError *error;
} Call;

static void
call_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  call->reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), &call->fds, result, &call->error);
  if (call->error != NULL)
    g_dbus_error_strip_remote_error (call->error);
  call->done = TRUE;
}

static void
call_clear (Call *call)
{
  g_clear_pointer (&call->reply, g_variant_unref);
  g_clear_object (&call->fds);
  g_clear_error (&call->error);
  call->done = FALSE;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static void
call_start (Call *call, GDBusConnection *connection, const char *path, const char *interface, const char *method, GVariant *parameters,
            GUnixFDList *fds)
{
  g_dbus_connection_call_with_unix_fd_list (connection, NULL, path, interface, method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE,
                                            60000, fds, NULL, call_cb, call);
}

static gboolean
is_done (gpointer user_data)
{
  return ((Call *) user_data)->done;
}

static GDBusConnection *
get_connection (Fixture *fixture)
{
  return glb_client_get_connection (fixture->broker.client);
}

static GVariant *
options_for (const Place *place, int uses)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "type", "s", place->type);
  g_variant_dict_insert (&dict, "selection", "s", place->primary ? "primary" : "clipboard");
  if (uses >= 0)
    g_variant_dict_insert (&dict, "uses", "u", (guint) uses);
  return g_variant_dict_end (&dict);
}

static void
put_fd (Call *call, Fixture *fixture, GVariant *options, int handle, int fd)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();

  if (fd >= 0)
    g_assert_cmpint (g_unix_fd_list_append (fds, fd, NULL), ==, 0);
  call_start (call, get_connection (fixture), g_dbus_proxy_get_object_path (G_DBUS_PROXY (fixture->session->proxy)),
              "org.glovebox.Session1", "ClipboardPut", g_variant_new ("(@a{sv}h)", options, handle), fds);
}

static void
put (Call *call, Fixture *fixture, const Place *place, GBytes *content, guint uses)
{
  int fd = memfd_create ("test", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, g_bytes_get_data (content, NULL), g_bytes_get_size (content)), ==, (gssize) g_bytes_get_size (content));
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  put_fd (call, fixture, options_for (place, uses), 0, fd);
  close (fd);
}

static void
put_text (Call *call, Fixture *fixture, const char *text, guint uses)
{
  const Place place = { FALSE, TEXT };
  g_autoptr(GBytes) content = g_bytes_new (text, strlen (text));

  put (call, fixture, &place, content, uses);
}

static void
get (Call *call, Fixture *fixture, const Place *place)
{
  call_start (call, get_connection (fixture), g_dbus_proxy_get_object_path (G_DBUS_PROXY (fixture->session->proxy)),
              "org.glovebox.Session1", "ClipboardGet", g_variant_new ("(@a{sv})", options_for (place, -1)), NULL);
}

static void
get_text (Call *call, Fixture *fixture)
{
  const Place place = { FALSE, TEXT };

  get (call, fixture, &place);
}

static void
assert_refused_as (Call *call, GlbBrokerError code, const char *message)
{
  test_wait (is_done, call, "a refusal");
  if (call->error == NULL)
    g_error ("not refused, but should be: %s", message);
  g_assert_cmpstr (call->error->message, ==, message);
  g_assert_error (call->error, GLB_BROKER_ERROR, (int) code);
  call_clear (call);
}

static void
assert_refused (Call *call, const char *message)
{
  assert_refused_as (call, GLB_BROKER_ERROR_POLICY, message);
}

static GBytes *
read_fd (Call *call)
{
  g_autoptr(GError) error = NULL;
  int fd = g_unix_fd_list_get (call->fds, 0, &error);
  g_autoptr(GMappedFile) file = NULL;

  g_assert_no_error (error);
  /* sealed: nobody changes it any more */
  g_assert_cmpint (fcntl (fd, F_GET_SEALS), ==, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  file = g_mapped_file_new_from_fd (fd, FALSE, &error);
  g_assert_no_error (error);
  close (fd);
  return g_mapped_file_get_bytes (file);
}

/* The SHA-256 that the answer names; what came with it has that one. (transfer full) */
static char *
assert_delivered (Call *call)
{
  g_autoptr(GVariant) info = NULL;
  char *sha256 = NULL;

  test_wait (is_done, call, "a delivery");
  g_assert_no_error (call->error);
  if (g_variant_is_of_type (call->reply, G_VARIANT_TYPE ("(ha{sv})")))
    {
      g_autoptr(GBytes) bytes = read_fd (call);
      g_autofree char *seen = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

      g_variant_get (call->reply, "(h@a{sv})", NULL, &info);
      g_assert_true (g_variant_lookup (info, "sha256", "s", &sha256));
      g_assert_cmpstr (seen, ==, sha256);
    }
  else
    {
      g_variant_get (call->reply, "(@a{sv})", &info);
      g_assert_true (g_variant_lookup (info, "sha256", "s", &sha256));
    }
  call_clear (call);
  return sha256;
}

static void
assert_delivered_is (Call *call, const char *sha256)
{
  g_autofree char *delivered = assert_delivered (call);

  g_assert_cmpstr (delivered, ==, sha256);
}

/* ---- the person's answers --------------------------------------------------------- */

/* Of the one object with interface: its path, and one property where it is asked for. (nullable) (transfer full) */
static char *
find_object (Fixture *fixture, const char *interface, const char *property, char **value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariantIter) iter = NULL;
  const char *path;
  GVariant *interfaces;
  char *found = NULL;

  reply = g_dbus_connection_call_sync (get_connection (fixture), NULL, "/org/glovebox/Broker1", "org.freedesktop.DBus.ObjectManager",
                                       "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(a{oa{sa{sv}}})", &iter);
  while (g_variant_iter_next (iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      g_autoptr(GVariant) owned = interfaces;
      g_autoptr(GVariant) properties = g_variant_lookup_value (interfaces, interface, NULL);

      if (properties == NULL)
        continue;
      g_assert_null (found);
      found = g_strdup (path);
      if (property != NULL)
        g_assert_true (g_variant_lookup (properties, property, "s", value));
    }
  return found;
}

static gboolean
has_prompt (gpointer user_data)
{
  g_autofree char *path = find_object (user_data, "org.glovebox.Prompt1", NULL, NULL);

  return path != NULL;
}

static gboolean
has_no_prompt (gpointer user_data)
{
  return !has_prompt (user_data);
}

static gboolean
has_no_grant (gpointer user_data)
{
  g_autofree char *path = find_object (user_data, "org.glovebox.Grant1", NULL, NULL);

  return path == NULL;
}

static void
call_object (Fixture *fixture, const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_auto(Call) call = { 0 };

  call_start (&call, get_connection (fixture), path, interface, method, parameters, NULL);
  test_wait (is_done, &call, method);
  g_assert_no_error (call.error);
}

/* The SHA-256 of the open prompt, which is that of the content that it shows. (transfer full) */
static char *
look (Fixture *fixture)
{
  g_autofree char *path = NULL;
  g_autofree char *sha256 = NULL;
  g_autofree char *seen = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_auto(Call) call = { 0 };

  test_wait (has_prompt, fixture, "a prompt");
  path = find_object (fixture, "org.glovebox.Prompt1", "Sha256", &sha256);
  call_start (&call, get_connection (fixture), path, "org.glovebox.Prompt1", "Content", NULL, NULL);
  test_wait (is_done, &call, "the content");
  g_assert_no_error (call.error);
  bytes = read_fd (&call);
  seen = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_assert_cmpstr (seen, ==, sha256);
  return g_steal_pointer (&sha256);
}

static void
answer (Fixture *fixture, const char *scope, guint seconds)
{
  g_autofree char *path = NULL;

  test_wait (has_prompt, fixture, "a prompt");
  path = find_object (fixture, "org.glovebox.Prompt1", NULL, NULL);
  if (scope == NULL)
    call_object (fixture, path, "org.glovebox.Prompt1", "Deny", NULL);
  else
    call_object (fixture, path, "org.glovebox.Prompt1", "Allow", g_variant_new ("(su)", scope, seconds));
}

/* Text that gets in. scope: (nullable): of the person's yes, where the policy asks. Its SHA-256. (transfer full) */
static char *
deliver_text (Fixture *fixture, const char *text, guint uses, const char *scope)
{
  g_auto(Call) call = { 0 };

  put_text (&call, fixture, text, uses);
  if (scope != NULL)
    answer (fixture, scope, 0);
  return assert_delivered (&call);
}

static void
revoke_grant (Fixture *fixture)
{
  g_autofree char *path = find_object (fixture, "org.glovebox.Grant1", NULL, NULL);

  g_assert_nonnull (path);
  call_object (fixture, path, "org.glovebox.Grant1", "Revoke", NULL);
  g_assert_true (has_no_grant (fixture));
}

/* ---- the record --------------------------------------------------------------------- */

/* Of clipboard, prompts and grants, in lines: the event, and the values of its why or code and of its selection. (transfer full) */
static char *
read_audit (Fixture *fixture)
{
  static const char * const members[] = { "verdict", "why", "code" };
  g_autofree char *name = g_strconcat (glb_dbus_session1_get_id (fixture->session->proxy), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->broker.audit_dir, name, NULL);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  GString *text = g_string_new (NULL);

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *object = json_node_get_object (node);
      const char *event = json_object_get_string_member (object, "event");

      if (!g_str_has_prefix (event, "clipboard-") && !g_str_has_prefix (event, "prompt-") && !g_str_has_prefix (event, "grant-"))
        continue;
      g_string_append (text, event);
      for (guint j = 0; j < G_N_ELEMENTS (members); j++)
        if (json_object_has_member (object, members[j]))
          g_string_append_printf (text, " %s", json_object_get_string_member (object, members[j]));
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static void
assert_audit (Fixture *fixture, const char *expected)
{
  g_autofree char *text = read_audit (fixture);

  g_assert_cmpstr (text, ==, expected);
}

static gboolean
is_cleared (gpointer user_data)
{
  g_autofree char *text = read_audit (user_data);

  return strstr (text, "clipboard-cleared ") != NULL;
}

static gboolean
was_pasted (gpointer user_data)
{
  g_autofree char *text = read_audit (user_data);

  return strstr (text, "clipboard-pasted\n") != NULL;
}

static void
assert_signal (Fixture *fixture, const char *refused)
{
  g_assert_cmpuint (fixture->refused->len, >, 0);
  g_assert_cmpstr (g_ptr_array_index (fixture->refused, fixture->refused->len - 1), ==, refused);
}

/* ---- the matrix: direction, type, verdict, selection ------------------------------------ */

static void
assert_place_signal (Fixture *fixture, const char *direction, const Place *place, const char *code)
{
  g_autofree char *text = g_strdup_printf ("%s %s %s", direction, place->type, code);

  assert_signal (fixture, text);
}

static void
test_deny (Fixture *fixture, gconstpointer data)
{
  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("deny", "deny", ""), 60);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr(GBytes) content = make_content (places[i].type, 1);
      g_auto(Call) call = { 0 };

      put (&call, fixture, &places[i], content, 1);
      assert_refused (&call, "clipboard: policy_denied: The policy's desktop.clipboard.hostToSession is \"deny\"");
      assert_place_signal (fixture, "host-to-session", &places[i], "policy_denied");
      assert_pastes (fixture, &places[i], "");
      copy (fixture, &places[i], content);
      get (&call, fixture, &places[i]);
      assert_refused (&call, "clipboard: policy_denied: The policy's desktop.clipboard.sessionToHost is \"deny\"");
      assert_place_signal (fixture, "session-to-host", &places[i], "policy_denied");
      forget (fixture);
    }
  g_assert_true (has_no_prompt (fixture));
}

static void
test_allow (Fixture *fixture, gconstpointer data)
{
  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "allow", ""), 60);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr(GBytes) content = make_content (places[i].type, 1);
      g_autofree char *sha256 = NULL;
      g_auto(Call) call = { 0 };

      put (&call, fixture, &places[i], content, 1);
      sha256 = assert_delivered (&call);
      assert_pastes (fixture, &places[i], sha256);
      /* once */
      assert_pastes (fixture, &places[i], "");
      copy (fixture, &places[i], content);
      get (&call, fixture, &places[i]);
      assert_delivered_is (&call, sha256);
    }
  g_assert_cmpuint (fixture->refused->len, ==, 0);
}

static void
test_prompt_in (Fixture *fixture, gconstpointer data)
{
  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "deny", ""), 60);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr(GBytes) content = make_content (places[i].type, i);
      g_autofree char *sha256 = NULL;
      g_auto(Call) call = { 0 };

      put (&call, fixture, &places[i], content, 1);
      sha256 = look (fixture);
      assert_pastes (fixture, &places[i], "");
      answer (fixture, NULL, 0);
      assert_refused (&call, DENIED_BY_PERSON);
      assert_place_signal (fixture, "host-to-session", &places[i], "denied");
      assert_pastes (fixture, &places[i], "");

      put (&call, fixture, &places[i], content, 1);
      answer (fixture, "once", 0);
      assert_delivered_is (&call, sha256);
      assert_pastes (fixture, &places[i], sha256);
      assert_pastes (fixture, &places[i], "");
      test_wait (has_no_grant, fixture, "the grant to be used up");

      /* asked again: once was once */
      put (&call, fixture, &places[i], content, 1);
      answer (fixture, places[i].primary ? "seconds" : "session", places[i].primary ? 60 : 0);
      assert_delivered_is (&call, sha256);
      assert_pastes (fixture, &places[i], sha256);
      put (&call, fixture, &places[i], content, 1);
      assert_delivered_is (&call, sha256);
      assert_pastes (fixture, &places[i], sha256);
      revoke_grant (fixture);
    }
}

static void
test_prompt_out (Fixture *fixture, gconstpointer data)
{
  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("deny", "prompt", ""), 60);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr(GBytes) content = make_content (places[i].type, i);
      g_autofree char *sha256 = NULL;
      g_auto(Call) call = { 0 };

      copy (fixture, &places[i], content);
      get (&call, fixture, &places[i]);
      sha256 = look (fixture);
      answer (fixture, NULL, 0);
      assert_refused (&call, DENIED_BY_PERSON);
      assert_place_signal (fixture, "session-to-host", &places[i], "denied");

      get (&call, fixture, &places[i]);
      answer (fixture, "once", 0);
      assert_delivered_is (&call, sha256);
      g_assert_true (has_no_grant (fixture));

      get (&call, fixture, &places[i]);
      answer (fixture, places[i].primary ? "seconds" : "session", places[i].primary ? 60 : 0);
      assert_delivered_is (&call, sha256);
      get (&call, fixture, &places[i]);
      assert_delivered_is (&call, sha256);
      revoke_grant (fixture);
    }
}

/* Nobody answers; whether somebody looked is another why. */
static void
test_timeout (Fixture *fixture, gconstpointer data)
{
  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "prompt", ""), 1);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr(GBytes) content = make_content (places[i].type, i);
      g_auto(Call) in = { 0 };
      g_auto(Call) out = { 0 };

      put (&in, fixture, &places[i], content, 1);
      assert_refused (&in, "clipboard: no-approver: the person did not allow it");
      assert_place_signal (fixture, "host-to-session", &places[i], "no-approver");
      assert_pastes (fixture, &places[i], "");
      copy (fixture, &places[i], content);
      get (&out, fixture, &places[i]);
      g_free (look (fixture));
      assert_refused (&out, "clipboard: timeout: the person did not allow it");
      assert_place_signal (fixture, "session-to-host", &places[i], "timeout");
      forget (fixture);
    }
}

/* ---- what was shown is what is delivered ---------------------------------------------------- */

static void
test_changed_offer (Fixture *fixture, gconstpointer data)
{
  g_autofree char *shown = NULL;
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("deny", "prompt", ""), 60);
  copy_text (fixture, "harmless");
  get_text (&call, fixture);
  shown = look (fixture);
  copy_text (fixture, "rm -rf ~");
  answer (fixture, "once", 0);
  assert_delivered_is (&call, shown);

  /* A yes for the session is for this content, as this type, in this selection. */
  copy_text (fixture, "harmless");
  get_text (&call, fixture);
  answer (fixture, "session", 0);
  assert_delivered_is (&call, shown);
  copy_text (fixture, "rm -rf ~");
  get_text (&call, fixture);
  answer (fixture, NULL, 0);
  assert_refused (&call, DENIED_BY_PERSON);
  {
    const Place others[] = { { FALSE, HTML }, { TRUE, TEXT } };
    g_autoptr(GBytes) same = g_bytes_new_static ("harmless", 8);

    for (guint i = 0; i < G_N_ELEMENTS (others); i++)
      {
        copy (fixture, &others[i], same);
        get (&call, fixture, &others[i]);
        answer (fixture, NULL, 0);
        assert_refused (&call, DENIED_BY_PERSON);
      }
  }
}

/* The person's file changes after the question. */
static void
test_changed_file (Fixture *fixture, gconstpointer data)
{
  const Place place = { FALSE, TEXT };
  g_autofree char *shown = NULL;
  g_auto(Call) call = { 0 };
  int fd = memfd_create ("test", MFD_CLOEXEC);

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "deny", ""), 60);
  g_assert_cmpint (pwrite (fd, "harmless", 8, 0), ==, 8);
  put_fd (&call, fixture, options_for (&place, 1), 0, fd);
  shown = look (fixture);
  g_assert_cmpint (pwrite (fd, "rm -rf ~", 8, 0), ==, 8);
  answer (fixture, "once", 0);
  assert_delivered_is (&call, shown);
  assert_pastes (fixture, &place, shown);
  close (fd);
}

static void
test_cleaned (Fixture *fixture, gconstpointer data)
{
  const Place html = { FALSE, HTML };
  g_autoptr(GBytes) script = g_bytes_new_static ("<p onclick='x()'>a<script>evil()</script></p>", 45);
  g_autofree char *clean = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "harmless", -1);
  g_autofree char *pasted = NULL;
  g_auto(Call) call = { 0 };
  int status;

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "allow", ""), 60);
  copy_text (fixture, "harm\033[31mless\xe2\x80\xae");
  get_text (&call, fixture);
  assert_delivered_is (&call, clean);
  put_text (&call, fixture, "harm\033[31mless\xe2\x80\xae", 1);
  assert_delivered_is (&call, clean);
  put (&call, fixture, &html, script, 1);
  g_free (assert_delivered (&call));
  pasted = run (fixture, "wl-paste --no-newline --type text/html", NULL, &status);
  g_assert_cmpstr (pasted, ==, "<p>a</p>");
}

/* The person sees what was taken out, and where it would go. */
static void
test_findings (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr(GVariant) details = NULL;
  g_autofree const char **findings = NULL;
  const char *type, *selection;
  g_auto(Call) get_details = { 0 };
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "deny", ""), 60);
  put_text (&call, fixture, "harm\033[31mless\xe2\x80\xae", 1);
  test_wait (has_prompt, fixture, "a prompt");
  path = find_object (fixture, "org.glovebox.Prompt1", NULL, NULL);
  call_start (&get_details, get_connection (fixture), path, "org.freedesktop.DBus.Properties", "Get",
              g_variant_new ("(ss)", "org.glovebox.Prompt1", "Details"), NULL);
  test_wait (is_done, &get_details, "the details");
  g_assert_no_error (get_details.error);
  g_variant_get (get_details.reply, "(v)", &details);
  g_assert_true (g_variant_lookup (details, "type", "&s", &type));
  g_assert_true (g_variant_lookup (details, "selection", "&s", &selection));
  g_assert_true (g_variant_lookup (details, "findings", "^a&s", &findings));
  g_assert_cmpstr (type, ==, TEXT);
  g_assert_cmpstr (selection, ==, "clipboard");
  g_assert_cmpuint (g_strv_length ((GStrv) findings), ==, 2);
  g_assert_cmpstr (findings[0], ==, "escape");
  g_assert_cmpstr (findings[1], ==, "bidi");
  answer (fixture, NULL, 0);
  assert_refused (&call, DENIED_BY_PERSON);
}

/* ---- for so long ---------------------------------------------------------------------------- */

static void
test_cleared (Fixture *fixture, gconstpointer data)
{
  const Place place = { FALSE, TEXT };
  g_autofree char *sha256 = NULL;

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "deny", ",\"clearAfterSeconds\":1"), 60);
  sha256 = deliver_text (fixture, "for a second", 0, NULL);
  test_wait (is_cleared, fixture, "the time to be over");
  assert_pastes (fixture, &place, "");
  assert_audit (fixture, "clipboard-transfer\nclipboard-cleared expired\n");
}

static void
test_uses (Fixture *fixture, gconstpointer data)
{
  const Place place = { FALSE, TEXT };
  g_autofree char *sha256 = NULL;
  g_autofree char *text = NULL;

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "deny", ""), 60);
  sha256 = deliver_text (fixture, "twice", 2, NULL);
  assert_pastes (fixture, &place, sha256);
  assert_pastes (fixture, &place, sha256);
  assert_pastes (fixture, &place, "");
  assert_audit (fixture, "clipboard-transfer\nclipboard-pasted\nclipboard-pasted\nclipboard-cleared used\n");

  /* what a program copies next takes its place */
  g_free (deliver_text (fixture, "own", 0, NULL));
  copy_text (fixture, "a program's");
  text = read_audit (fixture);
  g_assert_true (g_str_has_suffix (text, "clipboard-cleared replaced\n"));
}

static void
test_revoke (Fixture *fixture, gconstpointer data)
{
  static const char * const scopes[] = { "once", "session" };
  const Place place = { FALSE, TEXT };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "deny", ""), 60);
  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    {
      g_autofree char *sha256 = deliver_text (fixture, "as long as you let me", 0, scopes[i]);
      g_auto(Call) call = { 0 };

      assert_pastes (fixture, &place, sha256);
      revoke_grant (fixture);
      assert_pastes (fixture, &place, "");
      /* and it is asked again */
      put_text (&call, fixture, "as long as you let me", 0);
      answer (fixture, NULL, 0);
      assert_refused (&call, DENIED_BY_PERSON);
    }
}

static void
test_audit (Fixture *fixture, gconstpointer data)
{
  const Place place = { FALSE, TEXT };
  g_autofree char *sha256 = NULL;
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "deny", ""), 60);
  put_text (&call, fixture, WORDS, 1);
  test_wait (has_prompt, fixture, "a prompt");
  assert_audit (fixture, "prompt-asked\n");
  answer (fixture, NULL, 0);
  assert_refused (&call, DENIED_BY_PERSON);
  assert_audit (fixture, "prompt-asked\nprompt-answered deny denied\nclipboard-refused denied\n");

  /* the record of the transfer is there before anybody can paste */
  sha256 = deliver_text (fixture, WORDS, 1, "once");
  assert_pastes (fixture, &place, sha256);
  test_wait (was_pasted, fixture, "the record of the paste");
  test_wait (has_no_grant, fixture, "the grant to be used up");
  assert_audit (fixture, "prompt-asked\nprompt-answered deny denied\nclipboard-refused denied\n"
                         "prompt-asked\nprompt-answered allow\ngrant-made\nclipboard-transfer\nclipboard-pasted\n"
                         "clipboard-cleared used\ngrant-ended used\n");
}

/* ---- limits ------------------------------------------------------------------------------------ */

static void
test_secrets (Fixture *fixture, gconstpointer data)
{
  static const char key[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
                            "-----END OPENSSH PRIVATE KEY-----\n";
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "allow", ""), 60);
  copy_text (fixture, key);
  get_text (&call, fixture);
  assert_refused (&call, "clipboard: secret: it looks like a secret; see desktop.clipboard.secrets");
  assert_signal (fixture, "session-to-host text/plain secret");
  copy_text (fixture, "no secret");
  get_text (&call, fixture);
  g_free (assert_delivered (&call));
  /* what the person puts in is the person's to know */
  g_free (deliver_text (fixture, key, 1, NULL));
}

static void
test_secret_prompt (Fixture *fixture, gconstpointer data)
{
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("deny", "allow", ",\"secrets\":\"prompt\""), 60);
  copy_text (fixture, "4111 1111 1111 1111");
  get_text (&call, fixture);
  answer (fixture, NULL, 0);
  assert_refused (&call, DENIED_BY_PERSON);
  copy_text (fixture, "no secret");
  get_text (&call, fixture);
  g_free (assert_delivered (&call));
}

static void
test_rate (Fixture *fixture, gconstpointer data)
{
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, "\"hostToSession\":\"allow\",\"sessionToHost\":\"allow\",\"maxPerMinute\":2", 60);
  copy_text (fixture, WORDS);
  for (guint i = 0; i < 2; i++)
    {
      get_text (&call, fixture);
      g_free (assert_delivered (&call));
    }
  get_text (&call, fixture);
  assert_refused (&call, "clipboard: rate_limited: 2 requests within a minute are the policy's limit, desktop.clipboard.maxPerMinute");
  assert_signal (fixture, "session-to-host text/plain rate_limited");
  /* the other direction has its own */
  g_free (deliver_text (fixture, WORDS, 1, NULL));
}

static void
test_too_many_at_once (Fixture *fixture, gconstpointer data)
{
  Call calls[5] = { { 0 } };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "deny", ""), 60);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    put_text (&calls[i], fixture, WORDS, 1);
  assert_refused (&calls[4], "clipboard: rate_limited: too many transfers are waiting; answer or deny them first");
  stop (fixture);
  for (guint i = 0; i < 4; i++)
    assert_refused_as (&calls[i], GLB_BROKER_ERROR_STATE, "clipboard: session-ended: the session has ended; start a new one");
  end (fixture);
}

static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  g_autofree char *much = g_strnfill (4 << 20, 'x');
  g_autoptr(GBytes) bytes = g_bytes_new_static (much, 4 << 20);
  const Place place = { FALSE, TEXT };
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "allow", ",\"maxBytes\":16"), 60);
  put_text (&call, fixture, "12345678901234567", 1);
  assert_refused (&call, "clipboard: too_large: it is larger than desktop.clipboard.maxBytes");
  assert_signal (fixture, "host-to-session text/plain too_large");
  put (&call, fixture, &place, bytes, 1);
  assert_refused (&call, "clipboard: too_large: it is larger than desktop.clipboard.maxBytes");
  copy (fixture, &place, bytes);
  get_text (&call, fixture);
  assert_refused (&call, "clipboard: too_large: it is larger than desktop.clipboard.maxBytes");
  assert_signal (fixture, "session-to-host text/plain too_large");
  g_free (deliver_text (fixture, "1234567890123456", 1, NULL));
}

static void
test_types (Fixture *fixture, gconstpointer data)
{
  const Place html = { FALSE, HTML };
  const Place picture = { FALSE, PNG };
  const Place files = { FALSE, "text/uri-list" };
  g_autoptr(GBytes) pixel = make_content (PNG, 1);
  g_autoptr(GBytes) content = make_content (HTML, 1);
  g_autoptr(GBytes) list = g_bytes_new_static ("file:///etc/passwd\r\n", 20);
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, "\"hostToSession\":\"allow\",\"sessionToHost\":\"allow\",\"types\":[\"text/plain\",\"text/uri-list\"]", 60);
  put (&call, fixture, &html, content, 1);
  assert_refused (&call, "clipboard: type_not_allowed: text/html is not among the policy's desktop.clipboard.types");
  put (&call, fixture, &files, list, 1);
  assert_refused (&call, "clipboard: files: text/uri-list is a list of files; the policy's desktop.clipboard.allowFiles is false");
  get_text (&call, fixture);
  assert_refused (&call, "clipboard: empty: The clipboard is empty");
  /* wl-copy would offer HTML as text, too */
  copy (fixture, &picture, pixel);
  get (&call, fixture, &picture);
  assert_refused (&call, "clipboard: type_not_allowed: image/png is not among the policy's desktop.clipboard.types");
  get_text (&call, fixture);
  assert_refused (&call, "clipboard: type_not_offered: The clipboard holds no text/plain");
}

/* ---- what goes wrong ----------------------------------------------------------------------------- */

/* A program that offers and does not write; a client that opens and does not write. */
static void
test_never_ends (Fixture *fixture, gconstpointer data)
{
  const Place place = { FALSE, TEXT };
  g_auto(Call) in = { 0 };
  g_auto(Call) out = { 0 };
  GPollFD end;
  int ends[2];
  int status;

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "allow", ""), 60);
  copy_text (fixture, WORDS);
  g_free (run (fixture, "kill -STOP $(cat /tmp/owner)", NULL, &status));
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  put_fd (&in, fixture, options_for (&place, 1), 0, ends[0]);
  get_text (&out, fixture);
  assert_refused (&out, "clipboard: timeout: the program that copied it does not hand it out");
  assert_refused (&in, "clipboard: timeout: it did not come to its end in time");
  close (ends[0]);
  end = (GPollFD) { .fd = ends[1] };
  g_assert_cmpint (g_poll (&end, 1, 10000), ==, 1);
  g_assert_cmpint (end.revents, ==, G_IO_ERR);
  close (ends[1]);
}

static void
test_session_ends (Fixture *fixture, gconstpointer data)
{
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "deny", ""), 60);
  put_text (&call, fixture, WORDS, 1);
  test_wait (has_prompt, fixture, "a prompt");
  stop (fixture);
  assert_refused_as (&call, GLB_BROKER_ERROR_STATE, "clipboard: session-ended: the session has ended; start a new one");
  g_assert_true (has_no_prompt (fixture));
  end (fixture);
}

static void
test_client_vanishes (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbClient) other = NULL;
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  const Place place = { FALSE, TEXT };
  g_auto(Call) call = { 0 };
  int fd = memfd_create ("test", MFD_CLOEXEC);

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("prompt", "deny", ""), 60);
  other = glb_client_new_sync (FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pwrite (fd, WORDS, strlen (WORDS), 0), >, 0);
  g_unix_fd_list_append (fds, fd, NULL);
  close (fd);
  call_start (&call, glb_client_get_connection (other), g_dbus_proxy_get_object_path (G_DBUS_PROXY (fixture->session->proxy)),
              "org.glovebox.Session1", "ClipboardPut", g_variant_new ("(@a{sv}h)", options_for (&place, 1), 0), fds);
  test_wait (has_prompt, fixture, "a prompt");
  g_dbus_connection_close_sync (glb_client_get_connection (other), NULL, &error);
  g_assert_no_error (error);
  test_wait (has_no_prompt, fixture, "the prompt to be withdrawn");
  test_wait (is_done, &call, "the call to fail");
  g_assert_nonnull (call.error);
  assert_pastes (fixture, &place, "");
  assert_audit (fixture, "prompt-asked\nprompt-answered deny withdrawn\nclipboard-refused withdrawn\n");
}

static void
test_hostile_png (Fixture *fixture, gconstpointer data)
{
  static const guint8 bomb[] =   /* 100000 × 100000 pixels */
    "\x89PNG\r\n\x1a\n" "\0\0\0\x0dIHDR\0\1\x86\xa0\0\1\x86\xa0\x08\6\0\0\0" "\xa8\x52\x0b\xc8" "\0\0\0\x01IDAT\0";
  const Place place = { FALSE, PNG };
  g_autoptr(GBytes) good = make_content (PNG, 0);
  g_autoptr(GBytes) cut = g_bytes_new_from_bytes (good, 0, g_bytes_get_size (good) - 20);
  g_autoptr(GBytes) large = g_bytes_new_static (bomb, sizeof bomb - 1);
  g_autoptr(GBytes) no_png = g_bytes_new_static ("GIF89a", 6);
  g_autoptr(GBytes) longer = NULL;
  g_autoptr(GByteArray) with_more = g_byte_array_new ();
  g_autofree char *sha256 = NULL;
  g_auto(Call) call = { 0 };

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "allow", ""), 60);
  put (&call, fixture, &place, no_png, 1);
  assert_refused (&call, "clipboard: malformed: it is not a sound PNG");
  put (&call, fixture, &place, cut, 1);
  assert_refused (&call, "clipboard: malformed: it is not a sound PNG");
  copy (fixture, &place, cut);
  get (&call, fixture, &place);
  assert_refused (&call, "clipboard: malformed: it is not a sound PNG");
  put (&call, fixture, &place, large, 1);
  assert_refused (&call, "clipboard: too_large: the picture is too large");

  /* what hangs behind the picture stays here */
  g_byte_array_append (with_more, g_bytes_get_data (good, NULL), g_bytes_get_size (good));
  g_byte_array_append (with_more, (const guint8 *) "PK\3\4 archive", 12);
  longer = g_byte_array_free_to_bytes (g_steal_pointer (&with_more));
  copy (fixture, &place, good);
  get (&call, fixture, &place);
  sha256 = assert_delivered (&call);
  copy (fixture, &place, longer);
  get (&call, fixture, &place);
  assert_delivered_is (&call, sha256);
}

static void
test_wrong_calls (Fixture *fixture, gconstpointer data)
{
  static const char options_message[] =
    "clipboard: an option is unknown or has no such value; there are type, selection (clipboard or primary) and, to put, uses";
  g_autofree char *options_error = NULL;
  g_autofree char *handle_error = NULL;
  g_autofree char *nothing_error = NULL;
  const Place place = { FALSE, TEXT };
  const Place bad = { FALSE, "text/plain\n" };
  g_auto(Call) call = { 0 };
  int null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int file = memfd_create ("test", MFD_CLOEXEC);

  if (fixture->broker.root == NULL)
    return;

  start (fixture, RULES ("allow", "allow", ""), 60);
  options_error = g_strdup_printf ("session %s: %s", glb_dbus_session1_get_name (fixture->session->proxy), options_message);
  handle_error = g_strdup_printf ("session %s: clipboard: no file and no end of a pipe came with the call",
                                  glb_dbus_session1_get_name (fixture->session->proxy));
  nothing_error = g_strdup_printf ("session %s: clipboard: nothing waits to be taken", glb_dbus_session1_get_name (fixture->session->proxy));
  call_start (&call, get_connection (fixture), g_dbus_proxy_get_object_path (G_DBUS_PROXY (fixture->session->proxy)),
              "org.glovebox.Session1", "TakeClipboard", NULL, NULL);
  assert_refused_as (&call, GLB_BROKER_ERROR_STATE, nothing_error);
  put_fd (&call, fixture, options_for (&bad, 1), 0, file);
  assert_refused_as (&call, GLB_BROKER_ERROR_STATE, options_error);
  put_fd (&call, fixture, options_for (&place, 1), 1, file);
  assert_refused_as (&call, GLB_BROKER_ERROR_STATE, handle_error);
  put_fd (&call, fixture, options_for (&place, 1), -1, file);
  assert_refused_as (&call, GLB_BROKER_ERROR_STATE, handle_error);
  put_fd (&call, fixture, options_for (&place, 1), 0, -1);
  assert_refused_as (&call, GLB_BROKER_ERROR_STATE, handle_error);
  put_fd (&call, fixture, options_for (&place, 1), 0, null);
  assert_refused_as (&call, GLB_BROKER_ERROR_STATE, handle_error);
  put_fd (&call, fixture, options_for (&place, 1), 0, file);
  assert_refused (&call, "clipboard: empty: Nothing of the clipboard's content is left that can cross");
  close (null);
  close (file);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/broker-clipboard/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("matrix/deny", test_deny);
  ADD ("matrix/prompt/timeout", test_timeout);
  ADD ("matrix/prompt/in", test_prompt_in);
  ADD ("matrix/prompt/out", test_prompt_out);
  ADD ("matrix/allow", test_allow);
  ADD ("changed-offer", test_changed_offer);
  ADD ("changed-file", test_changed_file);
  ADD ("cleaned", test_cleaned);
  ADD ("findings", test_findings);
  ADD ("cleared", test_cleared);
  ADD ("uses", test_uses);
  ADD ("revoke", test_revoke);
  ADD ("audit", test_audit);
  ADD ("secrets", test_secrets);
  ADD ("secret-prompt", test_secret_prompt);
  ADD ("rate", test_rate);
  ADD ("too-many-at-once", test_too_many_at_once);
  ADD ("too-large", test_too_large);
  ADD ("types", test_types);
  ADD ("never-ends", test_never_ends);
  ADD ("session-ends", test_session_ends);
  ADD ("client-vanishes", test_client_vanishes);
  ADD ("hostile-png", test_hostile_png);
  ADD ("wrong-calls", test_wrong_calls);
  return g_test_run ();
}
