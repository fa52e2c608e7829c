/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The main loop; see glb-init-private.h for what this program is. */

#include "config.h"

#include "session-broker/sandbox/glb-init-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct
{
  int  control_fd;
  int  signal_fd;
  bool ready;
  bool paused;
  bool no_spawn;
  bool debug;
} init = { .control_fd = -1, .signal_fd = -1 };

/* Before there is a broker to tell, or when it cannot be told. */
static void __attribute__ ((noreturn, format (printf, 1, 2)))
die (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  fputs ("glovebox-init: ", stderr);
  vfprintf (stderr, format, arguments);
  fputc ('\n', stderr);
  va_end (arguments);
  _exit (1);
}

void
glb_init_send (int           control_fd,
               uint32_t      type,
               uint64_t      serial,
               const void   *payload,
               uint32_t      size,
               const int    *fds,
               unsigned int  n_fds)
{
  GlbInitHeader header = { .type = type, .size = size, .serial = serial };
  struct iovec parts[2] = { { &header, sizeof header }, { (void *) payload, size } };
  union { char bytes[CMSG_SPACE (3 * sizeof (int))]; struct cmsghdr align; } control = { 0 };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
  ssize_t n;

  if (n_fds > 0)
    {
      struct cmsghdr *ancillary;

      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
      ancillary = CMSG_FIRSTHDR (&message);
      ancillary->cmsg_level = SOL_SOCKET;
      ancillary->cmsg_type = SCM_RIGHTS;
      ancillary->cmsg_len = CMSG_LEN (n_fds * sizeof (int));
      memcpy (CMSG_DATA (ancillary), fds, n_fds * sizeof (int));
    }

  do
    n = sendmsg (control_fd, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);

  if (n < 0)
    _exit (1);
}

void
glb_init_send_failed (int          control_fd,
                      uint64_t     serial,
                      GlbInitStage stage,
                      int          error,
                      const char  *detail)
{
  GlbInitFailed failed = { .stage = stage, .error = error };

  snprintf (failed.detail, sizeof failed.detail, "%s", detail);
  glb_init_send (control_fd, GLB_INIT_FAILED, serial, &failed, sizeof failed, NULL, 0);
}

static void
limit (int    resource,
       rlim_t soft,
       rlim_t hard)
{
  struct rlimit old;
  struct rlimit new;

  if (getrlimit (resource, &old) < 0)
    return;

  new.rlim_max = hard < old.rlim_max ? hard : old.rlim_max;
  new.rlim_cur = soft < new.rlim_max ? soft : new.rlim_max;
  setrlimit (resource, &new);
}

static void
apply_limits (const GlbInitSetup *setup)
{
  /* 1, not 0: for a core_pattern that is a pipe to a program of the host, which would be run for a hostile process,
   * 0 is no limit and 1 means never. */
  limit (RLIMIT_CORE, 1, 1);
  /* More than 1024 is for programs that ask: select() cannot count further. */
  if (setup->max_files > 0)
    limit (RLIMIT_NOFILE, 1024, setup->max_files);
  if (setup->max_processes > 0)
    limit (RLIMIT_NPROC, setup->max_processes, setup->max_processes);
}

/* What the launcher lent to say its errors on is given back. */
static int
detach_stdio (void)
{
  int fd = open ("/dev/null", O_RDWR | O_CLOEXEC);

  if (fd < 0)
    return -1;
  for (int i = 0; i < 3; i++)
    if (dup2 (fd, i) < 0)
      return -1;
  if (fd > 2)
    close (fd);
  return 0;
}

/* The order counts: what needs a right comes before that right is given up. */
static int
restrict_self (GlbInitSetupView  *view,
               const char       **detail)
{
  *detail = "/dev/null";
  if (detach_stdio () < 0)
    return -1;

  if ((view->setup.flags & GLB_INIT_FLAG_BUS) && glb_init_bus_listen (detail) < 0)
    return -1;

  apply_limits (&view->setup);

  *detail = "no_new_privs";
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return -1;

  if (view->setup.landlock_abi > 0)
    {
      int abi = glb_init_landlock_abi ();

      *detail = "Landlock: the kernel gives less than was found";
      errno = ENOTSUP;
      if (abi < (int) view->setup.landlock_abi || glb_init_landlock_restrict (view, abi, detail) < 0)
        return -1;
    }

  *detail = "seccomp";
  return glb_init_filter_load (view->program, view->program_size);
}

static void
handle_setup (const GlbInitHeader *header,
              const uint8_t       *payload)
{
  GlbInitSetupView view;
  const char *detail = "";

  if (init.ready || !glb_init_read_setup (payload, header->size, &view))
    _exit (1);

  if (restrict_self (&view, &detail) < 0)
    {
      glb_init_send_failed (init.control_fd, header->serial, GLB_INIT_STAGE_SETUP, errno, detail);
      _exit (1);
    }

  init.no_spawn = (view.setup.flags & GLB_INIT_FLAG_NO_SPAWN) != 0;
  init.debug = (view.setup.flags & GLB_INIT_FLAG_DEBUG) != 0;
  init.ready = true;
  glb_init_send (init.control_fd, GLB_INIT_READY, header->serial, NULL, 0, NULL, 0);
}

static void
handle_exec (const GlbInitHeader *header,
             const uint8_t       *payload)
{
  GlbInitChildRules rules = { .no_spawn = init.no_spawn };
  GlbInitExecView exec;

  if (!init.ready || header->serial == 0 || glb_init_command_find (header->serial) != NULL ||
      !glb_init_read_exec (payload, header->size, &exec))
    _exit (1);

  rules.no_ptrace = !exec.debug;
  if (exec.debug && !init.debug)
    glb_init_send_failed (init.control_fd, header->serial, GLB_INIT_STAGE_SETUP, EPERM, "debug");
  else if (init.paused)
    glb_init_send_failed (init.control_fd, header->serial, GLB_INIT_STAGE_FORK, EBUSY, "paused");
  else
    glb_init_command_start (init.control_fd, header->serial, &exec, &rules);

  glb_init_exec_view_free (&exec);
}

static void
handle_signal (const GlbInitHeader *header,
               const uint8_t       *payload)
{
  GlbInitSignal message;
  GlbInitCommand *command;

  if (!init.ready || !glb_init_read_signal (payload, header->size, &message))
    _exit (1);

  if (message.target == 0)
    {
      kill (-1, message.signo);   /* not to itself */
      return;
    }

  /* One that has ended meanwhile is no error. The group is its own from its first instructions on; until then, itself. */
  command = glb_init_command_find (message.target);
  if (command != NULL && kill (-command->pid, message.signo) < 0)
    kill (command->pid, message.signo);
}

static void
handle_pause (const GlbInitHeader *header)
{
  if (!init.ready || header->size != 0)
    _exit (1);

  init.paused = header->type == GLB_INIT_PAUSE;
  kill (-1, init.paused ? SIGSTOP : SIGCONT);
  glb_init_send (init.control_fd, GLB_INIT_DONE, header->serial, NULL, 0, NULL, 0);
}

static void
handle_connect (const GlbInitHeader *header,
                const uint8_t       *payload)
{
  GlbInitConnect message;

  if (!init.ready || !glb_init_read_connect (payload, header->size, &message))
    _exit (1);

  glb_init_connect (init.control_fd, header->serial, &message);
}

static void
dispatch (const uint8_t *packet,
          size_t         length)
{
  const uint8_t *payload = packet + sizeof (GlbInitHeader);
  GlbInitHeader header;

  if (!glb_init_read_header (packet, length, &header))
    _exit (1);

  switch (header.type)
    {
    case GLB_INIT_SETUP:
      handle_setup (&header, payload);
      break;
    case GLB_INIT_EXEC:
      handle_exec (&header, payload);
      break;
    case GLB_INIT_SIGNAL:
      handle_signal (&header, payload);
      break;
    case GLB_INIT_PAUSE:
    case GLB_INIT_RESUME:
      handle_pause (&header);
      break;
    case GLB_INIT_CONNECT:
      handle_connect (&header, payload);
      break;
    default:
      _exit (1);
    }
}

/* One packet. The memory for it is given back at once: most are small, one is not. */
static void
control_readable (void)
{
  ssize_t length = recv (init.control_fd, NULL, 0, MSG_PEEK | MSG_TRUNC);
  uint8_t *packet;

  if (length < 0 && (errno == EINTR || errno == EAGAIN))
    return;
  if (length <= 0 || length > (ssize_t) GLB_INIT_MESSAGE_MAX)
    _exit (length == 0 ? 0 : 1);   /* the broker is gone: so is the sandbox */

  packet = mmap (NULL, (size_t) length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (packet == MAP_FAILED || recv (init.control_fd, packet, (size_t) length, 0) != length)
    _exit (1);

  dispatch (packet, (size_t) length);
  munmap (packet, (size_t) length);
}

static int64_t
microseconds (struct timeval time)
{
  return (int64_t) time.tv_sec * 1000000 + time.tv_usec;
}

static GlbInitCommand *
command_by_pid (pid_t pid)
{
  for (unsigned int i = 0; i < GLB_INIT_COMMANDS_MAX; i++)
    {
      GlbInitCommand *command = glb_init_command_get (i);

      if (command != NULL && command->pid == pid)
        return command;
    }
  return NULL;
}

/* The broker has to tell it from the agent's processes. */
static void
tell_bus (void)
{
  GlbInitBus message = { .pid = glb_init_bus_get_pid () };

  glb_init_send (init.control_fd, GLB_INIT_BUS, 0, &message, sizeof message, NULL, 0);
}

static void
reap (void)
{
  struct signalfd_siginfo info;
  struct rusage usage;
  int status;
  pid_t pid;

  while (read (init.signal_fd, &info, sizeof info) == sizeof info)
    ;

  while ((pid = wait4 (-1, &status, WNOHANG, &usage)) > 0)
    {
      GlbInitCommand *command = command_by_pid (pid);

      if (command != NULL)
        glb_init_command_exited (init.control_fd, command, status,
                                 microseconds (usage.ru_utime), microseconds (usage.ru_stime), usage.ru_maxrss);
      else if (glb_init_bus_exited (pid))
        tell_bus ();
    }
}

static void
bus_readable (void)
{
  const GlbInitChildRules rules = { .no_spawn = init.no_spawn, .no_ptrace = true };

  glb_init_bus_start (&rules);
  tell_bus ();
}

static void
run (void)
{
  struct pollfd polls[3 + GLB_INIT_COMMANDS_MAX];
  GlbInitCommand *starting[GLB_INIT_COMMANDS_MAX];

  for (;;)
    {
      nfds_t n = 3;

      polls[0] = (struct pollfd) { .fd = init.control_fd, .events = POLLIN };
      polls[1] = (struct pollfd) { .fd = init.signal_fd, .events = POLLIN };
      polls[2] = (struct pollfd) { .fd = init.paused ? -1 : glb_init_bus_get_fd (), .events = POLLIN };
      for (unsigned int i = 0; i < GLB_INIT_COMMANDS_MAX; i++)
        {
          GlbInitCommand *command = glb_init_command_get (i);

          if (command == NULL || command->error_fd < 0)
            continue;
          starting[n - 3] = command;
          polls[n++] = (struct pollfd) { .fd = command->error_fd, .events = POLLIN };
        }

      if (poll (polls, n, -1) < 0)
        {
          if (errno == EINTR)
            continue;
          _exit (1);
        }

      for (nfds_t i = 3; i < n; i++)
        if (polls[i].revents != 0)
          glb_init_command_started (init.control_fd, starting[i - 3]);
      if (polls[1].revents != 0)
        reap ();
      if (polls[2].revents != 0)
        bus_readable ();
      if (polls[0].revents != 0)
        control_readable ();
    }
}

static int
parse_control_fd (int    argc,
                  char **argv)
{
  char *end;
  long fd;

  if (argc != 3 || strcmp (argv[1], "--control") != 0)
    die ("usage: glovebox-init --control FD; it is started by the broker");

  errno = 0;
  fd = strtol (argv[2], &end, 10);
  if (errno != 0 || *argv[2] == '\0' || *end != '\0' || fd < 3 || fd > 1023)
    die ("--control %s: not a descriptor number", argv[2]);
  return (int) fd;
}

/* Only the control socket is kept, at a number that no child gets. */
static int
take_control_fd (int fd)
{
  int type = 0;
  socklen_t size = sizeof type;

  if (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET)
    die ("--control %d: not a packet socket", fd);
  if (fd > 3 && dup2 (fd, 3) < 0)
    die ("--control %d: %s", fd, strerror (errno));
  if (fcntl (3, F_SETFD, FD_CLOEXEC) < 0 || syscall (__NR_close_range, 4, ~0U, 0) < 0)
    die ("Can't close what was inherited: %s", strerror (errno));
  return 3;
}

int
main (int    argc,
      char **argv)
{
  GlbInitHello hello = { .version = GLB_INIT_PROTOCOL_VERSION };
  sigset_t signals;

  /* First of all: until here the agent's account could look into this process, had it any yet. */
  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    die ("Can't hide from the agent's account: %s", strerror (errno));

  init.control_fd = take_control_fd (parse_control_fd (argc, argv));
  if (getpid () != 1)
    die ("not process 1 of a pid namespace; start bubblewrap with --unshare-pid --as-pid-1");

  umask (022);
  setsid ();   /* no terminal is ours; fails where it was done for us */

  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  init.signal_fd = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (init.signal_fd < 0 || sigprocmask (SIG_BLOCK, &signals, NULL) < 0)
    die ("Can't watch children: %s", strerror (errno));

  glb_init_commands_init ();
  hello.landlock_abi = (uint32_t) glb_init_landlock_abi ();
  glb_init_send (init.control_fd, GLB_INIT_HELLO, 0, &hello, sizeof hello, NULL, 0);
  run ();
}
