/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-dialect-reader.h"

#include <math.h>
#include <string.h>

#include "policies/glb-strict-json.h"

#define QUOTE_CHARACTERS_MAX 40

/* What browsers scroll in three lines of text, and what the models' providers take for one click of a wheel. */
#define PIXELS_PER_CLICK 120

static gboolean
has_word (const char *words,
          const char *word)
{
  gsize length = strlen (word);

  for (const char *p = words; length > 0 && (p = strstr (p, word)) != NULL; p += length)
    if ((p == words || p[-1] == ' ') && (p[length] == ' ' || p[length] == '\0'))
      return TRUE;
  return FALSE;
}

/* (transfer full) */
static char *
list_words (const char *words)
{
  g_auto(GStrv) split = g_strsplit (words, " ", -1);
  GString *list = g_string_new (NULL);

  for (guint i = 0; split[i] != NULL; i++)
    if (*split[i] != '\0')
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", split[i]);
  return g_string_free (list, FALSE);
}

gboolean
glb_dialect_check_members (JsonObject  *untrusted_object,
                           const char  *what,
                           const char  *possible,
                           GError     **error)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init (&iter, untrusted_object);
  while (json_object_iter_next (&iter, &member, &node))
    if (strchr (member, ' ') != NULL || !has_word (possible, member))
      {
        g_autofree char *quoted = glb_strict_json_printable (member, -1, QUOTE_CHARACTERS_MAX);
        g_autofree char *list = list_words (possible);

        g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "%s does not take \"%s\"; possible members: %s",
                     what, quoted, *list != '\0' ? list : "none");
        return FALSE;
      }
  return TRUE;
}

static const GlbDialectRow *
find_row (const GlbDialectRow *rows,
          GlbDialect           dialect,
          const char          *untrusted_name,
          GError             **error)
{
  g_autofree char *quoted = NULL;
  g_autoptr(GString) list = g_string_new (NULL);

  for (const GlbDialectRow *row = rows; row->name != NULL; row++)
    {
      if (strcmp (row->name, untrusted_name) == 0)
        return row;
      if (row->translate != NULL)
        g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", row->name);
    }

  quoted = glb_strict_json_printable (untrusted_name, -1, QUOTE_CHARACTERS_MAX);
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED,
               "There is no action \"%s\" in the dialect %s; possible actions: %s",
               quoted, glb_dialect_to_string (dialect), list->str);
  return NULL;
}

static gboolean
check_needed (GlbDialectReader     *self,
              const GlbDialectRow  *row,
              GError              **error)
{
  g_auto(GStrv) needed = g_strsplit (row->needed, " ", -1);

  for (guint i = 0; needed[i] != NULL; i++)
    if (glb_dialect_reader_peek (self, needed[i]) == NULL)
      {
        g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "%s needs %s", row->name, needed[i]);
        return FALSE;
      }
  return TRUE;
}

gboolean
glb_dialect_reader_translate (GlbDialectReader     *self,
                              const GlbDialectRow  *rows,
                              const char           *tag,
                              const char           *untrusted_name,
                              JsonObject           *untrusted_members,
                              GError              **error)
{
  const GlbDialectRow *row = find_row (rows, self->call->dialect, untrusted_name, error);
  g_autofree char *possible = NULL;

  if (row == NULL)
    return FALSE;

  self->action = row->name;
  self->argument = row->argument;
  self->untrusted = untrusted_members;
  if (row->translate == NULL)
    return glb_dialect_reader_unsupported (self, row->argument, error);

  possible = g_strjoin (" ", row->needed, row->optional, tag, NULL);
  return glb_dialect_check_members (untrusted_members, row->name, possible, error) &&
         check_needed (self, row, error) && row->translate (self, error);
}

gboolean
glb_dialect_reader_malformed (GlbDialectReader  *self,
                              const char        *name,
                              const char        *expected,
                              GError           **error)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_MALFORMED, "%s: %s must be %s", self->action, name, expected);
  return FALSE;
}

gboolean
glb_dialect_reader_unsupported (GlbDialectReader  *self,
                                const char        *instead,
                                GError           **error)
{
  g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_UNSUPPORTED, "%s: %s", self->action, instead);
  return FALSE;
}

JsonNode *
glb_dialect_reader_peek (GlbDialectReader *self,
                         const char       *name)
{
  JsonNode *node = *name != '\0' ? json_object_get_member (self->untrusted, name) : NULL;

  return node == NULL || JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

const char *
glb_dialect_node_peek_string (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

/* Whole numbers may come as 500.0: protocols in between know doubles only. */
static gboolean
node_get_whole (JsonNode *node,
                double   *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *value = json_node_get_double (node);
  return isfinite (*value) && *value == floor (*value);
}

static gboolean
node_get_int (GlbDialectReader  *self,
              JsonNode          *untrusted_node,
              const char        *name,
              int                min,
              int                max,
              int               *value,
              GError           **error)
{
  double number;

  if (!node_get_whole (untrusted_node, &number))
    return glb_dialect_reader_malformed (self, name, "a whole number", error);
  if (number < min || number > max)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE, "%s: %s must be within %d to %d",
                   self->action, name, min, max);
      return FALSE;
    }
  *value = number;
  return TRUE;
}

gboolean
glb_dialect_reader_get_int (GlbDialectReader  *self,
                            const char        *name,
                            int                min,
                            int                max,
                            int               *value,
                            GError           **error)
{
  JsonNode *untrusted_node = glb_dialect_reader_peek (self, name);

  return untrusted_node == NULL || node_get_int (self, untrusted_node, name, min, max, value, error);
}

gboolean
glb_dialect_reader_get_boolean (GlbDialectReader  *self,
                                const char        *name,
                                gboolean          *value,
                                GError           **error)
{
  JsonNode *untrusted_node = glb_dialect_reader_peek (self, name);

  if (untrusted_node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (untrusted_node) || json_node_get_value_type (untrusted_node) != G_TYPE_BOOLEAN)
    return glb_dialect_reader_malformed (self, name, "true or false", error);
  *value = json_node_get_boolean (untrusted_node);
  return TRUE;
}

gboolean
glb_dialect_reader_get_string (GlbDialectReader  *self,
                               const char        *name,
                               const char       **value,
                               GError           **error)
{
  JsonNode *untrusted_node = glb_dialect_reader_peek (self, name);

  if (untrusted_node == NULL)
    return TRUE;
  *value = glb_dialect_node_peek_string (untrusted_node);
  return *value != NULL || glb_dialect_reader_malformed (self, name, "a string", error);
}

gboolean
glb_dialect_reader_get_point (GlbDialectReader  *self,
                              const char        *name_x,
                              const char        *name_y,
                              int               *x,
                              int               *y,
                              GError           **error)
{
  int model_x = 0, model_y = 0;

  if (!glb_dialect_reader_get_int (self, name_x, 0, self->screen.model_width - 1, &model_x, error) ||
      !glb_dialect_reader_get_int (self, name_y, 0, self->screen.model_height - 1, &model_y, error))
    return FALSE;
  glb_model_screen_to_screen (&self->screen, model_x, model_y, x, y);
  return TRUE;
}

/* The names of one string: "control+a"; the last may be the plus key itself. (transfer full) (element-type utf8) */
static GPtrArray *
split_joined (const char *untrusted_text)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *start = untrusted_text;
  const char *plus;

  while (*start != '\0' && (plus = strchr (start + 1, '+')) != NULL)
    {
      g_ptr_array_add (names, g_strndup (start, plus - start));
      start = plus + 1;
    }
  g_ptr_array_add (names, g_strdup (start));
  return names;
}

/* (transfer full) (nullable) (element-type utf8): NULL: not what it may be */
static GPtrArray *
read_key_names (JsonNode *untrusted_node,
                gboolean  joined)
{
  const char *untrusted_text = glb_dialect_node_peek_string (untrusted_node);
  g_autoptr(GPtrArray) names = NULL;
  JsonArray *array;

  if (joined && untrusted_text != NULL)
    return split_joined (untrusted_text);
  if (!JSON_NODE_HOLDS_ARRAY (untrusted_node))
    return NULL;

  names = g_ptr_array_new_with_free_func (g_free);
  array = json_node_get_array (untrusted_node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *untrusted_name = glb_dialect_node_peek_string (json_array_get_element (array, i));

      if (untrusted_name == NULL)
        return NULL;
      g_ptr_array_add (names, g_strdup (untrusted_name));
    }
  return g_steal_pointer (&names);
}

/* One of our key names, which has no separator in it; NULL: it is none. Models write a combination's letters in capitals and
 * mean the keys: that is no Shift. (transfer full) (nullable) */
static char *
translate_key (const char *untrusted_name,
               gboolean    combined)
{
  if (strcmp (untrusted_name, " ") == 0)
    return g_strdup ("space");
  if (strcmp (untrusted_name, "+") == 0)
    return g_strdup ("plus");
  if (g_ascii_strcasecmp (untrusted_name, "ControlOrMeta") == 0)
    return g_strdup ("ctrl");
  if (*untrusted_name == '\0' || strpbrk (untrusted_name, " +") != NULL)
    return NULL;
  if (combined && g_ascii_isupper (untrusted_name[0]) && untrusted_name[1] == '\0')
    return g_ascii_strdown (untrusted_name, 1);
  return g_strdup (untrusted_name);
}

gboolean
glb_dialect_reader_get_chord (GlbDialectReader  *self,
                              const char        *name,
                              gboolean           joined,
                              char             **chord,
                              GError           **error)
{
  const char *expected = joined ? "made of names of single keys, as [\"control\", \"a\"] or \"control+a\""
                                : "made of names of single keys, as [\"CTRL\", \"A\"]";
  JsonNode *untrusted_node = glb_dialect_reader_peek (self, name);
  g_autoptr(GPtrArray) names = NULL;
  g_autoptr(GString) text = g_string_new (NULL);

  if (untrusted_node == NULL)
    return TRUE;
  names = read_key_names (untrusted_node, joined);
  if (names == NULL)
    return glb_dialect_reader_malformed (self, name, expected, error);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *key = translate_key (g_ptr_array_index (names, i), names->len > 1);

      if (key == NULL)
        return glb_dialect_reader_malformed (self, name, expected, error);
      g_string_append_printf (text, "%s%s", i > 0 ? "+" : "", key);
    }
  if (names->len > 0)
    *chord = g_strdup (text->str);
  return TRUE;
}

JsonObject *
glb_dialect_object_new (const char *action)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "action", action);
  return object;
}

void
glb_dialect_object_set_point (JsonObject *object,
                              const char *name,
                              int         x,
                              int         y)
{
  JsonArray *array = json_array_sized_new (2);

  json_array_add_int_element (array, x);
  json_array_add_int_element (array, y);
  json_object_set_array_member (object, name, array);
}

JsonObject *
glb_dialect_object_new_at (const char *action,
                           int         x,
                           int         y)
{
  JsonObject *object = glb_dialect_object_new (action);

  glb_dialect_object_set_point (object, "coordinate", x, y);
  return object;
}

gboolean
glb_dialect_reader_add (GlbDialectReader  *self,
                        JsonObject        *object,
                        GError           **error)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  GlbAction *action;

  json_node_take_object (node, object);
  if (self->call->actions->len == GLB_DIALECT_ACTIONS_MAX)
    {
      g_set_error (error, GLB_ACTION_ERROR, GLB_ACTION_ERROR_OUT_OF_RANGE, "%s: one call comes to at most %u actions; "
                   "make several calls", self->action, GLB_DIALECT_ACTIONS_MAX);
      return FALSE;
    }

  action = glb_action_new_from_node (self->keys, node, error);
  if (action == NULL)
    {
      /* Which action of the model's it was, where that has another name. */
      if (error != NULL && !g_str_has_prefix ((*error)->message, self->action))
        g_prefix_error (error, "%s: ", self->action);
      return FALSE;
    }
  g_ptr_array_add (self->call->actions, action);
  return TRUE;
}

gboolean
glb_dialect_reader_add_scroll (GlbDialectReader  *self,
                               const char        *direction,
                               int                x,
                               int                y,
                               gint64             numerator,
                               gint64             denominator,
                               const char        *held,
                               GError           **error)
{
  gint64 unit = denominator * PIXELS_PER_CLICK;
  JsonObject *object = glb_dialect_object_new_at ("scroll", x, y);

  json_object_set_string_member (object, "scroll_direction", direction);
  json_object_set_int_member (object, "scroll_amount", MAX (1, (2 * numerator + unit) / (2 * unit)));
  if (held != NULL)
    json_object_set_string_member (object, "text", held);
  return glb_dialect_reader_add (self, object, error);
}
