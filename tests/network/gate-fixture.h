/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "session-broker/network/glb-network-message.h"

G_BEGIN_DECLS

/* The built gate as a child, with sockets that this process made in place of a session's. The test is its broker, the programs and the
 * hosts. Each wait has a deadline: a socket's timeout. */
typedef struct
{
  pid_t pid;
  int control;              /* -1: closed */
  int errors;               /* what it says on standard error */
  int server;               /* where hosts listen */
  guint16 server_port;
  guint16 ports[GLB_NETWORK_N_SOCKETS];
} Gate;

/* filter: (nullable): of system calls, as it runs under in a session. */
void    gate_start          (Gate *self, const char *program, GBytes *filter, guint32 max_connections, guint64 bytes_per_second);
/* Closes the broker's end, if it is open; asserts that the gate exits so. */
void    gate_stop           (Gate *self);
void    gate_expect_exit    (Gate *self, int status);

/* The next message, which must be of type. */
GlbNetworkMessage gate_expect (Gate *self, GlbNetworkMessageType type);
GlbNetworkClosed  gate_expect_closed (Gate *self, guint64 id, GlbNetworkEnd end);
void    gate_expect_malformed (Gate *self, GlbNetworkHow how);
void    gate_send           (Gate *self, GlbNetworkMessageType type, const void *payload, gsize size, const int *fds, guint n_fds);
/* Connects to a host and hands it over; the host's end. */
int     gate_opened         (Gate *self, guint64 id, guint speech, const char *name);
void    gate_refused        (Gate *self, guint64 id, GlbNetworkRefusal refusal, const char *text);
void    gate_close          (Gate *self, guint64 id);

/* A program's connection. */
int     gate_dial           (Gate *self, GlbNetworkSocket socket);
/* CONNECT, answered yes: ends[0] is the program's, ends[1] the host's. The id. */
guint64 gate_tunnel         (Gate *self, guint speech, const char *name, int ends[2]);

void    say                 (int fd, const void *bytes, gssize size);
/* Exactly that, or the end too early. */
void    expect_bytes        (int fd, const void *bytes, gssize size);
void    expect_eof          (int fd);
void    expect_reset        (int fd);
/* Up to and with that text. (transfer full) */
char   *hear_until          (int fd, const char *end);
/* All up to the end. (transfer full) */
char   *hear_all            (int fd);

G_END_DECLS
