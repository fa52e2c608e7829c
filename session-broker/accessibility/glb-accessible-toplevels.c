/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-accessibility"
#include "config.h"

#include "session-broker/accessibility/glb-accessibility-protocol.h"
#include "session-broker/accessibility/glb-accessible-toplevels.h"
#include "session-broker/accessibility/glb-accessible-walk.h"

#define REGISTRY     "org.a11y.atspi.Registry"
#define PROGRAMS_MAX 256u
/* Then numbers begin to be forgotten. */
#define NUMBERS_MAX  1024u

struct _GlbAccessibleToplevels
{
  GDBusConnection *bus;
  GHashTable *refs;          /* number to GlbAccessibleRef */
  GHashTable *numbers;       /* GlbAccessibleRef, not owned, to number */
  guint last;
};

typedef struct
{
  GlbAccessibleToplevels *self;
  GTask *task;
  guint deadline_ms;
  guint n_calls, n_silent;
  GPtrArray *refs;           /* GlbAccessibleRef: toplevels found */
  GPtrArray *names;          /* of their programs */
} Listing;

typedef struct
{
  Listing *listing;
  GlbAccessibleRef *ref;
  char *name;                /* (nullable) */
  GVariant *children;        /* (nullable) */
  guint n_calls;
} Program;

static void
ref_free (gpointer ref)
{
  glb_accessible_ref_free (ref);
}

GlbAccessibleToplevels *
glb_accessible_toplevels_new (GDBusConnection *bus)
{
  GlbAccessibleToplevels *self = g_new0 (GlbAccessibleToplevels, 1);

  self->bus = g_object_ref (bus);
  self->refs = g_hash_table_new_full (NULL, NULL, NULL, ref_free);
  self->numbers = g_hash_table_new (glb_accessible_ref_hash, glb_accessible_ref_equal);
  return self;
}

void
glb_accessible_toplevels_free (GlbAccessibleToplevels *self)
{
  g_hash_table_unref (self->numbers);
  g_hash_table_unref (self->refs);
  g_object_unref (self->bus);
  g_free (self);
}

const GlbAccessibleRef *
glb_accessible_toplevels_find (GlbAccessibleToplevels *self, guint number)
{
  return g_hash_table_lookup (self->refs, GUINT_TO_POINTER (number));
}

/* The same object keeps its number. */
static guint
get_number (GlbAccessibleToplevels *self, const GlbAccessibleRef *ref)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, ref));
  GlbAccessibleRef *kept;

  if (number != 0)
    return number;
  if (g_hash_table_size (self->refs) >= NUMBERS_MAX)
    {
      g_hash_table_remove_all (self->numbers);
      g_hash_table_remove_all (self->refs);
    }

  kept = glb_accessible_ref_new (ref->owner, ref->path);
  g_hash_table_insert (self->refs, GUINT_TO_POINTER (++self->last), kept);
  g_hash_table_insert (self->numbers, kept, GUINT_TO_POINTER (self->last));
  return self->last;
}

static void
listing_free (gpointer data)
{
  Listing *listing = data;

  g_ptr_array_unref (listing->refs);
  g_ptr_array_unref (listing->names);
  g_free (listing);
}

static void
walked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Listing *listing = user_data;
  GTask *task = listing->task;
  JsonArray *array = json_array_new ();
  gboolean truncated;
  g_autoptr(GPtrArray) nodes = glb_accessible_walk_finish (result, &truncated);

  for (guint i = 0; i < nodes->len; i++)
    {
      JsonNode *node = g_ptr_array_index (nodes, i);
      JsonObject *object;

      if (node == NULL)
        continue;
      object = json_object_new ();
      json_object_set_int_member (object, "toplevel", get_number (listing->self, g_ptr_array_index (listing->refs, i)));
      json_object_set_string_member (object, "application", g_ptr_array_index (listing->names, i));
      json_object_set_member (object, "node", json_node_ref (node));
      json_array_add_object_element (array, object);
    }
  g_task_return_pointer (task, array, (GDestroyNotify) json_array_unref);
  g_object_unref (task);
}

static void
ask_toplevels (Listing *listing)
{
  const GlbAccessibleLimits limits = { .max_nodes = GLB_ACCESSIBILITY_TOPLEVELS_MAX, .deadline_ms = listing->deadline_ms / 2 + 1 };

  glb_accessible_walk_async (listing->self->bus, listing->refs, &limits, walked_cb, listing);
}

static void
end_program (Program *program)
{
  Listing *listing = program->listing;

  if (--program->n_calls > 0)
    return;

  if (program->children == NULL)
    listing->n_silent++;
  for (gsize i = 0; program->children != NULL && i < g_variant_n_children (program->children); i++)
    {
      g_autoptr(GVariant) value = g_variant_get_child_value (program->children, i);
      GlbAccessibleRef *ref = listing->refs->len < GLB_ACCESSIBILITY_TOPLEVELS_MAX ? glb_accessible_ref_from_variant (value) : NULL;

      if (ref == NULL)
        continue;
      g_ptr_array_add (listing->refs, ref);
      g_ptr_array_add (listing->names, g_strdup (program->name != NULL ? program->name : ""));
    }
  glb_accessible_ref_free (program->ref);
  g_free (program->name);
  g_clear_pointer (&program->children, g_variant_unref);
  g_free (program);
  if (--listing->n_calls == 0)
    ask_toplevels (listing);
}

static void
name_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr(GVariant) value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    program->name = g_utf8_substring (g_variant_get_string (value, NULL), 0,
                                      MIN (g_utf8_strlen (g_variant_get_string (value, NULL), -1), (glong) GLB_ACCESSIBILITY_NAME_MAX));
  end_program (program);
}

static void
children_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (reply != NULL)
    program->children = g_variant_get_child_value (reply, 0);
  end_program (program);
}

/* Takes ref. */
static void
ask_program (Listing *listing, GlbAccessibleRef *ref)
{
  Program *program = g_new0 (Program, 1);
  int timeout_ms = (int) listing->deadline_ms / 2 + 1;

  program->listing = listing;
  program->ref = ref;
  program->n_calls = 2;
  listing->n_calls++;
  glb_accessible_ref_get (ref, listing->self->bus, GLB_ACCESSIBLE_INTERFACE, "Name", timeout_ms, NULL, name_cb, program);
  glb_accessible_ref_call (ref, listing->self->bus, GLB_ACCESSIBLE_INTERFACE, "GetChildren", NULL, "(a(so))", timeout_ms, NULL,
                           children_cb, program);
}

static void
programs_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Listing *listing = user_data;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr(GVariant) programs = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;

  for (gsize i = 0; programs != NULL && i < MIN (g_variant_n_children (programs), PROGRAMS_MAX); i++)
    {
      g_autoptr(GVariant) value = g_variant_get_child_value (programs, i);
      GlbAccessibleRef *ref = glb_accessible_ref_from_variant (value);

      if (ref != NULL)
        ask_program (listing, ref);
    }
  if (listing->n_calls == 0)
    ask_toplevels (listing);
}

void
glb_accessible_toplevels_list_async (GlbAccessibleToplevels *self, guint deadline_ms, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GlbAccessibleRef) registry = glb_accessible_ref_new (REGISTRY, GLB_ACCESSIBLE_ROOT);
  Listing *listing = g_new0 (Listing, 1);

  listing->self = self;
  listing->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (listing->task, glb_accessible_toplevels_list_async);
  g_task_set_task_data (listing->task, listing, listing_free);
  listing->deadline_ms = deadline_ms;
  listing->refs = g_ptr_array_new_with_free_func (ref_free);
  listing->names = g_ptr_array_new_with_free_func (g_free);
  glb_accessible_ref_call (registry, self->bus, GLB_ACCESSIBLE_INTERFACE, "GetChildren", NULL, "(a(so))", (int) deadline_ms, NULL,
                           programs_cb, listing);
}

JsonArray *
glb_accessible_toplevels_list_finish (GlbAccessibleToplevels *self, GAsyncResult *result, guint *n_silent)
{
  const Listing *listing = g_task_get_task_data (G_TASK (result));

  *n_silent = listing->n_silent;
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
