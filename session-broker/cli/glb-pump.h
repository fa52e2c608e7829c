/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GlbPump:
 *
 * Moves bytes unchanged from one descriptor to another in the global default
 * main context, never blocking it where the kernel lets us, and never making a
 * descriptor non-blocking that others share (our standard streams).
 */
typedef struct _GlbPump GlbPump;

typedef enum
{
  GLB_PUMP_OWNS_IN  = 1 << 0,    /* made non-blocking at once, closed at the end */
  GLB_PUMP_OWNS_OUT = 1 << 1,
} GlbPumpFlags;

/* done: once, when the input ended, the output's reader has gone, or the limit is reached. */
GlbPump *glb_pump_new     (int in, int out, GlbPumpFlags flags, void (*done) (gpointer user_data), gpointer user_data);
/* Stop after what lies in the input pipe now: the writer has ended, though others may still hold its end. */
void     glb_pump_drain   (GlbPump *self);
gboolean glb_pump_is_done (GlbPump *self);
void     glb_pump_free    (GlbPump *self);   /* done is not called */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbPump, glb_pump_free)

G_END_DECLS
