/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

#include "session-broker/prove/glb-prove.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Outside: lays the bait, says where it lies, tries everything, then holds the bait until standard input ends. */
static int
control (const char *folder)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) bait = glb_bait_lay (folder, &error);
  g_autofree char *json = NULL;
  char byte;

  if (bait == NULL)
    {
      fprintf (stderr, "glovebox-prove: %s\n", error->message);
      glb_bait_take_up (NULL);
      return 125;
    }

  json = glb_bait_to_json (bait);
  printf ("{\"bait\":%s}\n", json);
  fflush (stdout);
  glb_bait_set (bait, "is-control", "1");
  if (chdir (folder) < 0)
    fprintf (stderr, "glovebox-prove: can't work in %s\n", folder);
  glb_prove_run_all (bait, TRUE);
  puts ("{\"done\":true}");
  fflush (stdout);

  while (read (0, &byte, 1) > 0)
    ;
  glb_bait_take_up (bait);
  return 0;
}

/* Inside. description: JSON, or the name of a file with it. */
static int
attack (const char *description)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;
  g_autoptr(GHashTable) bait = NULL;

  if (description[0] == '{')
    json = g_strdup (description);
  else
    g_file_get_contents (description, &json, NULL, &error);
  if (json != NULL)
    bait = glb_bait_new_from_json (json, &error);

  if (bait == NULL || glb_bait_get (bait, "token") == NULL)
    {
      fprintf (stderr, "glovebox-prove: --bait: %s\n", error != NULL ? error->message : "no description of bait");
      return 125;
    }
  glb_prove_run_all (bait, FALSE);
  puts ("{\"done\":true}");
  fflush (stdout);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "");

  if (argc == 3 && strcmp (argv[1], "--bait-process") == 0)
    return glb_bait_process_main (argv[2]);
  if (argc == 2 && strcmp (argv[1], "--bait-jail") == 0)
    return glb_bait_jail_main ();
  if (argc == 4 && strcmp (argv[1], "--bait-services") == 0)
    return glb_bait_services_main (argv[2], argv[3]);
  if (argc == 4 && strcmp (argv[1], "--control") == 0 && strcmp (argv[2], "--bait") == 0)
    return control (argv[3]);
  if (argc == 4 && strcmp (argv[1], "--attack") == 0 && strcmp (argv[2], "--bait") == 0)
    return attack (argv[3]);
  return glb_prove_compare (argc, argv);
}
