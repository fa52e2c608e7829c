/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Walks over trees in which an agent has made what it wanted: each entry is
 * opened by its name below an open folder, never through a link and never
 * into another mount, and what is changed is what was opened.  The depth is
 * bounded by the descriptors that we may have.
 */

#include "session-broker/sandbox/glb-launch-private.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH     2000
#define LIFT_DEPTH    100
#define MAX_COMPLAINT 3

typedef struct _Walk Walk;
typedef int (*VisitFunc) (Walk *walk, int fd, const struct stat *st);

struct _Walk
{
  VisitFunc visit;        /* 0, or -1 and errno */
  uid_t     account;
  gid_t     account_group;
  uid_t     person;
  gid_t     person_group;
  bool      writable;
  bool      quiet;
  bool      open_closed;  /* go into the person's folders that nobody may read, too */
  unsigned  max_depth;
  unsigned  failed;
};

static void
complain (unsigned *failed, bool quiet, int error, const char *what, const char *name)
{
  if ((*failed)++ < MAX_COMPLAINT && !quiet)
    glb_launch_complain (error, "can't %s %.200s", what, name);
}

static unsigned
raise_descriptors (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0)
    return 200;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max > 2 * MAX_DEPTH)
    return MAX_DEPTH;

  return limit.rlim_max / 3;
}

/* What is open is a folder: its list, on a description of its own. */
static DIR *
open_list (int fd)
{
  int list = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir;

  if (list < 0)
    return NULL;
  dir = fdopendir (list);
  if (dir == NULL)
    close (list);

  return dir;
}

static bool
is_dots (const char *name)
{
  return strcmp (name, ".") == 0 || strcmp (name, "..") == 0;
}

static int
visit_grant (Walk *walk, int fd, const struct stat *st)
{
  /* What is somebody else's in the person's folder stays so. */
  if (st->st_uid != walk->person || (!S_ISDIR (st->st_mode) && !S_ISREG (st->st_mode)))
    return 0;

  if (glb_launch_acl_grant (fd, st->st_mode, walk->account, walk->person, walk->writable) == 0)
    return 0;
  /* All of it would be closed to the agent, and nobody would know why. */
  if (errno == EOPNOTSUPP)
    glb_launch_die (errno, "use a folder on ext4, xfs, btrfs or tmpfs", "can't keep an access list for the workspace");

  return -1;
}

/* A folder that the agent left without any rights: the person may give them back, and take them again. */
static DIR *
open_closed_list (Walk *walk, int fd, const struct stat *st)
{
  char path[64];
  DIR *dir;

  if (!walk->open_closed || st->st_uid != walk->person)
    {
      errno = EACCES;
      return NULL;
    }
  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (chmod (path, 0700) < 0)
    return NULL;
  dir = open_list (fd);
  if (dir == NULL)
    chmod (path, st->st_mode & 07777);

  return dir;
}

static void
close_again (int fd, const struct stat *st)
{
  char path[64];

  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  chmod (path, st->st_mode & 07777);
}

static void
walk_entry (Walk *walk, int fd, const char *name, unsigned depth)
{
  bool closed = false;
  struct dirent *entry;
  struct stat st;
  DIR *dir;

  if (fstat (fd, &st) < 0 || walk->visit (walk, fd, &st) < 0)
    complain (&walk->failed, walk->quiet, errno, "hand over", name);
  if (!S_ISDIR (st.st_mode))
    return;
  if (depth == walk->max_depth)
    {
      complain (&walk->failed, walk->quiet, ELOOP, "go so deep into", name);
      return;
    }

  dir = open_list (fd);
  if (dir == NULL && errno == EACCES)
    {
      closed = true;
      dir = open_closed_list (walk, fd, &st);
    }
  if (dir == NULL)
    {
      if (walk->visit != visit_grant || errno != EACCES)
        complain (&walk->failed, walk->quiet, errno, "list", name);
      return;
    }
  while ((entry = readdir (dir)) != NULL)
    {
      int child;

      if (is_dots (entry->d_name))
        continue;
      child = glb_launch_open_beneath (dirfd (dir), entry->d_name, O_PATH);
      if (child >= 0)
        {
          walk_entry (walk, child, entry->d_name, depth + 1);
          close (child);
        }
      else if (errno != ENOENT && errno != EXDEV)
        complain (&walk->failed, walk->quiet, errno, "open", entry->d_name);
    }
  closedir (dir);
  if (closed)
    close_again (fd, &st);
}

static unsigned
run_walk (Walk *walk, const char *path)
{
  int fd = glb_launch_open_path (path, O_PATH | O_NOFOLLOW);

  if (fd < 0)
    {
      if (errno != ENOENT)
        complain (&walk->failed, walk->quiet, errno, "open", path);
      return walk->failed;
    }
  walk->max_depth = raise_descriptors ();
  walk_entry (walk, fd, path, 0);
  close (fd);

  return walk->failed;
}

unsigned
glb_launch_grant (const char *path,
                  uid_t       account,
                  bool        writable,
                  bool        quiet)
{
  Walk walk = { .visit = visit_grant, .account = account, .person = getuid (), .writable = writable, .quiet = quiet };

  return run_walk (&walk, path);
}

static int
visit_strip (Walk *walk, int fd, const struct stat *st)
{
  if (st->st_uid != walk->person || S_ISLNK (st->st_mode))
    return 0;

  return glb_launch_acl_strip (fd, st->st_mode, walk->account, walk->person);
}

unsigned
glb_launch_strip (const char *path,
                  uid_t       account)
{
  Walk walk = { .visit = visit_strip, .account = account, .person = getuid (), .open_closed = true };

  return run_walk (&walk, path);
}

/* A file whose group this namespace does not know (a folder that hands down its group): its owner may
 * put it into the owner's own group, and then it can be given away. */
static int
regroup_as_owner (int fd, uid_t uid, gid_t gid)
{
  int result;

  setfsgid (gid);
  setfsuid (uid);
  result = fchownat (fd, "", -1, gid, AT_EMPTY_PATH);
  setfsuid (0);
  setfsgid (0);

  return result;
}

static int
visit_reclaim (Walk *walk, int fd, const struct stat *st)
{
  if (st->st_uid != walk->account)
    return 0;
  if (fchownat (fd, "", walk->person, walk->person_group, AT_EMPTY_PATH) == 0)
    return 0;
  if (errno != EPERM || regroup_as_owner (fd, walk->account, walk->account_group) < 0)
    return -1;

  return fchownat (fd, "", walk->person, walk->person_group, AT_EMPTY_PATH);
}

unsigned
glb_launch_reclaim (const char *path,
                    uid_t       account,
                    gid_t       account_group,
                    uid_t       person,
                    gid_t       person_group)
{
  Walk walk = {
    .visit = visit_reclaim, .account = account, .account_group = account_group,
    .person = person, .person_group = person_group,
  };

  return run_walk (&walk, path);
}

static int
visit_lend (Walk *walk, int fd, const struct stat *st)
{
  if (st->st_uid != walk->person)
    return 0;
  if (S_ISREG (st->st_mode) && st->st_nlink > 1)
    return 0;     /* may be another file of the person's, outside */

  return fchownat (fd, "", walk->account, walk->account_group, AT_EMPTY_PATH);
}

unsigned
glb_launch_lend (const char *path,
                 uid_t       person,
                 uid_t       account,
                 gid_t       account_group)
{
  Walk walk = { .visit = visit_lend, .account = account, .account_group = account_group, .person = person };

  return run_walk (&walk, path);
}

/* --- removal --- */

typedef struct
{
  int      top;
  unsigned lifted;
  unsigned failed;
  bool     quiet;
} Removal;

static void
removal_failed (Removal *removal, int error, const char *name)
{
  complain (&removal->failed, removal->quiet, error, "remove", name);
}

static void
empty_folder (Removal *removal, int fd, const char *name, unsigned depth)
{
  struct dirent *entry;
  DIR *dir = open_list (fd);

  if (dir == NULL)
    {
      removal_failed (removal, errno, name);
      return;
    }

  while ((entry = readdir (dir)) != NULL)
    {
      int child;

      if (is_dots (entry->d_name) || unlinkat (dirfd (dir), entry->d_name, 0) == 0 || errno == ENOENT)
        continue;
      if (errno != EISDIR && errno != EPERM)
        {
          removal_failed (removal, errno, entry->d_name);
          continue;
        }
      if (unlinkat (dirfd (dir), entry->d_name, AT_REMOVEDIR) == 0)
        continue;
      if (depth >= LIFT_DEPTH)
        {
          /* However deep it is: it is emptied from the top, in the next round. */
          char lifted[64];

          snprintf (lifted, sizeof lifted, ".glovebox-%d-%u", getpid (), removal->lifted++);
          if (renameat (dirfd (dir), entry->d_name, removal->top, lifted) < 0)
            removal_failed (removal, errno, entry->d_name);
          continue;
        }

      child = glb_launch_open_beneath (dirfd (dir), entry->d_name, O_RDONLY | O_DIRECTORY);
      if (child < 0)
        {
          removal_failed (removal, errno, entry->d_name);
          continue;
        }
      empty_folder (removal, child, entry->d_name, depth + 1);
      close (child);
      if (unlinkat (dirfd (dir), entry->d_name, AT_REMOVEDIR) < 0 && removal->failed == 0)
        removal_failed (removal, errno, entry->d_name);
    }
  closedir (dir);
}

unsigned
glb_launch_remove (const char *path,
                   bool        quiet)
{
  Removal removal = { .quiet = quiet };
  unsigned lifted;

  if (unlink (path) == 0 || errno == ENOENT || errno == ENOTDIR)
    return 0;
  removal.top = glb_launch_open_path (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (removal.top < 0)
    {
      removal_failed (&removal, errno, path);
      return removal.failed;
    }

  raise_descriptors ();
  do
    {
      lifted = removal.lifted;
      empty_folder (&removal, removal.top, path, 0);
    }
  while (removal.lifted > lifted && removal.failed == 0);
  close (removal.top);
  if (rmdir (path) < 0 && removal.failed == 0)
    removal_failed (&removal, errno, path);

  return removal.failed;
}
