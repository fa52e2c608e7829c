/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-page.h"

#include <glib/gi18n-lib.h>

#include "session-broker/record/glb-record-screen.h"
#include "ui/glb-folder-choice.h"
#include "ui/glb-recording-info.h"
#include "ui/glb-recording-rows.h"
#include "ui/glb-recording-view.h"

struct _GlbRecordingPage
{
  AdwBin parent_instance;

  GtkStack *levels;
  GtkLabel *folder_label;
  GtkWidget *home_button;
  GtkStack *stack;
  AdwStatusPage *empty, *failed;
  GtkListView *list;
  GtkSpinner *spinner;
  GtkWidget *cancel_button;
  GlbRecordingView *view;

  GListStore *infos;
  char *folder;                /* whose recordings are listed */
  GCancellable *listing;       /* (nullable) */
  GCancellable *opening;       /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GlbRecordingPage, glb_recording_page, ADW_TYPE_BIN)

static void
clear_cancellable (GCancellable **cancellable)
{
  if (*cancellable != NULL)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

/* ---- the list -------------------------------------------------------------------------- */

static char *
describe_time (gint64 unix_time)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local (unix_time);

  return time != NULL ? g_date_time_format (time, "%x %H:%M") : g_strdup ("");
}

static char *
describe_state (GlbRecordingInfo *info)
{
  g_autofree char *time = describe_time (glb_recording_info_get_time (info));
  g_autofree char *length = glb_recording_format_ms (MAX (0, glb_recording_info_get_ms (info)), FALSE);

  if (glb_recording_info_get_state (info) == GLB_RECORDING_UNREADABLE)
    return g_strdup_printf (_("%s · cannot be read"), time);
  if (glb_recording_info_get_state (info) == GLB_RECORDING_OPEN)
    return g_strdup_printf (_("%s · has no end: it is being made, or was cut off"), time);

  return g_strdup_printf ("%s · %s", time, length);
}

typedef struct
{
  GtkWidget *icon, *name, *command, *state;
} Row;

static GtkWidget *
make_label (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);

  return label;
}

static void
on_setup (GtkListItemFactory *factory,
          GtkListItem        *item)
{
  GtkWidget *grid = gtk_grid_new ();
  Row *row = g_new (Row, 1);

  gtk_grid_set_column_spacing (GTK_GRID (grid), 14);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 2);
  row->icon = gtk_image_new ();
  row->name = make_label ("heading");
  row->command = make_label ("monospace");
  row->state = make_label ("dim-label");
  gtk_widget_add_css_class (row->command, "caption");
  gtk_widget_add_css_class (row->state, "caption");
  gtk_grid_attach (GTK_GRID (grid), row->icon, 0, 0, 1, 3);
  gtk_grid_attach (GTK_GRID (grid), row->name, 1, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), row->command, 1, 1, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), row->state, 1, 2, 1, 1);
  gtk_list_item_set_child (item, grid);
  g_object_set_data_full (G_OBJECT (item), "row", row, g_free);
}

static void
on_bind (GtkListItemFactory *factory,
         GtkListItem        *item)
{
  static const char * const icons[] = {
    [GLB_RECORDING_WHOLE] = "media-record-symbolic",
    [GLB_RECORDING_OPEN] = "dialog-warning-symbolic",
    [GLB_RECORDING_UNREADABLE] = "dialog-error-symbolic",
  };
  GlbRecordingInfo *info = gtk_list_item_get_item (item);
  const char *command = glb_recording_info_get_command (info);
  g_autofree char *state = describe_state (info);
  g_autofree char *spoken = g_strdup_printf ("%s, %s", glb_recording_info_get_name (info), state);
  Row *row = g_object_get_data (G_OBJECT (item), "row");

  /* the row itself, which has no property for it before GTK 4.12 */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (gtk_list_item_get_child (item))),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_image_set_from_icon_name (GTK_IMAGE (row->icon), icons[glb_recording_info_get_state (info)]);
  gtk_label_set_label (GTK_LABEL (row->name), glb_recording_info_get_name (info));
  gtk_label_set_label (GTK_LABEL (row->command), command != NULL ? command : "");
  gtk_widget_set_visible (row->command, command != NULL);
  gtk_label_set_label (GTK_LABEL (row->state), state);
}

static void
show_list (GlbRecordingPage *self)
{
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->infos)) > 0;

  gtk_stack_set_visible_child_name (self->stack, any ? "list" : "empty");
}

static void
listed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GlbRecordingPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) infos = glb_recording_folder_list_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->listing);
  g_list_store_splice (self->infos, 0, g_list_model_get_n_items (G_LIST_MODEL (self->infos)), infos != NULL ? infos->pdata : NULL,
                       infos != NULL ? infos->len : 0);
  show_list (self);
  if (infos == NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", error->message);
}

static void
list (GlbRecordingPage *self,
      const char       *folder)
{
  g_autofree char *home = glb_recording_folder_dup_default ();
  g_autofree char *shown = g_filename_display_name (folder);
  char *wanted = g_strdup (folder);

  g_free (self->folder);
  self->folder = wanted;
  gtk_label_set_label (self->folder_label, shown);
  gtk_widget_set_visible (self->home_button, !g_str_equal (wanted, home));
  clear_cancellable (&self->listing);
  self->listing = g_cancellable_new ();
  glb_recording_folder_list_async (wanted, self->listing, listed_cb, g_object_ref (self));
}

/* ---- one of them --------------------------------------------------------------------------- */

static void
show_level (GlbRecordingPage *self,
            const char       *level)
{
  gboolean opening = g_str_equal (level, "opening");

  gtk_spinner_set_spinning (self->spinner, opening);
  gtk_stack_set_visible_child_name (self->levels, level);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "recording.close", !g_str_equal (level, "folder"));
  if (opening)
    gtk_widget_grab_focus (self->cancel_button);
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GlbRecordingPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbRecording) recording = glb_recording_open_finish (result, &error);
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->opening);
  if (recording != NULL)
    {
      show_level (self, "view");
      glb_recording_view_set_recording (self->view, recording);
      return;
    }
  text = g_markup_escape_text (error->message, -1);
  adw_status_page_set_description (self->failed, text);
  show_level (self, "failed");
}

void
glb_recording_page_open (GlbRecordingPage *self,
                         const char       *folder)
{
  g_return_if_fail (GLB_IS_RECORDING_PAGE (self));

  glb_recording_view_set_recording (self->view, NULL);
  clear_cancellable (&self->opening);
  self->opening = g_cancellable_new ();
  show_level (self, "opening");
  glb_recording_open_async (folder, self->opening, opened_cb, g_object_ref (self));
}

static void
on_activate (GtkListView      *view,
             guint             position,
             GlbRecordingPage *self)
{
  g_autoptr(GlbRecordingInfo) info = g_list_model_get_item (G_LIST_MODEL (self->infos), position);

  if (info != NULL)
    glb_recording_page_open (self, glb_recording_info_get_folder (info));
}

static void
on_close (GlbRecordingPage *self)
{
  clear_cancellable (&self->opening);
  glb_recording_view_set_recording (self->view, NULL);
  show_level (self, "folder");
  list (self, self->folder);
  gtk_widget_child_focus (GTK_WIDGET (self->stack), GTK_DIR_TAB_FORWARD);
}

static void
on_close_action (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  on_close (GLB_RECORDING_PAGE (widget));
}

static void
on_home (GlbRecordingPage *self)
{
  g_autofree char *folder = glb_recording_folder_dup_default ();

  list (self, folder);
}

/* A recording opens; any other folder is looked through. */
static void
on_folder_chosen (GObject    *owner,
                  const char *path)
{
  g_autofree char *lines = g_build_filename (path, GLB_RECORD_LINES_NAME, NULL);

  if (g_file_test (lines, G_FILE_TEST_EXISTS))
    glb_recording_page_open (GLB_RECORDING_PAGE (owner), path);
  else
    list (GLB_RECORDING_PAGE (owner), path);
}

static void
on_open_folder (GlbRecordingPage *self)
{
  glb_folder_choose (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), _("Open Recordings"), self->folder, G_OBJECT (self),
                     on_folder_chosen);
}

/* ---- the widget -------------------------------------------------------------------------------- */

/* What was recorded meanwhile is there when one looks. */
static void
glb_recording_page_map (GtkWidget *widget)
{
  GlbRecordingPage *self = GLB_RECORDING_PAGE (widget);

  GTK_WIDGET_CLASS (glb_recording_page_parent_class)->map (widget);
  list (self, self->folder);
}

static void
glb_recording_page_dispose (GObject *object)
{
  GlbRecordingPage *self = GLB_RECORDING_PAGE (object);

  clear_cancellable (&self->listing);
  clear_cancellable (&self->opening);
  gtk_widget_dispose_template (GTK_WIDGET (self), GLB_TYPE_RECORDING_PAGE);

  G_OBJECT_CLASS (glb_recording_page_parent_class)->dispose (object);
}

static void
glb_recording_page_finalize (GObject *object)
{
  GlbRecordingPage *self = GLB_RECORDING_PAGE (object);

  g_clear_object (&self->infos);
  g_free (self->folder);

  G_OBJECT_CLASS (glb_recording_page_parent_class)->finalize (object);
}

static void
glb_recording_page_class_init (GlbRecordingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_recording_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_recording_page_finalize;
  widget_class->map = glb_recording_page_map;
  g_type_ensure (GLB_TYPE_RECORDING_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-recording-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, levels);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, folder_label);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, home_button);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, stack);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, empty);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, failed);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, list);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, GlbRecordingPage, view);
  gtk_widget_class_bind_template_callback (widget_class, on_home);
  gtk_widget_class_bind_template_callback (widget_class, on_open_folder);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_close);
  gtk_widget_class_install_action (widget_class, "recording.close", NULL, on_close_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "recording.close", NULL);
}

static void
glb_recording_page_init (GlbRecordingPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->folder = glb_recording_folder_dup_default ();
  self->infos = g_list_store_new (GLB_TYPE_RECORDING_INFO);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->infos)))));
  show_level (self, "folder");
  show_list (self);
}

GtkWidget *
glb_recording_page_new (void)
{
  return g_object_new (GLB_TYPE_RECORDING_PAGE, NULL);
}
