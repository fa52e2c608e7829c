/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-secrets: adds what a person stored to requests of one session.
 * Started by the broker in a sandbox of its own, under an account of its own;
 * it ends with the control socket, descriptor 3.
 *
 *   program ── glovebox-network ══ socket pair ══ us ══ socket that the broker connected ══ host
 *              (never has a secret)
 *
 * We read what hostile programs and servers send, and have the secrets: so
 * nothing else is here, no network, no files, no bus. A secret goes to the
 * host it is for, after that has proved who it is, and nowhere else.
 *
 *   main ─ loop ─┬─ keep        the secrets
 *                ├─ authority   what the session trusts instead of the hosts
 *                └─ carry ─┬─ channel   an end, with TLS or without
 *                          └─ head, mask   a request with a secret, an answer without
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>

#include "session-broker/network/glb-secrets-loop.h"

#define CONTROL_FD 3

int
main (void)
{
  int type = 0;
  socklen_t size = sizeof type;

  signal (SIGPIPE, SIG_IGN);
  if (prctl (PR_SET_DUMPABLE, 0) != 0)
    return 1;
  if (getsockopt (CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET)
    {
      fprintf (stderr, "glovebox-secrets: descriptor 3 is no control socket; it is started by glovebox-broker\n");
      return 1;
    }
  if (gnutls_global_init () < 0)
    {
      fprintf (stderr, "glovebox-secrets: GnuTLS can't begin; install libgnutls30 again\n");
      return 1;
    }
  return glb_secrets_loop_run (CONTROL_FD);
}
