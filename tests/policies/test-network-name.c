/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

#include "policies/glb-network-name.h"

#define IDNA  "no host name can be made of it by IDNA (RFC 5891)"
#define PARTS "a host name is parts joined by '.', each of 1 to 63 letters, digits and '-', with '-' neither first nor last"
#define ONE   "a host name has at least two parts joined by '.'; write it in full"
#define NUMBER "a name that ends in a number is an address to some programs; write an address as 192.0.2.1 or 2001:db8::1"
#define EMPTY "a host name is not empty"

static void
assert_refused (const char *name,
                const char *expected)
{
  const char *why = NULL;
  g_autofree char *canonical = glb_network_name_normalise (name, &why);
  g_autofree char *printable = g_strescape (name, NULL);

  g_test_message ("\"%.100s\"", printable);
  g_assert_null (canonical);
  g_assert_cmpstr (why, ==, expected);
}

static void
test_refused (void)
{
  static const struct { const char *name, *why; } cases[] = {
    { "", EMPTY }, { ".", EMPTY }, { "..", PARTS }, { ".example.org", PARTS }, { "example..org", PARTS },
    { "example.org..", PARTS },
    { "ü..example", PARTS },
    { "intranet", ONE }, { "org", ONE }, { "org.", ONE }, { "LOCAL", ONE }, { "bücher", ONE },
    { "-a.example", PARTS }, { "a-.example", PARTS }, { "a.-example", PARTS }, { "a_b.example", PARTS },
    { "*.example.org", PARTS },
    { "a b.example", PARTS }, { " example.org", PARTS }, { "example.org ", PARTS }, { "example.org\n", PARTS },
    { "example.org\t", PARTS },
    { "exa\x01mple.org", PARTS }, { "exa\x7fmple.org", PARTS },
    { "user@example.org", PARTS }, { "example.org:80", PARTS }, { "example.org/", PARTS }, { "http://example.org", PARTS },
    { "example.org#.evil.example", PARTS }, { "example.org\\.evil.example", PARTS }, { "example.org%00.evil.example", PARTS },
    { "ex\xc3.example", IDNA }, { "ex\xff.example", IDNA }, { "\xed\xa0\x80.example", IDNA },
    /* becomes "a/c" */
    { "\u2100.example", PARTS },
    /* no punycode, or of what is not possible */
    { "xn--.example", IDNA }, { "xn--a.example", IDNA }, { "xn--0.example", IDNA }, { "xn--ASCII-.example", IDNA },
    { "xn--example-.org", IDNA }, { "a.xn--bcher-kva-.example", IDNA },
    { "\u2603.example", IDNA }, { "bü\u200d.example", IDNA }, { "\u0301a.example", IDNA },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].name, cases[i].why);
}

/* What some program takes for an address is none of our names, and no address either. */
static void
test_addresses_refused (void)
{
  static const char * const numbers[] = {
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "2130706433.", "017700000001", "0177.0.0.01", "0x7f.1",
    "0x7F000001",
    "0X7f.0.0.1", "0x7f.0x1", "127.0x1", "0x", "1.0x", "1.2.3.4.5", "256.256.256.256", "09.09", "a.09", "example.1",
    "example.0x1f",
    "example.org.127", "00000000000000000000000000000000127.1",
    "１２７.０.０.１", "①②⑦.0.0.1", "127。0。0。1", "127.0.0.¹", "0ｘ7f.1", "１２７.1", "𝟏𝟐𝟕.0.0.𝟏", "２１３０７０６４３３",
  };
  static const char * const others[] = {
    "[::1]", "::1", "[::ffff:127.0.0.1]", "fe80::1%eth0", "[fe80::1%25eth0]", "fe80::1%25eth0", "127.0.0.1%lo",
    "127.0.0.1 x", "127.0.0.1/8",
    "127.0.0.1:80",
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    assert_refused (numbers[i], NUMBER);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    assert_refused (others[i], PARTS);
}

static void
test_lengths (void)
{
  g_autofree char *label = g_strnfill (63, 'a');
  g_autofree char *longest = g_strdup_printf ("%s.%s.%s.%.61s", label, label, label, label);
  g_autofree char *dot = g_strconcat (longest, ".", NULL);
  g_autofree char *longer = g_strconcat ("a", label, ".example", NULL);
  g_autofree char *too_long = g_strdup_printf ("%s.%s.%s.%.62s", label, label, label, label);
  g_autofree char *endless = g_strnfill (1024 * 1024, 'a');
  g_autofree char *umlauts = g_strnfill (1200, 'x');
  const char *why = NULL;
  g_autofree char *canonical = glb_network_name_normalise (longest, &why);
  g_autofree char *of_dot = glb_network_name_normalise (dot, &why);

  g_assert_cmpuint (strlen (longest), ==, 253);
  g_assert_cmpstr (canonical, ==, longest);
  g_assert_cmpstr (of_dot, ==, longest);
  assert_refused (longer, PARTS);
  assert_refused (too_long, "a host name has at most 253 bytes");
  assert_refused (endless, IDNA);
  memcpy (umlauts, "ü.", strlen ("ü."));
  assert_refused (umlauts, IDNA);
}

static const struct { const char *name, *canonical; } names[] = {
  { "example.org", "example.org" },
  { "EXAMPLE.Org", "example.org" },
  { "example.org.", "example.org" },
  { "localhost", "localhost" }, { "LOCALHOST.", "localhost" }, { "a.localhost", "a.localhost" },
  { "1.example", "1.example" }, { "127.0.0.1.example", "127.0.0.1.example" }, { "0x7f.example", "0x7f.example" },
  { "a--b.example", "a--b.example" }, { "r3---sn-abc.example.org", "r3---sn-abc.example.org" },
  { "bücher.example", "xn--bcher-kva.example" }, { "BÜCHER.example", "xn--bcher-kva.example" },
  { "xn--bcher-kva.example", "xn--bcher-kva.example" }, { "XN--BCHER-KVA.Example.", "xn--bcher-kva.example" },
  { "bu\u0308cher.example", "xn--bcher-kva.example" },
  /* IDNA 2008: a letter of its own, and not "ss" */
  { "faß.example", "xn--fa-hia.example" },
  { "ｅｘａｍｐｌｅ.org", "example.org" }, { "example。org", "example.org" }, { "example．org｡", "example.org" },
  { "exam\u00adple.org", "example.org" },
  { "пример.рф", "xn--e1afmkfd.xn--p1ai" },
  /* letters that only look alike remain others */
  { "аpple.com", "xn--pple-43d.com" }, { "аррӏе.com", "xn--80ak6aa92e.com" }, { "xn--80ak6aa92e.com", "xn--80ak6aa92e.com" },
  { "gοogle.com", "xn--gogle-rce.com" },
};

static void
test_canonical (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *why = NULL;
      g_autofree char *canonical = glb_network_name_normalise (names[i].name, &why);
      g_autofree char *again = NULL;
      struct in_addr address;

      g_test_message ("\"%s\": %s", names[i].name, why ? why : "");
      g_assert_cmpstr (canonical, ==, names[i].canonical);
      again = glb_network_name_normalise (canonical, &why);
      g_assert_cmpstr (again, ==, canonical);
      g_assert_false (inet_aton (canonical, &address));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network-name/refused", test_refused);
  g_test_add_func ("/network-name/addresses-refused", test_addresses_refused);
  g_test_add_func ("/network-name/lengths", test_lengths);
  g_test_add_func ("/network-name/canonical", test_canonical);

  return g_test_run ();
}
