/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies/glb-strict-json.h"
#include "session-broker/tools/glb-helper.h"

int
glb_helper_fail (GlbHelper *self, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "%s: %s\n", self->name, message);
  return 1;
}

GloveboxResult *
glb_helper_do (GlbHelper *self, JsonObject *action)
{
  g_autofree char *name = g_strdup (json_object_get_string_member (action, "action"));
  g_autoptr(GError) error = NULL;
  GloveboxResult *result = glb_desktop_do (self->desktop, action, NULL, &error);

  if (result == NULL)
    glb_helper_fail (self, "%s: %s", name, error->message);
  return result;
}

gboolean
glb_helper_done (GlbHelper *self, JsonObject *action)
{
  g_autoptr(GloveboxResult) result = glb_helper_do (self, action);

  return result != NULL;
}

gboolean
glb_helper_read_int (const char *text, int min, int max, int *value)
{
  char *end;
  long number;

  errno = 0;
  number = strtol (text, &end, 10);
  if (*text == '\0' || *end != '\0' || errno != 0 || number < min || number > max)
    return FALSE;

  *value = (int) number;
  return TRUE;
}

void
glb_helper_pause (double seconds)
{
  g_poll (NULL, 0, (int) (seconds * 1000));
}

/* ---- windows ------------------------------------------------------------------------- */

static void
window_free (gpointer data)
{
  GlbHelperWindow *window = data;

  g_free (window->app_id);
  g_free (window->title);
  g_free (window);
}

static GlbHelperWindow *
window_new (JsonObject *object)
{
  GlbHelperWindow *window = g_new0 (GlbHelperWindow, 1);

  window->id = (guint) json_object_get_int_member_with_default (object, "window", 0);
  window->app_id = g_strdup (json_object_get_string_member_with_default (object, "appId", ""));
  window->title = g_strdup (json_object_get_string_member_with_default (object, "title", ""));
  window->x = (int) json_object_get_int_member_with_default (object, "x", 0);
  window->y = (int) json_object_get_int_member_with_default (object, "y", 0);
  window->width = (int) json_object_get_int_member_with_default (object, "width", 0);
  window->height = (int) json_object_get_int_member_with_default (object, "height", 0);
  return window;
}

GPtrArray *
glb_helper_list_windows (GlbHelper *self, guint *focus)
{
  const GlbStrictJsonLimits limits = { .max_bytes = 1024 * 1024, .max_depth = 8 };
  g_autoptr(GloveboxResult) result = glb_helper_do (self, glb_desktop_action ("list_windows"));
  g_autoptr(GPtrArray) windows = g_ptr_array_new_with_free_func (window_free);
  g_autofree char *json = result != NULL ? glovebox_result_dup_member (result, "windows") : NULL;
  g_autoptr(JsonNode) node = NULL;
  JsonArray *array;

  if (result == NULL)
    return NULL;

  node = json != NULL ? glb_strict_json_parse (json, strlen (json), GLB_STRICT_JSON_DEFAULT, &limits, NULL, NULL) : NULL;
  array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (array, i)))
      g_ptr_array_add (windows, window_new (json_array_get_object_element (array, i)));
  if (focus != NULL)
    *focus = glovebox_result_get_focus (result, NULL, NULL);
  return g_steal_pointer (&windows);
}

const GlbHelperWindow *
glb_helper_find_window (GPtrArray *windows, guint id)
{
  for (guint i = 0; i < windows->len; i++)
    if (((const GlbHelperWindow *) g_ptr_array_index (windows, i))->id == id)
      return g_ptr_array_index (windows, i);

  return NULL;
}
