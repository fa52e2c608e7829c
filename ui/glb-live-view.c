/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-live-view.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include <gio/gunixfdlist.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "ui/glb-sight.h"
#include "ui/glb-tiles.h"

/**
 * GlbLiveView:
 *
 * The screen of one session, live and scaled to fit, never larger than it is.
 * Watches only while somebody sees it, so a hidden view costs the session nothing.
 *
 * Input of the person reaches the session only between
 * [method@LiveView.begin_driving] and [method@LiveView.end_driving]. The first
 * click or key before that asks for the lease ([signal@LiveView::touched]); it
 * and what follows wait for the answer, and reach the session in order or not
 * at all. The broker checks again: it takes input from the holder of the lease
 * only.
 */
struct _GlbLiveView
{
  GtkWidget parent_instance;

  GlbDBusSession1 *session;
  GlbFrameStream *stream;
  GlbTiles *tiles;
  GlbSight *sight;
  GCancellable *cancellable;
  guint again_id;               /* watches once more */

  gboolean driving;
  gboolean touchable;           /* a touch asks for the lease */
  GdkEventSequence *fingers[GLB_SHIM_TOUCHES_MAX];   /* that are down, only compared */
  GArray *waiting;              /* (nullable): GlbShimEvent; the lease was asked for */
  guint64 epoch;
  GHashTable *modifiers;        /* evdev code; down in the view before the takeover */
  GHashTable *keys_down;        /* evdev code */
  GHashTable *buttons_down;     /* evdev code */
  double scroll_x;              /* wheel clicks not sent yet */
  double scroll_y;
};

G_DEFINE_FINAL_TYPE (GlbLiveView, glb_live_view, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_TOUCHED,
  SIGNAL_HAND_BACK,
  SIGNAL_FIRST_FRAME,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* X and GDK hardware keycodes are evdev codes plus this. */
#define EVDEV_OFFSET 8

/* Until the next try, after a stream was lost: no busy loop, and no wait that a person sees. */
#define AGAIN_MS 100

/* Of a moment of the timeline. */
#define PICTURE_WIDTH 320

/* What a person does while the broker records the takeover: far more than they can. */
#define WAITING_MAX 512

/* ---- where the screen is in the widget ----------------------------------- */

typedef struct
{
  double scale;
  double x, y;
} Placement;

static Placement
get_placement (GlbLiveView *self)
{
  Placement placement = { 1.0, 0.0, 0.0 };
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double screen_width = glb_tiles_get_width (self->tiles);
  double screen_height = glb_tiles_get_height (self->tiles);

  placement.scale = MIN (1.0, MIN (width / screen_width, height / screen_height));
  placement.x = floor ((width - screen_width * placement.scale) / 2);
  placement.y = floor ((height - screen_height * placement.scale) / 2);

  return placement;
}

/* ---- frames --------------------------------------------------------------- */

static void stop_watching (GlbLiveView *self);

static void
on_frame (GlbFrameStream *stream,
          GlbLiveView    *self)
{
  const GlbFrame *frame = glb_frame_stream_peek (stream);
  gboolean first = self->tiles == NULL;
  guint n_changed;

  if (frame == NULL)
    return;

  if (self->tiles != NULL &&
      (glb_tiles_get_width (self->tiles) != frame->width || glb_tiles_get_height (self->tiles) != frame->height))
    g_clear_pointer (&self->tiles, glb_tiles_free);

  if (self->tiles == NULL)
    {
      self->tiles = glb_tiles_new (frame->width, frame->height);
      gtk_widget_queue_resize (GTK_WIDGET (self));
    }

  n_changed = glb_tiles_update (self->tiles, frame);
  glb_frame_stream_release (stream);
  if (n_changed > 0 && !glb_sight_draw (self->sight))
    stop_watching (self);

  if (first)
    g_signal_emit (self, signals[SIGNAL_FIRST_FRAME], 0);
}

static void start_watching (GlbLiveView *self);

static gboolean
on_again (gpointer user_data)
{
  GlbLiveView *self = user_data;

  self->again_id = 0;
  g_clear_object (&self->cancellable);
  start_watching (self);

  return G_SOURCE_REMOVE;
}

static void
on_stream_closed (GlbFrameStream *stream,
                  GlbLiveView    *self)
{
  const char *state = glb_dbus_session1_get_state (self->session);

  /* Where the session has ended, or the broker has, the last picture stays. Otherwise this machine was too busy to give a frame
   * back in time, and the next stream begins with all of the screen. */
  g_clear_object (&self->stream);
  if (g_strcmp0 (state, "ended") != 0 && g_strcmp0 (state, "stopping") != 0 && self->again_id == 0)
    self->again_id = g_timeout_add (AGAIN_MS, on_again, self);
}

static void
watch_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbLiveView) self = user_data;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) handle = NULL;
  g_autoptr(GError) error = NULL;
  int fd;

  if (!glb_dbus_session1_call_watch_finish (GLB_DBUS_SESSION1 (object), &handle, &fds, result, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_warning ("Can't watch the session: %s", error->message);
      return;
    }

  if (fds == NULL || (fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), &error)) < 0)
    return;

  g_clear_object (&self->stream);
  self->stream = glb_frame_stream_new (fd, &error);
  if (self->stream == NULL)
    {
      g_warning ("Can't read frames: %s", error->message);
      return;
    }
  g_signal_connect_object (self->stream, "frame", G_CALLBACK (on_frame), self, 0);
  g_signal_connect_object (self->stream, "closed", G_CALLBACK (on_stream_closed), self, 0);
}

static void
start_watching (GlbLiveView *self)
{
  g_auto(GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (self->session == NULL || self->cancellable != NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  self->cancellable = g_cancellable_new ();
  glb_dbus_session1_call_watch (self->session, g_variant_builder_end (&options), NULL,
                                self->cancellable, watch_cb, g_object_ref (self));
}

/* The window was hidden, and is seen again. */
static void
on_shown (GtkWidget *widget)
{
  start_watching (GLB_LIVE_VIEW (widget));
}

static void
stop_watching (GlbLiveView *self)
{
  g_clear_handle_id (&self->again_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->stream);
}

/* ---- input ---------------------------------------------------------------- */

/* Whether input is the session's: now, or as soon as the lease is there. */
static gboolean
takes_input (GlbLiveView *self)
{
  return self->driving || self->waiting != NULL;
}

static void
send_now (GlbLiveView        *self,
          const GlbShimEvent *event)
{
  GVariant *events = g_variant_new_parsed ("[(%u, %u, %i, %i, %i)]",
                                           event->kind, event->code, event->value, event->x, event->y);

  glb_dbus_session1_call_input (self->session, self->epoch, events, NULL, NULL, NULL);
}

/* Only the last of many motions matters. A release is never dropped: its press waits, or is not known here. */
static void
wait_for_lease (GlbLiveView        *self,
                const GlbShimEvent *event)
{
  gboolean release = ((event->kind == GLB_SHIM_EVENT_KEY || event->kind == GLB_SHIM_EVENT_BUTTON) && event->value == 0) ||
                     event->kind == GLB_SHIM_EVENT_TOUCH_UP;
  GlbShimEvent *last = NULL;

  if (self->waiting->len > 0)
    last = &g_array_index (self->waiting, GlbShimEvent, self->waiting->len - 1);
  if (last != NULL && last->kind == GLB_SHIM_EVENT_MOTION && event->kind == GLB_SHIM_EVENT_MOTION)
    *last = *event;
  else if (self->waiting->len < WAITING_MAX || release)
    g_array_append_vals (self->waiting, event, 1);
}

static void
send_event (GlbLiveView *self,
            guint        kind,
            guint        code,
            int          value,
            int          x,
            int          y)
{
  const GlbShimEvent event = { .kind = kind, .code = code, .value = value, .x = x, .y = y };

  if (self->driving)
    send_now (self, &event);
  else if (self->waiting != NULL)
    wait_for_lease (self, &event);
}

/* kind: one that has a place. */
static void
send_at (GlbLiveView *self,
         guint        kind,
         guint        code,
         double       x,
         double       y)
{
  Placement placement;
  double screen_x, screen_y;

  if (self->tiles == NULL)
    return;

  placement = get_placement (self);
  screen_x = CLAMP ((x - placement.x) / placement.scale, 0, glb_tiles_get_width (self->tiles) - 1);
  screen_y = CLAMP ((y - placement.y) / placement.scale, 0, glb_tiles_get_height (self->tiles) - 1);
  send_event (self, kind, code, 0, (int) (screen_x * 256), (int) (screen_y * 256));
}

static void
send_motion (GlbLiveView *self,
             double       x,
             double       y)
{
  send_at (self, GLB_SHIM_EVENT_MOTION, 0, x, y);
}

static void
send_finger (GlbLiveView  *self,
             GdkEvent     *event,
             double        x,
             double        y)
{
  GdkEventSequence *sequence = gdk_event_get_event_sequence (event);
  GdkEventType type = gdk_event_get_event_type (event);
  GdkEventSequence *wanted = type == GDK_TOUCH_BEGIN ? NULL : sequence;
  guint id = 0;

  while (id < GLB_SHIM_TOUCHES_MAX && self->fingers[id] != wanted)
    id++;
  /* an eleventh, or one that was there before the takeover */
  if (id == GLB_SHIM_TOUCHES_MAX)
    return;

  self->fingers[id] = type == GDK_TOUCH_BEGIN || type == GDK_TOUCH_UPDATE ? sequence : NULL;
  send_at (self, type == GDK_TOUCH_BEGIN ? GLB_SHIM_EVENT_TOUCH_DOWN :
                 type == GDK_TOUCH_UPDATE ? GLB_SHIM_EVENT_TOUCH_MOTION : GLB_SHIM_EVENT_TOUCH_UP, id, x, y);
}

static guint
button_to_evdev (guint button)
{
  /* BTN_LEFT, BTN_RIGHT, BTN_MIDDLE, BTN_SIDE, BTN_EXTRA */
  switch (button)
    {
    case GDK_BUTTON_PRIMARY:   return 0x110;
    case GDK_BUTTON_SECONDARY: return 0x111;
    case GDK_BUTTON_MIDDLE:    return 0x112;
    case 8:                    return 0x113;
    case 9:                    return 0x114;
    default:                   return 0;
    }
}

static void
send_pressed (GlbLiveView *self,
              guint        kind,
              GHashTable  *down,
              guint        code,
              gboolean     pressed)
{
  if (code == 0 || (pressed && self->waiting != NULL && self->waiting->len >= WAITING_MAX))
    return;

  /* A release whose press came before the takeover, and a key's autorepeat, are not the session's. */
  if (pressed ? !g_hash_table_add (down, GUINT_TO_POINTER (code)) : !g_hash_table_remove (down, GUINT_TO_POINTER (code)))
    return;

  send_event (self, kind, code, pressed, 0, 0);
}

static void
release_all (GlbLiveView *self)
{
  GHashTableIter iter;
  gpointer code;

  g_hash_table_iter_init (&iter, self->keys_down);
  while (g_hash_table_iter_next (&iter, &code, NULL))
    send_event (self, GLB_SHIM_EVENT_KEY, GPOINTER_TO_UINT (code), 0, 0, 0);
  g_hash_table_remove_all (self->keys_down);

  g_hash_table_iter_init (&iter, self->buttons_down);
  while (g_hash_table_iter_next (&iter, &code, NULL))
    send_event (self, GLB_SHIM_EVENT_BUTTON, GPOINTER_TO_UINT (code), 0, 0, 0);
  g_hash_table_remove_all (self->buttons_down);

  for (guint id = 0; id < GLB_SHIM_TOUCHES_MAX; id++)
    if (self->fingers[id] != NULL)
      send_event (self, GLB_SHIM_EVENT_TOUCH_UP, id, 0, 0, 0);
  memset (self->fingers, 0, sizeof self->fingers);
}

/* The first click, touch or key asks for the lease. FALSE: not now. */
static gboolean
touch (GlbLiveView *self)
{
  if (takes_input (self))
    return TRUE;
  if (!self->touchable || self->session == NULL || self->tiles == NULL)
    return FALSE;

  self->waiting = g_array_new (FALSE, FALSE, sizeof (GlbShimEvent));
  g_signal_emit (self, signals[SIGNAL_TOUCHED], 0);

  return takes_input (self);
}

/* The session has let go of it, or never had it. */
static void
forget_input (GlbLiveView *self)
{
  self->driving = FALSE;
  g_clear_pointer (&self->waiting, g_array_unref);
  g_hash_table_remove_all (self->keys_down);
  g_hash_table_remove_all (self->buttons_down);
  memset (self->fingers, 0, sizeof self->fingers);
}

static gboolean
is_finger (GlbLiveView  *self,
           GdkEventType  type)
{
  return (type == GDK_TOUCH_BEGIN || type == GDK_TOUCH_UPDATE || type == GDK_TOUCH_END || type == GDK_TOUCH_CANCEL) &&
         self->session != NULL && glb_dbus_session1_get_touch (self->session);
}

static gboolean
on_event (GtkEventControllerLegacy *controller,
          GdkEvent                 *event,
          GlbLiveView              *self)
{
  GdkEventType type = gdk_event_get_event_type (event);
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  double x, y, surface_x, surface_y;
  graphene_point_t point;

  if (!gdk_event_get_position (event, &x, &y))
    return GDK_EVENT_PROPAGATE;
  if (!takes_input (self) &&
      !((type == GDK_BUTTON_PRESS || (type == GDK_TOUCH_BEGIN && is_finger (self, type))) && touch (self)))
    return GDK_EVENT_PROPAGATE;

  gtk_native_get_surface_transform (native, &surface_x, &surface_y);
  point = GRAPHENE_POINT_INIT (x - surface_x, y - surface_y);
  if (!gtk_widget_compute_point (GTK_WIDGET (native), GTK_WIDGET (self), &point, &point))
    return GDK_EVENT_PROPAGATE;
  x = point.x;
  y = point.y;

  if (is_finger (self, type))
    {
      gtk_widget_grab_focus (GTK_WIDGET (self));
      send_finger (self, event, x, y);
      return GDK_EVENT_STOP;
    }

  switch (type)
    {
    case GDK_MOTION_NOTIFY:
      send_motion (self, x, y);
      return GDK_EVENT_STOP;

    case GDK_BUTTON_PRESS:
    case GDK_BUTTON_RELEASE:
      gtk_widget_grab_focus (GTK_WIDGET (self));
      send_motion (self, x, y);
      send_pressed (self, GLB_SHIM_EVENT_BUTTON, self->buttons_down,
                    button_to_evdev (gdk_button_event_get_button (event)), type == GDK_BUTTON_PRESS);
      return GDK_EVENT_STOP;

    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
send_wheel (GlbLiveView *self,
            guint        axis,
            double      *pending,
            double       delta)
{
  int clicks;

  *pending += delta;
  clicks = (int) *pending;
  if (clicks == 0)
    return;

  *pending -= clicks;
  send_event (self, GLB_SHIM_EVENT_AXIS, axis, clicks * 120, 0, 0);
}

static gboolean
on_scroll (GtkEventControllerScroll *controller,
           double                    dx,
           double                    dy,
           GlbLiveView              *self)
{
  if (!takes_input (self))
    return GDK_EVENT_PROPAGATE;

  send_wheel (self, 0, &self->scroll_y, dy);
  send_wheel (self, 1, &self->scroll_x, dx);

  return GDK_EVENT_STOP;
}

static gboolean
is_modifier (guint keyval)
{
  return (keyval >= GDK_KEY_Shift_L && keyval <= GDK_KEY_Hyper_R) || keyval == GDK_KEY_ISO_Level3_Shift ||
         keyval == GDK_KEY_ISO_Level5_Shift || keyval == GDK_KEY_Mode_switch || keyval == GDK_KEY_Num_Lock;
}

/*
 * Keys that move about in the window, and mnemonics, do not take over, or nobody could get past the view without a
 * mouse.
 */
static gboolean
is_touch (guint           keyval,
          GdkModifierType state)
{
  if ((state & GDK_ALT_MASK) != 0)
    return FALSE;

  switch (keyval)
    {
    case GDK_KEY_Tab:
    case GDK_KEY_ISO_Left_Tab:
    case GDK_KEY_KP_Tab:
    case GDK_KEY_F10:
      return FALSE;
    case GDK_KEY_F12:
      return (state & GDK_SHIFT_MASK) == 0;
    default:
      return !is_modifier (keyval);
    }
}

/* Modifiers were pressed before the key that took over. */
static void
send_modifiers (GlbLiveView *self)
{
  GHashTableIter iter;
  gpointer code;

  g_hash_table_iter_init (&iter, self->modifiers);
  while (g_hash_table_iter_next (&iter, &code, NULL))
    send_pressed (self, GLB_SHIM_EVENT_KEY, self->keys_down, GPOINTER_TO_UINT (code), TRUE);
}

static gboolean
on_key_pressed (GtkEventControllerKey *controller,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                GlbLiveView           *self)
{
  if (keycode <= EVDEV_OFFSET)
    return takes_input (self);

  if (!takes_input (self))
    {
      if (is_modifier (keyval))
        g_hash_table_add (self->modifiers, GUINT_TO_POINTER (keycode - EVDEV_OFFSET));
      if (!is_touch (keyval, state) || !touch (self))
        return GDK_EVENT_PROPAGATE;
      send_modifiers (self);
    }

  if (keyval == GDK_KEY_F12 && (state & GDK_SHIFT_MASK) != 0)
    {
      g_signal_emit (self, signals[SIGNAL_HAND_BACK], 0);
      return GDK_EVENT_STOP;
    }

  send_pressed (self, GLB_SHIM_EVENT_KEY, self->keys_down, keycode - EVDEV_OFFSET, TRUE);

  return GDK_EVENT_STOP;
}

static void
on_key_released (GtkEventControllerKey *controller,
                 guint                  keyval,
                 guint                  keycode,
                 GdkModifierType        state,
                 GlbLiveView           *self)
{
  if (keycode <= EVDEV_OFFSET)
    return;

  g_hash_table_remove (self->modifiers, GUINT_TO_POINTER (keycode - EVDEV_OFFSET));
  if (takes_input (self))
    send_pressed (self, GLB_SHIM_EVENT_KEY, self->keys_down, keycode - EVDEV_OFFSET, FALSE);
}

static void
on_focus_leave (GtkEventControllerFocus *controller,
                GlbLiveView             *self)
{
  g_hash_table_remove_all (self->modifiers);
  release_all (self);
}

/* ---- widget ---------------------------------------------------------------- */

static void
glb_live_view_snapshot (GtkWidget   *widget,
                        GtkSnapshot *snapshot)
{
  GlbLiveView *self = GLB_LIVE_VIEW (widget);
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (widget));
  Placement placement;

  glb_sight_drawn (self->sight);
  if (self->tiles == NULL)
    return;

  placement = get_placement (self);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (placement.x, placement.y));
  glb_tiles_snapshot (self->tiles, snapshot, placement.scale, !GSK_IS_CAIRO_RENDERER (renderer));
  gtk_snapshot_restore (snapshot);
}

static void
glb_live_view_measure (GtkWidget      *widget,
                       GtkOrientation  orientation,
                       int             for_size,
                       int            *minimum,
                       int            *natural,
                       int            *minimum_baseline,
                       int            *natural_baseline)
{
  GlbLiveView *self = GLB_LIVE_VIEW (widget);

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : 200;
  *natural = *minimum;
  if (self->tiles != NULL)
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? glb_tiles_get_width (self->tiles)
                                                         : glb_tiles_get_height (self->tiles);
}

static void
glb_live_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glb_live_view_parent_class)->map (widget);
  start_watching (GLB_LIVE_VIEW (widget));
}

static void
glb_live_view_unmap (GtkWidget *widget)
{
  stop_watching (GLB_LIVE_VIEW (widget));
  glb_sight_reset (GLB_LIVE_VIEW (widget)->sight);
  GTK_WIDGET_CLASS (glb_live_view_parent_class)->unmap (widget);
}

static void
glb_live_view_dispose (GObject *object)
{
  GlbLiveView *self = GLB_LIVE_VIEW (object);

  stop_watching (self);
  glb_sight_reset (self->sight);
  self->driving = FALSE;
  g_clear_object (&self->session);
  g_clear_pointer (&self->tiles, glb_tiles_free);
  g_clear_pointer (&self->waiting, g_array_unref);
  g_clear_pointer (&self->modifiers, g_hash_table_unref);
  g_clear_pointer (&self->keys_down, g_hash_table_unref);
  g_clear_pointer (&self->buttons_down, g_hash_table_unref);

  G_OBJECT_CLASS (glb_live_view_parent_class)->dispose (object);
}

static void
glb_live_view_finalize (GObject *object)
{
  glb_sight_free (GLB_LIVE_VIEW (object)->sight);

  G_OBJECT_CLASS (glb_live_view_parent_class)->finalize (object);
}

static void
glb_live_view_class_init (GlbLiveViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = glb_live_view_dispose;
  object_class->finalize = glb_live_view_finalize;
  widget_class->snapshot = glb_live_view_snapshot;
  widget_class->measure = glb_live_view_measure;
  widget_class->map = glb_live_view_map;
  widget_class->unmap = glb_live_view_unmap;

  /**
   * GlbLiveView::touched:
   *
   * The person clicked or typed into the picture: ask for the lease, then
   * begin driving, or end it where there is none.
   */
  signals[SIGNAL_TOUCHED] = g_signal_new ("touched", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GlbLiveView::hand-back:
   *
   * The person pressed Shift+F12: end driving and release the lease.
   */
  signals[SIGNAL_HAND_BACK] = g_signal_new ("hand-back", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GlbLiveView::first-frame:
   *
   * The screen of the session is there for the first time.
   */
  signals[SIGNAL_FIRST_FRAME] = g_signal_new ("first-frame", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                              NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_css_name (widget_class, "liveview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glb_live_view_init (GlbLiveView *self)
{
  GtkEventController *events = gtk_event_controller_legacy_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->sight = glb_sight_new (GTK_WIDGET (self), on_shown);
  self->modifiers = g_hash_table_new (NULL, NULL);
  self->keys_down = g_hash_table_new (NULL, NULL);
  self->buttons_down = g_hash_table_new (NULL, NULL);

  g_signal_connect (events, "event", G_CALLBACK (on_event), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (on_key_released), self);
  g_signal_connect (focus, "leave", G_CALLBACK (on_focus_leave), self);

  /* Before the window's shortcuts: while the person drives, Tab and Escape are the session's. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);

  gtk_widget_add_controller (GTK_WIDGET (self), events);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Screen of the session"), -1);
}

/**
 * glb_live_view_new:
 *
 * Returns: (transfer floating): a view that shows nothing yet
 */
GtkWidget *
glb_live_view_new (void)
{
  return g_object_new (GLB_TYPE_LIVE_VIEW, NULL);
}

/**
 * glb_live_view_set_session:
 * @self: a view
 * @session: (nullable): whose screen to show
 */
void
glb_live_view_set_session (GlbLiveView     *self,
                           GlbDBusSession1 *session)
{
  g_return_if_fail (GLB_IS_LIVE_VIEW (self));

  if (!g_set_object (&self->session, session))
    return;

  forget_input (self);
  stop_watching (self);
  g_clear_pointer (&self->tiles, glb_tiles_free);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  start_watching (self);
}

void
glb_live_view_set_touchable (GlbLiveView *self,
                             gboolean     touchable)
{
  g_return_if_fail (GLB_IS_LIVE_VIEW (self));

  self->touchable = touchable;
}

void
glb_live_view_begin_driving (GlbLiveView *self,
                             guint64      epoch)
{
  g_autoptr(GArray) waiting = NULL;

  g_return_if_fail (GLB_IS_LIVE_VIEW (self));

  waiting = g_steal_pointer (&self->waiting);
  self->driving = TRUE;
  self->epoch = epoch;
  self->scroll_x = self->scroll_y = 0;
  for (guint i = 0; waiting != NULL && i < waiting->len; i++)
    send_now (self, &g_array_index (waiting, GlbShimEvent, i));
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

void
glb_live_view_end_driving (GlbLiveView *self)
{
  g_return_if_fail (GLB_IS_LIVE_VIEW (self));

  if (self->driving)
    release_all (self);
  forget_input (self);
}

gboolean
glb_live_view_is_driving (GlbLiveView *self)
{
  g_return_val_if_fail (GLB_IS_LIVE_VIEW (self), FALSE);

  return self->driving;
}

gboolean
glb_live_view_get_place (GlbLiveView *self,
                         int          screen_x,
                         int          screen_y,
                         double      *x,
                         double      *y)
{
  Placement placement;

  g_return_val_if_fail (GLB_IS_LIVE_VIEW (self), FALSE);

  if (self->tiles == NULL)
    return FALSE;

  placement = get_placement (self);
  *x = placement.x + (screen_x + 0.5) * placement.scale;
  *y = placement.y + (screen_y + 0.5) * placement.scale;

  return TRUE;
}

GdkTexture *
glb_live_view_take_picture (GlbLiveView *self)
{
  g_return_val_if_fail (GLB_IS_LIVE_VIEW (self), NULL);

  if (self->tiles == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return NULL;

  return glb_tiles_take_picture (self->tiles, PICTURE_WIDTH);
}
