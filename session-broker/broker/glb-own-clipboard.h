/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/broker/glb-compositor.h"

G_BEGIN_DECLS

/**
 * GlbOwnClipboard:
 *
 * What the session's programs have copied, for agents inside that have no
 * window to copy and paste with. Nothing of it crosses the border: what is
 * written comes from the session, what is read goes back there. What a person
 * put into the session is not read here: a program pastes that, and the gate
 * counts it.
 *
 * signal ::written (GlbOwnClipboard *self, GlbShimSelectionKind kind)   the compositor has it, and nothing else there any more
 */
#define GLB_TYPE_OWN_CLIPBOARD (glb_own_clipboard_get_type ())
G_DECLARE_FINAL_TYPE (GlbOwnClipboard, glb_own_clipboard, GLB, OWN_CLIPBOARD, GObject)

typedef struct
{
  char   *type;                /* as it is offered */
  GStrv   types;               /* all that are */
  GBytes *bytes;
} GlbOwnContent;

void             glb_own_content_free         (GlbOwnContent *self);

GlbOwnClipboard *glb_own_clipboard_new        (GlbCompositor *compositor);
/* type: (nullable): a valid one, NULL: text. */
void             glb_own_clipboard_write_async  (GlbOwnClipboard *self, GlbShimSelectionKind kind, const char *type, GBytes *bytes,
                                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean         glb_own_clipboard_write_finish (GlbOwnClipboard *self, GAsyncResult *result, GError **error);
/* type: (nullable): NULL: the plainest. G_IO_ERROR_NOT_FOUND: nothing is there, or not as this type. */
void             glb_own_clipboard_read_async   (GlbOwnClipboard *self, GlbShimSelectionKind kind, const char *type,
                                                 GAsyncReadyCallback callback, gpointer user_data);
GlbOwnContent   *glb_own_clipboard_read_finish  (GlbOwnClipboard *self, GAsyncResult *result, GError **error);
/* What was written here and is still there: (transfer none) (nullable). */
const GlbOwnContent *glb_own_clipboard_peek     (GlbOwnClipboard *self, GlbShimSelectionKind kind);
/* Something else is there now. */
void             glb_own_clipboard_forget       (GlbOwnClipboard *self, GlbShimSelectionKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbOwnContent, glb_own_content_free)

G_END_DECLS
