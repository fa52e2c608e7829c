/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "session-broker/client/glb-broker-dbus-generated.h"
#include "session-broker/client/glb-client.h"
#include "session-broker/client/glb-paths.h"

/*
 * bench-client: the benchmark's eyes and hands on a broker, for what a shell
 * loop around the command line cannot time.  It answers on standard output
 * with lines of "name number…"; times are CLOCK_MONOTONIC microseconds, so the
 * harness can subtract what it read before it started a program.
 *
 *   bench-client first-frame NAME RRGGBB   when the colour is first on the screen of session NAME, which need not exist yet
 *   bench-client watch NAME                reads and releases frames until standard input ends
 *   bench-client rate NAME MS              frames a second, and the share of the screen that changes from one to the next
 *   bench-client keys NAME COUNT           from the call to the changed pixels in our hands
 *   bench-client shots NAME COUNT          from the call to the PNG, with the screen changed since the last one, and not
 *   bench-client acts NAME COUNT ACTION    from the call to the answer
 *   bench-client takeover NAME COUNT       from TakeLease, while an agent is busy, to the fence and to the answer
 *   bench-client freeze-all NAME COUNT     from FreezeAll to the answer, when nothing runs; then each session is resumed
 *   bench-client teardown NAME             one Stop call
 *
 * Everything has the deadline of the whole program, 60 s.
 */

#define DEADLINE_SECONDS 60
/* The screen is at rest when nothing changed for this long. */
#define QUIET_MS 60

typedef struct
{
  GlbClient *client;
  GDBusObjectManager *manager;
  const char *name;
  GlbDBusSession1 *session;
  GlbFrameStream *stream;

  gboolean has_colour;
  guint32 colour;
  gint64 frame_time;        /* when the last frame was in our hands */
  guint n_frames;
  double damage;            /* of all frames, in screens */
  gboolean found;
  gint64 found_time;

  char *path;               /* of a session that was awaited; with when it was there, and ran */
  gint64 session_time, running_time;
} Bench;

static void G_GNUC_NORETURN
fail (const char *what,
      GError     *error)
{
  g_printerr ("bench-client: %s: %s\n", what, error != NULL ? error->message : "no answer");
  exit (1);
}

static gboolean
on_deadline (gpointer data)
{
  fail ("deadline", NULL);
}

/* A grid is enough: the application's background is larger than a few pixels. */
static gboolean
shows_colour (const GlbFrame *frame,
              guint32         colour)
{
  for (guint y = 4; y < frame->height; y += 8)
    {
      const guint32 *row = (const guint32 *) (const void *) (frame->pixels + y * frame->stride);

      for (guint x = 4; x < frame->width; x += 8)
        if ((row[x] & 0xffffff) == colour)
          return TRUE;
    }

  return FALSE;
}

/* The rectangles of one frame hardly overlap. */
static double
get_damage (const GlbFrame *frame)
{
  double area = 0;

  for (guint i = 0; i < frame->n_rects; i++)
    area += (double) frame->rects[i].width * frame->rects[i].height;

  return MIN (1, area / ((double) frame->width * frame->height));
}

static void
on_frame (GlbFrameStream *stream,
          Bench          *bench)
{
  const GlbFrame *frame = glb_frame_stream_peek (stream);

  if (frame == NULL)
    return;

  bench->frame_time = g_get_monotonic_time ();
  bench->n_frames++;
  bench->damage += get_damage (frame);
  if (bench->has_colour && !bench->found && shows_colour (frame, bench->colour))
    {
      bench->found = TRUE;
      bench->found_time = bench->frame_time;
    }
  glb_frame_stream_release (stream);
}

static void watch (Bench *bench);

/* A machine with too much to do did not run us for a quarter of a second: a viewer looks again. */
static void
on_closed (GlbFrameStream *stream,
           Bench          *bench)
{
  if (!bench->has_colour || bench->found)
    return;

  g_signal_handlers_disconnect_by_data (stream, bench);
  g_clear_object (&bench->stream);
  watch (bench);
}

static void
watch (Bench *bench)
{
  const char *path = bench->path != NULL ? bench->path : g_dbus_proxy_get_object_path (G_DBUS_PROXY (bench->session));
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  gint32 handle;

  reply = g_dbus_connection_call_with_unix_fd_list_sync (glb_client_get_connection (bench->client), NULL, path, "org.glovebox.Session1",
                                                         "Watch", g_variant_new ("(a{sv})", NULL), G_VARIANT_TYPE ("(h)"),
                                                         G_DBUS_CALL_FLAGS_NONE, -1, NULL, &fds, NULL, &error);
  if (reply == NULL || fds == NULL)
    fail ("Watch", error);

  g_variant_get (reply, "(h)", &handle);
  bench->stream = glb_frame_stream_new (g_unix_fd_list_get (fds, handle, NULL), &error);
  if (bench->stream == NULL)
    fail ("the stream", error);
  g_signal_connect (bench->stream, "frame", G_CALLBACK (on_frame), bench);
  g_signal_connect (bench->stream, "closed", G_CALLBACK (on_closed), bench);
}

static gboolean
take_session (Bench       *bench,
              GDBusObject *object)
{
  GlbDBusSession1 *session = GLB_DBUS_SESSION1 (g_dbus_object_get_interface (object, "org.glovebox.Session1"));

  if (session == NULL)
    return FALSE;
  if (bench->session == NULL && g_str_equal (bench->name, glb_dbus_session1_get_name (session)) &&
      !g_str_equal (glb_dbus_session1_get_state (session), "ended"))
    {
      bench->session = session;
      return TRUE;
    }
  g_object_unref (session);
  return FALSE;
}

static void
on_object_added (GDBusObjectManager *manager,
                 GDBusObject        *object,
                 Bench              *bench)
{
  take_session (bench, object);
}

static gboolean
find_session (Bench *bench)
{
  g_autolist(GDBusObject) objects = g_dbus_object_manager_get_objects (bench->manager);

  for (GList *link = objects; link != NULL; link = link->next)
    if (take_session (bench, link->data))
      return TRUE;

  return FALSE;
}

static void
iterate_until (gboolean *condition)
{
  while (!*condition)
    g_main_context_iteration (NULL, TRUE);
}

/* Waits until the screen did not change for QUIET_MS. */
static gboolean
on_quiet (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
wait_for_quiet (Bench *bench)
{
  for (;;)
    {
      guint before = bench->n_frames;
      gboolean elapsed = FALSE;

      g_timeout_add (QUIET_MS, on_quiet, &elapsed);
      iterate_until (&elapsed);
      if (bench->n_frames == before)
        return;
    }
}

static void
act_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *answer = NULL;
  gboolean *done = user_data;

  if (!glb_dbus_session1_call_act_finish (GLB_DBUS_SESSION1 (object), &answer, NULL, NULL, result, &error))
    fail ("Act", error);
  if (strstr (answer, "delivered") == NULL)
    {
      g_printerr ("bench-client: the key was not delivered: %s\n", answer);
      exit (1);
    }
  *done = TRUE;
}

/* One key; the time from the call until a frame that it changed is in our hands, in ms. */
static double
press_key (Bench *bench)
{
  guint before = bench->n_frames;
  gint64 start = g_get_monotonic_time ();
  gboolean answered = FALSE;
  double took;

  glb_dbus_session1_call_act (bench->session, "{\"action\":\"key\",\"text\":\"x\"}", NULL, NULL, act_cb, &answered);
  while (bench->n_frames == before)
    g_main_context_iteration (NULL, TRUE);
  took = (bench->frame_time - start) / 1000.0;
  iterate_until (&answered);
  return took;
}

static void
print_samples (const char *name,
               GArray     *samples)
{
  g_print ("%s", name);
  for (guint i = 0; i < samples->len; i++)
    g_print (" %.3f", g_array_index (samples, double, i));
  g_print ("\n");
}

static void
measure_keys (Bench *bench,
              guint  count)
{
  g_autoptr(GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));

  watch (bench);
  wait_for_quiet (bench);
  press_key (bench);
  for (guint i = 0; i < count; i++)
    {
      double took;

      wait_for_quiet (bench);
      took = press_key (bench);
      g_array_append_val (samples, took);
    }
  print_samples ("keys", samples);
}

static void
measure_rate (Bench *bench,
              guint  ms)
{
  gboolean elapsed = FALSE;
  gint64 start;

  watch (bench);
  /* the first frame is of all the screen, and no change */
  while (bench->n_frames == 0)
    g_main_context_iteration (NULL, TRUE);
  bench->n_frames = 0;
  bench->damage = 0;
  start = g_get_monotonic_time ();
  g_timeout_add (ms, on_quiet, &elapsed);
  iterate_until (&elapsed);
  g_print ("rate %.3f\n", bench->n_frames * (double) G_USEC_PER_SEC / (g_get_monotonic_time () - start));
  g_print ("damage %.4f\n", bench->n_frames > 0 ? bench->damage / bench->n_frames : 0);
}

static double
take_shot (Bench *bench)
{
  g_auto(GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GVariant) image = NULL;
  g_autoptr(GVariant) info = NULL;
  g_autoptr(GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  if (!glb_dbus_session1_call_screenshot_sync (bench->session, g_variant_builder_end (&options), NULL,
                                               &image, &info, &fds, NULL, &error))
    fail ("Screenshot", error);
  return (g_get_monotonic_time () - start) / 1000.0;
}

static void
measure_shots (Bench *bench,
               guint  count)
{
  g_autoptr(GArray) changed = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr(GArray) unchanged = g_array_new (FALSE, FALSE, sizeof (double));

  watch (bench);
  wait_for_quiet (bench);
  take_shot (bench);
  for (guint i = 0; i < count; i++)
    {
      double took;

      press_key (bench);
      wait_for_quiet (bench);
      took = take_shot (bench);
      g_array_append_val (changed, took);
      took = take_shot (bench);
      g_array_append_val (unchanged, took);
    }
  print_samples ("changed", changed);
  print_samples ("unchanged", unchanged);
}

/* An action as a client calls it that does nothing else meanwhile. */
static void
measure_acts (Bench      *bench,
              guint       count,
              const char *action)
{
  g_autoptr(GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *answer = NULL;
      g_autoptr(GUnixFDList) fds = NULL;
      g_autoptr(GVariant) images = NULL;
      g_autoptr(GError) error = NULL;
      gint64 start = g_get_monotonic_time ();
      double took;

      if (!glb_dbus_session1_call_act_sync (bench->session, action, NULL, &answer, &images, &fds, NULL, &error))
        fail ("Act", error);
      took = (g_get_monotonic_time () - start) / 1000.0;
      if (strstr (answer, "delivered") == NULL)
        fail (action, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, answer));
      g_array_append_val (samples, took);
    }
  print_samples ("acts", samples);
}

static void
measure_teardown (Bench *bench)
{
  g_autoptr(GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  if (!glb_dbus_session1_call_stop_sync (bench->session, NULL, &error))
    fail ("Stop", error);
  g_print ("teardown %.3f\n", (g_get_monotonic_time () - start) / 1000.0);
}

static void
resume_all (Bench *bench)
{
  g_autolist(GDBusObject) objects = g_dbus_object_manager_get_objects (bench->manager);

  for (GList *link = objects; link != NULL; link = link->next)
    {
      g_autoptr(GDBusInterface) session = g_dbus_object_get_interface (link->data, "org.glovebox.Session1");
      g_autoptr(GError) error = NULL;

      if (session != NULL && g_str_equal (glb_dbus_session1_get_state (GLB_DBUS_SESSION1 (session)), "paused") &&
          !glb_dbus_session1_call_resume_sync (GLB_DBUS_SESSION1 (session), NULL, &error))
        fail ("Resume", error);
    }
}

/* From the call until nothing of any session runs any more. */
static void
measure_freeze_all (Bench *bench,
                    guint  count)
{
  g_autoptr(GArray) took = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr(GlbDBusBroker1) broker = NULL;
  g_autoptr(GError) error = NULL;

  broker = glb_dbus_broker1_proxy_new_sync (glb_client_get_connection (bench->client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                            GLB_BROKER_OBJECT_PATH, NULL, &error);
  if (broker == NULL)
    fail ("the broker", error);
  for (guint i = 0; i < count; i++)
    {
      g_auto(GStrv) failed = NULL;
      gboolean elapsed = FALSE;
      guint frozen, revoked;
      gint64 start;
      double ms;

      /* the states of the last round arrive, and what it woke does its work */
      g_timeout_add (QUIET_MS * 5, on_quiet, &elapsed);
      iterate_until (&elapsed);
      start = g_get_monotonic_time ();
      if (!glb_dbus_broker1_call_freeze_all_sync (broker, &frozen, &revoked, &failed, NULL, &error))
        fail ("FreezeAll", error);
      ms = (g_get_monotonic_time () - start) / 1000.0;
      g_array_append_val (took, ms);
      if (failed[0] != NULL)
        fail ("a session that could not be frozen", NULL);
      elapsed = FALSE;
      g_timeout_add (QUIET_MS, on_quiet, &elapsed);
      iterate_until (&elapsed);
      resume_all (bench);
    }
  print_samples ("freeze-all", took);
}

/* An agent that never rests, on a connection of its own. */
typedef struct
{
  GlbDBusSession1 *session;
  gboolean stop;
  guint n_open;
} Flood;

#define FLOOD_OPEN 6

static void pour (Flood *flood);

static void
poured_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  Flood *flood = user_data;

  if (!glb_dbus_session1_call_act_finish (GLB_DBUS_SESSION1 (object), NULL, NULL, NULL, result, &error))
    fail ("Act", error);
  flood->n_open--;
  pour (flood);
}

static void
pour (Flood *flood)
{
  for (; !flood->stop && flood->n_open < FLOOD_OPEN; flood->n_open++)
    glb_dbus_session1_call_act (flood->session, "{\"action\":\"type\",\"text\":\"aaaaa\"}", NULL, NULL, poured_cb, flood);
}

static void
taken_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  gboolean *done = user_data;

  if (!glb_dbus_session1_call_take_lease_finish (GLB_DBUS_SESSION1 (object), NULL, result, &error))
    fail ("TakeLease", error);
  *done = TRUE;
}

/* When the last takeover was recorded, in microseconds: the agent was fenced off before that. */
static gint64
read_takeover (Bench *bench)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *audit_dir = glb_paths_get_audit_dir (&error);
  g_autofree char *name = g_strconcat (glb_dbus_session1_get_id (bench->session), ".jsonl", NULL);
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GDateTime) time = NULL;
  const char *record, *start;

  if (audit_dir == NULL)
    fail ("the record", error);
  path = g_build_filename (audit_dir, name, NULL);
  if (!g_file_get_contents (path, &content, NULL, &error))
    fail ("the record", error);
  record = g_strrstr (content, "\"event\":\"lease-taken\"");
  if (record == NULL)
    fail ("the takeover's record", NULL);
  start = g_strrstr_len (content, record - content, "\"time\":\"");
  if (start == NULL)
    fail ("the record's time", NULL);
  text = g_strndup (start + strlen ("\"time\":\""), strlen ("2020-01-01T00:00:00.000000Z"));
  time = g_date_time_new_from_iso8601 (text, NULL);
  if (time == NULL)
    fail ("the record's time", NULL);
  return g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
}

/* From the person's first touch until the agent is fenced off, and until the person may drive (its record is on the disk). */
static void
measure_takeover (Bench *bench,
                  guint  count)
{
  g_autoptr(GlbClient) client = NULL;
  g_autoptr(GArray) fenced = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr(GArray) taken = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr(GError) error = NULL;
  Flood flood = { 0 };

  client = glb_client_new_sync (FALSE, NULL, &error);
  if (client == NULL)
    fail ("the broker", error);
  flood.session = glb_dbus_session1_proxy_new_sync (glb_client_get_connection (client), G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                    g_dbus_proxy_get_object_path (G_DBUS_PROXY (bench->session)), NULL, &error);
  if (flood.session == NULL)
    fail ("the session", error);

  pour (&flood);
  for (guint i = 0; i < count; i++)
    {
      gboolean elapsed = FALSE, done = FALSE;
      gint64 start;
      double took;

      g_timeout_add (QUIET_MS, on_quiet, &elapsed);
      iterate_until (&elapsed);
      start = g_get_real_time ();
      glb_dbus_session1_call_take_lease (bench->session, NULL, taken_cb, &done);
      iterate_until (&done);
      took = (g_get_real_time () - start) / 1000.0;
      g_array_append_val (taken, took);
      took = (read_takeover (bench) - start) / 1000.0;
      g_array_append_val (fenced, took);
      if (!glb_dbus_session1_call_release_lease_sync (bench->session, NULL, NULL, &error))
        fail ("ReleaseLease", error);
    }
  flood.stop = TRUE;
  while (flood.n_open > 0)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (flood.session);
  print_samples ("fenced", fenced);
  print_samples ("taken", taken);
}

static void
on_session_added (GDBusConnection *connection,
                  const char      *sender,
                  const char      *path,
                  const char      *interface,
                  const char      *member,
                  GVariant        *parameters,
                  gpointer         user_data)
{
  Bench *bench = user_data;
  g_autoptr(GVariant) interfaces = NULL;
  g_autoptr(GVariant) properties = NULL;
  const char *added, *name;

  if (bench->path != NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oa{sa{sv}})")))
    return;

  g_variant_get (parameters, "(&o@a{sa{sv}})", &added, &interfaces);
  properties = g_variant_lookup_value (interfaces, "org.glovebox.Session1", G_VARIANT_TYPE ("a{sv}"));
  if (properties == NULL || !g_variant_lookup (properties, "Name", "&s", &name) || !g_str_equal (name, bench->name))
    return;

  bench->path = g_strdup (added);
  bench->session_time = g_get_monotonic_time ();
}

static void
on_session_changed (GDBusConnection *connection,
                    const char      *sender,
                    const char      *path,
                    const char      *interface,
                    const char      *member,
                    GVariant        *parameters,
                    gpointer         user_data)
{
  Bench *bench = user_data;
  g_autoptr(GVariant) changed = NULL;
  const char *state;

  if (bench->running_time != 0 || g_strcmp0 (bench->path, path) != 0 ||
      !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  changed = g_variant_get_child_value (parameters, 1);
  if (!g_variant_lookup (changed, "State", "&s", &state))
    return;
  if (g_str_equal (state, "ended"))
    fail ("the session ended while it started", NULL);
  if (g_str_equal (state, "running"))
    bench->running_time = g_get_monotonic_time ();
}

/* With no more than a reader of pixels needs: what a proxy would do beside the start is not the start's. */
static void
measure_first_frame (Bench      *bench,
                     const char *colour)
{
  GDBusConnection *connection = glb_client_get_connection (bench->client);

  bench->has_colour = TRUE;
  bench->colour = strtoul (colour, NULL, 16);
  g_dbus_connection_signal_subscribe (connection, NULL, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", NULL, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_session_added, bench, NULL);
  g_dbus_connection_signal_subscribe (connection, NULL, "org.freedesktop.DBus.Properties", "PropertiesChanged", NULL, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_session_changed, bench, NULL);
  g_print ("ready\n");
  while (bench->path == NULL || bench->running_time == 0)
    g_main_context_iteration (NULL, TRUE);

  watch (bench);
  iterate_until (&bench->found);
  g_print ("session %" G_GINT64_FORMAT "\n", bench->session_time);
  g_print ("running %" G_GINT64_FORMAT "\n", bench->running_time);
  g_print ("pixels %" G_GINT64_FORMAT "\n", bench->found_time);
}

static gboolean
on_input_ended (GIOChannel  *channel,
                GIOCondition condition,
                gpointer     data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
watch_until_told (Bench *bench)
{
  g_autoptr(GIOChannel) input = g_io_channel_unix_new (0);
  gboolean ended = FALSE;

  watch (bench);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input_ended, &ended);
  g_print ("ready\n");
  iterate_until (&ended);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GError) error = NULL;
  Bench bench = { 0 };
  const char *command = argc > 2 ? argv[1] : "";
  guint count = argc > 3 ? strtoul (argv[3], NULL, 10) : 0;

  setlocale (LC_NUMERIC, "C");
  if (argc < 3)
    {
      g_printerr ("usage: bench-client first-frame|watch|rate|keys|shots|acts|takeover|freeze-all|teardown NAME [COLOUR|COUNT [ACTION]]\n");
      return 2;
    }

  bench.name = argv[2];
  if (!g_str_equal (command, "watch"))
    g_timeout_add_seconds (DEADLINE_SECONDS, on_deadline, NULL);

  bench.client = glb_client_new_sync (TRUE, NULL, &error);
  if (bench.client == NULL)
    fail ("the broker", error);
  if (g_str_equal (command, "first-frame") && argc > 3)
    {
      measure_first_frame (&bench, argv[3]);
      return 0;
    }
  bench.manager = glb_dbus_object_manager_client_new_sync (glb_client_get_connection (bench.client), G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE,
                                                           NULL, GLB_BROKER_OBJECT_PATH, NULL, &error);
  if (bench.manager == NULL)
    fail ("the broker's sessions", error);
  g_signal_connect (bench.manager, "object-added", G_CALLBACK (on_object_added), &bench);

  if (!find_session (&bench))
    fail (bench.name, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such session"));

  if (g_str_equal (command, "watch"))
    watch_until_told (&bench);
  else if (g_str_equal (command, "rate") && count > 0)
    measure_rate (&bench, count);
  else if (g_str_equal (command, "keys") && count > 0)
    measure_keys (&bench, count);
  else if (g_str_equal (command, "shots") && count > 0)
    measure_shots (&bench, count);
  else if (g_str_equal (command, "acts") && count > 0 && argc > 4)
    measure_acts (&bench, count, argv[4]);
  else if (g_str_equal (command, "takeover") && count > 0)
    measure_takeover (&bench, count);
  else if (g_str_equal (command, "freeze-all") && count > 0)
    measure_freeze_all (&bench, count);
  else if (g_str_equal (command, "teardown"))
    measure_teardown (&bench);
  else
    return 2;

  return 0;
}
