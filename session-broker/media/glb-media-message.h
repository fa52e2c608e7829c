/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/media/glb-media-protocol.h"

G_BEGIN_DECLS

/**
 * GlbMediaMessage:
 *
 * One message from glovebox-media, checked: numbers in their bounds, text
 * that ends and is printable. Which member is set, type says.
 */
typedef struct
{
  GlbMediaMessageType type;
  guint64             serial;
  union
  {
    GlbMediaDone      done;
    GlbMediaFailed    failed;      /* FAILED and ENDED */
    GlbMediaPreviewed previewed;
    GlbMediaInUse     in_use;
  };
} GlbMediaMessage;

/* Pure. n_fds: how many descriptors came with it. */
gboolean glb_media_message_parse (const guint8     *untrusted_packet,
                                  gsize             length,
                                  guint             n_fds,
                                  GlbMediaMessage  *message,
                                  GError          **error);

G_END_DECLS
