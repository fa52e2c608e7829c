/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a program that tries without end leaves in the record. */

#include "config.h"

#include "session-broker/broker/glb-network-refusals.h"

static void
assert_told (const GlbNetworkRefusalCount *refusal, const char *host, guint port, const char *code, guint64 count)
{
  g_assert_nonnull (refusal);
  g_assert_cmpstr (refusal->host, ==, host);
  g_assert_cmpuint (refusal->port, ==, port);
  g_assert_cmpstr (refusal->code, ==, code);
  g_assert_cmpuint (refusal->count, ==, count);
}

static void
test_same_again (void)
{
  g_autoptr(GlbNetworkRefusals) refusals = glb_network_refusals_new ();
  gint64 now = 1000;

  assert_told (glb_network_refusals_count (refusals, "a.example", 443, "policy_denied", now), "a.example", 443, "policy_denied", 1);
  for (guint i = 0; i < 99; i++)
    g_assert_null (glb_network_refusals_count (refusals, "a.example", 443, "policy_denied", now));
  now += GLB_NETWORK_REFUSALS_PERIOD_US;
  assert_told (glb_network_refusals_count (refusals, "a.example", 443, "policy_denied", now), "a.example", 443, "policy_denied", 100);
  /* nothing is left over */
  g_assert_null (glb_network_refusals_take (refusals));
}

static void
test_kinds (void)
{
  g_autoptr(GlbNetworkRefusals) refusals = glb_network_refusals_new ();

  assert_told (glb_network_refusals_count (refusals, "a.example", 443, "policy_denied", 1), "a.example", 443, "policy_denied", 1);
  assert_told (glb_network_refusals_count (refusals, "a.example", 80, "policy_denied", 1), "a.example", 80, "policy_denied", 1);
  assert_told (glb_network_refusals_count (refusals, "a.example", 443, "limit", 1), "a.example", 443, "limit", 1);
  assert_told (glb_network_refusals_count (refusals, "b.example", 443, "policy_denied", 1), "b.example", 443, "policy_denied", 1);
}

static void
test_too_many_kinds (void)
{
  g_autoptr(GlbNetworkRefusals) refusals = glb_network_refusals_new ();
  guint n_told = 0;

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *host = g_strdup_printf ("h%u.example", i);

      n_told += glb_network_refusals_count (refusals, host, 443, "policy_denied", 1) != NULL;
    }
  g_assert_cmpuint (n_told, ==, GLB_NETWORK_REFUSALS_BURST + 1);
  assert_told (glb_network_refusals_take (refusals), "", 0, "others", 10000 - GLB_NETWORK_REFUSALS_BURST - 1);
  g_assert_null (glb_network_refusals_take (refusals));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network-refusals/same-again", test_same_again);
  g_test_add_func ("/network-refusals/kinds", test_kinds);
  g_test_add_func ("/network-refusals/too-many-kinds", test_too_many_kinds);
  return g_test_run ();
}
