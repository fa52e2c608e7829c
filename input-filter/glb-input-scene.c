/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-input-scene.h"

#include "input-filter/glb-glob.h"

const GlbShimWindow *
glb_input_scene_find_at (const GlbInputScene *self,
                         int                  x,
                         int                  y)
{
  for (guint i = self->n_windows; i > 0; i--)
    {
      const GlbShimWindow *window = &self->windows[i - 1];
      const GlbShimRect *rect = &window->geometry;

      if ((window->flags & GLB_SHIM_WINDOW_MINIMIZED) == 0 && x >= rect->x && y >= rect->y
          && (gint64) x < (gint64) rect->x + rect->width && (gint64) y < (gint64) rect->y + rect->height)
        return window;
    }
  return NULL;
}

const GlbShimWindow *
glb_input_scene_find (const GlbInputScene *self,
                      guint32              id)
{
  for (guint i = 0; id != 0 && i < self->n_windows; i++)
    if (self->windows[i].id == id)
      return &self->windows[i];
  return NULL;
}

gboolean
glb_window_matches (const GlbShimWindow *window,
                    const char          *app_id,
                    const char          *title)
{
  /* The message parser made both valid UTF-8. */
  return (app_id == NULL || glb_glob_match (app_id, window->app_id))
         && (title == NULL || glb_glob_match (title, window->title));
}
