/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/client/glb-frame-message.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define XRGB8888 0x34325258u

typedef struct
{
  GlbShimHeader header;
  GlbShimRing ring;
} RingPacket;

typedef struct
{
  GlbShimHeader header;
  GlbShimFrame frame;
  GlbShimRect rects[GLB_SHIM_RECTS_MAX + 1];
} FramePacket;

static RingPacket
good_ring (void)
{
  return (RingPacket) {
    { GLB_SHIM_RING, sizeof (GlbShimRing), 0 },
    { .generation = 1, .n_slots = 3, .width = 64, .height = 32, .stride = 256, .format = XRGB8888 },
  };
}

static void
assert_bad_ring (const RingPacket *packet,
                 gsize             length,
                 const char       *message)
{
  g_autoptr(GError) error = NULL;
  GlbFrameRing ring;

  g_assert_false (glb_frame_message_parse_ring (packet, length, &ring, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_ring_bad (void)
{
  static const struct { gsize offset; guint32 value; const char *message; } cases[] = {
    { offsetof (RingPacket, header.type), GLB_SHIM_FRAME, "size of RING" },
    { offsetof (RingPacket, header.size), 8, "not as long" },
    { offsetof (RingPacket, header.size), G_MAXUINT32, "not as long" },
    { offsetof (RingPacket, ring.generation), 0, "generation" },
    { offsetof (RingPacket, ring.n_slots), 0, "slots" },
    { offsetof (RingPacket, ring.n_slots), GLB_SHIM_SLOTS_MAX + 1, "slots" },
    { offsetof (RingPacket, ring.n_slots), G_MAXUINT32, "slots" },
    { offsetof (RingPacket, ring.width), 0, "image" },
    { offsetof (RingPacket, ring.width), 0x40000000, "image" },
    { offsetof (RingPacket, ring.width), 65, "row" },
    { offsetof (RingPacket, ring.height), 0, "image" },
    { offsetof (RingPacket, ring.height), G_MAXUINT32, "image" },
    { offsetof (RingPacket, ring.stride), 255, "row" },
    { offsetof (RingPacket, ring.stride), 258, "row" },
    { offsetof (RingPacket, ring.stride), 0xfffffffc, "row" },
    { offsetof (RingPacket, ring.format), 0x34325241, "format" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RingPacket packet = good_ring ();

      memcpy ((char *) &packet + cases[i].offset, &cases[i].value, sizeof (guint32));
      assert_bad_ring (&packet, sizeof packet, cases[i].message);
    }

  for (gsize length = 0; length < sizeof (RingPacket); length++)
    {
      RingPacket packet = good_ring ();

      assert_bad_ring (&packet, length, length < sizeof (GlbShimHeader) ? "size of the packet" : "not as long");
    }
}

static void
test_ring_good (void)
{
  char unaligned[sizeof (RingPacket) + 1];
  RingPacket packet = good_ring ();
  g_autoptr(GError) error = NULL;
  GlbFrameRing ring;

  memcpy (unaligned + 1, &packet, sizeof packet);
  g_assert_true (glb_frame_message_parse_ring (unaligned + 1, sizeof packet, &ring, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (ring.n_slots, ==, 3);
  g_assert_cmpuint (ring.size, ==, 3 * 32 * 256);
  g_assert_cmpuint (glb_frame_message_get_type (unaligned + 1, sizeof packet, NULL), ==, GLB_SHIM_RING);
}

static gsize
good_frame (FramePacket *packet,
            guint        n_rects)
{
  gsize payload = sizeof (GlbShimFrame) + n_rects * sizeof (GlbShimRect);

  *packet = (FramePacket) {
    .header = { GLB_SHIM_FRAME, (guint32) payload, 0 },
    .frame = { .generation = 1, .slot = 2, .frame = 9, .time_us = 5, .n_rects = n_rects },
  };
  for (guint i = 0; i < n_rects; i++)
    packet->rects[i] = (GlbShimRect) { 60, 30, 4, 2 };
  return sizeof (GlbShimHeader) + payload;
}

static void
assert_bad_frame (const FramePacket *packet,
                  gsize              length,
                  const char        *message)
{
  const GlbFrameRing ring = { .generation = 1, .n_slots = 3, .width = 64, .height = 32, .stride = 256, .size = 24576 };
  g_autoptr(GError) error = NULL;
  GlbFrameInfo info;

  g_assert_false (glb_frame_message_parse_frame (packet, length, &ring, &info, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_frame_bad (void)
{
  static const GlbShimRect rects[] = {
    { -1, 0, 1, 1 }, { 0, -1, 1, 1 }, { 0, 0, 0, 1 }, { 0, 0, 1, 0 }, { 0, 0, -1, 1 }, { 0, 0, 65, 1 }, { 0, 0, 1, 33 },
    { 64, 0, 1, 1 }, { 0, 32, 1, 1 }, { G_MAXINT32, 0, G_MAXINT32, 1 }, { 1, 1, 1, G_MAXINT32 }, { G_MININT32, 0, 1, 1 },
  };
  FramePacket packet;
  gsize length;

  length = good_frame (&packet, 1);
  packet.frame.generation = 2;
  assert_bad_frame (&packet, length, "another ring");

  good_frame (&packet, 1);
  packet.frame.slot = 3;
  assert_bad_frame (&packet, length, "slot outside");
  packet.frame.slot = G_MAXUINT32;
  assert_bad_frame (&packet, length, "slot outside");

  good_frame (&packet, 1);
  packet.frame.n_rects = 2;
  assert_bad_frame (&packet, length, "rectangles");
  packet.frame.n_rects = 0x10000001;   /* times 16 is 16 in 32 bits */
  assert_bad_frame (&packet, length, "rectangles");

  length = good_frame (&packet, GLB_SHIM_RECTS_MAX + 1);
  assert_bad_frame (&packet, length, "rectangles");

  for (gsize i = 0; i < G_N_ELEMENTS (rects); i++)
    {
      length = good_frame (&packet, 3);
      packet.rects[2] = rects[i];
      assert_bad_frame (&packet, length, "rectangle outside");
    }

  length = good_frame (&packet, 1);
  packet.header.type = GLB_SHIM_DAMAGE;
  g_assert_cmpuint (glb_frame_message_get_type (&packet, length, NULL), ==, 0);
}

static void
test_frame_good (void)
{
  const GlbFrameRing ring = { .generation = 1, .n_slots = 3, .width = 64, .height = 32, .stride = 256, .size = 24576 };
  g_autoptr(GError) error = NULL;
  GlbFrameInfo info;
  FramePacket packet;
  gsize length = good_frame (&packet, GLB_SHIM_RECTS_MAX);

  g_assert_true (glb_frame_message_parse_frame (&packet, length, &ring, &info, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (info.slot, ==, 2);
  g_assert_cmpuint (info.frame, ==, 9);
  g_assert_cmpuint (info.n_rects, ==, GLB_SHIM_RECTS_MAX);
  g_assert_cmpint (info.rects[31].x, ==, 60);
}

static void
assert_fd (const GlbFrameRing *ring,
           int                 fd,
           const char         *message)
{
  g_autoptr(GError) error = NULL;
  gboolean good = glb_frame_ring_check_fd (ring, fd, &error);

  if (message == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (good);
    }
  else
    {
      g_assert_false (good);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_nonnull (strstr (error->message, message));
    }
}

static void
test_fd (void)
{
  const GlbFrameRing ring = { .generation = 1, .n_slots = 3, .width = 64, .height = 32, .stride = 256, .size = 24576 };
  g_autofree char *name = NULL;
  int pipes[2];
  int fd;

  g_assert_cmpint (pipe2 (pipes, O_CLOEXEC), ==, 0);
  assert_fd (&ring, pipes[0], "no file");
  close (pipes[0]);
  close (pipes[1]);
  assert_fd (&ring, -1, "no file");

  /* An ordinary file can be cut at any time. */
  fd = g_file_open_tmp (NULL, &name, NULL);
  unlink (name);
  g_assert_cmpint (ftruncate (fd, 24576), ==, 0);
  assert_fd (&ring, fd, "not sealed");
  close (fd);

  fd = memfd_create ("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  assert_fd (&ring, fd, "too small");
  g_assert_cmpint (ftruncate (fd, 24575), ==, 0);
  assert_fd (&ring, fd, "too small");
  g_assert_cmpint (ftruncate (fd, 24576), ==, 0);
  assert_fd (&ring, fd, "not sealed");
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_GROW), ==, 0);
  assert_fd (&ring, fd, "not sealed");
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK), ==, 0);
  assert_fd (&ring, fd, NULL);
  close (fd);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client/frame-message/ring-bad", test_ring_bad);
  g_test_add_func ("/client/frame-message/ring-good", test_ring_good);
  g_test_add_func ("/client/frame-message/frame-bad", test_frame_bad);
  g_test_add_func ("/client/frame-message/frame-good", test_frame_good);
  g_test_add_func ("/client/frame-message/fd", test_fd);
  return g_test_run ();
}
