/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* xdotool's mouse and keyboard. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "session-broker/tools/glb-xdotool.h"

/* Of one action: 64 KiB of JSON, in which a byte may take six. */
#define PIECE_BYTES   8192u
#define FILE_MAX      (4 * 1024 * 1024)

/* (transfer full) (nullable): what is down, as one chord with more: (nullable) */
static char *
chord (GlbXdotool *self, const char *more)
{
  g_autoptr(GString) keys = g_string_new (NULL);

  for (guint i = 0; i < self->held->len; i++)
    g_string_append_printf (keys, "%s%s", i > 0 ? "+" : "", (const char *) g_ptr_array_index (self->held, i));
  if (more != NULL)
    g_string_append_printf (keys, "%s%s", keys->len > 0 ? "+" : "", more);
  return keys->len > 0 ? g_strdup (keys->str) : NULL;
}

/* Takes action. */
static int
point (GlbXdotool *self, JsonObject *action)
{
  g_autofree char *held = chord (self, NULL);

  if (held != NULL)
    json_object_set_string_member (action, "text", held);
  return glb_helper_done (self->helper, action) ? 0 : 1;
}

/* ---- the mouse ------------------------------------------------------------------------ */

/* FALSE: it said why */
static gboolean
add_window_origin (GlbXdotool *self, guint id, int *x, int *y)
{
  g_autoptr(GPtrArray) windows = glb_helper_list_windows (self->helper, NULL);
  const GlbHelperWindow *window = windows != NULL ? glb_helper_find_window (windows, id) : NULL;

  if (window == NULL)
    return windows != NULL && glb_xdotool_fail (self, "there is no window %u", id) == 0;

  *x += window->x;
  *y += window->y;
  return TRUE;
}

static int
move_to (GlbXdotool *self, int x, int y)
{
  return point (self, glb_desktop_action_at ("mouse_move", x, y));
}

int
glb_xdotool_mousemove (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  int x, y;

  if (!glb_xdotool_take_options (self, "window screen clearmodifiers sync", &options) || !glb_xdotool_take_int (self, "x", &x) ||
      !glb_xdotool_take_int (self, "y", &y) || (options.has_window && !add_window_origin (self, options.window, &x, &y)))
    return 1;

  return move_to (self, x, y);
}

/* FALSE: it said why */
static gboolean
get_pointer (GlbXdotool *self, int *x, int *y)
{
  g_autoptr(GloveboxResult) result = glb_helper_do (self->helper, glb_desktop_action ("cursor_position"));

  return result != NULL && glovebox_result_get_pointer (result, x, y);
}

int
glb_xdotool_mousemove_relative (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  int dx, dy, x, y;

  if (!glb_xdotool_take_options (self, "clearmodifiers sync", &options) || !glb_xdotool_take_int (self, "x", &dx) ||
      !glb_xdotool_take_int (self, "y", &dy) || !get_pointer (self, &x, &y))
    return 1;

  /* a real pointer stops at the left and upper edge too */
  return move_to (self, MAX (x + dx, 0), MAX (y + dy, 0));
}

static int
turn_wheel (GlbXdotool *self, int button, int repeat)
{
  static const char * const directions[] = { "up", "down", "left", "right" };
  JsonObject *action = glb_desktop_action ("scroll");

  json_object_set_string_member (action, "scroll_direction", directions[button - 4]);
  json_object_set_int_member (action, "scroll_amount", MIN (repeat, 100));
  return point (self, action);
}

/* Clicks that follow closely on each other count as one double or triple click, as they do where xdotool makes them. */
static int
click_left (GlbXdotool *self, int repeat)
{
  static const char * const names[] = { "left_click", "double_click", "triple_click" };
  int code = 0;

  for (; repeat > 0 && code == 0; repeat -= MIN (repeat, 3))
    code = point (self, glb_desktop_action (names[MIN (repeat, 3) - 1]));
  return code;
}

int
glb_xdotool_click (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  int button, code = 0;

  if (!glb_xdotool_take_options (self, "window repeat delay clearmodifiers", &options) || !glb_xdotool_take_int (self, "a button", &button))
    return 1;
  if (button < 1 || button > 7)
    return glb_xdotool_fail (self, "there is no button %d in a Glovebox session; possible: 1 to 3, and 4 to 7 for the wheel", button);
  if (options.has_window && !glb_xdotool_activate (self, options.window))
    return 1;
  if (button >= 4)
    return turn_wheel (self, button, options.repeat);
  if (button == 1)
    return click_left (self, options.repeat);

  for (int i = 0; i < options.repeat && code == 0; i++)
    code = point (self, glb_desktop_action (button == 2 ? "middle_click" : "right_click"));
  return code;
}

static int
hold_button (GlbXdotool *self, const char *action)
{
  GlbXdotoolOptions options;
  int button;

  if (!glb_xdotool_take_options (self, "window clearmodifiers", &options) || !glb_xdotool_take_int (self, "a button", &button))
    return 1;
  if (button != 1)
    return glb_xdotool_fail (self, "only button 1 can be held in a Glovebox session; click does the others");

  return glb_helper_done (self->helper, glb_desktop_action (action)) ? 0 : 1;
}

int
glb_xdotool_mousedown (GlbXdotool *self)
{
  return hold_button (self, "left_mouse_down");
}

int
glb_xdotool_mouseup (GlbXdotool *self)
{
  return hold_button (self, "left_mouse_up");
}

/* The topmost window there; 0: none. */
static guint
find_window_at (GPtrArray *windows, int x, int y)
{
  for (guint i = windows->len; i > 0; i--)
    {
      const GlbHelperWindow *window = g_ptr_array_index (windows, i - 1);

      if (x >= window->x && y >= window->y && x - window->x < window->width && y - window->y < window->height)
        return window->id;
    }
  return 0;
}

int
glb_xdotool_getmouselocation (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  g_autoptr(GPtrArray) windows = NULL;
  guint window;
  int x, y;

  if (!glb_xdotool_take_options (self, "shell", &options) || !get_pointer (self, &x, &y) ||
      (windows = glb_helper_list_windows (self->helper, NULL)) == NULL)
    return 1;

  window = find_window_at (windows, x, y);
  g_array_set_size (self->stack, 0);
  g_array_append_val (self->stack, window);
  if (options.shell)
    printf ("X=%d\nY=%d\nSCREEN=0\nWINDOW=%u\n", x, y, window);
  else if (self->argc == 0)
    printf ("x:%d y:%d screen:0 window:%u\n", x, y, window);
  return 0;
}

/* ---- the keyboard -------------------------------------------------------------------------- */

static int
press (GlbXdotool *self, const char *keys)
{
  g_autofree char *all = chord (self, keys);
  JsonObject *action = glb_desktop_action ("key");

  json_object_set_string_member (action, "text", all);
  return glb_helper_done (self->helper, action) ? 0 : 1;
}

int
glb_xdotool_key (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  guint n_keys = 0;

  if (!glb_xdotool_take_options (self, "window delay clearmodifiers repeat repeat-delay", &options) ||
      (options.has_window && !glb_xdotool_activate (self, options.window)))
    return 1;

  while (self->argc > 0 && (n_keys == 0 || !glb_xdotool_is_command (self->argv[0])))
    {
      const char *keys = glb_xdotool_take_word (self, "a key");

      for (int i = 0; i < options.repeat; i++)
        if (press (self, keys) != 0)
          return 1;
      n_keys++;
    }
  return n_keys > 0 ? 0 : glb_xdotool_fail (self, "a key is missing, as Return or ctrl+s");
}

/* No action leaves a key down, but each takes keys that are held meanwhile. */
int
glb_xdotool_keydown (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  const char *keys;

  if (!glb_xdotool_take_options (self, "window delay clearmodifiers", &options) || (keys = glb_xdotool_take_word (self, "a key")) == NULL)
    return 1;

  g_ptr_array_add (self->held, g_strdup (keys));
  return 0;
}

int
glb_xdotool_keyup (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  const char *keys;

  if (!glb_xdotool_take_options (self, "window delay clearmodifiers", &options) || (keys = glb_xdotool_take_word (self, "a key")) == NULL)
    return 1;

  for (guint i = 0; i < self->held->len; i++)
    if (g_str_equal (g_ptr_array_index (self->held, i), keys))
      {
        g_ptr_array_remove_index (self->held, i);
        return 0;
      }
  /* agents release what they are not sure of */
  return 0;
}

/* Text in pieces that one action takes, cut between characters. */
static int
type_text (GlbXdotool *self, const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return glb_xdotool_fail (self, "the text is not UTF-8");
  if (self->held->len > 0)
    return glb_xdotool_fail (self, "text cannot be typed while keydown holds a key; use key");

  while (*text != '\0')
    {
      const char *end = strlen (text) > PIECE_BYTES ? g_utf8_find_prev_char (text, text + PIECE_BYTES) : text + strlen (text);
      g_autofree char *piece = g_strndup (text, (gsize) (end - text));
      JsonObject *action = glb_desktop_action ("type");

      json_object_set_string_member (action, "text", piece);
      if (!glb_helper_done (self->helper, action))
        return 1;
      text = end;
    }
  return 0;
}

/* (transfer full) (nullable): it said why */
static char *
read_text (GlbXdotool *self, const char *file)
{
  g_autoptr(GString) text = g_string_new (NULL);
  FILE *stream = g_str_equal (file, "-") ? stdin : fopen (file, "re");
  char buffer[4096];
  gsize n;

  while (stream != NULL && text->len <= FILE_MAX && (n = fread (buffer, 1, sizeof buffer, stream)) > 0)
    g_string_append_len (text, buffer, (gssize) n);
  if (stream == NULL || ferror (stream) || text->len > FILE_MAX || memchr (text->str, '\0', text->len) != NULL)
    {
      glb_xdotool_fail (self, "%s: can't be read as text of at most %d bytes", file, FILE_MAX);
      return NULL;
    }

  if (stream != stdin)
    fclose (stream);
  return g_strdup (text->str);
}

int
glb_xdotool_type (GlbXdotool *self)
{
  GlbXdotoolOptions options;

  if (!glb_xdotool_take_options (self, "window delay clearmodifiers file", &options) ||
      (options.has_window && !glb_xdotool_activate (self, options.window)))
    return 1;
  if (options.file != NULL)
    {
      g_autofree char *text = read_text (self, options.file);

      return text != NULL ? type_text (self, text) : 1;
    }
  if (self->argc == 0)
    return glb_xdotool_fail (self, "the text is missing");

  /* as xdotool: all that follows is text */
  while (self->argc > 0)
    if (type_text (self, glb_xdotool_take_word (self, "the text")) != 0)
      return 1;
  return 0;
}
