/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The beginning of what a command writes, and how much it is in all. */
typedef struct _GlbMcpOutput GlbMcpOutput;

/* Takes fd: the end of a pipe. */
GlbMcpOutput *glb_mcp_output_new (int fd, gsize max_bytes);
/* What lies in the pipe now is the end; who still writes there goes on unheard. (transfer full): valid UTF-8 */
char         *glb_mcp_output_finish (GlbMcpOutput *self, guint64 *total);
void          glb_mcp_output_free   (GlbMcpOutput *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpOutput, glb_mcp_output_free)

G_END_DECLS
