/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What glovebox-clean-image writes: IHDR of 8-bit RGB or RGBA, IDAT, IEND, with right checksums, and nothing else. Reads no
 * pixels. It does not show who wrote a file, but that nothing is in it beside pixels. */
gboolean glb_clipboard_png_check (GBytes *untrusted, guint *width, guint *height);

G_END_DECLS
