/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/sandbox/sandbox-helper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static gboolean
can_limit (GlbCgroupFeatures wanted)
{
  g_autofree char *detail = NULL;

  if (!can_sandbox ())
    return FALSE;
  if ((glb_cgroup_probe (&detail) & wanted) == wanted)
    return TRUE;
  g_test_skip (detail);
  return FALSE;
}

static GlbCgroup *
new_cgroup (const GlbCgroupLimits *limits)
{
  g_autofree char *name = g_strdup_printf ("test-%d-agent", getpid ());
  g_autoptr(GError) error = NULL;
  GlbCgroup *cgroup = glb_cgroup_new (name, limits, &error);

  g_assert_no_error (error);
  return cgroup;
}

static void
remove_cgroup (GlbCgroup *cgroup)
{
  g_auto(GStrv) folders = g_strdupv ((char **) glb_cgroup_get_folders (cgroup));
  g_autoptr(GError) error = NULL;

  glb_cgroup_remove (cgroup, &error);
  g_assert_no_error (error);
  for (guint i = 0; folders[i] != NULL; i++)
    g_assert_false (g_file_test (folders[i], G_FILE_TEST_EXISTS));
  glb_cgroup_remove (cgroup, &error);     /* again: no error */
  g_assert_no_error (error);
  g_assert_finalize_object (cgroup);
}

/* Each limit that this host can't enforce is refused, and says what to do. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  static const struct { GlbCgroupFeatures feature; GlbCgroupLimits limits; const char *what; } cases[] = {
    { GLB_CGROUP_MEMORY, { .memory_mb = 64 }, "memory" },
    { GLB_CGROUP_CPU, { .cpu_percent = 50 }, "processor time" },
    { GLB_CGROUP_PIDS, { .max_processes = 10 }, "the number of processes" },
  };
  GlbCgroupFeatures features = glb_cgroup_probe (NULL);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *start = g_strdup_printf ("This host can't limit %s: ", cases[i].what);
      g_autoptr(GError) error = NULL;

      if (features & cases[i].feature)
        continue;
      n++;
      g_assert_null (glb_cgroup_new ("test-refused", &cases[i].limits, &error));
      g_assert_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_HOST);
      g_assert_true (g_str_has_prefix (error->message, start));
      g_assert_nonnull (strstr (error->message, "leave the limit out of the policy"));
    }
  if (n == 0)
    g_test_skip ("this host can limit everything");
}

static void
test_nothing_asked (Fixture *self, gconstpointer data)
{
  GlbCgroup *cgroup = new_cgroup (NULL);

  g_assert_cmpuint (glb_cgroup_get_features (cgroup), ==, glb_cgroup_probe (NULL));
  remove_cgroup (cgroup);
}

static void
test_memory (Fixture *self, gconstpointer data)
{
  const GlbCgroupLimits limits = { .memory_mb = 48 };
  GlbCgroup *cgroup;
  GlbCgroupUsage usage;
  g_auto(Run) fine = { 0 };
  g_auto(Run) greedy = { 0 };
  g_auto(Run) shared = { 0 };

  if (!can_limit (GLB_CGROUP_MEMORY))
    return;
  cgroup = new_cgroup (&limits);
  glb_sandbox_spec_set_cgroup (self->spec, cgroup);
  run_shell (self, &fine, "echo fine");
  g_assert_cmpstr (fine.output, ==, "fine\n");
  glb_cgroup_get_usage (cgroup, &usage);
  g_assert_cmpuint (usage.oom_kills, ==, 0);

  glb_sandbox_spec_set_cgroup (self->spec, cgroup);
  run_shell (self, &greedy, "head -c 200000000 /dev/zero | tail -c 190000000 | wc -c; echo end");
  g_assert_cmpstr (greedy.output, !=, "190000000\nend\n");
  glb_cgroup_get_usage (cgroup, &usage);
  g_assert_cmpuint (usage.oom_kills, >=, 1);
  g_assert_cmpuint (usage.memory_peak_bytes, >, 1 << 20);
  g_assert_cmpuint (usage.memory_peak_bytes, <=, 48 << 20);

  /* What lies in its temporary file systems counts, too. */
  glb_sandbox_spec_set_cgroup (self->spec, cgroup);
  glb_sandbox_spec_add_tmpfs (self->spec, "/tmp", 256 << 20, 01777);
  run_shell (self, &shared, "head -c 200000000 /dev/zero >/tmp/big; stat -c %s /tmp/big");
  g_assert_cmpstr (shared.output, !=, "200000000\n");
  remove_cgroup (cgroup);
}

static void
test_pids (Fixture *self, gconstpointer data)
{
  const GlbCgroupLimits limits = { .max_processes = 12 };
  GlbCgroup *cgroup;
  g_auto(Run) run = { 0 };

  if (!can_limit (GLB_CGROUP_PIDS))
    return;
  cgroup = new_cgroup (&limits);
  glb_sandbox_spec_set_cgroup (self->spec, cgroup);
  run_shell (self, &run, "n=0; while [ $n -lt 40 ]; do (tail -f /dev/null & echo child) 2>/dev/null; n=$((n+1)); done; echo; kill -9 -1");
  g_assert_nonnull (strstr (run.output, "child\n"));
  g_assert_cmpuint (strlen (run.output), <, strlen ("child\n") * 13);
  remove_cgroup (cgroup);
}

static void
test_cpu (Fixture *self, gconstpointer data)
{
  const GlbCgroupLimits limits = { .cpu_percent = 20 };
  GlbCgroup *cgroup;
  GlbCgroupUsage usage;
  g_auto(Run) run = { 0 };

  if (!can_limit (GLB_CGROUP_CPU))
    return;
  cgroup = new_cgroup (&limits);
  glb_sandbox_spec_set_cgroup (self->spec, cgroup);
  run_shell (self, &run, "timeout -s KILL 1.5 sh -c 'while :; do :; done'");
  glb_cgroup_get_usage (cgroup, &usage);
  if (usage.cpu_us > 0)
    g_assert_cmpuint (usage.cpu_us, <, 800000);
  else
    g_test_message ("the use of the processor is not known here");
  remove_cgroup (cgroup);
}

/* The path of a process in the hierarchy that has the cpu controller: one of version 1, or else the common one. */
static char *
get_cpu_path (int pid)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/cgroup", pid);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  char *path = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_auto(GStrv) fields = g_strsplit (lines[i], ":", 3);
      g_auto(GStrv) controllers = g_strsplit (fields[1], ",", -1);
      gboolean has_cpu = g_strv_contains ((const char * const *) controllers, "cpu");

      if (has_cpu || (path == NULL && *fields[1] == '\0'))
        {
          g_free (path);
          path = g_strdup (fields[2]);
        }
      if (has_cpu)
        break;
    }

  return path;
}

/* Without a limit, too, the kernel weighs it as one: many busy sessions leave a person's programs their share. */
static void
test_weight (Fixture *self, gconstpointer data)
{
  g_autofree char *end = g_strdup_printf ("/glovebox/test-%d-agent", getpid ());
  g_autofree char *path = NULL;
  GlbCgroup *cgroup;
  GlbSandbox *sandbox;
  int out;

  if (!can_limit (GLB_CGROUP_CPU))
    return;
  cgroup = new_cgroup (NULL);
  glb_sandbox_spec_set_cgroup (self->spec, cgroup);
  sandbox = launch_stray (self, &out);
  path = get_cpu_path (glb_sandbox_get_init_pid (sandbox));
  g_assert_nonnull (path);
  if (!g_str_has_suffix (path, end))
    g_error ("in %s, not in a group of its own", path);

  glb_sandbox_kill (sandbox);
  wait_until (!glb_sandbox_is_running (sandbox));
  g_assert_finalize_object (sandbox);
  assert_all_gone (self, out);
  remove_cgroup (cgroup);
}

static gboolean
has_v1_freezer (GlbCgroup *cgroup)
{
  const char * const *folders = glb_cgroup_get_folders (cgroup);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *state = g_build_filename (folders[i], "freezer.state", NULL);

      if (g_file_test (state, G_FILE_TEST_EXISTS))
        return TRUE;
    }

  return FALSE;
}

typedef enum { END_KILL, END_OUTER, END_CGROUP, END_FOLDERS, END_THAW } End;

/* What is frozen ends just as well. */
static void
test_frozen (Fixture *self, gconstpointer data)
{
  GlbCgroup *cgroup;
  GlbSandbox *sandbox;
  g_autoptr(GError) error = NULL;
  int out;

  if (!can_limit (GLB_CGROUP_FREEZE | GLB_CGROUP_KILL))
    return;
  cgroup = new_cgroup (NULL);
  glb_sandbox_spec_set_cgroup (self->spec, cgroup);
  sandbox = launch_stray (self, &out);
  glb_cgroup_freeze (cgroup, TRUE, &error);
  g_assert_no_error (error);

  switch ((End) GPOINTER_TO_INT (data))
    {
    case END_KILL:
      glb_sandbox_kill (sandbox);
      break;
    case END_OUTER:
      g_assert_cmpint (kill (glb_sandbox_get_pid (sandbox), SIGKILL), ==, 0);
      /* What the freezer of v1 holds does not even die of that before it is thawed. */
      if (has_v1_freezer (cgroup))
        glb_cgroup_kill (cgroup);
      break;
    case END_CGROUP:
      glb_cgroup_kill (cgroup);
      break;
    case END_FOLDERS:
      {
        gboolean ok;

        /* The zombies wait for us: only after that the folders go. */
        glb_cgroup_kill (cgroup);
        wait_until (!glb_sandbox_is_running (sandbox));
        ok = glb_cgroup_remove_folders (glb_cgroup_get_folders (cgroup), &error);
        g_assert_no_error (error);
        g_assert_true (ok);
      }
      break;
    case END_THAW:
    default:
      glb_cgroup_freeze (cgroup, FALSE, &error);
      g_assert_no_error (error);
      g_assert_true (glb_sandbox_is_running (sandbox));
      glb_sandbox_kill (sandbox);
    }

  wait_until (!glb_sandbox_is_running (sandbox));
  g_assert_finalize_object (sandbox);
  assert_all_gone (self, out);
  remove_cgroup (cgroup);
}

#define ADD(name, function, data) g_test_add ("/cgroup/" name, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("refused", test_refused, NULL);
  ADD ("nothing-asked", test_nothing_asked, NULL);
  ADD ("memory", test_memory, NULL);
  ADD ("pids", test_pids, NULL);
  ADD ("cpu", test_cpu, NULL);
  ADD ("weight", test_weight, NULL);
  ADD ("frozen/kill", test_frozen, GINT_TO_POINTER (END_KILL));
  ADD ("frozen/kill-outer", test_frozen, GINT_TO_POINTER (END_OUTER));
  ADD ("frozen/kill-cgroup", test_frozen, GINT_TO_POINTER (END_CGROUP));
  ADD ("frozen/remove-folders", test_frozen, GINT_TO_POINTER (END_FOLDERS));
  ADD ("frozen/thaw", test_frozen, GINT_TO_POINTER (END_THAW));

  return g_test_run ();
}
