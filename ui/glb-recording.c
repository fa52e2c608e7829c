/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording.h"

#include <string.h>

#include "session-broker/record/glb-record-screen.h"
#include "ui/glb-recording-json.h"

#define NONE G_MAXUINT

/* So long after the screen came to rest it may still change by an action. */
#define LATE_MS 1000

struct _GlbRecording
{
  GObject parent_instance;

  char *folder;
  GlbRecordReader *reader;     /* its lines do not change any more; its screens only below the lock */
  GMutex lock;
  GListStore *entries;
  GArray *windows;             /* of guint: the records with the lists of windows */
  gboolean too_long;
};

G_DEFINE_FINAL_TYPE (GlbRecording, glb_recording, G_TYPE_OBJECT)

/* ---- opening ------------------------------------------------------------------------------ */

typedef struct
{
  GlbRecording *recording;
  GlbRecordingEntry *action;   /* (nullable): whose screen may move yet */
  gint64 number;               /* the action's */
  gint64 settled_ms;           /* when its screen came to rest, -1: not yet */
  GPtrArray *entries;
  GlbRecordingActor driver;
} Opening;

static void
note_settled (Opening    *opening,
              JsonObject *record,
              guint       index)
{
  if (opening->action == NULL || glb_recording_json_get_int (record, "action", -1) != opening->number)
    return;
  glb_recording_entry_set_last (opening->action, index);
  opening->settled_ms = glb_record_reader_get_record_ms (opening->recording->reader, index);
}

/* What a slow program paints soon after the screen had come to rest is still the action's. */
static void
note_screen (Opening *opening,
             guint    index)
{
  gint64 ms = glb_record_reader_get_record_ms (opening->recording->reader, index);

  if (opening->action != NULL && opening->settled_ms >= 0 && ms - opening->settled_ms <= LATE_MS)
    glb_recording_entry_set_last (opening->action, index);
}

static gboolean
is_screen (GlbRecording *self,
           guint         index)
{
  return strcmp (glb_record_reader_get_record_type (self->reader, index), "screen") == 0;
}

/* The newest screen before the action began, and not the newest one before it was told: it was told when it was over. Among the
 * records from floor to before index. NONE: there is none */
static guint
find_screen_before (GlbRecording *self,
                    JsonObject   *action,
                    guint         floor,
                    guint         index)
{
  guint64 frame = glb_recording_json_get_int (action, "frameBefore", -1);

  for (guint i = index; i > floor; i--)
    if (is_screen (self, i - 1))
      {
        g_autoptr(JsonObject) record = glb_record_reader_get_record (self->reader, i - 1);

        if ((guint64) glb_recording_json_get_int (record, "frame", -1) <= frame)
          return i - 1;
      }

  return NONE;
}

/* What was there when the next action began is the last of the one before. */
static void
note_action (Opening           *opening,
             GlbRecordingEntry *entry,
             JsonObject        *record)
{
  if (opening->action != NULL)
    {
      guint begin = glb_recording_entry_get_index (opening->action);
      guint last = find_screen_before (opening->recording, record, begin, glb_recording_entry_get_index (entry));

      last = last != NONE ? last : begin;
      if (opening->settled_ms < 0 || glb_recording_entry_get_last (opening->action) > last)
        glb_recording_entry_set_last (opening->action, last);
    }
  opening->action = entry;
  opening->number = glb_recording_json_get_int (record, "number", -1);
  opening->settled_ms = -1;
}

static void
note_entry (Opening           *opening,
            GlbRecordingEntry *entry,
            JsonObject        *record)
{
  g_ptr_array_add (opening->entries, entry);
  if (glb_recording_entry_get_kind (entry) == GLB_RECORDING_STATE)
    opening->driver = glb_recording_entry_get_actor (entry);
  if (glb_recording_entry_get_kind (entry) == GLB_RECORDING_ACTION)
    note_action (opening, entry, record);
}

static void
read_record (Opening *opening,
             guint    index)
{
  GlbRecording *self = opening->recording;
  const char *type = glb_record_reader_get_record_type (self->reader, index);
  g_autoptr(JsonObject) record = NULL;
  GlbRecordingEntry *entry;

  if (strcmp (type, "screen") == 0)
    {
      note_screen (opening, index);
      return;
    }
  record = glb_record_reader_get_record (self->reader, index);
  if (strcmp (type, "settled") == 0)
    note_settled (opening, record, index);
  if (strcmp (type, "windows") == 0)
    g_array_append_val (self->windows, index);
  entry = glb_recording_entry_new (record, index, glb_record_reader_get_record_ms (self->reader, index), opening->driver);
  if (entry != NULL)
    note_entry (opening, entry, record);
}

static gboolean
read_records (GlbRecording  *self,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func (g_object_unref);
  Opening opening = { .recording = self, .entries = entries };
  guint n = glb_record_reader_get_n_records (self->reader);

  for (guint i = 0; i < n && !self->too_long; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      read_record (&opening, i);
      self->too_long = entries->len >= GLB_RECORDING_ENTRIES_MAX && i + 1 < n;
    }
  g_list_store_splice (self->entries, 0, 0, entries->pdata, entries->len);

  return TRUE;
}

GlbRecording *
glb_recording_open (const char    *folder,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_autoptr(GlbRecording) self = g_object_new (GLB_TYPE_RECORDING, NULL);

  self->folder = g_strdup (folder);
  self->reader = glb_record_reader_open_cancellable (folder, cancellable, error);
  if (self->reader == NULL || !read_records (self, cancellable, error))
    return NULL;

  return g_steal_pointer (&self);
}

static void
open_in_thread (GTask        *task,
                gpointer      source,
                gpointer      folder,
                GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;
  GlbRecording *recording = glb_recording_open (folder, cancellable, &error);

  if (recording != NULL)
    g_task_return_pointer (task, recording, g_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
glb_recording_open_async (const char          *folder,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, glb_recording_open_async);
  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_run_in_thread (task, open_in_thread);
}

GlbRecording *
glb_recording_open_finish (GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- a moment ----------------------------------------------------------------------------------- */

/* What a moment is loaded of: a list may not be asked in two threads. */
typedef struct
{
  GlbRecordingEntry *entry;
  GlbRecordingEntry *previous; /* (nullable) */
  guint index;
} Wanted;

static Wanted *
wanted_new (GlbRecording *self,
            guint         position,
            guint         index)
{
  Wanted *wanted = g_new0 (Wanted, 1);

  wanted->entry = g_list_model_get_item (G_LIST_MODEL (self->entries), position);
  wanted->previous = position > 0 ? g_list_model_get_item (G_LIST_MODEL (self->entries), position - 1) : NULL;
  wanted->index = index;

  return wanted;
}

static void
wanted_free (Wanted *wanted)
{
  g_object_unref (wanted->entry);
  g_clear_object (&wanted->previous);
  g_free (wanted);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wanted, wanted_free)

/* The record whose screen was there before the entry. NONE: none was */
static guint
find_before (GlbRecording *self,
             const Wanted *wanted,
             JsonObject   *record)
{
  if (glb_recording_entry_get_kind (wanted->entry) == GLB_RECORDING_ACTION)
    return find_screen_before (self, record, 0, glb_recording_entry_get_index (wanted->entry));

  return wanted->previous != NULL ? glb_recording_entry_get_index (wanted->previous) : NONE;
}

static GlbRecordImage *
load_screen (GlbRecording       *self,
             GlbRecordingMoment *moment,
             guint               index)
{
  g_autoptr(GError) error = NULL;
  GlbRecordImage *screen = glb_record_reader_get_screen (self->reader, index, &error);

  if (screen == NULL && moment->problem == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    moment->problem = g_strdup (error->message);

  return screen;
}

/* The last of the list that is not after index. */
static char *
describe_windows (GlbRecording *self,
                  guint         index)
{
  g_autoptr(JsonObject) record = NULL;
  guint low = 0, high = self->windows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->windows, guint, middle) <= index)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return NULL;
  record = glb_record_reader_get_record (self->reader, g_array_index (self->windows, guint, low - 1));

  return glb_recording_describe_windows (record);
}

/* (nullable): cancelled */
static GlbRecordingMoment *
load (GlbRecording *self,
      const Wanted *wanted,
      GCancellable *cancellable)
{
  g_autoptr(JsonObject) record = glb_record_reader_get_record (self->reader, glb_recording_entry_get_index (wanted->entry));
  g_autoptr(GlbRecordingMoment) moment = glb_recording_moment_new ();
  guint before = find_before (self, wanted, record);

  g_mutex_lock (&self->lock);
  glb_record_reader_set_cancellable (self->reader, cancellable);
  if (before != NONE)
    moment->before = load_screen (self, moment, before);
  moment->now = load_screen (self, moment, wanted->index);
  glb_record_reader_set_cancellable (self->reader, NULL);
  g_mutex_unlock (&self->lock);
  if (g_cancellable_is_cancelled (cancellable))
    return NULL;

  glb_recording_moment_compare (moment);
  moment->windows = describe_windows (self, wanted->index);
  moment->details = glb_recording_describe_details (record);

  return g_steal_pointer (&moment);
}

GlbRecordingMoment *
glb_recording_load (GlbRecording *self,
                    guint         position,
                    guint         index,
                    GCancellable *cancellable)
{
  g_autoptr(Wanted) wanted = wanted_new (self, position, index);

  return load (self, wanted, cancellable);
}

static void
load_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GlbRecordingMoment *moment = load (source, data, cancellable);

  if (moment != NULL)
    g_task_return_pointer (task, moment, (GDestroyNotify) glb_recording_moment_free);
  else
    g_task_return_error_if_cancelled (task);
}

void
glb_recording_load_async (GlbRecording        *self,
                          guint                position,
                          guint                index,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, glb_recording_load_async);
  g_task_set_task_data (task, wanted_new (self, position, index), (GDestroyNotify) wanted_free);
  g_task_run_in_thread (task, load_in_thread);
}

GlbRecordingMoment *
glb_recording_load_finish (GlbRecording  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- the object ------------------------------------------------------------------------------------ */

static void
glb_recording_finalize (GObject *object)
{
  GlbRecording *self = GLB_RECORDING (object);

  g_free (self->folder);
  g_clear_object (&self->reader);
  g_object_unref (self->entries);
  g_array_unref (self->windows);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (glb_recording_parent_class)->finalize (object);
}

static void
glb_recording_class_init (GlbRecordingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_recording_finalize;
}

static void
glb_recording_init (GlbRecording *self)
{
  g_mutex_init (&self->lock);
  self->entries = g_list_store_new (GLB_TYPE_RECORDING_ENTRY);
  self->windows = g_array_new (FALSE, FALSE, sizeof (guint));
}

const char *
glb_recording_get_folder (GlbRecording *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING (self), NULL);

  return self->folder;
}

const char *
glb_recording_get_flaw (GlbRecording *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING (self), NULL);

  return glb_record_reader_get_flaw (self->reader);
}

gboolean
glb_recording_is_too_long (GlbRecording *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING (self), FALSE);

  return self->too_long;
}

gint64
glb_recording_get_ms (GlbRecording *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING (self), 0);

  return glb_record_reader_get_record_ms (self->reader, glb_record_reader_get_n_records (self->reader) - 1);
}

GListModel *
glb_recording_get_entries (GlbRecording *self)
{
  g_return_val_if_fail (GLB_IS_RECORDING (self), NULL);

  return G_LIST_MODEL (self->entries);
}

guint
glb_recording_find_record (GlbRecording *self,
                           gint64        ms)
{
  guint low = 1, high = glb_record_reader_get_n_records (self->reader);

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (glb_record_reader_get_record_ms (self->reader, middle) <= ms)
        low = middle + 1;
      else
        high = middle;
    }

  return low - 1;
}

guint
glb_recording_find_entry (GlbRecording *self,
                          guint         record)
{
  guint low = 1, high = g_list_model_get_n_items (G_LIST_MODEL (self->entries));

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->entries), middle);

      if (glb_recording_entry_get_index (entry) <= record)
        low = middle + 1;
      else
        high = middle;
    }

  return low - 1;
}

gint64
glb_recording_get_next_ms (GlbRecording *self,
                           gint64        ms)
{
  guint n = glb_record_reader_get_n_records (self->reader);
  guint next = glb_recording_find_record (self, ms) + 1;

  return next < n ? glb_record_reader_get_record_ms (self->reader, next) : -1;
}
