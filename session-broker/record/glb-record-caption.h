/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Characters of a caption at most. */
#define GLB_RECORD_CAPTION_MAX 160u

/* What a person is told of a record of a hostile recording, as one line without control characters: of an action, a question and
 * its answer, who drives, the session's end. NULL: nothing. (nullable) (transfer full) */
char *glb_record_caption (JsonObject *untrusted_record);

G_END_DECLS
