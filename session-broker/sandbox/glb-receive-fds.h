/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * glb_receive_with_fds:
 * @socket: a socket that keeps messages apart
 * @untrusted: (array length=size) (out caller-allocates): the message; one byte more than the longest that is taken
 * @fds: (array length=max) (out caller-allocates): the first descriptors that came with it, the caller's; -1 beyond those
 * @max: how many to keep, at most %GLB_RECEIVE_FDS_MAX; those beyond are closed
 * @n_fds: (out): how many came, which may be more than @max; %G_MAXUINT where something was cut off
 *
 * Receives without waiting.
 *
 * Returns: the message's length; 0: the other end is gone; -1: there is none yet
 */
#define GLB_RECEIVE_FDS_MAX 4
gssize glb_receive_with_fds (int socket, void *untrusted, gsize size, int *fds, guint max, guint *n_fds);

G_END_DECLS
