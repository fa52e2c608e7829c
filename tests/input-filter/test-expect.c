/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-expect.h"

#include <string.h>

#include "input-filter/glb-action-result.h"
#include "input-filter/glb-action.h"
#include "input-filter/glb-glob.h"
#include "policies/glb-json-writer.h"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

static const struct { const char *expect; GlbActionError code; const char *words; } refusals[] = {
  { "true", GLB_ACTION_ERROR_MALFORMED, "mouse_move: expect must be an object" },
  { "{}", GLB_ACTION_ERROR_MALFORMED, "at least one of window, appId, title, focus, frameId" },
  { "{\"windows\":1}", GLB_ACTION_ERROR_MALFORMED, "does not take \"windows\"" },
  { "{\"window\":\"1\"}", GLB_ACTION_ERROR_MALFORMED, "expect.window must be a whole number" },
  { "{\"window\":1.5}", GLB_ACTION_ERROR_MALFORMED, "expect.window" },
  { "{\"window\":0}", GLB_ACTION_ERROR_OUT_OF_RANGE, "1 or more" },
  { "{\"window\":4294967296}", GLB_ACTION_ERROR_OUT_OF_RANGE, "expect.window" },
  { "{\"appId\":1}", GLB_ACTION_ERROR_MALFORMED, "expect.appId must be a string" },
  { "{\"title\":null}", GLB_ACTION_ERROR_MALFORMED, "expect.title" },
  { "{\"title\":\"" LONG LONG LONG LONG "x\"}", GLB_ACTION_ERROR_OUT_OF_RANGE, "at most 256 characters" },
  { "{\"focus\":false}", GLB_ACTION_ERROR_MALFORMED, "expect.focus must be true or" },
  { "{\"focus\":{}}", GLB_ACTION_ERROR_MALFORMED, "expect.focus" },
  { "{\"focus\":{\"window\":1}}", GLB_ACTION_ERROR_MALFORMED, "expect.focus" },
  { "{\"focus\":{\"title\":[]}}", GLB_ACTION_ERROR_MALFORMED, "expect.focus.title" },
  { "{\"frameId\":-1}", GLB_ACTION_ERROR_OUT_OF_RANGE, "expect.frameId" },
  { "{\"frameId\":\"1\"}", GLB_ACTION_ERROR_MALFORMED, "expect.frameId" },
};

static GlbAction *
parse (const char  *expect,
       GError     **error)
{
  g_autofree char *json = g_strdup_printf ("{\"action\":\"mouse_move\",\"coordinate\":[1,2],\"expect\":%s}", expect);

  return glb_action_new_from_json (NULL, json, strlen (json), error);
}

static void
test_malformed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (parse (refusals[i].expect, &error));
      g_assert_error (error, GLB_ACTION_ERROR, (int) refusals[i].code);
      if (strstr (error->message, refusals[i].words) == NULL)
        g_error ("%s gave: %s", refusals[i].expect, error->message);
    }
}

static const GlbShimWindow windows[] = {
  { .id = 1, .geometry = { 0, 0, 640, 480 }, .app_id = "editor", .title = "notes.txt — Editor" },
  { .id = 2, .geometry = { 100, 100, 200, 100 }, .app_id = "org.vault.Vault", .title = "Passwörter" },
};

/* code: NULL: as expected */
static const struct { const char *expect; guint target; const char *code, *words; } checks[] = {
  { "{\"window\":2}", 1, "expectation_failed", "it would act on window 1, appId \"editor\"" },
  { "{\"window\":2}", 0, "expectation_failed", "no window" },
  { "{\"appId\":\"*\"}", 0, "expectation_failed", "no window" },
  { "{\"appId\":\"org.vault.*\"}", 1, "expectation_failed", "window 1" },
  { "{\"appId\":\"edit\"}", 1, "expectation_failed", "window 1" },
  { "{\"title\":\"notes.txt\"}", 1, "expectation_failed", "window 1" },
  { "{\"window\":1,\"title\":\"Pass*\"}", 1, "expectation_failed", "window 1" },
  { "{\"focus\":true}", 2, "expectation_failed", "the focus is on window 1" },
  { "{\"focus\":true}", 0, "expectation_failed", "the focus is on window 1" },
  { "{\"focus\":{\"appId\":\"org*\"}}", 2, "expectation_failed", "the focus is on window 1" },
  { "{\"focus\":{\"appId\":\"editor\",\"title\":\"x\"}}", 1, "expectation_failed", "the focus" },
  { "{\"frameId\":6}", 1, "stale_frame", "look again" },
  { "{\"frameId\":8,\"window\":9}", 1, "stale_frame", "look again" },
  { "{\"window\":1}", 1, NULL, NULL },
  { "{\"appId\":\"editor\"}", 1, NULL, NULL },
  { "{\"appId\":\"org.*\",\"title\":\"Passw?rter\"}", 2, NULL, NULL },
  { "{\"title\":\"*txt*\"}", 1, NULL, NULL },
  { "{\"focus\":true}", 1, NULL, NULL },
  { "{\"focus\":{\"title\":\"notes*\"}}", 2, NULL, NULL },
  { "{\"frameId\":7,\"window\":2,\"focus\":{\"appId\":\"editor\"}}", 2, NULL, NULL },
};

static void
test_checks (void)
{
  const GlbInputScene scene = { windows, G_N_ELEMENTS (windows), 1, 0, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAction) action = parse (checks[i].expect, &error);
      g_autofree char *message = NULL;
      const char *code;

      g_assert_no_error (error);
      code = glb_expect_check (action->expect, &scene, glb_input_scene_find (&scene, checks[i].target), 7, &message);
      if (g_strcmp0 (code, checks[i].code) != 0 || (code != NULL && strstr (message, checks[i].words) == NULL))
        g_error ("%s gave %s: %s", checks[i].expect, code, message);
      g_assert_true ((code == NULL) == (message == NULL));
    }
}

/* No window has the focus. */
static void
test_no_focus (void)
{
  const GlbInputScene scene = { windows, G_N_ELEMENTS (windows), 0, 0, 0 };
  const GlbExpect any = { .focus = TRUE };
  const GlbExpect named = { .focus_app_id = (char *) "*" };
  g_autofree char *message = NULL, *other = NULL;

  g_assert_cmpstr (glb_expect_check (&any, &scene, NULL, 7, &message), ==, "expectation_failed");
  g_assert_cmpstr (glb_expect_check (&named, &scene, &windows[0], 7, &other), ==, "expectation_failed");
  g_assert_nonnull (strstr (other, "the focus is on no window"));
}

static void
test_record (void)
{
  static const char * const forms[] = {
    "{\"window\":3,\"appId\":\"a*\",\"title\":\"t?\",\"focus\":true,\"frameId\":9}",
    "{\"focus\":{\"appId\":\"a\",\"title\":\"t\"}}",
    "{\"frameId\":0}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAction) action = parse (forms[i], &error);
      g_autoptr(JsonNode) node = NULL;
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      node = glb_expect_to_node (action->expect);
      text = glb_json_write (node);
      g_assert_cmpstr (text, ==, forms[i]);
    }
}

static const struct { const char *pattern, *text; gboolean matches; } globs[] = {
  { "", "a", FALSE }, { "a", "", FALSE }, { "a", "ab", FALSE }, { "ab", "a", FALSE }, { "?", "", FALSE }, { "?", "ab", FALSE },
  { "*a", "ab", FALSE }, { "a*c", "ab", FALSE }, { "*ab*ab", "xabx", FALSE }, { "A", "a", FALSE }, { "[a]", "a", FALSE },
  { "", "", TRUE }, { "*", "", TRUE }, { "**", "x", TRUE }, { "a*", "a", TRUE }, { "*c", "abc", TRUE }, { "a?c", "aöc", TRUE },
  { "*ab*ab", "xabab", TRUE }, { "*aab", "aaab", TRUE }, { "a*b*c", "a1b2b3c", TRUE }, { "???", "漢字x", TRUE }, { "\\", "\\", TRUE },
};

static void
test_globs (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (globs); i++)
    if (glb_glob_match (globs[i].pattern, globs[i].text) != globs[i].matches)
      g_error ("%s, %s", globs[i].pattern, globs[i].text);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/expect/refused/malformed", test_malformed);
  g_test_add_func ("/expect/checks", test_checks);
  g_test_add_func ("/expect/refused/no-focus", test_no_focus);
  g_test_add_func ("/expect/record", test_record);
  g_test_add_func ("/expect/globs", test_globs);
  return g_test_run ();
}
