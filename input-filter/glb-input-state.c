/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-input-state.h"

#include <linux/input-event-codes.h>
#include <string.h>

static gboolean
is_button (guint32 code)
{
  return code >= BTN_MISC && code < KEY_OK;
}

void
glb_input_state_init (GlbInputState *self)
{
  memset (self, 0, sizeof *self);
}

void
glb_input_state_release (GlbInputState *self)
{
  memset (self->held, 0, sizeof self->held);
  self->n_buttons = 0;
  self->repeat_code = 0;
  self->typed_window = 0;
  glb_typed_text_reset (&self->typed);
}

gboolean
glb_input_state_press (GlbInputState *self,
                       guint32        code,
                       gboolean       pressed)
{
  guint8 bit = 1u << code % 8;

  g_return_val_if_fail (code < GLB_INPUT_CODES, FALSE);

  if (((self->held[code / 8] & bit) != 0) == (pressed != FALSE))
    return FALSE;

  self->held[code / 8] ^= bit;
  if (is_button (code))
    self->n_buttons += pressed ? 1 : -1;
  return TRUE;
}

gsize
glb_input_state_get_keys (const GlbInputState *self,
                          guint32             *codes)
{
  gsize n_codes = 0;

  for (guint32 code = 0; code < GLB_INPUT_CODES; code++)
    if ((self->held[code / 8] & 1u << code % 8) != 0 && !is_button (code))
      codes[n_codes++] = code;
  return n_codes;
}
