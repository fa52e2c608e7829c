/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* The person's processes: to be seen, read, changed, signalled. */

#include "session-broker/prove/glb-prove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Process numbers in a session are its own: a number that is there may be another process. */
static gboolean
is_bait (GlbBait *bait,
         pid_t    pid)
{
  const char *token = glb_bait_get (bait, "token");
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", (int) pid);
  g_autofree char *text = NULL;
  gsize length;

  return g_file_get_contents (path, &text, &length, NULL) && memmem (text, length, "--bait-process", 15) != NULL &&
         memmem (text, length, token, strlen (token)) != NULL;
}

static GlbProveResult
wrong_process (GString *detail)
{
  g_string_assign (detail, "that number is a process of the session");
  return GLB_PROVE_REFUSED;
}

#define GET_PID(pid) \
  pid_t pid = (pid_t) glb_bait_get_number (bait, "pid"); \
  if (pid == 0) \
    return glb_prove_unavailable (detail, "no bait of this kind")

static GlbProveResult
see_processes (GlbBait *bait,
               GString *detail)
{
  DIR *dir = opendir ("/proc");
  struct dirent *entry;
  gboolean found = FALSE;

  if (dir == NULL)
    return glb_prove_refused (detail, "/proc");
  while ((entry = readdir (dir)) != NULL)
    found = found || (g_ascii_isdigit (entry->d_name[0]) && is_bait (bait, atoi (entry->d_name)));
  closedir (dir);
  if (found)
    return glb_prove_escaped (detail, "the person's process was seen");
  g_string_assign (detail, "only the session's own are there");
  return GLB_PROVE_REFUSED;
}

static GlbProveResult
read_environment (GlbBait *bait,
                  GString *detail)
{
  GET_PID (pid);
  g_autofree char *path = g_strdup_printf ("/proc/%d/environ", (int) pid);

  return glb_prove_read_token (bait, path, detail);
}

static GlbProveResult
check_memory (GlbBait    *bait,
              const char *bytes,
              gssize      n,
              GString    *detail)
{
  const char *token = glb_bait_get (bait, "token");

  if (n < 0)
    return glb_prove_refused (detail, "read");
  if (memmem (bytes, (gsize) n, token, strlen (token)) != NULL)
    return glb_prove_escaped (detail, "the secret was read from its memory");
  return wrong_process (detail);
}

static GlbProveResult
read_memory_file (GlbBait *bait,
                  GString *detail)
{
  GET_PID (pid);
  g_autofree char *path = g_strdup_printf ("/proc/%d/mem", (int) pid);
  char bytes[64];
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return glb_prove_refused (detail, "open");
  return check_memory (bait, bytes, pread (fd, bytes, sizeof bytes, glb_bait_get_number (bait, "address")), detail);
}

static GlbProveResult
read_memory_call (GlbBait *bait,
                  GString *detail)
{
  GET_PID (pid);
  char bytes[64];
  struct iovec local = { bytes, sizeof bytes };
  struct iovec remote = { (void *) (gsize) glb_bait_get_number (bait, "address"), sizeof bytes };

  return check_memory (bait, bytes, process_vm_readv (pid, &local, 1, &remote, 1, 0), detail);
}

static GlbProveResult
write_memory_call (GlbBait *bait,
                   GString *detail)
{
  GET_PID (pid);
  char byte = 'x';
  struct iovec local = { &byte, 1 };
  struct iovec remote = { (void *) (gsize) glb_bait_get_number (bait, "scratch"), 1 };

  if (!is_bait (bait, pid))
    errno = ESRCH;
  else if (process_vm_writev (pid, &local, 1, &remote, 1, 0) == 1)
    return glb_prove_escaped (detail, "its memory was written");
  return glb_prove_refused (detail, "process_vm_writev");
}

static GlbProveResult
trace (GlbBait *bait,
       GString *detail)
{
  GET_PID (pid);

  if (ptrace (PTRACE_SEIZE, pid, NULL, NULL) < 0)
    return glb_prove_refused (detail, "ptrace");
  return is_bait (bait, pid) ? glb_prove_escaped (detail, "it was attached to") : wrong_process (detail);
}

static GlbProveResult
open_its_descriptor (GlbBait *bait,
                     GString *detail)
{
  GET_PID (pid);
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd/%d", (int) pid, (int) glb_bait_get_number (bait, "fd"));

  return glb_prove_read_token (bait, path, detail);
}

static GlbProveResult
take_its_descriptor (GlbBait *bait,
                     GString *detail)
{
  GET_PID (pid);
  g_autofree char *path = NULL;
  int pidfd = (int) syscall (__NR_pidfd_open, pid, 0);
  int fd;

  if (pidfd < 0)
    return glb_prove_refused (detail, "pidfd_open");
  fd = (int) syscall (438, pidfd, (int) glb_bait_get_number (bait, "fd"), 0);   /* pidfd_getfd */
  if (fd < 0)
    return glb_prove_refused (detail, "pidfd_getfd");
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  return glb_prove_read_token (bait, path, detail);
}

static GlbProveResult
send_signal (GlbBait *bait,
             GString *detail)
{
  GET_PID (pid);

  if (kill (pid, SIGCONT) < 0)
    return glb_prove_refused (detail, "kill");
  return is_bait (bait, pid) ? glb_prove_escaped (detail, "a signal was sent") : wrong_process (detail);
}

static GlbProveResult
change_priority (GlbBait *bait,
                 GString *detail)
{
  GET_PID (pid);

  if (setpriority (PRIO_PROCESS, (id_t) pid, 5) < 0)
    return glb_prove_refused (detail, "setpriority");
  return is_bait (bait, pid) ? glb_prove_escaped (detail, "its priority was changed") : wrong_process (detail);
}

static GlbProveResult
change_limits (GlbBait *bait,
               GString *detail)
{
  GET_PID (pid);
  struct rlimit limit = { 512, 512 };

  if (!is_bait (bait, pid))
    errno = ESRCH;
  else if (prlimit (pid, RLIMIT_NOFILE, &limit, NULL) == 0)
    return glb_prove_escaped (detail, "its limits were changed");
  return glb_prove_refused (detail, "prlimit");
}

static GlbProveResult
make_it_victim (GlbBait *bait,
                GString *detail)
{
  GET_PID (pid);
  g_autofree char *path = g_strdup_printf ("/proc/%d/oom_score_adj", (int) pid);
  int fd;

  if (!is_bait (bait, pid))
    {
      errno = ENOENT;
      return glb_prove_refused (detail, path);
    }
  fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write (fd, "500", 3) != 3)
    return glb_prove_refused (detail, path);
  close (fd);
  return glb_prove_escaped (detail, "it was made the first to die when memory is short");
}

static GlbProveResult
read_first_process (GlbBait *bait,
                    GString *detail)
{
  return glb_prove_open ("/proc/1/mem", O_RDONLY, detail);
}

static GlbProveResult
become_other (GlbBait *bait,
              GString *detail)
{
  uid_t other = getuid () == 65534 ? 65533 : 65534;

  if (setresuid (other, other, other) < 0)
    return glb_prove_refused (detail, "setresuid");
  return glb_prove_escaped (detail, "it runs under another user id");
}

static GlbProveResult
become_root (GlbBait *bait,
             GString *detail)
{
  /* As an ordinary user first, where there is one to be. */
  if (setresuid ((uid_t) -1, 0, (uid_t) -1) < 0 || geteuid () != 0 || setgid (0) < 0)
    return glb_prove_refused (detail, "setresuid");
  return glb_prove_escaped (detail, "it is root");
}

static GlbProveResult
inherited (GlbBait *bait,
           GString *detail)
{
  for (int fd = 3; fd < 1024; fd++)
    {
      g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
      g_autofree char *target = g_file_read_link (path, NULL);

      if (target != NULL && target[0] == '/' && strcmp (target, glb_bait_get (bait, "secret")) == 0)
        return glb_prove_read_token (bait, path, detail);
    }
  errno = EBADF;
  return glb_prove_refused (detail, "no descriptor of the person's");
}

static GlbProveResult
shared_memory (GlbBait *bait,
               GString *detail)
{
  key_t key = (key_t) glb_bait_get_number (bait, "shm-key");
  int id = key != 0 ? (int) syscall (__NR_shmget, key, 0, 0) : -1;
  long memory;

  if (key == 0)
    return glb_prove_unavailable (detail, "no bait of this kind");
  if (id < 0)
    return glb_prove_refused (detail, "shmget");
  memory = syscall (__NR_shmat, id, NULL, 010000 /* SHM_RDONLY */);
  if (memory == -1)
    return glb_prove_refused (detail, "shmat");
  return check_memory (bait, (const char *) memory, 64, detail);
}

static GlbProveResult
message_queue (GlbBait *bait,
               GString *detail)
{
  const char *name = glb_bait_get (bait, "queue");
  long queue = name != NULL ? syscall (__NR_mq_open, name, O_RDONLY | O_NONBLOCK, 0, NULL) : -1;

  if (name == NULL)
    return glb_prove_unavailable (detail, "no bait of this kind");
  if (queue < 0)
    return glb_prove_refused (detail, "mq_open");
  return glb_prove_escaped (detail, "the person's message queue was opened");
}

static GlbProveResult
memory_file (GlbBait *bait,
             GString *detail)
{
  return glb_prove_read_token (bait, glb_bait_get (bait, "shm-file"), detail);
}

static GlbProveResult
write_core_pattern (GlbBait *bait,
                    GString *detail)
{
  return glb_prove_open ("/proc/sys/kernel/core_pattern", O_WRONLY, detail);
}

static GlbProveResult
write_sysrq (GlbBait *bait,
             GString *detail)
{
  return glb_prove_open ("/proc/sysrq-trigger", O_WRONLY, detail);
}

static GlbProveResult
read_symbols (GlbBait *bait,
              GString *detail)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents ("/proc/kallsyms", &text, &length, NULL))
    return glb_prove_refused (detail, "/proc/kallsyms");
  for (const char *line = text; line != NULL && *line != '\0'; line = strchr (line, '\n'), line = line != NULL ? line + 1 : NULL)
    if (g_ascii_strtoull (line, NULL, 16) != 0)
      return glb_prove_escaped (detail, "the kernel's addresses were read");
  g_string_assign (detail, "the addresses are hidden");
  return GLB_PROVE_REFUSED;
}

/* Out of its control group: into the topmost one. */
static GlbProveResult
leave_cgroup (GlbBait *bait,
              GString *detail)
{
  static const char * const files[] = { "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs", "/sys/fs/cgroup/memory/cgroup.procs" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (glb_prove_open (files[i], O_WRONLY, detail) == GLB_PROVE_ESCAPED)
      return GLB_PROVE_ESCAPED;
  return GLB_PROVE_REFUSED;
}

const GlbProveAttempt glb_prove_processes[] = {
  { "process.list", "processes", "See a process of the person in /proc", see_processes },
  { "process.environ", "processes", "Read its environment", read_environment },
  { "process.mem", "processes", "Read its memory through /proc/PID/mem", read_memory_file },
  { "process.readv", "processes", "Read its memory with process_vm_readv", read_memory_call },
  { "process.writev", "processes", "Write its memory with process_vm_writev", write_memory_call },
  { "process.ptrace", "processes", "Attach to it with ptrace", trace },
  { "process.fd", "processes", "Open its file through /proc/PID/fd", open_its_descriptor },
  { "process.getfd", "processes", "Take its file descriptor with pidfd_getfd", take_its_descriptor },
  { "process.kill", "processes", "Send it a signal", send_signal },
  { "process.priority", "processes", "Change its priority", change_priority },
  { "process.limits", "processes", "Change its limits", change_limits },
  { "process.oom", "processes", "Make it the first to die when memory is short", make_it_victim },
  { "process.first", "processes", "Open the memory of process 1", read_first_process },
  { "process.setuid", "privileges", "Become another user", become_other },
  { "process.root", "privileges", "Become root", become_root },
  { "process.inherited", "processes", "Use a file descriptor that was left open", inherited },
  { "process.cgroup", "privileges", "Leave the control group", leave_cgroup },
  { "ipc.shm", "shared memory", "Attach the person's System V shared memory", shared_memory },
  { "ipc.queue", "shared memory", "Open the person's message queue", message_queue },
  { "ipc.file", "shared memory", "Read the person's file in /dev/shm", memory_file },
  { "proc.core-pattern", "kernel settings", "Open /proc/sys/kernel/core_pattern for writing", write_core_pattern },
  { "proc.sysrq", "kernel settings", "Open /proc/sysrq-trigger", write_sysrq },
  { "proc.symbols", "kernel settings", "Read the kernel's addresses", read_symbols },
  { NULL },
};
