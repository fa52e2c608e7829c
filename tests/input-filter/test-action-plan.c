/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-action-plan.h"

#include <linux/input-event-codes.h>
#include <string.h>

static const GlbActionContext context = { .width = 1280, .height = 800, .pointer_x = 100, .pointer_y = 50 };

static GPtrArray *
plan (const char *json)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAction) action = glb_action_new_from_json (NULL, json, strlen (json), &error);
  GPtrArray *steps;

  g_assert_no_error (error);
  steps = glb_action_plan (action, &context, &error);
  g_assert_no_error (error);
  g_assert_nonnull (steps);
  return steps;
}

/* "+12" is a delay, "m3,4" motion to a pixel's middle, "v120"/"h-120" axis, "k29"/"b272" press, "K29"/"B272" release. */
static char *
describe (GPtrArray *steps)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < steps->len; i++)
    {
      const GlbActionStep *step = g_ptr_array_index (steps, i);

      g_string_append_printf (text, "%s+%u", i > 0 ? " " : "", step->delay_ms);
      g_assert_true ((step->events == NULL) != (step->text == NULL));
      if (step->text != NULL)
        g_string_append_printf (text, " \"%s\"", step->text);
      for (guint j = 0; step->events != NULL && j < step->events->len; j++)
        {
          const GlbShimEvent *event = &g_array_index (step->events, GlbShimEvent, j);

          if (event->kind == GLB_SHIM_EVENT_MOTION)
            {
              g_assert_cmpint (event->x & 255, ==, 128);
              g_assert_cmpint (event->y & 255, ==, 128);
              g_string_append_printf (text, " m%d,%d", event->x >> 8, event->y >> 8);
            }
          else if (event->kind == GLB_SHIM_EVENT_AXIS)
            g_string_append_printf (text, " %c%d", event->code == 0 ? 'v' : 'h', event->value);
          else
            g_string_append_printf (text, " %c%u",
                                    event->kind == GLB_SHIM_EVENT_KEY ? (event->value != 0 ? 'k' : 'K')
                                                                      : (event->value != 0 ? 'b' : 'B'),
                                    event->code);
        }
    }
  return g_string_free (text, FALSE);
}

static const struct { const char *json; const char *plan; } plans[] = {
  { "{\"action\":\"screenshot\"}", "" },
  { "{\"action\":\"zoom\",\"region\":[0,0,1280,800]}", "" },
  { "{\"action\":\"wait\",\"duration\":1}", "" },
  { "{\"action\":\"cursor_position\"}", "" },
  { "{\"action\":\"lease_status\"}", "" },
  { "{\"action\":\"clipboard_read\"}", "" },
  /* text that is no chord */
  { "{\"action\":\"clipboard_write\",\"text\":\"any text\"}", "" },
  { "{\"action\":\"list_windows\"}", "" },
  { "{\"action\":\"activate_window\",\"window\":3}", "" },
  { "{\"action\":\"close_window\",\"window\":3}", "" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[3,4]}", "+0 m3,4" },
  { "{\"action\":\"mouse_move\",\"coordinate\":[1279,799],\"text\":\"shift\"}", "+0 k42 m1279,799 K42" },
  { "{\"action\":\"left_click\",\"coordinate\":[3,4]}", "+0 m3,4 b272 +12 B272" },
  { "{\"action\":\"left_click\"}", "+0 b272 +12 B272" },
  { "{\"action\":\"right_click\",\"coordinate\":[3,4]}", "+0 m3,4 b273 +12 B273" },
  { "{\"action\":\"middle_click\",\"coordinate\":[3,4]}", "+0 m3,4 b274 +12 B274" },
  { "{\"action\":\"left_click\",\"coordinate\":[3,4],\"text\":\"ctrl+shift\"}", "+0 m3,4 k29 k42 b272 +12 B272 K42 K29" },
  { "{\"action\":\"double_click\",\"coordinate\":[3,4]}", "+0 m3,4 b272 +12 B272 +60 b272 +12 B272" },
  { "{\"action\":\"triple_click\",\"text\":\"alt\"}", "+0 k56 b272 +12 B272 +60 b272 +12 B272 +60 b272 +12 B272 K56" },
  { "{\"action\":\"left_mouse_down\"}", "+0 b272" },
  { "{\"action\":\"left_mouse_up\",\"coordinate\":[3,4]}", "+0 m3,4 B272" },
  { "{\"action\":\"left_click_drag\",\"start_coordinate\":[10,10],\"coordinate\":[50,20]}",
    "+0 m10,10 b272 +12 m20,12 +8 m30,15 +8 m40,17 +8 m50,20 +40 B272" },
  { "{\"action\":\"left_click_drag\",\"coordinate\":[60,50],\"text\":\"ctrl\"}",
    "+0 k29 b272 +12 m90,50 +8 m80,50 +8 m70,50 +8 m60,50 +40 B272 K29" },
  { "{\"action\":\"scroll\",\"coordinate\":[3,4],\"scroll_direction\":\"down\",\"scroll_amount\":3}",
    "+0 m3,4 v120 +6 v120 +6 v120" },
  { "{\"action\":\"scroll\",\"scroll_direction\":\"up\",\"scroll_amount\":1,\"text\":\"ctrl\"}", "+0 k29 v-120 K29" },
  { "{\"action\":\"scroll\",\"scroll_direction\":\"left\",\"scroll_amount\":1}", "+0 h-120" },
  { "{\"action\":\"scroll\",\"scroll_direction\":\"right\",\"scroll_amount\":1}", "+0 h120" },
  { "{\"action\":\"key\",\"text\":\"ctrl+shift+t\"}", "+0 k29 k42 k20 +12 K20 K42 K29" },
  { "{\"action\":\"key\",\"text\":\"ctrl+a Delete\"}", "+0 k29 k30 +12 K30 K29 +8 k111 +12 K111" },
  { "{\"action\":\"key\",\"text\":\" \"}", "+0 k57 +12 K57" },
  { "{\"action\":\"key\",\"text\":\"Return ł\"}", "+0 k28 +12 K28 +8 \"ł\"" },
  { "{\"action\":\"key\",\"text\":\"EuroSign\"}", "+0 \"€\"" },
  { "{\"action\":\"hold_key\",\"text\":\"shift+a\",\"duration\":1.5}", "+0 k42 k30 +1500 K30 K42" },
  { "{\"action\":\"hold_key\",\"text\":\"a\",\"duration\":100}", "+0 k30 +100000 K30" },
  { "{\"action\":\"hold_key\",\"text\":\"a\",\"duration\":0}", "+0 k30 +12 K30" },
  { "{\"action\":\"type\",\"text\":\"a b\\n\"}", "+0 \"a b\n\"" },
};

static void
test_plans (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      g_autoptr(GPtrArray) steps = plan (plans[i].json);
      g_autofree char *text = describe (steps);

      g_assert_cmpstr (text, ==, plans[i].plan);
    }
}

static const char * const outside[] = {
  "{\"action\":\"mouse_move\",\"coordinate\":[1280,0]}",
  "{\"action\":\"left_click\",\"coordinate\":[0,800]}",
  "{\"action\":\"scroll\",\"coordinate\":[1280,0],\"scroll_direction\":\"down\",\"scroll_amount\":3}",
  "{\"action\":\"left_click_drag\",\"start_coordinate\":[1280,0],\"coordinate\":[1,1]}",
  "{\"action\":\"left_click_drag\",\"start_coordinate\":[1,1],\"coordinate\":[0,800]}",
  "{\"action\":\"zoom\",\"region\":[0,0,1281,800]}",
  "{\"action\":\"zoom\",\"region\":[0,0,1280,801]}",
  "{\"action\":\"zoom\",\"region\":[1280,0,1281,1]}",
};

static void
test_outside_screen (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAction) action = glb_action_new_from_json (NULL, outside[i], strlen (outside[i]), &error);
      g_autoptr(GPtrArray) steps = NULL;

      g_assert_no_error (error);
      steps = glb_action_plan (action, &context, &error);
      g_assert_null (steps);
      g_assert_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE);
      g_assert_nonnull (strstr (error->message, "1280 x 800"));
    }
}

/* Follows a plan: what is down after it; each release has its press, each press was up. */
static guint
count_down (GPtrArray *steps,
            guint      n_steps)
{
  g_autoptr(GHashTable) down = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < n_steps; i++)
    {
      const GlbActionStep *step = g_ptr_array_index (steps, i);

      for (guint j = 0; step->events != NULL && j < step->events->len; j++)
        {
          const GlbShimEvent *event = &g_array_index (step->events, GlbShimEvent, j);
          gpointer code = GUINT_TO_POINTER (event->kind << 16 | event->code);

          if (event->kind == GLB_SHIM_EVENT_MOTION)
            {
              g_assert_cmpint (event->x >> 8, <, context.width);
              g_assert_cmpint (event->y >> 8, <, context.height);
            }
          if (event->kind != GLB_SHIM_EVENT_KEY && event->kind != GLB_SHIM_EVENT_BUTTON)
            continue;
          g_assert_true (event->value != 0 ? g_hash_table_add (down, code) : g_hash_table_remove (down, code));
        }
    }
  return g_hash_table_size (down);
}

static void
test_balance (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      g_autoptr(GPtrArray) steps = NULL;
      gboolean unbalanced = strstr (plans[i].json, "left_mouse_") != NULL;

      if (unbalanced)
        continue;
      steps = plan (plans[i].json);
      g_assert_cmpuint (count_down (steps, steps->len), ==, 0);
      g_assert_null (glb_action_plan_unwind (steps, steps->len));
    }
}

/* Cut after each step in turn: the unwinding step releases exactly what is down. */
static void
test_unwind (void)
{
  guint n_unwound = 0;

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      g_autoptr(GPtrArray) steps = NULL;

      if (strstr (plans[i].json, "left_mouse_up") != NULL)
        continue;
      steps = plan (plans[i].json);
      for (guint n = 0; n <= steps->len; n++)
        {
          g_autoptr(GPtrArray) cut = g_ptr_array_new ();
          GlbActionStep *step = glb_action_plan_unwind (steps, n);

          for (guint k = 0; k < n; k++)
            g_ptr_array_add (cut, g_ptr_array_index (steps, k));
          g_assert_cmpint (step != NULL, ==, count_down (steps, n) > 0);
          if (step == NULL)
            continue;
          g_ptr_array_add (cut, step);
          g_assert_cmpuint (step->delay_ms, ==, 0);
          g_assert_cmpuint (count_down (cut, cut->len), ==, 0);
          glb_action_step_free (step);
          n_unwound++;
        }
    }
  g_assert_cmpuint (n_unwound, >, 20);
}

/* What is left of it when its last press ended the session. */
static void
test_spent (void)
{
  static const struct { const char *json; guint n_done; gboolean spent; } cases[] = {
    { "{\"action\":\"left_click\",\"coordinate\":[1,1]}", 0, FALSE },
    { "{\"action\":\"left_click\",\"coordinate\":[1,1]}", 1, TRUE },
    { "{\"action\":\"left_click\",\"coordinate\":[1,1]}", 2, TRUE },
    { "{\"action\":\"double_click\"}", 1, FALSE },
    { "{\"action\":\"double_click\"}", 3, TRUE },
    { "{\"action\":\"left_click_drag\",\"coordinate\":[90,90]}", 1, FALSE },
    { "{\"action\":\"key\",\"text\":\"alt+F4\"}", 1, TRUE },
    { "{\"action\":\"key\",\"text\":\"alt+F4 Return\"}", 1, FALSE },
    { "{\"action\":\"type\",\"text\":\"exit\\n\"}", 0, FALSE },
    { "{\"action\":\"type\",\"text\":\"exit\\n\"}", 1, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GPtrArray) steps = plan (cases[i].json);

      g_test_message ("%s after %u", cases[i].json, cases[i].n_done);
      g_assert_cmpint (glb_action_plan_is_spent (steps, cases[i].n_done), ==, cases[i].spent);
    }
}

static void
test_unwind_order (void)
{
  g_autoptr(GPtrArray) steps = plan ("{\"action\":\"left_click\",\"text\":\"ctrl+shift\"}");
  g_autoptr(GPtrArray) unwound = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_action_step_free);
  g_autofree char *text = NULL;

  g_ptr_array_add (unwound, glb_action_plan_unwind (steps, 1));
  text = describe (unwound);
  g_assert_cmpstr (text, ==, "+0 B272 K42 K29");
}

/* The two presses of a double click are within the limit of every toolkit. */
static void
test_double_click_time (void)
{
  g_autoptr(GPtrArray) steps = plan ("{\"action\":\"triple_click\",\"coordinate\":[1,1]}");
  guint since_press = 0;
  guint n_presses = 0;

  for (guint i = 0; i < steps->len; i++)
    {
      const GlbActionStep *step = g_ptr_array_index (steps, i);
      const GlbShimEvent *last = &g_array_index (step->events, GlbShimEvent, step->events->len - 1);

      since_press += step->delay_ms;
      if (last->kind != GLB_SHIM_EVENT_BUTTON || last->value == 0)
        continue;
      if (n_presses++ > 0)
        g_assert_cmpuint (since_press, <, 400);
      since_press = 0;
    }
  g_assert_cmpuint (n_presses, ==, 3);
}

static void
test_message_limits (void)
{
  static const char * const largest[] = {
    "{\"action\":\"scroll\",\"scroll_direction\":\"down\",\"scroll_amount\":100,\"text\":\"ctrl\"}",
    "{\"action\":\"left_click_drag\",\"start_coordinate\":[0,0],\"coordinate\":[1279,799],\"text\":\"a+b+c+d+e+f+g+h\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (largest); i++)
    {
      g_autoptr(GPtrArray) steps = plan (largest[i]);

      for (guint j = 0; j < steps->len; j++)
        g_assert_cmpuint (((GlbActionStep *) g_ptr_array_index (steps, j))->events->len, <=, GLB_SHIM_EVENTS_MAX);
    }
}

/* Long text is cut at characters, whatever their size, and nothing is lost. */
static void
test_text_cut (void)
{
  static const char * const characters[] = { "a", "ł", "字", "\U0001f600" };

  for (guint i = 0; i < G_N_ELEMENTS (characters); i++)
    for (guint prefix = 0; prefix < 4; prefix++)
      {
        GString *all = g_string_new (NULL);
        GString *planned = g_string_new (NULL);
        GlbAction action = { .kind = GLB_ACTION_TYPE };
        g_autoptr(GPtrArray) steps = NULL;

        for (guint k = 0; k < prefix; k++)
          g_string_append_c (all, 'x');
        while (all->len < 3 * GLB_SHIM_TEXT_MAX)
          g_string_append (all, characters[i]);

        action.text = all->str;
        steps = glb_action_plan (&action, &context, NULL);
        for (guint k = 0; k < steps->len; k++)
          {
            const GlbActionStep *step = g_ptr_array_index (steps, k);

            g_assert_cmpuint (strlen (step->text), <=, GLB_SHIM_TEXT_MAX);
            g_assert_true (g_utf8_validate (step->text, -1, NULL));
            g_string_append (planned, step->text);
          }
        g_assert_cmpstr (planned->str, ==, all->str);
        g_string_free (planned, TRUE);
        g_string_free (all, TRUE);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/action-plan/outside-screen", test_outside_screen);
  g_test_add_func ("/action-plan/plans", test_plans);
  g_test_add_func ("/action-plan/balance", test_balance);
  g_test_add_func ("/action-plan/unwind", test_unwind);
  g_test_add_func ("/action-plan/unwind-order", test_unwind_order);
  g_test_add_func ("/action-plan/spent", test_spent);
  g_test_add_func ("/action-plan/double-click-time", test_double_click_time);
  g_test_add_func ("/action-plan/message-limits", test_message_limits);
  g_test_add_func ("/action-plan/text-cut", test_text_cut);
  return g_test_run ();
}
