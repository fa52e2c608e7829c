/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A screen as a node of a person's PipeWire: the real helper in its sandbox, a real daemon, GStreamer as the recorder. The
 * frames are ours, so that their size and their lies can be.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "compositor-shim/glb-shim-protocol.h"
#include "session-broker/media/glb-publisher.h"
#include "tests/media/recorder-fixture.h"

#define WIDTH  320
#define HEIGHT 200
#define XR24   0x34325258u

/* The broker's side of one publication, with a ring of one slot. */
typedef struct
{
  Fixture *f;
  GlbPublisher *publisher;
  Program *manager;
  GString *events;
  int stream;                    /* ours; -1 */
  guint generation;
  guint width, height;
  guint8 *pixels;                /* of the slot */
  guint64 frame;
  gboolean held;
} Screen;

static void
on_in_use (GlbPublisher *publisher, gboolean in_use, gpointer user_data)
{
  Screen *self = user_data;
  int pair[2];

  g_string_append_printf (self->events, "in-use %d\n", in_use);
  if (self->stream >= 0)
    close (self->stream);
  self->stream = -1;
  if (!in_use)
    return;
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
  self->stream = pair[0];
  glb_publisher_give_stream (publisher, pair[1]);
}

static void
on_gone (GlbPublisher *publisher, const char *why, gpointer user_data)
{
  g_string_append_printf (((Screen *) user_data)->events, "gone %s\n", why);
}

static Screen *
screen_new (Fixture *f)
{
  const GlbPublisherConfig config = {
    .name = "publish-test", .account = f->account, .host_socket = f->host_socket, .node_name = GLB_PUBLISH_NODE_PREFIX "test",
    .description = "Glovebox: test", .width = WIDTH, .height = HEIGHT,
  };
  Screen *self = g_new0 (Screen, 1);

  self->f = f;
  self->stream = -1;
  self->events = g_string_new (NULL);
  self->publisher = glb_publisher_new (&config);
  g_signal_connect (self->publisher, "in-use", G_CALLBACK (on_in_use), self);
  g_signal_connect (self->publisher, "gone", G_CALLBACK (on_gone), self);
  return self;
}

static void
screen_free (Screen *self)
{
  glb_publisher_kill (self->publisher, "the test is over");
  wait_until (!glb_publisher_is_running (self->publisher));
  g_signal_handlers_disconnect_by_data (self->publisher, self);
  g_assert_finalize_object (self->publisher);
  if (self->stream >= 0)
    close (self->stream);
  g_clear_pointer (&self->manager, program_free);
  if (self->pixels != NULL)
    munmap (self->pixels, (gsize) self->width * self->height * 4);
  g_string_free (self->events, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Screen, screen_free)

static void
on_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
begin (Screen *self, GError **error)
{
  GAsyncResult *result = NULL;
  gboolean begun;

  glb_publisher_begin_async (self->publisher, on_result, &result);
  wait_until (result != NULL);
  begun = glb_publisher_begin_finish (self->publisher, result, error);
  g_object_unref (result);
  return begun;
}

static void
must_begin (Screen *self)
{
  g_autoptr(GError) error = NULL;

  fixture_start_host (self->f, FALSE);
  self->manager = manager_start (self->f->host_socket);
  begin (self, &error);
  g_assert_no_error (error);
  wait_until (program_count (self->manager, "screen ") == 1);
  g_assert_true (g_str_has_suffix (program_last (self->manager, "screen "), " glovebox.screen.test Glovebox: test"));
}

static void
send_packet (Screen *self, guint type, const void *payload, gsize size, int fd)
{
  GlbShimHeader header = { .type = type, .size = size };
  struct iovec iov[2] = { { &header, sizeof header }, { (void *) payload, size } };
  union { struct cmsghdr align; char space[CMSG_SPACE (sizeof (int))]; } control = { 0 };
  struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };

  if (fd >= 0)
    {
      struct cmsghdr *cmsg;

      message.msg_control = &control;
      message.msg_controllen = sizeof control.space;
      cmsg = CMSG_FIRSTHDR (&message);
      cmsg->cmsg_level = SOL_SOCKET;
      cmsg->cmsg_type = SCM_RIGHTS;
      cmsg->cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (cmsg), &fd, sizeof (int));
    }
  g_assert_cmpint (sendmsg (self->stream, &message, MSG_NOSIGNAL), >, 0);
}

static void
send_ring (Screen *self, guint width, guint height)
{
  GlbShimRing ring = { .generation = ++self->generation, .n_slots = 1, .width = width, .height = height, .stride = width * 4, .format = XR24 };
  gsize size = (gsize) width * height * 4;
  int fd = memfd_create ("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (self->pixels != NULL)
    munmap (self->pixels, (gsize) self->width * self->height * 4);
  g_assert_no_errno (ftruncate (fd, size));
  g_assert_no_errno (fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
  self->pixels = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (self->pixels != MAP_FAILED);
  self->width = width;
  self->height = height;
  self->held = FALSE;
  send_packet (self, GLB_SHIM_RING, &ring, sizeof ring, fd);
  close (fd);
}

static gboolean
take_release (Screen *self)
{
  guint8 packet[64];

  if (self->held && recv (self->stream, packet, sizeof packet, MSG_DONTWAIT) > 0)
    self->held = FALSE;
  return !self->held;
}

/* One colour in a rectangle, and its frame. It has come back when this returns. */
static void
paint (Screen *self, int x, int y, int width, int height, guint32 colour)
{
  struct { GlbShimFrame frame; GlbShimRect rect; } message = {
    .frame = { .generation = self->generation, .slot = 0, .frame = ++self->frame, .n_rects = 1 },
    .rect = { x, y, width, height },
  };

  for (int row = y; row < y + height; row++)
    for (int column = x; column < x + width; column++)
      memcpy (self->pixels + ((gsize) row * self->width + column) * 4, &colour, 4);
  self->held = TRUE;
  send_packet (self, GLB_SHIM_FRAME, &message, sizeof message, -1);
  wait_until (take_release (self));
}

static gboolean
shows (const Recorder *recorder, const Screen *self)
{
  return recorder->n > 0 && recorder->width == self->width && recorder->height == self->height &&
         memcmp (recorder->frame, self->pixels, (gsize) self->width * self->height * 4) == 0;
}

static gboolean
can_run (Fixture *f)
{
  g_autofree char *missing = glb_publisher_diagnose ();
  g_autofree char *gst = g_find_program_in_path ("gst-launch-1.0");

  if (!fixture_can_run ())
    return FALSE;
  if (missing == NULL && gst != NULL)
    return TRUE;
  g_test_skip (missing != NULL ? missing : "gst-launch-1.0 is missing; install gstreamer1.0-tools and gstreamer1.0-pipewire");
  return FALSE;
}

/* ---- no ----------------------------------------------------------------------------- */

static void
test_no_host (Fixture *f, gconstpointer data)
{
  g_autoptr(Screen) screen = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *message = NULL;

  if (!can_run (f))
    return;

  screen = screen_new (f);
  message = g_strdup_printf ("publish: no PipeWire answers at %s (No such file or directory); start it (systemctl --user start pipewire)",
                             f->host_socket);
  g_assert_false (begin (screen, &error));
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_false (glb_publisher_is_running (screen->publisher));
  g_assert_cmpstr (screen->events->str, ==, "");
}

/* What one session shows is no camera for another, by whatever it is called. */
static void
test_no_camera (Fixture *f, gconstpointer data)
{
  g_autoptr(Screen) screen = NULL;
  g_autoptr(GError) error = NULL;

  if (!can_run (f))
    return;

  screen = screen_new (f);
  must_begin (screen);
  g_assert_null (fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST, NULL, &error));
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST);
  g_assert_cmpstr (error->message, ==,
                   "camera: the person's PipeWire has no camera; plug one in, or set a synthetic source in the policy");
  g_clear_error (&error);
  g_assert_null (fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST, GLB_PUBLISH_NODE_PREFIX "test", &error));
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST);
  g_assert_cmpstr (error->message, ==, "camera: the person's PipeWire has no camera named glovebox.screen.test; plug it in, or name another");
}

/* ---- the picture ----------------------------------------------------------------------- */

static void
test_frames (Fixture *f, gconstpointer data)
{
  g_autoptr(Screen) screen = NULL;
  g_autoptr(Recorder) first = NULL;
  g_autoptr(Recorder) second = NULL;
  guint n;

  if (!can_run (f))
    return;

  screen = screen_new (f);
  must_begin (screen);
  g_assert_cmpstr (screen->events->str, ==, "");
  first = recorder_start (f->host_socket, WIDTH, HEIGHT);
  wait_until (screen->stream >= 0);
  send_ring (screen, WIDTH, HEIGHT);
  paint (screen, 0, 0, WIDTH, HEIGHT, 0xff203040);
  wait_until (shows (first, screen));
  /* a part of it, at its edges */
  paint (screen, WIDTH - 7, HEIGHT - 3, 7, 3, 0xff00ff00);
  wait_until (shows (first, screen));
  paint (screen, 0, 5, 1, 1, 0xffff0000);
  wait_until (shows (first, screen));

  /* nothing changes: another recorder has the picture nevertheless, and that is all */
  second = recorder_start (f->host_socket, WIDTH, HEIGHT);
  wait_until (shows (second, screen));
  for (guint round = 0; ; round++)
    {
      /* with some versions both get it twice as the second one begins */
      g_assert_cmpuint (round, <, 4);
      n = first->n + second->n;
      for (guint i = 0; i < 3; i++)
        {
          g_autoptr(Program) other = manager_start (f->host_socket);
        }
      g_assert_cmpuint (first->n + second->n - n, <=, 2);
      if (first->n + second->n == n)
        break;
    }
  paint (screen, 9, 9, 9, 9, 0xff808080);
  wait_until (shows (first, screen) && shows (second, screen));

  g_clear_pointer (&first, recorder_free);
  paint (screen, 30, 30, 9, 9, 0xff0000ff);
  wait_until (shows (second, screen));
  g_assert_cmpstr (screen->events->str, ==, "in-use 1\n");
  g_clear_pointer (&second, recorder_free);
  wait_until (strstr (screen->events->str, "in-use 0\n") != NULL);
  g_assert_cmpint (screen->stream, ==, -1);
}

/* However fast frames come, a recorder gets as many as a display shows, and the last one in any case. */
static void
test_rate (Fixture *f, gconstpointer data)
{
  g_autoptr(Screen) screen = NULL;
  g_autoptr(Recorder) recorder = NULL;
  gint64 began;
  guint n, sent = 0, most;

  if (!can_run (f))
    return;

  screen = screen_new (f);
  must_begin (screen);
  recorder = recorder_start (f->host_socket, WIDTH, HEIGHT);
  wait_until (screen->stream >= 0);
  send_ring (screen, WIDTH, HEIGHT);
  paint (screen, 0, 0, WIDTH, HEIGHT, 0xff203040);
  wait_until (shows (recorder, screen));
  n = recorder->n;
  began = g_get_monotonic_time ();
  for (; sent < 600; sent++)
    paint (screen, sent % WIDTH, sent % HEIGHT, 1, 1, 0xff000000 + sent);
  wait_until (shows (recorder, screen));
  most = (g_get_monotonic_time () - began) * 64 / G_USEC_PER_SEC + 2;
  g_test_message ("%u frames of %u", recorder->n - n, sent);
  g_assert_cmpuint (recorder->n - n, <=, most);
}

/* A session's screen has one size. Frames of another end the publication, and no recorder sees them. */
static void
test_resize (Fixture *f, gconstpointer data)
{
  g_autoptr(Screen) screen = NULL;
  g_autoptr(Recorder) recorder = NULL;
  struct { GlbShimFrame frame; GlbShimRect rect; } message = { .frame = { .n_rects = 1 }, .rect = { 0, 0, 641, 33 } };
  guint n;

  if (!can_run (f))
    return;

  screen = screen_new (f);
  must_begin (screen);
  recorder = recorder_start (f->host_socket, WIDTH, HEIGHT);
  wait_until (screen->stream >= 0);
  send_ring (screen, WIDTH, HEIGHT);
  paint (screen, 0, 0, WIDTH, HEIGHT, 0xff203040);
  wait_until (shows (recorder, screen));
  n = recorder->n;

  /* a ring that is new, and of the same size, is nothing new */
  send_ring (screen, WIDTH, HEIGHT);
  paint (screen, 0, 0, WIDTH, HEIGHT, 0xff405060);
  wait_until (shows (recorder, screen));
  g_assert_cmpuint (recorder->n, ==, n + 1);

  send_ring (screen, 641, 33);
  message.frame.generation = screen->generation;
  send_packet (screen, GLB_SHIM_FRAME, &message, sizeof message, -1);
  wait_until (strstr (screen->events->str, "gone ") != NULL);
  g_assert_cmpstr (strstr (screen->events->str, "gone "), ==, "gone the screen changed its size; publish again\n");
  wait_until (program_count (screen->manager, "gone ") == 1);
  g_assert_cmpuint (recorder->n, ==, n + 1);
}

/* ---- the end ------------------------------------------------------------------------------ */

static void
test_end (Fixture *f, gconstpointer data)
{
  g_autoptr(Screen) screen = NULL;
  g_autoptr(Recorder) recorder = NULL;

  if (!can_run (f))
    return;

  screen = screen_new (f);
  must_begin (screen);
  recorder = recorder_start (f->host_socket, WIDTH, HEIGHT);
  wait_until (screen->stream >= 0);
  send_ring (screen, WIDTH, HEIGHT);
  paint (screen, 0, 0, WIDTH, HEIGHT, 0xff203040);
  wait_until (shows (recorder, screen));

  glb_publisher_end (screen->publisher);
  wait_until (strstr (screen->events->str, "gone ") != NULL);
  g_assert_cmpint (glb_publisher_get_n_left (screen->publisher), ==, 0);
  g_test_message ("%u us", glb_publisher_get_elapsed_us (screen->publisher));
  wait_until (program_count (screen->manager, "gone ") == 1);
}

static void
test_host_ends (Fixture *f, gconstpointer data)
{
  g_autoptr(Screen) screen = NULL;

  if (!can_run (f))
    return;

  screen = screen_new (f);
  must_begin (screen);
  fixture_stop_host (f);
  wait_until (strstr (screen->events->str, "gone ") != NULL);
  g_assert_cmpstr (screen->events->str, ==,
                   "gone the person's PipeWire ended; start it (systemctl --user start pipewire), then publish again\n");
}

/* A compositor that lies, or a hub that takes the stream of one that kept a slot. */
static void
test_bad_frames (Fixture *f, gconstpointer data)
{
  gboolean closes = GPOINTER_TO_INT (data);
  g_autoptr(Screen) screen = NULL;
  g_autoptr(Recorder) recorder = NULL;
  struct { GlbShimFrame frame; GlbShimRect rect; } outside = { .frame = { .n_rects = 1 }, .rect = { WIDTH - 1, 0, 2, 1 } };

  if (!can_run (f))
    return;

  screen = screen_new (f);
  must_begin (screen);
  recorder = recorder_start (f->host_socket, WIDTH, HEIGHT);
  wait_until (screen->stream >= 0);
  send_ring (screen, WIDTH, HEIGHT);
  outside.frame.generation = screen->generation;
  if (closes)
    shutdown (screen->stream, SHUT_RDWR);
  else
    send_packet (screen, GLB_SHIM_FRAME, &outside, sizeof outside, -1);
  wait_until (strstr (screen->events->str, "gone ") != NULL);
  g_assert_cmpstr (strstr (screen->events->str, "gone "), ==,
                   closes ? "gone it lost the session's frames; publish again\n"
                          : "gone Malformed frame message: rectangle outside the image\n");
  wait_until (program_count (screen->manager, "gone ") == 1);
}

/* ---- rights -------------------------------------------------------------------------------- */

static guint
count_denied (Program *person)
{
  guint n = 0;

  for (guint i = 0; i < person->lines->len; i++)
    n += g_str_has_prefix (g_ptr_array_index (person->lines, i), "may ") && g_str_has_suffix (g_ptr_array_index (person->lines, i), " 0");
  return n;
}

static void
test_rights (Fixture *f, gconstpointer data)
{
  g_autoptr(Screen) screen = NULL;
  g_autoptr(Program) person = NULL;
  g_autoptr(GError) error = NULL;
  guint n_before = 0;

  if (!can_run (f))
    return;

  screen = screen_new (f);
  fixture_start_host (f, TRUE);
  {
    g_autoptr(Program) before = fixture_start_person (f, "list");

    wait_until (before->ended);
    /* but the core, and the program itself, which has ended */
    n_before = program_count (before, "global ") - 2;
  }
  begin (screen, &error);
  g_assert_no_error (error);
  person = fixture_start_person (f, "rights");
  wait_until (person->ended);
  /* of what comes, the sight; of the core, to be there; of what was there (each device, each factory), nothing */
  g_assert_cmpuint (program_count (person, "may -1 400"), ==, 1);
  g_assert_cmpuint (program_count (person, "may 0 500"), ==, 1);
  g_assert_cmpuint (count_denied (person), ==, n_before);
  g_assert_cmpuint (program_count (person, "may -1 700"), ==, 1);
  g_assert_cmpuint (program_count (person, "may -1 "), ==, 2);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);

#define add_with(path, data, function) g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)
#define add(path, function) add_with (path, NULL, function)
  add ("/publisher/no-host", test_no_host);
  add ("/publisher/no-camera", test_no_camera);
  add ("/publisher/frames", test_frames);
  add ("/publisher/rate", test_rate);
  add ("/publisher/resize", test_resize);
  add ("/publisher/end", test_end);
  add ("/publisher/host-ends", test_host_ends);
  add_with ("/publisher/bad-frames", GINT_TO_POINTER (FALSE), test_bad_frames);
  add_with ("/publisher/lost-frames", GINT_TO_POINTER (TRUE), test_bad_frames);
  add ("/publisher/rights", test_rights);

  return g_test_run ();
}
