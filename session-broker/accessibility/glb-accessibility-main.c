/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-accessibility: what a session's programs say of their windows
 * =====================================================================
 *
 * The broker starts it in the session when somebody first asks for an element
 * of a program. It runs in the agent's sandbox with the agent's rights and
 * holds no other: it asks the programs on the session's accessibility bus and
 * writes down what they say (glb-accessibility-protocol.h). Whoever takes it
 * over, or speaks to the broker in its place, can say no more than what any
 * program could have said of itself.
 */

#define G_LOG_DOMAIN "glovebox-accessibility"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"
#include "session-broker/accessibility/glb-accessibility-protocol.h"
#include "session-broker/accessibility/glb-accessible-focus.h"
#include "session-broker/accessibility/glb-accessible-point.h"
#include "session-broker/accessibility/glb-accessible-toplevels.h"
#include "session-broker/accessibility/glb-accessible-walk.h"

/* Between two words that something changed. */
#define CHANGED_MS 50

static const char * const event_interfaces[] = { "org.a11y.atspi.Event.Object", "org.a11y.atspi.Event.Window" };

typedef struct
{
  GMainLoop *loop;
  GDBusConnection *bus;
  GlbAccessibleToplevels *toplevels;
  GDataInputStream *input;
  GOutputStream *output;
  gboolean watched;
  guint event_ids[G_N_ELEMENTS (event_interfaces)], changed_id;
  gboolean changed;          /* since the last word */
} Program;

typedef struct
{
  Program *program;
  gint64 id;
} Request;

static void read_line (Program *program);

/* ---- what is said ------------------------------------------------------------------ */

/* Takes object. The broker reads all the time; who does not read any more has ended. */
static void
say (Program *program, JsonObject *object)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = glb_json_write (node);
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  json_object_unref (object);
  if (!g_output_stream_write_all (program->output, line, strlen (line), NULL, NULL, NULL))
    g_main_loop_quit (program->loop);
}

/* Takes request. */
static JsonObject *
begin_answer (Request *request)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", request->id);
  g_free (request);
  return object;
}

static void
say_failed (Program *program, Request *request, const char *why)
{
  JsonObject *object = begin_answer (request);

  json_object_set_string_member (object, "failed", why);
  say (program, object);
}

static void
say_node (Program *program, Request *request, JsonNode *node, gboolean truncated)
{
  JsonObject *object;

  if (node == NULL)
    {
      say_failed (program, request, "the program does not answer");
      return;
    }

  object = begin_answer (request);
  json_object_set_member (object, "node", json_node_ref (node));
  json_object_set_boolean_member (object, "truncated", truncated);
  say (program, object);
}

/* ---- requests ---------------------------------------------------------------------- */

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  Program *program = request->program;
  JsonObject *object = begin_answer (request);
  guint n_silent;
  JsonArray *array = glb_accessible_toplevels_list_finish (program->toplevels, result, &n_silent);

  json_object_set_array_member (object, "toplevels", array);
  json_object_set_int_member (object, "silent", n_silent);
  say (program, object);
}

static void
walked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  gboolean truncated;
  g_autoptr(GPtrArray) nodes = glb_accessible_walk_finish (result, &truncated);

  say_node (request->program, request, g_ptr_array_index (nodes, 0), truncated);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  g_autoptr(JsonNode) node = glb_accessible_point_finish (result);

  say_node (request->program, request, node, FALSE);
}

static void
focused_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  g_autoptr(JsonNode) node = glb_accessible_focus_finish (result);

  say_node (request->program, request, node, FALSE);
}

static gint64
get_number (JsonObject *object, const char *name, gint64 max)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return 0;
  return CLAMP (json_node_get_int (node), 0, max);
}

static void
ask_toplevel (Program *program, Request *request, JsonObject *object, const char *name)
{
  const GlbAccessibleRef *ref = glb_accessible_toplevels_find (program->toplevels, (guint) get_number (object, "toplevel", G_MAXINT));
  const GlbAccessibleLimits limits = {
    .max_nodes = (guint) get_number (object, "maxNodes", GLB_ACCESSIBILITY_NODES_MAX),
    .max_depth = (guint) get_number (object, "maxDepth", GLB_ACCESSIBILITY_DEPTH_MAX),
    .deadline_ms = (guint) get_number (object, "deadlineMs", G_MAXINT),
  };
  g_autoptr(GPtrArray) roots = g_ptr_array_new ();

  if (ref == NULL)
    {
      say_failed (program, request, "there is no such window any more");
      return;
    }

  g_ptr_array_add (roots, (gpointer) ref);
  if (g_str_equal (name, "tree"))
    glb_accessible_walk_async (program->bus, roots, &limits, walked_cb, request);
  else if (g_str_equal (name, "focus"))
    glb_accessible_focus_async (program->bus, ref, limits.deadline_ms, focused_cb, request);
  else
    glb_accessible_point_async (program->bus, ref, (int) get_number (object, "x", G_MAXINT), (int) get_number (object, "y", G_MAXINT),
                                limits.deadline_ms, found_cb, request);
}

/* ---- changes ------------------------------------------------------------------------ */

static gboolean
on_changed_over (gpointer user_data)
{
  Program *program = user_data;
  JsonObject *object;

  if (!program->changed)
    {
      program->changed_id = 0;
      return G_SOURCE_REMOVE;
    }

  program->changed = FALSE;
  object = json_object_new ();
  json_object_set_string_member (object, "event", "changed");
  say (program, object);
  return G_SOURCE_CONTINUE;
}

static void
on_event (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *name, GVariant *arguments,
          gpointer user_data)
{
  Program *program = user_data;

  program->changed = TRUE;
  if (program->changed_id != 0)
    return;
  program->changed_id = g_timeout_add (CHANGED_MS, on_changed_over, program);
  on_changed_over (program);
}

static void
watch (Program *program, gboolean on)
{
  if (on == program->watched)
    return;

  program->watched = on;
  glb_accessible_bus_watch (program->bus, on);
  for (guint i = 0; i < G_N_ELEMENTS (event_interfaces); i++)
    if (on)
      program->event_ids[i] = g_dbus_connection_signal_subscribe (program->bus, NULL, event_interfaces[i], NULL, NULL, NULL,
                                                                  G_DBUS_SIGNAL_FLAGS_NONE, on_event, program, NULL);
    else
      g_dbus_connection_signal_unsubscribe (program->bus, program->event_ids[i]);
}

/* ---- the broker ---------------------------------------------------------------------- */

static void
handle (Program *program, JsonObject *object)
{
  const char *name = json_object_get_string_member_with_default (object, "request", "");
  Request *request;

  if (g_str_equal (name, "watch"))
    {
      watch (program, json_object_get_boolean_member_with_default (object, "on", FALSE));
      return;
    }

  request = g_new0 (Request, 1);
  request->program = program;
  request->id = get_number (object, "id", G_MAXINT64);
  if (g_str_equal (name, "toplevels"))
    glb_accessible_toplevels_list_async (program->toplevels, (guint) get_number (object, "deadlineMs", G_MAXINT), listed_cb, request);
  else if (g_str_equal (name, "tree") || g_str_equal (name, "at") || g_str_equal (name, "focus"))
    ask_toplevel (program, request, object, name);
  else
    say_failed (program, request, "there is no such request");
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  gsize length = 0;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, &length, NULL);
  g_autoptr(JsonNode) root = line != NULL ? glb_strict_json_parse (line, length, GLB_STRICT_JSON_DEFAULT, NULL, NULL, NULL) : NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_main_loop_quit (program->loop);
      return;
    }

  handle (program, json_node_get_object (root));
  read_line (program);
}

static void
read_line (Program *program)
{
  g_data_input_stream_read_line_async (program->input, G_PRIORITY_DEFAULT, NULL, line_cb, program);
}

static void
on_bus_closed (GDBusConnection *bus, gboolean vanished, GError *error, gpointer user_data)
{
  g_main_loop_quit (((Program *) user_data)->loop);
}

static int
fail (Program *program, const GError *error)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "error", error->message);
  say (program, object);
  return 1;
}

int
main (int argc, char **argv)
{
  Program program = { g_main_loop_new (NULL, FALSE) };
  g_autoptr(GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr(GError) error = NULL;
  JsonObject *hello;

  program.output = g_unix_output_stream_new (STDOUT_FILENO, FALSE);
  program.input = g_data_input_stream_new (input);
  program.bus = glb_accessible_bus_connect (&error);
  if (program.bus == NULL)
    return fail (&program, error);

  program.toplevels = glb_accessible_toplevels_new (program.bus);
  g_dbus_connection_set_exit_on_close (program.bus, FALSE);
  g_signal_connect (program.bus, "closed", G_CALLBACK (on_bus_closed), &program);
  hello = json_object_new ();
  json_object_set_int_member (hello, "hello", GLB_ACCESSIBILITY_PROTOCOL);
  say (&program, hello);
  read_line (&program);
  g_main_loop_run (program.loop);
  return 0;
}
