/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

/*
 * Plans how to type text by keys.  Characters that the base keymap has are
 * typed with it; others get a key that the base keymap leaves unused, and keep
 * it until there is no key left for another.  So a keymap only gains keys, for
 * long: a program that looks a key up late, in the newest map, still finds it.
 */
typedef struct GlbKeymapOverlay GlbKeymapOverlay;

typedef struct
{
  uint32_t code;    /* evdev */
  bool shift;
} GlbKeyStroke;

GlbKeymapOverlay *glb_keymap_overlay_new (struct xkb_context *context,
                                          struct xkb_keymap  *base);
void glb_keymap_overlay_free (GlbKeymapOverlay *overlay);

/*
 * Plans as many characters of @text (valid UTF-8) as one keymap can have, at
 * most @max_strokes, one stroke a character.  Returns the bytes planned, 0 if
 * the first character cannot be typed at all.  @keymap becomes the map that
 * they need, owned by the caller, or NULL where the one before (first: the
 * base) does.
 */
size_t glb_keymap_overlay_plan (GlbKeymapOverlay   *overlay,
                                const char         *text,
                                size_t              length,
                                GlbKeyStroke       *strokes,
                                size_t              max_strokes,
                                size_t             *n_strokes,
                                struct xkb_keymap **keymap);
