/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From an action to seat events with their pacing. Times follow what toolkits
 * expect of a hand: a press lasts some milliseconds, the clicks of a double
 * click are well under 400 ms apart (GTK's and Qt's limit), a drag moves in
 * steps, because a drag that jumps never passes a toolkit's threshold.
 */

#include "input-filter/glb-action-plan.h"

#include <linux/input-event-codes.h>
#include <string.h>

#include "input-filter/glb-key-map.h"

#define PRESS_MS        12    /* how long a button or key is down */
#define CLICK_GAP_MS    60    /* between the clicks of a double click */
#define CHORD_GAP_MS    8     /* between the chords of one action */
#define SCROLL_GAP_MS   6     /* between wheel clicks */
#define DRAG_STEP_MS    8
#define DRAG_STEP_PIXELS 24
#define DRAG_STEPS_MIN  4
#define DRAG_STEPS_MAX  40
#define DRAG_DROP_MS    40    /* at rest before the release: drop targets answer late */

/* A wheel click in the unit of the high-resolution wheel. */
#define WHEEL_CLICK     120

void
glb_action_step_free (GlbActionStep *step)
{
  if (step == NULL)
    return;
  g_clear_pointer (&step->events, g_array_unref);
  g_free (step->text);
  g_free (step);
}

static GlbActionStep *
add_step (GPtrArray *steps,
          guint      delay_ms)
{
  GlbActionStep *step = g_new0 (GlbActionStep, 1);

  step->delay_ms = delay_ms;
  step->events = g_array_new (FALSE, TRUE, sizeof (GlbShimEvent));
  g_ptr_array_add (steps, step);
  return step;
}

static void
add_motion (GlbActionStep *step,
            int            x,
            int            y)
{
  /* The middle of the pixel: no rounding may put it beside the one that was meant. */
  GlbShimEvent event = { .kind = GLB_SHIM_EVENT_MOTION, .x = x * 256 + 128, .y = y * 256 + 128 };

  g_array_append_val (step->events, event);
}

static void
add_press (GlbActionStep    *step,
           GlbShimEventKind  kind,
           guint32           code,
           gboolean          pressed)
{
  GlbShimEvent event = { .kind = kind, .code = code, .value = pressed };

  g_array_append_val (step->events, event);
}

static void
add_keys (GlbActionStep  *step,
          const GlbChord *chord,
          gboolean        pressed)
{
  for (gsize i = 0; i < chord->n_codes; i++)
    add_press (step, GLB_SHIM_EVENT_KEY, chord->codes[pressed ? i : chord->n_codes - 1 - i], pressed);
}

static gboolean
check_point (const GlbAction         *action,
             const GlbActionContext  *context,
             int                      x,
             int                      y,
             GError                 **error)
{
  if (x >= 0 && y >= 0 && x < context->width && y < context->height)
    return TRUE;

  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE,
               "%s: [%d, %d] is outside the screen of %d x %d pixels",
               glb_action_kind_to_string (action->kind), x, y, context->width, context->height);
  return FALSE;
}

static gboolean
check_bounds (const GlbAction         *action,
              const GlbActionContext  *context,
              GError                 **error)
{
  if (action->has_coordinate && !check_point (action, context, action->x, action->y, error))
    return FALSE;
  if (action->has_start_coordinate && !check_point (action, context, action->start_x, action->start_y, error))
    return FALSE;
  /* The second corner of a region is outside it. */
  if (action->kind == GLB_ACTION_ZOOM
      && (!check_point (action, context, action->region[0], action->region[1], error)
          || !check_point (action, context, action->region[2] - 1, action->region[3] - 1, error)))
    return FALSE;
  if (action->wait != NULL && action->wait->has_colour
      && !check_point (action, context, action->wait->region[2] - 1, action->wait->region[3] - 1, error))
    return FALSE;
  return TRUE;
}

/* held: (out caller-allocates): the keys held during a pointer action; none for the others. */
static gboolean
parse_held (const GlbAction  *action,
            GlbChord         *held,
            GError          **error)
{
  memset (held, 0, sizeof *held);
  if (action->text == NULL || action->kind == GLB_ACTION_KEY || action->kind == GLB_ACTION_TYPE ||
      action->kind == GLB_ACTION_CLIPBOARD_WRITE)
    return TRUE;
  return glb_key_map_parse_chord (action->keys, action->text, held->codes, G_N_ELEMENTS (held->codes), &held->n_codes, error);
}

static GlbActionStep *
begin_pointer (GPtrArray       *steps,
               const GlbAction *action,
               const GlbChord  *held)
{
  GlbActionStep *step = add_step (steps, 0);

  if (action->has_coordinate)
    add_motion (step, action->x, action->y);
  add_keys (step, held, TRUE);
  return step;
}

static void
plan_click (GPtrArray       *steps,
            const GlbAction *action,
            const GlbChord  *held,
            guint32          button,
            guint            n_clicks)
{
  GlbActionStep *step = begin_pointer (steps, action, held);

  for (guint i = 0; i < n_clicks; i++)
    {
      if (i > 0)
        step = add_step (steps, CLICK_GAP_MS);
      add_press (step, GLB_SHIM_EVENT_BUTTON, button, TRUE);
      step = add_step (steps, PRESS_MS);
      add_press (step, GLB_SHIM_EVENT_BUTTON, button, FALSE);
    }
  add_keys (step, held, FALSE);
}

static void
plan_move (GPtrArray       *steps,
           const GlbAction *action,
           const GlbChord  *held)
{
  GlbActionStep *step = add_step (steps, 0);

  add_keys (step, held, TRUE);
  add_motion (step, action->x, action->y);
  add_keys (step, held, FALSE);
}

static void
plan_button (GPtrArray       *steps,
             const GlbAction *action,
             gboolean         pressed)
{
  GlbActionStep *step = add_step (steps, 0);

  if (action->has_coordinate)
    add_motion (step, action->x, action->y);
  add_press (step, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, pressed);
}

static void
plan_drag (GPtrArray              *steps,
           const GlbAction        *action,
           const GlbActionContext *context,
           const GlbChord         *held)
{
  int from_x = action->has_start_coordinate ? action->start_x : context->pointer_x;
  int from_y = action->has_start_coordinate ? action->start_y : context->pointer_y;
  int distance = MAX (ABS (action->x - from_x), ABS (action->y - from_y));
  int n_moves = CLAMP (distance / DRAG_STEP_PIXELS, DRAG_STEPS_MIN, DRAG_STEPS_MAX);
  GlbActionStep *step = add_step (steps, 0);

  if (action->has_start_coordinate)
    add_motion (step, from_x, from_y);
  add_keys (step, held, TRUE);
  add_press (step, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, TRUE);

  for (int i = 1; i <= n_moves; i++)
    add_motion (add_step (steps, i == 1 ? PRESS_MS : DRAG_STEP_MS),
                from_x + (action->x - from_x) * i / n_moves,
                from_y + (action->y - from_y) * i / n_moves);

  step = add_step (steps, DRAG_DROP_MS);
  add_press (step, GLB_SHIM_EVENT_BUTTON, BTN_LEFT, FALSE);
  add_keys (step, held, FALSE);
}

static void
plan_scroll (GPtrArray       *steps,
             const GlbAction *action,
             const GlbChord  *held)
{
  gboolean horizontal = action->scroll_direction == GLB_SCROLL_LEFT || action->scroll_direction == GLB_SCROLL_RIGHT;
  gboolean backward = action->scroll_direction == GLB_SCROLL_LEFT || action->scroll_direction == GLB_SCROLL_UP;
  GlbShimEvent event = {
    .kind = GLB_SHIM_EVENT_AXIS,
    .code = horizontal,
    .value = backward ? -WHEEL_CLICK : WHEEL_CLICK,
  };
  GlbActionStep *step = begin_pointer (steps, action, held);

  for (guint i = 0; i < action->scroll_amount; i++)
    {
      if (i > 0)
        step = add_step (steps, SCROLL_GAP_MS);
      g_array_append_val (step->events, event);
    }
  add_keys (step, held, FALSE);
}

/* Cuts the text at characters into what one message carries. */
static void
plan_text (GPtrArray  *steps,
           const char *text)
{
  const char *start = text;

  while (*start != '\0')
    {
      GlbActionStep *step = g_new0 (GlbActionStep, 1);
      gsize length = strnlen (start, GLB_SHIM_TEXT_MAX);

      while (length > 0 && ((guint8) start[length] & 0xc0) == 0x80)
        length--;
      step->text = g_strndup (start, length);
      g_ptr_array_add (steps, step);
      start += length;
    }
}

static void
plan_chord (GPtrArray      *steps,
            const GlbChord *chord,
            guint           delay_ms,
            guint           held_ms)
{
  if (chord->n_codes == 0)
    {
      guint first = steps->len;

      plan_text (steps, chord->text);
      ((GlbActionStep *) g_ptr_array_index (steps, first))->delay_ms = delay_ms;
      return;
    }
  add_keys (add_step (steps, delay_ms), chord, TRUE);
  add_keys (add_step (steps, held_ms), chord, FALSE);
}

static gboolean
plan_keys (GPtrArray        *steps,
           const GlbAction  *action,
           GError          **error)
{
  g_autoptr(GArray) chords = glb_key_map_parse_chords (action->keys, action->text, error);

  if (chords == NULL)
    return FALSE;
  for (guint i = 0; i < chords->len; i++)
    plan_chord (steps, &g_array_index (chords, GlbChord, i), i > 0 ? CHORD_GAP_MS : 0, PRESS_MS);
  return TRUE;
}

static gboolean
plan_kind (GPtrArray               *steps,
           const GlbAction         *action,
           const GlbActionContext  *context,
           const GlbChord          *held,
           GError                 **error)
{
  switch (action->kind)
    {
    case GLB_ACTION_MOUSE_MOVE:
      plan_move (steps, action, held);
      return TRUE;
    case GLB_ACTION_LEFT_CLICK:
      plan_click (steps, action, held, BTN_LEFT, 1);
      return TRUE;
    case GLB_ACTION_RIGHT_CLICK:
      plan_click (steps, action, held, BTN_RIGHT, 1);
      return TRUE;
    case GLB_ACTION_MIDDLE_CLICK:
      plan_click (steps, action, held, BTN_MIDDLE, 1);
      return TRUE;
    case GLB_ACTION_DOUBLE_CLICK:
      plan_click (steps, action, held, BTN_LEFT, 2);
      return TRUE;
    case GLB_ACTION_TRIPLE_CLICK:
      plan_click (steps, action, held, BTN_LEFT, 3);
      return TRUE;
    case GLB_ACTION_LEFT_MOUSE_DOWN:
    case GLB_ACTION_LEFT_MOUSE_UP:
      plan_button (steps, action, action->kind == GLB_ACTION_LEFT_MOUSE_DOWN);
      return TRUE;
    case GLB_ACTION_LEFT_CLICK_DRAG:
      plan_drag (steps, action, context, held);
      return TRUE;
    case GLB_ACTION_SCROLL:
      plan_scroll (steps, action, held);
      return TRUE;
    case GLB_ACTION_KEY:
      return plan_keys (steps, action, error);
    case GLB_ACTION_HOLD_KEY:
      plan_chord (steps, held, 0, MAX (PRESS_MS, (guint) (action->duration * 1000 + 0.5)));
      return TRUE;
    case GLB_ACTION_TYPE:
      plan_text (steps, action->text);
      return TRUE;
    case GLB_ACTION_SCREENSHOT:
    case GLB_ACTION_ZOOM:
    case GLB_ACTION_WAIT:
    case GLB_ACTION_CURSOR_POSITION:
    case GLB_ACTION_LEASE_STATUS:
    case GLB_ACTION_CLIPBOARD_REQUEST:
    case GLB_ACTION_DEVICE_REQUEST:
    case GLB_ACTION_UI_TREE:
    case GLB_ACTION_FIND:
    case GLB_ACTION_WAIT_FOR:
    case GLB_ACTION_CLIPBOARD_READ:
    case GLB_ACTION_CLIPBOARD_WRITE:
    case GLB_ACTION_LIST_WINDOWS:
    case GLB_ACTION_ACTIVATE_WINDOW:
    case GLB_ACTION_CLOSE_WINDOW:
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

GPtrArray *
glb_action_plan (const GlbAction         *action,
                 const GlbActionContext  *context,
                 GError                 **error)
{
  g_autoptr(GPtrArray) steps = NULL;
  GlbChord held;

  g_return_val_if_fail (action != NULL, NULL);
  g_return_val_if_fail (context != NULL, NULL);

  if (!check_bounds (action, context, error) || !parse_held (action, &held, error))
    return NULL;

  steps = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_action_step_free);
  if (!plan_kind (steps, action, context, &held, error))
    return NULL;
  return g_steal_pointer (&steps);
}

static void
track_event (GArray             *down,
             const GlbShimEvent *event)
{
  if (event->kind != GLB_SHIM_EVENT_KEY && event->kind != GLB_SHIM_EVENT_BUTTON)
    return;

  for (guint i = 0; i < down->len; i++)
    {
      GlbShimEvent *pressed = &g_array_index (down, GlbShimEvent, i);

      if (pressed->kind == event->kind && pressed->code == event->code)
        {
          if (event->value == 0)
            g_array_remove_index (down, i);
          return;
        }
    }
  if (event->value != 0)
    g_array_append_val (down, *event);
}

GlbActionStep *
glb_action_plan_unwind (GPtrArray *steps,
                        guint      n_done)
{
  g_autoptr(GArray) down = g_array_new (FALSE, FALSE, sizeof (GlbShimEvent));
  GlbActionStep *step;

  g_return_val_if_fail (steps != NULL, NULL);
  g_return_val_if_fail (n_done <= steps->len, NULL);

  for (guint i = 0; i < n_done; i++)
    {
      const GlbActionStep *done = g_ptr_array_index (steps, i);

      for (guint j = 0; done->events != NULL && j < done->events->len; j++)
        track_event (down, &g_array_index (done->events, GlbShimEvent, j));
    }
  if (down->len == 0)
    return NULL;

  step = g_new0 (GlbActionStep, 1);
  step->events = g_array_new (FALSE, TRUE, sizeof (GlbShimEvent));
  for (guint i = down->len; i > 0; i--)
    {
      const GlbShimEvent *pressed = &g_array_index (down, GlbShimEvent, i - 1);

      add_press (step, pressed->kind, pressed->code, FALSE);
    }
  return step;
}

gboolean
glb_action_plan_is_spent (GPtrArray *steps,
                          guint      n_done)
{
  g_return_val_if_fail (steps != NULL, FALSE);
  g_return_val_if_fail (n_done <= steps->len, FALSE);

  for (guint i = n_done; n_done > 0 && i < steps->len; i++)
    {
      const GlbActionStep *step = g_ptr_array_index (steps, i);

      if (step->text != NULL)
        return FALSE;
      for (guint j = 0; step->events != NULL && j < step->events->len; j++)
        {
          const GlbShimEvent *event = &g_array_index (step->events, GlbShimEvent, j);

          if ((event->kind != GLB_SHIM_EVENT_KEY && event->kind != GLB_SHIM_EVENT_BUTTON) || event->value != 0)
            return FALSE;
        }
    }
  return n_done > 0;
}
