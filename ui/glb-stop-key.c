/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-stop-key.h"

/*
 * Ctrl+Alt+S is on each keyboard, on laptops too, which Pause is not; desktops leave it free, and policies keep the
 * agent's hands off Ctrl+Alt by default. Before everything else, so that it works while the person drives, and in each
 * layout that has an S in one of its groups.
 */
static gboolean
on_key_pressed (GtkEventControllerKey *keys,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                GtkWidget             *main)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (keys));

  if (gdk_key_event_matches (event, GDK_KEY_s, GDK_CONTROL_MASK | GDK_ALT_MASK) == GDK_KEY_MATCH_NONE)
    return GDK_EVENT_PROPAGATE;

  gtk_widget_activate_action (main, "win.stop-everything", NULL);

  return GDK_EVENT_STOP;
}

static void
on_windows_changed (GListModel *windows,
                    guint       position,
                    guint       removed,
                    guint       added,
                    GtkWidget  *main)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr(GtkWidget) window = g_list_model_get_item (windows, i);
      GtkEventController *keys = gtk_event_controller_key_new ();

      gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
      g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key_pressed), main, 0);
      gtk_widget_add_controller (window, keys);
    }
}

void
glb_stop_key_watch (GtkWidget *main)
{
  GListModel *windows = gtk_window_get_toplevels ();

  g_return_if_fail (GTK_IS_WIDGET (main));

  g_signal_connect_object (windows, "items-changed", G_CALLBACK (on_windows_changed), main, 0);
  on_windows_changed (windows, 0, 0, g_list_model_get_n_items (windows), main);
}
