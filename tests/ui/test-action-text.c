/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "ui/glb-action-text.h"

#define DELIVERED "{\"status\":\"delivered\"}"

static void
assert_title (const char *actor,
              const char *action,
              const char *result,
              const char *expected)
{
  g_autoptr(GlbActionText) text = glb_action_text_new (actor, action, result);

  g_assert_cmpstr (text != NULL ? text->title : NULL, ==, expected);
}

static void
test_titles (void)
{
  assert_title ("agent", "{\"action\":\"left_click\",\"coordinate\":[320,240]}", DELIVERED, "Clicked at 320, 240");
  assert_title ("agent", "{\"action\":\"left_click\",\"coordinate\":[3,4],\"text\":\"ctrl\"}", DELIVERED, "Clicked with ctrl at 3, 4");
  assert_title ("human", "{\"action\":\"key\",\"text\":\"ctrl+s\"}", DELIVERED, "You: Pressed ctrl+s");
  assert_title ("agent", "{\"action\":\"type\",\"text\":\"ls\\n\"}", DELIVERED, "Typed “ls⏎”");
  assert_title ("agent", "{\"action\":\"type\",\"text\":{\"characters\":12}}", DELIVERED, "Typed 12 characters");
  assert_title ("agent", "{\"action\":\"type\",\"text\":{\"characters\":1}}", DELIVERED, "Typed 1 character");
  assert_title ("agent", "{\"action\":\"scroll\",\"coordinate\":[1,2]}", DELIVERED, "Scrolled at 1, 2");
  /* what only looks is nothing that happened */
  assert_title ("agent", "{\"action\":\"screenshot\"}", DELIVERED, NULL);
  assert_title ("agent", "{\"action\":\"wait\",\"duration\":1}", DELIVERED, NULL);
}

static void
test_refused (void)
{
  g_autoptr(GlbActionText) text = glb_action_text_new ("agent", "{\"action\":\"key\",\"text\":\"super\"}",
                                                       "{\"status\":\"refused\",\"code\":\"policy_denied\",\"message\":\"no such keys\"}");

  g_assert_cmpstr (text->title, ==, "Refused: Pressed super");
  g_assert_cmpstr (text->detail, ==, "no such keys");
  g_assert_true (text->refused);
  g_assert_true (text->shows_text);
  g_assert_false (text->has_place);
}

/* What makes no sense says nothing, and does no harm. */
static void
test_nonsense (void)
{
  static const char * const actions[] = {
    "", "{", "[]", "null", "7", "{}", "{\"action\":null}", "{\"action\":7}", "{\"action\":[\"left_click\"]}", "{\"action\":\"fly\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    assert_title ("agent", actions[i], DELIVERED, NULL);
  assert_title (NULL, NULL, NULL, NULL);
  assert_title ("agent", "{\"action\":\"left_click\",\"coordinate\":[1]}", "{", "Clicked");
  assert_title ("agent", "{\"action\":\"left_click\",\"coordinate\":{}}", "[]", "Clicked");
  assert_title ("agent", "{\"action\":\"left_click\",\"coordinate\":[\"x\",{}]}", NULL, "Clicked at 0, 0");
  assert_title ("agent", "{\"action\":\"type\",\"text\":[1]}", NULL, "Typed");
  assert_title ("agent", "{\"action\":\"type\",\"text\":{\"characters\":\"x\"}}", NULL, "Typed 0 characters");
}

static void
assert_visible (const char *text,
                const char *expected)
{
  g_autofree char *visible = glb_action_text_make_visible (text);

  g_assert_cmpstr (visible, ==, expected);
}

/* An agent that types what cannot be seen does not get it past the person, nor a second line into the frame. */
static void
test_hidden (void)
{
  g_autofree char *wide = g_strnfill (200, 'x');
  g_autofree char *visible = glb_action_text_make_visible (wide);

  assert_visible ("a\tb\r\n", "a⇥b⏎⏎");
  assert_visible ("a\033[2Jb", "a‹U+001B›[2Jb");
  assert_visible ("a\xe2\x80\xae" "b", "a‹U+202E›b");           /* right-to-left override */
  assert_visible ("a\xe2\x80\x8b" "b", "a‹U+200B›b");           /* zero width space */
  assert_visible ("<b>&amp;", "<b>&amp;");                      /* labels show it as it is */
  assert_visible ("\xff", "\xef\xbf\xbd");
  g_assert_cmpint (g_utf8_strlen (visible, -1), ==, 61);
  g_assert_nonnull (strstr (visible, "x…x"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/action-text/titles", test_titles);
  g_test_add_func ("/action-text/refused", test_refused);
  g_test_add_func ("/action-text/nonsense", test_nonsense);
  g_test_add_func ("/action-text/hidden", test_hidden);

  return g_test_run ();
}
