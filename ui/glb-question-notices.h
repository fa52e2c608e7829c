/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* While no window of the application has the person's attention, each session that asks has one notification on their desktop: its oldest
 * question. It leads to the question by app.show-question, cannot answer it, and goes with it, whoever answered. sessions: of
 * GlbSessionItem */
void glb_question_notices_watch (GtkApplication *application, GListModel *sessions);

/* GLib hands a body on as it is, and the desktop's service may take it for markup: links and pictures of the session's choice. There is
 * no way to tell whether it does, so what markup begins with looks like it and is not. (transfer full) */
char *glb_question_notices_without_markup (const char *text);

G_END_DECLS
