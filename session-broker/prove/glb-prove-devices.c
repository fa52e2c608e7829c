/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* Devices and terminals. */

#include "session-broker/prove/glb-prove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

/* The first of its kind in /dev, as outside found it. */
static GlbProveResult
open_device (GlbBait    *bait,
             const char *name,
             int         flags,
             GString    *detail)
{
  const char *path = glb_bait_get (bait, name);

  if (path == NULL)
    return glb_prove_unavailable (detail, "this host has none");
  return glb_prove_open (path, flags, detail);
}

#define DEVICE(name, flags) \
  static GlbProveResult \
  open_ ## name (GlbBait *bait, GString *detail) \
  { \
    return open_device (bait, "device-" #name, flags, detail); \
  }

DEVICE (disk, O_RDONLY)
DEVICE (kvm, O_RDWR)
DEVICE (fuse, O_RDWR)
DEVICE (tun, O_RDWR)
DEVICE (dri, O_RDWR)
DEVICE (input, O_RDONLY)
DEVICE (uinput, O_WRONLY)
DEVICE (camera, O_RDWR)
DEVICE (sound, O_RDWR)
DEVICE (mem, O_RDONLY)
DEVICE (kmsg, O_RDONLY)
DEVICE (console, O_RDWR)
DEVICE (vcs, O_RDONLY)

static GlbProveResult
open_terminal (GlbBait *bait,
               GString *detail)
{
  const char *path = glb_bait_get (bait, "terminal");

  if (path == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");
  return glb_prove_open (path, O_RDWR, detail);
}

/* Outside the parent's terminal serves: the control runs each attempt with one (see glb-prove-lay.c). */
static GlbProveResult
controlling_terminal (GlbBait *bait,
                      GString *detail)
{
  if (glb_bait_get (bait, "is-control") != NULL)
    {
      int fd;

      if (setsid () < 0 && errno != EPERM)
        return glb_prove_unavailable (detail, "no terminal session");
      fd = open (glb_bait_get (bait, "terminal"), O_RDWR | O_CLOEXEC);
      if (fd < 0 || ioctl (fd, TIOCSCTTY, 0) < 0)
        return glb_prove_unavailable (detail, "no terminal could be taken");
    }
  return glb_prove_open ("/dev/tty", O_RDWR, detail);
}

/* A terminal of its own, the other end of which is open; -1 with errno. */
static int
own_terminal (void)
{
  int master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  const char *name;
  int fd;

  if (master < 0 || grantpt (master) < 0 || unlockpt (master) < 0 || (name = ptsname (master)) == NULL)
    return -1;
  setsid ();
  fd = open (name, O_RDWR | O_CLOEXEC);
  if (fd >= 0)
    ioctl (fd, TIOCSCTTY, 0);
  return fd;
}

/* In a session of its own, because a process group's leader cannot make one. */
static GlbProveResult
inject (unsigned long  request,
        void          *argument,
        GString       *detail)
{
  int fd = own_terminal ();

  if (fd < 0)
    return glb_prove_unavailable (detail, "no terminal could be made");
  if (syscall (__NR_ioctl, fd, request, argument) < 0)
    return glb_prove_refused (detail, "ioctl");
  return glb_prove_escaped (detail, "it was typed into a terminal");
}

static GlbProveResult
tiocsti (GlbBait *bait,
         GString *detail)
{
  char key = 'x';

  return inject (TIOCSTI, &key, detail);
}

static GlbProveResult
tiocsti_high (GlbBait *bait,
              GString *detail)
{
  char key = 'x';

  return inject ((1ul << 32) | TIOCSTI, &key, detail);
}

static GlbProveResult
line_discipline (GlbBait *bait,
                 GString *detail)
{
  int discipline = 0;   /* the one it has: nothing is loaded */
  int fd = own_terminal ();

  if (fd < 0)
    return glb_prove_unavailable (detail, "no terminal could be made");
  if (ioctl (fd, TIOCSETD, &discipline) < 0)
    return glb_prove_refused (detail, "ioctl");
  return glb_prove_escaped (detail, "a line discipline was set");
}

const GlbProveAttempt glb_prove_devices[] = {
  { "device.disk", "devices", "Open a disk", open_disk },
  { "device.kvm", "devices", "Open /dev/kvm", open_kvm },
  { "device.fuse", "devices", "Open /dev/fuse", open_fuse },
  { "device.tun", "devices", "Open /dev/net/tun", open_tun },
  { "device.dri", "devices", "Open a graphics device", open_dri },
  { "device.input", "devices", "Open an input device", open_input },
  { "device.uinput", "devices", "Open /dev/uinput", open_uinput },
  { "device.camera", "devices", "Open a camera", open_camera },
  { "device.sound", "devices", "Open a sound device", open_sound },
  { "device.mem", "devices", "Open the machine's memory", open_mem },
  { "device.kmsg", "devices", "Open the kernel's log", open_kmsg },
  { "device.console", "devices", "Open the console", open_console },
  { "device.vcs", "devices", "Open the console's screen", open_vcs },
  { "terminal.open", "terminals", "Open the person's terminal", open_terminal },
  { "terminal.inherited", "terminals", "Use the terminal that was inherited", controlling_terminal },
  { "terminal.tiocsti", "terminals", "Type into a terminal with TIOCSTI", tiocsti },
  { "terminal.tiocsti-high", "terminals", "The same with a bit set that the kernel does not read", tiocsti_high },
  { "terminal.discipline", "terminals", "Set a terminal's line discipline", line_discipline },
  { NULL },
};
