/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why nothing crosses: of a decision, and of the errors of glb_clipboard_clean(). */
typedef enum
{
  GLB_CLIPBOARD_CODE_NONE,               /* not refused */
  GLB_CLIPBOARD_CODE_POLICY_DENIED,      /* this direction is closed */
  GLB_CLIPBOARD_CODE_EMPTY,              /* nothing offered, or nothing left */
  GLB_CLIPBOARD_CODE_TOO_MANY_TYPES,
  GLB_CLIPBOARD_CODE_TYPE_NOT_OFFERED,   /* asked for, but not there */
  GLB_CLIPBOARD_CODE_TYPE_NOT_ALLOWED,   /* not in the policy's types */
  GLB_CLIPBOARD_CODE_TYPE_UNSUPPORTED,   /* in the policy's types, but nobody here can clean it */
  GLB_CLIPBOARD_CODE_FILES,              /* a list of files without allowFiles */
  GLB_CLIPBOARD_CODE_EXECUTABLE,         /* a program without allowFiles */
  GLB_CLIPBOARD_CODE_SECRET,             /* marked as a password, and secrets do not leave */
  GLB_CLIPBOARD_CODE_RATE_LIMITED,
  GLB_CLIPBOARD_CODE_TOO_LARGE,
  GLB_CLIPBOARD_CODE_NOT_UTF8,
  GLB_CLIPBOARD_CODE_NUL,
  GLB_CLIPBOARD_CODE_MALFORMED,          /* not what its type says */
  GLB_CLIPBOARD_N_CODES,
} GlbClipboardCode;

#define GLB_CLIPBOARD_ERROR (glb_clipboard_error_quark ())
GQuark glb_clipboard_error_quark (void);   /* its codes are GlbClipboardCode */

/* The name in audit records, on D-Bus and in results: "rate_limited". NULL for NONE. */
const char *glb_clipboard_code_to_string (GlbClipboardCode code);

G_END_DECLS
