/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Encodes XRGB8888 (native-endian 32 bit) as an 8-bit RGB PNG. Thread-safe, no I/O. (transfer full) */
GBytes *glb_png_encode (const guint8 *pixels, guint width, guint height, gsize stride, GError **error);

G_END_DECLS
