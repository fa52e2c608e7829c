/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of hostile records. object: (nullable), as the member of a member may not be there. */

/* (nullable): there is none, or it is no string */
const char *glb_record_json_get_string (JsonObject *object, const char *name);
/* (nullable): there is none, or it is no object */
JsonObject *glb_record_json_get_object (JsonObject *object, const char *name);
/* FALSE: there is none, or it is no whole number; then value stays as it is. */
gboolean    glb_record_json_get_int    (JsonObject *object, const char *name, gint64 *value);

G_END_DECLS
