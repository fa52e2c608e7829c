/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-trace-elements.h"

/* Presses that are remembered: of gestures that are not told yet. */
#define KEPT_MAX   16u
/* Who types is not asked about again for each key. */
#define KEYS_US    G_USEC_PER_SEC

typedef struct
{
  gint64 time_us;
  gboolean is_pointer;
  JsonNode *node;            /* (nullable): none, or not yet */
} Press;

struct _GlbTraceElements
{
  GlbAccessibility *accessibility;
  GCancellable *cancellable;
  int x, y;                  /* of the pointer */
  GQueue presses;            /* Press, the newest first */
};

/* One question on its way, which may come back when nobody asks any more. */
typedef struct
{
  GlbTraceElements *self;
  GCancellable *cancellable;
  gint64 time_us;
} Question;

static void
press_free (gpointer data)
{
  Press *press = data;

  g_clear_pointer (&press->node, json_node_unref);
  g_free (press);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr(GCancellable) cancellable = question->cancellable;
  g_autoptr(JsonNode) node = glb_accessibility_at_finish (GLB_ACCESSIBILITY (source), result, NULL);

  if (g_cancellable_is_cancelled (cancellable))
    return;

  for (GList *l = question->self->presses.head; l != NULL; l = l->next)
    {
      Press *press = l->data;

      if (press->time_us == question->time_us && press->node == NULL && node != NULL)
        press->node = json_node_ref (node);
    }
}

static void
ask (GlbTraceElements *self, gboolean is_pointer, gint64 time_us)
{
  Question *question = g_new0 (Question, 1);
  Press *press = g_new0 (Press, 1);

  question->self = self;
  question->cancellable = g_object_ref (self->cancellable);
  question->time_us = press->time_us = time_us;
  press->is_pointer = is_pointer;
  g_queue_push_head (&self->presses, press);
  if (g_queue_get_length (&self->presses) > KEPT_MAX)
    press_free (g_queue_pop_tail (&self->presses));
  if (is_pointer)
    glb_accessibility_at_async (self->accessibility, self->x, self->y, self->cancellable, found_cb, question);
  else
    glb_accessibility_focus_async (self->accessibility, self->cancellable, found_cb, question);
}

/* (nullable): the newest one */
static const Press *
get_last (GlbTraceElements *self, gboolean is_pointer)
{
  for (GList *l = self->presses.head; l != NULL; l = l->next)
    if (((const Press *) l->data)->is_pointer == is_pointer)
      return l->data;
  return NULL;
}

void
glb_trace_elements_add (GlbTraceElements *self, const GlbShimEvent *event, gint64 time_us)
{
  gboolean is_pointer = event->kind != GLB_SHIM_EVENT_KEY;
  const Press *last = get_last (self, is_pointer);

  if (event->kind == GLB_SHIM_EVENT_MOTION)
    {
      self->x = event->x / 256;
      self->y = event->y / 256;
    }
  else if (event->kind == GLB_SHIM_EVENT_AXIS || (event->kind == GLB_SHIM_EVENT_BUTTON && event->value == 1))
    {
      if (last == NULL || last->time_us != time_us)
        ask (self, TRUE, time_us);
    }
  else if (event->kind == GLB_SHIM_EVENT_KEY && event->value == 1 && (last == NULL || time_us - last->time_us > KEYS_US))
    ask (self, FALSE, time_us);
}

JsonNode *
glb_trace_elements_find (GlbTraceElements *self, gboolean is_pointer, gint64 began_us)
{
  for (GList *l = self->presses.head; l != NULL; l = l->next)
    {
      const Press *press = l->data;

      if (press->is_pointer == is_pointer && (is_pointer ? press->time_us == began_us : press->time_us <= began_us))
        return is_pointer || began_us - press->time_us <= KEYS_US ? press->node : NULL;
    }
  return NULL;
}

void
glb_trace_elements_free (GlbTraceElements *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->accessibility);
  g_queue_clear_full (&self->presses, press_free);
  g_free (self);
}

GlbTraceElements *
glb_trace_elements_new (GlbAccessibility *accessibility, int x, int y)
{
  GlbTraceElements *self = g_new0 (GlbTraceElements, 1);

  self->accessibility = g_object_ref (accessibility);
  self->cancellable = g_cancellable_new ();
  self->x = x;
  self->y = y;
  g_queue_init (&self->presses);
  return self;
}
