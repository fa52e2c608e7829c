/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "compositor-shim/glb-shim-protocol.h"

G_BEGIN_DECLS

/* A compositor's frame ring, mapped for reading; counted references keep the mapping. */
typedef struct
{
  GlbShimRing info;
  int fd;
  const guint8 *pixels;
  gsize size;
  gatomicrefcount ref_count;
} GlbRing;

/* info: checked by glb_shim_message_parse(). Takes fd. Fails unless the memory can neither shrink nor change its seals. */
GlbRing      *glb_ring_new   (const GlbShimRing *info, int fd, GError **error);
GlbRing      *glb_ring_ref   (GlbRing *self);
void          glb_ring_unref (GlbRing *self);
const guint8 *glb_ring_slot  (const GlbRing *self, guint slot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbRing, glb_ring_unref)

G_END_DECLS
