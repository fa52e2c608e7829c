/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session-broker/replay/glb-replay-report.h"
#include "session-broker/replay/glb-replay-shard.h"

#include <glib/gstdio.h>
#include <string.h>

/* What a session would say to become part of the page. */
#define HOSTILE "</summary><script>alert(1)</script>\"' onerror=\"x\" ]]>&\x1b[31m\xe2\x80\xae\xff" "e\x01"

static GlbReplayPicture *
make_picture (guint32 colour)
{
  GlbReplayPicture *picture = glb_replay_picture_new (40, 20);

  for (guint i = 0; i < 800; i++)
    picture->pixels[i] = colour;
  return picture;
}

static GPtrArray *
make_results (void)
{
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) glb_replay_result_free);
  GlbReplayResult *bad = glb_replay_result_new (HOSTILE, HOSTILE), *good = glb_replay_result_new ("adds", "adds.json");

  glb_replay_result_add_step (bad, "click", 7);
  glb_replay_result_add_step (bad, HOSTILE, 9);
  glb_replay_result_end (bad, GLB_REPLAY_DIVERGED, "no element %s", HOSTILE);
  glb_replay_result_end (bad, GLB_REPLAY_FAILED, "and later");
  bad->n_steps = 4;
  bad->output = g_strdup (HOSTILE);
  bad->before = make_picture (0xff0000ff);
  bad->expected = make_picture (0xff00ff00);
  bad->after = make_picture (0xffff0000);
  bad->difference = make_picture (0xffffffff);
  bad->has_bounds = TRUE;
  bad->bounds = (GlbReplayRect) { 10, 5, 20, 10 };
  g_ptr_array_add (bad->updates, g_strdup (HOSTILE));
  good->n_steps = 1;
  good->duration_us = 1500000;
  glb_replay_result_add_step (good, "look", 3);
  g_ptr_array_add (results, bad);
  g_ptr_array_add (results, good);
  return results;
}

/* command: reads the text on its standard input. */
static void
assert_parses (const char * const *command,
               const char         *text)
{
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *problems = NULL;

  process = g_subprocess_newv (command, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, text, NULL, NULL, &problems, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_successful (process))
    g_error ("%s says: %s", command[0], problems);
}

static void
test_junit (void)
{
  static const char * const command[] = { "xmllint", "--noout", "-", NULL };
  g_autoptr(GPtrArray) results = make_results ();
  g_autofree char *xml = glb_replay_report_to_junit (results);

  g_assert_nonnull (strstr (xml, "<testsuites tests=\"2\" failures=\"1\" errors=\"0\" time=\"1.500\">"));
  g_assert_nonnull (strstr (xml, "name=\"adds\" file=\"adds.json\" time=\"1.500\""));
  g_assert_nonnull (strstr (xml, "step 2 of 4, line 9: "));
  g_assert_null (strstr (xml, "<script"));
  g_assert_true (g_utf8_validate (xml, -1, NULL));
  assert_parses (command, xml);
}

static void
test_html (void)
{
  g_autoptr(GPtrArray) results = make_results ();
  g_autoptr(GError) error = NULL;
  g_autofree char *html = glb_replay_report_to_html (results, &error);

  g_assert_no_error (error);
  g_assert_true (g_utf8_validate (html, -1, NULL));
  g_assert_nonnull (strstr (html, "default-src 'none'; img-src data:;"));
  g_assert_nonnull (strstr (html, "prefers-color-scheme: dark"));
  g_assert_nonnull (strstr (html, "<span class=\"mark\" style=\"left: 25.000%; top: 25.000%; width: 50.000%; height: 50.000%; \">"));
  g_assert_nonnull (strstr (html, "no element &lt;/summary&gt;&lt;script&gt;"));
  g_assert_null (strstr (html, "and later"));
  /* nothing of what the session said is markup, and nothing of it turns or steers text */
  g_assert_null (strstr (html, "<script"));
  g_assert_null (strstr (html, "onerror=\""));
  g_assert_null (strstr (html, "\x1b"));
  g_assert_null (strstr (html, "\xe2\x80\xae"));
}

/* The pictures of the page are those of the result: nothing has to be fetched. */
static void
test_html_pictures (void)
{
  g_autoptr(GPtrArray) results = make_results ();
  g_autofree char *html = glb_replay_report_to_html (results, NULL);
  const guint32 colours[] = { 0xff0000ff, 0xff00ff00, 0xffff0000, 0xffffffff };
  const char *at = html;

  for (guint i = 0; i < G_N_ELEMENTS (colours); i++)
    {
      g_autoptr(GlbReplayPicture) picture = NULL;
      g_autoptr(GBytes) png = NULL;
      g_autofree char *encoded = NULL;
      g_autoptr(GError) error = NULL;
      guchar *data;
      gsize size;

      at = strstr (at, "base64,");
      g_assert_nonnull (at);
      at += strlen ("base64,");
      encoded = g_strndup (at, strcspn (at, "\""));
      data = g_base64_decode (encoded, &size);
      png = g_bytes_new_take (data, size);
      picture = glb_replay_picture_new_from_png (png, &error);
      g_assert_no_error (error);
      g_assert_cmphex (picture->pixels[0], ==, colours[i]);
    }
  g_assert_null (strstr (html, "http://"));
  g_assert_null (strstr (html, "https://"));
}

/* No text opens or closes a tag. */
static void
test_html_parses (void)
{
  static const char * const command[] = { "xmllint", "--noout", "-", NULL };
  g_autoptr(GPtrArray) results = make_results ();
  g_autofree char *html = glb_replay_report_to_html (results, NULL);

  assert_parses (command, html);
}

static void
test_shards (void)
{
  const char *bad[] = { "", "1", "0/2", "3/2", "1/0", "1/1001", "a/b", "1/2/3", "-1/2" };
  GlbReplayShard shard;
  guint sizes[3] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (glb_replay_shard_parse (&shard, bad[i]));

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *name = g_strdup_printf ("test-%u.json", i);
      guint n_parts = 0;

      for (guint part = 1; part <= 3; part++)
        {
          g_autofree char *text = g_strdup_printf ("%u/3", part);

          g_assert_true (glb_replay_shard_parse (&shard, text));
          if (!glb_replay_shard_has (&shard, name))
            continue;
          n_parts++;
          sizes[part - 1]++;
        }
      g_assert_cmpuint (n_parts, ==, 1);
    }
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (sizes[i], >, 70);

  /* stable: the split of a suite is the same on each machine, in each version */
  g_assert_true (glb_replay_shard_parse (&shard, "1/2"));
  g_assert_true (glb_replay_shard_has (&shard, "adds.json"));
  g_assert_false (glb_replay_shard_has (&shard, "form.json"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replay/report/junit", test_junit);
  g_test_add_func ("/replay/report/html", test_html);
  g_test_add_func ("/replay/report/html-pictures", test_html_pictures);
  g_test_add_func ("/replay/report/html-parses", test_html_parses);
  g_test_add_func ("/replay/report/shards", test_shards);
  return g_test_run ();
}
