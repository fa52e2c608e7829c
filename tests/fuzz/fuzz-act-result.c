/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/cli/glb-act-result.h"

/* Whatever the line: nothing beyond its end is read, and what is found lies inside. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  char *line = g_malloc (size + 1);
  GlbActMember member;

  memcpy (line, data, size);
  line[size] = '\0';
  if (glb_act_find_member (line, size, "png", &member))
    {
      unsigned char *bytes = g_malloc (member.value_length / 4 * 3 + 3);
      size_t n_bytes;

      g_assert_cmpuint (member.value + member.value_length, <, size);
      if (glb_act_decode_base64 (line + member.value, member.value_length, bytes, &n_bytes))
        g_assert_cmpuint (n_bytes, <=, member.value_length / 4 * 3);
      g_assert_cmpuint (glb_act_remove_member (line, size, &member), <, size);
      g_free (bytes);
    }

  g_free (line);
  return 0;
}
