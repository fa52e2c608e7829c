/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <linux/input-event-codes.h>

#include "input-filter/glb-action-plan.h"
#include "input-filter/glb-input-state.h"
#include "input-filter/glb-trace-gestures.h"

/* Whatever a person does: what is told is actions that parse and can be planned, and carried out again they press nothing but
 * the left button for longer than an action, that only while the person presses it, and nothing once the person has let go. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define WIDTH  1280
#define HEIGHT 800
#define EVENT_BYTES 6

/* So that some of them mean something. */
static const guint32 keys[] = {
  KEY_A, KEY_B, KEY_1, KEY_SPACE, KEY_ENTER, KEY_TAB, KEY_BACKSPACE, KEY_ESC, KEY_DOWN, KEY_F5, KEY_KP7, KEY_CAPSLOCK, KEY_NUMLOCK,
  KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_LEFTCTRL, KEY_RIGHTCTRL, KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTMETA, KEY_RIGHTMETA, KEY_COMPOSE,
};

typedef struct
{
  GlbTraceGestures *gestures;
  GlbInputState person;      /* what the person presses */
  GlbInputState again;       /* what is pressed where it is done again */
  int finger;
  gint64 now_us;
} Run;

static gboolean
is_down (const GlbInputState *state, guint32 code)
{
  return (state->held[code / 8] & 1u << code % 8) != 0;
}

static void
do_again (Run *run, const GlbTraceGesture *gesture)
{
  const GlbActionContext context = { WIDTH, HEIGHT, 0, 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAction) action = glb_action_new_from_node (NULL, gesture->action, &error);
  g_autoptr(GPtrArray) steps = NULL;

  g_assert_no_error (error);
  steps = glb_action_plan (action, &context, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < steps->len; i++)
    {
      const GlbActionStep *step = g_ptr_array_index (steps, i);

      for (guint j = 0; step->events != NULL && j < step->events->len; j++)
        {
          const GlbShimEvent *event = &g_array_index (step->events, GlbShimEvent, j);

          /* nothing is pressed twice, or released that is not pressed */
          if (event->kind == GLB_SHIM_EVENT_KEY || event->kind == GLB_SHIM_EVENT_BUTTON)
            g_assert_true (glb_input_state_press (&run->again, event->code, event->value));
        }
    }
}

static void
take_all (Run *run)
{
  guint32 codes[GLB_INPUT_HELD_MAX];
  GlbTraceGesture *gesture;

  while ((gesture = glb_trace_gestures_take (run->gestures)) != NULL)
    {
      do_again (run, gesture);
      g_assert_cmpint (gesture->began_us, <=, run->now_us);
      glb_trace_gesture_free (gesture);
    }
  g_assert_cmpuint (glb_input_state_get_keys (&run->again, codes), ==, 0);
  g_assert_cmpuint (run->again.n_buttons, ==, is_down (&run->again, BTN_LEFT));
  if (run->again.n_buttons > 0)
    g_assert_true (is_down (&run->person, BTN_LEFT));
}

static void
note (Run *run, const GlbShimEvent *event)
{
  switch ((GlbShimEventKind) event->kind)
    {
    case GLB_SHIM_EVENT_KEY:
    case GLB_SHIM_EVENT_BUTTON:
      glb_input_state_press (&run->person, event->code, event->value);
      break;
    case GLB_SHIM_EVENT_TOUCH_DOWN:
      if (run->finger < 0 && glb_input_state_press (&run->person, BTN_LEFT, TRUE))
        run->finger = event->code;
      break;
    case GLB_SHIM_EVENT_TOUCH_UP:
      if (run->finger == (int) event->code)
        {
          glb_input_state_press (&run->person, BTN_LEFT, FALSE);
          run->finger = -1;
        }
      break;
    default:
      break;
    }
}

static void
release (Run *run)
{
  glb_trace_gestures_release (run->gestures, run->now_us);
  glb_input_state_release (&run->person);
  run->finger = -1;
  take_all (run);
  g_assert_cmpuint (run->again.n_buttons, ==, 0);
}

static void
do_event (Run *run, const guint8 *bytes)
{
  const GlbShimWindow window = { .id = 1, .geometry = { 100, 100, 500, 500 } };
  const GlbInputScene scene = { &window, 1, 1, 0, 0 };
  const GlbTraceMoment moment = { run->now_us, 1, &scene };
  GlbShimEvent event = {
    .kind = bytes[0] % 8, .value = bytes[2] & 1, .x = (bytes[3] * 5) % WIDTH * 256, .y = (bytes[4] * 4) % HEIGHT * 256,
  };

  switch (event.kind)
    {
    case 0:
      release (run);
      return;
    case GLB_SHIM_EVENT_BUTTON:
      event.code = BTN_LEFT + bytes[1] % 8;
      break;
    case GLB_SHIM_EVENT_AXIS:
      event.code = bytes[1] & 1;
      event.value = ((int) bytes[2] - 128) * 90;
      break;
    case GLB_SHIM_EVENT_KEY:
      event.code = bytes[1] < 128 ? keys[bytes[1] % G_N_ELEMENTS (keys)] : 1u + (bytes[1] * 2u + bytes[3] % 2u) % 247u;
      break;
    default:
      event.code = bytes[1] % GLB_SHIM_TOUCHES_MAX;
      break;
    }
  note (run, &event);
  glb_trace_gestures_add (run->gestures, &event, &moment);
  take_all (run);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Run run = { .gestures = glb_trace_gestures_new (NULL, 0, 0), .finger = -1 };

  glb_input_state_init (&run.person);
  glb_input_state_init (&run.again);
  for (gsize i = 0; i + EVENT_BYTES <= size; i += EVENT_BYTES)
    {
      /* up to 130 s, and mostly short */
      run.now_us += (gint64) data[i + 5] * data[i + 5] * (data[i + 5] > 200 ? 2000 : 20);
      do_event (&run, data + i);
    }
  glb_trace_gestures_pass (run.gestures, run.now_us);
  take_all (&run);
  release (&run);
  glb_trace_gestures_free (run.gestures);
  return 0;
}
