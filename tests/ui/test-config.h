/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>

/* A configuration folder of the test's own, before anything asks for it. Not G_TEST_OPTION_ISOLATE_DIRS, which hides the settings
 * of GTK, and leaks. (transfer full) */
static inline char *
test_config_begin (void)
{
  char *folder = g_dir_make_tmp ("test-config-XXXXXX", NULL);

  g_setenv ("XDG_CONFIG_HOME", folder, TRUE);
  return folder;
}

/* Its policies are removed by now. folder: (transfer full) */
static inline void
test_config_end (char *folder)
{
  static const char * const below[] = { "glovebox/policies", "glovebox", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (below); i++)
    {
      g_autofree char *path = g_build_filename (folder, below[i], NULL);

      g_rmdir (path);
    }
  g_free (folder);
}
