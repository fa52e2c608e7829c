/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "session-broker/cli/glb-attach.h"

#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-pump.h"

/*
 * The broker's signals may overtake its answer to the call (a command can be
 * over before we know its number), so all of them are kept until then.
 */

#define START_DEADLINE_MS (60 * 1000)
#define END_DEADLINE_S    15     /* from the command's end to the session's: more than the broker's grace time */

static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP };

typedef struct
{
  char *path, *member;
  GVariant *parameters;
} Event;

struct _GlbAttach
{
  GlbClient *client;
  GDBusConnection *connection;
  gboolean whole_session;
  GMainLoop *loop;
  GCancellable *cancellable;
  int signal;

  GPtrArray *early;              /* (element-type Event): before we know our command; then NULL */
  char *path;
  guint64 command;
  GlbPump *pumps[3];

  gboolean exited, ended, lost;
  int status;
  char *reason;

  guint subscriptions[3];
  guint signal_sources[G_N_ELEMENTS (forwarded)];
  gulong closed_id;
  guint deadline_id;

  GVariant *reply;
  GUnixFDList *reply_fds;
  GError *error;
};

static void
event_free (gpointer data)
{
  Event *event = data;

  g_free (event->path);
  g_free (event->member);
  g_variant_unref (event->parameters);
  g_free (event);
}

static gboolean
outputs_done (GlbAttach *self)
{
  return (self->pumps[1] == NULL || glb_pump_is_done (self->pumps[1])) &&
         (self->pumps[2] == NULL || glb_pump_is_done (self->pumps[2]));
}

static void
check_done (gpointer user_data)
{
  GlbAttach *self = user_data;
  gboolean over = self->lost || self->ended || (self->exited && !self->whole_session);

  if (over && outputs_done (self))
    g_main_loop_quit (self->loop);
}

static gboolean
on_end_deadline (gpointer user_data)
{
  GlbAttach *self = user_data;

  self->deadline_id = 0;
  self->lost = TRUE;
  glb_cli_say ("the command ended but its session does not; see `glovebox ps`");
  check_done (self);
  return G_SOURCE_REMOVE;
}

/* What the command wrote lies in the pipes by now; others of its session may hold their ends for long. */
static void
drain (GlbAttach *self)
{
  g_clear_pointer (&self->pumps[0], glb_pump_free);
  for (guint i = 1; i < 3; i++)
    if (self->pumps[i] != NULL)
      glb_pump_drain (self->pumps[i]);
  check_done (self);
}

static void
set_ended (GlbAttach  *self,
           const char *reason)
{
  if (self->reason == NULL)
    self->reason = g_strdup (reason);
  if (self->ended)
    return;

  self->ended = TRUE;
  drain (self);
}

static void
handle_exited (GlbAttach *self,
               GVariant  *parameters)
{
  guint64 command;
  int status;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ti)")))
    return;

  g_variant_get (parameters, "(ti)", &command, &status);
  if (command != self->command || self->exited)
    return;

  self->exited = TRUE;
  self->status = status;
  if (self->whole_session && !self->ended)
    self->deadline_id = g_timeout_add_seconds (END_DEADLINE_S, on_end_deadline, self);
  drain (self);
}

static void
handle_changed (GlbAttach *self,
                GVariant  *parameters)
{
  g_autoptr(GVariant) changed = NULL;
  const char *state = NULL, *reason = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  changed = g_variant_get_child_value (parameters, 1);
  g_variant_lookup (changed, "State", "&s", &state);
  if (g_variant_lookup (changed, "Reason", "&s", &reason) && *reason != '\0' && self->reason == NULL)
    self->reason = g_strdup (reason);
  if (state != NULL && g_str_equal (state, "ended"))
    set_ended (self, NULL);
}

static void
handle_removed (GlbAttach *self,
                GVariant  *parameters)
{
  const char *path;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oas)")))
    return;

  g_variant_get (parameters, "(&oas)", &path, NULL);
  if (g_str_equal (path, self->path))
    set_ended (self, NULL);
}

static void
handle_event (GlbAttach  *self,
              const char *path,
              const char *member,
              GVariant   *parameters)
{
  if (g_str_equal (member, "InterfacesRemoved"))
    handle_removed (self, parameters);
  else if (!g_str_equal (path, self->path))
    return;
  else if (g_str_equal (member, "CommandExited"))
    handle_exited (self, parameters);
  else if (g_str_equal (member, "PropertiesChanged"))
    handle_changed (self, parameters);
}

static void
on_event (GDBusConnection *connection,
          const char      *sender,
          const char      *path,
          const char      *interface,
          const char      *member,
          GVariant        *parameters,
          gpointer         user_data)
{
  GlbAttach *self = user_data;
  Event *event;

  if (self->early == NULL)
    {
      handle_event (self, path, member, parameters);
      return;
    }

  event = g_new0 (Event, 1);
  event->path = g_strdup (path);
  event->member = g_strdup (member);
  event->parameters = g_variant_ref (parameters);
  g_ptr_array_add (self->early, event);
}

static void
on_closed (GDBusConnection *connection,
           gboolean         remote_vanished,
           GError          *error,
           gpointer         user_data)
{
  GlbAttach *self = user_data;

  self->lost = TRUE;
  g_cancellable_cancel (self->cancellable);
  drain (self);
}

static gboolean
on_signal (GlbAttach *self,
           int        signo)
{
  /* Not yet started, or nothing left but the end of the session: it is for us. */
  if (self->early != NULL || self->exited)
    {
      self->signal = signo;
      g_cancellable_cancel (self->cancellable);
      g_main_loop_quit (self->loop);
      return G_SOURCE_CONTINUE;
    }

  g_dbus_connection_call (self->connection, NULL, self->path, "org.glovebox.Session1", "Signal",
                          g_variant_new ("(ti)", self->command, signo), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, NULL, NULL);
  return G_SOURCE_CONTINUE;
}

static gboolean on_sigint (gpointer user_data) { return on_signal (user_data, SIGINT); }
static gboolean on_sigterm (gpointer user_data) { return on_signal (user_data, SIGTERM); }
static gboolean on_sighup (gpointer user_data) { return on_signal (user_data, SIGHUP); }

static void
watch_signals (GlbAttach *self)
{
  static const GSourceFunc handlers[] = { on_sigint, on_sigterm, on_sighup };
  struct sigaction action;

  /* Where our caller ignores a signal (nohup, a background job) we do too. */
  for (gsize i = 0; i < G_N_ELEMENTS (forwarded); i++)
    if (sigaction (forwarded[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
      self->signal_sources[i] = g_unix_signal_add (forwarded[i], handlers[i], self);
}

GlbAttach *
glb_attach_new (GlbClient *client,
                gboolean   whole_session)
{
  static const char * const members[][2] = {
    { "org.glovebox.Session1", "CommandExited" },
    { "org.freedesktop.DBus.Properties", "PropertiesChanged" },
    { "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved" },
  };
  GlbAttach *self = g_new0 (GlbAttach, 1);

  self->client = g_object_ref (client);
  self->connection = glb_client_get_connection (client);
  self->whole_session = whole_session;
  self->loop = g_main_loop_new (NULL, FALSE);
  self->cancellable = g_cancellable_new ();
  self->early = g_ptr_array_new_with_free_func (event_free);

  /* A peer connection: no bus has to be told what we wait for. */
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    self->subscriptions[i] = g_dbus_connection_signal_subscribe (self->connection, NULL, members[i][0], members[i][1],
                                                                 NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                                 on_event, self, NULL);
  self->closed_id = g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  signal (SIGPIPE, SIG_IGN);
  watch_signals (self);
  return self;
}

static void
start_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  GlbAttach *self = user_data;

  self->reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (object), &self->reply_fds,
                                                                 result, &self->error);
  g_main_loop_quit (self->loop);
}

static void
set_stdio (GlbAttach *self,
           const int  fds[3])
{
  if (fds[0] >= 0)
    self->pumps[0] = glb_pump_new (STDIN_FILENO, fds[0], GLB_PUMP_OWNS_OUT, check_done, self);
  if (fds[1] >= 0)
    self->pumps[1] = glb_pump_new (fds[1], STDOUT_FILENO, GLB_PUMP_OWNS_IN, check_done, self);
  if (fds[2] >= 0)
    self->pumps[2] = glb_pump_new (fds[2], STDERR_FILENO, GLB_PUMP_OWNS_IN, check_done, self);
}

/* All is known now: what came before is heard. */
static void
begin (GlbAttach *self,
       const int  fds[3])
{
  g_autoptr(GPtrArray) early = g_steal_pointer (&self->early);

  set_stdio (self, fds);
  for (guint i = 0; i < early->len; i++)
    {
      Event *event = early->pdata[i];

      handle_event (self, event->path, event->member, event->parameters);
    }
}

static gboolean
take_reply (GlbAttach  *self,
            const char *path,
            GError    **error)
{
  g_autoptr(GVariantIter) handles = NULL;
  int fds[3] = { -1, -1, -1 };
  gint32 handle;

  if (g_variant_is_of_type (self->reply, G_VARIANT_TYPE ("(otah)")))
    g_variant_get (self->reply, "(otah)", &self->path, &self->command, &handles);
  else if (g_variant_is_of_type (self->reply, G_VARIANT_TYPE ("(tah)")))
    {
      self->path = g_strdup (path);
      g_variant_get (self->reply, "(tah)", &self->command, &handles);
    }
  else
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "The broker's answer makes no sense; run the same version of both");
      return FALSE;
    }

  for (guint i = 0; i < 3 && g_variant_iter_next (handles, "h", &handle); i++)
    fds[i] = self->reply_fds == NULL ? -1 : g_unix_fd_list_get (self->reply_fds, handle, NULL);
  /* Its copies would keep the command's input open. */
  g_clear_object (&self->reply_fds);
  begin (self, fds);
  return TRUE;
}

static gboolean
await_reply (GlbAttach   *self,
             const char  *path,
             GError     **error)
{
  do
    g_main_loop_run (self->loop);
  while (self->reply == NULL && self->error == NULL);

  if (self->reply == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }

  return take_reply (self, path, error);
}

gboolean
glb_attach_start (GlbAttach    *self,
                  const char   *path,
                  const char   *interface,
                  const char   *method,
                  GVariant     *parameters,
                  GUnixFDList  *fds,
                  GError      **error)
{
  g_dbus_connection_call_with_unix_fd_list (self->connection, NULL, path, interface, method, parameters, NULL,
                                            G_DBUS_CALL_FLAGS_NONE, START_DEADLINE_MS, fds, self->cancellable,
                                            start_cb, self);
  return await_reply (self, path, error);
}

/* ---- a call that was sent before ----------------------------------------------- */

/* The answer on its way from GDBus' thread to ours. */
typedef struct
{
  gatomicrefcount references;
  guint32 serial;
  GDBusMessage *answer;          /* (nullable) */
  GMainContext *context;
  GlbAttach *attach;             /* only in its own thread; NULL: it waits no longer */
} Awaited;

static void
awaited_unref (gpointer data)
{
  Awaited *awaited = data;

  if (!g_atomic_ref_count_dec (&awaited->references))
    return;
  g_clear_object (&awaited->answer);
  g_main_context_unref (awaited->context);
  g_free (awaited);
}

static Awaited *
awaited_ref (Awaited *awaited)
{
  g_atomic_ref_count_inc (&awaited->references);
  return awaited;
}

static gboolean
take_answer (gpointer data)
{
  Awaited *awaited = data;
  GlbAttach *self = awaited->attach;

  if (self == NULL)
    return G_SOURCE_REMOVE;

  awaited->attach = NULL;
  if (!g_dbus_message_to_gerror (awaited->answer, &self->error))
    {
      GVariant *body = g_dbus_message_get_body (awaited->answer);

      self->reply = body != NULL ? g_variant_ref (body) : g_variant_ref_sink (g_variant_new ("()"));
      g_set_object (&self->reply_fds, g_dbus_message_get_unix_fd_list (awaited->answer));
    }
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/* In GDBus' thread, which knows of no such call and would drop the answer. */
static GDBusMessage *
filter_answer (GDBusConnection *connection,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         user_data)
{
  Awaited *awaited = user_data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);

  if (!incoming || (type != G_DBUS_MESSAGE_TYPE_METHOD_RETURN && type != G_DBUS_MESSAGE_TYPE_ERROR) ||
      g_dbus_message_get_reply_serial (message) != awaited->serial || awaited->answer != NULL)
    return message;

  awaited->answer = message;
  g_main_context_invoke_full (awaited->context, G_PRIORITY_DEFAULT, take_answer, awaited_ref (awaited), awaited_unref);
  return NULL;
}

static void
give_up (Awaited *awaited,
         GError  *error)
{
  GlbAttach *self = awaited->attach;

  if (self != NULL)
    {
      awaited->attach = NULL;
      self->error = error;
      g_main_loop_quit (self->loop);
    }
  else
    g_error_free (error);
}

static gboolean
on_start_deadline (gpointer user_data)
{
  give_up (user_data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "Timeout was reached"));
  return G_SOURCE_REMOVE;
}

static gboolean
on_start_cancelled (GCancellable *cancellable,
                    gpointer      user_data)
{
  GlbAttach *self = ((Awaited *) user_data)->attach;

  if (self != NULL && self->lost)
    give_up (user_data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "The connection is closed"));
  else
    give_up (user_data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled"));
  return G_SOURCE_REMOVE;
}

gboolean
glb_attach_await (GlbAttach  *self,
                  guint32     serial,
                  GError    **error)
{
  g_autoptr(GSource) deadline = g_timeout_source_new (START_DEADLINE_MS);
  g_autoptr(GSource) cancelled = g_cancellable_source_new (self->cancellable);
  Awaited *awaited = g_new0 (Awaited, 1);
  gboolean ok;
  guint filter;

  g_atomic_ref_count_init (&awaited->references);
  awaited->serial = serial;
  awaited->attach = self;
  awaited->context = g_main_context_ref_thread_default ();
  g_source_set_callback (deadline, on_start_deadline, awaited_ref (awaited), awaited_unref);
  g_source_attach (deadline, awaited->context);
  g_source_set_callback (cancelled, G_SOURCE_FUNC (on_start_cancelled), awaited_ref (awaited), awaited_unref);
  g_source_attach (cancelled, awaited->context);
  filter = g_dbus_connection_add_filter (self->connection, filter_answer, awaited_ref (awaited), awaited_unref);
  glb_client_begin (self->client);

  ok = await_reply (self, NULL, error);

  awaited->attach = NULL;
  g_dbus_connection_remove_filter (self->connection, filter);
  g_source_destroy (deadline);
  g_source_destroy (cancelled);
  awaited_unref (awaited);
  return ok;
}

void
glb_attach_go_on (GlbAttach  *self,
                  const char *path,
                  guint64     command,
                  const int   streams[3])
{
  self->path = g_strdup (path);
  self->command = command;
  begin (self, streams);
  glb_client_begin (self->client);
}

static gboolean
start_loop_cb (gpointer user_data)
{
  check_done (user_data);
  return G_SOURCE_REMOVE;
}

int
glb_attach_wait (GlbAttach *self)
{
  g_autofree char *why = NULL;
  const char *reason;

  /* All may be over before the loop begins. */
  g_idle_add (start_loop_cb, self);
  g_main_loop_run (self->loop);

  if (self->signal != 0 && !self->ended)
    return 128 + self->signal;

  reason = self->reason;
  if (reason == NULL && !self->exited)
    reason = self->lost ? "client-gone" : NULL;
  if (!self->whole_session && self->exited)
    reason = NULL;

  why = glb_exit_explain_end (reason);
  if (why != NULL)
    glb_cli_say ("the session ended: %s", why);
  else if (!self->exited && reason == NULL)
    glb_cli_say ("the session ended before the command did; see `glovebox audit show`");
  return glb_exit_from_end (reason, self->exited ? &self->status : NULL);
}

int
glb_attach_get_signal (GlbAttach *self)
{
  return self->signal;
}

GlbClient *
glb_attach_get_client (GlbAttach *self)
{
  return self->client;
}

const char *
glb_attach_get_path (GlbAttach *self)
{
  return self->path;
}

guint64
glb_attach_get_command (GlbAttach *self)
{
  return self->command;
}

const char *
glb_attach_get_reason (GlbAttach *self)
{
  return self->reason;
}

void
glb_attach_free (GlbAttach *self)
{
  g_signal_handler_disconnect (self->connection, self->closed_id);
  for (gsize i = 0; i < G_N_ELEMENTS (self->subscriptions); i++)
    g_dbus_connection_signal_unsubscribe (self->connection, self->subscriptions[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (self->signal_sources); i++)
    g_clear_handle_id (&self->signal_sources[i], g_source_remove);
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  for (gsize i = 0; i < G_N_ELEMENTS (self->pumps); i++)
    g_clear_pointer (&self->pumps[i], glb_pump_free);

  g_clear_pointer (&self->early, g_ptr_array_unref);
  g_clear_pointer (&self->reply, g_variant_unref);
  g_clear_object (&self->reply_fds);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  g_main_loop_unref (self->loop);
  g_object_unref (self->client);
  g_free (self->path);
  g_free (self->reason);
  g_free (self);
}
