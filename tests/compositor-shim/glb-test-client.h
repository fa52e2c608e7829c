/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <wayland-client.h>
#include <xkbcommon/xkbcommon.h>

#include "primary-selection-unstable-v1-client-protocol.h"
#include "text-input-unstable-v3-client-protocol.h"
#include "xdg-shell-client-protocol.h"

#include "tests/compositor-shim/glb-test-compositor.h"

/* An ordinary Wayland program, such as an agent would start: windows of plain colour that note what they get. */
struct _GlbTestClient
{
  GlbTestCompositor *compositor;
  struct wl_display *display;
  struct wl_registry *registry;
  GPtrArray *globals;            /* names, in the order in which they came */
  struct wl_compositor *wl_compositor;
  struct wl_shm *shm;
  struct xdg_wm_base *wm_base;
  struct wl_seat *seat;
  guint32 seat_capabilities;
  struct wl_pointer *pointer;
  struct wl_keyboard *keyboard;
  struct wl_touch *touch;        /* NULL: the seat says that it has none */
  struct zwp_text_input_manager_v3 *text_input_manager;
  struct zwp_text_input_v3 *text_input;
  struct wl_data_device_manager *data_device_manager;
  struct zwp_primary_selection_device_manager_v1 *primary_manager;

  struct xkb_context *xkb;
  struct xkb_keymap *keymap;
  struct xkb_state *xkb_state;
  GString *typed;                /* text of keys and commits, in order */
  guint n_commits;
  guint n_keymaps;
  GString *pending_commit;
  gboolean text_input_entered;
  guint n_keys_down;
  struct wl_surface *keyboard_focus, *pointer_focus;
  double pointer_x, pointer_y;
  guint n_presses, n_releases;
  guint32 last_button, last_button_serial;
  guint32 last_serial;           /* of any event of the seat that a client may copy after */
  double scrolled;
  guint n_wheel_clicks;
  guint n_downs, n_moves, n_ups, n_touch_frames;
  int last_finger;
  double touch_x, touch_y;
  gboolean failed;               /* the connection ended */
};

typedef struct
{
  GlbTestClient *client;
  struct wl_surface *surface;
  struct xdg_surface *xdg_surface;
  struct xdg_toplevel *toplevel;
  int width, height;             /* as drawn */
  guint32 color;
  guint32 *pixels;               /* what is in the buffer */
  struct wl_buffer *buffer;
  int asked_width, asked_height; /* of the last configure */
  gboolean keep_size;            /* do not take the size that is asked for */
  gboolean configured, activated, maximized, fullscreen, closed, resizing;
} GlbTestWindow;

GlbTestClient *glb_test_client_new (GlbTestCompositor *compositor,
                                    const char        *socket_path);
void glb_test_client_free (GlbTestClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTestClient, glb_test_client_free)
/* Used by glb_test_pump(). */
int glb_test_client_prepare (GlbTestClient *client);
gboolean glb_test_client_take (GlbTestClient *client,
                               gboolean       readable);
/* Waits until the compositor has seen everything that was sent; FALSE: it ended the connection. */
gboolean glb_test_client_sync (GlbTestClient *client);
/* The client wants text from an input method in what has the focus. */
void glb_test_client_enable_text_input (GlbTestClient *client);
gboolean glb_test_client_sees (GlbTestClient *client,
                               const char    *global);

/* Maps the window and waits until the list has it. */
GlbTestWindow *glb_test_window_new (GlbTestClient *client,
                                    const char    *title,
                                    int            width,
                                    int            height,
                                    guint32        color,
                                    GlbTestWindow *parent);
void glb_test_window_free (GlbTestWindow *window);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTestWindow, glb_test_window_free)
/* Draws a rectangle and commits it with just that damage. */
void glb_test_window_draw (GlbTestWindow *window,
                           int            x,
                           int            y,
                           int            width,
                           int            height,
                           guint32        color);
