/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a person sees, and waits for. */

#define G_LOG_DOMAIN "Glovebox"
#include "config.h"

#include <string.h>

#include "glb-library-private.h"
#include "glovebox-error.h"
#include "policies/glb-strict-json.h"

static void
set_glob (JsonObject *target, const char *name, const char *glob)
{
  if (glob != NULL)
    json_object_set_string_member (target, name, glob);
}

static JsonObject *
target_action (const char *name, const char *role, const char *element_name, const char *text)
{
  JsonObject *action = glb_desktop_action (name);
  JsonObject *target = json_object_new ();

  set_glob (target, "role", role);
  set_glob (target, "name", element_name);
  set_glob (target, "text", text);
  json_object_set_object_member (action, "target", target);
  return action;
}

static JsonObject *
tree_action (guint window)
{
  JsonObject *action = glb_desktop_action ("ui_tree");

  if (window != 0)
    json_object_set_int_member (action, "window", window);
  return action;
}

/* NULL with an error: the conditions are no object. */
static JsonObject *
wait_action (const char *conditions, GError **error)
{
  g_autoptr(JsonNode) node = NULL;
  JsonObject *action;

  g_return_val_if_fail (conditions != NULL, NULL);

  node = glb_strict_json_parse (conditions, strlen (conditions), GLB_STRICT_JSON_DEFAULT, NULL, NULL, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error_literal (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_MALFORMED,
                           "wait_for: the conditions must be a JSON object as {\"window\":{\"title\":\"*notes*\"}}");
      return NULL;
    }

  action = json_object_ref (json_node_get_object (node));
  json_object_set_string_member (action, "action", "wait_for");
  return action;
}

/**
 * glovebox_desktop_screenshot:
 * @self: a desktop
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Takes a picture of the screen: [method@Result.get_image].
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_screenshot (GloveboxDesktop *self, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, glb_desktop_action ("screenshot"), cancellable, error);
}

/**
 * glovebox_desktop_screenshot_async:
 * @self: a desktop
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.screenshot]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_screenshot_async (GloveboxDesktop *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  glb_desktop_do_async (self, glb_desktop_action ("screenshot"), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_ui_tree:
 * @self: a desktop
 * @window: number of a window, 0: all
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Asks for what is on the screen as the applications describe it: member `windows` of the result.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_ui_tree (GloveboxDesktop *self, guint window, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, tree_action (window), cancellable, error);
}

/**
 * glovebox_desktop_ui_tree_async:
 * @self: a desktop
 * @window: number of a window, 0: all
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.ui_tree]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_ui_tree_async (GloveboxDesktop *self, guint window, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  glb_desktop_do_async (self, tree_action (window), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_find:
 * @self: a desktop
 * @role: (nullable): glob of their role
 * @name: (nullable): glob of their name
 * @text: (nullable): glob of their text
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Looks for elements of applications: member `elements` of the result.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_find (GloveboxDesktop *self, const char *role, const char *name, const char *text, GCancellable *cancellable,
                       GError **error)
{
  return glb_desktop_do (self, target_action ("find", role, name, text), cancellable, error);
}

/**
 * glovebox_desktop_find_async:
 * @self: a desktop
 * @role: (nullable): glob of their role
 * @name: (nullable): glob of their name
 * @text: (nullable): glob of their text
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.find]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_find_async (GloveboxDesktop *self, const char *role, const char *name, const char *text,
                             GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, target_action ("find", role, name, text), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_find_and_click:
 * @self: a desktop
 * @role: (nullable): glob of its role
 * @name: (nullable): glob of its name
 * @text: (nullable): glob of its text
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Clicks the one element that is meant; its window is brought on top if it is covered.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_find_and_click (GloveboxDesktop *self, const char *role, const char *name, const char *text,
                                 GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, target_action ("left_click", role, name, text), cancellable, error);
}

/**
 * glovebox_desktop_find_and_click_async:
 * @self: a desktop
 * @role: (nullable): glob of its role
 * @name: (nullable): glob of its name
 * @text: (nullable): glob of its text
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.find_and_click]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_find_and_click_async (GloveboxDesktop *self, const char *role, const char *name, const char *text,
                                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, target_action ("left_click", role, name, text), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_wait_for:
 * @self: a desktop
 * @conditions: what to wait for: the parameters of the action `wait_for` as a JSON object
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Waits until all conditions hold at once. No other action of this object begins meanwhile.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_wait_for (GloveboxDesktop *self, const char *conditions, GCancellable *cancellable, GError **error)
{
  JsonObject *action = wait_action (conditions, error);

  return action != NULL ? glb_desktop_do (self, action, cancellable, error) : NULL;
}

/**
 * glovebox_desktop_wait_for_async:
 * @self: a desktop
 * @conditions: what to wait for: the parameters of the action `wait_for` as a JSON object
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.wait_for]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_wait_for_async (GloveboxDesktop *self, const char *conditions, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  GError *error = NULL;
  JsonObject *action = wait_action (conditions, &error);

  if (action != NULL)
    glb_desktop_do_async (self, action, cancellable, callback, user_data);
  else
    g_task_report_error (self, callback, user_data, glovebox_desktop_wait_for_async, error);
}
