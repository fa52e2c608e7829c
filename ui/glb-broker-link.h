/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ui/glb-session-item.h"

G_BEGIN_DECLS

typedef enum
{
  GLB_BROKER_LINK_CONNECTING,
  GLB_BROKER_LINK_THERE,
  GLB_BROKER_LINK_GONE,        /* looks for it once a second; see glb_broker_link_get_problem() */
} GlbBrokerLinkState;

/**
 * GlbBrokerLink:
 *
 * The app's one connection to the broker, and the sessions that it has. The
 * broker is started at the first connection, and when the person wants it; one
 * that went is only looked for, as somebody may have stopped it.
 *
 * signal ::changed (GlbBrokerLink *self): its state, after its sessions
 */
#define GLB_TYPE_BROKER_LINK (glb_broker_link_get_type ())
G_DECLARE_FINAL_TYPE (GlbBrokerLink, glb_broker_link, GLB, BROKER_LINK, GObject)

GlbBrokerLink      *glb_broker_link_new          (void);
/* Where there is no connection: connects, and starts a broker where none runs. */
void                glb_broker_link_start        (GlbBrokerLink *self);
GlbBrokerLinkState  glb_broker_link_get_state    (GlbBrokerLink *self);
/* (nullable): why it is gone */
const char         *glb_broker_link_get_problem  (GlbBrokerLink *self);
/* (transfer none) (element-type GlbSessionItem): in the order of coming */
GListModel         *glb_broker_link_get_sessions (GlbBrokerLink *self);
/* (nullable) (transfer full): the newest of that id or name */
GlbSessionItem     *glb_broker_link_find         (GlbBrokerLink *self, const char *session);
/* (nullable) (transfer none): while it is there */
GlbDBusBroker1     *glb_broker_link_get_broker   (GlbBrokerLink *self);
GDBusObjectManager *glb_broker_link_get_manager  (GlbBrokerLink *self);
GlbClient          *glb_broker_link_get_client   (GlbBrokerLink *self);

G_END_DECLS
