/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So many lines a second, after a first burst. */
typedef struct
{
  guint per_second, burst;   /* set once */
  double left;               /* that may still be taken */
  gint64 counted_us;         /* when that was so; 0: the burst is whole */
} GlbLinePace;

/* One line is to be taken at now_us (monotonic). FALSE: not yet. */
gboolean glb_line_pace_take (GlbLinePace *self, gint64 now_us);

G_END_DECLS
