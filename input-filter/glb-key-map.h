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
  GLB_MODIFIER_ALTGR = 1 << 4,   /* where the layout has more than two levels */
} GlbModifiers;

/* One chord: the evdev codes of the keyboard in press order, or the text to commit where no key has the character. */
typedef struct
{
  guint32  codes[GLB_CHORD_KEYS_MAX];
  gsize    n_codes;
  char     text[8];        /* one character, or empty */
} GlbChord;

/**
 * GlbKeyMap:
 *
 * The keyboard of a session: what its keys are called and write. There is one
 * of each layout, which lives as long as the program. NULL is that of "us".
 */
typedef struct _GlbKeyMap GlbKeyMap;

/* layout: as a policy names it, its form checked. NULL: this host does not have it (GLB_ACTION_ERROR_UNKNOWN_KEY).
 * (transfer none) */
const GlbKeyMap *glb_key_map_get (const char *layout, GError **error);
/* Pure. Whether a file such as xkb-data's rules/evdev.lst lists the layout, and its variant. */
gboolean         glb_key_map_is_listed (const char *rules, const char *layout);
const char      *glb_key_map_get_layout (const GlbKeyMap *self);

/* Parses chords that are separated by spaces ("ctrl+a Delete"). (element-type GlbChord) (transfer full) */
GArray *glb_key_map_parse_chords (const GlbKeyMap *self, const char *untrusted_text, GError **error);
/* Parses "ctrl+shift+t", "Return", "KP_Enter" (xdotool and X keysym names) to evdev codes, in press order, with the Shift that a
 * key needs. The keypad's digits are those of the main block. */
gboolean glb_key_map_parse_chord (const GlbKeyMap *self, const char *chord, guint32 *codes, gsize max_codes, gsize *n_codes,
                                  GError **error);

/* The same facts by evdev code; 0 or FALSE for a code that it does not have. */
GlbModifiers glb_key_map_get_modifiers  (const GlbKeyMap *self, guint32 code);
gboolean     glb_key_map_is_modifier    (const GlbKeyMap *self, guint32 code);
/* Do both write or do the same at some level? Enter is the keypad's too, and so are the arrows and digits. */
gboolean     glb_key_map_are_alike      (const GlbKeyMap *self, guint32 a, guint32 b);
/* What the key types, alone or with Shift or AltGr (or both); Return "\n", Tab "\t", BackSpace "\b"; 0: nothing. */
gunichar     glb_key_map_get_character  (const GlbKeyMap *self, guint32 code, GlbModifiers modifiers);
/* What a chord calls the key: parsed, it is that key, or one that does the same. (transfer full) (nullable): it has no name */
char        *glb_key_map_dup_name       (const GlbKeyMap *self, guint32 code);
/* FALSE: no key types it alone or with Shift. */
gboolean     glb_key_map_find_character (const GlbKeyMap *self, gunichar character, guint32 *code, gboolean *shift);

G_END_DECLS
