/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-program.h"

/* Where a session looks, whatever the person's PATH says. */
#define SESSION_PATH "/usr/local/bin:/usr/bin:/bin:/usr/games"

static char *
find_program (const char *name)
{
  g_auto(GStrv) folders = g_strsplit (SESSION_PATH, ":", -1);

  if (g_path_is_absolute (name))
    return g_strdup (name);
  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  return NULL;
}

char *
glb_replay_program_identify (const char *name)
{
  g_autofree char *path = find_program (name);
  g_autoptr(GMappedFile) file = path != NULL ? g_mapped_file_new (path, FALSE, NULL) : NULL;
  g_autofree char *hash = NULL;

  if (file == NULL)
    return NULL;
  hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) g_mapped_file_get_contents (file),
                                      g_mapped_file_get_length (file));
  return g_strndup (hash, GLB_REPLAY_PROGRAM_HEX);
}
