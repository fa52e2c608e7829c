/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-primary-selection.h"

#include <string.h>
#include <unistd.h>

#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-resource.h"
#include "compositor-shim/glb-selection-type.h"
#include "compositor-shim/primary-selection-unstable-v1-server-protocol.h"

/* A client that never destroys its offers is told nothing more. */
#define OFFERS_MAX 64

/* A client's source.  The clipboard's structure serves, so that readers need not know the kind. */
typedef struct
{
  struct weston_data_source base;
  uint32_t n_offered;
  size_t size;                         /* of the names of its types */
} Source;

typedef struct
{
  struct wl_list link;
  GlbPrimarySelection *manager;
  struct wl_resource *resource;
} Device;

typedef struct
{
  struct wl_list link;
  GlbPrimarySelection *manager;
  struct wl_resource *resource;
  struct weston_data_source *source;   /* NULL: it is not the selection any more */
} Offer;

struct GlbPrimarySelection
{
  struct wl_display *display;
  struct wl_global *global;
  struct wl_signal changed;
  struct wl_list devices;              /* Device.link */
  struct wl_list offers;               /* Offer.link */
  struct weston_data_source *source;
  struct wl_listener source_listener;
  uint32_t serial;
  struct wl_client *focus;             /* compared only */
  struct wl_listener focus_listener;
};

/* ---- offers --------------------------------------------------------------- */

static void
handle_receive (struct wl_client   *client,
                struct wl_resource *resource,
                const char         *type,
                int32_t             fd)
{
  Offer *offer = wl_resource_get_user_data (resource);

  if (offer != NULL && offer->source != NULL && offer->manager->focus == client)
    offer->source->send (offer->source, type, fd);
  else
    close (fd);
}

static const struct zwp_primary_selection_offer_v1_interface offer_implementation = {
  .receive = handle_receive,
  .destroy = glb_resource_handle_destroy,
};

static void
handle_offer_destroyed (struct wl_resource *resource)
{
  Offer *offer = wl_resource_get_user_data (resource);

  if (offer == NULL)
    return;
  wl_list_remove (&offer->link);
  free (offer);
}

static struct wl_resource *
send_offer (Device *device)
{
  GlbPrimarySelection *self = device->manager;
  Offer *offer = glb_new0 (Offer);
  struct wl_resource *resource =
    glb_resource_new (wl_resource_get_client (device->resource), &zwp_primary_selection_offer_v1_interface,
                      wl_resource_get_version (device->resource), 0, &offer_implementation, offer, handle_offer_destroyed);
  char **type;

  if (resource == NULL)
    {
      free (offer);
      return NULL;
    }
  offer->manager = self;
  offer->resource = resource;
  offer->source = self->source;
  wl_list_insert (&self->offers, &offer->link);
  zwp_primary_selection_device_v1_send_data_offer (device->resource, resource);
  wl_array_for_each (type, &self->source->mime_types)
    zwp_primary_selection_offer_v1_send_offer (resource, *type);
  return resource;
}

static unsigned
count_offers (GlbPrimarySelection *self,
              struct wl_client    *client)
{
  Offer *offer;
  unsigned n = 0;

  wl_list_for_each (offer, &self->offers, link)
    n += wl_resource_get_client (offer->resource) == client;
  return n;
}

static void
send_selection (Device *device)
{
  GlbPrimarySelection *self = device->manager;
  struct wl_resource *offer = NULL;

  if (self->source != NULL && count_offers (self, wl_resource_get_client (device->resource)) < OFFERS_MAX &&
      (offer = send_offer (device)) == NULL)
    return;
  zwp_primary_selection_device_v1_send_selection (device->resource, offer);
}

static void
send_selection_to_focus (GlbPrimarySelection *self)
{
  Device *device;

  wl_list_for_each (device, &self->devices, link)
    if (self->focus != NULL && wl_resource_get_client (device->resource) == self->focus)
      send_selection (device);
}

static void
handle_focus (struct wl_listener *listener,
              void               *data)
{
  GlbPrimarySelection *self = wl_container_of (listener, self, focus_listener);
  struct weston_keyboard *keyboard = data;
  struct weston_surface *surface = keyboard->focus;
  struct wl_client *client =
    surface != NULL && surface->resource != NULL ? wl_resource_get_client (surface->resource) : NULL;

  if (client == self->focus)
    return;
  self->focus = client;
  send_selection_to_focus (self);
}

/* ---- the selection -------------------------------------------------------- */

static void
change_source (GlbPrimarySelection       *self,
               struct weston_data_source *source)
{
  Offer *offer;

  if (self->source != NULL)
    wl_list_remove (&self->source_listener.link);
  self->source = source;
  if (source != NULL)
    wl_signal_add (&source->destroy_signal, &self->source_listener);
  wl_list_for_each (offer, &self->offers, link)
    offer->source = NULL;
  send_selection_to_focus (self);
  wl_signal_emit (&self->changed, self);
}

static void
handle_source_destroyed (struct wl_listener *listener,
                         void               *data)
{
  GlbPrimarySelection *self = wl_container_of (listener, self, source_listener);

  change_source (self, NULL);
}

static void
set_source (GlbPrimarySelection       *self,
            struct weston_data_source *source,
            uint32_t                   serial)
{
  struct weston_data_source *old = self->source;

  self->serial = serial;
  if (old == source)
    return;
  if (old != NULL)
    old->cancel (old);
  change_source (self, source);
}

/* ---- sources -------------------------------------------------------------- */

static void
source_accept (struct weston_data_source *base,
               uint32_t                   serial,
               const char                *type)
{
}

static void
source_send (struct weston_data_source *base,
             const char                *type,
             int32_t                    fd)
{
  zwp_primary_selection_source_v1_send_send (base->resource, type, fd);
  close (fd);
}

static void
source_cancel (struct weston_data_source *base)
{
  zwp_primary_selection_source_v1_send_cancelled (base->resource);
}

static void
handle_offer (struct wl_client   *client,
              struct wl_resource *resource,
              const char         *type)
{
  Source *source = wl_resource_get_user_data (resource);
  char **stored;

  /* What others were told must stay true. */
  if (source->base.set_selection || source->n_offered == UINT32_MAX)
    return;
  source->size += strlen (type);
  if (source->n_offered++ >= GLB_SELECTION_TYPES_MAX || source->size > GLB_SELECTION_TYPES_SIZE)
    return;
  stored = wl_array_add (&source->base.mime_types, sizeof *stored);
  if (stored == NULL || (*stored = strdup (type)) == NULL)
    abort ();
}

static const struct zwp_primary_selection_source_v1_interface source_implementation = {
  .offer = handle_offer,
  .destroy = glb_resource_handle_destroy,
};

static void
handle_source_resource_destroyed (struct wl_resource *resource)
{
  Source *source = wl_resource_get_user_data (resource);
  char **type;

  wl_signal_emit (&source->base.destroy_signal, &source->base);
  wl_array_for_each (type, &source->base.mime_types)
    free (*type);
  wl_array_release (&source->base.mime_types);
  free (source);
}

static void
handle_create_source (struct wl_client   *client,
                      struct wl_resource *manager_resource,
                      uint32_t            id)
{
  Source *source = glb_new0 (Source);
  struct wl_resource *resource =
    glb_resource_new (client, &zwp_primary_selection_source_v1_interface, wl_resource_get_version (manager_resource), id,
                      &source_implementation, source, handle_source_resource_destroyed);

  if (resource == NULL)
    {
      free (source);
      return;
    }
  source->base.resource = resource;
  source->base.accept = source_accept;
  source->base.send = source_send;
  source->base.cancel = source_cancel;
  wl_signal_init (&source->base.destroy_signal);
  wl_array_init (&source->base.mime_types);
}

/* ---- devices -------------------------------------------------------------- */

/* As Weston does it for the clipboard: of two changes the one after the later event wins.  @serial may be a lie. */
static bool
is_stale (GlbPrimarySelection *self,
          uint32_t            *serial)
{
  uint32_t now = wl_display_get_serial (self->display);

  if ((int32_t) (*serial - now) > 0)
    *serial = now;
  return self->source != NULL && (int32_t) (*serial - self->serial) < 0;
}

static void
handle_set_selection (struct wl_client   *client,
                      struct wl_resource *resource,
                      struct wl_resource *source_resource,
                      uint32_t            serial)
{
  Device *device = wl_resource_get_user_data (resource);
  GlbPrimarySelection *self = device != NULL ? device->manager : NULL;
  Source *source = source_resource != NULL ? wl_resource_get_user_data (source_resource) : NULL;

  if (self == NULL || self->focus != client || is_stale (self, &serial))
    return;
  if (source != NULL)
    source->base.set_selection = true;
  /* Only the owner can take it away. */
  else if (self->source == NULL || self->source->resource == NULL ||
           wl_resource_get_client (self->source->resource) != client)
    return;
  set_source (self, source != NULL ? &source->base : NULL, serial);
}

static const struct zwp_primary_selection_device_v1_interface device_implementation = {
  .set_selection = handle_set_selection,
  .destroy = glb_resource_handle_destroy,
};

static void
device_free (Device *device)
{
  wl_list_remove (&device->link);
  wl_resource_set_user_data (device->resource, NULL);
  free (device);
}

static void
handle_device_destroyed (struct wl_resource *resource)
{
  Device *device = wl_resource_get_user_data (resource);

  if (device != NULL)
    device_free (device);
}

static void
handle_get_device (struct wl_client   *client,
                   struct wl_resource *manager_resource,
                   uint32_t            id,
                   struct wl_resource *seat_resource)
{
  GlbPrimarySelection *self = wl_resource_get_user_data (manager_resource);
  Device *device = glb_new0 (Device);
  struct wl_resource *resource =
    glb_resource_new (client, &zwp_primary_selection_device_v1_interface, wl_resource_get_version (manager_resource), id,
                      &device_implementation, device, handle_device_destroyed);

  if (resource == NULL)
    {
      free (device);
      return;
    }
  device->manager = self;
  device->resource = resource;
  wl_list_insert (&self->devices, &device->link);
  if (self->focus == client)
    send_selection (device);
}

static const struct zwp_primary_selection_device_manager_v1_interface manager_implementation = {
  .create_source = handle_create_source,
  .get_device = handle_get_device,
  .destroy = glb_resource_handle_destroy,
};

static void
bind (struct wl_client *client,
      void             *data,
      uint32_t          version,
      uint32_t          id)
{
  glb_resource_new (client, &zwp_primary_selection_device_manager_v1_interface, (int) version, id, &manager_implementation, data, NULL);
}

/* ---- public --------------------------------------------------------------- */

GlbPrimarySelection *
glb_primary_selection_new (struct weston_compositor *compositor,
                           GlbSeat                  *seat)
{
  GlbPrimarySelection *self = glb_new0 (GlbPrimarySelection);

  self->display = compositor->wl_display;
  wl_signal_init (&self->changed);
  wl_list_init (&self->devices);
  wl_list_init (&self->offers);
  self->source_listener.notify = handle_source_destroyed;
  self->global =
    wl_global_create (self->display, &zwp_primary_selection_device_manager_v1_interface, 1, self, bind);
  if (self->global == NULL)
    abort ();
  self->focus_listener.notify = handle_focus;
  wl_signal_add (&glb_seat_get_keyboard (seat)->focus_signal, &self->focus_listener);
  return self;
}

/* Clients' objects outlive us while the compositor ends. */
void
glb_primary_selection_free (GlbPrimarySelection *self)
{
  Device *device, *next_device;
  Offer *offer, *next_offer;

  wl_list_for_each_safe (device, next_device, &self->devices, link)
    device_free (device);
  wl_list_for_each_safe (offer, next_offer, &self->offers, link)
    {
      wl_list_remove (&offer->link);
      wl_resource_set_user_data (offer->resource, NULL);
      free (offer);
    }
  if (self->source != NULL)
    wl_list_remove (&self->source_listener.link);
  wl_list_remove (&self->focus_listener.link);
  wl_global_destroy (self->global);
  free (self);
}

struct wl_signal *
glb_primary_selection_get_signal (GlbPrimarySelection *self)
{
  return &self->changed;
}

struct weston_data_source *
glb_primary_selection_get_source (GlbPrimarySelection *self)
{
  return self->source;
}

uint32_t
glb_primary_selection_get_n_offered (GlbPrimarySelection *self)
{
  Source *source;

  if (self->source == NULL || self->source->resource == NULL)
    return 0;
  source = wl_container_of (self->source, source, base);
  return source->n_offered;
}

void
glb_primary_selection_set_source (GlbPrimarySelection       *self,
                                  struct weston_data_source *source)
{
  set_source (self, source, wl_display_next_serial (self->display));
}
