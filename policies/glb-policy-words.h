/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policies/glb-policy.h"

G_BEGIN_DECLS

typedef enum { GLB_WORDS_MAY, GLB_WORDS_ASKS, GLB_WORDS_MAY_NOT, GLB_WORDS_LIMIT, GLB_WORDS_N_KINDS } GlbWordsKind;
typedef enum
{
  GLB_WORDS_FILES,
  GLB_WORDS_NETWORK,
  GLB_WORDS_CLIPBOARD,
  GLB_WORDS_DEVICES,
  GLB_WORDS_INPUT,
  GLB_WORDS_PROGRAMS,
  GLB_WORDS_RESOURCES,
  GLB_WORDS_PROMPTS,
  GLB_WORDS_N_GROUPS,
} GlbWordsGroup;

/**
 * GlbPolicySentence:
 *
 * One thing that a policy says, as a person reads it: "Cannot reach the
 * network". Names that the policy holds are in it as they are written there.
 */
typedef struct
{
  GlbWordsKind kind;
  GlbWordsGroup group;
  const char *pointer;   /* of the key that says it */
  char *text;
} GlbPolicySentence;

/* All that a policy says, group by group. Pure. (transfer full) (element-type GlbPolicySentence) */
GPtrArray  *glb_policy_words_new             (const GlbPolicy *policy);
/* Translated headings. */
const char *glb_policy_words_get_kind_title  (GlbWordsKind kind);
const char *glb_policy_words_get_group_title (GlbWordsGroup group);

G_END_DECLS
