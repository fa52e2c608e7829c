/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-target.h"

#include <string.h>

#include "input-filter/glb-action-result.h"
#include "input-filter/glb-action.h"
#include "policies/glb-json-writer.h"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

static const struct { const char *target; GlbActionError code; const char *words; } refusals[] = {
  { "\"OK\"", GLB_ACTION_ERROR_MALFORMED, "target must be an object" },
  { "{}", GLB_ACTION_ERROR_MALFORMED, "at least one of role, name, text" },
  { "{\"title\":\"a\"}", GLB_ACTION_ERROR_MALFORMED, "at least one of role, name, text" },
  { "{\"label\":\"OK\"}", GLB_ACTION_ERROR_MALFORMED, "target does not take \"label\"" },
  { "{\"name\":1}", GLB_ACTION_ERROR_MALFORMED, "target.name must be a string" },
  { "{\"name\":\"" LONG LONG LONG LONG "x\"}", GLB_ACTION_ERROR_OUT_OF_RANGE, "target.name must be at most 256" },
  { "{\"name\":\"a\",\"states\":\"enabled\"}", GLB_ACTION_ERROR_MALFORMED, "target.states must be a list" },
  { "{\"name\":\"a\",\"states\":[]}", GLB_ACTION_ERROR_MALFORMED, "target.states" },
  { "{\"name\":\"a\",\"states\":[1]}", GLB_ACTION_ERROR_MALFORMED, "target.states" },
  { "{\"name\":\"a\",\"states\":[\"a\",\"\\u00e9\"]}", GLB_ACTION_ERROR_MALFORMED, "target.states" },
  { "{\"name\":\"a\",\"states\":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7]}", GLB_ACTION_ERROR_MALFORMED, "1 to 16" },
  { "{\"name\":\"a\",\"index\":-1}", GLB_ACTION_ERROR_OUT_OF_RANGE, "target.index must be 0 to 99" },
  { "{\"name\":\"a\",\"index\":100}", GLB_ACTION_ERROR_OUT_OF_RANGE, "target.index" },
  { "{\"name\":\"a\",\"index\":\"1\"}", GLB_ACTION_ERROR_MALFORMED, "target.index" },
};

static GlbAction *
parse (const char *action, const char *parameter, const char *value, GError **error)
{
  g_autofree char *json = g_strdup_printf ("{\"action\":\"%s\",\"%s\":%s}", action, parameter, value);

  return glb_action_new_from_json (NULL, json, strlen (json), error);
}

static void
test_malformed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (parse ("left_click", "target", refusals[i].target, &error));
      g_assert_error (error, GLB_ACTION_ERROR, (int) refusals[i].code);
      if (strstr (error->message, refusals[i].words) == NULL)
        g_error ("%s gave: %s", refusals[i].target, error->message);
    }
}

/* Each pointer action takes one, no other does, and nothing has two places. */
static void
test_actions (void)
{
  static const char * const with[] = {
    "mouse_move", "left_click", "right_click", "middle_click", "double_click", "triple_click", "left_mouse_down", "left_mouse_up",
    "left_click_drag", "find",
  };
  static const char * const without[] = { "screenshot", "cursor_position", "lease_status", "ui_tree", "wait_for" };
  const char *both = "{\"action\":\"left_click\",\"coordinate\":[1,2],\"target\":{\"name\":\"OK\"}}";
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (with); i++)
    {
      g_autoptr(GlbAction) action = parse (with[i], "target", "{\"name\":\"OK\"}", &error);

      g_assert_no_error (error);
      g_assert_cmpstr (action->target->name, ==, "OK");
      g_assert_false (action->has_coordinate);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (without); i++)
    {
      g_autoptr(GError) refusal = NULL;

      g_assert_null (parse (without[i], "target", "{\"name\":\"OK\"}", &refusal));
      g_assert_nonnull (strstr (refusal->message, "does not take \"target\""));
    }
  g_assert_null (glb_action_new_from_json (NULL, both, strlen (both), &error));
  g_assert_cmpstr (error->message, ==, "left_click takes target or coordinate, not both");
}

/* ---- found ------------------------------------------------------------------------- */

static const GlbShimWindow windows[] = {
  { .id = 1, .geometry = { 100, 100, 400, 300 }, .app_id = "editor", .title = "notes" },
  { .id = 2, .geometry = { 0, 0, 100, 100 }, .app_id = "dialog", .title = "Save?" },
};
static const GlbInputScene scene = { windows, G_N_ELEMENTS (windows), 1, 0, 0 };
static const GlbShimRect screen = { 0, 0, 640, 480 };

#define NODE(role, name, more, bounds, children) \
  "{\"role\":\"" role "\",\"name\":\"" name "\"," more "\"states\":[\"visible\"],\"bounds\":" bounds ",\"children\":[" children "]}"

static const char editor_tree[] =
  NODE ("frame", "notes", "", "[0,0,400,300]",
        NODE ("push button", "OK", "", "[10,10,60,20]", "") ","
        NODE ("scroll pane", "", "", "[0,40,400,100]",
              NODE ("label", "first", "\"text\":\"One\",", "[0,40,50,20]", "") ","
              NODE ("label", "half", "", "[0,130,50,20]", "") ","
              NODE ("label", "below", "", "[0,200,50,20]", "")) ","
        NODE ("push button", "off", "", "[1000,10,60,20]", ""));
static const char dialog_tree[] =
  NODE ("dialog", "Save?", "", "[0,0,100,100]", NODE ("push button", "OK", "", "[10,10,60,20]", ""));

static GlbElement *
make_tree (const char *json, const GlbShimWindow *window)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = json_from_string (json, &error);
  guint n_left = 100;
  GlbElement *element;

  g_assert_no_error (error);
  element = glb_element_new_from_node (node, &n_left, &error);
  g_assert_no_error (error);
  glb_element_place (element, window->id, window->geometry.x, window->geometry.y, &screen);
  return element;
}

static GPtrArray *
make_trees (void)
{
  GPtrArray *trees = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_element_free);

  g_ptr_array_add (trees, make_tree (editor_tree, &windows[0]));
  g_ptr_array_add (trees, make_tree (dialog_tree, &windows[1]));
  return trees;
}

/* code: NULL: found, and then in the window */
static const struct { const char *target; const char *code; guint32 window; const char *words; } choices[] = {
  { "{\"name\":\"first\"}", NULL, 1, NULL },
  { "{\"text\":\"O*\"}", NULL, 1, NULL },
  { "{\"role\":\"dialog\"}", NULL, 2, NULL },
  { "{\"name\":\"half\"}", NULL, 1, NULL },
  { "{\"name\":\"below\"}", "not_found", 0, "ui_tree" },        /* scrolled away */
  { "{\"name\":\"off\"}", "not_found", 0, "ui_tree" },          /* off the screen */
  { "{\"name\":\"ok\"}", "not_found", 0, "ui_tree" },
  { "{\"name\":\"OK\"}", "ambiguous", 0, "2 elements are like that: push button \"OK\" at [110, 110, 60, 20]" },
  { "{\"name\":\"OK\",\"index\":0}", NULL, 1, NULL },
  { "{\"name\":\"OK\",\"index\":1}", NULL, 2, NULL },
  { "{\"name\":\"OK\",\"index\":2}", "not_found", 0, "there are only 2" },
  { "{\"name\":\"OK\",\"appId\":\"dia*\"}", NULL, 2, NULL },
  { "{\"name\":\"OK\",\"title\":\"notes\"}", NULL, 1, NULL },
  { "{\"name\":\"OK\",\"title\":\"other\"}", "not_found", 0, "ui_tree" },
  { "{\"name\":\"first\",\"states\":[\"visible\"]}", NULL, 1, NULL },
  { "{\"name\":\"first\",\"states\":[\"visible\",\"checked\"]}", "not_found", 0, "ui_tree" },
  { "{\"role\":\"label\"}", "ambiguous", 0, "2 elements" },
};

static void
test_choices (void)
{
  g_autoptr(GPtrArray) trees = make_trees ();

  for (gsize i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAction) action = parse ("find", "target", choices[i].target, &error);
      g_autoptr(GPtrArray) found = NULL;
      g_autofree char *message = NULL;
      const char *code = NULL;
      const GlbElement *chosen;

      g_assert_no_error (error);
      found = glb_target_find (action->target, &scene, trees);
      chosen = glb_target_choose (action->target, found, &code, &message);
      g_assert_cmpstr (code, ==, choices[i].code);
      g_assert_cmpuint (chosen != NULL ? chosen->window : 0, ==, choices[i].window);
      if (choices[i].words != NULL && strstr (message, choices[i].words) == NULL)
        g_error ("%s gave: %s", choices[i].target, message);
    }
}

/* Only what a scroll pane shows of it can be clicked. */
static void
test_visible (void)
{
  g_autoptr(GPtrArray) trees = make_trees ();
  const GlbElement *tree = g_ptr_array_index (trees, 0);
  const GlbElement *pane = g_ptr_array_index (tree->children, 1);
  const GlbElement *half = g_ptr_array_index (pane->children, 1);

  g_assert_cmpint (half->bounds.y, ==, 230);
  g_assert_cmpint (half->bounds.height, ==, 20);
  g_assert_cmpint (half->visible.y, ==, 230);
  g_assert_cmpint (half->visible.height, ==, 10);
}

static void
test_results (void)
{
  g_autoptr(GPtrArray) trees = make_trees ();
  g_autoptr(JsonNode) result = json_from_string ("{\"status\":\"delivered\"}", NULL);
  g_autoptr(JsonNode) summary = NULL;
  g_autofree char *text = NULL;
  JsonArray *array;

  glb_action_result_set_windows (result, trees, &scene, FALSE);
  array = json_object_get_array_member (json_node_get_object (result), "windows");
  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (array, 1), "title"), ==, "Save?");
  summary = glb_action_result_summarise (result);
  text = glb_json_write (summary);
  g_assert_cmpstr (text, ==, "{\"status\":\"delivered\",\"windows\":2,\"truncated\":false}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/target/malformed", test_malformed);
  g_test_add_func ("/target/actions", test_actions);
  g_test_add_func ("/target/choices", test_choices);
  g_test_add_func ("/target/visible", test_visible);
  g_test_add_func ("/target/results", test_results);

  return g_test_run ();
}
