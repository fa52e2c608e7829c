/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest chord in keys, modifiers and implied Shift included. */
#define GLB_CHORD_KEYS_MAX  8u
/* Longest text of chords in bytes, and most chords in it. */
#define GLB_CHORD_BYTES_MAX 256u
#define GLB_CHORDS_MAX      64u

/* One chord: the evdev codes of the "us" keymap in press order, or the text to commit where no key has the character. */
typedef struct
{
  guint32  codes[GLB_CHORD_KEYS_MAX];
  gsize    n_codes;
  char     text[8];        /* one character, or empty */
} GlbChord;

/* Parses chords that are separated by spaces ("ctrl+a Delete"). (element-type GlbChord) (transfer full) */
GArray *glb_chords_parse (const char *untrusted_text, GError **error);

G_END_DECLS
