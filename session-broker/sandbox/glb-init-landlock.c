/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Landlock: a second wall behind the mount namespace.  Everything that this
 * kernel's version of it can handle on the file system is handled, and only
 * what a rule names is given back; device nodes and block devices cannot be
 * made at all.  Where the kernel can, connections to abstract sockets and
 * signals do not leave the sandbox.
 *
 * TCP ports are left to the network namespace.
 *
 * The constants are written down here because the headers of Debian 12 know
 * less than the kernels it is run under.
 */

#include "session-broker/sandbox/glb-init-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule       445
#define __NR_landlock_restrict_self  446
#endif

#define CREATE_RULESET_VERSION (1u << 0)
#define RULE_PATH_BENEATH      1

#define FS_EXECUTE     (1ull << 0)
#define FS_WRITE_FILE  (1ull << 1)
#define FS_READ_FILE   (1ull << 2)
#define FS_READ_DIR    (1ull << 3)
#define FS_REMOVE_DIR  (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_CHAR   (1ull << 6)
#define FS_MAKE_DIR    (1ull << 7)
#define FS_MAKE_REG    (1ull << 8)
#define FS_MAKE_SOCK   (1ull << 9)
#define FS_MAKE_FIFO   (1ull << 10)
#define FS_MAKE_BLOCK  (1ull << 11)
#define FS_MAKE_SYM    (1ull << 12)
#define FS_REFER       (1ull << 13)   /* ABI 2 */
#define FS_TRUNCATE    (1ull << 14)   /* ABI 3 */
#define FS_IOCTL_DEV   (1ull << 15)   /* ABI 5 */

#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0)   /* ABI 6 */
#define SCOPE_SIGNAL               (1ull << 1)

#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset_attr
{
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

struct path_beneath_attr
{
  uint64_t allowed_access;
  int32_t  parent_fd;
} __attribute__ ((packed));

int
glb_init_landlock_abi (void)
{
  long abi = syscall (__NR_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

  return abi < 0 ? 0 : (int) abi;
}

static uint64_t
handled_by_abi (int abi)
{
  uint64_t handled = FS_REFER - 1;

  if (abi >= 2)
    handled |= FS_REFER;
  if (abi >= 3)
    handled |= FS_TRUNCATE;
  if (abi >= 5)
    handled |= FS_IOCTL_DEV;
  return handled;
}

static uint64_t
rights_of (uint32_t access)
{
  uint64_t rights = 0;

  if (access & GLB_INIT_LANDLOCK_READ)
    rights |= FS_EXECUTE | FS_READ_FILE | FS_READ_DIR;
  if (access & GLB_INIT_LANDLOCK_WRITE)
    rights |= FS_EXECUTE | FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR |
              FS_MAKE_REG | FS_MAKE_SOCK | FS_MAKE_FIFO | FS_MAKE_SYM | FS_REFER | FS_TRUNCATE;
  if (access & GLB_INIT_LANDLOCK_DEVICE)
    rights |= FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV;
  return rights;
}

static int
add_rule (int                    ruleset_fd,
          const GlbInitRuleView *rule,
          uint64_t               handled)
{
  struct path_beneath_attr attr = { .allowed_access = rights_of (rule->access) & handled };
  struct stat st;
  int result = -1;
  int error;

  attr.parent_fd = open (rule->path, O_PATH | O_CLOEXEC);
  if (attr.parent_fd < 0)
    return errno == ENOENT ? 0 : -1;   /* nothing there, nothing given */

  if (fstat (attr.parent_fd, &st) == 0)
    {
      if (!S_ISDIR (st.st_mode))
        attr.allowed_access &= FS_OF_FILES;
      result = (int) syscall (__NR_landlock_add_rule, ruleset_fd, RULE_PATH_BENEATH, &attr, 0);
    }

  error = errno;
  close (attr.parent_fd);
  errno = error;
  return result;
}

int
glb_init_landlock_restrict (GlbInitSetupView  *view,
                            int                abi,
                            const char       **detail)
{
  struct ruleset_attr attr = { .handled_access_fs = handled_by_abi (abi) };
  size_t attr_size = abi >= 6 ? sizeof attr : abi >= 4 ? offsetof (struct ruleset_attr, scoped) : sizeof attr.handled_access_fs;
  GlbInitRuleView rule;
  int ruleset_fd;
  int result;

  if (abi >= 6)
    attr.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;

  *detail = "Landlock";
  ruleset_fd = (int) syscall (__NR_landlock_create_ruleset, &attr, attr_size, 0);
  if (ruleset_fd < 0)
    return -1;

  for (uint32_t i = 0; i < view->setup.n_landlock; i++)
    {
      *detail = "Landlock rule";
      errno = EPROTO;
      if (!glb_init_next_rule (view, &rule))
        return -1;
      *detail = rule.path;
      if (add_rule (ruleset_fd, &rule, attr.handled_access_fs) < 0)
        return -1;
    }

  *detail = "Landlock rule";
  errno = EPROTO;
  if (view->rules_size != 0)
    return -1;

  *detail = "Landlock";
  result = (int) syscall (__NR_landlock_restrict_self, ruleset_fd, 0);
  close (ruleset_fd);
  return result;
}
