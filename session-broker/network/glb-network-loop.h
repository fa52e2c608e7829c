/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The gate's loop. One turn: what epoll says goes to the watches, which only
 * take notes and queue tasks; then the tasks that are queued run, each for a
 * bounded time; then the timers that are over. Only a task destroys things, so
 * nothing that epoll named is gone before its turn.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct GlbNetworkWatch GlbNetworkWatch;
typedef struct GlbNetworkTask GlbNetworkTask;
typedef struct GlbNetworkTimer GlbNetworkTimer;

struct GlbNetworkWatch
{
  void (*ready) (GlbNetworkWatch *self, uint32_t events);
};

struct GlbNetworkTask
{
  void          (*run) (GlbNetworkTask *self);
  GlbNetworkTask *next;
  bool            queued;
};

/* The waits that there are: timers of one wait end in the order in which they were set. */
typedef enum
{
  GLB_NETWORK_WAIT_TICK,      /* 20 ms: for a share of the rate, for a descriptor */
  GLB_NETWORK_WAIT_LINGER,    /* 2 s: for the program to read what it was told last */
  GLB_NETWORK_WAIT_REQUEST,   /* 30 s: for a request, a greeting, an answer about a name */
  GLB_NETWORK_WAIT_HALF,      /* 120 s: for bytes, where the other direction is over */
  GLB_NETWORK_N_WAITS,
} GlbNetworkWait;

struct GlbNetworkTimer
{
  void           (*expired) (GlbNetworkTimer *self);
  GlbNetworkTimer *previous, *next;
  int64_t          deadline;
  GlbNetworkWait   wait;
  bool             set;
};

typedef struct
{
  int              epoll;
  int64_t          now;       /* ms, of the monotonic clock, at the beginning of the turn */
  GlbNetworkTask  *first_task, *last_task;
  GlbNetworkTimer *first_timer[GLB_NETWORK_N_WAITS], *last_timer[GLB_NETWORK_N_WAITS];
  bool             ended;
  int              exit_status;
} GlbNetworkLoop;

#define glb_network_container(pointer, type, member) ((type *) (void *) ((char *) (pointer) - offsetof (type, member)))

bool glb_network_loop_init        (GlbNetworkLoop *self);
int  glb_network_loop_run         (GlbNetworkLoop *self);
void glb_network_loop_end         (GlbNetworkLoop *self, int exit_status);
bool glb_network_loop_add         (GlbNetworkLoop *self, int fd, uint32_t events, GlbNetworkWatch *watch);
void glb_network_loop_change      (GlbNetworkLoop *self, int fd, uint32_t events, GlbNetworkWatch *watch);
/* Before fd is closed: whoever else holds the same socket would keep it in epoll. */
void glb_network_loop_remove      (GlbNetworkLoop *self, int fd);
void glb_network_loop_queue       (GlbNetworkLoop *self, GlbNetworkTask *task);
/* Anew, if it was set. */
void glb_network_loop_set_timer   (GlbNetworkLoop *self, GlbNetworkTimer *timer, GlbNetworkWait wait);
void glb_network_loop_clear_timer (GlbNetworkLoop *self, GlbNetworkTimer *timer);
