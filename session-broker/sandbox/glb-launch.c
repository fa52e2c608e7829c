/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-launch: from the person's rights to the account's, once.
 *
 *   glovebox-launch FD                 a plan (glb-launch-plan.h): stage the mounts, become the account, execute
 *   glovebox-launch --grant UID PATH   (user mode) an access list for the account; --grant-read: to read only
 *   glovebox-launch --reclaim UID PATH (user mode) the access list off, the account's files to the person
 *   glovebox-launch --lend UID PATH    (user mode) a tree of the person's to the account
 *   glovebox-launch --remove PATH      a tree, whoever of ours owns its files
 *   glovebox-launch --kill UID         every process of the account
 *   glovebox-launch --try-network      whether a session's network can be made here
 *
 * The stages of a launch: nothing may be inherited that was not asked for; as
 * root or as the person: open the sources and enter the control groups; as
 * root (of the machine, or of a user namespace that holds the person and the
 * account): the network, stage; then for good without rights: the account,
 * bubblewrap.
 */

#include "session-broker/sandbox/glb-launch-private.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_KEEP 64

typedef struct
{
  pid_t parent;
  uid_t account;
  bool  have_account;
  GlbLaunchMount mounts[GLB_PLAN_MAX_RECORDS];
  size_t n_mounts;
  int    keep[MAX_KEEP];
  size_t n_keep;
  int    network;           /* where its sockets go, or -1: bubblewrap makes an empty one */
  char  *argv[GLB_PLAN_MAX_RECORDS + 1];
  size_t n_argv;
  const char *bytes;
  size_t size;
} Plan;

static Plan plan;

/* --- reading the plan --- */

typedef struct
{
  char        op;
  const char *field[4];
  const char *data;
  size_t      data_size;
} Record;

static size_t
count_fields (char op)
{
  switch (op)
    {
    case GLB_PLAN_PARENT: case GLB_PLAN_ACCOUNT: case GLB_PLAN_CGROUP: case GLB_PLAN_HIDE:
    case GLB_PLAN_NETWORK: case GLB_PLAN_KEEP: case GLB_PLAN_ARG:
      return 1;
    case GLB_PLAN_LIMIT: case GLB_PLAN_SHM: case GLB_PLAN_DATA: case GLB_PLAN_LINK:
      return 2;
    case GLB_PLAN_MOUNT:
      return 3;
    case GLB_PLAN_TMPFS:
      return 4;
    default:
      glb_launch_die (0, "this is an error in Glovebox", "the plan has an unknown record");
    }
}

/* Steps to the next record; false at the end. */
static bool
next_record (size_t *position, Record *record)
{
  size_t n;

  if (*position >= plan.size)
    return false;

  memset (record, 0, sizeof *record);
  record->op = plan.bytes[(*position)++];
  n = count_fields (record->op);
  for (size_t i = 0; i < n; i++)
    {
      const char *end = *position < plan.size ? memchr (plan.bytes + *position, '\0', plan.size - *position) : NULL;

      if (end == NULL)
        glb_launch_die (0, "this is an error in Glovebox", "the plan is cut off");
      record->field[i] = plan.bytes + *position;
      *position = end - plan.bytes + 1;
    }
  if (record->op == GLB_PLAN_DATA)
    {
      record->data_size = glb_launch_parse_number (record->field[0], "size");
      if (record->data_size > plan.size - *position)
        glb_launch_die (0, "this is an error in Glovebox", "the plan is cut off");
      record->data = plan.bytes + *position;
      *position += record->data_size;
    }

  return true;
}

static void
read_plan (int fd)
{
  struct stat st;
  size_t position = 0;
  Record record;

  if (fstat (fd, &st) < 0 || st.st_size <= 0 || st.st_size > GLB_PLAN_MAX_SIZE)
    glb_launch_die (0, "this is an error in Glovebox", "the plan can't be read");
  plan.network = -1;
  plan.size = st.st_size;
  plan.bytes = mmap (NULL, plan.size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (plan.bytes == MAP_FAILED)
    glb_launch_die (errno, NULL, "the plan can't be read");
  close (fd);

  while (next_record (&position, &record))
    switch (record.op)
      {
      case GLB_PLAN_PARENT:
        plan.parent = glb_launch_parse_number (record.field[0], "parent");
        break;
      case GLB_PLAN_ACCOUNT:
        plan.account = glb_launch_parse_number (record.field[0], "account");
        plan.have_account = true;
        break;
      case GLB_PLAN_MOUNT:
        if (plan.n_mounts == GLB_PLAN_MAX_RECORDS)
          glb_launch_die (0, "use fewer", "more than %d mounts", GLB_PLAN_MAX_RECORDS);
        plan.mounts[plan.n_mounts].flags = glb_launch_parse_number (record.field[0], "flags");
        plan.mounts[plan.n_mounts].source = record.field[1];
        plan.mounts[plan.n_mounts].target = record.field[2];
        plan.mounts[plan.n_mounts].tree = -1;
        plan.n_mounts++;
        break;
      case GLB_PLAN_KEEP:
        if (plan.n_keep == MAX_KEEP)
          glb_launch_die (0, "use fewer", "more than %d descriptors", MAX_KEEP);
        plan.keep[plan.n_keep++] = glb_launch_parse_number (record.field[0], "descriptor");
        break;
      case GLB_PLAN_NETWORK:
        plan.network = glb_launch_parse_number (record.field[0], "descriptor");
        break;
      case GLB_PLAN_ARG:
        if (plan.n_argv == GLB_PLAN_MAX_RECORDS)
          glb_launch_die (0, "use fewer", "more than %d arguments", GLB_PLAN_MAX_RECORDS);
        plan.argv[plan.n_argv++] = (char *) record.field[0];
        break;
      default:
        break;
      }

  if (!plan.have_account || plan.account == 0 || plan.n_argv == 0)
    glb_launch_die (0, "this is an error in Glovebox", "the plan lacks its account or its command");
}

/* --- the stages --- */

/* The first from there on that stays open, or ~0u. */
static unsigned
find_kept (unsigned from)
{
  unsigned next = plan.network >= 0 && (unsigned) plan.network >= from ? (unsigned) plan.network : ~0u;

  for (size_t i = 0; i < plan.n_keep; i++)
    if ((unsigned) plan.keep[i] >= from && (unsigned) plan.keep[i] < next)
      next = plan.keep[i];

  return next;
}

/* Closes what was not asked for, whatever was left open by whoever started us. */
static void
close_others (void)
{
  unsigned from = 3;

  for (;;)
    {
      unsigned next = find_kept (from);

      if (next > from)
        close_range (from, next == ~0u ? ~0u : next - 1, 0);
      if (next == ~0u)
        return;
      from = next + 1;
    }
}

static void
enter_cgroups (void)
{
  size_t position = 0;
  Record record;

  while (next_record (&position, &record))
    if (record.op == GLB_PLAN_CGROUP)
      {
        int fd = open (record.field[0], O_WRONLY | O_CLOEXEC);

        if (fd < 0 || write (fd, "0", 1) != 1)
          glb_launch_die (errno, NULL, "can't enter the control group %s", record.field[0]);
        close (fd);
      }
}

static void
open_sources (bool root)
{
  for (size_t i = 0; i < plan.n_mounts; i++)
    glb_launch_mount_open (&plan.mounts[i], root, plan.account);
}

static void
stage_all (uid_t owner)
{
  GlbLaunchStage stage;
  size_t position = 0, n_mount = 0;
  Record record;

  glb_launch_stage_begin (&stage, owner);
  while (next_record (&position, &record))
    switch (record.op)
      {
      case GLB_PLAN_MOUNT:
        glb_launch_stage_mount (&stage, &plan.mounts[n_mount++]);
        break;
      case GLB_PLAN_TMPFS:
        glb_launch_stage_tmpfs (&stage, record.field[0], record.field[1], record.field[2], record.field[3]);
        break;
      case GLB_PLAN_SHM:
        glb_launch_stage_shm (&stage, record.field[0], record.field[1]);
        break;
      case GLB_PLAN_DATA:
        glb_launch_stage_data (&stage, record.field[1], record.data, record.data_size);
        break;
      case GLB_PLAN_LINK:
        glb_launch_stage_link (&stage, record.field[0], record.field[1]);
        break;
      case GLB_PLAN_HIDE:
        glb_launch_stage_hide (&stage, record.field[0]);
        break;
      default:
        break;
      }
  glb_launch_stage_end (&stage);
}

static void
set_limits (void)
{
  size_t position = 0;
  Record record;

  while (next_record (&position, &record))
    if (record.op == GLB_PLAN_LIMIT)
      {
        int resource = glb_launch_parse_number (record.field[0], "limit");
        rlim_t wanted = glb_launch_parse_number (record.field[1], "limit");
        struct rlimit limit;

        /* A person may have less than that (sudo gives no core files): the smaller holds. */
        if (getrlimit (resource, &limit) < 0)
          glb_launch_die (errno, NULL, "can't read the limit %d", resource);
        limit.rlim_cur = limit.rlim_max = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        if (setrlimit (resource, &limit) < 0)
          glb_launch_die (errno, NULL, "can't set the limit %d", resource);
      }
}

static void
become (uid_t account)
{
  if (setgroups (0, NULL) < 0 || setresgid (account, account, account) < 0 || setresuid (account, account, account) < 0)
    glb_launch_die (errno, NULL, "can't become the account %u", plan.account);
  /* The person's session keyring came along; whoever holds it can use its keys. Where there are none, or nobody may
   * ask for them, nothing is lost. */
  if (syscall (SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM)
    glb_launch_die (errno, NULL, "can't leave the person's keyring");
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    glb_launch_die (errno, NULL, "can't give up new privileges");
  /* Only now: a change of identity clears it. */
  if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
    glb_launch_die (errno, NULL, "can't tie our life to the broker's");
  if (getppid () != plan.parent)
    _exit (GLB_LAUNCH_EXIT_FAILED);
}

static void
grant_personal (void)
{
  for (size_t i = 0; i < plan.n_mounts; i++)
    if (plan.mounts[i].flags & GLB_PLAN_MOUNT_PERSONAL)
      glb_launch_grant (plan.mounts[i].source, plan.account, plan.mounts[i].flags & GLB_PLAN_MOUNT_WRITABLE, true);
}

static void
launch (int fd)
{
  static char *env[] = { NULL };
  bool root = geteuid () == 0;
  uid_t account;

  read_plan (fd);
  close_others ();
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid () != plan.parent)
    _exit (GLB_LAUNCH_EXIT_FAILED);
  enter_cgroups ();

  if (root)
    {
      account = plan.account;
      if (unshare (CLONE_NEWNS) < 0)
        glb_launch_die (errno, "give Glovebox the right CAP_SYS_ADMIN, or run it as an ordinary user",
                        "can't make a mount namespace");
      if (mount (NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        glb_launch_die (errno, NULL, "can't separate the mounts");
      open_sources (true);
      if (plan.network >= 0)
        glb_launch_network (&plan.network);
    }
  else
    {
      const GlbLaunchRange uids[] = { { 0, getuid (), 1 }, { 1, plan.account, 1 } };
      const GlbLaunchRange gids[] = { { 0, getgid (), 1 }, { 1, plan.account, 1 } };
      GlbLaunchMaps maps;

      account = 1;
      grant_personal ();
      glb_launch_userns_start (&maps, uids, 2, gids, 2, CLONE_NEWNS);
      open_sources (false);
      if (plan.network >= 0)
        glb_launch_network (&plan.network);
      glb_launch_userns_finish (&maps);
    }

  stage_all (account);
  if (chdir ("/") < 0)
    glb_launch_die (errno, NULL, "can't go to /");
  set_limits ();
  become (account);
  for (size_t i = 0; i < plan.n_keep; i++)
    fcntl (plan.keep[i], F_SETFD, 0);
  execve (plan.argv[0], plan.argv, env);
  glb_launch_die (errno, "install the package bubblewrap", "can't run %s", plan.argv[0]);
}

/* --- the other jobs --- */

/* As root of a namespace that has the person (0) and the account (1). Nothing for root. */
static void
enter_with_account (uid_t account, int flags)
{
  const GlbLaunchRange uids[] = { { 0, getuid (), 1 }, { 1, account, 1 } };
  const GlbLaunchRange gids[] = { { 0, getgid (), 1 }, { 1, account, 1 } };
  GlbLaunchMaps maps;

  glb_launch_userns_start (&maps, uids, 2, gids, 2, flags);
  glb_launch_userns_finish (&maps);
}

/* The first range of the person's in /etc/subuid or /etc/subgid: as the broker chose it. */
static void
enter_with_range (const char *uid_start, const char *uid_count, const char *gid_start, const char *gid_count)
{
  const GlbLaunchRange uids[] = {
    { 0, getuid (), 1 },
    { 1, glb_launch_parse_number (uid_start, "range"), glb_launch_parse_number (uid_count, "range") },
  };
  const GlbLaunchRange gids[] = {
    { 0, getgid (), 1 },
    { 1, glb_launch_parse_number (gid_start, "range"), glb_launch_parse_number (gid_count, "range") },
  };
  GlbLaunchMaps maps;

  glb_launch_userns_start (&maps, uids, 2, gids, 2, 0);
  glb_launch_userns_finish (&maps);
}

static void
kill_account (uid_t account)
{
  uid_t here = account;

  if (geteuid () != 0)
    {
      enter_with_account (account, 0);
      here = 1;
    }
  if (setgroups (0, NULL) < 0 || setresgid (here, here, here) < 0 || setresuid (here, here, here) < 0)
    glb_launch_die (errno, NULL, "can't become the account %u", account);
  if (kill (-1, SIGKILL) < 0 && errno != ESRCH)
    glb_launch_die (errno, NULL, "can't end the processes of the account %u", account);
}

/* The owners in a namespace that knows the account, the access lists out here where all accounts are known. */
static unsigned
reclaim (uid_t account, const char *path)
{
  pid_t pid = fork ();
  int status;

  if (pid < 0)
    glb_launch_die (errno, "raise the limit of processes", "can't start a process");
  if (pid == 0)
    {
      enter_with_account (account, 0);
      _exit (glb_launch_reclaim (path, 1, 1, 0, 0) > 0 ? GLB_LAUNCH_EXIT_FAILED : 0);
    }
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;

  return glb_launch_strip (path, account) + (status != 0);
}

static uid_t
parse_account (const char *text)
{
  uint64_t account = glb_launch_parse_number (text, "account");

  if (account == 0 || account >= 0xffffffffu || account == getuid ())
    glb_launch_die (0, "this is an error in Glovebox", "%s is not an account of a session", text);

  return account;
}

static int
do_job (int argc, char **argv)
{
  const char *job = argv[1];
  bool root = geteuid () == 0;
  unsigned failed = 0;

  umask (077);
  if (argc == 4 && strcmp (job, "--grant") == 0)
    failed = root ? 0 : glb_launch_grant (argv[3], parse_account (argv[2]), true, false);
  else if (argc == 4 && strcmp (job, "--grant-read") == 0)
    failed = root ? 0 : glb_launch_grant (argv[3], parse_account (argv[2]), false, false);
  else if (argc == 4 && strcmp (job, "--reclaim") == 0)
    {
      if (!root)
        failed = reclaim (parse_account (argv[2]), argv[3]);
    }
  else if (argc == 4 && strcmp (job, "--lend") == 0)
    {
      if (!root)
        {
          enter_with_account (parse_account (argv[2]), 0);
          failed = glb_launch_lend (argv[3], 0, 1, 1);
        }
    }
  else if (argc == 3 && strcmp (job, "--remove") == 0)
    failed = glb_launch_remove (argv[2], false);
  else if (argc == 7 && strcmp (job, "--remove") == 0)
    {
      if (glb_launch_remove (argv[2], true) > 0)
        {
          enter_with_range (argv[3], argv[4], argv[5], argv[6]);
          failed = glb_launch_remove (argv[2], false);
        }
    }
  else if (argc == 3 && strcmp (job, "--kill") == 0)
    kill_account (parse_account (argv[2]));
  else if (argc == 2 && strcmp (job, "--try-network") == 0)
    glb_launch_try_network ();
  else
    glb_launch_die (0, "it is started by glovebox-broker", "unknown arguments");

  return failed > 0 ? GLB_LAUNCH_EXIT_FAILED : 0;
}

int
main (int argc, char **argv)
{
  if (argc >= 2 && argv[1][0] == '-')
    return do_job (argc, argv);
  if (argc != 2)
    glb_launch_die (0, "it is started by glovebox-broker", "no plan");

  launch (glb_launch_parse_number (argv[1], "descriptor"));
}
