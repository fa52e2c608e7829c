/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox-prove"

/* What the gates keep apart: the person's answers, clipboard, devices, and portals that the policy does not give. */

#include "session-broker/prove/glb-prove.h"

#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MS 300

/* What is sent is answered within ANSWER_MS, or the answer is empty. */
static void
exchange (int         fd,
          const char *text,
          gsize       length,
          char       *answer,
          gsize       size)
{
  struct pollfd ready = { .fd = fd, .events = POLLIN };
  gssize n = 0;

  if (send (fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 && poll (&ready, 1, ANSWER_MS) == 1)
    n = recv (fd, answer, size - 1, MSG_DONTWAIT);
  answer[MAX (n, 0)] = '\0';
}

/* Of org.glovebox.Prompt1: a no is an answer too, and opens nothing on the person's desktop. */
static gboolean
deny_on_bus (const char *socket,
             const char *destination,
             gint64      prompt)
{
  GDBusConnectionFlags flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT;
  g_autofree char *address = g_strdup_printf ("unix:path=%s", socket);
  g_autofree char *path = g_strdup_printf ("/org/glovebox/Broker1/prompts/%" G_GINT64_FORMAT, prompt);
  g_autoptr(GDBusConnection) bus = NULL;
  g_autoptr(GVariant) reply = NULL;

  if (destination != NULL)
    flags |= G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION;
  bus = g_dbus_connection_new_for_address_sync (address, flags, NULL, NULL, NULL);
  if (bus != NULL)
    reply = g_dbus_connection_call_sync (bus, destination, path, "org.glovebox.Prompt1", "Deny", NULL, NULL, G_DBUS_CALL_FLAGS_NONE,
                                         ANSWER_MS, NULL, NULL);
  return reply != NULL;
}

/* Whatever listens there: as D-Bus where it is that, and else as lines of JSON. */
static gboolean
answer_by (const char *socket,
           gint64      prompt)
{
  g_autofree char *lines = g_strdup_printf ("{\"action\":\"deny\",\"prompt\":%" G_GINT64_FORMAT "}\n"
                                            "{\"id\":1,\"request\":\"deny\",\"prompt\":%" G_GINT64_FORMAT "}\n", prompt, prompt);
  g_autofree char *uid = g_strdup_printf ("%u", getuid ());
  g_autoptr(GString) hello = g_string_new ("AUTH EXTERNAL ");
  char answer[4096];
  int fd = glb_prove_connect (socket);

  if (fd < 0)
    return FALSE;
  for (const char *c = uid; *c != '\0'; c++)
    g_string_append_printf (hello, "%02x", *c);
  g_string_append (hello, "\r\n");
  g_string_prepend_c (hello, '\0');
  exchange (fd, hello->str, hello->len, answer, sizeof answer);
  close (fd);
  if (g_str_has_prefix (answer, "OK"))
    return deny_on_bus (socket, NULL, prompt) || deny_on_bus (socket, "org.glovebox.Broker1", prompt);

  fd = glb_prove_connect (socket);
  if (fd < 0)
    return FALSE;
  exchange (fd, lines, strlen (lines), answer, sizeof answer);
  close (fd);
  return strstr (answer, "\"status\":\"delivered\"") != NULL || strstr (answer, "\"status\":\"done\"") != NULL;
}

/* The broker's socket, and inside whatever else there is: the session's bus, its action socket, a portal's. */
static GlbProveResult
answer (GlbBait *bait,
        GString *detail)
{
  const char *folder = g_get_user_runtime_dir ();
  const char *broker = glb_bait_get (bait, "broker");
  gboolean inside = glb_bait_get (bait, "is-control") == NULL;
  gint64 prompt = glb_bait_get_number (bait, inside ? "prompt-inside" : "prompt-outside");
  g_autoptr(GDir) dir = NULL;
  const char *name;
  guint n = 0;

  if (broker == NULL || prompt == 0)
    return glb_prove_unavailable (detail, "no question could be asked");
  if (answer_by (broker, prompt))
    return glb_prove_escaped (detail, "a question was answered over the broker's socket");
  if (inside)
    dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *socket = g_build_filename (folder, name, NULL);
      struct stat status;

      if (stat (socket, &status) != 0 || !S_ISSOCK (status.st_mode))
        continue;
      n++;
      if (answer_by (socket, prompt))
        {
          g_string_printf (detail, "a question was answered over %s", socket);
          return GLB_PROVE_ESCAPED;
        }
    }
  g_string_printf (detail, "not by the broker's socket, nor by the %u sockets of the session", n);
  return GLB_PROVE_REFUSED;
}

/* display: (nullable): a name or a path */
static gboolean
paste (GlbBait    *bait,
       const char *display)
{
  const char * const argv[] = { "wl-paste", "--no-newline", NULL };
  g_auto(GStrv) env = NULL;
  g_autofree char *out = NULL;

  if (display == NULL)
    return FALSE;
  env = g_environ_setenv (g_get_environ (), "WAYLAND_DISPLAY", display, TRUE);
  return g_spawn_sync (NULL, (char **) argv, env, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL, NULL, NULL) &&
         strstr (out, glb_bait_get (bait, "token")) != NULL;
}

/* Of another session, by its display; or there in the own one. */
static GlbProveResult
clipboard (GlbBait *bait,
           GString *detail)
{
  const char *display = glb_bait_get (bait, "clipboard");
  int fd;

  if (display == NULL)
    return glb_prove_unavailable (detail, "no session with a clipboard could be started");
  if (paste (bait, display))
    return glb_prove_escaped (detail, "it was pasted");
  if (glb_bait_get (bait, "is-control") != NULL)
    return glb_prove_unavailable (detail, "wl-paste is not installed");
  if (paste (bait, g_getenv ("WAYLAND_DISPLAY")))
    return glb_prove_escaped (detail, "it is in the session's own clipboard");
  fd = glb_prove_connect (display);
  if (fd < 0)
    return glb_prove_refused (detail, "connect");
  close (fd);
  return glb_prove_escaped (detail, "the other session's display was connected to");
}

/* As far as the daemon's own word: the header and body of its protocol's first message. */
static GlbProveResult
pipewire (GlbBait *bait,
          GString *detail)
{
  static const guint32 hello[] = { 0, 1u << 24 | 24, 0, 0, /* a structure of one number */ 16, 14, 4, 4, 3, 0 };
  const char *path = glb_bait_get (bait, "pipewire");
  char answer[4096];
  int fd = path != NULL ? glb_prove_connect (path) : -1;
  struct pollfd ready = { .fd = fd, .events = POLLIN };
  gssize n;

  if (path == NULL)
    return glb_prove_unavailable (detail, "pipewire is not installed");
  if (fd < 0)
    return glb_prove_refused (detail, "connect");
  n = send (fd, hello, sizeof hello, MSG_NOSIGNAL) == sizeof hello && poll (&ready, 1, 10 * ANSWER_MS) == 1
        ? recv (fd, answer, sizeof answer, MSG_DONTWAIT) : -1;
  close (fd);
  if (n > 0)
    return glb_prove_escaped (detail, "the person's PipeWire took it in");
  g_string_assign (detail, "it was connected to, and said nothing");
  return GLB_PROVE_UNAVAILABLE;
}

/* The first line of a portal's socket says what may be asked. */
static gboolean
is_portal (const char *path)
{
  char answer[256];
  int fd = glb_prove_connect (path);

  if (fd < 0)
    return FALSE;
  exchange (fd, "\n", 1, answer, sizeof answer);
  close (fd);
  return g_str_has_prefix (answer, "{\"hello\":");
}

static GlbProveResult
portal (GlbBait *bait,
        GString *detail)
{
  const char *path = glb_bait_get (bait, "portal");
  g_autofree char *own = g_build_filename (g_get_user_runtime_dir (), "glovebox-portal", NULL);

  if (path == NULL)
    return glb_prove_unavailable (detail, "no session with a portal could be started");
  if (is_portal (path))
    return glb_prove_escaped (detail, "another session's portal took it in");
  if (glb_bait_get (bait, "no-portal") != NULL && is_portal (own))
    return glb_prove_escaped (detail, "there is a portal, which the policy does not give");
  return glb_prove_refused (detail, "connect");
}

const GlbProveAttempt glb_prove_gates[] = {
  { "gate.answer", "the gates", "Answer a question that waits for the person, by every socket there is", answer },
  { "gate.clipboard", "the gates", "Paste what the person put into another session's clipboard", clipboard },
  { "gate.pipewire", "the gates", "Join the person's PipeWire, where cameras and microphones are", pipewire },
  { "gate.portal", "the gates", "Ask by a portal that the policy does not give", portal },
  { NULL },
};
