/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-compare.h"

#include <math.h>

/*
 * Comparing screens as a person does
 * ==================================
 *
 * The distance of two colours is that of Kotsarenko and Ramos, "Measuring perceived color difference using YIQ NTSC transmission
 * color space in mobile applications" (2010): the squares of the differences in Y, I and Q, weighted 0.5053, 0.299 and 0.1957.
 * Two colours are at most 35215 apart; black and white are 32857.
 *
 * The pixels of a smoothed edge move with any change of font rendering by a fraction of a pixel. They are found as by Vysniauskas,
 * "Anti-aliased Pixel and Intensity Slope Detector" (2009): the pixel is neither flat nor an extreme among its eight neighbours,
 * and its darkest or its brightest neighbour is part of a flat area in both pictures. The method as a whole, and 0.1 for the
 * distance, are those of the widely used "pixelmatch", so that thresholds mean what testers know; the code is our own.
 */

#define DISTANCE_MAX 35215.0
/* So many neighbours of the same colour are an area. */
#define FLAT_MIN     3

typedef struct
{
  double y, i, q;
} Yiq;

static Yiq
to_yiq (guint32 pixel)
{
  const double r = pixel >> 16 & 0xff, g = pixel >> 8 & 0xff, b = pixel & 0xff;

  return (Yiq) {
    0.29889531 * r + 0.58662247 * g + 0.11448223 * b,
    0.59597799 * r - 0.27417610 * g - 0.32180189 * b,
    0.21147017 * r - 0.52261711 * g + 0.31114694 * b,
  };
}

static double
get_distance (guint32 a,
              guint32 b)
{
  const Yiq p = to_yiq (a), q = to_yiq (b);
  const double y = p.y - q.y, i = p.i - q.i, c = p.q - q.q;

  return 0.5053 * y * y + 0.299 * i * i + 0.1957 * c * c;
}

static guint32
get_pixel (const GlbReplayPicture *picture,
           guint                   x,
           guint                   y)
{
  return picture->pixels[(gsize) y * picture->width + x];
}

/* The neighbours of a pixel, itself among them. */
typedef struct
{
  guint x0, y0, x1, y1;
  gboolean at_edge;
} Around;

static Around
get_around (const GlbReplayPicture *picture,
            guint                   x,
            guint                   y)
{
  Around around = { x > 0 ? x - 1 : 0, y > 0 ? y - 1 : 0, MIN (x + 1, picture->width - 1), MIN (y + 1, picture->height - 1), FALSE };

  around.at_edge = around.x0 == x || around.y0 == y || around.x1 == x || around.y1 == y;
  return around;
}

static gboolean
is_flat (const GlbReplayPicture *picture,
         guint                   x,
         guint                   y)
{
  const Around around = get_around (picture, x, y);
  const guint32 pixel = get_pixel (picture, x, y);
  guint n = around.at_edge ? 1 : 0;

  for (guint ny = around.y0; ny <= around.y1; ny++)
    for (guint nx = around.x0; nx <= around.x1; nx++)
      if ((nx != x || ny != y) && get_pixel (picture, nx, ny) == pixel)
        n++;
  return n >= FLAT_MIN;
}

/* The neighbours that are darkest and brightest against the pixel; FALSE: it is flat, or an extreme itself. */
static gboolean
find_extremes (const GlbReplayPicture *picture,
               guint                   x,
               guint                   y,
               guint                   darkest[2],
               guint                   brightest[2])
{
  const Around around = get_around (picture, x, y);
  const double own = to_yiq (get_pixel (picture, x, y)).y;
  double min = 0, max = 0;
  guint n_same = around.at_edge ? 1 : 0;

  for (guint ny = around.y0; ny <= around.y1; ny++)
    for (guint nx = around.x0; nx <= around.x1; nx++)
      {
        const double step = to_yiq (get_pixel (picture, nx, ny)).y - own;

        if (nx == x && ny == y)
          continue;
        if (fabs (step) < 1e-9)
          n_same++;
        else if (step < min)
          {
            min = step;
            darkest[0] = nx;
            darkest[1] = ny;
          }
        else if (step > max)
          {
            max = step;
            brightest[0] = nx;
            brightest[1] = ny;
          }
      }
  return n_same < FLAT_MIN && min < 0 && max > 0;
}

static gboolean
is_smoothed (const GlbReplayPicture *picture,
             const GlbReplayPicture *other,
             guint                   x,
             guint                   y)
{
  guint dark[2] = { x, y }, bright[2] = { x, y };

  if (!find_extremes (picture, x, y, dark, bright))
    return FALSE;
  return (is_flat (picture, dark[0], dark[1]) && is_flat (other, dark[0], dark[1])) ||
         (is_flat (picture, bright[0], bright[1]) && is_flat (other, bright[0], bright[1]));
}

gboolean
glb_replay_rect_has (const GlbReplayRect *self,
                     int                  x,
                     int                  y)
{
  return x >= self->x && y >= self->y && (gint64) x < (gint64) self->x + self->width && (gint64) y < (gint64) self->y + self->height;
}

static gboolean
is_masked (const GlbReplayCompareRules *rules,
           guint                        x,
           guint                        y)
{
  for (guint i = 0; i < rules->n_masks; i++)
    if (glb_replay_rect_has (&rules->masks[i], (int) x, (int) y))
      return TRUE;
  return FALSE;
}

typedef enum { PIXEL_SAME, PIXEL_MASKED, PIXEL_SMOOTHED, PIXEL_DIFFERENT } Verdict;

static Verdict
judge (const GlbReplayPicture      *expected,
       const GlbReplayPicture      *actual,
       const GlbReplayCompareRules *rules,
       guint                        x,
       guint                        y)
{
  const guint32 a = get_pixel (expected, x, y), b = get_pixel (actual, x, y);

  if (rules->n_masks > 0 && is_masked (rules, x, y))
    return PIXEL_MASKED;
  if (a == b)
    return PIXEL_SAME;
  if (rules->mode == GLB_REPLAY_COMPARE_EXACT)
    return PIXEL_DIFFERENT;
  if (get_distance (a, b) <= DISTANCE_MAX * rules->colour * rules->colour)
    return PIXEL_SAME;
  return is_smoothed (expected, actual, x, y) || is_smoothed (actual, expected, x, y) ? PIXEL_SMOOTHED : PIXEL_DIFFERENT;
}

static void
count (GlbReplayComparison *result,
       Verdict              verdict,
       int                  x,
       int                  y)
{
  GlbReplayRect *bounds = &result->bounds;
  int right, bottom;

  if (verdict == PIXEL_SMOOTHED)
    result->n_smoothed++;
  if (verdict != PIXEL_DIFFERENT)
    return;

  if (result->n_different++ == 0)
    {
      *bounds = (GlbReplayRect) { x, y, 1, 1 };
      return;
    }
  right = MAX (bounds->x + bounds->width, x + 1);
  bottom = MAX (bounds->y + bounds->height, y + 1);
  bounds->x = MIN (bounds->x, x);
  bounds->y = MIN (bounds->y, y);
  bounds->width = right - bounds->x;
  bounds->height = bottom - bounds->y;
}

/* What the screen shows, pale; what is not looked at, blue; what differs, red, and by smoothing alone, yellow. */
static guint32
paint (guint32 pixel,
       Verdict verdict)
{
  const guint pale = 255 - (255 - (guint) to_yiq (pixel).y) / 8;

  switch (verdict)
    {
    case PIXEL_DIFFERENT: return 0xffe01b24;
    case PIXEL_SMOOTHED:  return 0xfff5c211;
    case PIXEL_MASKED:    return 0xff000000u | (pale - 40) << 16 | (pale - 24) << 8 | pale;
    case PIXEL_SAME:
    default:              return 0xff000000u | pale << 16 | pale << 8 | pale;
    }
}

static GlbReplayPicture *
paint_difference (const GlbReplayPicture      *expected,
                  const GlbReplayPicture      *actual,
                  const GlbReplayCompareRules *rules)
{
  GlbReplayPicture *picture = glb_replay_picture_new (actual->width, actual->height);

  for (guint y = 0; y < actual->height; y++)
    for (guint x = 0; x < actual->width; x++)
      picture->pixels[(gsize) y * actual->width + x] = paint (get_pixel (actual, x, y), judge (expected, actual, rules, x, y));
  return picture;
}

void
glb_replay_compare (const GlbReplayPicture      *expected,
                    const GlbReplayPicture      *actual,
                    const GlbReplayCompareRules *rules,
                    GlbReplayComparison         *result)
{
  *result = (GlbReplayComparison) { .same_size = expected->width == actual->width && expected->height == actual->height };
  if (!result->same_size)
    {
      result->n_different = (guint64) actual->width * actual->height;
      result->bounds = (GlbReplayRect) { 0, 0, (int) actual->width, (int) actual->height };
      return;
    }

  for (guint y = 0; y < actual->height; y++)
    for (guint x = 0; x < actual->width; x++)
      count (result, judge (expected, actual, rules, x, y), (int) x, (int) y);
  result->same = result->n_different <= rules->threshold;
  if (!result->same)
    result->difference = paint_difference (expected, actual, rules);
}

void
glb_replay_comparison_clear (GlbReplayComparison *self)
{
  g_clear_pointer (&self->difference, glb_replay_picture_unref);
}

const char *
glb_replay_compare_mode_to_string (GlbReplayCompareMode mode)
{
  return mode == GLB_REPLAY_COMPARE_EXACT ? "exact" : "perceptual";
}

gboolean
glb_replay_compare_mode_from_string (const char           *text,
                                     GlbReplayCompareMode *mode)
{
  if (!g_str_equal (text, "exact") && !g_str_equal (text, "perceptual"))
    return FALSE;

  *mode = g_str_equal (text, "exact") ? GLB_REPLAY_COMPARE_EXACT : GLB_REPLAY_COMPARE_PERCEPTUAL;
  return TRUE;
}
