/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gunixfdlist.h>

#include "input-filter/glb-input-rules.h"
#include "input-filter/glb-lease.h"
#include "policies/glb-policy.h"

G_BEGIN_DECLS

/* What a caller of Run asks for, checked. */
typedef struct
{
  GlbPolicy *policy;
  GlbInputRules *input_rules;
  char *name;            /* (nullable) */
  char *workspace;       /* (nullable): its real path; NULL: a temporary one */
  GStrv env;             /* "K=V" */
  guint timeout;         /* seconds, 0: what the policy says; else the shorter of the two */
  char *persist;         /* (nullable): name of a persistent home */
  gboolean detach;
  char *cwd;             /* (nullable), in the sandbox */
  char *ssh_agent;       /* (nullable): where the person's listens; NULL: as the broker's environment says */
  GlbDriver actor;       /* whose wish it is, for the record */
  GStrv argv;
} GlbRunRequest;

GlbRunRequest *glb_run_request_new  (GVariant *options, const char * const *argv, GUnixFDList *fds, GError **error);
void           glb_run_request_free (GlbRunRequest *self);

/* One member of a{sv} that a method knows; a list of them ends with NULL. */
typedef struct
{
  const char *name;
  const char *type;
} GlbOption;

/* The parts that Exec shares. */
/* Neither an unknown name nor another type may pass for an option that was left out. */
gboolean       glb_run_request_check_options (const char *what, GVariant *options, const GlbOption *known, GError **error);
/* Whose wish it is: "human", or "agent" where the caller passes it on. */
gboolean       glb_run_request_take_actor (const char *what, GVariantDict *options, GlbDriver *actor, GError **error);
gboolean       glb_run_request_check_argv (const char * const *argv, GError **error);
GStrv          glb_run_request_dup_env    (GVariant *env, GError **error);   /* a{ss} */
gboolean       glb_run_request_check_cwd  (const char *cwd, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbRunRequest, glb_run_request_free)

G_END_DECLS
