/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "policies/glb-json-edit.h"
#include "policies/glb-policy-diff.h"

static void
test_set (void)
{
  const struct { const char *text, *pointer, *value, *expected; } edits[] = {
    { "{ \"a\": 1 }", "/a", "2", "{ \"a\": 2 }" },
    { "{ \"a\": { \"b\": \"x\\\"}\" }, \"c\": 3 }", "/c", "[4]", "{ \"a\": { \"b\": \"x\\\"}\" }, \"c\": [4] }" },
    { "// one\n{\n  \"a\": 1 // two }\n}\n", "/b", "true", "// one\n{\n  \"a\": 1,\n  \"b\": true // two }\n}\n" },
    { "{\n  \"a\": { \"b\": 1 }\n}", "/a/c", "2", "{\n  \"a\": { \"b\": 1, \"c\": 2 }\n}" },
    { "{}", "/a/b", "1", "{ \"a\": { \"b\": 1 } }" },
    { "{ \"a\": {} }", "/a/b", "1", "{ \"a\": { \"b\": 1 } }" },
    { "{ \"a\": [ { \"a\": 1 }, \"]\" ], \"b\": null }", "/b", "7", "{ \"a\": [ { \"a\": 1 }, \"]\" ], \"b\": 7 }" },
    { "{ \"ab\": 1, \"a\": 2 }", "/a", "3", "{ \"ab\": 1, \"a\": 3 }" },
    { "{ \"a\": 1 }", "/a/b", "3", NULL },
    { "[]", "/a", "3", NULL },
    { "", "/a", "3", NULL },
    { "{ \"a", "/a", "3", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autofree char *text = glb_json_edit_set (edits[i].text, edits[i].pointer, edits[i].value);

      g_assert_cmpstr (text, ==, edits[i].expected);
    }
}

/* Whatever a text is cut off at, nothing behind its end is read: sanitizers look on. */
static void
test_cut (void)
{
  static const char text[] = "// c\n{ \"a\": { \"b\": \"x\\\\\" }, \"c\": [1, { \"d\": null }] }";

  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autofree char *cut = g_strndup (text, length);
      g_autofree char *edited = glb_json_edit_set (cut, "/c", "1");

      g_assert_true (edited == NULL || *edited != '\0');
    }
}

static GlbPolicy *
parse (const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr(GError) error = NULL;
  GlbPolicy *policy = glb_policy_new_from_bytes (bytes, "p", &error);

  g_assert_no_error (error);
  return policy;
}

static void
test_diff (void)
{
  g_autoptr(GlbPolicy) before = parse ("{ \"schemaVersion\": \"1.0\" }");
  g_autofree char *text = glb_json_edit_set ("{ \"schemaVersion\": \"1.0\" } // kept", "/resources/memoryMb", "64");
  g_autoptr(GlbPolicy) after = parse (text);
  g_autoptr(GPtrArray) changes = glb_policy_diff (before, after);
  g_autoptr(GPtrArray) none = glb_policy_diff (after, after);
  const GlbPolicyChange *change;

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (changes->len, ==, 1);
  change = changes->pdata[0];
  g_assert_cmpstr (change->pointer, ==, "/resources/memoryMb");
  g_assert_cmpstr (change->before, ==, "null");
  g_assert_cmpstr (change->after, ==, "64");
  g_assert_nonnull (strstr (text, "// kept"));
}

/* What a person reads: each element that came or went, in its own line, and nothing that cannot be seen. */
static void
test_lines (void)
{
  const struct { const char *before, *after, *lines; } changes[] = {
    { "{}", "{}", "" },
    { "{ \"resources\": { \"memoryMb\": 64 } }", "{}", "resources.memoryMb: 64 → null" },
    { "{ \"devices\": { \"camera\": \"prompt\" } }", "{ \"devices\": { \"camera\": \"allow\" } }",
      "devices.camera: \"prompt\" → \"allow\"" },
    { "{ \"network\": { \"allowDomains\": [\"a.example\", \"b.example\"] } }",
      "{ \"network\": { \"allowDomains\": [\"b.example\", \"c.example\", \"d.example\"] } }",
      "network.allowDomains: - \"a.example\"|network.allowDomains: + \"c.example\"|network.allowDomains: + \"d.example\"" },
    /* text that turns around, which the policy lets be in a path */
    { "{}", "{ \"filesystem\": { \"allowRead\": [\"/srv/\u202Etxt.exe\"] } }", "filesystem.allowRead: + \"/srv/?txt.exe\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *before_text = glb_json_edit_set (changes[i].before, "/schemaVersion", "\"1.0\"");
      g_autofree char *after_text = glb_json_edit_set (changes[i].after, "/schemaVersion", "\"1.0\"");
      g_autoptr(GlbPolicy) before = parse (before_text);
      g_autoptr(GlbPolicy) after = parse (after_text);
      g_autoptr(GPtrArray) differences = glb_policy_diff (before, after);
      g_autoptr(GPtrArray) lines = glb_policy_diff_to_lines (differences);
      g_autofree char *text = NULL;

      g_ptr_array_add (lines, NULL);
      text = g_strjoinv ("|", (char **) lines->pdata);
      g_assert_cmpstr (text, ==, changes[i].lines);
    }
}

/* Lists whose order counts: a change is never without a line. */
static void
test_order (void)
{
  GlbPolicyChange change = { (char *) "/a/b", (char *) "[1,2]", (char *) "[2,1]" };
  g_autoptr(GPtrArray) changes = g_ptr_array_new ();
  g_autoptr(GPtrArray) lines = NULL;

  g_ptr_array_add (changes, &change);
  lines = glb_policy_diff_to_lines (changes);
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_cmpstr (lines->pdata[0], ==, "a.b: the same in another order or number");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-edit/set", test_set);
  g_test_add_func ("/json-edit/cut", test_cut);
  g_test_add_func ("/policy-diff/diff", test_diff);
  g_test_add_func ("/policy-diff/lines", test_lines);
  g_test_add_func ("/policy-diff/order", test_order);
  return g_test_run ();
}
