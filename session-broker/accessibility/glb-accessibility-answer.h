/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "input-filter/glb-element.h"
#include "input-filter/glb-input-scene.h"

G_BEGIN_DECLS

/* A window or dialog, as the session's programs say. */
typedef struct
{
  guint number;              /* to ask for it by */
  char *application;
  GlbElement *element;       /* without children; of the window */
  guint32 window;            /* of the scene that it was matched with; 0: none */
} GlbToplevel;

/**
 * GlbAccessibilityAnswer:
 *
 * One line of glovebox-accessibility, parsed: hostile until then.
 */
typedef struct
{
  gboolean is_hello, is_changed;
  char *error;               /* (nullable): instead of hello: why there is nothing to ask */
  guint id;                  /* of an answer; 0: it is none */
  char *failed;              /* (nullable): why there is no other answer */
  GPtrArray *toplevels;      /* (nullable) (element-type GlbToplevel) */
  guint n_silent;
  GlbElement *element;       /* (nullable) */
  gboolean truncated;
} GlbAccessibilityAnswer;

GlbAccessibilityAnswer *glb_accessibility_answer_new_from_json (const char *untrusted_line, gsize length, GError **error);
void                    glb_accessibility_answer_free          (GlbAccessibilityAnswer *self);

/* Pure: says of each toplevel which window of the scene it is, by title, program and size, as well as that can be known; no
 * window is two. */
void                    glb_toplevels_match                    (GPtrArray *toplevels, const GlbInputScene *scene);
/* Pure: where the origin of a toplevel's coordinates is on the screen. */
void                    glb_toplevel_get_origin                (const GlbToplevel *self, const GlbShimWindow *window, int *x, int *y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbAccessibilityAnswer, glb_accessibility_answer_free)

G_END_DECLS
