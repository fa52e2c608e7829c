/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/broker/glb-ring.h"

GlbRing *
glb_ring_new (const GlbShimRing *info, int fd, GError **error)
{
  const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  gsize size = (gsize) info->n_slots * info->height * info->stride;
  int seals = fcntl (fd, F_GET_SEALS);
  struct stat st;
  GlbRing *self;
  void *map;

  /* without the seals the compositor could cut the file and kill its readers by SIGBUS */
  if (seals < 0 || (seals & needed) != needed || fstat (fd, &st) != 0 || st.st_size < 0 || (gsize) st.st_size < size)
    {
      close (fd);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "compositor sent a bad ring: not sealed or too small");
      return NULL;
    }

  map = mmap (NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't map the frame ring: %s", g_strerror (errno));
      close (fd);
      return NULL;
    }

  self = g_new0 (GlbRing, 1);
  self->info = *info;
  self->fd = fd;
  self->pixels = map;
  self->size = size;
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

GlbRing *
glb_ring_ref (GlbRing *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glb_ring_unref (GlbRing *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  munmap ((void *) self->pixels, self->size);
  close (self->fd);
  g_free (self);
}

const guint8 *
glb_ring_slot (const GlbRing *self, guint slot)
{
  g_return_val_if_fail (slot < self->info.n_slots, self->pixels);

  return self->pixels + (gsize) slot * self->info.height * self->info.stride;
}
