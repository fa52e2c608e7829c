/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* `glovebox run` and its relatives as a person uses them: streams, exit codes, files, limits, record. */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define SETUP(name) \
  g_autoptr(GlbTestSystem) name = glb_test_system_new (); \
  if (name == NULL) \
    return

#define RUN(system, input, ...) glb_test_system_run (system, input, "run", "--tier", "process", __VA_ARGS__, NULL)

static void
assert_one_line_error (GlbTestResult *result,
                       const char    *part)
{
  g_assert_true (g_str_has_prefix (result->err, "glovebox: "));
  g_assert_nonnull (strstr (result->err, part));
  g_assert_nonnull (strchr (result->err, '\n'));
  g_assert_cmpint (strchr (result->err, '\n')[1], ==, '\0');
}

/* ---- exit codes ------------------------------------------------------------- */

static void
test_exit_codes (void)
{
  static const struct { const char *script; int status; } table[] = {
    { "exit 0", 0 }, { "exit 7", 7 }, { "exit 125", 125 }, { "kill -TERM $$", 128 + SIGTERM }, { "kill -KILL $$", 128 + SIGKILL },
  };
  SETUP (system);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr(GlbTestResult) result = RUN (system, NULL, "--", "sh", "-c", table[i].script);

      g_assert_cmpint (result->status, ==, table[i].status);
    }
}

static void
test_command_not_found (void)
{
  SETUP (system);
  g_autoptr(GlbTestResult) result = RUN (system, NULL, "--", "no-such-command-anywhere");

  g_assert_cmpint (result->status, ==, 127);
  assert_one_line_error (result, "no-such-command-anywhere");
}

static void
test_timeout (void)
{
  SETUP (system);
  g_autoptr(GlbTestResult) result = RUN (system, NULL, "--timeout", "1", "--", "tail", "-f", "/dev/null");

  g_assert_cmpint (result->status, ==, 124);
}

/* ---- streams ------------------------------------------------------------------ */

static void
test_streams_are_unchanged (void)
{
  const gsize size = 5 * 1024 * 1024 + 17;
  guint8 *data = g_malloc (size);
  g_autoptr(GBytes) input = NULL;
  g_autoptr(GlbTestResult) result = NULL;
  const char *arguments[] = { "run", "--tier", "process", "--", "sh", "-c", "cat; echo heard >&2", NULL };
  SETUP (system);

  for (gsize i = 0; i < size; i++)
    data[i] = g_test_rand_int () & 0xff;
  input = g_bytes_new_take (data, size);
  result = glb_test_system_runv (system, input, arguments);
  g_assert_cmpint (result->status, ==, 0);
  g_assert_true (g_bytes_equal (result->out, input));
  g_assert_cmpstr (result->err, ==, "heard\n");
}

static void
test_streams_can_be_reopened (void)
{
  SETUP (system);
  g_autoptr(GlbTestResult) result = RUN (system, NULL, "--", "sh", "-c", "echo out >/dev/stdout; echo err >/dev/stderr");

  g_assert_cmpint (result->status, ==, 0);
  g_assert_cmpstr (glb_test_result_get_out (result), ==, "out\n");
  g_assert_cmpstr (result->err, ==, "err\n");
}

static void
test_interrupt_is_forwarded (void)
{
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  GInputStream *out;
  char byte;
  SETUP (system);

  process = glb_test_system_spawn (system, "run", "--tier", "process", "--", "sh", "-c",
                                   "trap 'exit 42' INT; echo ready; while :; do read -r line || tail -f /dev/null & wait; done",
                                   NULL);
  out = g_subprocess_get_stdout_pipe (process);
  g_assert_cmpint (g_input_stream_read (out, &byte, 1, NULL, &error), ==, 1);
  g_subprocess_send_signal (process, SIGINT);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 42);
}

/* ---- what the agent sees --------------------------------------------------------- */

static void
test_environment_is_not_inherited (void)
{
  SETUP (system);
  g_autoptr(GlbTestResult) result = NULL;

  system->environment = g_environ_setenv (system->environment, "GLOVEBOX_TEST_SECRET", "do not tell", TRUE);
  result = RUN (system, NULL, "--env", "GIVEN=yes and no", "--", "env");
  g_assert_cmpint (result->status, ==, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (result), "GIVEN=yes and no\n"));
  g_assert_null (strstr (glb_test_result_get_out (result), "GLOVEBOX_TEST_SECRET"));
}

static void
test_files_outside_the_policy (void)
{
  SETUP (system);
  g_autofree char *secret = g_build_filename (system->root, "secret", NULL);
  g_autoptr(GlbTestResult) result = NULL;

  g_assert_true (g_file_set_contents (secret, "key", -1, NULL));
  result = RUN (system, NULL, "--", "cat", secret);
  g_assert_cmpint (result->status, ==, 1);
  g_assert_cmpstr (glb_test_result_get_out (result), ==, "");
}

static void
test_workspace_files_are_the_persons (void)
{
  SETUP (system);
  g_autofree char *given = g_build_filename (system->workspace, "given", NULL);
  g_autofree char *made = g_build_filename (system->workspace, "folder", "made", NULL);
  g_autoptr(GlbTestResult) result = NULL;
  g_autofree char *content = NULL;
  struct stat info;

  g_assert_true (g_file_set_contents (given, "from outside", -1, NULL));
  result = RUN (system, NULL, "--workspace", system->workspace, "--", "sh", "-c",
                "cat given && mkdir folder && echo -n 'from inside' >folder/made && echo more >>given");
  g_assert_cmpint (result->status, ==, 0);
  g_assert_cmpstr (glb_test_result_get_out (result), ==, "from outside");
  g_assert_true (g_file_get_contents (made, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "from inside");

  /* The session may be a moment older than its command. */
  glb_test_system_assert_nothing_left (system);
  g_assert_cmpint (g_lstat (made, &info), ==, 0);
  g_assert_cmpuint (info.st_uid, ==, getuid ());
}

/* As root the workspace's files are root's on disk: one with the set-user-id bit would be the host's end. */
static void
test_no_set_user_id_files (void)
{
  SETUP (system);
  g_autofree char *program = g_build_filename (system->workspace, "program", NULL);
  g_autoptr(GlbTestResult) result = NULL;
  struct stat info;

  result = RUN (system, NULL, "--workspace", system->workspace, "--", "sh", "-c",
                "cp /bin/true program && chmod 4755 program; chmod 2755 program; chmod 700 program");
  g_assert_cmpint (result->status, ==, 0);
  g_assert_nonnull (strstr (result->err, "Operation not permitted"));
  g_assert_cmpint (g_stat (program, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & (S_ISUID | S_ISGID), ==, 0);
}

static void
test_no_network (void)
{
  SETUP (system);
  g_autoptr(GlbTestResult) result = RUN (system, NULL, "--", "sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1; cat /proc/net/route | wc -l");

  g_assert_cmpint (result->status, ==, 0);
  g_assert_cmpstr (g_strstrip ((char *) glb_test_result_get_out (result)), ==, "lo\n1");
}

static void
test_home_persists_only_on_request (void)
{
  SETUP (system);
  g_autoptr(GlbTestResult) refused = NULL, write = NULL, read = NULL, other = NULL;
  g_autofree char *policy = glb_test_system_write_policy (system, "persist.json",
    "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"keeper\" }, \"isolation\": { \"tier\": \"process\" },"
    "  \"filesystem\": { \"home\": \"persistent\" }, \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" } }");

  refused = RUN (system, NULL, "--persist", "one", "--", "true");
  g_assert_cmpint (refused->status, ==, 126);
  assert_one_line_error (refused, "persist");
  write = glb_test_system_run (system, NULL, "run", "--policy", policy, "--persist", "one", "--",
                               "sh", "-c", "echo kept >$HOME/note", NULL);
  g_assert_cmpint (write->status, ==, 0);
  read = glb_test_system_run (system, NULL, "run", "--policy", policy, "--persist", "one", "--", "sh", "-c", "cat $HOME/note", NULL);
  g_assert_cmpint (read->status, ==, 0);
  g_assert_cmpstr (glb_test_result_get_out (read), ==, "kept\n");
  other = RUN (system, NULL, "--", "sh", "-c", "cat $HOME/note");
  g_assert_cmpint (other->status, ==, 1);
}

/* ---- limits ----------------------------------------------------------------------- */

static void
test_processes_are_limited (void)
{
  SETUP (system);
  g_autofree char *policy = glb_test_system_write_policy (system, "few.json",
    "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"few\" }, \"isolation\": { \"tier\": \"process\" },"
    "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\", \"maxProcesses\": 20 } }");
  g_autoptr(GlbTestResult) result = NULL;

  /* Starts until it fails; without a limit it would reach 200. */
  result = glb_test_system_run (system, NULL, "run", "--policy", policy, "--", "sh", "-c",
                                "n=0; while [ $n -lt 200 ]; do tail -f /dev/null & n=$((n+1)); echo $n; done", NULL);
  g_assert_cmpint (result->status, !=, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (result), "\n10\n"));
  g_assert_null (strstr (glb_test_result_get_out (result), "\n20\n"));
}

static void
test_disk_is_limited (void)
{
  SETUP (system);
  g_autofree char *policy = glb_test_system_write_policy (system, "small.json",
    "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"small\" }, \"isolation\": { \"tier\": \"process\" },"
    "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" }, \"resources\": { \"diskMb\": 8 } }");
  /* what of 8 MiB each may hold, where it is said; and what is no place to write */
  static const struct { const char *path; gint64 at_least, at_most; } places[] = {
    { "$HOME", 4 << 20, 4 << 20 }, { "/tmp", 2 << 20, 2 << 20 }, { "/dev/shm", 0, 64 << 20 }, { "$XDG_RUNTIME_DIR", 0, 64 << 20 },
    { "/dev", 0, 64 << 20 }, { "/", 0, 0 }, { "/run", 0, 0 }, { "/var/tmp", 0, 64 << 20 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *script = g_strdup_printf ("head -c 300M /dev/zero >%s/fill 2>/dev/null && echo unlimited; "
                                                 "stat -c %%s %s/fill 2>/dev/null || echo 0", places[i].path, places[i].path);
      g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "run", "--policy", policy, "--", "sh", "-c", script, NULL);
      const char *out = glb_test_result_get_out (result);
      char *end;
      gint64 size = g_ascii_strtoll (out, &end, 10);

      g_test_message ("%s: %s", places[i].path, out);
      g_assert_cmpint (result->status, ==, 0);
      g_assert_cmpstr (end, ==, "\n");
      g_assert_cmpint (size, >=, places[i].at_least);
      g_assert_cmpint (size, <=, places[i].at_most);
    }
}

static void
test_memory_is_limited_or_refused (void)
{
  SETUP (system);
  g_autofree char *policy = glb_test_system_write_policy (system, "memory.json",
    "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"eater\" }, \"isolation\": { \"tier\": \"process\" },"
    "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" }, \"resources\": { \"memoryMb\": 64 } }");
  g_autoptr(GlbTestResult) result = NULL;

  result = glb_test_system_run (system, NULL, "run", "--policy", policy, "--", "sh", "-c",
                                "head -c 400M /dev/zero | tail -c 390M | wc -c", NULL);
  if (result->status == 126)
    {
      g_assert_cmpuint (getuid (), !=, 0);
      assert_one_line_error (result, "limit memory");
      return;
    }
  g_assert_cmpstr (g_strstrip ((char *) glb_test_result_get_out (result)), !=, "408944640");
  /* it is the memory that was missing: the same with less of it */
  g_clear_pointer (&result, glb_test_result_free);
  result = glb_test_system_run (system, NULL, "run", "--policy", policy, "--", "sh", "-c", "head -c 20M /dev/zero | tail -c 10M | wc -c", NULL);
  g_assert_cmpint (result->status, ==, 0);
  g_assert_cmpstr (glb_test_result_get_out (result), ==, "10485760\n");
}

/* ---- bad input ---------------------------------------------------------------------- */

static void
test_bad_policies (void)
{
  static const struct { const char *json; const char *part; int status; } table[] = {
    { "{ \"schemaVersion\": \"1.0\", \"agnet\": {} }", "/agnet", 125 },
    { "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"a\" }, \"agent\": { \"name\": \"b\" } }", "agent", 125 },
    { "not json", "bad.json:1", 125 },
    { "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"a\" }, \"isolation\": { \"tier\": \"process\" },\n"
      "  \"resources\": { \"gpu\": \"allow\" } }", "/resources/gpu", 126 },
    { "{ \"schemaVersion\": \"1.0\", \"isolation\": { \"tier\": \"process\" },\n"
      "  \"network\": { \"allowDomains\": [\"https://example.org/\"] } }", "/network/allowDomains/0", 125 },
    { "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"a\" }, \"isolation\": { \"tier\": \"session\" },\n"
      "  \"desktop\": { \"input\": { \"gamepad\": true } } }", "/desktop/input/gamepad", 126 },
  };
  SETUP (system);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *policy = glb_test_system_write_policy (system, "bad.json", table[i].json);
      g_autoptr(GlbTestResult) run = glb_test_system_run (system, NULL, "run", "--policy", policy, "--", "true", NULL);
      g_autoptr(GlbTestResult) check = glb_test_system_run (system, NULL, "policy", "check", policy, NULL);

      g_assert_cmpint (run->status, ==, table[i].status);
      assert_one_line_error (run, table[i].part);
      g_assert_cmpint (check->status, !=, 0);
    }
}

static void
test_bad_workspaces (void)
{
  SETUP (system);
  g_autoptr(GlbTestResult) missing = RUN (system, NULL, "--workspace", "/no/such/folder", "--", "true");
  g_autoptr(GlbTestResult) foreign = NULL;

  g_assert_cmpint (missing->status, ==, 125);
  assert_one_line_error (missing, "/no/such/folder");

  if (getuid () != 0)
    {
      foreign = RUN (system, NULL, "--workspace", "/etc", "--", "true");
      g_assert_cmpint (foreign->status, ==, 126);
      assert_one_line_error (foreign, "/etc");
    }
}

static void
test_unknown_session (void)
{
  static const char * const verbs[] = { "stop", "kill", "pause", "resume", "windows" };
  SETUP (system);
  g_autoptr(GlbTestResult) without_broker = glb_test_system_run (system, NULL, "stop", "nobody-here", NULL);
  g_autoptr(GlbTestResult) start = RUN (system, NULL, "--", "true");

  g_assert_cmpint (without_broker->status, ==, 125);
  assert_one_line_error (without_broker, "no broker runs");
  g_assert_cmpint (start->status, ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, verbs[i], "nobody-here", NULL);

      g_assert_cmpint (result->status, ==, 125);
      assert_one_line_error (result, "nobody-here");
    }
}

/* ---- sessions ------------------------------------------------------------------------ */

static JsonNode *
list_sessions (GlbTestSystem *system)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "ps", "--json", NULL);
  g_autoptr(GError) error = NULL;
  JsonNode *node;

  g_assert_cmpint (result->status, ==, 0);
  node = json_from_string (glb_test_result_get_out (result), &error);
  g_assert_no_error (error);

  return node;
}

static void
test_accounts_are_never_shared (void)
{
  SETUP (system);
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr(JsonNode) node = NULL;
  JsonArray *sessions;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *id = glb_test_system_start (system, "--", "tail", "-f", "/dev/null", NULL);

      g_assert_cmpstr (id, !=, "");
    }

  node = list_sessions (system);
  sessions = json_node_get_array (node);
  g_assert_cmpuint (json_array_get_length (sessions), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      JsonObject *session = json_array_get_object_element (sessions, i);
      gint64 agent = json_object_get_int_member (session, "agentUid");
      gint64 compositor = json_object_get_int_member (session, "compositorUid");

      g_assert_cmpint (agent, >, 0);
      g_assert_cmpint (compositor, >, 0);
      g_assert_cmpint (agent, !=, getuid ());
      g_assert_cmpint (compositor, !=, getuid ());
      g_assert_true (g_hash_table_add (seen, GINT_TO_POINTER ((int) agent)));
      g_assert_true (g_hash_table_add (seen, GINT_TO_POINTER ((int) compositor)));
    }
}

typedef struct
{
  const char *path;
  gsize size;
} Growth;

static gboolean
has_grown (gpointer data)
{
  Growth *growth = data;
  struct stat info;

  return g_stat (growth->path, &info) == 0 && (gsize) info.st_size > growth->size;
}

static void
test_pause_stops_everything (void)
{
  SETUP (system);
  g_autofree char *path = g_build_filename (system->workspace, "ticks", NULL);
  g_autofree char *id = NULL;
  g_autoptr(GlbTestResult) pause = NULL, resume = NULL, stop = NULL;
  Growth growth = { path, 0 };
  struct stat before, after;

  id = glb_test_system_start (system, "--tier", "process", "--workspace", system->workspace, "--", "sh", "-c",
                              "while :; do echo tick >>ticks; done", NULL);
  glb_test_wait (has_grown, &growth, "the session to run");
  pause = glb_test_system_run (system, NULL, "pause", id, NULL);
  g_assert_cmpint (pause->status, ==, 0);
  g_assert_cmpint (g_stat (path, &before), ==, 0);
  {
    /* A loop that runs writes thousands of lines in the time of two commands. */
    g_autoptr(GlbTestResult) one = glb_test_system_run (system, NULL, "ps", NULL);
    g_autoptr(GlbTestResult) two = glb_test_system_run (system, NULL, "ps", NULL);

    g_assert_nonnull (strstr (glb_test_result_get_out (one), "paused"));
    g_assert_cmpint (two->status, ==, 0);
  }
  g_assert_cmpint (g_stat (path, &after), ==, 0);
  g_assert_cmpint (before.st_size, ==, after.st_size);

  resume = glb_test_system_run (system, NULL, "resume", id, NULL);
  g_assert_cmpint (resume->status, ==, 0);
  growth.size = after.st_size;
  glb_test_wait (has_grown, &growth, "the session to run again");
  stop = glb_test_system_run (system, NULL, "stop", id, NULL);
  g_assert_cmpint (stop->status, ==, 0);
  glb_test_system_assert_nothing_left (system);
}

static void
test_a_paused_session_can_be_killed (void)
{
  SETUP (system);
  g_autofree char *id = glb_test_system_start (system, "--tier", "process", "--", "tail", "-f", "/dev/null", NULL);
  g_autoptr(GlbTestResult) pause = glb_test_system_run (system, NULL, "pause", id, NULL);
  g_autoptr(GlbTestResult) kill_result = glb_test_system_run (system, NULL, "kill", id, NULL);

  g_assert_cmpint (pause->status, ==, 0);
  g_assert_cmpint (kill_result->status, ==, 0);
  glb_test_system_assert_nothing_left (system);
}

static void
test_exec_joins_the_session (void)
{
  SETUP (system);
  g_autofree char *id = glb_test_system_start (system, "--tier", "process", "--name", "work", "--",
                                               "sh", "-c", "echo inside >$HOME/mark; tail -f /dev/null", NULL);
  g_autoptr(GlbTestResult) exec = glb_test_system_run (system, "typed", "exec", "work", "--", "sh", "-c",
                                                       "cat; until cat $HOME/mark 2>/dev/null; do :; done; exit 3", NULL);
  g_autoptr(GlbTestResult) debug = NULL;

  g_assert_cmpint (exec->status, ==, 3);
  g_assert_cmpstr (glb_test_result_get_out (exec), ==, "typedinside\n");

  debug = glb_test_system_run (system, NULL, "exec", "--debug", id, "--", "true", NULL);
  g_assert_cmpint (debug->status, ==, 126);
  assert_one_line_error (debug, "allowDebug");
}

static void
test_debugger (void)
{
  g_autofree char *gdb = g_find_program_in_path ("gdb");
  g_autofree char *policy = NULL;
  g_autofree char *id = NULL;
  g_autoptr(GlbTestResult) result = NULL;

  if (gdb == NULL || !g_str_has_prefix (gdb, "/usr/bin/"))
    {
      g_test_skip ("gdb is not installed");
      return;
    }

  SETUP (system);
  policy = glb_test_system_write_policy (system, "debug.json",
    "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"d\" }, \"isolation\": { \"tier\": \"process\" },"
    "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\", \"allowDebug\": true } }");
  id = glb_test_system_start (system, "--policy", policy, "--", "tail", "-f", "/dev/null", NULL);
  result = glb_test_system_run (system, NULL, "exec", "--debug", id, "--", "sh", "-c",
                                "gdb -batch -p $(pgrep -x tail || pidof tail) -ex 'info proc' 2>&1", NULL);
  g_assert_cmpint (result->status, ==, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (result), "cmdline = 'tail -f /dev/null'"));
}

/* ---- the record ----------------------------------------------------------------------- */

static void
test_audit (void)
{
  SETUP (system);
  g_autofree char *id = glb_test_system_start (system, "--tier", "process", "--", "tail", "-f", "/dev/null", NULL);
  g_autoptr(GlbTestResult) stop = glb_test_system_run (system, NULL, "stop", id, NULL);
  g_autoptr(GlbTestResult) whole = glb_test_system_run (system, NULL, "audit", "verify", NULL);
  g_autoptr(GlbTestResult) show = glb_test_system_run (system, NULL, "audit", "show", id, NULL);
  g_autoptr(GlbTestResult) altered = NULL;
  g_autofree char *file = g_strdup_printf ("%s.jsonl", id);
  g_autofree char *path = g_build_filename (system->state, "glovebox", "audit", file, NULL);
  g_autofree char *text = NULL;
  char *place;

  g_assert_cmpint (stop->status, ==, 0);
  g_assert_cmpint (whole->status, ==, 0);
  g_assert_cmpint (show->status, ==, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (show), "stopped"));

  /* The first record holds the whole policy. */
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"schemaVersion\""));

  place = strstr (text, "\"tail\"");
  g_assert_nonnull (place);
  memcpy (place, "\"true\"", 6);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  altered = glb_test_system_run (system, NULL, "audit", "verify", id, NULL);
  g_assert_cmpint (altered->status, !=, 0);
  g_assert_nonnull (strstr (altered->err, file));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/files-outside-the-policy", test_files_outside_the_policy);
  g_test_add_func ("/run/no-network", test_no_network);
  g_test_add_func ("/run/no-set-user-id-files", test_no_set_user_id_files);
  g_test_add_func ("/run/environment-is-not-inherited", test_environment_is_not_inherited);
  g_test_add_func ("/run/bad-policies", test_bad_policies);
  g_test_add_func ("/run/bad-workspaces", test_bad_workspaces);
  g_test_add_func ("/run/unknown-session", test_unknown_session);
  g_test_add_func ("/run/exit-codes", test_exit_codes);
  g_test_add_func ("/run/command-not-found", test_command_not_found);
  g_test_add_func ("/run/timeout", test_timeout);
  g_test_add_func ("/run/streams-are-unchanged", test_streams_are_unchanged);
  g_test_add_func ("/run/streams-can-be-reopened", test_streams_can_be_reopened);
  g_test_add_func ("/run/interrupt-is-forwarded", test_interrupt_is_forwarded);
  g_test_add_func ("/run/workspace-files-are-the-persons", test_workspace_files_are_the_persons);
  g_test_add_func ("/run/home-persists-only-on-request", test_home_persists_only_on_request);
  g_test_add_func ("/run/processes-are-limited", test_processes_are_limited);
  g_test_add_func ("/run/disk-is-limited", test_disk_is_limited);
  g_test_add_func ("/run/memory-is-limited-or-refused", test_memory_is_limited_or_refused);
  g_test_add_func ("/run/accounts-are-never-shared", test_accounts_are_never_shared);
  g_test_add_func ("/run/pause-stops-everything", test_pause_stops_everything);
  g_test_add_func ("/run/a-paused-session-can-be-killed", test_a_paused_session_can_be_killed);
  g_test_add_func ("/run/exec-joins-the-session", test_exec_joins_the_session);
  g_test_add_func ("/run/debugger", test_debugger);
  g_test_add_func ("/run/audit", test_audit);

  return g_test_run ();
}
