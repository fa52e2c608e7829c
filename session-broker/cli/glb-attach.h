/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/client/glb-client.h"

G_BEGIN_DECLS

/**
 * GlbAttach:
 *
 * Starts a command through the broker and is its stand-in for our caller: our
 * standard streams are the command's, our signals go to it, its end is ours.
 */
typedef struct _GlbAttach GlbAttach;

/* whole_session: the command is its session's first; its end is the session's, which is awaited too. */
GlbAttach  *glb_attach_new      (GlbClient *client, gboolean whole_session);
/* Calls method, Run or Exec, with (a{sv}as) parameters, and a list of descriptors (nullable). FALSE: error, or
 * G_IO_ERROR_CANCELLED by a signal. */
gboolean    glb_attach_start    (GlbAttach *self, const char *path, const char *interface, const char *method,
                                 GVariant *parameters, GUnixFDList *fds, GError **error);
/* The same where the call was sent already, with this serial, on a connection whose messages wait: see glb_client_begin(). */
gboolean    glb_attach_await    (GlbAttach *self, guint32 serial, GError **error);
/* The same where the answer was read too: of the session at path this command runs. Takes its streams (-1: closed). */
void        glb_attach_go_on    (GlbAttach *self, const char *path, guint64 command, const int streams[3]);
/* The signal that interrupted glb_attach_start(), or 0. */
int         glb_attach_get_signal (GlbAttach *self);
GlbClient  *glb_attach_get_client (GlbAttach *self);
/* Object path of the session. */
const char *glb_attach_get_path (GlbAttach *self);
guint64     glb_attach_get_command (GlbAttach *self);
/* Pumps until the end; gives the exit code and says on standard error why, where it is not the command's doing. */
int         glb_attach_wait     (GlbAttach *self);
/* After glb_attach_wait: as in Session1.Reason; NULL: unknown. */
const char *glb_attach_get_reason (GlbAttach *self);
void        glb_attach_free     (GlbAttach *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbAttach, glb_attach_free)

G_END_DECLS
