/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/*
 * Reaching over a network. In a session with a gate each TCP connection is
 * taken, by the gate, and closed when it is judged: a handshake says nothing.
 * So only a byte of the other side's counts: the token.
 */

#include "session-broker/prove/glb-prove.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEARD_MAX   65536
#define DEADLINE_US (3 * G_USEC_PER_SEC)

GString *
glb_prove_expand (GlbBait    *bait,
                  const char *text)
{
  g_autoptr(GString) expanded = g_string_new (NULL);

  for (const char *end; *text != '\0'; text = end)
    {
      g_autofree char *name = NULL;

      end = text + strcspn (text, "{");
      g_string_append_len (expanded, text, end - text);
      if (*end == '\0')
        break;
      text = end + 1;
      end = text + strcspn (text, "}");
      name = g_strndup (text, (gsize) (end - text));
      end++;
      if (strcmp (name, "nul") == 0)
        g_string_append_c (expanded, '\0');
      else if (glb_bait_get (bait, name) != NULL)
        g_string_append (expanded, glb_bait_get (bait, name));
      else
        return NULL;
    }
  return g_steal_pointer (&expanded);
}

static int
connect_to (const struct addrinfo *where)
{
  const struct timeval patience = { .tv_sec = DEADLINE_US / G_USEC_PER_SEC };
  int fd = socket (where->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int saved;

  if (fd < 0)
    return -1;
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect (fd, where->ai_addr, where->ai_addrlen) == 0)
    return fd;
  saved = errno;
  close (fd);
  errno = saved;
  return -1;
}

int
glb_prove_reach (const char *host,
                 guint16     port)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
  g_autofree char *service = g_strdup_printf ("%u", port);
  struct addrinfo *found = NULL;
  int fd = -1;
  int saved;

  if (getaddrinfo (host, service, &hints, &found) != 0)
    {
      errno = ENXIO;   /* no such name */
      return -1;
    }
  for (const struct addrinfo *one = found; one != NULL && fd < 0; one = one->ai_next)
    fd = connect_to (one);
  saved = errno;
  freeaddrinfo (found);
  errno = saved;
  return fd;
}

gboolean
glb_prove_listen (int         fd,
                  const char *wanted,
                  GString    *heard)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;
  char bytes[4096];

  while (heard->len < HEARD_MAX)
    {
      gint64 left_ms = (deadline - g_get_monotonic_time ()) / 1000;
      struct pollfd ready = { .fd = fd, .events = POLLIN };
      gssize n;

      errno = ETIMEDOUT;
      if (left_ms <= 0 || poll (&ready, 1, (int) left_ms) != 1)
        return FALSE;
      errno = 0;
      n = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
      if (n <= 0)
        return FALSE;
      g_string_append_len (heard, bytes, n);
      if (memmem (heard->str, heard->len, wanted, strlen (wanted)) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* The words of a refusal are its last line. */
static void
describe (const GString *heard,
          GString       *detail)
{
  g_auto(GStrv) lines = NULL;
  guint n;

  if (heard->len == 0)
    {
      g_string_assign (detail, errno != 0 ? g_strerror (errno) : "the connection was closed");
      return;
    }
  if (heard->str[0] == 5 && heard->len >= 4)
    {
      g_string_printf (detail, "SOCKS 5: refused with code %u", (guint8) heard->str[3]);
      return;
    }
  if (heard->str[0] == 21)
    {
      g_string_assign (detail, "TLS: refused with an alert");
      return;
    }
  lines = g_strsplit (heard->str, "\n", -1);
  for (n = g_strv_length (lines); n > 1 && g_strchomp (lines[n - 1])[0] == '\0';)
    n--;
  g_string_assign (detail, lines[n - 1]);
}

GlbProveResult
glb_prove_hear (GlbBait *bait,
                int      fd,
                GString *detail)
{
  g_autoptr(GString) heard = g_string_new (NULL);
  gboolean escaped;

  if (fd < 0)
    return glb_prove_refused (detail, "connect");

  escaped = glb_prove_listen (fd, glb_bait_get (bait, "token"), heard);
  if (!escaped)
    describe (heard, detail);
  close (fd);
  return escaped ? glb_prove_escaped (detail, "a service of the host answered") : GLB_PROVE_REFUSED;
}
