/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Pacing: libwayland ends a client whose socket is full, so text goes in
 * chunks.  The next chunk waits until the client's socket has room again (the
 * kernel calls it writable below a quarter of its buffer) and until the client
 * has answered a ping, that is, has read the chunk before.
 *
 * What a plain keyboard has goes as keys even to a client that takes text: some
 * (foot) throw a commit away that crosses one of their own on its way.
 *
 * X11 clients read keymaps when they please: a key that was pressed under one
 * map may be looked up in the next.  So a map of ours stays, and the next one
 * has its keys too (glb-keymap-overlay).  They cannot be pinged either: for
 * them there is a pause after each chunk.
 */

#include "compositor-shim/glb-text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "compositor-shim/glb-keymap-overlay.h"
#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-text-input.h"
#include "compositor-shim/glb-weston-compat.h"

/* Key strokes of one chunk: four to eight messages of 24 to 32 bytes each. */
#define STROKES_MAX 64

/* A client that has not read a chunk for so long is not going to. */
#define CLIENT_DEADLINE_MS 5000

#define X11_PAUSE_MS 40

typedef struct
{
  struct wl_list link;
  uint64_t serial;
  struct wl_client *client;   /* that the text began in; only compared */
  size_t length, position;
  bool is_plain;              /* each character has a key of its own */
  char text[];
} Job;

typedef enum
{
  READY,        /* may go on at once */
  ROOM,         /* waits for room in the client's socket */
  PONG,         /* waits for the client to answer */
  PAUSE,        /* lets X11 clients catch up */
} Wait;

struct GlbText
{
  struct weston_compositor *compositor;
  struct wl_event_loop *loop;
  GlbSeat *seat;
  GlbShell *shell;
  GlbTextDone done;
  void *data;
  GlbTextInput *text_input;
  GlbKeymapOverlay *overlay;

  struct wl_list jobs;             /* Job.link, oldest first */
  Wait wait;
  struct wl_client *wait_client;   /* whose room or pong is waited for; only compared */
  struct wl_listener focus_listener;
  struct wl_event_source *idle;    /* go on */
  struct wl_event_source *timer;   /* a deadline, or the end of a pause */
  struct wl_event_source *room;    /* the client's socket */
  int room_fd;
};

static void step (void *data);

static void
go_on (GlbText *text)
{
  if (text->idle == NULL)
    text->idle = wl_event_loop_add_idle (text->loop, step, text);
}

static void
stop_waiting (GlbText *text)
{
  text->wait = READY;
  wl_event_source_timer_update (text->timer, 0);
  if (text->room != NULL)
    {
      wl_event_source_remove (text->room);
      close (text->room_fd);
    }
  text->room = NULL;
  text->room_fd = -1;
}

static void
finish (GlbText *text,
        Job     *job,
        int      error)
{
  uint64_t serial = job->serial;

  wl_list_remove (&job->link);
  free (job);
  text->done (serial, error, text->data);
}

static Job *
first_job (GlbText *text)
{
  Job *job;

  if (wl_list_empty (&text->jobs))
    return NULL;
  return wl_container_of (text->jobs.next, job, link);
}

/* ---- waiting -------------------------------------------------------------- */

static int
handle_timer (void *data)
{
  GlbText *text = data;
  Job *job = first_job (text);
  bool failed = text->wait == ROOM || text->wait == PONG;

  stop_waiting (text);
  if (failed && job != NULL)
    finish (text, job, ETIMEDOUT);
  go_on (text);
  return 0;
}

static int
handle_room (int      fd,
             uint32_t mask,
             void    *data)
{
  GlbText *text = data;

  stop_waiting (text);
  go_on (text);
  return 0;
}

static void
handle_pong (void *data)
{
  GlbText *text = data;

  if (text->wait != PONG)
    return;
  stop_waiting (text);
  go_on (text);
}

static struct wl_client *
focused_client (GlbText *text)
{
  struct weston_surface *focus = glb_seat_get_keyboard (text->seat)->focus;

  return focus != NULL && focus->resource != NULL ? wl_resource_get_client (focus->resource) : NULL;
}

/* A client that lost the focus, or its life, is not waited for. */
static void
handle_focus (struct wl_listener *listener,
              void               *data)
{
  GlbText *text = wl_container_of (listener, text, focus_listener);

  if ((text->wait != ROOM && text->wait != PONG) || focused_client (text) == text->wait_client)
    return;
  stop_waiting (text);
  go_on (text);
}

static void
wait_for_room (GlbText          *text,
               struct wl_client *client)
{
  /* A descriptor of our own: libwayland has its own interest in the client's. */
  text->room_fd = fcntl (wl_client_get_fd (client), F_DUPFD_CLOEXEC, 3);
  if (text->room_fd >= 0)
    text->room = wl_event_loop_add_fd (text->loop, text->room_fd, WL_EVENT_WRITABLE, handle_room, text);
  if (text->room == NULL && text->room_fd >= 0)
    {
      close (text->room_fd);
      text->room_fd = -1;
    }
  text->wait = ROOM;
  text->wait_client = client;
  wl_event_source_timer_update (text->timer, CLIENT_DEADLINE_MS);
}

static void
pause_for_x11 (GlbText *text)
{
  text->wait = PAUSE;
  wl_event_source_timer_update (text->timer, X11_PAUSE_MS);
}

static void
wait_until_read (GlbText *text,
                 bool     is_x11)
{
  if (!is_x11 && glb_shell_ping_focus (text->shell, handle_pong, text))
    {
      text->wait = PONG;
      text->wait_client = focused_client (text);
      wl_event_source_timer_update (text->timer, CLIENT_DEADLINE_MS);
    }
  else
    pause_for_x11 (text);
}

/* ---- typing --------------------------------------------------------------- */

static void
stroke (GlbText            *text,
        const GlbKeyStroke *key)
{
  if (key->shift)
    glb_seat_key (text->seat, KEY_LEFTSHIFT, true);
  glb_seat_key (text->seat, key->code, true);
  glb_seat_key (text->seat, key->code, false);
  if (key->shift)
    glb_seat_key (text->seat, KEY_LEFTSHIFT, false);
}

/* Caps Lock would turn letters around. */
static bool
toggle_caps_lock (GlbText *text)
{
  struct weston_keyboard *keyboard = glb_seat_get_keyboard (text->seat);
  GlbKeyStroke caps = { KEY_CAPSLOCK, false };

  if (xkb_state_mod_name_is_active (keyboard->xkb_state.state, XKB_MOD_NAME_CAPS, XKB_STATE_MODS_LOCKED) <= 0)
    return false;
  stroke (text, &caps);
  return true;
}

/* Returns false when the next character can't be typed. */
static bool
type_keys (GlbText *text,
           Job     *job,
           size_t   length)
{
  GlbKeyStroke strokes[STROKES_MAX];
  GlbKeyStroke caps = { KEY_CAPSLOCK, false };
  size_t n_strokes, used;
  struct xkb_keymap *keymap;
  bool had_caps;

  used = glb_keymap_overlay_plan (text->overlay, job->text + job->position, length, strokes, STROKES_MAX, &n_strokes,
                                  &keymap);
  if (used == 0)
    return false;
  if (keymap != NULL)
    {
      weston_seat_update_keymap (glb_seat_get_weston_seat (text->seat), keymap);
      xkb_keymap_unref (keymap);
    }
  had_caps = toggle_caps_lock (text);
  for (size_t i = 0; i < n_strokes; i++)
    stroke (text, &strokes[i]);
  if (had_caps)
    stroke (text, &caps);
  job->position += used;
  return true;
}

/* The length of the next piece up to, not including, "\n" or "\t", in whole characters. */
static size_t
run_length (const Job *job)
{
  size_t length = 0, left = job->length - job->position;
  const char *start = job->text + job->position;

  while (length < left && length < GLB_TEXT_INPUT_COMMIT_MAX && start[length] != '\n' && start[length] != '\t')
    length++;
  while (length > 0 && length < left && (start[length] & 0xc0) == 0x80)
    length--;
  return length;
}

static bool
commit_text (GlbText *text,
             Job     *job)
{
  char piece[GLB_TEXT_INPUT_COMMIT_MAX + 1];
  size_t length = run_length (job);

  /* "\n" and "\t" are keys: a client may do something at them. */
  if (length == 0)
    return type_keys (text, job, 1);
  memcpy (piece, job->text + job->position, length);
  piece[length] = '\0';
  glb_text_input_commit (text->text_input, piece);
  job->position += length;
  return true;
}

static bool
focus_is_x11 (GlbText *text)
{
  struct weston_surface *focus = glb_seat_get_keyboard (text->seat)->focus;

  return focus != NULL && glb_compat_is_xwayland_surface (text->compositor, focus);
}

/* Whether the text may go on; if not, the error. */
static int
check (GlbText *text,
       Job     *job)
{
  struct wl_client *client = focused_client (text);

  if (client == NULL)
    return job->position == 0 ? EAGAIN : EPIPE;
  if (job->client == NULL)
    job->client = client;
  /* What was meant for one program must not run on into another. */
  if (job->client != client)
    return EPIPE;
  return glb_seat_has_key_down (text->seat) ? EBUSY : 0;
}

static void
send_chunk (GlbText *text,
            Job     *job,
            bool     is_x11)
{
  bool typed;

  if (!job->is_plain && glb_text_input_is_enabled (text->text_input))
    typed = commit_text (text, job);
  else
    typed = type_keys (text, job, job->length - job->position);

  if (!typed)
    {
      finish (text, job, EILSEQ);
      return;
    }
  wl_display_flush_clients (text->compositor->wl_display);
  wait_until_read (text, is_x11);
  /* What X11 clients got is handed over only once the pause is over. */
  if (job->position == job->length && !is_x11)
    finish (text, job, 0);
}

static void
step (void *data)
{
  GlbText *text = data;
  Job *job;
  bool is_x11 = focus_is_x11 (text);
  int error;

  text->idle = NULL;
  if (text->wait != READY)
    return;

  job = first_job (text);
  if (job == NULL)
    return;
  if (job->position == job->length && job->length > 0)
    {
      finish (text, job, 0);
      go_on (text);
      return;
    }
  error = check (text, job);
  if (error != 0 || job->length == 0)
    {
      finish (text, job, error);
      go_on (text);
      return;
    }

  if (poll (&(struct pollfd) { .fd = wl_client_get_fd (job->client), .events = POLLOUT }, 1, 0) == 1)
    send_chunk (text, job, is_x11);
  else
    wait_for_room (text, job->client);
  if (text->wait == READY)
    go_on (text);
}

GlbText *
glb_text_new (struct weston_compositor *compositor,
              GlbSeat                  *seat,
              GlbShell                 *shell,
              GlbTextDone               done,
              void                     *data)
{
  GlbText *text = glb_new0 (GlbText);

  text->compositor = compositor;
  text->loop = wl_display_get_event_loop (compositor->wl_display);
  text->seat = seat;
  text->shell = shell;
  text->done = done;
  text->data = data;
  text->room_fd = -1;
  wl_list_init (&text->jobs);
  text->text_input = glb_text_input_new (compositor, seat);
  text->overlay = glb_keymap_overlay_new (compositor->xkb_context, glb_seat_get_keymap (seat));
  text->focus_listener.notify = handle_focus;
  wl_signal_add (&glb_seat_get_keyboard (seat)->focus_signal, &text->focus_listener);
  text->timer = wl_event_loop_add_timer (text->loop, handle_timer, text);
  if (text->timer == NULL)
    abort ();
  return text;
}

void
glb_text_free (GlbText *text)
{
  Job *job, *next;

  stop_waiting (text);
  wl_list_remove (&text->focus_listener.link);
  wl_list_for_each_safe (job, next, &text->jobs, link)
    {
      wl_list_remove (&job->link);
      free (job);
    }
  if (text->idle != NULL)
    wl_event_source_remove (text->idle);
  wl_event_source_remove (text->timer);
  glb_keymap_overlay_free (text->overlay);
  glb_text_input_free (text->text_input);
  free (text);
}

static bool
is_plain (const char *string,
          size_t      length)
{
  for (size_t i = 0; i < length; i++)
    if ((string[i] < ' ' && string[i] != '\n' && string[i] != '\t') || string[i] > '~')
      return false;
  return true;
}

void
glb_text_type (GlbText    *text,
               uint64_t    serial,
               const char *string,
               size_t      length)
{
  Job *job = glb_calloc (1, sizeof *job + length);

  job->serial = serial;
  job->length = length;
  job->is_plain = is_plain (string, length);
  memcpy (job->text, string, length);
  wl_list_insert (text->jobs.prev, &job->link);
  /* At once where nothing is in the way: no turn of the loop is lost. */
  if (text->wait == READY && text->idle == NULL)
    step (text);
}

void
glb_text_cancel (GlbText *text)
{
  Job *job, *next;

  wl_list_for_each_safe (job, next, &text->jobs, link)
    finish (text, job, ECANCELED);
}
