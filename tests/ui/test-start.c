/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <gio/gdesktopappinfo.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "tests/ui/test-config.h"
#include "ui/glb-app-list.h"
#include "ui/glb-doctor-text.h"
#include "ui/glb-own-policies.h"
#include "ui/glb-policy-draft.h"
#include "ui/glb-recent-starts.h"
#include "ui/glb-start.h"
#include "ui/glb-template-text.h"

#define MINIMAL "{ \"schemaVersion\": \"1.0\" }\n"

/* ---- recent starts ------------------------------------------------------------------- */

static void
add_recent (const char *folder,
            const char *command,
            const char *workspace)
{
  GlbStart start = { .policy = (char *) "web", .command = (char *) command, .workspace = (char *) workspace, .tier = GLB_TIER_PROCESS };

  glb_recent_starts_add (folder, &start);
}

static char *
list_recent (const char *folder)
{
  g_autoptr(GPtrArray) starts = glb_recent_starts_load (folder);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < starts->len; i++)
    {
      const GlbStart *start = starts->pdata[i];

      g_assert_cmpstr (start->policy, ==, "web");
      g_assert_cmpint (start->tier, ==, GLB_TIER_PROCESS);
      g_string_append_printf (text, "%s@%s;", start->command, start->workspace != NULL ? start->workspace : "");
    }
  return g_string_free (text, FALSE);
}

static void
test_recent (void)
{
  g_autofree char *folder = g_dir_make_tmp ("test-start-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "recent-starts", NULL);
  g_autofree char *none = list_recent (folder);
  g_autofree char *listed = NULL;
  g_autofree char *damaged = NULL;
  g_autoptr(GPtrArray) many = NULL;

  g_assert_cmpstr (none, ==, "");
  add_recent (folder, "one; \"two\"\n", "/a b");
  add_recent (folder, "three", NULL);
  add_recent (folder, "one; \"two\"\n", "/a b");
  listed = list_recent (folder);
  g_assert_cmpstr (listed, ==, "one; \"two\"\n@/a b;three@;");

  for (guint i = 0; i < 3 * GLB_RECENT_STARTS_MAX; i++)
    {
      g_autofree char *command = g_strdup_printf ("command-%u", i);

      add_recent (folder, command, "/");
    }
  many = glb_recent_starts_load (folder);
  g_assert_cmpuint (many->len, ==, GLB_RECENT_STARTS_MAX);

  g_assert_true (g_file_set_contents (file, "[start-0]\npolicy=web\n[start-1]\npolicy=web\ncommand=x\ntier=process\n", -1, NULL));
  damaged = list_recent (folder);
  g_assert_cmpstr (damaged, ==, "x@;");
  g_assert_true (g_file_set_contents (file, "no key file", -1, NULL));
  g_free (damaged);
  damaged = list_recent (folder);
  g_assert_cmpstr (damaged, ==, "");

  g_unlink (file);
  g_rmdir (folder);
}

/* ---- own policies -------------------------------------------------------------------- */

static void
test_names (void)
{
  static const char * const bad[] = { "", ".hidden", "../up", "a/b", "a b", "ä", "-x", "a\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (glb_own_policies_is_name (bad[i]));
  g_assert_true (glb_own_policies_is_name ("my-web_2.x"));
}

/* What somebody else wrote meanwhile is not overwritten. */
static void
test_save (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = glb_own_policies_get_path ("mine");
  g_autofree char *text = NULL;
  g_auto(GStrv) names = NULL;

  g_assert_true (glb_own_policies_save ("mine", NULL, MINIMAL, &error));
  g_assert_no_error (error);
  g_assert_false (glb_own_policies_save ("mine", NULL, "other", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "theirs", -1, NULL));
  g_assert_false (glb_own_policies_save ("mine", MINIMAL, "ours", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG);
  text = glb_own_policies_load ("mine", NULL);
  g_assert_cmpstr (text, ==, "theirs");

  names = glb_own_policies_list ();
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "mine");
  g_assert_true (glb_own_policies_remove ("mine", NULL));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_draft (void)
{
  g_autofree char *problem = NULL;
  g_autofree char *base = NULL;
  g_autoptr(GlbPolicy) sound = NULL;
  GlbPolicyDraft *draft;
  guint line;

  g_assert_true (glb_own_policies_save ("my-web", NULL, MINIMAL, NULL));
  draft = glb_policy_draft_new ("my-web", TRUE, NULL);
  base = glb_policy_draft_find_base (draft);
  g_assert_cmpstr (base, ==, "web");
  sound = glb_policy_draft_parse (draft, &line, &problem);
  g_assert_nonnull (sound);
  g_assert_cmpuint (line, ==, 0);
  g_assert_null (problem);

  g_free (draft->text);
  draft->text = g_strdup ("{ \"schemaVersion\": \"1.0\",\n\n  \"desktop\": { \"width\": 1 } }");
  g_assert_false (glb_policy_draft_is_saved (draft));
  g_assert_null (glb_policy_draft_parse (draft, &line, &problem));
  g_assert_cmpuint (line, ==, 3);
  g_assert_true (g_str_has_prefix (problem, "/desktop/width: "));
  g_assert_true (glb_policy_draft_save (draft, NULL));
  g_assert_true (glb_policy_draft_is_saved (draft));

  glb_policy_draft_free (draft);
  g_assert_true (glb_own_policies_remove ("my-web", NULL));
}

/* ---- what is started ------------------------------------------------------------------ */

static void
test_tier (void)
{
  GlbStart start = { .policy = (char *) "command", .own = TRUE, .tier = GLB_TIER_SESSION };
  g_autoptr(GlbPolicy) policy = NULL;
  GlbTier tier = GLB_TIER_SESSION;

  g_assert_false (glb_start_get_own_tier (&start, &tier));
  g_assert_true (glb_own_policies_save ("command", NULL, "{ \"schemaVersion\": \"1.0\", \"isolation\": { \"tier\": \"process\" } }", NULL));
  policy = glb_start_load_policy (&start, NULL);
  g_assert_true (glb_start_get_own_tier (&start, &tier));
  g_assert_cmpint (tier, ==, GLB_TIER_PROCESS);
  g_assert_cmpint (policy->isolation.tier, ==, GLB_TIER_SESSION);
  g_assert_true (glb_own_policies_remove ("command", NULL));
}

static void
refused_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  GError **error = user_data;

  g_assert_null (glb_start_run_finish (result, error));
}

/* Told before any broker is asked. start: page of the start that is wrong; its row is how the message begins. */
static void
assert_refused (const GlbStart *start,
                const char     *row)
{
  g_autoptr(GError) error = NULL;

  glb_start_run_async (start, NULL, refused_cb, &error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, row));
}

static void
test_refused (void)
{
  char policy[] = "default", none[] = "", open_quote[] = "echo 'x", echo[] = "echo", nowhere[] = "/nowhere/at/all";

  assert_refused (&(GlbStart) { .policy = policy, .command = none, .tier = GLB_TIER_SESSION }, "command: ");
  assert_refused (&(GlbStart) { .policy = policy, .command = open_quote, .tier = GLB_TIER_SESSION }, "command: ");
  assert_refused (&(GlbStart) { .policy = policy, .command = echo, .tier = GLB_TIER_SESSION }, "workspace: ");
  assert_refused (&(GlbStart) { .policy = policy, .command = echo, .workspace = nowhere, .tier = GLB_TIER_SESSION }, "workspace: ");
}

/* The field codes of desktop files are for launchers that have files to open. */
static void
test_application (void)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GDesktopAppInfo) application = NULL;
  g_autofree char *command = NULL;

  g_key_file_set_string (file, "Desktop Entry", "Type", "Application");
  g_key_file_set_string (file, "Desktop Entry", "Name", "x");
  g_key_file_set_string (file, "Desktop Entry", "Exec", "sh --at 100%% %U");
  application = g_desktop_app_info_new_from_keyfile (file);
  command = glb_app_list_get_command (G_APP_INFO (application));
  g_assert_cmpstr (command, ==, "sh --at 100%");
}

static void
test_templates (void)
{
  g_auto(GStrv) names = glb_policy_list_templates ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *text = glb_own_policies_get_template_text (names[i]);

      g_assert_cmpstr (glb_template_text_get_title (names[i]), !=, names[i]);
      g_assert_cmpstr (glb_template_text_get_summary (names[i]), !=, "");
      g_assert_nonnull (strstr (text, "schemaVersion"));
    }
}

/* ---- what the machine can hold ---------------------------------------------------------- */

static void
test_doctor (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSubprocess) doctor = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, GLOVEBOX, "doctor", "--json", NULL);
  g_autofree char *out = NULL;
  g_autoptr(JsonNode) node = NULL;
  JsonArray *checks;

  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (doctor, NULL, NULL, &out, NULL, &error));
  node = json_from_string (out, &error);
  g_assert_no_error (error);
  checks = json_object_get_array_member (json_node_get_object (node), "checks");
  g_assert_cmpuint (json_array_get_length (checks), >, 10);
  for (guint i = 0; i < json_array_get_length (checks); i++)
    {
      const char *name = json_object_get_string_member (json_array_get_object_element (checks, i), "name");

      g_assert_cmpstr (glb_doctor_text_get (name), !=, name);
    }
}

int
main (int   argc,
      char *argv[])
{
  char *config = test_config_begin ();
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/start/recent", test_recent);
  g_test_add_func ("/start/own-policies/names", test_names);
  g_test_add_func ("/start/own-policies/save", test_save);
  g_test_add_func ("/start/own-policies/draft", test_draft);
  g_test_add_func ("/start/tier", test_tier);
  g_test_add_func ("/start/refused", test_refused);
  g_test_add_func ("/start/application", test_application);
  g_test_add_func ("/start/templates", test_templates);
  g_test_add_func ("/start/doctor", test_doctor);
  status = g_test_run ();
  test_config_end (config);
  return status;
}
