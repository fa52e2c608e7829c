/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define N 6u        /* records of the log, the closing one included */

/* The error must begin with FILE:LINE: seq LINE: and say what. */
static void
assert_broken (AuditFixture *fixture,
               const char   *name,
               guint         line,
               const char   *what,
               gboolean      by_itself)
{
  g_autofree char *path = audit_fixture_path (fixture, name);
  g_autofree char *place = g_strdup_printf ("%s:%u: seq %u: %s", path, line, line, what);
  g_autoptr(GError) error = NULL;

  g_assert_false (glb_audit_verify_directory (fixture->directory, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN);
  if (!g_str_has_prefix (error->message, place))
    g_error ("\"%s\" does not begin with \"%s\"", error->message, place);
  g_clear_error (&error);

  if (!by_itself)
    return;
  g_assert_false (glb_audit_verify_file (path, NULL, NULL, &error));
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_BROKEN);
  g_assert_true (g_str_has_prefix (error->message, place));
}

static char *
replace (const char *line,
         const char *from,
         const char *to)
{
  g_auto(GStrv) parts = g_strsplit (line, from, 2);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  return g_strjoinv (to, parts);
}

static GStrv
write_and_read (AuditFixture *fixture)
{
  audit_fixture_write_log (fixture, "s1", N - 1, TRUE);
  return audit_fixture_read (fixture, "s1.jsonl");
}

static void
test_whole (AuditFixture  *fixture,
            gconstpointer  data)
{
  g_autofree char *path = audit_fixture_path (fixture, "s1.jsonl");
  g_autofree char *index = audit_fixture_path (fixture, "index.jsonl");
  g_autoptr(GError) error = NULL;
  gboolean complete = FALSE;
  guint64 n_records;

  /* Nothing yet is whole. */
  g_assert_true (glb_audit_verify_directory (fixture->directory, &n_records, &error));
  g_assert_cmpuint (n_records, ==, 0);

  audit_fixture_write_log (fixture, "s1", N - 1, TRUE);
  g_assert_true (glb_audit_verify_file (path, &n_records, &complete, &error));
  g_assert_no_error (error);
  g_assert_true (complete);
  g_assert_cmpuint (n_records, ==, N);
  g_assert_true (glb_audit_verify_file (index, &n_records, NULL, &error));
  g_assert_cmpuint (n_records, ==, 2);
  g_assert_true (glb_audit_verify_directory (fixture->directory, &n_records, &error));
  g_assert_cmpuint (n_records, ==, N + 2);
}

static void
test_altered (AuditFixture  *fixture,
              gconstpointer  data)
{
  g_auto(GStrv) lines = write_and_read (fixture);

  for (guint i = 1; i < N; i++)
    {
      g_autofree char *original = lines[i - 1];

      lines[i - 1] = replace (original, "\"actor\":\"", i == 1 ? "\"actor\":\"agent\",\"was\":\"" : "\"actor\":\"human\",\"was\":\"");
      audit_fixture_write (fixture, "s1.jsonl", (const char * const *) lines);
      assert_broken (fixture, "s1.jsonl", i, "altered", TRUE);
      g_free (lines[i - 1]);
      lines[i - 1] = g_strdup (original);
    }
}

/* The last record has no one after it: the index names it. */
static void
test_last_altered (AuditFixture  *fixture,
                   gconstpointer  data)
{
  g_auto(GStrv) lines = write_and_read (fixture);
  g_autofree char *original = lines[N - 1];

  lines[N - 1] = replace (original, ",\"prev\"", ",\"reason\":\"exited\",\"prev\"");
  audit_fixture_write (fixture, "s1.jsonl", (const char * const *) lines);
  assert_broken (fixture, "s1.jsonl", N, "altered", FALSE);
}

static void
test_missing (AuditFixture  *fixture,
              gconstpointer  data)
{
  g_auto(GStrv) lines = write_and_read (fixture);

  for (guint missing = 1; missing < N; missing++)
    {
      g_autoptr(GPtrArray) left = g_ptr_array_new ();

      for (guint i = 0; i < N; i++)
        if (i != missing - 1)
          g_ptr_array_add (left, lines[i]);
      g_ptr_array_add (left, NULL);
      audit_fixture_write (fixture, "s1.jsonl", (const char * const *) left->pdata);
      assert_broken (fixture, "s1.jsonl", missing, "missing", TRUE);
    }
}

/* Cut after each record: the index knows how many there were. */
static void
test_truncated_log (AuditFixture  *fixture,
                    gconstpointer  data)
{
  g_auto(GStrv) lines = write_and_read (fixture);

  for (guint left = N - 1; left > 0; left--)
    {
      g_clear_pointer (&lines[left], g_free);
      audit_fixture_write (fixture, "s1.jsonl", (const char * const *) lines);
      assert_broken (fixture, "s1.jsonl", left + 1, "truncated: the index has 6 records", FALSE);
    }
}

/* Cut at each byte of the last record. */
static void
test_truncated_record (AuditFixture  *fixture,
                       gconstpointer  data)
{
  g_autofree char *path = audit_fixture_path (fixture, "s1.jsonl");
  g_autofree char *content = NULL;
  gsize length;

  audit_fixture_write_log (fixture, "s1", N - 1, TRUE);
  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  for (gsize cut = length - 1; content[cut - 1] != '\n'; cut -= 7)
    {
      g_assert_no_errno (truncate (path, cut));
      assert_broken (fixture, "s1.jsonl", N, "truncated: its line has no end", TRUE);
      if (content[cut - 1] == '\n' || memrchr (content, '\n', cut) > (void *) (content + cut - 8))
        break;
    }
}

static void
test_swapped_and_doubled (AuditFixture  *fixture,
                          gconstpointer  data)
{
  g_auto(GStrv) lines = write_and_read (fixture);
  char *third = lines[2];

  lines[2] = lines[3];
  lines[3] = third;
  audit_fixture_write (fixture, "s1.jsonl", (const char * const *) lines);
  assert_broken (fixture, "s1.jsonl", 3, "missing", TRUE);

  lines[3] = lines[2];
  lines[2] = third;
  {
    const char * const doubled[] = { lines[0], lines[1], lines[1], lines[2], lines[3], lines[4], lines[5], NULL };

    audit_fixture_write (fixture, "s1.jsonl", doubled);
    assert_broken (fixture, "s1.jsonl", 3, "altered: it has seq 2", TRUE);
  }
}

static void
test_added_after_end (AuditFixture  *fixture,
                      gconstpointer  data)
{
  g_auto(GStrv) lines = write_and_read (fixture);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lines[N - 1], -1);
  g_autofree char *renumbered = replace (lines[N - 1], "\"seq\":6", "\"seq\":7");
  g_autofree char *start = g_strndup (renumbered, strstr (renumbered, "\"prev\":") - renumbered);
  g_autofree char *added = g_strdup_printf ("%s\"prev\":\"%s\"}", start, hash);
  const char * const longer[] = { lines[0], lines[1], lines[2], lines[3], lines[4], lines[5], added, NULL };

  audit_fixture_write (fixture, "s1.jsonl", longer);
  assert_broken (fixture, "s1.jsonl", N + 1, "added", TRUE);
}

/* Lines that are not records, in the place of one. */
static void
test_garbage (AuditFixture  *fixture,
              gconstpointer  data)
{
  g_auto(GStrv) lines = write_and_read (fixture);
  g_autofree char *original = lines[2];
  g_autofree char *nested = g_strnfill (200000, '[');
  g_autofree char *own_twice = replace (original, "\"prev\"", "\"seq\":3,\"prev\"");
  g_autofree char *reordered = replace (original, "{\"seq\":3,", "{\"a\":1,\"seq\":3,");
  g_autofree char *no_actor = replace (original, "\"actor\":\"agent\"", "\"actor\":\"god\"");
  g_autofree char *text_seq = replace (original, "\"seq\":3", "\"seq\":\"3\"");
  g_autofree char *float_seq = replace (original, "\"seq\":3", "\"seq\":3.0");
  g_autofree char *no_hash = replace (original, "\"prev\":\"", "\"prev\":\"X");
  const char * const garbage[] = {
    "", "{}", "[]", "null", "x", "{\"seq\":3}", nested, own_twice, reordered, no_actor, text_seq, float_seq, no_hash, "\xff\xff",
  };

  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
    {
      lines[2] = (char *) garbage[i];
      audit_fixture_write (fixture, "s1.jsonl", (const char * const *) lines);
      assert_broken (fixture, "s1.jsonl", 3, "altered", TRUE);
    }
  lines[2] = g_strdup (original);
}

static void
test_long_line (AuditFixture  *fixture,
                gconstpointer  data)
{
  g_auto(GStrv) lines = write_and_read (fixture);

  g_free (lines[1]);
  lines[1] = g_strnfill (3 * 1024 * 1024, ' ');
  audit_fixture_write (fixture, "s1.jsonl", (const char * const *) lines);
  assert_broken (fixture, "s1.jsonl", 2, "altered", TRUE);
}

static void
test_missing_log (AuditFixture  *fixture,
                  gconstpointer  data)
{
  g_autofree char *path = audit_fixture_path (fixture, "s2.jsonl");

  audit_fixture_write_log (fixture, "s1", 2, TRUE);
  audit_fixture_write_log (fixture, "s2", 2, TRUE);
  g_assert_no_errno (g_unlink (path));
  assert_broken (fixture, "s2.jsonl", 1, "missing: the whole log, which the index has at line 3", FALSE);
}

static void
test_foreign_log (AuditFixture  *fixture,
                  gconstpointer  data)
{
  g_auto(GStrv) lines = NULL;

  audit_fixture_write_log (fixture, "s1", 2, TRUE);
  audit_fixture_write_log (fixture, "s2", 2, TRUE);
  lines = audit_fixture_read (fixture, "s1.jsonl");
  audit_fixture_write (fixture, "s3.jsonl", (const char * const *) lines);
  assert_broken (fixture, "s3.jsonl", 1, "added", FALSE);
  audit_fixture_write (fixture, "s2.jsonl", (const char * const *) lines);
  assert_broken (fixture, "s2.jsonl", 1, "altered: it is of the session s1", FALSE);
}

static void
test_missing_index (AuditFixture  *fixture,
                    gconstpointer  data)
{
  g_autofree char *path = audit_fixture_path (fixture, "index.jsonl");

  audit_fixture_write_log (fixture, "s1", 2, TRUE);
  g_assert_no_errno (g_unlink (path));
  assert_broken (fixture, "s1.jsonl", 1, "added: the index does not have this log", FALSE);
}

static void
test_altered_index (AuditFixture  *fixture,
                    gconstpointer  data)
{
  g_auto(GStrv) lines = NULL;
  g_autofree char *second = NULL;

  audit_fixture_write_log (fixture, "s1", 2, TRUE);
  audit_fixture_write_log (fixture, "s2", 2, TRUE);
  lines = audit_fixture_read (fixture, "index.jsonl");
  second = lines[1];
  lines[1] = replace (second, "\"records\":3", "\"records\":2");
  audit_fixture_write (fixture, "index.jsonl", (const char * const *) lines);
  assert_broken (fixture, "index.jsonl", 2, "altered", TRUE);

  /* Without the end of the last session its log is still whole in itself. */
  g_free (lines[1]);
  lines[1] = g_steal_pointer (&second);
  g_clear_pointer (&lines[3], g_free);
  audit_fixture_write (fixture, "index.jsonl", (const char * const *) lines);
  g_assert_true (glb_audit_verify_directory (fixture->directory, NULL, NULL));
}

/* A log that a process writes is open, one that nobody writes was cut or its broker died. */
static void
test_open_log (AuditFixture  *fixture,
               gconstpointer  data)
{
  g_autoptr(GlbAuditLog) log = glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, NULL);
  g_autoptr(GError) error = NULL;
  guint64 n_records;

  glb_audit_log_append (log, "session-start", "broker", NULL, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (glb_audit_verify_directory (fixture->directory, &n_records, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_records, ==, 2);
  g_assert_finalize_object (g_steal_pointer (&log));
  assert_broken (fixture, "s1.jsonl", 2, "truncated: the closing record is missing", FALSE);
}

static void
test_not_a_file (AuditFixture  *fixture,
                 gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (glb_audit_verify_file (fixture->directory, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (glb_audit_verify_file ("/nonexistent", NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

#define ADD(name, func) \
  g_test_add ("/audit-verify/" name, AuditFixture, NULL, audit_fixture_set_up, func, audit_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("altered", test_altered);
  ADD ("last-altered", test_last_altered);
  ADD ("missing", test_missing);
  ADD ("truncated-log", test_truncated_log);
  ADD ("truncated-record", test_truncated_record);
  ADD ("swapped-and-doubled", test_swapped_and_doubled);
  ADD ("added-after-end", test_added_after_end);
  ADD ("garbage", test_garbage);
  ADD ("long-line", test_long_line);
  ADD ("missing-log", test_missing_log);
  ADD ("foreign-log", test_foreign_log);
  ADD ("missing-index", test_missing_index);
  ADD ("altered-index", test_altered_index);
  ADD ("open-log", test_open_log);
  ADD ("not-a-file", test_not_a_file);
  ADD ("whole", test_whole);
  return g_test_run ();
}
