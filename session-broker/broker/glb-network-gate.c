/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "policies/glb-network-name.h"
#include "session-broker/broker/glb-network-gate-private.h"
#include "session-broker/client/glb-broker-error.h"

#define MINUTE_US     (60 * G_USEC_PER_SEC)
/* How often the bytes are looked at, where the policy has a limit of them. */
#define LIMIT_MS      500
#define TOLD_MAX      32
/* Connections that have not said yet what they want. */
#define NOT_ASKED_MAX 64
#define MB            (1024u * 1024u)
#define KB            1024u

G_DEFINE_FINAL_TYPE (GlbNetworkGate, glb_network_gate, G_TYPE_OBJECT)

/* ---- records ------------------------------------------------------------------------ */

gboolean
glb_network_gate_audit (GlbNetworkGate *self, const char *event, JsonObject *fields)
{
  g_autoptr(JsonObject) owned = fields;

  return self->context.audit (self->context.user_data, event, GLB_DRIVER_AGENT, owned, NULL);
}

/* message: (nullable): only counted */
static void
audit_refusal (GlbNetworkGate *self, const GlbNetworkRefusalCount *refusal, const char *message)
{
  JsonObject *fields = json_object_new ();

  if (*refusal->host != '\0')
    json_object_set_string_member (fields, "host", refusal->host);
  if (refusal->port != 0)
    json_object_set_int_member (fields, "port", refusal->port);
  json_object_set_string_member (fields, "code", refusal->code);
  if (message != NULL)
    json_object_set_string_member (fields, "message", message);
  json_object_set_int_member (fields, "count", (gint64) refusal->count);
  glb_network_gate_audit (self, "network-refused", fields);
}

/* For who asks what there was. */
static void
keep_refusal (GlbNetworkGate *self, const GlbNetworkRefusalCount *refusal, const char *message)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "host", "s", refusal->host);
  g_variant_dict_insert (&dict, "port", "u", refusal->port);
  g_variant_dict_insert (&dict, "code", "s", refusal->code);
  g_variant_dict_insert (&dict, "message", "s", message);
  g_variant_dict_insert (&dict, "count", "t", refusal->count);
  g_variant_dict_insert (&dict, "time", "x", g_get_real_time ());
  g_queue_push_tail (&self->told, g_variant_ref_sink (g_variant_dict_end (&dict)));
  if (g_queue_get_length (&self->told) > TOLD_MAX)
    g_variant_unref (g_queue_pop_head (&self->told));
}

void
glb_network_gate_tell_refusal (GlbNetworkGate *self, const char *host, guint port, const char *code, const char *message)
{
  const GlbNetworkRefusalCount *refusal = glb_network_refusals_count (self->refusals, host, port, code, g_get_monotonic_time ());

  if (refusal == NULL)
    return;
  if (*refusal->host == '\0')
    message = "too many kinds of refusals to name them; see network in the policy";

  keep_refusal (self, refusal, message);
  audit_refusal (self, refusal, message);
  self->context.refused (self->context.user_data, refusal->host, refusal->port, refusal->code, message, refusal->count);
}

static void
audit_untold (GlbNetworkGate *self)
{
  const GlbNetworkRefusalCount *refusal;

  while ((refusal = glb_network_refusals_take (self->refusals)) != NULL)
    audit_refusal (self, refusal, NULL);
}

/* ---- limits ------------------------------------------------------------------------- */

gboolean
glb_network_gate_take_turn (GlbNetworkGate *self)
{
  guint limit = self->context.policy->network.max_connections_per_minute;
  gint64 now = g_get_monotonic_time ();

  if (limit == 0)
    return TRUE;
  if (now - self->minute_us >= MINUTE_US)
    {
      self->minute_us = now;
      self->n_in_minute = 0;
    }
  if (self->n_in_minute >= limit)
    return FALSE;

  self->n_in_minute++;
  return TRUE;
}

/* To be gone through while they end. (transfer full) (element-type GlbNetworkLink) */
static GPtrArray *
list_links (GlbNetworkGate *self)
{
  GPtrArray *links = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_network_link_unref);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (links, glb_network_link_ref (value));
  return links;
}

gboolean
glb_network_gate_is_used_up (GlbNetworkGate *self)
{
  guint64 limit = (guint64) self->context.policy->network.max_mbytes * MB;
  guint64 n = self->n_bytes;
  GHashTableIter iter;
  gpointer value;

  if (limit == 0)
    return FALSE;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n += glb_network_link_count (value);
  return n >= limit;
}

static void
cut_all (GlbNetworkGate *self, const char *why)
{
  g_autoptr(GPtrArray) links = list_links (self);

  for (guint i = 0; i < links->len; i++)
    glb_network_link_cut (g_ptr_array_index (links, i), why);
}

static gboolean
on_limit_time (gpointer user_data)
{
  GlbNetworkGate *self = user_data;

  if (g_hash_table_size (self->links) == 0)
    {
      self->limit_id = 0;
      return G_SOURCE_REMOVE;
    }

  if (glb_network_gate_is_used_up (self))
    cut_all (self, "limit");
  return G_SOURCE_CONTINUE;
}

static void
watch_limit (GlbNetworkGate *self)
{
  if (self->limit_id == 0 && self->context.policy->network.max_mbytes != 0)
    self->limit_id = g_timeout_add (LIMIT_MS, on_limit_time, self);
}

/* ---- messages --------------------------------------------------------------------------- */

static void
handle_open (GlbNetworkGate *self, const GlbNetworkOpen *open)
{
  if (g_hash_table_contains (self->links, &open->id))
    {
      glb_network_kill (self->network, "it used a number again");
      return;
    }

  watch_limit (self);
  glb_network_link_begin (self, open);
}

/* NULL: the session may have one more. */
static const char *
why_not_let_in (GlbNetworkGate *self)
{
  if (g_hash_table_size (self->links) >= self->context.policy->network.max_connections)
    return "somebody came to this published port, and there are as many connections as network.maxConnections in the policy says";
  if (glb_network_gate_is_used_up (self))
    return "somebody came to this published port, and the session has used up the bytes that its policy gives it";
  return NULL;
}

void
glb_network_gate_let_in (GlbNetworkGate *self, const GlbNetworkArrival *arrival)
{
  const char *why = why_not_let_in (self);

  if (self->running && !self->closed && why == NULL)
    {
      watch_limit (self);
      glb_network_link_begin_published (self, arrival);
      return;
    }

  if (self->running && !self->closed)
    {
      g_autofree char *address = glb_network_address_to_string (&arrival->rule->address);

      glb_network_gate_tell_refusal (self, address, arrival->rule->port, "limit", why);
    }
  close (arrival->fd);
}

static void
handle_look_up (GlbNetworkGate *self, const GlbNetworkLookUp *look_up)
{
  GlbNetworkLookedUp answer = { .id = look_up->id };
  const char *why = NULL;
  g_autofree char *name = glb_network_name_normalise (look_up->name, &why);

  if (name != NULL && glb_network_may_look_up (self->context.policy, name))
    {
      answer.known = 1;
      g_strlcpy (answer.name, name, sizeof answer.name);
    }
  else
    {
      if (name != NULL)
        why = "the policy does not name it; add it to network.allowDomains";
      g_snprintf (answer.text, sizeof answer.text, "%s: %s", name != NULL ? "policy_denied" : "bad_name", why);
      glb_network_gate_tell_refusal (self, name != NULL ? name : look_up->name, 0, name != NULL ? "policy_denied" : "bad_name", why);
    }
  glb_network_send_looked_up (self->network, &answer);
}

static void
handle_closed (GlbNetworkGate *self, const GlbNetworkClosed *closed)
{
  GlbNetworkLink *link = g_hash_table_lookup (self->links, &closed->id);

  /* one that was refused while its program gave it up */
  if (link != NULL)
    glb_network_link_end (link, closed);
}

static void
on_message (GlbNetwork *network, const GlbNetworkMessage *message, gpointer user_data)
{
  g_autoptr(GlbNetworkGate) self = g_object_ref (GLB_NETWORK_GATE (user_data));

  if (self->closed)
    return;

  switch (message->type)
    {
    case GLB_NETWORK_READY:
      break;
    case GLB_NETWORK_OPEN:
      handle_open (self, &message->open);
      break;
    case GLB_NETWORK_LOOK_UP:
      handle_look_up (self, &message->look_up);
      break;
    case GLB_NETWORK_CLOSED:
      handle_closed (self, &message->closed);
      break;
    case GLB_NETWORK_MALFORMED:
      glb_network_gate_tell_refusal (self, glb_network_how_to_string (message->malformed.how), 0, "malformed", message->malformed.text);
      break;
    case GLB_NETWORK_SETUP:
    case GLB_NETWORK_OPENED:
    case GLB_NETWORK_REFUSED:
    case GLB_NETWORK_LOOKED_UP:
    case GLB_NETWORK_CLOSE:
    case GLB_NETWORK_PUBLISHED:
    default:
      g_assert_not_reached ();   /* the parser let it through */
    }
}

/* ---- the end ----------------------------------------------------------------------------- */

static void
drop_all (GlbNetworkGate *self, const char *why)
{
  g_autoptr(GPtrArray) links = list_links (self);

  for (guint i = 0; i < links->len; i++)
    glb_network_link_drop (g_ptr_array_index (links, i), why);
}

static void
on_gone (GlbNetwork *network, const char *why, gpointer user_data)
{
  g_autoptr(GlbNetworkGate) self = g_object_ref (GLB_NETWORK_GATE (user_data));
  JsonObject *fields;

  self->running = FALSE;
  drop_all (self, "gate-ended");
  if (self->closed)
    {
      glb_network_gate_check_gone (self);
      return;
    }

  g_message ("Session %s: its network gate ended, it has no network any more: %s", self->context.id, why);
  fields = json_object_new ();
  json_object_set_string_member (fields, "why", why);
  glb_network_gate_audit (self, "network-gate-ended", fields);
  self->context.changed (self->context.user_data);
}

void
glb_network_gate_check_gone (GlbNetworkGate *self)
{
  if (self->closed && glb_network_gate_is_gone (self))
    self->context.gone (self->context.user_data);
}

void
glb_network_gate_close (GlbNetworkGate *self, const char *why)
{
  if (self->closed)
    return;

  drop_all (self, why);
  audit_untold (self);
  self->closed = TRUE;
  glb_network_secrets_close (self, why);
  if (self->running)
    glb_network_kill (self->network, why);
}

gboolean
glb_network_gate_is_gone (GlbNetworkGate *self)
{
  return !self->running && glb_network_secrets_is_gone (self);
}

const char *
glb_network_gate_get_state (GlbNetworkGate *self)
{
  return self->running ? "on" : "gone";
}

/* ---- for the person ------------------------------------------------------------------------ */

static int
compare_links (gconstpointer a, gconstpointer b)
{
  const GlbNetworkLink *one = *(GlbNetworkLink * const *) a, *other = *(GlbNetworkLink * const *) b;

  return (one->number > other->number) - (one->number < other->number);
}

GVariant *
glb_network_gate_describe (GlbNetworkGate *self)
{
  g_autoptr(GPtrArray) links = list_links (self);
  GVariantBuilder builder;

  g_ptr_array_sort (links, compare_links);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < links->len; i++)
    g_variant_builder_add_value (&builder, glb_network_link_describe (g_ptr_array_index (links, i)));
  return g_variant_builder_end (&builder);
}

GVariant *
glb_network_gate_describe_refusals (GlbNetworkGate *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (GList *l = self->told.head; l != NULL; l = l->next)
    g_variant_builder_add_value (&builder, l->data);
  return g_variant_builder_end (&builder);
}

static GlbNetworkLink *
find_link (GlbNetworkGate *self, guint64 number)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((GlbNetworkLink *) value)->number == number)
      return value;
  return NULL;
}

gboolean
glb_network_gate_cut (GlbNetworkGate *self, guint64 number, GError **error)
{
  GlbNetworkLink *link = find_link (self, number);

  if (link == NULL)
    {
      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND,
                   "net: there is no connection %" G_GUINT64_FORMAT " any more; glovebox net lists them", number);
      return FALSE;
    }

  glb_network_link_cut (link, "closed by the person");
  return TRUE;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
glb_network_gate_dispose (GObject *object)
{
  GlbNetworkGate *self = GLB_NETWORK_GATE (object);

  g_clear_handle_id (&self->limit_id, g_source_remove);
  if (self->network != NULL)
    g_signal_handlers_disconnect_by_data (self->network, self);
  g_clear_object (&self->network);
  glb_network_secrets_finish (self);
  g_clear_pointer (&self->questions, glb_network_questions_free);

  G_OBJECT_CLASS (glb_network_gate_parent_class)->dispose (object);
}

static void
glb_network_gate_finalize (GObject *object)
{
  GlbNetworkGate *self = GLB_NETWORK_GATE (object);

  g_hash_table_unref (self->links);
  glb_network_refusals_free (self->refusals);
  g_queue_clear_full (&self->told, (GDestroyNotify) g_variant_unref);
  g_object_unref (self->context.prompts);
  g_free ((char *) self->context.id);

  G_OBJECT_CLASS (glb_network_gate_parent_class)->finalize (object);
}

static void
glb_network_gate_class_init (GlbNetworkGateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_network_gate_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_network_gate_finalize;
}

static void
glb_network_gate_init (GlbNetworkGate *self)
{
  self->links = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) glb_network_link_unref);
  self->refusals = glb_network_refusals_new ();
  g_queue_init (&self->told);
}

GlbNetworkGate *
glb_network_gate_new (const GlbNetworkContext *context, GlbNetwork *network, int *sockets)
{
  GlbNetworkGate *self = g_object_new (GLB_TYPE_NETWORK_GATE, NULL);
  GlbNetworkSetup setup = {
    .version = GLB_NETWORK_PROTOCOL_VERSION,
    /* we count those that ask for something, and record who asks for too much; it counts those that have not asked yet, too */
    .max_connections = MIN (context->policy->network.max_connections * 2 + NOT_ASKED_MAX, GLB_NETWORK_CONNECTIONS_MAX),
    .bytes_per_second = (guint64) context->policy->network.max_kbytes_per_second * KB,
  };

  self->context = *context;
  self->context.id = g_strdup (context->id);
  g_object_ref (self->context.prompts);
  self->network = g_object_ref (network);
  self->running = glb_network_is_running (network);
  self->questions = glb_network_questions_new (context->prompts, context->session);
  g_signal_connect (network, "message", G_CALLBACK (on_message), self);
  g_signal_connect (network, "gone", G_CALLBACK (on_gone), self);
  glb_network_secrets_begin (self);
  glb_network_set_up (network, &setup, sockets);
  return self;
}
