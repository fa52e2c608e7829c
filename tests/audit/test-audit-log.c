/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_bad_names (AuditFixture  *fixture,
                gconstpointer  data)
{
  static const char * const names[] = { "", ".", "..", "../x", "a/b", ".hidden", "index", "a b", "a\nb", "ł" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAuditLog) log = glb_audit_log_new (fixture->directory, names[i], AUDIT_POLICY, &error);

      g_assert_null (log);
      g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_INVALID);
    }
}

static void
test_second_of_a_name (AuditFixture  *fixture,
                       gconstpointer  data)
{
  g_autoptr(GlbAuditLog) log = glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, NULL);
  g_autoptr(GError) error = NULL;
  guint64 n_records;

  g_assert_nonnull (log);
  g_assert_null (glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  /* The first one is unharmed. */
  glb_audit_log_append (log, "session-start", "broker", NULL, FALSE, &error);
  g_assert_no_error (error);
  glb_audit_log_close (log, NULL, &error);
  g_assert_no_error (error);
  glb_audit_verify_directory (fixture->directory, &n_records, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_records, ==, 4);
}

static void
test_no_directory (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (glb_audit_log_new ("/nonexistent/glovebox", "s1", AUDIT_POLICY, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* What could not be verified later is refused, and leaves nothing. */
static void
test_bad_records (AuditFixture  *fixture,
                  gconstpointer  data)
{
  g_autoptr(GlbAuditLog) log = glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, NULL);
  g_autoptr(JsonObject) own = audit_fields ("{\"seq\":7}");
  g_autoptr(JsonObject) large = json_object_new ();
  g_autofree char *filler = g_strnfill (1024 * 1024, 'x');
  const struct { const char *actor; JsonObject *fields; } bad[] = {
    { "broker", own }, { "broker", large }, { "nobody", NULL }, { "", NULL },
  };
  g_autoptr(GError) error = NULL;

  json_object_set_string_member (large, "text", filler);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (glb_audit_log_append (log, "event", bad[i].actor, bad[i].fields, FALSE, &error));
      g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_INVALID);
      g_assert_null (strchr (error->message, '\n'));
      g_clear_error (&error);
    }
  g_assert_cmpuint (glb_audit_log_get_n_records (log), ==, 0);
  glb_audit_log_append (log, "session-start", "broker", NULL, FALSE, &error);
  g_assert_no_error (error);
  glb_audit_log_close (log, NULL, &error);
  g_assert_no_error (error);
  glb_audit_verify_directory (fixture->directory, NULL, &error);
  g_assert_no_error (error);
}

static void
test_after_close (AuditFixture  *fixture,
                  gconstpointer  data)
{
  g_autoptr(GlbAuditLog) log = glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (glb_audit_log_close (log, NULL, NULL));
  g_assert_false (glb_audit_log_append (log, "action", "agent", NULL, FALSE, &error));
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (glb_audit_log_close (log, NULL, &error));
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_CLOSED);
}

/* The exact shape, the chain computed anew here. */
static void
test_format (AuditFixture  *fixture,
             gconstpointer  data)
{
  g_auto(GStrv) lines = NULL;
  g_autofree char *path = audit_fixture_path (fixture, "s1.jsonl");
  const char *prev = "0000000000000000000000000000000000000000000000000000000000000000";
  g_autofree char *hash = NULL;
  struct stat status;

  audit_fixture_write_log (fixture, "s1", 3, TRUE);
  lines = audit_fixture_read (fixture, "s1.jsonl");
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *seq = g_strdup_printf ("{\"seq\":%u,\"time\":\"20", i + 1);
      g_autofree char *end = g_strdup_printf (",\"prev\":\"%s\"}", prev);

      g_assert_true (g_str_has_prefix (lines[i], seq));
      g_assert_true (g_str_has_suffix (lines[i], end));
      g_free (hash);
      prev = hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, lines[i], -1);
    }
  g_assert_true (g_regex_match_simple ("^{\"seq\":2,\"time\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z\",\"session\":\"s1\","
                                       "\"policy\":\"" AUDIT_POLICY "\",\"event\":\"action\",\"actor\":\"agent\","
                                       "\"action\":{\"action\":\"key\",\"text\":\"a\"},\"number\":1,\"prev\":",
                                       lines[1], 0, 0));
  g_assert_nonnull (strstr (lines[3], "\"event\":\"session-end\",\"actor\":\"broker\",\"prev\""));
  g_assert_no_errno (stat (path, &status));
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

static void
test_index (AuditFixture  *fixture,
            gconstpointer  data)
{
  g_auto(GStrv) log = NULL;
  g_auto(GStrv) lines = NULL;
  g_autofree char *last = NULL;

  audit_fixture_write_log (fixture, "s1", 3, TRUE);
  log = audit_fixture_read (fixture, "s1.jsonl");
  last = g_compute_checksum_for_string (G_CHECKSUM_SHA256, log[3], -1);
  lines = audit_fixture_read (fixture, "index.jsonl");
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  g_assert_nonnull (strstr (lines[0], "\"session\":\"s1\",\"policy\":\"" AUDIT_POLICY "\",\"event\":\"begin\",\"actor\":\"broker\",\"open\":1,"));
  g_assert_nonnull (strstr (lines[1], "\"event\":\"end\",\"actor\":\"broker\",\"open\":0,\"records\":4,\"last\":\""));
  g_assert_nonnull (strstr (lines[1], last));
}

/* Titles of windows and texts of all kinds survive, and what is no UTF-8 does not spoil the log. */
static void
test_untrusted_strings (AuditFixture  *fixture,
                        gconstpointer  data)
{
  static const char * const strings[] = {
    "plain", "\"quotes\" \\ / and\nlines\r\n\t\b\f", "zażółć 你好 😀 \u202e", "\x01\x1f\x7f", "\xff\xfe\xc0\x80", "\xed\xa0\x80", "",
  };
  g_autoptr(GlbAuditLog) log = glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, NULL);
  g_autoptr(GError) error = NULL;
  guint64 n_records;
  gboolean complete;

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_autoptr(JsonObject) fields = json_object_new ();

      json_object_set_string_member (fields, "title", strings[i]);
      glb_audit_log_append (log, "window", "agent", fields, FALSE, &error);
      g_assert_no_error (error);
    }
  glb_audit_log_close (log, NULL, &error);
  g_assert_no_error (error);

  g_autofree char *path = audit_fixture_path (fixture, "s1.jsonl");
  g_assert_true (glb_audit_verify_file (path, &n_records, &complete, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_records, ==, G_N_ELEMENTS (strings) + 1);
  g_assert_true (complete);
}

static void
test_closing_fields (AuditFixture  *fixture,
                     gconstpointer  data)
{
  g_autoptr(GlbAuditLog) log = glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, NULL);
  g_autoptr(GlbAuditLog) large_log = glb_audit_log_new (fixture->directory, "s2", AUDIT_POLICY, NULL);
  g_autoptr(JsonObject) fields = audit_fields ("{\"reason\":\"exited\",\"cpuUs\":12}");
  g_autoptr(JsonObject) large = json_object_new ();
  g_autofree char *filler = g_strnfill (20 * 1024, 'x');
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) lines = NULL;
  g_auto(GStrv) large_lines = NULL;

  json_object_set_string_member (large, "text", filler);
  glb_audit_log_close (log, fields, &error);
  g_assert_no_error (error);
  glb_audit_log_close (large_log, large, &error);
  g_assert_no_error (error);

  lines = audit_fixture_read (fixture, "s1.jsonl");
  g_assert_nonnull (strstr (lines[0], "\"reason\":\"exited\",\"cpuUs\":12,\"prev\""));
  large_lines = audit_fixture_read (fixture, "s2.jsonl");
  g_assert_nonnull (strstr (large_lines[0], "\"fieldsLeftOut\":true,\"prev\""));
  glb_audit_verify_directory (fixture->directory, NULL, &error);
  g_assert_no_error (error);
}

/* A disk that fills while sessions run: each append says so, both logs and the index get their ends. */
static void
test_full_disk (AuditFixture  *fixture,
                gconstpointer  data)
{
  GlbAuditLog *logs[8];
  g_autoptr(JsonObject) fields = audit_fields ("{\"reason\":\"audit-full\"}");
  g_autoptr(GError) error = NULL;
  guint64 n_records;

  if (!audit_fixture_mount_small (fixture, 1024))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_autofree char *name = g_strdup_printf ("s%u", i);

      logs[i] = glb_audit_log_new (fixture->directory, name, AUDIT_POLICY, &error);
      g_assert_no_error (error);
      glb_audit_log_append (logs[i], "session-start", "broker", NULL, TRUE, &error);
      g_assert_no_error (error);
    }

  audit_fixture_fill (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      while (glb_audit_log_append (logs[i], "action", "agent", NULL, FALSE, &error))
        g_assert_cmpuint (glb_audit_log_get_n_records (logs[i]), <, 100000);
      g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_FULL);
      g_clear_error (&error);
    }

  /* A new session is refused, and leaves nothing. */
  g_assert_null (glb_audit_log_new (fixture->directory, "late", AUDIT_POLICY, &error));
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_FULL);
  g_clear_error (&error);

  /* Somebody takes what the refused ones may have given back. */
  audit_fixture_fill (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      glb_audit_log_close (logs[i], fields, &error);
      g_assert_no_error (error);
      g_assert_finalize_object (logs[i]);
      audit_fixture_fill (fixture);
    }
  g_assert_true (glb_audit_verify_directory (fixture->directory, &n_records, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_records, >=, 2 * G_N_ELEMENTS (logs) + 2 * G_N_ELEMENTS (logs));
}

/* Space that comes back is used again. */
static void
test_full_and_free (AuditFixture  *fixture,
                    gconstpointer  data)
{
  g_autofree char *filler = audit_fixture_path (fixture, "filler");
  g_autoptr(GlbAuditLog) log = NULL;
  g_autoptr(GError) error = NULL;

  if (!audit_fixture_mount_small (fixture, 256))
    return;
  log = glb_audit_log_new (fixture->directory, "s1", AUDIT_POLICY, &error);
  g_assert_no_error (error);
  audit_fixture_fill (fixture);
  while (glb_audit_log_append (log, "action", "agent", NULL, FALSE, &error))
    g_assert_cmpuint (glb_audit_log_get_n_records (log), <, 100000);
  g_assert_error (error, GLB_AUDIT_ERROR, GLB_AUDIT_ERROR_FULL);
  g_clear_error (&error);

  g_assert_no_errno (g_unlink (filler));
  glb_audit_log_append (log, "action", "agent", NULL, TRUE, &error);
  g_assert_no_error (error);
  glb_audit_log_close (log, NULL, &error);
  g_assert_no_error (error);
  glb_audit_verify_directory (fixture->directory, NULL, &error);
  g_assert_no_error (error);
}

typedef struct { const char *directory; guint number; } Worker;

static gpointer
run_sessions (gpointer data)
{
  Worker *worker = data;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("w%u-%u", worker->number, i);
      g_autoptr(GError) error = NULL;
      g_autoptr(GlbAuditLog) log = glb_audit_log_new (worker->directory, name, AUDIT_POLICY, &error);

      g_assert_no_error (error);
      glb_audit_log_append (log, "session-start", "broker", NULL, FALSE, &error);
      g_assert_no_error (error);
      glb_audit_log_close (log, NULL, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

/* One index for all, whoever writes. */
static void
test_many_at_once (AuditFixture  *fixture,
                   gconstpointer  data)
{
  GThread *threads[8];
  Worker workers[8];
  g_autoptr(GError) error = NULL;
  guint64 n_records;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      workers[i] = (Worker) { fixture->directory, i };
      threads[i] = g_thread_new ("worker", run_sessions, &workers[i]);
    }
  for (guint i = 0; i < 20; i++)
    {
      /* In the midst of it all is whole. */
      glb_audit_verify_directory (fixture->directory, NULL, &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  glb_audit_verify_directory (fixture->directory, &n_records, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_records, ==, 8 * 20 * 4);
}

#define ADD(name, func) \
  g_test_add ("/audit-log/" name, AuditFixture, NULL, audit_fixture_set_up, func, audit_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("bad-names", test_bad_names);
  ADD ("second-of-a-name", test_second_of_a_name);
  g_test_add_func ("/audit-log/no-directory", test_no_directory);
  ADD ("bad-records", test_bad_records);
  ADD ("after-close", test_after_close);
  ADD ("format", test_format);
  ADD ("index", test_index);
  ADD ("untrusted-strings", test_untrusted_strings);
  ADD ("closing-fields", test_closing_fields);
  ADD ("many-at-once", test_many_at_once);
  ADD ("full-disk", test_full_disk);
  ADD ("full-and-free", test_full_and_free);
  return g_test_run ();
}
