/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Both work on canonical forms, which say every default: what is compared is
 * what holds, and not how it was written down.
 */

#define G_LOG_DOMAIN "glb-policies"
#include "config.h"

#include "policies/glb-policy-change.h"

#include <string.h>

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"

#define BYTES_MAX      (1024 * 1024)
#define DEPTH_MAX      24
/* None of a value is left out: who shows it decides what is too long. */
#define VALUE_CHARS    BYTES_MAX

static JsonNode *
parse (const GlbPolicy *policy)
{
  static const GlbStrictJsonLimits limits = { BYTES_MAX, DEPTH_MAX };
  const char *text = glb_policy_get_canonical (policy);
  JsonNode *node = glb_strict_json_parse (text, strlen (text), GLB_STRICT_JSON_DEFAULT, &limits, NULL, NULL);

  g_assert (node != NULL);
  return node;
}

/* ---- patches -------------------------------------------------------------------------- */

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

/* ---- differences ------------------------------------------------------------------------ */

static void compare (GPtrArray *lines, const char *path, JsonNode *from, JsonNode *to);

/* (transfer full): "nothing" where there is none */
static char *
describe (JsonNode *value)
{
  g_autofree char *text = value != NULL ? glb_json_write (value) : g_strdup ("nothing");

  return glb_strict_json_printable (text, -1, VALUE_CHARS);
}

static gboolean
contains (JsonArray *array,
          JsonNode  *wanted)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (json_node_equal (json_array_get_element (array, i), wanted))
      return TRUE;
  return FALSE;
}

/* Elements of one that the other has not. */
static gboolean
add_elements (GPtrArray  *lines,
              const char *path,
              char        sign,
              JsonArray  *of,
              JsonArray  *but)
{
  gboolean any = FALSE;

  for (guint i = 0; i < json_array_get_length (of); i++)
    if (!contains (but, json_array_get_element (of, i)))
      {
        g_autofree char *text = describe (json_array_get_element (of, i));

        g_ptr_array_add (lines, g_strdup_printf ("%s: %c %s", path, sign, text));
        any = TRUE;
      }
  return any;
}

static void
compare_arrays (GPtrArray  *lines,
                const char *path,
                JsonNode   *from,
                JsonNode   *to)
{
  gboolean less = add_elements (lines, path, '-', json_node_get_array (from), json_node_get_array (to));
  gboolean more = add_elements (lines, path, '+', json_node_get_array (to), json_node_get_array (from));

  if (!less && !more)
    g_ptr_array_add (lines, g_strdup_printf ("%s: the same in another order or number", path));
}

static void
compare_objects (GPtrArray  *lines,
                 const char *path,
                 JsonObject *from,
                 JsonObject *to)
{
  g_autoptr(GList) names = g_list_concat (json_object_get_members (from), json_object_get_members (to));
  const char *last = NULL;

  names = g_list_sort (names, (GCompareFunc) strcmp);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *name = glb_strict_json_printable (l->data, -1, VALUE_CHARS);
      g_autofree char *inner = *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_strdup (name);

      if (last == NULL || !g_str_equal (last, l->data))
        compare (lines, inner, json_object_get_member (from, l->data), json_object_get_member (to, l->data));
      last = l->data;
    }
}

/* from, to: (nullable) */
static void
compare (GPtrArray  *lines,
         const char *path,
         JsonNode   *from,
         JsonNode   *to)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (from != NULL && to != NULL && json_node_equal (from, to))
    return;
  if (from != NULL && to != NULL && JSON_NODE_HOLDS_OBJECT (from) && JSON_NODE_HOLDS_OBJECT (to))
    compare_objects (lines, path, json_node_get_object (from), json_node_get_object (to));
  else if (from != NULL && to != NULL && JSON_NODE_HOLDS_ARRAY (from) && JSON_NODE_HOLDS_ARRAY (to))
    compare_arrays (lines, path, from, to);
  else
    {
      before = describe (from);
      after = describe (to);
      g_ptr_array_add (lines, g_strdup_printf ("%s: %s → %s", path, before, after));
    }
}

GPtrArray *
glb_policy_compare (const GlbPolicy *self,
                    const GlbPolicy *other)
{
  g_autoptr(JsonNode) from = parse (self);
  g_autoptr(JsonNode) to = parse (other);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  compare_objects (lines, "", json_node_get_object (from), json_node_get_object (to));
  return lines;
}
