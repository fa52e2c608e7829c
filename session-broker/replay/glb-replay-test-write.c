/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-test.h"

#include "policies/glb-json-writer.h"

/* One member a line, one step a block of lines: what a person edits, and a diff shows. */

static char *
object_to_text (JsonObject *object)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), object);

  return glb_json_write (node);
}

static JsonObject *
window_to_object (const GlbReplayWindow *window)
{
  JsonObject *object = json_object_new ();

  if (window->app_id != NULL)
    json_object_set_string_member (object, "appId", window->app_id);
  if (window->title != NULL)
    json_object_set_string_member (object, "title", window->title);
  return object;
}

static JsonObject *
when_to_object (const GlbReplayWhen *when)
{
  JsonObject *object = json_object_new ();

  if (when->window != NULL)
    json_object_set_object_member (object, "window", window_to_object (when->window));
  if (when->element != NULL)
    json_object_set_object_member (object, "element", json_object_ref (when->element));
  if (when->text != NULL)
    json_object_set_string_member (object, "text", when->text);
  if (when->colour != NULL)
    json_object_set_object_member (object, "colour", json_object_ref (when->colour));
  if (when->quiet_ms > 0)
    json_object_set_int_member (object, "quietMs", when->quiet_ms);
  if (when->gone)
    json_object_set_boolean_member (object, "gone", TRUE);
  if (when->timeout_ms != GLB_REPLAY_TIMEOUT_MS_DEFAULT)
    json_object_set_int_member (object, "timeoutMs", when->timeout_ms);
  return object;
}

static JsonObject *
anchor_to_object (const GlbReplayAnchor *anchor)
{
  JsonObject *object = json_object_new ();
  JsonArray *offset;

  if (anchor->element != NULL)
    json_object_set_object_member (object, "element", json_object_ref (anchor->element));
  if (anchor->window != NULL)
    json_object_set_object_member (object, "window", window_to_object (anchor->window));
  if (!anchor->has_offset)
    return object;

  offset = json_array_new ();
  json_array_add_int_element (offset, anchor->x);
  json_array_add_int_element (offset, anchor->y);
  json_object_set_array_member (object, "offset", offset);
  return object;
}

static JsonArray *
masks_to_array (const GArray *masks)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < masks->len; i++)
    {
      const GlbReplayRect *mask = &g_array_index (masks, GlbReplayRect, i);
      JsonArray *numbers = json_array_new ();

      json_array_add_int_element (numbers, mask->x);
      json_array_add_int_element (numbers, mask->y);
      json_array_add_int_element (numbers, mask->width);
      json_array_add_int_element (numbers, mask->height);
      json_array_add_array_element (array, numbers);
    }
  return array;
}

static void
add_wish (JsonObject                 *object,
          const GlbReplayCompareWish *wish)
{
  if (wish->has_mode)
    json_object_set_string_member (object, "mode", glb_replay_compare_mode_to_string (wish->mode));
  if (wish->has_colour)
    json_object_set_double_member (object, "colour", wish->colour);
  if (wish->has_threshold)
    json_object_set_int_member (object, "threshold", wish->threshold);
  if (wish->masks != NULL)
    json_object_set_array_member (object, "masks", masks_to_array (wish->masks));
}

static JsonObject *
expect_to_object (const GlbReplayStep *step)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "screen", step->screen);
  add_wish (object, &step->compare);
  return object;
}

/* Takes taken_text. */
static void
write_member (GString    *out,
              const char *indent,
              gboolean   *first,
              const char *name,
              char       *taken_text)
{
  g_autofree char *text = taken_text;

  g_string_append_printf (out, "%s%s\"%s\": %s", *first ? "\n" : ",\n", indent, name, text);
  *first = FALSE;
}

static void
write_object (GString    *out,
              const char *indent,
              gboolean   *first,
              const char *name,
              JsonObject *taken_object)
{
  write_member (out, indent, first, name, object_to_text (taken_object));
  json_object_unref (taken_object);
}

static void
write_string (GString    *out,
              const char *indent,
              gboolean   *first,
              const char *name,
              const char *value)
{
  g_autoptr(JsonNode) node = json_node_init_string (json_node_alloc (), value);

  write_member (out, indent, first, name, glb_json_write (node));
}

static void
write_step (GString             *out,
            const GlbReplayStep *step)
{
  const char *indent = "      ";
  gboolean first = TRUE;

  g_string_append (out, "    {");
  if (step->note != NULL)
    write_string (out, indent, &first, "note", step->note);
  if (step->when != NULL)
    write_object (out, indent, &first, "when", when_to_object (step->when));
  if (step->action != NULL)
    write_object (out, indent, &first, "do", json_object_ref (step->action));
  if (step->at != NULL)
    write_object (out, indent, &first, "at", anchor_to_object (step->at));
  if (step->from != NULL)
    write_object (out, indent, &first, "from", anchor_to_object (step->from));
  if (step->screen != NULL)
    write_object (out, indent, &first, "expect", expect_to_object (step));
  g_string_append (out, "\n    }");
}

static char *
command_to_text (GStrv command)
{
  JsonArray *array = json_array_new ();
  g_autoptr(JsonNode) node = json_node_init_array (json_node_alloc (), array);

  json_array_unref (array);
  for (guint i = 0; command[i] != NULL; i++)
    json_array_add_string_element (array, command[i]);
  return glb_json_write (node);
}

static void
write_head (GString             *out,
            const GlbReplayTest *self,
            gboolean            *first)
{
  g_autoptr(JsonObject) wish = json_object_new ();
  const char *indent = "  ";

  write_member (out, indent, first, "gloveboxTest", g_strdup ("1"));
  if (self->name != NULL)
    write_string (out, indent, first, "name", self->name);
  write_member (out, indent, first, "command", command_to_text (self->command));
  if (self->program != NULL)
    write_string (out, indent, first, "program", self->program);
  if (self->policy != NULL)
    write_object (out, indent, first, "policy", json_object_ref (self->policy));
  else if (self->policy_file != NULL)
    write_string (out, indent, first, "policy", self->policy_file);
  if (self->width > 0)
    {
      write_member (out, indent, first, "width", g_strdup_printf ("%u", self->width));
      write_member (out, indent, first, "height", g_strdup_printf ("%u", self->height));
    }
  if (self->deterministic)
    write_member (out, indent, first, "surroundings", g_strdup ("{\"deterministic\": true}"));
  add_wish (wish, &self->compare);
  if (json_object_get_size (wish) > 0)
    write_object (out, indent, first, "compare", json_object_ref (wish));
}

char *
glb_replay_test_write (const GlbReplayTest *self)
{
  g_autoptr(GString) out = g_string_new ("{");
  gboolean first = TRUE;

  write_head (out, self, &first);
  g_string_append (out, ",\n  \"steps\": [");
  for (guint i = 0; i < self->steps->len; i++)
    {
      g_string_append (out, i == 0 ? "\n" : ",\n");
      write_step (out, g_ptr_array_index (self->steps, i));
    }
  g_string_append (out, "\n  ]\n}\n");
  return g_string_free (g_steal_pointer (&out), FALSE);
}
