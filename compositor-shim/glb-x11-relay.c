/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-x11-relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-paste.h"

/* No policy allows more, so what is longer only has to be too long for the reader. */
#define LENGTH_MAX (16u * 1024u * 1024u + 1u)
#define TURN_BYTES (256u * 1024u)

struct GlbX11Relay
{
  struct wl_event_loop *loop;
  GlbX11RelayCame came;
  void *data;
  GlbPastes *pastes;                   /* what is whole, on its way to the reader */
  struct wl_event_source *readable, *gone;
  int in;                              /* from the bridge; -1: nobody reads */
  int out;                             /* the reader's */
  int memory;
  uint64_t length;
};

static void
stop (GlbX11Relay *self)
{
  if (self->in < 0)
    return;
  wl_event_source_remove (self->readable);
  wl_event_source_remove (self->gone);
  close (self->in);
  close (self->out);
  if (self->memory >= 0)
    close (self->memory);
  self->in = -1;
}

static void
hand_over (GlbX11Relay *self)
{
  const GlbShimPasted unused = { .kind = GLB_SHIM_CLIPBOARD };
  GlbContent *content = NULL;

  if (fcntl (self->memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) == 0)
    content = glb_content_new (self->memory, self->length);
  else
    close (self->memory);
  self->memory = -1;
  if (content != NULL)
    {
      glb_pastes_start (self->pastes, &unused, content, self->out);
      glb_content_unref (content);
    }
  stop (self);
}

/* To the bottom of the pipe: the bridge writes into it at once when the program's next part is there. */
static int
handle_readable (int      fd,
                 uint32_t mask,
                 void    *data)
{
  GlbX11Relay *self = data;

  while (self->length < LENGTH_MAX)
    {
      uint64_t left = LENGTH_MAX - self->length;
      ssize_t n = splice (fd, NULL, self->memory, NULL, left < TURN_BYTES ? left : TURN_BYTES, SPLICE_F_NONBLOCK);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        {
          self->came (self->data);
          return 0;
        }
      if (n < 0)
        {
          stop (self);
          return 0;
        }
      if (n == 0)
        break;
      self->length += (uint64_t) n;
    }
  hand_over (self);
  return 0;
}

/* The reader's deadline is the only one. */
static int
handle_gone (int      fd,
             uint32_t mask,
             void    *data)
{
  stop (data);
  return 0;
}

static void
handle_pasted (const GlbShimPasted *pasted,
               void                *data)
{
}

int
glb_x11_relay_start (GlbX11Relay *self,
                     int          fd)
{
  int ends[2], error;

  if (self->in >= 0)
    {
      close (fd);
      return -EBUSY;
    }
  self->memory = memfd_create ("glovebox-x11", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (self->memory < 0 || pipe2 (ends, O_CLOEXEC) < 0)
    {
      error = errno;
      if (self->memory >= 0)
        close (self->memory);
      close (fd);
      return -error;
    }
  self->in = ends[0];
  self->out = fd;
  self->length = 0;
  self->readable = wl_event_loop_add_fd (self->loop, self->in, WL_EVENT_READABLE, handle_readable, self);
  self->gone = wl_event_loop_add_fd (self->loop, self->out, 0, handle_gone, self);
  if (self->readable == NULL || self->gone == NULL)
    abort ();
  return ends[1];
}

GlbX11Relay *
glb_x11_relay_new (struct wl_event_loop *loop,
                   GlbX11RelayCame       came,
                   void                 *data)
{
  GlbX11Relay *self = glb_new0 (GlbX11Relay);

  self->loop = loop;
  self->came = came;
  self->data = data;
  self->in = -1;
  self->pastes = glb_pastes_new (loop, handle_pasted, self);
  return self;
}

void
glb_x11_relay_free (GlbX11Relay *self)
{
  stop (self);
  glb_pastes_free (self->pastes);
  free (self);
}
