/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * desktop.input.freezeOnTakeover: while a person drives, the agent stands still.
 *
 * Nobody outside can tell an agent from its applications, but a person needs
 * those, and sees them: what has a window runs, with all that it started (the
 * shell of a terminal), and so do the session's own services. The rest, of
 * which the harness that drives is one, is frozen by the kernel.
 *
 * Everything is stopped first, for some milliseconds, and sorted while it
 * stands still, so that nothing can fork past it. Who has a window, the kernel
 * says of the Wayland connection; X11 programs have none of their own.
 *
 * One change at a time; who asks meanwhile is heard when that is done.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/sandbox/glb-process-list.h"

static gboolean
is_wanted (GlbSession *self)
{
  return self->lease_client != NULL && glb_policy_wants_freeze (self->request->policy);
}

gboolean
glb_session_may_drive (GlbSession *self)
{
  return !is_wanted (self) || (self->frozen && !self->freezing);
}

/* ---- who waits ----------------------------------------------------------------- */

static void
answer_lease_call (GlbSession *self, GDBusMethodInvocation *invocation)
{
  if (self->lease_client == g_dbus_method_invocation_get_connection (invocation))
    glb_dbus_session1_complete_take_lease (self->skeleton, invocation, self->lease.epoch);
  else
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE,
                                           "session %s: the lease was given back meanwhile", self->name);
}

static void
answer_lease_calls (GlbSession *self, const GError *error)
{
  g_autoptr(GPtrArray) calls = g_steal_pointer (&self->lease_calls);

  self->lease_calls = g_ptr_array_new ();
  for (guint i = 0; i < calls->len; i++)
    if (error != NULL)
      g_dbus_method_invocation_take_error (g_ptr_array_index (calls, i), glb_session_map_error (error));
    else
      answer_lease_call (self, g_ptr_array_index (calls, i));
}

void
glb_session_await_freeze (GlbSession *self, GDBusMethodInvocation *invocation)
{
  if (glb_session_may_drive (self))
    answer_lease_call (self, invocation);
  else
    g_ptr_array_add (self->lease_calls, invocation);
}

/* ---- the end of a change --------------------------------------------------------- */

/* error: (nullable) */
static void
finish (GlbSession *self, gboolean frozen, const GError *error)
{
  self->freezing = FALSE;
  self->frozen = frozen;
  if (error != NULL)
    {
      g_warning ("Session %s: %s", self->id, error->message);
      answer_lease_calls (self, error);
      if (is_wanted (self))
        glb_session_release_lease (self, error->message);
    }
  else if (is_wanted (self) == frozen)
    answer_lease_calls (self, NULL);

  glb_session_update_freeze (self);
  glb_session_check_gone (self);
}

static void
release_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (glb_cgroup_release (task_data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
start_release (GlbSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, start_release);
  g_task_set_task_data (task, g_object_ref (self->cgroup), g_object_unref);
  g_task_run_in_thread (task, release_thread);
}

static void
released_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  /* with an error, too: it would only be asked for once more */
  g_task_propagate_boolean (G_TASK (result), &error);
  finish (GLB_SESSION (source), FALSE, error);
}

static void
given_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = user_data;

  finish (GLB_SESSION (source), FALSE, error);
}

/* Takes error. All of it runs on, and the person does not drive. */
static void
give_up (GlbSession *self, GError *error)
{
  start_release (self, given_up_cb, error);
}

/* ---- stop, ask, sort --------------------------------------------------------------- */

typedef struct
{
  GlbCgroup *cgroup;
  GArray *keep;                /* int: processes that run on */
  GArray *trees;               /* int: with all that descends from them */
  int bus_pid;                 /* of a tree, as the sandbox numbers it, 0: none */
  guint n_held, n_running;     /* out */
} Sorting;

static void
sorting_free (gpointer data)
{
  Sorting *sorting = data;

  g_object_unref (sorting->cgroup);
  g_clear_pointer (&sorting->keep, g_array_unref);
  g_clear_pointer (&sorting->trees, g_array_unref);
  g_free (sorting);
}

static void
sort_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Sorting *sorting = task_data;
  g_autoptr(GArray) list = glb_cgroup_list (sorting->cgroup);
  int bus = glb_process_list_find_inner (list, sorting->bus_pid);
  GError *error = NULL;

  if (bus != 0)
    g_array_append_val (sorting->trees, bus);
  glb_process_list_choose (list, sorting->keep, sorting->trees);
  for (guint i = 0; i < list->len; i++)
    if (g_array_index (list, GlbProcess, i).hold)
      sorting->n_held++;
    else
      sorting->n_running++;

  if (glb_cgroup_hold (sorting->cgroup, list, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
sorted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GlbSession *self = GLB_SESSION (source);
  Sorting *sorting = g_task_get_task_data (G_TASK (result));
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      finish (self, FALSE, error);
      return;
    }

  json_object_set_int_member (fields, "frozen", sorting->n_held);
  json_object_set_int_member (fields, "running", sorting->n_running);
  json_object_set_int_member (fields, "tookUs", g_get_monotonic_time () - self->freeze_start);
  if (self->audit != NULL)
    glb_session_audit (self, "agent-frozen", GLB_DRIVER_NOBODY, fields, NULL);
  finish (self, TRUE, NULL);
}

static void
owners_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSession) self = user_data;
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;
  g_autoptr(GArray) owners = glb_compositor_ask_owners_finish (GLB_COMPOSITOR (source), result, glb_account_get_uid (self->account), &error);
  Sorting *sorting;
  int own[2];

  if (owners != NULL && (self->box == NULL || glb_sandbox_get_init_pid (glb_box_get_sandbox (self->box)) == 0))
    error = g_error_new_literal (GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "The sandbox is gone");
  if (error != NULL)
    {
      give_up (self, error);
      return;
    }

  own[0] = glb_sandbox_get_pid (glb_box_get_sandbox (self->box));
  own[1] = glb_sandbox_get_init_pid (glb_box_get_sandbox (self->box));
  sorting = g_new0 (Sorting, 1);
  sorting->cgroup = g_object_ref (self->cgroup);
  sorting->keep = g_array_append_vals (g_array_new (FALSE, FALSE, sizeof (int)), own, G_N_ELEMENTS (own));
  sorting->trees = g_steal_pointer (&owners);
  sorting->bus_pid = glb_box_get_bus_pid (self->box);
  task = g_task_new (self, NULL, sorted_cb, NULL);
  g_task_set_source_tag (task, owners_cb);
  g_task_set_task_data (task, sorting, sorting_free);
  g_task_run_in_thread (task, sort_thread);
}

static void
stop_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (glb_cgroup_stop (task_data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GlbSession *self = GLB_SESSION (source);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    glb_compositor_ask_owners_async (self->compositor, owners_cb, g_object_ref (self));
  else
    give_up (self, error);
}

static void
start_freeze (GlbSession *self)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, stopped_cb, NULL);

  g_task_set_source_tag (task, start_freeze);
  g_task_set_task_data (task, g_object_ref (self->cgroup), g_object_unref);
  self->freeze_start = g_get_monotonic_time ();
  g_task_run_in_thread (task, stop_thread);
}

void
glb_session_update_freeze (GlbSession *self)
{
  gboolean wanted = is_wanted (self);

  if (self->freezing || wanted == self->frozen)
    return;

  self->freezing = TRUE;
  if (wanted)
    {
      start_freeze (self);
      return;
    }

  if (self->audit != NULL)
    glb_session_audit (self, "agent-thawed", GLB_DRIVER_NOBODY, NULL, NULL);
  start_release (self, released_cb, NULL);
}
