/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <locale.h>

#include "ui/glb-view-application.h"

/*
 * Without a GPU, GTK's GL renderer draws with llvmpipe, which takes several times as long as its cairo renderer for the
 * pictures of sessions. To be called before GTK opens the display.
 */
static void
choose_renderer (void)
{
  g_autoptr(GDir) cards = g_dir_open ("/dev/dri", 0, NULL);
  const char *name;

  while (cards != NULL && (name = g_dir_read_name (cards)) != NULL)
    if (g_str_has_prefix (name, "renderD"))
      return;

  g_setenv ("GSK_RENDERER", "cairo", FALSE);
}

/* As a URI: the instance that runs already is in another folder, and a file's name need not be UTF-8. */
static void
show_recording (GActionGroup *application,
                const char   *folder)
{
  g_autoptr(GFile) file = g_file_new_for_commandline_arg (folder);

  g_action_group_activate_action (application, "show-recording", g_variant_new_take_string (g_file_get_uri (file)));
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GlbViewApplication) application = NULL;
  g_autoptr(GOptionContext) context = NULL;
  g_autofree char *recording = NULL;
  const GOptionEntry entries[] = {
    { "recording", 0, 0, G_OPTION_ARG_FILENAME, &recording, N_("Open this recording"), N_("DIR") },
    { NULL }
  };
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, GLOVEBOX_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  context = g_option_context_new (_("[SESSION]"));
  g_option_context_set_summary (context, _("Shows all sessions live, or the one of that id or name, in the app that runs already if there is one."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 2 || (argc == 2 && recording != NULL))
    {
      g_printerr (_("glovebox-view: %s; see glovebox-view --help\n"),
                  error != NULL ? error->message : _("one session or one recording at the most"));
      return 125;
    }

  choose_renderer ();
  /* One line instead of GTK's warning. */
  if (!gtk_init_check ())
    {
      g_printerr (_("glovebox-view: no display: neither WAYLAND_DISPLAY nor DISPLAY leads to one; "
                    "start it in a desktop, or use \"glovebox screenshot\"\n"));
      return 125;
    }

  application = glb_view_application_new ();
  if (!g_application_register (G_APPLICATION (application), NULL, &error))
    {
      g_printerr ("glovebox-view: %s\n", error->message);
      return 125;
    }
  if (argc == 2)
    g_action_group_activate_action (G_ACTION_GROUP (application), "show-session", g_variant_new_string (argv[1]));

  if (recording != NULL)
    show_recording (G_ACTION_GROUP (application), recording);

  return g_application_run (G_APPLICATION (application), 0, NULL);
}
