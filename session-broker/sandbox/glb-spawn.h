/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/sandbox/glb-sandbox-private.h"

G_BEGIN_DECLS

/**
 * glb_spawn:
 * @program: path of the program
 * @argv: (array zero-terminated=1): its arguments, the first being its name
 * @fds: (element-type GlbSandboxFd): each descriptor, and the number that the program has it under
 * @cgroup: (nullable): folder of a control group of version 2, in which the program begins its life
 * @pid: (out): the child
 * @error: return location
 *
 * Starts a program of ours: in a session of its own (no terminal), with no
 * signal blocked or ignored, with nothing in its environment but `PATH`.
 * @fds must be close-on-exec and lie above all numbers that are asked for.
 *
 * What fails in the child (the control group, the program) it says in one
 * line on its standard error, and ends with 125.
 *
 * Returns: whether there is a child
 */
gboolean glb_spawn (const char *program, const char * const *argv, const GArray *fds, const char *cgroup, GPid *pid, GError **error);

G_END_DECLS
