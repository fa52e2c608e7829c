/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "ui/glb-broker-link.h"

G_BEGIN_DECLS

/**
 * GlbMainWindow:
 *
 * The app: its pages side by side, of which the wall is the first, and the
 * session that the person opened, above them until they go back.
 *
 * Actions: win.show-page (s: its name), win.show-session (s: id or name),
 * win.show-question (s: id, or empty: the question that waits longest), win.show-recording (s: its folder's URI), win.back,
 * win.say (s: plain text), win.stop-everything.
 */
#define GLB_TYPE_MAIN_WINDOW (glb_main_window_get_type ())
G_DECLARE_FINAL_TYPE (GlbMainWindow, glb_main_window, GLB, MAIN_WINDOW, AdwApplicationWindow)

GlbMainWindow *glb_main_window_new          (GtkApplication *application, GlbBrokerLink *link);
/* Beside the wall, after those that are there. page: without a header bar of its own. title: translated */
void           glb_main_window_add_page     (GlbMainWindow *self, GtkWidget *page, const char *name, const char *title, const char *icon);
/* Likewise the page of recordings, which win.show-recording shows. page: a GlbRecordingPage */
void           glb_main_window_add_recordings (GlbMainWindow *self, GtkWidget *page);
/* session: id or name; one that is not there yet is waited for */
void           glb_main_window_show_session (GlbMainWindow *self, const char *session);
/* Says it at the window's edge for a moment. message: plain text */
void           glb_main_window_say          (GlbMainWindow *self, const char *message);
GlbBrokerLink *glb_main_window_get_link     (GlbMainWindow *self);

G_END_DECLS
