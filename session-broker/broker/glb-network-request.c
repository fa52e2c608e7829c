/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A question about a place, before anything is connected: the same verdicts as of a connection, and no packet is sent for them. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "policies/glb-network-name.h"
#include "session-broker/broker/glb-network-gate-private.h"

typedef struct
{
  GlbNetworkGate *gate;
  char *host;
  guint16 port;
  GlbNetworkRequested requested;
  gpointer user_data;
} Request;

/* Frees self. */
static void
answer (Request *self, const char *code, const char *message, const char *by)
{
  JsonObject *fields = json_object_new ();

  json_object_set_string_member (fields, "host", self->host);
  json_object_set_int_member (fields, "port", self->port);
  json_object_set_string_member (fields, "code", code);
  if (!self->gate->closed)
    glb_network_gate_audit (self->gate, "network-asked", fields);
  else
    json_object_unref (fields);
  self->requested (self->user_data, code, message, by);
  g_object_unref (self->gate);
  g_free (self->host);
  g_free (self);
}

static void
answered (gpointer user_data, const GlbPromptAnswer *prompt_answer)
{
  Request *self = user_data;
  g_autofree char *by = NULL;
  const char *why = prompt_answer != NULL && prompt_answer->why != NULL ? prompt_answer->why : "session-ended";

  if (prompt_answer != NULL && prompt_answer->allowed)
    {
      by = g_strdup_printf ("grant %" G_GUINT64_FORMAT, glb_grant_get_id (prompt_answer->grant));
      answer (self, "allowed", "", by);
      return;
    }
  answer (self, why, g_str_equal (why, "denied") ? "the person said no"
          : "nobody said yes; ask the person who watches to answer the prompt", "");
}

static void
carry_out (Request *self, const GlbNetworkDecision *decision, gboolean is_name)
{
  g_autofree char *place = glb_network_gate_name_place (self->host, self->port);
  g_autofree char *why = NULL;

  switch (decision->verdict)
    {
    case GLB_VERDICT_ALLOW:
      answer (self, "allowed", "", decision->rule != NULL ? decision->rule : decision->code);
      break;
    case GLB_VERDICT_PROMPT:
      glb_network_questions_ask_ahead (self->gate->questions, place,
                                       glb_network_says_to_string (is_name ? decision->says : GLB_NETWORK_SAYS_ALL), answered, self);
      break;
    case GLB_VERDICT_DENY:
    default:
      why = glb_network_decision_explain (decision);
      answer (self, "policy_denied", why, "");
      break;
    }
}

/* The host in its one form. FALSE: it is none; why: (out) (static) */
static gboolean
take_host (Request *self, const char *untrusted_host, GlbNetworkAddress *address, gboolean *is_name, const char **why)
{
  *is_name = !glb_network_address_parse (untrusted_host, address);
  self->host = *is_name ? glb_network_name_normalise (untrusted_host, why) : glb_network_address_to_string (address);
  if (self->host != NULL)
    return TRUE;
  self->host = g_strdup ("");
  return FALSE;
}

void
glb_network_gate_request (GlbNetworkGate *gate, const char *untrusted_host, guint16 port, GlbNetworkRequested requested, gpointer user_data)
{
  Request *self = g_new0 (Request, 1);
  GlbNetworkDecision decision;
  GlbNetworkAddress address;
  const char *why = NULL;
  gboolean is_name;

  self->gate = g_object_ref (gate);
  self->port = port;
  self->requested = requested;
  self->user_data = user_data;
  if (!take_host (self, untrusted_host, &address, &is_name, &why))
    {
      answer (self, "bad_name", why, "");
      return;
    }
  if (!glb_network_gate_take_turn (gate))
    {
      answer (self, "limit", "too many connections a minute; see network.maxConnectionsPerMinute in the policy", "");
      return;
    }

  if (is_name)
    glb_network_decide_name (gate->context.policy, self->host, port, &decision);
  else
    glb_network_gate_decide_address (gate, &address, port, FALSE, &decision);
  carry_out (self, &decision, is_name);
}
