/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The session's network: its gate, the variables that lead programs there, and the methods of org.glovebox.Session1 for the person. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

#define PROXY G_STRINGIFY (GLB_NETWORK_PROXY_PORT)

static gboolean
audit (gpointer user_data, const char *event, GlbDriver actor, JsonObject *fields, GError **error)
{
  return glb_session_audit (user_data, event, actor, fields, error);
}

static void
changed (gpointer user_data)
{
  GlbSession *self = user_data;

  glb_dbus_session1_set_network (self->skeleton, self->network_gate != NULL ? glb_network_gate_get_state (self->network_gate) : "none");
  if (self->network_gate != NULL && !g_str_equal (glb_network_gate_get_state (self->network_gate), "on"))
    glb_session_unpublish (self);
}

static void
refused (gpointer user_data, const char *host, guint port, const char *code, const char *message, guint64 count)
{
  GlbSession *self = user_data;

  glb_dbus_session1_emit_network_refused (self->skeleton, host, port, code, message, count);
}

static void
gone (gpointer user_data)
{
  glb_session_check_gone (user_data);
}

void
glb_session_unpublish (GlbSession *self)
{
  const char * const none[] = { NULL };

  if (self->publish == NULL)
    return;

  g_clear_pointer (&self->publish, glb_network_publish_free);
  glb_dbus_session1_set_published (self->skeleton, none);
}

static gboolean
publish (GlbSession *self, GError **error)
{
  g_auto(GStrv) published = NULL;

  self->publish = glb_network_publish_new (self->network_gate, self->box, self->request->policy->network.publish, error);
  if (self->publish == NULL)
    return FALSE;

  published = glb_network_publish_describe (self->publish);
  glb_dbus_session1_set_published (self->skeleton, (const char * const *) published);
  return TRUE;
}

GStrv
glb_session_set_network_env (GStrv env)
{
  static const struct { const char *name; const char *value; } variables[] = {
    { "http_proxy", "http://127.0.0.1:" PROXY },
    { "https_proxy", "http://127.0.0.1:" PROXY },
    { "all_proxy", "socks5h://127.0.0.1:" PROXY },
    { "no_proxy", "localhost,127.0.0.1,::1" },
    { "HTTP_PROXY", "http://127.0.0.1:" PROXY },
    { "HTTPS_PROXY", "http://127.0.0.1:" PROXY },
    { "ALL_PROXY", "socks5h://127.0.0.1:" PROXY },
    { "NO_PROXY", "localhost,127.0.0.1,::1" },
    /* its fetch() looks at the others only then */
    { "NODE_USE_ENV_PROXY", "1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    env = g_environ_setenv (env, variables[i].name, variables[i].value, TRUE);
  return env;
}

gboolean
glb_session_make_network (GlbSession *self, GError **error)
{
  const GlbNetworkContext context = {
    .prompts = self->prompts, .session = self, .policy = self->request->policy, .secrets = self->secrets,
    .id = self->id, .audit = audit, .changed = changed, .refused = refused, .gone = gone, .user_data = self,
  };
  int sockets[GLB_NETWORK_N_SOCKETS];

  if (self->network == NULL)
    return TRUE;
  if (!glb_sandbox_steal_network (glb_box_get_sandbox (self->box), sockets))
    {
      g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "network: the sandbox has no sockets for it; this is an error in Glovebox");
      return FALSE;
    }

  self->network_gate = glb_network_gate_new (&context, self->network, sockets);
  g_clear_object (&self->network);
  g_clear_object (&self->secrets);
  changed (self);
  if (g_str_equal (glb_network_gate_get_state (self->network_gate), "on"))
    return publish (self, error);

  g_set_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "network: its gate ended before the session began; try again");
  return FALSE;
}

/* ---- methods ---------------------------------------------------------------------- */

/* FALSE with an answer. */
static gboolean
check (GlbSession *self, GDBusMethodInvocation *invocation)
{
  if (self->network_gate != NULL)
    return TRUE;

  g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY,
                                         "session %s: its policy has no network; see network in it", self->name);
  return FALSE;
}

static gboolean
handle_connections (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, GlbSession *self)
{
  if (check (self, invocation))
    glb_dbus_session1_complete_connections (object, invocation, glb_network_gate_describe (self->network_gate),
                                            glb_network_gate_describe_refusals (self->network_gate));
  return TRUE;
}

static gboolean
handle_close_connection (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, guint64 id, GlbSession *self)
{
  g_autoptr(GError) error = NULL;

  if (!check (self, invocation))
    return TRUE;
  if (glb_network_gate_cut (self->network_gate, id, &error))
    glb_dbus_session1_complete_close_connection (object, invocation);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
  return TRUE;
}

static void
requested (gpointer user_data, const char *code, const char *message, const char *by)
{
  g_dbus_method_invocation_return_value (user_data, g_variant_new ("(sss)", code, message, by));
}

static gboolean
handle_request_network (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, const char *host, guint port, GlbSession *self)
{
  if (!check (self, invocation))
    return TRUE;
  if (port < 1 || port > G_MAXUINT16)
    g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED, "network: no such port; use 1 to 65535");
  else
    glb_network_gate_request (self->network_gate, host, (guint16) port, requested, invocation);
  return TRUE;
}

void
glb_session_export_network (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-request-network", G_CALLBACK (handle_request_network), self, 0);
  g_signal_connect_object (self->skeleton, "handle-connections", G_CALLBACK (handle_connections), self, 0);
  g_signal_connect_object (self->skeleton, "handle-close-connection", G_CALLBACK (handle_close_connection), self, 0);
}
