/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-network-pipes.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Fewer calls for the same bytes. An account may have so much of it; beyond that a pipe has the kernel's own size, and works too. */
#define PIPE_SPACE (256 * 1024)

bool
glb_network_pipes_take (GlbNetworkPipes *self,
                        int              ends[2])
{
  if (self->n_idle == 0)
    {
      if (pipe2 (ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return false;
      fcntl (ends[1], F_SETPIPE_SZ, PIPE_SPACE);
      return true;
    }
  memcpy (ends, self->idle[--self->n_idle], sizeof self->idle[0]);
  return true;
}

void
glb_network_pipes_give (GlbNetworkPipes *self,
                        int              ends[2],
                        bool             empty)
{
  if (ends[0] < 0)
    return;
  if (empty && self->n_idle < GLB_NETWORK_PIPES_KEPT)
    memcpy (self->idle[self->n_idle++], ends, sizeof self->idle[0]);
  else
    {
      close (ends[0]);
      close (ends[1]);
    }
  ends[0] = ends[1] = -1;
}
