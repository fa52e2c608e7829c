/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-account.h"
#include "session-broker/sandbox/glb-cgroup-file.h"
#include "session-broker/sandbox/glb-cgroup-hold.h"
#include "session-broker/sandbox/glb-cgroup-host.h"

#define KILL_ROUNDS  64
/* The launcher that became bubblewrap's monitor, and process 1. */
#define OWN_PROCESSES 2
#define CPU_PERIOD_US 100000

/**
 * GlbCgroup:
 *
 * One folder in each hierarchy that is needed: with cgroup v2 that is one for
 * everything; with v1 one for each controller, and where a v2 hierarchy without
 * controllers is mounted beside it (a hybrid host) one there too, because only
 * that can freeze and kill without the two being in each other's way.
 */
struct _GlbCgroup
{
  GObject parent_instance;

  GlbCgroupFeatures features;
  GPtrArray *folders;          /* of char*, ended by NULL once made */
  GPtrArray *tasks;
  char *unified;               /* folder with the core files of v2, or NULL */
  char *memory;
  char *pids;
  char *cpu;
  char *freezer;               /* v1 only */
  gboolean memory_is_v1;

  GMutex lock;                 /* of the freezer */
  gboolean paused, stopped;    /* why everything stands still */
};

G_DEFINE_FINAL_TYPE (GlbCgroup, glb_cgroup, G_TYPE_OBJECT)

static void
glb_cgroup_finalize (GObject *object)
{
  GlbCgroup *self = GLB_CGROUP (object);

  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->tasks);
  g_free (self->unified);
  g_free (self->memory);
  g_free (self->pids);
  g_free (self->cpu);
  g_free (self->freezer);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (glb_cgroup_parent_class)->finalize (object);
}

static void
glb_cgroup_class_init (GlbCgroupClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glb_cgroup_finalize;
}

static void
glb_cgroup_init (GlbCgroup *self)
{
  g_mutex_init (&self->lock);
  self->folders = g_ptr_array_new_with_free_func (g_free);
  self->tasks = g_ptr_array_new_with_free_func (g_free);
}

/* --- making --- */

static gboolean
host_error (GError **error, const char *what, const char *detail)
{
  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, "This host can't limit %s: %s", what, detail);
  return FALSE;
}

static gboolean
failed (GError **error, const char *folder, const char *name)
{
  int saved_errno = errno;

  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't set %s/%s: %s",
               folder, name, g_strerror (saved_errno));
  return FALSE;
}

/* Another session may just be removing the common parent: then once more. */
static gboolean
make_folder (const char *base, const char *name, char **folder, GError **error)
{
  g_autofree char *parent = g_build_filename (base, "glovebox", NULL);
  g_autofree char *path = g_build_filename (parent, name, NULL);

  for (guint i = 0; i < 16; i++)
    {
      if ((g_mkdir (parent, 0755) < 0 && errno != EEXIST) || (g_mkdir (path, 0755) < 0 && errno != ENOENT && errno != EEXIST))
        break;
      if (access (path, W_OK) == 0)
        {
          *folder = g_steal_pointer (&path);
          return TRUE;
        }
    }

  return failed (error, path, "");
}

static gboolean
add_folder (GlbCgroup *self, const char *base, const char *name, char **folder, GError **error)
{
  if (!make_folder (base, name, folder, error))
    return FALSE;
  g_ptr_array_add (self->folders, g_strdup (*folder));

  return TRUE;
}

/* Entered by a process of one thread for itself, for which the kernel needs none of the locks of cgroup.procs. */
static gboolean
add_v1_folder (GlbCgroup *self, const char *base, const char *name, char **folder, GError **error)
{
  if (!add_folder (self, base, name, folder, error))
    return FALSE;

  g_ptr_array_add (self->tasks, g_build_filename (*folder, "tasks", NULL));
  return TRUE;
}

static gboolean
limit_memory (GlbCgroup *self, guint memory_mb, GError **error)
{
  guint64 bytes = (guint64) memory_mb << 20;

  if (!self->memory_is_v1)
    {
      if (!glb_cgroup_file_write_number (self->memory, "memory.max", bytes))
        return failed (error, self->memory, "memory.max");
      if (glb_cgroup_file_exists (self->memory, "memory.swap.max") && !glb_cgroup_file_write_number (self->memory, "memory.swap.max", 0))
        return failed (error, self->memory, "memory.swap.max");
      return TRUE;
    }

  if (!glb_cgroup_file_write_number (self->memory, "memory.limit_in_bytes", bytes))
    return failed (error, self->memory, "memory.limit_in_bytes");
  if (glb_cgroup_file_exists (self->memory, "memory.memsw.limit_in_bytes"))
    {
      if (!glb_cgroup_file_write_number (self->memory, "memory.memsw.limit_in_bytes", bytes))
        return failed (error, self->memory, "memory.memsw.limit_in_bytes");
    }
  else if (!glb_cgroup_file_write_number (self->memory, "memory.swappiness", 0))
    return failed (error, self->memory, "memory.swappiness");

  return TRUE;
}

static gboolean
limit_cpu (GlbCgroup *self, guint percent, gboolean v1, GError **error)
{
  guint64 quota = (guint64) percent * CPU_PERIOD_US / 100;
  char text[64];

  if (!v1)
    {
      g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT " %d", quota, CPU_PERIOD_US);
      return glb_cgroup_file_write (self->cpu, "cpu.max", text) || failed (error, self->cpu, "cpu.max");
    }

  return (glb_cgroup_file_write_number (self->cpu, "cpu.cfs_period_us", CPU_PERIOD_US) &&
          glb_cgroup_file_write_number (self->cpu, "cpu.cfs_quota_us", quota)) || failed (error, self->cpu, "cpu.cfs_quota_us");
}

/* One folder for a controller: its own with v1, the common one with v2. */
static gboolean
take_controller (GlbCgroup *self, const GlbCgroupHost *host, GlbCgroupFeatures feature, const char *name,
                 char **folder, gboolean *v1, GError **error)
{
  const char *base = glb_cgroup_host_get_v1 (host, feature);

  if (host->v2_features & feature)
    {
      *v1 = FALSE;
      *folder = g_strdup (self->unified);
      return TRUE;
    }
  *v1 = TRUE;

  return add_v1_folder (self, base, name, folder, error);
}

static gboolean
make_all (GlbCgroup *self, const GlbCgroupHost *host, const char *name, const GlbCgroupLimits *limits, GError **error)
{
  gboolean v1 = FALSE;

  if (host->v2_base != NULL && !add_folder (self, host->v2_base, name, &self->unified, error))
    return FALSE;
  if (self->unified == NULL && host->v1_freezer != NULL &&
      !add_v1_folder (self, host->v1_freezer, name, &self->freezer, error))
    return FALSE;
  if (limits->hold && !glb_cgroup_hold_make (self->unified != NULL ? self->unified : self->freezer, error))
    return FALSE;

  if (limits->memory_mb > 0 &&
      (!take_controller (self, host, GLB_CGROUP_MEMORY, name, &self->memory, &self->memory_is_v1, error) ||
       !limit_memory (self, limits->memory_mb, error)))
    return FALSE;
  if (limits->max_processes > 0 &&
      (!take_controller (self, host, GLB_CGROUP_PIDS, name, &self->pids, &v1, error) ||
       (!glb_cgroup_file_write_number (self->pids, "pids.max", (guint64) limits->max_processes + OWN_PROCESSES) &&
        !failed (error, self->pids, "pids.max"))))
    return FALSE;
  /* Without a limit, too: all sessions together then weigh as much as one program of the person. */
  if ((host->features & GLB_CGROUP_CPU) && !take_controller (self, host, GLB_CGROUP_CPU, name, &self->cpu, &v1, error))
    return FALSE;
  if (limits->cpu_percent > 0 && !limit_cpu (self, limits->cpu_percent, v1, error))
    return FALSE;

  return TRUE;
}

static gboolean
check_asked (const GlbCgroupLimits *limits, GlbCgroupFeatures features, const char *remedy, GError **error)
{
  if (limits->memory_mb > 0 && !(features & GLB_CGROUP_MEMORY))
    return host_error (error, "memory", remedy);
  if (limits->cpu_percent > 0 && !(features & GLB_CGROUP_CPU))
    return host_error (error, "processor time", remedy);
  if (limits->max_processes > 0 && !(features & GLB_CGROUP_PIDS))
    return host_error (error, "the number of processes", remedy);
  if (limits->hold && !(features & GLB_CGROUP_HOLD))
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, "This host can't freeze a part of a session: "
                   GLB_CGROUP_HOLD_REMEDY);
      return FALSE;
    }

  return TRUE;
}

GlbCgroupFeatures
glb_cgroup_probe (char **detail)
{
  g_autoptr(GlbCgroupHost) host = glb_cgroup_host_load (FALSE);

  if (detail != NULL)
    *detail = g_strdup (host->detail);

  return host->features;
}

GlbCgroup *
glb_cgroup_new (const char            *name,
                const GlbCgroupLimits *limits,
                GError               **error)
{
  static const GlbCgroupLimits no_limits = { 0 };
  g_autoptr(GlbCgroup) self = g_object_new (GLB_TYPE_CGROUP, NULL);
  g_autoptr(GlbCgroupHost) host = NULL;

  g_return_val_if_fail (name != NULL && *name != '\0' && *name != '.' && strchr (name, '/') == NULL, NULL);

  if (limits == NULL)
    limits = &no_limits;
  host = glb_cgroup_host_load (TRUE);
  if (!check_asked (limits, host->features, host->detail, error))
    return NULL;

  if (make_all (self, host, name, limits, error))
    {
      self->features = host->features;
      g_ptr_array_add (self->folders, NULL);
      g_ptr_array_add (self->tasks, NULL);
      return g_steal_pointer (&self);
    }

  g_ptr_array_add (self->folders, NULL);
  glb_cgroup_remove_folders ((const char * const *) self->folders->pdata, NULL);

  return NULL;
}

GlbCgroupFeatures
glb_cgroup_get_features (GlbCgroup *self)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), 0);

  return self->features;
}

const char *
glb_cgroup_get_unified (GlbCgroup *self)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), NULL);

  return self->unified;
}

const char * const *
glb_cgroup_get_tasks_files (GlbCgroup *self)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), NULL);

  return (const char * const *) self->tasks->pdata;
}

const char * const *
glb_cgroup_get_folders (GlbCgroup *self)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), NULL);

  return (const char * const *) self->folders->pdata;
}

static const char *
get_freezer (GlbCgroup *self)
{
  return self->unified != NULL ? self->unified : self->freezer;
}

/* A failure leaves nothing frozen that was not before. */
static gboolean
apply_frozen (GlbCgroup *self, gboolean frozen)
{
  if (self->unified == NULL ? glb_cgroup_file_freeze_v1 (self->freezer, frozen) :
      glb_cgroup_file_write (self->unified, "cgroup.freeze", frozen ? "1" : "0") && glb_cgroup_file_wait (self->unified, "frozen", frozen))
    return TRUE;

  if (frozen && self->unified != NULL)
    glb_cgroup_file_write (self->unified, "cgroup.freeze", "0");
  else if (frozen)
    glb_cgroup_file_write (self->freezer, "freezer.state", "THAWED");
  return FALSE;
}

/* What two stop at the same time goes on when both let it. */
static gboolean
set_reason (GlbCgroup *self, gboolean *reason, gboolean value, GError **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean before = self->paused || self->stopped, now;

  *reason = value;
  now = self->paused || self->stopped;
  if (now == before || apply_frozen (self, now))
    return TRUE;

  *reason = FALSE;
  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't %s the session's processes in time", now ? "freeze" : "thaw");
  return FALSE;
}

gboolean
glb_cgroup_freeze (GlbCgroup *self,
                   gboolean   frozen,
                   GError   **error)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), FALSE);

  if (self->features & GLB_CGROUP_FREEZE)
    return set_reason (self, &self->paused, frozen, error);

  g_set_error_literal (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, "This session has no control group to freeze it");
  return FALSE;
}

gboolean
glb_cgroup_stop (GlbCgroup *self, GError **error)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), FALSE);

  return set_reason (self, &self->stopped, TRUE, error);
}

GArray *
glb_cgroup_list (GlbCgroup *self)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), NULL);

  return glb_cgroup_hold_list (get_freezer (self));
}

gboolean
glb_cgroup_hold (GlbCgroup *self, const GArray *list, GError **error)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), FALSE);
  g_return_val_if_fail (self->stopped, FALSE);

  if (glb_cgroup_hold_sort (get_freezer (self), list, error) && set_reason (self, &self->stopped, FALSE, error))
    return TRUE;

  glb_cgroup_release (self, NULL);
  return FALSE;
}

gboolean
glb_cgroup_release (GlbCgroup *self, GError **error)
{
  gboolean released;

  g_return_val_if_fail (GLB_IS_CGROUP (self), FALSE);

  released = glb_cgroup_hold_release (get_freezer (self), error);
  return set_reason (self, &self->stopped, FALSE, released ? error : NULL) && released;
}

/* TRUE: there were processes. */
static gboolean
kill_listed (const char *folder)
{
  g_autofree char *text = glb_cgroup_file_read (folder, "cgroup.procs");
  g_auto(GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  gboolean any = FALSE;

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      gint64 pid = g_ascii_strtoll (lines[i], NULL, 10);

      if (pid > 1 && pid != getpid ())
        any |= kill (pid, SIGKILL) == 0;
    }

  return any;
}

/* And what is held of it. */
static void
kill_folder (const char *folder)
{
  g_autofree char *held = g_build_filename (folder, GLB_CGROUP_HELD, NULL);
  gboolean is_freezer = glb_cgroup_file_exists (folder, "freezer.state");

  if (glb_cgroup_file_write (folder, "cgroup.kill", "1"))
    return;
  /* Frozen, nothing can fork while the list is read; but what is frozen does not die before it is thawed. */
  if (is_freezer)
    glb_cgroup_file_freeze_v1 (folder, TRUE);
  else
    glb_cgroup_file_write (folder, "cgroup.freeze", "1");
  kill_listed (held);
  for (guint i = 0; i < KILL_ROUNDS && kill_listed (folder); i++)
    if (is_freezer || glb_cgroup_file_exists (folder, "cgroup.freeze"))
      break;
  glb_cgroup_hold_release (folder, NULL);
  if (is_freezer)
    glb_cgroup_file_freeze_v1 (folder, FALSE);
  else
    glb_cgroup_file_write (folder, "cgroup.freeze", "0");
}

void
glb_cgroup_kill (GlbCgroup *self)
{
  g_return_if_fail (GLB_IS_CGROUP (self));

  if (self->unified != NULL)
    kill_folder (self->unified);
  else if (self->freezer != NULL)
    kill_folder (self->freezer);
  else if (self->folders->len > 1)
    kill_folder (g_ptr_array_index (self->folders, 0));
}

void
glb_cgroup_get_usage (GlbCgroup      *self,
                      GlbCgroupUsage *usage)
{
  g_return_if_fail (GLB_IS_CGROUP (self));
  g_return_if_fail (usage != NULL);

  memset (usage, 0, sizeof *usage);
  if (self->memory != NULL && self->memory_is_v1)
    {
      usage->memory_bytes = glb_cgroup_file_read_number (self->memory, "memory.usage_in_bytes");
      usage->memory_peak_bytes = glb_cgroup_file_read_number (self->memory, "memory.max_usage_in_bytes");
      usage->oom_kills = glb_cgroup_file_read_keyed (self->memory, "memory.oom_control", "oom_kill");
    }
  else if (self->memory != NULL)
    {
      usage->memory_bytes = glb_cgroup_file_read_number (self->memory, "memory.current");
      usage->memory_peak_bytes = glb_cgroup_file_read_number (self->memory, "memory.peak");
      usage->oom_kills = glb_cgroup_file_read_keyed (self->memory, "memory.events", "oom_kill");
    }
  if (self->unified != NULL)
    usage->cpu_us = glb_cgroup_file_read_keyed (self->unified, "cpu.stat", "usage_usec");
  else if (self->cpu != NULL && glb_cgroup_file_exists (self->cpu, "cpuacct.usage"))
    usage->cpu_us = glb_cgroup_file_read_number (self->cpu, "cpuacct.usage") / 1000;
}

gboolean
glb_cgroup_remove (GlbCgroup *self,
                   GError   **error)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), FALSE);

  return glb_cgroup_remove_folders (glb_cgroup_get_folders (self), error);
}

/* TRUE: it is not there any more. */
static gboolean
remove_folder (const char *folder)
{
  gint64 deadline = g_get_monotonic_time () + GLB_CGROUP_EVENT_MS * 1000;

  while (rmdir (folder) < 0 && errno == EBUSY && g_get_monotonic_time () < deadline)
    {
      kill_folder (folder);
      if (glb_cgroup_file_exists (folder, "cgroup.events"))
        glb_cgroup_file_wait (folder, "populated", 0);
      else
        g_thread_yield ();
    }

  return access (folder, F_OK) != 0;
}

/**
 * glb_cgroup_remove_folders:
 * @folders: as glb_cgroup_get_folders() said
 *
 * Kills what still runs there, held or not, and removes the folders, and the
 * common parent if nothing else is in it. What is not there any more is no error.
 */
gboolean
glb_cgroup_remove_folders (const char * const *folders,
                           GError            **error)
{
  gboolean ok = TRUE;

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *parent = g_path_get_dirname (folders[i]);
      g_autofree char *held = g_build_filename (folders[i], GLB_CGROUP_HELD, NULL);

      remove_folder (held);
      if (!remove_folder (folders[i]))
        {
          if (ok)
            g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't remove the control group %s: "
                         "processes in it do not end", folders[i]);
          ok = FALSE;
        }
      rmdir (parent);
    }

  return ok;
}

gboolean
glb_cgroup_remove_left_over (GlbCgroupMatch   is_left_over,
                             gpointer         user_data,
                             GError         **error)
{
  g_autoptr(GlbCgroupHost) host = glb_cgroup_host_load (FALSE);
  const char *bases[] = { host->v2_base, host->v1_memory, host->v1_cpu, host->v1_pids, host->v1_freezer };
  g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      g_autofree char *path = bases[i] != NULL ? g_build_filename (bases[i], "glovebox", NULL) : NULL;
      g_autoptr(GDir) dir = path != NULL ? g_dir_open (path, 0, NULL) : NULL;
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *folder = g_build_filename (path, name, NULL);

          if (g_file_test (folder, G_FILE_TEST_IS_DIR) && is_left_over (folder, user_data))
            g_ptr_array_add (folders, g_steal_pointer (&folder));
        }
    }
  g_ptr_array_add (folders, NULL);

  return glb_cgroup_remove_folders ((const char * const *) folders->pdata, error);
}
