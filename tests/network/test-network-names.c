/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <malloc.h>
#include <string.h>

#include "session-broker/network/glb-network-names.h"

static guint32
add (GlbNetworkNames *names, const char *name)
{
  guint8 address[4];
  guint32 value;

  glb_network_names_add (names, name, address);
  memcpy (&value, address, 4);
  return GUINT32_FROM_BE (value);
}

static guint32
add_numbered (GlbNetworkNames *names, guint number)
{
  g_autofree char *name = g_strdup_printf ("host-%u.example.org", number);

  return add (names, name);
}

static const char *
find (GlbNetworkNames *names, guint32 value)
{
  guint8 address[4] = { value >> 24, value >> 16, value >> 8, value };

  return glb_network_names_find (names, address);
}

static void
assert_numbered (GlbNetworkNames *names, guint32 address, guint number)
{
  g_autofree char *name = g_strdup_printf ("host-%u.example.org", number);

  g_assert_cmpstr (find (names, address), ==, name);
}

static void
test_unknown (void)
{
  GlbNetworkNames *names = glb_network_names_new ();

  g_assert_null (find (names, 0xc6120001));
  g_assert_null (find (names, 0x7f000001));
  add (names, "example.org");
  g_assert_null (find (names, 0x7f000001));
  glb_network_names_free (names);
}

static void
test_same (void)
{
  GlbNetworkNames *names = glb_network_names_new ();
  guint32 first = add (names, "example.org"), second = add (names, "www.example.org");

  g_assert_cmpuint (first, !=, second);
  g_assert_cmpuint (add (names, "example.org"), ==, first);
  g_assert_cmpstr (find (names, first), ==, "example.org");
  g_assert_cmpstr (find (names, second), ==, "www.example.org");
  glb_network_names_free (names);
}

static void
assert_standin (guint32 value, gboolean expected)
{
  guint8 address[4] = { value >> 24, value >> 16, value >> 8, value };

  g_assert_true (!!glb_network_names_is_standin (address) == expected);
}

static void
test_is_standin (void)
{
  assert_standin (0xc611ffff, FALSE);
  assert_standin (0xc6120000, TRUE);
  assert_standin (0xc612ff07, TRUE);
  assert_standin (0xc613ffff, TRUE);
  assert_standin (0xc6140000, FALSE);
  assert_standin (0x7f000001, FALSE);
  assert_standin (0, FALSE);
}

/* An address comes back only when all others had their turn, and is never one that is in use. */
static void
test_turns (void)
{
  const guint n_addresses = 512 * 254;
  GlbNetworkNames *names = glb_network_names_new ();
  g_autofree guint8 *seen = g_malloc0 (1 << 17);
  guint32 kept = add (names, "kept.example.org");

  seen[kept - 0xc6120000] = 1;
  for (guint i = 1; i < n_addresses; i++)
    {
      guint32 address = add_numbered (names, i);

      g_assert_cmpuint (address & 0xfffe0000, ==, 0xc6120000);
      g_assert_true ((address & 0xff) != 0 && (address & 0xff) != 255);
      g_assert_cmpuint (seen[address - 0xc6120000], ==, 0);
      seen[address - 0xc6120000] = 1;
      g_assert_cmpuint (add (names, "kept.example.org"), ==, kept);
    }

  g_assert_cmpuint (add_numbered (names, n_addresses), !=, kept);
  g_assert_cmpstr (find (names, kept), ==, "kept.example.org");
  glb_network_names_free (names);
}

/* The most names there may be; 0 is asked for again, and 1 is connected to. */
static GlbNetworkNames *
make_full (guint32 addresses[GLB_NETWORK_NAMES_MAX])
{
  GlbNetworkNames *names = glb_network_names_new ();

  for (guint i = 0; i < GLB_NETWORK_NAMES_MAX; i++)
    addresses[i] = add_numbered (names, i);
  g_assert_cmpuint (add_numbered (names, 0), ==, addresses[0]);
  assert_numbered (names, addresses[1], 1);
  return names;
}

static void
test_gives_up_the_oldest (void)
{
  static guint32 addresses[GLB_NETWORK_NAMES_MAX];
  GlbNetworkNames *names = make_full (addresses);
  guint32 more = add (names, "more.example.org");

  g_assert_cmpstr (find (names, more), ==, "more.example.org");
  g_assert_null (find (names, addresses[2]));
  for (guint i = 0; i < GLB_NETWORK_NAMES_MAX; i++)
    if (i != 2)
      assert_numbered (names, addresses[i], i);

  /* One that comes back has another address than before: the old one may be remembered for another's. */
  g_assert_cmpuint (add_numbered (names, 2), !=, addresses[2]);
  g_assert_null (find (names, addresses[2]));
  g_assert_null (find (names, more));
  glb_network_names_free (names);
}

/* Three times as many names as there is space for: whoever is known has the address that it had. */
static void
test_random (void)
{
  const guint n_names = 3 * GLB_NETWORK_NAMES_MAX;
  GlbNetworkNames *names = glb_network_names_new ();
  g_autofree guint32 *addresses = g_new0 (guint32, n_names);
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < 200000; i++)
    {
      guint number = g_rand_int_range (rand, 0, n_names);
      g_autofree char *name = g_strdup_printf ("host-%u.example.org", number);
      gboolean is_known = g_strcmp0 (find (names, addresses[number]), name) == 0;
      guint32 address = add (names, name);

      g_assert_true (is_known == (address == addresses[number]));
      g_assert_cmpstr (find (names, address), ==, name);
      addresses[number] = address;
    }
  glb_network_names_free (names);
}

static void
test_memory (void)
{
  gsize before = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  GlbNetworkNames *names = glb_network_names_new ();

  for (guint i = 0; i < 20; i++)
    add_numbered (names, i);
  g_assert_cmpuint (mallinfo2 ().uordblks + mallinfo2 ().hblkhd - before, <, 100 * 1024);
  glb_network_names_free (names);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/names/unknown", test_unknown);
  g_test_add_func ("/network/names/same", test_same);
  g_test_add_func ("/network/names/is-standin", test_is_standin);
  g_test_add_func ("/network/names/turns", test_turns);
  g_test_add_func ("/network/names/gives-up-the-oldest", test_gives_up_the_oldest);
  g_test_add_func ("/network/names/random", test_random);
  g_test_add_func ("/network/names/memory", test_memory);
  return g_test_run ();
}
