/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the system bus has, who is refused before polkit, and what polkit's answers mean: pure functions. */

#include "config.h"

#include "glb-broker-dbus-generated.h"
#include "session-broker/broker/glb-polkit.h"
#include "session-broker/broker/glb-system-access.h"
#include "session-broker/client/glb-broker-error.h"

#define ACTION "org.glovebox.broker.answer-prompt"

/* All that is not refused to everybody, one line each. */
static const char allowed[] =
  "org.glovebox.Broker1.Find org.glovebox.broker.view\n"
  "org.glovebox.Prompt1.Allow org.glovebox.broker.answer-prompt\n"
  "org.glovebox.Prompt1.AllowFile org.glovebox.broker.answer-prompt\n"
  "org.glovebox.Prompt1.Deny org.glovebox.broker.answer-prompt\n"
  "org.glovebox.Prompt1.Look org.glovebox.broker.view\n"
  "org.glovebox.Prompt1.Content org.glovebox.broker.view\n"
  "org.glovebox.Grant1.Revoke org.glovebox.broker.revoke-grant\n";

/* Each method of the contract, so that a new one is refused until somebody thought about it. */
static void
test_methods (void)
{
  GDBusInterfaceInfo *infos[] = {
    glb_dbus_broker1_interface_info (), glb_dbus_session1_interface_info (), glb_dbus_prompt1_interface_info (),
    glb_dbus_grant1_interface_info (),
  };
  g_autoptr(GString) text = g_string_new (NULL);
  guint n_refused = 0;

  for (guint i = 0; i < G_N_ELEMENTS (infos); i++)
    for (guint m = 0; infos[i]->methods[m] != NULL; m++)
      {
        GlbApprovalKind kind;

        if (glb_system_access_classify (infos[i]->name, infos[i]->methods[m]->name, &kind) != NULL)
          n_refused++;
        else
          g_string_append_printf (text, "%s.%s %s\n", infos[i]->name, infos[i]->methods[m]->name, glb_approval_kind_to_action (kind));
      }
  g_assert_cmpstr (text->str, ==, allowed);
  g_assert_cmpuint (n_refused, >=, 20);
}

static void
test_refused (void)
{
  static const struct { const char *interface, *method, *why; } rows[] = {
    { "org.glovebox.Broker1", "Run", "run: the system bus starts no session, because the broker has not your files and your rights there; "
      "run glovebox as yourself, or as the broker's own user" },
    { "org.glovebox.Session1", "Stop", "session: the system bus only shows sessions; run glovebox as the broker's own user" },
    { "org.glovebox.Session1", "Trace", "session: the system bus only shows sessions; run glovebox as the broker's own user" },
    { "org.glovebox.Broker1", "SetAppearance", "broker: this is not done over the system bus; run glovebox as the broker's own user" },
    { "org.freedesktop.DBus.Properties", "Set", "broker: this is not done over the system bus; run glovebox as the broker's own user" },
    { "org.glovebox.Prompt1", "allow", "broker: this is not done over the system bus; run glovebox as the broker's own user" },
    { "", "", "broker: this is not done over the system bus; run glovebox as the broker's own user" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GlbApprovalKind kind;

      g_assert_cmpstr (glb_system_access_classify (rows[i].interface, rows[i].method, &kind), ==, rows[i].why);
    }
}

static void
test_callers (void)
{
  const GlbSystemCaller agent = { .uid = 700000, .of_sessions = TRUE };
  const GlbSystemCaller busy = { .uid = 1000, .n_calls = GLB_SYSTEM_CALLS_PER_USER_MAX };
  const GlbSystemCaller person = { .uid = 1000, .n_calls = GLB_SYSTEM_CALLS_PER_USER_MAX - 1 };

  g_assert_cmpstr (glb_system_access_why_not (&agent), ==,
                   "its user id is one of sessions, which nobody answers from; call as a person");
  g_assert_cmpstr (glb_system_access_why_not (&busy), ==, "too many of its calls wait for an answer; wait for them");
  g_assert_null (glb_system_access_why_not (&person));
}

static void
test_answers (void)
{
  static const struct { gboolean authorized, challenge, dismissed; GlbBrokerError code; const char *error; } rows[] = {
    { FALSE, FALSE, FALSE, GLB_BROKER_ERROR_POLICY, "polkit: " ACTION ": is not allowed for you; an administrator can allow it with a rule of polkit" },
    { FALSE, TRUE, FALSE, GLB_BROKER_ERROR_AUTHENTICATION, "polkit: " ACTION ": needs a password, and nobody could be asked for it; start an "
      "authentication agent for your session, such as pkttyagent" },
    { FALSE, FALSE, TRUE, GLB_BROKER_ERROR_POLICY, "polkit: " ACTION ": the question for a password was dismissed; call again to be asked again" },
    { FALSE, TRUE, TRUE, GLB_BROKER_ERROR_POLICY, "polkit: " ACTION ": the question for a password was dismissed; call again to be asked again" },
    { TRUE, FALSE, FALSE, 0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (glb_polkit_read_answer (ACTION, rows[i].authorized, rows[i].challenge, rows[i].dismissed, &error), ==,
                       rows[i].error == NULL);
      if (rows[i].error != NULL)
        g_assert_error (error, GLB_BROKER_ERROR, (int) rows[i].code);
      g_assert_cmpstr (error != NULL ? error->message : NULL, ==, rows[i].error);
    }
}

static void
test_failures (void)
{
  g_autoptr(GError) spawn = g_dbus_error_new_for_dbus_error ("org.freedesktop.DBus.Error.Spawn.ChildExited", "it ended");
  g_autoptr(GError) unregistered = g_dbus_error_new_for_dbus_error ("org.freedesktop.PolicyKit1.Error.Failed",
                                                                    "Action " ACTION " is not registered");
  const struct { GError *error; const char *message; } rows[] = {
    { g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "x"), "polkit: " ACTION ": no answer within 7 s; call again" },
    { g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN, "x"),
      "polkit: " ACTION ": polkit does not run; install the package polkitd and start its service" },
    { g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT, "x"),
      "polkit: " ACTION ": polkit does not run; install the package polkitd and start its service" },
    { g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY, "x"), "polkit: " ACTION ": polkit ended before it answered; call again" },
    { g_error_copy (spawn), "polkit: " ACTION ": polkit does not run; install the package polkitd and start its service" },
    { g_error_copy (unregistered), "polkit: " ACTION ": Action " ACTION " is not registered; see whether org.glovebox.policy is installed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = rows[i].error;
      g_autoptr(GError) mapped = glb_polkit_map_error (ACTION, 7, error);

      g_assert_error (mapped, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
      g_assert_cmpstr (mapped->message, ==, rows[i].message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system-access/methods", test_methods);
  g_test_add_func ("/system-access/refused", test_refused);
  g_test_add_func ("/system-access/callers", test_callers);
  g_test_add_func ("/system-access/answers", test_answers);
  g_test_add_func ("/system-access/failures", test_failures);
  return g_test_run ();
}
