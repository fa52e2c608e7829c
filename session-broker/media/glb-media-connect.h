/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A new connection to the person's PipeWire: at path, or, NULL, as PipeWire's own clients find it. -1 with GLB_MEDIA_ERROR_HOST.
 * The broker connects: the person's PipeWire sees a program of the person, and no helper needs a path to it.
 * what: begins the message; remedy: ends it ("", or what else can be done). (transfer full) */
int glb_media_connect (const char *path, const char *what, const char *remedy, GError **error);

G_END_DECLS
