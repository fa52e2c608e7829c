/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GlbSourceFile:
 *
 * A file that is given in place of a device: a copy that nobody can change any
 * more, so that what was looked at is what is given. Nothing here knows what
 * is in it.
 */
typedef struct
{
  int     fd;         /* sealed */
  char   *name;       /* without its folder, visible text: for the person's eyes */
  char   *sha256;     /* lower-case hex */
  guint64 size;

  /*< private >*/
  gatomicrefcount ref_count;
} GlbSourceFile;

GlbSourceFile *glb_source_file_ref   (GlbSourceFile *self);
void           glb_source_file_unref (GlbSourceFile *self);

/* Both read a regular file of at most GLB_MEDIA_FILE_MAX bytes, in a thread and with a deadline: it may lie on a disk that does not
 * answer. Errors: G_IO_ERROR, what is wrong and what to do, without the name.
 *
 * folder: where a person's word leads, links and all; rest: from there, without any link, and never out of it. */
void           glb_source_file_open_async  (const char *folder, const char *rest, GAsyncReadyCallback callback, gpointer user_data);
/* Takes fd, which a client of the person opened. name: what it says that it is called. */
void           glb_source_file_copy_async  (int fd, const char *name, GAsyncReadyCallback callback, gpointer user_data);
GlbSourceFile *glb_source_file_finish      (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbSourceFile, glb_source_file_unref)

G_END_DECLS
