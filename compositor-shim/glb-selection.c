/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-selection.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compositor-shim/glb-data-devices.h"
#include "compositor-shim/glb-host-source.h"
#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-primary-selection.h"
#include "compositor-shim/glb-selection-type.h"
#include "compositor-shim/glb-x11-reader.h"
#include "compositor-shim/glb-x11-relay.h"

/* A client may change its selection without end; the broker hears of it at most so often. */
#define TELL_INTERVAL_MS 10

/* From so much on, Weston's bridge to X11 hands content on in parts. */
#define X11_PART_BYTES (64u * 1024u)
/* How long after a part X11 is kept going, first and last; each time twice as long as before. */
#define X11_FIRST_MS 10
#define X11_LAST_MS  1280

typedef struct
{
  GlbSelections *owner;
  uint32_t kind;             /* GlbShimSelectionKind */
  struct wl_listener changed;
  uint64_t id;               /* of a client's selection; 0: there is none, or it is the host's */
  bool untold;               /* the broker does not know yet */
  GlbHostSource *host;       /* NULL: it is not the host's */
} Selection;

struct GlbSelections
{
  struct weston_compositor *compositor;
  struct wl_event_loop *loop;
  struct weston_seat *seat;
  GlbShell *shell;
  GlbControl *control;
  GlbPrimarySelection *primary;
  GlbPastes *pastes;
  Selection selections[GLB_SHIM_N_SELECTIONS];
  uint64_t last_id;
  bool changing;             /* by us and not by a client */
  bool reading;              /* for the broker */
  bool x11_behind;           /* Weston's bridge was told of a change, and its X server perhaps not */
  GlbX11Reader *x11_reader;
  GlbX11Relay *x11_relay;
  struct wl_event_source *x11_timer;
  int x11_wait_ms;
  GlbDataDevices *data_devices;
  struct wl_event_source *work, *timer;   /* work: an idle callback that is due */
  int64_t told_ms;
};

static int64_t
now_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (int64_t) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct weston_data_source *
get_source (Selection *selection)
{
  GlbSelections *self = selection->owner;

  return selection->kind == GLB_SHIM_CLIPBOARD ? self->seat->selection_data_source :
                                                 glb_primary_selection_get_source (self->primary);
}

static void
set_source (Selection                 *selection,
            struct weston_data_source *source)
{
  GlbSelections *self = selection->owner;

  self->changing = true;
  if (selection->kind == GLB_SHIM_CLIPBOARD)
    weston_seat_set_selection (self->seat, source, wl_display_next_serial (self->compositor->wl_display));
  else
    glb_primary_selection_set_source (self->primary, source);
  self->changing = false;
}

/* ---- X11 ------------------------------------------------------------------ */

static bool
is_x11 (Selection                 *selection,
        struct weston_data_source *source)
{
  return selection->kind == GLB_SHIM_CLIPBOARD && selection->host == NULL && source->resource == NULL;
}

/*
 * Content of 64 KiB and more goes to and from X11 programs in parts, and
 * Weston's bridge does not send what asks for the next one before something
 * else happens on its connection.
 */
static int
handle_x11_timer (void *data)
{
  GlbSelections *self = data;

  glb_shell_flush_x11 (self->shell);
  self->x11_wait_ms *= 2;
  if (self->x11_wait_ms <= X11_LAST_MS)
    wl_event_source_timer_update (self->x11_timer, self->x11_wait_ms);
  return 0;
}

/* From here on, as a part came or may come. */
static void
keep_x11_going (void *data)
{
  GlbSelections *self = data;

  self->x11_wait_ms = X11_FIRST_MS;
  wl_event_source_timer_update (self->x11_timer, self->x11_wait_ms);
}

static void
handle_client_read (int   x11_fd,
                    void *data)
{
  GlbSelections *self = data;
  struct weston_data_source *source = self->seat->selection_data_source;

  if (self->reading)
    return;
  if (x11_fd >= 0)
    glb_x11_reader_begin (self->x11_reader, x11_fd);
  if (x11_fd >= 0 || (source != NULL && is_x11 (&self->selections[GLB_SHIM_CLIPBOARD], source)))
    keep_x11_going (self);
}

/* ---- telling -------------------------------------------------------------- */

static uint32_t
count_offered (Selection *selection)
{
  struct weston_data_source *source = get_source (selection);

  if (source == NULL)
    return 0;
  return selection->kind == GLB_SHIM_CLIPBOARD ? (uint32_t) (source->mime_types.size / sizeof (char *)) :
                                                 glb_primary_selection_get_n_offered (selection->owner->primary);
}

static void
tell (Selection *selection)
{
  GlbSelections *self = selection->owner;
  struct weston_data_source *source = get_source (selection);
  GlbShimSelection *message = glb_calloc (1, sizeof *message + GLB_SHIM_TYPES_MAX * GLB_SHIM_TYPE_MAX);
  char **type;

  selection->untold = false;
  message->kind = selection->kind;
  message->id = selection->id;
  message->n_offered = count_offered (selection);
  if (source != NULL)
    wl_array_for_each (type, &source->mime_types)
      if (message->n_types < GLB_SHIM_TYPES_MAX && glb_selection_type_is_valid (*type, GLB_SHIM_TYPE_MAX))
        strcpy (message->types[message->n_types++], *type);
  glb_control_send (self->control, GLB_SHIM_SELECTION, 0, message,
                    sizeof *message + message->n_types * sizeof message->types[0]);
  free (message);
}

static void
drop_host (Selection *selection)
{
  GlbHostSource *host = selection->host;

  selection->host = NULL;
  if (host == NULL)
    return;
  if (get_source (selection) == glb_host_source_get_source (host))
    set_source (selection, NULL);
  glb_host_source_free (host);
}

/* What is not done at once, because it would be too often or in the middle of something. */
static void
do_work (void *data)
{
  GlbSelections *self = data;
  int64_t wait = self->told_ms + TELL_INTERVAL_MS - now_ms ();
  bool untold = false;

  self->work = NULL;
  for (unsigned i = 0; i < GLB_SHIM_N_SELECTIONS; i++)
    {
      if (self->selections[i].host != NULL && glb_host_source_is_used_up (self->selections[i].host))
        drop_host (&self->selections[i]);
      untold |= self->selections[i].untold;
    }

  /*
   * Weston's bridge claims X11's clipboard and does not send the claim before
   * something else happens there: a program would paste what was before, or
   * copy, and then lose the clipboard to the late claim.
   */
  if (self->x11_behind)
    glb_shell_flush_x11 (self->shell);
  self->x11_behind = false;

  if (!untold || glb_control_is_congested (self->control))
    return;
  if (wait > 0)
    {
      wl_event_source_timer_update (self->timer, (int) wait);
      return;
    }
  self->told_ms = now_ms ();
  for (unsigned i = 0; i < GLB_SHIM_N_SELECTIONS; i++)
    if (self->selections[i].untold)
      tell (&self->selections[i]);
}

static int
handle_timer (void *data)
{
  GlbSelections *self = data;

  if (self->work == NULL)
    do_work (self);
  return 0;
}

static void
schedule_work (GlbSelections *self)
{
  if (self->work == NULL)
    self->work = wl_event_loop_add_idle (self->loop, do_work, self);
}

static void
handle_changed (struct wl_listener *listener,
                void               *data)
{
  Selection *selection = wl_container_of (listener, selection, changed);
  GlbSelections *self = selection->owner;
  uint32_t serial = wl_display_get_serial (self->compositor->wl_display);
  GlbHostSource *host = selection->host;

  /* Weston believes any serial, and one of the future would lock out everybody else, and the host. */
  if (selection->kind == GLB_SHIM_CLIPBOARD && (int32_t) (self->seat->selection_serial - serial) > 0)
    self->seat->selection_serial = serial;

  selection->id = 0;
  selection->untold = false;
  if (selection->kind == GLB_SHIM_CLIPBOARD)
    {
      self->x11_behind = true;
      schedule_work (self);
    }
  if (self->changing)
    return;

  selection->host = NULL;
  if (host != NULL)
    glb_host_source_free (host);
  if (get_source (selection) != NULL)
    selection->id = ++self->last_id;
  selection->untold = true;
  schedule_work (self);
}

static void
handle_pasted (const GlbShimPasted *pasted,
               void                *data)
{
  GlbSelections *self = data;

  if (pasted->bytes >= X11_PART_BYTES)
    keep_x11_going (self);
  glb_control_send (self->control, GLB_SHIM_PASTED, 0, pasted, sizeof *pasted);
}

/* Not from here: a client is just being served by the source that would go. */
static void
handle_read (GlbHostSource *host,
             void          *data)
{
  schedule_work (data);
  if (glb_content_get_length (glb_host_source_get_content (host)) >= X11_PART_BYTES)
    keep_x11_going (data);
}

/* What asks and is no client is Weston's bridge. */
static void
handle_asked (int   fd,
              void *data)
{
  GlbSelections *self = data;

  if (!glb_data_devices_take_receiving (self->data_devices))
    glb_x11_reader_begin (self->x11_reader, fd);
}

/* It is not bridged. */
static void
handle_primary_asked (int   fd,
                      void *data)
{
}

static const GlbHostSourceListener listeners[] = {
  [GLB_SHIM_CLIPBOARD] = { handle_asked, handle_read },
  [GLB_SHIM_PRIMARY] = { handle_primary_asked, handle_read },
};

/* ---- what the broker asks for --------------------------------------------- */

static bool
has_type (struct weston_data_source *source,
          const char                *type)
{
  char **offered;

  wl_array_for_each (offered, &source->mime_types)
    if (strcmp (*offered, type) == 0)
      return true;
  return false;
}

int
glb_selections_read (GlbSelections              *self,
                     const GlbShimReadSelection *read,
                     int                         fd)
{
  Selection *selection = &self->selections[read->kind];
  struct weston_data_source *source = get_source (selection);
  int error = 0;

  if (read->id == 0 || read->id != selection->id || source == NULL)
    error = ESTALE;
  else if (!has_type (source, read->type))
    error = ENOENT;

  if (error != 0)
    {
      close (fd);
      return error;
    }
  if (is_x11 (selection, source))
    {
      fd = glb_x11_relay_start (self->x11_relay, fd);
      if (fd < 0)
        return -fd;
      keep_x11_going (self);
    }
  self->reading = true;
  source->send (source, read->type, fd);
  self->reading = false;
  return 0;
}

int
glb_selections_set (GlbSelections             *self,
                    uint64_t                   serial,
                    const GlbShimSetSelection *set,
                    int                        fd)
{
  Selection *selection = &self->selections[set->kind];
  GlbContent *content = glb_content_new (fd, set->length);
  GlbHostSource *old = selection->host;

  if (content == NULL)
    return EINVAL;
  selection->host = glb_host_source_new (self->pastes, set, serial, content, &listeners[set->kind], self);
  set_source (selection, glb_host_source_get_source (selection->host));
  if (old != NULL)
    glb_host_source_free (old);
  return 0;
}

int
glb_selections_clear (GlbSelections               *self,
                      const GlbShimClearSelection *clear)
{
  Selection *selection = &self->selections[clear->kind];

  if (selection->host == NULL)
    return 0;
  glb_pastes_break_off (self->pastes, glb_host_source_get_content (selection->host));
  drop_host (selection);
  return 0;
}

void
glb_selections_drained (GlbSelections *self)
{
  schedule_work (self);
}

/* ---- start and end -------------------------------------------------------- */

GlbSelections *
glb_selections_new (struct weston_compositor *compositor,
                    GlbSeat                  *seat,
                    GlbShell                 *shell,
                    GlbControl               *control)
{
  GlbSelections *self = glb_new0 (GlbSelections);

  self->compositor = compositor;
  self->loop = wl_display_get_event_loop (compositor->wl_display);
  self->seat = glb_seat_get_weston_seat (seat);
  self->shell = shell;
  self->control = control;
  self->data_devices = glb_data_devices_new (compositor->wl_display, self->seat, handle_client_read, self);
  self->primary = glb_primary_selection_new (compositor, seat);
  self->pastes = glb_pastes_new (self->loop, handle_pasted, self);
  self->x11_reader = glb_x11_reader_new ();
  self->x11_relay = glb_x11_relay_new (self->loop, keep_x11_going, self);
  self->timer = wl_event_loop_add_timer (self->loop, handle_timer, self);
  self->x11_timer = wl_event_loop_add_timer (self->loop, handle_x11_timer, self);
  if (self->timer == NULL || self->x11_timer == NULL)
    abort ();
  for (unsigned i = 0; i < GLB_SHIM_N_SELECTIONS; i++)
    {
      self->selections[i].owner = self;
      self->selections[i].kind = i;
      self->selections[i].changed.notify = handle_changed;
    }
  wl_signal_add (&self->seat->selection_signal, &self->selections[GLB_SHIM_CLIPBOARD].changed);
  wl_signal_add (glb_primary_selection_get_signal (self->primary), &self->selections[GLB_SHIM_PRIMARY].changed);
  return self;
}

void
glb_selections_free (GlbSelections *self)
{
  if (self->work != NULL)
    wl_event_source_remove (self->work);
  wl_event_source_remove (self->timer);
  wl_event_source_remove (self->x11_timer);
  for (unsigned i = 0; i < GLB_SHIM_N_SELECTIONS; i++)
    {
      wl_list_remove (&self->selections[i].changed.link);
      drop_host (&self->selections[i]);
    }
  glb_x11_relay_free (self->x11_relay);
  glb_pastes_free (self->pastes);
  glb_x11_reader_free (self->x11_reader);
  glb_primary_selection_free (self->primary);
  glb_data_devices_free (self->data_devices);
  free (self);
}
