/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-x11-reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compositor-shim/glb-memory.h"

/* Weston has some dozens open. */
#define FDS_MAX 4096

struct GlbX11Reader
{
  ino_t pipe;            /* 0: none */
  int silent[2];         /* a pipe that nothing comes from */
};

/* The bridge's and the event loop's, which has a copy.  What nobody holds any more, the kernel stops to watch. */
static void
silence (GlbX11Reader *self)
{
  struct stat status;

  for (int fd = 3; fd < FDS_MAX; fd++)
    if (fstat (fd, &status) == 0 && S_ISFIFO (status.st_mode) && status.st_ino == self->pipe &&
        (fcntl (fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
      dup3 (self->silent[0], fd, O_CLOEXEC);
}

void
glb_x11_reader_begin (GlbX11Reader *self,
                      int           fd)
{
  struct stat status;

  if (self->pipe != 0)
    silence (self);
  self->pipe = fstat (fd, &status) == 0 && S_ISFIFO (status.st_mode) ? status.st_ino : 0;
}

GlbX11Reader *
glb_x11_reader_new (void)
{
  GlbX11Reader *self = glb_new0 (GlbX11Reader);

  if (pipe2 (self->silent, O_CLOEXEC | O_NONBLOCK) < 0)
    abort ();
  return self;
}

void
glb_x11_reader_free (GlbX11Reader *self)
{
  close (self->silent[0]);
  close (self->silent[1]);
  free (self);
}
