/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-action-dialect.h"

#include <string.h>

#include "input-filter/glb-action-result.h"
#include "input-filter/glb-model-screen.h"
#include "policies/glb-json-writer.h"

#define AUTO      GLB_DIALECT_AUTO
#define GLOVEBOX  GLB_DIALECT_GLOVEBOX
#define ANTHROPIC GLB_DIALECT_ANTHROPIC
#define OPENAI    GLB_DIALECT_OPENAI
#define GEMINI    GLB_DIALECT_GEMINI

#define MALFORMED    GLB_ACTION_ERROR_MALFORMED
#define OUT_OF_RANGE GLB_ACTION_ERROR_OUT_OF_RANGE
#define UNKNOWN_KEY  GLB_ACTION_ERROR_UNKNOWN_KEY
#define UNSUPPORTED  GLB_ACTION_ERROR_UNSUPPORTED

static const GlbDialectContext screen = { .width = 1280, .height = 800 };

/* Of each action of each dialect, on a screen of 1280 x 800: the actions of ours, as they are recorded. */
static const struct { GlbDialect dialect; const char *json, *actions; } calls[] = {
  /* Anthropic's are ours */
  { ANTHROPIC, "{\"action\":\"screenshot\"}", "{\"action\":\"screenshot\"}" },
  { ANTHROPIC, "{\"action\":\"zoom\",\"region\":[0,0,640,400]}", "{\"action\":\"zoom\",\"region\":[0,0,640,400]}" },
  { ANTHROPIC, "{\"action\":\"zoom\",\"region\":[1279,799,1280,800]}", "{\"action\":\"zoom\",\"region\":[1279,799,1280,800]}" },
  { ANTHROPIC, "{\"action\":\"mouse_move\",\"coordinate\":[1279,799]}", "{\"action\":\"mouse_move\",\"coordinate\":[1279,799]}" },
  { ANTHROPIC, "{\"action\":\"left_click\",\"coordinate\":[10,20]}", "{\"action\":\"left_click\",\"coordinate\":[10,20]}" },
  { ANTHROPIC, "{\"action\":\"left_click\"}", "{\"action\":\"left_click\"}" },
  { ANTHROPIC, "{\"action\":\"left_click\",\"coordinate\":[10,20],\"text\":\"ctrl\"}",
    "{\"action\":\"left_click\",\"coordinate\":[10,20],\"text\":\"ctrl\"}" },
  { ANTHROPIC, "{\"action\":\"left_click\",\"coordinate\":[10,20],\"key\":\"shift\"}",
    "{\"action\":\"left_click\",\"coordinate\":[10,20],\"text\":\"shift\"}" },
  { ANTHROPIC, "{\"action\":\"right_click\",\"coordinate\":[10,20]}", "{\"action\":\"right_click\",\"coordinate\":[10,20]}" },
  { ANTHROPIC, "{\"action\":\"middle_click\",\"coordinate\":[10,20]}", "{\"action\":\"middle_click\",\"coordinate\":[10,20]}" },
  { ANTHROPIC, "{\"action\":\"double_click\",\"coordinate\":[10,20]}", "{\"action\":\"double_click\",\"coordinate\":[10,20]}" },
  { ANTHROPIC, "{\"action\":\"triple_click\",\"coordinate\":[10,20]}", "{\"action\":\"triple_click\",\"coordinate\":[10,20]}" },
  { ANTHROPIC, "{\"action\":\"left_mouse_down\"}", "{\"action\":\"left_mouse_down\"}" },
  { ANTHROPIC, "{\"action\":\"left_mouse_up\"}", "{\"action\":\"left_mouse_up\"}" },
  { ANTHROPIC, "{\"action\":\"left_click_drag\",\"start_coordinate\":[1,2],\"coordinate\":[3,4]}",
    "{\"action\":\"left_click_drag\",\"coordinate\":[3,4],\"start_coordinate\":[1,2]}" },
  { ANTHROPIC, "{\"action\":\"left_click_drag\",\"coordinate\":[3,4]}", "{\"action\":\"left_click_drag\",\"coordinate\":[3,4]}" },
  { ANTHROPIC, "{\"action\":\"scroll\",\"coordinate\":[5,6],\"scroll_direction\":\"down\",\"scroll_amount\":3,\"text\":\"ctrl\"}",
    "{\"action\":\"scroll\",\"coordinate\":[5,6],\"text\":\"ctrl\",\"scroll_direction\":\"down\",\"scroll_amount\":3}" },
  { ANTHROPIC, "{\"action\":\"key\",\"text\":\"ctrl+s\"}", "{\"action\":\"key\",\"text\":\"ctrl+s\"}" },
  { ANTHROPIC, "{\"action\":\"hold_key\",\"text\":\"shift\",\"duration\":1.5}",
    "{\"action\":\"hold_key\",\"text\":\"shift\",\"duration\":1.5}" },
  { ANTHROPIC, "{\"action\":\"type\",\"text\":\"caf\\u00e9\\n\"}", "{\"action\":\"type\",\"text\":\"caf\303\251\\n\"}" },
  { ANTHROPIC, "{\"action\":\"wait\",\"duration\":2}", "{\"action\":\"wait\",\"duration\":2.0}" },
  { ANTHROPIC, "{\"action\":\"cursor_position\"}", "{\"action\":\"cursor_position\"}" },
  /* what only ours have */
  { GLOVEBOX, "{\"action\":\"left_click\",\"coordinate\":[10,20],\"settle\":true,\"screenshot\":true,\"frameId\":7}",
    "{\"action\":\"left_click\",\"coordinate\":[10,20],\"settle\":{\"quietMs\":50,\"maxMs\":2000},\"screenshot\":true,\"frameId\":7}" },
  { GLOVEBOX, "{\"action\":\"lease_status\"}", "{\"action\":\"lease_status\"}" },
  { GLOVEBOX, "{\"action\":\"clipboard_request\",\"type\":\"text/plain\"}", "{\"action\":\"clipboard_request\",\"type\":\"text/plain\"}" },
  { GLOVEBOX, "{\"action\":\"device_request\",\"device\":\"camera\"}", "{\"action\":\"device_request\",\"device\":\"camera\"}" },
  { GLOVEBOX, "{\"action\":\"left_mouse_down\",\"coordinate\":[1,2]}", "{\"action\":\"left_mouse_down\",\"coordinate\":[1,2]}" },
  /* OpenAI */
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":10,\"y\":20}", "{\"action\":\"left_click\",\"coordinate\":[10,20]}" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"right\",\"x\":10,\"y\":20}", "{\"action\":\"right_click\",\"coordinate\":[10,20]}" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"wheel\",\"x\":10,\"y\":20}", "{\"action\":\"middle_click\",\"coordinate\":[10,20]}" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":10.0,\"y\":20,\"keys\":[\"CTRL\",\"SHIFT\"]}",
    "{\"action\":\"left_click\",\"coordinate\":[10,20],\"text\":\"CTRL+SHIFT\"}" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":10,\"y\":20,\"keys\":null}",
    "{\"action\":\"left_click\",\"coordinate\":[10,20]}" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":10,\"y\":20,\"keys\":[]}",
    "{\"action\":\"left_click\",\"coordinate\":[10,20]}" },
  { OPENAI, "{\"type\":\"double_click\",\"x\":10,\"y\":20}", "{\"action\":\"double_click\",\"coordinate\":[10,20]}" },
  { OPENAI, "{\"type\":\"double_click\",\"x\":10,\"y\":20,\"keys\":[\"ALT\"]}",
    "{\"action\":\"double_click\",\"coordinate\":[10,20],\"text\":\"ALT\"}" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4}]}",
    "{\"action\":\"left_click_drag\",\"coordinate\":[3,4],\"start_coordinate\":[1,2]}" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4}],\"keys\":[\"SHIFT\"]}",
    "{\"action\":\"left_click_drag\",\"coordinate\":[3,4],\"start_coordinate\":[1,2],\"text\":\"SHIFT\"}" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4},{\"x\":5,\"y\":6}]}",
    "{\"action\":\"left_mouse_down\",\"coordinate\":[1,2]}\n{\"action\":\"mouse_move\",\"coordinate\":[3,4]}\n"
    "{\"action\":\"mouse_move\",\"coordinate\":[5,6]}\n{\"action\":\"left_mouse_up\"}" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\"CTRL\",\"A\"]}", "{\"action\":\"key\",\"text\":\"CTRL+a\"}" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\"A\"]}", "{\"action\":\"key\",\"text\":\"A\"}" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\"ENTER\"]}", "{\"action\":\"key\",\"text\":\"ENTER\"}" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\"ARROWLEFT\"]}", "{\"action\":\"key\",\"text\":\"ARROWLEFT\"}" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\"CTRL\",\"+\"]}", "{\"action\":\"key\",\"text\":\"CTRL+plus\"}" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\" \"]}", "{\"action\":\"key\",\"text\":\"space\"}" },
  { OPENAI, "{\"type\":\"move\",\"x\":1,\"y\":2}", "{\"action\":\"mouse_move\",\"coordinate\":[1,2]}" },
  { OPENAI, "{\"type\":\"move\",\"x\":1,\"y\":2,\"keys\":[\"SHIFT\"]}",
    "{\"action\":\"mouse_move\",\"coordinate\":[1,2],\"text\":\"SHIFT\"}" },
  { OPENAI, "{\"type\":\"screenshot\"}", "{\"action\":\"screenshot\"}" },
  { OPENAI, "{\"type\":\"scroll\",\"x\":1,\"y\":2,\"scroll_x\":0,\"scroll_y\":360}",
    "{\"action\":\"scroll\",\"coordinate\":[1,2],\"scroll_direction\":\"down\",\"scroll_amount\":3}" },
  { OPENAI, "{\"type\":\"scroll\",\"x\":1,\"y\":2,\"scroll_x\":0,\"scroll_y\":-12000}",
    "{\"action\":\"scroll\",\"coordinate\":[1,2],\"scroll_direction\":\"up\",\"scroll_amount\":100}" },
  { OPENAI, "{\"type\":\"scroll\",\"x\":1,\"y\":2,\"scroll_x\":1,\"scroll_y\":0}",
    "{\"action\":\"scroll\",\"coordinate\":[1,2],\"scroll_direction\":\"right\",\"scroll_amount\":1}" },
  { OPENAI, "{\"type\":\"scroll\",\"x\":1,\"y\":2,\"scroll_x\":-180,\"scroll_y\":179,\"keys\":[\"CTRL\"]}",
    "{\"action\":\"scroll\",\"coordinate\":[1,2],\"text\":\"CTRL\",\"scroll_direction\":\"down\",\"scroll_amount\":1}\n"
    "{\"action\":\"scroll\",\"coordinate\":[1,2],\"text\":\"CTRL\",\"scroll_direction\":\"left\",\"scroll_amount\":2}" },
  { OPENAI, "{\"type\":\"type\",\"text\":\"hello\"}", "{\"action\":\"type\",\"text\":\"hello\"}" },
  { OPENAI, "{\"type\":\"wait\"}", "{\"action\":\"wait\",\"duration\":1.0}" },
  { OPENAI, "{\"actions\":[{\"type\":\"move\",\"x\":1,\"y\":2},{\"type\":\"type\",\"text\":\"a\"},{\"type\":\"screenshot\"}]}",
    "{\"action\":\"mouse_move\",\"coordinate\":[1,2]}\n{\"action\":\"type\",\"text\":\"a\"}\n{\"action\":\"screenshot\"}" },
  { OPENAI, "[{\"type\":\"wait\"},{\"type\":\"screenshot\"}]", "{\"action\":\"wait\",\"duration\":1.0}\n{\"action\":\"screenshot\"}" },
  /* Gemini 3.5 */
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"left_click\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":0,\"y\":999,\"intent\":\"Close the dialog\"}}",
    "{\"action\":\"left_click\",\"coordinate\":[0,799]}" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":999.0,\"y\":0}}", "{\"action\":\"left_click\",\"coordinate\":[1278,0]}" },
  { GEMINI, "{\"name\":\"double_click\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"double_click\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"triple_click\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"triple_click\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"middle_click\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"middle_click\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"right_click\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"right_click\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"mouse_down\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"left_mouse_down\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"mouse_up\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"left_mouse_up\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"move\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"mouse_move\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"type\",\"args\":{\"text\":\"a\"}}", "{\"action\":\"type\",\"text\":\"a\"}" },
  { GEMINI, "{\"name\":\"type\",\"args\":{\"text\":\"a\",\"press_enter\":true}}",
    "{\"action\":\"type\",\"text\":\"a\"}\n{\"action\":\"key\",\"text\":\"Return\"}" },
  { GEMINI, "{\"name\":\"type\",\"args\":{\"text\":\"\",\"press_enter\":true}}", "{\"action\":\"key\",\"text\":\"Return\"}" },
  { GEMINI, "{\"name\":\"drag_and_drop\",\"args\":{\"x\":0,\"y\":0,\"destination_x\":500,\"destination_y\":250}}",
    "{\"action\":\"left_click_drag\",\"coordinate\":[640,200],\"start_coordinate\":[0,0]}" },
  { GEMINI, "{\"name\":\"drag_and_drop\",\"args\":{\"start_x\":0,\"start_y\":0,\"end_x\":500,\"end_y\":250}}",
    "{\"action\":\"left_click_drag\",\"coordinate\":[640,200],\"start_coordinate\":[0,0]}" },
  { GEMINI, "{\"name\":\"wait\"}", "{\"action\":\"wait\",\"duration\":1.0}" },
  { GEMINI, "{\"name\":\"wait\",\"args\":{\"seconds\":3}}", "{\"action\":\"wait\",\"duration\":3.0}" },
  { GEMINI, "{\"name\":\"press_key\",\"args\":{\"key\":\"Enter\"}}", "{\"action\":\"key\",\"text\":\"Enter\"}" },
  { GEMINI, "{\"name\":\"hotkey\",\"args\":{\"keys\":[\"Control\",\"C\"]}}", "{\"action\":\"key\",\"text\":\"Control+c\"}" },
  { GEMINI, "{\"name\":\"hotkey\",\"args\":{\"keys\":\"ControlOrMeta+A\"}}", "{\"action\":\"key\",\"text\":\"ctrl+a\"}" },
  { GEMINI, "{\"name\":\"take_screenshot\",\"args\":{}}", "{\"action\":\"screenshot\"}" },
  { GEMINI, "{\"name\":\"scroll\",\"args\":{\"x\":500,\"y\":500,\"direction\":\"down\"}}",
    "{\"action\":\"scroll\",\"coordinate\":[640,400],\"scroll_direction\":\"down\",\"scroll_amount\":5}" },
  { GEMINI, "{\"name\":\"scroll\",\"args\":{\"x\":500,\"y\":500,\"direction\":\"right\",\"magnitude\":1000}}",
    "{\"action\":\"scroll\",\"coordinate\":[640,400],\"scroll_direction\":\"right\",\"scroll_amount\":11}" },
  { GEMINI, "{\"name\":\"scroll\",\"args\":{\"x\":500,\"y\":500,\"direction\":\"up\",\"magnitude_in_pixels\":300}}",
    "{\"action\":\"scroll\",\"coordinate\":[640,400],\"scroll_direction\":\"up\",\"scroll_amount\":3}" },
  /* its predecessors */
  { GEMINI, "{\"name\":\"click_at\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"left_click\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"hover_at\",\"args\":{\"x\":500,\"y\":500}}", "{\"action\":\"mouse_move\",\"coordinate\":[640,400]}" },
  { GEMINI, "{\"name\":\"type_text_at\",\"args\":{\"x\":500,\"y\":500,\"text\":\"a\"}}",
    "{\"action\":\"left_click\",\"coordinate\":[640,400]}\n{\"action\":\"key\",\"text\":\"ctrl+a BackSpace\"}\n"
    "{\"action\":\"type\",\"text\":\"a\"}" },
  { GEMINI, "{\"name\":\"type_text_at\",\"args\":{\"x\":500,\"y\":500,\"text\":\"a\",\"press_enter\":true,\"clear_before_typing\":false}}",
    "{\"action\":\"left_click\",\"coordinate\":[640,400]}\n{\"action\":\"type\",\"text\":\"a\"}\n{\"action\":\"key\",\"text\":\"Return\"}" },
  { GEMINI, "{\"name\":\"type_text_at\",\"args\":{\"x\":500,\"y\":500,\"text\":\"\"}}",
    "{\"action\":\"left_click\",\"coordinate\":[640,400]}\n{\"action\":\"key\",\"text\":\"ctrl+a BackSpace\"}" },
  { GEMINI, "{\"name\":\"scroll_at\",\"args\":{\"x\":0,\"y\":0,\"direction\":\"left\",\"magnitude\":1}}",
    "{\"action\":\"scroll\",\"coordinate\":[0,0],\"scroll_direction\":\"left\",\"scroll_amount\":1}" },
  { GEMINI, "{\"name\":\"scroll_document\",\"args\":{\"direction\":\"up\"}}",
    "{\"action\":\"scroll\",\"coordinate\":[640,400],\"scroll_direction\":\"up\",\"scroll_amount\":5}" },
  { GEMINI, "{\"name\":\"key_combination\",\"args\":{\"keys\":\"control+shift+T\"}}", "{\"action\":\"key\",\"text\":\"control+shift+t\"}" },
  { GEMINI, "{\"name\":\"key_combination\",\"args\":{\"keys\":\"control++\"}}", "{\"action\":\"key\",\"text\":\"control+plus\"}" },
  { GEMINI, "{\"name\":\"wait_5_seconds\"}", "{\"action\":\"wait\",\"duration\":5.0}" },
};

static GlbDialectCall *
translate (const GlbDialectContext *context,
           GlbDialect               dialect,
           const char              *json)
{
  GlbDialectContext with_dialect = *context;
  g_autoptr(GError) error = NULL;
  GlbDialectCall *call;

  with_dialect.dialect = dialect;
  call = glb_dialect_call_new_from_json (&with_dialect, json, strlen (json), &error);
  g_assert_no_error (error);
  g_assert_nonnull (call);
  return call;
}

static void
assert_actions (const GlbDialectCall *call,
                const char           *expected)
{
  g_autoptr(GString) lines = g_string_new (NULL);

  for (guint i = 0; i < call->actions->len; i++)
    {
      g_autoptr(JsonNode) node = glb_action_to_node (g_ptr_array_index (call->actions, i), FALSE);
      g_autofree char *line = glb_json_write (node);

      g_string_append_printf (lines, "%s%s", i > 0 ? "\n" : "", line);
    }
  g_assert_cmpstr (lines->str, ==, expected);
}

static void
test_calls (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr(GlbDialectCall) named = translate (&screen, calls[i].dialect, calls[i].json);
      g_autoptr(GlbDialectCall) as_it_comes = translate (&screen, AUTO, calls[i].json);

      g_test_message ("%s", calls[i].json);
      assert_actions (named, calls[i].actions);
      assert_actions (as_it_comes, calls[i].actions);
      g_assert_cmpint (as_it_comes->dialect, ==, calls[i].dialect);
      g_assert_cmpint (named->wants_screenshot, ==, calls[i].dialect == OPENAI || calls[i].dialect == GEMINI);
      g_assert_null (named->confirm);
    }
}

/* With what their providers wrap them in: what is needed to answer. */
static const struct { GlbDialect dialect; const char *json, *actions, *id, *name, *confirm; } wrapped[] = {
  { ANTHROPIC, "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"computer\",\"input\":{\"action\":\"screenshot\"}}",
    "{\"action\":\"screenshot\"}", "toolu_1", "computer", NULL },
  { OPENAI, "{\"type\":\"computer_call\",\"id\":\"cu_1\",\"call_id\":\"call_1\",\"status\":\"completed\",\"action\":{\"type\":\"wait\"},"
    "\"pending_safety_checks\":[]}", "{\"action\":\"wait\",\"duration\":1.0}", "call_1", NULL, NULL },
  { OPENAI, "{\"type\":\"computer_call\",\"call_id\":\"call_2\",\"action\":null,\"actions\":[{\"type\":\"wait\"},{\"type\":\"screenshot\"}],"
    "\"pending_safety_checks\":[{\"id\":\"s1\",\"code\":\"malicious_instructions\",\"message\":\"Look at\\nthis\"},"
    "{\"id\":\"s2\",\"code\":\"irrelevant_domain\"},{\"id\":\"s3\"}]}",
    "{\"action\":\"wait\",\"duration\":1.0}\n{\"action\":\"screenshot\"}", "call_2", NULL,
    "Look at?this; irrelevant_domain; a check without a message" },
  { GEMINI, "{\"name\":\"wait\",\"args\":{},\"id\":\"fc_1\"}", "{\"action\":\"wait\",\"duration\":1.0}", "fc_1", "wait", NULL },
  { GEMINI, "{\"type\":\"function_call\",\"name\":\"wait\",\"arguments\":{\"seconds\":2},\"call_id\":\"fc_2\"}",
    "{\"action\":\"wait\",\"duration\":2.0}", "fc_2", "wait", NULL },
  { GEMINI, "{\"name\":\"wait\",\"args\":{\"safety_decision\":{\"decision\":\"require_confirmation\",\"explanation\":\"Accepts terms\"}}}",
    "{\"action\":\"wait\",\"duration\":1.0}", NULL, "wait", "Accepts terms" },
  { GEMINI, "{\"name\":\"wait\",\"args\":{\"safety_decision\":{\"decision\":\"block\"}}}", "{\"action\":\"wait\",\"duration\":1.0}", NULL,
    "wait", "block" },
  { GEMINI, "{\"name\":\"wait\",\"args\":{\"safety_decision\":{}}}", "{\"action\":\"wait\",\"duration\":1.0}", NULL, "wait",
    "a decision without an explanation" },
  { GEMINI, "{\"name\":\"wait\",\"args\":{\"safety_decision\":{\"decision\":\"regular\"}}}", "{\"action\":\"wait\",\"duration\":1.0}", NULL,
    "wait", NULL },
};

static void
test_wrapped (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrapped); i++)
    {
      g_autoptr(GlbDialectCall) call = translate (&screen, AUTO, wrapped[i].json);

      g_test_message ("%s", wrapped[i].json);
      g_assert_cmpint (call->dialect, ==, wrapped[i].dialect);
      assert_actions (call, wrapped[i].actions);
      g_assert_cmpstr (call->id, ==, wrapped[i].id);
      g_assert_cmpstr (call->name, ==, wrapped[i].name);
      g_assert_cmpstr (call->confirm, ==, wrapped[i].confirm);
    }
}

static const struct { GlbDialect dialect; const char *json; GlbActionError code; const char *words; } refusals[] = {
  /* no dialect, or several */
  { AUTO, "", MALFORMED, "Not strict JSON" },
  { AUTO, "7", MALFORMED, "no known dialect" },
  { AUTO, "{}", MALFORMED, "it needs \"action\" (glovebox, anthropic), \"type\" (openai) or \"name\" (gemini)" },
  { AUTO, "{\"x\":1,\"y\":2}", MALFORMED, "no known dialect" },
  { AUTO, "{\"action\":\"left_click\",\"type\":\"click\"}", MALFORMED, "both \"action\" and \"type\", which are of different dialects" },
  { AUTO, "{\"action\":\"left_click\",\"name\":\"click\"}", MALFORMED, "both \"action\" and \"name\"" },
  { AUTO, "{\"type\":\"click\",\"actions\":[]}", MALFORMED, "both \"type\" and \"actions\"" },
  { AUTO, "{\"type\":\"click\",\"name\":\"click\",\"args\":{}}", MALFORMED, "both \"type\" and \"name\"" },
  { AUTO, "{\"type\":\"screenshot\",\"type\":\"wait\"}", MALFORMED, "Not strict JSON" },
  { AUTO, "{\"actions\":[{\"type\":\"wait\"},{\"action\":\"screenshot\"}]}", MALFORMED, "actions[1]: An action of OpenAI's" },
  { AUTO, "{\"actions\":[{\"type\":\"wait\"},{\"name\":\"click\",\"args\":{}}]}", MALFORMED, "actions[1]: An action of OpenAI's" },
  { AUTO, "[{\"action\":\"screenshot\"}]", MALFORMED, "actions[0]: An action of OpenAI's" },
  /* the wrong one named */
  { GLOVEBOX, "{\"type\":\"screenshot\"}", MALFORMED, "An action needs the string \"action\"" },
  { ANTHROPIC, "{\"type\":\"screenshot\"}", MALFORMED, "Anthropic's computer tool needs the string \"action\"" },
  { ANTHROPIC, "[]", MALFORMED, "is one object" },
  { OPENAI, "{\"action\":\"screenshot\"}", MALFORMED, "with the string \"type\"" },
  { OPENAI, "7", MALFORMED, "with the string \"type\"" },
  { GEMINI, "{\"action\":\"screenshot\"}", MALFORMED, "with the string \"name\"" },
  { GEMINI, "[]", MALFORMED, "with the string \"name\"" },
  /* Anthropic */
  { ANTHROPIC, "{\"action\":\"click\"}", MALFORMED, "no action \"click\" in the dialect anthropic; possible actions: screenshot, zoom" },
  { ANTHROPIC, "{\"action\":\"lease_status\"}", MALFORMED, "no action \"lease_status\" in the dialect anthropic" },
  { ANTHROPIC, "{\"action\":\"left_click\",\"settle\":true}", MALFORMED,
    "left_click does not take \"settle\"; possible members: coordinate, text, key, action" },
  { ANTHROPIC, "{\"action\":\"left_mouse_down\",\"coordinate\":[1,2]}", MALFORMED, "left_mouse_down does not take \"coordinate\"" },
  { ANTHROPIC, "{\"action\":\"mouse_move\"}", MALFORMED, "mouse_move needs coordinate" },
  { ANTHROPIC, "{\"action\":\"mouse_move\",\"coordinate\":[1.5,2]}", MALFORMED, "whole pixels" },
  { ANTHROPIC, "{\"action\":\"mouse_move\",\"coordinate\":[1280,0]}", OUT_OF_RANGE, "coordinate is outside the screen of 1280 x 800" },
  { ANTHROPIC, "{\"action\":\"left_click_drag\",\"start_coordinate\":[0,800],\"coordinate\":[1,1]}", OUT_OF_RANGE, "start_coordinate" },
  { ANTHROPIC, "{\"action\":\"zoom\",\"region\":[0,0,1281,800]}", OUT_OF_RANGE, "region is outside the screen" },
  { ANTHROPIC, "{\"action\":\"wait\",\"duration\":101}", OUT_OF_RANGE, "0 to 100 seconds" },
  { ANTHROPIC, "{\"action\":\"key\",\"text\":\"Retrun\"}", UNKNOWN_KEY, "no key named \"Retrun\"" },
  { ANTHROPIC, "{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"bash\",\"input\":{\"command\":\"ls\"}}", MALFORMED, "name must be \"computer\"" },
  { ANTHROPIC, "{\"type\":\"tool_use\",\"name\":\"computer\"}", MALFORMED, "input must be an object" },
  { ANTHROPIC, "{\"type\":\"tool_use\",\"name\":\"computer\",\"input\":{},\"x\":1}", MALFORMED,
    "tool_use does not take \"x\"; possible members: type, id, name, input" },
  /* ours */
  { GLOVEBOX, "{\"action\":\"left_click\",\"coordinate\":[1280,0]}", OUT_OF_RANGE, "outside the screen of 1280 x 800" },
  { GLOVEBOX, "{\"action\":\"left_click\",\"button\":\"left\"}", MALFORMED, "possible parameters: coordinate, text" },
  /* OpenAI */
  { OPENAI, "{\"type\":\"left_click\",\"x\":1,\"y\":2}", MALFORMED, "possible actions: click, double_click, drag, keypress, move" },
  { OPENAI, "{\"type\":\"click\",\"x\":1,\"y\":2}", MALFORMED, "click needs button" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1}", MALFORMED, "click needs y" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":null}", MALFORMED, "click needs y" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1.5,\"y\":2}", MALFORMED, "x must be a whole number" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":\"1\",\"y\":2}", MALFORMED, "x must be a whole number" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1e400,\"y\":2}", MALFORMED, "" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1280,\"y\":2}", OUT_OF_RANGE, "x must be within 0 to 1279" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":-1,\"y\":2}", OUT_OF_RANGE, "x must be within 0 to 1279" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1e300,\"y\":2}", OUT_OF_RANGE, "x must be within 0 to 1279" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"middle\",\"x\":1,\"y\":2}", MALFORMED, "button must be \"left\", \"right\" or \"wheel\"" },
  { OPENAI, "{\"type\":\"click\",\"button\":7,\"x\":1,\"y\":2}", MALFORMED, "button must be a string" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"back\",\"x\":1,\"y\":2}", UNSUPPORTED, "use keypress [\"ALT\", \"ARROWLEFT\"]" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"forward\",\"x\":1,\"y\":2}", UNSUPPORTED, "use keypress [\"ALT\", \"ARROWRIGHT\"]" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":2,\"text\":\"ctrl\"}", MALFORMED,
    "click does not take \"text\"; possible members: button, x, y, keys, type" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":2,\"x y\":1}", MALFORMED, "does not take \"x y\"" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":2,\"\":1}", MALFORMED, "does not take \"\"" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":2,\"keys\":\"CTRL\"}", MALFORMED, "click: keys must be made of names of single keys" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":2,\"keys\":[\"CTRL SHIFT\"]}", MALFORMED, "names of single keys" },
  { OPENAI, "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":2,\"keys\":[\"FROB\"]}", UNKNOWN_KEY, "no key named \"FROB\"" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[]}", MALFORMED, "keys must be at least one key" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\"\"]}", MALFORMED, "names of single keys" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[1]}", MALFORMED, "names of single keys" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\"ctrl+alt\",\"delete\"]}", MALFORMED, "names of single keys" },
  { OPENAI, "{\"type\":\"keypress\",\"keys\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]}", OUT_OF_RANGE, "at most 8 keys" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2}]}", MALFORMED, "path must be an array of at least two points" },
  { OPENAI, "{\"type\":\"drag\",\"path\":{\"x\":1,\"y\":2}}", MALFORMED, "path must be an array" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[[1,2],[3,4]]}", MALFORMED, "path must be an array of {\"x\": X, \"y\": Y}" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":1}]}", MALFORMED, "path must be an array of {" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":1,\"y\":2,\"z\":3}]}", MALFORMED, "a point of path does not take \"z\"" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":1,\"y\":800}]}", OUT_OF_RANGE, "y must be within 0 to 799" },
  { OPENAI, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":1,\"y\":2},{\"x\":1,\"y\":2}],\"keys\":[\"CTRL\"]}", UNSUPPORTED,
    "give a path of two points" },
  { OPENAI, "{\"type\":\"scroll\",\"x\":1,\"y\":2,\"scroll_x\":0,\"scroll_y\":0}", MALFORMED, "not 0" },
  { OPENAI, "{\"type\":\"scroll\",\"x\":1,\"y\":2,\"scroll_x\":0,\"scroll_y\":12001}", OUT_OF_RANGE, "within -12000 to 12000" },
  { OPENAI, "{\"type\":\"scroll\",\"x\":1,\"y\":2,\"scroll_y\":100}", MALFORMED, "scroll needs scroll_x" },
  { OPENAI, "{\"type\":\"type\",\"text\":\"\"}", MALFORMED, "not empty" },
  { OPENAI, "{\"type\":\"type\",\"text\":\"\\u001b\"}", MALFORMED, "printable text" },
  { OPENAI, "{\"type\":\"wait\",\"ms\":10}", MALFORMED, "wait does not take \"ms\"; possible members: type" },
  { OPENAI, "{\"actions\":[]}", MALFORMED, "at least one action" },
  { OPENAI, "{\"actions\":{}}", MALFORMED, "at least one action" },
  { OPENAI, "{\"actions\":[{\"type\":\"wait\"}],\"x\":1}", MALFORMED, "does not take \"x\"" },
  { OPENAI, "{\"type\":\"computer_call\"}", MALFORMED, "either action or actions must be given" },
  { OPENAI, "{\"type\":\"computer_call\",\"action\":{\"type\":\"wait\"},\"actions\":[{\"type\":\"wait\"}]}", MALFORMED, "and not both" },
  { OPENAI, "{\"type\":\"computer_call\",\"action\":{\"type\":\"wait\"},\"pending_safety_checks\":7}", MALFORMED, "an array of at most 16" },
  { OPENAI, "{\"type\":\"computer_call\",\"action\":{\"type\":\"wait\"},\"output\":7}", MALFORMED, "does not take \"output\"" },
  /* Gemini: a desktop is no browser */
  { GEMINI, "{\"name\":\"open_web_browser\"}", UNSUPPORTED, "open one as any application" },
  { GEMINI, "{\"name\":\"navigate\",\"args\":{\"url\":\"https://example.com\"}}", UNSUPPORTED, "control+l in its window, then type" },
  { GEMINI, "{\"name\":\"search\",\"args\":{}}", UNSUPPORTED, "control+k in its window" },
  { GEMINI, "{\"name\":\"go_back\",\"args\":{}}", UNSUPPORTED, "alt+left" },
  { GEMINI, "{\"name\":\"go_forward\",\"args\":{}}", UNSUPPORTED, "alt+right" },
  { GEMINI, "{\"name\":\"key_down\",\"args\":{\"key\":\"Shift\"}}", UNSUPPORTED, "use hotkey with all keys at once" },
  { GEMINI, "{\"name\":\"key_up\",\"args\":{\"key\":\"Shift\"}}", UNSUPPORTED, "use hotkey with all keys at once" },
  { GEMINI, "{\"name\":\"open_app\",\"args\":{}}", MALFORMED, "possible actions: click, double_click, triple_click" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":1000,\"y\":0}}", OUT_OF_RANGE, "x must be within 0 to 999" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":-1,\"y\":0}}", OUT_OF_RANGE, "x must be within 0 to 999" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":0.5,\"y\":0}}", MALFORMED, "x must be a whole number" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":1}}", MALFORMED, "click needs y" },
  { GEMINI, "{\"name\":\"click\"}", MALFORMED, "click needs x" },
  { GEMINI, "{\"name\":\"click\",\"args\":[]}", MALFORMED, "args, or arguments, must be one object" },
  { GEMINI, "{\"name\":\"click\",\"args\":{},\"arguments\":{}}", MALFORMED, "must be one object" },
  { GEMINI, "{\"name\":\"click\",\"type\":\"click\",\"args\":{}}", MALFORMED, "type must be \"function_call\"" },
  { GEMINI, "{\"name\":\"click\",\"args\":{},\"x\":1}", MALFORMED, "possible members: type, id, call_id, name, args, arguments" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":1,\"y\":1,\"button\":\"left\"}}", MALFORMED,
    "click does not take \"button\"; possible members: x, y, intent, safety_decision" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":1,\"y\":1,\"intent\":7}}", MALFORMED, "intent must be a string" },
  { GEMINI, "{\"name\":\"click\",\"args\":{\"x\":1,\"y\":1,\"safety_decision\":\"ok\"}}", MALFORMED, "safety_decision must be an object" },
  { GEMINI, "{\"name\":\"type\",\"args\":{\"text\":\"a\",\"press_enter\":1}}", MALFORMED, "press_enter must be true or false" },
  { GEMINI, "{\"name\":\"type\",\"args\":{\"text\":\"\"}}", MALFORMED, "not empty" },
  { GEMINI, "{\"name\":\"type_text_at\",\"args\":{\"x\":1,\"y\":1,\"text\":7}}", MALFORMED, "text must be a string" },
  { GEMINI, "{\"name\":\"scroll\",\"args\":{\"x\":1,\"y\":1,\"direction\":\"north\"}}", MALFORMED, "\"up\", \"down\", \"left\" or \"right\"" },
  { GEMINI, "{\"name\":\"scroll\",\"args\":{\"x\":1,\"y\":1,\"direction\":\"up\",\"magnitude\":1001}}", OUT_OF_RANGE, "within 1 to 1000" },
  { GEMINI, "{\"name\":\"scroll\",\"args\":{\"x\":1,\"y\":1,\"direction\":\"up\",\"magnitude\":1,\"magnitude_in_pixels\":1}}", MALFORMED,
    "and not both" },
  { GEMINI, "{\"name\":\"scroll_document\",\"args\":{}}", MALFORMED, "scroll_document needs direction" },
  { GEMINI, "{\"name\":\"drag_and_drop\",\"args\":{\"x\":1,\"y\":1}}", MALFORMED, "destination_x, destination_y, or start_x" },
  { GEMINI, "{\"name\":\"drag_and_drop\",\"args\":{\"start_x\":1,\"start_y\":1,\"destination_x\":1,\"destination_y\":1}}", MALFORMED,
    "destination_x, destination_y, or start_x" },
  { GEMINI, "{\"name\":\"hotkey\",\"args\":{\"keys\":[]}}", MALFORMED, "keys must be at least one key" },
  { GEMINI, "{\"name\":\"press_key\",\"args\":{\"key\":\"\"}}", MALFORMED, "names of single keys" },
  { GEMINI, "{\"name\":\"press_key\",\"args\":{\"key\":\"Frob\"}}", UNKNOWN_KEY, "no key named \"Frob\"" },
  { GEMINI, "{\"name\":\"wait\",\"args\":{\"seconds\":101}}", OUT_OF_RANGE, "0 to 100 seconds" },
  { GEMINI, "{\"name\":\"wait\",\"args\":{\"seconds\":\"1\"}}", MALFORMED, "number of seconds" },
};

static void
assert_refused (const GlbDialectContext *context,
                const char              *json,
                GlbActionError           code,
                const char              *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbDialectCall) call = glb_dialect_call_new_from_json (context, json, strlen (json), &error);

  g_test_message ("%s: %s", json, error != NULL ? error->message : "accepted");
  g_assert_null (call);
  g_assert_error (error, GLB_ACTION_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
  for (const char *p = error->message; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      GlbDialectContext context = screen;

      context.dialect = refusals[i].dialect;
      assert_refused (&context, refusals[i].json, refusals[i].code, refusals[i].words);
    }
}

/* The result's code of each reason. */
static void
test_codes (void)
{
  static const struct { GlbActionError error; const char *code; } codes[] = {
    { MALFORMED, "malformed" }, { OUT_OF_RANGE, "out_of_bounds" }, { UNKNOWN_KEY, "malformed" }, { UNSUPPORTED, "unsupported" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr(GError) error = g_error_new_literal (GLB_ACTION_ERROR, codes[i].error, "why");
      g_autoptr(JsonNode) result = glb_action_result_new_from_error (error);

      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (result), "code"), ==, codes[i].code);
    }
}

/* A model that was told of another screen than the one there is. */
static const struct { int width, height, model_width, model_height; const char *json, *actions; } sizes[] = {
  { 1280, 800, 640, 400, "{\"action\":\"left_click\",\"coordinate\":[0,0]}", "{\"action\":\"left_click\",\"coordinate\":[1,1]}" },
  { 1280, 800, 640, 400, "{\"action\":\"left_click\",\"coordinate\":[639,399]}", "{\"action\":\"left_click\",\"coordinate\":[1279,799]}" },
  { 1280, 800, 1024, 768, "{\"action\":\"left_click\",\"coordinate\":[512,384]}", "{\"action\":\"left_click\",\"coordinate\":[640,400]}" },
  { 640, 400, 1280, 800, "{\"action\":\"left_click\",\"coordinate\":[1279,799]}", "{\"action\":\"left_click\",\"coordinate\":[639,399]}" },
  { 640, 400, 1280, 800, "{\"action\":\"left_click\",\"coordinate\":[1,1]}", "{\"action\":\"left_click\",\"coordinate\":[0,0]}" },
  { 1280, 800, 640, 400, "{\"action\":\"left_click_drag\",\"start_coordinate\":[10,10],\"coordinate\":[20,20],\"settle\":true}",
    "{\"action\":\"left_click_drag\",\"coordinate\":[41,41],\"start_coordinate\":[21,21],\"settle\":{\"quietMs\":50,\"maxMs\":2000}}" },
  { 1280, 800, 640, 400, "{\"action\":\"zoom\",\"region\":[0,0,640,400]}", "{\"action\":\"zoom\",\"region\":[0,0,1280,800]}" },
  { 1280, 800, 640, 400, "{\"action\":\"zoom\",\"region\":[10,20,30,40]}", "{\"action\":\"zoom\",\"region\":[20,40,60,80]}" },
  { 1, 1, 640, 400, "{\"action\":\"zoom\",\"region\":[638,398,639,399]}", "{\"action\":\"zoom\",\"region\":[0,0,1,1]}" },
  { 1280, 800, 640, 400, "{\"type\":\"click\",\"button\":\"left\",\"x\":639,\"y\":0}", "{\"action\":\"left_click\",\"coordinate\":[1279,1]}" },
  { 1280, 800, 640, 400, "{\"type\":\"scroll\",\"x\":0,\"y\":0,\"scroll_x\":60,\"scroll_y\":-120}",
    "{\"action\":\"scroll\",\"coordinate\":[1,1],\"scroll_direction\":\"up\",\"scroll_amount\":2}\n"
    "{\"action\":\"scroll\",\"coordinate\":[1,1],\"scroll_direction\":\"right\",\"scroll_amount\":1}" },
};

static void
test_sizes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const GlbDialectContext context = { AUTO, sizes[i].width, sizes[i].height, sizes[i].model_width, sizes[i].model_height, NULL };
      g_autoptr(GlbDialectCall) call = translate (&context, AUTO, sizes[i].json);

      g_test_message ("%s", sizes[i].json);
      assert_actions (call, sizes[i].actions);
    }
}

static void
test_size_refusals (void)
{
  GlbDialectContext context = { AUTO, 1280, 800, 640, 400, NULL };

  /* On the screen, but not on the one that the model was told of. */
  assert_refused (&context, "{\"action\":\"left_click\",\"coordinate\":[640,0]}", OUT_OF_RANGE, "outside the screen of 640 x 400");
  assert_refused (&context, "{\"type\":\"move\",\"x\":0,\"y\":400}", OUT_OF_RANGE, "y must be within 0 to 399");
  assert_refused (&context, "{\"name\":\"click\",\"args\":{\"x\":0,\"y\":0}}", MALFORMED, "A size means nothing in the dialect gemini");
  /* Far enough on the model's screen to be too far on a larger one. */
  context = (GlbDialectContext) { AUTO, 4096, 4096, 64, 64, NULL };
  assert_refused (&context, "{\"type\":\"scroll\",\"x\":0,\"y\":0,\"scroll_x\":0,\"scroll_y\":12000}", OUT_OF_RANGE, "1 to 100 wheel clicks");
}

/* Every pixel stays inside, in order, and comes back where the screen is not the smaller one. */
static void
test_there_and_back (void)
{
  static const int widths[] = { 1, 2, 3, 640, 999, 1000, 1024, 1280, 1366, 3840 };

  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    for (guint j = 0; j < G_N_ELEMENTS (widths); j++)
      {
        const GlbModelScreen model = { widths[i], 1, widths[j], 1, FALSE };
        int last = 0;

        for (int pixel = 0; pixel < widths[j]; pixel++)
          {
            int x, y, back, back_y;

            glb_model_screen_to_screen (&model, pixel, 0, &x, &y);
            g_assert_cmpint (x, >=, last);
            g_assert_cmpint (x, <, widths[i]);
            last = x;
            glb_model_screen_to_model (&model, x, y, &back, &back_y);
            g_assert_cmpint (ABS (back - pixel), <=, widths[i] >= widths[j] ? 0 : widths[j] / widths[i]);
          }
      }
}

static void
test_grid (void)
{
  const GlbModelScreen model = { 1280, 800, GLB_MODEL_GRID, GLB_MODEL_GRID, TRUE };

  for (int i = 0; i < GLB_MODEL_GRID; i++)
    {
      int x, y;

      glb_model_screen_to_screen (&model, i, i, &x, &y);
      g_assert_cmpint (x, ==, i * 1280 / 1000);
      g_assert_cmpint (y, ==, i * 800 / 1000);
    }
}

static void
assert_result (const GlbDialectContext *context,
               GlbDialect               dialect,
               const char              *json,
               const char              *expected)
{
  g_autoptr(JsonNode) node = json_from_string (json, NULL);
  g_autofree char *text = NULL;

  glb_dialect_scale_result (context, dialect, node);
  text = glb_json_write (node);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_results (void)
{
  static const char result[] = "{\"status\":\"delivered\",\"changed\":{\"x\":3,\"y\":2,\"width\":2,\"height\":1},\"pointer\":[1279,799],"
                               "\"meanwhile\":{\"changed\":{\"x\":0,\"y\":0,\"width\":1280,\"height\":800}}}";
  const GlbDialectContext half = { AUTO, 1280, 800, 640, 400, NULL };

  /* What changed grows to whole pixels. */
  assert_result (&half, OPENAI, result, "{\"status\":\"delivered\",\"changed\":{\"x\":1,\"y\":1,\"width\":2,\"height\":1},"
                 "\"pointer\":[639,399],\"meanwhile\":{\"changed\":{\"x\":0,\"y\":0,\"width\":640,\"height\":400}}}");
  assert_result (&screen, GEMINI, result, "{\"status\":\"delivered\",\"changed\":{\"x\":2,\"y\":2,\"width\":2,\"height\":2},"
                 "\"pointer\":[999,999],\"meanwhile\":{\"changed\":{\"x\":0,\"y\":0,\"width\":1000,\"height\":1000}}}");
  assert_result (&screen, ANTHROPIC, result, result);
  /* What is no result of ours is left alone. */
  assert_result (&half, OPENAI, "{\"changed\":null,\"pointer\":[-1,5]}", "{\"changed\":null,\"pointer\":[-1,5]}");
  assert_result (&half, OPENAI, "{\"changed\":{\"x\":-4},\"pointer\":7}", "{\"changed\":{\"x\":-4},\"pointer\":7}");
  assert_result (&half, OPENAI, "{\"changed\":{\"x\":{}},\"pointer\":[[],1]}", "{\"changed\":{\"x\":{}},\"pointer\":[[],1]}");
}

/* A drag along a path that is cut does not leave the button down. */
static void
test_release (void)
{
  g_autoptr(GlbDialectCall) drag = translate (&screen, AUTO,
                                              "[{\"type\":\"wait\"},{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4},"
                                              "{\"x\":5,\"y\":6}]},{\"type\":\"screenshot\"}]");
  g_autoptr(GlbDialectCall) down = translate (&screen, AUTO, "{\"name\":\"mouse_down\",\"args\":{\"x\":1,\"y\":1}}");
  static const gboolean needed[] = { FALSE, FALSE, TRUE, TRUE, TRUE, FALSE, FALSE };

  g_assert_cmpuint (drag->actions->len + 1, ==, G_N_ELEMENTS (needed));
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autoptr(GlbAction) release = glb_dialect_call_make_release (drag, i);

      g_assert_cmpint (release != NULL, ==, needed[i]);
      g_assert_true (release == NULL || release->kind == GLB_ACTION_LEFT_MOUSE_UP);
    }
  /* The model's own press is the model's to release. */
  g_assert_null (glb_dialect_call_make_release (down, 1));
}

/* The most actions, and one more. */
static void
test_limit (void)
{
  const GlbDialectContext context = screen;
  g_autoptr(GString) json = g_string_new ("[{\"type\":\"wait\"}");
  g_autofree char *most = NULL;
  g_autoptr(GlbDialectCall) call = NULL;

  for (guint i = 1; i < GLB_DIALECT_ACTIONS_MAX; i++)
    g_string_append (json, ",{\"type\":\"wait\"}");
  most = g_strconcat (json->str, "]", NULL);
  call = translate (&context, AUTO, most);
  g_assert_cmpuint (call->actions->len, ==, GLB_DIALECT_ACTIONS_MAX);

  g_string_append (json, ",{\"type\":\"wait\"}]");
  assert_refused (&context, json->str, OUT_OF_RANGE, "at most 256 actions; make several calls");
}

static void
test_names (void)
{
  static const char * const names[] = { "auto", "glovebox", "anthropic", "openai", "gemini" };
  GlbDialect dialect = AUTO;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (glb_dialect_from_string (names[i], &dialect));
      g_assert_cmpstr (glb_dialect_to_string (dialect), ==, names[i]);
    }
  g_assert_false (glb_dialect_from_string ("Gemini", &dialect));
  g_assert_false (glb_dialect_from_string ("", &dialect));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/input-filter/action-dialect/calls", test_calls);
  g_test_add_func ("/input-filter/action-dialect/wrapped", test_wrapped);
  g_test_add_func ("/input-filter/action-dialect/refusals", test_refusals);
  g_test_add_func ("/input-filter/action-dialect/codes", test_codes);
  g_test_add_func ("/input-filter/action-dialect/sizes", test_sizes);
  g_test_add_func ("/input-filter/action-dialect/size-refusals", test_size_refusals);
  g_test_add_func ("/input-filter/action-dialect/there-and-back", test_there_and_back);
  g_test_add_func ("/input-filter/action-dialect/grid", test_grid);
  g_test_add_func ("/input-filter/action-dialect/results", test_results);
  g_test_add_func ("/input-filter/action-dialect/release", test_release);
  g_test_add_func ("/input-filter/action-dialect/limit", test_limit);
  g_test_add_func ("/input-filter/action-dialect/names", test_names);
  return g_test_run ();
}
