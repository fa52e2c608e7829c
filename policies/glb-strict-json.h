/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define GLB_STRICT_JSON_ERROR (glb_strict_json_error_quark ())
GQuark glb_strict_json_error_quark (void);

typedef enum
{
  GLB_STRICT_JSON_ERROR_SYNTAX,
  GLB_STRICT_JSON_ERROR_DUPLICATE,
  GLB_STRICT_JSON_ERROR_LIMIT,
} GlbStrictJsonError;

typedef enum
{
  GLB_STRICT_JSON_DEFAULT  = 0,
  GLB_STRICT_JSON_COMMENTS = 1 << 0,   /* accept // to the end of the line, outside strings */
} GlbStrictJsonFlags;

typedef struct
{
  gsize max_bytes;
  guint max_depth;
} GlbStrictJsonLimits;

/* Parses hostile text. The error message ends with the line; "LINE: what".
 * lines: (out) (optional): JSON pointer to line number, for later messages. */
JsonNode *glb_strict_json_parse (const char *text, gsize length, GlbStrictJsonFlags flags,
                                 const GlbStrictJsonLimits *limits, GHashTable **lines, GError **error);

G_END_DECLS
