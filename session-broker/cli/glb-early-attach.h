/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/cli/glb-early-run.h"

/*
 * What a command needs of us between its start and its end, with the C library
 * alone: its streams are moved by the kernel (splice), and of what the broker
 * tells only the end matters.  So nothing is loaded beside an application that
 * starts, and who waits for one is small.
 *
 * What is more than that is left to GlbAttach, which goes on where this
 * stopped: a signal, an output that does not take what there is, the end, an
 * error, whatever is not understood.  No byte is taken that is not passed on.
 */

/**
 * glb_early_attach:
 * @early: what was sent
 *
 * Waits for the answer, for at most a tenth of a second; then, if this program stays, until somebody else is needed.
 */
void glb_early_attach (GlbEarlyRun *early);
