/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-weston-compat.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-version.h>

#include "compositor-shim/glb-memory.h"

/* ---- clients --------------------------------------------------------------- */

#define CLIENT_BUFFER_SIZE (128u * 1024u)

void
glb_compat_set_buffer_size (struct wl_client *client)
{
#if WAYLAND_VERSION_MAJOR > 1 || WAYLAND_VERSION_MINOR >= 23
  wl_client_set_max_buffer_size (client, CLIENT_BUFFER_SIZE);
#endif
}

/* ---- coordinates ---------------------------------------------------------- */

#if WESTON_VERSION_MAJOR >= 12
void notify_motion_absolute (struct weston_seat *seat, const struct timespec *time, struct weston_coord_global pos);
#else
void notify_motion_absolute (struct weston_seat *seat, const struct timespec *time, double x, double y);
#endif

void
glb_compat_notify_motion_absolute (struct weston_seat    *seat,
                                   const struct timespec *time,
                                   double                 x,
                                   double                 y)
{
#if WESTON_VERSION_MAJOR >= 12
  struct weston_coord_global pos = { .c = weston_coord (x, y) };

  notify_motion_absolute (seat, time, pos);
#else
  notify_motion_absolute (seat, time, x, y);
#endif
}

#if WESTON_VERSION_MAJOR >= 12
void notify_touch_normalized (struct weston_touch_device *device, const struct timespec *time, int touch_id,
                              const struct weston_coord_global *pos, const struct weston_point2d_device_normalized *norm,
                              int touch_type);
#else
void notify_touch_normalized (struct weston_touch_device *device, const struct timespec *time, int touch_id, double x, double y,
                              const struct weston_point2d_device_normalized *norm, int touch_type);
#endif

void
glb_compat_notify_touch (struct weston_touch_device *device,
                         const struct timespec      *time,
                         int                         id,
                         double                      x,
                         double                      y,
                         int                         type)
{
#if WESTON_VERSION_MAJOR >= 12
  struct weston_coord_global pos = { .c = weston_coord (x, y) };

  notify_touch_normalized (device, time, id, type != WL_TOUCH_UP ? &pos : NULL, NULL, type);
#else
  notify_touch_normalized (device, time, id, x, y, NULL, type);
#endif
}

void
glb_compat_pointer_get_position (struct weston_pointer *pointer,
                                 double                *x,
                                 double                *y)
{
#if WESTON_VERSION_MAJOR >= 12
  *x = pointer->pos.c.x;
  *y = pointer->pos.c.y;
#else
  *x = wl_fixed_to_double (pointer->x);
  *y = wl_fixed_to_double (pointer->y);
#endif
}

void
glb_compat_view_get_position (struct weston_view *view,
                              double             *x,
                              double             *y)
{
#if WESTON_VERSION_MAJOR >= 12
  *x = view->geometry.pos_offset.x;
  *y = view->geometry.pos_offset.y;
#else
  *x = view->geometry.x;
  *y = view->geometry.y;
#endif
}

void
glb_compat_view_set_position (struct weston_view *view,
                              double              x,
                              double              y)
{
#if WESTON_VERSION_MAJOR >= 13
  struct weston_coord_global pos = { .c = weston_coord (x, y) };

  weston_view_set_position (view, pos);
#else
  weston_view_set_position (view, x, y);
#endif
}

/* ---- views and surfaces --------------------------------------------------- */

void
glb_compat_view_raise (struct weston_view  *view,
                       struct weston_layer *layer)
{
#if WESTON_VERSION_MAJOR >= 13
  weston_view_move_to_layer (view, &layer->view_list);
#else
  /* What was visible below the old place has to be drawn again. */
  weston_view_geometry_dirty (view);
  weston_layer_entry_remove (&view->layer_link);
  weston_layer_entry_insert (&layer->view_list, &view->layer_link);
  weston_view_geometry_dirty (view);
  weston_surface_damage (view->surface);
  weston_desktop_surface_propagate_layer (weston_surface_get_desktop_surface (view->surface));
#endif
}

void
glb_compat_surface_map (struct weston_surface *surface,
                        struct weston_view    *view)
{
#if WESTON_VERSION_MAJOR >= 13
  weston_surface_map (surface);
#else
  view->is_mapped = true;
  surface->is_mapped = true;
#endif
}

bool
glb_compat_is_xwayland_surface (struct weston_compositor *compositor,
                                struct weston_surface    *surface)
{
  const struct weston_xwayland_surface_api *api = weston_xwayland_surface_get_api (compositor);

  return api != NULL && api->is_xwayland_surface (surface);
}

void
glb_compat_xwayland_send_position (struct weston_compositor *compositor,
                                   struct weston_surface    *surface,
                                   int32_t                   x,
                                   int32_t                   y)
{
  const struct weston_xwayland_surface_api *api = weston_xwayland_surface_get_api (compositor);

  if (api != NULL)
    api->send_position (surface, x, y);
}

struct GlbCompatBackground
{
#if WESTON_VERSION_MAJOR >= 12
  struct weston_curtain *curtain;
#else
  struct weston_surface *surface;
#endif
};

GlbCompatBackground *
glb_compat_background_new (struct weston_compositor *compositor,
                           struct weston_output     *output,
                           struct weston_layer      *layer,
                           uint32_t                  rgb)
{
  GlbCompatBackground *background = glb_new0 (GlbCompatBackground);
  float r = (rgb >> 16 & 0xff) / 255.0f, g = (rgb >> 8 & 0xff) / 255.0f, b = (rgb & 0xff) / 255.0f;
  struct weston_view *view;

#if WESTON_VERSION_MAJOR >= 12
  struct weston_curtain_params params = {
    .r = r, .g = g, .b = b, .a = 1.0f,
    .pos = output->pos, .width = output->width, .height = output->height,
    /* Clicks on the empty desktop are wanted. */
    .capture_input = true,
  };

  background->curtain = weston_shell_utils_curtain_create (compositor, &params);
  if (background->curtain == NULL)
    abort ();
  view = background->curtain->view;
  weston_surface_set_role (view->surface, "glovebox-background", NULL, 0);
  weston_surface_map (view->surface);
#if WESTON_VERSION_MAJOR >= 13
  weston_view_move_to_layer (view, &layer->view_list);
#else
  weston_layer_entry_insert (&layer->view_list, &view->layer_link);
  view->is_mapped = true;
#endif
#else
  background->surface = weston_surface_create (compositor);
  if (background->surface == NULL || (view = weston_view_create (background->surface)) == NULL)
    abort ();
  weston_surface_set_role (background->surface, "glovebox-background", NULL, 0);
  weston_surface_set_color (background->surface, r, g, b, 1.0f);
  pixman_region32_fini (&background->surface->opaque);
  pixman_region32_init_rect (&background->surface->opaque, 0, 0, output->width, output->height);
  pixman_region32_fini (&background->surface->input);
  pixman_region32_init_rect (&background->surface->input, 0, 0, output->width, output->height);
  weston_surface_set_size (background->surface, output->width, output->height);
  weston_view_set_position (view, output->x, output->y);
  weston_layer_entry_insert (&layer->view_list, &view->layer_link);
  background->surface->is_mapped = true;
  view->is_mapped = true;
  background->surface->output = output;
  weston_view_set_output (view, output);
  weston_surface_damage (background->surface);
#endif
  weston_compositor_schedule_repaint (compositor);
  return background;
}

void
glb_compat_background_free (GlbCompatBackground *background)
{
#if WESTON_VERSION_MAJOR >= 12
  weston_shell_utils_curtain_destroy (background->curtain);
#else
  weston_surface_destroy (background->surface);
#endif
  free (background);
}

/* ---- the desktop interface ------------------------------------------------ */

/* The signatures of two of libweston's callbacks changed, so all go through here. */
static const GlbCompatDesktopApi *desktop_api;

static void
ignore_client (struct weston_desktop_client *client,
               void                         *data)
{
}

static void
handle_fullscreen (struct weston_desktop_surface *surface,
                   bool                           fullscreen,
                   struct weston_output          *output,
                   void                          *data)
{
  desktop_api->fullscreen (surface, fullscreen, data);
}

#if WESTON_VERSION_MAJOR >= 13
static void
handle_committed (struct weston_desktop_surface *surface,
                  struct weston_coord_surface    offset,
                  void                          *data)
{
  desktop_api->committed (surface, (int) offset.c.x, (int) offset.c.y, data);
}
#else
static void
handle_committed (struct weston_desktop_surface *surface,
                  int32_t                        dx,
                  int32_t                        dy,
                  void                          *data)
{
  desktop_api->committed (surface, dx, dy, data);
}
#endif

#if WESTON_VERSION_MAJOR >= 13
static void
handle_set_xwayland_position (struct weston_desktop_surface *surface,
                              struct weston_coord_global     pos,
                              void                          *data)
{
  desktop_api->set_xwayland_position (surface, (int) pos.c.x, (int) pos.c.y, data);
}
#else
static void
handle_set_xwayland_position (struct weston_desktop_surface *surface,
                              int32_t                        x,
                              int32_t                        y,
                              void                          *data)
{
  desktop_api->set_xwayland_position (surface, x, y, data);
}
#endif

struct weston_desktop *
glb_compat_desktop_new (struct weston_compositor  *compositor,
                        const GlbCompatDesktopApi *api,
                        void                      *data)
{
  struct weston_desktop_api weston_api = {
    .struct_size = sizeof weston_api,
    .ping_timeout = ignore_client,
    .pong = api->pong,
    .surface_added = api->added,
    .surface_removed = api->removed,
    .committed = handle_committed,
    .set_parent = api->set_parent,
    .move = api->move,
    .resize = api->resize,
    .fullscreen_requested = handle_fullscreen,
    .maximized_requested = api->maximized,
    .minimized_requested = api->minimized,
    .set_xwayland_position = handle_set_xwayland_position,
#if WESTON_VERSION_MAJOR >= 13
    .get_position = api->get_position,
#endif
  };

  desktop_api = api;
  return weston_desktop_create (compositor, &weston_api, data);
}

/* ---- painting ------------------------------------------------------------- */

#define FORMAT_XRGB8888 0x34325258u   /* DRM_FORMAT_XRGB8888 */

struct weston_renderbuffer;

struct GlbCompatPainter
{
  struct weston_output *output;
  GlbCompatRepainted repainted;
  void *data;
#if WESTON_VERSION_MAJOR == 14
  void (*repaint_output) (struct weston_output *output, pixman_region32_t *damage,
                          struct weston_renderbuffer *renderbuffer);
#elif WESTON_VERSION_MAJOR >= 11
  struct wl_listener frame_listener;
#else
  void (*repaint_output) (struct weston_output *output, pixman_region32_t *damage);
#endif
};

bool
glb_compat_painter_is_current (GlbCompatPainter *painter)
{
  return !painter->output->repaint_needed;
}

#if WESTON_VERSION_MAJOR >= 11
struct pixel_format_info;
const struct pixel_format_info *pixel_format_get_info (uint32_t format);
#endif

#if WESTON_VERSION_MAJOR == 14

/* The renderer's structures are private since 11; these are those of 14. */

struct weston_renderbuffer
{
  pixman_region32_t damage;
  int refcount;
  void (*destroy) (struct weston_renderbuffer *renderbuffer);
};

void weston_renderbuffer_unref (struct weston_renderbuffer *renderbuffer);

typedef struct
{
  bool use_shadow;
  struct weston_size fb_size;
  const struct pixel_format_info *format;
} OutputOptions;

typedef struct
{
  int (*output_create) (struct weston_output *output, const OutputOptions *options);
  void (*output_destroy) (struct weston_output *output);
  struct weston_renderbuffer *(*create_image_from_ptr) (struct weston_output *output,
                                                        const struct pixel_format_info *format, int width, int height,
                                                        uint32_t *pixels, int stride);
} PixmanInterface;

typedef struct
{
  int (*read_pixels) (struct weston_output *output, const struct pixel_format_info *format, void *pixels,
                      uint32_t x, uint32_t y, uint32_t width, uint32_t height);
  void (*repaint_output) (struct weston_output *output, pixman_region32_t *damage,
                          struct weston_renderbuffer *renderbuffer);
  void (*others[12]) (void);
  enum weston_renderer_type type;
  const void *gl;
  const PixmanInterface *pixman;
} Renderer;

struct GlbCompatTarget
{
  struct weston_renderbuffer *renderbuffer;
};

/* The renderer calls back without user data; there is one output. */
static GlbCompatPainter *the_painter;

static Renderer *
get_renderer (GlbCompatPainter *painter)
{
  return (Renderer *) painter->output->compositor->renderer;
}

static void
repaint_output (struct weston_output       *output,
                pixman_region32_t          *damage,
                struct weston_renderbuffer *renderbuffer)
{
  the_painter->repainted (damage, the_painter->data);
}

/* Makes the renderer forget all images. */
static void
reset_output (GlbCompatPainter *painter)
{
  const PixmanInterface *pixman = get_renderer (painter)->pixman;
  OutputOptions options = {
    .use_shadow = false,
    .fb_size = { painter->output->width, painter->output->height },
    .format = pixel_format_get_info (FORMAT_XRGB8888),
  };

  pixman->output_destroy (painter->output);
  if (pixman->output_create (painter->output, &options) < 0)
    abort ();
}

GlbCompatPainter *
glb_compat_painter_new (struct weston_output *output,
                        GlbCompatRepainted    repainted,
                        void                 *data)
{
  GlbCompatPainter *painter = glb_new0 (GlbCompatPainter);

  painter->output = output;
  painter->repainted = repainted;
  painter->data = data;
  if (get_renderer (painter)->type != WESTON_RENDERER_PIXMAN || get_renderer (painter)->pixman == NULL)
    {
      weston_log ("glovebox: the compositor must use the pixman renderer\n");
      exit (EXIT_FAILURE);
    }
  painter->repaint_output = get_renderer (painter)->repaint_output;
  the_painter = painter;
  get_renderer (painter)->repaint_output = repaint_output;
  reset_output (painter);
  return painter;
}

void
glb_compat_painter_free (GlbCompatPainter *painter)
{
  get_renderer (painter)->repaint_output = painter->repaint_output;
  the_painter = NULL;
  free (painter);
}

GlbCompatTarget *
glb_compat_target_new (GlbCompatPainter *painter,
                       uint32_t         *pixels,
                       int               stride)
{
  GlbCompatTarget *target = glb_new0 (GlbCompatTarget);

  target->renderbuffer =
    get_renderer (painter)->pixman->create_image_from_ptr (painter->output, pixel_format_get_info (FORMAT_XRGB8888),
                                                           painter->output->width, painter->output->height, pixels,
                                                           stride);
  if (target->renderbuffer == NULL)
    abort ();
  return target;
}

void
glb_compat_target_free (GlbCompatPainter *painter,
                        GlbCompatTarget  *target)
{
  weston_renderbuffer_unref (target->renderbuffer);
  reset_output (painter);
  free (target);
}

bool
glb_compat_painter_paint (GlbCompatPainter  *painter,
                          GlbCompatTarget   *target,
                          pixman_region32_t *region)
{
  /* The renderer counts what each image lacks; so do we, and better. */
  pixman_region32_clear (&target->renderbuffer->damage);
  painter->repaint_output (painter->output, region, target->renderbuffer);
  return true;
}

#elif WESTON_VERSION_MAJOR >= 11

/* The renderer's structure is private since 11; this is its first member. */
typedef struct
{
  int (*read_pixels) (struct weston_output *output, const struct pixel_format_info *format, void *pixels,
                      uint32_t x, uint32_t y, uint32_t width, uint32_t height);
} RendererHead;

struct GlbCompatTarget
{
  uint8_t *pixels;
  int stride;
};

static void
handle_frame (struct wl_listener *listener,
              void               *data)
{
  GlbCompatPainter *painter = wl_container_of (listener, painter, frame_listener);

  painter->repainted (data, painter->data);
}

GlbCompatPainter *
glb_compat_painter_new (struct weston_output *output,
                        GlbCompatRepainted    repainted,
                        void                 *data)
{
  GlbCompatPainter *painter = glb_new0 (GlbCompatPainter);

  painter->output = output;
  painter->repainted = repainted;
  painter->data = data;
  painter->frame_listener.notify = handle_frame;
  wl_signal_add (&output->frame_signal, &painter->frame_listener);
  return painter;
}

void
glb_compat_painter_free (GlbCompatPainter *painter)
{
  wl_list_remove (&painter->frame_listener.link);
  free (painter);
}

GlbCompatTarget *
glb_compat_target_new (GlbCompatPainter *painter,
                       uint32_t         *pixels,
                       int               stride)
{
  GlbCompatTarget *target = glb_new0 (GlbCompatTarget);

  target->pixels = (uint8_t *) pixels;
  target->stride = stride;
  return target;
}

void
glb_compat_target_free (GlbCompatPainter *painter,
                        GlbCompatTarget  *target)
{
  free (target);
}

bool
glb_compat_painter_paint (GlbCompatPainter  *painter,
                          GlbCompatTarget   *target,
                          pixman_region32_t *region)
{
  const RendererHead *renderer = (const RendererHead *) painter->output->compositor->renderer;
  const struct pixel_format_info *format = pixel_format_get_info (FORMAT_XRGB8888);
  int n_boxes;
  const pixman_box32_t *boxes = pixman_region32_rectangles (region, &n_boxes);

  for (int i = 0; i < n_boxes; i++)
    {
      int width = boxes[i].x2 - boxes[i].x1, height = boxes[i].y2 - boxes[i].y1;
      uint8_t *row = target->pixels + (size_t) boxes[i].y1 * target->stride + (size_t) boxes[i].x1 * 4;
      uint8_t *strip;

      /* Rows come packed, so only strips of full width can go straight into the image. */
      if (width * 4 == target->stride)
        {
          if (renderer->read_pixels (painter->output, format, row, boxes[i].x1, boxes[i].y1, width, height) < 0)
            return false;
          continue;
        }
      strip = glb_malloc ((size_t) width * height * 4);
      if (renderer->read_pixels (painter->output, format, strip, boxes[i].x1, boxes[i].y1, width, height) < 0)
        {
          free (strip);
          return false;
        }
      for (int y = 0; y < height; y++)
        memcpy (row + (size_t) y * target->stride, strip + (size_t) y * width * 4, (size_t) width * 4);
      free (strip);
    }
  return true;
}

#else /* libweston 10 */

struct pixman_renderer_output_options
{
  bool use_shadow;
};

int pixman_renderer_output_create (struct weston_output *output, const struct pixman_renderer_output_options *options);
void pixman_renderer_output_destroy (struct weston_output *output);
void pixman_renderer_output_set_buffer (struct weston_output *output, pixman_image_t *image);

struct GlbCompatTarget
{
  pixman_image_t *image;
};

/* The renderer calls back without user data; there is one output. */
static GlbCompatPainter *the_painter;

static void
repaint_output (struct weston_output *output,
                pixman_region32_t    *damage)
{
  the_painter->repainted (damage, the_painter->data);
}

GlbCompatPainter *
glb_compat_painter_new (struct weston_output *output,
                        GlbCompatRepainted    repainted,
                        void                 *data)
{
  GlbCompatPainter *painter = glb_new0 (GlbCompatPainter);
  struct pixman_renderer_output_options options = { .use_shadow = false };

  painter->output = output;
  painter->repainted = repainted;
  painter->data = data;
  painter->repaint_output = output->compositor->renderer->repaint_output;
  the_painter = painter;
  output->compositor->renderer->repaint_output = repaint_output;

  pixman_renderer_output_destroy (output);
  if (pixman_renderer_output_create (output, &options) < 0)
    abort ();
  return painter;
}

void
glb_compat_painter_free (GlbCompatPainter *painter)
{
  painter->output->compositor->renderer->repaint_output = painter->repaint_output;
  the_painter = NULL;
  free (painter);
}

GlbCompatTarget *
glb_compat_target_new (GlbCompatPainter *painter,
                       uint32_t         *pixels,
                       int               stride)
{
  GlbCompatTarget *target = glb_new0 (GlbCompatTarget);

  target->image = pixman_image_create_bits_no_clear (PIXMAN_x8r8g8b8, painter->output->width, painter->output->height,
                                                     pixels, stride);
  if (target->image == NULL)
    abort ();
  return target;
}

void
glb_compat_target_free (GlbCompatPainter *painter,
                        GlbCompatTarget  *target)
{
  pixman_image_unref (target->image);
  free (target);
}

bool
glb_compat_painter_paint (GlbCompatPainter  *painter,
                          GlbCompatTarget   *target,
                          pixman_region32_t *region)
{
  pixman_renderer_output_set_buffer (painter->output, target->image);
  painter->repaint_output (painter->output, region);
  pixman_renderer_output_set_buffer (painter->output, NULL);
  return true;
}

#endif
