/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/compositor-shim/glb-test-compositor.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/input-event-codes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-client.h"

#define WIDTH  800
#define HEIGHT 600

/* ---- start and end -------------------------------------------------------- */

char *
glb_test_read_log (GlbTestCompositor *compositor)
{
  g_autofree char *path = g_build_filename (compositor->dir, "weston.log", NULL);
  char *log = NULL;

  g_file_get_contents (path, &log, NULL, NULL);
  return log;
}

static char **
make_environment (GlbTestCompositor *compositor,
                  int                fd)
{
  char **env = g_get_environ ();
  g_autofree char *number = g_strdup_printf ("%d", fd);

  env = g_environ_setenv (env, "XDG_RUNTIME_DIR", compositor->dir, TRUE);
  env = g_environ_setenv (env, "GLOVEBOX_CONTROL_FD", number, TRUE);
  env = g_environ_unsetenv (env, "WAYLAND_DISPLAY");
  /* Weston itself is built without sanitizers, and leaks when it ends. */
  if (g_getenv ("GLOVEBOX_TEST_PRELOAD") != NULL)
    {
      env = g_environ_setenv (env, "LD_PRELOAD", g_getenv ("GLOVEBOX_TEST_PRELOAD"), TRUE);
      env = g_environ_setenv (env, "ASAN_OPTIONS", "detect_leaks=0", TRUE);
      env = g_environ_setenv (env, "UBSAN_OPTIONS", "halt_on_error=1", TRUE);
    }
  return g_environ_unsetenv (env, "DISPLAY");
}

static void
keep_fd (gpointer data)
{
  fcntl (GPOINTER_TO_INT (data), F_SETFD, 0);
}

static void
spawn_weston (GlbTestCompositor *compositor,
              const char        *weston,
              const char        *config,
              int                fd)
{
  g_auto(GStrv) env = make_environment (compositor, fd);
  g_autofree char *shell = g_strdup_printf ("--shell=%s", g_getenv ("GLOVEBOX_TEST_SHELL"));
  g_autofree char *log = g_strdup_printf ("--log=%s/weston.log", compositor->dir);
  const char *argv[] = {
    weston, config, "--backend=headless-backend.so", "--use-pixman", "--idle-time=0",
    "--flight-rec-scopes=", "--width=" G_STRINGIFY (WIDTH), "--height=" G_STRINGIFY (HEIGHT), shell, log,
    "--socket=own", g_str_equal (config, "--no-config") ? NULL : "--xwayland", NULL,
  };
  g_autoptr(GError) error = NULL;

  g_spawn_async (NULL, (char **) argv, env, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_LEAVE_DESCRIPTORS_OPEN, keep_fd,
                 GINT_TO_POINTER (fd), &compositor->pid, &error);
  g_assert_no_error (error);
}

static void
listen_for_clients (GlbTestCompositor *compositor)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  GlbShimHeader header = { .type = GLB_SHIM_LISTEN, .serial = ++compositor->last_serial };

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpuint (strlen (compositor->socket_path), <, sizeof address.sun_path);
  strcpy (address.sun_path, compositor->socket_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 16));
  glb_test_send_raw (compositor, &header, sizeof header, fd);
  close (fd);
}

/* A configuration that asks for our Xwayland, as an option of Weston's. */
static char *
write_config (GlbTestCompositor *compositor)
{
  g_autofree char *path = g_build_filename (compositor->dir, "weston.ini", NULL);
  g_autofree char *text = g_strdup_printf ("[xwayland]\npath=%s\n", g_getenv ("GLOVEBOX_TEST_XWAYLAND"));
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return g_strdup_printf ("--config=%s", path);
}

static GlbTestCompositor *
compositor_new (gboolean xwayland)
{
  g_autofree char *config = NULL;
  g_autofree char *weston = g_find_program_in_path ("weston");
  GlbTestCompositor *compositor;
  int sockets[2];
  g_autoptr(GError) error = NULL;

  if (weston == NULL)
    {
      g_test_skip ("weston is not installed");
      return NULL;
    }
  compositor = g_new0 (GlbTestCompositor, 1);
  compositor->dir = g_dir_make_tmp ("glovebox-shim-XXXXXX", &error);
  g_assert_no_error (error);
  compositor->socket_path = g_build_filename (compositor->dir, "agent", NULL);
  compositor->own_socket = g_build_filename (compositor->dir, "own", NULL);
  compositor->clients = g_ptr_array_new ();
  compositor->answers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_bytes_unref);
  compositor->windows = g_malloc0 (sizeof *compositor->windows);
  compositor->ring_fd = -1;
  compositor->owners = g_array_new (FALSE, FALSE, sizeof (pid_t));
  compositor->pasted = g_array_new (FALSE, FALSE, sizeof (GlbShimPasted));

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets));
  compositor->control = sockets[0];
  config = xwayland ? write_config (compositor) : g_strdup ("--no-config");
  spawn_weston (compositor, weston, config, sockets[1]);
  close (sockets[1]);
  glb_test_wait_until (compositor, compositor->ready && compositor->n_damages > 0);
  listen_for_clients (compositor);
  return compositor;
}

GlbTestCompositor *
glb_test_compositor_new (void)
{
  return compositor_new (FALSE);
}

static char *
find_display (GlbTestCompositor *compositor)
{
  g_autofree char *log = glb_test_read_log (compositor);
  const char *found = log != NULL ? strstr (log, "listening on display :") : NULL;

  return found != NULL ? g_strdup_printf (":%u", (guint) g_ascii_strtoull (strchr (found, ':') + 1, NULL, 10)) : NULL;
}

GlbTestCompositor *
glb_test_compositor_new_xwayland (char **display)
{
  GlbTestCompositor *compositor = compositor_new (TRUE);

  *display = NULL;
  if (compositor != NULL)
    glb_test_wait_until (compositor, (*display = find_display (compositor)) != NULL);
  return compositor;
}

static void
drop_ring (GlbTestCompositor *compositor)
{
  if (compositor->pixels != NULL)
    munmap ((void *) compositor->pixels, compositor->pixels_size);
  compositor->pixels = NULL;
  if (compositor->ring_fd >= 0)
    close (compositor->ring_fd);
  compositor->ring_fd = -1;
}

/* With the folders in it: programs keep their settings there. */
static void
remove_dir (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_dir (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
show_complaints (GlbTestCompositor *compositor)
{
  g_autofree char *log = glb_test_read_log (compositor);

  if (log != NULL && strstr (log, "BUG") != NULL)
    g_error ("Weston complains:\n%s", log);
}

void
glb_test_compositor_free (GlbTestCompositor *compositor)
{
  gint64 end = g_get_monotonic_time () + GLB_TEST_DEADLINE_S * G_TIME_SPAN_SECOND;

  /* Each test ends with the end of the channel, and each time Weston must go, cleanly. */
  if (compositor->control >= 0)
    close (compositor->control);
  while (!compositor->exited && waitpid (compositor->pid, &compositor->exit_status, WNOHANG) == 0)
    {
      if (g_get_monotonic_time () > end)
        {
          kill (compositor->pid, SIGKILL);
          g_error ("weston did not end with its control channel");
        }
      g_usleep (1000);
    }
  if (!WIFEXITED (compositor->exit_status) || WEXITSTATUS (compositor->exit_status) != 0)
    g_error ("weston ended with wait status %d", compositor->exit_status);
  show_complaints (compositor);
  drop_ring (compositor);
  remove_dir (compositor->dir);
  g_free (compositor->dir);
  g_free (compositor->socket_path);
  g_free (compositor->own_socket);
  g_free (compositor->windows);
  for (guint i = 0; i < GLB_SHIM_N_SELECTIONS; i++)
    g_free (compositor->selections[i]);
  g_array_unref (compositor->owners);
  g_array_unref (compositor->pasted);
  g_ptr_array_unref (compositor->clients);
  g_hash_table_unref (compositor->answers);
  g_free (compositor);
}

/* ---- messages ------------------------------------------------------------- */

static void
take_ring (GlbTestCompositor *compositor,
           const GlbShimRing *ring,
           int                fd)
{
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpuint (ring->generation, >, compositor->ring.generation);
  drop_ring (compositor);
  compositor->ring = *ring;
  compositor->ring_fd = fd;
  compositor->pixels_size = (gsize) ring->stride * ring->height * ring->n_slots;
  compositor->pixels = mmap (NULL, compositor->pixels_size, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (compositor->pixels != MAP_FAILED);
  compositor->n_rings++;
}

static void
take_frame (GlbTestCompositor  *compositor,
            const GlbShimFrame *frame,
            gsize               size)
{
  g_assert_cmpuint (size, ==, sizeof *frame + frame->n_rects * sizeof (GlbShimRect));
  g_assert_cmpuint (frame->n_rects, <=, GLB_SHIM_RECTS_MAX);
  compositor->frame = *frame;
  memcpy (compositor->rects, frame->rects, frame->n_rects * sizeof (GlbShimRect));
  compositor->n_frames++;
  if (!compositor->hold_frames)
    glb_test_release (compositor, frame->slot);
}

static void
take_owner (GlbTestCompositor *compositor,
            int                fd)
{
  struct ucred credentials;
  socklen_t size = sizeof credentials;

  g_assert_cmpint (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size), ==, 0);
  close (fd);
  g_array_append_val (compositor->owners, credentials.pid);
}

static void
take_answer (GlbTestCompositor   *compositor,
             const GlbShimHeader *header)
{
  guint64 *key = g_memdup2 (&header->serial, sizeof header->serial);

  /* Exactly one answer each. */
  if (!g_hash_table_insert (compositor->answers, key, g_bytes_new (header, sizeof *header + header->size)))
    g_error ("two answers to message %" G_GUINT64_FORMAT, header->serial);
}

static void
take_selection (GlbTestCompositor      *compositor,
                const GlbShimSelection *selection,
                gsize                   size)
{
  g_assert_cmpuint (size, >=, sizeof *selection);
  g_assert_cmpuint (selection->kind, <, GLB_SHIM_N_SELECTIONS);
  g_assert_cmpuint (selection->n_types, <=, MIN (GLB_SHIM_TYPES_MAX, selection->n_offered));
  g_assert_cmpuint (size, ==, sizeof *selection + selection->n_types * sizeof selection->types[0]);
  for (guint i = 0; i < selection->n_types; i++)
    {
      g_assert_nonnull (memchr (selection->types[i], '\0', sizeof selection->types[i]));
      g_assert_true (selection->types[i][0] != '\0' && g_str_is_ascii (selection->types[i]));
    }
  if (selection->id > 0)
    {
      g_assert_cmpuint (selection->id, >, compositor->last_selection_ids[selection->kind]);
      compositor->last_selection_ids[selection->kind] = selection->id;
    }
  g_free (compositor->selections[selection->kind]);
  compositor->selections[selection->kind] = g_memdup2 (selection, size);
  compositor->n_selections[selection->kind]++;
}

static void
take_message (GlbTestCompositor   *compositor,
              const GlbShimHeader *header,
              gsize                size,
              int                  fd)
{
  gconstpointer payload = header + 1;

  g_assert_cmpuint (size, >=, sizeof *header);
  g_assert_cmpuint (header->size, ==, size - sizeof *header);
  g_assert_true (compositor->ready || header->type == GLB_SHIM_READY);
  g_assert_true ((header->type == GLB_SHIM_RING || header->type == GLB_SHIM_OWNER) == (fd >= 0));
  switch (header->type)
    {
    case GLB_SHIM_READY:
      g_assert_false (compositor->ready);
      g_assert_cmpuint (header->size, ==, sizeof (GlbShimReady));
      compositor->ready = TRUE;
      compositor->ready_message = *(const GlbShimReady *) payload;
      break;
    case GLB_SHIM_RING:
      g_assert_cmpuint (header->size, ==, sizeof (GlbShimRing));
      take_ring (compositor, payload, fd);
      break;
    case GLB_SHIM_FRAME:
      take_frame (compositor, payload, header->size);
      break;
    case GLB_SHIM_DAMAGE:
      g_assert_cmpuint (header->size, ==, sizeof (GlbShimDamage));
      compositor->damage = *(const GlbShimDamage *) payload;
      g_assert_cmpuint (compositor->damage.frame, ==, ++compositor->n_damages);
      break;
    case GLB_SHIM_WINDOWS:
      g_assert_cmpuint (header->size, ==, sizeof (GlbShimWindows) +
                        ((const GlbShimWindows *) payload)->n_windows * sizeof (GlbShimWindow));
      g_free (compositor->windows);
      compositor->windows = g_memdup2 (payload, header->size);
      break;
    case GLB_SHIM_SELECTION:
      take_selection (compositor, payload, header->size);
      break;
    case GLB_SHIM_PASTED:
      g_assert_cmpuint (header->size, ==, sizeof (GlbShimPasted));
      g_array_append_vals (compositor->pasted, payload, 1);
      break;
    case GLB_SHIM_OWNER:
      g_assert_cmpuint (header->size, ==, 0);
      take_owner (compositor, fd);
      break;
    case GLB_SHIM_SETTLED:
    case GLB_SHIM_DONE:
    case GLB_SHIM_PONG:
      take_answer (compositor, header);
      break;
    default:
      g_error ("unknown message %u", header->type);
    }
}

/* FALSE: nothing there. */
static gboolean
receive (GlbTestCompositor *compositor)
{
  static guint64 buffer[GLB_SHIM_MESSAGE_MAX / 8];
  struct iovec iov = { buffer, sizeof buffer };
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } ancillary;
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ancillary,
                            .msg_controllen = sizeof ancillary };
  gssize n = recvmsg (compositor->control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  struct cmsghdr *header;
  int fd = -1;

  if (n < 0 && errno == EAGAIN)
    return FALSE;
  if (n <= 0)
    {
      g_autofree char *log = glb_test_read_log (compositor);

      compositor->closed = TRUE;
      if (!compositor->may_end)
        g_error ("Weston ended:\n%s", log);
      return FALSE;
    }
  header = CMSG_FIRSTHDR (&message);
  if (header != NULL)
    memcpy (&fd, CMSG_DATA (header), sizeof fd);
  take_message (compositor, (const GlbShimHeader *) buffer, (gsize) n, fd);
  return TRUE;
}

gboolean
glb_test_pump (GlbTestCompositor *compositor,
               gint64             end)
{
  g_autoptr(GArray) fds = g_array_new (FALSE, TRUE, sizeof (struct pollfd));
  struct pollfd item = { .fd = compositor->closed ? -1 : compositor->control, .events = POLLIN };
  gint64 left = end - g_get_monotonic_time ();
  gboolean any = FALSE;

  g_array_append_val (fds, item);
  for (guint i = 0; i < compositor->clients->len; i++)
    {
      item.fd = glb_test_client_prepare (g_ptr_array_index (compositor->clients, i));
      g_array_append_val (fds, item);
    }
  /* In slices: conditions that no message tells of, such as a file, are looked at again. */
  left = CLAMP (left, 0, 20 * 1000);
  poll ((struct pollfd *) (gpointer) fds->data, fds->len, (int) (left / 1000));
  for (guint i = 0; i < compositor->clients->len; i++)
    any |= glb_test_client_take (g_ptr_array_index (compositor->clients, i),
                                 g_array_index (fds, struct pollfd, i + 1).revents != 0);
  if (g_array_index (fds, struct pollfd, 0).revents != 0)
    while (receive (compositor))
      any = TRUE;
  return any;
}

void
glb_test_send_raw (GlbTestCompositor *compositor,
                   gconstpointer      bytes,
                   gsize              size,
                   int                fd)
{
  struct iovec iov = { (gpointer) bytes, size };
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } ancillary = { 0 };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

  if (fd >= 0)
    {
      message.msg_control = &ancillary;
      message.msg_controllen = sizeof ancillary;
      ancillary.header.cmsg_level = SOL_SOCKET;
      ancillary.header.cmsg_type = SCM_RIGHTS;
      ancillary.header.cmsg_len = CMSG_LEN (sizeof fd);
      memcpy (CMSG_DATA (&ancillary.header), &fd, sizeof fd);
    }
  g_assert_cmpint (sendmsg (compositor->control, &message, MSG_NOSIGNAL), ==, (gssize) size);
}

guint64
glb_test_send_fd (GlbTestCompositor *compositor,
                  guint32            type,
                  gconstpointer      payload,
                  gsize              size,
                  int                fd)
{
  g_autofree GlbShimHeader *header = g_malloc (sizeof *header + size);

  *header = (GlbShimHeader) { type, (guint32) size, ++compositor->last_serial };
  if (size > 0)
    memcpy (header + 1, payload, size);
  glb_test_send_raw (compositor, header, sizeof *header + size, fd);
  return header->serial;
}

guint64
glb_test_send (GlbTestCompositor *compositor,
               guint32            type,
               gconstpointer      payload,
               gsize              size)
{
  return glb_test_send_fd (compositor, type, payload, size, -1);
}

gconstpointer
glb_test_wait_answer (GlbTestCompositor *compositor,
                      guint64            serial,
                      guint32            type)
{
  const GlbShimHeader *header;

  glb_test_wait_until (compositor, g_hash_table_contains (compositor->answers, &serial));
  header = g_bytes_get_data (g_hash_table_lookup (compositor->answers, &serial), NULL);
  g_assert_cmpuint (header->type, ==, type);
  return header + 1;
}

/* ---- requests ------------------------------------------------------------- */

static GlbShimDone
wait_done (GlbTestCompositor *compositor,
           guint64            serial)
{
  return *(const GlbShimDone *) glb_test_wait_answer (compositor, serial, GLB_SHIM_DONE);
}

GlbShimDone
glb_test_input (GlbTestCompositor  *compositor,
                const GlbShimEvent *events,
                guint               n_events)
{
  gsize size = sizeof (GlbShimInput) + n_events * sizeof *events;
  g_autofree GlbShimInput *input = g_malloc0 (size);

  input->n_events = n_events;
  memcpy (input->events, events, n_events * sizeof *events);
  return wait_done (compositor, glb_test_send (compositor, GLB_SHIM_INPUT, input, size));
}

GlbShimDone
glb_test_click (GlbTestCompositor *compositor,
                int                x,
                int                y)
{
  GlbShimEvent events[] = {
    { .kind = GLB_SHIM_EVENT_MOTION, .x = x * 256, .y = y * 256 },
    { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_LEFT, .value = 1 },
    { .kind = GLB_SHIM_EVENT_BUTTON, .code = BTN_LEFT, .value = 0 },
  };

  return glb_test_input (compositor, events, G_N_ELEMENTS (events));
}

GlbShimDone
glb_test_text (GlbTestCompositor *compositor,
               const char        *text)
{
  gsize size = sizeof (GlbShimText) + strlen (text);
  g_autofree GlbShimText *message = g_malloc0 (size);

  message->length = (guint32) strlen (text);
  memcpy (message->text, text, message->length);
  return wait_done (compositor, glb_test_send (compositor, GLB_SHIM_TEXT, message, size));
}

GlbShimSettled
glb_test_settle (GlbTestCompositor *compositor,
                 guint              quiet_ms,
                 guint              max_ms)
{
  GlbShimSettle settle = { .quiet_ms = quiet_ms, .max_ms = max_ms };
  guint64 serial = glb_test_send (compositor, GLB_SHIM_SETTLE, &settle, sizeof settle);

  return *(const GlbShimSettled *) glb_test_wait_answer (compositor, serial, GLB_SHIM_SETTLED);
}

GlbShimDone
glb_test_window_op (GlbTestCompositor  *compositor,
                    guint32             window,
                    GlbShimWindowOpKind kind)
{
  GlbShimWindowOp op = { window, kind };

  return wait_done (compositor, glb_test_send (compositor, GLB_SHIM_WINDOW_OP, &op, sizeof op));
}

GlbShimDone
glb_test_read_selection (GlbTestCompositor    *compositor,
                         GlbShimSelectionKind  kind,
                         guint64               id,
                         const char           *type,
                         int                  *fd)
{
  GlbShimReadSelection message = { .kind = kind, .id = id };
  guint64 serial;
  int ends[2];

  g_strlcpy (message.type, type, sizeof message.type);
  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  serial = glb_test_send_fd (compositor, GLB_SHIM_READ_SELECTION, &message, sizeof message, ends[1]);
  close (ends[1]);
  *fd = ends[0];
  return wait_done (compositor, serial);
}

GlbShimDone
glb_test_set_selection (GlbTestCompositor    *compositor,
                        GlbShimSelectionKind  kind,
                        const char           *types,
                        GBytes               *content,
                        guint                 uses,
                        guint64              *serial)
{
  g_auto(GStrv) names = g_strsplit (types, "|", -1);
  guint n_types = g_strv_length (names);
  gsize size = sizeof (GlbShimSetSelection) + n_types * GLB_SHIM_TYPE_MAX, length;
  g_autofree GlbShimSetSelection *message = g_malloc0 (size);
  const guint8 *data = g_bytes_get_data (content, &length);
  int fd = memfd_create ("selection", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  guint64 sent;

  message->kind = kind;
  message->n_types = n_types;
  message->length = length;
  message->uses = uses;
  for (guint i = 0; i < n_types; i++)
    g_strlcpy (message->types[i], names[i], GLB_SHIM_TYPE_MAX);
  g_assert_cmpint (write (fd, data, length), ==, (gssize) length);
  g_assert_no_errno (fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
  sent = glb_test_send_fd (compositor, GLB_SHIM_SET_SELECTION, message, size, fd);
  close (fd);
  if (serial != NULL)
    *serial = sent;
  return wait_done (compositor, sent);
}

GlbShimDone
glb_test_clear_selection (GlbTestCompositor    *compositor,
                          GlbShimSelectionKind  kind)
{
  GlbShimClearSelection message = { .kind = kind };

  return wait_done (compositor, glb_test_send (compositor, GLB_SHIM_CLEAR_SELECTION, &message, sizeof message));
}

/* FALSE: the end. */
static gboolean
read_some (int         fd,
           GByteArray *bytes)
{
  struct pollfd item = { .fd = fd, .events = POLLIN };
  guint8 buffer[65536];
  gssize n;

  /* As long as more comes at once: the caller looks elsewhere in between. */
  do
    {
      n = read (fd, buffer, sizeof buffer);
      if (n > 0)
        g_byte_array_append (bytes, buffer, (guint) n);
    }
  while (n != 0 && poll (&item, 1, 1) > 0);
  return n > 0 || (n < 0 && errno == EAGAIN);
}

GBytes *
glb_test_read_pipe (GlbTestCompositor *compositor,
                    int                fd)
{
  GByteArray *bytes = g_byte_array_new ();

  g_assert_no_errno (fcntl (fd, F_SETFL, O_NONBLOCK));
  glb_test_wait_until (compositor, !read_some (fd, bytes));
  close (fd);
  return g_byte_array_free_to_bytes (bytes);
}

void
glb_test_watch (GlbTestCompositor *compositor,
                guint              n_slots)
{
  GlbShimWatch watch = { .n_slots = n_slots };
  guint before = compositor->n_frames;

  glb_test_send (compositor, GLB_SHIM_WATCH, &watch, sizeof watch);
  glb_test_wait_until (compositor, compositor->n_frames > before);
}

void
glb_test_release (GlbTestCompositor *compositor,
                  guint              slot)
{
  GlbShimRelease release = { compositor->ring.generation, slot };

  glb_test_send (compositor, GLB_SHIM_RELEASE, &release, sizeof release);
}

void
glb_test_capture (GlbTestCompositor *compositor)
{
  guint before = compositor->n_frames;

  glb_test_send (compositor, GLB_SHIM_CAPTURE, NULL, 0);
  glb_test_wait_until (compositor, compositor->n_frames > before);
}

guint32
glb_test_pixel (GlbTestCompositor *compositor,
                int                x,
                int                y)
{
  const GlbShimRing *ring = &compositor->ring;

  g_assert_nonnull (compositor->pixels);
  return compositor->pixels[(gsize) compositor->frame.slot * ring->height * ring->stride / 4 +
                            (gsize) y * ring->stride / 4 + (gsize) x] & 0xffffff;
}

int
glb_test_window_level (GlbTestCompositor *compositor,
                       const char        *title)
{
  for (guint i = 0; i < compositor->windows->n_windows; i++)
    if (g_strcmp0 (compositor->windows->windows[i].title, title) == 0)
      return (int) i;
  return -1;
}

const GlbShimWindow *
glb_test_find_window (GlbTestCompositor *compositor,
                      const char        *title)
{
  int level = glb_test_window_level (compositor, title);

  return level >= 0 ? &compositor->windows->windows[level] : NULL;
}

gboolean
glb_test_window_is_focused (GlbTestCompositor *compositor,
                            const char        *title)
{
  const GlbShimWindow *window = glb_test_find_window (compositor, title);

  return window != NULL && (window->flags & GLB_SHIM_WINDOW_FOCUSED) &&
         compositor->windows->focus_window == window->id;
}
