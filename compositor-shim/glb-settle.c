/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-settle.h"

#include <string.h>
#include <time.h>

#include "compositor-shim/glb-memory.h"

/* Repaints of which the bounds are still known when a request reaches back. */
#define HISTORY 128

/* The longest that a request may ask for; timers of the event loop count in int milliseconds. */
#define WAIT_MAX_MS (10 * 60 * 1000)

/* How long a repaint that is due is waited for: two of the output's. A client whose commits change nothing has one due at all times. */
#define DUE_MS 34

typedef struct
{
  uint64_t frame;
  GlbShimRect bounds;
} Repaint;

typedef struct
{
  struct wl_list link;
  GlbSettle *settle;
  struct wl_event_source *timer;
  uint64_t serial;
  uint32_t quiet_ms;
  int64_t deadline_ms;
  bool was_due;            /* the timer runs on for a repaint that was due */
  bool last;               /* the timer runs to the deadline, not to the end of the quiet time */
  GlbShimSettled answer;
} Request;

struct GlbSettle
{
  struct wl_event_loop *loop;
  GlbControl *control;
  GlbShimRect screen;
  bool (*is_due) (void *data);
  void *data;
  struct wl_list requests;   /* Request.link */
  uint64_t frame;
  Repaint history[HISTORY];  /* at frame % HISTORY */
};

static int64_t
now_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (int64_t) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static GlbShimRect
rect_union (const GlbShimRect *a,
            const GlbShimRect *b)
{
  int32_t x, y, right, bottom;

  if (a->width == 0 || a->height == 0)
    return *b;
  x = a->x < b->x ? a->x : b->x;
  y = a->y < b->y ? a->y : b->y;
  right = a->x + a->width > b->x + b->width ? a->x + a->width : b->x + b->width;
  bottom = a->y + a->height > b->y + b->height ? a->y + a->height : b->y + b->height;
  return (GlbShimRect) { x, y, right - x, bottom - y };
}

static void
request_free (Request *request)
{
  wl_list_remove (&request->link);
  wl_event_source_remove (request->timer);
  free (request);
}

static void
request_arm (Request *request)
{
  int64_t left = request->deadline_ms - now_ms ();
  int64_t wait = request->quiet_ms;

  request->was_due = false;
  request->last = left < wait;
  if (request->last)
    wait = left;
  /* A timer of 0 would be off. */
  wl_event_source_timer_update (request->timer, (int) (wait > 0 ? wait : 1));
}

/* A busy machine repaints late: what was committed before the quiet time began may not be on the screen at its end. */
static bool
wait_for_repaint (Request *request)
{
  if (request->last || request->was_due || !request->settle->is_due (request->settle->data))
    return false;

  request->was_due = true;
  wl_event_source_timer_update (request->timer, DUE_MS);
  return true;
}

static int
handle_timer (void *data)
{
  Request *request = data;

  if (wait_for_repaint (request))
    return 0;
  request->answer.frame = request->settle->frame;
  request->answer.settled = !request->last;
  glb_control_send (request->settle->control, GLB_SHIM_SETTLED, request->serial, &request->answer,
                    sizeof request->answer);
  request_free (request);
  return 0;
}

/* What changed after @since and before the request. */
static void
look_back (GlbSettle      *settle,
           uint64_t        since,
           GlbShimSettled *answer)
{
  if (since == 0 || since >= settle->frame)
    return;
  answer->n_frames = (uint32_t) (settle->frame - since);
  if (settle->frame - since > HISTORY)
    {
      answer->bounds = settle->screen;
      return;
    }
  for (uint64_t frame = since + 1; frame <= settle->frame; frame++)
    answer->bounds = rect_union (&answer->bounds, &settle->history[frame % HISTORY].bounds);
}

GlbSettle *
glb_settle_new (struct wl_event_loop *loop,
                GlbControl           *control,
                int                   width,
                int                   height,
                bool                (*is_due) (void *data),
                void                 *data)
{
  GlbSettle *settle = glb_new0 (GlbSettle);

  settle->loop = loop;
  settle->control = control;
  settle->screen = (GlbShimRect) { 0, 0, width, height };
  settle->is_due = is_due;
  settle->data = data;
  wl_list_init (&settle->requests);
  return settle;
}

void
glb_settle_free (GlbSettle *settle)
{
  Request *request, *next;

  wl_list_for_each_safe (request, next, &settle->requests, link)
    request_free (request);
  free (settle);
}

void
glb_settle_damaged (GlbSettle         *settle,
                    uint64_t           frame,
                    const GlbShimRect *bounds)
{
  Request *request;

  settle->frame = frame;
  settle->history[frame % HISTORY] = (Repaint) { frame, *bounds };
  wl_list_for_each (request, &settle->requests, link)
    {
      request->answer.n_frames++;
      request->answer.bounds = rect_union (&request->answer.bounds, bounds);
      request_arm (request);
    }
}

void
glb_settle_request (GlbSettle           *settle,
                    uint64_t             serial,
                    const GlbShimSettle *wanted)
{
  Request *request = glb_new0 (Request);
  uint32_t max_ms = wanted->max_ms < WAIT_MAX_MS ? wanted->max_ms : WAIT_MAX_MS;

  request->settle = settle;
  request->serial = serial;
  request->quiet_ms = wanted->quiet_ms;
  request->deadline_ms = now_ms () + max_ms;
  look_back (settle, wanted->since_frame, &request->answer);
  request->timer = wl_event_loop_add_timer (settle->loop, handle_timer, request);
  if (request->timer == NULL)
    abort ();
  wl_list_insert (settle->requests.prev, &request->link);
  request_arm (request);
}
