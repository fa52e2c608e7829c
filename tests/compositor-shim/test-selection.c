/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/compositor-shim/glb-test-selection.h"

#define TEXT "text/plain"
#define UTF8 "text/plain;charset=utf-8"

/* Each test runs for both kinds. */
static const GlbShimSelectionKind kinds[] = { GLB_SHIM_CLIPBOARD, GLB_SHIM_PRIMARY };

/* A program with a window that has the focus. */
typedef struct
{
  GlbTestClient *client;
  GlbTestWindow *window;
  GlbTestDevice *device;
} Program;

static Program *
program_new (GlbTestCompositor    *compositor,
             GlbShimSelectionKind  kind,
             const char           *title)
{
  Program *program = g_new0 (Program, 1);

  program->client = glb_test_client_new (compositor, compositor->socket_path);
  program->device = glb_test_device_new (program->client, kind);
  program->window = glb_test_window_new (program->client, title, 100, 100, 0x336699, NULL);
  return program;
}

static void
program_free (Program *program)
{
  glb_test_device_free (program->device);
  glb_test_window_free (program->window);
  glb_test_client_free (program->client);
  g_free (program);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Program, program_free)

/* A later copy needs a later event, as when a person copies. */
static void
press_key (Program *program)
{
  const GlbShimEvent events[] = {
    { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_C, .value = 1 }, { .kind = GLB_SHIM_EVENT_KEY, .code = KEY_C, .value = 0 },
  };

  if (program->client->keyboard_focus == NULL)
    return;
  glb_test_input (program->client->compositor, events, G_N_ELEMENTS (events));
  g_assert_true (glb_test_client_sync (program->client));
}

static GlbTestSource *
copy (Program    *program,
      const char *types,
      const char *content)
{
  GlbTestSource *source = glb_test_source_new (program->client, program->device->kind, content);
  g_auto(GStrv) names = g_strsplit (types, "|", -1);

  for (guint i = 0; names[i] != NULL; i++)
    glb_test_source_offer (source, names[i]);
  press_key (program);
  glb_test_device_copy (program->device, source, program->client->last_serial);
  g_assert_true (glb_test_client_sync (program->client));
  return source;
}

/* The broker knows of the selection that @program sees. */
static const GlbShimSelection *
wait_told (GlbTestCompositor    *compositor,
           GlbShimSelectionKind  kind,
           guint                 n_before)
{
  glb_test_wait_until (compositor, compositor->n_selections[kind] > n_before);
  return compositor->selections[kind];
}

static const GlbShimPasted *
wait_pasted (GlbTestCompositor *compositor,
             guint              n)
{
  glb_test_wait_until (compositor, compositor->pasted->len >= n);
  g_assert_cmpuint (compositor->pasted->len, ==, n);
  return &g_array_index (compositor->pasted, GlbShimPasted, n - 1);
}

static void
assert_bytes (GBytes     *bytes,
              const char *text)
{
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
  g_bytes_unref (bytes);
}

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new_static (text, strlen (text));
}

/* More than a pipe holds, so that it needs a reader. */
static GBytes *
much (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i % 251 + i / 65521);
  return g_bytes_new_take (data, size);
}

/* ---- what is refused ------------------------------------------------------ */

static void
test_malformed (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  GlbShimReadSelection read = { .kind = kind, .id = 1, .type = TEXT };
  GlbShimClearSelection clear = { .kind = GLB_SHIM_N_SELECTIONS };
  struct { GlbShimSetSelection fixed; char types[GLB_SHIM_SET_TYPES_MAX + 1][GLB_SHIM_TYPE_MAX]; } set = {
    { .kind = kind, .n_types = 1, .length = 3 }, { TEXT },
  };
  const gsize set_size = sizeof set.fixed + GLB_SHIM_TYPE_MAX;
  int sealed = memfd_create ("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING), open_fd = memfd_create ("open", MFD_CLOEXEC);

#define REFUSED(type, payload, size, fd)                                                                         \
  g_assert_cmpuint (((const GlbShimDone *) glb_test_wait_answer (                                                \
                       compositor, glb_test_send_fd (compositor, type, payload, size, fd), GLB_SHIM_DONE))->error, \
                    ==, EINVAL)

  if (compositor == NULL)
    return;
  g_assert_cmpint (write (sealed, "abc", 3), ==, 3);
  g_assert_no_errno (fcntl (sealed, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW));
  g_assert_cmpint (write (open_fd, "abc", 3), ==, 3);

  REFUSED (GLB_SHIM_READ_SELECTION, &read, sizeof read, -1);
  REFUSED (GLB_SHIM_READ_SELECTION, &read, sizeof read - 1, sealed);
  read.kind = GLB_SHIM_N_SELECTIONS;
  REFUSED (GLB_SHIM_READ_SELECTION, &read, sizeof read, sealed);
  read.kind = kind;
  memset (read.type, 'a', sizeof read.type);
  REFUSED (GLB_SHIM_READ_SELECTION, &read, sizeof read, sealed);
  strcpy (read.type, "");
  REFUSED (GLB_SHIM_READ_SELECTION, &read, sizeof read, sealed);
  strcpy (read.type, "text/\n");
  REFUSED (GLB_SHIM_READ_SELECTION, &read, sizeof read, sealed);

  REFUSED (GLB_SHIM_SET_SELECTION, &set, set_size, -1);
  REFUSED (GLB_SHIM_SET_SELECTION, &set, set_size - 1, sealed);
  REFUSED (GLB_SHIM_SET_SELECTION, &set, sizeof set.fixed - 1, sealed);
  REFUSED (GLB_SHIM_SET_SELECTION, &set, set_size, open_fd);
  set.fixed.length = 4;
  REFUSED (GLB_SHIM_SET_SELECTION, &set, set_size, sealed);
  set.fixed.length = GLB_SHIM_SET_LENGTH_MAX + 1;
  REFUSED (GLB_SHIM_SET_SELECTION, &set, set_size, sealed);
  set.fixed.length = 3;
  set.fixed.kind = GLB_SHIM_N_SELECTIONS;
  REFUSED (GLB_SHIM_SET_SELECTION, &set, set_size, sealed);
  set.fixed.kind = kind;
  set.fixed.n_types = 0;
  REFUSED (GLB_SHIM_SET_SELECTION, &set, sizeof set.fixed, sealed);
  set.fixed.n_types = GLB_SHIM_SET_TYPES_MAX + 1;
  for (guint i = 0; i <= GLB_SHIM_SET_TYPES_MAX; i++)
    strcpy (set.types[i], TEXT);
  REFUSED (GLB_SHIM_SET_SELECTION, &set, sizeof set, sealed);
  set.fixed.n_types = 1;
  strcpy (set.types[0], "text/\x7f");
  REFUSED (GLB_SHIM_SET_SELECTION, &set, set_size, sealed);

  REFUSED (GLB_SHIM_CLEAR_SELECTION, &clear, sizeof clear, -1);
  clear.kind = kind;
  REFUSED (GLB_SHIM_CLEAR_SELECTION, &clear, sizeof clear - 1, -1);

  strcpy (set.types[0], TEXT);
  g_assert_cmpuint (((const GlbShimDone *) glb_test_wait_answer (
                       compositor, glb_test_send_fd (compositor, GLB_SHIM_SET_SELECTION, &set, set_size, sealed),
                       GLB_SHIM_DONE))->error, ==, 0);
  g_assert_cmpuint (glb_test_clear_selection (compositor, kind).error, ==, 0);
  g_assert_cmpuint (glb_test_clear_selection (compositor, kind).error, ==, 0);
  close (sealed);
  close (open_fd);
#undef REFUSED
}

static void
test_read_denials (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  guint64 id;
  int fd;

  if (compositor == NULL)
    return;
  g_assert_cmpuint (glb_test_read_selection (compositor, kind, 0, TEXT, &fd).error, ==, ESTALE);
  assert_bytes (glb_test_read_pipe (compositor, fd), "");
  g_assert_cmpuint (glb_test_read_selection (compositor, kind, 1, TEXT, &fd).error, ==, ESTALE);
  assert_bytes (glb_test_read_pipe (compositor, fd), "");
  {
    g_autoptr(Program) program = program_new (compositor, kind, "denials");
    g_autoptr(GlbTestSource) first = copy (program, TEXT, "first"), second = NULL;

    id = wait_told (compositor, kind, 0)->id;
    /* Without a request nobody reads it, not even Weston itself. */
    g_assert_cmpuint (first->n_sends, ==, 0);
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, "text/html", &fd).error, ==, ENOENT);
    assert_bytes (glb_test_read_pipe (compositor, fd), "");
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id + 1, TEXT, &fd).error, ==, ESTALE);
    assert_bytes (glb_test_read_pipe (compositor, fd), "");
    /* The id of one kind opens nothing of the other. */
    g_assert_cmpuint (glb_test_read_selection (compositor, !kind, id, TEXT, &fd).error, ==, ESTALE);
    assert_bytes (glb_test_read_pipe (compositor, fd), "");

    second = copy (program, TEXT, "second");
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, TEXT, &fd).error, ==, ESTALE);
    assert_bytes (glb_test_read_pipe (compositor, fd), "");
    g_assert_true (glb_test_client_sync (program->client));
    g_assert_cmpuint (first->n_sends, ==, 0);
    g_assert_cmpuint (second->n_sends, ==, 0);
    g_assert_cmpuint (first->n_cancelled, ==, 1);
  }
}

/* The host's selection is not the session's to be read back by the broker. */
static void
test_read_of_the_hosts (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = bytes_of ("host's");
  int fd;

  if (compositor == NULL)
    return;
  g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, content, 0, NULL).error, ==, 0);
  for (guint64 id = 0; id < 4; id++)
    {
      g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, TEXT, &fd).error, ==, ESTALE);
      assert_bytes (glb_test_read_pipe (compositor, fd), "");
    }
  g_assert_cmpuint (compositor->n_selections[kind], ==, 0);
  g_assert_cmpuint (compositor->pasted->len, ==, 0);
}

static void
test_paste_denials (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = bytes_of ("secret of the host");
  guint8 buffer[8];
  int file = memfd_create ("no pipe", MFD_CLOEXEC), ends[2];
  gpointer kept;
  guint n_before;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "paste");

    g_assert_cmpstr (glb_test_device_types (program->device), ==, "");
    g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, content, 2, NULL).error, ==, 0);
    glb_test_wait_until (compositor, program->device->offer != NULL);
    /* A type that is not there, and what is no pipe: neither is a use. */
    assert_bytes (glb_test_device_paste (program->device, "text/html"), "");
    glb_test_device_receive_into (program->device, TEXT, file);
    g_assert_true (glb_test_client_sync (program->client));
    g_assert_cmpint (pread (file, buffer, sizeof buffer, 0), ==, 0);
    /* The reading end of a pipe cannot be written to. */
    g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
    glb_test_device_receive_into (program->device, TEXT, ends[0]);
    close (ends[1]);
    assert_bytes (glb_test_read_pipe (compositor, ends[0]), "");
    g_assert_cmpuint (wait_pasted (compositor, 1)->bytes, ==, 0);

    assert_bytes (glb_test_device_paste (program->device, TEXT), "secret of the host");
    g_assert_cmpuint (wait_pasted (compositor, 2)->bytes, ==, g_bytes_get_size (content));
    /* Both uses are gone, and with them the selection. */
    glb_test_wait_until (compositor, program->device->offer == NULL);
    g_assert_cmpuint (compositor->n_selections[kind], ==, 0);

    g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, content, 0, NULL).error, ==, 0);
    glb_test_wait_until (compositor, program->device->offer != NULL);
    /* A client that keeps its offer for later. */
    kept = g_steal_pointer (&program->device->offer);
    n_before = program->device->n_selections;
    g_assert_cmpuint (glb_test_clear_selection (compositor, kind).error, ==, 0);
    glb_test_wait_until (compositor, program->device->n_selections > n_before);
    g_assert_null (program->device->offer);
    program->device->offer = kept;
    assert_bytes (glb_test_device_paste (program->device, TEXT), "");
    g_assert_cmpuint (compositor->pasted->len, ==, 2);
  }
  close (file);
}

/* Two reads at the same moment do not share one use. */
static void
test_one_use (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = much (300000);
  int first, second;
  guint64 serial;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "one use");
    g_autoptr(GBytes) got = NULL;
    const GlbShimPasted *pasted;

    g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT "|" UTF8, content, 1, &serial).error, ==, 0);
    glb_test_wait_until (compositor, program->device->offer != NULL);
    g_assert_cmpstr (glb_test_device_types (program->device), ==, TEXT " " UTF8 " ");
    first = glb_test_device_receive (program->device, UTF8);
    second = glb_test_device_receive (program->device, UTF8);
    assert_bytes (glb_test_read_pipe (compositor, second), "");
    glb_test_wait_until (compositor, program->device->offer == NULL);
    /* The one that had begun goes on. */
    got = glb_test_read_pipe (compositor, first);
    g_assert_true (g_bytes_equal (got, content));
    pasted = wait_pasted (compositor, 1);
    g_assert_cmpuint (pasted->kind, ==, kind);
    g_assert_cmpuint (pasted->id, ==, serial);
    g_assert_cmpuint (pasted->bytes, ==, 300000);
    g_assert_cmpstr (pasted->type, ==, UTF8);
  }
}

/* What is taken back ends in the middle of the paste. */
static void
test_clear_breaks_off (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = much (1024 * 1024);
  int fd;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "clear");
    g_autoptr(GBytes) got = NULL;
    const GlbShimPasted *pasted;

    g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, content, 0, NULL).error, ==, 0);
    glb_test_wait_until (compositor, program->device->offer != NULL);
    fd = glb_test_device_receive (program->device, TEXT);
    g_assert_true (glb_test_client_sync (program->client));
    g_assert_cmpuint (compositor->pasted->len, ==, 0);
    g_assert_cmpuint (glb_test_clear_selection (compositor, kind).error, ==, 0);
    pasted = wait_pasted (compositor, 1);
    g_assert_cmpuint (pasted->bytes, >, 0);
    g_assert_cmpuint (pasted->bytes, <, g_bytes_get_size (content));
    got = glb_test_read_pipe (compositor, fd);
    g_assert_cmpuint (g_bytes_get_size (got), ==, pasted->bytes);
  }
}

/* Only the program in front can set the primary selection, sees it and can read it. */
static void
test_primary_needs_the_focus (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = bytes_of ("host's");
  int fd;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) behind = program_new (compositor, GLB_SHIM_PRIMARY, "behind");
    g_autoptr(GlbTestSource) mine = copy (behind, TEXT, "mine"), late = NULL, other = NULL;
    g_autoptr(Program) front = NULL;

    glb_test_wait_until (compositor, behind->device->offer != NULL);
    front = program_new (compositor, GLB_SHIM_PRIMARY, "front");
    g_assert_cmpstr (glb_test_device_types (front->device), ==, TEXT " ");
    /* Its offer is still in its hands. */
    assert_bytes (glb_test_device_paste (behind->device, TEXT), "");
    g_assert_cmpuint (mine->n_sends, ==, 0);
    assert_bytes (glb_test_device_paste (front->device, TEXT), "mine");

    wait_told (compositor, GLB_SHIM_PRIMARY, 0);
    late = copy (behind, "text/late", "late");
    glb_test_device_copy (behind->device, NULL, behind->client->last_serial);
    g_assert_true (glb_test_client_sync (behind->client));
    g_assert_true (glb_test_client_sync (front->client));
    g_assert_cmpstr (glb_test_device_types (front->device), ==, TEXT " ");
    /* Nor can the program in front take away what is another's. */
    glb_test_device_copy (front->device, NULL, front->client->last_serial);
    g_assert_true (glb_test_client_sync (front->client));
    g_assert_cmpstr (glb_test_device_types (front->device), ==, TEXT " ");
    g_assert_cmpuint (compositor->n_selections[GLB_SHIM_PRIMARY], ==, 1);

    g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_PRIMARY, UTF8, content, 0, NULL).error, ==, 0);
    glb_test_wait_until (compositor, g_str_equal (glb_test_device_types (front->device), UTF8 " "));
    g_assert_true (glb_test_client_sync (behind->client));
    g_assert_cmpstr (glb_test_device_types (behind->device), ==, TEXT " ");
    fd = glb_test_device_receive (behind->device, UTF8);
    assert_bytes (glb_test_read_pipe (compositor, fd), "");
    g_assert_cmpuint (compositor->pasted->len, ==, 0);
    g_assert_cmpuint (mine->n_cancelled, ==, 1);
  }
}

/* ---- what works ----------------------------------------------------------- */

static void
test_told_and_read (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  const GlbShimSelection *told;
  guint64 id;
  int fd;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "told");
    g_autoptr(GlbTestSource) source = copy (program, TEXT "|" UTF8 "|image/png", "what was copied");
    g_autoptr(GBytes) big = much (1024 * 1024), got = NULL;

    told = wait_told (compositor, kind, 0);
    g_assert_cmpuint (told->n_types, ==, 3);
    g_assert_cmpuint (told->n_offered, ==, 3);
    g_assert_cmpstr (told->types[0], ==, TEXT);
    g_assert_cmpstr (told->types[1], ==, UTF8);
    g_assert_cmpstr (told->types[2], ==, "image/png");
    id = told->id;
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, UTF8, &fd).error, ==, 0);
    assert_bytes (glb_test_read_pipe (compositor, fd), "what was copied");
    g_assert_cmpstr (source->asked->str, ==, UTF8 " ");

    g_bytes_unref (source->content);
    source->content = g_bytes_ref (big);
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, "image/png", &fd).error, ==, 0);
    got = glb_test_read_pipe (compositor, fd);
    g_assert_true (g_bytes_equal (got, big));

    g_clear_pointer (&source, glb_test_source_free);
    told = wait_told (compositor, kind, 1);
    g_assert_cmpuint (told->id, ==, 0);
    g_assert_cmpuint (told->n_types, ==, 0);
    g_assert_cmpuint (told->n_offered, ==, 0);
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, UTF8, &fd).error, ==, ESTALE);
    assert_bytes (glb_test_read_pipe (compositor, fd), "");

    source = copy (program, TEXT, "again");
    told = wait_told (compositor, kind, 2);
    g_assert_cmpuint (told->id, >, id);
    g_clear_pointer (&source, glb_test_source_free);
    wait_told (compositor, kind, 3);
  }
}

/* Programs that paste and end, or drop what they were offered, take it from nobody. */
static void
test_stays_after_a_paste (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  int fd;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) owner = program_new (compositor, kind, "owner");
    g_autoptr(GlbTestSource) source = copy (owner, TEXT, "stays");

    wait_told (compositor, kind, 0);
    for (guint i = 0; i < 3; i++)
      {
        g_autoptr(Program) reader = program_new (compositor, kind, "reader");

        assert_bytes (glb_test_device_paste (reader->device, TEXT), "stays");
        if (i == 1)
          g_assert_no_errno (shutdown (wl_display_get_fd (reader->client->display), SHUT_RDWR));
      }
    glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "owner"));
    g_assert_true (glb_test_client_sync (owner->client));
    g_assert_cmpuint (source->n_cancelled, ==, 0);
    g_assert_cmpuint (compositor->n_selections[kind], ==, 1);
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, compositor->selections[kind]->id, TEXT, &fd).error, ==, 0);
    assert_bytes (glb_test_read_pipe (compositor, fd), "stays");
  }
}

/* With its owner. */
static void
test_goes_with_its_owner (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "owner");
    g_autoptr(GlbTestSource) source = copy (program, TEXT, "x");

    g_assert_cmpuint (wait_told (compositor, kind, 0)->id, >, 0);
    g_assert_no_errno (shutdown (wl_display_get_fd (program->client->display), SHUT_RDWR));
    g_assert_cmpuint (wait_told (compositor, kind, 1)->id, ==, 0);
  }
}

/* The host's selection goes to whoever has the focus, as often as it is asked for, until a client copies. */
static void
test_host_to_clients (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = bytes_of ("Zażółć"), second_content = much (16 * 1024 * 1024), empty = bytes_of ("");
  guint64 serial;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) first = program_new (compositor, kind, "first"), second = NULL;
    g_autoptr(GlbTestSource) source = copy (first, TEXT, "client's"), later = NULL;
    g_autoptr(GBytes) got = NULL;

    wait_told (compositor, kind, 0);
    g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT "|" UTF8, content, 0, &serial).error, ==, 0);
    glb_test_wait_until (compositor, source->n_cancelled == 1);
    assert_bytes (glb_test_device_paste (first->device, TEXT), "Zażółć");
    assert_bytes (glb_test_device_paste (first->device, UTF8), "Zażółć");
    g_assert_cmpuint (wait_pasted (compositor, 2)->id, ==, serial);

    second = program_new (compositor, kind, "second");
    g_assert_cmpstr (glb_test_device_types (second->device), ==, TEXT " " UTF8 " ");
    assert_bytes (glb_test_device_paste (second->device, TEXT), "Zażółć");
    wait_pasted (compositor, 3);

    /* The host's next one replaces it; no client copied anything. */
    g_assert_cmpuint (glb_test_set_selection (compositor, kind, UTF8, second_content, 0, NULL).error, ==, 0);
    glb_test_wait_until (compositor, g_str_equal (glb_test_device_types (second->device), UTF8 " "));
    got = glb_test_device_paste (second->device, UTF8);
    g_assert_true (g_bytes_equal (got, second_content));
    g_assert_cmpuint (wait_pasted (compositor, 4)->bytes, ==, g_bytes_get_size (second_content));
    g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, empty, 0, NULL).error, ==, 0);
    glb_test_wait_until (compositor, g_str_equal (glb_test_device_types (second->device), TEXT " "));
    assert_bytes (glb_test_device_paste (second->device, TEXT), "");
    g_assert_cmpuint (wait_pasted (compositor, 5)->bytes, ==, 0);
    g_assert_cmpuint (compositor->n_selections[kind], ==, 1);

    glb_test_click (compositor, 790, 590);
    glb_test_window_op (compositor, glb_test_find_window (compositor, "second")->id, GLB_SHIM_WINDOW_ACTIVATE);
    glb_test_wait_until (compositor, glb_test_window_is_focused (compositor, "second"));
    g_assert_true (glb_test_client_sync (second->client));
    later = copy (second, "text/own", "own");
    g_assert_cmpstr (wait_told (compositor, kind, 1)->types[0], ==, "text/own");
    /* The host's is gone: to clear it is no error and changes nothing. */
    g_assert_cmpuint (glb_test_clear_selection (compositor, kind).error, ==, 0);
    assert_bytes (glb_test_device_paste (second->device, "text/own"), "own");
    g_assert_cmpuint (compositor->pasted->len, ==, 5);
  }
}

/* A selection of the host may be there when the session ends, and be read. */
static void
test_end_while_pasting (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  GlbTestCompositor *compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = much (1024 * 1024);
  Program *program;
  int fd;

  if (compositor == NULL)
    return;
  program = program_new (compositor, kind, "end");
  g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, content, 0, NULL).error, ==, 0);
  glb_test_wait_until (compositor, program->device->offer != NULL);
  fd = glb_test_device_receive (program->device, TEXT);
  g_assert_true (glb_test_client_sync (program->client));
  compositor->may_end = TRUE;
  g_assert_no_errno (shutdown (compositor->control, SHUT_RDWR));
  g_bytes_unref (glb_test_read_pipe (compositor, fd));
  program_free (program);
  glb_test_compositor_free (compositor);
}

/* ---- hostile clients ------------------------------------------------------ */

static void
offer_many (GlbTestSource *source,
            guint          n,
            gsize          length)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *padding = g_strnfill (length, 'x');
      g_autofree char *type = g_strdup_printf ("x/%u%s", i, padding);

      glb_test_source_offer (source, type);
      if (i % 100 == 0 && !glb_test_client_sync (source->client))
        return;
    }
}

/* As much as is allowed is all read by whoever comes in front. */
static void
test_as_many_types_as_allowed (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  const GlbShimSelection *told;
  int fd;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "many"), other = NULL;
    g_autoptr(GlbTestSource) source = glb_test_source_new (program->client, kind, "x");
    g_auto(GStrv) types = NULL;

    offer_many (source, 256, 100);
    glb_test_device_copy (program->device, source, program->client->last_serial);
    told = wait_told (compositor, kind, 0);
    g_assert_cmpuint (told->n_offered, ==, 256);
    g_assert_cmpuint (told->n_types, ==, GLB_SHIM_TYPES_MAX);
    g_assert_true (g_str_has_prefix (told->types[31], "x/31x"));
    other = program_new (compositor, kind, "other");
    types = g_strsplit (glb_test_device_types (other->device), " ", -1);
    g_assert_cmpuint (g_strv_length (types), ==, 256 + 1);
    /* Not told, and still there. */
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, told->id, types[255], &fd).error, ==, 0);
    assert_bytes (glb_test_read_pipe (compositor, fd), "x");
  }
}

/* The clipboard ends a client that offers too much, the primary selection forgets what is too much. */
static void
test_too_many_types (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  const struct { guint n; gsize length; } cases[] = { { 10000, 0 }, { 20, 3900 } };
  int fd;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) other = program_new (compositor, kind, "other");

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autoptr(Program) program = program_new (compositor, kind, "many");
        g_autoptr(GlbTestSource) source = glb_test_source_new (program->client, kind, "x");
        guint n_before = compositor->n_selections[kind];
        g_auto(GStrv) types = NULL;

        offer_many (source, cases[i].n, cases[i].length);
        glb_test_device_copy (program->device, source, program->client->last_serial);
        if (kind == GLB_SHIM_CLIPBOARD)
          {
            int error;

            glb_test_wait_until (compositor, program->client->failed);
            error = wl_display_get_error (program->client->display);
            /* Where it sent on meanwhile, the broken connection may come before the reason. */
            if (error != ECONNRESET && error != EPIPE)
              g_assert_cmpint (error, ==, EPROTO);
          }
        else
          {
            const GlbShimSelection *told = wait_told (compositor, kind, n_before);

            g_assert_cmpuint (told->n_offered, ==, cases[i].n);
            g_assert_true (glb_test_client_sync (program->client));
            types = g_strsplit (glb_test_device_types (program->device), " ", -1);
            g_assert_cmpuint (g_strv_length (types), ==, (i == 0 ? 256 : 8) + 1);
            g_assert_cmpuint (glb_test_read_selection (compositor, kind, told->id, "x/9999", &fd).error, ==, ENOENT);
            close (fd);
          }
      }
    g_assert_true (glb_test_client_sync (other->client));
  }
}

static void
test_bad_types (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  const GlbShimSelection *told;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "bad types");
    g_autoptr(GlbTestSource) source = glb_test_source_new (program->client, kind, "x");
    g_autofree char *fits = g_strnfill (GLB_SHIM_TYPE_MAX - 1, 'a'), *too_long = g_strnfill (GLB_SHIM_TYPE_MAX, 'a');
    g_autofree char *huge = g_strnfill (4000, 'a');
    const char *const types[] = { "text/\xff\xfe", "", too_long, "text/a\nb", "\x1b[31m", huge, "text/\xc5\xbc", fits, "good" };

    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      glb_test_source_offer (source, types[i]);
    glb_test_device_copy (program->device, source, program->client->last_serial);
    told = wait_told (compositor, kind, 0);
    g_assert_cmpuint (told->n_offered, ==, G_N_ELEMENTS (types));
    g_assert_cmpuint (told->n_types, ==, 2);
    g_assert_cmpstr (told->types[0], ==, fits);
    g_assert_cmpstr (told->types[1], ==, "good");
  }
}

/* A name that no message can hold: the client ends, the session goes on. */
static void
test_type_beyond_the_protocol (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "beyond"), good = NULL;
    g_autoptr(GlbTestSource) source = glb_test_source_new (program->client, kind, "x"), works = NULL;
    struct wl_proxy *proxy = kind == GLB_SHIM_CLIPBOARD ? (struct wl_proxy *) source->data_source :
                                                          (struct wl_proxy *) source->primary_source;
    g_autofree guint32 *message = g_malloc (1024 * 1024);

    g_assert_true (glb_test_client_sync (program->client));
    memset (message, 'a', 1024 * 1024);
    message[0] = wl_proxy_get_id (proxy);
    message[1] = 0xfffc0000u;   /* opcode 0: offer */
    message[2] = 1024 * 1024 - 12;
    g_assert_cmpint (send (wl_display_get_fd (program->client->display), message, 1024 * 1024, MSG_DONTWAIT | MSG_NOSIGNAL), >, 0);
    glb_test_wait_until (compositor, program->client->failed);
    good = program_new (compositor, kind, "good");
    works = copy (good, TEXT, "works");
    g_assert_cmpuint (wait_told (compositor, kind, 0)->n_types, ==, 1);
  }
}

static void
test_owners_without_manners (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  guint8 buffer[1];
  guint64 id;
  int fd, held;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "manners");
    g_autoptr(GlbTestSource) source = copy (program, TEXT, "x"), next = NULL;

    id = wait_told (compositor, kind, 0)->id;
    source->manner = GLB_TEST_SOURCE_CLOSES;
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, TEXT, &fd).error, ==, 0);
    assert_bytes (glb_test_read_pipe (compositor, fd), "");

    /* It never ends, and nobody but the reader waits. */
    source->manner = GLB_TEST_SOURCE_HOLDS;
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, TEXT, &held).error, ==, 0);
    glb_test_wait_until (compositor, source->held->len == 1);
    g_assert_no_errno (fcntl (held, F_SETFL, O_NONBLOCK));
    g_assert_cmpint (read (held, buffer, 1), ==, -1);
    g_assert_cmpint (errno, ==, EAGAIN);

    /* Another selection in the middle of it: who reads the old one gets no byte of the new one. */
    next = copy (program, TEXT, "next");
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, TEXT, &fd).error, ==, ESTALE);
    assert_bytes (glb_test_read_pipe (compositor, fd), "");
    g_clear_pointer (&source, glb_test_source_free);
    assert_bytes (glb_test_read_pipe (compositor, held), "");

    /* It goes while it is read. */
    id = wait_told (compositor, kind, 1)->id;
    next->manner = GLB_TEST_SOURCE_HOLDS;
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, id, TEXT, &held).error, ==, 0);
    glb_test_wait_until (compositor, next->held->len == 1);
    g_clear_pointer (&next, glb_test_source_free);
    assert_bytes (glb_test_read_pipe (compositor, held), "");
    g_assert_cmpuint (wait_told (compositor, kind, 2)->id, ==, 0);
  }
}

/* However often a client copies, the broker hears of it now and then, and of the last. */
static void
test_flood (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  int fd;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "flood");
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_test_source_free);
    g_autoptr(GlbTestSource) last = NULL;
    gint64 began = g_get_monotonic_time ();
    guint most;

    for (guint i = 0; i < 8; i++)
      {
        g_ptr_array_add (sources, glb_test_source_new (program->client, kind, "x"));
        glb_test_source_offer (g_ptr_array_index (sources, i), "x/flood");
      }
    for (guint i = 0; i < 20000; i++)
      {
        glb_test_device_copy (program->device, g_ptr_array_index (sources, i % 8), program->client->last_serial);
        /* Weston takes each change for later than the one before only with a later serial. */
        program->client->last_serial++;
        if (i % 50 == 0)
          g_assert_true (glb_test_client_sync (program->client));
      }
    last = copy (program, "x/last", "last");
    glb_test_wait_until (compositor, compositor->n_selections[kind] > 0 &&
                         g_str_equal (compositor->selections[kind]->types[0], "x/last"));
    /* One in 10 ms, however long it took. */
    most = (guint) ((g_get_monotonic_time () - began) / 10000) + 2;
    g_assert_cmpuint (compositor->n_selections[kind], <=, most);
    g_assert_cmpuint (compositor->n_selections[kind], <, 20000);
    g_assert_cmpuint (glb_test_read_selection (compositor, kind, compositor->selections[kind]->id, "x/last", &fd).error, ==, 0);
    assert_bytes (glb_test_read_pipe (compositor, fd), "last");
  }
}

/* A serial out of the future locks out nobody. */
static void
test_serial_of_the_future (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = bytes_of ("host's");

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) hostile = program_new (compositor, kind, "hostile"), good = NULL;
    g_autoptr(GlbTestSource) source = NULL, later = NULL;

    hostile->client->last_serial += G_MAXINT32 / 2;
    source = copy (hostile, "x/hostile", "x");
    wait_told (compositor, kind, 0);
    g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, content, 0, NULL).error, ==, 0);
    glb_test_wait_until (compositor, source->n_cancelled == 1);
    assert_bytes (glb_test_device_paste (hostile->device, TEXT), "host's");
    g_clear_pointer (&source, glb_test_source_free);
    source = copy (hostile, "x/hostile", "x");
    wait_told (compositor, kind, 1);

    good = program_new (compositor, kind, "good");
    later = copy (good, "x/good", "x");
    g_assert_cmpstr (wait_told (compositor, kind, 2)->types[0], ==, "x/good");
  }
}

static void
test_readers_without_manners (gconstpointer data)
{
  GlbShimSelectionKind kind = *(const GlbShimSelectionKind *) data;
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = much (1024 * 1024);
  const guint at_once = 16;
  int held[16];
  gint64 end;

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, kind, "readers");
    const GlbShimPasted *pasted;

    g_assert_cmpuint (glb_test_set_selection (compositor, kind, TEXT, content, 0, NULL).error, ==, 0);
    glb_test_wait_until (compositor, program->device->offer != NULL);
    close (glb_test_device_receive (program->device, TEXT));
    g_assert_cmpuint (wait_pasted (compositor, 1)->bytes, <, g_bytes_get_size (content));

    /* Writing to their pipes would wait: none has O_NONBLOCK. */
    for (guint i = 0; i < at_once; i++)
      held[i] = glb_test_device_receive (program->device, TEXT);
    /* One more than is served gets nothing. */
    assert_bytes (glb_test_device_paste (program->device, TEXT), "");
    g_assert_cmpuint (glb_test_settle (compositor, 20, 5000).settled, ==, 1);
    g_assert_cmpuint (compositor->pasted->len, ==, 1);

    /* Those that take nothing are left; how long it takes is not asked, but that it happens. */
    end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
    while (compositor->pasted->len < 1 + at_once && g_get_monotonic_time () < end)
      glb_test_pump (compositor, end);
    pasted = wait_pasted (compositor, 1 + at_once);
    g_assert_cmpuint (pasted->bytes, >, 0);
    g_assert_cmpuint (pasted->bytes, <, g_bytes_get_size (content));
    for (guint i = 0; i < at_once; i++)
      {
        g_autoptr(GBytes) got = glb_test_read_pipe (compositor, held[i]);

        g_assert_cmpuint (g_bytes_get_size (got), ==, pasted->bytes);
      }

    /* And there is room again. */
    {
      g_autoptr(GBytes) got = glb_test_device_paste (program->device, TEXT);

      g_assert_true (g_bytes_equal (got, content));
    }
  }
}

/* A client that keeps each offer is told nothing more, and nothing of it grows. */
static void
test_offers_are_never_destroyed (void)
{
  g_autoptr(GlbTestCompositor) compositor = glb_test_compositor_new ();
  g_autoptr(GBytes) content = bytes_of ("x");

  if (compositor == NULL)
    return;
  {
    g_autoptr(Program) program = program_new (compositor, GLB_SHIM_PRIMARY, "keeps");
    guint n_offers;

    for (guint i = 0; i < 80; i++)
      {
        /* Out of the device's sight, so that it is not destroyed when the next one comes. */
        program->device->offer = NULL;
        g_assert_cmpuint (glb_test_set_selection (compositor, GLB_SHIM_PRIMARY, TEXT, content, 0, NULL).error, ==, 0);
        g_assert_true (glb_test_client_sync (program->client));
      }
    n_offers = g_hash_table_size (program->device->offers);
    g_assert_cmpuint (n_offers, ==, 64);
    g_assert_cmpstr (glb_test_device_types (program->device), ==, "");
  }
}

static void
add (const char        *name,
     GTestDataFunc      func)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/selection/%s/%s", kinds[i] == GLB_SHIM_CLIPBOARD ? "clipboard" : "primary", name);

      g_test_add_data_func (path, &kinds[i], func);
    }
}

int
main (int   argc,
      char *argv[])
{
  /* Writers of a test may lose their reader. */
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  add ("malformed", test_malformed);
  add ("read-denials", test_read_denials);
  add ("read-of-the-hosts", test_read_of_the_hosts);
  add ("paste-denials", test_paste_denials);
  add ("one-use", test_one_use);
  add ("clear-breaks-off", test_clear_breaks_off);
  g_test_add_func ("/selection/primary/needs-the-focus", test_primary_needs_the_focus);
  add ("told-and-read", test_told_and_read);
  add ("stays-after-a-paste", test_stays_after_a_paste);
  add ("goes-with-its-owner", test_goes_with_its_owner);
  add ("host-to-clients", test_host_to_clients);
  add ("end-while-pasting", test_end_while_pasting);
  add ("as-many-types-as-allowed", test_as_many_types_as_allowed);
  add ("too-many-types", test_too_many_types);
  add ("bad-types", test_bad_types);
  add ("type-beyond-the-protocol", test_type_beyond_the_protocol);
  add ("owners-without-manners", test_owners_without_manners);
  add ("flood", test_flood);
  add ("serial-of-the-future", test_serial_of_the_future);
  add ("readers-without-manners", test_readers_without_manners);
  g_test_add_func ("/selection/primary/offers-are-never-destroyed", test_offers_are_never_destroyed);
  return g_test_run ();
}
