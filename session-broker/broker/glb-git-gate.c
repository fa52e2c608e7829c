/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One connection is one request: read to its empty line, asked, filled, recorded, answered, closed. */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>

#include "session-broker/broker/glb-git-fill.h"
#include "session-broker/broker/glb-git-gate.h"
#include "session-broker/broker/glb-key-listener.h"
#include "session-broker/broker/glb-line-pace.h"
#include "session-broker/broker/glb-session.h"

#define CONNECTIONS_MAX 4
/* For the request to be there, and for the answer to be read. */
#define DEADLINE_S      10
/* Each request has records on the person's disk: so many a second, after a first burst. */
#define REQUESTS_PER_S  5
#define REQUESTS_BURST  10

struct _GlbGitGate
{
  GObject parent_instance;

  GlbKeyContext context;
  GlbKeyListener *listener;  /* (nullable): closed */
  GList *connections;        /* Connection, not owned: each takes itself out */
  GlbLinePace pace;
};

G_DEFINE_FINAL_TYPE (GlbGitGate, glb_git_gate, G_TYPE_OBJECT)

typedef struct
{
  GlbGitGate *gate;
  GlbSession *session;       /* held: its records are written with the answers */
  GSocketConnection *connection;
  GCancellable *cancellable;
  char untrusted_text[GLB_GIT_REQUEST_MAX];
  gsize size;
  GlbGitRequest *request;    /* (nullable): not understood yet */
  GlbPromptAnswer *yes;      /* (nullable): held until it is carried out */
  char *answer;              /* (nullable): is being written */
  GSource *hang_up;          /* (nullable): while it waits for an answer */
  guint deadline_id;
  gboolean gone;
} Connection;

static void
connection_clear (gpointer data)
{
  Connection *self = data;

  if (self->answer != NULL)
    explicit_bzero (self->answer, strlen (self->answer));
  g_free (self->answer);
  g_clear_pointer (&self->yes, glb_prompt_answer_free);
  g_clear_pointer (&self->request, glb_git_request_free);
  g_object_unref (self->cancellable);
  g_object_unref (self->connection);
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
stop_hang_up (Connection *self)
{
  if (self->hang_up == NULL)
    return;

  g_source_destroy (self->hang_up);
  g_clear_pointer (&self->hang_up, g_source_unref);
}

static void
connection_close (Connection *self)
{
  if (self->gone)
    return;

  self->gone = TRUE;
  self->gate->connections = g_list_remove (self->gate->connections, self);
  if (self->gate->listener != NULL)
    glb_key_listener_left (self->gate->listener);
  stop_hang_up (self);
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_io_stream_close_async (G_IO_STREAM (self->connection), G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  connection_unref (self);
}

static gboolean
on_deadline (gpointer user_data)
{
  Connection *self = user_data;

  self->deadline_id = 0;
  connection_close (self);
  return G_SOURCE_REMOVE;
}

/* ---- answers --------------------------------------------------------------------------- */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Connection) self = user_data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  connection_close (self);
}

/* Takes text. */
static void
answer (Connection *self, char *text)
{
  self->answer = text;
  if (self->gone)
    return;

  stop_hang_up (self);
  self->deadline_id = g_timeout_add_seconds (DEADLINE_S, on_deadline, self);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), text, strlen (text),
                                   G_PRIORITY_DEFAULT, self->cancellable, written_cb, g_rc_box_acquire (self));
}

/* One clause for whoever runs Git in the session. (static) */
static const char *
explain (const char *why)
{
  static const struct { const char *why, *text; } table[] = {
    { "malformed", "the request is none; use Git's own protocol, of visible ASCII" },
    { "bad-host", "the host is no host name; write it in full, without a user" },
    { "not-https", "only for https are there credentials; use an https:// address" },
    { "too-long", "the address is too long to be shown to a person; use a shorter one" },
    { "denied", "the person did not allow it" },
    { "timeout", "the person did not answer in time; try again" },
    { "no-approver", "nobody is there to be asked; open glovebox view, or answer with glovebox allow" },
    { "too-many-prompts", "too much is asked; wait a minute" },
    { "no-credentials", "the person's Git has no credentials for it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].why, why))
      return table[i].text;
  return "the session may not have them any more";
}

/* error: (nullable): more of it, for the record */
static void
refuse (Connection *self, const char *why, const GError *error)
{
  const GlbKeyContext *context = &self->gate->context;
  g_autofree char *place = self->request != NULL ? glb_git_request_dup_place (self->request) : g_strdup ("request");
  g_autoptr(JsonObject) fields = json_object_new ();

  if (self->request != NULL)
    json_object_set_string_member (fields, "place", place);
  json_object_set_string_member (fields, "why", why);
  if (error != NULL)
    json_object_set_string_member (fields, "message", error->message);
  context->audit (context->user_data, "git-credential-refused", GLB_DRIVER_AGENT, fields, NULL);
  answer (self, g_strdup_printf ("refused=%s: %s\n\n", place, explain (why)));
}

static void
hand_in (Connection *self, const GlbGitAnswer *credentials)
{
  const GlbKeyContext *context = &self->gate->context;
  g_autofree char *place = glb_git_request_dup_place (self->request);
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_string_member (fields, "place", place);
  json_object_set_string_member (fields, "username", credentials->username);
  json_object_set_int_member (fields, "grant", (gint64) glb_grant_get_id (self->yes->grant));
  if (context->audit (context->user_data, "git-credential-given", GLB_DRIVER_AGENT, fields, NULL))
    answer (self, g_strdup_printf ("username=%s\npassword=%s\n\n", credentials->username, credentials->password));
  else
    connection_close (self);
}

static void
filled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Connection) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbGitAnswer) credentials = glb_git_fill_finish (result, &error);

  if (self->gone)
    return;
  if (credentials == NULL)
    refuse (self, "no-credentials", error);
  else if (glb_grant_get_why (self->yes->grant) != NULL)
    refuse (self, glb_grant_get_why (self->yes->grant), NULL);
  else
    hand_in (self, credentials);
}

/* ---- questions --------------------------------------------------------------------------- */

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Connection) self = user_data;
  g_autoptr(GlbPromptAnswer) yes = glb_prompts_ask_finish (GLB_PROMPTS (source), result, NULL);

  if (self->gone)
    return;
  if (yes == NULL || !yes->allowed)
    {
      refuse (self, yes != NULL ? yes->why : "withdrawn", NULL);
      return;
    }

  self->yes = g_steal_pointer (&yes);
  glb_git_fill_async (self->request, self->cancellable, filled_cb, g_rc_box_acquire (self));
}

static gboolean
on_hang_up (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  connection_close (user_data);
  return G_SOURCE_REMOVE;
}

static void
ask (Connection *self)
{
  const GlbKeyContext *context = &self->gate->context;
  const char *name = self->request->username;
  g_autofree char *place = glb_git_request_dup_place (self->request);
  g_autofree char *title = g_strdup_printf ("Use your Git credentials for %s", place);
  g_autofree char *preview = g_strdup_printf ("The session gets your password or token for https://%s\n"
                                              "and can keep it, and use it for all that it is good for.", self->request->host);
  g_autofree char *target = g_strconcat (place, name != NULL ? " as " : NULL, name, NULL);
  GlbPromptRequest request = {
    .kind = GLB_PROMPT_GIT_CREDENTIAL, .requester = GLB_DRIVER_AGENT, .title = title, .preview = preview, .target = target,
  };

  self->hang_up = g_socket_create_source (g_socket_connection_get_socket (self->connection), G_IO_HUP, NULL);
  g_source_set_callback (self->hang_up, G_SOURCE_FUNC (on_hang_up), self, NULL);
  g_source_attach (self->hang_up, NULL);
  glb_prompts_ask_async (context->prompts, self->session, &request, self->cancellable, asked_cb, g_rc_box_acquire (self));
}

/* ---- requests ------------------------------------------------------------------------------ */

static void
handle_request (Connection *self)
{
  const char *why;

  g_clear_handle_id (&self->deadline_id, g_source_remove);
  self->request = glb_git_request_parse (self->untrusted_text, self->size, &why);
  if (self->request != NULL)
    ask (self);
  else
    refuse (self, why, NULL);
}

static gboolean
is_whole (const Connection *self)
{
  return memmem (self->untrusted_text, self->size, "\n\n", 2) != NULL || (self->size > 0 && self->untrusted_text[0] == '\n') ||
         self->size == sizeof self->untrusted_text;
}

static void read_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
read_on (Connection *self)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)), self->untrusted_text + self->size,
                             sizeof self->untrusted_text - self->size, G_PRIORITY_DEFAULT, self->cancellable, read_cb,
                             g_rc_box_acquire (self));
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Connection) self = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (self->gone)
    return;
  if (n <= 0)
    {
      connection_close (self);
      return;
    }

  self->size += (gsize) n;
  if (is_whole (self))
    handle_request (self);
  else
    read_on (self);
}

static void
incoming (gpointer user_data, GSocketConnection *socket)
{
  GlbGitGate *self = user_data;
  Connection *connection = g_rc_box_new0 (Connection);

  connection->gate = g_object_ref (self);
  connection->session = g_object_ref (self->context.session);
  connection->connection = g_object_ref (socket);
  connection->cancellable = g_cancellable_new ();
  self->connections = g_list_prepend (self->connections, connection);
  if (!glb_line_pace_take (&self->pace, g_get_monotonic_time ()))
    {
      connection_close (connection);
      return;
    }

  connection->deadline_id = g_timeout_add_seconds (DEADLINE_S, on_deadline, connection);
  read_on (connection);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
glb_git_gate_dispose (GObject *object)
{
  GlbGitGate *self = GLB_GIT_GATE (object);

  glb_git_gate_close (self);
  g_clear_object (&self->context.prompts);

  G_OBJECT_CLASS (glb_git_gate_parent_class)->dispose (object);
}

static void
glb_git_gate_class_init (GlbGitGateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_git_gate_dispose;
}

static void
glb_git_gate_init (GlbGitGate *self)
{
  self->pace = (GlbLinePace) { .per_second = REQUESTS_PER_S, .burst = REQUESTS_BURST };
}

GlbGitGate *
glb_git_gate_new (int fd, const GlbKeyContext *context, GError **error)
{
  g_autoptr(GlbGitGate) self = g_object_new (GLB_TYPE_GIT_GATE, NULL);

  self->context = *context;
  g_object_ref (self->context.prompts);
  self->listener = glb_key_listener_new (fd, CONNECTIONS_MAX, incoming, self, error);
  return self->listener != NULL ? g_steal_pointer (&self) : NULL;
}

void
glb_git_gate_close (GlbGitGate *self)
{
  while (self->connections != NULL)
    connection_close (self->connections->data);
  g_clear_pointer (&self->listener, glb_key_listener_free);
}
