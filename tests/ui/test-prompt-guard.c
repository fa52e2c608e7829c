/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "ui/glb-prompt-guard.h"

#define START (1000 * G_USEC_PER_SEC)
#define ARMED (START + GLB_PROMPT_GUARD_DELAY_US)

static void
test_nothing_shown (void)
{
  GlbPromptGuard guard = { 0 };

  g_assert_false (glb_prompt_guard_is_armed (&guard, START));
  g_assert_false (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, START));
}

static void
test_too_early (void)
{
  GlbPromptGuard guard = { 0 };

  glb_prompt_guard_show (&guard, START);
  g_assert_false (glb_prompt_guard_is_armed (&guard, START));
  g_assert_false (glb_prompt_guard_is_armed (&guard, ARMED - 1));
  g_assert_false (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED - 1));
  glb_prompt_guard_release (&guard, GLB_PROMPT_ANSWER_ALLOW);
  g_assert_true (glb_prompt_guard_is_armed (&guard, ARMED));
  g_assert_true (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED));
}

/* A key that is down since before, or since too early, repeats into the time when it would count. */
static void
test_held_down (void)
{
  GlbPromptGuard guard = { 0 };

  g_assert_false (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, START - 1));
  glb_prompt_guard_show (&guard, START);
  g_assert_false (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED + 1));
  g_assert_false (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED + G_USEC_PER_SEC));
  g_assert_true (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_DENY, ARMED + G_USEC_PER_SEC));
  glb_prompt_guard_release (&guard, GLB_PROMPT_ANSWER_ALLOW);
  g_assert_true (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED + G_USEC_PER_SEC));
}

/* The key that answered one question does not answer the next while it is down. */
static void
test_next_question (void)
{
  GlbPromptGuard guard = { 0 };

  glb_prompt_guard_show (&guard, START);
  g_assert_true (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED));
  glb_prompt_guard_hide (&guard);
  g_assert_false (glb_prompt_guard_is_armed (&guard, ARMED + 1));
  glb_prompt_guard_show (&guard, ARMED + 1);
  g_assert_false (glb_prompt_guard_is_armed (&guard, ARMED + 2));
  g_assert_false (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED + 10 * G_USEC_PER_SEC));
  glb_prompt_guard_release (&guard, GLB_PROMPT_ANSWER_ALLOW);
  g_assert_true (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED + 10 * G_USEC_PER_SEC));
}

/* A click that was aimed at what stood there before: the same answer counts where the question stays, and does not where it moved. */
static void
test_moves (void)
{
  for (int moves = 0; moves <= 1; moves++)
    {
      GlbPromptGuard guard = { 0 };

      glb_prompt_guard_show (&guard, START);
      g_assert_false (glb_prompt_guard_place (&guard, 10, 20, START + 1));
      g_assert_cmpint (glb_prompt_guard_place (&guard, 10, 20 + moves, ARMED), ==, moves);
      g_assert_cmpint (glb_prompt_guard_is_armed (&guard, ARMED), ==, !moves);
      g_assert_cmpint (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED + 1), ==, !moves);
      glb_prompt_guard_release (&guard, GLB_PROMPT_ANSWER_ALLOW);
      g_assert_true (glb_prompt_guard_press (&guard, GLB_PROMPT_ANSWER_ALLOW, ARMED + GLB_PROMPT_GUARD_DELAY_US));
    }
}

/* The first place of a question is no move, and a place of nothing arms nothing. */
static void
test_places (void)
{
  GlbPromptGuard guard = { 0 };

  g_assert_false (glb_prompt_guard_place (&guard, 1, 1, START));
  g_assert_true (glb_prompt_guard_place (&guard, 2, 2, START));
  g_assert_false (glb_prompt_guard_is_armed (&guard, ARMED));
  glb_prompt_guard_show (&guard, START);
  g_assert_false (glb_prompt_guard_place (&guard, 3, 3, START + 1));
  g_assert_true (glb_prompt_guard_is_armed (&guard, ARMED));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt-guard/nothing-shown", test_nothing_shown);
  g_test_add_func ("/prompt-guard/too-early", test_too_early);
  g_test_add_func ("/prompt-guard/held-down", test_held_down);
  g_test_add_func ("/prompt-guard/next-question", test_next_question);
  g_test_add_func ("/prompt-guard/moves", test_moves);
  g_test_add_func ("/prompt-guard/places", test_places);

  return g_test_run ();
}
