/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/broker/glb-line-pace.h"

gboolean
glb_line_pace_take (GlbLinePace *self, gint64 now_us)
{
  double since = self->counted_us == 0 ? self->burst : (double) (now_us - self->counted_us) * self->per_second / G_USEC_PER_SEC;

  self->left = MIN (self->burst, self->left + since);
  self->counted_us = now_us;
  if (self->left < 1)
    return FALSE;

  self->left--;
  return TRUE;
}
