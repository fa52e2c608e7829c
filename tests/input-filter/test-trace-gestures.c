/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a person's events are told as: from a script of events to the actions. */

#include "config.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "input-filter/glb-action-plan.h"
#include "input-filter/glb-trace-gestures.h"
#include "input-filter/glb-trace-path.h"
#include "policies/glb-json-writer.h"

/* Each event comes this long after the one before. */
#define STEP_US 10000

typedef struct
{
  GlbTraceGestures *gestures;
  const GlbKeyMap *keys;
  GlbInputScene scene;
  gint64 now_us;
  guint64 frame;
} Person;

static const GlbShimWindow windows[] = {
  { .id = 1, .geometry = { 0, 0, 640, 480 }, .app_id = "below" },
  { .id = 2, .geometry = { 300, 0, 100, 100 }, .app_id = "above" },
};

static void
person_init (Person *person, const GlbKeyMap *keys)
{
  *person = (Person) {
    .gestures = glb_trace_gestures_new (keys, 0, 0), .keys = keys, .scene = { windows, G_N_ELEMENTS (windows), 1, 0, 0 }, .now_us = STEP_US,
  };
}

static void
do_event (Person *person, guint kind, guint code, int value, int x, int y)
{
  const GlbShimEvent event = { kind, code, value, x * 256, y * 256 };
  const GlbTraceMoment moment = { person->now_us, person->frame, &person->scene };

  glb_trace_gestures_add (person->gestures, &event, &moment);
  person->now_us += STEP_US;
}

static guint32
find_key (Person *person, const char *name)
{
  guint32 codes[GLB_CHORD_KEYS_MAX];
  gsize n_codes;
  g_autoptr(GError) error = NULL;

  glb_key_map_parse_chord (person->keys, name, codes, G_N_ELEMENTS (codes), &n_codes, &error);
  g_assert_no_error (error);
  return codes[n_codes - 1];
}

static void
do_pointer (Person *person, const char *word)
{
  static const struct { char name; guint button; } buttons[] = {
    { 'L', BTN_LEFT }, { 'R', BTN_RIGHT }, { 'M', BTN_MIDDLE }, { 'S', BTN_SIDE },
  };
  int x, y, n = 0;

  if (sscanf (word, "@%d,%d", &x, &y) == 2)
    do_event (person, GLB_SHIM_EVENT_MOTION, 0, 0, x, y);
  else if (sscanf (word, "v%d", &n) == 1)
    do_event (person, GLB_SHIM_EVENT_AXIS, 0, n, 0, 0);
  else if (sscanf (word, "h%d", &n) == 1)
    do_event (person, GLB_SHIM_EVENT_AXIS, 1, n, 0, 0);
  else if (sscanf (word, "T%d+%d,%d", &n, &x, &y) == 3)
    do_event (person, GLB_SHIM_EVENT_TOUCH_DOWN, n, 0, x, y);
  else if (sscanf (word, "T%d@%d,%d", &n, &x, &y) == 3)
    do_event (person, GLB_SHIM_EVENT_TOUCH_MOTION, n, 0, x, y);
  else if (sscanf (word, "T%d-%d,%d", &n, &x, &y) == 3)
    do_event (person, GLB_SHIM_EVENT_TOUCH_UP, n, 0, x, y);
  else
    for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
      if (word[0] == buttons[i].name)
        do_event (person, GLB_SHIM_EVENT_BUTTON, buttons[i].button, word[1] == '+', 0, 0);
}

/* Words: +KEY, -KEY, *KEY (both); L+ L- and R, M, S: buttons; @X,Y; v120, h-120: wheels; T0+X,Y T0@X,Y T0-X,Y: fingers; ~MS: time passes;
 * "!": the lease is over. */
static void
do_script (Person *person, const char *script)
{
  g_auto(GStrv) words = g_strsplit (script, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *word = words[i];

      if (word[0] == '~')
        person->now_us += atoi (word + 1) * 1000;
      else if (word[0] == '!')
        glb_trace_gestures_release (person->gestures, person->now_us);
      else if (word[0] == '+' || word[0] == '-')
        do_event (person, GLB_SHIM_EVENT_KEY, find_key (person, word + 1), word[0] == '+', 0, 0);
      else if (word[0] == '*')
        {
          do_event (person, GLB_SHIM_EVENT_KEY, find_key (person, word + 1), 1, 0, 0);
          do_event (person, GLB_SHIM_EVENT_KEY, find_key (person, word + 1), 0, 0, 0);
        }
      else
        do_pointer (person, word);
    }
}

static void
take_all (Person *person, GString *told)
{
  GlbTraceGesture *gesture;

  while ((gesture = glb_trace_gestures_take (person->gestures)) != NULL)
    {
      g_autofree char *text = glb_json_write (gesture->action);
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAction) action = glb_action_new_from_node (person->keys, gesture->action, &error);

      g_assert_no_error (error);
      g_assert_true (glb_action_is_input (action->kind));
      g_string_append_printf (told, "%s%s", told->len > 0 ? "\n" : "", text);
      glb_trace_gesture_free (gesture);
    }
}

/* layout: what the keyboard is */
static void
assert_told (const char *layout, const char *script, const char *expected)
{
  g_autoptr(GString) told = g_string_new (NULL);
  Person person;

  person_init (&person, glb_key_map_get (layout, NULL));
  do_script (&person, script);
  glb_trace_gestures_pass (person.gestures, person.now_us + 10 * G_USEC_PER_SEC);
  take_all (&person, told);
  if (!g_str_equal (told->str, expected))
    g_error ("%s: told\n%s\nnot\n%s", script, told->str, expected);
  g_assert_cmpint (glb_trace_gestures_get_due (person.gestures), ==, G_MAXINT64);
  glb_trace_gestures_free (person.gestures);
}

typedef struct
{
  const char *script, *told;
} Row;

static void
check_rows (const Row *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    assert_told ("us", rows[i].script, rows[i].told);
}

#define POINTER(action, x, y) "{\"action\":\"" action "\",\"coordinate\":[" #x "," #y "]}"
#define HELD(action, x, y, keys) "{\"action\":\"" action "\",\"coordinate\":[" #x "," #y "],\"text\":\"" keys "\"}"
#define DRAG(x1, y1, x2, y2) "{\"action\":\"left_click_drag\",\"start_coordinate\":[" #x1 "," #y1 "],\"coordinate\":[" #x2 "," #y2 "]}"
#define SCROLL(x, y, direction, n) \
  "{\"action\":\"scroll\",\"coordinate\":[" #x "," #y "],\"scroll_direction\":\"" direction "\",\"scroll_amount\":" #n "}"
#define TYPE(text) "{\"action\":\"type\",\"text\":\"" text "\"}"
#define KEY(text) "{\"action\":\"key\",\"text\":\"" text "\"}"

static void
test_clicks (void)
{
  static const Row rows[] = {
    { "@100,50 L+ L-", POINTER ("left_click", 100, 50) },
    { "@100,50 L+ @102,51 L-", POINTER ("left_click", 100, 50) },
    { "@100,50 L+ L- L+ L-", POINTER ("double_click", 100, 50) },
    { "@100,50 L+ L- @103,52 L+ L- L+ L-", POINTER ("triple_click", 100, 50) },
    { "@100,50 L+ L- L+ L- L+ L- L+ L-", POINTER ("triple_click", 100, 50) "\n" POINTER ("left_click", 100, 50) },
    { "@100,50 L+ L- ~400 L+ L-", POINTER ("left_click", 100, 50) "\n" POINTER ("left_click", 100, 50) },
    { "@100,50 L+ L- @110,50 L+ L-", POINTER ("left_click", 100, 50) "\n" POINTER ("left_click", 110, 50) },
    { "@100,50 R+ R- R+ R-", POINTER ("right_click", 100, 50) "\n" POINTER ("right_click", 100, 50) },
    { "@100,50 M+ @200,50 M-", POINTER ("middle_click", 100, 50) "\n" POINTER ("mouse_move", 200, 50) },
    { "@100,50 +ctrl L+ L- -ctrl", HELD ("left_click", 100, 50, "ctrl") },
    { "@100,50 +ctrl +shift L+ L- L+ -ctrl -shift L-", HELD ("double_click", 100, 50, "ctrl+shift") },
    { "@100,50 L+ L- +ctrl L+ L- -ctrl", POINTER ("left_click", 100, 50) "\n" HELD ("left_click", 100, 50, "ctrl") },
    { "@100,50 L+ R+ R- L-", POINTER ("left_mouse_down", 100, 50) "\n" POINTER ("right_click", 100, 50) "\n" POINTER ("left_mouse_up", 100, 50) },
    /* what no action says, and what began before */
    { "@100,50 S+ S-", POINTER ("mouse_move", 100, 50) },
    { "L- -a R-", "" },
    { "@1,2 ~489 @3,4 L+ L-", POINTER ("left_click", 3, 4) },
    { "@1,2 ~490 @3,4 L+ L-", POINTER ("mouse_move", 1, 2) "\n" POINTER ("left_click", 3, 4) },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_drags (void)
{
  static const Row rows[] = {
    { "@10,10 L+ @60,14 @110,10 L-", DRAG (10, 10, 110, 10) },
    { "@10,10 L+ @60,90 @110,10 L-",
      POINTER ("left_mouse_down", 10, 10) "\n" POINTER ("mouse_move", 60, 90) "\n" POINTER ("mouse_move", 110, 10) "\n" POINTER ("left_mouse_up", 110, 10) },
    /* out and back */
    { "@10,10 L+ @60,10 @11,10 L-",
      POINTER ("left_mouse_down", 10, 10) "\n" POINTER ("mouse_move", 60, 10) "\n" POINTER ("mouse_move", 11, 10) "\n" POINTER ("left_mouse_up", 11, 10) },
    { "@10,10 +shift L+ @60,90 @110,10 L- -shift",
      "{\"action\":\"left_click_drag\",\"start_coordinate\":[10,10],\"coordinate\":[110,10],\"text\":\"shift\"}" },
    { "@10,10 L+ @60,10 +ctrl L- -ctrl",
      "{\"action\":\"left_click_drag\",\"start_coordinate\":[10,10],\"coordinate\":[60,10],\"text\":\"ctrl\"}" },
    { "@10,10 L+ L- L+ @60,10 L-", POINTER ("left_click", 10, 10) "\n" DRAG (10, 10, 60, 10) },
    /* something else meanwhile */
    { "@10,10 L+ @60,10 *Escape @90,10 L-",
      POINTER ("left_mouse_down", 10, 10) "\n" POINTER ("mouse_move", 60, 10) "\n" KEY ("Escape") "\n" POINTER ("mouse_move", 90, 10) "\n"
      POINTER ("left_mouse_up", 90, 10) },
    { "@10,10 L+ @60,10 v120 ~600 L-",
      POINTER ("left_mouse_down", 10, 10) "\n" POINTER ("mouse_move", 60, 10) "\n" SCROLL (60, 10, "down", 1) "\n" POINTER ("left_mouse_up", 60, 10) },
    /* the lease is over: all is released there */
    { "@10,10 L+ !", POINTER ("left_click", 10, 10) },
    { "@10,10 L+ @60,10 ! L-", DRAG (10, 10, 60, 10) },
    { "@10,10 L+ *a ! L-", POINTER ("left_mouse_down", 10, 10) "\n" TYPE ("a") "\n" POINTER ("left_mouse_up", 10, 10) },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_scrolling (void)
{
  static const Row rows[] = {
    { "@9,9 v120 v120 v120", SCROLL (9, 9, "down", 3) },
    { "@9,9 v-120 h120 v-120", SCROLL (9, 9, "up", 2) "\n" SCROLL (9, 9, "right", 1) },
    { "@9,9 v120 v-120", SCROLL (9, 9, "down", 1) "\n" SCROLL (9, 9, "up", 1) },
    { "@9,9 v40 v40 v40 v40", SCROLL (9, 9, "down", 1) },
    { "@9,9 v-15 h-30", SCROLL (9, 9, "left", 1) },
    { "@9,9 v120 ~300 v120", SCROLL (9, 9, "down", 1) "\n" SCROLL (9, 9, "down", 1) },
    { "@9,9 +ctrl v120 -ctrl",
      "{\"action\":\"scroll\",\"coordinate\":[9,9],\"scroll_direction\":\"down\",\"scroll_amount\":1,\"text\":\"ctrl\"}" },
    { "@9,9 v12000 v12000", SCROLL (9, 9, "down", 100) "\n" SCROLL (9, 9, "down", 100) },
    { "@9,9 v6000 v12000", SCROLL (9, 9, "down", 100) "\n" SCROLL (9, 9, "down", 50) },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_keys (void)
{
  static const Row rows[] = {
    { "*h *i", TYPE ("hi") },
    /* as fast hands do */
    { "+h +i -h -i *space +Shift_L *x -Shift_L *1", TYPE ("hi X1") },
    { "*h ~1000 *i", TYPE ("h") "\n" TYPE ("i") },
    { "*h *i *Return *y", TYPE ("hi") "\n" KEY ("Return") "\n" TYPE ("y") },
    { "*Down *Down *Down *Up", KEY ("Down Down Down") "\n" KEY ("Up") },
    { "+ctrl *c *c -ctrl *v", KEY ("ctrl+c ctrl+c") "\n" TYPE ("v") },
    { "+ctrl +Shift_R *t -ctrl -Shift_R", KEY ("ctrl+Shift_R+t") },
    { "+alt *F4 -alt", KEY ("alt+F4") },
    { "*super", KEY ("super") },
    { "*shift *ctrl", "" },
    { "*BackSpace *Tab *Delete", KEY ("BackSpace") "\n" KEY ("Tab") "\n" KEY ("Delete") },
    { "*Caps_Lock *h *1 +shift *i -shift *Caps_Lock *j", KEY ("Caps_Lock") "\n" TYPE ("H1i") "\n" KEY ("Caps_Lock") "\n" TYPE ("j") },
    { "*KP_Enter *KP_Home", KEY ("KP_Enter") "\n" KEY ("KP_Home") },
    /* held: it repeats */
    { "*h +i ~500 -i *j", TYPE ("h") "\n{\"action\":\"hold_key\",\"text\":\"i\",\"duration\":0.51}\n" TYPE ("j") },
    { "*BackSpace +BackSpace ~1990 -BackSpace", KEY ("BackSpace") "\n{\"action\":\"hold_key\",\"text\":\"BackSpace\",\"duration\":2.0}" },
    { "+shift +Right ~790 -Right -shift", "{\"action\":\"hold_key\",\"text\":\"shift+Right\",\"duration\":0.8}" },
    { "+w ~500 @5,5 L+ L- -w", TYPE ("w") "\n" POINTER ("left_click", 5, 5) },
    { "+w ~500 !", "{\"action\":\"hold_key\",\"text\":\"w\",\"duration\":0.51}" },
    { "+w ! -w *x", TYPE ("w") "\n" TYPE ("x") },
    { "+ctrl ! *c", TYPE ("c") },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_layouts (void)
{
  assert_told ("de", "*z *ssharp +ISO_Level3_Shift *q -ISO_Level3_Shift", TYPE ("zß@"));
  /* what comes after a dead key is no text: it would stay as it is */
  assert_told ("de", "*dead_acute *e *e", KEY ("dead_acute") "\n" KEY ("e") "\n" TYPE ("e"));
  assert_told ("ru", "*Cyrillic_es +ctrl *Cyrillic_es -ctrl", TYPE ("с") "\n" KEY ("ctrl+Cyrillic_es"));
}

static void
test_fingers (void)
{
  static const Row rows[] = {
    { "T0+100,50 T0-100,50", POINTER ("left_click", 100, 50) },
    { "T0+100,50 T0-100,50 T1+101,50 T1-101,50", POINTER ("double_click", 100, 50) },
    { "T0+10,10 T0@60,10 T0@110,10 T0-110,10", DRAG (10, 10, 110, 10) },
    { "T0+10,10 T1+50,50 T1@90,90 T1-90,90 T0-10,10", POINTER ("left_click", 10, 10) },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

/* It was so before the gesture, whatever comes of it. */
static void
test_began (void)
{
  GlbTraceGesture *gesture;
  Person person;

  person_init (&person, NULL);
  do_script (&person, "@350,50");
  person.frame = 7;
  do_script (&person, "L+");
  person.frame = 9;
  person.scene.n_windows = 0;
  do_script (&person, "L- L+ L-");
  g_assert_null (glb_trace_gestures_take (person.gestures));
  g_assert_cmpint (glb_trace_gestures_get_due (person.gestures), ==, 6 * STEP_US - 2 * STEP_US + 400 * 1000);
  glb_trace_gestures_pass (person.gestures, G_MAXINT64 - 1);
  gesture = glb_trace_gestures_take (person.gestures);
  g_assert_cmpint (gesture->began_us, ==, 2 * STEP_US);
  g_assert_cmpuint (gesture->frame, ==, 7);
  g_assert_cmpstr (gesture->window.app_id, ==, "above");
  glb_trace_gesture_free (gesture);

  /* keys go to the focus, wherever the pointer is */
  person.scene.n_windows = 2;
  do_script (&person, "*a !");
  gesture = glb_trace_gestures_take (person.gestures);
  g_assert_cmpstr (gesture->window.app_id, ==, "below");
  glb_trace_gesture_free (gesture);
  glb_trace_gestures_free (person.gestures);
}

/* However long, it stays small, and goes where it went. */
static void
test_path (void)
{
  GlbTracePoint moves[GLB_TRACE_MOVES_MAX];
  GlbTracePath path;
  guint n_moves;

  glb_trace_path_begin (&path, 0, 0);
  for (int i = 1; i <= 10000; i++)
    glb_trace_path_add (&path, i % 500, i % 2 == 0 ? 0 : 300);
  g_assert_cmpint (path.reach, ==, 499);
  g_assert_false (glb_trace_path_is_direct (&path));
  n_moves = glb_trace_path_get_moves (&path, moves);
  g_assert_cmpuint (n_moves, >, 1);
  g_assert_cmpuint (n_moves, <=, GLB_TRACE_MOVES_MAX);
  g_assert_cmpint (moves[n_moves - 1].x, ==, 0);
  g_assert_cmpint (moves[n_moves - 1].y, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace-gestures/clicks", test_clicks);
  g_test_add_func ("/trace-gestures/drags", test_drags);
  g_test_add_func ("/trace-gestures/scrolling", test_scrolling);
  g_test_add_func ("/trace-gestures/keys", test_keys);
  g_test_add_func ("/trace-gestures/layouts", test_layouts);
  g_test_add_func ("/trace-gestures/fingers", test_fingers);
  g_test_add_func ("/trace-gestures/began", test_began);
  g_test_add_func ("/trace-gestures/path", test_path);
  return g_test_run ();
}
