/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-client"

#include "config.h"

#include "session-broker/client/glb-paths.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The folders hold sockets, locks and the audit: whoever can write to them, or
 * put another folder in their place, could speak for the broker.  So each must
 * be a true folder of ours that nobody else may enter.
 */
static gboolean
check_private (const char *path,
               GError    **error)
{
  struct stat st;
  int fd, saved_errno;

  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &st) < 0)
    {
      saved_errno = errno;
      if (fd >= 0)
        close (fd);
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   "Can't open the folder %s: %s", path, g_strerror (saved_errno));
      return FALSE;
    }

  if (st.st_uid != geteuid ())
    {
      close (fd);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   "The folder %s belongs to user id %u, not to %u; remove it or name another",
                   path, (guint) st.st_uid, (guint) geteuid ());
      return FALSE;
    }

  if ((st.st_mode & 077) != 0 && fchmod (fd, 0700) < 0)
    {
      saved_errno = errno;
      close (fd);
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   "Can't make the folder %s private: %s", path, g_strerror (saved_errno));
      return FALSE;
    }

  close (fd);
  return TRUE;
}

static char *
make_private (const char *parent,
              const char *name,
              GError    **error)
{
  g_autofree char *path = g_build_filename (parent, name, NULL);
  int saved_errno;

  if (g_mkdir_with_parents (path, 0700) < 0)
    {
      saved_errno = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   "Can't make the folder %s: %s; make %s a folder of yours, or name another in the environment",
                   path, g_strerror (saved_errno), parent);
      return NULL;
    }

  if (!check_private (path, error))
    return NULL;

  return g_steal_pointer (&path);
}

/* Root keeps its own places where the environment is left over from the person who called sudo. */
static gboolean
is_own_or_missing (const char *path)
{
  struct stat st;

  return stat (path, &st) < 0 || st.st_uid == geteuid ();
}

char *
glb_paths_get_person_dir (GError **error)
{
  g_autofree char *login = g_strdup_printf ("/run/user/%u", (guint) geteuid ());
  g_autofree char *own = g_strdup_printf ("glovebox-%u", (guint) geteuid ());
  struct stat st;

  if (geteuid () == 0)
    return make_private ("/run", "glovebox", error);

  /* The folder that logind makes, or without a login session one of our own. */
  if (stat (login, &st) == 0 && st.st_uid == geteuid ())
    return make_private (login, "glovebox", error);
  return make_private ("/tmp", own, error);
}

char *
glb_paths_get_runtime_dir (GError **error)
{
  const char *env = g_getenv ("XDG_RUNTIME_DIR");
  struct stat st;

  if (env != NULL && g_path_is_absolute (env) && (geteuid () != 0 || is_own_or_missing (env)))
    {
      if (stat (env, &st) == 0 && st.st_uid == geteuid () && (st.st_mode & 022) != 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                       "Others may write to XDG_RUNTIME_DIR %s; give it mode 0700", env);
          return NULL;
        }
      return make_private (env, "glovebox", error);
    }

  return glb_paths_get_person_dir (error);
}

char *
glb_paths_get_state_dir (GError **error)
{
  const char *env = g_getenv ("XDG_STATE_HOME");
  g_autofree char *parent = NULL;

  if (env != NULL && g_path_is_absolute (env) && (geteuid () != 0 || is_own_or_missing (env)))
    return make_private (env, "glovebox", error);

  if (geteuid () == 0)
    return make_private ("/var/lib", "glovebox", error);

  parent = g_build_filename (g_get_home_dir (), ".local", "state", NULL);
  return make_private (parent, "glovebox", error);
}

char *
glb_paths_get_audit_dir (GError **error)
{
  g_autofree char *state = glb_paths_get_state_dir (error);

  return state == NULL ? NULL : make_private (state, "audit", error);
}

static char *
program_in (const char *folder,
            const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_access (path, X_OK) == 0)
    return g_steal_pointer (&path);

  return NULL;
}

char *
glb_paths_find_program (const char *name,
                        GError    **error)
{
  const char *env = g_getenv ("GLOVEBOX_PRIVATE_PATH");
  g_autofree char *self = NULL;
  char *path;

  g_return_val_if_fail (name != NULL && *name != '/', NULL);

  if (env != NULL)
    {
      g_auto(GStrv) folders = g_strsplit (env, ":", -1);

      for (guint i = 0; folders[i] != NULL; i++)
        if (g_path_is_absolute (folders[i]) && (path = program_in (folders[i], name)) != NULL)
          return path;
    }

  path = program_in (GLOVEBOX_LIBEXECDIR, name);
  if (path != NULL)
    return path;

  self = g_file_read_link ("/proc/self/exe", NULL);
  if (self != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (self);

      path = program_in (folder, name);
      if (path != NULL)
        return path;
    }

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "Can't find the program %s in %s; install Glovebox again, or name its folder in GLOVEBOX_PRIVATE_PATH",
               name, GLOVEBOX_LIBEXECDIR);
  return NULL;
}
