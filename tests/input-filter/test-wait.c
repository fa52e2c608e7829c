/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-wait.h"

#include <string.h>

#include "input-filter/glb-action.h"

static const struct { const char *members; GlbActionError code; const char *words; } refusals[] = {
  { "\"timeoutMs\":1", GLB_ACTION_ERROR_MALFORMED, "needs at least one of window, element, text, colour, quietMs" },
  { "\"quietMs\":10,\"gone\":true", GLB_ACTION_ERROR_MALFORMED, "with gone needs at least one of window, element, text, colour" },
  { "\"text\":1", GLB_ACTION_ERROR_MALFORMED, "text must be a string" },
  { "\"window\":1", GLB_ACTION_ERROR_MALFORMED, "window must be an object" },
  { "\"window\":{}", GLB_ACTION_ERROR_MALFORMED, "at least one of appId, title, id" },
  { "\"window\":{\"name\":\"a\"}", GLB_ACTION_ERROR_MALFORMED, "window does not take \"name\"" },
  { "\"window\":{\"id\":0}", GLB_ACTION_ERROR_OUT_OF_RANGE, "window.id must be 1 to" },
  { "\"element\":{}", GLB_ACTION_ERROR_MALFORMED, "element must be an object with at least one of role" },
  { "\"colour\":{\"rgb\":\"#ffffff\"}", GLB_ACTION_ERROR_MALFORMED, "either coordinate or region" },
  { "\"colour\":{\"coordinate\":[1,2],\"region\":[1,2,3,4],\"rgb\":\"#ffffff\"}", GLB_ACTION_ERROR_MALFORMED, "either" },
  { "\"colour\":{\"coordinate\":[1,2]}", GLB_ACTION_ERROR_MALFORMED, "an object with rgb" },
  { "\"colour\":{\"coordinate\":[1,2],\"rgb\":\"red\"}", GLB_ACTION_ERROR_MALFORMED, "\"#ff8000\"" },
  { "\"colour\":{\"coordinate\":[1,2],\"rgb\":\"#ff800g\"}", GLB_ACTION_ERROR_MALFORMED, "\"#ff8000\"" },
  { "\"colour\":{\"region\":[1,2,1,3],\"rgb\":\"#ffffff\"}", GLB_ACTION_ERROR_MALFORMED, "x1 < x2" },
  { "\"colour\":{\"coordinate\":[1,2],\"rgb\":\"#ffffff\",\"tolerance\":256}", GLB_ACTION_ERROR_OUT_OF_RANGE, "0 to 255" },
  { "\"colour\":{\"coordinate\":[1,2],\"rgb\":\"#ffffff\",\"alpha\":1}", GLB_ACTION_ERROR_MALFORMED, "does not take \"alpha\"" },
  { "\"quietMs\":0", GLB_ACTION_ERROR_OUT_OF_RANGE, "quietMs must be 1 to 10000" },
  { "\"text\":\"a\",\"gone\":1", GLB_ACTION_ERROR_MALFORMED, "gone must be true or false" },
  { "\"text\":\"a\",\"timeoutMs\":600001", GLB_ACTION_ERROR_OUT_OF_RANGE, "timeoutMs must be 0 to 600000" },
  { "\"coordinate\":[1,2]", GLB_ACTION_ERROR_MALFORMED, "does not take \"coordinate\"" },
};

static GlbAction *
parse (const char *members, GError **error)
{
  g_autofree char *json = g_strdup_printf ("{\"action\":\"wait_for\",%s}", members);

  return glb_action_new_from_json (NULL, json, strlen (json), error);
}

static void
test_malformed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (parse (refusals[i].members, &error));
      g_assert_error (error, GLB_ACTION_ERROR, (int) refusals[i].code);
      if (strstr (error->message, refusals[i].words) == NULL)
        g_error ("%s gave: %s", refusals[i].members, error->message);
    }
}

static GPtrArray *
make_trees (const char *name, const char *text)
{
  GPtrArray *trees = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_element_free);
  g_autofree char *json = g_strdup_printf ("{\"role\":\"label\",\"name\":\"%s\",\"text\":\"%s\",\"states\":[],\"bounds\":[0,0,9,9]}", name, text);
  g_autoptr(JsonNode) node = json_from_string (json, NULL);
  const GlbShimRect screen = { 0, 0, 100, 100 };
  guint n_left = 1;
  GlbElement *element = glb_element_new_from_node (node, &n_left, NULL);

  glb_element_place (element, 1, 0, 0, &screen);
  g_ptr_array_add (trees, element);
  return trees;
}

/* Each condition in a world where it is so, and in one where it is not. */
static const struct { const char *members; gboolean holds[2]; const char *missing; } checks[] = {
  { "\"window\":{\"title\":\"no?es\"}", { TRUE, FALSE }, "window" },
  { "\"window\":{\"appId\":\"editor\",\"id\":1}", { TRUE, FALSE }, "window" },
  { "\"window\":{\"title\":\"notes\"},\"gone\":true", { FALSE, TRUE }, "window" },
  { "\"element\":{\"name\":\"done\"}", { TRUE, FALSE }, "element" },
  { "\"element\":{\"name\":\"done\",\"index\":1}", { FALSE, FALSE }, "element" },
  { "\"element\":{\"name\":\"done\"},\"gone\":true", { FALSE, TRUE }, "element" },
  { "\"text\":\"*42*\"", { TRUE, FALSE }, "text" },
  { "\"text\":\"done\"", { TRUE, FALSE }, "text" },
  { "\"text\":\"*42*\",\"gone\":true", { FALSE, TRUE }, "text" },
  { "\"colour\":{\"coordinate\":[1,1],\"rgb\":\"#000000\"}", { TRUE, FALSE }, "colour" },
  { "\"colour\":{\"coordinate\":[1,1],\"rgb\":\"#000000\"},\"gone\":true", { FALSE, TRUE }, "colour" },
  { "\"quietMs\":100", { TRUE, FALSE }, "quietMs" },
  { "\"quietMs\":100,\"text\":\"done\",\"window\":{\"id\":1}", { TRUE, FALSE }, "window, text, quietMs" },
};

static void
test_checks (void)
{
  const GlbShimWindow windows[] = {
    { .id = 1, .geometry = { 0, 0, 100, 100 }, .app_id = "editor", .title = "notes" },
    { .id = 2, .geometry = { 0, 0, 100, 100 }, .app_id = "viewer", .title = "picture" },
  };
  const GlbInputScene scenes[] = { { &windows[0], 1 }, { &windows[1], 1 } };
  g_autoptr(GPtrArray) yes = make_trees ("done", "is 42");
  g_autoptr(GPtrArray) no = make_trees ("busy", "is 41");
  const GlbWaitState states[] = { { &scenes[0], yes, TRUE, TRUE, 100 }, { &scenes[1], no, TRUE, FALSE, 99 } };

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    for (guint j = 0; j < 2; j++)
      {
        g_autoptr(GError) error = NULL;
        g_autoptr(GlbAction) action = parse (checks[i].members, &error);
        g_autofree char *missing = NULL;

        g_assert_no_error (error);
        if (glb_wait_check (action->wait, &states[j], &missing) != checks[i].holds[j])
          g_error ("%s in world %u: %s", checks[i].members, j, missing);
        if (!checks[i].holds[j])
          g_assert_cmpstr (missing, ==, checks[i].missing);
      }
}

/* Nobody knows what is not there: neither is it gone. */
static void
test_unknown (void)
{
  static const char * const members[] = { "\"text\":\"a\",\"gone\":true", "\"element\":{\"name\":\"a\"},\"gone\":true",
                                          "\"colour\":{\"coordinate\":[1,1],\"rgb\":\"#000000\"},\"gone\":true" };
  const GlbInputScene scene = { 0 };
  const GlbWaitState state = { .scene = &scene };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr(GlbAction) action = parse (members[i], NULL);
      g_autofree char *missing = NULL;

      g_assert_false (glb_wait_check (action->wait, &state, &missing));
    }
}

static void
test_colour (void)
{
  static const struct { const char *members; gboolean matches; } cases[] = {
    { "\"coordinate\":[0,0],\"rgb\":\"#102030\"", TRUE },
    { "\"coordinate\":[1,0],\"rgb\":\"#102030\"", FALSE },
    { "\"coordinate\":[1,0],\"rgb\":\"#102030\",\"tolerance\":3", FALSE },
    { "\"coordinate\":[1,0],\"rgb\":\"#102030\",\"tolerance\":4", TRUE },
    { "\"region\":[0,0,2,1],\"rgb\":\"#102030\"", FALSE },
    { "\"region\":[0,0,2,1],\"rgb\":\"#102032\",\"tolerance\":2", TRUE },
    { "\"region\":[0,0,3,1],\"rgb\":\"#102030\",\"tolerance\":255", FALSE },   /* beyond the screen */
  };
  const guint8 pixels[] = { 0x30, 0x20, 0x10, 0, 0x34, 0x20, 0x10, 0xff };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *members = g_strdup_printf ("\"colour\":{%s}", cases[i].members);
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAction) action = parse (members, &error);

      g_assert_no_error (error);
      if (glb_wait_check_colour (action->wait, pixels, 2, 1, sizeof pixels) != cases[i].matches)
        g_error ("%s", cases[i].members);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/wait/malformed", test_malformed);
  g_test_add_func ("/wait/checks", test_checks);
  g_test_add_func ("/wait/unknown", test_unknown);
  g_test_add_func ("/wait/colour", test_colour);

  return g_test_run ();
}
