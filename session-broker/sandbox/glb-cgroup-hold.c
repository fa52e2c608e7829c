/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-cgroup-hold.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "session-broker/sandbox/glb-account.h"
#include "session-broker/sandbox/glb-cgroup-file.h"
#include "session-broker/sandbox/glb-process-list.h"

static gboolean
failed (GError **error, const char *what, const char *folder)
{
  int saved_errno = errno;

  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't %s %s: %s", what, folder, g_strerror (saved_errno));
  return FALSE;
}

gboolean
glb_cgroup_hold_make (const char *folder, GError **error)
{
  g_autofree char *held = g_build_filename (folder, GLB_CGROUP_HELD, NULL);

  return g_mkdir (held, 0755) == 0 || errno == EEXIST || failed (error, "make the control group", held);
}

GArray *
glb_cgroup_hold_list (const char *folder)
{
  g_autofree char *held = g_build_filename (folder, GLB_CGROUP_HELD, NULL);
  g_autofree char *there = glb_cgroup_file_read (held, "cgroup.procs");
  g_autofree char *here = glb_cgroup_file_read (folder, "cgroup.procs");
  GArray *list = g_array_new (FALSE, FALSE, sizeof (GlbProcess));

  glb_process_list_add (list, here != NULL ? here : "", FALSE);
  glb_process_list_add (list, there != NULL ? there : "", TRUE);

  return list;
}

/* Nothing is waited for: it stands still, or will not run before the whole group does. */
static gboolean
set_held (const char *held, gboolean frozen)
{
  if (glb_cgroup_file_exists (held, "freezer.state"))
    return glb_cgroup_file_write (held, "freezer.state", frozen ? "FROZEN" : "THAWED");

  return glb_cgroup_file_write (held, "cgroup.freeze", frozen ? "1" : "0");
}

/* Whoever has ended meanwhile needs not be sorted. */
static gboolean
move (const GlbProcess *process, const char *to)
{
  char text[16];

  g_snprintf (text, sizeof text, "%d", process->pid);
  return glb_cgroup_file_write (to, "cgroup.procs", text) || errno == ESRCH;
}

gboolean
glb_cgroup_hold_sort (const char *folder, const GArray *list, GError **error)
{
  g_autofree char *held = g_build_filename (folder, GLB_CGROUP_HELD, NULL);

  /* First it, then they: what comes into a group that is frozen does not run in between. */
  if (!set_held (held, TRUE))
    return failed (error, "freeze", held);
  for (guint i = 0; i < list->len; i++)
    {
      const GlbProcess *process = &g_array_index (list, GlbProcess, i);

      if (process->hold != process->held && !move (process, process->hold ? held : folder))
        return failed (error, "move a process to", process->hold ? held : folder);
    }

  errno = ETIMEDOUT;
  return (glb_cgroup_file_exists (held, "freezer.state") ? glb_cgroup_file_freeze_v1 (held, TRUE) :
          glb_cgroup_file_wait (held, "frozen", 1)) || failed (error, "freeze", held);
}

gboolean
glb_cgroup_hold_release (const char *folder, GError **error)
{
  g_autofree char *held = g_build_filename (folder, GLB_CGROUP_HELD, NULL);

  return set_held (held, FALSE) || failed (error, "thaw", held);
}
