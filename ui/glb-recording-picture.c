/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-picture.h"

struct _GlbRecordingPicture
{
  GtkWidget parent_instance;

  GdkTexture *texture;         /* (nullable) */
  gboolean has_changed;
  GlbRect changed;
  int x, y;                    /* x < 0: nowhere */
  gboolean refused;
};

G_DEFINE_FINAL_TYPE (GlbRecordingPicture, glb_recording_picture, GTK_TYPE_WIDGET)

#define RADIUS 15.0
#define MARGIN 4.0

/* Of the screen in the widget: never larger than it was. */
static double
get_place (GlbRecordingPicture *self,
           graphene_rect_t     *place)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  double screen_width = gdk_texture_get_width (self->texture), screen_height = gdk_texture_get_height (self->texture);
  double scale = MIN (1, MIN (width / screen_width, height / screen_height));

  graphene_rect_init (place, (width - screen_width * scale) / 2, (height - screen_height * scale) / 2, screen_width * scale,
                      screen_height * scale);

  return scale;
}

static void
draw_border (GtkSnapshot           *snapshot,
             const graphene_rect_t *rect,
             double                 radius,
             double                 width,
             const GdkRGBA         *color)
{
  const float widths[4] = { width, width, width, width };
  const GdkRGBA colors[4] = { *color, *color, *color, *color };
  GskRoundedRect border;

  gsk_rounded_rect_init_from_rect (&border, rect, radius);
  gtk_snapshot_append_border (snapshot, &border, widths, colors);
}

/* Light around dark, to be seen on each ground. */
static void
draw_changed (GlbRecordingPicture   *self,
              GtkSnapshot           *snapshot,
              const graphene_rect_t *place,
              double                 scale)
{
  graphene_rect_t rect = GRAPHENE_RECT_INIT (place->origin.x + self->changed.x * scale - MARGIN,
                                             place->origin.y + self->changed.y * scale - MARGIN,
                                             self->changed.width * scale + 2 * MARGIN, self->changed.height * scale + 2 * MARGIN);

  draw_border (snapshot, &rect, 4, 4, &(GdkRGBA) { 0, 0, 0, 0.55 });
  graphene_rect_inset (&rect, 1, 1);
  draw_border (snapshot, &rect, 3, 2, &(GdkRGBA) { 0.97, 0.89, 0.36, 1 });
}

static void
draw_place (GlbRecordingPicture   *self,
            GtkSnapshot           *snapshot,
            const graphene_rect_t *place,
            double                 scale)
{
  double x = place->origin.x + self->x * scale, y = place->origin.y + self->y * scale;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (x - RADIUS - 1.5, y - RADIUS - 1.5, 2 * RADIUS + 3, 2 * RADIUS + 3);
  GdkRGBA color = self->refused ? (GdkRGBA) { 0.88, 0.11, 0.14, 1 } : (GdkRGBA) { 0.21, 0.52, 0.89, 1 };

  draw_border (snapshot, &rect, RADIUS + 1.5, 6, &(GdkRGBA) { 1, 1, 1, 0.85 });
  graphene_rect_inset (&rect, 1.5, 1.5);
  draw_border (snapshot, &rect, RADIUS, 3, &color);
}

static void
glb_recording_picture_snapshot (GtkWidget   *widget,
                                GtkSnapshot *snapshot)
{
  GlbRecordingPicture *self = GLB_RECORDING_PICTURE (widget);
  graphene_rect_t place;
  double scale;

  if (self->texture == NULL)
    return;
  scale = get_place (self, &place);
  gtk_snapshot_append_texture (snapshot, self->texture, &place);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  if (self->has_changed)
    draw_changed (self, snapshot, &place, scale);
  if (self->x >= 0)
    draw_place (self, snapshot, &place, scale);
  gtk_snapshot_pop (snapshot);
}

static void
glb_recording_picture_dispose (GObject *object)
{
  g_clear_object (&GLB_RECORDING_PICTURE (object)->texture);

  G_OBJECT_CLASS (glb_recording_picture_parent_class)->dispose (object);
}

static void
glb_recording_picture_class_init (GlbRecordingPictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_recording_picture_dispose;
  widget_class->snapshot = glb_recording_picture_snapshot;
  gtk_widget_class_set_css_name (widget_class, "recordingpicture");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glb_recording_picture_init (GlbRecordingPicture *self)
{
  self->x = -1;
}

void
glb_recording_picture_set_image (GlbRecordingPicture  *self,
                                 const GlbRecordImage *image)
{
  g_return_if_fail (GLB_IS_RECORDING_PICTURE (self));

  g_clear_object (&self->texture);
  if (image != NULL)
    {
      gsize size = (gsize) image->width * image->height * sizeof *image->pixels;
      guint32 *pixels = g_memdup2 (image->pixels, size);
      g_autoptr(GBytes) bytes = NULL;

      /* opaque: B8G8R8X8 is none of GDK's before 4.14 */
      for (gsize i = 0; i < size / sizeof *pixels; i++)
        pixels[i] |= 0xff000000u;
      bytes = g_bytes_new_take (pixels, size);
      self->texture = gdk_memory_texture_new (image->width, image->height, GDK_MEMORY_DEFAULT, bytes, image->width * sizeof *pixels);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
glb_recording_picture_set_changed (GlbRecordingPicture *self,
                                   const GlbRect       *rect)
{
  g_return_if_fail (GLB_IS_RECORDING_PICTURE (self));

  self->has_changed = rect != NULL;
  if (rect != NULL)
    self->changed = *rect;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
glb_recording_picture_set_place (GlbRecordingPicture *self,
                                 int                  x,
                                 int                  y,
                                 gboolean             refused)
{
  g_return_if_fail (GLB_IS_RECORDING_PICTURE (self));

  self->x = x;
  self->y = y;
  self->refused = refused;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
