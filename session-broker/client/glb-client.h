/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/client/glb-broker-error.h"
#include "session-broker/client/glb-frame-stream.h"
#include "session-broker/client/glb-paths.h"

G_BEGIN_DECLS

/**
 * GlbClient:
 *
 * A connection to the person's broker, which is started where it does not run
 * yet. The proxies are generated from data/org.glovebox.Broker1.xml
 * (session-broker/client/glb-broker-dbus-generated.h: GlbDBusBroker1,
 * GlbDBusSession1). The connection is a peer's: proxies have no bus name.
 *
 * The other end is believed only after the kernel says that it runs under our
 * own user id.
 *
 * The machine's broker is on the system bus, where polkit says who may see and
 * answer: it is believed only after the bus says that it is root's. There
 * proxies have its name, and calls may have to wait for a password.
 */
#define GLB_TYPE_CLIENT (glb_client_get_type ())
G_DECLARE_FINAL_TYPE (GlbClient, glb_client, GLB, CLIENT, GObject)

#define GLB_BROKER_OBJECT_PATH "/org/glovebox/Broker1"
#define GLB_BROKER_SYSTEM_NAME "org.glovebox.Broker1"
/* The socket in the runtime folder, and the log in the state folder. */
#define GLB_BROKER_SOCKET "bus"
#define GLB_BROKER_LOG    "broker.log"

/* Without start_broker, and where no broker runs: G_IO_ERROR_NOT_FOUND. */
GlbClient       *glb_client_new_sync (gboolean start_broker, GCancellable *cancellable, GError **error);
/* Signals of the connection come in the global default main context. */
void             glb_client_new_async (gboolean start_broker, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GlbClient       *glb_client_new_finish (GAsyncResult *result, GError **error);
/* Of a connection to the broker, taken, on which all lines of the authentication were sent and calls may have followed. Unless it is
 * authenticated, the broker's answers to those lines are read here. What comes after them waits for glb_client_begin(). */
GlbClient       *glb_client_new_from_fd (int fd, gboolean authenticated, GCancellable *cancellable, GError **error);
void             glb_client_begin (GlbClient *self);
/* The machine's broker, started by the bus where it can be. */
GlbClient       *glb_client_new_system_sync (GCancellable *cancellable, GError **error);
GDBusConnection *glb_client_get_connection (GlbClient *self);
/* (nullable): a peer has none */
const char      *glb_client_get_bus_name   (GlbClient *self);

G_END_DECLS
