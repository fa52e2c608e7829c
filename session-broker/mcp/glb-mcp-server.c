/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-mcp"
#include "config.h"

#include "session-broker/mcp/glb-mcp-server.h"

#include <glib-unix.h>
#include <signal.h>

#include "session-broker/mcp/glb-mcp-channel.h"
#include "session-broker/mcp/glb-mcp-tool.h"

/* For calls to hear of their end, and for a client that has closed its side and still reads what was written before. */
#define FLUSH_DEADLINE_MS 2000

struct _GlbMcpServer
{
  GMainLoop *loop;
  GlbMcpRouter *router;
  GlbMcpSessions *sessions;
  GlbMcpChannel *channel;
  GHashTable *calls;             /* key to GlbMcpCall, owned by the tools */
  guint signal_ids[3];
  guint flush_id;
  gboolean closing, stopped;
};

/* ---- the end -------------------------------------------------------------------------- */

static void
check_over (GlbMcpServer *self)
{
  gboolean idle = g_hash_table_size (self->calls) == 0 && glb_mcp_channel_is_flushed (self->channel);

  if (self->stopped && (idle || self->flush_id == 0))
    g_main_loop_quit (self->loop);
}

/* Which may be what lets go of it. */
static void
cancel (GlbMcpCall *borrowed_call)
{
  g_autoptr(GlbMcpCall) call = glb_mcp_call_ref (borrowed_call);

  glb_mcp_call_cancel (call);
}

static gboolean
on_flush_deadline (gpointer user_data)
{
  GlbMcpServer *self = user_data;

  self->flush_id = 0;
  check_over (self);
  return G_SOURCE_REMOVE;
}

static void
on_stopped (gpointer user_data)
{
  GlbMcpServer *self = user_data;

  self->stopped = TRUE;
  check_over (self);
}

static void
begin_end (GlbMcpServer *self)
{
  g_autoptr(GList) calls = NULL;

  if (self->closing)
    return;

  self->closing = TRUE;
  glb_mcp_channel_stop (self->channel);
  self->flush_id = g_timeout_add (FLUSH_DEADLINE_MS, on_flush_deadline, self);
  calls = g_hash_table_get_values (self->calls);
  for (GList *l = calls; l != NULL; l = l->next)
    cancel (l->data);
  glb_mcp_sessions_stop_all (self->sessions, on_stopped, self);
}

static gboolean
on_signal (gpointer user_data)
{
  begin_end (user_data);
  return G_SOURCE_CONTINUE;
}

/* ---- answers ----------------------------------------------------------------------------- */

/* The answers to one batch, which are sent as one line. */
typedef struct
{
  grefcount ref_count;         /* one for each that is not answered yet */
  GlbMcpServer *server;
  GString *lines;
} Batch;

static Batch *
batch_new (GlbMcpServer *server)
{
  Batch *batch = g_new0 (Batch, 1);

  g_ref_count_init (&batch->ref_count);
  batch->server = server;
  batch->lines = g_string_new (NULL);
  return batch;
}

static void
batch_unref (Batch *batch)
{
  if (!g_ref_count_dec (&batch->ref_count))
    return;

  if (batch->lines->len > 0)
    {
      g_string_prepend_c (batch->lines, '[');
      g_string_append_c (batch->lines, ']');
      glb_mcp_channel_write (batch->server->channel, g_string_free (batch->lines, FALSE));
    }
  else
    g_string_free (batch->lines, TRUE);
  g_free (batch);
}

/* Takes line. batch: (nullable) */
static void
write_answer (GlbMcpServer *self,
              Batch        *batch,
              char         *line)
{
  g_autofree char *owned = line;

  if (batch == NULL)
    glb_mcp_channel_write (self->channel, g_steal_pointer (&owned));
  else
    {
      if (batch->lines->len > 0)
        g_string_append_c (batch->lines, ',');
      g_string_append (batch->lines, line);
    }
}

/* ---- calls ------------------------------------------------------------------------------ */

/* Where the answer to one call goes. */
typedef struct
{
  GlbMcpServer *server;
  Batch *batch;                /* (nullable) */
} Reply;

static Reply *
reply_new (GlbMcpServer *server,
           Batch        *batch)
{
  Reply *reply = g_new (Reply, 1);

  if (batch != NULL)
    g_ref_count_inc (&batch->ref_count);
  reply->server = server;
  reply->batch = batch;
  return reply;
}

static void
on_call_done (GlbMcpCall *call,
              char       *line,
              gpointer    user_data)
{
  g_autofree Reply *reply = user_data;
  GlbMcpServer *self = reply->server;

  if (g_hash_table_lookup (self->calls, glb_mcp_call_get_key (call)) == call)
    g_hash_table_remove (self->calls, glb_mcp_call_get_key (call));
  if (line != NULL)
    write_answer (self, reply->batch, line);
  if (reply->batch != NULL)
    batch_unref (reply->batch);
  check_over (self);
}

static void
on_call_progress (GlbMcpCall *call,
                  char       *line,
                  gpointer    user_data)
{
  const Reply *reply = user_data;

  glb_mcp_channel_write (reply->server->channel, line);
}

static void
start_call (GlbMcpServer *self,
            GlbMcpRoute  *route,
            Batch        *batch)
{
  static const GlbMcpCallEvents events = { on_call_done, on_call_progress };
  GlbMcpTool tool = glb_mcp_tool_find (route->tool);
  g_autoptr(GlbMcpCall) call = NULL;

  if (g_hash_table_contains (self->calls, route->key))
    {
      write_answer (self, batch, glb_mcp_write_error (route->id, GLB_MCP_ERROR_INVALID_REQUEST,
                                                      "a request of this id is in flight", NULL));
      return;
    }

  call = glb_mcp_call_new (route, self->sessions, &events, reply_new (self, batch));
  if (g_hash_table_size (self->calls) >= GLB_MCP_CALLS_MAX)
    {
      glb_mcp_call_refuse (call, "too_many", "%d calls are in flight; wait for some of them", GLB_MCP_CALLS_MAX);
      return;
    }
  g_hash_table_insert (self->calls, (gpointer) glb_mcp_call_get_key (call), call);
  tool (call);
}

static void
cancel_call (GlbMcpServer *self,
             const char   *key)
{
  GlbMcpCall *call = g_hash_table_lookup (self->calls, key);

  if (call != NULL)
    cancel (call);
}

static void
follow_route (GlbMcpServer *self,
              GlbMcpRoute  *route,
              Batch        *batch)
{
  switch (route->kind)
    {
    case GLB_MCP_ROUTE_ANSWER:
      write_answer (self, batch, g_steal_pointer (&route->answer));
      break;
    case GLB_MCP_ROUTE_CALL:
      start_call (self, route, batch);
      break;
    case GLB_MCP_ROUTE_CANCEL:
      cancel_call (self, route->key);
      break;
    case GLB_MCP_ROUTE_NOTHING:
      break;
    }
}

static void
on_line (const char *untrusted_line,
         gsize       length,
         gpointer    user_data)
{
  GlbMcpServer *self = user_data;
  g_autoptr(GPtrArray) routes = NULL;
  gboolean is_batch;
  Batch *batch;

  if (self->closing)
    return;
  if (untrusted_line == NULL)
    {
      glb_mcp_channel_write (self->channel, glb_mcp_write_error (NULL, GLB_MCP_ERROR_INVALID_REQUEST,
                                                                 "the line is longer than 4 MiB", NULL));
      return;
    }

  routes = glb_mcp_router_route (self->router, untrusted_line, length, &is_batch);
  batch = is_batch ? batch_new (self) : NULL;
  for (guint i = 0; i < routes->len; i++)
    follow_route (self, routes->pdata[i], batch);
  if (batch != NULL)
    batch_unref (batch);
}

static void
on_closed (gpointer user_data)
{
  begin_end (user_data);
}

static void
on_flushed (gpointer user_data)
{
  check_over (user_data);
}

GlbMcpServer *
glb_mcp_server_new (const GlbMcpConfig *config,
                    int                 in,
                    int                 out)
{
  static const GlbMcpChannelEvents events = { on_line, on_closed, on_flushed };
  static const int signos[] = { SIGINT, SIGTERM, SIGHUP };
  GlbMcpServer *self = g_new0 (GlbMcpServer, 1);

  signal (SIGPIPE, SIG_IGN);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->router = glb_mcp_router_new ();
  self->sessions = glb_mcp_sessions_new (config);
  self->calls = g_hash_table_new (g_str_hash, g_str_equal);
  self->channel = glb_mcp_channel_new (in, out, GLB_MCP_LINE_MAX, &events, self);
  for (gsize i = 0; i < G_N_ELEMENTS (signos); i++)
    self->signal_ids[i] = g_unix_signal_add (signos[i], on_signal, self);
  return self;
}

void
glb_mcp_server_run (GlbMcpServer *self)
{
  g_main_loop_run (self->loop);
}

void
glb_mcp_server_free (GlbMcpServer *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->signal_ids); i++)
    g_source_remove (self->signal_ids[i]);
  if (self->flush_id != 0)
    g_source_remove (self->flush_id);
  g_clear_object (&self->sessions);
  glb_mcp_channel_free (self->channel);
  g_hash_table_unref (self->calls);
  glb_mcp_router_free (self->router);
  g_main_loop_unref (self->loop);
  g_free (self);
}
