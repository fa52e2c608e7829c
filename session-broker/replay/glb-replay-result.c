/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-result.h"

static void
done_free (gpointer data)
{
  GlbReplayDone *done = data;

  g_free (done->text);
  g_free (done);
}

GlbReplayResult *
glb_replay_result_new (const char *name,
                       const char *file)
{
  GlbReplayResult *self = g_new0 (GlbReplayResult, 1);

  self->name = g_strdup (name);
  self->file = g_strdup (file);
  self->done = g_ptr_array_new_with_free_func (done_free);
  self->updates = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
glb_replay_result_free (GlbReplayResult *self)
{
  g_free (self->name);
  g_free (self->file);
  g_free (self->reason);
  g_free (self->output);
  g_ptr_array_unref (self->done);
  g_ptr_array_unref (self->updates);
  g_clear_pointer (&self->before, glb_replay_picture_unref);
  g_clear_pointer (&self->after, glb_replay_picture_unref);
  g_clear_pointer (&self->expected, glb_replay_picture_unref);
  g_clear_pointer (&self->difference, glb_replay_picture_unref);
  g_free (self);
}

void
glb_replay_result_end (GlbReplayResult  *self,
                       GlbReplayVerdict  verdict,
                       const char       *format,
                       ...)
{
  va_list args;

  if (self->verdict != GLB_REPLAY_PASSED)
    return;

  self->verdict = verdict;
  va_start (args, format);
  self->reason = g_strdup_vprintf (format, args);
  va_end (args);
}

void
glb_replay_result_add_step (GlbReplayResult *self,
                            const char      *text,
                            guint            line)
{
  GlbReplayDone *done = g_new0 (GlbReplayDone, 1);

  done->text = g_strdup (text);
  done->line = line;
  g_ptr_array_add (self->done, done);
}

const char *
glb_replay_verdict_to_string (GlbReplayVerdict verdict)
{
  switch (verdict)
    {
    case GLB_REPLAY_PASSED:   return "passed";
    case GLB_REPLAY_DIVERGED: return "diverged";
    case GLB_REPLAY_REFUSED:  return "refused";
    case GLB_REPLAY_FAILED:
    default:                  return "failed";
    }
}
