/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a caller on the system bus may be allowed. Each is an action of data/org.glovebox.policy. */
typedef enum
{
  GLB_APPROVAL_VIEW,         /* sees sessions, prompts and grants, and what prompts would deliver */
  GLB_APPROVAL_ANSWER,       /* answers a prompt */
  GLB_APPROVAL_REVOKE,       /* ends a grant */
} GlbApprovalKind;

/* Who calls, as the bus knows it; and what polkit allowed. */
typedef struct
{
  GlbApprovalKind kind;
  guint uid;
  guint pid;                 /* 0: the bus does not know */
} GlbApproval;

const char        *glb_approval_kind_to_action (GlbApprovalKind kind);

/* The call may do that one kind of thing. Only GlbSystemBus does this, after polkit's yes. */
void               glb_approval_attach   (GDBusMethodInvocation *invocation, const GlbApproval *approval);
/* (nullable): no call of the system bus */
const GlbApproval *glb_approval_of       (GDBusMethodInvocation *invocation);
/* For a record: which user id did it, and by which action. approval: (nullable): nothing. */
void               glb_approval_describe (const GlbApproval *approval, JsonObject *fields);

G_END_DECLS
