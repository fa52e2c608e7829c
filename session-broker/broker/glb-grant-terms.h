/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What may be asked of the person. */
typedef enum
{
  GLB_PROMPT_CLIPBOARD_IN,
  GLB_PROMPT_CLIPBOARD_OUT,
  GLB_PROMPT_CAMERA,
  GLB_PROMPT_MICROPHONE,
  GLB_PROMPT_SPEAKER,
  GLB_PROMPT_FILE,
  GLB_PROMPT_OPEN_URI,
  GLB_PROMPT_NETWORK,
  GLB_PROMPT_SSH_LIST,
  GLB_PROMPT_SSH_SIGN,
  GLB_PROMPT_GIT_CREDENTIAL,
  GLB_PROMPT_POLICY,
  GLB_PROMPT_CONFIRM,
} GlbPromptKind;

/* How far a yes reaches. */
typedef enum
{
  GLB_GRANT_ONCE,      /* this one time, until its channel is gone */
  GLB_GRANT_SESSION,   /* the same again, as long as the session lives */
  GLB_GRANT_SECONDS,   /* the same again, and open channels, for so long */
} GlbGrantScope;

#define GLB_GRANT_SECONDS_MAX 86400u

/**
 * GlbGrantTerms:
 *
 * What was allowed. Plain value, pure functions. A grant is bound to the kind
 * and to what was shown: the SHA-256 of the content, the name of the target,
 * each of them only where the request has it. The same request again matches;
 * one that differs in anything does not.
 */
typedef struct
{
  GlbPromptKind kind;
  GlbGrantScope scope;
  gint64 until_us;       /* monotonic; 0: no end of its own */
  const char *sha256;    /* "": no content */
  const char *target;    /* "": none */
} GlbGrantTerms;

/* Sets scope and until_us; the rest is set. FALSE: words or numbers make no sense together, or what is not bound to
 * anything would be allowed more than once. why: (out): what is wrong and what to do. */
gboolean    glb_grant_terms_choose (GlbGrantTerms *self, const char *scope, guint seconds, gint64 now_us, const char **why);
/* Whether the grant answers a request of kind for sha256 and target, "" where there is none. */
gboolean    glb_grant_terms_match  (const GlbGrantTerms *self, GlbPromptKind kind, const char *sha256, const char *target, gint64 now_us);

const char *glb_prompt_kind_to_string (GlbPromptKind kind);
const char *glb_grant_scope_to_string (GlbGrantScope scope);

#define GLB_PROMPTS_OPEN_MAX   8u
#define GLB_PROMPTS_MINUTE_MAX 30u

/* A session's prompts against a flood: times of the last ones. Zeroes: none yet. */
typedef struct
{
  gint64 asked_us[GLB_PROMPTS_MINUTE_MAX];   /* a ring */
  guint next;
} GlbPromptQuota;

/* Counts a prompt, n_open of the session being open. FALSE: too many; it is not counted. */
gboolean    glb_prompt_quota_take (GlbPromptQuota *self, guint n_open, gint64 now_us);

G_END_DECLS
