/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <spa/pod/builder.h>

#include "session-broker/media/glb-media-mode.h"

G_BEGIN_DECLS

/* Modes as PipeWire says them. What comes from a daemon is hostile; what goes to one is built anew from modes. */

/* An EnumFormat that allows exactly this mode, at each frame rate. (transfer none): in builder's memory */
struct spa_pod *glb_media_pod_build  (struct spa_pod_builder *builder, const GlbMediaMode *mode);
/* The Buffers for a layout: as memfds that we make, or (n_planes 0) whatever the other side has, of memory. */
struct spa_pod *glb_media_pod_build_buffers (struct spa_pod_builder *builder, const GlbMediaLayout *layout);
/* A Format that was agreed upon. FALSE: it is none of ours. */
gboolean        glb_media_pod_parse  (const struct spa_pod *untrusted_format, GlbMediaMode *mode);
/* Adds what an EnumFormat of a device allows, of what is carried, at most GLB_MEDIA_MODES_MAX.
 * modes: (element-type GlbMediaMode) */
void            glb_media_pod_list   (const struct spa_pod *untrusted_format, GArray *modes);

G_END_DECLS
