/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <json-glib/json-glib.h>

#include "policies/glb-network-publish-rule.h"
#include "policies/glb-network-rule.h"
#include "policies/glb-strict-json.h"

#define TLS  GLB_NETWORK_SAYS_TLS
#define HTTP GLB_NETWORK_SAYS_HTTP
#define ALL  GLB_NETWORK_SAYS_ALL

#define PORT   "a port is written as 443, a range as 8000-8010, from 1 to 65535"
#define RANGE  "a range with port 80 or 443 in it needs what is spoken in front; write tcp:// for anything"
#define SCHEME "what is spoken is https, http or tcp; use one of them or leave it out"
#define PATH   "only a name and ports can be allowed; leave path and user out, and write addresses into /network/allowCidrs"
#define STAR   "'*' stands for whole parts at the beginning only, as in *.example.org"
#define CIDR   "an address goes into /network/allowCidrs"
#define ONE    "a host name has at least two parts joined by '.'; write it in full"
#define NUMBER "a name that ends in a number is an address to some programs; write an address as 192.0.2.1 or 2001:db8::1"
#define PARTS  "a host name is parts joined by '.', each of 1 to 63 letters, digits and '-', with '-' neither first nor last"

static const struct { const char *text, *why; } refused_domains[] = {
  { "", "a host name is not empty" }, { "https://", "a host name is not empty" }, { ":443", "a host name is not empty" },
  { "example.org:", PORT }, { "example.org:0", PORT }, { "example.org:65536", PORT }, { "example.org:0443", PORT },
  { "example.org:443x", PORT },
  { "example.org: 443", PORT }, { "example.org:+443", PORT }, { "example.org:-1", PORT }, { "example.org:8000-", PORT },
  { "example.org:-8000", PORT }, { "example.org:9-8", PORT }, { "example.org:8-9-10", PORT }, { "example.org:8-65536", PORT },
  { "example.org:https", PORT }, { "example.org:99999999999999999999", PORT }, { "example.org:1,2", PORT },
  { "example.org:1-80", RANGE }, { "example.org:443-444", RANGE }, { "*.example.org:1-65535", RANGE },
  { "tcp://example.org", "tcp:// needs a port, as in tcp://example.org:22" },
  { "ftp://example.org", SCHEME }, { "udp://example.org:53", SCHEME }, { "HTTPS://example.org", SCHEME },
  { "://example.org", SCHEME },
  { " https://example.org", SCHEME }, { "wss://example.org", SCHEME },
  { "https://example.org/", PATH }, { "example.org/path", PATH }, { "https://a@example.org", PATH }, { "example.org#x", PATH },
  { "https://https://example.org", PATH }, { "10.0.0.0/8", PATH },
  { "*", "'*' is no name; set /network/default to \"allow\" for every name" },
  { "https://*:443", "'*' is no name; set /network/default to \"allow\" for every name" },
  { "**", STAR }, { "*.*", STAR }, { "*.*.example.org", STAR }, { "a*.example.org", STAR }, { "*a.example.org", STAR },
  { "example.*", STAR }, { "a.*.example.org", STAR },
  { "*.", "a host name is not empty" }, { "*.org", ONE }, { "*..example.org", PARTS }, { "intranet", ONE },
  { "https://intranet:443", ONE },
  { "127.0.0.1", CIDR }, { "https://127.0.0.1:443", CIDR }, { "::1", CIDR }, { "[::1]:443", CIDR }, { "fe80::1%eth0", CIDR },
  { "127.1", NUMBER }, { "0x7f.1:80", NUMBER }, { "*.127.0.0.1", NUMBER }, { "*.1", NUMBER },
  { "a_b.example", PARTS }, { "a b.example", PARTS }, { "example.org\n", PARTS },
};

static const struct { const char *text, *canonical, *name; gboolean wildcard; guint n_ports; GlbNetworkPorts first; }
domains[] = {
  { "example.org", "example.org", "example.org", FALSE, 2, { 443, 443, TLS } },
  { "*.example.org", "*.example.org", "example.org", TRUE, 2, { 443, 443, TLS } },
  { "*.Bücher.example.", "*.xn--bcher-kva.example", "xn--bcher-kva.example", TRUE, 2, { 443, 443, TLS } },
  { "localhost:8080", "tcp://localhost:8080", "localhost", FALSE, 1, { 8080, 8080, ALL } },
  { "*.localhost:8080", "tcp://*.localhost:8080", "localhost", TRUE, 1, { 8080, 8080, ALL } },
  { "EXAMPLE.org.:443", "https://example.org:443", "example.org", FALSE, 1, { 443, 443, TLS } },
  { "https://example.org", "https://example.org:443", "example.org", FALSE, 1, { 443, 443, TLS } },
  { "https://example.org:443", "https://example.org:443", "example.org", FALSE, 1, { 443, 443, TLS } },
  { "example.org:443-443", "https://example.org:443", "example.org", FALSE, 1, { 443, 443, TLS } },
  { "example.org:80", "http://example.org:80", "example.org", FALSE, 1, { 80, 80, HTTP } },
  { "http://*.example.org", "http://*.example.org:80", "example.org", TRUE, 1, { 80, 80, HTTP } },
  { "http://example.org:443", "http://example.org:443", "example.org", FALSE, 1, { 443, 443, HTTP } },
  { "https://example.org:8000-8010", "https://example.org:8000-8010", "example.org", FALSE, 1, { 8000, 8010, TLS } },
  { "https://example.org:1-65535", "https://example.org:1-65535", "example.org", FALSE, 1, { 1, 65535, TLS } },
  { "tcp://example.org:443", "tcp://example.org:443", "example.org", FALSE, 1, { 443, 443, ALL } },
  { "tcp://example.org:22-80", "tcp://example.org:22-80", "example.org", FALSE, 1, { 22, 80, ALL } },
  { "example.org:22", "tcp://example.org:22", "example.org", FALSE, 1, { 22, 22, ALL } },
  { "example.org:81-442", "tcp://example.org:81-442", "example.org", FALSE, 1, { 81, 442, ALL } },
};

#define NO_ADDRESS "an entry is written as 192.0.2.0/24, 2001:db8::/32, 192.0.2.1:443 or [2001:db8::1]:443; " \
                   "a name goes into /network/allowDomains"
#define MAPPED "this is an IPv4 address in IPv6 notation; write the IPv4 address"
#define LENGTH4 "the length behind '/' is a number from 0 to 32"
#define LENGTH6 "the length behind '/' is a number from 0 to 128"
#define ONLY_TCP "what is spoken with an address is tcp:// only; use that or leave it out"
#define FIRST(range) "the address is not the first of its range; write " range ", or leave the length out"

static const struct { const char *text, *why; } refused_addresses[] = {
  { "", NO_ADDRESS }, { "tcp://", NO_ADDRESS }, { "/8", NO_ADDRESS }, { "example.org", NO_ADDRESS },
  { "localhost:80", NO_ADDRESS },
  { "127.1", NO_ADDRESS }, { "0x7f.0.0.1", NO_ADDRESS }, { "2130706433", NO_ADDRESS }, { "010.0.0.0/8", NO_ADDRESS },
  { "10/8", NO_ADDRESS },
  { " 10.0.0.0/8", NO_ADDRESS }, { "10.0.0.0 /8", NO_ADDRESS }, { "fe80::1%eth0", NO_ADDRESS }, { "fe80::%eth0/64", NO_ADDRESS },
  { "10.0.0.*", NO_ADDRESS }, { "10.0.0.0-10.0.0.9", NO_ADDRESS },
  { "[10.0.0.1]:80", NO_ADDRESS }, { "[2001:db8::1", NO_ADDRESS }, { "2001:db8::1]", NO_ADDRESS },
  { "[2001:db8::]1", NO_ADDRESS },
  { "[2001:db8::]]:1", NO_ADDRESS }, { "[[2001:db8::1]]", NO_ADDRESS }, { "[]:80", NO_ADDRESS },
  { "[2001:db8::/32]:80", NO_ADDRESS },
  { "[2001:db8::]/32:", PORT }, { "[2001:db8::]/32:0", PORT }, { "[2001:db8::]:80:90", PORT },
  { "10.0.0.0/8:", PORT }, { "10.0.0.0/8:0", PORT }, { "10.0.0.0/8:1-0", PORT }, { "10.0.0.0/8:65536", PORT },
  { "10.0.0.0:80/8", PORT },
  { "10.0.0.0/", LENGTH4 }, { "10.0.0.0/33", LENGTH4 }, { "10.0.0.0/08", LENGTH4 }, { "10.0.0.0/-1", LENGTH4 },
  { "10.0.0.0/+8", LENGTH4 },
  { "10.0.0.0/8/8", LENGTH4 }, { "10.0.0.0/255.0.0.0", LENGTH4 }, { "2001:db8::/129", LENGTH6 }, { "2001:db8::/32:443", LENGTH6 },
  { "10.0.0.1/8", FIRST ("10.0.0.0/8") }, { "10.0.0.1/31", FIRST ("10.0.0.0/31") }, { "255.255.255.255/0", FIRST ("0.0.0.0/0") },
  { "2001:db8::1/64", FIRST ("2001:db8::/64") }, { "[2001:db8:ffff::]/33:80", FIRST ("2001:db8:8000::/33") },
  { "::ffff:10.0.0.0/104", MAPPED }, { "::ffff:10.0.0.1", MAPPED }, { "[::ffff:10.0.0.1]:80", MAPPED },
  { "::ffff:0:0/96", MAPPED },
  { "udp://10.0.0.1:53", ONLY_TCP }, { "https://10.0.0.1", ONLY_TCP }, { "tcp://tcp://10.0.0.1", ONLY_TCP },
  { "TCP://10.0.0.1", ONLY_TCP },
};

static const struct { const char *text, *canonical; guint length, first, last; } addresses[] = {
  { "10.0.0.0/8", "10.0.0.0/8", 8, 0, 65535 },
  { "tcp://10.0.0.0/8", "10.0.0.0/8", 8, 0, 65535 },
  { "127.0.0.1", "127.0.0.1/32", 32, 0, 65535 },
  { "127.0.0.1:8080", "127.0.0.1/32:8080", 32, 8080, 8080 },
  { "127.0.0.1/32:8080-8080", "127.0.0.1/32:8080", 32, 8080, 8080 },
  { "0.0.0.0/0", "0.0.0.0/0", 0, 0, 65535 },
  { "0.0.0.0/0:1-65535", "0.0.0.0/0:1-65535", 0, 1, 65535 },
  { "10.0.0.0/9:443", "10.0.0.0/9:443", 9, 443, 443 },
  { "::/0", "::/0", 0, 0, 65535 },
  { "::1", "::1/128", 128, 0, 65535 },
  { "[::1]", "::1/128", 128, 0, 65535 },
  { "[::1]:80", "[::1]/128:80", 128, 80, 80 },
  { "2001:db8::1:80", "2001:db8::1:80/128", 128, 0, 65535 },   /* an address without a port */
  { "2001:DB8:0::/32", "2001:db8::/32", 32, 0, 65535 },
  { "[2001:db8::]/32", "2001:db8::/32", 32, 0, 65535 },
  { "tcp://[2001:db8::]/32:443", "[2001:db8::]/32:443", 32, 443, 443 },
  { "2001:db8:8000::/33", "2001:db8:8000::/33", 33, 0, 65535 },
};

#define PUBLISH "a port is published as 8080, 8080:80, 127.0.0.1:8080:80 or [::1]:8080:80"
#define PUBLISHED_PORT "a port is a number from 1 to 65535, and 0 for any free one of the host"
#define NO_SESSION_PORT "the session's port is not 0; write any free port of the host as 0:80"
#define OWN_PORT "port 3128 of a session is its own way out; let the program inside listen on another one"

static const struct { const char *text, *why; } refused_ports[] = {
  { "", PUBLISH }, { "127.0.0.1", PUBLISH }, { "127.0.0.1:80:80:80", PUBLISH }, { "80:80:80", PUBLISH }, { "256.0.0.1:80", PUBLISH },
  { "127.1:80", PUBLISH }, { "0x7f.0.0.1:80", PUBLISH }, { "127.0.0.1/32:80", PUBLISH }, { "a.example:80", PUBLISH },
  { "::1", PUBLISH }, { "[::1]", PUBLISH }, { "[::1]:", PUBLISH }, { "[::1", PUBLISH }, { "[::1]80", PUBLISH }, { "[]:80", PUBLISH }, { "[127.0.0.1]:80", PUBLISH },
  { "[::1]:1:2:3", PUBLISH }, { "[fe80::1%eth0]:80", PUBLISH }, { "[[::1]]:80", PUBLISH },
  { "80-90", PUBLISHED_PORT }, { "65536", PUBLISHED_PORT }, { "+80", PUBLISHED_PORT }, { "-1", PUBLISHED_PORT }, { " 80", PUBLISHED_PORT },
  { "80 ", PUBLISHED_PORT }, { "080", PUBLISHED_PORT }, { "80:", PUBLISHED_PORT }, { ":80", PUBLISHED_PORT }, { "80:65536", PUBLISHED_PORT },
  { "127.0.0.1:", PUBLISHED_PORT }, { "localhost:80", PUBLISHED_PORT },
  { "tcp", PUBLISHED_PORT }, { "*:80", PUBLISHED_PORT }, { "99999999999999999999", PUBLISHED_PORT }, { "80\n", PUBLISHED_PORT },
  { "0", NO_SESSION_PORT }, { "80:0", NO_SESSION_PORT }, { "127.0.0.1:0", NO_SESSION_PORT }, { "[::1]:80:0", NO_SESSION_PORT },
  { "3128", OWN_PORT }, { "8080:3128", OWN_PORT }, { "[::1]:0:3128", OWN_PORT },
  { "[::ffff:127.0.0.1]:80", MAPPED }, { "[0:0:0:0:0:ffff:7f00:1]:80", MAPPED },
};

static const struct { const char *text, *canonical, *address; guint port, session_port; } ports[] = {
  { "8080", "127.0.0.1:8080:8080", "127.0.0.1", 8080, 8080 },
  { "8080:80", "127.0.0.1:8080:80", "127.0.0.1", 8080, 80 },
  { "0:80", "127.0.0.1:0:80", "127.0.0.1", 0, 80 },
  { "3128:80", "127.0.0.1:3128:80", "127.0.0.1", 3128, 80 },
  { "65535:1", "127.0.0.1:65535:1", "127.0.0.1", 65535, 1 },
  { "127.0.0.2:8080", "127.0.0.2:8080:8080", "127.0.0.2", 8080, 8080 },
  { "127.0.0.1:8080:80", "127.0.0.1:8080:80", "127.0.0.1", 8080, 80 },
  { "0.0.0.0:8080:80", "0.0.0.0:8080:80", "0.0.0.0", 8080, 80 },
  { "[::1]:8080", "[::1]:8080:8080", "::1", 8080, 8080 },
  { "[0::0:1]:0:80", "[::1]:0:80", "::1", 0, 80 },
  { "[::]:8080:80", "[::]:8080:80", "::", 8080, 80 },
};

static void
test_domains_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused_domains); i++)
    {
      g_autofree char *why = NULL;

      g_test_message ("\"%s\"", refused_domains[i].text);
      g_assert_null (glb_network_domain_rule_parse (refused_domains[i].text, &why));
      g_assert_cmpstr (why, ==, refused_domains[i].why);
    }
}

static void
assert_same_domain (const GlbNetworkDomainRule *a,
                    const GlbNetworkDomainRule *b)
{
  g_assert_cmpstr (a->canonical, ==, b->canonical);
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpint (a->wildcard, ==, b->wildcard);
  g_assert_cmpuint (a->n_ports, ==, b->n_ports);
  for (guint i = 0; i < a->n_ports; i++)
    {
      g_assert_cmpuint (a->ports[i].first, ==, b->ports[i].first);
      g_assert_cmpuint (a->ports[i].last, ==, b->ports[i].last);
      g_assert_cmpint (a->ports[i].says, ==, b->ports[i].says);
    }
}

static void
test_domains (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (domains); i++)
    {
      g_autofree char *why = NULL;
      g_autoptr(GlbNetworkDomainRule) rule = glb_network_domain_rule_parse (domains[i].text, &why);
      g_autoptr(GlbNetworkDomainRule) again = NULL;

      g_test_message ("\"%s\"", domains[i].text);
      g_assert_cmpstr (why, ==, NULL);
      g_assert_cmpstr (rule->text, ==, domains[i].text);
      g_assert_cmpstr (rule->canonical, ==, domains[i].canonical);
      g_assert_cmpstr (rule->name, ==, domains[i].name);
      g_assert_cmpint (rule->wildcard, ==, domains[i].wildcard);
      g_assert_cmpuint (rule->n_ports, ==, domains[i].n_ports);
      g_assert_cmpuint (rule->ports[0].first, ==, domains[i].first.first);
      g_assert_cmpuint (rule->ports[0].last, ==, domains[i].first.last);
      g_assert_cmpint (rule->ports[0].says, ==, domains[i].first.says);
      again = glb_network_domain_rule_parse (rule->canonical, &why);
      assert_same_domain (again, rule);
    }
}

/* Without scheme and port both of the web's. */
static void
test_web (void)
{
  g_autofree char *why = NULL;
  g_autoptr(GlbNetworkDomainRule) rule = glb_network_domain_rule_parse ("example.org", &why);

  g_assert_cmpuint (rule->n_ports, ==, 2);
  g_assert_cmpuint (rule->ports[1].first, ==, 80);
  g_assert_cmpuint (rule->ports[1].last, ==, 80);
  g_assert_cmpint (rule->ports[1].says, ==, HTTP);
}

static void
test_addresses_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused_addresses); i++)
    {
      g_autofree char *why = NULL;

      g_test_message ("\"%s\"", refused_addresses[i].text);
      g_assert_null (glb_network_address_rule_parse (refused_addresses[i].text, &why));
      g_assert_cmpstr (why, ==, refused_addresses[i].why);
    }
}

static void
test_addresses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autofree char *why = NULL;
      g_autoptr(GlbNetworkAddressRule) rule = glb_network_address_rule_parse (addresses[i].text, &why);
      g_autoptr(GlbNetworkAddressRule) again = NULL;

      g_test_message ("\"%s\"", addresses[i].text);
      g_assert_cmpstr (why, ==, NULL);
      g_assert_cmpstr (rule->text, ==, addresses[i].text);
      g_assert_cmpstr (rule->canonical, ==, addresses[i].canonical);
      g_assert_cmpuint (rule->prefix.length, ==, addresses[i].length);
      g_assert_cmpuint (rule->first, ==, addresses[i].first);
      g_assert_cmpuint (rule->last, ==, addresses[i].last);
      again = glb_network_address_rule_parse (rule->canonical, &why);
      g_assert_cmpstr (again->canonical, ==, rule->canonical);
      g_assert_true (glb_network_address_equal (&again->prefix.address, &rule->prefix.address));
    }
}

static void
test_ports_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused_ports); i++)
    {
      g_autofree char *why = NULL;

      g_test_message ("\"%s\"", refused_ports[i].text);
      g_assert_null (glb_network_publish_rule_parse (refused_ports[i].text, &why));
      g_assert_cmpstr (why, ==, refused_ports[i].why);
    }
}

static void
test_ports (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autofree char *why = NULL;
      g_autoptr(GlbNetworkPublishRule) rule = glb_network_publish_rule_parse (ports[i].text, &why);
      g_autoptr(GlbNetworkPublishRule) again = NULL;
      g_autofree char *address = NULL;

      g_test_message ("\"%s\"", ports[i].text);
      g_assert_cmpstr (why, ==, NULL);
      address = glb_network_address_to_string (&rule->address);
      g_assert_cmpstr (rule->text, ==, ports[i].text);
      g_assert_cmpstr (rule->canonical, ==, ports[i].canonical);
      g_assert_cmpstr (address, ==, ports[i].address);
      g_assert_cmpuint (rule->port, ==, ports[i].port);
      g_assert_cmpuint (rule->session_port, ==, ports[i].session_port);
      again = glb_network_publish_rule_parse (rule->canonical, &why);
      g_assert_cmpstr (again->canonical, ==, rule->canonical);
    }
}

/* (transfer full) */
static GRegex *
get_schema_pattern (JsonNode   *schema,
                    const char *name)
{
  JsonObject *definitions = json_object_get_object_member (json_node_get_object (schema), "$defs");
  const char *pattern = json_object_get_string_member (json_object_get_object_member (definitions, name), "pattern");
  g_autoptr(GError) error = NULL;
  GRegex *regex = g_regex_new (pattern, G_REGEX_DOLLAR_ENDONLY, 0, &error);

  g_assert_no_error (error);
  return regex;
}

/* An editor underlines what cannot be right, and nothing that is: the schema says no more than the form. */
static void
test_schema (void)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(GRegex) domain = NULL;
  g_autoptr(GRegex) address = NULL;
  g_autoptr(GRegex) port = NULL;
  static const char * const no_domains[] = {
    "", "*", "a*.example.org", "example.org/path", "ftp://example.org", "example.org:", "example.org:x", "a b.example",
    "tcp://example.org",
  };
  static const char * const no_addresses[] = {
    "", "example.org", "10.0.0.0/", "10.0.0.0/8:", "udp://10.0.0.1", "fe80::1%eth0", "[10.0.0.1]:80",
  };
  static const char * const no_ports[] = { "", "localhost:80", "80:", "80-90", "80:80:80", "[::1]", "[127.0.0.1:80", "*:80", "123456" };
  gsize length;

  g_file_get_contents (POLICIES_DIR "/glovebox-policy.schema.json", &text, &length, &error);
  g_assert_no_error (error);
  node = glb_strict_json_parse (text, length, GLB_STRICT_JSON_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  domain = get_schema_pattern (node, "domainRule");
  address = get_schema_pattern (node, "addressRule");
  port = get_schema_pattern (node, "publishRule");

  for (guint i = 0; i < G_N_ELEMENTS (domains); i++)
    g_assert_true (g_regex_match (domain, domains[i].text, 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (no_domains); i++)
    g_assert_false (g_regex_match (domain, no_domains[i], 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    g_assert_true (g_regex_match (address, addresses[i].text, 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (no_addresses); i++)
    g_assert_false (g_regex_match (address, no_addresses[i], 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    g_assert_true (g_regex_match (port, ports[i].text, 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (no_ports); i++)
    g_assert_false (g_regex_match (port, no_ports[i], 0, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network-rule/domains-refused", test_domains_refused);
  g_test_add_func ("/network-rule/domains", test_domains);
  g_test_add_func ("/network-rule/web", test_web);
  g_test_add_func ("/network-rule/addresses-refused", test_addresses_refused);
  g_test_add_func ("/network-rule/addresses", test_addresses);
  g_test_add_func ("/network-rule/ports-refused", test_ports_refused);
  g_test_add_func ("/network-rule/ports", test_ports);
  g_test_add_func ("/network-rule/schema", test_schema);

  return g_test_run ();
}
