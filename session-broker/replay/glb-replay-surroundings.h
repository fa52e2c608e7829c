/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GlbReplaySurroundings:
 *
 * What else a program looks at, made the same each time: the clock stands still, time zone, locale and fonts are fixed, random
 * numbers begin at the same seed, nothing is animated, and the settings are those of a new user.
 */

/* The command in such surroundings, (transfer full); its variables become options of Broker1.Run. NULL: this
 * host lacks something, G_IO_ERROR_NOT_SUPPORTED. */
GStrv glb_replay_surroundings_wrap (const char * const *command, GVariantDict *options, GError **error);
/* The command within that one, of a recording; command itself, if nothing is around it. */
char **glb_replay_surroundings_unwrap (char **command);

G_END_DECLS
