/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So long the video waits at most where nothing happens, and so long one of its frames lasts at least. */
#define GLB_VIDEO_GAP_MS   3000
#define GLB_VIDEO_FRAME_MS 100

/* The time of a recording as a video tells it. Zeroed: the beginning. */
typedef struct
{
  gint64 recorded_ms, told_ms;
} GlbVideoClock;

/* The number of the video's frame for what happened then. What comes before the last counts as now. */
gint64 glb_video_clock_advance (GlbVideoClock *self, gint64 recorded_ms);

G_END_DECLS
