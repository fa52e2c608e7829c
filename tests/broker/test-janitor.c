/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The janitor's two ends: a broker's end that closes, in order or not, and the process that works off the rest. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "session-broker/broker/glb-janitor.h"
#include "session-broker/client/glb-client.h"
#include "tests/broker/broker-fixture.h"

static GlbJanitor *
start (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *program = glb_paths_find_program ("glovebox-broker", &error);
  GlbJanitor *janitor;

  g_assert_no_error (error);
  janitor = glb_janitor_start (program, -1, &error);
  g_assert_no_error (error);
  return janitor;
}

static guint64
add (GlbJanitor *janitor, GlbChore chore, guint number, const char *path)
{
  g_autoptr(GError) error = NULL;
  guint64 id = glb_janitor_add (janitor, chore, number, path, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (id, !=, 0);
  return id;
}

/* uid: 0: the caller's. */
static pid_t
make_victim_as (guint uid)
{
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      if (uid != 0 && setresuid (uid, uid, uid) != 0)
        _exit (1);
      for (;;)
        pause ();
    }
  return pid;
}

static pid_t
make_victim (void)
{
  return make_victim_as (0);
}

static char *
make_tree (void)
{
  char *path = g_dir_make_tmp ("glb janitor\tXXXXXX", NULL);
  g_autofree char *file = g_build_filename (path, "file", NULL);

  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  return path;
}

static void
wait_removed (const char *path)
{
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, FALSE);
    }
}

static void
test_undone (void)
{
  /* made first: it must not have a copy of the pipe */
  pid_t victim = make_victim ();
  GlbJanitor *janitor = start ();
  g_autofree char *path = make_tree ();
  int status;

  add (janitor, GLB_CHORE_TREE, 0, path);
  add (janitor, GLB_CHORE_PROCESS, victim, NULL);
  glb_janitor_free (janitor);

  g_assert_cmpint (waitpid (victim, &status, 0), ==, victim);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  wait_removed (path);
}

static pid_t
make_victim_of (GlbAccount *account)
{
  guint uid = glb_account_get_uid (account);
  pid_t pid = make_victim_as (uid);

  while (test_find_process (uid, NULL) == 0)
    g_assert_cmpint (waitpid (pid, NULL, WNOHANG), ==, 0);
  return pid;
}

/* The broker's lock went with it, and another broker got the id in the instant in which nothing ran under it. */
static void
test_account_of_another (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAccount) account = NULL;
  g_autofree char *path = NULL;
  GlbJanitor *janitor;
  pid_t victim;
  int status;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become an account without a namespace");
      return;
    }

  account = glb_account_allocate (NULL, &error);
  g_assert_no_error (error);
  victim = make_victim_of (account);
  path = make_tree ();
  janitor = start ();
  g_assert_cmpuint (glb_janitor_add_account (janitor, account, &error), !=, 0);
  add (janitor, GLB_CHORE_TREE, 0, path);
  glb_janitor_free (janitor);
  wait_removed (path);
  g_assert_cmpint (waitpid (victim, &status, WNOHANG), ==, 0);

  /* nobody holds a lock in a folder that is gone, as that of a login session */
  janitor = start ();
  add (janitor, GLB_CHORE_ACCOUNT, glb_account_get_uid (account), "/nonexistent/accounts");
  glb_janitor_free (janitor);
  g_assert_cmpint (waitpid (victim, &status, 0), ==, victim);
  victim = make_victim_of (account);

  /* held by nobody, it is the dead broker's still */
  janitor = start ();
  g_assert_cmpuint (glb_janitor_add_account (janitor, account, &error), !=, 0);
  g_clear_object (&account);
  glb_janitor_free (janitor);
  g_assert_cmpint (waitpid (victim, &status, 0), ==, victim);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
}

/* What the broker undid itself is left alone: the same number may be somebody else's by now. */
static void
test_struck_off (void)
{
  pid_t victim = make_victim ();
  GlbJanitor *janitor = start ();
  g_autofree char *kept = make_tree ();
  g_autofree char *removed = make_tree ();
  g_autofree char *file = g_build_filename (kept, "file", NULL);
  guint64 process, tree;
  int status;

  process = add (janitor, GLB_CHORE_PROCESS, victim, NULL);
  tree = add (janitor, GLB_CHORE_TREE, 0, kept);
  add (janitor, GLB_CHORE_TREE, 0, removed);
  glb_janitor_done (janitor, process);
  glb_janitor_done (janitor, tree);
  glb_janitor_done (janitor, 0);
  glb_janitor_free (janitor);

  /* trees come last: the rest was decided before */
  wait_removed (removed);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_cmpint (waitpid (victim, &status, WNOHANG), ==, 0);
  kill (victim, SIGKILL);
  g_assert_cmpint (waitpid (victim, &status, 0), ==, victim);
  g_unlink (file);
  g_rmdir (kept);
}

/* The folder that all sessions of a host share goes with the last of them, and nothing above. */
static void
test_control_groups (void)
{
  GlbJanitor *janitor = start ();
  g_autofree char *base = g_dir_make_tmp ("glb-janitor-XXXXXX", NULL);
  g_autofree char *common = g_build_filename (base, "glovebox", NULL);
  g_autofree char *first = g_build_filename (common, "first", NULL);
  g_autofree char *second = g_build_filename (common, "second", NULL);
  g_autofree char *others = g_build_filename (base, "others", NULL);
  g_autofree char *third = g_build_filename (others, "third", NULL);

  g_assert_cmpint (g_mkdir_with_parents (first, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (second, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (third, 0700), ==, 0);
  add (janitor, GLB_CHORE_CGROUP, 0, first);
  add (janitor, GLB_CHORE_CGROUP, 0, third);
  glb_janitor_free (janitor);
  wait_removed (first);
  wait_removed (third);
  g_assert_true (g_file_test (second, G_FILE_TEST_IS_DIR));
  g_assert_true (g_file_test (others, G_FILE_TEST_IS_DIR));

  janitor = start ();
  add (janitor, GLB_CHORE_CGROUP, 0, second);
  glb_janitor_free (janitor);
  wait_removed (common);
  g_assert_cmpint (g_rmdir (others), ==, 0);
  g_assert_cmpint (g_rmdir (base), ==, 0);
}

static void
test_too_long (void)
{
  GlbJanitor *janitor = start ();
  g_autofree char *path = g_strnfill (5000, 'x');
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (glb_janitor_add (janitor, GLB_CHORE_TREE, 0, path, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG);
  glb_janitor_free (janitor);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/janitor/undone", test_undone);
  g_test_add_func ("/janitor/control-groups", test_control_groups);
  g_test_add_func ("/janitor/struck-off", test_struck_off);
  g_test_add_func ("/janitor/account-of-another", test_account_of_another);
  g_test_add_func ("/janitor/too-long", test_too_long);
  return g_test_run ();
}
