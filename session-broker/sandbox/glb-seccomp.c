/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The system call profiles.
 *
 * DESKTOP refuses: what ordinary programs live without and what the kernel's
 * past shows to be dangerous is denied, everything else is allowed, and so
 * that the list does not rot, numbers newer than this file are "not
 * implemented", which libc and toolkits expect of older kernels.
 *
 * The others allow: what is not named is "not implemented"; what DESKTOP
 * denies by name stays EPERM, so that a message says the truth.
 *
 * Three rules that are easy to get wrong:
 *  - The kernel reads most arguments as 32 bits where a filter sees 64. A
 *    comparison that denies masks the low half (CVE-2019-7303: TIOCSTI with
 *    a high bit set), one that allows compares all.
 *  - Flags in memory cannot be looked at: clone3() does not exist in here,
 *    and libc falls back to clone().
 *  - Other architectures' calls (32-bit programs, x32) kill the process: the
 *    numbers mean something else there.
 *
 * Nested user namespaces are refused: they hand every namespaced part of the
 * kernel to the agent. Programs that sandbox themselves with them (Chromium)
 * are started with their own sandbox off; the session is their sandbox.
 */

#define G_LOG_DOMAIN "glb-seccomp"

#include "session-broker/sandbox/glb-seccomp.h"
#include "session-broker/sandbox/glb-account.h"

#include <asm/termbits.h>
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <linux/netlink.h>
#include <unistd.h>

#define LOW32 0xffffffffu

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* The last number this file has an opinion on (removexattrat), and how far "not implemented" is laid out. */
#define LAST_KNOWN_CALL 466
#define LAST_FUTURE_CALL 600

static const char * const denied_calls[] = {
  /* the kernel itself */
  "bpf", "perf_event_open", "userfaultfd", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
  "create_module", "query_module", "get_kernel_syms", "syslog", "acct", "lookup_dcookie", "nfsservctl", "uselib", "ustat", "sysfs",
  "_sysctl", "vm86", "vm86old", "modify_ldt", "iopl", "ioperm", "pciconfig_read", "pciconfig_write", "pciconfig_iobase",
  "fanotify_init", "fanotify_mark", "memfd_secret", "vhangup",
  /* keys */
  "keyctl", "add_key", "request_key",
  /* mounts and namespaces */
  "mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick",
  "mount_setattr", "setns", "quotactl", "quotactl_fd", "swapon", "swapoff",
  /* files without names */
  "open_by_handle_at", "name_to_handle_at",
  /* the machine */
  "reboot", "sethostname", "setdomainname", "settimeofday", "stime", "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime",
  "clock_adjtime64",
  /* other processes' memory */
  "process_madvise", "process_mrelease", "move_pages", "migrate_pages", "mbind", "set_mempolicy", "set_mempolicy_home_node",
};

/* Other processes: a debugger's business. */
static const char * const debug_calls[] = {
  "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
};

/* Programs try these and have another way. openat2() has its mode in memory, like clone3() its flags. */
static const char * const absent_calls[] = {
  "clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register",
};

/*
 * Calls that take a file's mode, and where. In a workspace the agent's files
 * are the person's on disk: one with a set-user-id bit would give whoever runs
 * it outside the person's rights.
 */
static const struct { const char *call; guint mode; } mode_calls[] = {
  { "chmod", 1 }, { "fchmod", 1 }, { "fchmodat", 2 }, { "fchmodat2", 2 }, { "creat", 1 },
};

/*
 * Those whose mode says the type, too: no devices. Most take rights that
 * nobody has in there, but the character device 0:0 takes none, Landlock of
 * Linux 6.1 lets it pass, and overlayfs takes it for a removed file.
 */
static const struct { const char *call; guint mode; } node_calls[] = { { "mknod", 1 }, { "mknodat", 2 } };
static const guint32 node_types[] = { 0, S_IFREG, S_IFIFO, S_IFSOCK };

/* Calls whose mode counts only with a flag that creates. */
static const struct { const char *call; guint flags, mode; } open_calls[] = { { "open", 1, 2 }, { "openat", 2, 3 } };

static const guint32 set_id_bits[] = { S_ISUID, S_ISGID };

/* O_TMPFILE without its O_DIRECTORY */
static const guint32 create_flags[] = { O_CREAT, O_TMPFILE & ~O_DIRECTORY };

static const guint32 namespace_flags[] = {
  CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,
};

static const guint32 denied_ioctls[] = {
  TIOCSTI,     /* types into the terminal's input */
  TIOCLINUX,   /* pastes into a console */
  TIOCCONS,    /* takes the console's output */
  TIOCSETD,    /* loads line disciplines */
};

/* Everything that command-line tools, interpreters and compilers use. */
static const char * const strict_calls[] = {
  "_llseek", "access", "alarm", "arch_prctl", "brk", "cachestat", "capget", "capset", "chdir", "chown", "clock_getres",
  "clock_gettime", "clock_nanosleep", "close", "close_range", "copy_file_range", "dup", "dup2", "dup3", "epoll_create",
  "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "execve", "execveat", "exit",
  "exit_group", "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchown", "fchownat",
  "fcntl", "fdatasync", "fgetxattr", "flistxattr", "flock", "fork", "fremovexattr", "fsetxattr", "fstat", "fstatfs", "fsync",
  "ftruncate", "futex", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue", "futimesat", "get_robust_list", "get_thread_area",
  "getcpu", "getcwd", "getdents", "getdents64", "getegid", "geteuid", "getgid", "getgroups", "getitimer", "getpeername", "getpgid",
  "getpgrp", "getpid", "getppid", "getpriority", "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid",
  "getsockname", "getsockopt", "gettid", "gettimeofday", "getuid", "getxattr", "inotify_add_watch", "inotify_init", "inotify_init1",
  "inotify_rm_watch", "io_cancel", "io_destroy", "io_getevents", "io_setup", "io_submit", "ioprio_get", "ioprio_set", "kill",
  "landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "lchown", "lgetxattr", "link", "linkat", "listen",
  "listxattr", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat", "madvise", "membarrier", "memfd_create", "mincore", "mkdir",
  "mkdirat", "mlock", "mlock2", "mlockall", "mmap", "mprotect", "mq_getsetattr", "mq_notify", "mq_open",
  "mq_timedreceive", "mq_timedsend", "mq_unlink", "mremap", "mseal", "msgctl", "msgget", "msgrcv", "msgsnd", "msync", "munlock",
  "munlockall", "munmap", "nanosleep", "newfstatat", "pause", "pidfd_open", "pidfd_send_signal", "pipe",
  "pipe2", "pkey_alloc", "pkey_free", "pkey_mprotect", "poll", "ppoll", "prctl", "pread64", "preadv", "preadv2", "pselect6", "pwrite64",
  "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat", "readv", "recvfrom", "recvmmsg", "recvmsg", "removexattr",
  "rename", "renameat", "renameat2", "restart_syscall", "riscv_flush_icache", "rmdir", "rseq", "rt_sigaction", "rt_sigpending",
  "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo",
  "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler",
  "sched_rr_get_interval", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp",
  "select", "semctl", "semget", "semop", "semtimedop", "sendfile", "sendmmsg", "sendmsg", "sendto", "set_robust_list",
  "set_thread_area", "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups", "setitimer", "setpgid", "setpriority",
  "setregid", "setresgid", "setresuid", "setreuid", "setsid", "setsockopt", "setuid", "setxattr", "shmat", "shmctl", "shmdt", "shmget",
  "shutdown", "sigaltstack", "signalfd", "signalfd4", "splice", "stat", "statfs", "statx", "symlink", "symlinkat", "sync",
  "sync_file_range", "syncfs", "sysinfo", "tee", "tgkill", "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime",
  "timer_settime", "timerfd_create", "timerfd_gettime", "timerfd_settime", "times", "tkill", "truncate", "umask", "uname", "unlink",
  "unlinkat", "utime", "utimensat", "utimes", "vfork", "vmsplice", "wait4", "waitid", "waitpid", "write", "writev",
  "accept", "accept4", "bind", "connect",
};

static const guint32 strict_ioctls[] = {
  TCGETS, TCSETS, TCSETSW, TCSETSF, TCFLSH, TCSBRK, TCXONC, TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCGWINSZ, TIOCSWINSZ, TIOCSCTTY, TIOCNOTTY,
  TIOCGPTN, TIOCSPTLCK, TIOCGPTPEER, TIOCOUTQ, TIOCEXCL, TIOCNXCL, FIONREAD, FIONBIO, FIOASYNC, FIOCLEX, FIONCLEX,
  FICLONE, FICLONERANGE, FIDEDUPERANGE, FS_IOC_GETFLAGS,
};

/* Measured with Weston, headless, pixman; then what threads, the allocator, abort() and the plugin need. */
static const char * const compositor_calls[] = {
  "accept4", "access", "arch_prctl", "bind", "brk", "clock_getres", "clock_gettime", "clock_nanosleep", "close", "dup", "dup2", "dup3",
  "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "execve", "exit", "exit_group", "faccessat", "faccessat2",
  "fallocate", "fcntl", "flock", "fstat", "ftruncate", "futex", "get_robust_list", "getcwd", "getdents64", "getegid", "geteuid",
  "getgid", "getpeername", "getpid", "getppid", "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "getsockname",
  "getsockopt", "gettid", "gettimeofday", "getuid", "kill", "listen", "lseek", "lstat", "madvise", "membarrier", "memfd_create",
  "mmap", "mprotect", "mremap", "munmap", "nanosleep", "newfstatat", "open", "openat", "pipe2", "poll", "ppoll", "prctl", "pread64",
  "pselect6", "pwrite64", "read", "readlink", "readlinkat", "readv", "recvfrom", "recvmsg", "restart_syscall", "riscv_flush_icache",
  "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sched_getaffinity", "sched_getparam",
  "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "sched_yield", "select", "sendmsg", "sendto",
  "set_robust_list", "set_tid_address", "setsockopt", "shutdown", "sigaltstack", "signalfd4", "splice", "stat", "statfs", "statx",
  "sysinfo", "tgkill", "timerfd_create", "timerfd_settime", "umask", "uname", "unlink", "wait4", "waitid", "write", "writev",
};

/* Measured: glovebox-media and the PipeWire daemon that it starts, beyond what is the compositor's. */
static const char * const media_calls[] = { "close_range", "connect", "epoll_pwait2", "fork", "fstatfs", "vfork" };

/*
 * Measured: glovebox-network, which is static and plain C. Its sockets are the broker's: it can make none, connect none, listen on none,
 * and opens no file. From arch_prctl on: what a program needs to begin (bubblewrap executes it under the list), for memory, and to abort.
 */
static const char * const network_calls[] = {
  "accept4", "clock_gettime", "close", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "fcntl", "getsockname", "pipe2",
  "recvfrom", "recvmsg", "sendto", "setsockopt", "shutdown", "splice", "write",
  "arch_prctl", "brk", "execve", "exit", "exit_group", "futex", "getpid", "getrandom", "gettid", "madvise", "mmap", "mprotect", "mremap",
  "munmap", "readlink", "readlinkat", "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "set_robust_list",
  "set_tid_address", "tgkill", "writev",
};

/*
 * Measured: glovebox-secrets with GnuTLS. Its sockets are the broker's, too. It opens files, as its libraries are some: the
 * system's are all that it sees. From arch_prctl on as above.
 */
static const char * const secrets_calls[] = {
  "access", "clock_gettime", "close", "faccessat", "faccessat2", "fcntl", "fstat", "fstatfs", "getegid", "geteuid", "getgid",
  "getrusage", "getsockopt", "gettimeofday", "getuid", "lseek", "lstat", "mlock", "newfstatat", "open", "openat", "poll",
  "ppoll", "prctl", "pread64", "read", "recvfrom", "recvmsg", "sched_getaffinity", "sendmsg", "sendto", "shutdown", "stat",
  "statfs", "statx", "sysinfo", "time", "uname", "write",
  "arch_prctl", "brk", "execve", "exit", "exit_group", "futex", "getpid", "getrandom", "gettid", "madvise", "mmap", "mprotect",
  "mremap", "munmap", "readlink", "readlinkat", "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
  "set_robust_list", "set_tid_address", "tgkill", "writev",
};

static const guint32 compositor_ioctls[] = { TCGETS, FIONREAD, FIONBIO, FIOCLEX };

typedef struct
{
  scmp_filter_ctx ctx;
  int             error;       /* the first one, negative errno */
  const char     *call;        /* at which call */
} Builder;

#define rule(builder, action, call, n, ...) \
  builder_rule ((builder), (action), (call), (n), (const struct scmp_arg_cmp[]) { __VA_ARGS__ })

/* Negative: not on this architecture, or newer than the library (see add_future_calls). */
static int
resolve (const char *call)
{
  int nr = seccomp_syscall_resolve_name (call);

  /* Linux 6.6, the same number everywhere; Debian 12's library does not know it, newer kernels have it. */
  if (nr < 0 && g_str_equal (call, "fchmodat2"))
    return 452;

  return nr;
}

static void
builder_rule (Builder                   *self,
              guint32                    action,
              const char                *call,
              guint                      n,
              const struct scmp_arg_cmp *comparisons)
{
  int nr = resolve (call);
  int result;

  if (nr < 0 || self->error != 0)
    return;

  result = seccomp_rule_add_array (self->ctx, action, nr, n, comparisons);
  if (result == 0)
    return;
  self->error = result;
  self->call = call;
}

static void
add_calls (Builder            *self,
           guint32             action,
           const char * const *calls,
           gsize               n_calls)
{
  for (gsize i = 0; i < n_calls; i++)
    builder_rule (self, action, calls[i], 0, NULL);
}

static void
add_denials (Builder  *self,
             gboolean  allow_debug)
{
  add_calls (self, SCMP_ACT_ERRNO (EPERM), denied_calls, G_N_ELEMENTS (denied_calls));
  if (!allow_debug)
    add_calls (self, SCMP_ACT_ERRNO (EPERM), debug_calls, G_N_ELEMENTS (debug_calls));
}

/* DESKTOP: denials of some arguments. */

static void
deny_namespaces (Builder *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (namespace_flags); i++)
    {
      guint32 flag = namespace_flags[i];

      rule (self, SCMP_ACT_ERRNO (EPERM), "clone", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, flag, flag));
      rule (self, SCMP_ACT_ERRNO (EPERM), "unshare", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, flag, flag));
    }
  rule (self, SCMP_ACT_ERRNO (EPERM), "unshare", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_NEWTIME, CLONE_NEWTIME));
}

static void
deny_ioctls (Builder *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (denied_ioctls); i++)
    rule (self, SCMP_ACT_ERRNO (EPERM), "ioctl", 1, SCMP_A1 (SCMP_CMP_MASKED_EQ, LOW32, denied_ioctls[i]));
}

#define masked(argument, mask, value) ((struct scmp_arg_cmp) { (argument), SCMP_CMP_MASKED_EQ, (mask), (value) })

static void
deny_set_ids (Builder *self)
{
  for (gsize b = 0; b < G_N_ELEMENTS (set_id_bits); b++)
    {
      guint32 bit = set_id_bits[b];

      for (gsize i = 0; i < G_N_ELEMENTS (mode_calls); i++)
        rule (self, SCMP_ACT_ERRNO (EPERM), mode_calls[i].call, 1, masked (mode_calls[i].mode, bit, bit));
      for (gsize i = 0; i < G_N_ELEMENTS (node_calls); i++)
        rule (self, SCMP_ACT_ERRNO (EPERM), node_calls[i].call, 1, masked (node_calls[i].mode, bit, bit));
      for (gsize i = 0; i < G_N_ELEMENTS (open_calls); i++)
        for (gsize f = 0; f < G_N_ELEMENTS (create_flags); f++)
          rule (self, SCMP_ACT_ERRNO (EPERM), open_calls[i].call, 2,
                masked (open_calls[i].flags, create_flags[f], create_flags[f]), masked (open_calls[i].mode, bit, bit));
    }

  for (gsize i = 0; i < G_N_ELEMENTS (node_calls); i++)
    rule (self, SCMP_ACT_ERRNO (EPERM), node_calls[i].call, 1, masked (node_calls[i].mode, S_IFMT, S_IFCHR));
}

static void
deny_internet_sockets (Builder *self,
                       guint    family)
{
  static const guint types[] = { SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_DCCP, SOCK_PACKET };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    rule (self, SCMP_ACT_ERRNO (EPERM), "socket", 2, SCMP_A0 (SCMP_CMP_EQ, family), SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xf, types[i]));

  /* Only what an ordinary program asks for: no SCTP, UDP-Lite, MPTCP, whose code is loaded on demand. */
  rule (self, SCMP_ACT_ERRNO (EPROTONOSUPPORT), "socket", 2, SCMP_A0 (SCMP_CMP_EQ, family), SCMP_A2 (SCMP_CMP_GT, 58));
  rule (self, SCMP_ACT_ERRNO (EPROTONOSUPPORT), "socket", 2, SCMP_A0 (SCMP_CMP_EQ, family), SCMP_A2 (SCMP_CMP_MASKED_EQ, LOW32, 33));
}

static void
deny_sockets (Builder *self)
{
  static const guint allowed[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
  guint next = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (allowed); i++)
    {
      for (; next < allowed[i]; next++)
        rule (self, SCMP_ACT_ERRNO (EAFNOSUPPORT), "socket", 1, SCMP_A0 (SCMP_CMP_EQ, next));
      next++;
    }
  /* All 64 bits: a family with something in the upper half is none of the allowed ones. */
  rule (self, SCMP_ACT_ERRNO (EAFNOSUPPORT), "socket", 1, SCMP_A0 (SCMP_CMP_GE, next));
  rule (self, SCMP_ACT_ERRNO (EAFNOSUPPORT), "socketpair", 1, SCMP_A0 (SCMP_CMP_NE, AF_UNIX));
  rule (self, SCMP_ACT_ERRNO (EPROTONOSUPPORT), "socket", 2, SCMP_A0 (SCMP_CMP_EQ, AF_NETLINK), SCMP_A2 (SCMP_CMP_NE, NETLINK_ROUTE));

  deny_internet_sockets (self, AF_INET);
  deny_internet_sockets (self, AF_INET6);
}

/*
 * personality(): 0 and the query 0xffffffff stay. A rule compares an argument
 * once, so: denied is each bit that is set while the topmost is not, and each
 * that is not while the topmost is.
 */
static void
deny_personality (Builder  *self,
                  gboolean  allow_debug)
{
  const guint64 top = G_GUINT64_CONSTANT (0x80000000);

  for (guint i = 0; i < 31; i++)
    {
      guint64 bit = G_GUINT64_CONSTANT (1) << i;

      if (bit != ADDR_NO_RANDOMIZE || !allow_debug)
        rule (self, SCMP_ACT_ERRNO (EPERM), "personality", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, top | bit, bit));
      rule (self, SCMP_ACT_ERRNO (EPERM), "personality", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, top | bit, top));
    }
}

/*
 * RLIMIT_CORE of 0 would let a crash start the host's core dump program; glovebox-init sets 1, which means never, and it
 * stays so. Programs that set it (shells, sanitizers) want no core dumps, and are told that they have what they want.
 */
static void
keep_core_limit (Builder *self)
{
  rule (self, SCMP_ACT_ERRNO (0), "setrlimit", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, LOW32, RLIMIT_CORE));
  rule (self, SCMP_ACT_ERRNO (0), "prlimit64", 2, SCMP_A1 (SCMP_CMP_MASKED_EQ, LOW32, RLIMIT_CORE), SCMP_A2 (SCMP_CMP_NE, 0));
}

/* A call that came after this file was written. */
static void
add_future_calls (Builder *self)
{
  for (int nr = LAST_KNOWN_CALL + 1; nr <= LAST_FUTURE_CALL && self->error == 0; nr++)
    {
      self->error = seccomp_rule_add (self->ctx, SCMP_ACT_ERRNO (ENOSYS), nr, 0);
      self->call = "(future)";
    }
}

/* The allow-lists: permissions for some arguments. */

static void
allow_limits (Builder *self)
{
  for (guint resource = 0; resource < RLIM_NLIMITS; resource++)
    {
      if (resource == RLIMIT_CORE)
        continue;
      rule (self, SCMP_ACT_ALLOW, "prlimit64", 1, SCMP_A1 (SCMP_CMP_EQ, resource));
      rule (self, SCMP_ACT_ALLOW, "setrlimit", 1, SCMP_A0 (SCMP_CMP_EQ, resource));
    }
  rule (self, SCMP_ACT_ALLOW, "prlimit64", 2, SCMP_A1 (SCMP_CMP_EQ, RLIMIT_CORE), SCMP_A2 (SCMP_CMP_EQ, 0));
  keep_core_limit (self);
}

static void
allow_ioctls (Builder       *self,
              const guint32 *requests,
              gsize          n_requests)
{
  for (gsize i = 0; i < n_requests; i++)
    rule (self, SCMP_ACT_ALLOW, "ioctl", 1, SCMP_A1 (SCMP_CMP_EQ, requests[i]));
}

static guint64
all_namespace_flags (void)
{
  guint64 flags = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (namespace_flags); i++)
    flags |= namespace_flags[i];
  return flags;
}

static void
allow_unix_sockets (Builder *self)
{
  rule (self, SCMP_ACT_ALLOW, "socket", 1, SCMP_A0 (SCMP_CMP_EQ, AF_UNIX));
  rule (self, SCMP_ACT_ALLOW, "socketpair", 1, SCMP_A0 (SCMP_CMP_EQ, AF_UNIX));
}

static void
allow_internet_sockets (Builder *self)
{
  static const guint families[] = { AF_INET, AF_INET6 };
  static const guint types[] = { SOCK_STREAM, SOCK_DGRAM };

  for (gsize f = 0; f < G_N_ELEMENTS (families); f++)
    for (gsize t = 0; t < G_N_ELEMENTS (types); t++)
      rule (self, SCMP_ACT_ALLOW, "socket", 3, SCMP_A0 (SCMP_CMP_EQ, families[f]), SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xf, types[t]),
            SCMP_A2 (SCMP_CMP_LE, 17));
  rule (self, SCMP_ACT_ALLOW, "socket", 2, SCMP_A0 (SCMP_CMP_EQ, AF_NETLINK), SCMP_A2 (SCMP_CMP_EQ, NETLINK_ROUTE));
}

static void
allow_modes_without_set_ids (Builder *self)
{
  const guint32 bits = S_ISUID | S_ISGID;
  const guint32 creates = create_flags[0] | create_flags[1];

  for (gsize i = 0; i < G_N_ELEMENTS (mode_calls); i++)
    rule (self, SCMP_ACT_ALLOW, mode_calls[i].call, 1, masked (mode_calls[i].mode, bits, 0));
  for (gsize i = 0; i < G_N_ELEMENTS (node_calls); i++)
    for (gsize t = 0; t < G_N_ELEMENTS (node_types); t++)
      rule (self, SCMP_ACT_ALLOW, node_calls[i].call, 1, masked (node_calls[i].mode, bits | S_IFMT, node_types[t]));
  for (gsize i = 0; i < G_N_ELEMENTS (open_calls); i++)
    {
      rule (self, SCMP_ACT_ALLOW, open_calls[i].call, 1, masked (open_calls[i].flags, creates, 0));
      rule (self, SCMP_ACT_ALLOW, open_calls[i].call, 1, masked (open_calls[i].mode, bits, 0));
    }
}

static void
allow_strict (Builder  *self,
              gboolean  allow_debug)
{
  add_calls (self, SCMP_ACT_ALLOW, strict_calls, G_N_ELEMENTS (strict_calls));
  allow_ioctls (self, strict_ioctls, G_N_ELEMENTS (strict_ioctls));
  allow_limits (self);
  allow_unix_sockets (self);
  allow_internet_sockets (self);
  rule (self, SCMP_ACT_ALLOW, "clone", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, all_namespace_flags (), 0));
  rule (self, SCMP_ACT_ALLOW, "personality", 1, SCMP_A0 (SCMP_CMP_EQ, 0));
  rule (self, SCMP_ACT_ALLOW, "personality", 1, SCMP_A0 (SCMP_CMP_EQ, LOW32));
  rule (self, SCMP_ACT_ALLOW, "personality", 1, SCMP_A0 (SCMP_CMP_EQ, G_MAXUINT64));
  if (allow_debug)
    {
      add_calls (self, SCMP_ACT_ALLOW, debug_calls, G_N_ELEMENTS (debug_calls));
      rule (self, SCMP_ACT_ALLOW, "personality", 1, SCMP_A0 (SCMP_CMP_EQ, ADDR_NO_RANDOMIZE));
    }
}

static void
allow_compositor (Builder *self)
{
  add_calls (self, SCMP_ACT_ALLOW, compositor_calls, G_N_ELEMENTS (compositor_calls));
  allow_ioctls (self, compositor_ioctls, G_N_ELEMENTS (compositor_ioctls));
  allow_limits (self);
  allow_unix_sockets (self);
  rule (self, SCMP_ACT_ALLOW, "clone", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD | all_namespace_flags (), CLONE_THREAD));
}

static void
fill (Builder           *self,
      GlbSeccompProfile  profile,
      gboolean           allow_debug)
{
  add_denials (self, allow_debug && (profile == GLB_SECCOMP_DESKTOP || profile == GLB_SECCOMP_STRICT));

  switch (profile)
    {
    case GLB_SECCOMP_DESKTOP:
      add_calls (self, SCMP_ACT_ERRNO (ENOSYS), absent_calls, G_N_ELEMENTS (absent_calls));
      deny_namespaces (self);
      deny_ioctls (self);
      deny_set_ids (self);
      deny_sockets (self);
      deny_personality (self, allow_debug);
      keep_core_limit (self);
      add_future_calls (self);
      break;
    case GLB_SECCOMP_STRICT:
      allow_strict (self, allow_debug);
      allow_modes_without_set_ids (self);
      break;
    case GLB_SECCOMP_COMPOSITOR_XWAYLAND:
      allow_compositor (self);
      allow_strict (self, FALSE);
      add_calls (self, SCMP_ACT_ALLOW, (const char * const []) { "chmod", "fchmod", "creat" }, 3);
      break;
    case GLB_SECCOMP_COMPOSITOR:
      allow_compositor (self);
      break;
    case GLB_SECCOMP_MEDIA:
      allow_compositor (self);
      add_calls (self, SCMP_ACT_ALLOW, media_calls, G_N_ELEMENTS (media_calls));
      rule (self, SCMP_ACT_ALLOW, "clone", 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, all_namespace_flags (), 0));
      break;
    case GLB_SECCOMP_NETWORK:
      add_calls (self, SCMP_ACT_ALLOW, network_calls, G_N_ELEMENTS (network_calls));
      allow_limits (self);
      break;
    case GLB_SECCOMP_SECRETS:
      add_calls (self, SCMP_ACT_ALLOW, secrets_calls, G_N_ELEMENTS (secrets_calls));
      allow_limits (self);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* libseccomp of Debian 12 writes a program only to a file. */
static GBytes *
export_program (scmp_filter_ctx   ctx,
                GError          **error)
{
  g_autofree char *program = NULL;
  int fd = memfd_create ("seccomp", MFD_CLOEXEC);
  off_t size;
  int result;

  if (fd < 0)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't make memory for the system call filter: %s", g_strerror (errno));
      return NULL;
    }

  result = seccomp_export_bpf (ctx, fd);
  size = lseek (fd, 0, SEEK_END);
  if (result == 0 && size > 0)
    {
      program = g_malloc ((gsize) size);
      if (pread (fd, program, (gsize) size, 0) != size)
        g_clear_pointer (&program, g_free);
    }
  close (fd);

  if (program == NULL)
    {
      g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't compile the system call filter: %s", g_strerror (-result));
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&program), (gsize) size);
}

static GBytes *
build (GlbSeccompProfile   profile,
       gboolean            allow_debug,
       GError            **error)
{
  guint32 fallback = profile == GLB_SECCOMP_DESKTOP ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO (ENOSYS);
  Builder self = { .ctx = seccomp_init (fallback) };
  GBytes *program = NULL;

  if (self.ctx == NULL ||
      seccomp_attr_set (self.ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) < 0 ||
      seccomp_attr_set (self.ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
    self.error = -ENOTSUP;

  if (self.error == 0)
    fill (&self, profile, allow_debug);

  if (self.error == 0)
    program = export_program (self.ctx, error);
  else
    g_set_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED, "Can't build the system call filter%s%s: %s",
                 self.call != NULL ? " at " : "", self.call != NULL ? self.call : "", g_strerror (-self.error));

  if (self.ctx != NULL)
    seccomp_release (self.ctx);
  return program;
}

GBytes *
glb_seccomp_build (GlbSeccompProfile   profile,
                   gboolean            allow_debug,
                   GError            **error)
{
  static GMutex mutex;
  static GBytes *cache[GLB_SECCOMP_SECRETS + 1][2];
  g_autoptr(GMutexLocker) locker = NULL;
  GBytes **slot;

  g_return_val_if_fail (profile <= GLB_SECCOMP_SECRETS, NULL);

  locker = g_mutex_locker_new (&mutex);
  slot = &cache[profile][allow_debug ? 1 : 0];
  if (*slot == NULL)
    *slot = build (profile, allow_debug, error);
  return *slot != NULL ? g_bytes_ref (*slot) : NULL;
}
