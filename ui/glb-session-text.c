/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-session-text.h"

#include <glib/gi18n-lib.h>

static const char *
explain_reason (const char *reason)
{
  static const struct { const char *reason; const char *text; } table[] = {
    { "exited",          N_("The command has ended") },
    { "stopped",         N_("Stopped by a person") },
    { "killed",          N_("Killed by a person") },
    { "timeout",         N_("Its time was over") },
    { "client-gone",     N_("The program that started it went away") },
    { "compositor-died", N_("Its compositor crashed") },
    { "sandbox-died",    N_("Its sandbox was ended from outside") },
    { "out-of-memory",   N_("It needed more memory than the policy grants") },
    { "audit-full",      N_("The audit log could not be written: the disk is full") },
    { "broker-stopping", N_("The broker was stopped") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_strcmp0 (table[i].reason, reason) == 0)
      return _(table[i].text);

  return reason;
}

char *
glb_session_text_state (const char *state,
                        const char *driver,
                        const char *reason)
{
  if (g_strcmp0 (state, "ended") == 0)
    return g_strdup_printf (_("Ended: %s"), explain_reason (reason));
  if (g_strcmp0 (state, "stopping") == 0)
    return g_strdup (_("Stopping…"));
  if (g_strcmp0 (state, "starting") == 0)
    return g_strdup (_("Starting…"));
  if (g_strcmp0 (state, "paused") == 0)
    return g_strdup (_("Paused: every process of the agent is frozen"));
  if (g_strcmp0 (driver, "human") == 0)
    return g_strdup (_("A person drives: hand back with Shift+F12"));
  if (g_strcmp0 (driver, "agent") == 0)
    return g_strdup (_("The agent drives"));
  if (g_strcmp0 (driver, "replay") == 0)
    return g_strdup (_("A recording drives"));

  return g_strdup (_("Nobody drives"));
}

const char *
glb_session_text_group (GlbSessionGroup group)
{
  switch (group)
    {
    case GLB_SESSION_GROUP_ASKING:  return _("Asks you");
    case GLB_SESSION_GROUP_DRIVEN:  return _("You drive");
    case GLB_SESSION_GROUP_RUNNING: return _("Agent drives");
    case GLB_SESSION_GROUP_PAUSED:  return _("Paused");
    case GLB_SESSION_GROUP_ENDED:   return _("Ended");
    default:                        g_return_val_if_reached ("");
    }
}

char *
glb_session_text_questions (guint n)
{
  return g_strdup_printf (ngettext ("%u question", "%u questions", n), n);
}

char *
glb_session_text_age (gint64 us)
{
  gint64 minutes = MAX (us, 0) / G_USEC_PER_SEC / 60;

  if (minutes >= 60)
    return g_strdup_printf (_("%d h %02d min"), (int) (minutes / 60), (int) (minutes % 60));
  if (minutes >= 1)
    return g_strdup_printf (_("%d min"), (int) minutes);

  return g_strdup (_("just started"));
}

char *
glb_session_text_spoken (GlbSessionItem *item)
{
  GlbDBusSession1 *session = glb_session_item_get_session (item);
  g_autofree char *state = glb_session_text_state (glb_dbus_session1_get_state (session), glb_dbus_session1_get_driver (session),
                                                   glb_dbus_session1_get_reason (session));
  guint n = glb_session_gates_get_n_prompts (glb_session_item_get_gates (item));
  g_autofree char *questions = NULL;

  if (n == 0)
    return g_strdup_printf ("%s. %s", glb_dbus_session1_get_name (session), state);

  questions = g_strdup_printf (ngettext ("Asks you %u question", "Asks you %u questions", n), n);

  return g_strdup_printf ("%s. %s. %s", glb_dbus_session1_get_name (session), state, questions);
}
