/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-accessibility"
#include "config.h"

#include "session-broker/accessibility/glb-accessibility-protocol.h"
#include "session-broker/accessibility/glb-accessible-focus.h"
#include "session-broker/accessibility/glb-accessible-walk.h"

typedef struct
{
  GDBusConnection *bus;
  guint deadline_ms;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_object_unref (search->bus);
  g_free (search);
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

static void
focused_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  const Search *search = g_task_get_task_data (task);
  const GlbAccessibleLimits limits = { .max_nodes = 1, .deadline_ms = search->deadline_ms / 4 + 1 };
  g_autoptr(GlbAccessibleRef) ref = glb_accessible_walk_finish_focus (result);
  g_autoptr(GPtrArray) roots = g_ptr_array_new ();

  if (ref == NULL)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }

  g_ptr_array_add (roots, ref);
  glb_accessible_walk_async (search->bus, roots, &limits, described_cb, g_steal_pointer (&task));
}

/* Three quarters of the time to find it, one to describe it. */
void
glb_accessible_focus_async (GDBusConnection        *bus,
                            const GlbAccessibleRef *toplevel,
                            guint                   deadline_ms,
                            GAsyncReadyCallback     callback,
                            gpointer                user_data)
{
  const GlbAccessibleLimits limits = {
    .max_nodes = GLB_ACCESSIBILITY_NODES_MAX, .max_depth = GLB_ACCESSIBILITY_DEPTH_MAX, .deadline_ms = deadline_ms / 4 * 3,
    .focus_only = TRUE,
  };
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Search *search = g_new0 (Search, 1);
  g_autoptr(GPtrArray) roots = g_ptr_array_new ();

  g_task_set_source_tag (task, glb_accessible_focus_async);
  g_task_set_task_data (task, search, search_free);
  search->bus = g_object_ref (bus);
  search->deadline_ms = deadline_ms;
  g_ptr_array_add (roots, (gpointer) toplevel);
  glb_accessible_walk_async (bus, roots, &limits, focused_cb, task);
}

JsonNode *
glb_accessible_focus_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
