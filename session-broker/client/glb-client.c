/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-client"

#include "session-broker/client/glb-client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-broker/client/glb-broker-start.h"

#define NO_ANSWER         "The broker does not answer; end its process glovebox-broker and try again"
#define START_DEADLINE_US (5 * G_USEC_PER_SEC)
/* A line of the authentication. */
#define ANSWER_MAX        256
/* The bus gives a service 25 seconds. */
#define SYSTEM_START_MS   30000

struct _GlbClient
{
  GObject parent_instance;

  GDBusConnection *connection;
  const char *bus_name;          /* (nullable): a peer's has none */
};

G_DEFINE_FINAL_TYPE (GlbClient, glb_client, G_TYPE_OBJECT)

/* A broker that accepts and then says nothing must not hang us: GDBus authenticates without a deadline. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  GCancellable *cancellable;
  gint64 deadline;
  gboolean done, expired;
} Watchdog;

static gpointer
watchdog_thread (gpointer data)
{
  Watchdog *watchdog = data;

  g_mutex_lock (&watchdog->mutex);
  while (!watchdog->done && !watchdog->expired)
    watchdog->expired = !g_cond_wait_until (&watchdog->cond, &watchdog->mutex, watchdog->deadline) && !watchdog->done;
  g_mutex_unlock (&watchdog->mutex);

  if (watchdog->expired)
    g_cancellable_cancel (watchdog->cancellable);
  return NULL;
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  g_cancellable_cancel (user_data);
}

/* EXTERNAL is all that two processes of one user need; the others would leave files behind. */
static gboolean
on_allow_mechanism (GDBusAuthObserver *observer,
                    const char        *mechanism,
                    gpointer           user_data)
{
  return g_str_equal (mechanism, "EXTERNAL");
}

/* stream: (nullable): the bus at address */
static GDBusConnection *
authenticate (GIOStream    *stream,
              const char   *address,
              GCancellable *cancellable,
              GError      **error)
{
  g_autoptr(GDBusAuthObserver) observer = g_dbus_auth_observer_new ();

  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (on_allow_mechanism), NULL);
  if (stream == NULL)
    return g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                   G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, observer, cancellable, error);
  return g_dbus_connection_new_sync (stream, NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                                     observer, cancellable, error);
}

static GDBusConnection *
authenticate_with_deadline (GIOStream    *stream,
                            const char   *address,
                            gint64        deadline,
                            GCancellable *cancellable,
                            GError      **error)
{
  g_autoptr(GCancellable) inner = g_cancellable_new ();
  Watchdog watchdog = { .cancellable = inner, .deadline = deadline };
  GDBusConnection *connection;
  GThread *thread;
  gulong id = 0;

  g_mutex_init (&watchdog.mutex);
  g_cond_init (&watchdog.cond);
  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), g_object_ref (inner), g_object_unref);
  thread = g_thread_new ("glb-client-deadline", watchdog_thread, &watchdog);

  connection = authenticate (stream, address, inner, error);

  g_mutex_lock (&watchdog.mutex);
  watchdog.done = TRUE;
  g_cond_signal (&watchdog.cond);
  g_mutex_unlock (&watchdog.mutex);
  g_thread_join (thread);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, id);
  g_cond_clear (&watchdog.cond);
  g_mutex_clear (&watchdog.mutex);

  if (connection == NULL && watchdog.expired)
    {
      g_clear_error (error);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                           stream == NULL ? "it does not answer"
                           : NO_ANSWER);
    }
  return connection;
}

static GDBusConnection *
connect_to_broker (gboolean       start_broker,
                   GCancellable  *cancellable,
                   GError       **error)
{
  gint64 deadline = g_get_monotonic_time () + START_DEADLINE_US;
  g_autofree char *runtime_dir = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GSocketConnection) stream = NULL;
  g_autoptr(GError) local_error = NULL;
  int fd;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  runtime_dir = glb_paths_get_runtime_dir (error);
  if (runtime_dir == NULL)
    return NULL;

  path = g_build_filename (runtime_dir, GLB_BROKER_SOCKET, NULL);
  fd = glb_broker_connect (path, &local_error);
  if (fd < 0 && start_broker && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_clear_error (&local_error);
      fd = glb_broker_start (runtime_dir, path, deadline, cancellable, &local_error);
    }
  if (fd < 0)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  socket = g_socket_new_from_fd (fd, error);
  if (socket == NULL)
    {
      close (fd);
      return NULL;
    }
  stream = g_socket_connection_factory_create_connection (socket);

  return authenticate_with_deadline (G_IO_STREAM (stream), NULL, deadline, cancellable, error);
}

/* ---- begun by others ----------------------------------------------------------- */

/* One answer to the authentication, without its end of line. Byte by byte: what follows it is another's. */
static gboolean
read_line (int           fd,
           char         *line,
           gsize         room,
           gint64        deadline,
           GCancellable *cancellable,
           GError      **error)
{
  gsize length = 0;
  ssize_t n;

  for (;;)
    {
      n = recv (fd, line + length, 1, MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        {
          g_autoptr(GError) local_error = NULL;

          if (glb_broker_wait_readable (fd, deadline, cancellable, &local_error))
            continue;
          if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
            g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, NO_ANSWER);
          else
            g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (n <= 0 || (line[length] != '\n' && length + 1 == room))
        break;
      if (line[length] == '\n')
        {
          line[length] = '\0';
          return TRUE;
        }
      length++;
    }

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The broker does not let us in; run the same version of both");
  return FALSE;
}

static gboolean
read_authentication (int           fd,
                     GCancellable *cancellable,
                     GError      **error)
{
  static const char * const answers[] = { "OK ", "AGREE_UNIX_FD" };
  gint64 deadline = g_get_monotonic_time () + START_DEADLINE_US;
  char line[ANSWER_MAX];

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      if (!read_line (fd, line, sizeof line, deadline, cancellable, error))
        return FALSE;
      if (!g_str_has_prefix (line, answers[i]))
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The broker does not let us in; run the same version of both");
          return FALSE;
        }
    }
  return TRUE;
}

GlbClient *
glb_client_new_from_fd (int            fd,
                        gboolean       authenticated,
                        GCancellable  *cancellable,
                        GError       **error)
{
  g_autoptr(GlbClient) self = g_object_new (GLB_TYPE_CLIENT, NULL);
  g_autoptr(GSocketConnection) stream = NULL;
  g_autoptr(GSocket) socket = NULL;

  if (authenticated || read_authentication (fd, cancellable, error))
    socket = g_socket_new_from_fd (fd, error);
  if (socket == NULL)
    {
      close (fd);
      return NULL;
    }

  stream = g_socket_connection_factory_create_connection (socket);
  self->connection = g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                                 NULL, cancellable, error);
  return self->connection != NULL ? g_steal_pointer (&self) : NULL;
}

void
glb_client_begin (GlbClient *self)
{
  g_return_if_fail (GLB_IS_CLIENT (self));

  g_dbus_connection_start_message_processing (self->connection);
}

/* ---- the machine's ------------------------------------------------------------ */

static GVariant *
call_bus (GDBusConnection *bus,
          const char      *method,
          GVariant        *parameters,
          GCancellable    *cancellable,
          GError         **error)
{
  return g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, parameters,
                                      NULL, G_DBUS_CALL_FLAGS_NONE, SYSTEM_START_MS, cancellable, error);
}

/* Who has the broker's name, which the bus may have to start. NULL: nobody. */
static GVariant *
find_owner (GDBusConnection *bus,
            GCancellable    *cancellable,
            GError         **error)
{
  GVariant *owner = call_bus (bus, "GetConnectionUnixUser", g_variant_new ("(s)", GLB_BROKER_SYSTEM_NAME), cancellable, NULL);
  g_autoptr(GVariant) started = NULL;

  if (owner != NULL)
    return owner;

  started = call_bus (bus, "StartServiceByName", g_variant_new ("(su)", GLB_BROKER_SYSTEM_NAME, 0), cancellable, error);
  if (started == NULL)
    return NULL;
  return call_bus (bus, "GetConnectionUnixUser", g_variant_new ("(s)", GLB_BROKER_SYSTEM_NAME), cancellable, error);
}

/* It runs, and is root's. */
static gboolean
check_system_broker (GDBusConnection *bus,
                     GCancellable    *cancellable,
                     GError         **error)
{
  g_autoptr(GError) local_error = NULL;
  g_autoptr(GVariant) owner = find_owner (bus, cancellable, &local_error);
  guint uid = G_MAXUINT;

  if (owner == NULL)
    {
      g_dbus_error_strip_remote_error (local_error);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The machine's broker does not run (%s); "
                   "an administrator starts it: systemctl enable --now glovebox-broker", local_error->message);
      return FALSE;
    }

  if (g_variant_is_of_type (owner, G_VARIANT_TYPE ("(u)")))
    g_variant_get (owner, "(u)", &uid);
  if (uid == 0)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "Whoever has the name %s on the system bus runs under user id %u, not as root; tell an administrator", GLB_BROKER_SYSTEM_NAME, uid);
  return FALSE;
}

static GDBusConnection *
connect_to_system_broker (GCancellable  *cancellable,
                          GError       **error)
{
  g_autoptr(GError) local_error = NULL;
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, cancellable, &local_error);
  g_autoptr(GDBusConnection) bus = NULL;

  if (address != NULL)
    bus = authenticate_with_deadline (NULL, address, g_get_monotonic_time () + START_DEADLINE_US, cancellable, &local_error);
  if (bus == NULL)
    {
      /* not "not found": that is for a person's broker, which is there when it is needed */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The system bus can't be reached (%s); see that dbus-daemon runs",
                   local_error->message);
      return NULL;
    }
  return check_system_broker (bus, cancellable, error) ? g_steal_pointer (&bus) : NULL;
}

static void
glb_client_dispose (GObject *object)
{
  GlbClient *self = GLB_CLIENT (object);

  g_clear_object (&self->connection);

  G_OBJECT_CLASS (glb_client_parent_class)->dispose (object);
}

static void
glb_client_class_init (GlbClientClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_client_dispose;
}

static void
glb_client_init (GlbClient *self)
{
  /* So that remote errors arrive in their domain. */
  (void) GLB_BROKER_ERROR;
}

/**
 * glb_client_new_sync:
 * @start_broker: whether to start the broker where none runs
 * @cancellable: (nullable):
 * @error:
 *
 * Connects, within five seconds.
 *
 * Returns: (transfer full): a client, or %NULL with @error
 */
GlbClient *
glb_client_new_sync (gboolean      start_broker,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_autoptr(GlbClient) self = g_object_new (GLB_TYPE_CLIENT, NULL);

  self->connection = connect_to_broker (start_broker, cancellable, error);
  if (self->connection == NULL)
    return NULL;

  return g_steal_pointer (&self);
}

GlbClient *
glb_client_new_system_sync (GCancellable *cancellable,
                            GError      **error)
{
  g_autoptr(GlbClient) self = g_object_new (GLB_TYPE_CLIENT, NULL);

  self->connection = connect_to_system_broker (cancellable, error);
  if (self->connection == NULL)
    return NULL;

  self->bus_name = GLB_BROKER_SYSTEM_NAME;
  return g_steal_pointer (&self);
}

static void
connect_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  GError *error = NULL;
  GlbClient *self = glb_client_new_sync (GPOINTER_TO_INT (task_data), cancellable, &error);

  if (self == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, self, g_object_unref);
}

void
glb_client_new_async (gboolean             start_broker,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, glb_client_new_async);
  g_task_set_task_data (task, GINT_TO_POINTER (start_broker), NULL);
  g_task_run_in_thread (task, connect_thread);
}

GlbClient *
glb_client_new_finish (GAsyncResult *result,
                       GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * glb_client_get_connection:
 *
 * Returns: (transfer none): the connection
 */
GDBusConnection *
glb_client_get_connection (GlbClient *self)
{
  g_return_val_if_fail (GLB_IS_CLIENT (self), NULL);

  return self->connection;
}

const char *
glb_client_get_bus_name (GlbClient *self)
{
  g_return_val_if_fail (GLB_IS_CLIENT (self), NULL);

  return self->bus_name;
}
