/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "policies/glb-policy.h"
#include "session-broker/broker/glb-frame-hub.h"
#include "session-broker/broker/glb-host.h"
#include "session-broker/media/glb-publisher.h"

G_BEGIN_DECLS

/* What the gate needs of its session. Records come before the effect; one that fails stops it. */
typedef struct
{
  GlbHost *host;
  GlbFrameHub *hub;
  const GlbPolicy *policy;
  const char *id, *name;       /* of the session; copied */
  gboolean (*audit)   (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error);
  /* What glb_screen_gate_describe() says is another now. */
  void     (*changed) (gpointer user_data);
  /* After glb_screen_gate_close(), if there was something left of it then: now there is not. */
  void     (*gone)    (gpointer user_data);
  gpointer user_data;
} GlbScreenContext;

/**
 * GlbScreenGate:
 *
 * Whether one session's screen is a node of the person's PipeWire: policy,
 * record, and then a publisher; its end by hand, by itself, or with the session.
 * Only the person can ask for it.
 */
#define GLB_TYPE_SCREEN_GATE (glb_screen_gate_get_type ())
G_DECLARE_FINAL_TYPE (GlbScreenGate, glb_screen_gate, GLB, SCREEN_GATE, GObject)

GlbScreenGate *glb_screen_gate_new       (const GlbScreenContext *context);
/* Result: the node is there. GLB_BROKER_ERROR_POLICY: refused. */
void           glb_screen_gate_on_async  (GlbScreenGate *self, GAsyncReadyCallback callback, gpointer user_data);
/* Result: it is not there any more. No error where it was not. */
void           glb_screen_gate_off_async (GlbScreenGate *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean       glb_screen_gate_finish    (GlbScreenGate *self, GAsyncResult *result, GError **error);
/* why: static; for the record */
void           glb_screen_gate_close     (GlbScreenGate *self, const char *why);
gboolean       glb_screen_gate_is_gone   (GlbScreenGate *self);

/* (floating) a{sv}: output s ("screen"), verdict s, on b, in-use b, target s (node.name, while on) */
GVariant      *glb_screen_gate_describe  (GlbScreenGate *self);

G_END_DECLS
