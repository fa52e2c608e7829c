/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/accessibility/glb-accessible-bus.h"

G_BEGIN_DECLS

/* How far a walk goes. */
typedef struct
{
  guint max_nodes, max_depth;
  guint deadline_ms;
  gboolean focus_only;       /* only on the way to the object with the keyboard's focus; finish with that */
} GlbAccessibleLimits;

/**
 * glb_accessible_walk_async:
 * @roots: (element-type GlbAccessibleRef): where it begins; copied
 *
 * What the objects say of themselves and of all below them that shows, level by
 * level, many calls at once. It ends with its limits, at the latest with its
 * deadline, whatever programs do: loops, never answer, have millions of
 * children.
 */
void       glb_accessible_walk_async  (GDBusConnection *bus, GPtrArray *roots, const GlbAccessibleLimits *limits,
                                       GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full) (element-type JsonNode): of each root, NULL where it did not answer. truncated: there is more. */
GPtrArray *glb_accessible_walk_finish (GAsyncResult *result, gboolean *truncated);
/* With focus_only. (transfer full) (nullable): the deepest object that has it */
GlbAccessibleRef *glb_accessible_walk_finish_focus (GAsyncResult *result);

G_END_DECLS
