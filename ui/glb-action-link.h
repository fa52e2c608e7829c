/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"
#include "ui/glb-action-text.h"

G_BEGIN_DECLS

/**
 * GlbActionLink:
 *
 * What the agent of a session does, as it does it, from Session1.Trace: with
 * what it typed, which ActionDone keeps to itself. What a person types is
 * nobody's to show, and is left out. It ends with its last reference.
 *
 * signal ::action (GlbActionLink *self, const GlbActionText *text)
 */
#define GLB_TYPE_ACTION_LINK (glb_action_link_get_type ())
G_DECLARE_FINAL_TYPE (GlbActionLink, glb_action_link, GLB, ACTION_LINK, GObject)

GlbActionLink *glb_action_link_new       (GlbDBusSession1 *session);
/* Pure. A line of the trace. (transfer full) (nullable): it is of something else */
GlbActionText *glb_action_link_read_line (const char *line);

G_END_DECLS
