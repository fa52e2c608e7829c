/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One member of an action's objects. what: how a message calls it ("target.name"). GLB_ACTION_ERROR. */
gboolean glb_member_get_glob    (JsonNode *untrusted_node, const char *what, char **glob, GError **error);
gboolean glb_member_get_number  (JsonNode *untrusted_node, const char *what, gint64 min, gint64 max, gint64 *value, GError **error);
gboolean glb_member_get_boolean (JsonNode *untrusted_node, const char *what, gboolean *value, GError **error);
/* So many whole numbers from 0 to GLB_ACTION_COORDINATE_MAX. */
gboolean glb_member_get_pixels  (JsonNode *untrusted_node, const char *what, int *values, guint n_values, GError **error);
/* (nullable): it is no string */
const char *glb_member_peek_string (JsonNode *untrusted_node);
/* Always FALSE: there is no such member. */
gboolean glb_member_unknown     (const char *untrusted_name, const char *what, const char *possible, GError **error);

G_END_DECLS
