/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* What DeviceOnWith and AllowWith are told of a source. */
typedef struct
{
  const char *source;   /* the options' */
  const char *name;     /* with a file: the same */
  int         fd;       /* of a file, the caller's to close or to give away; -1: none */
} GlbSourceOptions;

/* A file comes with the source "file", and with no other. FALSE: a GLB_BROKER_ERROR_FAILED, that begins with what. */
gboolean glb_source_options_read (GlbSourceOptions *self, const char *what, GVariant *options, GUnixFDList *fds, GError **error);

G_END_DECLS
