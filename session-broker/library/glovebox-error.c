/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "Glovebox"
#include "config.h"

#include "glovebox-error.h"

G_DEFINE_QUARK (glovebox-error-quark, glovebox_error)

static const struct
{
  const char *code;
  GloveboxError error;
} codes[] = {
  { "malformed", GLOVEBOX_ERROR_MALFORMED },
  { "out_of_bounds", GLOVEBOX_ERROR_OUT_OF_BOUNDS },
  { "stale_frame", GLOVEBOX_ERROR_STALE_FRAME },
  { "expectation_failed", GLOVEBOX_ERROR_EXPECTATION_FAILED },
  { "lease_human", GLOVEBOX_ERROR_LEASE_HUMAN },
  { "policy_denied", GLOVEBOX_ERROR_POLICY_DENIED },
  { "rate_limited", GLOVEBOX_ERROR_RATE_LIMITED },
  { "session_paused", GLOVEBOX_ERROR_SESSION_PAUSED },
  { "session_ended", GLOVEBOX_ERROR_SESSION_ENDED },
  { "unsupported", GLOVEBOX_ERROR_UNSUPPORTED },
  { "unconfirmed", GLOVEBOX_ERROR_UNCONFIRMED },
  { "not_found", GLOVEBOX_ERROR_NOT_FOUND },
  { "ambiguous", GLOVEBOX_ERROR_AMBIGUOUS },
  { "timeout", GLOVEBOX_ERROR_TIMEOUT },
};

/**
 * glovebox_error_from_code:
 * @code: of a refusal, as `stale_frame`
 *
 * Returns: the error for it; %GLOVEBOX_ERROR_REFUSED for one that this version does not know
 */
GloveboxError
glovebox_error_from_code (const char *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_strcmp0 (codes[i].code, code) == 0)
      return codes[i].error;

  return GLOVEBOX_ERROR_REFUSED;
}
