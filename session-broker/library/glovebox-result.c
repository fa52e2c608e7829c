/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What came of an action
 * ======================
 *
 * The broker that answers is trusted more than the session, but titles, names
 * and texts in an answer are what programs say, and an agent may have been
 * pointed to another socket. So an answer is read strictly: bounded in size
 * and depth, each member that is known with its type, an image only with its
 * signature and size. Members that this version does not know are kept.
 */

#define G_LOG_DOMAIN "Glovebox"
#include "config.h"

#include <string.h>

#include "glovebox-error.h"
#include "glovebox-result.h"
#include "glb-library-private.h"
#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"
#include "session-broker/cli/glb-act-result.h"

/* Without the image. */
#define TEXT_MAX   (16u * 1024u * 1024u)
#define DEPTH_MAX  250u
#define SIDE_MAX   32767

/**
 * GloveboxResult:
 *
 * The answer to an action. It does not change.
 */
struct _GloveboxResult
{
  GObject parent_instance;

  JsonNode *answer;            /* an object, without the image */
  JsonObject *members;         /* answer's */
  GloveboxStatus status;
  GBytes *image;               /* (nullable): PNG */
  int image_width, image_height;
};

G_DEFINE_FINAL_TYPE (GloveboxResult, glovebox_result, G_TYPE_OBJECT)

/* ---- checks ------------------------------------------------------------------------ */

static gboolean
bad_answer (GError **error, const char *what)
{
  g_set_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_PROTOCOL, "The answer is not one of Glovebox: %s", what);
  return FALSE;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static gboolean
is_string (JsonNode *node)
{
  return holds (node, G_TYPE_STRING);
}

static gboolean
is_boolean (JsonNode *node)
{
  return holds (node, G_TYPE_BOOLEAN);
}

static gboolean
is_natural (JsonNode *node)
{
  return holds (node, G_TYPE_INT64) && json_node_get_int (node) >= 0;
}

static gboolean
is_pixel (JsonNode *node)
{
  return holds (node, G_TYPE_INT64) && json_node_get_int (node) >= -SIDE_MAX && json_node_get_int (node) <= SIDE_MAX;
}

static gboolean
is_window_id (JsonNode *node)
{
  return is_natural (node) && json_node_get_int (node) <= G_MAXUINT32;
}

static gboolean
has (JsonObject *object, const char *name, gboolean (*check) (JsonNode *node))
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && check (node);
}

static gboolean
is_rectangle (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  return JSON_NODE_HOLDS_NULL (node) ||
         (object != NULL && has (object, "x", is_pixel) && has (object, "y", is_pixel) && has (object, "width", is_pixel) &&
          has (object, "height", is_pixel));
}

static gboolean
is_focus (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  return JSON_NODE_HOLDS_NULL (node) ||
         (object != NULL && has (object, "window", is_window_id) && has (object, "appId", is_string) && has (object, "title", is_string));
}

static gboolean
is_point (JsonNode *node)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  return array != NULL && json_array_get_length (array) == 2 && is_pixel (json_array_get_element (array, 0)) &&
         is_pixel (json_array_get_element (array, 1));
}

static gboolean
is_clipboard (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  return object != NULL && has (object, "type", is_string) && has (object, "bytes", is_natural) &&
         (!json_object_has_member (object, "text") || has (object, "text", is_string)) &&
         (!json_object_has_member (object, "base64") || has (object, "base64", is_string));
}

static const struct
{
  const char *name;
  gboolean (*check) (JsonNode *node);
  gboolean always;             /* of what was delivered */
  const char *message;
} known[] = {
  { "frameId", is_natural, TRUE, "frameId is no whole number" },
  { "changed", is_rectangle, TRUE, "changed is no rectangle" },
  { "focus", is_focus, TRUE, "focus is no window" },
  { "settled", is_boolean, TRUE, "settled is neither true nor false" },
  { "pointer", is_point, TRUE, "pointer is no point" },
  { "clipboard", is_clipboard, FALSE, "clipboard does not say what was copied" },
};

static gboolean
check_delivered (JsonObject *members, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      JsonNode *node = json_object_get_member (members, known[i].name);

      if (node != NULL ? !known[i].check (node) : known[i].always)
        return bad_answer (error, known[i].message);
    }
  return TRUE;
}

static gboolean
check_answer (GloveboxResult *self, GError **error)
{
  JsonObject *members = self->members;
  const char *status = has (members, "status", is_string) ? json_object_get_string_member (members, "status") : "";

  if (g_str_equal (status, "delivered"))
    {
      self->status = GLOVEBOX_STATUS_DELIVERED;
      return check_delivered (members, error);
    }
  if (!g_str_equal (status, "refused") && !g_str_equal (status, "failed"))
    return bad_answer (error, "it has no status");
  if (!has (members, "message", is_string))
    return bad_answer (error, "it does not say why");

  self->status = g_str_equal (status, "refused") ? GLOVEBOX_STATUS_REFUSED : GLOVEBOX_STATUS_FAILED;
  if (self->status == GLOVEBOX_STATUS_REFUSED && !has (members, "code", is_string))
    return bad_answer (error, "a refusal has no code");
  return TRUE;
}

/* ---- the image ----------------------------------------------------------------------- */

static guint32
read_big_endian (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

/* Only what every PNG begins with: the rest is its decoder's. */
static gboolean
take_png_size (GloveboxResult *self, GError **error)
{
  gsize length;
  const guint8 *png = g_bytes_get_data (self->image, &length);
  guint32 width, height;

  if (length < 33 || memcmp (png, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) != 0)
    return bad_answer (error, "the image is no PNG");

  width = read_big_endian (png + 16);
  height = read_big_endian (png + 20);
  if (width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX)
    return bad_answer (error, "the image is too large");
  self->image_width = (int) width;
  self->image_height = (int) height;
  return TRUE;
}

/* Most of an answer: taken out before the rest is read. */
static gboolean
take_image (GloveboxResult *self, char *answer, gsize *length, GError **error)
{
  GlbActMember png;
  guint8 *bytes;
  size_t n_bytes;

  if (!glb_act_find_member (answer, *length, "png", &png))
    return TRUE;

  bytes = g_malloc (png.value_length / 4 * 3 + 3);
  if (!glb_act_decode_base64 (answer + png.value, png.value_length, bytes, &n_bytes))
    {
      g_free (bytes);
      return bad_answer (error, "the image is no base64");
    }

  self->image = g_bytes_new_take (bytes, n_bytes);
  *length = glb_act_remove_member (answer, *length, &png);
  return take_png_size (self, error);
}

GloveboxResult *
glb_result_read (const char *untrusted_json, gsize length, GError **error)
{
  g_autoptr(GloveboxResult) self = g_object_new (GLOVEBOX_TYPE_RESULT, NULL);
  GlbStrictJsonLimits limits = { .max_bytes = TEXT_MAX, .max_depth = DEPTH_MAX };
  gsize left = length;
  g_autofree char *untrusted_answer = NULL;
  g_autoptr(GError) why = NULL;

  if (left > GLB_ANSWER_MAX)
    {
      bad_answer (error, "it is too long");
      return NULL;
    }

  untrusted_answer = g_malloc (left + 1);
  memcpy (untrusted_answer, untrusted_json, left);
  untrusted_answer[left] = '\0';
  if (!take_image (self, untrusted_answer, &left, error))
    return NULL;

  self->answer = glb_strict_json_parse (untrusted_answer, left, GLB_STRICT_JSON_DEFAULT, &limits, NULL, &why);
  if (self->answer == NULL || !JSON_NODE_HOLDS_OBJECT (self->answer))
    {
      bad_answer (error, why != NULL ? why->message : "it is no object");
      return NULL;
    }

  self->members = json_node_get_object (self->answer);
  if (json_object_has_member (self->members, "png"))
    bad_answer (error, "the image is no string, or there are two");
  else if (check_answer (self, error))
    return g_steal_pointer (&self);

  return NULL;
}

/**
 * glovebox_result_new_from_json:
 * @json: an answer of Glovebox, one object
 * @error: return location for an error
 *
 * Reads an answer that came by another way than [class@Desktop], for example
 * one that `glovebox-act` printed.
 *
 * Returns: (transfer full): the result
 */
GloveboxResult *
glovebox_result_new_from_json (const char *json, GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);

  return glb_result_read (json, strlen (json), error);
}

/* ---- what it says ---------------------------------------------------------------------- */

/**
 * glovebox_result_get_status:
 * @self: a result
 *
 * Returns: what became of the action
 */
GloveboxStatus
glovebox_result_get_status (GloveboxResult *self)
{
  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), GLOVEBOX_STATUS_FAILED);

  return self->status;
}

/**
 * glovebox_result_get_code:
 * @self: a result
 *
 * Returns: (nullable): why it was refused, as `stale_frame`; %NULL where it was not
 */
const char *
glovebox_result_get_code (GloveboxResult *self)
{
  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), NULL);

  return self->status == GLOVEBOX_STATUS_REFUSED ? json_object_get_string_member (self->members, "code") : NULL;
}

/**
 * glovebox_result_get_message:
 * @self: a result
 *
 * Returns: (nullable): why it was not delivered, in one line; %NULL where it was
 */
const char *
glovebox_result_get_message (GloveboxResult *self)
{
  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), NULL);

  return self->status != GLOVEBOX_STATUS_DELIVERED ? json_object_get_string_member (self->members, "message") : NULL;
}

/**
 * glovebox_result_check:
 * @self: a result
 * @error: return location for a [error@Error]
 *
 * Makes an error of an action that was not delivered.
 *
 * Returns: %TRUE where it was
 */
gboolean
glovebox_result_check (GloveboxResult *self, GError **error)
{
  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), FALSE);

  if (self->status == GLOVEBOX_STATUS_DELIVERED)
    return TRUE;

  g_set_error_literal (error, GLOVEBOX_ERROR,
                       self->status == GLOVEBOX_STATUS_FAILED ? GLOVEBOX_ERROR_FAILED
                                                              : glovebox_error_from_code (glovebox_result_get_code (self)),
                       glovebox_result_get_message (self));
  return FALSE;
}

/**
 * glovebox_result_get_frame_id:
 * @self: a result
 *
 * Returns: the newest frame, which an image of the same result shows; 0 where the action was not delivered
 */
guint64
glovebox_result_get_frame_id (GloveboxResult *self)
{
  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), 0);

  return self->status == GLOVEBOX_STATUS_DELIVERED ? (guint64) json_object_get_int_member (self->members, "frameId") : 0;
}

/**
 * glovebox_result_get_settled:
 * @self: a result
 *
 * Returns: %TRUE where the screen was quiet in the end
 */
gboolean
glovebox_result_get_settled (GloveboxResult *self)
{
  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), FALSE);

  return self->status == GLOVEBOX_STATUS_DELIVERED && json_object_get_boolean_member (self->members, "settled");
}

/* (nullable): an object of what was delivered */
static JsonObject *
peek_object (GloveboxResult *self, const char *name)
{
  JsonNode *node = self->status == GLOVEBOX_STATUS_DELIVERED ? json_object_get_member (self->members, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
set_int (int *place, JsonObject *object, const char *name)
{
  if (place != NULL)
    *place = object != NULL ? (int) json_object_get_int_member (object, name) : 0;
}

/**
 * glovebox_result_get_changed:
 * @self: a result
 * @x: (out) (optional): the left edge of what changed
 * @y: (out) (optional): its upper edge
 * @width: (out) (optional): its width
 * @height: (out) (optional): its height
 *
 * Returns: %FALSE where nothing changed
 */
gboolean
glovebox_result_get_changed (GloveboxResult *self, int *x, int *y, int *width, int *height)
{
  JsonObject *changed;

  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), FALSE);

  changed = peek_object (self, "changed");
  set_int (x, changed, "x");
  set_int (y, changed, "y");
  set_int (width, changed, "width");
  set_int (height, changed, "height");
  return changed != NULL;
}

/**
 * glovebox_result_get_focus:
 * @self: a result
 * @app_id: (out) (optional) (nullable) (transfer none): the application that has the keyboard, as it says
 * @title: (out) (optional) (nullable) (transfer none): the title of its window
 *
 * Returns: the number of the window that has the keyboard; 0: none
 */
guint
glovebox_result_get_focus (GloveboxResult *self, const char **app_id, const char **title)
{
  JsonObject *focus;

  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), 0);

  focus = peek_object (self, "focus");
  if (app_id != NULL)
    *app_id = focus != NULL ? json_object_get_string_member (focus, "appId") : NULL;
  if (title != NULL)
    *title = focus != NULL ? json_object_get_string_member (focus, "title") : NULL;
  return focus != NULL ? (guint) json_object_get_int_member (focus, "window") : 0;
}

/**
 * glovebox_result_get_pointer:
 * @self: a result
 * @x: (out) (optional): where the pointer is
 * @y: (out) (optional): where the pointer is
 *
 * Returns: %FALSE where the action was not delivered
 */
gboolean
glovebox_result_get_pointer (GloveboxResult *self, int *x, int *y)
{
  JsonArray *point = NULL;

  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), FALSE);

  if (self->status == GLOVEBOX_STATUS_DELIVERED)
    point = json_object_get_array_member (self->members, "pointer");
  if (x != NULL)
    *x = point != NULL ? (int) json_array_get_int_element (point, 0) : 0;
  if (y != NULL)
    *y = point != NULL ? (int) json_array_get_int_element (point, 1) : 0;
  return point != NULL;
}

/**
 * glovebox_result_get_image:
 * @self: a result
 * @width: (out) (optional): the image's width in pixels
 * @height: (out) (optional): its height
 *
 * Returns: (transfer none) (nullable): a PNG, where one was asked for
 */
GBytes *
glovebox_result_get_image (GloveboxResult *self, int *width, int *height)
{
  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), NULL);

  if (width != NULL)
    *width = self->image_width;
  if (height != NULL)
    *height = self->image_height;
  return self->image;
}

/**
 * glovebox_result_dup_clipboard:
 * @self: a result
 * @type: (out) (optional) (nullable) (transfer none): the content's type
 *
 * Of [method@Desktop.read_clipboard].
 *
 * Returns: (transfer full) (nullable): what was read
 */
GBytes *
glovebox_result_dup_clipboard (GloveboxResult *self, const char **type)
{
  JsonObject *clipboard;
  const char *text;
  guchar *bytes;
  size_t length;

  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), NULL);

  clipboard = peek_object (self, "clipboard");
  if (type != NULL)
    *type = clipboard != NULL ? json_object_get_string_member (clipboard, "type") : NULL;
  text = clipboard != NULL ? json_object_get_string_member_with_default (clipboard, "text", NULL) : NULL;
  if (text != NULL)
    return g_bytes_new (text, strlen (text));

  text = clipboard != NULL ? json_object_get_string_member_with_default (clipboard, "base64", NULL) : NULL;
  if (text == NULL)
    return NULL;
  bytes = g_malloc (strlen (text) / 4 * 3 + 3);
  if (glb_act_decode_base64 (text, strlen (text), bytes, &length))
    return g_bytes_new_take (bytes, length);
  g_free (bytes);
  return NULL;
}

/**
 * glovebox_result_dup_member:
 * @self: a result
 * @name: of a member of the answer, as `windows`, `elements`, `target` or `meanwhile`
 *
 * What docs/actions.md says of a result and has no function here.
 *
 * Returns: (transfer full) (nullable): the member as JSON
 */
char *
glovebox_result_dup_member (GloveboxResult *self, const char *name)
{
  JsonNode *node;

  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  node = json_object_get_member (self->members, name);
  return node != NULL ? glb_json_write (node) : NULL;
}

/**
 * glovebox_result_to_json:
 * @self: a result
 *
 * Returns: (transfer full): all of the answer as JSON, without the image
 */
char *
glovebox_result_to_json (GloveboxResult *self)
{
  g_return_val_if_fail (GLOVEBOX_IS_RESULT (self), NULL);

  return glb_json_write (self->answer);
}

static void
glovebox_result_finalize (GObject *object)
{
  GloveboxResult *self = GLOVEBOX_RESULT (object);

  g_clear_pointer (&self->answer, json_node_unref);
  g_clear_pointer (&self->image, g_bytes_unref);

  G_OBJECT_CLASS (glovebox_result_parent_class)->finalize (object);
}

static void
glovebox_result_class_init (GloveboxResultClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glovebox_result_finalize;
}

static void
glovebox_result_init (GloveboxResult *self)
{
}
