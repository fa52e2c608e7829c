/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Checks a value by that part of JSON Schema that tools.json uses: type (one or several), properties, required,
 * additionalProperties (false), anyOf, items, minItems, maxItems, minLength, maxLength (characters), minimum, maximum, enum
 * (of strings). A keyword that it does not know checks nothing; the tests see that no other is used.
 * NULL: it fits; else what does not, in one line. (transfer full) */
char *glb_mcp_schema_check (JsonObject *schema, JsonNode *untrusted_value);

G_END_DECLS
