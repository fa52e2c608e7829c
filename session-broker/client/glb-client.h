/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where things are. All (transfer full). GLOVEBOX_PRIVATE_PATH (colon-separated folders) is searched before libexecdir. */
char *glb_paths_get_runtime_dir (GError **error);   /* $XDG_RUNTIME_DIR/glovebox, /run/glovebox for root; made, 0700, checked */
char *glb_paths_get_state_dir   (GError **error);   /* $XDG_STATE_HOME/glovebox, /var/lib/glovebox for root; made, 0700 */
char *glb_paths_get_audit_dir   (GError **error);
char *glb_paths_find_program    (const char *name, GError **error);

/**
 * GlbClient:
 *
 * A connection to the person's broker, which is started where it does not run
 * yet. The proxies are generated from data/org.glovebox.Broker1.xml
 * (glb-broker-dbus-generated.h: GlbDBusBroker1, GlbDBusSession1).
 */
#define GLB_TYPE_CLIENT (glb_client_get_type ())
G_DECLARE_FINAL_TYPE (GlbClient, glb_client, GLB, CLIENT, GObject)

GlbClient       *glb_client_new_sync (gboolean start_broker, GCancellable *cancellable, GError **error);
void             glb_client_new_async (gboolean start_broker, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GlbClient       *glb_client_new_finish (GAsyncResult *result, GError **error);
GDBusConnection *glb_client_get_connection (GlbClient *self);

/**
 * GlbFrameStream:
 *
 * The reader of one Session1.Watch socket: maps the ring, checks every message
 * (the pixels come from an untrusted compositor), releases slots.
 *
 * signal ::frame (GlbFrameStream *self): glb_frame_stream_peek() gives it; emitted in the default main context
 * signal ::closed (GlbFrameStream *self)
 */
#define GLB_TYPE_FRAME_STREAM (glb_frame_stream_get_type ())
G_DECLARE_FINAL_TYPE (GlbFrameStream, glb_frame_stream, GLB, FRAME_STREAM, GObject)

typedef struct { int x, y, width, height; } GlbRect;

typedef struct
{
  const guint8 *pixels;        /* XRGB8888, valid until the slot is released */
  guint width, height;
  gsize stride;
  guint64 frame;
  gint64 time_us;
  const GlbRect *rects;        /* changed since the frame before */
  guint n_rects;
} GlbFrame;

GlbFrameStream *glb_frame_stream_new  (int fd, GError **error);             /* takes fd */
const GlbFrame *glb_frame_stream_peek (GlbFrameStream *self);               /* NULL: none held */
void            glb_frame_stream_release (GlbFrameStream *self);            /* the frame held goes back; the next may come */

G_END_DECLS
