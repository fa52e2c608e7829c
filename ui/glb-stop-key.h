/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Ctrl+Alt+S activates "win.stop-everything" of main in each window of this process, as long as main is there: a dialog that
 * keeps the input to itself does not keep this.
 */
void glb_stop_key_watch (GtkWidget *main);

G_END_DECLS
