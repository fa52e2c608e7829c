/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Answers over the system bus, by polkit's leave: the real dbus-daemon with the project's bus policy, the real polkitd with
 * the project's actions and the test's rules, callers of other accounts, and this program as the broker: prompts, a session
 * with its record, and the door. Denials first.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>

#include "session-broker/broker/glb-session.h"
#include "session-broker/broker/glb-system-bus.h"
#include "session-broker/client/glb-broker-error.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/sandbox/glb-sandbox.h"
#include "tests/broker/broker-fixture.h"
#include "tests/broker/system-fixture.h"

#define SOMEBODY "games"      /* an account that is nobody's session */
#define DEADLINE_S 20
#define VIEW   "org.glovebox.broker.view"
#define ANSWER "org.glovebox.broker.answer-prompt"
#define REVOKE "org.glovebox.broker.revoke-grant"
#define ALL    "polkit.addRule (function (action, subject) { return polkit.Result.YES; });"

static const char *why_not;   /* (nullable): this host cannot */
/* Ids that no person has. */
static const guint of_sessions[] = { 700000, 700123, 719999, 300777 };

typedef struct
{
  SystemFixture bus;
  char *root;
  GlbHost *host;
  GlbPool *pool;
  GlbObjectManager *objects;
  GlbPrompts *prompts;
  GlbDBusBroker1 *broker;
  GlbSystemBus *system;
  GlbSession *session;
  guint uid;
} Fixture;

typedef struct
{
  GAsyncResult *result;
  GCancellable *cancellable;
} Ask;

/* ---- the world ------------------------------------------------------------------------------ */

static void
take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
is_there (gpointer user_data)
{
  return *(gpointer *) user_data != NULL;
}

static GlbSession *
make_session (Fixture *fixture)
{
  const char *argv[] = { "true", NULL };
  g_autofree char *policy = test_policy ("process", ",\"prompts\":{\"timeoutSeconds\":60}");
  g_autoptr(GVariant) options = g_variant_ref_sink (test_options (policy, FALSE));
  g_autoptr(GError) error = NULL;
  GlbRunRequest *request = glb_run_request_new (options, argv, NULL, &error);
  GlbSession *session;

  g_assert_no_error (error);
  session = glb_session_new (fixture->host, fixture->pool, fixture->prompts, request, "demo", NULL, &error);
  g_assert_no_error (error);
  glb_object_manager_export (fixture->objects, glb_session_get_path (session), glb_session_get_skeleton (session), &error);
  g_assert_no_error (error);
  return session;
}

static gboolean
join (GlbSystemBus *system, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  glb_system_bus_start_async (system, take_result, &result);
  test_wait (is_there, &result, "the system bus");
  return glb_system_bus_start_finish (system, result, error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = NULL;
  g_autoptr(GError) error = NULL;
  guint deadline = data != NULL ? GPOINTER_TO_UINT (data) : DEADLINE_S;

  if (why_not != NULL)
    {
      g_test_skip (why_not);
      return;
    }

  fixture->uid = system_fixture_uid (SOMEBODY);
  system_fixture_start_bus (&fixture->bus);
  fixture->root = g_dir_make_tmp ("glb-system-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("XDG_RUNTIME_DIR", fixture->root, TRUE);
  g_setenv ("XDG_STATE_HOME", fixture->root, TRUE);
  g_setenv ("HOME", fixture->root, TRUE);
  program = glb_paths_find_program ("glovebox-broker", &error);
  g_assert_no_error (error);
  fixture->host = glb_host_new (program, &error);
  g_assert_no_error (error);
  fixture->pool = glb_pool_new (fixture->host, 0);
  fixture->objects = glb_object_manager_new (GLB_BROKER_OBJECT_PATH);
  fixture->prompts = glb_prompts_new (fixture->objects);
  fixture->broker = glb_dbus_broker1_skeleton_new ();
  fixture->system = glb_system_bus_new (fixture->objects, fixture->prompts, G_DBUS_INTERFACE_SKELETON (fixture->broker), deadline);
  join (fixture->system, &error);
  g_assert_no_error (error);
  fixture->session = make_session (fixture);
}

static gboolean
is_quiet (gpointer user_data)
{
  return !glb_system_bus_is_busy (((Fixture *) user_data)->system) && !g_main_context_pending (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  if (fixture->root == NULL)
    return;

  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  glb_object_manager_unexport (fixture->objects, glb_session_get_path (fixture->session));
  glb_system_bus_close (fixture->system);
  test_wait (is_quiet, fixture, "calls to end");
  g_assert_finalize_object (fixture->system);
  g_assert_finalize_object (fixture->session);
  g_assert_finalize_object (fixture->prompts);
  g_assert_finalize_object (fixture->objects);
  g_object_unref (fixture->broker);
  g_object_unref (fixture->pool);
  glb_host_free (fixture->host);
  system_fixture_stop (&fixture->bus);
  glb_sandbox_remove_tree (fixture->root, &error);
  g_assert_no_error (error);
  g_free (fixture->root);
}

/* ---- what tests do ------------------------------------------------------------------------------ */

static void
ask (Ask *self, Fixture *fixture, GlbPromptKind kind, const char *content, const char *target)
{
  g_autoptr(GBytes) bytes = content != NULL ? g_bytes_new (content, strlen (content)) : NULL;
  GlbPromptRequest request = {
    .kind = kind, .requester = GLB_DRIVER_AGENT, .title = "A title", .preview = content, .content = bytes, .target = target,
  };

  self->result = NULL;
  self->cancellable = g_cancellable_new ();
  glb_prompts_ask_async (fixture->prompts, fixture->session, &request, self->cancellable, take_result, &self->result);
}

/* (nullable): withdrawn. (transfer full) */
static GlbPromptAnswer *
wait_answer (Ask *self, Fixture *fixture)
{
  GlbPromptAnswer *answer;

  test_wait (is_there, &self->result, "an answer");
  answer = glb_prompts_ask_finish (fixture->prompts, self->result, NULL);
  g_clear_object (&self->result);
  g_clear_object (&self->cancellable);
  return answer;
}

static void
assert_yes (Ask *self, Fixture *fixture)
{
  g_autoptr(GlbPromptAnswer) answer = wait_answer (self, fixture);

  g_assert_nonnull (answer);
  g_assert_true (answer->allowed);
}

static void
assert_no (Ask *self, Fixture *fixture, const char *why)
{
  g_autoptr(GlbPromptAnswer) answer = wait_answer (self, fixture);

  g_assert_nonnull (answer);
  g_assert_false (answer->allowed);
  g_assert_cmpstr (answer->why, ==, why);
}

/* The question is as open as it was; then it goes, as its asker wants. */
static void
assert_open (Ask *self, Fixture *fixture)
{
  g_autoptr(GlbPromptAnswer) answer = NULL;

  g_assert_null (self->result);
  g_cancellable_cancel (self->cancellable);
  answer = wait_answer (self, fixture);
  g_assert_null (answer);
}

static void
assert_error (SystemCaller *caller, const char *error)
{
  g_assert_cmpstr (system_caller_wait (caller, "error org.glovebox.Error."), ==, error);
}

/* A call that must be refused, and with what. */
static void
assert_refused (Fixture *fixture, guint uid, const char *path, const char *interface, const char *method, const char *parameters,
                const char *error)
{
  g_autoptr(SystemCaller) caller = system_caller_new (uid, FALSE, path, interface, method, parameters);

  assert_error (caller, error);
}

static SystemCaller *
call_allow (Fixture *fixture, gboolean agent, const char *path)
{
  return system_caller_new (fixture->uid, agent, path, "Prompt1", "Allow", "('once', uint32 0)");
}

/* Records of prompts, grants and approvals: "EVENT ACTOR" and members. (transfer full) */
static char *
read_audit (Fixture *fixture)
{
  static const char * const members[] = { "prompt", "grant", "verdict", "uid", "polkitAction", "why" };
  g_autofree char *name = g_strconcat (glb_session_get_id (fixture->session), ".jsonl", NULL);
  g_autofree char *path = g_build_filename (fixture->host->audit_dir, name, NULL);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;
  GString *text = g_string_new (NULL);

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] == '{'; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], &error);
      JsonObject *record = json_node_get_object (node);
      const char *event = json_object_get_string_member (record, "event");

      g_assert_no_error (error);
      if (!g_str_has_prefix (event, "prompt-") && !g_str_has_prefix (event, "grant-") && !g_str_has_prefix (event, "approval-"))
        continue;
      g_string_append_printf (text, "%s %s", event, json_object_get_string_member (record, "actor"));
      for (guint m = 0; m < G_N_ELEMENTS (members); m++)
        if (json_object_has_member (record, members[m]))
          {
            g_autofree char *value = json_to_string (json_object_get_member (record, members[m]), FALSE);

            g_string_append_printf (text, " %s=%s", members[m], g_strdelimit (value, "\"", '\''));
          }
      g_assert_true (!json_object_has_member (record, "uid") || json_object_get_int_member (record, "pid") > 1);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static void
assert_audit (Fixture *fixture, const char *format, ...)
{
  g_autofree char *text = read_audit (fixture);
  g_autofree char *expected = NULL;
  va_list args;

  va_start (args, format);
  expected = g_strdup_vprintf (format, args);
  va_end (args);
  g_assert_cmpstr (text, ==, expected);
}

#define SKIP if (why_not != NULL) return


/* ---- no ------------------------------------------------------------------------------------------- */

static void
test_no_polkit (Fixture *fixture, gconstpointer data)
{
  Ask one;

  SKIP;
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)",
                  "Policy polkit: " ANSWER ": polkit does not run; install the package polkitd and start its service");
  assert_refused (fixture, 0, "prompts/1", "Prompt1", "Deny", NULL,
                  "Policy polkit: " ANSWER ": polkit does not run; install the package polkitd and start its service");
  assert_audit (fixture, "prompt-asked agent prompt=1\n"
                         "approval-refused broker prompt=1 uid=%u polkitAction='" ANSWER "' why='polkit: " ANSWER
                         ": polkit does not run; install the package polkitd and start its service'\n"
                         "approval-refused broker prompt=1 uid=0 polkitAction='" ANSWER "' why='polkit: " ANSWER
                         ": polkit does not run; install the package polkitd and start its service'\n", fixture->uid);
  assert_open (&one, fixture);
}

/* The defaults ask for a password, and there is nobody to be asked. */
static void
test_no_rule (Fixture *fixture, gconstpointer data)
{
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, "");
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)",
                  "Authentication polkit: " ANSWER ": needs a password, and nobody could be asked for it; start an authentication agent for "
                  "your session, such as pkttyagent");
  assert_open (&one, fixture);
}

static void
test_rule_says_no (Fixture *fixture, gconstpointer data)
{
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, "polkit.addRule (function (action, subject) { return polkit.Result.NO; });");
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)",
                  "Policy polkit: " ANSWER ": is not allowed for you; an administrator can allow it with a rule of polkit");
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Deny", NULL,
                  "Policy polkit: " ANSWER ": is not allowed for you; an administrator can allow it with a rule of polkit");
  assert_refused (fixture, fixture->uid, "", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                  "Policy polkit: " VIEW ": is not allowed for you; an administrator can allow it with a rule of polkit");
  assert_open (&one, fixture);
}

/* What one action allows, the others do not: each method is refused by the one that it needs. */
static void
test_each_needs_its_own (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *path, *interface, *method, *parameters, *action; } calls[] = {
    { "", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, VIEW },
    { "", "Broker1", "Find", "('demo',)", VIEW },
    { "", "org.freedesktop.DBus.Properties", "GetAll", "('org.glovebox.Broker1',)", VIEW },
    { "prompts/2", "org.freedesktop.DBus.Properties", "Get", "('org.glovebox.Prompt1', 'Preview')", VIEW },
    { "prompts/2", "org.freedesktop.DBus.Properties", "GetAll", "('org.glovebox.Prompt1',)", VIEW },
    { "prompts/2", "Prompt1", "Look", NULL, VIEW },
    { "prompts/2", "Prompt1", "Content", NULL, VIEW },
    { "prompts/2", "Prompt1", "Allow", "('once', uint32 0)", ANSWER },
    { "prompts/2", "Prompt1", "Deny", NULL, ANSWER },
    { "grants/1", "Grant1", "Revoke", NULL, REVOKE },
    { "grants/1", "org.freedesktop.DBus.Properties", "GetAll", "('org.glovebox.Grant1',)", VIEW },
  };
  static const char * const actions[] = { VIEW, ANSWER, REVOKE };
  g_autoptr(GlbPromptAnswer) answer = NULL;
  Ask first, second;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  ask (&first, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  {
    g_autoptr(SystemCaller) caller = system_caller_new (fixture->uid, FALSE, "prompts/1", "Prompt1", "Allow", "('session', uint32 0)");

    system_caller_wait (caller, "reply ()");
  }
  answer = wait_answer (&first, fixture);
  g_assert_true (answer->allowed);
  ask (&second, fixture, GLB_PROMPT_CLIPBOARD_OUT, "other", NULL);

  for (guint a = 0; a < G_N_ELEMENTS (actions); a++)
    {
      g_autofree char *rule = g_strdup_printf ("polkit.addRule (function (action, subject) {"
                                               " return action.id == '%s' ? polkit.Result.NO : polkit.Result.YES; });", actions[a]);

      system_fixture_kill (&fixture->bus.polkit_pid);
      system_fixture_start_polkit (&fixture->bus, rule);
      for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
        {
          g_autofree char *error = g_strdup_printf ("Policy polkit: %s: is not allowed for you; an administrator can allow it with a rule "
                                                    "of polkit", actions[a]);

          if (g_str_equal (calls[i].action, actions[a]))
            assert_refused (fixture, fixture->uid, calls[i].path, calls[i].interface, calls[i].method, calls[i].parameters, error);
        }
    }
  assert_open (&second, fixture);
  g_assert_null (glb_grant_get_why (answer->grant));
}

/* A rule can let one person answer one kind of question alone: it is told what the question is. */
static void
test_rule_of_one_kind (Fixture *fixture, gconstpointer data)
{
  Ask camera, speaker;

  SKIP;
  system_fixture_start_polkit (&fixture->bus,
    "polkit.addRule (function (action, subject) {"
    "  if (action.id == '" ANSWER "' && subject.user == '" SOMEBODY "' && action.lookup ('kind') == 'speaker' &&"
    "      action.lookup ('session') == 'demo' && action.lookup ('target') == 'Desk' && action.lookup ('method') == 'Allow' &&"
    "      action.lookup ('id') == '2' && action.lookup ('title') == 'A title')"
    "    return polkit.Result.YES;"
    "  return polkit.Result.NO;"
    "});");
  ask (&camera, fixture, GLB_PROMPT_CAMERA, NULL, "Desk");
  ask (&speaker, fixture, GLB_PROMPT_SPEAKER, NULL, "Desk");
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)",
                  "Policy polkit: " ANSWER ": is not allowed for you; an administrator can allow it with a rule of polkit");
  assert_refused (fixture, fixture->uid, "prompts/2", "Prompt1", "Deny", NULL,
                  "Policy polkit: " ANSWER ": is not allowed for you; an administrator can allow it with a rule of polkit");
  {
    g_autoptr(SystemCaller) caller = call_allow (fixture, FALSE, "prompts/2");

    system_caller_wait (caller, "reply ()");
  }
  assert_yes (&speaker, fixture);
  assert_open (&camera, fixture);
}

/* An agent's account, and a person's range: refused before polkit, which would say yes, and does not even run at first. */
static void
test_account_of_a_session (Fixture *fixture, gconstpointer data)
{
  g_autofree char *subuid = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) records = NULL;
  g_autoptr(GError) error = NULL;
  Ask one;

  SKIP;
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  assert_refused (fixture, 700123, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)",
                  "Policy broker: user id 700123 may not call: its user id is one of sessions, which nobody answers from; call as a person");
  system_fixture_start_polkit (&fixture->bus, ALL);
  for (guint i = 0; i < 3; i++)
    {
      guint uid = of_sessions[i];
      g_autofree char *refusal = g_strdup_printf ("Policy broker: user id %u may not call: its user id is one of sessions, which nobody "
                                                  "answers from; call as a person", uid);

      assert_refused (fixture, uid, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)", refusal);
      assert_refused (fixture, uid, "prompts/1", "Prompt1", "Deny", NULL, refusal);
      assert_refused (fixture, uid, "", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, refusal);
    }
  /* recorded, and a flood of them does not fill the record */
  text = read_audit (fixture);
  records = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (records), ==, 1 + 4 + 1);
  g_assert_cmpstr (records[1], ==, "approval-refused broker prompt=1 uid=700123 polkitAction='" ANSWER "' why='broker: user id 700123 may not "
                                   "call: its user id is one of sessions, which nobody answers from; call as a person'");
  subuid = g_build_filename (fixture->root, "subuid", NULL);
  g_file_set_contents (subuid, "games:300000:65536\n", -1, &error);
  g_assert_no_error (error);
  if (mount (subuid, "/etc/subuid", NULL, MS_BIND, NULL) == 0)
    {
      assert_refused (fixture, 300777, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)",
                      "Policy broker: user id 300777 may not call: its user id is one of sessions, which nobody answers from; "
                      "call as a person");
      g_assert_cmpint (umount ("/etc/subuid"), ==, 0);
    }
  assert_open (&one, fixture);
}

/* Nothing is started, driven or taken over here, whatever polkit says, and whoever calls. */
static void
test_no_such_door (Fixture *fixture, gconstpointer data)
{
  const char *session;
  g_autofree char *path = NULL;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  session = glb_session_get_path (fixture->session);
  path = g_strdup (session + strlen (GLB_BROKER_OBJECT_PATH "/"));
  for (guint i = 0; i < 2; i++)
    {
      guint uid = i == 0 ? fixture->uid : 0;

      assert_refused (fixture, uid, "", "Broker1", "Run", "(@a{sv} {}, ['true'])",
                      "Policy run: the system bus starts no session, because the broker has not your files and your rights there; run "
                      "glovebox as yourself, or as the broker's own user");
      assert_refused (fixture, uid, "", "Broker1", "SetAppearance", "(uint32 1, uint32 0)",
                      "Policy broker: this is not done over the system bus; run glovebox as the broker's own user");
      assert_refused (fixture, uid, path, "Session1", "Kill", NULL,
                      "Policy session: the system bus only shows sessions; run glovebox as the broker's own user");
      assert_refused (fixture, uid, path, "Session1", "Exec", "(@a{sv} {}, ['true'])",
                      "Policy session: the system bus only shows sessions; run glovebox as the broker's own user");
      assert_refused (fixture, uid, path, "Session1", "TakeLease", NULL,
                      "Policy session: the system bus only shows sessions; run glovebox as the broker's own user");
      assert_refused (fixture, uid, "prompts/7", "Prompt1", "Deny", NULL,
                      "State prompt 7: there is none that is open; glovebox --system prompts lists them");
      assert_refused (fixture, uid, "grants/7", "Grant1", "Revoke", NULL,
                      "State grant 7: there is none that is open; glovebox --system grants lists them");
    }
}

/* Whoever asks the bus what there is learns no name of it. */
static void
test_introspection (Fixture *fixture, gconstpointer data)
{
  static const char * const folders[] = { "", "/prompts", "/grants", "/sessions" };
  Ask one;

  SKIP;
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr(SystemCaller) caller = system_caller_new (fixture->uid, FALSE, folders[i][0] == '/' ? folders[i] + 1 : "",
                                                          "org.freedesktop.DBus.Introspectable", "Introspect", NULL);
      const char *reply = system_caller_wait (caller, "reply ");

      g_assert_null (strstr (reply, "<node name=\"1\""));
      g_assert_null (strstr (reply, glb_session_get_id (fixture->session)));
    }
  assert_open (&one, fixture);
}

/* ---- yes ------------------------------------------------------------------------------------------- */

static void
test_allow (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GlbPromptAnswer) answer = NULL;
  g_autoptr(SystemCaller) look = NULL;
  g_autoptr(SystemCaller) allow = NULL;
  g_autoptr(SystemCaller) revoke = NULL;
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  look = system_caller_new (fixture->uid, FALSE, "prompts/1", "Prompt1", "Look", NULL);
  system_caller_wait (look, "reply ()");
  allow = system_caller_new (fixture->uid, FALSE, "prompts/1", "Prompt1", "Allow", "('session', uint32 0)");
  system_caller_wait (allow, "reply ()");
  answer = wait_answer (&one, fixture);
  g_assert_true (answer->allowed);
  revoke = system_caller_new (fixture->uid, FALSE, "grants/1", "Grant1", "Revoke", NULL);
  system_caller_wait (revoke, "reply ()");
  g_assert_cmpstr (glb_grant_get_why (answer->grant), ==, "revoked");
  assert_audit (fixture, "prompt-asked agent prompt=1\n"
                         "prompt-answered human prompt=1 verdict='allow' uid=%1$u polkitAction='" ANSWER "'\n"
                         "grant-made human prompt=1 grant=1 uid=%1$u polkitAction='" ANSWER "'\n"
                         "grant-revoked human grant=1 uid=%1$u polkitAction='" REVOKE "' why='revoked'\n", fixture->uid);
}

static void
test_deny (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  caller = system_caller_new (fixture->uid, FALSE, "prompts/1", "Prompt1", "Deny", NULL);
  system_caller_wait (caller, "reply ()");
  assert_no (&one, fixture, "denied");
  assert_audit (fixture, "prompt-asked agent prompt=1\n"
                         "prompt-answered human prompt=1 verdict='deny' uid=%u polkitAction='" ANSWER "' why='denied'\n", fixture->uid);
}

/* An answer that makes no sense is the same error as on the broker's own socket, and the question stays. */
static void
test_bad_answer (Fixture *fixture, gconstpointer data)
{
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Allow", "('forever', uint32 0)",
                  "Failed prompt 1: no such scope; use once, session or seconds");
  assert_open (&one, fixture);
}

static void
test_view (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *path, *interface, *method, *parameters, *part; } calls[] = {
    { "", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, "'Preview': <'hello'>" },
    { "", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, "'Name': <'demo'>" },
    { "prompts/1", "org.freedesktop.DBus.Properties", "Get", "('org.glovebox.Prompt1', 'Preview')", "(<'hello'>,)" },
    { "prompts/1", "org.freedesktop.DBus.Properties", "GetAll", "('org.glovebox.Prompt1',)", "'Kind': <'clipboard-out'>" },
    { "prompts/1", "Prompt1", "Content", NULL, "(0,)" },
  };
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr(SystemCaller) caller = system_caller_new (fixture->uid, FALSE, calls[i].path, calls[i].interface, calls[i].method,
                                                          calls[i].parameters);

      g_assert_nonnull (strstr (system_caller_wait (caller, "reply "), calls[i].part));
    }
  assert_open (&one, fixture);
}

/* ---- polkit asks a person ----------------------------------------------------------------------------- */

/* A question, and a call of Allow for which polkit asks the caller's agent for a password. (transfer full) */
static SystemCaller *
call_asked (Fixture *fixture, Ask *one)
{
  SystemCaller *caller;

  system_fixture_start_polkit (&fixture->bus, "");
  ask (one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  caller = call_allow (fixture, TRUE, "prompts/1");
  system_caller_wait (caller, "asked ");
  return caller;
}

static void
test_password (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  const char *asked;
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, "");
  ask (&one, fixture, GLB_PROMPT_MICROPHONE, NULL, "Desk microphone");
  caller = call_allow (fixture, TRUE, "prompts/1");
  asked = system_caller_wait (caller, "asked ");
  g_assert_cmpstr (strchr (asked, ' '), ==,
                   " Authentication is required to answer (Allow) question 1 of session demo: microphone Desk microphone");
  g_assert_null (one.result);
  system_fixture_authenticate (&fixture->bus, fixture->uid, asked);
  system_caller_say (caller, "return\n");
  system_caller_wait (caller, "reply ()");
  assert_yes (&one, fixture);
}

static void
test_dismissed (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  Ask one;

  SKIP;
  caller = call_asked (fixture, &one);
  system_caller_say (caller, "dismiss\n");
  assert_error (caller, "Policy polkit: " ANSWER ": the question for a password was dismissed; call again to be asked again");
  assert_open (&one, fixture);
}

static void
test_wrong_password (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  Ask one;

  SKIP;
  caller = call_asked (fixture, &one);
  /* the agent says that it is done, and polkit's helper never said that the password was right */
  system_caller_say (caller, "return\n");
  assert_error (caller, "Policy polkit: " ANSWER ": is not allowed for you; an administrator can allow it with a rule of polkit");
  assert_open (&one, fixture);
}

/* ---- in mid-question ----------------------------------------------------------------------------------- */

static void
test_polkit_killed (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  Ask one;

  SKIP;
  caller = call_asked (fixture, &one);
  system_fixture_kill (&fixture->bus.polkit_pid);
  assert_error (caller, "Policy polkit: " ANSWER ": polkit ended before it answered; call again");
  assert_open (&one, fixture);
}

/* It is there and says nothing. */
static void
test_polkit_stopped (Fixture *fixture, gconstpointer data)
{
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  g_assert_cmpint (kill (fixture->bus.polkit_pid, SIGSTOP), ==, 0);
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)",
                  "Policy polkit: " ANSWER ": no answer within 1 s; call again");
  /* its yes comes late, and is nobody's */
  g_assert_cmpint (kill (fixture->bus.polkit_pid, SIGCONT), ==, 0);
  test_wait (is_quiet, fixture, "calls to end");
  assert_open (&one, fixture);
}

/* A person who is asked and does nothing. */
static void
test_timeout (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  Ask one;

  SKIP;
  caller = call_asked (fixture, &one);
  assert_error (caller, "Policy polkit: " ANSWER ": no answer within 1 s; call again");
  system_caller_wait (caller, "cancelled ");
  assert_open (&one, fixture);
}

static gboolean
is_recorded (gpointer user_data)
{
  g_autofree char *text = read_audit (user_data);

  return strstr (text, "approval-refused") != NULL;
}

static void
test_caller_leaves (Fixture *fixture, gconstpointer data)
{
  SystemCaller *caller;
  g_autofree char *asked = NULL;
  Ask one;

  SKIP;
  caller = call_asked (fixture, &one);
  g_assert_true (glb_system_bus_is_busy (fixture->system));
  system_caller_free (caller);
  test_wait (is_recorded, fixture, "a record");
  g_assert_false (glb_system_bus_is_busy (fixture->system));
  assert_audit (fixture, "prompt-asked agent prompt=1\n"
                         "approval-refused broker prompt=1 uid=%u polkitAction='" ANSWER "' "
                         "why='broker: the caller left the bus before there was an answer; call again'\n", fixture->uid);
  assert_open (&one, fixture);
}

/* The asker does not want it any more: whoever types a password for it is told so at once. */
static void
test_withdrawn (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  Ask one;

  SKIP;
  caller = call_asked (fixture, &one);
  assert_open (&one, fixture);
  assert_error (caller, "State prompt 1: there is none that is open; glovebox --system prompts lists them");
  system_caller_wait (caller, "cancelled ");
  g_assert_false (glb_system_bus_is_busy (fixture->system));
}

static void
test_session_ends (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  Ask one;

  SKIP;
  caller = call_asked (fixture, &one);
  glb_session_end (fixture->session, GLB_END_STOPPED, NULL);
  assert_no (&one, fixture, "session-ended");
  assert_error (caller, "State prompt 1: there is none that is open; glovebox --system prompts lists them");
  system_caller_wait (caller, "cancelled ");
}

/* Two persons at once: the first with a yes has answered. */
static void
test_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) first = NULL;
  g_autoptr(SystemCaller) second = NULL;
  g_autofree char *asked = NULL;
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, "");
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  first = call_allow (fixture, TRUE, "prompts/1");
  asked = g_strdup (system_caller_wait (first, "asked "));
  second = system_caller_new (fixture->uid, TRUE, "prompts/1", "Prompt1", "Deny", NULL);
  system_caller_wait (second, "asked ");
  system_fixture_authenticate (&fixture->bus, fixture->uid, asked);
  system_caller_say (first, "return\n");
  system_caller_wait (first, "reply ()");
  assert_yes (&one, fixture);
  assert_error (second, "State prompt 1: there is none that is open; glovebox --system prompts lists them");
  system_caller_wait (second, "cancelled ");
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)",
                  "State prompt 1: there is none that is open; glovebox --system prompts lists them");
}

static void
test_flood (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GPtrArray) callers = g_ptr_array_new_with_free_func ((GDestroyNotify) system_caller_free);
  g_autofree char *error = NULL;
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, "");
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  for (guint i = 0; i < 8; i++)
    {
      g_ptr_array_add (callers, call_allow (fixture, TRUE, "prompts/1"));
      system_caller_wait (g_ptr_array_index (callers, i), "asked ");
    }
  error = g_strdup_printf ("Policy broker: user id %u may not call: too many of its calls wait for an answer; wait for them", fixture->uid);
  assert_refused (fixture, fixture->uid, "prompts/1", "Prompt1", "Allow", "('once', uint32 0)", error);
  /* others are not kept from it */
  {
    g_autoptr(SystemCaller) caller = system_caller_new (0, FALSE, "prompts/1", "Prompt1", "Deny", NULL);

    system_caller_wait (caller, "reply ()");
  }
  assert_no (&one, fixture, "denied");
}

/* ---- the bus ---------------------------------------------------------------------------------------------- */

static void
test_bus_dies (Fixture *fixture, gconstpointer data)
{
  g_autoptr(SystemCaller) caller = NULL;
  Ask one;

  SKIP;
  caller = call_asked (fixture, &one);
  g_test_expect_message ("glb-broker", G_LOG_LEVEL_WARNING, "The system bus closed the connection:*");
  g_dbus_connection_set_exit_on_close (fixture->bus.client, FALSE);
  system_fixture_kill (&fixture->bus.bus_pid);
  test_wait (is_quiet, fixture, "calls to end");
  g_test_assert_expected_messages ();
  assert_open (&one, fixture);
}

static void
test_name_taken (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GlbSystemBus) second = NULL;
  g_autoptr(GError) error = NULL;

  SKIP;
  second = glb_system_bus_new (fixture->objects, fixture->prompts, G_DBUS_INTERFACE_SKELETON (fixture->broker), DEADLINE_S);
  g_assert_false (join (second, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "system bus: the name org.glovebox.Broker1: another process has it; end that one");
}

static void
test_no_bus (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GlbSystemBus) second = NULL;
  g_autoptr(GError) error = NULL;

  SKIP;
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus", TRUE);
  second = glb_system_bus_new (fixture->objects, fixture->prompts, G_DBUS_INTERFACE_SKELETON (fixture->broker), DEADLINE_S);
  g_assert_false (join (second, &error));
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "system bus: no connection: "));
}

/* ---- the command line ----------------------------------------------------------------------------------------- */

static void
assert_cli (guint uid, const char *line, int code, const char *part)
{
  g_auto(GStrv) arguments = g_strsplit (line, " ", -1);
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;

  int exit_code = system_cli_run (uid, (const char * const *) arguments, &output, &errors);

  g_test_message ("glovebox --system %s: %d: %s%s", line, exit_code, output, errors);
  g_assert_cmpint (exit_code, ==, code);
  g_assert_nonnull (strstr (code == 0 ? output : errors, part));
}

static void
test_cli_refused (Fixture *fixture, gconstpointer data)
{
  Ask one;

  SKIP;
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  assert_cli (fixture->uid, "prompts", 126,
              "glovebox: polkit: " VIEW ": polkit does not run; install the package polkitd and start its service\n");
  assert_cli (fixture->uid, "run -- true", 126, "glovebox: run: not over the system bus, which starts and drives no session; leave out "
              "--system, or run it as the broker's own user\n");
  assert_cli (fixture->uid, "allow 7", 125, "glovebox: prompt 7: there is none that is open; glovebox --system prompts lists them\n");
  assert_cli (700123, "allow 1", 126, "glovebox: broker: user id 700123 may not call: its user id is one of sessions");
  system_fixture_start_polkit (&fixture->bus, "");
  assert_cli (fixture->uid, "ps", 126, "glovebox: polkit: " VIEW ": needs a password, and nobody could be asked for it; start an "
              "authentication agent for your session, such as pkttyagent\n");
  assert_cli (fixture->uid, "deny 1", 126, "glovebox: polkit: " ANSWER ": needs a password");
  assert_open (&one, fixture);
}

static void
test_cli (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GlbPromptAnswer) answer = NULL;
  g_autofree char *id = NULL;
  Ask one, two, three;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  ask (&one, fixture, GLB_PROMPT_CLIPBOARD_OUT, "hello", NULL);
  ask (&two, fixture, GLB_PROMPT_FILE, NULL, NULL);
  ask (&three, fixture, GLB_PROMPT_MICROPHONE, NULL, "Desk");
  assert_cli (fixture->uid, "ps", 0, "demo");
  assert_cli (fixture->uid, "prompts", 0, "   | hello\n2  file  asked by the agent of demo");
  assert_cli (fixture->uid, "prompts --json", 0, "\"kind\":\"microphone\"");
  id = g_strdup_printf ("\"session\":\"%s\"", glb_session_get_id (fixture->session));
  assert_cli (fixture->uid, "prompts --json", 0, id);
  assert_cli (fixture->uid, "deny 3", 0, "");
  assert_no (&three, fixture, "denied");
  assert_cli (fixture->uid, "allow 2 --file /etc/hostname", 0, "");
  answer = wait_answer (&two, fixture);
  g_assert_true (answer->allowed);
  g_assert_cmpstr (answer->file_name, ==, "hostname");
  g_clear_pointer (&answer, glb_prompt_answer_free);
  assert_cli (fixture->uid, "allow 1 --session", 0, "");
  answer = wait_answer (&one, fixture);
  g_assert_true (answer->allowed);
  assert_cli (fixture->uid, "grants", 0, "clipboard-out");
  assert_cli (fixture->uid, "revoke 2", 0, "");
  g_assert_cmpstr (glb_grant_get_why (answer->grant), ==, "revoked");
}

/* Somebody else's file is not handed in: it is the caller who opens it. */
static void
test_cli_file_of_root (Fixture *fixture, gconstpointer data)
{
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, ALL);
  ask (&one, fixture, GLB_PROMPT_FILE, NULL, NULL);
  assert_cli (fixture->uid, "allow 1 --file /etc/shadow", 125, "glovebox: allow: /etc/shadow: Permission denied; name a file that you may read\n");
  assert_open (&one, fixture);
}


/* With a terminal and no desktop, whoever calls is asked there. */
static void
test_cli_terminal (Fixture *fixture, gconstpointer data)
{
  const char *arguments[] = { "allow", "1", NULL };
  g_autofree char *output = NULL;
  Ask one;

  SKIP;
  system_fixture_start_polkit (&fixture->bus, "");
  ask (&one, fixture, GLB_PROMPT_MICROPHONE, NULL, "Desk");
  g_assert_cmpint (system_cli_run_in_terminal (fixture->uid, arguments, &output), ==, 0);
  g_test_message ("%s", output);
  g_assert_nonnull (strstr (output, "Authentication is required to answer (Allow) question 1 of session demo: microphone Desk"));
  assert_yes (&one, fixture);
}

static void
test_cli_no_broker (Fixture *fixture, gconstpointer data)
{
  SKIP;
  glb_system_bus_close (fixture->system);
  assert_cli (fixture->uid, "prompts", 125, "glovebox: broker: The machine's broker does not run (");
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; guint deadline; void (*run) (Fixture *fixture, gconstpointer data); } tests[] = {
    { "denied/no-polkit", 0, test_no_polkit },
    { "denied/no-rule", 0, test_no_rule },
    { "denied/rule-says-no", 0, test_rule_says_no },
    { "denied/each-needs-its-own", 0, test_each_needs_its_own },
    { "denied/rule-of-one-kind", 0, test_rule_of_one_kind },
    { "denied/account-of-a-session", 0, test_account_of_a_session },
    { "denied/no-such-door", 0, test_no_such_door },
    { "denied/introspection", 0, test_introspection },
    { "denied/dismissed", 0, test_dismissed },
    { "denied/wrong-password", 0, test_wrong_password },
    { "allowed/allow", 0, test_allow },
    { "allowed/deny", 0, test_deny },
    { "allowed/bad-answer", 0, test_bad_answer },
    { "allowed/view", 0, test_view },
    { "allowed/password", 0, test_password },
    { "fault/polkit-killed", 0, test_polkit_killed },
    { "fault/polkit-stopped", 1, test_polkit_stopped },
    { "fault/timeout", 1, test_timeout },
    { "fault/caller-leaves", 0, test_caller_leaves },
    { "fault/withdrawn", 0, test_withdrawn },
    { "fault/session-ends", 0, test_session_ends },
    { "fault/twice", 0, test_twice },
    { "fault/flood", 0, test_flood },
    { "fault/bus-dies", 0, test_bus_dies },
    { "fault/name-taken", 0, test_name_taken },
    { "fault/no-bus", 0, test_no_bus },
    { "cli/refused", 0, test_cli_refused },
    { "cli/file-of-root", 0, test_cli_file_of_root },
    { "cli/no-broker", 0, test_cli_no_broker },
    { "cli/answers", 0, test_cli },
    { "cli/terminal", 0, test_cli_terminal },
  };

  if (system_fixture_enter (&why_not))
    for (guint i = 0; i < G_N_ELEMENTS (of_sessions); i++)
      system_fixture_add_account (of_sessions[i]);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/system-bus/", tests[i].name, NULL);

      g_test_add (path, Fixture, GUINT_TO_POINTER (tests[i].deadline), set_up, tests[i].run, tear_down);
    }
  return g_test_run ();
}
