/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-recent-starts.h"

#define FILE_NAME "recent-starts"
#define GROUP     "start-%u"

static char *
get_string (GKeyFile   *file,
            const char *group,
            const char *key)
{
  return g_key_file_get_string (file, group, key, NULL);
}

/* NULL: it is not there, or damaged. */
static GlbStart *
read_start (GKeyFile *file,
            guint     i)
{
  g_autofree char *group = g_strdup_printf (GROUP, i);
  g_autofree char *tier = get_string (file, group, "tier");
  g_autoptr(GlbStart) start = g_new0 (GlbStart, 1);

  start->policy = get_string (file, group, "policy");
  start->own = g_key_file_get_boolean (file, group, "own", NULL);
  start->command = get_string (file, group, "command");
  start->workspace = get_string (file, group, "workspace");
  if (start->policy == NULL || start->command == NULL || tier == NULL || !glb_tier_from_string (tier, &start->tier))
    return NULL;
  return g_steal_pointer (&start);
}

GPtrArray *
glb_recent_starts_load (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autoptr(GKeyFile) file = g_key_file_new ();
  GPtrArray *starts = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_start_free);

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return starts;
  for (guint i = 0; i < GLB_RECENT_STARTS_MAX; i++)
    {
      GlbStart *start = read_start (file, i);

      if (start != NULL)
        g_ptr_array_add (starts, start);
    }
  return starts;
}

static gboolean
is_same (const GlbStart *one,
         const GlbStart *other)
{
  return one->own == other->own && one->tier == other->tier && g_str_equal (one->policy, other->policy) &&
         g_str_equal (one->command, other->command) && g_strcmp0 (one->workspace, other->workspace) == 0;
}

static void
write_start (GKeyFile       *file,
             guint           i,
             const GlbStart *start)
{
  g_autofree char *group = g_strdup_printf (GROUP, i);

  g_key_file_set_string (file, group, "policy", start->policy);
  g_key_file_set_boolean (file, group, "own", start->own);
  g_key_file_set_string (file, group, "command", start->command);
  g_key_file_set_string (file, group, "tier", glb_tier_to_string (start->tier));
  if (start->workspace != NULL)
    g_key_file_set_string (file, group, "workspace", start->workspace);
}

void
glb_recent_starts_add (const char     *folder,
                       const GlbStart *start)
{
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autoptr(GPtrArray) starts = glb_recent_starts_load (folder);
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GError) error = NULL;
  guint n = 0;

  write_start (file, n++, start);
  for (guint i = 0; i < starts->len && n < GLB_RECENT_STARTS_MAX; i++)
    if (!is_same (starts->pdata[i], start))
      write_start (file, n++, starts->pdata[i]);
  if (!g_key_file_save_to_file (file, path, &error))
    g_message ("recent starts: %s", error->message);
}
