/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/network/glb-secrets-keep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct GlbSecretsKeep
{
  GlbSecretsSecret *secrets;   /* pages of their own */
  size_t size;
  unsigned n, max;
};

GlbSecretsKeep *
glb_secrets_keep_new (unsigned max)
{
  GlbSecretsKeep *self = calloc (1, sizeof *self);

  if (self == NULL)
    abort ();
  self->max = max;
  self->size = max * sizeof *self->secrets;
  self->secrets = mmap (NULL, self->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (self->secrets == MAP_FAILED || madvise (self->secrets, self->size, MADV_DONTDUMP) != 0)
    abort ();
  (void) !mlock (self->secrets, self->size);
  return self;
}

void
glb_secrets_keep_free (GlbSecretsKeep *self)
{
  explicit_bzero (self->secrets, self->size);
  munmap (self->secrets, self->size);
  free (self);
}

bool
glb_secrets_keep_add (GlbSecretsKeep         *self,
                      const GlbSecretsSecret *secret)
{
  if (self->n == self->max)
    return false;
  self->secrets[self->n++] = *secret;
  return true;
}

unsigned
glb_secrets_keep_count (const GlbSecretsKeep *self)
{
  return self->n;
}

unsigned
glb_secrets_keep_list_tls (const GlbSecretsKeep  *self,
                           const char           **hosts)
{
  unsigned n = 0;

  for (unsigned i = 0; i < self->n; i++)
    if (self->secrets[i].place.tls)
      hosts[n++] = self->secrets[i].place.host;
  return n;
}

static bool
is_same (const GlbSecretsPlace *one,
         const GlbSecretsPlace *other)
{
  return one->tls == other->tls && one->port == other->port && strcmp (one->host, other->host) == 0;
}

unsigned
glb_secrets_keep_find (const GlbSecretsKeep  *self,
                       const GlbSecretsPlace *place,
                       GlbSecretsField       *fields)
{
  unsigned n = 0;

  for (unsigned i = 0; i < self->n; i++)
    if (is_same (&self->secrets[i].place, place))
      fields[n++] = (GlbSecretsField) {
        self->secrets[i].header, self->secrets[i].value, self->secrets[i].size, self->secrets[i].prefix_size,
      };
  return n;
}
