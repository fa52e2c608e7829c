/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GlbCgroup:
 *
 * The control group(s) of one sandbox: limits, freezing, killing, accounting.
 * Which hierarchy serves (v2 delegated or through systemd, v1) is hidden.
 */
#define GLB_TYPE_CGROUP (glb_cgroup_get_type ())
G_DECLARE_FINAL_TYPE (GlbCgroup, glb_cgroup, GLB, CGROUP, GObject)

/* Where GLB_CGROUP_HOLD is missing. */
#define GLB_CGROUP_HOLD_REMEDY \
  "it takes control groups of version 2 that are yours; log in through systemd (Delegate=yes), or run Glovebox as root, " \
  "or leave desktop.input.freezeOnTakeover out of the policy"

typedef struct
{
  guint memory_mb;      /* 0: no limit */
  guint cpu_percent;    /* of one core, 0: no limit */
  guint max_processes;  /* 0: no limit */
  gboolean hold;        /* glb_cgroup_hold() will be wanted */
} GlbCgroupLimits;

typedef struct
{
  guint64 memory_bytes;        /* now, 0: unknown */
  guint64 memory_peak_bytes;   /* 0: unknown */
  guint64 cpu_us;              /* 0: unknown */
  guint64 oom_kills;
} GlbCgroupUsage;

typedef enum
{
  GLB_CGROUP_MEMORY = 1 << 0, GLB_CGROUP_CPU = 1 << 1, GLB_CGROUP_PIDS = 1 << 2, GLB_CGROUP_FREEZE = 1 << 3, GLB_CGROUP_KILL = 1 << 4,
  GLB_CGROUP_HOLD = 1 << 5,   /* freeze a part of them, too */
} GlbCgroupFeatures;

/* What this process may use on this host, without changing it. detail: (out): in words, for doctor. */
GlbCgroupFeatures glb_cgroup_probe (char **detail);
/* NULL with GLB_SANDBOX_ERROR_HOST where a limit that is asked for cannot be enforced. Where nothing is
 * asked for and nothing is there: an empty object whose features are 0. Where there is a cpu controller, it is used without a
 * limit, too: all sessions together weigh as much as one program of the person, however many of them are busy. */
GlbCgroup        *glb_cgroup_new (const char *name, const GlbCgroupLimits *limits, GError **error);
GlbCgroupFeatures glb_cgroup_get_features (GlbCgroup *self);
/* The folder with version 2, in which a process is to begin its life. (transfer none) (nullable) */
const char       *glb_cgroup_get_unified (GlbCgroup *self);
/* With version 1: the files that the launcher writes to before it gives up its rights. (transfer none) */
const char * const *glb_cgroup_get_tasks_files (GlbCgroup *self);
/* The folders to remove when the sandbox is gone, deepest first (for the janitor). (transfer none) */
const char * const *glb_cgroup_get_folders (GlbCgroup *self);
gboolean          glb_cgroup_freeze (GlbCgroup *self, gboolean frozen, GError **error);
/* A part of them stands still: first all do (stop), then who of the list (element-type GlbProcess) shall run goes on (hold), and
 * the rest with release. Each blocks for milliseconds, and may be called from any thread, one at a time. Where hold fails, all go
 * on. Only with limits.hold. */
gboolean          glb_cgroup_stop    (GlbCgroup *self, GError **error);
GArray           *glb_cgroup_list    (GlbCgroup *self);
gboolean          glb_cgroup_hold    (GlbCgroup *self, const GArray *list, GError **error);
gboolean          glb_cgroup_release (GlbCgroup *self, GError **error);
void              glb_cgroup_kill   (GlbCgroup *self);   /* all processes, frozen or not */
void              glb_cgroup_get_usage (GlbCgroup *self, GlbCgroupUsage *usage);
gboolean          glb_cgroup_remove (GlbCgroup *self, GError **error);   /* kills what is left in it */
/* The same by glb_cgroup_get_folders (): what the janitor does. */
gboolean          glb_cgroup_remove_folders (const char * const *folders, GError **error);
/* All groups, of whichever process, to whose folder is_left_over says TRUE. */
typedef gboolean (*GlbCgroupMatch) (const char *folder, gpointer user_data);
gboolean          glb_cgroup_remove_left_over (GlbCgroupMatch is_left_over, gpointer user_data, GError **error);

G_END_DECLS
