/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "clipboard-guard/glb-clipboard-code.h"
#include "clipboard-guard/glb-clipboard-history.h"
#include "clipboard-guard/glb-clipboard-rules.h"

G_BEGIN_DECLS

/* Whoever offers more wants something else than to be pasted. */
#define GLB_CLIPBOARD_MAX_TYPES 128

/**
 * GlbClipboardDecision:
 *
 * DENY comes with a code and one line for the person. PROMPT and ALLOW come
 * with the one type that crosses, and the name under which it was offered.
 */
typedef struct
{
  GlbVerdict        verdict;
  GlbClipboardCode  code;
  char             *message;       /* DENY only */
  char             *type;          /* canonical; not with DENY */
  char             *offered;       /* what to ask the offering side for */
  gboolean          secret_hint;   /* a password manager marked it */
} GlbClipboardDecision;

/*
 * Pure: rules, what is offered and what was, in; verdict out. Nothing is
 * recorded: the caller adds to the history what was not denied.
 *
 * wanted: the one type that was asked for; NULL: the plainest that is offered
 * and may cross. Types are hostile.
 */
void glb_clipboard_decide         (GlbClipboardDecision      *decision,
                                   const GlbClipboardRules   *rules,
                                   const char                *untrusted_wanted,
                                   const char * const        *untrusted_types,
                                   gsize                      n_types,
                                   const GlbClipboardHistory *history,
                                   gint64                     now_us);
void glb_clipboard_decision_clear (GlbClipboardDecision      *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlbClipboardDecision, glb_clipboard_decision_clear)

G_END_DECLS
