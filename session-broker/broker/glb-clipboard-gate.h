/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "clipboard-guard/glb-clipboard-content.h"
#include "session-broker/broker/glb-compositor.h"
#include "session-broker/broker/glb-own-clipboard.h"
#include "session-broker/broker/glb-prompts.h"

G_BEGIN_DECLS

/* What the gate needs of its session. Records come before the effect; one that fails stops it. */
typedef struct
{
  GlbHost *host;
  GlbSession *session;         /* not held; each transfer holds it */
  GlbPrompts *prompts;
  GlbCompositor *compositor;
  const GlbPolicy *policy;
  gboolean (*audit)   (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error);
  /* The person hears of each denial. type: what was asked for, visible ASCII. */
  void     (*refused) (gpointer user_data, GlbClipboardDirection direction, const char *type, const char *code, const char *message);
  /* Something that the agent copied out, and was allowed to, waits for the person: glb_clipboard_gate_take(). */
  void     (*offered) (gpointer user_data, const GlbClipboardContent *content);
  gpointer user_data;
} GlbClipboardContext;

/**
 * GlbClipboardGate:
 *
 * The border that a session's selections cross, one transfer at a time and
 * never by themselves: decided (clipboard-guard), cleaned, shown to the person
 * where the policy says so, recorded, delivered once. What is delivered is
 * what was shown: the bytes are taken before the question, and a client that
 * changes its offer meanwhile changes nothing.
 *
 * What came in from the host goes after the policy's time, with its last use,
 * with the revocation of its grant and with whatever a client copies next.
 */
#define GLB_TYPE_CLIPBOARD_GATE (glb_clipboard_gate_get_type ())
G_DECLARE_FINAL_TYPE (GlbClipboardGate, glb_clipboard_gate, GLB, CLIPBOARD_GATE, GObject)

GlbClipboardGate *glb_clipboard_gate_new   (const GlbClipboardContext *context);
/* Nothing crosses any more; what is asked is answered with an error. */
void              glb_clipboard_gate_close (GlbClipboardGate *self);

/* Of all: cancellable: (nullable), of this call alone: who asked went away. Until something is delivered nothing is then. */

/* Host to session. fd: a file or the end of a pipe, taken; it is read when the policy does not deny anyway. uses: how often
 * clients may paste it, 0: without limit until its time is over. */
void     glb_clipboard_gate_put_async  (GlbClipboardGate *self, GlbDriver actor, GlbShimSelectionKind kind, const char *type, int fd,
                                        guint uses, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* Session to host. type: (nullable): the plainest that is offered and may cross. */
void     glb_clipboard_gate_get_async  (GlbClipboardGate *self, GlbDriver actor, GlbShimSelectionKind kind, const char *type,
                                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* What was delivered. (transfer full). GLB_BROKER_ERROR: POLICY refused, STATE over before it was delivered, FAILED; each is
 * on record and announced. */
GlbClipboardContent *glb_clipboard_gate_finish (GlbClipboardGate *self, GAsyncResult *result, GError **error);

/* As get, but on a yes the content waits here for one of the person's clients, for the policy's time. Result: as above; the content
 * is described, not handed over. */
void     glb_clipboard_gate_offer_async (GlbClipboardGate *self, GlbDriver actor, GlbShimSelectionKind kind, const char *type,
                                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* What the session's programs have copied, for themselves: nothing of it crosses. (transfer none) */
GlbOwnClipboard *glb_clipboard_gate_get_own (GlbClipboardGate *self);
/* What lies there came from the person. */
gboolean          glb_clipboard_gate_is_placed (GlbClipboardGate *self, GlbShimSelectionKind kind);
/* (transfer full) (nullable): what waits, once. */
GlbClipboardContent *glb_clipboard_gate_take (GlbClipboardGate *self);

G_END_DECLS
