/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-action-link.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixinputstream.h>
#include <json-glib/json-glib.h>

struct _GlbActionLink
{
  GObject parent_instance;

  GCancellable *cancellable;
  GDataInputStream *lines;     /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GlbActionLink, glb_action_link, G_TYPE_OBJECT)

enum
{
  SIGNAL_ACTION,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* (transfer full) (nullable) */
static char *
dup_member (JsonObject *object,
            const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL ? json_to_string (node, FALSE) : NULL;
}

GlbActionText *
glb_action_link_read_line (const char *line)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autofree char *action = NULL;
  g_autofree char *result = NULL;
  const char *actor;
  JsonObject *object;
  JsonNode *root;

  if (!json_parser_load_from_data (parser, line, -1, NULL))
    return NULL;

  root = json_parser_get_root (parser);
  object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  if (object == NULL || g_strcmp0 (json_object_get_string_member_with_default (object, "type", NULL), "action") != 0)
    return NULL;

  actor = json_object_get_string_member_with_default (object, "actor", NULL);
  if (g_strcmp0 (actor, "human") == 0)
    return NULL;

  action = dup_member (object, "action");
  result = dup_member (object, "result");

  return glb_action_text_new (actor, action, result);
}

/* ---- the stream --------------------------------------------------------------------- */

static void
line_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (object), result, NULL, NULL);
  g_autoptr(GlbActionText) text = NULL;
  GlbActionLink *self;

  /* cancelled, so that there may be no link any more; or at its end */
  if (line == NULL)
    return;

  self = user_data;
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, self->cancellable, line_cb, self);
  text = glb_action_link_read_line (line);
  if (text != NULL)
    g_signal_emit (self, signals[SIGNAL_ACTION], 0, text);
}

/* Where there is none, as others trace the session already, or it has ended: the page does without. */
static void
trace_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbActionLink) self = user_data;
  g_autoptr(GInputStream) input = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) handle = NULL;
  int fd;

  if (!glb_dbus_session1_call_trace_finish (GLB_DBUS_SESSION1 (object), &handle, &fds, result, NULL) ||
      fds == NULL || (fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), NULL)) < 0)
    return;

  input = g_unix_input_stream_new (fd, TRUE);
  self->lines = g_data_input_stream_new (input);
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, self->cancellable, line_cb, self);
}

static void
glb_action_link_dispose (GObject *object)
{
  GlbActionLink *self = GLB_ACTION_LINK (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->lines);

  G_OBJECT_CLASS (glb_action_link_parent_class)->dispose (object);
}

static void
glb_action_link_finalize (GObject *object)
{
  g_object_unref (GLB_ACTION_LINK (object)->cancellable);

  G_OBJECT_CLASS (glb_action_link_parent_class)->finalize (object);
}

static void
glb_action_link_class_init (GlbActionLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_action_link_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_action_link_finalize;

  signals[SIGNAL_ACTION] = g_signal_new ("action", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
glb_action_link_init (GlbActionLink *self)
{
  self->cancellable = g_cancellable_new ();
}

GlbActionLink *
glb_action_link_new (GlbDBusSession1 *session)
{
  g_auto(GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GlbActionLink *self = g_object_new (GLB_TYPE_ACTION_LINK, NULL);

  glb_dbus_session1_call_trace (session, g_variant_builder_end (&options), NULL, self->cancellable, trace_cb,
                                g_object_ref (self));

  return self;
}
