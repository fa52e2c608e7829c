/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-accessibility"
#include "config.h"

#include "session-broker/accessibility/glb-accessibility-protocol.h"
#include "session-broker/accessibility/glb-accessible-point.h"
#include "session-broker/accessibility/glb-accessible-walk.h"

#define COMPONENT     "org.a11y.atspi.Component"
#define WINDOW_COORDS 1u

typedef struct
{
  GDBusConnection *bus;
  GPtrArray *path;           /* GlbAccessibleRef: from the toplevel down */
  int x, y;
  gint64 until_us;
} Descent;

static void
descent_free (gpointer data)
{
  Descent *descent = data;

  g_object_unref (descent->bus);
  g_ptr_array_unref (descent->path);
  g_free (descent);
}

static void
ref_free (gpointer ref)
{
  glb_accessible_ref_free (ref);
}

static guint
get_left_ms (const Descent *descent)
{
  return (guint) MAX ((descent->until_us - g_get_monotonic_time ()) / 1000, 1);
}

static void
described_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  gboolean truncated;
  g_autoptr(GPtrArray) nodes = glb_accessible_walk_finish (result, &truncated);
  JsonNode *node = g_ptr_array_index (nodes, 0);

  g_task_return_pointer (task, node != NULL ? json_node_ref (node) : NULL, (GDestroyNotify) json_node_unref);
}

/* Takes task. */
static void
describe_last (GTask *task)
{
  Descent *descent = g_task_get_task_data (task);
  const GlbAccessibleLimits limits = { .max_nodes = 1, .deadline_ms = get_left_ms (descent) };
  g_autoptr(GPtrArray) roots = g_ptr_array_new ();

  g_ptr_array_add (roots, g_ptr_array_index (descent->path, descent->path->len - 1));
  glb_accessible_walk_async (descent->bus, roots, &limits, described_cb, task);
}

static void descend (GTask *task);

static void
child_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Descent *descent = g_task_get_task_data (task);
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr(GVariant) value = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
  GlbAccessibleRef *child = value != NULL ? glb_accessible_ref_from_variant (value) : NULL;

  if (child == NULL || g_ptr_array_find_with_equal_func (descent->path, child, glb_accessible_ref_equal, NULL))
    {
      g_clear_pointer (&child, glb_accessible_ref_free);
      describe_last (task);
      return;
    }

  g_ptr_array_add (descent->path, child);
  if (descent->path->len >= GLB_ACCESSIBILITY_DEPTH_MAX)
    describe_last (task);
  else
    descend (task);
}

/* Some programs answer with the deepest at once, others with a child. */
static void
descend (GTask *task)
{
  Descent *descent = g_task_get_task_data (task);

  glb_accessible_ref_call (g_ptr_array_index (descent->path, descent->path->len - 1), descent->bus, COMPONENT, "GetAccessibleAtPoint",
                           g_variant_new ("(iiu)", descent->x, descent->y, WINDOW_COORDS), "((so))", (int) get_left_ms (descent), NULL,
                           child_cb, task);
}

void
glb_accessible_point_async (GDBusConnection        *bus,
                            const GlbAccessibleRef *toplevel,
                            int                     x,
                            int                     y,
                            guint                   deadline_ms,
                            GAsyncReadyCallback     callback,
                            gpointer                user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Descent *descent = g_new0 (Descent, 1);

  g_task_set_source_tag (task, glb_accessible_point_async);
  g_task_set_task_data (task, descent, descent_free);
  descent->bus = g_object_ref (bus);
  descent->path = g_ptr_array_new_with_free_func (ref_free);
  descent->x = x;
  descent->y = y;
  descent->until_us = g_get_monotonic_time () + (gint64) deadline_ms * 1000;
  g_ptr_array_add (descent->path, glb_accessible_ref_new (toplevel->owner, toplevel->path));
  descend (task);
}

JsonNode *
glb_accessible_point_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
