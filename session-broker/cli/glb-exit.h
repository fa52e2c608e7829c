/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Exit codes of glovebox beside the command's own; 128 + n: killed by signal n. */
#define GLB_EXIT_TIMEOUT   124
#define GLB_EXIT_FAILED    125
#define GLB_EXIT_REFUSED   126   /* by the policy, or by this host */
#define GLB_EXIT_NOT_FOUND 127   /* the command */

/* Pure. status: as of waitpid(2). */
int glb_exit_from_status (int status);
/* for_command: whether what was not found is the command that was to run. */
int glb_exit_from_error  (const GError *error, gboolean for_command);
/* Of a session's end: reason as in Session1.Reason (nullable: unknown), status of its command (nullable: none came). */
int glb_exit_from_end    (const char *reason, const int *status);
/* One line for the person where the end was not the command's own doing, "why; what to do", or NULL. (transfer full) */
char *glb_exit_explain_end (const char *reason);

G_END_DECLS
