/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <unistd.h>

#include "session-broker/broker/glb-key-listener.h"

struct _GlbKeyListener
{
  GSocketService *service;
  guint max, n;
  GlbKeyIncoming incoming;
  gpointer user_data;
};

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  GlbKeyListener *self = user_data;

  if (self->n >= self->max)
    return TRUE;

  self->n++;
  self->incoming (self->user_data, connection);
  return TRUE;
}

GlbKeyListener *
glb_key_listener_new (int fd, guint max, GlbKeyIncoming incoming, gpointer user_data, GError **error)
{
  g_autoptr(GSocketService) service = g_socket_service_new ();
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, error);
  GlbKeyListener *self;

  if (socket == NULL)
    {
      close (fd);
      return NULL;
    }
  if (!g_socket_listener_add_socket (G_SOCKET_LISTENER (service), socket, NULL, error))
    return NULL;

  self = g_new0 (GlbKeyListener, 1);
  self->service = g_steal_pointer (&service);
  self->max = max;
  self->incoming = incoming;
  self->user_data = user_data;
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_socket_service_start (self->service);
  return self;
}

void
glb_key_listener_left (GlbKeyListener *self)
{
  g_return_if_fail (self->n > 0);

  self->n--;
}

void
glb_key_listener_free (GlbKeyListener *self)
{
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_free (self);
}
