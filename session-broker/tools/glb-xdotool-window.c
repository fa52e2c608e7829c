/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* xdotool's windows. */

#include "config.h"

#include <regex.h>
#include <stdio.h>

#include "session-broker/tools/glb-xdotool.h"

/* A search that waits: for so long, looking again when the screen was quiet for so long or changed. */
#define SYNC_DEADLINE_US (30 * G_USEC_PER_SEC)
#define SYNC_QUIET_MS    200
#define SYNC_MAX_MS      1000

gboolean
glb_xdotool_activate (GlbXdotool *self, guint window)
{
  JsonObject *action = glb_desktop_action ("activate_window");

  json_object_set_int_member (action, "window", window);
  return glb_helper_done (self->helper, action);
}

/* The next word, if it is a window, else the first of the stack. FALSE: it said why */
static gboolean
take_window (GlbXdotool *self, guint *window)
{
  int number;

  if (self->argc > 0 && (self->argv[0][0] == '%' || glb_helper_read_int (self->argv[0], 0, G_MAXINT, &number)))
    return glb_xdotool_read_window (self, glb_xdotool_take_word (self, "a window"), window);

  return glb_xdotool_read_window (self, "%1", window);
}

/* (transfer none) (nullable): it said why. windows: (out) (transfer full): holds it */
static const GlbHelperWindow *
look_up (GlbXdotool *self, GPtrArray **windows)
{
  const GlbHelperWindow *found;
  guint window;

  if (!take_window (self, &window) || (*windows = glb_helper_list_windows (self->helper, NULL)) == NULL)
    return NULL;

  found = glb_helper_find_window (*windows, window);
  if (found == NULL)
    glb_xdotool_fail (self, "there is no window %u; xdotool search lists them", window);
  return found;
}

/* ---- searching ---------------------------------------------------------------------------- */

static gboolean
matches (const GlbHelperWindow *window, const GlbXdotoolOptions *options, const regex_t *pattern)
{
  gboolean any = !options->by_name && !options->by_class && !options->by_class_name;
  gboolean by_class = any || options->by_class || options->by_class_name;

  return ((any || options->by_name) && regexec (pattern, window->title, 0, NULL, 0) == 0) ||
         (by_class && regexec (pattern, window->app_id, 0, NULL, 0) == 0);
}

/* FALSE: it said why */
static gboolean
look_for (GlbXdotool *self, const GlbXdotoolOptions *options, const regex_t *pattern)
{
  g_autoptr(GPtrArray) windows = glb_helper_list_windows (self->helper, NULL);

  g_array_set_size (self->stack, 0);
  for (guint i = 0; windows != NULL && i < windows->len; i++)
    {
      const GlbHelperWindow *window = g_ptr_array_index (windows, i);

      if (matches (window, options, pattern) && (options->limit == 0 || self->stack->len < (guint) options->limit))
        g_array_append_val (self->stack, window->id);
    }
  return windows != NULL;
}

static gboolean
wait_for_change (GlbXdotool *self)
{
  JsonObject *action = glb_desktop_action ("wait"), *settle = json_object_new ();
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GloveboxResult) result = NULL;

  json_object_set_int_member (action, "duration", 0);
  json_object_set_int_member (settle, "quietMs", SYNC_QUIET_MS);
  json_object_set_int_member (settle, "maxMs", SYNC_MAX_MS);
  json_object_set_object_member (action, "settle", settle);
  json_node_take_object (node, action);
  text = json_to_string (node, FALSE);
  result = glovebox_desktop_act (self->helper->desktop, text, NULL, &error);
  if (result != NULL && glovebox_result_check (result, &error))
    return TRUE;

  glb_xdotool_fail (self, "%s", error->message);
  return FALSE;
}

static int
search (GlbXdotool *self, const GlbXdotoolOptions *options, const regex_t *pattern)
{
  gint64 deadline = g_get_monotonic_time () + SYNC_DEADLINE_US;

  do
    if (!look_for (self, options, pattern))
      return 1;
  while (options->sync && self->stack->len == 0 && g_get_monotonic_time () < deadline && wait_for_change (self));

  for (guint i = 0; self->argc == 0 && i < self->stack->len; i++)
    printf ("%u\n", g_array_index (self->stack, guint, i));
  return self->stack->len > 0 ? 0 : 1;
}

int
glb_xdotool_search (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  const char *text;
  regex_t pattern;
  int code;

  if (!glb_xdotool_take_options (self, "name title class classname sync limit all any onlyvisible maxdepth screen desktop", &options) ||
      (text = glb_xdotool_take_word (self, "a pattern")) == NULL)
    return 1;
  if (regcomp (&pattern, text, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
    return glb_xdotool_fail (self, "%s is no regular expression", text);

  code = search (self, &options, &pattern);
  regfree (&pattern);
  return code;
}

int
glb_xdotool_getactivewindow (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  g_autoptr(GPtrArray) windows = NULL;
  guint focus;

  if (!glb_xdotool_take_options (self, "", &options) || (windows = glb_helper_list_windows (self->helper, &focus)) == NULL)
    return 1;
  if (focus == 0)
    return glb_xdotool_fail (self, "no window has the keyboard");

  g_array_set_size (self->stack, 0);
  g_array_append_val (self->stack, focus);
  if (self->argc == 0)
    printf ("%u\n", focus);
  return 0;
}

/* ---- one window --------------------------------------------------------------------------- */

int
glb_xdotool_getwindowname (GlbXdotool *self)
{
  g_autoptr(GPtrArray) windows = NULL;
  const GlbHelperWindow *window = look_up (self, &windows);

  if (window != NULL)
    puts (window->title);
  return window != NULL ? 0 : 1;
}

int
glb_xdotool_getwindowclassname (GlbXdotool *self)
{
  g_autoptr(GPtrArray) windows = NULL;
  const GlbHelperWindow *window = look_up (self, &windows);

  if (window != NULL)
    puts (window->app_id);
  return window != NULL ? 0 : 1;
}

int
glb_xdotool_getwindowgeometry (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  g_autoptr(GPtrArray) windows = NULL;
  const GlbHelperWindow *window;

  if (!glb_xdotool_take_options (self, "shell", &options) || (window = look_up (self, &windows)) == NULL)
    return 1;

  if (options.shell)
    printf ("WINDOW=%u\nX=%d\nY=%d\nWIDTH=%d\nHEIGHT=%d\nSCREEN=0\n", window->id, window->x, window->y, window->width, window->height);
  else
    printf ("Window %u\n  Position: %d,%d (screen: 0)\n  Geometry: %dx%d\n", window->id, window->x, window->y, window->width,
            window->height);
  return 0;
}

int
glb_xdotool_windowactivate (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  guint window;

  if (!glb_xdotool_take_options (self, "sync", &options) || !take_window (self, &window))
    return 1;

  return glb_xdotool_activate (self, window) ? 0 : 1;
}

int
glb_xdotool_windowclose (GlbXdotool *self)
{
  JsonObject *action;
  guint window;

  if (!take_window (self, &window))
    return 1;

  action = glb_desktop_action ("close_window");
  json_object_set_int_member (action, "window", window);
  return glb_helper_done (self->helper, action) ? 0 : 1;
}

int
glb_xdotool_getdisplaygeometry (GlbXdotool *self)
{
  GlbXdotoolOptions options;
  g_autoptr(GloveboxResult) result = NULL;
  int width, height;

  if (!glb_xdotool_take_options (self, "shell screen", &options))
    return 1;

  /* the picture says how large it is */
  result = glb_helper_do (self->helper, glb_desktop_action ("screenshot"));
  if (result == NULL || glovebox_result_get_image (result, &width, &height) == NULL)
    return 1;
  printf (options.shell ? "WIDTH=%d\nHEIGHT=%d\n" : "%d %d\n", width, height);
  return 0;
}
