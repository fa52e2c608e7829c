/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The shim does without GLib (it would cost each session most of a megabyte),
 * so it brings the two allocators it needs.  As in GLib, failure aborts.
 */

#include <stdlib.h>

#define glb_new0(type) ((type *) glb_calloc (1, sizeof (type)))

static inline void *
glb_calloc (size_t n,
            size_t size)
{
  void *memory = calloc (n, size);

  if (memory == NULL)
    abort ();
  return memory;
}

static inline void *
glb_malloc (size_t size)
{
  void *memory = malloc (size > 0 ? size : 1);

  if (memory == NULL)
    abort ();
  return memory;
}
