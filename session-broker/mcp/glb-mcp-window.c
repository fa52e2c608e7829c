/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-window.h"

static void
set_string (JsonObject *object,
            const char *name,
            GVariant   *window,
            const char *key)
{
  const char *value = "";

  g_variant_lookup (window, key, "&s", &value);
  json_object_set_string_member (object, name, value);
}

static void
set_unsigned (JsonObject *object,
              const char *name,
              GVariant   *window,
              const char *key)
{
  guint value = 0;

  g_variant_lookup (window, key, "u", &value);
  json_object_set_int_member (object, name, value);
}

static void
set_integer (JsonObject *object,
             const char *name,
             GVariant   *window)
{
  int value = 0;

  g_variant_lookup (window, name, "i", &value);
  json_object_set_int_member (object, name, value);
}

static void
set_boolean (JsonObject *object,
             const char *name,
             GVariant   *window)
{
  gboolean value = FALSE;

  g_variant_lookup (window, name, "b", &value);
  json_object_set_boolean_member (object, name, value);
}

JsonObject *
glb_mcp_window_to_json (GVariant *window)
{
  JsonObject *object = json_object_new ();

  set_unsigned (object, "window", window, "id");
  set_unsigned (object, "parent", window, "parent");
  set_string (object, "appId", window, "app-id");
  set_string (object, "title", window, "title");
  set_integer (object, "x", window);
  set_integer (object, "y", window);
  set_integer (object, "width", window);
  set_integer (object, "height", window);
  set_boolean (object, "focused", window);
  set_boolean (object, "maximized", window);
  return object;
}
