/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-host.h"

G_BEGIN_DECLS

/*
 * A hostile picture, decoded and encoded anew by glovebox-clean-image: in a
 * sandbox and under an account of its own, without any file but itself and
 * the libraries, with limits of memory and time. What comes out is at most
 * max_bytes and is still to be checked: glb_clipboard_clean() does.
 *
 * Errors: GLB_CLIPBOARD_ERROR TOO_LARGE and MALFORMED; else the host's.
 */
void    glb_image_cleaner_clean_async  (GlbHost *host, GBytes *untrusted, gsize max_bytes, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
GBytes *glb_image_cleaner_clean_finish (GAsyncResult *result, GError **error);

G_END_DECLS
