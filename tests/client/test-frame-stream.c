/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/client/glb-frame-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define WIDTH   16
#define HEIGHT  4
#define STRIDE  (WIDTH * 4)
#define N_SLOTS 4

typedef struct
{
  int peer;                      /* the compositor's end */
  guint32 *pixels;               /* its ring */
  GlbFrameStream *stream;
  guint n_frames, n_closed;
} Fixture;

static void
on_frame (GlbFrameStream *stream,
          gpointer        user_data)
{
  ((Fixture *) user_data)->n_frames++;
}

static void
on_closed (GlbFrameStream *stream,
           gpointer        user_data)
{
  ((Fixture *) user_data)->n_closed++;
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), ==, 0);
  fixture->peer = fds[0];
  fixture->stream = glb_frame_stream_new (fds[1], &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->stream, "frame", G_CALLBACK (on_frame), fixture);
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed), fixture);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_assert_finalize_object (fixture->stream);
  if (fixture->peer >= 0)
    close (fixture->peer);
  if (fixture->pixels != NULL)
    munmap (fixture->pixels, N_SLOTS * STRIDE * HEIGHT);
}

/* All that can happen now has happened. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
send_packet (Fixture    *fixture,
             const void *bytes,
             gsize       length,
             const int  *fds,
             guint       n_fds)
{
  union { struct cmsghdr align; char bytes[CMSG_SPACE (8 * sizeof (int))]; } control = { 0 };
  struct iovec iov = { (void *) bytes, length };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

  if (n_fds > 0)
    {
      struct cmsghdr *cmsg;

      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
      cmsg = CMSG_FIRSTHDR (&message);
      cmsg->cmsg_level = SOL_SOCKET;
      cmsg->cmsg_type = SCM_RIGHTS;
      cmsg->cmsg_len = CMSG_LEN (n_fds * sizeof (int));
      memcpy (CMSG_DATA (cmsg), fds, n_fds * sizeof (int));
    }
  g_assert_cmpint (sendmsg (fixture->peer, &message, MSG_NOSIGNAL), ==, (ssize_t) length);
}

static int
make_memfd (Fixture *fixture,
            int      seals)
{
  int fd = memfd_create ("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (ftruncate (fd, N_SLOTS * STRIDE * HEIGHT), ==, 0);
  if (fixture->pixels != NULL)
    munmap (fixture->pixels, N_SLOTS * STRIDE * HEIGHT);
  fixture->pixels = mmap (NULL, N_SLOTS * STRIDE * HEIGHT, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (fixture->pixels != MAP_FAILED);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, seals), ==, 0);
  return fd;
}

static void
send_ring (Fixture *fixture,
           guint    generation,
           int      seals,
           guint    n_fds)
{
  struct { GlbShimHeader header; GlbShimRing ring; } packet = {
    { GLB_SHIM_RING, sizeof (GlbShimRing), 0 },
    { generation, N_SLOTS, WIDTH, HEIGHT, STRIDE, 0x34325258u },
  };
  int fd = make_memfd (fixture, seals);
  int fds[] = { fd, fd, fd, fd, fd, fd };

  send_packet (fixture, &packet, sizeof packet, fds, n_fds);
  close (fd);
}

static void
send_good_ring (Fixture *fixture,
                guint    generation)
{
  send_ring (fixture, generation, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, 1);
}

static void
send_frame (Fixture *fixture,
            guint    generation,
            guint    slot,
            guint64  frame,
            int      x)
{
  struct { GlbShimHeader header; GlbShimFrame frame; GlbShimRect rect; } packet = {
    { GLB_SHIM_FRAME, sizeof (GlbShimFrame) + sizeof (GlbShimRect), 0 },
    { .generation = generation, .slot = slot, .frame = frame, .n_rects = 1 },
    { x, 0, 1, 1 },
  };

  send_packet (fixture, &packet, sizeof packet, NULL, 0);
}

static gboolean
was_released (Fixture *fixture,
              guint    generation,
              guint    slot)
{
  struct { GlbShimHeader header; GlbShimRelease release; } packet;

  if (recv (fixture->peer, &packet, sizeof packet, MSG_DONTWAIT) != sizeof packet)
    return FALSE;

  g_assert_cmpuint (packet.header.type, ==, GLB_SHIM_RELEASE);
  g_assert_cmpuint (packet.release.generation, ==, generation);
  g_assert_cmpuint (packet.release.slot, ==, slot);
  return TRUE;
}

static void
assert_closed (Fixture    *fixture,
               const char *message)
{
  const GError *error;

  settle ();
  g_assert_cmpuint (fixture->n_closed, ==, 1);
  error = glb_frame_stream_get_error (fixture->stream);
  if (message == NULL)
    g_assert_null (error);
  else
    {
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, message));
    }
}

static void
test_unsealed (Fixture      *fixture,
               gconstpointer data)
{
  send_ring (fixture, 1, F_SEAL_GROW, 1);
  assert_closed (fixture, "not sealed");
}

static void
test_without_fd (Fixture      *fixture,
                 gconstpointer data)
{
  send_ring (fixture, 1, F_SEAL_SHRINK | F_SEAL_GROW, 0);
  assert_closed (fixture, "too many or too few");
}

static guint
count_fds (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_too_many_fds (Fixture      *fixture,
                   gconstpointer data)
{
  guint before = count_fds ();

  send_ring (fixture, 1, F_SEAL_SHRINK | F_SEAL_GROW, 2);
  assert_closed (fixture, "too large");
  g_assert_cmpuint (count_fds (), ==, before - 1);   /* the socket */
}

static void
test_flood_of_fds (Fixture      *fixture,
                   gconstpointer data)
{
  guint before = count_fds ();

  send_ring (fixture, 1, F_SEAL_SHRINK | F_SEAL_GROW, 6);
  assert_closed (fixture, "too large");
  g_assert_cmpuint (count_fds (), ==, before - 1);
}

static void
test_frame_first (Fixture      *fixture,
                  gconstpointer data)
{
  send_frame (fixture, 1, 0, 1, 0);
  assert_closed (fixture, "before its ring");
}

static void
test_slot_twice (Fixture      *fixture,
                 gconstpointer data)
{
  send_good_ring (fixture, 1);
  send_frame (fixture, 1, 0, 1, 0);
  send_frame (fixture, 1, 0, 2, 0);
  assert_closed (fixture, "not released");
}

static void
test_old_ring (Fixture      *fixture,
               gconstpointer data)
{
  send_good_ring (fixture, 2);
  send_good_ring (fixture, 2);
  assert_closed (fixture, "not newer");
}

static void
test_garbage (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *bytes = g_malloc (GLB_SHIM_MESSAGE_MAX + 1);

  memset (bytes, 'x', GLB_SHIM_MESSAGE_MAX + 1);
  send_packet (fixture, bytes, GLB_SHIM_MESSAGE_MAX + 1, NULL, 0);
  assert_closed (fixture, "too large");
}

static void
test_end (Fixture      *fixture,
          gconstpointer data)
{
  close (fixture->peer);
  fixture->peer = -1;
  assert_closed (fixture, NULL);
  glb_frame_stream_release (fixture->stream);
}

static void
test_frames (Fixture      *fixture,
             gconstpointer data)
{
  const GlbFrame *frame;

  g_assert_null (glb_frame_stream_peek (fixture->stream));
  send_good_ring (fixture, 1);
  fixture->pixels[WIDTH * HEIGHT] = 0x123456;          /* slot 1 */
  send_frame (fixture, 1, 1, 10, 3);
  settle ();
  g_assert_cmpuint (fixture->n_frames, ==, 1);

  frame = glb_frame_stream_peek (fixture->stream);
  g_assert_cmpuint (frame->frame, ==, 10);
  g_assert_cmpuint (frame->width, ==, WIDTH);
  g_assert_cmpuint (*(const guint32 *) frame->pixels, ==, 0x123456);
  /* The first of a ring is new as a whole, whatever it says. */
  g_assert_cmpuint (frame->n_rects, ==, 1);
  g_assert_cmpint (frame->rects[0].width, ==, WIDTH);
  g_assert_cmpint (frame->rects[0].height, ==, HEIGHT);
  g_assert_false (was_released (fixture, 1, 1));

  /* While it is held, the newest waits; what lies between goes back, and its change is kept. */
  send_frame (fixture, 1, 2, 11, 5);
  send_frame (fixture, 1, 3, 12, 7);
  settle ();
  g_assert_cmpuint (fixture->n_frames, ==, 1);
  g_assert_true (was_released (fixture, 1, 2));
  g_assert_false (was_released (fixture, 1, 1));

  glb_frame_stream_release (fixture->stream);
  g_assert_null (glb_frame_stream_peek (fixture->stream));
  g_assert_true (was_released (fixture, 1, 1));
  settle ();
  g_assert_cmpuint (fixture->n_frames, ==, 2);
  frame = glb_frame_stream_peek (fixture->stream);
  g_assert_cmpuint (frame->frame, ==, 12);
  g_assert_cmpuint (frame->n_rects, ==, 2);
  g_assert_cmpint (frame->rects[0].x + frame->rects[1].x, ==, 12);

  glb_frame_stream_release (fixture->stream);
  g_assert_true (was_released (fixture, 1, 3));
  g_assert_cmpuint (fixture->n_closed, ==, 0);
}

static void
test_many_rects (Fixture      *fixture,
                 gconstpointer data)
{
  const GlbFrame *frame;

  send_good_ring (fixture, 1);
  send_frame (fixture, 1, 0, 1, 0);
  settle ();
  for (guint i = 0; i < 40; i++)
    {
      send_frame (fixture, 1, 1 + i % 3, 2 + i, 2 + i % 10);
      settle ();
    }
  glb_frame_stream_release (fixture->stream);
  settle ();

  frame = glb_frame_stream_peek (fixture->stream);
  g_assert_cmpuint (frame->frame, ==, 41);
  g_assert_cmpuint (frame->n_rects, <=, GLB_SHIM_RECTS_MAX);
  /* Columns 2 to 11 changed: all are covered. */
  for (int x = 2; x < 12; x++)
    {
      gboolean covered = FALSE;

      for (guint i = 0; i < frame->n_rects; i++)
        covered |= x >= frame->rects[i].x && x < frame->rects[i].x + frame->rects[i].width;
      g_assert_true (covered);
    }
}

static void
test_new_ring (Fixture      *fixture,
               gconstpointer data)
{
  const GlbFrame *frame;

  send_good_ring (fixture, 1);
  fixture->pixels[0] = 0xaaaaaa;
  send_frame (fixture, 1, 0, 1, 0);
  send_frame (fixture, 1, 1, 2, 0);
  settle ();
  send_frame (fixture, 1, 2, 3, 0);
  send_good_ring (fixture, 2);
  send_frame (fixture, 2, 0, 4, 0);
  settle ();

  /* The held frame of the old ring stays readable. */
  frame = glb_frame_stream_peek (fixture->stream);
  g_assert_cmpuint (frame->frame, ==, 2);
  g_assert_cmpuint (*(const guint32 *) (frame->pixels - STRIDE * HEIGHT), ==, 0xaaaaaa);
  glb_frame_stream_release (fixture->stream);
  settle ();
  frame = glb_frame_stream_peek (fixture->stream);
  g_assert_cmpuint (frame->frame, ==, 4);
  g_assert_cmpint (frame->rects[0].width, ==, WIDTH);

  g_assert_true (was_released (fixture, 1, 0));
  g_assert_true (was_released (fixture, 1, 2));
  g_assert_true (was_released (fixture, 1, 1));
  g_assert_false (was_released (fixture, 0, 0));
}

static void
test_no_packets (void)
{
  g_autoptr(GError) error = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_assert_null (glb_frame_stream_new (fds[0], &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  close (fds[1]);
}

#define ADD(name, function) g_test_add ("/client/frame-stream/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("unsealed", test_unsealed);
  ADD ("without-fd", test_without_fd);
  ADD ("too-many-fds", test_too_many_fds);
  ADD ("flood-of-fds", test_flood_of_fds);
  ADD ("frame-first", test_frame_first);
  ADD ("slot-twice", test_slot_twice);
  ADD ("old-ring", test_old_ring);
  ADD ("garbage", test_garbage);
  g_test_add_func ("/client/frame-stream/no-packets", test_no_packets);
  ADD ("end", test_end);
  ADD ("frames", test_frames);
  ADD ("many-rects", test_many_rects);
  ADD ("new-ring", test_new_ring);
  return g_test_run ();
}
