/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "policies/glb-network-secret-rule.h"
#include "policies/glb-strict-json.h"

#define FORM    "a secret is written as https://HOST HEADER: {NAME}"
#define SCHEME  "it begins with https:// or http:// and one host"
#define HEADER  "behind the host is the header, as Authorization: Bearer {NAME}"
#define TOKEN   "a header's name has 1 to 64 letters, digits and '-'"
#define CARRIED "this header says how a request is carried, which is the gate's to say; use another"
#define PREFIX  "before {NAME} are at most 64 printable ASCII characters, no space first"
#define NAME    "in the braces is a name of 1 to 64 of the characters A-Z a-z 0-9 . _ - that begins with a letter or a digit"
#define PORT    "a port is one number from 1 to 65535"

static const struct { const char *text, *why; } refused[] = {
  { "", FORM },
  { "https://example.org", FORM },
  { "example.org X-Key: {key}", SCHEME },
  { "tcp://example.org:22 X-Key: {key}", SCHEME },
  { "HTTPS://example.org X-Key: {key}", SCHEME },
  { "https://*.example.org X-Key: {key}", "a secret is for one host; write its name in full, without '*'" },
  { "https://example.org:0 X-Key: {key}", PORT },
  { "https://example.org: X-Key: {key}", PORT },
  { "https://example.org:443-444 X-Key: {key}", PORT },
  { "https://example.org:65536 X-Key: {key}", PORT },
  { "https://example.org X-Key {key}", HEADER },
  { "https://example.org X-Key: key", HEADER },
  { "https://example.org X-Key: {key", HEADER },
  { "https://example.org X-Key: {key} more", HEADER },
  { "https://example.org X-Key:{key}", HEADER },
  { "https://example.org {key}: {key}", HEADER },
  { "https://example.org : {key}", TOKEN },
  { "https://example.org X Key: {key}", TOKEN },
  { "https://example.org X-Key\r\nHost: {key}", TOKEN },
  { "https://example.org H\303\244der: {key}", TOKEN },
  { "https://example.org Host: {key}", CARRIED },
  { "https://example.org content-LENGTH: {key}", CARRIED },
  { "https://example.org Transfer-Encoding: {key}", CARRIED },
  { "https://example.org Connection: {key}", CARRIED },
  { "https://example.org Upgrade: {key}", CARRIED },
  { "https://example.org Expect: {key}", CARRIED },
  { "https://example.org Proxy-Authorization: {key}", CARRIED },
  { "https://example.org X-Key: a\r\nHost: b{key}", PREFIX },
  { "https://example.org X-Key: a\tb{key}", PREFIX },
  { "https://example.org X-Key:  {key}", PREFIX },
  { "https://example.org X-Key: {a}{key}", NAME },
  { "https://example.org X-Key: {}", NAME },
  { "https://example.org X-Key: {../key}", NAME },
  { "https://example.org X-Key: {.key}", NAME },
  { "https://example.org X-Key: {a/b}", NAME },
  { "https://example.org X-Key: {a b}", NAME },
};

static const struct { const char *text, *canonical; GlbNetworkSays says; guint16 port; const char *header, *prefix; } accepted[] = {
  { "https://api.example.org Authorization: Bearer {api-token}", "https://api.example.org:443 authorization: Bearer {api-token}",
    GLB_NETWORK_SAYS_TLS, 443, "Authorization", "Bearer " },
  { "http://Build.example.NET.:8080 X-Api-Key: {api-token}", "http://build.example.net:8080 x-api-key: {api-token}",
    GLB_NETWORK_SAYS_HTTP, 8080, "X-Api-Key", "" },
  { "http://localhost Cookie: a=b; session={api-token}", "http://localhost:80 cookie: a=b; session={api-token}",
    GLB_NETWORK_SAYS_HTTP, 80, "Cookie", "a=b; session=" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *why = NULL;

      g_assert_null (glb_network_secret_rule_parse (refused[i].text, &why));
      g_assert_cmpstr (why, ==, refused[i].why);
    }
}

static void
test_accepted (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_autofree char *why = NULL;
      g_autoptr(GlbNetworkSecretRule) rule = glb_network_secret_rule_parse (accepted[i].text, &why);
      g_autoptr(GlbNetworkSecretRule) again = NULL;

      g_assert_cmpstr (why, ==, NULL);
      g_assert_cmpstr (rule->text, ==, accepted[i].text);
      g_assert_cmpstr (rule->canonical, ==, accepted[i].canonical);
      g_assert_cmpint (rule->says, ==, accepted[i].says);
      g_assert_cmpuint (rule->port, ==, accepted[i].port);
      g_assert_cmpstr (rule->header, ==, accepted[i].header);
      g_assert_cmpstr (rule->prefix, ==, accepted[i].prefix);
      g_assert_cmpstr (rule->secret, ==, "api-token");
      again = glb_network_secret_rule_parse (rule->canonical, &why);
      g_assert_cmpstr (again->canonical, ==, rule->canonical);
    }
}

/* The schema underlines nothing that is right. */
static void
test_schema (void)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(GRegex) regex = NULL;
  JsonObject *definitions;
  gsize length;

  g_file_get_contents (POLICIES_DIR "/glovebox-policy.schema.json", &text, &length, &error);
  g_assert_no_error (error);
  node = glb_strict_json_parse (text, length, GLB_STRICT_JSON_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  definitions = json_object_get_object_member (json_node_get_object (node), "$defs");
  regex = g_regex_new (json_object_get_string_member (json_object_get_object_member (definitions, "secretRule"), "pattern"),
                       G_REGEX_DOLLAR_ENDONLY, 0, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++)
    g_assert_true (g_regex_match (regex, accepted[i].text, 0, NULL));
  g_assert_false (g_regex_match (regex, "https://example.org X-Key: key", 0, NULL));
  g_assert_false (g_regex_match (regex, "https://*.example.org X-Key: {key}", 0, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network-secret-rule/refused", test_refused);
  g_test_add_func ("/network-secret-rule/accepted", test_accepted);
  g_test_add_func ("/network-secret-rule/schema", test_schema);

  return g_test_run ();
}
