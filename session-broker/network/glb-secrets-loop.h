/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* glovebox-secrets: the broker's messages, and the connections that it carries. control: a SOCK_SEQPACKET socket. Returns
 * the process's exit status when the broker closes it. */
int glb_secrets_loop_run (int control);
