/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "compositor-shim/glb-shim-protocol.h"

G_BEGIN_DECLS

/**
 * GlbElement:
 *
 * One element of a program's window, with all below it, as the program says:
 * its role by AT-SPI's name ("push button"), its name, what it shows. Nothing of
 * it is to be relied on against a program that lies.
 */
typedef struct _GlbElement GlbElement;
struct _GlbElement
{
  char *role, *name;
  char *description, *text;      /* (nullable) */
  gboolean has_value;
  double value;
  GStrv states;                  /* "enabled", "focused" … */
  GlbShimRect bounds;            /* of the window until it is placed, then of the screen */
  GlbShimRect visible;           /* the part of it that can be on the screen; empty: none */
  guint32 window;                /* 0: not placed */
  GPtrArray *children;           /* (element-type GlbElement) */
};

#define GLB_ELEMENT_ERROR (glb_element_error_quark ())
GQuark glb_element_error_quark (void);

typedef enum
{
  GLB_ELEMENT_ERROR_MALFORMED,
} GlbElementError;

/* Strict. n_left: (inout): so many elements may still be. */
GlbElement *glb_element_new_from_node (JsonNode *untrusted_node, guint *n_left, GError **error);
void        glb_element_free     (GlbElement *self);
/* Pure: moves all of it by dx, dy, and says what part of each is within clip, which is the window's part of the screen. */
void        glb_element_place    (GlbElement *self, guint32 window, int dx, int dy, const GlbShimRect *clip);
gboolean    glb_element_has_state (const GlbElement *self, const char *state);
/* As docs/actions.md has it. deep: with its children; with_window: with the member "window". (transfer full) */
JsonNode   *glb_element_to_node  (const GlbElement *self, gboolean deep, gboolean with_window);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbElement, glb_element_free)

G_END_DECLS
