/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/socket.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * glb_take_fds:
 * @header: what recvmsg() has filled
 * @fds: (array length=max) (out caller-allocates): the first that came
 * @max: how many to keep
 *
 * Takes the descriptors that came with a message. Those beyond @max are
 * closed. What the kernel had no room for is closed by it, and told with
 * `MSG_CTRUNC`.
 *
 * Returns: how many came, which may be more than @max
 */
guint glb_take_fds (struct msghdr *header, int *fds, guint max);

G_END_DECLS
