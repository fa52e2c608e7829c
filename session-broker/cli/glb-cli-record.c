/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-record.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "input-filter/glb-glob.h"

#define MB_DEFAULT 256
#define MB_MAX     4096
#define MASKS_MAX  64u

void
glb_cli_record_clear (GlbCliRecordOptions *options)
{
  g_free (options->folder);
  g_strfreev (options->masks);
  g_strfreev (options->mask_windows);
  g_clear_pointer (&options->rects, g_array_unref);
}

/* Four whole numbers, the last two of them not zero. */
static gboolean
parse_mask (const char *text,
            GlbRect    *rect)
{
  g_auto(GStrv) words = g_strsplit (text, ",", -1);
  guint64 sides[4];

  if (g_strv_length (words) != G_N_ELEMENTS (sides))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    if (!g_ascii_string_to_unsigned (words[i], 10, i < 2 ? 0 : 1, GLB_RECORD_SIDE_MAX, &sides[i], NULL))
      return FALSE;
  *rect = (GlbRect) { sides[0], sides[1], sides[2], sides[3] };
  return TRUE;
}

static gboolean
check_masks (const char          *verb,
             GlbCliRecordOptions *options)
{
  options->rects = g_array_new (FALSE, FALSE, sizeof (GlbRect));
  for (guint i = 0; options->masks != NULL && options->masks[i] != NULL; i++)
    {
      GlbRect rect;

      if (options->rects->len >= MASKS_MAX || !parse_mask (options->masks[i], &rect))
        {
          glb_cli_say ("%s: --mask %s: is no area of the screen; write X,Y,WIDTH,HEIGHT in pixels, and at most %u of them", verb,
                       options->masks[i], MASKS_MAX);
          return FALSE;
        }
      g_array_append_val (options->rects, rect);
    }
  for (guint i = 0; options->mask_windows != NULL && options->mask_windows[i] != NULL; i++)
    if (i >= GLB_GLOBS_MAX || !g_utf8_validate (options->mask_windows[i], -1, NULL) || options->mask_windows[i][0] == '\0'
        || g_utf8_strlen (options->mask_windows[i], -1) > GLB_GLOB_CHARACTERS_MAX)
      {
        glb_cli_say ("%s: --mask-window %s: is no pattern; write UTF-8 of at most %u characters, and at most %u of them", verb,
                     options->mask_windows[i], GLB_GLOB_CHARACTERS_MAX, GLB_GLOBS_MAX);
        return FALSE;
      }
  return TRUE;
}

/* The writer says it again; here it is before anything is started. */
static gboolean
check_folder (const char *verb,
              const char *folder)
{
  g_autoptr(GDir) dir = NULL;
  struct stat status;

  if (lstat (folder, &status) < 0 && errno == ENOENT)
    return TRUE;
  dir = g_dir_open (folder, 0, NULL);
  if (dir != NULL && g_dir_read_name (dir) == NULL)
    return TRUE;
  glb_cli_say ("%s: %s: is there already, and not an empty folder; name a new one", verb, folder);
  return FALSE;
}

gboolean
glb_cli_record_check (const char          *verb,
                      GlbCliRecordOptions *options)
{
  if (options->max_mb < 0 || options->max_mb > MB_MAX)
    {
      glb_cli_say ("%s: --max-mb %d is out of range; give 1 to %d", verb, options->max_mb, MB_MAX);
      return FALSE;
    }
  return check_masks (verb, options) && check_folder (verb, options->folder);
}

GlbRecorder *
glb_cli_record_start (GlbClient                 *client,
                      const char                *path,
                      const GlbCliRecordOptions *options,
                      int                       *code)
{
  const GlbRecorderOptions recorder_options = {
    .folder = options->folder,
    .max_bytes = (guint64) (options->max_mb > 0 ? options->max_mb : MB_DEFAULT) * 1024 * 1024,
    .masks = (const GlbRect *) options->rects->data,
    .n_masks = options->rects->len,
    .mask_windows = (const char * const *) options->mask_windows,
  };
  GError *error = NULL;
  g_autoptr(GlbDBusSession1) session = NULL;
  GlbRecorder *recorder = NULL;

  session = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (client),
                                              G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES | G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS,
                                              glb_client_get_bus_name (client), path, NULL, &error);
  if (session != NULL)
    recorder = glb_recorder_new (session, &recorder_options, &error);
  if (recorder == NULL)
    *code = glb_cli_fail_error ("record", error);
  return recorder;
}

static void
on_ended (GlbRecorder *recorder,
          gpointer     user_data)
{
  g_main_loop_quit (user_data);
}

gboolean
glb_cli_record_wait (GlbRecorder               *recorder,
                     const GlbCliRecordOptions *options)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  gulong id = g_signal_connect (recorder, "ended", G_CALLBACK (on_ended), loop);

  if (!glb_recorder_has_ended (recorder))
    g_main_loop_run (loop);
  g_signal_handler_disconnect (recorder, id);

  if (glb_recorder_get_error (recorder) == NULL)
    return TRUE;
  glb_cli_say ("record: %s: %s", options->folder, glb_recorder_get_error (recorder)->message);
  return FALSE;
}

static gboolean
on_stop_signal (gpointer user_data)
{
  glb_recorder_stop (user_data);
  return G_SOURCE_CONTINUE;
}

static int
record (const char                *session,
        const GlbCliRecordOptions *options)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GlbRecorder) recorder = NULL;
  g_autofree char *path = NULL;
  guint sources[G_N_ELEMENTS (signals)];
  int code = GLB_EXIT_FAILED;

  client = glb_cli_connect (FALSE, &code);
  path = client == NULL ? NULL : glb_cli_find (client, session, &code);
  if (path != NULL)
    recorder = glb_cli_record_start (client, path, options, &code);
  if (recorder == NULL)
    return code;

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], on_stop_signal, recorder);
  code = glb_cli_record_wait (recorder, options) ? 0 : GLB_EXIT_FAILED;
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (sources[i]);
  return code;
}

int
glb_cli_record_verb (int    argc,
                     char **argv)
{
  g_auto(GlbCliRecordOptions) options = { 0 };
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.folder, "Where the recording goes: a new folder", "DIR" },
    GLB_CLI_RECORD_MASK_ENTRIES (options),
    { NULL }
  };

  if (!glb_cli_parse (&argc, &argv, "SESSION -o DIR", "Record a session, until Ctrl+C or the session's end.", FALSE, entries))
    return GLB_EXIT_FAILED;
  if (argc != 2 || options.folder == NULL)
    return glb_cli_fail ("record: needs one session and -o DIR");
  if (!glb_cli_record_check ("record", &options))
    return GLB_EXIT_FAILED;
  return record (argv[1], &options);
}
