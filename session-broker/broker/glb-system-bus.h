/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-object-manager.h"
#include "session-broker/broker/glb-prompts.h"

G_BEGIN_DECLS

/**
 * GlbSystemBus:
 *
 * The broker's door on the system bus: the objects that its own socket has, to
 * be looked at, prompts to be answered and grants to be revoked, by whom
 * polkit allows it. Everybody on the machine may call here, so nothing is done
 * before the bus said who calls and polkit said yes, in time; whoever is not
 * named by a yes is refused. Nothing here waits: each call goes its way alone.
 *
 * It sends no signals: on this bus all users would see them. Where the bus goes
 * away, nobody answers over it any more.
 */
#define GLB_TYPE_SYSTEM_BUS (glb_system_bus_get_type ())
G_DECLARE_FINAL_TYPE (GlbSystemBus, glb_system_bus, GLB, SYSTEM_BUS, GObject)

/* root: the skeleton at the manager's path. deadline: seconds for polkit, and for whom it asks. */
GlbSystemBus *glb_system_bus_new          (GlbObjectManager *objects, GlbPrompts *prompts, GDBusInterfaceSkeleton *root, guint deadline);
/* Result: it has the name GLB_BROKER_SYSTEM_NAME. */
void          glb_system_bus_start_async  (GlbSystemBus *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean      glb_system_bus_start_finish (GlbSystemBus *self, GAsyncResult *result, GError **error);
/* Calls wait for an answer. */
gboolean      glb_system_bus_is_busy      (GlbSystemBus *self);
/* Refuses what waits, and leaves the bus. */
void          glb_system_bus_close        (GlbSystemBus *self);

G_END_DECLS
