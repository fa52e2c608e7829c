/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

void
audit_fixture_set_up (AuditFixture  *self,
                      gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  self->directory = g_dir_make_tmp ("glovebox-audit-XXXXXX", &error);
  g_assert_no_error (error);
}

void
audit_fixture_tear_down (AuditFixture  *self,
                         gconstpointer  data)
{
  g_autoptr(GDir) dir = NULL;
  const char *name;

  /* The small file system of a test; EINVAL where there is none. */
  if (umount2 (self->directory, MNT_DETACH) == 0)
    g_test_message ("unmounted");
  dir = g_dir_open (self->directory, 0, NULL);
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->directory, name, NULL);

      g_assert_no_errno (g_unlink (path));
    }
  g_assert_no_errno (g_rmdir (self->directory));
  g_free (self->directory);
}

char *
audit_fixture_path (AuditFixture *self,
                    const char   *name)
{
  return g_build_filename (self->directory, name, NULL);
}

JsonObject *
audit_fields (const char *json)
{
  g_autoptr(JsonNode) node = json_from_string (json, NULL);

  g_assert_nonnull (node);
  return json_node_dup_object (node);
}

void
audit_fixture_write_log (AuditFixture *self,
                         const char   *session,
                         guint         n,
                         gboolean      close)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAuditLog) log = glb_audit_log_new (self->directory, session, AUDIT_POLICY, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(JsonObject) fields = audit_fields ("{\"action\":{\"action\":\"key\",\"text\":\"a\"}}");

      json_object_set_int_member (fields, "number", i);
      glb_audit_log_append (log, i == 0 ? "session-start" : "action", i == 0 ? "broker" : "agent", fields, FALSE, &error);
      g_assert_no_error (error);
    }
  if (close)
    glb_audit_log_close (log, NULL, &error);
  g_assert_no_error (error);
  g_assert_finalize_object (g_steal_pointer (&log));
}

GStrv
audit_fixture_read (AuditFixture *self,
                    const char   *name)
{
  g_autofree char *path = audit_fixture_path (self, name);
  g_autofree char *content = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (content, "\n"));
  content[strlen (content) - 1] = '\0';
  return g_strsplit (content, "\n", 0);
}

void
audit_fixture_write (AuditFixture        *self,
                     const char          *name,
                     const char * const  *lines)
{
  g_autofree char *path = audit_fixture_path (self, name);
  g_autofree char *joined = g_strjoinv ("\n", (GStrv) lines);
  g_autofree char *content = g_strconcat (joined, "\n", NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
}

static void
write_map (const char *path,
           const char *content)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd < 0)
    return;
  if (write (fd, content, strlen (content)) < 0)
    g_test_message ("%s: %s", path, g_strerror (errno));
  close (fd);
}

/* As root only a mount namespace, else one in a user namespace. Once a process. */
static gboolean
enter_namespace (void)
{
  static gboolean entered = FALSE;
  g_autofree char *uid_map = g_strdup_printf ("0 %u 1", geteuid ());
  g_autofree char *gid_map = g_strdup_printf ("0 %u 1", getegid ());

  if (entered)
    return TRUE;
  if (unshare (CLONE_NEWNS) < 0)
    {
      if (unshare (CLONE_NEWNS | CLONE_NEWUSER) < 0)
        return FALSE;
      write_map ("/proc/self/setgroups", "deny");
      write_map ("/proc/self/uid_map", uid_map);
      write_map ("/proc/self/gid_map", gid_map);
    }
  entered = mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  return entered;
}

gboolean
audit_fixture_mount_small (AuditFixture *self,
                           guint         kilobytes)
{
  g_autofree char *options = g_strdup_printf ("size=%uk", kilobytes);

  if (enter_namespace () && mount ("tmpfs", self->directory, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0)
    return TRUE;
  g_test_skip ("this host gives no mount namespace with a tmpfs");
  return FALSE;
}

void
audit_fixture_fill (AuditFixture *self)
{
  g_autofree char *path = audit_fixture_path (self, "filler");
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  gssize written;

  g_assert_cmpint (fd, >=, 0);
  do
    written = write (fd, path, 1);
  while (written == 1);
  g_assert_cmpint (errno, ==, ENOSPC);
  close (fd);
}
