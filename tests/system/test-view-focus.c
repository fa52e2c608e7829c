/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who goes through a page by Tab meets its controls in the order in which they are read, each once, and comes round. */

#include "config.h"

#include <string.h>

#include "tests/system/glb-test-reader.h"

#define MAX_STEPS 200

typedef struct
{
  GlbTestReader reader;
  GSubprocess *view;
  GPtrArray *way;              /* (element-type GlbTestElement): as the focus went */
  const GlbTestElement *last;  /* (nullable) */
  guint n_nowhere;             /* times in a row */
  guint n_untold;              /* entries that had the focus without a word */
} Walk;

/* ---- walking ------------------------------------------------------------------------------ */

static gboolean
has_moved (gpointer data)
{
  Walk *walk = data;
  const GlbTestElement *focus = glb_test_reader_get_focus (&walk->reader);

  /* read twice: between two readings of one it may have gone from what was read later to what was read before */
  walk->n_nowhere = focus == NULL ? walk->n_nowhere + 1 : 0;
  if (focus == NULL ? walk->n_nowhere < 2 : focus == walk->last)
    return FALSE;
  walk->last = focus;

  return TRUE;
}

/* Until the first one again. */
static void
walk_round (Walk *walk)
{
  glb_test_reader_read (&walk->reader);
  for (guint i = 0; i < MAX_STEPS; i++)
    {
      glb_test_reader_keys (&walk->reader, "Glovebox", "Tab");
      walk->n_nowhere = 0;
      glb_test_wait (has_moved, walk, "the focus to move");
      if (walk->way->len > 0 && walk->last == walk->way->pdata[0])
        return;
      if (walk->last != NULL)
        g_ptr_array_add (walk->way, (gpointer) walk->last);
      else
        walk->n_untold++;
    }
  g_error ("The focus does not come round within %d steps", MAX_STEPS);
}

/* ---- judging ------------------------------------------------------------------------------ */

static guint
get_place (Walk                 *walk,
           const GlbTestElement *element)
{
  guint place = 0;

  g_assert_true (g_ptr_array_find (walk->reader.elements, element, &place));

  return place;
}

/* Up is forward only where it is also to the right: at the top of the next column. */
static gboolean
goes_back_on_screen (const GlbTestElement *from,
                     const GlbTestElement *to)
{
  return to->y + to->height <= from->y && to->x < from->x + from->width;
}

static void
judge (Walk *walk)
{
  g_autoptr(GString) faults = g_string_new (NULL);
  guint n_back = 0;

  for (guint i = 0; i < walk->way->len; i++)
    {
      const GlbTestElement *from = walk->way->pdata[i];
      const GlbTestElement *to = walk->way->pdata[(i + 1) % walk->way->len];

      g_test_message ("%u “%s” %d,%d %dx%d", from->role, from->name, from->x, from->y, from->width, from->height);
      if (get_place (walk, to) > get_place (walk, from) && !goes_back_on_screen (from, to))
        continue;
      n_back++;
      g_string_append_printf (faults, "\n  from “%s” in “%s” to “%s” in “%s”", from->name, from->inside, to->name, to->inside);
    }
  g_assert_cmpuint (walk->way->len, >, 4);
  /* once, from the last one to the first */
  if (n_back != 1)
    g_error ("The focus goes back:%s", faults->str);
}

/* The text within libadwaita 1.2's entry rows does not tell of its focus: no other place may be silent. */
static void
judge_silence (Walk *walk)
{
  guint n_texts = 0;

  for (guint i = 0; i < walk->reader.elements->len; i++)
    {
      const GlbTestElement *element = walk->reader.elements->pdata[i];

      if (element->shown && element->role == GLB_TEST_ROLE_TEXT)
        n_texts++;
    }
  g_test_message ("%u of %u entries did not tell", walk->n_untold, n_texts);
  g_assert_cmpuint (walk->n_untold, <=, n_texts);
}

typedef struct
{
  const char *tab;             /* NULL: the page of a session */
  guint role;                  /* of what is there when the page is */
  const char *name;
} PageOf;

static const PageOf wall = { "Agents", GLB_TEST_ROLE_PUSH_BUTTON, "Copy the command" };
static const PageOf start = { "Start", GLB_TEST_ROLE_PUSH_BUTTON, "Start" };
static const PageOf recordings = { "Recordings", GLB_TEST_ROLE_PUSH_BUTTON, "Show the Agents" };
static const PageOf policies = { "Policies", GLB_TEST_ROLE_PUSH_BUTTON, "Start an Agent…" };
static const PageOf session = { NULL, GLB_TEST_ROLE_PUSH_BUTTON, "Take Over" };
static const PageOf doctor = { "This Machine", GLB_TEST_ROLE_LIST, "Fine" };

static void
test_page (gconstpointer data)
{
  const PageOf *page = data;
  Walk walk = { 0 };
  g_autofree char *id = NULL;

  if (!glb_test_reader_start (&walk.reader))
    return;

  walk.way = g_ptr_array_new ();
  if (page->tab == NULL)
    id = glb_test_system_start (walk.reader.system, "--", "foot", NULL);
  walk.view = glb_test_system_spawn (walk.reader.system, "view", id, NULL);
  if (page->tab != NULL)
    glb_test_reader_press (&walk.reader, GLB_TEST_ROLE_PAGE_TAB, page->tab);
  glb_test_reader_wait (&walk.reader, page->role, page->name);
  walk_round (&walk);
  judge (&walk);
  judge_silence (&walk);
  g_ptr_array_unref (walk.way);
  g_subprocess_force_exit (walk.view);
  g_subprocess_wait (walk.view, NULL, NULL);
  g_clear_object (&walk.view);
  glb_test_reader_stop (&walk.reader);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/view-focus/wall", &wall, test_page);
  g_test_add_data_func ("/view-focus/start", &start, test_page);
  g_test_add_data_func ("/view-focus/recordings", &recordings, test_page);
  g_test_add_data_func ("/view-focus/policies", &policies, test_page);
  g_test_add_data_func ("/view-focus/session", &session, test_page);
  g_test_add_data_func ("/view-focus/doctor", &doctor, test_page);

  return g_test_run ();
}
