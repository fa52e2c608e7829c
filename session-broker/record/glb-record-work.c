/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/record/glb-record-work.h"

typedef struct
{
  gint64 ms;
  guint64 frame;
  GlbRecordImage *part;      /* NULL: a record, or the end */
  guint x, y;
  char *type;                /* NULL: no more work */
  JsonObject *fields;
} Job;

struct _GlbRecordWork
{
  GlbRecordWriter *writer;
  GThread *thread;           /* NULL: it has ended */
  GAsyncQueue *jobs;
  gsize bytes;               /* atomic */
  GError *error;             /* the thread's until it has ended */
  GlbRecordWorkFailed failed;
  gpointer user_data;
  GSource *failed_source;    /* dispatched when there is an error */
};

static gsize
get_job_bytes (const Job *job)
{
  return job->part != NULL ? (gsize) job->part->width * job->part->height * sizeof *job->part->pixels : 0;
}

static void
job_free (Job *job)
{
  g_clear_pointer (&job->part, glb_record_image_free);
  g_clear_pointer (&job->fields, json_object_unref);
  g_free (job->type);
  g_free (job);
}

static gboolean
write_job (GlbRecordWork  *self,
           const Job      *job,
           GError        **error)
{
  if (job->part != NULL)
    return glb_record_writer_append_screen (self->writer, job->ms, job->frame, job->part, job->x, job->y, error);
  return glb_record_writer_append (self->writer, job->ms, job->type, job->fields, error);
}

static gpointer
run (gpointer data)
{
  GlbRecordWork *self = data;
  gboolean more = TRUE;

  while (more)
    {
      Job *job = g_async_queue_pop (self->jobs);

      more = job->part != NULL || job->type != NULL;
      if (more && self->error == NULL && !write_job (self, job, &self->error))
        g_source_set_ready_time (self->failed_source, 0);
      g_atomic_pointer_add (&self->bytes, -(gssize) get_job_bytes (job));
      job_free (job);
    }
  return NULL;
}

static gboolean
on_failed (gpointer user_data)
{
  GlbRecordWork *self = user_data;

  self->failed (self->user_data);
  return G_SOURCE_REMOVE;
}

/* A source that waits for g_source_set_ready_time(). */
static gboolean
dispatch_failed (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     user_data)
{
  return callback (user_data);
}

GlbRecordWork *
glb_record_work_new (GlbRecordWriter     *writer,
                     GlbRecordWorkFailed  failed,
                     gpointer             user_data)
{
  static GSourceFuncs functions = { .dispatch = dispatch_failed };
  GlbRecordWork *self = g_new0 (GlbRecordWork, 1);

  self->writer = writer;
  self->jobs = g_async_queue_new_full ((GDestroyNotify) job_free);
  self->failed = failed;
  self->user_data = user_data;
  self->failed_source = g_source_new (&functions, sizeof (GSource));
  g_source_set_ready_time (self->failed_source, -1);
  g_source_set_callback (self->failed_source, on_failed, self, NULL);
  g_source_attach (self->failed_source, NULL);
  self->thread = g_thread_new ("record", run, self);
  return self;
}

static void
push (GlbRecordWork *self,
      const Job     *content)
{
  Job *job = g_memdup2 (content, sizeof *content);

  g_atomic_pointer_add (&self->bytes, (gssize) get_job_bytes (job));
  g_async_queue_push (self->jobs, job);
}

void
glb_record_work_push_screen (GlbRecordWork  *self,
                             gint64          ms,
                             guint64         frame,
                             GlbRecordImage *part,
                             guint           x,
                             guint           y)
{
  const Job job = { .ms = ms, .frame = frame, .part = part, .x = x, .y = y };

  push (self, &job);
}

void
glb_record_work_push_record (GlbRecordWork *self,
                             gint64         ms,
                             const char    *type,
                             JsonObject    *fields)
{
  const Job job = { .ms = ms, .type = g_strdup (type), .fields = fields };

  push (self, &job);
}

gsize
glb_record_work_get_bytes (GlbRecordWork *self)
{
  return (gsize) g_atomic_pointer_get (&self->bytes);
}

static void
end_thread (GlbRecordWork *self)
{
  const Job last = { .ms = 0 };

  if (self->thread == NULL)
    return;
  push (self, &last);
  g_thread_join (g_steal_pointer (&self->thread));
  g_source_destroy (self->failed_source);
}

gboolean
glb_record_work_finish (GlbRecordWork  *self,
                        gint64          ms,
                        const char     *reason,
                        GError        **error)
{
  g_autoptr(GError) end_error = NULL;

  end_thread (self);
  /* A recording that has its size still says how it ended. */
  if (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    reason = "full";
  if (!glb_record_writer_end (self->writer, ms, reason, &end_error) && self->error == NULL)
    self->error = g_steal_pointer (&end_error);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

void
glb_record_work_free (GlbRecordWork *self)
{
  end_thread (self);
  g_source_unref (self->failed_source);
  g_async_queue_unref (self->jobs);
  g_object_unref (self->writer);
  g_clear_error (&self->error);
  g_free (self);
}
