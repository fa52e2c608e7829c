/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls of each dialect by what they do to a real application: a terminal that
 * writes down each key, motion, button and turn of the wheel as the bytes that
 * xterm's mouse tracking has for them. The same action in another dialect has
 * to give the very same bytes.
 */

#include "config.h"

#include <string.h>

#include "tests/system/glb-test-system.h"

#define ESC "\033"

/* Tells the terminal to report all of the mouse (1003), in decimal and to the pixel (1016), and keeps what comes as it is. */
#define LISTEN "stty raw -echo; printf '\\033[?1003h\\033[?1016h'; exec cat >events"

/* What ends the bytes of a call; no call types it. */
#define MARK "|"

typedef struct
{
  const char *bytes;             /* some of what the terminal gets */
  const char *size;              /* (nullable): that the models of all calls but the first were told */
  const char *calls[5];          /* of several dialects, the first without --dialect; several lines: several calls */
} Row;

static const Row rows[] = {
  { ESC "[<0;", NULL, {
      "{\"action\":\"left_click\",\"coordinate\":[320,200]}",
      "{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"computer\",\"input\":"
      "{\"action\":\"left_click\",\"coordinate\":[320,200]}}",
      "{\"type\":\"click\",\"button\":\"left\",\"x\":320,\"y\":200}",
      "{\"name\":\"click\",\"args\":{\"x\":250,\"y\":250}}",
      "{\"name\":\"click_at\",\"args\":{\"x\":250,\"y\":250}}" } },
  { ESC "[<0;", "640x400", {
      "{\"action\":\"left_click\",\"coordinate\":[321,201]}",
      "{\"action\":\"left_click\",\"coordinate\":[160,100]}",
      "{\"type\":\"click\",\"button\":\"left\",\"x\":160,\"y\":100}" } },
  { ESC "[<16;", NULL, {
      "{\"action\":\"left_click\",\"coordinate\":[320,200],\"text\":\"ctrl\"}",
      "{\"action\":\"left_click\",\"coordinate\":[320,200],\"key\":\"ctrl\"}",
      "{\"type\":\"click\",\"button\":\"left\",\"x\":320,\"y\":200,\"keys\":[\"CTRL\"]}" } },
  { ESC "[<2;", NULL, {
      "{\"action\":\"right_click\",\"coordinate\":[320,200]}",
      "{\"type\":\"click\",\"button\":\"right\",\"x\":320,\"y\":200}",
      "{\"name\":\"right_click\",\"args\":{\"x\":250,\"y\":250}}" } },
  { ESC "[<1;", NULL, {
      "{\"action\":\"middle_click\",\"coordinate\":[320,200]}",
      "{\"type\":\"click\",\"button\":\"wheel\",\"x\":320,\"y\":200}",
      "{\"name\":\"middle_click\",\"args\":{\"x\":250,\"y\":250}}" } },
  { ESC "[<0;", NULL, {
      "{\"action\":\"double_click\",\"coordinate\":[320,200]}",
      "{\"type\":\"double_click\",\"x\":320,\"y\":200}",
      "{\"name\":\"double_click\",\"args\":{\"x\":250,\"y\":250}}" } },
  { ESC "[<0;", NULL, {
      "{\"action\":\"triple_click\",\"coordinate\":[320,200]}",
      "{\"name\":\"triple_click\",\"args\":{\"x\":250,\"y\":250}}" } },
  { ESC "[<35;", NULL, {
      "{\"action\":\"mouse_move\",\"coordinate\":[320,200]}",
      "{\"type\":\"move\",\"x\":320,\"y\":200}",
      "{\"name\":\"move\",\"args\":{\"x\":250,\"y\":250}}",
      "{\"name\":\"hover_at\",\"args\":{\"x\":250,\"y\":250}}" } },
  { ESC "[<32;", NULL, {
      "{\"action\":\"left_click_drag\",\"start_coordinate\":[128,200],\"coordinate\":[320,400]}",
      "{\"type\":\"drag\",\"path\":[{\"x\":128,\"y\":200},{\"x\":320,\"y\":400}]}",
      "{\"name\":\"drag_and_drop\",\"args\":{\"x\":100,\"y\":250,\"destination_x\":250,\"destination_y\":500}}",
      "{\"name\":\"drag_and_drop\",\"args\":{\"start_x\":100,\"start_y\":250,\"end_x\":250,\"end_y\":500}}" } },
  { ESC "[<32;", NULL, {
      "{\"action\":\"left_mouse_down\",\"coordinate\":[128,200]}\n"
      "{\"action\":\"mouse_move\",\"coordinate\":[320,400]}\n"
      "{\"action\":\"mouse_move\",\"coordinate\":[640,200]}\n{\"action\":\"left_mouse_up\"}",
      "{\"type\":\"drag\",\"path\":[{\"x\":128,\"y\":200},{\"x\":320,\"y\":400},{\"x\":640,\"y\":200}]}",
      "{\"name\":\"mouse_down\",\"args\":{\"x\":100,\"y\":250}}\n{\"name\":\"move\",\"args\":{\"x\":250,\"y\":500}}\n"
      "{\"name\":\"mouse_up\",\"args\":{\"x\":500,\"y\":250}}" } },
  { ESC "[<65;", NULL, {
      "{\"action\":\"scroll\",\"coordinate\":[320,200],\"scroll_direction\":\"down\",\"scroll_amount\":3}",
      "{\"type\":\"scroll\",\"x\":320,\"y\":200,\"scroll_x\":0,\"scroll_y\":360}",
      "{\"name\":\"scroll\",\"args\":{\"x\":250,\"y\":250,\"direction\":\"down\",\"magnitude_in_pixels\":360}}",
      "{\"name\":\"scroll_at\",\"args\":{\"x\":250,\"y\":250,\"direction\":\"down\",\"magnitude\":450}}" } },
  { ESC "[<64;", NULL, {
      "{\"action\":\"scroll\",\"coordinate\":[640,400],\"scroll_direction\":\"up\",\"scroll_amount\":5}",
      "{\"type\":\"scroll\",\"x\":640,\"y\":400,\"scroll_x\":0,\"scroll_y\":-600}",
      "{\"name\":\"scroll_document\",\"args\":{\"direction\":\"up\"}}" } },
  { "\005", NULL, {
      "{\"action\":\"key\",\"text\":\"ctrl+e\"}", "{\"type\":\"keypress\",\"keys\":[\"CTRL\",\"E\"]}",
      "{\"name\":\"hotkey\",\"args\":{\"keys\":[\"Control\",\"E\"]}}",
      "{\"name\":\"key_combination\",\"args\":{\"keys\":\"control+e\"}}" } },
  { ESC "[6~", NULL, {
      "{\"action\":\"key\",\"text\":\"Page_Down\"}", "{\"type\":\"keypress\",\"keys\":[\"PAGEDOWN\"]}",
      "{\"name\":\"press_key\",\"args\":{\"key\":\"PageDown\"}}" } },
  { "caf\303\251\r", NULL, {
      "{\"action\":\"type\",\"text\":\"caf\303\251\\n\"}", "{\"type\":\"type\",\"text\":\"caf\303\251\\n\"}",
      "{\"type\":\"computer_call\",\"call_id\":\"1\",\"actions\":[{\"type\":\"type\",\"text\":\"caf\303\251\"},"
      "{\"type\":\"keypress\",\"keys\":[\"ENTER\"]}]}",
      "{\"name\":\"type\",\"args\":{\"text\":\"caf\303\251\",\"press_enter\":true}}" } },
  { "\001\177a\r", NULL, {
      "{\"action\":\"left_click\",\"coordinate\":[320,200]}\n{\"action\":\"key\",\"text\":\"ctrl+a BackSpace\"}\n"
      "{\"action\":\"type\",\"text\":\"a\\n\"}",
      "{\"name\":\"type_text_at\",\"args\":{\"x\":250,\"y\":250,\"text\":\"a\",\"press_enter\":true}}" } },
};

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

  return g_strsplit (g_file_get_contents (path, &text, NULL, NULL) ? text : "", MARK, -1);
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
                                                    "{\"action\":\"type\",\"text\":\"" MARK "\"}");
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
do_row (Terminal  *terminal,
        const Row *row)
{
  g_autofree char *size = g_strdup_printf ("--size=%s", row->size);
  g_autofree char *expected = do_calls (terminal, row->calls[0], NULL, NULL);
  g_autofree char *printable = g_strescape (expected, NULL);

  if (strstr (expected, row->bytes) == NULL)
    g_error ("%s: the terminal got \"%s\"", row->calls[0], printable);
  for (guint i = 1; i < G_N_ELEMENTS (row->calls) && row->calls[i] != NULL; i++)
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
                                       "foot", "-m", "-T", "events", "sh", "-c", LISTEN, NULL);
  glb_test_system_wait_for_window (system, terminal.id, "events");
  first = mark (&terminal);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    do_row (&terminal, &rows[i]);

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
