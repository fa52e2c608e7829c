/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tests/broker/broker-fixture.h"

/* A session with a real compositor and a real terminal in it, which is where its input goes. */

#define SKIP_WITHOUT_DESKTOP(fixture) \
  if ((fixture)->root == NULL || !broker_fixture_can_run (TRUE)) return; \
  if (!g_file_test ("/usr/bin/foot", G_FILE_TEST_IS_EXECUTABLE)) { g_test_skip ("foot is missing; install the package foot"); return; }

/* For test_policy(): with more members of desktop.input behind a comma. */
#define DESKTOP_WITH(rules) \
  ",\"desktop\":{\"width\":640,\"height\":480,\"input\":{\"agent\":\"allow\",\"human\":\"on-takeover\"" rules "}}"
#define DESKTOP DESKTOP_WITH ("")

/* A terminal that writes each line it reads to the workspace's file "lines", and makes it its title. */
TestSession *terminal_run           (BrokerFixture *fixture, const char *more);
/* The frame of the screen at rest. */
gint64       terminal_settle        (TestSession *session);
char        *terminal_read_lines    (TestSession *session);
/* Until the file is text. */
void         terminal_wait_lines    (TestSession *session, const char *text);
/* code: (nullable) */
void         terminal_assert_result (TestSession *session, const char *action, const char *status, const char *code);
/* One raw event of the person; TRUE: delivered. */
gboolean     terminal_send          (TestSession *session, guint64 epoch, guint kind, guint code, int value, int x, int y, GError **error);
/* A key, pressed and released by the person. */
void         terminal_press         (TestSession *session, guint64 epoch, guint code);
void         terminal_wait_title    (TestSession *session, const char *title);
