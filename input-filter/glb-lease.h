/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { GLB_DRIVER_NOBODY, GLB_DRIVER_AGENT, GLB_DRIVER_HUMAN, GLB_DRIVER_REPLAY } GlbDriver;

/**
 * GlbLease:
 *
 * Who may drive the seat. Plain value, pure functions. Each change of driver
 * counts the epoch up; an action that began under an older epoch is dead.
 * A human takes from everybody but another human, a replay from the agent or
 * from nobody; both fall back to the driver that the lease began with.
 */
typedef struct
{
  GlbDriver base;        /* AGENT or NOBODY: who drives while no person does */
  GlbDriver driver;
  guint64   holder;      /* which client (human or replay), 0 otherwise */
  guint64   epoch;
} GlbLease;

/* driver: GLB_DRIVER_AGENT, or GLB_DRIVER_NOBODY where the policy denies the agent input. */
void        glb_lease_init    (GlbLease *self, GlbDriver driver);
/* TRUE: driver and holder drive now. FALSE: nothing changed. */
gboolean    glb_lease_take    (GlbLease *self, GlbDriver driver, guint64 holder);
/* FALSE: holder did not hold it. */
gboolean    glb_lease_release (GlbLease *self, guint64 holder);
/* NULL: may act; else the refusal code of the design, "lease_human" or "policy_denied". */
const char *glb_lease_check   (const GlbLease *self, GlbDriver driver, guint64 holder, guint64 epoch);
const char *glb_driver_to_string (GlbDriver driver);

G_END_DECLS
