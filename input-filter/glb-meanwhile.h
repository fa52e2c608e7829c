/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "input-filter/glb-input-scene.h"

G_BEGIN_DECLS

/**
 * GlbMeanwhile:
 *
 * What happened to a desktop while a person drove it: for the agent that goes
 * on afterwards. Between begin and end, each change of the screen is noted.
 */
typedef struct
{
  GArray      *before;           /* (element-type GlbShimWindow) */
  guint32      focus_before;
  guint64      frame_before, frame_after;
  GlbShimRect  changed;          /* empty: nothing */
} GlbMeanwhile;

GlbMeanwhile *glb_meanwhile_new  (const GlbInputScene *scene, guint64 frame);
void          glb_meanwhile_free (GlbMeanwhile *self);
void          glb_meanwhile_note (GlbMeanwhile *self, guint64 frame, const GlbShimRect *bounds);
/* The member `meanwhile` of docs/actions.md, with the windows as they are now. Windows that came and went are not in it.
 * (transfer full) */
JsonNode     *glb_meanwhile_to_node (const GlbMeanwhile *self, const GlbInputScene *scene);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMeanwhile, glb_meanwhile_free)

G_END_DECLS
