/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>

#include "policies/glb-json-writer.h"
#include "session-broker/accessibility/glb-accessibility-protocol.h"
#include "session-broker/broker/glb-accessibility-link.h"
#include "session-broker/broker/glb-line-reader.h"

#define READ_BYTES    (64 * 1024)
#define LINES_PER_S   60
#define LINES_BURST   120
/* What the program has beyond the deadline that it was told, to say what it has. */
#define SLACK_MS      150
#define PENDING_MAX   32
/* So many requests without any answer: it hangs. */
#define SILENCES_MAX  3

struct _GlbAccessibilityLink
{
  GObject parent_instance;

  GInputStream *input;
  GOutputStream *output;
  GCancellable *cancellable;
  GlbLinePace pace;
  GlbLineReader *reader;
  GQueue lines;              /* GBytes; the first is being written */
  GHashTable *pending;       /* number to GTask */
  GTask *hello;              /* (nullable) */
  guint hello_id;
  guint last;                /* number given */
  guint n_silences;
  gint64 hello_us;           /* 0: not yet */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (GlbAccessibilityLink, glb_accessibility_link, G_TYPE_OBJECT)

enum { CHANGED, CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

typedef struct
{
  guint number;
  guint deadline_id;
} Pending;

static void read_line (GlbAccessibilityLink *self);

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  g_clear_handle_id (&pending->deadline_id, g_source_remove);
  g_free (pending);
}

void
glb_accessibility_link_close (GlbAccessibilityLink *self, const char *why)
{
  g_autoptr(GlbAccessibilityLink) ref = g_object_ref (self);
  g_autoptr(GHashTable) pending = NULL;
  GHashTableIter iter;
  gpointer task;

  if (self->closed)
    return;

  self->closed = TRUE;
  pending = self->pending;
  self->pending = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->hello_id, g_source_remove);
  g_output_stream_close (self->output, NULL, NULL);
  if (self->hello != NULL)
    {
      g_autoptr(GTask) hello = g_steal_pointer (&self->hello);

      g_task_return_new_error (hello, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", why);
    }
  g_hash_table_iter_init (&iter, pending);
  while (g_hash_table_iter_next (&iter, NULL, &task))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", why);
  g_signal_emit (self, signals[CLOSED], 0, why);
}

/* ---- what it says ---------------------------------------------------------------- */

static void
take_hello (GlbAccessibilityLink *self, const char *error)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->hello);

  g_clear_handle_id (&self->hello_id, g_source_remove);
  if (error == NULL)
    self->hello_us = g_get_monotonic_time ();
  if (task != NULL && error == NULL)
    g_task_return_boolean (task, TRUE);
  else if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s", error);
}

/* FALSE: nobody asked for that. Takes answer. */
static gboolean
take_answer (GlbAccessibilityLink *self, GlbAccessibilityAnswer *answer)
{
  g_autoptr(GlbAccessibilityAnswer) owned = answer;
  g_autoptr(GTask) task = NULL;

  if (!g_hash_table_steal_extended (self->pending, GUINT_TO_POINTER (answer->id), NULL, (gpointer *) &task))
    return answer->id <= self->last;   /* too late */

  self->n_silences = 0;
  if (answer->failed != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", answer->failed);
  else
    g_task_return_pointer (task, g_steal_pointer (&owned), (GDestroyNotify) glb_accessibility_answer_free);
  return TRUE;
}

static void
parsed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GlbAccessibilityLink *self = GLB_ACCESSIBILITY_LINK (source);
  g_autoptr(GError) error = NULL;
  GlbAccessibilityAnswer *answer = g_task_propagate_pointer (G_TASK (result), &error);
  gboolean wanted = answer != NULL;

  if (self->closed || answer == NULL)
    g_clear_pointer (&answer, glb_accessibility_answer_free);
  else if (answer->id != 0)
    wanted = take_answer (self, g_steal_pointer (&answer));
  else if (answer->is_changed && self->hello_us != 0)
    g_signal_emit (self, signals[CHANGED], 0);
  else if (self->hello_us == 0)
    take_hello (self, answer->error);
  else
    wanted = FALSE;
  g_clear_pointer (&answer, glb_accessibility_answer_free);

  if (!wanted)
    glb_accessibility_link_close (self, error != NULL ? error->message : "it said what nobody asked for");
  else
    read_line (self);
}

static void
parse_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  gsize length;
  const char *line = g_bytes_get_data (task_data, &length);
  GError *error = NULL;
  GlbAccessibilityAnswer *answer = glb_accessibility_answer_new_from_json (line != NULL ? line : "", length, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) glb_accessibility_answer_free);
  else
    g_task_return_error (task, error);
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbAccessibilityLink) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GTask) task = NULL;
  gsize length = 0;
  char *line = glb_line_reader_read_finish (GLB_LINE_READER (source), result, &length, &error);

  if (line == NULL || self->closed)
    {
      g_free (line);
      glb_accessibility_link_close (self, error != NULL ? error->message : "it has ended");
      return;
    }

  /* two megabytes take their time, and other sessions wait for none of it */
  task = g_task_new (self, NULL, parsed_cb, NULL);
  g_task_set_source_tag (task, line_cb);
  g_task_set_task_data (task, g_bytes_new_take (line, length), (GDestroyNotify) g_bytes_unref);
  g_task_run_in_thread (task, parse_thread);
}

static void
read_line (GlbAccessibilityLink *self)
{
  if (!self->closed)
    glb_line_reader_read_async (self->reader, self->cancellable, line_cb, g_object_ref (self));
}

/* ---- what it is told -------------------------------------------------------------- */

static void write_next (GlbAccessibilityLink *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbAccessibilityLink) self = user_data;
  gboolean written = g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);

  g_bytes_unref (g_queue_pop_head (&self->lines));
  if (written)
    write_next (self);
  else
    glb_accessibility_link_close (self, "it does not listen");
}

static void
write_next (GlbAccessibilityLink *self)
{
  GBytes *bytes = g_queue_peek_head (&self->lines);
  gsize size;
  const void *data;

  if (bytes == NULL || self->closed)
    return;
  data = g_bytes_get_data (bytes, &size);
  g_output_stream_write_all_async (self->output, data, size, G_PRIORITY_DEFAULT, self->cancellable, written_cb, g_object_ref (self));
}

/* Takes object. */
static void
send (GlbAccessibilityLink *self, JsonObject *object)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = glb_json_write (node);
  char *line = g_strconcat (text, "\n", NULL);

  json_object_unref (object);
  g_queue_push_tail (&self->lines, g_bytes_new_take (line, strlen (line)));
  if (g_queue_get_length (&self->lines) == 1)
    write_next (self);
}

static gboolean
on_deadline (gpointer user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  GlbAccessibilityLink *self = g_task_get_source_object (task);
  Pending *pending = g_task_get_task_data (task);

  pending->deadline_id = 0;
  g_hash_table_remove (self->pending, GUINT_TO_POINTER (pending->number));
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "nothing was said in time");
  if (++self->n_silences >= SILENCES_MAX)
    glb_accessibility_link_close (self, "it hangs");
  return G_SOURCE_REMOVE;
}

void
glb_accessibility_link_ask_async (GlbAccessibilityLink *self, JsonObject *request, guint deadline_ms, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  Pending *pending;

  g_task_set_source_tag (task, glb_accessibility_link_ask_async);
  if (self->closed || g_hash_table_size (self->pending) >= PENDING_MAX)
    {
      json_object_unref (request);
      g_task_return_new_error (task, G_IO_ERROR, self->closed ? G_IO_ERROR_CLOSED : G_IO_ERROR_BUSY,
                               self->closed ? "it has ended" : "too much is asked of it");
      return;
    }

  pending = g_new0 (Pending, 1);
  pending->number = ++self->last;
  pending->deadline_id = g_timeout_add (deadline_ms + SLACK_MS, on_deadline, task);
  g_task_set_task_data (task, pending, pending_free);
  json_object_set_int_member (request, "id", pending->number);
  json_object_set_int_member (request, "deadlineMs", deadline_ms);
  g_hash_table_insert (self->pending, GUINT_TO_POINTER (pending->number), g_object_ref (task));
  send (self, request);
}

GlbAccessibilityAnswer *
glb_accessibility_link_ask_finish (GlbAccessibilityLink *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
glb_accessibility_link_watch (GlbAccessibilityLink *self, gboolean on)
{
  JsonObject *request;

  if (self->closed)
    return;

  request = json_object_new ();
  json_object_set_string_member (request, "request", "watch");
  json_object_set_boolean_member (request, "on", on);
  send (self, request);
}

static gboolean
on_hello_deadline (gpointer user_data)
{
  GlbAccessibilityLink *self = user_data;

  self->hello_id = 0;
  glb_accessibility_link_close (self, "it did not begin in time");
  return G_SOURCE_REMOVE;
}

void
glb_accessibility_link_hello_async (GlbAccessibilityLink *self, guint deadline_ms, GAsyncReadyCallback callback, gpointer user_data)
{
  self->hello = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->hello, glb_accessibility_link_hello_async);
  self->hello_id = g_timeout_add (deadline_ms, on_hello_deadline, self);
}

gboolean
glb_accessibility_link_hello_finish (GlbAccessibilityLink *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
glb_accessibility_link_is_closed (GlbAccessibilityLink *self)
{
  return self->closed;
}

guint
glb_accessibility_link_get_age (GlbAccessibilityLink *self)
{
  return self->hello_us != 0 ? (guint) MIN ((g_get_monotonic_time () - self->hello_us) / 1000 + 1, G_MAXUINT) : 0;
}

/* ---- the object -------------------------------------------------------------------- */

static void
glb_accessibility_link_finalize (GObject *object)
{
  GlbAccessibilityLink *self = GLB_ACCESSIBILITY_LINK (object);

  g_clear_handle_id (&self->hello_id, g_source_remove);
  g_clear_object (&self->hello);
  g_clear_object (&self->reader);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->cancellable);
  g_hash_table_unref (self->pending);
  g_queue_clear_full (&self->lines, (GDestroyNotify) g_bytes_unref);

  G_OBJECT_CLASS (glb_accessibility_link_parent_class)->finalize (object);
}

static void
glb_accessibility_link_class_init (GlbAccessibilityLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_accessibility_link_finalize;

  signals[CHANGED] = g_signal_new ("changed", GLB_TYPE_ACCESSIBILITY_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CLOSED] = g_signal_new ("closed", GLB_TYPE_ACCESSIBILITY_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_STRING);
}

static void
glb_accessibility_link_init (GlbAccessibilityLink *self)
{
  self->cancellable = g_cancellable_new ();
  self->pending = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->pace = (GlbLinePace) { .per_second = LINES_PER_S, .burst = LINES_BURST };
  g_queue_init (&self->lines);
}

GlbAccessibilityLink *
glb_accessibility_link_new (int input_fd, int output_fd)
{
  GlbAccessibilityLink *self = g_object_new (GLB_TYPE_ACCESSIBILITY_LINK, NULL);

  self->output = g_unix_output_stream_new (input_fd, TRUE);
  self->input = g_unix_input_stream_new (output_fd, TRUE);
  self->reader = glb_line_reader_new (self->input, GLB_ACCESSIBILITY_LINE_MAX, READ_BYTES, &self->pace);
  read_line (self);
  return self;
}
