/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/media/glb-publish-protocol.h"
#include "session-broker/sandbox/glb-sandbox.h"

G_BEGIN_DECLS

/* What the caller has made for it, and told to the janitor. */
typedef struct
{
  const char *name;            /* of the session, for control groups and messages */
  GlbAccount *account;         /* for this alone */
  GlbCgroup  *cgroup;          /* (nullable) */
  const char *host_socket;     /* (nullable): the person's PipeWire; else as PipeWire's own clients find it */
  const char *node_name;       /* node.name there */
  const char *description;     /* for the person's eyes */
  guint       width, height;
} GlbPublisherConfig;

/**
 * GlbPublisher:
 *
 * One session's screen as a node of the person's PipeWire, from begin to end:
 * one glovebox-publish in a sandbox of its own. Decides nothing; gets frames
 * only while a recorder takes them. A publisher begins once.
 *
 * signal ::in-use (GlbPublisher *self, gboolean in_use)   a recorder takes frames (the caller gives a stream), or none does any more
 * signal ::gone   (GlbPublisher *self, const char *why)   nothing of it is left; once, if it was begun
 */
#define GLB_TYPE_PUBLISHER (glb_publisher_get_type ())
G_DECLARE_FINAL_TYPE (GlbPublisher, glb_publisher, GLB, PUBLISHER, GObject)

GlbPublisher *glb_publisher_new          (const GlbPublisherConfig *config);
/* Result: the node is there. GLB_MEDIA_ERROR_HOST: the person's PipeWire is not; ::gone follows where something ran. */
void          glb_publisher_begin_async  (GlbPublisher *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean      glb_publisher_begin_finish (GlbPublisher *self, GAsyncResult *result, GError **error);
/* The reader's end of a viewer's stream, after ::in-use. Taken; it is cut off when the recorder goes, whoever else holds it. */
void          glb_publisher_give_stream  (GlbPublisher *self, int fd);
/* Takes the node away, and confirms it; what does not confirm in time is killed. ::gone follows in any case. */
void          glb_publisher_end          (GlbPublisher *self);
/* Kills it now; ::gone follows. why: (nullable) (static) */
void          glb_publisher_kill         (GlbPublisher *self, const char *why);
gboolean      glb_publisher_is_running   (GlbPublisher *self);
/* After ::gone: nodes that the person's PipeWire said it still had; -1: it did not say, and was killed. */
int           glb_publisher_get_n_left   (GlbPublisher *self);
guint         glb_publisher_get_elapsed_us (GlbPublisher *self);   /* from glb_publisher_end() to what it said */

/* What is missing on this host to publish a screen, with the remedy; NULL: nothing. (transfer full) */
char         *glb_publisher_diagnose     (void);

G_END_DECLS
