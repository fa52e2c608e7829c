/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-own-policies.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define SUFFIX    ".json"
#define BYTES_MAX (256 * 1024)
#define NAME_MAX_CHARS 64

gboolean
glb_own_policies_is_name (const char *name)
{
  gsize length = strlen (name);

  return length >= 1 && length <= NAME_MAX_CHARS && g_ascii_isalnum (name[0]) &&
         strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-") == length;
}

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_config_dir (), "glovebox", "policies", NULL);
}

char *
glb_own_policies_get_path (const char *name)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *file = g_strconcat (name, SUFFIX, NULL);

  g_return_val_if_fail (glb_own_policies_is_name (name), NULL);

  return g_build_filename (folder, file, NULL);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

GStrv
glb_own_policies_list (void)
{
  g_autofree char *folder = get_folder ();
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *name = g_str_has_suffix (file, SUFFIX) ? g_strndup (file, strlen (file) - strlen (SUFFIX)) : NULL;

      if (name != NULL && glb_own_policies_is_name (name))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_steal (names, NULL);
}

char *
glb_own_policies_load (const char  *name,
                       GError     **error)
{
  g_autofree char *path = glb_own_policies_get_path (name);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  if (length <= BYTES_MAX && strlen (text) == length && g_utf8_validate (text, -1, NULL))
    return g_steal_pointer (&text);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("%s: is no policy; it must be UTF-8 text of at most 256 KiB"), path);
  return NULL;
}

gboolean
glb_own_policies_save (const char  *name,
                       const char  *before,
                       const char  *text,
                       GError     **error)
{
  g_autofree char *path = glb_own_policies_get_path (name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *there = NULL;

  g_file_get_contents (path, &there, NULL, NULL);
  if (g_strcmp0 (there, before) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG,
                   _("%s: was changed outside of this window; copy your text, and open the policy again"), path);
      return FALSE;
    }
  if (g_mkdir_with_parents (folder, 0700) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("%s: %s; make it a folder of yours"), folder, g_strerror (errno));
      return FALSE;
    }
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

gboolean
glb_own_policies_remove (const char  *name,
                         GError     **error)
{
  g_autofree char *path = glb_own_policies_get_path (name);

  if (g_unlink (path) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
  return FALSE;
}

char *
glb_own_policies_find_free_name (const char *base)
{
  char *name = g_strdup (base);

  for (guint n = 2;; n++)
    {
      g_autofree char *path = glb_own_policies_get_path (name);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return name;
      g_free (name);
      name = g_strdup_printf ("%s-%u", base, n);
    }
}

char *
glb_own_policies_get_template_text (const char *name)
{
  g_autofree char *path = g_strconcat ("/org/glovebox/policies/templates/", name, SUFFIX, NULL);
  g_autoptr(GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  return bytes != NULL ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : NULL;
}
