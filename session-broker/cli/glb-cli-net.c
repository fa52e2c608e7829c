/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <stdio.h>
#include <string.h>

#define CALL_DEADLINE_S 20

static guint64
lookup_number (GVariant   *entry,
               const char *name)
{
  g_autoptr(GVariant) value = g_variant_lookup_value (entry, name, NULL);

  if (value == NULL)
    return 0;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return g_variant_get_uint64 (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    return (guint64) MAX (g_variant_get_int64 (value), 0);
  return g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32) ? g_variant_get_uint32 (value) : 0;
}

/* "example.org:443", "[2001:db8::1]:80". (transfer full) */
static char *
format_place (GVariant *entry)
{
  const char *host = glb_cli_lookup_string (entry, "host");
  guint port = (guint) lookup_number (entry, "port");

  if (port == 0)
    return g_strdup (host);
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

static char *
format_age (guint64 since_us)
{
  gint64 seconds = (g_get_real_time () - (gint64) since_us) / G_USEC_PER_SEC;

  return g_strdup_printf ("%" G_GINT64_FORMAT "s", MAX (seconds, 0));
}

static void
print_connections (GVariant *connections)
{
  GlbCliTable table;

  glb_cli_table_init (&table, 8, "ID", "HOST", "ADDRESS", "STATE", "SENT", "RECEIVED", "AGE", "BY");
  for (gsize i = 0; i < g_variant_n_children (connections); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (connections, i);
      g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT, lookup_number (entry, "id"));
      g_autofree char *place = format_place (entry);
      g_autofree char *sent = g_format_size (lookup_number (entry, "sent"));
      g_autofree char *received = g_format_size (lookup_number (entry, "received"));
      g_autofree char *age = format_age (lookup_number (entry, "started"));

      glb_cli_table_add (&table, id, place, glb_cli_lookup_string (entry, "address"), glb_cli_lookup_string (entry, "state"), sent,
                         received, age, glb_cli_lookup_string (entry, "by"));
    }
  glb_cli_table_finish (&table);
}

static void
print_refusals (GVariant *refusals)
{
  for (gsize i = 0; i < g_variant_n_children (refusals); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (refusals, i);
      g_autofree char *place = format_place (entry);
      g_autofree char *clean_place = glb_cli_clean (place);
      g_autofree char *age = format_age (lookup_number (entry, "time"));
      g_autofree char *code = glb_cli_clean (glb_cli_lookup_string (entry, "code"));
      g_autofree char *message = glb_cli_clean (glb_cli_lookup_string (entry, "message"));
      guint64 count = lookup_number (entry, "count");

      printf ("refused %s ago", age);
      if (count > 1)
        printf (", %" G_GUINT64_FORMAT " times", count);
      printf (": %s: %s: %s\n", clean_place, code, message);
    }
}

/* The ports that lead in. NULL with error. (transfer full) */
static GStrv
get_published (GlbClient   *client,
               const char  *path,
               GError     **error)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) value = NULL;

  reply = glb_cli_call (client, path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new ("(ss)", "org.glovebox.Session1", "Published"), CALL_DEADLINE_S, NULL, error);
  if (reply == NULL)
    return NULL;

  g_variant_get (reply, "(v)", &value);
  return g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY) ? g_variant_dup_strv (value, NULL) : g_new0 (char *, 1);
}

static JsonNode *
to_json (GVariant *connections,
         GVariant *refusals,
         GStrv     published)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *ports = json_array_new ();

  for (guint i = 0; published[i] != NULL; i++)
    json_array_add_string_element (ports, published[i]);
  json_object_set_array_member (object, "published", ports);
  json_object_set_member (object, "connections", glb_cli_json_from_variant (connections));
  json_object_set_member (object, "refused", glb_cli_json_from_variant (refusals));
  json_node_take_object (node, object);
  return node;
}

static int
list (GlbClient  *client,
      const char *path,
      const char *session,
      gboolean    json)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) connections = NULL;
  g_autoptr(GVariant) refusals = NULL;
  g_auto(GStrv) published = NULL;
  GError *error = NULL;

  reply = glb_cli_call (client, path, NULL, "Connections", NULL, CALL_DEADLINE_S, NULL, &error);
  if (reply != NULL)
    published = get_published (client, path, &error);
  if (published == NULL)
    return glb_cli_fail_error (session, error);
  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(aa{sv}aa{sv})")))
    return glb_cli_fail ("net: the broker's answer makes no sense; run the same version of both");

  g_variant_get (reply, "(@aa{sv}@aa{sv})", &connections, &refusals);
  if (json)
    {
      g_autoptr(JsonNode) node = to_json (connections, refusals, published);

      glb_cli_print_json (node);
      return 0;
    }

  for (guint i = 0; published[i] != NULL; i++)
    {
      g_autofree char *clean = glb_cli_clean (published[i]);

      printf ("published: %s\n", clean);
    }
  if (g_variant_n_children (connections) > 0)
    print_connections (connections);
  else
    printf ("no connection\n");
  print_refusals (refusals);
  return 0;
}

int
glb_cli_net_verb (int    argc,
                  char **argv)
{
  gboolean json = FALSE;
  gint64 close_id = 0;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "The list as JSON", NULL },
    { "close", 0, 0, G_OPTION_ARG_INT64, &close_id, "Cut the connection of that number", "ID" },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, "SESSION", "List what a session is connected to, and what it was refused.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2)
    return glb_cli_fail ("net: needs one session; see `glovebox ps`");
  if (close_id < 0)
    return glb_cli_fail ("net: --close: is the number of a connection; `glovebox net %s` lists them", argv[1]);

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;
  if (close_id == 0)
    return list (client, path, argv[1], json);

  reply = glb_cli_call (client, path, NULL, "CloseConnection", g_variant_new ("(t)", (guint64) close_id), CALL_DEADLINE_S, NULL, &error);
  return reply != NULL ? 0 : glb_cli_fail_error (argv[1], error);
}
