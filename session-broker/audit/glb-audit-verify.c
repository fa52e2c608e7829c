/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Verification reads files that somebody may have altered: line by line with a
 * bound, through the strict parser, to the first thing that is wrong.
 *
 * What it can find: a record altered, missing, moved or inserted (the chain),
 * and a log or a record cut off at the end, or rewritten as a whole (the
 * index). What it cannot: somebody who may write both the log and the index
 * and computes every hash anew.
 */

#include "session-broker/audit/glb-audit-log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "session-broker/audit/glb-audit-index.h"
#include "session-broker/audit/glb-audit-private.h"

#define READ_BYTES (64u * 1024u)

typedef struct
{
  const char         *name;
  GlbAuditScanFlags   flags;
  GlbAuditRecordFunc  func;
  gpointer            user_data;
  GlbAuditSummary    *summary;
} Scan;

G_GNUC_PRINTF (4, 5)
static gboolean
broken (const char  *name,
        guint64      seq,
        GError     **error,
        const char  *format,
        ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  /* Line and seq are the same number in a whole log. */
  g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN,
               "%s:%" G_GUINT64_FORMAT ": seq %" G_GUINT64_FORMAT ": %s", name, seq, seq, what);
  return FALSE;
}

static gboolean
check_chain (Scan                  *scan,
             const GlbAuditRecord  *record,
             GError               **error)
{
  GlbAuditSummary *summary = scan->summary;
  guint64 expected = summary->n_records + 1;

  if (summary->complete)
    return broken (scan->name, expected, error, "added: the record before it closes the log");
  if (record->seq > expected)
    return broken (scan->name, expected, error, "missing: the record in its place has seq %" G_GUINT64_FORMAT, record->seq);
  if (record->seq < expected)
    return broken (scan->name, expected, error, "altered: it has seq %" G_GUINT64_FORMAT, record->seq);
  if (strcmp (record->prev, summary->last) != 0 && expected == 1)
    return broken (scan->name, expected, error, "altered: the first record's \"prev\" is not zeros");
  if (strcmp (record->prev, summary->last) != 0)
    return broken (scan->name, expected - 1, error,
                   "altered: its SHA-256 is not the one in the record after it (seq %" G_GUINT64_FORMAT ")", expected);
  return TRUE;
}

static gboolean
check_identity (Scan                  *scan,
                const GlbAuditRecord  *record,
                GError               **error)
{
  GlbAuditSummary *summary = scan->summary;

  if ((scan->flags & GLB_AUDIT_SCAN_INDEX) != 0)
    return TRUE;
  if (summary->session == NULL)
    {
      summary->session = g_strdup (record->session);
      summary->policy = g_strdup (record->policy);
      return TRUE;
    }
  if (strcmp (record->session, summary->session) != 0)
    return broken (scan->name, record->seq, error, "altered: it is of another session");
  if (strcmp (record->policy, summary->policy) != 0)
    return broken (scan->name, record->seq, error, "altered: it is of another policy");
  return TRUE;
}

static gboolean
scan_line (Scan        *scan,
           const char  *untrusted_line,
           gsize        length,
           GError     **error)
{
  GlbAuditSummary *summary = scan->summary;
  g_auto(GlbAuditRecord) record = { 0 };
  g_autoptr(GError) parse_error = NULL;

  if (!glb_audit_record_parse (&record, untrusted_line, length, &parse_error))
    return broken (scan->name, summary->n_records + 1, error, "altered: %s", parse_error->message);
  if (!check_chain (scan, &record, error) || !check_identity (scan, &record, error))
    return FALSE;
  if (scan->func != NULL && !scan->func (&record, scan->user_data, error))
    return FALSE;

  summary->n_records++;
  summary->end += length + 1;
  summary->complete = (scan->flags & GLB_AUDIT_SCAN_INDEX) == 0 && strcmp (record.event, GLB_AUDIT_EVENT_END) == 0;
  g_free (summary->last);
  summary->last = glb_audit_hash_line (untrusted_line, length);
  return TRUE;
}

/* Takes whole lines off the front of buffer. */
static gboolean
scan_buffer (Scan     *scan,
             GString  *buffer,
             GError  **error)
{
  const char *line = buffer->str;
  const char *newline;

  while ((newline = memchr (line, '\n', buffer->str + buffer->len - line)) != NULL)
    {
      if (!scan_line (scan, line, newline - line, error))
        return FALSE;
      line = newline + 1;
    }
  g_string_erase (buffer, 0, line - buffer->str);

  if (buffer->len >= GLB_AUDIT_LINE_MAX)
    return broken (scan->name, scan->summary->n_records + 1, error, "altered: it is longer than %u bytes", GLB_AUDIT_LINE_MAX);
  return TRUE;
}

static gboolean
read_more (int          fd,
           const char  *name,
           GString     *buffer,
           gsize       *n_read,
           GError     **error)
{
  gsize old = buffer->len;
  gssize result;

  g_string_set_size (buffer, old + READ_BYTES);
  do
    result = read (fd, buffer->str + old, READ_BYTES);
  while (result < 0 && errno == EINTR);
  g_string_set_size (buffer, old + MAX (result, 0));

  if (result < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't read %s: %s", name, g_strerror (errno));
      return FALSE;
    }
  *n_read = result;
  return TRUE;
}

gboolean
glb_audit_scan (int                  fd,
                const char          *name,
                GlbAuditScanFlags    flags,
                GlbAuditRecordFunc   func,
                gpointer             user_data,
                GlbAuditSummary     *summary,
                GError             **error)
{
  Scan scan = { .name = name, .flags = flags, .func = func, .user_data = user_data, .summary = summary };
  g_autoptr(GString) buffer = g_string_sized_new (2 * READ_BYTES);
  gsize n_read = 1;

  *summary = (GlbAuditSummary) { .last = g_strdup (glb_audit_zero_hash ()) };
  if (lseek (fd, 0, SEEK_SET) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't read %s: %s", name, g_strerror (errno));
      return FALSE;
    }

  while (n_read > 0)
    if (!read_more (fd, name, buffer, &n_read, error) || !scan_buffer (&scan, buffer, error))
      return FALSE;

  if (buffer->len > 0 && (flags & GLB_AUDIT_SCAN_PARTIAL) == 0)
    return broken (name, summary->n_records + 1, error, "truncated: its line has no end");
  return TRUE;
}

void
glb_audit_summary_clear (GlbAuditSummary *summary)
{
  g_clear_pointer (&summary->session, g_free);
  g_clear_pointer (&summary->policy, g_free);
  g_clear_pointer (&summary->last, g_free);
}

static int
open_for_reading (const char  *path,
                  GError     **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);

  if (fd < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't open %s: %s", path, g_strerror (errno));
  return fd;
}

gboolean
glb_audit_verify_file (const char  *path,
                       guint64     *n_records,
                       gboolean    *complete,
                       GError     **error)
{
  g_auto(GlbAuditSummary) summary = { 0 };
  g_autofree char *name = NULL;
  GlbAuditScanFlags flags;
  gboolean whole;
  int fd;

  g_return_val_if_fail (path != NULL, FALSE);

  fd = open_for_reading (path, error);
  if (fd < 0)
    return FALSE;
  name = g_path_get_basename (path);
  flags = strcmp (name, GLB_AUDIT_INDEX_NAME) == 0 ? GLB_AUDIT_SCAN_INDEX : GLB_AUDIT_SCAN_LOG;
  whole = glb_audit_scan (fd, path, flags, NULL, NULL, &summary, error);
  close (fd);

  if (n_records != NULL)
    *n_records = summary.n_records;
  if (complete != NULL)
    *complete = summary.complete;
  return whole;
}

void
glb_audit_entry_free (GlbAuditEntry *entry)
{
  g_free (entry->session);
  g_free (entry->policy);
  g_free (entry->last);
  g_free (entry);
}

typedef struct
{
  const char *name;
  GPtrArray  *entries;
  GHashTable *by_session;    /* of entries, borrowed */
} IndexReader;

static gboolean
read_end (IndexReader           *reader,
          const GlbAuditRecord  *record,
          GlbAuditEntry         *entry,
          GError               **error)
{
  JsonNode *records = json_object_get_member (record->fields, "records");
  JsonNode *last = json_object_get_member (record->fields, "last");

  if (entry == NULL)
    return broken (reader->name, record->seq, error, "altered: it ends the session %s, which never began", record->session);
  if (entry->ended)
    return broken (reader->name, record->seq, error, "altered: the session %s ends twice", record->session);
  if (records == NULL || !JSON_NODE_HOLDS_VALUE (records) || json_node_get_value_type (records) != G_TYPE_INT64
      || last == NULL || !JSON_NODE_HOLDS_VALUE (last) || json_node_get_value_type (last) != G_TYPE_STRING)
    return broken (reader->name, record->seq, error, "altered: \"records\" or \"last\" is missing");

  entry->ended = TRUE;
  entry->n_records = json_node_get_int (records);
  entry->last = json_node_dup_string (last);
  return TRUE;
}

static gboolean
read_index_record (const GlbAuditRecord  *record,
                   gpointer               user_data,
                   GError               **error)
{
  IndexReader *reader = user_data;
  GlbAuditEntry *entry = g_hash_table_lookup (reader->by_session, record->session);

  if (strcmp (record->event, GLB_AUDIT_INDEX_END) == 0)
    return read_end (reader, record, entry, error);
  if (strcmp (record->event, GLB_AUDIT_INDEX_BEGIN) != 0)
    return broken (reader->name, record->seq, error, "altered: its event is neither begin nor end");
  if (entry != NULL)
    return broken (reader->name, record->seq, error, "altered: the session %s begins twice", record->session);

  entry = g_new0 (GlbAuditEntry, 1);
  entry->session = g_strdup (record->session);
  entry->policy = g_strdup (record->policy);
  entry->line = record->seq;
  g_ptr_array_add (reader->entries, entry);
  g_hash_table_insert (reader->by_session, entry->session, entry);
  return TRUE;
}

GPtrArray *
glb_audit_read_index (const char  *directory,
                      guint64     *n_records,
                      GError     **error)
{
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_audit_entry_free);
  g_autoptr(GHashTable) by_session = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *path = g_build_filename (directory, GLB_AUDIT_INDEX_NAME, NULL);
  IndexReader reader = { .name = path, .entries = entries, .by_session = by_session };
  g_auto(GlbAuditSummary) summary = { 0 };
  gboolean whole;
  int fd = open_for_reading (path, error);

  if (fd < 0)
    return NULL;
  whole = glb_audit_scan (fd, path, GLB_AUDIT_SCAN_INDEX, read_index_record, &reader, &summary, error);
  close (fd);
  *n_records = summary.n_records;
  return whole ? g_steal_pointer (&entries) : NULL;
}

/* What the index says, against what the log has. */
static gboolean
compare (const char             *path,
         const GlbAuditEntry    *entry,
         const GlbAuditSummary  *summary,
         gboolean                is_written,
         GError                **error)
{
  if (summary->session != NULL && strcmp (summary->session, entry->session) != 0)
    return broken (path, 1, error, "altered: it is of the session %s", summary->session);
  if (summary->policy != NULL && strcmp (summary->policy, entry->policy) != 0)
    return broken (path, 1, error, "altered: the index has another policy");
  if (entry->ended && summary->n_records < entry->n_records)
    return broken (path, summary->n_records + 1, error,
                   "truncated: the index has %" G_GUINT64_FORMAT " records", entry->n_records);
  if (entry->ended && summary->n_records > entry->n_records)
    return broken (path, entry->n_records + 1, error,
                   "added: the index has %" G_GUINT64_FORMAT " records", entry->n_records);
  if (entry->ended && strcmp (summary->last, entry->last) != 0)
    return broken (path, summary->n_records, error, "altered: its SHA-256 is not the one in the index");
  if (!summary->complete && !is_written)
    return broken (path, summary->n_records + 1, error,
                   "truncated: the closing record is missing, and no broker writes this log");
  return TRUE;
}

static gboolean
verify_entry (const char           *directory,
              const GlbAuditEntry  *entry,
              guint64              *n_records,
              GError              **error)
{
  g_autofree char *name = g_strconcat (entry->session, ".jsonl", NULL);
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_auto(GlbAuditSummary) summary = { 0 };
  g_autoptr(GError) open_error = NULL;
  gboolean is_written;
  gboolean whole;
  int fd = open_for_reading (path, &open_error);

  if (fd < 0 && g_error_matches (open_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return broken (path, 1, error, "missing: the whole log, which the index has at line %" G_GUINT64_FORMAT, entry->line);
  if (fd < 0)
    {
      g_propagate_error (error, g_steal_pointer (&open_error));
      return FALSE;
    }

  /* Asked first: a log that is closed meanwhile reads as complete. */
  is_written = glb_audit_log_is_written (fd);
  whole = glb_audit_scan (fd, path, is_written ? GLB_AUDIT_SCAN_PARTIAL : GLB_AUDIT_SCAN_LOG, NULL, NULL, &summary, error);
  close (fd);
  *n_records += summary.n_records;
  return whole && compare (path, entry, &summary, is_written, error);
}

/* (transfer full) (element-type utf8): the sessions of all logs that are there. */
static GPtrArray *
list_logs (const char  *directory,
           GError     **error)
{
  g_autoptr(GPtrArray) sessions = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GDir) dir = g_dir_open (directory, 0, error);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".jsonl") && strcmp (name, GLB_AUDIT_INDEX_NAME) != 0)
      g_ptr_array_add (sessions, g_strndup (name, strlen (name) - strlen (".jsonl")));
  return g_steal_pointer (&sessions);
}

/* Each log must be in the index. */
static gboolean
verify_names (const char  *directory,
              GPtrArray   *sessions,
              GPtrArray   *entries,
              GError     **error)
{
  g_autoptr(GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < entries->len; i++)
    g_hash_table_add (known, ((GlbAuditEntry *) g_ptr_array_index (entries, i))->session);

  for (guint i = 0; i < sessions->len; i++)
    {
      g_autofree char *path = NULL;

      if (g_hash_table_contains (known, g_ptr_array_index (sessions, i)))
        continue;
      path = g_strdup_printf ("%s/%s.jsonl", directory, (const char *) g_ptr_array_index (sessions, i));
      return broken (path, 1, error, "added: the index does not have this log");
    }
  return TRUE;
}

/* Logs and index of one moment: no session begins between the two looks. A folder without both is whole. */
static gboolean
read_directory (const char  *directory,
                GPtrArray  **sessions,
                GPtrArray  **entries,
                guint64     *n_records,
                GError     **error)
{
  g_autofree char *path = g_build_filename (directory, GLB_AUDIT_INDEX_NAME, NULL);
  g_autoptr(GError) open_error = NULL;
  int fd = open_for_reading (path, &open_error);

  if (fd < 0 && !g_error_matches (open_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&open_error));
      return FALSE;
    }
  while (fd >= 0 && flock (fd, LOCK_SH) < 0 && errno == EINTR)
    continue;

  *n_records = 0;
  *sessions = list_logs (directory, error);
  if (*sessions != NULL && fd < 0 && (*sessions)->len > 0 && g_file_test (path, G_FILE_TEST_EXISTS))
    {
      /* The first session of this folder began after we had looked for the index. */
      g_clear_pointer (sessions, g_ptr_array_unref);
      return read_directory (directory, sessions, entries, n_records, error);
    }
  if (*sessions != NULL && fd < 0)
    *entries = g_ptr_array_new ();
  else if (*sessions != NULL)
    *entries = glb_audit_read_index (directory, n_records, error);
  if (fd >= 0)
    close (fd);
  return *entries != NULL;
}

gboolean
glb_audit_verify_directory (const char  *directory,
                            guint64     *n_records,
                            GError     **error)
{
  g_autoptr(GPtrArray) sessions = NULL;
  g_autoptr(GPtrArray) entries = NULL;
  guint64 count = 0;

  g_return_val_if_fail (directory != NULL, FALSE);

  if (!read_directory (directory, &sessions, &entries, &count, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    if (!verify_entry (directory, g_ptr_array_index (entries, i), &count, error))
      return FALSE;
  if (n_records != NULL)
    *n_records = count;
  return verify_names (directory, sessions, entries, error);
}
