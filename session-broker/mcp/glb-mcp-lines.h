/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Cuts what a client writes into lines. One that is longer than it may be is told of once, and skipped to its end: the client
 * is told, and the next line counts again. */
typedef struct
{
  gsize max_bytes;       /* of a line, without its end */
  /* line: NULL: too long; not terminated, and of white space only it is left out */
  void (*on_line) (const char *untrusted_line, gsize length, gpointer user_data);
  gpointer user_data;

  GByteArray *unread;
  gboolean skipping;
} GlbMcpLines;

void glb_mcp_lines_init   (GlbMcpLines *self, gsize max_bytes, void (*on_line) (const char *, gsize, gpointer),
                           gpointer user_data);
void glb_mcp_lines_feed   (GlbMcpLines *self, const char *untrusted_bytes, gsize length);
void glb_mcp_lines_finish (GlbMcpLines *self);

G_END_DECLS
