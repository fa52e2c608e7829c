/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-sessions.h"

#include <gio/gunixfdlist.h>

#include "session-broker/client/glb-client.h"

#define START_DEADLINE_MS (60 * 1000)
/* More than the broker's grace time, and less than a client's patience. */
#define STOP_DEADLINE_MS  (10 * 1000)

struct _GlbMcpSessions
{
  GObject parent_instance;

  const GlbMcpConfig *config;
  GlbPolicy *policy;             /* of the next session */
  GlbClient *client;             /* (nullable): there was no session yet, or the broker has gone */
  GPtrArray *starts;             /* (element-type GTask): they wait for the client */
  GHashTable *sessions;          /* handle to GlbMcpSession */

  guint n_stops;
  void (*stopped) (gpointer user_data);
  gpointer stopped_data;
};

G_DEFINE_FINAL_TYPE (GlbMcpSessions, glb_mcp_sessions, G_TYPE_OBJECT)

/* One start, on its way. */
typedef struct
{
  GStrv argv;
  char *name;
  GlbPolicy *policy;             /* as it was when the call came */
  GlbMcpWorkspace *workspace;    /* (nullable) */
} Start;

static void
start_free (gpointer data)
{
  Start *start = data;

  g_strfreev (start->argv);
  g_free (start->name);
  glb_policy_unref (start->policy);
  g_clear_pointer (&start->workspace, glb_mcp_workspace_unref);
  g_free (start);
}

static void
on_closed (GDBusConnection *connection,
           gboolean         remote_vanished,
           GError          *error,
           GlbMcpSessions  *self)
{
  g_autoptr(GList) sessions = g_hash_table_get_values (self->sessions);

  g_clear_object (&self->client);
  for (GList *l = sessions; l != NULL; l = l->next)
    glb_mcp_session_set_lost (l->data);
}

static void
glb_mcp_sessions_dispose (GObject *object)
{
  GlbMcpSessions *self = GLB_MCP_SESSIONS (object);

  g_clear_object (&self->client);
  g_clear_pointer (&self->sessions, g_hash_table_unref);
  g_clear_pointer (&self->starts, g_ptr_array_unref);
  g_clear_pointer (&self->policy, glb_policy_unref);

  G_OBJECT_CLASS (glb_mcp_sessions_parent_class)->dispose (object);
}

static void
glb_mcp_sessions_class_init (GlbMcpSessionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_mcp_sessions_dispose;
}

static void
glb_mcp_sessions_init (GlbMcpSessions *self)
{
  self->starts = g_ptr_array_new_with_free_func (g_object_unref);
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
}

GlbMcpSessions *
glb_mcp_sessions_new (const GlbMcpConfig *config)
{
  GlbMcpSessions *self = g_object_new (GLB_TYPE_MCP_SESSIONS, NULL);

  self->config = config;
  self->policy = glb_policy_ref (config->policy);
  return self;
}

const GlbMcpConfig *
glb_mcp_sessions_get_config (GlbMcpSessions *self)
{
  return self->config;
}

GlbPolicy *
glb_mcp_sessions_get_policy (GlbMcpSessions *self)
{
  return self->policy;
}

void
glb_mcp_sessions_set_policy (GlbMcpSessions *self,
                             GlbPolicy      *policy)
{
  glb_policy_ref (policy);
  glb_policy_unref (self->policy);
  self->policy = policy;
}

GlbMcpSession *
glb_mcp_sessions_find (GlbMcpSessions *self,
                       const char     *untrusted_handle)
{
  return g_hash_table_lookup (self->sessions, untrusted_handle);
}

/* ---- starting ----------------------------------------------------------------------- */

static void
proxy_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbMcpSessions *self = g_task_get_source_object (task);
  Start *start = g_task_get_task_data (task);
  g_autoptr(GlbMcpSession) session = NULL;
  g_autoptr(GlbDBusSession1) proxy = NULL;
  GError *error = NULL;

  proxy = glb_dbus_session1_proxy_new_finish (result, &error);
  if (proxy == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  session = glb_mcp_session_new (proxy, start->workspace);
  g_hash_table_insert (self->sessions, (gpointer) glb_mcp_session_get_handle (session), g_object_ref (session));
  if (self->client == NULL)
    glb_mcp_session_set_lost (session);
  g_task_return_pointer (task, g_steal_pointer (&session), g_object_unref);
}

static void
run_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) handles = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  GDBusConnection *connection = G_DBUS_CONNECTION (source);
  GError *error = NULL;
  const char *path;
  int stdio[3];

  reply = g_dbus_connection_call_with_unix_fd_list_finish (connection, &fds, result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_variant_get (reply, "(&ot@ah)", &path, NULL, &handles);
  if (glb_mcp_session_take_stdio (fds, handles, stdio))
    glb_mcp_session_drain (stdio);
  glb_dbus_session1_proxy_new (connection, G_DBUS_PROXY_FLAGS_NONE, NULL, path, NULL, proxy_cb, g_steal_pointer (&task));
}

static void
add_string (GVariantBuilder *options,
            const char      *name,
            const char      *value)
{
  if (value != NULL)
    g_variant_builder_add (options, "{sv}", name, g_variant_new_string (value));
}

/* As the person gave it, so that messages name their file; or as they agreed to it. */
static void
add_policy (GVariantBuilder    *options,
            const GlbMcpConfig *config,
            const GlbPolicy    *policy)
{
  gboolean own = policy == config->policy;

  add_string (options, "policy", own ? config->document : glb_policy_get_canonical (policy));
  add_string (options, "policy-name", own ? config->document_name : "the policy that you agreed to");
  add_string (options, "template", own ? config->template : NULL);
}

static GVariant *
make_options (GlbMcpSessions *self,
              Start          *start,
              GUnixFDList    *fds)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));
  int handle;

  add_policy (&options, self->config, start->policy);
  add_string (&options, "name", start->name);
  add_string (&options, "actor", "agent");
  /* the one of the person who started us: the broker's own may be of a login that is over */
  add_string (&options, "ssh-agent", g_getenv ("SSH_AUTH_SOCK"));
  if (self->config->keep)
    g_variant_builder_add (&options, "{sv}", "detach", g_variant_new_boolean (TRUE));
  if (start->workspace == NULL)
    return g_variant_builder_end (&options);

  /* as a descriptor: whatever happens to the path, the folder is the one that was opened */
  handle = g_unix_fd_list_append (fds, glb_mcp_workspace_get_fd (start->workspace), NULL);
  add_string (&options, "workspace", glb_mcp_workspace_get_path (start->workspace));
  if (handle >= 0)
    g_variant_builder_add (&options, "{sv}", "workspace-fd", g_variant_new_handle (handle));
  return g_variant_builder_end (&options);
}

/* Takes task. */
static void
run (GlbMcpSessions *self,
     GTask          *task)
{
  Start *start = g_task_get_task_data (task);
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  GVariant *parameters = g_variant_new ("(@a{sv}^as)", make_options (self, start, fds), start->argv);

  g_dbus_connection_call_with_unix_fd_list (glb_client_get_connection (self->client), NULL, GLB_BROKER_OBJECT_PATH,
                                            "org.glovebox.Broker1", "Run", parameters, G_VARIANT_TYPE ("(otah)"),
                                            G_DBUS_CALL_FLAGS_NONE, START_DEADLINE_MS, fds, NULL, run_cb, task);
}

static void
client_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GlbMcpSessions) self = user_data;
  g_autoptr(GPtrArray) starts = g_steal_pointer (&self->starts);
  g_autoptr(GError) error = NULL;

  self->starts = g_ptr_array_new_with_free_func (g_object_unref);
  self->client = glb_client_new_finish (result, &error);
  if (self->client != NULL)
    g_signal_connect_object (glb_client_get_connection (self->client), "closed", G_CALLBACK (on_closed), self, 0);
  for (guint i = 0; i < starts->len; i++)
    if (self->client != NULL)
      run (self, g_object_ref (starts->pdata[i]));
    else
      g_task_return_error (starts->pdata[i], g_error_copy (error));
}

static void
connect_and_run (GlbMcpSessions *self,
                 GTask          *task)
{
  if (self->client != NULL)
    {
      run (self, g_object_ref (task));
      return;
    }

  g_ptr_array_add (self->starts, g_object_ref (task));
  if (self->starts->len == 1)
    glb_client_new_async (TRUE, NULL, client_cb, g_object_ref (self));
}

/* A place for one more: those that ended make room. */
static gboolean
make_room (GlbMcpSessions *self)
{
  GHashTableIter iter;
  gpointer session;

  if (g_hash_table_size (self->sessions) < GLB_MCP_SESSIONS_MAX)
    return TRUE;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    if (glb_mcp_session_has_ended (session))
      g_hash_table_iter_remove (&iter);
  return g_hash_table_size (self->sessions) < GLB_MCP_SESSIONS_MAX;
}

/* Inside the server's own, whatever the call says: the folder is the agent's to read and write. */
static gboolean
take_workspace (GlbMcpSessions  *self,
                Start           *start,
                const char      *untrusted_path,
                GError         **error)
{
  int fd;

  if (self->config->workspace < 0 && untrusted_path == NULL)
    return TRUE;
  if (self->config->workspace < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "the server's policy gives sessions no workspace");
      return FALSE;
    }

  fd = glb_mcp_workspace_open (self->config->workspace, untrusted_path, error);
  if (fd >= 0)
    start->workspace = glb_mcp_workspace_new (fd, start->policy, error);
  return start->workspace != NULL;
}

void
glb_mcp_sessions_start_async (GlbMcpSessions      *self,
                              const char * const  *argv,
                              const char          *name,
                              const char          *workspace,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  Start *start = g_new0 (Start, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, glb_mcp_sessions_start_async);
  g_task_set_task_data (task, start, start_free);
  start->argv = g_strdupv ((char **) argv);
  start->name = g_strdup (name);
  start->policy = glb_policy_ref (self->policy);
  if (!make_room (self))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                             "there are %d sessions already; stop one", GLB_MCP_SESSIONS_MAX);
  else if (!take_workspace (self, start, workspace, &error))
    g_task_return_error (task, error);
  else
    connect_and_run (self, task);
}

GlbMcpSession *
glb_mcp_sessions_start_finish (GlbMcpSessions  *self,
                               GAsyncResult    *result,
                               GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- ending --------------------------------------------------------------------------- */

static void
check_stopped (GlbMcpSessions *self)
{
  if (self->n_stops == 0)
    self->stopped (self->stopped_data);
}

static void
stop_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GlbMcpSessions) self = user_data;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, NULL);

  self->n_stops--;
  check_stopped (self);
}

void
glb_mcp_sessions_stop_all (GlbMcpSessions *self,
                           void          (*done) (gpointer user_data),
                           gpointer        user_data)
{
  GHashTableIter iter;
  gpointer session;

  self->stopped = done;
  self->stopped_data = user_data;
  g_hash_table_iter_init (&iter, self->sessions);
  while (!self->config->keep && g_hash_table_iter_next (&iter, NULL, &session))
    if (!glb_mcp_session_has_ended (session))
      {
        self->n_stops++;
        glb_mcp_session_stop (session, STOP_DEADLINE_MS, stop_cb, g_object_ref (self));
      }
  check_stopped (self);
}
