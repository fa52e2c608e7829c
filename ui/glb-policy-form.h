/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/**
 * GlbPolicyForm:
 *
 * A policy as rows to choose in. What only few need is in the JSON alone.
 *
 * signal ::edited (GlbPolicyForm *self, const char *pointer, const char *json): the person wants this value there
 */
#define GLB_TYPE_POLICY_FORM (glb_policy_form_get_type ())
G_DECLARE_FINAL_TYPE (GlbPolicyForm, glb_policy_form, GLB, POLICY_FORM, GtkBox)

GtkWidget *glb_policy_form_new        (void);
/* Shows what it says. */
void       glb_policy_form_set_policy (GlbPolicyForm *self, const GlbPolicy *policy);

G_END_DECLS
