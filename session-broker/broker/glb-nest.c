/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "policies/glb-network-decide.h"
#include "session-broker/broker/glb-nest.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/portal/glb-portal-request.h"

#define LISTEN_BACKLOG 64
#define RUNTIME_MB     32
#define TOOLS          GLB_AGENT_TOOLS
/* glovebox-init's bus looks there first. */
#define SERVICES       "/run/glovebox/services"

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
make_listener (GlbNest *self, const char *name, GError **error)
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
make_portal (GlbNest *self, GError **error)
{
  self->portal_program = glb_paths_find_program ("glovebox-portal", error);
  if (self->portal_program == NULL)
    return FALSE;

  self->portal_fd = make_listener (self, "portal", error);
  return self->portal_fd >= 0;
}

static gboolean
make_keys (GlbNest *self, const GlbPolicy *policy, GError **error)
{
  if (policy->keys.ssh_agent != GLB_VERDICT_DENY)
    {
      self->ssh_fd = make_listener (self, "ssh-agent", error);
      if (self->ssh_fd < 0)
        return FALSE;
    }
  if (policy->keys.git_credentials == GLB_VERDICT_DENY)
    return TRUE;

  self->git_program = glb_paths_find_program ("glovebox-git-credential", error);
  if (self->git_program == NULL)
    return FALSE;

  self->git_fd = make_listener (self, "git-credential", error);
  return self->git_fd >= 0;
}

static gboolean
make_dir (GlbNest *self, const GlbPolicy *policy, GError **error)
{
  self->dir = g_build_filename (self->host->sessions_dir, self->id, NULL);
  if (!glb_chores_tell (self->chores, GLB_CHORE_TREE, 0, self->dir, error))
    return FALSE;
  if (g_mkdir (self->dir, 0700) != 0)
    return set_errno_error (error, self->dir);
  if ((glb_portal_is_wanted (policy) && !make_portal (self, error)) || !make_keys (self, policy, error))
    return FALSE;
  if (policy->isolation.tier == GLB_TIER_PROCESS)
    return TRUE;

  self->wayland_fd = make_listener (self, "wayland-0", error);
  if (self->wayland_fd < 0)
    return FALSE;
  self->action_fd = make_listener (self, "action", error);
  if (self->action_fd < 0 || !glb_policy_wants_devices (policy))
    return self->action_fd >= 0;

  self->pipewire_fd = make_listener (self, "pipewire-0", error);
  return self->pipewire_fd >= 0;
}

static gboolean
make_cgroup (GlbNest *self, const GlbPolicy *policy, GError **error)
{
  GlbCgroupLimits limits = {
    .memory_mb = policy->resources.memory_mb,
    .cpu_percent = policy->resources.cpu_percent,
    .max_processes = policy->process.max_processes,
    .hold = glb_policy_wants_freeze (policy),
  };

  /* The account is this session's alone, so the kernel's own limit of an account's processes holds as well
   * (glovebox-init sets it in either case). */
  if ((glb_cgroup_probe (NULL) & GLB_CGROUP_PIDS) == 0)
    limits.max_processes = 0;

  self->cgroup = glb_cgroup_new (self->id, &limits, error);
  return self->cgroup != NULL && glb_chores_tell_cgroup (self->chores, self->cgroup, error);
}

static gboolean
make_account (GlbNest *self, GError **error)
{
  self->account = glb_account_allocate (self->host->accounts_dir, error);
  if (self->account == NULL)
    return FALSE;

  return glb_chores_tell_account (self->chores, self->account, error);
}

/* The process that will carry the network, under an account of its own. */
static gboolean
make_network (GlbNest *self, const GlbPolicy *policy, GError **error)
{
  if (!glb_network_is_wanted (policy))
    return TRUE;

  self->network_account = glb_account_allocate (self->host->accounts_dir, error);
  if (self->network_account == NULL || !glb_chores_tell_account (self->chores, self->network_account, error))
    return FALSE;

  self->network = glb_network_launch (self->id, self->network_account, error);
  return self->network != NULL;
}

static gboolean
wants_bundle (const GlbPolicy *policy)
{
  for (guint i = 0; i < policy->network.secrets->len; i++)
    if (((const GlbNetworkSecretRule *) g_ptr_array_index (policy->network.secrets, i))->says == GLB_NETWORK_SAYS_TLS)
      return TRUE;
  return FALSE;
}

static gboolean
make_bundle (GlbNest *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->dir, GLB_NEST_BUNDLE, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

  if (fd < 0 || fchmod (fd, 0644) != 0)
    set_errno_error (error, path);
  else
    self->has_bundle = TRUE;
  if (fd >= 0)
    close (fd);
  return self->has_bundle;
}

/* The process that will have the secrets, under an account of its own. */
static gboolean
make_secrets (GlbNest *self, const GlbPolicy *policy, GError **error)
{
  if (policy->network.secrets->len == 0)
    return TRUE;
  if (wants_bundle (policy) && !make_bundle (self, error))
    return FALSE;

  self->secrets_account = glb_account_allocate (self->host->accounts_dir, error);
  if (self->secrets_account == NULL || !glb_chores_tell_account (self->chores, self->secrets_account, error))
    return FALSE;

  self->secrets = glb_secrets_launch (self->id, self->secrets_account, error);
  return self->secrets != NULL;
}

/* Another broker of the same person, with another runtime folder, has the same homes. */
static gboolean
lock_home (GlbNest *self, const char *name, GError **error)
{
  /* no home has such a name */
  g_autofree char *path = g_strdup_printf ("%s/.%s.lock", self->host->homes_dir, name);

  self->home_lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->home_lock >= 0 && flock (self->home_lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;

  if (self->home_lock >= 0 && errno == EWOULDBLOCK)
    g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "persist %s: a session of another broker uses this home; stop it first", name);
  else
    set_errno_error (error, path);
  /* it is not ours: nothing of it is to be given back */
  g_clear_pointer (&self->home_dir, g_free);
  return FALSE;
}

static gboolean
make_home (GlbNest *self, const GlbPolicy *policy, const char *name, GError **error)
{
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
  if (!lock_home (self, name, error))
    return FALSE;
  if (geteuid () == 0)
    return TRUE;

  return glb_chores_tell (self->chores, GLB_CHORE_RECLAIM, glb_account_get_uid (self->account), self->home_dir, error);
}

/* The rules as paths: a session without a workspace has a temporary one of the same name. */
static GPtrArray *
resolve_mounts (const GlbPolicy *policy, const char *workspace, GError **error)
{
  g_autofree char *home = g_canonicalize_filename (g_get_home_dir (), "/");
  g_autoptr(GPtrArray) rules = NULL;

  rules = glb_policy_resolve_files (policy, workspace != NULL ? workspace : GLB_AGENT_WORKSPACE, home, error);
  return rules != NULL ? glb_session_mounts_new (rules, workspace, glb_path_probe, NULL, error) : NULL;
}

static gboolean
make_mounts (GlbNest *self, const GlbPolicy *policy, const char *workspace, GError **error)
{
  self->mounts = resolve_mounts (policy, workspace, error);
  if (self->mounts == NULL)
    return FALSE;

  for (guint i = 0; geteuid () != 0 && i < self->mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (self->mounts, i);

      if ((mount->flags & GLB_MOUNT_PERSONAL) != 0 &&
          !glb_chores_tell (self->chores, GLB_CHORE_RECLAIM, glb_account_get_uid (self->account), mount->source, error))
        return FALSE;
    }

  self->landlock = glb_session_mounts_to_landlock (self->mounts, workspace, policy->process.allow_debug);
  return TRUE;
}

static void
add_places (GlbNest *self, const GlbPolicy *policy, const char *workspace, GlbSandboxSpec *spec)
{
  guint64 disk = (guint64) policy->resources.disk_mb * 1024 * 1024;
  gboolean own_workspace = workspace == NULL;

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

/* The "us" keyboard has neither dead keys nor a Compose key, but each program that takes keys reads half a megabyte of
 * sequences for them when it starts. */
static void
add_compose (GlbSandboxSpec *spec)
{
  static const char table[] = "# The keyboard of this session has no key that begins a sequence.\n";
  g_autoptr(GBytes) bytes = g_bytes_new_static (table, sizeof table - 1);

  glb_sandbox_spec_add_data (spec, GLB_AGENT_COMPOSE, bytes);
}

char *
glb_nest_find_library (void)
{
  g_autofree char *library = glb_paths_find_program ("libglovebox.so.0", NULL);

  return library != NULL ? g_path_get_dirname (library) : NULL;
}

/* One program under the names that agents call (xdotool, wl-copy…), in a folder of its own. */
static void
add_helpers (GlbSandboxSpec *spec)
{
  g_autofree char *helper = glb_paths_find_program ("session-bin/glovebox-helper", NULL);
  g_autofree char *folder = helper != NULL ? g_path_get_dirname (helper) : NULL;
  g_autofree char *library = glb_nest_find_library ();

  if (folder != NULL)
    glb_sandbox_spec_add_mount (spec, folder, GLB_AGENT_HELPERS, GLB_MOUNT_READ_ONLY);
  if (library != NULL)
    glb_sandbox_spec_add_mount (spec, library, GLB_AGENT_LIBRARY, GLB_MOUNT_READ_ONLY);
}

/* Its sockets, and the program that speaks to the action socket for scripts. */
static void
add_desktop (GlbNest *self, const GlbPolicy *policy, const char *x11_dir, GlbSandboxSpec *spec)
{
  g_autofree char *tool = glb_paths_find_program ("glovebox-act", NULL);
  g_autofree char *accessibility = glb_paths_find_program ("glovebox-accessibility", NULL);
  g_autofree char *wayland = g_build_filename (self->dir, "wayland-0", NULL);
  g_autofree char *action = g_build_filename (self->dir, "action", NULL);
  g_autofree char *pipewire = g_build_filename (self->dir, "pipewire-0", NULL);

  glb_sandbox_spec_add_mount (spec, wayland, GLB_AGENT_RUNTIME_DIR "/wayland-0", GLB_MOUNT_WRITABLE);
  glb_sandbox_spec_add_mount (spec, action, GLB_AGENT_RUNTIME_DIR "/glovebox-action", GLB_MOUNT_WRITABLE);
  if (self->pipewire_fd >= 0)
    glb_sandbox_spec_add_mount (spec, pipewire, GLB_AGENT_RUNTIME_DIR "/pipewire-0", GLB_MOUNT_WRITABLE);
  if (tool != NULL)
    glb_sandbox_spec_add_mount (spec, tool, TOOLS "/glovebox-act", GLB_MOUNT_READ_ONLY);
  if (accessibility != NULL)
    glb_sandbox_spec_add_mount (spec, accessibility, TOOLS "/glovebox-accessibility", GLB_MOUNT_READ_ONLY);
  add_helpers (spec);
  if (!glb_policy_has_layout (policy))
    add_compose (spec);
  if (x11_dir != NULL)
    glb_sandbox_spec_add_mount (spec, x11_dir, "/tmp/.X11-unix", GLB_MOUNT_READ_ONLY);
}

/* Many programs start the default application for an address and ask no portal: so that application asks. A choice that the
 * session makes for itself, in its home, goes first. */
static void
add_uri_handler (GlbSandboxSpec *spec)
{
  static const char handler[] =
    "[Desktop Entry]\nType=Application\nName=Open on the desktop\nNoDisplay=true\nExec=" TOOLS "/glovebox-portal --open %u\n"
    "MimeType=x-scheme-handler/http;x-scheme-handler/https;x-scheme-handler/mailto;\n";
  static const char defaults[] =
    "[Default Applications]\nx-scheme-handler/http=org.glovebox.Open.desktop\nx-scheme-handler/https=org.glovebox.Open.desktop\n"
    "x-scheme-handler/mailto=org.glovebox.Open.desktop\n";
  g_autoptr(GBytes) handler_bytes = g_bytes_new_static (handler, sizeof handler - 1);
  g_autoptr(GBytes) defaults_bytes = g_bytes_new_static (defaults, sizeof defaults - 1);

  glb_sandbox_spec_add_data (spec, GLB_AGENT_PORTAL_DATA "/applications/org.glovebox.Open.desktop", handler_bytes);
  glb_sandbox_spec_add_data (spec, GLB_AGENT_PORTAL_DATA "/applications/mimeapps.list", defaults_bytes);
}

/* The socket, the program that speaks to it, and what lets the session's bus start that when it is first asked for. */
static void
add_portal (GlbNest *self, const GlbPolicy *policy, GlbSandboxSpec *spec)
{
  static const char service[] = "[D-BUS Service]\nName=org.freedesktop.portal.Desktop\nExec=" TOOLS "/glovebox-portal\n";
  g_autofree char *socket = g_build_filename (self->dir, "portal", NULL);
  g_autoptr(GBytes) content = g_bytes_new_static (service, sizeof service - 1);

  glb_sandbox_spec_add_mount (spec, socket, GLB_AGENT_RUNTIME_DIR "/glovebox-portal", GLB_MOUNT_WRITABLE);
  glb_sandbox_spec_add_mount (spec, self->portal_program, TOOLS "/glovebox-portal", GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_add_data (spec, SERVICES "/org.freedesktop.portal.Desktop.service", content);
  if (policy->portals.open_uri != GLB_VERDICT_DENY)
    add_uri_handler (spec);
}

/* What ssh takes for its agent, and Git's helper with its socket. */
static void
add_keys (GlbNest *self, GlbSandboxSpec *spec)
{
  g_autofree char *ssh = g_build_filename (self->dir, "ssh-agent", NULL);
  g_autofree char *git = g_build_filename (self->dir, "git-credential", NULL);

  if (self->ssh_fd >= 0)
    glb_sandbox_spec_add_mount (spec, ssh, GLB_AGENT_RUNTIME_DIR "/glovebox-ssh-agent", GLB_MOUNT_WRITABLE);
  if (self->git_fd < 0)
    return;

  glb_sandbox_spec_add_mount (spec, git, GLB_AGENT_RUNTIME_DIR "/glovebox-git-credential", GLB_MOUNT_WRITABLE);
  glb_sandbox_spec_add_mount (spec, self->git_program, TOOLS "/glovebox-git-credential", GLB_MOUNT_READ_ONLY);
}

/* Names are asked of the gate, which asks nobody. */
static void
add_network (GlbSandboxSpec *spec)
{
  static const char resolver[] = "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n";
  g_autoptr(GBytes) content = g_bytes_new_static (resolver, sizeof resolver - 1);

  glb_sandbox_spec_set_network (spec, TRUE);
  glb_sandbox_spec_add_data (spec, "/etc/resolv.conf", content);
}

/* Where the variables point, and where programs look that know none of them. */
static void
add_bundle (GlbNest *self, GlbSandboxSpec *spec)
{
  static const char usual[] = "/etc/ssl/certs/ca-certificates.crt";
  g_autofree char *bundle = g_build_filename (self->dir, GLB_NEST_BUNDLE, NULL);

  glb_sandbox_spec_add_mount (spec, bundle, GLB_AGENT_BUNDLE, GLB_MOUNT_READ_ONLY);
  if (g_file_test (usual, G_FILE_TEST_IS_REGULAR))
    glb_sandbox_spec_add_mount (spec, bundle, usual, GLB_MOUNT_READ_ONLY);
}

char *
glb_nest_make_id (void)
{
  g_autofree char *uuid = g_uuid_string_random ();

  return g_strdup_printf ("s%.8s%.4s", uuid, uuid + 9);
}

/* The policy says what is mounted, and the inodes whether it is still the same. */
char *
glb_nest_make_key (const GlbPolicy *policy, const char *workspace)
{
  g_autoptr(GPtrArray) mounts = resolve_mounts (policy, workspace, NULL);
  g_autoptr(GString) key = g_string_new (glb_policy_get_hash (policy));

  /* Xwayland's socket is one compositor's, a persistent home one session's */
  if (mounts == NULL || policy->desktop.xwayland || policy->filesystem.home == GLB_HOME_PERSISTENT)
    return NULL;

  for (guint i = 0; i < mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (mounts, i);
      struct stat st = { 0 };

      /* an ordinary user's files carry an access list while they are lent: only as long as a session has them */
      if ((mount->flags & GLB_MOUNT_PERSONAL) != 0 && geteuid () != 0)
        return NULL;
      if (stat (mount->source, &st) != 0)
        return NULL;
      g_string_append_printf (key, " %u:%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%s:%s", mount->flags, (guint64) st.st_dev,
                              (guint64) st.st_ino, mount->source, mount->target);
    }

  return g_string_free (g_steal_pointer (&key), FALSE);
}

GlbNest *
glb_nest_new (GlbHost *host, const char *id, const GlbPolicy *policy, const char *workspace, const char *persist, GError **error)
{
  g_autoptr(GlbNest) self = g_new0 (GlbNest, 1);

  self->host = host;
  self->id = g_strdup (id);
  self->chores = glb_chores_new (host->janitor);
  self->wayland_fd = self->action_fd = self->pipewire_fd = self->portal_fd = self->ssh_fd = self->git_fd = self->home_lock = -1;
  if (!make_dir (self, policy, error) || !make_cgroup (self, policy, error) || !make_account (self, error) ||
      !make_network (self, policy, error) || !make_secrets (self, policy, error) ||
      !make_home (self, policy, persist, error) || !make_mounts (self, policy, workspace, error))
    return NULL;

  return g_steal_pointer (&self);
}

GlbSandboxSpec *
glb_nest_make_spec (GlbNest *self, const GlbPolicy *policy, const char *workspace, const char *x11_dir)
{
  GlbSandboxSpec *spec = glb_sandbox_spec_new (self->id, self->account);

  glb_sandbox_spec_set_cgroup (spec, self->cgroup);
  glb_sandbox_spec_set_pid_one (spec, TRUE);
  glb_sandbox_spec_set_env (spec, "XDG_RUNTIME_DIR", GLB_AGENT_RUNTIME_DIR);
  glb_sandbox_spec_set_env (spec, "PATH", GLB_AGENT_PATH);
  glb_sandbox_spec_set_env (spec, "LANG", "C.UTF-8");
  add_places (self, policy, workspace, spec);
  if (self->wayland_fd >= 0)
    add_desktop (self, policy, x11_dir, spec);
  if (self->portal_fd >= 0)
    add_portal (self, policy, spec);
  add_keys (self, spec);
  if (self->network != NULL)
    add_network (spec);
  if (self->has_bundle)
    add_bundle (self, spec);
  return spec;
}

void
glb_nest_tell_process (GlbNest *self, guint pid)
{
  glb_chores_tell (self->chores, GLB_CHORE_PROCESS, pid, NULL, NULL);
}

void
glb_nest_free (GlbNest *self)
{
  g_autoptr(GError) error = NULL;

  g_clear_object (&self->box);
  g_clear_object (&self->network);
  g_clear_object (&self->secrets);
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
  if (self->cgroup != NULL && !glb_cgroup_remove (self->cgroup, &error))
    g_warning ("Can't remove the control group of %s: %s", self->id, error->message);
  g_clear_error (&error);
  if (self->dir != NULL && !glb_sandbox_remove_tree (self->dir, &error))
    g_warning ("Can't remove %s: %s", self->dir, error->message);
  glb_chores_done (self->chores);

  g_clear_object (&self->cgroup);
  g_clear_object (&self->account);
  g_clear_object (&self->network_account);
  g_clear_object (&self->secrets_account);
  g_clear_pointer (&self->mounts, g_ptr_array_unref);
  g_clear_pointer (&self->landlock, g_ptr_array_unref);
  g_clear_pointer (&self->chores, glb_chores_free);
  g_free (self->id);
  g_free (self->key);
  g_free (self->dir);
  g_free (self->portal_program);
  g_free (self->git_program);
  if (self->home_lock >= 0)
    close (self->home_lock);
  g_free (self->home_dir);
  g_free (self);
}
