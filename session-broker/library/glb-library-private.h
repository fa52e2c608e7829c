/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "glovebox-desktop.h"
#include "glovebox-result.h"

G_BEGIN_DECLS

/* An answer with its image, in bytes. */
#define GLB_ANSWER_MAX (128u * 1024u * 1024u)

/* The reader of answers: pure. GLOVEBOX_ERROR_PROTOCOL. (transfer full) */
GloveboxResult *glb_result_read      (const char *untrusted_json, gsize length, GError **error);

/* An action to fill in: of a pointer, at x and y. (transfer full) */
JsonObject     *glb_desktop_action    (const char *name);
JsonObject     *glb_desktop_action_at (const char *name, int x, int y);
void            glb_desktop_set_point (JsonObject *action, const char *name, int x, int y);
/* Does it as the settings of self say; an action that is not delivered is an error. Takes action. */
GloveboxResult *glb_desktop_do        (GloveboxDesktop *self, JsonObject *action, GCancellable *cancellable, GError **error);
void            glb_desktop_do_async  (GloveboxDesktop *self, JsonObject *action, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

G_END_DECLS
