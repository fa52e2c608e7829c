/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* glovebox-launch: plain C, no GLib, because each session waits for it. */

#include "session-broker/sandbox/glb-launch-plan.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* glb-launch-util.c */

/* Says "glovebox-launch: WHAT: WHY; REMEDY" and exits. errno where why is 0. */
void glb_launch_die (int error, const char *remedy, const char *format, ...)
  __attribute__ ((noreturn, format (printf, 3, 4)));
/* One line of the same form, and goes on. */
void glb_launch_complain (int error, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
uint64_t glb_launch_parse_number (const char *text, const char *what);
/* Opens one name of a folder, never following a link and never leaving its mount. */
int glb_launch_open_beneath (int folder, const char *name, int flags);
/* Opens an absolute path that has no symbolic link anywhere. */
int glb_launch_open_path (const char *path, int flags);
void glb_launch_close (int *fd);

/* glb-launch-userns.c */

#define GLB_LAUNCH_USERNS_REMEDY \
  "allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1 (Debian), " \
  "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), user.max_user_namespaces=65536"

typedef struct
{
  unsigned inside;
  unsigned outside;
  unsigned count;
} GlbLaunchRange;

typedef struct
{
  pid_t helpers[2];
  int   go;
} GlbLaunchMaps;

/* Namespaces of an ordinary user: unshares what flags say besides the user namespace; newuidmap and newgidmap work
 * meanwhile, glb_launch_userns_finish () waits for them. After it this process is root of the namespace. */
void glb_launch_userns_start  (GlbLaunchMaps *maps, const GlbLaunchRange *uids, size_t n_uids,
                               const GlbLaunchRange *gids, size_t n_gids, int flags);
void glb_launch_userns_finish (GlbLaunchMaps *maps);
/* A user namespace for an idmapped mount: who is DISK on the disk is SEEN through the mount. */
int  glb_launch_userns_for_idmap (uid_t disk_uid, uid_t seen_uid, gid_t disk_gid, gid_t seen_gid);

/* glb-launch-network.c */

/* Enters a network namespace of its own, which belongs to the user namespace of now, and sends its sockets
 * (GlbNetworkSocket, in that order) with one byte to the broker; then closes them, and broker. */
void glb_launch_network     (int *broker);
/* The same, without a broker: enters such a namespace, and dies with what is missing. */
void glb_launch_try_network (void);

/* glb-launch-stage.c */

typedef struct
{
  unsigned    flags;      /* GlbPlanMount */
  const char *source;
  const char *target;
  int         tree;       /* the detached clone, or -1 */
  bool        folder;
} GlbLaunchMount;

typedef struct
{
  int   root;             /* what becomes "/" */
  int   misc;             /* beside it: what is bound from elsewhere */
  uid_t owner;            /* the account, as this namespace numbers it */
  unsigned n_data;
  dev_t own[32];          /* file systems of ours, in which mount points may be made */
  size_t n_own;
  int   last;             /* the folder that was last made or found for a file or a link, or -1 */
  char  last_path[4096];
} GlbLaunchStage;

void glb_launch_mount_open  (GlbLaunchMount *mount, bool root, uid_t account);
void glb_launch_stage_begin (GlbLaunchStage *stage, uid_t owner);
void glb_launch_stage_mount (GlbLaunchStage *stage, GlbLaunchMount *mount);
void glb_launch_stage_tmpfs (GlbLaunchStage *stage, const char *size, const char *inodes, const char *mode, const char *target);
void glb_launch_stage_shm   (GlbLaunchStage *stage, const char *size, const char *inodes);
void glb_launch_stage_data  (GlbLaunchStage *stage, const char *target, const void *bytes, size_t size);
void glb_launch_stage_link  (GlbLaunchStage *stage, const char *value, const char *target);
void glb_launch_stage_hide  (GlbLaunchStage *stage, const char *target);
void glb_launch_stage_end   (GlbLaunchStage *stage);

/* glb-launch-tree.c: each returns how many entries it could not do, after saying which (at most a few lines) */

/* The access list of a person's tree for the account. */
unsigned glb_launch_grant   (const char *path, uid_t account, bool writable, bool quiet);
/* Takes it off what is the person's. As the person: a namespace would not know the other accounts' entries. */
unsigned glb_launch_strip   (const char *path, uid_t account);
/* Gives what is the account's to the person, or all the person's to the account. As root, in this namespace's numbers. */
unsigned glb_launch_reclaim (const char *path, uid_t account, gid_t account_group, uid_t person, gid_t person_group);
unsigned glb_launch_lend    (const char *path, uid_t person, uid_t account, gid_t account_group);
unsigned glb_launch_remove  (const char *path, bool quiet);

/* glb-launch-acl.c: on an O_PATH descriptor; numbers as this user namespace has them. 0, or -1 and errno. */

int glb_launch_acl_grant (int fd, mode_t mode, uid_t account, uid_t person, bool writable);
int glb_launch_acl_strip (int fd, mode_t mode, uid_t account, uid_t person);
