/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>

#include "compositor-shim/glb-keymap-trim.h"
#include "compositor-shim/glb-shim-keymap.h"

#define CODES 1000

static void
assert_same_key (struct xkb_keymap *whole,
                 struct xkb_keymap *trimmed,
                 xkb_keycode_t      code)
{
  xkb_layout_index_t n_layouts = xkb_keymap_num_layouts_for_key (whole, code);

  g_assert_cmpuint (xkb_keymap_num_layouts_for_key (trimmed, code), ==, n_layouts);
  g_assert_cmpint (xkb_keymap_key_repeats (trimmed, code), ==, xkb_keymap_key_repeats (whole, code));
  for (xkb_layout_index_t layout = 0; layout < n_layouts; layout++)
    {
      xkb_level_index_t n_levels = xkb_keymap_num_levels_for_key (whole, code, layout);

      g_assert_cmpuint (xkb_keymap_num_levels_for_key (trimmed, code, layout), ==, n_levels);
      for (xkb_level_index_t level = 0; level < n_levels; level++)
        {
          const xkb_keysym_t *wanted, *symbols;
          int n = xkb_keymap_key_get_syms_by_level (whole, code, layout, level, &wanted);

          g_assert_cmpint (xkb_keymap_key_get_syms_by_level (trimmed, code, layout, level, &symbols), ==, n);
          for (int i = 0; i < n; i++)
            g_assert_cmphex (symbols[i], ==, wanted[i]);
        }
    }
}

/* What each key writes stays; spare keys stay; what is beyond all X11 programs goes. */
static void
test_same (gconstpointer data)
{
  const char *layout = data;
  g_autofree char *text = layout != NULL ? g_strdup_printf (GLB_SHIM_KEYMAP_FORMAT, layout) : g_strdup (GLB_SHIM_KEYMAP);
  struct xkb_context *context = xkb_context_new (XKB_CONTEXT_NO_FLAGS);
  struct xkb_keymap *whole = xkb_keymap_new_from_string (context, text, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
  struct xkb_keymap *trimmed;
  guint n_whole = 0, n_trimmed = 0, n_spare = 0;

  g_assert_nonnull (whole);
  trimmed = glb_keymap_trim (context, whole);
  g_assert_nonnull (trimmed);
  g_assert_cmpuint (xkb_keymap_max_keycode (whole), >, 255);
  g_assert_cmpuint (xkb_keymap_max_keycode (trimmed), <=, 255);
  for (xkb_keycode_t code = 0; code < CODES; code++)
    {
      const char *name = xkb_keymap_key_get_name (trimmed, code);

      assert_same_key (whole, trimmed, code);
      n_whole += xkb_keymap_key_get_name (whole, code) != NULL;
      n_trimmed += name != NULL;
      n_spare += name != NULL && xkb_keymap_num_layouts_for_key (trimmed, code) == 0;
      if (code <= 255)
        g_assert_cmpstr (name, ==, xkb_keymap_key_get_name (whole, code));
    }
  g_assert_cmpuint (n_trimmed, <, n_whole);
  g_assert_cmpuint (n_spare, >=, 64);

  for (xkb_mod_index_t i = 0; i < xkb_keymap_num_mods (whole); i++)
    g_assert_cmpuint (xkb_keymap_mod_get_index (trimmed, xkb_keymap_mod_get_name (whole, i)), ==, i);
  xkb_keymap_unref (trimmed);
  xkb_keymap_unref (whole);
  xkb_context_unref (context);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/keymap-trim/none-named", NULL, test_same);
  g_test_add_data_func ("/keymap-trim/de", "de", test_same);
  g_test_add_data_func ("/keymap-trim/us-intl", "us(intl)", test_same);
  g_test_add_data_func ("/keymap-trim/fr-bepo", "fr(bepo)", test_same);
  g_test_add_data_func ("/keymap-trim/ru", "ru", test_same);
  g_test_add_data_func ("/keymap-trim/jp", "jp", test_same);
  return g_test_run ();
}
