/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent proposes another policy. The document is made here, once: what the
 * broker shows to the person, what the yes is bound to, and what sessions that
 * start afterwards get are the same, and its hash says so. Sessions that run
 * keep theirs.
 */

#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-tool.h"

#include "policies/glb-policy-patch.h"

/* As long as a person may think. */
#define ANSWER_DEADLINE_MS ((3600 + 30) * 1000)

typedef struct
{
  GlbMcpCall *call;
  GlbPolicy *policy;           /* the proposed one */
} Request;

static void
request_free (Request *self)
{
  glb_mcp_call_unref (self->call);
  glb_policy_unref (self->policy);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static void
return_policy (Request *self)
{
  JsonObject *answer = json_object_new ();

  glb_mcp_sessions_set_policy (glb_mcp_call_get_sessions (self->call), self->policy);
  json_object_set_string_member (answer, "verdict", "allowed");
  json_object_set_string_member (answer, "hash", glb_policy_get_hash (self->policy));
  glb_mcp_call_return (self->call, answer, NULL, FALSE);
}

static void
requested_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(Request) self = user_data;
  GError *error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  const char *hash = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(&s)", &hash);
  if (reply == NULL)
    glb_mcp_call_refuse_error (self->call, error);
  else if (!g_str_equal (hash, glb_policy_get_hash (self->policy)))
    glb_mcp_call_refuse (self->call, "failed", "the broker's answer is to another policy; run the same version of both");
  else if (glb_mcp_call_is_cancelled (self->call))
    /* who asked does not want it any more, and would not hear of it */
    glb_mcp_call_return (self->call, json_object_new (), NULL, FALSE);
  else
    return_policy (self);
}

void
glb_mcp_tool_policy_request (GlbMcpCall *call)
{
  GlbMcpSession *session = glb_mcp_call_find_session (call, FALSE);
  GlbPolicy *policy, *now = glb_mcp_sessions_get_policy (glb_mcp_call_get_sessions (call));
  Request *request;
  GError *error = NULL;

  if (session == NULL)
    return;

  policy = glb_policy_new_from_patch (now, json_object_get_object_member (glb_mcp_call_get_arguments (call), "patch"), &error);
  if (policy == NULL)
    {
      glb_mcp_call_refuse (call, "invalid_arguments", "%s", error->message);
      g_error_free (error);
      return;
    }

  request = g_new (Request, 1);
  request->call = glb_mcp_call_ref (call);
  request->policy = policy;
  glb_mcp_call_set_doing (call, "waiting for the person's answer");
  g_dbus_proxy_call (G_DBUS_PROXY (glb_mcp_session_get_proxy (session)), "RequestPolicy",
                     g_variant_new ("(ss)", glb_policy_get_canonical (policy), glb_mcp_call_get_string (call, "reason")),
                     G_DBUS_CALL_FLAGS_NONE, ANSWER_DEADLINE_MS, glb_mcp_call_get_cancellable (call), requested_cb, request);
}
