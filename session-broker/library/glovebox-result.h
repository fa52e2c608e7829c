/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <glovebox-version.h>

G_BEGIN_DECLS

/**
 * GloveboxStatus:
 * @GLOVEBOX_STATUS_DELIVERED: it was carried out
 * @GLOVEBOX_STATUS_REFUSED: it was not, or not all of it; see [method@Result.get_code]
 * @GLOVEBOX_STATUS_FAILED: Glovebox failed
 *
 * What became of an action.
 */
typedef enum
{
  GLOVEBOX_STATUS_DELIVERED,
  GLOVEBOX_STATUS_REFUSED,
  GLOVEBOX_STATUS_FAILED,
} GloveboxStatus;

#define GLOVEBOX_TYPE_RESULT (glovebox_result_get_type ())
GLOVEBOX_EXTERN
G_DECLARE_FINAL_TYPE (GloveboxResult, glovebox_result, GLOVEBOX, RESULT, GObject)

GLOVEBOX_EXTERN
GloveboxResult *glovebox_result_new_from_json (const char *json, GError **error);
GLOVEBOX_EXTERN
GloveboxStatus  glovebox_result_get_status    (GloveboxResult *self);
GLOVEBOX_EXTERN
const char     *glovebox_result_get_code      (GloveboxResult *self);
GLOVEBOX_EXTERN
const char     *glovebox_result_get_message   (GloveboxResult *self);
GLOVEBOX_EXTERN
gboolean        glovebox_result_check         (GloveboxResult *self, GError **error);
GLOVEBOX_EXTERN
guint64         glovebox_result_get_frame_id  (GloveboxResult *self);
GLOVEBOX_EXTERN
gboolean        glovebox_result_get_settled   (GloveboxResult *self);
GLOVEBOX_EXTERN
gboolean        glovebox_result_get_changed   (GloveboxResult *self, int *x, int *y, int *width, int *height);
GLOVEBOX_EXTERN
guint           glovebox_result_get_focus     (GloveboxResult *self, const char **app_id, const char **title);
GLOVEBOX_EXTERN
gboolean        glovebox_result_get_pointer   (GloveboxResult *self, int *x, int *y);
GLOVEBOX_EXTERN
GBytes         *glovebox_result_get_image     (GloveboxResult *self, int *width, int *height);
GLOVEBOX_EXTERN
GBytes         *glovebox_result_dup_clipboard (GloveboxResult *self, const char **type);
GLOVEBOX_EXTERN
char           *glovebox_result_dup_member    (GloveboxResult *self, const char *name);
GLOVEBOX_EXTERN
char           *glovebox_result_to_json       (GloveboxResult *self);

G_END_DECLS
