/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/*
 * The kernel's own surface: doors that many exploits of the past went through.
 * Where passing through one would do harm outside, it is knocked at with bad
 * arguments: any answer but "not permitted" or "no such call" means that the
 * kernel's code behind it was reached.
 */

#include "session-broker/prove/glb-prove.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define BAD ((long) -1)

static GlbProveResult
knock (const char *name,
       GString    *detail,
       long        nr,
       long        a,
       long        b,
       long        c,
       long        d,
       long        e)
{
  long result = syscall (nr, a, b, c, d, e, 0);

  if (result < 0 && (errno == EPERM || errno == ENOSYS || errno == EACCES))
    return glb_prove_refused (detail, name);
  g_string_printf (detail, "%s was reached: %s", name, result < 0 ? g_strerror (errno) : "it worked");
  return GLB_PROVE_ESCAPED;
}

#define KNOCK(call, a, b, c, d, e) \
  static GlbProveResult \
  knock_ ## call (GlbBait *bait, GString *detail) \
  { \
    return knock (#call, detail, __NR_ ## call, (long) (a), (long) (b), (long) (c), (long) (d), (long) (e)); \
  }

static const char no_name[] = "/no/such/name";

KNOCK (finit_module, BAD, 0, 0, 0, 0)
KNOCK (init_module, 0, 0, 0, 0, 0)
KNOCK (delete_module, no_name, O_NONBLOCK, 0, 0, 0)
KNOCK (kexec_load, 0, 0, 0, BAD, 0)
KNOCK (reboot, 1, 2, 3, 0, 0)
KNOCK (swapon, no_name, 0, 0, 0, 0)
KNOCK (settimeofday, 1, 0, 0, 0, 0)
KNOCK (sethostname, 0, BAD, 0, 0, 0)
KNOCK (acct, no_name, 0, 0, 0, 0)
KNOCK (quotactl, BAD, 0, 0, 0, 0)
#ifdef __NR_iopl
KNOCK (iopl, 9, 0, 0, 0, 0)
KNOCK (modify_ldt, 0, 0, 0, 0, 0)
#endif
KNOCK (syslog, 10, 0, 0, 0, 0)
KNOCK (lookup_dcookie, 0, 0, 0, 0, 0)
KNOCK (move_pages, 0, 0, 0, 0, 0)
KNOCK (kcmp, BAD, BAD, 0, 0, 0)

static GlbProveResult
made_fd (long        fd,
         const char *what,
         GString    *detail)
{
  if (fd < 0)
    return glb_prove_refused (detail, what);
  close ((int) fd);
  g_string_printf (detail, "%s worked", what);
  return GLB_PROVE_ESCAPED;
}

static GlbProveResult
bpf_map (GlbBait *bait,
         GString *detail)
{
  union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1 };

  return made_fd (syscall (__NR_bpf, BPF_MAP_CREATE, &attr, sizeof attr), "bpf", detail);
}

static GlbProveResult
uffd (GlbBait *bait,
      GString *detail)
{
  return made_fd (syscall (__NR_userfaultfd, O_CLOEXEC | 1 /* user mode only */), "userfaultfd", detail);
}

static GlbProveResult
io_uring (GlbBait *bait,
          GString *detail)
{
  guint32 parameters[30] = { 0 };

  return made_fd (syscall (425, 4, parameters), "io_uring_setup", detail);
}

static GlbProveResult
perf (GlbBait *bait,
      GString *detail)
{
  struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK, .exclude_kernel = 1,
                                  .exclude_hv = 1 };

  return made_fd (syscall (__NR_perf_event_open, &attr, 0, -1, -1, 0), "perf_event_open", detail);
}

static GlbProveResult
fanotify (GlbBait *bait,
          GString *detail)
{
  return made_fd (syscall (__NR_fanotify_init, 0x200 /* report file ids: what the unprivileged may ask for */, O_RDONLY), "fanotify_init", detail);
}

static GlbProveResult
join_keyring (GlbBait *bait,
              GString *detail)
{
  if (syscall (__NR_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1) < 0)
    return glb_prove_refused (detail, "keyctl");
  return glb_prove_escaped (detail, "a keyring was made");
}

static GlbProveResult
add_key (GlbBait *bait,
         GString *detail)
{
  if (syscall (__NR_add_key, "user", "glovebox-prove", "x", 1, KEY_SPEC_PROCESS_KEYRING) < 0)
    return glb_prove_refused (detail, "add_key");
  return glb_prove_escaped (detail, "a key was added");
}

static GlbProveResult
read_key (GlbBait *bait,
          GString *detail)
{
  const char *token = glb_bait_get (bait, "token");
  gint64 key = glb_bait_get_number (bait, "key");
  char content[64];
  long n;

  if (key == 0)
    return glb_prove_unavailable (detail, "no bait of this kind");
  n = syscall (__NR_keyctl, KEYCTL_READ, (int) key, content, sizeof content);
  if (n < 0)
    return glb_prove_refused (detail, "keyctl");
  if (memmem (content, MIN ((gsize) n, sizeof content), token, strlen (token)) == NULL)
    return glb_prove_refused (detail, "another key");
  return glb_prove_escaped (detail, "the person's key was read");
}

static GlbProveResult
set_personality (GlbBait *bait,
                 GString *detail)
{
  if (syscall (__NR_personality, READ_IMPLIES_EXEC) < 0)
    return glb_prove_refused (detail, "personality");
  return glb_prove_escaped (detail, "all memory that can be read can be executed");
}

static GlbProveResult
core_dump (GlbBait *bait,
           GString *detail)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_CORE, &limit) < 0)
    return glb_prove_refused (detail, "getrlimit");
  limit.rlim_cur = 0;
  if (setrlimit (RLIMIT_CORE, &limit) < 0)
    return glb_prove_refused (detail, "setrlimit");
  if (getrlimit (RLIMIT_CORE, &limit) < 0 || limit.rlim_cur != 0)
    {
      g_string_assign (detail, "the limit stayed as it was");
      return GLB_PROVE_REFUSED;
    }
  return glb_prove_escaped (detail, "a crash would start the host's core dump program");
}

/* A process of one's own, which waits to be ended. */
static pid_t
make_child (void)
{
  pid_t pid = fork ();

  if (pid == 0)
    for (;;)
      pause ();
  return pid;
}

static GlbProveResult
end_child (pid_t          pid,
           GlbProveResult result)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, __WALL);
  return result;
}

static GlbProveResult
trace_child (GlbBait *bait,
             GString *detail)
{
  pid_t pid = make_child ();

  if (pid < 0)
    return glb_prove_unavailable (detail, "no process could be made");
  if (ptrace (PTRACE_SEIZE, pid, NULL, NULL) < 0)
    return end_child (pid, glb_prove_refused (detail, "ptrace"));
  return end_child (pid, glb_prove_escaped (detail, "a process was traced"));
}

static GlbProveResult
read_child (GlbBait *bait,
            GString *detail)
{
  static char secret[16] = "child";
  char bytes[16];
  struct iovec local = { bytes, sizeof bytes };
  struct iovec remote = { secret, sizeof secret };
  pid_t pid = make_child ();

  if (pid < 0)
    return glb_prove_unavailable (detail, "no process could be made");
  if (process_vm_readv (pid, &local, 1, &remote, 1, 0) < 0)
    return end_child (pid, glb_prove_refused (detail, "process_vm_readv"));
  return end_child (pid, glb_prove_escaped (detail, "another process's memory was read"));
}

#ifdef __x86_64__
static GlbProveResult
old_calls (GlbBait *bait,
           GString *detail)
{
  long result = 20;   /* getpid() there */

  __asm__ volatile ("int $0x80" : "+a" (result) : : "memory", "r8", "r9", "r10", "r11");
  if (result == getpid ())
    return glb_prove_escaped (detail, "the 32-bit calls answered");
  errno = ENOSYS;
  return glb_prove_refused (detail, "int 0x80");
}
#endif

const GlbProveAttempt glb_prove_kernel[] = {
  { "kernel.bpf", "kernel", "Load something into the kernel with bpf", bpf_map },
  { "kernel.userfaultfd", "kernel", "Hold the kernel up with userfaultfd", uffd },
  { "kernel.io-uring", "kernel", "Set up an io_uring", io_uring },
  { "kernel.perf", "kernel", "Count events with perf_event_open", perf },
  { "kernel.fanotify", "kernel", "Watch a file system with fanotify", fanotify },
  { "kernel.keyring", "kernel", "Make a keyring", join_keyring },
  { "kernel.add-key", "kernel", "Add a key", add_key },
  { "kernel.read-key", "kernel", "Read a key of the person", read_key },
  { "kernel.ptrace", "kernel", "Trace a process of its own", trace_child },
  { "kernel.readv", "kernel", "Read the memory of a process of its own", read_child },
  { "kernel.personality", "kernel", "Make all memory executable", set_personality },
  { "kernel.core", "kernel", "Have a crash start the host's core dump program", core_dump },
#ifdef __x86_64__
  { "kernel.32-bit", "kernel", "Use the 32-bit system calls", old_calls },
#endif
#ifdef __NR_iopl
  { "kernel.iopl", "kernel", "Reach for the machine's ports", knock_iopl },
  { "kernel.ldt", "kernel", "Change the segment table", knock_modify_ldt },
#endif
  { "kernel.finit-module", "kernel", "Load a module", knock_finit_module },
  { "kernel.init-module", "kernel", "Load a module the older way", knock_init_module },
  { "kernel.delete-module", "kernel", "Unload a module", knock_delete_module },
  { "kernel.kexec", "kernel", "Load another kernel", knock_kexec_load },
  { "kernel.reboot", "kernel", "Restart the machine", knock_reboot },
  { "kernel.swap", "kernel", "Add swap space", knock_swapon },
  { "kernel.clock", "kernel", "Set the clock", knock_settimeofday },
  { "kernel.hostname", "kernel", "Set the machine's name", knock_sethostname },
  { "kernel.acct", "kernel", "Turn process accounting on", knock_acct },
  { "kernel.quota", "kernel", "Set quotas", knock_quotactl },
  { "kernel.log", "kernel", "Read the kernel's log", knock_syslog },
  { "kernel.dcookie", "kernel", "Look a profiler's cookie up", knock_lookup_dcookie },
  { "kernel.move-pages", "kernel", "Move memory between nodes", knock_move_pages },
  { "kernel.kcmp", "kernel", "Compare two processes", knock_kcmp },
  { NULL },
};
