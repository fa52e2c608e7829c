/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-system-access.h"

typedef struct
{
  const char *interface;
  const char *method;
  GlbApprovalKind kind;
} Rule;

/* What is not here is refused. */
static const Rule rules[] = {
  { "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", GLB_APPROVAL_VIEW },
  { "org.freedesktop.DBus.Properties", "Get", GLB_APPROVAL_VIEW },
  { "org.freedesktop.DBus.Properties", "GetAll", GLB_APPROVAL_VIEW },
  { "org.glovebox.Broker1", "Find", GLB_APPROVAL_VIEW },
  { "org.glovebox.Prompt1", "Look", GLB_APPROVAL_VIEW },
  { "org.glovebox.Prompt1", "Content", GLB_APPROVAL_VIEW },
  { "org.glovebox.Prompt1", "Allow", GLB_APPROVAL_ANSWER },
  { "org.glovebox.Prompt1", "AllowFile", GLB_APPROVAL_ANSWER },
  { "org.glovebox.Prompt1", "Deny", GLB_APPROVAL_ANSWER },
  { "org.glovebox.Grant1", "Revoke", GLB_APPROVAL_REVOKE },
};

const char *
glb_system_access_classify (const char *interface, const char *method, GlbApprovalKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_str_equal (interface, rules[i].interface) && g_str_equal (method, rules[i].method))
      {
        *kind = rules[i].kind;
        return NULL;
      }

  if (g_str_equal (interface, "org.glovebox.Broker1") && g_str_equal (method, "Run"))
    return "run: the system bus starts no session, because the broker has not your files and your rights there; "
           "run glovebox as yourself, or as the broker's own user";
  if (g_str_equal (interface, "org.glovebox.Session1"))
    return "session: the system bus only shows sessions; run glovebox as the broker's own user";
  return "broker: this is not done over the system bus; run glovebox as the broker's own user";
}

const char *
glb_system_access_why_not (const GlbSystemCaller *caller)
{
  if (caller->of_sessions)
    return "its user id is one of sessions, which nobody answers from; call as a person";
  if (caller->n_calls >= GLB_SYSTEM_CALLS_PER_USER_MAX)
    return "too many of its calls wait for an answer; wait for them";
  return NULL;
}
