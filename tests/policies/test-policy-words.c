/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "policies/glb-policy-key.h"
#include "policies/glb-policy-words.h"

static GlbPolicy *
parse (const char *document)
{
  g_autofree char *json = g_strdelimit (g_strdup (document), "'", '"');
  g_autoptr(GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr(GError) error = NULL;
  GlbPolicy *policy = glb_policy_new_from_bytes (bytes, "p.json", &error);

  g_assert_no_error (error);
  return policy;
}

/* The sentences of one key, a line each, with the kind before it. (transfer full) */
static char *
say (const GlbPolicy *policy,
     const char      *pointer)
{
  static const char * const kinds[] = { "may", "asks", "may not", "limit" };
  g_autoptr(GPtrArray) words = glb_policy_words_new (policy);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    {
      const GlbPolicySentence *sentence = words->pdata[i];

      if (pointer == NULL || strcmp (sentence->pointer, pointer) == 0)
        g_string_append_printf (text, "%s: %s\n", kinds[sentence->kind], sentence->text);
    }
  return g_string_free (text, FALSE);
}

static void
assert_says (const char *section,
             const char *pointer,
             const char *expected)
{
  g_autofree char *document = g_strdup_printf ("{ 'schemaVersion': '1.0'%s%s }", *section != '\0' ? ", " : "", section);
  g_autoptr(GlbPolicy) policy = parse (document);
  g_autofree char *text = say (policy, pointer);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_files (void)
{
  assert_says ("", "/filesystem/allowRead", "may not: Cannot see any of your files\n");
  assert_says ("'filesystem': { 'allowRead': ['${WORKSPACE}/**', '/opt/data/t.csv'], 'allowWrite': ['${WORKSPACE}/out/**'] }",
               "/filesystem/allowWrite", "may: Can read and write in out/ of the workspace\n");
  assert_says ("'filesystem': { 'allowRead': ['${WORKSPACE}/**', '/opt/data/t.csv'] }", "/filesystem/allowRead",
               "may: Can read everything in the workspace\nmay: Can read the file /opt/data/t.csv\n"
               "may not: Cannot see any other of your files\n");
  assert_says ("'filesystem': { 'allowRead': ['${WORKSPACE}/**'], 'allowWrite': ['${WORKSPACE}/**'] }", "/filesystem/allowRead",
               "may not: Cannot see any other of your files\n");
  assert_says ("'filesystem': { 'allowWrite': ['/opt/**'], 'denyRead': ['${HOME}/.ssh/**', '/opt/**'] }", "/filesystem/denyRead",
               "may not: Cannot see .ssh/ of your home folder\nmay not: Cannot see /opt/\n");
  /* the denial of the same path goes before */
  assert_says ("'filesystem': { 'allowWrite': ['/opt/**'], 'denyRead': ['/opt/**'] }", "/filesystem/allowWrite", "");
}

static void
test_network (void)
{
  assert_says ("", "/network/default", "may not: Cannot reach the network\n");
  assert_says ("'network': { 'allowDomains': ['example.org'] }", "/network/default",
               "may not: Cannot reach anything else on the network\n");
  assert_says ("'network': { 'allowDomains': ['https://example.org:8443'] }", "/network/allowDomains",
               "may: Can connect to https://example.org:8443\n");
  assert_says ("'network': { 'default': 'prompt' }", "/network/default",
               "asks: Asks before it connects to a host\nmay not: Cannot reach your own network, nor this machine\n");
  assert_says ("", "/network/maxConnections", "");
}

static void
test_limits (void)
{
  assert_says ("", "/resources/memoryMb", "limit: Memory: no limit\n");
  assert_says ("'resources': { 'memoryMb': 2048 }", "/resources/memoryMb", "limit: Memory: at most 2.0\302\240GiB\n");
  assert_says ("'resources': { 'timeoutSeconds': 7200 }", "/resources/timeoutSeconds", "limit: Ends after 2 hours\n");
  assert_says ("'prompts': { 'timeoutSeconds': 61 }", "/prompts/timeoutSeconds",
               "limit: A question without an answer is a no after 61 seconds\n");
}

static void
test_tier (void)
{
  assert_says ("'isolation': { 'tier': 'process' }", "/desktop/input/agent", "");
  assert_says ("'isolation': { 'tier': 'process' }", "/isolation/tier", "may not: Has no screen, no keyboard and no pointer\n");
}

/* ---- each key has a sentence ------------------------------------------------------ */

/* Lets each key be there beside it. */
static const char everything[] =
  "{ 'schemaVersion': '1.0', 'process': { 'allowSpawn': true },"
  "  'desktop': { 'clipboard': { 'hostToSession': 'prompt', 'sessionToHost': 'prompt' } },"
  "  'network': { 'allowDomains': ['example.org'] } }";

/* Values of one key, of which at least one is not the default. */
static GStrv
get_values (const GlbPolicyKey *key)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  switch (key->kind)
    {
    case GLB_POLICY_KEY_BOOLEAN:
      return g_strsplit ("true,false", ",", -1);
    case GLB_POLICY_KEY_NUMBER:
      return key->nullable ? g_strsplit ("97", ",", -1) : g_strsplit ("97,98", ",", -1);
    case GLB_POLICY_KEY_CHOICE:
    case GLB_POLICY_KEY_WORD:
    case GLB_POLICY_KEY_SOURCE:
      for (const GlbPolicyChoice *c = key->choices; c->word != NULL; c++)
        if (!c->refused)
          {
            g_autofree char *word = g_strdup_printf ("\"%s%s\"", c->word, strcmp (c->word, GLB_POLICY_FILE) == 0 ? "/a.png" : "");

            g_strv_builder_add (builder, word);
          }
      return g_strv_builder_end (builder);
    case GLB_POLICY_KEY_NAME:
      return g_strsplit (key->check != NULL ? "\"de\"" : "\"somebody\"", ",", -1);
    case GLB_POLICY_KEY_PATHS:
      return g_strsplit ("[\"/opt/x\"]", ";", -1);
    case GLB_POLICY_KEY_STRINGS:
      return g_strsplit (key->check == glb_policy_check_mime_type ? "[\"text/html\"]" : "[\"F4\"]", ";", -1);
    case GLB_POLICY_KEY_RECT:
      return g_strsplit ("[0, 0, 10, 10]", ";", -1);
    case GLB_POLICY_KEY_RECTS:
      return g_strsplit ("[[0, 0, 10, 10]]", ";", -1);
    case GLB_POLICY_KEY_WINDOWS:
      return g_strsplit ("[{ \"title\": \"x*\" }]", ";", -1);
    case GLB_POLICY_KEY_RULES:
      return g_strsplit (key->rules == &glb_policy_domain_rules    ? "[\"example.net\", \"example.org\"]"
                         : key->rules == &glb_policy_host_rules    ? "[\"example.org=192.0.2.7\"]"
                         : key->rules == &glb_policy_publish_rules ? "[\"8080\"]"
                         : key->rules == &glb_policy_secret_rules  ? "[\"https://example.org X-Key: {key}\"]"
                                                                   : "[\"192.0.2.0/24\"]", ";", -1);
    case GLB_POLICY_KEY_OBJECT:
    case GLB_POLICY_KEY_FALSE:
      break;
    }
  g_assert_not_reached ();
}

static JsonObject *
descend (JsonObject *object,
         const char *name)
{
  if (!json_object_has_member (object, name))
    json_object_set_object_member (object, name, json_object_new ());
  return json_object_get_object_member (object, name);
}

/* (transfer full) */
static GlbPolicy *
parse_with (const char *pointer,
            const char *value)
{
  g_autofree char *base = g_strdelimit (g_strdup (everything), "'", '"');
  g_autoptr(JsonNode) root = json_from_string (base, NULL);
  JsonObject *object = json_node_get_object (root);
  g_auto(GStrv) names = g_strsplit (pointer + 1, "/", -1);
  g_autofree char *text = NULL;
  guint i;

  for (i = 0; names[i + 1] != NULL; i++)
    object = descend (object, names[i]);
  json_object_set_member (object, names[i], json_from_string (value, NULL));
  text = json_to_string (root, FALSE);
  return parse (text);
}

/* What it is, not what it permits. */
static gboolean
needs_no_sentence (const GlbPolicyKey *key,
                   const char         *pointer)
{
  return key->short_form || strcmp (pointer, "/schemaVersion") == 0;
}

static void
assert_said (const GlbPolicyKey *key,
             const char         *pointer)
{
  g_auto(GStrv) values = get_values (key);
  g_autoptr(GHashTable) said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean has_sentence = FALSE;

  for (guint i = 0; values[i] != NULL; i++)
    {
      g_autoptr(GlbPolicy) policy = NULL;
      g_autofree char *text = NULL;

      if (strcmp (pointer, "/isolation/tier") == 0 && strcmp (values[i], "\"process\"") == 0)
        continue;                /* has no clipboard: test_tier() */
      policy = parse_with (pointer, values[i]);
      text = say (policy, pointer);
      has_sentence = has_sentence || *text != '\0';
      if (!g_hash_table_add (said, g_steal_pointer (&text)))
        g_error ("%s: %s says the same as another value", pointer, values[i]);
    }
  if (!has_sentence)
    g_error ("%s has no sentence", pointer);
}

/* Returns how many. */
static guint
assert_all_said (const GlbPolicyKey *keys,
                 const char         *above)
{
  guint n = 0;

  for (const GlbPolicyKey *key = keys; key->name != NULL; key++)
    {
      g_autofree char *pointer = g_strconcat (above, "/", key->name, NULL);

      if (key->children != NULL)
        n += assert_all_said (key->children, pointer);
      else if (!needs_no_sentence (key, pointer))
        {
          assert_said (key, pointer);
          n++;
        }
    }
  return n;
}

static void
test_each_key (void)
{
  g_assert_cmpuint (assert_all_said (glb_policy_root_key.children, ""), >, 60);
}

/* No sentence is about a key that is not there, and none is empty or left with a gap. */
static void
test_form (void)
{
  g_auto(GStrv) names = glb_policy_list_templates ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr(GlbPolicy) policy = glb_policy_new_from_template (names[i], NULL);
      g_autoptr(GPtrArray) words = glb_policy_words_new (policy);

      for (guint j = 0; j < words->len; j++)
        {
          const GlbPolicySentence *sentence = words->pdata[j];

          g_assert_nonnull (glb_policy_find_key (sentence->pointer));
          g_assert_true (g_unichar_isupper (g_utf8_get_char (sentence->text)));
          g_assert_null (strstr (sentence->text, "%s"));
          g_assert_false (g_str_has_suffix (sentence->text, "."));
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy-words/files", test_files);
  g_test_add_func ("/policy-words/network", test_network);
  g_test_add_func ("/policy-words/limits", test_limits);
  g_test_add_func ("/policy-words/tier", test_tier);
  g_test_add_func ("/policy-words/each-key", test_each_key);
  g_test_add_func ("/policy-words/form", test_form);
  return g_test_run ();
}
