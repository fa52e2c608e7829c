/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The session's own D-Bus.  Init only listens; dbus-daemon is started by the
 * first client that connects, so a session that never asks pays nothing.  If
 * it dies it is started once more, for the next client; then no more.
 */

#include "session-broker/sandbox/glb-init-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define BUS_STARTS_MAX 2

static const char bus_config[] =
  "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'"
  " 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n"
  "<busconfig>\n"
  "  <type>session</type>\n"
  "  <listen>systemd:</listen>\n"
  "  <auth>EXTERNAL</auth>\n"
  "  <servicedir>/run/glovebox/services</servicedir>\n"   /* the first that has a name wins */
  "  <servicedir>/usr/share/dbus-1/services</servicedir>\n"
  "  <policy context='default'>\n"
  "    <allow send_destination='*' eavesdrop='true'/>\n"
  "    <allow eavesdrop='true'/>\n"
  "    <allow own='*'/>\n"
  "  </policy>\n"
  "</busconfig>\n";

static struct
{
  int          listen_fd;
  pid_t        pid;            /* 0: not running */
  unsigned int starts;
  char         address[sizeof ((struct sockaddr_un *) 0)->sun_path + 16];
} bus = { .listen_fd = -1 };

int
glb_init_bus_listen (const char **detail)
{
  const char *runtime_dir = getenv ("XDG_RUNTIME_DIR");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int length;
  int fd;

  *detail = "D-Bus: XDG_RUNTIME_DIR";
  errno = EINVAL;
  if (runtime_dir == NULL || runtime_dir[0] != '/')
    return -1;
  errno = ENAMETOOLONG;
  length = snprintf (address.sun_path, sizeof address.sun_path, "%s/bus", runtime_dir);
  if (length < 0 || (size_t) length >= sizeof address.sun_path)
    return -1;

  *detail = "D-Bus: listen";
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;
  if (bind (fd, (struct sockaddr *) &address, sizeof address) < 0 ||
      chmod (address.sun_path, 0600) < 0 ||
      listen (fd, 64) < 0)
    {
      int error = errno;

      close (fd);
      errno = error;
      return -1;
    }

  snprintf (bus.address, sizeof bus.address, "unix:path=%s", address.sun_path);
  bus.listen_fd = fd;
  return 0;
}

int
glb_init_bus_get_fd (void)
{
  return bus.pid == 0 ? bus.listen_fd : -1;
}

pid_t
glb_init_bus_get_pid (void)
{
  return bus.pid;
}

/* The listening socket becomes 3, the configuration 4; all else is closed. */
static void __attribute__ ((noreturn))
bus_run (const GlbInitChildRules *rules)
{
  static const char * const argv[] = {
    "dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", "--address=systemd:", "--config-file=/proc/self/fd/4", NULL,
  };
  char pid[16];
  int config_fd;
  int listen_fd;

  setsid ();

  listen_fd = fcntl (bus.listen_fd, F_DUPFD_CLOEXEC, 10);
  config_fd = memfd_create ("bus-config", MFD_CLOEXEC);
  if (config_fd < 0 || listen_fd < 0 ||
      write (config_fd, bus_config, sizeof bus_config - 1) != sizeof bus_config - 1 ||
      (config_fd = fcntl (config_fd, F_DUPFD_CLOEXEC, 10)) < 0)
    _exit (126);

  if (dup2 (listen_fd, 3) < 0 || dup2 (config_fd, 4) < 0 || syscall (__NR_close_range, 5, ~0U, 0) < 0)
    _exit (126);

  snprintf (pid, sizeof pid, "%d", (int) getpid ());
  if (chdir ("/") < 0 ||
      setenv ("LISTEN_PID", pid, 1) < 0 ||
      setenv ("LISTEN_FDS", "1", 1) < 0 ||
      setenv ("DBUS_SESSION_BUS_ADDRESS", bus.address, 1) < 0 ||
      glb_init_child_reset (rules) < 0)
    _exit (126);

  execvp (argv[0], (char * const *) argv);
  _exit (127);
}

void
glb_init_bus_start (const GlbInitChildRules *rules)
{
  pid_t pid = bus.starts < BUS_STARTS_MAX ? fork () : -1;

  if (pid == 0)
    bus_run (rules);

  if (pid > 0)
    {
      bus.pid = pid;
      bus.starts++;
      return;
    }

  /* Whoever waits in the queue is told by the end of the connection. */
  close (bus.listen_fd);
  bus.listen_fd = -1;
}

bool
glb_init_bus_exited (pid_t pid)
{
  if (bus.pid == 0 || pid != bus.pid)
    return false;

  bus.pid = 0;
  if (bus.starts >= BUS_STARTS_MAX)
    {
      close (bus.listen_fd);
      bus.listen_fd = -1;
    }
  return true;
}
