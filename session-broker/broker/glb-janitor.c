/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A broker that is killed with SIGKILL cannot clean up. What it would leave
 * are control groups, folders, access lists and, where the kernel's
 * parent-death signal was not armed yet, processes. So a second process keeps
 * the list of them, reads it from a pipe, and works it off when the pipe
 * closes. An orderly broker strikes everything off first, which leaves nothing
 * to do.
 *
 * Lines: "+ID CHORE NUMBER STARTTIME PATH\n" (path escaped, STARTTIME for processes) and "-ID\n".
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/broker/glb-janitor.h"
#include "session-broker/sandbox/glb-cgroup-hold.h"
#include "session-broker/sandbox/glb-sandbox.h"

/* For all of it: a new broker waits for this. */
#define DEADLINE_US (8 * G_USEC_PER_SEC)

struct _GlbJanitor
{
  int fd;
  guint64 last_id;
};

typedef struct
{
  guint64 id;
  GlbChore chore;
  guint number;
  guint64 start_time;
  char *path;
  GlbAccount *account;   /* (nullable): of an account: while the janitor has it */
} Item;

static void
item_free (gpointer data)
{
  Item *item = data;

  g_clear_object (&item->account);
  g_free (item->path);
  g_free (item);
}

/* Clock ticks since boot when PID started, 0: no such process. */
static guint64
process_start_time (guint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/stat", pid);
  g_autofree char *stat = NULL;
  const char *p;

  if (!g_file_get_contents (path, &stat, NULL, NULL) || (p = strrchr (stat, ')')) == NULL)
    return 0;

  /* ") S ppid ...": the start time is the 22nd field, the state the third */
  p += 2;
  for (guint field = 3; field < 22; field++)
    if ((p = strchr (p, ' ')) == NULL)
      return 0;
    else
      p++;

  return g_ascii_strtoull (p, NULL, 10);
}

/* ---- the janitor's side --------------------------------------------------- */

/* TRUE: the process is gone. start_time 0: whoever has the pid now. */
static gboolean
kill_and_wait (guint pid, guint64 start_time, gint64 deadline)
{
  int pidfd = syscall (SYS_pidfd_open, (pid_t) pid, 0);
  struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
  gboolean gone;

  if (pidfd < 0)
    return errno == ESRCH;
  if (start_time != 0 && process_start_time (pid) != start_time)
    {
      close (pidfd);
      return TRUE;
    }

  syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
  gone = poll (&poll_fd, 1, MAX (0, (int) ((deadline - g_get_monotonic_time ()) / 1000))) > 0;
  close (pidfd);
  return gone;
}

static void
write_in (const char *folder, const char *name, const char *value)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd < 0)
    return;
  if (write (fd, value, strlen (value)) < 0)
    g_debug ("Can't write %s: %s", path, g_strerror (errno));
  close (fd);
}

/* (transfer full) */
static GArray *
read_pids (const char *folder)
{
  g_autofree char *common = g_path_get_dirname (folder);
  g_autofree char *procs = g_build_filename (folder, "cgroup.procs", NULL);
  g_autofree char *content = NULL;
  g_auto(GStrv) words = NULL;
  GArray *pids = g_array_new (FALSE, FALSE, sizeof (guint));

  if (!g_file_get_contents (procs, &content, NULL, NULL))
    return pids;
  words = g_strsplit (content, "\n", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint pid = g_ascii_strtoull (words[i], NULL, 10);

      if (pid != 0)
        g_array_append_val (pids, pid);
    }

  return pids;
}

/* Frozen tasks of version 1 do not die before they are thawed: killed first, so that none of them runs on. */
static void
kill_frozen (const char *folder)
{
  g_autofree char *held = g_build_filename (folder, GLB_CGROUP_HELD, NULL);
  const char *folders[] = { held, folder };

  write_in (folder, "cgroup.kill", "1");
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr(GArray) pids = read_pids (folders[i]);

      for (guint j = 0; j < pids->len; j++)
        kill (g_array_index (pids, guint, j), SIGKILL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      write_in (folders[i], "freezer.state", "THAWED");
      write_in (folders[i], "cgroup.freeze", "0");
    }
}

static void
remove_cgroup (const char *folder, gint64 deadline)
{
  g_autofree char *common = g_path_get_dirname (folder);

  do
    {
      g_autoptr(GArray) pids = read_pids (folder);

      for (guint i = 0; i < pids->len; i++)
        kill_and_wait (g_array_index (pids, guint, i), 0, deadline);
      if (rmdir (folder) == 0 || errno == ENOENT)
        {
          /* as a broker does: only empty, and never more than that one */
          if (g_str_has_suffix (common, "/glovebox"))
            rmdir (common);
          return;
        }
      /* the last task was seen to end, but the group still counts it for a moment; the kernel tells nobody when not */
      poll (NULL, 0, 2);
    }
  while (g_get_monotonic_time () < deadline);

  g_warning ("Can't remove the control group %s: %s", folder, g_strerror (errno));
}

static void
remove_cgroups (const char *folder, gint64 deadline)
{
  g_autofree char *held = g_build_filename (folder, GLB_CGROUP_HELD, NULL);

  kill_frozen (folder);
  remove_cgroup (held, deadline);
  remove_cgroup (folder, deadline);
}

static void
do_chore (Item *item, gint64 deadline)
{
  g_autoptr(GError) error = NULL;

  switch (item->chore)
    {
    case GLB_CHORE_PROCESS:
      /* 0: it had ended when we heard of it, and another may have its number now */
      if (item->start_time != 0 && !kill_and_wait (item->number, item->start_time, deadline))
        g_warning ("Process %u does not end", item->number);
      break;
    case GLB_CHORE_ACCOUNT:
      if (item->account != NULL && !glb_sandbox_kill_account (item->number, &error))
        g_warning ("Can't end the processes of account %u: %s", item->number, error->message);
      break;
    case GLB_CHORE_RECLAIM:
      if (!glb_sandbox_reclaim (item->number, item->path, &error))
        g_warning ("Can't give %s back: %s", item->path, error->message);
      break;
    case GLB_CHORE_CGROUP:
      remove_cgroups (item->path, deadline);
      break;
    case GLB_CHORE_TREE:
      if (!glb_sandbox_remove_tree (item->path, &error))
        g_warning ("Can't remove %s: %s", item->path, error->message);
      break;
    default:
      g_return_if_reached ();
    }
}

static void
read_line (GHashTable *items, const char *line)
{
  g_auto(GStrv) words = NULL;
  Item *item;
  guint64 id;

  id = g_ascii_strtoull (line + (line[0] != '\0'), NULL, 10);
  if (line[0] == '-')
    {
      g_hash_table_remove (items, &id);
      return;
    }

  words = g_strsplit (line, " ", 5);
  g_return_if_fail (line[0] == '+' && g_strv_length (words) == 5);
  item = g_new0 (Item, 1);
  item->id = id;
  item->chore = g_ascii_strtoull (words[1], NULL, 10);
  item->number = g_ascii_strtoull (words[2], NULL, 10);
  item->start_time = g_ascii_strtoull (words[3], NULL, 10);
  item->path = g_strcompress (words[4]);
  g_hash_table_replace (items, &item->id, item);
}

typedef void (*ItemFunc) (Item *item, gint64 deadline);

static void
for_each (GHashTable *items, GlbChore chore, ItemFunc function, gint64 deadline)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    if (((Item *) item)->chore == chore)
      function (item, deadline);
}

/* Else whoever waits for the end of a process waits for one that is frozen. */
static void
end_frozen (Item *item, gint64 deadline)
{
  kill_frozen (item->path);
}

/* The lock went with the broker. Until all is done, nobody gets the account. Who got it already did so because nothing ran
 * under it: then there is nothing to kill, and what runs there now is not ours. */
static void
take_over (Item *item, gint64 deadline)
{
  item->account = glb_account_take_over (item->path, item->number);
}

int
glb_janitor_main (int fd)
{
  g_autoptr(GHashTable) items = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, item_free);
  g_autoptr(GString) pending = g_string_new (NULL);
  char buffer[4096];
  gint64 deadline;
  ssize_t n;

  /* whoever kills the broker's group must not kill this */
  setsid ();
  signal (SIGINT, SIG_IGN);
  signal (SIGTERM, SIG_IGN);
  signal (SIGHUP, SIG_IGN);

  while ((n = read (fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
    {
      char *end;

      if (n < 0)
        continue;
      g_string_append_len (pending, buffer, n);
      while ((end = strchr (pending->str, '\n')) != NULL)
        {
          *end = '\0';
          read_line (items, pending->str);
          g_string_erase (pending, 0, end - pending->str + 1);
        }
    }

  deadline = g_get_monotonic_time () + DEADLINE_US;
  for_each (items, GLB_CHORE_ACCOUNT, take_over, deadline);
  for_each (items, GLB_CHORE_CGROUP, end_frozen, deadline);
  for (guint chore = 0; chore <= GLB_CHORE_LAST; chore++)
    for_each (items, chore, do_chore, deadline);

  return 0;
}

/* ---- the broker's side ---------------------------------------------------- */

GlbJanitor *
glb_janitor_start (const char *program, int lock_fd, GError **error)
{
  g_autoptr(GlbJanitor) self = g_new0 (GlbJanitor, 1);
  const char * const argv[] = { program, "--janitor", "3", NULL };
  int pipe_fds[2], sources[2], targets[2] = { 3, 4 };

  self->fd = -1;
  if (!g_unix_open_pipe (pipe_fds, FD_CLOEXEC, error))
    return NULL;

  self->fd = pipe_fds[1];
  sources[0] = pipe_fds[0];
  sources[1] = lock_fd;
  if (!g_unix_set_fd_nonblocking (self->fd, TRUE, error) ||
      !g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_CHILD_INHERITS_STDERR, NULL, NULL, -1, -1, -1,
                                         sources, targets, lock_fd >= 0 ? 2 : 1, NULL, NULL, NULL, NULL, error))
    {
      close (pipe_fds[0]);
      return NULL;
    }

  close (pipe_fds[0]);
  return g_steal_pointer (&self);
}

void
glb_janitor_free (GlbJanitor *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

static gboolean
send_line (GlbJanitor *self, const char *line, GError **error)
{
  gsize length = strlen (line);
  ssize_t n;

  do
    n = write (self->fd, line, length);
  while (n < 0 && errno == EINTR);
  if (n == (ssize_t) length)
    return TRUE;

  /* lines are shorter than PIPE_BUF, so that none is written in part */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "broker: its janitor is gone (%s); restart the broker",
               g_strerror (errno));
  return FALSE;
}

guint64
glb_janitor_add (GlbJanitor *self, GlbChore chore, guint number, const char *path, GError **error)
{
  g_autofree char *escaped = g_strescape (path != NULL ? path : "", NULL);
  g_autofree char *line = NULL;
  guint64 start_time = chore == GLB_CHORE_PROCESS ? process_start_time (number) : 0;

  self->last_id++;
  line = g_strdup_printf ("+%" G_GUINT64_FORMAT " %u %u %" G_GUINT64_FORMAT " %s\n", self->last_id, chore, number,
                          start_time, escaped);
  if (strlen (line) > 4096)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, "%s: the name is too long; use a shorter one", path);
      return 0;
    }

  return send_line (self, line, error) ? self->last_id : 0;
}

guint64
glb_janitor_add_account (GlbJanitor *self, GlbAccount *account, GError **error)
{
  return glb_janitor_add (self, GLB_CHORE_ACCOUNT, glb_account_get_uid (account), glb_account_get_lock_dir (account), error);
}

void
glb_janitor_done (GlbJanitor *self, guint64 id)
{
  g_autofree char *line = g_strdup_printf ("-%" G_GUINT64_FORMAT "\n", id);
  g_autoptr(GError) error = NULL;

  if (id != 0 && !send_line (self, line, &error))
    g_warning ("%s", error->message);
}
