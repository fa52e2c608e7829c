/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-target.h"

G_BEGIN_DECLS

#define GLB_WAIT_MS_DEFAULT 10000u
#define GLB_WAIT_MS_MAX     600000u

/**
 * GlbWait:
 *
 * What `wait_for` waits for: `"window": {"appId", "title", "id"}`, `"element":
 * TARGET`, `"text": GLOB` (any element's name or text), `"colour": {"coordinate"
 * or "region", "rgb": "#rrggbb", "tolerance": N}`, `"quietMs": N`; at least one,
 * and all at once. With `"gone": true` the first four must not be so.
 */
typedef struct
{
  gboolean has_window;
  guint32 window;                      /* 0: any */
  char *app_id, *title;                /* (nullable): any */
  GlbTarget *element;                  /* (nullable) */
  char *text;                          /* (nullable) */
  gboolean has_colour;
  int region[4];                       /* x1, y1, x2, y2, not empty */
  gboolean is_point;                   /* it was given as a coordinate */
  guint8 rgb[3];
  guint tolerance;
  guint quiet_ms;                      /* 0: whether it is quiet or not */
  gboolean gone;
  guint timeout_ms;
} GlbWait;

/* What is so now. */
typedef struct
{
  const GlbInputScene *scene;
  GPtrArray *trees;                    /* (element-type GlbElement) (nullable): not known */
  gboolean has_colour, colour_matches; /* has_colour: it is known */
  guint quiet_ms;                      /* since the screen changed */
} GlbWaitState;

GlbWait  *glb_wait_new        (void);
void      glb_wait_free       (GlbWait *self);
/* One parameter of the action. GLB_ACTION_ERROR. */
gboolean  glb_wait_parse      (GlbWait *self, const char *name, JsonNode *untrusted_node, GError **error);
/* Whether it waits for anything. */
gboolean  glb_wait_is_complete (const GlbWait *self, GError **error);
/* Parses to the same again. */
void      glb_wait_describe   (const GlbWait *self, JsonObject *object);

gboolean  glb_wait_needs_elements (const GlbWait *self);
/* Pure: whether it holds. missing: (out) (transfer full): else what does not. */
gboolean  glb_wait_check      (const GlbWait *self, const GlbWaitState *state, char **missing);
/* Pure: whether all pixels of the region are of the colour. pixels: B, G, R and one that is not looked at. */
gboolean  glb_wait_check_colour (const GlbWait *self, const guint8 *pixels, guint width, guint height, gsize stride);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbWait, glb_wait_free)

G_END_DECLS
