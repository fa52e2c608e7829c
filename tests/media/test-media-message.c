/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/media/glb-media-message.h"

typedef struct
{
  GlbMediaHeader header;
  union
  {
    GlbMediaReady ready;
    GlbMediaDone done;
    GlbMediaFailed failed;
    GlbMediaPreviewed previewed;
    GlbMediaInUse in_use;
    guint8 bytes[GLB_MEDIA_MESSAGE_MAX];
  };
} Packet;

static gboolean
parse (Packet *packet, GlbMediaMessageType type, gsize size, guint n_fds, GlbMediaMessage *message)
{
  g_autoptr(GError) error = NULL;
  g_autofree guint8 *exact = NULL;
  gboolean ok;

  packet->header = (GlbMediaHeader) { .type = type, .size = size, .serial = 7 };
  exact = g_memdup2 (packet, sizeof packet->header + size);
  ok = glb_media_message_parse (exact, sizeof packet->header + size, n_fds, message, &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  return ok;
}

#define refused(packet, type, member, n_fds) g_assert_false (parse (&(packet), type, sizeof (packet).member, n_fds, &message))

static void
test_lengths (void)
{
  static const GlbMediaMessageType types[] = { GLB_MEDIA_READY, GLB_MEDIA_DONE, GLB_MEDIA_FAILED, GLB_MEDIA_PREVIEWED,
                                               GLB_MEDIA_IN_USE, GLB_MEDIA_ENDED };
  static const gsize sizes[] = { sizeof (GlbMediaReady), sizeof (GlbMediaDone), sizeof (GlbMediaFailed), sizeof (GlbMediaPreviewed),
                                 sizeof (GlbMediaInUse), sizeof (GlbMediaFailed) };
  GlbMediaMessage message;
  g_autoptr(GError) error = NULL;
  Packet packet = { 0 };

  g_assert_false (glb_media_message_parse ((guint8 *) &packet, 0, 0, &message, NULL));
  g_assert_false (glb_media_message_parse ((guint8 *) &packet, 15, 0, &message, &error));
  g_assert_cmpstr (error->message, ==, "a bad message of type 0, 15 bytes, 0 descriptors");

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_assert_false (parse (&packet, types[i], sizes[i] - 1, types[i] == GLB_MEDIA_PREVIEWED, &message));
      g_assert_false (parse (&packet, types[i], sizes[i] + 1, types[i] == GLB_MEDIA_PREVIEWED, &message));
      g_assert_false (parse (&packet, types[i], 0, types[i] == GLB_MEDIA_PREVIEWED, &message));
    }
  /* the size that it says, and the size that it has */
  packet.header = (GlbMediaHeader) { .type = GLB_MEDIA_IN_USE, .size = sizeof packet.in_use + 8 };
  g_assert_false (glb_media_message_parse ((guint8 *) &packet, sizeof packet.header + sizeof packet.in_use, 0, &message, NULL));
  /* what only the broker says */
  for (guint type = 0; type < 64; type++)
    g_assert_false (parse (&packet, type, sizeof (GlbMediaGrant), 0, &message));
}

static void
test_bounds (void)
{
  GlbMediaMessage message;
  Packet packet = { 0 };

  packet.ready.version = 2;
  refused (packet, GLB_MEDIA_READY, ready, 0);
  packet.ready.version = GLB_MEDIA_PROTOCOL_VERSION;
  refused (packet, GLB_MEDIA_READY, ready, 1);
  g_assert_true (parse (&packet, GLB_MEDIA_READY, sizeof packet.ready, 0, &message));

  memset (&packet, 0, sizeof packet);
  packet.done.device = GLB_MEDIA_N_DEVICES;
  refused (packet, GLB_MEDIA_DONE, done, 0);
  packet.done.device = GLB_MEDIA_SPEAKER;
  packet.done.n_links = G_MAXUINT32;
  refused (packet, GLB_MEDIA_DONE, done, 0);
  packet.done.n_links = 0;
  packet.done.n_nodes = 2;
  refused (packet, GLB_MEDIA_DONE, done, 0);
  packet.done.n_nodes = 1;
  g_assert_true (parse (&packet, GLB_MEDIA_DONE, sizeof packet.done, 0, &message));
  g_assert_cmpuint (message.serial, ==, 7);

  memset (&packet, 0, sizeof packet);
  refused (packet, GLB_MEDIA_FAILED, failed, 0);
  packet.failed.why = GLB_MEDIA_N_WHYS;
  refused (packet, GLB_MEDIA_FAILED, failed, 0);
  packet.failed.why = GLB_MEDIA_WHY_FORMAT;
  packet.failed.device = -1;
  refused (packet, GLB_MEDIA_ENDED, failed, 0);

  memset (&packet, 0, sizeof packet);
  packet.previewed = (GlbMediaPreviewed) { .width = 640, .height = 480, .stride = 2560 };
  g_assert_true (parse (&packet, GLB_MEDIA_PREVIEWED, sizeof packet.previewed, 1, &message));
  refused (packet, GLB_MEDIA_PREVIEWED, previewed, 0);
  refused (packet, GLB_MEDIA_PREVIEWED, previewed, 2);
  packet.previewed.stride = 2564;
  refused (packet, GLB_MEDIA_PREVIEWED, previewed, 1);
  packet.previewed = (GlbMediaPreviewed) { .width = 641, .height = 480, .stride = 2564 };
  refused (packet, GLB_MEDIA_PREVIEWED, previewed, 1);
  packet.previewed = (GlbMediaPreviewed) { .width = 640, .height = 0, .stride = 2560 };
  refused (packet, GLB_MEDIA_PREVIEWED, previewed, 1);
  /* a product that comes round to something small */
  packet.previewed = (GlbMediaPreviewed) { .width = 0x40000001, .height = 1, .stride = 4 };
  refused (packet, GLB_MEDIA_PREVIEWED, previewed, 1);

  memset (&packet, 0, sizeof packet);
  packet.in_use.n_users = 5000;
  refused (packet, GLB_MEDIA_IN_USE, in_use, 0);
}

/* What is shown to the person. */
static void
test_text (void)
{
  GlbMediaMessage message;
  Packet packet = { 0 };

  packet.failed.why = GLB_MEDIA_WHY_INTERNAL;
  memset (packet.failed.detail, 'x', sizeof packet.failed.detail);
  refused (packet, GLB_MEDIA_FAILED, failed, 0);
  strcpy (packet.failed.detail, "\xff\xfe");
  refused (packet, GLB_MEDIA_FAILED, failed, 0);
  strcpy (packet.failed.detail, "a\x1b[31m\nb\xe2\x80\xae" "c \xc5\xbc");
  g_assert_true (parse (&packet, GLB_MEDIA_FAILED, sizeof packet.failed, 0, &message));
  g_assert_cmpstr (message.failed.detail, ==, "a?[31m?b???c \xc5\xbc");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/media/message/lengths", test_lengths);
  g_test_add_func ("/media/message/bounds", test_bounds);
  g_test_add_func ("/media/message/text", test_text);

  return g_test_run ();
}
