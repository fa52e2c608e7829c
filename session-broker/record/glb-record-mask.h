/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/client/glb-frame-message.h"

G_BEGIN_DECLS

/**
 * GlbRecordMask:
 *
 * Which windows must not be in a recording, and what of a record has to be left
 * out because of them. Pure: it is told of windows by the trace's records and
 * of the time, and does no I/O. A window counts as masked if its app id or its
 * title matches, or that of a window that it belongs to (a dialog); and for a
 * while after that ended, because frames that still show it are under way.
 */
typedef struct _GlbRecordMask GlbRecordMask;

/* How long a masked area stays masked after its window is gone from it, at least: frames come later than lists, and must be newer. */
#define GLB_RECORD_MASK_LINGER_MS 500

/* patterns: (nullable): with * and ?; NULL or none: nothing is ever masked */
GlbRecordMask *glb_record_mask_new         (const char * const *patterns, guint width, guint height);
void           glb_record_mask_free        (GlbRecordMask *self);
gboolean       glb_record_mask_is_used     (GlbRecordMask *self);
/* A "windows" record of the trace. Until the first one all of the screen is masked; and again where a list has not all windows. */
void           glb_record_mask_set_windows (GlbRecordMask *self, JsonObject *untrusted_record, gint64 now_ms);
/* Areas that have lingered long enough are masked no more, if this frame of the screen is newer than what still showed their windows.
 * TRUE: some were. freed: (out): what is to be shown again. */
gboolean       glb_record_mask_expire      (GlbRecordMask *self, gint64 now_ms, guint64 frame, GArray *freed);
/* Whether there are areas that will expire, without a newer frame. */
gboolean       glb_record_mask_lingers     (GlbRecordMask *self, guint64 frame);
/* What has to be black now. (transfer none) (element-type GlbRect) */
GArray        *glb_record_mask_get_areas   (GlbRecordMask *self);
/* A record of the trace as it may be written. (transfer full) */
JsonObject    *glb_record_mask_redact      (GlbRecordMask *self, JsonObject *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbRecordMask, glb_record_mask_free)

G_END_DECLS
