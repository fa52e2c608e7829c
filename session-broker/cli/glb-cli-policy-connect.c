/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli-policy-connect.h"

#include <stdio.h>
#include <string.h>

#include "policies/glb-network-address.h"
#include "policies/glb-network-decide.h"
#include "policies/glb-network-name.h"
#include "session-broker/cli/glb-cli.h"

static const struct { GlbNetworkSays says; const char *word; } spoken[] = {
  { GLB_NETWORK_SAYS_TLS, "https" }, { GLB_NETWORK_SAYS_HTTP, "http" }, { GLB_NETWORK_SAYS_OTHER, "tcp" },
};

/* HOST:PORT, an IPv6 address in brackets. host: (out) (transfer full) */
static gboolean
split_target (const char  *target,
              char       **host,
              guint16     *port)
{
  const char *colon = strrchr (target, ':');
  const char *begin = target;
  const char *end = colon;
  guint64 number = 0;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;
  if (target[0] == '[' && colon[-1] == ']')
    {
      begin++;
      end--;
    }
  else if (memchr (target, ':', (gsize) (colon - target)) != NULL)
    return FALSE;
  if (end <= begin)
    return FALSE;
  *host = g_strndup (begin, (gsize) (end - begin));
  *port = (guint16) number;
  return TRUE;
}

/* "https", "https, http" or "anything". (transfer full) */
static char *
list_spoken (GlbNetworkSays says)
{
  GString *list = g_string_new (NULL);

  if (says == GLB_NETWORK_SAYS_ALL)
    return g_string_free (g_string_append (list, "anything"), FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (spoken); i++)
    if (says & spoken[i].says)
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", spoken[i].word);
  return g_string_free (list, FALSE);
}

/* (transfer full) */
static char *
describe (const GlbNetworkDecision *decision)
{
  gboolean by_default = strcmp (decision->code, "default") == 0;
  g_autofree char *says = list_spoken (decision->says);
  g_autofree char *clause = NULL;

  switch (decision->verdict)
    {
    case GLB_VERDICT_ALLOW:
      return g_strdup_printf ("allowed by %s \"%s\" (%s)", decision->key, by_default ? "allow" : decision->rule, says);
    case GLB_VERDICT_PROMPT:
      return g_strdup_printf ("the person would be asked, by %s \"prompt\" (%s)", decision->key, says);
    case GLB_VERDICT_DENY:
      break;
    }
  clause = glb_network_decision_explain (decision);
  return g_strdup_printf ("denied: %s", clause);
}

/* (transfer full) */
static char *
describe_target (const char *host,
                 guint16     port)
{
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

static void
set_nullable (JsonObject *object,
              const char *name,
              const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static void
print_json (const char               *host,
            guint16                   port,
            const GlbNetworkDecision *decision,
            const char               *text)
{
  static const char * const verdicts[] = { "deny", "prompt", "allow" };
  JsonObject *object = json_object_new ();
  JsonArray *says = json_array_new ();
  g_autoptr(JsonNode) node = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (spoken); i++)
    if (decision->says & spoken[i].says)
      json_array_add_string_element (says, spoken[i].word);
  json_object_set_string_member (object, "host", host);
  json_object_set_int_member (object, "port", port);
  json_object_set_string_member (object, "verdict", verdicts[decision->verdict]);
  json_object_set_string_member (object, "code", decision->code);
  set_nullable (object, "key", decision->key);
  set_nullable (object, "rule", decision->rule);
  set_nullable (object, "special", decision->special);
  json_object_set_array_member (object, "says", says);
  json_object_set_string_member (object, "text", text);
  node = json_node_init_object (json_node_alloc (), object);
  json_object_unref (object);
  glb_cli_print_json (node);
}

static int
answer (const char               *host,
        guint16                   port,
        const GlbNetworkDecision *decision,
        const char               *text,
        gboolean                  json)
{
  g_autofree char *target = describe_target (host, port);
  g_autofree char *line = g_strdup_printf ("%s: %s", target, text);
  g_autofree char *clean = glb_cli_clean (line);

  if (json)
    print_json (host, port, decision, text);
  else
    puts (clean);
  return decision->verdict == GLB_VERDICT_ALLOW ? 0 : GLB_EXIT_REFUSED;
}

/* What is neither an address nor a name, no policy can allow. */
static int
answer_bad_name (const char *host,
                 guint16     port,
                 const char *why,
                 gboolean    json)
{
  static const GlbNetworkDecision refused = { .verdict = GLB_VERDICT_DENY, .code = "bad-name" };
  g_autofree char *clean = glb_cli_clean (host);
  g_autofree char *text = g_strdup_printf ("denied: %s", why);

  return answer (clean, port, &refused, text, json);
}

int
glb_cli_policy_connect (const GlbPolicy *policy,
                        const char      *target,
                        gboolean         json)
{
  g_autofree char *host = NULL;
  g_autofree char *usual = NULL;
  g_autofree char *text = NULL;
  GlbNetworkDecision decision;
  GlbNetworkAddress address;
  const char *why = NULL;
  guint16 port = 0;

  if (!split_target (target, &host, &port))
    return glb_cli_fail ("policy check: --connect %s: is not HOST:PORT; write example.org:443 or [2001:db8::1]:443", target);

  if (glb_network_address_parse (host, &address))
    {
      usual = glb_network_address_to_string (&address);
      glb_network_decide_address (policy, &address, port, FALSE, &decision);
    }
  else
    {
      usual = glb_network_name_normalise (host, &why);
      if (usual == NULL)
        return answer_bad_name (host, port, why, json);
      glb_network_decide_name (policy, usual, port, &decision);
    }
  text = describe (&decision);
  return answer (usual, port, &decision, text, json);
}
