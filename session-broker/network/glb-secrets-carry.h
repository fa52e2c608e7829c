/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <poll.h>

#include "session-broker/network/glb-secrets-authority.h"
#include "session-broker/network/glb-secrets-keep.h"

/*
 * One request between a program of the session and a server:
 *
 *   greeting ──► relay ──► last words
 *
 * In greeting both ends' TLS is set up and the request's head is read. Only when the server has proved to be the host, and the
 * request is for that host, the head goes out, with what was stored. Then the body goes one way, up to its end, and the answer
 * the other. Nothing else that the program sends reaches the server.
 */
typedef struct GlbSecretsCarrier GlbSecretsCarrier;

/* How long the end of what came is held back, as a secret may go on: longer than a busy server pauses between two writes. It does not
 * depend on what came, which would tell a program that guesses whether it began right. */
#define GLB_SECRETS_HOLD_MS 100

/* What all connections share. */
typedef struct
{
  const GlbSecretsKeep            *keep;
  GlbSecretsAuthority             *authority;   /* NULL: nothing is https */
  gnutls_certificate_credentials_t trust;       /* what servers are checked against */
} GlbSecretsShared;

/* Takes server and program. now: in milliseconds, as all times here. */
GlbSecretsCarrier *glb_secrets_carrier_new  (const GlbSecretsShared *shared, const GlbSecretsCarry *carry, int server,
                                             int program, int64_t now);
void               glb_secrets_carrier_free (GlbSecretsCarrier *self);
/* Goes on as far as it can. hung_up: nobody is at the program's end, from which nothing was waited for. false: it ended. */
bool               glb_secrets_carrier_step (GlbSecretsCarrier *self, int64_t now, bool hung_up);
/* Of one that ended. */
void               glb_secrets_carrier_report (const GlbSecretsCarrier *self, GlbSecretsEnded *ended);
/* What to wait for. Returns until when. */
int64_t            glb_secrets_carrier_wait (GlbSecretsCarrier *self, int64_t now, struct pollfd polls[2]);
