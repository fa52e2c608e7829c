/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/sandbox/sandbox-helper.h"

#include <string.h>
#include <sys/wait.h>

static void
test_exit_status (Fixture *self, gconstpointer data)
{
  g_auto(Run) zero = { 0 };
  g_auto(Run) seven = { 0 };

  if (!can_sandbox ())
    return;
  run_shell (self, &zero, "echo hello; id -u; id -g; hostname");
  g_assert_cmpstr (zero.failure, ==, NULL);
  g_assert_cmpint (zero.status, ==, 0);
  g_assert_cmpstr (zero.output, ==, "hello\n1000\n1000\nglovebox\n");
  run_shell (self, &seven, "exit 7");
  g_assert_cmpint (WEXITSTATUS (seven.status), ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/sandbox/exit-status", Fixture, NULL, fixture_set_up, test_exit_status, fixture_tear_down);

  return g_test_run ();
}
