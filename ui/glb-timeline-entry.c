/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-timeline-entry.h"

struct _GlbTimelineEntry
{
  GObject parent_instance;

  GlbTimelineKind kind;
  GDateTime *time;
  char *title;
  char *detail;                /* (nullable) */
  GBytes *picture;             /* (nullable): PNG, a tenth of the size */
};

G_DEFINE_FINAL_TYPE (GlbTimelineEntry, glb_timeline_entry, G_TYPE_OBJECT)

static void
glb_timeline_entry_finalize (GObject *object)
{
  GlbTimelineEntry *self = GLB_TIMELINE_ENTRY (object);

  g_date_time_unref (self->time);
  g_free (self->title);
  g_free (self->detail);
  g_clear_pointer (&self->picture, g_bytes_unref);

  G_OBJECT_CLASS (glb_timeline_entry_parent_class)->finalize (object);
}

static void
glb_timeline_entry_class_init (GlbTimelineEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glb_timeline_entry_finalize;
}

static void
glb_timeline_entry_init (GlbTimelineEntry *self)
{
}

GlbTimelineEntry *
glb_timeline_entry_new (GlbTimelineKind  kind,
                        gint64           time_us,
                        const char      *title,
                        const char      *detail,
                        GdkTexture      *picture)
{
  GlbTimelineEntry *self = g_object_new (GLB_TYPE_TIMELINE_ENTRY, NULL);
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);

  self->kind = kind;
  self->time = g_date_time_to_local (time);
  self->title = g_strdup (title);
  self->detail = g_strdup (detail);
  if (picture != NULL)
    self->picture = gdk_texture_save_to_png_bytes (picture);

  return self;
}

GlbTimelineKind
glb_timeline_entry_get_kind (GlbTimelineEntry *self)
{
  g_return_val_if_fail (GLB_IS_TIMELINE_ENTRY (self), GLB_TIMELINE_STATE);

  return self->kind;
}

const char *
glb_timeline_entry_get_title (GlbTimelineEntry *self)
{
  g_return_val_if_fail (GLB_IS_TIMELINE_ENTRY (self), NULL);

  return self->title;
}

const char *
glb_timeline_entry_get_detail (GlbTimelineEntry *self)
{
  g_return_val_if_fail (GLB_IS_TIMELINE_ENTRY (self), NULL);

  return self->detail;
}

GdkTexture *
glb_timeline_entry_load_picture (GlbTimelineEntry *self)
{
  g_return_val_if_fail (GLB_IS_TIMELINE_ENTRY (self), NULL);

  return self->picture != NULL ? gdk_texture_new_from_bytes (self->picture, NULL) : NULL;
}

/* As the language writes it. */
char *
glb_timeline_entry_dup_time (GlbTimelineEntry *self)
{
  g_return_val_if_fail (GLB_IS_TIMELINE_ENTRY (self), NULL);

  return g_date_time_format (self->time, "%X");
}
