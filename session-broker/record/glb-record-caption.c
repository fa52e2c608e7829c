/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/record/glb-record-caption.h"

#include <string.h>

#include "session-broker/record/glb-record-json.h"

/* " 320,240" */
static void
add_point (GString    *text,
           JsonObject *action,
           const char *name,
           const char *before)
{
  JsonNode *node = json_object_get_member (action, name);
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) != 2)
    return;
  for (guint i = 0; i < 2; i++)
    {
      JsonNode *side = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (side))
        return;
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i == 0 ? before : ",", json_node_get_int (side));
    }
}

/* Typed text is quoted, names of keys are not; of masked ones there is the number. */
static void
add_text (GString    *text,
          JsonObject *action)
{
  const char *typed = glb_record_json_get_string (action, "text");
  gint64 characters;

  if (typed != NULL && g_strcmp0 (glb_record_json_get_string (action, "action"), "type") == 0)
    g_string_append_printf (text, " “%s”", typed);
  else if (typed != NULL)
    g_string_append_printf (text, " %s", typed);
  else if (glb_record_json_get_int (glb_record_json_get_object (action, "text"), "characters", &characters))
    g_string_append_printf (text, " (%" G_GINT64_FORMAT " masked)", characters);
}

static void
add_target (GString    *text,
            JsonObject *action)
{
  static const char * const names[] = { "name", "text", "role", NULL };
  JsonObject *target = glb_record_json_get_object (action, "target");
  const char *found = NULL;

  for (guint i = 0; found == NULL && names[i] != NULL; i++)
    found = glb_record_json_get_string (target, names[i]);
  if (found != NULL)
    g_string_append_printf (text, " “%s”", found);
}

static void
add_result (GString    *text,
            JsonObject *record)
{
  JsonObject *result = glb_record_json_get_object (record, "result");
  const char *status = glb_record_json_get_string (result, "status");
  const char *code = glb_record_json_get_string (result, "code");

  if (status == NULL || strcmp (status, "delivered") == 0)
    return;
  g_string_append_printf (text, " (%s", status);
  if (code != NULL)
    g_string_append_printf (text, ": %s", code);
  g_string_append_c (text, ')');
}

static void
describe_action (GString    *text,
                 JsonObject *record)
{
  JsonObject *action = glb_record_json_get_object (record, "action");
  const char *kind = glb_record_json_get_string (action, "action");
  const char *actor = glb_record_json_get_string (record, "actor");
  const char *direction = glb_record_json_get_string (action, "scroll_direction");
  const char *app = glb_record_json_get_string (glb_record_json_get_object (record, "window"), "appId");
  gint64 amount;

  if (kind == NULL || actor == NULL)
    return;
  g_string_append_printf (text, "%s: %s", actor, kind);
  add_point (text, action, "start_coordinate", " from ");
  add_point (text, action, "coordinate", json_object_has_member (action, "start_coordinate") ? " to " : " ");
  add_target (text, action);
  if (direction != NULL)
    g_string_append_printf (text, " %s", direction);
  if (glb_record_json_get_int (action, "scroll_amount", &amount))
    g_string_append_printf (text, " %" G_GINT64_FORMAT, amount);
  add_text (text, action);
  if (app != NULL && app[0] != '\0')
    g_string_append_printf (text, " in %s", app);
  add_result (text, record);
}

static void
describe_prompt (GString    *text,
                 JsonObject *record)
{
  const char *kind = glb_record_json_get_string (record, "kind");
  const char *title = glb_record_json_get_string (record, "title");

  if (kind == NULL)
    return;
  g_string_append_printf (text, "asks: %s", kind);
  if (title != NULL && title[0] != '\0')
    g_string_append_printf (text, ", %s", title);
}

static void
describe_answer (GString    *text,
                 JsonObject *record)
{
  const char *verdict = glb_record_json_get_string (record, "verdict");
  const char *why = glb_record_json_get_string (record, "why");

  if (verdict == NULL)
    return;
  g_string_append_printf (text, "answer: %s", verdict);
  if (why != NULL)
    g_string_append_printf (text, " (%s)", why);
}

static void
describe_word (GString    *text,
               const char *what,
               const char *word)
{
  if (word != NULL)
    g_string_append_printf (text, "%s: %s", what, word);
}

/* What would break a line, or turn its direction, is a "�" of its own. */
static char *
clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr(GString) cleaned = g_string_new (NULL);
  guint n = 0;

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (n++ == GLB_RECORD_CAPTION_MAX - 1 && *g_utf8_next_char (c) != '\0')
        {
          g_string_append (cleaned, "…");
          break;
        }
      if (character == '\n')
        g_string_append (cleaned, "⏎");
      else if (g_unichar_isprint (character) && g_unichar_type (character) != G_UNICODE_FORMAT)
        g_string_append_unichar (cleaned, character);
      else
        g_string_append (cleaned, "�");
    }
  return g_string_free (g_steal_pointer (&cleaned), FALSE);
}

char *
glb_record_caption (JsonObject *untrusted_record)
{
  const char *type = glb_record_json_get_string (untrusted_record, "type");
  g_autoptr(GString) text = g_string_new (NULL);

  if (g_strcmp0 (type, "action") == 0)
    describe_action (text, untrusted_record);
  else if (g_strcmp0 (type, "prompt") == 0)
    describe_prompt (text, untrusted_record);
  else if (g_strcmp0 (type, "answer") == 0)
    describe_answer (text, untrusted_record);
  else if (g_strcmp0 (type, "driver") == 0)
    describe_word (text, "driver", glb_record_json_get_string (untrusted_record, "driver"));
  else if (g_strcmp0 (type, "session-end") == 0)
    describe_word (text, "session ended", glb_record_json_get_string (untrusted_record, "reason"));
  return text->len > 0 ? clean (text->str) : NULL;
}
