/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether a field of @size bytes holds a MIME type for the control channel: printable ASCII, and an end. */
bool glb_selection_type_is_valid (const char *field,
                                  size_t      size);

/*
 * How much a client may offer at once.  Each type becomes a message to whoever
 * gets the focus, and a client whose socket overflows is ended by libwayland:
 * without a bound, what one program copies would kill each other one.
 */
#define GLB_SELECTION_TYPES_MAX  256
#define GLB_SELECTION_TYPES_SIZE (32 * 1024)
