/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-action-plan.h"

#include <linux/input-event-codes.h>
#include <string.h>

static const struct { const char *chord; GlbActionError code; const char *words; } refusals[] = {
  { "", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key named" },
  { "nokey", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key named \"nokey\"" },
  { "ctrl+nokey", GLB_ACTION_ERROR_UNKNOWN_KEY, "\"nokey\"" },
  { "ctrl++a", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key named \"+a\"" },
  { "ctrl+", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key named \"\"" },
  { "NoSymbol", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key named" },
  { "VoidSymbol", GLB_ACTION_ERROR_UNKNOWN_KEY, "not on the \"us\" keyboard" },
  { "ł", GLB_ACTION_ERROR_UNKNOWN_KEY, "not on the \"us\" keyboard" },
  { "ctrl+Cyrillic_a", GLB_ACTION_ERROR_UNKNOWN_KEY, "not on the \"us\" keyboard" },
  { "ctrl+alt+XF86Switch_VT_1", GLB_ACTION_ERROR_UNKNOWN_KEY, "not on the \"us\" keyboard" },
  { "Terminate_Server", GLB_ACTION_ERROR_UNKNOWN_KEY, "not on the \"us\" keyboard" },
  { "\033[31m", GLB_ACTION_ERROR_UNKNOWN_KEY, "no key named" },
  { "a+b+c+d+e+f+g+h+i", GLB_ACTION_ERROR_OUT_OF_RANGE, "at most 8 keys" },
  { "A+b+c+d+e+f+g+h", GLB_ACTION_ERROR_OUT_OF_RANGE, "at most 8 keys" },
};

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr(GError) error = NULL;
      guint32 codes[8];
      gsize n_codes = 99;

      g_assert_false (glb_key_map_parse_chord (NULL, refusals[i].chord, codes, G_N_ELEMENTS (codes), &n_codes, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, GLB_ACTION_ERROR, (int) refusals[i].code);
      g_assert_nonnull (strstr (error->message, refusals[i].words));
      g_assert_null (strchr (error->message, '\033'));
      g_assert_cmpuint (n_codes, ==, 99);
    }
}

static void
test_limits (void)
{
  g_autofree char *longest = g_strnfill (300, 'a');
  guint32 codes[2];
  gsize n_codes;
  g_autoptr(GError) error = NULL;

  g_assert_false (glb_key_map_parse_chord (NULL, longest, codes, G_N_ELEMENTS (codes), &n_codes, &error));
  g_assert_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE);
  g_clear_error (&error);
  g_assert_false (glb_key_map_parse_chord (NULL, "ctrl+alt+a", codes, G_N_ELEMENTS (codes), &n_codes, &error));
  g_assert_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE);
}

static const struct { const char *chord; guint32 codes[9]; } chords[] = {
  { "a", { KEY_A } },
  { "A", { KEY_LEFTSHIFT, KEY_A } },
  { "shift+A", { KEY_LEFTSHIFT, KEY_A } },
  { "shift+a", { KEY_LEFTSHIFT, KEY_A } },
  { "1", { KEY_1 } },
  { "!", { KEY_LEFTSHIFT, KEY_1 } },
  { "exclam", { KEY_LEFTSHIFT, KEY_1 } },
  { "<", { KEY_LEFTSHIFT, KEY_COMMA } },
  { "/", { KEY_SLASH } },
  { "+", { KEY_LEFTSHIFT, KEY_EQUAL } },
  { "plus", { KEY_LEFTSHIFT, KEY_EQUAL } },
  { "ctrl++", { KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_EQUAL } },
  { "ctrl+plus", { KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_EQUAL } },
  { "ctrl+minus", { KEY_LEFTCTRL, KEY_MINUS } },
  { "ctrl+-", { KEY_LEFTCTRL, KEY_MINUS } },
  { "ctrl+s", { KEY_LEFTCTRL, KEY_S } },
  { "ctrl+shift+t", { KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_T } },
  { "Control_L+Shift_R+Tab", { KEY_LEFTCTRL, KEY_RIGHTSHIFT, KEY_TAB } },
  { "alt+F4", { KEY_LEFTALT, KEY_F4 } },
  { "super", { KEY_LEFTMETA } },
  { "cmd+c", { KEY_LEFTMETA, KEY_C } },
  { "Super_L", { KEY_LEFTMETA } },
  { "meta", { KEY_LEFTMETA } },
  { "Return", { KEY_ENTER } },
  { "return", { KEY_ENTER } },
  { "Enter", { KEY_ENTER } },
  { "KP_Enter", { KEY_KPENTER } },
  { "Escape", { KEY_ESC } },
  { "esc", { KEY_ESC } },
  { "BackSpace", { KEY_BACKSPACE } },
  { "Backspace", { KEY_BACKSPACE } },
  { "Delete", { KEY_DELETE } },
  { "Insert", { KEY_INSERT } },
  { "Home", { KEY_HOME } },
  { "End", { KEY_END } },
  { "Page_Up", { KEY_PAGEUP } },
  { "Prior", { KEY_PAGEUP } },
  { "Page_Down", { KEY_PAGEDOWN } },
  { "PageDown", { KEY_PAGEDOWN } },
  { "Up", { KEY_UP } },
  { "Down", { KEY_DOWN } },
  { "Left", { KEY_LEFT } },
  { "Right", { KEY_RIGHT } },
  { "ArrowLeft", { KEY_LEFT } },
  { "Tab", { KEY_TAB } },
  { "ISO_Left_Tab", { KEY_LEFTSHIFT, KEY_TAB } },
  { "space", { KEY_SPACE } },
  { " ", { KEY_SPACE } },
  { "F1", { KEY_F1 } },
  { "F12", { KEY_F12 } },
  { "f5", { KEY_F5 } },
  { "KP_0", { KEY_0 } },
  { "ctrl+KP_9", { KEY_LEFTCTRL, KEY_9 } },
  { "KP_Decimal", { KEY_DOT } },
  { "KP_Insert", { KEY_KP0 } },
  { "KP_Add", { KEY_KPPLUS } },
  { "Print", { KEY_SYSRQ } },
  { "Menu", { KEY_COMPOSE } },
  { "Caps_Lock", { KEY_CAPSLOCK } },
  { "XF86AudioMute", { KEY_MUTE } },
  { "a+b+c+d+e+f+g+h", { KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G, KEY_H } },
};

static void
test_chords (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (chords); i++)
    {
      g_autoptr(GError) error = NULL;
      guint32 codes[8] = { 0 };
      gsize n_codes = 0;

      g_test_message ("%s", chords[i].chord);
      glb_key_map_parse_chord (NULL, chords[i].chord, codes, G_N_ELEMENTS (codes), &n_codes, &error);
      g_assert_no_error (error);
      for (gsize k = 0; k < n_codes; k++)
        g_assert_cmpuint (codes[k], ==, chords[i].codes[k]);
      g_assert_cmpuint (chords[i].codes[n_codes], ==, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chord/refusals", test_refusals);
  g_test_add_func ("/chord/limits", test_limits);
  g_test_add_func ("/chord/chords", test_chords);
  return g_test_run ();
}
