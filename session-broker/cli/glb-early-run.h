/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A command line asks for a session before its libraries are loaded, which
 * takes longer than all that the broker does: the plain `glovebox run` of a
 * warm broker goes out as the bytes of one D-Bus call, made with the C library
 * alone.  What is loaded meanwhile takes the answer.
 *
 * Only what is plain goes this way (see glb_early_run_make()); all else, each
 * error among it, is left to glb_cli_run_verb(), which says the same call by
 * GDBus.  tests/cli/test-early-run.c compares the two.
 */

/* Serial of the call. GDBus, which goes on with the connection, begins with 1. */
#define GLB_EARLY_RUN_SERIAL 0x40000000u

/**
 * GlbEarlyRun:
 * @connection: a connection to the broker; -1: nothing was sent. Owned by who takes it, as all descriptors here.
 * @stays: whether this program stays with the command until its end, and tells nothing before
 * @held: signals that are blocked until somebody forwards them
 * @started: whether the answer was read. Otherwise the one to our authentication is still to be read, and then the one to the
 *   call Run with the serial %GLB_EARLY_RUN_SERIAL.
 * @path: of the session
 * @command: number of the command
 * @streams: our ends of the command's standard streams; -1: it was closed
 */
typedef struct
{
  int connection;
  bool stays;
  sigset_t held;

  bool started;
  char path[256];
  uint64_t command;
  int streams[3];
} GlbEarlyRun;

#define GLB_EARLY_RUN_MAX (192 * 1024)

/**
 * glb_early_run_make:
 * @argc: number of arguments
 * @argv: the program's arguments
 * @bytes: (out): where the message goes
 * @room: how much fits
 * @workspace_fd: (out): the workspace, which goes along with the message, or -1
 * @stays: (out): as in #GlbEarlyRun
 *
 * Makes the call Broker1.Run of a command line: of `run` with known options in their whole or their one-letter form, all
 * text in ASCII, and a policy that is a template or a file. It reads the policy and opens the
 * workspace, and changes nothing.
 *
 * Returns: length of the message; 0: it is not that plain
 */
size_t glb_early_run_make (int argc, char **argv, unsigned char *bytes, size_t room, int *workspace_fd, bool *stays);

/**
 * glb_early_run:
 * @argc: number of arguments
 * @argv: the program's arguments
 * @early: (out): what was sent
 *
 * Makes the call and sends it to a broker that runs. The other end is believed only after the kernel says that it runs
 * under our own user id. Waits for nothing but a place in the broker's queue, for at most five seconds.
 *
 * Returns: whether it was sent; otherwise nothing was
 */
bool   glb_early_run      (int argc, char **argv, GlbEarlyRun *early);
