/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of a session, from its first record to its last.
 *
 * One way out: glb_session_end() moves to "stopping", whatever happened, and
 * notes why. From there only things that end are waited for (commands within
 * their grace time, the box, the compositor, whichever of the two is still
 * being started), each of them reports its end to glb_session_check_gone(),
 * and the last one lets finish_end() undo what was told to the janitor, write
 * the closing record and say "ended".
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <signal.h>
#include <unistd.h>

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

#define GRACE_MS 2000
#define SESSIONS_PATH "/org/glovebox/Broker1/sessions/"

G_DEFINE_FINAL_TYPE (GlbSession, glb_session, G_TYPE_OBJECT)

enum { ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

GError *
glb_session_map_error (const GError *error)
{
  GlbBrokerError code = GLB_BROKER_ERROR_FAILED;
  g_autofree char *message = g_strdup (error->message);

  if (error->domain == GLB_BROKER_ERROR)
    return g_error_copy (error);
  /* A document that is wrong is a mistake to mend; one that asks for what nothing enforces is refused. */
  if (g_error_matches (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED) ||
      g_error_matches (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST) ||
      g_error_matches (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY))
    code = GLB_BROKER_ERROR_POLICY;
  else if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    code = GLB_BROKER_ERROR_NOT_FOUND;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY))
    code = GLB_BROKER_ERROR_STATE;

  return g_error_new_literal (GLB_BROKER_ERROR, code, g_strdelimit (message, "\n", ' '));
}

/* ---- the record ------------------------------------------------------------- */

/* What has to be on the disk before it takes effect, and all before it is then. The effect of session-start is session-built,
 * before which nothing of the agent runs. */
static gboolean
is_important (const char *event)
{
  if (g_str_equal (event, "session-start"))
    return FALSE;
  return g_str_has_prefix (event, "session-") || g_str_has_prefix (event, "lease-") || g_str_has_prefix (event, "grant-") ||
         g_str_equal (event, "clipboard-transfer");
}

gboolean
glb_session_audit (GlbSession *self, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  const char *who = actor == GLB_DRIVER_NOBODY ? "broker" : glb_driver_to_string (actor);
  g_autoptr(GError) local = NULL;

  if (self->audit == NULL)
    {
      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "session %s: it has ended", self->name);
      return FALSE;
    }
  if (glb_audit_log_append (self->audit, event, who, fields, is_important (event), &local))
    return TRUE;

  g_warning ("Session %s: no record, so nothing happens: %s", self->id, local->message);
  g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "audit: %s", local->message);
  glb_session_end (self, GLB_END_AUDIT_FULL, local->message);
  return FALSE;
}

static JsonNode *
parse_policy (GlbSession *self)
{
  return json_from_string (glb_policy_get_canonical (self->request->policy), NULL);
}

static JsonArray *
describe_strings (GStrv strings, gboolean names_only)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; strings != NULL && strings[i] != NULL; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (strings[i], names_only ? (gssize) strcspn (strings[i], "=") : -1);

      json_array_add_string_element (array, valid);
    }
  return array;
}

static gboolean
audit_start (GlbSession *self, GError **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_string_member (fields, "name", self->name);
  json_object_set_string_member (fields, "version", GLOVEBOX_VERSION);
  json_object_set_int_member (fields, "uid", getuid ());
  json_object_set_string_member (fields, "tier", glb_tier_to_string (self->request->policy->isolation.tier));
  json_object_set_member (fields, "policyDocument", parse_policy (self));
  json_object_set_array_member (fields, "command", describe_strings (self->request->argv, FALSE));
  json_object_set_array_member (fields, "env", describe_strings (self->request->env, TRUE));
  if (self->request->workspace != NULL)
    {
      g_autofree char *valid = g_utf8_make_valid (self->request->workspace, -1);

      json_object_set_string_member (fields, "workspace", valid);
    }
  if (self->request->persist != NULL)
    json_object_set_string_member (fields, "persist", self->request->persist);
  return glb_session_audit (self, "session-start", GLB_DRIVER_NOBODY, fields, error);
}

gboolean
glb_session_audit_built (GlbSession *self, GError **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  JsonArray *mounts = json_array_new ();

  json_object_set_int_member (fields, "agentUid", glb_account_get_uid (self->account));
  if (self->compositor != NULL)
    json_object_set_int_member (fields, "compositorUid", glb_compositor_get_uid (self->compositor));
  for (guint i = 0; i < self->mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (self->mounts, i);
      const char *access = (mount->flags & GLB_MOUNT_HIDDEN) != 0 ? "hidden" : (mount->flags & GLB_MOUNT_WRITABLE) != 0 ? "write" : "read";
      g_autofree char *source = g_utf8_make_valid (mount->source, -1);
      g_autofree char *target = g_utf8_make_valid (mount->target, -1);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "source", source);
      json_object_set_string_member (object, "target", target);
      json_object_set_string_member (object, "access", access);
      json_array_add_object_element (mounts, object);
    }
  json_object_set_array_member (fields, "mounts", mounts);
  json_object_set_array_member (fields, "published", describe_strings ((GStrv) glb_dbus_session1_get_published (self->skeleton), FALSE));
  return glb_session_audit (self, "session-built", GLB_DRIVER_NOBODY, fields, error);
}

static void
close_audit (GlbSession *self)
{
  g_autoptr(GlbAuditLog) audit = g_steal_pointer (&self->audit);
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autoptr(GError) error = NULL;
  GlbCgroupUsage usage = { 0 };

  if (audit == NULL)
    return;

  json_object_set_string_member (fields, "reason", glb_end_reason_to_string (self->reason));
  if (self->detail != NULL)
    json_object_set_string_member (fields, "detail", self->detail);
  if (self->cgroup != NULL)
    glb_cgroup_get_usage (self->cgroup, &usage);
  json_object_set_int_member (fields, "cpuUs", usage.cpu_us);
  json_object_set_int_member (fields, "memoryPeakBytes", usage.memory_peak_bytes);
  json_object_set_int_member (fields, "oomKills", usage.oom_kills);
  if (!glb_audit_log_close (audit, fields, &error))
    g_warning ("Session %s: no closing record: %s", self->id, error->message);
}

/* ---- states ------------------------------------------------------------------ */

void
glb_session_set_state (GlbSession *self, GlbSessionEvent event)
{
  if (!glb_session_state_next (self->state, event, &self->state))
    return;

  glb_dbus_session1_set_state (self->skeleton, glb_session_state_to_string (self->state));
  if (self->publish != NULL)
    glb_network_publish_set_paused (self->publish, self->state == GLB_SESSION_PAUSED);
  /* whoever hears of a command's end right after this knows the reason already */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (self->skeleton));
}

static void
answer_start (GlbSession *self, GError *error)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->start_task);

  if (task == NULL)
    g_error_free (error);
  else
    g_task_return_error (task, error);
}

/* ---- the end ------------------------------------------------------------------ */

static void
undo (GlbSession *self)
{
  g_autoptr(GError) error = NULL;

  if (self->cgroup != NULL && !glb_cgroup_remove (self->cgroup, &error))
    g_warning ("Session %s: can't remove its control group: %s", self->id, error->message);
  g_clear_error (&error);
  if (self->dir != NULL && !glb_sandbox_remove_tree (self->dir, &error))
    g_warning ("Session %s: can't remove %s: %s", self->id, self->dir, error->message);

  glb_chores_done (self->chores);
  if (self->home_lock >= 0)
    close (self->home_lock);
  self->home_lock = -1;
  g_clear_object (&self->cgroup);
  g_clear_object (&self->account);
  g_clear_object (&self->network);
  g_clear_object (&self->network_account);
  g_clear_object (&self->secrets);
  g_clear_object (&self->secrets_account);
}

static void
finish_end (GlbSession *self)
{
  g_autoptr(GPtrArray) calls = g_steal_pointer (&self->end_calls);

  self->end_calls = g_ptr_array_new ();
  glb_session_finish_drains (self);
  glb_session_end_traces (self);
  close_audit (self);
  undo (self);
  g_clear_object (&self->client);
  glb_session_set_state (self, GLB_SESSION_EVENT_GONE);
  if (self->start_error != NULL)
    answer_start (self, g_steal_pointer (&self->start_error));
  else if (self->start_task != NULL)
    answer_start (self, g_error_new (GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "session %s: it ended while it started: %s",
                                     self->name, glb_end_reason_to_string (self->reason)));
  for (guint i = 0; i < calls->len; i++)
    g_dbus_method_invocation_return_value (g_ptr_array_index (calls, i), NULL);
  g_signal_emit (self, signals[ENDED], 0);
}

static void
reclaim_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GlbSession *self = source;
  guint uid = glb_account_get_uid (self->account);

  for (guint i = 0; self->mounts != NULL && i < self->mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (self->mounts, i);
      g_autoptr(GError) error = NULL;

      if ((mount->flags & GLB_MOUNT_PERSONAL) != 0 && !glb_sandbox_reclaim (uid, mount->source, &error))
        g_warning ("Session %s: can't give %s back: %s", self->id, mount->source, error->message);
    }
  if (self->home_dir != NULL)
    {
      g_autoptr(GError) error = NULL;

      if (!glb_sandbox_reclaim (uid, self->home_dir, &error))
        g_warning ("Session %s: can't give %s back: %s", self->id, self->home_dir, error->message);
    }
  g_task_return_boolean (task, TRUE);
}

static void
reclaimed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  finish_end (GLB_SESSION (source));
}

void
glb_session_check_gone (GlbSession *self)
{
  g_autoptr(GTask) task = NULL;

  if (self->state != GLB_SESSION_STOPPING || self->ending)
    return;
  /* nothing to wait for within the grace time */
  if (self->grace_id != 0 && g_hash_table_size (self->commands) == 0 && self->n_execs == 0)
    {
      g_clear_handle_id (&self->grace_id, g_source_remove);
      if (self->box != NULL)
        glb_box_kill (self->box);
      if (self->compositor != NULL)
        glb_compositor_kill (self->compositor, "the session ended");
    }
  if (self->n_starting > 0 || self->box != NULL || self->compositor_lives || self->freezing ||
      (self->devices != NULL && !glb_device_gate_is_gone (self->devices)) ||
      (self->screen != NULL && !glb_screen_gate_is_gone (self->screen)) ||
      (self->network_gate != NULL && !glb_network_gate_is_gone (self->network_gate)))
    return;

  self->ending = TRUE;
  if (geteuid () == 0 || self->account == NULL)
    {
      finish_end (self);
      return;
    }

  task = g_task_new (self, NULL, reclaimed_cb, NULL);
  g_task_set_source_tag (task, glb_session_check_gone);
  g_task_run_in_thread (task, reclaim_thread);
}

static gboolean
on_grace_over (gpointer user_data)
{
  g_autoptr(GlbSession) self = g_object_ref (GLB_SESSION (user_data));

  self->grace_id = 0;
  if (self->box != NULL)
    glb_box_kill (self->box);
  if (self->compositor != NULL)
    glb_compositor_kill (self->compositor, "the session ended");
  glb_session_check_gone (self);
  return G_SOURCE_REMOVE;
}

static void
thawed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  glb_box_signal (GLB_BOX (source), 0, SIGTERM);
}

/* SIGTERM now, SIGKILL after the grace time. */
static void
end_gently (GlbSession *self, GlbSessionState before)
{
  self->grace_id = g_timeout_add (GRACE_MS, on_grace_over, self);
  if (before == GLB_SESSION_PAUSED)
    glb_box_pause_async (self->box, FALSE, NULL, thawed_cb, NULL);
  else
    glb_box_signal (self->box, 0, SIGTERM);
}

static void
end_now (GlbSession *self)
{
  if (self->box != NULL)
    glb_box_kill (self->box);
  if (self->compositor != NULL)
    glb_compositor_kill (self->compositor, "the session ended");
}

void
glb_session_end (GlbSession *self, GlbEndReason reason, const char *detail)
{
  g_autoptr(GlbSession) ref = g_object_ref (self);
  GlbSessionState before = self->state, next;
  const char *why = reason == GLB_END_BROKER_STOPPING ? "broker-stopping" : "session-ended";
  g_autofree char *text = NULL;

  if (!glb_session_state_next (before, GLB_SESSION_EVENT_END, &next))
    {
      /* who asks again does not want to wait for the grace time */
      if (before == GLB_SESSION_STOPPING && reason == GLB_END_KILLED && self->grace_id != 0)
        {
          g_clear_handle_id (&self->grace_id, g_source_remove);
          on_grace_over (self);
        }
      return;
    }

  self->reason = reason;
  self->detail = g_strdup (detail);
  text = reason == GLB_END_FAILED && detail != NULL ? g_strdup_printf ("failed: %s", detail)
                                                    : g_strdup (glb_end_reason_to_string (reason));
  glb_dbus_session1_set_reason (self->skeleton, text);
  glb_session_set_state (self, GLB_SESSION_EVENT_END);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->runner != NULL)
    glb_action_runner_close (self->runner);
  if (self->action_server != NULL)
    glb_action_server_close (self->action_server);
  if (self->accessibility != NULL)
    glb_accessibility_close (self->accessibility);
  if (self->clipboard != NULL)
    glb_clipboard_gate_close (self->clipboard);
  if (self->devices != NULL)
    glb_device_gate_close (self->devices, why);
  if (self->screen != NULL)
    glb_screen_gate_close (self->screen, why);
  if (self->portal != NULL)
    glb_portal_gate_close (self->portal);
  glb_session_unpublish (self);
  glb_session_close_keys (self);
  if (self->network_gate != NULL)
    glb_network_gate_close (self->network_gate, why);
  else if (self->secrets != NULL)
    glb_secrets_kill (self->secrets, why);
  glb_session_release_lease (self, "the session ends");
  glb_prompts_end_session (self->prompts, self, why);

  if (self->box != NULL && before != GLB_SESSION_STARTING && glb_end_reason_is_gentle (reason) &&
      g_hash_table_size (self->commands) > 0)
    end_gently (self, before);
  else
    end_now (self);
  glb_session_check_gone (self);
}

/* ---- the start ----------------------------------------------------------------- */

static gboolean
on_timeout (gpointer user_data)
{
  GlbSession *self = user_data;

  self->timeout_id = 0;
  glb_session_end (self, GLB_END_TIMEOUT, NULL);
  return G_SOURCE_REMOVE;
}

void
glb_session_fail_start (GlbSession *self, const GError *error)
{
  g_autoptr(GlbSession) ref = g_object_ref (self);

  /* the caller hears why, not only that, when everything is undone */
  if (self->start_error == NULL && self->state == GLB_SESSION_STARTING)
    self->start_error = glb_session_map_error (error);
  glb_session_end (self, GLB_END_FAILED, error->message);
}

void
glb_session_started (GlbSession *self, guint64 command, int fds[3])
{
  guint policy_timeout = self->request->policy->resources.timeout_seconds;
  guint timeout = self->request->timeout;
  g_autoptr(GTask) task = g_steal_pointer (&self->start_task);

  self->first_command = command;
  if (policy_timeout != 0 && (timeout == 0 || policy_timeout < timeout))
    timeout = policy_timeout;
  if (self->state == GLB_SESSION_STARTING && timeout != 0)
    self->timeout_id = g_timeout_add_seconds (timeout, on_timeout, self);
  glb_session_set_state (self, GLB_SESSION_EVENT_STARTED);
  glb_session_freeze_if_wanted (self);

  if (self->request->detach || task == NULL)
    glb_session_drain (self, command, fds);
  memcpy (self->first_fds, fds, sizeof self->first_fds);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
  glb_pool_refill (self->pool);
}

/* ---- the object ------------------------------------------------------------------ */

static void
glb_session_dispose (GObject *object)
{
  GlbSession *self = GLB_SESSION (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_handle_id (&self->grace_id, g_source_remove);
  g_clear_handle_id (&self->human_id, g_source_remove);
  g_clear_handle_id (&self->windows_id, g_source_remove);
  glb_session_free_traces (self);
  g_clear_object (&self->action_server);
  g_clear_object (&self->accessibility);
  g_clear_object (&self->clipboard);
  g_clear_object (&self->devices);
  g_clear_object (&self->screen);
  g_clear_object (&self->portal);
  g_clear_pointer (&self->publish, glb_network_publish_free);
  g_clear_object (&self->ssh);
  g_clear_object (&self->git);
  g_clear_object (&self->network_gate);
  g_clear_object (&self->network);
  g_clear_object (&self->secrets);
  g_clear_object (&self->runner);
  g_clear_object (&self->screenshot);
  g_clear_object (&self->hub);
  g_clear_object (&self->compositor);
  if (self->spare != NULL)
    glb_pool_retire_nest (self->pool, g_steal_pointer (&self->spare));
  g_clear_object (&self->box);
  g_clear_object (&self->skeleton);
  g_clear_object (&self->client);
  g_clear_object (&self->lease_client);
  g_clear_object (&self->replay_client);
  g_clear_object (&self->audit);
  g_clear_object (&self->cgroup);
  g_clear_object (&self->account);
  g_clear_object (&self->network_account);
  g_clear_object (&self->secrets_account);
  g_clear_object (&self->pool);
  g_clear_object (&self->prompts);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->start_task);

  G_OBJECT_CLASS (glb_session_parent_class)->dispose (object);
}

static void
glb_session_finalize (GObject *object)
{
  GlbSession *self = GLB_SESSION (object);

  if (self->wayland_fd >= 0)
    close (self->wayland_fd);
  if (self->action_fd >= 0)
    close (self->action_fd);
  if (self->pipewire_fd >= 0)
    close (self->pipewire_fd);
  if (self->portal_fd >= 0)
    close (self->portal_fd);
  if (self->ssh_fd >= 0)
    close (self->ssh_fd);
  if (self->git_fd >= 0)
    close (self->git_fd);
  if (self->home_lock >= 0)
    close (self->home_lock);
  g_free (self->id);
  g_free (self->name);
  g_free (self->path);
  g_free (self->detail);
  g_free (self->dir);
  g_free (self->home_dir);
  g_clear_error (&self->start_error);
  g_clear_pointer (&self->request, glb_run_request_free);
  g_clear_pointer (&self->meanwhile, glb_meanwhile_free);
  g_clear_pointer (&self->last_meanwhile, json_node_unref);
  g_clear_pointer (&self->mounts, g_ptr_array_unref);
  g_clear_pointer (&self->landlock, g_ptr_array_unref);
  g_ptr_array_unref (self->drains);
  g_ptr_array_unref (self->end_calls);
  g_ptr_array_unref (self->lease_calls);
  g_clear_pointer (&self->chores, glb_chores_free);
  g_hash_table_unref (self->commands);
  g_hash_table_unref (self->early_exits);

  G_OBJECT_CLASS (glb_session_parent_class)->finalize (object);
}

static void
glb_session_class_init (GlbSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_session_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_session_finalize;

  signals[ENDED] = g_signal_new ("ended", GLB_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_session_init (GlbSession *self)
{
  self->wayland_fd = self->action_fd = self->pipewire_fd = self->portal_fd = self->ssh_fd = self->git_fd = self->home_lock = -1;
  self->first_fds[0] = self->first_fds[1] = self->first_fds[2] = -1;
  self->end_calls = g_ptr_array_new ();
  self->lease_calls = g_ptr_array_new ();
  self->cancellable = g_cancellable_new ();
  self->skeleton = glb_dbus_session1_skeleton_new ();
  glb_session_init_commands (self);
}

static void
init_properties (GlbSession *self)
{
  const GlbPolicy *policy = self->request->policy;
  gboolean desktop = policy->isolation.tier != GLB_TIER_PROCESS;

  glb_dbus_session1_set_id (self->skeleton, self->id);
  glb_dbus_session1_set_name (self->skeleton, self->name);
  glb_dbus_session1_set_state (self->skeleton, glb_session_state_to_string (self->state));
  glb_dbus_session1_set_reason (self->skeleton, "");
  glb_dbus_session1_set_tier (self->skeleton, glb_tier_to_string (policy->isolation.tier));
  glb_dbus_session1_set_policy_hash (self->skeleton, glb_policy_get_hash (policy));
  glb_dbus_session1_set_policy (self->skeleton, glb_policy_get_canonical (policy));
  glb_dbus_session1_set_driver (self->skeleton, glb_driver_to_string (self->lease.driver));
  glb_dbus_session1_set_command (self->skeleton, (const char * const *) self->request->argv);
  glb_dbus_session1_set_width (self->skeleton, desktop ? policy->desktop.width : 0);
  glb_dbus_session1_set_height (self->skeleton, desktop ? policy->desktop.height : 0);
  glb_dbus_session1_set_touch (self->skeleton, desktop && policy->desktop.input_rules.touch);
  glb_dbus_session1_set_started (self->skeleton, g_get_real_time ());
  glb_dbus_session1_set_windows (self->skeleton, g_variant_new ("aa{sv}", NULL));
  glb_dbus_session1_set_devices (self->skeleton, g_variant_new ("aa{sv}", NULL));
  glb_dbus_session1_set_network (self->skeleton, "none");
  glb_dbus_session1_set_published (self->skeleton, (const char * const []) { NULL });
}

GlbSession *
glb_session_new (GlbHost          *host,
                 GlbPool          *pool,
                 GlbPrompts       *prompts,
                 GlbRunRequest    *request,
                 const char       *name,
                 GDBusConnection  *client,
                 GError          **error)
{
  g_autoptr(GlbSession) self = g_object_new (GLB_TYPE_SESSION, NULL);

  self->host = host;
  self->chores = glb_chores_new (host->janitor);
  self->pool = g_object_ref (pool);
  self->prompts = g_object_ref (prompts);
  self->request = request;
  if (request->persist == NULL)
    self->spare = glb_pool_take_nest (pool, request->policy, request->workspace);
  self->id = self->spare != NULL ? g_strdup (self->spare->id) : glb_nest_make_id ();
  self->name = g_strdup (name);
  self->path = g_strconcat (SESSIONS_PATH, self->id, NULL);
  self->client = client != NULL && !request->detach ? g_object_ref (client) : NULL;
  glb_lease_init (&self->lease, request->policy->desktop.agent_input == GLB_VERDICT_ALLOW ? GLB_DRIVER_AGENT : GLB_DRIVER_NOBODY);
  init_properties (self);

  self->audit = glb_audit_log_new (host->audit_dir, self->id, glb_policy_get_hash (request->policy), error);
  if (self->audit == NULL || !audit_start (self, error))
    return NULL;

  glb_session_export_methods (self);
  return g_steal_pointer (&self);
}

void
glb_session_start_async (GlbSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  self->start_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->start_task, glb_session_start_async);
  glb_session_build (self);
}

gboolean
glb_session_start_finish (GlbSession *self, GAsyncResult *result, guint64 *command, int fds[3], GError **error)
{
  fds[0] = fds[1] = fds[2] = -1;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  *command = self->first_command;
  memcpy (fds, self->first_fds, sizeof self->first_fds);
  self->first_fds[0] = self->first_fds[1] = self->first_fds[2] = -1;
  return TRUE;
}

void
glb_session_client_gone (GlbSession *self, GDBusConnection *client)
{
  g_autoptr(GlbSession) ref = g_object_ref (self);

  if (self->lease_client == client)
    glb_session_release_lease (self, "its holder went away");
  if (self->replay_client == client)
    glb_session_release_replay (self, "its holder went away");
  if (self->client == client)
    glb_session_end (self, GLB_END_CLIENT_GONE, NULL);
  else
    glb_session_kill_commands_of (self, client);
}

const char *
glb_session_get_id (GlbSession *self)
{
  return self->id;
}

const char *
glb_session_get_name (GlbSession *self)
{
  return self->name;
}

const char *
glb_session_get_path (GlbSession *self)
{
  return self->path;
}

const char *
glb_session_get_persist (GlbSession *self)
{
  return self->request->persist;
}

GlbSessionState
glb_session_get_state (GlbSession *self)
{
  return self->state;
}

GlbEndReason
glb_session_get_reason (GlbSession *self)
{
  return self->reason;
}

GDBusInterfaceSkeleton *
glb_session_get_skeleton (GlbSession *self)
{
  return G_DBUS_INTERFACE_SKELETON (self->skeleton);
}
