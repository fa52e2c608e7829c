/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A part of a control group that stands still while the rest runs: the group
 * "held" below it, with a freezer of its own. Processes are sorted while all
 * of them stand still, so that none can fork past it; they stay where they are
 * sorted when it is over, because a move costs milliseconds.
 */
#define GLB_CGROUP_HELD "held"

gboolean glb_cgroup_hold_make    (const char *folder, GError **error);
/* All processes of the group and of what is held. (transfer full) (element-type GlbProcess) */
GArray  *glb_cgroup_hold_list    (const char *folder);
/* Sorts the processes as they say, and holds. The whole group has to stand still. */
gboolean glb_cgroup_hold_sort    (const char *folder, const GArray *list, GError **error);
gboolean glb_cgroup_hold_release (const char *folder, GError **error);

G_END_DECLS
