/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "session-broker/broker/glb-grant.h"

G_BEGIN_DECLS

/* Of the questions of one session; what was asked longest ago is forgotten for another. */
#define GLB_PROMPT_HISTORY_MAX 64

/**
 * GlbPromptHistory:
 *
 * How often one session asked for the same thing, and what came of it the last
 * time: a person who is asked again wants to know what they said. The same is
 * the same kind and target; whether the content was the same, too, is told.
 */
typedef struct _GlbPromptHistory GlbPromptHistory;

GlbPromptHistory *glb_prompt_history_new      (void);
void              glb_prompt_history_free     (GlbPromptHistory *self);
/* A question is over. answer: "allowed", or why not; static. now_us: Unix time. */
void              glb_prompt_history_add      (GlbPromptHistory *self, GlbPromptKind kind, const char *target, const char *sha256,
                                               const char *answer, gint64 now_us);
/* Adds what Prompt1.Details says of it. */
void              glb_prompt_history_describe (GlbPromptHistory *self, GlbPromptKind kind, const char *target, const char *sha256,
                                               GVariantDict *details);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbPromptHistory, glb_prompt_history_free)

G_END_DECLS
