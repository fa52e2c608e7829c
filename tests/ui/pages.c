/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One page in a window of its own, for tests and pictures: test-pages start|policies|doctor [LIGHT]. Says on standard output what
 * session it would show. */

#include "config.h"

#include <adwaita.h>
#include <stdio.h>

#include "ui/glb-doctor-page.h"
#include "ui/glb-policy-page.h"
#include "ui/glb-start-page.h"

static void
on_action (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       user_data)
{
  printf ("%s %s\n", g_action_get_name (G_ACTION (action)), g_variant_get_string (parameter, NULL));
  fflush (stdout);
}

static GtkWidget *
make_page (const char *name)
{
  if (g_str_equal (name, "policies"))
    return glb_policy_page_new ();
  return g_str_equal (name, "doctor") ? glb_doctor_page_new () : glb_start_page_new ();
}

static void
on_activate (GtkApplication *application,
             const char     *page)
{
  static const GActionEntry actions[] = {
    { "show-session", on_action, "s" }, { "show-page", on_action, "s" }, { "say", on_action, "s" },
  };
  GtkWidget *window = adw_application_window_new (application);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *content = make_page (page);
  g_autoptr(GtkCssProvider) css = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (css, "/org/glovebox/View/glovebox-pages.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (css), GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_action_map_add_action_entries (G_ACTION_MAP (window), actions, G_N_ELEMENTS (actions), NULL);
  gtk_widget_set_vexpand (content, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), content);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), "Glovebox");
  gtk_window_set_default_size (GTK_WINDOW (window), 1340, 930);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(AdwApplication) application = adw_application_new ("org.glovebox.Test", G_APPLICATION_NON_UNIQUE);

  if (argc > 2)
    adw_style_manager_set_color_scheme (adw_application_get_style_manager (application),
                                        g_str_equal (argv[2], "dark") ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), argc > 1 ? argv[1] : (gpointer) "start");
  return g_application_run (G_APPLICATION (application), 0, NULL);
}
