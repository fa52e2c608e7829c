/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest chord in keys, modifiers and implied Shift included. */
#define GLB_CHORD_KEYS_MAX  8u
/* Longest text of chords in bytes, and most chords in it. */
#define GLB_CHORD_BYTES_MAX 256u
#define GLB_CHORDS_MAX      64u

/* What a key does to others while it is held, whatever its name: the logo key, Hyper_L and Super_R are all "super". */
typedef enum
{
  GLB_MODIFIER_SHIFT = 1 << 0,
  GLB_MODIFIER_CTRL  = 1 << 1,
  GLB_MODIFIER_ALT   = 1 << 2,
  GLB_MODIFIER_SUPER = 1 << 3,
} GlbModifiers;

/* One chord: the evdev codes of the "us" keymap in press order, or the text to commit where no key has the character. */
typedef struct
{
  guint32  codes[GLB_CHORD_KEYS_MAX];
  gsize    n_codes;
  char     text[8];        /* one character, or empty */
} GlbChord;

/* Parses chords that are separated by spaces ("ctrl+a Delete"). (element-type GlbChord) (transfer full) */
GArray *glb_chords_parse (const char *untrusted_text, GError **error);

/* The same facts by evdev code of the "us" keymap; 0 or FALSE for a code that it does not have. */
GlbModifiers glb_key_get_modifiers  (guint32 code);
gboolean     glb_key_is_modifier    (guint32 code);
/* Do both write or do the same at some level? Enter is the keypad's too, and so are the arrows and digits. */
gboolean     glb_keys_are_alike     (guint32 a, guint32 b);
/* What the key types, alone or with Shift; Return "\n", Tab "\t", BackSpace "\b"; 0: nothing. */
gunichar     glb_key_get_character  (guint32 code, gboolean shift);
/* FALSE: no key types it. */
gboolean     glb_key_find_character (gunichar character, guint32 *code, gboolean *shift);

G_END_DECLS
