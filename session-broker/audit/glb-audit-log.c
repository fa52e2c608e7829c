/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/audit/glb-audit-log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "session-broker/audit/glb-audit-file.h"
#include "session-broker/audit/glb-audit-index.h"
#include "session-broker/audit/glb-audit-private.h"
#include "session-broker/audit/glb-audit-record.h"

/* Space for the closing record, and the longest that it may be. */
#define CLOSING_BYTES (16u * 1024u)

/**
 * GlbAuditLog:
 *
 * The record of one session. One writer: the file is locked (an OFD lock,
 * which readers can test without taking it) until the object goes.
 */
struct _GlbAuditLog
{
  GObject parent_instance;

  GlbAuditFile *file;
  char         *directory;
  char         *session;
  char         *policy;
  char         *last;        /* hash of the last line */
  guint64       n_records;
  gboolean      closed;
};

G_DEFINE_FINAL_TYPE (GlbAuditLog, glb_audit_log, G_TYPE_OBJECT)

static void
glb_audit_log_finalize (GObject *object)
{
  GlbAuditLog *self = GLB_AUDIT_LOG (object);

  g_clear_pointer (&self->file, glb_audit_file_free);
  g_free (self->directory);
  g_free (self->session);
  g_free (self->policy);
  g_free (self->last);

  G_OBJECT_CLASS (glb_audit_log_parent_class)->finalize (object);
}

static void
glb_audit_log_class_init (GlbAuditLogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_audit_log_finalize;
}

static void
glb_audit_log_init (GlbAuditLog *self)
{
  self->last = g_strdup (glb_audit_zero_hash ());
}

gboolean
glb_audit_lock_log (GlbAuditFile  *file,
                    GError       **error)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  if (fcntl (file->fd, F_OFD_SETLK, &whole) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't lock %s: %s", file->path, g_strerror (errno));
  return FALSE;
}

gboolean
glb_audit_log_is_written (int fd)
{
  struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

static gboolean
create (GlbAuditLog  *self,
        GError      **error)
{
  g_autofree char *name = g_strconcat (self->session, ".jsonl", NULL);
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  /* Held until both files stand: glb_audit_recover() sees either all of it or nothing. */
  g_autoptr(GlbAuditIndex) index = glb_audit_index_new (self->directory, error);

  if (index == NULL)
    return FALSE;
  self->file = glb_audit_file_new (path, O_CREAT | O_EXCL, error);
  if (self->file == NULL)
    return FALSE;

  if (glb_audit_lock_log (self->file, error)
      && glb_audit_file_append (self->file, "", 0, CLOSING_BYTES, FALSE, FALSE, error)
      && glb_audit_index_begin (index, self->session, self->policy, error))
    return TRUE;

  glb_audit_file_trim (self->file);
  g_unlink (path);
  return FALSE;
}

GlbAuditLog *
glb_audit_log_new (const char  *directory,
                   const char  *session,
                   const char  *policy_hash,
                   GError     **error)
{
  g_autoptr(GlbAuditLog) self = NULL;

  g_return_val_if_fail (directory != NULL, NULL);
  g_return_val_if_fail (session != NULL, NULL);
  g_return_val_if_fail (policy_hash != NULL, NULL);

  if (!glb_audit_name_is_valid (session))
    {
      g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_INVALID, "Can't name a log after the session \"%s\"", session);
      return NULL;
    }

  self = g_object_new (GLB_TYPE_AUDIT_LOG, NULL);
  self->directory = g_strdup (directory);
  self->session = g_strdup (session);
  self->policy = g_strdup (policy_hash);
  if (!create (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

static GString *
compose (GlbAuditLog  *self,
         const char   *event,
         const char   *actor,
         JsonObject   *fields,
         GError      **error)
{
  const GlbAuditRecord record = {
    .seq = self->n_records + 1,
    .session = self->session,
    .policy = self->policy,
    .event = (char *) event,
    .actor = (char *) actor,
    .prev = self->last,
  };

  return glb_audit_record_compose (&record, fields, error);
}

static void
advance (GlbAuditLog   *self,
         const GString *line)
{
  self->n_records++;
  g_free (self->last);
  self->last = glb_audit_hash_line (line->str, line->len - 1);
}

static gboolean
check_open (GlbAuditLog  *self,
            GError      **error)
{
  if (!self->closed)
    return TRUE;
  g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_CLOSED, "Can't append to %s: it is closed", self->file->path);
  return FALSE;
}

gboolean
glb_audit_log_append (GlbAuditLog  *self,
                      const char   *event,
                      const char   *actor,
                      JsonObject   *fields,
                      gboolean      sync,
                      GError      **error)
{
  g_autoptr(GString) line = NULL;

  g_return_val_if_fail (GLB_IS_AUDIT_LOG (self), FALSE);
  g_return_val_if_fail (event != NULL && g_strcmp0 (event, GLB_AUDIT_EVENT_END) != 0, FALSE);
  g_return_val_if_fail (actor != NULL, FALSE);

  if (!check_open (self, error))
    return FALSE;
  line = compose (self, event, actor, fields, error);
  if (line == NULL || !glb_audit_file_append (self->file, line->str, line->len, CLOSING_BYTES, FALSE, sync, error))
    return FALSE;
  advance (self, line);
  return TRUE;
}

/* The whole closing record, or without the fields where they do not fit or cannot be written. */
static GString *
compose_closing (GlbAuditLog  *self,
                 JsonObject   *fields,
                 GError      **error)
{
  g_autoptr(GString) line = compose (self, GLB_AUDIT_EVENT_END, "broker", fields, NULL);
  g_autoptr(JsonObject) left_out = NULL;

  if (line != NULL && line->len <= CLOSING_BYTES)
    return g_steal_pointer (&line);

  left_out = json_object_new ();
  json_object_set_boolean_member (left_out, "fieldsLeftOut", TRUE);
  return compose (self, GLB_AUDIT_EVENT_END, "broker", left_out, error);
}

static gboolean
close_index (GlbAuditLog  *self,
             GError      **error)
{
  g_autoptr(GlbAuditIndex) index = glb_audit_index_new (self->directory, error);

  return index != NULL && glb_audit_index_end (index, self->session, self->policy, self->n_records, self->last, error);
}

gboolean
glb_audit_log_close (GlbAuditLog  *self,
                     JsonObject   *fields,
                     GError      **error)
{
  g_autoptr(GString) line = NULL;
  gboolean indexed;

  g_return_val_if_fail (GLB_IS_AUDIT_LOG (self), FALSE);

  if (!check_open (self, error))
    return FALSE;
  line = compose_closing (self, fields, error);
  if (line == NULL || !glb_audit_file_append (self->file, line->str, line->len, 0, TRUE, TRUE, error))
    return FALSE;
  advance (self, line);
  self->closed = TRUE;

  indexed = close_index (self, error);
  glb_audit_file_trim (self->file);
  return indexed;
}

guint64
glb_audit_log_get_n_records (GlbAuditLog *self)
{
  g_return_val_if_fail (GLB_IS_AUDIT_LOG (self), 0);

  return self->n_records;
}
