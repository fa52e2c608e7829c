/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/audit/glb-audit-file.h"
#include "session-broker/audit/glb-audit-record.h"

G_BEGIN_DECLS

/* The lock of a log's one writer; and whether somebody has it, without taking it. */
gboolean glb_audit_lock_log       (GlbAuditFile *file, GError **error);
gboolean glb_audit_log_is_written (int fd);

/* What a look through one file found: up to its first bad record where there is one. */
typedef struct
{
  guint64 n_records;
  guint64 end;              /* offset after the last good line */
  gboolean complete;
  char *session;            /* (nullable) */
  char *policy;             /* (nullable) */
  char *last;               /* hash of the last good line */
} GlbAuditSummary;

/* Called with each good record. */
typedef gboolean (*GlbAuditRecordFunc) (const GlbAuditRecord *record, gpointer user_data, GError **error);

typedef enum
{
  GLB_AUDIT_SCAN_LOG      = 0,
  GLB_AUDIT_SCAN_INDEX    = 1 << 0,   /* records of many sessions */
  GLB_AUDIT_SCAN_PARTIAL  = 1 << 1,   /* a last line without newline is no error, but left out */
} GlbAuditScanFlags;

/* Reads fd from its start. name: for messages. func: (nullable). summary: cleared by the caller in any case. */
gboolean glb_audit_scan (int fd, const char *name, GlbAuditScanFlags flags, GlbAuditRecordFunc func, gpointer user_data,
                         GlbAuditSummary *summary, GError **error);
void     glb_audit_summary_clear (GlbAuditSummary *summary);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlbAuditSummary, glb_audit_summary_clear)

/* What the index says of one session. */
typedef struct
{
  char    *session;
  char    *policy;
  guint64  line;             /* of its beginning */
  gboolean ended;
  guint64  n_records;
  char    *last;
} GlbAuditEntry;

void       glb_audit_entry_free (GlbAuditEntry *entry);
/* In the order of the index. n_records: (out): of the index itself. (element-type GlbAuditEntry) */
GPtrArray *glb_audit_read_index (const char *directory, guint64 *n_records, GError **error);

G_END_DECLS
