/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whatever is killed or misbehaves: one clear reason, and nothing is left behind. */

#include "config.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define SETUP(name) \
  g_autoptr(GlbTestSystem) name = glb_test_system_new (); \
  if (name == NULL) \
    return

typedef struct
{
  guint uid;
  const char *command;
  GPid pid;
} ProcessWait;

static gboolean
process_is_there (gpointer data)
{
  ProcessWait *wait = data;

  wait->pid = glb_test_find_process (wait->uid, wait->command);

  return wait->pid != 0;
}

static gboolean
process_is_gone (gpointer data)
{
  ProcessWait *wait = data;

  /* not by account: another broker may have it by now */
  return kill (wait->pid, 0) != 0 && errno == ESRCH;
}

static char *
start_foot (GlbTestSystem *system,
            ProcessWait   *foot)
{
  char *id = glb_test_system_start (system, "--", "foot", "-T", "victim", NULL);

  glb_test_system_wait_for_window (system, id, "victim");
  *foot = (ProcessWait) { (guint) glb_test_system_get_member (system, id, "agentUid"), "foot", 0 };
  glb_test_wait (process_is_there, foot, "foot to run");

  return id;
}

static void
assert_reason (GlbTestSystem *system,
               const char    *id,
               const char    *reason)
{
  g_autoptr(GlbTestResult) show = glb_test_system_run (system, NULL, "audit", "show", id, NULL);
  g_autoptr(GlbTestResult) verify = glb_test_system_run (system, NULL, "audit", "verify", id, NULL);

  g_assert_nonnull (strstr (glb_test_result_get_out (show), reason));
  g_assert_cmpint (verify->status, ==, 0);
}

/* ---- kill -9 -------------------------------------------------------------------- */

static void
test_broker_killed (void)
{
  SETUP (system);
  ProcessWait foot;
  g_autofree char *id = start_foot (system, &foot);
  g_autoptr(GlbTestResult) again = NULL;

  kill (glb_test_system_get_broker (system), SIGKILL);
  glb_test_wait (process_is_gone, &foot, "foot to go with the broker");
  glb_test_system_assert_nothing_left (system);

  /* And the next command finds a new broker. */
  again = glb_test_system_run (system, NULL, "run", "--tier", "process", "--", "true", NULL);
  g_assert_cmpint (again->status, ==, 0);
}

static void
test_compositor_killed (void)
{
  SETUP (system);
  ProcessWait foot, weston;
  g_autofree char *id = start_foot (system, &foot);

  weston = (ProcessWait) { (guint) glb_test_system_get_member (system, id, "compositorUid"), "weston", 0 };
  glb_test_wait (process_is_there, &weston, "weston to run");
  g_assert_cmpint (kill (weston.pid, SIGKILL), ==, 0);
  glb_test_wait (process_is_gone, &foot, "foot to go with the compositor");
  glb_test_system_assert_nothing_left (system);
  assert_reason (system, id, "compositor-died");
}

static void
test_init_killed (void)
{
  SETUP (system);
  ProcessWait foot, init;
  g_autofree char *id = start_foot (system, &foot);

  init = (ProcessWait) { foot.uid, "init", 0 };
  glb_test_wait (process_is_there, &init, "init to run");
  g_assert_cmpint (kill (init.pid, SIGKILL), ==, 0);
  glb_test_wait (process_is_gone, &foot, "foot to go with init");
  glb_test_system_assert_nothing_left (system);
  assert_reason (system, id, "sandbox-died");
}

static void
test_client_killed (void)
{
  SETUP (system);
  g_autoptr(GSubprocess) client = glb_test_system_spawn (system, "run", "--tier", "process", "--", "sh", "-c",
                                                         "echo up; exec tail -f /dev/null", NULL);
  g_autoptr(GError) error = NULL;
  char buffer[3];
  gsize n_read;

  g_input_stream_read_all (g_subprocess_get_stdout_pipe (client), buffer, sizeof buffer, &n_read, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, 3);
  g_subprocess_send_signal (client, SIGKILL);
  g_subprocess_wait (client, NULL, NULL);
  glb_test_system_assert_nothing_left (system);
}

/* ---- an agent that misbehaves ------------------------------------------------------ */

static void
test_fork_bomb (void)
{
  SETUP (system);
  g_autofree char *policy = glb_test_system_write_policy (system, "bomb.json",
    "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"bomb\" }, \"isolation\": { \"tier\": \"process\" },"
    "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\", \"maxProcesses\": 64 } }");
  /* behind one fork: the shell itself ends where it can have no second */
  g_autofree char *id = glb_test_system_start (system, "--policy", policy, "--", "sh", "-c",
                                               "bomb () { bomb | bomb & }; (bomb) & while :; do :; done", NULL);
  g_autoptr(GlbTestResult) alive = glb_test_system_run (system, NULL, "ps", NULL);
  g_autoptr(GlbTestResult) kill_result = glb_test_system_run (system, NULL, "kill", id, NULL);

  g_assert_cmpint (alive->status, ==, 0);
  g_assert_cmpint (kill_result->status, ==, 0);
  glb_test_system_assert_nothing_left (system);
}

static void
test_orphans_do_not_survive (void)
{
  SETUP (system);
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "run", "--tier", "process", "--", "sh", "-c",
    "for i in 1 2 3; do setsid sh -c 'trap \"\" TERM HUP INT; tail -f /dev/null & wait' & done; exit 0", NULL);

  g_assert_cmpint (result->status, ==, 0);
  glb_test_system_assert_nothing_left (system);
}

static void
test_garbage_on_the_action_socket (void)
{
  SETUP (system);
  g_autofree char *script = g_find_program_in_path ("python3");
  g_autoptr(GlbTestResult) result = NULL;
  g_autofree char *id = NULL;
  g_autoptr(JsonNode) act = NULL;

  if (!g_file_test ("/usr/bin/python3", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("python3 is not installed");
      return;
    }

  id = glb_test_system_start (system, "--", "foot", "-T", "victim", NULL);
  glb_test_system_wait_for_window (system, id, "victim");
  result = glb_test_system_run (system, NULL, "exec", id, "--", "/usr/bin/python3", "-c",
    "import os, socket\n"
    "def send(data):\n"
    "    s = socket.socket(socket.AF_UNIX)\n"
    "    s.settimeout(20)\n"
    "    s.connect(os.environ['GLOVEBOX_ACTION_SOCKET'])\n"
    "    answer = b''\n"
    "    try:\n"
    "        s.sendall(data)\n"
    "        s.shutdown(socket.SHUT_WR)\n"
    "        while True:\n"
    "            part = s.recv(65536)\n"
    "            if not part: break\n"
    "            answer += part\n"
    "    except (BrokenPipeError, ConnectionResetError): pass\n"
    "    return answer\n"
    "assert b'refused' in send(b'garbage\\n')\n"
    "assert b'refused' in send(b'{\"action\":\"left_click\",\"coordinate\":[99999,1]}\\n')\n"
    "assert b'refused' in send(b'{\"action\":\"fly\"}\\n')\n"
    "send(b'[' * 3000000)\n"
    "send(os.urandom(200000))\n"
    "send(b'')\n"
    "assert b'delivered' in send(b'{\"action\":\"cursor_position\"}\\n')\n",
    NULL);
  g_assert_cmpint (result->status, ==, 0);
  act = glb_test_system_act (system, id, "{\"action\":\"key\",\"text\":\"a\"}");
  g_assert_nonnull (act);
}

typedef struct
{
  GSocketAddress *address;
  GSocketConnection *connection;
} Connecting;

static gboolean
is_connected (gpointer data)
{
  Connecting *connecting = data;
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GError) error = NULL;

  /* Twenty at once are more than wait in line. */
  connecting->connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (connecting->address), NULL, &error);
  if (error != NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  return connecting->connection != NULL;
}

static void
test_garbage_on_the_bus (void)
{
  SETUP (system);
  g_autofree char *path = g_build_filename (system->runtime, "glovebox", "bus", NULL);
  g_autoptr(GlbTestResult) first = glb_test_system_run (system, NULL, "run", "--tier", "process", "--", "true", NULL);
  g_autoptr(GlbTestResult) after = NULL;

  g_assert_cmpint (first->status, ==, 0);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
      g_autoptr(GSocketConnection) connection = NULL;
      Connecting connecting = { address, NULL };
      guint8 noise[4096];

      glb_test_wait (is_connected, &connecting, "the bus to take a connection");
      connection = connecting.connection;
      for (guint j = 0; j < sizeof noise; j++)
        noise[j] = g_test_rand_int () & 0xff;
      if (i % 2 == 0)
        memcpy (noise, "\0AUTH EXTERNAL 31\r\nBEGIN\r\nl\1\0\1", 31);
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), noise, sizeof noise, NULL, NULL, NULL);
    }

  after = glb_test_system_run (system, NULL, "run", "--tier", "process", "--", "true", NULL);
  g_assert_cmpint (after->status, ==, 0);
}

/* Applications can close what they like; the session still obeys. */
static void
test_sockets_closed (void)
{
  SETUP (system);
  g_autofree char *id = glb_test_system_start (system, "--", "sh", "-c",
                                               "exec 0<&- 1>&- 2>&-; rm -rf $XDG_RUNTIME_DIR/* 2>/dev/null; mkfifo /tmp/never; read line </tmp/never", NULL);
  g_autoptr(GlbTestResult) stop = glb_test_system_run (system, NULL, "stop", id, NULL);

  g_assert_cmpint (stop->status, ==, 0);
  glb_test_system_assert_nothing_left (system);
}

static void
test_screenshot_killed (void)
{
  SETUP (system);
  ProcessWait foot;
  g_autofree char *id = start_foot (system, &foot);
  g_autoptr(JsonNode) act = NULL;

  /* Whoever asked for a picture and died must not hold the frame's slot. (test-view.c kills the live view itself.) */
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(GSubprocess) viewer = glb_test_system_spawn (system, "screenshot", id, "-o", "-", NULL);

      g_subprocess_send_signal (viewer, SIGKILL);
      g_subprocess_wait (viewer, NULL, NULL);
    }
  act = glb_test_system_act (system, id, "{\"action\":\"type\",\"text\":\"x\",\"settle\":true,\"screenshot\":true}");
  g_assert_nonnull (act);
}

static void
test_terminated_broker_ends_sessions (void)
{
  SETUP (system);
  ProcessWait foot;
  g_autofree char *id = start_foot (system, &foot);

  kill (glb_test_system_get_broker (system), SIGTERM);
  glb_test_wait (process_is_gone, &foot, "foot to go with the broker");
  glb_test_system_assert_nothing_left (system);
  assert_reason (system, id, "broker-stopping");
}

/* With the audit log's disk full nothing starts. */
static void
test_audit_disk_full (void)
{
  SETUP (system);
  g_autofree char *audit = g_build_filename (system->state, "glovebox", "audit", NULL);
  g_autofree char *mount = g_strdup_printf ("mount -t tmpfs -o size=16k,mode=0700 tmpfs %s", audit);
  g_autofree char *fill = g_strdup_printf ("head -c 1M /dev/zero >%s/fill", audit);
  g_autofree char *unmount = g_strdup_printf ("umount %s", audit);
  g_autoptr(GlbTestResult) first = NULL, full = NULL;
  int status;

  if (getuid () != 0)
    {
      g_test_skip ("only root can mount a disk that is full");
      return;
    }

  first = glb_test_system_run (system, NULL, "run", "--tier", "process", "--", "true", NULL);
  g_assert_cmpint (first->status, ==, 0);
  kill (glb_test_system_get_broker (system), SIGTERM);
  g_assert_true (g_spawn_command_line_sync (mount, NULL, NULL, &status, NULL) && status == 0);
  {
    const char *argv[] = { "sh", "-c", fill, NULL };
    g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, NULL, NULL);
  }
  full = glb_test_system_run (system, NULL, "run", "--tier", "process", "--", "true", NULL);
  g_assert_true (g_spawn_command_line_sync (unmount, NULL, NULL, &status, NULL) && status == 0);
  g_assert_cmpint (full->status, ==, 125);
  g_assert_nonnull (strstr (full->err, "audit"));
}

/* ---- the audit log's disk gets full while a session runs --------------------- */

#define FULL_POLICY(verdict) \
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"full\" }, \"isolation\": { \"tier\": \"session\" }," \
  "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" }," \
  "  \"devices\": { \"camera\": \"" verdict "\", \"cameraSource\": \"test-pattern\" }," \
  "  \"desktop\": { \"input\": { \"agent\": \"allow\" }," \
  "    \"clipboard\": { \"hostToSession\": \"" verdict "\", \"sessionToHost\": \"" verdict "\" } } }"

typedef struct
{
  GlbTestSystem *system;
  char *audit;               /* a small disk of its own */
  char *id;
} Full;

static void
run_command (const char *first, ...)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GError) error = NULL;
  va_list arguments;
  int status;

  va_start (arguments, first);
  for (const char *argument = first; argument != NULL; argument = va_arg (arguments, const char *))
    g_ptr_array_add (argv, (gpointer) argument);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

static gboolean
no_broker (gpointer data)
{
  return glb_test_system_get_broker (data) == 0;
}

/* FALSE: skipped. The mount is this process's alone, so that none stays if the test fails. */
static gboolean
full_start (Full       *full,
            const char *policy)
{
  g_autofree char *path = NULL;
  g_autoptr(GlbTestResult) copy = NULL;

  if (getuid () != 0)
    {
      g_test_skip ("only root can mount a disk that gets full");
      return FALSE;
    }
  g_assert_no_errno (unshare (CLONE_NEWNS));
  g_assert_no_errno (mount (NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
  full->system = glb_test_system_new ();
  if (full->system == NULL)
    return FALSE;

  /* a broker that runs already holds the folder below the mount */
  if (glb_test_system_get_broker (full->system) != 0)
    kill (glb_test_system_get_broker (full->system), SIGTERM);
  glb_test_wait (no_broker, full->system, "the broker to exit after SIGTERM");
  full->audit = g_build_filename (full->system->state, "glovebox", "audit", NULL);
  g_assert_no_errno (g_mkdir_with_parents (full->audit, 0700));
  g_assert_no_errno (mount ("tmpfs", full->audit, "tmpfs", 0, "size=1m,mode=0700"));
  path = glb_test_system_write_policy (full->system, "full.json", policy);
  full->id = glb_test_system_start (full->system, "--policy", path, "--", "foot", "-T", "victim", NULL);
  glb_test_system_wait_for_window (full->system, full->id, "victim");
  copy = glb_test_system_run (full->system, "the content", "exec", full->id, "--", "/usr/bin/wl-copy", NULL);
  g_assert_cmpint (copy->status, ==, 0);

  return TRUE;
}

/* What the log keeps for its closing record. */
#define KEPT_BYTES (16 * 1024)
/* Every record is longer. */
#define NO_RECORD_BYTES 300

/* What other records have of the blocks that the log has. */
static gint64
full_room (Full *full)
{
  g_autofree char *name = g_strconcat (full->id, ".jsonl", NULL);
  g_autofree char *log = g_build_filename (full->audit, name, NULL);
  struct stat status;

  g_assert_no_errno (stat (log, &status));
  return (gint64) status.st_blocks * 512 - status.st_size - KEPT_BYTES;
}

/* The longest title of a window that an action may expect. */
#define TITLE_MAX 200

/* An action that is refused, which is one record, with so long a title in it. Returns what that took. */
static gint64
full_record (Full *full,
             guint length)
{
  g_autofree char *title = g_strnfill (length, 'x');
  g_autofree char *action = g_strdup_printf ("{\"action\":\"key\",\"text\":\"a\",\"expect\":{\"title\":\"%s\"}}", title);
  gint64 before = full_room (full);
  g_autoptr(GlbTestResult) result = glb_test_system_run (full->system, NULL, "act", full->id, action, NULL);

  g_assert_cmpint (result->status, ==, 126);
  return before - full_room (full);
}

/* The disk, and with records what is left of the log's own blocks: the next record fails. */
static void
full_fill (Full *full)
{
  g_autofree char *fill = g_build_filename (full->audit, "fill", NULL);
  g_autofree char *command = g_strdup_printf ("head -c 2M /dev/zero >%s 2>/dev/null || true", fill);
  gint64 shortest = full_record (full, 1);

  /* With so much the rest can be divided into records; when it is used up the log takes more. */
  while (full_room (full) < 4 * 1024 || shortest <= 0)
    shortest = full_record (full, 1);
  run_command ("sh", "-c", command, NULL);
  for (gint64 room = full_room (full); room >= NO_RECORD_BYTES; room = full_room (full))
    {
      gint64 wanted = room - NO_RECORD_BYTES / 2;
      gint64 n = (wanted + shortest + TITLE_MAX - 2) / (shortest + TITLE_MAX - 1);

      full_record (full, 1 + CLAMP (wanted / n - shortest, 0, TITLE_MAX - 1));
    }
  g_assert_cmpint (full_room (full), >=, 0);
}

static gboolean
session_ended (gpointer data)
{
  Full *full = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (full->system, NULL, "ps", NULL);

  return strstr (glb_test_result_get_out (result), "ended: audit-full") != NULL;
}

/* One line, the session ended for that, and nothing is left. */
static void
full_end (Full       *full,
          const char *err,
          const char *complaint)
{
  g_autofree char *log = g_strdup_printf ("%s/%s.jsonl", full->audit, full->id);
  g_autofree char *records = NULL;

  g_test_message ("%s", err);
  g_assert_true (g_str_has_prefix (err, "glovebox: "));
  g_assert_nonnull (strstr (err, complaint));
  g_assert_true (strchr (err, '\n') == err + strlen (err) - 1);
  glb_test_wait (session_ended, full, "the session to end");
  g_assert_true (g_file_get_contents (log, &records, NULL, NULL));
  g_assert_nonnull (strstr (records, "\"reason\":\"audit-full\""));
  kill (glb_test_system_get_broker (full->system), SIGTERM);
  glb_test_wait (no_broker, full->system, "the broker to exit after SIGTERM");
  g_assert_no_errno (umount2 (full->audit, 0));
  g_clear_pointer (&full->system, glb_test_system_free);
  g_free (full->audit);
  g_free (full->id);
}

static const char *const effects[] = { "clipboard-out", "clipboard-in", "camera" };

/* (transfer full): a command that wants something to cross */
static GSubprocess *
full_ask (Full       *full,
          const char *effect)
{
  g_autofree char *path = g_build_filename (full->system->root, "into", NULL);

  g_assert_true (g_file_set_contents (path, "into it", -1, NULL));
  if (g_str_equal (effect, "clipboard-out"))
    return glb_test_system_spawn (full->system, "clipboard", "get", full->id, NULL);
  if (g_str_equal (effect, "clipboard-in"))
    return glb_test_system_spawn (full->system, "clipboard", "put", full->id, path, NULL);
  return glb_test_system_spawn (full->system, "device", full->id, "camera", "on", NULL);
}

/* It gave nothing out. (transfer full): its complaint */
static char *
full_finish (GSubprocess *process)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *out = NULL;
  char *err = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 125);
  g_assert_cmpstr (out, ==, "");
  g_object_unref (process);
  return err;
}

static gboolean
prompt_is_open (gpointer data)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (data, NULL, "prompts", "--json", NULL);

  return strstr (glb_test_result_get_out (result), "\"kind\"") != NULL;
}

static void
test_full_answer (gconstpointer effect)
{
  g_autoptr(GlbTestResult) allow = NULL;
  g_autofree char *err = NULL;
  GSubprocess *asker;
  Full full = { 0 };

  if (!full_start (&full, FULL_POLICY ("prompt")))
    return;

  asker = full_ask (&full, effect);
  glb_test_wait (prompt_is_open, full.system, "the prompt");
  full_fill (&full);
  allow = glb_test_system_run (full.system, NULL, "allow", "1", NULL);
  g_assert_cmpint (allow->status, ==, 125);
  err = full_finish (asker);
  g_test_message ("%s", err);
  full_end (&full, allow->err, "there is no record of it, so it is denied; free some space");
}

static void
test_full_effect (gconstpointer effect)
{
  g_autofree char *err = NULL;
  Full full = { 0 };

  if (!full_start (&full, FULL_POLICY ("allow")))
    return;

  full_fill (&full);
  err = full_finish (full_ask (&full, effect));
  full_end (&full, err, "no space left; free some on its disk");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faults/broker-killed", test_broker_killed);
  g_test_add_func ("/faults/compositor-killed", test_compositor_killed);
  g_test_add_func ("/faults/init-killed", test_init_killed);
  g_test_add_func ("/faults/client-killed", test_client_killed);
  g_test_add_func ("/faults/screenshot-killed", test_screenshot_killed);
  g_test_add_func ("/faults/terminated-broker-ends-sessions", test_terminated_broker_ends_sessions);
  g_test_add_func ("/faults/fork-bomb", test_fork_bomb);
  g_test_add_func ("/faults/orphans-do-not-survive", test_orphans_do_not_survive);
  g_test_add_func ("/faults/garbage-on-the-action-socket", test_garbage_on_the_action_socket);
  g_test_add_func ("/faults/garbage-on-the-bus", test_garbage_on_the_bus);
  g_test_add_func ("/faults/sockets-closed", test_sockets_closed);
  g_test_add_func ("/faults/audit-disk-full/at-start", test_audit_disk_full);
  for (guint i = 0; i < G_N_ELEMENTS (effects); i++)
    {
      g_autofree char *answer = g_strdup_printf ("/faults/audit-disk-full/answer/%s", effects[i]);
      g_autofree char *effect = g_strdup_printf ("/faults/audit-disk-full/effect/%s", effects[i]);

      g_test_add_data_func (answer, effects[i], test_full_answer);
      g_test_add_data_func (effect, effects[i], test_full_effect);
    }

  return g_test_run ();
}
