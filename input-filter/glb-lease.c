/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-lease.h"

static gboolean
driver_is_person (GlbDriver driver)
{
  return driver == GLB_DRIVER_HUMAN || driver == GLB_DRIVER_REPLAY;
}

static void
change (GlbLease  *self,
        GlbDriver  driver,
        guint64    holder)
{
  self->driver = driver;
  self->holder = holder;
  self->epoch++;
}

void
glb_lease_init (GlbLease  *self,
                GlbDriver  driver)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (!driver_is_person (driver));

  *self = (GlbLease) { .base = driver, .driver = driver, .holder = 0, .epoch = 1 };
}

gboolean
glb_lease_take (GlbLease  *self,
                GlbDriver  driver,
                guint64    holder)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (driver_is_person (driver) != (holder != 0))
    return FALSE;
  if (driver == self->driver && holder == self->holder)
    return driver != GLB_DRIVER_NOBODY;
  if (!driver_is_person (driver) || self->driver == GLB_DRIVER_HUMAN)
    return FALSE;
  if (driver == GLB_DRIVER_REPLAY && self->driver == GLB_DRIVER_REPLAY)
    return FALSE;

  change (self, driver, holder);
  return TRUE;
}

gboolean
glb_lease_release (GlbLease *self,
                   guint64   holder)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (!driver_is_person (self->driver) || holder != self->holder)
    return FALSE;

  change (self, self->base, 0);
  return TRUE;
}

const char *
glb_lease_check (const GlbLease *self,
                 GlbDriver       driver,
                 guint64         holder,
                 guint64         epoch)
{
  g_return_val_if_fail (self != NULL, "policy_denied");

  if (self->driver == GLB_DRIVER_HUMAN)
    {
      if (driver == GLB_DRIVER_HUMAN && holder == self->holder && epoch == self->epoch)
        return NULL;
      return "lease_human";
    }

  if (driver == GLB_DRIVER_NOBODY || driver != self->driver || holder != self->holder)
    return "policy_denied";

  /* The driver is the same again, but somebody else had the seat meanwhile. */
  if (epoch != self->epoch)
    return "lease_human";

  return NULL;
}

const char *
glb_driver_to_string (GlbDriver driver)
{
  switch (driver)
    {
    case GLB_DRIVER_NOBODY:
      return "nobody";
    case GLB_DRIVER_AGENT:
      return "agent";
    case GLB_DRIVER_HUMAN:
      return "human";
    case GLB_DRIVER_REPLAY:
      return "replay";
    default:
      g_return_val_if_reached ("nobody");
    }
}
