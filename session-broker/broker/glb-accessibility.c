/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The windows are the compositor's, the elements are what programs say: first
 * which window is which program's, then what is in it. Toolkits that have no
 * tree until somebody asks get a moment for it after the program's start.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/accessibility/glb-accessibility-protocol.h"
#include "session-broker/broker/glb-accessibility-link.h"
#include "session-broker/broker/glb-accessibility.h"

#define STARTS_MAX       5u
#define HELLO_MS         7000u
#define LIST_MS          700u
#define GET_MS           2500u
#define AT_MS            150u
/* How long programs may take to have a tree, from when they are first asked. */
#define WAKING_MS        1000u
#define AGAIN_MS         100u
#define FIRST_MAX        1024u

struct _GlbAccessibility
{
  GObject parent_instance;

  GlbAccessibilityContext context;
  GlbAccessibilityLink *link;    /* (nullable) */
  guint64 command;               /* of the link */
  gboolean starting;
  GQueue waiting;                /* GTask: for the start */
  GHashTable *first_us;          /* toplevel to when it was first looked into, of the link */
  guint n_starts;
  guint n_watches;
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (GlbAccessibility, glb_accessibility, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

void
glb_accessibility_trees_free (GlbAccessibilityTrees *self)
{
  g_ptr_array_unref (self->trees);
  g_free (self);
}

static void
element_free (gpointer element)
{
  g_clear_pointer ((GlbElement **) &element, glb_element_free);
}

/* ---- the program --------------------------------------------------------------------- */

static void
on_changed (GlbAccessibilityLink *link, gpointer user_data)
{
  g_signal_emit (user_data, signals[CHANGED], 0);
}

static void
on_closed (GlbAccessibilityLink *link, const char *why, gpointer user_data)
{
  GlbAccessibility *self = user_data;

  g_debug ("glovebox-accessibility: %s", why);
  self->context.kill (self->context.user_data, self->command);
  /* whoever watches looks again, and that starts it again */
  g_signal_emit (self, signals[CHANGED], 0);
}

/* error: (nullable) */
static void
end_start (GlbAccessibility *self, const GError *error)
{
  GTask *task;

  self->starting = FALSE;
  if (error == NULL && self->n_watches > 0)
    glb_accessibility_link_watch (self->link, TRUE);
  while ((task = g_queue_pop_head (&self->waiting)) != NULL)
    {
      if (error == NULL)
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_error (task, g_error_copy (error));
      g_object_unref (task);
    }
}

static void
hello_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbAccessibility) self = user_data;
  g_autoptr(GError) error = NULL;

  glb_accessibility_link_hello_finish (GLB_ACCESSIBILITY_LINK (source), result, &error);
  if (error != NULL)
    g_prefix_error (&error, "the session has no accessibility bus: ");
  end_start (self, error);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbAccessibility) self = user_data;
  g_autoptr(GError) error = NULL;
  int input_fd, output_fd;

  if (!self->context.start_finish (self->context.user_data, result, &input_fd, &output_fd, &self->command, &error))
    {
      g_prefix_error (&error, "glovebox-accessibility can't start: ");
      end_start (self, error);
      return;
    }

  g_clear_object (&self->link);
  g_hash_table_remove_all (self->first_us);
  self->link = glb_accessibility_link_new (input_fd, output_fd);
  g_signal_connect_object (self->link, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (self->link, "closed", G_CALLBACK (on_closed), self, 0);
  glb_accessibility_link_hello_async (self->link, HELLO_MS, hello_cb, g_object_ref (self));
  if (self->closed)
    glb_accessibility_link_close (self->link, "the session ends");
}

static gboolean
is_ready (GlbAccessibility *self)
{
  return !self->starting && self->link != NULL && !glb_accessibility_link_is_closed (self->link);
}

/* Result: the link is there. */
static void
ensure_async (GlbAccessibility *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, ensure_async);
  if (is_ready (self))
    g_task_return_boolean (task, TRUE);
  else if (self->closed)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "the session has ended");
  else if (!self->starting && self->n_starts >= STARTS_MAX)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "glovebox-accessibility ended %u times in this session", STARTS_MAX);
  else
    {
      g_queue_push_tail (&self->waiting, g_object_ref (task));
      if (!self->starting)
        {
          self->starting = TRUE;
          self->n_starts++;
          self->context.start_async (self->context.user_data, started_cb, g_object_ref (self));
        }
    }
  g_object_unref (task);
}

/* ---- trees ------------------------------------------------------------------------------ */

typedef struct
{
  guint32 window;
  char *app_id, *title;
  guint max_nodes, max_depth;
  gint64 until_us;
  GPtrArray *toplevels;      /* (nullable) (element-type GlbToplevel) */
  guint next;                /* of them */
  GlbAccessibilityTrees *trees;
  guint again_id;
} Get;

static void list_toplevels (GTask *task);
static void ready_cb (GObject *source, GAsyncResult *result, gpointer user_data);
static void next_tree (GTask *task);

static void
get_free (gpointer data)
{
  Get *get = data;

  g_clear_handle_id (&get->again_id, g_source_remove);
  g_free (get->app_id);
  g_free (get->title);
  g_clear_pointer (&get->toplevels, g_ptr_array_unref);
  g_clear_pointer (&get->trees, glb_accessibility_trees_free);
  g_free (get);
}

static guint
get_left_ms (gint64 until_us)
{
  return (guint) MAX ((until_us - g_get_monotonic_time ()) / 1000, 0);
}

static gboolean
is_wanted (const Get *get, const GlbShimWindow *window)
{
  return (window->flags & GLB_SHIM_WINDOW_MINIMIZED) == 0 && (get->window == 0 || get->window == window->id) &&
         glb_window_matches (window, get->app_id, get->title);
}

static const GlbToplevel *
find_toplevel (GPtrArray *toplevels, guint32 window)
{
  for (guint i = 0; i < toplevels->len; i++)
    if (((const GlbToplevel *) g_ptr_array_index (toplevels, i))->window == window)
      return g_ptr_array_index (toplevels, i);
  return NULL;
}

static guint
count_nodes (const GlbElement *element)
{
  guint n = 1;

  for (guint i = 0; i < element->children->len; i++)
    n += count_nodes (g_ptr_array_index (element->children, i));
  return n;
}

/* Where it is on the screen now, which may have changed since it was asked. FALSE: its window has gone. */
static gboolean
place (GlbAccessibility *self, const GlbToplevel *toplevel, GlbElement *element)
{
  const GlbCompositorConfig *config = glb_compositor_get_config (self->context.compositor);
  const GlbShimRect screen = { 0, 0, (int) config->width, (int) config->height };
  const GlbShimWindow *window;
  GlbInputScene scene;
  int x, y;

  glb_compositor_get_scene (self->context.compositor, &scene);
  window = glb_input_scene_find (&scene, toplevel->window);
  if (window == NULL)
    return FALSE;

  glb_toplevel_get_origin (toplevel, window, &x, &y);
  glb_element_place (element, window->id, x, y, &screen);
  return TRUE;
}

/* Whether its program may be only now making what is in it: each is given that time once. */
static gboolean
is_waking (GlbAccessibility *self, const GlbToplevel *toplevel, const GlbElement *element)
{
  gint64 now_us = g_get_monotonic_time (), *first_us = g_hash_table_lookup (self->first_us, GUINT_TO_POINTER (toplevel->number));

  if (first_us == NULL && g_hash_table_size (self->first_us) < FIRST_MAX)
    {
      first_us = g_memdup2 (&now_us, sizeof now_us);
      g_hash_table_insert (self->first_us, GUINT_TO_POINTER (toplevel->number), first_us);
    }
  return element->children->len == 0 && first_us != NULL && now_us - *first_us < WAKING_MS * 1000;
}

static gboolean
on_tree_again (gpointer user_data)
{
  Get *get = g_task_get_task_data (user_data);

  get->again_id = 0;
  get->next--;
  next_tree (user_data);
  return G_SOURCE_REMOVE;
}

static void
tree_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbAccessibility *self = g_task_get_source_object (task);
  Get *get = g_task_get_task_data (task);
  g_autoptr(GlbAccessibilityAnswer) answer = glb_accessibility_link_ask_finish (GLB_ACCESSIBILITY_LINK (source), result, NULL);
  const GlbToplevel *toplevel = g_ptr_array_index (get->toplevels, get->next - 1);

  if (answer != NULL && answer->element != NULL && get->max_depth > 0 && is_waking (self, toplevel, answer->element) &&
      get_left_ms (get->until_us) > GET_MS / 4)
    {
      get->again_id = g_timeout_add (AGAIN_MS, on_tree_again, g_steal_pointer (&task));
      return;
    }
  get->trees->truncated |= answer == NULL || answer->truncated;
  if (answer != NULL && answer->element != NULL && place (self, toplevel, answer->element))
    {
      get->max_nodes -= MIN (count_nodes (answer->element), get->max_nodes);
      g_ptr_array_add (get->trees->trees, g_steal_pointer (&answer->element));
    }
  next_tree (g_steal_pointer (&task));
}

static void
ask_tree (GTask *task, const GlbToplevel *toplevel)
{
  GlbAccessibility *self = g_task_get_source_object (task);
  Get *get = g_task_get_task_data (task);
  JsonObject *request = json_object_new ();

  json_object_set_string_member (request, "request", "tree");
  json_object_set_int_member (request, "toplevel", toplevel->number);
  json_object_set_int_member (request, "maxNodes", get->max_nodes);
  json_object_set_int_member (request, "maxDepth", get->max_depth);
  glb_accessibility_link_ask_async (self->link, request, get_left_ms (get->until_us), tree_cb, task);
}

/* Takes task. */
static void
next_tree (GTask *task)
{
  Get *get = g_task_get_task_data (task);

  while (get->next < get->toplevels->len)
    {
      const GlbToplevel *toplevel = g_ptr_array_index (get->toplevels, get->next++);

      if (toplevel->window == 0)
        continue;
      if (get->max_nodes > 0 && get_left_ms (get->until_us) > 0)
        {
          ask_tree (task, toplevel);
          return;
        }
      get->trees->truncated = TRUE;
    }

  g_task_return_pointer (task, g_steal_pointer (&get->trees), (GDestroyNotify) glb_accessibility_trees_free);
  g_object_unref (task);
}

/* Only those that are asked for, the topmost window's first. FALSE: one is not there, and may come. */
static gboolean
choose_toplevels (GlbAccessibility *self, Get *get)
{
  g_autoptr(GPtrArray) chosen = g_ptr_array_new ();
  gboolean complete = TRUE;
  GlbInputScene scene;

  glb_compositor_get_scene (self->context.compositor, &scene);
  glb_toplevels_match (get->toplevels, &scene);
  for (guint i = scene.n_windows; i > 0; i--)
    {
      const GlbShimWindow *window = &scene.windows[i - 1];
      const GlbToplevel *toplevel = is_wanted (get, window) ? find_toplevel (get->toplevels, window->id) : NULL;

      complete &= toplevel != NULL || !is_wanted (get, window);
      if (toplevel != NULL)
        g_ptr_array_add (chosen, (gpointer) toplevel);
    }

  /* what was not chosen goes to the end, and is nobody's window */
  for (guint i = 0; i < get->toplevels->len; i++)
    {
      GlbToplevel *toplevel = g_ptr_array_index (get->toplevels, i);

      if (g_ptr_array_find (chosen, toplevel, NULL))
        continue;
      toplevel->window = 0;
      g_ptr_array_add (chosen, toplevel);
    }
  for (guint i = 0; i < chosen->len; i++)
    g_ptr_array_index (get->toplevels, i) = g_ptr_array_index (chosen, i);
  return complete;
}

static gboolean
on_again (gpointer user_data)
{
  Get *get = g_task_get_task_data (user_data);

  get->again_id = 0;
  list_toplevels (user_data);
  return G_SOURCE_REMOVE;
}

static void
list_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbAccessibility *self = g_task_get_source_object (task);
  GlbAccessibilityLink *link = GLB_ACCESSIBILITY_LINK (source);
  Get *get = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbAccessibilityAnswer) answer = glb_accessibility_link_ask_finish (link, result, &error);

  /* it ended just now: the next one is asked, as often as there may be a next one */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    {
      ensure_async (self, ready_cb, g_steal_pointer (&task));
      return;
    }
  if (answer == NULL || answer->toplevels == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the session's accessibility bus does not answer");
      return;
    }

  g_clear_pointer (&get->toplevels, g_ptr_array_unref);
  get->toplevels = g_steal_pointer (&answer->toplevels);
  get->trees->truncated = answer->n_silent > 0;
  if (!choose_toplevels (self, get) && glb_accessibility_link_get_age (link) < WAKING_MS && get_left_ms (get->until_us) > GET_MS / 4)
    get->again_id = g_timeout_add (AGAIN_MS, on_again, g_steal_pointer (&task));
  else
    next_tree (g_steal_pointer (&task));
}

/* Takes task. */
static void
list_toplevels (GTask *task)
{
  GlbAccessibility *self = g_task_get_source_object (task);
  Get *get = g_task_get_task_data (task);
  JsonObject *request;

  if (!is_ready (self))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "glovebox-accessibility has ended");
      g_object_unref (task);
      return;
    }
  if (self->context.is_frozen (self->context.user_data))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the session's programs stand still");
      g_object_unref (task);
      return;
    }

  request = json_object_new ();
  json_object_set_string_member (request, "request", "toplevels");
  glb_accessibility_link_ask_async (self->link, request, MIN (LIST_MS, get_left_ms (get->until_us)), list_cb, task);
}

static void
ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Get *get = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  get->until_us = g_get_monotonic_time () + GET_MS * 1000;
  list_toplevels (task);
}

void
glb_accessibility_get_async (GlbAccessibility            *self,
                             const GlbAccessibilityQuery *query,
                             GAsyncReadyCallback          callback,
                             gpointer                     user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Get *get = g_new0 (Get, 1);

  g_task_set_source_tag (task, glb_accessibility_get_async);
  g_task_set_task_data (task, get, get_free);
  get->window = query->window;
  get->app_id = g_strdup (query->app_id);
  get->title = g_strdup (query->title);
  get->max_nodes = query->max_nodes;
  get->max_depth = query->max_depth;
  get->trees = g_new0 (GlbAccessibilityTrees, 1);
  get->trees->trees = g_ptr_array_new_with_free_func (element_free);
  ensure_async (self, ready_cb, task);
}

GlbAccessibilityTrees *
glb_accessibility_get_finish (GlbAccessibility *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- one element ---------------------------------------------------------------------------- */

typedef struct
{
  gboolean focus;            /* else at x, y */
  int x, y;
  gint64 until_us;
  GPtrArray *toplevels;
  const GlbToplevel *toplevel;   /* of them */
  guint deadline_id;
  gboolean over;
} At;

static void
at_free (gpointer data)
{
  At *at = data;

  g_clear_handle_id (&at->deadline_id, g_source_remove);
  g_clear_pointer (&at->toplevels, g_ptr_array_unref);
  g_free (at);
}

/* Once, whatever comes first. node: (transfer full) (nullable) */
static void
end_at (GTask *task, JsonNode *node)
{
  At *at = g_task_get_task_data (task);

  g_clear_handle_id (&at->deadline_id, g_source_remove);
  if (at->over)
    {
      g_clear_pointer (&node, json_node_unref);
      return;
    }

  at->over = TRUE;
  g_task_return_pointer (task, node, (GDestroyNotify) json_node_unref);
}

static gboolean
on_at_deadline (gpointer user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);

  ((At *) g_task_get_task_data (task))->deadline_id = 0;
  end_at (task, NULL);
  return G_SOURCE_REMOVE;
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  At *at = g_task_get_task_data (task);
  g_autoptr(GlbAccessibilityAnswer) answer = glb_accessibility_link_ask_finish (GLB_ACCESSIBILITY_LINK (source), result, NULL);
  JsonNode *node = NULL;

  if (answer != NULL && answer->element != NULL && place (g_task_get_source_object (task), at->toplevel, answer->element))
    node = glb_element_to_node (answer->element, FALSE, TRUE);
  end_at (task, node);
}

static JsonObject *
make_request (const At *at, const GlbShimWindow *window)
{
  JsonObject *request = json_object_new ();
  int x, y;

  json_object_set_string_member (request, "request", at->focus ? "focus" : "at");
  json_object_set_int_member (request, "toplevel", at->toplevel->number);
  if (at->focus)
    return request;

  glb_toplevel_get_origin (at->toplevel, window, &x, &y);
  json_object_set_int_member (request, "x", MAX (at->x - x, 0));
  json_object_set_int_member (request, "y", MAX (at->y - y, 0));
  return request;
}

static void
at_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GlbAccessibility *self = g_task_get_source_object (task);
  At *at = g_task_get_task_data (task);
  g_autoptr(GlbAccessibilityAnswer) answer = glb_accessibility_link_ask_finish (GLB_ACCESSIBILITY_LINK (source), result, NULL);
  const GlbShimWindow *window;
  GlbInputScene scene;

  glb_compositor_get_scene (self->context.compositor, &scene);
  window = at->focus ? glb_input_scene_find (&scene, scene.focus) : glb_input_scene_find_at (&scene, at->x, at->y);
  if (answer != NULL && answer->toplevels != NULL && window != NULL)
    {
      at->toplevels = g_steal_pointer (&answer->toplevels);
      glb_toplevels_match (at->toplevels, &scene);
      at->toplevel = find_toplevel (at->toplevels, window->id);
    }
  if (at->toplevel != NULL && is_ready (self))
    glb_accessibility_link_ask_async (self->link, make_request (at, window), get_left_ms (at->until_us), found_cb, g_steal_pointer (&task));
  else
    end_at (task, NULL);
}

/* The first time it only begins to start: the next has it. */
static void
warmed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_debug ("%s", error->message);
}

/* Takes task and at. */
static void
run_at (GlbAccessibility *self, GTask *owned, At *at)
{
  g_autoptr(GTask) task = owned;
  JsonObject *request;

  g_task_set_task_data (task, at, at_free);
  at->until_us = g_get_monotonic_time () + AT_MS * 1000;
  if (!is_ready (self) || self->context.is_frozen (self->context.user_data))
    {
      if (!is_ready (self))
        ensure_async (self, warmed_cb, NULL);
      g_task_return_pointer (task, NULL, NULL);
      return;
    }

  at->deadline_id = g_timeout_add_full (G_PRIORITY_DEFAULT, AT_MS, on_at_deadline, g_object_ref (task), g_object_unref);
  request = json_object_new ();
  json_object_set_string_member (request, "request", "toplevels");
  glb_accessibility_link_ask_async (self->link, request, AT_MS / 2, at_listed_cb, g_steal_pointer (&task));
}

void
glb_accessibility_at_async (GlbAccessibility    *self,
                            int                  x,
                            int                  y,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  At *at = g_new0 (At, 1);

  g_task_set_source_tag (task, glb_accessibility_at_async);
  at->x = x;
  at->y = y;
  run_at (self, task, at);
}

JsonNode *
glb_accessibility_at_finish (GlbAccessibility *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
glb_accessibility_focus_async (GlbAccessibility    *self,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  At *at = g_new0 (At, 1);

  g_task_set_source_tag (task, glb_accessibility_focus_async);
  at->focus = TRUE;
  run_at (self, task, at);
}

/* ---- the object ------------------------------------------------------------------------------ */

void
glb_accessibility_watch (GlbAccessibility *self)
{
  if (self->n_watches++ == 0 && is_ready (self))
    glb_accessibility_link_watch (self->link, TRUE);
}

void
glb_accessibility_unwatch (GlbAccessibility *self)
{
  if (--self->n_watches == 0 && is_ready (self))
    glb_accessibility_link_watch (self->link, FALSE);
}

void
glb_accessibility_close (GlbAccessibility *self)
{
  self->closed = TRUE;
  if (self->link != NULL)
    glb_accessibility_link_close (self->link, "the session ends");
}

static void
glb_accessibility_finalize (GObject *object)
{
  GlbAccessibility *self = GLB_ACCESSIBILITY (object);

  g_clear_object (&self->link);
  g_hash_table_unref (self->first_us);
  g_object_unref (self->context.compositor);

  G_OBJECT_CLASS (glb_accessibility_parent_class)->finalize (object);
}

static void
glb_accessibility_class_init (GlbAccessibilityClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_accessibility_finalize;

  signals[CHANGED] = g_signal_new ("changed", GLB_TYPE_ACCESSIBILITY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_accessibility_init (GlbAccessibility *self)
{
  g_queue_init (&self->waiting);
  self->first_us = g_hash_table_new_full (NULL, NULL, NULL, g_free);
}

GlbAccessibility *
glb_accessibility_new (const GlbAccessibilityContext *context)
{
  GlbAccessibility *self = g_object_new (GLB_TYPE_ACCESSIBILITY, NULL);

  self->context = *context;
  g_object_ref (self->context.compositor);
  return self;
}
