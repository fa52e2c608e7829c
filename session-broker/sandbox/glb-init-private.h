/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * glovebox-init, process 1 of the agent's sandbox.  Plain C without GLib: one
 * runs in each session, so its memory counts.
 *
 * Who trusts whom: the broker decides, init obeys; still init checks what it
 * reads, because a wrong length would otherwise be a fault in the one process
 * that holds the sandbox together.  The agent's processes run under the same
 * user id as init.  They cannot reach it because it is not dumpable (no
 * ptrace, no /proc/1/mem, no /proc/1/fd), because process 1 of a pid namespace
 * takes no signals from inside that it did not ask for, and because each child
 * closes the control socket before it executes anything.
 *
 * It waits in one poll(); an idle sandbox costs no processor time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "session-broker/sandbox/glb-init-protocol.h"

/* glb-init-message.c: the broker's messages, pure. */

typedef struct
{
  GlbInitSetup   setup;
  const uint8_t *rules;        /* what is left of the rules */
  size_t         rules_size;
  const uint8_t *program;      /* of struct sock_filter, not aligned */
  size_t         program_size;
} GlbInitSetupView;

typedef struct
{
  uint32_t    access;
  const char *path;
} GlbInitRuleView;

typedef struct
{
  const char  *cwd;
  const char **argv;           /* NULL-terminated; owned */
  const char **env;            /* NULL-terminated; part of argv's memory */
  bool         debug;
} GlbInitExecView;

bool glb_init_read_header    (const uint8_t *packet, size_t length, GlbInitHeader *header);
bool glb_init_read_setup     (const uint8_t *payload, size_t size, GlbInitSetupView *view);
bool glb_init_next_rule      (GlbInitSetupView *view, GlbInitRuleView *rule);
bool glb_init_read_exec      (const uint8_t *payload, size_t size, GlbInitExecView *view);
bool glb_init_read_signal    (const uint8_t *payload, size_t size, GlbInitSignal *message);
bool glb_init_read_connect   (const uint8_t *payload, size_t size, GlbInitConnect *message);
void glb_init_exec_view_free (GlbInitExecView *view);

/* glb-init-landlock.c.  -1 with errno; detail: the path, where there is one. */

int glb_init_landlock_abi      (void);
int glb_init_landlock_restrict (GlbInitSetupView *view, int abi, const char **detail);

/* glb-init-filter.c.  All return -1 with errno. */

int glb_init_filter_load      (const uint8_t *program, size_t size);
int glb_init_filter_no_ptrace (void);
int glb_init_filter_no_spawn  (void);

/* glb-init-exec.c */

typedef struct
{
  uint64_t serial;             /* 0: this slot is free */
  pid_t    pid;
  int      error_fd;           /* until it has executed; else -1 */
  int      fds[3];             /* the broker's ends, until they are sent; else -1 */
} GlbInitCommand;

typedef struct
{
  bool no_spawn;
  bool no_ptrace;
} GlbInitChildRules;

void            glb_init_commands_init    (void);
/* Starts one; an error is answered here. */
void            glb_init_command_start    (int control_fd, uint64_t serial, const GlbInitExecView *exec, const GlbInitChildRules *rules);
GlbInitCommand *glb_init_command_get      (unsigned int i);   /* NULL: no such slot in use */
GlbInitCommand *glb_init_command_find     (uint64_t serial);
/* Its error_fd is readable: it has executed, or it has failed. */
void            glb_init_command_started  (int control_fd, GlbInitCommand *self);
void            glb_init_command_exited   (int control_fd, GlbInitCommand *self, int status, int64_t user_us, int64_t system_us, int64_t max_rss_kb);
/* In a forked child: nothing of init's is left but what is named here. */
int             glb_init_child_reset      (const GlbInitChildRules *rules);

/* glb-init-bus.c */

int   glb_init_bus_listen  (const char **detail);
int   glb_init_bus_get_fd  (void);            /* to poll for reading, or -1 */
void  glb_init_bus_start   (const GlbInitChildRules *rules);
pid_t glb_init_bus_get_pid (void);            /* 0: it does not run */
bool  glb_init_bus_exited  (pid_t pid);       /* true: it was the bus */

/* glb-init-connect.c: begins a connection, and answers at once. */

void glb_init_connect (int control_fd, uint64_t serial, const GlbInitConnect *request);

/* glb-init-main.c */

/* The broker is gone or out of its mind when this fails: ends the sandbox. */
void glb_init_send        (int control_fd, uint32_t type, uint64_t serial, const void *payload, uint32_t size, const int *fds, unsigned int n_fds);
void glb_init_send_failed (int control_fd, uint64_t serial, GlbInitStage stage, int error, const char *detail);
