/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pipewire/pipewire.h>

#include "session-broker/media/glb-media-protocol.h"

G_BEGIN_DECLS

/**
 * GlbMediaHost:
 *
 * One connection to the person's PipeWire, for one device of it: finds it,
 * watches it, and links our stream to it and to nothing else. No session
 * manager is asked to link: what was approved is what is linked.
 */
typedef struct _GlbMediaHost GlbMediaHost;

typedef struct
{
  /* The device is there: name and description are set. Its formats were given one by one before. */
  void (*found)  (gpointer user_data);
  void (*format) (const struct spa_pod *untrusted_format, gpointer user_data);
  /* Once, nothing after it. */
  void (*ended)  (GlbMediaWhy why, const char *detail, gpointer user_data);
} GlbMediaHostEvents;

/* Takes fd, a connection. target: node.name, "" for the first camera or the default for sound. */
GlbMediaHost *glb_media_host_new  (struct pw_context *context, int fd, GlbMediaDevice device, const char *target,
                                   const GlbMediaHostEvents *events, gpointer user_data);
void          glb_media_host_free (GlbMediaHost *self);
struct pw_core *glb_media_host_get_core (GlbMediaHost *self);
const char   *glb_media_host_get_name (GlbMediaHost *self);
const char   *glb_media_host_get_description (GlbMediaHost *self);
/* Links a stream of ours on this connection to the device, when its ports are there. get_node_id: may say PW_ID_ANY until it
 * is bound. NULL: no stream any more. */
typedef guint32 (*GlbMediaHostNodeId) (gpointer user_data);
void          glb_media_host_link (GlbMediaHost *self, GlbMediaHostNodeId get_node_id, gpointer user_data);
/* A stream of ours on it failed: ::ended follows, with this, or with what the person's PipeWire says is the cause. */
void          glb_media_host_fail (GlbMediaHost *self, GlbMediaWhy why, const char *detail);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMediaHost, glb_media_host_free)

G_END_DECLS
