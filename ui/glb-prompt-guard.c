/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "ui/glb-prompt-guard.h"

void
glb_prompt_guard_show (GlbPromptGuard *self,
                       gint64          now_us)
{
  g_return_if_fail (now_us > 0);

  self->shown_us = now_us;
  self->placed = FALSE;
}

void
glb_prompt_guard_hide (GlbPromptGuard *self)
{
  self->shown_us = 0;
  self->placed = FALSE;
}

gboolean
glb_prompt_guard_place (GlbPromptGuard *self,
                        int             x,
                        int             y,
                        gint64          now_us)
{
  gboolean moved = self->placed && (x != self->x || y != self->y);

  self->placed = TRUE;
  self->x = x;
  self->y = y;
  if (moved && self->shown_us != 0)
    self->shown_us = now_us;

  return moved;
}

gboolean
glb_prompt_guard_is_armed (const GlbPromptGuard *self,
                           gint64                now_us)
{
  return self->shown_us != 0 && now_us - self->shown_us >= GLB_PROMPT_GUARD_DELAY_US;
}

gboolean
glb_prompt_guard_press (GlbPromptGuard      *self,
                        GlbPromptAnswerKind  answer,
                        gint64               now_us)
{
  gboolean repeats = (self->down & (1u << answer)) != 0;

  self->down |= 1u << answer;

  return !repeats && glb_prompt_guard_is_armed (self, now_us);
}

void
glb_prompt_guard_release (GlbPromptGuard      *self,
                          GlbPromptAnswerKind  answer)
{
  self->down &= ~(1u << answer);
}
