/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A broker for tests of its clients: the real contract over a real
 * GDBusServer, and ordinary child processes instead of sandboxes.
 *
 *   glovebox-broker --ready-fd N
 *
 * GLB_FAKE_MODE: "" as it should be; "silent": starts and never says so;
 * "error": says why it cannot; "die": ends without a word; "mute": listens and
 * never answers.  It writes one line with its pid to RUNTIME/pids, the options
 * of the last Run to RUNTIME/last-run, and each action to RUNTIME/acts.  Names of
 * sessions have effects: "refuse" is refused by policy, "broken" fails, "blind"
 * has no screen, "german" another keyboard.  It ends by SIGTERM, or after two
 * minutes.
 */

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "session-broker/client/glb-broker-dbus-generated.h"
#include "session-broker/client/glb-client.h"

typedef struct
{
  char *id, *path;
  GlbDBusSession1 *skeleton;
  GDBusConnection *owner;        /* NULL: detached */
  guint64 first;
  guint timeout;
} Session;

typedef struct
{
  Session *session;
  guint64 number;
  GPid pid;
} Command;

static GList *connections, *sessions, *commands;
/* Process groups of sessions that have ended: they hold their streams until we end. */
static GArray *left;
static guint64 n_commands, n_sessions;
static char *runtime;
static GMainLoop *loop;

static void
emit (const char *path,
      const char *interface,
      const char *member,
      GVariant   *parameters)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (parameters);

  for (GList *l = connections; l != NULL; l = l->next)
    g_dbus_connection_emit_signal (l->data, NULL, path, interface, member, sunk, NULL);
}

static void
end_session (Session    *session,
             const char *reason)
{
  static const char * const interfaces[] = { "org.glovebox.Session1", NULL };

  if (g_list_find (sessions, session) == NULL)
    return;

  sessions = g_list_remove (sessions, session);
  g_clear_handle_id (&session->timeout, g_source_remove);
  for (GList *l = commands; l != NULL; l = l->next)
    if (((Command *) l->data)->session == session)
      kill (-((Command *) l->data)->pid, SIGKILL);

  glb_dbus_session1_set_reason (session->skeleton, reason);
  glb_dbus_session1_set_state (session->skeleton, "ended");
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (session->skeleton));
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (session->skeleton));
  emit (GLB_BROKER_OBJECT_PATH, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
        g_variant_new ("(o^as)", session->path, interfaces));
}

static void
on_child (GPid     pid,
          int      status,
          gpointer user_data)
{
  Command *command = user_data;
  Session *session = command->session;
  gboolean first = command->number == session->first;

  commands = g_list_remove (commands, command);
  if (first)
    g_array_append_val (left, pid);
  emit (session->path, "org.glovebox.Session1", "CommandExited", g_variant_new ("(ti)", command->number, status));
  g_free (command);
  if (first)
    end_session (session, "exited");
}

static void
child_setup (gpointer user_data)
{
  setsid ();
  signal (SIGPIPE, SIG_DFL);
  /* tests end us as nobody can who would end its sessions first */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GVariant *
spawn (Session             *session,
       GVariant            *options,
       const char * const  *argv,
       gboolean             detach,
       guint64             *number,
       GUnixFDList        **fds,
       GError             **error)
{
  GVariantBuilder handles = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("ah"));
  g_auto(GStrv) environment = g_get_environ ();
  g_autoptr(GVariantIter) iter = NULL;
  const char *name, *value;
  Command *command;
  int pipes[3] = { -1, -1, -1 };
  GPid pid;

  g_variant_lookup (options, "env", "a{ss}", &iter);
  while (iter != NULL && g_variant_iter_next (iter, "{&s&s}", &name, &value))
    environment = g_environ_setenv (environment, name, value, TRUE);

  if (!g_spawn_async_with_pipes (NULL, (char **) argv, environment, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                 child_setup, NULL, &pid, detach ? NULL : &pipes[0], detach ? NULL : &pipes[1],
                                 detach ? NULL : &pipes[2], error))
    {
      g_variant_builder_clear (&handles);
      return NULL;
    }

  command = g_new0 (Command, 1);
  command->session = session;
  command->number = ++n_commands;
  command->pid = pid;
  commands = g_list_append (commands, command);
  g_child_watch_add (pid, on_child, command);

  *number = command->number;
  *fds = g_unix_fd_list_new ();
  for (guint i = 0; i < 3 && !detach; i++)
    {
      g_variant_builder_add (&handles, "h", g_unix_fd_list_append (*fds, pipes[i], NULL));
      close (pipes[i]);
    }
  return g_variant_builder_end (&handles);
}

static gboolean
handle_exec (GlbDBusSession1       *skeleton,
             GDBusMethodInvocation *invocation,
             GUnixFDList           *fd_list,
             GVariant              *options,
             const char * const    *argv,
             gpointer               user_data)
{
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GError) error = NULL;
  GVariant *handles;
  guint64 number;

  handles = spawn (user_data, options, argv, FALSE, &number, &fds, &error);
  if (handles == NULL)
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND,
                                           "%s: no such command; check its name", argv[0]);
  else
    glb_dbus_session1_complete_exec (skeleton, invocation, fds, number, handles);
  return TRUE;
}

static gboolean
handle_signal (GlbDBusSession1       *skeleton,
               GDBusMethodInvocation *invocation,
               guint64                number,
               int                    signo,
               gpointer               user_data)
{
  for (GList *l = commands; l != NULL; l = l->next)
    if (((Command *) l->data)->number == number)
      kill (-((Command *) l->data)->pid, signo);
  glb_dbus_session1_complete_signal (skeleton, invocation);
  return TRUE;
}

static gboolean
handle_stop (GlbDBusSession1       *skeleton,
             GDBusMethodInvocation *invocation,
             gpointer               user_data)
{
  glb_dbus_session1_complete_stop (skeleton, invocation);
  end_session (user_data, "stopped");
  return TRUE;
}

static gboolean
handle_pause (GlbDBusSession1       *skeleton,
              GDBusMethodInvocation *invocation,
              gpointer               user_data)
{
  if (g_str_equal (glb_dbus_session1_get_state (skeleton), "paused"))
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE,
                                             "pause: the session is paused; resume it first");
      return TRUE;
    }
  glb_dbus_session1_set_state (skeleton, "paused");
  glb_dbus_session1_complete_pause (skeleton, invocation);
  return TRUE;
}

static GUnixFDList *
make_image (int *handle)
{
  GUnixFDList *fds = g_unix_fd_list_new ();
  int fd = memfd_create ("image", MFD_CLOEXEC);
  const char bytes[] = "\211PNG\r\n\032\nnot much of an image";

  g_assert (write (fd, bytes, sizeof bytes) == sizeof bytes);
  *handle = g_unix_fd_list_append (fds, fd, NULL);
  close (fd);
  return fds;
}

static gboolean
handle_screenshot (GlbDBusSession1       *skeleton,
                   GDBusMethodInvocation *invocation,
                   GUnixFDList           *fd_list,
                   GVariant              *options,
                   gpointer               user_data)
{
  int handle;
  g_autoptr(GUnixFDList) fds = make_image (&handle);

  glb_dbus_session1_complete_screenshot (skeleton, invocation, fds, g_variant_new_handle (handle),
                                         g_variant_new ("a{sv}", NULL));
  return TRUE;
}

static void
write_act (const char *action)
{
  g_autofree char *path = g_build_filename (runtime, "acts", NULL);
  FILE *file = fopen (path, "ae");

  g_assert_nonnull (file);
  fprintf (file, "%s\n", action);
  fclose (file);
}

/* What the session has of it is in the answer of a motion alone. */
static const char *
answer_of (const char *action)
{
  if (strstr (action, "refuse") != NULL || strstr (action, "[666,") != NULL)
    return "{\"status\":\"refused\",\"code\":\"policy_denied\"}";
  if (strstr (action, "mouse_move") != NULL)
    return "{\"status\":\"delivered\",\"frameId\":7,\"pointer\":[1279,799]}";
  return "{\"status\":\"delivered\",\"frameId\":7}";
}

static gboolean
handle_act (GlbDBusSession1       *skeleton,
            GDBusMethodInvocation *invocation,
            GUnixFDList           *fd_list,
            const char            *action,
            gpointer               user_data)
{
  GVariantBuilder handles = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("ah"));
  g_autoptr(GUnixFDList) fds = NULL;
  int handle;

  if (strstr (action, "screenshot") != NULL)
    {
      fds = make_image (&handle);
      g_variant_builder_add (&handles, "h", handle);
    }
  write_act (action);
  glb_dbus_session1_complete_act (skeleton, invocation, fds, answer_of (action), g_variant_builder_end (&handles));
  return TRUE;
}

static gboolean
handle_take (GlbDBusSession1       *skeleton,
             GDBusMethodInvocation *invocation,
             gpointer               user_data)
{
  glb_dbus_session1_set_driver (skeleton, "human");
  glb_dbus_session1_complete_take_lease (skeleton, invocation, 2);
  return TRUE;
}

static gboolean
handle_release (GlbDBusSession1       *skeleton,
                GDBusMethodInvocation *invocation,
                gpointer               user_data)
{
  glb_dbus_session1_set_driver (skeleton, "agent");
  glb_dbus_session1_complete_release_lease (skeleton, invocation, "{\"frames\":[1,2]}");
  return TRUE;
}

static Session *
session_new (GVariant           *options,
             const char * const *argv)
{
  Session *session = g_new0 (Session, 1);
  const char *name = "";

  g_variant_lookup (options, "name", "&s", &name);
  session->id = g_strdup_printf ("s%" G_GUINT64_FORMAT, ++n_sessions);
  session->path = g_strdup_printf (GLB_BROKER_OBJECT_PATH "/sessions/%s", session->id);
  session->skeleton = glb_dbus_session1_skeleton_new ();
  g_object_set (session->skeleton, "id", session->id, "name", name, "state", "running", "tier", "process",
                "driver", "agent", "command", argv, "agent-uid", 200001, "started", g_get_real_time (), NULL);
  if (!g_str_equal (name, "blind"))
    g_object_set (session->skeleton, "width", 1280, "height", 800, NULL);
  glb_dbus_session1_set_policy (session->skeleton, g_str_equal (name, "german")
                                ? "{\"schemaVersion\":\"1.0\",\"desktop\":{\"input\":{\"keyboardLayout\":\"de\"}}}"
                                : "{\"schemaVersion\":\"1.0\"}");
  glb_dbus_session1_set_windows (session->skeleton,
                                 g_variant_new_parsed ("[{'id': <@u 3>, 'title': <'red \033[31m alert'>, 'app-id': <'foot'>,"
                                                       " 'x': <10>, 'y': <-20>, 'width': <300>, 'height': <200>,"
                                                       " 'focused': <true>}]"));
  g_signal_connect (session->skeleton, "handle-exec", G_CALLBACK (handle_exec), session);
  g_signal_connect (session->skeleton, "handle-signal", G_CALLBACK (handle_signal), session);
  g_signal_connect (session->skeleton, "handle-stop", G_CALLBACK (handle_stop), session);
  g_signal_connect (session->skeleton, "handle-kill", G_CALLBACK (handle_stop), session);
  g_signal_connect (session->skeleton, "handle-pause", G_CALLBACK (handle_pause), session);
  g_signal_connect (session->skeleton, "handle-screenshot", G_CALLBACK (handle_screenshot), session);
  g_signal_connect (session->skeleton, "handle-act", G_CALLBACK (handle_act), session);
  g_signal_connect (session->skeleton, "handle-take-lease", G_CALLBACK (handle_take), session);
  g_signal_connect (session->skeleton, "handle-release-lease", G_CALLBACK (handle_release), session);
  return session;
}

static gboolean
on_timeout (gpointer user_data)
{
  Session *session = user_data;

  session->timeout = 0;
  end_session (session, "timeout");
  return G_SOURCE_REMOVE;
}

static gboolean
handle_run (GlbDBusBroker1        *skeleton,
            GDBusMethodInvocation *invocation,
            GUnixFDList           *fd_list,
            GVariant              *options,
            const char * const    *argv,
            gpointer               user_data)
{
  g_autofree char *text = g_variant_print (options, FALSE);
  g_autofree char *file = g_build_filename (runtime, "last-run", NULL);
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GError) error = NULL;
  const char *name = "";
  gboolean detach = FALSE;
  guint timeout = 0;
  Session *session;
  GVariant *handles;
  guint64 number;

  g_file_set_contents (file, text, -1, NULL);
  g_variant_lookup (options, "name", "&s", &name);
  g_variant_lookup (options, "detach", "b", &detach);
  g_variant_lookup (options, "timeout", "u", &timeout);
  if (g_str_equal (name, "refuse"))
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                             "run: refused for the test; use another name");
      return TRUE;
    }
  if (g_str_equal (name, "broken"))
    {
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED,
                                             "run: broken for the test; use another name");
      return TRUE;
    }

  session = session_new (options, argv);
  sessions = g_list_append (sessions, session);
  session->owner = detach ? NULL : g_dbus_method_invocation_get_connection (invocation);
  for (GList *l = connections; l != NULL; l = l->next)
    g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (session->skeleton), l->data, session->path, NULL);

  handles = spawn (session, options, argv, detach, &number, &fds, &error);
  if (handles == NULL)
    {
      end_session (session, "failed: no such command");
      g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND,
                                             "%s: no such command; check its name", argv[0]);
      return TRUE;
    }

  session->first = number;
  if (timeout > 0)
    session->timeout = g_timeout_add_seconds (timeout, on_timeout, session);
  glb_dbus_broker1_complete_run (skeleton, invocation, fds, session->path, number, handles);
  return TRUE;
}

static gboolean
handle_find (GlbDBusBroker1        *skeleton,
             GDBusMethodInvocation *invocation,
             const char            *wanted,
             gpointer               user_data)
{
  for (GList *l = sessions; l != NULL; l = l->next)
    {
      Session *session = l->data;

      if (g_str_equal (session->id, wanted) || g_str_equal (glb_dbus_session1_get_name (session->skeleton), wanted))
        {
          glb_dbus_broker1_complete_find (skeleton, invocation, session->path);
          return TRUE;
        }
    }

  g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND,
                                         "%s: no such session; see `glovebox ps`", wanted);
  return TRUE;
}

static void
handle_manager (GDBusConnection       *connection,
                const char            *sender,
                const char            *path,
                const char            *interface,
                const char            *method,
                GVariant              *parameters,
                GDBusMethodInvocation *invocation,
                gpointer               user_data)
{
  GVariantBuilder objects = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{oa{sa{sv}}}"));

  for (GList *l = sessions; l != NULL; l = l->next)
    {
      Session *session = l->data;
      g_autoptr(GVariant) properties =
        g_dbus_interface_skeleton_get_properties (G_DBUS_INTERFACE_SKELETON (session->skeleton));

      g_variant_builder_open (&objects, G_VARIANT_TYPE ("{oa{sa{sv}}}"));
      g_variant_builder_add (&objects, "o", session->path);
      g_variant_builder_open (&objects, G_VARIANT_TYPE ("a{sa{sv}}"));
      g_variant_builder_add (&objects, "{s@a{sv}}", "org.glovebox.Session1", properties);
      g_variant_builder_close (&objects);
      g_variant_builder_close (&objects);
    }
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a{oa{sa{sv}}})", &objects));
}

static void
register_manager (GDBusConnection *connection)
{
  static const GDBusInterfaceVTable vtable = { .method_call = handle_manager };
  static const char xml[] =
    "<node><interface name='org.freedesktop.DBus.ObjectManager'><method name='GetManagedObjects'>"
    "<arg type='a{oa{sa{sv}}}' name='objects' direction='out'/></method></interface></node>";
  g_autoptr(GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);

  g_dbus_connection_register_object (connection, GLB_BROKER_OBJECT_PATH, node->interfaces[0], &vtable, NULL, NULL, NULL);
}

static void
on_closed (GDBusConnection *connection,
           gboolean         remote_vanished,
           GError          *error,
           gpointer         user_data)
{
  GList *l = sessions;

  connections = g_list_remove (connections, connection);
  while (l != NULL)
    {
      Session *session = l->data;

      l = l->next;
      if (session->owner == connection)
        end_session (session, "client-gone");
    }
  g_object_unref (connection);
}

static gboolean
on_new_connection (GDBusServer     *server,
                   GDBusConnection *connection,
                   gpointer         broker)
{
  connections = g_list_append (connections, g_object_ref (connection));
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), NULL);
  g_dbus_interface_skeleton_export (broker, connection, GLB_BROKER_OBJECT_PATH, NULL);
  register_manager (connection);
  for (GList *l = sessions; l != NULL; l = l->next)
    g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (((Session *) l->data)->skeleton), connection,
                                      ((Session *) l->data)->path, NULL);
  return TRUE;
}

static gboolean
on_term (gpointer user_data)
{
  while (sessions != NULL)
    end_session (sessions->data, "broker-stopping");
  for (guint i = 0; i < left->len; i++)
    kill (-g_array_index (left, GPid, i), SIGKILL);
  for (GList *l = connections; l != NULL; l = l->next)
    g_dbus_connection_flush_sync (l->data, NULL, NULL);
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
say (int         fd,
     const char *text)
{
  if (fd >= 0 && write (fd, text, strlen (text)) < 0)
    perror ("ready");
  if (fd >= 0)
    close (fd);
}

static void
write_pid (void)
{
  g_autofree char *path = g_build_filename (runtime, "pids", NULL);
  FILE *file = fopen (path, "ae");

  g_assert_nonnull (file);
  fprintf (file, "%d\n", (int) getpid ());
  fclose (file);
}

/* A listener that nobody serves. */
static void
listen_mute (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_unlink (path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 8), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  const char *mode = g_getenv ("GLB_FAKE_MODE");
  int ready_fd = argc == 3 && g_str_equal (argv[1], "--ready-fd") ? atoi (argv[2]) : -1;
  g_autofree char *path = NULL;
  g_autofree char *address = NULL;
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr(GDBusServer) server = NULL;
  g_autoptr(GlbDBusBroker1) broker = NULL;
  g_autoptr(GError) error = NULL;

  alarm (120);
  mode = mode == NULL ? "" : mode;
  runtime = glb_paths_get_runtime_dir (NULL);
  path = g_build_filename (runtime, GLB_BROKER_SOCKET, NULL);
  write_pid ();
  loop = g_main_loop_new (NULL, FALSE);
  left = g_array_new (FALSE, FALSE, sizeof (GPid));
  g_unix_signal_add (SIGTERM, on_term, NULL);

  if (g_str_equal (mode, "die"))
    return 3;
  if (g_str_equal (mode, "error"))
    {
      say (ready_fd, "error: start: the test wants it so; unset GLB_FAKE_MODE\n");
      return 1;
    }
  if (g_str_equal (mode, "silent"))
    {
      g_main_loop_run (loop);
      return 0;
    }
  if (g_str_equal (mode, "mute"))
    {
      listen_mute (path);
      say (ready_fd, "ready\n");
      g_main_loop_run (loop);
      return 0;
    }

  g_unlink (path);
  address = g_strconcat ("unix:path=", path, NULL);
  server = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_NONE, guid, NULL, NULL, &error);
  g_assert_no_error (error);
  broker = glb_dbus_broker1_skeleton_new ();
  g_signal_connect (broker, "handle-run", G_CALLBACK (handle_run), NULL);
  g_signal_connect (broker, "handle-find", G_CALLBACK (handle_find), NULL);
  g_signal_connect (server, "new-connection", G_CALLBACK (on_new_connection), broker);
  g_dbus_server_start (server);
  say (ready_fd, "ready\n");
  g_main_loop_run (loop);
  g_dbus_server_stop (server);
  g_unlink (path);
  return 0;
}
