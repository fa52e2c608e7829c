/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/broker/glb-grant-terms.h"

G_BEGIN_DECLS

/**
 * GlbGrant:
 *
 * One yes of the person, with its D-Bus object. Whoever opens a channel on it
 * holds it, and hears exactly once when the grant ends: then the channel must
 * be destroyed. A grant for once ends by itself with its last hold.
 *
 * Only GlbPrompts makes and ends grants; it is told by ::ended.
 *
 * signal ::ended (GlbGrant *self)   before those who hold it hear of it
 */
#define GLB_TYPE_GRANT (glb_grant_get_type ())
G_DECLARE_FINAL_TYPE (GlbGrant, glb_grant, GLB, GRANT, GObject)

/* why: "revoked", "expired", "used", "session-ended" or "broker-stopping" */
typedef void (*GlbGrantEnded) (GlbGrant *grant, const char *why, gpointer user_data);

/* A channel is about to be opened. 0: the grant has ended already, there must be no channel. */
guint       glb_grant_hold    (GlbGrant *self, GlbGrantEnded ended, gpointer user_data);
/* The channel is gone by itself; ended is not called any more. 0, or after the end: nothing. */
void        glb_grant_release (GlbGrant *self, guint hold);

guint64     glb_grant_get_id    (GlbGrant *self);
const char *glb_grant_get_why   (GlbGrant *self);   /* (nullable): why it ended */
const GlbGrantTerms *glb_grant_get_terms (GlbGrant *self);

/* For GlbPrompts. */
GlbGrant   *glb_grant_new (guint64 id, const GlbGrantTerms *terms);
GDBusInterfaceSkeleton *glb_grant_get_skeleton (GlbGrant *self);
void        glb_grant_count_use (GlbGrant *self);
void        glb_grant_end (GlbGrant *self, const char *why);

G_END_DECLS
