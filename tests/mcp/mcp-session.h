/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tests/broker/broker-fixture.h"
#include "tests/mcp/mcp-client.h"

/* A client of `glovebox mcp` with a real broker, and what tests do with both. */

/* glovebox itself. */
void mcp_set_program (const char *program);
const char *mcp_get_program (void);
McpClient *mcp_start_client (BrokerFixture *fixture, gboolean stateless);
/* What is looked for when it has ended. (transfer full) */
GlbDBusSession1 *mcp_remember (BrokerFixture *fixture, const char *id);
/* "\"session\":\"HANDLE\"", to begin arguments with. uid: (out) (optional): of its agent. (transfer full) */
char *mcp_start_session (BrokerFixture *fixture, McpClient *client, guint *uid);
JsonObject *mcp_call (McpClient *client, const char *tool, const char *session, const char *more);
void mcp_call_refused (McpClient *client, const char *tool, const char *session, const char *more, const char *code);
void mcp_check_output (McpClient *client, const char *session, const char *command, const char *expected);
void mcp_check_alive (McpClient *client);
/* (nullable) (transfer full): the object path of the one question that is open */
char *mcp_find_prompt (BrokerFixture *fixture);
gboolean mcp_has_prompt (gpointer user_data);
void mcp_answer_prompt (BrokerFixture *fixture, const char *method, GVariant *parameters);
/* What a client could send that would be an answer, if a client could answer. */
void mcp_try_to_answer (McpClient *client);
