/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-chord-pattern.h"

#include <string.h>

#include "input-filter/glb-action-plan.h"

gboolean
glb_chord_pattern_parse (GlbChordPattern  *self,
                         const GlbKeyMap  *keys,
                         const char       *text,
                         GError          **error)
{
  gboolean any = g_str_equal (text, "*") || g_str_has_suffix (text, "+*");
  g_autofree char *named = NULL;
  guint32 codes[GLB_CHORD_KEYS_MAX];
  gsize n_codes = 0;

  g_return_val_if_fail (self != NULL && text != NULL, FALSE);

  *self = (GlbChordPattern) { .key = any ? GLB_CHORD_KEY_ANY : GLB_CHORD_KEY_NONE };
  named = g_strndup (text, any ? strlen (text) - MIN (strlen (text), 2) : strlen (text));
  if ((!any || named[0] != '\0') && !glb_key_map_parse_chord (keys, named, codes, G_N_ELEMENTS (codes), &n_codes, error))
    return FALSE;

  for (gsize i = 0; i < n_codes; i++)
    {
      if (glb_key_map_is_modifier (keys, codes[i]) && glb_key_map_get_modifiers (keys, codes[i]) != 0)
        self->modifiers |= glb_key_map_get_modifiers (keys, codes[i]);
      else if (i == n_codes - 1 && !any)
        {
          self->key = GLB_CHORD_KEY_ONE;
          self->code = codes[i];
        }
      else
        {
          g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                       "\"%s\": before the last key come modifiers only: ctrl, alt, shift, super", text);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
glb_chord_pattern_matches (const GlbChordPattern *self,
                           const GlbKeyMap       *keys,
                           const guint32         *codes,
                           gsize                  n_codes)
{
  gboolean key = self->key == GLB_CHORD_KEY_NONE;
  GlbModifiers modifiers = 0;

  for (gsize i = 0; i < n_codes; i++)
    {
      modifiers |= glb_key_map_get_modifiers (keys, codes[i]);
      if (self->key == GLB_CHORD_KEY_ANY)
        key |= !glb_key_map_is_modifier (keys, codes[i]);
      else if (self->key == GLB_CHORD_KEY_ONE)
        key |= glb_key_map_are_alike (keys, self->code, codes[i]);
    }
  return key && (modifiers & self->modifiers) == self->modifiers;
}
