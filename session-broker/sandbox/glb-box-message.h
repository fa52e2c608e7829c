/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/sandbox/glb-init-protocol.h"

G_BEGIN_DECLS

/**
 * GlbBoxMessage:
 *
 * One message from glovebox-init, checked. Which member is set, type says.
 */
typedef struct
{
  GlbInitMessageType type;
  guint64            serial;
  union
  {
    GlbInitHello   hello;
    GlbInitStarted started;
    GlbInitFailed  failed;     /* detail: printable ASCII */
    GlbInitExited  exited;
    GlbInitBus     bus;
  };
} GlbBoxMessage;

/* Pure. n_fds: how many descriptors came with it. */
gboolean glb_box_message_parse (const guint8   *untrusted_packet,
                                gsize           length,
                                guint           n_fds,
                                GlbBoxMessage  *message,
                                GError        **error);

G_END_DECLS
