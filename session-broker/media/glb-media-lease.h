/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pipewire/pipewire.h>

#include "session-broker/media/glb-media-protocol.h"

G_BEGIN_DECLS

/**
 * GlbMediaLease:
 *
 * One device in the session, between grant and revoke: a node of the private
 * instance and what feeds it (or what it feeds).
 */
typedef struct _GlbMediaLease GlbMediaLease;

typedef struct
{
  /* The node stands; it may be offered. Once. */
  void (*ready) (GlbMediaLease *lease, gpointer user_data);
  /* Once, nothing after it; the owner frees it from the main loop, not from here. */
  void (*ended) (GlbMediaLease *lease, GlbMediaWhy why, const char *detail, gpointer user_data);
} GlbMediaLeaseEvents;

typedef struct
{
  void (*set_muted) (GlbMediaLease *self, gboolean muted);
  void (*free)      (GlbMediaLease *self);
} GlbMediaLeaseClass;

struct _GlbMediaLease
{
  const GlbMediaLeaseClass *klass;
  const GlbMediaLeaseEvents *events;
  gpointer user_data;
  GlbMediaDevice device;
  GlbMediaSource source;
  guint32 node_id;              /* in the private instance, when ready */
  const char *name, *description;   /* the class's, when ready */
};

/* Waits until a stream of the lease is bound: calls get_node_id after each answer of the daemon until it gives an id. */
typedef struct
{
  struct pw_core *core;
  struct spa_hook listener;
  guint32 (*get_node_id) (gpointer user_data);
  void (*bound) (guint32 node_id, gpointer user_data);   /* PW_ID_ANY: it never is */
  gpointer user_data;
  int seq;
  guint n_turns;                /* left */
} GlbMediaBinding;

void glb_media_binding_start (GlbMediaBinding *self);
void glb_media_binding_stop  (GlbMediaBinding *self);   /* idempotent */

/* Each takes fd (-1: a generated source). NULL: it can't even begin. */
GlbMediaLease *glb_media_camera_new (struct pw_context *context, struct pw_core *session, const GlbMediaGrant *grant, int fd,
                                     const GlbMediaLeaseEvents *events, gpointer user_data);
/* Of a generated sound: what a grant is bound to, and what the person sees. */
const char *glb_media_sound_get_name        (GlbMediaSource source);
const char *glb_media_sound_get_description (GlbMediaSource source);
GlbMediaLease *glb_media_sound_new  (struct pw_context *context, struct pw_core *session, const GlbMediaGrant *grant, int fd,
                                     const GlbMediaLeaseEvents *events, gpointer user_data);

/* fd: a pipe's end to write into. */
GlbMediaLease *glb_media_listen_new (struct pw_context *context, struct pw_core *session, const GlbMediaGrant *grant, int fd,
                                     const GlbMediaLeaseEvents *events, gpointer user_data);

G_END_DECLS
