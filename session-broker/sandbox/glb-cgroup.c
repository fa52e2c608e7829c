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
#include "session-broker/sandbox/glb-cgroup-host.h"

#define EVENT_MS     1000
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
  self->folders = g_ptr_array_new_with_free_func (g_free);
  self->tasks = g_ptr_array_new_with_free_func (g_free);
}

/* --- files --- */

static gboolean
write_file (const char *folder, const char *name, const char *value)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean ok;
  int saved_errno;

  if (fd < 0)
    return FALSE;
  ok = write (fd, value, strlen (value)) == (gssize) strlen (value);
  saved_errno = errno;
  close (fd);
  errno = saved_errno;

  return ok;
}

static gboolean
write_number (const char *folder, const char *name, guint64 value)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, value);
  return write_file (folder, name, text);
}

static char *
read_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return access (path, F_OK) == 0;
}

static guint64
read_number (const char *folder, const char *name)
{
  g_autofree char *text = read_file (folder, name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

/* "KEY VALUE" in a file of such lines; 0 if it is not there. */
static guint64
read_keyed (const char *folder, const char *name, const char *key)
{
  g_autofree char *text = read_file (folder, name);
  g_auto(GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  gsize n = strlen (key);

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    if (strncmp (lines[i], key, n) == 0 && lines[i][n] == ' ')
      return g_ascii_strtoull (lines[i] + n + 1, NULL, 10);

  return 0;
}

/* Waits until a line of cgroup.events is there; the kernel tells when the file changes. */
static gboolean
wait_for_event (const char *folder, const char *key, guint64 value)
{
  g_autofree char *path = g_build_filename (folder, "cgroup.events", NULL);
  gint64 deadline = g_get_monotonic_time () + EVENT_MS * 1000;
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean there = FALSE;

  while (fd >= 0)
    {
      struct pollfd p = { .fd = fd, .events = POLLPRI };
      char text[256];
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000;

      /* Reading arms the notification; so first read, then look. */
      if (pread (fd, text, sizeof text, 0) < 0)
        break;
      there = read_keyed (folder, "cgroup.events", key) == value;
      if (there || left <= 0 || (poll (&p, 1, left) < 0 && errno != EINTR))
        break;
    }
  if (fd >= 0)
    close (fd);

  return there;
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
      if (!write_number (self->memory, "memory.max", bytes))
        return failed (error, self->memory, "memory.max");
      if (has_file (self->memory, "memory.swap.max") && !write_number (self->memory, "memory.swap.max", 0))
        return failed (error, self->memory, "memory.swap.max");
      return TRUE;
    }

  if (!write_number (self->memory, "memory.limit_in_bytes", bytes))
    return failed (error, self->memory, "memory.limit_in_bytes");
  if (has_file (self->memory, "memory.memsw.limit_in_bytes"))
    {
      if (!write_number (self->memory, "memory.memsw.limit_in_bytes", bytes))
        return failed (error, self->memory, "memory.memsw.limit_in_bytes");
    }
  else if (!write_number (self->memory, "memory.swappiness", 0))
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
      return write_file (self->cpu, "cpu.max", text) || failed (error, self->cpu, "cpu.max");
    }

  return (write_number (self->cpu, "cpu.cfs_period_us", CPU_PERIOD_US) &&
          write_number (self->cpu, "cpu.cfs_quota_us", quota)) || failed (error, self->cpu, "cpu.cfs_quota_us");
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
  gboolean v1;

  if (host->v2_base != NULL && !add_folder (self, host->v2_base, name, &self->unified, error))
    return FALSE;
  if (self->unified == NULL && host->v1_freezer != NULL &&
      !add_v1_folder (self, host->v1_freezer, name, &self->freezer, error))
    return FALSE;

  if (limits->memory_mb > 0 &&
      (!take_controller (self, host, GLB_CGROUP_MEMORY, name, &self->memory, &self->memory_is_v1, error) ||
       !limit_memory (self, limits->memory_mb, error)))
    return FALSE;
  if (limits->max_processes > 0 &&
      (!take_controller (self, host, GLB_CGROUP_PIDS, name, &self->pids, &v1, error) ||
       (!write_number (self->pids, "pids.max", (guint64) limits->max_processes + OWN_PROCESSES) &&
        !failed (error, self->pids, "pids.max"))))
    return FALSE;
  if (limits->cpu_percent > 0 &&
      (!take_controller (self, host, GLB_CGROUP_CPU, name, &self->cpu, &v1, error) ||
       !limit_cpu (self, limits->cpu_percent, v1, error)))
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

/* v1 has no notification: writing the state again makes the kernel go over the tasks again. */
static gboolean
freeze_v1 (const char *folder, gboolean frozen)
{
  const char *state = frozen ? "FROZEN" : "THAWED";
  gint64 deadline = g_get_monotonic_time () + EVENT_MS * 1000;

  do
    {
      g_autofree char *now = NULL;

      if (!write_file (folder, "freezer.state", state))
        return FALSE;
      now = read_file (folder, "freezer.state");
      if (now != NULL && g_str_has_prefix (now, state))
        return TRUE;
      g_thread_yield ();
    }
  while (g_get_monotonic_time () < deadline);

  return FALSE;
}

gboolean
glb_cgroup_freeze (GlbCgroup *self,
                   gboolean   frozen,
                   GError   **error)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), FALSE);

  if (!(self->features & GLB_CGROUP_FREEZE))
    {
      g_set_error_literal (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, "This session has no control group to freeze it");
      return FALSE;
    }
  if (self->unified != NULL
      ? write_file (self->unified, "cgroup.freeze", frozen ? "1" : "0") && wait_for_event (self->unified, "frozen", frozen)
      : freeze_v1 (self->freezer, frozen))
    return TRUE;

  g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't %s the session's processes in time",
               frozen ? "freeze" : "thaw");
  if (frozen && self->unified != NULL)
    write_file (self->unified, "cgroup.freeze", "0");
  else if (frozen)
    write_file (self->freezer, "freezer.state", "THAWED");

  return FALSE;
}

/* TRUE: there were processes. */
static gboolean
kill_listed (const char *folder)
{
  g_autofree char *text = read_file (folder, "cgroup.procs");
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

static void
kill_folder (const char *folder)
{
  gboolean is_freezer = has_file (folder, "freezer.state");

  if (write_file (folder, "cgroup.kill", "1"))
    return;
  /* Frozen, nothing can fork while the list is read; but what is frozen does not die before it is thawed. */
  if (is_freezer)
    freeze_v1 (folder, TRUE);
  else
    write_file (folder, "cgroup.freeze", "1");
  for (guint i = 0; i < KILL_ROUNDS && kill_listed (folder); i++)
    if (is_freezer || has_file (folder, "cgroup.freeze"))
      break;
  if (is_freezer)
    freeze_v1 (folder, FALSE);
  else
    write_file (folder, "cgroup.freeze", "0");
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
      usage->memory_peak_bytes = read_number (self->memory, "memory.max_usage_in_bytes");
      usage->oom_kills = read_keyed (self->memory, "memory.oom_control", "oom_kill");
    }
  else if (self->memory != NULL)
    {
      usage->memory_peak_bytes = read_number (self->memory, "memory.peak");
      usage->oom_kills = read_keyed (self->memory, "memory.events", "oom_kill");
    }
  if (self->unified != NULL)
    usage->cpu_us = read_keyed (self->unified, "cpu.stat", "usage_usec");
  else if (self->cpu != NULL && has_file (self->cpu, "cpuacct.usage"))
    usage->cpu_us = read_number (self->cpu, "cpuacct.usage") / 1000;
}

gboolean
glb_cgroup_remove (GlbCgroup *self,
                   GError   **error)
{
  g_return_val_if_fail (GLB_IS_CGROUP (self), FALSE);

  return glb_cgroup_remove_folders (glb_cgroup_get_folders (self), error);
}

/**
 * glb_cgroup_remove_folders:
 * @folders: as glb_cgroup_get_folders() said
 *
 * Kills what still runs there and removes the folders, and the common parent
 * if nothing else is in it. What is not there any more is no error.
 */
gboolean
glb_cgroup_remove_folders (const char * const *folders,
                           GError            **error)
{
  gboolean ok = TRUE;

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *parent = g_path_get_dirname (folders[i]);
      gint64 deadline = g_get_monotonic_time () + EVENT_MS * 1000;

      while (rmdir (folders[i]) < 0 && errno == EBUSY && g_get_monotonic_time () < deadline)
        {
          kill_folder (folders[i]);
          if (has_file (folders[i], "cgroup.events"))
            wait_for_event (folders[i], "populated", 0);
          else
            g_thread_yield ();
        }
      if (access (folders[i], F_OK) == 0)
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
