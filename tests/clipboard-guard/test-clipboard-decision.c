/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clipboard-guard/glb-clipboard-decision.h"

#include <string.h>

#define MAX_OFFERED 8

static const char * const text_only[] = { "text/plain", NULL };
static const char * const all_three[] = { "text/html", "text/plain", "image/png", NULL };
static const char * const with_files[] = { "text/plain", "text/uri-list", "application/x-executable", "x-special/gnome-copied-files", NULL };
static const char * const with_wildcard[] = { "text/*", "*/*", NULL };

typedef struct
{
  GlbVerdict          verdict;
  GlbVerdict          secrets;
  const char * const *types;
  gboolean            allow_files;
  const char         *wanted;
  const char         *offered[MAX_OFFERED];
  GlbClipboardCode    code;
  const char         *type;           /* what crosses, and under which name it was offered */
  const char         *name;
  GlbVerdict          expected;
} Row;

#define DENY   GLB_VERDICT_DENY
#define PROMPT GLB_VERDICT_PROMPT
#define ALLOW  GLB_VERDICT_ALLOW
#define CODE(code) GLB_CLIPBOARD_CODE_ ## code

static const Row rows[] = {
  /* the direction is closed, whatever else holds */
  { DENY, ALLOW, text_only, TRUE, NULL, { "text/plain" }, CODE (POLICY_DENIED) },
  { DENY, ALLOW, text_only, TRUE, "text/plain", { NULL }, CODE (POLICY_DENIED) },
  /* nothing there */
  { ALLOW, DENY, text_only, FALSE, NULL, { NULL }, CODE (EMPTY) },
  { PROMPT, DENY, text_only, FALSE, "text/plain", { NULL }, CODE (EMPTY) },
  /* not listed */
  { ALLOW, DENY, NULL, FALSE, NULL, { "text/plain" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, text_only, FALSE, NULL, { "text/html" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, text_only, FALSE, NULL, { "text/plain;charset=utf-16" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, text_only, FALSE, NULL, { "\x1b[2J", "" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, text_only, FALSE, "image/png", { "text/plain", "image/png" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, text_only, FALSE, "\x1b[2J", { "text/plain" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, with_wildcard, FALSE, NULL, { "text/plain" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, with_wildcard, FALSE, NULL, { "text/*" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, with_wildcard, FALSE, "text/*", { "text/*" }, CODE (TYPE_NOT_ALLOWED) },
  /* listed, not there */
  { ALLOW, DENY, all_three, FALSE, "image/png", { "text/plain", "text/html" }, CODE (TYPE_NOT_OFFERED) },
  /* files and programs take allowFiles, and a place in the list */
  { ALLOW, DENY, with_files, FALSE, NULL, { "text/uri-list" }, CODE (FILES) },
  { ALLOW, DENY, with_files, FALSE, "text/uri-list", { "text/uri-list", "text/plain" }, CODE (FILES) },
  { ALLOW, DENY, text_only, FALSE, NULL, { "x-special/gnome-copied-files" }, CODE (FILES) },
  { ALLOW, DENY, text_only, FALSE, NULL, { "application/vnd.portal.filetransfer" }, CODE (FILES) },
  { ALLOW, DENY, text_only, TRUE, NULL, { "text/uri-list" }, CODE (TYPE_NOT_ALLOWED) },
  { ALLOW, DENY, with_files, FALSE, NULL, { "application/x-executable" }, CODE (EXECUTABLE) },
  { ALLOW, DENY, with_files, FALSE, "application/x-executable", { "application/x-executable" }, CODE (EXECUTABLE) },
  { ALLOW, DENY, text_only, FALSE, NULL, { "application/x-sharedlib" }, CODE (EXECUTABLE) },
  { ALLOW, DENY, text_only, FALSE, NULL, { "application/x-msdownload" }, CODE (EXECUTABLE) },
  { ALLOW, DENY, text_only, FALSE, NULL, { "application/x-desktop" }, CODE (EXECUTABLE) },
  { ALLOW, DENY, text_only, TRUE, NULL, { "application/x-desktop" }, CODE (TYPE_NOT_ALLOWED) },
  /* permitted, but nobody can clean it */
  { ALLOW, DENY, with_files, TRUE, "application/x-executable", { "application/x-executable" }, CODE (TYPE_UNSUPPORTED) },
  { ALLOW, DENY, with_files, TRUE, NULL, { "x-special/gnome-copied-files" }, CODE (TYPE_UNSUPPORTED) },
  /* marked as a secret */
  { ALLOW, DENY, text_only, FALSE, NULL, { "text/plain", "x-kde-passwordManagerHint" }, CODE (SECRET) },
  { ALLOW, PROMPT, text_only, FALSE, NULL, { "x-kde-passwordManagerHint" }, CODE (TYPE_NOT_ALLOWED) },

  { ALLOW, PROMPT, text_only, FALSE, NULL, { "text/plain", "x-kde-passwordManagerHint" }, 0, "text/plain", "text/plain", PROMPT },
  { PROMPT, ALLOW, text_only, FALSE, NULL, { "text/plain", "x-kde-passwordManagerHint" }, 0, "text/plain", "text/plain", PROMPT },
  { ALLOW, ALLOW, text_only, FALSE, NULL, { "text/plain", "x-kde-passwordManagerHint" }, 0, "text/plain", "text/plain", ALLOW },
  { PROMPT, DENY, text_only, FALSE, NULL, { "text/plain" }, 0, "text/plain", "text/plain", PROMPT },
  { ALLOW, DENY, text_only, FALSE, NULL, { "text/plain" }, 0, "text/plain", "text/plain", ALLOW },
  /* the plainest, and the name that is UTF-8 for certain */
  { ALLOW, DENY, all_three, FALSE, NULL, { "text/html", "text/plain" }, 0, "text/plain", "text/plain", ALLOW },
  { ALLOW, DENY, all_three, FALSE, NULL, { "image/png", "text/html" }, 0, "text/html", "text/html", ALLOW },
  { ALLOW, DENY, all_three, FALSE, "text/html", { "text/plain", "text/html" }, 0, "text/html", "text/html", ALLOW },
  { ALLOW, DENY, all_three, FALSE, NULL, { "STRING", "TEXT", "UTF8_STRING" }, 0, "text/plain", "UTF8_STRING", ALLOW },
  { ALLOW, DENY, all_three, FALSE, "UTF8_STRING", { "STRING", "text/html", "text/plain;charset=utf-8" }, 0, "text/plain",
    "text/plain;charset=utf-8", ALLOW },
  /* a file manager offers the names as text, too */
  { ALLOW, DENY, text_only, FALSE, NULL, { "x-special/gnome-copied-files", "text/uri-list", "text/plain" }, 0, "text/plain", "text/plain", ALLOW },
  { ALLOW, DENY, with_files, TRUE, "text/uri-list", { "text/uri-list", "text/plain" }, 0, "text/uri-list", "text/uri-list", ALLOW },
};

static GlbClipboardRules
make_rules (const Row *row)
{
  return (GlbClipboardRules) {
    .direction = GLB_CLIPBOARD_TO_HOST, .verdict = row->verdict, .secrets = row->secrets, .types = row->types,
    .max_bytes = 65536, .max_per_minute = 10, .allow_files = row->allow_files,
  };
}

static void
check_denied (const GlbClipboardDecision *decision,
              GlbClipboardCode            code)
{
  g_assert_cmpint (decision->verdict, ==, GLB_VERDICT_DENY);
  g_assert_cmpstr (glb_clipboard_code_to_string (decision->code), ==, glb_clipboard_code_to_string (code));
  g_assert_nonnull (decision->message);
  g_assert_null (decision->type);
  g_assert_null (decision->offered);
  /* One line, whatever was offered. */
  for (const char *c = decision->message; *c != '\0'; c++)
    g_assert_true (g_ascii_isprint (*c));
}

static void
test_decisions (void)
{
  static const GlbClipboardHistory history;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Row *row = &rows[i];
      GlbClipboardRules rules = make_rules (row);
      g_auto(GlbClipboardDecision) decision = { 0 };
      gsize n = 0;

      while (n < MAX_OFFERED && row->offered[n] != NULL)
        n++;
      g_test_message ("row %u: %s", i, n > 0 ? row->offered[0] : "nothing");
      glb_clipboard_decide (&decision, &rules, row->wanted, row->offered, n, &history, 0);
      if (row->code != GLB_CLIPBOARD_CODE_NONE)
        {
          check_denied (&decision, row->code);
          continue;
        }
      g_assert_cmpstr (decision.message, ==, NULL);
      g_assert_cmpint (decision.code, ==, GLB_CLIPBOARD_CODE_NONE);
      g_assert_cmpint (decision.verdict, ==, row->expected);
      g_assert_cmpstr (decision.type, ==, row->type);
      g_assert_cmpstr (decision.offered, ==, row->name);
    }
}

/* Inwards a mark says only that there is one: what the person hands in is theirs. */
static void
test_hint_inwards (void)
{
  static const GlbClipboardHistory history;
  const char *offered[] = { "text/plain", "x-kde-passwordManagerHint" };
  GlbClipboardRules rules = make_rules (&(Row) { .verdict = ALLOW, .secrets = DENY, .types = text_only });
  g_auto(GlbClipboardDecision) decision = { 0 };

  rules.direction = GLB_CLIPBOARD_TO_SESSION;
  glb_clipboard_decide (&decision, &rules, NULL, offered, G_N_ELEMENTS (offered), &history, 0);
  g_assert_cmpint (decision.verdict, ==, GLB_VERDICT_ALLOW);
  g_assert_true (decision.secret_hint);
}

static void
test_many_types (void)
{
  static const GlbClipboardHistory history;
  g_autoptr(GPtrArray) offered = g_ptr_array_new ();
  GlbClipboardRules rules = make_rules (&(Row) { .verdict = ALLOW, .types = text_only });

  for (guint i = 0; i < 10000; i++)
    g_ptr_array_add (offered, (gpointer) "text/plain");
  for (guint n = GLB_CLIPBOARD_MAX_TYPES + 1; n <= 10000; n += 4000)
    {
      g_auto(GlbClipboardDecision) decision = { 0 };

      glb_clipboard_decide (&decision, &rules, NULL, (const char * const *) offered->pdata, n, &history, 0);
      check_denied (&decision, GLB_CLIPBOARD_CODE_TOO_MANY_TYPES);
    }
  {
    g_auto(GlbClipboardDecision) decision = { 0 };

    glb_clipboard_decide (&decision, &rules, NULL, (const char * const *) offered->pdata, GLB_CLIPBOARD_MAX_TYPES, &history, 0);
    g_assert_cmpint (decision.verdict, ==, GLB_VERDICT_ALLOW);
  }
}

static GlbClipboardCode
decide_at (const GlbClipboardHistory *history,
           guint                      max_per_minute,
           gint64                     now)
{
  const char *offered[] = { "text/plain" };
  GlbClipboardRules rules = make_rules (&(Row) { .verdict = PROMPT, .types = text_only });
  g_auto(GlbClipboardDecision) decision = { 0 };

  rules.max_per_minute = max_per_minute;
  glb_clipboard_decide (&decision, &rules, NULL, offered, 1, history, now);
  return decision.code;
}

static void
test_rate (void)
{
  GlbClipboardHistory history = { 0 };
  const gint64 second = G_TIME_SPAN_SECOND;

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (decide_at (&history, 3, i * second), ==, GLB_CLIPBOARD_CODE_NONE);
      glb_clipboard_history_add (&history, i * second);
    }
  g_assert_cmpint (decide_at (&history, 3, 3 * second), ==, GLB_CLIPBOARD_CODE_RATE_LIMITED);
  g_assert_cmpint (decide_at (&history, 3, 60 * second - 1), ==, GLB_CLIPBOARD_CODE_RATE_LIMITED);
  g_assert_cmpint (decide_at (&history, 4, 3 * second), ==, GLB_CLIPBOARD_CODE_NONE);
  /* A clock that goes back opens nothing. */
  g_assert_cmpint (decide_at (&history, 3, -1000 * second), ==, GLB_CLIPBOARD_CODE_RATE_LIMITED);
  /* The first is a minute old: one more, not three. */
  g_assert_cmpint (decide_at (&history, 3, 60 * second), ==, GLB_CLIPBOARD_CODE_NONE);
  glb_clipboard_history_add (&history, 60 * second);
  g_assert_cmpint (decide_at (&history, 3, 60 * second), ==, GLB_CLIPBOARD_CODE_RATE_LIMITED);
}

/* The most that a policy permits, and a history that went around. */
static void
test_rate_most (void)
{
  GlbClipboardHistory history = { 0 };

  for (guint i = 0; i < 2 * GLB_CLIPBOARD_HISTORY_SIZE + 7; i++)
    glb_clipboard_history_add (&history, i);
  g_assert_cmpuint (glb_clipboard_history_count_minute (&history, 2000), ==, GLB_CLIPBOARD_HISTORY_SIZE);
  g_assert_cmpint (decide_at (&history, 600, 2000), ==, GLB_CLIPBOARD_CODE_RATE_LIMITED);
  g_assert_cmpint (decide_at (&history, 600, 2000 + G_TIME_SPAN_MINUTE), ==, GLB_CLIPBOARD_CODE_NONE);
}

/* A document's word reaches the rules, for each direction its own; and what it does not say is no. */
static void
test_rules (void)
{
  static const char document[] = "{\"schemaVersion\": \"1.0\", \"isolation\": {\"tier\": \"session\"}, \"desktop\": {\"clipboard\": {"
    "\"hostToSession\": \"prompt\", \"types\": [\"text/html\", \"image/png\"], \"maxBytes\": 7, "
    "\"maxPerMinute\": 3, \"clearAfterSeconds\": 5, \"allowFiles\": true, \"secrets\": \"prompt\"}}}";
  g_autoptr(GBytes) bytes = g_bytes_new_static (document, strlen (document));
  g_autoptr(GError) error = NULL;
  g_autoptr(GlbPolicy) policy = glb_policy_new_from_bytes (bytes, "test", &error);
  GlbClipboardRules in, out;

  g_assert_no_error (error);
  in = glb_clipboard_rules_from_policy (policy, GLB_CLIPBOARD_TO_SESSION);
  out = glb_clipboard_rules_from_policy (policy, GLB_CLIPBOARD_TO_HOST);
  g_assert_cmpint (out.verdict, ==, GLB_VERDICT_DENY);
  g_assert_cmpint (out.direction, ==, GLB_CLIPBOARD_TO_HOST);
  g_assert_cmpint (in.verdict, ==, GLB_VERDICT_PROMPT);
  g_assert_cmpint (in.direction, ==, GLB_CLIPBOARD_TO_SESSION);
  g_assert_cmpint (in.secrets, ==, GLB_VERDICT_PROMPT);
  g_assert_true (g_strv_contains (in.types, "text/html"));
  g_assert_true (g_strv_contains (in.types, "image/png"));
  g_assert_cmpuint (g_strv_length ((char **) in.types), ==, 2);
  g_assert_cmpuint (in.max_bytes, ==, 7);
  g_assert_cmpuint (in.max_per_minute, ==, 3);
  g_assert_cmpuint (in.clear_after_seconds, ==, 5);
  g_assert_true (in.allow_files);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clipboard/decision/rules", test_rules);
  g_test_add_func ("/clipboard/decision/table", test_decisions);
  g_test_add_func ("/clipboard/decision/hint-inwards", test_hint_inwards);
  g_test_add_func ("/clipboard/decision/many-types", test_many_types);
  g_test_add_func ("/clipboard/decision/rate", test_rate);
  g_test_add_func ("/clipboard/decision/rate-most", test_rate_most);
  return g_test_run ();
}
