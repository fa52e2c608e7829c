/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/sandbox/glb-take-fds.h"

#include <string.h>
#include <unistd.h>

guint
glb_take_fds (struct msghdr *header, int *fds, guint max)
{
  guint n = 0;

  for (struct cmsghdr *part = CMSG_FIRSTHDR (header); part != NULL; part = CMSG_NXTHDR (header, part))
    {
      gsize n_part = (part->cmsg_len - CMSG_LEN (0)) / sizeof (int);

      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
        continue;
      for (gsize i = 0; i < n_part; i++, n++)
        {
          int fd;

          memcpy (&fd, CMSG_DATA (part) + i * sizeof fd, sizeof fd);
          if (n < max)
            fds[n] = fd;
          else
            close (fd);
        }
    }
  return n;
}
