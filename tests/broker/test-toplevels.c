/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/accessibility/glb-accessibility-answer.h"

/* Which of the windows each toplevel is, and where on the screen its corner. */

static const GlbShimWindow windows[] = {
  { .id = 1, .geometry = { 10, 20, 360, 489 }, .app_id = "org.gnome.Calculator", .title = "Calculator" },
  { .id = 2, .geometry = { 100, 100, 412, 352 }, .inset_x = 26, .inset_y = 23, .app_id = "mousepad", .title = "notes.txt - Mousepad" },
  { .id = 3, .geometry = { 0, 0, 300, 330 }, .app_id = "featherpad", .title = "letter" },
  { .id = 4, .geometry = { 50, 50, 200, 100 }, .app_id = "featherpad", .title = "letter" },
  { .id = 5, .flags = GLB_SHIM_WINDOW_MINIMIZED, .geometry = { 0, 0, 640, 480 }, .app_id = "hidden", .title = "hidden" },
};
static const GlbInputScene scene = { windows, G_N_ELEMENTS (windows), 1, 0, 0 };

static const struct
{
  const char *application, *name;
  int width, height;
  guint32 window;
  int x, y;                  /* of its corner */
} cases[] = {
  { "gnome-calculator", "Calculator", 360, 489, 1, 10, 20 },
  { "mousepad", "notes.txt - Mousepad", 464, 404, 2, 74, 77 },       /* with its shadow */
  { "featherpad", "letter", 300, 300, 3, 0, 30 },                    /* without its title bar */
  { "featherpad", "letter", 200, 100, 4, 50, 50 },                   /* the other of two of the same name, by its size */
  { "hidden", "hidden", 640, 480, 0, 0, 0 },
  { "stranger", "nothing", 1, 1, 0, 0, 0 },
};

static void
toplevel_free (gpointer data)
{
  GlbToplevel *toplevel = data;

  g_free (toplevel->application);
  glb_element_free (toplevel->element);
  g_free (toplevel);
}

static GlbToplevel *
make_toplevel (guint i)
{
  g_autofree char *json = g_strdup_printf ("{\"role\":\"frame\",\"name\":\"%s\",\"states\":[],\"bounds\":[0,0,%d,%d]}", cases[i].name,
                                           cases[i].width, cases[i].height);
  g_autoptr(JsonNode) node = json_from_string (json, NULL);
  GlbToplevel *toplevel = g_new0 (GlbToplevel, 1);
  guint n_left = 1;

  toplevel->number = i + 1;
  toplevel->application = g_strdup (cases[i].application);
  toplevel->element = glb_element_new_from_node (node, &n_left, NULL);
  return toplevel;
}

static void
test_match (void)
{
  g_autoptr(GPtrArray) toplevels = g_ptr_array_new_with_free_func (toplevel_free);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_ptr_array_add (toplevels, make_toplevel (i));
  glb_toplevels_match (toplevels, &scene);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const GlbToplevel *toplevel = g_ptr_array_index (toplevels, i);
      int x = 0, y = 0;

      g_assert_cmpuint (toplevel->window, ==, cases[i].window);
      if (toplevel->window != 0)
        glb_toplevel_get_origin (toplevel, glb_input_scene_find (&scene, toplevel->window), &x, &y);
      g_assert_cmpint (x, ==, cases[i].x);
      g_assert_cmpint (y, ==, cases[i].y);
    }
}

/* A second one of the same is no window: two programs never share one. */
static void
test_twice (void)
{
  g_autoptr(GPtrArray) toplevels = g_ptr_array_new_with_free_func (toplevel_free);
  const GlbToplevel *one, *other;

  g_ptr_array_add (toplevels, make_toplevel (0));
  g_ptr_array_add (toplevels, make_toplevel (0));
  glb_toplevels_match (toplevels, &scene);
  one = g_ptr_array_index (toplevels, 0);
  other = g_ptr_array_index (toplevels, 1);
  g_assert_cmpuint (one->window, ==, 1);
  g_assert_cmpuint (other->window, !=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/toplevels/match", test_match);
  g_test_add_func ("/toplevels/twice", test_twice);

  return g_test_run ();
}
