/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Text of a program where it is, without a NUL at its end. Plain C; ASCII only, whatever the locale says. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct
{
  const char *bytes;
  size_t      size;
} GlbNetworkSpan;

static inline bool
glb_network_is_digit (char c)
{
  return c >= '0' && c <= '9';
}

static inline bool
glb_network_is_letter (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char
glb_network_to_lower (char c)
{
  return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

static inline bool
glb_network_span_is (GlbNetworkSpan self, const char *text)
{
  return strlen (text) == self.size && memcmp (self.bytes, text, self.size) == 0;
}

static inline bool
glb_network_span_equals_in_any_case (GlbNetworkSpan a, GlbNetworkSpan b)
{
  if (a.size != b.size)
    return false;
  for (size_t i = 0; i < a.size; i++)
    if (glb_network_to_lower (a.bytes[i]) != glb_network_to_lower (b.bytes[i]))
      return false;
  return true;
}

static inline bool
glb_network_span_is_in_any_case (GlbNetworkSpan self, const char *text)
{
  return glb_network_span_equals_in_any_case (self, (GlbNetworkSpan) { text, strlen (text) });
}

static inline bool
glb_network_span_begins_in_any_case (GlbNetworkSpan self, const char *text)
{
  if (self.size > strlen (text))
    self.size = strlen (text);
  return glb_network_span_is_in_any_case (self, text);
}

static inline GlbNetworkSpan
glb_network_span_from (GlbNetworkSpan self, size_t offset)
{
  return (GlbNetworkSpan) { self.bytes + offset, self.size - offset };
}

/* Up to c, or all of it. */
static inline size_t
glb_network_span_find (GlbNetworkSpan self, char c)
{
  const char *found = self.size > 0 ? memchr (self.bytes, c, self.size) : NULL;

  return found ? (size_t) (found - self.bytes) : self.size;
}
