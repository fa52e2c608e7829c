/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One gesture at most is pending: what came so far of what may become a double
 * click, a longer text, more scrolling. It is told when its time is over, when
 * something comes that is not of it, or when nothing more can be. A press of
 * the left button is pending until its release; where something else comes
 * before that, the press is told by itself and the button is "told" until its
 * release is told too.
 */

#include "input-filter/glb-trace-gestures.h"

#include <linux/input-event-codes.h>
#include <string.h>

#include "input-filter/glb-input-state.h"
#include "input-filter/glb-trace-action.h"
#include "input-filter/glb-trace-path.h"

#define MS G_TIME_SPAN_MILLISECOND

/* Between the presses of a double click, and how far apart: GTK's. */
#define CLICK_US     (400 * MS)
#define NEAR_PIXELS  4
/* Where a pointer rests, something may show. */
#define REST_US      (500 * MS)
#define SCROLL_US    (300 * MS)
#define TEXT_US      (1000 * MS)
#define CHORD_US     (500 * MS)
/* A key that is held this long repeats: Weston's. */
#define REPEAT_US    (400 * MS)
#define HOLD_MAX_US  (100 * G_TIME_SPAN_SECOND)

#define TEXT_BYTES_MAX 4096u
#define WHEEL_CLICK    120
#define SCROLL_MAX     100

typedef enum { PENDING_NONE, PENDING_MOVE, PENDING_PRESS, PENDING_CLICKS, PENDING_SCROLL, PENDING_TEXT, PENDING_CHORDS } Pending;

struct _GlbTraceGestures
{
  const GlbKeyMap *keys;
  GQueue told;               /* GlbTraceGesture */
  GlbInputState state;       /* what is pressed, and where the pointer is */
  GArray *modifiers;         /* guint32: the codes of those that are pressed, in that order */
  gboolean caps;             /* Caps Lock is on */
  int finger;                /* that is the left button, -1: none */
  gboolean left_told;        /* as pressed */

  Pending pending;
  gint64 due_us;             /* of it; G_MAXINT64: none */
  GlbTraceGesture began;     /* without an action */

  /* of pointers */
  guint32 button;
  GlbTracePath path;         /* since the press, or the last that was told of a drag */
  char *held;                /* (nullable): modifiers, as a chord */
  guint n_clicks;
  gint64 pressed_us;
  int at_x, at_y;            /* of clicks and scrolling */
  int scrolled[2];           /* vertical, horizontal, in wheel clicks * 120 */

  /* of keys */
  GString *text;             /* of characters, or of one chord */
  guint n_chords;
  guint32 last_key;          /* that is pressed and of the pending gesture; 0: none */
  char *last_chord;          /* (nullable) */
  gsize last_length;         /* of the text before it */
  guint32 tapped;            /* a modifier with which nothing was done yet; 0: none */
  guint n_composing;         /* keys that belong to a dead one */
};

void
glb_trace_gesture_free (GlbTraceGesture *self)
{
  json_node_unref (self->action);
  g_free (self);
}

/* ---- telling ---------------------------------------------------------------- */

/* Takes action. */
static void
tell (GlbTraceGestures *self,
      JsonNode         *action)
{
  GlbTraceGesture *gesture = g_memdup2 (&self->began, sizeof self->began);

  gesture->action = action;
  g_queue_push_tail (&self->told, gesture);
}

static void
begin (GlbTraceGestures     *self,
       Pending               pending,
       const GlbTraceMoment *moment,
       gboolean              of_keys)
{
  const GlbInputScene *scene = moment->scene;
  const GlbShimWindow *window = of_keys ? glb_input_scene_find (scene, scene->focus)
                                        : glb_input_scene_find_at (scene, self->state.pointer_x, self->state.pointer_y);

  self->pending = pending;
  self->due_us = G_MAXINT64;
  self->began = (GlbTraceGesture) { .began_us = moment->time_us, .frame = moment->frame };
  if (window != NULL)
    self->began.window = *window;
}

static void
tell_clicks (GlbTraceGestures *self)
{
  static const char * const names[] = { "left_click", "double_click", "triple_click" };
  const char *name = self->button == BTN_RIGHT ? "right_click" : self->button == BTN_MIDDLE ? "middle_click" : names[self->n_clicks - 1];

  tell (self, glb_trace_action_new_pointer (name, self->at_x, self->at_y, self->held));
}

/* What was dragged on a button that is told as pressed. */
static void
tell_moves (GlbTraceGestures *self)
{
  GlbTracePoint moves[GLB_TRACE_MOVES_MAX];
  guint n_moves = glb_trace_path_get_moves (&self->path, moves);

  for (guint i = 0; i < n_moves; i++)
    tell (self, glb_trace_action_new_pointer ("mouse_move", moves[i].x, moves[i].y, NULL));
  glb_trace_path_begin (&self->path, self->state.pointer_x, self->state.pointer_y);
}

static void
tell_press (GlbTraceGestures *self)
{
  tell (self, glb_trace_action_new_pointer ("left_mouse_down", self->path.points[0].x, self->path.points[0].y, NULL));
  tell_moves (self);
  self->left_told = TRUE;
}

static void
tell_release (GlbTraceGestures *self)
{
  tell (self, glb_trace_action_new_pointer ("left_mouse_up", self->state.pointer_x, self->state.pointer_y, NULL));
  self->left_told = FALSE;
}

/* A way with corners is one of presses and moves, which no keys can be held for. */
static void
tell_drag (GlbTraceGestures *self)
{
  const GlbTracePoint *first = &self->path.points[0], *last = &self->path.points[self->path.n_points - 1];

  if (self->held == NULL && !glb_trace_path_is_direct (&self->path))
    {
      tell_press (self);
      tell_release (self);
      return;
    }

  tell (self, glb_trace_action_new_drag (first->x, first->y, last->x, last->y, self->held));
}

static void
tell_axis (GlbTraceGestures *self,
           guint             axis,
           gboolean          at_least_one)
{
  static const char * const names[2][2] = { { "up", "down" }, { "left", "right" } };
  gboolean forward = self->scrolled[axis] > 0;
  int clicks = (ABS (self->scrolled[axis]) + WHEEL_CLICK / 2) / WHEEL_CLICK;

  if (clicks == 0 && at_least_one)
    clicks = 1;
  for (; clicks > 0; clicks -= SCROLL_MAX)
    tell (self, glb_trace_action_new_scroll (self->at_x, self->at_y, names[axis][forward], MIN (clicks, SCROLL_MAX), self->held));
}

/* Less than half a click counts where there is no more. */
static void
tell_scroll (GlbTraceGestures *self)
{
  gboolean sideways = ABS (self->scrolled[1]) > ABS (self->scrolled[0]);

  tell_axis (self, 0, !sideways);
  tell_axis (self, 1, sideways);
}

static void
tell_text (GlbTraceGestures *self)
{
  if (self->text->len > 0)
    tell (self, glb_trace_action_new_text ("type", self->text->str));
}

static void
tell_chords (GlbTraceGestures *self)
{
  g_autoptr(GString) chords = g_string_new (NULL);

  for (guint i = 0; i < self->n_chords; i++)
    g_string_append_printf (chords, "%s%s", i > 0 ? " " : "", self->text->str);
  if (chords->len > 0)
    tell (self, glb_trace_action_new_text ("key", chords->str));
}

/* Something else comes, or time is over. */
static void
finish (GlbTraceGestures *self,
        gboolean          timely)
{
  Pending pending = self->pending;

  self->pending = PENDING_NONE;
  self->due_us = G_MAXINT64;
  self->last_key = 0;
  switch (pending)
    {
    case PENDING_MOVE:
      if (self->left_told)
        tell_moves (self);
      else if (timely)
        tell (self, glb_trace_action_new_pointer ("mouse_move", self->state.pointer_x, self->state.pointer_y, NULL));
      break;
    case PENDING_PRESS:
      if (self->n_clicks > 0)
        tell_clicks (self);
      tell_press (self);
      break;
    case PENDING_CLICKS:
      tell_clicks (self);
      break;
    case PENDING_SCROLL:
      tell_scroll (self);
      break;
    case PENDING_TEXT:
      tell_text (self);
      break;
    case PENDING_CHORDS:
      tell_chords (self);
      break;
    case PENDING_NONE:
      break;
    }
}

/* ---- modifiers ----------------------------------------------------------------- */

static GlbModifiers
get_held (GlbTraceGestures *self)
{
  GlbModifiers held = 0;

  for (guint i = 0; i < self->modifiers->len; i++)
    held |= glb_key_map_get_modifiers (self->keys, g_array_index (self->modifiers, guint32, i));
  return held;
}

/* The held modifiers and then key, which 0 is not: (transfer full) (nullable): nothing is held, or a key has no name */
static char *
make_chord (GlbTraceGestures *self,
            guint32           key)
{
  g_autoptr(GString) chord = g_string_new (NULL);
  g_autofree char *name = key != 0 ? glb_key_map_dup_name (self->keys, key) : NULL;

  if (key != 0 && name == NULL)
    return NULL;
  for (guint i = 0; i < MIN (self->modifiers->len, GLB_CHORD_KEYS_MAX - 1); i++)
    {
      g_autofree char *modifier = glb_key_map_dup_name (self->keys, g_array_index (self->modifiers, guint32, i));

      if (modifier != NULL)
        g_string_append_printf (chord, "%s%s", chord->len > 0 ? "+" : "", modifier);
    }
  if (name != NULL)
    g_string_append_printf (chord, "%s%s", chord->len > 0 ? "+" : "", name);
  return chord->len > 0 ? g_string_free (g_steal_pointer (&chord), FALSE) : NULL;
}

static void
set_held (GlbTraceGestures *self)
{
  g_free (self->held);
  self->held = make_chord (self, 0);
}

/* ---- pointers --------------------------------------------------------------------- */

static gboolean
is_near (GlbTraceGestures *self)
{
  return ABS (self->state.pointer_x - self->at_x) <= NEAR_PIXELS && ABS (self->state.pointer_y - self->at_y) <= NEAR_PIXELS;
}

static gboolean
is_pressed (GlbTraceGestures *self,
            guint32           code)
{
  return (self->state.held[code / 8] & 1u << code % 8) != 0;
}

static void
move (GlbTraceGestures     *self,
      int                   x,
      int                   y,
      const GlbTraceMoment *moment)
{
  if (x == self->state.pointer_x && y == self->state.pointer_y)
    return;
  self->state.pointer_x = x;
  self->state.pointer_y = y;

  if (self->pending == PENDING_PRESS)
    {
      glb_trace_path_add (&self->path, x, y);
      return;
    }
  if ((self->pending == PENDING_CLICKS || self->pending == PENDING_SCROLL) && is_near (self))
    return;

  if (self->pending != PENDING_MOVE)
    {
      finish (self, FALSE);
      begin (self, PENDING_MOVE, moment, FALSE);
    }
  if (self->left_told)
    glb_trace_path_add (&self->path, x, y);
  self->due_us = moment->time_us + REST_US;
}

static gboolean
goes_on_clicking (GlbTraceGestures     *self,
                  guint32               button,
                  const GlbTraceMoment *moment)
{
  g_autofree char *held = make_chord (self, 0);

  return self->pending == PENDING_CLICKS && button == BTN_LEFT && moment->time_us - self->pressed_us <= CLICK_US && is_near (self) &&
         g_strcmp0 (held, self->held) == 0;
}

static void
press_button (GlbTraceGestures     *self,
              guint32               button,
              const GlbTraceMoment *moment)
{
  self->tapped = 0;
  if (goes_on_clicking (self, button, moment))
    {
      self->pending = PENDING_PRESS;
      self->due_us = G_MAXINT64;
    }
  else
    {
      finish (self, FALSE);
      begin (self, PENDING_PRESS, moment, FALSE);
      self->button = button;
      self->n_clicks = 0;
      self->at_x = self->state.pointer_x;
      self->at_y = self->state.pointer_y;
      set_held (self);
    }
  self->pressed_us = moment->time_us;
  if (button == BTN_LEFT)
    {
      glb_trace_path_begin (&self->path, self->state.pointer_x, self->state.pointer_y);
      return;
    }

  /* the others only click, and menus come with the press; the path may be that of the left one, which is told as pressed */
  self->n_clicks = 1;
  self->pending = PENDING_CLICKS;
  finish (self, TRUE);
}

static void
release_press (GlbTraceGestures *self,
               gint64            now_us)
{
  if (self->path.reach > NEAR_PIXELS)
    {
      self->pending = PENDING_NONE;
      if (self->n_clicks > 0)
        tell_clicks (self);
      if (self->held == NULL)
        set_held (self);
      tell_drag (self);
      return;
    }

  self->n_clicks++;
  self->pending = PENDING_CLICKS;
  self->due_us = self->pressed_us + CLICK_US;
  if (self->n_clicks == 3 || self->due_us <= now_us)
    finish (self, TRUE);
}

static void
release_button (GlbTraceGestures *self,
                guint32           button,
                gint64            now_us)
{
  if (button != BTN_LEFT)
    return;
  if (self->pending == PENDING_PRESS)
    release_press (self, now_us);
  else if (self->left_told)
    {
      finish (self, FALSE);
      tell_release (self);
    }
}

static void
add_button (GlbTraceGestures     *self,
            guint32               button,
            gboolean              pressed,
            const GlbTraceMoment *moment)
{
  if (button < BTN_LEFT || button > BTN_MIDDLE || !glb_input_state_press (&self->state, button, pressed))
    return;
  if (pressed)
    press_button (self, button, moment);
  else
    release_button (self, button, moment->time_us);
}

static gboolean
goes_on_scrolling (GlbTraceGestures *self,
                   guint             axis,
                   int               value)
{
  g_autofree char *held = make_chord (self, 0);

  return self->pending == PENDING_SCROLL && is_near (self) && g_strcmp0 (held, self->held) == 0 &&
         (self->scrolled[axis] == 0 || (self->scrolled[axis] > 0) == (value > 0)) &&
         ABS (self->scrolled[axis]) < SCROLL_MAX * WHEEL_CLICK;
}

static void
scroll (GlbTraceGestures     *self,
        guint                 axis,
        int                   value,
        const GlbTraceMoment *moment)
{
  if (axis > 1 || value == 0)
    return;
  self->tapped = 0;
  if (!goes_on_scrolling (self, axis, value))
    {
      finish (self, FALSE);
      begin (self, PENDING_SCROLL, moment, FALSE);
      self->scrolled[0] = self->scrolled[1] = 0;
      self->at_x = self->state.pointer_x;
      self->at_y = self->state.pointer_y;
      set_held (self);
    }
  self->scrolled[axis] += value;
  self->due_us = moment->time_us + SCROLL_US;
}

/* The first finger is the left button where it is. */
static void
touch (GlbTraceGestures     *self,
       const GlbShimEvent   *event,
       const GlbTraceMoment *moment)
{
  gboolean down = event->kind == GLB_SHIM_EVENT_TOUCH_DOWN;

  if (down ? self->finger >= 0 || is_pressed (self, BTN_LEFT) : self->finger != (int) event->code)
    return;

  if (event->kind != GLB_SHIM_EVENT_TOUCH_UP)
    move (self, event->x / 256, event->y / 256, moment);
  if (event->kind == GLB_SHIM_EVENT_TOUCH_MOTION)
    return;
  self->finger = down ? (int) event->code : -1;
  add_button (self, BTN_LEFT, down, moment);
}

/* ---- keys --------------------------------------------------------------------------- */

/* What it types now; 0: it is a key of a chord. */
static gunichar
get_character (GlbTraceGestures *self,
               guint32           code)
{
  GlbModifiers held = get_held (self);
  gunichar character = glb_key_map_get_character (self->keys, code, held);

  if ((held & (GLB_MODIFIER_CTRL | GLB_MODIFIER_ALT | GLB_MODIFIER_SUPER)) != 0 || character < 0x20 || self->n_composing > 0)
    return 0;
  if (!self->caps)
    return character;
  return g_unichar_isupper (character) ? g_unichar_tolower (character) : g_unichar_toupper (character);
}

static void
add_character (GlbTraceGestures     *self,
               gunichar              character,
               const GlbTraceMoment *moment)
{
  if (self->pending != PENDING_TEXT || self->text->len > TEXT_BYTES_MAX)
    {
      finish (self, FALSE);
      begin (self, PENDING_TEXT, moment, TRUE);
      g_string_truncate (self->text, 0);
    }
  self->last_length = self->text->len;
  g_string_append_unichar (self->text, character);
}

static void
add_chord (GlbTraceGestures     *self,
           const char           *chord,
           const GlbTraceMoment *moment)
{
  if (self->pending != PENDING_CHORDS || !g_str_equal (self->text->str, chord) || self->n_chords == GLB_CHORDS_MAX ||
      (strlen (chord) + 1) * (self->n_chords + 1) > GLB_CHORD_BYTES_MAX)
    {
      finish (self, FALSE);
      begin (self, PENDING_CHORDS, moment, TRUE);
      g_string_assign (self->text, chord);
      self->n_chords = 0;
    }
  self->n_chords++;
}

/* A dead key changes the next one, the Compose key the next two: text would not be changed by it. */
static void
note_composing (GlbTraceGestures *self,
                const char       *chord)
{
  if (self->n_composing > 0)
    self->n_composing--;
  else if (strstr (chord, "dead_") != NULL)
    self->n_composing = 1;
  else if (strstr (chord, "Multi_key") != NULL)
    self->n_composing = 2;
}

static void
press_key (GlbTraceGestures     *self,
           guint32               code,
           const GlbTraceMoment *moment)
{
  g_autofree char *chord = make_chord (self, code);
  gunichar character = get_character (self, code);

  if (character == 0 && chord == NULL)
    {
      finish (self, FALSE);
      return;
    }

  if (character != 0)
    add_character (self, character, moment);
  else
    {
      add_chord (self, chord, moment);
      note_composing (self, chord);
    }
  g_free (self->last_chord);
  self->last_chord = g_steal_pointer (&chord);
  self->last_key = code;
  self->pressed_us = moment->time_us;
  /* while it is held it repeats */
  self->due_us = moment->time_us + HOLD_MAX_US;
}

/* It was held so long that it repeated: that is no text, nor a chord. */
static void
tell_hold (GlbTraceGestures *self,
           gint64            duration_us)
{
  g_autofree char *chord = g_steal_pointer (&self->last_chord);

  if (self->pending == PENDING_TEXT)
    g_string_truncate (self->text, self->last_length);
  else
    self->n_chords--;
  finish (self, TRUE);
  self->began.began_us = self->pressed_us;
  tell (self, glb_trace_action_new_hold (chord, MIN (duration_us, HOLD_MAX_US)));
}

static void
release_key (GlbTraceGestures *self,
             guint32           code,
             gint64            now_us)
{
  gint64 duration_us = now_us - self->pressed_us;

  if (code != self->last_key)
    return;

  self->last_key = 0;
  if (duration_us >= REPEAT_US && self->last_chord != NULL)
    tell_hold (self, duration_us);
  else
    {
      self->due_us = self->pressed_us + (self->pending == PENDING_TEXT ? TEXT_US : CHORD_US);
      if (self->due_us <= now_us)
        finish (self, TRUE);
    }
}

static void
press_lock (GlbTraceGestures     *self,
            guint32               code,
            const GlbTraceMoment *moment)
{
  press_key (self, code, moment);
  if (self->pending == PENDING_CHORDS && g_str_has_suffix (self->text->str, "Caps_Lock"))
    self->caps = !self->caps;
  /* it does not repeat */
  finish (self, TRUE);
}

/* Alone, these do something of their own in many programs. */
static gboolean
is_tapped (GlbTraceGestures *self,
           guint32           code)
{
  return code == self->tapped && (glb_key_map_get_modifiers (self->keys, code) & (GLB_MODIFIER_ALT | GLB_MODIFIER_SUPER)) != 0;
}

static void
add_modifier (GlbTraceGestures     *self,
              guint32               code,
              gboolean              pressed,
              const GlbTraceMoment *moment)
{
  gboolean tapped = !pressed && is_tapped (self, code);

  self->tapped = pressed ? code : 0;
  if (pressed)
    g_array_append_val (self->modifiers, code);
  for (guint i = 0; !pressed && i < self->modifiers->len; i++)
    if (g_array_index (self->modifiers, guint32, i) == code)
      g_array_remove_index (self->modifiers, i--);
  if (tapped)
    press_lock (self, code, moment);
}

static void
add_key (GlbTraceGestures     *self,
         guint32               code,
         gboolean              pressed,
         const GlbTraceMoment *moment)
{
  if (code >= BTN_MISC || !glb_input_state_press (&self->state, code, pressed))
    return;

  if (glb_key_map_get_modifiers (self->keys, code) != 0)
    {
      add_modifier (self, code, pressed, moment);
      return;
    }

  self->tapped = 0;
  if (!pressed)
    release_key (self, code, moment->time_us);
  else if (glb_key_map_is_modifier (self->keys, code))
    press_lock (self, code, moment);
  else
    press_key (self, code, moment);
}

/* ---- the whole ------------------------------------------------------------------------ */

GlbTraceGestures *
glb_trace_gestures_new (const GlbKeyMap *keys,
                        int              x,
                        int              y)
{
  GlbTraceGestures *self = g_new0 (GlbTraceGestures, 1);

  self->keys = keys;
  g_queue_init (&self->told);
  glb_input_state_init (&self->state);
  self->state.pointer_x = x;
  self->state.pointer_y = y;
  self->modifiers = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->text = g_string_new (NULL);
  self->finger = -1;
  self->due_us = G_MAXINT64;
  return self;
}

void
glb_trace_gestures_free (GlbTraceGestures *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->told, (GDestroyNotify) glb_trace_gesture_free);
  g_array_unref (self->modifiers);
  g_string_free (self->text, TRUE);
  g_free (self->held);
  g_free (self->last_chord);
  g_free (self);
}

void
glb_trace_gestures_pass (GlbTraceGestures *self,
                         gint64            now_us)
{
  if (now_us < self->due_us)
    return;
  if (self->last_key != 0 && self->last_chord != NULL)
    tell_hold (self, now_us - self->pressed_us);
  else
    finish (self, TRUE);
}

gint64
glb_trace_gestures_get_due (const GlbTraceGestures *self)
{
  return self->due_us;
}

void
glb_trace_gestures_add (GlbTraceGestures     *self,
                        const GlbShimEvent   *event,
                        const GlbTraceMoment *moment)
{
  glb_trace_gestures_pass (self, moment->time_us);
  switch ((GlbShimEventKind) event->kind)
    {
    case GLB_SHIM_EVENT_MOTION:
      move (self, event->x / 256, event->y / 256, moment);
      break;
    case GLB_SHIM_EVENT_BUTTON:
      add_button (self, event->code, event->value != 0, moment);
      break;
    case GLB_SHIM_EVENT_AXIS:
      scroll (self, event->code, event->value, moment);
      break;
    case GLB_SHIM_EVENT_KEY:
      add_key (self, event->code, event->value != 0, moment);
      break;
    case GLB_SHIM_EVENT_TOUCH_DOWN:
    case GLB_SHIM_EVENT_TOUCH_MOTION:
    case GLB_SHIM_EVENT_TOUCH_UP:
      touch (self, event, moment);
      break;
    }
}

void
glb_trace_gestures_release (GlbTraceGestures *self,
                            gint64            now_us)
{
  glb_trace_gestures_pass (self, now_us);
  if (self->last_key != 0)
    release_key (self, self->last_key, now_us);
  release_button (self, BTN_LEFT, now_us);
  finish (self, FALSE);
  glb_input_state_release (&self->state);
  g_array_set_size (self->modifiers, 0);
  self->finger = -1;
  self->tapped = 0;
  self->n_composing = 0;
}

GlbTraceGesture *
glb_trace_gestures_take (GlbTraceGestures *self)
{
  return g_queue_pop_head (&self->told);
}
