/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-chores.h"
#include "session-broker/broker/glb-host.h"
#include "session-broker/broker/glb-session-mounts.h"
#include "session-broker/network/glb-network.h"
#include "session-broker/network/glb-secrets.h"

G_BEGIN_DECLS

/**
 * GlbNest:
 *
 * Everything of a session that stands before its policy is in force: folder,
 * sockets, account, control group, mounts, and for a spare the sandbox whose
 * first process waits behind them. A session takes what is in it.
 */
typedef struct
{
  GlbHost *host;
  char *id;
  char *key;               /* two nests with the same one can stand for each other */
  GlbChores *chores;
  char *dir;
  int wayland_fd, action_fd;   /* listening; -1: no display */
  int pipewire_fd;         /* listening; -1: no devices */
  int portal_fd;           /* listening; -1: the policy lets no portal through */
  char *portal_program;    /* (nullable) */
  int ssh_fd, git_fd;      /* listening; -1: the policy lends no such keys */
  char *git_program;       /* (nullable) */
  GlbAccount *account;
  GlbAccount *network_account;   /* (nullable) */
  GlbNetwork *network;     /* (nullable): waits for its sockets; the policy has no network */
  GlbAccount *secrets_account;   /* (nullable) */
  GlbSecrets *secrets;     /* (nullable): waits for what is stored; the policy names no secret */
  gboolean has_bundle;     /* GLB_NEST_BUNDLE is there, empty */
  GlbCgroup *cgroup;
  GPtrArray *mounts;       /* GlbSessionMount */
  GPtrArray *landlock;     /* GlbBoxRule */
  char *home_dir;          /* (nullable): persistent home outside */
  int home_lock;                 /* held for as long as the home is used, -1: none */
  GlbBox *box;             /* (nullable): prepared, not set up */
} GlbNest;

/* In the nest's folder: the authorities that the session trusts. Written when its own is there. */
#define GLB_NEST_BUNDLE "ca-certificates.crt"

/* persist: (nullable): name of a persistent home. */
GlbNest        *glb_nest_new       (GlbHost *host, const char *id, const GlbPolicy *policy, const char *workspace, const char *persist,
                                    GError **error);
/* x11_dir: (nullable) */
GlbSandboxSpec *glb_nest_make_spec (GlbNest *self, const GlbPolicy *policy, const char *workspace, const char *x11_dir);
/* libglovebox's folder in the build tree. An installed one is the system's, as any library. (transfer full) (nullable) */
char           *glb_nest_find_library (void);
/* What a nest for this session would have as its key now. (transfer full) (nullable): none can be kept for it. */
char           *glb_nest_make_key  (const GlbPolicy *policy, const char *workspace);
/* Its sandbox runs: the janitor hears of it. */
void            glb_nest_tell_process (GlbNest *self, guint pid);
/* Undoes what is still in it. Its box has ended, or there is none. */
void            glb_nest_free      (GlbNest *self);

char           *glb_nest_make_id   (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbNest, glb_nest_free)

G_END_DECLS
