/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "session-broker/record/glb-record-image.h"

G_BEGIN_DECLS

/* The files of a recording, in its folder. */
#define GLB_RECORD_LINES_NAME  "recording.jsonl"
#define GLB_RECORD_IMAGES_NAME "images"

/* Of an image's file: its SHA-256 in hex, then ".png". */
#define GLB_RECORD_IMAGE_NAME_LENGTH 68u

/* What a record of type "screen" says: this part of the screen looked like this image from here on. */
typedef struct
{
  guint64  frame;
  GlbRect  rect;
  gboolean whole;            /* all of the screen */
  char     image[GLB_RECORD_IMAGE_NAME_LENGTH + 1];   /* the file's name, without its folder */
} GlbRecordScreen;

/* The name of a file of these bytes. */
void        glb_record_screen_name_image (GBytes *png, char name[GLB_RECORD_IMAGE_NAME_LENGTH + 1]);
/* The record's own members. (transfer full) */
JsonObject *glb_record_screen_compose    (const GlbRecordScreen *self);
/* Of a hostile record on a screen of width x height: the rectangle is inside, the name is a name and no path. */
gboolean    glb_record_screen_parse      (GlbRecordScreen *self, JsonObject *untrusted_record, guint width, guint height, GError **error);

G_END_DECLS
