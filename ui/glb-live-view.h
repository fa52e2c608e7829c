/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

#define GLB_TYPE_LIVE_VIEW (glb_live_view_get_type ())
G_DECLARE_FINAL_TYPE (GlbLiveView, glb_live_view, GLB, LIVE_VIEW, GtkWidget)

GtkWidget *glb_live_view_new          (void);
void       glb_live_view_set_session  (GlbLiveView *self, GlbDBusSession1 *session);
/* Whether a click or a key in the picture asks for the lease. */
void       glb_live_view_set_touchable (GlbLiveView *self, gboolean touchable);
/* epoch: of the lease; what waited since the touch goes to the session now, and the person's input from now on. */
void       glb_live_view_begin_driving (GlbLiveView *self, guint64 epoch);
/* Keys and buttons that are still down are released in the session first. After a touch: there is no lease. */
void       glb_live_view_end_driving  (GlbLiveView *self);
gboolean   glb_live_view_is_driving   (GlbLiveView *self);
/* Where in the widget a pixel of the screen is. FALSE: there is no screen yet */
gboolean   glb_live_view_get_place    (GlbLiveView *self, int screen_x, int screen_y, double *x, double *y);
/* The screen now, small. (transfer full) (nullable) */
GdkTexture *glb_live_view_take_picture (GlbLiveView *self);

G_END_DECLS
