/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices of a session: a real private PipeWire, real clients, and PipeWire's own test sources as the person's devices. */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/media/media-fixture.h"

static guint64
get_frame_time (Program *client)
{
  const char *line = program_last (client, "frame ");

  return line != NULL ? g_ascii_strtoull (strrchr (line, ' ') + 1, NULL, 10) : 0;
}

/* ---- camera ----------------------------------------------------------------------- */

static void
test_camera_pattern (Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbMediaAnswer) granted = NULL;
  g_autoptr(GlbMediaAnswer) revoked = NULL;
  g_autoptr(Program) client = NULL;
  gint64 asked;
  guint n_frames;

  if (!fixture_can_run ())
    return;

  client = fixture_start_client (f, "camera");
  granted = fixture_grant (f, GLB_MEDIA_CAMERA, GLB_MEDIA_SOURCE_TEST_PATTERN, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (granted->n_nodes, ==, 1);
  wait_until (program_count (client, "frame ") >= 10);

  asked = g_get_monotonic_time ();
  revoked = fixture_revoke (f, GLB_MEDIA_CAMERA);
  g_test_message ("revoked in %u us (helper), %" G_GINT64_FORMAT " us (broker)", revoked->elapsed_us, g_get_monotonic_time () - asked);
  g_assert_cmpuint (revoked->n_links, ==, 0);
  g_assert_cmpuint (revoked->n_nodes, ==, 0);
  wait_until (g_str_has_suffix (f->events->str, "in-use camera 0\n"));
  n_frames = program_count (client, "frame ");
  g_test_message ("%u frames, last %" G_GINT64_FORMAT " us after the revoke", n_frames, (gint64) get_frame_time (client) - asked);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define add(path, function) g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  add ("/media/camera/pattern", test_camera_pattern);

  return g_test_run ();
}
