/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-action-dialect.h"
#include "input-filter/glb-model-screen.h"

G_BEGIN_DECLS

/**
 * GlbDialectReader:
 *
 * Reads the members of one action of a dialect and collects the actions of our
 * vocabulary that it comes to. What the dialects' translations share; internal
 * to them.
 */
typedef struct
{
  GlbDialectCall   *call;
  GlbModelScreen    screen;
  const GlbKeyMap  *keys;
  const char       *action;        /* its name, for messages */
  const char       *argument;      /* of its row */
  JsonObject       *untrusted;     /* its members */
} GlbDialectReader;

/* One action of a dialect. */
typedef struct
{
  const char *name;
  const char *needed;        /* members, separated by spaces */
  const char *optional;
  gboolean  (*translate) (GlbDialectReader *self, GError **error);
  const char *argument;      /* of translate; where that is NULL: why not, and what to use instead */
} GlbDialectRow;

/* Translates one action: its name is in rows (ended by a NULL name), its members are those of its row, and tag where the dialect
 * has the name among them. */
gboolean    glb_dialect_reader_translate    (GlbDialectReader *self, const GlbDialectRow *rows, const char *tag,
                                             const char *untrusted_name, JsonObject *untrusted_members, GError **error);
/* Has object no members but these? separated by spaces; what: for the message. */
gboolean    glb_dialect_check_members       (JsonObject *untrusted_object, const char *what, const char *possible,
                                             GError **error);

/* A member that is null is one that is not there. */
JsonNode   *glb_dialect_reader_peek         (GlbDialectReader *self, const char *name);
const char *glb_dialect_node_peek_string    (JsonNode *node);   /* (nullable) */

/* Each gives FALSE and an error where the member is there and is something else; where it is not, the value stays. */
gboolean    glb_dialect_reader_get_int      (GlbDialectReader *self, const char *name, int min, int max, int *value,
                                             GError **error);
gboolean    glb_dialect_reader_get_boolean  (GlbDialectReader *self, const char *name, gboolean *value, GError **error);
gboolean    glb_dialect_reader_get_string   (GlbDialectReader *self, const char *name, const char **value, GError **error);
/* A point of the model's; on the screen. */
gboolean    glb_dialect_reader_get_point    (GlbDialectReader *self, const char *name_x, const char *name_y, int *x, int *y,
                                             GError **error);
/* An array of key names, or (joined) one string of them with "+" between: one chord of our names. (transfer full) *chord */
gboolean    glb_dialect_reader_get_chord    (GlbDialectReader *self, const char *name, gboolean joined, char **chord,
                                             GError **error);

/* These always give FALSE and an error. */
gboolean    glb_dialect_reader_malformed    (GlbDialectReader *self, const char *name, const char *expected, GError **error);
gboolean    glb_dialect_reader_unsupported  (GlbDialectReader *self, const char *instead, GError **error);

/* Our own actions. */
JsonObject *glb_dialect_object_new          (const char *action);
JsonObject *glb_dialect_object_new_at       (const char *action, int x, int y);
void        glb_dialect_object_set_point    (JsonObject *object, const char *name, int x, int y);
/* Parses object (transfer full) and appends it. */
gboolean    glb_dialect_reader_add          (GlbDialectReader *self, JsonObject *object, GError **error);
/* The wheel at a point, over a distance of numerator/denominator pixels of the screen. */
gboolean    glb_dialect_reader_add_scroll   (GlbDialectReader *self, const char *direction, int x, int y, gint64 numerator,
                                             gint64 denominator, const char *held, GError **error);

/* The dialects: each reads one call, with or without what its provider wraps it in. */
gboolean    glb_dialect_anthropic_takes     (JsonObject *untrusted_object);
gboolean    glb_dialect_glovebox_read       (GlbDialectReader *self, JsonNode *untrusted_node, GError **error);
gboolean    glb_dialect_anthropic_read      (GlbDialectReader *self, JsonNode *untrusted_node, GError **error);
gboolean    glb_dialect_openai_read         (GlbDialectReader *self, JsonNode *untrusted_node, GError **error);
gboolean    glb_dialect_gemini_read         (GlbDialectReader *self, JsonNode *untrusted_node, GError **error);

G_END_DECLS
