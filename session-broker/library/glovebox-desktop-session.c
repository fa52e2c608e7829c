/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Windows, the clipboard, and what a person decides on. */

#define G_LOG_DOMAIN "Glovebox"
#include "config.h"

#include "glb-library-private.h"

static JsonObject *
window_action (const char *name, guint window)
{
  JsonObject *action = glb_desktop_action (name);

  json_object_set_int_member (action, "window", window);
  return action;
}

/* text, type: (nullable) */
static JsonObject *
clipboard_action (const char *name, GloveboxSelection selection, const char *text, const char *type)
{
  JsonObject *action = glb_desktop_action (name);

  if (text != NULL)
    json_object_set_string_member (action, "text", text);
  if (type != NULL)
    json_object_set_string_member (action, "type", type);
  json_object_set_string_member (action, "selection", selection == GLOVEBOX_SELECTION_PRIMARY ? "primary" : "clipboard");
  return action;
}

static JsonObject *
device_action (const char *device)
{
  JsonObject *action;

  g_return_val_if_fail (device != NULL, NULL);

  action = glb_desktop_action ("device_request");
  json_object_set_string_member (action, "device", device);
  return action;
}

/**
 * glovebox_desktop_list_windows:
 * @self: a desktop
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Lists the windows, bottom to top: member `windows` of the result.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_list_windows (GloveboxDesktop *self, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, glb_desktop_action ("list_windows"), cancellable, error);
}

/**
 * glovebox_desktop_list_windows_async:
 * @self: a desktop
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.list_windows]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_list_windows_async (GloveboxDesktop *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  glb_desktop_do_async (self, glb_desktop_action ("list_windows"), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_activate_window:
 * @self: a desktop
 * @window: its number
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Brings a window on top and gives it the keyboard.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_activate_window (GloveboxDesktop *self, guint window, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, window_action ("activate_window", window), cancellable, error);
}

/**
 * glovebox_desktop_activate_window_async:
 * @self: a desktop
 * @window: its number
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.activate_window]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_activate_window_async (GloveboxDesktop *self, guint window, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, window_action ("activate_window", window), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_close_window:
 * @self: a desktop
 * @window: its number
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Asks a window to close, as its close button does.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_close_window (GloveboxDesktop *self, guint window, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, window_action ("close_window", window), cancellable, error);
}

/**
 * glovebox_desktop_close_window_async:
 * @self: a desktop
 * @window: its number
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.close_window]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_close_window_async (GloveboxDesktop *self, guint window, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, window_action ("close_window", window), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_read_clipboard:
 * @self: a desktop
 * @selection: which one
 * @type: (nullable): a MIME type, %NULL: the plainest
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Reads what the session's programs have copied: [method@Result.dup_clipboard]. Nothing leaves the session.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_read_clipboard (GloveboxDesktop *self, GloveboxSelection selection, const char *type,
                                 GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, clipboard_action ("clipboard_read", selection, NULL, type), cancellable, error);
}

/**
 * glovebox_desktop_read_clipboard_async:
 * @self: a desktop
 * @selection: which one
 * @type: (nullable): a MIME type, %NULL: the plainest
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.read_clipboard]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_read_clipboard_async (GloveboxDesktop *self, GloveboxSelection selection, const char *type,
                                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, clipboard_action ("clipboard_read", selection, NULL, type), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_write_clipboard:
 * @self: a desktop
 * @selection: which one
 * @text: the text
 * @type: (nullable): a MIME type, %NULL: text
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Copies text for the session's programs to paste. Nothing leaves the session.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_write_clipboard (GloveboxDesktop *self, GloveboxSelection selection, const char *text, const char *type,
                                  GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, clipboard_action ("clipboard_write", selection, text, type), cancellable, error);
}

/**
 * glovebox_desktop_write_clipboard_async:
 * @self: a desktop
 * @selection: which one
 * @text: the text
 * @type: (nullable): a MIME type, %NULL: text
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.write_clipboard]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_write_clipboard_async (GloveboxDesktop *self, GloveboxSelection selection, const char *text,
                                        const char *type, GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  glb_desktop_do_async (self, clipboard_action ("clipboard_write", selection, text, type), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_request_clipboard:
 * @self: a desktop
 * @selection: which one
 * @type: (nullable): a MIME type, %NULL: the plainest
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Asks to hand what is copied out to the person, who may have to say yes.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_request_clipboard (GloveboxDesktop *self, GloveboxSelection selection, const char *type,
                                    GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, clipboard_action ("clipboard_request", selection, NULL, type), cancellable, error);
}

/**
 * glovebox_desktop_request_clipboard_async:
 * @self: a desktop
 * @selection: which one
 * @type: (nullable): a MIME type, %NULL: the plainest
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.request_clipboard]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_request_clipboard_async (GloveboxDesktop *self, GloveboxSelection selection, const char *type,
                                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, clipboard_action ("clipboard_request", selection, NULL, type), cancellable, callback, user_data);
}

/**
 * glovebox_desktop_request_device:
 * @self: a desktop
 * @device: `camera`, `microphone` or `speaker`
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Asks for a device, which a person may have to allow.
 *
 * Returns: (transfer full): what was delivered; a refusal is an error
 */
GloveboxResult *
glovebox_desktop_request_device (GloveboxDesktop *self, const char *device, GCancellable *cancellable, GError **error)
{
  return glb_desktop_do (self, device_action (device), cancellable, error);
}

/**
 * glovebox_desktop_request_device_async:
 * @self: a desktop
 * @device: `camera`, `microphone` or `speaker`
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called when there is an answer
 * @user_data: for @callback
 *
 * As [method@Desktop.request_device]; ends with [method@Desktop.act_finish].
 */
void
glovebox_desktop_request_device_async (GloveboxDesktop *self, const char *device, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data)
{
  glb_desktop_do_async (self, device_action (device), cancellable, callback, user_data);
}
