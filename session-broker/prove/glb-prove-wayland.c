/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/*
 * Privileged interfaces of the display. Outside the display is a stock Weston
 * with its debug protocols; inside it is the session's own. The protocol is
 * spoken by hand: three requests and two events are all that is needed.
 */

#include "session-broker/prove/glb-prove.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DISPLAY_ID  1u
#define REGISTRY_ID 2u
#define THIRD_ID    3u   /* new objects are numbered without gaps */
#define FOURTH_ID   4u

#define DISPLAY_SYNC         0u
#define DISPLAY_GET_REGISTRY 1u
#define REGISTRY_BIND        0u
#define NAMES_TO_GUESS       60u
#define READ_DEADLINE_MS     5000

typedef void (*GlobalFunc) (guint32 name, const char *interface, gpointer user_data);

static int
connect_display (GlbBait *bait,
                 GString *detail)
{
  const char *control = glb_bait_get (bait, "is-control") != NULL ? glb_bait_get (bait, "weston") : NULL;
  const char *display = g_getenv ("WAYLAND_DISPLAY");
  const char *runtime_dir = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *path = NULL;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (glb_bait_get (bait, "is-control") != NULL)
    path = g_strdup (control);
  else if (display != NULL && runtime_dir != NULL)
    path = g_build_filename (display[0] == '/' ? "/" : runtime_dir, display, NULL);
  if (path == NULL || strlen (path) >= sizeof address.sun_path)
    {
      glb_prove_unavailable (detail, "there is no display");   /* nothing that could be misused */
      return -1;
    }

  strcpy (address.sun_path, path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  glb_prove_refused (detail, "the display");
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
send_words (int            fd,
            guint32        object,
            guint32        opcode,
            const guint32 *words,
            guint          n)
{
  guint32 message[64] = { object, ((n + 2) * 4) << 16 | opcode };

  memcpy (message + 2, words, n * sizeof *words);
  return send (fd, message, (n + 2) * 4, MSG_NOSIGNAL) == (gssize) ((n + 2) * 4);
}

static gboolean
read_exactly (int    fd,
              void  *buffer,
              gsize  size)
{
  char *cursor = buffer;

  while (size > 0)
    {
      struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
      gssize n = poll (&poll_fd, 1, READ_DEADLINE_MS) == 1 ? read (fd, cursor, size) : -1;

      if (n <= 0)
        return FALSE;
      cursor += n;
      size -= (gsize) n;
    }
  return TRUE;
}

/* Events until the callback is done (TRUE), or until the display ends the connection or says an error (FALSE). */
static gboolean
read_until_done (int        fd,
                 guint32    callback,
                 GlobalFunc global,
                 gpointer   user_data)
{
  static guint32 words[16384];
  guint32 head[2];

  while (read_exactly (fd, head, sizeof head))
    {
      guint32 size = head[1] >> 16;
      guint32 opcode = head[1] & 0xffff;

      if (size < 8 || size > sizeof words - 4 || !read_exactly (fd, words, size - 8))
        return FALSE;
      ((char *) words)[size - 8] = '\0';
      if (head[0] == DISPLAY_ID && opcode == 0)
        return FALSE;
      if (head[0] == callback)
        return TRUE;
      if (head[0] == REGISTRY_ID && opcode == 0 && global != NULL && size >= 20)
        global (words[0], (const char *) (words + 2), user_data);
    }
  return FALSE;
}

static gboolean
get_registry (int fd)
{
  const guint32 registry = REGISTRY_ID;
  const guint32 callback = THIRD_ID;

  return send_words (fd, DISPLAY_ID, DISPLAY_GET_REGISTRY, &registry, 1) && send_words (fd, DISPLAY_ID, DISPLAY_SYNC, &callback, 1);
}

typedef struct
{
  const char * const *interfaces;
  GString            *found;
  guint               n_globals;
} Search;

static void
match_global (guint32     name,
              const char *interface,
              gpointer    user_data)
{
  Search *search = user_data;

  search->n_globals++;
  for (guint i = 0; search->interfaces[i] != NULL; i++)
    if (strcmp (search->interfaces[i], interface) == 0)
      g_string_append_printf (search->found, "%s%s", search->found->len > 0 ? ", " : "", interface);
}

static GlbProveResult
find_globals (GlbBait            *bait,
              const char * const *interfaces,
              GString            *detail)
{
  g_autoptr(GString) found = g_string_new (NULL);
  Search search = { .interfaces = interfaces, .found = found };
  int fd = connect_display (bait, detail);
  gboolean done;

  if (fd < 0)
    return GLB_PROVE_REFUSED;
  done = get_registry (fd) && read_until_done (fd, THIRD_ID, match_global, &search);
  close (fd);
  if (!done)
    return glb_prove_unavailable (detail, "the display did not list its interfaces");

  if (found->len > 0)
    {
      g_string_printf (detail, "advertised: %s", found->str);
      return GLB_PROVE_ESCAPED;
    }
  g_string_printf (detail, "not among the %u interfaces", search.n_globals);
  return GLB_PROVE_REFUSED;
}

static GlbProveResult
screenshot (GlbBait *bait,
            GString *detail)
{
  static const char * const interfaces[] = {
    "weston_screenshooter", "weston_capture_v1", "zwlr_screencopy_manager_v1", "zwlr_export_dmabuf_manager_v1",
    "ext_image_copy_capture_manager_v1", "ext_output_image_capture_source_manager_v1", NULL,
  };

  return find_globals (bait, interfaces, detail);
}

static GlbProveResult
debug (GlbBait *bait,
       GString *detail)
{
  static const char * const interfaces[] = { "weston_debug_v1", "weston_test", "weston_content_protection", NULL };

  return find_globals (bait, interfaces, detail);
}

static GlbProveResult
input (GlbBait *bait,
       GString *detail)
{
  static const char * const interfaces[] = {
    "zwp_input_method_v1", "zwp_input_method_manager_v2", "zwp_input_panel_v1", "zwp_virtual_keyboard_manager_v1",
    "zwlr_virtual_pointer_manager_v1", "org_kde_kwin_fake_input", "xx_input_method_manager_v2", "weston_touch_calibration", NULL,
  };

  return find_globals (bait, interfaces, detail);
}

static GlbProveResult
shell (GlbBait *bait,
       GString *detail)
{
  static const char * const interfaces[] = {
    "weston_desktop_shell", "zwlr_layer_shell_v1", "ext_session_lock_manager_v1", "zwlr_foreign_toplevel_manager_v1",
    "ext_foreign_toplevel_list_v1", "zwlr_output_manager_v1", "zwlr_data_control_manager_v1", "ext_data_control_manager_v1", NULL,
  };

  return find_globals (bait, interfaces, detail);
}

/* wl_registry.bind (name, interface, version 1, new object). */
static gboolean
bind_name (int         fd,
           guint32     name,
           const char *interface)
{
  guint32 length = (guint32) strlen (interface) + 1;
  guint32 n_text = (length + 3) / 4;
  guint32 words[32] = { name, length };

  memcpy (words + 2, interface, length);
  words[2 + n_text] = 1;
  words[3 + n_text] = THIRD_ID;
  return send_words (fd, REGISTRY_ID, REGISTRY_BIND, words, 4 + n_text);
}

/* What is not advertised may still be there: ask for it under each number. */
static GlbProveResult
bind_hidden (GlbBait *bait,
             GString *detail)
{
  static const char * const interfaces[] = { "weston_screenshooter", "weston_capture_v1", "weston_debug_v1" };
  const guint32 registry = REGISTRY_ID;
  const guint32 callback = FOURTH_ID;

  for (gsize i = 0; i < G_N_ELEMENTS (interfaces); i++)
    for (guint32 name = 1; name <= NAMES_TO_GUESS; name++)
      {
        int fd = connect_display (bait, detail);
        gboolean bound;

        if (fd < 0)
          return GLB_PROVE_REFUSED;
        bound = send_words (fd, DISPLAY_ID, DISPLAY_GET_REGISTRY, &registry, 1) && bind_name (fd, name, interfaces[i]) &&
                send_words (fd, DISPLAY_ID, DISPLAY_SYNC, &callback, 1) && read_until_done (fd, callback, NULL, NULL);
        close (fd);
        if (bound)
          {
            g_string_printf (detail, "%s was had as number %u", interfaces[i], name);
            return GLB_PROVE_ESCAPED;
          }
      }
  g_string_printf (detail, "none of %u numbers gave one", NAMES_TO_GUESS);
  return GLB_PROVE_REFUSED;
}

const GlbProveAttempt glb_prove_wayland[] = {
  { "wayland.capture", "privileged Wayland", "Find an interface that captures the screen", screenshot },
  { "wayland.debug", "privileged Wayland", "Find a debug interface", debug },
  { "wayland.input", "privileged Wayland", "Find an interface that makes or takes input", input },
  { "wayland.shell", "privileged Wayland", "Find an interface that moves others' windows or reads the clipboard", shell },
  { "wayland.bind", "privileged Wayland", "Bind a hidden interface by guessing its number", bind_hidden },
  { NULL },
};
