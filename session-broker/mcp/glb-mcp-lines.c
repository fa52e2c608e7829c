/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "session-broker/mcp/glb-mcp-lines.h"

#include <string.h>

void
glb_mcp_lines_init (GlbMcpLines *self,
                    gsize        max_bytes,
                    void       (*on_line) (const char *, gsize, gpointer),
                    gpointer     user_data)
{
  *self = (GlbMcpLines) { .max_bytes = max_bytes, .on_line = on_line, .user_data = user_data };
  self->unread = g_byte_array_new ();
}

static gboolean
is_blank (const guint8 *bytes,
          gsize         length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (bytes[i]))
      return FALSE;
  return TRUE;
}

/* No more of it is kept than a line may have. */
static void
append (GlbMcpLines *self,
        const char  *untrusted_bytes,
        gsize        length)
{
  if (self->skipping)
    return;

  if (length <= self->max_bytes && self->unread->len <= self->max_bytes - length)
    {
      g_byte_array_append (self->unread, (const guint8 *) untrusted_bytes, length);
      return;
    }
  self->skipping = TRUE;
  g_byte_array_set_size (self->unread, 0);
  self->on_line (NULL, 0, self->user_data);
}

static void
end_line (GlbMcpLines *self)
{
  if (!self->skipping && !is_blank (self->unread->data, self->unread->len))
    self->on_line ((const char *) self->unread->data, self->unread->len, self->user_data);
  self->skipping = FALSE;
  g_byte_array_set_size (self->unread, 0);
}

void
glb_mcp_lines_feed (GlbMcpLines *self,
                    const char  *untrusted_bytes,
                    gsize        length)
{
  while (length > 0)
    {
      const char *end = memchr (untrusted_bytes, '\n', length);
      gsize n = end != NULL ? (gsize) (end - untrusted_bytes) : length;

      append (self, untrusted_bytes, n);
      if (end == NULL)
        return;
      end_line (self);
      untrusted_bytes += n + 1;
      length -= n + 1;
    }
}

void
glb_mcp_lines_finish (GlbMcpLines *self)
{
  g_clear_pointer (&self->unread, g_byte_array_unref);
}
