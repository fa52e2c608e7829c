/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-element.h"
#include "input-filter/glb-input-scene.h"

G_BEGIN_DECLS

/* So many matches are told at most. */
#define GLB_TARGET_FOUND_MAX 100u

/**
 * GlbTarget:
 *
 * Which element of the screen is meant: `{"role": GLOB, "name": GLOB, "text":
 * GLOB, "appId": GLOB, "title": GLOB, "states": ["enabled", …], "index": N}`,
 * with at least one of role, name, text. Only what is on the screen matches.
 */
typedef struct
{
  char *role, *name, *text;      /* (nullable): any */
  char *app_id, *title;          /* (nullable): of its window: any */
  GStrv states;                  /* (nullable): all of them */
  gboolean has_index;
  guint index;                   /* of the matches, from the first */
} GlbTarget;

/* GLB_ACTION_ERROR. what: how messages call it ("target"). */
GlbTarget  *glb_target_new_from_node (JsonNode *untrusted_node, const char *what, GError **error);
void        glb_target_free          (GlbTarget *self);
/* Parses to the same again. (transfer full) */
JsonNode   *glb_target_to_node       (const GlbTarget *self);

/* Pure. trees: (element-type GlbElement): placed. Whatever index says. (transfer full) (element-type GlbElement): of trees, in
 * their order, at most GLB_TARGET_FOUND_MAX. */
GPtrArray  *glb_target_find          (const GlbTarget *self, const GlbInputScene *scene, GPtrArray *trees);
/* Pure: the one of found that is meant, or NULL with the code of the refusal, and message: (out) (transfer full): why. */
const GlbElement *glb_target_choose  (const GlbTarget *self, GPtrArray *found, const char **code, char **message);
/* Whether it can be in this window. */
gboolean    glb_target_wants_window  (const GlbTarget *self, const GlbShimWindow *window);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbTarget, glb_target_free)

G_END_DECLS
