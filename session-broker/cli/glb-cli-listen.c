/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-wav.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define CALL_DEADLINE_S 20
#define TICK_MS         200
/* A pipe that has room takes so much without waiting. */
#define CHUNK           4096
/* A player that takes nothing for so long misses something. */
#define WRITE_MS        500

typedef struct
{
  GMainLoop *loop;
  int sound;                     /* the end of the pipe */
  int output;
  gboolean is_file;              /* the header can be put right at the end */
  gint64 began;
  guint64 written;               /* frames */
  guint8 rest[GLB_WAV_FRAME];    /* of a frame that did not come whole */
  gsize n_rest;
  int code;
} Listener;

static void
stop (Listener *self, int code)
{
  self->code = MAX (self->code, code);
  g_main_loop_quit (self->loop);
}

/* All of it, or what the reader takes in time. FALSE: it is over. */
static gboolean
write_bytes (Listener *self, const guint8 *bytes, gsize size)
{
  while (size > 0)
    {
      struct pollfd ready = { .fd = self->output, .events = POLLOUT };
      ssize_t n;

      if (poll (&ready, 1, WRITE_MS) == 0)
        return TRUE;
      n = write (self->output, bytes, MIN (size, CHUNK));
      if (n < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      if (n < 0)
        {
          /* a player that was closed is the usual end */
          stop (self, errno == EPIPE ? 0 : glb_cli_fail ("listen: can't write: %s", g_strerror (errno)));
          return FALSE;
        }
      bytes += n;
      size -= n;
    }
  return TRUE;
}

static gboolean
write_frames (Listener *self, const guint8 *bytes, guint64 frames)
{
  if (self->is_file && (self->written + frames) * GLB_WAV_FRAME > GLB_WAV_BYTES_MAX)
    {
      glb_cli_say ("listen: the file is as long as a WAV can be; listen again into another");
      stop (self, 0);
      return FALSE;
    }
  self->written += frames;
  return write_bytes (self, bytes, frames * GLB_WAV_FRAME);
}

static gboolean
write_silence (Listener *self, guint64 frames)
{
  static const guint8 silence[CHUNK];

  while (frames > 0)
    {
      guint64 n = MIN (frames, CHUNK / GLB_WAV_FRAME);

      if (!write_frames (self, silence, n))
        return FALSE;
      frames -= n;
    }
  return TRUE;
}

static gboolean
take_frames (Listener *self, const guint8 *bytes, guint64 frames)
{
  GlbWavPlan plan = glb_wav_plan (g_get_monotonic_time () - self->began, self->written, frames);

  return write_silence (self, plan.silence) && write_frames (self, bytes, plan.take);
}

static gboolean
on_sound (int fd, GIOCondition condition, gpointer user_data)
{
  Listener *self = user_data;
  guint8 bytes[GLB_WAV_FRAME + 65536];
  ssize_t n;

  memcpy (bytes, self->rest, self->n_rest);
  n = read (fd, bytes + self->n_rest, 65536);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      stop (self, 0);
      return G_SOURCE_REMOVE;
    }

  n += self->n_rest;
  self->n_rest = n % GLB_WAV_FRAME;
  memcpy (self->rest, bytes + n - self->n_rest, self->n_rest);
  return take_frames (self, bytes, n / GLB_WAV_FRAME) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* While nothing plays, nothing comes. */
static gboolean
on_tick (gpointer user_data)
{
  return take_frames (user_data, NULL, 0) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
on_quit_signal (gpointer user_data)
{
  stop (user_data, 0);
  return G_SOURCE_CONTINUE;
}

/* Until the sound ends: stopped here or elsewhere, or with its session or broker. */
static int
run (Listener *self)
{
  guint8 header[GLB_WAV_HEADER];

  signal (SIGPIPE, SIG_IGN);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->began = g_get_monotonic_time ();
  g_unix_signal_add (SIGINT, on_quit_signal, self);
  g_unix_signal_add (SIGTERM, on_quit_signal, self);
  g_unix_signal_add (SIGHUP, on_quit_signal, self);
  g_unix_fd_add (self->sound, G_IO_IN | G_IO_HUP | G_IO_ERR, on_sound, self);
  g_timeout_add (TICK_MS, on_tick, self);

  glb_wav_fill_header (header, G_MAXUINT64);
  if (write_bytes (self, header, sizeof header))
    g_main_loop_run (self->loop);
  close (self->sound);

  glb_wav_fill_header (header, self->written * GLB_WAV_FRAME);
  if (self->is_file && self->code == 0 && pwrite (self->output, header, sizeof header, 0) != sizeof header)
    self->code = glb_cli_fail ("listen: can't write: %s", g_strerror (errno));
  g_main_loop_unref (self->loop);
  return self->code;
}

/* The pipe's end. -1: told; exit with *code. */
static int
call_listen (GlbClient *client, const char *path, const char *session, int *code)
{
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;
  gint32 handle;
  int fd = -1;

  reply = glb_cli_call (client, path, NULL, "Listen", g_variant_new ("(@a{sv})", g_variant_new ("a{sv}", NULL)), CALL_DEADLINE_S,
                        &fds, &error);
  if (reply == NULL)
    {
      *code = glb_cli_fail_error (session, error);
      return -1;
    }
  if (g_variant_is_of_type (reply, G_VARIANT_TYPE ("(ha{sv})")) && fds != NULL)
    {
      g_variant_get (reply, "(ha{sv})", &handle, NULL);
      fd = g_unix_fd_list_get (fds, handle, NULL);
    }
  if (fd < 0)
    *code = glb_cli_fail ("listen: the broker's answer makes no sense; run the same version of both");
  return fd;
}

/* After the answer: who is refused keeps the file that was there. */
static int
open_output (Listener *self, const char *output)
{
  self->output = STDOUT_FILENO;
  if (output == NULL || g_str_equal (output, "-"))
    return 0;

  self->output = open (output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (self->output < 0)
    return glb_cli_fail ("listen: %s: %s", output, g_strerror (errno));
  self->is_file = lseek (self->output, 0, SEEK_CUR) == 0;
  return 0;
}

int
glb_cli_listen_verb (int    argc,
                     char **argv)
{
  g_autofree char *output = NULL;
  gboolean off = FALSE;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where the WAV goes; - is standard output, for a player", "FILE" },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &off, "End it, whoever listens", NULL },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;
  Listener listener = { 0 };
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, "SESSION [-o FILE]", "Listen to what a session's programs play, until Ctrl+C or the session's end.",
                      FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2 || (off && output != NULL))
    return glb_cli_fail ("listen: needs one session, and either -o FILE or --stop");
  if (!off && (output == NULL || g_str_equal (output, "-")) && isatty (STDOUT_FILENO))
    return glb_cli_fail ("listen: standard output is a terminal; name a file with -o, or a player: glovebox listen %s | mpv -", argv[1]);

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;
  if (off)
    {
      reply = glb_cli_call (client, path, NULL, "ListenOff", NULL, CALL_DEADLINE_S, NULL, &error);
      return reply != NULL ? 0 : glb_cli_fail_error (argv[1], error);
    }

  listener.sound = call_listen (client, path, argv[1], &code);
  if (listener.sound < 0)
    return code;
  code = open_output (&listener, output);
  return code != 0 ? code : run (&listener);
}
