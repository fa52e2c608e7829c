/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-action-result.h"

#include "input-filter/glb-action.h"
#include "policies/glb-json-writer.h"

static const char * const refusal_codes[] = {
  GLB_REFUSED_STALE_FRAME,
  GLB_REFUSED_EXPECTATION_FAILED,
  GLB_REFUSED_LEASE_HUMAN,
  GLB_REFUSED_POLICY_DENIED,
  GLB_REFUSED_RATE_LIMITED,
  GLB_REFUSED_OUT_OF_BOUNDS,
  GLB_REFUSED_SESSION_PAUSED,
  GLB_REFUSED_SESSION_ENDED,
  GLB_REFUSED_MALFORMED,
  GLB_REFUSED_NOT_FOUND,
  GLB_REFUSED_UNSUPPORTED,
  GLB_REFUSED_UNCONFIRMED,
  GLB_REFUSED_NOT_FOUND,
  GLB_REFUSED_AMBIGUOUS,
  GLB_REFUSED_TIMEOUT,
  NULL,
};

static JsonNode *
take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

/* Titles come from the compositor, which had them from the applications. */
static void
set_untrusted_string (JsonObject *object,
                      const char *name,
                      const char *untrusted_value)
{
  g_autofree char *value = g_utf8_make_valid (untrusted_value != NULL ? untrusted_value : "", -1);

  json_object_set_string_member (object, name, value);
}

static void
set_changed (JsonObject        *object,
             const GlbShimRect *rect)
{
  JsonObject *changed;

  if (rect->width <= 0 || rect->height <= 0)
    {
      json_object_set_null_member (object, "changed");
      return;
    }

  changed = json_object_new ();
  json_object_set_int_member (changed, "x", rect->x);
  json_object_set_int_member (changed, "y", rect->y);
  json_object_set_int_member (changed, "width", rect->width);
  json_object_set_int_member (changed, "height", rect->height);
  json_object_set_object_member (object, "changed", changed);
}

static void
set_focus (JsonObject             *object,
           const GlbActionOutcome *outcome)
{
  JsonObject *focus;

  if (outcome->focus_window == 0)
    {
      json_object_set_null_member (object, "focus");
      return;
    }

  focus = json_object_new ();
  json_object_set_int_member (focus, "window", outcome->focus_window);
  set_untrusted_string (focus, "appId", outcome->focus_app_id);
  set_untrusted_string (focus, "title", outcome->focus_title);
  json_object_set_object_member (object, "focus", focus);
}

JsonNode *
glb_action_result_new_delivered (const GlbActionOutcome *outcome)
{
  JsonObject *object;
  JsonArray *pointer;

  g_return_val_if_fail (outcome != NULL, NULL);

  object = json_object_new ();
  json_object_set_string_member (object, "status", "delivered");
  /* JSON numbers are exact up to 2^53; at 60 frames a second that is five million years. */
  json_object_set_int_member (object, "frameId", MIN (outcome->frame_id, (guint64) G_MAXINT64));
  set_changed (object, &outcome->changed);
  set_focus (object, outcome);
  json_object_set_boolean_member (object, "settled", outcome->settled);
  pointer = json_array_new ();
  json_array_add_int_element (pointer, outcome->pointer_x);
  json_array_add_int_element (pointer, outcome->pointer_y);
  json_object_set_array_member (object, "pointer", pointer);
  return take_object (object);
}

JsonNode *
glb_action_result_new_refused (const char *code,
                               const char *message)
{
  JsonObject *object;

  g_return_val_if_fail (code != NULL && g_strv_contains (refusal_codes, code), NULL);
  g_return_val_if_fail (message != NULL, NULL);

  object = json_object_new ();
  json_object_set_string_member (object, "status", "refused");
  json_object_set_string_member (object, "code", code);
  set_untrusted_string (object, "message", message);
  return take_object (object);
}

JsonNode *
glb_action_result_new_from_error (const GError *error)
{
  const char *code = GLB_REFUSED_MALFORMED;

  g_return_val_if_fail (error != NULL, NULL);

  if (g_error_matches (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE))
    code = GLB_REFUSED_OUT_OF_BOUNDS;
  else if (g_error_matches (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNSUPPORTED))
    code = GLB_REFUSED_UNSUPPORTED;
  return glb_action_result_new_refused (code, error->message);
}

void
glb_action_result_set_lease (JsonNode   *result,
                             const char *driver,
                             guint64     epoch)
{
  JsonObject *lease = json_object_new ();

  json_object_set_string_member (lease, "driver", driver);
  json_object_set_int_member (lease, "epoch", epoch);
  json_object_set_object_member (json_node_get_object (result), "lease", lease);
}

void
glb_action_result_set_clipboard (JsonNode           *result,
                                 const char         *type,
                                 guint64             bytes,
                                 const char         *sha256,
                                 const char * const *types)
{
  JsonObject *clipboard = json_object_new ();

  json_object_set_string_member (clipboard, "type", type);
  json_object_set_int_member (clipboard, "bytes", (gint64) bytes);
  json_object_set_string_member (clipboard, "sha256", sha256);
  if (types != NULL)
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; types[i] != NULL; i++)
        json_array_add_string_element (array, types[i]);
      json_object_set_array_member (clipboard, "types", array);
    }
  json_object_set_object_member (json_node_get_object (result), "clipboard", clipboard);
}

void
glb_action_result_set_clipboard_content (JsonNode *result,
                                         GBytes   *content)
{
  JsonObject *clipboard = json_object_get_object_member (json_node_get_object (result), "clipboard");
  gsize size;
  const char *bytes = g_bytes_get_data (content, &size);
  gboolean is_text = g_utf8_validate_len (bytes, size, NULL);
  g_autofree char *value = is_text ? g_strndup (bytes, size) : g_base64_encode ((const guchar *) bytes, size);

  json_object_set_string_member (clipboard, is_text ? "text" : "base64", value);
}

static JsonObject *
describe_window (const GlbShimWindow *window,
                 guint32              focus)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "window", window->id);
  json_object_set_int_member (object, "parent", window->parent);
  set_untrusted_string (object, "appId", window->app_id);
  set_untrusted_string (object, "title", window->title);
  json_object_set_int_member (object, "x", window->geometry.x);
  json_object_set_int_member (object, "y", window->geometry.y);
  json_object_set_int_member (object, "width", window->geometry.width);
  json_object_set_int_member (object, "height", window->geometry.height);
  json_object_set_boolean_member (object, "focused", window->id == focus);
  json_object_set_boolean_member (object, "maximized", (window->flags & GLB_SHIM_WINDOW_MAXIMIZED) != 0);
  return object;
}

void
glb_action_result_set_window_list (JsonNode            *result,
                                   const GlbInputScene *scene)
{
  JsonArray *windows = json_array_new ();

  for (guint i = 0; i < scene->n_windows; i++)
    json_array_add_object_element (windows, describe_window (&scene->windows[i], scene->focus));
  json_object_set_array_member (json_node_get_object (result), "windows", windows);
}

void
glb_action_result_set_meanwhile (JsonNode *result,
                                 JsonNode *meanwhile)
{
  if (meanwhile != NULL)
    json_object_set_member (json_node_get_object (result), "meanwhile", json_node_copy (meanwhile));
  else
    json_object_set_null_member (json_node_get_object (result), "meanwhile");
}

void
glb_action_result_set_target (JsonNode         *result,
                              const GlbElement *target)
{
  json_object_set_member (json_node_get_object (result), "target", glb_element_to_node (target, FALSE, TRUE));
}

void
glb_action_result_set_elements (JsonNode  *result,
                                GPtrArray *found)
{
  JsonArray *array = json_array_sized_new (found->len);

  for (guint i = 0; i < found->len; i++)
    json_array_add_element (array, glb_element_to_node (g_ptr_array_index (found, i), FALSE, TRUE));
  json_object_set_array_member (json_node_get_object (result), "elements", array);
}

void
glb_action_result_set_windows (JsonNode            *result,
                               GPtrArray           *trees,
                               const GlbInputScene *scene,
                               gboolean             truncated)
{
  JsonArray *array = json_array_sized_new (trees->len);

  for (guint i = 0; i < trees->len; i++)
    {
      const GlbElement *tree = g_ptr_array_index (trees, i);
      const GlbShimWindow *window = glb_input_scene_find (scene, tree->window);
      JsonObject *object;

      if (window == NULL)
        continue;
      object = json_object_new ();
      json_object_set_int_member (object, "window", tree->window);
      set_untrusted_string (object, "appId", window->app_id);
      set_untrusted_string (object, "title", window->title);
      json_object_set_member (object, "tree", glb_element_to_node (tree, TRUE, FALSE));
      json_array_add_object_element (array, object);
    }
  json_object_set_array_member (json_node_get_object (result), "windows", array);
  json_object_set_boolean_member (json_node_get_object (result), "truncated", truncated);
}

JsonNode *
glb_action_result_summarise (JsonNode *result)
{
  static const char * const lists[] = { "windows", "elements" };
  JsonObject *object = json_node_get_object (result);
  JsonNode *summary;
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (copy, name, json_node_ref (node));
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (json_object_has_member (object, lists[i]))
      json_object_set_int_member (copy, lists[i], json_array_get_length (json_object_get_array_member (object, lists[i])));
  summary = take_object (copy);
  return summary;
}

char *
glb_action_result_to_text (JsonNode *result)
{
  g_return_val_if_fail (result != NULL, NULL);

  return glb_json_write (result);
}
