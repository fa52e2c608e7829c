/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-element.h"

#include <math.h>
#include <string.h>

#include "policies/glb-strict-json.h"

#define STATES_MAX     64u
#define COORDINATE_MAX (1 << 20)
#define QUOTE_MAX      40

G_DEFINE_QUARK (glb-element-error-quark, glb_element_error)

static gboolean
malformed (GError **error, const char *what)
{
  g_set_error (error, GLB_ELEMENT_ERROR, GLB_ELEMENT_ERROR_MALFORMED, "an element's %s", what);
  return FALSE;
}

static gboolean
parse_string (JsonNode *untrusted_node, const char *what, char **string, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (untrusted_node) || json_node_get_value_type (untrusted_node) != G_TYPE_STRING ||
      !g_utf8_validate (json_node_get_string (untrusted_node), -1, NULL))
    return malformed (error, what);

  *string = json_node_dup_string (untrusted_node);
  return TRUE;
}

static gboolean
parse_value (GlbElement *self, JsonNode *untrusted_node, GError **error)
{
  GType type = JSON_NODE_HOLDS_VALUE (untrusted_node) ? json_node_get_value_type (untrusted_node) : G_TYPE_INVALID;

  /* of a number that JSON does not have */
  if (JSON_NODE_HOLDS_NULL (untrusted_node))
    return TRUE;
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return malformed (error, "value");

  self->value = json_node_get_double (untrusted_node);
  self->has_value = isfinite (self->value);
  return TRUE;
}

static gboolean
parse_states (GlbElement *self, JsonNode *untrusted_node, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (array == NULL || n > STATES_MAX)
    return malformed (error, "states");

  g_strfreev (self->states);
  self->states = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    if (!parse_string (json_array_get_element (array, i), "states", &self->states[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
parse_bounds (GlbElement *self, JsonNode *untrusted_node, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;
  int values[4];

  if (array == NULL || json_array_get_length (array) != G_N_ELEMENTS (values))
    return malformed (error, "bounds");

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
        return malformed (error, "bounds");
      values[i] = (int) CLAMP (json_node_get_int (node), -COORDINATE_MAX, COORDINATE_MAX);
    }
  self->bounds = (GlbShimRect) { values[0], values[1], MAX (values[2], 0), MAX (values[3], 0) };
  return TRUE;
}

static gboolean
parse_children (GlbElement *self, JsonNode *untrusted_node, guint *n_left, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;

  if (array == NULL)
    return malformed (error, "children");

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      GlbElement *child = glb_element_new_from_node (json_array_get_element (array, i), n_left, error);

      if (child == NULL)
        return FALSE;
      g_ptr_array_add (self->children, child);
    }
  return TRUE;
}

static gboolean
parse_member (GlbElement *self, const char *untrusted_name, JsonNode *untrusted_node, guint *n_left, GError **error)
{
  if (g_str_equal (untrusted_name, "role"))
    return parse_string (untrusted_node, "role", &self->role, error);
  if (g_str_equal (untrusted_name, "name"))
    return parse_string (untrusted_node, "name", &self->name, error);
  if (g_str_equal (untrusted_name, "description"))
    return parse_string (untrusted_node, "description", &self->description, error);
  if (g_str_equal (untrusted_name, "text"))
    return parse_string (untrusted_node, "text", &self->text, error);
  if (g_str_equal (untrusted_name, "value"))
    return parse_value (self, untrusted_node, error);
  if (g_str_equal (untrusted_name, "states"))
    return parse_states (self, untrusted_node, error);
  if (g_str_equal (untrusted_name, "bounds"))
    return parse_bounds (self, untrusted_node, error);
  if (g_str_equal (untrusted_name, "children"))
    return parse_children (self, untrusted_node, n_left, error);
  return malformed (error, "members");
}

static void
element_free (gpointer element)
{
  glb_element_free (element);
}

GlbElement *
glb_element_new_from_node (JsonNode *untrusted_node, guint *n_left, GError **error)
{
  g_autoptr(GlbElement) self = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!JSON_NODE_HOLDS_OBJECT (untrusted_node) || *n_left == 0)
    {
      malformed (error, *n_left == 0 ? "number is too high" : "type");
      return NULL;
    }

  --*n_left;
  self = g_new0 (GlbElement, 1);
  self->children = g_ptr_array_new_with_free_func (element_free);
  json_object_iter_init (&iter, json_node_get_object (untrusted_node));
  while (json_object_iter_next (&iter, &name, &node))
    if (!parse_member (self, name, node, n_left, error))
      return NULL;
  if (self->role == NULL || self->name == NULL || self->states == NULL)
    {
      malformed (error, "members");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
glb_element_free (GlbElement *self)
{
  g_free (self->role);
  g_free (self->name);
  g_free (self->description);
  g_free (self->text);
  g_strfreev (self->states);
  g_ptr_array_unref (self->children);
  g_free (self);
}

static GlbShimRect
intersect (const GlbShimRect *a, const GlbShimRect *b)
{
  int x1 = MAX (a->x, b->x), y1 = MAX (a->y, b->y);
  int x2 = MIN (a->x + a->width, b->x + b->width), y2 = MIN (a->y + a->height, b->y + b->height);

  return (GlbShimRect) { x1, y1, MAX (x2 - x1, 0), MAX (y2 - y1, 0) };
}

/* Only these cut off what is in them: a menu reaches beyond its button. */
static gboolean
clips (const GlbElement *self)
{
  static const char * const roles[] = { "scroll pane", "viewport", "document web", "document frame", "document text", "internal frame", NULL };

  return g_strv_contains (roles, self->role) && self->visible.width > 0 && self->visible.height > 0;
}

void
glb_element_place (GlbElement *self, guint32 window, int dx, int dy, const GlbShimRect *clip)
{
  GlbShimRect inner;

  self->window = window;
  self->bounds.x += dx;
  self->bounds.y += dy;
  self->visible = intersect (&self->bounds, clip);
  inner = clips (self) ? self->visible : *clip;
  for (guint i = 0; i < self->children->len; i++)
    glb_element_place (g_ptr_array_index (self->children, i), window, dx, dy, &inner);
}

gboolean
glb_element_has_state (const GlbElement *self, const char *state)
{
  return g_strv_contains ((const char * const *) self->states, state);
}

static JsonArray *
describe_children (const GlbElement *self)
{
  JsonArray *array = json_array_sized_new (self->children->len);

  for (guint i = 0; i < self->children->len; i++)
    json_array_add_element (array, glb_element_to_node (g_ptr_array_index (self->children, i), TRUE, FALSE));
  return array;
}

static void
set_place (JsonObject *object, const GlbElement *self)
{
  JsonArray *states = json_array_new (), *bounds = json_array_new ();
  const int values[] = { self->bounds.x, self->bounds.y, self->bounds.width, self->bounds.height };

  for (guint i = 0; self->states[i] != NULL; i++)
    json_array_add_string_element (states, self->states[i]);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    json_array_add_int_element (bounds, values[i]);
  json_object_set_array_member (object, "states", states);
  json_object_set_array_member (object, "bounds", bounds);
}

JsonNode *
glb_element_to_node (const GlbElement *self, gboolean deep, gboolean with_window)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "role", self->role);
  json_object_set_string_member (object, "name", self->name);
  if (self->description != NULL)
    json_object_set_string_member (object, "description", self->description);
  if (self->text != NULL)
    json_object_set_string_member (object, "text", self->text);
  if (self->has_value)
    json_object_set_double_member (object, "value", self->value);
  set_place (object, self);
  if (with_window)
    json_object_set_int_member (object, "window", self->window);
  if (deep && self->children->len > 0)
    json_object_set_array_member (object, "children", describe_children (self));
  json_node_take_object (node, object);
  return node;
}
