/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/client/glb-frame-message.h"

/* Whatever the packet: an error, or a ring that cannot overflow and rectangles inside its image. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_ring (const GlbFrameRing *ring)
{
  g_assert_cmpuint (ring->generation, >, 0);
  g_assert_cmpuint (ring->n_slots, >, 0);
  g_assert_cmpuint (ring->n_slots, <=, GLB_SHIM_SLOTS_MAX);
  g_assert_cmpuint (ring->stride, >=, ring->width * 4);
  g_assert_cmpuint ((guint64) ring->n_slots * ring->height * ring->stride, ==, ring->size);
}

static void
check_frame (const GlbFrameRing *ring,
             const GlbFrameInfo *frame)
{
  g_assert_cmpuint (frame->slot, <, ring->n_slots);
  g_assert_cmpuint (frame->n_rects, <=, GLB_SHIM_RECTS_MAX);
  for (guint i = 0; i < frame->n_rects; i++)
    {
      const GlbRect *rect = &frame->rects[i];

      g_assert_cmpint (rect->x, >=, 0);
      g_assert_cmpint (rect->y, >=, 0);
      g_assert_cmpint (rect->width, >, 0);
      g_assert_cmpint (rect->height, >, 0);
      g_assert_cmpint ((gint64) rect->x + rect->width, <=, ring->width);
      g_assert_cmpint ((gint64) rect->y + rect->height, <=, ring->height);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  GlbFrameRing ring = { .generation = 1, .n_slots = 3, .width = 1280, .height = 800, .stride = 5120, .size = 12288000 };
  g_autoptr(GError) ring_error = NULL;
  g_autoptr(GError) frame_error = NULL;
  GlbFrameRing parsed;
  GlbFrameInfo frame;

  if (glb_frame_message_parse_ring (data, size, &parsed, &ring_error))
    {
      check_ring (&parsed);
      g_assert_cmpuint (glb_frame_message_get_type (data, size, NULL), ==, GLB_SHIM_RING);
    }
  else
    g_assert_error (ring_error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);

  if (glb_frame_message_parse_frame (data, size, &ring, &frame, &frame_error))
    {
      check_frame (&ring, &frame);
      g_assert_cmpuint (glb_frame_message_get_type (data, size, NULL), ==, GLB_SHIM_FRAME);
    }
  else
    g_assert_error (frame_error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);

  return 0;
}
