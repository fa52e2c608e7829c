/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glovebox-view"

#include "config.h"

#include "ui/glb-policy-draft.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/glb-own-policies.h"

/* What messages begin with, and nobody sees. */
#define SOURCE "policy"

GlbPolicyDraft *
glb_policy_draft_new (const char  *name,
                      gboolean     own,
                      GError     **error)
{
  g_autofree char *text = own ? glb_own_policies_load (name, error) : glb_own_policies_get_template_text (name);
  GlbPolicyDraft *self;

  g_return_val_if_fail (own || text != NULL, NULL);

  if (text == NULL)
    return NULL;
  self = g_new0 (GlbPolicyDraft, 1);
  *self = (GlbPolicyDraft) { g_strdup (name), own, g_strdup (text), g_strdup (text) };
  return self;
}

void
glb_policy_draft_free (GlbPolicyDraft *self)
{
  g_free (self->name);
  g_free (self->saved);
  g_free (self->text);
  g_free (self);
}

gboolean
glb_policy_draft_is_saved (const GlbPolicyDraft *self)
{
  return g_str_equal (self->saved, self->text);
}

gboolean
glb_policy_draft_save (GlbPolicyDraft  *self,
                       GError         **error)
{
  if (!glb_own_policies_save (self->name, self->saved, self->text, error))
    return FALSE;
  g_free (self->saved);
  self->saved = g_strdup (self->text);
  return TRUE;
}

/* "policy:12: what" */
static void
take_apart (const char  *message,
            guint       *line,
            char       **problem)
{
  char *end = NULL;

  if (g_str_has_prefix (message, SOURCE ":"))
    *line = g_ascii_strtoull (message + strlen (SOURCE ":"), &end, 10);
  *problem = g_strdup (end != NULL && g_str_has_prefix (end, ": ") ? end + 2 : message);
}

GlbPolicy *
glb_policy_draft_parse (const GlbPolicyDraft  *self,
                        guint                 *line,
                        char                 **problem)
{
  g_autoptr(GBytes) bytes = g_bytes_new (self->text, strlen (self->text));
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) policy = glb_policy_new_from_bytes (bytes, SOURCE, &error);

  *line = 0;
  *problem = NULL;
  if (policy != NULL && glb_policy_check_supported (policy, &error))
    return g_steal_pointer (&policy);
  take_apart (error->message, line, problem);
  return NULL;
}

char *
glb_policy_draft_find_base (const GlbPolicyDraft *self)
{
  g_auto(GStrv) templates = glb_policy_list_templates ();
  const char *base = "default";
  gsize longest = 0;

  for (guint i = 0; templates[i] != NULL; i++)
    if (strstr (self->name, templates[i]) != NULL && strlen (templates[i]) > longest)
      {
        base = templates[i];
        longest = strlen (base);
      }
  return g_strdup (base);
}
