/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "clipboard-guard/glb-clipboard-code.h"
#include "clipboard-guard/glb-clipboard-finding.h"
#include "clipboard-guard/glb-clipboard-rules.h"

G_BEGIN_DECLS

/* What a person reads of it in five seconds. */
#define GLB_CLIPBOARD_PREVIEW_CHARACTERS 2000

/**
 * GlbClipboardContent:
 *
 * One transfer, ready: exactly these bytes are shown, hashed, approved and
 * delivered. @verdict is the stricter of the direction's and, where something
 * looks like a secret and goes to the host, of the policy's word on secrets.
 */
typedef struct
{
  char       *type;          /* canonical; glb_clipboard_type_get_names() has the names to offer it under */
  GBytes     *bytes;
  char       *sha256;        /* of bytes, in hexadecimal */
  char       *preview;       /* hidden characters visible; an image's size */
  GArray     *findings;      /* (element-type GlbClipboardFinding) */
  gboolean    secret;        /* one of the findings is */
  GlbVerdict  verdict;
} GlbClipboardContent;

/*
 * Pure. type: as decided. Content that is not what its type says, or too
 * large, is refused with a GlbClipboardCode; other content comes back without
 * what was dangerous in it.
 *
 * image/png: only what glovebox-clean-image wrote, because pictures are not
 * decoded in this process; any other PNG is refused as malformed.
 */
GlbClipboardContent *glb_clipboard_clean        (const GlbClipboardRules *rules,
                                                 const char              *type,
                                                 GBytes                  *untrusted,
                                                 GError                 **error);
void                 glb_clipboard_content_free (GlbClipboardContent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlbClipboardContent, glb_clipboard_content_free)

G_END_DECLS
