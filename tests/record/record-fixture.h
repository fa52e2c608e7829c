/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/record/glb-record-reader.h"
#include "session-broker/record/glb-record-writer.h"

/* A temporary folder of one test; "recording" in it is where its recording goes. */
typedef struct
{
  char *folder;
  char *recording;
  char *lines;               /* the file with the records */
} RecordFixture;

void             record_fixture_set_up    (RecordFixture *fixture, gconstpointer data);
void             record_fixture_tear_down (RecordFixture *fixture, gconstpointer data);

/* A writer for a screen of that size. */
GlbRecordWriter *record_fixture_new_writer (RecordFixture *fixture, guint width, guint height);
/* Three screens of 32 x 16 (white, a red rectangle, a part of it green), an action and an end: eight records at most. */
void             record_fixture_write_small (RecordFixture *fixture);
GlbRecordImage  *record_fixture_new_image  (guint width, guint height, guint32 rgb);
/* Fails the test where it does not open. */
GlbRecordReader *record_fixture_open       (RecordFixture *fixture);
guint32          record_fixture_get_pixel  (GlbRecordReader *reader, guint index, guint x, guint y);
/* (transfer full) (element-type utf8) */
GPtrArray       *record_fixture_list_images (RecordFixture *fixture);
/* Whether these bytes are anywhere in the recording: file contents, decoded images, names. */
gboolean         record_fixture_has_colour (RecordFixture *fixture, guint32 rgb);
gboolean         record_fixture_has_text   (RecordFixture *fixture, const char *text);
