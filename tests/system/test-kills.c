/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* kill -9 of each process at each stage: a session starts, is used in every way, ends. Nothing is left. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define POLICY \
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"kill\" }, \"isolation\": { \"tier\": \"session\" }," \
  "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" }," \
  "  \"devices\": { \"camera\": \"allow\", \"cameraSource\": \"test-pattern\" }," \
  "  \"portals\": { \"settings\": \"allow\" }," \
  "  \"desktop\": { \"input\": { \"agent\": \"allow\" }," \
  "    \"clipboard\": { \"hostToSession\": \"allow\", \"sessionToHost\": \"prompt\" } } }"

/* ---- processes ----------------------------------------------------------------- */

static GPid
get_parent (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  const char *end;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (end = strrchr (text, ')')) == NULL || strlen (end) < 5)
    return 0;
  /* ") S PARENT" */
  return (GPid) g_ascii_strtoll (end + 4, NULL, 10);
}

static gboolean
is_called (GPid        pid,
           const char *command)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/comm", pid);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && g_str_equal (g_strchomp (text), command);
}

/* A descendant with this name, 0: none. */
static GPid
find_below (GPid        ancestor,
            const char *command)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (ancestor != 0 && (name = g_dir_read_name (dir)) != NULL)
    {
      GPid pid = g_ascii_isdigit (*name) ? (GPid) g_ascii_strtoll (name, NULL, 10) : 0;

      if (pid == 0 || !is_called (pid, command))
        continue;
      for (GPid parent = get_parent (pid); parent > 1; parent = get_parent (parent))
        if (parent == ancestor)
          return pid;
    }

  return 0;
}

typedef struct
{
  GlbTestSystem *system;
  const char *command;
  GPid pid;
} Wait;

static gboolean
is_below_broker (gpointer data)
{
  Wait *wait = data;

  wait->pid = find_below (glb_test_system_get_broker (wait->system), wait->command);
  return wait->pid != 0;
}

static gboolean
is_gone (gpointer data)
{
  const Wait *wait = data;

  return kill (wait->pid, 0) != 0 && errno == ESRCH;
}

/* ---- a session in use ---------------------------------------------------------- */

typedef struct
{
  GlbTestSystem *system;
  char *id;
  guint agent_uid, compositor_uid;
  GSubprocess *get, *waiting, *camera;
} Scene;

static gboolean
prompt_is_open (gpointer data)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (data, NULL, "prompts", "--json", NULL);

  return strstr (glb_test_result_get_out (result), "\"kind\"") != NULL;
}

static gboolean
camera_is_looked_at (gpointer data)
{
  Scene *scene = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "device", scene->id, "--json", NULL);
  g_autoptr(JsonNode) node = json_from_string (glb_test_result_get_out (result), NULL);
  JsonArray *devices = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (devices); i++)
    {
      JsonObject *device = json_array_get_object_element (devices, i);

      if (g_str_equal (json_object_get_string_member (device, "device"), "camera"))
        return json_object_get_boolean_member (device, "in-use");
    }

  g_error ("no camera is listed");
}

static void
run_ok (GlbTestResult *result)
{
  if (result->status != 0)
    g_error ("exit %d: %s", result->status, result->err);
  glb_test_result_free (result);
}

/* A question is open, a transfer waits for its data, a camera is on and looked at, the portal runs. */
static void
use (Scene *scene)
{
  GlbTestSystem *system = scene->system;

  run_ok (glb_test_system_run (system, "the content", "exec", scene->id, "--", "/usr/bin/wl-copy", NULL));
  run_ok (glb_test_system_run (system, NULL, "exec", scene->id, "--", "gdbus", "call", "--session", "--dest",
                               "org.freedesktop.portal.Desktop", "--object-path", "/org/freedesktop/portal/desktop", "--method",
                               "org.freedesktop.portal.Settings.Read", "org.freedesktop.appearance", "color-scheme", NULL));
  run_ok (glb_test_system_run (system, NULL, "device", scene->id, "camera", "on", NULL));
  scene->camera = glb_test_system_spawn (system, "exec", scene->id, "--", "gst-launch-1.0", "-q", "pipewiresrc",
                                         "!", "video/x-raw,format=RGBx,width=320,height=240", "!", "fakesink", NULL);
  glb_test_wait (camera_is_looked_at, scene, "a program that looks at the camera");
  scene->get = glb_test_system_spawn (system, "clipboard", "get", scene->id, NULL);
  glb_test_wait (prompt_is_open, system, "the prompt");
  run_ok (glb_test_system_run (system, NULL, "exec", scene->id, "--", "pkill", "-STOP", "wl-copy", NULL));
  scene->waiting = glb_test_system_spawn (system, "clipboard", "get", scene->id, NULL);
}

static gboolean
accounts_are_free (gpointer data)
{
  const Scene *scene = data;

  return glb_test_system_is_free (scene->system, scene->agent_uid) && glb_test_system_is_free (scene->system, scene->compositor_uid);
}

/* FALSE: skipped */
static gboolean
scene_start (Scene *scene)
{
  static const char * const programs[] = { "foot", "wl-copy", "gdbus", "gst-launch-1.0" };
  g_autofree char *policy = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i]);

      if (path == NULL)
        {
          g_test_skip_printf ("%s is not installed", programs[i]);
          return FALSE;
        }
    }
  scene->system = glb_test_system_new ();
  if (scene->system == NULL)
    return FALSE;

  policy = glb_test_system_write_policy (scene->system, "kill.json", POLICY);
  scene->id = glb_test_system_start (scene->system, "--policy", policy, "--", "foot", "-T", "victim", NULL);
  scene->agent_uid = (guint) glb_test_system_get_member (scene->system, scene->id, "agentUid");
  scene->compositor_uid = (guint) glb_test_system_get_member (scene->system, scene->id, "compositorUid");
  glb_test_system_wait_for_window (scene->system, scene->id, "victim");
  return TRUE;
}

static gboolean
has_exited (gpointer data)
{
  return g_subprocess_get_identifier (data) == NULL;
}

/* Whoever asked hears of the end, and does not wait for ever. */
static void
end_command (GSubprocess **process,
             const char   *what)
{
  if (*process == NULL)
    return;
  glb_test_wait (has_exited, *process, what);
  g_subprocess_wait (*process, NULL, NULL);
  g_clear_object (process);
}

static void
scene_end (Scene *scene)
{
  glb_test_wait (accounts_are_free, scene, "the session's accounts to have no process");
  glb_test_system_assert_nothing_left (scene->system);
  end_command (&scene->get, "get");
  end_command (&scene->waiting, "the second get");
  end_command (&scene->camera, "camera");
  /* and the next command finds a broker */
  run_ok (glb_test_system_run (scene->system, NULL, "run", "--tier", "process", "--", "true", NULL));
  g_clear_pointer (&scene->system, glb_test_system_free);
  g_free (scene->id);
}

/* The session's own, and not one that is kept ready for the next. */
static GPid
find_victim (Scene      *scene,
             const char *victim)
{
  Wait wait = { scene->system, victim, 0 };

  if (g_str_equal (victim, "glovebox-broker"))
    return glb_test_system_get_broker (scene->system);
  if (g_str_equal (victim, "weston"))
    return glb_test_find_process (scene->compositor_uid, victim);
  if (g_str_equal (victim, "init") || g_str_equal (victim, "bwrap") || g_str_equal (victim, "glovebox-portal"))
    return glb_test_find_process (scene->agent_uid, victim);

  /* only the session that uses a device has these */
  glb_test_wait (is_below_broker, &wait, victim);
  return wait.pid;
}

/* FALSE, and the test was skipped: it is not this user's to kill. */
static gboolean
kill_one (Scene      *scene,
          const char *victim)
{
  Wait wait = { scene->system, victim, find_victim (scene, victim) };

  g_assert_cmpint (wait.pid, >, 1);
  if (kill (wait.pid, SIGKILL) != 0)
    {
      g_assert_cmpint (errno, ==, EPERM);
      g_test_skip_printf ("%s runs in an account that is not this user's to kill", victim);
      return FALSE;
    }
  glb_test_wait (is_gone, &wait, "the victim to end");
  return TRUE;
}

/* The session ends with these. */
static void
test_in_use_ends (gconstpointer victim)
{
  Scene scene = { 0 };

  if (!scene_start (&scene))
    return;
  use (&scene);
  if (kill_one (&scene, victim))
    scene_end (&scene);
  else
    g_clear_pointer (&scene.system, glb_test_system_free);
}

/* It does not with these: the prompt stays, and the person's answer counts. */
static void
test_in_use_goes_on (gconstpointer victim)
{
  Scene scene = { 0 };
  g_autofree char *out = NULL;

  if (!scene_start (&scene))
    return;
  use (&scene);
  if (!kill_one (&scene, victim))
    {
      g_clear_pointer (&scene.system, glb_test_system_free);
      return;
    }
  run_ok (glb_test_system_run (scene.system, NULL, "allow", "1", NULL));
  g_subprocess_communicate_utf8 (scene.get, NULL, NULL, &out, NULL, NULL);
  g_assert_cmpstr (out, ==, "the content");
  run_ok (glb_test_system_run (scene.system, NULL, "kill", scene.id, NULL));
  scene_end (&scene);
}

/* ---- while it starts, and while it ends ------------------------------------------ */

typedef struct
{
  const char *name;
  const char *seen;          /* the process that is there then; NULL: only the audit record */
  const char *victim;
} Moment;

static const Moment starts[] = {
  { "broker-first", NULL, "glovebox-broker" },
  { "broker-in-bwrap", "bwrap", "glovebox-broker" },
  { "broker-weston", "weston", "glovebox-broker" },
  { "broker-init", "init", "glovebox-broker" },
  { "broker-runs", "foot", "glovebox-broker" },
  { "bwrap", "bwrap", "bwrap" },
  { "compositor", "weston", "weston" },
  { "init", "init", "init" },
};

static gboolean
has_record (gpointer data)
{
  GlbTestSystem *system = data;
  g_autofree char *path = g_build_filename (system->state, "glovebox", "audit", NULL);
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);

  return dir != NULL && g_dir_read_name (dir) != NULL && glb_test_system_get_broker (system) != 0;
}

static void
test_start (gconstpointer data)
{
  const Moment *moment = data;
  g_autoptr(GlbTestSystem) system = glb_test_system_new ();
  g_autoptr(GSubprocess) run = NULL;
  g_autoptr(GlbTestResult) again = NULL;
  g_autofree char *err = NULL;
  g_autofree char *out = NULL;
  Wait wait = { system, moment->seen, 0 };

  if (system == NULL)
    return;

  run = glb_test_system_spawn (system, "run", "--", "sh", "-c", "exec foot -T victim 2>/dev/null", NULL);
  if (moment->seen == NULL)
    glb_test_wait (has_record, system, "the first record");
  else
    glb_test_wait (is_below_broker, &wait, moment->seen);
  if (moment->seen != NULL && g_str_equal (moment->seen, moment->victim))
    /* it may have become another by now, or be over */
    kill (wait.pid, SIGKILL);
  else
    kill (glb_test_system_get_broker (system), SIGKILL);

  /* Where a spare one was killed the session is there all the same. */
  if (g_str_equal (moment->victim, "glovebox-broker"))
    {
      g_subprocess_communicate_utf8 (run, NULL, NULL, &out, &err, NULL);
      g_test_message ("%s", err);
      g_assert_cmpint (g_subprocess_get_exit_status (run), ==, 125);
      g_assert_true (g_str_has_prefix (err, "glovebox: "));
      g_assert_true (strchr (err, '\n') == err + strlen (err) - 1);
    }
  else
    g_subprocess_force_exit (run);
  glb_test_system_assert_nothing_left (system);
  again = glb_test_system_run (system, NULL, "run", "--tier", "process", "--", "true", NULL);
  g_assert_cmpint (again->status, ==, 0);
}

static const Moment ends[] = {
  { "at-once", NULL, "glovebox-broker" },
  { "without-its-command", "foot", "glovebox-broker" },
  { "without-init", "init", "glovebox-broker" },
  { "without-compositor", "weston", "glovebox-broker" },
};

static void
test_end (gconstpointer data)
{
  const Moment *moment = data;
  Scene scene = { 0 };
  GSubprocess *stop;
  Wait wait;

  if (!scene_start (&scene))
    return;

  wait = (Wait) { scene.system, moment->seen, 0 };
  if (moment->seen != NULL)
    wait.pid = glb_test_find_process (g_str_equal (moment->seen, "weston") ? scene.compositor_uid : scene.agent_uid, moment->seen);
  stop = glb_test_system_spawn (scene.system, "stop", scene.id, NULL);
  if (moment->seen != NULL)
    {
      g_assert_cmpint (wait.pid, >, 1);
      glb_test_wait (is_gone, &wait, moment->seen);
    }
  kill (glb_test_system_get_broker (scene.system), SIGKILL);
  end_command (&stop, "stop");
  scene_end (&scene);
}

int
main (int   argc,
      char *argv[])
{
  static const char * const ending[] = { "glovebox-broker", "weston", "init", "bwrap" };
  static const char * const going_on[] = { "glovebox-media", "pipewire", "glovebox-portal" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autofree char *path = g_strconcat ("/kills/start/", starts[i].name, NULL);

      g_test_add_data_func (path, &starts[i], test_start);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ending); i++)
    {
      g_autofree char *path = g_strconcat ("/kills/in-use/", ending[i], NULL);

      g_test_add_data_func (path, ending[i], test_in_use_ends);
    }
  for (guint i = 0; i < G_N_ELEMENTS (going_on); i++)
    {
      g_autofree char *path = g_strconcat ("/kills/in-use/", going_on[i], NULL);

      g_test_add_data_func (path, going_on[i], test_in_use_goes_on);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat ("/kills/end/", ends[i].name, NULL);

      g_test_add_data_func (path, &ends[i], test_end);
    }

  return g_test_run ();
}
