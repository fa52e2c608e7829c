/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Copy and paste across the border by real applications, driven as an agent drives them, with a person who answers. */

#include "config.h"

#include <string.h>

#include "tests/system/glb-test-system.h"

#define IN  "Into: żółw, naïve, 漢字 🦊"
#define OUT "Out: Съешь ещё этих, straße"

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
  g_autofree char *id = NULL; \
  if (!have_program (program) || (system = glb_test_system_new ()) == NULL) \
    return

/* Both directions ask. */
static char *
write_policy (GlbTestSystem *system)
{
  return glb_test_system_write_policy (system, "clipboard.json",
    "{ \"schemaVersion\": \"1.0\", \"agent\": { \"name\": \"x\" }, \"isolation\": { \"tier\": \"session\" },"
    "  \"filesystem\": { \"allowWrite\": [\"${WORKSPACE}/**\"] }, \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" },"
    "  \"desktop\": { \"xwayland\": true, \"input\": { \"agent\": \"allow\" },"
    "                 \"clipboard\": { \"hostToSession\": \"prompt\", \"sessionToHost\": \"prompt\" } } }");
}

#define START(system, ...) \
  g_autofree char *policy = write_policy (system); \
  id = glb_test_system_start (system, "--policy", policy, "--workspace", system->workspace, "--", __VA_ARGS__, NULL)

static void
act (GlbTestSystem *system,
     const char    *session,
     const char    *action)
{
  g_autoptr(JsonNode) result = glb_test_system_act (system, session, action);

  g_assert_nonnull (result);
}

static void
settle (GlbTestSystem *system,
        const char    *session)
{
  act (system, session, "{\"action\":\"wait\",\"duration\":0.1,\"settle\":{\"quietMs\":300,\"maxMs\":8000}}");
}

static void
stop (GlbTestSystem *system,
      const char    *session)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (system, NULL, "stop", session, NULL);

  g_assert_cmpint (result->status, ==, 0);
}

/* ---- what is asserted -------------------------------------------------------- */

typedef struct
{
  GlbTestSystem *system;
  const char *name;
  const char *content;
} FileWait;

static gboolean
file_has_content (gpointer data)
{
  FileWait *wait = data;
  g_autofree char *path = g_build_filename (wait->system->workspace, wait->name, NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strcmp (g_strchomp (text), wait->content) == 0;
}

static void
wait_for_file (GlbTestSystem *system,
               const char    *name,
               const char    *content)
{
  g_autofree char *what = g_strdup_printf ("%s to hold “%s”", name, content);
  FileWait wait = { system, name, content };

  glb_test_wait (file_has_content, &wait, what);
}

/* ---- the person ---------------------------------------------------------------- */

typedef struct
{
  GlbTestSystem *system;
  char *id;
} PromptWait;

static gboolean
find_prompt (gpointer data)
{
  PromptWait *wait = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (wait->system, NULL, "prompts", "--json", NULL);
  const char *id = strstr (glb_test_result_get_out (result), "\"id\":");

  g_assert_cmpint (result->status, ==, 0);
  wait->id = id != NULL ? g_strndup (id + 5, strspn (id + 5, "0123456789")) : NULL;
  return wait->id != NULL;
}

static void
answer (GlbTestSystem *system,
        const char    *verb)
{
  PromptWait wait = { system, NULL };
  g_autoptr(GlbTestResult) result = NULL;

  glb_test_wait (find_prompt, &wait, "a prompt");
  result = glb_test_system_run (system, NULL, verb, wait.id, NULL);
  g_assert_cmpint (result->status, ==, 0);
  g_free (wait.id);
}

static void
finish (GSubprocess *process,
        const char  *out,
        const char  *complaint)
{
  g_autofree char *said = NULL;
  g_autofree char *err = NULL;
  g_autoptr(GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &said, &err, &error);
  g_assert_no_error (error);
  if (complaint != NULL)
    g_assert_nonnull (strstr (err, complaint));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, complaint != NULL ? 126 : 0);
  if (out != NULL)
    g_assert_cmpstr (g_strstrip (said), ==, out);
}

#define DENIED "clipboard: denied: the person did not allow it"

/* Denied, and then allowed. */
static void
put (GlbTestSystem *system,
     const char    *session,
     const char    *text,
     gboolean       primary,
     const char    *uses)
{
  g_autofree char *path = g_build_filename (system->root, "put.txt", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  for (guint yes = 0; yes < 2; yes++)
    {
      g_autoptr(GSubprocess) process = glb_test_system_spawn (system, "clipboard", "put", "--uses", uses, session, path,
                                                               primary ? "--primary" : NULL, NULL);

      answer (system, yes ? "allow" : "deny");
      finish (process, NULL, yes ? NULL : DENIED);
    }
}

static void
get (GlbTestSystem *system,
     const char    *session,
     const char    *text,
     gboolean       primary)
{
  for (guint yes = 0; yes < 2; yes++)
    {
      g_autoptr(GSubprocess) process = glb_test_system_spawn (system, "clipboard", "get", session, primary ? "--primary" : NULL, NULL);

      answer (system, yes ? "allow" : "deny");
      finish (process, yes ? text : "", yes ? NULL : DENIED);
    }
}

/* ---- applications ---------------------------------------------------------------- */

static void
test_foot (void)
{
  SETUP (system, "foot");
  START (system, "foot", "--maximized", "-T", "terminal", "sh", "-c", "echo '" OUT "'; while read -r x; do echo \"$x\" >>pasted; done");

  glb_test_system_wait_for_window (system, id, "terminal");
  settle (system, id);
  /* below its title bar */
  act (system, id, "{\"action\":\"triple_click\",\"coordinate\":[30,36],\"settle\":true}");
  get (system, id, OUT, TRUE);
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+shift+c\",\"settle\":true}");
  get (system, id, OUT, FALSE);

  put (system, id, IN, FALSE, "1");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+shift+v\",\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"Return\"}");
  wait_for_file (system, "pasted", IN);
  /* once was once */
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+shift+v\",\"settle\":true}");
  act (system, id, "{\"action\":\"type\",\"text\":\"end\\n\"}");
  wait_for_file (system, "pasted", IN "\nend");

  put (system, id, IN, TRUE, "1");
  act (system, id, "{\"action\":\"key\",\"text\":\"shift+Insert\",\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"Return\"}");
  wait_for_file (system, "pasted", IN "\nend\n" IN);
  stop (system, id);
}

static void
test_text_editor (void)
{
  g_autofree char *path = NULL;
  SETUP (system, "gnome-text-editor");

  path = g_build_filename (system->workspace, "letter.txt", NULL);
  g_assert_true (g_file_set_contents (path, OUT, -1, NULL));
  START (system, "gnome-text-editor", "letter.txt");
  glb_test_system_wait_for_window (system, id, "letter.txt");
  settle (system, id);
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+a\",\"settle\":true}");
  get (system, id, OUT, TRUE);
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+c\",\"settle\":true}");
  get (system, id, OUT, FALSE);

  put (system, id, IN, FALSE, "1");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+v\",\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+s\",\"settle\":true}");
  wait_for_file (system, "letter.txt", IN);

  put (system, id, IN, TRUE, "1");
  act (system, id, "{\"action\":\"middle_click\",\"coordinate\":[300,300],\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+s\",\"settle\":true}");
  wait_for_file (system, "letter.txt", IN IN);
  stop (system, id);
}

typedef struct
{
  const char *name;
  const char *const *argv;
  const char *display;         /* that it must not see */
  const char *twice;           /* what it saves after both pastes; NULL: of primary selections it has only X11's */
} QtProgram;

/* Qt 5 or 6 as the release has it, through Wayland and through Xwayland; and one with Qt 6. */
static const char *const featherpad[] = { "featherpad", "--standalone", "letter.txt", NULL };
static const char *const focuswriter[] = { "focuswriter", "letter.txt", NULL };
static const QtProgram qt_programs[] = {
  { "qt", featherpad, "DISPLAY", IN "\n" IN },     /* it saves an end of line, and has it from then on */
  { "qt-x11", featherpad, "WAYLAND_DISPLAY", NULL },
  { "qt6", focuswriter, "DISPLAY", IN IN },
};

/* What is marked by keys is no primary selection of Qt's. All lines are the same, so that any will do. */
static void
test_qt (gconstpointer data)
{
  const QtProgram *program = data;
  g_autofree char *command = g_strjoinv (" ", (char **) program->argv);
  g_autofree char *script = g_strdup_printf ("unset %s; exec %s", program->display, command);
  g_autofree char *path = NULL;
  GString *lines = NULL;
  SETUP (system, program->argv[0]);

  path = g_build_filename (system->workspace, "letter.txt", NULL);
  lines = g_string_new (NULL);
  for (guint i = 0; i < 20; i++)
    g_string_append (lines, OUT "\n");
  g_assert_true (g_file_set_contents (path, lines->str, -1, NULL));
  g_string_free (lines, TRUE);
  START (system, "sh", "-c", script);
  glb_test_system_wait_for_window (system, id, "letter.txt");
  /* one of them has its title while it still loads */
  act (system, id, "{\"action\":\"wait\",\"duration\":0.1,\"settle\":{\"quietMs\":1000,\"maxMs\":8000}}");
  act (system, id, "{\"action\":\"triple_click\",\"coordinate\":[400,300],\"settle\":true}");
  if (program->twice != NULL)
    get (system, id, OUT, TRUE);
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+c\",\"settle\":true}");
  get (system, id, OUT, FALSE);

  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+a\",\"settle\":true}");
  put (system, id, IN, FALSE, "1");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+v\",\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+s\",\"settle\":true}");
  wait_for_file (system, "letter.txt", IN);

  if (program->twice != NULL)
    {
      put (system, id, IN, TRUE, "1");
      act (system, id, "{\"action\":\"middle_click\",\"coordinate\":[600,500],\"settle\":true}");
      act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+s\",\"settle\":true}");
      wait_for_file (system, "letter.txt", program->twice);
    }
  stop (system, id);
}

/* Through Xwayland. xterm's selection is told to be the clipboard: X11's primary selection stays among X11 programs. */
static void
test_xterm (void)
{
  SETUP (system, "xterm");
  if (!have_program ("Xwayland"))
    return;
  START (system, "xterm", "-u8", "-maximized", "-xrm", "*selectToClipboard: true", "-T", "x11 terminal", "-e", "sh", "-c",
         "echo 'Out of X'; while read -r x; do echo \"$x\" >>pasted; done");

  glb_test_system_wait_for_window (system, id, "x11 terminal");
  settle (system, id);
  act (system, id, "{\"action\":\"triple_click\",\"coordinate\":[30,36],\"settle\":true}");
  get (system, id, "Out of X", FALSE);

  put (system, id, IN, FALSE, "1");
  act (system, id, "{\"action\":\"key\",\"text\":\"shift+Insert\",\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"Return\"}");
  wait_for_file (system, "pasted", IN);
  stop (system, id);
}

static void
test_chromium (void)
{
  g_autofree char *path = NULL;
  SETUP (system, "chromium");

  path = g_build_filename (system->workspace, "page.html", NULL);
  g_assert_true (g_file_set_contents (path, "<!doctype html><title>behind glass</title>"
                                            "<input autofocus oninput=\"document.title = this.value\">", -1, NULL));
  START (system, "chromium", "--no-sandbox", "--ozone-platform=wayland", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--user-data-dir=/tmp/chromium", "--password-store=basic",
         "file:///workspace/page.html");
  glb_test_system_wait_for_window (system, id, "behind glass");
  settle (system, id);
  /* it reads what is offered when it is offered, twice, and again to paste */
  put (system, id, IN, FALSE, "0");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+v\"}");
  glb_test_system_wait_for_window (system, id, IN);
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+a\",\"settle\":true}");
  act (system, id, "{\"action\":\"key\",\"text\":\"ctrl+c\",\"settle\":true}");
  get (system, id, IN, FALSE);
  stop (system, id);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clipboard-system/foot", test_foot);
  g_test_add_func ("/clipboard-system/text-editor", test_text_editor);
  for (guint i = 0; i < G_N_ELEMENTS (qt_programs); i++)
    {
      g_autofree char *path = g_strconcat ("/clipboard-system/", qt_programs[i].name, NULL);

      g_test_add_data_func (path, &qt_programs[i], test_qt);
    }
  g_test_add_func ("/clipboard-system/xterm", test_xterm);
  g_test_add_func ("/clipboard-system/chromium", test_chromium);

  return g_test_run ();
}
