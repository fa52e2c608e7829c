/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-wait.h"
#include "session-broker/broker/glb-accessibility.h"
#include "session-broker/broker/glb-frame-hub.h"

G_BEGIN_DECLS

/**
 * glb_waiter_run_async:
 * @wait: must live until the result is there
 *
 * Waits until all that @wait says holds at once, or its time is over. It looks
 * when the windows, the screen or a program's elements changed, and not
 * otherwise; at programs and pixels at most ten times a second.
 */
void     glb_waiter_run_async  (GlbCompositor *compositor, GlbFrameHub *hub, GlbAccessibility *accessibility, const GlbWait *wait,
                                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* FALSE: it did not come; missing: (out) (transfer full): what did not hold at the end. Or an error: there was no way to look. */
gboolean glb_waiter_run_finish (GAsyncResult *result, char **missing, GError **error);

G_END_DECLS
