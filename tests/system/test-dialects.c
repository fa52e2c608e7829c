/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls of each dialect by what they do to a real application: a terminal that
 * writes down each key, motion, button and turn of the wheel as the bytes that
 * xterm's mouse tracking has for them. The same action in another dialect has
 * to give the very same bytes.
 */

#include "config.h"

#include <string.h>

#include "tests/input-filter/dialect-rows.h"
#include "tests/system/glb-test-system.h"

typedef struct
{
  GlbTestSystem *system;
  char *id;
  guint n_marks;
} Terminal;

/* (transfer full): what lies between the marks; the last is what came since. */
static GStrv
read_events (Terminal *terminal)
{
  g_autofree char *path = g_build_filename (terminal->system->workspace, "events", NULL);
  g_autofree char *text = NULL;

  return g_strsplit (g_file_get_contents (path, &text, NULL, NULL) ? text : "", DIALECT_MARK, -1);
}

static gboolean
has_marks (gpointer data)
{
  Terminal *terminal = data;
  g_auto(GStrv) parts = read_events (terminal);

  return g_strv_length (parts) == terminal->n_marks + 1;
}

/* All that was done before has reached the file after this. (transfer full): what came since the last mark */
static char *
mark (Terminal *terminal)
{
  g_autoptr(JsonNode) result = glb_test_system_act (terminal->system, terminal->id,
                                                    "{\"action\":\"type\",\"text\":\"" DIALECT_MARK "\"}");
  g_auto(GStrv) parts = NULL;

  terminal->n_marks++;
  glb_test_wait (has_marks, terminal, "the terminal to write down what it gets");
  parts = read_events (terminal);
  return g_strdup (parts[terminal->n_marks - 1]);
}

/* What the terminal gets of the calls, which begin with the pointer where none of them has it. (transfer full) */
static char *
do_calls (Terminal   *terminal,
          const char *calls,
          const char *dialect,
          const char *size)
{
  g_autoptr(JsonNode) home = glb_test_system_act (terminal->system, terminal->id,
                                                  "{\"action\":\"mouse_move\",\"coordinate\":[900,600]}");
  g_autofree char *before = mark (terminal);
  g_autoptr(GlbTestResult) result = NULL;

  result = glb_test_system_run (terminal->system, calls, "act", terminal->id, "-", dialect, size, NULL);
  if (result->status != 0)
    g_error ("%s: exit %d: %s%s", calls, result->status, glb_test_result_get_out (result), result->err);
  return mark (terminal);
}

static void
do_row (Terminal         *terminal,
        const DialectRow *row)
{
  g_autofree char *size = g_strdup_printf ("--size=%s", row->size);
  g_autofree char *expected = do_calls (terminal, row->calls[0], NULL, NULL);
  g_autofree char *printable = g_strescape (expected, NULL);

  if (strstr (expected, row->bytes) == NULL)
    g_error ("%s: the terminal got \"%s\"", row->calls[0], printable);
  for (guint i = 1; row->calls[i] != NULL; i++)
    {
      g_autofree char *got = do_calls (terminal, row->calls[i], "--dialect=auto", row->size != NULL ? size : NULL);

      g_test_message ("%s", row->calls[i]);
      g_assert_cmpstr (got, ==, expected);
    }
}

static void
test_same_effect (void)
{
  g_autofree char *foot = g_find_program_in_path ("foot");
  g_autoptr(GlbTestSystem) system = NULL;
  g_autoptr(GlbTestResult) stopped = NULL;
  g_autofree char *first = NULL;
  Terminal terminal = { 0 };

  if (foot == NULL)
    {
      g_test_skip ("foot is not installed");
      return;
    }
  if ((system = glb_test_system_new ()) == NULL)
    return;

  terminal.system = system;
  terminal.id = glb_test_system_start (system, "--workspace", system->workspace, "--",
                                       "foot", "-m", "-T", "events", "sh", "-c", DIALECT_LISTEN, NULL);
  glb_test_system_wait_for_window (system, terminal.id, "events");
  first = mark (&terminal);
  for (guint i = 0; dialect_rows[i].name != NULL; i++)
    do_row (&terminal, &dialect_rows[i]);

  stopped = glb_test_system_run (system, NULL, "stop", terminal.id, NULL);
  g_assert_cmpint (stopped->status, ==, 0);
  g_free (terminal.id);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dialects/same-effect", test_same_effect);
  return g_test_run ();
}
