/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What Session1.ActionDone or a line of Session1.Trace told. */
typedef struct
{
  char *title;             /* "Clicked at 320, 240", "Typed 12 characters", "Typed “ls⏎”": plain text */
  char *detail;            /* (nullable): why it was refused */
  gboolean refused;
  gboolean has_place;
  int x, y;                /* on the session's screen */
  gboolean shows_text;     /* typed or pressed keys: what the caption is for */
} GlbActionText;

/* Pure. actor, action and result: JSON; what makes no sense says nothing. (transfer full) (nullable): an action that
 * only looked */
GlbActionText *glb_action_text_new  (const char *actor, const char *action, const char *result);
void           glb_action_text_free (GlbActionText *self);

/* One line, not long: what cannot be seen is named, as the agent might hide something with it. (transfer full) */
char          *glb_action_text_make_visible (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbActionText, glb_action_text_free)

G_END_DECLS
