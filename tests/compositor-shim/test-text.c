/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-client.h"

static const char all_scripts[] =
  "Latin: Zażółć gęślą jaźń, ÄÖÜß\nGreek: Ξεσκεπάζω\tCyrillic: Съешь ещё этих мягких булок\n"
  "CJK: 漢字かな交じり文 中文 한국어\nEmoji: 🙂🚀👩‍👩‍👧\nASCII: ~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./ 09 aZ\n";

/* At least @n characters of all that. */
static GString *
long_text (guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; (guint) g_utf8_strlen (text->str, -1) < n; i++)
    g_string_append_printf (text, "%u %s", i, all_scripts);
  return text;
}

static GString *
plain_text (guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_c (text, (char) ('A' + i % 58));
  return text;
}

static void
press (GlbTestCompositor *compositor,
       guint32            code)
{
  const GlbShimEvent events[] = {
    { .kind = GLB_SHIM_EVENT_KEY, .code = code, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = code, .value = 0 },
  };

  g_assert_cmpuint (glb_test_input (compositor, events, G_N_ELEMENTS (events)).error, ==, 0);
}

static void
send_all (GlbTestCompositor *compositor,
          const char        *text)
{
  while (*text != '\0')
    {
      gsize length = MIN (strlen (text), GLB_SHIM_TEXT_MAX);
      g_autofree char *piece = NULL;

      while ((text[length] & 0xc0) == 0x80)
        length--;
      piece = g_strndup (text, length);
      g_assert_cmpuint (glb_test_text (compositor, piece).error, ==, 0);
      text += length;
    }
}

static void
test_refusals (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  static const char *const bad[] = { "\x01", "a\x1b[A", "\r", "\x7f", "\xc2\x85", "\xff", "\xc0\x80", "\xed\xa0\x80",
                                     "\xf4\x90\x80\x80", "cut\xe6\xbc" };
  GlbShimEvent key = { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_LEFTCTRL, .value = 1 };

  if (compositor == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpuint (glb_test_text (compositor, bad[i]).error, ==, EINVAL);
  g_assert_cmpuint (glb_test_text (compositor, "nobody there").error, ==, EAGAIN);
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);

    g_assert_cmpuint (glb_test_text (compositor, "").error, ==, 0);
    glb_test_input (compositor, &key, 1);
    g_assert_cmpuint (glb_test_text (compositor, "Ctrl is down").error, ==, EBUSY);
    key.value = 0;
    glb_test_input (compositor, &key, 1);
    g_assert_true (glb_test_client_sync (client));
    g_assert_cmpstr (client->typed->str, ==, "");
  }
}

static void
test_text_input (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GString) text = long_text (10000);

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);
    guint keymaps = client->n_keymaps;

    glb_test_client_enable_text_input (client);
    send_all (compositor, text->str);
    glb_test_wait_until (compositor, client->typed->len >= text->len);
    g_assert_cmpstr (client->typed->str, ==, text->str);
    g_assert_cmpuint (client->n_commits, >, 0);
    g_assert_cmpuint (client->n_keymaps, ==, keymaps);
  }
}

/* A terminal's cursor moves at any time, and text that crosses a move may be dropped: it gets keys. */
static void
test_terminal (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  const char *text = "Ab жЖ 漢";

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);

    glb_test_client_enable_text_input (client);
    zwp_text_input_v3_set_content_type (client->text_input, ZWP_TEXT_INPUT_V3_CONTENT_HINT_NONE,
                                        ZWP_TEXT_INPUT_V3_CONTENT_PURPOSE_TERMINAL);
    zwp_text_input_v3_commit (client->text_input);
    g_assert_true (glb_test_client_sync (client));
    send_all (compositor, text);
    glb_test_wait_until (compositor, client->typed->len >= strlen (text));
    g_assert_cmpstr (client->typed->str, ==, text);
    g_assert_cmpuint (client->n_commits, ==, 0);

    /* Enabling it anew forgets what it was for. */
    g_string_truncate (client->typed, 0);
    zwp_text_input_v3_enable (client->text_input);
    zwp_text_input_v3_commit (client->text_input);
    g_assert_true (glb_test_client_sync (client));
    send_all (compositor, text);
    glb_test_wait_until (compositor, client->typed->len >= strlen (text));
    g_assert_cmpstr (client->typed->str, ==, text);
    g_assert_cmpuint (client->n_commits, >, 0);
  }
}

static void
test_keys (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GString) text = long_text (3000);
  GlbShimEvent caps[] = {
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_CAPSLOCK, .value = 1 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_CAPSLOCK, .value = 0 },
  };

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);

    send_all (compositor, text->str);
    glb_test_wait_until (compositor, client->typed->len >= text->len);
    g_assert_cmpstr (client->typed->str, ==, text->str);
    g_assert_cmpuint (client->n_commits, ==, 0);
    g_assert_cmpuint (client->n_keymaps, >, 1);

    /* Caps Lock does not turn letters around, and stays on. */
    g_string_truncate (client->typed, 0);
    glb_test_input (compositor, caps, G_N_ELEMENTS (caps));
    send_all (compositor, "Ab жЖ");
    glb_test_wait_until (compositor, client->typed->len >= strlen ("Ab жЖ"));
    g_assert_cmpstr (client->typed->str, ==, "Ab жЖ");
    g_assert_cmpint (xkb_state_mod_name_is_active (client->xkb_state, XKB_MOD_NAME_CAPS, XKB_STATE_MODS_LOCKED), ==, 1);
  }
}

/* Plain characters without a single keymap: many more messages than fit a socket. */
static void
test_many_keys (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GString) text = plain_text (10000);

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);
    guint keymaps = client->n_keymaps;

    send_all (compositor, text->str);
    glb_test_wait_until (compositor, client->typed->len >= text->len);
    g_assert_cmpstr (client->typed->str, ==, text->str);
    g_assert_cmpuint (client->n_keymaps, ==, keymaps);
  }
}

/* Text follows a key at once, with a keymap of its own or without. */
static void
test_right_after_a_key (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GString) expected = g_string_new (NULL);

  if (compositor == NULL)
    return;
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);

    for (guint i = 0; i < 500; i++)
      {
        const char *text = i % 2 == 0 ? "last" : "żЖ漢";

        press (compositor, KEY_ENTER);
        send_all (compositor, text);
        g_string_append_printf (expected, "\n%s", text);
      }
    glb_test_wait_until (compositor, client->typed->len >= expected->len);
    g_assert_cmpstr (client->typed->str, ==, expected->str);
  }
}

/* A client that does not read is told of, and the compositor lives on. */
static void
test_client_that_does_not_read (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GString) text = g_string_new (NULL);

  if (compositor == NULL)
    return;
  for (guint i = 0; i < GLB_SHIM_TEXT_MAX; i++)
    g_string_append_c (text, 'a');
  {
    g_autoptr(GlbTestClient) client = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) window G_GNUC_UNUSED = glb_test_window_new (client, "window", 300, 200, 0, NULL);

    g_ptr_array_remove (compositor->clients, client);
    g_assert_cmpuint (glb_test_text (compositor, text->str).error, ==, ETIMEDOUT);
    g_ptr_array_add (compositor->clients, client);
    g_assert_true (glb_test_client_sync (client));
    g_assert_cmpuint (client->typed->len, <, text->len);

    g_string_truncate (client->typed, 0);
    send_all (compositor, "again");
    glb_test_wait_until (compositor, client->typed->len == 5);
  }
}

/* Text that began in one program does not run on into another. */
static void
test_focus_moves (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autofree char *body = g_strnfill (GLB_SHIM_TEXT_MAX, 'a');
  g_autofree GlbShimText *message = g_malloc0 (sizeof *message + GLB_SHIM_TEXT_MAX);

  if (compositor == NULL)
    return;
  message->length = GLB_SHIM_TEXT_MAX;
  memcpy (message->text, body, GLB_SHIM_TEXT_MAX);
  {
    g_autoptr(GlbTestClient) first = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) first_window G_GNUC_UNUSED = glb_test_window_new (first, "first", 300, 200, 0, NULL);
    g_autoptr(GlbTestClient) second = glb_test_client_new (compositor, compositor->socket_path);
    g_autoptr(GlbTestWindow) second_window G_GNUC_UNUSED = glb_test_window_new (second, "second", 300, 200, 0, NULL);
    guint64 serial;
    const GlbShimDone *done;

    serial = glb_test_send (compositor, GLB_SHIM_TEXT, message, sizeof *message + GLB_SHIM_TEXT_MAX);
    glb_test_window_op (compositor, glb_test_find_window (compositor, "first")->id, GLB_SHIM_WINDOW_ACTIVATE);
    done = glb_test_wait_answer (compositor, serial, GLB_SHIM_DONE);
    g_assert_cmpuint (done->error, ==, EPIPE);
    g_assert_true (glb_test_client_sync (first));
    g_assert_true (glb_test_client_sync (second));
    g_assert_cmpuint (first->typed->len, ==, 0);
    g_assert_cmpuint (second->typed->len, >, 0);
    g_assert_cmpuint (second->typed->len, <, GLB_SHIM_TEXT_MAX);
  }
}

/* Nobody waits for a client that died. */
static void
test_client_that_dies (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autofree char *body = g_strnfill (GLB_SHIM_TEXT_MAX, 'a');
  g_autofree GlbShimText *message = g_malloc0 (sizeof *message + GLB_SHIM_TEXT_MAX);
  GlbTestClient *client;
  GlbTestWindow *window;
  gint64 start;
  guint64 serial;
  const GlbShimDone *done;

  if (compositor == NULL)
    return;
  message->length = GLB_SHIM_TEXT_MAX;
  memcpy (message->text, body, GLB_SHIM_TEXT_MAX);
  client = glb_test_client_new (compositor, compositor->socket_path);
  window = glb_test_window_new (client, "window", 300, 200, 0, NULL);
  serial = glb_test_send (compositor, GLB_SHIM_TEXT, message, sizeof *message + GLB_SHIM_TEXT_MAX);
  glb_test_window_free (window);
  glb_test_client_free (client);
  start = g_get_monotonic_time ();
  done = glb_test_wait_answer (compositor, serial, GLB_SHIM_DONE);
  g_assert_true (done->error == EPIPE || done->error == EAGAIN);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_TIME_SPAN_SECOND);
}

/* ---- a real program ------------------------------------------------------- */

typedef struct
{
  GPid pid;
  char *out;   /* a file of what was typed */
} Foot;

/* A terminal that shows and notes what is typed; FALSE: there is none here. */
static gboolean
foot_start (Foot              *foot,
            GlbTestCompositor *compositor,
            const char        *prepare)
{
  g_autofree char *program = g_find_program_in_path ("foot");
  g_autofree char *ready = NULL, *script = NULL;
  g_auto(GStrv) env = NULL;
  const char *argv[] = { program, "--config=/dev/null", "--title=foot", "sh", "-c", NULL, NULL };
  g_autoptr(GError) error = NULL;

  if (program == NULL)
    {
      g_test_skip ("foot is not installed");
      return FALSE;
    }
  foot->out = g_build_filename (compositor->dir, "out", NULL);
  ready = g_build_filename (compositor->dir, "ready", NULL);
  script = g_strdup_printf ("%s; : > '%s'; : > '%s'; exec tee '%s'", prepare, foot->out, ready, foot->out);
  argv[5] = script;
  env = g_environ_setenv (g_get_environ (), "WAYLAND_DISPLAY", compositor->socket_path, TRUE);
  env = g_environ_setenv (env, "XDG_RUNTIME_DIR", compositor->dir, TRUE);
  env = g_environ_setenv (env, "LC_ALL", "C.UTF-8", TRUE);
  g_spawn_async (NULL, (char **) argv, env, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                 &foot->pid, &error);
  g_assert_no_error (error);
  glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "foot") &&
                       g_file_test (ready, G_FILE_TEST_EXISTS));
  glb_test_settle (compositor, 100, 5000);
  return TRUE;
}

/* Waits until @expected was typed, byte by byte, and ends the terminal. */
static void
foot_finish (Foot              *foot,
             GlbTestCompositor *compositor,
             const GString     *expected)
{
  g_autofree char *got = NULL;
  gsize n = 0;
  gint64 end = g_get_monotonic_time () + GLB_TEST_DEADLINE_S * G_TIME_SPAN_SECOND;

  while (n < expected->len && g_get_monotonic_time () < end)
    {
      glb_test_pump (compositor, end);
      g_free (got);
      g_assert_true (g_file_get_contents (foot->out, &got, &n, NULL));
    }
  g_assert_cmpmem (got, n, expected->str, expected->len);
  kill (foot->pid, SIGTERM);
  waitpid (foot->pid, NULL, 0);
  g_free (foot->out);
}

static void
into_foot (const char *prepare,
           GString    *text)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  Foot foot;

  if (compositor == NULL || !foot_start (&foot, compositor, prepare))
    return;
  send_all (compositor, text->str);
  g_strdelimit (text->str, "\n", '\r');
  foot_finish (&foot, compositor, text);
}

static void
test_foot (void)
{
  g_autoptr(GString) text = long_text (2000);

  into_foot ("stty raw -echo", text);
}

/* What is typed moves the cursor, and foot tells the compositor each time. */
static void
test_foot_echo (void)
{
  g_autoptr(GString) text = long_text (2000);

  into_foot ("stty raw echo", text);
}

/* The escape sequence turns foot's use of the input method off. */
static void
test_foot_no_text_input (void)
{
  g_autoptr(GString) text = long_text (2000);

  into_foot ("printf '\\033[?737769l'; stty raw -echo", text);
}

static void
test_foot_many (void)
{
  g_autoptr(GString) text = plain_text (10000);

  into_foot ("stty raw -echo", text);
}

/* A terminal is busy with its cursor while the text comes. */
static void
test_foot_right_after_a_key (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GString) expected = g_string_new (NULL);
  Foot foot;

  if (compositor == NULL || !foot_start (&foot, compositor, "stty raw -echo"))
    return;
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u last żЖ漢", i);

      press (compositor, i % 2 == 0 ? KEY_ENTER : KEY_LEFT);
      send_all (compositor, text);
      g_string_append_printf (expected, "%s%s", i % 2 == 0 ? "\r" : "\x1b[D", text);
    }
  foot_finish (&foot, compositor, expected);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/refusals", test_refusals);
  g_test_add_func ("/text/text-input", test_text_input);
  g_test_add_func ("/text/terminal", test_terminal);
  g_test_add_func ("/text/keys", test_keys);
  g_test_add_func ("/text/many-keys", test_many_keys);
  g_test_add_func ("/text/client-that-does-not-read", test_client_that_does_not_read);
  g_test_add_func ("/text/client-that-dies", test_client_that_dies);
  g_test_add_func ("/text/focus-moves", test_focus_moves);
  g_test_add_func ("/text/right-after-a-key", test_right_after_a_key);
  g_test_add_func ("/text/foot", test_foot);
  g_test_add_func ("/text/foot/echo", test_foot_echo);
  g_test_add_func ("/text/foot/no-text-input", test_foot_no_text_input);
  g_test_add_func ("/text/foot/many", test_foot_many);
  g_test_add_func ("/text/foot/right-after-a-key", test_foot_right_after_a_key);
  return g_test_run ();
}
