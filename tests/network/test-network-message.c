/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/network/glb-network-message.h"

typedef struct
{
  GlbNetworkHeader header;
  union
  {
    GlbNetworkOpen open;
    GlbNetworkLookUp look_up;
    GlbNetworkClosed closed;
    GlbNetworkMalformed malformed;
  };
} Packet;

static gsize
size_of (const Packet *packet)
{
  return sizeof packet->header + packet->header.size;
}

static Packet
good (GlbNetworkMessageType type)
{
  switch ((guint) type)
    {
    case GLB_NETWORK_OPEN:
      return (Packet) { { type, sizeof (GlbNetworkOpen) },
                        .open = { 1, GLB_NETWORK_HOW_CONNECT, GLB_NETWORK_HOST_NAME, 443, .name = "example.org" } };
    case GLB_NETWORK_LOOK_UP:
      return (Packet) { { type, sizeof (GlbNetworkLookUp) }, .look_up = { 1, "example.org" } };
    case GLB_NETWORK_CLOSED:
      return (Packet) { { type, sizeof (GlbNetworkClosed) },
                        .closed = { GLB_NETWORK_ID_PUBLISHED | 3, 5, G_MAXUINT64, GLB_NETWORK_END_WRONG_NAME, 0, "evil.example" } };
    case GLB_NETWORK_MALFORMED:
      return (Packet) { { type, sizeof (GlbNetworkMalformed) }, .malformed = { GLB_NETWORK_HOW_SOCKS, 0, "a bare line feed" } };
    default:
      return (Packet) { { type, 0 } };
    }
}

static gboolean
parse (const Packet      *packet,
       gsize              size,
       guint              n_fds,
       GlbNetworkMessage *message)
{
  g_autoptr(GError) error = NULL;
  g_autofree guint8 *copy = g_malloc0 (size);   /* its own, so that a sanitizer sees who reads behind it */

  if (size > 0)
    memcpy (copy, packet, MIN (size, sizeof *packet));
  if (glb_network_message_parse (copy, size, n_fds, message, &error))
    return TRUE;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_true (g_str_has_prefix (error->message, "a bad message of type "));
  g_assert_cmpint (message->type, ==, 0);
  return FALSE;
}

#define assert_bad(packet) G_STMT_START { GlbNetworkMessage message_; \
  g_assert_false (parse (&(packet), size_of (&(packet)), 0, &message_)); } G_STMT_END
#define assert_good(packet) G_STMT_START { GlbNetworkMessage message_; \
  g_assert_true (parse (&(packet), size_of (&(packet)), 0, &message_)); } G_STMT_END
/* Sets one field of a good packet of a type. */
#define assert_bad_with(type, statement) G_STMT_START { Packet p = good (type); assert_good (p); statement; assert_bad (p); } G_STMT_END

static void
test_good (void)
{
  for (guint type = GLB_NETWORK_READY; type <= GLB_NETWORK_MALFORMED; type++)
    {
      Packet packet = good (type);
      GlbNetworkMessage message;

      g_assert_true (parse (&packet, size_of (&packet), 0, &message));
      g_assert_cmpuint (message.type, ==, type);
      g_assert_cmpmem (&message.open, packet.header.size, &packet.open, packet.header.size);
    }
}

static void
test_shape (void)
{
  for (guint type = 0; type <= GLB_NETWORK_MALFORMED + 1; type++)
    {
      Packet packet = good (type);
      GlbNetworkMessage message;
      gboolean known = type >= GLB_NETWORK_READY && type <= GLB_NETWORK_MALFORMED;

      g_assert_true (parse (&packet, size_of (&packet), 0, &message) == known);
      g_assert_false (parse (&packet, size_of (&packet), 1, &message));
      g_assert_false (parse (&packet, size_of (&packet) + 1, 0, &message));
      for (gsize size = 0; size < size_of (&packet); size++)
        g_assert_false (parse (&packet, size, 0, &message));
      packet.header.size++;
      g_assert_false (parse (&packet, size_of (&packet), 0, &message));
      packet.header.size = G_MAXUINT32;
      g_assert_false (parse (&packet, sizeof packet.header, 0, &message));
    }
}

static void
test_open (void)
{
  Packet packet = good (GLB_NETWORK_OPEN);

  assert_bad_with (GLB_NETWORK_OPEN, p.open.id = 0);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.id = GLB_NETWORK_ID_PUBLISHED | 1);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.how = 0);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.how = GLB_NETWORK_HOW_TRANSPARENT + 1);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.host_kind = 0);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.host_kind = GLB_NETWORK_HOST_IPV6 + 1);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.port = 0);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.reserved[2] = 1);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.address[15] = 1);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.name[0] = '\0');
  assert_bad_with (GLB_NETWORK_OPEN, p.open.name[3] = '\n');
  assert_bad_with (GLB_NETWORK_OPEN, p.open.name[3] = '\xc3');
  assert_bad_with (GLB_NETWORK_OPEN, memset (p.open.name, 'a', sizeof p.open.name));
  assert_bad_with (GLB_NETWORK_OPEN, p.open.host_kind = GLB_NETWORK_HOST_IPV4);
  assert_bad_with (GLB_NETWORK_OPEN, p.open.host_kind = GLB_NETWORK_HOST_IPV6);

  memset (packet.open.name, 0, sizeof packet.open.name);
  packet.open.host_kind = GLB_NETWORK_HOST_IPV4;
  memcpy (packet.open.address, (guint8[]) { 10, 0, 0, 1 }, 4);
  assert_good (packet);
  packet.open.address[4] = 1;
  assert_bad (packet);
  packet.open.host_kind = GLB_NETWORK_HOST_IPV6;
  assert_good (packet);
}

static void
test_others (void)
{
  Packet packet = good (GLB_NETWORK_CLOSED);

  assert_bad_with (GLB_NETWORK_LOOK_UP, p.look_up.id = 0);
  assert_bad_with (GLB_NETWORK_LOOK_UP, p.look_up.name[0] = '\0');
  assert_bad_with (GLB_NETWORK_LOOK_UP, p.look_up.name[1] = '\x7f');
  assert_bad_with (GLB_NETWORK_LOOK_UP, memset (p.look_up.name, 'a', sizeof p.look_up.name));

  assert_bad_with (GLB_NETWORK_CLOSED, p.closed.id = 0);
  assert_bad_with (GLB_NETWORK_CLOSED, p.closed.id = GLB_NETWORK_ID_PUBLISHED);
  assert_bad_with (GLB_NETWORK_CLOSED, p.closed.end = 0);
  assert_bad_with (GLB_NETWORK_CLOSED, p.closed.end = GLB_NETWORK_END_GIVEN_UP + 1);
  assert_bad_with (GLB_NETWORK_CLOSED, p.closed.reserved = 1);
  assert_bad_with (GLB_NETWORK_CLOSED, p.closed.end = GLB_NETWORK_END_DONE);
  assert_bad_with (GLB_NETWORK_CLOSED, p.closed.detail[0] = '\x1b');
  assert_bad_with (GLB_NETWORK_CLOSED, memset (p.closed.detail, 'a', sizeof p.closed.detail));
  packet.closed.detail[0] = '\0';
  assert_good (packet);

  assert_bad_with (GLB_NETWORK_MALFORMED, p.malformed.how = 0);
  assert_bad_with (GLB_NETWORK_MALFORMED, p.malformed.how = GLB_NETWORK_HOW_TRANSPARENT + 1);
  assert_bad_with (GLB_NETWORK_MALFORMED, p.malformed.reserved = 1);
  assert_bad_with (GLB_NETWORK_MALFORMED, p.malformed.text[0] = '\0');
  assert_bad_with (GLB_NETWORK_MALFORMED, p.malformed.text[1] = '\r');
  assert_bad_with (GLB_NETWORK_MALFORMED, memset (p.malformed.text, 'a', sizeof p.malformed.text));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network-message/good", test_good);
  g_test_add_func ("/network-message/shape", test_shape);
  g_test_add_func ("/network-message/open", test_open);
  g_test_add_func ("/network-message/others", test_others);
  return g_test_run ();
}
