/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <libweston/libweston.h>

#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-selection-type.h"

/* A broker that lets this many messages wait is as good as gone. */
#define QUEUE_MAX 4096

typedef struct
{
  struct wl_list link;
  int fd;                  /* -1: none */
  size_t size;
  uint8_t bytes[];         /* header and payload */
} Packet;

struct GlbControl
{
  const GlbControlHandler *handler;
  void *data;
  int fd;
  struct wl_event_source *source;
  struct wl_list queue;    /* Packet.link, oldest first */
  unsigned n_queued;
  bool closed;
  _Alignas (8) uint8_t buffer[GLB_SHIM_MESSAGE_MAX];
};

static void
packet_free (Packet *packet)
{
  wl_list_remove (&packet->link);
  if (packet->fd >= 0)
    close (packet->fd);
  free (packet);
}

static void
control_closed (GlbControl *control)
{
  if (control->closed)
    return;
  control->closed = true;
  if (control->source != NULL)
    wl_event_source_remove (control->source);
  control->source = NULL;
  control->handler->closed (control->data);
}

/* Returns 1: sent, 0: the socket is full, -1: the broker is gone. */
static int
send_packet (GlbControl *control,
             void       *bytes,
             size_t      size,
             int         fd)
{
  struct iovec iov = { .iov_base = bytes, .iov_len = size };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } ancillary = { 0 };

  if (fd >= 0)
    {
      struct cmsghdr *header;

      message.msg_control = ancillary.space;
      message.msg_controllen = sizeof ancillary.space;
      header = CMSG_FIRSTHDR (&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (header), &fd, sizeof fd);
    }

  for (;;)
    {
      if (sendmsg (control->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        return 1;
      if (errno == EINTR)
        continue;
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? 0 : -1;
    }
}

static void
flush_queue (GlbControl *control)
{
  Packet *packet, *next;

  wl_list_for_each_safe (packet, next, &control->queue, link)
    {
      int sent = send_packet (control, packet->bytes, packet->size, packet->fd);

      if (sent < 0)
        control_closed (control);
      if (sent <= 0)
        return;
      packet_free (packet);
      control->n_queued--;
    }

  if (control->source != NULL)
    wl_event_source_fd_update (control->source, WL_EVENT_READABLE);
  control->handler->drained (control->data);
}

void
glb_control_send_fd (GlbControl *control,
                     uint32_t    type,
                     uint64_t    serial,
                     const void *payload,
                     size_t      size,
                     int         fd)
{
  GlbShimHeader header = { .type = type, .size = (uint32_t) size, .serial = serial };
  Packet *packet;
  int sent = 0;

  if (control->closed)
    return;

  packet = glb_malloc (sizeof *packet + sizeof header + size);
  packet->fd = -1;
  packet->size = sizeof header + size;
  memcpy (packet->bytes, &header, sizeof header);
  if (size > 0)
    memcpy (packet->bytes + sizeof header, payload, size);

  if (wl_list_empty (&control->queue))
    sent = send_packet (control, packet->bytes, packet->size, fd);
  if (sent != 0)
    {
      free (packet);
      if (sent < 0)
        control_closed (control);
      return;
    }

  if (fd >= 0)
    packet->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  wl_list_insert (control->queue.prev, &packet->link);
  wl_event_source_fd_update (control->source, WL_EVENT_READABLE | WL_EVENT_WRITABLE);
  if (++control->n_queued > QUEUE_MAX || (fd >= 0 && packet->fd < 0))
    {
      weston_log ("glovebox: the broker does not read its control channel\n");
      control_closed (control);
    }
}

void
glb_control_send (GlbControl *control,
                  uint32_t    type,
                  uint64_t    serial,
                  const void *payload,
                  size_t      size)
{
  glb_control_send_fd (control, type, serial, payload, size, -1);
}

bool
glb_control_is_congested (GlbControl *control)
{
  return !wl_list_empty (&control->queue);
}

static bool
has_continuation (const uint8_t *byte,
                  size_t         n,
                  size_t         left)
{
  if (left <= n)
    return false;
  for (size_t i = 1; i <= n; i++)
    if ((byte[i] & 0xc0) != 0x80)
      return false;
  return true;
}

/* Text that can be typed: UTF-8 (no surrogates, no overlong forms), no control characters but \n and \t. */
static bool
text_is_valid (const char *text,
               size_t      length)
{
  for (size_t i = 0; i < length;)
    {
      const uint8_t *byte = (const uint8_t *) text + i;
      uint32_t c = byte[0];
      size_t n = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 9;

      if (n == 9 || !has_continuation (byte, n, length - i))
        return false;
      if (n > 0)
        {
          c &= 0x3fu >> n;
          for (size_t k = 1; k <= n; k++)
            c = c << 6 | (byte[k] & 0x3f);
        }
      if ((c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || (n == 2 && c < 0x800) ||
          (c >= 0xd800 && c < 0xe000) || (n == 3 && c < 0x10000) || c > 0x10ffff)
        return false;
      i += n + 1;
    }
  return true;
}

static bool
set_selection_is_valid (const GlbShimSetSelection *set,
                        size_t                     size)
{
  if (size < sizeof *set || set->kind >= GLB_SHIM_N_SELECTIONS || set->n_types < 1 ||
      set->n_types > GLB_SHIM_SET_TYPES_MAX || size != sizeof *set + set->n_types * sizeof set->types[0] ||
      set->length > GLB_SHIM_SET_LENGTH_MAX)
    return false;
  for (uint32_t i = 0; i < set->n_types; i++)
    if (!glb_selection_type_is_valid (set->types[i], sizeof set->types[i]))
      return false;
  return true;
}

/* Gives away the descriptor. */
static int
steal_fd (int *fd)
{
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

/* The parser: false is a message that must be refused.  @fd is taken by LISTEN, READ_SELECTION and SET_SELECTION. */
static bool
dispatch (GlbControl          *control,
          const GlbShimHeader *header,
          const void          *payload,
          size_t               size,
          int                 *fd)
{
  const GlbControlHandler *handler = control->handler;
  void *data = control->data;

  switch (header->type)
    {
    case GLB_SHIM_LISTEN:
      if (size != 0 || *fd < 0)
        return false;
      handler->listen (steal_fd (fd), data);
      return true;

    case GLB_SHIM_INPUT:
      {
        const GlbShimInput *input = payload;

        if (size < sizeof *input || input->n_events > GLB_SHIM_EVENTS_MAX ||
            size != sizeof *input + input->n_events * sizeof input->events[0])
          return false;
        handler->input (header->serial, input, data);
        return true;
      }

    case GLB_SHIM_TEXT:
      {
        const GlbShimText *text = payload;

        if (size < sizeof *text || text->length > GLB_SHIM_TEXT_MAX || size != sizeof *text + text->length ||
            !text_is_valid (text->text, text->length))
          return false;
        handler->text (header->serial, text->text, text->length, data);
        return true;
      }

    case GLB_SHIM_SETTLE:
      if (size != sizeof (GlbShimSettle))
        return false;
      handler->settle (header->serial, payload, data);
      return true;

    case GLB_SHIM_WATCH:
    case GLB_SHIM_PREPARE:
      {
        const GlbShimWatch *watch = payload;

        if (size != sizeof *watch || watch->n_slots < 2 || watch->n_slots > GLB_SHIM_SLOTS_MAX)
          return false;
        if (header->type == GLB_SHIM_WATCH)
          handler->watch (watch->n_slots, data);
        else
          handler->prepare (watch->n_slots, data);
        return true;
      }

    case GLB_SHIM_UNWATCH:
      if (size != 0)
        return false;
      handler->unwatch (data);
      return true;

    case GLB_SHIM_RELEASE:
      if (size != sizeof (GlbShimRelease))
        return false;
      handler->release (payload, data);
      return true;

    case GLB_SHIM_CAPTURE:
      if (size != 0)
        return false;
      handler->capture (data);
      return true;

    case GLB_SHIM_WINDOW_OP:
      if (size != sizeof (GlbShimWindowOp))
        return false;
      handler->window_op (header->serial, payload, data);
      return true;

    case GLB_SHIM_PING:
      if (size != 0)
        return false;
      glb_control_send (control, GLB_SHIM_PONG, header->serial, NULL, 0);
      return true;

    case GLB_SHIM_RELEASE_INPUT:
      if (size != 0)
        return false;
      handler->release_input (header->serial, data);
      return true;

    case GLB_SHIM_READ_SELECTION:
      {
        const GlbShimReadSelection *read = payload;

        if (size != sizeof *read || *fd < 0 || read->kind >= GLB_SHIM_N_SELECTIONS ||
            !glb_selection_type_is_valid (read->type, sizeof read->type))
          return false;
        handler->read_selection (header->serial, read, steal_fd (fd), data);
        return true;
      }

    case GLB_SHIM_SET_SELECTION:
      if (*fd < 0 || !set_selection_is_valid (payload, size))
        return false;
      handler->set_selection (header->serial, payload, steal_fd (fd), data);
      return true;

    case GLB_SHIM_CLEAR_SELECTION:
      {
        const GlbShimClearSelection *clear = payload;

        if (size != sizeof *clear || clear->kind >= GLB_SHIM_N_SELECTIONS)
          return false;
        handler->clear_selection (header->serial, clear, data);
        return true;
      }

    case GLB_SHIM_ASK_OWNERS:
      if (size != 0)
        return false;
      handler->ask_owners (header->serial, data);
      return true;

    default:
      return false;
    }
}

/* Keeps the first descriptor and closes the others: a stray one must not stay open. */
static int
take_fd (struct msghdr *message)
{
  int kept = -1;

  for (struct cmsghdr *header = CMSG_FIRSTHDR (message); header != NULL; header = CMSG_NXTHDR (message, header))
    {
      size_t n;

      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        continue;
      n = (header->cmsg_len - CMSG_LEN (0)) / sizeof (int);
      for (size_t i = 0; i < n; i++)
        {
          int fd;

          memcpy (&fd, CMSG_DATA (header) + i * sizeof fd, sizeof fd);
          if (kept < 0)
            kept = fd;
          else
            close (fd);
        }
    }
  return kept;
}

/* Returns false when there is nothing more to read now. */
static bool
receive_one (GlbControl *control)
{
  struct iovec iov = { .iov_base = control->buffer, .iov_len = sizeof control->buffer };
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int) * 4)];
  } ancillary;
  struct msghdr message = {
    .msg_iov = &iov,
    .msg_iovlen = 1,
    .msg_control = ancillary.space,
    .msg_controllen = sizeof ancillary.space,
  };
  GlbShimHeader header = { 0 };
  ssize_t n;
  int fd;

  n = recvmsg (control->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return false;
  if (n < 0 && errno == EINTR)
    return true;
  if (n <= 0)
    {
      control_closed (control);
      return false;
    }

  fd = take_fd (&message);
  if ((size_t) n >= sizeof header)
    memcpy (&header, control->buffer, sizeof header);
  if ((size_t) n < sizeof header || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
      header.size != n - sizeof header ||
      !dispatch (control, &header, control->buffer + sizeof header, header.size, &fd))
    {
      weston_log ("glovebox: refused a control message of type %u and %zd bytes\n", header.type, n);
      control->handler->refuse (header.serial, control->data);
    }
  if (fd >= 0)
    close (fd);
  return !control->closed;
}

static int
handle_events (int      fd,
               uint32_t mask,
               void    *data)
{
  GlbControl *control = data;

  if (mask & WL_EVENT_WRITABLE)
    flush_queue (control);
  if (!control->closed && (mask & WL_EVENT_READABLE))
    while (receive_one (control))
      ;
  if (!control->closed && (mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)))
    control_closed (control);
  return 0;
}

GlbControl *
glb_control_new (struct wl_event_loop    *loop,
                 int                      fd,
                 const GlbControlHandler *handler,
                 void                    *data)
{
  GlbControl *control = glb_new0 (GlbControl);

  control->fd = fd;
  control->handler = handler;
  control->data = data;
  wl_list_init (&control->queue);
  control->source = wl_event_loop_add_fd (loop, fd, WL_EVENT_READABLE, handle_events, control);
  if (control->source == NULL)
    abort ();
  return control;
}

void
glb_control_free (GlbControl *control)
{
  Packet *packet, *next;

  if (control->source != NULL)
    wl_event_source_remove (control->source);
  wl_list_for_each_safe (packet, next, &control->queue, link)
    packet_free (packet);
  close (control->fd);
  free (control);
}
