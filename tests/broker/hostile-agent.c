/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An agent that wants to answer its own prompt, and to read the trace of its own session.
 *
 *   hostile-agent BUS             in a session: by everything that it finds there
 *   hostile-agent --control BUS   outside: by BUS alone, which must work, or the attack is none
 *
 * GLOVEBOX_SESSION is the session's id. BUS is where the broker listens, so that it does not fail by not knowing. It ends with one line: what it tried, how often, and
 * how many of the answers were taken.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>

#define ANSWER_MS 300
#define IDS       8
#define DEPTH     6

/* What some other design might take for a yes. */
static const char yes[] =
  "{\"action\":\"allow\",\"prompt\":1,\"scope\":\"session\"}\n"
  "{\"action\":\"prompt_allow\",\"id\":1}\n"
  "allow 1\n";

static guint n_sockets, n_connected, n_buses, n_calls, n_descriptors, n_inputs, n_answered;

/* ---- D-Bus --------------------------------------------------------------------- */

static void
call (GDBusConnection *bus, const char *destination, const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_connection_call_with_unix_fd_list_sync (bus, destination, path, interface, method, parameters, NULL,
                                                                             G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, NULL, NULL, NULL, &error);

  n_calls++;
  if (reply != NULL)
    {
      n_answered++;
      printf ("answered %s %s\n", path, method);
    }
}

static void
answer_on_bus (GDBusConnection *bus, const char *destination)
{
  g_autofree char *session = g_strconcat ("/org/glovebox/Broker1/sessions/", g_getenv ("GLOVEBOX_SESSION"), NULL);

  call (bus, destination, session, "org.glovebox.Session1", "Trace", g_variant_new ("(@a{sv})", g_variant_new ("a{sv}", NULL)));
  for (guint id = 1; id <= IDS; id++)
    {
      g_autofree char *prompt = g_strdup_printf ("/org/glovebox/Broker1/prompts/%u", id);
      g_autofree char *grant = g_strdup_printf ("/org/glovebox/Broker1/grants/%u", id);

      call (bus, destination, prompt, "org.glovebox.Prompt1", "Content", NULL);
      call (bus, destination, prompt, "org.glovebox.Prompt1", "Look", NULL);
      call (bus, destination, prompt, "org.glovebox.Prompt1", "Allow", g_variant_new ("(su)", "session", 0));
      call (bus, destination, prompt, "org.glovebox.Prompt1", "Deny", NULL);
      call (bus, destination, grant, "org.glovebox.Grant1", "Revoke", NULL);
    }
}

static GSocketConnection *
connect_to (GSocketAddress *address)
{
  g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  if (socket == NULL || !g_socket_connect (socket, address, NULL, NULL))
    return NULL;
  return g_socket_connection_factory_create_connection (socket);
}

/* TRUE: at the other end is D-Bus, and it takes us in. */
static gboolean
is_bus (GSocketAddress *address)
{
  g_autoptr(GSocketConnection) connection = connect_to (address);
  g_autofree char *uid = g_strdup_printf ("%u", getuid ());
  g_autoptr(GString) hello = g_string_new ("AUTH EXTERNAL ");
  struct pollfd ready = { .events = POLLIN };
  char answer[64] = "";

  if (connection == NULL)
    return FALSE;
  for (const char *c = uid; *c != '\0'; c++)
    g_string_append_printf (hello, "%02x", *c);
  g_string_append (hello, "\r\n");
  g_string_prepend_c (hello, '\0');
  ready.fd = g_socket_get_fd (g_socket_connection_get_socket (connection));
  if (send (ready.fd, hello->str, hello->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 || poll (&ready, 1, ANSWER_MS) <= 0)
    return FALSE;
  return recv (ready.fd, answer, sizeof answer - 1, MSG_DONTWAIT) > 0 && g_str_has_prefix (answer, "OK");
}

static void
try_socket (GSocketAddress *address)
{
  static const char * const destinations[] = { NULL, "org.glovebox.Broker1", "org.glovebox.Broker" };
  g_autoptr(GSocketConnection) connection = connect_to (address);

  n_sockets++;
  if (connection == NULL)
    return;
  n_connected++;
  send (g_socket_get_fd (g_socket_connection_get_socket (connection)), yes, strlen (yes), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (!is_bus (address))
    return;

  n_buses++;
  for (guint i = 0; i < G_N_ELEMENTS (destinations); i++)
    {
      /* with a message bus in between, and without */
      GDBusConnectionFlags flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                   (destinations[i] != NULL ? G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION : 0);
      g_autoptr(GSocketConnection) stream = connect_to (address);
      g_autoptr(GDBusConnection) bus = NULL;

      if (stream == NULL)
        continue;
      g_socket_set_timeout (g_socket_connection_get_socket (stream), 1);
      bus = g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL, flags, NULL, NULL, NULL);
      if (bus != NULL)
        answer_on_bus (bus, destinations[i]);
    }
}

static void
try_path (const char *path)
{
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);

  try_socket (address);
}

/* ---- what is to be found ---------------------------------------------------------- */

static void
try_folder (const char *folder, guint depth)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat status;

      if (lstat (path, &status) != 0 || g_str_equal (path, "/proc") || g_str_equal (path, "/sys") || g_str_equal (path, "/usr"))
        continue;
      if (S_ISDIR (status.st_mode) && depth < DEPTH)
        try_folder (path, depth + 1);
      else if (S_ISSOCK (status.st_mode))
        try_path (path);
      else if (S_ISFIFO (status.st_mode))
        {
          int fd = open (path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

          n_descriptors += fd >= 0 && write (fd, yes, strlen (yes)) > 0;
          if (fd >= 0)
            close (fd);
        }
    }
}

/* From the top, and where the top may not be listed from each place that programs know. */
static void
try_folders (void)
{
  static const char * const folders[] = { "/", "/run", "/run/glovebox", "/run/user", "/run/dbus", "/var/run", "/tmp", "/tmp/.X11-unix", "/dev",
                                          "/home", "/root", "/workspace" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    try_folder (folders[i], 0);
  try_folder (g_get_user_runtime_dir (), 0);
  try_folder (g_get_home_dir (), 0);
}

static void
try_abstract (void)
{
  g_autofree char *table = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/net/unix", &table, NULL, NULL))
    return;
  lines = g_strsplit (table, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *at = strchr (lines[i], '@');
      g_autoptr(GSocketAddress) address = NULL;

      if (at == NULL)
        continue;
      address = g_unix_socket_address_new_with_type (at + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
      try_socket (address);
    }
}

/* Those that we were born with, and those of all processes that we see. */
static void
try_descriptors (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  for (int fd = 3; fd < 1024; fd++)
    if (fcntl (fd, F_GETFD) >= 0)
      n_descriptors += send (fd, yes, strlen (yes), MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      int pid = atoi (name);
      int process = pid > 0 && pid != getpid () ? syscall (SYS_pidfd_open, pid, 0) : -1;

      for (int number = 0; process >= 0 && number < 64; number++)
        {
          int fd = syscall (SYS_pidfd_getfd, process, number, 0);

          if (fd < 0)
            continue;
          n_descriptors += send (fd, yes, strlen (yes), MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
          close (fd);
        }
      if (process >= 0)
        close (process);
    }
}

/* ---- input ------------------------------------------------------------------------- */

static void
act (FILE *in, FILE *out, const char *format, ...)
{
  char line[65536];
  va_list args;

  va_start (args, format);
  vfprintf (out, format, args);
  va_end (args);
  fputc ('\n', out);
  fflush (out);
  if (fgets (line, sizeof line, in) != NULL && strstr (line, "\"delivered\"") != NULL)
    n_inputs++;
}

/* A window that says what the real question says, and everything that a seat can do to it and to whatever else is there. */
static void
try_input (void)
{
  static const char * const modifiers[] = {
    "", "shift+", "ctrl+", "alt+", "super+", "ctrl+shift+", "ctrl+alt+", "ctrl+super+", "alt+shift+", "alt+super+", "ctrl+alt+shift+",
    "ctrl+alt+super+",
  };
  static const char * const keys[] = {
    "Return", "space", "Escape", "Tab", "y", "a", "BackSpace", "Delete", "F1", "F2", "F4", "F7", "F12", "Print",
  };
  const char *window[] = { "foot", "--log-level=none", "--app-id=org.glovebox.Glovebox", "--title=Glovebox: may the session paste this?",
                           "sh", "-c", "echo '[ Allow ]   [ Deny ]'; exec cat", NULL };
  const char *path = g_getenv ("GLOVEBOX_ACTION_SOCKET");
  g_autoptr(GSocketAddress) address = path != NULL ? g_unix_socket_address_new (path) : NULL;
  g_autoptr(GSocketConnection) connection = NULL;
  FILE *in, *out;

  g_spawn_async (NULL, (char **) window, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                 NULL, NULL);
  if (address == NULL || (connection = connect_to (address)) == NULL)
    return;
  in = fdopen (dup (g_socket_get_fd (g_socket_connection_get_socket (connection))), "r");
  out = fdopen (dup (fileno (in)), "w");
  fcntl (fileno (in), F_SETFL, 0);

  act (in, out, "{\"action\":\"wait\",\"duration\":0,\"settle\":{\"quietMs\":200,\"maxMs\":3000}}");
  for (guint i = 0; i < G_N_ELEMENTS (modifiers); i++)
    for (guint j = 0; j < G_N_ELEMENTS (keys); j++)
      act (in, out, "{\"action\":\"key\",\"text\":\"%s%s\"}", modifiers[i], keys[j]);
  for (int y = 20; y < 480; y += 40)
    for (int x = 20; x < 640; x += 40)
      act (in, out, "{\"action\":\"left_click\",\"coordinate\":[%d,%d]}", x, y);
  act (in, out, "{\"action\":\"type\",\"text\":\"allow\\ny\\n\"}");
  /* what is not in its vocabulary */
  act (in, out, "{\"action\":\"allow\",\"prompt\":1}");
  act (in, out, "{\"action\":\"lease\",\"take\":true}");
  fclose (in);
  fclose (out);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  if (argc == 3 && g_str_equal (argv[1], "--control"))
    try_path (argv[2]);
  else if (argc == 2)
    {
      try_descriptors ();
      try_path (argv[1]);
      try_folders ();
      try_abstract ();
      try_input ();
    }
  else
    return 2;

  printf ("sockets %u connected %u buses %u calls %u descriptors %u inputs %u answered %u\n", n_sockets, n_connected, n_buses, n_calls,
          n_descriptors, n_inputs, n_answered);
  return 0;
}
