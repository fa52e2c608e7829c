/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define GLB_TYPE_AUDIT_LOG (glb_audit_log_get_type ())
G_DECLARE_FINAL_TYPE (GlbAuditLog, glb_audit_log, GLB, AUDIT_LOG, GObject)

#define GLB_AUDIT_ERROR (glb_audit_error_quark ())
GQuark glb_audit_error_quark (void);

typedef enum
{
  GLB_AUDIT_ERROR_FULL,        /* no space for the record: the effect must not happen */
  GLB_AUDIT_ERROR_BROKEN,      /* verify: altered, missing or truncated */
} GlbAuditError;

/* DIRECTORY/SESSION.jsonl, one record a line:
 *   {"seq":N,"time":"2026-11-21T09:00:00.000000Z","session":"…","policy":"<sha256>","event":"…",
 *    "actor":"agent|human|replay|broker",…fields…,"prev":"<sha256 of the line before, hex; zeros at first>"}
 * the hash is over the bytes of the previous line without its newline.  Space for the closing record is kept
 * from the start, so that a full disk cannot lose it.  DIRECTORY/index.jsonl, chained in the same way, has a
 * record when a session begins and one with count and last hash when it ends: a truncated log shows there. */
GlbAuditLog *glb_audit_log_new    (const char *directory, const char *session, const char *policy_hash, GError **error);
/* Written to the kernel before it returns. sync: and to the disk. fields: (nullable) an object. */
gboolean     glb_audit_log_append (GlbAuditLog *self, const char *event, const char *actor, JsonObject *fields,
                                   gboolean sync, GError **error);
/* The last record; from the space kept. */
gboolean     glb_audit_log_close  (GlbAuditLog *self, JsonObject *fields, GError **error);

/* NULL error: whole. n_records: (out) (optional). The message names file, line and seq of the first bad record. */
gboolean     glb_audit_verify_file      (const char *path, guint64 *n_records, gboolean *complete, GError **error);
/* All sessions of DIRECTORY against the index. */
gboolean     glb_audit_verify_directory (const char *directory, guint64 *n_records, GError **error);

G_END_DECLS
