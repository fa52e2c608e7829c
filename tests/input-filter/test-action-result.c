/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-action-result.h"

#include <string.h>

#include "input-filter/glb-action.h"
#include "policies/glb-strict-json.h"

static void
assert_result (JsonNode   *result,
               const char *expected)
{
  g_autofree char *text = glb_action_result_to_text (result);

  g_assert_cmpstr (text, ==, expected);
  json_node_unref (result);
}

static void
test_refused (void)
{
  assert_result (glb_action_result_new_refused (GLB_REFUSED_STALE_FRAME, "The screen changed since frame 7"),
                 "{\"status\":\"refused\",\"code\":\"stale_frame\",\"message\":\"The screen changed since frame 7\"}");
}

static void
test_from_error (void)
{
  g_autoptr(GError) range = g_error_new_literal (GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE, "far");
  g_autoptr(GError) key = g_error_new_literal (GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY, "key");
  g_autoptr(GError) json = g_error_new_literal (GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "json");

  assert_result (glb_action_result_new_from_error (range), "{\"status\":\"refused\",\"code\":\"out_of_bounds\",\"message\":\"far\"}");
  assert_result (glb_action_result_new_from_error (key), "{\"status\":\"refused\",\"code\":\"malformed\",\"message\":\"key\"}");
  assert_result (glb_action_result_new_from_error (json), "{\"status\":\"refused\",\"code\":\"malformed\",\"message\":\"json\"}");
}

static void
test_unknown_code (void)
{
  if (g_test_subprocess ())
    {
      glb_action_result_new_refused ("because", "no");
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*g_strv_contains*");
}

static void
test_delivered (void)
{
  const GlbActionOutcome nothing = { .frame_id = 3, .pointer_x = 1, .pointer_y = 2 };
  const GlbActionOutcome all = {
    .frame_id = G_GUINT64_CONSTANT (9007199254740991),
    .changed = { 1, 2, 30, 40 },
    .focus_window = 5,
    .focus_app_id = "org.example.Editor",
    .focus_title = "a \"quoted\" title\nin two lines",
    .settled = TRUE,
    .pointer_x = 1279,
    .pointer_y = 799,
  };

  assert_result (glb_action_result_new_delivered (&nothing),
                 "{\"status\":\"delivered\",\"frameId\":3,\"changed\":null,\"focus\":null,\"settled\":false,\"pointer\":[1,2]}");
  assert_result (glb_action_result_new_delivered (&all),
                 "{\"status\":\"delivered\",\"frameId\":9007199254740991,"
                 "\"changed\":{\"x\":1,\"y\":2,\"width\":30,\"height\":40},"
                 "\"focus\":{\"window\":5,\"appId\":\"org.example.Editor\",\"title\":\"a \\\"quoted\\\" title\\nin two lines\"},"
                 "\"settled\":true,\"pointer\":[1279,799]}");
}

/* Titles come from applications: whatever they are, the result is one line of valid JSON. */
static void
test_hostile_title (void)
{
  const GlbActionOutcome outcome = { .focus_window = 1, .focus_app_id = NULL, .focus_title = "\xff\xc0 \x01\x1f\x7f \"}\n{" };
  g_autoptr(JsonNode) result = glb_action_result_new_delivered (&outcome);
  g_autofree char *text = glb_action_result_to_text (result);
  const GlbStrictJsonLimits limits = { 4096, 4 };
  g_autoptr(JsonNode) parsed = glb_strict_json_parse (text, strlen (text), GLB_STRICT_JSON_DEFAULT, &limits, NULL, NULL);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strchr (text, '\n'));
  g_assert_nonnull (parsed);
  g_assert_true (json_node_equal (parsed, result));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/action-result/refused", test_refused);
  g_test_add_func ("/action-result/from-error", test_from_error);
  g_test_add_func ("/action-result/unknown-code", test_unknown_code);
  g_test_add_func ("/action-result/delivered", test_delivered);
  g_test_add_func ("/action-result/hostile-title", test_hostile_title);
  return g_test_run ();
}
