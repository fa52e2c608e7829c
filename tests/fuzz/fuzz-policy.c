/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "policies/glb-policy.h"
#include "policies/glb-strict-json.h"

/* Whatever the text: an answer or a one-line error; an accepted policy has a
 * canonical form that means the same, and rules with absolute, plain paths. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_error (GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\n'));
}

static void
check_rules (GlbPolicy *policy)
{
  g_autoptr(GPtrArray) rules = NULL;
  g_autoptr(GError) error = NULL;

  rules = glb_policy_resolve_files (policy, "//work/space/", "//", &error);
  if (!rules)
    {
      check_error (error);
      return;
    }
  for (guint i = 0; i < rules->len; i++)
    {
      const GlbFileRule *rule = g_ptr_array_index (rules, i);
      g_autofree char *normal = g_canonicalize_filename (rule->path, "/");

      g_assert_cmpstr (rule->path, ==, normal);
      g_assert_cmpstr (rule->path, !=, "/");
      g_assert_false (g_str_has_prefix (rule->path, "//"));
    }
}

static void
check_policy (GlbPolicy *policy)
{
  g_autoptr(GlbPolicy) again = NULL;
  g_autoptr(GBytes) canonical = g_bytes_new (policy->canonical, strlen (policy->canonical));
  g_autoptr(GError) error = NULL;

  again = glb_policy_new_from_bytes (canonical, "canonical", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (glb_policy_get_canonical (again), ==, glb_policy_get_canonical (policy));
  g_assert_cmpstr (glb_policy_get_hash (again), ==, glb_policy_get_hash (policy));
  check_rules (policy);
  if (!glb_policy_check_supported (policy, &error))
    check_error (error);
}

/* What is accepted without comments means the same where comments are
 * accepted, and with white space around it. (Writing the tree out and reading
 * it again would fail: json-glib 1.6 writes 1e300 as "1e+300.0".) */
static void
check_json (const guint8 *data,
            gsize         size)
{
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(JsonNode) again = NULL;
  g_autoptr(GHashTable) lines = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  node = glb_strict_json_parse ((const char *) data, size, GLB_STRICT_JSON_DEFAULT, NULL, NULL, &error);
  if (!node)
    {
      check_error (error);
      return;
    }
  text = g_strdup_printf ("\n// comment\n%.*s // comment", (int) size, (const char *) data);
  again = glb_strict_json_parse (text, strlen (text), GLB_STRICT_JSON_COMMENTS,
                                 &(GlbStrictJsonLimits) { G_MAXSIZE, 16 }, &lines, &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (node, again));
  g_assert_cmpuint (glb_strict_json_get_line (lines, ""), >=, 3);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr(GlbPolicy) policy = NULL;
  g_autoptr(GError) error = NULL;

  check_json (data, size);
  policy = glb_policy_new_from_bytes (bytes, "fuzz", &error);
  if (policy)
    check_policy (policy);
  else
    check_error (error);
  return 0;
}
