/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of hostile objects: what is not there, or of another type, is as if it were empty. */

/* "" */
const char *glb_replay_json_get_string  (JsonObject *object, const char *name);
/* fallback */
gint64      glb_replay_json_get_int     (JsonObject *object, const char *name, gint64 fallback);
gboolean    glb_replay_json_get_boolean (JsonObject *object, const char *name);
/* (nullable) (transfer none) */
JsonObject *glb_replay_json_get_object  (JsonObject *object, const char *name);
JsonArray  *glb_replay_json_get_array   (JsonObject *object, const char *name);
/* n whole numbers of a list of just so many. FALSE: it is none. */
gboolean    glb_replay_json_get_numbers (JsonObject *object, const char *name, guint n, int *numbers);
/* (transfer full) */
JsonObject *glb_replay_json_copy        (JsonObject *object);

G_END_DECLS
