/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLB_SECRET_TEXT_MAX 8192u

/**
 * GlbSecretText:
 *
 * A secret on its way, in pages of its own: not swapped where the host lets
 * it, in no core dump, not in a child, and overwritten when it is freed.
 */
typedef struct
{
  char *bytes;       /* no NUL behind them */
  gsize size;
  gsize space;       /* GLB_SECRET_TEXT_MAX and some: one byte more says that it is too long */
} GlbSecretText;

GlbSecretText *glb_secret_text_new  (void);
void           glb_secret_text_free (GlbSecretText *self);

/* Appends all that fd has, to its end. FALSE with errno: it can't be read, or EFBIG. */
gboolean       glb_secret_text_read (GlbSecretText *self, int fd);

/* Cuts one line's end off. NULL: it can be a header's value, and nothing else; else what is wrong and what to do. (static) */
const char    *glb_secret_text_check (GlbSecretText *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbSecretText, glb_secret_text_free)

G_END_DECLS
