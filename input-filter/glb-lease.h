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
 */
typedef struct
{
  GlbDriver driver;
  guint64   holder;      /* which human (client id), 0 otherwise */
  guint64   epoch;
} GlbLease;

void        glb_lease_init    (GlbLease *self, GlbDriver driver);
gboolean    glb_lease_take    (GlbLease *self, GlbDriver driver, guint64 holder);
gboolean    glb_lease_release (GlbLease *self, guint64 holder);
/* NULL: may act; else the refusal code of the design, "lease_human" or "policy_denied". */
const char *glb_lease_check   (const GlbLease *self, GlbDriver driver, guint64 holder, guint64 epoch);
const char *glb_driver_to_string (GlbDriver driver);

G_END_DECLS
