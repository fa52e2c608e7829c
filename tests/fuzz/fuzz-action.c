/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "input-filter/glb-action-plan.h"
#include "input-filter/glb-action-result.h"
#include "input-filter/glb-input-rules.h"
#include "policies/glb-json-writer.h"

/* Whatever the text: an action or a one-line error. An accepted action is recorded as one that parses to the same,
 * and its plan stays on the screen, fits the messages and is balanced, wherever it is cut. The rules say the same of a
 * plan as of its steps, in one line. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const GlbActionContext context = { .width = 1280, .height = 800, .pointer_x = 1279, .pointer_y = 0 };

static void
check_error (const GError *error)
{
  g_autoptr(JsonNode) result = NULL;

  g_assert_nonnull (error);
  g_assert_true (error->domain == GLB_ACTION_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *p = error->message; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
  result = glb_action_result_new_from_error (error);
  g_assert_nonnull (result);
}

static void
check_record (const GlbAction *action)
{
  g_autoptr(JsonNode) node = glb_action_to_node (action, FALSE);
  g_autoptr(JsonNode) redacted = glb_action_to_node (action, TRUE);
  g_autofree char *text = glb_json_write (node);
  g_autofree char *redacted_text = glb_json_write (redacted);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAction) again = glb_action_new_from_node (NULL, node, &error);
  g_autoptr(JsonNode) again_node = NULL;

  g_assert_no_error (error);
  again_node = glb_action_to_node (again, FALSE);
  g_assert_true (json_node_equal (node, again_node));
  g_assert_null (strchr (text, '\n'));
  if (action->kind == GLB_ACTION_TYPE && strlen (action->text) > 16)
    g_assert_null (strstr (redacted_text, action->text));
}

static void
follow_event (GHashTable         *down,
              const GlbShimEvent *event,
              gboolean            balanced)
{
  gpointer key = GUINT_TO_POINTER (event->kind << 16 | event->code);

  switch (event->kind)
    {
    case GLB_SHIM_EVENT_MOTION:
      g_assert_cmpint (event->x, >=, 0);
      g_assert_cmpint (event->y, >=, 0);
      g_assert_cmpint (event->x, <, context.width * 256);
      g_assert_cmpint (event->y, <, context.height * 256);
      break;
    case GLB_SHIM_EVENT_AXIS:
      g_assert_cmpuint (event->code, <=, 1);
      g_assert_cmpint (ABS (event->value), ==, 120);
      break;
    case GLB_SHIM_EVENT_BUTTON:
    case GLB_SHIM_EVENT_KEY:
      g_assert_cmpuint (event->code, <, 0x300);
      if (event->value == 1)
        g_assert_true (g_hash_table_add (down, key));
      else
        g_assert_true (g_hash_table_remove (down, key) || !balanced);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
follow_step (GHashTable          *down,
             const GlbActionStep *step,
             gboolean             balanced)
{
  g_assert_true ((step->events != NULL) != (step->text != NULL));
  g_assert_cmpuint (step->delay_ms, <=, 100 * 1000);
  if (step->text != NULL)
    {
      g_assert_cmpuint (strlen (step->text), >, 0);
      g_assert_cmpuint (strlen (step->text), <=, GLB_SHIM_TEXT_MAX);
      g_assert_true (g_utf8_validate (step->text, -1, NULL));
      return;
    }
  g_assert_cmpuint (step->events->len, <=, GLB_SHIM_EVENTS_MAX);
  for (guint i = 0; i < step->events->len; i++)
    follow_event (down, &g_array_index (step->events, GlbShimEvent, i), balanced);
}

static void
check_plan (const GlbAction *action,
            GPtrArray       *steps)
{
  g_autoptr(GHashTable) down = g_hash_table_new (NULL, NULL);
  gboolean balanced = action->kind != GLB_ACTION_LEFT_MOUSE_DOWN && action->kind != GLB_ACTION_LEFT_MOUSE_UP;

  g_assert_cmpint (steps->len > 0, ==, glb_action_is_input (action->kind));
  for (guint i = 0; i < steps->len; i++)
    {
      g_autoptr(GlbActionStep) unwind = NULL;

      follow_step (down, g_ptr_array_index (steps, i), balanced);
      unwind = glb_action_plan_unwind (steps, i + 1);
      g_assert_cmpuint (unwind != NULL ? unwind->events->len : 0, ==, g_hash_table_size (down));
    }
  if (balanced)
    g_assert_cmpuint (g_hash_table_size (down), ==, 0);
}

static GlbInputRules *
make_rules (void)
{
  GlbInputRules *rules = glb_input_rules_new ();

  g_assert_true (glb_input_rules_add_chord (rules, "ctrl+alt+*", NULL));
  g_assert_true (glb_input_rules_add_chord (rules, "shift+F5", NULL));
  g_assert_true (glb_input_rules_add_text (rules, "a*b?c", NULL));
  glb_input_rules_add_region (rules, 40, 40, 60, 60);
  glb_input_rules_add_window (rules, "v*", NULL);
  rules->confine = TRUE;
  rules->confine_to = (GlbShimRect) { 0, 0, 1200, 800 };
  rules->max_events_per_second = 200;
  return rules;
}

static void
check_rules (GPtrArray *steps)
{
  const GlbShimWindow window = { .id = 1, .geometry = { 300, 300, 50, 50 }, .app_id = "vault" };
  const GlbInputScene scene = { &window, 1, 0, 5, 5 };
  g_autoptr(GlbInputRules) rules = make_rules ();
  g_autofree GlbInputState *state = g_new0 (GlbInputState, 1);
  g_autofree GlbInputState *before = NULL;
  g_autofree char *message = NULL;
  g_autofree char *again = NULL;
  GlbInputScene now = scene;
  gint64 now_us = G_USEC_PER_SEC;
  const char *code, *step_code = NULL;

  code = glb_input_rules_check_plan (rules, state, GLB_DRIVER_AGENT, &scene, steps, now_us, &message);
  for (guint i = 0; i < steps->len && step_code == NULL; i++)
    {
      const GlbActionStep *step = g_ptr_array_index (steps, i);

      now_us += (gint64) step->delay_ms * 1000;
      g_free (before);
      before = g_memdup2 (state, sizeof *state);
      step_code = glb_input_rules_check_step (rules, state, GLB_DRIVER_AGENT, &now, step, now_us, &again);
      now.pointer_x = step_code == NULL ? state->pointer_x : now.pointer_x;
      now.pointer_y = step_code == NULL ? state->pointer_y : now.pointer_y;
    }
  g_assert_cmpstr (code, ==, step_code);
  g_assert_cmpstr (message, ==, again);
  g_assert_true ((code == NULL) == (message == NULL));
  for (const char *p = message; p != NULL && *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
  if (step_code != NULL)
    g_assert_cmpmem (before, sizeof *before, state, sizeof *state);
}

static void
check_chord (const guint8 *data,
             gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr(GError) error = NULL;
  guint32 codes[8];
  gsize n_codes;

  if (!glb_key_map_parse_chord (NULL, text, codes, G_N_ELEMENTS (codes), &n_codes, &error))
    {
      check_error (error);
      return;
    }
  g_assert_cmpuint (n_codes, >, 0);
  g_assert_cmpuint (n_codes, <=, G_N_ELEMENTS (codes));
  for (gsize i = 0; i < n_codes; i++)
    g_assert_cmpuint (codes[i], <=, 247);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr(GlbAction) action = NULL;
  g_autoptr(GPtrArray) steps = NULL;
  g_autoptr(GError) error = NULL;

  check_chord (data, size);

  action = glb_action_new_from_json (NULL, (const char *) data, size, &error);
  if (action == NULL)
    {
      check_error (error);
      return 0;
    }
  check_record (action);
  steps = glb_action_plan (action, &context, &error);
  if (steps == NULL)
    check_error (error);
  else
    {
      check_plan (action, steps);
      check_rules (steps);
    }
  return 0;
}
