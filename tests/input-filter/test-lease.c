/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "input-filter/glb-lease.h"

#define ALICE 7u
#define BOB   9u

static const struct { GlbDriver driver; guint64 holder; } drivers[] = {
  { GLB_DRIVER_NOBODY, 0 },
  { GLB_DRIVER_AGENT, 0 },
  { GLB_DRIVER_HUMAN, ALICE },
  { GLB_DRIVER_HUMAN, BOB },
  { GLB_DRIVER_REPLAY, ALICE },
  { GLB_DRIVER_REPLAY, BOB },
};

#define N_DRIVERS G_N_ELEMENTS (drivers)

/* A lease with this base in which drivers[state] drives. */
static gboolean
reach (GlbLease  *lease,
       GlbDriver  base,
       guint      state)
{
  glb_lease_init (lease, base);
  if (drivers[state].driver == GLB_DRIVER_NOBODY || drivers[state].driver == GLB_DRIVER_AGENT)
    return drivers[state].driver == base;
  g_assert_true (glb_lease_take (lease, drivers[state].driver, drivers[state].holder));
  return TRUE;
}

/* Rows: who drives; columns: who takes. 'n' no, 'y' yes, '=' has it already; '-' state that cannot be. */
static const struct { GlbDriver base; const char *rows[N_DRIVERS]; } take_tables[] = {
  { GLB_DRIVER_AGENT,  { "------", "n=yyyy", "nn=nnn", "nnn=nn", "nnyy=n", "nnyyn=" } },
  { GLB_DRIVER_NOBODY, { "nnyyyy", "------", "nn=nnn", "nnn=nn", "nnyy=n", "nnyyn=" } },
};

static void
check_take (const GlbLease *before,
            guint           taker,
            char            expected)
{
  GlbLease lease = *before;
  gboolean taken = glb_lease_take (&lease, drivers[taker].driver, drivers[taker].holder);

  g_assert_cmpint (taken, ==, expected != 'n');
  if (expected == 'y')
    {
      g_assert_cmpint (lease.driver, ==, drivers[taker].driver);
      g_assert_cmpuint (lease.holder, ==, drivers[taker].holder);
      g_assert_cmpuint (lease.epoch, ==, before->epoch + 1);
      g_assert_cmpint (lease.base, ==, before->base);
    }
  else
    g_assert_cmpmem (&lease, sizeof lease, before, sizeof *before);
}

static void
test_take (void)
{
  for (guint t = 0; t < G_N_ELEMENTS (take_tables); t++)
    for (guint state = 0; state < N_DRIVERS; state++)
      {
        GlbLease lease;

        if (!reach (&lease, take_tables[t].base, state))
          {
            g_assert_cmpstr (take_tables[t].rows[state], ==, "------");
            continue;
          }
        for (guint taker = 0; taker < N_DRIVERS; taker++)
          check_take (&lease, taker, take_tables[t].rows[state][taker]);
      }
}

static void
test_take_needs_holder (void)
{
  GlbLease lease;

  glb_lease_init (&lease, GLB_DRIVER_AGENT);
  g_assert_false (glb_lease_take (&lease, GLB_DRIVER_HUMAN, 0));
  g_assert_false (glb_lease_take (&lease, GLB_DRIVER_REPLAY, 0));
  g_assert_false (glb_lease_take (&lease, GLB_DRIVER_AGENT, ALICE));
  g_assert_cmpint (lease.driver, ==, GLB_DRIVER_AGENT);
  g_assert_cmpuint (lease.epoch, ==, 1);
}

static void
test_release (void)
{
  static const GlbDriver bases[] = { GLB_DRIVER_AGENT, GLB_DRIVER_NOBODY };
  static const guint64 holders[] = { 0, ALICE, BOB };

  for (guint b = 0; b < G_N_ELEMENTS (bases); b++)
    for (guint state = 0; state < N_DRIVERS; state++)
      for (guint h = 0; h < G_N_ELEMENTS (holders); h++)
        {
          GlbLease before, lease;
          gboolean expected;

          if (!reach (&before, bases[b], state))
            continue;
          lease = before;
          expected = drivers[state].holder != 0 && drivers[state].holder == holders[h];
          g_assert_cmpint (glb_lease_release (&lease, holders[h]), ==, expected);
          g_assert_cmpuint (lease.epoch, ==, before.epoch + (expected ? 1 : 0));
          /* Never more than there was: with a denied agent, nobody drives afterwards. */
          g_assert_cmpint (lease.driver, ==, expected ? bases[b] : before.driver);
          g_assert_cmpuint (lease.holder, ==, expected ? 0 : before.holder);
        }
}

/* Rows: who drives; columns: who asks, with the present epoch. 'P' policy_denied, 'H' lease_human, '.' may act. */
static const struct { GlbDriver base; const char *rows[N_DRIVERS]; } check_tables[] = {
  { GLB_DRIVER_AGENT,  { "------", "P.PPPP", "HH.HHH", "HHH.HH", "PPPP.P", "PPPPP." } },
  { GLB_DRIVER_NOBODY, { "PPPPPP", "------", "HH.HHH", "HHH.HH", "PPPP.P", "PPPPP." } },
};

static void
check_check (const GlbLease *lease,
             guint           asker,
             char            expected)
{
  const char *code = expected == 'P' ? "policy_denied" : expected == 'H' ? "lease_human" : NULL;
  GlbDriver driver = drivers[asker].driver;
  guint64 holder = drivers[asker].holder;

  g_assert_cmpstr (glb_lease_check (lease, driver, holder, lease->epoch), ==, code);
  /* An older or a made-up epoch never helps. */
  if (expected == '.')
    code = "lease_human";
  g_assert_cmpstr (glb_lease_check (lease, driver, holder, lease->epoch - 1), ==, code);
  g_assert_cmpstr (glb_lease_check (lease, driver, holder, lease->epoch + 1), ==, code);
  g_assert_cmpstr (glb_lease_check (lease, driver, holder, 0), ==, code);
  g_assert_cmpstr (glb_lease_check (lease, driver, holder, G_MAXUINT64), ==, code);
}

static void
test_check (void)
{
  for (guint t = 0; t < G_N_ELEMENTS (check_tables); t++)
    for (guint state = 0; state < N_DRIVERS; state++)
      {
        GlbLease lease;

        if (!reach (&lease, check_tables[t].base, state))
          continue;
        for (guint asker = 0; asker < N_DRIVERS; asker++)
          check_check (&lease, asker, check_tables[t].rows[state][asker]);
      }
}

static void
test_takeover_kills_action_in_flight (void)
{
  GlbLease lease;
  guint64 epoch;

  glb_lease_init (&lease, GLB_DRIVER_AGENT);
  epoch = lease.epoch;
  g_assert_null (glb_lease_check (&lease, GLB_DRIVER_AGENT, 0, epoch));

  g_assert_true (glb_lease_take (&lease, GLB_DRIVER_HUMAN, ALICE));
  g_assert_cmpstr (glb_lease_check (&lease, GLB_DRIVER_AGENT, 0, epoch), ==, "lease_human");

  /* Given back: the old action stays dead, a new one may begin. */
  g_assert_true (glb_lease_release (&lease, ALICE));
  g_assert_cmpstr (glb_lease_check (&lease, GLB_DRIVER_AGENT, 0, epoch), ==, "lease_human");
  g_assert_null (glb_lease_check (&lease, GLB_DRIVER_AGENT, 0, lease.epoch));
}

static void
test_to_string (void)
{
  g_assert_cmpstr (glb_driver_to_string (GLB_DRIVER_NOBODY), ==, "nobody");
  g_assert_cmpstr (glb_driver_to_string (GLB_DRIVER_AGENT), ==, "agent");
  g_assert_cmpstr (glb_driver_to_string (GLB_DRIVER_HUMAN), ==, "human");
  g_assert_cmpstr (glb_driver_to_string (GLB_DRIVER_REPLAY), ==, "replay");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lease/take", test_take);
  g_test_add_func ("/lease/take-needs-holder", test_take_needs_holder);
  g_test_add_func ("/lease/release", test_release);
  g_test_add_func ("/lease/check", test_check);
  g_test_add_func ("/lease/takeover-kills-action-in-flight", test_takeover_kills_action_in_flight);
  g_test_add_func ("/lease/to-string", test_to_string);
  return g_test_run ();
}
