/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What each template allows and what not, as the functions say that decide for a session. */

#include "config.h"

#include <string.h>

#include "policies/glb-network-decide.h"
#include "policies/glb-network-publish-rule.h"
#include "policies/glb-policy.h"

#define WORKSPACE "/home/ann/project"
#define HOME      "/home/ann"

typedef enum { UNSEEN, READ, WRITE } Access;

typedef struct
{
  const char *name;
  Access workspace, out, secret;         /* of the workspace: itself, its folder out, its file .env */
  GlbVerdict network;                    /* any host: none is named in a template */
  GlbVerdict clipboard_in, clipboard_out;
  GlbVerdict file_chooser, git;
  GlbVerdict agent_input;
  gboolean spawns, debugs, x11, is_bounded, ends;
} Expected;

#define D GLB_VERDICT_DENY
#define P GLB_VERDICT_PROMPT
#define A GLB_VERDICT_ALLOW
static const Expected expected[] = {
  { "code-assistant", WRITE, WRITE, UNSEEN, P, P, P, D, P, A, TRUE, TRUE, FALSE, FALSE, FALSE },
  { "data-analyst", READ, WRITE, READ, D, P, D, D, D, A, TRUE, FALSE, FALSE, TRUE, TRUE },
  { "default", WRITE, WRITE, WRITE, D, D, D, D, D, A, TRUE, FALSE, FALSE, FALSE, FALSE },
  { "desktop-tester", READ, WRITE, READ, D, D, D, D, D, A, TRUE, FALSE, TRUE, FALSE, TRUE },
  { "email-summarizer", READ, WRITE, READ, D, D, D, D, D, A, TRUE, FALSE, FALSE, FALSE, TRUE },
  { "locked-down", UNSEEN, UNSEEN, UNSEEN, D, D, D, D, D, D, FALSE, FALSE, FALSE, FALSE, TRUE },
  { "office-documents", WRITE, WRITE, WRITE, D, P, P, P, D, A, TRUE, FALSE, TRUE, FALSE, FALSE },
  { "web", WRITE, WRITE, WRITE, P, D, D, D, D, A, TRUE, FALSE, FALSE, FALSE, FALSE },
};
#undef D
#undef P
#undef A

/* The rules come most general first: the last that fits decides. */
static Access
get_access (GPtrArray  *rules,
            const char *path)
{
  Access access = UNSEEN;

  for (guint i = 0; i < rules->len; i++)
    {
      const GlbFileRule *rule = rules->pdata[i];
      gsize length = strlen (rule->path);

      if (strcmp (path, rule->path) == 0 || (rule->tree && strncmp (path, rule->path, length) == 0 && path[length] == '/'))
        access = rule->access == GLB_FILE_WRITE ? WRITE : rule->access == GLB_FILE_READ ? READ : UNSEEN;
    }
  return access;
}

static void
assert_files (const GlbPolicy *policy,
              const Expected  *wanted)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rules = glb_policy_resolve_files (policy, WORKSPACE, HOME, &error);

  g_assert_no_error (error);
  g_assert_cmpint (get_access (rules, WORKSPACE "/notes.txt"), ==, wanted->workspace);
  g_assert_cmpint (get_access (rules, WORKSPACE "/out/a"), ==, wanted->out);
  g_assert_cmpint (get_access (rules, WORKSPACE "/outer"), ==, wanted->workspace);
  g_assert_cmpint (get_access (rules, WORKSPACE "/.env"), ==, wanted->secret);
  g_assert_cmpint (get_access (rules, WORKSPACE "-other/a"), ==, UNSEEN);
  g_assert_cmpint (get_access (rules, HOME "/.ssh/id_ed25519"), ==, UNSEEN);
  g_assert_cmpint (get_access (rules, "/etc/passwd"), ==, UNSEEN);
}

static void
assert_network (const GlbPolicy *policy,
                const Expected  *wanted)
{
  static const char * const names[] = { "example.org", "packages.example", "localhost.example.com" };
  static const char * const never[] = { "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254" };
  GlbNetworkDecision decision;
  GlbNetworkAddress address;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      glb_network_decide_name (policy, names[i], 443, &decision);
      g_assert_cmpint (decision.verdict, ==, wanted->network);
      glb_network_decide_name (policy, names[i], 25, &decision);
      g_assert_cmpint (decision.verdict, !=, GLB_VERDICT_ALLOW);
    }
  /* nor where a name leads there that was allowed */
  for (guint i = 0; i < G_N_ELEMENTS (never); i++)
    {
      g_assert_true (glb_network_address_parse (never[i], &address));
      glb_network_decide_address (policy, &address, 443, TRUE, &decision);
      g_assert_cmpint (decision.verdict, ==, GLB_VERDICT_DENY);
    }
  g_assert_cmpuint (policy->network.allow_domains->len, ==, 0);
  g_assert_cmpint (glb_network_is_wanted (policy), ==, wanted->network != GLB_VERDICT_DENY);
  g_assert_cmpuint (policy->network.publish->len, ==, 0);
}

static void
assert_rest (const GlbPolicy *policy,
             const Expected  *wanted)
{
  g_assert_cmpint (policy->desktop.clipboard.host_to_session, ==, wanted->clipboard_in);
  g_assert_cmpint (policy->desktop.clipboard.session_to_host, ==, wanted->clipboard_out);
  g_assert_cmpint (policy->desktop.clipboard.secrets, ==, GLB_VERDICT_DENY);
  g_assert_false (policy->desktop.clipboard.allow_files);
  g_assert_cmpint (policy->portals.file_chooser, ==, wanted->file_chooser);
  g_assert_cmpint (policy->portals.open_uri, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (policy->keys.git_credentials, ==, wanted->git);
  g_assert_cmpint (policy->keys.ssh_agent, ==, wanted->git);
  g_assert_cmpint (policy->desktop.agent_input, ==, wanted->agent_input);
  g_assert_false (glb_policy_wants_devices (policy));
  g_assert_cmpint (policy->process.allow_spawn, ==, wanted->spawns);
  g_assert_cmpint (policy->process.allow_debug, ==, wanted->debugs);
  g_assert_cmpint (policy->desktop.xwayland, ==, wanted->x11);
  g_assert_cmpint (policy->resources.memory_mb != 0 && policy->resources.cpu_percent != 0, ==, wanted->is_bounded);
  g_assert_cmpint (policy->resources.timeout_seconds != 0, ==, wanted->ends);
}

static void
test_template (gconstpointer data)
{
  const Expected *wanted = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) policy = glb_policy_new_from_template (wanted->name, &error);

  g_assert_no_error (error);
  g_assert_true (glb_policy_check_supported (policy, &error));
  g_assert_no_error (error);
  assert_files (policy, wanted);
  assert_network (policy, wanted);
  assert_rest (policy, wanted);
}

/* None is without its expectations. */
static void
test_all (void)
{
  g_auto(GStrv) names = glb_policy_list_templates ();

  g_assert_cmpuint (g_strv_length (names), ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (names[i], ==, expected[i].name);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/templates/all", test_all);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *path = g_strconcat ("/templates/", expected[i].name, NULL);

      g_test_add_data_func (path, &expected[i], test_template);
    }
  return g_test_run ();
}
