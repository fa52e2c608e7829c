/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One connection: request, verdict, perhaps a question, perhaps a name to be
 * resolved, the record, the dial, the hand-over.
 *
 *   deciding ──► asking ──► resolving ──► connecting ──► open
 *
 * Each step that waits holds a reference; when it comes back, the link may be
 * out of the table (its program gave up, the session ended), and then it ends
 * there. Whatever refuses goes through refuse(): one place that tells the
 * program, the record and the person.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policies/glb-network-host-rule.h"
#include "policies/glb-network-name.h"
#include "session-broker/broker/glb-network-gate-private.h"
#include "session-broker/network/glb-network-dial.h"
#include "session-broker/network/glb-network-own.h"

/* Of what a resolver says, which may be thousands. */
#define ADDRESSES_MAX   16
#define RESOLVE_MS      10000
#define RESOLVING_MAX   32

G_STATIC_ASSERT ((int) GLB_NETWORK_SAYS_TLS == (int) GLB_NETWORK_SPEECH_TLS);
G_STATIC_ASSERT ((int) GLB_NETWORK_SAYS_HTTP == (int) GLB_NETWORK_SPEECH_HTTP);
G_STATIC_ASSERT ((int) GLB_NETWORK_SAYS_OTHER == (int) GLB_NETWORK_SPEECH_ANY);

const char *
glb_network_how_to_string (GlbNetworkHow how)
{
  static const char * const words[] = { "?", "connect", "http", "socks", "transparent" };

  return words[(guint) how < G_N_ELEMENTS (words) ? how : 0];
}

/* ---- the object ------------------------------------------------------------------- */

GlbNetworkLink *
glb_network_link_ref (GlbNetworkLink *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
glb_network_link_unref (GlbNetworkLink *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_clear_handle_id (&self->deadline_id, g_source_remove);
  if (self->came >= 0)
    close (self->came);
  if (self->fd >= 0)
    close (self->fd);
  if (self->grant != NULL)
    glb_grant_release (self->grant, self->hold);
  g_clear_object (&self->grant);
  g_clear_object (&self->cancellable);
  g_array_unref (self->addresses);
  g_free (self->name);
  g_free (self->host);
  g_free (self->by);
  g_free (self);
}

GlbNetworkLink *
glb_network_link_new (GlbNetworkGate *gate, guint64 id, const char *how)
{
  GlbNetworkLink *self = g_new0 (GlbNetworkLink, 1);

  g_ref_count_init (&self->ref_count);
  self->gate = gate;
  self->id = id;
  self->number = ++gate->last_number;
  self->how = how;
  self->addresses = g_array_new (FALSE, FALSE, sizeof (GlbNetworkAddress));
  self->cancellable = g_cancellable_new ();
  self->came = self->fd = -1;
  self->started_us = g_get_real_time ();
  return self;
}

/* Out of the table; what is under way finds that out. Before anything is said of it: a record that fails ends the session, and with it
 * all that is in the table. */
static void
remove_link (GlbNetworkLink *self)
{
  GlbNetworkGate *gate = self->gate;
  g_autoptr(GlbNetworkLink) ref = glb_network_link_ref (self);

  if (self->fd >= 0)
    gate->n_bytes += glb_network_link_count (self);
  if (self->came >= 0)
    shutdown (self->came, SHUT_RDWR);
  self->gate = NULL;
  if (self->state == GLB_NETWORK_LINK_ASKING)
    glb_network_questions_give_up (gate->questions, self);
  g_hash_table_remove (gate->links, &self->id);
  g_cancellable_cancel (self->cancellable);
}

/* ---- refusals ------------------------------------------------------------------------ */

/* To the program that waits for it. Who came from the host sees the end. */
static void
answer_no (GlbNetworkGate *gate, GlbNetworkLink *self, GlbNetworkRefusal refusal, const char *text)
{
  if ((self->id & GLB_NETWORK_ID_PUBLISHED) == 0)
    glb_network_send_refused (gate->network, self->id, refusal, text);
}

static void
refuse (GlbNetworkLink *taken, GlbNetworkRefusal refusal, const char *code, const char *why)
{
  g_autoptr(GlbNetworkLink) self = glb_network_link_ref (taken);
  g_autoptr(GlbNetworkGate) gate = g_object_ref (self->gate);
  g_autofree char *text = g_strdup_printf ("%s: %s port %u: %s", code, self->host, self->port, why);

  remove_link (self);
  glb_network_gate_tell_refusal (gate, self->host, self->port, code, why);
  answer_no (gate, self, refusal, text);
}

static void
refuse_by_policy (GlbNetworkLink *self, const GlbNetworkDecision *decision)
{
  g_autofree char *why = glb_network_decision_explain (decision);

  refuse (self, GLB_NETWORK_REFUSAL_POLICY, "policy_denied", why);
}

/* ---- dialling -------------------------------------------------------------------------- */

static JsonObject *
describe (GlbNetworkLink *self)
{
  JsonObject *fields = json_object_new ();

  json_object_set_int_member (fields, "connection", (gint64) self->number);
  json_object_set_string_member (fields, "host", self->host);
  json_object_set_int_member (fields, "port", self->port);
  return fields;
}

/* Of the host that was asked for by its name. (nullable) */
static const GlbNetworkSecretRule *
find_secret (GlbNetworkLink *self)
{
  return self->name != NULL ? glb_network_secrets_find (self->gate, self->name, self->port, self->says) : NULL;
}

gboolean
glb_network_link_audit_open (GlbNetworkLink *self)
{
  JsonObject *fields = describe (self);
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < self->addresses->len; i++)
    {
      g_autofree char *text = glb_network_address_to_string (&g_array_index (self->addresses, GlbNetworkAddress, i));

      json_array_add_string_element (list, text);
    }
  json_object_set_array_member (fields, "addresses", list);
  json_object_set_string_member (fields, "how", self->how);
  json_object_set_string_member (fields, "by", self->by);
  if (find_secret (self) != NULL)
    json_object_set_array_member (fields, "secrets", glb_network_secrets_list (self->gate, find_secret (self)));
  return glb_network_gate_audit (self->gate, "network-open", fields);
}

void
glb_network_link_fail (GlbNetworkLink *taken, const GError *error)
{
  g_autoptr(GlbNetworkLink) self = glb_network_link_ref (taken);
  g_autoptr(GlbNetworkGate) gate = g_object_ref (self->gate);
  GlbNetworkRefusal refusal = GLB_NETWORK_REFUSAL_UNREACHABLE;
  JsonObject *fields = describe (self);
  const char *code = "unreachable";
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    {
      refusal = GLB_NETWORK_REFUSAL_CONNECTION;
      code = "connection_refused";
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      refusal = GLB_NETWORK_REFUSAL_TIMEOUT;
      code = "timeout";
    }
  json_object_set_string_member (fields, "why", error->message);
  text = g_strdup_printf ("%s: %s port %u is allowed, but can't be reached: %s", code, self->host, self->port, error->message);
  remove_link (self);
  glb_network_gate_audit (gate, "network-failed", fields);
  answer_no (gate, self, refusal, text);
}

gboolean
glb_network_link_hold (GlbNetworkLink *self, int fd)
{
  const int yes = 1;

  /* a peer that is gone without a word is found out about */
  setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  self->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  if (self->fd < 0)
    {
      g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "too many open files");

      glb_network_link_fail (self, error);
      return FALSE;
    }

  self->state = GLB_NETWORK_LINK_OPEN;
  self->opened_us = g_get_monotonic_time ();
  return TRUE;
}

/* What stands between: takes fd and gives the end for glovebox-network, or fd where there is no secret for the host. -1 with an
 * error. */
static int
put_secrets_between (GlbNetworkLink *self, int fd, GlbNetworkOpened *opened, GError **error)
{
  const GlbNetworkSecretRule *rule = find_secret (self);
  int end;

  if (rule == NULL)
    return fd;
  /* the other speech would not get through */
  opened->speech = rule->says;
  end = glb_network_secrets_carry (self->gate, self->id, rule, fd, error);
  close (fd);
  return end;
}

/* Takes fd. */
static void
hand_over (GlbNetworkLink *self, int fd)
{
  GlbNetworkOpened opened = { .id = self->id, .speech = GLB_NETWORK_SAYS_ALL };
  g_autoptr(GError) error = NULL;
  int end;

  if (self->name != NULL)
    {
      opened.speech = self->says;
      g_strlcpy (opened.name, self->name, sizeof opened.name);
    }
  if (!glb_network_link_hold (self, fd))
    {
      close (fd);
      return;
    }

  end = put_secrets_between (self, fd, &opened, &error);
  if (end >= 0)
    glb_network_send_opened (self->gate->network, &opened, end);
  else
    glb_network_link_fail (self, error);
}

static void
dialled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbNetworkLink) self = user_data;
  g_autoptr(GError) error = NULL;
  guint which;
  int fd = glb_network_dial_finish (result, &which, &error);

  if (self->gate == NULL)
    {
      if (fd >= 0)
        close (fd);
    }
  else if (fd < 0)
    glb_network_link_fail (self, error);
  else
    {
      g_array_remove_range (self->addresses, 0, which);
      g_array_set_size (self->addresses, 1);
      hand_over (self, fd);
    }
}

/* To the very addresses that were judged. */
static void
dial (GlbNetworkLink *self)
{
  if (!glb_network_link_audit_open (self))
    return;

  self->state = GLB_NETWORK_LINK_CONNECTING;
  glb_network_dial_async ((const GlbNetworkAddress *) self->addresses->data, self->addresses->len, self->port, self->cancellable,
                          dialled_cb, glb_network_link_ref (self));
}

/* ---- resolving --------------------------------------------------------------------------- */

static void
take_address (GlbNetworkAddress *address, GInetAddress *from)
{
  if (g_inet_address_get_family (from) == G_SOCKET_FAMILY_IPV6)
    glb_network_address_set_ipv6 (address, g_inet_address_to_bytes (from));
  else
    glb_network_address_set_ipv4 (address, g_inet_address_to_bytes (from));
}

/* By the policy; and what this machine listens for on an address of its own is behind its packet filter, as its loopback is. */
void
glb_network_gate_decide_address (GlbNetworkGate *self, const GlbNetworkAddress *address, guint16 port, gboolean by_name,
                                 GlbNetworkDecision *decision)
{
  glb_network_decide_address (self->context.policy, address, port, by_name, decision);
  if (decision->verdict == GLB_VERDICT_DENY || g_str_equal (decision->code, "allowed-cidr") || !glb_network_is_own_address (address))
    return;

  *decision = (GlbNetworkDecision) {
    .verdict = GLB_VERDICT_DENY, .code = "own-address", .key = "network.allowCidrs",
  };
}

/* Dials those of found that the policy lets it be connected to; else says of the first why not. found: not empty */
static void
judge (GlbNetworkLink *self, const GArray *found)
{
  GlbNetworkDecision refusal = { 0 };

  for (guint i = 0; i < found->len; i++)
    {
      const GlbNetworkAddress *address = &g_array_index (found, GlbNetworkAddress, i);
      GlbNetworkDecision decision;

      glb_network_gate_decide_address (self->gate, address, self->port, self->name != NULL, &decision);
      if (decision.verdict == GLB_VERDICT_ALLOW)
        g_array_append_vals (self->addresses, address, 1);
      else if (refusal.code == NULL)
        refusal = decision;
    }

  if (self->addresses->len > 0)
    dial (self);
  else
    refuse_by_policy (self, &refusal);
}

/* The first of them. (transfer full) */
static GArray *
take_addresses (GList *found)
{
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (GlbNetworkAddress));

  for (GList *l = found; l != NULL && addresses->len < ADDRESSES_MAX; l = l->next)
    {
      GlbNetworkAddress address;

      take_address (&address, l->data);
      g_array_append_val (addresses, address);
    }
  return addresses;
}

/* What the policy says that the name leads to. (transfer full) */
static GArray *
find_hosts (GlbNetworkLink *self)
{
  const GPtrArray *hosts = self->gate->context.policy->network.hosts;
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (GlbNetworkAddress));

  for (guint i = 0; i < hosts->len && addresses->len < ADDRESSES_MAX; i++)
    {
      const GlbNetworkHostRule *host = g_ptr_array_index (hosts, i);

      if (g_str_equal (host->name, self->name))
        g_array_append_val (addresses, host->address);
    }
  return addresses;
}

/* Counted until the resolver is done, whether anybody still waits or not. */
typedef struct
{
  GlbNetworkGate *gate;
  GlbNetworkLink *link;
} Lookup;

static void
resolved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Lookup *lookup = user_data;
  g_autoptr(GlbNetworkGate) gate = lookup->gate;
  g_autoptr(GlbNetworkLink) self = lookup->link;
  g_autoptr(GError) error = NULL;
  GList *found = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);

  gate->n_resolving--;
  if (self->gate == NULL)
    g_debug ("Nobody waits for %s any more", self->host);
  else if (self->deadline_id == 0)
    refuse (self, GLB_NETWORK_REFUSAL_TIMEOUT, "timeout", "the name server does not answer; try again later");
  else if (found == NULL)
    refuse (self, GLB_NETWORK_REFUSAL_NO_NAME, "unknown_name", error != NULL ? error->message : "the name has no address");
  else
    {
      g_autoptr(GArray) addresses = take_addresses (found);

      g_clear_handle_id (&self->deadline_id, g_source_remove);
      judge (self, addresses);
    }
  g_resolver_free_addresses (found);
}

static gboolean
on_resolve_deadline (gpointer user_data)
{
  GlbNetworkLink *self = user_data;

  self->deadline_id = 0;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
resolve (GlbNetworkLink *self)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  Lookup *lookup;

  if (self->gate->n_resolving >= RESOLVING_MAX)
    {
      refuse (self, GLB_NETWORK_REFUSAL_LIMIT, "limit", "too many names are being looked up at a time; try again");
      return;
    }

  self->gate->n_resolving++;
  self->state = GLB_NETWORK_LINK_RESOLVING;
  self->deadline_id = g_timeout_add (RESOLVE_MS, on_resolve_deadline, self);
  lookup = g_new0 (Lookup, 1);
  lookup->gate = g_object_ref (self->gate);
  lookup->link = glb_network_link_ref (self);
  g_resolver_lookup_by_name_async (resolver, self->name, self->cancellable, resolved_cb, lookup);
}

/* It may be connected to. */
static void
proceed (GlbNetworkLink *self)
{
  g_autoptr(GArray) hosts = self->name != NULL ? find_hosts (self) : NULL;

  if (self->name == NULL)
    dial (self);
  else if (hosts->len > 0)
    judge (self, hosts);
  else
    resolve (self);
}

/* ---- asking -------------------------------------------------------------------------------- */

static void
on_grant_ended (GlbGrant *grant, const char *why, gpointer user_data)
{
  GlbNetworkLink *self = user_data;

  g_clear_object (&self->grant);
  glb_network_link_cut (self, g_str_equal (why, "expired") ? "expired" : "revoked");
}

static void
answered (gpointer user_data, const GlbPromptAnswer *answer)
{
  GlbNetworkLink *self = user_data;

  self->state = GLB_NETWORK_LINK_DECIDING;
  if (answer != NULL && answer->allowed)
    {
      self->hold = glb_grant_hold (answer->grant, on_grant_ended, self);
      if (self->hold != 0)
        self->grant = g_object_ref (answer->grant);
    }
  if (self->grant == NULL)
    {
      const char *why = answer != NULL && answer->why != NULL ? answer->why : "session-ended";

      refuse (self, GLB_NETWORK_REFUSAL_PERSON, why,
              g_str_equal (why, "denied") ? "the person said no" : "nobody said yes; ask the person who watches to answer the prompt");
      return;
    }

  g_free (self->by);
  self->by = g_strdup_printf ("grant %" G_GUINT64_FORMAT, glb_grant_get_id (self->grant));
  proceed (self);
}

const char *
glb_network_says_to_string (GlbNetworkSays says)
{
  if (says == GLB_NETWORK_SAYS_TLS)
    return "https";
  return says == GLB_NETWORK_SAYS_HTTP ? "http" : "anything";
}

char *
glb_network_gate_name_place (const char *host, guint16 port)
{
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

static void
ask (GlbNetworkLink *self)
{
  g_autofree char *place = glb_network_gate_name_place (self->host, self->port);

  self->state = GLB_NETWORK_LINK_ASKING;
  glb_network_questions_ask (self->gate->questions, place, glb_network_says_to_string (self->name != NULL ? self->says : GLB_NETWORK_SAYS_ALL), answered, self);
}

/* ---- deciding -------------------------------------------------------------------------------- */

static void
carry_out (GlbNetworkLink *self, const GlbNetworkDecision *decision)
{
  self->says = decision->says;
  self->by = g_strdup (decision->rule != NULL ? decision->rule : decision->code);
  switch (decision->verdict)
    {
    case GLB_VERDICT_ALLOW:
      proceed (self);
      break;
    case GLB_VERDICT_PROMPT:
      ask (self);
      break;
    case GLB_VERDICT_DENY:
    default:
      refuse_by_policy (self, decision);
      break;
    }
}

/* FALSE: it is refused. */
static gboolean
check_limits (GlbNetworkLink *self)
{
  GlbNetworkGate *gate = self->gate;

  if (g_hash_table_size (gate->links) > gate->context.policy->network.max_connections)
    refuse (self, GLB_NETWORK_REFUSAL_LIMIT, "limit", "too many connections at a time; see network.maxConnections in the policy");
  else if (!glb_network_gate_take_turn (gate))
    refuse (self, GLB_NETWORK_REFUSAL_LIMIT, "limit", "too many connections a minute; see network.maxConnectionsPerMinute in the policy");
  else if (glb_network_gate_is_used_up (gate))
    refuse (self, GLB_NETWORK_REFUSAL_LIMIT, "limit", "the session has used up the bytes that its policy gives it");
  else
    return TRUE;
  return FALSE;
}

/* What was asked for. FALSE with a word: it is no host. */
static gboolean
take_host (GlbNetworkLink *self, const GlbNetworkOpen *open, const char **why)
{
  GlbNetworkAddress address;
  gboolean is_address = TRUE;

  if (open->host_kind == GLB_NETWORK_HOST_IPV4)
    glb_network_address_set_ipv4 (&address, open->address);
  else if (open->host_kind == GLB_NETWORK_HOST_IPV6)
    glb_network_address_set_ipv6 (&address, open->address);
  else
    is_address = glb_network_address_parse (open->name, &address);

  if (is_address)
    {
      g_array_append_val (self->addresses, address);
      self->host = glb_network_address_to_string (&address);
      return TRUE;
    }

  self->name = glb_network_name_normalise (open->name, why);
  self->host = g_strdup (self->name != NULL ? self->name : open->name);
  return self->name != NULL;
}

void
glb_network_link_begin (GlbNetworkGate *gate, const GlbNetworkOpen *open)
{
  GlbNetworkLink *self = glb_network_link_new (gate, open->id, glb_network_how_to_string (open->how));
  GlbNetworkDecision decision;
  const char *why = NULL;

  self->port = open->port;
  g_hash_table_insert (gate->links, &self->id, self);
  if (!take_host (self, open, &why))
    {
      refuse (self, GLB_NETWORK_REFUSAL_BAD_NAME, "bad_name", why);
      return;
    }
  if (!check_limits (self))
    return;

  if (self->name != NULL)
    glb_network_decide_name (gate->context.policy, self->name, self->port, &decision);
  else
    glb_network_gate_decide_address (gate, &g_array_index (self->addresses, GlbNetworkAddress, 0), self->port, FALSE, &decision);
  carry_out (self, &decision);
}

/* ---- the end ------------------------------------------------------------------------------------ */

static const char *
end_to_string (GlbNetworkEnd end)
{
  static const char * const words[] = {
    "?", "done", "session-reset", "host-reset", "closed", "wrong-name", "not-spoken", "malformed", "timeout", "given-up",
  };

  return words[(guint) end < G_N_ELEMENTS (words) ? end : 0];
}

static void
tell_wrong_speech (GlbNetworkGate *gate, GlbNetworkLink *self, const GlbNetworkClosed *closed)
{
  g_autofree char *message = NULL;

  if (closed->end == GLB_NETWORK_END_WRONG_NAME)
    message = g_strdup_printf ("the program named \"%s\" in its request, which is another host", closed->detail);
  else if (closed->end == GLB_NETWORK_END_NOT_SPOKEN)
    message = g_strdup_printf ("only %s may be spoken there, and the program spoke something else", glb_network_says_to_string (self->says));
  else
    return;

  glb_network_gate_tell_refusal (gate, self->host, self->port, end_to_string (closed->end), message);
}

static void
audit_closed (GlbNetworkGate *gate, GlbNetworkLink *self, guint64 sent, guint64 received, const char *why)
{
  JsonObject *fields = describe (self);

  if (self->addresses->len == 1)
    {
      g_autofree char *address = glb_network_address_to_string (&g_array_index (self->addresses, GlbNetworkAddress, 0));

      json_object_set_string_member (fields, "address", address);
    }
  json_object_set_int_member (fields, "sent", (gint64) MIN (sent, G_MAXINT64));
  json_object_set_int_member (fields, "received", (gint64) MIN (received, G_MAXINT64));
  json_object_set_int_member (fields, "durationMs", (g_get_monotonic_time () - self->opened_us) / 1000);
  json_object_set_string_member (fields, "why", why);
  glb_network_gate_audit (gate, "network-closed", fields);
}

void
glb_network_link_end (GlbNetworkLink *taken, const GlbNetworkClosed *closed)
{
  g_autoptr(GlbNetworkLink) self = glb_network_link_ref (taken);
  g_autoptr(GlbNetworkGate) gate = g_object_ref (self->gate);

  remove_link (self);
  if (self->state != GLB_NETWORK_LINK_OPEN)
    return;
  tell_wrong_speech (gate, self, closed);
  audit_closed (gate, self, closed->sent, closed->received, self->why != NULL ? self->why : end_to_string (closed->end));
}

/* As the kernel counts: what arrived there, without the greeting of TCP; and what arrived here. FALSE: it is not open. */
static gboolean
count_bytes (GlbNetworkLink *self, guint64 *sent, guint64 *received)
{
  struct tcp_info info = { 0 };
  socklen_t size = sizeof info;

  if (self->fd < 0 || getsockopt (self->fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
    {
      *sent = *received = 0;
      return FALSE;
    }

  *sent = info.tcpi_bytes_acked > 0 ? info.tcpi_bytes_acked - 1 : 0;
  *received = info.tcpi_bytes_received;
  return TRUE;
}

void
glb_network_link_drop (GlbNetworkLink *taken, const char *why)
{
  g_autoptr(GlbNetworkLink) self = glb_network_link_ref (taken);
  g_autoptr(GlbNetworkGate) gate = NULL;
  guint64 sent, received;

  /* one that was dropped while others were */
  if (self->gate == NULL)
    return;

  gate = g_object_ref (self->gate);
  remove_link (self);
  if (self->fd < 0)
    return;
  count_bytes (self, &sent, &received);
  shutdown (self->fd, SHUT_RDWR);
  audit_closed (gate, self, sent, received, self->why != NULL ? self->why : why);
}

void
glb_network_link_cut (GlbNetworkLink *self, const char *why)
{
  if (self->gate == NULL)
    return;
  if (self->fd < 0)
    {
      refuse (self, GLB_NETWORK_REFUSAL_PERSON, why, "it was closed before it was open");
      return;
    }

  if (self->why == NULL)
    self->why = why;
  shutdown (self->fd, SHUT_RDWR);
  glb_network_send_close (self->gate->network, self->id);
}

guint64
glb_network_link_count (GlbNetworkLink *self)
{
  guint64 sent, received;

  count_bytes (self, &sent, &received);
  return sent + received;
}

GVariant *
glb_network_link_describe (GlbNetworkLink *self)
{
  static const char * const states[] = { "deciding", "asking", "resolving", "connecting", "open" };
  guint64 sent, received;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "t", self->number);
  g_variant_dict_insert (&dict, "how", "s", self->how);
  g_variant_dict_insert (&dict, "host", "s", self->host);
  g_variant_dict_insert (&dict, "port", "u", (guint) self->port);
  g_variant_dict_insert (&dict, "state", "s", states[self->state]);
  g_variant_dict_insert (&dict, "started", "x", self->started_us);
  if (self->by != NULL)
    g_variant_dict_insert (&dict, "by", "s", self->by);
  if (self->state >= GLB_NETWORK_LINK_CONNECTING)
    {
      g_autofree char *address = glb_network_address_to_string (&g_array_index (self->addresses, GlbNetworkAddress, 0));

      g_variant_dict_insert (&dict, "address", "s", address);
    }
  if (count_bytes (self, &sent, &received))
    {
      g_variant_dict_insert (&dict, "sent", "t", sent);
      g_variant_dict_insert (&dict, "received", "t", received);
    }
  return g_variant_dict_end (&dict);
}
