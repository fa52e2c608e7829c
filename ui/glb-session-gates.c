/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-session-gates.h"

/**
 * GlbSessionGates:
 *
 * What one session asks and what it was allowed, as the broker's object manager
 * tells it: in the order of asking, without the questions of other sessions.
 */
struct _GlbSessionGates
{
  GObject parent_instance;

  char *session;               /* object path */
  GPtrArray *prompts;          /* element-type GlbDBusPrompt1 */
  GPtrArray *grants;           /* element-type GlbDBusGrant1 */
};

G_DEFINE_FINAL_TYPE (GlbSessionGates, glb_session_gates, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static int
compare_prompts (gconstpointer a,
                 gconstpointer b)
{
  guint64 first = glb_dbus_prompt1_get_id (*(GlbDBusPrompt1 **) a);
  guint64 second = glb_dbus_prompt1_get_id (*(GlbDBusPrompt1 **) b);

  return first < second ? -1 : first > second;
}

static int
compare_grants (gconstpointer a,
                gconstpointer b)
{
  guint64 first = glb_dbus_grant1_get_id (*(GlbDBusGrant1 **) a);
  guint64 second = glb_dbus_grant1_get_id (*(GlbDBusGrant1 **) b);

  return first < second ? -1 : first > second;
}

/* TRUE: it is this session's. */
static gboolean
add (GlbSessionGates *self,
     GDBusObject     *object)
{
  g_autoptr(GDBusInterface) prompt = g_dbus_object_get_interface (object, "org.glovebox.Prompt1");
  g_autoptr(GDBusInterface) grant = g_dbus_object_get_interface (object, "org.glovebox.Grant1");

  if (prompt != NULL && g_strcmp0 (glb_dbus_prompt1_get_session (GLB_DBUS_PROMPT1 (prompt)), self->session) == 0)
    {
      g_ptr_array_add (self->prompts, g_steal_pointer (&prompt));
      g_ptr_array_sort (self->prompts, compare_prompts);
      return TRUE;
    }
  if (grant != NULL && g_strcmp0 (glb_dbus_grant1_get_session (GLB_DBUS_GRANT1 (grant)), self->session) == 0)
    {
      g_ptr_array_add (self->grants, g_steal_pointer (&grant));
      g_ptr_array_sort (self->grants, compare_grants);
      return TRUE;
    }

  return FALSE;
}

static gboolean
remove_at_path (GPtrArray  *proxies,
                const char *path)
{
  for (guint i = 0; i < proxies->len; i++)
    if (g_str_equal (g_dbus_proxy_get_object_path (proxies->pdata[i]), path))
      {
        g_ptr_array_remove_index (proxies, i);
        return TRUE;
      }

  return FALSE;
}

static void
on_object_added (GDBusObjectManager *manager,
                 GDBusObject        *object,
                 GlbSessionGates    *self)
{
  if (add (self, object))
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_object_removed (GDBusObjectManager *manager,
                   GDBusObject        *object,
                   GlbSessionGates    *self)
{
  const char *path = g_dbus_object_get_object_path (object);

  if (remove_at_path (self->prompts, path) || remove_at_path (self->grants, path))
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
glb_session_gates_finalize (GObject *object)
{
  GlbSessionGates *self = GLB_SESSION_GATES (object);

  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->prompts, g_ptr_array_unref);
  g_clear_pointer (&self->grants, g_ptr_array_unref);

  G_OBJECT_CLASS (glb_session_gates_parent_class)->finalize (object);
}

static void
glb_session_gates_class_init (GlbSessionGatesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_session_gates_finalize;

  /**
   * GlbSessionGates::changed:
   *
   * A prompt or a grant came or went.
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_session_gates_init (GlbSessionGates *self)
{
  self->prompts = g_ptr_array_new_with_free_func (g_object_unref);
  self->grants = g_ptr_array_new_with_free_func (g_object_unref);
}

GlbSessionGates *
glb_session_gates_new (GDBusObjectManager *manager,
                       const char         *session)
{
  GlbSessionGates *self = g_object_new (GLB_TYPE_SESSION_GATES, NULL);
  g_autolist(GDBusObject) objects = g_dbus_object_manager_get_objects (manager);

  self->session = g_strdup (session);
  for (GList *link = objects; link != NULL; link = link->next)
    add (self, link->data);
  g_signal_connect_object (manager, "object-added", G_CALLBACK (on_object_added), self, 0);
  g_signal_connect_object (manager, "object-removed", G_CALLBACK (on_object_removed), self, 0);

  return self;
}

GlbDBusPrompt1 *
glb_session_gates_get_prompt (GlbSessionGates *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_GATES (self), NULL);

  return self->prompts->len > 0 ? self->prompts->pdata[0] : NULL;
}

GPtrArray *
glb_session_gates_get_prompts (GlbSessionGates *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_GATES (self), NULL);

  return self->prompts;
}

guint
glb_session_gates_get_n_prompts (GlbSessionGates *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_GATES (self), 0);

  return self->prompts->len;
}

GPtrArray *
glb_session_gates_get_grants (GlbSessionGates *self)
{
  g_return_val_if_fail (GLB_IS_SESSION_GATES (self), NULL);

  return self->grants;
}
