/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/client/glb-paths.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("glb-paths-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  g_setenv ("XDG_RUNTIME_DIR", fixture->folder, TRUE);
  g_setenv ("XDG_STATE_HOME", fixture->folder, TRUE);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  const char *argv[] = { "rm", "-rf", fixture->folder, NULL };

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (fixture->folder);
}

static void
assert_mode (const char *path,
             mode_t      mode)
{
  GStatBuf st;

  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, mode);
}

/* A link could lead to a folder that others write to. */
static void
test_link (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "glovebox", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (symlink ("/tmp", link), ==, 0);
  g_assert_null (glb_paths_get_runtime_dir (&error));
  g_assert_nonnull (strstr (error->message, "Can't open the folder"));
}

static void
test_foreign (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "glovebox", NULL);
  g_autoptr(GError) error = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("needs root to make a folder of another user");
      return;
    }

  g_assert_cmpint (g_mkdir (path, 0777), ==, 0);
  g_assert_cmpint (chown (path, 12345, 12345), ==, 0);
  g_assert_null (glb_paths_get_runtime_dir (&error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_shared_parent (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_chmod (fixture->folder, 0777), ==, 0);
  g_assert_null (glb_paths_get_runtime_dir (&error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_file (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "glovebox", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_null (glb_paths_get_state_dir (&error));
  g_assert_nonnull (error);
}

static void
test_made (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *wanted = g_build_filename (fixture->folder, "glovebox", NULL);
  g_autofree char *runtime = glb_paths_get_runtime_dir (NULL);
  g_autofree char *state = NULL;
  g_autofree char *audit = NULL;

  g_assert_cmpstr (runtime, ==, wanted);
  assert_mode (runtime, 0700);

  /* Made private again where it was not. */
  g_assert_cmpint (g_chmod (runtime, 0755), ==, 0);
  state = glb_paths_get_state_dir (NULL);
  g_assert_cmpstr (state, ==, wanted);
  assert_mode (state, 0700);

  audit = glb_paths_get_audit_dir (NULL);
  g_assert_true (g_str_has_suffix (audit, "/glovebox/audit"));
  assert_mode (audit, 0700);
}

static void
test_program (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "glovebox-thing", NULL);
  g_autofree char *list = g_strconcat ("relative:/nowhere:", fixture->folder, NULL);
  g_autofree char *found = NULL;
  g_autoptr(GError) error = NULL;

  g_setenv ("GLOVEBOX_PRIVATE_PATH", list, TRUE);
  g_assert_null (glb_paths_find_program ("glovebox-thing", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, "#!/bin/sh\n", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  g_assert_null (glb_paths_find_program ("glovebox-thing", NULL));
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  found = glb_paths_find_program ("glovebox-thing", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, path);
}

#define ADD(name, function) g_test_add ("/client/paths/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("link", test_link);
  ADD ("foreign", test_foreign);
  ADD ("shared-parent", test_shared_parent);
  ADD ("file", test_file);
  ADD ("made", test_made);
  ADD ("program", test_program);
  return g_test_run ();
}
