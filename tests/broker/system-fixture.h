/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* A system bus of its own, with the real dbus-daemon, this project's bus policy and the real polkitd with its rules alone. */
typedef struct
{
  char *root;                /* temporary folder */
  GPid bus_pid, polkit_pid;  /* 0: does not run */
  GDBusConnection *client;   /* root's, of the test */
} SystemFixture;

/* Once, before any thread: leaves the host's mounts, so that polkit's folders are the test's. FALSE: this host cannot; why. */
gboolean system_fixture_enter         (const char **why);

void     system_fixture_start_bus     (SystemFixture *fixture);
/* rules: JavaScript; "": none. */
void     system_fixture_start_polkit  (SystemFixture *fixture, const char *rules);
/* By SIGKILL, and reaped. */
void     system_fixture_kill          (GPid *pid);
void     system_fixture_stop          (SystemFixture *fixture);

/* The uid of an ordinary account that each host has. */
guint    system_fixture_uid           (const char *name);

/* In the test's account database alone: dbus-daemon lets nobody in whom that does not know, which would hide what the
 * broker does. */
void     system_fixture_add_account   (guint uid);

/* `glovebox --system ARGUMENT…` as another user: its exit code. */
int      system_cli_run               (guint uid, const char * const *arguments, char **output, char **errors);
/* The same on a terminal of its own. */
int      system_cli_run_in_terminal   (guint uid, const char * const *arguments, char **output);

/* A program of another user that calls the broker: see system-caller.c. */
typedef struct
{
  GPid pid;
  GIOChannel *output;
  guint output_id;
  int input;
  GPtrArray *lines;
} SystemCaller;

/* interface: without "org.glovebox." where it is one of ours. parameters: text of a GVariant; NULL: none. */
SystemCaller *system_caller_new  (guint uid, gboolean agent, const char *path, const char *interface, const char *method, const char *parameters);
void          system_caller_free (SystemCaller *caller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SystemCaller, system_caller_free)
/* Waits for a line that begins so; the rest of it. (transfer none) */
const char   *system_caller_wait (SystemCaller *caller, const char *start);
void          system_caller_say  (SystemCaller *caller, const char *line);
/* polkit's helper program found the password right. cookie: as asked. */
void          system_fixture_authenticate (SystemFixture *fixture, guint uid, const char *asked);
