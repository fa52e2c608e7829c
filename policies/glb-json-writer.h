/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One line of JSON that each strict parser reads, whatever strings the tree holds: json-glib 1.6 leaves U+001F
 * unescaped, writes 1e300 as "1e+300.0" and passes on what is no UTF-8. Members keep their order; what is no UTF-8
 * becomes U+FFFD, a number that JSON does not have (infinite, NaN) becomes null. (transfer full) */
char *glb_json_write (JsonNode *node);

G_END_DECLS
