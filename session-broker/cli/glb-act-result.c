/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/cli/glb-act-result.h"

#include <stdint.h>
#include <string.h>

/* A place in the line; each reader moves it behind what it read, or says that this is not there. */
typedef struct
{
  const char *line;
  size_t length, at;
} Reader;

static void
skip_space (Reader *reader)
{
  while (reader->at < reader->length && strchr (" \t\r", reader->line[reader->at]) != NULL &&
         reader->line[reader->at] != '\0')
    reader->at++;
}

static bool
read_char (Reader *reader,
           char    c)
{
  skip_space (reader);
  if (reader->at >= reader->length || reader->line[reader->at] != c)
    return false;

  reader->at++;
  return true;
}

static bool
read_string (Reader *reader,
             size_t *begin,
             size_t *length)
{
  if (!read_char (reader, '"'))
    return false;

  *begin = reader->at;
  while (reader->at < reader->length && reader->line[reader->at] != '"')
    reader->at += reader->line[reader->at] == '\\' ? 2 : 1;
  if (reader->at >= reader->length)
    return false;

  *length = reader->at - *begin;
  reader->at++;
  return true;
}

/* A value that is no string: up to the comma or the brace that ends it, at its own depth. */
static bool
skip_value (Reader *reader)
{
  size_t depth = 0, begin, length;

  while (reader->at < reader->length)
    {
      char c = reader->line[reader->at];

      if (c == '"')
        {
          if (!read_string (reader, &begin, &length))
            return false;
          continue;
        }
      if (depth == 0 && (c == ',' || c == '}'))
        return true;
      if (c == '{' || c == '[')
        depth++;
      else if ((c == '}' || c == ']') && depth-- == 0)
        return false;
      reader->at++;
    }
  return false;
}

/* One "name": value. is_string: the value lies at member->value. */
static bool
read_member (Reader       *reader,
             size_t       *name,
             size_t       *name_length,
             GlbActMember *member,
             bool         *is_string)
{
  skip_space (reader);
  member->begin = reader->at;
  if (!read_string (reader, name, name_length) || !read_char (reader, ':'))
    return false;

  skip_space (reader);
  *is_string = reader->at < reader->length && reader->line[reader->at] == '"';
  if (*is_string)
    {
      if (!read_string (reader, &member->value, &member->value_length))
        return false;
    }
  else if (!skip_value (reader))
    return false;

  member->end = reader->at;
  return true;
}

bool
glb_act_find_member (const char   *line,
                     size_t        length,
                     const char   *name,
                     GlbActMember *member)
{
  Reader reader = { line, length, 0 };
  size_t found, found_length;
  size_t comma = 0;
  bool is_string;

  if (!read_char (&reader, '{'))
    return false;

  for (;;)
    {
      if (!read_member (&reader, &found, &found_length, member, &is_string))
        return false;

      if (is_string && found_length == strlen (name) && memcmp (line + found, name, found_length) == 0)
        {
          /* With the comma after it, or else the one before. */
          if (read_char (&reader, ','))
            member->end = reader.at;
          else if (comma > 0)
            member->begin = comma - 1;
          return true;
        }

      if (!read_char (&reader, ','))
        return false;
      comma = reader.at;
    }
}

size_t
glb_act_remove_member (char               *line,
                       size_t              length,
                       const GlbActMember *member)
{
  memmove (line + member->begin, line + member->end, length - member->end);
  length -= member->end - member->begin;
  line[length] = '\0';
  return length;
}

static int
value_of (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;

  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
glb_act_decode_base64 (const char    *text,
                       size_t         length,
                       unsigned char *bytes,
                       size_t        *n_bytes)
{
  size_t padding = 0;
  uint32_t quad = 0;

  *n_bytes = 0;
  if (length % 4 != 0)
    return false;
  while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
    padding++;

  for (size_t i = 0; i < length; i++)
    {
      int value = i < length - padding ? value_of (text[i]) : 0;

      if (value < 0)
        return false;
      quad = quad << 6 | (uint32_t) value;
      if (i % 4 != 3)
        continue;
      bytes[(*n_bytes)++] = (unsigned char) (quad >> 16);
      bytes[(*n_bytes)++] = (unsigned char) (quad >> 8);
      bytes[(*n_bytes)++] = (unsigned char) quad;
    }

  *n_bytes -= padding;
  return true;
}
