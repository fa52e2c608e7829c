/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session-broker/mcp/glb-mcp-workspace.h"

#define POLICY(files) "{\"schemaVersion\":\"1.0\",\"agent\":{\"name\":\"t\"},\"filesystem\":{" files "}}"
#define ALL           POLICY ("\"allowWrite\":[\"${WORKSPACE}/**\"]")

typedef struct
{
  char *root, *folder;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autofree char *runtime = NULL;
  g_autofree char *state = NULL;

  fixture->root = g_dir_make_tmp ("glb-mcp-XXXXXX", NULL);
  fixture->folder = g_build_filename (fixture->root, "work", NULL);
  runtime = g_build_filename (fixture->root, "run", NULL);
  state = g_build_filename (fixture->root, "work", "state", NULL);
  g_assert_cmpint (g_mkdir (fixture->folder, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (runtime, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (state, 0700), ==, 0);
  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  g_setenv ("XDG_STATE_HOME", state, TRUE);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  const char *argv[] = { "rm", "-rf", fixture->root, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
  g_free (fixture->root);
  g_free (fixture->folder);
}

static GlbMcpWorkspace *
open_workspace (Fixture    *fixture,
                const char *document)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (document, strlen (document));
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) policy = glb_policy_new_from_bytes (bytes, "test", &error);
  int fd = open (fixture->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  GlbMcpWorkspace *workspace;

  g_assert_no_error (error);
  workspace = glb_mcp_workspace_new (fd, policy, &error);
  g_assert_no_error (error);
  return workspace;
}

static char *
path_of (Fixture    *fixture,
         const char *name)
{
  return g_build_filename (fixture->folder, name, NULL);
}

static void
make_file (Fixture    *fixture,
           const char *name,
           const char *content)
{
  g_autofree char *path = path_of (fixture, name);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static void
check_refused (GlbMcpWorkspace *workspace,
               const char      *path,
               int              code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) content = NULL;
  guint64 total;

  content = glb_mcp_workspace_read (workspace, path, 0, 100, &total, &error);
  g_assert_null (content);
  g_assert_error (error, G_IO_ERROR, code);
}

static void
check_content (GlbMcpWorkspace *workspace,
               const char      *path,
               guint64          offset,
               gsize            max_bytes,
               const char      *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) content = NULL;
  guint64 total;

  content = glb_mcp_workspace_read (workspace, path, offset, max_bytes, &total, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), expected, strlen (expected));
}

static gboolean
write_text (GlbMcpWorkspace *workspace,
            const char      *path,
            const char      *text,
            GError         **error)
{
  g_autoptr(GBytes) content = g_bytes_new_static (text, strlen (text));

  return glb_mcp_workspace_write (workspace, path, content, error);
}

static void
test_read (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr(GlbMcpWorkspace) workspace = open_workspace (fixture, ALL);

  make_file (fixture, "a", "0123456789");
  check_content (workspace, "a", 0, 100, "0123456789");
  check_content (workspace, "a", 8, 100, "89");
  check_content (workspace, "a", 2, 3, "234");
  check_content (workspace, "a", 100, 3, "");
  check_refused (workspace, "b", G_IO_ERROR_NOT_FOUND);
  check_refused (workspace, "state", G_IO_ERROR_NOT_REGULAR_FILE);
}

static void
test_write (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr(GlbMcpWorkspace) workspace = open_workspace (fixture, ALL);
  g_autofree char *path = path_of (fixture, "script");
  g_autoptr(GError) error = NULL;
  struct stat st;

  g_assert_true (write_text (workspace, "script", "one", &error));
  g_assert_cmpint (chmod (path, 0751), ==, 0);
  g_assert_true (write_text (workspace, "script", "two", &error));
  g_assert_no_error (error);
  check_content (workspace, "script", 0, 100, "two");
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0751);

  g_assert_false (write_text (workspace, "no/folder", "x", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (write_text (workspace, "state", "x", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

/* What a session could lay out: each leads out for who opens the path as it is, and for us nowhere. */
static void
test_links (Fixture      *fixture,
            gconstpointer data)
{
  static const char * const names[] = { "link", "folder/secret", "self", "pipe" };
  g_autoptr(GlbMcpWorkspace) workspace = open_workspace (fixture, ALL);
  g_autofree char *secret = g_build_filename (fixture->root, "secret", NULL);
  g_autofree char *link = path_of (fixture, "link");
  g_autofree char *folder = path_of (fixture, "folder");
  g_autofree char *self = path_of (fixture, "self");
  g_autofree char *pipe_path = path_of (fixture, "pipe");
  g_autofree char *plain = NULL;
  g_autofree char *after = NULL;

  g_assert_true (g_file_set_contents (secret, "secret", -1, NULL));
  g_assert_cmpint (symlink ("../secret", link), ==, 0);
  g_assert_cmpint (symlink (fixture->root, folder), ==, 0);
  g_assert_cmpint (symlink ("/proc/self/exe", self), ==, 0);
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  /* without the protection it is read */
  g_assert_true (g_file_get_contents (link, &plain, NULL, NULL));
  g_assert_cmpstr (plain, ==, "secret");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    check_refused (workspace, names[i], g_str_equal (names[i], "pipe") ? G_IO_ERROR_NOT_REGULAR_FILE : G_IO_ERROR_INVALID_FILENAME);
  g_assert_false (write_text (workspace, "link", "x", NULL));
  g_assert_false (write_text (workspace, "folder/secret", "x", NULL));
  g_assert_true (g_file_get_contents (secret, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, "secret");
}

/* A file of two names is another's, too. */
static void
test_hard_link (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr(GlbMcpWorkspace) workspace = open_workspace (fixture, ALL);
  g_autofree char *outside = g_build_filename (fixture->root, "outside", NULL);
  g_autofree char *inside = path_of (fixture, "inside");
  g_autofree char *content = NULL;

  g_assert_true (g_file_set_contents (outside, "mine", -1, NULL));
  g_assert_cmpint (link (outside, inside), ==, 0);
  g_assert_true (write_text (workspace, "inside", "theirs", NULL));
  check_content (workspace, "inside", 0, 100, "theirs");
  g_assert_true (g_file_get_contents (outside, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "mine");
}

static void
test_paths (Fixture      *fixture,
            gconstpointer data)
{
  static const char * const paths[] = { "../work/a", "/etc/passwd", "", ".", "./a", "x/../a", "x//a", "a/", ".." };
  g_autoptr(GlbMcpWorkspace) workspace = open_workspace (fixture, ALL);

  make_file (fixture, "a", "a");
  check_content (workspace, "a", 0, 100, "a");
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    check_refused (workspace, paths[i], G_IO_ERROR_INVALID_FILENAME);
}

typedef struct
{
  const char *name, *policy, *path;
  GlbFileAccess access;
} Access;

static const Access accesses[] = {
  { "nothing", POLICY (""), "a", GLB_FILE_DENY },
  { "read", POLICY ("\"allowRead\":[\"${WORKSPACE}/**\"]"), "a", GLB_FILE_READ },
  { "write", ALL, "a", GLB_FILE_WRITE },
  { "part", POLICY ("\"allowRead\":[\"${WORKSPACE}/**\"],\"allowWrite\":[\"${WORKSPACE}/out/**\"]"), "out/a", GLB_FILE_WRITE },
  { "other-part", POLICY ("\"allowRead\":[\"${WORKSPACE}/**\"],\"allowWrite\":[\"${WORKSPACE}/out/**\"]"), "outer", GLB_FILE_READ },
  { "denied", POLICY ("\"allowWrite\":[\"${WORKSPACE}/**\"],\"denyRead\":[\"${WORKSPACE}/secret/**\"]"), "secret/a", GLB_FILE_DENY },
  { "beside-denied", POLICY ("\"allowWrite\":[\"${WORKSPACE}/**\"],\"denyRead\":[\"${WORKSPACE}/secret/**\"]"), "secrets", GLB_FILE_WRITE },
  { "own-folder", ALL, "state/glovebox/audit/x.jsonl", GLB_FILE_DENY },
  { "beside-own-folder", ALL, "state/other", GLB_FILE_WRITE },
};

static void
test_access (Fixture      *fixture,
             gconstpointer data)
{
  const Access *sample = data;
  g_autoptr(GlbMcpWorkspace) workspace = open_workspace (fixture, sample->policy);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (glb_mcp_workspace_get_access (workspace, sample->path), ==, sample->access);
  if (sample->access != GLB_FILE_WRITE)
    {
      g_assert_false (write_text (workspace, sample->path, "x", &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
    }
  if (sample->access == GLB_FILE_DENY)
    check_refused (workspace, sample->path, G_IO_ERROR_PERMISSION_DENIED);
}

/* What the policy denies under the name of a link is denied where it leads. */
static void
test_denied_link (Fixture      *fixture,
                  gconstpointer data)
{
  g_autofree char *link = path_of (fixture, "link");
  g_autoptr(GlbMcpWorkspace) workspace = NULL;

  make_file (fixture, "secret", "x");
  make_file (fixture, "other", "y");
  g_assert_cmpint (symlink ("secret", link), ==, 0);
  workspace = open_workspace (fixture, POLICY ("\"allowWrite\":[\"${WORKSPACE}/**\"],\"denyRead\":[\"${WORKSPACE}/link\"]"));
  check_refused (workspace, "secret", G_IO_ERROR_PERMISSION_DENIED);
  check_content (workspace, "other", 0, 100, "y");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/mcp-workspace/read", Fixture, NULL, set_up, test_read, tear_down);
  g_test_add ("/mcp-workspace/write", Fixture, NULL, set_up, test_write, tear_down);
  g_test_add ("/mcp-workspace/links", Fixture, NULL, set_up, test_links, tear_down);
  g_test_add ("/mcp-workspace/hard-link", Fixture, NULL, set_up, test_hard_link, tear_down);
  g_test_add ("/mcp-workspace/paths", Fixture, NULL, set_up, test_paths, tear_down);
  g_test_add ("/mcp-workspace/denied-link", Fixture, NULL, set_up, test_denied_link, tear_down);
  for (gsize i = 0; i < G_N_ELEMENTS (accesses); i++)
    {
      g_autofree char *path = g_strconcat ("/mcp-workspace/access/", accesses[i].name, NULL);

      g_test_add (path, Fixture, &accesses[i], set_up, test_access, tear_down);
    }
  return g_test_run ();
}
