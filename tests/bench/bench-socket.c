/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A client and a server that measure a way through a network. The client needs the C library alone, so that it runs anywhere.
 *
 *   bench-socket serve                          says its port, serves until its standard input ends
 *   bench-socket down HOST PORT MIB [PROXY]     bytes from the server: says MiB a second
 *   bench-socket up   HOST PORT MIB [PROXY]     bytes to the server
 *   bench-socket open HOST PORT N [PROXY]       N connections one after the other, each until a byte came back: says the median
 *                                               in microseconds, its 90th percentile, and connections a second
 *   bench-socket hold HOST PORT N [PROXY]       N connections at a time; says "held" and keeps them until its standard input ends
 *
 * PROXY: port of an HTTP proxy on 127.0.0.1, which is asked by CONNECT.
 */

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (256 * 1024)
#define MIB   (1024 * 1024)

static void
die (const char *what)
{
  perror (what);
  exit (1);
}

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static void
write_all (int fd, const void *bytes, size_t size)
{
  const char *at = bytes;

  while (size > 0)
    {
      ssize_t n = write (fd, at, size);

      if (n <= 0)
        die ("write");
      at += n;
      size -= (size_t) n;
    }
}

/* ---- server ------------------------------------------------------------------------ */

/* One order: a letter and how many bytes. */
typedef struct { char what; uint64_t size; } __attribute__ ((packed)) Order;

static void
send_bytes (int fd, uint64_t size)
{
  static char zeroes[CHUNK];

  for (uint64_t left = size; left > 0;)
    {
      ssize_t n = write (fd, zeroes, left < CHUNK ? left : CHUNK);

      if (n <= 0)
        return;
      left -= (uint64_t) n;
    }
}

/* FALSE: they did not all come. */
static int
take_bytes (int fd, uint64_t size)
{
  char *bytes = malloc (CHUNK);
  uint64_t left = size;

  while (left > 0)
    {
      ssize_t n = read (fd, bytes, left < CHUNK ? left : CHUNK);

      if (n <= 0)
        break;
      left -= (uint64_t) n;
    }
  free (bytes);
  return left == 0;
}

static void *
serve_one (void *data)
{
  int fd = (int) (intptr_t) data;
  Order order;

  while (recv (fd, &order, sizeof order, MSG_WAITALL) == sizeof order)
    {
      if (order.what == 'd')
        send_bytes (fd, order.size);
      else if (!take_bytes (fd, order.size) || write (fd, "k", 1) != 1)
        break;
    }
  close (fd);
  return NULL;
}

static void *
serve_all (void *data)
{
  int listener = (int) (intptr_t) data;
  const int yes = 1;

  for (;;)
    {
      int fd = accept (listener, NULL, NULL);
      pthread_t thread;

      if (fd < 0)
        continue;
      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      if (pthread_create (&thread, NULL, serve_one, (void *) (intptr_t) fd) != 0)
        close (fd);
      else
        pthread_detach (thread);
    }
  return NULL;
}

static int
serve (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  pthread_t thread;
  char byte;

  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) < 0 || listen (fd, 4096) < 0 ||
      getsockname (fd, (struct sockaddr *) &address, &size) < 0)
    die ("listen");
  printf ("%u\n", ntohs (address.sin_port));
  fflush (stdout);
  if (pthread_create (&thread, NULL, serve_all, (void *) (intptr_t) fd) != 0)
    die ("thread");
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  return 0;
}

/* ---- client ------------------------------------------------------------------------ */

typedef struct
{
  const char *host, *port, *proxy;
  struct addrinfo *address;      /* of what is connected to */
} Way;

static void
find_way (Way *way)
{
  const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
  int error = getaddrinfo (way->proxy != NULL ? "127.0.0.1" : way->host, way->proxy != NULL ? way->proxy : way->port, &hints, &way->address);

  if (error != 0)
    {
      fprintf (stderr, "%s: %s\n", way->host, gai_strerror (error));
      exit (1);
    }
}

static void
ask_proxy (int fd, const Way *way)
{
  char text[1024];
  size_t size = 0;

  write_all (fd, text, (size_t) snprintf (text, sizeof text, "CONNECT %s:%s HTTP/1.1\r\nHost: %s:%s\r\n\r\n", way->host, way->port, way->host, way->port));
  do
    {
      ssize_t n = read (fd, text + size, sizeof text - 1 - size);

      if (n <= 0)
        die ("the proxy");
      size += (size_t) n;
      text[size] = '\0';
    }
  while (strstr (text, "\r\n\r\n") == NULL && size < sizeof text - 1);
  if (strncmp (text, "HTTP/1.1 200", 12) != 0)
    {
      fprintf (stderr, "%s\n", text);
      exit (1);
    }
}

static int
open_way (const Way *way)
{
  const int yes = 1;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || connect (fd, way->address->ai_addr, way->address->ai_addrlen) < 0)
    die ("connect");
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (way->proxy != NULL)
    ask_proxy (fd, way);
  return fd;
}

static void
exchange (int fd, char what, uint64_t size)
{
  const Order order = { what, size };
  char byte;

  write_all (fd, &order, sizeof order);
  if (what == 'u')
    {
      send_bytes (fd, size);
      if (read (fd, &byte, 1) != 1)
        die ("read");
    }
  else if (!take_bytes (fd, size))
    die ("read");
}

static void
measure_bytes (const Way *way, char what, uint64_t mib)
{
  int fd = open_way (way);
  double start;

  exchange (fd, what, MIB);
  start = now ();
  exchange (fd, what, mib * MIB);
  printf ("%.1f\n", (double) mib / ((now () - start) / 1e6));
  close (fd);
}

static int
compare (const void *a, const void *b)
{
  double one = *(const double *) a, other = *(const double *) b;

  return (one > other) - (one < other);
}

static void
measure_opens (const Way *way, unsigned n)
{
  double *times = calloc (n, sizeof *times);
  double start = now ();

  for (unsigned i = 0; i < n; i++)
    {
      double begin = now ();
      int fd = open_way (way);

      exchange (fd, 'd', 1);
      times[i] = now () - begin;
      close (fd);
    }
  start = now () - start;
  qsort (times, n, sizeof *times, compare);
  printf ("%.1f %.1f %.1f\n", times[n / 2], times[n * 9 / 10], n / (start / 1e6));
  free (times);
}

static void
hold (const Way *way, unsigned n)
{
  struct rlimit limit;
  char byte;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  for (unsigned i = 0; i < n; i++)
    exchange (open_way (way), 'd', 1);
  printf ("held\n");
  fflush (stdout);
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
}

int
main (int argc, char **argv)
{
  Way way = { 0 };

  signal (SIGPIPE, SIG_IGN);
  if (argc == 2 && strcmp (argv[1], "serve") == 0)
    return serve ();
  if (argc < 5)
    {
      fprintf (stderr, "usage: bench-socket serve, or bench-socket down|up|open|hold HOST PORT N [PROXY]\n");
      return 2;
    }

  way.host = argv[2];
  way.port = argv[3];
  way.proxy = argc > 5 ? argv[5] : NULL;
  find_way (&way);
  if (strcmp (argv[1], "open") == 0)
    measure_opens (&way, (unsigned) atoi (argv[4]));
  else if (strcmp (argv[1], "hold") == 0)
    hold (&way, (unsigned) atoi (argv[4]));
  else
    measure_bytes (&way, argv[1][0], (uint64_t) atoi (argv[4]));
  return 0;
}
