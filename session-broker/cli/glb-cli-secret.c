/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-tools.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "policies/glb-network-secret-rule.h"
#include "session-broker/secrets/glb-secret-store.h"

/* The value comes by standard input: arguments are everybody's to read in /proc. */

static void
on_signal (int number)
{
}

/* One line. FALSE: interrupted, or its end. */
static gboolean
read_line (GlbSecretText *text)
{
  while (text->size < text->space)
    {
      ssize_t n = read (STDIN_FILENO, text->bytes + text->size, text->space - text->size);

      if (n <= 0)
        return FALSE;
      text->size += (gsize) n;
      if (text->bytes[text->size - 1] == '\n')
        return TRUE;
    }
  return TRUE;
}

/* Whatever interrupts it, the terminal says again what is typed. */
static gboolean
read_unseen (GlbSecretText *text,
             const char    *name)
{
  const struct sigaction interrupt = { .sa_handler = on_signal };
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
  struct sigaction before[G_N_ELEMENTS (numbers)];
  struct termios seen, unseen;
  gboolean done;

  if (tcgetattr (STDIN_FILENO, &seen) != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &interrupt, &before[i]);

  unseen = seen;
  unseen.c_lflag &= ~(tcflag_t) (ECHO | ECHONL);
  fprintf (stderr, "Secret %s, which is not shown: ", name);
  done = tcsetattr (STDIN_FILENO, TCSAFLUSH, &unseen) == 0 && read_line (text);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &seen);
  fputc ('\n', stderr);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &before[i], NULL);
  return done;
}

/* FALSE: told. */
static gboolean
read_value (GlbSecretText *text,
            const char    *name)
{
  gboolean terminal = isatty (STDIN_FILENO);
  const char *why;

  errno = 0;
  if (!(terminal ? read_unseen (text, name) : glb_secret_text_read (text, STDIN_FILENO)) && errno != EFBIG)
    {
      glb_cli_say ("secret %s: nothing was read; nothing is stored", name);
      return FALSE;
    }
  why = glb_secret_text_check (text);
  if (why != NULL)
    glb_cli_say ("secret %s: %s", name, why);
  return why == NULL;
}

/* The one NAME of set and remove. NULL: told. */
static const char *
take_name (int    argc,
           char **argv)
{
  if (argc == 2 && glb_network_secret_is_name (argv[1]))
    return argv[1];
  if (argc == 2)
    glb_cli_say ("secret: a name has 1 to 64 of the characters A-Z a-z 0-9 . _ - and begins with a letter or a digit; "
                 "choose another");
  else
    glb_cli_say ("secret %s: name one secret; see `glovebox secret %s --help`", argv[0], argv[0]);
  return NULL;
}

static int
set_verb (int    argc,
          char **argv)
{
  g_autoptr(GlbSecretText) text = NULL;
  GError *error = NULL;
  const char *name;

  if (!glb_cli_parse (&argc, &argv, "NAME",
                      "Store a secret, from standard input or the terminal, for network.secrets of policies.", FALSE, NULL))
    return GLB_EXIT_FAILED;
  name = take_name (argc, argv);
  if (name == NULL)
    return GLB_EXIT_FAILED;

  text = glb_secret_text_new ();
  if (!read_value (text, name))
    return GLB_EXIT_FAILED;
  if (!glb_secret_store_write (name, text, NULL, &error))
    return glb_cli_fail_error ("secret", error);
  return 0;
}

static int
list_verb (int    argc,
           char **argv)
{
  g_auto(GStrv) names = NULL;
  GError *error = NULL;

  if (!glb_cli_parse (&argc, &argv, "", "List the names of stored secrets.", FALSE, NULL))
    return GLB_EXIT_FAILED;
  if (argc > 1)
    return glb_cli_fail ("secret list: %s: is too much; all are listed", argv[1]);

  names = glb_secret_store_list (NULL, &error);
  if (names == NULL)
    return glb_cli_fail_error ("secret", error);
  for (guint i = 0; names[i] != NULL; i++)
    puts (names[i]);
  return 0;
}

static int
remove_verb (int    argc,
             char **argv)
{
  GError *error = NULL;
  const char *name;

  if (!glb_cli_parse (&argc, &argv, "NAME", "Remove a stored secret. Sessions that run keep it until they end.", FALSE, NULL))
    return GLB_EXIT_FAILED;
  name = take_name (argc, argv);
  if (name == NULL)
    return GLB_EXIT_FAILED;
  if (!glb_secret_store_remove (name, NULL, &error))
    return glb_cli_fail_error ("secret", error);
  return 0;
}

int
glb_cli_secret_verb (int    argc,
                     char **argv)
{
  static const GlbCliVerb verbs[] = {
    { "set", "NAME", "Store a secret that sessions use and never see", set_verb },
    { "list", "", "List the names of stored secrets", list_verb },
    { "remove", "NAME", "Remove a stored secret", remove_verb },
    { NULL }
  };

  return glb_cli_dispatch (verbs, "secret", argc, argv);
}
