/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gate's connections to hosts for which the person stored a secret: glovebox-secrets stands between glovebox-network and the
 * host. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/broker/glb-network-gate-private.h"

/* Where one of them goes. */
typedef struct
{
  char *host;
  guint16 port;
} Place;

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->host);
  g_free (place);
}

/* ---- which ------------------------------------------------------------------------------- */

static gboolean
is_for (const GlbNetworkSecretRule *rule, const char *name, guint16 port, GlbNetworkSays says)
{
  return rule->port == port && (rule->says & says) != 0 && g_str_equal (rule->host, name);
}

const GlbNetworkSecretRule *
glb_network_secrets_find (GlbNetworkGate *gate, const char *name, guint16 port, GlbNetworkSays says)
{
  const GPtrArray *rules = gate->context.policy->network.secrets;

  for (guint i = 0; i < rules->len; i++)
    if (is_for (g_ptr_array_index (rules, i), name, port, says))
      return g_ptr_array_index (rules, i);
  return NULL;
}

JsonArray *
glb_network_secrets_list (GlbNetworkGate *gate, const GlbNetworkSecretRule *rule)
{
  const GPtrArray *rules = gate->context.policy->network.secrets;
  JsonArray *names = json_array_new ();

  for (guint i = 0; i < rules->len; i++)
    {
      const GlbNetworkSecretRule *other = g_ptr_array_index (rules, i);

      if (is_for (other, rule->host, rule->port, rule->says))
        json_array_add_string_element (names, other->secret);
    }
  return names;
}

/* ---- what becomes of it --------------------------------------------------------------------- */

static const char *
end_to_string (GlbSecretsEnd end)
{
  static const char * const words[] = {
    "?", "done", "session-reset", "host-reset", "untrusted-host", "wrong-name", "malformed", "timeout", "limit",
  };

  return words[(guint) end < G_N_ELEMENTS (words) ? end : 0];
}

static void
audit_ended (GlbNetworkGate *gate, const Place *place, const GlbSecretsEnded *ended)
{
  JsonObject *fields = json_object_new ();

  json_object_set_int_member (fields, "connection", (gint64) ended->id);
  json_object_set_string_member (fields, "host", place->host);
  json_object_set_int_member (fields, "port", place->port);
  json_object_set_boolean_member (fields, "used", ended->used != 0);
  json_object_set_string_member (fields, "why", end_to_string (ended->end));
  if (ended->detail[0] != '\0')
    json_object_set_string_member (fields, "detail", ended->detail);
  glb_network_gate_audit (gate, "network-secret", fields);
}

/* What a person should know of. */
static void
tell_ended (GlbNetworkGate *gate, const Place *place, const GlbSecretsEnded *ended)
{
  g_autofree char *message = NULL;

  if (ended->end == GLB_SECRETS_END_UNTRUSTED)
    message = g_strdup_printf ("the host is not who it says it is, and got no secret: %s", ended->detail);
  else if (ended->end == GLB_SECRETS_END_WRONG_NAME)
    message = g_strdup_printf ("the program named \"%s\" in its request, which is another host", ended->detail);
  else if (ended->end == GLB_SECRETS_END_MALFORMED)
    message = g_strdup_printf ("the program's request got no secret: %s", ended->detail);
  else if (ended->end == GLB_SECRETS_END_LIMIT)
    message = g_strdup ("too many connections with a secret at a time; close some");
  else
    return;

  glb_network_gate_tell_refusal (gate, place->host, place->port, end_to_string (ended->end), message);
}

static void
on_ended (GlbSecrets *secrets, const GlbSecretsEnded *ended, gpointer user_data)
{
  g_autoptr(GlbNetworkGate) gate = g_object_ref (GLB_NETWORK_GATE (user_data));
  const Place *place = g_hash_table_lookup (gate->carried, &ended->id);

  if (place == NULL)
    {
      glb_secrets_kill (secrets, "it ended what it does not have");
      return;
    }
  if (!gate->closed)
    {
      audit_ended (gate, place, ended);
      tell_ended (gate, place, ended);
    }
  g_hash_table_remove (gate->carried, &ended->id);
}

/* The other hosts go on; these are refused from now on. */
static void
on_gone (GlbSecrets *secrets, const char *why, gpointer user_data)
{
  g_autoptr(GlbNetworkGate) gate = g_object_ref (GLB_NETWORK_GATE (user_data));
  JsonObject *fields;

  if (gate->closed)
    {
      glb_network_gate_check_gone (gate);
      return;
    }

  g_warning ("Session %s: glovebox-secrets ended, hosts that need a secret can't be reached any more: %s", gate->context.id, why);
  fields = json_object_new ();
  json_object_set_string_member (fields, "why", why);
  glb_network_gate_audit (gate, "network-secrets-ended", fields);
}

/* ---- carrying ----------------------------------------------------------------------------------- */

int
glb_network_secrets_carry (GlbNetworkGate *gate, guint64 id, const GlbNetworkSecretRule *rule, int server, GError **error)
{
  Place *place;
  gint64 *key;
  int pair[2];
  int own;

  if (gate->context.secrets == NULL || !glb_secrets_is_running (gate->context.secrets))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "what adds its secret has ended; start the session again");
      return -1;
    }
  own = fcntl (server, F_DUPFD_CLOEXEC, 3);
  if (own < 0 || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "too many open files");
      if (own >= 0)
        close (own);
      return -1;
    }

  place = g_new0 (Place, 1);
  place->host = g_strdup (rule->host);
  place->port = rule->port;
  key = g_new (gint64, 1);
  *key = (gint64) id;
  g_hash_table_insert (gate->carried, key, place);
  glb_secrets_carry (gate->context.secrets, id, rule, own, pair[0]);
  return pair[1];
}

/* ---- its life -------------------------------------------------------------------------------------- */

void
glb_network_secrets_begin (GlbNetworkGate *gate)
{
  if (gate->context.secrets == NULL)
    return;

  g_object_ref (gate->context.secrets);
  gate->carried = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, place_free);
  g_signal_connect (gate->context.secrets, "ended", G_CALLBACK (on_ended), gate);
  g_signal_connect (gate->context.secrets, "gone", G_CALLBACK (on_gone), gate);
}

gboolean
glb_network_secrets_is_gone (GlbNetworkGate *gate)
{
  return gate->context.secrets == NULL || !glb_secrets_is_running (gate->context.secrets);
}

void
glb_network_secrets_close (GlbNetworkGate *gate, const char *why)
{
  if (gate->context.secrets != NULL)
    glb_secrets_kill (gate->context.secrets, why);
}

void
glb_network_secrets_finish (GlbNetworkGate *gate)
{
  if (gate->context.secrets != NULL)
    g_signal_handlers_disconnect_by_data (gate->context.secrets, gate);
  g_clear_object (&gate->context.secrets);
  g_clear_pointer (&gate->carried, g_hash_table_unref);
}
