/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "policies/glb-policy.h"
#include "session-broker/broker/glb-host.h"
#include "session-broker/broker/glb-prompts.h"
#include "session-broker/broker/glb-source-file.h"
#include "session-broker/media/glb-media.h"

G_BEGIN_DECLS

/* What the gate needs of its session. Records come before the effect; one that fails stops it. */
typedef struct
{
  GlbHost *host;
  GlbSession *session;
  GlbPrompts *prompts;
  const GlbPolicy *policy;
  const char *id;              /* of the session */
  int listen_fd;               /* of the socket that the agent's sandbox sees as pipewire-0; not taken */
  const char *socket_path;     /* copied */
  const char *workspace;       /* (nullable): the session's request's, which outlives this */
  gboolean (*audit)   (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error);
  /* The person hears of each denial. */
  void     (*refused) (gpointer user_data, const char *device, const char *code, const char *message);
  /* What glb_device_gate_describe() says is another now. */
  void     (*changed) (gpointer user_data);
  /* After glb_device_gate_close(), if there was something left of it then: now there is not. */
  void     (*gone)    (gpointer user_data);
  gpointer user_data;
} GlbDeviceContext;

/**
 * GlbDeviceGate:
 *
 * The leases of camera, microphone and speaker of one session, and who listens to it:
 * policy, question to the person (with a still picture of the camera), record, and then the
 * stream; and the end of it by hand, by time, with its grant or its session.
 * What was shown is what is given: a grant is bound to the device's name.
 *
 * A microphone is never given with a speaker, nor the other way round.
 */
#define GLB_TYPE_DEVICE_GATE (glb_device_gate_get_type ())
G_DECLARE_FINAL_TYPE (GlbDeviceGate, glb_device_gate, GLB, DEVICE_GATE, GObject)

GlbDeviceGate *glb_device_gate_new     (const GlbDeviceContext *context);
/* Ends all leases, each with a record that says why (static). context.gone() follows, unless it is gone already. */
void           glb_device_gate_close   (GlbDeviceGate *self, const char *why);
gboolean       glb_device_gate_is_gone (GlbDeviceGate *self);

/* Before the session's first program: the files that the policy names are copied and looked at. An error says what is wrong with
 * one; there must be no session then. */
void           glb_device_gate_prepare_async (GlbDeviceGate *self, GAsyncReadyCallback callback, gpointer user_data);

/* What the person gives in place of what the policy says. */
typedef struct
{
  GlbMediaSource source;
  GlbSourceFile *file;         /* (nullable): with GLB_MEDIA_SOURCE_FILE */
} GlbDeviceChoice;

/* choice: (nullable): what the policy says. Result: the device is in the session. GLB_BROKER_ERROR_POLICY: refused, and announced. */
void           glb_device_gate_on_async   (GlbDeviceGate *self, GlbDriver actor, GlbMediaDevice device, const GlbDeviceChoice *choice,
                                           GAsyncReadyCallback callback, gpointer user_data);
/* What the session plays, into fd: a pipe's end for writing, taken. It is on until off, or until nobody reads the pipe. */
void           glb_device_gate_listen_async (GlbDeviceGate *self, int fd, GAsyncReadyCallback callback, gpointer user_data);
/* Result: it is not there any more, for certain. No error where it was not there. */
void           glb_device_gate_off_async  (GlbDeviceGate *self, GlbMediaDevice device, GAsyncReadyCallback callback, gpointer user_data);
/* Who asked for it does not want it any more: a question that is open is withdrawn. What is given stays. */
void           glb_device_gate_withdraw   (GlbDeviceGate *self, GlbMediaDevice device);
gboolean       glb_device_gate_is_on      (GlbDeviceGate *self, GlbMediaDevice device);
/* All of them, and what is being asked for; with a record that says why (static). */
void           glb_device_gate_end_all    (GlbDeviceGate *self, const char *why);
/* Black pictures, or silence. */
void           glb_device_gate_mute_async (GlbDeviceGate *self, GlbMediaDevice device, gboolean muted,
                                           GAsyncReadyCallback callback, gpointer user_data);
/* Of those above that have a callback. */
gboolean       glb_device_gate_finish     (GlbDeviceGate *self, GAsyncResult *result, GError **error);

/* (nullable): of a result of glb_device_gate_on_async() that is GLB_BROKER_ERROR_POLICY: the code, static */
const char    *glb_device_gate_get_refusal (GlbDeviceGate *self, GAsyncResult *result);

/* (floating) aa{sv}: device s, verdict s, granted b, in-use b, muted b, target s, source s */
GVariant      *glb_device_gate_describe   (GlbDeviceGate *self);

/* (floating) a{sv}: output s ("sound"), verdict s, on b, in-use b, target s (empty). self: (nullable): there is no gate */
GVariant      *glb_device_gate_describe_sound (GlbDeviceGate *self);

const char    *glb_media_device_to_string   (GlbMediaDevice device);
gboolean       glb_media_device_from_string (const char *string, GlbMediaDevice *device);

G_END_DECLS
