/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program glovebox with the real broker: what the fake one cannot show. Tier process: no display is needed. */

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *glovebox;
static const char *skip_reason;

typedef struct
{
  char *folder;
  char *workspace;
} Fixture;

/* In the first fixture's folders. */
static void
find_skip_reason (void)
{
  static gboolean looked;
  const char *argv[] = { glovebox, "doctor", NULL };
  g_autofree char *fuser = g_find_program_in_path ("fuser");
  int status = 0;

  if (looked)
    return;

  looked = TRUE;
  if (fuser == NULL)
    skip_reason = "fuser is not installed";
  else if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL) ||
           status != 0)
    skip_reason = "this host cannot start sessions; see `glovebox doctor`";
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autofree char *runtime = NULL;
  g_autofree char *state = NULL;

  fixture->folder = g_dir_make_tmp ("glb-real-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  runtime = g_build_filename (fixture->folder, "run", NULL);
  state = g_build_filename (fixture->folder, "state", NULL);
  fixture->workspace = g_build_filename (fixture->folder, "work", NULL);
  g_assert_cmpint (mkdir (runtime, 0700), ==, 0);
  g_assert_cmpint (mkdir (fixture->workspace, 0700), ==, 0);
  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  find_skip_reason ();
}

/* The shell gives us pipes and redirections; $G is glovebox, and the folder is the workspace. */
static int
sh (Fixture    *fixture,
    const char *script,
    char      **out,
    char      **err)
{
  const char *argv[] = { "sh", "-c", script, NULL };
  g_auto(GStrv) environment = g_environ_setenv (g_get_environ (), "G", glovebox, TRUE);
  g_autoptr(GError) error = NULL;
  int status;

  g_spawn_sync (fixture->workspace, (char **) argv, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, out, err, &status, &error);
  g_assert_no_error (error);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *script = g_strdup_printf ("p=$(fuser '%s/run/glovebox/bus' 2>/dev/null); "
                                             "[ -z \"$p\" ] || kill $p; rm -rf '%s'", fixture->folder, fixture->folder);

  sh (fixture, script, NULL, NULL);
  g_free (fixture->workspace);
  g_free (fixture->folder);
}

static void
assert_sh (Fixture    *fixture,
           const char *script,
           int         wanted,
           const char *wanted_out,
           const char *wanted_err)
{
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  int code;

  if (skip_reason != NULL)
    {
      g_test_skip (skip_reason);
      return;
    }

  code = sh (fixture, script, &out, &err);
  if (wanted_err == NULL)
    g_assert_cmpstr (err, ==, "");
  else if (strstr (err, wanted_err) == NULL)
    g_error ("\"%s\" is not in: %s", wanted_err, err);
  g_assert_cmpstr (out, ==, wanted_out);
  g_assert_cmpint (code, ==, wanted);
}

#define RUN "\"$G\" run --tier process "

static void
test_refused (Fixture      *fixture,
              gconstpointer data)
{
  assert_sh (fixture, "echo '{\"schemaVersion\":\"1.0\",\"resources\":{\"gpu\":\"allow\"}}' > p.json; "
             "\"$G\" run --policy p.json -- true", 126, "", "p.json");
  assert_sh (fixture, "echo '{\"schemaVersion\":\"1.0\",\"x\":1}' > p.json; \"$G\" run --policy p.json -- true", 125, "", "/x");
  assert_sh (fixture, RUN "-- no-such-command-here", 127, "", "no-such-command-here");
}

static void
test_debug_refused (Fixture      *fixture,
                    gconstpointer data)
{
  assert_sh (fixture, RUN "--detach --name d -- tail -f /dev/null >/dev/null; \"$G\" exec --debug d -- true; c=$?; \"$G\" kill d; exit $c",
             126, "", "allowDebug");
}

static void
test_codes (Fixture      *fixture,
            gconstpointer data)
{
  assert_sh (fixture, RUN "-- sh -c 'echo out; echo err >&2; exit 7'", 7, "out\n", "err\n");
  assert_sh (fixture, RUN "-- sh -c 'kill -9 $$'", 137, "", NULL);
  assert_sh (fixture, RUN "--timeout 1 -- tail -f /dev/null", 124, "", "time was over");
}

static void
test_streams (Fixture      *fixture,
              gconstpointer data)
{
  assert_sh (fixture, "head -c 20000000 /dev/urandom > in; " RUN "-- cat < in > out && cmp in out && "
             "cat in | " RUN "-- cat | cmp - in && " RUN "-- cat < in >> out && cat in in | cmp - out", 0, "", NULL);
  assert_sh (fixture, "{ " RUN "-- yes; echo $? >&2; } | head -1", 0, "y\n", "141\n");
}

static void
test_signal (Fixture      *fixture,
             gconstpointer data)
{
  assert_sh (fixture, "mkfifo f; : > out; " RUN "-- sh -c 'trap \"echo got; exit 42\" TERM; echo ready; read x' < f > out & p=$!; "
             "exec 9> f; until grep -q ready out; do :; done; kill -TERM $p; wait $p; c=$?; cat out; exit $c",
             42, "ready\ngot\n", NULL);
}

/* New files of the workspace are the person's when run returns. */
static void
test_workspace (Fixture      *fixture,
                gconstpointer data)
{
  assert_sh (fixture, RUN "-- sh -c 'mkdir d; echo text > d/f'; cat d/f; [ \"$(stat -c %u d/f)\" = \"$(id -u)\" ]", 0, "text\n", NULL);
}

static void
test_exec (Fixture      *fixture,
           gconstpointer data)
{
  assert_sh (fixture, RUN "--detach --name e -- tail -f /dev/null >/dev/null; echo hello | \"$G\" exec --env A=1 e -- sh -c 'cat; echo $A; exit 3'; "
             "c=$?; \"$G\" stop e; exit $c", 3, "hello\n1\n", NULL);
}

static void
test_audit (Fixture      *fixture,
            gconstpointer data)
{
  assert_sh (fixture, RUN "--name named -- true; \"$G\" audit verify named | cut -d' ' -f1,2 && \"$G\" audit verify >/dev/null && "
             "\"$G\" audit show named | grep -c 'session-start\\|session-end'", 0, "named: ok\n2\n", NULL);
}

/* Until its end a command needs no more of us than the C library has. */
static void
test_small (Fixture      *fixture,
            gconstpointer data)
{
  assert_sh (fixture, "mkfifo f; : > out; " RUN "-- sh -c 'echo ready; read x; echo $x' < f > out & p=$!; exec 9> f; "
             "until grep -q ready out; do :; done; " RUN "-- true; grep -c 'libgio\\|glovebox-cli' /proc/$p/maps; echo end >&9; wait $p; c=$?; "
             "cat out; exit $c", 0, "0\nready\nend\n", NULL);
}

static void
set_up_warm (Fixture      *fixture,
             gconstpointer data)
{
  set_up (fixture, data);
  assert_sh (fixture, RUN "-- true", 0, "", NULL);
}

#define ADD(name, function) g_test_add ("/cli/real/" name, Fixture, NULL, set_up, function, tear_down)
/* Where a broker runs already, the call goes out before the rest of the program is loaded (glb-early-run.c). */
#define ADD_WARM(name, function) g_test_add ("/cli/real/warm/" name, Fixture, NULL, set_up_warm, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  glovebox = g_canonicalize_filename (argv[1], NULL);
  ADD ("refused", test_refused);
  ADD ("debug-refused", test_debug_refused);
  ADD ("codes", test_codes);
  ADD ("streams", test_streams);
  ADD ("signal", test_signal);
  ADD ("workspace", test_workspace);
  ADD ("exec", test_exec);
  ADD ("audit", test_audit);
  ADD_WARM ("refused", test_refused);
  ADD_WARM ("codes", test_codes);
  ADD_WARM ("streams", test_streams);
  ADD_WARM ("signal", test_signal);
  ADD_WARM ("workspace", test_workspace);
  ADD_WARM ("small", test_small);
  return g_test_run ();
}
