/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli-record-options.h"

#include <errno.h>
#include <sys/stat.h>

#include "input-filter/glb-glob.h"
#include "session-broker/cli/glb-cli.h"
#include "session-broker/record/glb-record-image.h"

#define MB_MAX     4096
#define MASKS_MAX  64u

void
glb_cli_record_clear (GlbCliRecordOptions *options)
{
  g_free (options->folder);
  g_strfreev (options->masks);
  g_strfreev (options->mask_windows);
  g_clear_pointer (&options->rects, g_array_unref);
}

/* Four whole numbers, the last two of them not zero. */
static gboolean
parse_mask (const char *text,
            GlbRect    *rect)
{
  g_auto(GStrv) words = g_strsplit (text, ",", -1);
  guint64 sides[4];

  if (g_strv_length (words) != G_N_ELEMENTS (sides))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    if (!g_ascii_string_to_unsigned (words[i], 10, i < 2 ? 0 : 1, GLB_RECORD_SIDE_MAX, &sides[i], NULL))
      return FALSE;
  *rect = (GlbRect) { sides[0], sides[1], sides[2], sides[3] };
  return TRUE;
}

static gboolean
check_masks (const char          *verb,
             GlbCliRecordOptions *options)
{
  options->rects = g_array_new (FALSE, FALSE, sizeof (GlbRect));
  for (guint i = 0; options->masks != NULL && options->masks[i] != NULL; i++)
    {
      GlbRect rect;

      if (options->rects->len >= MASKS_MAX || !parse_mask (options->masks[i], &rect))
        {
          glb_cli_say ("%s: --mask %s: is no area of the screen; write X,Y,WIDTH,HEIGHT in pixels, and at most %u of them", verb,
                       options->masks[i], MASKS_MAX);
          return FALSE;
        }
      g_array_append_val (options->rects, rect);
    }
  for (guint i = 0; options->mask_windows != NULL && options->mask_windows[i] != NULL; i++)
    if (i >= GLB_GLOBS_MAX || !g_utf8_validate (options->mask_windows[i], -1, NULL) || options->mask_windows[i][0] == '\0'
        || g_utf8_strlen (options->mask_windows[i], -1) > GLB_GLOB_CHARACTERS_MAX)
      {
        glb_cli_say ("%s: --mask-window %s: is no pattern; write UTF-8 of at most %u characters, and at most %u of them", verb,
                     options->mask_windows[i], GLB_GLOB_CHARACTERS_MAX, GLB_GLOBS_MAX);
        return FALSE;
      }
  return TRUE;
}

/* The writer says it again; here it is before anything is started. */
static gboolean
check_folder (const char *verb,
              const char *folder)
{
  g_autoptr(GDir) dir = NULL;
  struct stat status;

  if (lstat (folder, &status) < 0 && errno == ENOENT)
    return TRUE;
  dir = g_dir_open (folder, 0, NULL);
  if (dir != NULL && g_dir_read_name (dir) == NULL)
    return TRUE;
  glb_cli_say ("%s: %s: is there already, and not an empty folder; name a new one", verb, folder);
  return FALSE;
}

gboolean
glb_cli_record_check (const char          *verb,
                      GlbCliRecordOptions *options)
{
  if (options->max_mb < 0 || options->max_mb > MB_MAX)
    {
      glb_cli_say ("%s: --max-mb %d is out of range; give 1 to %d", verb, options->max_mb, MB_MAX);
      return FALSE;
    }
  return check_masks (verb, options) && check_folder (verb, options->folder);
}
