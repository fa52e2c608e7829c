/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/* What the person who started the server decided. No call changes any of it; another policy for sessions to come takes the person's
 * yes to that very one, see glb_mcp_sessions_set_policy(). */
typedef struct
{
  GlbPolicy *policy;
  char *document;        /* the policy's text, as it was read at the start; (nullable): then template */
  char *document_name;   /* for messages */
  char *template;        /* (nullable) */
  int workspace;         /* the folder, O_PATH; -1: the policy names none */
  gboolean keep;         /* sessions outlive the server */
} GlbMcpConfig;

/* policy_file, template: one of them, or none: the template "default". workspace: (nullable): the current folder, if the policy
 * names one. NULL with error. (transfer full) */
GlbMcpConfig *glb_mcp_config_new  (const char *policy_file, const char *template, const char *workspace, gboolean keep,
                                   GError **error);
void          glb_mcp_config_free (GlbMcpConfig *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpConfig, glb_mcp_config_free)

G_END_DECLS
