/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a person reads of a template: translated, static. Of one that has no text: its name, and no summary. */
const char *glb_template_text_get_title   (const char *name);
const char *glb_template_text_get_summary (const char *name);
const char *glb_template_text_get_icon    (const char *name);

G_END_DECLS
