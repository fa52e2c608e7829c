/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compositor-shim/glb-shim-protocol.h"

/*
 * Where a new window goes: over the middle of its parent, else in a cascade
 * around the middle of the screen.  Never out of sight: a window that fits is
 * wholly on the screen, one that does not shows its top left corner.
 * @n_placed counts the windows that were placed before.
 */
GlbShimRect glb_placement_choose (GlbShimRect        screen,
                                  int                width,
                                  int                height,
                                  const GlbShimRect *parent,
                                  unsigned           n_placed);

/* Moves @window so that it is on the @screen in the same sense. */
GlbShimRect glb_placement_clamp (GlbShimRect screen,
                                 GlbShimRect window);
