/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recording-control.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "session-broker/client/glb-paths.h"
#include "ui/glb-recording-info.h"

struct _GlbRecordingControl
{
  AdwBin parent_instance;

  GtkToggleButton *button;
  GtkWidget *dot;
  GtkLabel *label;
  GlbDBusSession1 *session;    /* (nullable) */
  GHashTable *runs;            /* a session's id to its Run */
  guint tick_id;               /* while the shown session is recorded */
  gboolean updating;           /* the button follows; it is not pressed */
};

/* One recorder that runs. */
typedef struct
{
  char *id;
  char *folder;
  GSubprocess *program;
  gint64 began_us;             /* monotonic */
  gboolean asked;              /* to end */
} Run;

enum
{
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlbRecordingControl, glb_recording_control, ADW_TYPE_BIN)

/* The recorder writes its end when it is told to stop. */
static void
run_free (Run *run)
{
  g_subprocess_send_signal (run->program, SIGTERM);
  g_object_unref (run->program);
  g_free (run->id);
  g_free (run->folder);
  g_free (run);
}

/* (nullable) */
static Run *
get_run (GlbRecordingControl *self)
{
  return self->session != NULL ? g_hash_table_lookup (self->runs, glb_dbus_session1_get_id (self->session)) : NULL;
}

/* ---- the button --------------------------------------------------------------------- */

static gboolean
is_alive (GlbRecordingControl *self)
{
  const char *state = self->session != NULL ? glb_dbus_session1_get_state (self->session) : NULL;

  return g_strcmp0 (state, "running") == 0 || g_strcmp0 (state, "paused") == 0;
}

static void
set_label (GlbRecordingControl *self,
           Run                 *run)
{
  gint64 seconds = run != NULL ? (g_get_monotonic_time () - run->began_us) / G_USEC_PER_SEC : 0;
  g_autofree char *time = g_strdup_printf (_("Recording %d:%02d"), (int) (seconds / 60), (int) (seconds % 60));

  gtk_label_set_label (self->label, run != NULL ? time : _("Record"));
}

static gboolean
on_tick (gpointer user_data)
{
  GlbRecordingControl *self = user_data;

  set_label (self, get_run (self));

  return G_SOURCE_CONTINUE;
}

static void
update (GlbRecordingControl *self)
{
  Run *run = get_run (self);

  self->updating = TRUE;
  gtk_toggle_button_set_active (self->button, run != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), run != NULL ? !run->asked : is_alive (self));
  self->updating = FALSE;
  if (run != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "recording");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "recording");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  run != NULL ? _("Stop recording") : _("Record"), -1);
  set_label (self, run);
  if (run == NULL)
    g_clear_handle_id (&self->tick_id, g_source_remove);
  else if (self->tick_id == 0)
    self->tick_id = g_timeout_add_seconds (1, on_tick, self);
}

/* ---- recorders ------------------------------------------------------------------------ */

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GlbRecordingControl) self = user_data;
  g_autofree char *err = NULL;
  GHashTableIter iter;
  Run *run;

  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (object), result, NULL, &err, NULL))
    err = g_strdup ("");
  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &run))
    if (run->program == G_SUBPROCESS (object))
      {
        g_autofree char *folder = g_strdup (run->folder);
        gboolean well = g_subprocess_get_if_exited (run->program) && g_subprocess_get_exit_status (run->program) == 0;
        const char *problem = g_str_has_prefix (err, "glovebox: ") ? err + strlen ("glovebox: ") : err;

        g_hash_table_iter_remove (&iter);
        update (self);
        g_signal_emit (self, signals[ENDED], 0, folder, well ? NULL : g_strchomp ((char *) problem));
        return;
      }
}

/* Nothing is recorded that no window shows: without the app the recorder ends, too. */
static void
end_with_app (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static void
start (GlbRecordingControl *self)
{
  const char *id = glb_dbus_session1_get_id (self->session);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *program = glb_paths_find_program ("glovebox", NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = glb_recording_folder_dup_new (glb_dbus_session1_get_name (self->session), &error);
  GSubprocess *recorder = NULL;
  Run *run;

  g_subprocess_launcher_set_child_setup (launcher, end_with_app, NULL, NULL);
  if (folder != NULL)
    recorder = g_subprocess_launcher_spawn (launcher, &error, program != NULL ? program : "glovebox", "record", id, "-o", folder, NULL);
  if (recorder == NULL)
    {
      g_signal_emit (self, signals[ENDED], 0, folder, error->message);
      return;
    }
  run = g_new0 (Run, 1);
  run->id = g_strdup (id);
  run->folder = g_steal_pointer (&folder);
  run->program = recorder;
  run->began_us = g_get_monotonic_time ();
  g_hash_table_replace (self->runs, run->id, run);
  g_subprocess_communicate_utf8_async (recorder, NULL, NULL, ended_cb, g_object_ref (self));
}

static void
on_toggled (GlbRecordingControl *self)
{
  Run *run = get_run (self);

  if (self->updating || self->session == NULL)
    return;
  if (run == NULL)
    start (self);
  else
    {
      run->asked = TRUE;
      g_subprocess_send_signal (run->program, SIGTERM);
    }
  update (self);
}

/* ---- the widget ------------------------------------------------------------------------- */

/* The window closes. */
static void
glb_recording_control_unroot (GtkWidget *widget)
{
  g_hash_table_remove_all (GLB_RECORDING_CONTROL (widget)->runs);

  GTK_WIDGET_CLASS (glb_recording_control_parent_class)->unroot (widget);
}

static void
glb_recording_control_dispose (GObject *object)
{
  GlbRecordingControl *self = GLB_RECORDING_CONTROL (object);

  glb_recording_control_set_session (self, NULL);
  g_hash_table_remove_all (self->runs);
  g_clear_handle_id (&self->tick_id, g_source_remove);

  G_OBJECT_CLASS (glb_recording_control_parent_class)->dispose (object);
}

static void
glb_recording_control_finalize (GObject *object)
{
  g_hash_table_unref (GLB_RECORDING_CONTROL (object)->runs);

  G_OBJECT_CLASS (glb_recording_control_parent_class)->finalize (object);
}

static void
glb_recording_control_class_init (GlbRecordingControlClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_recording_control_dispose;
  G_OBJECT_CLASS (klass)->finalize = glb_recording_control_finalize;
  GTK_WIDGET_CLASS (klass)->unroot = glb_recording_control_unroot;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "recordingcontrol");

  signals[ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                 G_TYPE_STRING, G_TYPE_STRING);
}

static void
glb_recording_control_init (GlbRecordingControl *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->runs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) run_free);
  self->dot = gtk_image_new_from_icon_name ("media-record-symbolic");
  self->label = GTK_LABEL (gtk_label_new (_("Record")));
  self->button = GTK_TOGGLE_BUTTON (gtk_toggle_button_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "numeric");
  gtk_box_append (GTK_BOX (box), self->dot);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "flat");
  gtk_button_set_child (GTK_BUTTON (self->button), box);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button),
                               _("Record all that happens on the screen, with what is typed; again to stop. Recordings are in the page Recordings"));
  g_signal_connect_object (self->button, "toggled", G_CALLBACK (on_toggled), self, G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
  update (self);
}

void
glb_recording_control_set_session (GlbRecordingControl *self,
                                   GlbDBusSession1     *session)
{
  g_return_if_fail (GLB_IS_RECORDING_CONTROL (self));

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  if (session != NULL)
    g_signal_connect_object (session, "g-properties-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  if (self->button != NULL && !gtk_widget_in_destruction (GTK_WIDGET (self)))
    update (self);
}
