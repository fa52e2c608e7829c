/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-policies"
#include "config.h"

#include "policies/glb-policy-patch.h"

#include <string.h>

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"

#define BYTES_MAX (1024 * 1024)
#define DEPTH_MAX 24

static JsonNode *
parse (const GlbPolicy *policy)
{
  static const GlbStrictJsonLimits limits = { BYTES_MAX, DEPTH_MAX };
  const char *text = glb_policy_get_canonical (policy);
  JsonNode *node = glb_strict_json_parse (text, strlen (text), GLB_STRICT_JSON_DEFAULT, &limits, NULL, NULL);

  g_assert (node != NULL);
  return node;
}

static void
apply (JsonObject *target,
       JsonObject *untrusted_patch)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, untrusted_patch);
  while (json_object_iter_next (&iter, &name, &value))
    {
      JsonNode *old = json_object_get_member (target, name);
      JsonObject *inner;

      if (JSON_NODE_HOLDS_NULL (value))
        json_object_remove_member (target, name);
      else if (!JSON_NODE_HOLDS_OBJECT (value))
        json_object_set_member (target, name, json_node_copy (value));
      else
        {
          inner = old != NULL && JSON_NODE_HOLDS_OBJECT (old) ? json_node_dup_object (old) : json_object_new ();
          apply (inner, json_node_get_object (value));
          json_object_set_object_member (target, name, inner);
        }
    }
}

GlbPolicy *
glb_policy_new_from_patch (const GlbPolicy  *self,
                           JsonObject       *untrusted_patch,
                           GError          **error)
{
  g_autoptr(JsonNode) node = parse (self);
  g_autoptr(GBytes) bytes = NULL;
  char *text;

  apply (json_node_get_object (node), untrusted_patch);
  text = glb_json_write (node);
  bytes = g_bytes_new_take (text, strlen (text));
  return glb_policy_new_from_bytes (bytes, "the proposed policy", error);
}
