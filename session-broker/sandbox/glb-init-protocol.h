/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The protocol between the broker and glovebox-init, process 1 of the agent's
 * sandbox.  One SOCK_SEQPACKET socket pair, inherited by file descriptor.
 * glovebox-init is not dumpable and closes the socket in each child, so no
 * process of the agent reaches it; still the broker reads it as hostile.
 *
 * Each packet is GlbInitHeader and then the payload of its type, native byte
 * order.  End of file on either side ends the sandbox.
 */

#include <stdint.h>

#define GLB_INIT_PROTOCOL_VERSION 3u
#define GLB_INIT_MESSAGE_MAX      (192u * 1024u)
#define GLB_INIT_ARGS_MAX         4096u   /* arguments; likewise variables of the environment */
#define GLB_INIT_RULES_MAX        1024u   /* Landlock rules */
#define GLB_INIT_COMMANDS_MAX     256u    /* alive at a time; more: FAILED with EAGAIN */

typedef enum
{
  /* broker to init */
  GLB_INIT_SETUP = 1,       /* GlbInitSetup + Landlock rules + seccomp program; once, first; answered by READY */
  GLB_INIT_EXEC,            /* GlbInitExec + strings; answered by STARTED or FAILED */
  GLB_INIT_SIGNAL,          /* GlbInitSignal: to one command's process group */
  GLB_INIT_PAUSE,           /* SIGSTOP to each process but init (where no freezer serves); answered by DONE. EXEC fails with EBUSY until RESUME */
  GLB_INIT_RESUME,          /* SIGCONT likewise; answered by DONE */
  GLB_INIT_CONNECT,         /* GlbInitConnect: to the session's loopback; answered by CONNECTED or FAILED */

  /* init to broker */
  GLB_INIT_HELLO = 64,      /* GlbInitHello: once, when the namespaces stand */
  GLB_INIT_READY,           /* no payload: all restrictions hold for init and all that follows */
  GLB_INIT_STARTED,         /* GlbInitStarted + 3 fds: the broker's ends of standard input, output, error */
  GLB_INIT_FAILED,          /* GlbInitFailed */
  GLB_INIT_EXITED,          /* GlbInitExited */
  GLB_INIT_DONE,            /* no payload */
  GLB_INIT_BUS,             /* GlbInitBus: unasked, when the session's D-Bus starts and when it ends */
  GLB_INIT_CONNECTED,       /* no payload + 1 fd: a TCP socket, non-blocking, that is connected or will be, or not: SO_ERROR says */
} GlbInitMessageType;

typedef struct
{
  uint32_t type;
  uint32_t size;            /* of the payload */
  uint64_t serial;          /* answers repeat it; EXITED carries the EXEC's */
} GlbInitHeader;

typedef enum
{
  GLB_INIT_LANDLOCK_READ    = 1u << 0,   /* read files and folders, execute */
  GLB_INIT_LANDLOCK_WRITE   = 1u << 1,   /* and change, create, remove */
  GLB_INIT_LANDLOCK_DEVICE  = 1u << 2,   /* read, write and ioctl what is there, create nothing */
} GlbInitLandlockAccess;

typedef enum
{
  GLB_INIT_FLAG_NO_SPAWN = 1u << 0,      /* commands may not create processes */
  GLB_INIT_FLAG_BUS      = 1u << 1,      /* listen on $XDG_RUNTIME_DIR/bus, start dbus-daemon at the first client */
  GLB_INIT_FLAG_DEBUG    = 1u << 2,      /* EXEC with debug is allowed; without it such an EXEC fails with EPERM */
} GlbInitFlags;

/* Followed by n_landlock times { GlbInitLandlockRule + path + NUL }, then seccomp_size bytes of struct sock_filter
 * (0: none). A path that does not exist grants nothing and is no error. */
typedef struct
{
  uint32_t version;
  uint32_t flags;           /* GlbInitFlags */
  uint32_t n_landlock;
  uint32_t landlock_size;   /* bytes of all rules */
  uint32_t seccomp_size;
  uint32_t max_processes;   /* RLIMIT_NPROC; 0: leave */
  uint32_t max_files;       /* RLIMIT_NOFILE; 0: leave */
  uint32_t landlock_abi;    /* what the broker found; init fails if the kernel gives less; 0: no Landlock, no rules */
} GlbInitSetup;

typedef struct
{
  uint32_t access;          /* GlbInitLandlockAccess */
  uint32_t length;          /* of the path with its NUL */
} GlbInitLandlockRule;

/* Followed by the working directory (absolute), n_args arguments (at least one), n_env "K=V", each NUL-terminated. */
typedef struct
{
  uint32_t n_args;
  uint32_t n_env;
  uint32_t debug;           /* 1: this command may ptrace the sandbox's other commands */
  uint32_t reserved;
} GlbInitExec;

typedef struct
{
  int32_t  signo;
  uint32_t reserved;
  uint64_t target;          /* serial of the EXEC; 0: all processes */
} GlbInitSignal;

/* To a program of the session that listens on 127.0.0.1 or ::1. */
typedef struct
{
  uint16_t port;            /* not 0 */
  uint16_t ipv6;            /* 1: ::1 */
  uint32_t reserved;
} GlbInitConnect;

typedef struct
{
  uint32_t version;
  uint32_t landlock_abi;
} GlbInitHello;

typedef struct
{
  int32_t pid;              /* in the sandbox's pid namespace */
  uint32_t reserved;
} GlbInitStarted;

typedef struct
{
  int32_t pid;              /* of dbus-daemon in the sandbox's pid namespace; 0: it ended */
  uint32_t reserved;
} GlbInitBus;

typedef enum
{
  GLB_INIT_STAGE_SETUP = 1, /* a restriction could not be put in force */
  GLB_INIT_STAGE_FORK,
  GLB_INIT_STAGE_CHDIR,
  GLB_INIT_STAGE_EXEC,      /* ENOENT: no such command */
  GLB_INIT_STAGE_CONNECT,
} GlbInitStage;

typedef struct
{
  uint32_t stage;           /* GlbInitStage */
  int32_t  error;           /* errno */
  char     detail[128];     /* NUL-terminated: what was tried */
} GlbInitFailed;

typedef struct
{
  int32_t  status;          /* as of waitpid() */
  uint32_t reserved;
  int64_t  user_us;         /* CPU time of the command and of what it waited for, microseconds */
  int64_t  system_us;
  int64_t  max_rss_kb;
} GlbInitExited;
