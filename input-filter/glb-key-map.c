/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From key names to evdev codes. The keyboard of a session is the one of
 * glb-shim-keymap.h, in the compositor as here; a layout's table is read from
 * that keymap once. A key is in it if it is reached with no modifier or with Shift alone.
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

/* xkb's <LVL3>, by which a keymap names the third level's modifier. */
#define FAKE_LEVEL3 84u

#define LEVELS_MAX 4

/* What may be held while a key types. */
#define TYPING_SHIFT (1u << 0)
#define TYPING_ALTGR (1u << 1)
#define N_TYPING     4u

#define LAYOUT_DEFAULT "us"
/* The real modifier of the third level. */
#define ALTGR_MOD_NAME "Mod5"

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

/* (transfer full) */
static char *
quote (const char *untrusted_text)
{
  g_autofree char *printable = glb_strict_json_printable (untrusted_text, -1, QUOTE_CHARACTERS_MAX);

  return g_strdup_printf ("\"%s\"", printable);
}

/* By evdev code. */
typedef struct
{
  GlbModifiers  modifiers;
  gboolean      is_modifier;
  xkb_keysym_t  keysyms[LEVELS_MAX];   /* XKB_KEY_NoSymbol: none; the keypad's as those of the main block */
  gunichar      characters[N_TYPING];  /* by TYPING_SHIFT and TYPING_ALTGR */
} KeyInfo;

struct _GlbKeyMap
{
  char       *layout;
  GHashTable *table;                   /* keysym to entry */
  KeyInfo     infos[XKB_KEY_MAX - XKB_OFFSET + 1];
};

/* All layouts alike come from the system's files, as the compositor's do: nobody's own may make the two differ. */
static struct xkb_context *
make_context (void)
{
  struct xkb_context *context = xkb_context_new (XKB_CONTEXT_NO_ENVIRONMENT_NAMES | XKB_CONTEXT_NO_DEFAULT_INCLUDES);

  if (context == NULL)
    return NULL;
  xkb_context_set_log_level (context, XKB_LOG_LEVEL_CRITICAL);
  xkb_context_include_path_append (context, GLB_XKB_DIR);
  return context;
}

static struct xkb_keymap *
compile_keymap (const char *layout)
{
  g_autofree char *other = g_str_equal (layout, LAYOUT_DEFAULT) ? NULL : g_strdup_printf (GLB_SHIM_KEYMAP_FORMAT, layout);
  struct xkb_context *context = make_context ();
  struct xkb_keymap *keymap;

  if (context == NULL)
    return NULL;
  keymap = xkb_keymap_new_from_string (context, other != NULL ? other : GLB_SHIM_KEYMAP, XKB_KEYMAP_FORMAT_TEXT_V1,
                                       XKB_KEYMAP_COMPILE_NO_FLAGS);
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
      gpointer before;
      gboolean shift;

      if (n_keysyms != 1 || key < XKB_OFFSET || key > XKB_KEY_MAX || !find_level_modifiers (keymap, key, level, &shift))
        continue;
      /* Keys come in ascending order. The first wins: the main block before the oddities of later codes. But Alt Gr before a
       * key that no keyboard has. */
      if (!g_hash_table_lookup_extended (table, GUINT_TO_POINTER (keysyms[0]), NULL, &before) ||
          GPOINTER_TO_UINT (before) == FAKE_LEVEL3)
        g_hash_table_insert (table, GUINT_TO_POINTER (keysyms[0]),
                             GUINT_TO_POINTER ((key - XKB_OFFSET) | (shift ? ENTRY_SHIFT : 0)));
    }
}

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
    { ALTGR_MOD_NAME, GLB_MODIFIER_ALTGR },
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

/* What the key writes under each of them; one that means nothing to it changes nothing. */
static void
add_characters (struct xkb_keymap *keymap,
                xkb_keycode_t      key,
                KeyInfo           *info)
{
  xkb_mod_mask_t shift = 1u << xkb_keymap_mod_get_index (keymap, XKB_MOD_NAME_SHIFT);
  xkb_mod_mask_t altgr = 1u << xkb_keymap_mod_get_index (keymap, ALTGR_MOD_NAME);
  struct xkb_state *state = xkb_state_new (keymap);

  for (guint held = 0; held < N_TYPING; held++)
    {
      xkb_state_update_mask (state, ((held & TYPING_SHIFT) != 0 ? shift : 0) | ((held & TYPING_ALTGR) != 0 ? altgr : 0), 0, 0, 0, 0, 0);
      info->characters[held] = keysym_to_character (xkb_state_key_get_one_sym (state, key));
    }
  xkb_state_unref (state);
}

static void
add_info (struct xkb_keymap *keymap,
          xkb_keycode_t      key,
          void              *data)
{
  GlbKeyMap *self = data;
  xkb_level_index_t n_levels = MIN (xkb_keymap_num_levels_for_key (keymap, key, 0), LEVELS_MAX);
  KeyInfo *info;

  if (key < XKB_OFFSET || key > XKB_KEY_MAX)
    return;

  info = &self->infos[key - XKB_OFFSET];
  info->modifiers = find_modifiers (keymap, key, FALSE) | find_modifiers (keymap, key, TRUE);
  for (xkb_level_index_t level = 0; level < n_levels; level++)
    {
      const xkb_keysym_t *keysyms;

      if (xkb_keymap_key_get_syms_by_level (keymap, key, 0, level, &keysyms) != 1)
        continue;
      info->keysyms[level] = without_keypad (keysyms[0]);
      info->is_modifier |= keysym_is_modifier (keysyms[0]);
    }
  add_characters (keymap, key, info);
}

/* ---- layouts --------------------------------------------------------------- */

/* "  NAME   description", or with of "  NAME   OF: description", in the section that begins with a line "! SECTION". */
static gboolean
section_has (const char *rules,
             const char *section,
             const char *name,
             const char *of)
{
  g_autofree char *heading = g_strdup_printf ("! %s", section);
  g_auto(GStrv) lines = g_strsplit (rules, "\n", -1);
  gboolean inside = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *word = lines[i] + strspn (lines[i], " \t");
      gsize length = strcspn (word, " \t");
      const char *rest = word + length + strspn (word + length, " \t");

      if (word[0] == '!')
        inside = g_str_equal (g_strchomp (word), heading);
      else if (inside && length == strlen (name) && strncmp (word, name, length) == 0 &&
               (of == NULL || (g_str_has_prefix (rest, of) && rest[strlen (of)] == ':')))
        return TRUE;
    }
  return FALSE;
}

gboolean
glb_key_map_is_listed (const char *rules,
                       const char *layout)
{
  g_autofree char *name = g_strndup (layout, strcspn (layout, "("));
  g_autofree char *variant = NULL;

  if (!section_has (rules, "layout", name, NULL))
    return FALSE;
  if (layout[strlen (name)] == '\0')
    return TRUE;

  variant = g_strndup (layout + strlen (name) + 1, strcspn (layout + strlen (name) + 1, ")"));
  return section_has (rules, "variant", variant, name);
}

/* (transfer full) (nullable) */
static GlbKeyMap *
key_map_new (const char *layout)
{
  struct xkb_keymap *keymap = NULL;
  g_autofree char *rules = NULL;
  GlbKeyMap *self;

  if (g_str_equal (layout, LAYOUT_DEFAULT) ||
      (g_file_get_contents (GLB_XKB_DIR "/rules/evdev.lst", &rules, NULL, NULL) && glb_key_map_is_listed (rules, layout)))
    keymap = compile_keymap (layout);
  if (keymap == NULL)
    return NULL;

  self = g_new0 (GlbKeyMap, 1);
  self->layout = g_strdup (layout);
  self->table = g_hash_table_new (NULL, NULL);
  xkb_keymap_key_for_each (keymap, add_key, self->table);
  xkb_keymap_key_for_each (keymap, add_info, self);
  xkb_keymap_unref (keymap);
  return self;
}

const GlbKeyMap *
glb_key_map_get (const char  *layout,
                 GError     **error)
{
  static GMutex lock;
  static GHashTable *maps;
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&lock);
  g_autofree char *quoted = NULL;
  GlbKeyMap *self;

  g_return_val_if_fail (layout != NULL && strlen (layout) < GLB_SHIM_LAYOUT_MAX, NULL);

  if (maps == NULL)
    maps = g_hash_table_new (g_str_hash, g_str_equal);
  self = g_hash_table_lookup (maps, layout);
  if (self == NULL && (self = key_map_new (layout)) != NULL)
    g_hash_table_insert (maps, self->layout, self);
  if (self != NULL)
    return self;

  quoted = quote (layout);
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY,
               "This host has no keyboard layout %s: use one of " GLB_XKB_DIR "/rules/evdev.lst, or install the package xkb-data",
               quoted);
  return NULL;
}

/* (nullable): this host has no keyboard data */
static const GlbKeyMap *
resolve (const GlbKeyMap *self)
{
  static gsize once = 0;
  static const GlbKeyMap *by_default = NULL;

  if (self != NULL)
    return self;
  if (g_once_init_enter (&once))
    {
      by_default = glb_key_map_get (LAYOUT_DEFAULT, NULL);
      g_once_init_leave (&once, 1);
    }
  return by_default;
}

const char *
glb_key_map_get_layout (const GlbKeyMap *self)
{
  return self != NULL ? self->layout : LAYOUT_DEFAULT;
}

/* (nullable): no such key */
static const KeyInfo *
get_info (const GlbKeyMap *self,
          guint32          code)
{
  self = resolve (self);
  return self != NULL && code < G_N_ELEMENTS (self->infos) ? &self->infos[code] : NULL;
}

GlbModifiers
glb_key_map_get_modifiers (const GlbKeyMap *self,
                           guint32          code)
{
  const KeyInfo *info = get_info (self, code);

  return info != NULL ? info->modifiers : 0;
}

gboolean
glb_key_map_is_modifier (const GlbKeyMap *self,
                         guint32          code)
{
  const KeyInfo *info = get_info (self, code);

  return info != NULL && info->is_modifier;
}

gboolean
glb_key_map_are_alike (const GlbKeyMap *self,
                       guint32          a,
                       guint32          b)
{
  const KeyInfo *info_a = get_info (self, a);
  const KeyInfo *info_b = get_info (self, b);

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
glb_key_map_get_character (const GlbKeyMap *self,
                           guint32          code,
                           GlbModifiers     modifiers)
{
  const KeyInfo *info = get_info (self, code);

  return info != NULL ? info->characters[((modifiers & GLB_MODIFIER_SHIFT) != 0 ? TYPING_SHIFT : 0) |
                                         ((modifiers & GLB_MODIFIER_ALTGR) != 0 ? TYPING_ALTGR : 0)] : 0;
}

gboolean
glb_key_map_find_character (const GlbKeyMap *self,
                            gunichar         character,
                            guint32         *code,
                            gboolean        *shift)
{
  xkb_keysym_t keysym = character == '\n' ? XKB_KEY_Return : character == '\t' ? XKB_KEY_Tab : xkb_utf32_to_keysym (character);
  gpointer entry;

  self = resolve (self);
  if (self == NULL || !g_hash_table_lookup_extended (self->table, GUINT_TO_POINTER (keysym), NULL, &entry))
    return FALSE;

  *code = GPOINTER_TO_UINT (entry) & ~ENTRY_SHIFT;
  *shift = (GPOINTER_TO_UINT (entry) & ENTRY_SHIFT) != 0;
  return TRUE;
}

/* The keysym by which the table has the key, or a key that does the same. */
static xkb_keysym_t
find_keysym (const GlbKeyMap *self,
             guint32          code)
{
  GHashTableIter iter;
  gpointer keysym, entry;

  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, &keysym, &entry))
    if (GPOINTER_TO_UINT (entry) == code)
      return GPOINTER_TO_UINT (keysym);
  return self->infos[code].keysyms[0];
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

/* Where Alt Gr is a key of its own, it is not the right Alt. */
static gboolean
lookup (const GlbKeyMap *self,
        xkb_keysym_t     keysym,
        gpointer        *entry)
{
  return g_hash_table_lookup_extended (self->table, GUINT_TO_POINTER (keysym), NULL, entry) ||
         (keysym == XKB_KEY_Alt_R &&
          g_hash_table_lookup_extended (self->table, GUINT_TO_POINTER (XKB_KEY_ISO_Level3_Shift), NULL, entry));
}

static gboolean
parse_key (const GlbKeyMap  *self,
           GlbChord         *chord,
           const char       *untrusted_name,
           gboolean          alone,
           GError          **error)
{
  g_autofree char *quoted = quote (untrusted_name);
  xkb_keysym_t keysym;
  gpointer entry;
  guint32 codepoint;

  if (self == NULL)
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

  if (lookup (self, keysym, &entry))
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
               "The key %s is not on the \"%s\" keyboard%s", quoted, self->layout,
               codepoint != 0 ? ": characters that are not can be typed, but not held or combined" : "");
  return FALSE;
}

static gboolean
parse_chord (const GlbKeyMap  *self,
             const char       *untrusted_chord,
             GlbChord         *chord,
             GError          **error)
{
  g_autoptr(GPtrArray) names = split_chord (untrusted_chord);

  memset (chord, 0, sizeof *chord);
  for (guint i = 0; i < names->len; i++)
    if (!parse_key (resolve (self), chord, g_ptr_array_index (names, i), names->len == 1, error))
      return FALSE;
  return TRUE;
}

gboolean
glb_key_map_parse_chord (const GlbKeyMap  *self,
                         const char       *chord,
                         guint32          *codes,
                         gsize             max_codes,
                         gsize            *n_codes,
                         GError          **error)
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
  if (!parse_chord (self, chord, &parsed, error))
    return FALSE;
  if (parsed.n_codes == 0)
    {
      quoted = quote (chord);
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY,
                   "The key %s is not on the \"%s\" keyboard: characters that are not can be typed, but not held or combined", quoted,
                   glb_key_map_get_layout (self));
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

char *
glb_key_map_dup_name (const GlbKeyMap *self,
                      guint32          code)
{
  static const struct { xkb_keysym_t keysym; const char *name; } common[] = {
    { XKB_KEY_Control_L, "ctrl" }, { XKB_KEY_Shift_L, "shift" }, { XKB_KEY_Alt_L, "alt" }, { XKB_KEY_Super_L, "super" },
  };
  xkb_keysym_t keysym;
  char name[64];
  GlbChord chord;

  self = resolve (self);
  if (self == NULL || code >= G_N_ELEMENTS (self->infos))
    return NULL;
  keysym = find_keysym (self, code);
  for (gsize i = 0; i < G_N_ELEMENTS (common); i++)
    if (keysym == common[i].keysym)
      return g_strdup (common[i].name);

  if (keysym == XKB_KEY_NoSymbol || xkb_keysym_get_name (keysym, name, sizeof name) <= 0)
    return NULL;
  return parse_chord (self, name, &chord, NULL) && chord.n_codes == 1 ? g_strdup (name) : NULL;
}

GArray *
glb_key_map_parse_chords (const GlbKeyMap  *self,
                          const char       *untrusted_text,
                          GError          **error)
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
      if (!parse_chord (self, words[i], &chord, error))
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
