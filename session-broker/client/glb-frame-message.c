/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-client"

#include "session-broker/client/glb-frame-message.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define FORMAT_XRGB8888 0x34325258u   /* DRM_FORMAT_XRGB8888: "XR24" */
#define SIDE_MAX        8192u         /* twice the largest screen of a policy */
#define STRIDE_MAX      (SIDE_MAX * 4u)

static gboolean
malformed (GError    **error,
           const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Malformed frame message: %s", what);
  return FALSE;
}

/* Copies the header out (the packet may lie anywhere) and gives the payload. */
static const guint8 *
split (const void    *untrusted_packet,
       gsize          length,
       GlbShimHeader *header,
       GError       **error)
{
  if (length < sizeof *header || length > GLB_SHIM_MESSAGE_MAX)
    {
      malformed (error, "size of the packet");
      return NULL;
    }

  memcpy (header, untrusted_packet, sizeof *header);
  if (header->size != length - sizeof *header)
    {
      malformed (error, "the packet is not as long as its header says");
      return NULL;
    }

  return (const guint8 *) untrusted_packet + sizeof *header;
}

guint
glb_frame_message_get_type (const void *untrusted_packet,
                            gsize       length,
                            GError    **error)
{
  GlbShimHeader header;

  if (split (untrusted_packet, length, &header, error) == NULL)
    return 0;

  if (header.type != GLB_SHIM_RING && header.type != GLB_SHIM_FRAME)
    {
      malformed (error, "unexpected type");
      return 0;
    }

  return header.type;
}

gboolean
glb_frame_message_parse_ring (const void   *untrusted_packet,
                              gsize         length,
                              GlbFrameRing *ring,
                              GError      **error)
{
  const guint8 *untrusted_payload;
  GlbShimRing untrusted_ring;
  GlbShimHeader header;

  untrusted_payload = split (untrusted_packet, length, &header, error);
  if (untrusted_payload == NULL)
    return FALSE;
  if (header.type != GLB_SHIM_RING || header.size != sizeof untrusted_ring)
    return malformed (error, "size of RING");

  memcpy (&untrusted_ring, untrusted_payload, sizeof untrusted_ring);
  if (untrusted_ring.generation == 0)
    return malformed (error, "generation of the ring");
  if (untrusted_ring.n_slots < 1 || untrusted_ring.n_slots > GLB_SHIM_SLOTS_MAX)
    return malformed (error, "number of slots");
  if (untrusted_ring.width < 1 || untrusted_ring.width > SIDE_MAX ||
      untrusted_ring.height < 1 || untrusted_ring.height > SIDE_MAX)
    return malformed (error, "size of the image");
  if (untrusted_ring.stride < untrusted_ring.width * 4u || untrusted_ring.stride > STRIDE_MAX ||
      untrusted_ring.stride % 4u != 0)
    return malformed (error, "bytes of a row");
  if (untrusted_ring.format != FORMAT_XRGB8888)
    return malformed (error, "format of the pixels");

  ring->generation = untrusted_ring.generation;
  ring->n_slots = untrusted_ring.n_slots;
  ring->width = untrusted_ring.width;
  ring->height = untrusted_ring.height;
  ring->stride = untrusted_ring.stride;
  /* At most 4 * 8192 * 32768 bytes: 1 GiB, no overflow even where gsize has 32 bits. */
  ring->size = (gsize) ring->n_slots * ring->height * ring->stride;
  return TRUE;
}

static gboolean
check_rect (const GlbShimRect  *untrusted_rect,
            const GlbFrameRing *ring)
{
  gint64 right = (gint64) untrusted_rect->x + untrusted_rect->width;
  gint64 bottom = (gint64) untrusted_rect->y + untrusted_rect->height;

  return untrusted_rect->x >= 0 && untrusted_rect->y >= 0 &&
         untrusted_rect->width > 0 && untrusted_rect->height > 0 &&
         right <= (gint64) ring->width && bottom <= (gint64) ring->height;
}

gboolean
glb_frame_message_parse_frame (const void         *untrusted_packet,
                               gsize               length,
                               const GlbFrameRing *ring,
                               GlbFrameInfo       *frame,
                               GError            **error)
{
  const guint8 *untrusted_payload;
  GlbShimFrame untrusted_frame;
  GlbShimRect untrusted_rect;
  GlbShimHeader header;

  untrusted_payload = split (untrusted_packet, length, &header, error);
  if (untrusted_payload == NULL)
    return FALSE;
  if (header.type != GLB_SHIM_FRAME || header.size < sizeof untrusted_frame)
    return malformed (error, "size of FRAME");

  memcpy (&untrusted_frame, untrusted_payload, sizeof untrusted_frame);
  if (untrusted_frame.n_rects > GLB_SHIM_RECTS_MAX ||
      header.size != sizeof untrusted_frame + untrusted_frame.n_rects * sizeof untrusted_rect)
    return malformed (error, "number of rectangles");
  if (untrusted_frame.generation != ring->generation)
    return malformed (error, "frame of another ring");
  if (untrusted_frame.slot >= ring->n_slots)
    return malformed (error, "slot outside the ring");

  for (guint i = 0; i < untrusted_frame.n_rects; i++)
    {
      memcpy (&untrusted_rect, untrusted_payload + sizeof untrusted_frame + i * sizeof untrusted_rect,
              sizeof untrusted_rect);
      if (!check_rect (&untrusted_rect, ring))
        return malformed (error, "rectangle outside the image");

      frame->rects[i].x = untrusted_rect.x;
      frame->rects[i].y = untrusted_rect.y;
      frame->rects[i].width = untrusted_rect.width;
      frame->rects[i].height = untrusted_rect.height;
    }

  frame->slot = untrusted_frame.slot;
  frame->frame = untrusted_frame.frame;
  frame->time_us = untrusted_frame.time_us;
  frame->n_rects = untrusted_frame.n_rects;
  return TRUE;
}

gboolean
glb_frame_ring_check_fd (const GlbFrameRing *ring,
                         int                 untrusted_fd,
                         GError            **error)
{
  struct stat st;
  int seals;

  if (fstat (untrusted_fd, &st) < 0 || !S_ISREG (st.st_mode))
    return malformed (error, "the ring is no file");
  if (st.st_size < 0 || (guint64) st.st_size < ring->size)
    return malformed (error, "the ring's file is too small");

  /* Without this seal the sender could cut the file while we read it: SIGBUS. */
  seals = fcntl (untrusted_fd, F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || (seals & F_SEAL_GROW) == 0)
    return malformed (error, "the ring's file is not sealed against a change of its size");

  return TRUE;
}
