/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-portal"
#include "config.h"

#include <string.h>

#include "session-broker/portal/glb-portal-call.h"
#include "session-broker/portal/glb-portal-interfaces.h"
#include "session-broker/portal/glb-portal-request.h"

#define REQUESTS_PATH  "/org/freedesktop/portal/desktop/request/"
#define REQUEST        "org.freedesktop.portal.Request"
#define TOKEN_MAX      128

/* As the Request interface numbers them. */
enum { RESPONSE_SUCCESS, RESPONSE_CANCELLED, RESPONSE_OTHER };

typedef struct
{
  GlbPortalLink *link;
  GDBusConnection *connection;
  GDBusMethodInvocation *invocation;   /* (nullable): it has its path already */
  char *sender, *path;
  guint object_id, watch_id;
  guint number;                        /* of the link; 0: none */
} Call;

void
glb_portal_return_error (GDBusMethodInvocation *invocation, const char *name, const char *message)
{
  g_autofree char *full = g_strconcat ("org.freedesktop.portal.Error.", name, NULL);

  g_dbus_method_invocation_return_dbus_error (invocation, full, message);
}

static void
call_free (Call *call)
{
  if (call->watch_id != 0)
    g_bus_unwatch_name (call->watch_id);
  if (call->object_id != 0)
    g_dbus_connection_unregister_object (call->connection, call->object_id);
  g_object_unref (call->connection);
  g_object_unref (call->link);
  g_free (call->sender);
  g_free (call->path);
  g_free (call);
}

/* Its caller hears nothing more. */
static void
call_give_up (Call *call)
{
  if (call->number != 0)
    glb_portal_link_give_up (call->link, call->number);
  if (call->invocation != NULL)
    glb_portal_return_error (g_steal_pointer (&call->invocation), "Cancelled", "The request was closed");
  call_free (call);
}

static void
on_sender_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  call_give_up (user_data);
}

static void
handle_request (GDBusConnection *connection, const char *sender, const char *path, const char *interface, const char *method,
                GVariant *parameters, GDBusMethodInvocation *invocation, gpointer user_data)
{
  Call *call = user_data;

  if (!g_str_equal (sender, call->sender))
    {
      glb_portal_return_error (invocation, "NotAllowed", "Only the caller may close its request");
      return;
    }

  g_dbus_method_invocation_return_value (invocation, NULL);
  call_give_up (call);
}

static void
return_path (Call *call)
{
  if (call->invocation != NULL)
    g_dbus_method_invocation_return_value (g_steal_pointer (&call->invocation), g_variant_new ("(o)", call->path));
}

/* Takes call. results: floating */
static void
respond (Call *call, guint response, GVariant *results)
{
  return_path (call);
  g_dbus_connection_emit_signal (call->connection, call->sender, call->path, REQUEST, "Response",
                                 g_variant_new ("(u@a{sv})", response, results), NULL);
  call_free (call);
}

/* A copy of what the person handed in, for its caller to open. (transfer full) (nullable): its URI */
static char *
save_file (const GlbPortalAnswer *answer)
{
  g_autofree char *dir = g_dir_make_tmp ("glovebox-file-XXXXXX", NULL);
  g_autofree char *base = g_path_get_basename (answer->name);
  g_autofree char *path = dir != NULL ? g_build_filename (dir, base, NULL) : NULL;
  gsize size;
  const char *data = g_bytes_get_data (answer->file, &size);

  if (path == NULL || !g_file_set_contents (path, data != NULL ? data : "", size, NULL))
    return NULL;
  return g_filename_to_uri (path, NULL, NULL);
}

static void
respond_done (Call *call, const GlbPortalAnswer *answer)
{
  g_auto(GVariantDict) results = G_VARIANT_DICT_INIT (NULL);

  if (answer->file != NULL)
    {
      g_autofree char *uri = save_file (answer);
      const char *uris[] = { uri, NULL };

      if (uri == NULL)
        {
          respond (call, RESPONSE_OTHER, g_variant_new ("a{sv}", NULL));
          return;
        }
      g_variant_dict_insert (&results, "uris", "^as", uris);
    }
  respond (call, RESPONSE_SUCCESS, g_variant_dict_end (&results));
}

static void
answered (const GlbPortalAnswer *answer, gpointer user_data)
{
  Call *call = user_data;

  if (answer->status == GLB_PORTAL_ASKING)
    {
      return_path (call);
      return;
    }

  call->number = 0;
  if (answer->status == GLB_PORTAL_DONE)
    respond_done (call, answer);
  else if (call->invocation != NULL)
    {
      glb_portal_return_error (g_steal_pointer (&call->invocation), g_str_has_prefix (answer->code, "bad_") ? "InvalidArgument" : "NotAllowed",
                               answer->message);
      call_free (call);
    }
  else
    respond (call, g_str_equal (answer->code, "denied") ? RESPONSE_CANCELLED : RESPONSE_OTHER, g_variant_new ("a{sv}", NULL));
}

/* NULL: it is none. */
static const char *
find_token (GVariant *options)
{
  g_autoptr(GVariant) value = g_variant_lookup_value (options, "handle_token", NULL);
  const char *token = "t";

  if (value != NULL && (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) || !g_variant_lookup (options, "handle_token", "&s", &token)))
    return NULL;
  if (*token == '\0' || strlen (token) > TOKEN_MAX)
    return NULL;
  for (const char *c = token; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '_')
      return NULL;
  return token;
}

/* Below the caller's own name, so that no two callers can meet. One that its caller uses twice gets a number. */
static gboolean
export (Call *call, const char *token)
{
  static const GDBusInterfaceVTable vtable = { .method_call = handle_request };
  g_autofree char *own = g_strdelimit (g_strdup (call->sender + 1), ".", '_');

  call->path = g_strconcat (REQUESTS_PATH, own, "/", token, NULL);
  call->object_id = g_dbus_connection_register_object (call->connection, call->path, glb_portal_interface (REQUEST), &vtable, call, NULL, NULL);
  if (call->object_id != 0)
    return TRUE;

  g_free (call->path);
  call->path = g_strdup_printf (REQUESTS_PATH "%s/%s_%u", own, token, g_random_int ());
  call->object_id = g_dbus_connection_register_object (call->connection, call->path, glb_portal_interface (REQUEST), &vtable, call, NULL, NULL);
  return call->object_id != 0;
}

void
glb_portal_call_start (GlbPortalLink         *link,
                       GDBusMethodInvocation *invocation,
                       GVariant              *options,
                       const char            *request,
                       const char * const    *members)
{
  const char *token = find_token (options);
  Call *call;

  if (token == NULL)
    {
      glb_portal_return_error (invocation, "InvalidArgument", "handle_token is none: use letters, digits and _");
      return;
    }
  if (glb_portal_link_count (link) >= GLB_PORTAL_REQUESTS_MAX)
    {
      glb_portal_return_error (invocation, "Failed", "Too many requests are not answered yet");
      return;
    }

  call = g_new0 (Call, 1);
  call->link = g_object_ref (link);
  call->connection = g_object_ref (g_dbus_method_invocation_get_connection (invocation));
  call->invocation = invocation;
  call->sender = g_strdup (g_dbus_method_invocation_get_sender (invocation));
  if (!export (call, token))
    {
      glb_portal_return_error (g_steal_pointer (&call->invocation), "Failed", "Can't make the request's object");
      call_free (call);
      return;
    }
  if (request == NULL)
    {
      respond (call, RESPONSE_OTHER, g_variant_new ("a{sv}", NULL));
      return;
    }

  call->number = glb_portal_link_send (link, request, members, answered, call);
  if (call->number == 0)
    {
      glb_portal_return_error (g_steal_pointer (&call->invocation), "InvalidArgument", "A text is too long");
      call_free (call);
      return;
    }
  call->watch_id = g_bus_watch_name_on_connection (call->connection, call->sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_sender_vanished,
                                                   call, NULL);
}
