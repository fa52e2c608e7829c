/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-policy-diff.h"

#include "policies/glb-policy-key.h"

static void
change_free (gpointer data)
{
  GlbPolicyChange *self = data;

  g_free (self->pointer);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

/* (transfer full) */
static char *
dup_value (const GlbPolicy    *policy,
           const GlbPolicyKey *key)
{
  GString *out = g_string_new (NULL);

  glb_policy_value_write (out, policy, key);
  return g_string_free (out, FALSE);
}

static void
compare_key (GPtrArray          *changes,
             const char         *pointer,
             const GlbPolicyKey *key,
             const GlbPolicy    *before,
             const GlbPolicy    *after)
{
  g_autofree char *old_value = dup_value (before, key);
  g_autofree char *new_value = dup_value (after, key);
  GlbPolicyChange *change;

  if (g_str_equal (old_value, new_value))
    return;
  change = g_new0 (GlbPolicyChange, 1);
  change->pointer = g_strdup (pointer);
  change->before = g_steal_pointer (&old_value);
  change->after = g_steal_pointer (&new_value);
  g_ptr_array_add (changes, change);
}

static void
compare_keys (GPtrArray          *changes,
              const char         *above,
              const GlbPolicyKey *keys,
              const GlbPolicy    *before,
              const GlbPolicy    *after)
{
  for (const GlbPolicyKey *key = keys; key->name != NULL; key++)
    {
      g_autofree char *pointer = g_strconcat (above, "/", key->name, NULL);

      if (key->children != NULL)
        compare_keys (changes, pointer, key->children, before, after);
      else if (!key->short_form)
        compare_key (changes, pointer, key, before, after);
    }
}

GPtrArray *
glb_policy_diff (const GlbPolicy *before,
                 const GlbPolicy *after)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func (change_free);

  g_return_val_if_fail (before != NULL && after != NULL, changes);

  compare_keys (changes, "", glb_policy_root_key.children, before, after);
  return changes;
}
