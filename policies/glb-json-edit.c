/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-policies"

#include "config.h"

#include "policies/glb-json-edit.h"

#include <string.h>

/*
 * Walks the text of a sound document to the place of a value. It skips what it
 * need not know, and stops at the end of the text whatever that holds.
 */

static const char *
skip_blank (const char *at)
{
  for (;;)
    {
      at += strspn (at, " \t\r\n");
      if (at[0] != '/' || at[1] != '/')
        return at;
      at += strcspn (at, "\n");
    }
}

/* at: the first quote. Behind the last. */
static const char *
skip_string (const char *at)
{
  for (at++; *at != '\0' && *at != '"'; at++)
    if (at[0] == '\\' && at[1] != '\0')
      at++;
  return *at == '"' ? at + 1 : at;
}

/* Behind the value that begins here. */
static const char *
skip_value (const char *at)
{
  guint depth = 0;

  if (*at == '"')
    return skip_string (at);
  if (*at != '{' && *at != '[')
    return at + strcspn (at, ",]} \t\r\n/");
  do
    {
      at = skip_blank (at);
      if (*at == '"')
        {
          at = skip_string (at);
          continue;
        }
      if (*at == '{' || *at == '[')
        depth++;
      if (*at == '}' || *at == ']')
        depth--;
      if (*at != '\0')
        at++;
    }
  while (depth > 0 && *at != '\0');
  return at;
}

typedef struct
{
  const char *value, *value_end;   /* of the member that was looked for; NULL: it is not there */
  const char *first;               /* where the first member begins; NULL: there is none */
  const char *last_end;            /* where the value of the last ends, or behind the brace */
} Members;

/* at: the brace of an object. FALSE: it is none. */
static gboolean
find_member (const char *at,
             const char *name,
             Members    *members)
{
  *members = (Members) { .last_end = at + 1 };
  if (*at != '{')
    return FALSE;
  at = skip_blank (at + 1);
  while (*at == '"')
    {
      const char *key = at + 1, *key_end = skip_string (at), *value;

      if (members->first == NULL)
        members->first = at;
      at = skip_blank (key_end);
      if (*at != ':')
        return FALSE;
      value = skip_blank (at + 1);
      members->last_end = skip_value (value);
      if (strlen (name) == (gsize) (key_end - 1 - key) && strncmp (key, name, strlen (name)) == 0)
        {
          members->value = value;
          members->value_end = members->last_end;
        }
      at = skip_blank (members->last_end);
      if (*at == ',')
        at = skip_blank (at + 1);
    }
  return *at == '}';
}

/* The value inside the objects of the names that are not there yet. (transfer full) */
static char *
nest (const char * const *names,
      const char         *value)
{
  g_autofree char *inner = names[1] != NULL ? nest (names + 1, value) : NULL;

  if (inner != NULL)
    return g_strdup_printf ("\"%s\": { %s }", names[0], inner);
  return g_strdup_printf ("\"%s\": %s", names[0], value);
}

static void
append_white_before (GString    *out,
                     const char *text,
                     const char *first)
{
  const char *from = first;

  while (from > text && strchr (" \t", from[-1]) != NULL)
    from--;
  if (from > text && from[-1] == '\n')
    {
      g_string_append_c (out, '\n');
      g_string_append_len (out, from, first - from);
    }
  else
    g_string_append_c (out, ' ');
}

/* (transfer full) */
static char *
insert_member (const char         *text,
               const Members      *members,
               const char * const *names,
               const char         *value)
{
  GString *out = g_string_new_len (text, members->last_end - text);
  g_autofree char *member = nest (names, value);

  if (members->first != NULL)
    {
      g_string_append_c (out, ',');
      append_white_before (out, text, members->first);
      g_string_append (out, member);
    }
  else
    g_string_append_printf (out, " %s ", member);
  g_string_append (out, members->last_end);
  return g_string_free (out, FALSE);
}

/* (transfer full) */
static char *
replace (const char *text,
         const char *from,
         const char *to,
         const char *value)
{
  return g_strdup_printf ("%.*s%s%s", (int) (from - text), text, value, to);
}

char *
glb_json_edit_set (const char *text,
                   const char *pointer,
                   const char *value)
{
  g_auto(GStrv) names = NULL;
  const char *at;
  Members members = { 0 };

  g_return_val_if_fail (text != NULL && value != NULL && pointer != NULL && pointer[0] == '/', NULL);

  names = g_strsplit (pointer + 1, "/", -1);
  at = skip_blank (text);
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!find_member (at, names[i], &members))
        return NULL;
      if (members.value == NULL)
        return insert_member (text, &members, (const char * const *) names + i, value);
      at = members.value;
    }
  return replace (text, members.value, members.value_end, value);
}
