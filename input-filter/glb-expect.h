/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "input-filter/glb-input-scene.h"

G_BEGIN_DECLS

/**
 * GlbExpect:
 *
 * What an action takes for granted, as its `"expect"` says: `{"window": ID,
 * "appId": GLOB, "title": GLOB, "focus": true | {"appId": GLOB, "title": GLOB},
 * "frameId": N}`. Where it is not so, the action is refused instead of hitting
 * the wrong thing. Each member may be left out, not all.
 */
typedef struct
{
  guint32  window;                       /* 0: any */
  char    *app_id, *title;               /* (nullable): any */
  gboolean focus;                        /* the window that is meant has the focus */
  char    *focus_app_id, *focus_title;   /* (nullable): any */
  gboolean has_frame_id;
  guint64  frame_id;
} GlbExpect;

/* GLB_ACTION_ERROR; the message begins with "expect". */
GlbExpect  *glb_expect_new_from_node (JsonNode *untrusted_node, GError **error);
void        glb_expect_free          (GlbExpect *self);
/* Parses to the same again. (transfer full) */
JsonNode   *glb_expect_to_node       (const GlbExpect *self);

/* Pure. target: (nullable): the window that the action would act on. NULL: all is as expected. Else the code of the
 * refusal. message: (out) (transfer full): what is not. */
const char *glb_expect_check         (const GlbExpect *self, const GlbInputScene *scene, const GlbShimWindow *target,
                                      guint64 newest_frame, char **message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbExpect, glb_expect_free)

G_END_DECLS
