/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "session-broker/media/glb-publish-message.h"

typedef struct { guint32 type, size, value, reserved; } Packet;

static void
test_bad (void)
{
  static const struct { Packet packet; gsize length; guint n_fds; } bad[] = {
    { { 0, 8, 0, 0 }, 16, 0 },
    { { GLB_PUBLISH_BEGIN, 8, 0, 0 }, 16, 0 },
    { { GLB_PUBLISH_STREAM, 8, 0, 0 }, 16, 0 },
    { { GLB_PUBLISH_END, 8, 0, 0 }, 16, 0 },
    { { GLB_PUBLISH_ENDED + 1, 8, 0, 0 }, 16, 0 },
    { { G_MAXUINT32, 8, 0, 0 }, 16, 0 },
    { { GLB_PUBLISH_BEGUN, 8, 1, 0 }, 16, 0 },
    { { GLB_PUBLISH_IN_USE, 8, 2, 0 }, 16, 0 },
    { { GLB_PUBLISH_ENDED, 8, G_MAXUINT32, 0 }, 16, 0 },
    { { GLB_PUBLISH_IN_USE, 8, 1, 1 }, 16, 0 },
    { { GLB_PUBLISH_IN_USE, 7, 1, 0 }, 16, 0 },
    { { GLB_PUBLISH_IN_USE, 8, 1, 0 }, 15, 0 },
    { { GLB_PUBLISH_IN_USE, 8, 1, 0 }, 8, 0 },
    { { GLB_PUBLISH_IN_USE, 8, 1, 0 }, 0, 0 },
    { { GLB_PUBLISH_IN_USE, 8, 1, 0 }, 16, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *text = g_strdup_printf ("a bad message of type %u, %" G_GSIZE_FORMAT " bytes, %u descriptors",
                                               bad[i].length == 16 ? bad[i].packet.type : 0, bad[i].length, bad[i].n_fds);
      GlbPublishMessage message;

      g_assert_false (glb_publish_message_parse ((const guint8 *) &bad[i].packet, bad[i].length, bad[i].n_fds, &message, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_cmpstr (error->message, ==, text);
    }
}

static void
test_good (void)
{
  static const Packet good[] = {
    { GLB_PUBLISH_BEGUN, 8, 0, 0 }, { GLB_PUBLISH_IN_USE, 8, 0, 0 }, { GLB_PUBLISH_IN_USE, 8, 1, 0 },
    { GLB_PUBLISH_ENDED, 8, 0, 0 }, { GLB_PUBLISH_ENDED, 8, 1, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GError) error = NULL;
      GlbPublishMessage message;

      g_assert_true (glb_publish_message_parse ((const guint8 *) &good[i], sizeof good[i], 0, &message, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (message.type, ==, good[i].type);
      g_assert_cmpuint (message.value, ==, good[i].value);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/publish-message/bad", test_bad);
  g_test_add_func ("/publish-message/good", test_good);
  return g_test_run ();
}
