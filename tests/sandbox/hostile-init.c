/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for glovebox-init, and misbehaves as $HOSTILE says. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/sandbox/glb-init-protocol.h"

#define FD 3

static unsigned char noise[100000];

static void
say (unsigned int  type,
     uint64_t      serial,
     const void   *payload,
     size_t        size,
     const int    *fds,
     size_t        n_fds)
{
  GlbInitHeader header = { .type = type, .size = (uint32_t) size, .serial = serial };
  struct iovec parts[2] = { { &header, sizeof header }, { (void *) payload, size } };
  union { char bytes[CMSG_SPACE (8 * sizeof (int))]; struct cmsghdr align; } control = { 0 };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

  if (n_fds > 0)
    {
      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
      CMSG_FIRSTHDR (&message)->cmsg_level = SOL_SOCKET;
      CMSG_FIRSTHDR (&message)->cmsg_type = SCM_RIGHTS;
      CMSG_FIRSTHDR (&message)->cmsg_len = CMSG_LEN (n_fds * sizeof (int));
      memcpy (CMSG_DATA (CMSG_FIRSTHDR (&message)), fds, n_fds * sizeof (int));
    }
  if (sendmsg (FD, &message, MSG_NOSIGNAL) < 0)
    _exit (1);
}

static uint64_t
hear (void)
{
  static union { unsigned char bytes[GLB_INIT_MESSAGE_MAX]; GlbInitHeader header; } packet;

  if (recv (FD, packet.bytes, sizeof packet.bytes, 0) <= 0)
    _exit (0);
  return packet.header.serial;
}

static void
hello (void)
{
  GlbInitHello message = { .version = GLB_INIT_PROTOCOL_VERSION, .landlock_abi = 1 };

  say (GLB_INIT_HELLO, 0, &message, sizeof message, NULL, 0);
}

/* The serial of the EXEC. */
static uint64_t
until_exec (void)
{
  hello ();
  say (GLB_INIT_READY, hear (), NULL, 0, NULL, 0);
  return hear ();
}

static void
started (uint64_t serial,
         int      one,
         int      two,
         int      three,
         size_t   n)
{
  GlbInitStarted message = { .pid = 7 };
  int fds[8] = { one, two, three, one, one, one, one, one };

  say (GLB_INIT_STARTED, serial, &message, sizeof message, fds, n);
}

/* The answer to a CONNECT. FALSE: how is none of these. */
static int
lie_about_connection (const char *how,
                      int         file)
{
  static const struct { const char *how; int family, type, protocol; size_t n; } lies[] = {
    { "connect-unix", AF_UNIX, SOCK_STREAM, 0, 1 }, { "connect-udp", AF_INET, SOCK_DGRAM, 0, 1 },
    { "connect-netlink", AF_NETLINK, SOCK_RAW, 0, 1 }, { "connect-none", AF_INET, SOCK_STREAM, 0, 0 },
    { "connect-two", AF_INET, SOCK_STREAM, 0, 2 }, { "connect-serial", AF_INET, SOCK_STREAM, 0, 1 },
    { "connect-listening", AF_INET, SOCK_STREAM, 0, 1 }, { "connect-file", 0, 0, 0, 1 },
  };

  for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
    if (strcmp (how, lies[i].how) == 0)
      {
        uint64_t serial = until_exec () + (strcmp (how, "connect-serial") == 0 ? 1 : 0);
        int fd = lies[i].family == 0 ? file : socket (lies[i].family, lies[i].type, lies[i].protocol);
        int fds[] = { fd, fd };

        if (strcmp (how, "connect-listening") == 0 && listen (fd, 1) < 0)
          _exit (1);
        say (GLB_INIT_CONNECTED, serial, NULL, 0, fds, lies[i].n);
        return 1;
      }
  return 0;
}

/* To another question, what answers a CONNECT. */
static void
connect_unasked (void)
{
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  say (GLB_INIT_CONNECTED, until_exec (), NULL, 0, &fd, 1);
}

int
main (void)
{
  const char *how = getenv ("HOSTILE");
  GlbInitHello bad = { .version = 77 };
  GlbInitExited exited = { .status = 0 };
  int pipe_fds[2];
  int file = open ("/etc/passwd", O_RDONLY);

  if (how == NULL || pipe (pipe_fds) < 0)
    return 1;
  memset (noise, 0xa5, sizeof noise);

  if (strcmp (how, "noise") == 0)
    send (FD, noise, 200, 0);
  else if (strcmp (how, "huge") == 0)
    send (FD, noise, sizeof noise, 0);
  else if (strcmp (how, "version") == 0)
    say (GLB_INIT_HELLO, 0, &bad, sizeof bad, NULL, 0);
  else if (strcmp (how, "ready-first") == 0)
    say (GLB_INIT_READY, 1, NULL, 0, NULL, 0);
  else if (strcmp (how, "quits") == 0)
    return 0;
  else if (strcmp (how, "fds-on-hello") == 0)
    {
      GlbInitHello message = { .version = GLB_INIT_PROTOCOL_VERSION };

      say (GLB_INIT_HELLO, 0, &message, sizeof message, &file, 1);
    }
  else if (strcmp (how, "hello-twice") == 0)
    {
      hello ();
      hello ();
    }
  else if (strcmp (how, "wrong-ready") == 0)
    {
      hello ();
      say (GLB_INIT_READY, hear () + 1, NULL, 0, NULL, 0);
    }
  else if (strcmp (how, "files") == 0)
    started (until_exec (), file, file, file, 3);
  else if (strcmp (how, "wrong-ends") == 0)
    started (until_exec (), pipe_fds[0], pipe_fds[1], pipe_fds[1], 3);
  else if (strcmp (how, "one-fd") == 0)
    started (until_exec (), pipe_fds[1], 0, 0, 1);
  else if (strcmp (how, "eight-fds") == 0)
    started (until_exec (), pipe_fds[1], pipe_fds[0], pipe_fds[0], 8);
  else if (strcmp (how, "wrong-serial") == 0)
    started (until_exec () + 1, pipe_fds[1], pipe_fds[0], pipe_fds[0], 3);
  else if (strcmp (how, "exited") == 0)
    say (GLB_INIT_EXITED, until_exec (), &exited, sizeof exited, NULL, 0);
  else if (strcmp (how, "done") == 0)
    say (GLB_INIT_DONE, until_exec (), NULL, 0, NULL, 0);
  else if (strcmp (how, "connected") == 0)
    connect_unasked ();
  else if (lie_about_connection (how, file))
    ;
  else if (strcmp (how, "quits-at-exec") == 0)
    {
      until_exec ();
      return 0;
    }

  for (;;)
    hear ();
}
