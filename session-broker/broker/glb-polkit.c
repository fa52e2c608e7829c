/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-polkit.h"
#include "session-broker/client/glb-broker-error.h"

#define NAME      "org.freedesktop.PolicyKit1"
#define PATH      "/org/freedesktop/PolicyKit1/Authority"
#define INTERFACE "org.freedesktop.PolicyKit1.Authority"
#define ALLOW_USER_INTERACTION 1u

typedef struct
{
  GDBusConnection *bus;
  char *action;
  char *cancellation_id;
  guint deadline;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  g_object_unref (check->bus);
  g_free (check->action);
  g_free (check->cancellation_id);
  g_free (check);
}

gboolean
glb_polkit_read_answer (const char *action, gboolean authorized, gboolean challenge, gboolean dismissed, GError **error)
{
  GlbBrokerError code = GLB_BROKER_ERROR_POLICY;
  const char *why;

  if (authorized)
    return TRUE;

  if (dismissed)
    why = "the question for a password was dismissed; call again to be asked again";
  else if (challenge)
    {
      code = GLB_BROKER_ERROR_AUTHENTICATION;
      why = "needs a password, and nobody could be asked for it; start an authentication agent for your session, "
            "such as pkttyagent";
    }
  else
    why = "is not allowed for you; an administrator can allow it with a rule of polkit";
  g_set_error (error, GLB_BROKER_ERROR, code, "polkit: %s: %s", action, why);
  return FALSE;
}

GError *
glb_polkit_map_error (const char *action, guint deadline, const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);
  g_autoptr(GError) plain = g_error_copy (error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_new (GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "polkit: %s: no answer within %u s; call again", action, deadline);
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT) ||   /* in starting it */
      (name != NULL && g_str_has_prefix (name, "org.freedesktop.DBus.Error.Spawn.")))
    return g_error_new (GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                        "polkit: %s: polkit does not run; install the package polkitd and start its service", action);
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    return g_error_new (GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "polkit: %s: polkit ended before it answered; call again", action);

  g_dbus_error_strip_remote_error (plain);
  return g_error_new (GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "polkit: %s: %s; see whether org.glovebox.policy is installed",
                      action, plain->message);
}

/* polkit still asks a person: that is for nothing now. */
static void
stop_asking (Check *check)
{
  g_dbus_connection_call (check->bus, NAME, PATH, INTERFACE, "CancelCheckAuthorization", g_variant_new ("(s)", check->cancellation_id),
                          NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr(GVariant) details = NULL;
  gboolean authorized, challenge;

  if (reply == NULL)
    {
      gboolean cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

      if (cancelled || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        stop_asking (check);
      g_task_return_error (task, cancelled ? g_steal_pointer (&error) : glb_polkit_map_error (check->action, check->deadline, error));
      return;
    }

  g_variant_get (reply, "((bb@a{ss}))", &authorized, &challenge, &details);
  if (glb_polkit_read_answer (check->action, authorized, challenge, g_variant_lookup (details, "polkit.dismissed", "&s", NULL), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
glb_polkit_check_async (GDBusConnection     *bus,
                        const char          *sender,
                        const char          *action,
                        GVariant            *details,
                        gboolean             interactive,
                        guint                deadline,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  static guint64 last_id;
  g_autoptr(GTask) task = g_task_new (bus, cancellable, callback, user_data);
  Check *check = g_new0 (Check, 1);
  GVariantBuilder subject;

  g_task_set_source_tag (task, glb_polkit_check_async);
  /* What came too late does not become a yes by polkit's answer, nor a no by our own cancellation: the caller decides. */
  g_task_set_check_cancellable (task, FALSE);
  check->bus = g_object_ref (bus);
  check->action = g_strdup (action);
  check->cancellation_id = g_strdup_printf ("glovebox-%" G_GUINT64_FORMAT, ++last_id);
  check->deadline = deadline;
  g_task_set_task_data (task, check, check_free);

  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (sender));
  g_dbus_connection_call (bus, NAME, PATH, INTERFACE, "CheckAuthorization",
                          g_variant_new ("((s@a{sv})s@a{ss}us)", "system-bus-name", g_variant_builder_end (&subject), action, details,
                                         interactive ? ALLOW_USER_INTERACTION : 0u, check->cancellation_id),
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, (int) deadline * 1000, cancellable,
                          checked_cb, g_steal_pointer (&task));
}

gboolean
glb_polkit_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
