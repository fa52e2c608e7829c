/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/network/gate-fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_S 30

static void
set_deadline (int fd)
{
  const struct timeval deadline = { DEADLINE_S, 0 };

  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline));
  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline));
}

static int
bind_socket (int         type,
             const char *address,
             guint16    *port)
{
  struct sockaddr_in in = { .sin_family = AF_INET };
  socklen_t size = sizeof in;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  g_assert_no_errno (fd);
  inet_pton (AF_INET, address, &in.sin_addr);
  g_assert_no_errno (bind (fd, (void *) &in, sizeof in));
  if (type == SOCK_STREAM)
    g_assert_no_errno (listen (fd, 4096));
  g_assert_no_errno (getsockname (fd, (void *) &in, &size));
  *port = ntohs (in.sin_port);
  return fd;
}

static int
dial (const char *address,
      guint16     port)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (fd);
  inet_pton (AF_INET, address, &in.sin_addr);
  set_deadline (fd);
  g_assert_no_errno (connect (fd, (void *) &in, sizeof in));
  return fd;
}

static void
load_filter (GBytes *program)
{
  struct sock_fprog filter = {
    .len = g_bytes_get_size (program) / sizeof (struct sock_filter),
    .filter = (struct sock_filter *) g_bytes_get_data (program, NULL),
  };

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall (__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
    _exit (124);
}

static void
spawn (Gate       *self,
       const char *program,
       GBytes     *filter,
       int         control,
       int         errors)
{
  pid_t parent = getpid ();

  self->pid = fork ();
  g_assert_no_errno (self->pid);
  if (self->pid != 0)
    return;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent || dup2 (errors, STDERR_FILENO) < 0 || dup2 (control, 3) < 0 || fcntl (3, F_SETFD, 0) < 0)
    _exit (125);
  if (filter != NULL)
    load_filter (filter);
  execl (program, program, NULL);
  _exit (126);
}

void
gate_start (Gate       *self,
            const char *program,
            GBytes     *filter,
            guint32     max_connections,
            guint64     bytes_per_second)
{
  const GlbNetworkSetup setup = { GLB_NETWORK_PROTOCOL_VERSION, max_connections, bytes_per_second };
  int fds[GLB_NETWORK_N_SOCKETS], control[2], errors[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control));
  g_assert_no_errno (pipe2 (errors, O_CLOEXEC));
  fcntl (control[1], F_SETFL, O_NONBLOCK);
  spawn (self, program, filter, control[1], errors[1]);
  close (control[1]);
  close (errors[1]);
  self->control = control[0];
  self->errors = errors[0];
  set_deadline (self->control);
  self->server = bind_socket (SOCK_STREAM, "127.0.0.1", &self->server_port);

  fds[GLB_NETWORK_SOCKET_PROXY] = bind_socket (SOCK_STREAM, "127.0.0.1", &self->ports[GLB_NETWORK_SOCKET_PROXY]);
  fds[GLB_NETWORK_SOCKET_TRANSPARENT] = bind_socket (SOCK_STREAM, "127.0.0.2", &self->ports[GLB_NETWORK_SOCKET_TRANSPARENT]);
  fds[GLB_NETWORK_SOCKET_NAMES] = bind_socket (SOCK_DGRAM, "127.0.0.1", &self->ports[GLB_NETWORK_SOCKET_NAMES]);
  for (guint i = 0; i < GLB_NETWORK_N_SOCKETS; i++)
    fcntl (fds[i], F_SETFL, O_NONBLOCK);
  gate_send (self, GLB_NETWORK_SETUP, &setup, sizeof setup, fds, GLB_NETWORK_N_SOCKETS);
  for (guint i = 0; i < GLB_NETWORK_N_SOCKETS; i++)
    close (fds[i]);
  gate_expect (self, GLB_NETWORK_READY);
}

void
gate_expect_exit (Gate *self,
                  int   status)
{
  int result;

  /* Its standard error ends with it. */
  if (status == 0)
    expect_eof (self->errors);
  g_assert_cmpint (waitpid (self->pid, &result, 0), ==, self->pid);
  g_assert_true (WIFEXITED (result));
  g_assert_cmpint (WEXITSTATUS (result), ==, status);
  close (self->errors);
  close (self->server);
  if (self->control >= 0)
    close (self->control);
}

void
gate_stop (Gate *self)
{
  close (self->control);
  self->control = -1;
  gate_expect_exit (self, 0);
}

void
gate_send (Gate                  *self,
           GlbNetworkMessageType  type,
           const void            *payload,
           gsize                  size,
           const int             *fds,
           guint                  n_fds)
{
  GlbNetworkHeader header = { type, size };
  struct iovec vectors[] = { { &header, sizeof header }, { (void *) payload, size } };
  union { char space[CMSG_SPACE (4 * sizeof (int))]; struct cmsghdr align; } control = { 0 };
  struct msghdr message = { .msg_iov = vectors, .msg_iovlen = size > 0 ? 2 : 1 };

  if (n_fds > 0)
    {
      control.align = (struct cmsghdr) { CMSG_LEN (n_fds * sizeof (int)), SOL_SOCKET, SCM_RIGHTS };
      memcpy (CMSG_DATA (&control.align), fds, n_fds * sizeof (int));
      message.msg_control = &control;
      message.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
    }
  g_assert_no_errno (sendmsg (self->control, &message, MSG_NOSIGNAL));
}

GlbNetworkMessage
gate_expect (Gate                  *self,
             GlbNetworkMessageType  type)
{
  g_autoptr(GError) error = NULL;
  guint8 packet[1024];
  gssize size = recv (self->control, packet, sizeof packet, 0);
  GlbNetworkMessage message;

  g_assert_no_errno (size);
  glb_network_message_parse (packet, size, 0, &message, &error);
  g_assert_no_error (error);
  if (message.type == GLB_NETWORK_MALFORMED && type != GLB_NETWORK_MALFORMED)
    g_test_message ("malformed: %s", message.malformed.text);
  if (message.type == GLB_NETWORK_CLOSED && type != GLB_NETWORK_CLOSED)
    g_test_message ("closed: %u", message.closed.end);
  g_assert_cmpint (message.type, ==, type);
  return message;
}

GlbNetworkClosed
gate_expect_closed (Gate          *self,
                    guint64        id,
                    GlbNetworkEnd  end)
{
  GlbNetworkClosed closed = gate_expect (self, GLB_NETWORK_CLOSED).closed;

  g_assert_cmpuint (closed.id, ==, id);
  g_assert_cmpint (closed.end, ==, end);
  return closed;
}

void
gate_expect_malformed (Gate          *self,
                       GlbNetworkHow  how)
{
  g_assert_cmpint (gate_expect (self, GLB_NETWORK_MALFORMED).malformed.how, ==, how);
}

int
gate_opened (Gate       *self,
             guint64     id,
             guint       speech,
             const char *name)
{
  GlbNetworkOpened opened = { .id = id, .speech = speech };
  int fd = dial ("127.0.0.1", self->server_port);
  int host = accept4 (self->server, NULL, NULL, SOCK_CLOEXEC);

  g_assert_no_errno (host);
  set_deadline (host);
  g_strlcpy (opened.name, name, sizeof opened.name);
  gate_send (self, GLB_NETWORK_OPENED, &opened, sizeof opened, &fd, 1);
  close (fd);
  return host;
}

void
gate_refused (Gate              *self,
              guint64            id,
              GlbNetworkRefusal  refusal,
              const char        *text)
{
  GlbNetworkRefused refused = { .id = id, .refusal = refusal };

  g_strlcpy (refused.text, text, sizeof refused.text);
  gate_send (self, GLB_NETWORK_REFUSED, &refused, sizeof refused, NULL, 0);
}

void
gate_close (Gate    *self,
            guint64  id)
{
  const GlbNetworkClose message = { id };

  gate_send (self, GLB_NETWORK_CLOSE, &message, sizeof message, NULL, 0);
}

int
gate_dial (Gate             *self,
           GlbNetworkSocket  socket)
{
  return dial (socket == GLB_NETWORK_SOCKET_TRANSPARENT ? "127.0.0.2" : "127.0.0.1", self->ports[socket]);
}

guint64
gate_tunnel (Gate       *self,
             guint       speech,
             const char *name,
             int         ends[2])
{
  static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";
  const char *host = name[0] != '\0' ? name : "192.0.2.1";
  g_autofree char *request = g_strdup_printf ("CONNECT %s:443 HTTP/1.1\r\nHost: %s\r\n\r\n", host, host);
  GlbNetworkOpen open;

  ends[0] = gate_dial (self, GLB_NETWORK_SOCKET_PROXY);
  say (ends[0], request, -1);
  open = gate_expect (self, GLB_NETWORK_OPEN).open;
  g_assert_cmpint (open.how, ==, GLB_NETWORK_HOW_CONNECT);
  g_assert_cmpint (open.port, ==, 443);
  ends[1] = gate_opened (self, open.id, speech, name);
  expect_bytes (ends[0], established, -1);
  return open.id;
}

void
say (int         fd,
     const void *bytes,
     gssize      size)
{
  const char *at = bytes;
  gsize left = size < 0 ? strlen (bytes) : (gsize) size;

  while (left > 0)
    {
      gssize n = send (fd, at, left, MSG_NOSIGNAL);

      g_assert_no_errno (n);
      at += n;
      left -= n;
    }
}

void
expect_bytes (int         fd,
              const void *bytes,
              gssize      size)
{
  gsize wanted = size < 0 ? strlen (bytes) : (gsize) size;
  g_autofree char *got = g_malloc (wanted + 1);
  gssize n = recv (fd, got, wanted, MSG_WAITALL);

  g_assert_no_errno (n);
  g_assert_cmpmem (got, n, bytes, wanted);
}

void
expect_eof (int fd)
{
  struct pollfd ready = { fd, POLLIN };
  char byte;

  g_assert_cmpint (poll (&ready, 1, DEADLINE_S * 1000), ==, 1);
  g_assert_cmpint (read (fd, &byte, 1), ==, 0);
}

void
expect_reset (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, -1);
  g_assert_cmpint (errno, ==, ECONNRESET);
}

char *
hear_until (int         fd,
            const char *end)
{
  g_autoptr(GString) all = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (all->str, end))
    {
      g_assert_cmpint (read (fd, &byte, 1), ==, 1);
      g_string_append_c (all, byte);
    }
  return g_string_free (g_steal_pointer (&all), FALSE);
}

char *
hear_all (int fd)
{
  g_autoptr(GString) all = g_string_new (NULL);
  char part[4096];
  gssize n;

  while ((n = read (fd, part, sizeof part)) > 0)
    g_string_append_len (all, part, n);
  g_assert_no_errno (n);
  return g_string_free (g_steal_pointer (&all), FALSE);
}
