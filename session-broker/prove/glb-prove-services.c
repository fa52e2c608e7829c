/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/*
 * What the person's machine offers on its network: services that say a token to
 * whoever reaches them.
 *
 *   greeter   TCP: says it at once
 *   web       HTTP: says it to every request but one for the named host, and to what is no request
 *   listener  TCP, in place of a TLS server: says it after the first byte
 *   echo      UDP: says it to each datagram
 *
 * The web server is as careless as servers are that requests are smuggled to: it takes whatever could be a Host field for one,
 * and where lengths disagree, its path says which of them it believes.
 */

#include "session-broker/prove/glb-prove.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS    32
#define PATIENCE_S 5
#define BYTES_MAX  (64u << 10)
/* After a request that is to be the last: a second one behind it came along with it. */
#define LAST_US    (G_USEC_PER_SEC / 4)

static const char *the_token;
static const char *the_welcome;

/* ---- one that came --------------------------------------------------------------------------- */

typedef struct
{
  GSocket       *socket;
  GInputStream  *in;
  GOutputStream *out;
  GString       *bytes;     /* read and not used */
  gboolean       closing;   /* it said that no more comes, which is not believed at once */
} Guest;

static void
guest_init (Guest             *self,
            GSocketConnection *connection)
{
  self->socket = g_socket_connection_get_socket (connection);
  g_socket_set_timeout (self->socket, PATIENCE_S);
  self->in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  self->out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  self->bytes = g_string_new (NULL);
}

static void
guest_clear (Guest *self)
{
  g_string_free (self->bytes, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Guest, guest_clear)

static void
say (Guest      *self,
     const char *text)
{
  g_output_stream_write_all (self->out, text, strlen (text), NULL, NULL, NULL);
}

/* FALSE: nothing more comes, or is taken: there may be others in this network. */
static gboolean
fill (Guest *self)
{
  char more[4096];
  gssize n;

  if (self->bytes->len > BYTES_MAX)
    return FALSE;
  if (self->closing && !g_socket_condition_timed_wait (self->socket, G_IO_IN, LAST_US, NULL, NULL))
    return FALSE;
  n = g_input_stream_read (self->in, more, sizeof more, NULL, NULL);
  if (n > 0)
    g_string_append_len (self->bytes, more, n);
  return n > 0;
}

/* What it still says is read, because unread bytes make close() a reset, which overtakes the token. */
static void
give_token (Guest *self)
{
  say (self, the_token);
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  while (fill (self))
    g_string_truncate (self->bytes, 0);
}

static gboolean
on_greeter (GThreadedSocketService *service,
            GSocketConnection      *connection,
            GObject                *source,
            gpointer                user_data)
{
  g_auto(Guest) guest = { 0 };

  guest_init (&guest, connection);
  give_token (&guest);
  return TRUE;
}

static gboolean
on_listener (GThreadedSocketService *service,
             GSocketConnection      *connection,
             GObject                *source,
             gpointer                user_data)
{
  g_auto(Guest) guest = { 0 };

  guest_init (&guest, connection);
  if (fill (&guest))
    give_token (&guest);
  return TRUE;
}

/* ---- web ----------------------------------------------------------------------------------- */

/* Up to the empty line, taken out; NULL: it is not there. (transfer full) (nullable) */
static char *
take_head (Guest *self)
{
  const char *crlf = memmem (self->bytes->str, self->bytes->len, "\r\n\r\n", 4);
  const char *lf = memmem (self->bytes->str, self->bytes->len, "\n\n", 2);
  const char *end = crlf != NULL && (lf == NULL || crlf < lf) ? crlf + 4 : lf != NULL ? lf + 2 : NULL;
  char *head;

  if (end == NULL)
    return NULL;
  head = g_strndup (self->bytes->str, (gsize) (end - self->bytes->str));
  g_string_erase (self->bytes, 0, end - self->bytes->str);
  return head;
}

/* The value of a line NAME: VALUE, with spaces wherever; NULL: it is another line. (nullable) */
static const char *
match_field (const char *line,
             const char *name)
{
  while (g_ascii_isspace (*line))
    line++;
  if (g_ascii_strncasecmp (line, name, strlen (name)) != 0)
    return NULL;
  line += strlen (name);
  while (g_ascii_isspace (*line))
    line++;
  if (*line++ != ':')
    return NULL;
  while (g_ascii_isspace (*line))
    line++;
  return line;
}

static gboolean
is_named (const char *host)
{
  gsize length = strcspn (host, ":/ \t\r\n");

  return length == strlen (GLB_PROVE_NAMED) && strncmp (host, GLB_PROVE_NAMED, length) == 0;
}

/* FALSE: it names no host, or any other, anywhere. */
static gboolean
names_only_named (const char *head)
{
  g_auto(GStrv) lines = g_strsplit (head, "\n", -1);
  const char *target = strstr (lines[0], "://");
  gboolean found = FALSE;

  if (target != NULL && !is_named (target + 3))
    return FALSE;
  for (guint i = 1; lines[i] != NULL; i++)
    {
      const char *host = match_field (lines[i], "Host");

      if (host != NULL && !is_named (host))
        return FALSE;
      found = found || host != NULL;
    }
  return found;
}

/* (transfer full) (nullable) */
static char *
find_field (const char *head,
            const char *name,
            gboolean    last)
{
  g_auto(GStrv) lines = g_strsplit (head, "\n", -1);
  const char *found = NULL;

  for (guint i = 1; lines[i] != NULL; i++)
    {
      const char *value = match_field (lines[i], name);

      if (value != NULL && (last || found == NULL))
        found = value;
    }
  return g_strdup (found);
}

static gboolean
skip (Guest   *self,
      guint64  size)
{
  while (self->bytes->len < size)
    if (!fill (self))
      return FALSE;
  g_string_erase (self->bytes, 0, (gssize) size);
  return TRUE;
}

/* (transfer full) (nullable) */
static char *
take_line (Guest *self)
{
  const char *end;
  char *line;

  while ((end = memchr (self->bytes->str, '\n', self->bytes->len)) == NULL)
    if (!fill (self))
      return NULL;
  line = g_strndup (self->bytes->str, (gsize) (end - self->bytes->str));
  g_string_erase (self->bytes, 0, end + 1 - self->bytes->str);
  return g_strchomp (line);
}

static gboolean
skip_chunks (Guest *self)
{
  guint64 size;

  do
    {
      g_autofree char *line = take_line (self);
      g_autofree char *empty = NULL;

      if (line == NULL)
        return FALSE;
      size = g_ascii_strtoull (line, NULL, 16);
      if (!skip (self, size))
        return FALSE;
      empty = take_line (self);
    }
  while (size > 0);
  return TRUE;
}

static gboolean
is_last (const char *head)
{
  g_autofree char *connection = find_field (head, "Connection", TRUE);

  return connection != NULL && g_str_has_prefix (connection, "close");
}

static gboolean
skip_body (Guest      *self,
           const char *head)
{
  g_auto(GStrv) words = g_strsplit (head, " ", 3);
  const char *path = words[0] != NULL && words[1] != NULL ? words[1] : "/";
  g_autofree char *length = find_field (head, "Content-Length", !g_str_has_suffix (path, "/first"));
  g_autofree char *coding = find_field (head, "Transfer-Encoding", TRUE);

  if (coding != NULL && strstr (coding, "chunked") != NULL && !g_str_has_suffix (path, "/length"))
    return skip_chunks (self);
  return length == NULL || skip (self, g_ascii_strtoull (length, NULL, 10));
}

/* FALSE: the guest got the token, or has gone. */
static gboolean
serve_request (Guest *self)
{
  g_autofree char *answer = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen (the_welcome), the_welcome);
  g_autofree char *head = NULL;

  while ((head = take_head (self)) == NULL)
    {
      gboolean is_request = self->bytes->len == 0 || g_ascii_isspace (self->bytes->str[0]) || g_ascii_isupper (self->bytes->str[0]);

      if (is_request && fill (self))
        continue;
      if (self->bytes->len > 0)
        give_token (self);
      return FALSE;
    }
  if (!names_only_named (head))
    {
      give_token (self);
      return FALSE;
    }
  say (self, answer);
  self->closing = is_last (head);
  return skip_body (self, head);
}

static gboolean
on_web (GThreadedSocketService *service,
        GSocketConnection      *connection,
        GObject                *source,
        gpointer                user_data)
{
  g_auto(Guest) guest = { 0 };

  guest_init (&guest, connection);
  while (serve_request (&guest))
    ;
  return TRUE;
}

/* ---- echo ------------------------------------------------------------------------------------ */

static gpointer
echo_thread (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  struct sockaddr_storage from;
  char bytes[2048];

  for (;;)
    {
      socklen_t size = sizeof from;

      if (recvfrom (fd, bytes, sizeof bytes, 0, (struct sockaddr *) &from, &size) >= 0)
        sendto (fd, the_token, strlen (the_token), MSG_NOSIGNAL, (struct sockaddr *) &from, size);
    }
  return NULL;
}

/* On all addresses, and in a group. 0: it cannot be had. */
static guint16
start_echo (void)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
  socklen_t size = sizeof address;
  struct ip_mreq group = { .imr_interface.s_addr = htonl (INADDR_LOOPBACK) };
  const int off = 0;
  int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0 ||
      bind (fd, (struct sockaddr *) &address, size) < 0 || getsockname (fd, (struct sockaddr *) &address, &size) < 0)
    return 0;

  if (inet_pton (AF_INET, GLB_PROVE_MULTICAST, &group.imr_multiaddr) == 1)
    setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
  g_thread_unref (g_thread_new ("echo", echo_thread, GINT_TO_POINTER (fd)));
  return ntohs (address.sin6_port);
}

/* ---- all of them ------------------------------------------------------------------------------- */

static guint16
start_service (GCallback run)
{
  GSocketService *service = g_threaded_socket_service_new (THREADS);   /* lives as long as the process */

  g_signal_connect (service, "run", run, NULL);
  return g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
}

static gboolean
on_input (int           fd,
          GIOCondition  condition,
          gpointer      user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

int
glb_bait_services_main (const char *token,
                        const char *welcome)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint16 greeter, web, listener, echo;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  the_token = token;
  the_welcome = welcome;
  greeter = start_service (G_CALLBACK (on_greeter));
  web = start_service (G_CALLBACK (on_web));
  listener = start_service (G_CALLBACK (on_listener));
  echo = start_echo ();
  printf ("%u %u %u %u\n", greeter, web, listener, echo);
  fflush (stdout);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input, loop);
  g_main_loop_run (loop);
  return 0;
}
