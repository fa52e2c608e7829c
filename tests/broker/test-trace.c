/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a trace of a real session with a real terminal says, and who may have one. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "session-broker/broker/glb-trace.h"
#include "session-broker/client/glb-broker-error.h"
#include "tests/broker/terminal-fixture.h"

/* One trace, and what came of it so far. */
typedef struct
{
  int fd;
  GString *rest;             /* of a line */
  GPtrArray *records;        /* (element-type JsonNode) */
  gboolean over;
} Reader;

static void
reader_free (Reader *reader)
{
  if (reader->fd >= 0)
    close (reader->fd);
  g_string_free (reader->rest, TRUE);
  g_ptr_array_unref (reader->records);
  g_free (reader);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, reader_free)

/* (nullable) */
static Reader *
reader_try (TestSession *session, gboolean stdio, GError **error)
{
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GVariant) handle = NULL;
  GVariantDict options;
  Reader *reader;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "stdio", "b", stdio);
  if (!glb_dbus_session1_call_trace_sync (session->proxy, g_variant_dict_end (&options), NULL, &handle, &list, NULL, error))
    return NULL;

  reader = g_new0 (Reader, 1);
  reader->rest = g_string_new (NULL);
  reader->records = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  reader->fd = g_unix_fd_list_get (list, g_variant_get_handle (handle), error);
  g_assert_cmpint (reader->fd, >=, 0);
  fcntl (reader->fd, F_SETFL, O_NONBLOCK);
  return reader;
}

static Reader *
reader_new (TestSession *session)
{
  g_autoptr(GError) error = NULL;
  Reader *reader = reader_try (session, FALSE, &error);

  g_assert_no_error (error);
  return reader;
}

static void
take_lines (Reader *reader)
{
  char *end;

  while ((end = strchr (reader->rest->str, '\n')) != NULL)
    {
      g_autoptr(GError) error = NULL;
      JsonNode *node;

      *end = '\0';
      node = json_from_string (reader->rest->str, &error);
      g_assert_no_error (error);
      g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
      g_ptr_array_add (reader->records, node);
      g_string_erase (reader->rest, 0, end + 1 - reader->rest->str);
    }
}

/* What is there now. */
static void
reader_pump (Reader *reader)
{
  char buffer[65536];
  gssize n;

  while (!reader->over)
    {
      n = read (reader->fd, buffer, sizeof buffer);
      if (n < 0 && errno == EAGAIN)
        return;
      g_assert_cmpint (n, >=, 0);
      g_string_append_len (reader->rest, buffer, n);
      take_lines (reader);
      reader->over = n == 0;
    }
}

typedef struct
{
  Reader *reader;
  const char *type;
  guint from;
  int found;
} Wanted;

static JsonObject *
get_record (Reader *reader, guint i)
{
  return json_node_get_object (g_ptr_array_index (reader->records, i));
}

static gboolean
has_record (gpointer user_data)
{
  Wanted *wanted = user_data;

  reader_pump (wanted->reader);
  for (guint i = wanted->from; i < wanted->reader->records->len; i++)
    if (g_str_equal (json_object_get_string_member (get_record (wanted->reader, i), "type"), wanted->type))
      {
        wanted->found = i;
        return TRUE;
      }
  return FALSE;
}

/* The number of the first record of type from that number on, which may still come. */
static guint
reader_find (Reader *reader, const char *type, guint from)
{
  Wanted wanted = { reader, type, from, -1 };

  test_wait (has_record, &wanted, type);
  return wanted.found;
}

static gboolean
is_over (gpointer user_data)
{
  reader_pump (user_data);
  return ((Reader *) user_data)->over;
}

/* The next action from a record on, without its settle; its number is put to from. (transfer none) */
static JsonObject *
next_action (Reader *reader, const char *actor, guint *from)
{
  guint i = reader_find (reader, "action", *from);
  JsonObject *record = get_record (reader, i);

  g_assert_cmpstr (json_object_get_string_member (record, "actor"), ==, actor);
  *from = i + 1;
  return record;
}

static void
assert_action (Reader *reader, const char *actor, guint *from, const char *json)
{
  JsonObject *record = next_action (reader, actor, from);
  g_autofree char *text = json_to_string (json_object_get_member (record, "action"), FALSE);

  g_assert_cmpstr (text, ==, json);
}

/* The record that the screen is still after the action. */
static JsonObject *
find_settled (Reader *reader, JsonObject *action)
{
  guint i = 0;

  while (TRUE)
    {
      JsonObject *record;

      i = reader_find (reader, "settled", i);
      record = get_record (reader, i++);
      if (json_object_get_int_member (record, "action") == json_object_get_int_member (action, "number"))
        return record;
    }
}

/* The record that the only window has this title by now. */
static void
find_title (Reader *reader, const char *title)
{
  const char *last = NULL;

  for (guint i = 0; g_strcmp0 (last, title) != 0; i++)
    {
      JsonArray *windows;

      i = reader_find (reader, "windows", i);
      windows = json_object_get_array_member (get_record (reader, i), "windows");
      last = json_array_get_length (windows) > 0
               ? json_object_get_string_member (json_array_get_object_element (windows, 0), "title")
               : NULL;
    }
}

/* ---- what is told ----------------------------------------------------------------------- */

static void
test_actions (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Reader) reader = NULL;
  g_autoptr(JsonObject) audit = NULL;
  JsonObject *record, *window, *settled;
  guint from = 0;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  reader = reader_new (session);
  record = get_record (reader, reader_find (reader, "session", 0));
  g_assert_cmpstr (json_object_get_string_member (record, "id"), ==, glb_dbus_session1_get_id (session->proxy));
  g_assert_cmpstr (json_object_get_string_member (record, "policyHash"), ==, glb_dbus_session1_get_policy_hash (session->proxy));
  g_assert_cmpint (json_object_get_int_member (record, "width"), ==, 640);
  g_assert_cmpstr (json_object_get_string_member (record, "driver"), ==, "agent");
  g_assert_true (json_object_has_member (json_object_get_object_member (record, "policy"), "desktop"));
  record = get_record (reader, reader_find (reader, "windows", 1));
  window = json_array_get_object_element (json_object_get_array_member (record, "windows"), 0);
  g_assert_cmpstr (json_object_get_string_member (window, "appId"), ==, "foot");

  /* what was typed is in it, and in the audit is not */
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"secret words\\n\",\"settle\":true}", "delivered", NULL);
  record = next_action (reader, "agent", &from);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (record, "action"), "text"), ==, "secret words\n");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (record, "result"), "status"), ==, "delivered");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (record, "window"), "appId"), ==, "foot");
  settled = find_settled (reader, record);
  g_assert_true (json_object_get_boolean_member (settled, "settled"));
  g_assert_false (json_object_get_null_member (settled, "changed"));
  g_assert_cmpint (json_object_get_int_member (settled, "frame"), >, json_object_get_int_member (record, "frameBefore"));
  terminal_wait_title (session, "secret words");
  find_title (reader, "secret words");
  audit = test_session_find_record (fixture, session, "action", NULL, NULL);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (json_object_get_member (json_object_get_object_member (audit, "action"), "text")));

  /* what was refused is told with the reason */
  terminal_assert_result (session, "{\"action\":\"left_click\",\"coordinate\":[3,3],\"frameId\":1}", "refused", "stale_frame");
  record = next_action (reader, "agent", &from);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (record, "result"), "code"), ==, "stale_frame");
  find_settled (reader, record);

  terminal_assert_result (session, "{\"action\":\"key\",\"text\":\"Return\"}", "delivered", NULL);
  assert_action (reader, "agent", &from, "{\"action\":\"key\",\"text\":\"Return\"}");
}

/* ---- a person ----------------------------------------------------------------------------- */

static guint64
take (TestSession *session)
{
  g_autoptr(GError) error = NULL;
  guint64 epoch;

  glb_dbus_session1_call_take_lease_sync (session->proxy, &epoch, NULL, &error);
  g_assert_no_error (error);
  return epoch;
}

static void
send_event (TestSession *session, guint64 epoch, guint kind, guint code, int value, int x, int y)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (terminal_send (session, epoch, kind, code, value, x * 256, y * 256, &error));
  g_assert_no_error (error);
}

static void
test_human (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Reader) reader = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *record, *settled;
  guint from = 0, driver;
  guint64 epoch;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  reader = reader_new (session);
  epoch = take (session);
  driver = reader_find (reader, "driver", 0);
  g_assert_cmpstr (json_object_get_string_member (get_record (reader, driver), "driver"), ==, "human");

  send_event (session, epoch, GLB_SHIM_EVENT_MOTION, 0, 0, 320, 240);
  send_event (session, epoch, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, 1, 0, 0);
  send_event (session, epoch, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, 0, 0, 0);
  assert_action (reader, "human", &from, "{\"action\":\"left_click\",\"coordinate\":[320,240]}");
  terminal_press (session, epoch, KEY_H);
  terminal_press (session, epoch, KEY_I);
  terminal_press (session, epoch, KEY_ENTER);
  terminal_wait_lines (session, "hi\n");
  assert_action (reader, "human", &from, "{\"action\":\"type\",\"text\":\"hi\"}");
  assert_action (reader, "human", &from, "{\"action\":\"key\",\"text\":\"Return\"}");
  record = get_record (reader, from - 1);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (record, "window"), "appId"), ==, "foot");
  g_assert_cmpint (json_object_get_int_member (record, "beganUs"), <=, json_object_get_int_member (record, "timeUs"));
  settled = find_settled (reader, record);
  g_assert_true (json_object_get_boolean_member (settled, "settled"));
  g_assert_false (json_object_get_null_member (settled, "changed"));

  /* what is not over when the lease is, ends with it: before the driver changes */
  send_event (session, epoch, GLB_SHIM_EVENT_MOTION, 0, 0, 100, 100);
  send_event (session, epoch, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, 1, 0, 0);
  send_event (session, epoch, GLB_SHIM_EVENT_MOTION, 0, 0, 200, 100);
  glb_dbus_session1_call_release_lease_sync (session->proxy, NULL, NULL, &error);
  g_assert_no_error (error);
  driver = reader_find (reader, "driver", driver + 1);
  g_assert_cmpstr (json_object_get_string_member (get_record (reader, driver), "driver"), ==, "agent");
  assert_action (reader, "human", &from, "{\"action\":\"left_click_drag\",\"start_coordinate\":[100,100],\"coordinate\":[200,100]}");
  g_assert_cmpuint (from - 1, <, driver);
  terminal_assert_result (session, "{\"action\":\"key\",\"text\":\"a\"}", "delivered", NULL);
  assert_action (reader, "agent", &from, "{\"action\":\"key\",\"text\":\"a\"}");
}

static void
ignore_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_act_finish (GLB_DBUS_SESSION1 (source), NULL, NULL, NULL, result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static gboolean
is_set (gpointer user_data)
{
  return *(gboolean *) user_data;
}

/* The agent's action that a person cuts off is told with what became of it, after who drives. */
static void
test_takeover (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Reader) reader = NULL;
  gboolean done = FALSE;
  JsonObject *record;
  guint from = 0;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  reader = reader_new (session);
  glb_dbus_session1_call_act (session->proxy, "{\"action\":\"hold_key\",\"text\":\"ctrl\",\"duration\":60}", NULL, NULL, ignore_cb, &done);
  take (session);
  test_wait (is_set, &done, "the action's answer");
  from = reader_find (reader, "driver", 0);
  record = next_action (reader, "agent", &from);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (record, "result"), "code"), ==, "lease_human");
}

/* ---- prompts ----------------------------------------------------------------------------- */

typedef struct
{
  gboolean done;
  GError *error;
} Put;

static void
put_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Put *put = user_data;

  glb_dbus_session1_call_clipboard_put_finish (GLB_DBUS_SESSION1 (source), NULL, NULL, result, &put->error);
  put->done = TRUE;
}

static void
test_prompt (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *content = NULL;
  g_autofree char *path = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Reader) reader = NULL;
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr(GlbDBusPrompt1) prompt = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *asked, *answer;
  Put put = { FALSE };
  int fd;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, ",\"desktop\":{\"width\":640,\"height\":480,\"clipboard\":{\"hostToSession\":\"prompt\"}}");
  reader = reader_new (session);
  path = g_build_filename (fixture->root, "content", NULL);
  g_assert_true (g_file_set_contents (path, "the person's", -1, NULL));
  fd = open (path, O_RDONLY | O_CLOEXEC);
  g_unix_fd_list_append (fds, fd, NULL);
  close (fd);
  glb_dbus_session1_call_clipboard_put (session->proxy, g_variant_new ("a{sv}", NULL), g_variant_new_handle (0), fds, NULL, put_cb, &put);
  asked = get_record (reader, reader_find (reader, "prompt", 0));
  g_assert_cmpstr (json_object_get_string_member (asked, "requester"), ==, "human");
  g_assert_nonnull (strstr (json_object_get_string_member (asked, "preview"), "the person's"));

  content = g_strdup_printf ("/org/glovebox/Broker1/prompts/%" G_GINT64_FORMAT, json_object_get_int_member (asked, "prompt"));
  prompt = glb_dbus_prompt1_proxy_new_sync (session->connection, G_DBUS_PROXY_FLAGS_NONE, NULL, content, NULL, &error);
  g_assert_no_error (error);
  glb_dbus_prompt1_call_deny_sync (prompt, NULL, &error);
  g_assert_no_error (error);
  answer = get_record (reader, reader_find (reader, "answer", 0));
  g_assert_cmpint (json_object_get_int_member (answer, "prompt"), ==, json_object_get_int_member (asked, "prompt"));
  g_assert_cmpstr (json_object_get_string_member (answer, "verdict"), ==, "deny");
  g_assert_cmpstr (json_object_get_string_member (answer, "why"), ==, "denied");
  test_wait (is_set, &put.done, "the answer to the asker");
  g_assert_nonnull (put.error);
  g_clear_error (&put.error);
}

/* ---- output -------------------------------------------------------------------------------- */

/* What text and base64 of the session's output say, put together. */
static char *
collect_output (Reader *reader, int stream)
{
  GString *output = g_string_new (NULL);

  for (guint i = 0; i < reader->records->len; i++)
    {
      JsonObject *record = get_record (reader, i);
      g_autofree guchar *bytes = NULL;
      gsize length = 0;

      if (!g_str_equal (json_object_get_string_member (record, "type"), "output") || json_object_get_int_member (record, "stream") != stream)
        continue;
      if (json_object_has_member (record, "text"))
        g_string_append (output, json_object_get_string_member (record, "text"));
      else
        {
          bytes = g_base64_decode (json_object_get_string_member (record, "base64"), &length);
          g_string_append_len (output, (const char *) bytes, length);
        }
    }
  return g_string_free (output, FALSE);
}

static void
test_output (BrokerFixture *fixture, gconstpointer data)
{
  const char *argv[] = { "/bin/sh", "-c", "until [ -e go ]; do sleep 0.02; done; printf 'gr\\303\\274n \\377'; echo bad >&2", NULL };
  g_autofree char *policy = test_policy ("process", "");
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Reader) reader = NULL;
  g_autoptr(Reader) other = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  g_autofree char *none = NULL;
  JsonObject *last;
  int fds[3];

  if (fixture->root == NULL)
    return;

  session = broker_fixture_run (fixture, NULL, test_options (policy, TRUE), argv, &error);
  g_assert_no_error (error);
  reader = reader_try (session, TRUE, &error);
  g_assert_no_error (error);
  other = reader_new (session);
  test_session_exec (session, "echo >go", fds);
  for (guint i = 0; i < 3; i++)
    close (fds[i]);
  test_wait (is_over, reader, "the end of the session");
  test_wait (is_over, other, "the end of the session");

  last = get_record (reader, reader->records->len - 1);
  g_assert_cmpstr (json_object_get_string_member (last, "type"), ==, "end");
  out = collect_output (reader, 1);
  err = collect_output (reader, 2);
  none = collect_output (other, 1);
  g_assert_cmpstr (out, ==, "gr\303\274n \377");
  g_assert_cmpstr (err, ==, "bad\n");
  g_assert_cmpstr (none, ==, "");
}

/* ---- who reads, and how ------------------------------------------------------------------------ */

typedef struct
{
  BrokerFixture *fixture;
  TestSession *session;
  guint n;
} Ended;

static gboolean
has_ended (gpointer user_data)
{
  Ended *ended = user_data;

  return test_session_count_records (ended->fixture, ended->session, "trace-ended", NULL) >= ended->n;
}

static void
assert_ended (BrokerFixture *fixture, TestSession *session, guint n, const char *why)
{
  Ended ended = { fixture, session, n };
  g_autoptr(JsonObject) record = NULL;

  test_wait (has_ended, &ended, why);
  record = test_session_find_record (fixture, session, "trace-ended", NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (record, "why"), ==, why);
}

static void
test_limits (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) handle = NULL;
  Reader *readers[4];
  GVariantDict options;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "redact", "b", FALSE);
  g_assert_false (glb_dbus_session1_call_trace_sync (session->proxy, g_variant_dict_end (&options), NULL, &handle, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "redact"));
  g_clear_error (&error);

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    readers[i] = reader_new (session);
  g_assert_null (reader_try (session, FALSE, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "it has 4 traces already"));
  g_clear_error (&error);
  g_assert_cmpuint (test_session_count_records (fixture, session, "trace-began", NULL), ==, 4);

  /* one that goes makes room, whatever happens then */
  reader_free (readers[0]);
  assert_ended (fixture, session, 1, "reader-gone");
  readers[0] = reader_new (session);
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    reader_free (readers[i]);
  assert_ended (fixture, session, 5, "reader-gone");
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"on\\n\"}", "delivered", NULL);
  terminal_wait_lines (session, "on\n");
}

static void
test_killed (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  Reader *reader;
  int child;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  reader = reader_new (session);
  child = fork ();
  if (child == 0)
    {
      pause ();
      _exit (0);
    }
  g_assert_cmpint (child, >, 0);
  reader_free (reader);
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"on\\n\"}", "delivered", NULL);
  g_assert_cmpuint (test_session_count_records (fixture, session, "trace-ended", NULL), ==, 0);
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  assert_ended (fixture, session, 1, "reader-gone");
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"and on\\n\"}", "delivered", NULL);
  terminal_wait_lines (session, "on\nand on\n");
}

/* Much that is told and costs the session nothing: texts that the policy denies. */
static void
test_slow (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (60000, 'x');
  g_autofree char *action = g_strdup_printf ("{\"action\":\"type\",\"text\":\"%s\"}", text);
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Reader) slow = NULL;
  g_autoptr(Reader) quick = NULL;
  guint n = GLB_TRACE_QUEUE_MAX / 60000 + 5, from = 0;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP_WITH (",\"denyText\":[\"xxx\"]"));
  slow = reader_new (session);
  quick = reader_new (session);
  for (guint i = 0; i < n; i++)
    {
      terminal_assert_result (session, action, "refused", "policy_denied");
      next_action (quick, "agent", &from);
    }
  assert_ended (fixture, session, 1, "slow-reader");
  terminal_assert_result (session, "{\"action\":\"type\",\"text\":\"on\\n\"}", "delivered", NULL);
  assert_action (quick, "agent", &from, "{\"action\":\"type\",\"text\":\"on\\n\"}");
  terminal_wait_lines (session, "on\n");

  /* it has the beginning, and no end */
  test_wait (is_over, slow, "the end of what the slow reader got");
  g_assert_cmpuint (slow->records->len, >=, 2);
  g_assert_cmpuint (slow->records->len, <, n);
  for (guint i = 0; i < slow->records->len; i++)
    g_assert_cmpstr (json_object_get_string_member (get_record (slow, i), "type"), !=, "end");
}

static void
test_end (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(Reader) reader = NULL;
  g_autoptr(JsonObject) audit = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *record;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  reader = reader_new (session);
  glb_dbus_session1_call_stop_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_wait (is_over, reader, "the end of the trace");
  record = get_record (reader, reader->records->len - 1);
  g_assert_cmpstr (json_object_get_string_member (record, "type"), ==, "end");
  g_assert_cmpstr (json_object_get_string_member (record, "reason"), ==, "stopped");
  g_assert_cmpuint (reader->rest->len, ==, 0);
  audit = test_session_find_record (fixture, session, "trace-ended", NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (audit, "why"), ==, "session-ended");

  g_assert_null (reader_try (session, FALSE, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
}

#define ADD(path, function) g_test_add ("/trace/" path, BrokerFixture, NULL, broker_fixture_set_up, function, broker_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("limits", test_limits);
  ADD ("slow-reader", test_slow);
  ADD ("killed-reader", test_killed);
  ADD ("actions", test_actions);
  ADD ("human", test_human);
  ADD ("takeover", test_takeover);
  ADD ("prompt", test_prompt);
  ADD ("output", test_output);
  ADD ("end", test_end);
  return g_test_run ();
}
