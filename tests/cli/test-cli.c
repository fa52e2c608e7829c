/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program glovebox against a fake broker (tests/client/fake-broker.c) over a real GDBusServer. */

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char *glovebox, *fake_broker, *data_folder;

typedef struct
{
  char *folder;                  /* runtime, state and current folder */
} Fixture;

typedef struct
{
  int code;                      /* 128 + n for a signal */
  char *out, *err;
  gsize out_length;
} Result;

static void
result_clear (Result *result)
{
  g_free (result->out);
  g_free (result->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autofree char *link = NULL;

  fixture->folder = g_dir_make_tmp ("glb-cli-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  link = g_build_filename (fixture->folder, "glovebox-broker", NULL);
  g_assert_cmpint (symlink (fake_broker, link), ==, 0);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "glovebox", "pids", NULL);
  g_autofree char *text = NULL;
  const char *argv[] = { "rm", "-rf", fixture->folder, NULL };

  /* it ends its sessions, and is dead at the latest when its alarm goes off */
  if (g_file_get_contents (path, &text, NULL, NULL))
    {
      kill (atoi (text), SIGTERM);
      waitpid (atoi (text), NULL, 0);
    }
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (fixture->folder);
}

static GSubprocessLauncher *
launcher_new (Fixture         *fixture,
              GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_set_cwd (launcher, fixture->folder);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", fixture->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", fixture->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "GLOVEBOX_PRIVATE_PATH", fixture->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  return launcher;
}

static GSubprocess *
spawn_argv (Fixture            *fixture,
            const char * const *argv)
{
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GError) error = NULL;
  GSubprocess *process;

  launcher = launcher_new (fixture, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                           G_SUBPROCESS_FLAGS_STDERR_PIPE);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  return process;
}

static int
exit_code (GSubprocess *process)
{
  return g_subprocess_get_if_signaled (process) ? 128 + g_subprocess_get_term_sig (process)
                                                : g_subprocess_get_exit_status (process);
}

static void
communicate (GSubprocess *process,
             GBytes      *input,
             Result      *result)
{
  g_autoptr(GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr(GBytes) out = NULL;
  g_autoptr(GBytes) err = NULL;
  g_autoptr(GError) error = NULL;

  g_subprocess_communicate (process, input != NULL ? input : nothing, NULL, &out, &err, &error);
  g_assert_no_error (error);
  result->code = exit_code (process);
  result->out_length = g_bytes_get_size (out);
  result->out = g_malloc (result->out_length + 1);
  if (result->out_length > 0)
    memcpy (result->out, g_bytes_get_data (out, NULL), result->out_length);
  result->out[result->out_length] = '\0';
  result->err = g_strndup (g_bytes_get_size (err) > 0 ? g_bytes_get_data (err, NULL) : "", g_bytes_get_size (err));
}

/* Runs glovebox with these words, to its end. */
static G_GNUC_NULL_TERMINATED Result
run (Fixture *fixture,
     ...)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GSubprocess) process = NULL;
  Result result = { 0 };
  const char *word;
  va_list args;

  g_ptr_array_add (argv, glovebox);
  va_start (args, fixture);
  while ((word = va_arg (args, const char *)) != NULL)
    g_ptr_array_add (argv, (char *) word);
  va_end (args);
  g_ptr_array_add (argv, NULL);

  process = spawn_argv (fixture, (const char * const *) argv->pdata);
  communicate (process, NULL, &result);
  return result;
}

static void
assert_result (const Result *result,
               int           code,
               const char   *out,
               const char   *err)
{
  g_assert_cmpstr (result->err, ==, err);
  g_assert_cmpstr (result->out, ==, out);
  g_assert_cmpint (result->code, ==, code);
}

/* One line, "glovebox: …". */
static void
assert_fails (Result      result,
              int         code,
              const char *text)
{
  g_auto(Result) owned = result;

  g_assert_cmpint (owned.code, ==, code);
  g_assert_cmpstr (owned.out, ==, "");
  g_assert_true (g_str_has_prefix (owned.err, "glovebox: "));
  g_assert_true (strchr (owned.err, '\n') == owned.err + strlen (owned.err) - 1);
  if (strstr (owned.err, text) == NULL)
    g_error ("\"%s\" is not in: %s", text, owned.err);
}

static void
test_usage (Fixture      *fixture,
            gconstpointer data)
{
  assert_fails (run (fixture, NULL), 125, "no command");
  assert_fails (run (fixture, "frobnicate", NULL), 125, "frobnicate: no such command");
  assert_fails (run (fixture, "screens", NULL), 125, "did you mean `glovebox screenshot`?");
  assert_fails (run (fixture, "run", NULL), 125, "no command");
  assert_fails (run (fixture, "run", "--", NULL), 125, "no command");
  assert_fails (run (fixture, "run", "--nonsense", "--", "true", NULL), 125, "--nonsense");
  assert_fails (run (fixture, "run", "--timeout", "x", "--", "true", NULL), 125, "x");
  assert_fails (run (fixture, "run", "--timeout", "-1", "--", "true", NULL), 125, "--timeout");
  assert_fails (run (fixture, "run", "--tier", "steel", "--", "true", NULL), 125, "--tier steel");
  assert_fails (run (fixture, "run", "--env", "NOVALUE", "--", "true", NULL), 125, "--env");
  assert_fails (run (fixture, "run", "--env", "=x", "--", "true", NULL), 125, "--env");
  assert_fails (run (fixture, "run", "--policy", "a", "--template", "default", "--", "true", NULL), 125, "exclude");
  assert_fails (run (fixture, "run", "--policy", "nowhere.json", "--", "true", NULL), 125, "nowhere.json");
  assert_fails (run (fixture, "run", "--template", "nothing", "--", "true", NULL), 125, "nothing");
  assert_fails (run (fixture, "run", "--workspace", "nowhere", "--", "true", NULL), 125, "nowhere");
  assert_fails (run (fixture, "run", "--", "\377", NULL), 125, "UTF-8");
  assert_fails (run (fixture, "exec", "x", "--debug", "--", "true", NULL), 125, "before the session");
  assert_fails (run (fixture, "exec", "x", NULL), 125, "no command");
  assert_fails (run (fixture, "act", "x", NULL), 125, "an action");
  assert_fails (run (fixture, "act", "--dialect", "claude", "x", "{}", NULL), 125, "use auto, glovebox, anthropic, openai or gemini");
  assert_fails (run (fixture, "act", "--size", "1024", "x", "{}", NULL), 125, "--size 1024: not a size");
  assert_fails (run (fixture, "act", "--size", "0x768", "x", "{}", NULL), 125, "--size 0x768");
  assert_fails (run (fixture, "act", "--size", "1024x32768", "x", "{}", NULL), 125, "each from 1 to 32767");
  assert_fails (run (fixture, "act", "--size", "1024x768x1", "x", "{}", NULL), 125, "--size 1024x768x1");
  assert_fails (run (fixture, "lease", "x", NULL), 125, "either");
  assert_fails (run (fixture, "lease", "x", "--take", "--release", NULL), 125, "either");
  assert_fails (run (fixture, "screenshot", "x", NULL), 125, "-o FILE");
  assert_fails (run (fixture, "policy", "explode", NULL), 125, "policy: explode");
}

static void
test_help (Fixture      *fixture,
           gconstpointer data)
{
  static const char * const verbs[] = {
    "run", "ps", "exec", "stop", "kill", "pause", "resume", "screenshot", "act", "windows", "lease", "doctor",
  };
  g_auto(Result) help = run (fixture, "--help", NULL);
  g_auto(Result) version = run (fixture, "--version", NULL);

  g_assert_cmpint (help.code, ==, 0);
  g_assert_true (g_str_has_prefix (version.out, "glovebox 0."));
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_auto(Result) result = run (fixture, verbs[i], "--help", NULL);
      g_autofree char *usage = g_strdup_printf ("glovebox %s ", verbs[i]);

      g_assert_nonnull (strstr (help.out, verbs[i]));
      g_assert_cmpint (result.code, ==, 0);
      g_assert_nonnull (strstr (result.out, usage));
      g_assert_cmpstr (result.err, ==, "");
    }
}

/* Before anything is started or made. */
static void
test_record_arguments (Fixture      *fixture,
                       gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "recording", NULL);

  assert_fails (run (fixture, "record", "x", NULL), 125, "needs one session and -o DIR");
  assert_fails (run (fixture, "record", "x", "-o", "/etc", NULL), 125, "not an empty folder");
  assert_fails (run (fixture, "record", "x", "-o", folder, "--mask", "1,2,3", NULL), 125, "is no area");
  assert_fails (run (fixture, "record", "x", "-o", folder, "--mask", "1,2,3,0", NULL), 125, "is no area");
  assert_fails (run (fixture, "record", "x", "-o", folder, "--mask-window", "", NULL), 125, "is no pattern");
  assert_fails (run (fixture, "record", "x", "-o", folder, "--max-mb", "5000", NULL), 125, "out of range");
  assert_fails (run (fixture, "run", "--mask", "0,0,1,1", "--", "true", NULL), 125, "--record");
  assert_fails (run (fixture, "run", "--record", folder, "--detach", "--", "true", NULL), 125, "glovebox record");
  assert_fails (run (fixture, "recording", "show", NULL), 125, "needs one recording");
  assert_fails (run (fixture, "recording", "show", folder, NULL), 125, "No such file");
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

/* Manual and completions know each verb that --help lists. */
static void
test_documents (Fixture      *fixture,
                gconstpointer data)
{
  static const char * const documents[] = {
    "man/glovebox.1", "completions/glovebox.bash", "completions/_glovebox", "completions/glovebox.fish",
  };
  g_auto(Result) help = run (fixture, "--help", NULL);
  g_auto(GStrv) lines = g_strsplit (help.out, "\n", -1);
  guint n_verbs = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      g_autofree char *path = g_build_filename (data_folder, documents[i], NULL);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      for (guint j = 0; lines[j] != NULL; j++)
        {
          g_autofree char *pattern = NULL;
          g_autofree char *verb = NULL;

          if (!g_str_has_prefix (lines[j], "  ") || g_str_has_prefix (lines[j], "  glovebox"))
            continue;
          verb = g_strndup (lines[j] + 2, strcspn (lines[j] + 2, " "));
          pattern = g_strdup_printf ("\\b%s\\b", verb);
          n_verbs++;
          if (!g_regex_match_simple (pattern, text, 0, 0))
            g_error ("%s does not know %s", path, verb);
        }
    }
  g_assert_cmpuint (n_verbs, >=, 4 * 16);
}

static void
test_nobody (Fixture      *fixture,
             gconstpointer data)
{
  g_auto(Result) ps = run (fixture, "ps", "--json", NULL);
  g_autofree char *pids = g_build_filename (fixture->folder, "glovebox", "pids", NULL);

  assert_result (&ps, 0, "[]\n", "");
  assert_fails (run (fixture, "stop", "x", NULL), 125, "no broker runs");
  assert_fails (run (fixture, "exec", "x", "--", "true", NULL), 125, "no broker runs");
  g_assert_false (g_file_test (pids, G_FILE_TEST_EXISTS));
}

static void
test_full (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("%s ps --json > /dev/full", glovebox);
  const char *argv[] = { "sh", "-c", command, NULL };
  g_autoptr(GSubprocess) process = spawn_argv (fixture, argv);
  g_auto(Result) result = { 0 };

  communicate (process, NULL, &result);
  assert_result (&result, 125, "", "glovebox: standard output: No space left on device\n");
}

static void
test_codes (Fixture      *fixture,
            gconstpointer data)
{
  g_auto(Result) good = run (fixture, "run", "--", "true", NULL);
  g_auto(Result) seven = run (fixture, "run", "--", "sh", "-c", "exit 7", NULL);
  g_auto(Result) killed = run (fixture, "run", "--", "sh", "-c", "kill -9 $$", NULL);

  assert_fails (run (fixture, "run", "--name", "refuse", "--", "true", NULL), 126, "refused for the test");
  assert_fails (run (fixture, "run", "--name", "broken", "--", "true", NULL), 125, "broken for the test");
  assert_fails (run (fixture, "run", "--", "no-such-command-here", NULL), 127, "no-such-command-here");
  assert_result (&good, 0, "", "");
  assert_result (&seven, 7, "", "");
  assert_result (&killed, 137, "", "");
}

/* Whoever listens and says nothing: the call is on its way, and the way out is named. */
static void
test_mute (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *runtime = g_build_filename (fixture->folder, "glovebox", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (g_mkdir (runtime, 0700));
  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/bus", runtime);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 8));
  assert_fails (run (fixture, "run", "--", "true", NULL), 125, "does not answer; end its process glovebox-broker and try again");
  assert_fails (run (fixture, "ps", NULL), 125, "does not answer; end its process glovebox-broker and try again");
  close (fd);
}

static void
test_timeout (Fixture      *fixture,
              gconstpointer data)
{
  assert_fails (run (fixture, "run", "--timeout", "1", "--", "tail", "-f", "/dev/null", NULL), 124, "time was over");
}

static void
test_streams (Fixture      *fixture,
              gconstpointer data)
{
  const char *argv[] = { glovebox, "run", "--", "sh", "-c", "cat; echo problem >&2; exit 3", NULL };
  gsize size = 5 * 1024 * 1024 + 3;
  guint8 *bytes = g_malloc (size);
  g_autoptr(GBytes) input = NULL;
  g_autoptr(GSubprocess) process = NULL;
  g_auto(Result) result = { 0 };

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) g_test_rand_int ();
  input = g_bytes_new_take (bytes, size);

  process = spawn_argv (fixture, argv);
  communicate (process, input, &result);
  g_assert_cmpint (result.code, ==, 3);
  g_assert_cmpstr (result.err, ==, "problem\n");
  g_assert_cmpmem (result.out, result.out_length, bytes, size);
}

/* Files as standard streams; the output also where it is only appended to. */
static void
test_files (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("%s run -- cat < in > out && %s run -- cat < in >> out && "
                                              "cat in in | cmp - out && %s run -- cat < /dev/null && "
                                              "%s run -- sh -c 'echo full' <&- > /dev/full",
                                              glovebox, glovebox, glovebox, glovebox);
  g_autofree char *path = g_build_filename (fixture->folder, "in", NULL);
  g_autofree char *text = g_strnfill (1500000, 'f');
  const char *argv[] = { "sh", "-c", command, NULL };
  g_autoptr(GSubprocess) process = NULL;
  g_auto(Result) result = { 0 };

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  process = spawn_argv (fixture, argv);
  communicate (process, NULL, &result);
  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpint (result.code, ==, 0);
}

/* Others of the session keep the streams open; we end with the command. */
static void
test_left_behind (Fixture      *fixture,
                  gconstpointer data)
{
  g_auto(Result) result = run (fixture, "run", "--", "sh", "-c", "tail -f /dev/null & echo done", NULL);

  assert_result (&result, 0, "done\n", "");
}

static void
test_reader_gone (Fixture      *fixture,
                  gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("{ %s run -- yes; echo $? >&2; } | head -1", glovebox);
  const char *argv[] = { "sh", "-c", command, NULL };
  g_autoptr(GSubprocess) process = spawn_argv (fixture, argv);
  g_auto(Result) result = { 0 };

  communicate (process, NULL, &result);
  assert_result (&result, 0, "y\n", "141\n");
}

static void
read_line (GSubprocess *process,
           const char  *wanted)
{
  GInputStream *stream = g_subprocess_get_stdout_pipe (process);
  g_autoptr(GString) line = g_string_new (NULL);
  char c;

  while (g_input_stream_read (stream, &c, 1, NULL, NULL) == 1 && c != '\n')
    g_string_append_c (line, c);
  g_assert_cmpstr (line->str, ==, wanted);
}

static void
test_signals (Fixture      *fixture,
              gconstpointer data)
{
  static const struct { int signo; const char *name; } signals[] = { { SIGINT, "INT" }, { SIGTERM, "TERM" }, { SIGHUP, "HUP" } };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autofree char *script = g_strdup_printf ("trap 'echo got; exit 4%d' %s; echo ready; read x", (int) i, signals[i].name);
      const char *argv[] = { glovebox, "run", "--", "sh", "-c", script, NULL };
      g_autoptr(GSubprocess) process = spawn_argv (fixture, argv);

      read_line (process, "ready");
      g_subprocess_send_signal (process, signals[i].signo);
      read_line (process, "got");
      g_assert_true (g_subprocess_wait (process, NULL, NULL));
      g_assert_cmpint (exit_code (process), ==, 40 + (int) i);
    }
}

static void
test_signal_kills (Fixture      *fixture,
                   gconstpointer data)
{
  const char *argv[] = { glovebox, "run", "--", "sh", "-c", "echo ready; exec cat", NULL };
  g_autoptr(GSubprocess) process = spawn_argv (fixture, argv);

  read_line (process, "ready");
  g_subprocess_send_signal (process, SIGTERM);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_cmpint (exit_code (process), ==, 143);
}

static void
kill_broker (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "glovebox", "pids", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  kill (atoi (text), SIGKILL);
}

static void
test_broker_killed (Fixture      *fixture,
                    gconstpointer data)
{
  const char *argv[] = { glovebox, "run", "--", "sh", "-c", "echo ready; exec cat", NULL };
  g_autoptr(GSubprocess) process = spawn_argv (fixture, argv);

  read_line (process, "ready");
  kill_broker (fixture);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_cmpint (exit_code (process), ==, 125);
}

static void
assert_run_option (Fixture    *fixture,
                   const char *text)
{
  g_autofree char *path = g_build_filename (fixture->folder, "glovebox", "last-run", NULL);
  g_autofree char *options = NULL;

  g_assert_true (g_file_get_contents (path, &options, NULL, NULL));
  if (strstr (options, text) == NULL)
    g_error ("\"%s\" is not in: %s", text, options);
}

static void
test_options (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *workspace = g_strdup_printf ("'workspace': <'%s'>", fixture->folder);
  g_autofree char *policy = g_build_filename (fixture->folder, "policy.json", NULL);
  g_auto(Result) first = run (fixture, "run", "--env", "GREETING=a=b", "--env", "EMPTY=", "--name", "n", "--tier", "process",
                              "--timeout", "60", "--persist", "p", "--", "sh", "-c", "echo $GREETING-$EMPTY-", NULL);

  assert_result (&first, 0, "a=b--\n", "");
  assert_run_option (fixture, "'name': <'n'>");
  assert_run_option (fixture, "'tier': <'process'>");
  assert_run_option (fixture, "'persist': <'p'>");
  assert_run_option (fixture, "'timeout': <uint32 60>");
  assert_run_option (fixture, "'template': <'default'>");
  /* The template names ${WORKSPACE}, and none was given. */
  assert_run_option (fixture, workspace);
  assert_run_option (fixture, "'workspace-fd': <handle 0>");

  g_assert_true (g_file_set_contents (policy, "{ }", -1, NULL));
  g_clear_pointer (&first.out, g_free);
  g_clear_pointer (&first.err, g_free);
  first = run (fixture, "run", "--policy", "policy.json", "true", NULL);
  assert_result (&first, 0, "", "");
  assert_run_option (fixture, "'policy': <'{ }'>");
  assert_run_option (fixture, "'policy-name': <'policy.json'>");
}

static char *
start_detached (Fixture    *fixture,
                const char *name)
{
  g_auto(Result) result = run (fixture, "run", "--detach", "--name", name, "--", "tail", "-f", "/dev/null", NULL);

  g_assert_cmpint (result.code, ==, 0);
  return g_strdup (g_strstrip (result.out));
}

static void
test_sessions (Fixture      *fixture,
               gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "first");
  g_auto(Result) table = run (fixture, "ps", NULL);
  g_auto(Result) json = run (fixture, "ps", "--json", NULL);
  g_auto(Result) stop = { 0 };
  g_auto(Result) after = { 0 };
  g_autoptr(JsonNode) node = json_from_string (json.out, NULL);
  JsonObject *session = json_array_get_object_element (json_node_get_array (node), 0);

  g_assert_cmpstr (id, ==, "s1");
  g_assert_true (g_str_has_prefix (table.out, "ID  NAME   STATE    TIER     DRIVER  UID"));
  g_assert_nonnull (strstr (table.out, "s1  first  running  process  agent   200001"));
  g_assert_nonnull (strstr (table.out, "tail -f /dev/null\n"));
  g_assert_cmpstr (json_object_get_string_member (session, "id"), ==, "s1");
  g_assert_cmpint (json_object_get_int_member (session, "agentUid"), ==, 200001);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (session, "command")), ==, 3);

  assert_fails (run (fixture, "stop", "nobody", NULL), 125, "nobody: no such session");
  assert_fails (run (fixture, "stop", "nobody", "first", NULL), 125, "nobody: no such session");
  after = run (fixture, "ps", "--json", NULL);
  assert_result (&after, 0, "[]\n", "");
}

static void
test_pause (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "p");
  g_auto(Result) pause = run (fixture, "pause", "p", NULL);

  assert_result (&pause, 0, "", "");
  assert_fails (run (fixture, "pause", id, NULL), 125, "resume it first");
}

static void
test_exec (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "e");
  g_auto(Result) result = run (fixture, "exec", "--env", "A=1", "e", "--", "sh", "-c", "echo $A; tail -f /dev/null & exit 5", NULL);

  assert_result (&result, 5, "1\n", "");
  assert_fails (run (fixture, "exec", "e", "--", "no-such-command-here", NULL), 127, "no-such-command-here");
  assert_fails (run (fixture, "exec", "other", "--", "true", NULL), 125, "other: no such session");
}

static void
test_session_ends (Fixture      *fixture,
                   gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "e");
  const char *argv[] = { glovebox, "exec", id, "--", "sh", "-c", "echo ready; exec cat", NULL };
  g_autoptr(GSubprocess) process = spawn_argv (fixture, argv);
  g_auto(Result) stop = { 0 };

  read_line (process, "ready");
  stop = run (fixture, "stop", id, NULL);
  assert_result (&stop, 0, "", "");
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_cmpint (exit_code (process), >=, 125);
}

static void
test_screenshot (Fixture      *fixture,
                 gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "s");
  g_autofree char *path = g_build_filename (fixture->folder, "shot.png", NULL);
  g_auto(Result) file = run (fixture, "screenshot", id, "-o", "shot.png", NULL);
  g_auto(Result) output = run (fixture, "screenshot", id, "-o", "-", NULL);
  g_autofree char *bytes = NULL;
  gsize length;
  GStatBuf st;

  assert_result (&file, 0, "", "");
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_cmpmem (bytes, 8, "\211PNG\r\n\032\n", 8);
  g_assert_cmpmem (output.out, output.out_length, bytes, length);
  /* As any new file, not private as temporary ones. */
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0600, ==, 0600);

  assert_fails (run (fixture, "screenshot", id, "-o", "nowhere/shot.png", NULL), 125, "nowhere/shot.png");
}

static void
test_act (Fixture      *fixture,
          gconstpointer data)
{
  static const char refused[] = "{\"status\":\"refused\",\"code\":\"policy_denied\"}\n";
  static const char delivered[] = "{\"status\":\"delivered\",\"frameId\":7}\n";
  g_autofree char *id = start_detached (fixture, "a");
  g_autofree char *path = g_build_filename (fixture->folder, "shot.png", NULL);
  g_autofree char *both = g_strconcat (delivered, refused, NULL);
  const char *argv[] = { glovebox, "act", id, "-", NULL };
  g_autoptr(GBytes) input = g_bytes_new_static ("{\"action\":\"x\"}\n\n{\"action\":\"refuse\"}\n{}\n", 39);
  g_autoptr(GSubprocess) process = NULL;
  g_auto(Result) no = run (fixture, "act", id, "{\"action\":\"refuse\"}", "{}", NULL);
  g_auto(Result) yes = run (fixture, "act", id, "{\"action\":\"screenshot\"}", "-o", "shot.png", NULL);
  g_auto(Result) lines = { 0 };

  assert_result (&no, 126, refused, "");
  assert_result (&yes, 0, delivered, "");
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));

  process = spawn_argv (fixture, argv);
  communicate (process, input, &lines);
  assert_result (&lines, 126, both, "");
}

/* What went to the broker since the last look. (transfer full) */
static char *
take_acts (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "glovebox", "acts", NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup ("");
  g_assert_cmpint (g_unlink (path), ==, 0);
  return text;
}

#define DELIVERED "{\"status\":\"delivered\",\"frameId\":7}\n"
#define DENIED    "{\"status\":\"refused\",\"code\":\"policy_denied\"}\n"

/* A call of a model's: what goes to the broker for it, what is printed, and the exit code. */
static const struct { const char *dialect, *size, *call, *acts, *out; int code; } model_calls[] = {
  { "auto", NULL, "{\"type\":\"click\",\"button\":\"left\",\"x\":10,\"y\":20}",
    "{\"action\":\"left_click\",\"coordinate\":[10,20]}\n", DELIVERED, 0 },
  { "openai", "640x400", "{\"type\":\"move\",\"x\":639,\"y\":399}", "{\"action\":\"mouse_move\",\"coordinate\":[1279,799]}\n",
    "{\"status\":\"delivered\",\"frameId\":7,\"pointer\":[639,399]}\n", 0 },
  { NULL, "640x400", "{\"action\":\"left_click\",\"coordinate\":[0,0]}", "{\"action\":\"left_click\",\"coordinate\":[1,1]}\n",
    DELIVERED, 0 },
  { "gemini", NULL, "{\"name\":\"hover_at\",\"args\":{\"x\":500,\"y\":500}}",
    "{\"action\":\"mouse_move\",\"coordinate\":[640,400]}\n", "{\"status\":\"delivered\",\"frameId\":7,\"pointer\":[999,999]}\n", 0 },
  { "anthropic", NULL, "{\"action\":\"key\",\"text\":\"ctrl+s\"}", "{\"action\":\"key\",\"text\":\"ctrl+s\"}\n", DELIVERED, 0 },
  { "glovebox", NULL, "{\"action\":\"lease_status\"}", "{\"action\":\"lease_status\"}\n", DELIVERED, 0 },
  /* Several, until one is not delivered. */
  { "auto", NULL, "[{\"type\":\"type\",\"text\":\"a\"},{\"type\":\"type\",\"text\":\"refuse\"},{\"type\":\"wait\"}]",
    "{\"action\":\"type\",\"text\":\"a\"}\n{\"action\":\"type\",\"text\":\"refuse\"}\n", DELIVERED DENIED, 126 },
  /* A drag that is cut: the button does not stay down. */
  { "auto", NULL, "{\"type\":\"drag\",\"path\":[{\"x\":1,\"y\":2},{\"x\":666,\"y\":4},{\"x\":5,\"y\":6}]}",
    "{\"action\":\"left_mouse_down\",\"coordinate\":[1,2]}\n{\"action\":\"mouse_move\",\"coordinate\":[666,4]}\n"
    "{\"action\":\"left_mouse_up\"}\n", DELIVERED DENIED, 126 },
  /* Nothing of what is refused here reaches the broker. */
  { "auto", NULL, "[{\"type\":\"type\",\"text\":\"a\"},{\"type\":\"click\",\"button\":\"back\",\"x\":1,\"y\":2}]", "",
    "{\"status\":\"refused\",\"code\":\"unsupported\",\"message\":\"actions[1]: click: the mouse has no button back: use "
    "keypress [\\\"ALT\\\", \\\"ARROWLEFT\\\"]\"}\n", 126 },
  { "auto", "640x400", "{\"type\":\"move\",\"x\":640,\"y\":0}", "",
    "{\"status\":\"refused\",\"code\":\"out_of_bounds\",\"message\":\"move: x must be within 0 to 639\"}\n", 126 },
  { "gemini", NULL,
    "{\"name\":\"wait\",\"args\":{\"safety_decision\":{\"decision\":\"require_confirmation\",\"explanation\":\"Pays\"}}}", "",
    "{\"status\":\"refused\",\"code\":\"unconfirmed\",\"message\":\"The model's provider wants a person to confirm this: Pays; if they "
    "do, leave that out of the call\"}\n", 126 },
};

static void
test_dialects (Fixture      *fixture,
               gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "a");

  for (gsize i = 0; i < G_N_ELEMENTS (model_calls); i++)
    {
      const char *argv[] = { glovebox, "act", id, model_calls[i].call, NULL, NULL, NULL };
      g_autofree char *dialect = g_strdup_printf ("--dialect=%s", model_calls[i].dialect);
      g_autofree char *size = g_strdup_printf ("--size=%s", model_calls[i].size);
      g_autoptr(GSubprocess) process = NULL;
      g_autofree char *acts = NULL;
      g_auto(Result) result = { 0 };
      guint n = 4;

      if (model_calls[i].dialect != NULL)
        argv[n++] = dialect;
      if (model_calls[i].size != NULL)
        argv[n++] = size;
      process = spawn_argv (fixture, argv);
      communicate (process, NULL, &result);
      assert_result (&result, model_calls[i].code, model_calls[i].out, "");
      acts = take_acts (fixture);
      g_assert_cmpstr (acts, ==, model_calls[i].acts);
    }
}

/* A dialect that wants a picture with each answer gets it where it can go. */
static void
test_dialect_image (Fixture      *fixture,
                    gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "a");
  g_autofree char *path = g_build_filename (fixture->folder, "shot.png", NULL);
  g_auto(Result) openai = run (fixture, "act", id, "--dialect", "openai", "-o", "shot.png",
                               "[{\"type\":\"wait\"},{\"type\":\"wait\"}]", NULL);
  g_autofree char *acts = take_acts (fixture);
  g_auto(Result) anthropic = { 0 };

  assert_result (&openai, 0, DELIVERED DELIVERED, "");
  g_assert_cmpstr (acts, ==, "{\"action\":\"wait\",\"duration\":1.0}\n"
                   "{\"action\":\"wait\",\"duration\":1.0,\"screenshot\":true}\n");
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));

  g_assert_cmpint (g_unlink (path), ==, 0);
  anthropic = run (fixture, "act", id, "--dialect", "anthropic", "-o", "shot.png", "{\"action\":\"wait\",\"duration\":1}", NULL);
  assert_result (&anthropic, 0, DELIVERED, "");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* Coordinates need a screen, and key names the session's own keyboard. */
static void
test_dialect_session (Fixture      *fixture,
                      gconstpointer data)
{
  static const char click[] = "{\"type\":\"click\",\"button\":\"left\",\"x\":1,\"y\":2,\"keys\":[\"\303\266\"]}";
  g_autofree char *blind = start_detached (fixture, "blind");
  g_autofree char *german = start_detached (fixture, "german");
  g_autofree char *american = start_detached (fixture, "a");
  g_auto(Result) held = run (fixture, "act", german, "--dialect", "auto", click, NULL);
  g_auto(Result) not_held = run (fixture, "act", american, "--dialect", "auto", click, NULL);

  assert_fails (run (fixture, "act", blind, "--dialect", "auto", "{\"action\":\"screenshot\"}", NULL), 125, "has no screen");
  assert_result (&held, 0, DELIVERED, "");
  g_assert_cmpint (not_held.code, ==, 126);
  g_assert_nonnull (strstr (not_held.out, "is not on the \\\"us\\\" keyboard"));
}

static void
test_windows (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "w");
  g_auto(Result) table = run (fixture, "windows", id, NULL);
  g_auto(Result) json = run (fixture, "windows", id, "--json", NULL);
  g_autoptr(JsonNode) node = json_from_string (json.out, NULL);
  JsonObject *window = json_array_get_object_element (json_node_get_array (node), 0);

  /* The title is the agent's: its control characters do not reach the terminal. */
  g_assert_null (strchr (table.out, '\033'));
  g_assert_nonnull (strstr (table.out, "3   300x200+10-20  focused  foot         red  [31m alert\n"));
  g_assert_null (strchr (json.out, '\033'));
  g_assert_cmpstr (json_object_get_string_member (window, "app-id"), ==, "foot");
  g_assert_cmpint (json_object_get_int_member (window, "y"), ==, -20);
}

static void
test_lease (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *id = start_detached (fixture, "l");
  const char *argv[] = { glovebox, "lease", id, "--take", NULL };
  g_autoptr(GSubprocess) process = spawn_argv (fixture, argv);
  g_auto(Result) ps = { 0 };
  g_auto(Result) release = { 0 };

  read_line (process, "taken");
  ps = run (fixture, "ps", NULL);
  g_assert_nonnull (strstr (ps.out, "human"));

  /* It holds the lease until somebody gives it back. */
  release = run (fixture, "lease", id, "--release", NULL);
  assert_result (&release, 0, "{\"frames\":[1,2]}\n", "");
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_cmpint (exit_code (process), ==, 0);
}

static void
test_policy (Fixture      *fixture,
             gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "p.json", NULL);
  g_auto(Result) templates = run (fixture, "policy", "template", NULL);
  g_auto(Result) template = run (fixture, "policy", "template", "default", NULL);
  g_auto(Result) bad = { 0 };
  g_auto(Result) good = { 0 };
  g_auto(Result) show = { 0 };
  g_auto(Result) words = { 0 };

  g_assert_true (g_str_has_prefix (templates.out, "code-assistant\n"));
  g_assert_cmpint (template.code, ==, 0);

  g_assert_true (g_file_set_contents (path, "{\n  \"schemaVersion\": \"1.0\",\n  \"nonsense\": 1\n}\n", -1, NULL));
  bad = run (fixture, "policy", "check", "p.json", NULL);
  g_assert_cmpint (bad.code, ==, 125);
  g_assert_true (g_str_has_prefix (bad.err, "p.json:3: /nonsense: "));
  g_assert_cmpuint (strlen (bad.err), ==, strcspn (bad.err, "\n") + 1);

  /* What a template prints is a policy, and showing it changes nothing. */
  g_assert_true (g_file_set_contents (path, template.out, -1, NULL));
  good = run (fixture, "policy", "check", "p.json", NULL);
  g_assert_true (g_str_has_prefix (good.out, "p.json: ok (hash "));
  g_assert_cmpint (good.code, ==, 0);
  show = run (fixture, "policy", "show", "p.json", NULL);
  g_assert_cmpstr (show.out, ==, template.out);
  words = run (fixture, "policy", "show", "--words", "p.json", NULL);
  g_assert_cmpint (words.code, ==, 0);
  g_assert_nonnull (strstr (words.out, "Network\n  Cannot reach the network\n"));
}

static const char network_policy[] =
  "{ \"schemaVersion\": \"1.0\", \"network\": { \"allowDomains\": [\"*.Example.org\", \"tcp://git.example.net:22\"], "
  "\"allowCidrs\": [\"127.0.0.1:8080\", \"2001:db8::/32\"], \"denyCidrs\": [\"192.0.3.0/24\"] } }";

/* What the policy says of a connection, by which entry, and as an exit code. */
static void
test_policy_connect (Fixture      *fixture,
                     gconstpointer data)
{
  static const struct { const char *target; int code; const char *line; } table[] = {
    { "example.org:443", 126, "example.org:443: denied: the policy does not name it; add it to network.allowDomains\n" },
    { "A.EXAMPLE.org.:443", 0, "a.example.org:443: allowed by network.allowDomains \"*.Example.org\" (https)\n" },
    { "a.example.org:80", 0, "a.example.org:80: allowed by network.allowDomains \"*.Example.org\" (http)\n" },
    { "a.example.org:22", 126,
      "a.example.org:22: denied: network.allowDomains \"*.Example.org\" is for other ports; add this one\n" },
    { "git.example.net:22", 0, "git.example.net:22: allowed by network.allowDomains \"tcp://git.example.net:22\" (anything)\n" },
    { "10.0.0.1:80", 126, "10.0.0.1:80: denied: a private address; name it in network.allowCidrs\n" },
    { "127.0.0.1:8080", 0, "127.0.0.1:8080: allowed by network.allowCidrs \"127.0.0.1:8080\" (anything)\n" },
    { "[::ffff:127.0.0.1]:8080", 0, "127.0.0.1:8080: allowed by network.allowCidrs \"127.0.0.1:8080\" (anything)\n" },
    { "127.0.0.1:80", 126, "127.0.0.1:80: denied: network.allowCidrs \"127.0.0.1:8080\" is for other ports; add this one\n" },
    { "192.0.3.9:80", 126,
      "192.0.3.9:80: denied: network.denyCidrs \"192.0.3.0/24\" denies it; that wins over all that allows\n" },
    { "[2001:DB8::1]:443", 0, "[2001:db8::1]:443: allowed by network.allowCidrs \"2001:db8::/32\" (anything)\n" },
    { "0x7f.1:80", 126, "0x7f.1:80: denied: a name that ends in a number is an address to some programs; "
      "write an address as 192.0.2.1 or 2001:db8::1\n" },
  };
  static const char * const no_targets[] = {
    "example.org", "example.org:", "example.org:0", "example.org:65536", "example.org:http", ":443",
    "2001:db8::1:443", "[]:443", "[::1]", "",
  };
  g_autofree char *path = g_build_filename (fixture->folder, "n.json", NULL);
  g_auto(Result) json = { 0 };
  g_auto(Result) prompt = { 0 };

  g_assert_true (g_file_set_contents (path, network_policy, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_auto(Result) result = run (fixture, "policy", "check", "n.json", "--connect", table[i].target, NULL);

      assert_result (&result, table[i].code, table[i].line, "");
    }
  for (guint i = 0; i < G_N_ELEMENTS (no_targets); i++)
    assert_fails (run (fixture, "policy", "check", "n.json", "--connect", no_targets[i], NULL), 125, "is not HOST:PORT");
  assert_fails (run (fixture, "policy", "check", "n.json", "n.json", "--connect", "a.example.org:443", NULL), 125, "one file");
  assert_fails (run (fixture, "policy", "check", "n.json", "--json", NULL), 125, "--connect");

  json = run (fixture, "policy", "check", "n.json", "--connect", "10.0.0.1:80", "--json", NULL);
  assert_result (&json, 126, "{\"host\":\"10.0.0.1\",\"port\":80,\"verdict\":\"deny\",\"code\":\"special-address\","
                 "\"key\":\"network.allowCidrs\",\"rule\":null,\"special\":\"private\",\"says\":[],"
                 "\"text\":\"denied: a private address; name it in network.allowCidrs\"}\n", "");

  g_assert_true (g_file_set_contents (path, "{ \"schemaVersion\": \"1.0\", \"network\": { \"default\": \"prompt\" } }", -1,
                                      NULL));
  prompt = run (fixture, "policy", "check", "n.json", "--connect", "example.org:443", NULL);
  assert_result (&prompt, 126, "example.org:443: the person would be asked, by network.default \"prompt\" (https)\n", "");
}

static void
test_audit (Fixture      *fixture,
            gconstpointer data)
{
  g_auto(Result) show = run (fixture, "audit", "show", NULL);
  g_auto(Result) verify = run (fixture, "audit", "verify", NULL);

  assert_result (&show, 0, "", "");
  g_assert_cmpint (verify.code, ==, 0);
  assert_fails (run (fixture, "audit", "show", "nobody", NULL), 125, "no record");
  assert_fails (run (fixture, "audit", "verify", "../../etc/passwd", NULL), 125, "no record");
}

static void
test_doctor (Fixture      *fixture,
             gconstpointer data)
{
  g_auto(Result) result = run (fixture, "doctor", "--json", NULL);
  g_autoptr(JsonNode) node = json_from_string (result.out, NULL);
  JsonObject *object = json_node_get_object (node);

  /* The fixture has no glovebox-shell.so: sessions cannot start. */
  g_assert_cmpint (result.code, ==, 126);
  g_assert_false (json_object_get_boolean_member (object, "ready"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "checks")), >, 8);
  g_assert_nonnull (strstr (result.out, "glovebox-shell.so"));
}

/* (transfer full): "VERDICT: DETAIL" */
static char *
find_check (Result     *result,
            const char *name)
{
  g_autoptr(JsonNode) node = json_from_string (result->out, NULL);
  JsonArray *checks = json_object_get_array_member (json_node_get_object (node), "checks");

  for (guint i = 0; i < json_array_get_length (checks); i++)
    {
      JsonObject *check = json_array_get_object_element (checks, i);

      if (g_str_equal (json_object_get_string_member (check, "name"), name))
        return g_strdup_printf ("%s: %s", json_object_get_string_member (check, "verdict"),
                                json_object_get_string_member (check, "detail"));
    }
  g_error ("doctor says nothing of %s", name);
}

static void
assert_check (Fixture    *fixture,
              const char *name,
              const char *expected)
{
  g_auto(Result) result = run (fixture, "doctor", "--json", NULL);
  g_autofree char *found = find_check (&result, name);

  if (!g_str_has_prefix (found, expected))
    g_test_message ("%s", found);
  g_assert_true (g_str_has_prefix (found, expected));
}

static void
test_doctor_portals (Fixture      *fixture,
                     gconstpointer data)
{
  g_autofree char *applications = g_build_filename (fixture->folder, "applications", NULL);
  g_autofree char *desktop = g_build_filename (applications, "browser.desktop", NULL);
  g_autofree char *list = g_build_filename (applications, "mimeapps.list", NULL);
  g_autofree char *program = g_build_filename (fixture->folder, "glovebox-portal", NULL);

  g_setenv ("XDG_DATA_DIRS", fixture->folder, TRUE);
  g_setenv ("XDG_DATA_HOME", fixture->folder, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->folder, TRUE);
  assert_check (fixture, "portals", "limited: a policy that gives portals is refused: ");
  assert_check (fixture, "https addresses", "limited: nothing here opens what you allow a session to open; install a web browser");

  g_assert_cmpint (g_mkdir (applications, 0700), ==, 0);
  g_assert_true (g_file_set_contents (desktop, "[Desktop Entry]\nType=Application\nName=A browser\nExec=true %u\n"
                                               "MimeType=x-scheme-handler/https;\n", -1, NULL));
  g_assert_true (g_file_set_contents (list, "[Default Applications]\nx-scheme-handler/https=browser.desktop\n", -1, NULL));
  g_assert_true (g_file_set_contents_full (program, "", 0, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  assert_check (fixture, "portals", "ok: a session can have them, where its policy says so");
  assert_check (fixture, "https addresses", "ok: A browser opens what you allow a session to open");
  assert_check (fixture, "mailto addresses", "limited: nothing here opens what you allow a session to open; install a mail program");
  g_unsetenv ("XDG_DATA_DIRS");
  g_unsetenv ("XDG_DATA_HOME");
  g_unsetenv ("XDG_CONFIG_HOME");
}

/* Where a broker runs already, the call goes out before the rest of the program is loaded (glb-early-run.c). */
static void
set_up_warm (Fixture      *fixture,
             gconstpointer data)
{
  g_auto(Result) result = { 0 };

  set_up (fixture, data);
  result = run (fixture, "run", "--", "true", NULL);
  g_assert_cmpint (result.code, ==, 0);
}

#define ADD(name, function) g_test_add ("/cli/glovebox/" name, Fixture, NULL, set_up, function, tear_down)
#define ADD_RUN(name, function) \
  ADD (name, function); \
  g_test_add ("/cli/glovebox/warm/" name, Fixture, NULL, set_up_warm, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 4);
  signal (SIGPIPE, SIG_IGN);
  /* a broker is nobody's child: who would be its parent may let it lie for seconds */
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  glovebox = g_canonicalize_filename (argv[1], NULL);
  fake_broker = g_canonicalize_filename (argv[2], NULL);
  data_folder = g_canonicalize_filename (argv[3], NULL);

  ADD ("usage", test_usage);
  ADD ("help", test_help);
  ADD ("documents", test_documents);
  ADD ("record-arguments", test_record_arguments);
  ADD ("nobody", test_nobody);
  ADD ("full", test_full);
  ADD_RUN ("codes", test_codes);
  ADD ("mute", test_mute);
  ADD_RUN ("timeout", test_timeout);
  ADD_RUN ("streams", test_streams);
  ADD_RUN ("files", test_files);
  ADD_RUN ("left-behind", test_left_behind);
  ADD_RUN ("reader-gone", test_reader_gone);
  ADD_RUN ("signals", test_signals);
  ADD_RUN ("signal-kills", test_signal_kills);
  ADD_RUN ("broker-killed", test_broker_killed);
  ADD_RUN ("options", test_options);
  ADD ("sessions", test_sessions);
  ADD ("pause", test_pause);
  ADD ("exec", test_exec);
  ADD_RUN ("session-ends", test_session_ends);
  ADD ("screenshot", test_screenshot);
  ADD ("act", test_act);
  ADD ("dialects", test_dialects);
  ADD ("dialect-image", test_dialect_image);
  ADD ("dialect-session", test_dialect_session);
  ADD ("windows", test_windows);
  ADD ("lease", test_lease);
  ADD ("policy", test_policy);
  ADD ("policy-connect", test_policy_connect);
  ADD ("audit", test_audit);
  ADD ("doctor", test_doctor);
  ADD ("doctor-portals", test_doctor_portals);
  return g_test_run ();
}
