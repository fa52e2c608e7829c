/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-sandbox"

#include "config.h"

#include "session-broker/sandbox/glb-cgroup-file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

gboolean
glb_cgroup_file_write (const char *folder, const char *name, const char *value)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean ok;
  int saved_errno;

  if (fd < 0)
    return FALSE;
  ok = write (fd, value, strlen (value)) == (gssize) strlen (value);
  saved_errno = errno;
  close (fd);
  errno = saved_errno;

  return ok;
}

gboolean
glb_cgroup_file_write_number (const char *folder, const char *name, guint64 value)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, value);
  return glb_cgroup_file_write (folder, name, text);
}

char *
glb_cgroup_file_read (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

gboolean
glb_cgroup_file_exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return access (path, F_OK) == 0;
}

guint64
glb_cgroup_file_read_number (const char *folder, const char *name)
{
  g_autofree char *text = glb_cgroup_file_read (folder, name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

/* "KEY VALUE" in a file of such lines; 0 if it is not there. */
guint64
glb_cgroup_file_read_keyed (const char *folder, const char *name, const char *key)
{
  g_autofree char *text = glb_cgroup_file_read (folder, name);
  g_auto(GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  gsize n = strlen (key);

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    if (strncmp (lines[i], key, n) == 0 && lines[i][n] == ' ')
      return g_ascii_strtoull (lines[i] + n + 1, NULL, 10);

  return 0;
}

/* Waits until a line of cgroup.events is there; the kernel tells when the file changes. */
gboolean
glb_cgroup_file_wait (const char *folder, const char *key, guint64 value)
{
  g_autofree char *path = g_build_filename (folder, "cgroup.events", NULL);
  gint64 deadline = g_get_monotonic_time () + GLB_CGROUP_EVENT_MS * 1000;
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean there = FALSE;

  while (fd >= 0)
    {
      struct pollfd p = { .fd = fd, .events = POLLPRI };
      char text[256];
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000;

      /* Reading arms the notification; so first read, then look. */
      if (pread (fd, text, sizeof text, 0) < 0)
        break;
      there = glb_cgroup_file_read_keyed (folder, "cgroup.events", key) == value;
      if (there || left <= 0 || (poll (&p, 1, left) < 0 && errno != EINTR))
        break;
    }
  if (fd >= 0)
    close (fd);

  return there;
}

/* v1 has no notification: writing the state again makes the kernel go over the tasks again. */
gboolean
glb_cgroup_file_freeze_v1 (const char *folder, gboolean frozen)
{
  const char *state = frozen ? "FROZEN" : "THAWED";
  gint64 deadline = g_get_monotonic_time () + GLB_CGROUP_EVENT_MS * 1000;

  do
    {
      g_autofree char *now = NULL;

      if (!glb_cgroup_file_write (folder, "freezer.state", state))
        return FALSE;
      now = glb_cgroup_file_read (folder, "freezer.state");
      if (now != NULL && g_str_has_prefix (now, state))
        return TRUE;
      g_thread_yield ();
    }
  while (g_get_monotonic_time () < deadline);

  return FALSE;
}
