/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <glovebox-result.h>
#include <glovebox-version.h>

G_BEGIN_DECLS

/**
 * GloveboxButton:
 * @GLOVEBOX_BUTTON_LEFT: the left button
 * @GLOVEBOX_BUTTON_MIDDLE: the middle button
 * @GLOVEBOX_BUTTON_RIGHT: the right button
 *
 * A button of the mouse.
 */
typedef enum
{
  GLOVEBOX_BUTTON_LEFT,
  GLOVEBOX_BUTTON_MIDDLE,
  GLOVEBOX_BUTTON_RIGHT,
} GloveboxButton;

/**
 * GloveboxDirection:
 * @GLOVEBOX_DIRECTION_UP: up
 * @GLOVEBOX_DIRECTION_DOWN: down
 * @GLOVEBOX_DIRECTION_LEFT: left
 * @GLOVEBOX_DIRECTION_RIGHT: right
 *
 * Where the wheel turns to.
 */
typedef enum
{
  GLOVEBOX_DIRECTION_UP,
  GLOVEBOX_DIRECTION_DOWN,
  GLOVEBOX_DIRECTION_LEFT,
  GLOVEBOX_DIRECTION_RIGHT,
} GloveboxDirection;

/**
 * GloveboxSelection:
 * @GLOVEBOX_SELECTION_CLIPBOARD: what was copied
 * @GLOVEBOX_SELECTION_PRIMARY: what was selected last, and the middle button pastes
 *
 * One of the two clipboards.
 */
typedef enum
{
  GLOVEBOX_SELECTION_CLIPBOARD,
  GLOVEBOX_SELECTION_PRIMARY,
} GloveboxSelection;

#define GLOVEBOX_TYPE_DESKTOP (glovebox_desktop_get_type ())
GLOVEBOX_EXTERN
G_DECLARE_FINAL_TYPE (GloveboxDesktop, glovebox_desktop, GLOVEBOX, DESKTOP, GObject)

GLOVEBOX_EXTERN
GloveboxDesktop *glovebox_desktop_new             (GError **error);
GLOVEBOX_EXTERN
GloveboxDesktop *glovebox_desktop_new_for_path    (const char *path, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_set_timeout     (GloveboxDesktop *self, guint milliseconds);
GLOVEBOX_EXTERN
void             glovebox_desktop_set_settle      (GloveboxDesktop *self, guint quiet_ms, guint max_ms);
GLOVEBOX_EXTERN
void             glovebox_desktop_set_screenshots (GloveboxDesktop *self, gboolean screenshots);

GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_act (GloveboxDesktop *self, const char *action, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_act_async (GloveboxDesktop *self, const char *action, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_act_finish (GloveboxDesktop *self, GAsyncResult *result, GError **error);

GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_click (GloveboxDesktop *self, int x, int y, GloveboxButton button, guint n_clicks,
                                         GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_click_async (GloveboxDesktop *self, int x, int y, GloveboxButton button, guint n_clicks,
                                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_move (GloveboxDesktop *self, int x, int y, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_move_async (GloveboxDesktop *self, int x, int y, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_drag (GloveboxDesktop *self, int from_x, int from_y, int to_x, int to_y,
                                        GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_drag_async (GloveboxDesktop *self, int from_x, int from_y, int to_x, int to_y,
                                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_scroll (GloveboxDesktop *self, int x, int y, GloveboxDirection direction, guint n_clicks,
                                          GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_scroll_async (GloveboxDesktop *self, int x, int y, GloveboxDirection direction,
                                                guint n_clicks, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_key (GloveboxDesktop *self, const char *chords, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_key_async (GloveboxDesktop *self, const char *chords, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_type_text (GloveboxDesktop *self, const char *text, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_type_text_async (GloveboxDesktop *self, const char *text, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_screenshot (GloveboxDesktop *self, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_screenshot_async (GloveboxDesktop *self, GCancellable *cancellable,
                                                    GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_ui_tree (GloveboxDesktop *self, guint window, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_ui_tree_async (GloveboxDesktop *self, guint window, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_find (GloveboxDesktop *self, const char *role, const char *name, const char *text,
                                        GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_find_async (GloveboxDesktop *self, const char *role, const char *name, const char *text,
                                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_find_and_click (GloveboxDesktop *self, const char *role, const char *name, const char *text,
                                                  GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_find_and_click_async (GloveboxDesktop *self, const char *role, const char *name,
                                                        const char *text, GCancellable *cancellable,
                                                        GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_wait_for (GloveboxDesktop *self, const char *conditions, GCancellable *cancellable,
                                            GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_wait_for_async (GloveboxDesktop *self, const char *conditions, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_list_windows (GloveboxDesktop *self, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_list_windows_async (GloveboxDesktop *self, GCancellable *cancellable,
                                                      GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_activate_window (GloveboxDesktop *self, guint window, GCancellable *cancellable,
                                                   GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_activate_window_async (GloveboxDesktop *self, guint window, GCancellable *cancellable,
                                                         GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_close_window (GloveboxDesktop *self, guint window, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_close_window_async (GloveboxDesktop *self, guint window, GCancellable *cancellable,
                                                      GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_read_clipboard (GloveboxDesktop *self, GloveboxSelection selection, const char *type,
                                                  GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_read_clipboard_async (GloveboxDesktop *self, GloveboxSelection selection, const char *type,
                                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                                        gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_write_clipboard (GloveboxDesktop *self, GloveboxSelection selection, const char *text,
                                                   const char *type, GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_write_clipboard_async (GloveboxDesktop *self, GloveboxSelection selection, const char *text,
                                                         const char *type, GCancellable *cancellable,
                                                         GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_request_clipboard (GloveboxDesktop *self, GloveboxSelection selection, const char *type,
                                                     GCancellable *cancellable, GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_request_clipboard_async (GloveboxDesktop *self, GloveboxSelection selection,
                                                           const char *type, GCancellable *cancellable,
                                                           GAsyncReadyCallback callback, gpointer user_data);
GLOVEBOX_EXTERN
GloveboxResult  *glovebox_desktop_request_device (GloveboxDesktop *self, const char *device, GCancellable *cancellable,
                                                  GError **error);
GLOVEBOX_EXTERN
void             glovebox_desktop_request_device_async (GloveboxDesktop *self, const char *device, GCancellable *cancellable,
                                                        GAsyncReadyCallback callback, gpointer user_data);

G_END_DECLS
