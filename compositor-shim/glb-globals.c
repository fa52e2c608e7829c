/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compositor-shim/glb-globals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libweston/libweston.h>

#include "compositor-shim/glb-memory.h"
#include "compositor-shim/glb-weston-compat.h"

/* Clients of one session; more is an attack on the compositor's descriptors. */
#define CLIENTS_MAX 256

typedef struct
{
  struct wl_list link;
  GlbGlobals *globals;
  struct wl_client *client;
  struct wl_listener destroy_listener;
} Client;

typedef struct
{
  struct wl_list link;
  GlbGlobals *globals;
  int fd;
  struct wl_event_source *source;
} Listener;

struct GlbGlobals
{
  struct wl_display *display;
  struct wl_list clients;     /* Client.link: the agent's */
  struct wl_list listeners;   /* Listener.link */
  unsigned n_clients;
};

/* See docs/compositor.md for why each is here, and why others are not. */
static const char *const allowed[] = {
  "wl_compositor",
  "wl_subcompositor",
  "wl_shm",
  "wl_output",
  "wl_seat",
  "wl_data_device_manager",
  "zwp_primary_selection_device_manager_v1",
  "xdg_wm_base",
  "zwp_text_input_manager_v3",
  "zxdg_output_manager_v1",
  "wp_viewporter",
  "wp_presentation",
  "zwp_relative_pointer_manager_v1",
  NULL,
};

static const char *const allowed_to_xwayland[] = {
  "xwayland_shell_v1",
  NULL,
};

static bool
contains (const char *const *names,
          const char        *name)
{
  for (; *names != NULL; names++)
    if (strcmp (*names, name) == 0)
      return true;
  return false;
}

static bool
is_agents_client (GlbGlobals             *globals,
                  const struct wl_client *wl_client)
{
  Client *client;

  wl_list_for_each (client, &globals->clients, link)
    if (client->client == wl_client)
      return true;
  return false;
}

static bool
filter (const struct wl_client *client,
        const struct wl_global *global,
        void                   *data)
{
  const char *name = wl_global_get_interface (global)->name;

  return contains (allowed, name) || (contains (allowed_to_xwayland, name) && !is_agents_client (data, client));
}

static void
client_free (Client *client)
{
  wl_list_remove (&client->link);
  wl_list_remove (&client->destroy_listener.link);
  client->globals->n_clients--;
  free (client);
}

static void
handle_client_destroy (struct wl_listener *listener,
                       void               *data)
{
  Client *client = wl_container_of (listener, client, destroy_listener);
  Listener *paused;

  wl_list_for_each (paused, &client->globals->listeners, link)
    wl_event_source_fd_update (paused->source, WL_EVENT_READABLE);
  client_free (client);
}

static void
add_client (GlbGlobals *globals,
            int         fd)
{
  Client *client;
  struct wl_client *wl_client;

  if (globals->n_clients >= CLIENTS_MAX || (wl_client = wl_client_create (globals->display, fd)) == NULL)
    {
      weston_log ("glovebox: refused a client: %s\n",
                  globals->n_clients >= CLIENTS_MAX ? "too many" : strerror (errno));
      close (fd);
      return;
    }
  glb_compat_set_buffer_size (wl_client);
  client = glb_new0 (Client);
  client->globals = globals;
  client->client = wl_client;
  client->destroy_listener.notify = handle_client_destroy;
  wl_client_add_destroy_listener (wl_client, &client->destroy_listener);
  wl_list_insert (&globals->clients, &client->link);
  globals->n_clients++;
}

static void
listener_free (Listener *listener)
{
  wl_list_remove (&listener->link);
  if (listener->source != NULL)
    wl_event_source_remove (listener->source);
  close (listener->fd);
  free (listener);
}

static int
handle_connection (int      listening_fd,
                   uint32_t mask,
                   void    *data)
{
  Listener *listener = data;
  int fd = accept4 (listening_fd, NULL, NULL, SOCK_CLOEXEC);

  if (fd >= 0)
    {
      add_client (listener->globals, fd);
      return 0;
    }
  /* Out of descriptors: the connection would wake us for ever.  Go on when a client leaves. */
  if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
    wl_event_source_fd_update (listener->source, 0);
  /* A client that gave up meanwhile is no reason to stop. */
  else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
    {
      weston_log ("glovebox: can't accept clients: %s\n", strerror (errno));
      listener_free (listener);
    }
  return 0;
}

GlbGlobals *
glb_globals_new (struct wl_display *display)
{
  GlbGlobals *globals = glb_new0 (GlbGlobals);

  globals->display = display;
  wl_list_init (&globals->clients);
  wl_list_init (&globals->listeners);
  wl_display_set_global_filter (display, filter, globals);
  return globals;
}

void
glb_globals_free (GlbGlobals *globals)
{
  Client *client, *next_client;
  Listener *listener, *next_listener;

  wl_list_for_each_safe (client, next_client, &globals->clients, link)
    client_free (client);
  wl_list_for_each_safe (listener, next_listener, &globals->listeners, link)
    listener_free (listener);
  wl_display_set_global_filter (globals->display, NULL, NULL);
  free (globals);
}

void
glb_globals_listen (GlbGlobals *globals,
                    int         fd)
{
  Listener *listener = glb_new0 (Listener);

  listener->globals = globals;
  listener->fd = fd;
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  wl_list_insert (&globals->listeners, &listener->link);
  listener->source = wl_event_loop_add_fd (wl_display_get_event_loop (globals->display), fd, WL_EVENT_READABLE,
                                           handle_connection, listener);
  if (listener->source == NULL)
    {
      weston_log ("glovebox: can't listen for clients: %s\n", strerror (errno));
      listener_free (listener);
    }
}
