/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "session-broker/media/glb-media-connect.h"
#include "session-broker/media/glb-media.h"

/* (nullable) (transfer full) */
static char *
find_socket (void)
{
  const char *dir = g_getenv ("PIPEWIRE_RUNTIME_DIR");
  const char *name = g_getenv ("PIPEWIRE_REMOTE");

  if (name == NULL || *name == '\0')
    name = "pipewire-0";
  if (dir == NULL || *dir == '\0')
    dir = g_getenv ("XDG_RUNTIME_DIR");
  if (g_path_is_absolute (name))
    return g_strdup (name);
  return dir != NULL && g_path_is_absolute (dir) ? g_build_filename (dir, name, NULL) : NULL;
}

int
glb_media_connect (const char *path, const char *what, const char *remedy, GError **error)
{
  g_autofree char *found = path != NULL ? g_strdup (path) : find_socket ();
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int saved_errno = ENOENT, fd = -1;

  if (found != NULL && strlen (found) < sizeof address.sun_path)
    {
      strcpy (address.sun_path, found);
      fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
        return fd;
      saved_errno = errno;
      if (fd >= 0)
        close (fd);
    }

  g_set_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST, "%s: no PipeWire answers at %s (%s); start it (systemctl --user start pipewire)%s",
               what, found != NULL ? found : "$XDG_RUNTIME_DIR/pipewire-0", g_strerror (saved_errno), remedy);
  return -1;
}
