/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A file is written whole or not at all; what is no file stays what it is. */

#include "config.h"

#include "session-broker/client/glb-save.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder, *path, *link;
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  fixture->folder = g_dir_make_tmp ("glovebox-save-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->path = g_build_filename (fixture->folder, "file", NULL);
  fixture->link = g_build_filename (fixture->folder, "link", NULL);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_unlink (fixture->link);
  g_unlink (fixture->path);
  /* nothing else is left there */
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->link);
}

static void
save (const char *path,
      const char *text)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (glb_save (path, text, strlen (text), &error));
  g_assert_no_error (error);
}

static void
assert_content (const char *path,
                const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
test_file (Fixture       *fixture,
           gconstpointer  data)
{
  struct stat before, after;

  save (fixture->path, "one");
  assert_content (fixture->path, "one");
  g_assert_cmpint (g_lstat (fixture->path, &before), ==, 0);
  save (fixture->path, "two");
  assert_content (fixture->path, "two");
  g_assert_cmpint (g_lstat (fixture->path, &after), ==, 0);
  g_assert_true (before.st_ino != after.st_ino);
  g_assert_false (glb_save_is_stream (fixture->path));
}

/* As /dev/stdout is one. */
static void
test_link (Fixture       *fixture,
           gconstpointer  data)
{
  save (fixture->path, "one");
  g_assert_cmpint (symlink ("file", fixture->link), ==, 0);
  save (fixture->link, "two");
  assert_content (fixture->path, "two");
  g_assert_true (g_file_test (fixture->link, G_FILE_TEST_IS_SYMLINK));
}

static void
test_fifo (Fixture       *fixture,
           gconstpointer  data)
{
  char text[16] = { 0 };
  struct stat st;
  int fd;

  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  g_assert_cmpint (symlink (fixture->path, fixture->link), ==, 0);
  g_assert_true (glb_save_is_stream (fixture->path));
  fd = g_open (fixture->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  save (fixture->path, "one");
  g_assert_cmpint (read (fd, text, sizeof text), ==, 3);
  save (fixture->link, "two");
  g_assert_cmpint (read (fd, text, sizeof text), ==, 3);
  g_assert_cmpstr (text, ==, "two");
  close (fd);
  g_assert_cmpint (g_lstat (fixture->path, &st), ==, 0);
  g_assert_true (S_ISFIFO (st.st_mode));
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "none", "file", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (glb_save (path, "x", 1, &error));
  g_assert_cmpstr (error->message, ==, "Can't write: No such file or directory");
  g_clear_error (&error);
  g_assert_false (glb_save (fixture->folder, "x", 1, &error));
  g_assert_cmpstr (error->message, ==, "Can't write: Is a directory");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/save/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("file", test_file);
  ADD ("link", test_link);
  ADD ("fifo", test_fifo);
  ADD ("refused", test_refused);
  return g_test_run ();
}
