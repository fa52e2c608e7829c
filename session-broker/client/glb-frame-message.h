/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "compositor-shim/glb-shim-protocol.h"

G_BEGIN_DECLS

typedef struct { int x, y, width, height; } GlbRect;

/* A ring as announced, every number within bounds. size: bytes that the memfd must have at least. */
typedef struct
{
  guint generation, n_slots, width, height;
  gsize stride;
  gsize size;
} GlbFrameRing;

/* A frame as announced, of a known ring. */
typedef struct
{
  guint slot;
  guint64 frame;
  gint64 time_us;
  guint n_rects;
  GlbRect rects[GLB_SHIM_RECTS_MAX];
} GlbFrameInfo;

/* Pure checkers of one packet (header and payload) that comes from an untrusted compositor; no I/O, any alignment. */

/* The type of a packet whose size is what its header says; 0 with error otherwise. */
guint    glb_frame_message_get_type    (const void *untrusted_packet, gsize length, GError **error);
gboolean glb_frame_message_parse_ring  (const void *untrusted_packet, gsize length, GlbFrameRing *ring, GError **error);
gboolean glb_frame_message_parse_frame (const void *untrusted_packet, gsize length, const GlbFrameRing *ring,
                                        GlbFrameInfo *frame, GError **error);
/* The memfd of a ring: as large as announced, and sealed so that it stays so; else reading it could kill the reader. */
gboolean glb_frame_ring_check_fd       (const GlbFrameRing *ring, int untrusted_fd, GError **error);

G_END_DECLS
