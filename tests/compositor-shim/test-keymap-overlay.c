/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <linux/input-event-codes.h>
#include <string.h>

#include "compositor-shim/glb-keymap-overlay.h"
#include "compositor-shim/glb-shim-keymap.h"

typedef struct
{
  struct xkb_context *context;
  struct xkb_keymap *base;
  struct xkb_keymap *current;   /* (nullable): the newest */
  GlbKeymapOverlay *overlay;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autofree char *other = data != NULL ? g_strdup_printf (GLB_SHIM_KEYMAP_FORMAT, (const char *) data) : NULL;

  fixture->context = xkb_context_new (XKB_CONTEXT_NO_FLAGS);
  fixture->base = xkb_keymap_new_from_string (fixture->context, other != NULL ? other : GLB_SHIM_KEYMAP, XKB_KEYMAP_FORMAT_TEXT_V1,
                                              XKB_KEYMAP_COMPILE_NO_FLAGS);
  g_assert_nonnull (fixture->base);
  fixture->overlay = glb_keymap_overlay_new (fixture->context, fixture->base);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  glb_keymap_overlay_free (fixture->overlay);
  xkb_keymap_unref (fixture->current);
  xkb_keymap_unref (fixture->base);
  xkb_context_unref (fixture->context);
}

/* Presses the planned keys on a keyboard with the newest map. */
static void
play (Fixture            *fixture,
      const GlbKeyStroke *strokes,
      gsize               n_strokes,
      GString            *out)
{
  struct xkb_state *state = xkb_state_new (fixture->current != NULL ? fixture->current : fixture->base);

  for (gsize i = 0; i < n_strokes; i++)
    {
      char text[16];

      if (strokes[i].shift)
        xkb_state_update_key (state, KEY_LEFTSHIFT + 8, XKB_KEY_DOWN);
      g_assert_cmpint (xkb_state_key_get_utf8 (state, strokes[i].code + 8, text, sizeof text), >, 0);
      g_string_append (out, strcmp (text, "\r") == 0 ? "\n" : text);
      if (strokes[i].shift)
        xkb_state_update_key (state, KEY_LEFTSHIFT + 8, XKB_KEY_UP);
    }
  xkb_state_unref (state);
}

static guint
type (Fixture    *fixture,
      const char *text,
      GString    *out)
{
  gsize length = strlen (text), position = 0;
  guint n_maps = 0;

  while (position < length)
    {
      GlbKeyStroke strokes[32];
      gsize n_strokes;
      struct xkb_keymap *keymap;
      gsize used = glb_keymap_overlay_plan (fixture->overlay, text + position, length - position, strokes,
                                            G_N_ELEMENTS (strokes), &n_strokes, &keymap);

      g_assert_cmpuint (used, >, 0);
      g_assert_cmpuint (n_strokes, ==, (gsize) g_utf8_strlen (text + position, (gssize) used));
      if (keymap != NULL)
        {
          n_maps++;
          xkb_keymap_unref (fixture->current);
          fixture->current = keymap;
        }
      play (fixture, strokes, n_strokes, out);
      position += used;
    }
  return n_maps;
}

static void
test_ascii_needs_no_map (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr(GString) all = g_string_new ("\n\t"), out = g_string_new (NULL);

  for (char c = ' '; c < 0x7f; c++)
    g_string_append_c (all, c);
  g_assert_cmpuint (type (fixture, all->str, out), ==, 0);
  g_assert_cmpstr (out->str, ==, all->str);
}

static void
test_scripts (Fixture       *fixture,
              gconstpointer  data)
{
  const char *text = "Zażółć gęślą jaźń, Ελληνικά, Съешь ещё, 漢字かな交じり文, 한국어, 🙂👩‍👩‍👧, é (e\xcc\x81)";
  g_autoptr(GString) out = g_string_new (NULL);

  g_assert_cmpuint (type (fixture, text, out), >, 1);
  g_assert_cmpstr (out->str, ==, text);
}

/* A program that looks a key up in a later map still finds it, and what has a key needs no new map. */
static void
test_keys_stay (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(GString) out = g_string_new (NULL), late = g_string_new (NULL);
  struct xkb_keymap *keymap;
  GlbKeyStroke strokes[8];
  gsize n_strokes;

  g_assert_cmpuint (glb_keymap_overlay_plan (fixture->overlay, "żó", strlen ("żó"), strokes, G_N_ELEMENTS (strokes), &n_strokes, &keymap),
                    ==, strlen ("żó"));
  g_assert_nonnull (keymap);
  xkb_keymap_unref (keymap);
  g_assert_cmpuint (type (fixture, "λж漢", out), ==, 1);
  play (fixture, strokes, n_strokes, late);
  g_assert_cmpstr (late->str, ==, "żó");
  g_assert_cmpuint (type (fixture, "漢żλ", out), ==, 0);
  g_assert_cmpstr (out->str, ==, "λж漢漢żλ");
}

/* Every character that xkb knows a symbol for, by the hundred. */
static void
test_many_characters (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr(GString) text = g_string_new (NULL), out = g_string_new (NULL);

  for (gunichar c = 0xa1; c < 0x600; c++)
    if (g_unichar_isdefined (c) && c != 0xad)
      g_string_append_unichar (text, c);
  for (gunichar c = 0x4e00; c < 0x4f00; c++)
    g_string_append_unichar (text, c);
  type (fixture, text->str, out);
  g_assert_cmpstr (out->str, ==, text->str);
}

/* The layout is the test's data: whatever keys it has, any text is typed, and its own letters need no map. */
static void
test_layout (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GString) all = g_string_new ("\n\t"), out = g_string_new (NULL), own = g_string_new (NULL);

  for (char c = ' '; c < 0x7f; c++)
    g_string_append_c (all, c);
  g_string_append (all, "äöüß€@, żó, Ελλ, Съ, 漢字, 🙂");
  type (fixture, all->str, out);
  g_assert_cmpstr (out->str, ==, all->str);
  /* and once more, with what is mapped by now */
  type (fixture, all->str, own);
  g_assert_cmpstr (own->str, ==, all->str);
}

int
main (int   argc,
      char *argv[])
{
  static const char * const layouts[] = { "de", "de(neo)", "us(intl)", "us(dvorak)", "fr", "ru", "gr", "jp", "il", "ara", "tr(f)", "ch" };

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/keymap-overlay/ascii-needs-no-map", Fixture, NULL, set_up, test_ascii_needs_no_map, tear_down);
  g_test_add ("/keymap-overlay/scripts", Fixture, NULL, set_up, test_scripts, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autofree char *path = g_strconcat ("/keymap-overlay/layout/", layouts[i], NULL);

      g_test_add (path, Fixture, layouts[i], set_up, test_layout, tear_down);
    }
  g_test_add ("/keymap-overlay/keys-stay", Fixture, NULL, set_up, test_keys_stay, tear_down);
  g_test_add ("/keymap-overlay/many-characters", Fixture, NULL, set_up, test_many_characters, tear_down);
  return g_test_run ();
}
