/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of a call:
 *
 * handle_call: the method is one that the system bus has, and not too many
 * wait. Then the bus is asked who calls (its answer is about the unique name,
 * which the bus gives to one connection and never again). Ids of sessions are
 * refused here, before polkit hears of anything. What the call is about must be
 * there, and polkit is asked with its name. On polkit's yes the object is looked
 * for once more, and the call goes to the same handler as one of the broker's
 * own socket, with the approval attached.
 *
 * It ends earlier, and polkit is told to stop asking, when its caller leaves the
 * bus, when what it is about is over, when the time is over, or with the bus.
 * Each way out is end_call().
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "glb-broker-dbus-generated.h"
#include "session-broker/broker/glb-polkit.h"
#include "session-broker/broker/glb-system-access.h"
#include "session-broker/broker/glb-system-bus.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/sandbox/glb-sandbox.h"

#define ROOT_PATH       GLB_BROKER_OBJECT_PATH
#define START_MS        10000
#define CREDENTIALS_MS  5000
/* The bus closes the connection of whoever sends it more than 32 MiB. */
#define REPLY_MAX       (16u << 20)
#define DBUS_NAME       "org.freedesktop.DBus"
#define DBUS_PATH       "/org/freedesktop/DBus"
#define PROPERTIES      "org.freedesktop.DBus.Properties"
#define NAME_FLAGS      4u     /* do not queue: it is ours or it is not */
#define NAME_IS_OURS    1u

struct _GlbSystemBus
{
  GObject parent_instance;

  GlbObjectManager *objects;
  GlbPrompts *prompts;
  GDBusInterfaceSkeleton *root;
  guint deadline;
  GDBusConnection *connection;   /* (nullable): not started, or closed */
  GArray *objects_ids;           /* guint: registered objects */
  GArray *subtree_ids;           /* guint */
  GPtrArray *calls;              /* Call, owned by their callbacks: that wait */
  GCancellable *starting;
  guint start_id;
};

G_DEFINE_FINAL_TYPE (GlbSystemBus, glb_system_bus, G_TYPE_OBJECT)

/* One call that waits. */
typedef struct
{
  GlbSystemBus *self;
  GDBusMethodInvocation *invocation;   /* (nullable): answered */
  GlbApproval approval;
  gboolean identified;                 /* approval says who */
  GCancellable *cancellable;
  guint watch_id;                      /* of the caller's name; 0: none */
} Call;

/* ---- the ends of a call ------------------------------------------------------------- */

static void
call_free (Call *call)
{
  g_assert (call->invocation == NULL);
  g_object_unref (call->cancellable);
  g_object_unref (call->self);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* From here on nobody waits any more: the invocation is to be answered by who takes it. (transfer full) */
static GDBusMethodInvocation *
end_call (Call *call)
{
  g_ptr_array_remove_fast (call->self->calls, call);
  g_clear_handle_id (&call->watch_id, g_bus_unwatch_name);
  return g_steal_pointer (&call->invocation);
}

static const char *
object_of (GDBusMethodInvocation *invocation)
{
  return g_dbus_method_invocation_get_object_path (invocation);
}

/* What it waits for frees it, soon. */
static void
refuse_call (Call *call, GlbBrokerError code, const char *message)
{
  g_dbus_method_invocation_return_error_literal (end_call (call), GLB_BROKER_ERROR, code, message);
  g_cancellable_cancel (call->cancellable);
}

/* Likewise, and recorded: somebody who must not wanted to answer. */
static void
refuse_caller (Call *call, GlbBrokerError code, const char *message)
{
  g_autofree char *path = g_strdup (object_of (call->invocation));

  refuse_call (call, code, message);
  if (call->identified && call->approval.kind != GLB_APPROVAL_VIEW)
    glb_prompts_record_refusal (call->self->prompts, path, &call->approval, message);
}

static GDBusInterfaceSkeleton *
find_skeleton (GlbSystemBus *self, const char *path)
{
  return g_str_equal (path, ROOT_PATH) ? self->root : glb_object_manager_lookup (self->objects, path);
}

/* Whether it was there once is for those alone who may see what is there. (transfer full) */
static char *
describe_gone (const char *path)
{
  const char *node = strrchr (path, '/') + 1;
  const char *what = g_str_has_prefix (path, ROOT_PATH "/grants/") ? "grant" : g_str_has_prefix (path, ROOT_PATH "/prompts/") ? "prompt" : "session";

  return g_strdup_printf ("%s %.20s: there is none that is open; glovebox --system %s lists them", what, node,
                          g_str_equal (what, "prompt") ? "prompts" : g_str_equal (what, "grant") ? "grants" : "ps");
}

static void
refuse_gone (Call *call)
{
  g_autofree char *message = describe_gone (object_of (call->invocation));

  refuse_call (call, GLB_BROKER_ERROR_STATE, message);
}

/* (nullable): a call that waits, about the object at path */
static Call *
find_call (GlbSystemBus *self, const char *path)
{
  for (guint i = 0; i < self->calls->len; i++)
    {
      Call *call = g_ptr_array_index (self->calls, i);

      if (g_str_equal (object_of (call->invocation), path))
        return call;
    }
  return NULL;
}

static void
on_unexported (GlbObjectManager *objects, const char *path, gpointer user_data)
{
  Call *call;

  while ((call = find_call (user_data, path)) != NULL)
    refuse_gone (call);
}

static void
on_caller_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  Call *call = user_data;

  refuse_caller (call, GLB_BROKER_ERROR_POLICY, "broker: the caller left the bus before there was an answer; call again");
}

/* ---- the call itself ----------------------------------------------------------------- */

static void
return_objects (GlbSystemBus *self, GDBusMethodInvocation *invocation)
{
  g_autoptr(GVariant) objects = g_variant_ref_sink (glb_object_manager_describe (self->objects));

  if (g_variant_get_size (objects) > REPLY_MAX)
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE,
                                           "broker: there is more than the system bus carries; ask for one object at a time");
  else
    g_dbus_method_invocation_return_value (invocation, objects);
}

static void
return_properties (GDBusInterfaceSkeleton *skeleton, GDBusMethodInvocation *invocation)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  GDBusInterfaceVTable *vtable = g_dbus_interface_skeleton_get_vtable (skeleton);
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  const char *interface, *name;

  if (g_str_equal (g_dbus_method_invocation_get_method_name (invocation), "GetAll"))
    {
      g_autoptr(GVariant) all = g_dbus_interface_skeleton_get_properties (skeleton);

      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@a{sv})", all));
      return;
    }

  g_variant_get (parameters, "(&s&s)", &interface, &name);
  value = vtable->get_property (g_dbus_method_invocation_get_connection (invocation), g_dbus_method_invocation_get_sender (invocation),
                                object_of (invocation), interface, name, &error, skeleton);
  if (value == NULL)
    g_dbus_method_invocation_take_error (invocation, g_steal_pointer (&error));
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(v)", g_variant_take_ref (value)));
}

/* Polkit said yes. */
static void
do_call (Call *call)
{
  GlbSystemBus *self = call->self;
  g_autoptr(GDBusInterfaceSkeleton) skeleton = NULL;
  GDBusInterfaceSkeleton *found = find_skeleton (self, object_of (call->invocation));
  GDBusMethodInvocation *invocation;
  const char *interface;

  if (found == NULL)
    {
      refuse_gone (call);
      return;
    }

  skeleton = g_object_ref (found);
  invocation = end_call (call);
  interface = g_dbus_method_invocation_get_interface_name (invocation);
  glb_approval_attach (invocation, &call->approval);
  if (g_str_equal (interface, PROPERTIES))
    return_properties (skeleton, invocation);
  else if (g_str_equal (interface, glb_object_manager_get_info (self->objects)->name))
    return_objects (self, invocation);
  else
    g_dbus_interface_skeleton_get_vtable (skeleton)->method_call (
      g_dbus_method_invocation_get_connection (invocation), g_dbus_method_invocation_get_sender (invocation), object_of (invocation),
      interface, g_dbus_method_invocation_get_method_name (invocation), g_dbus_method_invocation_get_parameters (invocation),
      invocation, skeleton);
}

/* ---- polkit ---------------------------------------------------------------------------- */

static void
add_detail (GVariantBuilder *details, GDBusInterfaceSkeleton *skeleton, const char *property, const char *name)
{
  g_autoptr(GVariant) all = g_dbus_interface_skeleton_get_properties (skeleton);
  g_autoptr(GVariant) value = g_variant_lookup_value (all, property, NULL);
  g_autofree char *number = NULL;

  if (value == NULL)
    return;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    number = g_strdup_printf ("%" G_GUINT64_FORMAT, g_variant_get_uint64 (value));
  if (number != NULL || g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    g_variant_builder_add (details, "{ss}", name, number != NULL ? number : g_variant_get_string (value, NULL));
}

/* What polkit's rules can decide by and its question shows: text that was made visible and bounded for the prompt. Floating. */
static GVariant *
make_details (Call *call, GDBusInterfaceSkeleton *skeleton)
{
  static const char * const names[][2] = {
    { "Id", "id" }, { "SessionName", "session" }, { "Kind", "kind" }, { "Target", "target" }, { "Title", "title" }, { "Sha256", "sha256" },
  };
  GVariantBuilder details;

  g_variant_builder_init (&details, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&details, "{ss}", "method", g_dbus_method_invocation_get_method_name (call->invocation));
  for (guint i = 0; call->approval.kind != GLB_APPROVAL_VIEW && i < G_N_ELEMENTS (names); i++)
    add_detail (&details, skeleton, names[i][0], names[i][1]);
  return g_variant_builder_end (&details);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Call) call = user_data;
  g_autoptr(GError) error = NULL;
  gboolean allowed = glb_polkit_check_finish (result, &error);

  /* refused meanwhile: polkit's yes, if it is one, is nobody's */
  if (call->invocation == NULL)
    return;
  if (allowed)
    do_call (call);
  else
    refuse_caller (call, error->code, error->message);
}

static void
ask_polkit (Call *call)
{
  GDBusInterfaceSkeleton *skeleton = find_skeleton (call->self, object_of (call->invocation));
  GDBusMessage *message = g_dbus_method_invocation_get_message (call->invocation);

  glb_polkit_check_async (call->self->connection, g_dbus_method_invocation_get_sender (call->invocation),
                          glb_approval_kind_to_action (call->approval.kind), make_details (call, skeleton),
                          (g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0,
                          call->self->deadline, call->cancellable, checked_cb, call);
}

/* ---- who calls --------------------------------------------------------------------------- */

static guint
count_calls_of (GlbSystemBus *self, Call *but, guint uid)
{
  guint n = 0;

  for (guint i = 0; i < self->calls->len; i++)
    {
      Call *call = g_ptr_array_index (self->calls, i);

      n += call != but && call->identified && call->approval.uid == uid;
    }
  return n;
}

static void
refuse_user (Call *call, const char *why)
{
  g_autofree char *message = g_strdup_printf ("broker: user id %u may not call: %s", call->approval.uid, why);

  refuse_caller (call, GLB_BROKER_ERROR_POLICY, message);
}

static void
identified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Call) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr(GVariant) credentials = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
  GlbSystemCaller caller = { 0 };
  const char *why;

  if (call->invocation == NULL)
    return;
  if (credentials == NULL || !g_variant_lookup (credentials, "UnixUserID", "u", &call->approval.uid))
    {
      refuse_call (call, GLB_BROKER_ERROR_POLICY, "broker: the bus does not say who calls; call again");
      return;
    }

  g_variant_lookup (credentials, "ProcessID", "u", &call->approval.pid);
  caller.uid = call->approval.uid;
  caller.of_sessions = glb_account_is_of_sessions (caller.uid);
  caller.n_calls = count_calls_of (call->self, call, caller.uid);
  call->identified = TRUE;
  why = glb_system_access_why_not (&caller);
  if (why != NULL)
    refuse_user (call, why);
  else if (find_skeleton (call->self, object_of (call->invocation)) == NULL)
    refuse_gone (call);
  else
    ask_polkit (g_steal_pointer (&call));
}

static Call *
call_new (GlbSystemBus *self, GDBusMethodInvocation *invocation, GlbApprovalKind kind)
{
  Call *call = g_new0 (Call, 1);

  call->self = g_object_ref (self);
  call->invocation = invocation;
  call->approval.kind = kind;
  call->cancellable = g_cancellable_new ();
  g_ptr_array_add (self->calls, call);
  call->watch_id = g_bus_watch_name_on_connection (self->connection, g_dbus_method_invocation_get_sender (invocation),
                                                   G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_caller_vanished, call, NULL);
  return call;
}

static void
handle_call (GDBusConnection       *connection,
             const char            *sender,
             const char            *path,
             const char            *interface,
             const char            *method,
             GVariant              *parameters,
             GDBusMethodInvocation *invocation,
             gpointer               user_data)
{
  GlbSystemBus *self = user_data;
  GlbApprovalKind kind = GLB_APPROVAL_VIEW;
  const char *why = glb_system_access_classify (interface, method, &kind);
  Call *call;

  if (why == NULL && (sender == NULL || self->connection == NULL))
    why = "broker: it leaves the bus; call again";
  if (why == NULL && self->calls->len >= GLB_SYSTEM_CALLS_MAX)
    why = "broker: too many calls wait for an answer; call again";
  if (why != NULL)
    {
      g_dbus_method_invocation_return_error_literal (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, why);
      return;
    }

  call = call_new (self, invocation, kind);
  g_dbus_connection_call (connection, DBUS_NAME, DBUS_PATH, DBUS_NAME, "GetConnectionCredentials", g_variant_new ("(s)", sender),
                          G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE, CREDENTIALS_MS, call->cancellable, identified_cb, call);
}

/* ---- what is there ------------------------------------------------------------------------- */

/* No property function: reading one is a call as any other. */
static const GDBusInterfaceVTable vtable = { .method_call = handle_call };

/* Names of what is there are for those alone who may see it. */
static char **
enumerate_nothing (GDBusConnection *connection, const char *sender, const char *path, gpointer user_data)
{
  return g_new0 (char *, 1);
}

/* path: of the node, not of its folder */
static GDBusInterfaceInfo **
introspect (GDBusConnection *connection, const char *sender, const char *path, const char *node, gpointer user_data)
{
  GDBusInterfaceInfo **infos = g_new0 (GDBusInterfaceInfo *, 2);

  if (node == NULL)
    return infos;
  if (g_str_has_prefix (path, ROOT_PATH "/prompts/"))
    infos[0] = g_dbus_interface_info_ref (glb_dbus_prompt1_interface_info ());
  else if (g_str_has_prefix (path, ROOT_PATH "/grants/"))
    infos[0] = g_dbus_interface_info_ref (glb_dbus_grant1_interface_info ());
  else
    infos[0] = g_dbus_interface_info_ref (glb_dbus_session1_interface_info ());
  return infos;
}

static const GDBusInterfaceVTable *
dispatch (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *node,
          gpointer *out_user_data, gpointer user_data)
{
  *out_user_data = user_data;
  return &vtable;
}

static gboolean
register_interface (GlbSystemBus *self, GDBusInterfaceInfo *info, GError **error)
{
  guint id = g_dbus_connection_register_object (self->connection, ROOT_PATH, info, &vtable, self, NULL, error);

  if (id != 0)
    g_array_append_val (self->objects_ids, id);
  return id != 0;
}

static gboolean
register_folder (GlbSystemBus *self, const char *path, GError **error)
{
  static const GDBusSubtreeVTable subtree = { enumerate_nothing, introspect, dispatch, { NULL } };
  guint id = g_dbus_connection_register_subtree (self->connection, path, &subtree, G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES,
                                                 self, NULL, error);

  if (id != 0)
    g_array_append_val (self->subtree_ids, id);
  return id != 0;
}

static void
unregister_all (GlbSystemBus *self)
{
  for (guint i = 0; i < self->objects_ids->len; i++)
    g_dbus_connection_unregister_object (self->connection, g_array_index (self->objects_ids, guint, i));
  for (guint i = 0; i < self->subtree_ids->len; i++)
    g_dbus_connection_unregister_subtree (self->connection, g_array_index (self->subtree_ids, guint, i));
  g_array_set_size (self->objects_ids, 0);
  g_array_set_size (self->subtree_ids, 0);
}

/* ---- start and end ----------------------------------------------------------------------------- */

/* Once: the connection goes first, so that what its end sets off finds nothing to do. */
static void
leave (GlbSystemBus *self)
{
  g_autoptr(GDBusConnection) connection = NULL;

  g_cancellable_cancel (self->starting);
  g_clear_handle_id (&self->start_id, g_source_remove);
  while (self->calls->len > 0)
    refuse_call (g_ptr_array_index (self->calls, self->calls->len - 1), GLB_BROKER_ERROR_STATE, "broker: it leaves the bus; call again");
  if (self->connection == NULL)
    return;

  unregister_all (self);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  connection = g_steal_pointer (&self->connection);
  if (!g_dbus_connection_is_closed (connection))
    g_dbus_connection_close (connection, NULL, NULL, NULL);
}

static void
on_closed (GDBusConnection *connection, gboolean remote_peer_vanished, GError *error, gpointer user_data)
{
  g_warning ("The system bus closed the connection: nobody answers or revokes over it any more; start the broker again");
  leave (user_data);
}

static void
start_failed (GTask *task, const char *what, GError *error)
{
  g_autoptr(GTask) held = task;
  g_autoptr(GError) taken = error;
  GlbSystemBus *self = g_task_get_source_object (held);
  gboolean late = g_error_matches (taken, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_dbus_error_strip_remote_error (taken);
  leave (self);
  g_task_return_new_error (held, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "system bus: %s: %s", what,
                           late ? "it does not answer; see that dbus-daemon runs" : taken->message);
}

static void
named_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GlbSystemBus *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint32 answer = 0;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &answer);
  if (reply != NULL && answer != NAME_IS_OURS)
    g_set_error (&error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_STATE, "another process has it; end that one");
  else if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    {
      g_clear_error (&error);
      g_set_error (&error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                   "the bus does not let us have it; install org.glovebox.Broker1.conf, and have dbus-daemon read it");
    }
  if (error != NULL)
    {
      start_failed (task, "the name " GLB_BROKER_SYSTEM_NAME, g_steal_pointer (&error));
      return;
    }

  g_clear_handle_id (&self->start_id, g_source_remove);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GlbSystemBus *self = g_task_get_source_object (task);
  GError *error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_finish (result, &error);

  if (connection == NULL)
    {
      start_failed (task, "no connection", error);
      return;
    }

  self->connection = connection;
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  if (!register_interface (self, glb_dbus_broker1_interface_info (), &error) ||
      !register_interface (self, glb_object_manager_get_info (self->objects), &error) ||
      !register_folder (self, ROOT_PATH "/prompts", &error) || !register_folder (self, ROOT_PATH "/grants", &error) ||
      !register_folder (self, ROOT_PATH "/sessions", &error))
    {
      start_failed (task, "the objects", error);
      return;
    }

  /* everything is there before somebody can find it */
  g_dbus_connection_call (connection, DBUS_NAME, DBUS_PATH, DBUS_NAME, "RequestName",
                          g_variant_new ("(su)", GLB_BROKER_SYSTEM_NAME, NAME_FLAGS), G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE,
                          START_MS, self->starting, named_cb, task);
}

static gboolean
on_start_timeout (gpointer user_data)
{
  GlbSystemBus *self = user_data;

  self->start_id = 0;
  g_cancellable_cancel (self->starting);
  return G_SOURCE_REMOVE;
}

void
glb_system_bus_start_async (GlbSystemBus *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, &error);

  g_task_set_source_tag (task, glb_system_bus_start_async);
  if (address == NULL)
    {
      start_failed (g_steal_pointer (&task), "no address", error);
      return;
    }

  self->start_id = g_timeout_add (START_MS, on_start_timeout, self);
  g_dbus_connection_new_for_address (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->starting, connected_cb, g_steal_pointer (&task));
}

gboolean
glb_system_bus_start_finish (GlbSystemBus *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
glb_system_bus_is_busy (GlbSystemBus *self)
{
  return self->calls->len > 0;
}

void
glb_system_bus_close (GlbSystemBus *self)
{
  leave (self);
}

static void
glb_system_bus_dispose (GObject *object)
{
  GlbSystemBus *self = GLB_SYSTEM_BUS (object);

  /* a call that waits holds a reference, and so does the start */
  leave (self);
  if (self->objects != NULL)
    g_signal_handlers_disconnect_by_data (self->objects, self);
  g_clear_object (&self->objects);
  g_clear_object (&self->prompts);
  g_clear_object (&self->root);

  G_OBJECT_CLASS (glb_system_bus_parent_class)->dispose (object);
}

static void
glb_system_bus_finalize (GObject *object)
{
  GlbSystemBus *self = GLB_SYSTEM_BUS (object);

  g_array_unref (self->objects_ids);
  g_array_unref (self->subtree_ids);
  g_ptr_array_unref (self->calls);
  g_object_unref (self->starting);

  G_OBJECT_CLASS (glb_system_bus_parent_class)->finalize (object);
}

static void
glb_system_bus_class_init (GlbSystemBusClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_system_bus_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_system_bus_finalize;
}

static void
glb_system_bus_init (GlbSystemBus *self)
{
  self->objects_ids = g_array_new (FALSE, FALSE, sizeof (guint));
  self->subtree_ids = g_array_new (FALSE, FALSE, sizeof (guint));
  self->calls = g_ptr_array_new ();
  self->starting = g_cancellable_new ();
}

GlbSystemBus *
glb_system_bus_new (GlbObjectManager *objects, GlbPrompts *prompts, GDBusInterfaceSkeleton *root, guint deadline)
{
  GlbSystemBus *self = g_object_new (GLB_TYPE_SYSTEM_BUS, NULL);

  self->objects = g_object_ref (objects);
  self->prompts = g_object_ref (prompts);
  self->root = g_object_ref (root);
  self->deadline = deadline;
  g_signal_connect (objects, "unexported", G_CALLBACK (on_unexported), self);
  return self;
}
