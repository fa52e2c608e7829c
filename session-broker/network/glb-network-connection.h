/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One connection: a program's side, and after the broker's yes a host's.
 *
 *   REQUEST ──► DECIDING ──► SPEECH ──► RELAY ──► (gone)
 *      └───────────┴────────────┴─────────┴──► LAST_WORDS ──► (gone)
 *
 * What is looked at (requests, greetings, the sizes of chunks) is read into
 * memory of ours and sent from there. Never peeked at and then spliced: a
 * program can send pages of a file (sendfile()), and change them between our
 * look and the host's.
 */

#include "session-broker/network/glb-network-gate.h"
#include "session-broker/network/glb-network-http.h"
#include "session-broker/network/glb-network-relay.h"

typedef enum
{
  GLB_NETWORK_STATE_REQUEST,      /* a program at the proxy has not said all of where it wants to */
  GLB_NETWORK_STATE_DECIDING,     /* the broker was asked */
  GLB_NETWORK_STATE_SPEECH,       /* open, and its first bytes are to be looked at */
  GLB_NETWORK_STATE_RELAY,
  GLB_NETWORK_STATE_LAST_WORDS,   /* it has ended, and the program may still read why */
} GlbNetworkState;

/* What follows from the program. */
typedef enum
{
  GLB_NETWORK_BODY_RAW,           /* whatever */
  GLB_NETWORK_BODY_LENGTH,        /* of one request; to_host.left of it */
  GLB_NETWORK_BODY_CHUNKED,       /* of one request; chunks */
  GLB_NETWORK_BODY_FINISHED,      /* the request is whole; nothing after it is forwarded */
} GlbNetworkBody;

/* Bytes of the program that were read and not yet sent. */
typedef struct
{
  char  *bytes;                   /* (nullable) */
  size_t start, end, space;
  size_t looked_at;               /* up to where no end of a head was found */
} GlbNetworkBuffer;

struct GlbNetworkConnection
{
  GlbNetworkTask        task;
  GlbNetworkTimer       timer;
  GlbNetworkGate       *gate;
  GlbNetworkConnection *next_by_id;
  GlbNetworkState       state;
  GlbNetworkSide        program, host;
  GlbNetworkRelay       to_host, to_program;
  GlbNetworkBuffer      buffer;
  GlbNetworkHttpChunks  chunks;
  uint64_t              id;             /* 0: not asked for */
  uint32_t              how;            /* GlbNetworkHow */
  uint32_t              speech;         /* of OPENED */
  char                 *name;           /* (nullable), until its speech is known */
  GlbNetworkBody        body;
  GlbNetworkEnd         failed;         /* the first thing that broke; 0: nothing */
  uint16_t              port;
  bool                  socks_greeted;
  bool                  program_ended;  /* it will send nothing more, and all of it was read */
  bool                  timed_out;
  GlbNetworkEnd         doomed;         /* 0, or how it ends with the task's next run */
  uint64_t              moved;          /* of both directions, when the timer was set last */
};

struct sockaddr;

/* A program came; fd is taken. to: where it wanted to, of the transparent socket; NULL: it says so to the proxy. */
void                  glb_network_connection_accept  (GlbNetworkGate *gate, int fd, const struct sockaddr *to);
/* program and host are taken. */
void                  glb_network_connection_publish (GlbNetworkGate *gate, uint64_t id, int host, int program);
GlbNetworkConnection *glb_network_connection_find    (GlbNetworkGate *gate, uint64_t id);
void                  glb_network_connection_opened  (GlbNetworkConnection *self, const GlbNetworkOpened *opened, int fd);
void                  glb_network_connection_refused (GlbNetworkConnection *self, const GlbNetworkRefused *refused);
void                  glb_network_connection_cut     (GlbNetworkConnection *self);

/* For its own parts. */

/* Ends it without a word. Frees it: return at once. */
void glb_network_connection_drop       (GlbNetworkConnection *self);
/* Ends what was asked for: CLOSED to the broker, the host's side closed (with a reset, if it did not end well). The program's stays. */
void glb_network_connection_report     (GlbNetworkConnection *self, GlbNetworkEnd end, const char *detail);
/* The last that the program is told; size may be 0. */
void glb_network_connection_last_words (GlbNetworkConnection *self, const void *bytes, size_t size);
/* Asks the broker. host_kind and what goes with it: of GlbNetworkOpen. */
void glb_network_connection_ask        (GlbNetworkConnection *self, const GlbNetworkOpen *open);
void glb_network_connection_malformed  (GlbNetworkConnection *self, const char *text);
/* With the name. */
void glb_network_connection_free_buffer (GlbNetworkConnection *self);
/* Reads into the buffer what is there, up to max bytes in all. false: the program's side is broken. */
bool glb_network_connection_read       (GlbNetworkConnection *self, size_t max);
/* The host is an address of open's: one that stands for a name is the name. false: it stands for none; self may be gone. */
bool glb_network_request_ask_address   (GlbNetworkConnection *self, GlbNetworkOpen *open);
/* One step of a state. false: nothing to do until something happens, or self is gone. */
bool glb_network_request_step          (GlbNetworkConnection *self);
bool glb_network_speech_step           (GlbNetworkConnection *self);
bool glb_network_forward_step          (GlbNetworkConnection *self);
/* After OPENED: the request with the absolute form that is in the buffer. */
void glb_network_speech_begin_absolute (GlbNetworkConnection *self);
/* Only the host's bytes. What broke is in failed. */
void glb_network_forward_to_program    (GlbNetworkConnection *self);
