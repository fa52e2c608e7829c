/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-session.h"

G_BEGIN_DECLS

/* A method of a session that is answered later. */
typedef struct
{
  GlbSession *self;
  GDBusMethodInvocation *invocation;
} GlbSessionCall;

GlbSessionCall *glb_session_call_new  (GlbSession *self, GDBusMethodInvocation *invocation);
void            glb_session_call_free (GlbSessionCall *call);

/* Answers. Both return TRUE: the method is handled. */
gboolean        glb_session_return_error       (GDBusMethodInvocation *invocation, const GError *error);
/* what: why it cannot be done in this state, and what to do. */
gboolean        glb_session_return_state_error (GlbSession *self, GDBusMethodInvocation *invocation, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbSessionCall, glb_session_call_free)

G_END_DECLS
