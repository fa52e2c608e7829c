/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "session-broker/client/glb-paths.h"

struct _GlbMcpWorkspace
{
  int fd;
  char *path;            /* as the kernel names it */
  GPtrArray *rules;      /* (element-type GlbFileRule): most general first, then more that is denied */
};

static gboolean
set_error (GError    **error,
           int         saved_errno,
           const char *path)
{
  if (saved_errno == ELOOP)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "%s: a symbolic link is on the way", path);
  else if (saved_errno == EXDEV)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "%s: it leads out of the workspace", path);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", path, g_strerror (saved_errno));
  return FALSE;
}

/* The kernel walks it, so that nobody can change it after a check. */
static int
open_beneath (int         folder,
              const char *path,
              guint64     flags)
{
  struct open_how how = {
    .flags = flags | O_CLOEXEC,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  int fd;

  /* somebody renames a folder meanwhile: the kernel asks to try again, which is bounded here */
  for (guint i = 0; i < 16; i++)
    {
      fd = (int) syscall (SYS_openat2, folder, path, &how, sizeof how);
      if (fd >= 0 || errno != EAGAIN)
        return fd;
    }
  return -1;
}

int
glb_mcp_workspace_open (int          folder,
                        const char  *untrusted_relative,
                        GError     **error)
{
  const char *path = untrusted_relative != NULL ? untrusted_relative : ".";
  int fd = open_beneath (folder, path, O_PATH | O_DIRECTORY);

  if (fd < 0)
    set_error (error, errno, path);
  return fd;
}

/* Also where a link leads: the session sees neither. */
static void
add_denial (GPtrArray  *rules,
            const char *path)
{
  char *real = realpath (path, NULL);
  GlbFileRule *rule;

  if (real == NULL)
    return;

  rule = g_new0 (GlbFileRule, 1);
  rule->path = g_strdup (real);
  rule->access = GLB_FILE_DENY;
  rule->tree = TRUE;
  g_ptr_array_add (rules, rule);
  free (real);
}

/* What no session sees, wherever its workspace is: what the policy denies under another name, and Glovebox's own folders. */
static gboolean
add_denials (GlbMcpWorkspace  *self,
             GError          **error)
{
  g_autofree char *runtime_dir = glb_paths_get_runtime_dir (error);
  g_autofree char *state_dir = runtime_dir != NULL ? glb_paths_get_state_dir (error) : NULL;
  guint n = self->rules->len;

  if (state_dir == NULL)
    return FALSE;

  for (guint i = 0; i < n; i++)
    {
      const GlbFileRule *rule = g_ptr_array_index (self->rules, i);

      if (rule->access == GLB_FILE_DENY)
        add_denial (self->rules, rule->path);
    }
  add_denial (self->rules, runtime_dir);
  add_denial (self->rules, state_dir);
  return TRUE;
}

GlbMcpWorkspace *
glb_mcp_workspace_new (int               fd,
                       const GlbPolicy  *policy,
                       GError          **error)
{
  g_autoptr(GlbMcpWorkspace) self = g_atomic_rc_box_new0 (GlbMcpWorkspace);
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);

  self->fd = fd;
  self->path = g_file_read_link (link, error);
  if (self->path == NULL)
    return NULL;
  if (!g_utf8_validate (self->path, -1, NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "the workspace's path is not UTF-8");
      return NULL;
    }
  self->rules = glb_policy_resolve_files (policy, self->path, g_get_home_dir (), error);
  if (self->rules == NULL || !add_denials (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
clear (GlbMcpWorkspace *self)
{
  close (self->fd);
  g_free (self->path);
  g_clear_pointer (&self->rules, g_ptr_array_unref);
}

GlbMcpWorkspace *
glb_mcp_workspace_ref (GlbMcpWorkspace *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
glb_mcp_workspace_unref (GlbMcpWorkspace *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

const char *
glb_mcp_workspace_get_path (GlbMcpWorkspace *self)
{
  return self->path;
}

int
glb_mcp_workspace_get_fd (GlbMcpWorkspace *self)
{
  return self->fd;
}

/* ---- what the policy says ----------------------------------------------------------- */

/* The rules are about plain paths, so a path that is written another way is refused and not understood. */
static gboolean
is_plain (const char *path)
{
  g_auto(GStrv) parts = g_strsplit (path, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] == '\0' || g_str_equal (parts[i], ".") || g_str_equal (parts[i], ".."))
      return FALSE;
  return parts[0] != NULL;
}

static gboolean
covers (const GlbFileRule *rule,
        const char        *path)
{
  gsize length = strlen (rule->path);

  if (g_str_equal (rule->path, path))
    return TRUE;
  /* a folder that is denied hides all that is in it */
  return (rule->tree || rule->access == GLB_FILE_DENY) && g_str_has_prefix (path, rule->path) && path[length] == '/';
}

GlbFileAccess
glb_mcp_workspace_get_access (GlbMcpWorkspace *self,
                              const char      *untrusted_relative)
{
  g_autofree char *path = NULL;
  GlbFileAccess access = GLB_FILE_DENY;

  if (!is_plain (untrusted_relative))
    return GLB_FILE_DENY;

  path = g_build_filename (self->path, untrusted_relative, NULL);
  for (guint i = 0; i < self->rules->len; i++)
    {
      const GlbFileRule *rule = g_ptr_array_index (self->rules, i);

      if (!covers (rule, path))
        continue;
      if (rule->access == GLB_FILE_DENY)
        return GLB_FILE_DENY;
      access = rule->access;
    }
  return access;
}

static gboolean
check (GlbMcpWorkspace *self,
       const char      *untrusted_relative,
       gboolean         write,
       GError         **error)
{
  GlbFileAccess access = glb_mcp_workspace_get_access (self, untrusted_relative);

  if (!is_plain (untrusted_relative))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                 "%s: not a plain path inside the workspace, as in \"folder/file\"", untrusted_relative);
  else if (access == GLB_FILE_DENY || (write && access != GLB_FILE_WRITE))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s: the policy does not let the session %s it",
                 untrusted_relative, write ? "write" : "read");
  else
    return TRUE;
  return FALSE;
}

/* ---- reading -------------------------------------------------------------------------- */

/* A pipe or a device in the workspace is the session's, and would hold us. */
static int
open_file (GlbMcpWorkspace *self,
           const char      *path,
           struct stat     *st,
           GError         **error)
{
  int fd = open_beneath (self->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

  if (fd < 0 || fstat (fd, st) < 0)
    {
      set_error (error, errno, path);
      if (fd >= 0)
        close (fd);
      return -1;
    }
  if (S_ISREG (st->st_mode))
    return fd;

  close (fd);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s: is no ordinary file", path);
  return -1;
}

static gssize
read_at (int      fd,
         char    *buffer,
         gsize    size,
         guint64  offset)
{
  gsize length = 0;
  ssize_t n = 1;

  while (length < size && n != 0)
    {
      n = pread (fd, buffer + length, size - length, (off_t) (offset + length));
      if (n < 0 && errno != EINTR)
        return -1;
      if (n > 0)
        length += (gsize) n;
    }
  return (gssize) length;
}

GBytes *
glb_mcp_workspace_read (GlbMcpWorkspace  *self,
                        const char       *untrusted_relative,
                        guint64           offset,
                        gsize             max_bytes,
                        guint64          *total,
                        GError          **error)
{
  g_autofree char *buffer = NULL;
  struct stat st;
  gssize n;
  int fd;

  if (!check (self, untrusted_relative, FALSE, error))
    return NULL;
  fd = open_file (self, untrusted_relative, &st, error);
  if (fd < 0)
    return NULL;

  *total = (guint64) st.st_size;
  max_bytes = offset < *total ? MIN (max_bytes, *total - offset) : 0;
  buffer = g_malloc (max_bytes + 1);
  n = read_at (fd, buffer, max_bytes, offset);
  if (n < 0)
    set_error (error, errno, untrusted_relative);
  close (fd);
  return n < 0 ? NULL : g_bytes_new_take (g_steal_pointer (&buffer), (gsize) n);
}

/* ---- writing -------------------------------------------------------------------------- */

static gboolean
write_all (int         fd,
           const char *bytes,
           gsize       length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, bytes, length);

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

/* The mode that the file has already; FALSE: something else has its name. */
static gboolean
keep_mode (int         folder,
           const char *name,
           int         fd)
{
  struct stat st;

  if (fstatat (folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT;
  if (S_ISREG (st.st_mode))
    return fchmod (fd, st.st_mode & 0777) == 0;

  errno = S_ISDIR (st.st_mode) ? EISDIR : ELOOP;
  return FALSE;
}

/* Beside it and then in its place: nobody sees half of it, and a link of either kind is replaced, never followed. */
static gboolean
replace (int         folder,
         const char *name,
         GBytes     *content)
{
  g_autofree char *temporary = g_strdup_printf (".%.200s.%08x%08x", name, g_random_int (), g_random_int ());
  gsize length;
  const char *bytes = g_bytes_get_data (content, &length);
  int fd = openat (folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  gboolean good;
  int saved_errno;

  if (fd < 0)
    return FALSE;

  good = write_all (fd, bytes, length) && keep_mode (folder, name, fd);
  saved_errno = errno;
  if (close (fd) < 0 && good)
    {
      good = FALSE;
      saved_errno = errno;
    }
  if (good && renameat (folder, temporary, folder, name) == 0)
    return TRUE;

  if (good)
    saved_errno = errno;
  unlinkat (folder, temporary, 0);
  errno = saved_errno;
  return FALSE;
}

gboolean
glb_mcp_workspace_write (GlbMcpWorkspace *self,
                         const char      *untrusted_relative,
                         GBytes          *content,
                         GError         **error)
{
  g_autofree char *folder_path = NULL;
  g_autofree char *name = NULL;
  gboolean good;
  int folder;

  if (!check (self, untrusted_relative, TRUE, error))
    return FALSE;

  folder_path = g_path_get_dirname (untrusted_relative);
  name = g_path_get_basename (untrusted_relative);
  folder = open_beneath (self->fd, folder_path, O_RDONLY | O_DIRECTORY);
  if (folder < 0)
    return set_error (error, errno, folder_path);

  good = replace (folder, name, content);
  if (!good)
    set_error (error, errno, untrusted_relative);
  close (folder);
  return good;
}
