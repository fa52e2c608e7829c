/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-prompts.h"

G_BEGIN_DECLS

/* A no of the person answers the same question for this long. */
#define GLB_NETWORK_NO_HOLDS_US (60 * G_USEC_PER_SEC)
#define GLB_NETWORK_YES_HOLDS_MS (60 * 1000)

/**
 * GlbNetworkQuestions:
 *
 * What one session asks the person about its network. Programs open several
 * connections to one place at a time: they all wait for one question. A place
 * that the person said no to is not asked for again for a while.
 */
typedef struct _GlbNetworkQuestions GlbNetworkQuestions;

/* answer: (nullable): NULL: nobody waited any more. Hold its grant, if it is to outlast the call. */
typedef void (*GlbNetworkAnswered) (gpointer user_data, const GlbPromptAnswer *answer);

/* session: not owned */
GlbNetworkQuestions *glb_network_questions_new  (GlbPrompts *prompts, GlbSession *session);
/* Nobody hears an answer any more. */
void                 glb_network_questions_free (GlbNetworkQuestions *self);

/* place: "example.org:443", what a grant is bound to. spoken: what may be spoken there, in a word. answered may be called at once. */
void glb_network_questions_ask     (GlbNetworkQuestions *self, const char *place, const char *spoken, GlbNetworkAnswered answered, gpointer user_data);
/* The same before anything is connected: a yes for once is kept for the next who asks about place, for GLB_NETWORK_YES_HOLDS_MS. Is
 * answered in any case, with NULL where the questions end. */
void glb_network_questions_ask_ahead (GlbNetworkQuestions *self, const char *place, const char *spoken, GlbNetworkAnswered answered,
                                      gpointer user_data);
/* user_data does not wait any more, and hears nothing. */
void glb_network_questions_give_up (GlbNetworkQuestions *self, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkQuestions, glb_network_questions_free)

G_END_DECLS
