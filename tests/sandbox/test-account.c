/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/sandbox/sandbox-helper.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-sandbox-private.h"

#define N 40

static gboolean
can_allocate (void)
{
  g_autofree char *missing = glb_account_diagnose ();

  if (missing == NULL)
    return TRUE;
  g_test_skip (missing);
  return FALSE;
}

static void
test_unique (Fixture *self, gconstpointer data)
{
  GlbAccount *accounts[N];
  g_autoptr(GHashTable) ids = g_hash_table_new (NULL, NULL);

  if (!can_allocate ())
    return;
  for (guint i = 0; i < N; i++)
    {
      g_autoptr(GError) error = NULL;

      accounts[i] = glb_account_allocate (self->locks, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (glb_account_get_uid (accounts[i]), >, 65535);
      g_assert_true (g_hash_table_add (ids, GUINT_TO_POINTER (glb_account_get_uid (accounts[i]))));
    }
  g_assert_false (g_hash_table_contains (ids, GUINT_TO_POINTER (glb_account_get_uid (self->account))));
  for (guint i = 0; i < N; i++)
    g_assert_finalize_object (accounts[i]);
}

/* Another process of the same person takes others. */
static void
test_other_process (Fixture *self, gconstpointer data)
{
  int ends[2];
  guint other = 0;
  pid_t pid;

  if (!can_allocate ())
    return;
  g_assert_cmpint (pipe (ends), ==, 0);
  pid = fork ();
  if (pid == 0)
    {
      GlbAccount *account = glb_account_allocate (self->locks, NULL);
      guint uid = account != NULL ? glb_account_get_uid (account) : 0;

      _exit (write (ends[1], &uid, sizeof uid) != sizeof uid);
    }
  g_assert_cmpint (read (ends[0], &other, sizeof other), ==, sizeof other);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  g_assert_cmpuint (other, !=, 0);
  g_assert_cmpuint (other, !=, glb_account_get_uid (self->account));
  close (ends[0]);
  close (ends[1]);
}

static void
test_reuse (Fixture *self, gconstpointer data)
{
  GlbAccount *account;
  guint uid;
  g_autofree char *lock = NULL;
  g_autoptr(GError) error = NULL;

  if (!can_allocate ())
    return;
  account = glb_account_allocate (self->locks, &error);
  g_assert_no_error (error);
  uid = glb_account_get_uid (account);
  lock = g_strdup_printf ("%s/%u", geteuid () == 0 ? "/run/glovebox/accounts" : self->locks, uid);
  g_assert_true (g_file_test (lock, G_FILE_TEST_EXISTS));
  g_assert_finalize_object (account);
  g_assert_false (g_file_test (lock, G_FILE_TEST_EXISTS));
  account = glb_account_allocate (self->locks, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glb_account_get_uid (account), ==, uid);
  g_assert_finalize_object (account);
}

static void
test_stale_locks (Fixture *self, gconstpointer data)
{
  const char *locks = geteuid () == 0 ? "/run/glovebox/accounts" : self->locks;
  g_autofree char *stale = g_build_filename (locks, "4294900000", NULL);
  g_autofree char *held = NULL;

  if (!can_allocate ())
    return;
  held = g_strdup_printf ("%s/%u", locks, glb_account_get_uid (self->account));
  g_assert_true (g_file_set_contents (stale, "", 0, NULL));
  glb_account_remove_stale_locks (self->locks);
  g_assert_false (g_file_test (stale, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (held, G_FILE_TEST_EXISTS));
}

/* A number under which something still runs is not handed out, whatever the lock says. */
static void
test_in_use (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  GlbAccount *account;
  GlbSandbox *sandbox;
  guint uid;
  int out;

  if (!can_sandbox ())
    return;
  uid = glb_account_get_uid (self->account);
  sandbox = launch_stray (self, &out);
  {
    g_autofree char *lock = g_strdup_printf ("%s/%u", geteuid () == 0 ? "/run/glovebox/accounts" : self->locks, uid);

    g_assert_cmpint (unlink (lock), ==, 0);
  }
  account = glb_account_allocate (self->locks, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glb_account_get_uid (account), !=, uid);
  g_assert_finalize_object (account);
  glb_sandbox_kill (sandbox);
  wait_until (!glb_sandbox_is_running (sandbox));
  g_assert_finalize_object (sandbox);
  assert_all_gone (self, out);
}

static void
test_ranges (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "subuid", NULL);
  const char *text = "ann:100000:65536\nbob:200000:10\n1234:300000:5\nann:x:5\nann:5\nann:4294967295:1\nann:4294960000:65536\n\nann:-5:3\nann:400000:1";
  g_autoptr(GArray) ann = NULL;
  g_autoptr(GArray) number = NULL;
  g_autoptr(GArray) nobody = NULL;
  g_autoptr(GArray) missing = NULL;
  g_autoptr(GArray) all = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  ann = glb_account_load_ranges (path, 77, "ann");
  g_assert_cmpuint (ann->len, ==, 2);
  g_assert_cmpuint (g_array_index (ann, GlbAccountRange, 0).start, ==, 100000);
  g_assert_cmpuint (g_array_index (ann, GlbAccountRange, 1).count, ==, 1);
  number = glb_account_load_ranges (path, 1234, "carl");
  g_assert_cmpuint (number->len, ==, 1);
  nobody = glb_account_load_ranges (path, 77, "");
  g_assert_cmpuint (nobody->len, ==, 0);
  missing = glb_account_load_ranges ("/nonexistent", 77, "ann");
  g_assert_cmpuint (missing->len, ==, 0);
  all = glb_account_load_ranges (path, 0, NULL);
  g_assert_cmpuint (all->len, ==, 4);
}

#define ADD(name, function) g_test_add ("/account/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("in-use", test_in_use);
  ADD ("unique", test_unique);
  ADD ("other-process", test_other_process);
  ADD ("reuse", test_reuse);
  ADD ("stale-locks", test_stale_locks);
  ADD ("ranges", test_ranges);

  return g_test_run ();
}
