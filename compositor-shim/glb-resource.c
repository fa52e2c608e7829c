/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-resource.h"

struct wl_resource *
glb_resource_new (struct wl_client           *client,
                  const struct wl_interface  *interface,
                  int                         version,
                  uint32_t                    id,
                  const void                 *implementation,
                  void                       *data,
                  wl_resource_destroy_func_t  destroyed)
{
  struct wl_resource *resource = wl_resource_create (client, interface, version, id);

  if (resource == NULL)
    {
      wl_client_post_no_memory (client);
      return NULL;
    }
  wl_resource_set_implementation (resource, implementation, data, destroyed);
  return resource;
}

void
glb_resource_handle_destroy (struct wl_client   *client,
                             struct wl_resource *resource)
{
  wl_resource_destroy (resource);
}
