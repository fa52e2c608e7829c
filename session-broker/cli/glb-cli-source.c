/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The broker gets the open file: it is read with the rights of who calls, and with no more. */
static int
open_source (const char *verb,
             const char *file)
{
  g_autofree char *clean = glb_cli_clean (file);
  struct stat status;
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

  if (fd < 0)
    {
      glb_cli_say ("%s: %s: %s; name a file that you may read, or host, test-pattern, tone or silence", verb, clean, g_strerror (errno));
      return -1;
    }
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    return fd;

  close (fd);
  glb_cli_say ("%s: %s: is no plain file; name one", verb, clean);
  return -1;
}

GVariant *
glb_cli_source_options (const char   *verb,
                        const char   *source,
                        GUnixFDList **fds)
{
  static const char * const words[] = { "host", "test-pattern", "tone", "silence", NULL };
  g_autofree char *name = NULL;
  GVariantDict options;
  int fd;

  *fds = NULL;
  g_variant_dict_init (&options, NULL);
  if (g_strv_contains (words, source))
    {
      g_variant_dict_insert (&options, "source", "s", source);
      return g_variant_dict_end (&options);
    }

  fd = open_source (verb, source);
  if (fd < 0)
    {
      g_variant_dict_clear (&options);
      return NULL;
    }
  *fds = g_unix_fd_list_new_from_array (&fd, 1);
  name = g_filename_display_basename (source);
  g_variant_dict_insert (&options, "source", "s", "file");
  g_variant_dict_insert (&options, "file", "h", 0);
  g_variant_dict_insert (&options, "name", "s", name);
  return g_variant_dict_end (&options);
}
