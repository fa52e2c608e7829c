/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "Glovebox"
#include "config.h"

#include <string.h>

#include <gio/gunixsocketaddress.h>

#include "glb-connection.h"
#include "glb-library-private.h"
#include "glovebox-error.h"

#define READ_BYTES (64u * 1024u)

struct _GlbConnection
{
  char *path;
  GSocket *socket;             /* (nullable) */
};

GlbConnection *
glb_connection_new (const char *path)
{
  GlbConnection *self = g_new0 (GlbConnection, 1);

  self->path = g_strdup (path);
  return self;
}

static void
close_socket (GlbConnection *self)
{
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
}

void
glb_connection_free (GlbConnection *self)
{
  close_socket (self);
  g_free (self->path);
  g_free (self);
}

gboolean
glb_connection_open (GlbConnection *self, GError **error)
{
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (self->path);
  g_autoptr(GError) why = NULL;
  g_autoptr(GSocket) socket = NULL;

  if (self->socket != NULL)
    return TRUE;

  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &why);
  if (socket == NULL || !g_socket_connect (socket, address, NULL, &why))
    {
      g_set_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_NO_SESSION, "Can't reach the session's action socket %s: %s", self->path, why->message);
      return FALSE;
    }

  g_socket_set_blocking (socket, FALSE);
  self->socket = g_steal_pointer (&socket);
  return TRUE;
}

static gboolean
wait_for (GlbConnection *self, GIOCondition condition, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  gint64 left_us = MAX (deadline_us - g_get_monotonic_time (), 0);

  return g_socket_condition_timed_wait (self->socket, condition, left_us, cancellable, error);
}

static gboolean
send_all (GlbConnection *self, const char *bytes, gsize length, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  while (length > 0)
    {
      g_autoptr(GError) why = NULL;
      gssize n;

      if (!wait_for (self, G_IO_OUT, deadline_us, cancellable, error))
        return FALSE;
      n = g_socket_send (self->socket, bytes, length, cancellable, &why);
      if (n < 0 && !g_error_matches (why, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }

      bytes += MAX (n, 0);
      length -= (gsize) MAX (n, 0);
    }
  return TRUE;
}

/* FALSE with an error. */
static gboolean
receive_some (GlbConnection *self, GByteArray *answer, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  g_autoptr(GError) why = NULL;
  guint before = answer->len;
  gssize n;

  if (!wait_for (self, G_IO_IN, deadline_us, cancellable, error))
    return FALSE;

  g_byte_array_set_size (answer, before + READ_BYTES);
  n = g_socket_receive (self->socket, (char *) answer->data + before, READ_BYTES, cancellable, &why);
  g_byte_array_set_size (answer, before + (guint) MAX (n, 0));
  if (n > 0 || g_error_matches (why, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return TRUE;

  if (n == 0)
    g_set_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_NO_SESSION, "The session closed the action socket: it ended, or too many "
                 "programs of it are connected");
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* (transfer full) */
static GBytes *
receive_line (GlbConnection *self, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  g_autoptr(GByteArray) answer = g_byte_array_new ();
  const guint8 *newline = NULL;
  gsize length;

  while (newline == NULL)
    {
      guint before = answer->len;

      if (before > GLB_ANSWER_MAX)
        {
          g_set_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_PROTOCOL, "The answer is longer than %u bytes", GLB_ANSWER_MAX);
          return NULL;
        }
      if (!receive_some (self, answer, deadline_us, cancellable, error))
        return NULL;
      newline = answer->len > before ? memchr (answer->data + before, '\n', answer->len - before) : NULL;
    }

  length = (gsize) (newline - answer->data);
  if (length + 1 != answer->len)
    {
      g_set_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_PROTOCOL, "More than one answer came to one action");
      return NULL;
    }

  g_byte_array_set_size (answer, (guint) length);
  return g_byte_array_free_to_bytes (g_steal_pointer (&answer));
}

GBytes *
glb_connection_request (GlbConnection *self, const char *line, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  GBytes *answer = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !glb_connection_open (self, error))
    return NULL;

  if (send_all (self, line, strlen (line), deadline_us, cancellable, error) &&
      send_all (self, "\n", 1, deadline_us, cancellable, error))
    answer = receive_line (self, deadline_us, cancellable, error);
  if (answer == NULL)
    close_socket (self);
  return answer;
}
