/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of GlbNetworkGate: glb-network-gate.c (the process, limits, what is listed), glb-network-link.c (one connection) and
 * glb-network-link-published.c (one that comes from the host). */

#include "policies/glb-network-decide.h"
#include "policies/glb-network-secret-rule.h"
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

/* One connection, from the request of a program on, or from who came to a published port. The gate's table owns it; what is under way has a reference. */
typedef struct
{
  grefcount ref_count;
  GlbNetworkGate *gate;          /* (nullable): it is in no table any more */
  guint64 id;                    /* as the process numbers it */
  guint64 number;                /* as people do: they count up from 1, whoever numbered it */
  const char *how;               /* (static): for people */
  GlbNetworkLinkState state;
  char *name;                    /* (nullable): canonical; NULL: an address was asked for, or it came from one */
  GArray *addresses;             /* GlbNetworkAddress: that it may be connected to; then the one that it is */
  char *host;                    /* name or address of the other end, for people */
  guint16 port;                  /* of the other end */
  GlbNetworkSays says;           /* to a name */
  char *by;                      /* (nullable): what allows it */
  GCancellable *cancellable;     /* of what is under way */
  guint deadline_id;             /* of resolving */
  int came;                      /* who came to a published port and is not connected yet; -1 */
  int fd;                        /* our hold of the socket outside, once it is open; -1 */
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
  guint64 last_number;           /* of a link */
  guint64 n_published;           /* came to a published port */
  GlbNetworkQuestions *questions;
  GlbNetworkRefusals *refusals;
  GQueue told;                   /* GVariant: the last refusals */
  gint64 minute_us;              /* when this minute began */
  guint n_in_minute;             /* connections that were asked for in it */
  guint64 n_bytes;               /* of connections that ended */
  guint n_resolving;
  guint limit_id;                /* looks at the bytes, while there are links */
  GHashTable *carried;           /* (nullable): id to the place of what glovebox-secrets carries */
};

/* glb-network-link.c */
void      glb_network_link_begin   (GlbNetworkGate *gate, const GlbNetworkOpen *open);
GlbNetworkLink *glb_network_link_new (GlbNetworkGate *gate, guint64 id, const char *how);
GlbNetworkLink *glb_network_link_ref (GlbNetworkLink *self);
void      glb_network_link_unref   (GlbNetworkLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNetworkLink, glb_network_link_unref)
/* The record before the effect. FALSE: there is none, and self is no more. */
gboolean  glb_network_link_audit_open (GlbNetworkLink *self);
/* It was allowed, and there is nothing at the other end. */
void      glb_network_link_fail    (GlbNetworkLink *self, const GError *error);
/* fd, which stays the caller's, is now open. FALSE: it failed, and self may be no more. */
gboolean  glb_network_link_hold    (GlbNetworkLink *self, int fd);
/* The process says that it ended. */
void      glb_network_link_end     (GlbNetworkLink *self, const GlbNetworkClosed *closed);
/* Nothing goes through it any more; its end follows. why: (static) */
void      glb_network_link_cut     (GlbNetworkLink *self, const char *why);
/* It is nobody's any more: out of the table, with a record if it was open. */
void      glb_network_link_drop    (GlbNetworkLink *self, const char *why);
GVariant *glb_network_link_describe (GlbNetworkLink *self);   /* (floating) a{sv} */
/* Both ways, as the kernel counts. */
guint64   glb_network_link_count   (GlbNetworkLink *self);
const char *glb_network_how_to_string (GlbNetworkHow how);
/* (static): what may be spoken, in a word */
const char *glb_network_says_to_string (GlbNetworkSays says);
/* What a question is about, and a grant bound to: "example.org:443", "[::1]:80". (transfer full) */
char     *glb_network_gate_name_place (const char *host, guint16 port);
/* By the policy, and by what is this machine's own. by_name: a name that was allowed led there. */
void      glb_network_gate_decide_address (GlbNetworkGate *self, const GlbNetworkAddress *address, guint16 port, gboolean by_name,
                                           GlbNetworkDecision *decision);

/* glb-network-link-published.c. Takes arrival->fd. */
void      glb_network_link_begin_published (GlbNetworkGate *gate, const GlbNetworkArrival *arrival);
/* glb-network-secrets.c */
void      glb_network_secrets_begin (GlbNetworkGate *gate);
/* FALSE: something of it is left. */
gboolean  glb_network_secrets_is_gone (GlbNetworkGate *gate);
void      glb_network_secrets_close (GlbNetworkGate *gate, const char *why);
void      glb_network_secrets_finish (GlbNetworkGate *gate);
/* An entry of the policy for a connection to a name. (nullable) */
const GlbNetworkSecretRule *glb_network_secrets_find (GlbNetworkGate *gate, const char *name, guint16 port, GlbNetworkSays says);
/* The names of all such. (transfer full) */
JsonArray *glb_network_secrets_list (GlbNetworkGate *gate, const GlbNetworkSecretRule *rule);
/* The end that glovebox-network gets instead of the server's socket; -1 with a GIOErrorEnum. server: not taken. */
int       glb_network_secrets_carry (GlbNetworkGate *gate, guint64 id, const GlbNetworkSecretRule *rule, int server,
                                     GError **error);

/* glb-network-gate.c */
/* The last of its processes ended: tells who waits for that. */
void      glb_network_gate_check_gone (GlbNetworkGate *self);
gboolean  glb_network_gate_audit   (GlbNetworkGate *self, const char *event, JsonObject *fields);   /* takes fields */
/* Something is refused: the record and the person's eyes, at a bounded pace. */
void      glb_network_gate_tell_refusal (GlbNetworkGate *self, const char *host, guint port, const char *code, const char *message);
/* One more connection is asked for. FALSE: the policy does not give so many a minute. */
gboolean  glb_network_gate_take_turn (GlbNetworkGate *self);
/* TRUE: all bytes that the policy gives are used up. */
gboolean  glb_network_gate_is_used_up (GlbNetworkGate *self);

G_END_DECLS
