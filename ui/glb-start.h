/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "policies/glb-policy.h"

G_BEGIN_DECLS

/**
 * GlbStart:
 *
 * What a person chose to start: the same that `glovebox run --detach` takes.
 */
typedef struct
{
  char *policy;        /* name of a template, or of a policy of the person's own */
  gboolean own;
  char *command;       /* as a shell would split it */
  char *workspace;     /* (nullable): absolute */
  char *name;          /* (nullable): of the session */
  GlbTier tier;
} GlbStart;

GlbStart  *glb_start_copy (const GlbStart *self);
void       glb_start_free (GlbStart *self);

/* The policy at the chosen tier, which the session will run under. (transfer full) */
GlbPolicy *glb_start_load_policy (const GlbStart *self, GError **error);
/* The tier that the policy names, whatever is chosen. FALSE: it cannot be loaded. */
gboolean   glb_start_get_own_tier (const GlbStart *self, GlbTier *tier);
/* Whether the policy names a workspace. */
gboolean   glb_start_wants_workspace (const GlbPolicy *policy);

/* Makes the folders of the workspace that the policy lets be written and that are not there, and starts. */
void       glb_start_run_async  (const GlbStart *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* The session's id. (transfer full) */
char      *glb_start_run_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbStart, glb_start_free)

G_END_DECLS
