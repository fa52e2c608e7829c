/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/record/glb-record-line.h"

#include <gio/gio.h>
#include <string.h>

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"
#include "session-broker/record/glb-record-json.h"
#include "session-broker/record/glb-record-reader.h"

/* As deep as the strict parser goes: a tree of elements nests two levels for each of its own. */
#define DEPTH_MAX 256u
#define TYPE_MAX  32u

static const char * const own_members[] = { "n", "ms", "type", "prev" };

/* How many of them stand before the record's own. */
#define N_LEADING 3u

const char *
glb_record_line_zero_hash (void)
{
  return "0000000000000000";
}

void
glb_record_line_hash (const char *line,
                      gsize       length,
                      char        hash[GLB_RECORD_HASH_HEX + 1])
{
  g_autofree char *whole = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) line, length);

  g_strlcpy (hash, whole, GLB_RECORD_HASH_HEX + 1);
}

gboolean
glb_record_type_is_valid (const char *type)
{
  gsize length = strlen (type);

  if (length == 0 || length > TYPE_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (type[i]) && type[i] != '-')
      return FALSE;
  return TRUE;
}

static gboolean
is_own_member (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (own_members); i++)
    if (strcmp (name, own_members[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
add_fields (JsonObject  *object,
            JsonObject  *fields,
            GError     **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, fields);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (is_own_member (name))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "a record's member can't be named \"%s\": each record has that of its own", name);
          return FALSE;
        }
      json_object_set_member (object, name, json_node_copy (node));
    }
  return TRUE;
}

GString *
glb_record_line_compose (const GlbRecordLine  *line,
                         JsonObject           *fields,
                         GError              **error)
{
  g_autoptr(JsonObject) object = json_object_new ();
  g_autoptr(JsonObject) check = NULL;
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *json = NULL;
  GlbRecordLine checked;

  json_object_set_int_member (object, "n", line->n);
  json_object_set_int_member (object, "ms", line->ms);
  json_object_set_string_member (object, "type", line->type);
  if (fields != NULL && !add_fields (object, fields, error))
    return NULL;
  json_object_set_string_member (object, "prev", line->prev);

  json_node_set_object (node, object);
  json = glb_json_write (node);
  check = glb_record_line_parse (&checked, json, strlen (json), error);
  if (check == NULL)
    {
      g_prefix_error (error, "Can't record a \"%s\": ", line->type);
      return NULL;
    }
  return g_string_append_c (g_string_new (json), '\n');
}

static gboolean
broken (GError     **error,
        const char  *what)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, what);
  return FALSE;
}

static gboolean
check_order (JsonObject  *object,
             GError     **error)
{
  g_autoptr(GList) members = json_object_get_members (object);
  const GList *link = members;

  if (g_list_length (members) < N_LEADING + 1)
    return broken (error, "it is no record: members are missing");
  for (guint i = 0; i < N_LEADING; i++, link = link->next)
    if (strcmp (link->data, own_members[i]) != 0)
      return broken (error, "it is no record: its members are missing or in another order");
  if (strcmp (g_list_last (members)->data, "prev") != 0)
    return broken (error, "it is no record: \"prev\" is not its last member");
  return TRUE;
}

static gboolean
get_number (JsonObject  *object,
            const char  *name,
            gint64      *value,
            GError     **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "\"%s\" is not a whole number", name);
      return FALSE;
    }
  *value = json_node_get_int (node);
  return TRUE;
}

static gboolean
take_members (GlbRecordLine  *line,
              JsonObject     *object,
              GError        **error)
{
  const char *prev = glb_record_json_get_string (object, "prev");
  gint64 n;

  if (!get_number (object, "n", &n, error) || !get_number (object, "ms", &line->ms, error))
    return FALSE;
  line->n = n;
  line->type = glb_record_json_get_string (object, "type");
  if (line->type == NULL || !glb_record_type_is_valid (line->type))
    return broken (error, "\"type\" is not a record's type");
  if (prev == NULL || strlen (prev) != GLB_RECORD_HASH_HEX || strspn (prev, "0123456789abcdef") != GLB_RECORD_HASH_HEX)
    return broken (error, "\"prev\" is not the beginning of a SHA-256");
  g_strlcpy (line->prev, prev, sizeof line->prev);
  return TRUE;
}

JsonObject *
glb_record_line_parse (GlbRecordLine  *line,
                       const char     *untrusted_line,
                       gsize           length,
                       GError        **error)
{
  const GlbStrictJsonLimits limits = { .max_bytes = GLB_RECORD_LINE_MAX - 1, .max_depth = DEPTH_MAX };
  g_autoptr(GError) json_error = NULL;
  g_autoptr(JsonNode) node = NULL;
  JsonObject *object;

  node = glb_strict_json_parse (untrusted_line, length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, &json_error);
  if (node == NULL)
    {
      /* Without the parser's own line, which is always 1 here. */
      const char *what = strstr (json_error->message, ": ");

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it is not strict JSON: %s", what != NULL ? what + 2 : "");
      return NULL;
    }
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      broken (error, "it is not a JSON object");
      return NULL;
    }

  object = json_node_get_object (node);
  if (!check_order (object, error) || !take_members (line, object, error))
    return NULL;
  return json_object_ref (object);
}
