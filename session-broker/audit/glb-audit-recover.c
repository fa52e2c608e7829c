/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/audit/glb-audit-log.h"

#include <string.h>

#include "session-broker/audit/glb-audit-index.h"
#include "session-broker/audit/glb-audit-private.h"

static gboolean
append_closing (GlbAuditFile         *file,
                const GlbAuditEntry  *entry,
                GlbAuditSummary      *summary,
                GError              **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(GString) line = NULL;
  const GlbAuditRecord record = {
    .seq = summary->n_records + 1,
    .session = entry->session,
    .policy = entry->policy,
    .event = (char *) GLB_AUDIT_EVENT_END,
    .actor = (char *) "broker",
    .prev = summary->last,
  };

  json_object_set_string_member (fields, "reason", "broker-died");
  line = glb_audit_record_compose (&record, fields, error);
  if (line == NULL || !glb_audit_file_append (file, line->str, line->len, 0, TRUE, TRUE, error))
    return FALSE;

  summary->n_records++;
  g_free (summary->last);
  summary->last = glb_audit_hash_line (line->str, line->len - 1);
  return TRUE;
}

/* TRUE: nothing to do, or done. closed: (out): whether it was done. */
static gboolean
recover_entry (const char           *directory,
               const GlbAuditEntry  *entry,
               GlbAuditIndex        *index,
               gboolean             *closed,
               GError              **error)
{
  g_autofree char *name = g_strconcat (entry->session, ".jsonl", NULL);
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr(GlbAuditFile) file = glb_audit_file_new (path, 0, NULL);
  g_auto(GlbAuditSummary) summary = { 0 };

  /* A log that is gone or altered is evidence: left as it is, for the verifier to name. */
  if (file == NULL || !glb_audit_lock_log (file, NULL)
      || !glb_audit_scan (file->fd, path, GLB_AUDIT_SCAN_PARTIAL, NULL, NULL, &summary, NULL))
    return TRUE;
  if (summary.session != NULL
      && (strcmp (summary.session, entry->session) != 0 || strcmp (summary.policy, entry->policy) != 0))
    return TRUE;

  if (!summary.complete)
    {
      if (summary.end < file->size && !glb_audit_file_truncate (file, summary.end, error))
        return FALSE;
      if (!append_closing (file, entry, &summary, error))
        return FALSE;
    }
  if (!glb_audit_index_end (index, entry->session, entry->policy, summary.n_records, summary.last, error))
    return FALSE;
  glb_audit_file_trim (file);
  *closed = TRUE;
  return TRUE;
}

gboolean
glb_audit_recover (const char  *directory,
                   guint       *n_recovered,
                   GError     **error)
{
  g_autoptr(GlbAuditIndex) index = NULL;
  g_autoptr(GPtrArray) entries = NULL;
  guint64 n_records = 0;

  g_return_val_if_fail (directory != NULL, FALSE);

  if (n_recovered != NULL)
    *n_recovered = 0;
  index = glb_audit_index_new (directory, error);
  if (index == NULL)
    return FALSE;
  entries = glb_audit_read_index (directory, &n_records, error);
  if (entries == NULL)
    return FALSE;

  for (guint i = 0; i < entries->len; i++)
    {
      const GlbAuditEntry *entry = g_ptr_array_index (entries, i);
      gboolean closed = FALSE;

      if (!entry->ended && !recover_entry (directory, entry, index, &closed, error))
        return FALSE;
      if (closed && n_recovered != NULL)
        (*n_recovered)++;
    }
  return TRUE;
}
