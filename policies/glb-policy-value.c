/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-policy-key.h"

/* What a policy holds for each kind of key: its default, a copy, its end, and how the canonical form says it. */

static GlbPolicyRect *
get_rect (GlbPolicy          *policy,
          const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->offset);
}

static char **
get_path (GlbPolicy          *policy,
          const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->flag);
}

static gboolean *
get_flag (GlbPolicy          *policy,
          const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->flag);
}

static GArray **
get_rects (GlbPolicy          *policy,
           const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->offset);
}

static GPtrArray **
get_windows (GlbPolicy          *policy,
             const GlbPolicyKey *key)
{
  return G_STRUCT_MEMBER_P (policy, key->offset);
}

static void
window_pattern_free (gpointer data)
{
  GlbWindowPattern *self = data;

  g_free (self->app_id);
  g_free (self->title);
  g_free (self);
}

/* (transfer full) */
static GPtrArray *
copy_windows (GPtrArray *windows)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (window_pattern_free);

  for (guint i = 0; windows && i < windows->len; i++)
    {
      const GlbWindowPattern *pattern = windows->pdata[i];
      GlbWindowPattern *own = g_new0 (GlbWindowPattern, 1);

      own->app_id = g_strdup (pattern->app_id);
      own->title = g_strdup (pattern->title);
      g_ptr_array_add (copy, own);
    }
  return copy;
}

/* (transfer full) */
static GPtrArray *
copy_rules (GPtrArray               *rules,
            const GlbPolicyRules *kind)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (kind->free);

  for (guint i = 0; rules && i < rules->len; i++)
    {
      char *why = NULL;
      gpointer rule = kind->parse (kind->get_text (rules->pdata[i]), &why);

      g_assert (rule != NULL);
      g_ptr_array_add (copy, rule);
    }
  return copy;
}

/* (transfer full) */
static GStrv
default_strings (const GlbPolicyKey *key)
{
  GStrv strings = g_new0 (char *, 2);

  strings[0] = g_strdup (key->text);
  return strings;
}

void
glb_policy_value_clear (GlbPolicy          *policy,
                        const GlbPolicyKey *key)
{
  switch (key->kind)
    {
    case GLB_POLICY_KEY_OBJECT:
      for (const GlbPolicyKey *child = key->children; child->name; child++)
        glb_policy_value_clear (policy, child);
      break;
    case GLB_POLICY_KEY_WORD:
    case GLB_POLICY_KEY_NAME:
      g_clear_pointer (glb_policy_key_string (policy, key), g_free);
      break;
    case GLB_POLICY_KEY_SOURCE:
      g_clear_pointer (get_path (policy, key), g_free);
      break;
    case GLB_POLICY_KEY_PATHS:
    case GLB_POLICY_KEY_STRINGS:
      g_clear_pointer (glb_policy_key_strv (policy, key), g_strfreev);
      break;
    case GLB_POLICY_KEY_RECTS:
      g_clear_pointer (get_rects (policy, key), g_array_unref);
      break;
    case GLB_POLICY_KEY_WINDOWS:
      g_clear_pointer (get_windows (policy, key), g_ptr_array_unref);
      break;
    case GLB_POLICY_KEY_RULES:
      g_clear_pointer (glb_policy_key_rules (policy, key), g_ptr_array_unref);
      break;
    default:
      break;
    }
}

void
glb_policy_value_reset (GlbPolicy          *policy,
                        const GlbPolicyKey *key)
{
  glb_policy_value_clear (policy, key);
  switch (key->kind)
    {
    case GLB_POLICY_KEY_OBJECT:
      for (const GlbPolicyKey *child = key->children; child->name; child++)
        glb_policy_value_reset (policy, child);
      break;
    case GLB_POLICY_KEY_BOOLEAN:
    case GLB_POLICY_KEY_NUMBER:
    case GLB_POLICY_KEY_CHOICE:
    case GLB_POLICY_KEY_SOURCE:
      if (key->offset != GLB_POLICY_KEY_NOT_STORED)
        *glb_policy_key_int (policy, key) = key->fallback;
      break;
    case GLB_POLICY_KEY_WORD:
    case GLB_POLICY_KEY_NAME:
      *glb_policy_key_string (policy, key) = g_strdup (key->text);
      break;
    case GLB_POLICY_KEY_PATHS:
    case GLB_POLICY_KEY_STRINGS:
      *glb_policy_key_strv (policy, key) = default_strings (key);
      break;
    case GLB_POLICY_KEY_RECT:
      *get_flag (policy, key) = FALSE;
      *get_rect (policy, key) = (GlbPolicyRect) { 0 };
      break;
    case GLB_POLICY_KEY_RECTS:
      *get_rects (policy, key) = g_array_new (FALSE, FALSE, sizeof (GlbPolicyRect));
      break;
    case GLB_POLICY_KEY_WINDOWS:
      *get_windows (policy, key) = copy_windows (NULL);
      break;
    case GLB_POLICY_KEY_RULES:
      *glb_policy_key_rules (policy, key) = copy_rules (NULL, key->rules);
      break;
    case GLB_POLICY_KEY_FALSE:
      break;
    }
}

void
glb_policy_value_copy (GlbPolicy          *policy,
                       const GlbPolicy    *other,
                       const GlbPolicyKey *key)
{
  GlbPolicy *source = (GlbPolicy *) other;   /* only read */

  glb_policy_value_clear (policy, key);
  switch (key->kind)
    {
    case GLB_POLICY_KEY_OBJECT:
      for (const GlbPolicyKey *child = key->children; child->name; child++)
        glb_policy_value_copy (policy, source, child);
      break;
    case GLB_POLICY_KEY_BOOLEAN:
    case GLB_POLICY_KEY_NUMBER:
    case GLB_POLICY_KEY_CHOICE:
      if (key->offset != GLB_POLICY_KEY_NOT_STORED)
        *glb_policy_key_int (policy, key) = *glb_policy_key_int (source, key);
      break;
    case GLB_POLICY_KEY_SOURCE:
      *glb_policy_key_int (policy, key) = *glb_policy_key_int (source, key);
      *get_path (policy, key) = g_strdup (*get_path (source, key));
      break;
    case GLB_POLICY_KEY_WORD:
    case GLB_POLICY_KEY_NAME:
      *glb_policy_key_string (policy, key) = g_strdup (*glb_policy_key_string (source, key));
      break;
    case GLB_POLICY_KEY_PATHS:
    case GLB_POLICY_KEY_STRINGS:
      *glb_policy_key_strv (policy, key) = g_strdupv (*glb_policy_key_strv (source, key));
      break;
    case GLB_POLICY_KEY_RECT:
      *get_flag (policy, key) = *get_flag (source, key);
      *get_rect (policy, key) = *get_rect (source, key);
      break;
    case GLB_POLICY_KEY_RECTS:
      *get_rects (policy, key) = g_array_copy (*get_rects (source, key));
      break;
    case GLB_POLICY_KEY_WINDOWS:
      *get_windows (policy, key) = copy_windows (*get_windows (source, key));
      break;
    case GLB_POLICY_KEY_RULES:
      *glb_policy_key_rules (policy, key) = copy_rules (*glb_policy_key_rules (source, key), key->rules);
      break;
    case GLB_POLICY_KEY_FALSE:
      break;
    }
}

/* text: valid UTF-8 without control characters, which no check of a string lets through */
static void
write_string (GString    *out,
              const char *text)
{
  g_string_append_c (out, '"');
  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *c);
    }
  g_string_append_c (out, '"');
}

static void
write_choice (GString            *out,
              GlbPolicy          *policy,
              const GlbPolicyKey *key)
{
  const GlbPolicyChoice *choice = key->choices;

  if (key->offset != GLB_POLICY_KEY_NOT_STORED)
    while (choice->word && choice->value != *glb_policy_key_int (policy, key))
      choice++;
  g_assert (choice->word != NULL);
  write_string (out, choice->word);
}

static void
write_source (GString            *out,
              GlbPolicy          *policy,
              const GlbPolicyKey *key)
{
  g_autofree char *text = NULL;

  if (*get_path (policy, key) == NULL)
    {
      write_choice (out, policy, key);
      return;
    }
  text = g_strconcat (GLB_POLICY_FILE, *get_path (policy, key), NULL);
  write_string (out, text);
}

static void
write_number (GString            *out,
              GlbPolicy          *policy,
              const GlbPolicyKey *key)
{
  if (key->nullable && *glb_policy_key_int (policy, key) == 0)
    g_string_append (out, "null");
  else
    g_string_append_printf (out, "%d", *glb_policy_key_int (policy, key));
}

static void
write_strings (GString *out,
               GStrv    strings)
{
  g_string_append_c (out, '[');
  for (guint i = 0; strings[i]; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      write_string (out, strings[i]);
    }
  g_string_append_c (out, ']');
}

static void
write_rect (GString             *out,
            const GlbPolicyRect *rect)
{
  g_string_append_printf (out, "[%d,%d,%d,%d]", rect->x, rect->y, rect->width, rect->height);
}

static void
write_rects (GString *out,
             GArray  *rects)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < rects->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      write_rect (out, &g_array_index (rects, GlbPolicyRect, i));
    }
  g_string_append_c (out, ']');
}

static void
write_windows (GString   *out,
               GPtrArray *windows)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < windows->len; i++)
    {
      const GlbWindowPattern *pattern = windows->pdata[i];

      g_string_append (out, i > 0 ? ",{" : "{");
      if (pattern->app_id)
        {
          g_string_append (out, "\"" GLB_POLICY_WINDOW_APP_ID "\":");
          write_string (out, pattern->app_id);
        }
      if (pattern->title)
        {
          g_string_append_printf (out, "%s\"" GLB_POLICY_WINDOW_TITLE "\":", pattern->app_id ? "," : "");
          write_string (out, pattern->title);
        }
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
}

static void
write_rules (GString                 *out,
             GPtrArray               *rules,
             const GlbPolicyRules *kind)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < rules->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      write_string (out, kind->get_canonical (rules->pdata[i]));
    }
  g_string_append_c (out, ']');
}

static void
write_object (GString            *out,
              const GlbPolicy    *policy,
              const GlbPolicyKey *key)
{
  gboolean first = TRUE;

  g_string_append_c (out, '{');
  for (const GlbPolicyKey *child = key->children; child->name; child++)
    {
      if (child->short_form)
        continue;
      g_string_append_printf (out, "%s\"%s\":", first ? "" : ",", child->name);
      glb_policy_value_write (out, policy, child);
      first = FALSE;
    }
  g_string_append_c (out, '}');
}

void
glb_policy_value_write (GString            *out,
                        const GlbPolicy    *source,
                        const GlbPolicyKey *key)
{
  GlbPolicy *policy = (GlbPolicy *) source;   /* only read */

  switch (key->kind)
    {
    case GLB_POLICY_KEY_OBJECT:
      write_object (out, policy, key);
      break;
    case GLB_POLICY_KEY_BOOLEAN:
      g_string_append (out, *glb_policy_key_int (policy, key) ? "true" : "false");
      break;
    case GLB_POLICY_KEY_NUMBER:
      write_number (out, policy, key);
      break;
    case GLB_POLICY_KEY_CHOICE:
      write_choice (out, policy, key);
      break;
    case GLB_POLICY_KEY_SOURCE:
      write_source (out, policy, key);
      break;
    case GLB_POLICY_KEY_WORD:
    case GLB_POLICY_KEY_NAME:
      write_string (out, *glb_policy_key_string (policy, key));
      break;
    case GLB_POLICY_KEY_PATHS:
    case GLB_POLICY_KEY_STRINGS:
      write_strings (out, *glb_policy_key_strv (policy, key));
      break;
    case GLB_POLICY_KEY_RECT:
      if (*get_flag (policy, key))
        write_rect (out, get_rect (policy, key));
      else
        g_string_append (out, "null");
      break;
    case GLB_POLICY_KEY_RECTS:
      write_rects (out, *get_rects (policy, key));
      break;
    case GLB_POLICY_KEY_WINDOWS:
      write_windows (out, *get_windows (policy, key));
      break;
    case GLB_POLICY_KEY_RULES:
      write_rules (out, *glb_policy_key_rules (policy, key), key->rules);
      break;
    case GLB_POLICY_KEY_FALSE:
      g_assert_not_reached ();
    }
}
