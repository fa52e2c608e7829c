/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-session-mounts.h"

/* A file system of a few lines: "path kind [real] [theirs]". */
typedef struct
{
  const char *path;
  GlbPathKind kind;
  const char *real;
  gboolean theirs;
} FakePath;

static GlbPathKind
probe (const char *path, char **real, gboolean *personal, gpointer user_data)
{
  for (const FakePath *fake = user_data; fake->path != NULL; fake++)
    if (g_str_equal (fake->path, path))
      {
        *real = g_strdup (fake->real != NULL ? fake->real : path);
        *personal = !fake->theirs;
        return fake->kind;
      }
  return GLB_PATH_MISSING;
}

static GPtrArray *
rules_of (const char *text)
{
  GPtrArray *rules = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_file_rule_free);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      GlbFileRule *rule = g_new0 (GlbFileRule, 1);

      rule->access = lines[i][0] == 'r' ? GLB_FILE_READ : lines[i][0] == 'w' ? GLB_FILE_WRITE : GLB_FILE_DENY;
      rule->tree = !g_str_has_suffix (lines[i], "!");
      rule->path = g_strndup (lines[i] + 2, strlen (lines[i]) - 2 - !rule->tree);
      g_ptr_array_add (rules, rule);
    }
  return rules;
}

static char *
describe (GPtrArray *mounts)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < mounts->len; i++)
    {
      const GlbSessionMount *mount = g_ptr_array_index (mounts, i);

      g_string_append_printf (text, "%s%s>%s ", (mount->flags & GLB_MOUNT_HIDDEN) ? "-" : (mount->flags & GLB_MOUNT_WRITABLE) ? "w" : "r",
                              mount->source, mount->target);
    }
  return g_strchomp (g_string_free (text, FALSE));
}

static void
assert_mounts (const FakePath *paths, const char *rule_text, const char *workspace, const char *expected)
{
  g_autoptr(GPtrArray) rules = rules_of (rule_text);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) mounts = glb_session_mounts_new (rules, workspace, probe, (gpointer) paths, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = describe (mounts);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_refused (const FakePath *paths, const char *rule_text, const char *words)
{
  g_autoptr(GPtrArray) rules = rules_of (rule_text);
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_session_mounts_new (rules, "/ws", probe, (gpointer) paths, &error));
  g_assert_error (error, GLB_SANDBOX_ERROR, GLB_SANDBOX_ERROR_POLICY);
  g_assert_nonnull (strstr (error->message, words));
}

static const FakePath paths[] = {
  { "/ws", GLB_PATH_FOLDER }, { "/ws/out", GLB_PATH_FOLDER }, { "/ws/secret", GLB_PATH_FOLDER }, { "/ws/key", GLB_PATH_FILE },
  { "/ws/trap", GLB_PATH_FOLDER, "/home/me/.ssh" }, { "/home/me", GLB_PATH_FOLDER }, { "/home/me/.ssh", GLB_PATH_FOLDER },
  { "/home/me/ws", GLB_PATH_FOLDER }, { "/home/me/ws/.git", GLB_PATH_FOLDER }, { "/srv", GLB_PATH_FOLDER, NULL, TRUE },
  { "/run-link", GLB_PATH_FOLDER, "/run/user/1000" }, { "/root-link", GLB_PATH_FOLDER, "/" },
  { "/home/me/ws/trap", GLB_PATH_FOLDER, "/home/me/.ssh" }, { "/ws/secret/a", GLB_PATH_FILE }, { "/etc/hosts", GLB_PATH_FILE, NULL, TRUE }, { NULL },
};

static void
test_refusals (void)
{
  assert_refused (paths, "w /ws/trap", "leads out of the workspace");
  assert_refused (paths, "r /ws/trap", "leads out of the workspace");
  assert_refused (paths, "w /home/me/ws\nr /home/me/ws/trap", "leads out of /home/me/ws");
  assert_refused (paths, "r /run-link", "leads to /run/user/1000");
  assert_refused (paths, "r /root-link", "leads to /");
  assert_refused (paths, "w /ws/none", "missing");
  assert_refused (paths, "r /ws/out!", "folder");
  assert_refused (paths, "w /srv", "not yours");
  assert_refused (paths, "r /ws\n- /ws/secret\nr /ws/secret/a", "denyRead");
}

/* The records of what an agent did are not the agent's. */
static void
test_own_folders (void)
{
  static const char * const own[] = { "/home/me/ws/.git", "/home/me/.ssh", NULL };
  static const FakePath more[] = {
    { "/home/me", GLB_PATH_FOLDER }, { "/home/me/ws", GLB_PATH_FOLDER }, { "/home/me/ws/.git", GLB_PATH_FOLDER },
    { "/home/me/ws/.git/audit", GLB_PATH_FOLDER }, { "/link", GLB_PATH_FOLDER, "/home/me/ws" }, { "/home/me/ws/out", GLB_PATH_FOLDER },
    { "/", GLB_PATH_FOLDER }, { NULL },
  };

  glb_session_mounts_keep_out (own);
  assert_refused (more, "w /home/me", "records");
  assert_refused (more, "w /link", "records");
  assert_refused (more, "w /", "leads to /");
  assert_refused (more, "w /home/me/ws/.git", "own");
  assert_refused (more, "r /home/me/ws/.git/audit", "own");
  assert_mounts (more, "w /home/me/ws/out", "/home/me/ws/out", "w/home/me/ws/out>/workspace");
  assert_mounts (more, "r /home/me", "/ws",
                 "r/home/me>/home/me -/home/me/ws/.git>/home/me/ws/.git -/home/me/.ssh>/home/me/.ssh");
  assert_mounts (more, "r /home/me/ws", "/home/me/ws", "r/home/me/ws>/workspace -/home/me/ws/.git>/workspace/.git");
  glb_session_mounts_keep_out ((const char *[]) { NULL });
}

static void
test_mounts (void)
{
  assert_mounts (paths, "r /ws\nw /ws/out", "/ws", "r/ws>/workspace w/ws/out>/workspace/out");
  assert_mounts (paths, "r /ws\n- /ws/secret\n- /ws/none", "/ws", "r/ws>/workspace -/ws/secret>/workspace/secret");
  assert_mounts (paths, "r /ws/key!", "/ws", "r/ws/key>/workspace/key");
  assert_mounts (paths, "r /srv\nr /none", "/ws", "r/srv>/srv");
  /* what nothing shows needs no hiding; what is always shown does */
  assert_mounts (paths, "- /home/me/.ssh\n- /etc/hosts", "/ws", "-/etc/hosts>/etc/hosts");
  /* a temporary workspace has nothing in it */
  assert_mounts (paths, "w /workspace\n- /workspace/x", NULL, "");
}

/* The workspace lies in a folder that is shown too: a rule holds at both places. */
static void
test_everywhere (void)
{
  assert_mounts (paths, "r /home/me\nw /home/me/ws\n- /home/me/ws/.git", "/home/me/ws",
                 "r/home/me>/home/me w/home/me/ws>/home/me/ws w/home/me/ws>/workspace "
                 "-/home/me/ws/.git>/home/me/ws/.git -/home/me/ws/.git>/workspace/.git");
  assert_mounts (paths, "w /home/me\nr /home/me/ws", "/home/me/ws", "w/home/me>/home/me r/home/me/ws>/home/me/ws r/home/me/ws>/workspace");
}

static void
test_landlock (void)
{
  g_autoptr(GPtrArray) rules = rules_of ("r /ws\nw /ws/out\n- /ws/secret");
  g_autoptr(GPtrArray) mounts = glb_session_mounts_new (rules, "/ws", probe, (gpointer) paths, NULL);
  g_autoptr(GPtrArray) landlock = glb_session_mounts_to_landlock (mounts, "/ws", FALSE);
  guint seen = 0;

  for (guint i = 0; i < landlock->len; i++)
    {
      const GlbBoxRule *rule = g_ptr_array_index (landlock, i);

      g_assert_cmpstr (rule->path, !=, "/");
      g_assert_cmpstr (rule->path, !=, "/workspace/secret");
      if (g_str_equal (rule->path, "/workspace"))
        g_assert_cmpuint (rule->access, ==, GLB_INIT_LANDLOCK_READ);
      if (g_str_equal (rule->path, "/proc"))
        g_assert_cmpuint (rule->access & GLB_INIT_LANDLOCK_WRITE, ==, 0);
      if (g_str_equal (rule->path, "/workspace/out"))
        {
          g_assert_cmpuint (rule->access & GLB_INIT_LANDLOCK_WRITE, !=, 0);
          seen++;
        }
    }
  g_assert_cmpuint (seen, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session-mounts/refusals", test_refusals);
  g_test_add_func ("/session-mounts/own-folders", test_own_folders);
  g_test_add_func ("/session-mounts/mounts", test_mounts);
  g_test_add_func ("/session-mounts/everywhere", test_everywhere);
  g_test_add_func ("/session-mounts/landlock", test_landlock);
  return g_test_run ();
}
