/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/audit/glb-audit-file.h"

G_BEGIN_DECLS

#define GLB_AUDIT_INDEX_NAME  "index.jsonl"
#define GLB_AUDIT_INDEX_BEGIN "begin"
#define GLB_AUDIT_INDEX_END   "end"

/**
 * GlbAuditIndex:
 *
 * The index of a folder of logs, locked against all other processes from new
 * to free: hold it for one change only.
 */
typedef struct _GlbAuditIndex GlbAuditIndex;

GlbAuditIndex *glb_audit_index_new   (const char *directory, GError **error);
void           glb_audit_index_free  (GlbAuditIndex *self);
/* Also keeps space for this session's end. */
gboolean       glb_audit_index_begin (GlbAuditIndex *self, const char *session, const char *policy, GError **error);
/* last: SHA-256 of the log's last line. */
gboolean       glb_audit_index_end   (GlbAuditIndex *self, const char *session, const char *policy,
                                      guint64 n_records, const char *last, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbAuditIndex, glb_audit_index_free)

G_END_DECLS
