/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include "session-broker/broker/glb-grant-terms.h"

#define MINUTE_US (60 * G_USEC_PER_SEC)

static const char * const kinds[] = {
  "clipboard-in", "clipboard-out", "camera", "microphone", "speaker", "file", "open-uri", "network",
  "ssh-list", "ssh-sign", "git-credential", "policy", "confirm",
};
static const char * const scopes[] = { "once", "session", "seconds" };

const char *
glb_prompt_kind_to_string (GlbPromptKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (kinds), "unknown");

  return kinds[kind];
}

const char *
glb_grant_scope_to_string (GlbGrantScope scope)
{
  g_return_val_if_fail ((guint) scope < G_N_ELEMENTS (scopes), "unknown");

  return scopes[scope];
}

gboolean
glb_grant_terms_choose (GlbGrantTerms *self, const char *scope, guint seconds, gint64 now_us, const char **why)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (scopes) && !g_str_equal (scopes[i], scope))
    i++;
  if (i == G_N_ELEMENTS (scopes))
    {
      *why = "no such scope; use once, session or seconds";
      return FALSE;
    }
  if (i == GLB_GRANT_SECONDS ? seconds < 1 || seconds > GLB_GRANT_SECONDS_MAX : seconds != 0)
    {
      *why = i == GLB_GRANT_SECONDS ? "the time is out of range; use 1 to 86400 seconds"
                                    : "seconds go with the scope \"seconds\" only; use 0";
      return FALSE;
    }
  /* else a yes to one thing would be a yes to everything of its kind */
  if (i != GLB_GRANT_ONCE && *self->sha256 == '\0' && *self->target == '\0')
    {
      *why = "it names neither content nor target, so it can only be allowed once";
      return FALSE;
    }

  self->scope = i;
  self->until_us = i == GLB_GRANT_SECONDS ? now_us + (gint64) seconds * G_USEC_PER_SEC : 0;
  return TRUE;
}

gboolean
glb_grant_terms_match (const GlbGrantTerms *self, GlbPromptKind kind, const char *sha256, const char *target, gint64 now_us)
{
  return self->scope != GLB_GRANT_ONCE && self->kind == kind && (self->until_us == 0 || now_us < self->until_us) &&
         (*sha256 != '\0' || *target != '\0') && g_str_equal (self->sha256, sha256) && g_str_equal (self->target, target);
}

gboolean
glb_prompt_quota_take (GlbPromptQuota *self, guint n_open, gint64 now_us)
{
  gint64 oldest = self->asked_us[self->next];

  if (n_open >= GLB_PROMPTS_OPEN_MAX || (oldest != 0 && now_us - oldest < MINUTE_US))
    return FALSE;

  self->asked_us[self->next] = now_us;
  self->next = (self->next + 1) % GLB_PROMPTS_MINUTE_MAX;
  return TRUE;
}
