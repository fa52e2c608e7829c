/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libglovebox and the programs under other programs' names, in sessions with real applications. What counts is what the
 * application then has, not what the program said. */

#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/glb-test-system.h"

#define TEXT "Żółw, naïve straße; 漢字; 🦊"

static gboolean
have_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path == NULL)
    g_test_skip_printf ("%s is not installed", name);

  return path != NULL;
}

/* ---- sessions --------------------------------------------------------------------------- */

typedef struct
{
  GlbTestSystem *system;
  char *id;
} Scene;

static void
scene_clear (Scene *scene)
{
  g_autoptr(GlbTestResult) result = NULL;

  if (scene->id != NULL)
    result = glb_test_system_run (scene->system, NULL, "stop", scene->id, NULL);
  g_free (scene->id);
  g_clear_pointer (&scene->system, glb_test_system_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

/* Without a title bar: the text begins in the window's corner. */
#define TERMINAL "foot", "-o", "csd.preferred=none", "-o", "pad=0x0"

/* A terminal in which `cat` writes what it is typed into the file "typed". FALSE: skipped. */
static gboolean
open_terminal (Scene *scene)
{
  if (!have_program ("foot") || (scene->system = glb_test_system_new ()) == NULL)
    return FALSE;

  scene->id = glb_test_system_start (scene->system, "--workspace", scene->system->workspace, "--", TERMINAL, "-T", "typing",
                                     "sh", "-c", "cat >typed; exec sleep 600", NULL);
  glb_test_system_wait_for_window (scene->system, scene->id, "typing");
  return TRUE;
}

static gboolean
open_editor (Scene *scene)
{
  g_autofree char *path = NULL;

  if (!have_program ("gnome-text-editor") || (scene->system = glb_test_system_new ()) == NULL)
    return FALSE;

  path = g_build_filename (scene->system->workspace, "notes.txt", NULL);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  scene->id = glb_test_system_start (scene->system, "--workspace", scene->system->workspace, "--", "gnome-text-editor", "notes.txt", NULL);
  glb_test_system_wait_for_window (scene->system, scene->id, "notes.txt");
  return TRUE;
}

#define POLICY(desktop) \
  "{ \"schemaVersion\": \"1.0\", \"isolation\": { \"tier\": \"session\" }, \"filesystem\": { \"allowWrite\": [\"${WORKSPACE}/**\"] }," \
  "  \"process\": { \"allowSpawn\": true, \"syscalls\": \"desktop\" }, \"desktop\": { " desktop " } }"

/* A shell's line inside. (transfer full): what it wrote. Fails the test where it does not end with this code. */
static char *
run_inside (Scene *scene, int code, const char *line)
{
  g_autoptr(GlbTestResult) result = glb_test_system_run (scene->system, NULL, "exec", scene->id, "--", "sh", "-c", line, NULL);

  if (result->status != code)
    g_error ("%s: exit %d: %s%s", line, result->status, glb_test_result_get_out (result), result->err);
  return g_strconcat (glb_test_result_get_out (result), result->err, NULL);
}

static void
inside (Scene *scene, const char *line)
{
  g_autofree char *out = run_inside (scene, 0, line);
}

static void
assert_inside (Scene *scene, const char *line, const char *wanted)
{
  g_autofree char *out = run_inside (scene, 0, line);

  g_assert_cmpstr (out, ==, wanted);
}

/* It fails, and says this. */
static void
assert_fails (Scene *scene, const char *line, const char *words)
{
  g_autofree char *out = run_inside (scene, 1, line);

  if (strstr (out, words) == NULL)
    g_error ("%s: “%s” is not in: %s", line, words, out);
  /* one line, without words that a terminal would obey */
  g_assert_true (strchr (out, '\n') == out + strlen (out) - 1);
}

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

  return g_file_get_contents (wait->path, &text, NULL, NULL) && g_str_equal (text, wait->content);
}

/* gnome-text-editor ends a file with a newline of its own. */
static void
wait_for_file (Scene *scene, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (scene->system->workspace, name, NULL);
  g_autofree char *what = g_strdup_printf ("%s to hold “%s”", name, content);
  FileWait wait = { path, content };

  glb_test_wait (file_has_content, &wait, what);
}

/* ---- xdotool ----------------------------------------------------------------------------- */

static void
test_xdotool_types (void)
{
  g_auto(Scene) scene = { 0 };

  if (!open_terminal (&scene))
    return;

  assert_inside (&scene, "command -v xdotool", "/run/glovebox/session-bin/xdotool\n");
  inside (&scene, "xdotool type --delay 1 '" TEXT "' && xdotool key Return");
  wait_for_file (&scene, "typed", TEXT "\n");
  inside (&scene, "printf 'from a file\\n' >input; xdotool type --file input");
  wait_for_file (&scene, "typed", TEXT "\nfrom a file\n");
  inside (&scene, "printf 'from a pipe\\n' | xdotool type --clearmodifiers --file -");
  wait_for_file (&scene, "typed", TEXT "\nfrom a file\nfrom a pipe\n");
  inside (&scene, "xdotool key --repeat 3 a key --delay 5 b shift+c key Return");
  wait_for_file (&scene, "typed", TEXT "\nfrom a file\nfrom a pipe\naaabC\n");
  inside (&scene, "xdotool keydown shift key d keyup shift sleep 0.1 key e Return");
  wait_for_file (&scene, "typed", TEXT "\nfrom a file\nfrom a pipe\naaabC\nDe\n");
}

static void
test_xdotool_long_text (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *input = NULL;

  if (!open_terminal (&scene))
    return;

  /* more than one action takes, with characters that a cut between bytes would break */
  for (guint i = 0; i < 320; i++)
    g_string_append_printf (text, "%03u ż 漢字 characters of text\n", i);
  input = g_build_filename (scene.system->workspace, "input", NULL);
  g_assert_true (g_file_set_contents (input, text->str, (gssize) text->len, NULL));
  inside (&scene, "xdotool type --file input");
  wait_for_file (&scene, "typed", text->str);
}

static void
test_xdotool_pointer (void)
{
  g_auto(Scene) scene = { 0 };

  if (!open_terminal (&scene))
    return;

  assert_inside (&scene, "xdotool mousemove 30 40 getmouselocation | cut -d' ' -f1-3", "x:30 y:40 screen:0\n");
  assert_inside (&scene, "xdotool mousemove_relative -- 5 -10 getmouselocation --shell | head -n2", "X=35\nY=30\n");
  assert_inside (&scene, "xdotool mousemove_relative -100 0 getmouselocation --shell | head -n1", "X=0\n");
  assert_inside (&scene, "eval $(xdotool getactivewindow getwindowgeometry --shell); OVER=$WINDOW; xdotool mousemove $((X + 5)) $((Y + 5)); "
                 "eval $(xdotool getmouselocation --shell); [ $WINDOW = $OVER ] && echo same", "same\n");
  assert_inside (&scene, "xdotool getdisplaygeometry", "1280 800\n");
  assert_inside (&scene, "xdotool getdisplaygeometry --shell", "WIDTH=1280\nHEIGHT=800\n");
}

/* What foot selects, the primary selection has: double clicks, drags and held buttons are seen by it. */
static void
test_xdotool_clicks (void)
{
  g_auto(Scene) scene = { 0 };

  if (!open_terminal (&scene))
    return;

  inside (&scene, "xdotool type 'alpha beta\n'");
  wait_for_file (&scene, "typed", "alpha beta\n");
  inside (&scene, "eval $(xdotool search --name typing getwindowgeometry --shell); xdotool mousemove $((X + 20)) $((Y + 10)) click --repeat 2 1");
  assert_inside (&scene, "xsel -o", "alpha");
  /* the middle button pastes it */
  inside (&scene, "xdotool click 2 key Return");
  wait_for_file (&scene, "typed", "alpha beta\nalpha\n");
  inside (&scene, "xdotool click --repeat 3 1");
  assert_inside (&scene, "echo \"$(xclip -o)\"", "alpha beta\n");
  /* from the first column as far as the text's end */
  inside (&scene, "eval $(xdotool search --name typing getwindowgeometry --shell); xdotool mousemove $((X + 2)) $((Y + 8)) mousedown 1 "
          "mousemove $((X + 30)) $((Y + 8)) mousemove $((X + 800)) $((Y + 8)) mouseup 1");
  assert_inside (&scene, "wl-paste -p -n", "alpha beta");
}

static void
test_xdotool_wheel (void)
{
  g_auto(Scene) scene = { 0 };

  if (!open_terminal (&scene))
    return;

  /* in the other screen the wheel is arrow keys to a program: less shows where it is by what is copied from the first line */
  inside (&scene, "seq 1 500 >lines; foot -o csd.preferred=none -o pad=0x0 -T lines less lines >/dev/null 2>&1 & xdotool search --sync --name '^lines$' windowactivate");
  glb_test_system_wait_for_window (scene.system, scene.id, "lines");
  inside (&scene, "eval $(xdotool getactivewindow getwindowgeometry --shell); xdotool mousemove $((X + 10)) $((Y + 10)) click --repeat 5 5 "
          "click --repeat 3 1");
  assert_inside (&scene, "[ $(wl-paste -p -n) -gt 5 ] && echo down", "down\n");
  inside (&scene, "xdotool click --repeat 50 4 click --repeat 3 1");
  assert_inside (&scene, "echo $(wl-paste -p)", "1\n");
}

static void
test_xdotool_windows (void)
{
  g_auto(Scene) scene = { 0 };

  if (!open_terminal (&scene))
    return;

  inside (&scene, "foot -T second sh -c 'cat >second; exec sleep 600' >/dev/null 2>&1 & xdotool search --sync --name '^second$'");
  glb_test_system_wait_for_window (scene.system, scene.id, "second");
  assert_inside (&scene, "xdotool getactivewindow getwindowname", "second\n");
  assert_inside (&scene, "xdotool search --class '^foot$' | wc -l", "2\n");
  assert_inside (&scene, "xdotool search --limit 1 --class foot | wc -l", "1\n");
  assert_inside (&scene, "xdotool search --name 'TYP' getwindowclassname", "foot\n");

  /* the keys go where it was said */
  inside (&scene, "xdotool search --name '^typing$' windowactivate --sync type 'first\n'");
  wait_for_file (&scene, "typed", "first\n");
  assert_inside (&scene, "xdotool getwindowfocus getwindowname", "typing\n");
  inside (&scene, "xdotool key --window $(xdotool search --name '^second$') x Return");
  wait_for_file (&scene, "second", "x\n");
  inside (&scene, "xdotool search --name '^second$' windowclose");
  glb_test_system_wait_for_window (scene.system, scene.id, "typing");
  assert_fails (&scene, "xdotool search --name second; xdotool getwindowname 4000000", "there is no window 4000000");
}

static void
test_says_what_is_possible (void)
{
  static const struct { const char *line, *words; } wrong[] = {
    { "xdotool frobnicate", "frobnicate: is not possible in a Glovebox session; possible: mousemove" },
    { "xdotool windowsize 1 10 10", "which places its windows itself" },
    { "xdotool key", "key: a key is missing" },
    { "xdotool key Retrun", "no key named \"Retrun\"" },
    { "xdotool mousemove 10", "mousemove: y is missing" },
    { "xdotool mousemove ten 10", "x is no number: ten" },
    { "xdotool mousemove 5000 10", "outside" },
    { "xdotool mousemove --polar 1 2", "--polar is not possible in a Glovebox session; possible: --window" },
    { "xdotool click 9", "there is no button 9" },
    { "xdotool click --repeat 0 1", "--repeat takes 1 to 1000" },
    { "xdotool mousedown 3", "only button 1" },
    { "xdotool keydown ctrl", "stays down only within a chain" },
    { "xdotool windowactivate abc", "there is no window %1" },
    { "xdotool windowactivate %2", "there is no window %2" },
    { "xdotool windowactivate 99999", "there is no such window" },
    { "xdotool search '['", "no regular expression" },
    { "xdotool type", "the text is missing" },
    { "printf '\\377' | xdotool type --file -", "not UTF-8" },
    { "xdotool sleep long", "0 to 3600 seconds" },
    { "scrot -a 1,2,3", "X,Y,WIDTH,HEIGHT" },
    { "scrot picture.jpg", "only PNG" },
    { "grim -g 1x2", "\"X,Y WIDTHxHEIGHT\"" },
    { "wl-copy --clear", "is not possible in a Glovebox session" },
    { "wl-copy </dev/null", "nothing to copy" },
    { "head -c 70000 /dev/zero | tr '\\0' a | wl-copy", "at most" },
    { "printf '\\377' | xclip -i", "only UTF-8" },
    { "wl-paste", "nothing is copied" },
    { "wl-paste --watch cat", "--watch: is not possible in a Glovebox session; possible: -p" },
    { "wl-paste -t", "-t: is not possible" },
    { "xclip -nope", "-nope: is not possible in a Glovebox session; possible: [FILE]" },
    { "xsel --follow", "--follow: is not possible in a Glovebox session; possible: -i" },
    { "grim -x a.png", "-x: is not possible in a Glovebox session; possible: [FILE|-]" },
    { "scrot --select", "--select: is not possible in a Glovebox session; possible: [FILE|-]" },
    { "xclip -o -selection secondary", "primary or clipboard" },
    { "env -u GLOVEBOX_ACTION_SOCKET xdotool key a", "run this inside a session" },
    { "GLOVEBOX_ACTION_SOCKET=/nowhere xdotool key a", "Can't reach" },
  };
  g_auto(Scene) scene = { 0 };

  if (!open_terminal (&scene))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_fails (&scene, wrong[i].line, wrong[i].words);
  assert_inside (&scene, "xdotool version", "xdotool of Glovebox " GLOVEBOX_VERSION "\n");
}

/* ---- pictures ----------------------------------------------------------------------------- */

static void
assert_png (Scene *scene, const char *name, guint width, guint height)
{
  g_autofree char *path = g_build_filename (scene->system->workspace, name, NULL);
  g_autofree char *png = NULL;
  guint32 size[2];
  gsize length;

  if (!g_file_get_contents (path, &png, &length, NULL) || length < 33)
    g_error ("%s is not there", name);
  g_assert_cmpmem (png, 8, "\x89PNG\r\n\x1a\n", 8);
  memcpy (size, png + 16, sizeof size);
  g_assert_cmpuint (GUINT32_FROM_BE (size[0]), ==, width);
  g_assert_cmpuint (GUINT32_FROM_BE (size[1]), ==, height);
}

static void
test_pictures (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *size = NULL;
  guint width, height;

  if (!open_terminal (&scene))
    return;

  inside (&scene, "scrot whole.png && scrot -a 10,20,30,40 part.png && grim -g '5,6 70x80' grim.png && grim - >pipe.png && scrot -u focused.png");
  assert_png (&scene, "whole.png", 1280, 800);
  assert_png (&scene, "part.png", 30, 40);
  assert_png (&scene, "grim.png", 70, 80);
  assert_png (&scene, "pipe.png", 1280, 800);
  size = run_inside (&scene, 0, "eval $(xdotool getactivewindow getwindowgeometry --shell); echo $WIDTH $HEIGHT");
  g_assert_cmpint (sscanf (size, "%u %u", &width, &height), ==, 2);
  assert_png (&scene, "focused.png", width, height);

  /* a second one beside the first, unless told otherwise */
  inside (&scene, "cp part.png whole.png; scrot whole.png; scrot -o part.png");
  assert_png (&scene, "whole.png", 30, 40);
  assert_png (&scene, "whole_000.png", 1280, 800);
  assert_png (&scene, "part.png", 1280, 800);
  assert_inside (&scene, "mkdir d; cd d; scrot -d 1 '%Y.png'; ls | grep -c '^20..\\.png$'", "1\n");
}

/* It shows what is there: other text, another picture. */
static void
test_pictures_show_the_screen (void)
{
  g_auto(Scene) scene = { 0 };

  if (!open_terminal (&scene))
    return;

  inside (&scene, "scrot before.png; xdotool type 'something to see'; scrot after.png");
  assert_inside (&scene, "cmp -s before.png after.png || echo differ", "differ\n");
}

/* ---- the clipboard -------------------------------------------------------------------------- */

static void
test_clipboard_copies (void)
{
  g_auto(Scene) scene = { 0 };

  if (!open_terminal (&scene))
    return;

  /* what the helpers copy, a real program pastes */
  inside (&scene, "wl-copy 'from wl-copy'; xdotool key ctrl+shift+v Return");
  wait_for_file (&scene, "typed", "from wl-copy\n");
  inside (&scene, "printf 'from xclip' | xclip -selection clipboard; xdotool key ctrl+shift+v Return");
  wait_for_file (&scene, "typed", "from wl-copy\nfrom xclip\n");
  inside (&scene, "printf 'from xsel\\n' | xsel -ib; xdotool key ctrl+shift+v");
  wait_for_file (&scene, "typed", "from wl-copy\nfrom xclip\nfrom xsel\n");
  inside (&scene, "printf 'primary' | xclip; eval $(xdotool getactivewindow getwindowgeometry --shell); "
          "xdotool mousemove $((X + 9)) $((Y + 9)) click 2 key Return");
  wait_for_file (&scene, "typed", "from wl-copy\nfrom xclip\nfrom xsel\nprimary\n");
  /* the one did not touch the other */
  assert_inside (&scene, "wl-paste -n", "from xsel\n");
  assert_inside (&scene, "wl-paste -p", "primary\n");
}

static void
test_clipboard_pastes (void)
{
  g_auto(Scene) scene = { 0 };

  if (!open_editor (&scene))
    return;

  /* what a real program copied, the helpers paste */
  inside (&scene, "xdotool type '" TEXT "'; xdotool key ctrl+a ctrl+c");
  assert_inside (&scene, "wl-paste -n", TEXT);
  assert_inside (&scene, "xclip -o -sel c", TEXT);
  assert_inside (&scene, "xsel -ob", TEXT);
  assert_inside (&scene, "wl-paste -l | grep -x 'text/plain;charset=utf-8'", "text/plain;charset=utf-8\n");
  assert_inside (&scene, "[ \"$(xclip -o -sel c -t TARGETS)\" = \"$(wl-paste -l)\" ] && echo same", "same\n");
  assert_inside (&scene, "xclip -o -sel c -t UTF8_STRING", TEXT);
  assert_inside (&scene, "wl-paste -n --type=text/plain", TEXT);
  /* a program that takes HTML is offered it as what it is said to be */
  inside (&scene, "printf '<b>bold</b>' | wl-copy --type=text/html");
  assert_inside (&scene, "wl-paste -l | grep -x text/html", "text/html\n");
  inside (&scene, "xdotool key ctrl+a ctrl+c");
  assert_fails (&scene, "wl-paste -t image/png", "not copied as this type; there is: ");
  /* and the other way again: what an agent copies replaces it, for the editor too */
  inside (&scene, "wl-copy replaced; xdotool key ctrl+a ctrl+v key ctrl+s");
  wait_for_file (&scene, "notes.txt", "replaced\n");
}

/* ---- the border ------------------------------------------------------------------------------- */

static GlbTestResult *
act (Scene *scene, const char *action)
{
  return glb_test_system_run (scene->system, NULL, "act", scene->id, action, NULL);
}

static void
write_inside (Scene *scene, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (scene->system->workspace, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

/* A client of the person's could read and write the session's clipboard past the gate, its rules and its prompts. */
static void
test_own_clipboard_is_not_for_outside (void)
{
  static const char read[] = "{\"action\":\"clipboard_read\"}";
  static const char write[] = "{\"action\":\"clipboard_write\",\"text\":\"planted\"}";
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) reading = NULL;
  g_autoptr(GlbTestResult) writing = NULL;
  g_autoptr(GlbTestResult) audit = NULL;
  g_autofree char *seen = NULL;

  if (!open_terminal (&scene))
    return;

  /* not in a command line, which is written down */
  write_inside (&scene, "copy", "stays inside 4711");
  write_inside (&scene, "write", write);
  inside (&scene, "wl-copy <copy");
  reading = act (&scene, read);
  g_assert_cmpint (reading->status, ==, 126);
  g_assert_nonnull (strstr (glb_test_result_get_out (reading), "\"policy_denied\""));
  g_assert_null (strstr (glb_test_result_get_out (reading), "4711"));
  writing = act (&scene, write);
  g_assert_cmpint (writing->status, ==, 126);

  /* the control: the same from inside, where the wall is not */
  seen = run_inside (&scene, 0, "glovebox-act '{\"action\":\"clipboard_read\"}'");
  g_assert_nonnull (strstr (seen, "stays inside 4711"));
  inside (&scene, "glovebox-act \"$(cat write)\"");
  assert_inside (&scene, "wl-paste", "planted\n");

  /* nor by what is written down of it */
  audit = glb_test_system_run (scene.system, NULL, "audit", "show", scene.id, NULL);
  g_assert_cmpint (audit->status, ==, 0);
  g_assert_nonnull (strstr (glb_test_result_get_out (audit), "clipboard_write"));
  g_assert_null (strstr (glb_test_result_get_out (audit), "4711"));
  g_assert_null (strstr (glb_test_result_get_out (audit), "planted"));
}

/* What a person put there is not read without being counted, but pasted as ever. */
static void
test_persons_clipboard_is_not_read (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *policy = NULL;
  g_autoptr(GlbTestResult) put = NULL;

  if (!have_program ("foot") || (scene.system = glb_test_system_new ()) == NULL)
    return;

  policy = glb_test_system_write_policy (scene.system, "paste.json",
    POLICY ("\"input\": { \"agent\": \"allow\" }, \"clipboard\": { \"hostToSession\": \"allow\", \"types\": [\"text/plain\"] }"));
  scene.id = glb_test_system_start (scene.system, "--policy", policy, "--workspace", scene.system->workspace, "--", TERMINAL, "-T", "typing",
                                    "sh", "-c", "cat >typed; exec sleep 600", NULL);
  glb_test_system_wait_for_window (scene.system, scene.id, "typing");
  inside (&scene, "wl-copy before");
  put = glb_test_system_run (scene.system, "the person's", "clipboard", "put", scene.id, NULL);
  if (put->status != 0)
    g_error ("put: %s", put->err);
  assert_fails (&scene, "wl-paste", "came from the person");
  inside (&scene, "xdotool key ctrl+shift+v Return");
  wait_for_file (&scene, "typed", "the person's\n");
  /* what the agent copies afterwards is its own again */
  inside (&scene, "wl-copy after");
  assert_inside (&scene, "wl-paste", "after\n");
}

/* What input the policy denies is not had by the clipboard and by windows either; the control is the same with input allowed. */
static void
test_without_input (void)
{
  static const char * const denied[] = {
    "xdotool type x", "wl-copy x", "xdotool search typing windowactivate", "xdotool search typing windowclose",
  };
  g_auto(Scene) scene = { 0 };
  g_autofree char *policy = NULL;

  if (!have_program ("foot") || (scene.system = glb_test_system_new ()) == NULL)
    return;

  policy = glb_test_system_write_policy (scene.system, "silent.json", POLICY ("\"input\": { \"agent\": \"deny\" }"));
  scene.id = glb_test_system_start (scene.system, "--policy", policy, "--workspace", scene.system->workspace, "--", TERMINAL, "-T", "typing",
                                    "sh", "-c", "cat >typed; exec sleep 600", NULL);
  glb_test_system_wait_for_window (scene.system, scene.id, "typing");
  for (guint i = 0; i < G_N_ELEMENTS (denied); i++)
    assert_fails (&scene, denied[i], "policy");
  inside (&scene, "xdotool search typing && scrot seen.png");
  assert_fails (&scene, "wl-paste", "nothing is copied");
}

static void
test_denied_window (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *policy = NULL;

  if (!have_program ("foot") || (scene.system = glb_test_system_new ()) == NULL)
    return;

  policy = glb_test_system_write_policy (scene.system, "windows.json",
    POLICY ("\"input\": { \"agent\": \"allow\", \"denyWindows\": [{ \"title\": \"private*\" }] }"));
  scene.id = glb_test_system_start (scene.system, "--policy", policy, "--workspace", scene.system->workspace, "--", TERMINAL, "-T", "typing",
                                    "sh", "-c", "cat >typed; exec sleep 600", NULL);
  glb_test_system_wait_for_window (scene.system, scene.id, "typing");
  inside (&scene, "foot -T private sleep 600 >/dev/null 2>&1 &");
  glb_test_system_wait_for_window (scene.system, scene.id, "private");
  assert_fails (&scene, "xdotool search private windowactivate", "private");
  assert_fails (&scene, "xdotool search private windowclose", "private");
  inside (&scene, "xdotool search typing windowactivate type 'allowed\n'");
  wait_for_file (&scene, "typed", "allowed\n");
  inside (&scene, "xdotool search private");
}

/* Outside and in the process tier there is nothing of ours in the way. */
static void
test_only_in_sessions_with_a_desktop (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GlbTestResult) result = NULL;

  if ((scene.system = glb_test_system_new ()) == NULL)
    return;

  result = glb_test_system_run (scene.system, NULL, "run", "--tier", "process", "--", "sh", "-c", "ls /run/glovebox/session-bin; echo $PATH", NULL);
  g_assert_cmpint (result->status, ==, 0);
  g_assert_null (strstr (glb_test_result_get_out (result), "session-bin"));
}

/* ---- the library -------------------------------------------------------------------------------- */

static void
copy_in (Scene *scene, const char *path, const char *name)
{
  g_autofree char *target = g_build_filename (scene->system->workspace, name, NULL);
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_true (g_file_set_contents_full (target, content, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

static void
test_example_in_c (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *out = NULL;

  if (!open_editor (&scene))
    return;

  copy_in (&scene, EXAMPLE_AGENT, "agent");
  out = run_inside (&scene, 0, "./agent");
  g_test_message ("%s", out);
  g_assert_nonnull (strstr (out, "pixels changed\n"));
  g_assert_true (g_str_has_suffix (out, "saved\n"));
  wait_for_file (&scene, "notes.txt", "Written by an agent in C: żółw, 漢字.\n");
}

static void
test_example_in_python (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *out = NULL;

  if (!g_file_test ("/usr/lib/python3/dist-packages/gi", G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("python3-gi is not installed");
      return;
    }
  if (!open_editor (&scene))
    return;

  copy_in (&scene, EXAMPLE_AGENT_PY, "agent.py");
  out = run_inside (&scene, 0, "/usr/bin/python3 agent.py");
  g_test_message ("%s", out);
  g_assert_nonnull (strstr (out, "the screen is 1280x800"));
  g_assert_nonnull (strstr (out, "refused, as it should be: there is no such window; see list_windows True"));
  wait_for_file (&scene, "notes.txt", "Written by an agent in Python: żółw, 漢字.\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/library/xdotool/types", test_xdotool_types);
  g_test_add_func ("/library/xdotool/long-text", test_xdotool_long_text);
  g_test_add_func ("/library/xdotool/pointer", test_xdotool_pointer);
  g_test_add_func ("/library/xdotool/clicks", test_xdotool_clicks);
  g_test_add_func ("/library/xdotool/wheel", test_xdotool_wheel);
  g_test_add_func ("/library/xdotool/windows", test_xdotool_windows);
  g_test_add_func ("/library/says-what-is-possible", test_says_what_is_possible);
  g_test_add_func ("/library/pictures", test_pictures);
  g_test_add_func ("/library/pictures/show-the-screen", test_pictures_show_the_screen);
  g_test_add_func ("/library/clipboard/copies", test_clipboard_copies);
  g_test_add_func ("/library/clipboard/pastes", test_clipboard_pastes);
  g_test_add_func ("/library/clipboard/not-for-outside", test_own_clipboard_is_not_for_outside);
  g_test_add_func ("/library/clipboard/persons-is-not-read", test_persons_clipboard_is_not_read);
  g_test_add_func ("/library/policy/without-input", test_without_input);
  g_test_add_func ("/library/policy/denied-window", test_denied_window);
  g_test_add_func ("/library/only-in-sessions-with-a-desktop", test_only_in_sessions_with_a_desktop);
  g_test_add_func ("/library/example/c", test_example_in_c);
  g_test_add_func ("/library/example/python", test_example_in_python);

  return g_test_run ();
}
