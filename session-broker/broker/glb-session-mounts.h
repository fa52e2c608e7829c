/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"
#include "session-broker/sandbox/glb-box.h"

G_BEGIN_DECLS

/* Where the agent finds its things. */
#define GLB_AGENT_WORKSPACE   "/workspace"
#define GLB_AGENT_HOME        "/home/agent"
#define GLB_AGENT_RUNTIME_DIR "/run/user/1000"
#define GLB_AGENT_TOOLS       "/run/glovebox/bin"
/* What desktop automation expects by the names of other programs: first in PATH. */
#define GLB_AGENT_HELPERS     "/run/glovebox/session-bin"
/* libglovebox, where the system has none. */
#define GLB_AGENT_LIBRARY     "/run/glovebox/lib"
#define GLB_AGENT_PORTAL_DATA "/run/glovebox/share"
#define GLB_AGENT_COMPOSE "/run/glovebox/Compose"
#define GLB_AGENT_BUNDLE "/run/glovebox/ca-certificates.crt"
#define GLB_AGENT_PATH        "/usr/local/bin:/usr/bin:/bin:/usr/games:/run/glovebox/bin"

/* One thing to mount; as the arguments of glb_sandbox_spec_add_mount(). */
typedef struct
{
  char *source;
  char *target;
  guint flags;             /* GlbMountFlags */
} GlbSessionMount;

typedef enum { GLB_PATH_MISSING, GLB_PATH_FILE, GLB_PATH_FOLDER } GlbPathKind;

/* What is at a path. real: (out): the path without symbolic links; personal: (out): it belongs to the caller. */
typedef GlbPathKind (*GlbPathProbe) (const char *path, char **real, gboolean *personal, gpointer user_data);

/* On this host's file system. Makes nothing. */
GlbPathKind glb_path_probe (const char *path, char **real, gboolean *personal, gpointer user_data);

/* Folders (without symbolic links) that no session may write to, nor see: Glovebox's own. For the whole process. */
void        glb_session_mounts_keep_out (const char * const *folders);

/**
 * glb_session_mounts_new:
 * @rules: (element-type GlbFileRule): as of glb_policy_resolve_files()
 * @workspace: (nullable): its real path outside; %NULL: the session has a temporary one
 * @probe: what is there
 *
 * Pure but for @probe. The workspace appears as /workspace, everything else
 * where it is outside. A rule holds at each place where its path can be seen.
 * The sources are free of symbolic links; one that leads out of the workspace,
 * where an agent could have put it, is refused. So is a folder of Glovebox's
 * own, and one to write to that holds such a folder; where one to read holds
 * it, it is hidden.
 *
 * Returns: (transfer full) (element-type GlbSessionMount): in mount order
 */
GPtrArray *glb_session_mounts_new (GPtrArray *rules, const char *workspace, GlbPathProbe probe, gpointer user_data, GError **error);
/* (transfer full) (element-type GlbBoxRule): what Landlock lets the agent reach. */
GPtrArray *glb_session_mounts_to_landlock (GPtrArray *mounts, const char *workspace, gboolean allow_debug);

G_END_DECLS
