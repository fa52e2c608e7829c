/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "tests/system/glb-test-system.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
find_program (const char *name)
{
  g_auto(GStrv) folders = g_strsplit (g_getenv ("GLOVEBOX_PRIVATE_PATH") ? g_getenv ("GLOVEBOX_PRIVATE_PATH") : "", ":", -1);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  g_error ("%s is not in GLOVEBOX_PRIVATE_PATH: run this through \"meson test\"", name);
}

void
glb_test_wait (gboolean (*condition) (gpointer data),
               gpointer     data,
               const char  *what)
{
  gint64 deadline = g_get_monotonic_time () + GLB_TEST_DEADLINE * G_USEC_PER_SEC;

  while (!condition (data))
    {
      if (g_get_monotonic_time () > deadline)
        {
          g_test_message ("waited in vain for: %s", what);
          g_error ("waited in vain for: %s", what);
        }
      g_usleep (10 * 1000);
    }
}

/* ---- what is left ------------------------------------------------------------ */

/* Processes whose environment or command line names our root, or whose cgroup is one of ours. */
static gboolean
is_of_test (GlbTestSystem *self,
            const char    *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "cmdline", NULL);
  g_autofree char *text = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return FALSE;

  return memmem (text, length, self->root, strlen (self->root)) != NULL;
}

static char *
list_processes (GlbTestSystem *self)
{
  GString *list = g_string_new (NULL);
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (*name) && g_ascii_strtoll (name, NULL, 10) != getpid () && is_of_test (self, name))
      {
        g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL);
        g_autofree char *text = NULL;
        gsize length = 0;

        if (!g_file_get_contents (path, &text, &length, NULL) || length == 0)
          continue;
        for (gsize i = 0; i + 1 < length; i++)
          if (text[i] == '\0')
            text[i] = ' ';
        g_string_append_printf (list, "%s: %s\n", name, text);
      }

  return g_string_free (list, FALSE);
}

/* Groups are named after the session, or "compositor-PID-N" after the broker; other brokers' are none of our business. */
static gboolean
is_our_cgroup (GlbTestSystem *self,
               const char    *name)
{
  g_autofree char *file = g_strconcat (name, ".jsonl", NULL);
  g_autofree char *log = g_build_filename (self->state, "glovebox", "audit", file, NULL);

  if (g_file_test (log, G_FILE_TEST_EXISTS))
    return TRUE;

  for (guint i = 0; i < self->brokers->len; i++)
    {
      GPid pid = g_array_index (self->brokers, GPid, i);
      g_autofree char *prefix = g_strdup_printf ("compositor-%d-", pid);

      /* A broker that lives may keep compositors ready. */
      if (g_str_has_prefix (name, prefix) && kill (pid, 0) != 0)
        return TRUE;
    }

  return FALSE;
}

/* Below "glovebox", which is at the top of a hierarchy or, with systemd, in a broker's scope somewhere below. */
static void
append_cgroups (GlbTestSystem *self,
                GString       *list,
                const char    *folder)
{
  gboolean common = g_str_has_suffix (folder, "/glovebox");
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!g_file_test (path, G_FILE_TEST_IS_DIR) || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        continue;
      if (common && is_our_cgroup (self, name))
        g_string_append_printf (list, "%s\n", path);
      else if (!common)
        append_cgroups (self, list, path);
    }
}

static char *
list_cgroups (GlbTestSystem *self)
{
  GString *list = g_string_new (NULL);

  append_cgroups (self, list, "/sys/fs/cgroup");

  return g_string_free (list, FALSE);
}

/* Folders of sessions; what a living broker keeps ready has no audit log. */
static char *
list_session_folders (GlbTestSystem *self)
{
  g_autofree char *path = g_build_filename (self->runtime, "glovebox", "sessions", NULL);
  GString *list = g_string_new (NULL);
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_our_cgroup (self, name) || glb_test_system_get_broker (self) == 0)
      g_string_append_printf (list, "%s/%s\n", path, name);

  return g_string_free (list, FALSE);
}

static char *
list_left (GlbTestSystem *self)
{
  g_autofree char *folders = list_session_folders (self);
  g_autofree char *cgroups = list_cgroups (self);
  g_autofree char *mounts = NULL;
  GString *left = g_string_new (NULL);

  g_string_append (left, folders);
  g_string_append (left, cgroups);
  if (g_file_get_contents ("/proc/self/mountinfo", &mounts, NULL, NULL) && strstr (mounts, self->root) != NULL)
    g_string_append (left, "a mount\n");

  return g_string_free (left, FALSE);
}

static gboolean
nothing_left (gpointer data)
{
  g_autofree char *left = list_left (data);

  return *left == '\0';
}

void
glb_test_system_assert_nothing_left (GlbTestSystem *self)
{
  gint64 deadline = g_get_monotonic_time () + 15 * G_USEC_PER_SEC;

  while (!nothing_left (self))
    {
      g_autofree char *left = list_left (self);

      if (g_get_monotonic_time () > deadline)
        g_error ("left behind:\n%s", left);
      g_usleep (10 * 1000);
    }
}

static gboolean
no_processes (gpointer data)
{
  g_autofree char *processes = list_processes (data);

  return *processes == '\0';
}

/* ---- processes --------------------------------------------------------------- */

/* "": it is gone. (transfer full) */
static char *
read_status (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) pid);
  char *status = NULL;

  return g_file_get_contents (path, &status, NULL, NULL) ? status : g_strdup ("");
}

/* Calls until one says TRUE. */
static GPid
find_of_account (guint    uid,
                 gboolean (*is_it) (GPid pid, const char *status, gconstpointer data),
                 gconstpointer data)
{
  g_autofree char *mark = g_strdup_printf ("\nUid:\t%u\t", uid);
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (*name))
      {
        GPid pid = (GPid) g_ascii_strtoll (name, NULL, 10);
        g_autofree char *status = read_status (pid);

        if (strstr (status, mark) != NULL && is_it (pid, status, data))
          return pid;
      }

  return 0;
}

static gboolean
is_named (GPid          pid,
          const char   *status,
          gconstpointer command)
{
  g_autofree char *title = g_strdup_printf ("Name:\t%s\n", (const char *) command);

  return command == NULL || g_str_has_prefix (status, title);
}

GPid
glb_test_find_process (guint       uid,
                       const char *command)
{
  return find_of_account (uid, is_named, command);
}

/* Below no broker, or below one of ours. */
static gboolean
is_ours (GPid          pid,
         const char   *status,
         gconstpointer data)
{
  const GlbTestSystem *self = data;

  while (pid > 1)
    {
      g_autofree char *parent = read_status (pid);
      const char *line = strstr (parent, "\nPPid:\t");

      if (g_str_has_prefix (parent, "Name:\tglovebox-broker\n"))
        {
          for (guint i = 0; i < self->brokers->len; i++)
            if (g_array_index (self->brokers, GPid, i) == pid)
              return TRUE;
          return FALSE;
        }
      pid = line != NULL ? atoi (line + strlen ("\nPPid:\t")) : 0;
    }

  return TRUE;
}

gboolean
glb_test_system_is_free (GlbTestSystem *self,
                         guint          uid)
{
  /* remembers it, should another have been started since */
  glb_test_system_get_broker (self);

  return find_of_account (uid, is_ours, self) == 0;
}

gint64
glb_test_system_get_member (GlbTestSystem *system,
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

/* ---- commands ------------------------------------------------------------------ */

/* A test that fails aborts; what it started must not keep its output open. */
void
glb_test_die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *
spawn (GlbTestSystem      *self,
       const char * const *arguments)
{
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *program = find_program ("glovebox");
  g_auto(GStrv) argv = NULL;
  g_autoptr(GError) error = NULL;
  GSubprocess *process;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                        G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_set_environ (launcher, self->environment);
  g_subprocess_launcher_set_cwd (launcher, self->workspace);
  g_subprocess_launcher_set_child_setup (launcher, glb_test_die_with_parent, NULL, NULL);
  g_strv_builder_add (builder, program);
  g_strv_builder_addv (builder, (const char **) arguments);
  argv = g_strv_builder_end (builder);
  process = g_subprocess_launcher_spawnv (launcher, (const char * const *) argv, &error);
  g_assert_no_error (error);

  return process;
}

typedef struct
{
  GMainLoop *loop;
  GBytes *out;
  GBytes *err;
  GError *error;
} Communication;

static void
communicate_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  Communication *communication = user_data;

  g_subprocess_communicate_finish (G_SUBPROCESS (object), result, &communication->out, &communication->err,
                                   &communication->error);
  g_main_loop_quit (communication->loop);
}

static gboolean
deadline_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_REMOVE;
}

/* GBytes of nothing have no data at all. */
static char *
dup_text (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return g_strndup (data != NULL ? data : "", size);
}

GlbTestResult *
glb_test_system_runv (GlbTestSystem      *self,
                      GBytes             *input,
                      const char * const *arguments)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GSource) deadline = g_timeout_source_new_seconds (GLB_TEST_DEADLINE);
  g_autoptr(GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr(GSubprocess) process = NULL;
  g_autofree char *line = g_strjoinv (" ", (char **) arguments);
  Communication communication = { 0 };
  GlbTestResult *result = g_new0 (GlbTestResult, 1);

  g_main_context_push_thread_default (context);
  communication.loop = g_main_loop_new (context, FALSE);
  g_source_set_callback (deadline, deadline_cb, cancellable, NULL);
  g_source_attach (deadline, context);

  process = spawn (self, arguments);
  g_subprocess_communicate_async (process, input != NULL ? input : empty, cancellable, communicate_cb, &communication);
  g_main_loop_run (communication.loop);
  if (communication.error != NULL)
    {
      g_subprocess_send_signal (process, SIGABRT);
      g_error ("glovebox %s: %s", line, communication.error->message);
    }
  g_subprocess_wait (process, NULL, NULL);
  g_source_destroy (deadline);
  g_main_loop_unref (communication.loop);
  g_main_context_pop_thread_default (context);

  result->status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                        : 128 + g_subprocess_get_term_sig (process);
  result->out = communication.out;
  result->err = dup_text (communication.err);
  g_bytes_unref (communication.err);
  g_test_message ("glovebox %s: %d%s%s", line, result->status, *result->err != '\0' ? ": " : "", result->err);

  return result;
}

static GPtrArray *
collect (va_list arguments)
{
  GPtrArray *array = g_ptr_array_new ();
  const char *argument;

  while ((argument = va_arg (arguments, const char *)) != NULL)
    g_ptr_array_add (array, (gpointer) argument);
  g_ptr_array_add (array, NULL);

  return array;
}

GlbTestResult *
glb_test_system_run (GlbTestSystem *self,
                     const char    *input,
                     ...)
{
  g_autoptr(GBytes) bytes = input != NULL ? g_bytes_new (input, strlen (input)) : NULL;
  g_autoptr(GPtrArray) array = NULL;
  va_list arguments;

  va_start (arguments, input);
  array = collect (arguments);
  va_end (arguments);

  return glb_test_system_runv (self, bytes, (const char * const *) array->pdata);
}

GSubprocess *
glb_test_system_spawn (GlbTestSystem *self,
                       ...)
{
  g_autoptr(GPtrArray) array = NULL;
  va_list arguments;

  va_start (arguments, self);
  array = collect (arguments);
  va_end (arguments);

  return spawn (self, (const char * const *) array->pdata);
}

void
glb_test_result_free (GlbTestResult *self)
{
  g_bytes_unref (self->out);
  g_free (self->err);
  g_free (self);
}

const char *
glb_test_result_get_out (GlbTestResult *self)
{
  char *copy = dup_text (self->out);
  gsize size = g_bytes_get_size (self->out);

  g_bytes_unref (self->out);
  self->out = g_bytes_new_take (copy, size);

  return copy;
}

char *
glb_test_system_start (GlbTestSystem *self,
                       ...)
{
  g_autoptr(GPtrArray) array = g_ptr_array_new ();
  g_autoptr(GlbTestResult) result = NULL;
  va_list arguments;
  const char *argument;

  g_ptr_array_add (array, (gpointer) "run");
  g_ptr_array_add (array, (gpointer) "--detach");
  va_start (arguments, self);
  while ((argument = va_arg (arguments, const char *)) != NULL)
    g_ptr_array_add (array, (gpointer) argument);
  va_end (arguments);
  g_ptr_array_add (array, NULL);

  result = glb_test_system_runv (self, NULL, (const char * const *) array->pdata);
  g_assert_cmpint (result->status, ==, 0);

  return g_strstrip (g_strdup (glb_test_result_get_out (result)));
}

JsonNode *
glb_test_system_act (GlbTestSystem *self,
                     const char    *session,
                     const char    *action)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (self, NULL, "act", session, action, NULL);
  g_autoptr(GError) error = NULL;
  JsonNode *node;

  node = json_from_string (glb_test_result_get_out (result), &error);
  g_assert_no_error (error);
  if (result->status != 0 ||
      g_strcmp0 (json_object_get_string_member_with_default (json_node_get_object (node), "status", ""), "delivered") != 0)
    g_error ("%s: %s", action, glb_test_result_get_out (result));

  return node;
}

typedef struct
{
  GlbTestSystem *system;
  const char *session;
  const char *title;
} WindowWait;

/* A session that nobody waits for any more: why it ended, as its record and the file "errors" in its workspace say. */
static void
fail_with_record (GlbTestSystem *self,
                  const char    *session)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (self, NULL, "audit", "show", session, NULL);
  g_autofree char *path = g_build_filename (self->workspace, "errors", NULL);
  g_autofree char *errors = NULL;
  const char *out = glb_test_result_get_out (result);
  gsize length = strlen (out);

  g_file_get_contents (path, &errors, NULL, NULL);
  g_error ("session %s is gone: %s%s", session, length > 1500 ? out + length - 1500 : out, errors != NULL ? errors : "");
}

static gboolean
has_window (gpointer data)
{
  WindowWait *wait = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (wait->system, NULL, "windows", wait->session, "--json", NULL);
  g_autoptr(JsonNode) node = result->status == 0 ? json_from_string (glb_test_result_get_out (result), NULL) : NULL;
  JsonArray *windows;

  if (result->status != 0)
    fail_with_record (wait->system, wait->session);
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;

  windows = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (windows); i++)
    {
      JsonObject *window = json_array_get_object_element (windows, i);

      if (json_object_get_boolean_member_with_default (window, "focused", FALSE) &&
          strstr (json_object_get_string_member_with_default (window, "title", ""), wait->title) != NULL)
        return TRUE;
    }

  return FALSE;
}

void
glb_test_system_wait_for_window (GlbTestSystem *self,
                                 const char    *session,
                                 const char    *title)
{
  WindowWait wait = { self, session, title };
  g_autofree char *what = g_strdup_printf ("a focused window with the title “%s”", title);

  glb_test_wait (has_window, &wait, what);
}

char *
glb_test_system_write_policy (GlbTestSystem *self,
                              const char    *name,
                              const char    *json)
{
  g_autofree char *path = g_build_filename (self->root, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, json, -1, &error);
  g_assert_no_error (error);

  return g_steal_pointer (&path);
}

/* ---- the person's browser ---------------------------------------------------- */

char *
glb_test_system_install_browser (GlbTestSystem *system)
{
  g_autofree char *home = g_build_filename (system->root, "data", NULL);
  g_autofree char *folder = g_build_filename (home, "applications", NULL);
  g_autofree char *script = g_build_filename (system->root, "browser", NULL);
  g_autofree char *desktop = g_build_filename (folder, "glovebox-test-browser.desktop", NULL);
  g_autofree char *list = g_build_filename (folder, "mimeapps.list", NULL);
  char *opened = g_build_filename (system->root, "opened", NULL);
  g_autofree char *script_text = g_strdup_printf ("#!/bin/sh\nprintf '%%s' \"$1\" > '%s'\n", opened);
  g_autofree char *desktop_text = g_strdup_printf ("[Desktop Entry]\nType=Application\nName=Browser\nExec='%s' %%u\n"
                                                   "MimeType=x-scheme-handler/https;\n", script);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents_full (script, script_text, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  g_assert_true (g_file_set_contents (desktop, desktop_text, -1, NULL));
  g_assert_true (g_file_set_contents (list, "[Default Applications]\nx-scheme-handler/https=glovebox-test-browser.desktop\n", -1, NULL));
  system->environment = g_environ_setenv (system->environment, "XDG_DATA_HOME", home, TRUE);
  system->environment = g_environ_setenv (system->environment, "XDG_CONFIG_HOME", home, TRUE);
  return opened;
}

/* ---- the system ------------------------------------------------------------------ */

GlbTestSystem *
glb_test_system_new (void)
{
  GlbTestSystem *self = g_new0 (GlbTestSystem, 1);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbTestResult) doctor = NULL;

  self->brokers = g_array_new (FALSE, FALSE, sizeof (GPid));
  self->root = g_dir_make_tmp ("glovebox-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->runtime = g_build_filename (self->root, "run", NULL);
  self->state = g_build_filename (self->root, "state", NULL);
  self->workspace = g_build_filename (self->root, "workspace", NULL);
  g_assert_cmpint (g_mkdir (self->runtime, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (self->state, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (self->workspace, 0700), ==, 0);

  self->environment = g_get_environ ();
  self->environment = g_environ_setenv (self->environment, "XDG_RUNTIME_DIR", self->runtime, TRUE);
  self->environment = g_environ_setenv (self->environment, "XDG_STATE_HOME", self->state, TRUE);
  self->environment = g_environ_unsetenv (self->environment, "G_DEBUG");

  doctor = glb_test_system_run (self, NULL, "doctor", NULL);
  if (doctor->status == 126)
    {
      g_test_skip_printf ("this host can't run sessions: %s", glb_test_result_get_out (doctor));
      glb_test_system_free (self);
      return NULL;
    }
  g_assert_cmpint (doctor->status, ==, 0);

  return self;
}

GPid
glb_test_system_get_broker (GlbTestSystem *self)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  g_autofree char *mark = g_strdup_printf ("XDG_RUNTIME_DIR=%s", self->runtime);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *environ_path = g_build_filename ("/proc", name, "environ", NULL);
      g_autofree char *cmdline_path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *environ_text = NULL, *cmdline = NULL;
      gsize length = 0, cmdline_length = 0;

      if (!g_ascii_isdigit (*name) || !g_file_get_contents (cmdline_path, &cmdline, &cmdline_length, NULL) ||
          strstr (cmdline, "glovebox-broker") == NULL || memmem (cmdline, cmdline_length, "--janitor", 9) != NULL)
        continue;
      if (g_file_get_contents (environ_path, &environ_text, &length, NULL) &&
          memmem (environ_text, length, mark, strlen (mark)) != NULL)
        {
          GPid pid = (GPid) g_ascii_strtoll (name, NULL, 10);

          g_array_append_val (self->brokers, pid);
          return pid;
        }
    }

  return 0;
}

static gboolean
broker_gone (gpointer data)
{
  return glb_test_system_get_broker (data) == 0;
}

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  if (g_remove (path) != 0 && errno != ENOENT)
    g_error ("can't remove %s: %s", path, g_strerror (errno));
}

void
glb_test_system_free (GlbTestSystem *self)
{
  GPid broker = glb_test_system_get_broker (self);

  if (broker != 0)
    kill (broker, SIGTERM);
  glb_test_wait (broker_gone, self, "the broker to exit after SIGTERM");
  glb_test_wait (no_processes, self, "all processes to go");
  glb_test_system_assert_nothing_left (self);

  remove_tree (self->root);
  g_strfreev (self->environment);
  g_array_unref (self->brokers);
  g_free (self->workspace);
  g_free (self->state);
  g_free (self->runtime);
  g_free (self->root);
  g_free (self);
}
