/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compositor-shim/glb-shim-keymap.h"
#include "input-filter/glb-input-scene.h"
#include "session-broker/broker/glb-host.h"
#include "session-broker/broker/glb-ring.h"
#include "session-broker/broker/glb-shim-message.h"

G_BEGIN_DECLS

/**
 * GlbCompositor:
 *
 * One Weston with the shim, in its own account and sandbox, and the control
 * socket to it. Everything that comes from it is checked; the first bad
 * message, the first queue that overflows, the first ping that is not answered
 * ends it.
 *
 * signal ::ring    (GlbCompositor *self, GlbRing *ring)
 * signal ::frame   (GlbCompositor *self, const GlbShimMessage *message)
 * signal ::damage  (GlbCompositor *self, guint64 frame, const GlbShimRect *bounds)
 * signal ::windows (GlbCompositor *self)
 * signal ::selection (GlbCompositor *self, GlbShimSelectionKind kind)    a client changed it
 * signal ::pasted  (GlbCompositor *self, const GlbShimPasted *pasted)  a client has read the host's selection
 * signal ::died    (GlbCompositor *self, const char *why)   once; nothing of it is left
 */
#define GLB_TYPE_COMPOSITOR (glb_compositor_get_type ())
G_DECLARE_FINAL_TYPE (GlbCompositor, glb_compositor, GLB, COMPOSITOR, GObject)

typedef struct
{
  guint width, height;
  gboolean xwayland;
  gboolean touch;              /* the seat has a touch screen */
  char keyboard_layout[GLB_SHIM_LAYOUT_MAX];   /* "": "us" */
} GlbCompositorConfig;

/* What a client offers, as far as it says. */
typedef struct
{
  guint64 id;          /* 0: there is none, or the host's is there */
  guint   n_offered;   /* all, also those that are no types */
  GStrv   types;       /* printable ASCII, at most GLB_SHIM_TYPES_MAX; never NULL */
} GlbCompositorSelection;

#define GLB_SELECTION_ERROR (glb_selection_error_quark ())
typedef enum
{
  GLB_SELECTION_ERROR_CHANGED,        /* it is another selection by now */
  GLB_SELECTION_ERROR_NO_SUCH_TYPE,
  GLB_SELECTION_ERROR_TOO_LARGE,
  GLB_SELECTION_ERROR_TIMED_OUT,      /* the client did not write to the end in time */
} GlbSelectionError;

GQuark         glb_selection_error_quark   (void);

gboolean       glb_compositor_config_equal (const GlbCompositorConfig *a, const GlbCompositorConfig *b);

/* Result: when it said READY. */
void           glb_compositor_new_async  (GlbHost *host, const GlbCompositorConfig *config, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
GlbCompositor *glb_compositor_new_finish (GAsyncResult *result, GError **error);

const GlbCompositorConfig *glb_compositor_get_config (GlbCompositor *self);
guint          glb_compositor_get_uid    (GlbCompositor *self);
GPid           glb_compositor_get_pid    (GlbCompositor *self);
/* The folder to bind over /tmp/.X11-unix of the clients' sandbox. (transfer none) (nullable): no Xwayland. */
const char    *glb_compositor_get_x11_dir (GlbCompositor *self);
gboolean       glb_compositor_is_alive   (GlbCompositor *self);
void           glb_compositor_kill       (GlbCompositor *self, const char *why);

/* State, as of the last message. */
guint64        glb_compositor_get_newest_frame (GlbCompositor *self);
const GArray  *glb_compositor_get_windows      (GlbCompositor *self, guint *focus_window);   /* (element-type GlbShimWindow) */
void           glb_compositor_get_pointer      (GlbCompositor *self, int *x, int *y);
const GlbCompositorSelection *glb_compositor_get_selection (GlbCompositor *self, GlbShimSelectionKind kind);
/* All of it; the windows are valid until the next message. */
void           glb_compositor_get_scene        (GlbCompositor *self, GlbInputScene *scene);

/* Without an answer. Nothing is sent to a dead one. */
void           glb_compositor_listen   (GlbCompositor *self, int fd);   /* takes fd */
/* The memory of a ring, so that a watch has it at once; given back some seconds after glb_compositor_listen() where none comes. */
void           glb_compositor_prepare  (GlbCompositor *self, guint n_slots);
void           glb_compositor_watch    (GlbCompositor *self, guint n_slots);
void           glb_compositor_unwatch  (GlbCompositor *self);
void           glb_compositor_release  (GlbCompositor *self, guint generation, guint slot);
void           glb_compositor_release_input (GlbCompositor *self);      /* what is pressed, and text on its way */
void           glb_compositor_capture  (GlbCompositor *self);           /* answered by ::frame */

/* With one: each has a deadline of its own. */
void           glb_compositor_input_async     (GlbCompositor *self, const GlbShimEvent *events, guint n_events,
                                               GAsyncReadyCallback callback, gpointer user_data);
void           glb_compositor_text_async      (GlbCompositor *self, const char *text,
                                               GAsyncReadyCallback callback, gpointer user_data);
void           glb_compositor_window_op_async (GlbCompositor *self, guint window, GlbShimWindowOpKind op,
                                               GAsyncReadyCallback callback, gpointer user_data);
/* Which processes of this account have a window now; X11 programs have none. finish: (transfer full) (element-type int) */
void           glb_compositor_ask_owners_async  (GlbCompositor *self, GAsyncReadyCallback callback, gpointer user_data);
GArray        *glb_compositor_ask_owners_finish (GlbCompositor *self, GAsyncResult *result, guint uid, GError **error);
gboolean       glb_compositor_done_finish     (GlbCompositor *self, GAsyncResult *result, GlbShimDone *done, GError **error);
void           glb_compositor_settle_async    (GlbCompositor *self, guint quiet_ms, guint max_ms, guint64 since_frame,
                                               GAsyncReadyCallback callback, gpointer user_data);
gboolean       glb_compositor_settle_finish   (GlbCompositor *self, GAsyncResult *result, GlbShimSettled *settled, GError **error);

/* Selections. What may cross, and who is asked, is the caller's to know: here is only the way. */

/* Result: what the client wrote, of the selection with this id and of no other; at most max_bytes, within deadline_ms.
 * GLB_SELECTION_ERROR, or G_IO_ERROR where the compositor ended or the cancellable was. */
void           glb_compositor_read_selection_async   (GlbCompositor *self, GlbShimSelectionKind kind, guint64 id, const char *type,
                                                      gsize max_bytes, guint deadline_ms, GCancellable *cancellable,
                                                      GAsyncReadyCallback callback, gpointer user_data);
GBytes        *glb_compositor_read_selection_finish  (GlbCompositor *self, GAsyncResult *result, GError **error);
/* types: 1 to GLB_SHIM_SET_TYPES_MAX for the same content; X11 programs paste text only if text/plain;charset=utf-8 is among
 * them. uses: reads until it is gone, 0: no limit. Result: the id that GlbShimPasted will have, 0 where it failed. */
void           glb_compositor_set_selection_async    (GlbCompositor *self, GlbShimSelectionKind kind, const char * const *types,
                                                      GBytes *content, guint uses, GAsyncReadyCallback callback, gpointer user_data);
guint64        glb_compositor_set_selection_finish   (GlbCompositor *self, GAsyncResult *result, GError **error);
/* The host's selection, if it is still there, and each read of it that goes on. When the result is there no byte of it goes to
 * a client any more, but for what is in the client's pipe already. callback: (nullable); glb_compositor_done_finish() */
void           glb_compositor_clear_selection_async  (GlbCompositor *self, GlbShimSelectionKind kind, GAsyncReadyCallback callback,
                                                      gpointer user_data);

G_END_DECLS
