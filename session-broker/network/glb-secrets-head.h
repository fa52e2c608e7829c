/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The stored headers in a request. Plain C, pure. */

#include <stddef.h>

/* One that is added. */
typedef struct
{
  const char *name;
  const char *value;       /* no NUL behind it, no control characters */
  size_t      value_size;
  size_t      prefix_size; /* how much of it is no secret */
} GlbSecretsField;

/* As glb_network_http_rewrite() has written it: lines that end in CR LF, an empty one last. Fields of a name that is added are left
 * out, however they are written: many servers hold '_' and '-' for the same. out has space for space bytes. Returns the size; 0: no
 * space. */
size_t glb_secrets_head_write (const char *head, size_t head_size, const GlbSecretsField *fields, size_t n_fields,
                               char *out, size_t space);
