/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-seat.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <xkbcommon/xkbcommon.h>

#include "compositor-shim/glb-keymap-trim.h"
#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-shim-keymap.h"
#include "compositor-shim/glb-weston-compat.h"

#define N_CODES (KEY_MAX + 1)

/* What a wheel click is in the units of wl_pointer.axis. */
#define AXIS_STEP 10.0

struct GlbSeat
{
  struct weston_seat base;
  struct weston_compositor *compositor;
  struct xkb_keymap *keymap;
  uint8_t pressed[N_CODES / 8];   /* keys and buttons share one number space */
  uint32_t n_keys_down;
  struct weston_touch_device *touch;   /* NULL: no touch screen */
  uint32_t fingers;                    /* that are down, a bit each */
  GlbSeatClicked clicked;
  GlbSeatTouched touched;
  void *clicked_data;
};

static struct timespec
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time;
}

static bool
is_button (uint32_t code)
{
  return code >= BTN_MOUSE && code < BTN_JOYSTICK;
}

/* Key codes from BTN_MISC to KEY_OK are buttons of other devices. */
static bool
is_key (uint32_t code)
{
  return code > KEY_RESERVED && code < BTN_MISC;
}

/* Records the change; false if it is none. */
static bool
mark (GlbSeat  *seat,
      uint32_t  code,
      bool      pressed)
{
  uint8_t bit = (uint8_t) (1u << code % 8);

  if (!!(seat->pressed[code / 8] & bit) == pressed)
    return false;
  seat->pressed[code / 8] ^= bit;
  return true;
}

static void
button (GlbSeat  *seat,
        uint32_t  code,
        bool      pressed)
{
  struct timespec time = now ();

  if (!mark (seat, code, pressed))
    return;
  if (pressed && seat->clicked != NULL)
    seat->clicked (glb_seat_get_pointer (seat), seat->clicked_data);
  notify_button (&seat->base, &time, (int32_t) code,
                 pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
  notify_pointer_frame (&seat->base);
}

static void
motion (GlbSeat *seat,
        int32_t  x,
        int32_t  y)
{
  struct timespec time = now ();

  glb_compat_notify_motion_absolute (&seat->base, &time, x / 256.0, y / 256.0);
  notify_pointer_frame (&seat->base);
}

static void
axis (GlbSeat  *seat,
      uint32_t  direction,
      int32_t   value)
{
  struct timespec time = now ();
  struct weston_pointer_axis_event event = {
    .axis = direction == 0 ? WL_POINTER_AXIS_VERTICAL_SCROLL : WL_POINTER_AXIS_HORIZONTAL_SCROLL,
    .value = value * AXIS_STEP / 120.0,
    .has_discrete = value % 120 == 0,
    .discrete = value / 120,
  };

  notify_axis_source (&seat->base, WL_POINTER_AXIS_SOURCE_WHEEL);
  notify_axis (&seat->base, &time, &event);
  notify_pointer_frame (&seat->base);
}

/* Where the first finger is down is what is touched; which window that is, is known only then. */
static void
finger (GlbSeat            *seat,
        const GlbShimEvent *event)
{
  struct timespec time = now ();
  uint32_t bit = 1u << event->code;
  bool first = seat->fingers == 0;
  int type = event->kind == GLB_SHIM_EVENT_TOUCH_DOWN ? WL_TOUCH_DOWN :
             event->kind == GLB_SHIM_EVENT_TOUCH_UP ? WL_TOUCH_UP : WL_TOUCH_MOTION;

  if (!!(seat->fingers & bit) == (type == WL_TOUCH_DOWN))
    return;
  if (type != WL_TOUCH_MOTION)
    seat->fingers ^= bit;
  glb_compat_notify_touch (seat->touch, &time, (int) event->code, event->x / 256.0, event->y / 256.0, type);
  notify_touch_frame (seat->touch);
  if (type == WL_TOUCH_DOWN && first && seat->touched != NULL)
    seat->touched (weston_seat_get_touch (&seat->base), seat->clicked_data);
}

static bool
event_is_valid (const GlbSeat      *seat,
                const GlbShimEvent *event)
{
  switch (event->kind)
    {
    case GLB_SHIM_EVENT_TOUCH_DOWN:
    case GLB_SHIM_EVENT_TOUCH_MOTION:
    case GLB_SHIM_EVENT_TOUCH_UP:
      return seat->touch != NULL && event->code < GLB_SHIM_TOUCHES_MAX;
    case GLB_SHIM_EVENT_MOTION:
      return true;
    case GLB_SHIM_EVENT_BUTTON:
      return is_button (event->code) && (event->value == 0 || event->value == 1);
    case GLB_SHIM_EVENT_KEY:
      return is_key (event->code) && (event->value == 0 || event->value == 1);
    case GLB_SHIM_EVENT_AXIS:
      return event->code <= 1 && event->value > -120 * 1000 && event->value < 120 * 1000;
    default:
      return false;
    }
}

static void
apply_one (GlbSeat            *seat,
           const GlbShimEvent *event)
{
  switch (event->kind)
    {
    case GLB_SHIM_EVENT_MOTION:
      motion (seat, event->x, event->y);
      break;
    case GLB_SHIM_EVENT_BUTTON:
      button (seat, event->code, event->value);
      break;
    case GLB_SHIM_EVENT_AXIS:
      axis (seat, event->code, event->value);
      break;
    case GLB_SHIM_EVENT_KEY:
      glb_seat_key (seat, event->code, event->value);
      break;
    case GLB_SHIM_EVENT_TOUCH_DOWN:
    case GLB_SHIM_EVENT_TOUCH_MOTION:
    case GLB_SHIM_EVENT_TOUCH_UP:
      finger (seat, event);
      break;
    default:
      break;
    }
}

/*
 * Weston puts a clipboard manager of its own into each seat, which reads the
 * first type of whatever a client copies.  Here nobody reads a selection whom
 * the client did not give it to, or the broker asked for.  It is the one that
 * listens before anybody else has seen the seat; it unlinks itself once more
 * when the seat ends.
 */
static void
drop_clipboard_manager (struct weston_seat *seat)
{
  struct wl_list *listeners = &seat->selection_signal.listener_list;

  while (!wl_list_empty (listeners))
    {
      struct wl_list *link = listeners->next;

      wl_list_remove (link);
      wl_list_init (link);
    }
}

/* Of the layout that the broker checked and named, or of "us". */
static struct xkb_keymap *
compile_keymap (struct weston_compositor *compositor)
{
  const char *layout = getenv (GLB_SHIM_LAYOUT_VARIABLE);
  char text[4096];
  int n = layout != NULL ? snprintf (text, sizeof text, GLB_SHIM_KEYMAP_FORMAT, layout) : 0;
  struct xkb_keymap *keymap, *trimmed;

  if (n < 0 || (size_t) n >= sizeof text)
    return NULL;

  keymap = xkb_keymap_new_from_string (compositor->xkb_context, layout != NULL ? text : GLB_SHIM_KEYMAP, XKB_KEYMAP_FORMAT_TEXT_V1,
                                       XKB_KEYMAP_COMPILE_NO_FLAGS);
  trimmed = keymap != NULL ? glb_keymap_trim (compositor->xkb_context, keymap) : NULL;
  xkb_keymap_unref (keymap);
  return trimmed;
}

/* Only where the broker says so: else there is no such thing that a program could find. */
static bool
init_touch (GlbSeat *seat)
{
  if (getenv (GLB_SHIM_TOUCH_VARIABLE) == NULL)
    return true;
  if (weston_seat_init_touch (&seat->base) < 0)
    return false;
  seat->touch = weston_touch_create_touch_device (weston_seat_get_touch (&seat->base), "glovebox", NULL, NULL);
  return seat->touch != NULL;
}

GlbSeat *
glb_seat_new (struct weston_compositor *compositor)
{
  GlbSeat *seat = glb_new0 (GlbSeat);

  seat->compositor = compositor;
  seat->keymap = compile_keymap (compositor);
  weston_seat_init (&seat->base, compositor, "seat0");
  drop_clipboard_manager (&seat->base);
  if (seat->keymap == NULL || weston_seat_init_keyboard (&seat->base, seat->keymap) < 0 ||
      weston_seat_init_pointer (&seat->base) < 0 || !init_touch (seat))
    {
      weston_log ("glovebox: can't make the seat: is xkb-data installed?\n");
      exit (EXIT_FAILURE);
    }
  return seat;
}

void
glb_seat_free (GlbSeat *seat)
{
  if (seat->touch != NULL)
    weston_touch_device_destroy (seat->touch);
  weston_seat_release (&seat->base);
  xkb_keymap_unref (seat->keymap);
  free (seat);
}

bool
glb_seat_apply (GlbSeat            *seat,
                const GlbShimEvent *events,
                uint32_t            n_events)
{
  for (uint32_t i = 0; i < n_events; i++)
    if (!event_is_valid (seat, &events[i]))
      return false;
  for (uint32_t i = 0; i < n_events; i++)
    apply_one (seat, &events[i]);
  return true;
}

void
glb_seat_key (GlbSeat  *seat,
              uint32_t  code,
              bool      pressed)
{
  struct timespec time = now ();

  if (!mark (seat, code, pressed))
    return;
  if (pressed)
    seat->n_keys_down++;
  else
    seat->n_keys_down--;
  notify_key (&seat->base, &time, code, pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED,
              STATE_UPDATE_AUTOMATIC);
}

void
glb_seat_release_all (GlbSeat *seat)
{
  for (uint32_t id = 0; id < GLB_SHIM_TOUCHES_MAX; id++)
    if (seat->fingers & 1u << id)
      finger (seat, &(GlbShimEvent) { .kind = GLB_SHIM_EVENT_TOUCH_UP, .code = id });
  for (uint32_t code = 0; code < N_CODES; code++)
    {
      if (!(seat->pressed[code / 8] & 1u << code % 8))
        continue;
      if (is_button (code))
        button (seat, code, false);
      else
        glb_seat_key (seat, code, false);
    }
}

void
glb_seat_set_clicked (GlbSeat        *seat,
                      GlbSeatClicked  clicked,
                      GlbSeatTouched  touched,
                      void           *data)
{
  seat->clicked = clicked;
  seat->touched = touched;
  seat->clicked_data = data;
}

bool
glb_seat_has_key_down (GlbSeat *seat)
{
  return seat->n_keys_down > 0;
}

struct weston_seat *
glb_seat_get_weston_seat (GlbSeat *seat)
{
  return &seat->base;
}

struct weston_pointer *
glb_seat_get_pointer (GlbSeat *seat)
{
  return weston_seat_get_pointer (&seat->base);
}

struct weston_keyboard *
glb_seat_get_keyboard (GlbSeat *seat)
{
  return weston_seat_get_keyboard (&seat->base);
}

struct xkb_keymap *
glb_seat_get_keymap (GlbSeat *seat)
{
  return seat->keymap;
}
