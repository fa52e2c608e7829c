/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/audit/glb-audit-index.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "session-broker/audit/glb-audit-log.h"
#include "session-broker/audit/glb-audit-record.h"

/* Longest line of the index, and so the space that each open session has in it. */
#define LINE_BYTES 1024u

struct _GlbAuditIndex
{
  GlbAuditFile *file;
  guint64       seq;       /* of the last record */
  guint64       n_open;    /* sessions that have begun and not ended */
  char         *last;      /* hash of the last line */
};

static gboolean
lock (GlbAuditFile  *file,
      GError       **error)
{
  /* Held for one line by each; no holder waits for anything but the disk. */
  while (flock (file->fd, LOCK_EX) < 0)
    {
      if (errno == EINTR)
        continue;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't lock %s: %s", file->path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

static gboolean
broken (GlbAuditIndex  *self,
        const char     *what,
        GError        **error)
{
  g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN,
               "Can't continue %s: its last record is bad (%s); see \"glovebox audit verify\", and move the folder aside to begin anew",
               self->file->path, what);
  return FALSE;
}

static gboolean
read_last (GlbAuditIndex  *self,
           const char     *line,
           gsize           length,
           GError        **error)
{
  g_auto(GlbAuditRecord) record = { 0 };
  g_autoptr(GError) record_error = NULL;
  JsonNode *open;

  if (!glb_audit_record_parse (&record, line, length, &record_error))
    return broken (self, record_error->message, error);
  open = json_object_get_member (record.fields, "open");
  if (open == NULL || !JSON_NODE_HOLDS_VALUE (open) || json_node_get_value_type (open) != G_TYPE_INT64
      || json_node_get_int (open) < 0)
    return broken (self, "it has no number \"open\"", error);

  self->seq = record.seq;
  self->n_open = json_node_get_int (open);
  self->last = glb_audit_hash_line (line, length);
  return TRUE;
}

/* Takes up the chain; a line that a crash left half-written goes. */
static gboolean
read_tail (GlbAuditIndex  *self,
           GError        **error)
{
  char tail[2 * LINE_BYTES];
  guint64 size = lseek (self->file->fd, 0, SEEK_END);
  gsize wanted = MIN (size, sizeof tail);
  gssize n_read = pread (self->file->fd, tail, wanted, size - wanted);
  const char *newline;
  const char *line;

  if (n_read < 0 || (gsize) n_read != wanted)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't read %s", self->file->path);
      return FALSE;
    }
  /* Another process may have appended since the file was opened. */
  self->file->size = self->file->reserved_end = size;

  newline = wanted > 0 ? memrchr (tail, '\n', wanted) : NULL;
  if (newline == NULL)
    {
      if (size > sizeof tail)
        return broken (self, "it is too long", error);
      self->last = g_strdup (glb_audit_zero_hash ());
      return size == 0 || glb_audit_file_truncate (self->file, 0, error);
    }

  line = newline > tail ? memrchr (tail, '\n', newline - tail) : NULL;
  if (line == NULL && size > sizeof tail)
    return broken (self, "it is too long", error);
  line = line != NULL ? line + 1 : tail;
  if (!read_last (self, line, newline - line, error))
    return FALSE;
  if (newline + 1 < tail + wanted)
    return glb_audit_file_truncate (self->file, size - (tail + wanted - newline - 1), error);
  return TRUE;
}

GlbAuditIndex *
glb_audit_index_new (const char  *directory,
                     GError     **error)
{
  g_autoptr(GlbAuditIndex) self = g_new0 (GlbAuditIndex, 1);
  g_autofree char *path = g_build_filename (directory, GLB_AUDIT_INDEX_NAME, NULL);

  self->file = glb_audit_file_new (path, O_CREAT, error);
  if (self->file == NULL || !lock (self->file, error) || !read_tail (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
glb_audit_index_free (GlbAuditIndex *self)
{
  /* Closing the descriptor ends the lock. */
  g_clear_pointer (&self->file, glb_audit_file_free);
  g_free (self->last);
  g_free (self);
}

static gboolean
append (GlbAuditIndex   *self,
        GlbAuditRecord  *record,
        JsonObject      *fields,
        guint64          n_open,
        gboolean         from_kept,
        GError         **error)
{
  g_autoptr(GString) line = NULL;

  record->seq = self->seq + 1;
  record->actor = (char *) "broker";
  record->prev = self->last;
  line = glb_audit_record_compose (record, fields, error);
  if (line == NULL)
    return FALSE;
  if (!glb_audit_file_append (self->file, line->str, line->len, n_open * LINE_BYTES, from_kept, FALSE, error))
    return FALSE;

  self->seq = record->seq;
  self->n_open = n_open;
  g_free (self->last);
  self->last = glb_audit_hash_line (line->str, line->len - 1);
  return TRUE;
}

gboolean
glb_audit_index_begin (GlbAuditIndex  *self,
                       const char     *session,
                       const char     *policy,
                       GError        **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  GlbAuditRecord record = {
    .session = (char *) session,
    .policy = (char *) policy,
    .event = (char *) GLB_AUDIT_INDEX_BEGIN,
  };

  json_object_set_int_member (fields, "open", self->n_open + 1);
  return append (self, &record, fields, self->n_open + 1, FALSE, error);
}

gboolean
glb_audit_index_end (GlbAuditIndex  *self,
                     const char     *session,
                     const char     *policy,
                     guint64         n_records,
                     const char     *last,
                     GError        **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  guint64 n_open = self->n_open > 0 ? self->n_open - 1 : 0;
  GlbAuditRecord record = {
    .session = (char *) session,
    .policy = (char *) policy,
    .event = (char *) GLB_AUDIT_INDEX_END,
  };

  json_object_set_int_member (fields, "open", n_open);
  json_object_set_int_member (fields, "records", n_records);
  json_object_set_string_member (fields, "last", last);
  return append (self, &record, fields, n_open, TRUE, error);
}
