/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-plan.h"

#include "input-filter/glb-model-screen.h"

/* How long the screen has to be quiet where nothing is said. Less than an action's own 50 ms: the 12 ms that a key or button is
 * down come before it, and an agent waits for each of its turns. */
#define QUIET_MS 40

/* Arguments that are no part of the model's call. */
static const char * const own_members[] = { "session", "dialect", "modelSize", "image", "frameId", "expect", "settle", "screenshot", NULL };

static GlbAction *
get_action (const GlbMcpPlan *self,
            guint             i)
{
  return g_ptr_array_index (self->call->actions, i);
}

static gboolean
is_of_person (GlbActionKind kind)
{
  return kind == GLB_ACTION_CLIPBOARD_REQUEST || kind == GLB_ACTION_DEVICE_REQUEST;
}

/* What only looks has nothing to settle. */
static gboolean
may_change_screen (GlbActionKind kind)
{
  return glb_action_is_input (kind) || kind == GLB_ACTION_WAIT;
}

static gboolean
is_picture (GlbActionKind kind)
{
  return kind == GLB_ACTION_SCREENSHOT || kind == GLB_ACTION_ZOOM;
}

static gboolean
malformed (GError     **error,
           const char  *message)
{
  g_set_error_literal (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, message);
  return FALSE;
}

/* ---- the model's call --------------------------------------------------------------- */

static void
read_context (GlbMcpPlan *self,
              JsonObject *arguments)
{
  const char *dialect = json_object_get_string_member_with_default (arguments, "dialect", NULL);
  JsonArray *size = json_object_has_member (arguments, "modelSize") ? json_object_get_array_member (arguments, "modelSize") : NULL;

  if (dialect != NULL)
    glb_dialect_from_string (dialect, &self->context.dialect);
  if (size == NULL)
    return;
  self->context.model_width = (int) json_array_get_int_element (size, 0);
  self->context.model_height = (int) json_array_get_int_element (size, 1);
}

/* What is left of the arguments. (transfer full) */
static JsonNode *
make_call_node (JsonObject *arguments)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, arguments);
  while (json_object_iter_next (&iter, &name, &value))
    if (!g_strv_contains (own_members, name))
      json_object_set_member (object, name, json_node_copy (value));
  json_node_take_object (node, object);
  return node;
}

/* (nullable): {"actions": […]} with calls that have no list of their own: ours, Anthropic's, Gemini's. OpenAI's has one. */
static JsonArray *
get_own_batch (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "actions");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  JsonNode *first = array != NULL && json_array_get_length (array) > 0 ? json_array_get_element (array, 0) : NULL;
  JsonObject *call = first != NULL && JSON_NODE_HOLDS_OBJECT (first) ? json_node_get_object (first) : NULL;

  if (call == NULL || json_object_get_size (object) != 1)
    return NULL;
  return json_object_has_member (call, "action") || json_object_has_member (call, "name") ? array : NULL;
}

/* Anthropic's vocabulary is a part of ours. */
static gboolean
is_own (GlbDialect dialect)
{
  return dialect == GLB_DIALECT_GLOVEBOX || dialect == GLB_DIALECT_ANTHROPIC;
}

static gboolean
may_follow (const GlbDialectCall *before,
            const GlbDialectCall *call)
{
  return before->dialect == call->dialect || (is_own (before->dialect) && is_own (call->dialect));
}

/* What a provider wants confirmed of one of them is asked before any of them is done. Takes call. */
static void
append_call (GlbDialectCall *all,
             GlbDialectCall *call)
{
  g_autoptr(GlbDialectCall) owned = call;

  if (call->confirm != NULL)
    {
      g_autofree char *before = g_steal_pointer (&all->confirm);

      all->confirm = before != NULL ? g_strconcat (before, "; ", call->confirm, NULL) : g_steal_pointer (&call->confirm);
    }
  all->wants_screenshot |= call->wants_screenshot;
  g_ptr_array_extend_and_steal (all->actions, g_steal_pointer (&call->actions));
  call->actions = g_ptr_array_new ();
}

/* Each is a call of its own; nothing is done before all are understood. */
static GlbDialectCall *
read_batch (GlbMcpPlan  *self,
            JsonArray   *array,
            GError     **error)
{
  g_autoptr(GlbDialectCall) all = NULL;

  if (json_array_get_length (array) > GLB_DIALECT_ACTIONS_MAX)
    {
      malformed (error, "There are more than 256 actions in one call: make several calls of them");
      return NULL;
    }

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autoptr(GlbDialectCall) one = glb_dialect_call_new_from_node (&self->context, json_array_get_element (array, i), error);

      if (one == NULL)
        return NULL;
      if (one->dialect == GLB_DIALECT_OPENAI || (all != NULL && !may_follow (all, one)))
        {
          malformed (error, "The actions are of different dialects: make a call of each");
          return NULL;
        }
      if (all == NULL)
        all = g_steal_pointer (&one);
      else
        append_call (all, g_steal_pointer (&one));
    }
  return g_steal_pointer (&all);
}

static GlbDialectCall *
read_call (GlbMcpPlan  *self,
           JsonObject  *arguments,
           GError     **error)
{
  g_autoptr(JsonNode) node = make_call_node (arguments);
  JsonArray *batch = get_own_batch (json_node_get_object (node));

  return batch != NULL ? read_batch (self, batch, error) : glb_dialect_call_new_from_node (&self->context, node, error);
}

/* ---- what goes with the actions ------------------------------------------------------- */

static void
copy_member (JsonObject *arguments,
             const char *name,
             JsonNode   *action)
{
  JsonNode *value = json_object_get_member (arguments, name);

  if (value != NULL)
    json_object_set_member (json_node_get_object (action), name, json_node_copy (value));
}

static void
add_settle (JsonNode *action)
{
  JsonObject *settle = json_object_new ();

  json_object_set_int_member (settle, "quietMs", QUIET_MS);
  json_object_set_object_member (json_node_get_object (action), "settle", settle);
}

/* The last that may change the screen is what is settled after; the picture comes with the last of all. */
static void
add_end (GlbMcpPlan *self,
         JsonObject *arguments)
{
  JsonNode *last = g_ptr_array_index (self->actions, self->actions->len - 1);
  guint changing = self->actions->len;

  while (changing > 0 && !may_change_screen (get_action (self, changing - 1)->kind))
    changing--;
  if (json_object_has_member (arguments, "settle"))
    copy_member (arguments, "settle", last);
  else if (changing > 0 && !get_action (self, changing - 1)->settle)
    add_settle (g_ptr_array_index (self->actions, changing - 1));

  if (self->wants_picture && !is_picture (get_action (self, self->actions->len - 1)->kind))
    json_object_set_boolean_member (json_node_get_object (last), "screenshot", TRUE);
}

static void
decide_picture (GlbMcpPlan *self,
                JsonObject *arguments)
{
  gboolean shows = self->call->wants_screenshot;

  for (guint i = 0; i < self->call->actions->len; i++)
    {
      shows |= may_change_screen (get_action (self, i)->kind) || is_picture (get_action (self, i)->kind);
      self->asks_person |= is_of_person (get_action (self, i)->kind);
    }
  if (self->wish.is_said)
    shows = TRUE;
  if (json_object_has_member (arguments, "screenshot"))
    shows = json_object_get_boolean_member (arguments, "screenshot");
  self->wants_picture = shows && self->wish.of != GLB_MCP_PICTURE_NONE;
}

/* The broker would refuse the same, but then a part would be done already. */
static gboolean
check_actions (GlbMcpPlan  *self,
               GError     **error)
{
  for (guint i = 0; i < self->actions->len; i++)
    {
      g_autoptr(GlbAction) action = glb_action_new_from_node (self->context.keys, g_ptr_array_index (self->actions, i), error);

      if (action == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_actions (GlbMcpPlan  *self,
              JsonObject  *arguments,
              GError     **error)
{
  JsonNode *first;

  for (guint i = 0; i < self->call->actions->len; i++)
    g_ptr_array_add (self->actions, glb_action_to_node (get_action (self, i), FALSE));
  first = g_ptr_array_index (self->actions, 0);
  copy_member (arguments, "frameId", first);
  copy_member (arguments, "expect", first);
  decide_picture (self, arguments);
  add_end (self, arguments);
  return check_actions (self, error);
}

/* ---- the picture ------------------------------------------------------------------------- */

static void
init_screen (const GlbMcpPlan *self,
             GlbModelScreen   *screen)
{
  const GlbDialectContext *context = &self->context;
  gboolean own = context->model_width == 0 || self->call->dialect == GLB_DIALECT_GEMINI;

  *screen = (GlbModelScreen) {
    .width = context->width, .height = context->height,
    .model_width = own ? context->width : context->model_width, .model_height = own ? context->height : context->model_height,
  };
}

static const GlbAction *
get_zoom (const GlbMcpPlan *self)
{
  const GlbAction *last = get_action (self, self->call->actions->len - 1);

  return last->kind == GLB_ACTION_ZOOM ? last : NULL;
}

static gboolean
check_wish (const GlbMcpPlan  *self,
            GError           **error)
{
  const int *region = self->wish.region;
  GlbModelScreen screen;

  init_screen (self, &screen);
  if (get_zoom (self) != NULL && (self->wish.has_region || self->wish.of == GLB_MCP_PICTURE_CHANGED))
    return malformed (error, "zoom: it says itself what is shown: leave \"region\" and \"changed\" out of \"image\"");
  if (!self->wish.has_region)
    return TRUE;
  if (self->wish.of == GLB_MCP_PICTURE_CHANGED)
    return malformed (error, "image: it is of a \"region\", or of what \"changed\": leave one out");
  if (region[0] >= 0 && region[1] >= 0 && region[0] < region[2] && region[1] < region[3] && region[2] <= screen.model_width &&
      region[3] <= screen.model_height)
    return TRUE;
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE, "image: region has to be x1, y1, x2, y2 inside %d x %d pixels",
               screen.model_width, screen.model_height);
  return FALSE;
}

/* What the picture shows of the screen: x1, y1, x2, y2 of its pixels. */
static gboolean
find_shown (const GlbMcpPlan     *self,
            const GlbModelScreen *screen,
            const int            *changed,
            int                   shown[4])
{
  const GlbAction *zoom = get_zoom (self);
  const int whole[4] = { 0, 0, screen->width, screen->height };
  const int *from = zoom != NULL ? zoom->region : self->wish.has_region ? self->wish.region : whole;

  for (guint i = 0; i < 4; i++)
    shown[i] = from[i];
  if (zoom == NULL && self->wish.has_region)
    glb_model_screen_region_to_screen (screen, shown);
  if (self->wish.of != GLB_MCP_PICTURE_CHANGED)
    return TRUE;
  if (changed == NULL)
    return FALSE;

  shown[0] = CLAMP (changed[0], 0, screen->width);
  shown[1] = CLAMP (changed[1], 0, screen->height);
  shown[2] = CLAMP (changed[0] + changed[2], 0, screen->width);
  shown[3] = CLAMP (changed[1] + changed[3], 0, screen->height);
  return shown[0] < shown[2] && shown[1] < shown[3];
}

/* A picture is as large as the model believes the screen to be; of what it zooms into it wants to see all. */
static void
find_size (const GlbMcpPlan     *self,
           const GlbModelScreen *screen,
           const int             shown[4],
           int                   size[2])
{
  gboolean zooms = get_zoom (self) != NULL;
  double width = (shown[2] - shown[0]) * self->wish.scale * (zooms ? 1.0 : (double) screen->model_width / screen->width);
  double height = (shown[3] - shown[1]) * self->wish.scale * (zooms ? 1.0 : (double) screen->model_height / screen->height);
  double less = self->wish.max_width > 0 && width > self->wish.max_width ? self->wish.max_width / width : 1;

  size[0] = MAX (1, (int) (width * less + 0.5));
  size[1] = MAX (1, (int) (height * less + 0.5));
}

gboolean
glb_mcp_plan_place_picture (const GlbMcpPlan *self,
                            const int        *changed,
                            int               area[4],
                            int               size[2],
                            int               region[4])
{
  GlbModelScreen screen;
  gboolean zooms = get_zoom (self) != NULL;

  init_screen (self, &screen);
  if (!self->wants_picture || !find_shown (self, &screen, changed, region))
    return FALSE;

  find_size (self, &screen, region, size);
  area[0] = zooms ? 0 : region[0];
  area[1] = zooms ? 0 : region[1];
  area[2] = region[2] - region[0];
  area[3] = region[3] - region[1];
  glb_model_screen_region_to_model (&screen, region);
  return TRUE;
}

/* ---- the plan ------------------------------------------------------------------------------ */

GlbMcpPlan *
glb_mcp_plan_new (const GlbDialectContext  *context,
                  JsonObject               *arguments,
                  GError                  **error)
{
  g_autoptr(GlbMcpPlan) self = g_new0 (GlbMcpPlan, 1);

  self->context = *context;
  self->actions = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  read_context (self, arguments);
  glb_mcp_picture_wish_init (&self->wish, json_object_get_member (arguments, "image"));
  self->call = read_call (self, arguments, error);
  if (self->call == NULL || !check_wish (self, error) || !make_actions (self, arguments, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
glb_mcp_plan_free (GlbMcpPlan *self)
{
  g_clear_pointer (&self->call, glb_dialect_call_free);
  g_ptr_array_unref (self->actions);
  g_free (self);
}
