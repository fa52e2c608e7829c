/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "policies/glb-strict-json.h"
#include "session-broker/library/glb-library-private.h"
#include "session-broker/library/glovebox-error.h"

/* Whatever answers on the socket: it is read as a result of which each function says something within its bounds, or is an error
 * of the protocol. What a result is written as is read as the same again. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_image (GloveboxResult *result)
{
  int width, height;
  GBytes *image = glovebox_result_get_image (result, &width, &height);

  g_assert_true (image == NULL ? width == 0 && height == 0 : width > 0 && height > 0 && width <= 32767 && height <= 32767);
}

static void
check_clipboard (GloveboxResult *result)
{
  g_autofree char *member = glovebox_result_dup_member (result, "clipboard");
  const char *type;
  g_autoptr(GBytes) content = glovebox_result_dup_clipboard (result, &type);

  if (content != NULL)
    {
      g_assert_nonnull (member);
      g_assert_nonnull (type);
    }
}

static void
check_result (GloveboxResult *result)
{
  gboolean delivered = glovebox_result_get_status (result) == GLOVEBOX_STATUS_DELIVERED;
  g_autoptr(GError) error = NULL;
  const char *app_id = NULL, *title = NULL;
  int x, y, width, height;

  g_assert_cmpint (glovebox_result_check (result, &error), ==, delivered);
  g_assert_true ((error == NULL) == delivered);
  g_assert_true ((glovebox_result_get_message (result) == NULL) == delivered);
  g_assert_true ((glovebox_result_get_code (result) != NULL) == (glovebox_result_get_status (result) == GLOVEBOX_STATUS_REFUSED));
  if (glovebox_result_get_focus (result, &app_id, &title) != 0)
    g_assert_true (app_id != NULL && title != NULL);
  if (glovebox_result_get_changed (result, &x, &y, &width, &height))
    g_assert_true (ABS (x) <= 32767 && ABS (y) <= 32767 && ABS (width) <= 32767 && ABS (height) <= 32767);
  g_assert_cmpint (glovebox_result_get_pointer (result, &x, &y), ==, delivered);
  glovebox_result_get_frame_id (result);
  glovebox_result_get_settled (result);
  check_image (result);
  check_clipboard (result);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GloveboxResult) result = glb_result_read ((const char *) data, size, &error);
  g_autoptr(GloveboxResult) again = NULL;
  g_autofree char *json = NULL;
  g_autofree char *json_again = NULL;

  if (result == NULL)
    {
      g_assert_error (error, GLOVEBOX_ERROR, GLOVEBOX_ERROR_PROTOCOL);
      return 0;
    }

  check_result (result);
  json = glovebox_result_to_json (result);
  again = glovebox_result_new_from_json (json, &error);
  g_assert_no_error (error);
  json_again = glovebox_result_to_json (again);
  g_assert_cmpstr (json_again, ==, json);
  return 0;
}
