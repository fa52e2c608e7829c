/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/**
 * GlbWordsList:
 *
 * A policy in plain words: what it may, what it asks first, what it may not,
 * and its limits.
 */
#define GLB_TYPE_WORDS_LIST (glb_words_list_get_type ())
G_DECLARE_FINAL_TYPE (GlbWordsList, glb_words_list, GLB, WORDS_LIST, GtkBox)

GtkWidget *glb_words_list_new        (void);
/* policy: (nullable): nothing is said */
void       glb_words_list_set_policy (GlbWordsList *self, const GlbPolicy *policy);

G_END_DECLS
