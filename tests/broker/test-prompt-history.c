/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "session-broker/broker/glb-prompt-history.h"

static guint
describe (GlbPromptHistory *history, GlbPromptKind kind, const char *target, const char *sha256, GVariantDict *details)
{
  guint n_asked = G_MAXUINT;

  g_variant_dict_init (details, NULL);
  glb_prompt_history_describe (history, kind, target, sha256, details);
  g_assert_true (g_variant_dict_lookup (details, "asked-before", "u", &n_asked));
  return n_asked;
}

static void
assert_past (GVariantDict *details, const char *answer, gint64 answered_us, gboolean same)
{
  const char *last = NULL;
  gint64 last_us = 0;
  gboolean last_same = !same;

  g_assert_true (g_variant_dict_lookup (details, "last-answer", "&s", &last));
  g_assert_true (g_variant_dict_lookup (details, "last-answered", "x", &last_us));
  g_assert_true (g_variant_dict_lookup (details, "last-same", "b", &last_same));
  g_assert_cmpstr (last, ==, answer);
  g_assert_cmpint (last_us, ==, answered_us);
  g_assert_cmpint (last_same, ==, same);
  g_variant_dict_clear (details);
}

static void
test_last (void)
{
  g_autoptr(GlbPromptHistory) history = glb_prompt_history_new ();
  GVariantDict details;

  g_assert_cmpuint (describe (history, GLB_PROMPT_CAMERA, "c", "", &details), ==, 0);
  g_assert_false (g_variant_dict_contains (&details, "last-answer"));
  g_variant_dict_clear (&details);

  glb_prompt_history_add (history, GLB_PROMPT_CAMERA, "c", "", "denied", 5);
  glb_prompt_history_add (history, GLB_PROMPT_CLIPBOARD_OUT, "t", "aa", "allowed", 6);
  glb_prompt_history_add (history, GLB_PROMPT_CLIPBOARD_OUT, "t", "bb", "timeout", 3);
  g_assert_cmpuint (describe (history, GLB_PROMPT_CAMERA, "c", "", &details), ==, 1);
  assert_past (&details, "denied", 5, TRUE);
  g_assert_cmpuint (describe (history, GLB_PROMPT_CLIPBOARD_OUT, "t", "bb", &details), ==, 2);
  assert_past (&details, "timeout", 3, TRUE);
  g_assert_cmpuint (describe (history, GLB_PROMPT_CLIPBOARD_OUT, "t", "aa", &details), ==, 2);
  assert_past (&details, "timeout", 3, FALSE);
}

/* A yes to one thing must never be told of another. */
static void
test_apart (void)
{
  g_autoptr(GlbPromptHistory) history = glb_prompt_history_new ();
  const struct { GlbPromptKind kind; const char *target; } others[] = {
    { GLB_PROMPT_NETWORK, "b.example:443" }, { GLB_PROMPT_NETWORK, "a.example:44" }, { GLB_PROMPT_CAMERA, "a.example:443" },
    { GLB_PROMPT_NETWORK, "" },
  };

  glb_prompt_history_add (history, GLB_PROMPT_NETWORK, "a.example:443", "", "allowed", 1);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      GVariantDict details;

      g_assert_cmpuint (describe (history, others[i].kind, others[i].target, "", &details), ==, 0);
      g_variant_dict_clear (&details);
    }
}

/* Whatever a session asks, it is remembered in bounded space: what was answered longest ago goes, whatever the clock said. */
static void
test_bounded (void)
{
  g_autoptr(GlbPromptHistory) history = glb_prompt_history_new ();

  for (guint i = 0; i <= GLB_PROMPT_HISTORY_MAX; i++)
    {
      g_autofree char *target = g_strdup_printf ("%u", i);

      glb_prompt_history_add (history, GLB_PROMPT_NETWORK, target, "", "denied", 1000 - i);
    }
  for (guint i = 0; i <= GLB_PROMPT_HISTORY_MAX; i++)
    {
      g_autofree char *target = g_strdup_printf ("%u", i);
      GVariantDict details;

      g_assert_cmpuint (describe (history, GLB_PROMPT_NETWORK, target, "", &details), ==, i == 0 ? 0 : 1);
      g_variant_dict_clear (&details);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt-history/last", test_last);
  g_test_add_func ("/prompt-history/apart", test_apart);
  g_test_add_func ("/prompt-history/bounded", test_bounded);
  return g_test_run ();
}
