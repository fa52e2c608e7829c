/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Two streams become one. A record of the trace names the newest frame of its
 * moment: it is written after the screen of that frame, so that whoever reads
 * it finds the screen before it. What waits for that is in `traced`.
 *
 * Then, if windows are masked, all waits HOLD_MS in `held`: the list of windows
 * may come later than the frame that first shows one of them. Nothing is let go
 * that was not looked at after the trace had been read to its end, and what was
 * masked shows again only with a frame that is newer than the list without it.
 */

#define G_LOG_DOMAIN "glb-record"

#include "session-broker/record/glb-recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "policies/glb-strict-json.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/client/glb-frame-stream.h"
#include "session-broker/record/glb-record-json.h"
#include "session-broker/record/glb-record-line.h"
#include "session-broker/record/glb-record-mask.h"
#include "session-broker/record/glb-record-reader.h"
#include "session-broker/record/glb-record-work.h"

#define CALL_DEADLINE_MS  20000
#define HOLD_MS           250
/* A record of the trace waits so long for its frame. */
#define FRAME_DEADLINE_MS 500
#define TICK_MS           50
/* Screens that no record names are at least so far apart: most of what is faster is an animation. */
#define SCREEN_MS         40
/* Images that wait: more than that, and changes become one. */
#define BACKLOG_BYTES     (48u * 1024u * 1024u)
#define READ_BYTES        65536u
#define DEPTH_MAX         256u
#define DAMAGE_MAX        32u

/* A line of the trace that waits for its frame. */
typedef struct
{
  gint64 came_ms;
  guint64 frame;
  JsonObject *record;
} Traced;

/* What is going to be written. */
typedef struct
{
  gint64 came_ms;
  gint64 ms;                 /* since the recording began */
  guint64 frame;
  GlbRecordImage *part;      /* NULL: a record */
  guint x, y;
  char *type;
  JsonObject *fields;
} Held;

struct _GlbRecorder
{
  GObject parent_instance;

  GlbDBusSession1 *session;
  char *folder;
  guint64 max_bytes;
  GArray *masks;             /* of GlbRect: fixed ones */
  GStrv mask_windows;        /* (nullable) */

  int trace_fd;              /* -1: it has ended */
  guint trace_id;
  GString *rest;             /* of a line */
  GQueue traced;             /* Traced */
  gint64 read_ms;            /* when the trace was last read to its end */

  GlbFrameStream *frames;    /* (nullable) */
  GCancellable *cancellable;
  guint64 frame;             /* newest that was seen */
  gint64 frame_us;           /* CLOCK_MONOTONIC */

  /* From the trace's first line on. */
  GlbRecordMask *mask;
  GlbRecordWork *work;
  GlbRecordImage *screen;    /* as it is, without masks: never written */
  gboolean has_frame;
  gboolean has_given_screen;  /* all of it, once */
  GArray *damage;            /* of GlbRect: what of it was not given on yet */
  gint64 given_ms;           /* when some of it was, last */
  gsize held_bytes;
  GQueue held;               /* Held */
  gint64 start_us;           /* CLOCK_REALTIME */

  guint tick_id;
  gint64 stopping_ms;        /* 0: it goes on */
  gboolean ended;
  GError *error;
};

G_DEFINE_FINAL_TYPE (GlbRecorder, glb_recorder, G_TYPE_OBJECT)

enum { ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void hold_damage (GlbRecorder *self);
static void pump (GlbRecorder *self);
static void release (GlbRecorder *self);
static void watch (GlbRecorder *self);

static gint64
get_now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static gint64
real_to_ms (GlbRecorder *self,
            gint64       real_us)
{
  return MAX (0, (real_us - self->start_us) / 1000);
}

static void
traced_free (gpointer data)
{
  Traced *traced = data;

  json_object_unref (traced->record);
  g_free (traced);
}

static void
held_free (gpointer data)
{
  Held *held = data;

  g_clear_pointer (&held->part, glb_record_image_free);
  g_clear_pointer (&held->fields, json_object_unref);
  g_free (held->type);
  g_free (held);
}

/* ---- the end --------------------------------------------------------------- */

static void
close_trace (GlbRecorder *self)
{
  g_clear_handle_id (&self->trace_id, g_source_remove);
  if (self->trace_fd >= 0)
    close (self->trace_fd);
  self->trace_fd = -1;
}

static void
close_frames (GlbRecorder *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->frames != NULL)
    g_signal_handlers_disconnect_by_data (self->frames, self);
  g_clear_object (&self->frames);
}

static void
release_one (GlbRecorder *self,
             Held        *held)
{
  if (held->part != NULL)
    {
      self->held_bytes -= (gsize) held->part->width * held->part->height * sizeof *held->part->pixels;
      glb_record_work_push_screen (self->work, held->ms, held->frame, g_steal_pointer (&held->part), held->x, held->y);
    }
  else
    glb_record_work_push_record (self->work, held->ms, held->type, g_steal_pointer (&held->fields));
  held_free (held);
}

/* All that waits; with masked windows, only what the trace still told us enough about. */
static void
release_last (GlbRecorder *self,
              const char  *reason)
{
  gboolean is_known = strcmp (reason, "session-ended") == 0 || strcmp (reason, "asked") == 0;

  if (!is_known && glb_record_mask_is_used (self->mask))
    {
      release (self);
      return;
    }
  hold_damage (self);
  while (!g_queue_is_empty (&self->held))
    release_one (self, g_queue_pop_head (&self->held));
}

/* reason: of the last record. error: (nullable): taken. */
static void
finish (GlbRecorder *self,
        const char  *reason,
        GError      *error)
{
  g_autoptr(GError) work_error = NULL;

  if (self->ended)
    {
      g_clear_error (&error);
      return;
    }
  self->ended = TRUE;
  self->error = error;
  g_clear_handle_id (&self->tick_id, g_source_remove);
  close_trace (self);
  close_frames (self);

  if (self->work != NULL)
    release_last (self, reason);
  if (self->work != NULL && !glb_record_work_finish (self->work, real_to_ms (self, g_get_real_time ()), reason, &work_error)
      && self->error == NULL)
    self->error = g_steal_pointer (&work_error);
  g_signal_emit (self, signals[ENDED], 0);
}

static void
on_work_failed (gpointer user_data)
{
  g_autoptr(GlbRecorder) self = g_object_ref (GLB_RECORDER (user_data));

  finish (self, "failed", NULL);
}

/* ---- what goes to the writer ------------------------------------------------ */

static void
blacken (GlbRecorder    *self,
         GlbRecordImage *part,
         guint           x,
         guint           y)
{
  GArray *areas = glb_record_mask_get_areas (self->mask);

  for (guint i = 0; i < areas->len; i++)
    {
      GlbRect area = g_array_index (areas, GlbRect, i);

      if (area.x < G_MININT / 2 || area.y < G_MININT / 2)
        area = (GlbRect) { 0, 0, G_MAXINT, G_MAXINT };
      else
        area = (GlbRect) { area.x - (int) x, area.y - (int) y, area.width, area.height };
      glb_record_image_fill (part, &area, 0);
    }
}

/* A mask that has just come is for what has not been written yet, too. */
static void
blacken_held (GlbRecorder *self)
{
  for (GList *link = self->held.head; link != NULL; link = link->next)
    {
      Held *held = link->data;

      if (held->part != NULL)
        blacken (self, held->part, held->x, held->y);
    }
}

static void
add_damage (GlbRecorder   *self,
            const GlbRect *rect)
{
  GlbRect inside = { MAX (rect->x, 0), MAX (rect->y, 0), 0, 0 };

  inside.width = MIN ((gint64) rect->x + rect->width, self->screen->width) - inside.x;
  inside.height = MIN ((gint64) rect->y + rect->height, self->screen->height) - inside.y;
  if (inside.width <= 0 || inside.height <= 0)
    return;

  if (self->damage->len >= DAMAGE_MAX)
    {
      inside = (GlbRect) { 0, 0, self->screen->width, self->screen->height };
      g_array_set_size (self->damage, 0);
    }
  g_array_append_val (self->damage, inside);
}

/* FALSE: no memory. */
static gboolean
hold_part (GlbRecorder   *self,
           const GlbRect *rect)
{
  Held held = {
    .came_ms = get_now_ms (), .frame = self->frame, .x = rect->x, .y = rect->y,
    .ms = real_to_ms (self, self->frame_us + g_get_real_time () - g_get_monotonic_time ()),
  };

  held.part = glb_record_image_crop (self->screen, rect);
  if (held.part == NULL)
    return FALSE;
  blacken (self, held.part, held.x, held.y);
  self->held_bytes += (gsize) held.part->width * held.part->height * sizeof *held.part->pixels;
  g_queue_push_tail (&self->held, g_memdup2 (&held, sizeof held));
  return TRUE;
}

/* What has changed on the screen, unless too much waits already: then it stays for later, and becomes one with what comes. */
static void
hold_damage (GlbRecorder *self)
{
  const GlbRect all = { 0, 0, self->screen->width, self->screen->height };

  if (!self->has_frame || self->damage->len == 0 || self->held_bytes + glb_record_work_get_bytes (self->work) > BACKLOG_BYTES)
    return;

  if (!self->has_given_screen)
    self->has_given_screen = hold_part (self, &all);
  else
    for (guint i = 0; i < self->damage->len; i++)
      if (!hold_part (self, &g_array_index (self->damage, GlbRect, i)))
        return;
  g_array_set_size (self->damage, 0);
  self->given_ms = get_now_ms ();
}

static gint64
get_int (JsonObject *object,
         const char *name)
{
  gint64 value = 0;

  glb_record_json_get_int (object, name, &value);
  return value;
}

static void
hold_record (GlbRecorder *self,
             JsonObject  *record)
{
  Held held = { .came_ms = get_now_ms (), .ms = real_to_ms (self, get_int (record, "timeUs")) };
  const char *type = glb_record_json_get_string (record, "type");

  /* "end" is the recording's own. */
  held.type = g_strdup (strcmp (type, "end") == 0 ? "session-end" : type);
  held.fields = glb_record_mask_redact (self->mask, record);
  json_object_remove_member (held.fields, "type");
  json_object_remove_member (held.fields, "timeUs");
  g_queue_push_tail (&self->held, g_memdup2 (&held, sizeof held));
}

static void
release (GlbRecorder *self)
{
  gint64 hold = glb_record_mask_is_used (self->mask) ? HOLD_MS : 0;

  while (!g_queue_is_empty (&self->held)
         && ((Held *) g_queue_peek_head (&self->held))->came_ms + hold <= self->read_ms)
    release_one (self, g_queue_pop_head (&self->held));
}

/* ---- the trace -------------------------------------------------------------- */

/* The first line. */
static gboolean
begin (GlbRecorder  *self,
       JsonObject   *record,
       GError      **error)
{
  GlbRecordWriterOptions options = {
    .max_bytes = self->max_bytes, .masks = (const GlbRect *) self->masks->data, .n_masks = self->masks->len,
  };
  gint64 width = get_int (record, "width"), height = get_int (record, "height");
  GlbRecordWriter *writer;

  if (g_strcmp0 (glb_record_json_get_string (record, "type"), "session") != 0 || width < 0 || height < 0
      || !glb_record_image_size_is_valid (width, height))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the session has no screen that can be recorded");
      return FALSE;
    }

  self->start_us = get_int (record, "timeUs");
  options.width = width;
  options.height = height;
  options.n_mask_windows = self->mask_windows != NULL ? g_strv_length (self->mask_windows) : 0;
  json_object_remove_member (record, "type");
  json_object_remove_member (record, "frame");
  writer = glb_record_writer_new (self->folder, &options, record, error);
  if (writer == NULL)
    return FALSE;

  self->mask = glb_record_mask_new ((const char * const *) self->mask_windows, width, height);
  self->screen = glb_record_image_new (width, height);
  self->work = glb_record_work_new (writer, on_work_failed, self);
  watch (self);
  return TRUE;
}

static void
take_record (GlbRecorder *self,
             JsonObject  *record)
{
  g_autoptr(GError) error = NULL;
  Traced *traced;

  if (self->work == NULL)
    {
      if (!begin (self, record, &error))
        finish (self, "failed", g_steal_pointer (&error));
      return;
    }

  if (strcmp (glb_record_json_get_string (record, "type"), "windows") == 0)
    {
      glb_record_mask_set_windows (self->mask, record, get_now_ms ());
      blacken_held (self);
      /* Until the first list all was black. */
      if (glb_record_mask_is_used (self->mask))
        add_damage (self, &(GlbRect) { 0, 0, self->screen->width, self->screen->height });
    }
  traced = g_new0 (Traced, 1);
  traced->came_ms = get_now_ms ();
  traced->frame = MAX (0, get_int (record, "frame"));
  traced->record = json_object_ref (record);
  g_queue_push_tail (&self->traced, traced);
}

static void
take_line (GlbRecorder *self,
           const char  *line,
           gsize        length)
{
  const GlbStrictJsonLimits limits = { .max_bytes = GLB_RECORD_LINE_MAX, .max_depth = DEPTH_MAX };
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = glb_strict_json_parse (line, length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, &error);
  const char *type = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? glb_record_json_get_string (json_node_get_object (node), "type") : NULL;
  g_autoptr(JsonObject) record = NULL;

  if (type == NULL || !glb_record_type_is_valid (type))
    {
      finish (self, "failed", g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the broker's trace makes no sense: %s",
                                           error != NULL ? error->message : "a line is no record"));
      return;
    }
  record = json_node_dup_object (node);
  /* What goes to the thread has no other user. */
  g_clear_pointer (&node, json_node_unref);
  take_record (self, record);
}

static void
take_lines (GlbRecorder *self)
{
  gsize offset = 0;

  while (!self->ended)
    {
      const char *start = self->rest->str + offset;
      const char *newline = memchr (start, '\n', self->rest->len - offset);

      if (newline == NULL)
        break;
      take_line (self, start, newline - start);
      offset += newline - start + 1;
    }
  g_string_erase (self->rest, 0, offset);
  if (self->rest->len > GLB_RECORD_LINE_MAX)
    finish (self, "failed", g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the broker's trace makes no sense: a line has no end"));
}

/* All that is there now. */
static void
read_trace (GlbRecorder *self)
{
  gint64 began_ms = get_now_ms ();
  char buffer[READ_BYTES];

  while (!self->ended && self->trace_fd >= 0)
    {
      gssize n = read (self->trace_fd, buffer, sizeof buffer);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        break;
      if (n <= 0)
        {
          close_trace (self);
          break;
        }
      g_string_append_len (self->rest, buffer, n);
      take_lines (self);
    }
  self->read_ms = began_ms;
}

static gboolean
on_trace (int          fd,
          GIOCondition condition,
          gpointer     user_data)
{
  g_autoptr(GlbRecorder) self = g_object_ref (GLB_RECORDER (user_data));

  pump (self);
  return self->trace_fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- the screen --------------------------------------------------------------- */

static void
copy_rect (GlbRecorder    *self,
           const GlbFrame *frame,
           const GlbRect  *rect)
{
  for (int y = rect->y; y < rect->y + rect->height; y++)
    memcpy (self->screen->pixels + (gsize) y * self->screen->width + rect->x, frame->pixels + y * frame->stride + 4 * (gsize) rect->x,
            4 * (gsize) rect->width);
}

static void
on_frame (GlbFrameStream *frames,
          gpointer        user_data)
{
  g_autoptr(GlbRecorder) self = g_object_ref (GLB_RECORDER (user_data));
  const GlbFrame *frame = glb_frame_stream_peek (frames);

  if (frame->width != self->screen->width || frame->height != self->screen->height)
    {
      finish (self, "failed", g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the screen has another size than the session says"));
      return;
    }
  for (guint i = 0; i < frame->n_rects; i++)
    {
      copy_rect (self, frame, &frame->rects[i]);
      add_damage (self, &frame->rects[i]);
    }
  self->has_frame = TRUE;
  self->frame = frame->frame;
  self->frame_us = frame->time_us;
  glb_frame_stream_release (frames);
  pump (self);
}

/* We kept a frame too long, or the session is about to end. */
static void
on_frames_closed (GlbFrameStream *frames,
                  gpointer        user_data)
{
  GlbRecorder *self = user_data;

  g_signal_handlers_disconnect_by_data (frames, self);
  g_clear_object (&self->frames);
  watch (self);
}

static void
watch_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbRecorder) self = user_data;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) handle = NULL;
  g_autoptr(GError) error = NULL;
  gboolean is_wanted = !self->ended && self->stopping_ms == 0;
  int fd = -1;

  if (glb_dbus_session1_call_watch_finish (GLB_DBUS_SESSION1 (object), &handle, &fds, result, &error) && fds != NULL)
    fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), &error);
  if (fd >= 0 && is_wanted)
    self->frames = glb_frame_stream_new (fd, &error);
  else if (fd >= 0)
    close (fd);
  if (!is_wanted)
    return;
  if (self->frames == NULL)
    {
      /* Where the session has ended its trace says so, and why. */
      if (!g_error_matches (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE))
        finish (self, "failed", error != NULL ? g_steal_pointer (&error)
                                              : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "the broker sent no screen"));
      return;
    }
  g_signal_connect (self->frames, "frame", G_CALLBACK (on_frame), self);
  g_signal_connect (self->frames, "closed", G_CALLBACK (on_frames_closed), self);
}

static void
watch (GlbRecorder *self)
{
  glb_dbus_session1_call_watch (self->session, g_variant_new ("a{sv}", NULL), NULL, self->cancellable, watch_cb, g_object_ref (self));
}

/* ---- both -------------------------------------------------------------------- */

/* Records whose frame was seen, or that waited long enough. TRUE: the session has ended. */
static gboolean
take_traced (GlbRecorder *self)
{
  gint64 now = get_now_ms ();
  Traced *traced;

  while ((traced = g_queue_peek_head (&self->traced)) != NULL)
    {
      gboolean is_end = strcmp (glb_record_json_get_string (traced->record, "type"), "end") == 0;

      if (traced->frame > self->frame && traced->came_ms + FRAME_DEADLINE_MS > now && self->trace_fd >= 0)
        return FALSE;
      hold_damage (self);
      hold_record (self, traced->record);
      traced_free (g_queue_pop_head (&self->traced));
      if (is_end)
        return TRUE;
    }
  return FALSE;
}

static void
free_masks (GlbRecorder *self)
{
  g_autoptr(GArray) freed = g_array_new (FALSE, FALSE, sizeof (GlbRect));

  if (!glb_record_mask_expire (self->mask, get_now_ms (), self->frame, freed))
    return;
  for (guint i = 0; i < freed->len; i++)
    add_damage (self, &g_array_index (freed, GlbRect, i));
}

static gboolean
on_tick (gpointer user_data)
{
  g_autoptr(GlbRecorder) self = g_object_ref (GLB_RECORDER (user_data));

  self->tick_id = 0;
  pump (self);
  return G_SOURCE_REMOVE;
}

/* While something waits, time is an event, too. */
static void
schedule (GlbRecorder *self)
{
  gboolean waits = !g_queue_is_empty (&self->held) || !g_queue_is_empty (&self->traced) || self->damage->len > 0 || self->stopping_ms != 0
                   || glb_record_mask_lingers (self->mask, self->frame);

  if (waits && self->tick_id == 0)
    self->tick_id = g_timeout_add (TICK_MS, on_tick, self);
}

static void
pump (GlbRecorder *self)
{
  gboolean session_ended;

  read_trace (self);
  if (self->ended || self->work == NULL)
    {
      if (!self->ended && self->trace_fd < 0)
        finish (self, "failed", g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "the broker ended the trace at once"));
      return;
    }

  free_masks (self);
  session_ended = take_traced (self);
  if (self->given_ms + SCREEN_MS <= get_now_ms ())
    hold_damage (self);
  if (session_ended)
    finish (self, "session-ended", NULL);
  else if (self->trace_fd < 0)
    finish (self, "cut-off", g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                                  "the broker went, or took this recorder for too slow; what came before is recorded"));
  else if (self->stopping_ms != 0 && self->stopping_ms <= self->read_ms)
    finish (self, "asked", NULL);
  if (self->ended)
    return;
  release (self);
  schedule (self);
}

void
glb_recorder_stop (GlbRecorder *self)
{
  g_return_if_fail (GLB_IS_RECORDER (self));

  if (self->ended || self->stopping_ms != 0)
    return;
  if (self->work == NULL || !glb_record_mask_is_used (self->mask))
    {
      g_object_ref (self);
      if (self->work != NULL)
        pump (self);
      finish (self, "asked", NULL);
      g_object_unref (self);
      return;
    }
  /* What came last is looked at as long as all else. */
  self->stopping_ms = get_now_ms () + HOLD_MS;
  close_frames (self);
  schedule (self);
}

gboolean
glb_recorder_has_ended (GlbRecorder *self)
{
  g_return_val_if_fail (GLB_IS_RECORDER (self), TRUE);

  return self->ended;
}

const GError *
glb_recorder_get_error (GlbRecorder *self)
{
  g_return_val_if_fail (GLB_IS_RECORDER (self), NULL);

  return self->error;
}

/* ---- the beginning -------------------------------------------------------------- */

/* -1 on error. */
static int
call_trace (GlbDBusSession1  *session,
            GError          **error)
{
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) handle = NULL;
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "stdio", "b", TRUE);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (session), CALL_DEADLINE_MS);
  if (!glb_dbus_session1_call_trace_sync (session, g_variant_dict_end (&options), NULL, &handle, &fds, NULL, error))
    return -1;
  if (fds == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the broker's answer makes no sense; run the same version of both");
      return -1;
    }
  return g_unix_fd_list_get (fds, g_variant_get_handle (handle), error);
}

GlbRecorder *
glb_recorder_new (GlbDBusSession1           *session,
                  const GlbRecorderOptions  *options,
                  GError                   **error)
{
  g_autoptr(GlbRecorder) self = g_object_new (GLB_TYPE_RECORDER, NULL);

  self->session = g_object_ref (session);
  self->folder = g_strdup (options->folder);
  self->max_bytes = options->max_bytes;
  self->mask_windows = g_strdupv ((char **) options->mask_windows);
  g_array_append_vals (self->masks, options->masks, options->n_masks);
  self->trace_fd = call_trace (session, error);
  if (self->trace_fd < 0)
    return NULL;
  g_unix_set_fd_nonblocking (self->trace_fd, TRUE, NULL);
  self->trace_id = g_unix_fd_add (self->trace_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_trace, self);
  return g_steal_pointer (&self);
}

static void
glb_recorder_dispose (GObject *object)
{
  GlbRecorder *self = GLB_RECORDER (object);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  close_trace (self);
  close_frames (self);
  g_clear_pointer (&self->work, glb_record_work_free);
  G_OBJECT_CLASS (glb_recorder_parent_class)->dispose (object);
}

static void
glb_recorder_finalize (GObject *object)
{
  GlbRecorder *self = GLB_RECORDER (object);

  g_queue_clear_full (&self->traced, traced_free);
  g_queue_clear_full (&self->held, held_free);
  g_clear_pointer (&self->mask, glb_record_mask_free);
  g_clear_pointer (&self->screen, glb_record_image_free);
  g_clear_object (&self->session);
  g_object_unref (self->cancellable);
  g_string_free (self->rest, TRUE);
  g_array_unref (self->masks);
  g_array_unref (self->damage);
  g_strfreev (self->mask_windows);
  g_free (self->folder);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (glb_recorder_parent_class)->finalize (object);
}

static void
glb_recorder_class_init (GlbRecorderClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glb_recorder_dispose;
  G_OBJECT_CLASS (class)->finalize = glb_recorder_finalize;
  signals[ENDED] = g_signal_new ("ended", GLB_TYPE_RECORDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_recorder_init (GlbRecorder *self)
{
  self->trace_fd = -1;
  self->rest = g_string_new (NULL);
  self->masks = g_array_new (FALSE, FALSE, sizeof (GlbRect));
  self->damage = g_array_new (FALSE, FALSE, sizeof (GlbRect));
  self->cancellable = g_cancellable_new ();
}
