/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"

G_BEGIN_DECLS

typedef enum { GLB_CLIPBOARD_TO_SESSION, GLB_CLIPBOARD_TO_HOST } GlbClipboardDirection;

/**
 * GlbClipboardRules:
 *
 * What the policy says about one direction. Plain value; @types are the
 * policy's, and live as long as it.
 */
typedef struct
{
  GlbClipboardDirection  direction;
  GlbVerdict             verdict;            /* of this direction */
  GlbVerdict             secrets;            /* of what looks like one, on the way to the host */
  const char * const    *types;              /* canonical names, NULL-terminated; their order says nothing */
  guint                  max_bytes;
  guint                  max_per_minute;
  guint                  clear_after_seconds;
  gboolean               allow_files;
} GlbClipboardRules;

/* Borrows from the policy. */
GlbClipboardRules glb_clipboard_rules_from_policy (const GlbPolicy *policy, GlbClipboardDirection direction);

G_END_DECLS
