/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-start.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "session-broker/client/glb-client.h"
#include "ui/glb-own-policies.h"

/* A session's start, with a compositor on a busy machine. */
#define START_DEADLINE_MS 60000
#define CALL_DEADLINE_MS  10000

typedef struct
{
  GlbStart *start;
  char *document;      /* (nullable): of an own policy */
  GVariant *argv;
  GUnixFDList *fds;    /* (nullable) */
  GlbClient *client;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_clear_pointer (&run->start, glb_start_free);
  g_clear_pointer (&run->argv, g_variant_unref);
  g_clear_object (&run->fds);
  g_clear_object (&run->client);
  g_free (run->document);
  g_free (run);
}

GlbStart *
glb_start_copy (const GlbStart *self)
{
  GlbStart *copy = g_new0 (GlbStart, 1);

  *copy = (GlbStart) { g_strdup (self->policy), self->own, g_strdup (self->command), g_strdup (self->workspace),
                       g_strdup (self->name), self->tier };
  return copy;
}

void
glb_start_free (GlbStart *self)
{
  g_free (self->policy);
  g_free (self->command);
  g_free (self->workspace);
  g_free (self->name);
  g_free (self);
}

static GlbPolicy *
parse (const char  *text,
       const char  *name,
       GError     **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));

  return glb_policy_new_from_bytes (bytes, name, error);
}

/* As it is written. (transfer full) */
static GlbPolicy *
load_written (const GlbStart  *self,
              GError         **error)
{
  g_autofree char *text = NULL;

  if (!self->own)
    return glb_policy_new_from_template (self->policy, error);
  text = glb_own_policies_load (self->policy, error);
  return text != NULL ? parse (text, self->policy, error) : NULL;
}

gboolean
glb_start_get_own_tier (const GlbStart *self,
                        GlbTier        *tier)
{
  g_autoptr(GlbPolicy) policy = load_written (self, NULL);

  if (policy == NULL)
    return FALSE;
  *tier = policy->isolation.tier;
  return TRUE;
}

GlbPolicy *
glb_start_load_policy (const GlbStart  *self,
                       GError         **error)
{
  g_autoptr(GlbPolicy) policy = load_written (self, error);

  if (policy == NULL || !glb_policy_check_supported (policy, error))
    return NULL;

  return glb_policy_with_tier (policy, self->tier, error);
}

gboolean
glb_start_wants_workspace (const GlbPolicy *policy)
{
  return strstr (glb_policy_get_canonical (policy), "${WORKSPACE}") != NULL;
}

/* A folder for results is part of what was chosen; the workspace itself is not made. */
static gboolean
make_folders (const GlbPolicy  *policy,
              const char       *workspace,
              GError          **error)
{
  g_autoptr(GPtrArray) rules = glb_policy_resolve_files (policy, workspace, g_get_home_dir (), error);
  g_autofree char *below = g_strconcat (workspace, "/", NULL);

  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const GlbFileRule *rule = rules->pdata[i];

      if (rule->access != GLB_FILE_WRITE || !rule->tree || !g_str_has_prefix (rule->path, below))
        continue;
      if (g_mkdir_with_parents (rule->path, 0755) < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("workspace: %s: %s; choose a folder that you may write in"),
                       rule->path, g_strerror (errno));
          return FALSE;
        }
    }
  return rules != NULL;
}

/* As a descriptor too: whatever happens to the path, the folder is the one that the person chose. */
static gboolean
open_workspace (Run     *run,
                GError **error)
{
  int fd = open (run->start->workspace, O_PATH | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("workspace: %s: %s; choose another folder"),
                   run->start->workspace, g_strerror (errno));
      return FALSE;
    }
  run->fds = g_unix_fd_list_new_from_array (&fd, 1);
  return TRUE;
}

static gboolean
prepare (Run     *run,
         GError **error)
{
  g_autoptr(GlbPolicy) policy = glb_start_load_policy (run->start, error);
  g_auto(GStrv) argv = NULL;

  if (policy == NULL)
    return FALSE;
  if (run->start->own && (run->document = glb_own_policies_load (run->start->policy, error)) == NULL)
    return FALSE;
  if (run->start->command == NULL || !g_shell_parse_argv (run->start->command, NULL, &argv, NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _("command: no program, or a quote is open; write it as in a terminal"));
      return FALSE;
    }
  run->argv = g_variant_ref_sink (g_variant_new_strv ((const char * const *) argv, -1));

  if (!glb_start_wants_workspace (policy))
    return TRUE;
  if (run->start->workspace == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _("workspace: the policy gives a folder, and none is chosen; choose one"));
      return FALSE;
    }
  return open_workspace (run, error) && make_folders (policy, run->start->workspace, error);
}

static GVariant *
make_options (const Run *run)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "detach", "b", TRUE);
  g_variant_dict_insert (&options, "tier", "s", glb_tier_to_string (run->start->tier));
  if (run->document != NULL)
    {
      g_variant_dict_insert (&options, "policy", "s", run->document);
      g_variant_dict_insert (&options, "policy-name", "s", run->start->policy);
    }
  else
    g_variant_dict_insert (&options, "template", "s", run->start->policy);
  if (run->start->name != NULL && *run->start->name != '\0')
    g_variant_dict_insert (&options, "name", "s", run->start->name);
  if (g_getenv ("SSH_AUTH_SOCK") != NULL)
    g_variant_dict_insert (&options, "ssh-agent", "s", g_getenv ("SSH_AUTH_SOCK"));
  if (run->fds != NULL)
    {
      g_variant_dict_insert (&options, "workspace", "s", run->start->workspace);
      g_variant_dict_insert (&options, "workspace-fd", "h", 0);
    }
  return g_variant_dict_end (&options);
}

static void
id_cb (GObject      *object,
       GAsyncResult *result,
       gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  g_autoptr(GVariant) value = NULL;

  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_variant_get (reply, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    g_task_return_pointer (task, g_variant_dup_string (value, NULL), g_free);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("the broker's answer is no id; it may be of another version"));
}

static void
run_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GDBusConnection *connection = G_DBUS_CONNECTION (object);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (connection, NULL, result, &error);
  const char *path;

  if (reply == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_variant_get_child (reply, 0, "&o", &path);
  g_dbus_connection_call (connection, NULL, path, "org.freedesktop.DBus.Properties", "Get",
                          g_variant_new ("(ss)", "org.glovebox.Session1", "Id"), G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE,
                          CALL_DEADLINE_MS, g_task_get_cancellable (task), id_cb, g_object_ref (task));
}

static void
client_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  run->client = glb_client_new_finish (result, &error);
  if (run->client == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_dbus_connection_call_with_unix_fd_list (glb_client_get_connection (run->client), glb_client_get_bus_name (run->client),
                                            GLB_BROKER_OBJECT_PATH, "org.glovebox.Broker1", "Run",
                                            g_variant_new ("(@a{sv}@as)", make_options (run), run->argv),
                                            G_VARIANT_TYPE ("(otah)"), G_DBUS_CALL_FLAGS_NONE, START_DEADLINE_MS, run->fds,
                                            g_task_get_cancellable (task), run_cb, g_object_ref (task));
}

void
glb_start_run_async (const GlbStart      *self,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr(GError) error = NULL;
  Run *run = g_new0 (Run, 1);

  g_task_set_task_data (task, run, run_free);
  run->start = glb_start_copy (self);
  if (!prepare (run, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    glb_client_new_async (TRUE, cancellable, client_cb, g_object_ref (task));
}

char *
glb_start_run_finish (GAsyncResult  *result,
                      GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
