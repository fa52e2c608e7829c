/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The network namespace that glovebox-launch makes, from inside with what nobody may, and from outside with its sockets. */

#include "tests/sandbox/sandbox-helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRY "/run/try-network"

static gboolean
can_network (void)
{
  g_autofree char *missing = NULL;

  if (!can_sandbox ())
    return FALSE;
  missing = glb_sandbox_diagnose_network ();
  if (missing == NULL)
    return TRUE;
  g_test_skip (missing);
  return FALSE;
}

static gboolean
can_ipv6 (void)
{
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    {
      g_test_skip ("the kernel has no IPv6");
      return FALSE;
    }
  close (fd);
  return TRUE;
}

/* --- a session and who holds its sockets --- */

typedef struct
{
  GlbSandbox *sandbox;
  int         sockets[GLB_NETWORK_N_SOCKETS];
  int         in, out;      /* standard input and output of its shell */
  GString    *output;
  guint       n_led;        /* connections that came to the transparent socket */
} Session;

static void
session_start (Session *self, Fixture *fixture, const char *script)
{
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "try-network", NULL);
  g_autoptr(GError) error = NULL;
  int in[2], out[2];

  g_assert_cmpint (pipe2 (in, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (out, O_CLOEXEC), ==, 0);
  g_assert_cmpint (fcntl (out[0], F_SETFL, O_NONBLOCK), ==, 0);
  self->in = in[1];
  self->out = out[0];
  self->output = g_string_new (NULL);
  for (guint i = 0; i < GLB_NETWORK_N_SOCKETS; i++)
    self->sockets[i] = -1;

  glb_sandbox_spec_add_mount (fixture->spec, program, TRY, 0);
  glb_sandbox_spec_set_network (fixture->spec, TRUE);
  glb_sandbox_spec_take_fd (fixture->spec, in[0], STDIN_FILENO);
  glb_sandbox_spec_take_fd (fixture->spec, out[1], STDOUT_FILENO);
  glb_sandbox_spec_set_argv (fixture->spec, argv);
  self->sandbox = glb_sandbox_launch (fixture->spec, &error);
  g_assert_no_error (error);
  fixture_renew (fixture);
}

static char *
dup_own_address (int fd)
{
  struct sockaddr_in6 own = { 0 };
  socklen_t size = sizeof own;
  char text[INET6_ADDRSTRLEN];

  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &own, &size), ==, 0);
  if (own.sin6_family == AF_INET)
    inet_ntop (AF_INET, &((struct sockaddr_in *) &own)->sin_addr, text, sizeof text);
  else if (IN6_IS_ADDR_V4MAPPED (&own.sin6_addr))
    inet_ntop (AF_INET, &own.sin6_addr.s6_addr[12], text, sizeof text);
  else
    inet_ntop (AF_INET6, &own.sin6_addr, text, sizeof text);

  return g_strdup_printf ("%s %u", text, ntohs (own.sin6_port));
}

/* Tells whoever connected where it wanted to. */
static void
answer_connections (Session *self, GlbNetworkSocket which)
{
  int fd;

  while ((fd = accept4 (self->sockets[which], NULL, NULL, SOCK_CLOEXEC)) >= 0)
    {
      g_autofree char *address = dup_own_address (fd);
      g_autofree char *line = g_strconcat (which == GLB_NETWORK_SOCKET_PROXY ? "proxy " : "led to ", address, NULL);

      g_assert_cmpint (send (fd, line, strlen (line), MSG_NOSIGNAL), ==, strlen (line));
      close (fd);
      self->n_led += which == GLB_NETWORK_SOCKET_TRANSPARENT;
    }
}

static void
answer_questions (Session *self)
{
  int names = self->sockets[GLB_NETWORK_SOCKET_NAMES];
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  char question[64];
  gssize n;

  while ((n = recvfrom (names, question, sizeof question, 0, (struct sockaddr *) &from, &size)) > 0)
    {
      g_autofree char *answer = g_strdup_printf ("answer to %.*s", (int) n, question);

      g_assert_cmpint (sendto (names, answer, strlen (answer), 0, (struct sockaddr *) &from, size), ==, strlen (answer));
    }
}

static void
session_step (Session *self)
{
  char bytes[4096];
  gssize n;

  while ((n = read (self->out, bytes, sizeof bytes)) > 0)
    g_string_append_len (self->output, bytes, n);
  if (self->sockets[0] < 0)
    return;
  answer_connections (self, GLB_NETWORK_SOCKET_PROXY);
  answer_connections (self, GLB_NETWORK_SOCKET_TRANSPARENT);
  answer_questions (self);
}

static void
session_take_sockets (Session *self)
{
  wait_until (glb_sandbox_steal_network (self->sandbox, self->sockets));
}

static void
session_close_sockets (Session *self)
{
  for (guint i = 0; i < GLB_NETWORK_N_SOCKETS; i++)
    {
      if (self->sockets[i] >= 0)
        close (self->sockets[i]);
      self->sockets[i] = -1;
    }
}

static void
session_wait_for (Session *self, const char *text)
{
  wait_until ((session_step (self), strstr (self->output->str, text) != NULL));
}

static void
session_finish (Session *self)
{
  g_autofree char *failure = NULL;

  wait_until ((session_step (self), !glb_sandbox_is_running (self->sandbox)));
  session_step (self);
  failure = glb_sandbox_dup_failure (self->sandbox);
  g_assert_cmpstr (failure, ==, NULL);
  close (self->in);
  close (self->out);
  g_assert_finalize_object (self->sandbox);
}

static void
session_clear (Session *self)
{
  session_close_sockets (self);
  if (self->output != NULL)
    g_string_free (self->output, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

static void
session_run (Session *self, Fixture *fixture, const char *script)
{
  session_start (self, fixture, script);
  session_take_sockets (self);
  session_finish (self);
}

static guint
get_port (int fd)
{
  struct sockaddr_in6 own = { 0 };
  socklen_t size = sizeof own;

  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &own, &size), ==, 0);
  return ntohs (own.sin6_port);
}

/* --- what arrives where --- */

static void
test_led (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network ())
    return;
  session_run (&session, self,
               TRY " tcp 8.8.8.8 443; " TRY " tcp 10.0.0.1 80; " TRY " tcp 169.254.169.254 80; " TRY " tcp 192.168.1.1 3128; "
               TRY " tcp 198.18.0.1 53; " TRY " tcp 255.1.2.3 1");
  g_assert_cmpstr (session.output->str, ==,
                   "8.8.8.8 443: led to 8.8.8.8 443\n" "10.0.0.1 80: led to 10.0.0.1 80\n"
                   "169.254.169.254 80: led to 169.254.169.254 80\n" "192.168.1.1 3128: led to 192.168.1.1 3128\n"
                   "198.18.0.1 53: led to 198.18.0.1 53\n" "255.1.2.3 1: led to 255.1.2.3 1\n");
}

static void
test_led_ipv6 (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network () || !can_ipv6 ())
    return;
  session_run (&session, self,
               TRY " tcp 2001:db8::1 80; " TRY " tcp fe80::1%lo 443; " TRY " tcp ::ffff:10.0.0.1 80; " TRY " tcp fd00::1 3128");
  g_assert_cmpstr (session.output->str, ==,
                   "2001:db8::1 80: led to 2001:db8::1 80\n" "fe80::1%lo 443: led to fe80::1 443\n"
                   "::ffff:10.0.0.1 80: led to 10.0.0.1 80\n" "fd00::1 3128: led to fd00::1 3128\n");
}

static void
test_proxy_and_names (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network ())
    return;
  session_run (&session, self, TRY " tcp 127.0.0.1 3128; " TRY " udp 127.0.0.1 53");
  g_assert_cmpstr (session.output->str, ==, "127.0.0.1 3128: proxy 127.0.0.1 3128\n" "127.0.0.1 53: answer to question\n");
  g_assert_cmpuint (session.n_led, ==, 0);
}

static void
test_own_loopback (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network () || !can_ipv6 ())
    return;
  session_run (&session, self,
               TRY " own 127.0.0.1 8080; " TRY " own ::1 8080; " TRY " own 127.9.9.9 8080; " TRY " tcp 127.0.0.1 8080");
  g_assert_cmpstr (session.output->str, ==,
                   "127.0.0.1 8080: own\n" "::1 8080: own\n" "127.9.9.9 8080: own\n" "127.0.0.1 8080: Connection refused\n");
  g_assert_cmpuint (session.n_led, ==, 0);
}

/* Led to the socket are those that wanted elsewhere; who wants to the socket itself is refused. */
static void
test_direct (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };
  g_autofree char *line = NULL;
  g_autofree char *expected = NULL;
  guint port;

  if (!can_network () || !can_ipv6 ())
    return;
  session_start (&session, self, "read port; " TRY " tcp 127.0.0.1 $port; " TRY " tcp ::1 $port; " TRY " tcp 127.1.2.3 $port; "
                 TRY " tcp 8.8.8.8 $port");
  session_take_sockets (&session);
  port = get_port (session.sockets[GLB_NETWORK_SOCKET_TRANSPARENT]);
  line = g_strdup_printf ("%u\n", port);
  g_assert_cmpint (write (session.in, line, strlen (line)), ==, strlen (line));
  session_finish (&session);
  expected = g_strdup_printf ("127.0.0.1 %u: Connection refused\n" "::1 %u: Connection refused\n"
                              "127.1.2.3 %u: Connection refused\n"
                              "8.8.8.8 %u: led to 8.8.8.8 %u\n", port, port, port, port, port);
  g_assert_cmpstr (session.output->str, ==, expected);
  g_assert_cmpuint (session.n_led, ==, 1);
}

/* A service of the host, which answers whoever reaches it out here. */
static void
test_host_loopback (Fixture *self, gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "try-network", NULL);
  g_autofree char *outside = NULL;
  g_autofree char *script = NULL;
  g_autofree char *expected = NULL;
  g_autoptr(GSubprocess) client = NULL;
  g_auto(Session) session = { 0 };
  g_autoptr(GError) error = NULL;
  int fd = -1;

  if (!can_network ())
    {
      close (listener);
      return;
    }
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (listener, 8), ==, 0);
  outside = g_strdup_printf ("%u", get_port (listener));
  client = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, program, "tcp", "127.0.0.1", outside, NULL);
  g_assert_no_error (error);
  wait_until ((fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC)) >= 0);
  close (fd);
  g_assert_true (g_subprocess_wait (client, NULL, NULL));

  script = g_strdup_printf (TRY " tcp 127.0.0.1 %s; " TRY " tcp 0.0.0.0 %s; " TRY " tcp 127.0.0.2 %s; " TRY " tcp 10.0.0.1 %s",
                            outside, outside, outside, outside);
  session_run (&session, self, script);
  expected = g_strdup_printf ("127.0.0.1 %s: Connection refused\n" "0.0.0.0 %s: Connection refused\n"
                              "127.0.0.2 %s: Connection refused\n"
                              "10.0.0.1 %s: led to 10.0.0.1 %s\n", outside, outside, outside, outside, outside);
  g_assert_cmpstr (session.output->str, ==, expected);
  g_assert_cmpint (accept4 (listener, NULL, NULL, SOCK_CLOEXEC), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  close (listener);
}

static void
test_udp (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network ())
    return;
  session_run (&session, self,
               TRY " udp 8.8.8.8 53; " TRY " udp 10.0.0.1 443; " TRY " udp 127.0.0.1 5353; " TRY " udp 169.254.169.254 80");
  g_assert_cmpstr (session.output->str, ==,
                   "8.8.8.8 53: Connection refused\n" "10.0.0.1 443: Connection refused\n" "127.0.0.1 5353: Connection refused\n"
                   "169.254.169.254 80: Connection refused\n");
}

static void
test_udp_ipv6 (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network () || !can_ipv6 ())
    return;
  session_run (&session, self, TRY " udp 2001:db8::1 53; " TRY " udp ::1 53");
  g_assert_cmpstr (session.output->str, ==, "2001:db8::1 53: Connection refused\n" "::1 53: Connection refused\n");
}

/* --- rights --- */

/* Each line of a helper that runs as root of a namespace of its own says that it was done. */
static void
assert_done_without (const char *verb, const char *port, const char *like)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "try-network", NULL);
  const char *argv[] = { "unshare", "--user", "--map-root-user", "--net", program, verb, port, NULL };
  g_autofree char *output = NULL;
  g_auto(GStrv) lines = NULL;
  g_auto(GStrv) inside = g_strsplit (like, "\n", -1);
  g_autoptr(GError) error = NULL;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (output, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, g_strv_length (inside));
  for (guint i = 0; *lines[i] != '\0'; i++)
    if (!g_str_has_suffix (lines[i], ": done"))
      g_error ("Without the protection: %s", lines[i]);
}

/* And none inside, where all are tried as well. */
static void
assert_none_done (const char *output)
{
  g_auto(GStrv) lines = g_strsplit (output, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), >, 9);
  for (guint i = 0; *lines[i] != '\0'; i++)
    {
      g_assert_nonnull (strstr (lines[i], ": "));
      if (g_str_has_suffix (lines[i], ": done"))
        g_error ("Inside: %s", lines[i]);
    }
}

static void
test_rights (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network () || !can_ipv6 ())
    return;
  session_run (&session, self, TRY " rights");
  assert_none_done (session.output->str);
  assert_done_without ("rights", NULL, session.output->str);
}

/* What was tried has changed nothing. */
static void
test_still_led (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network ())
    return;
  session_run (&session, self, TRY " rights >/dev/null; " TRY " tcp 8.8.8.8 443");
  g_assert_cmpstr (session.output->str, ==, "8.8.8.8 443: led to 8.8.8.8 443\n");
}

static void
test_bind (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };
  g_autofree char *port = NULL;

  if (!can_network () || !can_ipv6 ())
    return;
  session_start (&session, self, "read port; " TRY " bind $port");
  session_take_sockets (&session);
  port = g_strdup_printf ("%u\n", get_port (session.sockets[GLB_NETWORK_SOCKET_TRANSPARENT]));
  g_assert_cmpint (write (session.in, port, strlen (port)), ==, strlen (port));
  session_finish (&session);
  assert_none_done (session.output->str);
  assert_done_without ("bind", g_strchomp (port), session.output->str);
}

/* --- the end --- */

static void
test_holder_gone (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };

  if (!can_network ())
    return;
  session_start (&session, self, TRY " tcp 8.8.8.8 443; read line; " TRY " tcp 8.8.8.8 443; " TRY " tcp 127.0.0.1 3128; "
                 TRY " udp 127.0.0.1 53");
  session_take_sockets (&session);
  session_wait_for (&session, "led to 8.8.8.8 443\n");
  session_close_sockets (&session);
  g_string_truncate (session.output, 0);
  g_assert_cmpint (write (session.in, "\n", 1), ==, 1);
  session_finish (&session);
  g_assert_cmpstr (session.output->str, ==,
                   "8.8.8.8 443: Connection refused\n" "127.0.0.1 3128: Connection refused\n"
                   "127.0.0.1 53: Connection refused\n");
}

static guint
count_descriptors (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Neither inside nor with us, whether somebody took the sockets or not. */
static void
test_nothing_left (Fixture *self, gconstpointer data)
{
  guint before = 0;

  if (!can_network ())
    return;
  for (guint i = 0; i < 3; i++)
    {
      g_auto(Session) session = { 0 };

      session_start (&session, self, "for f in /proc/self/fd/*; do echo ${f##*/}; done | sort -n | tr '\\n' ' '");
      if (i > 0)
        session_take_sockets (&session);
      session_finish (&session);
      session_close_sockets (&session);
      g_assert_true (g_str_equal (session.output->str, "0 1 2 ") || g_str_equal (session.output->str, "0 1 2 3 "));
      wait_account_empty (self);
      /* the first round is what GLib opens once */
      if (before != 0)
        g_assert_cmpuint (count_descriptors (), ==, before);
      before = count_descriptors ();
    }
}

static void
test_stolen_once (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };
  int again[GLB_NETWORK_N_SOCKETS];

  if (!can_network ())
    return;
  session_start (&session, self, "read line");
  session_take_sockets (&session);
  g_assert_false (glb_sandbox_steal_network (session.sandbox, again));
  g_assert_cmpint (again[0], ==, -1);
  g_assert_cmpint (write (session.in, "\n", 1), ==, 1);
  session_finish (&session);
}

/* --- beside it --- */

/* Without being asked for there is an empty one, and no socket. */
static void
test_none (Fixture *self, gconstpointer data)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "try-network", NULL);
  g_auto(Run) run = { 0 };

  if (!can_network ())
    return;
  glb_sandbox_spec_add_mount (self->spec, program, TRY, 0);
  run_shell (self, &run, TRY " tcp 8.8.8.8 443; " TRY " tcp 127.0.0.1 3128");
  g_assert_cmpstr (run.output, ==, "8.8.8.8 443: Network is unreachable\n" "127.0.0.1 3128: Connection refused\n");
}

static void
test_resolv_conf (Fixture *self, gconstpointer data)
{
  g_autoptr(GBytes) text = g_bytes_new_static ("nameserver 127.0.0.1\n", strlen ("nameserver 127.0.0.1\n"));
  g_auto(Session) session = { 0 };

  if (!can_network ())
    return;
  glb_sandbox_spec_add_data (self->spec, "/etc/resolv.conf", text);
  session_run (&session, self, "exec 2>/dev/null; cat /etc/resolv.conf; rm -f /etc/resolv.conf && echo removed; "
               "(echo x >/etc/resolv.conf) && echo wrote; true");
  g_assert_cmpstr (session.output->str, ==, "nameserver 127.0.0.1\n");
}

/* --- kernels that lack something: the call is refused, from here on, and in all that is started --- */

static void
forbid_packet_filter (void)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

  g_assert_cmpint (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPROTONOSUPPORT), SCMP_SYS (socket), 2,
                                     SCMP_A0 (SCMP_CMP_EQ, AF_NETLINK), SCMP_A2 (SCMP_CMP_EQ, NETLINK_NETFILTER)), ==, 0);
  g_assert_cmpint (seccomp_load (filter), ==, 0);
  seccomp_release (filter);
}

static void
forbid_ipv6 (void)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

  g_assert_cmpint (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EAFNOSUPPORT), SCMP_SYS (socket), 1,
                                     SCMP_A0 (SCMP_CMP_EQ, AF_INET6)), ==, 0);
  g_assert_cmpint (seccomp_load (filter), ==, 0);
  seccomp_release (filter);
}

static void
test_no_ipv6 (Fixture *self, gconstpointer data)
{
  g_auto(Session) session = { 0 };
  g_autofree char *missing = NULL;

  if (!can_network ())
    return;
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
      g_test_trap_assert_passed ();
      return;
    }

  forbid_ipv6 ();
  missing = glb_sandbox_diagnose_network ();
  g_assert_cmpstr (missing, ==, NULL);
  /* under such a filter newuidmap has no rights: as a user, the trial is all */
  if (geteuid () != 0)
    return;
  session_run (&session, self, TRY " tcp 8.8.8.8 443; " TRY " tcp 2001:db8::1 443; " TRY " tcp 127.0.0.1 3128");
  g_assert_cmpstr (session.output->str, ==,
                   "8.8.8.8 443: led to 8.8.8.8 443\n" "2001:db8::1 443: Address family not supported by protocol\n"
                   "127.0.0.1 3128: proxy 127.0.0.1 3128\n");
}

static void
test_no_packet_filter (Fixture *self, gconstpointer data)
{
  static const char expected[] = "can't talk to the kernel about the session's network: Protocol not supported; "
                                 "run: sudo modprobe -a nf_tables nft_tproxy nft_reject_inet";
  const char *argv[] = { "/bin/true", NULL };
  g_autofree char *missing = NULL;
  g_autofree char *failure = NULL;
  g_autoptr(GError) error = NULL;
  int sockets[GLB_NETWORK_N_SOCKETS];
  GlbSandbox *sandbox;

  if (!can_network ())
    return;
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
      g_test_trap_assert_passed ();
      return;
    }

  forbid_packet_filter ();
  missing = glb_sandbox_diagnose_network ();
  g_assert_nonnull (missing);
  g_assert_nonnull (strstr (missing, expected));

  glb_sandbox_spec_set_network (self->spec, TRUE);
  glb_sandbox_spec_set_argv (self->spec, argv);
  sandbox = glb_sandbox_launch (self->spec, &error);
  g_assert_no_error (error);
  wait_until (!glb_sandbox_is_running (sandbox));
  g_assert_false (glb_sandbox_steal_network (sandbox, sockets));
  failure = glb_sandbox_dup_failure (sandbox);
  g_assert_nonnull (failure);
  g_assert_nonnull (strstr (failure, expected));
  g_assert_finalize_object (sandbox);
}

#define ADD(name, function) g_test_add ("/network-namespace/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("led/ipv4", test_led);
  ADD ("led/ipv6", test_led_ipv6);
  ADD ("led/proxy-and-names", test_proxy_and_names);
  ADD ("refused/own-loopback", test_own_loopback);
  ADD ("refused/direct", test_direct);
  ADD ("refused/host-loopback", test_host_loopback);
  ADD ("refused/udp", test_udp);
  ADD ("refused/udp-ipv6", test_udp_ipv6);
  ADD ("attempt/rights", test_rights);
  ADD ("attempt/still-led", test_still_led);
  ADD ("attempt/bind", test_bind);
  ADD ("end/holder-gone", test_holder_gone);
  ADD ("end/nothing-left", test_nothing_left);
  ADD ("end/stolen-once", test_stolen_once);
  ADD ("none", test_none);
  ADD ("resolv-conf", test_resolv_conf);
  ADD ("lacking/ipv6", test_no_ipv6);
  ADD ("lacking/packet-filter", test_no_packet_filter);

  return g_test_run ();
}
