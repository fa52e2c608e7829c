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
  const char *argv[] = { xterm, "-T", "an X11 window", "-xrm", "XTerm*selectToClipboard: true",
                         "-xrm", "XTerm.selectionTimeout: 1000", "-e", "sh", "-c", NULL, NULL };
  g_autofree char *script = g_strdup_printf ("stty raw -echo; printf markedword; : > '%s.ready'; exec cat > '%s'", out, out);
  g_auto(GStrv) env = NULL;
  g_autoptr(GError) error = NULL;
  GPid pid;

  argv[10] = script;
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

static void
paste_with_keys (GlbTestCompositor *compositor)
{
  const GlbShimEvent insert[] = {
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_LEFTSHIFT, .value = 1 }, { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_INSERT, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_INSERT, .value = 0 }, { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_LEFTSHIFT, .value = 0 },
  };

  glb_test_input (compositor, insert, G_N_ELEMENTS (insert));
}

/* A program that has been there for long, and opens no window to copy or to paste. */
static void
test_xterm_copies_and_pastes (void)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xterm", &display);
  g_autoptr(GBytes) content = g_bytes_new_static (WORDS, strlen (WORDS)), got = NULL;
  g_autofree char *out = NULL, *typed = NULL;
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
      paste_with_keys (compositor);
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
  g_autofree char *big_text = g_strnfill (4 * 1000 * 1000, 'b');
  g_autoptr(GBytes) content = g_bytes_new_static (WORDS, strlen (WORDS)), big = g_bytes_new_static (big_text, 60 * 1000);
  g_autoptr(GBytes) in_parts = g_bytes_new_static (big_text, 4 * 1000 * 1000);
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

  /* A reader that stops in the middle holds up nobody else. */
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, in_parts, 0, NULL).error, ==, 0);
  owner = spawn_xclip (display, "-out", "UTF8_STRING");
  close (owner.in);
  glb_test_wait_until (compositor, count_in_log (compositor, "starting incr") > 0);
  kill (owner.pid, SIGSTOP);
  g_assert_cmpuint (glb_test_clear_selection (compositor, GLB_SHIM_CLIPBOARD).error, ==, 0);
  glb_test_wait_until (compositor, compositor->pasted->len == 4);
  g_assert_cmpuint (g_array_index (compositor->pasted, GlbShimPasted, 3).bytes, <, g_bytes_get_size (in_parts));
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, content, 0, NULL).error, ==, 0);
  PASTES (content);
  xclip_end (&owner);
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

/* ---- content in parts ----------------------------------------------------- */

static const gsize sizes[] = { 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1024 * 1024, 16 * 1024 * 1024 };

/* Each line another, so that a part that is lost, doubled or in the wrong place is seen. */
static GBytes *
make_content (gsize size)
{
  GString *text = g_string_sized_new (size + 16);

  while (text->len < size)
    g_string_append_printf (text, "%" G_GSIZE_FORMAT "\n", text->len);
  g_string_truncate (text, size);
  return g_string_free_to_bytes (text);
}

/* Some window has to be there: an X11 program's, or a Wayland one's. */
typedef struct
{
  GPid xterm;
  char *out;
  GlbTestClient *client;
  GlbTestWindow *window;
} Window;

static Window
open_window (GlbTestCompositor *compositor,
             const char        *display,
             gconstpointer      wayland)
{
  Window window = { 0 };

  if (wayland == NULL)
    window.xterm = start_xterm (compositor, display, &window.out);
  else
    {
      window.client = glb_test_client_new (compositor, compositor->socket_path);
      window.window = glb_test_window_new (window.client, "a Wayland window", 300, 200, 0xff204060, NULL);
    }
  return window;
}

/* TRUE: skipped. With Weston 14 (13 was not tried) a Wayland window that is activated again moves nothing on the bridge's
 * connection. */
static gboolean
waits_for_x11_window (GlbTestCompositor *compositor,
                      gconstpointer      wayland)
{
  if (wayland == NULL || compositor->ready_message.weston_major < 13)
    return FALSE;
  g_test_skip ("this Weston's bridge waits for an X11 window");
  return TRUE;
}

static void
close_window (Window *window)
{
  if (window->xterm != 0)
    {
      kill (window->xterm, SIGTERM);
      waitpid (window->xterm, NULL, 0);
      g_unlink (window->out);
      g_free (window->out);
    }
  g_clear_pointer (&window->window, glb_test_window_free);
  g_clear_pointer (&window->client, glb_test_client_free);
}

static void
test_paste_in_parts (gconstpointer wayland)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xclip", &display);
  Window window;

  if (compositor == NULL || waits_for_x11_window (compositor, wayland))
    return;
  window = open_window (compositor, display, wayland);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GBytes) content = make_content (sizes[i]), got = NULL;
      gboolean pasted;

      g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, content, 1, NULL).error, ==, 0);
      got = xclip_paste (compositor, display, &pasted);
      g_assert_true (pasted);
      g_assert_cmpuint (g_bytes_get_size (got), ==, sizes[i]);
      g_assert_true (g_bytes_equal (got, content));
      glb_test_wait_until (compositor, compositor->pasted->len == i + 1);
      g_assert_cmpuint (g_array_index (compositor->pasted, GlbShimPasted, i).bytes, ==, sizes[i]);
    }
  close_window (&window);
}

/* (transfer full): an xclip that has @content in the clipboard, which the compositor knows */
static Xclip
xclip_copy_bytes (GlbTestCompositor *compositor,
                  const char        *display,
                  GBytes            *content)
{
  Xclip xclip = spawn_xclip (display, "-in", "UTF8_STRING");
  guint n_told = compositor->n_selections[GLB_SHIM_CLIPBOARD];
  gsize size, done = 0;
  const char *data = g_bytes_get_data (content, &size);

  while (done < size)
    {
      gssize n = write (xclip.in, data + done, size - done);

      g_assert_cmpint (n, >, 0);
      done += n;
    }
  close (xclip.in);
  glb_test_wait_until (compositor, compositor->n_selections[GLB_SHIM_CLIPBOARD] > n_told &&
                       compositor->selections[GLB_SHIM_CLIPBOARD]->n_types > 0);
  return xclip;
}

static void
test_copy_in_parts (gconstpointer wayland)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xclip", &display);
  Window window;
  int fd;

  if (compositor == NULL || waits_for_x11_window (compositor, wayland))
    return;
  window = open_window (compositor, display, wayland);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GBytes) content = make_content (sizes[i]), got = NULL;
      Xclip xclip = xclip_copy_bytes (compositor, display, content);

      g_assert_cmpuint (glb_test_read_selection (compositor, GLB_SHIM_CLIPBOARD, compositor->selections[GLB_SHIM_CLIPBOARD]->id, UTF8,
                                                 &fd).error, ==, 0);
      got = glb_test_read_pipe (compositor, fd);
      g_assert_cmpuint (g_bytes_get_size (got), ==, sizes[i]);
      g_assert_true (g_bytes_equal (got, content));
      xclip_end (&xclip);
    }
  close_window (&window);
}

/* An owner that stops in the middle, or ends there: never a part in the place of the whole. */
static void
test_copy_stalls (gconstpointer wayland)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xclip", &display);
  g_autoptr(GBytes) content = make_content (sizes[G_N_ELEMENTS (sizes) - 1]), small = make_content (1000), got = NULL;
  guint64 id;
  Xclip xclip;
  Window window;
  int fd, second;
  guint8 byte;

  if (compositor == NULL)
    return;
  window = open_window (compositor, display, wayland);
  xclip = xclip_copy_bytes (compositor, display, content);
  id = compositor->selections[GLB_SHIM_CLIPBOARD]->id;
  g_assert_cmpuint (glb_test_read_selection (compositor, GLB_SHIM_CLIPBOARD, id, UTF8, &fd).error, ==, 0);
  glb_test_wait_until (compositor, count_in_log (compositor, "wrote ") > 0);
  kill (xclip.pid, SIGSTOP);
  g_assert_cmpuint (glb_test_settle (compositor, 100, 5000).settled, ==, 1);
  g_assert_no_errno (fcntl (fd, F_SETFL, O_NONBLOCK));
  g_assert_cmpint (read (fd, &byte, 1), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  /* One reader at a time, or the bridge would mix what they get. */
  g_assert_cmpuint (glb_test_read_selection (compositor, GLB_SHIM_CLIPBOARD, id, UTF8, &second).error, ==, EBUSY);
  close (second);
  /* Who waited goes; the next gets what is there then. */
  close (fd);
  xclip_end (&xclip);

  xclip = xclip_copy_bytes (compositor, display, small);
  g_assert_cmpuint (glb_test_read_selection (compositor, GLB_SHIM_CLIPBOARD, compositor->selections[GLB_SHIM_CLIPBOARD]->id, UTF8,
                                             &fd).error, ==, 0);
  got = glb_test_read_pipe (compositor, fd);
  g_assert_true (g_bytes_equal (got, small));
  xclip_end (&xclip);
  close_window (&window);
}

/*
 * xterm asks with a window inside of its own, whose answers Weston's bridge does
 * not see.  When it has waited long enough it asks for another type, at the same
 * time as for what is pasted next.
 */
static void
test_paste_stuck (void)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xterm", &display);
  g_autoptr(GBytes) content = g_bytes_new_static (WORDS, strlen (WORDS)), in_parts = make_content (134000);
  g_autofree char *out = NULL, *typed = NULL;
  gsize n = 0;
  GPid pid;

  if (compositor == NULL)
    return;
  pid = start_xterm (compositor, display, &out);
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, in_parts, 0, NULL).error, ==, 0);
  paste_with_keys (compositor);
  glb_test_wait_until (compositor, count_in_log (compositor, "starting incr") > 0);
  glb_test_wait_until (compositor, compositor->pasted->len > 0);
  g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, content, 0, NULL).error, ==, 0);
  paste_with_keys (compositor);
  glb_test_wait_until (compositor, (g_free (typed), g_file_get_contents (out, &typed, &n, NULL)) && n >= strlen (WORDS));
  /* Once, or twice if what it asked late is answered too. */
  g_assert_true (g_str_has_prefix (typed, WORDS));
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  g_unlink (out);
}

/* Weston's bridge takes one at a time: some get nothing, and the session goes on. */
static void
test_pastes_at_the_same_time (void)
{
  g_autofree char *display = NULL;
  g_autoptr(GlbTestCompositor) compositor = start_with ("xclip", &display);
  g_autoptr(GBytes) small = make_content (1000), in_parts = make_content (300 * 1000);
  gboolean pasted;
  Window window;

  if (compositor == NULL)
    return;
  window = open_window (compositor, display, NULL);
  for (guint round = 0; round < 10; round++)
    {
      GBytes *content = round % 2 == 0 ? small : in_parts;
      guint n_asked = count_in_log (compositor, "selection request");
      g_autoptr(GBytes) got = NULL;
      Xclip xclips[8];

      g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_CLIPBOARD, UTF8, content, 0, NULL).error, ==, 0);
      for (guint i = 0; i < G_N_ELEMENTS (xclips); i++)
        {
          xclips[i] = spawn_xclip (display, "-out", "UTF8_STRING");
          close (xclips[i].in);
        }
      glb_test_wait_until (compositor, count_in_log (compositor, "selection request") >= n_asked + G_N_ELEMENTS (xclips));
      for (guint i = 0; i < G_N_ELEMENTS (xclips); i++)
        xclip_end (&xclips[i]);
      got = xclip_paste (compositor, display, &pasted);
      g_assert_true (pasted);
      g_assert_true (g_bytes_equal (got, content));
    }
  close_window (&window);
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
  g_test_add_data_func ("/xwayland/paste-in-parts/x11-window", NULL, test_paste_in_parts);
  g_test_add_data_func ("/xwayland/paste-in-parts/wayland-window", "", test_paste_in_parts);
  g_test_add_func ("/xwayland/paste-stuck", test_paste_stuck);
  g_test_add_func ("/xwayland/pastes-at-the-same-time", test_pastes_at_the_same_time);
  g_test_add_data_func ("/xwayland/copy-in-parts/x11-window", NULL, test_copy_in_parts);
  g_test_add_data_func ("/xwayland/copy-in-parts/wayland-window", "", test_copy_in_parts);
  g_test_add_data_func ("/xwayland/copy-stalls/x11-window", NULL, test_copy_stalls);
  g_test_add_data_func ("/xwayland/copy-stalls/wayland-window", "", test_copy_stalls);
  return g_test_run ();
}
