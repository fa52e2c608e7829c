/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "glb-broker-dbus-generated.h"
#include <json-glib/json-glib.h>

#include "session-broker/client/glb-client.h"

/* One broker of its own for one test, in folders of its own, started as any client starts it. */
typedef struct
{
  char *root;                /* temporary folder: runtime, state, home, workspace */
  char *runtime_dir;         /* of the broker */
  char *audit_dir;
  char *workspace;
  GlbClient *client;
  GlbDBusBroker1 *broker;
  int pid;
  int guard, guard_fd;       /* the process that ends the broker when this one dies, and the pipe by which it knows */
  GHashTable *uids;          /* accounts that sessions had */
  GHashTable *pids;          /* outermost processes of sessions */
  GHashTable *ids;           /* of sessions */
} BrokerFixture;

/* One session that a test started. */
typedef struct
{
  GlbDBusSession1 *proxy;
  GDBusConnection *connection;
  guint exited_id;           /* the subscription */
  guint64 command;
  int fds[3];                /* -1: closed, or detached */
  GHashTable *exits;         /* command to status */
} TestSession;

/* FALSE: this host cannot; the test was skipped. */
gboolean broker_fixture_can_run  (gboolean desktop);
/* The same, of a session with devices and a program that looks and listens. */
gboolean broker_fixture_can_look (void);
void     broker_fixture_set_up   (BrokerFixture *fixture, gconstpointer data);
/* Ends the broker by SIGTERM and checks that nothing is left. */
void     broker_fixture_tear_down (BrokerFixture *fixture, gconstpointer data);

/* options: (nullable) a{sv}, floating. NULL with error where it was refused. */
TestSession *broker_fixture_run  (BrokerFixture *fixture, GlbClient *client, GVariant *options, const char * const *argv, GError **error);
TestSession *broker_fixture_run_shell (BrokerFixture *fixture, const char *policy, const char *script);
/* A minimal policy of tier with more members behind a comma. (transfer full) */
char        *test_policy         (const char *tier, const char *more);
GVariant    *test_options        (const char *policy, gboolean detach);

void   test_session_free         (TestSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestSession, test_session_free)
void   test_session_wait_state   (TestSession *session, const char *state);
void   test_session_wait_reason  (TestSession *session, const char *reason);
int    test_session_wait_exit    (TestSession *session, guint64 command);
/* All of the output until its end. (transfer full) */
char  *test_read_all             (int *fd);
/* (transfer full), result parsed by the caller; *image: (nullable) (out): bytes of the PNG */
char  *test_session_act          (TestSession *session, const char *action, GBytes **image);
void   test_session_wait_window  (TestSession *session);
guint64 test_session_exec        (TestSession *session, const char *script, int fds[3]);

typedef gboolean (*TestCondition) (gpointer user_data);
/* Runs the main context until it holds; fails the test after a deadline. */
void   test_wait                 (TestCondition condition, gpointer user_data, const char *what);
/* Nothing of the sessions that a test started is left: process, folder, control group. Only for sessions that have to be gone. */
void   broker_fixture_wait_clean (BrokerFixture *fixture);
int    test_find_process         (guint uid, const char *comm);
/* A process that is ours, or a broker's: it ended, and all of it is gone. */
gboolean test_is_gone            (int pid);
/* A process of that name below the broker, but no zombie; 0: none. */
int    test_find_below           (BrokerFixture *fixture, const char *comm);
/* The next one: the kernel lists them by number. */
int    test_find_next_below      (BrokerFixture *fixture, const char *comm, int after);
/* The last audit record of an event, device: (nullable): about it. n: (out) (nullable): how many. (nullable) (transfer full) */
JsonObject *test_session_find_record (BrokerFixture *fixture, TestSession *session, const char *event, const char *device, guint *n);
guint  test_session_count_records (BrokerFixture *fixture, TestSession *session, const char *event, const char *device);
