/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "session-broker/broker/glb-memfd.h"

int
glb_memfd_new_sealed (const char *name, GBytes *bytes, GError **error)
{
  gsize size, done = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  int fd = memfd_create (name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

  while (fd >= 0 && done < size)
    {
      ssize_t n = write (fd, data + done, size - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        break;
      done += n;
    }
  if (fd >= 0 && done == size && fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
    return fd;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "broker: no memory for %s: %s", name, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}
