/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-data-devices.h"

#include <string.h>
#include <wayland-server-protocol.h>

#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-selection-type.h"

struct GlbDataDevices
{
  struct weston_seat *seat;
  struct wl_protocol_logger *logger;
  GlbDataDevicesRead read;
  void *data;
  bool receiving;            /* the last request was a client's to read, and is not served yet */
};

static bool
is (const struct wl_protocol_logger_message *message,
    const struct wl_interface               *interface,
    const char                              *name)
{
  return strcmp (message->message->name, name) == 0 &&
         strcmp (wl_resource_get_class (message->resource), interface->name) == 0;
}

/*
 * Weston stores all types that a client offers.  This one too is still stored,
 * and then the client ends.
 */
static void
limit_types (const struct wl_protocol_logger_message *message)
{
  struct weston_data_source *source = wl_resource_get_user_data (message->resource);
  size_t size = strlen (message->arguments[0].s);
  char **type;

  if (source == NULL)
    return;
  wl_array_for_each (type, &source->mime_types)
    size += strlen (*type);
  if (source->mime_types.size / sizeof (char *) >= GLB_SELECTION_TYPES_MAX || size > GLB_SELECTION_TYPES_SIZE)
    wl_client_post_implementation_error (wl_resource_get_client (message->resource), "too many types of data");
}

static void
handle_offer_destroyed (struct wl_listener *listener,
                        void               *data)
{
  struct weston_data_offer *offer = wl_resource_get_user_data (data);

  wl_list_remove (&listener->link);
  free (listener);
  if (offer->source != NULL && offer->source->offer == offer)
    offer->source->offer = NULL;
}

/*
 * When a client ends, or drops the offer of a selection, Weston takes it for
 * the end of a drag, and tells the owner that its selection is not wanted any
 * more: one paste by a program that ends then would empty the clipboard.  An
 * offer that the source does not know any more is not missed.
 */
static void
keep_selection (GlbDataDevices                          *self,
                const struct wl_protocol_logger_message *message)
{
  struct weston_data_source *source = self->seat->selection_data_source;
  struct wl_listener *listener;

  if (source == NULL || source->offer == NULL || source->offer->resource == NULL ||
      wl_resource_get_client (source->offer->resource) != wl_resource_get_client (message->resource) ||
      wl_resource_get_destroy_listener (source->offer->resource, handle_offer_destroyed) != NULL)
    return;
  listener = glb_new0 (struct wl_listener);
  listener->notify = handle_offer_destroyed;
  wl_resource_add_destroy_listener (source->offer->resource, listener);
}

static void
handle_message (void                                    *data,
                enum wl_protocol_logger_type             direction,
                const struct wl_protocol_logger_message *message)
{
  GlbDataDevices *self = data;

  if (direction == WL_PROTOCOL_LOGGER_REQUEST && is (message, &wl_data_source_interface, "offer"))
    limit_types (message);
  else if (direction == WL_PROTOCOL_LOGGER_EVENT && is (message, &wl_data_device_interface, "selection"))
    keep_selection (self, message);
  else if (direction == WL_PROTOCOL_LOGGER_EVENT && is (message, &wl_data_source_interface, "send") &&
           !glb_data_devices_take_receiving (self))
    self->read (message->arguments[1].h, self->data);

  if (direction == WL_PROTOCOL_LOGGER_REQUEST)
    {
      self->receiving = is (message, &wl_data_offer_interface, "receive");
      if (self->receiving)
        self->read (-1, self->data);
    }
}

GlbDataDevices *
glb_data_devices_new (struct wl_display  *display,
                      struct weston_seat *seat,
                      GlbDataDevicesRead  read,
                      void               *data)
{
  GlbDataDevices *self = glb_new0 (GlbDataDevices);

  self->seat = seat;
  self->read = read;
  self->data = data;
  self->logger = wl_display_add_protocol_logger (display, handle_message, self);
  if (self->logger == NULL)
    abort ();
  return self;
}

bool
glb_data_devices_take_receiving (GlbDataDevices *self)
{
  bool receiving = self->receiving;

  self->receiving = false;
  return receiving;
}

void
glb_data_devices_free (GlbDataDevices *self)
{
  wl_protocol_logger_destroy (self->logger);
  free (self);
}
