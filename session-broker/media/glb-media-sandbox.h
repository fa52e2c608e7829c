/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/media/glb-media.h"

G_BEGIN_DECLS

/* glovebox-media's sandbox. Takes control_fd. */
GlbSandboxSpec *glb_media_sandbox_new (const GlbMediaConfig *config, int control_fd, GError **error);

G_END_DECLS
