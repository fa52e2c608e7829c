/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest name of a type, without its NUL. */
#define GLB_CLIPBOARD_MAX_TYPE 127

typedef enum
{
  GLB_CLIPBOARD_KIND_OTHER,        /* nobody here can clean it: it does not cross */
  GLB_CLIPBOARD_KIND_TEXT,         /* text/plain */
  GLB_CLIPBOARD_KIND_HTML,         /* text/html */
  GLB_CLIPBOARD_KIND_IMAGE,        /* image/png */
  GLB_CLIPBOARD_KIND_URI_LIST,     /* text/uri-list: the one list of files that can cross */
  GLB_CLIPBOARD_KIND_FILES,        /* desktops' own lists, with orders ("cut") or keys of a host's portal in them */
  GLB_CLIPBOARD_KIND_EXECUTABLE,
  GLB_CLIPBOARD_KIND_SECRET_HINT,  /* a password manager's mark; no content */
} GlbClipboardKind;

/* One name for the many that applications offer: UTF8_STRING is "text/plain". NULL: not the name of a type.
 * (transfer full) (nullable) */
char            *glb_clipboard_type_canonicalize (const char *untrusted_type);
GlbClipboardKind glb_clipboard_type_get_kind     (const char *canonical);

/* Of several offered names for one canonical type, the one that is the most certain to be UTF-8; 0 is the best. */
guint            glb_clipboard_type_get_rank     (const char *offered);

/* The types that can cross at all, the plainest first, NULL-terminated. */
const char * const *glb_clipboard_type_list (void);

/* Under which names to offer it to applications, NULL-terminated, at most 8; NULL for what does not cross. */
const char * const *glb_clipboard_type_get_names (const char *canonical);

G_END_DECLS
