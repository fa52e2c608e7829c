/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the broker says that this session's policy lets through: words only, it decides each request again. */
typedef struct
{
  gboolean open_uri, file_chooser, notification, settings, camera;
  guint color_scheme, contrast;      /* where settings is TRUE: as they are now */
} GlbPortalFeatures;

typedef enum
{
  GLB_PORTAL_ASKING,     /* a person is asked; another answer follows */
  GLB_PORTAL_DONE,
  GLB_PORTAL_REFUSED,
} GlbPortalStatus;

typedef struct
{
  GlbPortalStatus status;
  const char *code, *message;    /* of a refusal */
  const char *name;              /* of a file: as it is called */
  GBytes *file;                  /* (nullable): its content */
} GlbPortalAnswer;

/* Each answer to a request; after any but ASKING there is no other. */
typedef void (*GlbPortalAnswered) (const GlbPortalAnswer *answer, gpointer user_data);

/**
 * GlbPortalLink:
 *
 * The portal's connection to the broker.
 *
 * signal ::settings (GlbPortalLink *self, guint color_scheme, guint contrast)
 * signal ::closed   (GlbPortalLink *self)   once; nothing will be answered any more
 */
#define GLB_TYPE_PORTAL_LINK (glb_portal_link_get_type ())
G_DECLARE_FINAL_TYPE (GlbPortalLink, glb_portal_link, GLB, PORTAL_LINK, GObject)

/* Waits for the broker's first words. */
GlbPortalLink *glb_portal_link_new (const char *path, GlbPortalFeatures *features, GError **error);
/* members: name, text, name, text…, NULL. Result: the request's number; answered is called later. 0: it is too long to be asked. */
guint          glb_portal_link_send (GlbPortalLink *self, const char *request, const char * const *members,
                                     GlbPortalAnswered answered, gpointer user_data);
/* Its sender does not want it any more. answered is not called again. */
void           glb_portal_link_give_up (GlbPortalLink *self, guint id);
guint          glb_portal_link_count (GlbPortalLink *self);

G_END_DECLS
