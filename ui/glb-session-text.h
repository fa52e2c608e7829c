/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ui/glb-session-item.h"

G_BEGIN_DECLS

/* What the app says about a session: plain text, never markup; (transfer full) unless const. */

/* A sentence, for the session's own page. */
char       *glb_session_text_state (const char *state, const char *driver, const char *reason);
/* Two words, for its tile. */
const char *glb_session_text_group (GlbSessionGroup group);
/* All of the tile in one sentence, for who cannot see it. */
char       *glb_session_text_spoken (GlbSessionItem *item);
/* "2 questions"; n is not 0 */
char       *glb_session_text_questions (guint n);
/* "3 min", "2 h 05 min" */
char       *glb_session_text_age (gint64 us);

G_END_DECLS
