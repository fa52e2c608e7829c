/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns -1, always. */
static int
fail (const char  *path,
      int          saved_errno,
      GError     **error)
{
  /* which of the two it is depends on what else was asked for */
  gboolean link = saved_errno == ELOOP || saved_errno == ENOTDIR;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", path,
               link ? "a symbolic link or no folder is on the way; a test's pictures lie below its own folder" : g_strerror (saved_errno));
  return -1;
}

/* The folder that the file is in; takes fd, which may be -1. */
static int
walk (int      fd,
      GStrv    parts,
      gboolean make)
{
  for (guint i = 0; fd >= 0 && parts[i + 1] != NULL; i++)
    {
      int parent = fd, saved_errno;

      fd = make && mkdirat (parent, parts[i], 0777) < 0 && errno != EEXIST
           ? -1 : openat (parent, parts[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      saved_errno = errno;
      close (parent);
      errno = saved_errno;
    }
  return fd;
}

/* -1 with error. *name: of the file in it. */
static int
open_parent (const char  *folder,
             const char  *path,
             gboolean     make,
             char       **name,
             GError     **error)
{
  g_auto(GStrv) parts = g_strsplit (path, "/", -1);
  int fd = walk (open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC), parts, make);

  if (fd < 0)
    return fail (path, errno, error);
  *name = g_strdup (parts[g_strv_length (parts) - 1]);
  return fd;
}

/* -1: errno says why. */
static gssize
read_all (int     fd,
          char   *data,
          gsize   length)
{
  gsize done = 0;
  ssize_t n = 1;

  while (done < length && n > 0)
    {
      n = read (fd, data + done, length - done);
      if (n < 0 && errno == EINTR)
        n = 1;
      else if (n > 0)
        done += (gsize) n;
    }
  return n < 0 ? -1 : (gssize) done;
}

static GBytes *
read_file (int          fd,
           const char  *path,
           gsize        max_bytes,
           GError     **error)
{
  g_autofree char *data = NULL;
  struct stat st;
  gssize n;

  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) || (guint64) st.st_size > max_bytes)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: is no file of at most %" G_GSIZE_FORMAT " bytes", path, max_bytes);
      return NULL;
    }
  data = g_malloc ((gsize) st.st_size + 1);
  n = read_all (fd, data, (gsize) st.st_size);
  if (n >= 0)
    return g_bytes_new_take (g_steal_pointer (&data), (gsize) n);
  fail (path, errno, error);
  return NULL;
}

GBytes *
glb_replay_folder_read (const char  *folder,
                        const char  *untrusted_path,
                        gsize        max_bytes,
                        GError     **error)
{
  g_autofree char *name = NULL;
  int parent = open_parent (folder, untrusted_path, FALSE, &name, error), fd;
  GBytes *bytes;

  if (parent < 0)
    return NULL;
  /* a FIFO holds nobody up */
  fd = openat (parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    fail (untrusted_path, errno, error);
  close (parent);
  if (fd < 0)
    return NULL;
  bytes = read_file (fd, untrusted_path, max_bytes, error);
  close (fd);
  return bytes;
}

/* FALSE: errno says why. */
static gboolean
write_file (int         parent,
            const char *name,
            GBytes     *content)
{
  int fd = openat (parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666), saved_errno = 0;
  gsize left;
  const char *data = g_bytes_get_data (content, &left);

  if (fd < 0)
    return FALSE;
  while (left > 0 && saved_errno == 0)
    {
      ssize_t n = write (fd, data, left);

      if (n < 0 && errno != EINTR)
        saved_errno = errno;
      else if (n > 0)
        {
          data += n;
          left -= (gsize) n;
        }
    }
  if (close (fd) < 0 && saved_errno == 0)
    saved_errno = errno;
  errno = saved_errno;
  return saved_errno == 0;
}

gboolean
glb_replay_folder_write (const char  *folder,
                         const char  *untrusted_path,
                         GBytes      *content,
                         GError     **error)
{
  g_autofree char *name = NULL;
  g_autofree char *temporary = NULL;
  int parent = open_parent (folder, untrusted_path, TRUE, &name, error);
  int saved_errno = 0;

  if (parent < 0)
    return FALSE;
  temporary = g_strdup_printf (".%08x.part", g_random_int ());
  /* a link under this name is replaced */
  if (!write_file (parent, temporary, content) || renameat (parent, temporary, parent, name) < 0)
    {
      saved_errno = errno;
      unlinkat (parent, temporary, 0);
      fail (untrusted_path, saved_errno, error);
    }
  close (parent);
  return saved_errno == 0;
}
