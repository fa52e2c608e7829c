/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "input-filter/glb-action.h"
#include "session-broker/broker/glb-waiter.h"

/* Between two looks at programs or pixels. */
#define LOOK_MS 100

typedef struct
{
  GTask *task;
  GlbCompositor *compositor;
  GlbFrameHub *hub;
  GlbAccessibility *accessibility;
  const GlbWait *wait;
  gulong handlers[3];
  GSource *cancelled;
  gint64 changed_us;             /* the screen, or when the wait began */
  gint64 looked_us;
  guint timeout_id, look_id, quiet_id;
  gboolean stale;                /* what is known of elements and pixels may not be so any more */
  guint n_looking;               /* questions on their way */
  GlbAccessibilityTrees *trees;  /* (nullable) */
  gboolean has_colour, colour_matches;
  gboolean timed_out, over;
} Waiter;

static void check (Waiter *waiter);

static void
waiter_clear (gpointer data)
{
  Waiter *waiter = data;

  g_clear_pointer (&waiter->trees, glb_accessibility_trees_free);
  g_object_unref (waiter->compositor);
  g_object_unref (waiter->hub);
  g_object_unref (waiter->accessibility);
}

static void
waiter_unref (Waiter *waiter)
{
  g_rc_box_release_full (waiter, waiter_clear);
}

/* missing, error: (transfer full) (nullable): neither: it holds. */
static void
finish (Waiter *waiter, char *missing, GError *error)
{
  g_autoptr(GTask) task = g_steal_pointer (&waiter->task);

  waiter->over = TRUE;
  g_clear_signal_handler (&waiter->handlers[0], waiter->compositor);
  g_clear_signal_handler (&waiter->handlers[1], waiter->compositor);
  g_clear_signal_handler (&waiter->handlers[2], waiter->accessibility);
  g_source_destroy (waiter->cancelled);
  g_clear_pointer (&waiter->cancelled, g_source_unref);
  g_clear_handle_id (&waiter->timeout_id, g_source_remove);
  g_clear_handle_id (&waiter->look_id, g_source_remove);
  g_clear_handle_id (&waiter->quiet_id, g_source_remove);
  if (glb_wait_needs_elements (waiter->wait))
    glb_accessibility_unwatch (waiter->accessibility);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, missing, g_free);
  waiter_unref (waiter);
}

/* ---- looking ------------------------------------------------------------------------ */

static void
end_look (Waiter *waiter)
{
  waiter->n_looking--;
  if (!waiter->over && waiter->n_looking == 0)
    check (waiter);
  waiter_unref (waiter);
}

static void
trees_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiter *waiter = user_data;
  GError *error = NULL;
  GlbAccessibilityTrees *trees = glb_accessibility_get_finish (GLB_ACCESSIBILITY (source), result, &error);

  g_clear_pointer (&waiter->trees, glb_accessibility_trees_free);
  waiter->trees = trees;
  if (!waiter->over && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    finish (waiter, NULL, g_steal_pointer (&error));
  g_clear_error (&error);
  end_look (waiter);
}

static void
frame_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiter *waiter = user_data;
  g_autoptr(GlbHeldFrame) frame = glb_frame_hub_acquire_finish (GLB_FRAME_HUB (source), result, NULL);
  const GlbShimRing *info = frame != NULL ? glb_held_frame_get_info (frame) : NULL;

  waiter->has_colour = frame != NULL;
  if (frame != NULL && !waiter->over)
    waiter->colour_matches = glb_wait_check_colour (waiter->wait, glb_held_frame_get_pixels (frame), info->width, info->height, info->stride);
  end_look (waiter);
}

static void
look (Waiter *waiter)
{
  const GlbAccessibilityQuery query = { .max_nodes = GLB_ACTION_NODES_MAX, .max_depth = GLB_ACTION_TREE_DEPTH_MAX };

  waiter->stale = FALSE;
  waiter->looked_us = g_get_monotonic_time ();
  if (glb_wait_needs_elements (waiter->wait))
    {
      waiter->n_looking++;
      glb_accessibility_get_async (waiter->accessibility, &query, trees_cb, g_rc_box_acquire (waiter));
    }
  if (waiter->wait->has_colour)
    {
      waiter->n_looking++;
      glb_frame_hub_acquire_async (waiter->hub, frame_cb, g_rc_box_acquire (waiter));
    }
}

static gboolean
on_look (gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->look_id = 0;
  check (waiter);
  return G_SOURCE_REMOVE;
}

/* TRUE: what is known is old, and somebody looks now or soon. */
static gboolean
must_look (Waiter *waiter)
{
  gint64 ms = (g_get_monotonic_time () - waiter->looked_us) / 1000;

  if (!waiter->stale || !(glb_wait_needs_elements (waiter->wait) || waiter->wait->has_colour))
    return waiter->n_looking > 0;

  if (waiter->n_looking == 0 && waiter->look_id == 0 && (waiter->looked_us == 0 || ms >= LOOK_MS))
    look (waiter);
  else if (waiter->n_looking == 0 && waiter->look_id == 0)
    waiter->look_id = g_timeout_add ((guint) (LOOK_MS - ms), on_look, waiter);
  return TRUE;
}

/* ---- whether it is so ------------------------------------------------------------------ */

static gboolean
on_quiet (gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->quiet_id = 0;
  check (waiter);
  return G_SOURCE_REMOVE;
}

static void
check (Waiter *waiter)
{
  guint quiet_ms = (guint) ((g_get_monotonic_time () - waiter->changed_us) / 1000);
  GlbInputScene scene;
  GlbWaitState state = { .scene = &scene, .quiet_ms = quiet_ms };
  g_autofree char *missing = NULL;

  /* old news never end a wait, but for its time; and then nobody looks again, but for the one look of a wait without time */
  if (waiter->timed_out ? waiter->n_looking > 0 && waiter->timeout_id != 0 : must_look (waiter))
    return;

  glb_compositor_get_scene (waiter->compositor, &scene);
  state.trees = waiter->trees != NULL ? waiter->trees->trees : NULL;
  state.has_colour = waiter->has_colour;
  state.colour_matches = waiter->colour_matches;
  if (glb_wait_check (waiter->wait, &state, &missing))
    finish (waiter, NULL, NULL);
  else if (waiter->timed_out)
    finish (waiter, g_steal_pointer (&missing), NULL);
  else if (quiet_ms < waiter->wait->quiet_ms && waiter->quiet_id == 0)
    waiter->quiet_id = g_timeout_add (waiter->wait->quiet_ms - quiet_ms, on_quiet, waiter);
}

static void
on_changed (Waiter *waiter)
{
  waiter->stale = TRUE;
  check (waiter);
}

static void
on_damage (GlbCompositor *compositor, guint64 frame, const GlbShimRect *bounds, gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->changed_us = g_get_monotonic_time ();
  g_clear_handle_id (&waiter->quiet_id, g_source_remove);
  on_changed (waiter);
}

static gboolean
on_timeout (gpointer user_data)
{
  Waiter *waiter = user_data;

  /* who waits for no time at all wants one look */
  if (waiter->wait->timeout_ms == 0 && !waiter->timed_out && waiter->n_looking > 0)
    {
      waiter->timed_out = TRUE;
      waiter->timeout_id = g_timeout_add (GLB_WAIT_MS_DEFAULT, on_timeout, waiter);
      return G_SOURCE_REMOVE;
    }

  waiter->timeout_id = 0;
  waiter->timed_out = TRUE;
  check (waiter);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;

  finish (waiter, NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "the session has ended"));
  return G_SOURCE_REMOVE;
}

void
glb_waiter_run_async (GlbCompositor      *compositor,
                      GlbFrameHub        *hub,
                      GlbAccessibility   *accessibility,
                      const GlbWait      *wait,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  Waiter *waiter = g_rc_box_new0 (Waiter);

  waiter->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (waiter->task, glb_waiter_run_async);
  g_task_set_check_cancellable (waiter->task, FALSE);
  waiter->compositor = g_object_ref (compositor);
  waiter->hub = g_object_ref (hub);
  waiter->accessibility = g_object_ref (accessibility);
  waiter->wait = wait;
  waiter->changed_us = g_get_monotonic_time ();
  waiter->stale = TRUE;
  waiter->handlers[0] = g_signal_connect_swapped (compositor, "windows", G_CALLBACK (on_changed), waiter);
  waiter->handlers[1] = g_signal_connect (compositor, "damage", G_CALLBACK (on_damage), waiter);
  waiter->handlers[2] = g_signal_connect_swapped (accessibility, "changed", G_CALLBACK (on_changed), waiter);
  if (glb_wait_needs_elements (wait))
    glb_accessibility_watch (accessibility);
  waiter->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (waiter->cancelled, G_SOURCE_FUNC (on_cancelled), waiter, NULL);
  g_source_attach (waiter->cancelled, NULL);
  waiter->timeout_id = g_timeout_add (wait->timeout_ms, on_timeout, waiter);
  check (waiter);
}

gboolean
glb_waiter_run_finish (GAsyncResult *result, char **missing, GError **error)
{
  GError *local = NULL;

  *missing = g_task_propagate_pointer (G_TASK (result), &local);
  if (local == NULL)
    return *missing == NULL;

  g_propagate_error (error, local);
  return FALSE;
}
