/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/replay/glb-replay-test.h"

/* Whatever the file: a test or a one-line error. A test is written as a file that parses to the same, and none of its pictures is
 * outside of its folder. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *p = error->message; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

static void
check_written (const GlbReplayTest *test)
{
  g_autofree char *text = glb_replay_test_write (test);
  g_autofree char *again_text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbReplayTest) again = glb_replay_test_new_from_text (text, strlen (text), &error);

  g_assert_no_error (error);
  again_text = glb_replay_test_write (again);
  g_assert_cmpstr (text, ==, again_text);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbReplayTest) test = glb_replay_test_new_from_text ((const char *) data, size, &error);

  if (test == NULL)
    {
      check_error (error);
      return 0;
    }
  for (guint i = 0; i < test->steps->len; i++)
    {
      GlbReplayStep *step = g_ptr_array_index (test->steps, i);
      g_autofree char *description = glb_replay_step_describe (step);

      g_assert_null (strchr (description, '\n'));
      if (step->screen != NULL)
        g_assert_true (step->screen[0] != '/' && !g_str_has_prefix (step->screen, "../") && strstr (step->screen, "/../") == NULL);
    }
  check_written (test);
  return 0;
}
