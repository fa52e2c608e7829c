/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Of the format, in the first record. */
#define GLB_RECORD_VERSION 1

#define GLB_RECORD_FIRST_TYPE "recording"
#define GLB_RECORD_LAST_TYPE  "end"

/* Hex digits of the SHA-256 of the line before. */
#define GLB_RECORD_HASH_HEX 16u

/* What each record has; its own members stand between "type" and "prev". */
typedef struct
{
  guint64     n;             /* from 1 */
  gint64      ms;            /* since the recording began */
  const char *type;
  char        prev[GLB_RECORD_HASH_HEX + 1];
} GlbRecordLine;

/* Names the line before the first. */
const char *glb_record_line_zero_hash (void);
/* Of a line without its newline. */
void        glb_record_line_hash      (const char *line, gsize length, char hash[GLB_RECORD_HASH_HEX + 1]);
/* The line with its newline; fails where it could not be read back. fields: (nullable). (transfer full) */
GString    *glb_record_line_compose   (const GlbRecordLine *line, JsonObject *fields, GError **error);
/* Reads one line without its newline, hostile. line->type belongs to the object. (transfer full): all members */
JsonObject *glb_record_line_parse     (GlbRecordLine *line, const char *untrusted_line, gsize length, GError **error);
/* Whether a record may be of this type: letters, digits and "-". */
gboolean    glb_record_type_is_valid  (const char *type);

G_END_DECLS
