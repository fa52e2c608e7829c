/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Each object costs a handful of calls, which go out together; their answers
 * come in any order. The walk owns the nodes, the calls hold the walk.
 */

#define G_LOG_DOMAIN "glovebox-accessibility"
#include "config.h"

#include <string.h>

#include "session-broker/accessibility/glb-accessibility-protocol.h"
#include "session-broker/accessibility/glb-accessible-names.h"
#include "session-broker/accessibility/glb-accessible-walk.h"

#define COMPONENT       "org.a11y.atspi.Component"
#define TEXT            "org.a11y.atspi.Text"
#define VALUE           "org.a11y.atspi.Value"
#define SCREEN_COORDS   0u
#define WINDOW_COORDS   1u
/* Objects that are asked at the same time. */
#define BUSY_MAX        48

typedef struct _Walk Walk;

typedef struct
{
  Walk *walk;
  GlbAccessibleRef *ref;
  guint depth;
  guint n_calls;             /* not answered yet */
  gboolean answered;         /* it has said anything at all */
  guint32 role;
  char *name, *description, *text;
  double value;
  gboolean has_value;
  guint64 states;
  gint32 bounds[4];
  GVariant *refs;            /* (nullable): a(so), its children, before they are asked */
  GPtrArray *children;       /* Node */
} Node;

struct _Walk
{
  GTask *task;
  GDBusConnection *bus;
  GlbAccessibleLimits limits;
  GCancellable *cancellable;
  guint deadline_id;
  GPtrArray *roots;          /* Node */
  GHashTable *seen;          /* GlbAccessibleRef of nodes, not owned */
  GQueue waiting, parents;   /* Node, not owned: to be asked; whose children are */
  const Node *focused;       /* (nullable) */
  guint n_busy, n_nodes;
  gsize n_bytes;             /* of strings */
  gboolean says_showing;     /* the program tells what shows, not only what is hidden */
  gboolean truncated, over;
};

static void go_on (Walk *walk);
static void call (Node *node, const char *interface, const char *method, GVariant *arguments, const char *reply, GAsyncReadyCallback callback);

static void
node_free (gpointer data)
{
  Node *node = data;

  glb_accessible_ref_free (node->ref);
  g_free (node->name);
  g_free (node->description);
  g_free (node->text);
  g_clear_pointer (&node->refs, g_variant_unref);
  g_ptr_array_unref (node->children);
  g_free (node);
}

static void
walk_clear (gpointer data)
{
  Walk *walk = data;

  g_clear_handle_id (&walk->deadline_id, g_source_remove);
  g_queue_clear (&walk->waiting);
  g_queue_clear (&walk->parents);
  g_hash_table_unref (walk->seen);
  g_ptr_array_unref (walk->roots);
  g_object_unref (walk->cancellable);
  g_object_unref (walk->bus);
  g_clear_object (&walk->task);
}

static void
walk_unref (Walk *walk)
{
  g_rc_box_release_full (walk, walk_clear);
}

/* ---- what an object answers ------------------------------------------------------- */

/* (transfer full) (nullable): at most so many characters */
static char *
keep (Walk *walk, const char *text, guint max)
{
  char *kept;

  if (text[0] == '\0' || walk->n_bytes >= GLB_ACCESSIBILITY_TEXTS_MAX)
    return NULL;

  kept = g_utf8_strlen (text, -1) > max ? g_utf8_substring (text, 0, max) : g_strdup (text);
  walk->n_bytes += strlen (kept);
  return kept;
}

/* (transfer full) (nullable): the answer, if it came. Lets go of the node's call. */
static GVariant *
take_answer (Node *node, GObject *source, GAsyncResult *result)
{
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  node->n_calls--;
  if (node->walk->over)
    g_clear_pointer (&reply, g_variant_unref);
  node->answered |= reply != NULL;
  return reply;
}

static void
end_call (Node *node)
{
  Walk *walk = node->walk;

  if (node->n_calls == 0 && !walk->over)
    {
      walk->n_busy--;
      go_on (walk);
    }
  walk_unref (walk);
}

static void
role_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Node *node = user_data;
  g_autoptr(GVariant) reply = take_answer (node, source, result);

  if (reply != NULL)
    g_variant_get (reply, "(u)", &node->role);
  end_call (node);
}

static void
take_string (Node *node, GObject *source, GAsyncResult *result, char **string)
{
  g_autoptr(GVariant) reply = take_answer (node, source, result);
  g_autoptr(GVariant) value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) &&
      !glb_accessible_is_class_name (g_variant_get_string (value, NULL)))
    *string = keep (node->walk, g_variant_get_string (value, NULL), GLB_ACCESSIBILITY_NAME_MAX);
  end_call (node);
}

static void
name_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  take_string (user_data, source, result, &((Node *) user_data)->name);
}

static void
description_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  take_string (user_data, source, result, &((Node *) user_data)->description);
}

static void
screen_bounds_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Node *node = user_data;
  g_autoptr(GVariant) reply = take_answer (node, source, result);
  gint32 *known = node->bounds, bounds[4];

  if (reply != NULL)
    {
      g_variant_get (reply, "((iiii))", &bounds[0], &bounds[1], &bounds[2], &bounds[3]);
      if (bounds[0] == known[0] && bounds[2] == known[2] && (gint64) bounds[1] + bounds[3] == (gint64) known[1] + known[3])
        memcpy (known, bounds, sizeof bounds);
    }
  end_call (node);
}

/* Qt 5 says x for y, and keeps the lower edge. What it calls the screen is its window, because on Wayland it knows no other. */
static void
bounds_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Node *node = user_data;
  g_autoptr(GVariant) reply = take_answer (node, source, result);

  if (reply != NULL)
    {
      g_variant_get (reply, "((iiii))", &node->bounds[0], &node->bounds[1], &node->bounds[2], &node->bounds[3]);
      if (node->bounds[0] == node->bounds[1])
        call (node, COMPONENT, "GetExtents", g_variant_new ("(u)", SCREEN_COORDS), "((iiii))", screen_bounds_cb);
    }
  end_call (node);
}

/* U+FFFC stands for an element in the text, which is told of anyway. */
static gboolean
has_characters (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_utf8_get_char (text) != 0xfffc)
      return TRUE;
  return FALSE;
}

static void
text_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Node *node = user_data;
  g_autoptr(GVariant) reply = take_answer (node, source, result);
  const char *text = "";

  if (reply != NULL)
    g_variant_get (reply, "(&s)", &text);
  if (has_characters (text))
    node->text = keep (node->walk, text, GLB_ACCESSIBILITY_TEXT_MAX);
  end_call (node);
}

static void
value_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Node *node = user_data;
  g_autoptr(GVariant) reply = take_answer (node, source, result);
  g_autoptr(GVariant) value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    {
      node->value = g_variant_get_double (value);
      node->has_value = TRUE;
    }
  end_call (node);
}

static void
call (Node *node, const char *interface, const char *method, GVariant *arguments, const char *reply, GAsyncReadyCallback callback)
{
  Walk *walk = node->walk;

  node->n_calls++;
  g_rc_box_acquire (walk);
  glb_accessible_ref_call (node->ref, walk->bus, interface, method, arguments, reply, walk->limits.deadline_ms, walk->cancellable,
                           callback, node);
}

static void
get (Node *node, const char *interface, const char *property, GAsyncReadyCallback callback)
{
  Walk *walk = node->walk;

  node->n_calls++;
  g_rc_box_acquire (walk);
  glb_accessible_ref_get (node->ref, walk->bus, interface, property, walk->limits.deadline_ms, walk->cancellable, callback, node);
}

static void
interfaces_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Node *node = user_data;
  g_autoptr(GVariant) reply = take_answer (node, source, result);
  g_autofree const char **interfaces = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(^a&s)", &interfaces);
  if (interfaces != NULL && g_strv_contains (interfaces, COMPONENT))
    call (node, COMPONENT, "GetExtents", g_variant_new ("(u)", WINDOW_COORDS), "((iiii))", bounds_cb);
  if (interfaces != NULL && g_strv_contains (interfaces, TEXT))
    call (node, TEXT, "GetText", g_variant_new ("(ii)", 0, (gint32) GLB_ACCESSIBILITY_TEXT_MAX), "(s)", text_cb);
  if (interfaces != NULL && g_strv_contains (interfaces, VALUE))
    get (node, VALUE, "CurrentValue", value_cb);
  end_call (node);
}

static void
children_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Node *node = user_data;
  g_autoptr(GVariant) reply = take_answer (node, source, result);

  if (reply != NULL)
    {
      node->refs = g_variant_get_child_value (reply, 0);
      g_queue_push_tail (&node->walk->parents, node);
    }
  end_call (node);
}

static gboolean
has_state (const Node *node, guint state)
{
  return (node->states >> state & 1) != 0;
}

/* What does not show is not asked, nor what is below it. GTK 4 says of windows alone that they show: of all else whether it is
 * hidden is what there is. */
static gboolean
shows (const Node *node)
{
  if (node->depth == 0 || has_state (node, GLB_ACCESSIBLE_STATE_SHOWING))
    return TRUE;
  return has_state (node, GLB_ACCESSIBLE_STATE_VISIBLE) && !node->walk->says_showing;
}

static void
ask_children (Node *node)
{
  if (node->depth < node->walk->limits.max_depth)
    call (node, GLB_ACCESSIBLE_INTERFACE, "GetChildren", NULL, "(a(so))", children_cb);
}

/* What has the focus is in what has the focus. */
static void
ask_focus (Node *node)
{
  Walk *walk = node->walk;

  if (node->depth > 0 && has_state (node, GLB_ACCESSIBLE_STATE_FOCUSED))
    {
      walk->focused = node;
      g_queue_clear (&walk->waiting);
      g_queue_clear (&walk->parents);
    }
  if (walk->focused == NULL || walk->focused == node)
    ask_children (node);
}

/* What it is, is not told. */
static void
ignored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GVariant) reply = take_answer (user_data, source, result);

  end_call (user_data);
}

static void
ask_all (Node *node)
{
  /* Chromium has nothing in its windows until somebody asks for what only screen readers want */
  if (node->depth == 0)
    call (node, GLB_ACCESSIBLE_INTERFACE, "GetAttributes", NULL, NULL, ignored_cb);
  get (node, GLB_ACCESSIBLE_INTERFACE, "Name", name_cb);
  get (node, GLB_ACCESSIBLE_INTERFACE, "Description", description_cb);
  call (node, GLB_ACCESSIBLE_INTERFACE, "GetRole", NULL, "(u)", role_cb);
  call (node, GLB_ACCESSIBLE_INTERFACE, "GetInterfaces", NULL, "(as)", interfaces_cb);
  ask_children (node);
}

static void
states_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Node *node = user_data;
  g_autoptr(GVariant) reply = take_answer (node, source, result);
  g_autoptr(GVariant) words = NULL;

  if (reply != NULL)
    words = g_variant_get_child_value (reply, 0);
  for (gsize i = 0; words != NULL && i < MIN (g_variant_n_children (words), 2); i++)
    {
      guint32 word;

      g_variant_get_child (words, i, "u", &word);
      node->states |= (guint64) word << (32 * i);
    }
  if (node->depth > 0 && has_state (node, GLB_ACCESSIBLE_STATE_SHOWING))
    node->walk->says_showing = TRUE;
  if (reply != NULL && shows (node) && node->walk->limits.focus_only)
    ask_focus (node);
  else if (reply != NULL && shows (node))
    ask_all (node);
  end_call (node);
}

/* ---- the walk --------------------------------------------------------------------- */

/* Unless there is one already, or there are too many. */
static void
add_node (Walk *walk, GPtrArray *nodes, GlbAccessibleRef *ref, guint depth)
{
  g_autoptr(GlbAccessibleRef) owned = ref;
  Node *node;

  if (g_hash_table_contains (walk->seen, ref))
    return;
  if (walk->n_nodes >= walk->limits.max_nodes)
    {
      walk->truncated = TRUE;
      return;
    }

  node = g_new0 (Node, 1);
  node->walk = walk;
  node->ref = g_steal_pointer (&owned);
  node->depth = depth;
  node->children = g_ptr_array_new_with_free_func (node_free);
  walk->n_nodes++;
  g_ptr_array_add (nodes, node);
  g_hash_table_add (walk->seen, node->ref);
  g_queue_push_tail (&walk->waiting, node);
}

static void
add_children (Walk *walk, Node *node)
{
  g_autoptr(GVariant) refs = g_steal_pointer (&node->refs);

  for (gsize i = 0; i < g_variant_n_children (refs) && !walk->truncated; i++)
    {
      g_autoptr(GVariant) value = g_variant_get_child_value (refs, i);
      GlbAccessibleRef *ref = glb_accessible_ref_from_variant (value);

      if (ref != NULL)
        add_node (walk, node->children, ref, node->depth + 1);
    }
}

static JsonNode *
describe (const Node *node)
{
  JsonObject *object = json_object_new ();
  JsonArray *states = json_array_new (), *bounds = json_array_new (), *children = json_array_new ();
  JsonNode *result = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (object, "role", glb_accessible_role_to_string (node->role));
  json_object_set_string_member (object, "name", node->name != NULL ? node->name : "");
  if (node->description != NULL)
    json_object_set_string_member (object, "description", node->description);
  if (node->text != NULL)
    json_object_set_string_member (object, "text", node->text);
  if (node->has_value)
    json_object_set_double_member (object, "value", node->value);
  for (guint i = 0; i < 64; i++)
    if ((node->states >> i & 1) != 0 && glb_accessible_state_to_string (i) != NULL)
      json_array_add_string_element (states, glb_accessible_state_to_string (i));
  json_object_set_array_member (object, "states", states);
  for (guint i = 0; i < 4; i++)
    json_array_add_int_element (bounds, node->bounds[i]);
  json_object_set_array_member (object, "bounds", bounds);
  for (guint i = 0; i < node->children->len; i++)
    {
      const Node *child = g_ptr_array_index (node->children, i);

      if (child->answered && shows (child))
        json_array_add_element (children, describe (child));
    }
  if (json_array_get_length (children) > 0)
    json_object_set_array_member (object, "children", json_array_ref (children));
  json_array_unref (children);
  json_node_take_object (result, object);
  return result;
}

static void
ref_free (gpointer ref)
{
  glb_accessible_ref_free (ref);
}

static void
json_free (gpointer node)
{
  g_clear_pointer ((JsonNode **) &node, json_node_unref);
}

static void
return_trees (Walk *walk, GTask *task)
{
  g_autoptr(GPtrArray) trees = g_ptr_array_new_with_free_func (json_free);

  for (guint i = 0; i < walk->roots->len; i++)
    {
      const Node *node = g_ptr_array_index (walk->roots, i);

      g_ptr_array_add (trees, node->answered ? describe (node) : NULL);
    }
  g_object_set_data (G_OBJECT (task), "truncated", GINT_TO_POINTER (walk->truncated));
  g_task_return_pointer (task, g_steal_pointer (&trees), (GDestroyNotify) g_ptr_array_unref);
}

static void
return_focus (Walk *walk, GTask *task)
{
  const GlbAccessibleRef *ref = walk->focused != NULL ? walk->focused->ref : NULL;

  g_task_return_pointer (task, ref != NULL ? glb_accessible_ref_new (ref->owner, ref->path) : NULL, ref_free);
}

static void
finish (Walk *walk)
{
  g_autoptr(GTask) task = g_steal_pointer (&walk->task);

  walk->over = TRUE;
  g_clear_handle_id (&walk->deadline_id, g_source_remove);
  if (walk->limits.focus_only)
    return_focus (walk, task);
  else
    return_trees (walk, task);
  g_cancellable_cancel (walk->cancellable);
  walk_unref (walk);
}

static gboolean
on_deadline (gpointer user_data)
{
  Walk *walk = user_data;

  walk->deadline_id = 0;
  walk->truncated = TRUE;
  finish (walk);
  return G_SOURCE_REMOVE;
}

/* A level is asked when the one above it has answered, so that what is cut off is the deepest. */
static void
go_on (Walk *walk)
{
  while (walk->n_busy == 0 && !g_queue_is_empty (&walk->parents))
    add_children (walk, g_queue_pop_head (&walk->parents));
  if (g_queue_is_empty (&walk->waiting) && walk->n_busy == 0)
    {
      finish (walk);
      return;
    }

  while (walk->n_busy < BUSY_MAX && !g_queue_is_empty (&walk->waiting))
    {
      Node *node = g_queue_pop_head (&walk->waiting);

      walk->n_busy++;
      call (node, GLB_ACCESSIBLE_INTERFACE, "GetState", NULL, "(au)", states_cb);
    }
}

void
glb_accessible_walk_async (GDBusConnection           *bus,
                           GPtrArray                 *roots,
                           const GlbAccessibleLimits *limits,
                           GAsyncReadyCallback        callback,
                           gpointer                   user_data)
{
  Walk *walk = g_rc_box_new0 (Walk);

  walk->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (walk->task, glb_accessible_walk_async);
  walk->bus = g_object_ref (bus);
  walk->limits = *limits;
  walk->cancellable = g_cancellable_new ();
  walk->roots = g_ptr_array_new_with_free_func (node_free);
  walk->seen = g_hash_table_new (glb_accessible_ref_hash, glb_accessible_ref_equal);
  walk->deadline_id = g_timeout_add (limits->deadline_ms, on_deadline, walk);
  for (guint i = 0; i < roots->len; i++)
    {
      const GlbAccessibleRef *ref = g_ptr_array_index (roots, i);

      add_node (walk, walk->roots, glb_accessible_ref_new (ref->owner, ref->path), 0);
    }
  go_on (walk);
}

GPtrArray *
glb_accessible_walk_finish (GAsyncResult *result, gboolean *truncated)
{
  *truncated = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (result), "truncated"));
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

GlbAccessibleRef *
glb_accessible_walk_finish_focus (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
