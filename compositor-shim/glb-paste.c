/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-paste.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "compositor-shim/glb-memory.h"

/* At the same time; a client that wants more gets an empty paste. */
#define PASTES_MAX 16
/* In one second.  A program that asks for each type is far below, and the broker hears of each. */
#define PASTES_PER_SECOND 128

/* A client that takes nothing for so long is left. */
#define STALL_MS 5000
#define TOTAL_MS 30000

/* In one turn of the event loop, so that a fast reader does not hold up the others. */
#define TURN_BYTES (256u * 1024u)

struct GlbContent
{
  int fd;
  uint64_t length;
  unsigned n_refs;
};

typedef struct
{
  struct wl_list link;
  GlbPastes *pastes;
  GlbContent *content;
  GlbShimPasted pasted;
  int fd;
  int64_t end_ms;
  struct wl_event_source *writable, *timer;
} Paste;

struct GlbPastes
{
  struct wl_event_loop *loop;
  GlbPasted pasted;
  void *data;
  struct wl_list running;   /* Paste.link */
  unsigned n_running;
  int64_t second;           /* in which n_started counts */
  unsigned n_started;
};

static int64_t
now_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (int64_t) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

GlbContent *
glb_content_new (int      fd,
                 uint64_t length)
{
  int seals = fcntl (fd, F_GET_SEALS);
  struct stat status;
  GlbContent *content;

  if (seals < 0 || (seals & (F_SEAL_WRITE | F_SEAL_SHRINK)) != (F_SEAL_WRITE | F_SEAL_SHRINK) ||
      fstat (fd, &status) < 0 || status.st_size < 0 || (uint64_t) status.st_size != length)
    {
      close (fd);
      return NULL;
    }
  content = glb_new0 (GlbContent);
  content->fd = fd;
  content->length = length;
  content->n_refs = 1;
  return content;
}

GlbContent *
glb_content_ref (GlbContent *content)
{
  content->n_refs++;
  return content;
}

void
glb_content_unref (GlbContent *content)
{
  if (--content->n_refs > 0)
    return;
  close (content->fd);
  free (content);
}

uint64_t
glb_content_get_length (GlbContent *content)
{
  return content->length;
}

/* What is in the client's pipe stays there. */
static void
paste_end (Paste *paste)
{
  GlbPastes *pastes = paste->pastes;
  GlbShimPasted pasted = paste->pasted;

  wl_list_remove (&paste->link);
  pastes->n_running--;
  if (paste->writable != NULL)
    wl_event_source_remove (paste->writable);
  if (paste->timer != NULL)
    wl_event_source_remove (paste->timer);
  close (paste->fd);
  glb_content_unref (paste->content);
  free (paste);
  pastes->pasted (&pasted, pastes->data);
}

static void
rearm (Paste *paste)
{
  int64_t left = paste->end_ms - now_ms ();

  wl_event_source_timer_update (paste->timer, left < 1 ? 1 : left < STALL_MS ? (int) left : STALL_MS);
}

/*
 * Returns false when it is over.  Not write(): the client holds the other
 * handle of the same open file and could take O_NONBLOCK away just before.
 */
static bool
advance (Paste *paste)
{
  uint64_t turn_end = paste->pasted.bytes + TURN_BYTES;

  while (paste->pasted.bytes < paste->content->length)
    {
      off64_t offset = (off64_t) paste->pasted.bytes;
      uint64_t left = paste->content->length - paste->pasted.bytes;
      ssize_t n;

      if (paste->pasted.bytes >= turn_end)
        return true;
      n = splice (paste->content->fd, &offset, paste->fd, NULL, left < TURN_BYTES ? left : TURN_BYTES,
                  SPLICE_F_NONBLOCK);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return true;
      if (n <= 0)
        return false;
      paste->pasted.bytes += (uint64_t) n;
    }
  return false;
}

static int
handle_writable (int      fd,
                 uint32_t mask,
                 void    *data)
{
  Paste *paste = data;
  uint64_t before = paste->pasted.bytes;

  if ((mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) || !advance (paste))
    paste_end (paste);
  else if (paste->pasted.bytes > before)
    rearm (paste);
  return 0;
}

static int
handle_timer (void *data)
{
  paste_end (data);
  return 0;
}

/* Pipes only: a write to anything else may wait, for a disk or for a file system that the agent serves. */
static bool
is_pipe (int fd)
{
  return fcntl (fd, F_GETPIPE_SZ) > 0;
}

bool
glb_pastes_have_room (GlbPastes *pastes)
{
  int64_t second = now_ms () / 1000;

  if (pastes->second != second)
    {
      pastes->second = second;
      pastes->n_started = 0;
    }
  return pastes->n_running < PASTES_MAX && pastes->n_started < PASTES_PER_SECOND;
}

bool
glb_pastes_start (GlbPastes           *pastes,
                  const GlbShimPasted *pasted,
                  GlbContent          *content,
                  int                  fd)
{
  Paste *paste;
  int own_fd;

  if (!glb_pastes_have_room (pastes) || !is_pipe (fd) || (own_fd = fcntl (fd, F_DUPFD_CLOEXEC, 3)) < 0)
    return false;

  paste = glb_new0 (Paste);
  paste->pastes = pastes;
  paste->content = glb_content_ref (content);
  paste->pasted = *pasted;
  paste->pasted.bytes = 0;
  paste->fd = own_fd;
  paste->end_ms = now_ms () + TOTAL_MS;
  wl_list_insert (&pastes->running, &paste->link);
  pastes->n_running++;
  pastes->n_started++;
  if (!advance (paste))
    {
      paste_end (paste);
      return true;
    }
  paste->writable = wl_event_loop_add_fd (pastes->loop, own_fd, WL_EVENT_WRITABLE, handle_writable, paste);
  paste->timer = wl_event_loop_add_timer (pastes->loop, handle_timer, paste);
  if (paste->writable == NULL || paste->timer == NULL)
    paste_end (paste);
  else
    rearm (paste);
  return true;
}

void
glb_pastes_break_off (GlbPastes  *pastes,
                      GlbContent *content)
{
  Paste *paste, *next;

  wl_list_for_each_safe (paste, next, &pastes->running, link)
    if (paste->content == content)
      paste_end (paste);
}

GlbPastes *
glb_pastes_new (struct wl_event_loop *loop,
                GlbPasted             pasted,
                void                 *data)
{
  GlbPastes *pastes = glb_new0 (GlbPastes);

  pastes->loop = loop;
  pastes->pasted = pasted;
  pastes->data = data;
  wl_list_init (&pastes->running);
  return pastes;
}

void
glb_pastes_free (GlbPastes *pastes)
{
  Paste *paste, *next;

  wl_list_for_each_safe (paste, next, &pastes->running, link)
    paste_end (paste);
  free (pastes);
}
