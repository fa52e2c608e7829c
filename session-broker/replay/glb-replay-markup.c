/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-replay"
#include "config.h"

#include "session-broker/replay/glb-replay-markup.h"

static gboolean
is_allowed (gunichar c)
{
  if (c == '\n' || c == '\t')
    return TRUE;
  if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
    return FALSE;
  return g_unichar_type (c) != G_UNICODE_FORMAT && c != 0x2028 && c != 0x2029;
}

static void
append_character (GString  *out,
                  gunichar  c)
{
  switch (c)
    {
    case '&':  g_string_append (out, "&amp;");  break;
    case '<':  g_string_append (out, "&lt;");   break;
    case '>':  g_string_append (out, "&gt;");   break;
    case '"':  g_string_append (out, "&quot;"); break;
    case '\'': g_string_append (out, "&#39;");  break;
    default:   g_string_append_unichar (out, is_allowed (c) ? c : 0xfffd);
    }
}

void
glb_replay_markup_append (GString    *out,
                          const char *untrusted_text)
{
  g_autofree char *valid = g_utf8_make_valid (untrusted_text, -1);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    append_character (out, g_utf8_get_char (p));
}
