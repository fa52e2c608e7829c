/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <xkbcommon/xkbcommon.h>

/* X11 clients know no key code beyond. */
#define GLB_KEYMAP_CODE_MAX 255

/*
 * A keymap names each key that any keyboard has, up to code 708, and most of
 * them write nothing.  Each program goes through them all when it starts, some
 * once for each of their shortcuts.
 *
 * Gives keymap without the keys that no X11 program could know and that write
 * nothing, and without second names of keys; what each key writes stays as it
 * is.  A new reference; NULL: out of memory, or a text that xkbcommon wrote and
 * does not read.
 */
struct xkb_keymap *glb_keymap_trim (struct xkb_context *context,
                                    struct xkb_keymap  *keymap);
