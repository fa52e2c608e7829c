/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Enough of JSON to take one string out of a result, without a library and without a copy of a large image. */

/* One member of the outermost object whose value is a string; offsets into the line. */
typedef struct
{
  size_t begin, end;             /* of the member with one comma, to remove it */
  size_t value, value_length;    /* between the quotes, escapes as they are */
} GlbActMember;

/* Pure. FALSE: there is none, or the line is no JSON object as far as was read. */
bool   glb_act_find_member   (const char *line, size_t length, const char *name, GlbActMember *member);
/* Closes the gap; gives the new length. */
size_t glb_act_remove_member (char *line, size_t length, const GlbActMember *member);
/* bytes: room for length / 4 * 3 + 3. FALSE: not base64 with its padding. */
bool   glb_act_decode_base64 (const char *text, size_t length, unsigned char *bytes, size_t *n_bytes);
