/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"
#include "ui/glb-prompt-guard.h"

G_BEGIN_DECLS

#define GLB_TYPE_PROMPT_BAR (glb_prompt_bar_get_type ())
G_DECLARE_FINAL_TYPE (GlbPromptBar, glb_prompt_bar, GLB, PROMPT_BAR, AdwBin)

GtkWidget *glb_prompt_bar_new         (void);
/* prompt: (nullable): none is to be asked, and the bar hides; n_waiting: that come after it */
void       glb_prompt_bar_set_prompt  (GlbPromptBar *self, GlbDBusPrompt1 *prompt, guint n_waiting);
/* The window got the person's attention again: what they do in the first moment is not meant as an answer. */
void       glb_prompt_bar_hold        (GlbPromptBar *self);
/* The person wants the keyboard to be there: on the question, from which Tab leads to its answers. FALSE: nothing is asked. */
gboolean   glb_prompt_bar_focus       (GlbPromptBar *self);
/* A key that answers, from wherever the focus is. FALSE: nothing is asked, the key is not ours. */
gboolean   glb_prompt_bar_press       (GlbPromptBar *self, GlbPromptAnswerKind answer);
void       glb_prompt_bar_release     (GlbPromptBar *self, GlbPromptAnswerKind answer);

G_END_DECLS
