/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "policies/glb-network-publish-rule.h"
#include "policies/glb-policy.h"
#include "session-broker/broker/glb-prompts.h"
#include "session-broker/network/glb-network.h"
#include "session-broker/sandbox/glb-box.h"
#include "session-broker/network/glb-secrets.h"

G_BEGIN_DECLS

/* What the gate needs of its session. Records come before the effect; one that fails stops it. */
typedef struct
{
  GlbPrompts *prompts;
  GlbSession *session;           /* not owned */
  const GlbPolicy *policy;
  GlbSecrets *secrets;           /* (nullable): ready; the policy names no secret */
  const char *id;                /* of the session; copied */
  gboolean (*audit)   (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error);
  /* glb_network_gate_get_state() says something else now. */
  void     (*changed) (gpointer user_data);
  /* For the person's eyes; as of Session1.NetworkRefused. */
  void     (*refused) (gpointer user_data, const char *host, guint port, const char *code, const char *message, guint64 count);
  /* After glb_network_gate_close(): nothing of it is left. */
  void     (*gone)    (gpointer user_data);
  gpointer user_data;
} GlbNetworkContext;

/* Somebody of the host who came to a published port. */
typedef struct
{
  int fd;
  GlbNetworkAddress address;     /* whence */
  guint16 port;
  const GlbNetworkPublishRule *rule;
  GlbBox *box;                   /* where to */
} GlbNetworkArrival;

/**
 * GlbNetworkGate:
 *
 * What one session reaches, and who of the host reaches it. It decides, asks the person, resolves names,
 * records and dials; glovebox-network gets the socket and carries the bytes.
 * It keeps a hold of each socket, so that what it cuts is cut, whatever that
 * process does.
 */
#define GLB_TYPE_NETWORK_GATE (glb_network_gate_get_type ())
G_DECLARE_FINAL_TYPE (GlbNetworkGate, glb_network_gate, GLB, NETWORK_GATE, GObject)

/* network: runs, is not set up. sockets: (array length=GLB_NETWORK_N_SOCKETS): of the session; taken, and set to -1. */
GlbNetworkGate *glb_network_gate_new       (const GlbNetworkContext *context, GlbNetwork *network, int *sockets);
/* why: (static): for the record. Cuts everything; ::gone of the context follows if glb_network_gate_is_gone() is FALSE. */
void            glb_network_gate_close     (GlbNetworkGate *self, const char *why);
gboolean        glb_network_gate_is_gone   (GlbNetworkGate *self);
/* (static): as of Session1.Network: "on" or "gone" */
const char     *glb_network_gate_get_state (GlbNetworkGate *self);

/* Takes arrival->fd: records, connects it to the session, or closes it. */
void            glb_network_gate_let_in    (GlbNetworkGate *self, const GlbNetworkArrival *arrival);

/* code: "allowed", or why not, as of Session1.NetworkRefused. message: of a no; by: of a yes: what allows it */
typedef void (*GlbNetworkRequested) (gpointer user_data, const char *code, const char *message, const char *by);
/* Whether the session may connect there, before it does; the person is asked where the policy says so. Answers in any case. */
void            glb_network_gate_request   (GlbNetworkGate *self, const char *untrusted_host, guint16 port, GlbNetworkRequested requested,
                                            gpointer user_data);

/* (floating) aa{sv}: as of Session1.Connections */
GVariant       *glb_network_gate_describe  (GlbNetworkGate *self);
GVariant       *glb_network_gate_describe_refusals (GlbNetworkGate *self);
/* By the person. number: as listed. FALSE with GLB_BROKER_ERROR_NOT_FOUND. */
gboolean        glb_network_gate_cut       (GlbNetworkGate *self, guint64 number, GError **error);

G_END_DECLS
