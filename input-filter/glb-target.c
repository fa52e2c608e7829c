/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-target.h"

#include "input-filter/glb-action-result.h"
#include "input-filter/glb-action.h"
#include "input-filter/glb-glob.h"
#include "input-filter/glb-member.h"
#include "policies/glb-strict-json.h"

#define POSSIBLE      "role, name, text, appId, title, states, index"
#define STATES_MAX    16u
#define QUOTE_MAX     60
#define LISTED_MAX    3u

static gboolean
parse_states (GlbTarget *self, JsonNode *untrusted_node, const char *what, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (untrusted_node) ? json_node_get_array (untrusted_node) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;

  self->states = g_new0 (char *, MIN (n, STATES_MAX) + 1);
  for (guint i = 0; i < n; i++)
    {
      const char *untrusted_state = glb_member_peek_string (json_array_get_element (array, i));

      if (n > STATES_MAX || untrusted_state == NULL || !g_str_is_ascii (untrusted_state))
        n = 0;
      else
        self->states[i] = g_strdup (untrusted_state);
    }
  if (n > 0)
    return TRUE;

  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "%s must be a list of 1 to %u names such as \"enabled\"", what, STATES_MAX);
  return FALSE;
}

static gboolean
parse_index (GlbTarget *self, JsonNode *untrusted_node, const char *what, GError **error)
{
  gint64 index;

  if (!glb_member_get_number (untrusted_node, what, 0, GLB_TARGET_FOUND_MAX - 1, &index, error))
    return FALSE;
  self->has_index = TRUE;
  self->index = (guint) index;
  return TRUE;
}

static gboolean
parse_member (GlbTarget *self, const char *untrusted_name, JsonNode *untrusted_node, const char *what, GError **error)
{
  const struct { const char *name; char **glob; } globs[] = {
    { "role", &self->role }, { "name", &self->name }, { "text", &self->text }, { "appId", &self->app_id }, { "title", &self->title },
  };
  g_autofree char *member = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (globs); i++)
    if (g_str_equal (untrusted_name, globs[i].name))
      {
        member = g_strconcat (what, ".", globs[i].name, NULL);
        return glb_member_get_glob (untrusted_node, member, globs[i].glob, error);
      }
  if (g_str_equal (untrusted_name, "states"))
    {
      member = g_strconcat (what, ".states", NULL);
      return parse_states (self, untrusted_node, member, error);
    }
  if (g_str_equal (untrusted_name, "index"))
    {
      member = g_strconcat (what, ".index", NULL);
      return parse_index (self, untrusted_node, member, error);
    }
  return glb_member_unknown (untrusted_name, what, POSSIBLE, error);
}

GlbTarget *
glb_target_new_from_node (JsonNode *untrusted_node, const char *what, GError **error)
{
  g_autoptr(GlbTarget) self = g_new0 (GlbTarget, 1);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (JSON_NODE_HOLDS_OBJECT (untrusted_node))
    {
      json_object_iter_init (&iter, json_node_get_object (untrusted_node));
      while (json_object_iter_next (&iter, &name, &node))
        if (!parse_member (self, name, node, what, error))
          return NULL;
    }
  if (self->role != NULL || self->name != NULL || self->text != NULL)
    return g_steal_pointer (&self);

  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
               "%s must be an object with at least one of role, name, text; possible are " POSSIBLE, what);
  return NULL;
}

void
glb_target_free (GlbTarget *self)
{
  if (self == NULL)
    return;
  g_free (self->role);
  g_free (self->name);
  g_free (self->text);
  g_free (self->app_id);
  g_free (self->title);
  g_strfreev (self->states);
  g_free (self);
}

JsonNode *
glb_target_to_node (const GlbTarget *self)
{
  const struct { const char *name; const char *glob; } globs[] = {
    { "role", self->role }, { "name", self->name }, { "text", self->text }, { "appId", self->app_id }, { "title", self->title },
  };
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (globs); i++)
    if (globs[i].glob != NULL)
      json_object_set_string_member (object, globs[i].name, globs[i].glob);
  if (self->states != NULL)
    {
      JsonArray *states = json_array_new ();

      for (guint i = 0; self->states[i] != NULL; i++)
        json_array_add_string_element (states, self->states[i]);
      json_object_set_array_member (object, "states", states);
    }
  if (self->has_index)
    json_object_set_int_member (object, "index", self->index);
  json_node_take_object (node, object);
  return node;
}

gboolean
glb_target_wants_window (const GlbTarget *self, const GlbShimWindow *window)
{
  return glb_window_matches (window, self->app_id, self->title);
}

static gboolean
matches (const GlbTarget *self, const GlbElement *element)
{
  for (guint i = 0; self->states != NULL && self->states[i] != NULL; i++)
    if (!glb_element_has_state (element, self->states[i]))
      return FALSE;

  return element->visible.width > 0 && element->visible.height > 0 &&
         (self->role == NULL || glb_glob_match (self->role, element->role)) &&
         (self->name == NULL || glb_glob_match (self->name, element->name)) &&
         (self->text == NULL || glb_glob_match (self->text, element->text != NULL ? element->text : ""));
}

static void
collect (const GlbTarget *self, GlbElement *element, GPtrArray *found)
{
  if (found->len >= GLB_TARGET_FOUND_MAX)
    return;
  if (matches (self, element))
    g_ptr_array_add (found, element);
  for (guint i = 0; i < element->children->len; i++)
    collect (self, g_ptr_array_index (element->children, i), found);
}

GPtrArray *
glb_target_find (const GlbTarget *self, const GlbInputScene *scene, GPtrArray *trees)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < trees->len; i++)
    {
      GlbElement *tree = g_ptr_array_index (trees, i);
      const GlbShimWindow *window = glb_input_scene_find (scene, tree->window);

      if (window != NULL && glb_target_wants_window (self, window))
        collect (self, tree, found);
    }
  return found;
}

/* (transfer full): "push button "OK" at [1, 2, 3, 4]", of the first few */
static char *
list (GPtrArray *found)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (found->len, LISTED_MAX); i++)
    {
      const GlbElement *element = g_ptr_array_index (found, i);
      g_autofree char *role = glb_strict_json_printable (element->role, -1, QUOTE_MAX);
      g_autofree char *name = glb_strict_json_printable (element->name, -1, QUOTE_MAX);

      g_string_append_printf (text, "%s%s \"%s\" at [%d, %d, %d, %d]", i > 0 ? ", " : "", role, name, element->bounds.x,
                              element->bounds.y, element->bounds.width, element->bounds.height);
    }
  if (found->len > LISTED_MAX)
    g_string_append (text, ", …");
  return g_string_free (text, FALSE);
}

const GlbElement *
glb_target_choose (const GlbTarget *self, GPtrArray *found, const char **code, char **message)
{
  g_autofree char *first = NULL;

  if (self->has_index && self->index < found->len)
    return g_ptr_array_index (found, self->index);
  if (!self->has_index && found->len == 1)
    return g_ptr_array_index (found, 0);

  first = list (found);
  *code = found->len == 0 || self->has_index ? GLB_REFUSED_NOT_FOUND : GLB_REFUSED_AMBIGUOUS;
  if (found->len == 0)
    *message = g_strdup ("no element on the screen is like that; look at ui_tree");
  else if (self->has_index)
    *message = g_strdup_printf ("there are only %u such elements: %s", found->len, first);
  else
    *message = g_strdup_printf ("%u elements are like that: %s; say more, or which by index", found->len, first);
  return NULL;
}
