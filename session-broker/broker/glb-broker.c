/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <unistd.h>

#include <gio/gunixcredentialsmessage.h>
#include <gio/gunixfdlist.h>

#include "glb-broker-dbus-generated.h"
#include "session-broker/audit/glb-audit-log.h"
#include "session-broker/broker/glb-broker.h"
#include "session-broker/broker/glb-object-manager.h"
#include "session-broker/broker/glb-session.h"
#include "session-broker/broker/glb-system-bus.h"
#include "session-broker/client/glb-broker-error.h"

#define BROKER_PATH  "/org/glovebox/Broker1"
#define SESSIONS_MAX 256
/* An ended session stays listed so that its reason can be read. */
#define ENDED_S      10
/* A client that reads nothing for so long, while an agent makes signals for it, is given up: they are kept in memory. */
#define STALL_S      120
#define LOOK_S       30

struct _GlbBroker
{
  GObject parent_instance;

  GlbHost *host;
  GlbBrokerOptions options;
  GDBusServer *server;
  GDBusAuthObserver *observer;
  GlbDBusBroker1 *skeleton;
  GlbObjectManager *objects;
  GlbPrompts *prompts;
  GlbPool *pool;
  GlbSystemBus *system;        /* (nullable) */
  GPtrArray *sessions;         /* GlbSession, ended ones too */
  GPtrArray *connections;
  guint idle_id;
  gboolean stopping;
  gboolean finished;
};

G_DEFINE_FINAL_TYPE (GlbBroker, glb_broker, G_TYPE_OBJECT)

enum { FINISHED, N_SIGNALS };
static guint signals[N_SIGNALS];

typedef struct
{
  GlbBroker *self;
  GlbSession *session;
  GDBusMethodInvocation *invocation;
} RunCall;

static void
run_call_free (RunCall *call)
{
  g_object_unref (call->self);
  g_object_unref (call->session);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunCall, run_call_free)

static guint
count_live (GlbBroker *self)
{
  guint n = 0;

  for (guint i = 0; i < self->sessions->len; i++)
    n += glb_session_get_state (g_ptr_array_index (self->sessions, i)) != GLB_SESSION_ENDED;
  return n;
}

static void
check_finished (GlbBroker *self)
{
  if (!self->stopping || self->finished || count_live (self) > 0)
    return;
  if (!glb_pool_is_empty (self->pool))
    {
      glb_pool_close (self->pool);
      return;
    }

  self->finished = TRUE;
  g_signal_emit (self, signals[FINISHED], 0);
}

static gboolean
on_idle (gpointer user_data)
{
  GlbBroker *self = user_data;

  if (self->system != NULL && glb_system_bus_is_busy (self->system))
    return G_SOURCE_CONTINUE;
  self->idle_id = 0;
  glb_broker_stop (self);
  return G_SOURCE_REMOVE;
}

static void
check_idle (GlbBroker *self)
{
  g_clear_handle_id (&self->idle_id, g_source_remove);
  if (self->options.idle_timeout_s != 0 && !self->stopping && self->connections->len == 0 && count_live (self) == 0)
    self->idle_id = g_timeout_add_seconds (self->options.idle_timeout_s, on_idle, self);
}

/* ---- sessions -------------------------------------------------------------------- */

static GlbSession *
find_session (GlbBroker *self, const char *name, gboolean live_only)
{
  GlbSession *ended = NULL;

  for (guint i = self->sessions->len; i > 0; i--)
    {
      GlbSession *session = g_ptr_array_index (self->sessions, i - 1);

      if (!g_str_equal (glb_session_get_id (session), name) && !g_str_equal (glb_session_get_name (session), name))
        continue;
      if (glb_session_get_state (session) != GLB_SESSION_ENDED)
        return session;
      if (ended == NULL)
        ended = session;
    }
  return live_only ? NULL : ended;
}

static void
forget_session (GlbBroker *self, GlbSession *session)
{
  glb_object_manager_unexport (self->objects, glb_session_get_path (session));
  g_signal_handlers_disconnect_by_data (session, self);
  g_ptr_array_remove (self->sessions, session);
}

typedef struct
{
  GlbBroker *self;
  GlbSession *session;
} Ended;

static gboolean
on_ended_timeout (gpointer user_data)
{
  Ended *ended = user_data;

  forget_session (ended->self, ended->session);
  return G_SOURCE_REMOVE;
}

static void
ended_free (gpointer user_data)
{
  Ended *ended = user_data;

  g_object_unref (ended->self);
  g_object_unref (ended->session);
  g_free (ended);
}

static void
on_session_ended (GlbSession *session, gpointer user_data)
{
  g_autoptr(GlbBroker) self = g_object_ref (GLB_BROKER (user_data));
  Ended *ended;

  if (glb_session_get_reason (session) == GLB_END_AUDIT_FULL)
    g_warning ("A session ended because its audit log could not be written");
  if (!self->stopping)
    {
      ended = g_new0 (Ended, 1);
      ended->self = g_object_ref (self);
      ended->session = g_object_ref (session);
      g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, ENDED_S, on_ended_timeout, ended, ended_free);
    }
  check_idle (self);
  check_finished (self);
}

/* The command's name, with a number where it is taken. (transfer full) */
static char *
choose_name (GlbBroker *self, const GlbRunRequest *request, GError **error)
{
  g_autofree char *base = NULL;

  if (request->name != NULL && find_session (self, request->name, TRUE) == NULL)
    return g_strdup (request->name);
  if (request->name != NULL)
    {
      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "name %s: a session has it already; choose another one",
                   request->name);
      return NULL;
    }

  base = g_path_get_basename (request->argv[0]);
  g_strcanon (base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", '-');
  base[MIN (strlen (base), 40)] = '\0';
  for (guint n = 1; n <= SESSIONS_MAX + 1; n++)
    {
      g_autofree char *name = n == 1 ? g_strdup (base) : g_strdup_printf ("%s-%u", base, n);

      if (find_session (self, name, TRUE) == NULL)
        return g_steal_pointer (&name);
    }
  g_return_val_if_reached (NULL);
}

static gboolean
check_request (GlbBroker *self, const GlbRunRequest *request, GError **error)
{
  if (self->stopping || count_live (self) >= SESSIONS_MAX)
    {
      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "run: %s",
                   self->stopping ? "the broker is ending; try again" : "too many sessions; stop one");
      return FALSE;
    }

  for (guint i = 0; request->persist != NULL && i < self->sessions->len; i++)
    {
      GlbSession *session = g_ptr_array_index (self->sessions, i);

      if (glb_session_get_state (session) != GLB_SESSION_ENDED && g_strcmp0 (glb_session_get_persist (session), request->persist) == 0)
        {
          g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "persist %s: session %s uses this home; stop it first",
                       request->persist, glb_session_get_name (session));
          return FALSE;
        }
    }

  return TRUE;
}

/* ---- Broker1 ------------------------------------------------------------------------ */

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(RunCall) call = user_data;
  g_autoptr(GUnixFDList) list = g_unix_fd_list_new ();
  g_autoptr(GError) error = NULL;
  GVariantBuilder handles;
  guint64 command;
  int fds[3];

  if (!glb_session_start_finish (call->session, result, &command, fds, &error))
    {
      g_dbus_method_invocation_take_error (call->invocation, g_steal_pointer (&error));
      return;
    }

  g_variant_builder_init (&handles, G_VARIANT_TYPE ("ah"));
  if (fds[0] >= 0)
    {
      g_clear_object (&list);
      list = g_unix_fd_list_new_from_array (fds, 3);
      for (int i = 0; i < 3; i++)
        g_variant_builder_add (&handles, "h", i);
    }
  glb_dbus_broker1_complete_run (call->self->skeleton, call->invocation, list, glb_session_get_path (call->session), command,
                                 g_variant_builder_end (&handles));
}

static GlbSession *
make_session (GlbBroker *self, GVariant *options, const char * const *argv, GUnixFDList *fds, GDBusConnection *client, GError **error)
{
  g_autoptr(GlbRunRequest) request = glb_run_request_new (options, argv, fds, error);
  g_autoptr(GlbSession) session = NULL;
  g_autofree char *name = NULL;

  if (request == NULL || !check_request (self, request, error))
    return NULL;
  name = choose_name (self, request, error);
  if (name == NULL)
    return NULL;

  session = glb_session_new (self->host, self->pool, self->prompts, g_steal_pointer (&request), name, client, error);
  if (session == NULL || !glb_object_manager_export (self->objects, glb_session_get_path (session),
                                                     glb_session_get_skeleton (session), error))
    return NULL;

  g_signal_connect (session, "ended", G_CALLBACK (on_session_ended), self);
  g_ptr_array_add (self->sessions, g_object_ref (session));
  return g_steal_pointer (&session);
}

static gboolean
handle_run (GlbDBusBroker1        *object,
            GDBusMethodInvocation *invocation,
            GUnixFDList           *fds,
            GVariant              *options,
            const char * const    *argv,
            GlbBroker             *self)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  g_autoptr(GError) error = NULL;
  GlbSession *session = make_session (self, options, argv, fds, client, &error);
  RunCall *call;

  if (session == NULL)
    {
      g_dbus_method_invocation_take_error (invocation, glb_session_map_error (error));
      return TRUE;
    }

  g_clear_handle_id (&self->idle_id, g_source_remove);
  call = g_new0 (RunCall, 1);
  call->self = g_object_ref (self);
  call->session = session;
  call->invocation = invocation;
  glb_session_start_async (session, started_cb, call);
  return TRUE;
}

static gboolean
handle_find (GlbDBusBroker1 *object, GDBusMethodInvocation *invocation, const char *name, GlbBroker *self)
{
  GlbSession *session = find_session (self, name, FALSE);

  if (session != NULL)
    glb_dbus_broker1_complete_find (object, invocation, glb_session_get_path (session));
  else
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND,
                                           "session %s: there is none; glovebox ps lists them", name);
  return TRUE;
}

typedef struct
{
  GlbBroker *self;
  GDBusMethodInvocation *invocation;
  guint n_waiting, n_frozen, n_revoked;
  GStrvBuilder *failed;
} FreezeCall;

/* Answers when the last session has said how it stands. */
static void
freeze_call_done_one (FreezeCall *call)
{
  g_auto(GStrv) failed = NULL;

  if (--call->n_waiting > 0)
    return;

  failed = g_strv_builder_end (call->failed);
  glb_dbus_broker1_complete_freeze_all (call->self->skeleton, call->invocation, call->n_frozen, call->n_revoked,
                                        (const char * const *) failed);
  g_strv_builder_unref (call->failed);
  g_object_unref (call->self);
  g_free (call);
}

static void
frozen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FreezeCall *call = user_data;
  g_autoptr(GError) error = NULL;

  if (glb_session_freeze_finish (GLB_SESSION (source), result, &error))
    call->n_frozen++;
  else if (error != NULL)
    {
      g_warning ("Session %s runs on: %s", glb_session_get_id (GLB_SESSION (source)), error->message);
      g_strv_builder_add (call->failed, glb_session_get_name (GLB_SESSION (source)));
    }
  freeze_call_done_one (call);
}

/* First they stand still, each in a thread of its own; then that is recorded. */
static gboolean
handle_freeze_all (GlbDBusBroker1 *object, GDBusMethodInvocation *invocation, GlbBroker *self)
{
  g_autoptr(GPtrArray) sessions = g_ptr_array_copy (self->sessions, (GCopyFunc) (void *) g_object_ref, NULL);
  FreezeCall *call = g_new0 (FreezeCall, 1);

  g_ptr_array_set_free_func (sessions, g_object_unref);
  call->self = g_object_ref (self);
  call->invocation = invocation;
  call->failed = g_strv_builder_new ();
  call->n_waiting = sessions->len + 1;
  for (guint i = 0; i < sessions->len; i++)
    glb_session_freeze_async (g_ptr_array_index (sessions, i), frozen_cb, call);
  for (guint i = 0; i < sessions->len; i++)
    glb_session_freeze_recorded (g_ptr_array_index (sessions, i));
  call->n_revoked = glb_prompts_revoke_all (self->prompts);
  freeze_call_done_one (call);
  return TRUE;
}

static gboolean
handle_set_appearance (GlbDBusBroker1 *object, GDBusMethodInvocation *invocation, guint color_scheme, guint contrast, GlbBroker *self)
{
  if (color_scheme > 2 || contrast > 1)
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                             "appearance: there is no such value; use 0 to 2 and 0 to 1");
      return TRUE;
    }

  self->host->color_scheme = color_scheme;
  self->host->contrast = contrast;
  for (guint i = 0; i < self->sessions->len; i++)
    glb_session_update_appearance (g_ptr_array_index (self->sessions, i));
  glb_dbus_broker1_complete_set_appearance (object, invocation);
  return TRUE;
}

/* ---- connections ------------------------------------------------------------------------ */

/* Of one connection, as its data "glb-reader". */
typedef struct
{
  GDBusConnection *connection; /* not owned: it owns this */
  guint look_id;
  gint64 asked_us;             /* since when a flush has not ended, 0: none is under way */
} Reader;

static void
reader_free (gpointer data)
{
  Reader *reader = data;

  g_source_remove (reader->look_id);
  g_free (reader);
}

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reader *reader = g_object_get_data (source, "glb-reader");

  if (reader != NULL)
    reader->asked_us = 0;
  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL);
}

static gboolean
on_look (gpointer user_data)
{
  Reader *reader = user_data;
  gint64 now = g_get_monotonic_time ();

  if (reader->asked_us == 0)
    {
      reader->asked_us = now;
      g_dbus_connection_flush (reader->connection, NULL, flushed_cb, NULL);
    }
  else if (now - reader->asked_us > STALL_S * G_USEC_PER_SEC)
    {
      GIOStream *stream = g_dbus_connection_get_stream (reader->connection);

      /* closing would wait for what cannot be written */
      g_warning ("A client does not read: its connection is closed");
      if (G_IS_SOCKET_CONNECTION (stream))
        g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)), TRUE, TRUE, NULL);
    }
  return G_SOURCE_CONTINUE;
}

static void
watch_reader (GDBusConnection *connection)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->connection = connection;
  reader->look_id = g_timeout_add_seconds (LOOK_S, on_look, reader);
  g_object_set_data_full (G_OBJECT (connection), "glb-reader", reader, reader_free);
}

static void
on_connection_closed (GDBusConnection *connection, gboolean remote_peer_vanished, GError *error, gpointer user_data)
{
  g_autoptr(GlbBroker) self = g_object_ref (GLB_BROKER (user_data));
  g_autoptr(GPtrArray) sessions = g_ptr_array_copy (self->sessions, (GCopyFunc) (void *) g_object_ref, NULL);

  g_ptr_array_set_free_func (sessions, g_object_unref);
  g_signal_handlers_disconnect_by_data (connection, self);
  g_object_set_data (G_OBJECT (connection), "glb-reader", NULL);
  for (guint i = 0; i < sessions->len; i++)
    glb_session_client_gone (g_ptr_array_index (sessions, i), connection);
  glb_object_manager_remove_connection (self->objects, connection);
  glb_prompts_remove_connection (self->prompts, connection);
  if (g_dbus_interface_skeleton_has_connection (G_DBUS_INTERFACE_SKELETON (self->skeleton), connection))
    g_dbus_interface_skeleton_unexport_from_connection (G_DBUS_INTERFACE_SKELETON (self->skeleton), connection);
  g_ptr_array_remove (self->connections, connection);
  check_idle (self);
}

static gboolean
on_new_connection (GDBusServer *server, GDBusConnection *connection, gpointer user_data)
{
  GlbBroker *self = user_data;
  g_autoptr(GError) error = NULL;

  if (self->stopping ||
      !g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), connection, BROKER_PATH, &error) ||
      !glb_object_manager_add_connection (self->objects, connection, &error) ||
      !glb_prompts_add_connection (self->prompts, connection, &error))
    {
      if (error != NULL)
        g_warning ("A client is refused: %s", error->message);
      return FALSE;
    }

  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_signal_connect (connection, "closed", G_CALLBACK (on_connection_closed), self);
  watch_reader (connection);
  g_clear_handle_id (&self->idle_id, g_source_remove);
  /* a client that leaves at once may be gone before anybody is told that it came */
  if (g_dbus_connection_is_closed (connection))
    on_connection_closed (connection, TRUE, NULL, self);
  return TRUE;
}

static gboolean
on_allow_mechanism (GDBusAuthObserver *observer, const char *mechanism, gpointer user_data)
{
  return g_str_equal (mechanism, "EXTERNAL");
}

static gboolean
on_authorize_peer (GDBusAuthObserver *observer, GIOStream *stream, GCredentials *credentials, gpointer user_data)
{
  return credentials != NULL && g_credentials_get_unix_user (credentials, NULL) == geteuid ();
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
on_pool_emptied (GlbPool *pool, gpointer user_data)
{
  check_finished (user_data);
}

static void
glb_broker_dispose (GObject *object)
{
  GlbBroker *self = GLB_BROKER (object);

  g_clear_handle_id (&self->idle_id, g_source_remove);
  if (self->server != NULL)
    g_dbus_server_stop (self->server);
  for (guint i = 0; i < self->connections->len; i++)
    {
      g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->connections, i), self);
      g_object_set_data (g_ptr_array_index (self->connections, i), "glb-reader", NULL);
    }
  g_ptr_array_set_size (self->connections, 0);
  for (guint i = 0; i < self->sessions->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->sessions, i), self);
  g_ptr_array_set_size (self->sessions, 0);
  if (self->system != NULL)
    glb_system_bus_close (self->system);
  g_clear_object (&self->system);
  g_clear_object (&self->prompts);
  g_clear_object (&self->objects);
  g_clear_object (&self->skeleton);
  g_clear_object (&self->server);
  g_clear_object (&self->observer);
  g_clear_object (&self->pool);

  G_OBJECT_CLASS (glb_broker_parent_class)->dispose (object);
}

static void
glb_broker_finalize (GObject *object)
{
  GlbBroker *self = GLB_BROKER (object);

  g_ptr_array_unref (self->connections);
  g_ptr_array_unref (self->sessions);

  G_OBJECT_CLASS (glb_broker_parent_class)->finalize (object);
}

static void
glb_broker_class_init (GlbBrokerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_broker_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_broker_finalize;

  signals[FINISHED] = g_signal_new ("finished", GLB_TYPE_BROKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_broker_init (GlbBroker *self)
{
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  self->objects = glb_object_manager_new (BROKER_PATH);
  self->prompts = glb_prompts_new (self->objects);
  self->skeleton = glb_dbus_broker1_skeleton_new ();
  self->observer = g_dbus_auth_observer_new ();
}

GlbBroker *
glb_broker_new (GlbHost *host, const GlbBrokerOptions *options, GError **error)
{
  g_autoptr(GlbBroker) self = g_object_new (GLB_TYPE_BROKER, NULL);
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autofree char *escaped = g_dbus_address_escape_value (host->bus_path);
  g_autofree char *address = g_strconcat ("unix:path=", escaped, NULL);
  g_autoptr(GError) local = NULL;

  self->host = host;
  self->options = *options;
  self->pool = glb_pool_new (host, options->n_spares);
  g_signal_connect_object (self->pool, "emptied", G_CALLBACK (on_pool_emptied), self, 0);
  glb_dbus_broker1_set_version (self->skeleton, GLOVEBOX_VERSION);
  glb_dbus_broker1_set_pid (self->skeleton, getpid ());
  g_signal_connect (self->skeleton, "handle-run", G_CALLBACK (handle_run), self);
  g_signal_connect (self->skeleton, "handle-find", G_CALLBACK (handle_find), self);
  g_signal_connect (self->skeleton, "handle-freeze-all", G_CALLBACK (handle_freeze_all), self);
  g_signal_connect (self->skeleton, "handle-set-appearance", G_CALLBACK (handle_set_appearance), self);
  g_signal_connect (self->observer, "allow-mechanism", G_CALLBACK (on_allow_mechanism), self);
  g_signal_connect (self->observer, "authorize-authenticated-peer", G_CALLBACK (on_authorize_peer), self);

  /* logs that a killed broker left open */
  if (!glb_audit_recover (host->audit_dir, NULL, &local))
    g_warning ("Can't close old audit logs: %s", local->message);

  self->server = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER, guid, self->observer, NULL, error);
  if (self->server == NULL)
    return NULL;

  g_signal_connect (self->server, "new-connection", G_CALLBACK (on_new_connection), self);
  g_dbus_server_start (self->server);
  check_idle (self);
  return g_steal_pointer (&self);
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;

  if (glb_system_bus_start_finish (GLB_SYSTEM_BUS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
glb_broker_join_system_bus_async (GlbBroker *self, guint polkit_deadline, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (self->system == NULL);

  g_task_set_source_tag (task, glb_broker_join_system_bus_async);
  self->system = glb_system_bus_new (self->objects, self->prompts, G_DBUS_INTERFACE_SKELETON (self->skeleton), polkit_deadline);
  glb_system_bus_start_async (self->system, joined_cb, g_steal_pointer (&task));
}

gboolean
glb_broker_join_system_bus_finish (GlbBroker *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
glb_broker_stop (GlbBroker *self)
{
  g_autoptr(GlbBroker) ref = g_object_ref (self);
  g_autoptr(GPtrArray) sessions = g_ptr_array_copy (self->sessions, (GCopyFunc) (void *) g_object_ref, NULL);

  g_ptr_array_set_free_func (sessions, g_object_unref);
  if (self->stopping)
    return;

  self->stopping = TRUE;
  g_clear_handle_id (&self->idle_id, g_source_remove);
  g_dbus_server_stop (self->server);
  unlink (self->host->bus_path);
  if (self->system != NULL)
    glb_system_bus_close (self->system);
  for (guint i = 0; i < sessions->len; i++)
    glb_session_end (g_ptr_array_index (sessions, i), GLB_END_BROKER_STOPPING, NULL);
  glb_pool_close (self->pool);
  check_finished (self);
}
