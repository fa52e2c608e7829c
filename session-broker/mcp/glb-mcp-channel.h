/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GlbMcpChannel:
 *
 * The lines from and to a client, over two descriptors that are others' too (standard input and output), so that they stay as
 * they are. A client that does not read its answers is not read either, until it does.
 */
typedef struct _GlbMcpChannel GlbMcpChannel;

typedef struct
{
  /* line: NULL: a line that is longer than max_bytes */
  void (*line)    (const char *untrusted_line, gsize length, gpointer user_data);
  /* Once: the client has gone, or reads no more. */
  void (*closed)  (gpointer user_data);
  /* All that was written is with the client, or never will be. */
  void (*flushed) (gpointer user_data);
} GlbMcpChannelEvents;

GlbMcpChannel *glb_mcp_channel_new  (int in, int out, gsize max_bytes, const GlbMcpChannelEvents *events, gpointer user_data);
/* Takes line. */
void           glb_mcp_channel_write (GlbMcpChannel *self, char *line);
gboolean       glb_mcp_channel_is_flushed (GlbMcpChannel *self);
/* Reads no more. */
void           glb_mcp_channel_stop (GlbMcpChannel *self);
void           glb_mcp_channel_free (GlbMcpChannel *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpChannel, glb_mcp_channel_free)

G_END_DECLS
