/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What the live view says about prompts, grants and the clipboard: pure functions, plain text (never markup).
 * All results are (transfer full).
 */

/* One sentence: who wants what of which session. */
char *glb_gate_text_question  (const char *kind, const char *requester, const char *type, const char *session);
/* "text/plain · 26 bytes · SHA-256 0123456789ab…"; empty strings and 0 are left out. */
char *glb_gate_text_facts     (const char *type, guint64 size, const char *sha256, const char *target);
/* "You allowed this 3 minutes ago · asked 2 times before". n_asked, answer, same: as of Prompt1.Details; ago_us: since that answer. */
char *glb_gate_text_history   (guint n_asked, const char *answer, gboolean same, gint64 ago_us);
/* "3 minutes ago" */
char *glb_gate_text_ago       (gint64 ago_us);
/* Why there is a question: the key of the policy that says so. */
char *glb_gate_text_policy    (const char *kind, gboolean secret);
/* What it is about, in a few words, beside glb_gate_text_kind(). The strings are Prompt1's. */
char *glb_gate_text_subject   (const char *kind, const char *title, const char *target, const char *preview);
/* "2 more wait"; (nullable): none does. */
char *glb_gate_text_waiting   (guint n);
/* What was found in the content; (nullable): nothing. codes: as of Prompt1.Details. */
char *glb_gate_text_findings  (const char * const *codes, gboolean secret);
/* "1 min 05 s left"; rounded up, so that it is 0 only when it is over. */
char *glb_gate_text_left      (gint64 left_us);
/* How far a grant reaches. expires_us: Unix time, 0: none of its own. */
char *glb_gate_text_scope     (const char *scope, gint64 expires_us, gint64 now_us);
/* What a device that the session has is doing now. */
char *glb_gate_text_device    (const char *device, gboolean in_use, gboolean muted);
char *glb_gate_text_kind      (const char *kind);
/* "example.org:443", of an entry of Session1.Connections. */
char *glb_gate_text_place      (GVariant *entry);
/* "open · 198.51.100.7 · 1.2 kB sent, 34 kB received · by *.example.org" */
char *glb_gate_text_connection (GVariant *entry);
/* Why something did not cross; (nullable): the person knows. */
char *glb_gate_text_refusal   (const char *direction, const char *code, const char *message);

G_END_DECLS
