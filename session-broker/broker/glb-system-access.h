/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-approval.h"

G_BEGIN_DECLS

/* What is decided about a call over the system bus before polkit is asked: pure functions. */

/* Calls that wait for the bus or for polkit, which may wait for a person. */
#define GLB_SYSTEM_CALLS_MAX          64u
#define GLB_SYSTEM_CALLS_PER_USER_MAX 8u

/* Who calls. */
typedef struct
{
  guint uid;
  gboolean of_sessions;      /* the id is, or may be, an agent's or a compositor's */
  guint n_calls;             /* of this user that wait, without this one */
} GlbSystemCaller;

/* What the method needs. (nullable): why it is refused to everybody, static; "WHAT: WHY; WHAT TO DO" */
const char *glb_system_access_classify (const char *interface, const char *method, GlbApprovalKind *kind);
/* (nullable): why this caller is refused, whatever it calls, static; "WHY; WHAT TO DO" */
const char *glb_system_access_why_not  (const GlbSystemCaller *caller);

G_END_DECLS
