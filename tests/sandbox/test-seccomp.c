/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Each refused call is made twice by the same code, with arguments that do no
 * harm: without the filter, where it must not give the filter's answer, and
 * with it. Where the kernel gives that answer by itself the row proves
 * nothing, and says so.
 */

#include "session-broker/sandbox/glb-seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HIGH  (1ull << 32)
#define BAD   ((guint64) -1)

#define DESKTOP    (1u << GLB_SECCOMP_DESKTOP)
#define STRICT     (1u << GLB_SECCOMP_STRICT)
#define COMPOSITOR (1u << GLB_SECCOMP_COMPOSITOR)
#define XWAYLAND   (1u << GLB_SECCOMP_COMPOSITOR_XWAYLAND)
#define MEDIA      (1u << GLB_SECCOMP_MEDIA)
#define NETWORK    (1u << GLB_SECCOMP_NETWORK)
#define PROGRAMS   (DESKTOP | STRICT | COMPOSITOR | XWAYLAND | MEDIA)
#define SECRETS    (1u << GLB_SECCOMP_SECRETS)
#define GATES      (NETWORK | SECRETS)
#define ALL        (PROGRAMS | GATES)
#define LISTS      (STRICT | COMPOSITOR | XWAYLAND | MEDIA | GATES)

typedef struct
{
  const char *name;
  long        nr;
  guint64     arguments[6];
  guint       profiles;
  int         expected;
} Row;

static const char no_name[] = "/no/such/name";
#define NAME ((guint64) (gsize) no_name)

static const Row refused[] = {
  { "bpf", __NR_bpf, { BAD, 0, 0 }, ALL, EPERM },
  { "perf_event_open", __NR_perf_event_open, { 0, 0, BAD, BAD, 0 }, ALL, EPERM },
  { "userfaultfd", __NR_userfaultfd, { BAD }, ALL, EPERM },
  { "io_uring_setup", __NR_io_uring_setup, { 0, 0 }, ALL, ENOSYS },
  { "io_uring_enter", __NR_io_uring_enter, { BAD, 0, 0, 0, 0 }, ALL, ENOSYS },
  { "io_uring_register", __NR_io_uring_register, { BAD, 0, 0, 0 }, ALL, ENOSYS },
  { "clone3", __NR_clone3, { 0, 0 }, ALL, ENOSYS },
  { "kexec_load", __NR_kexec_load, { 0, 0, 0, BAD }, ALL, EPERM },
  { "kexec_file_load", __NR_kexec_file_load, { BAD, BAD, 0, 0, BAD }, ALL, EPERM },
  { "init_module", __NR_init_module, { 0, 0, 0 }, ALL, EPERM },
  { "finit_module", __NR_finit_module, { BAD, 0, 0 }, ALL, EPERM },
  { "delete_module", __NR_delete_module, { NAME, O_NONBLOCK }, ALL, EPERM },
  { "syslog", __NR_syslog, { 2, 0, BAD }, ALL, EPERM },
  { "acct", __NR_acct, { NAME }, ALL, EPERM },
  { "modify_ldt", __NR_modify_ldt, { 0, 0, 0 }, ALL, EPERM },
  { "iopl", __NR_iopl, { 9 }, ALL, EPERM },
  { "ioperm", __NR_ioperm, { BAD, 1, 0 }, ALL, EPERM },
  { "fanotify_init", __NR_fanotify_init, { BAD, 0 }, ALL, EPERM },
  { "memfd_secret", 447, { 0xffff }, ALL, EPERM },
  { "keyctl", __NR_keyctl, { 9999 }, ALL, EPERM },
  { "add_key", __NR_add_key, { 0, 0, 0, 0, 0 }, ALL, EPERM },
  { "request_key", __NR_request_key, { 0, 0, 0, 0 }, ALL, EPERM },
  { "mount", __NR_mount, { NAME, NAME, NAME, 0, 0 }, ALL, EPERM },
  { "umount2", __NR_umount2, { NAME, 0 }, ALL, EPERM },
  { "pivot_root", __NR_pivot_root, { NAME, NAME }, ALL, EPERM },
  { "chroot", __NR_chroot, { NAME }, ALL, EPERM },
  { "open_tree", 428, { (guint64) AT_FDCWD, NAME, 0 }, ALL, EPERM },
  { "move_mount", 429, { BAD, NAME, BAD, NAME, 0 }, ALL, EPERM },
  { "fsopen", 430, { NAME, 0 }, ALL, EPERM },
  { "fsconfig", 431, { BAD, 0, 0, 0, 0 }, ALL, EPERM },
  { "fsmount", 432, { BAD, 0, 0 }, ALL, EPERM },
  { "fspick", 433, { (guint64) AT_FDCWD, NAME, 0 }, ALL, EPERM },
  { "mount_setattr", 442, { BAD, NAME, 0, 0, 0 }, ALL, EPERM },
  { "setns", __NR_setns, { BAD, 0 }, ALL, EPERM },
  { "unshare(user)", __NR_unshare, { CLONE_NEWUSER }, ALL, 0 },
  { "unshare(time)", __NR_unshare, { 0x80 }, ALL, 0 },
  { "unshare(user, high)", __NR_unshare, { HIGH | CLONE_NEWUSER }, ALL, 0 },
  { "clone(user)", __NR_clone, { CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0 }, DESKTOP | STRICT | XWAYLAND | MEDIA, 0 },
  { "clone(net)", __NR_clone, { CLONE_NEWUSER | CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0 }, ALL, 0 },
  { "quotactl", __NR_quotactl, { BAD, 0, 0, 0 }, ALL, EPERM },
  { "swapon", __NR_swapon, { NAME, 0 }, ALL, EPERM },
  { "swapoff", __NR_swapoff, { NAME }, ALL, EPERM },
  { "open_by_handle_at", __NR_open_by_handle_at, { BAD, 0, 0 }, ALL, EPERM },
  { "name_to_handle_at", __NR_name_to_handle_at, { BAD, 0, 0, 0, 0 }, ALL, EPERM },
  { "reboot", __NR_reboot, { 1, 2, 3, 0 }, ALL, EPERM },
  { "sethostname", __NR_sethostname, { 0, BAD }, ALL, EPERM },
  { "setdomainname", __NR_setdomainname, { 0, BAD }, ALL, EPERM },
  { "settimeofday", __NR_settimeofday, { 1, 0 }, ALL, EPERM },
  { "clock_settime", __NR_clock_settime, { 0, 1 }, ALL, EPERM },
  { "adjtimex", __NR_adjtimex, { 1 }, ALL, EPERM },
  { "ptrace", __NR_ptrace, { 0x4206, 0x3fffffff, 0, 0 }, ALL, EPERM },
  { "process_vm_readv", __NR_process_vm_readv, { 0x3fffffff, 0, 0, 0, 0, 0 }, ALL, 0 },
  { "process_vm_writev", __NR_process_vm_writev, { 0x3fffffff, 0, 0, 0, 0, 0 }, ALL, 0 },
  { "pidfd_getfd", 438, { BAD, 0, 0 }, ALL, 0 },
  { "kcmp", __NR_kcmp, { 0x3fffffff, 0x3fffffff, 0, 0, 0 }, ALL, 0 },
  { "move_pages", __NR_move_pages, { 0x3fffffff, 0, 0, 0, 0, 0 }, ALL, EPERM },
  { "socket(packet)", __NR_socket, { AF_PACKET, SOCK_DGRAM, 0 }, ALL, 0 },
  { "socket(vsock)", __NR_socket, { AF_VSOCK, SOCK_STREAM, 0 }, ALL, 0 },
  { "socket(inet, raw)", __NR_socket, { AF_INET, SOCK_RAW, 1 }, ALL, 0 },
  { "socket(inet, raw, cloexec)", __NR_socket, { AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1 }, ALL, 0 },
  { "socket(inet, raw, high type)", __NR_socket, { AF_INET, HIGH | SOCK_RAW, 1 }, ALL, 0 },
  { "socket(inet, raw, high family)", __NR_socket, { HIGH | AF_INET, SOCK_RAW, 1 }, ALL, 0 },
  { "socket(inet6, raw)", __NR_socket, { AF_INET6, SOCK_RAW, 58 }, ALL, 0 },
  { "socket(inet, packet)", __NR_socket, { AF_INET, SOCK_PACKET, 0 }, ALL, 0 },
  { "socket(inet, mptcp)", __NR_socket, { AF_INET, SOCK_STREAM, 262 }, ALL, 0 },
  { "socket(netlink, netfilter)", __NR_socket, { AF_NETLINK, SOCK_RAW, 12 }, ALL, 0 },
  { "socket(netlink, audit)", __NR_socket, { AF_NETLINK, SOCK_RAW, 9 }, ALL, 0 },
  { "socket(high packet)", __NR_socket, { HIGH | AF_PACKET, SOCK_DGRAM, 0 }, ALL, 0 },
  { "ioctl(TIOCSTI)", __NR_ioctl, { BAD, TIOCSTI, 0 }, ALL, 0 },
  { "ioctl(TIOCSTI, high)", __NR_ioctl, { BAD, HIGH | TIOCSTI, 0 }, ALL, 0 },
  { "ioctl(TIOCLINUX)", __NR_ioctl, { BAD, TIOCLINUX, 0 }, ALL, 0 },
  { "ioctl(TIOCSETD)", __NR_ioctl, { BAD, TIOCSETD, 0 }, ALL, 0 },
  { "personality(exec)", __NR_personality, { READ_IMPLIES_EXEC }, ALL, 0 },
  { "personality(no randomize)", __NR_personality, { ADDR_NO_RANDOMIZE }, ALL, 0 },
  { "personality(top)", __NR_personality, { 0x80000000u | READ_IMPLIES_EXEC }, ALL, 0 },
  { "personality(high)", __NR_personality, { HIGH | READ_IMPLIES_EXEC }, ALL, 0 },
  { "chmod(setuid)", __NR_chmod, { BAD, S_ISUID }, DESKTOP | STRICT, 0 },
  { "fchmod(setgid)", __NR_fchmod, { BAD, S_ISGID | 0755 }, DESKTOP | STRICT, 0 },
  { "fchmod(high setuid)", __NR_fchmod, { BAD, HIGH | S_ISUID }, DESKTOP | STRICT, 0 },
  { "fchmodat(setuid)", __NR_fchmodat, { BAD, NAME, S_ISUID }, DESKTOP | STRICT, 0 },
  { "fchmodat2(setuid)", 452, { BAD, NAME, S_ISUID, 0 }, DESKTOP | STRICT, 0 },
  { "creat(setuid)", __NR_creat, { BAD, S_ISUID }, DESKTOP | STRICT, 0 },
  { "mknod(setuid)", __NR_mknod, { BAD, S_IFREG | S_ISUID, 0 }, DESKTOP | STRICT, 0 },
  { "mknod(device 0:0)", __NR_mknod, { BAD, S_IFCHR | 0600, 0 }, DESKTOP | STRICT, 0 },
  { "mknodat(device 0:0)", __NR_mknodat, { BAD, NAME, S_IFCHR | 0600, 0 }, DESKTOP | STRICT, 0 },
  { "mknodat(setgid)", __NR_mknodat, { BAD, BAD, S_IFREG | S_ISGID, 0 }, DESKTOP | STRICT, 0 },
  { "open(create, setuid)", __NR_open, { BAD, O_CREAT | O_WRONLY, S_ISUID }, DESKTOP | STRICT, 0 },
  { "openat(create, setgid)", __NR_openat, { BAD, NAME, O_CREAT, S_ISGID }, DESKTOP | STRICT, 0 },
  { "openat(unnamed, setuid)", __NR_openat, { BAD, NAME, O_TMPFILE | O_RDWR, S_ISUID }, DESKTOP | STRICT, 0 },
  { "openat2", 437, { BAD, NAME, BAD, 0 }, DESKTOP | STRICT, ENOSYS },
  { "not invented yet", 590, { 0 }, 0, ENOSYS },
  /* Not for the compositor, nor for PipeWire. */
  { "socket(inet)", __NR_socket, { AF_INET, SOCK_STREAM, 0 }, COMPOSITOR | MEDIA, 0 },
  { "fork", __NR_clone, { SIGCHLD, 0, 0, 0, 0 }, COMPOSITOR, 0 },
  { "connect", __NR_connect, { BAD, 0, 0 }, COMPOSITOR, 0 },
  { "mkdirat", __NR_mkdirat, { BAD, NAME, 0 }, COMPOSITOR | MEDIA, 0 },
  { "renameat2", __NR_renameat2, { BAD, NAME, BAD, NAME, 0 }, COMPOSITOR | MEDIA, 0 },
  { "fchmod", __NR_fchmod, { BAD, 0 }, COMPOSITOR | MEDIA, 0 },
  { "ioctl(TIOCSWINSZ)", __NR_ioctl, { BAD, TIOCSWINSZ, 0 }, COMPOSITOR | MEDIA, 0 },
  /* The gates have the sockets that they were given, and nothing else. */
  { "socket(unix)", __NR_socket, { AF_UNIX, SOCK_STREAM, 0 }, GATES, 0 },
  { "socket(inet)", __NR_socket, { AF_INET, SOCK_STREAM, 0 }, GATES, 0 },
  { "socket(inet6, udp)", __NR_socket, { AF_INET6, SOCK_DGRAM, 0 }, GATES, 0 },
  { "socket(netlink, route)", __NR_socket, { AF_NETLINK, SOCK_RAW, 0 }, GATES, 0 },
  { "socketpair", __NR_socketpair, { AF_UNIX, SOCK_STREAM, 0, BAD }, GATES, 0 },
  { "connect(gate)", __NR_connect, { BAD, 0, 0 }, GATES, 0 },
  { "bind", __NR_bind, { BAD, 0, 0 }, GATES, 0 },
  { "listen", __NR_listen, { BAD, 0 }, GATES, 0 },
  { "open", __NR_open, { NAME, O_RDONLY, 0 }, NETWORK, 0 },
  { "openat", __NR_openat, { BAD, NAME, O_RDONLY, 0 }, NETWORK, 0 },
  { "memfd_create", __NR_memfd_create, { NAME, 0 }, GATES, 0 },
  { "fork(gate)", __NR_clone, { SIGCHLD, 0, 0, 0, 0 }, GATES, 0 },
  { "kill", __NR_kill, { 0x3fffffff, 0 }, GATES, 0 },
  { "ioctl", __NR_ioctl, { BAD, FIONREAD, 0 }, GATES, 0 },
};

/* The same calls within what is allowed; 0 is expected to be anything but a refusal. */
static const Row allowed[] = {
  { "splice", __NR_splice, { BAD, 0, BAD, 0, 1, 0 }, COMPOSITOR | XWAYLAND | NETWORK, 0 },
  { "clone", __NR_clone, { SIGCHLD, 0, 0, 0, 0 }, DESKTOP | STRICT | XWAYLAND | MEDIA, 0 },
  { "socket(unix)", __NR_socket, { AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0 }, PROGRAMS, 0 },
  { "connect", __NR_connect, { BAD, 0, 0 }, DESKTOP | STRICT | XWAYLAND | MEDIA, 0 },
  { "close_range", __NR_close_range, { 900, 901, 0 }, MEDIA, 0 },
  { "socket(inet)", __NR_socket, { AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 6 }, DESKTOP | STRICT, 0 },
  { "socket(inet6, udp)", __NR_socket, { AF_INET6, SOCK_DGRAM, 17 }, DESKTOP | STRICT, 0 },
  { "socket(netlink, route)", __NR_socket, { AF_NETLINK, SOCK_RAW, 0 }, DESKTOP | STRICT, 0 },
  { "fchmod", __NR_fchmod, { BAD, 01755 }, DESKTOP | STRICT, 0 },
  { "fchmodat2", 452, { BAD, NAME, 0644, 0 }, DESKTOP | STRICT, 0 },
  { "open", __NR_open, { BAD, O_RDONLY, 0xffffffffu }, DESKTOP | STRICT, 0 },
  { "openat(create)", __NR_openat, { BAD, NAME, O_CREAT | O_WRONLY, 0666 }, DESKTOP | STRICT, 0 },
  { "openat(folder)", __NR_openat, { BAD, NAME, O_DIRECTORY, 0xffffffffu }, DESKTOP | STRICT, 0 },
  { "ioctl(TCGETS)", __NR_ioctl, { BAD, TCGETS, 0 }, PROGRAMS, 0 },
  { "personality(query)", __NR_personality, { 0xffffffffu }, DESKTOP | STRICT, 0 },
  { "personality(0)", __NR_personality, { 0 }, DESKTOP | STRICT, 0 },
  { "prlimit64(read)", __NR_prlimit64, { 0, RLIMIT_CORE, 0, 0 }, ALL, 0 },
  { "prlimit64(nofile)", __NR_prlimit64, { 0, RLIMIT_NOFILE, 0, 0 }, ALL, 0 },
  { "memfd_create", __NR_memfd_create, { NAME, 0 }, PROGRAMS, 0 },
  { "accept4", __NR_accept4, { BAD, 0, 0, 0 }, NETWORK, 0 },
  { "recvmsg", __NR_recvmsg, { BAD, 0, 0 }, GATES, 0 },
  { "sendto", __NR_sendto, { BAD, 0, 0, 0, 0, 0 }, GATES, 0 },
  { "pipe2", __NR_pipe2, { 0, BAD }, NETWORK, 0 },
  { "futex", __NR_futex, { NAME, 1, 1, 0, 0, 0 }, PROGRAMS, 0 },
};

static void
load_filter (GBytes *program)
{
  struct sock_fprog filter = {
    .len = g_bytes_get_size (program) / sizeof (struct sock_filter),
    .filter = (struct sock_filter *) g_bytes_get_data (program, NULL),
  };

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall (__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
    _exit (254);
}

/* A sanitizer asks for its stack before what does not return, which not every profile lets it. */
static void
leave (int status)
{
  for (;;)
    syscall (SYS_exit_group, status);
}

/* The errno of one call in a process of its own; 1000 + n where that was killed by signal n. */
static int
attempt (const Row *row,
         GBytes    *program)
{
  const guint64 *a = row->arguments;
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      pid_t self = getpid ();
      long result;

      if (program != NULL)
        load_filter (program);
      result = syscall (row->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
      if (getpid () != self)
        leave (0);              /* the call was a fork, and this the second to come back */
      leave (result < 0 ? errno : 0);
    }

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 1000 + WTERMSIG (status);
}

static gboolean
is_refusal (int error)
{
  return error == EPERM || error == ENOSYS || error == EAFNOSUPPORT || error == EPROTONOSUPPORT || error == EACCES;
}

static void
test_refused (void)
{
  guint n_proven = 0;

  for (GlbSeccompProfile profile = 0; profile <= GLB_SECCOMP_SECRETS; profile++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) program = glb_seccomp_build (profile, FALSE, &error);

      g_assert_no_error (error);
      g_test_message ("profile %d: %" G_GSIZE_FORMAT " instructions", profile, g_bytes_get_size (program) / sizeof (struct sock_filter));
      for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
        {
          const Row *row = &refused[i];
          int without;
          int with;

          if (row->profiles != 0 && (row->profiles & (1u << profile)) == 0)
            continue;

          without = attempt (row, NULL);
          with = attempt (row, program);
          if (with == without && is_refusal (with))
            {
              g_test_message ("profile %d: %s: not proven, the kernel refuses it as well (%s)", profile, row->name, g_strerror (with));
              continue;
            }
          if (!is_refusal (with) || (row->expected != 0 && with != row->expected))
            g_test_message ("profile %d: %s: %d without the filter, %d with it", profile, row->name, without, with);
          g_assert_true (is_refusal (with));
          if (row->expected != 0)
            g_assert_cmpint (with, ==, row->expected);
          n_proven++;
        }
    }

  g_test_message ("%u refusals proven", n_proven);
  g_assert_cmpuint (n_proven, >, getuid () == 0 ? 200 : 100);
}

static void
test_allowed (void)
{
  for (GlbSeccompProfile profile = 0; profile <= GLB_SECCOMP_SECRETS; profile++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) program = glb_seccomp_build (profile, FALSE, &error);

      g_assert_no_error (error);
      for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
        {
          const Row *row = &allowed[i];

          if ((row->profiles & (1u << profile)) == 0)
            continue;
          g_test_message ("profile %d: %s", profile, row->name);
          g_assert_cmpint (attempt (row, program), ==, attempt (row, NULL));
        }
    }
}

/* The limit on core dumps stays, whatever the program is told. Its bit 32 is one that the kernel does not read. */
static void
test_core_limit (void)
{
  static const guint64 resources[] = { RLIMIT_CORE, HIGH | RLIMIT_CORE };

  for (GlbSeccompProfile profile = 0; profile <= GLB_SECCOMP_SECRETS; profile++)
    for (guint i = 0; i < 2 * G_N_ELEMENTS (resources); i++)
      {
        g_autoptr(GBytes) program = i % 2 == 0 ? NULL : glb_seccomp_build (profile, FALSE, NULL);
        pid_t pid = fork ();
        int status;

        if (pid == 0)
          {
            struct rlimit limit = { 1, 1 };

            if (setrlimit (RLIMIT_CORE, &limit) < 0)
              _exit (100);
            if (program != NULL)
              load_filter (program);
            limit = (struct rlimit) { 0, 0 };
            syscall (__NR_prlimit64, 0, resources[i / 2], &limit, NULL);
            if (syscall (__NR_prlimit64, 0, RLIMIT_CORE, NULL, &limit) < 0)
              _exit (101);
            _exit ((int) limit.rlim_cur);
          }
        g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
        g_assert_true (WIFEXITED (status));
        g_assert_cmpint (WEXITSTATUS (status), ==, program != NULL ? 1 : 0);
      }
}

static void
test_debug (void)
{
  static const Row rows[] = {
    { "ptrace", __NR_ptrace, { 0x4206, 0x3fffffff, 0, 0 }, 0, ESRCH },
    { "personality", __NR_personality, { ADDR_NO_RANDOMIZE }, 0, 0 },
  };

  for (GlbSeccompProfile profile = 0; profile <= GLB_SECCOMP_STRICT; profile++)
    {
      g_autoptr(GBytes) with = glb_seccomp_build (profile, TRUE, NULL);
      g_autoptr(GBytes) without = glb_seccomp_build (profile, FALSE, NULL);

      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          g_assert_true (is_refusal (attempt (&rows[i], without)));
          g_assert_cmpint (attempt (&rows[i], with), ==, rows[i].expected);
        }
    }

  /* The compositor never debugs. */
  {
    g_autoptr(GBytes) compositor = glb_seccomp_build (GLB_SECCOMP_COMPOSITOR, TRUE, NULL);

    g_assert_cmpint (attempt (&rows[0], compositor), ==, EPERM);
  }
}

#ifdef __x86_64__
/* The 32-bit table by the old door: number 20 there is getpid(), here writev(). */
static int
old_door (GBytes *program)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    {
      long result = 20;

      if (program != NULL)
        load_filter (program);
      __asm__ volatile ("int $0x80" : "+a" (result) : : "memory", "r8", "r9", "r10", "r11");
      _exit (result == getpid () ? 0 : 1);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

static void
test_other_architectures (void)
{
  static const Row x32 = { "x32", 0x40000000 | __NR_getpid, { 0 }, 0, 0 };
  g_autoptr(GBytes) program = glb_seccomp_build (GLB_SECCOMP_DESKTOP, FALSE, NULL);
  int status = old_door (NULL);

  g_assert_cmpint (attempt (&x32, program), ==, 1000 + SIGSYS);
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    {
      g_test_skip ("this kernel runs no 32-bit programs");
      return;
    }
  status = old_door (program);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
}
#endif

/* Real tools under the allow-list. */
static void
test_strict_tools (void)
{
  static const char * const scripts[] = {
    "ls -l /usr/bin | sort | tail -n 3 | wc -l | grep 3",
    "d=$(mktemp -d) && cd $d && echo x >a && cp a b && mv b c && ln -s c d && chmod 600 c && touch -d 2020-01-01 c && rm -r $d",
    "! command -v python3 || python3 -c 'import subprocess,threading,json,socket,asyncio; subprocess.check_call([\"true\"]); "
      "t=threading.Thread(target=print); t.start(); t.join(); asyncio.run(asyncio.sleep(0))'",
    "! command -v git || (d=$(mktemp -d) && cd $d && git init -q && echo x >f && git add f && "
      "git -c user.name=a -c user.email=a@b commit -qm x && git log --oneline | grep x && rm -rf $d)",
    "! command -v cc || (d=$(mktemp -d) && cd $d && echo 'int main(void){return 0;}' >a.c && cc a.c -o a && ./a && rm -r $d)",
    "find /usr/share/doc -maxdepth 1 | tar --no-recursion -cf - -T - | gzip | gunzip | tar -tf - >/dev/null",
    "timeout 5 true && date && id && df / && nproc && env",
  };
  g_autoptr(GBytes) program = glb_seccomp_build (GLB_SECCOMP_STRICT, FALSE, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      pid_t pid = fork ();
      int status;

      if (pid == 0)
        {
          int null = open ("/dev/null", O_RDWR);

          dup2 (null, 1);
          load_filter (program);
          execl ("/bin/bash", "bash", "-eo", "pipefail", "-c", scripts[i], NULL);
          _exit (253);
        }
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      if (status != 0)
        g_test_message ("%s: %d", scripts[i], status);
      g_assert_cmpint (status, ==, 0);
    }
}

static void *
thread (void *data)
{
  return data;
}

static void
test_compositor_threads (void)
{
  g_autoptr(GBytes) program = glb_seccomp_build (GLB_SECCOMP_COMPOSITOR, FALSE, NULL);
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    {
      pthread_t other;

      load_filter (program);
      if (pthread_create (&other, NULL, thread, NULL) != 0 || pthread_join (other, NULL) != 0)
        _exit (1);
      free (malloc (8 * 1024 * 1024));
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

static void
test_cached (void)
{
  g_autoptr(GBytes) one = glb_seccomp_build (GLB_SECCOMP_DESKTOP, FALSE, NULL);
  g_autoptr(GBytes) two = glb_seccomp_build (GLB_SECCOMP_DESKTOP, FALSE, NULL);

  g_assert_true (one == two);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/seccomp/refused", test_refused);
  g_test_add_func ("/seccomp/core-limit", test_core_limit);
  g_test_add_func ("/seccomp/debug", test_debug);
#ifdef __x86_64__
  g_test_add_func ("/seccomp/other-architectures", test_other_architectures);
#endif
  g_test_add_func ("/seccomp/allowed", test_allowed);
  g_test_add_func ("/seccomp/strict-tools", test_strict_tools);
  g_test_add_func ("/seccomp/compositor-threads", test_compositor_threads);
  g_test_add_func ("/seccomp/cached", test_cached);

  return g_test_run ();
}
