/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How space for later records is kept. */
typedef enum
{
  GLB_AUDIT_SPACE_BEYOND_END,   /* blocks allocated beyond the end of the file */
  GLB_AUDIT_SPACE_FILE,         /* another file of that size, PATH.space, which shrinks to make room */
} GlbAuditSpace;

/**
 * GlbAuditFile:
 *
 * A file to which whole lines are appended, or nothing. Keeps space for the
 * lines that must not be lost. Not for two threads.
 */
typedef struct
{
  int            fd;
  char          *path;
  GlbAuditSpace  space;
  guint64        size;           /* of the file */
  guint64        reserved_end;   /* BEYOND_END: blocks are allocated up to here */
  gboolean       in_doubt;       /* a partial line could not be taken back */
} GlbAuditFile;

/* Opens for reading and appending. flags: O_CREAT, O_EXCL or 0. Finds out how this file system keeps space. */
GlbAuditFile *glb_audit_file_new    (const char *path, int flags, GError **error);
void          glb_audit_file_free   (GlbAuditFile *self);
/* Appends data, and keeps `keep` bytes beyond it for later. from_kept: data is what the space was kept for,
 * so that failing to keep more is no error. */
gboolean      glb_audit_file_append (GlbAuditFile *self, const char *data, gsize length, gsize keep,
                                     gboolean from_kept, gboolean sync, GError **error);
/* Gives back space that is kept. */
void          glb_audit_file_trim   (GlbAuditFile *self);
gboolean      glb_audit_file_truncate (GlbAuditFile *self, guint64 size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbAuditFile, glb_audit_file_free)

G_END_DECLS
