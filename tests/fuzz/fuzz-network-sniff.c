/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "session-broker/network/glb-network-sniff.h"
#include "session-broker/network/glb-network-tls.h"

/* Whatever a program says first: nothing passes as TLS or HTTP that has not the name; what passes as a whole passes no sooner, as a
 * part of it, in another way; what may not be spoken never passes. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define NAME "example.org"
#define PORT 443

static void
check_name (const GlbNetworkSniff *sniff,
            const guint8          *data,
            gsize                  size,
            guint                  speech)
{
  char name[GLB_NETWORK_NAME_SIZE];

  if (sniff->verdict == GLB_NETWORK_SNIFF_REQUEST)
    {
      g_assert_cmpint (speech & GLB_NETWORK_SPEECH_HTTP, !=, 0);
      g_assert_true (glb_network_sniff_same_name (sniff->request.host, NAME));
      g_assert_cmpuint (sniff->request.head_size, <=, size);
    }
  if (sniff->verdict == GLB_NETWORK_SNIFF_RAW && sniff->speech == GLB_NETWORK_SPEECH_TLS &&
      glb_network_tls_parse_hello (data, size, name) == GLB_NETWORK_TLS_NAME)
    g_assert_true (glb_network_sniff_same_name (name, NAME));
  if (sniff->verdict == GLB_NETWORK_SNIFF_RAW && sniff->speech != GLB_NETWORK_SPEECH_TLS)
    g_assert_cmpint (speech & GLB_NETWORK_SPEECH_ANY, !=, 0);
  if (sniff->verdict == GLB_NETWORK_SNIFF_MALFORMED)
    g_assert_nonnull (sniff->error);
  g_assert_cmpuint (strnlen (sniff->detail, sizeof sniff->detail), <, sizeof sniff->detail);
  g_assert_true (sniff->detail[0] == '\0' || sniff->verdict == GLB_NETWORK_SNIFF_WRONG_NAME);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  gsize whole = MIN (size, GLB_NETWORK_SNIFF_MAX);

  for (guint speech = 1; speech <= 7; speech++)
    {
      GlbNetworkSniff all, ended, part;

      glb_network_sniff (data, whole, 0, FALSE, NAME, PORT, speech, &all);
      check_name (&all, data, whole, speech);
      glb_network_sniff (data, whole, 0, TRUE, NAME, PORT, speech, &ended);
      check_name (&ended, data, whole, speech);
      g_assert_cmpint (ended.verdict, !=, GLB_NETWORK_SNIFF_MORE);

      /* As it comes in pieces: the first verdict on a part is the one on all. */
      for (gsize size_of_part = 0; size_of_part < whole; size_of_part += 1 + whole / 8)
        {
          glb_network_sniff (data, size_of_part, 0, FALSE, NAME, PORT, speech, &part);
          if (part.verdict == GLB_NETWORK_SNIFF_RAW || part.verdict == GLB_NETWORK_SNIFF_REQUEST)
            g_assert_cmpint (all.verdict, ==, part.verdict);
        }
    }
  return 0;
}
