/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a program of a session may be that serves something:
 *
 *   echo-server ADDRESS PORT          says "ready", then says what it hears, to all at once
 *   echo-server ADDRESS PORT deaf     the same, but accepts nobody; one waits, and more than that are not answered
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000

static struct pollfd polls[1 + CONNECTIONS_MAX];
static nfds_t n_polls = 1;

static int
listen_at (const char *text, unsigned short port, int backlog)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons (port) };
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (port) };
  int is_ipv6 = inet_pton (AF_INET6, text, &in6.sin6_addr) == 1;
  int fd = socket (is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);

  if (fd < 0 || (!is_ipv6 && inet_pton (AF_INET, text, &in.sin_addr) != 1))
    return -1;
  if ((is_ipv6 ? bind (fd, (struct sockaddr *) &in6, sizeof in6) : bind (fd, (struct sockaddr *) &in, sizeof in)) != 0)
    return -1;
  return listen (fd, backlog) == 0 ? fd : -1;
}

static void
take_one (void)
{
  int fd = accept (polls[0].fd, NULL, NULL);

  if (fd >= 0 && n_polls < 1 + CONNECTIONS_MAX)
    polls[n_polls++] = (struct pollfd) { .fd = fd, .events = POLLIN };
  else if (fd >= 0)
    close (fd);
}

/* 0: it is over. */
static int
echo (int fd)
{
  char bytes[65536];
  ssize_t n = read (fd, bytes, sizeof bytes);

  return n > 0 && send (fd, bytes, (size_t) n, MSG_NOSIGNAL) == n;
}

static void
serve (void)
{
  for (;;)
    {
      if (poll (polls, n_polls, -1) < 0)
        return;
      for (nfds_t i = n_polls; i-- > 1;)
        if (polls[i].revents != 0 && !echo (polls[i].fd))
          {
            close (polls[i].fd);
            polls[i] = polls[--n_polls];
          }
      if (polls[0].revents != 0)
        take_one ();
    }
}

int
main (int argc, char **argv)
{
  int is_deaf = argc == 4 && strcmp (argv[3], "deaf") == 0;
  int fd = argc >= 3 ? listen_at (argv[1], (unsigned short) atoi (argv[2]), is_deaf ? 0 : 1024) : -1;

  if (fd < 0)
    {
      perror ("echo-server");
      return 1;
    }
  puts ("ready");
  fflush (stdout);
  if (is_deaf)
    pause ();

  polls[0] = (struct pollfd) { .fd = fd, .events = POLLIN };
  serve ();
  return 1;
}
