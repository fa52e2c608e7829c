/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-client"

#include "session-broker/client/glb-broker-error.h"

static const GDBusErrorEntry entries[] = {
  { GLB_BROKER_ERROR_FAILED, "org.glovebox.Error.Failed" },
  { GLB_BROKER_ERROR_POLICY, "org.glovebox.Error.Policy" },
  { GLB_BROKER_ERROR_NOT_FOUND, "org.glovebox.Error.NotFound" },
  { GLB_BROKER_ERROR_STATE, "org.glovebox.Error.State" },
  { GLB_BROKER_ERROR_AUTHENTICATION, "org.glovebox.Error.Authentication" },
};

GQuark
glb_broker_error_quark (void)
{
  static gsize quark;

  g_dbus_error_register_error_domain ("glb-broker-error-quark", &quark, entries, G_N_ELEMENTS (entries));
  return (GQuark) quark;
}
