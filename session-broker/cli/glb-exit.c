/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/cli/glb-exit.h"

#include <sys/wait.h>

#include "policies/glb-policy.h"
#include "session-broker/client/glb-broker-error.h"

/* The ends that are nobody's wish. Those that are not listed are the command's own or somebody's order. */
static const struct
{
  const char *reason;
  int code;                      /* 0: that of the command */
  const char *text;
} ends[] = {
  { "timeout", GLB_EXIT_TIMEOUT, "its time was over; give more with --timeout or resources.timeoutSeconds" },
  { "out-of-memory", 0, "out of memory; raise resources.memoryMb" },
  { "client-gone", GLB_EXIT_FAILED, "the connection to the broker was lost" },
  { "compositor-died", GLB_EXIT_FAILED, "its compositor died; see `glovebox audit show`" },
  { "sandbox-died", GLB_EXIT_FAILED, "its sandbox died; see `glovebox audit show`" },
  { "audit-full", GLB_EXIT_FAILED, "no space for the audit; free some in the state folder" },
  { "broker-stopping", GLB_EXIT_FAILED, "the broker stopped; start it again" },
};

int
glb_exit_from_status (int status)
{
  if (WIFEXITED (status))
    return WEXITSTATUS (status);
  if (WIFSIGNALED (status))
    return 128 + WTERMSIG (status);

  return GLB_EXIT_FAILED;
}

int
glb_exit_from_error (const GError *error,
                     gboolean      for_command)
{
  if (g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY) ||
      g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_AUTHENTICATION) ||
      g_error_matches (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED))
    return GLB_EXIT_REFUSED;
  if (for_command && g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND))
    return GLB_EXIT_NOT_FOUND;

  return GLB_EXIT_FAILED;
}

int
glb_exit_from_end (const char *reason,
                   const int  *status)
{
  for (gsize i = 0; reason != NULL && i < G_N_ELEMENTS (ends); i++)
    if (g_str_equal (reason, ends[i].reason) && ends[i].code != 0)
      return ends[i].code;

  if (reason != NULL && g_str_has_prefix (reason, "failed"))
    return GLB_EXIT_FAILED;

  return status == NULL ? GLB_EXIT_FAILED : glb_exit_from_status (*status);
}

char *
glb_exit_explain_end (const char *reason)
{
  for (gsize i = 0; reason != NULL && i < G_N_ELEMENTS (ends); i++)
    if (g_str_equal (reason, ends[i].reason))
      return g_strdup (ends[i].text);

  if (reason != NULL && g_str_has_prefix (reason, "failed"))
    return g_strdup (reason);

  return NULL;
}
