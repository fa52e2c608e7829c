/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * GlbPolicyText:
 *
 * The JSON of a policy, with numbered lines and one that may be marked.
 *
 * signal ::edited (GlbPolicyText *self): the person changed it
 */
#define GLB_TYPE_POLICY_TEXT (glb_policy_text_get_type ())
G_DECLARE_FINAL_TYPE (GlbPolicyText, glb_policy_text, GLB, POLICY_TEXT, AdwBin)

GtkWidget *glb_policy_text_new          (void);
/* Another document: without a way back to the one before. */
void       glb_policy_text_set          (GlbPolicyText *self, const char *text, gboolean editable);
/* The same document, changed from outside: the person can undo it. */
void       glb_policy_text_replace      (GlbPolicyText *self, const char *text);
/* (transfer full) */
char      *glb_policy_text_get          (GlbPolicyText *self);
/* line: from 1; 0: none */
void       glb_policy_text_mark_line    (GlbPolicyText *self, guint line);
void       glb_policy_text_go_to_line   (GlbPolicyText *self, guint line);

G_END_DECLS
