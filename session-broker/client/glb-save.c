/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/client/glb-save.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
write_all (int           fd,
           const guint8 *bytes,
           gsize         length)
{
  ssize_t n;

  while (length > 0)
    {
      n = write (fd, bytes, length);
      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        {
          bytes += n;
          length -= (gsize) n;
        }
    }
  return TRUE;
}

/* Closes fd; 0, or errno. */
static int
write_and_close (int           fd,
                 const guint8 *bytes,
                 gsize         length)
{
  int saved_errno = fd < 0 || !write_all (fd, bytes, length) ? errno : 0;

  if (fd >= 0 && close (fd) < 0 && saved_errno == 0)
    saved_errno = errno;
  return saved_errno;
}

/* A temporary file beside it, then a rename: nobody ever sees half of it. */
static int
save_atomically (const char   *path,
                 const guint8 *bytes,
                 gsize         length)
{
  g_autofree char *temporary = g_strconcat (path, ".XXXXXX", NULL);
  mode_t mask = umask (0);
  int fd, saved_errno;

  umask (mask);
  fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0666 & ~mask);
  saved_errno = write_and_close (fd, bytes, length);
  if (saved_errno == 0 && g_rename (temporary, path) < 0)
    saved_errno = errno;
  if (saved_errno != 0 && fd >= 0)
    g_unlink (temporary);
  return saved_errno;
}

gboolean
glb_save_is_stream (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && !S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode);
}

gboolean
glb_save (const char  *path,
          const void  *bytes,
          gsize        length,
          GError     **error)
{
  /* NULL: nothing is there yet */
  char *real = realpath (path, NULL);
  int saved_errno;

  if (glb_save_is_stream (path))
    saved_errno = write_and_close (open (path, O_WRONLY | O_NOCTTY | O_CLOEXEC), bytes, length);
  else
    saved_errno = save_atomically (real != NULL ? real : path, bytes, length);
  free (real);

  if (saved_errno == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "Can't write: %s", g_strerror (saved_errno));
  return FALSE;
}
