/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The keyboard of a session, for the compositor that has it and for the broker
 * that finds the key codes of an action: XKB_KEYMAP_FORMAT_TEXT_V1, from the
 * files of xkb-data.
 *
 * It is a layout of a pc105, "us" where the policy names none, with the media
 * and browser keys that have common names.  What only more exotic keyboards use
 * is left out, and of "us" what only other layouts use: each program reads the
 * keymap when it starts, and the full one is a fifth of the whole start of a
 * small terminal.  The key codes without a symbol are for characters that the
 * layout lacks (glb-keymap-overlay.c).
 */
#define GLB_SHIM_KEYMAP_OF(types, compat, symbols) \
  "xkb_keymap {" \
  "  xkb_keycodes { include \"evdev+aliases(qwerty)\" };" \
  "  xkb_types { include \"" types "\" };" \
  "  xkb_compat { include \"" compat "\" };" \
  "  xkb_symbols {" \
  "    include \"" symbols "\"" \
  "    key <MUTE> { [ XF86AudioMute ] };" \
  "    key <VOL-> { [ XF86AudioLowerVolume ] };" \
  "    key <VOL+> { [ XF86AudioRaiseVolume ] };" \
  "    key <I198> { [ XF86AudioMicMute ] };" \
  "    key <I171> { [ XF86AudioNext ] };" \
  "    key <I172> { [ XF86AudioPlay, XF86AudioPause ] };" \
  "    key <I173> { [ XF86AudioPrev ] };" \
  "    key <I174> { [ XF86AudioStop ] };" \
  "    key <I166> { [ XF86Back ] };" \
  "    key <I167> { [ XF86Forward ] };" \
  "    key <I180> { [ XF86HomePage ] };" \
  "    key <I181> { [ XF86Reload ] };" \
  "    key <I225> { [ XF86Search ] };" \
  "    key <I163> { [ XF86Mail ] };" \
  "    key <I148> { [ XF86Calculator ] };" \
  "    key <I232> { [ XF86MonBrightnessDown ] };" \
  "    key <I233> { [ XF86MonBrightnessUp ] };" \
  "    key <COPY> { [ XF86Copy ] };" \
  "    key <CUT>  { [ XF86Cut ] };" \
  "    key <PAST> { [ XF86Paste ] };" \
  "    key <UNDO> { [ Undo ] };" \
  "    key <AGAI> { [ Redo ] };" \
  "    key <FIND> { [ Find ] };" \
  "    key <HELP> { [ Help ] };" \
  "  };" \
  "};"

#define GLB_SHIM_KEYMAP GLB_SHIM_KEYMAP_OF ("basic+pc+extra+numpad", "basic", "pc+us")

/* For printf(), with the name of another layout: "de", "us(intl)".  They may have more levels. */
#define GLB_SHIM_KEYMAP_FORMAT GLB_SHIM_KEYMAP_OF ("complete", "complete", "pc+%s")

/* Where the broker tells the compositor of another one; the name is checked. */
#define GLB_SHIM_LAYOUT_VARIABLE "GLOVEBOX_KEYBOARD_LAYOUT"
#define GLB_SHIM_LAYOUT_MAX      72u
