/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-prove itself: that its attack tells the truth where nothing holds
 * it (or "refused" would mean little), and that a session refuses everything.
 */

#include "session-broker/sandbox/glb-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char        *folder;
  GSubprocess *broker;
} Fixture;

static char *
find_program (const char *name)
{
  g_auto(GStrv) folders = g_strsplit (g_getenv ("GLOVEBOX_PRIVATE_PATH"), ":", -1);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *program = g_build_filename (folders[i], name, NULL);

      if (g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&program);
    }
  g_error ("%s is not built", name);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autofree char *run = NULL;

  self->folder = g_dir_make_tmp ("glb-prove-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  g_assert_cmpint (g_chmod (self->folder, 0755), ==, 0);
  run = g_build_filename (self->folder, "run", NULL);
  g_assert_cmpint (g_mkdir (run, 0700), ==, 0);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  if (self->broker != NULL)
    {
      g_subprocess_send_signal (self->broker, SIGTERM);
      g_subprocess_wait_check (self->broker, NULL, &error);
      g_assert_no_error (error);
      g_clear_object (&self->broker);
    }
  glb_sandbox_remove_tree (self->folder, &error);
  g_assert_no_error (error);
  g_free (self->folder);
}

static GSubprocessLauncher *
new_launcher (Fixture          *self,
              GSubprocessFlags  flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);
  g_autofree char *run = g_build_filename (self->folder, "run", NULL);
  g_autofree char *state = g_build_filename (self->folder, "state", NULL);

  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", run, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", state, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "WAYLAND_DISPLAY");
  g_subprocess_launcher_set_cwd (launcher, self->folder);
  return launcher;
}

/* The value of "result" of each line of JSON up to the one that says that all is done, by id; "bait": the bait. */
static GHashTable *
read_results (GSubprocess *process)
{
  g_autoptr(GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autoptr(GHashTable) results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (stream), FALSE);
  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line (stream, NULL, NULL, NULL);
      g_autoptr(JsonNode) root = NULL;
      JsonObject *object;

      g_assert_nonnull (line);
      root = json_from_string (line, NULL);
      g_assert_nonnull (root);
      object = json_node_get_object (root);
      if (json_object_has_member (object, "done"))
        return g_steal_pointer (&results);
      if (json_object_has_member (object, "bait"))
        g_hash_table_insert (results, g_strdup ("bait"), json_to_string (json_object_get_member (object, "bait"), FALSE));
      else
        g_hash_table_insert (results, g_strdup (json_object_get_string_member (object, "id")),
                             g_strdup (json_object_get_string_member (object, "result")));
    }
}

static guint
count (GHashTable *results,
       const char *result)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, results);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n += strcmp (value, result) == 0;
  return n;
}

static void
test_attack_outside (Fixture       *self,
                     gconstpointer  data)
{
  /* What has nothing to do with who asks. */
  static const char * const certain[] = {
    "file.secret", "file.world", "file.write", "file.truncate", "file.list", "file.symlink", "file.dots", "process.list",
    "process.environ", "process.kill", "process.readv", "socket.abstract", "socket.run", "network.loopback", "ipc.shm", "ipc.file",
    "net.mapped-loopback", "net.other-loopback", "net.udp-loopback", "net.broadcast", "terminal.open", "kernel.ptrace",
  };
  /* The same of what goes through a proxy, which is only inside. */
  static const char * const by_proxy[] = {
    "net.named", "net.names", "net.connect-loopback", "net.connect-decimal", "net.connect-zero-byte", "net.connect-lured", "net.socks-ipv4",
    "net.socks-mapped", "net.socks-udp", "net.http-loopback", "net.http-host-other", "net.http-second", "net.tunnel-other",
    "net.tunnel-folded", "net.tunnel-second", "net.tunnel-behind-length", "net.tunnel-behind-chunks", "net.tunnel-by-chunks",
    "net.tunnel-by-length", "net.tunnel-by-first", "net.tunnel-coding", "net.tunnel-anything", "net.tunnel-clear", "net.tls-other",
  };
  g_autofree char *program = find_program ("glovebox-prove");
  g_autofree char *folder = g_build_filename (self->folder, "bait", NULL);
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (self, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GSubprocess) control = NULL;
  g_autoptr(GSubprocess) attack = NULL;
  g_autoptr(GHashTable) outside = NULL;
  g_autoptr(GHashTable) attacked = NULL;
  g_autoptr(GHashTable) after = NULL;
  g_autoptr(GSubprocess) late = NULL;
  g_autoptr(GDir) left = NULL;
  g_autoptr(GError) error = NULL;
  const char *bait;

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  control = g_subprocess_launcher_spawn (launcher, &error, program, "--control", "--bait", folder, NULL);
  g_assert_no_error (error);
  outside = read_results (control);
  g_assert_cmpuint (count (outside, "refused"), ==, 0);   /* outside that word is not used */
  g_assert_cmpuint (count (outside, "escaped"), >=, 40);
  bait = g_hash_table_lookup (outside, "bait");
  g_assert_nonnull (bait);

  for (guint i = 0; i < G_N_ELEMENTS (by_proxy); i++)
    {
      g_test_message ("%s", by_proxy[i]);
      g_assert_cmpstr (g_hash_table_lookup (outside, by_proxy[i]), ==, "escaped");
    }

  attack = g_subprocess_launcher_spawn (launcher, &error, program, "--attack", "--bait", bait, NULL);
  g_assert_no_error (error);
  attacked = read_results (attack);
  for (guint i = 0; i < G_N_ELEMENTS (certain); i++)
    {
      g_test_message ("%s", certain[i]);
      g_assert_cmpstr (g_hash_table_lookup (outside, certain[i]), ==, "escaped");
      g_assert_cmpstr (g_hash_table_lookup (attacked, certain[i]), ==, "escaped");
    }
  g_subprocess_wait (attack, NULL, NULL);

  /* The bait goes when standard input ends, and then there is nothing to be had. */
  g_output_stream_close (g_subprocess_get_stdin_pipe (control), NULL, NULL);
  g_assert_true (g_subprocess_wait_check (control, NULL, &error));
  left = g_dir_open (folder, 0, NULL);
  g_assert_null (g_dir_read_name (left));
  late = g_subprocess_launcher_spawn (launcher, &error, program, "--attack", "--bait", bait, NULL);
  after = read_results (late);
  for (guint i = 0; i < G_N_ELEMENTS (certain) - 2; i++)   /* a terminal's number may be another's, tracing needs no bait */
    {
      g_test_message ("%s afterwards", certain[i]);
      g_assert_cmpstr (g_hash_table_lookup (after, certain[i]), !=, "escaped");
    }
  g_subprocess_wait (late, NULL, NULL);
}

/* Also when an assertion ends this test. */
static void
end_with_test (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static void
start_broker (Fixture *self)
{
  g_autofree char *program = find_program ("glovebox-broker");
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (self, G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GError) error = NULL;
  char answer[256] = "";
  struct pollfd ready;
  int fds[2];

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  g_subprocess_launcher_take_fd (launcher, fds[1], 9);
  g_subprocess_launcher_set_child_setup (launcher, end_with_test, NULL, NULL);
  self->broker = g_subprocess_launcher_spawn (launcher, &error, program, "--ready-fd", "9", "--idle-timeout", "0", NULL);
  g_assert_no_error (error);
  g_subprocess_launcher_close (launcher);

  ready = (struct pollfd) { .fd = fds[0], .events = POLLIN };
  g_assert_cmpint (poll (&ready, 1, 20000), ==, 1);
  g_assert_cmpint (read (fds[0], answer, sizeof answer - 1), >, 0);
  g_assert_cmpstr (answer, ==, "ready\n");
  close (fds[0]);
}

static JsonObject *
find_attempt (JsonObject *report,
              const char *id)
{
  JsonArray *attempts = json_object_get_array_member (report, "attempts");

  for (guint i = 0; i < json_array_get_length (attempts); i++)
    {
      JsonObject *attempt = json_array_get_object_element (attempts, i);

      if (strcmp (json_object_get_string_member (attempt, "id"), id) == 0)
        return attempt;
    }
  g_error ("%s was not tried", id);
}

static void
assert_refused (JsonObject *report,
                const char *id,
                const char *how)
{
  JsonObject *attempt = find_attempt (report, id);

  g_test_message ("%s", id);
  g_assert_cmpstr (json_object_get_string_member (attempt, "verdict"), ==, "refused");
  g_assert_true (g_str_has_prefix (json_object_get_string_member (attempt, "insideDetail"), how));
}

/* Each way into the gate was taken up to the words of its refusal; and it was on, as it let through what the policy names. */
static void
assert_gate (JsonObject *report)
{
  JsonArray *attempts = json_object_get_array_member (report, "attempts");
  guint n = 0;

  g_assert_cmpint (json_object_get_int_member (report, "letThrough"), ==, 1);
  assert_refused (report, "net.standin", "Connection reset");
  assert_refused (report, "net.names", "the session's own resolver");
  assert_refused (report, "net.connect-decimal", "glovebox: bad_name: 2130706433 port ");
  assert_refused (report, "net.connect-lured", "glovebox: policy_denied: lured.prove.example port ");
  assert_refused (report, "net.socks-ipv4", "SOCKS 5: refused with code 2");
  assert_refused (report, "net.http-loopback", "glovebox: policy_denied: 127.0.0.1 port ");
  assert_refused (report, "net.tunnel-other", "glovebox: the request names other.prove.example");
  assert_refused (report, "net.tunnel-second", "welcome-");
  assert_refused (report, "net.tls-other", "TLS: refused with an alert");

  for (guint i = 0; i < json_array_get_length (attempts); i++)
    {
      JsonObject *attempt = json_array_get_object_element (attempts, i);

      n += g_str_equal (json_object_get_string_member (attempt, "theme"), "network gate") &&
           g_str_equal (json_object_get_string_member (attempt, "verdict"), "refused");
    }
  g_test_message ("%u at the network gate", n);
  g_assert_cmpuint (n, >=, 80);
}

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  return path != NULL;
}

/* What a host with these programs can try was tried, and for the right reason refused. */
static void
assert_tried (JsonObject *report)
{
  assert_refused (report, "gate.answer", "not by the broker's socket, nor by the ");
  assert_refused (report, "gate.portal", "connect: ");
  if (has_program ("weston"))
    assert_refused (report, "wayland.capture", "not among the ");
  if (has_program ("wl-paste"))
    assert_refused (report, "gate.clipboard", "connect: ");
  if (has_program ("pipewire"))
    assert_refused (report, "gate.pipewire", "connect: ");
}

/* data: (nullable): a template, which has no network */
static void
test_session (Fixture       *self,
              gconstpointer  data)
{
  g_autofree char *program = find_program ("glovebox-prove");
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (self, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  g_auto(GStrv) missing = glb_sandbox_diagnose ();
  JsonObject *report;

  if (missing[0] != NULL)
    {
      g_test_skip (missing[0]);
      return;
    }

  start_broker (self);
  process = g_subprocess_launcher_spawn (launcher, &error, program, "--json", data != NULL ? "--template" : NULL, data, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);

  root = json_from_string (output, &error);
  g_assert_no_error (error);
  report = json_node_get_object (root);
  g_test_message ("refused %d, unavailable %d", (int) json_object_get_int_member (report, "refused"),
                  (int) json_object_get_int_member (report, "unavailable"));
  if (json_object_get_int_member (report, "escaped") != 0 || json_object_get_int_member (report, "untried") != 0)
    g_test_message ("%s", output);
  g_assert_cmpint (json_object_get_int_member (report, "escaped"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (report, "untried"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (report, "refused"), >=, 64);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  assert_tried (report);
  if (data == NULL)
    assert_gate (report);
}

/* With a policy that opens what is attacked, the very attempts get through. */
static void
test_open (Fixture       *self,
           gconstpointer  data)
{
  static const char policy[] =
    "{\"schemaVersion\":\"1.0\",\"isolation\":{\"tier\":\"process\"},\"process\":{\"allowSpawn\":true},"
    "\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"],\"allowWrite\":[\"${WORKSPACE}/**\"]},"
    "\"network\":{\"default\":\"allow\",\"allowCidrs\":[\"127.0.0.0/8\",\"::1\"],\"allowDomains\":[\"tcp://localhost:1-65535\"],"
    "\"hosts\":[\"localhost=127.0.0.1\"]}}";
  static const char * const through[] = {
    "net.connect-loopback", "net.connect-localhost", "net.connect-localhost-upper", "net.connect-ipv6", "net.connect-mapped",
    "net.connect-mapped-hexadecimal", "net.socks-ipv4", "net.socks-ipv6", "net.socks-mapped", "net.socks-text", "net.socks-name",
    "net.http-loopback", "net.http-localhost", "net.http-ipv6",
  };
  static const char * const not[] = { "net.connect-decimal", "net.connect-zero-byte", "net.http-host-named", "net.names", "net.udp-loopback" };
  g_autofree char *program = find_program ("glovebox-prove");
  g_autofree char *file = g_build_filename (self->folder, "open.json", NULL);
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (self, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  g_auto(GStrv) missing = glb_sandbox_diagnose ();

  if (missing[0] != NULL)
    {
      g_test_skip (missing[0]);
      return;
    }

  start_broker (self);
  g_assert_true (g_file_set_contents (file, policy, -1, NULL));
  process = g_subprocess_launcher_spawn (launcher, &error, program, "--json", "--policy", file, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  root = json_from_string (output, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (through); i++)
    {
      g_test_message ("%s", through[i]);
      g_assert_cmpstr (json_object_get_string_member (find_attempt (json_node_get_object (root), through[i]), "verdict"), ==, "ESCAPED");
    }
  for (guint i = 0; i < G_N_ELEMENTS (not); i++)
    assert_refused (json_node_get_object (root), not[i], "");
}

static void
test_errors (Fixture       *self,
             gconstpointer  data)
{
  static const char * const rows[][4] = {
    { "--no-such-option", NULL }, { "argument", NULL }, { "--attack", "--bait", "{", NULL }, { "--attack", "--bait", "/no/such/file", NULL },
    { "--control", "--bait", "/no/such/folder", NULL },
  };
  g_autofree char *program = find_program ("glovebox-prove");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GSubprocessLauncher) launcher = new_launcher (self, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_autoptr(GSubprocess) process = NULL;
      g_autoptr(GError) error = NULL;
      g_autofree char *output = NULL;
      g_autofree char *message = NULL;
      const char *argv[5] = { program, rows[i][0], rows[i][1], rows[i][1] != NULL ? rows[i][2] : NULL, NULL };

      process = g_subprocess_launcher_spawnv (launcher, argv, &error);
      g_assert_no_error (error);
      g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &message, &error);
      g_assert_no_error (error);
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 125);
      g_assert_cmpstr (output, ==, "");
      g_assert_true (g_str_has_prefix (message, "glovebox"));
      g_assert_true (strchr (message, '\n') == message + strlen (message) - 1);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/prove/errors", Fixture, NULL, set_up, test_errors, tear_down);
  g_test_add ("/prove/attack-outside", Fixture, NULL, set_up, test_attack_outside, tear_down);
  g_test_add ("/prove/session", Fixture, NULL, set_up, test_session, tear_down);
  g_test_add ("/prove/session-with-open-network", Fixture, NULL, set_up, test_open, tear_down);
  g_test_add ("/prove/session-without-network", Fixture, "default", set_up, test_session, tear_down);

  return g_test_run ();
}
