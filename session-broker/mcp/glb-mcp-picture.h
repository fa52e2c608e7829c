/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLB_MCP_PICTURE_SCREEN,    /* all of it, or the region */
  GLB_MCP_PICTURE_CHANGED,   /* the part that the call changed, or none where it changed nothing */
  GLB_MCP_PICTURE_NONE,
} GlbMcpPictureOf;

typedef enum
{
  GLB_MCP_PICTURE_PNG,
  GLB_MCP_PICTURE_JPEG,
  GLB_MCP_PICTURE_WEBP,
} GlbMcpPictureFormat;

/* What picture a client wants with an answer. */
typedef struct
{
  GlbMcpPictureOf of;
  gboolean is_said;          /* by the client; else it is what goes without saying */
  GlbMcpPictureFormat format;
  int quality;               /* 1 to 100; of JPEG and WebP */
  double scale;              /* at most so many pixels for one of the screen, in (0, 1] */
  int max_width;             /* 0: no limit */
  gboolean has_region;
  int region[4];             /* x1, y1, x2, y2 in the model's pixels; x2 and y2 are outside */
} GlbMcpPictureWish;

/* A picture as it is sent. */
typedef struct
{
  GBytes *bytes;
  GlbMcpPictureFormat format;
  int width, height;
} GlbMcpPicture;

/* untrusted_image: (nullable): the argument "image", which fits its schema. */
void        glb_mcp_picture_wish_init (GlbMcpPictureWish *self, JsonNode *image);
const char *glb_mcp_picture_get_mime_type (GlbMcpPictureFormat format);

/* Decodes the broker's PNG, cuts out area (x, y, width, height; what is not on it is left out), makes it width by height, at
 * most, and encodes it. area: (nullable): all of it. Needs no main loop: for a thread. (transfer full) */
GlbMcpPicture *glb_mcp_picture_new  (GBytes *png, const int *area, int width, int height, GlbMcpPictureFormat format, int quality,
                                     GError **error);
/* png as it is. (transfer full) */
GlbMcpPicture *glb_mcp_picture_new_from_png (GBytes *png, GError **error);
void           glb_mcp_picture_free (GlbMcpPicture *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbMcpPicture, glb_mcp_picture_free)

G_END_DECLS
