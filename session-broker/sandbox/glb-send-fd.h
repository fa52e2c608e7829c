/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/uio.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * glb_send_with_fd:
 * @socket: a socket that keeps messages apart
 * @parts: (array length=n_parts): of one message
 * @fd: goes with it, and stays the caller's; or -1
 *
 * Sends without waiting and without `SIGPIPE`.
 *
 * Returns: as sendmsg()
 */
gssize glb_send_with_fd (int socket, struct iovec *parts, gsize n_parts, int fd);

G_END_DECLS
