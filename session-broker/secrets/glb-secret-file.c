/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-secrets"

#include "config.h"

#include "session-broker/secrets/glb-secret-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "policies/glb-network-secret-rule.h"

#define ADMINISTRATORS "/etc/glovebox/secrets.d"

static gboolean fail (GError **error, GIOErrorEnum code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Always FALSE, so that callers can return it. */
static gboolean
fail (GError       **error,
      GIOErrorEnum   code,
      const char    *format,
      ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (G_IO_ERROR, code, format, args);
  va_end (args);
  return FALSE;
}

/* Root keeps its own places where the environment is left over from the person who called sudo. */
static gboolean
is_own (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && st.st_uid == geteuid ();
}

char *
glb_secret_file_dup_folder (void)
{
  const char *config = g_getenv ("XDG_CONFIG_HOME");

  if (config != NULL && g_path_is_absolute (config) && (geteuid () != 0 || is_own (config)))
    return g_build_filename (config, "glovebox", "secrets", NULL);
  if (geteuid () == 0)
    return g_strdup (ADMINISTRATORS);
  return g_build_filename (g_get_home_dir (), ".config", "glovebox", "secrets", NULL);
}

/* Nobody else may have put something there, or may do so. */
static gboolean
check_folder (int          fd,
              const char  *path,
              GError     **error)
{
  struct stat st;

  if (fstat (fd, &st) == 0 && st.st_uid == geteuid () && (st.st_mode & 077) == 0)
    return TRUE;
  return fail (error, G_IO_ERROR_PERMISSION_DENIED, "%s: others may read it, or it is somebody else's; make it yours, with chmod 0700",
               path);
}

/* -1 with an error. */
static int
open_folder (gboolean   make,
             GError   **error)
{
  g_autofree char *path = glb_secret_file_dup_folder ();
  int fd, saved_errno;

  if (make && g_mkdir_with_parents (path, 0700) != 0)
    {
      saved_errno = errno;
      fail (error, g_io_error_from_errno (saved_errno), "Can't make %s: %s", path, g_strerror (saved_errno));
      return -1;
    }

  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  saved_errno = errno;
  if (fd < 0 && (saved_errno == ELOOP || saved_errno == ENOTDIR))
    fail (error, G_IO_ERROR_PERMISSION_DENIED, "%s: it is a link or a file; put a folder there, with mode 0700", path);
  else if (fd < 0)
    fail (error, g_io_error_from_errno (saved_errno), "%s: %s", path, g_strerror (saved_errno));
  else if (!check_folder (fd, path, error))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static gboolean
check_name (const char  *name,
            GError     **error)
{
  return glb_network_secret_is_name (name) ||
         fail (error, G_IO_ERROR_INVALID_ARGUMENT, "a secret's name has 1 to 64 of the characters A-Z a-z 0-9 . _ - "
               "and begins with a letter or a digit");
}

static gboolean
check_file (int          fd,
            const char  *name,
            GError     **error)
{
  struct stat st;

  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    return fail (error, G_IO_ERROR_PERMISSION_DENIED, "the secret %s is no ordinary file; store it again", name);
  if (st.st_uid != geteuid () || st.st_nlink != 1)
    return fail (error, G_IO_ERROR_PERMISSION_DENIED, "the secret %s is somebody else's file, or has a second name; store it again",
                 name);
  if ((st.st_mode & 077) != 0)
    return fail (error, G_IO_ERROR_PERMISSION_DENIED, "others may read the secret %s: its mode is %04o; "
                 "change the secret where it is used, and store it again", name, st.st_mode & 07777);
  return TRUE;
}

/* Takes fd. */
static GlbSecretText *
read_file (int          fd,
           const char  *name,
           GError     **error)
{
  g_autoptr(GlbSecretText) text = glb_secret_text_new ();
  const char *why = NULL;
  gboolean whole;
  int saved_errno;

  if (!check_file (fd, name, error))
    {
      close (fd);
      return NULL;
    }

  whole = glb_secret_text_read (text, fd);
  saved_errno = errno;
  close (fd);
  if (!whole && saved_errno != EFBIG)
    {
      fail (error, g_io_error_from_errno (saved_errno), "the secret %s can't be read: %s", name, g_strerror (saved_errno));
      return NULL;
    }
  why = glb_secret_text_check (text);
  if (why == NULL)
    return g_steal_pointer (&text);
  fail (error, G_IO_ERROR_INVALID_DATA, "the secret %s can't be used: %s", name, why);
  return NULL;
}

GlbSecretText *
glb_secret_file_read (const char  *name,
                      GError     **error)
{
  int folder, fd, saved_errno;

  if (!check_name (name, error))
    return NULL;
  folder = open_folder (FALSE, error);
  if (folder < 0)
    return NULL;

  fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  saved_errno = errno;
  close (folder);
  if (fd >= 0)
    return read_file (fd, name, error);

  if (saved_errno == ELOOP)
    fail (error, G_IO_ERROR_PERMISSION_DENIED, "the secret %s is a link; store it again", name);
  else
    fail (error, g_io_error_from_errno (saved_errno), "the secret %s can't be opened: %s", name, g_strerror (saved_errno));
  return NULL;
}

static gboolean
write_all (int                  fd,
           const GlbSecretText *text)
{
  gsize done = 0;

  while (done < text->size)
    {
      ssize_t n = write (fd, text->bytes + done, text->size - done);

      if (n < 0 && errno != EINTR)
        return FALSE;
      done += (gsize) MAX (n, 0);
    }
  return fsync (fd) == 0;
}

/* The old one, or all of the new one. */
static gboolean
replace (int                   folder,
         const char           *name,
         const GlbSecretText  *text,
         GError              **error)
{
  /* no secret has such a name */
  g_autofree char *fresh = g_strdup_printf (".%s.new", name);
  gboolean done;
  int fd, saved_errno;

  unlinkat (folder, fresh, 0);
  fd = openat (folder, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  done = fd >= 0 && fchmod (fd, 0600) == 0 && write_all (fd, text) && renameat (folder, fresh, folder, name) == 0;
  saved_errno = errno;
  if (fd >= 0)
    close (fd);
  if (done)
    return TRUE;
  unlinkat (folder, fresh, 0);
  return fail (error, g_io_error_from_errno (saved_errno), "the secret %s can't be stored: %s", name, g_strerror (saved_errno));
}

gboolean
glb_secret_file_write (const char           *name,
                       const GlbSecretText  *text,
                       GError              **error)
{
  gboolean done;
  int folder;

  if (!check_name (name, error))
    return FALSE;
  folder = open_folder (TRUE, error);
  if (folder < 0)
    return FALSE;

  done = replace (folder, name, text, error);
  close (folder);
  return done;
}

gboolean
glb_secret_file_remove (const char  *name,
                        GError     **error)
{
  int folder, saved_errno;
  gboolean done;

  if (!check_name (name, error))
    return FALSE;
  folder = open_folder (FALSE, error);
  if (folder < 0)
    return FALSE;

  done = unlinkat (folder, name, 0) == 0;
  saved_errno = errno;
  close (folder);
  return done || fail (error, g_io_error_from_errno (saved_errno), "the secret %s can't be removed: %s",
                       name, g_strerror (saved_errno));
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

GStrv
glb_secret_file_list (GError **error)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  g_autoptr(GError) fault = NULL;
  int folder = open_folder (FALSE, &fault);
  DIR *dir = folder >= 0 ? fdopendir (folder) : NULL;

  if (folder < 0 && !g_error_matches (fault, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return NULL;
    }

  for (struct dirent *entry = dir != NULL ? readdir (dir) : NULL; entry != NULL; entry = readdir (dir))
    if (glb_network_secret_is_name (entry->d_name))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  if (dir != NULL)
    closedir (dir);
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}
