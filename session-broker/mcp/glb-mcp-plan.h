/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-action-dialect.h"
#include "session-broker/mcp/glb-mcp-picture.h"

G_BEGIN_DECLS

/**
 * GlbMcpPlan:
 *
 * What one call of the tool computer comes to: actions of Glovebox's vocabulary, one after the other, and the picture at the end.
 * The arguments are a call of some model as it came, flat, beside what is MCP's: "session", "dialect", "modelSize", "image",
 * "frameId", "expect", "settle" and "screenshot". Pure.
 */
typedef struct
{
  GlbDialectContext context;
  GlbDialectCall *call;
  GPtrArray *actions;          /* (element-type JsonNode): as the broker takes them, settling and picture with them */
  GlbMcpPictureWish wish;
  gboolean wants_picture;
  gboolean asks_person;        /* one of them waits for a person's answer */
} GlbMcpPlan;

/* context: of the session: its dialect and model's size are what goes where the arguments say nothing. NULL: GLB_ACTION_ERROR,
 * and nothing is to be done. (transfer full) */
GlbMcpPlan *glb_mcp_plan_new  (const GlbDialectContext *context, JsonObject *arguments, GError **error);
void        glb_mcp_plan_free (GlbMcpPlan *self);

/* Where on the picture that the broker gives the wished one is, and how large it becomes: pixels. changed: (nullable): x, y, width,
 * height on the screen. FALSE: no picture is wished, or nothing of it changed. *region: of the screen that it shows, x1, y1, x2, y2, in the model's pixels */
gboolean    glb_mcp_plan_place_picture (const GlbMcpPlan *self, const int *changed, int area[4], int size[2], int region[4]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpPlan, glb_mcp_plan_free)

G_END_DECLS
