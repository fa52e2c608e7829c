/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/media/recorder-fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <glib-unix.h>

static gboolean
on_bytes (int fd, GIOCondition condition, gpointer user_data)
{
  Recorder *self = user_data;
  gsize size = (gsize) self->width * self->height * 4;
  ssize_t n = read (fd, self->filling + self->filled, size - self->filled);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      self->id = 0;
      self->ended = TRUE;
      return G_SOURCE_REMOVE;
    }

  self->filled += n;
  if (self->filled == size)
    {
      guint8 *whole = self->filling;

      self->filling = self->frame;
      self->frame = whole;
      self->filled = 0;
      self->n++;
    }
  return G_SOURCE_CONTINUE;
}

static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

Recorder *
recorder_start (const char *host_socket, guint width, guint height)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *caps = g_strdup_printf ("video/x-raw,format=BGRx,width=%u,height=%u", width, height);
  g_autoptr(GError) error = NULL;
  Recorder *self = g_new0 (Recorder, 1);

  g_subprocess_launcher_setenv (launcher, "PIPEWIRE_REMOTE", host_socket, TRUE);
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  self->process = g_subprocess_launcher_spawn (launcher, &error, "gst-launch-1.0", "-q", "pipewiresrc", "!", caps, "!",
                                               "fdsink", "fd=1", "sync=false", NULL);
  g_assert_no_error (error);
  self->width = width;
  self->height = height;
  self->filling = g_malloc0 ((gsize) width * height * 4);
  self->frame = g_malloc0 ((gsize) width * height * 4);
  self->fd = g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (g_subprocess_get_stdout_pipe (self->process)));
  g_assert_true (g_unix_set_fd_nonblocking (self->fd, TRUE, NULL));
  self->id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP, on_bytes, self);
  return self;
}

void
recorder_free (Recorder *self)
{
  g_clear_handle_id (&self->id, g_source_remove);
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_free (self->filling);
  g_free (self->frame);
  g_free (self);
}

Program *
manager_start (const char *host_socket)
{
  const char *argv[] = { PERSON_MANAGER, host_socket, NULL };
  Program *manager = program_start (argv, NULL);

  wait_until (program_count (manager, "end") == 1);
  return manager;
}
