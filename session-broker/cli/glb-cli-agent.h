/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who asks for a password on our terminal when polkit wants one for what we do, where no desktop does: pkttyagent(1), for
 * this process alone. FALSE: it runs already, or there is no terminal or no such program. */
gboolean glb_cli_start_agent (void);
void     glb_cli_stop_agent  (void);

G_END_DECLS
