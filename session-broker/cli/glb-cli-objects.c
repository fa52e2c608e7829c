/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

/* What verbs that list the broker's objects share. */

#define LIST_DEADLINE_S 10

const char *
glb_cli_lookup_string (GVariant   *properties,
                       const char *name)
{
  const char *text = "";

  g_variant_lookup (properties, name, "&s", &text);
  return text;
}

/* As glb_cli_list_objects(), of a broker that is there. */
static GPtrArray *
list_managed (GlbClient    *client,
              const char   *verb,
              const char   *interface,
              GCompareFunc  order,
              int          *code)
{
  g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) paths = NULL;
  GError *error = NULL;

  reply = glb_cli_call (client, GLB_BROKER_OBJECT_PATH, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                        NULL, LIST_DEADLINE_S, NULL, &error);
  if (reply == NULL)
    {
      *code = glb_cli_fail_error ("broker", error);
      return NULL;
    }
  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{oa{sa{sv}}})")))
    {
      *code = glb_cli_fail ("%s: the broker's answer makes no sense; run the same version of both", verb);
      return NULL;
    }

  paths = g_variant_get_child_value (reply, 0);
  for (gsize i = 0; i < g_variant_n_children (paths); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (paths, i);
      g_autoptr(GVariant) interfaces = g_variant_get_child_value (entry, 1);
      GVariant *properties = g_variant_lookup_value (interfaces, interface, G_VARIANT_TYPE_VARDICT);

      if (properties != NULL)
        g_ptr_array_add (objects, properties);
    }
  g_ptr_array_sort (objects, order);
  return g_steal_pointer (&objects);
}

GPtrArray *
glb_cli_list_objects (int            argc,
                      char         **argv,
                      const char    *interface,
                      GCompareFunc   order,
                      GlbClient    **client,
                      int           *code)
{
  GError *error = NULL;

  *client = NULL;
  if (argc > 1)
    {
      *code = glb_cli_fail ("%s: %s: is too much; see `glovebox %s --help`", argv[0], argv[1], argv[0]);
      return NULL;
    }

  *client = glb_cli_open (FALSE, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      return g_ptr_array_new ();
    }
  if (*client == NULL)
    {
      *code = glb_cli_fail_error ("broker", error);
      return NULL;
    }
  return list_managed (*client, argv[0], interface, order, code);
}

JsonNode *
glb_cli_objects_to_json (GPtrArray  *objects,
                         JsonNode *(*to_json) (GVariant *properties))
{
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_alloc ();

  for (guint i = 0; i < objects->len; i++)
    json_array_add_element (array, to_json (objects->pdata[i]));
  json_node_init_array (node, array);
  json_array_unref (array);
  return node;
}
