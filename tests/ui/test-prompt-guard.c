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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt-guard/nothing-shown", test_nothing_shown);
  g_test_add_func ("/prompt-guard/too-early", test_too_early);
  g_test_add_func ("/prompt-guard/held-down", test_held_down);
  g_test_add_func ("/prompt-guard/next-question", test_next_question);

  return g_test_run ();
}
