/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rules of input and the lease's edges, on real sessions with a real terminal. */

#include "config.h"

#include <linux/input-event-codes.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "session-broker/client/glb-broker-error.h"
#include "tests/broker/terminal-fixture.h"

/* (transfer full) */
static JsonNode *
act (TestSession *session, const char *action)
{
  g_autofree char *text = test_session_act (session, action, NULL);
  JsonNode *node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return node;
}

static void
assert_denied (TestSession *session, const char *action, const char *code, const char *words)
{
  g_autoptr(JsonNode) node = act (session, action);
  g_autofree char *text = json_to_string (node, FALSE);
  JsonObject *object = json_node_get_object (node);

  if (g_strcmp0 (json_object_get_string_member_with_default (object, "code", NULL), code) != 0 ||
      strstr (json_object_get_string_member_with_default (object, "message", ""), words) == NULL)
    g_error ("%s gave %s, not %s with %s", action, text, code, words);
}

static void
assert_done (TestSession *session, const char *action)
{
  terminal_assert_result (session, action, "delivered", NULL);
}

static guint64
take (TestSession *session)
{
  g_autoptr(GError) error = NULL;
  guint64 epoch;

  glb_dbus_session1_call_take_lease_sync (session->proxy, &epoch, NULL, &error);
  g_assert_no_error (error);
  return epoch;
}

/* (transfer full): what it said */
static JsonNode *
give_back (TestSession *session)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *meanwhile = NULL;

  glb_dbus_session1_call_release_lease_sync (session->proxy, &meanwhile, NULL, &error);
  g_assert_no_error (error);
  return json_from_string (meanwhile, NULL);
}

/* Each record of the session so far: (transfer full) (element-type JsonObject) */
static GPtrArray *
read_records (BrokerFixture *fixture, TestSession *session)
{
  g_autofree char *name = g_strconcat (glb_dbus_session1_get_id (session->proxy), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->audit_dir, name, NULL);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], NULL);

      g_assert_nonnull (node);
      g_ptr_array_add (records, json_node_dup_object (node));
    }
  return records;
}

/* The number of the first record of event after from, or -1. */
static int
find_record (GPtrArray *records, int from, const char *event, const char *actor)
{
  for (guint i = from + 1; i < records->len; i++)
    {
      JsonObject *record = g_ptr_array_index (records, i);

      if (g_str_equal (json_object_get_string_member (record, "event"), event) &&
          (actor == NULL || g_str_equal (json_object_get_string_member (record, "actor"), actor)))
        return i;
    }
  return -1;
}

/* ---- denials ------------------------------------------------------------------------ */

static void
test_bad_policy (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *chord = NULL;
  g_autofree char *gamepad = NULL;
  const char *argv[] = { "true", NULL };
  g_autoptr(GError) error = NULL;

  if (fixture->root == NULL)
    return;

  chord = test_policy ("session", DESKTOP_WITH (",\"denyChords\":[\"ctrl+nokey\"]"));
  g_assert_null (broker_fixture_run (fixture, NULL, test_options (chord, TRUE), argv, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "/desktop/input/denyChords"));
  g_clear_error (&error);

  gamepad = test_policy ("session", DESKTOP_WITH (",\"gamepad\":true"));
  g_assert_null (broker_fixture_run (fixture, NULL, test_options (gamepad, TRUE), argv, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
}

/* The host is asked for the layout before anything starts. */
static void
test_no_layout (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *policy = test_policy ("session", DESKTOP_WITH (",\"keyboardLayout\":\"de(nosuch)\""));
  const char *argv[] = { "true", NULL };
  g_autoptr(GError) error = NULL;

  if (fixture->root == NULL)
    return;

  g_assert_null (broker_fixture_run (fixture, NULL, test_options (policy, TRUE), argv, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
  g_assert_nonnull (strstr (error->message, "/desktop/input/keyboardLayout: This host has no keyboard layout \"de(nosuch)\""));
}

/* On a German keyboard a person's key beside T writes z, and the agent's z is found there; any text is typed as before. */
static void
test_layout (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  guint64 epoch;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP_WITH (",\"keyboardLayout\":\"de\",\"denyChords\":[\"ctrl+z\"]"));
  assert_denied (session, "{\"action\":\"key\",\"text\":\"ctrl+z\"}", "policy_denied", "the policy denies the chord \"ctrl+z\"");
  assert_denied (session, "{\"action\":\"hold_key\",\"text\":\"ł\",\"duration\":0}", "malformed", "is not on the \"de\" keyboard");
  assert_done (session, "{\"action\":\"key\",\"text\":\"z y Z ssharp altgr+q Return\"}");
  terminal_wait_lines (session, "zyZß@\n");

  epoch = take (session);
  terminal_press (session, epoch, KEY_Y);
  terminal_press (session, epoch, KEY_Z);
  terminal_press (session, epoch, KEY_MINUS);
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, KEY_RIGHTALT, 1, 0, 0, NULL));
  terminal_press (session, epoch, KEY_E);
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, KEY_RIGHTALT, 0, 0, 0, NULL));
  /* a dead key, and what it is for */
  terminal_press (session, epoch, KEY_EQUAL);
  terminal_press (session, epoch, KEY_E);
  terminal_press (session, epoch, KEY_ENTER);
  terminal_wait_lines (session, "zyZß@\nzyß€é\n");
  json_node_unref (give_back (session));

  assert_done (session, "{\"action\":\"type\",\"text\":\"[zY] {@} ^`'\\\\ äß€ łЖ漢🙂\\n\"}");
  terminal_wait_lines (session, "zyZß@\nzyß€é\n[zY] {@} ^`'\\ äß€ łЖ漢🙂\n");
}

static void
test_chords (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GPtrArray) records = NULL;
  JsonObject *record;
  guint64 epoch;

  SKIP_WITHOUT_DESKTOP (fixture);

  /* Ctrl+C would end the shell, Ctrl+D its input. */
  session = terminal_run (fixture, DESKTOP_WITH (",\"denyChords\":[\"ctrl+*\",\"F4\"]"));
  assert_denied (session, "{\"action\":\"key\",\"text\":\"ctrl+c\"}", "policy_denied", "the policy denies the chord \"ctrl+*\"");
  assert_denied (session, "{\"action\":\"key\",\"text\":\"a d+ctrl\"}", "policy_denied", "\"ctrl+*\"");
  assert_denied (session, "{\"action\":\"hold_key\",\"text\":\"ctrl+d\",\"duration\":0.02}", "policy_denied", "\"ctrl+*\"");
  assert_denied (session, "{\"action\":\"left_click\",\"coordinate\":[320,240],\"text\":\"ctrl+c\"}", "policy_denied", "\"ctrl+*\"");
  assert_denied (session, "{\"action\":\"key\",\"text\":\"alt+F4\"}", "policy_denied", "\"F4\"");
  assert_done (session, "{\"action\":\"left_click\",\"coordinate\":[320,240],\"text\":\"ctrl\"}");
  assert_done (session, "{\"action\":\"type\",\"text\":\"alive\\n\"}");
  terminal_wait_lines (session, "alive\n");

  /* the person is not bound by them: Ctrl+U empties the line */
  epoch = take (session);
  terminal_press (session, epoch, KEY_X);
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, KEY_LEFTCTRL, 1, 0, 0, NULL));
  terminal_press (session, epoch, KEY_U);
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_KEY, KEY_LEFTCTRL, 0, 0, 0, NULL));
  terminal_press (session, epoch, KEY_Y);
  terminal_press (session, epoch, KEY_ENTER);
  terminal_wait_lines (session, "alive\ny\n");

  records = read_records (fixture, session);
  g_assert_cmpint (find_record (records, -1, "action-refused", "agent"), >, 0);
  record = g_ptr_array_index (records, find_record (records, -1, "action-refused", "agent"));
  record = json_object_get_object_member (record, "result");
  g_assert_cmpstr (json_object_get_string_member (record, "code"), ==, "policy_denied");
  g_assert_nonnull (strstr (json_object_get_string_member (record, "message"), "desktop.input.denyChords"));
}

static void
test_text (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP_WITH (",\"denyText\":[\"rm -rf\"]"));
  assert_denied (session, "{\"action\":\"type\",\"text\":\"rm -rf /\\n\"}", "policy_denied", "desktop.input.denyText");
  assert_done (session, "{\"action\":\"type\",\"text\":\"rm -\"}");
  assert_done (session, "{\"action\":\"key\",\"text\":\"r\"}");
  assert_denied (session, "{\"action\":\"key\",\"text\":\"f\"}", "policy_denied", "\"rm -rf\"");
  assert_denied (session, "{\"action\":\"hold_key\",\"text\":\"f\",\"duration\":0.02}", "policy_denied", "\"rm -rf\"");
  assert_denied (session, "{\"action\":\"type\",\"text\":\"f\\n\"}", "policy_denied", "\"rm -rf\"");
  assert_done (session, "{\"action\":\"key\",\"text\":\"BackSpace\"}");
  assert_done (session, "{\"action\":\"type\",\"text\":\"f\\n\"}");
  terminal_wait_lines (session, "rm -f\n");
}

static void
test_windows (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  guint64 epoch;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP_WITH (",\"denyWindows\":[{\"appId\":\"foot\",\"title\":\"secret *\"},{\"appId\":\"vault\"}]"));
  assert_done (session, "{\"action\":\"type\",\"text\":\"secret plans\\n\"}");
  terminal_wait_title (session, "secret plans");
  assert_denied (session, "{\"action\":\"type\",\"text\":\"a\"}", "policy_denied", "the focused window is one that the policy denies");
  assert_denied (session, "{\"action\":\"key\",\"text\":\"Return\"}", "policy_denied", "desktop.input.denyWindows");
  assert_denied (session, "{\"action\":\"left_click\",\"coordinate\":[320,240]}", "policy_denied", "the window at [320, 240]");
  assert_done (session, "{\"action\":\"mouse_move\",\"coordinate\":[320,240]}");

  /* the person may, and makes it another window by that */
  epoch = take (session);
  terminal_press (session, epoch, KEY_X);
  terminal_press (session, epoch, KEY_ENTER);
  terminal_wait_title (session, "x");
  json_node_unref (give_back (session));
  assert_done (session, "{\"action\":\"type\",\"text\":\"y\\n\"}");
  assert_done (session, "{\"action\":\"left_click\",\"coordinate\":[320,240]}");
  terminal_wait_lines (session, "secret plans\nx\ny\n");
}

static void
assert_pointer (TestSession *session, int x, int y)
{
  g_autoptr(JsonNode) node = act (session, "{\"action\":\"cursor_position\"}");
  JsonArray *pointer = json_object_get_array_member (json_node_get_object (node), "pointer");

  g_assert_cmpint (json_array_get_int_element (pointer, 0), ==, x);
  g_assert_cmpint (json_array_get_int_element (pointer, 1), ==, y);
}

static void
test_regions (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  /* Weston's own pointer would begin at 100, 100. */
  session = terminal_run (fixture, DESKTOP_WITH (",\"denyRegions\":[[100,100,50,50]]"));
  assert_pointer (session, 0, 0);
  assert_denied (session, "{\"action\":\"left_click\",\"coordinate\":[120,120]}", "policy_denied", "in the region [100, 100, 50, 50]");
  assert_denied (session, "{\"action\":\"left_click_drag\",\"start_coordinate\":[90,120],\"coordinate\":[200,120]}", "policy_denied", "region");
  assert_done (session, "{\"action\":\"left_mouse_down\",\"coordinate\":[90,120]}");
  assert_denied (session, "{\"action\":\"mouse_move\",\"coordinate\":[200,120]}", "policy_denied", "a part of the drag to [200, 120]");
  assert_done (session, "{\"action\":\"left_mouse_up\"}");
  assert_done (session, "{\"action\":\"left_click\",\"coordinate\":[200,120]}");
}

static void
test_confinement (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  guint64 epoch;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP_WITH (",\"confinePointer\":[100,50,200,100]"));
  assert_denied (session, "{\"action\":\"left_click\",\"coordinate\":[99,60]}", "policy_denied",
                 "[99, 60] is outside [100, 50, 200, 100]");
  /* it was put inside before anybody could move it */
  assert_pointer (session, 100, 50);
  assert_done (session, "{\"action\":\"left_click\"}");

  epoch = take (session);
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_MOTION, 0, 0, 600 * 256, 400 * 256, &error));
  g_assert_no_error (error);
  assert_pointer (session, 299, 149);
  assert_denied (session, "{\"action\":\"left_click\",\"coordinate\":[99,60]}", "policy_denied", "outside");
  json_node_unref (give_back (session));
  assert_done (session, "{\"action\":\"left_click\",\"coordinate\":[100,50]}");
}

/* A person's fingers are for a session whose policy gives it a touch screen, and stay where the pointer would. */
static void
test_touch (BrokerFixture *fixture, gconstpointer data)
{
  const char *argv[] = { "weston-simple-touch", NULL };
  g_autofree char *policy = test_policy ("session", DESKTOP_WITH (",\"touch\":true,\"confinePointer\":[100,50,200,100]"));
  g_autoptr(TestSession) without = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GError) error = NULL;
  gint64 frame;
  guint64 epoch;

  SKIP_WITHOUT_DESKTOP (fixture);
  if (!g_file_test ("/usr/bin/weston-simple-touch", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("weston-simple-touch is missing; install the package weston");
      return;
    }

  without = terminal_run (fixture, DESKTOP);
  epoch = take (without);
  g_assert_false (glb_dbus_session1_get_touch (without->proxy));
  g_assert_false (terminal_send (without, epoch, GLB_SHIM_EVENT_TOUCH_DOWN, 0, 0, 25600, 25600, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "an event is no event of this screen"));
  g_clear_error (&error);

  session = broker_fixture_run (fixture, NULL, test_options (policy, TRUE), argv, &error);
  g_assert_no_error (error);
  test_session_wait_window (session);
  g_assert_true (glb_dbus_session1_get_touch (session->proxy));
  epoch = take (session);
  g_assert_false (terminal_send (session, epoch, GLB_SHIM_EVENT_TOUCH_DOWN, GLB_SHIM_TOUCHES_MAX, 0, 0, 0, NULL));
  g_assert_false (terminal_send (session, epoch, GLB_SHIM_EVENT_TOUCH_MOTION, 0, 0, 640 * 256, 0, NULL));
  frame = terminal_settle (session);
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_TOUCH_DOWN, 0, 0, 25600, 25600, &error));
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_TOUCH_MOTION, 0, 0, 26600, 26600, &error));
  g_assert_true (terminal_send (session, epoch, GLB_SHIM_EVENT_TOUCH_UP, 0, 0, 0, 0, &error));
  g_assert_no_error (error);
  g_assert_cmpint (terminal_settle (session), >, frame);
}

static void
test_rates (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP_WITH (",\"maxEventsPerSecond\":2"));
  assert_denied (session, "{\"action\":\"type\",\"text\":\"ab\"}", "rate_limited", "4 seat events at once, and the policy allows 2 a second");
  assert_denied (session, "{\"action\":\"double_click\"}", "rate_limited", "wait");
  assert_done (session, "{\"action\":\"type\",\"text\":\"a\"}");
}

static void
test_expect (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *stale = NULL;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  stale = g_strdup_printf ("{\"action\":\"type\",\"text\":\"no\\n\",\"expect\":{\"frameId\":%" G_GINT64_FORMAT "}}", terminal_settle (session) + 7);
  assert_denied (session, "{\"action\":\"type\",\"text\":\"no\\n\",\"expect\":{\"app\":\"foot\"}}", "malformed", "does not take \"app\"");
  assert_denied (session, stale, "stale_frame", "look again");
  assert_denied (session, "{\"action\":\"type\",\"text\":\"no\\n\",\"expect\":{\"appId\":\"browser\"}}", "expectation_failed", "appId \"foot\"");
  assert_denied (session, "{\"action\":\"left_click\",\"coordinate\":[320,240],\"expect\":{\"window\":999}}", "expectation_failed", "it would act on window");
  assert_denied (session, "{\"action\":\"key\",\"text\":\"Return\",\"expect\":{\"focus\":{\"title\":\"other\"}}}", "expectation_failed", "the focus is on");
  assert_done (session, "{\"action\":\"type\",\"text\":\"yes\\n\",\"expect\":{\"appId\":\"fo*\",\"focus\":true}}");
  terminal_wait_lines (session, "yes\n");
  terminal_wait_title (session, "yes");
  assert_done (session, "{\"action\":\"left_click\",\"coordinate\":[320,240],\"expect\":{\"title\":\"y?s\",\"focus\":{\"appId\":\"foot\"}}}");
}

/* ---- the lease ------------------------------------------------------------------------ */

static void
test_meanwhile (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(JsonNode) nothing = NULL;
  g_autoptr(JsonNode) driven = NULL;
  g_autoptr(JsonNode) meanwhile = NULL;
  g_autoptr(JsonNode) first = NULL;
  g_autoptr(JsonNode) second = NULL;
  g_autoptr(JsonNode) status = NULL;
  JsonObject *object;
  guint64 epoch;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  nothing = act (session, "{\"action\":\"lease_status\"}");
  object = json_node_get_object (nothing);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (object, "lease"), "driver"), ==, "agent");
  g_assert_false (json_object_has_member (object, "meanwhile"));

  epoch = take (session);
  driven = act (session, "{\"action\":\"lease_status\"}");
  object = json_object_get_object_member (json_node_get_object (driven), "lease");
  g_assert_cmpstr (json_object_get_string_member (object, "driver"), ==, "human");
  g_assert_cmpint (json_object_get_int_member (object, "epoch"), ==, epoch);
  terminal_press (session, epoch, KEY_H);
  terminal_press (session, epoch, KEY_ENTER);
  terminal_wait_title (session, "h");
  terminal_settle (session);
  meanwhile = give_back (session);

  object = json_node_get_object (meanwhile);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (object, "changed"), "width"), >, 0);
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (object, "frames"), 1), >,
                   json_array_get_int_element (json_object_get_array_member (object, "frames"), 0));
  object = json_array_get_object_element (json_object_get_array_member (json_object_get_object_member (object, "windows"), "retitled"), 0);
  g_assert_cmpstr (json_object_get_string_member (object, "title"), ==, "h");

  /* the agent hears once, whatever it does first, and again when it asks */
  first = act (session, "{\"action\":\"left_click\",\"coordinate\":[9999,1]}");
  g_assert_true (json_node_equal (json_object_get_member (json_node_get_object (first), "meanwhile"), meanwhile));
  second = act (session, "{\"action\":\"cursor_position\"}");
  g_assert_false (json_object_has_member (json_node_get_object (second), "meanwhile"));
  status = act (session, "{\"action\":\"lease_status\"}");
  g_assert_true (json_node_equal (json_object_get_member (json_node_get_object (status), "meanwhile"), meanwhile));
}

#define FLOOD_OPEN 6

typedef struct
{
  TestSession *session;
  guint n_sent, n_answered, n_open;
  guint n_delivered;
  guint last_answered;       /* its number */
  guint n_wanted;            /* answers */
  gboolean fenced;           /* the takeover was answered */
  guint n_sent_fenced;       /* when that was */
  gboolean stop;
} Flood;

typedef struct
{
  Flood *flood;
  guint number;
} Drop;

static void pour (Flood *flood);

static void
poured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Drop *drop = user_data;
  Flood *flood = drop->flood;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  gboolean delivered;

  glb_dbus_session1_call_act_finish (GLB_DBUS_SESSION1 (source), &text, NULL, NULL, result, &error);
  g_assert_no_error (error);
  delivered = strstr (text, "\"delivered\"") != NULL;
  if (!delivered && strstr (text, "lease_human") == NULL)
    g_error ("The agent's action gave %s", text);
  /* what is sent after the takeover's answer is not delivered */
  g_assert_false (delivered && flood->fenced && drop->number >= flood->n_sent_fenced);
  flood->n_delivered += delivered;
  flood->n_answered++;
  flood->last_answered = drop->number;
  flood->n_open--;
  pour (flood);
}

/* 800 characters, which take the compositor some 100 ms; five of them would not fit a terminal's line of 4095. */
#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A200 A50 A50 A50 A50
#define N_ACTIONS 3

/* Text is many events at once, and the compositor is at it for a while; keys come one by one, then the wheel. */
static void
pour (Flood *flood)
{
  static const char * const actions[N_ACTIONS] = {
    "{\"action\":\"type\",\"text\":\"" A200 A200 A200 A200 "\"}",
    "{\"action\":\"key\",\"text\":\"a a\"}",
    "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":5}",
  };

  while (!flood->stop && flood->n_open < FLOOD_OPEN)
    {
      Drop *drop = g_new0 (Drop, 1);

      drop->flood = flood;
      drop->number = flood->n_sent;
      glb_dbus_session1_call_act (flood->session->proxy, actions[flood->n_sent % N_ACTIONS], NULL, NULL, poured_cb, drop);
      flood->n_sent++;
      flood->n_open++;
    }
}

static gboolean
has_answers (gpointer user_data)
{
  Flood *flood = user_data;

  return flood->n_answered >= flood->n_wanted;
}

/* The wheel was the last: the text is being typed now. */
static gboolean
is_typing (gpointer user_data)
{
  Flood *flood = user_data;

  return has_answers (flood) && flood->last_answered % N_ACTIONS == N_ACTIONS - 1;
}

static gboolean
is_dry (gpointer user_data)
{
  Flood *flood = user_data;

  return flood->n_open == 0;
}

static gboolean
has_line (gpointer user_data)
{
  g_autofree char *lines = terminal_read_lines (user_data);

  return strchr (lines, '\n') != NULL;
}

/*
 * An agent pours 200 events a second and more into a terminal while a person
 * takes over. The terminal hears them in the compositor's own order: after the
 * person's first key none of the agent's follows. The record says the same.
 */
static void
test_fence (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  /* An agent of its own, with a connection of its own: the person's may not be mistaken for it. */
  g_autoptr(GlbClient) other = NULL;
  g_autoptr(GlbDBusSession1) elsewhere = NULL;
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *lines = NULL;
  TestSession agent = { 0 };
  Flood flood = { &agent };
  gint64 start, took;
  guint64 epoch;
  gsize n_agent;
  int taken, released;

  SKIP_WITHOUT_DESKTOP (fixture);

  session = terminal_run (fixture, DESKTOP);
  other = glb_client_new_sync (FALSE, NULL, &error);
  g_assert_no_error (error);
  elsewhere = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (other), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy)), NULL, &error);
  g_assert_no_error (error);
  agent.proxy = elsewhere;

  pour (&flood);
  flood.n_wanted = 9;
  start = g_get_monotonic_time ();
  test_wait (is_typing, &flood, "the agent to be at work");
  took = g_get_monotonic_time () - start;
  epoch = take (session);
  flood.n_sent_fenced = flood.n_sent;
  flood.fenced = TRUE;
  terminal_press (session, epoch, KEY_H);
  flood.n_wanted = flood.n_answered + FLOOD_OPEN + 30;
  test_wait (has_answers, &flood, "the agent to be refused");
  terminal_press (session, epoch, KEY_H);
  terminal_press (session, epoch, KEY_ENTER);
  test_wait (has_line, session, "the line");
  flood.stop = TRUE;
  test_wait (is_dry, &flood, "the last answers");
  json_node_unref (give_back (session));

  lines = terminal_read_lines (session);
  n_agent = strspn (lines, "a");
  g_test_message ("%u actions sent, %u delivered, %" G_GSIZE_FORMAT " characters: about %.0f events a second", flood.n_sent,
                  flood.n_delivered, n_agent, n_agent * 2.0 * G_USEC_PER_SEC / took);
  g_assert_cmpuint (n_agent, >=, 2400);
  g_assert_cmpstr (lines + n_agent, ==, "hh\n");

  records = read_records (fixture, session);
  taken = find_record (records, -1, "lease-taken", "human");
  released = find_record (records, taken, "lease-released", "human");
  g_assert_cmpint (taken, >, 0);
  g_assert_cmpint (released, >, taken);
  g_assert_cmpint (find_record (records, -1, "action", "agent"), <, taken);
  g_assert_cmpint (find_record (records, taken, "action-refused", "agent"), >, taken);
  g_assert_cmpint (find_record (records, taken, "human-input", "human"), >, taken);
  g_assert_cmpint (find_record (records, taken, "action", "agent"), ==, -1);
}

#define ADD(path, function) \
  g_test_add ("/input/" path, BrokerFixture, NULL, broker_fixture_set_up, function, broker_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("refused/policy", test_bad_policy);
  ADD ("refused/layout", test_no_layout);
  ADD ("refused/chords", test_chords);
  ADD ("layout", test_layout);
  ADD ("touch", test_touch);
  ADD ("refused/text", test_text);
  ADD ("refused/windows", test_windows);
  ADD ("refused/regions", test_regions);
  ADD ("refused/confinement", test_confinement);
  ADD ("refused/rates", test_rates);
  ADD ("refused/expect", test_expect);
  ADD ("meanwhile", test_meanwhile);
  ADD ("fence", test_fence);
  return g_test_run ();
}
