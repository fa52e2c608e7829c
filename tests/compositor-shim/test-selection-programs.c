/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Copy and paste of real programs, in both directions and of both kinds. */

#include <errno.h>
#include <glib/gstdio.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-selection.h"

#define TEXT "text/plain"
#define UTF8 "text/plain;charset=utf-8"
#define WORDS "Zażółć gęślą jaźń"

static const GlbShimSelectionKind kinds[] = { GLB_SHIM_CLIPBOARD, GLB_SHIM_PRIMARY };

static GlbTestCompositor *
start (const char *program)
{
  g_autofree char *path = g_find_program_in_path (program);

  if (path == NULL)
    {
      g_test_skip_printf ("%s is not installed", program);
      return NULL;
    }
  return glb_test_compositor_new ();
}

static GPid
spawn (GlbTestCompositor *compositor,
       const char *const *argv,
       int               *out)
{
  g_auto(GStrv) env = g_environ_setenv (g_get_environ (), "WAYLAND_DISPLAY", compositor->socket_path, TRUE);
  g_autoptr(GError) error = NULL;
  GPid pid;

  env = g_environ_setenv (env, "XDG_RUNTIME_DIR", compositor->dir, TRUE);
  env = g_environ_setenv (env, "HOME", compositor->dir, TRUE);
  env = g_environ_setenv (env, "LC_ALL", "C.UTF-8", TRUE);
  env = g_environ_setenv (env, "GDK_BACKEND", "wayland", TRUE);
  env = g_environ_setenv (env, "GSK_RENDERER", "cairo", TRUE);
  env = g_environ_setenv (env, "GTK_A11Y", "none", TRUE);
  env = g_environ_setenv (env, "GIO_USE_VFS", "local", TRUE);
  env = g_environ_setenv (env, "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  env = g_environ_unsetenv (env, "DISPLAY");
  env = g_environ_unsetenv (env, "G_DEBUG");
  g_spawn_async_with_pipes (compositor->dir, (char **) argv, env,
                            G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL |
                            (out == NULL ? G_SPAWN_STDOUT_TO_DEV_NULL : 0),
                            NULL, NULL, &pid, NULL, out, NULL, &error);
  g_assert_no_error (error);
  return pid;
}

static void
finish (GPid pid)
{
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
}

/* A program that gives up when its turn is over. */
static int
wait_exit (GlbTestCompositor *compositor,
           GPid               pid)
{
  int status = -1;

  glb_test_wait_until (compositor, waitpid (pid, &status, WNOHANG) == pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
assert_reads (GlbTestCompositor    *compositor,
              GlbShimSelectionKind  kind,
              const char           *type,
              const char           *text)
{
  int fd;
  g_autoptr(GBytes) got = NULL;
  g_autofree char *copied = NULL;

  g_assert_cmpuint (glb_test_read_selection (compositor, kind, compositor->selections[kind]->id, type, &fd).error, ==, 0);
  got = glb_test_read_pipe (compositor, fd);
  copied = g_strndup (g_bytes_get_data (got, NULL), g_bytes_get_size (got));
  g_assert_cmpstr (copied, ==, text);
}

static gboolean
has_type (const GlbShimSelection *selection,
          const char             *type)
{
  for (guint i = 0; selection != NULL && i < selection->n_types; i++)
    if (g_str_equal (selection->types[i], type))
      return TRUE;
  return FALSE;
}

static void
chord (GlbTestCompositor *compositor,
       const guint       *codes)
{
  GlbShimEvent events[8];
  guint n = 0, n_codes = 0;

  while (codes[n_codes] != 0)
    n_codes++;
  for (guint i = 0; i < n_codes; i++)
    events[n++] = (GlbShimEvent) { .kind = GLB_SHIM_EVENT_KEY, .code = codes[i], .value = 1 };
  for (guint i = n_codes; i > 0; i--)
    events[n++] = (GlbShimEvent) { .kind = GLB_SHIM_EVENT_KEY, .code = codes[i - 1], .value = 0 };
  glb_test_input (compositor, events, n);
}

#define CHORD(compositor, ...) chord (compositor, (const guint[]) { __VA_ARGS__, 0 })

/* ---- wl-clipboard --------------------------------------------------------- */

/* It asks for the focus with a window of its own, takes it, and copies or pastes. */
static void
test_wl_copy (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = start ("wl-copy");
  const char *argv[] = { "wl-copy", "--foreground", "--type", TEXT, WORDS, kind == GLB_SHIM_PRIMARY ? "--primary" : NULL, NULL };
  GPid pid;

  if (compositor == NULL)
    return;
  pid = spawn (compositor, argv, NULL);
  glb_test_wait_until (compositor, has_type (compositor->selections[kind], TEXT));
  assert_reads (compositor, kind, TEXT, WORDS);
  assert_reads (compositor, kind, TEXT, WORDS);
  finish (pid);
  glb_test_wait_until (compositor, compositor->selections[kind]->id == 0);
}

static void
test_wl_paste (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = start ("wl-paste");
  const char *argv[] = { "wl-paste", "--no-newline", "--type", TEXT, kind == GLB_SHIM_PRIMARY ? "--primary" : NULL, NULL };
  g_autoptr(GBytes) content = g_bytes_new_static (WORDS, strlen (WORDS)), got = NULL, nothing = NULL;
  const GlbShimPasted *pasted;
  GPid pid;
  int fd;

  if (compositor == NULL)
    return;
  /* There is nothing to paste, and it says so. */
  pid = spawn (compositor, argv, &fd);
  nothing = glb_test_read_pipe (compositor, fd);
  g_assert_cmpuint (g_bytes_get_size (nothing), ==, 0);
  g_assert_cmpint (wait_exit (compositor, pid), !=, 0);

  g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, content, 1, NULL).error, ==, 0);
  pid = spawn (compositor, argv, &fd);
  got = glb_test_read_pipe (compositor, fd);
  g_assert_true (g_bytes_equal (got, content));
  g_assert_cmpint (wait_exit (compositor, pid), ==, 0);
  glb_test_wait_until (compositor, compositor->pasted->len == 1);
  pasted = &g_array_index (compositor->pasted, GlbShimPasted, 0);
  g_assert_cmpuint (pasted->bytes, ==, strlen (WORDS));
  g_assert_cmpuint (pasted->kind, ==, kind);

  /* One use was given. */
  g_clear_pointer (&nothing, g_bytes_unref);
  pid = spawn (compositor, argv, &fd);
  nothing = glb_test_read_pipe (compositor, fd);
  g_assert_cmpuint (g_bytes_get_size (nothing), ==, 0);
  g_assert_cmpint (wait_exit (compositor, pid), !=, 0);
}

/* ---- a terminal ----------------------------------------------------------- */

static void
test_foot (void)
{
  g_autoptr(GlbTestCompositor) compositor = start ("foot");
  g_autoptr(GBytes) content = g_bytes_new_static (WORDS, strlen (WORDS));
  g_autofree char *got = NULL, *out = NULL;
  const char *argv[] = { "foot", "--config=/dev/null", "--title=foot", "sh", "-c",
                         "stty raw -echo; printf 'marked-word'; exec tee out", NULL };
  const GlbShimWindow *window;
  GlbShimEvent press, release;
  gsize n = 0;
  GPid pid;

  if (compositor == NULL)
    return;
  out = g_build_filename (compositor->dir, "out", NULL);
  pid = spawn (compositor, argv, NULL);
  glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "foot") && g_file_test (out, G_FILE_TEST_EXISTS));
  glb_test_settle (compositor, 200, 5000);

  /* Two clicks mark the word, which is the primary selection at once. */
  window = glb_test_find_window (compositor, "foot");
  for (guint i = 0; i < 2; i++)
    {
      press = (GlbShimEvent) { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_LEFT, .value = 1 };
      release = (GlbShimEvent) { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_LEFT, .value = 0 };
      if (i == 0)
        glb_test_input (compositor, &(GlbShimEvent) { .kind = GLB_SHIM_EVENT_MOTION, .x = (window->geometry.x + 30) * 256,
                                                      .y = (window->geometry.y + 10 + 26) * 256 }, 1);
      glb_test_input (compositor, &press, 1);
      glb_test_input (compositor, &release, 1);
    }
  glb_test_wait_until (compositor, has_type (compositor->selections[GLB_SHIM_PRIMARY], UTF8));
  assert_reads (compositor, GLB_SHIM_PRIMARY, UTF8, "marked-word");
  g_assert_cmpuint (compositor->n_selections[GLB_SHIM_CLIPBOARD], ==, 0);
  CHORD (compositor, KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_C);
  glb_test_wait_until (compositor, has_type (compositor->selections[GLB_SHIM_CLIPBOARD], UTF8));
  assert_reads (compositor, GLB_SHIM_CLIPBOARD, UTF8, "marked-word");

  /* The host's content, by the keys for the clipboard and by the middle button. */
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, content, 0, NULL).error, ==, 0);
  CHORD (compositor, KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_V);
  glb_test_wait_until (compositor, (g_free (got), g_file_get_contents (out, &got, &n, NULL)) && n >= strlen (WORDS));
  g_assert_cmpstr (got, ==, WORDS);
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_PRIMARY, UTF8, content, 0, NULL).error, ==, 0);
  press.code = release.code = BTN_MIDDLE;
  glb_test_input (compositor, &press, 1);
  glb_test_input (compositor, &release, 1);
  glb_test_wait_until (compositor, (g_free (got), g_file_get_contents (out, &got, &n, NULL)) && n >= 2 * strlen (WORDS));
  g_assert_cmpstr (got, ==, WORDS WORDS);
  glb_test_wait_until (compositor, compositor->pasted->len == 2);
  finish (pid);
}

/* ---- a GTK 4 program ------------------------------------------------------ */

static void
test_text_editor (void)
{
  g_autoptr(GlbTestCompositor) compositor = start ("gnome-text-editor");
  g_autoptr(GBytes) content = g_bytes_new_static (WORDS, strlen (WORDS));
  const char *argv[] = { "gnome-text-editor", "--standalone", "--new-window", NULL };
  guint n_before;
  GPid pid;

  if (compositor == NULL)
    return;
  pid = spawn (compositor, argv, NULL);
  glb_test_wait_until (compositor, compositor->windows->n_windows > 0 && compositor->windows->focus_window > 0);
  glb_test_settle (compositor, 300, 8000);
  g_assert_cmpuint (glb_test_text (compositor, "typed ").error, ==, 0);
  glb_test_settle (compositor, 200, 5000);
  CHORD (compositor, KEY_LEFTCTRL, KEY_A);
  CHORD (compositor, KEY_LEFTCTRL, KEY_C);
  glb_test_wait_until (compositor, has_type (compositor->selections[GLB_SHIM_CLIPBOARD], UTF8));
  assert_reads (compositor, GLB_SHIM_CLIPBOARD, UTF8, "typed ");
  glb_test_wait_until (compositor, has_type (compositor->selections[GLB_SHIM_PRIMARY], UTF8));
  assert_reads (compositor, GLB_SHIM_PRIMARY, UTF8, "typed ");

  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, TEXT "|" UTF8, content, 0, NULL).error, ==, 0);
  CHORD (compositor, KEY_LEFTCTRL, KEY_END);
  CHORD (compositor, KEY_LEFTCTRL, KEY_V);
  glb_test_wait_until (compositor, compositor->pasted->len > 0);
  glb_test_settle (compositor, 200, 5000);
  n_before = compositor->n_selections[GLB_SHIM_CLIPBOARD];
  CHORD (compositor, KEY_LEFTCTRL, KEY_A);
  CHORD (compositor, KEY_LEFTCTRL, KEY_C);
  glb_test_wait_until (compositor, compositor->n_selections[GLB_SHIM_CLIPBOARD] > n_before);
  assert_reads (compositor, GLB_SHIM_CLIPBOARD, UTF8, "typed " WORDS);
  finish (pid);
}

int
main (int   argc,
      char *argv[])
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *copy = g_strdup_printf ("/selection-programs/wl-copy/%s", i == 0 ? "clipboard" : "primary");
      g_autofree char *paste = g_strdup_printf ("/selection-programs/wl-paste/%s", i == 0 ? "clipboard" : "primary");

      g_test_add_data_func (copy, &kinds[i], test_wl_copy);
      g_test_add_data_func (paste, &kinds[i], test_wl_paste);
    }
  g_test_add_func ("/selection-programs/foot", test_foot);
  g_test_add_func ("/selection-programs/gnome-text-editor", test_text_editor);
  return g_test_run ();
}
