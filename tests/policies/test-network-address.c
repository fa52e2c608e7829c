/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>

#include "policies/glb-network-address.h"

static GlbNetworkAddress
parse (const char *text)
{
  GlbNetworkAddress address;

  if (!glb_network_address_parse (text, &address))
    g_error ("%s is not taken for an address", text);
  return address;
}

/* Each notation but the one usual. */
static void
test_refused (void)
{
  static const char * const texts[] = {
    "", " ", "localhost", "127.1", "127.0.1", "127", "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
    "127.0.0.01", "127.000.000.001", "127.0.0.1.", ".127.0.0.1", "127.0.0.1 ", " 127.0.0.1", "127.0.0.1\n", "127.0.0.256",
    "127.0.0.-1", "127.0.0.+1", "127.0.0.1/32", "127.0.0.1:80", "[127.0.0.1]", "127.0.0.0.1", "127..0.1", "１２７.0.0.1",
    "[::1]", "::1/128", "::1%lo", "fe80::1%eth0", "fe80::1%25eth0", "::1%", ":::", ":", "1", "::1::", "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::12345", "::g", "::127.1", "::0x7f.0.0.1", "::ffff:127.0.0.01", "::127.0.0.1:1", "1:2:3:4:5:6:7:127.0.0.1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      GlbNetworkAddress address;

      g_test_message ("\"%s\"", texts[i]);
      g_assert_false (glb_network_address_parse (texts[i], &address));
    }
}

static void
test_notations (void)
{
  static const struct { const char *text, *usual; } cases[] = {
    { "127.0.0.1", "127.0.0.1" },
    { "0.0.0.0", "0.0.0.0" },
    { "255.255.255.255", "255.255.255.255" },
    { "::", "::" },
    { "0:0:0:0:0:0:0:0", "::" },
    { "::1", "::1" },
    { "0000:0000:0000:0000:0000:0000:0000:0001", "::1" },
    { "2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a" },
    /* an IPv4 address, however IPv6 writes it */
    { "::ffff:127.0.0.1", "127.0.0.1" },
    { "::FFFF:7f00:1", "127.0.0.1" },
    { "0:0:0:0:0:ffff:10.0.0.1", "10.0.0.1" },
    /* and what is none */
    { "::7f00:1", "::127.0.0.1" },
    { "::fffe:127.0.0.1", "::fffe:7f00:1" },
    { "::1:ffff:127.0.0.1", "::1:ffff:7f00:1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlbNetworkAddress address = parse (cases[i].text);
      GlbNetworkAddress again = parse (cases[i].usual);
      g_autofree char *usual = glb_network_address_to_string (&address);

      g_assert_cmpstr (usual, ==, cases[i].usual);
      g_assert_true (glb_network_address_equal (&address, &again));
    }
}

static void
test_equal (void)
{
  GlbNetworkAddress ipv4 = parse ("32.1.13.184");
  GlbNetworkAddress ipv6 = parse ("2001:db8::");   /* begins with the same bytes */
  GlbNetworkAddress other = parse ("2001:db8::1");

  g_assert_false (glb_network_address_equal (&ipv4, &ipv6));
  g_assert_false (glb_network_address_equal (&ipv6, &other));
  g_assert_true (glb_network_address_equal (&ipv6, &ipv6));
}

static void
test_prefixes (void)
{
  static const struct { const char *prefix; guint length; const char *address; gboolean contains; } cases[] = {
    { "10.0.0.0", 8, "10.255.255.255", TRUE },
    { "10.0.0.0", 8, "11.0.0.0", FALSE },
    { "10.0.0.0", 8, "9.255.255.255", FALSE },
    { "10.128.0.0", 9, "10.128.0.1", TRUE },
    { "10.128.0.0", 9, "10.127.255.255", FALSE },
    { "192.0.2.1", 32, "192.0.2.1", TRUE },
    { "192.0.2.1", 32, "192.0.2.0", FALSE },
    { "192.0.2.0", 31, "192.0.2.1", TRUE },
    { "0.0.0.0", 0, "255.255.255.255", TRUE },
    { "0.0.0.0", 0, "::", FALSE },
    { "::", 0, "ffff::", TRUE },
    { "::", 0, "0.0.0.0", FALSE },
    { "::", 0, "::ffff:10.0.0.1", FALSE },
    { "10.0.0.0", 8, "::ffff:10.0.0.1", TRUE },
    { "2001:db8::", 33, "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", TRUE },
    { "2001:db8::", 33, "2001:db8:8000::", FALSE },
    { "2001:db8::1", 128, "2001:db8::1", TRUE },
    { "2001:db8::1", 128, "2001:db8::", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlbNetworkPrefix prefix = { parse (cases[i].prefix), cases[i].length };
      GlbNetworkAddress address = parse (cases[i].address);

      g_test_message ("%s/%u %s", cases[i].prefix, cases[i].length, cases[i].address);
      g_assert_cmpint (glb_network_prefix_contains (&prefix, &address), ==, cases[i].contains);
    }
}

static void
test_covers (void)
{
  GlbNetworkPrefix private = { parse ("10.0.0.0"), 8 };
  GlbNetworkPrefix part = { parse ("10.1.0.0"), 16 };
  GlbNetworkPrefix other = { parse ("11.0.0.0"), 16 };
  GlbNetworkPrefix all = { parse ("0.0.0.0"), 0 };

  g_assert_true (glb_network_prefix_covers (&private, &private));
  g_assert_true (glb_network_prefix_covers (&private, &part));
  g_assert_true (glb_network_prefix_covers (&all, &part));
  g_assert_false (glb_network_prefix_covers (&part, &private));
  g_assert_false (glb_network_prefix_covers (&private, &all));
  g_assert_false (glb_network_prefix_covers (&private, &other));
}

/* Each range from its first address to its last, and what lies before and behind; NULL: global unicast, "": there is nothing. */
static const struct { const char *first, *last, *name, *before, *behind; } ranges[] = {
  { "0.0.0.0", "0.255.255.255", "this-host", "", NULL },
  { "10.0.0.0", "10.255.255.255", "private", NULL, NULL },
  { "100.64.0.0", "100.127.255.255", "shared", NULL, NULL },
  { "100.100.100.200", "100.100.100.200", "metadata", "shared", "shared" },
  { "127.0.0.0", "127.255.255.255", "loopback", NULL, NULL },
  { "168.63.129.16", "168.63.129.16", "metadata", NULL, NULL },
  { "169.254.0.0", "169.254.255.255", "link-local", NULL, NULL },
  { "169.254.169.254", "169.254.169.254", "metadata", "link-local", "link-local" },
  { "169.254.170.2", "169.254.170.2", "metadata", "link-local", "link-local" },
  { "169.254.170.23", "169.254.170.23", "metadata", "link-local", "link-local" },
  { "172.16.0.0", "172.31.255.255", "private", NULL, NULL },
  { "192.0.0.0", "192.0.0.255", "special-purpose", NULL, NULL },
  { "192.0.2.0", "192.0.2.255", "documentation", NULL, NULL },
  { "192.31.196.0", "192.31.196.255", "special-purpose", NULL, NULL },
  { "192.52.193.0", "192.52.193.255", "special-purpose", NULL, NULL },
  { "192.88.99.0", "192.88.99.255", "6to4", NULL, NULL },
  { "192.168.0.0", "192.168.255.255", "private", NULL, NULL },
  { "192.175.48.0", "192.175.48.255", "special-purpose", NULL, NULL },
  { "198.18.0.0", "198.19.255.255", "benchmark", NULL, NULL },
  { "198.51.100.0", "198.51.100.255", "documentation", NULL, NULL },
  { "203.0.113.0", "203.0.113.255", "documentation", NULL, NULL },
  { "224.0.0.0", "239.255.255.255", "multicast", NULL, "reserved" },
  { "240.0.0.0", "255.255.255.254", "reserved", "multicast", "broadcast" },
  { "255.255.255.255", "255.255.255.255", "broadcast", "reserved", "" },

  { "::", "::", "this-host", "", "loopback" },
  { "::1", "::1", "loopback", "this-host", "IPv4-compatible" },
  { "::2", "::ffff:ffff", "IPv4-compatible", "loopback", "reserved" },
  { "::ffff:0:0:0", "::ffff:0:ffff:ffff", "IPv4-translated", "reserved", "reserved" },
  { "64:ff9b::", "64:ff9b::ffff:ffff", "NAT64", "reserved", "reserved" },
  { "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "NAT64", "reserved", "reserved" },
  { "100::", "100::ffff:ffff:ffff:ffff", "discard-only", "reserved", "dummy" },
  { "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", "dummy", "discard-only", "reserved" },
  { "100:0:0:2::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved", "dummy", NULL },
  { "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "Teredo", NULL, "special-purpose" },
  { "2001:1::", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "special-purpose", "Teredo", "benchmark" },
  { "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "benchmark", "special-purpose", "special-purpose" },
  { "2001:2:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "special-purpose", "benchmark", NULL },
  { "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "documentation", NULL, NULL },
  { "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "6to4", NULL, NULL },
  { "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "special-purpose", NULL, NULL },
  { "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "documentation", NULL, NULL },
  { "4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved", NULL, "segment-routing" },
  { "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "segment-routing", "reserved", "reserved" },
  { "5f01::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved", "segment-routing", "private" },
  { "fc00::", "fd00:ec1:ffff:ffff:ffff:ffff:ffff:ffff", "private", "reserved", "metadata" },
  { "fd00:ec2::", "fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff", "metadata", "private", "private" },
  { "fd20:ce::254", "fd20:ce::254", "metadata", "private", "private" },
  { "fd20:ce::255", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "private", "metadata", "reserved" },
  { "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "link-local", "reserved", "site-local" },
  { "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "site-local", "link-local", "multicast" },
  { "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast", "site-local", "" },
};

/* The address beside: step is 1 or -1. FALSE: there is none. */
static gboolean
move (GlbNetworkAddress *address,
      int                step)
{
  for (int i = address->is_ipv6 ? 15 : 3; i >= 0; i--)
    {
      guint8 before = address->bytes[i];

      address->bytes[i] = (guint8) (before + step);
      if (before != (step > 0 ? 0xff : 0x00))
        return TRUE;
    }
  return FALSE;
}

static void
assert_special (const GlbNetworkAddress *address,
                const char              *name)
{
  g_autofree char *text = glb_network_address_to_string (address);
  const char *found = NULL;
  const GlbNetworkPrefix *prefix = glb_network_address_find_special (address, &found);

  g_test_message ("%s", text);
  g_assert_cmpstr (found, ==, name);
  g_assert_cmpint (prefix != NULL, ==, name != NULL);
  if (prefix)
    g_assert_true (glb_network_prefix_contains (prefix, address));
}

static void
test_special (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      GlbNetworkAddress first = parse (ranges[i].first);
      GlbNetworkAddress last = parse (ranges[i].last);

      assert_special (&first, ranges[i].name);
      assert_special (&last, ranges[i].name);
      g_assert_cmpint (move (&first, -1), ==, g_strcmp0 (ranges[i].before, "") != 0);
      g_assert_cmpint (move (&last, 1), ==, g_strcmp0 (ranges[i].behind, "") != 0);
      if (g_strcmp0 (ranges[i].before, "") != 0)
        assert_special (&first, ranges[i].before);
      if (g_strcmp0 (ranges[i].behind, "") != 0)
        assert_special (&last, ranges[i].behind);
    }
}

/* What has an ordinary address stays ordinary; what carries another does not. */
static void
test_global (void)
{
  static const struct { const char *address, *name; } cases[] = {
    { "1.1.1.1", NULL }, { "8.8.8.8", NULL }, { "93.184.216.34", NULL }, { "2606:4700::1111", NULL },
    { "2a00:1450:4001::200e", NULL },
    { "::ffff:8.8.8.8", NULL },
    { "::ffff:127.0.0.1", "loopback" }, { "::ffff:a9fe:a9fe", "metadata" }, { "::127.0.0.1", "IPv4-compatible" },
    { "::ffff:0:127.0.0.1", "IPv4-translated" }, { "64:ff9b::127.0.0.1", "NAT64" }, { "64:ff9b:1::a00:1", "NAT64" },
    { "2002:7f00:1::", "6to4" }, { "2001:0:4136:e378:8000:63bf:80ff:fffe", "Teredo" }, { "fd00:ec2::254", "metadata" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlbNetworkAddress address = parse (cases[i].address);

      assert_special (&address, cases[i].name);
      g_assert_cmpint (glb_network_address_find_special (&address, NULL) != NULL, ==, cases[i].name != NULL);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network-address/refused", test_refused);
  g_test_add_func ("/network-address/notations", test_notations);
  g_test_add_func ("/network-address/equal", test_equal);
  g_test_add_func ("/network-address/prefixes", test_prefixes);
  g_test_add_func ("/network-address/covers", test_covers);
  g_test_add_func ("/network-address/special", test_special);
  g_test_add_func ("/network-address/global", test_global);

  return g_test_run ();
}
