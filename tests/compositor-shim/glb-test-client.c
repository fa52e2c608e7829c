/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/compositor-shim/glb-test-client.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- keyboard ------------------------------------------------------------- */

static void
keyboard_keymap (void               *data,
                 struct wl_keyboard *keyboard,
                 uint32_t            format,
                 int32_t             fd,
                 uint32_t            size)
{
  GlbTestClient *client = data;
  char *text = mmap (NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

  g_assert_true (text != MAP_FAILED);
  g_clear_pointer (&client->xkb_state, xkb_state_unref);
  g_clear_pointer (&client->keymap, xkb_keymap_unref);
  client->keymap = xkb_keymap_new_from_string (client->xkb, text, XKB_KEYMAP_FORMAT_TEXT_V1, 0);
  g_assert_nonnull (client->keymap);
  client->xkb_state = xkb_state_new (client->keymap);
  client->n_keymaps++;
  munmap (text, size);
  close (fd);
}

static void
keyboard_enter (void               *data,
                struct wl_keyboard *keyboard,
                uint32_t            serial,
                struct wl_surface  *surface,
                struct wl_array    *keys)
{
  GlbTestClient *client = data;

  client->keyboard_focus = surface;
  client->last_serial = serial;
}

static void
keyboard_leave (void               *data,
                struct wl_keyboard *keyboard,
                uint32_t            serial,
                struct wl_surface  *surface)
{
  GlbTestClient *client = data;

  client->keyboard_focus = NULL;
}

static void
keyboard_key (void               *data,
              struct wl_keyboard *keyboard,
              uint32_t            serial,
              uint32_t            time,
              uint32_t            key,
              uint32_t            state)
{
  GlbTestClient *client = data;
  char text[16];

  client->last_serial = serial;
  if (state != WL_KEYBOARD_KEY_STATE_PRESSED)
    {
      client->n_keys_down--;
      return;
    }
  client->n_keys_down++;
  if (xkb_state_key_get_utf8 (client->xkb_state, key + 8, text, sizeof text) > 0)
    g_string_append (client->typed, strcmp (text, "\r") == 0 ? "\n" : text);
}

static void
keyboard_modifiers (void               *data,
                    struct wl_keyboard *keyboard,
                    uint32_t            serial,
                    uint32_t            depressed,
                    uint32_t            latched,
                    uint32_t            locked,
                    uint32_t            group)
{
  GlbTestClient *client = data;

  xkb_state_update_mask (client->xkb_state, depressed, latched, locked, 0, 0, group);
}

static void
keyboard_repeat_info (void               *data,
                      struct wl_keyboard *keyboard,
                      int32_t             rate,
                      int32_t             delay)
{
}

static const struct wl_keyboard_listener keyboard_listener = {
  keyboard_keymap, keyboard_enter, keyboard_leave, keyboard_key, keyboard_modifiers, keyboard_repeat_info,
};

/* ---- pointer -------------------------------------------------------------- */

static void
pointer_enter (void              *data,
               struct wl_pointer *pointer,
               uint32_t           serial,
               struct wl_surface *surface,
               wl_fixed_t         x,
               wl_fixed_t         y)
{
  GlbTestClient *client = data;

  client->pointer_focus = surface;
  client->pointer_x = wl_fixed_to_double (x);
  client->pointer_y = wl_fixed_to_double (y);
}

static void
pointer_leave (void              *data,
               struct wl_pointer *pointer,
               uint32_t           serial,
               struct wl_surface *surface)
{
  GlbTestClient *client = data;

  client->pointer_focus = NULL;
}

static void
pointer_motion (void              *data,
                struct wl_pointer *pointer,
                uint32_t           time,
                wl_fixed_t         x,
                wl_fixed_t         y)
{
  GlbTestClient *client = data;

  client->pointer_x = wl_fixed_to_double (x);
  client->pointer_y = wl_fixed_to_double (y);
}

static void
pointer_button (void              *data,
                struct wl_pointer *pointer,
                uint32_t           serial,
                uint32_t           time,
                uint32_t           button,
                uint32_t           state)
{
  GlbTestClient *client = data;

  client->last_button = button;
  client->last_button_serial = client->last_serial = serial;
  if (state == WL_POINTER_BUTTON_STATE_PRESSED)
    client->n_presses++;
  else
    client->n_releases++;
}

static void
pointer_axis (void              *data,
              struct wl_pointer *pointer,
              uint32_t           time,
              uint32_t           axis,
              wl_fixed_t         value)
{
  GlbTestClient *client = data;

  client->scrolled += wl_fixed_to_double (value);
}

static void
pointer_frame (void              *data,
               struct wl_pointer *pointer)
{
}

static void
pointer_axis_source (void              *data,
                     struct wl_pointer *pointer,
                     uint32_t           source)
{
}

static void
pointer_axis_stop (void              *data,
                   struct wl_pointer *pointer,
                   uint32_t           time,
                   uint32_t           axis)
{
}

static void
pointer_axis_discrete (void              *data,
                       struct wl_pointer *pointer,
                       uint32_t           axis,
                       int32_t            discrete)
{
  GlbTestClient *client = data;

  client->n_wheel_clicks += (guint) ABS (discrete);
}

static const struct wl_pointer_listener pointer_listener = {
  .enter = pointer_enter,
  .leave = pointer_leave,
  .motion = pointer_motion,
  .button = pointer_button,
  .axis = pointer_axis,
  .frame = pointer_frame,
  .axis_source = pointer_axis_source,
  .axis_stop = pointer_axis_stop,
  .axis_discrete = pointer_axis_discrete,
};

/* ---- touch ---------------------------------------------------------------- */

static void
touch_down (void              *data,
            struct wl_touch   *touch,
            uint32_t           serial,
            uint32_t           time,
            struct wl_surface *surface,
            int32_t            id,
            wl_fixed_t         x,
            wl_fixed_t         y)
{
  GlbTestClient *client = data;

  client->n_downs++;
  client->last_finger = id;
  client->touch_x = wl_fixed_to_double (x);
  client->touch_y = wl_fixed_to_double (y);
}

static void
touch_up (void            *data,
          struct wl_touch *touch,
          uint32_t         serial,
          uint32_t         time,
          int32_t          id)
{
  GlbTestClient *client = data;

  client->n_ups++;
  client->last_finger = id;
}

static void
touch_motion (void            *data,
              struct wl_touch *touch,
              uint32_t         time,
              int32_t          id,
              wl_fixed_t       x,
              wl_fixed_t       y)
{
  GlbTestClient *client = data;

  client->n_moves++;
  client->last_finger = id;
  client->touch_x = wl_fixed_to_double (x);
  client->touch_y = wl_fixed_to_double (y);
}

static void
touch_frame (void            *data,
             struct wl_touch *touch)
{
  GlbTestClient *client = data;

  client->n_touch_frames++;
}

static void
touch_cancel (void            *data,
              struct wl_touch *touch)
{
}

static const struct wl_touch_listener touch_listener = {
  .down = touch_down,
  .up = touch_up,
  .motion = touch_motion,
  .frame = touch_frame,
  .cancel = touch_cancel,
};

/* ---- seat ----------------------------------------------------------------- */

static void
seat_capabilities (void           *data,
                   struct wl_seat *seat,
                   uint32_t        capabilities)
{
  GlbTestClient *client = data;

  client->seat_capabilities = capabilities;
}

static void
seat_name (void           *data,
           struct wl_seat *seat,
           const char     *name)
{
}

static const struct wl_seat_listener seat_listener = {
  .capabilities = seat_capabilities,
  .name = seat_name,
};

/* ---- text input ----------------------------------------------------------- */

static void
text_enter (void                     *data,
            struct zwp_text_input_v3 *text_input,
            struct wl_surface        *surface)
{
  GlbTestClient *client = data;

  client->text_input_entered = TRUE;
}

static void
text_leave (void                     *data,
            struct zwp_text_input_v3 *text_input,
            struct wl_surface        *surface)
{
  GlbTestClient *client = data;

  client->text_input_entered = FALSE;
}

static void
text_preedit (void                     *data,
              struct zwp_text_input_v3 *text_input,
              const char               *text,
              int32_t                   begin,
              int32_t                   end)
{
}

static void
text_commit (void                     *data,
             struct zwp_text_input_v3 *text_input,
             const char               *text)
{
  GlbTestClient *client = data;

  g_string_append (client->pending_commit, text);
}

static void
text_delete (void                     *data,
             struct zwp_text_input_v3 *text_input,
             uint32_t                  before,
             uint32_t                  after)
{
}

static void
text_done (void                     *data,
           struct zwp_text_input_v3 *text_input,
           uint32_t                  serial)
{
  GlbTestClient *client = data;

  g_string_append (client->typed, client->pending_commit->str);
  g_string_truncate (client->pending_commit, 0);
  client->n_commits++;
}

static const struct zwp_text_input_v3_listener text_input_listener = {
  text_enter, text_leave, text_preedit, text_commit, text_delete, text_done,
};

/* ---- connection ----------------------------------------------------------- */

static void
wm_base_ping (void               *data,
              struct xdg_wm_base *wm_base,
              uint32_t            serial)
{
  xdg_wm_base_pong (wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = { wm_base_ping };

static void
registry_global (void               *data,
                 struct wl_registry *registry,
                 uint32_t            name,
                 const char         *interface,
                 uint32_t            version)
{
  GlbTestClient *client = data;

  g_ptr_array_add (client->globals, g_strdup (interface));
  if (strcmp (interface, "wl_compositor") == 0)
    client->wl_compositor = wl_registry_bind (registry, name, &wl_compositor_interface, 4);
  else if (strcmp (interface, "wl_shm") == 0)
    client->shm = wl_registry_bind (registry, name, &wl_shm_interface, 1);
  else if (strcmp (interface, "xdg_wm_base") == 0)
    client->wm_base = wl_registry_bind (registry, name, &xdg_wm_base_interface, 1);
  else if (strcmp (interface, "wl_seat") == 0)
    client->seat = wl_registry_bind (registry, name, &wl_seat_interface, 5);
  else if (strcmp (interface, "zwp_text_input_manager_v3") == 0)
    client->text_input_manager = wl_registry_bind (registry, name, &zwp_text_input_manager_v3_interface, 1);
  else if (strcmp (interface, "wl_data_device_manager") == 0)
    client->data_device_manager = wl_registry_bind (registry, name, &wl_data_device_manager_interface, 3);
  else if (strcmp (interface, "zwp_primary_selection_device_manager_v1") == 0)
    client->primary_manager = wl_registry_bind (registry, name, &zwp_primary_selection_device_manager_v1_interface, 1);
}

static void
registry_global_remove (void               *data,
                        struct wl_registry *registry,
                        uint32_t            name)
{
}

static const struct wl_registry_listener registry_listener = { registry_global, registry_global_remove };

static int
connect_to (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpuint (strlen (path), <, sizeof address.sun_path);
  strcpy (address.sun_path, path);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, sizeof address));
  return fd;
}

GlbTestClient *
glb_test_client_new (GlbTestCompositor *compositor,
                     const char        *socket_path)
{
  GlbTestClient *client = g_new0 (GlbTestClient, 1);

  client->compositor = compositor;
  client->globals = g_ptr_array_new_with_free_func (g_free);
  client->typed = g_string_new (NULL);
  client->pending_commit = g_string_new (NULL);
  client->xkb = xkb_context_new (XKB_CONTEXT_NO_FLAGS);
  client->display = wl_display_connect_to_fd (connect_to (socket_path));
  g_assert_nonnull (client->display);
  client->registry = wl_display_get_registry (client->display);
  wl_registry_add_listener (client->registry, &registry_listener, client);
  g_ptr_array_add (compositor->clients, client);
  g_assert_true (glb_test_client_sync (client));

  if (client->wm_base != NULL)
    xdg_wm_base_add_listener (client->wm_base, &wm_base_listener, client);
  if (client->seat != NULL)
    {
      wl_seat_add_listener (client->seat, &seat_listener, client);
      client->pointer = wl_seat_get_pointer (client->seat);
      wl_pointer_add_listener (client->pointer, &pointer_listener, client);
      client->keyboard = wl_seat_get_keyboard (client->seat);
      wl_keyboard_add_listener (client->keyboard, &keyboard_listener, client);
      g_assert_true (glb_test_client_sync (client));
      if (client->seat_capabilities & WL_SEAT_CAPABILITY_TOUCH)
        {
          client->touch = wl_seat_get_touch (client->seat);
          wl_touch_add_listener (client->touch, &touch_listener, client);
        }
    }
  return client;
}

void
glb_test_client_free (GlbTestClient *client)
{
  g_ptr_array_remove (client->compositor->clients, client);
  g_clear_pointer (&client->text_input, zwp_text_input_v3_destroy);
  g_clear_pointer (&client->text_input_manager, zwp_text_input_manager_v3_destroy);
  g_clear_pointer (&client->data_device_manager, wl_data_device_manager_destroy);
  g_clear_pointer (&client->primary_manager, zwp_primary_selection_device_manager_v1_destroy);
  g_clear_pointer (&client->touch, wl_touch_destroy);
  g_clear_pointer (&client->keyboard, wl_keyboard_destroy);
  g_clear_pointer (&client->pointer, wl_pointer_destroy);
  g_clear_pointer (&client->seat, wl_seat_destroy);
  g_clear_pointer (&client->wm_base, xdg_wm_base_destroy);
  g_clear_pointer (&client->shm, wl_shm_destroy);
  g_clear_pointer (&client->wl_compositor, wl_compositor_destroy);
  wl_registry_destroy (client->registry);
  wl_display_disconnect (client->display);
  g_clear_pointer (&client->xkb_state, xkb_state_unref);
  g_clear_pointer (&client->keymap, xkb_keymap_unref);
  xkb_context_unref (client->xkb);
  g_ptr_array_unref (client->globals);
  g_string_free (client->typed, TRUE);
  g_string_free (client->pending_commit, TRUE);
  g_free (client);
}

int
glb_test_client_prepare (GlbTestClient *client)
{
  if (client->failed)
    return -1;
  while (wl_display_prepare_read (client->display) != 0)
    wl_display_dispatch_pending (client->display);
  wl_display_flush (client->display);
  return wl_display_get_fd (client->display);
}

gboolean
glb_test_client_take (GlbTestClient *client,
                      gboolean       readable)
{
  if (client->failed)
    return FALSE;
  if (!readable)
    {
      wl_display_cancel_read (client->display);
      return FALSE;
    }
  if (wl_display_read_events (client->display) < 0 || wl_display_dispatch_pending (client->display) < 0)
    client->failed = TRUE;
  wl_display_flush (client->display);
  return TRUE;
}

static void
sync_done (void               *data,
           struct wl_callback *callback,
           uint32_t            serial)
{
  *(gboolean *) data = TRUE;
}

static const struct wl_callback_listener sync_listener = { sync_done };

gboolean
glb_test_client_sync (GlbTestClient *client)
{
  gboolean done = FALSE;
  struct wl_callback *callback = wl_display_sync (client->display);

  wl_callback_add_listener (callback, &sync_listener, &done);
  glb_test_wait_until (client->compositor, done || client->failed);
  wl_callback_destroy (callback);
  return done;
}

void
glb_test_client_enable_text_input (GlbTestClient *client)
{
  client->text_input = zwp_text_input_manager_v3_get_text_input (client->text_input_manager, client->seat);
  zwp_text_input_v3_add_listener (client->text_input, &text_input_listener, client);
  glb_test_wait_until (client->compositor, client->text_input_entered);
  zwp_text_input_v3_enable (client->text_input);
  zwp_text_input_v3_commit (client->text_input);
  g_assert_true (glb_test_client_sync (client));
}

gboolean
glb_test_client_sees (GlbTestClient *client,
                      const char    *global)
{
  return g_ptr_array_find_with_equal_func (client->globals, global, g_str_equal, NULL);
}

/* ---- windows -------------------------------------------------------------- */

static void
make_buffer (GlbTestWindow *window)
{
  gsize size = (gsize) window->width * (gsize) window->height * 4;
  int fd = memfd_create ("window", MFD_CLOEXEC);
  struct wl_shm_pool *pool;

  g_assert_no_errno (ftruncate (fd, (off_t) size));
  window->pixels = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (window->pixels != MAP_FAILED);
  pool = wl_shm_create_pool (window->client->shm, fd, (int) size);
  window->buffer = wl_shm_pool_create_buffer (pool, 0, window->width, window->height, window->width * 4,
                                              WL_SHM_FORMAT_XRGB8888);
  wl_shm_pool_destroy (pool);
  close (fd);
}

static void
drop_buffer (GlbTestWindow *window)
{
  munmap (window->pixels, (gsize) window->width * (gsize) window->height * 4);
  wl_buffer_destroy (window->buffer);
}

static void
fill (GlbTestWindow *window,
      int            x,
      int            y,
      int            width,
      int            height,
      guint32        color)
{
  for (int row = y; row < y + height; row++)
    for (int column = x; column < x + width; column++)
      window->pixels[row * window->width + column] = color;
}

void
glb_test_window_draw (GlbTestWindow *window,
                      int            x,
                      int            y,
                      int            width,
                      int            height,
                      guint32        color)
{
  fill (window, x, y, width, height, color);
  wl_surface_attach (window->surface, window->buffer, 0, 0);
  wl_surface_damage_buffer (window->surface, x, y, width, height);
  wl_surface_commit (window->surface);
  wl_display_flush (window->client->display);
}

static void
replace_buffer (GlbTestWindow *window,
                int            width,
                int            height)
{
  struct wl_buffer *old_buffer = window->buffer;

  munmap (window->pixels, (gsize) window->width * (gsize) window->height * 4);
  window->width = width;
  window->height = height;
  make_buffer (window);
  glb_test_window_draw (window, 0, 0, width, height, window->color);
  wl_buffer_destroy (old_buffer);
}

static void
toplevel_configure (void                *data,
                    struct xdg_toplevel *toplevel,
                    int32_t              width,
                    int32_t              height,
                    struct wl_array     *states)
{
  GlbTestWindow *window = data;
  uint32_t *state;

  window->asked_width = width;
  window->asked_height = height;
  window->activated = window->maximized = window->fullscreen = window->resizing = FALSE;
  wl_array_for_each (state, states)
    {
      window->activated |= *state == XDG_TOPLEVEL_STATE_ACTIVATED;
      window->maximized |= *state == XDG_TOPLEVEL_STATE_MAXIMIZED;
      window->fullscreen |= *state == XDG_TOPLEVEL_STATE_FULLSCREEN;
      window->resizing |= *state == XDG_TOPLEVEL_STATE_RESIZING;
    }
}

static void
toplevel_close (void                *data,
                struct xdg_toplevel *toplevel)
{
  GlbTestWindow *window = data;

  window->closed = TRUE;
}

static const struct xdg_toplevel_listener toplevel_listener = {
  .configure = toplevel_configure,
  .close = toplevel_close,
};

static void
surface_configure (void               *data,
                   struct xdg_surface *surface,
                   uint32_t            serial)
{
  GlbTestWindow *window = data;

  xdg_surface_ack_configure (surface, serial);
  window->configured = TRUE;
  /* A state counts from the next drawing on, and drawing in another size than was asked for can be an error. */
  if (window->buffer == NULL)
    return;
  if (window->asked_width > 0 && !window->keep_size &&
      (window->asked_width != window->width || window->asked_height != window->height))
    replace_buffer (window, window->asked_width, window->asked_height);
  else
    glb_test_window_draw (window, 0, 0, 1, 1, window->pixels[0]);
}

static const struct xdg_surface_listener surface_listener = { surface_configure };

GlbTestWindow *
glb_test_window_new (GlbTestClient *client,
                     const char    *title,
                     int            width,
                     int            height,
                     guint32        color,
                     GlbTestWindow *parent)
{
  GlbTestWindow *window = g_new0 (GlbTestWindow, 1);

  window->client = client;
  window->width = width;
  window->height = height;
  window->color = color;
  window->surface = wl_compositor_create_surface (client->wl_compositor);
  window->xdg_surface = xdg_wm_base_get_xdg_surface (client->wm_base, window->surface);
  xdg_surface_add_listener (window->xdg_surface, &surface_listener, window);
  window->toplevel = xdg_surface_get_toplevel (window->xdg_surface);
  xdg_toplevel_add_listener (window->toplevel, &toplevel_listener, window);
  xdg_toplevel_set_title (window->toplevel, title);
  xdg_toplevel_set_app_id (window->toplevel, "org.glovebox.Test");
  if (parent != NULL)
    xdg_toplevel_set_parent (window->toplevel, parent->toplevel);
  wl_surface_commit (window->surface);
  glb_test_wait_until (client->compositor, window->configured);
  make_buffer (window);
  glb_test_window_draw (window, 0, 0, width, height, color);
  glb_test_wait_until (client->compositor, glb_test_window_is_focused (client->compositor, title));
  /* All of it is on the screen. */
  g_assert_cmpuint (glb_test_settle (client->compositor, 40, 5000).settled, ==, 1);
  return window;
}

void
glb_test_window_free (GlbTestWindow *window)
{
  xdg_toplevel_destroy (window->toplevel);
  xdg_surface_destroy (window->xdg_surface);
  wl_surface_destroy (window->surface);
  drop_buffer (window);
  wl_display_flush (window->client->display);
  g_free (window);
}
