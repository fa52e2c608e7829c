/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Files for tests, byte for byte as their formats have them. */

GByteArray *test_wav_pcm              (const gint16 *samples, guint n_frames, guint n_channels, guint rate);
GByteArray *test_wav_float_extensible (const float *samples, guint n_frames, guint rate);
/* n frames of 420, each of one colour. rate: as in the file. */
GByteArray *test_y4m                  (guint width, guint height, const char *rate, guint n);
/* What each byte of a plane of a frame is. */
guint8      test_y4m_byte             (guint frame, guint plane);

G_END_DECLS
