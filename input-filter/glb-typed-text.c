/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All patterns are followed at once while the text is typed, as the set of
 * positions that each has reached; so a match is seen at the character that
 * completes it, however the text was cut, and the cost of a character does not
 * grow with the text.
 */

#include "input-filter/glb-typed-text.h"

#include <string.h>

gboolean
glb_text_pattern_parse (GlbTextPattern *self,
                        const char     *glob)
{
  g_return_val_if_fail (self != NULL && glob != NULL, FALSE);

  self->n_elements = 0;
  if (glob[0] == '\0' || !g_utf8_validate (glob, -1, NULL) || g_utf8_strlen (glob, -1) > GLB_GLOB_CHARACTERS_MAX)
    return FALSE;

  for (const char *p = glob; *p != '\0'; p = g_utf8_next_char (p))
    {
      guint32 element = *p == '*' ? GLB_TEXT_ANY_MANY : *p == '?' ? GLB_TEXT_ANY_ONE : g_utf8_get_char (p);

      /* It may begin anywhere already, and two stars are one. */
      if (element == GLB_TEXT_ANY_MANY
          && (self->n_elements == 0 || self->elements[self->n_elements - 1] == GLB_TEXT_ANY_MANY))
        continue;
      self->elements[self->n_elements++] = element;
    }
  /* And end anywhere. */
  if (self->n_elements > 0 && self->elements[self->n_elements - 1] == GLB_TEXT_ANY_MANY)
    self->n_elements--;
  return TRUE;
}

void
glb_typed_text_reset (GlbTypedText *self)
{
  memset (self, 0, sizeof *self);
}

static void
reach (guint64              *reached,
       const GlbTextPattern *pattern,
       guint                 position)
{
  reached[position / 64] |= G_GUINT64_CONSTANT (1) << position % 64;
  /* A star matches nothing, too. */
  if (position < pattern->n_elements && pattern->elements[position] == GLB_TEXT_ANY_MANY)
    reach (reached, pattern, position + 1);
}

/* TRUE: the pattern is complete. */
static gboolean
advance (guint64              *reached,
         const GlbTextPattern *pattern,
         gunichar              character)
{
  guint64 next[GLB_GLOB_CHARACTERS_MAX / 64 + 1] = { 0 };

  reach (reached, pattern, 0);
  for (guint position = 0; position < pattern->n_elements; position++)
    {
      guint32 element = pattern->elements[position];

      if ((reached[position / 64] & G_GUINT64_CONSTANT (1) << position % 64) == 0)
        continue;
      if (element == GLB_TEXT_ANY_MANY)
        reach (next, pattern, position);
      else if (element == GLB_TEXT_ANY_ONE || element == character)
        reach (next, pattern, position + 1);
    }
  memcpy (reached, next, sizeof next);
  return pattern->n_elements == 0
         || (next[pattern->n_elements / 64] & G_GUINT64_CONSTANT (1) << pattern->n_elements % 64) != 0;
}

int
glb_typed_text_append (GlbTypedText         *self,
                       const GlbTextPattern *patterns,
                       guint                 n_patterns,
                       gunichar              character)
{
  int found = -1;

  g_return_val_if_fail (n_patterns <= GLB_GLOBS_MAX, 0);

  if (self->n_characters == GLB_TYPED_CHARACTERS_MAX)
    {
      self->n_characters /= 2;
      memmove (self->characters, self->characters + GLB_TYPED_CHARACTERS_MAX - self->n_characters,
               self->n_characters * sizeof *self->characters);
    }
  self->characters[self->n_characters++] = character;

  for (guint i = 0; i < n_patterns; i++)
    if (advance (self->reached[i], &patterns[i], character) && found < 0)
      found = i;
  return found;
}

void
glb_typed_text_remove (GlbTypedText         *self,
                       const GlbTextPattern *patterns,
                       guint                 n_patterns)
{
  g_return_if_fail (n_patterns <= GLB_GLOBS_MAX);

  if (self->n_characters == 0)
    return;

  self->n_characters--;
  memset (self->reached, 0, sizeof self->reached);
  for (guint i = 0; i < n_patterns; i++)
    for (guint j = 0; j < self->n_characters; j++)
      advance (self->reached[i], &patterns[i], self->characters[j]);
}
