/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One process of a session, as this pid namespace numbers it. */
typedef struct
{
  int      pid;
  int      parent;
  int      inner_pid;        /* as its own pid namespace numbers it, 0: unknown */
  gboolean held;             /* stands still already */
  gboolean hold;             /* shall stand still */
} GlbProcess;

/* Pure. @status is a file /proc/PID/status. FALSE: it is none. */
gboolean glb_process_parse   (const char *status, GlbProcess *process);
/* Adds the processes that a file cgroup.procs names and that are still there. (element-type GlbProcess) */
void     glb_process_list_add (GArray *list, const char *procs, gboolean held);
/* Pure: everything shall stand still, but the processes @keep, and each of @trees with all that descends from it.
 * (element-type int) for both. Where a parent is not in the list, nobody descends from beyond it. */
void     glb_process_list_choose (GArray *list, const GArray *keep, const GArray *trees);
/* The process that calls itself so, 0: none. */
int      glb_process_list_find_inner (const GArray *list, int inner_pid);

G_END_DECLS
