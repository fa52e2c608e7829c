/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/replay/glb-replay-picture.h"

G_BEGIN_DECLS

typedef enum
{
  GLB_REPLAY_COMPARE_EXACT,        /* each pixel */
  GLB_REPLAY_COMPARE_PERCEPTUAL,   /* what a person would see: see glb-replay-compare.c */
} GlbReplayCompareMode;

#define GLB_REPLAY_COLOUR_DEFAULT 0.1
#define GLB_REPLAY_MASKS_MAX      64u

typedef struct
{
  int x, y, width, height;
} GlbReplayRect;

/* How two screens are compared. */
typedef struct
{
  GlbReplayCompareMode mode;
  double colour;                   /* perceptual: colours up to so far apart are the same; 0: none, 1: all */
  guint threshold;                 /* so many pixels may differ */
  const GlbReplayRect *masks;      /* what is not looked at; may reach beyond the screen */
  guint n_masks;
} GlbReplayCompareRules;

typedef struct
{
  gboolean same;
  gboolean same_size;
  guint64 n_different;             /* pixels, of the whole screen where the size differs */
  guint64 n_smoothed;              /* that differ by the smoothing of an edge alone, and so do not count */
  GlbReplayRect bounds;            /* around what differs */
  GlbReplayPicture *difference;    /* (nullable): unless same */
} GlbReplayComparison;

/* Pure. */
void        glb_replay_compare          (const GlbReplayPicture *expected, const GlbReplayPicture *actual,
                                         const GlbReplayCompareRules *rules, GlbReplayComparison *result);
void        glb_replay_comparison_clear (GlbReplayComparison *self);
/* Is the pixel in it? */
gboolean    glb_replay_rect_has         (const GlbReplayRect *self, int x, int y);
const char *glb_replay_compare_mode_to_string (GlbReplayCompareMode mode);
gboolean    glb_replay_compare_mode_from_string (const char *text, GlbReplayCompareMode *mode);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlbReplayComparison, glb_replay_comparison_clear)

G_END_DECLS
