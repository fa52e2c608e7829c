/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-input-rules.h"
#include "input-filter/glb-lease.h"
#include "policies/glb-policy.h"
#include "session-broker/broker/glb-accessibility.h"
#include "session-broker/broker/glb-clipboard-gate.h"
#include "session-broker/broker/glb-device-gate.h"
#include "session-broker/broker/glb-screenshot.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One action that was done or refused, as it was asked: typed text is in it. */
typedef struct
{
  GlbDriver actor;
  JsonNode *action, *result;
  const GlbShimWindow *window;   /* (nullable): what it acted on, as it was before */
  JsonNode *element;             /* (nullable): likewise */
  gint64 began_us;               /* CLOCK_REALTIME */
  guint64 frame_before;
} GlbActionRecord;

/* What the runner needs of its session. */
typedef struct
{
  GlbCompositor  *compositor;
  GlbScreenshot  *screenshot;
  GlbFrameHub    *hub;
  GlbAccessibility *accessibility;
  GlbClipboardGate *clipboard;
  GlbDeviceGate  *devices;     /* (nullable): the policy has none */
  const GlbLease *lease;
  const GlbInputRules *rules;
  /* Writes the record, or fails: then nothing may happen. fields: (transfer none) */
  gboolean      (*audit)     (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error);
  gboolean      (*is_paused) (gpointer user_data);
  /* What a person's drive changed: (transfer none) (nullable). heard: the agent is told now, and need not be told again;
   * NULL where it was told. */
  JsonNode     *(*meanwhile) (gpointer user_data, gboolean heard);
  /* For the live view. */
  void          (*done)      (gpointer user_data, GlbDriver actor, JsonNode *action, JsonNode *result);
  /* For a trace, if there is one. */
  gboolean      (*is_traced) (gpointer user_data);
  void          (*trace)     (gpointer user_data, const GlbActionRecord *record);
  gpointer        user_data;
} GlbActionContextual;

/* What came of an action. */
typedef struct
{
  JsonNode *result;
  GlbImage *image;       /* (nullable) */
  GBytes   *copied;      /* (nullable): what clipboard_read read; for who is inside, and not in result, which is on record */
  gboolean  malformed;   /* it was no action at all */
} GlbActionReply;

void glb_action_reply_free (GlbActionReply *self);

/**
 * GlbActionRunner:
 *
 * Carries out the actions of one session, one after the other: check, record,
 * then the effect step by step, then the typed result. The lease's epoch is
 * checked before each step, so that a takeover kills an action in flight.
 */
#define GLB_TYPE_ACTION_RUNNER (glb_action_runner_get_type ())
G_DECLARE_FINAL_TYPE (GlbActionRunner, glb_action_runner, GLB, ACTION_RUNNER, GObject)

GlbActionRunner *glb_action_runner_new        (const GlbActionContextual *context);
/* untrusted_json: any bytes. Always answers; refusals are results, not errors. */
void             glb_action_runner_run_async  (GlbActionRunner *self, GlbDriver actor, guint64 holder, const char *untrusted_json,
                                               gsize length, GAsyncReadyCallback callback, gpointer user_data);
/* The same of the agent inside, who may use the session's own clipboard. */
void             glb_action_runner_run_inside_async (GlbActionRunner *self, const char *untrusted_json, gsize length,
                                                     GAsyncReadyCallback callback, gpointer user_data);
GlbActionReply  *glb_action_runner_run_finish (GlbActionRunner *self, GAsyncResult *result, GError **error);
/* The lease changed or the session paused: what waits between two steps looks again now. */
void             glb_action_runner_interrupt  (GlbActionRunner *self);
/* The lease changed, and the compositor was told to release all that is pressed. */
void             glb_action_runner_seat_released (GlbActionRunner *self);
/* The session ends: nothing more is done. */
void             glb_action_runner_close      (GlbActionRunner *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbActionReply, glb_action_reply_free)

G_END_DECLS
