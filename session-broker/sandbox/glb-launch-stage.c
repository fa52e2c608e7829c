/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The stage: the sandbox's whole root folder, put together below /tmp of a
 * mount namespace of our own, because the account that bubblewrap runs under
 * can not walk into the person's folders, and because one bind of a finished
 * tree is quicker than one for each of its parts.
 *
 * Sources are cloned before the stage covers /tmp, so those below /tmp serve
 * too.  Targets are walked without following any link: a persistent home has
 * been written by an agent before, and this runs as root.
 */

#include "session-broker/sandbox/glb-launch-private.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static void
map_owner (GlbLaunchMount *mount, uid_t account)
{
  static struct { uid_t uid; gid_t gid; int userns; } cache[8];
  static size_t n_cache;
  struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
  struct stat st;
  size_t i;

  if (fstat (mount->tree, &st) < 0)
    glb_launch_die (errno, NULL, "can't look at %s", mount->source);

  for (i = 0; i < n_cache; i++)
    if (cache[i].uid == st.st_uid && cache[i].gid == st.st_gid)
      break;
  if (i == n_cache)
    {
      if (n_cache == sizeof cache / sizeof cache[0])
        glb_launch_die (0, "use fewer", "folders of more than %zu owners", n_cache);
      cache[i].uid = st.st_uid;
      cache[i].gid = st.st_gid;
      cache[i].userns = glb_launch_userns_for_idmap (st.st_uid, account, st.st_gid, account);
      n_cache++;
    }

  attr.userns_fd = cache[i].userns;
  if (mount_setattr (mount->tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0)
    glb_launch_die (errno, "use a folder on ext4, xfs, btrfs or tmpfs (not overlayfs or a network file system), "
                    "with Linux 5.12 or later", "can't map the owner of the files in %s", mount->source);
}

/* (of a stage that is not there yet) */
void
glb_launch_mount_open (GlbLaunchMount *mount, bool root, uid_t account)
{
  struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
  struct stat st;
  int fd;

  mount->tree = -1;
  fd = glb_launch_open_path (mount->source, O_PATH);
  if (fd < 0)
    {
      if ((mount->flags & GLB_PLAN_MOUNT_OPTIONAL) && (errno == ENOENT || errno == ENOTDIR))
        return;
      glb_launch_die (errno, errno == ELOOP ? "give the path without symbolic links" : NULL, "can't open %s", mount->source);
    }

  if (fstat (fd, &st) < 0)
    glb_launch_die (errno, NULL, "can't look at %s", mount->source);
  mount->folder = S_ISDIR (st.st_mode);
  mount->tree = open_tree (fd, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (mount->tree < 0)
    glb_launch_die (errno, "Linux 5.12 or later is needed", "can't clone the mount of %s", mount->source);
  close (fd);

  if (!(mount->flags & GLB_PLAN_MOUNT_WRITABLE))
    attr.attr_set |= MOUNT_ATTR_RDONLY;
  if (mount_setattr (mount->tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0)
    glb_launch_die (errno, "Linux 5.12 or later is needed", "can't restrict the mount of %s", mount->source);
  if (root && (mount->flags & GLB_PLAN_MOUNT_PERSONAL))
    map_owner (mount, account);
}

static void
remember_own (GlbLaunchStage *stage, int fd)
{
  struct stat st;

  if (stage->n_own == sizeof stage->own / sizeof stage->own[0])
    glb_launch_die (0, "use fewer", "more than %zu temporary file systems", stage->n_own);
  if (fstat (fd, &st) < 0)
    glb_launch_die (errno, NULL, "can't look at the stage");
  stage->own[stage->n_own++] = st.st_dev;
}

/* 0: not ours; 1: the stage itself, which nobody inside can write; 2: a temporary file system of the account's */
static int
is_own (GlbLaunchStage *stage, int fd)
{
  struct stat st;

  if (fstat (fd, &st) < 0)
    glb_launch_die (errno, NULL, "can't look at the stage");
  for (size_t i = 0; i < stage->n_own; i++)
    if (stage->own[i] == st.st_dev)
      return i == 0 ? 1 : 2;

  return 0;
}

static void
put_mount (GlbLaunchStage *stage, int tree, int target, const char *name)
{
  glb_launch_close (&stage->last);     /* it may be covered now */
  if (move_mount (tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    glb_launch_die (errno, NULL, "can't mount %s", name);
  close (tree);
}

static int
open_in_stage (int folder, const char *name, int flags)
{
  struct open_how how = { .flags = flags | O_NOFOLLOW | O_CLOEXEC };

  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return syscall (SYS_openat2, folder, name, &how, sizeof how);
}

void
glb_launch_stage_begin (GlbLaunchStage *stage, uid_t owner)
{
  int top;

  memset (stage, 0, sizeof *stage);
  stage->owner = owner;
  stage->last = -1;
  umask (0);
  if (mount ("tmpfs", GLB_STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m,nr_inodes=4096") < 0)
    glb_launch_die (errno, NULL, "can't mount the stage on " GLB_STAGE);

  top = open (GLB_STAGE, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (top < 0 || mkdirat (top, "root", 0755) < 0 || mkdirat (top, "misc", 0700) < 0)
    glb_launch_die (errno, NULL, "can't make the stage");
  stage->root = openat (top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  stage->misc = openat (top, "misc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (stage->root < 0 || stage->misc < 0)
    glb_launch_die (errno, NULL, "can't open the stage");
  /* For what bubblewrap mounts itself: the root can not be written any more then. */
  if (mkdirat (stage->root, "proc", 0755) < 0 || mkdirat (stage->root, "dev", 0755) < 0 ||
      mkdirat (stage->root, "run", 0755) < 0)
    glb_launch_die (errno, NULL, "can't make the stage");
  remember_own (stage, top);
  close (top);
}

static void
made_folder (GlbLaunchStage *stage, int folder, const char *name, const char *target)
{
  int own = is_own (stage, folder);

  if (own == 0)
    glb_launch_die (0, "make it first", "there is no place to mount %s on", target);
  if (mkdirat (folder, name, 0755) < 0)
    glb_launch_die (errno, NULL, "can't make %s", target);
  if (own == 2 && fchownat (folder, name, stage->owner, stage->owner, AT_SYMLINK_NOFOLLOW) < 0)
    glb_launch_die (errno, NULL, "can't give away %s", target);
}

/* The folder that holds TARGET, made where it is missing; *name: the last part. */
static int
open_parent (GlbLaunchStage *stage, const char *target, char *buffer, size_t size, const char **name)
{
  char *part, *next;
  int folder;

  if (target[0] != '/' || strlen (target) >= size)
    glb_launch_die (0, "use an absolute path", "can't mount on %s", target);
  strcpy (buffer, target + 1);
  folder = fcntl (stage->root, F_DUPFD_CLOEXEC, 0);

  for (part = buffer; (next = strchr (part, '/')) != NULL; part = next + 1)
    {
      int fd;

      *next = '\0';
      if (*part == '\0' || strcmp (part, ".") == 0 || strcmp (part, "..") == 0)
        glb_launch_die (0, "use a plain path", "can't mount on %s", target);
      fd = open_in_stage (folder, part, O_PATH | O_DIRECTORY);
      if (fd < 0 && errno == ENOENT)
        {
          made_folder (stage, folder, part, target);
          fd = open_in_stage (folder, part, O_PATH | O_DIRECTORY);
        }
      if (fd < 0)
        glb_launch_die (errno, "a link or a file is in the way", "can't mount on %s", target);
      close (folder);
      folder = fd;
    }
  if (*part == '\0' || strcmp (part, ".") == 0 || strcmp (part, "..") == 0)
    glb_launch_die (0, "use a plain path", "can't mount on %s", target);
  *name = part;

  return folder;
}

/* The same, for many files in one folder: the descriptor stays the stage's. */
static int
find_parent (GlbLaunchStage *stage, const char *target, const char **name)
{
  const char *slash = strrchr (target, '/');
  char buffer[4096];
  const char *last;
  size_t n = slash != NULL ? (size_t) (slash - target) : 0;

  if (stage->last < 0 || n == 0 || strlen (stage->last_path) != n || strncmp (stage->last_path, target, n) != 0)
    {
      glb_launch_close (&stage->last);
      stage->last = open_parent (stage, target, buffer, sizeof buffer, &last);
      memcpy (stage->last_path, target, n);
      stage->last_path[n] = '\0';
    }
  *name = slash + 1;

  return stage->last;
}

/* What to mount over, made where it is missing. */
static int
open_target (GlbLaunchStage *stage, const char *target, bool folder)
{
  char buffer[4096];
  const char *name;
  struct stat st;
  int parent, fd;

  parent = open_parent (stage, target, buffer, sizeof buffer, &name);
  fd = open_in_stage (parent, name, O_PATH);
  if (fd < 0 && errno == ENOENT)
    {
      if (folder)
        made_folder (stage, parent, name, target);
      else
        {
          if (is_own (stage, parent) == 0)
            glb_launch_die (0, "make it first", "there is no place to mount %s on", target);
          fd = openat (parent, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0444);
          if (fd >= 0)
            close (fd);
        }
      fd = open_in_stage (parent, name, O_PATH);
    }
  if (fd < 0 || fstat (fd, &st) < 0)
    glb_launch_die (errno, NULL, "can't mount on %s", target);
  if (S_ISDIR (st.st_mode) != folder || S_ISLNK (st.st_mode))
    glb_launch_die (S_ISLNK (st.st_mode) ? ELOOP : folder ? ENOTDIR : EISDIR, "move away what is there", "can't mount on %s", target);
  close (parent);

  return fd;
}

void
glb_launch_stage_mount (GlbLaunchStage *stage, GlbLaunchMount *mount)
{
  int target;

  if (mount->tree < 0)
    return;
  target = open_target (stage, mount->target, mount->folder);
  put_mount (stage, mount->tree, target, mount->target);
  mount->tree = -1;
  close (target);
}

static int
make_tmpfs (uid_t owner, const char *size, const char *inodes, const char *mode)
{
  char id[16];
  int fs, tree;

  snprintf (id, sizeof id, "%u", owner);
  fs = fsopen ("tmpfs", FSOPEN_CLOEXEC);
  if (fs < 0 || fsconfig (fs, FSCONFIG_SET_STRING, "size", size, 0) < 0 ||
      fsconfig (fs, FSCONFIG_SET_STRING, "nr_inodes", inodes, 0) < 0 ||
      fsconfig (fs, FSCONFIG_SET_STRING, "mode", mode, 0) < 0 ||
      fsconfig (fs, FSCONFIG_SET_STRING, "uid", id, 0) < 0 || fsconfig (fs, FSCONFIG_SET_STRING, "gid", id, 0) < 0 ||
      fsconfig (fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
    glb_launch_die (errno, NULL, "can't make a temporary file system of %s bytes", size);
  tree = fsmount (fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  if (tree < 0)
    glb_launch_die (errno, NULL, "can't make a temporary file system of %s bytes", size);
  close (fs);

  return tree;
}

void
glb_launch_stage_tmpfs (GlbLaunchStage *stage, const char *size, const char *inodes, const char *mode, const char *target)
{
  int tree = make_tmpfs (stage->owner, size, inodes, mode);
  int fd = open_target (stage, target, true);

  remember_own (stage, tree);
  put_mount (stage, tree, fd, target);
  close (fd);
}

void
glb_launch_stage_shm (GlbLaunchStage *stage, const char *size, const char *inodes)
{
  int tree = make_tmpfs (stage->owner, size, inodes, "1777");
  int top = open (GLB_STAGE, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd;

  if (top < 0 || mkdirat (top, "shm", 0755) < 0)
    glb_launch_die (errno, NULL, "can't make the stage");
  fd = openat (top, "shm", O_PATH | O_DIRECTORY | O_CLOEXEC);
  close (top);
  if (fd < 0)
    glb_launch_die (errno, NULL, "can't make the stage");
  put_mount (stage, tree, fd, "/dev/shm");
  close (fd);
}

static void
write_file (int folder, const char *name, const void *bytes, size_t size, mode_t mode, const char *target)
{
  int fd = openat (folder, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode);
  size_t done = 0;

  if (fd < 0)
    glb_launch_die (errno, NULL, "can't write %s", target);
  while (done < size)
    {
      ssize_t n = write (fd, (const char *) bytes + done, size - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        glb_launch_die (errno, NULL, "can't write %s", target);
      done += n;
    }
  close (fd);
}

/* Something of misc, mounted over the target, read-only. */
static void
bind_misc (GlbLaunchStage *stage, const char *name, int target, const char *target_name)
{
  struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY };
  int tree = open_tree (stage->misc, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);

  if (tree < 0 || mount_setattr (tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
    glb_launch_die (errno, NULL, "can't cover %s", target_name);
  put_mount (stage, tree, target, target_name);
}

void
glb_launch_stage_data (GlbLaunchStage *stage, const char *target, const void *bytes, size_t size)
{
  const char *last;
  char name[32];
  int parent, fd;

  parent = find_parent (stage, target, &last);
  if (is_own (stage, parent) == 1 && *last != '\0' && faccessat (parent, last, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
    {
      write_file (parent, last, bytes, size, 0444, target);
      return;
    }

  snprintf (name, sizeof name, "data%u", stage->n_data++);
  write_file (stage->misc, name, bytes, size, 0444, target);
  fd = open_target (stage, target, false);
  bind_misc (stage, name, fd, target);
  close (fd);
}

void
glb_launch_stage_link (GlbLaunchStage *stage, const char *value, const char *target)
{
  const char *name;
  int parent = find_parent (stage, target, &name);

  if (is_own (stage, parent) == 0 || symlinkat (value, parent, name) < 0)
    glb_launch_die (errno, NULL, "can't make the link %s", target);
}

void
glb_launch_stage_hide (GlbLaunchStage *stage, const char *target)
{
  struct stat st;
  int fd = open_in_stage (stage->root, target[0] == '/' ? target + 1 : target, O_PATH);

  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return;
  if (fd < 0 || fstat (fd, &st) < 0)
    glb_launch_die (errno, "name the path without symbolic links", "can't hide %s", target);
  if (S_ISLNK (st.st_mode))
    glb_launch_die (ELOOP, "name the path without symbolic links", "can't hide %s", target);

  if (S_ISDIR (st.st_mode))
    {
      if (mkdirat (stage->misc, "none", 0) < 0 && errno != EEXIST)
        glb_launch_die (errno, NULL, "can't hide %s", target);
      bind_misc (stage, "none", fd, target);
    }
  else
    {
      if (faccessat (stage->misc, "nothing", F_OK, 0) < 0)
        write_file (stage->misc, "nothing", "", 0, 0, target);
      bind_misc (stage, "nothing", fd, target);
    }
  close (fd);
}

void
glb_launch_stage_end (GlbLaunchStage *stage)
{
  glb_launch_close (&stage->last);
  glb_launch_close (&stage->root);
  glb_launch_close (&stage->misc);
}
