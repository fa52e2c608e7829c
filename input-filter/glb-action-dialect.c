/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which dialect a call is of, and what comes back of one
 * ======================================================
 *
 * Each provider's calls have a member of their own that says what is to be
 * done: "action" (Anthropic, and so ours), "type" (OpenAI), "name" (Gemini),
 * and what wraps a call names itself in "type". An object that has more than
 * one of them is of no dialect that we could name, and is refused: to guess
 * would be to do something else than what was meant.
 */

#include "input-filter/glb-action-dialect.h"

#include <string.h>

#include "input-filter/glb-dialect-reader.h"
#include "policies/glb-strict-json.h"

static const char * const dialect_names[] = {
  [GLB_DIALECT_AUTO] = "auto",
  [GLB_DIALECT_GLOVEBOX] = "glovebox",
  [GLB_DIALECT_ANTHROPIC] = "anthropic",
  [GLB_DIALECT_OPENAI] = "openai",
  [GLB_DIALECT_GEMINI] = "gemini",
};

gboolean
glb_dialect_from_string (const char *name,
                         GlbDialect *dialect)
{
  for (guint i = 0; i < G_N_ELEMENTS (dialect_names); i++)
    if (strcmp (name, dialect_names[i]) == 0)
      {
        *dialect = i;
        return TRUE;
      }
  return FALSE;
}

const char *
glb_dialect_to_string (GlbDialect dialect)
{
  g_return_val_if_fail ((guint) dialect < G_N_ELEMENTS (dialect_names), NULL);

  return dialect_names[dialect];
}

void
glb_dialect_call_free (GlbDialectCall *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->actions);
  g_free (self->id);
  g_free (self->name);
  g_free (self->confirm);
  g_free (self);
}

static gboolean
unknown (GError **error)
{
  g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                       "This is a call of no known dialect: it needs \"action\" (glovebox, anthropic), \"type\" (openai) or "
                       "\"name\" (gemini)");
  return FALSE;
}

static gboolean
mixed (const char  *one,
       const char  *other,
       GError     **error)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
               "The call has both \"%s\" and \"%s\", which are of different dialects: leave one out, or name the dialect",
               one, other);
  return FALSE;
}

/* What says in an object of this type what is to be done. */
static GlbDialect
find_wrapper (const char *untrusted_type)
{
  if (g_strcmp0 (untrusted_type, "tool_use") == 0)
    return GLB_DIALECT_ANTHROPIC;
  if (g_strcmp0 (untrusted_type, "computer_call") == 0)
    return GLB_DIALECT_OPENAI;
  return g_strcmp0 (untrusted_type, "function_call") == 0 ? GLB_DIALECT_GEMINI : GLB_DIALECT_AUTO;
}

static gboolean
detect_object (JsonObject  *untrusted_object,
               GlbDialect  *dialect,
               GError     **error)
{
  static const struct { const char *member; GlbDialect dialect; } marks[] = {
    { "action", GLB_DIALECT_GLOVEBOX },
    { "type", GLB_DIALECT_OPENAI },
    { "actions", GLB_DIALECT_OPENAI },
    { "name", GLB_DIALECT_GEMINI },
  };
  const char *untrusted_action = glb_dialect_node_peek_string (json_object_get_member (untrusted_object, "action"));
  const char *found = NULL;

  *dialect = find_wrapper (glb_dialect_node_peek_string (json_object_get_member (untrusted_object, "type")));
  /* The one action of ours that has a type, too. */
  if (*dialect == GLB_DIALECT_AUTO && g_strcmp0 (untrusted_action, "clipboard_request") == 0)
    *dialect = GLB_DIALECT_GLOVEBOX;
  if (*dialect != GLB_DIALECT_AUTO)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (json_object_has_member (untrusted_object, marks[i].member))
      {
        if (found != NULL)
          return mixed (found, marks[i].member, error);
        found = marks[i].member;
        *dialect = marks[i].dialect;
      }
  if (*dialect == GLB_DIALECT_GLOVEBOX && glb_dialect_anthropic_takes (untrusted_object))
    *dialect = GLB_DIALECT_ANTHROPIC;
  return found != NULL || unknown (error);
}

static gboolean
detect (JsonNode    *untrusted_node,
        GlbDialect  *dialect,
        GError     **error)
{
  if (JSON_NODE_HOLDS_OBJECT (untrusted_node))
    return detect_object (json_node_get_object (untrusted_node), dialect, error);
  if (!JSON_NODE_HOLDS_ARRAY (untrusted_node))
    return unknown (error);

  *dialect = GLB_DIALECT_OPENAI;
  return TRUE;
}

static gboolean
init_screen (GlbModelScreen           *screen,
             const GlbDialectContext  *context,
             GlbDialect                dialect,
             GError                  **error)
{
  gboolean grid = dialect == GLB_DIALECT_GEMINI;

  if (grid && context->model_width != 0)
    {
      g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
                           "A size means nothing in the dialect gemini, whose coordinates are 0 to 999 anywhere: leave it out");
      return FALSE;
    }
  *screen = (GlbModelScreen) { .width = context->width, .height = context->height, .grid = grid };
  screen->model_width = grid ? GLB_MODEL_GRID : context->model_width != 0 ? context->model_width : context->width;
  screen->model_height = grid ? GLB_MODEL_GRID : context->model_height != 0 ? context->model_height : context->height;
  return TRUE;
}

static gboolean
read_call (GlbDialectReader  *reader,
           JsonNode          *untrusted_node,
           GError           **error)
{
  switch (reader->call->dialect)
    {
    case GLB_DIALECT_GLOVEBOX:
      return glb_dialect_glovebox_read (reader, untrusted_node, error);
    case GLB_DIALECT_ANTHROPIC:
      return glb_dialect_anthropic_read (reader, untrusted_node, error);
    case GLB_DIALECT_OPENAI:
      return glb_dialect_openai_read (reader, untrusted_node, error);
    case GLB_DIALECT_GEMINI:
      return glb_dialect_gemini_read (reader, untrusted_node, error);
    case GLB_DIALECT_AUTO:
    default:
      g_return_val_if_reached (FALSE);
    }
}

GlbDialectCall *
glb_dialect_call_new_from_node (const GlbDialectContext  *context,
                                JsonNode                 *node,
                                GError                  **error)
{
  g_autoptr(GlbDialectCall) self = NULL;
  GlbDialectReader reader = { 0 };

  g_return_val_if_fail (node != NULL, NULL);
  g_return_val_if_fail (context->width > 0 && context->height > 0, NULL);

  self = g_new0 (GlbDialectCall, 1);
  self->dialect = context->dialect;
  self->actions = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_action_free);
  reader.call = self;
  reader.keys = context->keys;
  if (self->dialect == GLB_DIALECT_AUTO && !detect (node, &self->dialect, error))
    return NULL;
  if (!init_screen (&reader.screen, context, self->dialect, error) || !read_call (&reader, node, error))
    return NULL;
  return g_steal_pointer (&self);
}

GlbDialectCall *
glb_dialect_call_new_from_json (const GlbDialectContext  *context,
                                const char               *text,
                                gsize                     length,
                                GError                  **error)
{
  const GlbStrictJsonLimits limits = { .max_bytes = GLB_ACTION_BYTES_MAX, .max_depth = GLB_ACTION_DEPTH_MAX };
  g_autoptr(GError) json_error = NULL;
  g_autoptr(JsonNode) node = NULL;

  g_return_val_if_fail (text != NULL || length == 0, NULL);

  node = glb_strict_json_parse (text, length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, &json_error);
  if (node == NULL)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "Not strict JSON: line %s", json_error->message);
      return NULL;
    }
  return glb_dialect_call_new_from_node (context, node, error);
}

GlbAction *
glb_dialect_call_make_release (const GlbDialectCall *self,
                               guint                 n_done)
{
  g_autoptr(JsonNode) node = NULL;
  gboolean down = FALSE;

  g_return_val_if_fail (n_done <= self->actions->len, NULL);

  /* OpenAI's models cannot press a button and leave it so: what is down is down because of a drag. */
  if (self->dialect != GLB_DIALECT_OPENAI)
    return NULL;
  for (guint i = 0; i < n_done; i++)
    {
      const GlbAction *action = g_ptr_array_index (self->actions, i);

      if (action->kind == GLB_ACTION_LEFT_MOUSE_DOWN || action->kind == GLB_ACTION_LEFT_MOUSE_UP)
        down = action->kind == GLB_ACTION_LEFT_MOUSE_DOWN;
    }
  if (!down)
    return NULL;

  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, glb_dialect_object_new ("left_mouse_up"));
  return glb_action_new_from_node (NULL, node, NULL);
}

/* ---- results --------------------------------------------------------------- */

/* FALSE: not there, or no pixel that a result has. */
static gboolean
get_pixel (JsonNode *node,
           int       max,
           int      *pixel)
{
  gint64 value;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  value = json_node_get_int (node);
  *pixel = value;
  return value >= 0 && value <= max;
}

static void
scale_pointer (const GlbModelScreen *screen,
               JsonObject           *result)
{
  JsonNode *node = json_object_get_member (result, "pointer");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  int x, y, model_x, model_y;

  if (array == NULL || json_array_get_length (array) != 2 ||
      !get_pixel (json_array_get_element (array, 0), screen->width - 1, &x) ||
      !get_pixel (json_array_get_element (array, 1), screen->height - 1, &y))
    return;

  glb_model_screen_to_model (screen, x, y, &model_x, &model_y);
  glb_dialect_object_set_point (result, "pointer", model_x, model_y);
}

static void
scale_changed (const GlbModelScreen *screen,
               JsonObject           *object)
{
  JsonNode *node = json_object_get_member (object, "changed");
  JsonObject *changed = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  int x, y, width, height;
  int region[4];

  if (changed == NULL ||
      !get_pixel (json_object_get_member (changed, "x"), screen->width, &x) ||
      !get_pixel (json_object_get_member (changed, "y"), screen->height, &y) ||
      !get_pixel (json_object_get_member (changed, "width"), screen->width - x, &width) ||
      !get_pixel (json_object_get_member (changed, "height"), screen->height - y, &height))
    return;

  region[0] = x;
  region[1] = y;
  region[2] = x + width;
  region[3] = y + height;
  glb_model_screen_region_to_model (screen, region);
  json_object_set_int_member (changed, "x", region[0]);
  json_object_set_int_member (changed, "y", region[1]);
  json_object_set_int_member (changed, "width", region[2] - region[0]);
  json_object_set_int_member (changed, "height", region[3] - region[1]);
}

void
glb_dialect_scale_result (const GlbDialectContext *context,
                          GlbDialect               dialect,
                          JsonNode                *result)
{
  GlbModelScreen screen;
  JsonNode *meanwhile;

  g_return_if_fail (JSON_NODE_HOLDS_OBJECT (result));

  if (!init_screen (&screen, context, dialect, NULL))
    return;
  scale_pointer (&screen, json_node_get_object (result));
  scale_changed (&screen, json_node_get_object (result));
  meanwhile = json_object_get_member (json_node_get_object (result), "meanwhile");
  if (meanwhile != NULL && JSON_NODE_HOLDS_OBJECT (meanwhile))
    scale_changed (&screen, json_node_get_object (meanwhile));
}
