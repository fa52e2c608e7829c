/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-policy-diff.h"

#include <string.h>

#include "policies/glb-json-writer.h"
#include "policies/glb-policy-key.h"
#include "policies/glb-strict-json.h"

/* As long as a whole policy may be: who shows a line decides what is too long. */
#define VALUE_CHARS (1024 * 1024)
#define DEPTH_MAX   24

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

/* ---- lines ------------------------------------------------------------------------------ */

static void
take_line (GPtrArray  *lines,
           const char *name,
           const char *text)
{
  g_autofree char *visible = glb_strict_json_printable (text, -1, VALUE_CHARS);

  g_ptr_array_add (lines, g_strdup_printf ("%s: %s", name, visible));
}

/* (nullable) (transfer full): the canonical elements of a canonical list */
static GPtrArray *
split_list (const char *value)
{
  static const GlbStrictJsonLimits limits = { VALUE_CHARS, DEPTH_MAX };
  g_autoptr(JsonNode) node = glb_strict_json_parse (value, strlen (value), GLB_STRICT_JSON_DEFAULT, &limits, NULL, NULL);
  GPtrArray *elements;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;

  elements = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    g_ptr_array_add (elements, glb_json_write (json_array_get_element (json_node_get_array (node), i)));
  return elements;
}

/* Elements of one that the other has not. */
static void
add_elements (GPtrArray  *lines,
              const char *name,
              char        sign,
              GPtrArray  *of,
              GPtrArray  *but)
{
  for (guint i = 0; i < of->len; i++)
    if (!g_ptr_array_find_with_equal_func (but, of->pdata[i], g_str_equal, NULL))
      {
        g_autofree char *text = g_strdup_printf ("%c %s", sign, (const char *) of->pdata[i]);

        take_line (lines, name, text);
      }
}

static void
add_change (GPtrArray             *lines,
            const GlbPolicyChange *change)
{
  g_autofree char *name = g_strdelimit (g_strdup (change->pointer + 1), "/", '.');
  g_autoptr(GPtrArray) before = split_list (change->before);
  g_autoptr(GPtrArray) after = split_list (change->after);
  g_autofree char *both = g_strdup_printf ("%s → %s", change->before, change->after);
  guint n_lines = lines->len;

  if (before == NULL || after == NULL)
    {
      take_line (lines, name, both);
      return;
    }
  add_elements (lines, name, '-', before, after);
  add_elements (lines, name, '+', after, before);
  if (lines->len == n_lines)
    take_line (lines, name, "the same in another order or number");
}

GPtrArray *
glb_policy_diff_to_lines (GPtrArray *changes)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < changes->len; i++)
    add_change (lines, changes->pdata[i]);
  return lines;
}
