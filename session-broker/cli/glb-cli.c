/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-agent.h"
#include "session-broker/client/glb-save.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_MAX (256 * 1024 * 1024)
/* Longer than the broker lets polkit take. */
#define SYSTEM_DEADLINE_S 660

gboolean
glb_cli_parse (int                *argc,
               char             ***argv,
               const char         *arguments,
               const char         *summary,
               gboolean            posix,
               const GOptionEntry *entries)
{
  g_autoptr(GOptionContext) context = NULL;
  g_autofree char *program = g_strconcat ("glovebox ", (*argv)[0], NULL);
  g_autoptr(GError) error = NULL;

  g_set_prgname (program);
  context = g_option_context_new (arguments);
  g_option_context_set_summary (context, summary);
  g_option_context_set_strict_posix (context, posix);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);

  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;

  glb_cli_say ("%s: %s; see `%s --help`", (*argv)[0], error->message, program);
  return FALSE;
}

char *
glb_cli_clean (const char *untrusted_text)
{
  g_autofree char *valid = g_utf8_make_valid (untrusted_text, -1);
  GString *clean = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* Also the marks that turn the direction of text: a title must not rearrange a table. */
      if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT ||
          c == 0x2028 || c == 0x2029)
        g_string_append_c (clean, ' ');
      else
        g_string_append_unichar (clean, c);
    }

  return g_string_free (clean, FALSE);
}

static void
say_valist (const char *format,
            va_list     args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);
  g_autofree char *clean = glb_cli_clean (text);

  fflush (stdout);
  fprintf (stderr, "glovebox: %s\n", clean);
}

void
glb_cli_say (const char *format,
             ...)
{
  va_list args;

  va_start (args, format);
  say_valist (format, args);
  va_end (args);
}

int
glb_cli_fail (const char *format,
              ...)
{
  va_list args;

  va_start (args, format);
  say_valist (format, args);
  va_end (args);
  return GLB_EXIT_FAILED;
}

int
glb_cli_fail_error (const char *what,
                    GError     *error)
{
  int code = glb_exit_from_error (error, FALSE);

  if (g_dbus_error_is_remote_error (error))
    g_dbus_error_strip_remote_error (error);

  if (error->domain == GLB_BROKER_ERROR)
    glb_cli_say ("%s", error->message);
  else
    glb_cli_say ("%s: %s", what, error->message);

  g_error_free (error);
  return code;
}

static gboolean use_system;

void
glb_cli_use_system (void)
{
  use_system = TRUE;
}

gboolean
glb_cli_uses_system (void)
{
  return use_system;
}

GlbClient *
glb_cli_open (gboolean start_broker,
              GError **error)
{
  return use_system ? glb_client_new_system_sync (NULL, error) : glb_client_new_sync (start_broker, NULL, error);
}

GlbClient *
glb_cli_connect (gboolean start_broker,
                 int     *code)
{
  GError *error = NULL;
  GlbClient *client = glb_cli_open (start_broker, &error);

  if (client != NULL)
    return client;

  if (!start_broker && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_error_free (error);
      *code = glb_cli_fail ("no broker runs: so there is no session; start one with `glovebox run`");
    }
  else
    *code = glb_cli_fail_error ("broker", error);
  return NULL;
}

GVariant *
glb_cli_call_with_fds (GlbClient    *client,
                       const char   *path,
                       const char   *interface,
                       const char   *method,
                       GVariant     *parameters,
                       guint         deadline,
                       GUnixFDList  *fds,
                       GUnixFDList **out_fds,
                       GError      **error)
{
  const char *name = glb_client_get_bus_name (client);
  g_autoptr(GVariant) held = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;
  g_autoptr(GError) local = NULL;
  GVariant *reply;

  /* polkit may ask the person for a password, and the broker ends that wait */
  if (name != NULL)
    deadline = MAX (deadline, SYSTEM_DEADLINE_S);
  do
    {
      g_clear_error (&local);
      reply = g_dbus_connection_call_with_unix_fd_list_sync (glb_client_get_connection (client), name, path,
                                                             interface != NULL ? interface : "org.glovebox.Session1", method,
                                                             held, NULL, G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION,
                                                             (int) deadline * 1000, fds, out_fds, NULL, &local);
    }
  /* no desktop asks for it: then we do, if there is a terminal */
  while (g_error_matches (local, GLB_BROKER_ERROR, GLB_BROKER_ERROR_AUTHENTICATION) && glb_cli_start_agent ());

  if (reply == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return reply;
}

GVariant *
glb_cli_call (GlbClient    *client,
              const char   *path,
              const char   *interface,
              const char   *method,
              GVariant     *parameters,
              guint         deadline,
              GUnixFDList **fds,
              GError      **error)
{
  return glb_cli_call_with_fds (client, path, interface, method, parameters, deadline, NULL, fds, error);
}

char *
glb_cli_find (GlbClient  *client,
              const char *session,
              int        *code)
{
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;
  char *path = NULL;

  if (!g_utf8_validate (session, -1, NULL))
    {
      *code = glb_cli_fail ("%s: no such session", session);
      return NULL;
    }

  reply = glb_cli_call (client, GLB_BROKER_OBJECT_PATH, "org.glovebox.Broker1", "Find", g_variant_new ("(s)", session),
                        10, NULL, &error);
  if (reply == NULL)
    {
      *code = glb_cli_fail_error (session, error);
      return NULL;
    }

  if (g_variant_is_of_type (reply, G_VARIANT_TYPE ("(o)")))
    g_variant_get (reply, "(o)", &path);
  else
    *code = glb_cli_fail ("%s: the broker's answer makes no sense; run the same version of both", session);
  return path;
}

JsonNode *
glb_cli_json_from_variant (GVariant *value)
{
  return json_gvariant_serialize (value);
}

void
glb_cli_print_json (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);

  puts (text);
}

static void
table_add_valist (GlbCliTable *table,
                  va_list      args)
{
  for (guint i = 0; i < table->n_columns; i++)
    g_ptr_array_add (table->cells, glb_cli_clean (va_arg (args, const char *)));
}

void
glb_cli_table_init (GlbCliTable *table,
                    guint        n_columns,
                    ...)
{
  va_list args;

  table->n_columns = n_columns;
  table->cells = g_ptr_array_new_with_free_func (g_free);
  va_start (args, n_columns);
  table_add_valist (table, args);
  va_end (args);
}

void
glb_cli_table_add (GlbCliTable *table,
                   ...)
{
  va_list args;

  va_start (args, table);
  table_add_valist (table, args);
  va_end (args);
}

static int
display_width (const char *text)
{
  int width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

void
glb_cli_table_finish (GlbCliTable *table)
{
  g_autofree int *widths = g_new0 (int, table->n_columns);

  for (guint i = 0; i < table->cells->len; i++)
    widths[i % table->n_columns] = MAX (widths[i % table->n_columns], display_width (table->cells->pdata[i]));

  for (guint i = 0; i < table->cells->len; i++)
    {
      const char *cell = table->cells->pdata[i];

      if ((i + 1) % table->n_columns == 0)
        printf ("%s\n", cell);
      else
        printf ("%s%*s", cell, widths[i % table->n_columns] - display_width (cell) + 2, "");
    }

  g_ptr_array_unref (table->cells);
}

static gboolean
write_all (int           fd,
           const guint8 *bytes,
           gsize         length)
{
  ssize_t n;

  while (length > 0)
    {
      n = write (fd, bytes, length);
      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        {
          bytes += n;
          length -= (gsize) n;
        }
    }
  return TRUE;
}

gboolean
glb_cli_save_fd (int          fd,
                 const char  *path,
                 GError     **error)
{
  g_autofree guint8 *bytes = NULL;
  struct stat st;
  gsize length = 0;
  ssize_t n = 1;

  if (fstat (fd, &st) < 0 || st.st_size <= 0 || st.st_size > IMAGE_MAX)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The broker sent nothing");
      return FALSE;
    }

  bytes = g_malloc ((gsize) st.st_size);
  while (length < (gsize) st.st_size && n > 0)
    {
      n = pread (fd, bytes + length, (gsize) st.st_size - length, (off_t) length);
      if (n > 0)
        length += (gsize) n;
    }

  if (!g_str_equal (path, "-"))
    return glb_save (path, bytes, length, error);

  if (write_all (STDOUT_FILENO, bytes, length))
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't write: %s", g_strerror (errno));
  return FALSE;
}
