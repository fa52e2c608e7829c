/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session-broker/sandbox/glb-process-list.h"

#include <string.h>
#include <unistd.h>

static void
test_parse (void)
{
  static const char * const bad[] = {
    "", "Name:\tx\n", "Name:\tx\nPid:\t7\n", "Name:\tx\nPid:\t\nPPid:\t1\n", "Name:\tx\nPid:\t-4\nPPid:\tx\n",
    "Name:\tx\nPid:\t0\nPPid:\t1\n", "Name:\tx\nPid:\t99999999999\nPPid:\t1\n",
  };
  GlbProcess process;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (glb_process_parse (bad[i], &process));

  /* the kernel escapes the line break of a name */
  g_assert_true (glb_process_parse ("Name:\tx\\nPid:\\t5\nTgid:\t70\nPid:\t70\nPPid:\t12\nNStgid:\t70\t3\t2\nNSpid:\t70\t3\t2\n", &process));
  g_assert_cmpint (process.pid, ==, 70);
  g_assert_cmpint (process.parent, ==, 12);
  g_assert_cmpint (process.inner_pid, ==, 2);
  g_assert_true (glb_process_parse ("Name:\tx\nPid:\t70\nPPid:\t12\n", &process));
  g_assert_cmpint (process.inner_pid, ==, 0);
}

static void
test_add (void)
{
  g_autoptr(GArray) list = g_array_new (FALSE, FALSE, sizeof (GlbProcess));
  g_autofree char *procs = g_strdup_printf ("%d\n-3\n\nx\n2147483647\n", getpid ());

  glb_process_list_add (list, procs, TRUE);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpint (g_array_index (list, GlbProcess, 0).pid, ==, getpid ());
  g_assert_cmpint (g_array_index (list, GlbProcess, 0).parent, ==, getppid ());
  g_assert_true (g_array_index (list, GlbProcess, 0).held);
  /* one that cannot be looked at has no parent, but a number to be held by */
  g_assert_cmpint (g_array_index (list, GlbProcess, 1).pid, ==, 2147483647);
  g_assert_cmpint (g_array_index (list, GlbProcess, 1).parent, ==, 0);
}

/* 1 bubblewrap; 2 process 1; 3 the harness with 4, 5; 6 a terminal that it started, with 7, 8; 9 D-Bus, 10 its portal; 11 an orphan */
static const GlbProcess session[] = {
  { 8, 7, 0 }, { 1, 900, 0 }, { 2, 1, 1 }, { 3, 2, 20 }, { 4, 3, 21 }, { 5, 4, 22 }, { 6, 3, 23 }, { 7, 6, 24 },
  { 9, 2, 25 }, { 10, 9, 26 }, { 11, 2, 27 },
};

static void
assert_running (const GlbProcess *processes, guint n, const int *keep, guint n_keep, const int *trees, guint n_trees, const char *expected)
{
  g_autoptr(GArray) list = g_array_new (FALSE, FALSE, sizeof (GlbProcess));
  g_autoptr(GArray) keep_array = g_array_append_vals (g_array_new (FALSE, FALSE, sizeof (int)), keep, n_keep);
  g_autoptr(GArray) tree_array = g_array_append_vals (g_array_new (FALSE, FALSE, sizeof (int)), trees, n_trees);
  g_autoptr(GString) running = g_string_new (NULL);

  g_array_append_vals (list, processes, n);
  glb_process_list_choose (list, keep_array, tree_array);
  for (int pid = 0; pid < 1000; pid++)
    for (guint i = 0; i < n; i++)
      if (g_array_index (list, GlbProcess, i).pid == pid && !g_array_index (list, GlbProcess, i).hold)
        g_string_append_printf (running, "%d ", pid);
  g_assert_cmpstr (running->str, ==, expected);
}

static void
test_choose (void)
{
  const int none[] = { 0 }, own[] = { 1, 2 }, trees[] = { 6, 9 }, stranger[] = { 900 }, harness[] = { 3 };

  /* nobody is named: all stand still, for 0 is no process */
  assert_running (session, G_N_ELEMENTS (session), none, 0, none, 0, "");
  assert_running (session, G_N_ELEMENTS (session), none, 1, none, 1, "");
  /* a kept process's children are not kept */
  assert_running (session, G_N_ELEMENTS (session), own, 2, none, 0, "1 2 ");
  assert_running (session, G_N_ELEMENTS (session), own, 2, trees, 2, "1 2 6 7 8 9 10 ");
  /* nobody of the session descends from somebody outside */
  assert_running (session, G_N_ELEMENTS (session), own, 2, stranger, 1, "1 2 ");
  /* a harness with a window of its own runs, and all that it started */
  assert_running (session, G_N_ELEMENTS (session), own, 2, harness, 1, "1 2 3 4 5 6 7 8 ");
}

/* What the kernel never says: it ends, and holds. */
static void
test_loop (void)
{
  static const GlbProcess loop[] = { { 5, 6, 0 }, { 6, 5, 0 }, { 7, 7, 0 } };
  const int none[] = { 0 }, six[] = { 6 };

  assert_running (loop, G_N_ELEMENTS (loop), none, 0, none, 1, "");
  assert_running (loop, G_N_ELEMENTS (loop), none, 0, six, 1, "5 6 ");
}

static void
test_find_inner (void)
{
  g_autoptr(GArray) list = g_array_new (FALSE, FALSE, sizeof (GlbProcess));

  g_array_append_vals (list, session, G_N_ELEMENTS (session));
  g_assert_cmpint (glb_process_list_find_inner (list, 25), ==, 9);
  g_assert_cmpint (glb_process_list_find_inner (list, 99), ==, 0);
  /* 8 has none that is known */
  g_assert_cmpint (glb_process_list_find_inner (list, 0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/process-list/parse", test_parse);
  g_test_add_func ("/process-list/add", test_add);
  g_test_add_func ("/process-list/choose", test_choose);
  g_test_add_func ("/process-list/loop", test_loop);
  g_test_add_func ("/process-list/find-inner", test_find_inner);
  return g_test_run ();
}
