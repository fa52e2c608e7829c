/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Somebody listens to what a session's programs play: the real helper, its PipeWire, a program that plays a tone. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "tests/media/media-fixture.h"

/* A tenth of a second. */
#define TENTH 4800

typedef struct
{
  int fd;                        /* -1: at its end, or closed */
  guint id;
  guint64 n_bytes;
  guint n_tenths;
  int level, last_level;         /* of this tenth, and the one before */
  guint n;
  gint16 left;
  gboolean has_left;
  guint n_unlike;                /* frames whose channels differ: cut in two, because the tone is the same on both */
  guint8 half;
  gboolean has_half;
  gboolean ended;
} Ear;

static void
hear (Ear *self, gint16 sample)
{
  if (!self->has_left)
    {
      self->left = sample;
      self->has_left = TRUE;
      return;
    }
  self->has_left = FALSE;
  self->n_unlike += sample != self->left;
  self->level = MAX (self->level, abs (sample));
  if (++self->n < TENTH)
    return;
  self->last_level = self->level;
  self->level = 0;
  self->n = 0;
  self->n_tenths++;
}

static gboolean
on_sound (int fd, GIOCondition condition, gpointer user_data)
{
  Ear *self = user_data;
  guint8 bytes[8192];
  ssize_t n = read (fd, bytes, sizeof bytes);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      self->id = 0;
      self->ended = TRUE;
      return G_SOURCE_REMOVE;
    }
  self->n_bytes += n;
  for (ssize_t i = 0; i < n; i++)
    {
      if (self->has_half)
        hear (self, (gint16) (self->half | bytes[i] << 8));
      self->half = bytes[i];
      self->has_half = !self->has_half;
    }
  return G_SOURCE_CONTINUE;
}

static void
open_ear (Ear *self)
{
  g_assert_true (g_unix_set_fd_nonblocking (self->fd, TRUE, NULL));
  self->id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP, on_sound, self);
}

static void
close_ear (Ear *self)
{
  g_clear_handle_id (&self->id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ear, close_ear)

static void
on_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Takes fd. */
static GlbMediaAnswer *
listen_into (Fixture *f, int fd, GError **error)
{
  GAsyncResult *result = NULL;
  GlbMediaAnswer *answer;

  glb_media_listen_async (f->media, fd, on_result, &result);
  wait_until (result != NULL);
  answer = glb_media_finish (f->media, result, error);
  g_object_unref (result);
  return answer;
}

static void
must_listen (Fixture *f, Ear *ear)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) answer = NULL;
  int ends[2];

  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  ear->fd = ends[0];
  answer = listen_into (f, ends[1], &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer->n_nodes, ==, 1);
}

static void
assert_silent (Fixture *f)
{
  g_autoptr(GlbMediaAnswer) revoked = fixture_revoke (f, GLB_MEDIA_SOUND);

  g_assert_cmpuint (revoked->n_links, ==, 0);
  g_assert_cmpuint (revoked->n_nodes, ==, 0);
}

/* ---- no ------------------------------------------------------------------------- */

/* Nothing but a pipe's end to write into: nothing that could bring something in. */
static void
test_denied (Fixture *f, gconstpointer data)
{
  int ends[2], pair[2];
  int fds[3];

  if (!fixture_can_run ())
    return;

  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  fds[0] = ends[0];
  fds[1] = pair[0];
  fds[2] = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbMediaAnswer) answer = listen_into (f, fds[i], &error);

      g_assert_null (answer);
      g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, "sound: can't connect");
      g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_SOUND));
    }
  close (ends[1]);
  close (pair[1]);
}

static void
test_twice (Fixture *f, gconstpointer data)
{
  g_auto(Ear) ear = { .fd = -1 };
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) answer = NULL;
  int ends[2];

  if (!fixture_can_run ())
    return;

  must_listen (f, &ear);
  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  answer = listen_into (f, ends[1], &error);
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_STATE);
  g_assert_cmpstr (error->message, ==, "sound: the session has this device already; revoke it first");
  close (ends[0]);
  g_assert_true (glb_media_is_granted (f->media, GLB_MEDIA_SOUND));
}

/* ---- yes ------------------------------------------------------------------------ */

static void
test_sound (Fixture *f, gconstpointer data)
{
  g_auto(Ear) ear = { .fd = -1 };
  g_autoptr(Program) client = NULL;
  g_autoptr(Program) list = NULL;

  if (!fixture_can_run ())
    return;

  must_listen (f, &ear);
  open_ear (&ear);
  client = fixture_start_client (f, "speaker");
  wait_until (ear.n_tenths > 3 && ear.last_level > 1000);
  g_assert_cmpstr (f->events->str, ==, "in-use sound 1\n");
  g_assert_cmpuint (ear.n_unlike, ==, 0);
  /* there is where to play, and nothing to hear or see with */
  list = fixture_start_client (f, "list");
  wait_until (list->ended);
  g_assert_cmpuint (program_count (list, "global "), >, 0);
  for (guint i = 0; i < list->lines->len; i++)
    {
      g_assert_null (strstr (g_ptr_array_index (list->lines, i), "Source"));
      g_assert_null (strstr (g_ptr_array_index (list->lines, i), "glovebox.microphone"));
    }

  fixture_mute (f, GLB_MEDIA_SOUND, TRUE);
  wait_until (ear.n_tenths > 3 && ear.last_level == 0);
  fixture_mute (f, GLB_MEDIA_SOUND, FALSE);
  wait_until (ear.last_level > 1000);

  assert_silent (f);
  wait_until (ear.ended);
  g_assert_cmpuint (ear.n_bytes % 4, ==, 0);
  wait_until (strstr (f->events->str, "in-use sound 0\n") != NULL);
}

/* With the speaker at the same time, and after it: each comes and goes by itself. */
static void
test_with_speaker (Fixture *f, gconstpointer data)
{
  g_auto(Ear) ear = { .fd = -1 };
  g_autoptr(Program) client = NULL;
  g_autoptr(Program) monitor = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) speaker = NULL;
  g_autoptr(GlbMediaAnswer) revoked = NULL;
  guint n;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  speaker = fixture_grant (f, GLB_MEDIA_SPEAKER, GLB_MEDIA_SOURCE_HOST, NULL, &error);
  g_assert_no_error (error);
  client = fixture_start_client (f, "speaker");
  wait_until (strstr (f->events->str, "in-use speaker 1\n") != NULL);
  must_listen (f, &ear);
  open_ear (&ear);
  monitor = fixture_start_person (f, "monitor");
  wait_until (ear.last_level > 1000);
  wait_until (program_last (monitor, "sound ") != NULL && atoi (program_last (monitor, "sound ") + 6) > 100);

  revoked = fixture_revoke (f, GLB_MEDIA_SPEAKER);
  g_assert_cmpuint (revoked->n_links, ==, 0);
  g_assert_cmpuint (revoked->n_nodes, ==, 0);
  n = ear.n_tenths;
  wait_until (ear.n_tenths > n + 5);
  g_assert_cmpint (ear.last_level, >, 1000);
  assert_silent (f);
  wait_until (ear.ended);
}

/* ---- ends ----------------------------------------------------------------------- */

static void
test_reader_gone (Fixture *f, gconstpointer data)
{
  gboolean plays = GPOINTER_TO_INT (data);
  g_auto(Ear) ear = { .fd = -1 };
  g_autoptr(Program) client = NULL;

  if (!fixture_can_run ())
    return;

  must_listen (f, &ear);
  open_ear (&ear);
  if (plays)
    {
      client = fixture_start_client (f, "speaker");
      wait_until (ear.last_level > 1000);
    }
  close_ear (&ear);
  wait_until (strstr (f->events->str, "ended ") != NULL);
  g_assert_nonnull (strstr (f->events->str, "ended sound sound: nobody listens any more\n"));
  g_assert_null (strstr (f->events->str, "gone "));
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_SOUND));

  must_listen (f, &ear);
  assert_silent (f);
}

/* Who does not read loses what does not fit, in whole pieces, and holds nobody up. */
static void
test_slow_reader (Fixture *f, gconstpointer data)
{
  g_auto(Ear) ear = { .fd = -1 };
  g_autoptr(Program) client = NULL;
  int size, held = 0;
  gint64 full;

  if (!fixture_can_run ())
    return;

  must_listen (f, &ear);
  size = fcntl (ear.fd, F_GETPIPE_SZ);
  client = fixture_start_client (f, "speaker");
  do
    {
      wait_step (g_get_monotonic_time () + G_USEC_PER_SEC, "time");
      g_assert_no_errno (ioctl (ear.fd, FIONREAD, &held));
    }
  while (held < size - 4096);
  /* full, for a second */
  full = g_get_monotonic_time ();
  wait_until (g_get_monotonic_time () - full > G_USEC_PER_SEC);
  g_assert_no_errno (ioctl (ear.fd, FIONREAD, &held));
  g_assert_cmpint (held, <=, size);
  fixture_mute (f, GLB_MEDIA_SOUND, FALSE);
  open_ear (&ear);
  wait_until (ear.n_tenths > 10);
  g_assert_cmpint (ear.last_level, >, 1000);
  g_assert_cmpuint (ear.n_unlike, ==, 0);
  assert_silent (f);
  wait_until (ear.ended);
}

/* Nobody inside can end it, change it, or take from it. */
static void
test_attack (Fixture *f, gconstpointer data)
{
  static const char * const attacks[] = { "destroy", "link", "load" };
  g_auto(Ear) ear = { .fd = -1 };
  g_autoptr(Program) client = NULL;
  guint n;

  if (!fixture_can_run ())
    return;

  must_listen (f, &ear);
  open_ear (&ear);
  client = fixture_start_client (f, "speaker");
  wait_until (ear.last_level > 1000);
  for (guint i = 0; i < G_N_ELEMENTS (attacks); i++)
    {
      g_autoptr(Program) attacker = fixture_start_client (f, attacks[i]);

      wait_until (program_count (attacker, "end") > 0 || attacker->ended);
    }
  n = ear.n_tenths;
  wait_until (ear.n_tenths > n + 5);
  g_assert_cmpint (ear.last_level, >, 1000);
  g_assert_null (strstr (f->events->str, "ended "));
  g_assert_null (strstr (f->events->str, "gone "));
  assert_silent (f);
}

static void
test_daemon_killed (Fixture *f, gconstpointer data)
{
  g_auto(Ear) ear = { .fd = -1 };

  if (!fixture_can_run ())
    return;

  must_listen (f, &ear);
  open_ear (&ear);
  glb_media_stop (f->media, "killed");
  wait_until (ear.ended);
  wait_until (strstr (f->events->str, "gone killed\n") != NULL);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);

#define add_with(path, data, function) g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)
#define add(path, function) add_with (path, NULL, function)
  add ("/listen/denied", test_denied);
  add ("/listen/twice", test_twice);
  add ("/listen/sound", test_sound);
  add ("/listen/with-speaker", test_with_speaker);
  add_with ("/listen/reader-gone", GINT_TO_POINTER (FALSE), test_reader_gone);
  add_with ("/listen/reader-gone-while-playing", GINT_TO_POINTER (TRUE), test_reader_gone);
  add ("/listen/slow-reader", test_slow_reader);
  add ("/listen/attack", test_attack);
  add ("/listen/killed", test_daemon_killed);

  return g_test_run ();
}
