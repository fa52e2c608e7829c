/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-act: actions from inside a session.
 *
 * Sends actions, one JSON object a line, to the session's action socket and
 * prints the result of each, one line of JSON. It runs in the agent's sandbox
 * with the agent's rights, decides nothing, and needs nothing but the C
 * library, so that any agent can use it from a shell.
 *
 * A result is an object with "status": "delivered" or "refused". An image
 * comes as base64 in its member "png", which -o takes out.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "config.h"
#include "session-broker/cli/glb-act-result.h"

#define EXIT_FAILED_GLOVEBOX 125
#define EXIT_REFUSED         126
/* The longest action (wait, hold_key) and its settling. */
#define DEADLINE_SECONDS     180
/* A line of an action, and of a result with its image. */
#define REQUEST_MAX          (256u * 1024u)
#define RESULT_MAX           (128u * 1024u * 1024u)

static int
fail (const char *what,
      const char *why)
{
  fprintf (stderr, "glovebox-act: %s: %s\n", what, why);
  return EXIT_FAILED_GLOVEBOX;
}

static void
print_usage (FILE *file)
{
  fputs ("Usage: glovebox-act [-o FILE] ACTION…\n"
         "       glovebox-act [-o FILE] < ACTIONS\n"
         "\n"
         "Does actions in the session that it runs in, until one is not delivered, and prints the\n"
         "result of each as a line of JSON. An action is JSON:\n"
         "  glovebox-act '{\"action\":\"left_click\",\"coordinate\":[10,20],\"settle\":true}'\n"
         "\n"
         "  -o FILE    write the image of a result there instead of base64 in the result\n"
         "  --help     this text\n"
         "  --version  the version\n"
         "\n"
         "Environment: GLOVEBOX_ACTION_SOCKET, the session's action socket.\n"
         "Exit codes: 0 delivered, 125 failed, 126 refused.\n", file);
}

static int
connect_socket (void)
{
  const char *path = getenv ("GLOVEBOX_ACTION_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const struct timeval deadline = { .tv_sec = DEADLINE_SECONDS };
  int fd;

  if (path == NULL || *path == '\0')
    {
      fail ("GLOVEBOX_ACTION_SOCKET", "is not set; run glovebox-act inside a session, or `glovebox act` outside");
      return -1;
    }
  if (strlen (path) >= sizeof address.sun_path)
    {
      fail (path, "is too long for a socket");
      return -1;
    }
  strcpy (address.sun_path, path);

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 ||
      setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline) < 0 ||
      setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline) < 0 ||
      connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    {
      fail (path, strerror (errno));
      if (fd >= 0)
        close (fd);
      return -1;
    }
  return fd;
}

static bool
send_all (int         fd,
          const char *bytes,
          size_t      length)
{
  ssize_t n;

  while (length > 0)
    {
      n = send (fd, bytes, length, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return false;
      bytes += n;
      length -= (size_t) n;
    }
  return true;
}

/* One line, without its newline, terminated; NULL with errno. */
static char *
receive_line (int     fd,
              size_t *length)
{
  size_t size = 4096, used = 0;
  char *line = malloc (size);
  char *newline = NULL;
  ssize_t n;

  while (line != NULL && newline == NULL)
    {
      if (used + 1 >= size)
        {
          char *larger = size >= RESULT_MAX ? NULL : realloc (line, size * 2);

          if (larger == NULL)
            {
              free (line);
              errno = EMSGSIZE;
              return NULL;
            }
          line = larger;
          size *= 2;
        }

      n = recv (fd, line + used, size - used - 1, 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          int saved_errno = n == 0 ? ECONNRESET : errno == EAGAIN ? ETIMEDOUT : errno;

          free (line);
          errno = saved_errno;
          return NULL;
        }
      newline = memchr (line + used, '\n', (size_t) n);
      used += (size_t) n;
    }

  if (line == NULL)
    return NULL;
  /* One request, one result: whatever follows the line is not ours. */
  *newline = '\0';
  *length = (size_t) (newline - line);
  return line;
}

static bool
write_file (const char          *path,
            const unsigned char *bytes,
            size_t               length)
{
  FILE *file = strcmp (path, "-") == 0 ? stdout : fopen (path, "we");
  bool good;

  if (file == NULL)
    return false;

  good = fwrite (bytes, 1, length, file) == length;
  good = (file == stdout ? fflush (file) : fclose (file)) == 0 && good;
  return good;
}

/* Writes the image of a result, and takes it out of the line. */
static int
take_image (char       *line,
            size_t     *length,
            const char *output)
{
  GlbActMember png;
  unsigned char *bytes;
  size_t n_bytes;
  bool good;

  if (!glb_act_find_member (line, *length, "png", &png))
    return 0;

  bytes = malloc (png.value_length / 4 * 3 + 3);
  if (bytes == NULL || !glb_act_decode_base64 (line + png.value, png.value_length, bytes, &n_bytes))
    {
      free (bytes);
      return fail (output, "the result's image is no base64");
    }

  good = write_file (output, bytes, n_bytes);
  free (bytes);
  if (!good)
    return fail (output, strerror (errno));

  *length = glb_act_remove_member (line, *length, &png);
  return 0;
}

static int
act (int         fd,
     const char *action,
     const char *output)
{
  GlbActMember status;
  size_t length;
  char *line;
  int code = 0;

  if (strlen (action) > REQUEST_MAX || strchr (action, '\n') != NULL)
    return fail ("action", "must be one line of at most 256 KiB");
  if (!send_all (fd, action, strlen (action)) || !send_all (fd, "\n", 1))
    return fail ("send", strerror (errno));

  line = receive_line (fd, &length);
  if (line == NULL)
    return fail ("result", strerror (errno));

  if (output != NULL)
    code = take_image (line, &length, output);
  if (output == NULL || strcmp (output, "-") != 0)
    printf ("%.*s\n", (int) length, line);
  fflush (stdout);

  if (code != 0)
    ;
  else if (!glb_act_find_member (line, length, "status", &status))
    code = fail ("result", "has no status");
  else if (status.value_length == 9 && memcmp (line + status.value, "delivered", 9) == 0)
    code = 0;
  else if (status.value_length == 7 && memcmp (line + status.value, "refused", 7) == 0)
    code = EXIT_REFUSED;
  else
    code = fail ("result", "has an unknown status");

  free (line);
  return code;
}

static int
act_from_stdin (int         fd,
                const char *output)
{
  char *line = NULL;
  size_t size = 0;
  ssize_t n;
  int code = 0;

  while (code == 0 && (n = getline (&line, &size, stdin)) >= 0)
    {
      if (n > 0 && line[n - 1] == '\n')
        line[n - 1] = '\0';
      if (line[strspn (line, " \t\r")] != '\0')
        code = act (fd, line, output);
    }
  free (line);
  return code;
}

int
main (int    argc,
      char **argv)
{
  const char *output = NULL;
  int first = 1;
  int code = 0;
  int fd;

  if (argc > 1 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0))
    {
      print_usage (stdout);
      return 0;
    }
  if (argc > 1 && strcmp (argv[1], "--version") == 0)
    {
      printf ("glovebox-act %s\n", GLOVEBOX_VERSION);
      return 0;
    }
  if (argc > 2 && strcmp (argv[1], "-o") == 0)
    {
      output = argv[2];
      first = 3;
    }
  if (argc > first && argv[first][0] == '-')
    {
      print_usage (stderr);
      return EXIT_FAILED_GLOVEBOX;
    }

  fd = connect_socket ();
  if (fd < 0)
    return EXIT_FAILED_GLOVEBOX;

  if (first == argc)
    code = act_from_stdin (fd, output);
  for (int i = first; i < argc && code == 0; i++)
    code = act (fd, argv[i], output);

  close (fd);
  return code;
}
