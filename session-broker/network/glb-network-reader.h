/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The one way that the gate reads bytes of a program in network byte order: each getter says whether there were enough. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct
{
  const uint8_t *bytes;
  size_t         left;
} GlbNetworkReader;

/* The next size bytes, where they are. */
static inline bool
glb_network_reader_take (GlbNetworkReader *self, size_t size, const uint8_t **bytes)
{
  if (size > self->left)
    return false;
  *bytes = self->bytes;
  self->bytes += size;
  self->left -= size;
  return true;
}

static inline bool
glb_network_reader_u8 (GlbNetworkReader *self, uint8_t *value)
{
  const uint8_t *bytes;

  if (!glb_network_reader_take (self, 1, &bytes))
    return false;
  *value = bytes[0];
  return true;
}

static inline bool
glb_network_reader_u16 (GlbNetworkReader *self, uint16_t *value)
{
  const uint8_t *bytes;

  if (!glb_network_reader_take (self, 2, &bytes))
    return false;
  *value = (uint16_t) (bytes[0] << 8 | bytes[1]);
  return true;
}

/* The next size bytes, to be read by themselves. */
static inline bool
glb_network_reader_part (GlbNetworkReader *self, size_t size, GlbNetworkReader *part)
{
  part->left = size;
  return glb_network_reader_take (self, size, &part->bytes);
}
