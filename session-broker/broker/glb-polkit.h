/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * One question to polkit: may whoever has the unique name sender on this bus do action?
 *
 * Only polkit's yes, in time, is a yes. All else is an error in one line that
 * says what to do, GLB_BROKER_ERROR_POLICY or _AUTHENTICATION, or G_IO_ERROR_CANCELLED where the
 * caller of this took it back. polkit then stops asking a person.
 */

/* details: a{ss}, floating: what polkit's rules and its message can name. interactive: polkit may ask a person.
 * deadline: seconds. */
void     glb_polkit_check_async  (GDBusConnection *bus, const char *sender, const char *action, GVariant *details,
                                  gboolean interactive, guint deadline, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean glb_polkit_check_finish (GAsyncResult *result, GError **error);

/* What an answer of polkit means: a pure function. FALSE: error says what to do. */
gboolean glb_polkit_read_answer  (const char *action, gboolean authorized, gboolean challenge, gboolean dismissed, GError **error);
/* What a failed call means. (transfer full) */
GError  *glb_polkit_map_error    (const char *action, guint deadline, const GError *error);

G_END_DECLS
