/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-pool.h"
#include "session-broker/broker/glb-prompts.h"
#include "session-broker/broker/glb-run-request.h"
#include "session-broker/broker/glb-session-state.h"

G_BEGIN_DECLS

/**
 * GlbSession:
 *
 * One agent behind glass: its policy, audit log, account, control group,
 * sandbox, compositor, lease, and its D-Bus object. Every effect is recorded
 * before it happens; there is one way out, glb_session_end().
 *
 * signal ::ended (GlbSession *self)   nothing of it is left
 */
#define GLB_TYPE_SESSION (glb_session_get_type ())
G_DECLARE_FINAL_TYPE (GlbSession, glb_session, GLB, SESSION, GObject)

/* Takes request. client: (nullable): whose end ends the session, unless detached. Opens the audit log. */
GlbSession     *glb_session_new         (GlbHost *host, GlbPool *pool, GlbPrompts *prompts, GlbRunRequest *request,
                                         const char *name, GDBusConnection *client, GError **error);
/* Result: the first command runs. fds: (out caller-allocates) int[3], -1 where detached. */
void            glb_session_start_async  (GlbSession *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean        glb_session_start_finish (GlbSession *self, GAsyncResult *result, guint64 *command, int fds[3], GError **error);
/* The one way out. The first reason stays. detail: (nullable) */
void            glb_session_end          (GlbSession *self, GlbEndReason reason, const char *detail);
/* Everything is to stand still: begins at once, before there is a record. Result: TRUE where this froze it, FALSE without an error
 * where it did not run; one that is about to run freezes when it does. */
void            glb_session_freeze_async  (GlbSession *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean        glb_session_freeze_finish (GlbSession *self, GAsyncResult *result, GError **error);
/* What comes second: the record, and the end of what its devices do. */
void            glb_session_freeze_recorded (GlbSession *self);
/* A client went away. */
void            glb_session_client_gone  (GlbSession *self, GDBusConnection *client);

const char     *glb_session_get_id       (GlbSession *self);
const char     *glb_session_get_name     (GlbSession *self);
const char     *glb_session_get_path     (GlbSession *self);
const char     *glb_session_get_persist  (GlbSession *self);   /* (nullable): home in use */
GlbSessionState glb_session_get_state    (GlbSession *self);
GlbEndReason    glb_session_get_reason   (GlbSession *self);
GDBusInterfaceSkeleton *glb_session_get_skeleton (GlbSession *self);
/* What the person prefers has changed. */
void            glb_session_update_appearance (GlbSession *self);

/* An error of any domain as one of the API's. (transfer full) */
GError         *glb_session_map_error    (const GError *error);

G_END_DECLS
