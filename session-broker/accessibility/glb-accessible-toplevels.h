/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/accessibility/glb-accessible-bus.h"

G_BEGIN_DECLS

/**
 * GlbAccessibleToplevels:
 *
 * The windows and dialogs of all programs on the bus, each with a number.
 */
typedef struct _GlbAccessibleToplevels GlbAccessibleToplevels;

GlbAccessibleToplevels *glb_accessible_toplevels_new  (GDBusConnection *bus);
void                    glb_accessible_toplevels_free (GlbAccessibleToplevels *self);
/* (nullable) (transfer none): no such number, or not any more */
const GlbAccessibleRef *glb_accessible_toplevels_find (GlbAccessibleToplevels *self, guint number);
/* At most deadline_ms, whatever programs do. */
void                    glb_accessible_toplevels_list_async  (GlbAccessibleToplevels *self, guint deadline_ms,
                                                              GAsyncReadyCallback callback, gpointer user_data);
/* As the protocol has it. n_silent: programs that did not answer in time. (transfer full) */
JsonArray              *glb_accessible_toplevels_list_finish (GlbAccessibleToplevels *self, GAsyncResult *result, guint *n_silent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbAccessibleToplevels, glb_accessible_toplevels_free)

G_END_DECLS
