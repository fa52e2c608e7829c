/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

#include "session-broker/prove/glb-prove.h"

#include <json-glib/json-glib.h>

static JsonArray *
new_list (const char *first,
          const char *second,
          const char *third)
{
  const char *entries[] = { first, second, third };
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (entries) && entries[i] != NULL; i++)
    json_array_add_string_element (list, entries[i]);
  return list;
}

/* Two services by name; and a name that leads to the loopback, where its port is not let through. */
static JsonObject *
new_network (gint64 http_port,
             gint64 tls_port,
             gint64 other_port)
{
  JsonObject *network = json_object_new ();
  g_autofree char *http = g_strdup_printf ("http://" GLB_PROVE_NAMED ":%" G_GINT64_FORMAT, http_port);
  g_autofree char *tls = g_strdup_printf ("https://" GLB_PROVE_NAMED ":%" G_GINT64_FORMAT, tls_port);
  g_autofree char *lured = g_strdup_printf (GLB_PROVE_LURED ":%" G_GINT64_FORMAT, other_port);
  g_autofree char *http_address = g_strdup_printf ("127.0.0.1:%" G_GINT64_FORMAT, http_port);
  g_autofree char *tls_address = g_strdup_printf ("127.0.0.1:%" G_GINT64_FORMAT, tls_port);

  json_object_set_array_member (network, "allowDomains", new_list (http, tls, lured));
  json_object_set_array_member (network, "allowCidrs", new_list (http_address, tls_address, NULL));
  json_object_set_array_member (network, "hosts", new_list (GLB_PROVE_NAMED "=127.0.0.1", GLB_PROVE_LURED "=127.0.0.1", NULL));
  return network;
}

char *
glb_prove_make_policy (gint64 http_port,
                       gint64 tls_port,
                       gint64 other_port)
{
  static const char * const arguments[] = { "policy", "show", "--template", "default", NULL };
  g_autofree char *text = glb_prove_run_glovebox (arguments);
  g_autoptr(JsonNode) root = text != NULL ? json_from_string (text, NULL) : NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  json_object_set_object_member (json_node_get_object (root), "network", new_network (http_port, tls_port, other_port));
  return json_to_string (root, TRUE);
}
