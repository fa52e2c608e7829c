/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/**
 * GlbPolicyDraft:
 *
 * A policy that is read or written: its text now, and as it was when it was
 * read from its file.
 */
typedef struct
{
  char *name;
  gboolean own;
  char *saved;
  char *text;
} GlbPolicyDraft;

/* (transfer full) */
GlbPolicyDraft *glb_policy_draft_new       (const char *name, gboolean own, GError **error);
void            glb_policy_draft_free      (GlbPolicyDraft *self);
gboolean        glb_policy_draft_is_saved  (const GlbPolicyDraft *self);
gboolean        glb_policy_draft_save      (GlbPolicyDraft *self, GError **error);
/* Whether it may start. line: (out): of what is wrong, or 0; the message is without it. (transfer full) */
GlbPolicy      *glb_policy_draft_parse     (const GlbPolicyDraft *self, guint *line, char **problem);
/* The template that it was most likely made from, by its name. (transfer full) */
char           *glb_policy_draft_find_base (const GlbPolicyDraft *self);

G_END_DECLS
