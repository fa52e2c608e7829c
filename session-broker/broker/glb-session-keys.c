/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The session's gates to the person's keys, and the variables that lead ssh and Git there. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-private.h"

static gboolean
audit (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  return glb_session_audit (user_data, event, actor, fields, error);
}

gboolean
glb_session_make_keys (GlbSession *self, GError **error)
{
  const GlbKeyContext context = { .session = self, .prompts = self->prompts, .audit = audit, .user_data = self };

  if (self->ssh_fd >= 0)
    {
      self->ssh = glb_ssh_gate_new (self->ssh_fd, self->request->ssh_agent, &context, error);
      self->ssh_fd = -1;
      if (self->ssh == NULL)
        return FALSE;
    }
  if (self->git_fd >= 0)
    {
      self->git = glb_git_gate_new (self->git_fd, &context, error);
      self->git_fd = -1;
      if (self->git == NULL)
        return FALSE;
    }
  return TRUE;
}

GStrv
glb_session_set_keys_env (GlbSession *self, GStrv env)
{
  if (self->ssh != NULL)
    env = g_environ_setenv (env, "SSH_AUTH_SOCK", GLB_AGENT_RUNTIME_DIR "/glovebox-ssh-agent", TRUE);
  if (self->git == NULL)
    return env;

  env = g_environ_setenv (env, "GLOVEBOX_GIT_SOCKET", GLB_AGENT_RUNTIME_DIR "/glovebox-git-credential", TRUE);
  env = g_environ_setenv (env, "GIT_CONFIG_COUNT", "1", TRUE);
  env = g_environ_setenv (env, "GIT_CONFIG_KEY_0", "credential.helper", TRUE);
  return g_environ_setenv (env, "GIT_CONFIG_VALUE_0", GLB_AGENT_TOOLS "/glovebox-git-credential", TRUE);
}

void
glb_session_close_keys (GlbSession *self)
{
  if (self->ssh != NULL)
    glb_ssh_gate_close (self->ssh);
  if (self->git != NULL)
    glb_git_gate_close (self->git);
}
