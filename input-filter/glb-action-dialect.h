/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-action.h"

G_BEGIN_DECLS

/* The most actions that one call may come to. */
#define GLB_DIALECT_ACTIONS_MAX 256u

typedef enum
{
  GLB_DIALECT_AUTO,        /* by the call's shape */
  GLB_DIALECT_GLOVEBOX,
  GLB_DIALECT_ANTHROPIC,   /* computer_20250124, computer_20251124 */
  GLB_DIALECT_OPENAI,      /* computer_use_preview, computer */
  GLB_DIALECT_GEMINI,      /* 3.5 and its predecessors */
} GlbDialect;

/* What has to be known to translate. */
typedef struct
{
  GlbDialect       dialect;
  int              width, height;               /* of the screen, 1 to GLB_ACTION_COORDINATE_MAX */
  int              model_width, model_height;   /* of the screen that the model was told of; 0: the screen's own */
  const GlbKeyMap *keys;                        /* (nullable): of the session's keyboard */
} GlbDialectContext;

/**
 * GlbDialectCall:
 *
 * One call as a computer-use model emits it, as actions of Glovebox's own
 * vocabulary, and what has to be known to answer it: the provider's id of the
 * call, and the name of the function where the dialect has one. Pure. What
 * @confirm says has to be confirmed by a person before anything is done: the
 * provider of the model asks for that.
 */
typedef struct
{
  GlbDialect  dialect;             /* never GLB_DIALECT_AUTO */
  char       *id;                  /* (nullable): UTF-8, untrusted */
  char       *name;                /* (nullable) */
  char       *confirm;             /* (nullable): one printable line of an outsider's text */
  gboolean    wants_screenshot;    /* each answer of this dialect has a picture, whatever the actions are */
  GPtrArray  *actions;             /* (element-type GlbAction): at least one, in their order */
} GlbDialectCall;

/* NULL: GLB_ACTION_ERROR, one line; nothing of a call that is refused has been translated. */
GlbDialectCall *glb_dialect_call_new_from_json (const GlbDialectContext *context, const char *text, gsize length, GError **error);
GlbDialectCall *glb_dialect_call_new_from_node (const GlbDialectContext *context, JsonNode *node, GError **error);
void            glb_dialect_call_free          (GlbDialectCall *self);
/* The action that lets go what the first n_done actions pressed for a later one to release (a drag along a path is several
 * actions); what the model itself pressed stays. (transfer full) (nullable) */
GlbAction      *glb_dialect_call_make_release  (const GlbDialectCall *self, guint n_done);

/* A result of docs/actions.md: its coordinates become those that the model knows. */
void            glb_dialect_scale_result (const GlbDialectContext *context, GlbDialect dialect, JsonNode *result);

/* "auto", "glovebox", "anthropic", "openai", "gemini". */
gboolean        glb_dialect_from_string  (const char *name, GlbDialect *dialect);
const char     *glb_dialect_to_string    (GlbDialect dialect);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbDialectCall, glb_dialect_call_free)

G_END_DECLS
