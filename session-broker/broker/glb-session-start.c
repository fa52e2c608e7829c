/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Building a session. What needs nothing of each other is done at the same
 * time: the compositor (from the pool, or a new one) and the agent's sandbox.
 * Only with Xwayland the sandbox waits for the compositor, because it sees the
 * folder with the X11 socket.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/sandbox/glb-seccomp.h"

#define BOX_DEADLINE_MS     10000
#define FILES_MAX           4096

/* Takes env. */
static GStrv
set_all (GStrv env, GStrv extra)
{
  for (guint i = 0; extra != NULL && extra[i] != NULL; i++)
    {
      const char *equals = strchr (extra[i], '=');
      g_autofree char *name = g_strndup (extra[i], equals - extra[i]);

      env = g_environ_setenv (env, name, equals + 1, TRUE);
    }
  return env;
}

/* Takes env. */
static GStrv
set_library (GStrv env)
{
  g_autofree char *library = glb_nest_find_library ();

  if (library == NULL)
    return env;

  env = g_environ_setenv (env, "LD_LIBRARY_PATH", GLB_AGENT_LIBRARY, TRUE);
  return g_environ_setenv (env, "GI_TYPELIB_PATH", GLB_AGENT_LIBRARY, TRUE);
}

/* What asks its toolkit asks the portal, then. Takes env. */
static GStrv
set_portal (GStrv env, const GlbPolicy *policy)
{
  if (policy->portals.open_uri != GLB_VERDICT_DENY)
    env = g_environ_setenv (env, "XDG_DATA_DIRS", GLB_AGENT_PORTAL_DATA ":/usr/local/share:/usr/share", TRUE);
  if (policy->portals.open_uri != GLB_VERDICT_DENY || policy->portals.notification != GLB_VERDICT_DENY)
    env = g_environ_setenv (env, "GTK_USE_PORTAL", "1", TRUE);
  if (policy->portals.file_chooser != GLB_VERDICT_DENY)
    env = g_environ_setenv (env, "GDK_DEBUG", "portals", TRUE);
  return env;
}

GStrv
glb_session_dup_env (GlbSession *self, GStrv extra)
{
  const GlbPolicy *policy = self->request->policy;
  gboolean desktop = policy->isolation.tier != GLB_TIER_PROCESS;
  GStrv env = g_new0 (char *, 1);

  env = g_environ_setenv (env, "HOME", GLB_AGENT_HOME, TRUE);
  env = g_environ_setenv (env, "USER", "agent", TRUE);
  env = g_environ_setenv (env, "LOGNAME", "agent", TRUE);
  env = g_environ_setenv (env, "SHELL", "/bin/sh", TRUE);
  env = g_environ_setenv (env, "PATH", GLB_AGENT_PATH, TRUE);
  env = g_environ_setenv (env, "LANG", "C.UTF-8", TRUE);
  env = g_environ_setenv (env, "XDG_RUNTIME_DIR", GLB_AGENT_RUNTIME_DIR, TRUE);
  env = g_environ_setenv (env, "DBUS_SESSION_BUS_ADDRESS", "unix:path=" GLB_AGENT_RUNTIME_DIR "/bus", TRUE);
  env = g_environ_setenv (env, "GLOVEBOX_SESSION", self->id, TRUE);
  if (desktop)
    {
      env = g_environ_setenv (env, "PATH", GLB_AGENT_HELPERS ":" GLB_AGENT_PATH, TRUE);
      env = g_environ_setenv (env, "WAYLAND_DISPLAY", "wayland-0", TRUE);
      env = g_environ_setenv (env, "XDG_SESSION_TYPE", "wayland", TRUE);
      env = g_environ_setenv (env, "GLOVEBOX_ACTION_SOCKET", GLB_AGENT_RUNTIME_DIR "/glovebox-action", TRUE);
      /* what has dead keys needs the locale's sequences */
      if (!glb_policy_has_layout (policy))
        env = g_environ_setenv (env, "XCOMPOSEFILE", GLB_AGENT_COMPOSE, TRUE);
      /* there is no GPU: what draws with the processor itself starts fastest */
      env = g_environ_setenv (env, "GSK_RENDERER", "cairo", TRUE);
      env = g_environ_setenv (env, "LIBGL_ALWAYS_SOFTWARE", "1", TRUE);
      /* Chromium and Firefox ask only as they start whether anybody may look into their windows */
      env = g_environ_setenv (env, "GNOME_ACCESSIBILITY", "1", TRUE);
    }
  if (desktop)
    env = set_library (env);
  if (desktop && policy->desktop.xwayland)
    env = g_environ_setenv (env, "DISPLAY", ":0", TRUE);

  if (self->portal != NULL)
    env = set_portal (env, policy);
  if (self->network_gate != NULL)
    env = glb_session_set_network_env (env);
  if (self->has_bundle)
    env = glb_session_set_secrets_env (env);
  env = glb_session_set_keys_env (self, env);

  return set_all (set_all (env, self->request->env), extra);
}

const char *
glb_session_get_cwd (GlbSession *self)
{
  return self->request->cwd != NULL ? self->request->cwd : GLB_AGENT_WORKSPACE;
}

/* ---- the end of the start -------------------------------------------------- */

static void
executed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSession) self = user_data;
  g_autoptr(GError) error = NULL;
  int fds[3];
  guint64 command = glb_session_exec_finish (self, result, fds, &error);

  if (command == 0)
    glb_session_fail_start (self, error);
  else
    glb_session_started (self, command, fds);
}

static gboolean
audit_done (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  return glb_session_audit (user_data, event, actor, fields, error);
}

static gboolean
is_paused (gpointer user_data)
{
  return GLB_SESSION (user_data)->state != GLB_SESSION_RUNNING;
}

static void
action_done (gpointer user_data, GlbDriver actor, JsonNode *action, JsonNode *result)
{
  GlbSession *self = user_data;
  g_autofree char *action_text = json_to_string (action, FALSE);
  g_autofree char *result_text = json_to_string (result, FALSE);

  glb_dbus_session1_emit_action_done (self->skeleton, glb_driver_to_string (actor), action_text, result_text);
}

static gboolean
is_traced (gpointer user_data)
{
  return glb_session_is_traced (user_data);
}

static void
trace_action (gpointer user_data, const GlbActionRecord *record)
{
  glb_session_trace_action (user_data, record);
}

static JsonNode *
tell_meanwhile (gpointer user_data, gboolean heard)
{
  return glb_session_tell_meanwhile (user_data, heard);
}

/* A compositor's pointer begins somewhere. The rules have to know where it is before anybody may click there: at 0, 0,
 * as glb_compositor_get_scene() says from the start, or inside of what confines it. */
static void
place_pointer (GlbSession *self)
{
  GlbShimEvent event = { .kind = GLB_SHIM_EVENT_MOTION };

  glb_input_rules_clamp (self->request->input_rules, &event, 1);
  glb_compositor_input_async (self->compositor, &event, 1, NULL, NULL);
}

static gboolean
make_desktop (GlbSession *self, GError **error)
{
  GlbActionContextual context = {
    .compositor = self->compositor, .lease = &self->lease, .audit = audit_done, .is_paused = is_paused, .done = action_done,
    .rules = self->request->input_rules, .meanwhile = tell_meanwhile, .is_traced = is_traced, .trace = trace_action,
    .user_data = self,
  };

  self->hub = glb_frame_hub_new (self->compositor);
  self->screenshot = glb_screenshot_new (self->compositor, self->hub);
  glb_session_make_accessibility (self);
  glb_session_make_clipboard (self);
  glb_session_make_devices (self);
  glb_session_make_screen (self);
  context.screenshot = self->screenshot;
  context.hub = self->hub;
  context.accessibility = self->accessibility;
  context.clipboard = self->clipboard;
  context.devices = self->devices;
  self->runner = glb_action_runner_new (&context);
  self->action_server = glb_action_server_new (self->action_fd, self->runner, error);
  self->action_fd = -1;
  if (self->action_server == NULL)
    return FALSE;

  glb_session_watch_meanwhile (self);
  place_pointer (self);
  glb_compositor_listen (self->compositor, self->wayland_fd);
  self->wayland_fd = -1;
  return TRUE;
}

static void
start_command (GlbSession *self)
{
  g_auto(GStrv) env = glb_session_dup_env (self, NULL);

  glb_session_exec_async (self, glb_session_get_cwd (self), (const char * const *) self->request->argv,
                          (const char * const *) env, FALSE, self->request->actor, self->client, executed_cb, g_object_ref (self));
}

static void
devices_prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSession) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!glb_device_gate_finish (GLB_DEVICE_GATE (source), result, &error))
    glb_session_fail_start (self, error);
  else if (self->state == GLB_SESSION_STARTING)
    start_command (self);
}

void
glb_session_check_built (GlbSession *self)
{
  g_autoptr(GError) error = NULL;

  if (self->n_starting > 0 || self->state != GLB_SESSION_STARTING)
    return;
  if ((self->compositor != NULL && !make_desktop (self, &error)) || !glb_session_make_portal (self, &error) ||
      !glb_session_make_keys (self, &error) || !glb_session_make_network (self, &error) ||
      !glb_session_audit_built (self, &error))
    {
      glb_session_fail_start (self, error);
      return;
    }

  if (self->devices != NULL)
    glb_device_gate_prepare_async (self->devices, devices_prepared_cb, g_object_ref (self));
  else
    start_command (self);
}

/* ---- the sandbox ------------------------------------------------------------ */

/* Every restriction holds. */
static void
box_is_ready (GlbSession *self)
{
  glb_chores_tell (self->chores, GLB_CHORE_PROCESS, glb_sandbox_get_pid (glb_box_get_sandbox (self->box)), NULL, NULL);
  glb_dbus_session1_set_pid (self->skeleton, glb_sandbox_get_pid (glb_box_get_sandbox (self->box)));
  if (self->state != GLB_SESSION_STARTING)
    glb_box_kill (self->box);
  glb_session_check_built (self);
}

static void
box_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSession) self = user_data;
  g_autoptr(GError) error = NULL;

  self->n_starting--;
  self->box = glb_box_new_finish (result, &error);
  if (self->box == NULL)
    {
      glb_session_fail_start (self, error);
      glb_session_check_gone (self);
      return;
    }

  glb_session_watch_box (self);
  box_is_ready (self);
}

static void
setup_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSession) self = user_data;
  g_autoptr(GError) error = NULL;

  self->n_starting--;
  if (!glb_box_setup_finish (GLB_BOX (source), result, &error))
    {
      glb_session_fail_start (self, error);
      glb_session_check_gone (self);
      return;
    }

  box_is_ready (self);
}

/* Everything of the nest is the session's from here on. */
static void
take_nest (GlbSession *self, GlbNest *nest)
{
  glb_chores_take_over (self->chores, nest->chores);
  self->dir = g_steal_pointer (&nest->dir);
  self->wayland_fd = nest->wayland_fd;
  self->action_fd = nest->action_fd;
  self->pipewire_fd = nest->pipewire_fd;
  self->portal_fd = nest->portal_fd;
  self->ssh_fd = nest->ssh_fd;
  self->git_fd = nest->git_fd;
  nest->wayland_fd = nest->action_fd = nest->pipewire_fd = nest->portal_fd = nest->ssh_fd = nest->git_fd = -1;
  self->account = g_steal_pointer (&nest->account);
  self->network_account = g_steal_pointer (&nest->network_account);
  self->network = g_steal_pointer (&nest->network);
  self->secrets_account = g_steal_pointer (&nest->secrets_account);
  self->secrets = g_steal_pointer (&nest->secrets);
  self->cgroup = g_steal_pointer (&nest->cgroup);
  self->mounts = g_steal_pointer (&nest->mounts);
  self->landlock = g_steal_pointer (&nest->landlock);
  self->home_dir = g_steal_pointer (&nest->home_dir);
  self->home_lock = nest->home_lock;
  nest->home_lock = -1;
  self->box = g_steal_pointer (&nest->box);
  glb_dbus_session1_set_agent_uid (self->skeleton, glb_account_get_uid (self->account));
}

static gboolean
build_box (GlbSession *self, GlbSandboxSpec *spec, GError **error)
{
  const GlbPolicy *policy = self->request->policy;
  g_autoptr(GBytes) seccomp = NULL;
  GlbBoxSetup setup = {
    .allow_spawn = policy->process.allow_spawn, .bus = policy->process.allow_spawn, .max_processes = policy->process.max_processes,
    .max_files = FILES_MAX, .allow_debug = policy->process.allow_debug, .cgroup = self->cgroup, .landlock = self->landlock,
  };

  seccomp = glb_seccomp_build (policy->process.syscalls == GLB_SYSCALLS_STRICT ? GLB_SECCOMP_STRICT : GLB_SECCOMP_DESKTOP,
                               policy->process.allow_debug, error);
  if (seccomp == NULL)
    return FALSE;

  setup.seccomp = seccomp;
  self->n_starting++;
  if (self->box != NULL)
    {
      glb_session_watch_box (self);
      glb_box_setup_async (self->box, &setup, BOX_DEADLINE_MS, self->cancellable, setup_cb, g_object_ref (self));
    }
  else
    glb_box_new_async (spec, &setup, BOX_DEADLINE_MS, self->cancellable, box_cb, g_object_ref (self));
  return TRUE;
}

static void
lend_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GlbSession *self = source;
  GError *error = NULL;

  if (glb_sandbox_lend (glb_account_get_uid (self->account), self->home_dir, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
lent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GlbSession *self = GLB_SESSION (source);
  GlbSandboxSpec *spec = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;

  self->n_starting--;
  if (!g_task_propagate_boolean (G_TASK (result), &error) ||
      (self->state == GLB_SESSION_STARTING && !build_box (self, spec, &error)))
    glb_session_fail_start (self, error);
  glb_session_check_gone (self);
}

/* A persistent home may be large, and each file of it is lent: not on the main loop. Takes spec. */
static void
lend_home (GlbSession *self, GlbSandboxSpec *spec)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, lent_cb, NULL);

  g_task_set_source_tag (task, lend_home);
  g_task_set_task_data (task, spec, (GDestroyNotify) glb_sandbox_spec_free);
  self->n_starting++;
  g_task_run_in_thread (task, lend_thread);
}

/* The spare of the pool, or one made now. */
static gboolean
build_nest (GlbSession *self, GError **error)
{
  const GlbPolicy *policy = self->request->policy;
  const char *workspace = self->request->workspace;
  g_autoptr(GlbNest) nest = g_steal_pointer (&self->spare);
  g_autoptr(GlbSandboxSpec) spec = NULL;

  if (nest == NULL)
    {
      nest = glb_nest_new (self->host, self->id, policy, workspace, self->request->persist, error);
      if (nest == NULL)
        return FALSE;
      spec = glb_nest_make_spec (nest, policy, workspace, self->compositor != NULL ? glb_compositor_get_x11_dir (self->compositor) : NULL);
    }

  take_nest (self, nest);
  glb_session_prepare_secrets (self);
  if (self->home_dir != NULL && geteuid () != 0)
    {
      lend_home (self, g_steal_pointer (&spec));
      return TRUE;
    }

  return build_box (self, spec, error);
}

/* ---- the compositor --------------------------------------------------------- */

static void
on_compositor_died (GlbCompositor *compositor, const char *why, gpointer user_data)
{
  g_autoptr(GlbSession) self = g_object_ref (GLB_SESSION (user_data));

  g_signal_handlers_disconnect_by_data (compositor, self);
  self->compositor_lives = FALSE;
  glb_session_end (self, GLB_END_COMPOSITOR_DIED, why);
  glb_session_check_gone (self);
}

static void
on_windows (GlbCompositor *compositor, gpointer user_data)
{
  glb_session_update_windows (user_data);
}

/* Takes compositor. */
static void
take_compositor (GlbSession *self, GlbCompositor *compositor)
{
  self->compositor = compositor;
  self->compositor_lives = TRUE;
  g_signal_connect_object (compositor, "died", G_CALLBACK (on_compositor_died), self, 0);
  g_signal_connect_object (compositor, "windows", G_CALLBACK (on_windows), self, 0);
  glb_dbus_session1_set_compositor_uid (self->skeleton, glb_compositor_get_uid (compositor));
}

static void
compositor_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbSession) self = user_data;
  g_autoptr(GError) error = NULL;
  GlbCompositor *compositor = glb_compositor_new_finish (result, &error);

  self->n_starting--;
  if (compositor == NULL)
    {
      glb_session_fail_start (self, error);
      glb_session_check_gone (self);
      return;
    }

  take_compositor (self, compositor);
  if (self->state != GLB_SESSION_STARTING)
    glb_compositor_kill (compositor, "the session ended");
  else if (self->request->policy->desktop.xwayland && !build_nest (self, &error))
    glb_session_fail_start (self, error);
  glb_session_check_built (self);
}

static void
build_compositor (GlbSession *self)
{
  const GlbPolicy *policy = self->request->policy;
  GlbCompositorConfig config = {
    .width = policy->desktop.width, .height = policy->desktop.height, .xwayland = policy->desktop.xwayland,
    .touch = policy->desktop.input_rules.touch,
  };
  GlbCompositor *spare;

  if (glb_policy_has_layout (policy))
    g_strlcpy (config.keyboard_layout, policy->desktop.keyboard_layout, sizeof config.keyboard_layout);
  spare = glb_pool_take (self->pool, &config);
  if (spare != NULL)
    {
      take_compositor (self, spare);
      return;
    }

  self->n_starting++;
  glb_compositor_new_async (self->host, &config, self->cancellable, compositor_cb, g_object_ref (self));
}

void
glb_session_build (GlbSession *self)
{
  gboolean desktop = self->request->policy->isolation.tier != GLB_TIER_PROCESS;
  g_autoptr(GError) error = NULL;

  if (desktop)
    build_compositor (self);
  /* with Xwayland: when there is a compositor */
  if ((!desktop || !self->request->policy->desktop.xwayland || self->compositor != NULL) && !build_nest (self, &error))
    glb_session_fail_start (self, error);
}
