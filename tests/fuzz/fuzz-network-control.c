/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/network/glb-network-message.h"

/* Whatever the bytes: an error, or a message of the gate's, with texts that end and can be shown, and numbers in their bounds. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
assert_text (const char *text,
             gsize       space)
{
  gsize length = strnlen (text, space);

  g_assert_cmpuint (length, <, space);
  for (gsize i = 0; i < length; i++)
    g_assert_true (text[i] >= ' ' && text[i] <= '~');
}

static void
check_open (const GlbNetworkOpen *open)
{
  g_assert_cmpuint (open->id - 1, <, GLB_NETWORK_ID_PUBLISHED - 1);
  g_assert_cmpuint (open->how - 1, <, 4);
  g_assert_cmpuint (open->host_kind - 1, <, 3);
  g_assert_cmpuint (open->port, !=, 0);
  assert_text (open->name, sizeof open->name);
  g_assert_true ((open->name[0] != '\0') == (open->host_kind == GLB_NETWORK_HOST_NAME));
}

static void
check (const GlbNetworkMessage *message)
{
  switch ((guint) message->type)
    {
    case GLB_NETWORK_READY:
      break;
    case GLB_NETWORK_OPEN:
      check_open (&message->open);
      break;
    case GLB_NETWORK_LOOK_UP:
      assert_text (message->look_up.name, sizeof message->look_up.name);
      break;
    case GLB_NETWORK_CLOSED:
      g_assert_cmpuint (message->closed.end - 1, <, GLB_NETWORK_END_GIVEN_UP);
      assert_text (message->closed.detail, sizeof message->closed.detail);
      break;
    case GLB_NETWORK_MALFORMED:
      g_assert_cmpuint (message->malformed.how - 1, <, 4);
      assert_text (message->malformed.text, sizeof message->malformed.text);
      break;
    default:
      g_assert_not_reached ();
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  for (guint n_fds = 0; n_fds <= 1; n_fds++)
    {
      g_autoptr(GError) error = NULL;
      GlbNetworkMessage message;

      if (!glb_network_message_parse (data, size, n_fds, &message, &error))
        {
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          continue;
        }
      g_assert_cmpuint (n_fds, ==, 0);
      check (&message);
    }
  return 0;
}
