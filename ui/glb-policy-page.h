/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * GlbPolicyPage:
 *
 * Reads the templates, and writes policies of the person's own: form and JSON
 * side by side, what is wrong at its line, the policy in plain words and what
 * it says other than a template.
 *
 * signal ::start (GlbPolicyPage *self, const char *name, gboolean own): an agent is wanted under this policy
 */
#define GLB_TYPE_POLICY_PAGE (glb_policy_page_get_type ())
G_DECLARE_FINAL_TYPE (GlbPolicyPage, glb_policy_page, GLB, POLICY_PAGE, AdwBin)

GtkWidget *glb_policy_page_new    (void);
void       glb_policy_page_choose (GlbPolicyPage *self, const char *name, gboolean own);

G_END_DECLS
