/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A GTK 4 program with nothing but a link, which the return key follows. */

#include <gtk/gtk.h>

static void
on_activate (GApplication *application,
             gpointer      user_data)
{
  GtkWidget *window = gtk_application_window_new (GTK_APPLICATION (application));
  GtkWidget *link = gtk_link_button_new ("https://example.org/from-gtk");

  gtk_window_set_title (GTK_WINDOW (window), "A link");
  gtk_window_set_child (GTK_WINDOW (window), link);
  gtk_window_set_focus (GTK_WINDOW (window), link);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GtkApplication) application = gtk_application_new ("org.glovebox.TestLink", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
