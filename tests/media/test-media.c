/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices of a session: a real private PipeWire, real clients, and PipeWire's own test sources as the person's devices. */

#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "session-broker/capture/glb-png.h"
#include "tests/media/media-files.h"
#include "tests/media/media-fixture.h"

#define GST_FRAME "/GstPipeline:pipeline0/GstFakeSink:fakesink0: last-message = chain"

static guint64
get_frame_time (Program *client)
{
  const char *line = program_last (client, "frame ");

  return line != NULL ? g_ascii_strtoull (strrchr (line, ' ') + 1, NULL, 10) : 0;
}

static gboolean
sees_device (Program *client)
{
  for (guint i = 0; i < client->lines->len; i++)
    {
      const char *line = g_ptr_array_index (client->lines, i);

      if (g_str_has_prefix (line, "global ") && (strstr (line, "/Source") != NULL || strstr (line, "/Sink") != NULL))
        return TRUE;
    }
  return FALSE;
}

static guint
count_kind (Program *client, const char *kind)
{
  g_autofree char *word = g_strdup_printf (" %s ", kind);
  guint n = 0;

  for (guint i = 0; i < client->lines->len; i++)
    n += g_str_has_prefix (g_ptr_array_index (client->lines, i), "global ") && strstr (g_ptr_array_index (client->lines, i), word) != NULL;
  return n;
}

static void
assert_revoked (Fixture *f, GlbMediaDevice device)
{
  g_autoptr(GlbMediaAnswer) revoked = fixture_revoke (f, device);

  g_assert_cmpuint (revoked->n_links, ==, 0);
  g_assert_cmpuint (revoked->n_nodes, ==, 0);
}

static void
grant (Fixture *f, GlbMediaDevice device, GlbMediaSource source)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) granted = fixture_grant (f, device, source, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (granted->n_nodes, ==, 1);
}

/* ---- denials ----------------------------------------------------------------------- */

/* A camera is granted and taken back, so that the instance runs: without a lease there is nothing in it. */
static void
test_denied (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) lister = NULL;
  g_autoptr(Program) viewer = NULL;
  g_autoptr(Program) listener = NULL;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  assert_revoked (f, GLB_MEDIA_CAMERA);

  viewer = fixture_start_client (f, "camera");
  listener = fixture_start_client (f, "microphone");
  wait_until (program_count (viewer, "end") == 1 && program_count (listener, "end") == 1);
  lister = fixture_start_client (f, "list");
  wait_until (lister->ended);
  g_assert_cmpuint (program_count (lister, "end"), ==, 1);
  /* the core and the factory of streams, and that is all: no other client, module, node */
  g_assert_cmpuint (program_count (lister, "global "), ==, 2);
  g_assert_cmpuint (count_kind (lister, "Core"), ==, 1);
  g_assert_cmpuint (count_kind (lister, "Factory"), ==, 1);

  /* what was granted since then and is not theirs does not reach them */
  grant (f, GLB_MEDIA_SPEAKER, GLB_MEDIA_SOURCE_SILENCE);
  assert_revoked (f, GLB_MEDIA_SPEAKER);
  g_assert_cmpuint (program_count (viewer, "frame "), ==, 0);
  g_assert_cmpuint (program_count (listener, "sound "), ==, 0);
  g_assert_cmpuint (program_count (viewer, "state streaming") + program_count (listener, "state streaming"), ==, 0);
  g_assert_cmpstr (f->events->str, ==, "");
}

/* Started for a program that asks, before anybody was granted anything. */
static void
test_started (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Program) lister = NULL;

  if (!fixture_can_run ())
    return;

  lister = fixture_start_client (f, "list");
  g_assert_true (glb_media_start (f->media, &error));
  g_assert_no_error (error);
  wait_until (lister->ended);
  g_assert_cmpuint (program_count (lister, "end"), ==, 1);
  g_assert_cmpuint (program_count (lister, "global "), ==, 2);
  g_assert_false (sees_device (lister));
}

static void
test_no_host (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *expected = NULL;

  if (!fixture_can_run ())
    return;

  expected = g_strdup_printf ("camera: no PipeWire answers at %s (No such file or directory); start it (systemctl --user start pipewire), "
                              "or set a synthetic source in the policy", f->host_socket);
  g_assert_null (fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST, NULL, &error));
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST);
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_false (glb_media_is_running (f->media));
}

static void
test_no_device (Fixture *f, gconstpointer data)
{
  static const char * const messages[] = {
    "camera: the person's PipeWire has no camera; plug one in, or set a synthetic source in the policy",
    "microphone: the person's PipeWire has no microphone; plug one in, or set a synthetic source in the policy",
    "speaker: the person's PipeWire has no speaker; plug one in, or set a synthetic source in the policy",
  };

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, FALSE);
  for (guint device = 0; device < GLB_MEDIA_SOUND; device++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (fixture_grant (f, device, GLB_MEDIA_SOURCE_HOST, NULL, &error));
      g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST);
      g_assert_cmpstr (error->message, ==, messages[device]);
      g_assert_false (glb_media_is_granted (f->media, device));
    }
}

static void
test_wrong_name (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  if (!fixture_can_run ())
    return;

  /* the microphone's name does not make it a camera */
  fixture_start_host (f, TRUE);
  g_assert_null (fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST, "test.microphone", &error));
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST);
  g_assert_cmpstr (error->message, ==, "camera: the person's PipeWire has no camera named test.microphone; plug it in, or name another");
}

static void
test_twice (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  g_assert_null (fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN, NULL, &error));
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_STATE);
  g_assert_cmpstr (error->message, ==, "camera: the session has this device already; revoke it first");
  g_assert_true (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));

  assert_revoked (f, GLB_MEDIA_CAMERA);
  assert_revoked (f, GLB_MEDIA_CAMERA);
}

/* ---- attacks ------------------------------------------------------------------------ */

static void
test_attack_links (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) victim = NULL;
  g_autoptr(Program) attacker = NULL;

  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  victim = fixture_start_client (f, "camera");
  wait_until (program_count (victim, "frame ") > 0);
  attacker = fixture_start_client (f, "link");
  wait_until (program_count (attacker, "end") == 1);
  g_assert_cmpuint (program_count (attacker, "error -2 unknown factory name link-factory"), ==, 64);
  g_assert_cmpuint (count_kind (attacker, "Link"), ==, 0);
  assert_revoked (f, GLB_MEDIA_CAMERA);
}

static void
test_attack_load (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) attacker = NULL;
  g_autoptr(Program) lister = NULL;

  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  assert_revoked (f, GLB_MEDIA_CAMERA);
  attacker = fixture_start_client (f, "load");
  wait_until (program_count (attacker, "end") == 1);
  g_assert_cmpuint (program_count (attacker, "error -2 unknown factory name"), ==, 7);
  g_assert_cmpuint (program_count (attacker, "global "), ==, 2);

  /* the instance lives, and shows nobody else more */
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  assert_revoked (f, GLB_MEDIA_CAMERA);
  lister = fixture_start_client (f, "list");
  wait_until (lister->ended);
  g_assert_cmpuint (program_count (lister, "global "), ==, 2);
}

/* PipeWire lets those who may ask a device destroy it; the lease ends, and nothing else does. */
static void
test_attack_destroy (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) attacker = NULL;
  g_autoptr(Program) client = NULL;

  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  attacker = fixture_start_client (f, "destroy");
  wait_until (f->events->len > 0);
  g_assert_cmpstr (f->events->str, ==, "ended camera camera: a program of the session destroyed it\n");
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));

  client = fixture_start_client (f, "camera");
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  wait_until (program_count (client, "frame ") > 3);
  assert_revoked (f, GLB_MEDIA_CAMERA);
}

static void
test_attack_flood (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) attacker = NULL;
  g_autoptr(Program) client = NULL;

  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  attacker = fixture_start_client (f, "flood");
  wait_until (strstr (f->events->str, "gone ") != NULL);
  g_assert_true (g_str_has_suffix (f->events->str, "gone a program of the session floods it with objects\n"));
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
  assert_revoked (f, GLB_MEDIA_CAMERA);
  g_clear_pointer (&attacker, program_free);

  client = fixture_start_client (f, "camera");
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  wait_until (program_count (client, "frame ") > 3);
}

/* Whatever it does, it suffers alone: the lease can be taken back in time. */
static void
test_attack_params (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) attacker = NULL;
  gint64 asked;

  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  attacker = fixture_start_client (f, "params");
  wait_until (program_count (attacker, "format ") > 20);
  asked = g_get_monotonic_time ();
  assert_revoked (f, GLB_MEDIA_CAMERA);
  g_test_message ("revoked in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - asked);
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
  g_assert_cmpuint (glb_media_get_n_users (f->media, GLB_MEDIA_CAMERA), ==, 0);
}

/* More connections than the daemon may have descriptors, none of which says a word. */
static void
test_attack_connections (Fixture *f, gconstpointer data)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct rlimit limit;
  g_autoptr(Program) client = NULL;
  g_autoptr(GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));
  gint64 deadline, asked;

  if (!fixture_can_run ())
    return;
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = MIN (limit.rlim_max, 4096);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  if (limit.rlim_cur < 1500)
    {
      g_test_skip ("this process may not have more files than the daemon");
      return;
    }

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame ") > 3);
  strcpy (address.sun_path, f->socket_path);
  deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  while (fds->len < 1300)
    {
      int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

      g_assert_cmpint (fd, >=, 0);
      if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
        {
          g_array_append_val (fds, fd);
          continue;
        }
      /* the queue is full: either the daemon takes them out, or it can't any more */
      close (fd);
      if (fds->len > 1000)
        break;
      wait_step (deadline, "the daemon takes connections");
    }

  asked = g_get_monotonic_time ();
  assert_revoked (f, GLB_MEDIA_CAMERA);
  g_test_message ("%u connections; revoked in %" G_GINT64_FORMAT " us", fds->len, g_get_monotonic_time () - asked);
  wait_until (client->ended || program_count (client, "removed ") >= 2);
  g_assert_cmpint ((gint64) get_frame_time (client) - asked, <, 100000);
  for (guint i = 0; i < fds->len; i++)
    close (g_array_index (fds, int, i));
}

static void
test_closes_mid_stream (Fixture *f, gconstpointer data)
{
  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  for (guint i = 1; i <= 5; i++)
    {
      Program *client = fixture_start_client (f, "camera");

      wait_until (program_count (client, "frame ") > 1);
      g_assert_cmpuint (glb_media_get_n_users (f->media, GLB_MEDIA_CAMERA), ==, 1);
      program_free (client);
      wait_until (glb_media_get_n_users (f->media, GLB_MEDIA_CAMERA) == 0);
    }
  g_assert_true (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
}

/* ---- camera ----------------------------------------------------------------------- */

static void
test_camera_pattern (Fixture *f, gconstpointer data)
{
  g_autoptr(GlbMediaAnswer) revoked = NULL;
  g_autoptr(Program) client = NULL;
  gint64 asked;

  if (!fixture_can_run ())
    return;

  /* it connects before anything runs, and waits */
  client = fixture_start_client (f, "camera");
  asked = g_get_monotonic_time ();
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  wait_until (program_count (client, "frame ") >= 1);
  g_test_message ("first frame %" G_GINT64_FORMAT " us after the grant", (gint64) get_frame_time (client) - asked);
  wait_until (program_count (client, "frame ") >= 10);
  g_assert_cmpstr (f->events->str, ==, "in-use camera 1\n");

  asked = g_get_monotonic_time ();
  revoked = fixture_revoke (f, GLB_MEDIA_CAMERA);
  g_assert_cmpuint (revoked->n_links, ==, 0);
  g_assert_cmpuint (revoked->n_nodes, ==, 0);
  g_test_message ("revoked in %u us in the helper, %" G_GINT64_FORMAT " us in all", revoked->elapsed_us, g_get_monotonic_time () - asked);
  g_assert_cmpuint (revoked->elapsed_us, <, 100000);
  g_assert_cmpstr (f->events->str, ==, "in-use camera 1\nin-use camera 0\n");

  /* it is told that the device is gone, and all frames that it got before that are in its output by now */
  wait_until (program_count (client, "removed ") >= 2);
  g_test_message ("last frame %" G_GINT64_FORMAT " us after the revoke", (gint64) get_frame_time (client) - asked);
  g_assert_cmpint ((gint64) get_frame_time (client) - asked, <, 100000);
}

static void
test_camera_again (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) client = NULL;
  guint n = 0;

  if (!fixture_can_run ())
    return;

  client = fixture_start_client (f, "camera");
  for (guint i = 0; i < 3; i++)
    {
      grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
      wait_until (program_count (client, "frame ") > n + 3);
      assert_revoked (f, GLB_MEDIA_CAMERA);
      wait_until (program_count (client, "removed ") >= (i + 1) * 2);
      n = program_count (client, "frame ");
    }
}

static void
test_camera_two_clients (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) one = NULL;
  g_autoptr(Program) two = NULL;

  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  one = fixture_start_client (f, "camera");
  two = fixture_start_client (f, "camera");
  wait_until (program_count (one, "frame ") > 5 && program_count (two, "frame ") > 5);
  g_assert_cmpuint (glb_media_get_n_users (f->media, GLB_MEDIA_CAMERA), ==, 2);
  assert_revoked (f, GLB_MEDIA_CAMERA);
}

static void
test_camera_mute (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) client = NULL;
  guint n;

  if (!fixture_can_run ())
    return;

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame ") > 5);
  fixture_mute (f, GLB_MEDIA_CAMERA, TRUE);
  wait_until (g_str_has_prefix (program_last (client, "frame "), "frame 0 "));
  n = program_count (client, "frame ");
  wait_until (program_count (client, "frame ") > n + 5);
  g_assert_cmpuint (program_count (client, "frame 0 "), >=, 5);
  fixture_mute (f, GLB_MEDIA_CAMERA, FALSE);
  wait_until (!g_str_has_prefix (program_last (client, "frame "), "frame 0 "));
}

static void
test_camera_host (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) granted = NULL;
  g_autoptr(GlbMediaAnswer) revoked = NULL;
  g_autoptr(Program) client = NULL;
  gint64 asked;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  granted = fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (granted->target, ==, "test.camera");
  g_assert_cmpstr (granted->description, ==, "Desk Camera");
  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame ") >= 10);
  /* the session does not learn what the person's camera is called */
  g_assert_cmpuint (count_kind (client, "Video/Source glovebox.camera"), ==, 0);

  asked = g_get_monotonic_time ();
  revoked = fixture_revoke (f, GLB_MEDIA_CAMERA);
  g_assert_cmpuint (revoked->n_links, ==, 0);
  g_assert_cmpuint (revoked->n_nodes, ==, 0);
  wait_until (program_count (client, "removed ") >= 2);
  g_test_message ("last frame %" G_GINT64_FORMAT " us after the revoke", (gint64) get_frame_time (client) - asked);
  g_assert_cmpint ((gint64) get_frame_time (client) - asked, <, 100000);
}

static guint
count_host_streams (Fixture *f, const char *name)
{
  g_autoptr(Program) person = fixture_start_person (f, "list");
  guint n = 0;

  wait_until (person->ended);
  for (guint i = 0; i < person->lines->len; i++)
    n += g_str_has_suffix (g_ptr_array_index (person->lines, i), name);
  return n;
}

/* The person's camera runs while somebody looks through it, and not a moment longer: its light means what it says. */
static void
test_camera_light (Fixture *f, gconstpointer data)
{
  Program *client;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST);
  g_assert_cmpuint (count_host_streams (f, " glovebox.camera"), ==, 0);

  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame ") > 3);
  g_assert_cmpuint (count_host_streams (f, " glovebox.camera"), ==, 1);

  program_free (client);
  wait_until (glb_media_get_n_users (f->media, GLB_MEDIA_CAMERA) == 0);
  wait_until (count_host_streams (f, " glovebox.camera") == 0);
  g_assert_true (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
}

static void
test_preview (Fixture *f, gconstpointer data)
{
  GlbMediaSource source = GPOINTER_TO_UINT (data);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) previewed = NULL;
  g_autoptr(Program) client = NULL;
  const guint32 *pixels;
  guint n_colours = 0;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  client = fixture_start_client (f, "camera");
  previewed = fixture_preview (f, GLB_MEDIA_CAMERA, source, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (previewed->description, ==, source == GLB_MEDIA_SOURCE_HOST ? "Desk Camera" : "Test pattern");
  g_assert_cmpuint (g_bytes_get_size (previewed->picture), ==, previewed->width * previewed->height * 4);
  pixels = g_bytes_get_data (previewed->picture, NULL);
  for (guint x = 1; x < previewed->width; x++)
    n_colours += pixels[previewed->width * 30 + x] != pixels[previewed->width * 30 + x - 1];
  g_assert_cmpuint (n_colours, >, 4);
  g_assert_false (sees_device (client));
  g_assert_cmpuint (program_count (client, "frame "), ==, 0);
}

/* Sound is looked for before anybody is asked, and is not heard. */
static void
test_preview_sound (Fixture *f, gconstpointer data)
{
  static const struct { GlbMediaDevice device; const char *missing, *target, *description; } cases[] = {
    { GLB_MEDIA_MICROPHONE, "microphone: the person's PipeWire has no microphone; plug one in, or set a synthetic source in the policy",
      "test.microphone", "Desk Microphone" },
    { GLB_MEDIA_SPEAKER, "speaker: the person's PipeWire has no speaker; plug one in, or set a synthetic source in the policy",
      "test.speaker", "Desk Speaker" },
  };
  g_autoptr(GlbMediaAnswer) tone = NULL;
  g_autoptr(GError) error = NULL;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_null (fixture_preview (f, cases[i].device, GLB_MEDIA_SOURCE_HOST, NULL, &error));
      g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST);
      g_assert_cmpstr (error->message, ==, cases[i].missing);
      g_clear_error (&error);
    }
  fixture_stop_host (f);

  fixture_start_host (f, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GlbMediaAnswer) seen = fixture_preview (f, cases[i].device, GLB_MEDIA_SOURCE_HOST, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (seen->target, ==, cases[i].target);
      g_assert_cmpstr (seen->description, ==, cases[i].description);
      g_assert_null (seen->picture);
      g_assert_cmpuint (seen->n_links + seen->n_nodes, ==, 0);
      g_assert_false (glb_media_is_granted (f->media, cases[i].device));
    }
  tone = fixture_preview (f, GLB_MEDIA_MICROPHONE, GLB_MEDIA_SOURCE_TONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tone->target, ==, "glovebox.tone");
  g_assert_cmpstr (tone->description, ==, "Tone");
  g_assert_cmpuint (count_host_streams (f, " glovebox.microphone") + count_host_streams (f, " glovebox.speaker"), ==, 0);
}

/* A sealed copy, as the broker hands it over. */
static void
give_file (Fixture *f, const guint8 *bytes, gsize size)
{
  if (f->file_fd > 0)
    close (f->file_fd);
  f->file_fd = memfd_create ("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  g_assert_cmpint (f->file_fd, >, 0);
  g_assert_cmpint (write (f->file_fd, bytes, size), ==, size);
  g_assert_no_errno (fcntl (f->file_fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL));
}

static void
test_file_refused (Fixture *f, gconstpointer data)
{
  static const struct { GlbMediaDevice device; const char *bytes, *message; } rows[] = {
    { GLB_MEDIA_CAMERA, "", "camera: no picture; a camera takes PNG, and YUV4MPEG2 (.y4m)" },
    { GLB_MEDIA_CAMERA, "#!/bin/sh", "camera: no picture; a camera takes PNG, and YUV4MPEG2 (.y4m)" },
    { GLB_MEDIA_CAMERA, "RIFF....WAVE", "camera: no picture; a camera takes PNG, and YUV4MPEG2 (.y4m)" },
    { GLB_MEDIA_CAMERA, "\x89PNG\r\n\x1a\n", "camera: not a sound PNG: it ends too early; save it anew as PNG" },
    { GLB_MEDIA_CAMERA, "YUV4MPEG2 W16 H16 F30:1\n", "camera: a y4m file without a frame; write it anew, for example with ffmpeg -i FILE "
                                                      "-pix_fmt yuv420p -r 25 NEW.y4m" },
    { GLB_MEDIA_MICROPHONE, "YUV4MPEG2 W16 H16 F30:1\n", "microphone: no WAV file; a microphone takes WAV (PCM of 16 bits, or floating point "
                                                          "of 32)" },
  };

  if (!fixture_can_run ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = NULL;

      give_file (f, (const guint8 *) rows[i].bytes, strlen (rows[i].bytes));
      g_assert_null (fixture_preview (f, rows[i].device, GLB_MEDIA_SOURCE_FILE, "me.png", &error));
      g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FILE);
      g_assert_cmpstr (error->message, ==, rows[i].message);
      g_clear_error (&error);
      g_assert_null (fixture_grant (f, rows[i].device, GLB_MEDIA_SOURCE_FILE, "me.png", &error));
      g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_FILE);
      g_assert_cmpstr (error->message, ==, rows[i].message);
      g_assert_false (glb_media_is_granted (f->media, rows[i].device));
    }
  /* nothing of it shook the helper */
  g_assert_true (glb_media_is_running (f->media));
  g_assert_cmpstr (f->events->str, ==, "");
  close (f->file_fd);
}

static void
on_late_look (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* A picture as large as they get takes its time to be read; what is taken back meanwhile is taken back at once. */
static void
test_file_large (Fixture *f, gconstpointer data)
{
  const guint width = 8192, height = 4000;
  GlbMediaChoice choice = { .source = GLB_MEDIA_SOURCE_FILE, .target = "large.png" };
  g_autofree guint32 *pixels = NULL;
  g_autoptr(GBytes) png = NULL;
  g_autoptr(GlbMediaAnswer) seen = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  gint64 asked;

  if (!fixture_can_run ())
    return;

  pixels = g_new (guint32, width * height);
  for (guint i = 0; i < width * height; i++)
    pixels[i] = i / width * 16 + i % 16;
  png = glb_png_encode ((const guint8 *) pixels, width, height, width * 4, &error);
  g_assert_no_error (error);
  give_file (f, g_bytes_get_data (png, NULL), g_bytes_get_size (png));
  choice.file_fd = f->file_fd;
  grant (f, GLB_MEDIA_MICROPHONE, GLB_MEDIA_SOURCE_TONE);
  asked = g_get_monotonic_time ();
  glb_media_preview_async (f->media, GLB_MEDIA_CAMERA, &choice, NULL, on_late_look, &result);
  assert_revoked (f, GLB_MEDIA_MICROPHONE);
  g_test_message ("revoked in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - asked);
  wait_until (result != NULL);
  g_test_message ("read in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - asked);
  seen = glb_media_finish (f->media, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (seen->description, ==, "large.png");
  g_assert_cmpstr (f->events->str, ==, "");

  /* and who asked for it may go before it is there */
  g_clear_object (&result);
  glb_media_grant_async (f->media, GLB_MEDIA_CAMERA, &choice, NULL, on_late_look, &result);
  assert_revoked (f, GLB_MEDIA_CAMERA);
  wait_until (result != NULL);
  g_assert_null (glb_media_finish (f->media, result, &error));
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_STATE);
  g_assert_true (glb_media_is_running (f->media));
  close (f->file_fd);
}

/* The film's frames in their order, from the first, round and round. The client reads blocks of the topmost row, which are all as
 * bright as the frame: a number that is -1 or 0. */
static void
test_file_film (Fixture *f, gconstpointer data)
{
  g_autoptr(GByteArray) film = test_y4m (320, 240, "30:1", 4);
  g_autoptr(GlbMediaAnswer) previewed = NULL;
  g_autoptr(GlbMediaAnswer) granted = NULL;
  g_autoptr(Program) client = NULL;
  g_autoptr(GError) error = NULL;

  if (!fixture_can_run ())
    return;

  /* two bright frames, two dark ones */
  for (guint i = 0; i < 4; i++)
    memset (film->data + film->len - (4 - i) * (320 * 240 * 3 / 2 + 6) + 6, i < 2 ? 235 : 16, 320 * 240);
  give_file (f, film->data, film->len);
  previewed = fixture_preview (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_FILE, "film.y4m", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (previewed->target, ==, "glovebox.file");
  g_assert_cmpstr (previewed->description, ==, "film.y4m");
  g_assert_cmpuint (previewed->width, ==, 320);
  granted = fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_FILE, "film.y4m", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (granted->description, ==, "film.y4m");
  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame 4294967295 ") > 8 && program_count (client, "frame 0 ") > 8);
  g_assert_cmpuint (program_count (client, "frame "), ==, program_count (client, "frame 4294967295 ") + program_count (client, "frame 0 "));
  assert_revoked (f, GLB_MEDIA_CAMERA);
  close (f->file_fd);
}

/* As loud as the file is, and silent when muted. */
static void
test_file_sound (Fixture *f, gconstpointer data)
{
  gint16 samples[64];
  g_autoptr(GByteArray) sound = NULL;
  g_autoptr(GlbMediaAnswer) granted = NULL;
  g_autoptr(Program) client = NULL;
  g_autoptr(GError) error = NULL;
  guint n;

  if (!fixture_can_run ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    samples[i] = i % 2 == 0 ? 8192 : -8192;
  sound = test_wav_pcm (samples, G_N_ELEMENTS (samples), 1, 48000);
  give_file (f, sound->data, sound->len);
  granted = fixture_grant (f, GLB_MEDIA_MICROPHONE, GLB_MEDIA_SOURCE_FILE, "voice.wav", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (granted->target, ==, "glovebox.file");
  g_assert_cmpstr (granted->description, ==, "voice.wav");
  client = fixture_start_client (f, "microphone");
  wait_until (program_count (client, "sound 250") > 3);
  fixture_mute (f, GLB_MEDIA_MICROPHONE, TRUE);
  n = program_count (client, "sound ");
  wait_until (program_count (client, "sound ") > n + 2 && g_str_equal (program_last (client, "sound "), "sound 0"));
  assert_revoked (f, GLB_MEDIA_MICROPHONE);
  close (f->file_fd);
}

/* An ordinary program, that finds it in the ordinary way: $XDG_RUNTIME_DIR/pipewire-0. */
static void
test_camera_gstreamer (Fixture *f, gconstpointer data)
{
  const char *format = data;
  g_autofree char *runtime = NULL;
  g_autofree char *chain = NULL;
  g_autofree char *gst = g_find_program_in_path ("gst-launch-1.0");
  g_autoptr(Program) client = NULL;
  guint n;

  if (!fixture_can_run ())
    return;
  if (gst == NULL)
    {
      g_test_skip ("gst-launch-1.0 is missing; install gstreamer1.0-tools and gstreamer1.0-pipewire");
      return;
    }

  runtime = g_path_get_dirname (f->socket_path);
  chain = g_strdup_printf ("exec %s -v pipewiresrc ! video/x-raw,format=%s,width=640,height=480 ! fakesink silent=false sync=false", gst,
                           format);
  {
    const char *argv[] = { "/bin/sh", "-c", chain, NULL };
    const char *env[] = { "XDG_RUNTIME_DIR", runtime, "GST_REGISTRY_UPDATE", "no", NULL };

    client = program_start (argv, env);
  }
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  wait_until (program_count (client, GST_FRAME) > 10);
  assert_revoked (f, GLB_MEDIA_CAMERA);

  /* what is in its queue may still come while the instance answers somebody else; then nothing any more */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(Program) lister = fixture_start_client (f, "list");

      n = program_count (client, GST_FRAME);
      wait_until (lister->ended);
      g_assert_cmpuint (program_count (lister, "end"), ==, 1);
    }
  g_assert_cmpuint (program_count (client, GST_FRAME), ==, n);
}

/* ---- faults ------------------------------------------------------------------------ */

static void
test_host_ends (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) client = NULL;
  guint n;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST);
  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame ") > 3);
  fixture_stop_host (f);
  wait_until (strstr (f->events->str, "ended ") != NULL);
  g_assert_nonnull (strstr (f->events->str, "ended camera camera: the person's PipeWire ended; start it (systemctl --user start pipewire), "
                                            "then ask again\n"));
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
  wait_until (program_count (client, "removed ") >= 2);
  n = program_count (client, "frame ");

  /* it comes back, and so may the lease */
  fixture_start_host (f, TRUE);
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST);
  wait_until (program_count (client, "frame ") > n + 3);
}

/* One of two cameras, by its name; and it is this one that is missed when it goes. */
static void
test_unplugged (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) granted = NULL;
  g_autoptr(Program) client = NULL;
  g_autoptr(Program) webcam = NULL;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  webcam = fixture_start_person (f, "webcam");
  wait_until (program_count (webcam, "state paused") > 0);
  granted = fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST, "test.webcam", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (granted->description, ==, "Travel Camera");
  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame ") > 3);
  g_assert_cmpuint (program_count (client, "format 4 320 240"), ==, 1);

  g_clear_pointer (&webcam, program_free);
  wait_until (strstr (f->events->str, "ended ") != NULL);
  g_assert_nonnull (strstr (f->events->str, "ended camera camera: Travel Camera: it was unplugged; plug it in and ask again\n"));
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
  assert_revoked (f, GLB_MEDIA_CAMERA);
}

/* By its account: daemon and helper are the only ones under it. 0: none of that name. */
static int
find_process (Fixture *f, const char *name)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *pid;

  while ((pid = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *status = g_strdup_printf ("/proc/%s/status", pid);
      g_autofree char *text = NULL;
      g_autofree char *uid = g_strdup_printf ("\nUid:\t%u\t", glb_account_get_uid (f->account));
      g_autofree char *comm = g_strdup_printf ("Name:\t%s\n", name);

      if (g_ascii_isdigit (*pid) && g_file_get_contents (status, &text, NULL, NULL) && strstr (text, uid) != NULL &&
          g_str_has_prefix (text, comm))
        return atoi (pid);
    }
  return 0;
}

static void
test_killed (Fixture *f, gconstpointer data)
{
  const char *name = data;
  g_autoptr(Program) client = NULL;
  g_autoptr(Program) next = NULL;

  if (!fixture_can_run ())
    return;
  if (geteuid () != 0)
    {
      g_test_skip ("only root may kill another account's process");
      return;
    }

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame ") > 3);
  g_assert_cmpint (kill (find_process (f, name), SIGKILL), ==, 0);
  wait_until (strstr (f->events->str, "gone ") != NULL);
  g_assert_cmpstr (f->events->str, ==, g_str_equal (name, "pipewire")
                   ? "in-use camera 1\nin-use camera 0\ngone the session's PipeWire ended\n"
                   : "in-use camera 1\nin-use camera 0\ngone it ended by itself\n");
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
  wait_until (client->ended);

  /* and from the beginning */
  next = fixture_start_client (f, "camera");
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  wait_until (program_count (next, "frame ") > 3);
}

/* Nobody answers any more: what was granted is taken back all the same, in time. */
static void
test_stopped (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) client = NULL;
  gint64 asked;

  if (!fixture_can_run ())
    return;
  if (geteuid () != 0)
    {
      g_test_skip ("only root may stop another account's process");
      return;
    }

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  client = fixture_start_client (f, "camera");
  wait_until (program_count (client, "frame ") > 3);
  g_assert_cmpint (kill (find_process (f, data), SIGSTOP), ==, 0);
  asked = g_get_monotonic_time ();
  assert_revoked (f, GLB_MEDIA_CAMERA);
  g_test_message ("revoked in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - asked);
  g_assert_false (glb_media_is_running (f->media));
  g_assert_true (g_str_has_suffix (f->events->str, "in-use camera 0\ngone it did not answer in time\n"));
  wait_until (client->ended);
  g_assert_cmpint ((gint64) get_frame_time (client) - asked, <, 100000);
}

/* It takes the connection, and says nothing. */
static void
test_host_hangs (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (!fixture_can_run ())
    return;

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  strcpy (address.sun_path, f->host_socket);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 4), ==, 0);
  g_assert_null (fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST, NULL, &error));
  g_assert_error (error, GLB_MEDIA_ERROR, GLB_MEDIA_ERROR_HOST);
  g_assert_cmpstr (error->message, ==, "camera: the person's PipeWire does not answer; restart it (systemctl --user restart pipewire)");
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
  close (fd);
}

static void
on_grant_cancelled (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GError **error = user_data;

  g_assert_null (glb_media_finish (GLB_MEDIA (object), result, error));
}

/* The person closed the prompt: what comes late is taken back. */
static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(Program) client = NULL;

  if (!fixture_can_run ())
    return;

  client = fixture_start_client (f, "camera");
  glb_media_grant_async (f->media, GLB_MEDIA_CAMERA, &(GlbMediaChoice) { .source = GLB_MEDIA_SOURCE_TEST_PATTERN }, cancellable, on_grant_cancelled, &error);
  g_cancellable_cancel (cancellable);
  wait_until (error != NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (glb_media_is_granted (f->media, GLB_MEDIA_CAMERA));
  assert_revoked (f, GLB_MEDIA_CAMERA);
  g_assert_cmpuint (glb_media_get_n_users (f->media, GLB_MEDIA_CAMERA), ==, 0);
  g_assert_cmpuint (program_count (client, "frame "), ==, 0);

  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN);
  wait_until (program_count (client, "frame ") > 3);
}

/* The daemon has the helper's account, and nothing of the helper's: neither its memory nor its descriptors. */
static void
test_apart (Fixture *f, gconstpointer data)
{
  int helper, daemon;
  g_autofree char *memory = NULL;
  g_autofree char *folder = NULL;
  g_autoptr(GDir) fds = NULL;
  struct stat st;
  const char *name;

  if (!fixture_can_run ())
    return;
  if (geteuid () != 0)
    {
      g_test_skip ("only root may look into another account's process");
      return;
    }

  fixture_start_host (f, TRUE);
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST);
  helper = find_process (f, "glovebox-media");
  daemon = find_process (f, "pipewire");
  g_assert_cmpint (helper, >, 0);
  g_assert_cmpint (daemon, >, 0);

  /* a process that is not dumpable belongs to root in /proc */
  memory = g_strdup_printf ("/proc/%d/mem", helper);
  g_assert_cmpint (stat (memory, &st), ==, 0);
  g_assert_cmpuint (st.st_uid, ==, 0);

  folder = g_strdup_printf ("/proc/%d/fd", daemon);
  fds = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (fds);
  while ((name = g_dir_read_name (fds)) != NULL)
    {
      g_autofree char *own = g_build_filename (folder, name, NULL);
      g_autofree char *target = g_file_read_link (own, NULL);
      g_autofree char *others = g_strdup_printf ("/proc/%d/fd", helper);
      g_autoptr(GDir) theirs = g_dir_open (others, 0, NULL);
      const char *their_name;

      if (target == NULL || !g_str_has_prefix (target, "socket:"))
        continue;
      while ((their_name = g_dir_read_name (theirs)) != NULL)
        {
          g_autofree char *their_own = g_build_filename (others, their_name, NULL);
          g_autofree char *their_target = g_file_read_link (their_own, NULL);

          g_assert_cmpstr (target, !=, their_target);
        }
    }
}

/* ---- sound -------------------------------------------------------------------------- */

static guint
get_level (Program *client)
{
  const char *line = program_last (client, "sound ");

  return line != NULL ? g_ascii_strtoull (line + strlen ("sound "), NULL, 10) : 0;
}

static void
test_microphone (Fixture *f, gconstpointer data)
{
  GlbMediaSource source = GPOINTER_TO_UINT (data);
  g_autoptr(Program) client = NULL;
  guint n;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  client = fixture_start_client (f, "microphone");
  grant (f, GLB_MEDIA_MICROPHONE, source);
  if (source == GLB_MEDIA_SOURCE_SILENCE)
    {
      wait_until (program_count (client, "sound ") > 3);
      g_assert_cmpuint (program_count (client, "sound 0"), ==, program_count (client, "sound "));
    }
  else
    {
      guint expected = source == GLB_MEDIA_SOURCE_TONE ? 250 : 1000;

      /* as loud as it is: nothing is mixed in twice */
      wait_until (get_level (client) > expected - 20);
      g_assert_cmpuint (get_level (client), <, expected + 20);
      fixture_mute (f, GLB_MEDIA_MICROPHONE, TRUE);
      wait_until (get_level (client) == 0);
      fixture_mute (f, GLB_MEDIA_MICROPHONE, FALSE);
      wait_until (get_level (client) > expected - 20);
    }
  assert_revoked (f, GLB_MEDIA_MICROPHONE);
  wait_until (program_count (client, "removed ") >= 3);
  n = program_count (client, "sound ");
  /* a speaker is no microphone: its monitor is not there to be linked */
  grant (f, GLB_MEDIA_SPEAKER, GLB_MEDIA_SOURCE_SILENCE);
  g_assert_cmpuint (glb_media_get_n_users (f->media, GLB_MEDIA_SPEAKER), ==, 0);
  assert_revoked (f, GLB_MEDIA_SPEAKER);
  g_assert_cmpuint (program_count (client, "sound "), ==, n);
}

/* What comes out of the person's speaker is heard at its monitor, by a program of the person. */
static void
test_speaker (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) client = NULL;
  g_autoptr(Program) lister = NULL;
  g_autoptr(Program) ear = NULL;
  g_autoptr(Program) eavesdropper = NULL;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  ear = fixture_start_person (f, "monitor");
  client = fixture_start_client (f, "speaker");
  grant (f, GLB_MEDIA_SPEAKER, GLB_MEDIA_SOURCE_HOST);
  wait_until (get_level (ear) > 480);
  g_assert_cmpuint (get_level (ear), <, 520);
  g_assert_nonnull (strstr (f->events->str, "in-use speaker 1\n"));

  /* one port a channel, all of them going in; who wants to listen gets nothing, while it plays */
  lister = fixture_start_client (f, "list");
  wait_until (lister->ended);
  g_assert_cmpuint (count_kind (lister, "Port"), ==, 2);
  eavesdropper = fixture_start_client (f, "microphone");
  wait_until (program_count (eavesdropper, "state paused") > 0);

  fixture_mute (f, GLB_MEDIA_SPEAKER, TRUE);
  wait_until (get_level (ear) == 0);
  fixture_mute (f, GLB_MEDIA_SPEAKER, FALSE);
  wait_until (get_level (ear) > 480);
  assert_revoked (f, GLB_MEDIA_SPEAKER);
  wait_until (get_level (ear) == 0);
  g_assert_cmpuint (program_count (eavesdropper, "sound "), ==, 0);
  g_assert_cmpuint (program_count (eavesdropper, "state streaming"), ==, 0);
}

static guint
count_denied (Program *person)
{
  guint n = 0;

  for (guint i = 0; i < person->lines->len; i++)
    n += g_str_has_prefix (g_ptr_array_index (person->lines, i), "may ") && g_str_has_suffix (g_ptr_array_index (person->lines, i), " 0");
  return n;
}

/* On the person's PipeWire the helper keeps the right to see, and to use the one device. */
static void
test_rights (Fixture *f, gconstpointer data)
{
  g_autoptr(Program) person = NULL;

  if (!fixture_can_run ())
    return;

  fixture_start_host (f, TRUE);
  grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_HOST);
  person = fixture_start_person (f, "rights");
  wait_until (person->ended);
  g_assert_cmpuint (program_count (person, "may -1 400"), ==, 1);
  g_assert_cmpuint (program_count (person, "may 0 500"), ==, 1);
  /* the clock, the microphone and the speaker; the camera is left */
  g_assert_cmpuint (count_denied (person), ==, 3);
  /* the other that may something by default is the person's program itself */
  g_assert_cmpuint (program_count (person, "may -1 700"), ==, 1);
  g_assert_cmpuint (program_count (person, "may -1 "), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define add_with(path, data, function) g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)
#define add(path, function) add_with (path, NULL, function)
  add ("/media/denied", test_denied);
  add ("/media/started", test_started);
  add ("/media/no-host", test_no_host);
  add ("/media/no-device", test_no_device);
  add ("/media/wrong-name", test_wrong_name);
  add ("/media/twice", test_twice);
  add ("/media/attack/links", test_attack_links);
  add ("/media/attack/load", test_attack_load);
  add ("/media/attack/destroy", test_attack_destroy);
  add ("/media/attack/flood", test_attack_flood);
  add ("/media/attack/params", test_attack_params);
  add ("/media/attack/connections", test_attack_connections);
  add ("/media/attack/closes-mid-stream", test_closes_mid_stream);
  add ("/media/camera/pattern", test_camera_pattern);
  add ("/media/camera/again", test_camera_again);
  add ("/media/camera/two-clients", test_camera_two_clients);
  add ("/media/camera/mute", test_camera_mute);
  add ("/media/camera/host", test_camera_host);
  add ("/media/camera/light", test_camera_light);
  add_with ("/media/camera/gstreamer-i420", (gpointer) "I420", test_camera_gstreamer);
  add_with ("/media/camera/gstreamer-yuy2", (gpointer) "YUY2", test_camera_gstreamer);
  add_with ("/media/camera/gstreamer-rgbx", (gpointer) "RGBx", test_camera_gstreamer);
  add_with ("/media/preview/pattern", GUINT_TO_POINTER (GLB_MEDIA_SOURCE_TEST_PATTERN), test_preview);
  add_with ("/media/preview/host", GUINT_TO_POINTER (GLB_MEDIA_SOURCE_HOST), test_preview);
  add ("/media/preview/sound", test_preview_sound);
  add ("/media/file/refused", test_file_refused);
  add ("/media/file/large", test_file_large);
  add ("/media/file/film", test_file_film);
  add ("/media/file/sound", test_file_sound);
  add ("/media/fault/host-ends", test_host_ends);
  add ("/media/fault/unplugged", test_unplugged);
  add_with ("/media/fault/daemon-killed", "pipewire", test_killed);
  add_with ("/media/fault/helper-killed", "glovebox-media", test_killed);
  add_with ("/media/fault/daemon-stopped", "pipewire", test_stopped);
  add_with ("/media/fault/helper-stopped", "glovebox-media", test_stopped);
  add ("/media/fault/host-hangs", test_host_hangs);
  add ("/media/cancelled", test_cancelled);
  add ("/media/apart", test_apart);
  add_with ("/media/microphone/tone", GUINT_TO_POINTER (GLB_MEDIA_SOURCE_TONE), test_microphone);
  add_with ("/media/microphone/silence", GUINT_TO_POINTER (GLB_MEDIA_SOURCE_SILENCE), test_microphone);
  add_with ("/media/microphone/host", GUINT_TO_POINTER (GLB_MEDIA_SOURCE_HOST), test_microphone);
  add ("/media/speaker", test_speaker);
  add ("/media/rights", test_rights);

  return g_test_run ();
}
