/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "session-broker/broker/glb-host.h"
#include "session-broker/broker/glb-session-mounts.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/sandbox/glb-sandbox.h"

/* A janitor takes 8 seconds at most. */
#define LOCK_DEADLINE_US (10 * G_USEC_PER_SEC)

static gboolean
make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) == 0)
    return TRUE;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "broker: can't make %s: %s; check its parent folder",
               path, g_strerror (errno));
  return FALSE;
}

/* Whether a broker answers on the socket: then the lock is not a janitor's. */
static gboolean
broker_answers (const char *bus_path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;
  gboolean answers;

  if (strlen (bus_path) >= sizeof address.sun_path || (fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
    return FALSE;

  memcpy (address.sun_path, bus_path, strlen (bus_path));
  answers = connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
  close (fd);
  return answers;
}

static gboolean
take_lock (GlbHost *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->runtime_dir, "lock", NULL);
  gint64 deadline = g_get_monotonic_time () + LOCK_DEADLINE_US;

  self->lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock_fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "broker: can't open %s: %s; remove it", path,
                   g_strerror (errno));
      return FALSE;
    }

  while (flock (self->lock_fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (broker_answers (self->bus_path) || g_get_monotonic_time () > deadline)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "broker: another one holds %s; use that one or end it", path);
          return FALSE;
        }
      /* held by a janitor, or by a broker about to listen: both are short, and flock() has no deadline of its own */
      poll (NULL, 0, 5);
    }

  return TRUE;
}

/* A session's group has the name of its folder, its media helper's too behind "media-"; a compositor's the number of its broker. */
static gboolean
is_left_over (const char *folder, gpointer user_data)
{
  GlbHost *self = user_data;
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *path = g_build_filename (self->sessions_dir, g_str_has_prefix (name, "media-") ? name + strlen ("media-") : name, NULL);
  g_autofree char *procs = g_build_filename (folder, "cgroup.procs", NULL);
  g_autofree char *content = NULL;
  guint pid;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  return sscanf (name, "compositor-%u-", &pid) == 1 && pid > 1 && kill ((pid_t) pid, 0) != 0 && errno == ESRCH &&
         g_file_get_contents (procs, &content, NULL, NULL) && content[0] == '\0';
}

/* What a broker and its janitor, both killed, left in the runtime folder, and of control groups. */
static void
remove_leftovers (GlbHost *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open (self->sessions_dir, 0, NULL);
  const char *name;

  if (!glb_cgroup_remove_left_over (is_left_over, self, &error))
    g_warning ("Can't remove what an earlier broker left: %s", error->message);
  g_unlink (self->bus_path);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->sessions_dir, name, NULL);

      g_clear_error (&error);
      if (!glb_sandbox_remove_tree (path, &error))
        g_warning ("Can't remove what an earlier broker left in %s: %s", path, error->message);
    }
}

static void
keep_sessions_out (GlbHost *self)
{
  char *runtime_dir = realpath (self->runtime_dir, NULL);
  char *state_dir = realpath (self->state_dir, NULL);
  const char *folders[] = { runtime_dir != NULL ? runtime_dir : self->runtime_dir,
                            state_dir != NULL ? state_dir : self->state_dir, NULL };

  glb_session_mounts_keep_out (folders);
  free (runtime_dir);
  free (state_dir);
}

GlbHost *
glb_host_new (const char *program, GError **error)
{
  g_autoptr(GlbHost) self = g_new0 (GlbHost, 1);
  g_autofree char *person_dir = NULL;

  self->lock_fd = -1;
  if ((self->runtime_dir = glb_paths_get_runtime_dir (error)) == NULL ||
      (self->state_dir = glb_paths_get_state_dir (error)) == NULL ||
      (self->audit_dir = glb_paths_get_audit_dir (error)) == NULL ||
      (person_dir = glb_paths_get_person_dir (error)) == NULL)
    return NULL;

  self->sessions_dir = g_build_filename (self->runtime_dir, "sessions", NULL);
  /* Two brokers of one person, with runtime folders of their own, draw from the same range. */
  self->accounts_dir = g_build_filename (person_dir, "accounts", NULL);
  self->homes_dir = g_build_filename (self->state_dir, "homes", NULL);
  self->bus_path = g_build_filename (self->runtime_dir, "bus", NULL);
  if (!make_folder (self->sessions_dir, error) || !make_folder (self->accounts_dir, error) ||
      !make_folder (self->homes_dir, error) || !take_lock (self, error))
    return NULL;

  keep_sessions_out (self);
  remove_leftovers (self);
  self->janitor = glb_janitor_start (program, self->lock_fd, error);
  return self->janitor != NULL ? g_steal_pointer (&self) : NULL;
}

void
glb_host_free (GlbHost *self)
{
  g_clear_pointer (&self->janitor, glb_janitor_free);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  g_free (self->runtime_dir);
  g_free (self->state_dir);
  g_free (self->audit_dir);
  g_free (self->sessions_dir);
  g_free (self->accounts_dir);
  g_free (self->homes_dir);
  g_free (self->bus_path);
  g_free (self);
}
