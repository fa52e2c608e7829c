/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <glovebox-version.h>

G_BEGIN_DECLS

#define GLOVEBOX_ERROR (glovebox_error_quark ())

/**
 * GloveboxError:
 * @GLOVEBOX_ERROR_NO_SESSION: the program does not run in a session, or its session has no desktop
 * @GLOVEBOX_ERROR_PROTOCOL: what came back is no answer
 * @GLOVEBOX_ERROR_FAILED: Glovebox could not do it; whether something of it happened is not known
 * @GLOVEBOX_ERROR_REFUSED: refused with a code that this version does not know
 * @GLOVEBOX_ERROR_MALFORMED: `malformed`: no such action, parameter or key, or a wrong type
 * @GLOVEBOX_ERROR_OUT_OF_BOUNDS: `out_of_bounds`
 * @GLOVEBOX_ERROR_STALE_FRAME: `stale_frame`: the screen changed since that frame
 * @GLOVEBOX_ERROR_EXPECTATION_FAILED: `expectation_failed`
 * @GLOVEBOX_ERROR_LEASE_HUMAN: `lease_human`: a person drives
 * @GLOVEBOX_ERROR_POLICY_DENIED: `policy_denied`
 * @GLOVEBOX_ERROR_RATE_LIMITED: `rate_limited`
 * @GLOVEBOX_ERROR_SESSION_PAUSED: `session_paused`
 * @GLOVEBOX_ERROR_SESSION_ENDED: `session_ended`
 * @GLOVEBOX_ERROR_UNSUPPORTED: `unsupported`
 * @GLOVEBOX_ERROR_UNCONFIRMED: `unconfirmed`
 * @GLOVEBOX_ERROR_NOT_FOUND: `not_found`: no such window or element, or nothing is copied
 * @GLOVEBOX_ERROR_AMBIGUOUS: `ambiguous`: several elements are meant
 * @GLOVEBOX_ERROR_TIMEOUT: `timeout`: what was waited for did not happen
 *
 * Why an action was not carried out. The message says more.
 *
 * A deadline that passed before there was any answer is %G_IO_ERROR_TIMED_OUT,
 * a cancelled call %G_IO_ERROR_CANCELLED: whether the action happened is not
 * known then.
 */
typedef enum
{
  GLOVEBOX_ERROR_NO_SESSION,
  GLOVEBOX_ERROR_PROTOCOL,
  GLOVEBOX_ERROR_FAILED,
  GLOVEBOX_ERROR_REFUSED,
  GLOVEBOX_ERROR_MALFORMED,
  GLOVEBOX_ERROR_OUT_OF_BOUNDS,
  GLOVEBOX_ERROR_STALE_FRAME,
  GLOVEBOX_ERROR_EXPECTATION_FAILED,
  GLOVEBOX_ERROR_LEASE_HUMAN,
  GLOVEBOX_ERROR_POLICY_DENIED,
  GLOVEBOX_ERROR_RATE_LIMITED,
  GLOVEBOX_ERROR_SESSION_PAUSED,
  GLOVEBOX_ERROR_SESSION_ENDED,
  GLOVEBOX_ERROR_UNSUPPORTED,
  GLOVEBOX_ERROR_UNCONFIRMED,
  GLOVEBOX_ERROR_NOT_FOUND,
  GLOVEBOX_ERROR_AMBIGUOUS,
  GLOVEBOX_ERROR_TIMEOUT,
} GloveboxError;

GLOVEBOX_EXTERN
GQuark        glovebox_error_quark     (void);
GLOVEBOX_EXTERN
GloveboxError glovebox_error_from_code (const char *code);

G_END_DECLS
