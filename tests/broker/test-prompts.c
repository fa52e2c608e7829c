/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The queue of prompts with everything real around it but a gate that asks: a
 * host, a session with its audit log (not started: a question needs no
 * command), the object manager, a D-Bus server on the broker's socket, and
 * clients on it, glovebox(1) among them.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <json-glib/json-glib.h>

#include "session-broker/broker/glb-session.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/sandbox/glb-sandbox.h"
#include "tests/broker/broker-fixture.h"

#define PROMPT "org.glovebox.Prompt1"
#define GRANT  "org.glovebox.Grant1"

typedef struct
{
  char *root;
  GlbHost *host;
  GlbPool *pool;
  GlbObjectManager *objects;
  GlbPrompts *prompts;
  GDBusServer *server;
  GPtrArray *connections;      /* the server's ends */
  GDBusConnection *client;
  GlbSession *session;
  GPtrArray *answered;         /* "PATH VERDICT WHY" */
} Fixture;

/* ---- the world --------------------------------------------------------------------- */

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_signal_handlers_disconnect_by_data (connection, fixture);
  glb_object_manager_remove_connection (fixture->objects, connection);
  glb_prompts_remove_connection (fixture->prompts, connection);
  g_ptr_array_remove (fixture->connections, connection);
}

static gboolean
on_new_connection (GDBusServer *server, GDBusConnection *connection, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr(GError) error = NULL;

  glb_object_manager_add_connection (fixture->objects, connection, &error);
  g_assert_no_error (error);
  glb_prompts_add_connection (fixture->prompts, connection, &error);
  g_assert_no_error (error);
  g_ptr_array_add (fixture->connections, g_object_ref (connection));
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), fixture);
  if (g_dbus_connection_is_closed (connection))
    on_closed (connection, TRUE, NULL, fixture);
  return TRUE;
}

static GlbSession *
make_session (Fixture *fixture, const char *name, guint timeout)
{
  const char *argv[] = { "true", NULL };
  g_autofree char *more = g_strdup_printf (",\"prompts\":{\"timeoutSeconds\":%u}", timeout);
  g_autofree char *policy = test_policy ("process", more);
  g_autoptr(GVariant) options = g_variant_ref_sink (test_options (policy, FALSE));
  g_autoptr(GError) error = NULL;
  GlbRunRequest *request = glb_run_request_new (options, argv, NULL, &error);
  GlbSession *session;

  g_assert_no_error (error);
  session = glb_session_new (fixture->host, fixture->pool, fixture->prompts, request, name, NULL, &error);
  g_assert_no_error (error);
  return session;
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
is_there (gpointer user_data)
{
  return *(gpointer *) user_data != NULL;
}

static GDBusConnection *
connect_client (Fixture *fixture)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GDBusConnection *client;
  guint before = fixture->connections->len;

  g_dbus_connection_new_for_address (g_dbus_server_get_client_address (fixture->server),
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, take_result, &result);
  test_wait (is_there, &result, "a client to connect");
  client = g_dbus_connection_new_for_address_finish (result, &error);
  g_assert_no_error (error);
  while (fixture->connections->len == before)
    g_main_context_iteration (NULL, TRUE);
  return client;
}

static void
on_answered (GDBusConnection *connection,
             const char      *sender,
             const char      *path,
             const char      *interface,
             const char      *member,
             GVariant        *parameters,
             gpointer         user_data)
{
  Fixture *fixture = user_data;
  const char *verdict, *why;

  g_variant_get (parameters, "(&s&s)", &verdict, &why);
  g_ptr_array_add (fixture->answered, g_strdup_printf ("%s %s %s", strrchr (path, '/') + 1, verdict, why));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = NULL;
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autofree char *address = NULL;
  g_autoptr(GError) error = NULL;

  fixture->root = g_dir_make_tmp ("glb-prompts-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("XDG_RUNTIME_DIR", fixture->root, TRUE);
  g_setenv ("XDG_STATE_HOME", fixture->root, TRUE);
  g_setenv ("HOME", fixture->root, TRUE);
  program = glb_paths_find_program ("glovebox-broker", &error);
  g_assert_no_error (error);
  fixture->host = glb_host_new (program, &error);
  g_assert_no_error (error);
  fixture->pool = glb_pool_new (fixture->host, 0);
  fixture->objects = glb_object_manager_new (GLB_BROKER_OBJECT_PATH);
  fixture->prompts = glb_prompts_new (fixture->objects);
  fixture->connections = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->answered = g_ptr_array_new_with_free_func (g_free);

  address = g_strconcat ("unix:path=", fixture->host->bus_path, NULL);
  fixture->server = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER, guid, NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (on_new_connection), fixture);
  g_dbus_server_start (fixture->server);
  fixture->client = connect_client (fixture);
  g_dbus_connection_signal_subscribe (fixture->client, NULL, PROMPT, "Answered", NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                      on_answered, fixture, NULL);
  fixture->session = make_session (fixture, "demo", GPOINTER_TO_UINT (data) != 0 ? GPOINTER_TO_UINT (data) : 60);
}

static gboolean
all_closed (gpointer user_data)
{
  return ((Fixture *) user_data)->connections->len == 0;
}

static void
close_client (GDBusConnection *client)
{
  g_autoptr(GError) error = NULL;

  g_dbus_connection_close_sync (client, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (client);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  close_client (fixture->client);
  test_wait (all_closed, fixture, "the server to see its clients go");
  g_dbus_server_stop (fixture->server);
  g_object_unref (fixture->server);
  g_assert_finalize_object (fixture->session);
  g_assert_finalize_object (fixture->prompts);
  g_assert_finalize_object (fixture->objects);
  g_object_unref (fixture->pool);
  g_ptr_array_unref (fixture->connections);
  g_ptr_array_unref (fixture->answered);
  glb_host_free (fixture->host);
  glb_sandbox_remove_tree (fixture->root, &error);
  g_assert_no_error (error);
  g_free (fixture->root);
}

/* ---- what tests do ------------------------------------------------------------------- */

static GVariant *
call_with_fds (GDBusConnection  *client,
               const char       *path,
               const char       *interface,
               const char       *method,
               GVariant         *parameters,
               GUnixFDList     **fds,
               GError          **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  GVariant *reply;

  g_dbus_connection_call_with_unix_fd_list (client, NULL, path, interface, method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE, 10000,
                                            NULL, NULL, take_result, &result);
  test_wait (is_there, &result, method);
  reply = g_dbus_connection_call_with_unix_fd_list_finish (client, fds, result, error);
  if (reply == NULL)
    g_dbus_error_strip_remote_error (*error);
  return reply;
}

static void
call (Fixture *fixture, const char *object, const char *method, GVariant *parameters, GError **error)
{
  g_autofree char *path = g_strconcat (GLB_BROKER_OBJECT_PATH "/", object, NULL);
  const char *interface = g_str_has_prefix (object, "prompts") ? PROMPT : GRANT;
  g_autoptr(GVariant) reply = call_with_fds (fixture->client, path, interface, method, parameters, NULL, error);

  g_assert_true (reply == NULL || *error == NULL);
}

static void
call_well (Fixture *fixture, const char *object, const char *method, GVariant *parameters)
{
  g_autoptr(GError) error = NULL;

  call (fixture, object, method, parameters, &error);
  g_assert_no_error (error);
}

static void
assert_refused (Fixture *fixture, const char *object, const char *method, GVariant *parameters, GlbBrokerError code, const char *message)
{
  g_autoptr(GError) error = NULL;

  call (fixture, object, method, parameters, &error);
  g_assert_error (error, GLB_BROKER_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

static GVariant *
allow (const char *scope, guint seconds)
{
  return g_variant_new ("(su)", scope, seconds);
}

static GVariant *
get_property (Fixture *fixture, const char *object, const char *name)
{
  g_autofree char *path = g_strconcat (GLB_BROKER_OBJECT_PATH "/", object, NULL);
  const char *interface = g_str_has_prefix (object, "prompts") ? PROMPT : GRANT;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = call_with_fds (fixture->client, path, "org.freedesktop.DBus.Properties", "Get",
                                             g_variant_new ("(ss)", interface, name), NULL, &error);
  GVariant *value;

  g_assert_no_error (error);
  g_variant_get (reply, "(v)", &value);
  return value;
}

static void
assert_text (Fixture *fixture, const char *object, const char *name, const char *text)
{
  g_autoptr(GVariant) value = get_property (fixture, object, name);

  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, text);
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char * const *) a, *(char * const *) b);
}

/* Ids of the objects with interface, "1 2". (transfer full) */
static char *
list (Fixture *fixture, const char *interface)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = call_with_fds (fixture->client, GLB_BROKER_OBJECT_PATH, "org.freedesktop.DBus.ObjectManager",
                                             "GetManagedObjects", NULL, NULL, &error);
  g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GVariantIter) iter = NULL;
  const char *path;
  GVariant *interfaces;

  g_assert_no_error (error);
  g_variant_get (reply, "(a{oa{sa{sv}}})", &iter);
  while (g_variant_iter_next (iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      g_autoptr(GVariant) properties = g_variant_lookup_value (interfaces, interface, NULL);

      if (properties != NULL)
        g_ptr_array_add (ids, g_strdup (strrchr (path, '/') + 1));
      g_variant_unref (interfaces);
    }
  g_ptr_array_sort (ids, compare_text);
  g_ptr_array_add (ids, NULL);
  return g_strjoinv (" ", (char **) ids->pdata);
}

static void
assert_listed (Fixture *fixture, const char *interface, const char *ids)
{
  g_autofree char *listed = list (fixture, interface);

  g_assert_cmpstr (listed, ==, ids);
}

/* One question of a gate. */
typedef struct
{
  GAsyncResult *result;
  GlbPromptAnswer *answer;
  GError *error;
} Ask;

static void
ask_start (Ask *ask, Fixture *fixture, GlbPromptKind kind, const char *content, const char *target, GCancellable *cancellable)
{
  g_autoptr(GBytes) bytes = content != NULL ? g_bytes_new (content, strlen (content)) : NULL;
  GlbPromptRequest request = {
    .kind = kind, .requester = GLB_DRIVER_AGENT, .title = "A title", .preview = content, .content = bytes, .target = target,
  };

  memset (ask, 0, sizeof *ask);
  glb_prompts_ask_async (fixture->prompts, fixture->session, &request, cancellable, take_result, &ask->result);
}

static GlbPromptAnswer *
ask_wait (Ask *ask, Fixture *fixture)
{
  test_wait (is_there, &ask->result, "an answer");
  ask->answer = glb_prompts_ask_finish (fixture->prompts, ask->result, &ask->error);
  g_clear_object (&ask->result);
  return ask->answer;
}

static void
ask_assert_no (Ask *ask, Fixture *fixture, const char *why)
{
  GlbPromptAnswer *answer = ask_wait (ask, fixture);

  g_assert_no_error (ask->error);
  g_assert_false (answer->allowed);
  g_assert_null (answer->grant);
  g_assert_cmpstr (answer->why, ==, why);
  g_clear_pointer (&ask->answer, glb_prompt_answer_free);
}

static void
ask_assert_yes (Ask *ask, Fixture *fixture, GlbGrantScope scope)
{
  GlbPromptAnswer *answer = ask_wait (ask, fixture);

  g_assert_no_error (ask->error);
  g_assert_null (answer->why);
  g_assert_true (answer->allowed);
  g_assert_cmpint (answer->scope, ==, scope);
  g_assert_nonnull (answer->grant);
}

static void
ask_out (Ask *ask, Fixture *fixture, const char *content)
{
  ask_start (ask, fixture, GLB_PROMPT_CLIPBOARD_OUT, content, NULL, NULL);
}

/* The audit's records, each as "EVENT ACTOR" and the values of the members named, in lines. (transfer full) */
static char *
read_audit (Fixture *fixture)
{
  static const char * const members[] = { "prompt", "grant", "verdict", "scope", "why", "count" };
  g_autofree char *name = g_strconcat (glb_session_get_id (fixture->session), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->host->audit_dir, name, NULL);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;
  GString *text = g_string_new (NULL);
  gsize length;

  g_file_get_contents (path, &content, &length, &error);
  g_assert_no_error (error);
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] == '{'; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], &error);
      JsonObject *record = json_node_get_object (node);
      const char *event = json_object_get_string_member (record, "event");

      g_assert_no_error (error);
      if (!g_str_has_prefix (event, "prompt-") && !g_str_has_prefix (event, "grant-"))
        continue;
      g_string_append_printf (text, "%s %s", event, json_object_get_string_member (record, "actor"));
      for (guint m = 0; m < G_N_ELEMENTS (members); m++)
        if (json_object_has_member (record, members[m]))
          {
            g_autofree char *value = json_to_string (json_object_get_member (record, members[m]), FALSE);

            g_string_append_printf (text, " %s=%s", members[m], g_strdelimit (value, "\"", ' '));
          }
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static void
assert_audit (Fixture *fixture, const char *records)
{
  g_autofree char *text = read_audit (fixture);

  g_assert_cmpstr (text, ==, records);
}

static gboolean
has_answered (gpointer user_data)
{
  return ((Fixture *) user_data)->answered->len > 0;
}

/* The next Answered signal that the client sees. */
static void
assert_signal (Fixture *fixture, const char *text)
{
  test_wait (has_answered, fixture, "the signal");
  g_assert_cmpstr (g_ptr_array_index (fixture->answered, 0), ==, text);
  g_ptr_array_remove_index (fixture->answered, 0);
}

/* ---- no ---------------------------------------------------------------------------------- */

static void
test_deny (Fixture *fixture, gconstpointer data)
{
  Ask ask;

  ask_out (&ask, fixture, "hello");
  assert_listed (fixture, PROMPT, "1");
  g_assert_null (ask.result);
  call_well (fixture, "prompts/1", "Deny", NULL);
  ask_assert_no (&ask, fixture, "denied");
  assert_signal (fixture, "1 deny denied");
  assert_listed (fixture, PROMPT, "");
  assert_listed (fixture, GRANT, "");
  assert_audit (fixture, "prompt-asked agent prompt=1\n"
                         "prompt-answered human prompt=1 verdict= deny  why= denied \n");
}

static void
test_over (Fixture *fixture, gconstpointer data)
{
  const char *unknown = "prompt: there is none of this number; glovebox prompts lists them";
  const char *over = "prompt 1: it is over already; glovebox prompts lists them";
  Ask ask;

  assert_refused (fixture, "prompts/1", "Allow", allow ("once", 0), GLB_BROKER_ERROR_NOT_FOUND, unknown);
  ask_out (&ask, fixture, "hello");
  assert_refused (fixture, "prompts/2", "Allow", allow ("once", 0), GLB_BROKER_ERROR_NOT_FOUND, unknown);
  assert_refused (fixture, "prompts/0", "Deny", NULL, GLB_BROKER_ERROR_NOT_FOUND, unknown);
  assert_refused (fixture, "prompts/x", "Deny", NULL, GLB_BROKER_ERROR_NOT_FOUND, unknown);
  assert_refused (fixture, "grants/1", "Revoke", NULL, GLB_BROKER_ERROR_NOT_FOUND,
                  "grant: there is none of this number; glovebox grants lists them");

  call_well (fixture, "prompts/1", "Deny", NULL);
  assert_refused (fixture, "prompts/1", "Allow", allow ("session", 0), GLB_BROKER_ERROR_STATE, over);
  assert_refused (fixture, "prompts/1", "Deny", NULL, GLB_BROKER_ERROR_STATE, over);
  assert_refused (fixture, "prompts/1", "Look", NULL, GLB_BROKER_ERROR_STATE, over);
  assert_refused (fixture, "prompts/1", "Content", NULL, GLB_BROKER_ERROR_STATE, over);
  ask_assert_no (&ask, fixture, "denied");
}

/* Two answers at once, as two clicks or two clients make them: the first holds, the other is told. */
static void
test_twice_at_once (Fixture *fixture, gconstpointer data)
{
  GAsyncResult *results[6] = { NULL };
  Ask ask;

  ask_out (&ask, fixture, "hello");
  for (guint i = 0; i < 3; i++)
    g_dbus_connection_call (fixture->client, NULL, GLB_BROKER_OBJECT_PATH "/prompts/1", PROMPT, i == 0 ? "Deny" : "Allow",
                            i == 0 ? NULL : allow ("session", 0), NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL, take_result, &results[i]);
  ask_assert_no (&ask, fixture, "denied");

  ask_out (&ask, fixture, "hello");
  call_well (fixture, "prompts/2", "Allow", allow ("session", 0));
  ask_assert_yes (&ask, fixture, GLB_GRANT_SESSION);
  glb_prompt_answer_free (ask.answer);
  for (guint i = 3; i < 6; i++)
    g_dbus_connection_call (fixture->client, NULL, GLB_BROKER_OBJECT_PATH "/grants/1", GRANT, "Revoke", NULL, NULL,
                            G_DBUS_CALL_FLAGS_NONE, 10000, NULL, take_result, &results[i]);

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) reply = NULL;

      test_wait (is_there, &results[i], "a reply");
      reply = g_dbus_connection_call_finish (fixture->client, results[i], &error);
      if (i % 3 == 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE);
      g_object_unref (results[i]);
    }
  assert_listed (fixture, GRANT, "");
}

static void
test_bad_answers (Fixture *fixture, gconstpointer data)
{
  Ask ask;

  ask_start (&ask, fixture, GLB_PROMPT_CAMERA, NULL, NULL, NULL);
  assert_refused (fixture, "prompts/1", "Allow", allow ("forever", 0), GLB_BROKER_ERROR_FAILED,
                  "prompt 1: no such scope; use once, session or seconds");
  assert_refused (fixture, "prompts/1", "Allow", allow ("seconds", 0), GLB_BROKER_ERROR_FAILED,
                  "prompt 1: the time is out of range; use 1 to 86400 seconds");
  assert_refused (fixture, "prompts/1", "Allow", allow ("session", 0), GLB_BROKER_ERROR_FAILED,
                  "prompt 1: it names neither content nor target, so it can only be allowed once");
  assert_refused (fixture, "prompts/1", "Content", NULL, GLB_BROKER_ERROR_NOT_FOUND, "prompt 1: it has no content");
  g_assert_null (ask.result);
  call_well (fixture, "prompts/1", "Deny", NULL);
  ask_assert_no (&ask, fixture, "denied");
}

/* Policy: one second. */
static void
test_nobody_looks (Fixture *fixture, gconstpointer data)
{
  Ask ask;

  ask_out (&ask, fixture, "hello");
  assert_listed (fixture, PROMPT, "1");   /* listing is for programs: it is no look */
  ask_assert_no (&ask, fixture, "no-approver");
  assert_signal (fixture, "1 deny no-approver");
  assert_refused (fixture, "prompts/1", "Allow", allow ("once", 0), GLB_BROKER_ERROR_STATE,
                  "prompt 1: it is over already; glovebox prompts lists them");
  assert_audit (fixture, "prompt-asked agent prompt=1\n"
                         "prompt-answered broker prompt=1 verdict= deny  why= no-approver \n");
}

static void
test_timeout (Fixture *fixture, gconstpointer data)
{
  Ask looked, read;

  ask_out (&looked, fixture, "hello");
  ask_out (&read, fixture, "other");
  call_well (fixture, "prompts/1", "Look", NULL);
  call_well (fixture, "prompts/2", "Content", NULL);
  ask_assert_no (&looked, fixture, "timeout");
  ask_assert_no (&read, fixture, "timeout");
}

/* The window that shows it dies: another one may answer, else its time is over. */
static void
test_looker_vanishes (Fixture *fixture, gconstpointer data)
{
  GDBusConnection *window = connect_client (fixture);
  g_autoptr(GVariant) first = NULL;
  g_autoptr(GVariant) second = NULL;
  g_autoptr(GError) error = NULL;
  Ask left, answered;

  ask_out (&left, fixture, "hello");
  ask_out (&answered, fixture, "other");
  first = call_with_fds (window, GLB_BROKER_OBJECT_PATH "/prompts/1", PROMPT, "Look", NULL, NULL, &error);
  g_assert_no_error (error);
  second = call_with_fds (window, GLB_BROKER_OBJECT_PATH "/prompts/2", PROMPT, "Look", NULL, NULL, &error);
  g_assert_no_error (error);
  close_client (window);

  call_well (fixture, "prompts/2", "Deny", NULL);
  ask_assert_no (&answered, fixture, "denied");
  ask_assert_no (&left, fixture, "timeout");
}

static void
test_session_ends (Fixture *fixture, gconstpointer data)
{
  Ask first, second, late;

  ask_out (&first, fixture, "hello");
  ask_out (&second, fixture, "other");
  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  ask_assert_no (&first, fixture, "session-ended");
  ask_assert_no (&second, fixture, "session-ended");
  assert_refused (fixture, "prompts/1", "Allow", allow ("once", 0), GLB_BROKER_ERROR_STATE,
                  "prompt 1: it is over already; glovebox prompts lists them");
  ask_out (&late, fixture, "hello");
  ask_assert_no (&late, fixture, "session-ended");
  assert_listed (fixture, PROMPT, "");
}

static void
test_broker_stops (Fixture *fixture, gconstpointer data)
{
  Ask ask, late;

  ask_out (&ask, fixture, "hello");
  glb_session_end (fixture->session, GLB_END_BROKER_STOPPING, NULL);
  ask_assert_no (&ask, fixture, "broker-stopping");
  ask_out (&late, fixture, "hello");
  ask_assert_no (&late, fixture, "broker-stopping");
}

static void
test_withdrawn (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Ask ask;

  ask_start (&ask, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL, cancellable);
  assert_listed (fixture, PROMPT, "1");
  g_cancellable_cancel (cancellable);
  g_assert_null (ask_wait (&ask, fixture));
  g_assert_error (ask.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&ask.error);
  assert_signal (fixture, "1 deny withdrawn");
  assert_refused (fixture, "prompts/1", "Allow", allow ("once", 0), GLB_BROKER_ERROR_STATE,
                  "prompt 1: it is over already; glovebox prompts lists them");
}

static void
test_flood_open (Fixture *fixture, gconstpointer data)
{
  Ask asks[8], ninth, again;

  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    ask_out (&asks[i], fixture, "hello");
  for (guint i = 0; i < 3; i++)
    {
      ask_out (&ninth, fixture, "hello");
      ask_assert_no (&ninth, fixture, "too-many-prompts");
    }
  assert_listed (fixture, PROMPT, "1 2 3 4 5 6 7 8");

  call_well (fixture, "prompts/3", "Deny", NULL);
  ask_assert_no (&asks[2], fixture, "denied");
  ask_out (&again, fixture, "hello");
  assert_listed (fixture, PROMPT, "1 2 4 5 6 7 8 9");
  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  ask_assert_no (&again, fixture, "session-ended");
  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    if (i != 2)
      ask_assert_no (&asks[i], fixture, "session-ended");
}

static void
test_flood_minute (Fixture *fixture, gconstpointer data)
{
  GlbSession *other = make_session (fixture, "other", 60);
  GlbSession *flooded = fixture->session;
  Ask ask;

  for (guint i = 1; i <= 30; i++)
    {
      g_autofree char *object = g_strdup_printf ("prompts/%u", i);

      ask_out (&ask, fixture, "hello");
      call_well (fixture, object, "Deny", NULL);
      ask_assert_no (&ask, fixture, "denied");
    }
  ask_out (&ask, fixture, "hello");
  ask_assert_no (&ask, fixture, "too-many-prompts");

  /* one session's flood is not another's */
  fixture->session = other;
  ask_out (&ask, fixture, "hello");
  call_well (fixture, "prompts/31", "Deny", NULL);
  ask_assert_no (&ask, fixture, "denied");
  glb_session_end (other, GLB_END_STOPPED, NULL);
  g_assert_finalize_object (other);
  fixture->session = flooded;
}

/* The audit of a flood is two records, however long it lasts. */
static void
test_flood_audit (Fixture *fixture, gconstpointer data)
{
  Ask asks[8], ask;
  g_autofree char *text = NULL;
  const char *refused;

  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    ask_out (&asks[i], fixture, "hello");
  for (guint i = 0; i < 500; i++)
    {
      ask_out (&ask, fixture, "hello");
      ask_assert_no (&ask, fixture, "too-many-prompts");
    }
  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    ask_assert_no (&asks[i], fixture, "session-ended");
  text = read_audit (fixture);
  refused = strstr (text, "prompt-refused broker why= too-many-prompts  count=1\n");
  g_assert_nonnull (refused);
  g_assert_true (g_str_has_suffix (text, "prompt-refused broker why= too-many-prompts  count=500\n"));
  g_assert_null (strstr (strstr (refused + 1, "prompt-refused") + 1, "prompt-refused"));
}

/* No space for the record of a yes: it is a no, and the session ends. */
static void
test_no_record (Fixture *fixture, gconstpointer data)
{
  struct rlimit before, none;
  Ask ask;

  ask_out (&ask, fixture, "hello");
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  none = before;
  none.rlim_cur = 1;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &none), ==, 0);
  g_test_expect_message ("glb-broker", G_LOG_LEVEL_WARNING, "*no record, so nothing happens*");
  g_test_expect_message ("glb-broker", G_LOG_LEVEL_WARNING, "*no closing record*");
  assert_refused (fixture, "prompts/1", "Allow", allow ("session", 0), GLB_BROKER_ERROR_FAILED,
                  "prompt 1: there is no record of it, so it is denied; free some space");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_test_assert_expected_messages ();
  ask_assert_no (&ask, fixture, "session-ended");
  assert_signal (fixture, "1 deny session-ended");
  g_assert_cmpint (glb_session_get_state (fixture->session), ==, GLB_SESSION_ENDED);
  g_assert_cmpint (glb_session_get_reason (fixture->session), ==, GLB_END_AUDIT_FULL);
  assert_listed (fixture, GRANT, "");
}

/* ---- what is shown ------------------------------------------------------------------------- */

static void
test_content (Fixture *fixture, gconstpointer data)
{
  const char *content = "exactly\x1b[31m this\0 and this";
  gsize size = 25;
  g_autoptr(GBytes) bytes = g_bytes_new (content, size);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  GlbPromptRequest request = {
    .kind = GLB_PROMPT_CLIPBOARD_OUT, .requester = GLB_DRIVER_HUMAN, .title = "t", .preview = "p", .content = bytes,
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) length = NULL;
  Ask ask = { 0 };

  glb_prompts_ask_async (fixture->prompts, fixture->session, &request, NULL, take_result, &ask.result);
  assert_text (fixture, "prompts/1", "Sha256", sha256);
  assert_text (fixture, "prompts/1", "Requester", "human");
  assert_text (fixture, "prompts/1", "Kind", "clipboard-out");
  assert_text (fixture, "prompts/1", "SessionName", "demo");
  length = get_property (fixture, "prompts/1", "Size");
  g_assert_cmpuint (g_variant_get_uint64 (length), ==, size);

  /* twice: each reader has its own position */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GUnixFDList) fds = NULL;
      g_autoptr(GVariant) reply = call_with_fds (fixture->client, GLB_BROKER_OBJECT_PATH "/prompts/1", PROMPT, "Content", NULL, &fds, &error);
      char buffer[64];
      g_autofree char *path = NULL;
      int fd, writable;

      g_assert_no_error (error);
      g_assert_cmpint (g_unix_fd_list_get_length (fds), ==, 1);
      fd = g_unix_fd_list_get (fds, 0, &error);
      g_assert_no_error (error);
      g_assert_cmpint (read (fd, buffer, sizeof buffer), ==, size);
      g_assert_cmpmem (buffer, size, content, size);
      g_assert_cmpint (fcntl (fd, F_GET_SEALS), ==, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
      path = g_strdup_printf ("/proc/self/fd/%d", fd);
      writable = open (path, O_RDWR | O_CLOEXEC);
      g_assert_cmpint (writable, >=, 0);
      g_assert_cmpint (pwrite (writable, "X", 1, 0), ==, -1);
      g_assert_cmpint (errno, ==, EPERM);
      g_assert_cmpint (ftruncate (writable, 0), ==, -1);
      g_assert_cmpint (errno, ==, EPERM);
      close (writable);
      close (fd);
    }
  call_well (fixture, "prompts/1", "Deny", NULL);
  ask_assert_no (&ask, fixture, "denied");
}

/* Text of a session can neither steer a terminal nor look like something else, and has an end. */
static void
test_hostile_text (Fixture *fixture, gconstpointer data)
{
  g_autofree char *long_line = g_strnfill (100000, 'x');
  g_autofree char *many_lines = g_strnfill (100000, '\n');
  GVariantDict details;
  GlbPromptRequest request = { .kind = GLB_PROMPT_CAMERA, .requester = GLB_DRIVER_AGENT };
  g_autoptr(GVariant) shown = NULL;
  g_autoptr(GVariant) preview = NULL;
  g_autoptr(GVariant) title = NULL;
  g_autoptr(GVariant) list = NULL;
  const char *text;
  Ask asks[3] = { 0 };

  request.title = "Copy\n\x1b[2J \xe2\x80\xae" "gpj.exe\xff";
  request.preview = "one\r\n\ttwo\x07\n\xe2\x80\x8bthree\xc2\x9b";
  request.target = "cam\nera";
  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "from", "s", "a\nb");
  g_variant_dict_insert (&details, "width", "u", 7);
  g_variant_dict_insert_value (&details, "list", g_variant_new_parsed ("['c\\nd', 'e']"));
  g_variant_dict_insert (&details, "numbers", "au", NULL);
  request.details = g_variant_dict_end (&details);
  glb_prompts_ask_async (fixture->prompts, fixture->session, &request, NULL, take_result, &asks[0].result);
  assert_text (fixture, "prompts/1", "Title", "Copy??[2J ?gpj.exe?");
  assert_text (fixture, "prompts/1", "Preview", "one?\n?two?\n?three?");
  assert_text (fixture, "prompts/1", "Target", "cam?era");
  shown = get_property (fixture, "prompts/1", "Details");
  g_assert_true (g_variant_lookup (shown, "from", "&s", &text));
  g_assert_cmpstr (text, ==, "a?b");
  list = g_variant_lookup_value (shown, "list", G_VARIANT_TYPE_STRING_ARRAY);
  g_assert_nonnull (list);
  g_assert_cmpuint (g_variant_n_children (list), ==, 2);
  g_variant_get_child (list, 0, "&s", &text);
  g_assert_cmpstr (text, ==, "c?d");
  /* and how often it was asked before */
  g_assert_cmpuint (g_variant_n_children (shown), ==, 4);

  request.details = NULL;
  request.title = request.preview = long_line;
  glb_prompts_ask_async (fixture->prompts, fixture->session, &request, NULL, take_result, &asks[1].result);
  title = get_property (fixture, "prompts/2", "Title");
  g_assert_cmpint (g_utf8_strlen (g_variant_get_string (title, NULL), -1), ==, 201);
  preview = get_property (fixture, "prompts/2", "Preview");
  g_assert_cmpint (g_utf8_strlen (g_variant_get_string (preview, NULL), -1), <=, 4098);
  request.preview = many_lines;
  glb_prompts_ask_async (fixture->prompts, fixture->session, &request, NULL, take_result, &asks[2].result);
  g_variant_unref (preview);
  preview = get_property (fixture, "prompts/3", "Preview");
  g_assert_cmpint (g_utf8_strlen (g_variant_get_string (preview, NULL), -1), ==, 257);

  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    ask_assert_no (&asks[i], fixture, "session-ended");
}

/* ---- grants ----------------------------------------------------------------------------------- */

typedef struct
{
  guint n;
  char *why;
  guint hold;
} Channel;

static void
on_grant_ended (GlbGrant *grant, const char *why, gpointer user_data)
{
  Channel *channel = user_data;

  channel->n++;
  g_free (channel->why);
  channel->why = g_strdup (why);
  /* what closes a channel releases its hold, as on any other way out */
  glb_grant_release (grant, channel->hold);
}

static void
channel_open (Channel *channel, GlbGrant *grant)
{
  memset (channel, 0, sizeof *channel);
  channel->hold = glb_grant_hold (grant, on_grant_ended, channel);
  g_assert_cmpuint (channel->hold, !=, 0);
}

static gboolean
has_ended (gpointer user_data)
{
  return ((Channel *) user_data)->n > 0;
}

static void
channel_assert_ended (Channel *channel, const char *why)
{
  test_wait (has_ended, channel, why);
  g_assert_cmpuint (channel->n, ==, 1);
  g_assert_cmpstr (channel->why, ==, why);
  g_clear_pointer (&channel->why, g_free);
}

static void
test_once_unused (Fixture *fixture, gconstpointer data)
{
  Ask ask;

  ask_out (&ask, fixture, "hello");
  call_well (fixture, "prompts/1", "Allow", allow ("once", 0));
  assert_signal (fixture, "1 allow ");
  ask_assert_yes (&ask, fixture, GLB_GRANT_ONCE);
  assert_listed (fixture, GRANT, "1");
  assert_refused (fixture, "prompts/1", "Allow", allow ("once", 0), GLB_BROKER_ERROR_STATE,
                  "prompt 1: it is over already; glovebox prompts lists them");
  /* the gate did not do it after all */
  glb_prompt_answer_free (ask.answer);
  assert_listed (fixture, GRANT, "");
  assert_audit (fixture, "prompt-asked agent prompt=1\n"
                         "prompt-answered human prompt=1 verdict= allow  scope= once \n"
                         "grant-made human prompt=1 grant=1 scope= once \n"
                         "grant-ended broker grant=1 scope= once  why= used \n");
}

static void
test_once (Fixture *fixture, gconstpointer data)
{
  Channel channel;
  Ask ask, again;

  ask_out (&ask, fixture, "hello");
  call_well (fixture, "prompts/1", "Allow", allow ("once", 0));
  ask_assert_yes (&ask, fixture, GLB_GRANT_ONCE);
  channel_open (&channel, ask.answer->grant);
  glb_prompt_answer_free (ask.answer);
  assert_listed (fixture, GRANT, "1");

  /* once is once, also while its channel is open */
  ask_out (&again, fixture, "hello");
  assert_listed (fixture, PROMPT, "2");
  call_well (fixture, "prompts/2", "Deny", NULL);
  ask_assert_no (&again, fixture, "denied");

  call_well (fixture, "grants/1", "Revoke", NULL);
  channel_assert_ended (&channel, "revoked");
  assert_listed (fixture, GRANT, "");
  assert_refused (fixture, "grants/1", "Revoke", NULL, GLB_BROKER_ERROR_STATE,
                  "grant 1: it is over already; glovebox grants lists them");
  g_assert_cmpuint (channel.n, ==, 1);
}

/* What the broker tells of the questions before: of this kind and target, and never what only the content decides. */
static void
assert_past (Fixture *fixture, const char *path, guint n_asked, const char *answer, gboolean same)
{
  g_autoptr(GVariant) details = get_property (fixture, path, "Details");
  const char *last = NULL;
  gboolean last_same = !same;
  guint n = G_MAXUINT;

  g_assert_true (g_variant_lookup (details, "asked-before", "u", &n));
  g_assert_true (g_variant_lookup (details, "last-answer", "&s", &last));
  g_assert_true (g_variant_lookup (details, "last-same", "b", &last_same));
  g_assert_cmpuint (n, ==, n_asked);
  g_assert_cmpstr (last, ==, answer);
  g_assert_cmpint (last_same, ==, same);
}

static void
test_same_again (Fixture *fixture, gconstpointer data)
{
  Channel channels[2];
  Ask ask, same, other, other_kind;
  g_autoptr(GVariant) uses = NULL;

  ask_out (&ask, fixture, "hello");
  call_well (fixture, "prompts/1", "Allow", allow ("session", 0));
  ask_assert_yes (&ask, fixture, GLB_GRANT_SESSION);
  channel_open (&channels[0], ask.answer->grant);

  /* other content, another kind: asked */
  ask_out (&other, fixture, "hello!");
  ask_start (&other_kind, fixture, GLB_PROMPT_CLIPBOARD_IN, "hello", NULL, NULL);
  assert_listed (fixture, PROMPT, "2 3");
  call_well (fixture, "prompts/2", "Deny", NULL);
  call_well (fixture, "prompts/3", "Deny", NULL);
  ask_assert_no (&other, fixture, "denied");
  ask_assert_no (&other_kind, fixture, "denied");

  ask_out (&same, fixture, "hello");
  ask_assert_yes (&same, fixture, GLB_GRANT_SESSION);
  g_assert_true (same.answer->grant == ask.answer->grant);
  channel_open (&channels[1], same.answer->grant);
  uses = get_property (fixture, "grants/1", "Uses");
  g_assert_cmpuint (g_variant_get_uint32 (uses), ==, 2);

  /* one channel closes by itself and hears nothing any more; the revocation reaches the other */
  glb_grant_release (ask.answer->grant, channels[0].hold);
  call_well (fixture, "grants/1", "Revoke", NULL);
  channel_assert_ended (&channels[1], "revoked");
  g_assert_cmpuint (channels[0].n, ==, 0);
  g_assert_cmpuint (glb_grant_hold (ask.answer->grant, on_grant_ended, &channels[0]), ==, 0);
  glb_prompt_answer_free (ask.answer);
  glb_prompt_answer_free (same.answer);

  ask_out (&same, fixture, "hello");
  assert_listed (fixture, PROMPT, "4");
  assert_past (fixture, "prompts/4", 2, "denied", FALSE);
  call_well (fixture, "prompts/4", "Deny", NULL);
  ask_assert_no (&same, fixture, "denied");
}

/* Stop everything: what is open closes, and the same again is asked. */
static void
test_revoke_all (Fixture *fixture, gconstpointer data)
{
  Channel channels[2];
  Ask text, sound, again;

  ask_out (&text, fixture, "hello");
  call_well (fixture, "prompts/1", "Allow", allow ("session", 0));
  ask_assert_yes (&text, fixture, GLB_GRANT_SESSION);
  ask_start (&sound, fixture, GLB_PROMPT_SPEAKER, NULL, "card 1", NULL);
  call_well (fixture, "prompts/2", "Allow", allow ("seconds", 3600));
  ask_assert_yes (&sound, fixture, GLB_GRANT_SECONDS);
  channel_open (&channels[0], text.answer->grant);
  channel_open (&channels[1], sound.answer->grant);
  glb_prompt_answer_free (text.answer);
  glb_prompt_answer_free (sound.answer);

  g_assert_cmpuint (glb_prompts_revoke_all (fixture->prompts), ==, 2);
  channel_assert_ended (&channels[0], "revoked");
  channel_assert_ended (&channels[1], "revoked");
  assert_listed (fixture, GRANT, "");
  g_assert_cmpuint (glb_prompts_revoke_all (fixture->prompts), ==, 0);

  ask_out (&again, fixture, "hello");
  assert_listed (fixture, PROMPT, "3");
  call_well (fixture, "prompts/3", "Deny", NULL);
  ask_assert_no (&again, fixture, "denied");
}

static void
test_device (Fixture *fixture, gconstpointer data)
{
  Ask ask, other;

  ask_start (&ask, fixture, GLB_PROMPT_SPEAKER, NULL, "card 1", NULL);
  call_well (fixture, "prompts/1", "Allow", allow ("session", 0));
  ask_assert_yes (&ask, fixture, GLB_GRANT_SESSION);
  glb_prompt_answer_free (ask.answer);

  ask_start (&ask, fixture, GLB_PROMPT_MICROPHONE, NULL, "card 1", NULL);
  ask_start (&other, fixture, GLB_PROMPT_SPEAKER, NULL, "card 2", NULL);
  assert_listed (fixture, PROMPT, "2 3");
  call_well (fixture, "prompts/2", "Deny", NULL);
  call_well (fixture, "prompts/3", "Deny", NULL);
  ask_assert_no (&ask, fixture, "denied");
  ask_assert_no (&other, fixture, "denied");
  ask_start (&ask, fixture, GLB_PROMPT_SPEAKER, NULL, "card 1", NULL);
  ask_assert_yes (&ask, fixture, GLB_GRANT_SESSION);
  glb_prompt_answer_free (ask.answer);
}

static void
test_seconds (Fixture *fixture, gconstpointer data)
{
  Channel channel;
  Ask ask;

  ask_out (&ask, fixture, "hello");
  call_well (fixture, "prompts/1", "Allow", allow ("seconds", 1));
  ask_assert_yes (&ask, fixture, GLB_GRANT_SECONDS);
  g_assert_cmpuint (ask.answer->seconds, ==, 1);
  channel_open (&channel, ask.answer->grant);
  glb_prompt_answer_free (ask.answer);
  channel_assert_ended (&channel, "expired");
  assert_listed (fixture, GRANT, "");
  assert_refused (fixture, "grants/1", "Revoke", NULL, GLB_BROKER_ERROR_STATE,
                  "grant 1: it is over already; glovebox grants lists them");
  assert_audit (fixture, "prompt-asked agent prompt=1\n"
                         "prompt-answered human prompt=1 verdict= allow  scope= seconds \n"
                         "grant-made human prompt=1 grant=1 scope= seconds \n"
                         "grant-expired broker grant=1 scope= seconds  why= expired \n");
}

static void
test_grant_session_ends (Fixture *fixture, gconstpointer data)
{
  GlbSession *other = make_session (fixture, "other", 60);
  GlbSession *first = fixture->session;
  Channel channel;
  Ask ask;

  ask_out (&ask, fixture, "hello");
  call_well (fixture, "prompts/1", "Allow", allow ("session", 0));
  ask_assert_yes (&ask, fixture, GLB_GRANT_SESSION);
  channel_open (&channel, ask.answer->grant);
  glb_prompt_answer_free (ask.answer);

  /* one session's grant is not another's */
  fixture->session = other;
  ask_out (&ask, fixture, "hello");
  assert_listed (fixture, PROMPT, "2");
  glb_session_end (other, GLB_END_STOPPED, NULL);
  ask_assert_no (&ask, fixture, "session-ended");
  g_assert_finalize_object (other);
  g_assert_cmpuint (channel.n, ==, 0);
  fixture->session = first;

  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  channel_assert_ended (&channel, "session-ended");
  assert_listed (fixture, GRANT, "");
}

/* The session ends between the answer and the gate that hears of it: no channel. */
static void
test_ends_before_heard (Fixture *fixture, gconstpointer data)
{
  Channel channel = { 0 };
  Ask ask;

  ask_out (&ask, fixture, "hello");
  call_well (fixture, "prompts/1", "Allow", allow ("once", 0));
  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  ask_wait (&ask, fixture);
  g_assert_cmpuint (glb_grant_hold (ask.answer->grant, on_grant_ended, &channel), ==, 0);
  g_assert_cmpuint (channel.n, ==, 0);
  glb_prompt_answer_free (ask.answer);
}

/* ---- glovebox ------------------------------------------------------------------------------------ */

typedef struct
{
  char *out, *err;
  int status;
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->out, g_free);
  g_clear_pointer (&run->err, g_free);
}

static void
run (Run *run, ...)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *program = NULL;
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  va_list args;
  const char *word;

  run_clear (run);
  program = glb_paths_find_program ("glovebox", &error);
  g_assert_no_error (error);
  g_ptr_array_add (argv, program);
  va_start (args, run);
  do
    {
      word = va_arg (args, const char *);
      g_ptr_array_add (argv, (char *) word);
    }
  while (word != NULL);
  va_end (args);

  process = g_subprocess_newv ((const char * const *) argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8_async (process, NULL, NULL, take_result, &result);
  test_wait (is_there, &result, "glovebox");
  g_subprocess_communicate_utf8_finish (process, result, &run->out, &run->err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  run->status = g_subprocess_get_exit_status (process);
}

static void
assert_fails (Run *result, const char *message)
{
  g_assert_cmpint (result->status, ==, 125);
  g_assert_cmpstr (result->err, ==, message);
  g_assert_cmpstr (result->out, ==, "");
}

static void
test_command_line_refused (Fixture *fixture, gconstpointer data)
{
  Run result = { 0 };
  Ask ask;

  run (&result, "allow", NULL);
  assert_fails (&result, "glovebox: allow: needs one prompt; give its number, see `glovebox prompts`\n");
  run (&result, "deny", NULL);
  assert_fails (&result, "glovebox: deny: no prompt; give its number, see `glovebox prompts`\n");
  run (&result, "revoke", "camera", NULL);
  assert_fails (&result, "glovebox: camera: is no number of a grant; see `glovebox grants`\n");
  run (&result, "deny", "../1", NULL);
  assert_fails (&result, "glovebox: ../1: is no number of a prompt; see `glovebox prompts`\n");
  run (&result, "allow", "1", "--once", "--for", "5", NULL);
  assert_fails (&result, "glovebox: allow: --once, --session and --for exclude each other; give one\n");
  run (&result, "allow", "1", "--for", "0", NULL);
  assert_fails (&result, "glovebox: allow: --for 0: is no time; give seconds, 1 to 86400\n");
  run (&result, "allow", "1", NULL);
  assert_fails (&result, "glovebox: prompt: there is none of this number; glovebox prompts lists them\n");
  run (&result, "prompts", "1", NULL);
  assert_fails (&result, "glovebox: prompts: 1: is too much; see `glovebox prompts --help`\n");

  ask_out (&ask, fixture, "hello");
  run (&result, "deny", "1", NULL);
  g_assert_cmpint (result.status, ==, 0);
  ask_assert_no (&ask, fixture, "denied");
  run (&result, "allow", "1", NULL);
  assert_fails (&result, "glovebox: prompt 1: it is over already; glovebox prompts lists them\n");
  run_clear (&result);
}

static void
test_command_line (Fixture *fixture, gconstpointer data)
{
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *object;
  Run result = { 0 };
  Ask ask;

  run (&result, "prompts", "--json", NULL);
  g_assert_cmpstr (result.out, ==, "[]\n");
  run (&result, "grants", NULL);
  g_assert_cmpint (result.status, ==, 0);

  ask_out (&ask, fixture, "hello\nworld");
  run (&result, "prompts", NULL);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_true (g_str_has_prefix (result.out, "1  clipboard-out  asked by the agent of demo  "));
  g_assert_nonnull (strstr (result.out, "s left\n   A title\n   11 bytes, sha256 "));
  g_assert_true (g_str_has_suffix (result.out, "\n   | hello\n   | world\n"));
  run (&result, "prompts", "--json", NULL);
  node = json_from_string (result.out, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 1);
  object = json_array_get_object_element (json_node_get_array (node), 0);
  g_assert_cmpint (json_object_get_int_member (object, "id"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (object, "session"), ==, glb_session_get_id (fixture->session));
  g_assert_cmpint (json_object_get_int_member (object, "bytes"), ==, 11);
  g_assert_cmpstr (json_object_get_string_member (object, "preview"), ==, "hello\nworld");
  g_assert_cmpint (json_object_get_int_member (object, "expiresUs") - json_object_get_int_member (object, "askedUs"), ==, 60000000);

  run (&result, "allow", "1", "--for", "60", NULL);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==, "");
  ask_assert_yes (&ask, fixture, GLB_GRANT_SECONDS);
  g_assert_cmpuint (ask.answer->seconds, ==, 60);
  glb_prompt_answer_free (ask.answer);
  run (&result, "grants", NULL);
  g_assert_nonnull (strstr (result.out, "demo     clipboard-out  seconds  "));
  run (&result, "grants", "--json", NULL);
  g_assert_nonnull (strstr (result.out, "\"scope\":\"seconds\""));
  g_assert_nonnull (strstr (result.out, glb_session_get_id (fixture->session)));
  run (&result, "revoke", "1", NULL);
  g_assert_cmpint (result.status, ==, 0);
  assert_listed (fixture, GRANT, "");
  run (&result, "revoke", "1", NULL);
  assert_fails (&result, "glovebox: grant 1: it is over already; glovebox grants lists them\n");
  run_clear (&result);
}

/* `glovebox prompts` is a look: the person saw it. */
static void
test_command_line_looks (Fixture *fixture, gconstpointer data)
{
  Run result = { 0 };
  Ask ask;

  ask_out (&ask, fixture, "hello");
  run (&result, "prompts", NULL);
  ask_assert_no (&ask, fixture, "timeout");
  run_clear (&result);
}

#define ADD(path, seconds, function) g_test_add (path, Fixture, GUINT_TO_POINTER (seconds), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/prompts/deny", 0, test_deny);
  ADD ("/prompts/over", 0, test_over);
  ADD ("/prompts/twice-at-once", 0, test_twice_at_once);
  ADD ("/prompts/bad-answers", 0, test_bad_answers);
  ADD ("/prompts/nobody-looks", 1, test_nobody_looks);
  ADD ("/prompts/timeout", 1, test_timeout);
  ADD ("/prompts/looker-vanishes", 1, test_looker_vanishes);
  ADD ("/prompts/session-ends", 0, test_session_ends);
  ADD ("/prompts/broker-stops", 0, test_broker_stops);
  ADD ("/prompts/withdrawn", 0, test_withdrawn);
  ADD ("/prompts/flood/open", 0, test_flood_open);
  ADD ("/prompts/flood/minute", 0, test_flood_minute);
  ADD ("/prompts/flood/audit", 0, test_flood_audit);
  ADD ("/prompts/no-record", 0, test_no_record);
  ADD ("/prompts/content", 0, test_content);
  ADD ("/prompts/hostile-text", 0, test_hostile_text);
  ADD ("/prompts/grant/once-unused", 0, test_once_unused);
  ADD ("/prompts/grant/once", 0, test_once);
  ADD ("/prompts/grant/same-again", 0, test_same_again);
  ADD ("/prompts/grant/revoke-all", 0, test_revoke_all);
  ADD ("/prompts/grant/device", 0, test_device);
  ADD ("/prompts/grant/seconds", 0, test_seconds);
  ADD ("/prompts/grant/session-ends", 0, test_grant_session_ends);
  ADD ("/prompts/grant/ends-before-heard", 0, test_ends_before_heard);
  ADD ("/prompts/command-line/refused", 0, test_command_line_refused);
  ADD ("/prompts/command-line/answers", 0, test_command_line);
  ADD ("/prompts/command-line/looks", 3, test_command_line_looks);

  return g_test_run ();
}
