/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Real applications in a session, driven as an agent drives them. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/glb-test-system.h"

#define TEXT "Żółw, naïve straße; Ελληνικά; Съешь ещё; 漢字かな交じり; 한국어; 🦊🚀👩‍🔬"

static gboolean
have_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path == NULL)
    g_test_skip_printf ("%s is not installed", name);

  return path != NULL;
}

#define SETUP(system, program) \
  g_autoptr(GlbTestSystem) system = NULL; \
  if (!have_program (program) || (system = glb_test_system_new ()) == NULL) \
    return

typedef struct
{
  char *path;
  const char *content;
} FileWait;

static gboolean
file_has_content (gpointer data)
{
  FileWait *wait = data;
  g_autofree char *text = NULL;

  return g_file_get_contents (wait->path, &text, NULL, NULL) && strcmp (g_strchomp (text), wait->content) == 0;
}

static void
wait_for_file (GlbTestSystem *system,
               const char    *name,
               const char    *content)
{
  g_autofree char *path = g_build_filename (system->workspace, name, NULL);
  g_autofree char *what = g_strdup_printf ("%s to hold “%s”", name, content);
  FileWait wait = { path, content };

  glb_test_wait (file_has_content, &wait, what);
}

static void
act (GlbTestSystem *system,
     const char    *session,
     const char    *action)
{
  g_autoptr(JsonNode) result = glb_test_system_act (system, session, action);

  g_assert_nonnull (result);
}

/* A key whose press may end the session before its release: then the answer says that, and the file is the proof. */
static void
press_last_key (GlbTestSystem *system,
                const char    *session,
                const char    *action)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "act", session, action, NULL);
  const char *answer = glb_test_result_get_out (result);

  if (result->status != 0 && strstr (answer, "the session ends") == NULL && strstr (answer, "compositor: it ended") == NULL)
    g_error ("%s: exit %d: %s%s", action, result->status, answer, result->err);
}

/* Where GLOVEBOX_TEST_PICTURES names a folder, the pictures stay there to be looked at. */
static void
take_picture (GlbTestSystem *system,
              const char    *session,
              const char    *name)
{
  const char *folder = g_getenv ("GLOVEBOX_TEST_PICTURES") ? g_getenv ("GLOVEBOX_TEST_PICTURES") : system->root;
  g_autofree char *file = g_strconcat (name, ".png", NULL);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "screenshot", session, "-o", path, NULL);
  g_autofree char *png = NULL;
  gsize length;

  g_assert_cmpint (result->status, ==, 0);
  g_assert_true (g_file_get_contents (path, &png, &length, NULL));
  g_assert_cmpmem (png, 8, "\x89PNG\r\n\x1a\n", 8);
}

static void
stop (GlbTestSystem *system,
      const char    *session)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "stop", session, NULL);

  g_assert_cmpint (result->status, ==, 0);
}

static void
test_foot_takes_any_text (void)
{
  g_autofree char *id = NULL;
  SETUP (system, "foot");

  id = glb_test_system_start (system, "--workspace", system->workspace, "--", "foot", "-T", "typing", "sh", "-c", "cat >typed", NULL);
  glb_test_system_wait_for_window (system, id, "typing");
  act (system, id, "{\"action\":\"type\",\"text\":\"" TEXT "\\n\"}");
  press_last_key (system, id, "{\"action\":\"key\",\"text\":\"ctrl+d\"}");
  wait_for_file (system, "typed", TEXT);
}

/* 12*34 in the calculator; its result goes through the session's own clipboard into a terminal, and so to a file. */
static void
test_calculator_computes (void)
{
  g_autofree char *id = NULL;
  g_autoptr(GlbTestResult) foot = NULL;
  SETUP (system, "gnome-calculator");
  if (!have_program ("foot"))
    return;

  id = glb_test_system_start (system, "--workspace", system->workspace, "--", "gnome-calculator", NULL);
  glb_test_system_wait_for_window (system, id, "Calculator");
  act (system, id, "{\"action\":\"wait\",\"duration\":0.1,\"settle\":{\"quietMs\":200,\"maxMs\":5000}}");
  act (system, id, "{\"action\":\"type\",\"text\":\"12*34\",\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"Return\",\"settle\":{\"quietMs\":200,\"maxMs\":5000}}");
  take_picture (system, id, "calculator");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+c\",\"settle\":true}");

  foot = glb_test_system_run (system, NULL, "exec", id, "--", "sh", "-c",
                              "foot -T pasting sh -c 'read -r line; echo $line >result' >/dev/null 2>&1 &", NULL);
  g_assert_cmpint (foot->status, ==, 0);
  glb_test_system_wait_for_window (system, id, "pasting");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+shift+v\",\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"Return\",\"settle\":true}");
  wait_for_file (system, "result", "408");
  stop (system, id);
}

typedef struct
{
  GlbTestSystem *system;
  const char *id;
} Writer;

/* All is written anew; a program that still opens its document takes no keys. What was typed comes back through the clipboard. */
static gboolean
writes (gpointer data)
{
  Writer *writer = data;
  g_autoptr(GlbTestResult) pasted = NULL;

  act (writer->system, writer->id, "{\"action\":\"key\",\"text\":\"ctrl+a\",\"settle\":true}");
  act (writer->system, writer->id, "{\"action\":\"type\",\"text\":\"Dear reader\",\"settle\":true}");
  act (writer->system, writer->id, "{\"action\":\"key\",\"text\":\"ctrl+a ctrl+c\",\"settle\":{\"quietMs\":200,\"maxMs\":5000}}");
  pasted = glb_test_system_run (writer->system, NULL, "exec", writer->id, "--", "wl-paste", "-n", NULL);
  return g_str_equal (glb_test_result_get_out (pasted), "Dear reader");
}

/* Its settings are in /etc, and without them it does not start. */
static void
test_writer_writes (void)
{
  g_autofree char *id = NULL;
  Writer writer;
  SETUP (system, "soffice");

  id = glb_test_system_start (system, "--template", "office-documents", "--workspace", system->workspace, "--",
                              "soffice", "--writer", "--norestore", "--nologo", NULL);
  glb_test_system_wait_for_window (system, id, "LibreOffice Writer");
  writer = (Writer) { system, id };
  glb_test_wait (writes, &writer, "the text to be copied");
  take_picture (system, id, "writer");
  stop (system, id);
}

/* Editors, with GTK 4, with Qt 5 or 6 as the release has it, and with Qt 6. */
static const char *const editors[][4] = {
  { "gnome-text-editor", "letter.txt" },
  { "featherpad", "--standalone", "letter.txt" },
  { "focuswriter", "letter.txt" },
};

/* Whether anything was saved; an editor that still opens its file takes no keys. */
static gboolean
saves (GlbTestSystem *system,
       const char    *session,
       const char    *path)
{
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  struct stat st;

  act (system, session, "{\"action\":\"type\",\"text\":\"" TEXT "\\n\",\"settle\":true}");
  act (system, session, "{\"action\":\"key\",\"text\":\"ctrl+s\",\"settle\":true}");
  while (stat (path, &st) == 0 && st.st_size == 0)
    {
      if (g_get_monotonic_time () > deadline)
        return FALSE;
      g_usleep (10 * 1000);
    }

  return TRUE;
}

static void
test_editor_saves_any_text (gconstpointer data)
{
  const char *const *editor = data;
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  SETUP (system, editor[0]);

  path = g_build_filename (system->workspace, "letter.txt", NULL);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  id = glb_test_system_start (system, "--workspace", system->workspace, "--", editor[0], editor[1], editor[2], NULL);
  glb_test_system_wait_for_window (system, id, "letter.txt");
  act (system, id, "{\"action\":\"wait\",\"duration\":0.1,\"settle\":{\"quietMs\":300,\"maxMs\":8000}}");
  for (guint i = 0; i < 3 && !saves (system, id, path); i++)
    ;
  wait_for_file (system, "letter.txt", TEXT);
  take_picture (system, id, editor[0]);
  stop (system, id);
}

static void
test_chromium_shows_a_page (void)
{
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  SETUP (system, "chromium");

  path = g_build_filename (system->workspace, "page.html", NULL);
  g_assert_true (g_file_set_contents (path, "<!doctype html><title>behind glass</title><h1>Hello</h1>"
                                            "<input autofocus oninput=\"document.title = this.value\">", -1, NULL));
  id = glb_test_system_start (system, "--workspace", system->workspace, "--",
                              "chromium", "--no-sandbox", "--ozone-platform=wayland", "--disable-gpu", "--no-first-run",
                              "--disable-background-networking", "--disable-component-update", "--disable-sync",
                              "--user-data-dir=/tmp/chromium", "--password-store=basic", "file:///workspace/page.html", NULL);
  glb_test_system_wait_for_window (system, id, "behind glass");
  act (system, id, "{\"action\":\"wait\",\"duration\":0.2,\"settle\":{\"quietMs\":300,\"maxMs\":8000}}");
  act (system, id, "{\"action\":\"type\",\"text\":\"driven żЖ漢🙂 12\"}");
  glb_test_system_wait_for_window (system, id, "driven żЖ漢🙂 12");
  take_picture (system, id, "chromium");
  stop (system, id);
}

#define CAMERA_PAGE \
  "<!doctype html><title>asks</title><video id=v autoplay muted></video><script>" \
  "let last = 0, n = 0, seen = () => { last = performance.now (); if (++n > 10) document.title = 'camera plays';" \
  "                                    v.requestVideoFrameCallback (seen) };" \
  "setInterval (() => { if (n > 10 && performance.now () - last > 500) document.title = 'camera stands still' }, 100);" \
  "navigator.mediaDevices.getUserMedia ({ video: true })" \
  "  .then (s => { v.requestVideoFrameCallback (seen); v.srcObject = s }).catch (e => document.title = 'no camera: ' + e.name);" \
  "</script>"

/* A page looks through the portal's camera, and no longer than it is given. That a no is a no, /broker-portal/camera-denied has: this browser
 * tells its page nothing of one. */
static void
test_chromium_camera (void)
{
  g_autofree char *policy = NULL;
  g_autofree char *path = NULL;
  g_autofree char *id = NULL;
  g_autoptr(GlbTestResult) off = NULL;
  SETUP (system, "chromium");

  path = g_build_filename (system->workspace, "page.html", NULL);
  g_assert_true (g_file_set_contents (path, CAMERA_PAGE, -1, NULL));
  policy = glb_test_system_write_policy (system, "camera.json",
    "{ \"schemaVersion\": \"1.0\", \"isolation\": { \"tier\": \"session\" }, \"filesystem\": { \"allowRead\": [\"${WORKSPACE}/**\"] },"
    "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\", \"maxProcesses\": 512 },"
    "  \"desktop\": { \"input\": { \"agent\": \"allow\" } },"
    "  \"devices\": { \"camera\": \"allow\", \"cameraSource\": \"test-pattern\" } }");
  id = glb_test_system_start (system, "--policy", policy, "--workspace", system->workspace, "--",
                              "chromium", "--no-sandbox", "--ozone-platform=wayland", "--disable-gpu", "--no-first-run",
                              "--disable-background-networking", "--disable-component-update", "--disable-sync",
                              "--user-data-dir=/tmp/chromium", "--password-store=basic",
                              /* its own question is not ours */
                              "--enable-features=WebRtcPipeWireCamera", "--use-fake-ui-for-media-stream",
                              "file:///workspace/page.html", NULL);
  glb_test_system_wait_for_window (system, id, "camera plays");
  take_picture (system, id, "chromium-camera");
  off = glb_test_system_run (system, NULL, "device", id, "camera", "off", NULL);
  g_assert_cmpint (off->status, ==, 0);
  glb_test_system_wait_for_window (system, id, "camera stands still");
  stop (system, id);
}

static void
test_x11_program (void)
{
  g_autofree char *id = NULL;
  g_autofree char *policy = NULL;
  g_autofree char *xwayland = g_find_program_in_path ("Xwayland");
  SETUP (system, "xterm");

  if (xwayland == NULL)
    {
      g_test_skip ("Xwayland is not installed");
      return;
    }

  policy = glb_test_system_write_policy (system, "x11.json",
    "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"x\" }, \"isolation\": { \"tier\": \"session\" },"
    "  \"filesystem\": { \"allowWrite\": [\"${WORKSPACE}/**\"] }, \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" },"
    "  \"desktop\": { \"xwayland\": true, \"input\": { \"agent\": \"allow\" } } }");
  id = glb_test_system_start (system, "--policy", policy, "--workspace", system->workspace, "--",
                              "sh", "-c", "exec xterm -T 'x11 window' -e sh -c 'cat >typed' 2>errors", NULL);
  glb_test_system_wait_for_window (system, id, "x11 window");
  act (system, id, "{\"action\":\"type\",\"text\":\"plain old X\\n\",\"settle\":true}");
  take_picture (system, id, "xterm");
  press_last_key (system, id, "{\"action\":\"key\",\"text\":\"ctrl+d\"}");
  wait_for_file (system, "typed", "plain old X");
}

/* Without the policy's word there is no X server to reach. */
static void
test_no_x11_unless_asked (void)
{
  g_autoptr(GlbTestResult) result = NULL;
  SETUP (system, "xterm");

  result = glb_test_system_run (system, NULL, "run", "--timeout", "20", "--", "sh", "-c",
                                "ls /tmp/.X11-unix 2>/dev/null; DISPLAY=:0 xterm -e true", NULL);
  g_assert_cmpint (result->status, !=, 0);
  g_assert_cmpint (result->status, !=, 124);
  g_assert_cmpstr (glb_test_result_get_out (result), ==, "");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/applications/no-x11-unless-asked", test_no_x11_unless_asked);
  g_test_add_func ("/applications/foot-takes-any-text", test_foot_takes_any_text);
  g_test_add_func ("/applications/calculator-computes", test_calculator_computes);
  for (guint i = 0; i < G_N_ELEMENTS (editors); i++)
    {
      g_autofree char *path = g_strdup_printf ("/applications/editor-saves-any-text/%s", editors[i][0]);

      g_test_add_data_func (path, editors[i], test_editor_saves_any_text);
    }
  g_test_add_func ("/applications/writer-writes", test_writer_writes);
  g_test_add_func ("/applications/chromium-shows-a-page", test_chromium_shows_a_page);
  g_test_add_func ("/applications/chromium-camera", test_chromium_camera);
  g_test_add_func ("/applications/x11-program", test_x11_program);

  return g_test_run ();
}
