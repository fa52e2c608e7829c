/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-typed-text.h"

G_BEGIN_DECLS

/* Keys and buttons share one number space, as in the compositor. */
#define GLB_INPUT_CODES 768u
/* All of them, so that nothing hides behind many. */
#define GLB_INPUT_HELD_MAX GLB_INPUT_CODES

/**
 * GlbInputState:
 *
 * What the rules remember of a seat: what is down, what was typed, how many
 * events may still come. Plain value: a copy is a trial.
 */
typedef struct
{
  guint8       held[GLB_INPUT_CODES / 8];
  guint        n_buttons;          /* of them */
  int          pointer_x, pointer_y;

  gint64       micro_tokens;       /* millionths of the events that may come now */
  gint64       counted_us;         /* when that was so; 0: never */

  guint32      typed_window;       /* id of the window typed into */
  GlbTypedText typed;
  guint32      repeat_code;        /* the last key that typed something, while it is down; 0: none */
  gunichar     repeat_character;
} GlbInputState;

void     glb_input_state_init    (GlbInputState *self);
/* Everything was released, another driver has the seat: nothing is down, what was typed is forgotten, the count stays. */
void     glb_input_state_release (GlbInputState *self);
/* FALSE: it was so already. */
gboolean glb_input_state_press   (GlbInputState *self, guint32 code, gboolean pressed);
/* codes: at least GLB_INPUT_HELD_MAX; without the buttons. */
gsize    glb_input_state_get_keys (const GlbInputState *self, guint32 *codes);

G_END_DECLS
