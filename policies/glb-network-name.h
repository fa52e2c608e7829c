/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The canonical form of a host name as a program or a person wrote it: A-labels (IDNA 2008), lower case, no dot at the end, at most 253
 * bytes. NULL: it is none; why: (out) (static). Refused besides: an address in whatever notation (0x7f.1, 017700000001, 2130706433,
 * 127.1, [::1], fe80::1%eth0), one label only but "localhost", a last label of digits. (transfer full) (nullable) */
char *glb_network_name_normalise (const char *untrusted_name, const char **why);

G_END_DECLS
