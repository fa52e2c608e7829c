/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/media/glb-publish-protocol.h"

G_BEGIN_DECLS

/**
 * GlbPublishMessage:
 *
 * One message from glovebox-publish, checked: of a known type, whole, its
 * number in its bounds.
 */
typedef struct
{
  GlbPublishMessageType type;
  guint value;                   /* IN_USE: 0 or 1; ENDED: at most 1 */
} GlbPublishMessage;

/* Pure. n_fds: how many descriptors came with it. */
gboolean glb_publish_message_parse (const guint8      *untrusted_packet,
                                    gsize              length,
                                    guint              n_fds,
                                    GlbPublishMessage *message,
                                    GError           **error);

G_END_DECLS
