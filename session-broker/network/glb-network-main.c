/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-network: the gate of one session's network. Started by the broker
 * in a sandbox of its own, under an account of its own; it ends with the
 * control socket, descriptor 3.
 *
 *   programs ══ sockets of the session's namespace ══ us ══ (sockets that the broker connected) ══ hosts
 *
 * We read what hostile programs send: requests to a proxy, questions for names,
 * first bytes of TLS and HTTP. We can make no socket: where a program gets to
 * is where the broker connected it. What was allowed is copied by the kernel.
 *
 *   main ─ gate ─┬─ control      the broker
 *                ├─ resolver     questions for names
 *                ├─ pipes, rate  what connections share
 *                └─ connection ─┬─ request, speech, forward   its states
 *                               └─ side, relay                its sockets, its directions
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "session-broker/network/glb-network-gate.h"

#define CONTROL_FD 3

/* A connection has two sockets, and in each direction that moves a pipe. */
static void
raise_descriptors (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

int
main (void)
{
  static GlbNetworkGate gate;
  int status;

  raise_descriptors ();
  signal (SIGPIPE, SIG_IGN);
  if (!glb_network_gate_init (&gate, CONTROL_FD))
    {
      fprintf (stderr, "glovebox-network: descriptor 3 is no control socket: %s; it is started by glovebox-broker\n", strerror (errno));
      return 1;
    }
  status = glb_network_loop_run (&gate.loop);
  glb_network_gate_finish (&gate);
  return status;
}
