/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of GlbNetworkGate: glb-network-gate.c (the process, limits, what is listed) and glb-network-link.c (one connection). */

#include "policies/glb-network-decide.h"
#include "session-broker/broker/glb-network-gate.h"
#include "session-broker/broker/glb-network-questions.h"
#include "session-broker/broker/glb-network-refusals.h"

G_BEGIN_DECLS

typedef enum
{
  GLB_NETWORK_LINK_DECIDING,
  GLB_NETWORK_LINK_ASKING,
  GLB_NETWORK_LINK_RESOLVING,
  GLB_NETWORK_LINK_CONNECTING,
  GLB_NETWORK_LINK_OPEN,
} GlbNetworkLinkState;

/* One connection, from the request of a program on. The gate's table owns it; what is under way has a reference. */
typedef struct
{
  grefcount ref_count;
  GlbNetworkGate *gate;          /* (nullable): it is in no table any more */
  guint64 id;
  GlbNetworkHow how;
  GlbNetworkLinkState state;
  char *name;                    /* (nullable): canonical; NULL: an address was asked for */
  GArray *addresses;             /* GlbNetworkAddress: that it may be connected to; then the one that it is */
  char *host;                    /* name or address, for people */
  guint16 port;
  GlbNetworkSays says;           /* to a name */
  char *by;                      /* (nullable): what allows it */
  GCancellable *cancellable;     /* of what is under way */
  guint deadline_id;             /* of resolving */
  int fd;                        /* our hold of the socket; -1 */
  GlbGrant *grant;               /* (nullable) */
  guint hold;                    /* of grant */
  const char *why;               /* (nullable) (static): why it was cut */
  gint64 started_us;             /* real time */
  gint64 opened_us;              /* monotonic; 0: not yet */
} GlbNetworkLink;

struct _GlbNetworkGate
{
  GObject parent_instance;

  GlbNetworkContext context;
  GlbNetwork *network;
  gboolean running, closed;
  const char *why;               /* (nullable) (static): of close */
  GHashTable *links;             /* id to GlbNetworkLink */
  GlbNetworkQuestions *questions;
  GlbNetworkRefusals *refusals;
  GQueue told;                   /* GVariant: the last refusals */
  gint64 minute_us;              /* when this minute began */
  guint n_in_minute;             /* connections that were asked for in it */
  guint64 n_bytes;               /* of connections that ended */
  guint n_resolving;
  guint limit_id;                /* looks at the bytes, while there are links */
};

/* glb-network-link.c */
void      glb_network_link_begin   (GlbNetworkGate *gate, const GlbNetworkOpen *open);
/* The process says that it ended. */
void      glb_network_link_end     (GlbNetworkLink *self, const GlbNetworkClosed *closed);
/* Nothing goes through it any more; its end follows. why: (static) */
void      glb_network_link_cut     (GlbNetworkLink *self, const char *why);
/* It is nobody's any more: out of the table, with a record if it was open. */
void      glb_network_link_drop    (GlbNetworkLink *self, const char *why);
GVariant *glb_network_link_describe (GlbNetworkLink *self);   /* (floating) a{sv} */
/* Both ways, as the kernel counts. */
guint64   glb_network_link_count   (GlbNetworkLink *self);
void      glb_network_link_unref   (GlbNetworkLink *self);
const char *glb_network_how_to_string (GlbNetworkHow how);

/* glb-network-gate.c */
gboolean  glb_network_gate_audit   (GlbNetworkGate *self, const char *event, JsonObject *fields);   /* takes fields */
/* Something is refused: the record and the person's eyes, at a bounded pace. */
void      glb_network_gate_tell_refusal (GlbNetworkGate *self, const char *host, guint port, const char *code, const char *message);
/* One more connection is asked for. FALSE: the policy does not give so many a minute. */
gboolean  glb_network_gate_take_turn (GlbNetworkGate *self);
/* TRUE: all bytes that the policy gives are used up. */
gboolean  glb_network_gate_is_used_up (GlbNetworkGate *self);

G_END_DECLS
