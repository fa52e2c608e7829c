/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GLB_BROKER_ERROR:
 *
 * The errors of org.glovebox.Broker1, registered with GDBus on both sides:
 * what the broker returns in this domain arrives in this domain.
 */
#define GLB_BROKER_ERROR (glb_broker_error_quark ())
GQuark glb_broker_error_quark (void);

typedef enum
{
  GLB_BROKER_ERROR_FAILED,      /* org.glovebox.Error.Failed: exit 125 */
  GLB_BROKER_ERROR_POLICY,      /* org.glovebox.Error.Policy: refused by policy or by this host: exit 126 */
  GLB_BROKER_ERROR_NOT_FOUND,   /* org.glovebox.Error.NotFound: no such session or command: exit 127 for commands */
  GLB_BROKER_ERROR_STATE,       /* org.glovebox.Error.State: not in this state of the session */
  GLB_BROKER_ERROR_AUTHENTICATION, /* org.glovebox.Error.Authentication: polkit wants a password, and knows nobody to ask: exit 126 */
} GlbBrokerError;

G_END_DECLS
