/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Everything that differs between libweston 10 (Debian 12) and 13/14 (Debian
 * 13), so that no other file has to ask for a version.  It also declares the
 * functions that libweston exports without a public header.
 */

#include <stdbool.h>
#include <stdint.h>
#include <linux/input.h>
#include <libweston/version.h>
#include <libweston/libweston.h>
#include <libweston/xwayland-api.h>
#include <pixman.h>

#if WESTON_VERSION_MAJOR >= 12
#include <libweston/desktop.h>
#include <libweston/shell-utils.h>
#else
#include <libweston-desktop/libweston-desktop.h>
#endif

/* ---- exported by libweston without a header, the same in 10 to 14 --------- */

void weston_seat_init (struct weston_seat *seat, struct weston_compositor *compositor, const char *name);
void weston_seat_release (struct weston_seat *seat);
int weston_seat_init_pointer (struct weston_seat *seat);
int weston_seat_init_touch (struct weston_seat *seat);
struct weston_touch_device *weston_touch_create_touch_device (struct weston_touch *touch, const char *syspath, void *backend_data,
                                                              const struct weston_touch_device_ops *ops);
void weston_touch_device_destroy (struct weston_touch_device *device);
void notify_touch_frame (struct weston_touch_device *device);
int weston_seat_init_keyboard (struct weston_seat *seat, struct xkb_keymap *keymap);
void weston_seat_release_pointer (struct weston_seat *seat);
void weston_seat_release_keyboard (struct weston_seat *seat);
void weston_seat_update_keymap (struct weston_seat *seat, struct xkb_keymap *keymap);
void notify_button (struct weston_seat *seat, const struct timespec *time, int32_t button,
                    enum wl_pointer_button_state state);
void notify_axis (struct weston_seat *seat, const struct timespec *time, struct weston_pointer_axis_event *event);
void notify_axis_source (struct weston_seat *seat, uint32_t source);
void notify_pointer_frame (struct weston_seat *seat);
void notify_key (struct weston_seat *seat, const struct timespec *time, uint32_t key,
                 enum wl_keyboard_key_state state, enum weston_key_state_update update_state);

/* The entry points that Weston looks up in a shell. */
int wet_shell_init (struct weston_compositor *compositor, int *argc, char *argv[]);

/* ---- clients --------------------------------------------------------------- */

/*
 * Since 1.23 libwayland's buffers can grow, but not beyond 4096 bytes if nobody
 * says so, and a message that is announced as longer makes it read in vain for
 * ever.  With room for the longest that can be announced such a client ends as
 * it does in older versions.
 */
void glb_compat_set_buffer_size (struct wl_client *client);

/* ---- coordinates ---------------------------------------------------------- */

/* type: WL_TOUCH_DOWN, WL_TOUCH_MOTION, or WL_TOUCH_UP, which has no place. */
void glb_compat_notify_touch (struct weston_touch_device *device,
                              const struct timespec      *time,
                              int                         id,
                              double                      x,
                              double                      y,
                              int                         type);
void glb_compat_notify_motion_absolute (struct weston_seat    *seat,
                                        const struct timespec *time,
                                        double                 x,
                                        double                 y);
void glb_compat_pointer_get_position (struct weston_pointer *pointer,
                                      double                *x,
                                      double                *y);
void glb_compat_view_get_position (struct weston_view *view,
                                   double             *x,
                                   double             *y);
void glb_compat_view_set_position (struct weston_view *view,
                                   double              x,
                                   double              y);

/* ---- views and surfaces --------------------------------------------------- */

/* Puts @view on top of @layer. */
void glb_compat_view_raise (struct weston_view  *view,
                            struct weston_layer *layer);
void glb_compat_surface_map (struct weston_surface *surface,
                             struct weston_view    *view);
void glb_compat_xwayland_send_position (struct weston_compositor *compositor,
                                        struct weston_surface    *surface,
                                        int32_t                   x,
                                        int32_t                   y);
bool glb_compat_is_xwayland_surface (struct weston_compositor *compositor,
                                     struct weston_surface    *surface);

typedef struct GlbCompatBackground GlbCompatBackground;

/* A plain colour below everything. */
GlbCompatBackground *glb_compat_background_new (struct weston_compositor *compositor,
                                                struct weston_output     *output,
                                                struct weston_layer      *layer,
                                                uint32_t                  rgb);
void glb_compat_background_free (GlbCompatBackground *background);

/* ---- the desktop interface ------------------------------------------------ */

typedef struct
{
  void (*added) (struct weston_desktop_surface *surface, void *data);
  void (*removed) (struct weston_desktop_surface *surface, void *data);
  void (*committed) (struct weston_desktop_surface *surface, int dx, int dy, void *data);
  void (*set_parent) (struct weston_desktop_surface *surface, struct weston_desktop_surface *parent, void *data);
  void (*move) (struct weston_desktop_surface *surface, struct weston_seat *seat, uint32_t serial, void *data);
  void (*resize) (struct weston_desktop_surface *surface, struct weston_seat *seat, uint32_t serial,
                  enum weston_desktop_surface_edge edges, void *data);
  void (*fullscreen) (struct weston_desktop_surface *surface, bool fullscreen, void *data);
  void (*maximized) (struct weston_desktop_surface *surface, bool maximized, void *data);
  void (*minimized) (struct weston_desktop_surface *surface, void *data);
  void (*pong) (struct weston_desktop_client *client, void *data);
  void (*set_xwayland_position) (struct weston_desktop_surface *surface, int x, int y, void *data);
  void (*get_position) (struct weston_desktop_surface *surface, int32_t *x, int32_t *y, void *data);
} GlbCompatDesktopApi;

/* @api must live as long as the result; one desktop a process. */
struct weston_desktop *glb_compat_desktop_new (struct weston_compositor  *compositor,
                                               const GlbCompatDesktopApi *api,
                                               void                      *data);

/* ---- painting ------------------------------------------------------------- */

/*
 * GlbCompatPainter: brings the pixels of an output into memory of ours.
 *
 * libweston 10 and 14 let us choose what the renderer draws on, so there the
 * painter takes away the renderer's own two images (8 MiB at 1280x800) and
 * nothing is drawn at all until somebody asks.  The versions between keep
 * them, and the painter copies.
 *
 * @repainted runs once in each repaint of the output, with the damage in output
 * pixels (it may be empty), and may paint.
 */
typedef struct GlbCompatPainter GlbCompatPainter;

/* An image as large as the output, XRGB8888. */
typedef struct GlbCompatTarget GlbCompatTarget;

typedef void (*GlbCompatRepainted) (pixman_region32_t *damage, void *data);

GlbCompatPainter *glb_compat_painter_new (struct weston_output *output,
                                          GlbCompatRepainted    repainted,
                                          void                 *data);
void glb_compat_painter_free (GlbCompatPainter *painter);

/* Whether the scene is as it was in the last repaint; if not, another is due. */
bool glb_compat_painter_is_current (GlbCompatPainter *painter);

/* @pixels stays the caller's, and must live as long as the target. */
GlbCompatTarget *glb_compat_target_new (GlbCompatPainter *painter,
                                        uint32_t         *pixels,
                                        int               stride);
void glb_compat_target_free (GlbCompatPainter *painter,
                             GlbCompatTarget  *target);

/* Brings @region of @target up to date. */
bool glb_compat_painter_paint (GlbCompatPainter  *painter,
                               GlbCompatTarget   *target,
                               pixman_region32_t *region);
