/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#define EVENTS_A_TURN 64

static const int wait_ms[GLB_NETWORK_N_WAITS] = { 20, 2000, 30000, 120000 };

static int64_t
read_clock (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (int64_t) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

bool
glb_network_loop_init (GlbNetworkLoop *self)
{
  memset (self, 0, sizeof *self);
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  self->now = read_clock ();
  return self->epoll >= 0;
}

void
glb_network_loop_end (GlbNetworkLoop *self,
                      int             exit_status)
{
  if (!self->ended)
    self->exit_status = exit_status;
  self->ended = true;
}

bool
glb_network_loop_add (GlbNetworkLoop  *self,
                      int              fd,
                      uint32_t         events,
                      GlbNetworkWatch *watch)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };

  return epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

void
glb_network_loop_change (GlbNetworkLoop  *self,
                         int              fd,
                         uint32_t         events,
                         GlbNetworkWatch *watch)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };

  epoll_ctl (self->epoll, EPOLL_CTL_MOD, fd, &event);
}

void
glb_network_loop_remove (GlbNetworkLoop *self,
                         int             fd)
{
  epoll_ctl (self->epoll, EPOLL_CTL_DEL, fd, NULL);
}

void
glb_network_loop_queue (GlbNetworkLoop *self,
                        GlbNetworkTask *task)
{
  if (task->queued)
    return;
  task->queued = true;
  task->next = NULL;
  if (self->last_task != NULL)
    self->last_task->next = task;
  else
    self->first_task = task;
  self->last_task = task;
}

void
glb_network_loop_clear_timer (GlbNetworkLoop  *self,
                              GlbNetworkTimer *timer)
{
  if (!timer->set)
    return;
  if (timer->previous != NULL)
    timer->previous->next = timer->next;
  else
    self->first_timer[timer->wait] = timer->next;
  if (timer->next != NULL)
    timer->next->previous = timer->previous;
  else
    self->last_timer[timer->wait] = timer->previous;
  timer->set = false;
}

void
glb_network_loop_set_timer (GlbNetworkLoop  *self,
                            GlbNetworkTimer *timer,
                            GlbNetworkWait   wait)
{
  GlbNetworkTimer *last;

  glb_network_loop_clear_timer (self, timer);
  last = self->last_timer[wait];
  timer->deadline = self->now + wait_ms[wait];
  timer->wait = wait;
  timer->set = true;
  timer->previous = last;
  timer->next = NULL;
  if (last != NULL)
    last->next = timer;
  else
    self->first_timer[wait] = timer;
  self->last_timer[wait] = timer;
}

/* ms, for epoll_wait(). */
static int
time_to_wait (const GlbNetworkLoop *self)
{
  int64_t first = INT64_MAX;

  if (self->first_task != NULL)
    return 0;
  for (int wait = 0; wait < GLB_NETWORK_N_WAITS; wait++)
    if (self->first_timer[wait] != NULL && self->first_timer[wait]->deadline < first)
      first = self->first_timer[wait]->deadline;
  if (first == INT64_MAX)
    return -1;
  return first > self->now ? (int) (first - self->now) : 0;
}

/* Those that were queued before; what they queue waits for the next turn. */
static void
run_tasks (GlbNetworkLoop *self)
{
  GlbNetworkTask *task = self->first_task;

  self->first_task = self->last_task = NULL;
  while (task != NULL)
    {
      GlbNetworkTask *next = task->next;

      task->queued = false;
      task->run (task);
      task = next;
    }
}

static void
run_timers (GlbNetworkLoop *self)
{
  for (int wait = 0; wait < GLB_NETWORK_N_WAITS; wait++)
    while (self->first_timer[wait] != NULL && self->first_timer[wait]->deadline <= self->now)
      {
        GlbNetworkTimer *timer = self->first_timer[wait];

        glb_network_loop_clear_timer (self, timer);
        timer->expired (timer);
      }
}

int
glb_network_loop_run (GlbNetworkLoop *self)
{
  while (!self->ended)
    {
      struct epoll_event events[EVENTS_A_TURN];
      int n_events = epoll_wait (self->epoll, events, EVENTS_A_TURN, time_to_wait (self));

      if (n_events < 0 && errno != EINTR)
        {
          fprintf (stderr, "glovebox-network: can't wait for events: %s; end the session and start it again\n", strerror (errno));
          return 1;
        }
      self->now = read_clock ();
      for (int i = 0; i < n_events; i++)
        {
          GlbNetworkWatch *watch = events[i].data.ptr;

          watch->ready (watch, events[i].events);
        }
      run_tasks (self);
      run_timers (self);
    }
  return self->exit_status;
}
