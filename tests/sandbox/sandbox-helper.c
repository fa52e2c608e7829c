/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/sandbox/sandbox-helper.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "session-broker/client/glb-paths.h"

gboolean
can_sandbox (void)
{
  g_auto(GStrv) missing = glb_sandbox_diagnose ();

  if (missing[0] == NULL)
    return TRUE;
  g_test_skip (missing[0]);
  return FALSE;
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* One turn of the loop, and back soon even if nothing happens. */
void
wait_step (gint64 deadline, const char *condition)
{
  guint tick = g_timeout_add (5, on_tick, NULL);

  g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick);
  if (g_get_monotonic_time () > deadline)
    g_error ("Waited too long for: %s", condition);
}

void
fixture_renew (Fixture *self)
{
  g_clear_pointer (&self->spec, glb_sandbox_spec_free);
  self->spec = glb_sandbox_spec_new ("test", self->account);
  glb_sandbox_spec_add_tmpfs (self->spec, "/home/agent", 1 << 20, 0700);
  glb_sandbox_spec_set_home (self->spec, "/home/agent");
  glb_sandbox_spec_add_mount (self->spec, self->workspace, "/work", GLB_MOUNT_WRITABLE | GLB_MOUNT_PERSONAL);
  glb_sandbox_spec_set_env (self->spec, "PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *person_dir = NULL;
  g_autoptr(GError) error = NULL;

  self->folder = g_dir_make_tmp ("glovebox-test-XXXXXX", &error);
  g_assert_no_error (error);
  /* where brokers have them: tests that run at the same time draw from the same range */
  person_dir = glb_paths_get_person_dir (&error);
  g_assert_no_error (error);
  self->locks = g_build_filename (person_dir, "accounts", NULL);
  self->workspace = g_build_filename (self->folder, "workspace", NULL);
  g_assert_cmpint (g_mkdir (self->workspace, 0700), ==, 0);
  if (glb_account_diagnose () != NULL)
    return;

  self->account = glb_account_allocate (self->locks, &error);
  g_assert_no_error (error);
  fixture_renew (self);
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_clear_pointer (&self->spec, glb_sandbox_spec_free);
  if (self->account != NULL)
    g_assert_finalize_object (self->account);
  glb_sandbox_remove_tree (self->folder, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (self->folder, G_FILE_TEST_EXISTS));
  g_free (self->folder);
  g_free (self->locks);
  g_free (self->workspace);
}

static void
on_exited (GlbSandbox *sandbox, int status, gpointer user_data)
{
  *(int *) user_data = status;
}

static void
read_some (int fd, GString *output)
{
  char bytes[4096];
  gssize n;

  while ((n = read (fd, bytes, sizeof bytes)) > 0)
    g_string_append_len (output, bytes, n);
}

void
run_shell (Fixture *self, Run *run, const char *script)
{
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  g_autoptr(GString) output = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  GlbSandbox *sandbox;
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  g_assert_cmpint (fcntl (ends[0], F_SETFL, O_NONBLOCK), ==, 0);
  glb_sandbox_spec_take_fd (self->spec, ends[1], STDOUT_FILENO);
  glb_sandbox_spec_set_argv (self->spec, argv);

  run->status = -1;
  sandbox = glb_sandbox_launch (self->spec, &error);
  g_assert_no_error (error);
  g_signal_connect (sandbox, "exited", G_CALLBACK (on_exited), &run->status);
  while (glb_sandbox_is_running (sandbox))
    {
      wait_step (g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND, script);
      read_some (ends[0], output);
    }
  read_some (ends[0], output);
  close (ends[0]);

  run->output = g_string_free (g_steal_pointer (&output), FALSE);
  run->failure = glb_sandbox_dup_failure (sandbox);
  g_assert_finalize_object (sandbox);
  if (g_test_verbose ())
    g_test_message ("%s: status %d, output '%s', failure '%s'", script, run->status, run->output,
                    run->failure != NULL ? run->failure : "");
  fixture_renew (self);
}

void
run_clear (Run *run)
{
  g_clear_pointer (&run->output, g_free);
  g_clear_pointer (&run->failure, g_free);
}

static gboolean
account_is_empty (Fixture *self)
{
  errno = 0;

  return getpriority (PRIO_USER, glb_account_get_uid (self->account)) == -1 && errno == ESRCH;
}

/* A process closes its descriptors, and the end of its output is heard, a moment before it is gone. */
void
wait_account_empty (Fixture *self)
{
  wait_until (account_is_empty (self));
}

#define STRAY "(setsid sh -c 'tail -f /dev/null & tail -f /dev/null' &) ; (setsid setsid tail -f /dev/null &); echo up; tail -f /dev/null"

GlbSandbox *
launch_stray (Fixture *self, int *out)
{
  const char *argv[] = { "/bin/sh", "-c", STRAY, NULL };
  g_autoptr(GError) error = NULL;
  GlbSandbox *sandbox;
  char bytes[16];
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  fcntl (ends[0], F_SETFL, O_NONBLOCK);
  glb_sandbox_spec_take_fd (self->spec, ends[1], STDOUT_FILENO);
  glb_sandbox_spec_set_argv (self->spec, argv);
  sandbox = glb_sandbox_launch (self->spec, &error);
  g_assert_no_error (error);
  fixture_renew (self);
  wait_until (read (ends[0], bytes, sizeof bytes) > 0);
  wait_until (glb_sandbox_get_init_pid (sandbox) > 0);
  *out = ends[0];

  return sandbox;
}

/* Every process that held the pipe is gone. */
void
assert_all_gone (Fixture *self, int out)
{
  char bytes[16];

  g_assert_cmpint (read (out, bytes, sizeof bytes), ==, 0);
  close (out);
  wait_account_empty (self);
}
