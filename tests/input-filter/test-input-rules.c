/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-input-rules.h"

#include <linux/input-event-codes.h>
#include <string.h>

#include "input-filter/glb-action-result.h"

#define WIDTH  640
#define HEIGHT 480

/* One seat with rules: what an agent would meet. */
typedef struct
{
  GlbInputRules *rules;
  GlbInputState state;
  GlbInputScene scene;
  GlbShimWindow windows[3];
  gint64 now_us;
  GlbDriver driver;
} Seat;

static GlbShimWindow
make_window (guint       id,
             guint       parent,
             int         x,
             int         y,
             int         width,
             int         height,
             const char *app_id,
             const char *title)
{
  GlbShimWindow window = { .id = id, .parent = parent, .geometry = { x, y, width, height } };

  g_strlcpy (window.app_id, app_id, sizeof window.app_id);
  g_strlcpy (window.title, title, sizeof window.title);
  return window;
}

static void
seat_set_up (Seat          *seat,
             gconstpointer  data)
{
  memset (seat, 0, sizeof *seat);
  seat->rules = glb_input_rules_new ();
  glb_input_state_init (&seat->state);
  seat->windows[0] = make_window (1, 0, 0, 0, WIDTH, HEIGHT, "editor", "notes.txt");
  seat->windows[1] = make_window (2, 0, 100, 100, 200, 100, "vault", "Passwords");
  seat->windows[2] = make_window (3, 2, 400, 300, 100, 100, "vault", "Confirm");
  seat->scene = (GlbInputScene) { seat->windows, G_N_ELEMENTS (seat->windows), 1, 5, 5 };
  seat->now_us = G_USEC_PER_SEC;
  seat->driver = GLB_DRIVER_AGENT;
}

static void
seat_tear_down (Seat          *seat,
                gconstpointer  data)
{
  glb_input_rules_free (seat->rules);
}

static void
deny_chord (Seat       *seat,
            const char *chord)
{
  g_autoptr(GError) error = NULL;

  glb_input_rules_add_chord (seat->rules, chord, &error);
  g_assert_no_error (error);
}

static void
deny_text (Seat       *seat,
           const char *glob)
{
  g_autoptr(GError) error = NULL;

  glb_input_rules_add_text (seat->rules, glob, &error);
  g_assert_no_error (error);
}

/* The code of the refusal, or NULL: done. */
static const char *
act (Seat        *seat,
     const char  *json,
     char       **message)
{
  GlbActionContext context = { WIDTH, HEIGHT, seat->scene.pointer_x, seat->scene.pointer_y };
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAction) action = glb_action_new_from_json (seat->rules->keys, json, strlen (json), &error);
  g_autoptr(GPtrArray) steps = NULL;
  GlbInputState before = seat->state;
  const char *code;

  g_assert_no_error (error);
  steps = glb_action_plan (action, &context, &error);
  g_assert_no_error (error);
  code = glb_input_rules_check_plan (seat->rules, &seat->state, seat->driver, &seat->scene, steps, seat->now_us, message);
  g_assert_cmpmem (&before, sizeof before, &seat->state, sizeof seat->state);
  for (guint i = 0; i < steps->len && code == NULL; i++)
    {
      const GlbActionStep *step = g_ptr_array_index (steps, i);

      seat->now_us += (gint64) step->delay_ms * 1000;
      /* What holds of the plan holds of its steps. */
      g_assert_null (glb_input_rules_check_step (seat->rules, &seat->state, seat->driver, &seat->scene, step, seat->now_us, message));
      seat->scene.pointer_x = seat->state.pointer_x;
      seat->scene.pointer_y = seat->state.pointer_y;
    }
  return code;
}

static void
assert_refused (Seat       *seat,
                const char *json,
                const char *code,
                const char *words)
{
  g_autofree char *message = NULL;
  const char *got = act (seat, json, &message);

  if (g_strcmp0 (got, code) != 0 || strstr (message, words) == NULL || strchr (message, '\n') != NULL)
    g_error ("%s gave %s (%s), not %s (%s)", json, got != NULL ? got : "yes", message != NULL ? message : "", code, words);
}

static void
assert_done (Seat       *seat,
             const char *json)
{
  g_autofree char *message = NULL;
  const char *got = act (seat, json, &message);

  if (got != NULL)
    g_error ("%s gave %s: %s", json, got, message);
}

#define DENIED GLB_REFUSED_POLICY_DENIED
#define KEY(chord) "{\"action\":\"key\",\"text\":\"" chord "\"}"
#define TYPE(text) "{\"action\":\"type\",\"text\":\"" text "\"}"
#define CLICK(x, y) "{\"action\":\"left_click\",\"coordinate\":[" #x "," #y "]}"

/* ---- chords ------------------------------------------------------------------ */

static const struct { const char *pattern, *words; } bad_chords[] = {
  { "", "" },
  { "ctrl+nokey", "nokey" },
  { "a+b", "modifiers only" },
  { "a+*", "modifiers only" },
  { "ctrl+ł", "" },
};

static void
test_bad_chords (Seat          *seat,
                 gconstpointer  data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_chords); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (glb_input_rules_add_chord (seat->rules, bad_chords[i].pattern, &error));
      g_assert_cmpint (error->domain, ==, GLB_ACTION_ERROR);
      g_assert_nonnull (strstr (error->message, bad_chords[i].words));
    }
  g_assert_cmpuint (seat->rules->chords->len, ==, 0);
}

static const struct { const char *pattern, *denied, *allowed; } chords[] = {
  { "ctrl+alt+*", KEY ("ctrl+alt+t"), KEY ("ctrl+t") },
  { "ctrl+alt+*", KEY ("alt+ctrl+Delete"), KEY ("ctrl+alt") },
  { "ctrl+alt+*", KEY ("ctrl+alt+shift+F1"), KEY ("alt+F1") },
  { "ctrl+alt+*", KEY ("Control_R+Alt_R+t"), KEY ("Control_R+t") },
  { "super+*", KEY ("cmd+l"), KEY ("super") },
  { "super+*", KEY ("Super_R+l"), KEY ("l") },
  { "super+*", KEY ("Hyper_L+l"), KEY ("ctrl+l") },
  { "super", KEY ("super"), KEY ("ctrl+alt") },
  { "super", KEY ("super+l"), KEY ("l") },
  { "alt+F4", KEY ("alt+F4"), KEY ("alt+F5") },
  { "alt+F4", KEY ("F4+alt"), KEY ("F4") },
  { "alt+F4", KEY ("ctrl+alt+F4"), KEY ("ctrl+F4") },
  { "alt+F4", KEY ("a Meta_L+F4"), KEY ("alt F4") },
  { "alt+Left", KEY ("alt+KP_Left"), KEY ("KP_Left") },
  { "ctrl+Return", KEY ("ctrl+KP_Enter"), KEY ("KP_Enter") },
  { "ctrl+shift+t", KEY ("ctrl+T"), KEY ("ctrl+t") },
  { "ctrl+t", KEY ("ctrl+T"), KEY ("t") },
  { "Return", TYPE ("a\\n"), TYPE ("a\\t") },
  { "shift+a", TYPE ("bA"), TYPE ("Ba") },
  { "*", TYPE ("漢"), "{\"action\":\"left_click\",\"text\":\"ctrl+alt\"}" },
  { "ctrl+*", "{\"action\":\"left_click\",\"text\":\"ctrl+q\"}", "{\"action\":\"left_click\",\"text\":\"ctrl\"}" },
  { "ctrl+alt+*", "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":1,\"text\":\"ctrl+alt+Delete\"}",
    "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":1,\"text\":\"ctrl+alt\"}" },
  { "ctrl+q", "{\"action\":\"hold_key\",\"text\":\"ctrl+q\",\"duration\":0.1}", "{\"action\":\"hold_key\",\"text\":\"q\",\"duration\":0.1}" },
  { "ctrl+q", "{\"action\":\"mouse_move\",\"coordinate\":[1,1],\"text\":\"ctrl+q\"}", "{\"action\":\"mouse_move\",\"coordinate\":[1,1],\"text\":\"ctrl\"}" },
  { "ctrl+q", "{\"action\":\"left_click_drag\",\"coordinate\":[1,1],\"text\":\"q+ctrl\"}", "{\"action\":\"left_click_drag\",\"coordinate\":[1,1]}" },
};

static void
test_chords (gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (chords); i++)
    {
      Seat seat;

      seat_set_up (&seat, NULL);
      deny_chord (&seat, chords[i].pattern);
      assert_refused (&seat, chords[i].denied, DENIED, chords[i].pattern);
      assert_done (&seat, chords[i].allowed);
      /* a replay is bound, a person is not */
      seat.driver = GLB_DRIVER_REPLAY;
      assert_refused (&seat, chords[i].denied, DENIED, "desktop.input.denyChords");
      seat.driver = GLB_DRIVER_HUMAN;
      assert_done (&seat, chords[i].denied);
      seat_tear_down (&seat, NULL);
    }
}

static const char *
send (Seat    *seat,
      guint    kind,
      guint    code,
      int      value)
{
  GlbShimEvent event = { .kind = kind, .code = code, .value = value };
  GlbActionStep step = { .events = g_array_new (FALSE, FALSE, sizeof event) };
  g_autofree char *message = NULL;
  const char *refusal;

  g_array_append_val (step.events, event);
  refusal = glb_input_rules_check_step (seat->rules, &seat->state, seat->driver, &seat->scene, &step, seat->now_us, &message);
  g_array_unref (step.events);
  return refusal;
}

/* Raw events, as a replay has them: what is down counts, whoever pressed it and however long ago. */
static void
test_chord_by_parts (Seat          *seat,
                     gconstpointer  data)
{
  deny_chord (seat, "ctrl+alt+*");
  seat->driver = GLB_DRIVER_REPLAY;
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_LEFTALT, 1));
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_T, 1));
  g_assert_cmpstr (send (seat, GLB_SHIM_EVENT_KEY, KEY_RIGHTCTRL, 1), ==, DENIED);
  /* it was not pressed */
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_E, 1));
  /* a button is no key */
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_E, 0));
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_T, 0));
  g_assert_null (send (seat, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, 1));
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_RIGHTCTRL, 1));
  g_assert_cmpstr (send (seat, GLB_SHIM_EVENT_KEY, KEY_T, 1), ==, DENIED);
  /* with the modifiers down the text's keys are a chord, too */
  assert_refused (seat, TYPE ("t"), DENIED, "ctrl+alt+*");
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_LEFTALT, 0));
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_T, 1));
  /* what nobody has */
  g_assert_cmpstr (send (seat, GLB_SHIM_EVENT_KEY, GLB_INPUT_CODES, 1), ==, DENIED);
  g_assert_cmpstr (send (seat, 77, KEY_A, 1), ==, DENIED);
  glb_input_state_release (&seat->state);
  g_assert_null (send (seat, GLB_SHIM_EVENT_KEY, KEY_LEFTALT, 1));
}

/* ---- rates ------------------------------------------------------------------- */

static void
test_rates (Seat          *seat,
            gconstpointer  data)
{
  seat->rules->max_events_per_second = 20;
  /* 21 events never fit, however long one waits */
  assert_refused (seat, TYPE ("01234567890"), GLB_REFUSED_RATE_LIMITED, "22 seat events at once");
  assert_refused (seat, TYPE ("ABCDEF"), GLB_REFUSED_RATE_LIMITED, "24 seat events at once");
  /* a refusal costs nothing: all 20 are there */
  assert_done (seat, TYPE ("0123456789"));
  assert_refused (seat, TYPE ("0"), GLB_REFUSED_RATE_LIMITED, "wait 100 ms");
  seat->now_us += 99 * 1000;
  assert_refused (seat, TYPE ("0"), GLB_REFUSED_RATE_LIMITED, "wait 1 ms");
  seat->now_us += 1000;
  assert_done (seat, TYPE ("0"));
  /* no more than a second's worth is saved */
  seat->now_us += G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC;
  assert_done (seat, TYPE ("0123456789"));
  assert_refused (seat, KEY ("a"), GLB_REFUSED_RATE_LIMITED, "desktop.input.maxEventsPerSecond");
  /* the second half of an action counts before its first is done */
  seat->now_us += G_USEC_PER_SEC;
  assert_refused (seat, "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":30}", GLB_REFUSED_RATE_LIMITED, "wait");
  assert_done (seat, "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":20}");
  /* not the person */
  seat->driver = GLB_DRIVER_HUMAN;
  assert_done (seat, TYPE ("0123456789"));
  seat->driver = GLB_DRIVER_REPLAY;
  assert_refused (seat, TYPE ("0123456789"), GLB_REFUSED_RATE_LIMITED, "wait");
}

/* ---- regions ----------------------------------------------------------------- */

static void
test_regions (Seat          *seat,
              gconstpointer  data)
{
  glb_input_rules_add_region (seat->rules, 200, 200, 10, 10);

  assert_refused (seat, CLICK (200, 200), DENIED, "[200, 200] is in the region [200, 200, 10, 10] (desktop.input.denyRegions)");
  assert_refused (seat, CLICK (209, 209), DENIED, "in the region");
  assert_refused (seat, "{\"action\":\"mouse_move\",\"coordinate\":[205,205]}", DENIED, "in the region");
  assert_refused (seat, "{\"action\":\"scroll\",\"coordinate\":[205,205],\"scroll_direction\":\"up\",\"scroll_amount\":1}", DENIED, "in the region");
  assert_refused (seat, "{\"action\":\"left_click_drag\",\"start_coordinate\":[205,205],\"coordinate\":[10,10]}", DENIED, "in the region");
  assert_refused (seat, "{\"action\":\"left_click_drag\",\"start_coordinate\":[10,10],\"coordinate\":[400,400]}", DENIED, "region");
  assert_refused (seat, "{\"action\":\"left_click_drag\",\"start_coordinate\":[190,205],\"coordinate\":[220,205]}", DENIED, "region");
  /* a drag in parts: the way from the last place counts, because the button is down */
  assert_done (seat, "{\"action\":\"left_mouse_down\",\"coordinate\":[190,205]}");
  assert_refused (seat, "{\"action\":\"mouse_move\",\"coordinate\":[220,205]}", DENIED, "a part of the drag to [220, 205] is in the region");
  assert_done (seat, "{\"action\":\"mouse_move\",\"coordinate\":[190,250]}");
  assert_done (seat, "{\"action\":\"left_mouse_up\",\"coordinate\":[220,250]}");
  /* with no button down the pointer jumps */
  assert_done (seat, CLICK (190, 205));
  assert_done (seat, CLICK (220, 205));
  assert_done (seat, CLICK (199, 200));
  assert_done (seat, CLICK (210, 210));
  /* where a person left the pointer the agent may not click, but may leave */
  seat->scene.pointer_x = seat->scene.pointer_y = 205;
  assert_refused (seat, "{\"action\":\"left_click\"}", DENIED, "in the region");
  assert_refused (seat, "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":1}", DENIED, "in the region");
  assert_refused (seat, "{\"action\":\"left_click_drag\",\"coordinate\":[10,10]}", DENIED, "in the region");
  assert_done (seat, CLICK (10, 10));
  assert_done (seat, KEY ("a"));
  seat->driver = GLB_DRIVER_HUMAN;
  assert_done (seat, CLICK (205, 205));
}

static void
test_confinement (Seat          *seat,
                  gconstpointer  data)
{
  GlbShimEvent events[] = {
    { .kind = GLB_SHIM_EVENT_MOTION, .x = 5 * 256, .y = 300 * 256 },
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_A, .value = 1, .x = 1, .y = 1 },
    { .kind = GLB_SHIM_EVENT_MOTION, .x = 639 * 256 + 255, .y = 12 * 256 + 7 },
    { .kind = GLB_SHIM_EVENT_TOUCH_DOWN, .x = 0, .y = 0 },
    { .kind = GLB_SHIM_EVENT_TOUCH_MOTION, .x = 639 * 256, .y = 479 * 256 },
    { .kind = GLB_SHIM_EVENT_TOUCH_UP, .x = 1, .y = 1 },
  };

  seat->rules->confine = TRUE;
  seat->rules->confine_to = (GlbShimRect) { 10, 10, 100, 50 };
  assert_refused (seat, CLICK (9, 10), DENIED, "[9, 10] is outside [10, 10, 100, 50], where the pointer stays (desktop.input.confinePointer)");
  assert_refused (seat, CLICK (110, 10), DENIED, "outside");
  assert_refused (seat, "{\"action\":\"mouse_move\",\"coordinate\":[50,60]}", DENIED, "outside");
  assert_refused (seat, "{\"action\":\"left_click_drag\",\"start_coordinate\":[20,20],\"coordinate\":[200,20]}", DENIED, "outside");
  /* the pointer is at 5, 5 */
  assert_refused (seat, "{\"action\":\"left_click\"}", DENIED, "outside");
  seat->driver = GLB_DRIVER_HUMAN;
  assert_refused (seat, CLICK (9, 10), DENIED, "outside");
  assert_done (seat, CLICK (10, 10));
  seat->driver = GLB_DRIVER_AGENT;
  assert_done (seat, CLICK (109, 59));
  assert_done (seat, "{\"action\":\"left_click\"}");

  glb_input_rules_clamp (seat->rules, events, G_N_ELEMENTS (events));
  g_assert_cmpint (events[0].x, ==, 10 * 256);
  g_assert_cmpint (events[0].y, ==, 60 * 256 - 1);
  g_assert_cmpint (events[1].x, ==, 1);
  g_assert_cmpint (events[2].x, ==, 110 * 256 - 1);
  g_assert_cmpint (events[2].y, ==, 12 * 256 + 7);
  g_assert_true (events[3].x == 10 * 256 && events[3].y == 10 * 256);
  g_assert_true (events[4].x == 110 * 256 - 1 && events[4].y == 60 * 256 - 1);
  g_assert_true (events[5].x == 1 && events[5].y == 1);
  seat->rules->confine = FALSE;
  events[0].x = 5;
  glb_input_rules_clamp (seat->rules, events, G_N_ELEMENTS (events));
  g_assert_cmpint (events[0].x, ==, 5);
}

/* ---- windows ----------------------------------------------------------------- */

static void
test_windows (Seat          *seat,
              gconstpointer  data)
{
  glb_input_rules_add_window (seat->rules, "vault", "Pass*");

  assert_refused (seat, CLICK (150, 150), DENIED, "the window at [150, 150] is one that the policy denies: appId \"vault\", title \"Pass*\"");
  assert_refused (seat, "{\"action\":\"scroll\",\"coordinate\":[150,150],\"scroll_direction\":\"up\",\"scroll_amount\":1}", DENIED, "denyWindows");
  /* its dialog */
  assert_refused (seat, CLICK (450, 350), DENIED, "the window at [450, 350]");
  /* dropping something onto it */
  assert_refused (seat, "{\"action\":\"left_click_drag\",\"start_coordinate\":[10,10],\"coordinate\":[150,150]}", DENIED, "the window at");
  assert_done (seat, "{\"action\":\"left_mouse_down\",\"coordinate\":[10,10]}");
  assert_refused (seat, "{\"action\":\"left_mouse_up\",\"coordinate\":[150,150]}", DENIED, "the window at");
  assert_done (seat, "{\"action\":\"left_mouse_up\",\"coordinate\":[10,10]}");
  /* it may be looked at */
  assert_done (seat, "{\"action\":\"mouse_move\",\"coordinate\":[150,150]}");
  assert_refused (seat, "{\"action\":\"left_click\"}", DENIED, "the window at [150, 150]");
  assert_done (seat, CLICK (10, 10));
  assert_done (seat, KEY ("a"));
  assert_done (seat, TYPE ("a"));
  seat->scene.focus = 2;
  assert_refused (seat, KEY ("a"), DENIED, "the focused window is one that the policy denies");
  assert_refused (seat, KEY ("ctrl"), DENIED, "the focused window");
  assert_refused (seat, TYPE ("a"), DENIED, "the focused window");
  assert_refused (seat, "{\"action\":\"hold_key\",\"text\":\"a\",\"duration\":1}", DENIED, "the focused window");
  seat->scene.focus = 3;
  assert_refused (seat, TYPE ("a"), DENIED, "the focused window");
  assert_done (seat, CLICK (10, 10));
  /* one that is behind another, or put away, is not what is clicked on */
  seat->windows[1].flags = GLB_SHIM_WINDOW_MINIMIZED;
  assert_done (seat, CLICK (150, 150));
  /* parents in a circle, from a compositor that lies */
  seat->windows[0].parent = 1;
  seat->scene.focus = 1;
  assert_done (seat, TYPE ("a"));
}

/* ---- text -------------------------------------------------------------------- */

static void
test_text (Seat          *seat,
           gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (glb_input_rules_add_text (seat->rules, "", &error));
  g_assert_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED);

  deny_text (seat, "rm -rf");
  deny_text (seat, "sudo*apt");
  deny_text (seat, "pin ????");
  deny_text (seat, "aaaaaaa");
  assert_refused (seat, TYPE ("rm -rf /"), DENIED, "the policy denies typing \"rm -rf\" (desktop.input.denyText)");
  assert_refused (seat, TYPE ("x; rm -rf /"), DENIED, "rm -rf");
  /* in parts, by different means */
  assert_done (seat, TYPE ("rm"));
  assert_done (seat, KEY ("space"));
  assert_done (seat, KEY ("minus r"));
  assert_refused (seat, KEY ("f"), DENIED, "rm -rf");
  assert_refused (seat, TYPE ("f"), DENIED, "rm -rf");
  /* the arrows, a shortcut and a click do not make it another text */
  assert_done (seat, KEY ("Left Right ctrl+c shift"));
  assert_done (seat, CLICK (10, 10));
  assert_refused (seat, TYPE ("f"), DENIED, "rm -rf");
  /* BackSpace does */
  assert_done (seat, KEY ("BackSpace"));
  assert_done (seat, TYPE ("f"));
  assert_done (seat, KEY ("BackSpace r"));
  assert_refused (seat, TYPE ("f"), DENIED, "rm -rf");
  assert_done (seat, TYPE ("x"));
  assert_done (seat, KEY ("BackSpace"));
  assert_refused (seat, "{\"action\":\"left_click\",\"text\":\"f\"}", DENIED, "rm -rf");
  /* and another window */
  seat->scene.focus = 2;
  assert_done (seat, TYPE ("f sudo "));
  assert_refused (seat, TYPE ("get apt"), DENIED, "sudo*apt");
  assert_done (seat, TYPE ("pin 123"));
  assert_refused (seat, KEY ("KP_4"), DENIED, "pin ????");
  /* a key that is held repeats */
  seat->scene.focus = 3;
  assert_refused (seat, "{\"action\":\"hold_key\",\"text\":\"a\",\"duration\":1}", DENIED, "aaaaaaa");
  assert_done (seat, "{\"action\":\"hold_key\",\"text\":\"a\",\"duration\":0.05}");
  assert_done (seat, "{\"action\":\"hold_key\",\"text\":\"ctrl+a\",\"duration\":1}");
  seat->driver = GLB_DRIVER_HUMAN;
  assert_done (seat, TYPE ("rm -rf"));
}

static void
test_text_everything (Seat          *seat,
                      gconstpointer  data)
{
  deny_text (seat, "*");
  assert_refused (seat, TYPE ("a"), DENIED, "*");
  assert_refused (seat, KEY ("a"), DENIED, "*");
  assert_done (seat, KEY ("ctrl+a"));
}

/* What is remembered for BackSpace has an end; a match is seen beyond it. */
static void
test_long_text (Seat          *seat,
                gconstpointer  data)
{
  g_autofree char *filler = g_strnfill (30000, 'x');
  g_autofree char *action = g_strdup_printf (TYPE ("begin %s"), filler);

  deny_text (seat, "begin*end");
  assert_done (seat, action);
  g_assert_cmpuint (seat->state.typed.n_characters, <=, GLB_TYPED_CHARACTERS_MAX);
  assert_done (seat, TYPE ("en"));
  assert_refused (seat, TYPE ("d"), DENIED, "begin*end");
}

/* ---- of a policy ------------------------------------------------------------- */

static GlbPolicy *
parse_policy (const char *input)
{
  g_autofree char *json = g_strdup_printf ("{\"schemaVersion\":\"1.0\",\n\"desktop\":{\"width\":640,\"height\":480,\n\"input\":%s}}", input);
  g_autoptr(GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr(GError) error = NULL;
  GlbPolicy *policy = glb_policy_new_from_bytes (bytes, "test.json", &error);

  g_assert_no_error (error);
  return policy;
}

static void
test_policy (void)
{
  g_autoptr(GlbPolicy) bad = parse_policy ("{\"denyChords\":[\"ctrl+nokey\"]}");
  g_autoptr(GlbPolicy) none = parse_policy ("{}");
  g_autoptr(GlbPolicy) policy = parse_policy ("{\"denyChords\":[\"alt+F4\",\"super+*\"],\"maxEventsPerSecond\":30,\"denyText\":[\"x*y\"],"
                                              "\"denyRegions\":[[1,2,3,4]],\"denyWindows\":[{\"appId\":\"a\"},{\"title\":\"t*\"}],"
                                              "\"confinePointer\":[5,6,7,8]}");
  g_autoptr(GlbInputRules) rules = NULL;
  g_autoptr(GlbInputRules) no_rules = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_input_rules_new_from_policy (bad, &error));
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "test.json:3: /desktop/input/denyChords: "));
  g_assert_nonnull (strstr (error->message, "nokey"));
  g_clear_error (&error);

  no_rules = glb_input_rules_new_from_policy (none, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (no_rules->chords->len + no_rules->texts->len + no_rules->regions->len + no_rules->windows->len, ==, 0);
  g_assert_false (no_rules->confine);
  g_assert_cmpuint (no_rules->max_events_per_second, ==, 0);

  rules = glb_input_rules_new_from_policy (policy, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rules->chords->len, ==, 2);
  g_assert_cmpuint (rules->texts->len, ==, 1);
  g_assert_cmpuint (rules->regions->len, ==, 1);
  g_assert_cmpint (g_array_index (rules->regions, GlbShimRect, 0).height, ==, 4);
  g_assert_cmpuint (rules->windows->len, ==, 2);
  g_assert_true (rules->confine);
  g_assert_cmpint (rules->confine_to.width, ==, 7);
  g_assert_cmpuint (rules->max_events_per_second, ==, 30);
}

/* A rule is about what the session's own keyboard writes. */
static void
test_layout (void)
{
  g_autoptr(GlbPolicy) unknown = parse_policy ("{\"keyboardLayout\":\"xx\"}");
  g_autoptr(GlbPolicy) missing = parse_policy ("{\"keyboardLayout\":\"ru\",\"denyChords\":[\"ctrl+c\"]}");
  g_autoptr(GlbPolicy) policy = parse_policy ("{\"keyboardLayout\":\"de\",\"denyChords\":[\"ctrl+z\"],\"denyText\":[\"a@b\"]}");
  const guint32 physical_y[] = { KEY_LEFTCTRL, KEY_Y }, physical_z[] = { KEY_LEFTCTRL, KEY_Z };
  const GlbChordPattern *chord;
  g_autoptr(GlbInputRules) rules = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_input_rules_new_from_policy (unknown, &error));
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED);
  g_assert_true (g_str_has_prefix (error->message, "test.json:3: /desktop/input/keyboardLayout: This host has no keyboard layout \"xx\""));
  g_clear_error (&error);
  g_assert_null (glb_input_rules_new_from_policy (missing, &error));
  g_assert_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "is not on the \"ru\" keyboard"));
  g_clear_error (&error);

  rules = glb_input_rules_new_from_policy (policy, &error);
  g_assert_no_error (error);
  chord = &g_array_index (rules->chords, GlbChordPattern, 0);
  g_assert_true (glb_chord_pattern_matches (chord, rules->keys, physical_y, 2));
  g_assert_false (glb_chord_pattern_matches (chord, rules->keys, physical_z, 2));
}

/* Alt Gr types: a text is denied by whichever keys it comes. */
static void
test_altgr (Seat          *seat,
            gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  seat->rules->keys = glb_key_map_get ("de", &error);
  g_assert_no_error (error);
  deny_text (seat, "a@z");
  assert_refused (seat, TYPE ("a@z"), DENIED, "a@z");
  assert_done (seat, KEY ("a altgr+q"));
  assert_refused (seat, KEY ("z"), DENIED, "a@z");
  assert_done (seat, KEY ("y"));
}

#define ADD(path, function) g_test_add ("/input-rules/" path, Seat, NULL, seat_set_up, function, seat_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("refused/bad-chords", test_bad_chords);
  g_test_add_data_func ("/input-rules/refused/chords", NULL, test_chords);
  ADD ("refused/chord-by-parts", test_chord_by_parts);
  ADD ("refused/rates", test_rates);
  ADD ("refused/regions", test_regions);
  ADD ("refused/confinement", test_confinement);
  ADD ("refused/windows", test_windows);
  ADD ("refused/text", test_text);
  ADD ("refused/text-everything", test_text_everything);
  ADD ("refused/long-text", test_long_text);
  ADD ("refused/altgr", test_altgr);
  g_test_add_func ("/input-rules/policy", test_policy);
  g_test_add_func ("/input-rules/layout", test_layout);
  return g_test_run ();
}
