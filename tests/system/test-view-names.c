/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The app as a screen reader meets it, over AT-SPI: on each page, whatever one
 * can press, choose or fill in has a name and the role of what it is, and the
 * focus goes from one to the next in the order in which they are read.
 */

#include "config.h"

#include <string.h>

#include "tests/system/glb-test-reader.h"

#define FILLER 20              /* AtspiRole: what has no role of its own */

typedef struct
{
  GlbTestReader reader;
  GSubprocess *view;
  char *id;
} Page;

static gboolean
page_start (Page       *page,
            const char *session)
{
  memset (page, 0, sizeof *page);
  if (!glb_test_reader_start (&page->reader))
    return FALSE;

  page->id = glb_test_system_start (page->reader.system, "--", "foot", "-T", "target", NULL);
  glb_test_system_wait_for_window (page->reader.system, page->id, "target");
  page->view = session != NULL ? glb_test_system_spawn (page->reader.system, "view", page->id, NULL)
                               : glb_test_system_spawn (page->reader.system, "view", NULL);

  return TRUE;
}

static void
page_end (Page *page)
{
  g_subprocess_force_exit (page->view);
  g_subprocess_wait (page->view, NULL, NULL);
  g_clear_object (&page->view);
  g_clear_pointer (&page->id, g_free);
  glb_test_reader_stop (&page->reader);
}

/* ---- names and roles ------------------------------------------------------------------- */

/* GTK's own way out, where nobody gave a name; and a mnemonic as it is written. */
static gboolean
is_name (const char *name)
{
  return *name != '\0' && *name != '_' && !g_str_has_prefix (name, "Gtk") && !g_str_has_prefix (name, "Adw") &&
         !g_str_has_prefix (name, "Glb");
}

/* A drop-down's list is GTK's, and is filled when it opens; libadwaita 1.2 gives the button that closes a toast no name. */
static gboolean
is_of_others (const GlbTestElement *element)
{
  return element->in_combo_box || g_str_equal (element->inside, "AdwToastWidget");
}

/* (nullable) */
static const char *
get_fault (const GlbTestElement *element)
{
  if (!element->shown || is_of_others (element))
    return NULL;
  if (glb_test_role_get_name (element->role) != NULL && !is_name (element->name))
    return glb_test_role_get_name (element->role);
  if (element->role == FILLER && (element->states & GLB_TEST_STATE_FOCUSABLE) != 0)
    return "something without a role";

  return NULL;
}

static void
check_names (GlbTestReader *reader,
             const char    *page)
{
  g_autoptr(GString) faults = g_string_new (NULL);
  guint n_controls = 0;

  for (guint i = 0; i < reader->elements->len; i++)
    {
      const GlbTestElement *element = reader->elements->pdata[i];
      const char *fault = get_fault (element);

      if (element->shown && glb_test_role_get_name (element->role) != NULL)
        n_controls++;
      if (fault != NULL)
        g_string_append_printf (faults, "\n  %s “%s” in “%s”", fault, element->name, element->inside);
    }
  g_test_message ("“%s”: %u controls", page, n_controls);
  g_assert_cmpuint (n_controls, >, 4);
  if (faults->len > 0)
    g_error ("Nobody can say what these are, on the page with “%s”:%s", page, faults->str);
}

typedef struct
{
  guint role;
  const char *name;
} Control;

/* They are there as what they are, and everything beside them has a name, too. */
static void
check_page (GlbTestReader *reader,
            const Control *controls,
            guint          n_controls)
{
  for (guint i = 0; i < n_controls; i++)
    glb_test_reader_wait (reader, controls[i].role, controls[i].name);
  check_names (reader, controls[0].name);
}

static void
test_wall (void)
{
  static const Control controls[] = {
    { GLB_TEST_ROLE_ENTRY, "Search agents" },
    { GLB_TEST_ROLE_PUSH_BUTTON, "Stop Everything" },
    { GLB_TEST_ROLE_PUSH_BUTTON, "Main menu" },
    { GLB_TEST_ROLE_PAGE_TAB, "Policies" },
    { GLB_TEST_ROLE_COMBO_BOX, "Order of the agents" },
  };
  Page page;

  if (!page_start (&page, NULL))
    return;
  check_page (&page.reader, controls, G_N_ELEMENTS (controls));
  page_end (&page);
}

static void
test_start (void)
{
  static const Control controls[] = {
    { GLB_TEST_ROLE_TEXT, "Command, as in a terminal" },
    { GLB_TEST_ROLE_GRID_CELL, "Web Browsing: Asks you about each site that it wants to reach" },
    { GLB_TEST_ROLE_PUSH_BUTTON, "Applications" },
    { GLB_TEST_ROLE_COMBO_BOX, "Isolation" },
    { GLB_TEST_ROLE_TEXT, "Name of the session (optional)" },
    { GLB_TEST_ROLE_PUSH_BUTTON, "Start" },
  };
  Page page;

  if (!page_start (&page, NULL))
    return;
  glb_test_reader_press (&page.reader, GLB_TEST_ROLE_PAGE_TAB, "Start");
  check_page (&page.reader, controls, G_N_ELEMENTS (controls));
  page_end (&page);
}

static void
test_policies (void)
{
  static const Control controls[] = {
    { GLB_TEST_ROLE_PUSH_BUTTON, "Start an Agent…" },
    { GLB_TEST_ROLE_PUSH_BUTTON, "Make a Copy" },
    { GLB_TEST_ROLE_PAGE_TAB, "In Plain Words" },
  };
  static const Control difference[] = {
    { GLB_TEST_ROLE_COMBO_BOX, "The template to compare with" },
  };
  Page page;

  if (!page_start (&page, NULL))
    return;
  glb_test_reader_press (&page.reader, GLB_TEST_ROLE_PAGE_TAB, "Policies");
  check_page (&page.reader, controls, G_N_ELEMENTS (controls));
  glb_test_reader_press (&page.reader, GLB_TEST_ROLE_PAGE_TAB, "Difference to a Template");
  check_page (&page.reader, difference, G_N_ELEMENTS (difference));
  page_end (&page);
}

static void
test_doctor (void)
{
  static const Control controls[] = {
    { GLB_TEST_ROLE_PUSH_BUTTON, "Look Again" },
    { GLB_TEST_ROLE_PUSH_BUTTON, "Start an Agent" },
    { GLB_TEST_ROLE_LIST, "Fine" },
  };
  Page page;

  if (!page_start (&page, NULL))
    return;
  glb_test_reader_press (&page.reader, GLB_TEST_ROLE_PAGE_TAB, "This Machine");
  check_page (&page.reader, controls, G_N_ELEMENTS (controls));
  page_end (&page);
}

static void
test_session (void)
{
  static const Control controls[] = {
    { GLB_TEST_ROLE_PUSH_BUTTON, "Take Over" },
    { GLB_TEST_ROLE_PUSH_BUTTON, "All sessions" },
    { GLB_TEST_ROLE_LIST, "Windows of the session" },
    { GLB_TEST_ROLE_LIST, "What the session may" },
    { GLB_TEST_ROLE_PAGE_TAB, "Timeline" },
  };
  static const Control timeline[] = {
    { GLB_TEST_ROLE_COMBO_BOX, "Which events to show" },
  };
  Page page;

  if (!page_start (&page, "its page"))
    return;
  check_page (&page.reader, controls, G_N_ELEMENTS (controls));
  glb_test_reader_press (&page.reader, GLB_TEST_ROLE_PAGE_TAB, "Timeline");
  check_page (&page.reader, timeline, G_N_ELEMENTS (timeline));
  page_end (&page);
}

/* ---- what happens is said ----------------------------------------------------------------- */

static gboolean
is_paused (gpointer data)
{
  Page *page = data;
  g_autoptr(GlbTestResult) result = glb_test_system_run (page->reader.system, NULL, "ps", "--json", NULL);

  return strstr (glb_test_result_get_out (result), "\"paused\"") != NULL;
}

/* The frame says it for four seconds. */
static gboolean
is_told (gpointer data)
{
  Page *page = data;
  gint64 deadline = g_get_monotonic_time () + 4 * G_USEC_PER_SEC;
  g_autoptr(JsonNode) done = glb_test_system_act (page->reader.system, page->id, "{\"action\":\"type\",\"text\":\"ls\\n\"}");

  g_assert_nonnull (done);
  do
    {
      glb_test_reader_read (&page->reader);
      if (glb_test_reader_find (&page->reader, 0, "Typed “ls⏎”") != NULL)
        return TRUE;
    }
  while (g_get_monotonic_time () < deadline);

  return FALSE;
}

/* What the agent does is told while it does it; and what stops it is a button with a name. */
static void
test_watch_and_stop (void)
{
  Page page;

  if (!page_start (&page, "its page"))
    return;

  glb_test_reader_press (&page.reader, GLB_TEST_ROLE_PAGE_TAB, "Timeline");
  glb_test_wait (is_told, &page, "what was typed, in the frame");
  glb_test_reader_wait (&page.reader, 0, "Typed 3 characters");   /* in the timeline */

  glb_test_reader_press (&page.reader, GLB_TEST_ROLE_PUSH_BUTTON, "Stop Everything");
  glb_test_wait (is_paused, &page, "the session to be frozen");
  glb_test_reader_press (&page.reader, GLB_TEST_ROLE_PUSH_BUTTON, "Resume");
  glb_test_reader_wait (&page.reader, GLB_TEST_ROLE_PUSH_BUTTON, "Pause");
  page_end (&page);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/view-names/wall", test_wall);
  g_test_add_func ("/view-names/start", test_start);
  g_test_add_func ("/view-names/policies", test_policies);
  g_test_add_func ("/view-names/doctor", test_doctor);
  g_test_add_func ("/view-names/session", test_session);
  g_test_add_func ("/view-names/watch-and-stop", test_watch_and_stop);

  return g_test_run ();
}
