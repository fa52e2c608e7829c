/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The gate without a session around it: the real glovebox-network in its sandbox, sockets that this test listens on, a resolver
 * that lies as it is told, a server on the loopback.
 */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include "session-broker/broker/glb-network-gate.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/sandbox/glb-sandbox.h"
#include "tests/broker/broker-fixture.h"

#define HELLO "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"

/* ---- a resolver --------------------------------------------------------------------- */

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;

  GPtrArray *answers;            /* of strings: each lookup takes the next one, the last stays; addresses with spaces between */
  guint n_lookups;
  GTask *silent;                 /* (nullable): one that is not answered */
};

G_DEFINE_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static GList *
parse_addresses (const char *text)
{
  g_auto(GStrv) words = g_strsplit (text, " ", -1);
  GList *list = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    list = g_list_prepend (list, g_inet_address_new_from_string (words[i]));
  return g_list_reverse (list);
}

static void
free_addresses (gpointer data)
{
  g_resolver_free_addresses (data);
}

static void
lookup_async (GResolver *resolver, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  TestResolver *self = TEST_RESOLVER (resolver);
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  const char *answer = g_ptr_array_index (self->answers, MIN (self->n_lookups, self->answers->len - 1));

  self->n_lookups++;
  if (g_str_equal (answer, "silence"))
    {
      g_set_object (&self->silent, task);
      g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (g_task_return_error_if_cancelled), task, G_CONNECT_SWAPPED);
    }
  else if (g_str_equal (answer, "unknown"))
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
  else
    g_task_return_pointer (task, parse_addresses (answer), free_addresses);
}

static GList *
lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_finalize (GObject *object)
{
  TestResolver *self = TEST_RESOLVER (object);

  g_ptr_array_unref (self->answers);
  g_clear_object (&self->silent);

  G_OBJECT_CLASS (test_resolver_parent_class)->finalize (object);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_resolver_finalize;
  G_RESOLVER_CLASS (klass)->lookup_by_name_async = lookup_async;
  G_RESOLVER_CLASS (klass)->lookup_by_name_finish = lookup_finish;
}

static void
test_resolver_init (TestResolver *self)
{
  self->answers = g_ptr_array_new_with_free_func (g_free);
}

/* ---- the gate ----------------------------------------------------------------------- */

typedef struct
{
  GSocketService *server;
  guint16 server_port;
  int n_served;                  /* atomic */
  gsize body;                    /* bytes beside "hello" */
  TestResolver *resolver;
  GlbPolicy *policy;
  char *locks;
  GlbAccount *account;
  GlbPrompts *prompts;
  GlbNetwork *network;
  GlbNetworkGate *gate;
  guint16 proxy_port;
  GPtrArray *records;            /* of strings: "event {json}" */
  const char *full;              /* (nullable): there is no space for such a record, which ends the session */
  gboolean gone;
} Fixture;

static gboolean
on_served (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  Fixture *self = user_data;
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autofree char *more = g_malloc0 (self->body + 1);
  char bytes[4096];

  g_atomic_int_inc (&self->n_served);
  if (g_input_stream_read (in, bytes, sizeof bytes, NULL, NULL) > 0 &&
      g_output_stream_write_all (out, HELLO, strlen (HELLO), NULL, NULL, NULL))
    g_output_stream_write_all (out, more, self->body, NULL, NULL, NULL);
  return TRUE;
}

static int
listen_on_loopback (int type, guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  if (type == SOCK_STREAM)
    g_assert_no_errno (listen (fd, 1024));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  *port = ntohs (address.sin_port);
  return fd;
}

static gboolean
audit (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  Fixture *self = user_data;
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_set_object (node, fields);
  text = json_to_string (node, FALSE);
  g_test_message ("%s %s", event, text);
  if (g_strcmp0 (event, self->full) == 0)
    {
      glb_network_gate_close (self->gate, "audit-full");
      return FALSE;
    }
  g_ptr_array_add (self->records, g_strdup_printf ("%s %s", event, text));
  return TRUE;
}

static void
changed (gpointer user_data)
{
}

static void
refused (gpointer user_data, const char *host, guint port, const char *code, const char *message, guint64 count)
{
}

static void
gone (gpointer user_data)
{
  Fixture *self = user_data;

  self->gone = TRUE;
}

/* What is written {port} in the policy's network is the server's. */
static GlbPolicy *
make_policy (Fixture *self, const char *network)
{
  g_auto(GStrv) parts = g_strsplit (network, "{port}", -1);
  g_autofree char *port = g_strdup_printf ("%u", self->server_port);
  g_autofree char *text = g_strjoinv (port, parts);
  g_autofree char *document = g_strdup_printf ("{\"schemaVersion\":\"1.0\",\"isolation\":{\"tier\":\"process\"},\"network\":{%s}}", text);
  g_autoptr(GBytes) bytes = g_bytes_new (document, strlen (document));
  g_autoptr(GError) error = NULL;
  GlbPolicy *policy = glb_policy_new_from_bytes (bytes, "test", &error);

  g_assert_no_error (error);
  return policy;
}

static void
start_gate (Fixture *self, const char *network)
{
  GlbNetworkContext context = { .audit = audit, .changed = changed, .refused = refused, .gone = gone, .id = "test", .user_data = self };
  int sockets[GLB_NETWORK_N_SOCKETS];
  guint16 unused;
  g_autoptr(GError) error = NULL;

  self->policy = make_policy (self, network);
  self->network = glb_network_launch ("test", self->account, &error);
  g_assert_no_error (error);
  sockets[GLB_NETWORK_SOCKET_PROXY] = listen_on_loopback (SOCK_STREAM, &self->proxy_port);
  sockets[GLB_NETWORK_SOCKET_TRANSPARENT] = listen_on_loopback (SOCK_STREAM, &unused);
  sockets[GLB_NETWORK_SOCKET_NAMES] = listen_on_loopback (SOCK_DGRAM, &unused);
  context.policy = self->policy;
  context.prompts = self->prompts;
  self->gate = glb_network_gate_new (&context, self->network, sockets);
  g_assert_cmpstr (glb_network_gate_get_state (self->gate), ==, "on");
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GlbObjectManager) objects = glb_object_manager_new ("/org/glovebox/Broker1");
  g_autoptr(GError) error = NULL;

  if (!broker_fixture_can_run (FALSE))
    return;

  self->locks = g_dir_make_tmp ("glovebox-gate-XXXXXX", NULL);
  self->records = g_ptr_array_new_with_free_func (g_free);
  self->server = g_threaded_socket_service_new (64);
  self->server_port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->server), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (self->server, "run", G_CALLBACK (on_served), self);
  self->resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  g_ptr_array_add (self->resolver->answers, g_strdup ("127.0.0.1"));
  g_resolver_set_default (G_RESOLVER (self->resolver));
  self->account = glb_account_allocate (self->locks, &error);
  g_assert_no_error (error);
  self->prompts = glb_prompts_new (objects);
}

static gboolean
is_gone (gpointer user_data)
{
  Fixture *self = user_data;

  return glb_network_gate_is_gone (self->gate);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->gate != NULL)
    {
      glb_network_gate_close (self->gate, "session-ended");
      test_wait (is_gone, self, "the end of the gate");
    }
  if (self->server != NULL)
    g_socket_service_stop (self->server);
  g_clear_object (&self->gate);
  g_clear_object (&self->network);
  g_clear_object (&self->prompts);
  g_clear_object (&self->account);
  g_clear_object (&self->resolver);
  g_clear_object (&self->server);
  if (self->locks != NULL && !glb_sandbox_remove_tree (self->locks, NULL))
    g_error ("Can't remove %s", self->locks);
  g_clear_pointer (&self->locks, g_free);
  g_clear_pointer (&self->policy, glb_policy_unref);
  g_clear_pointer (&self->records, g_ptr_array_unref);
}

#define SKIP_WITHOUT_ACCOUNTS(self) if ((self)->account == NULL) return;

/* ---- programs ------------------------------------------------------------------------- */

/* What one says to the proxy, and all that it hears. */
typedef struct
{
  guint16 port;
  const char *words;
  char *answer;
  gboolean done;
} Talk;

/* An empty answer: nobody takes it. */
static gpointer
talk_thread (gpointer data)
{
  Talk *talk = data;
  const struct timeval patience = { .tv_sec = 30 };
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK), .sin_port = htons (talk->port) };
  g_autoptr(GString) answer = g_string_new (NULL);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char bytes[65536];
  gssize n;

  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
      send (fd, talk->words, strlen (talk->words), MSG_NOSIGNAL) == (gssize) strlen (talk->words))
    while ((n = recv (fd, bytes, sizeof bytes, 0)) > 0)
      g_string_append_len (answer, bytes, n);
  close (fd);
  talk->answer = g_string_free (g_steal_pointer (&answer), FALSE);
  g_atomic_int_set (&talk->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

static gboolean
is_done (gpointer user_data)
{
  Talk *talk = user_data;

  return g_atomic_int_get (&talk->done);
}

/* (transfer full) */
static char *
say (Fixture *self, const char *words)
{
  Talk talk = { .port = self->proxy_port, .words = words };
  GThread *thread = g_thread_new ("program", talk_thread, &talk);

  test_wait (is_done, &talk, "the answer to a program");
  g_thread_join (thread);
  return talk.answer;
}

/* By CONNECT, as an HTTP client does it. (transfer full) */
static char *
get_through (Fixture *self, const char *host)
{
  g_autofree char *words = g_strdup_printf ("CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n\r\nGET / HTTP/1.1\r\nHost: %s:%u\r\n\r\n",
                                            host, self->server_port, host, self->server_port, host, self->server_port);

  return say (self, words);
}

static void
assert_reaches (Fixture *self, const char *host)
{
  g_autofree char *answer = get_through (self, host);

  g_test_message ("%s: %s", host, answer);
  g_assert_true (g_str_has_suffix (answer, "hello"));
}

/* status: the answer's; text: in it. Nothing reached the server. */
static void
assert_refused (Fixture *self, const char *host, const char *status, const char *text)
{
  int served = g_atomic_int_get (&self->n_served);
  g_autofree char *answer = get_through (self, host);
  g_autofree char *start = g_strdup_printf ("HTTP/1.1 %s ", status);

  g_test_message ("%s: %s", host, answer);
  g_assert_true (g_str_has_prefix (answer, start));
  g_assert_nonnull (strstr (answer, text));
  g_assert_cmpint (g_atomic_int_get (&self->n_served), ==, served);
}

static guint
count_records (Fixture *self, const char *event, const char *text)
{
  guint n = 0;

  for (guint i = 0; i < self->records->len; i++)
    {
      const char *record = g_ptr_array_index (self->records, i);

      n += g_str_has_prefix (record, event) && (text == NULL || strstr (record, text) != NULL);
    }
  return n;
}

typedef struct { Fixture *self; const char *event, *text; } Wanted;

static gboolean
has_record (gpointer user_data)
{
  Wanted *wanted = user_data;

  return count_records (wanted->self, wanted->event, wanted->text) > 0;
}

static void
wait_record (Fixture *self, const char *event, const char *text)
{
  Wanted wanted = { self, event, text };

  test_wait (has_record, &wanted, event);
}

static void
set_answers (Fixture *self, ...)
{
  va_list list;
  const char *answer;

  g_ptr_array_set_size (self->resolver->answers, 0);
  va_start (list, self);
  while ((answer = va_arg (list, const char *)) != NULL)
    g_ptr_array_add (self->resolver->answers, g_strdup (answer));
  va_end (list);
  self->resolver->n_lookups = 0;
}

#define NAME     "\"allowDomains\":[\"site.example:{port}\"]"
#define LOOPBACK "\"allowCidrs\":[\"127.0.0.1/32:{port}\"]"

/* ---- what is allowed ------------------------------------------------------------------- */

static void
test_allowed (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  assert_reaches (self, "site.example");
  wait_record (self, "network-closed", "\"address\":\"127.0.0.1\"");
  g_assert_cmpuint (count_records (self, "network-open", "\"host\":\"site.example\""), ==, 1);
  g_assert_cmpuint (count_records (self, "network-closed", "\"why\":\"done\""), ==, 1);
  /* the name in all its spellings is that name, and looked up once for each connection */
  assert_reaches (self, "SITE.example");
  assert_reaches (self, "site.example.");
  g_assert_cmpuint (self->resolver->n_lookups, ==, 3);
}

static void
test_address (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  assert_reaches (self, "127.0.0.1");
  assert_refused (self, "127.0.0.2", "403", "policy_denied: 127.0.0.2");
  g_assert_cmpuint (self->resolver->n_lookups, ==, 0);
}

/* ---- what is not ------------------------------------------------------------------------- */

static void
test_other_name (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  assert_refused (self, "other.example", "403", "glovebox: policy_denied: other.example");
  assert_refused (self, "www.site.example", "403", "policy_denied");
  /* no question leaves for a name before it is allowed */
  g_assert_cmpuint (self->resolver->n_lookups, ==, 0);
  g_assert_cmpuint (count_records (self, "network-refused", "other.example"), ==, 1);
  g_assert_cmpuint (count_records (self, "network-open", NULL), ==, 0);
}

/* An allowed name that leads to where only addresses lead that the policy names. The control is test_allowed(). */
static void
test_private_address (Fixture *self, gconstpointer data)
{
  static const char * const answers[] = {
    "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255",
    "198.18.0.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
  };

  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      set_answers (self, answers[i], NULL);
      assert_refused (self, "site.example", "403", "policy_denied");
    }
  g_assert_cmpuint (count_records (self, "network-open", NULL), ==, 0);
}

/* The second answer is another one than the first: each is judged, and dialled as it was judged. */
static void
test_rebinding (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  set_answers (self, "127.0.0.1", "127.0.0.2", "10.0.0.1 127.0.0.1", NULL);
  assert_reaches (self, "site.example");
  assert_refused (self, "site.example", "403", "policy_denied");
  assert_reaches (self, "site.example");
  g_assert_cmpuint (self->resolver->n_lookups, ==, 3);
  g_assert_cmpuint (count_records (self, "network-open", "10.0.0.1"), ==, 0);
}

static void
test_many_addresses (Fixture *self, gconstpointer data)
{
  g_autoptr(GString) answer = g_string_new ("10.0.0.1");

  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  for (guint i = 1; i < 10000; i++)
    g_string_append_printf (answer, " 10.%u.%u.1", i / 250, i % 250);
  g_string_append (answer, " 127.0.0.1");
  set_answers (self, answer->str, NULL);
  assert_refused (self, "site.example", "403", "policy_denied");
}

static void
test_denied_addresses (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK ",\"denyCidrs\":[\"127.0.0.0/8\"]");
  assert_refused (self, "site.example", "403", "policy_denied");
  assert_refused (self, "127.0.0.1", "403", "policy_denied");
}

static void
test_notations (Fixture *self, gconstpointer data)
{
  static const char * const hosts[] = { "0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "127.0.0.01" };

  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, "\"default\":\"allow\"," LOOPBACK);
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    assert_refused (self, hosts[i], "400", "bad_name");
  /* the usual one is the server's */
  assert_reaches (self, "127.0.0.1");
  g_assert_cmpuint (self->resolver->n_lookups, ==, 0);
}

static void
test_refusals_are_counted (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME);
  for (guint i = 0; i < 50; i++)
    assert_refused (self, "other.example", "403", "policy_denied");
  g_assert_cmpuint (count_records (self, "network-refused", NULL), ==, 1);
  glb_network_gate_close (self->gate, "session-ended");
  g_assert_cmpuint (count_records (self, "network-refused", "\"count\":49"), ==, 1);
}

/* ---- what fails ------------------------------------------------------------------------- */

static void
test_unknown_name (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  set_answers (self, "unknown", NULL);
  assert_refused (self, "site.example", "502", "unknown_name: site.example");
}

static void
test_silent_resolver (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  set_answers (self, "silence", "127.0.0.1", NULL);
  assert_refused (self, "site.example", "504", "timeout");
  assert_reaches (self, "site.example");
}

static void
test_nobody_listens (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  g_socket_service_stop (self->server);
  g_socket_listener_close (G_SOCKET_LISTENER (self->server));
  assert_refused (self, "site.example", "502", "connection_refused");
  g_assert_cmpuint (count_records (self, "network-failed", NULL), ==, 1);
}

/* ---- connections that stay -------------------------------------------------------------- */

static gboolean
is_open (gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr(GVariant) list = g_variant_ref_sink (glb_network_gate_describe (self->gate));
  g_autoptr(GVariant) entry = g_variant_n_children (list) > 0 ? g_variant_get_child_value (list, 0) : NULL;
  const char *state = NULL;

  /* and the server knows of it */
  return g_atomic_int_get (&self->n_served) > 0 && entry != NULL && g_variant_lookup (entry, "state", "&s", &state) && g_str_equal (state, "open");
}

/* Something that stays open until it is cut. */
static GThread *
hold_open (Fixture *self, Talk *talk)
{
  static const char words[] = "CONNECT site.example:%u HTTP/1.1\r\nHost: site.example:%u\r\n\r\n";
  GThread *thread;

  talk->port = self->proxy_port;
  talk->words = g_strdup_printf (words, self->server_port, self->server_port);
  thread = g_thread_new ("program", talk_thread, talk);
  test_wait (is_open, self, "an open connection");
  return thread;
}

static void
join (GThread *thread, Talk *talk)
{
  test_wait (is_done, talk, "the end of a connection");
  g_thread_join (thread);
  g_free ((char *) talk->words);
  g_free (talk->answer);
}

/* ---- limits ------------------------------------------------------------------------------ */

static void
test_per_minute (Fixture *self, gconstpointer data)
{
  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK ",\"maxConnectionsPerMinute\":3");
  for (guint i = 0; i < 3; i++)
    assert_reaches (self, "site.example");
  assert_refused (self, "site.example", "429", "limit");
}

static void
test_at_a_time (Fixture *self, gconstpointer data)
{
  GThread *thread;
  Talk talk = { 0 };
  g_autoptr(GError) error = NULL;

  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK ",\"maxConnections\":1");
  thread = hold_open (self, &talk);
  assert_refused (self, "site.example", "429", "limit");
  g_assert_cmpuint (count_records (self, "network-refused", "\"code\":\"limit\""), ==, 1);
  g_assert_true (glb_network_gate_cut (self->gate, 1, &error));
  g_assert_no_error (error);
  join (thread, &talk);
  wait_record (self, "network-closed", NULL);
  assert_reaches (self, "site.example");
}

static void
test_bytes (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = NULL;

  SKIP_WITHOUT_ACCOUNTS (self);

  self->body = 64u << 20;
  start_gate (self, NAME "," LOOPBACK ",\"maxMbPerSession\":1,\"maxKbPerSecond\":2048");
  answer = get_through (self, "site.example");
  wait_record (self, "network-closed", "\"why\":\"limit\"");
  assert_refused (self, "site.example", "429", "limit");
}

/* ---- the person, and the end ---------------------------------------------------------------- */

static void
test_cut (Fixture *self, gconstpointer data)
{
  g_autoptr(GVariant) list = NULL;
  g_autoptr(GError) error = NULL;
  GThread *thread;
  Talk talk = { 0 };

  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  thread = hold_open (self, &talk);
  list = g_variant_ref_sink (glb_network_gate_describe (self->gate));
  g_assert_cmpuint (g_variant_n_children (list), ==, 1);
  g_assert_true (glb_network_gate_cut (self->gate, 1, &error));
  g_assert_no_error (error);
  join (thread, &talk);
  wait_record (self, "network-closed", "\"why\":\"closed by the person\"");
  g_assert_false (glb_network_gate_cut (self->gate, 1, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND);
}

static void
test_killed (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = NULL;
  GThread *thread;
  Talk talk = { 0 };

  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  thread = hold_open (self, &talk);
  g_test_expect_message ("glb-broker", G_LOG_LEVEL_MESSAGE, "*no network any more*");
  kill (glb_network_get_pid (self->network), SIGKILL);
  test_wait (is_gone, self, "the end of the gate");
  g_test_assert_expected_messages ();
  join (thread, &talk);
  g_assert_cmpstr (glb_network_gate_get_state (self->gate), ==, "gone");
  g_assert_cmpuint (count_records (self, "network-gate-ended", NULL), ==, 1);
  g_assert_cmpuint (count_records (self, "network-closed", "gate-ended"), ==, 1);
  /* nobody listens any more: a program hears it at once */
  answer = get_through (self, "site.example");
  g_assert_cmpstr (answer, ==, "");
}

static gboolean
is_asked (gpointer user_data)
{
  Fixture *self = user_data;

  return self->resolver->silent != NULL;
}

static gboolean
is_given_up (gpointer user_data)
{
  Fixture *self = user_data;

  return g_task_get_completed (self->resolver->silent);
}

/* Whichever record has no space: the session ends, the gate with it, and nobody is let through. */
static void
test_no_space (Fixture *self, gconstpointer event)
{
  g_autofree char *allowed = NULL;
  g_autofree char *refused = NULL;

  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  self->full = event;
  refused = get_through (self, "other.example");
  allowed = get_through (self, "site.example");
  test_wait (is_gone, self, "the end of the gate");
  g_assert_true (self->gone);
  g_assert_cmpuint (g_atomic_int_get (&self->n_served), ==, g_str_equal (event, "network-closed") ? 1 : 0);
}

/* A program that goes away while a name is looked up. */
static void
test_given_up (Fixture *self, gconstpointer data)
{
  static const char words[] = "CONNECT site.example:%u HTTP/1.1\r\nHost: site.example:%u\r\n\r\n";
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  g_autofree char *request = NULL;
  g_autoptr(GVariant) list = NULL;
  int fd;

  SKIP_WITHOUT_ACCOUNTS (self);

  start_gate (self, NAME "," LOOPBACK);
  set_answers (self, "silence", NULL);
  request = g_strdup_printf (words, self->server_port, self->server_port);
  address.sin_port = htons (self->proxy_port);
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_cmpint (write (fd, request, strlen (request)), ==, strlen (request));
  test_wait (is_asked, self, "a question to the resolver");
  close (fd);
  test_wait (is_given_up, self, "an end of the question");
  list = g_variant_ref_sink (glb_network_gate_describe (self->gate));
  g_assert_cmpuint (g_variant_n_children (list), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/network-gate/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("allowed", test_allowed);
  ADD ("address", test_address);
  ADD ("other-name", test_other_name);
  ADD ("private-address", test_private_address);
  ADD ("rebinding", test_rebinding);
  ADD ("many-addresses", test_many_addresses);
  ADD ("denied-addresses", test_denied_addresses);
  ADD ("notations", test_notations);
  ADD ("refusals-are-counted", test_refusals_are_counted);
  ADD ("unknown-name", test_unknown_name);
  ADD ("silent-resolver", test_silent_resolver);
  ADD ("nobody-listens", test_nobody_listens);
  ADD ("per-minute", test_per_minute);
  ADD ("at-a-time", test_at_a_time);
  ADD ("bytes", test_bytes);
  ADD ("cut", test_cut);
  ADD ("killed", test_killed);
  ADD ("given-up", test_given_up);
  g_test_add ("/network-gate/no-space/open", Fixture, "network-open", set_up, test_no_space, tear_down);
  g_test_add ("/network-gate/no-space/closed", Fixture, "network-closed", set_up, test_no_space, tear_down);
  g_test_add ("/network-gate/no-space/refused", Fixture, "network-refused", set_up, test_no_space, tear_down);
  return g_test_run ();
}
