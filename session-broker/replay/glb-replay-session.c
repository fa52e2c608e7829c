/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-session.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input-filter/glb-glob.h"
#include "policies/glb-json-writer.h"
#include "policies/glb-policy.h"
#include "policies/glb-strict-json.h"
#include "session-broker/client/glb-broker-dbus-generated.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/replay/glb-replay-output.h"
#include "session-broker/replay/glb-replay-surroundings.h"

#define START_DEADLINE_MS (60 * 1000)
#define CALL_DEADLINE_MS  (15 * 1000)
/* The longest action, and its settling. */
#define ACT_DEADLINE_MS   (720 * 1000)
#define POLICY_BYTES_MAX  (1024 * 1024)
#define IMAGE_BYTES_MAX   (256 * 1024 * 1024)
#define TITLE_CHARACTERS  60

/* A command that ended, of any session. */
typedef struct
{
  char *path;
  guint64 command;
  int status;
} Exit;

struct _GlbReplaySession
{
  GMainContext *context;
  GlbClient *client;
  GlbDBusSession1 *proxy;
  GlbReplayOutput *output;
  char *path;                    /* NULL: not known yet */
  guint64 command;
  guint exits_id;
  GArray *exits;                 /* of Exit: while it is not known which one is ours */
  gboolean exited;               /* the command */
  int status;
};

/* ---- starting ----------------------------------------------------------------------- */

static char *
read_policy_file (const char  *path,
                  GError     **error)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  if (length > POLICY_BYTES_MAX || strlen (text) != length || !g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: is no policy; it must be UTF-8 text of at most 1 MiB", path);
      return NULL;
    }
  return g_steal_pointer (&text);
}

/* The document, (transfer full); NULL without an error: the default template. name: (out): for messages */
static char *
get_policy (const GlbReplayTest            *test,
            const GlbReplaySessionOptions  *options,
            char                          **name,
            GError                        **error)
{
  g_autoptr(JsonNode) node = NULL;

  if (options->policy_file != NULL || test->policy_file != NULL)
    {
      *name = options->policy_file != NULL ? g_strdup (options->policy_file) : g_build_filename (test->folder, test->policy_file, NULL);
      return read_policy_file (*name, error);
    }
  if (test->policy == NULL)
    return NULL;

  *name = g_strdup ("the test's policy");
  node = json_node_init_object (json_node_alloc (), test->policy);
  return glb_json_write (node);
}

static gboolean
wants_workspace (const char *document)
{
  g_autoptr(GlbPolicy) policy = document == NULL ? glb_policy_new_from_template ("default", NULL) : NULL;

  return strstr (document != NULL ? document : glb_policy_get_canonical (policy), "${WORKSPACE}") != NULL;
}

/* As a descriptor: whatever happens to the path, the folder is the one that the person meant. */
static gboolean
add_workspace (GVariantDict  *dict,
               GUnixFDList   *fds,
               const char    *workspace,
               GError       **error)
{
  g_autofree char *path = g_canonicalize_filename (workspace != NULL ? workspace : ".", NULL);
  int fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC), handle;

  if (fd < 0 || !g_utf8_validate (path, -1, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "workspace: %s: %s; name a folder of yours with --workspace", path,
                   g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return FALSE;
    }

  handle = g_unix_fd_list_append (fds, fd, error);
  close (fd);
  if (handle < 0)
    return FALSE;
  g_variant_dict_insert (dict, "workspace", "s", path);
  g_variant_dict_insert (dict, "workspace-fd", "h", handle);
  return TRUE;
}

/* Floating. NULL: error. command: (out): what is run */
static GVariant *
make_options (const GlbReplayTest            *test,
              const GlbReplaySessionOptions  *options,
              GUnixFDList                    *fds,
              GStrv                          *command,
              GError                        **error)
{
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *name = NULL;
  g_autofree char *document = NULL;
  GError *local = NULL;

  document = get_policy (test, options, &name, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  if (document != NULL)
    {
      g_variant_dict_insert (&dict, "policy", "s", document);
      g_variant_dict_insert (&dict, "policy-name", "s", name);
    }
  else
    g_variant_dict_insert (&dict, "template", "s", "default");
  if (g_getenv ("SSH_AUTH_SOCK") != NULL)
    g_variant_dict_insert (&dict, "ssh-agent", "s", g_getenv ("SSH_AUTH_SOCK"));
  if ((options->workspace != NULL || wants_workspace (document)) && !add_workspace (&dict, fds, options->workspace, error))
    return NULL;
  *command = options->deterministic || test->deterministic
               ? glb_replay_surroundings_wrap ((const char * const *) test->command, &dict, error) : g_strdupv (test->command);
  return *command != NULL ? g_variant_dict_end (&dict) : NULL;
}

static gboolean
take_output (GlbReplaySession *self,
             GUnixFDList      *fds,
             GVariant         *handles)
{
  int stdio[3] = { -1, -1, -1 };
  gint32 handle;

  if (fds == NULL || g_variant_n_children (handles) != 3)
    return FALSE;
  for (guint i = 0; i < 3; i++)
    {
      g_variant_get_child (handles, i, "h", &handle);
      stdio[i] = g_unix_fd_list_get (fds, handle, NULL);
    }
  if (stdio[0] >= 0)
    close (stdio[0]);
  if (stdio[1] >= 0 && stdio[2] >= 0)
    {
      self->output = glb_replay_output_new (stdio[1], stdio[2]);
      return TRUE;
    }
  for (guint i = 1; i < 3; i++)
    if (stdio[i] >= 0)
      close (stdio[i]);
  return FALSE;
}

static void
exit_clear (gpointer data)
{
  g_free (((Exit *) data)->path);
}

static void
take_exit (GlbReplaySession *self,
           const char       *path,
           guint64           command,
           int               status)
{
  if (!g_str_equal (path, self->path) || command != self->command)
    return;
  self->exited = TRUE;
  self->status = status;
}

static void
on_command_exited (GDBusConnection *connection,
                   const char      *sender,
                   const char      *path,
                   const char      *interface,
                   const char      *signal,
                   GVariant        *parameters,
                   gpointer         user_data)
{
  GlbReplaySession *self = user_data;
  Exit noted = { NULL };

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ti)")))
    return;
  g_variant_get (parameters, "(ti)", &noted.command, &noted.status);
  if (self->path != NULL)
    {
      take_exit (self, path, noted.command, noted.status);
      return;
    }
  noted.path = g_strdup (path);
  g_array_append_val (self->exits, noted);
}

/* Before the session is there: its command may end before it has a proxy. */
static void
listen_for_exits (GlbReplaySession *self)
{
  self->exits = g_array_new (FALSE, FALSE, sizeof (Exit));
  g_array_set_clear_func (self->exits, exit_clear);
  self->exits_id = g_dbus_connection_signal_subscribe (glb_client_get_connection (self->client), NULL, "org.glovebox.Session1",
                                                       "CommandExited", NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_command_exited, self,
                                                       NULL);
}

static void
set_path (GlbReplaySession *self,
          const char       *path)
{
  self->path = g_strdup (path);
  for (guint i = 0; i < self->exits->len; i++)
    {
      const Exit *noted = &g_array_index (self->exits, Exit, i);

      take_exit (self, noted->path, noted->command, noted->status);
    }
  g_array_set_size (self->exits, 0);
}

static gboolean
take_seat (GlbReplaySession  *self,
           GError           **error)
{
  self->proxy = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (self->client), G_DBUS_PROXY_FLAGS_NONE, NULL, self->path,
                                                  NULL, error);
  if (self->proxy == NULL)
    return FALSE;

  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->proxy), CALL_DEADLINE_MS);
  return glb_dbus_session1_call_take_replay_lease_sync (self->proxy, NULL, NULL, error);
}

static char *
describe_status (int status)
{
  if (WIFSIGNALED (status))
    return g_strdup_printf ("its command was killed by signal %d", WTERMSIG (status));
  if (WEXITSTATUS (status) == 127)
    return g_strdup ("its command was not found, or a file that it needs");
  return g_strdup_printf ("its command exited with %d", WEXITSTATUS (status));
}

static void
handle_signals (GlbReplaySession *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    ;
}

/* Always FALSE. Where the session was gone before its seat could be taken, that is why. */
static gboolean
tell_exit (GlbReplaySession  *self,
           GError           **error)
{
  g_autofree char *why = NULL;

  handle_signals (self);
  if (!self->exited)
    return FALSE;
  why = describe_status (self->status);
  g_clear_error (error);
  g_set_error_literal (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_NOT_FOUND, why);
  return FALSE;
}

static gboolean
run (GlbReplaySession               *self,
     const GlbReplayTest            *test,
     const GlbReplaySessionOptions  *options,
     GError                        **error)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr(GUnixFDList) out_fds = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) handles = NULL;
  g_auto(GStrv) command = NULL;
  GVariant *run_options = make_options (test, options, fds, &command, error);
  const char *path;

  if (run_options == NULL)
    return FALSE;
  reply = g_dbus_connection_call_with_unix_fd_list_sync (glb_client_get_connection (self->client), NULL, GLB_BROKER_OBJECT_PATH,
                                                         "org.glovebox.Broker1", "Run",
                                                         g_variant_new ("(@a{sv}^as)", run_options, command),
                                                         G_VARIANT_TYPE ("(otah)"), G_DBUS_CALL_FLAGS_NONE, START_DEADLINE_MS, fds,
                                                         &out_fds, NULL, error);
  if (reply == NULL)
    return FALSE;

  g_variant_get (reply, "(&ot@ah)", &path, &self->command, &handles);
  if (!take_output (self, out_fds, handles))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "the broker's answer makes no sense; run the same version of both");
      return FALSE;
    }
  set_path (self, path);
  return take_seat (self, error) || tell_exit (self, error);
}

GlbReplaySession *
glb_replay_session_start (const GlbReplayTest            *test,
                          const GlbReplaySessionOptions  *options,
                          GError                        **error)
{
  GlbReplaySession *self = g_new0 (GlbReplaySession, 1);

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->client = glb_client_new_sync (TRUE, NULL, error);
  if (self->client != NULL)
    listen_for_exits (self);
  if (self->client != NULL && run (self, test, options, error))
    return self;

  g_free (glb_replay_session_end (self));
  return NULL;
}

/* ---- its end ------------------------------------------------------------------------- */

/* Nothing of it is left when Stop is answered. */
static void
stop (GlbReplaySession *self)
{
  g_autoptr(GError) error = NULL;

  if (self->proxy != NULL && !glb_dbus_session1_call_stop_sync (self->proxy, NULL, &error))
    g_debug ("stop: %s", error->message);
  if (self->client != NULL)
    g_dbus_connection_close_sync (glb_client_get_connection (self->client), NULL, NULL);
}

char *
glb_replay_session_end (GlbReplaySession *self)
{
  char *output = NULL;

  stop (self);
  if (self->output != NULL)
    output = glb_replay_output_end (self->output);
  if (self->client != NULL)
    g_dbus_connection_signal_unsubscribe (glb_client_get_connection (self->client), self->exits_id);
  g_clear_pointer (&self->exits, g_array_unref);
  g_free (self->path);
  g_clear_object (&self->proxy);
  g_clear_object (&self->client);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_free (self);
  return output != NULL ? output : g_strdup ("");
}

static gboolean
has_ended (GlbReplaySession *self)
{
  const char *state = glb_dbus_session1_get_state (self->proxy);

  return self->exited || g_dbus_connection_is_closed (glb_client_get_connection (self->client)) ||
         g_strcmp0 (state, "ended") == 0 || g_strcmp0 (state, "stopping") == 0;
}

char *
glb_replay_session_why_ended (GlbReplaySession *self)
{
  const char *reason;

  handle_signals (self);
  if (!has_ended (self))
    return NULL;
  if (self->exited)
    return describe_status (self->status);
  reason = glb_dbus_session1_get_reason (self->proxy);
  return reason != NULL && *reason != '\0' ? glb_strict_json_printable (reason, -1, 200) : g_strdup ("the broker has gone");
}

gboolean
glb_replay_session_exited_well (GlbReplaySession *self)
{
  handle_signals (self);
  return self->exited && WIFEXITED (self->status) && WEXITSTATUS (self->status) == 0;
}

/* ---- acting -------------------------------------------------------------------------- */

void
glb_replay_session_get_size (GlbReplaySession *self,
                             guint            *width,
                             guint            *height)
{
  *width = glb_dbus_session1_get_width (self->proxy);
  *height = glb_dbus_session1_get_height (self->proxy);
}

static GBytes *
read_image (GUnixFDList *fds,
            GVariant    *handles)
{
  g_autofree guint8 *data = NULL;
  struct stat st;
  gint32 handle;
  int fd;

  if (fds == NULL || g_variant_n_children (handles) == 0)
    return NULL;
  g_variant_get_child (handles, 0, "h", &handle);
  fd = g_unix_fd_list_get (fds, handle, NULL);
  if (fd < 0)
    return NULL;
  if (fstat (fd, &st) == 0 && st.st_size > 0 && st.st_size <= IMAGE_BYTES_MAX)
    {
      data = g_malloc ((gsize) st.st_size);
      if (pread (fd, data, (gsize) st.st_size, 0) != st.st_size)
        g_clear_pointer (&data, g_free);
    }
  close (fd);
  return data != NULL ? g_bytes_new_take (g_steal_pointer (&data), (gsize) st.st_size) : NULL;
}

static JsonObject *
parse_result (const char  *text,
              GError     **error)
{
  const GlbStrictJsonLimits limits = { 16 * 1024 * 1024, 200 };
  g_autoptr(JsonNode) node = glb_strict_json_parse (text, strlen (text), GLB_STRICT_JSON_DEFAULT, &limits, NULL, error);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_dup_object (node);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the broker's answer makes no sense; run the same version of both");
  return NULL;
}

JsonObject *
glb_replay_session_act (GlbReplaySession  *self,
                        JsonObject        *action,
                        GBytes           **png,
                        GError           **error)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), action);
  g_autofree char *text = glb_json_write (node);
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) handles = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  const char *result;

  reply = g_dbus_proxy_call_with_unix_fd_list_sync (G_DBUS_PROXY (self->proxy), "Act", g_variant_new ("(s)", text), G_DBUS_CALL_FLAGS_NONE,
                                                    ACT_DEADLINE_MS, NULL, &fds, NULL, error);
  if (reply == NULL)
    return NULL;
  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(sah)")))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the broker's answer makes no sense; run the same version of both");
      return NULL;
    }

  g_variant_get (reply, "(&s@ah)", &result, &handles);
  if (png != NULL)
    *png = read_image (fds, handles);
  handle_signals (self);
  return parse_result (result, error);
}

/* ---- windows ------------------------------------------------------------------------- */

static gboolean
matches (GVariant   *properties,
         const char *name,
         const char *glob)
{
  const char *text = "";

  g_variant_lookup (properties, name, "&s", &text);
  return glob == NULL || glb_glob_match (glob, text);
}

gboolean
glb_replay_session_find_window (GlbReplaySession      *self,
                                const GlbReplayWindow *window,
                                GlbReplayRect         *rect)
{
  GVariant *windows;

  handle_signals (self);
  windows = glb_dbus_session1_get_windows (self->proxy);
  for (gsize i = windows != NULL ? g_variant_n_children (windows) : 0; i > 0; i--)
    {
      g_autoptr(GVariant) properties = g_variant_get_child_value (windows, i - 1);

      if (!matches (properties, "app-id", window->app_id) || !matches (properties, "title", window->title))
        continue;
      if (rect != NULL)
        {
          *rect = (GlbReplayRect) { 0 };
          g_variant_lookup (properties, "x", "i", &rect->x);
          g_variant_lookup (properties, "y", "i", &rect->y);
          g_variant_lookup (properties, "width", "i", &rect->width);
          g_variant_lookup (properties, "height", "i", &rect->height);
        }
      return TRUE;
    }
  return FALSE;
}

static gboolean
on_deadline (gpointer user_data)
{
  gboolean *over = user_data;

  *over = TRUE;
  return G_SOURCE_CONTINUE;
}

gboolean
glb_replay_session_wait_window (GlbReplaySession      *self,
                                const GlbReplayWindow *window,
                                gboolean               gone,
                                guint                  timeout_ms)
{
  g_autoptr(GSource) deadline = g_timeout_source_new (timeout_ms);
  gboolean over = FALSE, holds;

  g_source_set_callback (deadline, on_deadline, &over, NULL);
  g_source_attach (deadline, self->context);
  while ((holds = glb_replay_session_find_window (self, window, NULL) != gone) == FALSE && !over && !has_ended (self))
    g_main_context_iteration (self->context, TRUE);
  g_source_destroy (deadline);
  return holds;
}

char *
glb_replay_session_list_windows (GlbReplaySession *self)
{
  GVariant *windows = glb_dbus_session1_get_windows (self->proxy);
  g_autoptr(GString) list = g_string_new (NULL);

  for (gsize i = 0; windows != NULL && i < g_variant_n_children (windows); i++)
    {
      g_autoptr(GVariant) properties = g_variant_get_child_value (windows, i);
      const char *app_id = "", *title = "";
      g_autofree char *printable = NULL;
      g_autofree char *printable_id = NULL;

      g_variant_lookup (properties, "app-id", "&s", &app_id);
      g_variant_lookup (properties, "title", "&s", &title);
      printable = glb_strict_json_printable (title, -1, TITLE_CHARACTERS);
      printable_id = glb_strict_json_printable (app_id, -1, TITLE_CHARACTERS);
      g_string_append_printf (list, "%s\"%s\" of %s", i == 0 ? "" : ", ", printable, printable_id);
    }
  return list->len > 0 ? g_string_free (g_steal_pointer (&list), FALSE) : g_strdup ("none");
}
