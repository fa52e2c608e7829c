/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-tile-picture.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>

#include "ui/glb-sight.h"
#include "ui/glb-thumbnail.h"

struct _GlbTilePicture
{
  GtkWidget parent_instance;

  GlbSessionItem *item;        /* (nullable) */
  gboolean in_sight;
  GlbSight *sight;             /* of the window */
  GCancellable *cancellable;   /* (nullable): watches, or is about to */
  GlbFrameStream *stream;      /* (nullable) */
  GlbThumbnail *thumbnail;     /* (nullable) */
  guint again_id;
};

G_DEFINE_FINAL_TYPE (GlbTilePicture, glb_tile_picture, GTK_TYPE_WIDGET)

/* The broker sends frames no more often than that. */
#define INTERVAL_MS 500
#define AGAIN_MS    1000
#define MAX_WIDTH   480
#define MAX_HEIGHT  300
/* Where no frame says another. */
#define RATIO       1.6

/* ---- frames --------------------------------------------------------------------- */

static void stop_watching (GlbTilePicture *self);

static void
on_frame (GlbFrameStream *stream,
          GlbTilePicture *self)
{
  const GlbFrame *frame = glb_frame_stream_peek (stream);
  g_autoptr(GdkTexture) texture = NULL;

  if (frame == NULL)
    return;

  if (self->thumbnail == NULL || !glb_thumbnail_fits (self->thumbnail, frame))
    {
      g_clear_pointer (&self->thumbnail, glb_thumbnail_free);
      self->thumbnail = glb_thumbnail_new (frame->width, frame->height, MAX_WIDTH, MAX_HEIGHT);
    }
  glb_thumbnail_update (self->thumbnail, frame);
  glb_frame_stream_release (stream);

  texture = glb_thumbnail_dup_texture (self->thumbnail);
  glb_session_item_set_picture (self->item, texture);
  if (!glb_sight_draw (self->sight))
    stop_watching (self);
}

static void
stop_watching (GlbTilePicture *self)
{
  g_clear_handle_id (&self->again_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->thumbnail, glb_thumbnail_free);
}

static gboolean
on_again (gpointer user_data)
{
  GlbTilePicture *self = user_data;

  self->again_id = 0;
  stop_watching (self);
  glb_tile_picture_update (self);

  return G_SOURCE_REMOVE;
}

static void
on_closed (GlbFrameStream *stream,
           GlbTilePicture *self)
{
  if (self->again_id == 0)
    self->again_id = g_timeout_add (AGAIN_MS, on_again, self);
}

/* Where it cannot be watched now, this is tried again: it may just begin or end, or have as many viewers as it takes. */
static void
watch_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbTilePicture) self = user_data;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) handle = NULL;
  g_autoptr(GError) error = NULL;
  int fd;

  if (!glb_dbus_session1_call_watch_finish (GLB_DBUS_SESSION1 (object), &handle, &fds, result, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        on_closed (NULL, self);
      return;
    }
  if (fds == NULL || (fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), &error)) < 0)
    return;

  self->stream = glb_frame_stream_new (fd, &error);
  if (self->stream == NULL)
    {
      g_warning ("Can't read frames: %s", error->message);
      return;
    }
  g_signal_connect_object (self->stream, "frame", G_CALLBACK (on_frame), self, 0);
  g_signal_connect_object (self->stream, "closed", G_CALLBACK (on_closed), self, 0);
}

static void
start_watching (GlbTilePicture *self)
{
  g_auto(GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&options, "{sv}", "interval-ms", g_variant_new_uint32 (INTERVAL_MS));
  self->cancellable = g_cancellable_new ();
  glb_dbus_session1_call_watch (glb_session_item_get_session (self->item), g_variant_builder_end (&options), NULL,
                                self->cancellable, watch_cb, g_object_ref (self));
}

static gboolean
is_wanted (GlbTilePicture *self)
{
  return self->in_sight && gtk_widget_get_mapped (GTK_WIDGET (self)) && self->item != NULL &&
         glb_session_item_is_alive (self->item) && glb_session_item_has_screen (self->item);
}

void
glb_tile_picture_update (GlbTilePicture *self)
{
  g_return_if_fail (GLB_IS_TILE_PICTURE (self));

  if (!is_wanted (self))
    stop_watching (self);
  else if (self->cancellable == NULL)
    start_watching (self);
}

/* The window was hidden, and is seen again. */
static void
on_shown (GtkWidget *widget)
{
  glb_tile_picture_update (GLB_TILE_PICTURE (widget));
}

/* ---- the widget ------------------------------------------------------------------- */

static void
glb_tile_picture_snapshot (GtkWidget   *widget,
                           GtkSnapshot *snapshot)
{
  GlbTilePicture *self = GLB_TILE_PICTURE (widget);
  GdkTexture *texture = self->item != NULL ? glb_session_item_get_picture (self->item) : NULL;
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double scale, shown_width, shown_height;

  glb_sight_drawn (self->sight);
  if (texture == NULL)
    return;

  scale = MIN (width / gdk_texture_get_width (texture), height / gdk_texture_get_height (texture));
  shown_width = gdk_texture_get_width (texture) * scale;
  shown_height = gdk_texture_get_height (texture) * scale;
  gtk_snapshot_append_texture (snapshot, texture, &GRAPHENE_RECT_INIT ((width - shown_width) / 2, (height - shown_height) / 2,
                                                                       shown_width, shown_height));
}

static GtkSizeRequestMode
glb_tile_picture_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
glb_tile_picture_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = 240;
  else
    *minimum = *natural = (int) ((for_size > 0 ? for_size : 240) / RATIO);
}

static void
glb_tile_picture_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glb_tile_picture_parent_class)->map (widget);
  glb_tile_picture_update (GLB_TILE_PICTURE (widget));
}

static void
glb_tile_picture_unmap (GtkWidget *widget)
{
  glb_sight_reset (GLB_TILE_PICTURE (widget)->sight);
  GTK_WIDGET_CLASS (glb_tile_picture_parent_class)->unmap (widget);
  glb_tile_picture_update (GLB_TILE_PICTURE (widget));
}

static void
glb_tile_picture_dispose (GObject *object)
{
  GlbTilePicture *self = GLB_TILE_PICTURE (object);

  stop_watching (self);
  glb_sight_reset (self->sight);
  g_clear_object (&self->item);

  G_OBJECT_CLASS (glb_tile_picture_parent_class)->dispose (object);
}

static void
glb_tile_picture_finalize (GObject *object)
{
  glb_sight_free (GLB_TILE_PICTURE (object)->sight);

  G_OBJECT_CLASS (glb_tile_picture_parent_class)->finalize (object);
}

static void
glb_tile_picture_class_init (GlbTilePictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_tile_picture_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_tile_picture_finalize;
  widget_class->snapshot = glb_tile_picture_snapshot;
  widget_class->get_request_mode = glb_tile_picture_get_request_mode;
  widget_class->measure = glb_tile_picture_measure;
  widget_class->map = glb_tile_picture_map;
  widget_class->unmap = glb_tile_picture_unmap;
  gtk_widget_class_set_css_name (widget_class, "tilepicture");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glb_tile_picture_init (GlbTilePicture *self)
{
  self->sight = glb_sight_new (GTK_WIDGET (self), on_shown);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Screen of the session"), -1);
}

GtkWidget *
glb_tile_picture_new (void)
{
  return g_object_new (GLB_TYPE_TILE_PICTURE, NULL);
}

void
glb_tile_picture_set_item (GlbTilePicture *self,
                           GlbSessionItem *item)
{
  g_return_if_fail (GLB_IS_TILE_PICTURE (self));

  if (!g_set_object (&self->item, item))
    return;

  stop_watching (self);
  glb_tile_picture_update (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
glb_tile_picture_set_in_sight (GlbTilePicture *self,
                               gboolean        in_sight)
{
  g_return_if_fail (GLB_IS_TILE_PICTURE (self));

  if (self->in_sight == in_sight)
    return;

  self->in_sight = in_sight;
  glb_tile_picture_update (self);
}

gboolean
glb_tile_picture_is_watching (GlbTilePicture *self)
{
  g_return_val_if_fail (GLB_IS_TILE_PICTURE (self), FALSE);

  return self->stream != NULL;
}
