/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/sandbox/glb-receive-fds.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static guint
take_fds (struct msghdr *header, int *fds, guint max)
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

gssize
glb_receive_with_fds (int socket, void *untrusted, gsize size, int *fds, guint max, guint *n_fds)
{
  struct iovec part = { untrusted, size };
  union { struct cmsghdr align; char space[CMSG_SPACE (GLB_RECEIVE_FDS_MAX * sizeof (int))]; } control;
  struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space };
  gssize length;

  g_return_val_if_fail (max <= GLB_RECEIVE_FDS_MAX, 0);

  length = recvmsg (socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  *n_fds = 0;
  for (guint i = 0; i < max; i++)
    fds[i] = -1;
  if (length <= 0)
    return length < 0 && (errno == EAGAIN || errno == EINTR) ? -1 : 0;

  *n_fds = take_fds (&header, fds, max);
  /* what the kernel had no room for it has closed */
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    *n_fds = G_MAXUINT;
  return length;
}
