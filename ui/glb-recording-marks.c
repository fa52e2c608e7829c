/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-marks.h"

typedef struct
{
  double place;                /* 0 to 1 */
  GlbRecordingActor actor;
  gboolean refused;
} Mark;

struct _GlbRecordingMarks
{
  GtkWidget parent_instance;

  GtkRange *range;             /* weak, (nullable) */
  GArray *marks;
};

G_DEFINE_FINAL_TYPE (GlbRecordingMarks, glb_recording_marks, GTK_TYPE_WIDGET)

#define WIDTH  2
#define HEIGHT 12

static const GdkRGBA colors[] = {
  [GLB_RECORDING_NOBODY] = { 0.47, 0.46, 0.48, 1 },
  [GLB_RECORDING_AGENT] = { 0.21, 0.52, 0.89, 1 },
  [GLB_RECORDING_HUMAN] = { 0.90, 0.38, 0.00, 1 },
  [GLB_RECORDING_REPLAY] = { 0.57, 0.25, 0.67, 1 },
};

static void
glb_recording_marks_snapshot (GtkWidget   *widget,
                              GtkSnapshot *snapshot)
{
  GlbRecordingMarks *self = GLB_RECORDING_MARKS (widget);
  gboolean flipped = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GdkRectangle trough;
  graphene_point_t begin;
  int last = G_MININT;

  if (self->range == NULL)
    return;
  gtk_range_get_range_rect (self->range, &trough);
  /* the range has a padding, and its coordinates begin within */
  if (!gtk_widget_compute_point (GTK_WIDGET (self->range), widget, &GRAPHENE_POINT_INIT (trough.x, trough.y), &begin))
    return;
  for (guint i = 0; i < self->marks->len; i++)
    {
      const Mark *mark = &g_array_index (self->marks, Mark, i);
      int x = begin.x + trough.width * (flipped ? 1 - mark->place : mark->place) - WIDTH / 2.0;

      if (x == last)
        continue;
      last = x;
      gtk_snapshot_append_color (snapshot, &colors[mark->actor],
                                 &GRAPHENE_RECT_INIT (x, mark->refused ? HEIGHT / 2 : 0, WIDTH, mark->refused ? HEIGHT / 2 : HEIGHT));
    }
}

static void
glb_recording_marks_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 0;
}

static void
glb_recording_marks_dispose (GObject *object)
{
  g_clear_weak_pointer (&GLB_RECORDING_MARKS (object)->range);

  G_OBJECT_CLASS (glb_recording_marks_parent_class)->dispose (object);
}

static void
glb_recording_marks_finalize (GObject *object)
{
  g_array_unref (GLB_RECORDING_MARKS (object)->marks);

  G_OBJECT_CLASS (glb_recording_marks_parent_class)->finalize (object);
}

static void
glb_recording_marks_class_init (GlbRecordingMarksClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_recording_marks_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_recording_marks_finalize;
  widget_class->snapshot = glb_recording_marks_snapshot;
  widget_class->measure = glb_recording_marks_measure;
  gtk_widget_class_set_css_name (widget_class, "recordingmarks");
  /* the list says the same in words */
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
glb_recording_marks_init (GlbRecordingMarks *self)
{
  self->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
}

void
glb_recording_marks_set_recording (GlbRecordingMarks *self,
                                   GtkRange          *range,
                                   GlbRecording      *recording)
{
  GListModel *entries = glb_recording_get_entries (recording);
  double length = MAX (1, glb_recording_get_ms (recording));

  g_return_if_fail (GLB_IS_RECORDING_MARKS (self));

  g_set_weak_pointer (&self->range, range);
  g_array_set_size (self->marks, 0);
  for (guint i = 0; i < g_list_model_get_n_items (entries); i++)
    {
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (entries, i);
      Mark mark = { glb_recording_entry_get_ms (entry) / length, glb_recording_entry_get_actor (entry),
                    glb_recording_entry_is_refused (entry) };

      if (glb_recording_entry_get_kind (entry) == GLB_RECORDING_ACTION)
        g_array_append_val (self->marks, mark);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
