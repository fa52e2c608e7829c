/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-client.h"

#define NOBODY 65534

/* The agent has another uid than Xwayland. */
static void
become_somebody_else (gpointer data)
{
  if (geteuid () == 0 && (setresgid (NOBODY, NOBODY, NOBODY) < 0 || setresuid (NOBODY, NOBODY, NOBODY) < 0))
    _exit (126);
}

static GPid
spawn_xterm (const char *xterm,
             const char *display,
             const char *out)
{
  const char *argv[] = { xterm, "-T", "an X11 window", "-xrm", "XTerm*selectToClipboard: true", "-e", "sh", "-c", NULL, NULL };
  g_autofree char *script = g_strdup_printf ("stty raw -echo; printf markedword; : > '%s.ready'; exec cat > '%s'", out, out);
  g_auto(GStrv) env = NULL;
  g_autoptr(GError) error = NULL;
  GPid pid;

  argv[8] = script;
  env = g_environ_setenv (g_get_environ (), "DISPLAY", display, TRUE);
  env = g_environ_unsetenv (env, "WAYLAND_DISPLAY");
  env = g_environ_setenv (env, "LC_ALL", "C.UTF-8", TRUE);
  g_spawn_async ("/", (char **) argv, env, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
                 become_somebody_else, NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

static GlbTestCompositor *
start_with (const char  *program,
            char       **display)
{
  g_autofree char *path = g_find_program_in_path (program), *xwayland = g_find_program_in_path ("Xwayland");

  if (path == NULL || xwayland == NULL || !g_file_test ("/tmp/.X11-unix", G_FILE_TEST_IS_DIR))
    {
      g_test_skip_printf ("needs %s, Xwayland and /tmp/.X11-unix", program);
      return NULL;
    }
  return glb_test_compositor_new_xwayland (display);
}

/* With the focus; what is typed goes to the file @out, to be removed. */
static GPid
start_xterm (GlbTestCompositor *compositor,
             const char        *display,
             char             **out)
{
  g_autofree char *xterm = g_find_program_in_path ("xterm"), *ready = NULL;
  g_autoptr(GError) error = NULL;
  GPid pid;
  int fd = g_file_open_tmp ("glovebox-xterm-XXXXXX", out, &error);

  g_assert_no_error (error);
  g_assert_no_errno (fchmod (fd, 0666));
  close (fd);
  ready = g_strconcat (*out, ".ready", NULL);
  pid = spawn_xterm (xterm, display, *out);
  glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "an X11 window") && g_file_test (ready, G_FILE_TEST_EXISTS));
  g_unlink (ready);
  glb_test_settle (compositor, 200, 5000);
  return pid;
}

static void
test_xterm (void)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xterm", &display);
  g_autofree char *out = NULL, *got = NULL;
  const GlbShimWindow *window;
  const char *text = "xterm: Zażółć Жук 漢字 end";
  gsize n = 0;
  GPid pid;

  if (compositor == NULL)
    return;
  pid = start_xterm (compositor, display, &out);
  window = glb_test_find_window (compositor, "an X11 window");
  g_assert_true (window->flags & GLB_SHIM_WINDOW_X11);
  g_assert_cmpint (window->geometry.x, >=, 0);
  g_assert_cmpint (window->geometry.y, >=, 0);
  g_assert_cmpint (window->geometry.x + window->geometry.width, <=, 800);
  g_assert_cmpint (window->geometry.width, >, 100);

  g_assert_cmpuint (glb_test_text (compositor, text).error, ==, 0);
  glb_test_wait_until (compositor, (g_free (got), g_file_get_contents (out, &got, &n, NULL)) && n >= strlen (text));
  g_assert_cmpstr (got, ==, text);

  g_assert_cmpuint (glb_test_window_op (compositor, window->id, GLB_SHIM_WINDOW_CLOSE).error, ==, 0);
  glb_test_wait_until (compositor, compositor->windows->n_windows == 0);
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  g_unlink (out);
}

/* ---- the clipboard through Weston's bridge -------------------------------- */

#define UTF8 "text/plain;charset=utf-8"
#define WORDS "Zażółć gęślą jaźń"

typedef struct
{
  GPid pid;
  int in, out;
} Xclip;

/* -quiet keeps it in the foreground. */
static Xclip
spawn_xclip (const char *display,
             const char *direction,
             const char *target)
{
  const char *argv[] = { "xclip", "-quiet", "-selection", "clipboard", direction, "-target", target, NULL };
  g_auto(GStrv) env = g_environ_setenv (g_get_environ (), "DISPLAY", display, TRUE);
  g_autoptr(GError) error = NULL;
  Xclip xclip;

  env = g_environ_unsetenv (env, "WAYLAND_DISPLAY");
  g_spawn_async_with_pipes ("/", (char **) argv, env,
                            G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                            become_somebody_else, NULL, &xclip.pid, &xclip.in, &xclip.out, NULL, &error);
  g_assert_no_error (error);
  return xclip;
}

static Xclip
xclip_copy (const char *display,
            const char *text)
{
  Xclip xclip = spawn_xclip (display, "-in", "UTF8_STRING");

  g_assert_cmpint (write (xclip.in, text, strlen (text)), ==, (gssize) strlen (text));
  close (xclip.in);
  return xclip;
}

static void
xclip_end (Xclip *xclip)
{
  close (xclip->out);
  kill (xclip->pid, SIGCONT);
  kill (xclip->pid, SIGTERM);
  waitpid (xclip->pid, NULL, 0);
}

/* Its output and, from its exit, whether there was anything to paste. */
static GBytes *
xclip_paste (GlbTestCompositor *compositor,
             const char        *display,
             gboolean          *pasted)
{
  Xclip xclip = spawn_xclip (display, "-out", "UTF8_STRING");
  GBytes *got;
  int status = -1;

  close (xclip.in);
  got = glb_test_read_pipe (compositor, xclip.out);
  glb_test_wait_until (compositor, waitpid (xclip.pid, &status, WNOHANG) == xclip.pid);
  *pasted = WIFEXITED (status) && WEXITSTATUS (status) == 0;
  return got;
}

static void
test_copy_in_x11 (void)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xclip", &display);
  g_autoptr(GBytes) got = NULL, late = NULL;
  const GlbShimSelection *told;
  guint8 byte;
  Xclip xclip;
  int fd;

  if (compositor == NULL)
    return;
  xclip = xclip_copy (display, WORDS);
  glb_test_wait_until (compositor, compositor->n_selections[GLB_SHIM_CLIPBOARD] > 0 &&
                       compositor->selections[GLB_SHIM_CLIPBOARD]->n_types > 0);
  told = compositor->selections[GLB_SHIM_CLIPBOARD];
  g_assert_cmpstr (told->types[0], ==, UTF8);
  g_assert_cmpuint (compositor->n_selections[GLB_SHIM_PRIMARY], ==, 0);
  g_assert_cmpuint (glb_test_read_selection (compositor, GLB_SHIM_CLIPBOARD, told->id, "text/html", &fd).error, ==, ENOENT);
  close (fd);
  g_assert_cmpuint (glb_test_read_selection (compositor, GLB_SHIM_CLIPBOARD, told->id, UTF8, &fd).error, ==, 0);
  got = glb_test_read_pipe (compositor, fd);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), WORDS, strlen (WORDS));

  /* An owner that does not answer keeps nobody but the reader. */
  kill (xclip.pid, SIGSTOP);
  g_assert_cmpuint (glb_test_read_selection (compositor, GLB_SHIM_CLIPBOARD, told->id, UTF8, &fd).error, ==, 0);
  g_assert_cmpuint (glb_test_settle (compositor, 20, 5000).settled, ==, 1);
  g_assert_no_errno (fcntl (fd, F_SETFL, O_NONBLOCK));
  g_assert_cmpint (read (fd, &byte, 1), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  kill (xclip.pid, SIGCONT);
  late = glb_test_read_pipe (compositor, fd);
  g_assert_true (g_bytes_equal (got, late));
  xclip_end (&xclip);
}

static guint
count_in_log (GlbTestCompositor *compositor,
              const char        *words)
{
  g_autofree char *log = glb_test_read_log (compositor);
  guint n = 0;

  for (const char *at = log; at != NULL && (at = strstr (at, words)) != NULL; at++)
    n++;
  return n;
}

/* A program that has been there for long, and opens no window to copy or to paste. */
static void
test_xterm_copies_and_pastes (void)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xterm", &display);
  g_autoptr(GBytes) content = g_bytes_new_static (WORDS, strlen (WORDS)), got = NULL;
  g_autofree char *out = NULL, *typed = NULL;
  const GlbShimEvent insert[] = {
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_LEFTSHIFT, .value = 1 }, { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_INSERT, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_INSERT, .value = 0 }, { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_LEFTSHIFT, .value = 0 },
  };
  const GlbShimWindow *window;
  gsize n = 0;
  GPid pid;
  int fd;

  if (compositor == NULL)
    return;
  pid = start_xterm (compositor, display, &out);
  window = glb_test_find_window (compositor, "an X11 window");
  for (guint round = 1; round <= 3; round++)
    {
      guint n_told = compositor->n_selections[GLB_SHIM_CLIPBOARD];

      g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, content, 0, NULL).error, ==, 0);
      /* The X server knows it by itself, and not only when the program does something that tells Weston. */
      glb_test_wait_until (compositor, count_in_log (compositor, "our window, skipping") >= round);
      glb_test_input (compositor, insert, G_N_ELEMENTS (insert));
      glb_test_wait_until (compositor, (g_free (typed), g_file_get_contents (out, &typed, &n, NULL)) && n >= round * strlen (WORDS));
      g_assert_true (g_str_has_suffix (typed, WORDS));
      glb_test_wait_until (compositor, compositor->pasted->len == round);

      /* Marked by two clicks, and not as the third and fourth of the ones before, while the host's content is there. */
      glb_test_settle (compositor, 500, 8000);
      for (guint i = 0; i < 2; i++)
        glb_test_click (compositor, window->geometry.x + 30, window->geometry.y + 35);
      glb_test_wait_until (compositor, compositor->n_selections[GLB_SHIM_CLIPBOARD] > n_told &&
                           compositor->selections[GLB_SHIM_CLIPBOARD]->n_types > 0);
      g_assert_cmpuint (glb_test_read_selection (compositor, GLB_SHIM_CLIPBOARD, compositor->selections[GLB_SHIM_CLIPBOARD]->id, UTF8,
                                                 &fd).error, ==, 0);
      g_clear_pointer (&got, g_bytes_unref);
      got = glb_test_read_pipe (compositor, fd);
      g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "markedword", strlen ("markedword"));
    }
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  g_unlink (out);
}

static void
test_paste_in_x11 (void)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xclip", &display);
  g_autofree char *big_text = g_strnfill (300 * 1000, 'b');
  g_autoptr(GBytes) content = g_bytes_new_static (WORDS, strlen (WORDS)), big = g_bytes_new_static (big_text, 60 * 1000);
  g_autoptr(GBytes) too_big = g_bytes_new_static (big_text, 300 * 1000);
  g_autofree char *out = NULL;
  gboolean pasted;
  Xclip owner;
  GPid xterm;

#define PASTES(expected)                                                                                        \
  G_STMT_START                                                                                                  \
    {                                                                                                           \
      g_autoptr(GBytes) got = xclip_paste (compositor, display, &pasted);                                       \
      g_assert_true (pasted);                                                                                   \
      g_assert_true (g_bytes_equal (got, expected));                                                            \
    }                                                                                                           \
  G_STMT_END
#define PASTES_NOTHING()                                                                                        \
  G_STMT_START                                                                                                  \
    {                                                                                                           \
      g_autoptr(GBytes) got = xclip_paste (compositor, display, &pasted);                                       \
      g_assert_cmpuint (g_bytes_get_size (got), ==, 0);                                                         \
    }                                                                                                           \
  G_STMT_END

  if (compositor == NULL)
    return;
  xterm = start_xterm (compositor, display, &out);
  PASTES_NOTHING ();
  g_assert_false (pasted);
  /* Weston knows one name for text. */
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, "text/html", content, 0, NULL).error, ==, 0);
  PASTES_NOTHING ();
  g_assert_cmpuint (compositor->pasted->len, ==, 0);
  /* The primary selection is not bridged. */
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_PRIMARY, UTF8, content, 0, NULL).error, ==, 0);
  PASTES_NOTHING ();
  g_assert_cmpuint (compositor->pasted->len, ==, 0);

  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, "text/plain|" UTF8, content, 2, NULL).error, ==, 0);
  PASTES (content);
  PASTES (content);
  glb_test_wait_until (compositor, compositor->pasted->len == 2);
  PASTES_NOTHING ();
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, big, 0, NULL).error, ==, 0);
  PASTES (big);
  glb_test_wait_until (compositor, compositor->pasted->len == 3);

  /* Weston's bridge gets stuck with 64 KiB and more. Not for good. */
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, too_big, 0, NULL).error, ==, 0);
  owner = spawn_xclip (display, "-out", "UTF8_STRING");
  close (owner.in);
  glb_test_wait_until (compositor, count_in_log (compositor, "starting incr") > 0);
  xclip_end (&owner);
  g_assert_cmpuint (glb_test_clear_selection (compositor, GLB_SHIM_CLIPBOARD).error, ==, 0);
  glb_test_wait_until (compositor, compositor->pasted->len == 4);
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, content, 0, NULL).error, ==, 0);
  PASTES (content);
  glb_test_wait_until (compositor, compositor->pasted->len == 5);
  g_assert_cmpuint (glb_test_clear_selection (compositor, GLB_SHIM_CLIPBOARD).error, ==, 0);
  PASTES_NOTHING ();

  /* What an X11 program copies takes the place of the host's. */
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, big, 0, NULL).error, ==, 0);
  owner = xclip_copy (display, WORDS);
  glb_test_wait_until (compositor, compositor->n_selections[GLB_SHIM_CLIPBOARD] > 0 &&
                       compositor->selections[GLB_SHIM_CLIPBOARD]->n_types > 0);
  PASTES (content);
  g_assert_cmpuint (compositor->pasted->len, ==, 5);
  xclip_end (&owner);

  kill (xterm, SIGTERM);
  waitpid (xterm, NULL, 0);
  g_unlink (out);
  /* There while all of it ends. */
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, content, 0, NULL).error, ==, 0);
#undef PASTES
#undef PASTES_NOTHING
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xwayland/xterm", test_xterm);
  g_test_add_func ("/xwayland/xterm-copies-and-pastes", test_xterm_copies_and_pastes);
  g_test_add_func ("/xwayland/copy", test_copy_in_x11);
  g_test_add_func ("/xwayland/paste", test_paste_in_x11);
  return g_test_run ();
}
