/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/record/glb-record-screen.h"

#include <string.h>

#define HASH_HEX 64u

void
glb_record_screen_name_image (GBytes *png,
                              char    name[GLB_RECORD_IMAGE_NAME_LENGTH + 1])
{
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);

  g_snprintf (name, GLB_RECORD_IMAGE_NAME_LENGTH + 1, "%s.png", hash);
}

JsonObject *
glb_record_screen_compose (const GlbRecordScreen *self)
{
  g_autofree char *path = g_strconcat (GLB_RECORD_IMAGES_NAME "/", self->image, NULL);
  JsonObject *record = json_object_new ();
  JsonArray *rect = json_array_new ();

  json_array_add_int_element (rect, self->rect.x);
  json_array_add_int_element (rect, self->rect.y);
  json_array_add_int_element (rect, self->rect.width);
  json_array_add_int_element (rect, self->rect.height);
  json_object_set_int_member (record, "frame", self->frame);
  json_object_set_array_member (record, "rect", rect);
  json_object_set_string_member (record, "image", path);
  if (self->whole)
    json_object_set_boolean_member (record, "whole", TRUE);
  return record;
}

static gboolean
broken (GError     **error,
        const char  *what)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, what);
  return FALSE;
}

/* Not negative, and at most max. */
static gboolean
get_number (JsonNode *node,
            gint64    max,
            gint64   *value)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *value = json_node_get_int (node);
  return *value >= 0 && *value <= max;
}

static gboolean
parse_rect (GlbRect    *rect,
            JsonNode   *node,
            guint       width,
            guint       height)
{
  JsonArray *array;
  gint64 sides[4];

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  if (json_array_get_length (array) != G_N_ELEMENTS (sides))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    if (!get_number (json_array_get_element (array, i), i % 2 == 0 ? width : height, &sides[i]))
      return FALSE;

  *rect = (GlbRect) { sides[0], sides[1], sides[2], sides[3] };
  return sides[2] > 0 && sides[3] > 0 && sides[0] + sides[2] <= width && sides[1] + sides[3] <= height;
}

static gboolean
parse_image (char      image[GLB_RECORD_IMAGE_NAME_LENGTH + 1],
             JsonNode *node)
{
  static const char folder[] = GLB_RECORD_IMAGES_NAME "/";
  const char *name;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;
  name = json_node_get_string (node);
  if (!g_str_has_prefix (name, folder))
    return FALSE;
  name += strlen (folder);
  if (strspn (name, "0123456789abcdef") != HASH_HEX || strcmp (name + HASH_HEX, ".png") != 0)
    return FALSE;
  memcpy (image, name, GLB_RECORD_IMAGE_NAME_LENGTH + 1);
  return TRUE;
}

static gboolean
parse_whole (GlbRecordScreen *self,
             JsonNode        *node,
             guint            width,
             guint            height)
{
  self->whole = FALSE;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN || !json_node_get_boolean (node))
    return FALSE;
  self->whole = TRUE;
  return self->rect.width == (int) width && self->rect.height == (int) height;
}

gboolean
glb_record_screen_parse (GlbRecordScreen  *self,
                         JsonObject       *untrusted_record,
                         guint             width,
                         guint             height,
                         GError          **error)
{
  gint64 frame;

  if (!get_number (json_object_get_member (untrusted_record, "frame"), G_MAXINT64, &frame))
    return broken (error, "\"frame\" is not a whole number");
  self->frame = frame;
  if (!parse_rect (&self->rect, json_object_get_member (untrusted_record, "rect"), width, height))
    return broken (error, "\"rect\" is not a rectangle of the screen");
  if (!parse_image (self->image, json_object_get_member (untrusted_record, "image")))
    return broken (error, "\"image\" is not the name of an image");
  if (!parse_whole (self, json_object_get_member (untrusted_record, "whole"), width, height))
    return broken (error, "\"whole\" is not that of a whole screen");
  return TRUE;
}
