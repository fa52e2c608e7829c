/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Building a session. What needs nothing of each other is done at the same
 * time: the compositor (from the pool, or a new one) and the agent's sandbox.
 * Only with Xwayland the sandbox waits for the compositor, because it sees the
 * folder with the X11 socket.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/sandbox/glb-seccomp.h"

#define BOX_DEADLINE_MS     10000
#define FILES_MAX           4096
#define LISTEN_BACKLOG      64
#define RUNTIME_MB          32
#define TOOLS               "/run/glovebox/bin"
#define PATH                "/usr/local/bin:/usr/bin:/bin:/usr/games:" TOOLS

static gboolean
set_errno_error (GError **error, const char *path)
{
  int saved_errno = errno;

  g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "session: %s: %s; check its folder", path,
               g_strerror (saved_errno));
  return FALSE;
}

/* A socket in the session's folder (0700) that whoever sees it may connect to: the sandbox it is mounted into. */
static int
make_listener (GlbSession *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->dir, name, NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (strlen (path) >= sizeof address.sun_path)
    {
      errno = ENAMETOOLONG;
      set_errno_error (error, path);
      return -1;
    }

  strcpy (address.sun_path, path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0 && chmod (path, 0666) == 0 &&
      listen (fd, LISTEN_BACKLOG) == 0)
    return fd;

  set_errno_error (error, path);
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
make_dir (GlbSession *self, GError **error)
{
  self->dir = g_build_filename (self->host->sessions_dir, self->id, NULL);
  if (!glb_session_tell_janitor (self, GLB_CHORE_TREE, 0, self->dir, error))
    return FALSE;
  if (g_mkdir (self->dir, 0700) != 0)
    return set_errno_error (error, self->dir);
  if (self->request->policy->isolation.tier == GLB_TIER_PROCESS)
    return TRUE;

  self->wayland_fd = make_listener (self, "wayland-0", error);
  if (self->wayland_fd < 0)
    return FALSE;
  self->action_fd = make_listener (self, "action", error);
  return self->action_fd >= 0;
}

static gboolean
make_cgroup (GlbSession *self, GError **error)
{
  const GlbPolicy *policy = self->request->policy;
  GlbCgroupLimits limits = {
    .memory_mb = policy->resources.memory_mb,
    .cpu_percent = policy->resources.cpu_percent,
    .max_processes = policy->process.max_processes,
  };
  const char * const *folders;

  /* The account is this session's alone, so the kernel's own limit of an account's processes holds as well
   * (glovebox-init sets it in either case). */
  if ((glb_cgroup_probe (NULL) & GLB_CGROUP_PIDS) == 0)
    limits.max_processes = 0;

  self->cgroup = glb_cgroup_new (self->id, &limits, error);
  if (self->cgroup == NULL)
    return FALSE;

  folders = glb_cgroup_get_folders (self->cgroup);
  for (guint i = 0; folders != NULL && folders[i] != NULL; i++)
    if (!glb_session_tell_janitor (self, GLB_CHORE_CGROUP, 0, folders[i], error))
      return FALSE;

  return TRUE;
}

static gboolean
make_account (GlbSession *self, GError **error)
{
  self->account = glb_account_allocate (self->host->accounts_dir, error);
  if (self->account == NULL)
    return FALSE;

  glb_dbus_session1_set_agent_uid (self->skeleton, glb_account_get_uid (self->account));
  return glb_session_tell_janitor (self, GLB_CHORE_ACCOUNT, glb_account_get_uid (self->account), NULL, error);
}

static gboolean
make_home (GlbSession *self, GError **error)
{
  const GlbPolicy *policy = self->request->policy;
  const char *name = self->request->persist;

  if (name == NULL && policy->filesystem.home != GLB_HOME_PERSISTENT)
    return TRUE;
  if (policy->filesystem.home != GLB_HOME_PERSISTENT)
    {
      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                   "persist %s: the policy says that the home is ephemeral; set filesystem.home to \"persistent\"", name);
      return FALSE;
    }
  if (name == NULL)
    {
      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                   "home: the policy asks for a persistent one; name it with --persist NAME");
      return FALSE;
    }

  self->home_dir = g_build_filename (self->host->homes_dir, name, NULL);
  if (g_mkdir (self->home_dir, 0700) != 0 && errno != EEXIST)
    return set_errno_error (error, self->home_dir);
  if (geteuid () == 0)
    return TRUE;

  return glb_session_tell_janitor (self, GLB_CHORE_RECLAIM, glb_account_get_uid (self->account), self->home_dir, error) &&
         glb_sandbox_lend (glb_account_get_uid (self->account), self->home_dir, error);
}

/* The rules as paths: a session without a workspace has a temporary one of the same name. */
static gboolean
make_mounts (GlbSession *self, GPtrArray **landlock, GError **error)
{
  const GlbPolicy *policy = self->request->policy;
  const char *workspace = self->request->workspace;
  g_autofree char *home = g_canonicalize_filename (g_get_home_dir (), "/");
  g_autoptr(GPtrArray) rules = NULL;

  rules = glb_policy_resolve_files (policy, workspace != NULL ? workspace : GLB_AGENT_WORKSPACE, home, error);
  if (rules == NULL)
    return FALSE;
  self->mounts = glb_session_mounts_new (rules, workspace, glb_path_probe, NULL, error);
  if (self->mounts == NULL)
    return FALSE;

  for (guint i = 0; geteuid () != 0 && i < self->mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (self->mounts, i);

      if ((mount->flags & GLB_MOUNT_PERSONAL) != 0 &&
          !glb_session_tell_janitor (self, GLB_CHORE_RECLAIM, glb_account_get_uid (self->account), mount->source, error))
        return FALSE;
    }

  *landlock = glb_session_mounts_to_landlock (self->mounts, workspace, policy->process.allow_debug);
  return TRUE;
}

static void
add_places (GlbSession *self, GlbSandboxSpec *spec)
{
  const GlbPolicy *policy = self->request->policy;
  guint64 disk = (guint64) policy->resources.disk_mb * 1024 * 1024;
  gboolean own_workspace = self->request->workspace == NULL;

  glb_sandbox_spec_add_tmpfs (spec, "/tmp", disk / 4, 01777);
  glb_sandbox_spec_add_tmpfs (spec, GLB_AGENT_RUNTIME_DIR, RUNTIME_MB * 1024 * 1024, 0700);
  if (self->home_dir != NULL)
    glb_sandbox_spec_add_mount (spec, self->home_dir, GLB_AGENT_HOME, GLB_MOUNT_WRITABLE | GLB_MOUNT_PERSONAL);
  else
    glb_sandbox_spec_add_tmpfs (spec, GLB_AGENT_HOME, own_workspace ? disk / 2 : disk / 4 * 3, 0700);
  if (own_workspace)
    glb_sandbox_spec_add_tmpfs (spec, GLB_AGENT_WORKSPACE, disk / 4, 0700);
  glb_sandbox_spec_set_home (spec, GLB_AGENT_HOME);

  for (guint i = 0; i < self->mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (self->mounts, i);

      glb_sandbox_spec_add_mount (spec, mount->source, mount->target, mount->flags);
    }
}

/* Its sockets, and the program that speaks to the action socket for scripts. */
static void
add_desktop (GlbSession *self, GlbSandboxSpec *spec)
{
  g_autofree char *tool = glb_paths_find_program ("glovebox-act", NULL);
  g_autofree char *wayland = g_build_filename (self->dir, "wayland-0", NULL);
  g_autofree char *action = g_build_filename (self->dir, "action", NULL);

  glb_sandbox_spec_add_mount (spec, wayland, GLB_AGENT_RUNTIME_DIR "/wayland-0", GLB_MOUNT_WRITABLE);
  glb_sandbox_spec_add_mount (spec, action, GLB_AGENT_RUNTIME_DIR "/glovebox-action", GLB_MOUNT_WRITABLE);
  if (tool != NULL)
    glb_sandbox_spec_add_mount (spec, tool, TOOLS "/glovebox-act", GLB_MOUNT_READ_ONLY);
  if (self->request->policy->desktop.xwayland)
    glb_sandbox_spec_add_mount (spec, glb_compositor_get_x11_dir (self->compositor), "/tmp/.X11-unix", GLB_MOUNT_READ_ONLY);
}

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

GStrv
glb_session_dup_env (GlbSession *self, GStrv extra)
{
  gboolean desktop = self->request->policy->isolation.tier != GLB_TIER_PROCESS;
  GStrv env = g_new0 (char *, 1);

  env = g_environ_setenv (env, "HOME", GLB_AGENT_HOME, TRUE);
  env = g_environ_setenv (env, "USER", "agent", TRUE);
  env = g_environ_setenv (env, "LOGNAME", "agent", TRUE);
  env = g_environ_setenv (env, "SHELL", "/bin/sh", TRUE);
  env = g_environ_setenv (env, "PATH", PATH, TRUE);
  env = g_environ_setenv (env, "LANG", "C.UTF-8", TRUE);
  env = g_environ_setenv (env, "XDG_RUNTIME_DIR", GLB_AGENT_RUNTIME_DIR, TRUE);
  env = g_environ_setenv (env, "DBUS_SESSION_BUS_ADDRESS", "unix:path=" GLB_AGENT_RUNTIME_DIR "/bus", TRUE);
  env = g_environ_setenv (env, "GLOVEBOX_SESSION", self->id, TRUE);
  if (desktop)
    {
      env = g_environ_setenv (env, "WAYLAND_DISPLAY", "wayland-0", TRUE);
      env = g_environ_setenv (env, "XDG_SESSION_TYPE", "wayland", TRUE);
      env = g_environ_setenv (env, "GLOVEBOX_ACTION_SOCKET", GLB_AGENT_RUNTIME_DIR "/glovebox-action", TRUE);
      /* there is no GPU: what draws with the processor itself starts fastest */
      env = g_environ_setenv (env, "GSK_RENDERER", "cairo", TRUE);
      env = g_environ_setenv (env, "LIBGL_ALWAYS_SOFTWARE", "1", TRUE);
    }
  if (desktop && self->request->policy->desktop.xwayland)
    env = g_environ_setenv (env, "DISPLAY", ":0", TRUE);

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
make_desktop (GlbSession *self, GError **error)
{
  GlbActionContextual context = {
    .compositor = self->compositor, .lease = &self->lease, .audit = audit_done, .is_paused = is_paused, .done = action_done,
    .user_data = self,
  };

  self->hub = glb_frame_hub_new (self->compositor);
  self->screenshot = glb_screenshot_new (self->compositor, self->hub);
  context.screenshot = self->screenshot;
  self->runner = glb_action_runner_new (&context);
  self->action_server = glb_action_server_new (self->action_fd, self->runner, error);
  self->action_fd = -1;
  if (self->action_server == NULL)
    return FALSE;

  glb_compositor_listen (self->compositor, self->wayland_fd);
  self->wayland_fd = -1;
  return TRUE;
}

static void
check_built (GlbSession *self)
{
  g_auto(GStrv) env = NULL;
  g_autoptr(GError) error = NULL;

  if (self->n_starting > 0 || self->state != GLB_SESSION_STARTING)
    return;
  if ((self->compositor != NULL && !make_desktop (self, &error)) || !glb_session_audit_built (self, &error))
    {
      glb_session_fail_start (self, error);
      return;
    }

  env = glb_session_dup_env (self, NULL);
  glb_session_exec_async (self, glb_session_get_cwd (self), (const char * const *) self->request->argv,
                          (const char * const *) env, FALSE, self->client, executed_cb, g_object_ref (self));
}

/* ---- the sandbox ------------------------------------------------------------ */

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
  glb_session_tell_janitor (self, GLB_CHORE_PROCESS, glb_sandbox_get_pid (glb_box_get_sandbox (self->box)), NULL, NULL);
  glb_dbus_session1_set_pid (self->skeleton, glb_sandbox_get_pid (glb_box_get_sandbox (self->box)));
  if (self->state != GLB_SESSION_STARTING)
    glb_box_kill (self->box);
  check_built (self);
}

static gboolean
build_box (GlbSession *self, GError **error)
{
  const GlbPolicy *policy = self->request->policy;
  g_autoptr(GlbSandboxSpec) spec = NULL;
  g_autoptr(GPtrArray) landlock = NULL;
  g_autoptr(GBytes) seccomp = NULL;
  GlbBoxSetup setup = {
    .allow_spawn = policy->process.allow_spawn, .bus = policy->process.allow_spawn, .max_processes = policy->process.max_processes,
    .max_files = FILES_MAX, .allow_debug = policy->process.allow_debug, .cgroup = self->cgroup,
  };

  if (!make_mounts (self, &landlock, error))
    return FALSE;
  seccomp = glb_seccomp_build (policy->process.syscalls == GLB_SYSCALLS_STRICT ? GLB_SECCOMP_STRICT : GLB_SECCOMP_DESKTOP,
                               policy->process.allow_debug, error);
  if (seccomp == NULL)
    return FALSE;

  setup.landlock = landlock;
  setup.seccomp = seccomp;
  spec = glb_sandbox_spec_new (self->id, self->account);
  glb_sandbox_spec_set_cgroup (spec, self->cgroup);
  glb_sandbox_spec_set_pid_one (spec, TRUE);
  glb_sandbox_spec_set_env (spec, "XDG_RUNTIME_DIR", GLB_AGENT_RUNTIME_DIR);
  glb_sandbox_spec_set_env (spec, "PATH", PATH);
  glb_sandbox_spec_set_env (spec, "LANG", "C.UTF-8");
  add_places (self, spec);
  if (self->wayland_fd >= 0)
    add_desktop (self, spec);
  self->n_starting++;
  glb_box_new_async (spec, &setup, BOX_DEADLINE_MS, self->cancellable, box_cb, g_object_ref (self));
  return TRUE;
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
  else if (self->request->policy->desktop.xwayland && !build_box (self, &error))
    glb_session_fail_start (self, error);
  check_built (self);
}

static void
build_compositor (GlbSession *self)
{
  const GlbPolicy *policy = self->request->policy;
  GlbCompositorConfig config = {
    .width = policy->desktop.width, .height = policy->desktop.height, .xwayland = policy->desktop.xwayland,
  };
  GlbCompositor *spare = glb_pool_take (self->pool, &config);

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

  if (!make_dir (self, &error) || !make_cgroup (self, &error) || !make_account (self, &error) || !make_home (self, &error))
    {
      glb_session_fail_start (self, error);
      return;
    }

  if (desktop)
    build_compositor (self);
  /* with Xwayland: when there is a compositor */
  if ((!desktop || !self->request->policy->desktop.xwayland || self->compositor != NULL) && !build_box (self, &error))
    glb_session_fail_start (self, error);
}
