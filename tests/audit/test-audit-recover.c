/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

static void
recover (AuditFixture *fixture,
         guint         expected)
{
  g_autoptr(GError) error = NULL;
  guint n_recovered = 99;

  glb_audit_recover (fixture->directory, &n_recovered, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_recovered, ==, expected);
}

static void
assert_whole (AuditFixture *fixture,
              guint64       expected)
{
  g_autoptr(GError) error = NULL;
  guint64 n_records;

  glb_audit_verify_directory (fixture->directory, &n_records, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_records, ==, expected);
}

static void
append_text (AuditFixture *fixture,
             const char   *name,
             const char   *text)
{
  g_autofree char *path = audit_fixture_path (fixture, name);
  FILE *file = g_fopen (path, "ae");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs (text, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
test_nothing (AuditFixture  *fixture,
              gconstpointer  data)
{
  recover (fixture, 0);
  audit_fixture_write_log (fixture, "s1", 2, TRUE);
  recover (fixture, 0);
  assert_whole (fixture, 5);
}

static void
test_left_open (AuditFixture  *fixture,
                gconstpointer  data)
{
  g_auto(GStrv) lines = NULL;

  audit_fixture_write_log (fixture, "empty", 0, FALSE);
  audit_fixture_write_log (fixture, "s1", 2, FALSE);
  audit_fixture_write_log (fixture, "s2", 2, TRUE);
  recover (fixture, 2);
  assert_whole (fixture, 1 + 3 + 3 + 6);
  lines = audit_fixture_read (fixture, "s1.jsonl");
  g_assert_nonnull (strstr (lines[2], "\"event\":\"session-end\",\"actor\":\"broker\",\"reason\":\"broker-died\","));
  recover (fixture, 0);
}

static void
test_partial_lines (AuditFixture  *fixture,
                    gconstpointer  data)
{
  audit_fixture_write_log (fixture, "s1", 2, FALSE);
  append_text (fixture, "s1.jsonl", "{\"seq\":3,\"time\":\"20");
  append_text (fixture, "index.jsonl", "{\"seq\":2,");
  recover (fixture, 1);
  assert_whole (fixture, 3 + 2);
}

static void
test_partial_first_index_line (AuditFixture  *fixture,
                               gconstpointer  data)
{
  append_text (fixture, "index.jsonl", "{\"seq\":1,");
  audit_fixture_write_log (fixture, "s1", 2, TRUE);
  assert_whole (fixture, 3 + 2);
}

static void
test_end_missing_in_index (AuditFixture  *fixture,
                           gconstpointer  data)
{
  g_auto(GStrv) lines = NULL;

  audit_fixture_write_log (fixture, "s1", 2, TRUE);
  lines = audit_fixture_read (fixture, "index.jsonl");
  g_clear_pointer (&lines[1], g_free);
  audit_fixture_write (fixture, "index.jsonl", (const char * const *) lines);
  recover (fixture, 1);
  assert_whole (fixture, 3 + 2);
}

static void
test_written_log_is_left (AuditFixture  *fixture,
                          gconstpointer  data)
{
  g_autoptr(GlbAuditLog) log = glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, NULL);
  g_autoptr(GError) error = NULL;

  glb_audit_log_append (log, "session-start", "broker", NULL, FALSE, &error);
  g_assert_no_error (error);
  recover (fixture, 0);
  glb_audit_log_append (log, "action", "agent", NULL, FALSE, &error);
  g_assert_no_error (error);
  glb_audit_log_close (log, NULL, &error);
  g_assert_no_error (error);
  assert_whole (fixture, 3 + 2);
}

/* Evidence stays as it is. */
static void
test_altered_is_left (AuditFixture  *fixture,
                      gconstpointer  data)
{
  g_auto(GStrv) before = NULL;
  g_auto(GStrv) after = NULL;
  g_autoptr(GError) error = NULL;
  char *seq;

  audit_fixture_write_log (fixture, "s1", 3, FALSE);
  before = audit_fixture_read (fixture, "s1.jsonl");
  seq = strstr (before[1], "\"number\":1");
  g_assert_nonnull (seq);
  seq[strlen ("\"number\":")] = '7';
  audit_fixture_write (fixture, "s1.jsonl", (const char * const *) before);

  recover (fixture, 0);
  after = audit_fixture_read (fixture, "s1.jsonl");
  g_assert_true (g_strv_equal ((const char * const *) before, (const char * const *) after));
  g_assert_false (glb_audit_verify_directory (fixture->directory, NULL, &error));
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN);
  g_assert_nonnull (strstr (error->message, "s1.jsonl:2: seq 2: altered"));
}

/* An index that cannot be continued stops new sessions. */
static void
test_bad_index_stops_sessions (AuditFixture  *fixture,
                               gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  audit_fixture_write_log (fixture, "s1", 1, TRUE);
  append_text (fixture, "index.jsonl", "{}\n");
  g_assert_null (glb_audit_log_new (fixture->directory, "s2", AUDIT_POLICY, &error));
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN);
}

/* The disk is full when the next broker starts: the dead one's logs have kept their space. */
static void
test_full_disk (AuditFixture  *fixture,
                gconstpointer  data)
{
  if (!audit_fixture_mount_small (fixture, 256))
    return;
  audit_fixture_write_log (fixture, "s1", 2, FALSE);
  audit_fixture_write_log (fixture, "s2", 2, FALSE);
  audit_fixture_fill (fixture);
  recover (fixture, 2);
  assert_whole (fixture, 6 + 4);
}

#define ADD(name, func) \
  g_test_add ("/audit-recover/" name, AuditFixture, NULL, audit_fixture_set_up, func, audit_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("altered-is-left", test_altered_is_left);
  ADD ("written-log-is-left", test_written_log_is_left);
  ADD ("bad-index-stops-sessions", test_bad_index_stops_sessions);
  ADD ("nothing", test_nothing);
  ADD ("left-open", test_left_open);
  ADD ("partial-lines", test_partial_lines);
  ADD ("partial-first-index-line", test_partial_first_index_line);
  ADD ("end-missing-in-index", test_end_missing_in_index);
  ADD ("full-disk", test_full_disk);
  return g_test_run ();
}
