/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-action.h"

#include <string.h>

#include "policies/glb-json-writer.h"

static GlbAction *
parse (const char *json)
{
  g_autoptr(GError) error = NULL;
  GlbAction *action = glb_action_new_from_json (NULL, json, strlen (json), &error);

  g_assert_no_error (error);
  g_assert_nonnull (action);
  return action;
}

/* What must be refused: with which code, and which words the one line has. */
static const struct { const char *json; GlbActionError code; const char *words; } refusals[] = {
  /* not an action at all */
  { "", GLB_ACTION_ERROR_MALFORMED, "JSON" },
  { "{", GLB_ACTION_ERROR_MALFORMED, "JSON" },
  { "[]", GLB_ACTION_ERROR_MALFORMED, "JSON object" },
  { "\"left_click\"", GLB_ACTION_ERROR_MALFORMED, "JSON object" },
  { "{}", GLB_ACTION_ERROR_MALFORMED, "possible actions: screenshot, zoom" },
  { "{\"action\":1}", GLB_ACTION_ERROR_MALFORMED, "possible actions" },
  { "{\"action\":null}", GLB_ACTION_ERROR_MALFORMED, "possible actions" },
  { "{\"action\":\"click\"}", GLB_ACTION_ERROR_MALFORMED, "There is no action \"click\"; possible actions: screenshot" },
  { "{\"action\":\"LEFT_CLICK\"}", GLB_ACTION_ERROR_MALFORMED, "no action" },
  { "{\"action\":\"wait\",\"action\":\"wait\",\"duration\":1}", GLB_ACTION_ERROR_MALFORMED, "JSON" },
  { "{\"action\":\"screenshot\",}", GLB_ACTION_ERROR_MALFORMED, "JSON" },
  { "{\"action\":\"screenshot\"} // no", GLB_ACTION_ERROR_MALFORMED, "JSON" },
  { "{\"action\":\"screenshot\",\"settle\":{\"a\":[[[[[[[[[[1]]]]]]]]]]}}", GLB_ACTION_ERROR_MALFORMED, "JSON" },
  /* parameters that the action does not take */
  { "{\"action\":\"screenshot\",\"coordinate\":[1,2]}", GLB_ACTION_ERROR_MALFORMED,
    "screenshot does not take \"coordinate\"; possible parameters: settle, screenshot, frameId, expect" },
  { "{\"action\":\"left_click\",\"x\":1}", GLB_ACTION_ERROR_MALFORMED, "possible parameters: coordinate, text" },
  { "{\"action\":\"type\",\"text\":\"a\",\"key\":\"a\"}", GLB_ACTION_ERROR_MALFORMED, "does not take \"key\"" },
  { "{\"action\":\"left_click\",\"evil\\n\\u001b[31m\":1}", GLB_ACTION_ERROR_MALFORMED, "does not take \"evil" },
  /* parameters that it needs */
  { "{\"action\":\"mouse_move\"}", GLB_ACTION_ERROR_MALFORMED, "mouse_move needs coordinate" },
  { "{\"action\":\"zoom\"}", GLB_ACTION_ERROR_MALFORMED, "zoom needs region" },
  { "{\"action\":\"left_click_drag\",\"start_coordinate\":[1,2]}", GLB_ACTION_ERROR_MALFORMED, "needs coordinate" },
  { "{\"action\":\"scroll\",\"coordinate\":[1,2]}", GLB_ACTION_ERROR_MALFORMED, "needs scroll_direction, scroll_amount" },
  { "{\"action\":\"key\"}", GLB_ACTION_ERROR_MALFORMED, "key needs text" },
  { "{\"action\":\"hold_key\",\"text\":\"a\"}", GLB_ACTION_ERROR_MALFORMED, "hold_key needs duration" },
  { "{\"action\":\"type\"}", GLB_ACTION_ERROR_MALFORMED, "type needs text" },
  { "{\"action\":\"wait\"}", GLB_ACTION_ERROR_MALFORMED, "wait needs duration" },
  /* wrong types */
  { "{\"action\":\"mouse_move\",\"coordinate\":\"[1,2]\"}", GLB_ACTION_ERROR_MALFORMED, "coordinate must be [x, y] in whole pixels" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[1]}", GLB_ACTION_ERROR_MALFORMED, "[x, y]" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[1,2,3]}", GLB_ACTION_ERROR_MALFORMED, "[x, y]" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[1,2.5]}", GLB_ACTION_ERROR_MALFORMED, "whole pixels" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[1,null]}", GLB_ACTION_ERROR_MALFORMED, "whole pixels" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[1,[2]]}", GLB_ACTION_ERROR_MALFORMED, "whole pixels" },
  { "{\"action\":\"mouse_move\",\"coordinate\":null}", GLB_ACTION_ERROR_MALFORMED, "[x, y]" },
  { "{\"action\":\"mouse_move\",\"coordinate\":{\"x\":1,\"y\":2}}", GLB_ACTION_ERROR_MALFORMED, "[x, y]" },
  { "{\"action\":\"type\",\"text\":7}", GLB_ACTION_ERROR_MALFORMED, "text must be a string" },
  { "{\"action\":\"wait\",\"duration\":\"1\"}", GLB_ACTION_ERROR_MALFORMED, "number of seconds" },
  { "{\"action\":\"wait\",\"duration\":true}", GLB_ACTION_ERROR_MALFORMED, "number of seconds" },
  { "{\"action\":\"scroll\",\"scroll_direction\":\"north\",\"scroll_amount\":1}", GLB_ACTION_ERROR_MALFORMED, "\"up\", \"down\", \"left\" or \"right\"" },
  { "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":1.5}", GLB_ACTION_ERROR_MALFORMED, "whole number" },
  { "{\"action\":\"screenshot\",\"screenshot\":1}", GLB_ACTION_ERROR_MALFORMED, "true or false" },
  { "{\"action\":\"screenshot\",\"settle\":1}", GLB_ACTION_ERROR_MALFORMED, "settle must be true, false or" },
  { "{\"action\":\"screenshot\",\"settle\":{\"quiet\":1}}", GLB_ACTION_ERROR_MALFORMED, "settle must be" },
  { "{\"action\":\"screenshot\",\"settle\":{\"quietMs\":\"1\"}}", GLB_ACTION_ERROR_MALFORMED, "settle.quietMs" },
  { "{\"action\":\"screenshot\",\"frameId\":\"1\"}", GLB_ACTION_ERROR_MALFORMED, "frameId" },
  { "{\"action\":\"left_click\",\"text\":\"ctrl\",\"key\":\"ctrl\"}", GLB_ACTION_ERROR_MALFORMED, "text and key mean the same" },
  { "{\"action\":\"left_click\",\"text\":\"ctrl shift\"}", GLB_ACTION_ERROR_MALFORMED, "one chord" },
  { "{\"action\":\"hold_key\",\"text\":\"a b\",\"duration\":1}", GLB_ACTION_ERROR_MALFORMED, "one chord" },
  { "{\"action\":\"type\",\"text\":\"\"}", GLB_ACTION_ERROR_MALFORMED, "not empty" },
  { "{\"action\":\"type\",\"text\":\"a\\u0008b\"}", GLB_ACTION_ERROR_MALFORMED, "printable" },
  { "{\"action\":\"type\",\"text\":\"a\\u001b[A\"}", GLB_ACTION_ERROR_MALFORMED, "printable" },
  { "{\"action\":\"type\",\"text\":\"a\\rb\"}", GLB_ACTION_ERROR_MALFORMED, "printable" },
  { "{\"action\":\"type\",\"text\":\"a\\u009bb\"}", GLB_ACTION_ERROR_MALFORMED, "printable" },
  { "{\"action\":\"type\",\"text\":\"a\\u0000b\"}", GLB_ACTION_ERROR_MALFORMED, "" },
  { "{\"action\":\"clipboard_write\"}", GLB_ACTION_ERROR_MALFORMED, "clipboard_write needs text" },
  { "{\"action\":\"clipboard_write\",\"text\":\"\"}", GLB_ACTION_ERROR_MALFORMED, "not empty" },
  { "{\"action\":\"clipboard_read\",\"text\":\"a\"}", GLB_ACTION_ERROR_MALFORMED, "does not take \"text\"" },
  { "{\"action\":\"activate_window\"}", GLB_ACTION_ERROR_MALFORMED, "activate_window needs window" },
  { "{\"action\":\"close_window\",\"window\":\"7\"}", GLB_ACTION_ERROR_MALFORMED, "see list_windows" },
  /* out of range */
  { "{\"action\":\"close_window\",\"window\":0}", GLB_ACTION_ERROR_OUT_OF_RANGE, "see list_windows" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[-1,2]}", GLB_ACTION_ERROR_OUT_OF_RANGE, "within 0 to 32767" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[1,32768]}", GLB_ACTION_ERROR_OUT_OF_RANGE, "within 0 to 32767" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[1,9223372036854775807]}", GLB_ACTION_ERROR_OUT_OF_RANGE, "within" },
  { "{\"action\":\"zoom\",\"region\":[10,10,10,20]}", GLB_ACTION_ERROR_OUT_OF_RANGE, "x1 < x2" },
  { "{\"action\":\"zoom\",\"region\":[10,20,20,10]}", GLB_ACTION_ERROR_OUT_OF_RANGE, "y1 < y2" },
  { "{\"action\":\"wait\",\"duration\":100.001}", GLB_ACTION_ERROR_OUT_OF_RANGE, "0 to 100 seconds" },
  { "{\"action\":\"wait\",\"duration\":-0.1}", GLB_ACTION_ERROR_OUT_OF_RANGE, "0 to 100 seconds" },
  { "{\"action\":\"wait\",\"duration\":1e300}", GLB_ACTION_ERROR_OUT_OF_RANGE, "0 to 100 seconds" },
  { "{\"action\":\"hold_key\",\"text\":\"a\",\"duration\":101}", GLB_ACTION_ERROR_OUT_OF_RANGE, "0 to 100 seconds" },
  { "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":0}", GLB_ACTION_ERROR_OUT_OF_RANGE, "1 to 100" },
  { "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":-3}", GLB_ACTION_ERROR_OUT_OF_RANGE, "1 to 100" },
  { "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":101}", GLB_ACTION_ERROR_OUT_OF_RANGE, "1 to 100" },
  { "{\"action\":\"screenshot\",\"settle\":{\"quietMs\":0}}", GLB_ACTION_ERROR_OUT_OF_RANGE, "settle.quietMs must be 1 to" },
  { "{\"action\":\"screenshot\",\"settle\":{\"maxMs\":60001}}", GLB_ACTION_ERROR_OUT_OF_RANGE, "settle.maxMs must be 1 to 60000" },
  { "{\"action\":\"screenshot\",\"settle\":{\"quietMs\":500,\"maxMs\":100}}", GLB_ACTION_ERROR_OUT_OF_RANGE, "at most settle.maxMs" },
  { "{\"action\":\"screenshot\",\"frameId\":-1}", GLB_ACTION_ERROR_OUT_OF_RANGE, "frameId" },
  /* keys */
  { "{\"action\":\"key\",\"text\":\"Retrun\"}", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key named \"Retrun\"" },
  { "{\"action\":\"key\",\"text\":\"\"}", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key name" },
  { "{\"action\":\"left_click\",\"text\":\"hyperspace\"}", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key named" },
  { "{\"action\":\"hold_key\",\"text\":\"ł\",\"duration\":1}", GLB_ACTION_ERROR_UNKNOWN_KEY, "not held" },
};

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAction) action = glb_action_new_from_json (NULL, refusals[i].json, strlen (refusals[i].json), &error);

      g_test_message ("%s: %s", refusals[i].json, error != NULL ? error->message : "accepted");
      g_assert_null (action);
      g_assert_error (error, GLB_ACTION_ERROR, (int) refusals[i].code);
      g_assert_nonnull (strstr (error->message, refusals[i].words));
      for (const char *p = error->message; *p != '\0'; p++)
        g_assert_false (g_ascii_iscntrl (*p));
    }
}

static void
test_size_limit (void)
{
  g_autofree char *filler = g_strnfill (GLB_ACTION_BYTES_MAX, 'a');
  g_autofree char *json = g_strdup_printf ("{\"action\":\"type\",\"text\":\"%s\"}", filler);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAction) action = glb_action_new_from_json (NULL, json, strlen (json), &error);

  g_assert_null (action);
  g_assert_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED);

  /* As long as it may be. */
  g_free (json);
  json = g_strdup_printf ("{\"action\":\"type\",\"text\":\"%s\"}", filler + strlen ("{'action':'type','text':''}"));
  action = parse (json);
  g_assert_cmpuint (strlen (json), ==, GLB_ACTION_BYTES_MAX);
  g_assert_cmpuint (strlen (action->text), ==, GLB_ACTION_BYTES_MAX - strlen ("{'action':'type','text':''}"));
}

static void
test_long_text_in_node (void)
{
  g_autofree char *filler = g_strnfill (GLB_ACTION_BYTES_MAX + 1, 'a');
  g_autoptr(JsonNode) node = json_from_string ("{\"action\":\"type\"}", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAction) action = NULL;

  json_object_set_string_member (json_node_get_object (node), "text", filler);
  action = glb_action_new_from_node (NULL, node, &error);
  g_assert_null (action);
  g_assert_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE);
}

static void
test_quirks (void)
{
  g_autoptr(GlbAction) click = parse ("{\"action\":\"left_click\"}");
  g_autoptr(GlbAction) held = parse ("{\"action\":\"left_click\",\"coordinate\":[3,4],\"text\":\"ctrl+shift\"}");
  g_autoptr(GlbAction) quickstart = parse ("{\"action\":\"scroll\",\"coordinate\":[3,4],\"scroll_direction\":\"down\","
                                           "\"scroll_amount\":5,\"key\":\"ctrl\"}");
  g_autoptr(GlbAction) drag = parse ("{\"action\":\"left_click_drag\",\"coordinate\":[30,40]}");
  g_autoptr(GlbAction) longest = parse ("{\"action\":\"wait\",\"duration\":100}");
  g_autoptr(GlbAction) typed = parse ("{\"action\":\"type\",\"text\":\"a\\r\\nb\\tc\"}");

  g_assert_false (click->has_coordinate);
  g_assert_null (click->text);
  g_assert_cmpstr (held->text, ==, "ctrl+shift");
  g_assert_true (held->has_coordinate);
  g_assert_cmpint (held->x, ==, 3);
  g_assert_cmpint (held->y, ==, 4);
  g_assert_cmpstr (quickstart->text, ==, "ctrl");
  g_assert_cmpint (quickstart->scroll_direction, ==, GLB_SCROLL_DOWN);
  g_assert_cmpuint (quickstart->scroll_amount, ==, 5);
  g_assert_false (drag->has_start_coordinate);
  g_assert_cmpfloat (longest->duration, ==, 100);
  g_assert_cmpstr (typed->text, ==, "a\nb\tc");
}

static void
test_common (void)
{
  g_autoptr(GlbAction) plain = parse ("{\"action\":\"screenshot\"}");
  g_autoptr(GlbAction) all = parse ("{\"action\":\"screenshot\",\"settle\":{\"quietMs\":80},\"screenshot\":true,\"frameId\":12}");
  g_autoptr(GlbAction) off = parse ("{\"action\":\"screenshot\",\"settle\":false,\"screenshot\":false}");
  g_autoptr(GlbAction) on = parse ("{\"action\":\"screenshot\",\"settle\":true}");

  g_assert_false (plain->settle || plain->screenshot || plain->has_frame_id);
  g_assert_true (all->settle && all->screenshot && all->has_frame_id);
  g_assert_cmpuint (all->quiet_ms, ==, 80);
  g_assert_cmpuint (all->max_ms, ==, GLB_ACTION_SETTLE_MS_DEFAULT);
  g_assert_cmpuint (all->frame_id, ==, 12);
  g_assert_false (off->settle || off->screenshot);
  g_assert_true (on->settle);
  g_assert_cmpuint (on->quiet_ms, ==, GLB_ACTION_QUIET_MS_DEFAULT);
}

/* Canonical forms: what is recorded says the same as what came. */
static const char * const canonical[] = {
  "{\"action\":\"screenshot\"}",
  "{\"action\":\"zoom\",\"region\":[0,1,20,30]}",
  "{\"action\":\"mouse_move\",\"coordinate\":[3,4]}",
  "{\"action\":\"left_click\"}",
  "{\"action\":\"right_click\",\"coordinate\":[3,4],\"text\":\"shift\"}",
  "{\"action\":\"middle_click\",\"coordinate\":[3,4]}",
  "{\"action\":\"double_click\",\"coordinate\":[0,0]}",
  "{\"action\":\"triple_click\",\"coordinate\":[32767,32767]}",
  "{\"action\":\"left_mouse_down\"}",
  "{\"action\":\"left_mouse_up\",\"coordinate\":[3,4]}",
  "{\"action\":\"left_click_drag\",\"coordinate\":[9,8],\"start_coordinate\":[1,2],\"text\":\"alt\"}",
  "{\"action\":\"scroll\",\"coordinate\":[3,4],\"text\":\"ctrl\",\"scroll_direction\":\"left\",\"scroll_amount\":100}",
  "{\"action\":\"key\",\"text\":\"ctrl+a Delete\",\"settle\":{\"quietMs\":50,\"maxMs\":2000},\"screenshot\":true,\"frameId\":7}",
  "{\"action\":\"hold_key\",\"text\":\"w\",\"duration\":0.25}",
  "{\"action\":\"type\",\"text\":\"za\u017c\u00f3\u0142\u0107 \u4f60\u597d \U0001f600\\n\\\"\\\\\"}",
  "{\"action\":\"wait\",\"duration\":0.5}",
  "{\"action\":\"cursor_position\"}",
  "{\"action\":\"lease_status\"}",
  "{\"action\":\"clipboard_request\",\"type\":\"text/html\",\"selection\":\"primary\"}",
  "{\"action\":\"device_request\",\"device\":\"camera\"}",
  "{\"action\":\"ui_tree\",\"window\":3,\"appId\":\"org.*\",\"title\":\"*\",\"maxNodes\":5000,\"maxDepth\":9}",
  "{\"action\":\"find\",\"target\":{\"role\":\"push button\",\"name\":\"OK\",\"states\":[\"enabled\"],\"index\":1}}",
  "{\"action\":\"wait_for\",\"element\":{\"text\":\"*done*\"},\"colour\":{\"coordinate\":[3,4],\"rgb\":\"#00ff00\",\"tolerance\":8},"
    "\"quietMs\":100,\"gone\":true,\"timeoutMs\":500}",
  "{\"action\":\"clipboard_read\",\"type\":\"text/html\",\"selection\":\"primary\"}",
  "{\"action\":\"clipboard_write\",\"text\":\"a\\u001b[A\",\"type\":\"text/html\",\"selection\":\"primary\"}",
  "{\"action\":\"list_windows\"}",
  "{\"action\":\"activate_window\",\"window\":7}",
  "{\"action\":\"close_window\",\"window\":4294967295}",
};

static void
test_round_trip (void)
{
  g_assert_cmpuint (G_N_ELEMENTS (canonical), ==, GLB_ACTION_CLOSE_WINDOW + 1);
  for (guint i = 0; i < G_N_ELEMENTS (canonical); i++)
    {
      g_autoptr(GlbAction) action = parse (canonical[i]);
      g_autoptr(JsonNode) node = glb_action_to_node (action, FALSE);
      g_autofree char *json = glb_json_write (node);

      g_assert_cmpstr (json, ==, canonical[i]);
      g_assert_cmpint (action->kind, ==, i);
    }
}

static void
test_redaction (void)
{
  g_autoptr(GlbAction) typed = parse ("{\"action\":\"type\",\"text\":\"hunter2\"}");
  g_autoptr(GlbAction) copied = parse ("{\"action\":\"clipboard_write\",\"text\":\"hunter2\"}");
  g_autoptr(GlbAction) key = parse ("{\"action\":\"key\",\"text\":\"Return\"}");
  g_autoptr(JsonNode) copied_node = glb_action_to_node (copied, TRUE);
  g_autofree char *copied_json = glb_json_write (copied_node);
  g_autoptr(JsonNode) typed_node = glb_action_to_node (typed, TRUE);
  g_autoptr(JsonNode) key_node = glb_action_to_node (key, TRUE);
  g_autofree char *typed_json = glb_json_write (typed_node);
  g_autofree char *key_json = glb_json_write (key_node);

  g_assert_null (strstr (typed_json, "hunter2"));
  g_assert_null (strstr (copied_json, "hunter2"));
  g_assert_cmpstr (typed_json, ==,
                   "{\"action\":\"type\",\"text\":{\"characters\":7,"
                   "\"sha256\":\"f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7\"}}");
  g_assert_cmpstr (key_json, ==, "{\"action\":\"key\",\"text\":\"Return\"}");
}

static void
test_is_input (void)
{
  static const GlbActionKind looking[] = {
    GLB_ACTION_SCREENSHOT, GLB_ACTION_ZOOM, GLB_ACTION_WAIT, GLB_ACTION_CURSOR_POSITION, GLB_ACTION_LEASE_STATUS,
    GLB_ACTION_CLIPBOARD_REQUEST, GLB_ACTION_DEVICE_REQUEST, GLB_ACTION_UI_TREE, GLB_ACTION_FIND, GLB_ACTION_WAIT_FOR,
    GLB_ACTION_CLIPBOARD_READ, GLB_ACTION_LIST_WINDOWS,
  };

  for (guint kind = GLB_ACTION_SCREENSHOT; kind <= GLB_ACTION_CLOSE_WINDOW; kind++)
    {
      gboolean looks = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (looking); i++)
        looks |= looking[i] == kind;
      g_assert_cmpint (glb_action_is_input (kind), ==, !looks);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/action/refusals", test_refusals);
  g_test_add_func ("/action/size-limit", test_size_limit);
  g_test_add_func ("/action/long-text-in-node", test_long_text_in_node);
  g_test_add_func ("/action/quirks", test_quirks);
  g_test_add_func ("/action/common", test_common);
  g_test_add_func ("/action/round-trip", test_round_trip);
  g_test_add_func ("/action/redaction", test_redaction);
  g_test_add_func ("/action/is-input", test_is_input);
  return g_test_run ();
}
