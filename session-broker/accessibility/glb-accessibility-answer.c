/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/accessibility/glb-accessibility-answer.h"

#include "policies/glb-strict-json.h"
#include "session-broker/accessibility/glb-accessibility-protocol.h"

#define MESSAGE_CHARACTERS_MAX 200
/* two levels an element, and those around it */
#define JSON_DEPTH_MAX         (2 * GLB_ACCESSIBILITY_DEPTH_MAX + 8)

static gboolean
malformed (GError **error, const char *what)
{
  g_set_error (error, GLB_ELEMENT_ERROR, GLB_ELEMENT_ERROR_MALFORMED, "accessibility: %s", what);
  return FALSE;
}

static gboolean
get_number (JsonNode *untrusted_node, guint *number, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (untrusted_node) || json_node_get_value_type (untrusted_node) != G_TYPE_INT64 ||
      json_node_get_int (untrusted_node) < 0 || json_node_get_int (untrusted_node) > G_MAXINT)
    return malformed (error, "a number");

  *number = (guint) json_node_get_int (untrusted_node);
  return TRUE;
}

/* Printable, and not long. */
static gboolean
get_text (JsonNode *untrusted_node, char **text, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (untrusted_node) || json_node_get_value_type (untrusted_node) != G_TYPE_STRING)
    return malformed (error, "a string");

  g_free (*text);
  *text = glb_strict_json_printable (json_node_get_string (untrusted_node), -1, MESSAGE_CHARACTERS_MAX);
  return TRUE;
}

static gboolean
get_boolean (JsonNode *untrusted_node, gboolean *value, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (untrusted_node) || json_node_get_value_type (untrusted_node) != G_TYPE_BOOLEAN)
    return malformed (error, "true or false");

  *value = json_node_get_boolean (untrusted_node);
  return TRUE;
}

static gboolean
get_element (JsonNode *untrusted_node, guint *n_left, GlbElement **element, GError **error)
{
  *element = glb_element_new_from_node (untrusted_node, n_left, error);
  return *element != NULL;
}

static void
toplevel_free (gpointer data)
{
  GlbToplevel *toplevel = data;

  g_free (toplevel->application);
  g_clear_pointer (&toplevel->element, glb_element_free);
  g_free (toplevel);
}

static gboolean
parse_toplevel (GlbToplevel *self, JsonNode *untrusted_node, GError **error)
{
  guint n_left = 1;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!JSON_NODE_HOLDS_OBJECT (untrusted_node))
    return malformed (error, "a toplevel");

  json_object_iter_init (&iter, json_node_get_object (untrusted_node));
  while (json_object_iter_next (&iter, &name, &node))
    if (g_str_equal (name, "toplevel") ? !get_number (node, &self->number, error) :
        g_str_equal (name, "application") ? !get_text (node, &self->application, error) :
        g_str_equal (name, "node") ? !get_element (node, &n_left, &self->element, error) : !malformed (error, "a toplevel"))
      return FALSE;
  return (self->number != 0 && self->application != NULL && self->element != NULL) || malformed (error, "a toplevel");
}

static gboolean
parse_toplevels (GlbAccessibilityAnswer *self, JsonNode *untrusted_node, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;

  if (array == NULL || json_array_get_length (array) > GLB_ACCESSIBILITY_TOPLEVELS_MAX)
    return malformed (error, "toplevels");

  self->toplevels = g_ptr_array_new_with_free_func (toplevel_free);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      GlbToplevel *toplevel = g_new0 (GlbToplevel, 1);

      g_ptr_array_add (self->toplevels, toplevel);
      if (!parse_toplevel (toplevel, json_array_get_element (array, i), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_member (GlbAccessibilityAnswer *self, const char *untrusted_name, JsonNode *untrusted_node, GError **error)
{
  guint n_left = GLB_ACCESSIBILITY_NODES_MAX, version = 0;
  g_autofree char *event = NULL;

  if (g_str_equal (untrusted_name, "id"))
    return get_number (untrusted_node, &self->id, error);
  if (g_str_equal (untrusted_name, "toplevels"))
    return parse_toplevels (self, untrusted_node, error);
  if (g_str_equal (untrusted_name, "silent"))
    return get_number (untrusted_node, &self->n_silent, error);
  if (g_str_equal (untrusted_name, "node"))
    return get_element (untrusted_node, &n_left, &self->element, error);
  if (g_str_equal (untrusted_name, "truncated"))
    return get_boolean (untrusted_node, &self->truncated, error);
  if (g_str_equal (untrusted_name, "failed"))
    return get_text (untrusted_node, &self->failed, error);
  if (g_str_equal (untrusted_name, "error"))
    return get_text (untrusted_node, &self->error, error);
  if (g_str_equal (untrusted_name, "hello"))
    {
      self->is_hello = TRUE;
      return get_number (untrusted_node, &version, error) && (version == GLB_ACCESSIBILITY_PROTOCOL || malformed (error, "another version"));
    }
  if (!g_str_equal (untrusted_name, "event"))
    return malformed (error, "an unknown member");

  self->is_changed = TRUE;
  return get_text (untrusted_node, &event, error) && (g_str_equal (event, "changed") || malformed (error, "an unknown event"));
}

/* One thing a line. */
static gboolean
is_one (const GlbAccessibilityAnswer *self)
{
  guint n = self->is_hello + self->is_changed + (self->error != NULL) + (self->failed != NULL) + (self->toplevels != NULL) +
            (self->element != NULL);
  gboolean is_answer = self->failed != NULL || self->toplevels != NULL || self->element != NULL;

  return n == 1 && is_answer == (self->id != 0);
}

GlbAccessibilityAnswer *
glb_accessibility_answer_new_from_json (const char *untrusted_line, gsize length, GError **error)
{
  const GlbStrictJsonLimits limits = { .max_bytes = GLB_ACCESSIBILITY_LINE_MAX, .max_depth = JSON_DEPTH_MAX };
  g_autoptr(JsonNode) root = glb_strict_json_parse (untrusted_line, length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, error);
  g_autoptr(GlbAccessibilityAnswer) self = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (root == NULL)
    return NULL;

  self = g_new0 (GlbAccessibilityAnswer, 1);
  if (JSON_NODE_HOLDS_OBJECT (root))
    {
      json_object_iter_init (&iter, json_node_get_object (root));
      while (json_object_iter_next (&iter, &name, &node))
        if (!parse_member (self, name, node, error))
          return NULL;
    }
  if (is_one (self))
    return g_steal_pointer (&self);

  malformed (error, "not one thing");
  return NULL;
}

void
glb_accessibility_answer_free (GlbAccessibilityAnswer *self)
{
  g_free (self->error);
  g_free (self->failed);
  g_clear_pointer (&self->toplevels, g_ptr_array_unref);
  g_clear_pointer (&self->element, glb_element_free);
  g_free (self);
}
