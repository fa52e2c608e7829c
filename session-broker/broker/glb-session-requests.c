/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What an agent outside of the session asks the person for, and a client of the
 * person's passes on (glovebox mcp): another policy for sessions to come, and a
 * yes to what its model's provider wants confirmed. Nothing of the running
 * session changes by any answer.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>

#include "policies/glb-policy-diff.h"
#include "policies/glb-strict-json.h"
#include "session-broker/broker/glb-session-private.h"
#include "session-broker/client/glb-broker-error.h"

/* What a prompt shows of it, with room to spare: nobody says yes to what is cut off. */
#define LINES_MAX       200u
#define CHARS_MAX       3000
#define REASON_CHARS    500
#define WORDS_CHARS_MAX 2000

typedef struct
{
  GlbSession *self;
  GDBusMethodInvocation *invocation;
  const char *what;            /* (static): for messages */
  char *hash;                  /* (nullable): what the caller is told after a yes */
} Call;

static Call *
call_new (GlbSession *self, GDBusMethodInvocation *invocation, const char *what)
{
  Call *call = g_new0 (Call, 1);

  call->self = g_object_ref (self);
  call->invocation = invocation;
  call->what = what;
  return call;
}

static void
call_free (Call *call)
{
  g_object_unref (call->self);
  g_free (call->hash);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static gboolean
refuse (GDBusMethodInvocation *invocation, GlbBrokerError code, const char *what, const char *why)
{
  g_dbus_method_invocation_return_error (invocation, GLB_BROKER_ERROR, code, "%s: %s", what, why);
  return TRUE;
}

static gboolean
refuse_error (GDBusMethodInvocation *invocation, GError *error)
{
  g_autoptr(GError) owned = error;

  g_dbus_method_invocation_take_error (invocation, glb_session_map_error (owned));
  return TRUE;
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Call) call = user_data;
  g_autoptr(GlbPromptAnswer) answer = glb_prompts_ask_finish (GLB_PROMPTS (source), result, NULL);
  const char *why = answer != NULL ? answer->why : "withdrawn";

  if (answer != NULL && answer->allowed)
    g_dbus_method_invocation_return_value (call->invocation, call->hash != NULL ? g_variant_new ("(s)", call->hash) : NULL);
  else
    g_dbus_method_invocation_return_error (call->invocation, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY, "%s: %s: %s", call->what, why,
                                           g_str_equal (why, "denied") ? "the person said no"
                                           : "nobody said yes; ask the person who watches to answer the prompt");
}

/* ---- a policy ------------------------------------------------------------------------- */

/* What the person reads: each difference, then the agent's words. NULL: too much to be read. (transfer full) */
static char *
make_preview (GPtrArray *lines, const char *untrusted_reason)
{
  g_autofree char *reason = glb_strict_json_printable (untrusted_reason, -1, REASON_CHARS);
  GString *preview = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (preview, "%s\n", (const char *) lines->pdata[i]);
  g_string_append_printf (preview, "The agent's reason: %s", reason);
  if (lines->len <= LINES_MAX && g_utf8_strlen (preview->str, -1) <= CHARS_MAX)
    return g_string_free (preview, FALSE);
  g_string_free (preview, TRUE);
  return NULL;
}

static gboolean
audit_policy (GlbSession *self, const GlbPolicy *policy, const char *untrusted_reason, GError **error)
{
  g_autoptr(JsonObject) fields = json_object_new ();
  g_autofree char *reason = glb_strict_json_printable (untrusted_reason, -1, REASON_CHARS);

  json_object_set_string_member (fields, "policyHash", glb_policy_get_hash (policy));
  json_object_set_string_member (fields, "reason", reason);
  return glb_session_audit (self, "policy-asked", GLB_DRIVER_AGENT, fields, error);
}

/* The yes is bound to the document: its canonical form is the content of the prompt, and its hash what the caller gets. */
static void
ask_for_policy (GlbSession *self, GDBusMethodInvocation *invocation, const GlbPolicy *policy, const char *preview)
{
  const char *document = glb_policy_get_canonical (policy);
  g_autoptr(GBytes) content = g_bytes_new (document, strlen (document));
  const GlbPromptRequest request = {
    .kind = GLB_PROMPT_POLICY, .requester = GLB_DRIVER_AGENT, .title = "Give sessions that start from now on another policy",
    .preview = preview, .content = content, .target = "policy",
  };
  Call *call = call_new (self, invocation, "policy");

  call->hash = g_strdup (glb_policy_get_hash (policy));
  glb_prompts_ask_async (self->prompts, self, &request, NULL, asked_cb, call);
}

static gboolean
handle_request_policy (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, const char *document, const char *reason, GlbSession *self)
{
  g_autoptr(GBytes) bytes = g_bytes_new (document, strlen (document));
  g_autoptr(GlbPolicy) policy = NULL;
  g_autoptr(GPtrArray) changes = NULL;
  g_autoptr(GPtrArray) lines = NULL;
  g_autofree char *preview = NULL;
  GError *error = NULL;

  if (self->state != GLB_SESSION_RUNNING && self->state != GLB_SESSION_PAUSED)
    return refuse (invocation, GLB_BROKER_ERROR_STATE, "policy", "the session does not run");
  policy = glb_policy_new_from_bytes (bytes, "the proposed policy", &error);
  if (policy == NULL || !glb_policy_check_supported (policy, &error))
    return refuse_error (invocation, error);
  changes = glb_policy_diff (self->request->policy, policy);
  if (changes->len == 0)
    return refuse (invocation, GLB_BROKER_ERROR_FAILED, "policy", "it is the session's own already; propose a change");
  lines = glb_policy_diff_to_lines (changes);
  preview = make_preview (lines, reason);
  if (preview == NULL)
    return refuse (invocation, GLB_BROKER_ERROR_FAILED, "policy", "it is more than a person can read in a prompt; propose a smaller change");
  if (!audit_policy (self, policy, reason, &error))
    return refuse_error (invocation, error);

  ask_for_policy (self, invocation, policy, preview);
  return TRUE;
}

/* ---- a provider's confirmation -------------------------------------------------------------- */

static gboolean
handle_confirm (GlbDBusSession1 *object, GDBusMethodInvocation *invocation, const char *why, const char *what, GlbSession *self)
{
  g_autofree char *preview = g_strconcat (why, "\n", what, NULL);
  g_autoptr(GBytes) content = g_bytes_new (what, strlen (what));
  const GlbPromptRequest request = {
    .kind = GLB_PROMPT_CONFIRM, .requester = GLB_DRIVER_AGENT, .title = "Do what the model's provider wants confirmed",
    .preview = preview, .content = content, .target = "action",
  };

  if (self->state != GLB_SESSION_RUNNING && self->state != GLB_SESSION_PAUSED)
    return refuse (invocation, GLB_BROKER_ERROR_STATE, "confirm", "the session does not run");
  if (g_utf8_strlen (preview, -1) > WORDS_CHARS_MAX)
    return refuse (invocation, GLB_BROKER_ERROR_FAILED, "confirm", "it is more than a person can read in a prompt; do less at a time");

  glb_prompts_ask_async (self->prompts, self, &request, NULL, asked_cb, call_new (self, invocation, "confirm"));
  return TRUE;
}

void
glb_session_export_requests (GlbSession *self)
{
  g_signal_connect_object (self->skeleton, "handle-request-policy", G_CALLBACK (handle_request_policy), self, 0);
  g_signal_connect_object (self->skeleton, "handle-confirm", G_CALLBACK (handle_confirm), self, 0);
}
