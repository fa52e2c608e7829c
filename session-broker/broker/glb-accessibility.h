/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "input-filter/glb-element.h"
#include "session-broker/broker/glb-compositor.h"

G_BEGIN_DECLS

/* Where the program runs. */
typedef struct
{
  GlbCompositor *compositor;
  /* Starts it. finish: TRUE: input_fd and output_fd are our ends of its pipes. command: to end it by. */
  void         (*start_async)  (gpointer user_data, GAsyncReadyCallback callback, gpointer callback_data);
  gboolean     (*start_finish) (gpointer user_data, GAsyncResult *result, int *input_fd, int *output_fd, guint64 *command, GError **error);
  void         (*kill)         (gpointer user_data, guint64 command);
  /* The session's processes are frozen: nothing is asked that they could not answer. */
  gboolean     (*is_frozen)    (gpointer user_data);
  gpointer       user_data;
} GlbAccessibilityContext;

/* Of which windows, and how much of them. */
typedef struct
{
  guint32      window;         /* 0: any */
  const char  *app_id, *title; /* (nullable): globs */
  guint        max_nodes, max_depth;
} GlbAccessibilityQuery;

/* What was found. */
typedef struct
{
  GPtrArray *trees;            /* (element-type GlbElement): on the screen, topmost window first */
  gboolean   truncated;        /* there is more, or a program did not answer */
} GlbAccessibilityTrees;

void glb_accessibility_trees_free (GlbAccessibilityTrees *self);

/**
 * GlbAccessibility:
 *
 * What the elements of a session's windows are, as its programs say. Its
 * program in the session (glovebox-accessibility) starts when something is first
 * asked, and again where it has ended, so many times.
 *
 * signal ::changed (GlbAccessibility *self)    while watched: something changed
 */
#define GLB_TYPE_ACCESSIBILITY (glb_accessibility_get_type ())
G_DECLARE_FINAL_TYPE (GlbAccessibility, glb_accessibility, GLB, ACCESSIBILITY, GObject)

GlbAccessibility      *glb_accessibility_new        (const GlbAccessibilityContext *context);
/* At most some three seconds, ten where the program has to start. G_IO_ERROR_NOT_SUPPORTED: the session has none. */
void                   glb_accessibility_get_async  (GlbAccessibility *self, const GlbAccessibilityQuery *query, GAsyncReadyCallback callback,
                                                     gpointer user_data);
GlbAccessibilityTrees *glb_accessibility_get_finish (GlbAccessibility *self, GAsyncResult *result, GError **error);
/* The deepest element at a place of the screen, as docs/actions.md has it, with "window"; at most 150 ms: what takes longer, as
 * a program that has to start, is no element. finish: (transfer full) (nullable) */
void                   glb_accessibility_at_async   (GlbAccessibility *self, int x, int y, GCancellable *cancellable,
                                                     GAsyncReadyCallback callback, gpointer user_data);
JsonNode              *glb_accessibility_at_finish  (GlbAccessibility *self, GAsyncResult *result, GError **error);
/* Likewise, the element of the focused window that has the keyboard's focus; ends with glb_accessibility_at_finish(). */
void                   glb_accessibility_focus_async (GlbAccessibility *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                      gpointer user_data);
/* As often as each other. */
void                   glb_accessibility_watch      (GlbAccessibility *self);
void                   glb_accessibility_unwatch    (GlbAccessibility *self);
/* The session ends. */
void                   glb_accessibility_close      (GlbAccessibility *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbAccessibilityTrees, glb_accessibility_trees_free)

G_END_DECLS
