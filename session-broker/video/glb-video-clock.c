/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/video/glb-video-clock.h"

gint64
glb_video_clock_advance (GlbVideoClock *self,
                         gint64         recorded_ms)
{
  if (recorded_ms > self->recorded_ms)
    {
      self->told_ms += MIN (recorded_ms - self->recorded_ms, GLB_VIDEO_GAP_MS);
      self->recorded_ms = recorded_ms;
    }
  return self->told_ms / GLB_VIDEO_FRAME_MS;
}
