/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/sandbox/glb-send-fd.h"

#include <string.h>
#include <sys/socket.h>

gssize
glb_send_with_fd (int socket, struct iovec *parts, gsize n_parts, int fd)
{
  union { struct cmsghdr align; char space[CMSG_SPACE (sizeof (int))]; } control = { 0 };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = n_parts };

  if (fd >= 0)
    {
      struct cmsghdr *cmsg;

      message.msg_control = &control;
      message.msg_controllen = sizeof control.space;
      cmsg = CMSG_FIRSTHDR (&message);
      cmsg->cmsg_level = SOL_SOCKET;
      cmsg->cmsg_type = SCM_RIGHTS;
      cmsg->cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (cmsg), &fd, sizeof (int));
    }

  return sendmsg (socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}
