/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/broker/glb-session-mounts.h"

/* Set once, before the first session. */
static GStrv own_folders;

static void
session_mount_free (gpointer data)
{
  GlbSessionMount *mount = data;

  g_free (mount->source);
  g_free (mount->target);
  g_free (mount);
}

static void
box_rule_free (gpointer data)
{
  GlbBoxRule *rule = data;

  g_free (rule->path);
  g_free (rule);
}

/* What follows folder in path, "" for the folder itself, NULL where path is not below it. */
static const char *
below (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  if (length == 1)
    return path;
  return strncmp (path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/') ? path + length : NULL;
}

static char *
to_target (const char *path, const char *workspace)
{
  const char *rest = workspace != NULL ? below (path, workspace) : NULL;

  return rest != NULL ? g_strconcat (GLB_AGENT_WORKSPACE, rest, NULL) : g_strdup (path);
}

static void
add_mount (GPtrArray *mounts, const char *source, const char *target, guint flags)
{
  GlbSessionMount *mount;

  for (guint i = 0; i < mounts->len; i++)
    {
      mount = g_ptr_array_index (mounts, i);
      if (g_str_equal (mount->target, target))
        {
          mount->flags = flags;
          return;
        }
    }

  mount = g_new0 (GlbSessionMount, 1);
  mount->source = g_strdup (source);
  mount->target = g_strdup (target);
  mount->flags = flags;
  g_ptr_array_add (mounts, mount);
}

/* At its own place, and wherever an earlier mount shows it. */
static void
add_everywhere (GPtrArray *mounts, const char *path, const char *source, const char *workspace, gboolean own_place, guint flags)
{
  g_autofree char *own = to_target (path, workspace);
  guint n_before = mounts->len;

  for (guint i = 0; i < n_before; i++)
    {
      GlbSessionMount *mount = g_ptr_array_index (mounts, i);
      const char *rest = below (source, mount->source);
      g_autofree char *target = rest != NULL && (mount->flags & GLB_MOUNT_HIDDEN) == 0
                                ? g_strconcat (mount->target, rest, NULL) : NULL;

      if (target != NULL && (*rest != '\0' || !g_str_equal (target, own)))
        add_mount (mounts, source, target, flags);
    }
  if (own_place)
    add_mount (mounts, source, own, flags);
}

static gboolean
is_in_hidden (GPtrArray *mounts, const char *target)
{
  for (guint i = 0; i < mounts->len; i++)
    {
      GlbSessionMount *mount = g_ptr_array_index (mounts, i);

      if ((mount->flags & GLB_MOUNT_HIDDEN) != 0 && below (target, mount->target) != NULL)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_system_place (const char *path)
{
  return below (path, "/usr") != NULL || below (path, "/etc") != NULL;
}

/* Hiding is not enough where the agent may write: it could move what lies above, and put its own in the place. */
static gboolean
check_own_folders (const char *path, const char *real, gboolean writable, GError **error)
{
  for (guint i = 0; own_folders != NULL && own_folders[i] != NULL; i++)
    {
      if (below (real, own_folders[i]) != NULL)
        g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                     "%s: it is Glovebox's own, which no agent may see; name another folder", path);
      else if (writable && below (own_folders[i], real) != NULL)
        g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                     "%s: Glovebox keeps its own records in %s, so no agent may write there; name a folder beside that", path,
                     own_folders[i]);
      else
        continue;
      return FALSE;
    }

  return TRUE;
}

static gboolean
add_allowed (GPtrArray *mounts, const GlbFileRule *rule, const char *workspace, GlbPathProbe probe, gpointer user_data,
             GError **error)
{
  g_autofree char *real = NULL;
  g_autofree char *target = to_target (rule->path, workspace);
  gboolean personal = FALSE;
  gboolean writable = rule->access == GLB_FILE_WRITE;
  GlbPathKind kind = probe (rule->path, &real, &personal, user_data);

  if (kind == GLB_PATH_MISSING && !writable)
    return TRUE;
  if (kind == GLB_PATH_MISSING)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                   "%s: the policy lets the agent write there, but it is missing; make it", rule->path);
      return FALSE;
    }
  if (kind == GLB_PATH_FOLDER && !rule->tree)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                   "%s: the policy means one file, but it is a folder; write %s/**", rule->path, rule->path);
      return FALSE;
    }
  if (workspace != NULL && below (rule->path, workspace) != NULL && below (real, workspace) == NULL)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                   "%s: it leads out of the workspace to %s; remove the symbolic link", rule->path, real);
      return FALSE;
    }
  for (guint i = 0; i < mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (mounts, i);

      if ((mount->flags & GLB_MOUNT_WRITABLE) == 0 || below (rule->path, mount->source) == NULL || below (real, mount->source) != NULL)
        continue;
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                   "%s: it leads out of %s, where the agent may write, to %s; remove the symbolic link", rule->path, mount->source, real);
      return FALSE;
    }
  if (glb_policy_find_system_place (real) != NULL || g_str_equal (real, "/"))
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                   "%s: it leads to %s, which cannot be given to a session; name another folder", rule->path, real);
      return FALSE;
    }
  if (writable && !personal)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                   "%s: it is not yours, so the agent cannot write there as you; choose a folder of yours", rule->path);
      return FALSE;
    }
  if (!check_own_folders (rule->path, real, writable, error))
    return FALSE;
  if (is_in_hidden (mounts, target))
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY,
                   "%s: it lies in a folder that denyRead hides; deny what lies beside it instead", rule->path);
      return FALSE;
    }

  add_everywhere (mounts, rule->path, real, workspace, TRUE,
                  (writable ? GLB_MOUNT_WRITABLE : GLB_MOUNT_READ_ONLY) | (personal ? GLB_MOUNT_PERSONAL : 0));
  return TRUE;
}

/* What is not there needs no hiding: what the agent then makes in its place is its own. */
static void
add_denied (GPtrArray *mounts, const GlbFileRule *rule, const char *workspace, GlbPathProbe probe, gpointer user_data)
{
  g_autofree char *real = NULL;
  gboolean personal;

  if (probe (rule->path, &real, &personal, user_data) == GLB_PATH_MISSING)
    return;

  add_everywhere (mounts, rule->path, rule->path, workspace, is_system_place (rule->path), GLB_MOUNT_HIDDEN);
  if (!g_str_equal (real, rule->path))
    add_everywhere (mounts, real, real, workspace, is_system_place (real), GLB_MOUNT_HIDDEN);
}

GlbPathKind
glb_path_probe (const char *path, char **real, gboolean *personal, gpointer user_data)
{
  char *resolved = realpath (path, NULL);
  struct stat st;

  if (resolved == NULL || stat (resolved, &st) != 0)
    {
      free (resolved);
      return GLB_PATH_MISSING;
    }

  *real = g_strdup (resolved);
  free (resolved);
  /* root's broker makes the agent's files those of the folder's owner */
  *personal = st.st_uid == geteuid () || geteuid () == 0;
  return S_ISDIR (st.st_mode) ? GLB_PATH_FOLDER : GLB_PATH_FILE;
}

void
glb_session_mounts_keep_out (const char * const *folders)
{
  g_strfreev (own_folders);
  own_folders = g_strdupv ((GStrv) folders);
}

GPtrArray *
glb_session_mounts_new (GPtrArray     *rules,
                        const char    *workspace,
                        GlbPathProbe   probe,
                        gpointer       user_data,
                        GError       **error)
{
  g_autoptr(GPtrArray) mounts = g_ptr_array_new_with_free_func (session_mount_free);

  for (guint i = 0; i < rules->len; i++)
    {
      const GlbFileRule *rule = g_ptr_array_index (rules, i);

      /* a temporary workspace is a file system of its own, with nothing in it to mount or hide */
      if (workspace == NULL && below (rule->path, GLB_AGENT_WORKSPACE) != NULL)
        continue;
      if (rule->access == GLB_FILE_DENY)
        add_denied (mounts, rule, workspace, probe, user_data);
      else if (!add_allowed (mounts, rule, workspace, probe, user_data, error))
        return NULL;
    }

  for (guint i = 0; own_folders != NULL && own_folders[i] != NULL; i++)
    add_everywhere (mounts, own_folders[i], own_folders[i], workspace, FALSE, GLB_MOUNT_HIDDEN);
  return g_steal_pointer (&mounts);
}

static void
add_rule (GPtrArray *landlock, const char *path, guint access)
{
  GlbBoxRule *rule = g_new0 (GlbBoxRule, 1);

  rule->path = g_strdup (path);
  rule->access = access;
  g_ptr_array_add (landlock, rule);
}

GPtrArray *
glb_session_mounts_to_landlock (GPtrArray *mounts, const char *workspace, gboolean allow_debug)
{
  g_autoptr(GPtrArray) landlock = g_ptr_array_new_with_free_func (box_rule_free);
  const guint read = GLB_INIT_LANDLOCK_READ, write = GLB_INIT_LANDLOCK_READ | GLB_INIT_LANDLOCK_WRITE;

  /* Not "/", to be listed: a rule holds for all beneath it, and this wall must stand where the mounts' does not. */
  add_rule (landlock, "/usr", read);
  add_rule (landlock, "/etc", read);
  /* Without it each program that draws text reads all fonts first, a quarter of a second. */
  add_rule (landlock, "/var/cache/fontconfig", read);
  add_rule (landlock, "/run/glovebox", read);
  /* a debugger writes to the memory of what it debugs through /proc */
  add_rule (landlock, "/proc", allow_debug ? write : read);
  add_rule (landlock, "/dev", write | GLB_INIT_LANDLOCK_DEVICE);
  add_rule (landlock, "/tmp", write);
  add_rule (landlock, GLB_AGENT_HOME, write);
  add_rule (landlock, GLB_AGENT_RUNTIME_DIR, write);
  for (guint i = 0; i < mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (mounts, i);

      if ((mount->flags & GLB_MOUNT_HIDDEN) == 0)
        add_rule (landlock, mount->target, (mount->flags & GLB_MOUNT_WRITABLE) != 0 ? write : read);
    }
  if (workspace == NULL)
    add_rule (landlock, GLB_AGENT_WORKSPACE, write);

  return g_steal_pointer (&landlock);
}
