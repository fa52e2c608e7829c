/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-portal"
#include "config.h"

#include <string.h>

#include <gio/gunixsocketaddress.h>
#include <json-glib/json-glib.h>

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"
#include "session-broker/portal/glb-portal-link.h"
#include "session-broker/portal/glb-portal-request.h"

typedef struct
{
  guint id;
  GlbPortalAnswered answered;    /* NULL: given up */
  gpointer user_data;
} Pending;

struct _GlbPortalLink
{
  GObject parent_instance;

  GSocketConnection *connection;
  GDataInputStream *input;
  GQueue output;                 /* GBytes; the first is being written */
  GHashTable *pending;           /* id to Pending */
  guint last_id;
  gboolean closed;
  char *file_name;               /* (nullable): of the file that is being read */
  guint file_id;
  guint8 *file;                  /* (nullable) */
  gsize file_size;
};

G_DEFINE_FINAL_TYPE (GlbPortalLink, glb_portal_link, G_TYPE_OBJECT)

enum { SETTINGS, CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void read_line (GlbPortalLink *self);

static void
close_link (GlbPortalLink *self)
{
  if (self->closed)
    return;

  self->closed = TRUE;
  g_signal_emit (self, signals[CLOSED], 0);
}

/* ---- what the broker says ---------------------------------------------------------- */

static gint64
lookup_int (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : -1;
}

static gboolean
lookup_boolean (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

static const char *
lookup_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";
}

static void
answer (GlbPortalLink *self, guint id, const GlbPortalAnswer *what)
{
  Pending *pending = g_hash_table_lookup (self->pending, &id);
  GlbPortalAnswered answered;
  gpointer user_data;

  if (pending == NULL)
    return;
  answered = pending->answered;
  user_data = pending->user_data;
  if (what->status != GLB_PORTAL_ASKING)
    g_hash_table_remove (self->pending, &id);
  if (answered != NULL)
    answered (what, user_data);
}

static void
file_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbPortalLink) self = user_data;
  g_autofree char *name = g_steal_pointer (&self->file_name);
  gsize n = 0;
  gboolean read = g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, NULL) && n == self->file_size;
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_steal_pointer (&self->file), self->file_size);
  const GlbPortalAnswer done = { .status = GLB_PORTAL_DONE, .name = name, .file = bytes };

  if (!read)
    {
      close_link (self);
      return;
    }

  answer (self, self->file_id, &done);
  read_line (self);
}

static void
read_file (GlbPortalLink *self, guint id, const char *name, gsize size)
{
  self->file_id = id;
  self->file_name = g_strdup (name);
  self->file_size = size;
  self->file = g_malloc (MAX (size, 1));
  g_input_stream_read_all_async (G_INPUT_STREAM (self->input), self->file, size, G_PRIORITY_DEFAULT, NULL, file_cb, g_object_ref (self));
}

/* FALSE: bytes follow, and are being read. */
static gboolean
handle_object (GlbPortalLink *self, JsonObject *object)
{
  const char *status = lookup_string (object, "status");
  gint64 id = lookup_int (object, "id"), bytes = lookup_int (object, "bytes");
  GlbPortalAnswer what = { .status = GLB_PORTAL_REFUSED, .code = lookup_string (object, "code"), .message = lookup_string (object, "message") };

  if (json_object_has_member (object, "settings"))
    {
      JsonNode *node = json_object_get_member (object, "settings");

      if (JSON_NODE_HOLDS_OBJECT (node))
        g_signal_emit (self, signals[SETTINGS], 0, (guint) lookup_int (json_node_get_object (node), "colorScheme"),
                       (guint) lookup_int (json_node_get_object (node), "contrast"));
      return TRUE;
    }
  if (g_str_equal (status, "done") && bytes >= 0 && bytes <= GLB_PORTAL_FILE_MAX)
    {
      read_file (self, id, lookup_string (object, "name"), bytes);
      return FALSE;
    }

  if (g_str_equal (status, "asking"))
    what.status = GLB_PORTAL_ASKING;
  else if (g_str_equal (status, "done"))
    what.status = GLB_PORTAL_DONE;
  answer (self, id, &what);
  return TRUE;
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbPortalLink) self = user_data;
  gsize length = 0;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, &length, NULL);
  g_autoptr(JsonNode) root = line != NULL ? glb_strict_json_parse (line, length, GLB_STRICT_JSON_DEFAULT, NULL, NULL, NULL) : NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    close_link (self);
  else if (handle_object (self, json_node_get_object (root)))
    read_line (self);
}

static void
read_line (GlbPortalLink *self)
{
  if (!self->closed)
    g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, line_cb, g_object_ref (self));
}

/* ---- what it is told --------------------------------------------------------------- */

static void write_next (GlbPortalLink *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GlbPortalLink) self = user_data;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    {
      close_link (self);
      return;
    }

  g_bytes_unref (g_queue_pop_head (&self->output));
  write_next (self);
}

static void
write_next (GlbPortalLink *self)
{
  GBytes *bytes = g_queue_peek_head (&self->output);
  gsize size;
  const void *data;

  if (bytes == NULL)
    return;
  data = g_bytes_get_data (bytes, &size);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), data, size, G_PRIORITY_DEFAULT,
                                   NULL, written_cb, g_object_ref (self));
}

/* FALSE: the broker would not read so much, and end the connection. */
static gboolean
send (GlbPortalLink *self, guint id, const char *request, const char * const *members)
{
  g_autoptr(JsonObject) object = json_object_new ();
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  gsize length;

  json_object_set_int_member (object, "id", id);
  json_object_set_string_member (object, "request", request);
  for (guint i = 0; members != NULL && members[i] != NULL; i += 2)
    json_object_set_string_member (object, members[i], members[i + 1]);
  text = glb_json_write (node);
  line = g_strconcat (text, "\n", NULL);
  length = strlen (line);
  if (length > GLB_PORTAL_LINE_MAX)
    return FALSE;

  g_queue_push_tail (&self->output, g_bytes_new_take (g_steal_pointer (&line), length));
  if (g_queue_get_length (&self->output) == 1)
    write_next (self);
  return TRUE;
}

guint
glb_portal_link_send (GlbPortalLink      *self,
                      const char         *request,
                      const char * const *members,
                      GlbPortalAnswered   answered,
                      gpointer            user_data)
{
  Pending *pending;

  if (!send (self, self->last_id + 1, request, members))
    return 0;

  pending = g_new0 (Pending, 1);
  pending->id = ++self->last_id;
  pending->answered = answered;
  pending->user_data = user_data;
  g_hash_table_insert (self->pending, &pending->id, pending);
  return pending->id;
}

void
glb_portal_link_give_up (GlbPortalLink *self, guint id)
{
  Pending *pending = g_hash_table_lookup (self->pending, &id);

  if (pending == NULL)
    return;

  pending->answered = NULL;
  send (self, id, "close", NULL);
}

guint
glb_portal_link_count (GlbPortalLink *self)
{
  return g_hash_table_size (self->pending);
}

/* ---- the object --------------------------------------------------------------------- */

static void
glb_portal_link_finalize (GObject *object)
{
  GlbPortalLink *self = GLB_PORTAL_LINK (object);

  g_clear_object (&self->input);
  g_clear_object (&self->connection);
  g_queue_clear_full (&self->output, (GDestroyNotify) g_bytes_unref);
  g_hash_table_unref (self->pending);
  g_free (self->file_name);
  g_free (self->file);

  G_OBJECT_CLASS (glb_portal_link_parent_class)->finalize (object);
}

static void
glb_portal_link_class_init (GlbPortalLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_portal_link_finalize;

  signals[SETTINGS] = g_signal_new ("settings", GLB_TYPE_PORTAL_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                    G_TYPE_UINT, G_TYPE_UINT);
  signals[CLOSED] = g_signal_new ("closed", GLB_TYPE_PORTAL_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glb_portal_link_init (GlbPortalLink *self)
{
  g_queue_init (&self->output);
  self->pending = g_hash_table_new_full (g_int_hash, g_int_equal, NULL, g_free);
}

/* (transfer full) (nullable) */
static JsonNode *
read_object (GlbPortalLink *self)
{
  gsize length = 0;
  g_autofree char *line = g_data_input_stream_read_line (self->input, &length, NULL, NULL);
  g_autoptr(JsonNode) root = line != NULL ? glb_strict_json_parse (line, length, GLB_STRICT_JSON_DEFAULT, NULL, NULL, NULL) : NULL;

  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? g_steal_pointer (&root) : NULL;
}

static gboolean
read_settings (GlbPortalLink *self, GlbPortalFeatures *features)
{
  g_autoptr(JsonNode) root = read_object (self);
  JsonNode *node = root != NULL ? json_object_get_member (json_node_get_object (root), "settings") : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;

  features->color_scheme = (guint) lookup_int (json_node_get_object (node), "colorScheme");
  features->contrast = (guint) lookup_int (json_node_get_object (node), "contrast");
  return TRUE;
}

static gboolean
read_hello (GlbPortalLink *self, GlbPortalFeatures *features)
{
  g_autoptr(JsonNode) root = read_object (self);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;

  if (object == NULL || lookup_int (object, "hello") != GLB_PORTAL_PROTOCOL)
    return FALSE;

  features->open_uri = lookup_boolean (object, "openUri");
  features->file_chooser = lookup_boolean (object, "fileChooser");
  features->notification = lookup_boolean (object, "notification");
  features->settings = lookup_boolean (object, "settings");
  features->camera = lookup_boolean (object, "camera");
  return !features->settings || read_settings (self, features);
}

GlbPortalLink *
glb_portal_link_new (const char *path, GlbPortalFeatures *features, GError **error)
{
  g_autoptr(GlbPortalLink) self = g_object_new (GLB_TYPE_PORTAL_LINK, NULL);
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);

  self->connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, error);
  if (self->connection == NULL)
    return NULL;
  self->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)));
  g_data_input_stream_set_newline_type (self->input, G_DATA_STREAM_NEWLINE_TYPE_LF);
  if (!read_hello (self, features))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the broker speaks another version, or has closed the connection");
      return NULL;
    }

  read_line (self);
  return g_steal_pointer (&self);
}
