/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compositor-shim/glb-shim-protocol.h"
#include "input-filter/glb-action.h"

G_BEGIN_DECLS

/* One step of a plan: seat events, or text, after a pause. */
typedef struct
{
  guint        delay_ms;       /* before this step */
  GArray      *events;         /* (element-type GlbShimEvent) (nullable) */
  char        *text;           /* (nullable): at most GLB_SHIM_TEXT_MAX bytes, cut at characters */
} GlbActionStep;

typedef struct
{
  int width, height;           /* of the screen */
  int pointer_x, pointer_y;    /* where the pointer is now */
} GlbActionContext;

/* Pure: the steps that carry out an input action; balanced: each press has its
 * release, but for left_mouse_down. Coordinates outside the screen: the error
 * GLB_ACTION_ERROR_OUT_OF_RANGE. No steps, but the same checks, for an action
 * that is no input. (transfer full) (element-type GlbActionStep) */
GPtrArray *glb_action_plan (const GlbAction *action, const GlbActionContext *context, GError **error);
/* What a plan that ends early (takeover, pause) has pressed and not released
 * after its first n_done steps: one step that releases it, last pressed first;
 * NULL: nothing is down. (transfer full) (nullable) */
GlbActionStep *glb_action_plan_unwind (GPtrArray *steps, guint n_done);
/* Pure: whether a plan that ends after its first n_done steps did all that it was for: what is left only releases. */
gboolean   glb_action_plan_is_spent (GPtrArray *steps, guint n_done);
void       glb_action_step_free (GlbActionStep *step);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbActionStep, glb_action_step_free)

G_END_DECLS
