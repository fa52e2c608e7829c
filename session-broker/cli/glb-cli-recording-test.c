/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-tools.h"

#include "session-broker/replay/glb-replay-convert.h"

int
glb_cli_recording_test_verb (int    argc,
                             char **argv)
{
  g_autofree char *file = NULL;
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &file, "The test file; its pictures go into a folder beside it, FILE.images",
      "FILE.json" },
    { NULL }
  };
  GError *error = NULL;

  if (!glb_cli_parse (&argc, &argv, "DIR", "Make a test of a recording, for `glovebox replay`, that a person can read and edit.", FALSE,
                      entries))
    return GLB_EXIT_FAILED;
  if (argc != 2)
    return glb_cli_fail ("recording test: needs one recording");
  if (file == NULL)
    return glb_cli_fail ("recording test: no file; name it with -o");
  if (!glb_replay_convert (argv[1], file, TRUE, notes, &error))
    return glb_cli_fail_error ("recording test", error);

  for (guint i = 0; i < notes->len; i++)
    glb_cli_say ("recording test: %s: %s", argv[1], (const char *) g_ptr_array_index (notes, i));
  return 0;
}
