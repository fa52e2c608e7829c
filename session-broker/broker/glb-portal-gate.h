/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/broker/glb-host.h"
#include "session-broker/broker/glb-prompts.h"
#include "session-broker/portal/glb-portal-request.h"

G_BEGIN_DECLS

/* What the gate needs of its session. Records come before the effect; one that fails stops it. */
typedef struct
{
  const GlbHost *host;
  GlbSession *session;
  GlbPrompts *prompts;
  const GlbPolicy *policy;
  gboolean (*audit)       (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error);
  /* The person's clients hear of it; what they do then is theirs. */
  void     (*uri_allowed) (gpointer user_data, guint number, const char *uri);
  void     (*notified)    (gpointer user_data, const char *name, const char *title, const char *body);
  void     (*withdrawn)   (gpointer user_data, const char *name);
  /* The device gate's work, with its question and its records. Result: the session has it. code: (nullable): static: of a refusal */
  void     (*camera_async)  (gpointer user_data, GAsyncReadyCallback callback, gpointer callback_data);
  gboolean (*camera_finish) (gpointer user_data, GAsyncResult *result, const char **code, GError **error);
  /* It is not wanted any more: a question that is open is withdrawn. */
  void     (*camera_withdraw) (gpointer user_data);
  gpointer user_data;
} GlbPortalContext;

/**
 * GlbPortalGate:
 *
 * The socket on which a session's portal (glovebox-portal, or whoever else in
 * the session connects) asks for what crosses to the host: lines of JSON, see
 * glb-portal-request.h. The other side is hostile and holds no right: each
 * request is decided here, by policy and request alone, asked of the person
 * where the policy says so, recorded, and answered once.
 */
#define GLB_TYPE_PORTAL_GATE (glb_portal_gate_get_type ())
G_DECLARE_FINAL_TYPE (GlbPortalGate, glb_portal_gate, GLB, PORTAL_GATE, GObject)

/* fd: a listening socket; taken. */
GlbPortalGate *glb_portal_gate_new   (int fd, const GlbPortalContext *context, GError **error);
/* Nothing crosses any more. */
void           glb_portal_gate_close (GlbPortalGate *self);
/* An address that the person allowed, to the first who asks. (transfer full) (nullable): there is none of this number any more. */
char          *glb_portal_gate_take_uri (GlbPortalGate *self, guint number);
/* The host's appearance has changed. */
void           glb_portal_gate_update_appearance (GlbPortalGate *self);

G_END_DECLS
