/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-decision.h"
#include "clipboard-guard/glb-clipboard-type.h"

static void
deny (GlbClipboardDecision *decision,
      GlbClipboardCode      code,
      char                 *message)
{
  g_free (decision->message);
  decision->verdict = GLB_VERDICT_DENY;
  decision->code = code;
  decision->message = message;
}

static gboolean
is_listed (const GlbClipboardRules *rules,
           const char              *type)
{
  return rules->types != NULL && g_strv_contains (rules->types, type);
}

/* TRUE: this type may cross; else the decision is the denial that fits it. */
static gboolean
check_type (GlbClipboardDecision    *decision,
            const GlbClipboardRules *rules,
            const char              *type)
{
  GlbClipboardKind kind = glb_clipboard_type_get_kind (type);

  if (kind == GLB_CLIPBOARD_KIND_EXECUTABLE && !rules->allow_files)
    deny (decision, GLB_CLIPBOARD_CODE_EXECUTABLE, g_strdup_printf ("%s is a program, which no clipboard carries across", type));
  else if ((kind == GLB_CLIPBOARD_KIND_FILES || kind == GLB_CLIPBOARD_KIND_URI_LIST) && !rules->allow_files)
    deny (decision, GLB_CLIPBOARD_CODE_FILES,
          g_strdup_printf ("%s is a list of files; the policy's desktop.clipboard.allowFiles is false", type));
  else if (!is_listed (rules, type))
    deny (decision, GLB_CLIPBOARD_CODE_TYPE_NOT_ALLOWED,
          g_strdup_printf ("%s is not among the policy's desktop.clipboard.types", type));
  else if (glb_clipboard_type_get_names (type) == NULL)
    deny (decision, GLB_CLIPBOARD_CODE_TYPE_UNSUPPORTED,
          g_strdup_printf ("%s cannot be checked and cleaned; text/plain, text/html, image/png and text/uri-list can", type));
  else
    return TRUE;
  return FALSE;
}

/* The best name that was offered for a type. (nullable) */
static const char *
find_offered (const char         *type,
              char              **names,
              const char * const *untrusted_types,
              gsize               n_types)
{
  const char *best = NULL;

  for (gsize i = 0; i < n_types; i++)
    if (g_strcmp0 (names[i], type) == 0 &&
        (best == NULL || glb_clipboard_type_get_rank (untrusted_types[i]) < glb_clipboard_type_get_rank (best)))
      best = untrusted_types[i];
  return best;
}

static void
choose (GlbClipboardDecision    *decision,
        const GlbClipboardRules *rules,
        const char              *wanted,
        char                   **names,
        const char * const      *untrusted_types,
        gsize                    n_types)
{
  const char * const *types = glb_clipboard_type_list ();

  if (wanted != NULL)
    {
      const char *offered = find_offered (wanted, names, untrusted_types, n_types);

      /* The policy's word first: what is in the other side's clipboard is nobody's business who may not have it. */
      if (!check_type (decision, rules, wanted))
        return;
      if (offered == NULL)
        deny (decision, GLB_CLIPBOARD_CODE_TYPE_NOT_OFFERED, g_strdup_printf ("The clipboard holds no %s", wanted));
      else
        {
          decision->type = g_strdup (wanted);
          decision->offered = g_strdup (offered);
        }
      return;
    }

  for (gsize t = 0; types[t] != NULL; t++)
    {
      const char *offered = find_offered (types[t], names, untrusted_types, n_types);

      if (offered != NULL && is_listed (rules, types[t]) && check_type (decision, rules, types[t]))
        {
          decision->type = g_strdup (types[t]);
          decision->offered = g_strdup (offered);
          return;
        }
    }

  /* Nothing of it may cross: the first that is offered says why. */
  for (gsize i = 0; i < n_types; i++)
    if (names[i] != NULL && glb_clipboard_type_get_kind (names[i]) != GLB_CLIPBOARD_KIND_SECRET_HINT)
      {
        check_type (decision, rules, names[i]);
        return;
      }
  deny (decision, GLB_CLIPBOARD_CODE_TYPE_NOT_ALLOWED, g_strdup ("Nothing in the clipboard has a type that can cross"));
}

static gboolean
has_secret_hint (char  **names,
                 gsize   n_types)
{
  for (gsize i = 0; i < n_types; i++)
    if (names[i] != NULL && glb_clipboard_type_get_kind (names[i]) == GLB_CLIPBOARD_KIND_SECRET_HINT)
      return TRUE;
  return FALSE;
}

static void
decide_offer (GlbClipboardDecision      *decision,
              const GlbClipboardRules   *rules,
              const char                *untrusted_wanted,
              const char * const        *untrusted_types,
              gsize                      n_types,
              const GlbClipboardHistory *history,
              gint64                     now_us)
{
  g_autofree char *wanted = NULL;
  g_autoptr(GPtrArray) names = g_ptr_array_new_full (n_types, g_free);

  for (gsize i = 0; i < n_types; i++)
    g_ptr_array_add (names, glb_clipboard_type_canonicalize (untrusted_types[i]));
  decision->secret_hint = has_secret_hint ((char **) names->pdata, n_types);

  if (untrusted_wanted != NULL && (wanted = glb_clipboard_type_canonicalize (untrusted_wanted)) == NULL)
    {
      deny (decision, GLB_CLIPBOARD_CODE_TYPE_NOT_ALLOWED, g_strdup ("What was asked for is not the name of a type"));
      return;
    }

  choose (decision, rules, wanted, (char **) names->pdata, untrusted_types, n_types);
  if (decision->code != GLB_CLIPBOARD_CODE_NONE)
    return;

  if (decision->secret_hint && rules->direction == GLB_CLIPBOARD_TO_HOST)
    {
      if (rules->secrets == GLB_VERDICT_DENY)
        {
          deny (decision, GLB_CLIPBOARD_CODE_SECRET,
                g_strdup ("A password manager marked this as a secret; the policy's desktop.clipboard.secrets is \"deny\""));
          return;
        }
      decision->verdict = MIN (decision->verdict, rules->secrets);
    }

  if (glb_clipboard_history_count_minute (history, now_us) >= rules->max_per_minute)
    deny (decision, GLB_CLIPBOARD_CODE_RATE_LIMITED,
          g_strdup_printf ("%u requests within a minute are the policy's limit, desktop.clipboard.maxPerMinute", rules->max_per_minute));
}

void
glb_clipboard_decide (GlbClipboardDecision      *decision,
                      const GlbClipboardRules   *rules,
                      const char                *untrusted_wanted,
                      const char * const        *untrusted_types,
                      gsize                      n_types,
                      const GlbClipboardHistory *history,
                      gint64                     now_us)
{
  g_return_if_fail (decision != NULL && rules != NULL && history != NULL);
  g_return_if_fail (untrusted_types != NULL || n_types == 0);

  *decision = (GlbClipboardDecision) { .verdict = rules->verdict };
  if (rules->verdict == GLB_VERDICT_DENY)
    deny (decision, GLB_CLIPBOARD_CODE_POLICY_DENIED,
          g_strdup_printf ("The policy's desktop.clipboard.%s is \"deny\"",
                           rules->direction == GLB_CLIPBOARD_TO_HOST ? "sessionToHost" : "hostToSession"));
  else if (n_types == 0)
    deny (decision, GLB_CLIPBOARD_CODE_EMPTY, g_strdup ("The clipboard is empty"));
  else if (n_types > GLB_CLIPBOARD_MAX_TYPES)
    deny (decision, GLB_CLIPBOARD_CODE_TOO_MANY_TYPES,
          g_strdup_printf ("The clipboard offers %" G_GSIZE_FORMAT " types; %d are the limit", n_types, GLB_CLIPBOARD_MAX_TYPES));
  else
    decide_offer (decision, rules, untrusted_wanted, untrusted_types, n_types, history, now_us);

  if (decision->verdict == GLB_VERDICT_DENY)
    {
      g_clear_pointer (&decision->type, g_free);
      g_clear_pointer (&decision->offered, g_free);
    }
}

void
glb_clipboard_decision_clear (GlbClipboardDecision *self)
{
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->type, g_free);
  g_clear_pointer (&self->offered, g_free);
}
