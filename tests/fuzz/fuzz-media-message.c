/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "session-broker/media/glb-media-message.h"

/* Whatever the bytes: an error, or a message whose fields are in their bounds and whose text can be shown. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_text (const char *text, gsize size)
{
  g_assert_nonnull (memchr (text, 0, size));
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (c)));
}

static void
check_message (const GlbMediaMessage *message)
{
  switch (message->type)
    {
    case GLB_MEDIA_DONE:
      g_assert_cmpuint (message->done.device, <, GLB_MEDIA_N_DEVICES);
      check_text (message->done.target, sizeof message->done.target);
      check_text (message->done.description, sizeof message->done.description);
      break;
    case GLB_MEDIA_FAILED:
    case GLB_MEDIA_ENDED:
      g_assert_cmpuint (message->failed.device, <, GLB_MEDIA_N_DEVICES);
      check_text (message->failed.detail, sizeof message->failed.detail);
      break;
    case GLB_MEDIA_PREVIEWED:
      g_assert_cmpuint (message->previewed.width, <=, GLB_MEDIA_PREVIEW_WIDTH);
      g_assert_cmpuint (message->previewed.height, <=, GLB_MEDIA_PREVIEW_HEIGHT);
      g_assert_cmpuint (message->previewed.stride, ==, message->previewed.width * 4);
      check_text (message->previewed.description, sizeof message->previewed.description);
      break;
    case GLB_MEDIA_IN_USE:
      g_assert_cmpuint (message->in_use.device, <, GLB_MEDIA_N_DEVICES);
      break;
    case GLB_MEDIA_READY:
      break;
    case GLB_MEDIA_GRANT:
    case GLB_MEDIA_REVOKE:
    case GLB_MEDIA_MUTE:
    case GLB_MEDIA_PREVIEW:
    default:
      g_assert_not_reached ();
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  for (guint n_fds = 0; n_fds <= 2; n_fds++)
    {
      g_autoptr(GError) error = NULL;
      GlbMediaMessage message;

      if (glb_media_message_parse (data, size, n_fds, &message, &error))
        {
          g_assert_cmpuint (n_fds, ==, message.type == GLB_MEDIA_PREVIEWED ? 1 : 0);
          check_message (&message);
        }
      else
        g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  return 0;
}
