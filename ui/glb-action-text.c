/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-action-text.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

typedef struct
{
  const char *action;
  const char *done;        /* "Clicked" */
} Verb;

static const Verb verbs[] = {
  { "mouse_move",      N_("Moved the pointer") },
  { "left_click",      N_("Clicked") },
  { "right_click",     N_("Right-clicked") },
  { "middle_click",    N_("Middle-clicked") },
  { "double_click",    N_("Double-clicked") },
  { "triple_click",    N_("Triple-clicked") },
  { "left_mouse_down", N_("Pressed the button") },
  { "left_mouse_up",   N_("Released the button") },
  { "left_click_drag", N_("Dragged") },
  { "scroll",          N_("Scrolled") },
  { "key",             N_("Pressed") },
  { "hold_key",        N_("Held") },
  { "type",            N_("Typed") },
  { "device_request",  N_("Asked for a device") },
};

/* (nullable): it only looks, or waits */
static const char *
get_verb (const char *action)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_strcmp0 (verbs[i].action, action) == 0)
      return _(verbs[i].done);

  return NULL;
}

/* Longer ones are cut in the middle: what was typed last is what one sees on the screen. */
#define VISIBLE_MAX 60

static JsonObject *
parse (const char  *text,
       JsonParser **parser)
{
  JsonNode *root;

  *parser = json_parser_new ();
  if (text == NULL || !json_parser_load_from_data (*parser, text, -1, NULL))
    return NULL;

  root = json_parser_get_root (*parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
}

/* (nullable): there is none, or it is no string */
static const char *
get_string (JsonObject *object,
            const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
           ? json_node_get_string (node) : NULL;
}

/* 0: it is no number */
static gint64
get_integer (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
           ? json_node_get_int (node) : 0;
}

static gboolean
get_place (JsonObject *action,
           int        *x,
           int        *y)
{
  JsonNode *node = json_object_get_member (action, "coordinate");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) != 2)
    return FALSE;

  *x = (int) CLAMP (get_integer (json_array_get_element (array, 0)), 0, G_MAXUINT16);
  *y = (int) CLAMP (get_integer (json_array_get_element (array, 1)), 0, G_MAXUINT16);

  return TRUE;
}

/* Of what was typed the broker tells all only the number of characters. (transfer full) (nullable) */
static char *
describe_text (JsonObject *action,
               gboolean    typed)
{
  JsonNode *node = json_object_get_member (action, "text");
  gint64 n;

  if (node == NULL)
    return NULL;
  if (get_string (action, "text") != NULL)
    {
      g_autofree char *text = glb_action_text_make_visible (get_string (action, "text"));

      return typed ? g_strdup_printf (_("“%s”"), text) : g_steal_pointer (&text);
    }
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return NULL;

  n = CLAMP (get_integer (json_object_get_member (json_node_get_object (node), "characters")), 0, G_MAXINT);

  return g_strdup_printf (ngettext ("%d character", "%d characters", n), (int) n);
}

static char *
make_title (GlbActionText *self,
            const char    *actor,
            const char    *verb,
            const char    *name,
            JsonObject    *action)
{
  g_autofree char *text = describe_text (action, g_str_equal (name, "type"));
  GString *title = g_string_new (NULL);

  if (g_strcmp0 (actor, "human") == 0)
    g_string_append (title, _("You: "));
  if (self->refused)
    g_string_append (title, _("Refused: "));
  g_string_append (title, verb);
  if (text != NULL)
    g_string_append_printf (title, self->shows_text ? " %s" : _(" with %s"), text);
  if (self->has_place)
    g_string_append_printf (title, _(" at %d, %d"), self->x, self->y);

  return g_string_free (title, FALSE);
}

static void
read_result (GlbActionText *self,
             const char    *text)
{
  g_autoptr(JsonParser) parser = NULL;
  JsonObject *result = parse (text, &parser);
  const char *message, *code;

  if (result == NULL || g_strcmp0 (get_string (result, "status"), "refused") != 0)
    return;

  self->refused = TRUE;
  message = get_string (result, "message");
  code = get_string (result, "code");
  self->detail = g_strdup (message != NULL ? message : code);
}

char *
glb_action_text_make_visible (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *visible = g_string_new (NULL);
  glong n = g_utf8_strlen (valid, -1), i = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p), i++)
    {
      gunichar c = g_utf8_get_char (p);

      if (n > VISIBLE_MAX && i == VISIBLE_MAX / 2)
        g_string_append (visible, "…");
      if (n > VISIBLE_MAX && i >= VISIBLE_MAX / 2 && i < n - VISIBLE_MAX / 2)
        continue;
      if (c == '\n' || c == '\r')
        g_string_append (visible, "⏎");
      else if (c == '\t')
        g_string_append (visible, "⇥");
      else if (g_unichar_isprint (c) && !g_unichar_iszerowidth (c))
        g_string_append_unichar (visible, c);
      else
        g_string_append_printf (visible, "‹U+%04X›", c);
    }

  return g_string_free (visible, FALSE);
}

GlbActionText *
glb_action_text_new (const char *actor,
                     const char *action,
                     const char *result)
{
  g_autoptr(JsonParser) parser = NULL;
  JsonObject *object = parse (action, &parser);
  const char *name = object != NULL ? get_string (object, "action") : NULL;
  const char *verb = get_verb (name);
  GlbActionText *self;

  if (verb == NULL)
    return NULL;

  self = g_new0 (GlbActionText, 1);
  read_result (self, result);
  self->has_place = get_place (object, &self->x, &self->y);
  self->shows_text = g_str_equal (name, "type") || g_str_equal (name, "key") || g_str_equal (name, "hold_key");
  self->title = make_title (self, actor, verb, name, object);

  return self;
}

void
glb_action_text_free (GlbActionText *self)
{
  g_free (self->title);
  g_free (self->detail);
  g_free (self);
}
