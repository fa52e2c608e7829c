/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* On the command line: what a person gives in place of a device, by themselves and to who asks; and what a policy's file is worth. */

#include "config.h"

#include <string.h>

#include "tests/media/media-files.h"
#include "tests/system/glb-test-system.h"

#define POLICY(devices) \
  "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"test\" }, \"isolation\": { \"tier\": \"session\" }," \
  "  \"filesystem\": { \"allowRead\": [\"${WORKSPACE}/**\"] }, \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" }," \
  "  \"devices\": { " devices " } }"

static void
assert_said (GlbTestResult *result, int status, const char *line)
{
  g_autofree char *said = g_strdup_printf ("glovebox: %s\n", line);

  if (status == 0 || result->status != status)
    g_assert_cmpstr (result->err, ==, "");
  else
    g_assert_cmpstr (result->err, ==, said);
  g_assert_cmpint (result->status, ==, status);
  glb_test_result_free (result);
}

static char *
write_film (GlbTestSystem *system)
{
  g_autoptr(GByteArray) film = test_y4m (64, 48, "10:1", 3);
  char *path = g_build_filename (system->workspace, "film.y4m", NULL);

  g_assert_true (g_file_set_contents (path, (const char *) film->data, film->len, NULL));
  return path;
}

typedef struct
{
  GlbTestSystem *system;
  const char *session, *text;
} Wait;

static gboolean
is_asked (gpointer data)
{
  Wait *wait = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (wait->system, NULL, "prompts", NULL);

  return strstr (glb_test_result_get_out (result), wait->text) != NULL;
}

/* TRUE: a line of the list of devices says so. */
static gboolean
says (GlbTestSystem *system, const char *session, const char *text)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "device", session, NULL);

  g_assert_cmpint (result->status, ==, 0);
  return strstr (glb_test_result_get_out (result), text) != NULL;
}

static void
assert_exit (GSubprocess *process, int status)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (g_subprocess_wait (process, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, status);
}

static void
test_person (void)
{
  g_autoptr(GlbTestSystem) system = glb_test_system_new ();
  g_autofree char *policy = NULL;
  g_autofree char *film = NULL;
  g_autofree char *id = NULL;
  g_autofree char *line = NULL;
  g_autoptr(GSubprocess) given = NULL;
  g_autoptr(GSubprocess) asked = NULL;
  Wait wait = { .system = system };

  if (system == NULL)
    return;

  film = write_film (system);
  policy = glb_test_system_write_policy (system, "devices.json", POLICY ("\"camera\": \"prompt\", \"microphone\": \"prompt\", "
                                                                         "\"microphoneSource\": \"silence\""));
  id = glb_test_system_start (system, "--policy", policy, "--workspace", system->workspace, "--", "sleep", "100000", NULL);
  assert_said (glb_test_system_run (system, NULL, "device", id, "camera", "off", "--source", "test-pattern", NULL), 125,
               "device: --source: goes with on alone; leave it out");
  assert_said (glb_test_system_run (system, NULL, "device", id, "camera", "on", "--source", "no such file", NULL), 125,
               "device: no such file: No such file or directory; name a file that you may read, or host, test-pattern, tone or silence");
  line = g_strdup_printf ("device: %s: is no plain file; name one", system->workspace);
  assert_said (glb_test_system_run (system, NULL, "device", id, "camera", "on", "--source", system->workspace, NULL), 125, line);
  assert_said (glb_test_system_run (system, NULL, "device", id, "camera", "on", "--source", policy, NULL), 126,
               "camera: bad_file: devices.json: no picture; a camera takes PNG, and YUV4MPEG2 (.y4m)");
  assert_said (glb_test_system_run (system, NULL, "device", id, "camera", "on", "--source", "silence", NULL), 125,
               "camera: silence: not a source of this device; see glovebox device --help");
  assert_said (glb_test_system_run (system, NULL, "device", id, "microphone", "on", "--source", film, NULL), 126,
               "microphone: policy_denied: the policy gives something generated and no file; name a generated source");
  assert_said (glb_test_system_run (system, NULL, "device", id, "speaker", "on", "--source", "silence", NULL), 126,
               "speaker: policy_denied: the policy denies this device; see devices in it");

  given = glb_test_system_spawn (system, "device", id, "camera", "on", "--source", film, NULL);
  wait.text = "   See through the camera: film.y4m\n";
  glb_test_wait (is_asked, &wait, "the film to be asked for");
  wait.text = "   sources host test-pattern file\n";
  g_assert_true (is_asked (&wait));
  assert_said (glb_test_system_run (system, NULL, "allow", "1", "--source", policy, NULL), 126,
               "camera: bad_file: devices.json: no picture; a camera takes PNG, and YUV4MPEG2 (.y4m)");
  assert_said (glb_test_system_run (system, NULL, "allow", "1", "--source", film, "--file", film, NULL), 125,
               "allow: --file and --source exclude each other; give one");
  assert_said (glb_test_system_run (system, NULL, "allow", "1", NULL), 0, NULL);
  assert_exit (given, 0);
  g_assert_true (says (system, id, "film.y4m"));
  assert_said (glb_test_system_run (system, NULL, "device", id, "camera", "off", NULL), 0, NULL);

  asked = glb_test_system_spawn (system, "device", id, "microphone", "on", NULL);
  wait.text = "   Listen through the microphone: Silence\n";
  glb_test_wait (is_asked, &wait, "the microphone to be asked for");
  assert_said (glb_test_system_run (system, NULL, "allow", "2", "--source", "host", NULL), 126,
               "microphone: policy_denied: the policy does not give the person's own device; name a generated source");
  assert_said (glb_test_system_run (system, NULL, "allow", "2", "--source", "tone", NULL), 0, NULL);
  assert_exit (asked, 0);
  g_assert_true (says (system, id, "Tone"));
  assert_said (glb_test_system_run (system, NULL, "kill", id, NULL), 0, NULL);
}

static void
test_policy (void)
{
  g_autoptr(GlbTestSystem) system = glb_test_system_new ();
  g_autofree char *policy = NULL;
  g_autofree char *film = NULL;
  g_autofree char *id = NULL;

  if (system == NULL)
    return;

  policy = glb_test_system_write_policy (system, "devices.json", POLICY ("\"camera\": \"allow\", "
                                                                         "\"cameraSource\": \"file:${WORKSPACE}/film.y4m\""));
  assert_said (glb_test_system_run (system, NULL, "run", "--policy", policy, "--workspace", system->workspace, "--", "true", NULL), 126,
               "camera: bad_file: ${WORKSPACE}/film.y4m: No such file or directory; name a file that you may read");
  film = write_film (system);
  id = glb_test_system_start (system, "--policy", policy, "--workspace", system->workspace, "--", "sleep", "100000", NULL);
  assert_said (glb_test_system_run (system, NULL, "device", id, "camera", "on", "--source", film, NULL), 126,
               "camera: policy_denied: the policy says which file it is; name no other");
  assert_said (glb_test_system_run (system, NULL, "device", id, "camera", "on", NULL), 0, NULL);
  g_assert_true (says (system, id, "film.y4m"));
  assert_said (glb_test_system_run (system, NULL, "kill", id, NULL), 0, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system/sources/person", test_person);
  g_test_add_func ("/system/sources/policy", test_policy);

  return g_test_run ();
}
