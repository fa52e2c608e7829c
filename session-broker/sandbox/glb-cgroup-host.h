/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/sandbox/glb-cgroup.h"

G_BEGIN_DECLS

/* Where this process may make control groups on this host. */
typedef struct
{
  GlbCgroupFeatures features;
  GlbCgroupFeatures v2_features;   /* controllers of v2 */
  char *v2_base;                   /* (nullable): "glovebox" is made below each of these */
  char *v1_memory;
  char *v1_cpu;
  char *v1_pids;
  char *v1_freezer;
  char *detail;                    /* what there is, or what to do */
} GlbCgroupHost;

/* prepare: may ask systemd for a delegated group and enable controllers in it. */
GlbCgroupHost *glb_cgroup_host_load   (gboolean prepare);
void           glb_cgroup_host_free   (GlbCgroupHost *self);
const char    *glb_cgroup_host_get_v1 (const GlbCgroupHost *self, GlbCgroupFeatures feature);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbCgroupHost, glb_cgroup_host_free)

G_END_DECLS
