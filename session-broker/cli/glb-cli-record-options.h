/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session-broker/client/glb-client.h"

G_BEGIN_DECLS

/* What `glovebox record` and `glovebox run --record` are told. */
typedef struct
{
  char *folder;
  GStrv masks;               /* X,Y,W,H each */
  GStrv mask_windows;
  int max_mb;                /* 0: the usual */

  GArray *rects;             /* of GlbRect: masks, parsed */
} GlbCliRecordOptions;

#define GLB_CLI_RECORD_MASK_ENTRIES(options) \
  { "mask", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(options).masks, "Black in the recording; may be repeated", "X,Y,W,H" }, \
  { "mask-window", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(options).mask_windows, \
    "Windows whose app id or title matches are black in the recording, and what is typed into them is left out; may be repeated", "GLOB" }, \
  { "max-mb", 0, 0, G_OPTION_ARG_INT, &(options).max_mb, "The recording ends when it is as large (default: 256)", "N" }

/* Whether they make sense, and the folder can be used. FALSE: told on standard error. */
gboolean glb_cli_record_check (const char *verb, GlbCliRecordOptions *options);
void     glb_cli_record_clear (GlbCliRecordOptions *options);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlbCliRecordOptions, glb_cli_record_clear)

G_END_DECLS
