/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Space is taken before a line is written: blocks beyond the end of the file
 * (fallocate with KEEP_SIZE), as many as the line and what is kept after it
 * need. A full disk therefore shows before the first byte, and the kept blocks
 * are this file's whatever the disk's other users do. Where the file system
 * has no such call, a second file of zeros holds the space and is cut when it
 * is needed: another writer may then be quicker, but mostly is not.
 */

#include "session-broker/audit/glb-audit-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/audit/glb-audit-log.h"

/* Space is taken in pieces of this size, so that not every line needs a call. */
#define PIECE_BYTES (32u * 1024u)

static gboolean
no_space (int saved_errno)
{
  return saved_errno == ENOSPC || saved_errno == EDQUOT || saved_errno == EFBIG;
}

static gboolean
set_error (const char  *what,
           const char  *path,
           int          saved_errno,
           GError     **error)
{
  if (no_space (saved_errno))
    g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_FULL,
                 "Can't %s %s: no space left; free some on its disk", what, path);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                 "Can't %s %s: %s", what, path, g_strerror (saved_errno));
  return FALSE;
}

static int
allocate (int     fd,
          guint64 offset,
          guint64 length)
{
  int result;

  do
    result = fallocate (fd, FALLOC_FL_KEEP_SIZE, offset, length);
  while (result < 0 && errno == EINTR);
  return result;
}

static gboolean
write_all (int         fd,
           const char *data,
           gsize       length)
{
  while (length > 0)
    {
      gssize written = write (fd, data, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      data += written;
      length -= written;
    }
  return TRUE;
}

static char *
get_space_path (GlbAuditFile *self)
{
  return g_strconcat (self->path, ".space", NULL);
}

static gboolean
find_space_kind (GlbAuditFile  *self,
                 GError       **error)
{
  if (allocate (self->fd, self->size, 1) == 0)
    self->space = GLB_AUDIT_SPACE_BEYOND_END;
  else if (errno == EOPNOTSUPP || errno == ENOSYS)
    self->space = GLB_AUDIT_SPACE_FILE;
  else if (no_space (errno))
    self->space = GLB_AUDIT_SPACE_BEYOND_END;   /* the first append says so, or lives on what is kept */
  else
    return set_error ("take space for", self->path, errno, error);
  return TRUE;
}

GlbAuditFile *
glb_audit_file_new (const char  *path,
                    int          flags,
                    GError     **error)
{
  g_autoptr(GlbAuditFile) self = g_new0 (GlbAuditFile, 1);
  struct stat status;

  self->path = g_strdup (path);
  self->fd = open (path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | flags, 0600);
  if (self->fd < 0)
    {
      set_error ("open", path, errno, error);
      return NULL;
    }
  if (fstat (self->fd, &status) < 0 || !S_ISREG (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "Can't use %s: it is not a regular file", path);
      return NULL;
    }
  self->size = self->reserved_end = status.st_size;
  if (!find_space_kind (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
glb_audit_file_free (GlbAuditFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

static gboolean
keep_beyond_end (GlbAuditFile *self,
                 guint64       end)
{
  if (end <= self->reserved_end)
    return TRUE;

  if (allocate (self->fd, self->size, end - self->size + PIECE_BYTES) == 0)
    self->reserved_end = end + PIECE_BYTES;
  else if (allocate (self->fd, self->size, end - self->size) == 0)
    self->reserved_end = end;
  else
    return FALSE;
  return TRUE;
}

/* Makes the space file exactly keep bytes of true blocks. */
static gboolean
keep_in_file (GlbAuditFile *self,
              gsize         keep)
{
  g_autofree char *path = get_space_path (self);
  g_autofree char *zeros = NULL;
  struct stat status;
  gboolean kept;
  int saved_errno;
  int fd;

  if (keep == 0)
    return unlink (path) == 0 || errno == ENOENT;

  fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
  if (fd < 0)
    return FALSE;

  kept = fstat (fd, &status) == 0;
  if (kept && (guint64) status.st_size > keep)
    kept = ftruncate (fd, keep) == 0;
  else if (kept && (guint64) status.st_size < keep)
    {
      zeros = g_malloc0 (keep - status.st_size);
      kept = write_all (fd, zeros, keep - status.st_size) && fdatasync (fd) == 0;
      saved_errno = errno;
      if (!kept && ftruncate (fd, status.st_size) < 0)
        g_debug ("Can't cut %s: %s", path, g_strerror (errno));
      errno = saved_errno;
    }
  saved_errno = errno;
  close (fd);
  errno = saved_errno;
  return kept;
}

static gboolean
keep_space (GlbAuditFile *self,
            gsize         length,
            gsize         keep)
{
  if (self->space == GLB_AUDIT_SPACE_BEYOND_END)
    return keep_beyond_end (self, self->size + length + keep);
  return keep_in_file (self, keep);
}

gboolean
glb_audit_file_truncate (GlbAuditFile  *self,
                         guint64        size,
                         GError       **error)
{
  if (ftruncate (self->fd, size) < 0)
    {
      self->in_doubt = TRUE;
      return set_error ("cut", self->path, errno, error);
    }
  /* Cutting a file gives its blocks beyond the end back. */
  self->size = self->reserved_end = size;
  return TRUE;
}

/* Nothing half-written stays, and the space kept for later is kept again. */
static void
take_back (GlbAuditFile *self,
           gsize         keep)
{
  g_autoptr(GError) error = NULL;

  if (!glb_audit_file_truncate (self, self->size, &error))
    g_critical ("%s", error->message);
  else if (self->space == GLB_AUDIT_SPACE_BEYOND_END)
    keep_beyond_end (self, self->size + keep);
}

gboolean
glb_audit_file_append (GlbAuditFile  *self,
                       const char    *data,
                       gsize          length,
                       gsize          keep,
                       gboolean       from_kept,
                       gboolean       sync,
                       GError       **error)
{
  int saved_errno;

  if (self->in_doubt)
    {
      g_set_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_CLOSED,
                   "Can't append to %s: an earlier error left it in doubt", self->path);
      return FALSE;
    }
  if (!keep_space (self, length, keep) && !from_kept)
    return set_error ("append to", self->path, errno, error);

  if (!write_all (self->fd, data, length))
    {
      saved_errno = errno;
      take_back (self, keep);
      return set_error ("append to", self->path, saved_errno, error);
    }
  self->size += length;
  self->reserved_end = MAX (self->reserved_end, self->size);

  if (sync && fdatasync (self->fd) < 0)
    {
      /* The kernel may have dropped the pages: what is on the disk is unknown from here on. */
      saved_errno = errno;
      self->in_doubt = TRUE;
      return set_error ("flush", self->path, saved_errno, error);
    }
  return TRUE;
}

void
glb_audit_file_trim (GlbAuditFile *self)
{
  g_autoptr(GError) error = NULL;

  if (self->space == GLB_AUDIT_SPACE_FILE)
    keep_in_file (self, 0);
  else if (!glb_audit_file_truncate (self, self->size, &error))
    g_debug ("%s", error->message);
}
