/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <wayland-server-core.h>

/**
 * glb_resource_new:
 * @version: as wl_resource_get_version() of its parent, or as a client binds
 * @data: (nullable): its user data
 * @destroyed: (nullable): hears of its end
 *
 * A client's object with its implementation.
 *
 * Returns: (nullable): %NULL: there is no memory for it; the client was told
 */
struct wl_resource *glb_resource_new (struct wl_client            *client,
                                      const struct wl_interface   *interface,
                                      int                          version,
                                      uint32_t                     id,
                                      const void                  *implementation,
                                      void                        *data,
                                      wl_resource_destroy_func_t   destroyed);

/* The request by which a client destroys an object. */
void                glb_resource_handle_destroy (struct wl_client   *client,
                                                 struct wl_resource *resource);
