/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Somebody listens to a session, with everything real around it: the broker, a program in the session that plays
 * (GStreamer), the command line that records. No PipeWire of a person is there: nothing of it is needed.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <json-glib/json-glib.h>

#include "session-broker/client/glb-broker-error.h"
#include "session-broker/media/glb-media.h"
#include "session-broker/sandbox/glb-sandbox-private.h"
#include "tests/broker/broker-fixture.h"
#include "tests/media/media-fixture.h"

/* Without sync GStreamer's sink of PipeWire 1.4 does not wait for its own clock to begin; and now and then it waits for itself
 * nevertheless, for ever. */
#define PLAY \
  "while :; do timeout 10 gst-launch-1.0 -q audiotestsrc is-live=true volume=0.5 ! audio/x-raw,format=F32LE,rate=48000,channels=2" \
  " ! pipewiresink sync=false 2>/dev/null; done"

/* One in twenty times, and mostly the second, a stream did not play on where it lost its only link. */
#define AGAIN 30

#define SKIP_WITHOUT_SOUND(fixture) \
  if ((fixture)->root == NULL || !broker_fixture_can_run (TRUE) || !can_run ()) return;

static gboolean
can_run (void)
{
  g_autofree char *missing = glb_media_diagnose ();
  g_autofree char *gst = g_find_program_in_path ("gst-launch-1.0");

  if (missing == NULL && gst != NULL)
    return TRUE;
  g_test_skip (missing != NULL ? missing : "gst-launch-1.0 is missing; install gstreamer1.0-tools, gstreamer1.0-plugins-base and gstreamer1.0-pipewire");
  return FALSE;
}

static TestSession *
run (BrokerFixture *fixture, const char *desktop, const char *more)
{
  g_autofree char *members = g_strdup_printf (",\"desktop\":{\"width\":320,\"height\":240%s}%s", desktop, more);
  g_autofree char *policy = test_policy ("session", members);

  return broker_fixture_run_shell (fixture, policy, "exec sleep 100000");
}

#define ALLOW ",\"listen\":\"allow\""

/* ---- calls ------------------------------------------------------------------------ */

/* The pipe's end; -1: the error has lost its remote part. */
static int
call_listen (TestSession *session, GError **error)
{
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) info = NULL;
  g_autoptr(GVariant) handle = NULL;
  guint rate = 0, channels = 0;
  const char *format = NULL;
  int fd;

  if (!glb_dbus_session1_call_listen_sync (session->proxy, g_variant_new ("a{sv}", NULL), NULL, &handle, &info, &fds, NULL, error))
    {
      g_dbus_error_strip_remote_error (*error);
      return -1;
    }
  g_variant_lookup (info, "format", "&s", &format);
  g_variant_lookup (info, "rate", "u", &rate);
  g_variant_lookup (info, "channels", "u", &channels);
  g_assert_cmpstr (format, ==, "S16LE");
  g_assert_cmpuint (rate, ==, 48000);
  g_assert_cmpuint (channels, ==, 2);
  fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), error);
  g_assert_no_error (*error);
  return fd;
}

static int
must_listen (TestSession *session)
{
  g_autoptr(GError) error = NULL;
  int fd = call_listen (session, &error);

  g_assert_no_error (error);
  return fd;
}

static void
assert_deaf (TestSession *session, GlbBrokerError code, const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (call_listen (session, &error), ==, -1);
  g_assert_error (error, GLB_BROKER_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
must_call (TestSession *session, const char *method)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_sync (G_DBUS_PROXY (session->proxy), method, NULL, G_DBUS_CALL_FLAGS_NONE, 20000, NULL, &error);

  g_assert_no_error (error);
}

static gboolean
is_described (TestSession *session, const char *member, const char *text)
{
  GVariant *outputs = glb_dbus_session1_get_outputs (session->proxy);

  for (gsize i = 0; i < g_variant_n_children (outputs); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (outputs, i);
      g_autoptr(GVariant) value = g_variant_lookup_value (entry, member, NULL);
      g_autofree char *printed = g_variant_print (value, FALSE);
      const char *name = NULL;

      g_variant_lookup (entry, "output", "&s", &name);
      if (g_str_equal (name, "sound"))
        return g_str_equal (printed, text);
    }
  return FALSE;
}

static void
assert_why (BrokerFixture *fixture, TestSession *session, const char *event, guint n, const char *why)
{
  g_autoptr(JsonObject) record = NULL;
  guint found;

  wait_until (test_session_count_records (fixture, session, event, "sound") == n);
  record = test_session_find_record (fixture, session, event, "sound", &found);
  g_assert_cmpstr (json_object_get_string_member (record, "why"), ==, why);
  if (g_str_equal (event, "device-revoked"))
    {
      g_assert_cmpint (json_object_get_int_member_with_default (record, "links", -1), ==, 0);
      g_assert_cmpint (json_object_get_int_member_with_default (record, "nodes", -1), ==, 0);
    }
}

static ssize_t
read_in_time (int fd, void *bytes, gsize size)
{
  GPollFD ready = { .fd = fd, .events = G_IO_IN };

  if (g_poll (&ready, 1, 20000) != 1)
    g_error ("waited too long for sound, or its end");
  return read (fd, bytes, size);
}

/* Reads until it is loud; FALSE: its end came before. */
static gboolean
is_heard (int fd)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  gint16 samples[1024];
  ssize_t n;

  while ((n = read_in_time (fd, samples, sizeof samples)) > 0)
    {
      for (ssize_t i = 0; i < n / 2; i++)
        if (abs (samples[i]) > 5000)
          return TRUE;
      if (g_get_monotonic_time () > deadline)
        g_error ("heard nothing but silence");
    }
  return FALSE;
}

/* Output of a short program in the session. (transfer full) */
static char *
run_inside (TestSession *session, const char *script)
{
  int fds[3];
  guint64 command = test_session_exec (session, script, fds);

  close (fds[0]);
  close (fds[2]);
  test_session_wait_exit (session, command);
  return test_read_all (&fds[1]);
}

static void
start_inside (TestSession *session, const char *script)
{
  int fds[3];

  test_session_exec (session, script, fds);
  for (guint i = 0; i < 3; i++)
    close (fds[i]);
}

/* ---- denials ------------------------------------------------------------------------ */

static void
test_denied (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) none = NULL;
  g_autoptr(TestSession) speaker = NULL;
  g_autoptr(TestSession) without = NULL;
  g_autoptr(TestSession) allowed = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autofree char *process = test_policy ("process", "");

  SKIP_WITHOUT_SOUND (fixture);

  none = run (fixture, "", "");
  assert_deaf (none, GLB_BROKER_ERROR_POLICY, "sound: policy_denied: the policy lets nobody listen; see desktop.listen in it");
  g_assert_true (is_described (none, "verdict", "'deny'"));
  /* a speaker that is allowed does not mean that anybody may listen */
  speaker = run (fixture, "", ",\"devices\":{\"speaker\":\"allow\"}");
  assert_deaf (speaker, GLB_BROKER_ERROR_POLICY, "sound: policy_denied: the policy lets nobody listen; see desktop.listen in it");
  g_assert_cmpuint (test_session_count_records (fixture, speaker, "device-refused", "sound"), ==, 1);
  g_assert_cmpuint (test_session_count_records (fixture, speaker, "device-grant", "sound"), ==, 0);
  without = broker_fixture_run_shell (fixture, process, "exec sleep 100000");
  assert_deaf (without, GLB_BROKER_ERROR_POLICY, "sound: policy_denied: a session of the tier process has no sound");

  /* and the other way round: nobody gets a device by it, and nobody inside can ask for it */
  allowed = run (fixture, ALLOW, "");
  reply = g_dbus_proxy_call_sync (G_DBUS_PROXY (allowed->proxy), "DeviceOn", g_variant_new ("(s)", "sound"), G_DBUS_CALL_FLAGS_NONE, 20000,
                                  NULL, &error);
  g_dbus_error_strip_remote_error (error);
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "device: no such device; use camera, microphone or speaker");
  g_clear_error (&error);
  reply = g_dbus_proxy_call_sync (G_DBUS_PROXY (allowed->proxy), "DeviceOn", g_variant_new ("(s)", "microphone"), G_DBUS_CALL_FLAGS_NONE,
                                  20000, NULL, &error);
  g_dbus_error_strip_remote_error (error);
  g_assert_error (error, GLB_BROKER_ERROR, GLB_BROKER_ERROR_POLICY);
  g_assert_cmpstr (error->message, ==, "microphone: policy_denied: the policy denies this device; see devices in it");
}

/* ---- listening ------------------------------------------------------------------------ */

static void
test_sound (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  g_autofree char *nodes = NULL;
  g_autofree char *after = NULL;
  g_autofree char *asked = NULL;
  int fd;

  SKIP_WITHOUT_SOUND (fixture);

  session = run (fixture, ALLOW ",\"input\":{\"agent\":\"allow\"}", "");
  start_inside (session, PLAY);
  g_assert_true (is_described (session, "on", "false"));
  asked = run_inside (session, "glovebox-act '{\"action\":\"device_request\",\"device\":\"sound\"}'");
  g_assert_nonnull (strstr (asked, "\"malformed\""));

  fd = must_listen (session);
  g_assert_true (is_heard (fd));
  wait_until (is_described (session, "on", "true"));
  wait_until (is_described (session, "in-use", "true"));
  assert_deaf (session, GLB_BROKER_ERROR_STATE, "sound: it is on, or being asked for, already");
  g_assert_cmpuint (test_session_count_records (fixture, session, "device-grant", "sound"), ==, 1);
  g_assert_cmpuint (test_session_count_records (fixture, session, "device-in-use", "sound"), >=, 1);
  /* there is where to play, and nothing to hear with */
  nodes = run_inside (session, "pw-cli ls Node 2>&1 | grep -o 'node.name = \"glovebox[.][a-z]*\"' | sed 's/.*= //' | tr -d '\\n\"';"
                               "pw-cli ls Node 2>&1 | grep -c 'Audio/Source'");
  g_assert_cmpstr (nodes, ==, "glovebox.sound0\n");

  must_call (session, "ListenOff");
  assert_why (fixture, session, "device-revoked", 1, "switched off");
  wait_until (is_described (session, "on", "false"));
  wait_until (is_described (session, "in-use", "false"));
  while (is_heard (fd))
    ;
  close (fd);
  after = run_inside (session, "pw-cli ls Node 2>&1 | grep -c glovebox.sound");
  g_assert_cmpstr (after, ==, "0\n");
  must_call (session, "ListenOff");
}

/* Who listens goes, is revoked, the session pauses, ends: each is the end of it, and on record. */
static void
test_ends (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  int fd;

  SKIP_WITHOUT_SOUND (fixture);

  session = run (fixture, ALLOW, "");
  start_inside (session, PLAY);
  fd = must_listen (session);
  g_assert_true (is_heard (fd));
  close (fd);
  assert_why (fixture, session, "device-ended", 1, "sound: nobody listens any more");
  wait_until (is_described (session, "on", "false"));

  fd = must_listen (session);
  g_assert_true (is_heard (fd));
  must_call (session, "Pause");
  while (is_heard (fd))
    ;
  close (fd);
  assert_why (fixture, session, "device-revoked", 1, "paused");
  assert_deaf (session, GLB_BROKER_ERROR_STATE, "session sh: it is paused, and plays nothing; resume it first");
  must_call (session, "Resume");

  fd = must_listen (session);
  g_assert_true (is_heard (fd));
  must_call (session, "Kill");
  while (is_heard (fd))
    ;
  close (fd);
  assert_why (fixture, session, "device-revoked", 2, "session-ended");
}

/* A program that played to somebody before is heard by the next, as often as it may be. */
static void
test_again (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;

  SKIP_WITHOUT_SOUND (fixture);

  session = run (fixture, ALLOW, "");
  start_inside (session, PLAY);
  for (guint i = 1; i <= AGAIN; i++)
    {
      int fd = must_listen (session);

      g_assert_true (is_heard (fd));
      close (fd);
      wait_until (test_session_count_records (fixture, session, "device-ended", "sound") == i);
      wait_until (is_described (session, "on", "false"));
    }
}

static void
test_kill_broker (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) session = NULL;
  int fd;

  SKIP_WITHOUT_SOUND (fixture);

  session = run (fixture, ALLOW, "");
  start_inside (session, PLAY);
  fd = must_listen (session);
  g_assert_true (is_heard (fd));
  g_dbus_connection_set_exit_on_close (glb_client_get_connection (fixture->client), FALSE);
  g_assert_no_errno (kill (fixture->pid, SIGKILL));
  while (is_heard (fd))
    ;
  close (fd);
  broker_fixture_wait_clean (fixture);
}

/* ---- the command line ------------------------------------------------------------------ */

static GSubprocess *
start_glovebox (TestSession *session, const char *option, const char *value)
{
  g_autofree char *program = glb_sandbox_find_private ("glovebox");
  g_autoptr(GError) error = NULL;
  GSubprocess *process;

  g_assert_nonnull (program);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error, program, "listen",
                              glb_dbus_session1_get_id (session->proxy), option, value, NULL);
  g_assert_no_error (error);
  return process;
}

/* (transfer full) */
static char *
finish_glovebox (GSubprocess *process, int *status)
{
  g_autoptr(GError) error = NULL;
  char *output = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  *status = g_subprocess_get_exit_status (process);
  return output;
}

static guint32
read_32 (const char *content, gsize at)
{
  guint32 number;

  memcpy (&number, content + at, sizeof number);
  return GUINT32_FROM_LE (number);
}

/* Whether sound is in a WAV, which may still grow: it begins with silence, until the program plays. */
static gboolean
is_loud (const char *path)
{
  g_autofree char *content = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  for (gsize at = 44; at + 1 < length; at += 2)
    if (abs ((gint16) (content[at] & 0xff) | (gint16) content[at + 1] * 256) > 5000)
      return TRUE;
  return FALSE;
}

static goffset
get_size (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GFileInfo) info = g_file_query_info (file, "standard::size", G_FILE_QUERY_INFO_NONE, NULL, NULL);

  return info != NULL ? g_file_info_get_size (info) : 0;
}

/* A whole WAV, with a sound in it. */
static void
assert_wav (const char *path)
{
  g_autofree char *content = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_cmpuint (length, >, 44);
  g_assert_cmpmem (content, 4, "RIFF", 4);
  g_assert_cmpuint (read_32 (content, 4), ==, length - 8);
  g_assert_cmpuint (read_32 (content, 40), ==, length - 44);
  g_assert_true (is_loud (path));
}

static void
test_command_line (BrokerFixture *fixture, gconstpointer data)
{
  g_autoptr(TestSession) denied = NULL;
  g_autoptr(TestSession) session = NULL;
  g_autofree char *path = NULL;
  int status;

  SKIP_WITHOUT_SOUND (fixture);

  path = g_build_filename (fixture->root, "sound.wav", NULL);
  g_assert_true (g_file_set_contents (path, "before", -1, NULL));
  denied = run (fixture, "", "");
  {
    g_autoptr(GSubprocess) process = start_glovebox (denied, "-o", path);
    g_autofree char *output = finish_glovebox (process, &status);

    g_assert_cmpint (status, ==, 126);
    g_assert_cmpstr (output, ==, "glovebox: sound: policy_denied: the policy lets nobody listen; see desktop.listen in it\n");
    g_assert_cmpint (get_size (path), ==, 6);
  }

  session = run (fixture, ALLOW, "");
  start_inside (session, PLAY);
  /* Ctrl+C */
  {
    g_autoptr(GSubprocess) process = start_glovebox (session, "-o", path);
    g_autofree char *output = NULL;

    wait_until (is_described (session, "in-use", "true"));
    wait_until (get_size (path) > 200000 && is_loud (path));
    g_subprocess_send_signal (process, SIGINT);
    output = finish_glovebox (process, &status);
    g_assert_cmpstr (output, ==, "");
    g_assert_cmpint (status, ==, 0);
    assert_wav (path);
    assert_why (fixture, session, "device-ended", 1, "sound: nobody listens any more");
  }
  /* the client is killed */
  {
    g_autoptr(GSubprocess) process = start_glovebox (session, "-o", path);

    wait_until (get_size (path) > 44 && get_size (path) < 190000);
    g_subprocess_force_exit (process);
    g_subprocess_wait (process, NULL, NULL);
    assert_why (fixture, session, "device-ended", 2, "sound: nobody listens any more");
  }
  /* ended from elsewhere */
  {
    g_autoptr(GSubprocess) process = start_glovebox (session, "-o", path);
    g_autoptr(GSubprocess) other = NULL;
    g_autofree char *output = NULL;
    g_autofree char *nothing = NULL;

    wait_until (is_described (session, "on", "true"));
    wait_until (get_size (path) > 200000 && is_loud (path));
    other = start_glovebox (session, "--stop", NULL);
    nothing = finish_glovebox (other, &status);
    g_assert_cmpint (status, ==, 0);
    output = finish_glovebox (process, &status);
    g_assert_cmpstr (output, ==, "");
    g_assert_cmpint (status, ==, 0);
    assert_wav (path);
    assert_why (fixture, session, "device-revoked", 1, "switched off");
  }
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  /* there is no PipeWire of a person, wherever this runs */
  g_unsetenv ("PIPEWIRE_REMOTE");
  g_unsetenv ("PIPEWIRE_RUNTIME_DIR");
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/broker-listen/" path, BrokerFixture, NULL, broker_fixture_set_up, function, broker_fixture_tear_down)
  ADD ("denied", test_denied);
  ADD ("sound", test_sound);
  ADD ("ends", test_ends);
  ADD ("again", test_again);
  ADD ("kill-broker", test_kill_broker);
  ADD ("command-line", test_command_line);

  return g_test_run ();
}
