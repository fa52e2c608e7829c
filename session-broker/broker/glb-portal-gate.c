/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The portal's border
 * ===================
 *
 * A connection is read one line at a time and written one message at a time;
 * the two are independent, because an answer may come a minute after its
 * request. What is not answered yet is bounded (GLB_PORTAL_REQUESTS_MAX), and
 * so is what waits to be written: while there is that much, nothing is read.
 *
 * The life of a request: parsed, decided, recorded ("portal-request"), asked
 * of the person if need be, recorded again ("portal-answered"), carried out,
 * answered. Who closes the connection, or gives a request up, cancels the
 * question.
 */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "policies/glb-json-writer.h"
#include "policies/glb-strict-json.h"
#include "session-broker/broker/glb-line-reader.h"
#include "session-broker/broker/glb-portal-gate.h"
#include "session-broker/broker/glb-session.h"
#include "session-broker/portal/glb-portal-uri.h"

#define CONNECTIONS_MAX 4
#define GARBAGE_MAX     3
#define READ_BYTES      4096
/* For one message to be read by the other side. */
#define WRITE_DEADLINE_S 10
/* Each line has two records on the person's disk: so many a second, after a first burst. More wait, unread. */
#define LINES_PER_S     20
#define LINES_BURST     40
/* Addresses that nobody has taken yet, and for how long. */
#define URIS_MAX        8
#define URI_LIFE_US     (60 * G_USEC_PER_SEC)

/* what a prompt takes is what a connection may carry */
G_STATIC_ASSERT (GLB_PROMPT_FILE_MAX == GLB_PORTAL_FILE_MAX);

typedef struct
{
  guint number;
  char *uri;
  gint64 until_us;
} Waiting;

struct _GlbPortalGate
{
  GObject parent_instance;

  GlbPortalContext context;
  GSocketService *service;
  GCancellable *cancellable;
  GList *clients;            /* Client, not owned: each takes itself out */
  GlbLinePace pace;          /* of all connections */
  GlbPromptQuota notes;      /* notifications, as questions are */
  gboolean notes_flood;      /* one record for a row of refusals */
  GQueue uris;               /* Waiting */
  guint last_uri;
};

G_DEFINE_FINAL_TYPE (GlbPortalGate, glb_portal_gate, G_TYPE_OBJECT)

/* One connection. Its requests hold it, too. */
typedef struct
{
  GlbPortalGate *gate;
  GSocketConnection *connection;
  GCancellable *cancellable;
  GlbLineReader *reader;
  GQueue output;             /* GBytes; the first is being written */
  GHashTable *open;          /* id to Request, not owned */
  guint n_garbage;
  guint deadline_id;
  gboolean reading, writing;
  gboolean last;             /* nothing is read any more; it closes when all is written */
  gboolean closed;
} Client;

typedef struct
{
  Client *client;
  GlbSession *session;       /* held: its record is written with the answer */
  GlbPortalRequest *parsed;
  GCancellable *cancellable;
} Request;

static void next_line (Client *client);
static void write_next (Client *client);

static void
client_clear (gpointer data)
{
  Client *client = data;

  g_object_unref (client->connection);
  g_object_unref (client->cancellable);
  g_object_unref (client->reader);
  g_queue_clear_full (&client->output, (GDestroyNotify) g_bytes_unref);
  g_hash_table_unref (client->open);
  g_object_unref (client->gate);
}

static void
client_unref (Client *client)
{
  g_rc_box_release_full (client, client_clear);
}

/* Once, whoever saw first that it is over. */
static void
client_close (Client *client)
{
  GHashTableIter iter;
  gpointer request;

  if (client->closed)
    return;

  client->closed = TRUE;
  client->gate->clients = g_list_remove (client->gate->clients, client);
  g_clear_handle_id (&client->deadline_id, g_source_remove);
  g_cancellable_cancel (client->cancellable);
  g_hash_table_iter_init (&iter, client->open);
  while (g_hash_table_iter_next (&iter, NULL, &request))
    g_cancellable_cancel (((Request *) request)->cancellable);
  g_io_stream_close_async (G_IO_STREAM (client->connection), G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  client_unref (client);
}

/* ---- what is written ----------------------------------------------------------- */

static gboolean
on_write_deadline (gpointer user_data)
{
  Client *client = user_data;

  client->deadline_id = 0;
  client_close (client);
  return G_SOURCE_REMOVE;
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;
  gboolean written = g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);

  client->writing = FALSE;
  g_clear_handle_id (&client->deadline_id, g_source_remove);
  g_bytes_unref (g_queue_pop_head (&client->output));
  if (!written)
    client_close (client);
  else
    write_next (client);
  client_unref (client);
}

static void
write_next (Client *client)
{
  GBytes *bytes = g_queue_peek_head (&client->output);
  gsize size;
  const void *data;

  if (client->closed || client->writing)
    return;
  if (bytes == NULL && client->last)
    {
      client_close (client);
      return;
    }
  if (bytes == NULL)
    {
      next_line (client);
      return;
    }

  client->writing = TRUE;
  client->deadline_id = g_timeout_add_seconds (WRITE_DEADLINE_S, on_write_deadline, client);
  data = g_bytes_get_data (bytes, &size);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (client->connection)), data, size, G_PRIORITY_DEFAULT,
                                   client->cancellable, written_cb, g_rc_box_acquire (client));
}

/* Takes object. */
static void
send (Client *client, JsonObject *object)
{
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = glb_json_write (node);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  gsize length = strlen (line);

  json_object_unref (object);
  g_queue_push_tail (&client->output, g_bytes_new_take (g_steal_pointer (&line), length));
  write_next (client);
}

static void
send_status (Client *client, guint64 id, const char *status)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", (gint64) id);
  json_object_set_string_member (object, "status", status);
  send (client, object);
}

static void
send_refused (Client *client, guint64 id, const char *code, const char *message)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", (gint64) id);
  json_object_set_string_member (object, "status", "refused");
  json_object_set_string_member (object, "code", code);
  json_object_set_string_member (object, "message", message);
  send (client, object);
}

static void
send_file (Client *client, guint64 id, const GlbPromptAnswer *answer)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", (gint64) id);
  json_object_set_string_member (object, "status", "done");
  json_object_set_string_member (object, "name", answer->file_name);
  json_object_set_int_member (object, "bytes", (gint64) g_bytes_get_size (answer->file));
  send (client, object);
  /* an empty one would be taken for nothing to write */
  if (g_bytes_get_size (answer->file) > 0)
    g_queue_push_tail (&client->output, g_bytes_ref (answer->file));
  write_next (client);
}

static void
send_hello (Client *client)
{
  const GlbPolicy *policy = client->gate->context.policy;
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "hello", GLB_PORTAL_PROTOCOL);
  json_object_set_boolean_member (object, "openUri", policy->portals.open_uri != GLB_VERDICT_DENY);
  json_object_set_boolean_member (object, "fileChooser", policy->portals.file_chooser != GLB_VERDICT_DENY);
  json_object_set_boolean_member (object, "notification", policy->portals.notification != GLB_VERDICT_DENY);
  json_object_set_boolean_member (object, "settings", policy->portals.settings == GLB_VERDICT_ALLOW);
  json_object_set_boolean_member (object, "camera", glb_portal_may_have_camera (policy));
  send (client, object);
}

static void
send_appearance (Client *client)
{
  const GlbPortalContext *context = &client->gate->context;
  JsonObject *object, *settings;

  /* who does not read what it is told hears no more */
  if (context->policy->portals.settings != GLB_VERDICT_ALLOW || g_queue_get_length (&client->output) >= GLB_PORTAL_REQUESTS_MAX)
    return;

  object = json_object_new ();
  settings = json_object_new ();
  json_object_set_int_member (settings, "colorScheme", context->host->color_scheme);
  json_object_set_int_member (settings, "contrast", context->host->contrast);
  json_object_set_object_member (object, "settings", settings);
  send (client, object);
}

/* ---- requests ------------------------------------------------------------------- */

static Request *
request_new (Client *client, GlbPortalRequest *parsed)
{
  Request *request = g_new0 (Request, 1);

  request->client = g_rc_box_acquire (client);
  request->session = g_object_ref (client->gate->context.session);
  request->parsed = parsed;
  request->cancellable = g_cancellable_new ();
  g_hash_table_insert (client->open, &parsed->id, request);
  return request;
}

static void
request_free (Request *request)
{
  g_hash_table_remove (request->client->open, &request->parsed->id);
  g_object_unref (request->cancellable);
  g_object_unref (request->session);
  glb_portal_request_free (request->parsed);
  client_unref (request->client);
  g_free (request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static JsonObject *
describe (const GlbPortalRequest *parsed)
{
  JsonObject *fields = json_object_new ();

  json_object_set_int_member (fields, "id", (gint64) parsed->id);
  json_object_set_string_member (fields, "request", glb_portal_kind_to_string (parsed->kind));
  if (parsed->uri != NULL)
    {
      g_autofree char *uri = glb_strict_json_printable (parsed->uri, -1, GLB_PORTAL_URI_MAX);

      json_object_set_string_member (fields, "uri", uri);
    }
  if (parsed->name != NULL)
    {
      g_autofree char *name = glb_strict_json_printable (parsed->name, -1, GLB_PORTAL_NAME_MAX);

      json_object_set_string_member (fields, "name", name);
    }
  if (parsed->title != NULL)
    json_object_set_string_member (fields, "title", parsed->title);
  return fields;
}

static gboolean
audit_request (GlbPortalGate *self, const GlbPortalRequest *parsed)
{
  g_autoptr(JsonObject) fields = describe (parsed);

  return self->context.audit (self->context.user_data, "portal-request", GLB_DRIVER_AGENT, fields, NULL);
}

/* code: (nullable): of a no */
static gboolean
audit_answer (GlbPortalGate *self, const GlbPortalRequest *parsed, const char *code)
{
  g_autoptr(JsonObject) fields = json_object_new ();

  json_object_set_int_member (fields, "id", (gint64) parsed->id);
  json_object_set_string_member (fields, "request", glb_portal_kind_to_string (parsed->kind));
  json_object_set_string_member (fields, "verdict", code == NULL ? "allow" : "deny");
  if (code != NULL)
    json_object_set_string_member (fields, "why", code);
  return self->context.audit (self->context.user_data, "portal-answered", GLB_DRIVER_NOBODY, fields, NULL);
}

static void
refuse (Request *request, const char *code, const char *message)
{
  audit_answer (request->client->gate, request->parsed, code);
  if (!request->client->closed)
    send_refused (request->client, request->parsed->id, code, message);
}

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;

  g_free (waiting->uri);
  g_free (waiting);
}

static void
offer_uri (GlbPortalGate *self, const char *uri)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  if (g_queue_get_length (&self->uris) >= URIS_MAX)
    waiting_free (g_queue_pop_head (&self->uris));
  waiting->number = ++self->last_uri;
  waiting->uri = g_strdup (uri);
  waiting->until_us = g_get_monotonic_time () + URI_LIFE_US;
  g_queue_push_tail (&self->uris, waiting);
  self->context.uri_allowed (self->context.user_data, waiting->number, waiting->uri);
}

/* It is allowed and recorded. answer: (nullable): of the person */
static void
carry_out (Request *request, const GlbPromptAnswer *answer)
{
  GlbPortalGate *self = request->client->gate;
  const GlbPortalRequest *parsed = request->parsed;

  switch (parsed->kind)
    {
    case GLB_PORTAL_OPEN_URI:
      offer_uri (self, parsed->uri);
      break;
    case GLB_PORTAL_NOTIFY:
      self->context.notified (self->context.user_data, parsed->name, parsed->title, parsed->body);
      break;
    case GLB_PORTAL_WITHDRAW:
      self->context.withdrawn (self->context.user_data, parsed->name);
      break;
    case GLB_PORTAL_CHOOSE_FILE:
      if (!request->client->closed)
        send_file (request->client, parsed->id, answer);
      return;
    case GLB_PORTAL_CAMERA:
    case GLB_PORTAL_CLOSE:
    default:
      g_return_if_reached ();
    }
  if (!request->client->closed)
    send_status (request->client, parsed->id, "done");
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Request) request = user_data;
  g_autoptr(GlbPromptAnswer) answer = glb_prompts_ask_finish (GLB_PROMPTS (source), result, NULL);

  if (answer == NULL)
    refuse (request, "withdrawn", "it was given up before it was answered");
  else if (!answer->allowed)
    refuse (request, answer->why, "the person did not allow it");
  /* a yes to FILE always hands one over */
  else if (audit_answer (request->client->gate, request->parsed, NULL))
    carry_out (request, answer);
}

/* Takes request. */
static void
ask (Request *request)
{
  GlbPortalGate *self = request->client->gate;
  const GlbPortalRequest *parsed = request->parsed;
  GlbPromptRequest question = { .requester = GLB_DRIVER_AGENT };
  g_autoptr(GBytes) content = NULL;
  g_autofree char *title = NULL;

  if (parsed->kind == GLB_PORTAL_OPEN_URI)
    {
      g_autofree char *place = glb_portal_uri_dup_place (parsed->uri);

      title = g_strdup_printf ("Open on your desktop: %s", place);
      content = g_bytes_new (parsed->uri, strlen (parsed->uri));
      question.kind = GLB_PROMPT_OPEN_URI;
      question.content = content;
      question.preview = parsed->uri;
    }
  else
    {
      title = g_strdup_printf ("Hand a copy of a file of yours in: %s", parsed->title);
      question.kind = GLB_PROMPT_FILE;
    }
  question.title = title;
  send_status (request->client, parsed->id, "asking");
  glb_prompts_ask_async (self->context.prompts, self->context.session, &question, request->cancellable, asked_cb, request);
}

static void
camera_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Request) request = user_data;
  GlbPortalGate *self = request->client->gate;
  g_autoptr(GError) error = NULL;
  const char *code;

  g_signal_handlers_disconnect_by_data (request->cancellable, request);
  if (self->context.camera_finish (self->context.user_data, result, &code, &error))
    {
      if (audit_answer (self, request->parsed, NULL) && !request->client->closed)
        send_status (request->client, request->parsed->id, "done");
    }
  else if (g_cancellable_is_cancelled (request->cancellable))
    refuse (request, "withdrawn", "it was given up before it was answered");
  else
    refuse (request, code != NULL ? code : "not_now", error->message);
}

static void
on_camera_given_up (GCancellable *cancellable, gpointer user_data)
{
  Request *request = user_data;
  GlbPortalGate *self = request->client->gate;

  self->context.camera_withdraw (self->context.user_data);
}

/* Takes request. */
static void
ask_camera (Request *request)
{
  GlbPortalGate *self = request->client->gate;

  if (self->context.policy->devices.camera == GLB_VERDICT_PROMPT)
    send_status (request->client, request->parsed->id, "asking");
  g_signal_connect (request->cancellable, "cancelled", G_CALLBACK (on_camera_given_up), request);
  self->context.camera_async (self->context.user_data, camera_cb, request);
}

/* FALSE: there were too many; it is refused. */
static gboolean
pass_notes (Client *client, const GlbPortalRequest *parsed)
{
  GlbPortalGate *self = client->gate;

  if (glb_prompt_quota_take (&self->notes, 0, g_get_monotonic_time ()))
    {
      self->notes_flood = FALSE;
      return TRUE;
    }

  if (!self->notes_flood)
    audit_answer (self, parsed, "rate_limited");
  self->notes_flood = TRUE;
  send_refused (client, parsed->id, "rate_limited", "at most 30 notifications a minute");
  return FALSE;
}

static void
give_up (Client *client, const GlbPortalRequest *parsed)
{
  Request *request = g_hash_table_lookup (client->open, &parsed->id);

  /* one that is answered already is no error: the two crossed */
  if (request != NULL)
    g_cancellable_cancel (request->cancellable);
}

/* Takes parsed. */
static void
begin (Client *client, GlbPortalRequest *parsed)
{
  GlbPortalGate *self = client->gate;
  GlbPortalDecision decision = glb_portal_decide (self->context.policy, parsed);
  g_autoptr(Request) request = request_new (client, parsed);

  if (!audit_request (self, parsed))
    return;

  if (decision.verdict == GLB_VERDICT_DENY)
    refuse (request, decision.code, decision.message);
  else if (decision.verdict == GLB_VERDICT_PROMPT)
    ask (g_steal_pointer (&request));
  else if (parsed->kind == GLB_PORTAL_CAMERA)
    ask_camera (g_steal_pointer (&request));
  else if (audit_answer (self, parsed, NULL))
    carry_out (request, NULL);
}

static void
handle_line (Client *client, const char *untrusted_line, gsize length)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPortalRequest) parsed = glb_portal_request_new_from_json (untrusted_line, length, &error);
  const char *why = error != NULL ? error->message : NULL;

  if (parsed != NULL && parsed->kind != GLB_PORTAL_CLOSE && g_hash_table_contains (client->open, &parsed->id))
    why = "a request of this id is not answered yet";
  if (why != NULL)
    {
      client->last = ++client->n_garbage >= GARBAGE_MAX;
      send_refused (client, 0, "malformed", why);
    }
  else if (parsed->kind == GLB_PORTAL_CLOSE)
    give_up (client, parsed);
  else if (g_hash_table_size (client->open) >= GLB_PORTAL_REQUESTS_MAX)
    send_refused (client, parsed->id, "rate_limited", "too many requests are not answered yet");
  else if ((parsed->kind != GLB_PORTAL_NOTIFY && parsed->kind != GLB_PORTAL_WITHDRAW) || pass_notes (client, parsed))
    begin (client, g_steal_pointer (&parsed));
}

/* ---- what is read ---------------------------------------------------------------- */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;
  g_autoptr(GError) error = NULL;
  gsize length;
  g_autofree char *untrusted_line = glb_line_reader_read_finish (GLB_LINE_READER (source), result, &length, &error);

  client->reading = FALSE;
  if (client->closed)
    ;
  else if (untrusted_line != NULL)
    {
      handle_line (client, untrusted_line, length);
      write_next (client);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    {
      client->last = TRUE;
      send_refused (client, 0, "malformed", error->message);
    }
  else
    client_close (client);
  client_unref (client);
}

/* Reads on, if it may. Called again whenever something it waits for has happened. */
static void
next_line (Client *client)
{
  if (client->closed || client->last || client->reading || g_queue_get_length (&client->output) >= GLB_PORTAL_REQUESTS_MAX)
    return;

  client->reading = TRUE;
  glb_line_reader_read_async (client->reader, client->cancellable, read_cb, g_rc_box_acquire (client));
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  GlbPortalGate *self = user_data;
  Client *client;

  /* refused by being closed */
  if (g_list_length (self->clients) >= CONNECTIONS_MAX)
    return TRUE;

  client = g_rc_box_new0 (Client);
  client->gate = g_object_ref (self);
  client->connection = g_object_ref (connection);
  client->cancellable = g_cancellable_new ();
  client->reader = glb_line_reader_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)), GLB_PORTAL_LINE_MAX, READ_BYTES, &self->pace);
  client->open = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_queue_init (&client->output);
  self->clients = g_list_prepend (self->clients, client);
  send_hello (client);
  send_appearance (client);
  return TRUE;
}

/* ---- the object ------------------------------------------------------------------- */

static void
glb_portal_gate_dispose (GObject *object)
{
  GlbPortalGate *self = GLB_PORTAL_GATE (object);

  glb_portal_gate_close (self);
  g_clear_object (&self->service);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->context.prompts);

  G_OBJECT_CLASS (glb_portal_gate_parent_class)->dispose (object);
}

static void
glb_portal_gate_class_init (GlbPortalGateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glb_portal_gate_dispose;
}

static void
glb_portal_gate_init (GlbPortalGate *self)
{
  self->service = g_socket_service_new ();
  self->cancellable = g_cancellable_new ();
  self->pace = (GlbLinePace) { .per_second = LINES_PER_S, .burst = LINES_BURST };
  g_queue_init (&self->uris);
}

GlbPortalGate *
glb_portal_gate_new (int fd, const GlbPortalContext *context, GError **error)
{
  g_autoptr(GlbPortalGate) self = g_object_new (GLB_TYPE_PORTAL_GATE, NULL);
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, error);

  if (socket == NULL)
    {
      close (fd);
      return NULL;
    }

  self->context = *context;
  g_object_ref (self->context.prompts);
  if (!g_socket_listener_add_socket (G_SOCKET_LISTENER (self->service), socket, NULL, error))
    return NULL;

  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_socket_service_start (self->service);
  return g_steal_pointer (&self);
}

void
glb_portal_gate_close (GlbPortalGate *self)
{
  if (self->service == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  g_cancellable_cancel (self->cancellable);
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  while (self->clients != NULL)
    client_close (self->clients->data);
  g_queue_clear_full (&self->uris, waiting_free);
}

char *
glb_portal_gate_take_uri (GlbPortalGate *self, guint number)
{
  gint64 now = g_get_monotonic_time ();

  for (GList *l = self->uris.head; l != NULL; l = l->next)
    {
      Waiting *waiting = l->data;
      char *uri;

      if (waiting->number != number)
        continue;
      uri = now < waiting->until_us ? g_steal_pointer (&waiting->uri) : NULL;
      g_queue_delete_link (&self->uris, l);
      waiting_free (waiting);
      return uri;
    }
  return NULL;
}

void
glb_portal_gate_update_appearance (GlbPortalGate *self)
{
  for (GList *l = self->clients; l != NULL; l = l->next)
    send_appearance (l->data);
}
