/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-view.h"

#include <glib/gi18n-lib.h>

#include "ui/glb-accessible.h"
#include "ui/glb-recording-job.h"
#include "ui/glb-recording-marks.h"
#include "ui/glb-recording-picture.h"
#include "ui/glb-recording-rows.h"

/*
 * The view is at a record, and at the entry that happened last by then. A step
 * goes to an entry, and to the record where the screen came to rest after it;
 * the slider goes to the record of its time. Pictures come from a thread: while
 * one is loaded, only the newest wish waits.
 */
struct _GlbRecordingView
{
  AdwBin parent_instance;

  GtkLabel *title, *subtitle;
  GtkWidget *back_button;
  GtkWidget *make_box, *job_box;
  GtkProgressBar *job_bar;
  GtkWidget *banner;
  GtkLabel *flaw;
  GtkWidget *player, *glass;
  GtkLabel *ribbon, *change;
  GtkStack *stack;
  GlbRecordingPicture *picture;
  GtkLabel *no_picture;
  GlbRecordingMarks *marks;
  GtkScale *scale;
  GtkAdjustment *position;
  GtkButton *play_button;
  GtkWidget *previous_button, *next_button;
  GtkLabel *time;
  GtkToggleButton *before_button, *difference_button;
  GtkDropDown *kind;
  GtkStack *list_stack;
  GtkListView *list;
  GtkLabel *details_title, *details, *windows;
  GtkWidget *windows_heading;

  GtkFilter *filter;
  GtkFilterListModel *shown;
  GtkSingleSelection *selection;
  GlbRecording *recording;     /* (nullable) */
  GlbRecordingMoment *moment;  /* (nullable): that is shown */
  GlbRecordingJob *job;        /* (nullable) */
  guint entry, record;         /* where it is */
  GCancellable *loading;       /* (nullable): while a moment is loaded */
  gboolean waiting;            /* another one is wanted then */
  gboolean updating;           /* controls follow; nobody moved them */
  guint play_id;
  double played_ms;            /* where playing is */
  gint64 played_us;            /* and since when, monotonic */
};

enum
{
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlbRecordingView, glb_recording_view, ADW_TYPE_BIN)

/* In the drop down, the kinds come after "Everything". */
#define EVERYTHING 0

/* Where nothing happens, playing goes on after so long; its pictures come as often as those of the video. */
#define GAP_MS  3000
#define TICK_MS 50

static GlbRecordingEntry *
get_entry (GlbRecordingView *self,
           guint             position)
{
  return g_list_model_get_item (glb_recording_get_entries (self->recording), position);
}

/* ---- the picture ------------------------------------------------------------------------ */

static void
set_change (GlbRecordingView         *self,
            const GlbRecordingMoment *moment)
{
  g_autofree char *text = NULL;

  if (moment->difference == NULL)
    text = g_strdup ("");
  else if (moment->n_changed == 0)
    text = g_strdup (_("Nothing changed on the screen"));
  else
    text = g_strdup_printf (_("Changed: %u × %u at %u, %u"), (guint) moment->changed.width, (guint) moment->changed.height,
                            (guint) moment->changed.x, (guint) moment->changed.y);
  gtk_label_set_label (self->change, text);
}

/* (nullable); name: (out): said to who cannot see it */
static const GlbRecordImage *
get_image (GlbRecordingView  *self,
           const char       **name)
{
  if (gtk_toggle_button_get_active (self->before_button))
    {
      *name = _("Screen before");
      return self->moment->before;
    }
  if (gtk_toggle_button_get_active (self->difference_button))
    {
      *name = _("What changed on the screen");
      return self->moment->difference;
    }
  *name = _("Screen after");

  return self->moment->now;
}

static void
set_picture_name (GlbRecordingView *self,
                  const char       *which)
{
  g_autoptr(GlbRecordingEntry) entry = get_entry (self, self->entry);
  g_autofree char *name = g_strdup_printf ("%s: %s", which, glb_recording_entry_get_title (entry));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
show_picture (GlbRecordingView *self)
{
  g_autoptr(GlbRecordingEntry) entry = NULL;
  gboolean difference = gtk_toggle_button_get_active (self->difference_button);
  const GlbRecordImage *image;
  const char *name;
  int x, y;

  if (self->moment == NULL)
    return;
  entry = get_entry (self, self->entry);
  image = get_image (self, &name);
  glb_recording_picture_set_image (self->picture, image);
  glb_recording_picture_set_changed (self->picture, difference && self->moment->n_changed > 0 ? &self->moment->changed : NULL);
  if (!glb_recording_entry_get_place (entry, &x, &y))
    x = -1;
  glb_recording_picture_set_place (self->picture, x, y, glb_recording_entry_is_refused (entry));
  set_picture_name (self, name);
  gtk_label_set_label (self->no_picture, self->moment->problem != NULL ? self->moment->problem : _("No picture was recorded here"));
  gtk_stack_set_visible_child_name (self->stack, image != NULL ? "picture" : "none");
}

static void
show_moment (GlbRecordingView   *self,
             GlbRecordingMoment *moment)
{
  g_clear_pointer (&self->moment, glb_recording_moment_free);
  self->moment = moment;
  set_change (self, moment);
  gtk_label_set_label (self->details, moment->details);
  gtk_widget_set_visible (GTK_WIDGET (self->details), moment->details != NULL);
  gtk_label_set_label (self->windows, moment->windows);
  gtk_widget_set_visible (GTK_WIDGET (self->windows), moment->windows != NULL);
  gtk_widget_set_visible (self->windows_heading, moment->windows != NULL);
  show_picture (self);
}

static void load (GlbRecordingView *self);

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GlbRecordingView) self = user_data;
  g_autoptr(GlbRecordingMoment) moment = glb_recording_load_finish (GLB_RECORDING (object), result, NULL);

  /* it was closed, or another one is open */
  if (moment == NULL || self->recording != GLB_RECORDING (object))
    return;
  g_clear_object (&self->loading);
  show_moment (self, g_steal_pointer (&moment));
  if (self->waiting)
    load (self);
}

static void
load (GlbRecordingView *self)
{
  self->waiting = self->loading != NULL;
  if (self->waiting)
    return;
  self->loading = g_cancellable_new ();
  glb_recording_load_async (self->recording, self->entry, self->record, self->loading, loaded_cb, g_object_ref (self));
}

/* ---- where it is --------------------------------------------------------------------------- */

static void
set_frame (GlbRecordingView  *self,
           GlbRecordingEntry *entry)
{
  GlbRecordingActor actor = glb_recording_entry_get_actor (entry);
  const char *title = glb_recording_entry_get_title (entry);
  g_autofree char *text = glb_recording_entry_get_kind (entry) == GLB_RECORDING_ACTION
                            ? g_strdup_printf ("%s · %s", glb_recording_actor_get_name (actor), title) : g_strdup (title);

  for (GlbRecordingActor i = GLB_RECORDING_NOBODY; i <= GLB_RECORDING_REPLAY; i++)
    gtk_widget_remove_css_class (self->glass, glb_recording_actor_get_class (i));
  gtk_widget_add_css_class (self->glass, glb_recording_actor_get_class (actor));
  gtk_label_set_label (self->ribbon, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->glass), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_label_set_label (self->details_title, title);
}

static guint
find_shown (GlbRecordingView  *self,
            GlbRecordingEntry *wanted)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->shown));
  guint low = 0, high = n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      g_autoptr(GlbRecordingEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->shown), middle);

      if (glb_recording_entry_get_index (entry) < glb_recording_entry_get_index (wanted))
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static void
select_entry (GlbRecordingView  *self,
              GlbRecordingEntry *wanted)
{
  guint position = find_shown (self, wanted);
  g_autoptr(GlbRecordingEntry) found = g_list_model_get_item (G_LIST_MODEL (self->shown), position);

  gtk_single_selection_set_selected (self->selection, found == wanted ? position : GTK_INVALID_LIST_POSITION);
  if (found == wanted)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
}

static void
set_time (GlbRecordingView *self,
          gint64            ms)
{
  g_autofree char *now = glb_recording_format_ms (ms, TRUE);
  g_autofree char *all = glb_recording_format_ms (glb_recording_get_ms (self->recording), TRUE);
  g_autofree char *text = g_strdup_printf ("%s / %s", now, all);

  gtk_label_set_label (self->time, text);
  gtk_adjustment_set_value (self->position, ms);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
go_to (GlbRecordingView *self,
       guint             entry,
       guint             record,
       gint64            ms)
{
  gboolean other = entry != self->entry || record != self->record || self->moment == NULL;
  g_autoptr(GlbRecordingEntry) now = get_entry (self, entry);

  self->entry = entry;
  self->record = record;
  self->updating = TRUE;
  set_time (self, ms);
  set_frame (self, now);
  select_entry (self, now);
  self->updating = FALSE;
  if (other)
    load (self);
}

static void
go_to_entry (GlbRecordingView *self,
             guint             position)
{
  g_autoptr(GlbRecordingEntry) entry = get_entry (self, position);

  go_to (self, position, glb_recording_entry_get_last (entry), glb_recording_entry_get_ms (entry));
}

static void
go_to_ms (GlbRecordingView *self,
          gint64            ms)
{
  guint record = glb_recording_find_record (self->recording, ms);

  go_to (self, glb_recording_find_entry (self->recording, record), record, ms);
}

/* ---- playing --------------------------------------------------------------------------------- */

static void
set_play_button (GlbRecordingView *self)
{
  gboolean plays = self->play_id != 0;

  gtk_button_set_icon_name (self->play_button, plays ? "media-playback-pause-symbolic" : "media-playback-start-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play_button), GTK_ACCESSIBLE_PROPERTY_LABEL, plays ? _("Pause") : _("Play"), -1);
}

static void
stop_playing (GlbRecordingView *self)
{
  g_clear_handle_id (&self->play_id, g_source_remove);
  set_play_button (self);
}

static gboolean
on_tick (gpointer user_data)
{
  GlbRecordingView *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 next = glb_recording_get_next_ms (self->recording, self->played_ms);

  self->played_ms += (now_us - self->played_us) / 1000.0;
  self->played_us = now_us;
  if (next >= 0 && next - self->played_ms > GAP_MS)
    self->played_ms = next - GAP_MS;
  self->played_ms = MIN (self->played_ms, glb_recording_get_ms (self->recording));
  go_to_ms (self, self->played_ms);
  if (next >= 0)
    return G_SOURCE_CONTINUE;

  self->play_id = 0;
  set_play_button (self);

  return G_SOURCE_REMOVE;
}

/* At the end it begins anew. */
static void
on_play (GlbRecordingView *self)
{
  if (self->recording == NULL)
    return;
  if (self->play_id != 0)
    {
      stop_playing (self);
      return;
    }
  self->played_ms = gtk_adjustment_get_value (self->position);
  if (glb_recording_get_next_ms (self->recording, self->played_ms) < 0)
    self->played_ms = 0;
  self->played_us = g_get_monotonic_time ();
  self->play_id = g_timeout_add (TICK_MS, on_tick, self);
  set_play_button (self);
}

/* ---- what the person moves ---------------------------------------------------------------------- */

static gboolean
on_change_value (GtkRange         *range,
                 GtkScrollType     scroll,
                 double            value,
                 GlbRecordingView *self)
{
  if (self->recording == NULL)
    return TRUE;
  stop_playing (self);
  go_to_ms (self, CLAMP (value, 0, glb_recording_get_ms (self->recording)));

  return TRUE;
}

/* From the accessibility bus. */
static void
on_value_changed (GtkAdjustment    *position,
                  GlbRecordingView *self)
{
  if (self->updating || self->recording == NULL)
    return;
  stop_playing (self);
  go_to_ms (self, gtk_adjustment_get_value (position));
}

static gboolean
is_step (GlbRecordingView *self,
         guint             position)
{
  g_autoptr(GlbRecordingEntry) entry = get_entry (self, position);
  guint chosen = gtk_drop_down_get_selected (self->kind);

  return glb_recording_entry_get_kind (entry) == (chosen == EVERYTHING ? GLB_RECORDING_ACTION : chosen - 1);
}

/* To the action before or after, or to what is chosen to be shown instead. Where there is none, it stays. */
static void
step (GlbRecordingView *self,
      int               way)
{
  guint n = self->recording != NULL ? g_list_model_get_n_items (glb_recording_get_entries (self->recording)) : 0;

  stop_playing (self);
  for (guint i = self->entry + way; i < n; i += way)
    if (is_step (self, i))
      {
        go_to_entry (self, i);
        return;
      }
}

static void
on_previous (GlbRecordingView *self)
{
  step (self, -1);
}

static void
on_next (GlbRecordingView *self)
{
  step (self, 1);
}

static void
on_mode (GlbRecordingView *self)
{
  show_picture (self);
}

static void
on_selected (GtkSingleSelection *selection,
             GParamSpec         *pspec,
             GlbRecordingView   *self)
{
  GlbRecordingEntry *entry = gtk_single_selection_get_selected_item (selection);

  if (self->updating || entry == NULL || self->recording == NULL)
    return;
  stop_playing (self);
  go_to_entry (self, glb_recording_find_entry (self->recording, glb_recording_entry_get_index (entry)));
}

static gboolean
is_shown (gpointer item,
          gpointer user_data)
{
  GlbRecordingView *self = user_data;
  guint chosen = gtk_drop_down_get_selected (self->kind);

  return chosen == EVERYTHING || glb_recording_entry_get_kind (item) == chosen - 1;
}

static void
on_kind_changed (GtkDropDown      *kind,
                 GParamSpec       *pspec,
                 GlbRecordingView *self)
{
  gboolean any;

  self->updating = TRUE;
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  any = g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0;
  gtk_stack_set_visible_child_name (self->list_stack, any ? "list" : "empty");
  if (self->recording != NULL)
    {
      g_autoptr(GlbRecordingEntry) entry = get_entry (self, self->entry);

      select_entry (self, entry);
    }
  self->updating = FALSE;
}

static void
on_back (GlbRecordingView *self)
{
  g_signal_emit (self, signals[CLOSED], 0);
}

/* Before the slider, the list and the picture, which have uses of their own for these; after buttons, for which space is a click. */
static gboolean
on_key_pressed (GtkEventControllerKey *keys,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                GlbRecordingView      *self)
{
  gboolean flipped = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Left || keyval == GDK_KEY_Right)
    step (self, (keyval == GDK_KEY_Right) == !flipped ? 1 : -1);
  else if (keyval == GDK_KEY_space)
    on_play (self);
  else
    return GDK_EVENT_PROPAGATE;

  return GDK_EVENT_STOP;
}

static void
add_keys (GlbRecordingView    *self,
          GtkWidget           *widget,
          GtkPropagationPhase  phase)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (keys, phase);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), self);
  gtk_widget_add_controller (widget, keys);
}

/* ---- videos and tests ------------------------------------------------------------------------------ */

static void
say (GlbRecordingView *self,
     const char       *message)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", message);
}

static void
end_job (GlbRecordingView *self)
{
  if (self->job != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->job, self);
      glb_recording_job_cancel (self->job);
    }
  g_clear_object (&self->job);
  gtk_widget_set_visible (self->job_box, FALSE);
  gtk_widget_set_visible (self->make_box, TRUE);
}

static void
on_job_progress (GlbRecordingJob  *job,
                 int               percent,
                 GlbRecordingView *self)
{
  gtk_progress_bar_set_fraction (self->job_bar, percent / 100.0);
}

static void
on_job_done (GlbRecordingJob  *job,
             gboolean          made,
             const char       *message,
             GlbRecordingView *self)
{
  g_autofree char *text = NULL;

  if (!made)
    text = g_strdup_printf (_("Not made: %s"), message != NULL ? message : _("the program ended"));
  else if (message != NULL)
    text = g_strdup_printf (_("Made: %s. But: %s"), glb_recording_job_get_file (job), message);
  else
    text = g_strdup_printf (_("Made: %s"), glb_recording_job_get_file (job));
  end_job (self);
  say (self, text);
}

static void
start_job (GlbRecordingView *self,
           const char       *verb,
           const char       *file)
{
  g_autoptr(GError) error = NULL;

  if (self->recording == NULL || self->job != NULL)
    return;
  self->job = glb_recording_job_new (verb, glb_recording_get_folder (self->recording), file, &error);
  if (self->job == NULL)
    {
      say (self, error->message);
      return;
    }
  g_signal_connect_object (self->job, "progress", G_CALLBACK (on_job_progress), self, 0);
  g_signal_connect_object (self->job, "done", G_CALLBACK (on_job_done), self, 0);
  gtk_progress_bar_set_fraction (self->job_bar, 0);
  gtk_progress_bar_set_text (self->job_bar, g_str_equal (verb, "video") ? _("Making the video") : _("Making the test"));
  gtk_widget_set_visible (self->job_box, TRUE);
  gtk_widget_set_visible (self->make_box, FALSE);
}

static void
on_cancel_job (GlbRecordingView *self)
{
  end_job (self);
}

/* GTK 4.10 has another class for it, which 4.8 has not. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS

static void
on_file_response (GtkNativeDialog  *dialog,
                  int               response,
                  GlbRecordingView *self)
{
  g_autoptr(GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL)
    start_job (self, g_object_get_data (G_OBJECT (dialog), "verb"), path);
  g_object_unref (dialog);
}

/* verb: static */
static void
ask_for_file (GlbRecordingView *self,
              const char       *verb,
              const char       *title,
              const char       *suffix)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (root), GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), _("_Cancel"));
  g_autofree char *base = g_path_get_basename (glb_recording_get_folder (self->recording));
  g_autofree char *shown = g_filename_display_name (base);
  g_autofree char *name = g_strconcat (shown, suffix, NULL);
  g_autoptr(GFile) home = g_file_new_for_path (g_get_home_dir ());

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), home, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_object_set_data (G_OBJECT (dialog), "verb", (gpointer) verb);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

G_GNUC_END_IGNORE_DEPRECATIONS

static void
on_make_video (GlbRecordingView *self)
{
  ask_for_file (self, "video", _("Save the Video"), ".webm");
}

static void
on_make_test (GlbRecordingView *self)
{
  ask_for_file (self, "test", _("Save the Test"), ".json");
}

/* ---- the widget ------------------------------------------------------------------------------------- */

static void
glb_recording_view_unmap (GtkWidget *widget)
{
  stop_playing (GLB_RECORDING_VIEW (widget));

  GTK_WIDGET_CLASS (glb_recording_view_parent_class)->unmap (widget);
}

/* Nothing is asked of what is not there any more. */
static void
forget (GlbRecordingView *self)
{
  g_clear_handle_id (&self->play_id, g_source_remove);
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  self->waiting = FALSE;
  g_clear_pointer (&self->moment, glb_recording_moment_free);
  g_clear_object (&self->recording);
}

static void
glb_recording_view_dispose (GObject *object)
{
  GlbRecordingView *self = GLB_RECORDING_VIEW (object);

  forget (self);
  if (self->job != NULL)
    glb_recording_job_cancel (self->job);
  g_clear_object (&self->job);
  gtk_widget_dispose_template (GTK_WIDGET (self), GLB_TYPE_RECORDING_VIEW);

  G_OBJECT_CLASS (glb_recording_view_parent_class)->dispose (object);
}

#define CHILD(name) gtk_widget_class_bind_template_child (widget_class, GlbRecordingView, name)

static void
bind_template (GtkWidgetClass *widget_class)
{
  CHILD (title); CHILD (subtitle); CHILD (back_button); CHILD (make_box); CHILD (job_box); CHILD (job_bar);
  CHILD (banner); CHILD (flaw); CHILD (player); CHILD (glass); CHILD (ribbon); CHILD (change);
  CHILD (stack); CHILD (picture); CHILD (no_picture); CHILD (marks); CHILD (scale); CHILD (position);
  CHILD (play_button); CHILD (previous_button); CHILD (next_button); CHILD (time);
  CHILD (before_button); CHILD (difference_button); CHILD (kind); CHILD (list_stack); CHILD (list);
  CHILD (details_title); CHILD (details); CHILD (windows); CHILD (windows_heading);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
  gtk_widget_class_bind_template_callback (widget_class, on_play);
  gtk_widget_class_bind_template_callback (widget_class, on_previous);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
  gtk_widget_class_bind_template_callback (widget_class, on_mode);
  gtk_widget_class_bind_template_callback (widget_class, on_kind_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_make_video);
  gtk_widget_class_bind_template_callback (widget_class, on_make_test);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_job);
}

static void
glb_recording_view_class_init (GlbRecordingViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = glb_recording_view_dispose;
  widget_class->unmap = glb_recording_view_unmap;
  g_type_ensure (GLB_TYPE_RECORDING_PICTURE);
  g_type_ensure (GLB_TYPE_RECORDING_MARKS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/glovebox/View/glb-recording-view.ui");
  bind_template (widget_class);

  signals[CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
set_up_list (GlbRecordingView *self)
{
  g_autoptr(GtkListItemFactory) factory = glb_recording_rows_new ();

  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL));
  self->shown = gtk_filter_list_model_new (NULL, self->filter);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (self->shown));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_object_unref (self->selection);
}

static void
glb_recording_view_init (GlbRecordingView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  glb_accessible_name_drop_down (self->kind, _("Which events to show"));
  set_up_list (self);
  g_signal_connect_object (self->scale, "change-value", G_CALLBACK (on_change_value), self, 0);
  g_signal_connect_object (self->position, "value-changed", G_CALLBACK (on_value_changed), self, 0);
  add_keys (self, GTK_WIDGET (self->scale), GTK_PHASE_CAPTURE);
  add_keys (self, GTK_WIDGET (self->list), GTK_PHASE_CAPTURE);
  add_keys (self, GTK_WIDGET (self), GTK_PHASE_BUBBLE);
  set_play_button (self);
}

static void
set_head (GlbRecordingView *self)
{
  g_autofree char *name = g_path_get_basename (glb_recording_get_folder (self->recording));
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *folder = g_filename_display_name (glb_recording_get_folder (self->recording));
  const char *flaw = glb_recording_get_flaw (self->recording);
  g_autofree char *text = NULL;

  gtk_label_set_label (self->title, shown);
  gtk_label_set_label (self->subtitle, folder);
  if (flaw != NULL)
    text = g_strdup_printf (_("This recording is not whole; it is shown up to there: %s"), flaw);
  else if (glb_recording_is_too_long (self->recording))
    text = g_strdup_printf (_("Only the first %u entries are listed; the time can be gone through up to the end"), GLB_RECORDING_ENTRIES_MAX);
  gtk_label_set_label (self->flaw, text);
  gtk_widget_set_visible (self->banner, text != NULL);
}

/* The first thing that was done, as the beginning is mostly an empty screen. */
static void
begin (GlbRecordingView *self)
{
  guint n = g_list_model_get_n_items (glb_recording_get_entries (self->recording));

  for (guint i = 0; i < n; i++)
    if (is_step (self, i))
      {
        go_to_entry (self, i);
        return;
      }
  go_to_ms (self, glb_recording_get_ms (self->recording));
}

void
glb_recording_view_set_recording (GlbRecordingView *self,
                                  GlbRecording     *recording)
{
  g_return_if_fail (GLB_IS_RECORDING_VIEW (self));

  forget (self);
  end_job (self);
  set_play_button (self);
  self->updating = TRUE;
  gtk_drop_down_set_selected (self->kind, EVERYTHING);
  gtk_filter_list_model_set_model (self->shown, recording != NULL ? glb_recording_get_entries (recording) : NULL);
  self->updating = FALSE;
  if (recording == NULL)
    return;

  self->recording = g_object_ref (recording);
  self->updating = TRUE;
  gtk_adjustment_set_upper (self->position, MAX (1, glb_recording_get_ms (recording)));
  self->updating = FALSE;
  glb_recording_marks_set_recording (self->marks, GTK_RANGE (self->scale), recording);
  set_head (self);
  gtk_stack_set_visible_child_name (self->stack, "picture");
  begin (self);
  gtk_widget_grab_focus (self->glass);
}
