/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The plan that glb-sandbox.c hands to glovebox-launch in a memfd.
 *
 * A sequence of records: one letter, then the fields of that letter, each
 * ended by NUL.  DATA is followed by its bytes.  Both ends are ours and run
 * with the same rights, so the plan is trusted; it is still parsed strictly,
 * and a record that is not understood ends the launch.
 */

#define GLB_PLAN_PARENT   'P'   /* pid: who must still be our parent */
#define GLB_PLAN_ACCOUNT  'A'   /* uid: the host user and group id to become */
#define GLB_PLAN_CGROUP   'C'   /* path of a tasks file of a control group (version 1) to enter */
#define GLB_PLAN_LIMIT    'L'   /* RLIMIT_ number, value */
#define GLB_PLAN_MOUNT    'M'   /* GlbPlanMount flags, source, target */
#define GLB_PLAN_TMPFS    'T'   /* size, number of inodes, octal mode, target */
#define GLB_PLAN_SHM      'S'   /* size, number of inodes: for /dev/shm */
#define GLB_PLAN_DATA     'D'   /* size, target, then the bytes */
#define GLB_PLAN_LINK     'K'   /* value, target: a symbolic link */
#define GLB_PLAN_HIDE     'H'   /* target: covered by something empty and unreadable */
#define GLB_PLAN_NETWORK  'W'   /* a file descriptor: make the network namespace and send its sockets there; not kept */
#define GLB_PLAN_KEEP     'N'   /* a file descriptor that the command or bubblewrap inherits */
#define GLB_PLAN_ARG      'X'   /* one argument of the program to execute, the first being its path */

typedef enum
{
  GLB_PLAN_MOUNT_WRITABLE = 1 << 0,
  GLB_PLAN_MOUNT_PERSONAL = 1 << 1,
  GLB_PLAN_MOUNT_OPTIONAL = 1 << 2,
} GlbPlanMount;

/* Where the stage is, as bubblewrap sees it. */
#define GLB_STAGE      "/tmp"
#define GLB_STAGE_ROOT GLB_STAGE "/root"
#define GLB_STAGE_SHM  GLB_STAGE "/shm"

/* How many mounts and the like a plan may have, and how long a path may be. */
#define GLB_PLAN_MAX_RECORDS 1024
#define GLB_PLAN_MAX_SIZE    (8u << 20)

/* What glovebox-launch exits with when it fails itself. */
#define GLB_LAUNCH_EXIT_FAILED 125
