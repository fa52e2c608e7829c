/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of hostile records. object: (nullable), as the member of a member may not be there. */

/* (nullable): there is none, or it is no string */
const char *glb_recording_json_get_string (JsonObject *object, const char *name);
/* (nullable) */
JsonObject *glb_recording_json_get_object (JsonObject *object, const char *name);
/* (nullable) */
JsonArray  *glb_recording_json_get_array  (JsonObject *object, const char *name);
gint64      glb_recording_json_get_int    (JsonObject *object, const char *name, gint64 otherwise);
/* (transfer full) (nullable): its text */
char       *glb_recording_json_dup_text   (JsonObject *object, const char *name);

G_END_DECLS
