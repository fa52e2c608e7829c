/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "session-broker/cli/glb-early-wire.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What the broker says to a `glovebox run` that has not loaded GDBus. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  size_t length = glb_early_wire_get_size (data, size);
  GlbEarlyStarted started;
  uint8_t *message;

  if (length == 0 || length > size)
    return 0;

  /* of its own size, so that a byte beyond is found */
  message = malloc (length);
  memcpy (message, data, length);
  glb_early_wire_get_kind (message, length);
  /* each stream is another one of three */
  if (glb_early_wire_read_started (message, length, &started) &&
      (strlen (started.path) >= length || (1u << started.streams[0] | 1u << started.streams[1] | 1u << started.streams[2]) != 7))
    abort ();
  free (message);
  return 0;
}
