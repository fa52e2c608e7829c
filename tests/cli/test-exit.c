/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-exit.h"

#include <signal.h>
#include <string.h>

#include "policies/glb-policy.h"
#include "session-broker/client/glb-broker-error.h"

static void
assert_error (GQuark   domain,
              int      code,
              gboolean for_command,
              int      wanted)
{
  g_autoptr(GError) error = g_error_new_literal (domain, code, "x");

  g_assert_cmpint (glb_exit_from_error (error, for_command), ==, wanted);
}

static void
test_errors (void)
{
  assert_error (GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, TRUE, 126);
  assert_error (GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, FALSE, 126);
  assert_error (GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED, FALSE, 126);
  assert_error (GLB_POLICY_ERROR, GLB_POLICY_ERROR_SYNTAX, FALSE, 125);
  assert_error (GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID, FALSE, 125);
  assert_error (GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND, TRUE, 127);
  assert_error (GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND, FALSE, 125);
  assert_error (GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, TRUE, 125);
  assert_error (GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, TRUE, 125);
  assert_error (G_FILE_ERROR, G_FILE_ERROR_NOENT, TRUE, 125);
}

/* Status words as Linux makes them: the code in the second byte, or the signal in the first. */
static void
test_status (void)
{
  g_assert_cmpint (glb_exit_from_status (0), ==, 0);
  g_assert_cmpint (glb_exit_from_status (1 << 8), ==, 1);
  g_assert_cmpint (glb_exit_from_status (255 << 8), ==, 255);
  g_assert_cmpint (glb_exit_from_status (SIGKILL), ==, 137);
  g_assert_cmpint (glb_exit_from_status (SIGTERM), ==, 143);
  g_assert_cmpint (glb_exit_from_status (SIGSEGV | 0x80), ==, 139);
  /* Stopped is no end. */
  g_assert_cmpint (glb_exit_from_status (0x137f), ==, 125);
}

static void
test_end (void)
{
  static const struct { const char *reason; int status; int wanted; gboolean explained; } cases[] = {
    { "exited", 0, 0, FALSE },
    { "exited", 3 << 8, 3, FALSE },
    { "stopped", SIGTERM, 143, FALSE },
    { "killed", SIGKILL, 137, FALSE },
    { "timeout", SIGKILL, 124, TRUE },
    { "timeout", -1, 124, TRUE },
    { "out-of-memory", SIGKILL, 137, TRUE },
    { "client-gone", -1, 125, TRUE },
    { "compositor-died", SIGKILL, 125, TRUE },
    { "sandbox-died", SIGKILL, 125, TRUE },
    { "audit-full", SIGKILL, 125, TRUE },
    { "broker-stopping", SIGKILL, 125, TRUE },
    { "failed: no reason", SIGKILL, 125, TRUE },
    { "exited", -1, 125, FALSE },
    { NULL, 0, 0, FALSE },
    { NULL, -1, 125, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const int *status = cases[i].status < 0 ? NULL : &cases[i].status;
      g_autofree char *why = glb_exit_explain_end (cases[i].reason);

      g_assert_cmpint (glb_exit_from_end (cases[i].reason, status), ==, cases[i].wanted);
      g_assert_cmpint (why != NULL, ==, cases[i].explained);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/exit/errors", test_errors);
  g_test_add_func ("/cli/exit/status", test_status);
  g_test_add_func ("/cli/exit/end", test_end);
  return g_test_run ();
}
