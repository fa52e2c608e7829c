/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-window.h"

#include <string.h>

#include "compositor-shim/glb-memory.h"

static void
handle_metadata (struct wl_listener *listener,
                 void               *data)
{
  GlbWindow *window = wl_container_of (listener, window, metadata_listener);

  window->metadata_changed (window->metadata_data);
}

GlbWindow *
glb_window_new (struct weston_desktop_surface *desktop_surface,
                uint32_t                       id,
                void                         (*metadata_changed) (void *data),
                void                          *data)
{
  GlbWindow *window = glb_new0 (GlbWindow);

  window->desktop_surface = desktop_surface;
  window->id = id;
  window->view = weston_desktop_surface_create_view (desktop_surface);
  if (window->view == NULL)
    abort ();
  window->metadata_changed = metadata_changed;
  window->metadata_data = data;
  window->metadata_listener.notify = handle_metadata;
  weston_desktop_surface_add_metadata_listener (desktop_surface, &window->metadata_listener);
  weston_desktop_surface_set_user_data (desktop_surface, window);
  wl_list_init (&window->link);
  return window;
}

void
glb_window_free (GlbWindow *window)
{
  wl_list_remove (&window->link);
  wl_list_remove (&window->metadata_listener.link);
  weston_desktop_surface_set_user_data (window->desktop_surface, NULL);
  weston_desktop_surface_unlink_view (window->view);
  weston_view_destroy (window->view);
  free (window);
}

GlbWindow *
glb_window_from_surface (struct weston_surface *surface)
{
  struct weston_surface *main_surface = weston_surface_get_main_surface (surface);

  if (!weston_surface_is_desktop_surface (main_surface))
    return NULL;
  return weston_desktop_surface_get_user_data (weston_surface_get_desktop_surface (main_surface));
}

struct weston_surface *
glb_window_get_surface (GlbWindow *window)
{
  return weston_desktop_surface_get_surface (window->desktop_surface);
}

GlbShimRect
glb_window_get_geometry (GlbWindow *window)
{
  struct weston_geometry geometry = weston_desktop_surface_get_geometry (window->desktop_surface);
  double x, y;

  glb_compat_view_get_position (window->view, &x, &y);
  return (GlbShimRect) { (int) x + geometry.x, (int) y + geometry.y, geometry.width, geometry.height };
}

void
glb_window_move (GlbWindow *window,
                 int        x,
                 int        y)
{
  struct weston_geometry geometry = weston_desktop_surface_get_geometry (window->desktop_surface);

  glb_compat_view_set_position (window->view, x - geometry.x, y - geometry.y);
  weston_view_update_transform (window->view);
  weston_view_schedule_repaint (window->view);
}

bool
glb_window_is_maximized (GlbWindow *window)
{
  return weston_desktop_surface_get_maximized (window->desktop_surface);
}

bool
glb_window_is_fullscreen (GlbWindow *window)
{
  return weston_desktop_surface_get_fullscreen (window->desktop_surface);
}

bool
glb_window_descends_from (const GlbWindow *window,
                          const GlbWindow *ancestor)
{
  for (; window != NULL; window = window->parent)
    if (window == ancestor)
      return true;
  return false;
}

/* Copies what fits, whole characters only; bytes that are no UTF-8 become "?". */
static void
copy_text (char       *out,
           size_t      size,
           const char *text)
{
  size_t n = 0;
  const uint8_t *byte = (const uint8_t *) (text != NULL ? text : "");

  while (*byte != '\0')
    {
      size_t length = *byte < 0x80 ? 1 : *byte >= 0xc2 && *byte < 0xe0 ? 2 : *byte >= 0xe0 && *byte < 0xf0 ? 3 :
                      *byte >= 0xf0 && *byte < 0xf5 ? 4 : 0;
      bool valid = length > 0;

      for (size_t i = 1; valid && i < length; i++)
        valid = (byte[i] & 0xc0) == 0x80;
      /* overlong forms, surrogates and what is beyond Unicode */
      if (valid && length == 3)
        valid = !(byte[0] == 0xe0 && byte[1] < 0xa0) && !(byte[0] == 0xed && byte[1] >= 0xa0);
      if (valid && length == 4)
        valid = !(byte[0] == 0xf0 && byte[1] < 0x90) && !(byte[0] == 0xf4 && byte[1] >= 0x90);
      if (n + (valid ? length : 1) >= size)
        break;
      if (!valid)
        {
          out[n++] = '?';
          byte++;
          continue;
        }
      memcpy (out + n, byte, length);
      n += length;
      byte += length;
    }
  memset (out + n, 0, size - n);
}

void
glb_window_describe (GlbWindow     *window,
                     bool           focused,
                     GlbShimWindow *out)
{
  struct weston_surface *surface = glb_window_get_surface (window);
  struct weston_geometry inner = weston_desktop_surface_get_geometry (window->desktop_surface);

  *out = (GlbShimWindow) {
    .id = window->id,
    .parent = window->parent != NULL ? window->parent->id : 0,
    .flags = (focused ? GLB_SHIM_WINDOW_FOCUSED : 0) |
             (glb_window_is_maximized (window) ? GLB_SHIM_WINDOW_MAXIMIZED : 0) |
             (glb_window_is_fullscreen (window) ? GLB_SHIM_WINDOW_FULLSCREEN : 0) |
             (window->minimized ? GLB_SHIM_WINDOW_MINIMIZED : 0) |
             (glb_compat_is_xwayland_surface (surface->compositor, surface) ? GLB_SHIM_WINDOW_X11 : 0),
    .inset_x = (uint16_t) (inner.x > 0 && inner.x <= UINT16_MAX ? inner.x : 0),
    .inset_y = (uint16_t) (inner.y > 0 && inner.y <= UINT16_MAX ? inner.y : 0),
    .geometry = glb_window_get_geometry (window),
  };
  copy_text (out->app_id, sizeof out->app_id, weston_desktop_surface_get_app_id (window->desktop_surface));
  copy_text (out->title, sizeof out->title, weston_desktop_surface_get_title (window->desktop_surface));
}
