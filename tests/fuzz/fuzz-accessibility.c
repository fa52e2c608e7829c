/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "input-filter/glb-action-result.h"
#include "input-filter/glb-target.h"
#include "input-filter/glb-wait.h"
#include "policies/glb-json-writer.h"
#include "session-broker/accessibility/glb-accessibility-answer.h"
#include "session-broker/accessibility/glb-accessibility-protocol.h"

/* Whatever a program of a session says of its elements: an answer or a one-line error. No window is two programs', nothing that
 * can be seen of an element is off the screen, and what agents are told of it is one line that can be read again. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const GlbShimRect screen = { 0, 0, 1280, 800 };
static const GlbShimWindow windows[] = {
  { .id = 1, .geometry = { 460, 169, 360, 489 }, .app_id = "org.gnome.Calculator", .title = "Calculator" },
  { .id = 2, .geometry = { 10, -20, 360, 300 }, .inset_x = 26, .inset_y = 23, .app_id = "mousepad", .title = "notes.txt" },
};
static const GlbInputScene scene = { windows, G_N_ELEMENTS (windows), 1, 5, 5 };

static void
check_placed (const GlbElement *element)
{
  const GlbShimRect *visible = &element->visible;

  g_assert_true (g_utf8_validate (element->role, -1, NULL) && g_utf8_validate (element->name, -1, NULL));
  g_assert_cmpint (visible->width, >=, 0);
  g_assert_cmpint (visible->height, >=, 0);
  if (visible->width > 0 && visible->height > 0)
    {
      g_assert_cmpint (visible->x, >=, 0);
      g_assert_cmpint (visible->y, >=, 0);
      g_assert_cmpint (visible->x + visible->width, <=, screen.width);
      g_assert_cmpint (visible->y + visible->height, <=, screen.height);
    }
  for (guint i = 0; i < element->children->len; i++)
    check_placed (g_ptr_array_index (element->children, i));
}

/* As deep and as much as was read, in one line. */
static void
check_told (GlbElement *element)
{
  g_autoptr(JsonNode) node = glb_element_to_node (element, TRUE, FALSE);
  g_autofree char *text = glb_json_write (node);
  guint n_left = GLB_ACCESSIBILITY_NODES_MAX;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbElement) again = glb_element_new_from_node (node, &n_left, &error);

  g_assert_no_error (error);
  g_assert_null (strchr (text, '\n'));
}

static void
check_target (GPtrArray *trees)
{
  char role[] = "*", name[] = "*O*";
  const GlbTarget target = { .role = role, .name = name };
  g_autoptr(GPtrArray) found = glb_target_find (&target, &scene, trees);
  g_autofree char *message = NULL;
  const char *code = NULL;
  const GlbElement *chosen = glb_target_choose (&target, found, &code, &message);

  g_assert_cmpuint (found->len, <=, GLB_TARGET_FOUND_MAX);
  g_assert_true ((chosen != NULL) == (code == NULL));
  g_assert_true (chosen == NULL || (chosen->visible.width > 0 && chosen->visible.height > 0));
  for (const char *p = message; p != NULL && *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

static void
check_wait (GPtrArray *trees)
{
  char text[] = "*4*";
  const GlbWait is = { .text = text }, gone = { .text = text, .gone = TRUE };
  const GlbWaitState state = { .scene = &scene, .trees = trees };
  g_autofree char *missing = NULL;

  g_assert_true (glb_wait_check (&is, &state, &missing) != glb_wait_check (&gone, &state, &missing));
}

static void
check_toplevels (GPtrArray *toplevels)
{
  glb_toplevels_match (toplevels, &scene);
  for (guint i = 0; i < toplevels->len; i++)
    {
      const GlbToplevel *one = g_ptr_array_index (toplevels, i);
      int x, y;

      for (guint j = 0; j < i; j++)
        g_assert_true (one->window == 0 || one->window != ((const GlbToplevel *) g_ptr_array_index (toplevels, j))->window);
      if (one->window == 0)
        continue;
      glb_toplevel_get_origin (one, glb_input_scene_find (&scene, one->window), &x, &y);
      glb_element_place (one->element, one->window, x, y, &screen);
      check_placed (one->element);
    }
}

static void
check_tree (GlbElement *element)
{
  g_autoptr(GPtrArray) trees = g_ptr_array_new ();

  glb_element_place (element, 1, 460, 169, &screen);
  check_placed (element);
  check_told (element);
  g_ptr_array_add (trees, element);
  check_target (trees);
  check_wait (trees);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAccessibilityAnswer) answer = glb_accessibility_answer_new_from_json ((const char *) data, size, &error);

  if (answer == NULL)
    {
      g_assert_nonnull (error);
      g_assert_null (strchr (error->message, '\n'));
      return 0;
    }
  if (answer->toplevels != NULL)
    check_toplevels (answer->toplevels);
  if (answer->element != NULL)
    check_tree (answer->element);
  return 0;
}
