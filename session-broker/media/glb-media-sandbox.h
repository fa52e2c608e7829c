/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/media/glb-media.h"

G_BEGIN_DECLS

/* The name of the sink in the session's PipeWire that throws away what it gets. */
#define GLB_MEDIA_NOWHERE "glovebox.nowhere"

/* PipeWire's configuration of a helper that is a client. */
extern const char glb_media_client_config[];

/* glovebox-media's sandbox. Takes control_fd. */
GlbSandboxSpec *glb_media_sandbox_new (const GlbMediaConfig *config, int control_fd, GError **error);

G_END_DECLS
