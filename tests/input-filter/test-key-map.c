/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Other layouts than "us", which test-chord has. */

#include <linux/input-event-codes.h>
#include <string.h>

#include "input-filter/glb-action-plan.h"
#include "input-filter/glb-key-map.h"

static void
test_listed (void)
{
  static const char rules[] =
    "! model\n  pc105           Generic\n  xx              A model\n\n"
    "! layout\n  us              English (US)\n  de              German\n  usx             no\n\n"
    "! variant\n  intl            us: English (US, intl., with dead keys)\n  neo             de: German (Neo 2)\n  bad us: x\n"
    "! option\n  grp             Switching\n  oo              us: an option\n";
  static const struct { const char *layout; gboolean listed; } cases[] = {
    { "xx", FALSE }, { "pc105", FALSE }, { "u", FALSE }, { "usxx", FALSE }, { "intl", FALSE }, { "grp", FALSE }, { "!", FALSE },
    { "layout", FALSE }, { "us(neo)", FALSE }, { "de(intl)", FALSE }, { "us(oo)", FALSE }, { "xx(intl)", FALSE }, { "us(int)", FALSE },
    { "us", TRUE }, { "de", TRUE }, { "us(intl)", TRUE }, { "de(neo)", TRUE }, { "us(bad)", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].layout);
      g_assert_cmpint (glb_key_map_is_listed (rules, cases[i].layout), ==, cases[i].listed);
      g_assert_false (glb_key_map_is_listed ("", cases[i].layout));
    }
}

static const GlbKeyMap *
get (const char *layout)
{
  g_autoptr(GError) error = NULL;
  const GlbKeyMap *keys = glb_key_map_get (layout, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (glb_key_map_get_layout (keys), ==, layout);
  return keys;
}

/* What compiles, and is no layout of the host's list, is none. */
static void
test_refused (void)
{
  static const char * const layouts[] = { "xx", "de(intl)", "level3", "pc", "us(", "evdev", "de(nosuch)" };

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autofree char *start = g_strdup_printf ("This host has no keyboard layout \"%s\": use one of /", layouts[i]);
      g_autoptr(GError) error = NULL;

      g_assert_null (glb_key_map_get (layouts[i], &error));
      g_assert_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY);
      g_assert_true (g_str_has_prefix (error->message, start));
    }
}

static void
test_chords_refused (void)
{
  static const struct { const char *layout, *chord, *words; } cases[] = {
    { "ru", "ctrl+c", "The key \"c\" is not on the \"ru\" keyboard" },
    { "de", "ctrl+at", "The key \"at\" is not on the \"de\" keyboard" },
    { "us(intl)", "ctrl+'", "The key \"'\" is not on the \"us(intl)\" keyboard" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      guint32 codes[GLB_CHORD_KEYS_MAX];
      gsize n_codes;

      g_assert_false (glb_key_map_parse_chord (get (cases[i].layout), cases[i].chord, codes, G_N_ELEMENTS (codes), &n_codes, &error));
      g_assert_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNKNOWN_KEY);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

static void
test_chords (void)
{
  static const struct { const char *layout, *chord; guint32 codes[4]; } cases[] = {
    { "us", "ctrl+z", { KEY_LEFTCTRL, KEY_Z } },
    { "us", "altgr+q", { KEY_RIGHTALT, KEY_Q } },
    { "de", "ctrl+z", { KEY_LEFTCTRL, KEY_Y } },
    { "de", "y", { KEY_Z } },
    { "de", "altgr+q", { KEY_RIGHTALT, KEY_Q } },
    { "de", "Alt_L+F4", { KEY_LEFTALT, KEY_F4 } },
    { "de", "ssharp", { KEY_MINUS } },
    { "de", "ctrl+question", { KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_MINUS } },
    { "fr", "a", { KEY_Q } },
    { "fr", "1", { KEY_LEFTSHIFT, KEY_1 } },
    { "us(dvorak)", "ctrl+c", { KEY_LEFTCTRL, KEY_I } },
    { "ru", "ctrl+Return", { KEY_LEFTCTRL, KEY_ENTER } },
    { "ru", "Cyrillic_ef", { KEY_A } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      guint32 codes[GLB_CHORD_KEYS_MAX];
      gsize n_codes, n_expected = 0;

      g_test_message ("%s %s", cases[i].layout, cases[i].chord);
      while (n_expected < 4 && cases[i].codes[n_expected] != 0)
        n_expected++;
      glb_key_map_parse_chord (get (cases[i].layout), cases[i].chord, codes, G_N_ELEMENTS (codes), &n_codes, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (codes, n_codes * sizeof *codes, cases[i].codes, n_expected * sizeof *codes);
    }
}

/* What rules see of a key: with Alt Gr it writes another character, where the layout has one there. */
static void
test_characters (void)
{
  const GlbModifiers both = GLB_MODIFIER_SHIFT | GLB_MODIFIER_ALTGR;
  const GlbKeyMap *de = get ("de");

  g_assert_cmpuint (glb_key_map_get_character (de, KEY_Y, 0), ==, 'z');
  g_assert_cmpuint (glb_key_map_get_character (de, KEY_Q, GLB_MODIFIER_SHIFT), ==, 'Q');
  g_assert_cmpuint (glb_key_map_get_character (de, KEY_Q, GLB_MODIFIER_ALTGR), ==, '@');
  g_assert_cmpuint (glb_key_map_get_character (de, KEY_E, GLB_MODIFIER_ALTGR), ==, 0x20ac);
  g_assert_cmpuint (glb_key_map_get_character (de, KEY_Q, both), ==, 0x3a9);
  g_assert_cmpuint (glb_key_map_get_modifiers (de, KEY_RIGHTALT), ==, GLB_MODIFIER_ALTGR);
  g_assert_true (glb_key_map_is_modifier (de, KEY_RIGHTALT));

  g_assert_cmpuint (glb_key_map_get_character (NULL, KEY_Q, GLB_MODIFIER_ALTGR), ==, 'q');
  g_assert_cmpuint (glb_key_map_get_modifiers (NULL, KEY_RIGHTALT), ==, GLB_MODIFIER_ALT);
  g_assert_cmpuint (glb_key_map_get_character (get ("us"), KEY_Y, 0), ==, 'y');
}

/* Each layout that the host lists makes a keyboard with the keys that every chord needs. */
static void
test_all (void)
{
  g_autofree char *rules = NULL;
  g_auto(GStrv) lines = NULL;
  gboolean inside = FALSE;
  guint n = 0;

  g_assert_true (g_file_get_contents (GLB_XKB_DIR "/rules/evdev.lst", &rules, NULL, NULL));
  lines = g_strsplit (rules, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *layout = g_strndup (lines[i] + strspn (lines[i], " "), strcspn (lines[i] + strspn (lines[i], " "), " "));
      g_autoptr(GError) error = NULL;
      guint32 codes[GLB_CHORD_KEYS_MAX];
      gsize n_codes;

      if (lines[i][0] == '!')
        inside = g_str_equal (lines[i], "! layout");
      if (!inside || lines[i][0] == '!' || layout[0] == '\0' || g_str_equal (layout, "custom"))
        continue;
      g_test_message ("%s", layout);
      glb_key_map_parse_chord (get (layout), "ctrl+shift+alt+Return", codes, G_N_ELEMENTS (codes), &n_codes, &error);
      g_assert_no_error (error);
      n++;
    }
  g_assert_cmpuint (n, >, 50);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/key-map/refused", test_refused);
  g_test_add_func ("/key-map/listed", test_listed);
  g_test_add_func ("/key-map/chords/refused", test_chords_refused);
  g_test_add_func ("/key-map/chords", test_chords);
  g_test_add_func ("/key-map/characters", test_characters);
  g_test_add_func ("/key-map/all", test_all);
  return g_test_run ();
}
