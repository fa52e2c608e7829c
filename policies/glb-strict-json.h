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
  guint max_depth;   /* objects and arrays inside each other; 0: scalars only */
} GlbStrictJsonLimits;

/* Parses hostile text, which needs no terminating zero. limits: (nullable): 64 KiB, 16 deep.
 * The error message begins with the line: "LINE: what"; it is one line of printable text.
 * lines: (out) (optional): JSON pointer to line number, for later messages.
 * Numbers are int64 where written without fraction and exponent, else double. */
JsonNode *glb_strict_json_parse (const char *text, gsize length, GlbStrictJsonFlags flags,
                                 const GlbStrictJsonLimits *limits, GHashTable **lines, GError **error);

/* The line of what pointer names, else of the nearest thing above it that the document has. */
guint     glb_strict_json_get_line (GHashTable *lines, const char *pointer);

/* Untrusted text for a message: printable, at most max_chars characters, then "…". (transfer full) */
char     *glb_strict_json_printable (const char *untrusted_text, gssize length, guint max_chars);

G_END_DECLS
