/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-glob.h"

G_BEGIN_DECLS

/* What is remembered of a text, for BackSpace. */
#define GLB_TYPED_CHARACTERS_MAX 1024u

/* A glob that is looked for anywhere in what is typed. */
typedef struct
{
  guint    n_elements;
  guint32  elements[GLB_GLOB_CHARACTERS_MAX];   /* characters, or GLB_TEXT_ANY_… */
} GlbTextPattern;

#define GLB_TEXT_ANY_ONE  0x110000u
#define GLB_TEXT_ANY_MANY 0x110001u

/* FALSE: not valid UTF-8, empty or too long. */
gboolean glb_text_pattern_parse (GlbTextPattern *self, const char *glob);

/**
 * GlbTypedText:
 *
 * What has been typed into one place, character by character, and how far each
 * pattern has come. Plain value: a copy is a trial.
 */
typedef struct
{
  guint   n_characters;
  guint32 characters[GLB_TYPED_CHARACTERS_MAX];
  /* By pattern: bit i is set where its first i elements have been matched. */
  guint64 reached[GLB_GLOBS_MAX][GLB_GLOB_CHARACTERS_MAX / 64 + 1];
} GlbTypedText;

void glb_typed_text_reset  (GlbTypedText *self);
/* The number of the pattern that the text now contains, or -1. Always the same patterns for one text. */
int  glb_typed_text_append (GlbTypedText *self, const GlbTextPattern *patterns, guint n_patterns, gunichar character);
/* BackSpace. */
void glb_typed_text_remove (GlbTypedText *self, const GlbTextPattern *patterns, guint n_patterns);

G_END_DECLS
