/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-policy.h"

#include <string.h>

#include "policies/glb-policy-key.h"
#include "policies/glb-strict-json.h"

#define MAX_QUOTED_CHARS 60

/*
 * Enforced, or refused
 * ====================
 *
 * The format is ahead of the program: this is the one list of keys that parse
 * and that nothing enforces. Only their defaults pass, which deny. What brings
 * the enforcement removes its line. (A word of a choice that nothing enforces
 * is marked at the choice instead, in glb-policy-key.c.)
 */
static const char * const not_enforced[] = {
  "/desktop/input/gamepad",
  "/desktop/input/tablet",
};

/* (transfer full) */
static char *
dup_value (const GlbPolicy    *policy,
           const GlbPolicyKey *key)
{
  GString *out = g_string_new (NULL);

  glb_policy_value_write (out, policy, key);
  return g_string_free (out, FALSE);
}

/* (transfer full) */
static char *
dup_default (const GlbPolicyKey *key)
{
  GlbPolicy defaults = { 0 };
  char *value;

  glb_policy_value_reset (&defaults, key);
  value = dup_value (&defaults, key);
  glb_policy_value_clear (&defaults, key);
  return value;
}

gboolean
glb_policy_check_supported (const GlbPolicy  *self,
                            GError          **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (not_enforced); i++)
    {
      const GlbPolicyKey *key = glb_policy_find_key (not_enforced[i]);
      g_autofree char *value = dup_value (self, key);
      g_autofree char *enforced = dup_default (key);
      g_autofree char *printable = NULL;

      if (strcmp (value, enforced) == 0)
        continue;

      printable = glb_strict_json_printable (value, -1, MAX_QUOTED_CHARS);
      g_set_error (error, GLB_POLICY_ERROR, GLB_POLICY_ERROR_UNSUPPORTED, "%s:%u: %s: %s " GLB_POLICY_NOT_YET "; use %s",
                   self->source, glb_strict_json_get_line (self->lines, not_enforced[i]), not_enforced[i], printable, enforced);
      return FALSE;
    }
  return TRUE;
}
