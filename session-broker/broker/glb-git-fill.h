/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/keys/glb-git-message.h"

G_BEGIN_DECLS

/* For the person's helpers, who may have to ask for a password of their own. */
#define GLB_GIT_DEADLINE_S 30

/* Asks the person's own Git (git credential fill) for credentials, as the person, outside of all sessions and repositories,
 * without a terminal to ask on. request: copied. What takes too long, or is not wanted any more, is killed with all that it
 * started. */
void          glb_git_fill_async  (const GlbGitRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
GlbGitAnswer *glb_git_fill_finish (GAsyncResult *result, GError **error);

G_END_DECLS
