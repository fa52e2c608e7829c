/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whatever is killed or misbehaves: one clear reason, and nothing is left behind. */

#include "config.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define SETUP(name) \
  g_autoptr(GlbTestSystem) name = glb_test_system_new (); \
  if (name == NULL) \
    return

static GPid
find_process (guint       uid,
              const char *command)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename ("/proc", name, NULL);
      g_autofree char *status_path = g_build_filename (folder, "status", NULL);
      g_autofree char *mark = g_strdup_printf ("Uid:\t%u\t", uid);
      g_autofree char *title = g_strdup_printf ("Name:\t%s\n", command);
      g_autofree char *status = NULL;

      if (g_ascii_isdigit (*name) && g_file_get_contents (status_path, &status, NULL, NULL) &&
          strstr (status, mark) != NULL && g_str_has_prefix (status, title))
        return (GPid) g_ascii_strtoll (name, NULL, 10);
    }

  return 0;
}

static gint64
get_member (GlbTestSystem *system,
            const char    *id,
            const char    *member)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "ps", "--json", NULL);
  g_autoptr(JsonNode) node = json_from_string (glb_test_result_get_out (result), NULL);
  JsonArray *sessions = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (sessions); i++)
    {
      JsonObject *session = json_array_get_object_element (sessions, i);

      if (strcmp (json_object_get_string_member (session, "id"), id) == 0)
        return json_object_get_int_member (session, member);
    }
  g_error ("no session %s", id);
}

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

  wait->pid = find_process (wait->uid, wait->command);

  return wait->pid != 0;
}

static gboolean
process_is_gone (gpointer data)
{
  ProcessWait *wait = data;

  return find_process (wait->uid, wait->command) == 0;
}

static char *
start_foot (GlbTestSystem *system,
            ProcessWait   *foot)
{
  char *id = glb_test_system_start (system, "--", "foot", "-T", "victim", NULL);

  glb_test_system_wait_for_window (system, id, "victim");
  *foot = (ProcessWait) { (guint) get_member (system, id, "agentUid"), "foot", 0 };
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

  weston = (ProcessWait) { (guint) get_member (system, id, "compositorUid"), "weston", 0 };
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
  g_autofree char *id = glb_test_system_start (system, "--policy", policy, "--", "sh", "-c",
                                               "bomb () { bomb | bomb & }; bomb; while :; do :; done", NULL);
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
  g_test_add_func ("/faults/audit-disk-full", test_audit_disk_full);

  return g_test_run ();
}
