/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define G_LOG_DOMAIN "glb-broker"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib-unix.h>

#include "session-broker/broker/glb-broker.h"

#define DESCRIPTORS 65536

/* A person needs time for a password; a question of a policy that says nothing is open for 60 seconds. */
#define POLKIT_TIMEOUT_S 120

typedef struct
{
  GlbBroker *broker;
  GMainLoop *loop;
  int ready_fd;
  int status;
} Program;

static gboolean
on_signal (gpointer user_data)
{
  Program *program = user_data;

  glb_broker_stop (program->broker);
  return G_SOURCE_CONTINUE;
}

static void
on_finished (GlbBroker *broker, gpointer user_data)
{
  Program *program = user_data;

  g_main_loop_quit (program->loop);
}

/* One line for whoever started us, then the descriptor is closed. */
static void
say_ready (int fd, const GError *error)
{
  g_autofree char *line = error != NULL ? g_strdup_printf ("error: %s\n", error->message) : g_strdup ("ready\n");

  if (error != NULL)
    g_printerr ("glovebox-broker: %s\n", error->message);
  if (fd < 0)
    return;
  if (write (fd, line, strlen (line)) < 0)
    g_debug ("Nobody waits for readiness: %s", g_strerror (errno));
  close (fd);
}

/* A hundred sessions need more descriptors than the usual soft limit, which is kept for programs that use select(). */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, DESCRIPTORS);
  if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
    g_debug ("Can't have more descriptors: %s", g_strerror (errno));
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr(GError) error = NULL;

  if (!glb_broker_join_system_bus_finish (program->broker, result, &error))
    {
      program->status = 1;
      glb_broker_stop (program->broker);
    }
  say_ready (program->ready_fd, error);
}

/* polkit_timeout: 0: not on the system bus. */
static int
run (Program *program, const GlbBrokerOptions *options, guint polkit_timeout)
{
  g_autofree char *self_path = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbHost) host = glb_host_new (self_path, &error);

  if (host != NULL)
    program->broker = glb_broker_new (host, options, &error);
  if (program->broker == NULL || polkit_timeout == 0)
    say_ready (program->ready_fd, error);
  if (program->broker == NULL)
    return 1;

  if (polkit_timeout != 0)
    glb_broker_join_system_bus_async (program->broker, polkit_timeout, joined_cb, program);
  g_signal_connect (program->broker, "finished", G_CALLBACK (on_finished), program);
  g_unix_signal_add (SIGTERM, on_signal, program);
  g_unix_signal_add (SIGINT, on_signal, program);
  g_unix_signal_add (SIGHUP, on_signal, program);
  g_main_loop_run (program->loop);
  g_object_unref (program->broker);
  return program->status;
}

int
main (int argc, char **argv)
{
  int ready_fd = -1, janitor_fd = -1, idle_timeout = 60, n_spares = 1, polkit_timeout = POLKIT_TIMEOUT_S;
  gboolean version = FALSE, system_mode = FALSE;
  const GOptionEntry entries[] = {
    { "idle-timeout", 0, 0, G_OPTION_ARG_INT, &idle_timeout, "End after S seconds without session and client; 0: never", "S" },
    { "pool", 0, 0, G_OPTION_ARG_INT, &n_spares, "Keep N ready compositors", "N" },
    { "system", 0, 0, G_OPTION_ARG_NONE, &system_mode, "Also on the system bus, where polkit says who may answer; for root", NULL },
    { "polkit-timeout", 0, 0, G_OPTION_ARG_INT, &polkit_timeout, "With --system: polkit has S seconds, 1 to 600", "S" },
    { "ready-fd", 0, 0, G_OPTION_ARG_INT, &ready_fd, "Write \"ready\" or \"error: …\" to this descriptor", "N" },
    { "janitor", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &janitor_fd, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Show the version", NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  Program program = { 0 };
  GlbBrokerOptions options;
  int status;

  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  g_option_context_set_summary (context, "Starts and watches sessions. glovebox starts it by itself.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1 || idle_timeout < 0 || n_spares < 0 || n_spares > 16 ||
      polkit_timeout < 1 || polkit_timeout > 600)
    {
      g_printerr ("glovebox-broker: bad arguments: %s; see --help\n", error != NULL ? error->message : "a value is out of range");
      return 2;
    }
  if (version)
    {
      g_print ("%s\n", GLOVEBOX_VERSION);
      return 0;
    }
  if (janitor_fd >= 0)
    return glb_janitor_main (janitor_fd);

  if (system_mode && geteuid () != 0)
    {
      g_printerr ("glovebox-broker: --system: only root's broker is the machine's; start it as root, or leave this out\n");
      return 2;
    }

  raise_descriptor_limit ();
  if (ready_fd >= 0)
    fcntl (ready_fd, F_SETFD, FD_CLOEXEC);
  options.idle_timeout_s = idle_timeout;
  options.n_spares = n_spares;
  program.loop = g_main_loop_new (NULL, FALSE);
  program.ready_fd = ready_fd;
  status = run (&program, &options, system_mode ? polkit_timeout : 0);
  g_main_loop_unref (program.loop);
  return status;
}
