/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "session-broker/sandbox/glb-box-message.h"

/**
 * InitPeer:
 *
 * A real glovebox-init under bubblewrap, and the broker's end of its socket
 * driven by hand. Every wait has a deadline.
 */
typedef struct
{
  int      fd;
  GPid     pid;
  guint64  serial;
  guint    landlock_abi;
  int      bus_pid;            /* as it said last */
  guint    n_bus;              /* how often it said one */
} InitPeer;

typedef struct
{
  int      status;             /* of waitpid() */
  int      pid;
  char    *out;
  gsize    out_length;
  char    *err;
  GlbInitFailed failed;        /* stage 0: it started */
  GlbInitExited exited;
} InitResult;

/* Of no pool of accounts: other tests run beside. */
#define INIT_PEER_UID 720010

/* FALSE: this host cannot; the test is marked as skipped. */
gboolean init_peer_start     (InitPeer *self);
void     init_peer_setup     (InitPeer *self, guint flags, GBytes *seccomp);   /* the usual rules, READY */
void     init_peer_send      (InitPeer *self, guint type, guint64 serial, gconstpointer payload, gsize size);
void     init_peer_send_raw  (InitPeer *self, gconstpointer packet, gsize size);
guint64  init_peer_send_exec (InitPeer *self, gboolean debug, const char *cwd, const char * const *argv);
/* FALSE: end of file. */
gboolean init_peer_read      (InitPeer *self, GlbBoxMessage *message, int fds[3]);
void     init_peer_run       (InitPeer *self, gboolean debug, const char *input, gsize input_size, const char * const *argv, InitResult *result);
/* sh -c SCRIPT; asserts that it exits with 0 and returns what it printed. */
char    *init_peer_sh        (InitPeer *self, const char *script);
void     init_peer_wait_end  (InitPeer *self);   /* asserts that the whole sandbox ends by itself */
void     init_peer_stop      (InitPeer *self);
void     init_result_clear   (InitResult *self);

/* glb_init_setup with rules: the bytes of SETUP's payload. */
GByteArray *init_peer_setup_payload (guint flags, guint landlock_abi, const char * const *paths, const guint *access, GBytes *seccomp);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InitResult, init_result_clear)
