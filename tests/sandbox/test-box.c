/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The broker's end: against the real glovebox-init, and against one that lies. */

#include "session-broker/sandbox/glb-box-dial.h"
#include "session-broker/sandbox/glb-seccomp.h"
#include "tests/sandbox/sandbox-helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  GlbBox *box;
  GError *error;
  gboolean done;
  guint64 command;
  int     fds[3];
  int     pid;
  int     status;
  guint   n_exited;
  guint   n_closed;
  char   *reason;
} Answer;

static void
answer_clear (Answer *self)
{
  g_clear_error (&self->error);
  g_clear_pointer (&self->reason, g_free);
  for (int i = 0; i < 3 && self->command != 0; i++)
    if (self->fds[i] >= 0)
      close (self->fds[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
free_rule (gpointer data)
{
  GlbBoxRule *rule = data;

  g_free (rule->path);
  g_free (rule);
}

static void
add_rule (GPtrArray  *rules,
          const char *path,
          guint       access)
{
  GlbBoxRule *rule = g_new (GlbBoxRule, 1);

  rule->path = g_strdup (path);
  rule->access = access;
  g_ptr_array_add (rules, rule);
}

static GPtrArray *
make_rules (void)
{
  GPtrArray *rules = g_ptr_array_new_with_free_func (free_rule);

  add_rule (rules, "/usr", GLB_INIT_LANDLOCK_READ);
  add_rule (rules, "/etc", GLB_INIT_LANDLOCK_READ);
  add_rule (rules, "/proc", GLB_INIT_LANDLOCK_READ | GLB_INIT_LANDLOCK_WRITE);
  add_rule (rules, "/dev", GLB_INIT_LANDLOCK_DEVICE);
  add_rule (rules, "/work", GLB_INIT_LANDLOCK_WRITE);
  return rules;
}

static void
on_command_exited (GlbBox  *box,
                   guint64  command,
                   int      status,
                   Answer  *answer)
{
  answer->n_exited++;
  answer->status = status;
}

static void
on_closed (GlbBox     *box,
           const char *reason,
           Answer     *answer)
{
  answer->n_closed++;
  g_free (answer->reason);
  answer->reason = g_strdup (reason);
}

static void
new_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  Answer *answer = user_data;

  answer->box = glb_box_new_finish (result, &answer->error);
  answer->done = TRUE;
  if (answer->box == NULL)
    return;
  g_signal_connect (answer->box, "command-exited", G_CALLBACK (on_command_exited), answer);
  g_signal_connect (answer->box, "closed", G_CALLBACK (on_closed), answer);
}

static void
make_box (Fixture  *self,
          Answer   *answer,
          gboolean  allow_debug,
          guint     deadline_ms)
{
  g_autoptr(GPtrArray) rules = make_rules ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) seccomp = glb_seccomp_build (GLB_SECCOMP_DESKTOP, allow_debug, &error);
  GlbBoxSetup setup = { .landlock = rules, .seccomp = seccomp, .allow_spawn = TRUE, .max_processes = 100, .allow_debug = allow_debug };

  g_assert_no_error (error);
  glb_box_new_async (self->spec, &setup, deadline_ms, NULL, new_cb, answer);
  fixture_renew (self);
  wait_until (answer->done);
}

static void
exec_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Answer *answer = user_data;

  answer->command = glb_box_exec_finish (GLB_BOX (object), result, answer->fds, &answer->pid, &answer->error);
  answer->done = TRUE;
}

static void
exec_argv (Answer             *answer,
           gboolean            debug,
           const char         *cwd,
           const char * const *argv)
{
  static const char * const env[] = { "PATH=/usr/bin:/bin", NULL };

  g_clear_error (&answer->error);
  answer->done = FALSE;
  glb_box_exec_async (answer->box, cwd, argv, env, debug, NULL, exec_cb, answer);
  wait_until (answer->done);
}

static void
exec_sh (Answer     *answer,
         const char *script)
{
  const char * const argv[] = { "sh", "-c", script, NULL };

  exec_argv (answer, FALSE, "/work", argv);
  g_assert_no_error (answer->error);
}

static char *
read_all (int fd)
{
  g_autoptr(GString) text = g_string_new (NULL);
  char bytes[4096];
  gssize n;

  g_assert_cmpint (fcntl (fd, F_SETFL, O_NONBLOCK), ==, 0);
  for (;;)
    {
      GPollFD poll = { .fd = fd, .events = G_IO_IN };

      g_assert_cmpint (g_poll (&poll, 1, 20000), ==, 1);
      n = read (fd, bytes, sizeof bytes);
      if (n <= 0)
        return g_string_free (g_steal_pointer (&text), FALSE);
      g_string_append_len (text, bytes, n);
    }
}

/* Until it is gone. */
static void
end_box (Answer *answer)
{
  glb_box_kill (answer->box);
  wait_until (answer->n_closed > 0);
  g_assert_cmpuint (answer->n_closed, ==, 1);
  g_assert_false (glb_sandbox_is_running (glb_box_get_sandbox (answer->box)));
  g_assert_finalize_object (g_steal_pointer (&answer->box));
}

static guint
count_fds (void)
{
  g_autoptr(GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
test_errors (Fixture       *self,
             gconstpointer  data)
{
  const char * const missing[] = { "no-such-command", NULL };
  const char * const denied[] = { "/etc/passwd", NULL };
  const char * const good[] = { "true", NULL };
  g_autofree char *long_text = g_strnfill (200 * 1024, 'x');
  const char * const large[] = { "true", long_text, NULL };
  g_auto(Answer) answer = { 0 };

  if (!can_sandbox ())
    return;

  make_box (self, &answer, FALSE, 20000);
  g_assert_no_error (answer.error);

  exec_argv (&answer, FALSE, "/", missing);
  g_assert_error (answer.error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
  exec_argv (&answer, FALSE, "/", denied);
  g_assert_error (answer.error, G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES);
  exec_argv (&answer, FALSE, "/no/such/folder", good);
  g_assert_error (answer.error, G_SPAWN_ERROR, G_SPAWN_ERROR_CHDIR);
  exec_argv (&answer, FALSE, "relative", good);
  g_assert_error (answer.error, G_SPAWN_ERROR, G_SPAWN_ERROR_CHDIR);
  exec_argv (&answer, FALSE, "/", large);
  g_assert_error (answer.error, G_SPAWN_ERROR, G_SPAWN_ERROR_TOO_BIG);
  exec_argv (&answer, TRUE, "/", good);
  g_assert_error (answer.error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY);
  g_assert_false (glb_box_signal (answer.box, 12345, SIGTERM));
  g_assert_cmpuint (answer.n_closed, ==, 0);

  end_box (&answer);
}

static void
test_commands (Fixture       *self,
               gconstpointer  data)
{
  g_auto(Answer) answer = { 0 };
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  g_autofree char *file = NULL;
  g_autofree char *content = NULL;

  if (!can_sandbox ())
    return;

  make_box (self, &answer, FALSE, 20000);
  g_assert_no_error (answer.error);

  exec_sh (&answer, "echo to-out; echo to-err >&2; pwd; cat >here; exit 9");
  g_assert_cmpint (answer.pid, >, 1);
  g_assert_cmpint (write (answer.fds[0], "data", 4), ==, 4);
  close (answer.fds[0]);
  answer.fds[0] = -1;
  out = read_all (answer.fds[1]);
  err = read_all (answer.fds[2]);
  g_assert_cmpstr (out, ==, "to-out\n/work\n");
  g_assert_cmpstr (err, ==, "to-err\n");
  wait_until (answer.n_exited == 1);
  g_assert_cmpint (WEXITSTATUS (answer.status), ==, 9);
  file = g_build_filename (self->workspace, "here", NULL);
  g_assert_true (g_file_get_contents (file, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "data");
  answer_clear (&answer);

  exec_sh (&answer, "sleep 1000");
  g_assert_true (glb_box_signal (answer.box, answer.command, SIGTERM));
  wait_until (answer.n_exited == 2);
  g_assert_cmpint (WTERMSIG (answer.status), ==, SIGTERM);
  g_assert_false (glb_box_signal (answer.box, answer.command, SIGTERM));

  end_box (&answer);
}

static void
pause_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Answer *answer = user_data;

  glb_box_pause_finish (GLB_BOX (object), result, &answer->error);
  answer->done = TRUE;
}

static void
set_paused (Answer   *answer,
            gboolean  paused)
{
  answer->done = FALSE;
  glb_box_pause_async (answer->box, paused, NULL, pause_cb, answer);
  wait_until (answer->done);
  g_assert_no_error (answer->error);
}

static void
test_pause (Fixture       *self,
            gconstpointer  data)
{
  const char * const good[] = { "true", NULL };
  g_auto(Answer) answer = { 0 };
  g_autofree char *out = NULL;
  GPollFD poll = { .events = G_IO_IN };

  if (!can_sandbox ())
    return;

  make_box (self, &answer, FALSE, 20000);
  g_assert_no_error (answer.error);
  exec_sh (&answer, "cat");
  {
    g_auto(Answer) other = { .box = answer.box };

    set_paused (&answer, TRUE);
    exec_argv (&other, FALSE, "/", good);
    g_assert_error (other.error, G_IO_ERROR, G_IO_ERROR_BUSY);
  }
  g_assert_cmpint (write (answer.fds[0], "text", 4), ==, 4);
  close (answer.fds[0]);
  answer.fds[0] = -1;
  poll.fd = answer.fds[1];
  g_assert_cmpint (g_poll (&poll, 1, 100), ==, 0);

  set_paused (&answer, FALSE);
  out = read_all (answer.fds[1]);
  g_assert_cmpstr (out, ==, "text");
  wait_until (answer.n_exited == 1);

  /* Killed while paused, too. */
  set_paused (&answer, TRUE);
  end_box (&answer);
}

/* Connections to what listens inside. */

typedef struct
{
  int     fd;
  GError *error;
  gboolean done;
} Dialled;

static void
dial_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Dialled *dialled = user_data;

  dialled->fd = glb_box_dial_finish (result, &dialled->error);
  dialled->done = TRUE;
}

/* A program of tests in the sandbox's folder. */
static void
copy_program (Fixture    *self,
              const char *name)
{
  g_autofree char *source = g_test_build_filename (G_TEST_BUILT, name, NULL);
  g_autofree char *target = g_build_filename (self->workspace, name, NULL);
  g_autofree char *program = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (source, &program, &size, NULL));
  g_assert_true (g_file_set_contents_full (target, program, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

/* Until it listens. */
static void
serve (Answer     *answer,
       const char *arguments)
{
  g_autofree char *script = g_strdup_printf ("exec ./echo-server %s 2>&1", arguments);
  char bytes[6];
  GPollFD poll = { .events = G_IO_IN };

  exec_sh (answer, script);
  poll.fd = answer->fds[1];
  g_assert_cmpint (g_poll (&poll, 1, 20000), ==, 1);
  g_assert_cmpint (read (answer->fds[1], bytes, sizeof bytes), ==, 6);
  g_assert_cmpmem (bytes, 6, "ready\n", 6);
}

static void
assert_echo (GlbBox *box,
             guint16 port)
{
  Dialled dialled = { 0 };
  char bytes[5];
  GPollFD poll = { .events = G_IO_IN };

  glb_box_dial_async (box, port, NULL, dial_cb, &dialled);
  wait_until (dialled.done);
  g_assert_no_error (dialled.error);
  g_assert_cmpint (fcntl (dialled.fd, F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);
  g_assert_cmpint (fcntl (dialled.fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_cmpint (write (dialled.fd, "hello", 5), ==, 5);
  poll.fd = dialled.fd;
  g_assert_cmpint (g_poll (&poll, 1, 20000), ==, 1);
  g_assert_cmpint (read (dialled.fd, bytes, sizeof bytes), ==, 5);
  g_assert_cmpmem (bytes, 5, "hello", 5);
  close (dialled.fd);
}

static void
assert_no_answer (GlbBox *box,
                  guint16 port)
{
  Dialled dialled = { 0 };

  glb_box_dial_async (box, port, NULL, dial_cb, &dialled);
  wait_until (dialled.done);
  g_assert_cmpint (dialled.fd, ==, -1);
  g_assert_error (dialled.error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  g_clear_error (&dialled.error);
}

static gboolean
has_ipv6 (void)
{
  return g_file_test ("/proc/net/if_inet6", G_FILE_TEST_EXISTS);
}

static void
test_connect (Fixture       *self,
              gconstpointer  data)
{
  g_auto(Answer) answer = { 0 };

  if (!can_sandbox ())
    return;

  copy_program (self, "echo-server");
  make_box (self, &answer, FALSE, 20000);
  g_assert_no_error (answer.error);
  assert_no_answer (answer.box, 8000);

  serve (&answer, "127.0.0.1 8000");
  assert_echo (answer.box, 8000);
  assert_no_answer (answer.box, 8001);
  answer_clear (&answer);
  if (has_ipv6 ())
    {
      serve (&answer, "::1 8001");
      assert_echo (answer.box, 8001);
    }
  g_assert_cmpuint (answer.n_closed, ==, 0);

  end_box (&answer);
}

/* Who does not accept holds nobody up, init least of all. */
static void
test_connect_deaf (Fixture       *self,
                   gconstpointer  data)
{
  const char * const good[] = { "true", NULL };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(Answer) answer = { 0 };
  Dialled dialled[4] = { 0 };
  guint n_fds;

  if (!can_sandbox ())
    return;

  copy_program (self, "echo-server");
  make_box (self, &answer, FALSE, 20000);
  g_assert_no_error (answer.error);
  serve (&answer, "127.0.0.1 8000 deaf");
  n_fds = count_fds ();
  for (guint i = 0; i < G_N_ELEMENTS (dialled); i++)
    glb_box_dial_async (answer.box, 8000, cancellable, dial_cb, &dialled[i]);
  wait_until (dialled[0].done);
  g_assert_no_error (dialled[0].error);
  close (dialled[0].fd);
  {
    g_auto(Answer) other = { .box = answer.box };

    exec_argv (&other, FALSE, "/", good);
    g_assert_no_error (other.error);
  }
  g_assert_false (dialled[3].done);
  g_cancellable_cancel (cancellable);
  wait_until (dialled[3].done);
  g_assert_error (dialled[3].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  for (guint i = 1; i < G_N_ELEMENTS (dialled); i++)
    {
      wait_until (dialled[i].done);
      if (dialled[i].fd >= 0)
        close (dialled[i].fd);
      g_clear_error (&dialled[i].error);
    }
  g_assert_cmpuint (count_fds (), ==, n_fds);

  end_box (&answer);
}

static void
prepare_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Answer *answer = user_data;

  answer->box = glb_box_prepare_finish (result, &answer->error);
  answer->done = TRUE;
}

static void
setup_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Answer *answer = user_data;

  glb_box_setup_finish (GLB_BOX (object), result, &answer->error);
  answer->done = TRUE;
}

static void
test_spare (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr(GPtrArray) rules = make_rules ();
  GlbBoxSetup setup = { .landlock = rules, .allow_spawn = TRUE };
  const char * const good[] = { "true", NULL };
  g_auto(Answer) answer = { 0 };

  if (!can_sandbox ())
    return;

  glb_box_prepare_async (self->spec, 20000, NULL, prepare_cb, &answer);
  fixture_renew (self);
  wait_until (answer.done);
  g_assert_no_error (answer.error);
  g_signal_connect (answer.box, "command-exited", G_CALLBACK (on_command_exited), &answer);
  g_signal_connect (answer.box, "closed", G_CALLBACK (on_closed), &answer);

  exec_argv (&answer, FALSE, "/", good);   /* not before it is set up */
  g_assert_error (answer.error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED);
  g_clear_error (&answer.error);

  answer.done = FALSE;
  glb_box_setup_async (answer.box, &setup, 20000, NULL, setup_cb, &answer);
  wait_until (answer.done);
  g_assert_no_error (answer.error);
  exec_argv (&answer, FALSE, "/", good);
  g_assert_no_error (answer.error);
  wait_until (answer.n_exited == 1);

  answer.done = FALSE;                     /* and only once */
  glb_box_setup_async (answer.box, &setup, 20000, NULL, setup_cb, &answer);
  wait_until (answer.done);
  g_assert_error (answer.error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED);

  end_box (&answer);
}

/* kill -9 of what is in the way, from outside. */
static void
test_killed (Fixture       *self,
             gconstpointer  data)
{
  for (int i = 0; i < 2; i++)
    {
      g_auto(Answer) answer = { 0 };
      GlbSandbox *sandbox;

      if (!can_sandbox ())
        return;

      make_box (self, &answer, FALSE, 20000);
      g_assert_no_error (answer.error);
      exec_sh (&answer, "setsid sleep 1000 & sleep 1000");
      sandbox = glb_box_get_sandbox (answer.box);
      if (i == 0)
        kill (glb_sandbox_get_pid (sandbox), SIGKILL);
      else
        {
          wait_until (glb_sandbox_get_init_pid (sandbox) != 0);
          if (kill (glb_sandbox_get_init_pid (sandbox), SIGKILL) < 0)
            {
              g_assert_cmpint (errno, ==, EPERM);   /* a person may not; nobody else can then */
              glb_box_kill (answer.box);
            }
        }
      wait_until (answer.n_closed == 1);
      g_assert_nonnull (answer.reason);
      g_assert_finalize_object (g_steal_pointer (&answer.box));
    }
}

static void
test_launch_fails (Fixture       *self,
                   gconstpointer  data)
{
  g_auto(Answer) answer = { 0 };

  if (!can_sandbox ())
    return;

  glb_sandbox_spec_add_mount (self->spec, "/no/such/source", "/mnt", GLB_MOUNT_READ_ONLY);
  make_box (self, &answer, FALSE, 20000);
  g_assert_null (answer.box);
  g_assert_error (answer.error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED);
  g_test_message ("%s", answer.error->message);
  g_assert_nonnull (strstr (answer.error->message, "/no/such/source"));
}

/* A folder with hostile-init under the name of the real one. */
static char *
make_hostile_path (Fixture *self)
{
  g_autofree char *source = g_test_build_filename (G_TEST_BUILT, "hostile-init", NULL);
  g_autofree char *target = g_build_filename (self->folder, "glovebox-init", NULL);
  g_autofree char *program = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (source, &program, &size, NULL));
  g_assert_true (g_file_set_contents_full (target, program, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  return g_strdup_printf ("%s:%s", self->folder, g_getenv ("GLOVEBOX_PRIVATE_PATH"));
}

static void
test_hostile (Fixture       *self,
              gconstpointer  data)
{
  static const struct { const char *how; gboolean starts; guint deadline_ms; } rows[] = {
    { "noise", FALSE, 20000 }, { "huge", FALSE, 20000 }, { "version", FALSE, 20000 }, { "ready-first", FALSE, 20000 },
    { "quits", FALSE, 20000 }, { "silent", FALSE, 500 }, { "fds-on-hello", FALSE, 20000 }, { "hello-twice", FALSE, 20000 },
    { "wrong-ready", FALSE, 20000 }, { "files", TRUE, 20000 }, { "wrong-ends", TRUE, 20000 }, { "one-fd", TRUE, 20000 },
    { "eight-fds", TRUE, 20000 }, { "wrong-serial", TRUE, 20000 }, { "exited", TRUE, 20000 }, { "done", TRUE, 20000 },
    { "connected", TRUE, 20000 }, { "quits-at-exec", TRUE, 20000 },
  };
  const char * const good[] = { "true", NULL };
  g_autofree char *old_path = g_strdup (g_getenv ("GLOVEBOX_PRIVATE_PATH"));
  g_autofree char *path = NULL;
  guint n_fds;

  if (!can_sandbox ())
    return;

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);   /* warnings are what is expected here */
  path = make_hostile_path (self);
  g_setenv ("GLOVEBOX_PRIVATE_PATH", path, TRUE);
  n_fds = count_fds ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto(Answer) answer = { 0 };

      glb_sandbox_spec_set_env (self->spec, "HOSTILE", rows[i].how);
      make_box (self, &answer, FALSE, rows[i].deadline_ms);
      g_test_message ("%s: %s", rows[i].how, answer.error != NULL ? answer.error->message : "starts");
      if (!rows[i].starts)
        {
          g_assert_null (answer.box);
          g_assert_error (answer.error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED);
          continue;
        }

      g_assert_no_error (answer.error);
      exec_argv (&answer, FALSE, "/", good);
      g_assert_error (answer.error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED);
      wait_until (answer.n_closed == 1);
      g_assert_cmpuint (answer.n_exited, ==, 0);
      g_assert_finalize_object (g_steal_pointer (&answer.box));
    }
  g_setenv ("GLOVEBOX_PRIVATE_PATH", old_path, TRUE);
  wait_until (count_fds () <= n_fds);
}

/* Whatever it hands over for a connection but one TCP socket ends the box. */
static void
test_hostile_connect (Fixture       *self,
                      gconstpointer  data)
{
  static const char * const lies[] = {
    "connect-file", "connect-unix", "connect-udp", "connect-netlink", "connect-listening", "connect-none", "connect-two", "connect-serial",
  };
  g_autofree char *old_path = g_strdup (g_getenv ("GLOVEBOX_PRIVATE_PATH"));
  g_autofree char *path = NULL;
  guint n_fds;

  if (!can_sandbox ())
    return;

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);   /* warnings are what is expected here */
  path = make_hostile_path (self);
  g_setenv ("GLOVEBOX_PRIVATE_PATH", path, TRUE);
  n_fds = count_fds ();
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_auto(Answer) answer = { 0 };
      Dialled dialled = { 0 };

      glb_sandbox_spec_set_env (self->spec, "HOSTILE", lies[i]);
      make_box (self, &answer, FALSE, 20000);
      g_assert_no_error (answer.error);
      glb_box_dial_async (answer.box, 8000, NULL, dial_cb, &dialled);
      wait_until (dialled.done);
      g_test_message ("%s: %s", lies[i], dialled.error != NULL ? dialled.error->message : "is taken");
      g_assert_error (dialled.error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_FAILED);
      g_clear_error (&dialled.error);
      wait_until (answer.n_closed == 1);
      g_assert_finalize_object (g_steal_pointer (&answer.box));
    }
  g_setenv ("GLOVEBOX_PRIVATE_PATH", old_path, TRUE);
  wait_until (count_fds () <= n_fds);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/box/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("errors", test_errors);
  ADD ("hostile", test_hostile);
  ADD ("hostile-connect", test_hostile_connect);
  ADD ("launch-fails", test_launch_fails);
  ADD ("killed", test_killed);
  ADD ("commands", test_commands);
  ADD ("connect", test_connect);
  ADD ("connect-deaf", test_connect_deaf);
  ADD ("pause", test_pause);
  ADD ("spare", test_spare);

  return g_test_run ();
}
