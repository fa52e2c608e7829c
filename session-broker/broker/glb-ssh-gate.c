/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A key that stays outside
 * ========================
 *
 * To list: the person is asked whether the session may see which keys there
 * are. To sign: the data is read (GlbSshSigned), the person is asked, it is
 * recorded ("ssh-signed"), and the very message that was judged goes to the
 * person's agent. All else is refused here and reaches no agent: adding and
 * removing keys, locking, extensions.
 *
 * Which host a login goes to is said by the data itself where the server knows
 * the method "hostbound" (it takes no login that names another key), else by
 * session-bind: there the host's signature over the connection's id is
 * verified, and the data must be of that connection. Session-bind is passed
 * on, too, for keys that the person's agent binds to hosts.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-key-listener.h"
#include "session-broker/broker/glb-session.h"
#include "session-broker/broker/glb-ssh-agent.h"
#include "session-broker/broker/glb-ssh-client.h"
#include "session-broker/broker/glb-ssh-gate.h"
#include "session-broker/broker/glb-ssh-question.h"
#include "session-broker/keys/glb-ssh-host-key.h"

#define CONNECTIONS_MAX  16
#define SHOWN_MAX        1024
/* Each message has records on the person's disk: so many a second, after a first burst. */
#define MESSAGES_PER_S   10
#define MESSAGES_BURST   40

struct _GlbSshGate
{
  GObject parent_instance;

  GlbKeyContext context;
  char *agent;               /* (nullable): where it listens */
  GlbKeyListener *listener;  /* (nullable): closed */
  GList *connections;        /* Connection, not owned: each takes itself out */
  GlbLinePace pace;          /* of all connections */
  GHashTable *shown;         /* fingerprint to comment: the keys that the session was shown */
};

G_DEFINE_FINAL_TYPE (GlbSshGate, glb_ssh_gate, G_TYPE_OBJECT)

/* One connection of the session, and the person's agent's for it: what is bound is bound there. */
typedef struct
{
  GlbSshGate *gate;
  GlbSession *session;       /* held: its records are written with the answers */
  GlbSshClient *client;
  GCancellable *cancellable;
  GlbSshAgent *agent;        /* (nullable): not asked yet */
  gboolean broken;           /* it failed, and what was bound there is lost */

  GBytes *message;           /* (nullable): to be answered */
  GlbSshRequest request;     /* in message */
  GlbPromptAnswer *yes;      /* (nullable): held until it is carried out */

  GBytes *bound_session;     /* (nullable): nothing is bound */
  GBytes *bound_key;
  gboolean is_proven;
  gboolean is_forwarded;
  gboolean gone;
} Connection;

static void
connection_clear (gpointer data)
{
  Connection *self = data;

  g_object_unref (self->client);
  g_object_unref (self->cancellable);
  g_clear_object (&self->agent);
  g_clear_pointer (&self->message, g_bytes_unref);
  g_clear_pointer (&self->yes, glb_prompt_answer_free);
  g_clear_pointer (&self->bound_session, g_bytes_unref);
  g_clear_pointer (&self->bound_key, g_bytes_unref);
  g_object_unref (self->session);
  g_object_unref (self->gate);
}

static void
connection_unref (Connection *self)
{
  g_rc_box_release_full (self, connection_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Connection, connection_unref)

static void
connection_close (Connection *self)
{
  if (self->gone)
    return;

  self->gone = TRUE;
  self->gate->connections = g_list_remove (self->gate->connections, self);
  if (self->gate->listener != NULL)
    glb_key_listener_left (self->gate->listener);
  g_signal_handlers_disconnect_by_data (self->client, self);
  glb_ssh_client_close (self->client);
  g_cancellable_cancel (self->cancellable);
  connection_unref (self);
}

static GlbSshBytes
view (GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return (GlbSshBytes) { data, size };
}

/* ---- answers ------------------------------------------------------------------------- */

static gboolean
audit (Connection *self, const char *event, GlbDriver actor, JsonObject *fields)
{
  const GlbKeyContext *context = &self->gate->context;

  return context->audit (context->user_data, event, actor, fields, NULL);
}

static void
answer (Connection *self, GBytes *bytes)
{
  g_clear_pointer (&self->yes, glb_prompt_answer_free);
  g_clear_pointer (&self->message, g_bytes_unref);
  self->request = (GlbSshRequest) { 0 };
  glb_ssh_client_answer (self->client, bytes);
}

/* error: (nullable): more of it */
static void
refuse (Connection *self, const char *why, const GError *error)
{
  static const guint8 failure = GLB_SSH_FAILURE;
  g_autoptr(GBytes) bytes = g_bytes_new_static (&failure, 1);
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_string_member (fields, "request", glb_ssh_request_kind_to_string (self->request.kind));
  json_object_set_string_member (fields, "why", why);
  if (error != NULL)
    json_object_set_string_member (fields, "message", error->message);
  audit (self, "ssh-refused", GLB_DRIVER_AGENT, fields);
  answer (self, bytes);
}

/* ---- the person's agent --------------------------------------------------------------- */

/* FALSE: it is refused. */
static gboolean
find_agent (Connection *self)
{
  g_autoptr(GError) error = NULL;

  if (self->broken)
    {
      refuse (self, "agent-failed", NULL);
      return FALSE;
    }
  if (self->agent == NULL)
    self->agent = glb_ssh_agent_new (self->gate->agent, &error);
  if (self->agent == NULL)
    refuse (self, "no-agent", error);
  return self->agent != NULL;
}

/* FALSE: it is no list. */
static gboolean
remember_shown (GlbSshGate *self, GBytes *untrusted_answer)
{
  g_autoptr(GPtrArray) identities = glb_ssh_identities_parse (view (untrusted_answer));

  if (identities == NULL)
    return FALSE;
  for (guint i = 0; i < identities->len && g_hash_table_size (self->shown) < SHOWN_MAX; i++)
    {
      GlbSshIdentity *identity = g_ptr_array_index (identities, i);

      g_hash_table_replace (self->shown, g_steal_pointer (&identity->fingerprint), g_steal_pointer (&identity->comment));
    }
  return TRUE;
}

/* Whether it is an answer to what was asked, and nothing else. */
static gboolean
check_answer (Connection *self, GBytes *untrusted_answer)
{
  GlbSshBytes bytes = view (untrusted_answer);

  switch (self->request.kind)
    {
    case GLB_SSH_LIST:
      return remember_shown (self->gate, untrusted_answer);
    case GLB_SSH_SIGN:
      return glb_ssh_is_signature (bytes);
    case GLB_SSH_BIND:
      return bytes.size == 1 && bytes.bytes[0] == GLB_SSH_SUCCESS;
    default:
      g_return_val_if_reached (FALSE);
    }
}

static void
agent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Connection) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) untrusted_answer = glb_ssh_agent_ask_finish (GLB_SSH_AGENT (source), result, &error);

  if (self->gone)
    return;
  if (untrusted_answer == NULL)
    {
      self->broken = TRUE;
      refuse (self, "agent-failed", error);
    }
  /* it was signed, and stays here */
  else if (self->yes != NULL && glb_grant_get_why (self->yes->grant) != NULL)
    refuse (self, glb_grant_get_why (self->yes->grant), NULL);
  else if (!check_answer (self, untrusted_answer))
    refuse (self, "agent-refused", NULL);
  else
    answer (self, untrusted_answer);
}

static void
pass_on (Connection *self)
{
  glb_ssh_agent_ask_async (self->agent, self->message, self->cancellable, agent_cb, g_rc_box_acquire (self));
}

/* ---- questions ------------------------------------------------------------------------- */

/* A request that is asked about, as the record will have it. */
typedef struct
{
  Connection *connection;
  const char *event;
  JsonObject *fields;
} Question;

static void
question_free (Question *self)
{
  connection_unref (self->connection);
  json_object_unref (self->fields);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Question) question = user_data;
  Connection *self = question->connection;
  g_autoptr(GlbPromptAnswer) yes = glb_prompts_ask_finish (GLB_PROMPTS (source), result, NULL);

  if (self->gone)
    return;
  if (yes == NULL || !yes->allowed)
    refuse (self, yes != NULL ? yes->why : "withdrawn", NULL);
  else if (audit (self, question->event, GLB_DRIVER_AGENT, question->fields))
    {
      self->yes = g_steal_pointer (&yes);
      pass_on (self);
    }
  else
    refuse (self, "no-record", NULL);
}

/* Takes fields. */
static void
ask (Connection *self, const GlbPromptRequest *request, const char *event, JsonObject *fields)
{
  const GlbKeyContext *context = &self->gate->context;
  Question *question = g_new0 (Question, 1);

  question->connection = g_rc_box_acquire (self);
  question->event = event;
  question->fields = fields;
  glb_prompts_ask_async (context->prompts, self->session, request, self->cancellable, asked_cb, question);
}

static void
handle_list (Connection *self)
{
  const GlbPromptRequest request = {
    .kind = GLB_PROMPT_SSH_LIST, .requester = GLB_DRIVER_AGENT, .title = "See which SSH keys you have", .target = "ssh-keys",
    .preview = "Their public parts and comments.\nEach signature is asked for by itself.",
  };

  if (find_agent (self))
    ask (self, &request, "ssh-listed", json_object_new ());
}

/* ---- signatures --------------------------------------------------------------------------- */

/* (nullable): nothing contradicts. (static) */
static const char *
find_host (Connection *self, const GlbSshSigned *what, GlbSshHost *host)
{
  if (self->bound_session != NULL && !glb_ssh_equal (what->session_id, view (self->bound_session)))
    return "other-connection";
  if (self->bound_key != NULL && what->host_key.size > 0 && !glb_ssh_equal (what->host_key, view (self->bound_key)))
    return "other-host";

  if (what->host_key.size > 0)
    *host = (GlbSshHost) { glb_ssh_fingerprint (what->host_key), TRUE };
  else if (self->bound_key != NULL)
    *host = (GlbSshHost) { glb_ssh_fingerprint (view (self->bound_key)), self->is_proven };
  return NULL;
}

static GVariant *
make_details (JsonObject *fields)
{
  g_autoptr(JsonNode) node = json_node_alloc ();

  json_node_init_object (node, fields);
  return json_gvariant_deserialize (node, "a{sv}", NULL);
}

static void
ask_signature (Connection *self, const GlbSshSigned *what, const char *fingerprint, const char *comment, const GlbSshHost *host)
{
  g_autoptr(GlbSshQuestion) question = glb_ssh_question_new (what, comment, fingerprint, host);
  g_autoptr(GBytes) data = g_bytes_new (self->request.data.bytes, self->request.data.size);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, data);
  JsonObject *fields = glb_ssh_question_describe (what, comment, fingerprint, host);
  const GlbPromptRequest request = {
    .kind = GLB_PROMPT_SSH_SIGN, .requester = GLB_DRIVER_AGENT, .title = question->title, .preview = question->preview,
    .target = question->target, .content = question->is_bound_to_data ? data : NULL, .details = make_details (fields),
  };

  json_object_set_string_member (fields, "sha256", sha256);
  json_object_set_int_member (fields, "bytes", (gint64) self->request.data.size);
  ask (self, &request, "ssh-signed", fields);
}

static void
handle_sign (Connection *self)
{
  const GlbSshRequest *request = &self->request;
  g_autofree char *fingerprint = glb_ssh_fingerprint (request->key);
  const char *comment = g_hash_table_lookup (self->gate->shown, fingerprint);
  GlbSshHost host = { NULL, FALSE };
  GlbSshSigned what;
  const char *why = comment == NULL ? "key-not-shown" : self->is_forwarded ? "forwarded" : NULL;

  if (why == NULL)
    why = glb_ssh_signed_parse (request->data, request->key, &what);
  if (why == NULL && what.kind == GLB_SSH_SIGNED_LOGIN)
    why = find_host (self, &what, &host);

  if (why != NULL)
    refuse (self, why, NULL);
  else if (find_agent (self))
    ask_signature (self, &what, fingerprint, comment, &host);
  g_free (host.fingerprint);
}

/* ---- the connection that is logged in through ------------------------------------------------ */

static void
handle_bind (Connection *self)
{
  const GlbSshRequest *request = &self->request;
  GlbSshHostProof proof;
  const char *why = NULL;

  /* from here on programs at a host would ask, in the session's name */
  self->is_forwarded |= request->forwarding;
  proof = glb_ssh_host_key_verify (request->host_key, request->session_id, request->signature);
  if (request->forwarding)
    why = "forwarded";
  else if (self->bound_session != NULL)
    why = "bound-already";
  else if (proof == GLB_SSH_HOST_FALSE)
    why = "bad-signature";
  if (why != NULL)
    {
      refuse (self, why, NULL);
      return;
    }

  self->bound_session = g_bytes_new (request->session_id.bytes, request->session_id.size);
  self->bound_key = g_bytes_new (request->host_key.bytes, request->host_key.size);
  self->is_proven = proof == GLB_SSH_HOST_PROVEN;
  if (find_agent (self))
    pass_on (self);
}

/* ---- connections ------------------------------------------------------------------------------ */

static void
on_asked (GlbSshClient *client, GBytes *untrusted_message, gpointer user_data)
{
  g_autoptr(Connection) self = g_rc_box_acquire (user_data);
  const char *why = glb_ssh_request_parse (view (untrusted_message), &self->request);

  self->message = g_bytes_ref (untrusted_message);
  if (why != NULL)
    refuse (self, why, NULL);
  else if (self->request.kind == GLB_SSH_LIST)
    handle_list (self);
  else if (self->request.kind == GLB_SSH_SIGN)
    handle_sign (self);
  else
    handle_bind (self);
}

static void
on_gone (GlbSshClient *client, gpointer user_data)
{
  connection_close (user_data);
}

static void
incoming (gpointer user_data, GSocketConnection *socket)
{
  GlbSshGate *self = user_data;
  Connection *connection = g_rc_box_new0 (Connection);

  connection->gate = g_object_ref (self);
  connection->session = g_object_ref (self->context.session);
  connection->client = glb_ssh_client_new (socket, &self->pace);
  connection->cancellable = g_cancellable_new ();
  self->connections = g_list_prepend (self->connections, connection);
  g_signal_connect (connection->client, "asked", G_CALLBACK (on_asked), connection);
  g_signal_connect (connection->client, "gone", G_CALLBACK (on_gone), connection);
  glb_ssh_client_begin (connection->client);
}

/* ---- the object ----------------------------------------------------------------------------------- */

static void
glb_ssh_gate_dispose (GObject *object)
{
  GlbSshGate *self = GLB_SSH_GATE (object);

  glb_ssh_gate_close (self);
  g_clear_object (&self->context.prompts);
  g_clear_pointer (&self->shown, g_hash_table_unref);
  g_clear_pointer (&self->agent, g_free);

  G_OBJECT_CLASS (glb_ssh_gate_parent_class)->dispose (object);
}

static void
glb_ssh_gate_class_init (GlbSshGateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_ssh_gate_dispose;
}

static void
glb_ssh_gate_init (GlbSshGate *self)
{
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->pace = (GlbLinePace) { .per_second = MESSAGES_PER_S, .burst = MESSAGES_BURST };
}

GlbSshGate *
glb_ssh_gate_new (int fd, const char *agent, const GlbKeyContext *context, GError **error)
{
  g_autoptr(GlbSshGate) self = g_object_new (GLB_TYPE_SSH_GATE, NULL);

  self->context = *context;
  g_object_ref (self->context.prompts);
  self->agent = g_strdup (agent);
  self->listener = glb_key_listener_new (fd, CONNECTIONS_MAX, incoming, self, error);
  return self->listener != NULL ? g_steal_pointer (&self) : NULL;
}

void
glb_ssh_gate_close (GlbSshGate *self)
{
  while (self->connections != NULL)
    connection_close (self->connections->data);
  g_clear_pointer (&self->listener, glb_key_listener_free);
}
