/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a person does with mouse and keyboard. */

#define G_LOG_DOMAIN "Glovebox"
#include "config.h"

#include "glb-library-private.h"

static JsonObject *
click_action (int x, int y, GloveboxButton button, guint n_clicks)
{
  static const char * const names[] = { "left_click", "middle_click", "right_click" };
  static const char * const several[] = { "double_click", "triple_click" };

  g_return_val_if_fail (button <= GLOVEBOX_BUTTON_RIGHT, NULL);
  g_return_val_if_fail (n_clicks == 1 || (n_clicks >= 2 && n_clicks <= 3 && button == GLOVEBOX_BUTTON_LEFT), NULL);

  return glb_desktop_action_at (n_clicks == 1 ? names[button] : several[n_clicks - 2], x, y);
}

static JsonObject *
drag_action (int from_x, int from_y, int to_x, int to_y)
{
  JsonObject *action = glb_desktop_action_at ("left_click_drag", to_x, to_y);

  glb_desktop_set_point (action, "start_coordinate", from_x, from_y);
  return action;
}

static JsonObject *
scroll_action (int x, int y, GloveboxDirection direction, guint n_clicks)
{
  static const char * const names[] = { "up", "down", "left", "right" };
  JsonObject *action;

  g_return_val_if_fail (direction <= GLOVEBOX_DIRECTION_RIGHT, NULL);

  action = glb_desktop_action_at ("scroll", x, y);
  json_object_set_string_member (action, "scroll_direction", names[direction]);
  json_object_set_int_member (action, "scroll_amount", n_clicks);
  return action;
}

static JsonObject *
text_action (const char *name, const char *text)
{
  JsonObject *action;

  g_return_val_if_fail (text != NULL, NULL);

  action = glb_desktop_action (name);
  json_object_set_string_member (action, "text", text);
  return action;
}

/**
 * glovebox_desktop_click:
 * @self: a desktop
 * @x: pixels from the left
 * @y: pixels from the top
 * @button: which button
 * @n_clicks: 1 to 3; more than one with the left button only
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Clicks.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_click (GloveboxDesktop *self, int x, int y, GloveboxButton button, guint n_clicks, GCancellable *cancellable,
                        GError **error)
{
  return glb_desktop_do (self, click_action (x, y, button, n_clicks), cancellable, error);
}

/**
 * glovebox_desktop_click_async:
 * @self: a desktop
 * @x: pixels from the left
 * @y: pixels from the top
 * @button: which button
 * @n_clicks: 1 to 3; more than one with the left button only
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.click]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_click_async (GloveboxDesktop *self, int x, int y, GloveboxButton button, guint n_clicks,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, click_action (x, y, button, n_clicks), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_move:
 * @self: a desktop
 * @x: pixels from the left
 * @y: pixels from the top
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Moves the pointer.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_move (GloveboxDesktop *self, int x, int y, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, glb_desktop_action_at ("mouse_move", x, y), cancellable, error);
}

/**
 * glovebox_desktop_move_async:
 * @self: a desktop
 * @x: pixels from the left
 * @y: pixels from the top
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.move]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_move_async (GloveboxDesktop *self, int x, int y, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  glb_desktop_do_async (self, glb_desktop_action_at ("mouse_move", x, y), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_drag:
 * @self: a desktop
 * @from_x: where it is pressed
 * @from_y: where it is pressed
 * @to_x: where it is released
 * @to_y: where it is released
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Drags with the left button.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_drag (GloveboxDesktop *self, int from_x, int from_y, int to_x, int to_y, GCancellable *cancellable,
                       GError **error)
{
  return glb_desktop_do (self, drag_action (from_x, from_y, to_x, to_y), cancellable, error);
}

/**
 * glovebox_desktop_drag_async:
 * @self: a desktop
 * @from_x: where it is pressed
 * @from_y: where it is pressed
 * @to_x: where it is released
 * @to_y: where it is released
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.drag]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_drag_async (GloveboxDesktop *self, int from_x, int from_y, int to_x, int to_y, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, drag_action (from_x, from_y, to_x, to_y), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_scroll:
 * @self: a desktop
 * @x: pixels from the left
 * @y: pixels from the top
 * @direction: which way
 * @n_clicks: clicks of the wheel, 1 to 100
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Turns the wheel.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_scroll (GloveboxDesktop *self, int x, int y, GloveboxDirection direction, guint n_clicks,
                         GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, scroll_action (x, y, direction, n_clicks), cancellable, error);
}

/**
 * glovebox_desktop_scroll_async:
 * @self: a desktop
 * @x: pixels from the left
 * @y: pixels from the top
 * @direction: which way
 * @n_clicks: clicks of the wheel, 1 to 100
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.scroll]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_scroll_async (GloveboxDesktop *self, int x, int y, GloveboxDirection direction, guint n_clicks,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, scroll_action (x, y, direction, n_clicks), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_key:
 * @self: a desktop
 * @chords: as `ctrl+a Delete`
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Presses keys.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_key (GloveboxDesktop *self, const char *chords, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, text_action ("key", chords), cancellable, error);
}

/**
 * glovebox_desktop_key_async:
 * @self: a desktop
 * @chords: as `ctrl+a Delete`
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.key]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_key_async (GloveboxDesktop *self, const char *chords, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, text_action ("key", chords), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_type_text:
 * @self: a desktop
 * @text: the text
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Types any text; `\n` is Return, `\t` is Tab.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_type_text (GloveboxDesktop *self, const char *text, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, text_action ("type", text), cancellable, error);
}

/**
 * glovebox_desktop_type_text_async:
 * @self: a desktop
 * @text: the text
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.type_text]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_type_text_async (GloveboxDesktop *self, const char *text, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, text_action ("type", text), cancellable, callback, user_data);
}
