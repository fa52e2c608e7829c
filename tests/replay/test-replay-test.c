/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/replay/glb-replay-test.h"

#include <glib/gstdio.h>
#include <string.h>


#define HEAD "{\"gloveboxTest\": 1, \"command\": [\"true\"], "

static GlbReplayTest *
parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  GlbReplayTest *test = glb_replay_test_new_from_text (text, strlen (text), &error);

  g_assert_no_error (error);
  return test;
}

static const char everything[] =
  "{\n"
  "  // what a person writes\n"
  "  \"gloveboxTest\": 1,\n"
  "  \"name\": \"all of it\",\n"
  "  \"command\": [\"gnome-calculator\", \"--mode=basic\"],\n"
  "  \"program\": \"fbb5364d167cab03\",\n"
  "  \"policy\": {\"schemaVersion\": \"1.0\"},\n"
  "  \"width\": 1280, \"height\": 800,\n"
  "  \"surroundings\": {\"deterministic\": true},\n"
  "  \"compare\": {\"mode\": \"exact\", \"threshold\": 3, \"masks\": [[0, 0, 10, 10]]},\n"
  "  \"steps\": [\n"
  "    {\"when\": {\"window\": {\"appId\": \"org.gnome.*\"}, \"element\": {\"role\": \"button\", \"name\": \"=\", \"index\": 2,"
       " \"states\": [\"enabled\"]}, \"text\": \"*2*\", \"quietMs\": 100, \"timeoutMs\": 500,"
       " \"colour\": {\"coordinate\": [1, 2], \"rgb\": \"#aabbcc\", \"tolerance\": 4}},\n"
  "     \"do\": {\"action\": \"left_click\"}, \"at\": {\"element\": {\"role\": \"button\", \"name\": \"5\"}},\n"
  "     \"expect\": {\"screen\": \"all.images/1.png\", \"mode\": \"perceptual\", \"colour\": 0.5, \"masks\": [[5, 5, 1, 1]]}},\n"
  "    {\"note\": \"drag it\", \"do\": {\"action\": \"left_click_drag\"}, \"at\": {\"window\": {\"title\": \"Calc*\"}, \"offset\": [4, 5]},\n"
  "     \"from\": {\"window\": {\"title\": \"Calc*\"}, \"offset\": [-4, 6]}},\n"
  "    {\"when\": {\"window\": {\"title\": \"Save\"}, \"gone\": true}}\n"
  "  ]\n"
  "}\n";

static void
test_everything (void)
{
  g_autoptr(GlbReplayTest) test = parse (everything);
  GlbReplayStep *step = g_ptr_array_index (test->steps, 0), *drag = g_ptr_array_index (test->steps, 1);

  g_assert_cmpstr (test->command[1], ==, "--mode=basic");
  g_assert_cmpuint (test->width, ==, 1280);
  g_assert_true (test->deterministic);
  g_assert_cmpuint (test->steps->len, ==, 3);
  g_assert_cmpstr (test->program, ==, "fbb5364d167cab03");
  g_assert_cmpuint (step->line, ==, 12);
  g_assert_cmpstr (step->when->window->app_id, ==, "org.gnome.*");
  g_assert_null (step->when->window->title);
  g_assert_cmpuint (step->when->quiet_ms, ==, 100);
  g_assert_cmpuint (step->when->timeout_ms, ==, 500);
  g_assert_cmpstr (json_object_get_string_member (step->at->element, "name"), ==, "5");
  g_assert_cmpstr (step->screen, ==, "all.images/1.png");
  g_assert_cmpint (drag->from->x, ==, -4);
  g_assert_true (drag->at->has_offset);
  g_assert_cmpstr (drag->note, ==, "drag it");
}

static void
test_rules (void)
{
  g_autoptr(GlbReplayTest) test = parse (everything);
  GlbReplayStep *first = g_ptr_array_index (test->steps, 0), *second = g_ptr_array_index (test->steps, 1);
  g_autoptr(GArray) masks = NULL;
  g_autoptr(GArray) other_masks = NULL;
  GlbReplayCompareRules rules;

  glb_replay_compare_wish_resolve (&first->compare, &test->compare, &rules, &masks);
  g_assert_cmpint (rules.mode, ==, GLB_REPLAY_COMPARE_PERCEPTUAL);
  g_assert_cmpuint (rules.threshold, ==, 3);
  g_assert_cmpfloat (rules.colour, ==, 0.5);
  g_assert_cmpuint (rules.n_masks, ==, 2);
  g_assert_true (glb_replay_rect_has (&rules.masks[0], 5, 5));

  glb_replay_compare_wish_resolve (&second->compare, &test->compare, &rules, &other_masks);
  g_assert_cmpint (rules.mode, ==, GLB_REPLAY_COMPARE_EXACT);
  g_assert_cmpfloat (rules.colour, ==, GLB_REPLAY_COLOUR_DEFAULT);
  g_assert_cmpuint (rules.n_masks, ==, 1);
}

static void
test_write (void)
{
  g_autoptr(GlbReplayTest) test = parse (everything);
  g_autofree char *text = glb_replay_test_write (test);
  g_autoptr(GlbReplayTest) again = parse (text);
  g_autofree char *again_text = glb_replay_test_write (again);

  g_assert_cmpstr (text, ==, again_text);
  g_assert_cmpuint (again->steps->len, ==, 3);
  /* a step is a block of lines */
  g_assert_nonnull (strstr (text, "\n    {\n      \"note\": \"drag it\",\n      \"do\": {\"action\":\"left_click_drag\"},\n"));
}

static void
test_refusals (void)
{
  const struct { const char *text, *message; } cases[] = {
    { "", "1: " },
    { "[]", "1: the test: must be an object" },
    { "{}", "1: the test: has no \"gloveboxTest\"" },
    { "{\"gloveboxTest\": 2}", "version 2 is not known" },
    { "{\"gloveboxTest\": 1, \"gloveboxTest\": 1}", "1: " },
    { "{\"gloveboxTest\": 1, \"steps\": [{\"do\": {\"action\": \"screenshot\"}}]}", "has no \"command\"" },
    { HEAD "\"steps\": []}", "/steps: must be a list of 1 to" },
    { HEAD "\"commands\": []}", "/commands: no such member" },
    { HEAD "\"width\": 10, \"steps\": [{\"do\": {\"action\": \"screenshot\"}}]}", "needs both width and height" },
    { HEAD "\"steps\": [\n{}]}", "2: /steps/0: needs \"do\"" },
    { HEAD "\"steps\": [{\"do\": {\"action\": \"fly\"}}]}", "/steps/0/do: " },
    { HEAD "\"steps\": [{\"do\": {\"action\": \"left_click\", \"coordinate\": [1, 1]}, \"at\": {\"window\": {\"title\": \"a\"}}}]}",
      "leave one out" },
    { HEAD "\"steps\": [{\"do\": {\"action\": \"left_click\"}, \"at\": {\"window\": {\"title\": \"a\"}, \"element\": {\"name\": \"b\"}}}]}",
      "either element or window" },
    { HEAD "\"steps\": [{\"do\": {\"action\": \"key\", \"text\": \"a\"}, \"at\": {\"window\": {\"title\": \"a\"}}}]}", "/steps/0/do: " },
    { HEAD "\"steps\": [{\"when\": {}}]}", "needs window" },
    { HEAD "\"steps\": [{\"when\": {\"quietMs\": 50, \"gone\": true}}]}", "needs window" },
    { HEAD "\"steps\": [{\"when\": {\"element\": {\"appId\": \"x\"}}}]}", "needs a role" },
    { HEAD "\"steps\": [{\"when\": {\"window\": {}}}]}", "needs appId or title" },
    { HEAD "\"steps\": [{\"when\": {\"colour\": {\"rgb\": \"red\", \"coordinate\": [1,1]}}}]}", "must be a colour" },
    { HEAD "\"steps\": [{\"when\": {\"text\": \"a\", \"timeoutMs\": 600001}}]}", "must be 0 to 600000" },
    { HEAD "\"compare\": {\"mode\": \"roughly\"}, \"steps\": [{\"do\": {\"action\": \"screenshot\"}}]}", "must be exact or perceptual" },
    { HEAD "\"compare\": {\"colour\": 1.5}, \"steps\": [{\"do\": {\"action\": \"screenshot\"}}]}", "from 0 to 1" },
    { HEAD "\"compare\": {\"masks\": [[0, 0, 0, 5]]}, \"steps\": [{\"do\": {\"action\": \"screenshot\"}}]}", "1 or more" },
    { HEAD "\"program\": \"FBB5364D167CAB03\", \"steps\": [{\"do\": {\"action\": \"screenshot\"}}]}", "hex digits of the program's SHA-256" },
    { HEAD "\"policy\": 5, \"steps\": [{\"do\": {\"action\": \"screenshot\"}}]}", "must be a policy" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (glb_replay_test_new_from_text (cases[i].text, strlen (cases[i].text), &error));
      g_assert_nonnull (error);
      if (strstr (error->message, cases[i].message) == NULL)
        g_error ("case %u: \"%s\" has no \"%s\"", i, error->message, cases[i].message);
      g_assert_null (strchr (error->message, '\n'));
    }
}

/* A test file from somewhere must not make `--update` write where it likes, nor read pictures from there. */
static void
test_paths (void)
{
  const char *bad[] = { "/etc/x.png", "../x.png", "a/../../x.png", "a//x.png", "./x.png", "x.jpg", "", ".png/..", "a\\nb.png" };
  const char *good[] = { "x.png", "a.images/001.png", "a..b/x.png" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = g_strdup_printf (HEAD "\"steps\": [{\"expect\": {\"screen\": \"%s\"}}]}", bad[i]);
      g_autoptr(GError) error = NULL;

      g_assert_null (glb_replay_test_new_from_text (text, strlen (text), &error));
      g_assert_error (error, GLB_REPLAY_TEST_ERROR, GLB_REPLAY_TEST_ERROR_MALFORMED);
    }
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *text = g_strdup_printf (HEAD "\"steps\": [{\"expect\": {\"screen\": \"%s\"}}]}", good[i]);
      g_autoptr(GlbReplayTest) test = parse (text);

      g_assert_cmpuint (test->steps->len, ==, 1);
    }
}

static void
test_load (void)
{
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char *path = g_build_filename (folder, "adds.json", NULL);
  g_autoptr(GlbReplayTest) test = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, HEAD "\"steps\": [{\"do\": {\"action\": \"screenshot\"}}]}", -1, NULL));
  test = glb_replay_test_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (test->name, ==, "adds");
  g_assert_cmpstr (test->folder, ==, folder);

  g_assert_true (g_file_set_contents (path, HEAD "\"steps\": [{", -1, NULL));
  g_assert_null (glb_replay_test_load (path, &error));
  g_assert_true (g_str_has_prefix (error->message, path));
  g_remove (path);
  g_rmdir (folder);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replay/test/everything", test_everything);
  g_test_add_func ("/replay/test/rules", test_rules);
  g_test_add_func ("/replay/test/write", test_write);
  g_test_add_func ("/replay/test/refusals", test_refusals);
  g_test_add_func ("/replay/test/paths", test_paths);
  g_test_add_func ("/replay/test/load", test_load);
  return g_test_run ();
}
