/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "session-broker/client/glb-broker-dbus-generated.h"

G_BEGIN_DECLS

/* Lets the person choose the file that prompt asks for and hands it in. No choice is no answer. callback: of the call, as
 * g_dbus_proxy_call() has it, with owner as its data, a reference of which it takes. (transfer none): the dialog, which
 * goes when it is closed */
GtkNativeDialog *glb_prompt_file_choose (GtkWindow *parent, GlbDBusPrompt1 *prompt, GAsyncReadyCallback callback, GObject *owner);

G_END_DECLS
