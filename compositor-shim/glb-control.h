/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "compositor-shim/glb-shim-protocol.h"

/* The shim's end of the control channel; see glb-shim-protocol.h. */
typedef struct GlbControl GlbControl;

/* What the broker asked for; each payload has been checked for size. */
typedef struct
{
  void (*listen) (int fd, void *data);   /* takes the descriptor */
  void (*input) (uint64_t serial, const GlbShimInput *input, void *data);
  void (*text) (uint64_t serial, const char *text, size_t length, void *data);
  void (*settle) (uint64_t serial, const GlbShimSettle *settle, void *data);
  void (*watch) (uint32_t n_slots, void *data);
  void (*prepare) (uint32_t n_slots, void *data);
  void (*unwatch) (void *data);
  void (*release) (const GlbShimRelease *release, void *data);
  void (*capture) (void *data);
  void (*window_op) (uint64_t serial, const GlbShimWindowOp *op, void *data);
  void (*release_input) (uint64_t serial, void *data);
  void (*read_selection) (uint64_t serial, const GlbShimReadSelection *read, int fd, void *data);   /* takes fd */
  void (*set_selection) (uint64_t serial, const GlbShimSetSelection *set, int fd, void *data);      /* takes fd */
  void (*clear_selection) (uint64_t serial, const GlbShimClearSelection *clear, void *data);
  void (*ask_owners) (uint64_t serial, void *data);
  void (*refuse) (uint64_t serial, void *data);   /* malformed message */
  void (*drained) (void *data);                   /* everything queued was sent */
  void (*closed) (void *data);                    /* the broker is gone; called once */
} GlbControlHandler;

GlbControl *glb_control_new (struct wl_event_loop    *loop,
                             int                      fd,
                             const GlbControlHandler *handler,
                             void                    *data);
void glb_control_free (GlbControl *control);

/* Queues where the socket is full, so the compositor never waits for the broker. */
void glb_control_send (GlbControl *control,
                       uint32_t    type,
                       uint64_t    serial,
                       const void *payload,
                       size_t      size);
/* As above with a descriptor, which is duplicated if it has to wait. */
void glb_control_send_fd (GlbControl *control,
                          uint32_t    type,
                          uint64_t    serial,
                          const void *payload,
                          size_t      size,
                          int         fd);
/* Whether messages wait for the broker to read. */
bool glb_control_is_congested (GlbControl *control);
