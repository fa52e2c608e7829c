/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-git-credential: Git's credential helper inside a session.
 *
 * Git starts it where a host wants a name and a password; it asks the broker,
 * which asks the person. It runs in the agent's sandbox with the agent's
 * rights, decides nothing, and needs nothing but the C library. The person's
 * store is never written: "store" and "erase" are not supported, which a
 * helper says by doing nothing (gitcredentials(7)).
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "config.h"

/* As glb-git-message.h has them, which needs GLib. */
#define REQUEST_MAX      4096u
#define ANSWER_MAX       65536u
/* The longest that a person may take to answer, and Git outside. */
#define DEADLINE_SECONDS 3700

static int
fail (const char *what,
      const char *why)
{
  fprintf (stderr, "glovebox-git-credential: %s: %s\n", what, why);
  return EXIT_FAILURE;
}

static void
print_usage (FILE *file)
{
  fputs ("Usage: glovebox-git-credential get|store|erase\n"
         "\n"
         "A credential helper for Git in a session: asks the person for the credentials of a host.\n"
         "Nothing is stored or erased.\n"
         "\n"
         "Environment: GLOVEBOX_GIT_SOCKET, the session's socket for it.\n", file);
}

static int
connect_socket (void)
{
  const char *path = getenv ("GLOVEBOX_GIT_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const struct timeval deadline = { .tv_sec = DEADLINE_SECONDS };
  int fd;

  if (path == NULL || *path == '\0' || strlen (path) >= sizeof address.sun_path)
    {
      fail ("GLOVEBOX_GIT_SOCKET", "names no socket; run Git inside a session whose policy has keys.gitCredentials");
      return -1;
    }

  strcpy (address.sun_path, path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline) == 0 &&
      connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;

  fail (path, strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Of all that Git says, what a host's credentials are found by. */
static bool
is_wanted (const char *line)
{
  static const char * const names[] = { "protocol=", "host=", "path=", "username=" };

  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strncmp (line, names[i], strlen (names[i])) == 0)
      return true;
  return false;
}

/* The length of the request; 0: it is too long. */
static size_t
read_request (char request[REQUEST_MAX])
{
  char line[REQUEST_MAX];
  size_t length = 0;

  while (fgets (line, sizeof line, stdin) != NULL && *line != '\n')
    {
      size_t n = strlen (line);

      if (!is_wanted (line))
        continue;
      if (line[n - 1] != '\n' || length + n + 1 >= REQUEST_MAX)
        return 0;
      memcpy (request + length, line, n);
      length += n;
    }
  request[length++] = '\n';
  return length;
}

static bool
send_all (int         fd,
          const char *bytes,
          size_t      length)
{
  while (length > 0)
    {
      ssize_t n = send (fd, bytes, length, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      bytes += n;
      length -= (size_t) n;
    }
  return true;
}

/* To its end. */
static bool
read_answer (int  fd,
             char answer[ANSWER_MAX])
{
  size_t length = 0;

  while (length < ANSWER_MAX - 1)
    {
      ssize_t n = recv (fd, answer + length, ANSWER_MAX - 1 - length, 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return false;
      if (n == 0)
        break;
      length += (size_t) n;
    }
  answer[length] = '\0';
  return length > 0;
}

static int
tell (const char *answer)
{
  static const char refused[] = "refused=";

  const char *why = answer + sizeof refused - 1;

  if (strncmp (answer, refused, sizeof refused - 1) == 0)
    {
      fprintf (stderr, "glovebox-git-credential: %.*s\n", (int) strcspn (why, "\n"), why);
      return EXIT_SUCCESS;
    }
  return fputs (answer, stdout) >= 0 && fflush (stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
get (void)
{
  static char answer[ANSWER_MAX];
  char request[REQUEST_MAX];
  size_t length = read_request (request);
  bool done;
  int fd;

  if (length == 0)
    return fail ("request", "is too long");
  fd = connect_socket ();
  if (fd < 0)
    return EXIT_FAILURE;

  done = send_all (fd, request, length) && read_answer (fd, answer);
  close (fd);
  return done ? tell (answer) : fail ("broker", "gave no answer; see glovebox audit");
}

int
main (int    argc,
      char **argv)
{
  const char *operation = argc == 2 ? argv[1] : "";

  if (strcmp (operation, "get") == 0)
    return get ();
  if (strcmp (operation, "--version") == 0)
    return puts ("glovebox-git-credential " GLOVEBOX_VERSION) >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  if (strcmp (operation, "--help") == 0)
    print_usage (stdout);
  else if (argc != 2)
    print_usage (stderr);
  return argc == 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}
