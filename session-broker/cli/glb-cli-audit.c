/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "policies/glb-strict-json.h"
#include "session-broker/audit/glb-audit-log.h"

#define RECORD_MAX (4 * 1024 * 1024)

static char *
log_path (const char *directory,
          const char *session)
{
  g_autofree char *name = g_strconcat (session, ".jsonl", NULL);

  return g_build_filename (directory, name, NULL);
}

/* Whether the session of this log was called so: its first record says it. */
static gboolean
has_name (const char *path,
          const char *name)
{
  static const GlbStrictJsonLimits limits = { RECORD_MAX, 32 };
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *line = NULL;
  size_t size = 0;
  ssize_t length;
  FILE *file = fopen (path, "re");

  if (file == NULL)
    return FALSE;

  length = getline (&line, &size, file);
  fclose (file);
  node = length <= 0 ? NULL : glb_strict_json_parse (line, (gsize) length, GLB_STRICT_JSON_DEFAULT, &limits, NULL, NULL);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) &&
         g_strcmp0 (json_object_get_string_member_with_default (json_node_get_object (node), "name", NULL), name) == 0;
}

/* The newest session of this name. */
static char *
find_log_by_name (const char *directory,
                  const char *name)
{
  g_autoptr(GDir) dir = g_dir_open (directory, 0, NULL);
  gint64 newest = G_MININT64;
  const char *entry;
  char *found = NULL;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, entry, NULL);
      GStatBuf st;

      if (g_str_has_suffix (entry, ".jsonl") && g_stat (path, &st) == 0 && st.st_mtime > newest && has_name (path, name))
        {
          newest = st.st_mtime;
          g_free (found);
          found = g_steal_pointer (&path);
        }
    }
  return found;
}

/* The file of a session, by id or name; NULL: told. */
static char *
find_log (const char *session)
{
  g_autofree char *directory = NULL;
  char *path = NULL;
  GError *error = NULL;

  directory = glb_paths_get_audit_dir (&error);
  if (directory == NULL)
    {
      glb_cli_fail_error ("audit", error);
      return NULL;
    }

  if (strchr (session, G_DIR_SEPARATOR) == NULL)
    {
      path = log_path (directory, session);
      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return path;
      g_free (path);
      path = find_log_by_name (directory, session);
    }

  if (path == NULL)
    glb_cli_say ("audit: %s: no record of such a session; `glovebox audit show` lists them", session);
  return path;
}

static void
print_record (const char *line,
              gsize       length)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = glb_audit_format_record (line, length, &error);

  puts (text != NULL ? text : "(not a record; see `glovebox audit verify`)");
}

static int
show_file (const char *path,
           gboolean    json)
{
  g_autofree char *line = NULL;
  size_t size = 0;
  ssize_t length;
  FILE *file;

  file = fopen (path, "re");
  if (file == NULL)
    return glb_cli_fail ("audit: %s: %s", path, g_strerror (errno));

  while ((length = getline (&line, &size, file)) > 0)
    {
      if (json)
        fwrite (line, 1, (gsize) length, stdout);
      else
        print_record (line, (gsize) length - (line[length - 1] == '\n'));
    }
  fclose (file);
  return 0;
}

/* Which sessions there were: their beginnings and ends. */
static int
show_index (gboolean json)
{
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;

  directory = glb_paths_get_audit_dir (&error);
  if (directory == NULL)
    return glb_cli_fail_error ("audit", error);

  path = log_path (directory, "index");
  return g_file_test (path, G_FILE_TEST_EXISTS) ? show_file (path, json) : 0;
}

static int
show_verb (int    argc,
           char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "The records as they are, one JSON object a line", NULL },
    { NULL }
  };
  g_autofree char *path = NULL;

  if (!glb_cli_parse (&argc, &argv, "[SESSION]", "Show the records of one session, or which sessions there are.",
                      FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc > 2)
    return glb_cli_fail ("audit show: %s: is too much; name one session", argv[2]);

  if (argc == 1)
    return show_index (json);

  path = find_log (argv[1]);
  return path == NULL ? GLB_EXIT_FAILED : show_file (path, json);
}

static int
verify_directory (void)
{
  g_autofree char *directory = NULL;
  GError *error = NULL;
  guint64 n_records = 0;

  directory = glb_paths_get_audit_dir (&error);
  if (directory == NULL || !glb_audit_verify_directory (directory, &n_records, &error))
    return glb_cli_fail_error ("audit", error);

  printf ("%s: ok (%" G_GUINT64_FORMAT " records)\n", directory, n_records);
  return 0;
}

static int
verify_session (const char *session)
{
  g_autofree char *path = find_log (session);
  gboolean complete = FALSE;
  guint64 n_records = 0;
  GError *error = NULL;

  if (path == NULL)
    return GLB_EXIT_FAILED;
  if (!glb_audit_verify_file (path, &n_records, &complete, &error))
    return glb_cli_fail_error ("audit", error);

  printf ("%s: ok (%" G_GUINT64_FORMAT " records%s)\n", session, n_records, complete ? "" : ", not closed");
  return 0;
}

static int
verify_verb (int    argc,
             char **argv)
{
  int worst = 0;

  if (!glb_cli_parse (&argc, &argv, "[SESSION…]", "Check that no record was altered, removed or cut off.", FALSE, NULL))
    return GLB_EXIT_FAILED;
  if (argc == 1)
    return verify_directory ();

  for (int i = 1; i < argc; i++)
    {
      int code = verify_session (argv[i]);

      worst = MAX (worst, code);
    }
  return worst;
}

int
glb_cli_audit_verb (int    argc,
                    char **argv)
{
  static const GlbCliVerb verbs[] = {
    { "show", "[SESSION]", "Show the records of one session, or list the sessions", show_verb },
    { "verify", "[SESSION…]", "Check that no record was altered, removed or cut off", verify_verb },
    { NULL }
  };

  return glb_cli_dispatch (verbs, "audit", argc, argv);
}
