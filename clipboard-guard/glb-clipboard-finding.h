/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the cleaner took out, and what it saw and left in (the secrets). */
typedef enum
{
  GLB_CLIPBOARD_FINDING_CONTROL,         /* control characters but newline and tab */
  GLB_CLIPBOARD_FINDING_ESCAPE,          /* terminal escape sequences */
  GLB_CLIPBOARD_FINDING_BIDI,            /* bidirectional embeddings, overrides and isolates */
  GLB_CLIPBOARD_FINDING_ZERO_WIDTH,      /* characters without a picture */
  GLB_CLIPBOARD_FINDING_TAG,             /* the block of tags: a hidden alphabet */
  GLB_CLIPBOARD_FINDING_HTML_ELEMENT,
  GLB_CLIPBOARD_FINDING_HTML_ATTRIBUTE,
  GLB_CLIPBOARD_FINDING_HTML_COMMENT,
  GLB_CLIPBOARD_FINDING_HTML_LINK,
  GLB_CLIPBOARD_FINDING_HTML_IMAGE,

  GLB_CLIPBOARD_FINDING_PRIVATE_KEY,     /* from here: secrets */
  GLB_CLIPBOARD_FINDING_TOKEN,
  GLB_CLIPBOARD_FINDING_CARD_NUMBER,
  GLB_CLIPBOARD_FINDING_OTP,             /* what generates one-time passwords */
  GLB_CLIPBOARD_N_FINDINGS,
} GlbClipboardFindingCode;

typedef struct
{
  GlbClipboardFindingCode  code;
  guint64                  count;
  char                    *sample;       /* of the first: hidden characters visible, a secret's middle hidden */
} GlbClipboardFinding;

/* "bidi", "html_element", "private_key" … */
const char *glb_clipboard_finding_code_to_string (GlbClipboardFindingCode code);
gboolean    glb_clipboard_finding_is_secret      (GlbClipboardFindingCode code);

/* (element-type GlbClipboardFinding), one for each code, in the order of their first. */
GArray     *glb_clipboard_findings_new           (void);
/* Counts one. TRUE: the first of its code, whose sample is still to be set, with glb_clipboard_findings_take_sample(). */
gboolean    glb_clipboard_findings_count         (GArray *findings, GlbClipboardFindingCode code);
void        glb_clipboard_findings_take_sample   (GArray *findings, GlbClipboardFindingCode code, char *sample);
/* How many of a code; 0 where there is none. */
guint64     glb_clipboard_findings_get           (GArray *findings, GlbClipboardFindingCode code);

G_END_DECLS
