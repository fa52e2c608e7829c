/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/audit/glb-audit-file.h"

#define LINE  "0123456789abcdef\n"
#define KEPT  (16 * 1024)

static const GlbAuditSpace kinds[] = { GLB_AUDIT_SPACE_BEYOND_END, GLB_AUDIT_SPACE_FILE };

static GlbAuditFile *
open_file (AuditFixture  *fixture,
           GlbAuditSpace  space,
           int            flags)
{
  g_autofree char *path = audit_fixture_path (fixture, "file");
  g_autoptr(GError) error = NULL;
  GlbAuditFile *file = glb_audit_file_new (path, flags, &error);

  g_assert_no_error (error);
  file->space = space;
  return file;
}

static void
assert_size (AuditFixture *fixture,
             goffset       size)
{
  g_autofree char *path = audit_fixture_path (fixture, "file");
  struct stat status;

  g_assert_no_errno (stat (path, &status));
  g_assert_cmpint (status.st_size, ==, size);
}

/* Appends lines until one is refused. */
static guint64
append_until_full (GlbAuditFile *file)
{
  g_autoptr(GError) error = NULL;
  guint64 size = file->size;

  while (glb_audit_file_append (file, LINE, strlen (LINE), KEPT, FALSE, FALSE, &error))
    {
      size += strlen (LINE);
      g_assert_cmpuint (size, <, 1024 * 1024);
    }
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_FULL);
  g_test_message ("%s", error->message);
  g_assert_cmpuint (file->size, ==, size);
  return size;
}

/* A full disk: a line is refused and nothing of it is there; the space that is kept is there all the same. */
static void
test_full (AuditFixture  *fixture,
           gconstpointer  data)
{
  g_autoptr(GlbAuditFile) file = NULL;
  g_autofree char *kept = g_strnfill (KEPT, 'x');
  g_autoptr(GError) error = NULL;
  guint64 size;

  if (!audit_fixture_mount_small (fixture, 256))
    return;
  file = open_file (fixture, *(const GlbAuditSpace *) data, O_CREAT | O_EXCL);
  glb_audit_file_append (file, LINE, strlen (LINE), KEPT, FALSE, FALSE, &error);
  g_assert_no_error (error);

  audit_fixture_fill (fixture);
  size = append_until_full (file);
  assert_size (fixture, size);

  glb_audit_file_append (file, kept, KEPT, 0, TRUE, TRUE, &error);
  g_assert_no_error (error);
  assert_size (fixture, size + KEPT);
}

/* A line that is larger than the disk: what was written of it goes, and what is kept stays kept. */
static void
test_too_large (AuditFixture  *fixture,
                gconstpointer  data)
{
  g_autoptr(GlbAuditFile) file = NULL;
  g_autofree char *large = g_strnfill (300 * 1024, 'x');
  g_autoptr(GError) error = NULL;

  if (!audit_fixture_mount_small (fixture, 256))
    return;
  file = open_file (fixture, *(const GlbAuditSpace *) data, O_CREAT | O_EXCL);
  glb_audit_file_append (file, LINE, strlen (LINE), KEPT, FALSE, FALSE, &error);
  g_assert_no_error (error);

  g_assert_false (glb_audit_file_append (file, large, 300 * 1024, KEPT, FALSE, FALSE, &error));
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_FULL);
  g_clear_error (&error);
  assert_size (fixture, strlen (LINE));

  audit_fixture_fill (fixture);
  glb_audit_file_append (file, large, KEPT, 0, TRUE, FALSE, &error);
  g_assert_no_error (error);
  assert_size (fixture, strlen (LINE) + KEPT);
}

/* On the real disk too: blocks beyond the end are allocated, and given back. */
static void
test_kept_and_trimmed (AuditFixture  *fixture,
                       gconstpointer  data)
{
  g_autofree char *path = audit_fixture_path (fixture, "file");
  g_autofree char *space_path = audit_fixture_path (fixture, "file.space");
  g_autoptr(GlbAuditFile) file = NULL;
  g_autoptr(GError) error = NULL;
  struct stat status;

  file = open_file (fixture, *(const GlbAuditSpace *) data, O_CREAT | O_EXCL);
  glb_audit_file_append (file, LINE, strlen (LINE), KEPT, FALSE, TRUE, &error);
  g_assert_no_error (error);
  assert_size (fixture, strlen (LINE));
  g_assert_no_errno (stat (file->space == GLB_AUDIT_SPACE_FILE ? space_path : path, &status));
  g_assert_cmpint (status.st_blocks * 512, >=, KEPT);

  glb_audit_file_trim (file);
  assert_size (fixture, strlen (LINE));
  g_assert_no_errno (stat (path, &status));
  g_assert_cmpint (status.st_blocks * 512, <, KEPT);
  g_assert_false (g_file_test (space_path, G_FILE_TEST_EXISTS));
}

static void
test_not_regular (AuditFixture  *fixture,
                  gconstpointer  data)
{
  g_autofree char *path = audit_fixture_path (fixture, "file");
  g_autoptr(GlbAuditFile) file = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (symlink ("/dev/null", path));
  file = glb_audit_file_new (path, O_CREAT, &error);
  g_assert_null (file);
  g_assert_nonnull (error);
  g_clear_error (&error);

  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (mkfifo (path, 0600));
  file = glb_audit_file_new (path, 0, &error);
  g_assert_null (file);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const char *name = kinds[i] == GLB_AUDIT_SPACE_FILE ? "space-file" : "beyond-end";
      g_autofree char *full = g_strdup_printf ("/audit-file/%s/full", name);
      g_autofree char *too_large = g_strdup_printf ("/audit-file/%s/too-large", name);
      g_autofree char *kept = g_strdup_printf ("/audit-file/%s/kept-and-trimmed", name);

      g_test_add (kept, AuditFixture, &kinds[i], audit_fixture_set_up, test_kept_and_trimmed, audit_fixture_tear_down);
      g_test_add (full, AuditFixture, &kinds[i], audit_fixture_set_up, test_full, audit_fixture_tear_down);
      g_test_add (too_large, AuditFixture, &kinds[i], audit_fixture_set_up, test_too_large, audit_fixture_tear_down);
    }
  g_test_add ("/audit-file/not-regular", AuditFixture, NULL, audit_fixture_set_up, test_not_regular, audit_fixture_tear_down);
  return g_test_run ();
}
