/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gdk/gdk.h>

#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

#define GLB_TYPE_CLIPBOARD_LINK (glb_clipboard_link_get_type ())
G_DECLARE_FINAL_TYPE (GlbClipboardLink, glb_clipboard_link, GLB, CLIPBOARD_LINK, GObject)

GlbClipboardLink *glb_clipboard_link_new   (GlbDBusSession1 *session, GdkClipboard *clipboard);
/* The person's clipboard into the session; "placed" when it is there. */
void              glb_clipboard_link_paste (GlbClipboardLink *self);
/* The session's clipboard into the person's. */
void              glb_clipboard_link_copy  (GlbClipboardLink *self);
/* What the agent copied out, with leave, into the person's. */
void              glb_clipboard_link_take  (GlbClipboardLink *self);

G_END_DECLS
