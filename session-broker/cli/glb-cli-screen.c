/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <unistd.h>

#define SCREENSHOT_DEADLINE_S 20

int
glb_cli_save_image (GUnixFDList *fds,
                    int          handle,
                    const char  *output)
{
  GError *error = NULL;
  int fd = fds == NULL ? -1 : g_unix_fd_list_get (fds, handle, NULL);
  gboolean saved;

  if (fd < 0)
    return glb_cli_fail ("%s: the broker sent no image; run the same version of both", output);

  saved = glb_cli_save_fd (fd, output, &error);
  close (fd);
  return saved ? 0 : glb_cli_fail_error (output, error);
}

int
glb_cli_screenshot_verb (int    argc,
                         char **argv)
{
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where the PNG goes; - is standard output", "FILE" },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  GError *error = NULL;
  gint32 handle;
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, "SESSION -o FILE", "Save a session's screen as a PNG.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2 || output == NULL)
    return glb_cli_fail ("screenshot: needs one session and -o FILE (- for standard output)");
  if (g_str_equal (output, "-") && isatty (STDOUT_FILENO))
    return glb_cli_fail ("screenshot: standard output is a terminal; name a file with -o");

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;

  reply = glb_cli_call (client, path, NULL, "Screenshot", g_variant_new ("(@a{sv})", g_variant_new ("a{sv}", NULL)),
                        SCREENSHOT_DEADLINE_S, &fds, &error);
  if (reply == NULL)
    return glb_cli_fail_error (argv[1], error);
  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(ha{sv})")))
    return glb_cli_fail ("screenshot: the broker's answer makes no sense; run the same version of both");

  g_variant_get (reply, "(ha{sv})", &handle, NULL);
  return glb_cli_save_image (fds, handle, output);
}

int
glb_cli_execute (const char  *name,
                 int          argc,
                 char       **argv)
{
  g_autofree char *program = NULL;
  GError *error = NULL;

  program = glb_paths_find_program (name, &error);
  if (program == NULL)
    return glb_cli_fail_error (argv[0], error);

  argv[0] = program;
  signal (SIGPIPE, SIG_DFL);
  execv (program, argv);
  return glb_cli_fail ("%s: %s; install Glovebox again", program, g_strerror (errno));
}

int
glb_cli_view_verb (int    argc,
                   char **argv)
{
  return glb_cli_execute ("glovebox-view", argc, argv);
}

int
glb_cli_prove_verb (int    argc,
                    char **argv)
{
  return glb_cli_execute ("glovebox-prove", argc, argv);
}
