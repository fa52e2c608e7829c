/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What glovebox-media and the session's PipeWire see: /usr, their two
 * configurations, our access module, the session's socket. No home, no
 * network, no D-Bus, no device, and no path to the person's PipeWire.
 */

#define G_LOG_DOMAIN "glb-media"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/media/glb-media-sandbox.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "session-broker/sandbox/glb-seccomp.h"

#define PROGRAM       "glovebox-media"
#define MODULE        "libpipewire-module-glovebox-access.so"
#define PRIVATE_DIR   "/run/glovebox"
#define MODULE_DIR    PRIVATE_DIR "/modules"
#define RUNTIME_DIR   "/run/media"
#define DAEMON        "/usr/bin/pipewire"

#define FILES_MAX     1024
/* Measured: the daemon and the helper have some 300 MiB of addresses each. Frames of 64 MiB, sixteen of them. */
#define ADDRESSES_MAX (2048ull << 20)
#define PROCESSES_MAX 64

/*
 * The session's own instance. client-node for the streams of programs, link-factory for us, one driver, so that sound has
 * a clock, and a sink that goes nowhere. No module that loads plugins on a client's word is needed but spa-node-factory and
 * adapter, for these two: their factories are shown to no client, no more than link-factory is.
 */
static const char daemon_config[] =
  "context.properties = {\n"
  "  core.daemon = true\n"
  "  core.name = \"%s\"\n"
  "  log.level = 0\n"
  "  support.dbus = false\n"
  "  mem.allow-mlock = false\n"
  "  mem.warn-mlock = false\n"
  "  link.max-buffers = 16\n"
  "  default.clock.rate = 48000\n"
  "  default.clock.allowed-rates = [ 48000 ]\n"
  "  default.clock.quantum = 1024\n"
  "  default.clock.min-quantum = 256\n"
  "  default.clock.max-quantum = 4096\n"
  "  default.clock.quantum-limit = 8192\n"
  "  settings.check-quantum = true\n"
  "  settings.check-rate = true\n"
  "}\n"
  "context.spa-libs = {\n"
  "  audio.convert.* = audioconvert/libspa-audioconvert\n"
  "  support.* = support/libspa-support\n"
  "}\n"
  "context.modules = [\n"
  "  { name = libpipewire-module-protocol-native args = { sockets = [ { name = \"%s\" } ] } }\n"
  "  { name = libpipewire-module-glovebox-access }\n"
  "  { name = libpipewire-module-client-node }\n"
  "  { name = libpipewire-module-link-factory }\n"
  "  { name = libpipewire-module-spa-node-factory }\n"
  "  { name = libpipewire-module-adapter }\n"
  "]\n"
  "context.objects = [\n"
  "  { factory = spa-node-factory args = { factory.name = support.node.driver node.name = glovebox.clock\n"
  "                                        node.group = pipewire.dummy priority.driver = 20000 } }\n"
  "  { factory = adapter args = { factory.name = support.null-audio-sink node.name = " GLB_MEDIA_NOWHERE "\n"
  "                               node.group = pipewire.dummy audio.rate = 48000 audio.channels = 2 audio.position = \"FL,FR\"\n"
  "                               media.class = Audio/Sink } }\n"
  "]\n";

/* Ours as a client, of both instances. The adapter stands before streams of video, too, in versions after 0.3. */
const char glb_media_client_config[] =
  "context.properties = {\n"
  "  log.level = 0\n"
  "  support.dbus = false\n"
  "  mem.allow-mlock = false\n"
  "  mem.warn-mlock = false\n"
  "}\n"
  "context.spa-libs = {\n"
  "  audio.convert.* = audioconvert/libspa-audioconvert\n"
  "  video.convert.* = videoconvert/libspa-videoconvert\n"
  "  support.* = support/libspa-support\n"
  "}\n"
  "context.modules = [\n"
  "  { name = libpipewire-module-protocol-native }\n"
  "  { name = libpipewire-module-client-node }\n"
  "  { name = libpipewire-module-adapter }\n"
  "  { name = libpipewire-module-metadata }\n"
  "]\n";

static char *
find_private (const char *name, GError **error)
{
  char *path = glb_sandbox_find_private (name);

  if (path == NULL)
    g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST, "%s is missing; reinstall Glovebox", name);
  return path;
}

static void
add_data (GlbSandboxSpec *spec, const char *target, const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));

  glb_sandbox_spec_add_data (spec, target, bytes);
}

static gboolean
add_programs (GlbSandboxSpec *spec, GError **error)
{
  g_autofree char *program = find_private (PROGRAM, error);
  g_autofree char *module = program != NULL ? find_private (MODULE, error) : NULL;

  if (module == NULL)
    return FALSE;

  glb_sandbox_spec_add_mount (spec, program, PRIVATE_DIR "/" PROGRAM, GLB_MOUNT_READ_ONLY);
  glb_sandbox_spec_add_mount (spec, module, MODULE_DIR "/" MODULE, GLB_MOUNT_READ_ONLY);
  return TRUE;
}

/* The daemon locks a file beside its socket, and finds the descriptor that it inherits by the socket's path. */
static void
add_socket (GlbSandboxSpec *spec, const char *socket_path)
{
  g_autofree char *dir = g_path_get_dirname (socket_path);

  glb_sandbox_spec_add_tmpfs (spec, dir, 1 << 20, 0700);
  glb_sandbox_spec_add_mount (spec, socket_path, socket_path, GLB_MOUNT_WRITABLE);
}

GlbSandboxSpec *
glb_media_sandbox_new (const GlbMediaConfig *config, int control_fd, GError **error)
{
  g_autoptr(GlbSandboxSpec) spec = glb_sandbox_spec_new (config->name, config->account);
  const char *argv[] = { PRIVATE_DIR "/" PROGRAM, config->socket_path, NULL };
  g_autofree char *conf = g_strdup_printf (daemon_config, config->socket_path, config->socket_path);
  g_autoptr(GBytes) seccomp = NULL;
  int listen_fd = fcntl (config->listen_fd, F_DUPFD_CLOEXEC, 3);

  glb_sandbox_spec_take_fd (spec, control_fd, 3);
  if (listen_fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "the session's PipeWire socket: %s", g_strerror (errno));
      return NULL;
    }
  glb_sandbox_spec_take_fd (spec, listen_fd, 4);
  seccomp = glb_seccomp_build (GLB_SECCOMP_MEDIA, FALSE, error);
  if (seccomp == NULL || !add_programs (spec, error))
    return NULL;

  glb_sandbox_spec_set_seccomp (spec, seccomp);
  glb_sandbox_spec_set_limits (spec, FILES_MAX, ADDRESSES_MAX);
  glb_sandbox_spec_set_max_processes (spec, PROCESSES_MAX);
  glb_sandbox_spec_set_pid_one (spec, TRUE);
  if (config->cgroup != NULL)
    glb_sandbox_spec_set_cgroup (spec, config->cgroup);
  glb_sandbox_spec_add_tmpfs (spec, RUNTIME_DIR, 1 << 20, 0700);
  add_socket (spec, config->socket_path);
  add_data (spec, PRIVATE_DIR "/pipewire.conf", conf);
  add_data (spec, PRIVATE_DIR "/pipewire-client.conf", glb_media_client_config);
  glb_sandbox_spec_set_home (spec, RUNTIME_DIR);
  glb_sandbox_spec_set_env (spec, "XDG_RUNTIME_DIR", RUNTIME_DIR);
  glb_sandbox_spec_set_env (spec, "PIPEWIRE_MODULE_DIR", MODULE_DIR ":" GLB_PIPEWIRE_MODULE_DIR);
  glb_sandbox_spec_set_env (spec, "PATH", "/usr/bin");
  glb_sandbox_spec_set_env (spec, "LANG", "C.UTF-8");
  glb_sandbox_spec_set_argv (spec, argv);

  return g_steal_pointer (&spec);
}

char *
glb_media_diagnose (void)
{
  g_autofree char *program = glb_sandbox_find_private (PROGRAM);
  g_autofree char *module = glb_sandbox_find_private (MODULE);

  if (program == NULL || module == NULL)
    return g_strdup ("devices: Glovebox was built without PipeWire; install libpipewire-0.3-dev and build it again");
  if (!g_file_test (DAEMON, G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup ("devices: " DAEMON " is missing; install the packages pipewire and pipewire-bin");
  return NULL;
}
