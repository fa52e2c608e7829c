/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Actions of docs/actions.md as JSON, for those that a person did. held: (nullable): the chord held meanwhile. (transfer full) */
JsonNode *glb_trace_action_new_pointer (const char *action, int x, int y, const char *held);
JsonNode *glb_trace_action_new_drag    (int from_x, int from_y, int x, int y, const char *held);
JsonNode *glb_trace_action_new_scroll  (int x, int y, const char *direction, guint clicks, const char *held);
/* "type" or "key" */
JsonNode *glb_trace_action_new_text    (const char *action, const char *text);
JsonNode *glb_trace_action_new_hold    (const char *chord, gint64 duration_us);

G_END_DECLS
