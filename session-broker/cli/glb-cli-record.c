/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "glovebox"

#include "config.h"

#include "session-broker/cli/glb-cli.h"
#include "session-broker/cli/glb-cli-tools.h"
#include "session-broker/record/glb-recorder.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>

#define MB_DEFAULT 256
/* Of the trace after the session's end. */
#define TRACE_DEADLINE_S 5

/* NULL: told; exit with *code. */
static GlbRecorder *
start_recorder (GlbClient                 *client,
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

/* Waits until the recording has its last record, and says where it is cut short. FALSE: it is. */
static gboolean
wait_for_end (GlbRecorder               *recorder,
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
on_stop (gpointer user_data)
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
    recorder = start_recorder (client, path, options, &code);
  if (recorder == NULL)
    return code;

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], on_stop, recorder);
  code = wait_for_end (recorder, options) ? 0 : GLB_EXIT_FAILED;
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

/* The session has ended, so its trace does, too; where it does not, what came until now is what there is. */
gboolean
glb_cli_run_recorded (GlbClient                 *client,
                      GlbAttach                 *attach,
                      const GlbCliRecordOptions *options,
                      int                       *code)
{
  g_autoptr(GlbRecorder) recorder = start_recorder (client, glb_attach_get_path (attach), options, code);
  guint id;

  if (recorder == NULL)
    return FALSE;

  *code = glb_attach_wait (attach);
  id = g_timeout_add_seconds (TRACE_DEADLINE_S, on_stop, recorder);
  wait_for_end (recorder, options);
  g_source_remove (id);
  return TRUE;
}
