/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-secrets-head.h"

#include <stdbool.h>
#include <string.h>

typedef struct
{
  char  *bytes;
  size_t size, space;
  bool   full;
} Out;

static void
put (Out        *out,
     const char *bytes,
     size_t      size)
{
  if (size > out->space - out->size)
    {
      out->full = true;
      return;
    }
  memcpy (out->bytes + out->size, bytes, size);
  out->size += size;
}

static char
fold (char c)
{
  if (c >= 'A' && c <= 'Z')
    return (char) (c - 'A' + 'a');
  return c == '_' ? '-' : c;
}

static bool
is_field_of (const char *line,
             size_t      size,
             const char *name)
{
  size_t length = strlen (name);

  if (size <= length || line[length] != ':')
    return false;
  for (size_t i = 0; i < length; i++)
    if (fold (line[i]) != fold (name[i]))
      return false;
  return true;
}

static bool
is_added (const char            *line,
          size_t                 size,
          const GlbSecretsField *fields,
          size_t                 n_fields)
{
  for (size_t i = 0; i < n_fields; i++)
    if (is_field_of (line, size, fields[i].name))
      return true;
  return false;
}

static void
put_fields (Out                   *out,
            const GlbSecretsField *fields,
            size_t                 n_fields)
{
  for (size_t i = 0; i < n_fields; i++)
    {
      put (out, fields[i].name, strlen (fields[i].name));
      put (out, ": ", 2);
      put (out, fields[i].value, fields[i].value_size);
      put (out, "\r\n", 2);
    }
}

/* Of the line at its beginning, with its end; 0: it has none. */
static size_t
line_size (const char *bytes,
           size_t      size)
{
  const char *end = memmem (bytes, size, "\r\n", 2);

  return end != NULL ? (size_t) (end - bytes) + 2 : 0;
}

size_t
glb_secrets_head_write (const char            *head,
                        size_t                 head_size,
                        const GlbSecretsField *fields,
                        size_t                 n_fields,
                        char                  *out_bytes,
                        size_t                 space)
{
  Out out = { .bytes = out_bytes, .space = space };
  size_t at = line_size (head, head_size);

  put (&out, head, at);
  while (at < head_size)
    {
      size_t size = line_size (head + at, head_size - at);

      if (size == 0)
        return 0;
      if (size == 2)
        put_fields (&out, fields, n_fields);
      if (size == 2 || !is_added (head + at, size, fields, n_fields))
        put (&out, head + at, size);
      at += size;
    }
  return out.full ? 0 : out.size;
}
