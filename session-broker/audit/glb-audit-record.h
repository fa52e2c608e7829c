/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Longest line of a log, its newline included, and deepest nesting. */
#define GLB_AUDIT_LINE_MAX  (1024u * 1024u)
#define GLB_AUDIT_DEPTH_MAX 32u
#define GLB_AUDIT_HASH_HEX  64u

/* What every record has, besides its event's own fields. */
typedef struct
{
  guint64     seq;
  char       *time;         /* of a parsed record */
  char       *session;
  char       *policy;
  char       *event;
  char       *actor;
  char       *prev;
  JsonObject *fields;       /* of a parsed record: all members */
} GlbAuditRecord;

/* Writes the line, newline included, with the present time; checks that it can be read back. */
GString  *glb_audit_record_compose (const GlbAuditRecord *record, JsonObject *fields, GError **error);
/* Parses one line without its newline, hostile. */
gboolean  glb_audit_record_parse   (GlbAuditRecord *record, const char *untrusted_line, gsize length, GError **error);
void      glb_audit_record_clear   (GlbAuditRecord *record);
/* Hex SHA-256 of a line without its newline. (transfer full) */
char     *glb_audit_hash_line      (const char *line, gsize length);
const char *glb_audit_zero_hash    (void);
gboolean  glb_audit_name_is_valid  (const char *session);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlbAuditRecord, glb_audit_record_clear)

G_END_DECLS
