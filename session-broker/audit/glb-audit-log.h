/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define GLB_TYPE_AUDIT_LOG (glb_audit_log_get_type ())
/* The event of each log's last record, and of no other. */
#define GLB_AUDIT_EVENT_END "session-end"

G_DECLARE_FINAL_TYPE (GlbAuditLog, glb_audit_log, GLB, AUDIT_LOG, GObject)

#define GLB_AUDIT_ERROR (glb_audit_error_quark ())
GQuark glb_audit_error_quark (void);

typedef enum
{
  GLB_AUDIT_ERROR_FULL,        /* no space for the record: the effect must not happen */
  GLB_AUDIT_ERROR_INVALID,     /* a record that could not be verified later (too long or deep, a bad name): not written */
  GLB_AUDIT_ERROR_CLOSED,      /* after close, or after an error that leaves the file in doubt */
  GLB_AUDIT_ERROR_BROKEN,      /* verify: altered, missing or truncated */
} GlbAuditError;

/* DIRECTORY/SESSION.jsonl, one record a line:
 *   {"seq":N,"time":"2026-11-21T09:00:00.000000Z","session":"…","policy":"<sha256>","event":"…",
 *    "actor":"agent|human|replay|broker",…fields…,"prev":"<sha256 of the line before, hex; zeros at first>"}
 * the hash is over the bytes of the previous line without its newline.  Space for the closing record is kept
 * from the start, so that a full disk cannot lose it.  DIRECTORY/index.jsonl, chained in the same way, has a
 * record when a session begins and one with count and last hash when it ends: a truncated log shows there. */
/* session: a file name of letters, digits, "-", "_", "."; no log of that name may exist.
 * The first record is the caller's to append: with the whole policy, and sync. */
GlbAuditLog *glb_audit_log_new    (const char *directory, const char *session, const char *policy_hash, GError **error);
/* Written to the kernel before it returns. sync: and to the disk. fields: (nullable) an object, its members
 * become the record's in their order; none may have the name of one of the record's own. On an error
 * nothing of the record is left in the file. Not for GLB_AUDIT_EVENT_END. */
gboolean     glb_audit_log_append (GlbAuditLog *self, const char *event, const char *actor, JsonObject *fields,
                                   gboolean sync, GError **error);
/* The last record, GLB_AUDIT_EVENT_END, to the disk, from the space kept. fields that do not fit there are left out,
 * and the record says so. An object that is finalised without it leaves a log that glb_audit_recover() closes. */
gboolean     glb_audit_log_close  (GlbAuditLog *self, JsonObject *fields, GError **error);

guint64      glb_audit_log_get_n_records (GlbAuditLog *self);

/* When a broker starts: closes the logs that a killed broker left open, with actor "broker" and
 * "reason":"broker-died", and completes the index. A partial last line (the effect of which never
 * happened) is cut off. Logs that a live process writes are left alone. n_recovered: (out) (optional). */
gboolean     glb_audit_recover (const char *directory, guint *n_recovered, GError **error);

/* TRUE: whole. complete: (out) (optional): it has its closing record. n_records: (out) (optional).
 * The message names file, line and seq of the first bad record: "FILE:LINE: seq N: what". */
gboolean     glb_audit_verify_file      (const char *path, guint64 *n_records, gboolean *complete, GError **error);
/* All sessions of DIRECTORY against the index. */
gboolean     glb_audit_verify_directory (const char *directory, guint64 *n_records, GError **error);

/* For people: one line without newline, safe to print on a terminal. line: one record, hostile or not.
 * (transfer full), NULL with GLB_AUDIT_ERROR_BROKEN where it is no record. */
char        *glb_audit_format_record (const char *line, gsize length, GError **error);

G_END_DECLS
