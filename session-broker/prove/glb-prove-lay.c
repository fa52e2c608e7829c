/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/*
 * Lays the bait out and takes it up again. Everything is made for this run:
 * nothing of the person's own is offered. A part that this host cannot make is
 * left out, and its attempts become "unavailable".
 */

#include "config.h"

#include "session-broker/client/glb-paths.h"
#include "session-broker/prove/glb-prove.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_MS 10000

/* To be taken up again. Descriptors are held until the end of the process. */
static struct
{
  GPtrArray *paths;     /* folders before what lies in them */
  GArray    *children;
  int        shm_id;
  char      *queue;
} laid = { .shm_id = -1 };

static char *
make_token (void)
{
  return g_strdup_printf ("bait-%08x%08x%08x", g_random_int (), g_random_int (), g_random_int ());
}

static gboolean
lay_file (GlbBait     *bait,
          const char  *name,
          const char  *path,
          guint        mode,
          GError     **error)
{
  g_autofree char *content = g_strdup_printf ("%s\n", glb_bait_get (bait, "token"));

  if (!g_file_set_contents_full (path, content, -1, G_FILE_SET_CONTENTS_NONE, 0600, error))
    return FALSE;
  g_ptr_array_add (laid.paths, g_strdup (path));
  if (g_chmod (path, (mode_t) mode) < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "Can't lay %s: %s", path, g_strerror (errno));
      return FALSE;
    }
  glb_bait_set (bait, name, path);
  return TRUE;
}

static gboolean
lay_files (GlbBait     *bait,
           const char  *folder,
           GError     **error)
{
  g_autofree char *secret = g_build_filename (folder, "secret", NULL);
  g_autofree char *world = g_build_filename (folder, "world", NULL);
  g_autofree char *writable = g_build_filename (folder, "writable", NULL);
  g_autofree char *open_folder = g_build_filename (folder, "open", NULL);
  g_autofree char *marker = g_build_filename (open_folder, "marker", NULL);
  g_autofree char *shm = g_strdup_printf ("/dev/shm/%s", glb_bait_get (bait, "token"));
  g_autofree char *audit = glb_paths_get_audit_dir (NULL);

  if (g_chmod (folder, 0755) < 0 || g_mkdir (open_folder, 0700) < 0 || g_chmod (open_folder, 01777) < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "Can't make a folder in %s: %s", folder, g_strerror (errno));
      return FALSE;
    }
  g_ptr_array_add (laid.paths, g_strdup (open_folder));
  if (!lay_file (bait, "secret", secret, 0600, error) || !lay_file (bait, "world", world, 0644, error) ||
      !lay_file (bait, "writable", writable, 0666, error) || !lay_file (bait, "marker", marker, 0644, error))
    return FALSE;

  glb_bait_set (bait, "open-folder", open_folder);
  lay_file (bait, "shm-file", shm, 0644, NULL);
  if (audit != NULL)
    glb_bait_set (bait, "audit", audit);
  return TRUE;
}

char *
glb_bait_start_child (const char * const *argv,
                      char              **env,
                      pid_t              *pid)
{
  char line[256] = "";
  int out = -1;
  int in = -1;
  struct pollfd poll_fd;
  gssize n = 0;

  if (!g_spawn_async_with_pipes (NULL, (char **) argv, env, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                                 pid, &in, &out, NULL, NULL))
    return NULL;
  g_array_append_val (laid.children, *pid);   /* in stays open: its end ends the child */

  poll_fd = (struct pollfd) { .fd = out, .events = POLLIN };
  if (poll (&poll_fd, 1, DEADLINE_MS) == 1)
    n = read (out, line, sizeof line - 1);
  close (out);
  return n > 0 ? g_strdup (line) : NULL;
}

static void
lay_processes (GlbBait *bait)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *token = glb_bait_get (bait, "token");
  const char * const victim[] = { self, "--bait-process", token, NULL };
  const char * const jail[] = { self, "--bait-jail", NULL };
  g_auto(GStrv) env = g_environ_setenv (g_get_environ (), "SECRET", token, TRUE);
  g_autofree char *line = NULL;
  g_autofree char *jail_line = NULL;
  unsigned long address;
  unsigned long scratch;
  pid_t pid;
  int fd;

  env = g_environ_setenv (env, "GLB_SECRET_FILE", glb_bait_get (bait, "secret"), TRUE);
  line = glb_bait_start_child (victim, env, &pid);
  if (line != NULL && sscanf (line, "%lu %lu %d", &address, &scratch, &fd) == 3)
    {
      glb_bait_set_number (bait, "pid", pid);
      glb_bait_set_number (bait, "address", (gint64) address);
      glb_bait_set_number (bait, "scratch", (gint64) scratch);
      glb_bait_set_number (bait, "fd", fd);
    }

  jail_line = glb_bait_start_child (jail, NULL, &pid);
  if (jail_line != NULL && g_str_has_prefix (jail_line, "ready"))
    glb_bait_set_number (bait, "jail-pid", pid);
}

static void
wait_for_end (void)
{
  char byte;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  while (read (0, &byte, 1) > 0)
    ;
}

int
glb_bait_process_main (const char *token)
{
  static char secret[64];
  static char scratch[16];
  const char *path = g_getenv ("GLB_SECRET_FILE");
  int fd = path != NULL ? open (path, O_RDONLY) : -1;

  g_strlcpy (secret, token, sizeof secret);
  printf ("%lu %lu %d\n", (unsigned long) (gsize) secret, (unsigned long) (gsize) scratch, fd);
  fflush (stdout);
  wait_for_end ();
  return 0;
}

int
glb_bait_jail_main (void)
{
  puts (unshare (CLONE_NEWUSER | CLONE_NEWUTS) == 0 ? "ready" : "refused");
  fflush (stdout);
  wait_for_end ();
  return 0;
}

/* name as in glb-prove-sockets.c. Connections wait in its queue and are never taken. */
static void
lay_socket (GlbBait    *bait,
            const char *name,
            const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize length = strlen (path);
  int fd;

  if (length >= sizeof address.sun_path)
    return;
  memcpy (address.sun_path, path, length);
  if (path[0] == '@')
    address.sun_path[0] = '\0';
  else
    length++;

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, offsetof (struct sockaddr_un, sun_path) + length) < 0 || listen (fd, 64) < 0)
    {
      if (fd >= 0)
        close (fd);
      return;
    }
  if (path[0] != '@')
    {
      g_chmod (path, 0666);
      g_ptr_array_add (laid.paths, g_strdup (path));
    }
  glb_bait_set (bait, name, path);
}

static void
set_if_there (GlbBait    *bait,
              const char *name,
              const char *path)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    glb_bait_set (bait, name, path);
}

static void
lay_sockets (GlbBait    *bait,
             const char *folder)
{
  g_autofree char *run = g_build_filename (folder, "open", "service.sock", NULL);
  g_autofree char *wayland = g_build_filename (g_get_user_runtime_dir (), "wayland-bait", NULL);
  g_autofree char *abstract = g_strdup_printf ("@%s", glb_bait_get (bait, "token"));
  guint display = 100 + (guint) getpid () % 1000;
  g_autofree char *x11 = g_strdup_printf ("/tmp/.X11-unix/X%u", display);
  g_autofree char *x11_abstract = g_strdup_printf ("@/tmp/.X11-unix/X%u", display);
  g_autofree char *runtime_dir = glb_paths_get_runtime_dir (NULL);
  g_autofree char *broker = runtime_dir != NULL ? g_build_filename (runtime_dir, "bus", NULL) : NULL;

  g_mkdir ("/tmp/.X11-unix", 01777);
  g_unlink (wayland);
  lay_socket (bait, "socket", run);
  lay_socket (bait, "wayland", wayland);
  lay_socket (bait, "abstract", abstract);
  lay_socket (bait, "x11", x11);
  lay_socket (bait, "x11-abstract", x11_abstract);
  set_if_there (bait, "system-bus", "/run/dbus/system_bus_socket");
  if (broker != NULL)
    set_if_there (bait, "broker", broker);
}

static void
lay_terminal (GlbBait *bait)
{
  int master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);

  if (master >= 0 && grantpt (master) == 0 && unlockpt (master) == 0 && ptsname (master) != NULL)
    glb_bait_set (bait, "terminal", ptsname (master));
}

static void
lay_devices (GlbBait *bait)
{
  static const struct { const char *name; const char *paths[4]; } devices[] = {
    { "device-disk", { "/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/loop0" } },
    { "device-kvm", { "/dev/kvm" } },
    { "device-fuse", { "/dev/fuse" } },
    { "device-tun", { "/dev/net/tun" } },
    { "device-dri", { "/dev/dri/renderD128", "/dev/dri/card0" } },
    { "device-input", { "/dev/input/event0", "/dev/input/mice" } },
    { "device-uinput", { "/dev/uinput" } },
    { "device-camera", { "/dev/video0" } },
    { "device-sound", { "/dev/snd/timer", "/dev/snd/seq" } },
    { "device-mem", { "/dev/mem", "/dev/port" } },
    { "device-kmsg", { "/dev/kmsg" } },
    { "device-console", { "/dev/console", "/dev/tty0" } },
    { "device-vcs", { "/dev/vcs1", "/dev/vcsa1" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (devices[i].paths) && devices[i].paths[j] != NULL; j++)
      if (glb_bait_get (bait, devices[i].name) == NULL)
        set_if_there (bait, devices[i].name, devices[i].paths[j]);
}

static void
lay_memory (GlbBait *bait)
{
  struct { long flags, maxmsg, msgsize, curmsgs, reserved[4]; } attributes = { .maxmsg = 1, .msgsize = 16 };
  const char *token = glb_bait_get (bait, "token");
  key_t key = (key_t) g_random_int_range (1000, G_MAXINT32);
  char *memory;
  long serial;

  laid.shm_id = shmget (key, 4096, IPC_CREAT | IPC_EXCL | 0666);
  memory = laid.shm_id >= 0 ? shmat (laid.shm_id, NULL, 0) : (char *) -1;
  if (memory != (char *) -1)
    {
      g_strlcpy (memory, token, 64);
      shmdt (memory);
      glb_bait_set_number (bait, "shm-key", key);
    }

  /* The system call's names have no slash. */
  if (syscall (__NR_mq_open, token, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666, &attributes) >= 0)
    {
      laid.queue = g_strdup (token);
      glb_bait_set (bait, "queue", token);
    }

  serial = syscall (__NR_add_key, "user", token, token, strlen (token), KEY_SPEC_PROCESS_KEYRING);
  if (serial > 0 && syscall (__NR_keyctl, KEYCTL_SETPERM, serial, 0x3f3f3f3f) == 0)
    glb_bait_set_number (bait, "key", serial);
}

/* Until the socket takes connections; its maker needs a moment. */
static gboolean
wait_for_socket (const char *path)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_MS * G_TIME_SPAN_MILLISECOND;

  do
    {
      int fd = glb_prove_connect (path);

      if (fd >= 0)
        {
          close (fd);
          return TRUE;
        }
      poll (NULL, 0, 5);
    }
  while (g_get_monotonic_time () < deadline);
  return FALSE;
}

static gboolean
start_server (const char * const *argv,
              char              **env,
              const char         *path)
{
  pid_t pid;

  if (!g_spawn_async (NULL, (char **) argv, env, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                      G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &pid, NULL))
    return FALSE;
  g_array_append_val (laid.children, pid);
  return wait_for_socket (path);
}

static void
lay_bus (GlbBait    *bait,
         const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "session-bus", NULL);
  g_autofree char *address = g_strdup_printf ("--address=unix:path=%s", path);
  const char * const argv[] = { "dbus-daemon", "--session", "--nofork", "--nopidfile", "--nosyslog", address, NULL };

  g_ptr_array_add (laid.paths, g_strdup (path));
  if (start_server (argv, NULL, path))
    glb_bait_set (bait, "session-bus", path);
}

/* With no session manager, which is what opens devices. */
static void
lay_pipewire (GlbBait    *bait,
              const char *folder)
{
  static const char * const left[] = { "pipewire-0", "pipewire-0.lock", "pipewire-0-manager", "pipewire-0-manager.lock" };
  g_autofree char *runtime_dir = g_build_filename (folder, "pipewire", NULL);
  g_autofree char *path = g_build_filename (runtime_dir, "pipewire-0", NULL);
  const char * const argv[] = { "pipewire", NULL };
  g_auto(GStrv) env = g_environ_setenv (g_get_environ (), "XDG_RUNTIME_DIR", runtime_dir, TRUE);

  env = g_environ_setenv (env, "PIPEWIRE_RUNTIME_DIR", runtime_dir, TRUE);
  env = g_environ_unsetenv (env, "DBUS_SESSION_BUS_ADDRESS");
  if (g_mkdir (runtime_dir, 0700) < 0)
    return;
  g_ptr_array_add (laid.paths, g_strdup (runtime_dir));
  for (gsize i = 0; i < G_N_ELEMENTS (left); i++)
    g_ptr_array_add (laid.paths, g_build_filename (runtime_dir, left[i], NULL));
  if (start_server (argv, env, path))
    glb_bait_set (bait, "pipewire", path);
}

static void
lay_weston (GlbBait    *bait,
            const char *folder)
{
  g_autofree char *runtime_dir = g_build_filename (folder, "weston", NULL);
  g_autofree char *path = g_build_filename (runtime_dir, "bait-0", NULL);
  g_autofree char *lock = g_build_filename (runtime_dir, "bait-0.lock", NULL);
  const char * const argv[] = { "weston", "--no-config", "--backend=headless-backend.so", "--socket=bait-0", "--idle-time=0", "--debug", NULL };
  g_auto(GStrv) env = g_environ_setenv (g_get_environ (), "XDG_RUNTIME_DIR", runtime_dir, TRUE);

  if (g_mkdir (runtime_dir, 0700) < 0)
    return;
  g_ptr_array_add (laid.paths, g_strdup (runtime_dir));
  g_ptr_array_add (laid.paths, g_strdup (path));
  g_ptr_array_add (laid.paths, g_strdup (lock));
  if (start_server (argv, env, path))
    glb_bait_set (bait, "weston", path);
}

GlbBait *
glb_bait_lay (const char  *folder,
              GError     **error)
{
  g_autoptr(GHashTable) bait = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *token = make_token ();

  laid.paths = g_ptr_array_new_with_free_func (g_free);
  laid.children = g_array_new (FALSE, FALSE, sizeof (pid_t));
  glb_bait_set (bait, "token", token);
  if (!lay_files (bait, folder, error))
    return NULL;

  /* Left open: what an attempt of the control finds inherited. */
  if (open (glb_bait_get (bait, "secret"), O_RDONLY | O_CLOEXEC) < 0)
    g_debug ("Can't open the secret: %s", g_strerror (errno));
  lay_processes (bait);
  lay_sockets (bait, folder);
  glb_bait_lay_network (bait);
  lay_terminal (bait);
  lay_devices (bait);
  lay_memory (bait);
  lay_bus (bait, folder);
  lay_weston (bait, folder);
  lay_pipewire (bait, folder);
  glb_bait_lay_gates (bait, folder);
  return g_steal_pointer (&bait);
}

void
glb_bait_take_up (GlbBait *bait)
{
  glb_bait_take_up_gates ();
  for (guint i = 0; laid.children != NULL && i < laid.children->len; i++)
    {
      pid_t pid = g_array_index (laid.children, pid_t, i);

      kill (pid, SIGTERM);
      waitpid (pid, NULL, 0);
    }
  for (guint i = laid.paths != NULL ? laid.paths->len : 0; i > 0; i--)
    g_remove (g_ptr_array_index (laid.paths, i - 1));
  if (laid.shm_id >= 0)
    shmctl (laid.shm_id, IPC_RMID, NULL);
  if (laid.queue != NULL)
    syscall (__NR_mq_unlink, laid.queue);
}
