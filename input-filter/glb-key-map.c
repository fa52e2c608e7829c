/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From key names to evdev codes. The keyboard of a session is the one of
 * glb-shim-keymap.h, in the compositor as here; the table is read from that
 * keymap once. A key is in it if it is reached with no modifier or with Shift alone.
 */

#include "input-filter/glb-key-map.h"

#include <linux/input-event-codes.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "compositor-shim/glb-shim-keymap.h"
#include "input-filter/glb-action-plan.h"
#include "policies/glb-strict-json.h"

#define QUOTE_CHARACTERS_MAX 40

/* X keycodes are evdev codes plus 8, and end at 255: beyond it, programs under Xwayland see nothing. */
#define XKB_OFFSET  8u
#define XKB_KEY_MAX 255u

/* Value of the table: an evdev code, and whether Shift is needed. */
#define ENTRY_SHIFT (1u << 31)

static const struct { const char *name; xkb_keysym_t keysym; } aliases[] = {
  { "alt", XKB_KEY_Alt_L },
  { "option", XKB_KEY_Alt_L },
  { "altgr", XKB_KEY_Alt_R },
  { "ctrl", XKB_KEY_Control_L },
  { "control", XKB_KEY_Control_L },
  { "shift", XKB_KEY_Shift_L },
  /* Browsers and models call the logo key "meta"; X's Meta_L is Shift+Alt on this keymap. */
  { "meta", XKB_KEY_Super_L },
  { "super", XKB_KEY_Super_L },
  { "cmd", XKB_KEY_Super_L },
  { "command", XKB_KEY_Super_L },
  { "win", XKB_KEY_Super_L },
  { "windows", XKB_KEY_Super_L },
  { "enter", XKB_KEY_Return },
  { "esc", XKB_KEY_Escape },
  { "del", XKB_KEY_Delete },
  { "ins", XKB_KEY_Insert },
  { "pageup", XKB_KEY_Page_Up },
  { "pgup", XKB_KEY_Page_Up },
  { "pagedown", XKB_KEY_Page_Down },
  { "pgdn", XKB_KEY_Page_Down },
  { "arrowup", XKB_KEY_Up },
  { "arrowdown", XKB_KEY_Down },
  { "arrowleft", XKB_KEY_Left },
  { "arrowright", XKB_KEY_Right },
  { "spacebar", XKB_KEY_space },
  { "capslock", XKB_KEY_Caps_Lock },
  { "numlock", XKB_KEY_Num_Lock },
  { "printscreen", XKB_KEY_Print },
};

static struct xkb_keymap *
compile_keymap (void)
{
  struct xkb_context *context = xkb_context_new (XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
  struct xkb_keymap *keymap;

  if (context == NULL)
    return NULL;
  xkb_context_set_log_level (context, XKB_LOG_LEVEL_CRITICAL);
  keymap = xkb_keymap_new_from_string (context, GLB_SHIM_KEYMAP, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
  xkb_context_unref (context);
  return keymap;
}

/* Is level reached with exactly no modifier, or with exactly Shift? */
static gboolean
find_level_modifiers (struct xkb_keymap *keymap,
                      xkb_keycode_t      key,
                      xkb_level_index_t  level,
                      gboolean          *shift)
{
  xkb_mod_mask_t shift_mask = 1u << xkb_keymap_mod_get_index (keymap, XKB_MOD_NAME_SHIFT);
  xkb_mod_mask_t masks[16];
  size_t n_masks = xkb_keymap_key_get_mods_for_level (keymap, key, 0, level, masks, G_N_ELEMENTS (masks));
  gboolean found = FALSE;

  for (size_t i = 0; i < n_masks; i++)
    {
      if (masks[i] == 0)
        {
          *shift = FALSE;
          return TRUE;
        }
      if (masks[i] == shift_mask)
        {
          *shift = TRUE;
          found = TRUE;
        }
    }
  return found;
}

static void
add_key (struct xkb_keymap *keymap,
         xkb_keycode_t      key,
         void              *data)
{
  GHashTable *table = data;

  for (xkb_level_index_t level = 0; level < xkb_keymap_num_levels_for_key (keymap, key, 0); level++)
    {
      const xkb_keysym_t *keysyms;
      int n_keysyms = xkb_keymap_key_get_syms_by_level (keymap, key, 0, level, &keysyms);
      gboolean shift;

      if (n_keysyms != 1 || key < XKB_OFFSET || key > XKB_KEY_MAX || !find_level_modifiers (keymap, key, level, &shift))
        continue;
      /* Keys come in ascending order. The first wins: the main block before the oddities of later codes. */
      if (!g_hash_table_contains (table, GUINT_TO_POINTER (keysyms[0])))
        g_hash_table_insert (table, GUINT_TO_POINTER (keysyms[0]),
                             GUINT_TO_POINTER ((key - XKB_OFFSET) | (shift ? ENTRY_SHIFT : 0)));
    }
}

#define LEVELS_MAX 4

/* By evdev code. */
typedef struct
{
  GlbModifiers  modifiers;
  gboolean      is_modifier;
  xkb_keysym_t  keysyms[LEVELS_MAX];   /* XKB_KEY_NoSymbol: none; the keypad's as those of the main block */
  gunichar      characters[2];         /* without and with Shift */
} KeyInfo;

static KeyInfo key_infos[XKB_KEY_MAX - XKB_OFFSET + 1];

static xkb_keysym_t
without_keypad (xkb_keysym_t keysym)
{
  static const struct { xkb_keysym_t keypad, main; } twins[] = {
    { XKB_KEY_KP_Enter, XKB_KEY_Return }, { XKB_KEY_KP_Tab, XKB_KEY_Tab }, { XKB_KEY_KP_Space, XKB_KEY_space },
    { XKB_KEY_KP_Home, XKB_KEY_Home }, { XKB_KEY_KP_End, XKB_KEY_End }, { XKB_KEY_KP_Begin, XKB_KEY_Begin },
    { XKB_KEY_KP_Left, XKB_KEY_Left }, { XKB_KEY_KP_Right, XKB_KEY_Right }, { XKB_KEY_KP_Up, XKB_KEY_Up },
    { XKB_KEY_KP_Down, XKB_KEY_Down }, { XKB_KEY_KP_Page_Up, XKB_KEY_Page_Up }, { XKB_KEY_KP_Page_Down, XKB_KEY_Page_Down },
    { XKB_KEY_KP_Insert, XKB_KEY_Insert }, { XKB_KEY_KP_Delete, XKB_KEY_Delete }, { XKB_KEY_KP_Decimal, XKB_KEY_period },
    { XKB_KEY_KP_Add, XKB_KEY_plus }, { XKB_KEY_KP_Subtract, XKB_KEY_minus }, { XKB_KEY_KP_Multiply, XKB_KEY_asterisk },
    { XKB_KEY_KP_Divide, XKB_KEY_slash }, { XKB_KEY_KP_Equal, XKB_KEY_equal }, { XKB_KEY_ISO_Left_Tab, XKB_KEY_Tab },
  };

  if (keysym >= XKB_KEY_KP_0 && keysym <= XKB_KEY_KP_9)
    return XKB_KEY_0 + (keysym - XKB_KEY_KP_0);
  for (gsize i = 0; i < G_N_ELEMENTS (twins); i++)
    if (keysym == twins[i].keypad)
      return twins[i].main;
  return keysym;
}

/* The real modifiers are what programs see; which keys set them is the keymap's own business. */
static GlbModifiers
find_modifiers (struct xkb_keymap *keymap,
                xkb_keycode_t      key,
                gboolean           with_shift)
{
  static const struct { const char *name; GlbModifiers modifier; } names[] = {
    { XKB_MOD_NAME_SHIFT, GLB_MODIFIER_SHIFT },
    { XKB_MOD_NAME_CTRL, GLB_MODIFIER_CTRL },
    { XKB_MOD_NAME_ALT, GLB_MODIFIER_ALT },
    { XKB_MOD_NAME_LOGO, GLB_MODIFIER_SUPER },
  };
  struct xkb_state *state = xkb_state_new (keymap);
  xkb_mod_mask_t before;
  GlbModifiers found = 0;

  if (with_shift)
    xkb_state_update_key (state, KEY_LEFTSHIFT + XKB_OFFSET, XKB_KEY_DOWN);
  before = xkb_state_serialize_mods (state, XKB_STATE_MODS_DEPRESSED);
  xkb_state_update_key (state, key, XKB_KEY_DOWN);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      xkb_mod_mask_t mask = 1u << xkb_keymap_mod_get_index (keymap, names[i].name);

      if ((xkb_state_serialize_mods (state, XKB_STATE_MODS_DEPRESSED) & ~before & mask) != 0)
        found |= names[i].modifier;
    }
  xkb_state_unref (state);
  return found;
}

static gboolean
keysym_is_modifier (xkb_keysym_t keysym)
{
  return (keysym >= XKB_KEY_Shift_L && keysym <= XKB_KEY_Hyper_R) || (keysym >= XKB_KEY_ISO_Lock && keysym <= XKB_KEY_ISO_Level5_Lock)
         || keysym == XKB_KEY_Num_Lock || keysym == XKB_KEY_Mode_switch;
}

static gunichar
keysym_to_character (xkb_keysym_t keysym)
{
  keysym = without_keypad (keysym);
  switch (keysym)
    {
    case XKB_KEY_Return:
      return '\n';
    case XKB_KEY_Tab:
      return '\t';
    case XKB_KEY_BackSpace:
      return '\b';
    default:
      {
        gunichar character = xkb_keysym_to_utf32 (keysym);

        return character != 0 && !g_unichar_iscntrl (character) ? character : 0;
      }
    }
}

static void
add_info (struct xkb_keymap *keymap,
          xkb_keycode_t      key,
          void              *data)
{
  xkb_level_index_t n_levels = MIN (xkb_keymap_num_levels_for_key (keymap, key, 0), LEVELS_MAX);
  KeyInfo *info;

  if (key < XKB_OFFSET || key > XKB_KEY_MAX)
    return;

  info = &key_infos[key - XKB_OFFSET];
  info->modifiers = find_modifiers (keymap, key, FALSE) | find_modifiers (keymap, key, TRUE);
  for (xkb_level_index_t level = 0; level < n_levels; level++)
    {
      const xkb_keysym_t *keysyms;
      int n_keysyms = xkb_keymap_key_get_syms_by_level (keymap, key, 0, level, &keysyms);
      gboolean shift;

      if (n_keysyms != 1)
        continue;
      info->keysyms[level] = without_keypad (keysyms[0]);
      info->is_modifier |= keysym_is_modifier (keysyms[0]);
      if (find_level_modifiers (keymap, key, level, &shift))
        info->characters[shift] = keysym_to_character (keysyms[0]);
    }
  /* Shift does nothing to a key with one level. */
  if (info->characters[1] == 0)
    info->characters[1] = info->characters[0];
}

/* (nullable): this host has no keyboard data */
static GHashTable *
get_table (void)
{
  static gsize once = 0;
  static GHashTable *table = NULL;

  if (g_once_init_enter (&once))
    {
      struct xkb_keymap *keymap = compile_keymap ();

      if (keymap != NULL)
        {
          table = g_hash_table_new (NULL, NULL);
          xkb_keymap_key_for_each (keymap, add_key, table);
          xkb_keymap_key_for_each (keymap, add_info, NULL);
          xkb_keymap_unref (keymap);
        }
      g_once_init_leave (&once, 1);
    }
  return table;
}

/* (nullable): no such key */
static const KeyInfo *
get_info (guint32 code)
{
  return get_table () != NULL && code < G_N_ELEMENTS (key_infos) ? &key_infos[code] : NULL;
}

GlbModifiers
glb_key_get_modifiers (guint32 code)
{
  const KeyInfo *info = get_info (code);

  return info != NULL ? info->modifiers : 0;
}

gboolean
glb_key_is_modifier (guint32 code)
{
  const KeyInfo *info = get_info (code);

  return info != NULL && info->is_modifier;
}

gboolean
glb_keys_are_alike (guint32 a,
                    guint32 b)
{
  const KeyInfo *info_a = get_info (a);
  const KeyInfo *info_b = get_info (b);

  if (a == b)
    return TRUE;
  if (info_a == NULL || info_b == NULL)
    return FALSE;

  for (guint i = 0; i < LEVELS_MAX; i++)
    for (guint j = 0; j < LEVELS_MAX; j++)
      if (info_a->keysyms[i] != XKB_KEY_NoSymbol && info_a->keysyms[i] == info_b->keysyms[j])
        return TRUE;
  return FALSE;
}

gunichar
glb_key_get_character (guint32  code,
                       gboolean shift)
{
  const KeyInfo *info = get_info (code);

  return info != NULL ? info->characters[shift ? 1 : 0] : 0;
}

gboolean
glb_key_find_character (gunichar  character,
                        guint32  *code,
                        gboolean *shift)
{
  xkb_keysym_t keysym = character == '\n' ? XKB_KEY_Return : character == '\t' ? XKB_KEY_Tab : xkb_utf32_to_keysym (character);
  GHashTable *table = get_table ();
  gpointer entry;

  if (table == NULL || !g_hash_table_lookup_extended (table, GUINT_TO_POINTER (keysym), NULL, &entry))
    return FALSE;

  *code = GPOINTER_TO_UINT (entry) & ~ENTRY_SHIFT;
  *shift = (GPOINTER_TO_UINT (entry) & ENTRY_SHIFT) != 0;
  return TRUE;
}

/* (transfer full) */
static char *
quote (const char *untrusted_text)
{
  g_autofree char *printable = glb_strict_json_printable (untrusted_text, -1, QUOTE_CHARACTERS_MAX);

  return g_strdup_printf ("\"%s\"", printable);
}

static xkb_keysym_t
keysym_from_name (const char *name)
{
  xkb_keysym_t keysym;

  if (g_utf8_validate (name, -1, NULL) && g_utf8_strlen (name, -1) == 1)
    return xkb_utf32_to_keysym (g_utf8_get_char (name));

  keysym = xkb_keysym_from_name (name, XKB_KEYSYM_NO_FLAGS);
  if (keysym != XKB_KEY_NoSymbol)
    return keysym;

  for (gsize i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_ascii_strcasecmp (name, aliases[i].name) == 0)
      return aliases[i].keysym;

  return xkb_keysym_from_name (name, XKB_KEYSYM_CASE_INSENSITIVE);
}

/* The keypad's digits need NumLock, whose state is not ours to change: the same digits of the main block. */
static xkb_keysym_t
keypad_to_main (xkb_keysym_t keysym)
{
  if (keysym >= XKB_KEY_KP_0 && keysym <= XKB_KEY_KP_9)
    return XKB_KEY_0 + (keysym - XKB_KEY_KP_0);
  return keysym == XKB_KEY_KP_Decimal ? XKB_KEY_period : keysym;
}

static gboolean
chord_add (GlbChord *chord,
           guint32   code)
{
  for (gsize i = 0; i < chord->n_codes; i++)
    if (chord->codes[i] == code)
      return TRUE;
  if (chord->n_codes == G_N_ELEMENTS (chord->codes))
    return FALSE;
  chord->codes[chord->n_codes++] = code;
  return TRUE;
}

/* Splits at "+"; an empty last name is the plus key itself ("+", "ctrl++"). */
static GPtrArray *
split_chord (const char *untrusted_chord)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *start = untrusted_chord;
  const char *plus;

  while (*start != '\0' && (plus = strchr (start + 1, '+')) != NULL)
    {
      g_ptr_array_add (names, g_strndup (start, plus - start));
      start = plus + 1;
      if (*start == '\0')
        break;
    }
  g_ptr_array_add (names, g_strdup (start));
  return names;
}

static gboolean
parse_key (GlbChord    *chord,
           const char  *untrusted_name,
           gboolean     alone,
           GError     **error)
{
  g_autofree char *quoted = quote (untrusted_name);
  GHashTable *table = get_table ();
  xkb_keysym_t keysym;
  gpointer entry;
  guint32 codepoint;

  if (table == NULL)
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY,
                           "The \"us\" keyboard map cannot be loaded: install the package xkb-data");
      return FALSE;
    }

  keysym = keypad_to_main (keysym_from_name (untrusted_name));
  if (keysym == XKB_KEY_NoSymbol)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY,
                   "There is no key named %s: use X keysym names joined by \"+\", such as ctrl+shift+t, Return, Page_Down, F5, KP_0",
                   quoted);
      return FALSE;
    }

  if (g_hash_table_lookup_extended (table, GUINT_TO_POINTER (keysym), NULL, &entry))
    {
      guint32 code = GPOINTER_TO_UINT (entry);

      if (((code & ENTRY_SHIFT) == 0 || chord_add (chord, KEY_LEFTSHIFT)) && chord_add (chord, code & ~ENTRY_SHIFT))
        return TRUE;
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE,
                   "A chord holds at most %u keys", GLB_CHORD_KEYS_MAX);
      return FALSE;
    }

  codepoint = xkb_keysym_to_utf32 (keysym);
  if (alone && codepoint != 0 && g_unichar_isprint (codepoint))
    {
      chord->text[g_unichar_to_utf8 (codepoint, chord->text)] = '\0';
      return TRUE;
    }

  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY,
               "The key %s is not on the \"us\" keyboard%s", quoted,
               codepoint != 0 ? ": characters that are not can be typed, but not held or combined" : "");
  return FALSE;
}

static gboolean
parse_chord (const char  *untrusted_chord,
             GlbChord    *chord,
             GError     **error)
{
  g_autoptr(GPtrArray) names = split_chord (untrusted_chord);

  memset (chord, 0, sizeof *chord);
  for (guint i = 0; i < names->len; i++)
    if (!parse_key (chord, g_ptr_array_index (names, i), names->len == 1, error))
      return FALSE;
  return TRUE;
}

gboolean
glb_chord_parse (const char  *chord,
                 guint32     *codes,
                 gsize        max_codes,
                 gsize       *n_codes,
                 GError     **error)
{
  g_autofree char *quoted = NULL;
  GlbChord parsed;

  g_return_val_if_fail (chord != NULL, FALSE);
  g_return_val_if_fail (codes != NULL && n_codes != NULL, FALSE);

  if (strlen (chord) > GLB_CHORD_BYTES_MAX)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE,
                   "A chord is at most %u bytes long", GLB_CHORD_BYTES_MAX);
      return FALSE;
    }
  if (!parse_chord (chord, &parsed, error))
    return FALSE;
  if (parsed.n_codes == 0)
    {
      quoted = quote (chord);
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY,
                   "The key %s is not on the \"us\" keyboard: characters that are not can be typed, but not held or combined", quoted);
      return FALSE;
    }
  if (parsed.n_codes > max_codes)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE,
                   "A chord holds at most %" G_GSIZE_FORMAT " keys", max_codes);
      return FALSE;
    }

  memcpy (codes, parsed.codes, parsed.n_codes * sizeof *codes);
  *n_codes = parsed.n_codes;
  return TRUE;
}

GArray *
glb_chords_parse (const char  *untrusted_text,
                  GError     **error)
{
  g_autoptr(GArray) chords = g_array_new (FALSE, FALSE, sizeof (GlbChord));
  g_auto(GStrv) words = NULL;

  g_return_val_if_fail (untrusted_text != NULL, NULL);

  if (strlen (untrusted_text) > GLB_CHORD_BYTES_MAX)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE,
                   "Key names are at most %u bytes long", GLB_CHORD_BYTES_MAX);
      return NULL;
    }

  /* A lone space is the space key, as a lone "a" is the a key. */
  words = g_strsplit (strcmp (untrusted_text, " ") == 0 ? "space" : untrusted_text, " ", 0);
  for (guint i = 0; words[i] != NULL; i++)
    {
      GlbChord chord;

      if (words[i][0] == '\0')
        continue;
      if (chords->len == GLB_CHORDS_MAX)
        {
          g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE,
                       "At most %u chords fit one action", GLB_CHORDS_MAX);
          return NULL;
        }
      if (!parse_chord (words[i], &chord, error))
        return NULL;
      g_array_append_val (chords, chord);
    }

  if (chords->len == 0)
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY,
                           "There is no key name: use X keysym names joined by \"+\", such as ctrl+shift+t, Return, F5");
      return NULL;
    }
  return g_steal_pointer (&chords);
}
