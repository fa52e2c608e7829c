/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a check of `glovebox doctor` is good for, as a person reads it: translated, static. Of a check without a text: its name. */
const char *glb_doctor_text_get (const char *check);

G_END_DECLS
