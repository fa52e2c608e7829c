/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A model's call, carried out: its actions one after the other, until one is
 * not delivered; then what a drag left pressed is let go. The picture at the
 * end is the broker's, or what a thread makes of it.
 */

#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include "input-filter/glb-action-result.h"
#include "policies/glb-json-writer.h"
#include "session-broker/mcp/glb-mcp-act.h"
#include "session-broker/mcp/glb-mcp-plan.h"

/* The longest wait or hold of an action, and its settling. */
#define ACT_DEADLINE_MS    (180 * 1000)
/* As long as a person may think. */
#define ANSWER_DEADLINE_MS ((3600 + 30) * 1000)

typedef struct
{
  GlbMcpCall *call;
  GlbMcpSession *session;
  GlbMcpPlan *plan;
  guint n_done;                /* actions that were delivered */
  gboolean has_changed;
  int changed[4];              /* by all of them: x, y, width, height on the screen */
  JsonObject *result;          /* (nullable): of the last one */
  GBytes *png;                 /* (nullable) */
  int area[4], size[2], region[4];   /* of the picture, see glb_mcp_plan_place_picture() */
} Act;

static void
act_free (Act *act)
{
  g_clear_pointer (&act->result, json_object_unref);
  g_clear_pointer (&act->png, g_bytes_unref);
  glb_mcp_plan_free (act->plan);
  glb_mcp_call_unref (act->call);
  g_object_unref (act->session);
  g_free (act);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Act, act_free)

/* ---- answers -------------------------------------------------------------------------- */

static void
set_changed (Act *act)
{
  static const char * const names[] = { "x", "y", "width", "height" };
  JsonObject *changed = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    json_object_set_int_member (changed, names[i], act->changed[i]);
  json_object_set_object_member (act->result, "changed", changed);
}

/* The result as the model's dialect has its coordinates, and what it needs to answer its provider. */
static void
describe_call (Act *act)
{
  const GlbDialectCall *call = act->plan->call;
  g_autoptr(JsonNode) node = NULL;

  if (act->has_changed && json_object_has_member (act->result, "changed"))
    set_changed (act);
  node = json_node_init_object (json_node_alloc (), act->result);
  glb_dialect_scale_result (&act->plan->context, call->dialect, node);
  json_object_set_string_member (act->result, "dialect", glb_dialect_to_string (call->dialect));
  if (call->id != NULL)
    json_object_set_string_member (act->result, "callId", call->id);
  if (act->plan->actions->len > 1)
    json_object_set_int_member (act->result, "done", act->n_done);
}

static void
describe_picture (Act                 *act,
                  const GlbMcpPicture *picture)
{
  JsonObject *image = json_object_new ();
  JsonArray *region = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (act->region); i++)
    json_array_add_int_element (region, act->region[i]);
  json_object_set_int_member (image, "width", picture->width);
  json_object_set_int_member (image, "height", picture->height);
  json_object_set_array_member (image, "region", region);
  json_object_set_double_member (image, "scale", (double) picture->width / (act->region[2] - act->region[0]));
  json_object_set_string_member (image, "mimeType", glb_mcp_picture_get_mime_type (picture->format));
  json_object_set_object_member (act->result, "image", image);
}

/* picture: (nullable) */
static void
return_result (Act                 *act,
               const GlbMcpPicture *picture)
{
  const char *status = json_object_get_string_member_with_default (act->result, "status", "");

  describe_call (act);
  if (picture != NULL)
    describe_picture (act, picture);
  glb_mcp_call_return (act->call, g_steal_pointer (&act->result), picture, !g_str_equal (status, "delivered"));
}

/* ---- the picture ------------------------------------------------------------------------ */

static void
picture_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  const Act *act = task_data;
  const GlbMcpPictureWish *wish = &act->plan->wish;
  GError *error = NULL;
  GlbMcpPicture *picture = glb_mcp_picture_new (act->png, act->area, act->size[0], act->size[1], wish->format, wish->quality, &error);

  if (picture != NULL)
    g_task_return_pointer (task, picture, (GDestroyNotify) glb_mcp_picture_free);
  else
    g_task_return_error (task, error);
}

static void
picture_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(Act) act = user_data;
  g_autoptr(GlbMcpPicture) picture = NULL;
  GError *error = NULL;

  picture = g_task_propagate_pointer (G_TASK (result), &error);
  if (picture != NULL)
    return_result (act, picture);
  else
    glb_mcp_call_refuse_error (act->call, error);
}

/* What was asked for is what the broker gave. */
static gboolean
is_ready (Act                 *act,
          const GlbMcpPicture *picture)
{
  return act->plan->wish.format == GLB_MCP_PICTURE_PNG && act->area[0] == 0 && act->area[1] == 0 &&
         act->area[2] == picture->width && act->area[3] == picture->height && act->size[0] >= picture->width &&
         act->size[1] >= picture->height;
}

static void
finish (Act *taken)
{
  g_autoptr(Act) act = taken;
  g_autoptr(GlbMcpPicture) picture = NULL;
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;

  if (act->png == NULL ||
      !glb_mcp_plan_place_picture (act->plan, act->has_changed ? act->changed : NULL, act->area, act->size, act->region))
    {
      return_result (act, NULL);
      return;
    }

  picture = glb_mcp_picture_new_from_png (act->png, &error);
  if (picture == NULL)
    glb_mcp_call_refuse_error (act->call, error);
  else if (is_ready (act, picture))
    return_result (act, picture);
  else
    {
      task = g_task_new (NULL, NULL, picture_cb, act);
      g_task_set_source_tag (task, finish);
      g_task_set_task_data (task, g_steal_pointer (&act), NULL);
      g_task_run_in_thread (task, picture_thread);
    }
}

/* ---- the actions ------------------------------------------------------------------------ */

static void
release_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GlbMcpSession) session = user_data;
  g_autoptr(GBytes) png = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonObject) answer = glb_mcp_act_finish (session, result, &png, &error);

  if (answer == NULL)
    g_info ("a mouse button may still be down: %s", error->message);
}

/* The call ended early: what it pressed must not stay down. */
static void
release (Act *act)
{
  g_autoptr(GlbAction) action = glb_dialect_call_make_release (act->plan->call, act->n_done);
  g_autoptr(JsonNode) node = action != NULL ? glb_action_to_node (action, FALSE) : NULL;

  if (node != NULL)
    glb_mcp_act_async (act->session, json_node_get_object (node), ACT_DEADLINE_MS, NULL, release_cb, g_object_ref (act->session));
}

static void
merge_changed (Act        *act,
               JsonObject *result)
{
  JsonNode *node = json_object_get_member (result, "changed");
  JsonObject *changed = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  int x, y, width, height, right, bottom;

  if (changed == NULL)
    return;

  x = (int) json_object_get_int_member_with_default (changed, "x", 0);
  y = (int) json_object_get_int_member_with_default (changed, "y", 0);
  width = (int) json_object_get_int_member_with_default (changed, "width", 0);
  height = (int) json_object_get_int_member_with_default (changed, "height", 0);
  right = MAX (x + width, act->has_changed ? act->changed[0] + act->changed[2] : 0);
  bottom = MAX (y + height, act->has_changed ? act->changed[1] + act->changed[3] : 0);
  act->changed[0] = act->has_changed ? MIN (x, act->changed[0]) : x;
  act->changed[1] = act->has_changed ? MIN (y, act->changed[1]) : y;
  act->changed[2] = right - act->changed[0];
  act->changed[3] = bottom - act->changed[1];
  act->has_changed = TRUE;
}

static void act_on_next (Act *act);

static void
act_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(Act) act = user_data;
  GError *error = NULL;

  g_clear_pointer (&act->png, g_bytes_unref);
  g_clear_pointer (&act->result, json_object_unref);
  act->result = glb_mcp_act_finish (act->session, result, &act->png, &error);
  if (act->result == NULL)
    {
      release (act);
      glb_mcp_call_refuse_error (act->call, error);
      return;
    }
  if (!g_str_equal (json_object_get_string_member_with_default (act->result, "status", ""), "delivered"))
    {
      release (act);
      return_result (act, NULL);
      return;
    }

  act->n_done++;
  merge_changed (act, act->result);
  if (act->n_done < act->plan->actions->len)
    act_on_next (g_steal_pointer (&act));
  else
    finish (g_steal_pointer (&act));
}

/* Takes act. */
static void
act_on_next (Act *act)
{
  JsonNode *action = g_ptr_array_index (act->plan->actions, act->n_done);

  glb_mcp_act_async (act->session, json_node_get_object (action), act->plan->asks_person ? ANSWER_DEADLINE_MS : ACT_DEADLINE_MS,
                     glb_mcp_call_get_cancellable (act->call), act_cb, act);
}

/* Takes node: a result that refuses. */
static void
refuse (GlbMcpCall *call,
        JsonNode   *node)
{
  g_autoptr(JsonNode) owned = node;

  glb_mcp_call_return (call, json_node_dup_object (node), NULL, TRUE);
}

static void
refuse_error (GlbMcpCall *call,
              GError     *error)
{
  g_autoptr(GError) owned = error;

  refuse (call, glb_action_result_new_from_error (error));
}

/* ---- a provider's confirmation ------------------------------------------------------------- */

/* The actions in lines, as a person can read them. (transfer full) */
static char *
describe_actions (const GlbMcpPlan *plan)
{
  g_autoptr(GString) lines = g_string_new (NULL);

  for (guint i = 0; i < plan->call->actions->len; i++)
    {
      g_autoptr(JsonNode) node = glb_action_to_node (g_ptr_array_index (plan->call->actions, i), FALSE);
      g_autofree char *text = glb_json_write (node);

      g_string_append_printf (lines, "%s%s", i > 0 ? "\n" : "", text);
    }
  return g_string_free (g_steal_pointer (&lines), FALSE);
}

static void
confirmed_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(Act) act = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);

  if (reply != NULL)
    {
      glb_mcp_call_set_doing (act->call, "under way");
      act_on_next (g_steal_pointer (&act));
      return;
    }
  g_dbus_error_strip_remote_error (error);
  refuse (act->call, glb_action_result_new_refused (GLB_REFUSED_UNCONFIRMED, error->message));
}

/* Takes act. The person at the seat, and nobody who could say so by MCP. */
static void
ask_to_confirm (Act *act)
{
  g_autofree char *what = describe_actions (act->plan);

  glb_mcp_call_set_doing (act->call, "waiting for the person's answer");
  g_dbus_proxy_call (G_DBUS_PROXY (glb_mcp_session_get_proxy (act->session)), "Confirm",
                     g_variant_new ("(ss)", act->plan->call->confirm, what), G_DBUS_CALL_FLAGS_NONE, ANSWER_DEADLINE_MS,
                     glb_mcp_call_get_cancellable (act->call), confirmed_cb, act);
}

/* Takes plan. */
static void
start (GlbMcpCall    *call,
       GlbMcpSession *session,
       GlbMcpPlan    *plan)
{
  Act *act = g_new0 (Act, 1);

  act->call = glb_mcp_call_ref (call);
  act->session = g_object_ref (session);
  act->plan = plan;
  if (plan->asks_person)
    glb_mcp_call_set_doing (call, "waiting for the person's answer");
  if (plan->call->confirm != NULL)
    ask_to_confirm (act);
  else
    act_on_next (act);
}

void
glb_mcp_computer_run (GlbMcpCall *call,
                      JsonObject *arguments)
{
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);
  GlbMcpPlan *plan;
  GlbDialectContext context;
  GError *error = NULL;

  if (session == NULL)
    return;
  if (!glb_mcp_session_get_dialect (session, &context, &error))
    {
      glb_mcp_call_refuse_error (call, error);
      return;
    }

  plan = glb_mcp_plan_new (&context, arguments, &error);
  if (plan != NULL)
    start (call, session, plan);
  else
    refuse_error (call, error);
}

void
glb_mcp_tool_computer (GlbMcpCall *call)
{
  glb_mcp_computer_run (call, glb_mcp_call_get_arguments (call));
}
