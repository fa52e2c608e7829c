/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "policies/glb-network-decide.h"

#define TLS  GLB_NETWORK_SAYS_TLS
#define HTTP GLB_NETWORK_SAYS_HTTP
#define ALL  GLB_NETWORK_SAYS_ALL

/* network: the members of the object, written with ' for ". (transfer full) */
static GlbPolicy *
make_policy (const char *network)
{
  char *text = g_strdelimit (g_strdup_printf ("{ 'schemaVersion': '1.0', 'network': { %s } }", network), "'", '"');
  g_autoptr(GBytes) bytes = g_bytes_new_take (text, strlen (text));
  g_autoptr(GError) error = NULL;
  GlbPolicy *policy = glb_policy_new_from_bytes (bytes, "p.json", &error);

  g_assert_no_error (error);
  return policy;
}

static GlbNetworkDecision
decide_address (const GlbPolicy *policy,
                const char      *text,
                guint16          port,
                gboolean         by_name)
{
  GlbNetworkDecision decision;
  GlbNetworkAddress address;

  g_assert_true (glb_network_address_parse (text, &address));
  glb_network_decide_address (policy, &address, port, by_name, &decision);
  return decision;
}

static void
test_wanted (void)
{
  static const struct { const char *network; gboolean wanted; } cases[] = {
    { "", FALSE },
    { "'default': 'deny'", FALSE },
    { "'denyCidrs': ['0.0.0.0/0']", FALSE },
    { "'maxConnections': 1", FALSE },
    { "'default': 'prompt'", TRUE },
    { "'default': 'allow'", TRUE },
    { "'allowDomains': ['example.org']", TRUE },
    { "'allowCidrs': ['10.0.0.0/8']", TRUE },
    { "'publish': ['8080']", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GlbPolicy) policy = make_policy (cases[i].network);

      g_assert_cmpint (glb_network_is_wanted (policy), ==, cases[i].wanted);
    }
}

static void
test_names (void)
{
  static const struct
  {
    const char *network, *name;
    guint16 port;
    GlbVerdict verdict;
    GlbNetworkSays says;
    const char *code, *rule;
  } cases[] = {
    { "", "example.org", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },
    { "'default': 'prompt'", "example.org", 443, GLB_VERDICT_PROMPT, TLS, "default", NULL },
    { "'default': 'allow'", "example.org", 80, GLB_VERDICT_ALLOW, HTTP, "default", NULL },
    { "'default': 'allow'", "example.org", 22, GLB_VERDICT_ALLOW, ALL, "default", NULL },

    { "'allowDomains': ['Example.ORG.']", "example.org", 443, GLB_VERDICT_ALLOW, TLS, "allowed-domain", "Example.ORG." },
    { "'allowDomains': ['example.org']", "example.org", 80, GLB_VERDICT_ALLOW, HTTP, "allowed-domain", "example.org" },
    { "'allowDomains': ['example.org']", "example.org", 8080, GLB_VERDICT_DENY, 0, "port-not-allowed", "example.org" },
    { "'allowDomains': ['example.org']", "a.example.org", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },
    { "'allowDomains': ['example.org']", "example.org.evil.example", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },
    { "'allowDomains': ['example.org']", "evilexample.org", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },
    { "'allowDomains': ['example.org'], 'default': 'prompt'", "example.org", 22, GLB_VERDICT_PROMPT, ALL, "default", NULL },
    { "'allowDomains': ['example.org'], 'default': 'allow'", "example.org", 22, GLB_VERDICT_ALLOW, ALL, "default", NULL },
    /* what looks alike is another name */
    { "'allowDomains': ['apple.com']", "xn--pple-43d.com", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },

    /* below, at any depth, and not itself */
    { "'allowDomains': ['*.example.org']", "a.example.org", 443, GLB_VERDICT_ALLOW, TLS, "allowed-domain", "*.example.org" },
    { "'allowDomains': ['*.example.org']", "a.b.c.example.org", 443, GLB_VERDICT_ALLOW, TLS, "allowed-domain", "*.example.org" },
    { "'allowDomains': ['*.example.org']", "example.org", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },
    { "'allowDomains': ['*.example.org']", "evilexample.org", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },
    { "'allowDomains': ['*.example.org']", "a.example.org.evil.example", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },
    { "'allowDomains': ['*.example.org', 'example.org']", "example.org", 443,
      GLB_VERDICT_ALLOW, TLS, "allowed-domain", "example.org" },

    /* what is spoken */
    { "'allowDomains': ['https://example.org:8443']", "example.org", 8443,
      GLB_VERDICT_ALLOW, TLS, "allowed-domain", "https://example.org:8443" },
    { "'allowDomains': ['https://example.org']", "example.org", 80,
      GLB_VERDICT_DENY, 0, "port-not-allowed", "https://example.org" },
    { "'allowDomains': ['tcp://example.org:443']", "example.org", 443,
      GLB_VERDICT_ALLOW, ALL, "allowed-domain", "tcp://example.org:443" },
    { "'allowDomains': ['example.org:22']", "example.org", 22, GLB_VERDICT_ALLOW, ALL, "allowed-domain", "example.org:22" },
    { "'allowDomains': ['tcp://example.org:20-22']", "example.org", 20,
      GLB_VERDICT_ALLOW, ALL, "allowed-domain", "tcp://example.org:20-22" },
    { "'allowDomains': ['tcp://example.org:20-22']", "example.org", 22,
      GLB_VERDICT_ALLOW, ALL, "allowed-domain", "tcp://example.org:20-22" },
    { "'allowDomains': ['tcp://example.org:20-22']", "example.org", 19,
      GLB_VERDICT_DENY, 0, "port-not-allowed", "tcp://example.org:20-22" },
    { "'allowDomains': ['tcp://example.org:20-22']", "example.org", 23,
      GLB_VERDICT_DENY, 0, "port-not-allowed", "tcp://example.org:20-22" },

    /* the nearest entry that has the port; of equally near ones all */
    { "'allowDomains': ['https://a.example.org', 'tcp://*.example.org:443']", "a.example.org", 443, GLB_VERDICT_ALLOW, TLS,
      "allowed-domain", "https://a.example.org" },
    { "'allowDomains': ['https://a.example.org', 'tcp://*.example.org:443']", "b.example.org", 443, GLB_VERDICT_ALLOW, ALL,
      "allowed-domain", "tcp://*.example.org:443" },
    { "'allowDomains': ['https://*.a.example.org', 'tcp://*.example.org:443']", "b.a.example.org", 443, GLB_VERDICT_ALLOW, TLS,
      "allowed-domain", "https://*.a.example.org" },
    { "'allowDomains': ['a.example.org:22', '*.example.org']", "a.example.org", 443, GLB_VERDICT_ALLOW, TLS,
      "allowed-domain", "*.example.org" },
    { "'allowDomains': ['http://example.org:8080', 'https://example.org:8080']", "example.org", 8080,
      GLB_VERDICT_ALLOW, TLS | HTTP,
      "allowed-domain", "http://example.org:8080" },
    { "'allowDomains': ['example.org', 'example.org:22']", "example.org", 22,
      GLB_VERDICT_ALLOW, ALL, "allowed-domain", "example.org:22" },

    /* addresses say nothing of names */
    { "'allowCidrs': ['0.0.0.0/0']", "example.org", 443, GLB_VERDICT_DENY, 0, "not-allowed", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GlbPolicy) policy = make_policy (cases[i].network);
      GlbNetworkDecision decision;

      g_test_message ("%s: %s:%u", cases[i].network, cases[i].name, cases[i].port);
      glb_network_decide_name (policy, cases[i].name, cases[i].port, &decision);
      g_assert_cmpint (decision.verdict, ==, cases[i].verdict);
      g_assert_cmpstr (decision.code, ==, cases[i].code);
      g_assert_cmpint (decision.says, ==, cases[i].says);
      g_assert_cmpstr (decision.rule, ==, cases[i].rule);
      g_assert_cmpstr (decision.special, ==, NULL);
    }
}

static void
test_look_up (void)
{
  static const struct { const char *network, *name; gboolean may; } cases[] = {
    { "", "example.org", FALSE },
    { "'default': 'prompt'", "example.org", TRUE },
    { "'default': 'allow'", "example.org", TRUE },
    { "'allowDomains': ['example.org:22']", "example.org", TRUE },
    { "'allowDomains': ['example.org:22']", "a.example.org", FALSE },
    { "'allowDomains': ['*.example.org']", "a.b.example.org", TRUE },
    { "'allowDomains': ['*.example.org']", "example.org", FALSE },
    { "'allowDomains': ['*.example.org']", "evilexample.org", FALSE },
    { "'allowCidrs': ['0.0.0.0/0']", "example.org", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GlbPolicy) policy = make_policy (cases[i].network);

      g_assert_cmpint (glb_network_may_look_up (policy, cases[i].name), ==, cases[i].may);
    }
}

#define ANY -1

static void
test_addresses (void)
{
  static const struct
  {
    const char *network, *address;
    guint16 port;
    int by_name;
    GlbVerdict verdict;
    const char *code, *rule, *special;
  } cases[] = {
    { "", "192.0.3.1", 443, FALSE, GLB_VERDICT_DENY, "not-allowed", NULL, NULL },
    { "", "192.0.3.1", 443, TRUE, GLB_VERDICT_ALLOW, "by-name", NULL, NULL },
    { "", "2606:4700::1", 443, FALSE, GLB_VERDICT_DENY, "not-allowed", NULL, NULL },
    { "", "2606:4700::1", 443, TRUE, GLB_VERDICT_ALLOW, "by-name", NULL, NULL },
    { "'default': 'prompt'", "192.0.3.1", 443, FALSE, GLB_VERDICT_PROMPT, "default", NULL, NULL },
    { "'default': 'allow'", "192.0.3.1", 443, FALSE, GLB_VERDICT_ALLOW, "default", NULL, NULL },

    { "'allowCidrs': ['192.0.3.0/24']", "192.0.3.255", 1, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "192.0.3.0/24", NULL },
    { "'allowCidrs': ['192.0.3.0/24']", "::ffff:192.0.3.255", 1, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "192.0.3.0/24", NULL },
    { "'allowCidrs': ['192.0.3.0/24']", "192.0.4.0", 1, FALSE, GLB_VERDICT_DENY, "not-allowed", NULL, NULL },
    { "'allowCidrs': ['0.0.0.0/0']", "192.0.3.1", 65535, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "0.0.0.0/0", NULL },
    { "'allowCidrs': ['0.0.0.0/0']", "2606:4700::1", 443, FALSE, GLB_VERDICT_DENY, "not-allowed", NULL, NULL },
    { "'allowCidrs': ['::/0']", "2606:4700::1", 443, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "::/0", NULL },
    { "'allowCidrs': ['::/0']", "192.0.3.1", 443, FALSE, GLB_VERDICT_DENY, "not-allowed", NULL, NULL },
    { "'allowCidrs': ['192.0.3.1:443']", "192.0.3.1", 443, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "192.0.3.1:443", NULL },
    { "'allowCidrs': ['192.0.3.1:443']", "192.0.3.1", 80, FALSE, GLB_VERDICT_DENY, "port-not-allowed", "192.0.3.1:443", NULL },
    { "'allowCidrs': ['192.0.3.1:443']", "192.0.3.1", 80, TRUE, GLB_VERDICT_ALLOW, "by-name", NULL, NULL },
    { "'allowCidrs': ['192.0.3.1:443'], 'default': 'prompt'", "192.0.3.1", 80, FALSE, GLB_VERDICT_PROMPT, "default", NULL, NULL },

    /* a denial wins, whatever allows, and however narrow that is */
    { "'denyCidrs': ['192.0.3.0/24'], 'allowCidrs': ['192.0.3.1']", "192.0.3.1", 443, ANY,
      GLB_VERDICT_DENY, "denied-cidr", "192.0.3.0/24", NULL },
    { "'denyCidrs': ['192.0.3.1'], 'allowCidrs': ['192.0.3.0/24']", "192.0.3.1", 443, ANY,
      GLB_VERDICT_DENY, "denied-cidr", "192.0.3.1", NULL },
    { "'denyCidrs': ['192.0.3.1'], 'allowCidrs': ['192.0.3.0/24']", "192.0.3.2", 443, ANY,
      GLB_VERDICT_ALLOW, "allowed-cidr", "192.0.3.0/24", NULL },
    { "'denyCidrs': ['192.0.3.1'], 'default': 'allow'", "192.0.3.1", 443, ANY,
      GLB_VERDICT_DENY, "denied-cidr", "192.0.3.1", NULL },
    { "'denyCidrs': ['192.0.3.1'], 'default': 'allow'", "::ffff:192.0.3.1", 443, ANY,
      GLB_VERDICT_DENY, "denied-cidr", "192.0.3.1", NULL },
    { "'denyCidrs': ['192.0.3.1:25'], 'default': 'allow'", "192.0.3.1", 25, ANY,
      GLB_VERDICT_DENY, "denied-cidr", "192.0.3.1:25", NULL },
    { "'denyCidrs': ['192.0.3.1:25'], 'default': 'allow'", "192.0.3.1", 443, FALSE, GLB_VERDICT_ALLOW, "default", NULL, NULL },
    { "'denyCidrs': ['127.0.0.0/8'], 'allowCidrs': ['127.0.0.1']", "127.0.0.1", 443, ANY,
      GLB_VERDICT_DENY, "denied-cidr", "127.0.0.0/8", NULL },
    { "'denyCidrs': ['::/0'], 'default': 'allow'", "2606:4700::1", 443, ANY, GLB_VERDICT_DENY, "denied-cidr", "::/0", NULL },

    /* special: only by an entry of its own; the same with one */
    { "'default': 'allow'", "127.0.0.1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "loopback" },
    { "'default': 'prompt'", "127.0.0.1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "loopback" },
    { "'default': 'allow'", "::ffff:127.0.0.1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "loopback" },
    { "'default': 'allow'", "169.254.169.254", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "metadata" },
    { "'default': 'allow'", "64:ff9b::127.0.0.1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "NAT64" },
    { "'default': 'allow'", "0.0.0.0", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "this-host" },
    { "'allowCidrs': ['0.0.0.0/0', '::/0']", "127.0.0.1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "loopback" },
    { "'allowCidrs': ['0.0.0.0/0', '::/0']", "10.0.0.1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "private" },
    { "'allowCidrs': ['0.0.0.0/0', '::/0']", "::1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "loopback" },
    { "'allowCidrs': ['0.0.0.0/0', '::/0']", "fd00::1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "private" },
    { "'allowCidrs': ['126.0.0.0/7']", "127.0.0.1", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "loopback" },
    { "'allowCidrs': ['126.0.0.0/7']", "126.0.0.1", 80, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "126.0.0.0/7", NULL },
    { "'allowCidrs': ['127.0.0.1/32']", "127.0.0.1", 80, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "127.0.0.1/32", NULL },
    { "'allowCidrs': ['127.0.0.1/32']", "127.0.0.2", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "loopback" },
    { "'allowCidrs': ['0.0.0.0/0', '127.0.0.1']", "127.0.0.1", 80, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "127.0.0.1", NULL },
    { "'allowCidrs': ['127.0.0.1:8080']", "127.0.0.1", 8080, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "127.0.0.1:8080", NULL },
    { "'allowCidrs': ['127.0.0.1:8080']", "127.0.0.1", 80, ANY,
      GLB_VERDICT_DENY, "port-not-allowed", "127.0.0.1:8080", "loopback" },
    { "'allowCidrs': ['127.0.0.1:8080', '0.0.0.0/0']", "127.0.0.1", 80, ANY,
      GLB_VERDICT_DENY, "port-not-allowed", "127.0.0.1:8080", "loopback" },
    { "'allowCidrs': ['10.0.0.0/8']", "10.255.255.255", 80, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "10.0.0.0/8", NULL },
    { "'allowCidrs': ['::1']", "::1", 80, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "::1", NULL },
    /* what is special within the special */
    { "'allowCidrs': ['169.254.0.0/16']", "169.254.1.1", 80, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "169.254.0.0/16", NULL },
    { "'allowCidrs': ['169.254.0.0/16']", "169.254.169.254", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "metadata" },
    { "'allowCidrs': ['169.254.169.254']", "169.254.169.254", 80, ANY,
      GLB_VERDICT_ALLOW, "allowed-cidr", "169.254.169.254", NULL },
    { "'allowCidrs': ['fc00::/7']", "fd00:ec2::254", 80, ANY, GLB_VERDICT_DENY, "special-address", NULL, "metadata" },
    { "'allowCidrs': ['fd00:ec2::254']", "fd00:ec2::254", 80, ANY, GLB_VERDICT_ALLOW, "allowed-cidr", "fd00:ec2::254", NULL },

    /* names say nothing of addresses */
    { "'allowDomains': ['*.example.org', 'localhost']", "127.0.0.1", 80, ANY,
      GLB_VERDICT_DENY, "special-address", NULL, "loopback" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int by_name = FALSE; by_name <= TRUE; by_name++)
      {
        g_autoptr(GlbPolicy) policy = make_policy (cases[i].network);
        GlbNetworkDecision decision;

        if (cases[i].by_name != ANY && cases[i].by_name != by_name)
          continue;
        g_test_message ("%s: %s:%u%s", cases[i].network, cases[i].address, cases[i].port, by_name ? " by name" : "");
        decision = decide_address (policy, cases[i].address, cases[i].port, by_name);
        g_assert_cmpint (decision.verdict, ==, cases[i].verdict);
        g_assert_cmpstr (decision.code, ==, cases[i].code);
        g_assert_cmpint (decision.says, ==, cases[i].verdict == GLB_VERDICT_DENY ? 0 : ALL);
        g_assert_cmpstr (decision.rule, ==, cases[i].rule);
        g_assert_cmpstr (decision.special, ==, cases[i].special);
      }
}

static void
assert_explained (const GlbNetworkDecision *decision,
                  const char               *expected)
{
  g_autofree char *clause = glb_network_decision_explain (decision);

  g_assert_cmpstr (clause, ==, expected);
}

static void
test_explain (void)
{
  g_autoptr(GlbPolicy) policy = make_policy (
    "'allowDomains': ['*.example.org'], 'allowCidrs': ['192.0.3.1:443'], 'denyCidrs': ['192.0.4.0/24']");
  g_autoptr(GlbPolicy) prompt = make_policy ("'default': 'prompt'");
  GlbNetworkDecision decision;

  glb_network_decide_name (policy, "example.net", 443, &decision);
  assert_explained (&decision, "the policy does not name it; add it to network.allowDomains");
  glb_network_decide_name (policy, "a.example.org", 22, &decision);
  assert_explained (&decision, "network.allowDomains \"*.example.org\" is for other ports; add this one");
  decision = decide_address (policy, "192.0.5.1", 443, FALSE);
  assert_explained (&decision, "the policy does not name it; add it to network.allowCidrs");
  decision = decide_address (policy, "192.0.3.1", 80, FALSE);
  assert_explained (&decision, "network.allowCidrs \"192.0.3.1:443\" is for other ports; add this one");
  decision = decide_address (policy, "192.0.4.1", 443, TRUE);
  assert_explained (&decision, "network.denyCidrs \"192.0.4.0/24\" denies it; that wins over all that allows");
  decision = decide_address (policy, "10.0.0.1", 80, FALSE);
  assert_explained (&decision, "a private address; name it in network.allowCidrs");
  decision = decide_address (policy, "::127.0.0.1", 80, FALSE);
  assert_explained (&decision, "an IPv4-compatible address; name it in network.allowCidrs");
  glb_network_decide_name (prompt, "example.org", 443, &decision);
  assert_explained (&decision, "the policy leaves it to the person; say yes, or name it in the policy");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network-decide/wanted", test_wanted);
  g_test_add_func ("/network-decide/names", test_names);
  g_test_add_func ("/network-decide/look-up", test_look_up);
  g_test_add_func ("/network-decide/addresses", test_addresses);
  g_test_add_func ("/network-decide/explain", test_explain);

  return g_test_run ();
}
