/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * AT-SPI knows nothing of Wayland's windows, nor Wayland of AT-SPI's: what both
 * say of a window is its title, of which program it is, and its size.
 */

#include <string.h>

#include "session-broker/accessibility/glb-accessibility-answer.h"

#define SCORE_TITLE     8
#define SCORE_PROGRAM   4
#define SCORE_PART      3     /* a title is a part of the other */
#define SCORE_SIZE      4
#define SCORE_ACTIVE    1
/* Less says nothing. */
#define SCORE_MIN       3

/* (transfer full): letters and digits, of the last part of an application id */
static char *
simplify (const char *name)
{
  const char *dot = strrchr (name, '.');
  GString *text = g_string_new (NULL);

  for (const char *p = dot != NULL && dot[1] != '\0' ? dot + 1 : name; *p != '\0'; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (text, g_ascii_tolower (*p));
  return g_string_free (text, FALSE);
}

static gboolean
is_program (const char *application, const char *app_id)
{
  g_autofree char *one = simplify (application), *other = simplify (app_id);

  return one[0] != '\0' && other[0] != '\0' && (strstr (one, other) != NULL || strstr (other, one) != NULL);
}

static guint
rate (const GlbToplevel *toplevel, const GlbShimWindow *window)
{
  const GlbElement *element = toplevel->element;
  guint score = 0;

  if ((window->flags & GLB_SHIM_WINDOW_MINIMIZED) != 0)
    return 0;
  if (element->name[0] != '\0' && g_str_equal (element->name, window->title))
    score += SCORE_TITLE;
  else if (element->name[0] != '\0' && window->title[0] != '\0' &&
           (strstr (window->title, element->name) != NULL || strstr (element->name, window->title) != NULL))
    score += SCORE_PART;
  if (is_program (toplevel->application, window->app_id))
    score += SCORE_PROGRAM;
  if (element->bounds.width == window->geometry.width && element->bounds.height == window->geometry.height)
    score += SCORE_SIZE;
  if (score >= SCORE_MIN && glb_element_has_state (element, "active") && (window->flags & GLB_SHIM_WINDOW_FOCUSED) != 0)
    score += SCORE_ACTIVE;
  return score >= SCORE_MIN ? score : 0;
}

static gboolean
is_taken (GPtrArray *toplevels, guint32 window)
{
  for (guint i = 0; i < toplevels->len; i++)
    if (((const GlbToplevel *) g_ptr_array_index (toplevels, i))->window == window)
      return TRUE;
  return FALSE;
}

/* The best pair of those that are left. */
static gboolean
match_one (GPtrArray *toplevels, const GlbInputScene *scene)
{
  GlbToplevel *best = NULL;
  guint32 window = 0;
  guint best_score = 0;

  for (guint i = scene->n_windows; i > 0; i--)
    for (guint j = 0; j < toplevels->len && !is_taken (toplevels, scene->windows[i - 1].id); j++)
      {
        GlbToplevel *toplevel = g_ptr_array_index (toplevels, j);
        guint score = toplevel->window == 0 ? rate (toplevel, &scene->windows[i - 1]) : 0;

        if (score > best_score)
          {
            best_score = score;
            best = toplevel;
            window = scene->windows[i - 1].id;
          }
      }
  if (best != NULL)
    best->window = window;
  return best != NULL;
}

void
glb_toplevels_match (GPtrArray *toplevels, const GlbInputScene *scene)
{
  while (match_one (toplevels, scene))
    ;
}

void
glb_toplevel_get_origin (const GlbToplevel *self, const GlbShimWindow *window, int *x, int *y)
{
  const GlbShimRect *inner = &self->element->bounds, *outer = &window->geometry;

  *x = outer->x - inner->x;
  *y = outer->y - inner->y;
  /* with the shadow, which the window's geometry is without: GTK 3 */
  if (inner->width > outer->width)
    {
      *x -= window->inset_x;
      *y -= window->inset_y;
    }
  /* without the frame, which the program's toolkit draws around it: Qt */
  else if (inner->width < outer->width || inner->height < outer->height)
    {
      int border = (outer->width - inner->width) / 2;

      *x += border;
      *y += outer->height - inner->height - border;
    }
}
