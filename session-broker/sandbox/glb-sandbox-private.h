/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/sandbox/glb-sandbox.h"

G_BEGIN_DECLS

typedef struct
{
  int fd;
  int number;
} GlbSandboxFd;

/* What a launch needs of a spec. The numbers of plan_fd and the like: above all that the spec asks for. */
typedef struct
{
  GByteArray *plan;
  GByteArray *args;         /* bubblewrap's, NUL-separated */
  int         number_plan;
  int         number_args;
  int         number_info;
  int         number_network;   /* -1: none */
  int         number_seccomp;   /* -1: none */
} GlbSandboxBuild;

gboolean     glb_sandbox_spec_build        (GlbSandboxSpec *self, GlbSandboxBuild *build, GError **error);
void         glb_sandbox_build_clear       (GlbSandboxBuild *build);
const char  *glb_sandbox_spec_get_name     (GlbSandboxSpec *self);
GlbAccount  *glb_sandbox_spec_get_account  (GlbSandboxSpec *self);
GlbCgroup   *glb_sandbox_spec_get_cgroup   (GlbSandboxSpec *self);
GBytes      *glb_sandbox_spec_get_seccomp  (GlbSandboxSpec *self);
GArray      *glb_sandbox_spec_get_fds      (GlbSandboxSpec *self);   /* (element-type GlbSandboxFd) */

/* A program of ours; in $GLOVEBOX_PRIVATE_PATH or libexecdir. (transfer full) (nullable) */
char        *glb_sandbox_find_private      (const char *name);

/* The ranges of /etc/subuid or /etc/subgid that belong to a person. */
typedef struct
{
  guint start;
  guint count;
} GlbAccountRange;

GArray      *glb_account_load_ranges       (const char *path, guint uid, const char *user);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlbSandboxBuild, glb_sandbox_build_clear)

G_END_DECLS
