/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <sys/mman.h>
#include <unistd.h>

/* The longest that a policy lets a person think, and then some. */
#define ANSWER_DEADLINE_S (3600 + 30)
/* desktop.clipboard.maxBytes at its largest */
#define PUT_MAX (16u * 1024 * 1024)

typedef struct
{
  char *type, *output;
  gboolean primary;
  int uses;
} ClipboardOptions;

/* (floating) */
static GVariant *
make_options (const ClipboardOptions *options,
              gboolean                with_uses)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (options->type != NULL)
    g_variant_dict_insert (&dict, "type", "s", options->type);
  if (options->primary)
    g_variant_dict_insert (&dict, "selection", "s", "primary");
  if (with_uses)
    g_variant_dict_insert (&dict, "uses", "u", (guint) options->uses);
  return g_variant_dict_end (&dict);
}

static gboolean
check_type (const char *verb,
            const char *type)
{
  if (type == NULL || g_utf8_validate (type, -1, NULL))
    return TRUE;

  glb_cli_say ("%s: --type is not valid UTF-8; name a MIME type such as text/plain", verb);
  return FALSE;
}

/* All of a file, or of standard input for NULL and "-", in memory of its own: the broker waits for nobody who types, and does
 * not change what this terminal is for others. -1: told. */
static int
open_input (const char *file)
{
  const char *name = file == NULL || g_str_equal (file, "-") ? "standard input" : file;
  int from = file == name ? open (file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
  int to = memfd_create ("glovebox-clipboard", MFD_CLOEXEC);
  gsize size = 0;
  char buffer[65536];
  ssize_t n = from >= 0 && to >= 0 ? 1 : -1;

  while (n > 0 && size <= PUT_MAX)
    {
      n = read (from, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR)
        n = 1;
      else if (n > 0 && write (to, buffer, n) != n)
        n = -1;
      else
        size += MAX (n, 0);
    }

  if (n < 0)
    glb_cli_say ("clipboard put: %s: %s", name, g_strerror (errno));
  else if (size > PUT_MAX)
    glb_cli_say ("clipboard put: %s: is larger than %u bytes, the most that a policy can allow", name, PUT_MAX);
  if (from > STDIN_FILENO)
    close (from);
  if (n == 0 && size <= PUT_MAX && lseek (to, 0, SEEK_SET) == 0)
    return to;

  if (to >= 0)
    close (to);
  return -1;
}

static int
put (int    argc,
     char **argv)
{
  ClipboardOptions options = { .uses = 1 };
  g_autofree char *type = NULL;
  const GOptionEntry entries[] = {
    { "type", 0, 0, G_OPTION_ARG_STRING, &type, "What it is (default: text/plain)", "TYPE" },
    { "primary", 0, 0, G_OPTION_ARG_NONE, &options.primary, "The primary selection instead of the clipboard", NULL },
    { "uses", 0, 0, G_OPTION_ARG_INT, &options.uses, "How often it may be pasted (default: 1); 0: until the policy's time is over", "N" },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;
  int code = GLB_EXIT_FAILED, fd, handle;

  if (!glb_cli_parse (&argc, &argv, "SESSION [FILE]", "Put a file or standard input into a session's clipboard.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc < 2 || argc > 3)
    return glb_cli_fail ("clipboard put: needs one session and at most one file (standard input without)");
  if (options.uses < 0)
    return glb_cli_fail ("clipboard put: --uses %d is out of range; use 0 or more", options.uses);
  options.type = type;
  if (!check_type ("clipboard put", type))
    return GLB_EXIT_FAILED;

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  fd = path == NULL ? -1 : open_input (argc > 2 ? argv[2] : NULL);
  if (fd < 0)
    return code;

  fds = g_unix_fd_list_new ();
  handle = g_unix_fd_list_append (fds, fd, &error);
  close (fd);
  if (handle >= 0)
    reply = g_dbus_connection_call_with_unix_fd_list_sync (glb_client_get_connection (client), NULL, path, "org.glovebox.Session1",
                                                           "ClipboardPut", g_variant_new ("(@a{sv}h)", make_options (&options, TRUE), handle),
                                                           NULL, G_DBUS_CALL_FLAGS_NONE, ANSWER_DEADLINE_S * 1000, fds, NULL, NULL,
                                                           &error);
  return reply != NULL ? 0 : glb_cli_fail_error (argv[1], error);
}

static int
save (GUnixFDList *fds,
      int          handle,
      const char  *output)
{
  int fd = fds == NULL ? -1 : g_unix_fd_list_get (fds, handle, NULL);
  GError *error = NULL;
  gboolean saved;

  if (fd < 0)
    return glb_cli_fail ("clipboard get: the broker sent nothing; run the same version of both");

  saved = glb_cli_save_fd (fd, output, &error);
  close (fd);
  return saved ? 0 : glb_cli_fail_error (output, error);
}

static int
get (int    argc,
     char **argv)
{
  ClipboardOptions options = { 0 };
  g_autofree char *type = NULL;
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = {
    { "type", 0, 0, G_OPTION_ARG_STRING, &type, "What to ask for (default: the plainest that is there)", "TYPE" },
    { "primary", 0, 0, G_OPTION_ARG_NONE, &options.primary, "The primary selection instead of the clipboard", NULL },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where it goes (default: standard output)", "FILE" },
    { NULL }
  };
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;
  gint32 handle;
  int code = GLB_EXIT_FAILED;

  if (!glb_cli_parse (&argc, &argv, "SESSION [-o FILE]", "Take what a session's programs copied.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2)
    return glb_cli_fail ("clipboard get: needs one session");
  options.type = type;
  if (!check_type ("clipboard get", type))
    return GLB_EXIT_FAILED;

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, argv[1], &code);
  if (path == NULL)
    return code;

  reply = glb_cli_call (client, path, NULL, "ClipboardGet", g_variant_new ("(@a{sv})", make_options (&options, FALSE)),
                        ANSWER_DEADLINE_S, &fds, &error);
  if (reply == NULL)
    return glb_cli_fail_error (argv[1], error);
  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(ha{sv})")))
    return glb_cli_fail ("clipboard get: the broker's answer makes no sense; run the same version of both");

  g_variant_get (reply, "(ha{sv})", &handle, NULL);
  return save (fds, handle, output != NULL ? output : "-");
}

int
glb_cli_clipboard_verb (int    argc,
                        char **argv)
{
  static const GlbCliVerb verbs[] = {
    { "put", "SESSION [FILE]", "Put a file or standard input into a session's clipboard", put },
    { "get", "SESSION [-o FILE]", "Take what a session's programs copied", get },
    { NULL }
  };

  return glb_cli_dispatch (verbs, "clipboard", argc, argv);
}
