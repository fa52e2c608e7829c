/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A PipeWire module for a session's private instance: who may do what.
 *
 * One rule, by what the kernel says of the peer: a client of our own account
 * is glovebox-media and may do all. Everybody else may do nothing at all, not
 * even say hello, until glovebox-media gives permissions, object by object.
 *
 * PipeWire's own module-access tells clients apart by their command line or,
 * since 1.0, by a second socket; and in 0.3.65 a client can set the property
 * by which it tells (pipewire.access) itself. Such properties are not looked
 * at here: pipewire.sec.uid is set from SO_PEERCRED before the client's first
 * byte is read, and no client can change a pipewire. property that is set.
 */

#include "config.h"

#include <unistd.h>

#include <pipewire/impl.h>

/* What the kernel calls accounts that this user namespace does not know. */
#define OVERFLOW_UID 65534

struct impl
{
  struct spa_hook context_listener;
  struct spa_hook module_listener;
};

SPA_EXPORT int pipewire__module_init (struct pw_impl_module *module, const char *args);

static void
check_access (void *data, struct pw_impl_client *client)
{
  const struct pw_properties *properties = pw_impl_client_get_properties (client);
  const struct pw_permission all = PW_PERMISSION_INIT (PW_ID_ANY, PW_PERM_ALL);
  uint32_t uid = OVERFLOW_UID;

  if (properties == NULL || pw_properties_fetch_uint32 (properties, PW_KEY_SEC_UID, &uid) < 0 ||
      uid == OVERFLOW_UID || uid != getuid ())
    return;

  pw_impl_client_update_permissions (client, 1, &all);
}

static const struct pw_context_events context_events = {
  PW_VERSION_CONTEXT_EVENTS,
  .check_access = check_access,
};

static void
module_destroy (void *data)
{
  struct impl *impl = data;

  spa_hook_remove (&impl->context_listener);
  spa_hook_remove (&impl->module_listener);
  free (impl);
}

static const struct pw_impl_module_events module_events = {
  PW_VERSION_IMPL_MODULE_EVENTS,
  .destroy = module_destroy,
};

int
pipewire__module_init (struct pw_impl_module *module, const char *args)
{
  struct impl *impl = calloc (1, sizeof *impl);

  if (impl == NULL)
    return -errno;

  pw_context_add_listener (pw_impl_module_get_context (module), &impl->context_listener, &context_events, impl);
  pw_impl_module_add_listener (module, &impl->module_listener, &module_events, impl);
  return 0;
}
