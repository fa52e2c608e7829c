/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* A client of `glovebox mcp`, which it starts. */
typedef struct
{
  GSubprocess *process;
  GDataInputStream *out;
  gboolean stateless;        /* speaks 2026-07-28; else it has begun with initialize */
  const char *version;       /* (nullable): of initialize */
  gboolean eof;
  gint64 last_id;
  guint n_progress;          /* notifications that came */
  guint n_batches;           /* lines with several answers */
  GHashTable *answers;       /* id as JSON to JsonObject */
  JsonArray *tools;          /* as of tools/list */
} McpClient;

/* options: of the verb, NULL-terminated. Says hello. */
McpClient  *mcp_client_new   (const char *glovebox, gboolean stateless, const char * const *options);
/* The same with a version that begins with initialize. */
McpClient  *mcp_client_new_of (const char *glovebox, const char *version, const char * const *options);
/* Closes standard input and waits for exit code 0. */
void        mcp_client_close (McpClient *client);
/* The same without the wait for it: after a kill. */
void        mcp_client_free  (McpClient *client);

void        mcp_client_send_line (McpClient *client, const char *line);
/* params: (nullable): members of the object, without braces. The id. */
gint64      mcp_client_send  (McpClient *client, const char *method, const char *params);
gint64      mcp_client_send_call (McpClient *client, const char *tool, const char *arguments);
/* The whole answer to id (as JSON). (transfer full) */
JsonObject *mcp_client_wait_for (McpClient *client, const char *id);
JsonObject *mcp_client_wait  (McpClient *client, gint64 id);
gboolean    mcp_client_has   (McpClient *client, gint64 id);

/* Calls a tool, and checks the result against what tools/list said. Its structured content. png: (out) (optional) (nullable)
 * (transfer full) */
JsonObject *mcp_client_call  (McpClient *client, const char *tool, const char *arguments, gboolean is_error, GBytes **png);
/* The same of an error: its code. */
void        mcp_client_call_refused (McpClient *client, const char *tool, const char *arguments, const char *code);
