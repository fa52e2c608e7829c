/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/network/glb-secrets-protocol.h"

G_BEGIN_DECLS

/**
 * GlbSecretsMessage:
 *
 * One message from glovebox-secrets, checked: of a type that it may send,
 * whole, its numbers in their bounds, its texts ended and of printable ASCII,
 * a certificate in the letters of PEM.
 */
typedef struct
{
  GlbSecretsMessageType type;
  union
  {
    GlbSecretsReady ready;
    GlbSecretsEnded ended;
  };
} GlbSecretsMessage;

/* Pure. n_fds: how many descriptors came with it. */
gboolean glb_secrets_message_parse (const guint8       *untrusted_packet,
                                    gsize               size,
                                    guint               n_fds,
                                    GlbSecretsMessage  *message,
                                    GError            **error);

G_END_DECLS
