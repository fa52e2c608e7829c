/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-key-map.h"

G_BEGIN_DECLS

typedef enum
{
  GLB_CHORD_KEY_NONE,          /* the modifiers alone */
  GLB_CHORD_KEY_ANY,           /* any key that is no modifier */
  GLB_CHORD_KEY_ONE,
} GlbChordKey;

/**
 * GlbChordPattern:
 *
 * A chord that may not be pressed: "ctrl+alt+*", "super+*", "alt+F4", "super".
 * It matches keys that are down together, in whatever order they went down
 * (a held key repeats under a modifier that is pressed later) and whatever
 * else is held.
 */
typedef struct
{
  GlbModifiers modifiers;
  GlbChordKey  key;
  guint32      code;           /* GLB_CHORD_KEY_ONE: evdev */
} GlbChordPattern;

/* Errors are GLB_ACTION_ERROR's: the names are those of actions. */
gboolean glb_chord_pattern_parse   (GlbChordPattern *self, const GlbKeyMap *keys, const char *text, GError **error);
/* codes: all keys that are down. A code that no keymap has counts as a key. */
gboolean glb_chord_pattern_matches (const GlbChordPattern *self, const GlbKeyMap *keys, const guint32 *codes, gsize n_codes);

G_END_DECLS
