/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-secrets"

#include "config.h"

#include "session-broker/secrets/glb-secret-service.h"

#include <string.h>
#include <unistd.h>

#include <libsecret/secret.h>

#define NAME    "name"
#define SERVICE "org.freedesktop.secrets"

static const SecretSchema schema = {
  .name = "org.glovebox.Secret", .flags = SECRET_SCHEMA_NONE, .attributes = { { NAME, SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

/* GIO would start a bus of its own where nobody said where it is. */
static gboolean
has_bus (void)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return geteuid () != 0 && (g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_file_test (socket, G_FILE_TEST_EXISTS));
}

/* Held for as long as the library uses it, so that its end is not the process's. (transfer full) (nullable) */
static GDBusConnection *
hold_bus (GCancellable *cancellable)
{
  GDBusConnection *bus = has_bus () ? g_bus_get_sync (G_BUS_TYPE_SESSION, cancellable, NULL) : NULL;

  if (bus != NULL)
    g_dbus_connection_set_exit_on_close (bus, FALSE);
  return bus;
}

/* Runs, or would be started. */
static gboolean
is_named (GDBusConnection  *bus,
          const char       *method,
          GCancellable     *cancellable,
          GError          **error)
{
  g_autoptr(GVariant) reply = NULL;
  g_autofree const char **names = NULL;

  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, NULL,
                                       G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NONE, -1, cancellable, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(^a&s)", &names);
  return g_strv_contains (names, SERVICE);
}

gboolean
glb_secret_service_is_there (GCancellable  *cancellable,
                             GError       **error)
{
  g_autoptr(GDBusConnection) bus = hold_bus (cancellable);
  g_autoptr(GError) fault = NULL;

  if (bus == NULL)
    return FALSE;
  if (is_named (bus, "ListNames", cancellable, &fault))
    return TRUE;
  if (fault == NULL && is_named (bus, "ListActivatableNames", cancellable, &fault))
    return TRUE;
  if (fault != NULL)
    g_propagate_prefixed_error (error, g_steal_pointer (&fault), "the keyring: ");
  return FALSE;
}

/* ---- one call --------------------------------------------------------------------------- */

/* In a context of its own, which is run until nothing of the library is left: its calls that wait leave behind what they were told to
 * free, and a session with the keyring. */
typedef struct
{
  GDBusConnection *bus;      /* (nullable) */
  GMainContext *context;
  GAsyncResult *result;      /* (nullable): not yet */
} Call;

static void
call_init (Call         *self,
           GCancellable *cancellable)
{
  self->bus = hold_bus (cancellable);
  self->context = g_main_context_new ();
  self->result = NULL;
  g_main_context_push_thread_default (self->context);
}

static void
call_finish (Call *self)
{
  g_clear_object (&self->result);
  secret_service_disconnect ();
  while (g_main_context_iteration (self->context, FALSE))
    continue;
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_clear_object (&self->bus);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_finish)

static void
called_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Call *self = user_data;

  self->result = g_object_ref (result);
}

static GAsyncResult *
call_wait (Call *self)
{
  while (self->result == NULL)
    g_main_context_iteration (self->context, TRUE);
  return self->result;
}

GlbSecretText *
glb_secret_service_read (const char    *name,
                         GCancellable  *cancellable,
                         GError       **error)
{
  g_auto(Call) call = { 0 };
  g_autoptr(SecretValue) value = NULL;
  g_autoptr(GlbSecretText) text = NULL;
  const char *bytes;
  gsize size;

  call_init (&call, cancellable);
  secret_password_lookup (&schema, cancellable, called_cb, &call, NAME, name, NULL);
  value = secret_password_lookup_binary_finish (call_wait (&call), error);
  if (value == NULL)
    return NULL;

  bytes = secret_value_get (value, &size);
  text = glb_secret_text_new ();
  text->size = MIN (size, text->space);
  memcpy (text->bytes, bytes, text->size);
  return g_steal_pointer (&text);
}

gboolean
glb_secret_service_write (const char           *name,
                          const GlbSecretText  *text,
                          GCancellable         *cancellable,
                          GError              **error)
{
  g_auto(Call) call = { 0 };
  g_autoptr(SecretValue) value = secret_value_new (text->bytes, (gssize) text->size, "text/plain");
  g_autofree char *label = g_strdup_printf ("Glovebox: %s", name);

  call_init (&call, cancellable);
  secret_password_store_binary (&schema, SECRET_COLLECTION_DEFAULT, label, value, cancellable, called_cb, &call, NAME, name, NULL);
  return secret_password_store_finish (call_wait (&call), error);
}

gboolean
glb_secret_service_remove (const char    *name,
                           gboolean      *removed,
                           GCancellable  *cancellable,
                           GError       **error)
{
  g_auto(Call) call = { 0 };
  g_autoptr(GError) fault = NULL;

  call_init (&call, cancellable);
  secret_password_clear (&schema, cancellable, called_cb, &call, NAME, name, NULL);
  *removed = secret_password_clear_finish (call_wait (&call), &fault);
  if (fault == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}

/* (transfer full) */
static GPtrArray *
take_names (GList *items)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (GList *l = items; l != NULL; l = l->next)
    {
      g_autoptr(GHashTable) attributes = secret_retrievable_get_attributes (l->data);
      const char *name = g_hash_table_lookup (attributes, NAME);

      if (name != NULL)
        g_ptr_array_add (names, g_strdup (name));
    }
  g_list_free_full (items, g_object_unref);
  return names;
}

GPtrArray *
glb_secret_service_list (GCancellable  *cancellable,
                         GError       **error)
{
  g_auto(Call) call = { 0 };
  g_autoptr(GError) fault = NULL;
  GList *items;

  call_init (&call, cancellable);
  secret_password_search (&schema, SECRET_SEARCH_ALL, cancellable, called_cb, &call, NULL);
  items = secret_password_search_finish (call_wait (&call), &fault);
  if (fault == NULL)
    return take_names (items);
  g_propagate_error (error, g_steal_pointer (&fault));
  return NULL;
}
