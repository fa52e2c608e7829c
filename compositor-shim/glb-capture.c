/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-capture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-weston-compat.h"

#define FORMAT_XRGB8888 0x34325258u   /* DRM_FORMAT_XRGB8888 */

/* Kernel 5.1; the C library of Debian 12 knows it, older ones do not. */
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

typedef struct
{
  GlbCompatTarget *target;
  pixman_region32_t pending;   /* changed since this slot was last drawn */
  bool out;                    /* with a reader */
} Slot;

struct GlbCapture
{
  struct weston_output *output;
  GlbControl *control;
  GlbCaptureDamaged damaged;
  void *data;
  GlbCompatPainter *painter;

  uint64_t frame;
  int64_t time_us;
  pixman_region32_t unpublished;   /* changed since the frame published before */

  bool watched;
  bool owed;                       /* something waits for a free slot or a repaint */
  uint32_t generation;
  uint32_t n_slots;                /* 0: no ring, at most the memory of one */
  Slot slots[GLB_SHIM_SLOTS_MAX];
  int ring_fd;
  uint8_t *ring;
  size_t ring_size;
};

static int64_t
now_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (int64_t) time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static GlbShimRect
rect_of_box (const pixman_box32_t *box)
{
  return (GlbShimRect) { box->x1, box->y1, box->x2 - box->x1, box->y2 - box->y1 };
}

static uint64_t
region_area (pixman_region32_t *region)
{
  uint64_t area = 0;
  int n_boxes;
  const pixman_box32_t *boxes = pixman_region32_rectangles (region, &n_boxes);

  for (int i = 0; i < n_boxes; i++)
    area += (uint64_t) (boxes[i].x2 - boxes[i].x1) * (uint64_t) (boxes[i].y2 - boxes[i].y1);
  return area;
}

static void
ring_free (GlbCapture *capture)
{
  for (uint32_t i = 0; i < capture->n_slots; i++)
    {
      glb_compat_target_free (capture->painter, capture->slots[i].target);
      pixman_region32_fini (&capture->slots[i].pending);
    }
  memset (capture->slots, 0, sizeof capture->slots);
  if (capture->ring != NULL)
    munmap (capture->ring, capture->ring_size);
  if (capture->ring_fd >= 0)
    close (capture->ring_fd);
  capture->n_slots = 0;
  capture->ring = NULL;
  capture->ring_fd = -1;
  capture->watched = false;
  capture->owed = false;
}

/* The pages of the first slot at once: one by one, the first frame would fault a thousand times. Quick readers need no
 * other slot. No harm where the kernel (before 5.14) cannot. */
static void
prepare_slot (GlbCapture *capture,
              size_t      size)
{
#ifdef MADV_POPULATE_WRITE
  (void) madvise (capture->ring, size, MADV_POPULATE_WRITE);
#endif
}

/* Our mapping stays writable; nobody else can get one that is. */
static bool
ring_map (GlbCapture *capture)
{
  capture->ring_fd = memfd_create ("glovebox-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (capture->ring_fd < 0 || ftruncate (capture->ring_fd, (off_t) capture->ring_size) < 0)
    return false;
  capture->ring = mmap (NULL, capture->ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, capture->ring_fd, 0);
  if (capture->ring == MAP_FAILED)
    {
      capture->ring = NULL;
      return false;
    }
  return fcntl (capture->ring_fd, F_ADD_SEALS,
                F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) == 0;
}

/* The memory alone. */
static bool
ring_prepare (GlbCapture *capture,
              uint32_t    n_slots)
{
  size_t slot_size = (size_t) capture->output->width * 4 * (size_t) capture->output->height;

  if (capture->ring != NULL && capture->ring_size == slot_size * n_slots)
    return true;

  ring_free (capture);
  capture->ring_size = slot_size * n_slots;
  if (!ring_map (capture))
    {
      weston_log ("glovebox: can't create the frame ring: %s\n", strerror (errno));
      ring_free (capture);
      return false;
    }
  prepare_slot (capture, slot_size);
  return true;
}

static bool
ring_create (GlbCapture *capture,
             uint32_t    n_slots)
{
  uint32_t width = capture->output->width, height = capture->output->height, stride = width * 4;
  GlbShimRing message = {
    .generation = capture->generation + 1,
    .n_slots = n_slots,
    .width = width,
    .height = height,
    .stride = stride,
    .format = FORMAT_XRGB8888,
  };

  if (!ring_prepare (capture, n_slots))
    return false;

  capture->generation = message.generation;
  capture->n_slots = n_slots;
  for (uint32_t i = 0; i < n_slots; i++)
    {
      uint8_t *pixels = capture->ring + (size_t) i * stride * height;

      capture->slots[i].target = glb_compat_target_new (capture->painter, (uint32_t *) pixels, (int) stride);
      pixman_region32_init_rect (&capture->slots[i].pending, 0, 0, width, height);
    }
  pixman_region32_fini (&capture->unpublished);
  pixman_region32_init_rect (&capture->unpublished, 0, 0, width, height);
  glb_control_send_fd (capture->control, GLB_SHIM_RING, 0, &message, sizeof message, capture->ring_fd);
  return true;
}

/* The free slot with the least to draw: a quick reader then makes do with one slot's memory. */
static Slot *
choose_slot (GlbCapture *capture)
{
  Slot *best = NULL;
  uint64_t best_area = UINT64_MAX;

  for (uint32_t i = 0; i < capture->n_slots; i++)
    if (!capture->slots[i].out)
      {
        uint64_t area = region_area (&capture->slots[i].pending);

        if (area < best_area)
          {
            best = &capture->slots[i];
            best_area = area;
          }
      }
  return best;
}

static void
send_frame (GlbCapture *capture,
            uint32_t    slot)
{
  GlbShimFrame *message = glb_calloc (1, sizeof *message + GLB_SHIM_RECTS_MAX * sizeof message->rects[0]);
  int n_boxes;
  const pixman_box32_t *boxes = pixman_region32_rectangles (&capture->unpublished, &n_boxes);

  if (n_boxes > (int) GLB_SHIM_RECTS_MAX)
    {
      boxes = pixman_region32_extents (&capture->unpublished);
      n_boxes = 1;
    }
  message->generation = capture->generation;
  message->slot = slot;
  message->frame = capture->frame;
  message->time_us = capture->time_us;
  message->n_rects = (uint32_t) n_boxes;
  for (int i = 0; i < n_boxes; i++)
    message->rects[i] = rect_of_box (&boxes[i]);
  glb_control_send (capture->control, GLB_SHIM_FRAME, 0, message,
                    sizeof *message + (size_t) n_boxes * sizeof message->rects[0]);
  free (message);
}

static void
publish (GlbCapture *capture)
{
  Slot *slot = choose_slot (capture);

  if (slot == NULL)
    {
      capture->owed = true;
      return;
    }
  if (!glb_compat_painter_paint (capture->painter, slot->target, &slot->pending))
    {
      weston_log ("glovebox: can't read the screen's pixels\n");
      return;
    }
  pixman_region32_clear (&slot->pending);
  slot->out = true;
  capture->owed = false;
  send_frame (capture, (uint32_t) (slot - capture->slots));
  pixman_region32_clear (&capture->unpublished);
}

/* Outside a repaint the scene may be ahead of the frame that is due; then that frame brings it. */
static void
publish_when_current (GlbCapture *capture)
{
  if (capture->frame > 0 && glb_compat_painter_is_current (capture->painter))
    publish (capture);
  else
    capture->owed = true;
}

static void
note_damage (GlbCapture        *capture,
             pixman_region32_t *damage)
{
  GlbShimDamage message;

  capture->frame++;
  capture->time_us = now_us ();
  pixman_region32_union (&capture->unpublished, &capture->unpublished, damage);
  for (uint32_t i = 0; i < capture->n_slots; i++)
    pixman_region32_union (&capture->slots[i].pending, &capture->slots[i].pending, damage);

  message = (GlbShimDamage) {
    .frame = capture->frame,
    .time_us = capture->time_us,
    .bounds = rect_of_box (pixman_region32_extents (damage)),
  };
  glb_control_send (capture->control, GLB_SHIM_DAMAGE, 0, &message, sizeof message);
  capture->damaged (message.frame, message.time_us, &message.bounds, capture->data);
}

static void
handle_repainted (pixman_region32_t *damage,
                  void              *data)
{
  GlbCapture *capture = data;
  bool changed;
  pixman_region32_t visible;

  pixman_region32_init (&visible);
  pixman_region32_intersect_rect (&visible, damage, 0, 0, (unsigned) capture->output->width,
                                  (unsigned) capture->output->height);
  changed = pixman_region32_not_empty (&visible);
  if (changed)
    note_damage (capture, &visible);
  pixman_region32_fini (&visible);

  if (capture->n_slots > 0 && (capture->owed || (changed && capture->watched)))
    publish (capture);
}

GlbCapture *
glb_capture_new (struct weston_output *output,
                 GlbControl           *control,
                 GlbCaptureDamaged     damaged,
                 void                 *data)
{
  GlbCapture *capture = glb_new0 (GlbCapture);

  capture->output = output;
  capture->control = control;
  capture->damaged = damaged;
  capture->data = data;
  capture->ring_fd = -1;
  pixman_region32_init (&capture->unpublished);
  capture->painter = glb_compat_painter_new (output, handle_repainted, capture);
  return capture;
}

void
glb_capture_free (GlbCapture *capture)
{
  ring_free (capture);
  glb_compat_painter_free (capture->painter);
  pixman_region32_fini (&capture->unpublished);
  free (capture);
}

void
glb_capture_prepare (GlbCapture *capture,
                     uint32_t    n_slots)
{
  if (capture->n_slots == 0)
    (void) ring_prepare (capture, n_slots);
}

void
glb_capture_drop_prepared (GlbCapture *capture)
{
  if (capture->n_slots == 0)
    ring_free (capture);
}

void
glb_capture_watch (GlbCapture *capture,
                   uint32_t    n_slots)
{
  if (capture->n_slots == 0 && !ring_create (capture, n_slots))
    return;
  capture->watched = true;
  publish_when_current (capture);
}

void
glb_capture_once (GlbCapture *capture)
{
  if (capture->n_slots == 0 && !ring_create (capture, 2))
    return;
  publish_when_current (capture);
}

void
glb_capture_unwatch (GlbCapture *capture)
{
  ring_free (capture);
}

void
glb_capture_release (GlbCapture           *capture,
                     const GlbShimRelease *release)
{
  /* One for an older ring may still be on its way. */
  if (release->generation != capture->generation || release->slot >= capture->n_slots)
    return;
  capture->slots[release->slot].out = false;
  if (capture->owed)
    publish_when_current (capture);
}

uint64_t
glb_capture_get_frame (GlbCapture *capture)
{
  return capture->frame;
}
