/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a session takes of the host now. The kernel counts for a control group;
 * where the policy sets no limit there may be no count, and the processes are
 * asked one by one. What neither knows is left out of the answer.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/sandbox/glb-process-list.h"

/* 0: it has gone. */
static guint64
read_resident_bytes (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/statm", pid);
  g_autofree char *text = NULL;
  guint64 size, resident;

  if (!g_file_get_contents (path, &text, NULL, NULL) ||
      sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &size, &resident) != 2)
    return 0;

  return resident * (guint64) sysconf (_SC_PAGESIZE);
}

static guint64
sum_resident_bytes (const GArray *list)
{
  guint64 sum = 0;

  for (guint i = 0; i < list->len; i++)
    sum += read_resident_bytes (g_array_index (list, GlbProcess, i).pid);
  return sum;
}

/* In a thread. Floating. */
static GVariant *
read_usage (GlbCgroup *cgroup)
{
  gboolean has_list = (glb_cgroup_get_features (cgroup) & GLB_CGROUP_FREEZE) != 0;
  g_autoptr(GArray) list = has_list ? glb_cgroup_list (cgroup) : g_array_new (FALSE, FALSE, sizeof (GlbProcess));
  GlbCgroupUsage usage = { 0 };
  GVariantDict dict;

  glb_cgroup_get_usage (cgroup, &usage);
  if (usage.memory_bytes == 0)
    usage.memory_bytes = sum_resident_bytes (list);
  g_variant_dict_init (&dict, NULL);
  if (usage.memory_bytes != 0)
    g_variant_dict_insert (&dict, "memory", "t", usage.memory_bytes);
  if (usage.memory_peak_bytes != 0)
    g_variant_dict_insert (&dict, "memory-peak", "t", usage.memory_peak_bytes);
  if (usage.cpu_us != 0)
    g_variant_dict_insert (&dict, "cpu-us", "t", usage.cpu_us);
  if (list->len != 0)
    g_variant_dict_insert (&dict, "processes", "u", list->len);
  return g_variant_dict_end (&dict);
}

static void
usage_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_pointer (task, g_variant_ref_sink (read_usage (task_data)), (GDestroyNotify) g_variant_unref);
}

static void
usage_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GlbSession *self = GLB_SESSION (source);
  g_autoptr(GVariant) usage = g_task_propagate_pointer (G_TASK (result), NULL);
  const GlbPolicy *policy = self->request->policy;
  GVariantDict dict;

  g_variant_dict_init (&dict, usage);
  g_variant_dict_insert (&dict, "time", "x", g_get_monotonic_time ());
  g_variant_dict_insert (&dict, "memory-limit", "t", (guint64) policy->resources.memory_mb * 1024 * 1024);
  g_variant_dict_insert (&dict, "cpu-limit", "u", policy->resources.cpu_percent);
  g_variant_dict_insert (&dict, "processes-limit", "u", policy->process.max_processes);
  glb_dbus_session1_complete_usage (self->skeleton, user_data, g_variant_dict_end (&dict));
}

static gboolean
handle_usage (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  g_autoptr(GTask) task = NULL;

  if (self->cgroup == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE,
                                             "session %s: it takes nothing: it has ended, or is still starting", self->name);
      return TRUE;
    }

  task = g_task_new (self, NULL, usage_cb, invocation);
  g_task_set_source_tag (task, handle_usage);
  g_task_set_task_data (task, g_object_ref (self->cgroup), g_object_unref);
  g_task_run_in_thread (task, usage_thread);
  return TRUE;
}

void
glb_session_export_usage (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-usage", G_CALLBACK (handle_usage), self, 0);
}
