/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-approval.h"

#define KEY "glb-approval"

const char *
glb_approval_kind_to_action (GlbApprovalKind kind)
{
  switch (kind)
    {
    case GLB_APPROVAL_VIEW:   return "org.glovebox.broker.view";
    case GLB_APPROVAL_ANSWER: return "org.glovebox.broker.answer-prompt";
    case GLB_APPROVAL_REVOKE: return "org.glovebox.broker.revoke-grant";
    }
  g_return_val_if_reached (NULL);
}

void
glb_approval_attach (GDBusMethodInvocation *invocation, const GlbApproval *approval)
{
  g_object_set_data_full (G_OBJECT (invocation), KEY, g_memdup2 (approval, sizeof *approval), g_free);
}

const GlbApproval *
glb_approval_of (GDBusMethodInvocation *invocation)
{
  return g_object_get_data (G_OBJECT (invocation), KEY);
}

void
glb_approval_describe (const GlbApproval *approval, JsonObject *fields)
{
  if (approval == NULL)
    return;

  json_object_set_int_member (fields, "uid", approval->uid);
  json_object_set_int_member (fields, "pid", approval->pid);
  json_object_set_string_member (fields, "polkitAction", glb_approval_kind_to_action (approval->kind));
}
