/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-keymap-overlay.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "compositor-shim/glb-keymap-trim.h"
#include "compositor-shim/glb-memory.h"

/* X and xkb count key codes from here. */
#define XKB_OFFSET 8

#define SPARE_MAX 64

struct GlbKeymapOverlay
{
  struct xkb_context *context;
  struct xkb_keymap *base;
  GlbKeyStroke ascii[128];        /* code 0: not in the base keymap */
  xkb_keycode_t spare[SPARE_MAX];
  unsigned n_spare;
  xkb_keysym_t symbols[SPARE_MAX];   /* of the spare keys, in the newest map */
  unsigned n_symbols;
};

static uint32_t
next_character (const char **cursor)
{
  const uint8_t *byte = (const uint8_t *) *cursor;
  unsigned n = byte[0] < 0x80 ? 0 : byte[0] < 0xe0 ? 1 : byte[0] < 0xf0 ? 2 : 3;
  uint32_t c = n == 0 ? byte[0] : byte[0] & (0x3fu >> n);

  for (unsigned i = 1; i <= n; i++)
    c = c << 6 | (byte[i] & 0x3f);
  *cursor += n + 1;
  return c;
}

/* Whether exactly these modifiers lead to the level: what the second is reached by is the layout's own business. */
static bool
is_reached_by (struct xkb_keymap *keymap,
               xkb_keycode_t      code,
               xkb_level_index_t  level,
               xkb_mod_mask_t     modifiers)
{
  xkb_mod_mask_t masks[16];
  size_t n = xkb_keymap_key_get_mods_for_level (keymap, code, 0, level, masks, sizeof masks / sizeof masks[0]);

  for (size_t i = 0; i < n; i++)
    if (masks[i] == modifiers)
      return true;
  return false;
}

/* Only the main block of the keyboard: keypad keys depend on Num Lock. */
static void
find_ascii (GlbKeymapOverlay *overlay)
{
  xkb_mod_mask_t shift = 1u << xkb_keymap_mod_get_index (overlay->base, XKB_MOD_NAME_SHIFT);

  for (uint32_t code = KEY_1; code <= KEY_SPACE; code++)
    for (xkb_level_index_t level = 0; level < 2; level++)
      {
        const xkb_keysym_t *symbols;
        int n = xkb_keymap_key_get_syms_by_level (overlay->base, code + XKB_OFFSET, 0, level, &symbols);
        uint32_t c = n == 1 ? xkb_keysym_to_utf32 (symbols[0]) : 0;

        if (code == KEY_KPASTERISK || !is_reached_by (overlay->base, code + XKB_OFFSET, level, level == 1 ? shift : 0))
          continue;
        if (c == '\r')
          c = '\n';
        if (c > 0 && c < 128 && overlay->ascii[c].code == 0)
          overlay->ascii[c] = (GlbKeyStroke) { code, level == 1 };
      }
}

static void
find_spare (GlbKeymapOverlay *overlay)
{
  for (xkb_keycode_t code = XKB_OFFSET + 1; code <= GLB_KEYMAP_CODE_MAX && overlay->n_spare < SPARE_MAX; code++)
    if (xkb_keymap_key_get_name (overlay->base, code) != NULL &&
        xkb_keymap_num_layouts_for_key (overlay->base, code) == 0)
      overlay->spare[overlay->n_spare++] = code;
}

GlbKeymapOverlay *
glb_keymap_overlay_new (struct xkb_context *context,
                        struct xkb_keymap  *base)
{
  GlbKeymapOverlay *overlay = glb_new0 (GlbKeymapOverlay);

  overlay->context = xkb_context_ref (context);
  overlay->base = xkb_keymap_ref (base);
  find_ascii (overlay);
  find_spare (overlay);
  return overlay;
}

void
glb_keymap_overlay_free (GlbKeymapOverlay *overlay)
{
  xkb_keymap_unref (overlay->base);
  xkb_context_unref (overlay->context);
  free (overlay);
}

/* The base keymap's text with the symbols of the spare keys. */
static char *
keymap_text (GlbKeymapOverlay *overlay)
{
  char *base = xkb_keymap_get_as_string (overlay->base, XKB_KEYMAP_FORMAT_TEXT_V1);
  char *section = base != NULL ? strstr (base, "xkb_symbols") : NULL;
  char *brace = section != NULL ? strchr (section, '{') : NULL;
  FILE *stream;
  char *text = NULL;
  size_t size;

  if (brace == NULL || (stream = open_memstream (&text, &size)) == NULL)
    abort ();
  fwrite (base, 1, (size_t) (brace + 1 - base), stream);
  fputc ('\n', stream);
  for (unsigned i = 0; i < overlay->n_symbols; i++)
    {
      char name[64];

      /* By name: some programs look the symbol up by it, and U0430 is not found where Cyrillic_a is meant. */
      xkb_keysym_get_name (overlay->symbols[i], name, sizeof name);
      fprintf (stream, "key <%s> { [ %s ] };\n", xkb_keymap_key_get_name (overlay->base, overlay->spare[i]), name);
    }
  fputs (brace + 1, stream);
  fclose (stream);
  free (base);
  return text;
}

static struct xkb_keymap *
compile (GlbKeymapOverlay *overlay)
{
  char *text = keymap_text (overlay);
  struct xkb_keymap *keymap =
    xkb_keymap_new_from_string (overlay->context, text, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);

  free (text);
  return keymap;
}

/* The spare key that has @symbol, taking a new one if need be; -1: none left. */
static int
assign (GlbKeymapOverlay *overlay,
        xkb_keysym_t      symbol)
{
  for (unsigned i = 0; i < overlay->n_symbols; i++)
    if (overlay->symbols[i] == symbol)
      return (int) i;
  if (overlay->n_symbols == overlay->n_spare)
    return -1;
  overlay->symbols[overlay->n_symbols] = symbol;
  return (int) overlay->n_symbols++;
}

size_t
glb_keymap_overlay_plan (GlbKeymapOverlay   *overlay,
                         const char         *text,
                         size_t              length,
                         GlbKeyStroke       *strokes,
                         size_t              max_strokes,
                         size_t             *n_strokes,
                         struct xkb_keymap **keymap)
{
  const char *cursor = text, *planned = text;
  unsigned n_before = overlay->n_symbols;
  bool uses_spare = false, began_anew = false;

  *n_strokes = 0;
  *keymap = NULL;
  while (cursor < text + length && *n_strokes < max_strokes)
    {
      uint32_t c = next_character (&cursor);
      xkb_keysym_t symbol;
      int at;

      if (c < 128 && overlay->ascii[c].code != 0)
        {
          strokes[(*n_strokes)++] = overlay->ascii[c];
          planned = cursor;
          continue;
        }
      symbol = xkb_utf32_to_keysym (c);
      if (symbol == XKB_KEY_NoSymbol)
        break;
      at = assign (overlay, symbol);
      if (at < 0 && !uses_spare)
        {
          overlay->n_symbols = 0;
          began_anew = true;
          at = assign (overlay, symbol);
        }
      if (at < 0)
        break;
      uses_spare = true;
      strokes[(*n_strokes)++] = (GlbKeyStroke) { overlay->spare[at] - XKB_OFFSET, false };
      planned = cursor;
    }
  if ((began_anew || overlay->n_symbols > n_before) && (*keymap = compile (overlay)) == NULL)
    return 0;
  return (size_t) (planned - text);
}
