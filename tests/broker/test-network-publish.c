/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Published ports, on real sessions: echo-server serves inside, this test is
 * who comes from the host.
 */

#include "config.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include "session-broker/client/glb-broker-error.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "tests/broker/broker-fixture.h"

#define WAIT_MS  20000
#define READABLE "\"filesystem\":{\"allowRead\":[\"${WORKSPACE}/**\"]}"
#define SERVE    "./echo-server 127.0.0.1 8000 2>&1"
#define N_MANY   200

#define SKIP_WITHOUT_NETWORK(fixture) \
  if ((fixture)->root == NULL)        \
    return

/* ---- sessions --------------------------------------------------------------------- */

static void
copy_server (BrokerFixture *fixture)
{
  g_autofree char *copy = g_build_filename (fixture->workspace, "echo-server", NULL);
  g_autofree char *program = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;

  g_file_get_contents (ECHO_SERVER, &program, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (copy, program, length, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
}

/* data: FAULTY: the broker has something to warn of. */
#define FAULTY GINT_TO_POINTER (TRUE)

static void
set_up (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *debug = g_strdup (g_getenv ("G_DEBUG"));
  g_autofree char *missing = glb_sandbox_diagnose_network ();

  if (missing != NULL)
    {
      g_test_skip (missing);
      return;
    }

  if (data == FAULTY)
    g_unsetenv ("G_DEBUG");
  broker_fixture_set_up (fixture, data);
  if (data == FAULTY && debug != NULL)
    g_setenv ("G_DEBUG", debug, TRUE);
  if (fixture->root != NULL)
    copy_server (fixture);
}

static void
tear_down (BrokerFixture *fixture, gconstpointer data)
{
  if (fixture->root != NULL)
    broker_fixture_tear_down (fixture, data);
}

/* network: members of the policy's network. NULL with error. */
static TestSession *
try_to_run (BrokerFixture *fixture, const char *network, const char *script, GError **error)
{
  g_autofree char *more = g_strdup_printf ("," READABLE ",\"network\":{%s}", network);
  g_autofree char *policy = test_policy ("process", more);
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "policy", "s", policy);
  g_variant_dict_insert (&dict, "workspace", "s", fixture->workspace);
  return broker_fixture_run (fixture, NULL, g_variant_dict_end (&dict), argv, error);
}

/* One that runs script, which has said "ready". */
static TestSession *
run_session (BrokerFixture *fixture, const char *network, const char *script)
{
  g_autoptr(GError) error = NULL;
  TestSession *session = try_to_run (fixture, network, script, &error);
  struct pollfd poll_it = { .events = POLLIN };
  char bytes[6];

  g_assert_no_error (error);
  poll_it.fd = session->fds[1];
  g_assert_cmpint (poll (&poll_it, 1, WAIT_MS), ==, 1);
  g_assert_cmpint (read (session->fds[1], bytes, sizeof bytes), ==, 6);
  g_assert_cmpmem (bytes, 6, "ready\n", 6);
  return session;
}

static void
refuse_to_run (BrokerFixture *fixture, const char *network, const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (try_to_run (fixture, network, SERVE, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, message));
}

static void
stop (TestSession *session)
{
  g_autoptr(GError) error = NULL;

  glb_dbus_session1_call_stop_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
}

/* The host's port that leads to the session's, of those that are published. */
static guint16
find_port (TestSession *session, const char *address, guint session_port)
{
  const char * const *published = glb_dbus_session1_get_published (session->proxy);
  g_autofree char *start = g_strconcat (address, ":", NULL);
  g_autofree char *end = g_strdup_printf (" -> %u", session_port);

  for (guint i = 0; published != NULL && published[i] != NULL; i++)
    if (g_str_has_prefix (published[i], start) && g_str_has_suffix (published[i], end))
      return (guint16) g_ascii_strtoull (published[i] + strlen (start), NULL, 10);
  g_error ("%s:* -> %u is not published", address, session_port);
}

/* ---- who comes -------------------------------------------------------------------- */

/* -1 with errno. */
static int
come_to (const char *text, guint16 port)
{
  g_autoptr(GInetAddress) address = g_inet_address_new_from_string (text);
  g_autoptr(GSocketAddress) place = g_inet_socket_address_new (address, port);
  struct sockaddr_storage storage;
  gssize size = g_socket_address_get_native_size (place);
  int fd, error_number;

  g_assert_true (g_socket_address_to_native (place, &storage, sizeof storage, NULL));
  fd = socket (storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &storage, (socklen_t) size) == 0)
    return fd;

  error_number = errno;
  if (fd >= 0)
    close (fd);
  errno = error_number;
  return -1;
}

static int
come (const char *address, guint16 port)
{
  int fd = come_to (address, port);

  if (fd < 0)
    g_error ("%s port %u: %s", address, port, g_strerror (errno));
  return fd;
}

static void
assert_nobody_listens (const char *address, guint16 port)
{
  g_assert_cmpint (come_to (address, port), ==, -1);
  g_assert_cmpint (errno, ==, ECONNREFUSED);
}

static void
assert_hears (int fd, const char *text)
{
  g_autofree char *heard = g_malloc0 (strlen (text) + 1);

  for (gsize n = 0; n < strlen (text);)
    {
      struct pollfd poll_it = { .fd = fd, .events = POLLIN };
      gssize more;

      g_assert_cmpint (poll (&poll_it, 1, WAIT_MS), ==, 1);
      more = read (fd, heard + n, strlen (text) - n);
      g_assert_cmpint (more, >, 0);
      n += (gsize) more;
    }
  g_assert_cmpstr (heard, ==, text);
}

static void
say (int fd, const char *text)
{
  g_assert_cmpint (send (fd, text, strlen (text), MSG_NOSIGNAL), ==, strlen (text));
}

static void
assert_echo (int fd, const char *text)
{
  say (fd, text);
  assert_hears (fd, text);
}

/* It is over, without another byte. Takes fd. */
static void
assert_over (int fd)
{
  struct pollfd poll_it = { .fd = fd, .events = POLLIN };
  char byte;

  g_assert_cmpint (poll (&poll_it, 1, WAIT_MS), ==, 1);
  g_assert_cmpint (read (fd, &byte, 1), <=, 0);
  close (fd);
}

/* ---- what is listed and recorded ----------------------------------------------------- */

/* (transfer full) */
static GVariant *
list_connections (TestSession *session)
{
  g_autoptr(GVariant) refused = NULL;
  g_autoptr(GError) error = NULL;
  GVariant *list = NULL;

  glb_dbus_session1_call_connections_sync (session->proxy, &list, &refused, NULL, &error);
  g_assert_no_error (error);
  return list;
}

typedef struct
{
  BrokerFixture *fixture;
  TestSession *session;
  const char *event;
  guint n;
} Wanted;

static gboolean
has_connections (gpointer user_data)
{
  Wanted *wanted = user_data;
  g_autoptr(GVariant) list = list_connections (wanted->session);

  return g_variant_n_children (list) == wanted->n;
}

static void
wait_connections (TestSession *session, guint n)
{
  Wanted wanted = { .session = session, .n = n };

  test_wait (has_connections, &wanted, "connections");
}

static gboolean
has_records (gpointer user_data)
{
  Wanted *wanted = user_data;

  return test_session_count_records (wanted->fixture, wanted->session, wanted->event, NULL) >= wanted->n;
}

/* The last of n. */
static JsonObject *
wait_records (BrokerFixture *fixture, TestSession *session, const char *event, guint n)
{
  Wanted wanted = { fixture, session, event, n };

  test_wait (has_records, &wanted, event);
  return test_session_find_record (fixture, session, event, NULL, NULL);
}

static gboolean
has_unpublished (gpointer user_data)
{
  TestSession *session = user_data;
  const char * const *published = glb_dbus_session1_get_published (session->proxy);

  return published != NULL && published[0] == NULL;
}

/* ---- the way in ----------------------------------------------------------------------- */

static void
assert_listed (TestSession *session, int fd)
{
  g_autoptr(GVariant) list = list_connections (session);
  g_autoptr(GVariant) entry = NULL;
  struct sockaddr_in own;
  socklen_t size = sizeof own;
  const char *text;
  guint number;

  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &own, &size));
  g_assert_cmpuint (g_variant_n_children (list), ==, 1);
  entry = g_variant_get_child_value (list, 0);
  g_assert_true (g_variant_lookup (entry, "how", "&s", &text));
  g_assert_cmpstr (text, ==, "published");
  g_assert_true (g_variant_lookup (entry, "host", "&s", &text));
  g_assert_cmpstr (text, ==, "127.0.0.1");
  g_assert_true (g_variant_lookup (entry, "port", "u", &number));
  g_assert_cmpuint (number, ==, ntohs (own.sin_port));
  g_assert_true (g_variant_lookup (entry, "by", "&s", &text));
  g_assert_cmpstr (text, ==, "0:8000");
  g_assert_true (g_variant_lookup (entry, "state", "&s", &text));
  g_assert_cmpstr (text, ==, "open");
}

static void
test_any_port (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(JsonObject) opened = NULL;
  g_autoptr(JsonObject) closed = NULL;
  g_autoptr(JsonObject) built = NULL;
  const char *published;
  guint16 port;
  int fd;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  port = find_port (session, "127.0.0.1", 8000);
  g_assert_cmpuint (port, !=, 0);
  built = test_session_find_record (fixture, session, "session-built", NULL, NULL);
  published = json_array_get_string_element (json_object_get_array_member (built, "published"), 0);
  g_assert_cmpstr (published, ==, glb_dbus_session1_get_published (session->proxy)[0]);

  fd = come ("127.0.0.1", port);
  assert_echo (fd, "hello, session");
  assert_listed (session, fd);
  opened = test_session_find_record (fixture, session, "network-open", NULL, NULL);
  g_assert_cmpstr (json_object_get_string_member (opened, "how"), ==, "published");
  g_assert_cmpstr (json_object_get_string_member (opened, "host"), ==, "127.0.0.1");
  g_assert_cmpstr (json_object_get_string_member (opened, "by"), ==, "0:8000");

  g_assert_no_errno (shutdown (fd, SHUT_WR));
  assert_over (fd);
  closed = wait_records (fixture, session, "network-closed", 1);
  g_assert_cmpstr (json_object_get_string_member (closed, "why"), ==, "done");
  g_assert_cmpint (json_object_get_int_member (closed, "sent"), ==, strlen ("hello, session"));
  g_assert_cmpint (json_object_get_int_member (closed, "received"), ==, strlen ("hello, session"));
  wait_connections (session, 0);
}

/* Output, errors included, of the person's command. (transfer full) */
static char *
glovebox (const char *verb, const char *session, const char *option)
{
  g_autofree char *program = glb_sandbox_find_private ("glovebox");
  const char *argv[] = { program, verb, session, option, NULL };
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  char *output = NULL;

  g_assert_nonnull (program);
  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  return output;
}

static void
assert_says (const char *output, const char *text)
{
  g_test_message ("%s", output);
  g_assert_nonnull (strstr (output, text));
}

static void
test_command_line (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *sessions = NULL;
  g_autofree char *network = NULL;
  g_autofree char *json = NULL;
  g_autofree char *place = NULL;
  g_autofree char *list = NULL;
  const char *id;
  guint16 port;
  int fd;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  id = glb_dbus_session1_get_id (session->proxy);
  port = find_port (session, "127.0.0.1", 8000);
  place = g_strdup_printf ("published: 127.0.0.1:%u -> 8000\n", port);
  list = g_strdup_printf ("\"published\":[\"127.0.0.1:%u -> 8000\"]", port);
  fd = come ("127.0.0.1", port);
  assert_echo (fd, "hello");
  sessions = glovebox ("ps", "--json", NULL);
  assert_says (sessions, list);
  network = glovebox ("net", id, NULL);
  assert_says (network, place);
  assert_says (network, "0:8000");
  json = glovebox ("net", id, "--json");
  assert_says (json, list);
  assert_says (json, "\"how\":\"published\"");
  close (fd);
}

static void
test_both_loopbacks (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  int fd;

  SKIP_WITHOUT_NETWORK (fixture);
  if (!g_file_test ("/proc/net/if_inet6", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("this kernel has no IPv6");
      return;
    }

  session = run_session (fixture, "\"publish\":[\"0:8000\",\"[::1]:0:8000\"]", "./echo-server ::1 8000 2>&1");
  fd = come ("127.0.0.1", find_port (session, "127.0.0.1", 8000));
  assert_echo (fd, "from IPv4");
  close (fd);
  fd = come ("::1", find_port (session, "[::1]", 8000));
  assert_echo (fd, "from IPv6");
  close (fd);
}

/* (nullable) (transfer full): an address of this machine that is not of its loopback. */
static char *
find_other_address (void)
{
  struct ifaddrs *all = NULL;
  char *found = NULL;

  g_assert_no_errno (getifaddrs (&all));
  for (const struct ifaddrs *one = all; one != NULL && found == NULL; one = one->ifa_next)
    if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET)
      {
        const struct sockaddr_in *in = (const struct sockaddr_in *) (const void *) one->ifa_addr;
        g_autoptr(GInetAddress) address = g_inet_address_new_from_bytes ((const guint8 *) &in->sin_addr, G_SOCKET_FAMILY_IPV4);

        if (!g_inet_address_get_is_loopback (address))
          found = g_inet_address_to_string (address);
      }
  freeifaddrs (all);
  return found;
}

/* What is not written is 127.0.0.1 and nothing else; what is written as 0.0.0.0 is all of them. */
static void
test_loopback_only (BrokerFixture *fixture, gconstpointer data)
{
  g_autofree char *other = find_other_address ();
  const char *addresses[] = { "127.0.0.1", "127.0.0.2", other };
  g_autoptr(TestSession) session = NULL;
  g_autoptr(TestSession) open = NULL;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  open = run_session (fixture, "\"publish\":[\"0.0.0.0:0:8000\"]", SERVE);
  for (guint i = 0; i < G_N_ELEMENTS (addresses) && addresses[i] != NULL; i++)
    {
      int fd = come (addresses[i], find_port (open, "0.0.0.0", 8000));

      g_test_message ("%s", addresses[i]);
      assert_echo (fd, "hello");
      close (fd);
      if (i > 0)
        assert_nobody_listens (addresses[i], find_port (session, "127.0.0.1", 8000));
    }
  if (g_file_test ("/proc/net/if_inet6", G_FILE_TEST_EXISTS))
    assert_nobody_listens ("::1", find_port (open, "0.0.0.0", 8000));
}

/* Nothing listens inside, and then something does. */
static void
test_nobody_serves (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(JsonObject) failed = NULL;
  guint16 port;
  int fd;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", "echo ready; read x; exec " SERVE);
  port = find_port (session, "127.0.0.1", 8000);
  assert_over (come ("127.0.0.1", port));
  failed = wait_records (fixture, session, "network-failed", 1);
  g_assert_cmpstr (json_object_get_string_member (failed, "why"), ==, g_strerror (ECONNREFUSED));

  g_assert_cmpint (write (session->fds[0], "\n", 1), ==, 1);
  assert_hears (session->fds[1], "ready\n");
  fd = come ("127.0.0.1", port);
  assert_echo (fd, "now");
  close (fd);
}

/* ---- what can't be published ------------------------------------------------------------ */

static void
test_taken (BrokerFixture *fixture, gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  g_autofree char *network = NULL;
  g_autofree char *message = NULL;
  g_autoptr(TestSession) session = NULL;
  int fd;

  SKIP_WITHOUT_NETWORK (fixture);

  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, size));
  g_assert_no_errno (listen (fd, 1));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  network = g_strdup_printf ("\"publish\":[\"0:8000\",\"%u:8000\"]", ntohs (address.sin_port));
  message = g_strdup_printf ("network: 127.0.0.1:%u: Address already in use; choose another port in network.publish",
                             ntohs (address.sin_port));
  refuse_to_run (fixture, network, message);
  broker_fixture_wait_clean (fixture);

  /* and again as soon as it is free */
  close (fd);
  session = run_session (fixture, network, SERVE);
  fd = come ("127.0.0.1", ntohs (address.sin_port));
  assert_echo (fd, "mine");
  close (fd);
}

static guint
first_free_port (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/sys/net/ipv4/ip_unprivileged_port_start", &text, NULL, NULL));
  return (guint) g_ascii_strtoull (text, NULL, 10);
}

static void
test_not_permitted (BrokerFixture *fixture, gconstpointer data)
{
  SKIP_WITHOUT_NETWORK (fixture);

  refuse_to_run (fixture, "\"publish\":[\"203.0.113.77:0:8000\"]",
                 "network: 203.0.113.77:0: Cannot assign requested address; name an address of this machine in network.publish");
  if (geteuid () != 0 && first_free_port () > 7)
    refuse_to_run (fixture, "\"publish\":[\"7:8000\"]",
                   "network: 127.0.0.1:7: Permission denied; choose a port above 1023 in network.publish");
}

/* What a program inside hears when it asks for a connection to that port of the host. (transfer full) */
static char *
ask_for_way_out (BrokerFixture *fixture, const char *network, guint16 port)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *script = NULL;

  script = g_strdup_printf ("echo ready; exec python3 -c \"import socket; s = socket.create_connection (('127.0.0.1', 3128)); "
                            "s.sendall (b'CONNECT 127.0.0.1:%u HTTP/1.1\\r\\nHost: 127.0.0.1:%u\\r\\n\\r\\n'); "
                            "print (s.recv (99))\" 2>&1", port, port);
  session = run_session (fixture, network, script);
  return test_read_all (&session->fds[1]);
}

/* A port that leads in leads nobody out. */
static void
test_no_way_out (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  g_autofree char *allowing = NULL;
  g_autofree char *refused = NULL;
  g_autofree char *allowed = NULL;
  guint16 port;

  SKIP_WITHOUT_NETWORK (fixture);
  if (!g_file_test ("/usr/bin/python3", G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("python3 is missing; install the package python3");
      return;
    }

  port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  refused = ask_for_way_out (fixture, "\"publish\":[\"0:8000\"]", port);
  g_assert_nonnull (strstr (refused, "HTTP/1.1 403"));
  allowing = g_strdup_printf ("\"publish\":[\"0:8000\"],\"allowCidrs\":[\"127.0.0.1:%u\"]", port);
  allowed = ask_for_way_out (fixture, allowing, port);
  g_assert_nonnull (strstr (allowed, "HTTP/1.1 200"));
}

/* ---- limits, and the person --------------------------------------------------------------- */

static void
test_limit (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(JsonObject) refused = NULL;
  guint16 port;
  int first, second;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"maxConnections\":2,\"publish\":[\"0:8000\"]", SERVE);
  port = find_port (session, "127.0.0.1", 8000);
  first = come ("127.0.0.1", port);
  assert_echo (first, "first");
  second = come ("127.0.0.1", port);
  assert_echo (second, "second");
  assert_over (come ("127.0.0.1", port));
  refused = wait_records (fixture, session, "network-refused", 1);
  g_assert_nonnull (strstr (json_object_get_string_member (refused, "message"), "network.maxConnections"));

  close (first);
  wait_connections (session, 1);
  first = come ("127.0.0.1", port);
  assert_echo (first, "again");
  close (first);
  close (second);
}

static void
test_cut (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(GVariant) list = NULL;
  g_autoptr(GVariant) entry = NULL;
  g_autoptr(JsonObject) closed = NULL;
  g_autoptr(GError) error = NULL;
  guint64 id;
  int fd;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  fd = come ("127.0.0.1", find_port (session, "127.0.0.1", 8000));
  assert_echo (fd, "hello");
  list = list_connections (session);
  entry = g_variant_get_child_value (list, 0);
  g_assert_true (g_variant_lookup (entry, "id", "t", &id));
  g_assert_cmpuint (id, ==, 1);
  glb_dbus_session1_call_close_connection_sync (session->proxy, id, NULL, &error);
  g_assert_no_error (error);
  assert_over (fd);
  closed = wait_records (fixture, session, "network-closed", 1);
  g_assert_cmpstr (json_object_get_string_member (closed, "why"), ==, "closed by the person");
  g_assert_cmpint (json_object_get_int_member (closed, "connection"), ==, 1);
}

static void
set_paused (TestSession *session, gboolean paused)
{
  g_autoptr(GError) error = NULL;

  if (paused)
    glb_dbus_session1_call_pause_sync (session->proxy, NULL, &error);
  else
    glb_dbus_session1_call_resume_sync (session->proxy, NULL, &error);
  g_assert_no_error (error);
  test_session_wait_state (session, paused ? "paused" : "running");
}

static void
test_pause (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  guint16 port;
  int before, meanwhile;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  port = find_port (session, "127.0.0.1", 8000);
  before = come ("127.0.0.1", port);
  assert_echo (before, "before");
  set_paused (session, TRUE);
  meanwhile = come ("127.0.0.1", port);
  say (meanwhile, "meanwhile");
  say (before, "too");
  /* whoever would have been let in is by now: the broker has answered since */
  for (guint i = 0; i < 5; i++)
    wait_connections (session, 1);
  g_assert_cmpuint (test_session_count_records (fixture, session, "network-open", NULL), ==, 1);

  set_paused (session, FALSE);
  assert_hears (before, "too");
  assert_hears (meanwhile, "meanwhile");
  g_assert_cmpuint (test_session_count_records (fixture, session, "network-open", NULL), ==, 2);
  close (before);
  close (meanwhile);
}

/* ---- the end ------------------------------------------------------------------------------- */

static void
test_session_ends (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  guint16 port;
  int fd;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  port = find_port (session, "127.0.0.1", 8000);
  fd = come ("127.0.0.1", port);
  assert_echo (fd, "hello");
  stop (session);
  assert_over (fd);
  assert_nobody_listens ("127.0.0.1", port);
  test_wait (has_unpublished, session, "an end of what is published");
  g_assert_cmpuint (test_session_count_records (fixture, session, "network-closed", NULL), ==, 1);
  broker_fixture_wait_clean (fixture);
}

static gboolean
is_closed (gpointer user_data)
{
  const guint16 *port = user_data;
  int fd = come_to ("127.0.0.1", *port);

  if (fd >= 0)
    close (fd);
  return fd < 0 && errno == ECONNREFUSED;
}

/* A program that does not end by SIGTERM has no more visitors in its grace time. */
static void
test_grace_time (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  guint16 port;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", "trap '' TERM; " SERVE);
  port = find_port (session, "127.0.0.1", 8000);
  glb_dbus_session1_call_stop (session->proxy, NULL, NULL, NULL);
  test_session_wait_state (session, "stopping");
  /* the word of it may be faster than the broker */
  test_wait (is_closed, &port, "an end of the listener");
  g_assert_cmpstr (glb_dbus_session1_get_state (session->proxy), ==, "stopping");
  test_session_wait_state (session, "ended");
}

static void
test_gate_killed (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  guint16 port;
  int pid, fd;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  port = find_port (session, "127.0.0.1", 8000);
  fd = come ("127.0.0.1", port);
  assert_echo (fd, "hello");
  /* the first of them: the one of the spare sandbox was started after it */
  pid = test_find_below (fixture, "glovebox-network");
  g_assert_cmpint (pid, >, 0);
  if (kill (pid, SIGKILL) != 0)
    {
      /* a person may not end a process of that account */
      g_assert_cmpint (errno, ==, EPERM);
      g_assert_cmpint (geteuid (), !=, 0);
      close (fd);
      return;
    }

  assert_over (fd);
  test_wait (has_unpublished, session, "an end of what is published");
  assert_nobody_listens ("127.0.0.1", port);
  g_assert_cmpstr (glb_dbus_session1_get_state (session->proxy), ==, "running");
}

/* Whom a program does not accept is let go at once, too. */
static void
test_deaf (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  int fds[4];
  guint16 port;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", "./echo-server 127.0.0.1 8000 deaf 2>&1");
  port = find_port (session, "127.0.0.1", 8000);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = come ("127.0.0.1", port);
  wait_connections (session, G_N_ELEMENTS (fds));
  stop (session);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    assert_over (fds[i]);
  broker_fixture_wait_clean (fixture);
}

/* ---- many ------------------------------------------------------------------------------------ */

static guint
count_fds (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr(GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static gboolean
has_fds (gpointer user_data)
{
  Wanted *wanted = user_data;

  return count_fds (wanted->fixture->pid) <= wanted->n;
}

static void
test_many (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autoptr(JsonObject) closed = NULL;
  Wanted wanted = { .fixture = fixture };
  int fds[N_MANY];
  guint16 port;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  port = find_port (session, "127.0.0.1", 8000);
  /* a spare sandbox may be on its way, which has some, too */
  wanted.n = count_fds (fixture->pid) + N_MANY / 2;
  for (guint i = 0; i < N_MANY; i++)
    {
      fds[i] = come ("127.0.0.1", port);
      say (fds[i], "one of many");
    }
  for (guint i = 0; i < N_MANY; i++)
    assert_hears (fds[i], "one of many");
  wait_connections (session, N_MANY);
  for (guint i = 0; i < N_MANY; i++)
    close (fds[i]);
  wait_connections (session, 0);
  closed = wait_records (fixture, session, "network-closed", N_MANY);
  test_wait (has_fds, &wanted, "the broker's descriptors");
  g_assert_cmpuint (test_session_count_records (fixture, session, "network-open", NULL), ==, N_MANY);
}

/* Who comes while the broker can open nothing waits until it can. */
static void
test_no_descriptors (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  struct rlimit before, none;
  int fd;

  SKIP_WITHOUT_NETWORK (fixture);

  session = run_session (fixture, "\"publish\":[\"0:8000\"]", SERVE);
  g_assert_no_errno (prlimit (fixture->pid, RLIMIT_NOFILE, NULL, &before));
  none = (struct rlimit) { .rlim_cur = 3, .rlim_max = before.rlim_max };
  g_assert_no_errno (prlimit (fixture->pid, RLIMIT_NOFILE, &none, NULL));
  fd = come ("127.0.0.1", find_port (session, "127.0.0.1", 8000));
  say (fd, "hello");
  for (guint i = 0; i < 5; i++)
    wait_connections (session, 0);

  g_assert_no_errno (prlimit (fixture->pid, RLIMIT_NOFILE, &before, NULL));
  assert_hears (fd, "hello");
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/network-publish/" name, BrokerFixture, NULL, set_up, function, tear_down)
#define ADD_FAULTY(name, function) g_test_add ("/network-publish/" name, BrokerFixture, FAULTY, set_up, function, tear_down)
  ADD ("loopback-only", test_loopback_only);
  ADD ("taken", test_taken);
  ADD ("not-permitted", test_not_permitted);
  ADD ("no-way-out", test_no_way_out);
  ADD ("any-port", test_any_port);
  ADD ("command-line", test_command_line);
  ADD ("both-loopbacks", test_both_loopbacks);
  ADD ("nobody-serves", test_nobody_serves);
  ADD ("limit", test_limit);
  ADD ("cut", test_cut);
  ADD ("pause", test_pause);
  ADD ("session-ends", test_session_ends);
  ADD ("grace-time", test_grace_time);
  ADD ("deaf", test_deaf);
  ADD_FAULTY ("gate-killed", test_gate_killed);
  ADD_FAULTY ("no-descriptors", test_no_descriptors);
  ADD ("many", test_many);
  return g_test_run ();
}
