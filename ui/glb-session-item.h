/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gdk/gdk.h>

#include "ui/glb-session-gates.h"
#include "ui/glb-timeline.h"

G_BEGIN_DECLS

/* In the order in which they need the person. */
typedef enum
{
  GLB_SESSION_GROUP_ASKING,    /* a question is open */
  GLB_SESSION_GROUP_DRIVEN,    /* by a person */
  GLB_SESSION_GROUP_RUNNING,   /* starting, too */
  GLB_SESSION_GROUP_PAUSED,
  GLB_SESSION_GROUP_ENDED,     /* or about to */
} GlbSessionGroup;

#define GLB_N_SESSION_GROUPS (GLB_SESSION_GROUP_ENDED + 1)

/**
 * GlbSessionItem:
 *
 * One session of the broker in the app's list: its proxy, and what it asks and
 * may.
 *
 * signal ::changed (GlbSessionItem *self): something that its tile says
 */
#define GLB_TYPE_SESSION_ITEM (glb_session_item_get_type ())
G_DECLARE_FINAL_TYPE (GlbSessionItem, glb_session_item, GLB, SESSION_ITEM, GObject)

GlbSessionItem  *glb_session_item_new         (GDBusObjectManager *manager, GlbDBusSession1 *session);
GlbDBusSession1 *glb_session_item_get_session (GlbSessionItem *self);
GlbSessionGates *glb_session_item_get_gates   (GlbSessionItem *self);
GlbTimeline     *glb_session_item_get_timeline (GlbSessionItem *self);
GlbSessionGroup  glb_session_item_get_group   (GlbSessionItem *self);
/* It has that id or name. */
gboolean         glb_session_item_is          (GlbSessionItem *self, const char *session);
/* Frozen, or can be. */
gboolean         glb_session_item_is_alive    (GlbSessionItem *self);
gboolean         glb_session_item_has_screen  (GlbSessionItem *self);
/* The newest small picture of its screen. (nullable) (transfer none) */
GdkTexture      *glb_session_item_get_picture (GlbSessionItem *self);
void             glb_session_item_set_picture (GlbSessionItem *self, GdkTexture *picture);

G_END_DECLS
