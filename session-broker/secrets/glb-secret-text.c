/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glb-secrets"

#include "config.h"

#include "session-broker/secrets/glb-secret-text.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SPACE (GLB_SECRET_TEXT_MAX + 4096u)

GlbSecretText *
glb_secret_text_new (void)
{
  GlbSecretText *self = g_new0 (GlbSecretText, 1);

  self->space = SPACE;
  self->bytes = mmap (NULL, SPACE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (self->bytes == MAP_FAILED || madvise (self->bytes, SPACE, MADV_DONTDUMP) != 0 ||
      madvise (self->bytes, SPACE, MADV_WIPEONFORK) != 0)
    g_error ("Can't get memory for a secret: %s", g_strerror (errno));
  /* it is there for a moment only, and a host may have no locked memory left for this account */
  if (mlock (self->bytes, SPACE) != 0)
    g_debug ("A secret's memory is not locked: %s", g_strerror (errno));
  return self;
}

void
glb_secret_text_free (GlbSecretText *self)
{
  explicit_bzero (self->bytes, self->space);
  munmap (self->bytes, self->space);
  g_free (self);
}

gboolean
glb_secret_text_read (GlbSecretText *self,
                      int            fd)
{
  while (self->size < self->space)
    {
      ssize_t n = read (fd, self->bytes + self->size, self->space - self->size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n == 0;
      self->size += (gsize) n;
    }
  errno = EFBIG;
  return FALSE;
}

const char *
glb_secret_text_check (GlbSecretText *self)
{
  if (self->size > 0 && self->bytes[self->size - 1] == '\n')
    self->size--;
  if (self->size > 0 && self->bytes[self->size - 1] == '\r')
    self->size--;

  if (self->size == 0)
    return "it is empty; store it again";
  if (self->size > GLB_SECRET_TEXT_MAX)
    return "it is longer than 8192 bytes; a header has no space for it";
  for (gsize i = 0; i < self->size; i++)
    if (!g_ascii_isprint (self->bytes[i]))
      return "it has more than one line, or characters that are not printable ASCII; a header can't carry them";
  if (self->bytes[0] == ' ' || self->bytes[self->size - 1] == ' ')
    return "it begins or ends with a space, which a header loses; store it without";
  return NULL;
}
