/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Nobody reads faster than that. */
#define GLB_PROMPT_GUARD_DELAY_US (500 * 1000)

typedef enum
{
  GLB_PROMPT_ANSWER_DENY,
  GLB_PROMPT_ANSWER_ALLOW,
} GlbPromptAnswerKind;

/**
 * GlbPromptGuard:
 *
 * Whether an answer is meant. A question appears at a moment that the person
 * does not choose, and an agent may: what they do just then was meant for
 * something else. So nothing answers in the first half second, and a key that
 * was down before then, or that answered the question before this one, has to
 * be let go first.
 *
 * The same holds for a question that moved: a click aims at what was under the
 * pointer a moment ago.
 *
 * A plain struct, all zeros to begin with; times are monotonic microseconds.
 */
typedef struct
{
  gint64 shown_us;     /* 0: nothing is shown */
  guint down;          /* bit per answer: its key is down */
  gboolean placed;     /* x and y are known */
  int x, y;            /* of its buttons in their window */
} GlbPromptGuard;

/* A question is there, or the window with it got the person's attention again. */
void     glb_prompt_guard_show     (GlbPromptGuard *self, gint64 now_us);
void     glb_prompt_guard_hide     (GlbPromptGuard *self);
/* Where it stands now. TRUE: it moved since it was shown or placed last, and has to be read again. */
gboolean glb_prompt_guard_place    (GlbPromptGuard *self, int x, int y, gint64 now_us);
gboolean glb_prompt_guard_is_armed (const GlbPromptGuard *self, gint64 now_us);
/* A key that answers was pressed, or repeats. TRUE: it is meant. */
gboolean glb_prompt_guard_press    (GlbPromptGuard *self, GlbPromptAnswerKind answer, gint64 now_us);
void     glb_prompt_guard_release  (GlbPromptGuard *self, GlbPromptAnswerKind answer);

G_END_DECLS
