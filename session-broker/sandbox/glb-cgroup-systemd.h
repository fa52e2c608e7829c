/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The machine was booted with systemd, which then owns the control groups. */
gboolean glb_cgroup_systemd_is_there     (void);
/* Its manager (of the system for root, else the person's) can be asked. */
gboolean glb_cgroup_systemd_can_delegate (void);
/* Puts this process into a scope of its own whose control group is ours. Once; blocks for 5 seconds at most. */
gboolean glb_cgroup_systemd_delegate     (void);

G_END_DECLS
