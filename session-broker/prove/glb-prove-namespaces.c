/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* Mounts and namespaces. Outside, each is tried in namespaces of its own, so that nothing of it stays. */

#include "session-broker/prove/glb-prove.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static GlbProveResult
unshare_flags (int      flags,
               GString *detail)
{
  if (unshare (flags) < 0)
    return glb_prove_refused (detail, "unshare");
  return glb_prove_escaped (detail, "a new namespace was made");
}

static GlbProveResult
user_namespace (GlbBait *bait,
                GString *detail)
{
  return unshare_flags (CLONE_NEWUSER, detail);
}

static GlbProveResult
network_namespace (GlbBait *bait,
                   GString *detail)
{
  return unshare_flags (CLONE_NEWUSER | CLONE_NEWNET, detail);
}

static GlbProveResult
mount_namespace (GlbBait *bait,
                 GString *detail)
{
  return unshare_flags (CLONE_NEWUSER | CLONE_NEWNS, detail);
}

static GlbProveResult
cloned (long     pid,
        GString *detail)
{
  if (pid == 0)
    _exit (0);
  if (pid < 0)
    return glb_prove_refused (detail, "clone");
  waitpid ((pid_t) pid, NULL, __WALL);
  return glb_prove_escaped (detail, "a process in a new user namespace was made");
}

static GlbProveResult
clone_user (GlbBait *bait,
            GString *detail)
{
  return cloned (syscall (__NR_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), detail);
}

/* The kernel reads the flags as 32 bits; a filter that reads 64 sees another number. */
static GlbProveResult
clone_user_high (GlbBait *bait,
                 GString *detail)
{
  return cloned (syscall (__NR_clone, (1ull << 32) | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), detail);
}

static GlbProveResult
clone3_user (GlbBait *bait,
             GString *detail)
{
  guint64 arguments[8] = { [0] = CLONE_NEWUSER, [4] = SIGCHLD };

  return cloned (syscall (435, arguments, sizeof arguments), detail);
}

/* Rights over mounts, where they can be had at all: directly, or as root of a user namespace. */
static gboolean
get_mount_rights (GString *detail)
{
  if (unshare (CLONE_NEWNS) == 0 || unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0)
    return mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  return FALSE;
}

static GlbProveResult
mount_tmpfs (GlbBait *bait,
             GString *detail)
{
  get_mount_rights (detail);
  if (mount ("none", "/tmp", "tmpfs", 0, NULL) < 0)
    return glb_prove_refused (detail, "mount");
  return glb_prove_escaped (detail, "a file system was mounted");
}

static GlbProveResult
mount_proc (GlbBait *bait,
            GString *detail)
{
  if (unshare (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0)
    return glb_prove_refused (detail, "unshare");
  if (mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    return glb_prove_refused (detail, "mount");
  return glb_prove_escaped (detail, "mounts of its own were had");
}

static GlbProveResult
bind_mount (GlbBait *bait,
            GString *detail)
{
  get_mount_rights (detail);
  if (mount ("/usr", "/tmp", NULL, MS_BIND, NULL) < 0)
    return glb_prove_refused (detail, "mount");
  return glb_prove_escaped (detail, "a folder was bound over another");
}

static GlbProveResult
remount_writable (GlbBait *bait,
                  GString *detail)
{
  get_mount_rights (detail);
  if (mount ("/usr", "/usr", NULL, MS_BIND, NULL) < 0)
    return glb_prove_refused (detail, "mount");
  if (mount (NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL) < 0)
    return glb_prove_refused (detail, "remount");
  return glb_prove_escaped (detail, "a mount's flags were changed");
}

static GlbProveResult
new_mount_api (GlbBait *bait,
               GString *detail)
{
  long fd;

  get_mount_rights (detail);
  fd = syscall (430, "tmpfs", 0);   /* fsopen */
  if (fd < 0)
    return glb_prove_refused (detail, "fsopen");
  return glb_prove_escaped (detail, "a file system was prepared");
}

static GlbProveResult
clone_mount (GlbBait *bait,
             GString *detail)
{
  long fd;

  get_mount_rights (detail);
  fd = syscall (428, AT_FDCWD, "/", 1);   /* open_tree, OPEN_TREE_CLONE */
  if (fd < 0)
    return glb_prove_refused (detail, "open_tree");
  return glb_prove_escaped (detail, "a mount was cloned");
}

static GlbProveResult
unmount (GlbBait *bait,
         GString *detail)
{
  get_mount_rights (detail);
  mount ("none", "/tmp", "tmpfs", 0, NULL);
  if (umount2 ("/tmp", MNT_DETACH) < 0)
    return glb_prove_refused (detail, "umount");
  return glb_prove_escaped (detail, "a mount was taken away");
}

static GlbProveResult
change_root (GlbBait *bait,
             GString *detail)
{
  if (chroot ("/") < 0 && (unshare (CLONE_NEWUSER) < 0 || chroot ("/") < 0))
    return glb_prove_refused (detail, "chroot");
  return glb_prove_escaped (detail, "the root folder was changed");
}

static GlbProveResult
enter_namespace (GlbBait *bait,
                 GString *detail)
{
  gint64 pid = glb_bait_get_number (bait, "jail-pid");
  g_autofree char *path = g_strdup_printf ("/proc/%d/ns/user", (int) pid);
  int fd = pid != 0 ? open (path, O_RDONLY | O_CLOEXEC) : -1;

  if (pid == 0)
    return glb_prove_unavailable (detail, "no bait of this kind");
  if (fd < 0)
    return glb_prove_refused (detail, path);
  if (setns (fd, CLONE_NEWUSER) < 0)
    return glb_prove_refused (detail, "setns");
  return glb_prove_escaped (detail, "another process's namespace was entered");
}

static GlbProveResult
make_device (GlbBait *bait,
             GString *detail)
{
  g_autofree char *path = g_strdup_printf ("node-%d", (int) getpid ());
  GlbProveResult result;

  if (mknod (path, S_IFCHR | 0666, (1 << 8) | 3) < 0)
    return glb_prove_refused (detail, "mknod");
  result = glb_prove_open (path, O_RDONLY, detail);
  unlink (path);
  return result;
}

const GlbProveAttempt glb_prove_namespaces[] = {
  { "namespace.user", "namespaces", "Make a user namespace", user_namespace },
  { "namespace.clone", "namespaces", "Make a user namespace with clone", clone_user },
  { "namespace.clone-high", "namespaces", "The same with a bit set that the kernel does not read", clone_user_high },
  { "namespace.clone3", "namespaces", "Make a user namespace with clone3", clone3_user },
  { "namespace.network", "namespaces", "Make a network namespace", network_namespace },
  { "namespace.mount", "namespaces", "Make a mount namespace", mount_namespace },
  { "namespace.pid", "namespaces", "Make user, mount and process namespaces at once", mount_proc },
  { "namespace.enter", "namespaces", "Enter the namespace of a process of the person", enter_namespace },
  { "mount.tmpfs", "mounts", "Mount a file system", mount_tmpfs },
  { "mount.bind", "mounts", "Bind a folder over another", bind_mount },
  { "mount.remount", "mounts", "Change a mount's flags", remount_writable },
  { "mount.fsopen", "mounts", "Prepare a file system with fsopen", new_mount_api },
  { "mount.open-tree", "mounts", "Clone a mount with open_tree", clone_mount },
  { "mount.umount", "mounts", "Take a mount away", unmount },
  { "mount.chroot", "mounts", "Change the root folder", change_root },
  { "mount.mknod", "devices", "Make a device node and open it", make_device },
  { NULL },
};
