/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-policy.h"

#include <string.h>

#include "policies/glb-policy-key.h"
#include "policies/glb-strict-json.h"

/*
 * Path patterns
 * =============
 *
 * ROOT, a slash and a path, or the same with a slash and two asterisks behind,
 * where ROOT is ${WORKSPACE}, ${HOME} or nothing (an absolute path). With the
 * asterisks a pattern means the path and all below it, without them that one
 * file. This is all that bind mounts and Landlock can enforce without a gap
 * for files that come later, so nothing else is accepted. The most specific
 * rule decides; for one and the same path deny goes before write before read.
 */

#define WORKSPACE "${WORKSPACE}"
#define HOME      "${HOME}"
#define TREE      "/**"
#define MAX_PATTERN_BYTES 4095

/* Where the kernel and services are, not files. Under these the sandbox has its own. */
static const char * const system_places[] = { "/dev", "/proc", "/run", "/sys", "/var/run" };

static gboolean
is_below (const char *path,
          const char *folder)
{
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

const char *
glb_policy_find_system_place (const char *path)
{
  /* Where removable media appear. */
  if (is_below (path, "/run/media") && strlen (path) > strlen ("/run/media/"))
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (system_places); i++)
    if (is_below (path, system_places[i]))
      return system_places[i];
  return NULL;
}

/* path: absolute and normalised */
static char *
check_place (const char    *path,
             GlbFileAccess  access)
{
  const char *place;

  if (strcmp (path, "/") == 0)
    return g_strdup ("the whole file system cannot be given or hidden; name folders in it");
  place = access == GLB_FILE_DENY ? NULL : glb_policy_find_system_place (path);
  if (place)
    return g_strdup_printf ("%s cannot be given to a session, which has its own", place);
  return NULL;
}

static const char *
skip_variable (const char *pattern)
{
  if (g_str_has_prefix (pattern, WORKSPACE))
    return pattern + strlen (WORKSPACE);
  if (g_str_has_prefix (pattern, HOME))
    return pattern + strlen (HOME);
  return pattern;
}

/* rest: what follows the variable, without the closing tree mark */
static char *
check_components (const char *rest)
{
  g_auto(GStrv) parts = g_strsplit (rest, "/", -1);

  for (guint i = 1; *rest != '\0' && parts[i]; i++)
    {
      if (strcmp (parts[i], "..") == 0 || strcmp (parts[i], ".") == 0)
        return g_strdup_printf ("'%s' is not accepted in a path; write where it leads", parts[i]);
      if (parts[i][0] == '\0')
        return g_strdup (parts[i + 1] ? "'//' is not accepted in a path; write one '/'"
                                      : "a path may not end in '/'; for a folder and all below it write '" TREE "'");
      if (strpbrk (parts[i], "*?["))
        return g_strdup ("the only pattern is '" TREE "' at the end, for a folder and all below it");
    }
  return NULL;
}

char *
glb_policy_check_pattern (const char    *pattern,
                          GlbFileAccess  access)
{
  const char *rest = skip_variable (pattern);
  g_autofree char *body = NULL;
  char *what;

  if (strlen (pattern) > MAX_PATTERN_BYTES)
    return g_strdup_printf ("a path has at most %u bytes", MAX_PATTERN_BYTES);
  for (const char *c = pattern; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return g_strdup ("a control character in a path is not accepted");
  if (rest == pattern && *pattern == '$')
    return g_strdup ("the only variables are ${WORKSPACE} and ${HOME}, at the beginning");
  if (rest == pattern && *pattern == '~')
    return g_strdup ("'~' is not accepted; write ${HOME}");
  if (strchr (rest, '$'))
    return g_strdup ("'$' is accepted only in ${WORKSPACE} and ${HOME}, at the beginning");
  if ((rest == pattern || *rest != '\0') && *rest != '/')
    return g_strdup ("a path begins with '/', ${WORKSPACE} or ${HOME}");

  body = g_strdup (rest);
  if (g_str_has_suffix (body, TREE))
    body[strlen (body) - strlen (TREE)] = '\0';
  else if (rest != pattern && *rest == '\0')
    return g_strdup_printf ("%s is a folder; for it and all below it write %s" TREE, pattern, pattern);
  what = rest == pattern && strcmp (body, "/") == 0 ? NULL : check_components (body);
  if (!what && rest == pattern)
    what = check_place (*body == '\0' ? "/" : body, access);
  return what;
}

char *
glb_policy_check_file (const char *path)
{
  if (g_str_has_suffix (path, TREE) || g_str_has_suffix (path, "/") || strcmp (path, WORKSPACE) == 0 || strcmp (path, HOME) == 0)
    return g_strdup ("it names a folder; name one file");
  return glb_policy_check_pattern (path, GLB_FILE_READ);
}

static GlbFileRule *
file_rule_new (const char    *path,
               GlbFileAccess  access,
               gboolean       tree)
{
  GlbFileRule *self = g_new0 (GlbFileRule, 1);

  self->path = g_strdup (path);
  self->access = access;
  self->tree = tree;
  return self;
}

void
glb_file_rule_free (GlbFileRule *rule)
{
  if (!rule)
    return;
  g_free (rule->path);
  g_free (rule);
}

/* (transfer full) (nullable) */
static char *
expand (const char  *pattern,
        const char  *workspace,
        const char  *home,
        GError     **error)
{
  gboolean in_workspace = g_str_has_prefix (pattern, WORKSPACE);
  gboolean in_home = g_str_has_prefix (pattern, HOME);
  const char *root = in_workspace ? workspace : in_home ? home : "";
  g_autofree char *joined = NULL;
  g_autofree char *normal = NULL;

  if (!root)
    {
      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID,
                   in_workspace ? "the policy's path %s needs a workspace; name one with --workspace DIR"
                                : "the policy's path %s needs a home folder; set HOME", pattern);
      return NULL;
    }

  joined = g_strconcat (root, skip_variable (pattern), NULL);
  if (g_str_has_suffix (joined, TREE))
    joined[strlen (joined) - strlen (TREE)] = '\0';
  normal = g_canonicalize_filename (*joined == '\0' ? "/" : joined, "/");
  /* GLib keeps two slashes at the beginning, as POSIX allows; to Linux they are one. */
  return g_strdup (normal[1] == '/' ? normal + 1 : normal);
}

static gboolean
add_patterns (GPtrArray      *rules,
              GStrv           patterns,
              GlbFileAccess   access,
              const char     *workspace,
              const char     *home,
              GError        **error)
{
  for (guint i = 0; patterns[i]; i++)
    {
      g_autofree char *path = expand (patterns[i], workspace, home, error);
      g_autofree char *what = NULL;

      if (!path)
        return FALSE;
      what = check_place (path, access);
      if (what)
        {
          g_autofree char *printable = glb_strict_json_printable (path, -1, MAX_PATTERN_BYTES);

          g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID, "the policy's path %s is %s here: %s",
                       patterns[i], printable, what);
          return FALSE;
        }
      g_ptr_array_add (rules, file_rule_new (path, access, g_str_has_suffix (patterns[i], TREE)));
    }
  return TRUE;
}

static guint
count_components (const char *path)
{
  guint n = 0;

  for (; *path; path++)
    n += *path == '/';
  return n;
}

/* Most general first; rules of one path side by side. */
static int
compare_rules (gconstpointer a,
               gconstpointer b)
{
  const GlbFileRule *left = *(const GlbFileRule * const *) a;
  const GlbFileRule *right = *(const GlbFileRule * const *) b;
  guint left_depth = count_components (left->path);
  guint right_depth = count_components (right->path);

  if (left_depth != right_depth)
    return left_depth < right_depth ? -1 : 1;
  return strcmp (left->path, right->path);
}

/* The rules from first to before end are of one path. A denial leaves nothing
 * else and covers as much as any of them; otherwise what permits most stays,
 * and the path by itself only where it permits more than the tree does. */
static void
merge_path (GPtrArray *rules,
            guint      first,
            guint      end,
            GPtrArray *merged)
{
  const char *path = ((GlbFileRule *) g_ptr_array_index (rules, first))->path;
  int single = -1;
  int tree = -1;

  for (guint i = first; i < end; i++)
    {
      const GlbFileRule *rule = g_ptr_array_index (rules, i);
      int *strongest = rule->tree ? &tree : &single;

      *strongest = MAX (*strongest, (int) rule->access);
    }

  if (MAX (single, tree) == GLB_FILE_DENY)
    {
      g_ptr_array_add (merged, file_rule_new (path, GLB_FILE_DENY, tree >= 0));
      return;
    }
  if (tree >= 0)
    g_ptr_array_add (merged, file_rule_new (path, tree, TRUE));
  if (single > tree)
    g_ptr_array_add (merged, file_rule_new (path, single, FALSE));
}

static GPtrArray *
merge_rules (GPtrArray *rules)
{
  GPtrArray *merged = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_file_rule_free);
  guint first = 0;

  g_ptr_array_sort (rules, compare_rules);
  for (guint i = 1; i <= rules->len; i++)
    if (i == rules->len || compare_rules (&rules->pdata[first], &rules->pdata[i]) != 0)
      {
        merge_path (rules, first, i, merged);
        first = i;
      }
  return merged;
}

static gboolean
check_root (const char  *what,
            const char  *path,
            GError     **error)
{
  if (!path)
    return TRUE;
  if (!g_path_is_absolute (path) || strstr (path, "/../") || g_str_has_suffix (path, "/.."))
    {
      g_autofree char *printable = glb_strict_json_printable (path, -1, MAX_PATTERN_BYTES);

      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID,
                   "the %s '%s' is not an absolute path without '..'; give its full path", what, printable);
      return FALSE;
    }
  return TRUE;
}

GPtrArray *
glb_policy_resolve_files (const GlbPolicy  *self,
                          const char       *workspace,
                          const char       *home,
                          GError          **error)
{
  g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_file_rule_free);

  g_return_val_if_fail (self != NULL, NULL);

  if (!check_root ("workspace", workspace, error) || !check_root ("home folder", home, error) ||
      !add_patterns (rules, self->filesystem.allow_read, GLB_FILE_READ, workspace, home, error) ||
      !add_patterns (rules, self->filesystem.allow_write, GLB_FILE_WRITE, workspace, home, error) ||
      !add_patterns (rules, self->filesystem.deny_read, GLB_FILE_DENY, workspace, home, error))
    return NULL;

  return rules->len ? merge_rules (rules) : g_steal_pointer (&rules);
}

gboolean
glb_policy_resolve_source (const char  *file,
                           const char  *workspace,
                           const char  *home,
                           char       **folder,
                           char       **rest,
                           GError     **error)
{
  const char *variable_end = skip_variable (file);
  g_autofree char *path = expand (file, workspace, home, error);
  g_autofree char *what = NULL;

  *folder = *rest = NULL;
  if (!path || !check_root ("workspace", workspace, error) || !check_root ("home folder", home, error))
    return FALSE;
  what = check_place (path, GLB_FILE_READ);
  if (what)
    {
      g_autofree char *printable = glb_strict_json_printable (path, -1, MAX_PATTERN_BYTES);

      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_INVALID, "the policy's path %s is %s here: %s", file, printable, what);
      return FALSE;
    }

  *folder = g_strdup (variable_end == file ? "/" : g_str_has_prefix (file, WORKSPACE) ? workspace : home);
  *rest = g_strdup (variable_end + 1);
  return TRUE;
}
