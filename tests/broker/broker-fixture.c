/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>

#include "session-broker/media/glb-media.h"
#include "session-broker/sandbox/glb-sandbox.h"
#include "tests/broker/broker-fixture.h"

#define DEADLINE_US (20 * G_USEC_PER_SEC)

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
test_wait (TestCondition condition, gpointer user_data, const char *what)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;
  /* some conditions are the kernel's, which wakes nobody */
  guint tick = g_timeout_add (5, on_tick, NULL);

  while (!condition (user_data))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("waited too long for %s", what);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
}

gboolean
broker_fixture_can_run (gboolean desktop)
{
  g_auto(GStrv) missing = glb_sandbox_diagnose ();

  if (missing != NULL && missing[0] != NULL)
    {
      g_test_skip (missing[0]);
      return FALSE;
    }
  if (desktop && !g_file_test ("/usr/bin/weston", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("weston is missing; install the package weston");
      return FALSE;
    }
  return TRUE;
}

gboolean
broker_fixture_can_look (void)
{
  g_autofree char *missing = glb_media_diagnose ();
  g_autofree char *gst = g_find_program_in_path ("gst-launch-1.0");

  if (missing == NULL && gst != NULL)
    return broker_fixture_can_run (TRUE);
  g_test_skip (missing != NULL ? missing : "gst-launch-1.0 is missing; install gstreamer1.0-tools and gstreamer1.0-pipewire");
  return FALSE;
}

static char *
make_folder (BrokerFixture *fixture, const char *name)
{
  char *path = g_build_filename (fixture->root, name, NULL);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  return path;
}

/* A test that fails is gone at once; its broker would go on, and what runs in its sessions, beside all other tests. */
static void
start_guard (BrokerFixture *fixture)
{
  int fds[2];
  char byte;

  g_assert_no_errno (pipe2 (fds, O_CLOEXEC));
  fixture->guard = fork ();
  g_assert_cmpint (fixture->guard, >=, 0);
  if (fixture->guard == 0)
    {
      /* of ours it has the pipe's end alone */
      dup2 (fds[0], 0);
      close_range (1, ~0u, 0);
      while (read (0, &byte, 1) < 0 && errno == EINTR)
        ;
      kill (fixture->pid, SIGTERM);
      _exit (0);
    }

  close (fds[0]);
  fixture->guard_fd = fds[1];
}

static void
end_guard (BrokerFixture *fixture)
{
  kill (fixture->guard, SIGKILL);
  waitpid (fixture->guard, NULL, 0);
  close (fixture->guard_fd);
}

void
broker_fixture_set_up (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *runtime = NULL;
  g_autofree char *state = NULL;
  g_autofree char *home = NULL;
  g_autoptr(GError) error = NULL;

  if (!broker_fixture_can_run (FALSE))
    return;

  fixture->root = g_dir_make_tmp ("glb-broker-XXXXXX", &error);
  g_assert_no_error (error);
  runtime = make_folder (fixture, "runtime");
  state = make_folder (fixture, "state");
  home = make_folder (fixture, "home");
  fixture->workspace = make_folder (fixture, "workspace");
  fixture->runtime_dir = g_build_filename (runtime, "glovebox", NULL);
  fixture->audit_dir = g_build_filename (state, "glovebox", "audit", NULL);
  /* a broker is nobody's child: who would be its parent may let it lie for seconds */
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  fixture->uids = g_hash_table_new (NULL, NULL);
  fixture->pids = g_hash_table_new (NULL, NULL);
  fixture->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_setenv ("HOME", home, TRUE);

  fixture->client = glb_client_new_sync (TRUE, NULL, &error);
  g_assert_no_error (error);
  fixture->broker = glb_dbus_broker1_proxy_new_sync (glb_client_get_connection (fixture->client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                     "/org/glovebox/Broker1", NULL, &error);
  g_assert_no_error (error);
  fixture->pid = glb_dbus_broker1_get_pid (fixture->broker);
  g_assert_cmpint (fixture->pid, >, 1);
  start_guard (fixture);
}

/* ---- what may be left ------------------------------------------------------- */

gboolean
test_is_gone (int pid)
{
  waitpid (pid, NULL, WNOHANG);
  return kill (pid, 0) != 0 && errno == ESRCH;
}

static gboolean
is_gone (gpointer user_data)
{
  BrokerFixture *fixture = user_data;

  return test_is_gone (fixture->pid);
}

int
test_find_process (guint uid, const char *comm)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", name, NULL);
      g_autofree char *comm_path = g_build_filename (path, "comm", NULL);
      g_autofree char *stat_path = g_build_filename (path, "status", NULL);
      g_autofree char *content = NULL;
      g_autofree char *status = NULL;
      struct stat st;

      if (!g_ascii_isdigit (name[0]) || stat (path, &st) != 0 || !g_file_get_contents (comm_path, &content, NULL, NULL) ||
          !g_file_get_contents (stat_path, &status, NULL, NULL))
        continue;
      if (comm != NULL && !g_str_equal (g_strchomp (content), comm))
        continue;
      /* the files of a process that is not dumpable are root's: ask its status */
      {
        const char *line = strstr (status, "\nUid:\t");
        gboolean zombie = strstr (status, "\nState:\tZ") != NULL;

        if (line != NULL && !zombie && strtoul (line + 6, NULL, 10) == uid)
          return atoi (name);
      }
    }
  return 0;
}

int
test_find_below (BrokerFixture *fixture, const char *comm)
{
  return test_find_next_below (fixture, comm, 0);
}

int
test_find_next_below (BrokerFixture *fixture, const char *comm, int after)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  g_autofree char *wanted = g_strdup_printf ("Name:\t%.15s\n", comm);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      int pid = atoi (name), found = pid;

      for (gboolean first = TRUE; pid > 1; first = FALSE)
        {
          g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
          g_autofree char *status = NULL;
          const char *line;

          if (found <= after)
            break;
          if (pid == fixture->pid && !first)
            return found;
          if (!g_file_get_contents (path, &status, NULL, NULL) ||
              (first && (!g_str_has_prefix (status, wanted) || strstr (status, "\nState:\tZ") != NULL)))
            break;
          line = strstr (status, "\nPPid:\t");
          pid = line != NULL ? atoi (line + 7) : 0;
        }
    }
  return 0;
}

/* Accounts are taken anew, by spares and by other brokers of this machine: what those have is no leftover. */
static gboolean
has_living_broker (int pid)
{
  while (pid > 1)
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
      g_autofree char *status = NULL;
      const char *line;

      if (!g_file_get_contents (path, &status, NULL, NULL))
        return TRUE;   /* gone meanwhile */
      if (g_str_has_prefix (status, "Name:\tglovebox-broker\n"))
        return TRUE;
      line = strstr (status, "\nPPid:\t");
      pid = line != NULL ? atoi (line + 7) : 0;
    }
  return FALSE;
}

static gboolean
no_process_is_left (gpointer user_data)
{
  BrokerFixture *fixture = user_data;
  GHashTableIter iter;
  gpointer number;

  g_hash_table_iter_init (&iter, fixture->pids);
  while (g_hash_table_iter_next (&iter, &number, NULL))
    if (!test_is_gone (GPOINTER_TO_INT (number)))
      return FALSE;

  g_hash_table_iter_init (&iter, fixture->uids);
  while (g_hash_table_iter_next (&iter, &number, NULL))
    {
      int pid = test_find_process (GPOINTER_TO_UINT (number), NULL);

      if (pid != 0 && !has_living_broker (pid))
        return FALSE;
    }
  return TRUE;
}

static gboolean
no_folder_is_left (gpointer user_data)
{
  BrokerFixture *fixture = user_data;
  g_autofree char *path = g_build_filename (fixture->runtime_dir, "sessions", NULL);
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  /* a broker that lives may have spares */
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_gone (fixture) || g_hash_table_contains (fixture->ids, name))
      return FALSE;
  return TRUE;
}

static gboolean
is_session_group (BrokerFixture *fixture, const char *name)
{
  static const char * const prefixes[] = { "media-", "publish-" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (name, prefixes[i]))
      name += strlen (prefixes[i]);
  return g_hash_table_contains (fixture->ids, name);
}

/* Wherever this host has its control groups: none is named as a session. */
static gboolean
has_group (BrokerFixture *fixture, const char *path, guint depth)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (is_session_group (fixture, name) || (depth > 0 && has_group (fixture, child, depth - 1)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
no_group_is_left (gpointer user_data)
{
  return !has_group (user_data, "/sys/fs/cgroup", 5);
}

void
broker_fixture_wait_clean (BrokerFixture *fixture)
{
  test_wait (no_group_is_left, fixture, "the sessions' control groups to go");
  test_wait (no_process_is_left, fixture, "the sessions' processes to go");
  test_wait (no_folder_is_left, fixture, "the sessions' folders to go");
}

void
broker_fixture_tear_down (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *bus = NULL;
  g_autoptr(GError) error = NULL;

  if (fixture->root == NULL)
    return;

  bus = g_build_filename (fixture->runtime_dir, "bus", NULL);
  g_clear_object (&fixture->broker);
  g_clear_object (&fixture->client);
  if (!is_gone (fixture))
    {
      kill (fixture->pid, SIGTERM);
      test_wait (is_gone, fixture, "the broker to end");
      g_assert_false (g_file_test (bus, G_FILE_TEST_EXISTS));
    }
  broker_fixture_wait_clean (fixture);
  end_guard (fixture);

  glb_sandbox_remove_tree (fixture->root, &error);
  g_assert_no_error (error);
  g_hash_table_unref (fixture->uids);
  g_hash_table_unref (fixture->pids);
  g_hash_table_unref (fixture->ids);
  g_free (fixture->root);
  g_free (fixture->runtime_dir);
  g_free (fixture->audit_dir);
  g_free (fixture->workspace);
}

/* ---- sessions ------------------------------------------------------------------ */

static void
on_command_exited (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *name,
                   GVariant *parameters, gpointer user_data)
{
  TestSession *session = user_data;
  guint64 command;
  int status;

  if (!g_str_equal (path, g_dbus_proxy_get_object_path (G_DBUS_PROXY (session->proxy))))
    return;

  g_variant_get (parameters, "(ti)", &command, &status);
  g_hash_table_insert (session->exits, GSIZE_TO_POINTER ((gsize) command), GINT_TO_POINTER (status + 1));
}

void
test_session_free (TestSession *session)
{
  for (guint i = 0; i < 3; i++)
    if (session->fds[i] >= 0)
      close (session->fds[i]);
  g_dbus_connection_signal_unsubscribe (session->connection, session->exited_id);
  g_clear_object (&session->connection);
  g_clear_object (&session->proxy);
  g_hash_table_unref (session->exits);
  g_free (session);
}

static void
take_fds (GUnixFDList *list, GVariant *handles, int fds[3])
{
  g_autoptr(GError) error = NULL;

  fds[0] = fds[1] = fds[2] = -1;
  g_assert_true (g_variant_n_children (handles) == 0 || g_variant_n_children (handles) == 3);
  for (guint i = 0; i < g_variant_n_children (handles); i++)
    {
      gint32 handle;

      g_variant_get_child (handles, i, "h", &handle);
      fds[i] = g_unix_fd_list_get (list, handle, &error);
      g_assert_no_error (error);
    }
}

TestSession *
broker_fixture_run (BrokerFixture *fixture, GlbClient *client, GVariant *options, const char * const *argv, GError **error)
{
  GDBusConnection *connection = glb_client_get_connection (client != NULL ? client : fixture->client);
  g_autoptr(GlbDBusBroker1) broker = NULL;
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GVariant) handles = NULL;
  g_autofree char *path = NULL;
  TestSession *session;
  guint64 command;

  session = g_new0 (TestSession, 1);
  session->fds[0] = session->fds[1] = session->fds[2] = -1;
  session->exits = g_hash_table_new (NULL, NULL);
  /* Before it runs: a short command's end may come before there is a proxy, or even before the answer. */
  session->connection = g_object_ref (connection);
  session->exited_id = g_dbus_connection_signal_subscribe (connection, NULL, "org.glovebox.Session1", "CommandExited", NULL, NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE, on_command_exited, session, NULL);

  if (options == NULL)
    options = g_variant_new ("a{sv}", NULL);
  broker = glb_dbus_broker1_proxy_new_sync (connection, G_DBUS_PROXY_FLAGS_NONE, NULL, "/org/glovebox/Broker1", NULL, error);
  g_assert_nonnull (broker);
  if (!glb_dbus_broker1_call_run_sync (broker, options, argv, NULL, &path, &command, &handles, &list, NULL, error))
    {
      if (error != NULL)
        g_dbus_error_strip_remote_error (*error);
      test_session_free (session);
      return NULL;
    }

  session->command = command;
  take_fds (list, handles, session->fds);
  session->proxy = glb_dbus_session1_proxy_new_sync (connection, G_DBUS_PROXY_FLAGS_NONE, NULL, path, NULL, error);
  g_assert_nonnull (session->proxy);
  g_hash_table_add (fixture->ids, g_strdup (glb_dbus_session1_get_id (session->proxy)));
  g_hash_table_add (fixture->pids, GUINT_TO_POINTER (glb_dbus_session1_get_pid (session->proxy)));
  g_hash_table_add (fixture->uids, GUINT_TO_POINTER (glb_dbus_session1_get_agent_uid (session->proxy)));
  if (glb_dbus_session1_get_compositor_uid (session->proxy) != 0)
    g_hash_table_add (fixture->uids, GUINT_TO_POINTER (glb_dbus_session1_get_compositor_uid (session->proxy)));
  return session;
}

char *
test_policy (const char *tier, const char *more)
{
  return g_strdup_printf ("{\"schemaVersion\":\"1.0\",\"agent\":{\"name\":\"test\"},\"isolation\":{\"tier\":\"%s\"},"
                          "\"process\":{\"allowSpawn\":true}%s}", tier, more);
}

GVariant *
test_options (const char *policy, gboolean detach)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (policy != NULL)
    g_variant_dict_insert (&dict, "policy", "s", policy);
  if (detach)
    g_variant_dict_insert (&dict, "detach", "b", TRUE);
  return g_variant_dict_end (&dict);
}

TestSession *
broker_fixture_run_shell (BrokerFixture *fixture, const char *policy, const char *script)
{
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  g_autoptr(GError) error = NULL;
  TestSession *session = broker_fixture_run (fixture, NULL, test_options (policy, FALSE), argv, &error);

  g_assert_no_error (error);
  return session;
}

typedef struct
{
  TestSession *session;
  const char *text;
  guint64 command;
} Wanted;

static gboolean
has_state (gpointer user_data)
{
  Wanted *wanted = user_data;

  return g_str_equal (glb_dbus_session1_get_state (wanted->session->proxy), wanted->text);
}

static gboolean
has_reason (gpointer user_data)
{
  Wanted *wanted = user_data;

  return g_str_equal (glb_dbus_session1_get_reason (wanted->session->proxy), wanted->text);
}

static gboolean
has_exited (gpointer user_data)
{
  Wanted *wanted = user_data;

  return g_hash_table_contains (wanted->session->exits, GSIZE_TO_POINTER ((gsize) wanted->command));
}

void
test_session_wait_state (TestSession *session, const char *state)
{
  Wanted wanted = { session, state, 0 };

  test_wait (has_state, &wanted, state);
}

void
test_session_wait_reason (TestSession *session, const char *reason)
{
  Wanted wanted = { session, "ended", 0 };

  test_wait (has_state, &wanted, reason);
  wanted.text = reason;
  if (!has_reason (&wanted))
    g_error ("the session ended because of '%s', not '%s'", glb_dbus_session1_get_reason (session->proxy), reason);
}

int
test_session_wait_exit (TestSession *session, guint64 command)
{
  Wanted wanted = { session, NULL, command };

  test_wait (has_exited, &wanted, "a command to exit");
  return GPOINTER_TO_INT (g_hash_table_lookup (session->exits, GSIZE_TO_POINTER ((gsize) command))) - 1;
}

static GString *
read_all (int *fd)
{
  GString *text = g_string_new (NULL);
  char buffer[4096];
  ssize_t n;

  while ((n = read (*fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
    g_string_append_len (text, buffer, MAX (n, 0));
  g_assert_cmpint (n, ==, 0);
  close (*fd);
  *fd = -1;
  return text;
}

char *
test_read_all (int *fd)
{
  return g_string_free (read_all (fd), FALSE);
}

guint64
test_session_exec (TestSession *session, const char *script, int fds[3])
{
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GVariant) handles = NULL;
  g_autoptr(GError) error = NULL;
  guint64 command;

  glb_dbus_session1_call_exec_sync (session->proxy, g_variant_new ("a{sv}", NULL), argv, NULL, &command, &handles, &list, NULL, &error);
  g_assert_no_error (error);
  take_fds (list, handles, fds);
  return command;
}

char *
test_session_act (TestSession *session, const char *action, GBytes **image)
{
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GVariant) handles = NULL;
  g_autoptr(GError) error = NULL;
  char *result = NULL;

  glb_dbus_session1_call_act_sync (session->proxy, action, NULL, &result, &handles, &list, NULL, &error);
  g_assert_no_error (error);
  if (image != NULL)
    {
      int fd = g_unix_fd_list_get (list, 0, &error);

      g_assert_no_error (error);
      *image = g_string_free_to_bytes (read_all (&fd));
      g_assert_cmpmem (g_bytes_get_data (*image, NULL), MIN (4, g_bytes_get_size (*image)), "\x89PNG", 4);
    }
  else
    g_assert_cmpuint (g_variant_n_children (handles), ==, 0);
  return result;
}

static gboolean
has_window (gpointer user_data)
{
  TestSession *session = user_data;
  GVariant *windows = glb_dbus_session1_get_windows (session->proxy);

  return windows != NULL && g_variant_n_children (windows) > 0;
}

void
test_session_wait_window (TestSession *session)
{
  test_wait (has_window, session, "a window");
}

/* ---- the audit ------------------------------------------------------------------ */

JsonObject *
test_session_find_record (BrokerFixture *fixture, TestSession *session, const char *event, const char *device, guint *n)
{
  g_autofree char *file = g_strconcat (glb_dbus_session1_get_id (session->proxy), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->audit_dir, file, NULL);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  JsonObject *found = NULL;
  guint count = 0;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *record = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

      if (record == NULL || !g_str_equal (json_object_get_string_member_with_default (record, "event", ""), event) ||
          (device != NULL && !g_str_equal (json_object_get_string_member_with_default (record, "device", ""), device)))
        continue;
      g_clear_pointer (&found, json_object_unref);
      found = json_object_ref (record);
      count++;
    }
  if (n != NULL)
    *n = count;
  return found;
}

guint
test_session_count_records (BrokerFixture *fixture, TestSession *session, const char *event, const char *device)
{
  guint n;
  g_autoptr(JsonObject) record = test_session_find_record (fixture, session, event, device, &n);

  return n;
}
