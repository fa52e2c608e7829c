/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a trace of a real session with a real terminal says, and who may have one. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <string.h>
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
  record = get_record (reader, reader_find (reader, "windows", 2));
  window = json_array_get_object_element (json_object_get_array_member (record, "windows"), 0);
  g_assert_cmpstr (json_object_get_string_member (window, "title"), ==, "secret words");
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/trace/actions", BrokerFixture, NULL, broker_fixture_set_up, test_actions, broker_fixture_tear_down);
  g_test_add ("/trace/end", BrokerFixture, NULL, broker_fixture_set_up, test_end, broker_fixture_tear_down);
  return g_test_run ();
}
