/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* glovebox-video: `glovebox recording video` is this program. */

#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <gst/gst.h>

#include "session-broker/video/glb-video.h"

#define EXIT_NOT_WHOLE 1
#define EXIT_FAILED    125

static int
fail (const char *message)
{
  fprintf (stderr, "glovebox: recording video: %s\n", message);
  return EXIT_FAILED;
}

static void
print_progress (guint percent)
{
  printf ("%u\n", percent);
  fflush (stdout);
}

static int
make (const char *folder,
      const char *path,
      gboolean    tells)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *flaw = NULL;

  if (!gst_init_check (NULL, NULL, &error) || !glb_video_make_telling (folder, path, tells ? print_progress : NULL, &flaw, &error))
    return fail (error->message);
  if (flaw == NULL)
    return 0;
  fprintf (stderr, "glovebox: recording video: %s: %s; the video ends there\n", folder, flaw);
  return EXIT_NOT_WHOLE;
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *path = NULL;
  gboolean tells = FALSE;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &path, "Where the video goes", "FILE" },
    { "progress", 0, 0, G_OPTION_ARG_NONE, &tells, "Print how many percent are done, one number a line", NULL },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("DIR -o FILE");
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  g_set_prgname ("glovebox recording video");
  g_option_context_set_summary (context, "Make a WebM of a recording.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return fail (error->message);
  if (argc != 2 || path == NULL)
    return fail ("needs one recording and -o FILE");
  return make (argv[1], path, tells);
}
