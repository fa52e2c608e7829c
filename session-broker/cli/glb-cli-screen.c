/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SCREENSHOT_DEADLINE_S 20
/* The longest wait or hold of an action, and its settling. */
#define ACT_DEADLINE_S        180
#define LINE_MAX_BYTES        (256 * 1024)

static int
save_fd (GUnixFDList *fds,
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
  return save_fd (fds, handle, output);
}

/* "delivered", "refused", or what else the result says. */
static gboolean
is_status (const char *result,
           const char *status)
{
  g_autoptr(JsonNode) node = json_from_string (result, NULL);
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  return object != NULL && g_strcmp0 (json_object_get_string_member_with_default (object, "status", NULL), status) == 0;
}

/* One action: its result on standard output, its image to output. Gives the exit code. */
static int
act (GlbClient  *client,
     const char *path,
     const char *action,
     const char *output)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) images = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autofree char *result = NULL;
  GError *error = NULL;
  gint32 handle;
  int code = 0;

  if (!g_utf8_validate (action, -1, NULL))
    return glb_cli_fail ("act: the action is not valid UTF-8; write it in UTF-8");

  reply = glb_cli_call (client, path, NULL, "Act", g_variant_new ("(s)", action), ACT_DEADLINE_S, &fds, &error);
  if (reply == NULL)
    return glb_cli_fail_error ("act", error);
  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(sah)")))
    return glb_cli_fail ("act: the broker's answer makes no sense; run the same version of both");

  g_variant_get (reply, "(s@ah)", &result, &images);
  if (output != NULL && g_variant_n_children (images) > 0)
    {
      g_variant_get_child (images, 0, "h", &handle);
      code = save_fd (fds, handle, output);
    }
  if (output == NULL || !g_str_equal (output, "-"))
    printf ("%s\n", result);
  fflush (stdout);

  if (code == 0 && !is_status (result, "delivered"))
    code = is_status (result, "refused") ? GLB_EXIT_REFUSED : GLB_EXIT_FAILED;
  return code;
}

/* Actions line by line, until the first that is not delivered. */
static int
act_from_stdin (GlbClient  *client,
                const char *path,
                const char *output)
{
  g_autofree char *line = g_malloc (LINE_MAX_BYTES);
  int code = 0;

  while (code == 0 && fgets (line, LINE_MAX_BYTES, stdin) != NULL)
    {
      if (strchr (line, '\n') == NULL && !feof (stdin))
        return glb_cli_fail ("act: a line is longer than %d bytes; shorten it", LINE_MAX_BYTES);
      if (*g_strstrip (line) != '\0')
        code = act (client, path, line, output);
    }
  return code;
}

int
glb_cli_act_verb (int    argc,
                  char **argv)
{
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where the action's screenshot goes (- is standard output, "
      "then without the results)", "FILE" },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autofree char *path = NULL;
  int code = 0;

  if (!glb_cli_parse (&argc, &argv, "SESSION ACTION…", "Do actions in a session, one after the other, until one is not "
                      "delivered.\nAn action is JSON, as {\"action\":\"left_click\",\"coordinate\":[10,20]}; "
                      "- reads one a line from standard input.\nEach result is one line of JSON.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc < 3)
    return glb_cli_fail ("act: needs a session and an action; see `glovebox act --help`");

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;

  for (int i = 2; i < argc && code == 0; i++)
    code = g_str_equal (argv[i], "-") ? act_from_stdin (client, path, output) : act (client, path, argv[i], output);
  return code;
}

/* Becomes the program: its exit code is ours. */
static int
execute (const char  *name,
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
  return execute ("glovebox-view", argc, argv);
}

int
glb_cli_prove_verb (int    argc,
                    char **argv)
{
  return execute ("glovebox-prove", argc, argv);
}
