/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glovebox-shell.so: the shell of a session's Weston.
 *
 * One weston process serves one session.  It runs under an account of its own
 * in a sandbox of its own, with the headless backend and the pixman renderer.
 * Right of it are the agent's programs, which speak Wayland and are hostile;
 * left of it is the broker, which speaks glb-shim-protocol.h over a socket
 * pair that this process inherited (GLOVEBOX_CONTROL_FD).  There is no other
 * way in: Weston's own Wayland socket stays inside the sandbox, and the agent
 * connects to a socket that the broker hands over with LISTEN.
 *
 * The parts: GlbControl (the channel), GlbGlobals (who may see what), GlbShell
 * (windows), GlbSeat (input), GlbText (typing), GlbSelections (clipboard),
 * GlbCapture (pixels) and GlbSettle (when is the screen still).  This file
 * connects them.
 */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "compositor-shim/glb-capture.h"
#include "compositor-shim/glb-control.h"
#include "compositor-shim/glb-globals.h"
#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-seat.h"
#include "compositor-shim/glb-selection.h"
#include "compositor-shim/glb-settle.h"
#include "compositor-shim/glb-shell.h"
#include "compositor-shim/glb-text.h"
#include "compositor-shim/glb-weston-compat.h"

/* The headless backend counts 16 ms from repaint to repaint.  This is how much
 * of it may pass before the next repaint; the rest is time for late clients. */
#define REPAINT_MSEC 16
/* As long as the broker keeps a ring after its last reader. */
#define PREPARED_MS 2000
/* A descriptor's number that no session comes near. */
#define ABOVE_CLIENTS 1000

typedef struct
{
  struct weston_compositor *compositor;
  struct weston_output *output;
  GlbControl *control;
  GlbGlobals *globals;
  GlbCapture *capture;
  GlbSettle *settle;
  GlbSeat *seat;
  GlbSelections *selections;
  GlbShell *shell;
  GlbText *text;
  struct wl_event_source *trim, *end;   /* idle callbacks that are due */
  struct wl_event_source *prepared;     /* timer: how long a ring that nobody watches is kept ready */
  bool listens;                         /* a session has begun */
  struct wl_listener destroy_listener;
} GlbShim;

static void
send_done (GlbShim *shim,
           uint64_t serial,
           int      error)
{
  GlbShimDone done = {
    .frame = glb_capture_get_frame (shim->capture),
    .error = (uint32_t) error,
    .focus_window = glb_shell_get_focus (shim->shell),
  };
  double x, y;

  glb_compat_pointer_get_position (glb_seat_get_pointer (shim->seat), &x, &y);
  done.pointer_x = (int32_t) x;
  done.pointer_y = (int32_t) y;
  glb_control_send (shim->control, GLB_SHIM_DONE, serial, &done, sizeof done);
}

/* ---- what the broker asks for --------------------------------------------- */

static void
handle_listen (int   fd,
               void *data)
{
  GlbShim *shim = data;

  glb_globals_listen (shim->globals, fd);
  shim->listens = true;
  wl_event_source_timer_update (shim->prepared, PREPARED_MS);
}

static void
handle_input (uint64_t            serial,
              const GlbShimInput *input,
              void               *data)
{
  GlbShim *shim = data;

  send_done (shim, serial, glb_seat_apply (shim->seat, input->events, input->n_events) ? 0 : EINVAL);
}

static void
handle_text (uint64_t    serial,
             const char *text,
             size_t      length,
             void       *data)
{
  GlbShim *shim = data;

  glb_text_type (shim->text, serial, text, length);
}

static void
handle_text_done (uint64_t serial,
                  int      error,
                  void    *data)
{
  send_done (data, serial, error);
}

static void
handle_settle (uint64_t             serial,
               const GlbShimSettle *settle,
               void                *data)
{
  GlbShim *shim = data;

  glb_settle_request (shim->settle, serial, settle);
}

static void
handle_watch (uint32_t n_slots,
              void    *data)
{
  GlbShim *shim = data;

  glb_capture_watch (shim->capture, n_slots);
}

static int
handle_prepared_end (void *data)
{
  GlbShim *shim = data;

  glb_capture_drop_prepared (shim->capture);
  return 0;
}

static void
handle_prepare (uint32_t n_slots,
                void    *data)
{
  GlbShim *shim = data;

  glb_capture_prepare (shim->capture, n_slots);
  if (shim->listens)
    wl_event_source_timer_update (shim->prepared, PREPARED_MS);
}

static void
handle_unwatch (void *data)
{
  GlbShim *shim = data;

  glb_capture_unwatch (shim->capture);
}

static void
handle_release (const GlbShimRelease *release,
                void                 *data)
{
  GlbShim *shim = data;

  glb_capture_release (shim->capture, release);
}

static void
handle_capture (void *data)
{
  GlbShim *shim = data;

  glb_capture_once (shim->capture);
}

static void
handle_window_op (uint64_t               serial,
                  const GlbShimWindowOp *op,
                  void                  *data)
{
  GlbShim *shim = data;

  send_done (shim, serial, glb_shell_window_op (shim->shell, op));
}

static void
handle_release_input (uint64_t serial,
                      void    *data)
{
  GlbShim *shim = data;

  glb_text_cancel (shim->text);
  glb_seat_release_all (shim->seat);
  send_done (shim, serial, 0);
}

static void
handle_read_selection (uint64_t                    serial,
                       const GlbShimReadSelection *read,
                       int                         fd,
                       void                       *data)
{
  GlbShim *shim = data;

  send_done (shim, serial, glb_selections_read (shim->selections, read, fd));
}

static void
handle_set_selection (uint64_t                   serial,
                      const GlbShimSetSelection *set,
                      int                        fd,
                      void                      *data)
{
  GlbShim *shim = data;

  send_done (shim, serial, glb_selections_set (shim->selections, serial, set, fd));
}

static void
handle_clear_selection (uint64_t                     serial,
                        const GlbShimClearSelection *clear,
                        void                        *data)
{
  GlbShim *shim = data;

  send_done (shim, serial, glb_selections_clear (shim->selections, clear));
}

/* Whose a connection is says the kernel, but in numbers of our own pid namespace, where there is none for an agent's process. */
static void
handle_ask_owners (uint64_t serial,
                   void    *data)
{
  GlbShim *shim = data;
  struct wl_client *owners[GLB_SHIM_WINDOWS_MAX];
  unsigned n = glb_shell_get_owners (shim->shell, owners);

  for (unsigned i = 0; i < n; i++)
    glb_control_send_fd (shim->control, GLB_SHIM_OWNER, serial, NULL, 0, wl_client_get_fd (owners[i]));
  send_done (shim, serial, 0);
}

static void
handle_refuse (uint64_t serial,
               void    *data)
{
  send_done (data, serial, EINVAL);
}

static void
handle_drained (void *data)
{
  GlbShim *shim = data;

  glb_shell_drained (shim->shell);
  glb_selections_drained (shim->selections);
}

static void
end_session (void *data)
{
  GlbShim *shim = data;

  shim->end = NULL;
  glb_text_cancel (shim->text);
  glb_seat_release_all (shim->seat);
  weston_compositor_exit (shim->compositor);
}

/*
 * Without its broker a session has no owner.  Not from here: the channel may
 * break in the middle of anything, even before the event loop runs, which
 * would then forget that it was told to end.
 */
static void
handle_closed (void *data)
{
  GlbShim *shim = data;

  weston_log ("glovebox: the broker is gone\n");
  shim->end = wl_event_loop_add_idle (wl_display_get_event_loop (shim->compositor->wl_display), end_session, shim);
}

static const GlbControlHandler control_handler = {
  .listen = handle_listen,
  .input = handle_input,
  .text = handle_text,
  .settle = handle_settle,
  .watch = handle_watch,
  .prepare = handle_prepare,
  .unwatch = handle_unwatch,
  .release = handle_release,
  .capture = handle_capture,
  .window_op = handle_window_op,
  .release_input = handle_release_input,
  .read_selection = handle_read_selection,
  .set_selection = handle_set_selection,
  .clear_selection = handle_clear_selection,
  .ask_owners = handle_ask_owners,
  .refuse = handle_refuse,
  .drained = handle_drained,
  .closed = handle_closed,
};

/* ---- start and end -------------------------------------------------------- */

static void
handle_damaged (uint64_t           frame,
                int64_t            time_us,
                const GlbShimRect *bounds,
                void              *data)
{
  GlbShim *shim = data;

  glb_settle_damaged (shim->settle, frame, bounds);
}

static bool
is_repaint_due (void *data)
{
  GlbShim *shim = data;

  return shim->output->repaint_needed;
}

/* Programs scale their text by the size of the display: make it a common one. */
static void
set_dpi (struct weston_output *output)
{
  struct weston_head *head;

  wl_list_for_each (head, &output->head_list, output_link)
    {
      head->mm_width = output->width * 254 / 960;
      head->mm_height = output->height * 254 / 960;
    }
}

/* Start leaves garbage; a session lives long. */
static void
handle_trim (void *data)
{
  GlbShim *shim = data;

  shim->trim = NULL;
  malloc_trim (0);
}

static void
handle_destroy (struct wl_listener *listener,
                void               *data)
{
  GlbShim *shim = wl_container_of (listener, shim, destroy_listener);

  wl_list_remove (&shim->destroy_listener.link);
  if (shim->trim != NULL)
    wl_event_source_remove (shim->trim);
  if (shim->end != NULL)
    wl_event_source_remove (shim->end);
  wl_event_source_remove (shim->prepared);
  glb_selections_free (shim->selections);
  glb_text_free (shim->text);
  glb_shell_free (shim->shell);
  glb_settle_free (shim->settle);
  glb_capture_free (shim->capture);
  glb_globals_free (shim->globals);
  glb_seat_free (shim->seat);
  glb_control_free (shim->control);
  free (shim);
}

/* A killed process loses its highest descriptors first. Above those of all clients, the broker hears of its end before they
 * do, and does not take their ends for another reason. */
static int
move_above_clients (int fd)
{
  struct rlimit limit;
  int above;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= ABOVE_CLIENTS)
    return fd;
  above = fcntl (fd, F_DUPFD_CLOEXEC, ABOVE_CLIENTS);
  if (above < 0)
    return fd;
  close (fd);
  return above;
}

/* Takes the descriptor out of the environment, so that no child gets to know it. */
static int
take_control_fd (void)
{
  const char *text = getenv ("GLOVEBOX_CONTROL_FD");
  char *end = NULL;
  long fd;
  int type = 0;
  socklen_t size = sizeof type;

  if (text == NULL || *text == '\0')
    {
      weston_log ("glovebox: GLOVEBOX_CONTROL_FD is not set: this shell is started by glovebox-broker only\n");
      return -1;
    }
  fd = strtol (text, &end, 10);
  if (*end != '\0' || fd < 3 || fd > 1 << 20 ||
      getsockopt ((int) fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET)
    {
      weston_log ("glovebox: GLOVEBOX_CONTROL_FD is no sequential packet socket\n");
      return -1;
    }
  unsetenv ("GLOVEBOX_CONTROL_FD");
  fcntl ((int) fd, F_SETFD, FD_CLOEXEC);
  return move_above_clients ((int) fd);
}

static void
send_ready (GlbShim *shim)
{
  GlbShimReady ready = {
    .version = GLB_SHIM_PROTOCOL_VERSION,
    .width = (uint32_t) shim->output->width,
    .height = (uint32_t) shim->output->height,
    .weston_major = WESTON_VERSION_MAJOR,
  };

  glb_control_send (shim->control, GLB_SHIM_READY, 0, &ready, sizeof ready);
}

WL_EXPORT int
wet_shell_init (struct weston_compositor *compositor,
                int                      *argc,
                char                     *argv[])
{
  GlbShim *shim;
  struct wl_event_loop *loop = wl_display_get_event_loop (compositor->wl_display);
  int fd = take_control_fd ();

  if (fd < 0)
    return -1;
  if (wl_list_length (&compositor->output_list) != 1)
    {
      weston_log ("glovebox: the compositor must have exactly one output\n");
      return -1;
    }

  shim = glb_new0 (GlbShim);
  shim->compositor = compositor;
  shim->output = wl_container_of (compositor->output_list.next, shim->output, link);
  compositor->repaint_msec = REPAINT_MSEC;
  set_dpi (shim->output);

  shim->control = glb_control_new (loop, fd, &control_handler, shim);
  send_ready (shim);
  shim->globals = glb_globals_new (compositor->wl_display);
  shim->seat = glb_seat_new (compositor);
  shim->settle = glb_settle_new (loop, shim->control, shim->output->width, shim->output->height, is_repaint_due, shim);
  shim->capture = glb_capture_new (shim->output, shim->control, handle_damaged, shim);
  shim->shell = glb_shell_new (compositor, shim->output, shim->seat, shim->control);
  shim->text = glb_text_new (compositor, shim->seat, shim->shell, handle_text_done, shim);
  shim->selections = glb_selections_new (compositor, shim->seat, shim->shell, shim->control);
  shim->prepared = wl_event_loop_add_timer (loop, handle_prepared_end, shim);
  shim->trim = wl_event_loop_add_idle (loop, handle_trim, shim);
  /* A client, or an X11 program, may close its pipe while it is written to, by us or by Weston. */
  signal (SIGPIPE, SIG_IGN);

  shim->destroy_listener.notify = handle_destroy;
  wl_signal_add (&compositor->destroy_signal, &shim->destroy_listener);
  return 0;
}
