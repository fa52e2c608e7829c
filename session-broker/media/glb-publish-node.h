/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pipewire/pipewire.h>

G_BEGIN_DECLS

/**
 * GlbPublishNode:
 *
 * A picture as a Video/Source on the person's PipeWire. It keeps a copy of the
 * picture, and hands it to recorders when it changed, no faster than a display
 * shows it. Before it says that it is there, it has given up all rights but to
 * be there and to be linked by others.
 */
typedef struct _GlbPublishNode GlbPublishNode;

typedef struct
{
  /* The node is there. Once. */
  void (*begun)  (gpointer user_data);
  /* A recorder takes frames, or none does any more. */
  void (*in_use) (gboolean in_use, gpointer user_data);
  /* After glb_publish_node_end(): what the registry still has of it. */
  void (*ended)  (guint n_nodes, gpointer user_data);
  /* It can't go on. Once, nothing after it; not to be freed from here. */
  void (*failed) (const char *why, gpointer user_data);
} GlbPublishNodeEvents;

/* Takes fd, a connection to the person's PipeWire. NULL: it can't even begin. */
GlbPublishNode *glb_publish_node_new  (struct pw_context *context, int fd, const char *name, const char *description,
                                       guint width, guint height, const GlbPublishNodeEvents *events, gpointer user_data);
void            glb_publish_node_free (GlbPublishNode *self);
/* Copies these pixels of a picture (XRGB8888). FALSE: it is of another size. A screen keeps the one it began with: PipeWire 0.3.65's
 * daemon ends where a stream changes its format and a recorder does not agree. */
gboolean        glb_publish_node_update (GlbPublishNode *self, guint width, guint height, const guint8 *pixels, gsize stride,
                                         guint x, guint y, guint rect_width, guint rect_height);
void            glb_publish_node_end  (GlbPublishNode *self);

G_END_DECLS
