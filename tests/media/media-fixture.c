/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/media/media-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "session-broker/client/glb-paths.h"

/* A person's desktop in small, without the hardware: PipeWire's own sources behind the same classes. */
static const char host_config[] =
  "context.properties = { core.daemon = true core.name = \"%s\" log.level = 0 support.dbus = false mem.warn-mlock = false }\n"
  "context.spa-libs = {\n"
  "  audio.convert.* = audioconvert/libspa-audioconvert\n"
  "  audiotestsrc = audiotestsrc/libspa-audiotestsrc\n"
  "  videotestsrc = videotestsrc/libspa-videotestsrc\n"
  "  support.* = support/libspa-support\n"
  "}\n"
  "context.modules = [\n"
  "  { name = libpipewire-module-protocol-native args = { sockets = [ { name = \"%s\" } ] } }\n"
  "  { name = libpipewire-module-access }\n"
  "  { name = libpipewire-module-metadata }\n"
  "  { name = libpipewire-module-client-node }\n"
  "  { name = libpipewire-module-adapter }\n"
  "  { name = libpipewire-module-link-factory }\n"
  "  { name = libpipewire-module-spa-node-factory }\n"
  "]\n"
  "context.objects = [\n"
  "  { factory = metadata args = { metadata.name = default } }\n"
  "  { factory = spa-node-factory args = { factory.name = support.node.driver node.name = driver node.group = pipewire.dummy\n"
  "                                        priority.driver = 20000 } }\n"
  "%s"
  "]\n";

static const char host_devices[] =
  "  { factory = spa-node-factory args = { factory.name = videotestsrc node.name = test.camera\n"
  "      node.description = \"Desk Camera\" media.class = Video/Source object.linger = true } }\n"
  "  { factory = adapter args = { factory.name = audiotestsrc node.name = test.microphone node.description = \"Desk Microphone\"\n"
  "      media.class = Audio/Source object.linger = true node.param.Props = { live = true } } }\n"
  "  { factory = adapter args = { factory.name = support.null-audio-sink node.name = test.speaker node.description = \"Desk Speaker\"\n"
  "      media.class = Audio/Sink object.linger = true audio.position = [ FL FR ] } }\n";

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
wait_step (gint64 deadline, const char *condition)
{
  guint tick = g_timeout_add (5, on_tick, NULL);

  g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick);
  if (g_get_monotonic_time () > deadline)
    g_error ("Waited too long for: %s", condition);
}

/* ---- programs --------------------------------------------------------------------- */

static void
on_line (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (object), result, NULL, &error);
  Program *self = user_data;

  if (error != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (line == NULL)
    {
      self->ended = TRUE;
      return;
    }
  if (g_test_verbose ())
    g_test_message ("%s", line);
  g_ptr_array_add (self->lines, line);
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, self->cancellable, on_line, self);
}

static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

Program *
program_start (const char * const *argv, const char * const *env)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GError) error = NULL;
  Program *self = g_new0 (Program, 1);

  for (guint i = 0; env != NULL && env[i] != NULL; i += 2)
    g_subprocess_launcher_setenv (launcher, env[i], env[i + 1], TRUE);
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->cancellable = g_cancellable_new ();
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, self->cancellable, on_line, self);

  return self;
}

void
program_free (Program *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  wait_until (self->ended);
  g_object_unref (self->cancellable);
  g_object_unref (self->output);
  g_object_unref (self->process);
  g_ptr_array_unref (self->lines);
  g_free (self);
}

guint
program_count (Program *self, const char *prefix)
{
  guint n = 0;

  for (guint i = 0; i < self->lines->len; i++)
    n += g_str_has_prefix (g_ptr_array_index (self->lines, i), prefix);
  return n;
}

const char *
program_last (Program *self, const char *prefix)
{
  for (guint i = self->lines->len; i-- > 0;)
    if (g_str_has_prefix (g_ptr_array_index (self->lines, i), prefix))
      return g_ptr_array_index (self->lines, i);
  return NULL;
}

Program *
fixture_start_client (Fixture *self, const char *what)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "media-client", NULL);
  const char *argv[] = { program, self->socket_path, what, NULL };

  return program_start (argv, NULL);
}

Program *
fixture_start_person (Fixture *self, const char *what)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "media-client", NULL);
  const char *argv[] = { program, self->host_socket, what, NULL };

  return program_start (argv, NULL);
}

/* ---- the person's PipeWire ---------------------------------------------------------- */

static gboolean
answers (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean ok;

  strcpy (address.sun_path, path);
  ok = connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
  close (fd);
  return ok;
}

/* What a session manager does with each device of sound. */
static void
configure_ports (Fixture *self, const char *node, const char *config)
{
  const char *argv[] = { "pw-cli", "-r", self->host_socket, "set-param", node, "PortConfig", config, NULL };
  g_autoptr(Program) program = program_start (argv, NULL);

  wait_until (program->ended);
}

void
fixture_start_host (Fixture *self, gboolean devices)
{
  g_autofree char *config = g_strdup_printf (host_config, self->host_socket, self->host_socket, devices ? host_devices : "");
  g_autofree char *path = g_build_filename (self->folder, "host.conf", NULL);
  const char *argv[] = { "pipewire", "-c", path, NULL };
  const char *env[] = { "XDG_RUNTIME_DIR", self->folder, NULL };

  g_assert_true (g_file_set_contents (path, config, -1, NULL));
  self->host = program_start (argv, env);
  wait_until (answers (self->host_socket));
  if (!devices)
    return;
  configure_ports (self, "test.microphone", "{ direction: Output, mode: dsp, format: { mediaType: audio, mediaSubtype: raw, "
                   "format: F32P, rate: 48000, channels: 1, position: [ MONO ] } }");
  configure_ports (self, "test.speaker", "{ direction: Input, mode: dsp, monitor: true, format: { mediaType: audio, "
                   "mediaSubtype: raw, format: F32P, rate: 48000, channels: 2, position: [ FL, FR ] } }");
}

void
fixture_stop_host (Fixture *self)
{
  g_clear_pointer (&self->host, program_free);
}

/* ---- the fixture -------------------------------------------------------------------- */

gboolean
fixture_can_run (void)
{
  g_auto(GStrv) missing = glb_sandbox_diagnose ();
  g_autofree char *media = glb_media_diagnose ();

  if (missing[0] == NULL && media == NULL)
    return TRUE;
  g_test_skip (missing[0] != NULL ? missing[0] : media);
  return FALSE;
}

static const char * const names[] = { "camera", "microphone", "speaker", "sound" };

static void
on_in_use (GlbMedia *media, guint device, gboolean in_use, gpointer user_data)
{
  g_string_append_printf (((Fixture *) user_data)->events, "in-use %s %d\n", names[device], in_use);
}

static void
on_ended (GlbMedia *media, guint device, const char *why, gpointer user_data)
{
  g_string_append_printf (((Fixture *) user_data)->events, "ended %s %s\n", names[device], why);
}

static void
on_gone (GlbMedia *media, const char *why, gpointer user_data)
{
  g_string_append_printf (((Fixture *) user_data)->events, "gone %s\n", why);
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *person_dir = NULL;
  g_autofree char *locks = NULL;
  g_autofree char *session = NULL;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  GlbMediaConfig config = { .name = "media-test" };

  self->folder = g_dir_make_tmp ("glb-media-XXXXXX", &error);
  g_assert_no_error (error);
  self->events = g_string_new (NULL);
  if (glb_account_diagnose () != NULL)
    return;

  /* where brokers have them: tests that run at the same time draw from the same range */
  person_dir = glb_paths_get_person_dir (&error);
  g_assert_no_error (error);
  locks = g_build_filename (person_dir, "accounts", NULL);
  session = g_build_filename (self->folder, "session", NULL);
  g_assert_cmpint (g_mkdir (session, 0700), ==, 0);
  self->socket_path = g_build_filename (session, "pipewire-0", NULL);
  self->host_socket = g_build_filename (self->folder, "host-0", NULL);
  self->listen_fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  strcpy (address.sun_path, self->socket_path);
  g_assert_cmpint (bind (self->listen_fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (chmod (self->socket_path, 0666), ==, 0);
  g_assert_cmpint (listen (self->listen_fd, 64), ==, 0);
  self->account = glb_account_allocate (locks, &error);
  g_assert_no_error (error);

  config.account = self->account;
  config.listen_fd = self->listen_fd;
  config.socket_path = self->socket_path;
  config.host_socket = self->host_socket;
  self->media = glb_media_new (&config);
  g_signal_connect (self->media, "in-use", G_CALLBACK (on_in_use), self);
  g_signal_connect (self->media, "ended", G_CALLBACK (on_ended), self);
  g_signal_connect (self->media, "gone", G_CALLBACK (on_gone), self);
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  if (self->media != NULL)
    {
      glb_media_stop (self->media, "the test is over");
      wait_until (!glb_media_is_running (self->media));
      g_assert_finalize_object (self->media);
      close (self->listen_fd);
      g_assert_finalize_object (self->account);
    }
  fixture_stop_host (self);
  glb_sandbox_remove_tree (self->folder, &error);
  g_assert_no_error (error);
  g_free (self->folder);
  g_free (self->socket_path);
  g_free (self->host_socket);
  g_string_free (self->events, TRUE);
}

/* ---- requests ------------------------------------------------------------------------ */

static void
on_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GlbMediaAnswer *
finish (Fixture *self, GAsyncResult **result, GError **error)
{
  GlbMediaAnswer *answer;

  wait_until (*result != NULL);
  answer = glb_media_finish (self->media, *result, error);
  g_clear_object (result);
  return answer;
}

GlbMediaAnswer *
fixture_grant (Fixture *self, GlbMediaDevice device, GlbMediaSource source, const char *target, GError **error)
{
  const GlbMediaChoice choice = { .source = source, .target = target, .file_fd = self->file_fd };
  GAsyncResult *result = NULL;

  glb_media_grant_async (self->media, device, &choice, NULL, on_result, &result);
  return finish (self, &result, error);
}

GlbMediaAnswer *
fixture_revoke (Fixture *self, GlbMediaDevice device)
{
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  GlbMediaAnswer *answer;

  glb_media_revoke_async (self->media, device, on_result, &result);
  answer = finish (self, &result, &error);
  g_assert_no_error (error);
  return answer;
}

void
fixture_mute (Fixture *self, GlbMediaDevice device, gboolean muted)
{
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;

  glb_media_mute_async (self->media, device, muted, on_result, &result);
  glb_media_answer_free (finish (self, &result, &error));
  g_assert_no_error (error);
}

GlbMediaAnswer *
fixture_preview (Fixture *self, GlbMediaDevice device, GlbMediaSource source, const char *target, GError **error)
{
  const GlbMediaChoice choice = { .source = source, .target = target, .file_fd = self->file_fd };
  GAsyncResult *result = NULL;

  glb_media_preview_async (self->media, device, &choice, NULL, on_result, &result);
  return finish (self, &result, error);
}
