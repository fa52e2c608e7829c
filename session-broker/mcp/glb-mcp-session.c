/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-session.h"

#include <errno.h>
#include <string.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#define HANDLE_BYTES     16
#define EXEC_DEADLINE_MS (60 * 1000)

struct _GlbMcpSession
{
  GObject parent_instance;

  char handle[2 * HANDLE_BYTES + 1];
  GlbDBusSession1 *proxy;
  GlbMcpWorkspace *workspace;    /* (nullable) */
  gboolean lost;
  GlbDialectContext dialect;     /* of the models: the screen and the keys are looked up with the first call */
  guint n_execs;                 /* that the broker has not answered */
  GHashTable *early_exits;       /* of commands that are not known yet: number to status */
};

G_DEFINE_FINAL_TYPE (GlbMcpSession, glb_mcp_session, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_EXITED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
on_properties_changed (GDBusProxy    *proxy,
                       GVariant      *changed,
                       GStrv          invalidated,
                       GlbMcpSession *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_command_exited (GlbDBusSession1 *proxy,
                   guint64          number,
                   int              status,
                   GlbMcpSession   *self)
{
  if (self->n_execs > 0)
    g_hash_table_insert (self->early_exits, g_memdup2 (&number, sizeof number), GINT_TO_POINTER (status));
  g_signal_emit (self, signals[SIGNAL_EXITED], 0, number, status);
}

static void
glb_mcp_session_dispose (GObject *object)
{
  GlbMcpSession *self = GLB_MCP_SESSION (object);

  g_clear_object (&self->proxy);
  g_clear_pointer (&self->workspace, glb_mcp_workspace_unref);
  g_clear_pointer (&self->early_exits, g_hash_table_unref);

  G_OBJECT_CLASS (glb_mcp_session_parent_class)->dispose (object);
}

static void
glb_mcp_session_class_init (GlbMcpSessionClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_mcp_session_dispose;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_EXITED] = g_signal_new ("exited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                         G_TYPE_UINT64, G_TYPE_INT);
}

static void
glb_mcp_session_init (GlbMcpSession *self)
{
  guint8 bytes[HANDLE_BYTES];

  /* not guessed, and not repeated: who has no handle has no session */
  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    g_error ("getrandom: %s", g_strerror (errno));
  for (guint i = 0; i < HANDLE_BYTES; i++)
    g_snprintf (self->handle + 2 * i, 3, "%02x", bytes[i]);
  self->early_exits = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

GlbMcpSession *
glb_mcp_session_new (GlbDBusSession1 *proxy,
                     GlbMcpWorkspace *workspace)
{
  GlbMcpSession *self = g_object_new (GLB_TYPE_MCP_SESSION, NULL);

  self->proxy = g_object_ref (proxy);
  self->workspace = workspace != NULL ? glb_mcp_workspace_ref (workspace) : NULL;
  g_signal_connect_object (proxy, "g-properties-changed", G_CALLBACK (on_properties_changed), self, 0);
  g_signal_connect_object (proxy, "command-exited", G_CALLBACK (on_command_exited), self, 0);
  return self;
}

const char *
glb_mcp_session_get_handle (GlbMcpSession *self)
{
  return self->handle;
}

GlbDBusSession1 *
glb_mcp_session_get_proxy (GlbMcpSession *self)
{
  return self->proxy;
}

GlbMcpWorkspace *
glb_mcp_session_get_workspace (GlbMcpSession *self)
{
  return self->workspace;
}

const char *
glb_mcp_session_get_state (GlbMcpSession *self)
{
  const char *state = glb_dbus_session1_get_state (self->proxy);

  return self->lost || state == NULL ? "ended" : state;
}

const char *
glb_mcp_session_get_reason (GlbMcpSession *self)
{
  const char *reason = glb_dbus_session1_get_reason (self->proxy);

  if (reason != NULL && *reason != '\0')
    return reason;
  return self->lost ? "broker-gone" : "";
}

gboolean
glb_mcp_session_has_ended (GlbMcpSession *self)
{
  return g_str_equal (glb_mcp_session_get_state (self), "ended");
}

void
glb_mcp_session_set_model (GlbMcpSession *self,
                           GlbDialect     dialect,
                           int            model_width,
                           int            model_height)
{
  self->dialect.dialect = dialect;
  self->dialect.model_width = model_width;
  self->dialect.model_height = model_height;
}

/* Of the policy's keyboard. (nullable) */
static const GlbKeyMap *
find_keys (GlbMcpSession  *self,
           GError        **error)
{
  const char *document = glb_dbus_session1_get_policy (self->proxy);
  g_autoptr(GBytes) bytes = g_bytes_new (document, document != NULL ? strlen (document) : 0);
  g_autoptr(GlbPolicy) policy = glb_policy_new_from_bytes (bytes, "the session's policy", error);

  return policy != NULL ? glb_key_map_get (policy->desktop.keyboard_layout, error) : NULL;
}

gboolean
glb_mcp_session_get_dialect (GlbMcpSession      *self,
                             GlbDialectContext  *context,
                             GError            **error)
{
  guint width = glb_dbus_session1_get_width (self->proxy), height = glb_dbus_session1_get_height (self->proxy);

  if (width - 1 >= GLB_ACTION_COORDINATE_MAX || height - 1 >= GLB_ACTION_COORDINATE_MAX)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           "the session has no screen; start one whose policy has the tier session");
      return FALSE;
    }
  if (self->dialect.keys == NULL)
    self->dialect.keys = find_keys (self, error);
  self->dialect.width = (int) width;
  self->dialect.height = (int) height;
  *context = self->dialect;
  return self->dialect.keys != NULL;
}

void
glb_mcp_session_set_lost (GlbMcpSession *self)
{
  self->lost = TRUE;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
glb_mcp_session_stop (GlbMcpSession       *self,
                      guint                deadline_ms,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_dbus_proxy_call (G_DBUS_PROXY (self->proxy), "Stop", NULL, G_DBUS_CALL_FLAGS_NONE, (int) deadline_ms, NULL, callback,
                     user_data);
}

/* ---- commands ----------------------------------------------------------------------- */

static void
exec_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbMcpSession *self = g_task_get_source_object (task);

  self->n_execs--;
  g_task_return_pointer (task, g_object_ref (result), g_object_unref);
}

void
glb_mcp_session_exec_async (GlbMcpSession       *self,
                            const char * const  *argv,
                            const char          *cwd,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  g_task_set_source_tag (task, glb_mcp_session_exec_async);
  /* whose words they are, for the record */
  g_variant_builder_add (&options, "{sv}", "actor", g_variant_new_string ("agent"));
  if (cwd != NULL)
    g_variant_builder_add (&options, "{sv}", "cwd", g_variant_new_string (cwd));
  if (self->n_execs++ == 0)
    g_hash_table_remove_all (self->early_exits);
  g_dbus_proxy_call_with_unix_fd_list (G_DBUS_PROXY (self->proxy), "Exec", g_variant_new ("(a{sv}^as)", &options, argv),
                                       G_DBUS_CALL_FLAGS_NONE, EXEC_DEADLINE_MS, NULL, NULL, exec_cb, g_steal_pointer (&task));
}

guint64
glb_mcp_session_exec_finish (GlbMcpSession *self,
                             GAsyncResult  *result,
                             int            stdio[3],
                             GError       **error)
{
  g_autoptr(GAsyncResult) inner = g_task_propagate_pointer (G_TASK (result), error);
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) handles = NULL;
  guint64 number = 0;

  reply = g_dbus_proxy_call_with_unix_fd_list_finish (G_DBUS_PROXY (self->proxy), &fds, inner, error);
  if (reply == NULL)
    return 0;

  g_variant_get (reply, "(t@ah)", &number, &handles);
  if (glb_mcp_session_take_stdio (fds, handles, stdio))
    return number;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "the broker's answer makes no sense; run the same version of both");
  return 0;
}

gboolean
glb_mcp_session_take_exit (GlbMcpSession *self,
                           guint64        number,
                           int           *status)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (self->early_exits, &number, NULL, &value))
    return FALSE;

  *status = GPOINTER_TO_INT (value);
  return TRUE;
}

void
glb_mcp_session_kill (GlbMcpSession *self,
                      guint64        number)
{
  glb_dbus_session1_call_signal (self->proxy, number, SIGKILL, NULL, NULL, NULL);
}

static gboolean
on_output (int          fd,
           GIOCondition condition,
           gpointer     user_data)
{
  char buffer[4096];
  ssize_t n = read (fd, buffer, sizeof buffer);

  if (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
    return G_SOURCE_CONTINUE;

  close (fd);
  return G_SOURCE_REMOVE;
}

void
glb_mcp_session_drain_output (int fd)
{
  g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_output, NULL);
}

void
glb_mcp_session_drain (int stdio[3])
{
  close (stdio[0]);
  glb_mcp_session_drain_output (stdio[1]);
  glb_mcp_session_drain_output (stdio[2]);
}

gboolean
glb_mcp_session_take_stdio (GUnixFDList *fds,
                            GVariant    *handles,
                            int          stdio[3])
{
  gint32 handle;
  guint n = 0;

  if (fds == NULL || g_variant_n_children (handles) != 3)
    return FALSE;

  for (; n < 3; n++)
    {
      g_variant_get_child (handles, n, "h", &handle);
      stdio[n] = g_unix_fd_list_get (fds, handle, NULL);
      if (stdio[n] < 0)
        break;
    }
  if (n == 3)
    return TRUE;
  while (n > 0)
    close (stdio[--n]);
  return FALSE;
}
