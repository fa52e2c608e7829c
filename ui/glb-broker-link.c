/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-broker-link.h"

#include <glib/gi18n-lib.h>

struct _GlbBrokerLink
{
  GObject parent_instance;

  GlbBrokerLinkState state;
  char *problem;               /* (nullable) */
  gboolean connecting;
  guint again_id;
  GCancellable *cancellable;
  GlbClient *client;           /* (nullable) */
  GlbDBusBroker1 *broker;      /* (nullable) */
  GDBusObjectManager *manager; /* (nullable) */
  GListStore *sessions;        /* GlbSessionItem */
};

G_DEFINE_FINAL_TYPE (GlbBrokerLink, glb_broker_link, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define AGAIN_S 1

static void
set_state (GlbBrokerLink      *self,
           GlbBrokerLinkState  state)
{
  self->state = state;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* ---- sessions ------------------------------------------------------------------ */

static void
on_object_added (GDBusObjectManager *manager,
                 GDBusObject        *object,
                 GlbBrokerLink      *self)
{
  g_autoptr(GDBusInterface) interface = g_dbus_object_get_interface (object, "org.glovebox.Session1");
  g_autoptr(GlbSessionItem) item = NULL;

  if (interface == NULL || manager != self->manager)
    return;

  item = glb_session_item_new (manager, GLB_DBUS_SESSION1 (interface));
  g_list_store_append (self->sessions, item);
}

static void
on_object_removed (GDBusObjectManager *manager,
                   GDBusObject        *object,
                   GlbBrokerLink      *self)
{
  const char *path = g_dbus_object_get_object_path (object);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->sessions));

  for (guint i = 0; manager == self->manager && i < n; i++)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (G_LIST_MODEL (self->sessions), i);

      if (g_strcmp0 (path, g_dbus_proxy_get_object_path (G_DBUS_PROXY (glb_session_item_get_session (item)))) == 0)
        {
          g_list_store_remove (self->sessions, i);
          return;
        }
    }
}

/* ---- the connection --------------------------------------------------------------- */

static void connect_to_broker (GlbBrokerLink *self, gboolean start);

static gboolean
on_again (gpointer user_data)
{
  GlbBrokerLink *self = user_data;

  self->again_id = 0;
  connect_to_broker (self, FALSE);

  return G_SOURCE_REMOVE;
}

static void
lose (GlbBrokerLink *self,
      const char    *problem)
{
  self->connecting = FALSE;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_clear_object (&self->manager);
  g_clear_object (&self->broker);
  g_clear_object (&self->client);
  g_list_store_remove_all (self->sessions);
  if (self->again_id == 0)
    self->again_id = g_timeout_add_seconds (AGAIN_S, on_again, self);
  set_state (self, GLB_BROKER_LINK_GONE);
}

static void
lose_with_error (GlbBrokerLink *self,
                 GError        *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_dbus_error_strip_remote_error (error);
  lose (self, error->message);
}

static void
on_closed (GDBusConnection *connection,
           gboolean         vanished,
           GError          *error,
           GlbBrokerLink   *self)
{
  if (self->client != NULL && glb_client_get_connection (self->client) == connection)
    lose (self, _("the broker went away; its sessions ended with it"));
}

static void
manager_ready_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GlbBrokerLink) self = user_data;
  g_autoptr(GError) error = NULL;
  GDBusObjectManager *manager = glb_dbus_object_manager_client_new_finish (result, &error);
  g_autolist(GDBusObject) objects = NULL;

  if (manager == NULL)
    {
      lose_with_error (self, error);
      return;
    }

  self->connecting = FALSE;
  self->manager = manager;
  g_signal_connect_object (manager, "object-added", G_CALLBACK (on_object_added), self, 0);
  g_signal_connect_object (manager, "object-removed", G_CALLBACK (on_object_removed), self, 0);
  objects = g_dbus_object_manager_get_objects (manager);
  for (GList *link = objects; link != NULL; link = link->next)
    on_object_added (manager, link->data, self);
  set_state (self, GLB_BROKER_LINK_THERE);
}

static void
client_ready_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GlbBrokerLink) self = user_data;
  g_autoptr(GError) error = NULL;
  GlbClient *client = glb_client_new_finish (result, &error);
  GDBusConnection *connection;

  if (client == NULL)
    {
      lose_with_error (self, error);
      return;
    }

  self->client = client;
  connection = glb_client_get_connection (client);
  g_signal_connect_object (connection, "closed", G_CALLBACK (on_closed), self, 0);
  /* a peer's: nothing to wait for */
  self->broker = glb_dbus_broker1_proxy_new_sync (connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                                                  GLB_BROKER_OBJECT_PATH, NULL, NULL);
  glb_dbus_object_manager_client_new (connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE, NULL, GLB_BROKER_OBJECT_PATH,
                                      self->cancellable, manager_ready_cb, g_object_ref (self));
}

static void
connect_to_broker (GlbBrokerLink *self,
                   gboolean       start)
{
  if (self->connecting || self->manager != NULL)
    return;

  self->connecting = TRUE;
  g_clear_handle_id (&self->again_id, g_source_remove);
  glb_client_new_async (start, self->cancellable, client_ready_cb, g_object_ref (self));
}

static void
glb_broker_link_dispose (GObject *object)
{
  GlbBrokerLink *self = GLB_BROKER_LINK (object);

  g_clear_handle_id (&self->again_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->manager);
  g_clear_object (&self->broker);
  g_clear_object (&self->client);

  G_OBJECT_CLASS (glb_broker_link_parent_class)->dispose (object);
}

static void
glb_broker_link_finalize (GObject *object)
{
  GlbBrokerLink *self = GLB_BROKER_LINK (object);

  g_object_unref (self->cancellable);
  g_object_unref (self->sessions);
  g_free (self->problem);

  G_OBJECT_CLASS (glb_broker_link_parent_class)->finalize (object);
}

static void
glb_broker_link_class_init (GlbBrokerLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_broker_link_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_broker_link_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_broker_link_init (GlbBrokerLink *self)
{
  self->cancellable = g_cancellable_new ();
  self->sessions = g_list_store_new (GLB_TYPE_SESSION_ITEM);
}

GlbBrokerLink *
glb_broker_link_new (void)
{
  return g_object_new (GLB_TYPE_BROKER_LINK, NULL);
}

void
glb_broker_link_start (GlbBrokerLink *self)
{
  g_return_if_fail (GLB_IS_BROKER_LINK (self));

  connect_to_broker (self, TRUE);
}

GlbBrokerLinkState
glb_broker_link_get_state (GlbBrokerLink *self)
{
  g_return_val_if_fail (GLB_IS_BROKER_LINK (self), GLB_BROKER_LINK_GONE);

  return self->state;
}

const char *
glb_broker_link_get_problem (GlbBrokerLink *self)
{
  g_return_val_if_fail (GLB_IS_BROKER_LINK (self), NULL);

  return self->problem;
}

GListModel *
glb_broker_link_get_sessions (GlbBrokerLink *self)
{
  g_return_val_if_fail (GLB_IS_BROKER_LINK (self), NULL);

  return G_LIST_MODEL (self->sessions);
}

GlbSessionItem *
glb_broker_link_find (GlbBrokerLink *self,
                      const char    *session)
{
  g_return_val_if_fail (GLB_IS_BROKER_LINK (self), NULL);

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->sessions)); i > 0; i--)
    {
      g_autoptr(GlbSessionItem) item = g_list_model_get_item (G_LIST_MODEL (self->sessions), i - 1);

      if (glb_session_item_is (item, session))
        return g_steal_pointer (&item);
    }

  return NULL;
}

GlbDBusBroker1 *
glb_broker_link_get_broker (GlbBrokerLink *self)
{
  g_return_val_if_fail (GLB_IS_BROKER_LINK (self), NULL);

  return self->broker;
}

GDBusObjectManager *
glb_broker_link_get_manager (GlbBrokerLink *self)
{
  g_return_val_if_fail (GLB_IS_BROKER_LINK (self), NULL);

  return self->manager;
}

GlbClient *
glb_broker_link_get_client (GlbBrokerLink *self)
{
  g_return_val_if_fail (GLB_IS_BROKER_LINK (self), NULL);

  return self->client;
}
