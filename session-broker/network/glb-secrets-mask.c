/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-secrets-mask.h"

#include <string.h>

static size_t
secret_size (const GlbSecretsField *field)
{
  size_t size = field->value_size - field->prefix_size;

  return size >= GLB_SECRETS_MASK_MIN ? size : 0;
}

size_t
glb_secrets_mask_reach (const GlbSecretsField *fields,
                        size_t                 n_fields)
{
  size_t reach = 0;

  for (size_t i = 0; i < n_fields; i++)
    if (secret_size (&fields[i]) > reach + 1)
      reach = secret_size (&fields[i]) - 1;
  return reach;
}

void
glb_secrets_mask (char                  *bytes,
                  size_t                 size,
                  const GlbSecretsField *fields,
                  size_t                 n_fields)
{
  for (size_t i = 0; i < n_fields; i++)
    {
      size_t length = secret_size (&fields[i]);
      char *end = bytes + size;
      char *at = length > 0 ? bytes : NULL;

      while (at != NULL && (at = memmem (at, (size_t) (end - at), fields[i].value + fields[i].prefix_size, length)) != NULL)
        {
          memset (at, '*', length);
          at += length;
        }
    }
}
