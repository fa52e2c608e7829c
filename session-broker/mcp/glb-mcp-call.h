/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/mcp/glb-mcp-picture.h"
#include "session-broker/mcp/glb-mcp-router.h"
#include "session-broker/mcp/glb-mcp-sessions.h"

G_BEGIN_DECLS

/**
 * GlbMcpCall:
 *
 * A call of a tool in flight. It is answered once, by one of the functions here; who lets the last reference go without one
 * answers with an internal error, so that no client waits for ever. A call that was cancelled is not answered.
 */
typedef struct _GlbMcpCall GlbMcpCall;

typedef struct
{
  /* line: (nullable) (transfer full): the answer, NULL of a call that was cancelled */
  void (*done)     (GlbMcpCall *self, char *line, gpointer user_data);
  /* line: (transfer full): how far it is; only where the client wants to hear of that */
  void (*progress) (GlbMcpCall *self, char *line, gpointer user_data);
} GlbMcpCallEvents;

/* Takes what route has. events: static. sessions: has to outlive it */
GlbMcpCall     *glb_mcp_call_new   (GlbMcpRoute *route, GlbMcpSessions *sessions, const GlbMcpCallEvents *events,
                                    gpointer user_data);
GlbMcpCall     *glb_mcp_call_ref   (GlbMcpCall *self);
void            glb_mcp_call_unref (GlbMcpCall *self);

const char     *glb_mcp_call_get_key       (GlbMcpCall *self);
const char     *glb_mcp_call_get_tool      (GlbMcpCall *self);
GlbMcpSessions *glb_mcp_call_get_sessions  (GlbMcpCall *self);
/* Is cancelled with the call. */
GCancellable   *glb_mcp_call_get_cancellable (GlbMcpCall *self);
void            glb_mcp_call_cancel        (GlbMcpCall *self);
/* What it does now, for who hears of its progress. doing: (static) */
void            glb_mcp_call_set_doing     (GlbMcpCall *self, const char *doing);
gboolean        glb_mcp_call_is_cancelled  (GlbMcpCall *self);

/* Arguments, which fit the schema. */
JsonObject *glb_mcp_call_get_arguments (GlbMcpCall *self);
const char *glb_mcp_call_get_string    (GlbMcpCall *self, const char *name);                     /* (nullable) */
gint64      glb_mcp_call_get_int       (GlbMcpCall *self, const char *name, gint64 if_missing);
GStrv       glb_mcp_call_dup_strings   (GlbMcpCall *self, const char *name);                     /* (nullable) (transfer full) */
/* The session of the argument "session", which runs unless may_have_ended. NULL: answered. */
GlbMcpSession *glb_mcp_call_find_session (GlbMcpCall *self, gboolean may_have_ended);

/* Answers. Takes structured. picture: (nullable) */
void glb_mcp_call_return       (GlbMcpCall *self, JsonObject *structured, const GlbMcpPicture *picture, gboolean is_error);
void glb_mcp_call_refuse       (GlbMcpCall *self, const char *code, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Takes error. */
void glb_mcp_call_refuse_error (GlbMcpCall *self, GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpCall, glb_mcp_call_unref)

G_END_DECLS
