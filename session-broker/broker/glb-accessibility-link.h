/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "session-broker/accessibility/glb-accessibility-answer.h"

G_BEGIN_DECLS

/**
 * GlbAccessibilityLink:
 *
 * The broker's end of one glovebox-accessibility. What comes from it is read at
 * a pace and parsed in a thread; the first line that is wrong, or that nobody
 * asked for, ends it.
 *
 * signal ::changed (GlbAccessibilityLink *self)                     while watched
 * signal ::closed  (GlbAccessibilityLink *self, const char *why)    once; nothing is answered any more
 */
#define GLB_TYPE_ACCESSIBILITY_LINK (glb_accessibility_link_get_type ())
G_DECLARE_FINAL_TYPE (GlbAccessibilityLink, glb_accessibility_link, GLB, ACCESSIBILITY_LINK, GObject)

/* Takes our ends of the program's input and output. */
GlbAccessibilityLink   *glb_accessibility_link_new (int input_fd, int output_fd);
/* When it has said hello, at most deadline_ms later. */
void                    glb_accessibility_link_hello_async  (GlbAccessibilityLink *self, guint deadline_ms, GAsyncReadyCallback callback,
                                                             gpointer user_data);
gboolean                glb_accessibility_link_hello_finish (GlbAccessibilityLink *self, GAsyncResult *result, GError **error);
/* Takes request, to which the number and the deadline are added. */
void                    glb_accessibility_link_ask_async    (GlbAccessibilityLink *self, JsonObject *request, guint deadline_ms,
                                                             GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): toplevels or an element. G_IO_ERROR_TIMED_OUT: nothing came in time. */
GlbAccessibilityAnswer *glb_accessibility_link_ask_finish   (GlbAccessibilityLink *self, GAsyncResult *result, GError **error);
void                    glb_accessibility_link_watch        (GlbAccessibilityLink *self, gboolean on);
void                    glb_accessibility_link_close        (GlbAccessibilityLink *self, const char *why);
gboolean                glb_accessibility_link_is_closed    (GlbAccessibilityLink *self);
/* Since it said hello, in ms; 0: it has not. */
guint                   glb_accessibility_link_get_age      (GlbAccessibilityLink *self);

G_END_DECLS
