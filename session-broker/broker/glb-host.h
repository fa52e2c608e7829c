/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-janitor.h"

G_BEGIN_DECLS

/* Where this broker keeps things, and what is the same for all sessions. Made once, read by all its parts. */
typedef struct
{
  char *runtime_dir;     /* 0700 */
  char *state_dir;       /* 0700 */
  char *audit_dir;
  char *sessions_dir;    /* runtime_dir/sessions: one folder a session */
  char *accounts_dir;    /* locks, shared by all brokers of the person */
  char *homes_dir;       /* state_dir/homes: persistent homes */
  char *bus_path;        /* runtime_dir/bus */
  int   lock_fd;         /* runtime_dir/lock, held */
  guint color_scheme;    /* what the person prefers, as a client said it; see Broker1.SetAppearance */
  guint contrast;
  GlbJanitor *janitor;
} GlbHost;

/* Takes the runtime folder's lock, waiting for the janitor of a killed broker; removes what both left. program: the broker's own. */
GlbHost *glb_host_new  (const char *program, GError **error);
void     glb_host_free (GlbHost *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbHost, glb_host_free)

G_END_DECLS
