/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of hostile records, beside those of session-broker/record/glb-record-json.h. object: (nullable), as the member of a
 * member may not be there. */

/* (nullable) */
JsonArray  *glb_recording_json_get_array  (JsonObject *object, const char *name);
gint64      glb_recording_json_get_int    (JsonObject *object, const char *name, gint64 otherwise);
/* (transfer full) (nullable): its text */
char       *glb_recording_json_dup_text   (JsonObject *object, const char *name);

G_END_DECLS
