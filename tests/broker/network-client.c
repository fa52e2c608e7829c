/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program in a session, by its proxy:
 *
 *   hold HOST PORT         a connection: what the proxy says, what the host says, and "closed" at its end
 *   many N HOST PORT       N at once: how many were opened; closes them when its input ends
 *   refused N              N names, one after the other: how many were refused
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROXY_PORT 3128
#define MANY_MAX   2000

/* -1: nobody listens. */
static int
ask (const char *host, unsigned port)
{
  struct sockaddr_in proxy = { .sin_family = AF_INET, .sin_port = htons (PROXY_PORT), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  char request[1024];
  int size = snprintf (request, sizeof request, "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n\r\n", host, port, host, port);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return -1;
  if (connect (fd, (struct sockaddr *) &proxy, sizeof proxy) == 0 && send (fd, request, (size_t) size, MSG_NOSIGNAL) == size)
    return fd;
  close (fd);
  return -1;
}

/* The number behind "HTTP/1.1 "; 0: it said nothing. */
static int
hear_status (int fd)
{
  char answer[64] = "";
  size_t n = 0;

  while (n < 12)
    {
      ssize_t more = recv (fd, answer + n, 12 - n, 0);

      if (more <= 0)
        return 0;
      n += (size_t) more;
    }
  return atoi (answer + 9);
}

static int
hold (const char *host, unsigned port)
{
  int fd = ask (host, port);
  char bytes[4096];
  ssize_t n;

  if (fd < 0)
    {
      puts ("nobody listens");
      return 1;
    }
  while ((n = recv (fd, bytes, sizeof bytes, 0)) > 0)
    {
      fwrite (bytes, 1, (size_t) n, stdout);
      fflush (stdout);
    }
  puts ("\nclosed");
  return 0;
}

static int
many (unsigned n, const char *host, unsigned port)
{
  static int fds[MANY_MAX];
  struct rlimit limit;
  unsigned n_open = 0;
  char byte;

  if (n > MANY_MAX || getrlimit (RLIMIT_NOFILE, &limit) < 0)
    return 1;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  for (unsigned i = 0; i < n; i++)
    fds[i] = ask (host, port);
  for (unsigned i = 0; i < n; i++)
    n_open += fds[i] >= 0 && hear_status (fds[i]) == 200;
  printf ("%u open\n", n_open);
  fflush (stdout);
  while (read (0, &byte, 1) > 0)
    ;
  return 0;
}

static int
refused (unsigned n)
{
  unsigned n_refused = 0;

  for (unsigned i = 0; i < n; i++)
    {
      char host[64];
      int fd;

      snprintf (host, sizeof host, "n%u.refused.example", i);
      fd = ask (host, 80);
      n_refused += fd >= 0 && hear_status (fd) == 403;
      close (fd);
    }
  printf ("%u refused\n", n_refused);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc == 4 && strcmp (argv[1], "hold") == 0)
    return hold (argv[2], (unsigned) atoi (argv[3]));
  if (argc == 5 && strcmp (argv[1], "many") == 0)
    return many ((unsigned) atoi (argv[2]), argv[3], (unsigned) atoi (argv[4]));
  if (argc == 3 && strcmp (argv[1], "refused") == 0)
    return refused ((unsigned) atoi (argv[2]));
  fputs ("network-client: hold HOST PORT | many N HOST PORT | refused N\n", stderr);
  return 125;
}
